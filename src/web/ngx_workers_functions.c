
/*
 * Copyright (C) the nginx-workers authors
 *
 * What functions of the engine show otherwise than the platform's: native
 * code stands on lines of its own, and they tell where they are defined.
 */


#include "ngx_workers_globals.h"

#include <math.h>


#define NGX_WORKERS_FUNCTIONS_NATIVE  "() {\n    [native code]\n}"


static ngx_int_t ngx_workers_functions_init(JSContext *cx,
    JSValueConst global);
static JSValue ngx_workers_functions_ext_to_string(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_functions_native(JSContext *cx, JSValue text);
static JSValue ngx_workers_functions_ext_cbrt(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


/* Accessors that the platform does not have. */
static const char *const  ngx_workers_functions_hidden[] = {
    "fileName", "lineNumber", "columnNumber"
};


ngx_workers_web_t  ngx_workers_functions_web = {
    NULL,
    NULL,
    ngx_workers_functions_init
};


static ngx_int_t
ngx_workers_functions_init(JSContext *cx, JSValueConst global)
{
    int         set;
    JSAtom      atom;
    JSValue     proto, math, func;
    ngx_int_t   rc;
    ngx_uint_t  i;

    rc = NGX_ERROR;
    proto = JS_GetFunctionProto(cx);
    math = JS_UNDEFINED;

    for (i = 0; i < ngx_workers_nitems(ngx_workers_functions_hidden); i++) {

        atom = JS_NewAtom(cx, ngx_workers_functions_hidden[i]);

        if (atom == JS_ATOM_NULL
            || JS_DeleteProperty(cx, proto, atom, 0) < 0)
        {
            JS_FreeAtom(cx, atom);
            goto done;
        }

        JS_FreeAtom(cx, atom);
    }

    func = JS_GetPropertyStr(cx, proto, "toString");

    set = JS_DefinePropertyValueStr(cx, proto, "toString",
              JS_NewCFunctionData2(cx, ngx_workers_functions_ext_to_string,
                                   "toString", 0, 0, 1,
                                   (JSValueConst *) &func),
              JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);

    JS_FreeValue(cx, func);

    if (set < 0) {
        goto done;
    }

    math = JS_GetPropertyStr(cx, global, "Math");

    if (JS_DefinePropertyValueStr(cx, math, "cbrt",
                                  JS_NewCFunction(cx,
                                              ngx_workers_functions_ext_cbrt,
                                              "cbrt", 1),
                                  JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
        >= 0)
    {
        rc = NGX_OK;
    }

done:

    JS_FreeValue(cx, math);
    JS_FreeValue(cx, proto);

    return rc;
}


static JSValue
ngx_workers_functions_ext_to_string(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data)
{
    JSValue  text;

    text = JS_Call(cx, data[0], this_val, 0, NULL);
    if (JS_IsException(text)) {
        return JS_EXCEPTION;
    }

    return ngx_workers_functions_native(cx, text);
}


/* The engine's text (eaten), on one line as everybody else has it. */

static JSValue
ngx_workers_functions_native(JSContext *cx, JSValue text)
{
    size_t       len, tail;
    u_char      *name;
    JSValue      ret;
    ngx_str_t    line;
    const char  *p;

    static const char  native[] = "() { [native code] }";

    p = JS_ToCStringLen(cx, &len, text);
    if (p == NULL) {
        JS_FreeValue(cx, text);
        return JS_EXCEPTION;
    }

    tail = sizeof(NGX_WORKERS_FUNCTIONS_NATIVE) - 1;

    if (len < tail
        || ngx_memcmp(p + len - tail, NGX_WORKERS_FUNCTIONS_NATIVE, tail) != 0)
    {
        JS_FreeCString(cx, p);
        return text;
    }

    len -= tail;

    if (len >= sizeof("function bound ") - 1
        && ngx_memcmp(p, "function bound ", sizeof("function bound ") - 1) == 0)
    {
        len = sizeof("function ") - 1;
    }

    ret = JS_EXCEPTION;

    name = js_malloc(cx, len + sizeof(native));

    if (name != NULL) {
        ngx_memcpy(name, p, len);
        ngx_memcpy(name + len, native, sizeof(native) - 1);

        line.data = name;
        line.len = len + sizeof(native) - 1;

        ret = ngx_workers_new_string(cx, &line);
        js_free(cx, name);
    }

    JS_FreeCString(cx, p);
    JS_FreeValue(cx, text);

    return ret;
}


/* The library's is not exact for cubes. */

static JSValue
ngx_workers_functions_ext_cbrt(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    double  x, root, near;

    if (JS_ToFloat64(cx, &x, argv[0]) < 0) {
        return JS_EXCEPTION;
    }

    root = cbrt(x);
    near = nearbyint(root);

    return JS_NewFloat64(cx, (near * near * near == x) ? near : root);
}
