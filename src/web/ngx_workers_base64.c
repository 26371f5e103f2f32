
/*
 * Copyright (C) the nginx-workers authors
 *
 * atob() and btoa(): the engine's functions do the work, those of the global
 * scope say what failed as the platform does.
 */


#include "ngx_workers_globals.h"


static ngx_int_t ngx_workers_base64_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_ext_base64(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data);


typedef struct {
    const char  *name;
    const char  *type;
    const char  *error;
} ngx_workers_base64_t;


static const ngx_workers_base64_t  ngx_workers_base64[] = {

    { "atob", "string",
      "atob() called with invalid base64-encoded data. (Only whitespace, '+', "
      "'/', alphanumeric ASCII, and up to two terminal '=' signs when the "
      "input data length is divisible by 4 are allowed.)" },

    { "btoa", "JsString",
      "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) "
      "range." }
};


ngx_workers_web_t  ngx_workers_base64_web = {
    NULL,
    NULL,
    ngx_workers_base64_init
};


static ngx_int_t
ngx_workers_base64_init(JSContext *cx, JSValueConst global)
{
    JSAtom       atom;
    JSValue      engine, func;
    ngx_int_t    rc;
    ngx_uint_t   i;
    const char  *name;

    if (JS_AddIntrinsicAToB(cx) < 0) {
        return NGX_ERROR;
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_base64); i++) {
        name = ngx_workers_base64[i].name;

        engine = JS_GetPropertyStr(cx, global, name);
        func = JS_NewCFunctionData2(cx, ngx_workers_ext_base64, name, 1, i, 1,
                                    (JSValueConst *) &engine);
        JS_FreeValue(cx, engine);

        atom = JS_NewAtom(cx, name);
        rc = JS_DeleteProperty(cx, global, atom, 0);
        JS_FreeAtom(cx, atom);

        if (JS_IsException(func) || rc < 0) {
            JS_FreeValue(cx, func);
            return NGX_ERROR;
        }

        if (JS_DefinePropertyValueStr(cx, ngx_workers_isolate(cx)->scope, name,
                                      func, JS_PROP_C_W_E)
            < 0)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static JSValue
ngx_workers_ext_base64(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    JSValue                      string, ret, error;
    const ngx_workers_base64_t  *base64;

    base64 = &ngx_workers_base64[magic];

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, base64->name,
                                          NGX_WORKERS_GLOBAL_SCOPE, 1,
                                          base64->type);
    }

    string = JS_ToString(cx, argv[0]);
    if (JS_IsException(string)) {
        return JS_EXCEPTION;
    }

    ret = JS_Call(cx, data[0], JS_UNDEFINED, 1, (JSValueConst *) &string);
    JS_FreeValue(cx, string);

    if (!JS_IsException(ret)) {
        return ret;
    }

    error = JS_GetException(cx);

    if (JS_GetClassID(error) != ngx_workers_class_by_name(cx, "DOMException"))
    {
        return JS_Throw(cx, error);
    }

    JS_FreeValue(cx, error);

    return JS_ThrowDOMException(cx, "InvalidCharacterError", "%s",
                                base64->error);
}
