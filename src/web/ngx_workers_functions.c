
/*
 * Copyright (C) the nginx-workers authors
 *
 * What functions of the engine show otherwise than the platform's: native
 * code stands on lines of its own, and they tell where they are defined.
 *
 * eval() and the constructors of functions make code out of strings while
 * top-level code runs, and throw ever after.
 */


#include "ngx_workers_globals.h"
#include "../core/ngx_workers_flags.h"

#include <math.h>


#define NGX_WORKERS_FUNCTIONS_NO_CODE                                         \
    "Code generation from strings disallowed for this context"

#define NGX_WORKERS_FUNCTIONS_NATIVE  "() {\n    [native code]\n}"


static ngx_int_t ngx_workers_functions_init(JSContext *cx,
    JSValueConst global);
static JSValue ngx_workers_functions_ext_to_string(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_functions_native(JSContext *cx, JSValue text);
static JSValue ngx_workers_functions_ext_cbrt(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_functions_guard(JSContext *cx,
    JSValueConst global);
static ngx_int_t ngx_workers_functions_guard_class(JSContext *cx,
    JSValueConst proto, const char *name, int flags, JSValue *ctor);
static JSValue ngx_workers_functions_ext_construct(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_functions_ext_eval(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_uint_t ngx_workers_functions_may_eval(JSContext *cx);
static JSValue ngx_workers_functions_refuse(JSContext *cx);


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

    if (rc == NGX_OK) {
        rc = ngx_workers_functions_guard(cx, global);
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


/*
 * Puts guards before the constructors of functions and eval().  The engine's
 * own stay out of reach: each was the "constructor" of a prototype.
 */

static ngx_int_t
ngx_workers_functions_guard(JSContext *cx, JSValueConst global)
{
    JSValue      proto, base, ctor;
    JSClassID    id;
    ngx_int_t    rc;
    ngx_uint_t   i;

    static const char  *const  names[] = {
        "GeneratorFunction", "AsyncFunction", "AsyncGeneratorFunction"
    };

    if (JS_AddIntrinsicEval(cx) < 0) {
        return NGX_ERROR;
    }

    proto = JS_GetFunctionProto(cx);

    rc = ngx_workers_functions_guard_class(cx, proto, "Function",
                                       JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE,
                                       &base);
    JS_FreeValue(cx, proto);

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < ngx_workers_nitems(names); i++) {

        id = ngx_workers_class_by_name(cx, names[i]);

        if (id == JS_INVALID_CLASS_ID) {
            (void) JS_ThrowInternalError(cx, "no class \"%s\"", names[i]);
            goto failed;
        }

        proto = JS_GetClassProto(cx, id);

        rc = ngx_workers_functions_guard_class(cx, proto, names[i],
                                               JS_PROP_CONFIGURABLE, &ctor);
        JS_FreeValue(cx, proto);

        if (rc != NGX_OK) {
            goto failed;
        }

        rc = JS_SetPrototype(cx, ctor, base);
        JS_FreeValue(cx, ctor);

        if (rc < 0) {
            goto failed;
        }
    }

    if (JS_DefinePropertyValueStr(cx, global, "Function", base,
                                  JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
        < 0)
    {
        return NGX_ERROR;
    }

    if (JS_DefinePropertyValueStr(cx, global, "eval",
                                  JS_NewCFunction(cx,
                                              ngx_workers_functions_ext_eval,
                                              "eval", 1),
                                  JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
        < 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;

failed:

    JS_FreeValue(cx, base);

    return NGX_ERROR;
}


static ngx_int_t
ngx_workers_functions_guard_class(JSContext *cx, JSValueConst proto,
    const char *name, int flags, JSValue *ctor)
{
    JSValue  engine;

    engine = JS_GetPropertyStr(cx, proto, "constructor");
    if (JS_IsException(engine)) {
        return NGX_ERROR;
    }

    *ctor = JS_NewCFunctionData2(cx, ngx_workers_functions_ext_construct, name,
                                 1, 0, 1, (JSValueConst *) &engine);
    JS_FreeValue(cx, engine);

    if (JS_IsException(*ctor)) {
        return NGX_ERROR;
    }

    (void) JS_SetConstructorBit(cx, *ctor, 1);

    if (JS_DefinePropertyValueStr(cx, *ctor, "prototype",
                                  JS_DupValue(cx, proto), 0)
        < 0
        || JS_DefinePropertyValueStr(cx, proto, "constructor",
                                     JS_DupValue(cx, *ctor), flags)
        < 0)
    {
        JS_FreeValue(cx, *ctor);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* With new, this is new.target. */

static JSValue
ngx_workers_functions_ext_construct(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data)
{
    if (!ngx_workers_functions_may_eval(cx)) {
        return ngx_workers_functions_refuse(cx);
    }

    if (JS_IsConstructor(cx, this_val)) {
        return JS_CallConstructor2(cx, data[0], this_val, argc, argv);
    }

    return JS_Call(cx, data[0], JS_UNDEFINED, argc, argv);
}


/* Always as if called by another name: in the global scope. */

static JSValue
ngx_workers_functions_ext_eval(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t       len;
    JSValue      ret;
    const char  *text;

    if (argc < 1) {
        return JS_UNDEFINED;
    }

    if (!JS_IsString(argv[0])) {
        return JS_DupValue(cx, argv[0]);
    }

    if (!ngx_workers_functions_may_eval(cx)) {
        return ngx_workers_functions_refuse(cx);
    }

    text = JS_ToCStringLen(cx, &len, argv[0]);
    if (text == NULL) {
        return JS_EXCEPTION;
    }

    ret = JS_Eval(cx, text, len, "<eval>", JS_EVAL_TYPE_GLOBAL);
    JS_FreeCString(cx, text);

    return ret;
}


static ngx_uint_t
ngx_workers_functions_may_eval(JSContext *cx)
{
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    return iso->evaluating && !iso->evaluated
           && ngx_workers_flag_holds(iso->script, "allow_eval_during_startup");
}


static JSValue
ngx_workers_functions_refuse(JSContext *cx)
{
    JSValue  ctor, message, error;

    ctor = JS_GetPropertyStr(cx, ngx_workers_isolate(cx)->global, "EvalError");
    if (JS_IsException(ctor)) {
        return JS_EXCEPTION;
    }

    message = JS_NewString(cx, NGX_WORKERS_FUNCTIONS_NO_CODE);

    error = JS_CallConstructor(cx, ctor, 1, (JSValueConst *) &message);

    JS_FreeValue(cx, message);
    JS_FreeValue(cx, ctor);

    if (JS_IsException(error)) {
        return JS_EXCEPTION;
    }

    return JS_Throw(cx, error);
}
