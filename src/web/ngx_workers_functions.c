
/*
 * Copyright (C) the nginx-workers authors
 *
 * Function.prototype.toString(): the text of a script's function, which pages
 * carry to browsers and which tells a class from a function.  The bytecode
 * has no source; it is found in the script's, of which all processes and
 * isolates share one copy.
 */


#include "ngx_workers_globals.h"
#include "../core/ngx_workers_lex.h"

#include <math.h>


#define NGX_WORKERS_FUNCTIONS_NATIVE  "() {\n    [native code]\n}"


static ngx_int_t ngx_workers_functions_init(JSContext *cx,
    JSValueConst global);
static JSValue ngx_workers_functions_ext_to_string(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_functions_source(JSContext *cx, JSValueConst func,
    JSValueConst *data);
static ngx_uint_t ngx_workers_functions_is_class(JSContext *cx,
    JSValueConst func);
static JSValue ngx_workers_functions_native(JSContext *cx, JSValue text);
static JSValue ngx_workers_functions_ext_cbrt(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


enum {
    NGX_WORKERS_FUNCTIONS_TO_STRING = 0,
    NGX_WORKERS_FUNCTIONS_FILE,
    NGX_WORKERS_FUNCTIONS_LINE,
    NGX_WORKERS_FUNCTIONS_COLUMN,
    NGX_WORKERS_FUNCTIONS_N
};


/* What is asked of the engine; the accessors are none of the platform's. */
static const char *const  ngx_workers_functions_names[] = {
    "toString", "fileName", "lineNumber", "columnNumber"
};


ngx_workers_web_t  ngx_workers_functions_web = {
    NULL,
    NULL,
    ngx_workers_functions_init
};


static ngx_int_t
ngx_workers_functions_init(JSContext *cx, JSValueConst global)
{
    JSAtom                atom;
    JSValue               proto, func, data[NGX_WORKERS_FUNCTIONS_N];
    ngx_int_t             rc;
    ngx_uint_t            i;
    JSPropertyDescriptor  d;

    rc = NGX_ERROR;
    proto = JS_GetFunctionProto(cx);

    for (i = 0; i < NGX_WORKERS_FUNCTIONS_N; i++) {
        data[i] = JS_UNDEFINED;
    }

    for (i = 0; i < NGX_WORKERS_FUNCTIONS_N; i++) {

        atom = JS_NewAtom(cx, ngx_workers_functions_names[i]);

        if (atom == JS_ATOM_NULL
            || JS_GetOwnProperty(cx, &d, proto, atom) <= 0
            || JS_DeleteProperty(cx, proto, atom, 0) < 0)
        {
            JS_FreeAtom(cx, atom);
            goto done;
        }

        JS_FreeAtom(cx, atom);

        if (d.flags & JS_PROP_GETSET) {
            data[i] = d.getter;
            JS_FreeValue(cx, d.setter);

        } else {
            data[i] = d.value;
        }
    }

    func = JS_NewCFunctionData2(cx, ngx_workers_functions_ext_to_string,
                                "toString", 0, 0, NGX_WORKERS_FUNCTIONS_N,
                                (JSValueConst *) data);

    if (JS_IsException(func)
        || JS_DefinePropertyValueStr(cx, proto, "toString", func,
                                     JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
           < 0)
    {
        goto done;
    }

    func = JS_GetPropertyStr(cx, global, "Math");

    if (JS_DefinePropertyValueStr(cx, func, "cbrt",
                                  JS_NewCFunction(cx,
                                              ngx_workers_functions_ext_cbrt,
                                              "cbrt", 1),
                                  JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
        >= 0)
    {
        rc = NGX_OK;
    }

    JS_FreeValue(cx, func);

done:

    for (i = 0; i < NGX_WORKERS_FUNCTIONS_N; i++) {
        JS_FreeValue(cx, data[i]);
    }

    JS_FreeValue(cx, proto);

    return rc;
}


static JSValue
ngx_workers_functions_ext_to_string(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data)
{
    JSValue  text, source;

    text = JS_Call(cx, data[NGX_WORKERS_FUNCTIONS_TO_STRING], this_val, 0,
                   NULL);
    if (JS_IsException(text)) {
        return JS_EXCEPTION;
    }

    source = ngx_workers_functions_source(cx, this_val, data);

    if (JS_IsUndefined(source)) {
        return ngx_workers_functions_native(cx, text);
    }

    JS_FreeValue(cx, text);

    return source;
}


/* undefined: it is none of a script's, or was not found. */

static JSValue
ngx_workers_functions_source(JSContext *cx, JSValueConst func,
    JSValueConst *data)
{
    int32_t                line, column;
    JSValue                file, value;
    ngx_str_t              text;
    ngx_int_t              rc;
    ngx_uint_t             i;
    const char            *name;
    ngx_workers_script_t  *script;
    ngx_workers_module_t  *module;

    file = JS_Call(cx, data[NGX_WORKERS_FUNCTIONS_FILE], func, 0, NULL);
    if (!JS_IsString(file)) {
        return JS_IsException(file) ? JS_EXCEPTION : JS_UNDEFINED;
    }

    value = JS_Call(cx, data[NGX_WORKERS_FUNCTIONS_LINE], func, 0, NULL);
    line = JS_IsNumber(value) ? JS_VALUE_GET_INT(value) : 0;

    value = JS_Call(cx, data[NGX_WORKERS_FUNCTIONS_COLUMN], func, 0, NULL);
    column = JS_IsNumber(value) ? JS_VALUE_GET_INT(value) : 0;

    name = JS_ToCString(cx, file);
    JS_FreeValue(cx, file);

    if (name == NULL) {
        return JS_EXCEPTION;
    }

    rc = NGX_DECLINED;
    script = ngx_workers_isolate(cx)->script;
    module = script->modules.elts;

    for (i = 0; i < script->modules.nelts; i++) {

        if (module[i].source.len != 0 && line > 0 && column > 0
            && ngx_strcmp(module[i].name.data, name) == 0)
        {
            rc = ngx_workers_lex_function(&module[i].source, line, column,
                                   ngx_workers_functions_is_class(cx, func),
                                   &text);
            break;
        }
    }

    JS_FreeCString(cx, name);

    return (rc == NGX_OK) ? ngx_workers_new_string(cx, &text) : JS_UNDEFINED;
}


/* The prototype of a class, and of nothing else in a script, is constant. */

static ngx_uint_t
ngx_workers_functions_is_class(JSContext *cx, JSValueConst func)
{
    int                   rc;
    JSPropertyDescriptor  d;

    if (!JS_IsConstructor(cx, func)) {
        return 0;
    }

    rc = JS_GetOwnProperty(cx, &d, func, ngx_workers_atom(cx, PROTOTYPE));

    if (rc < 0) {
        JS_FreeValue(cx, JS_GetException(cx));
    }

    if (rc <= 0) {
        return 0;
    }

    JS_FreeValue(cx, d.value);
    JS_FreeValue(cx, d.getter);
    JS_FreeValue(cx, d.setter);

    return (d.flags & JS_PROP_WRITABLE) == 0;
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
