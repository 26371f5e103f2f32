
/*
 * Copyright (C) the nginx-workers authors
 *
 * Errors of Node.js modules, thrown from C.
 */


#include "../core/ngx_workers_class.h"
#include "ngx_workers_node_errors.h"


#define NGX_WORKERS_NODE_ERRORS_ARGS  3


static JSValue ngx_workers_node_throw(JSContext *cx, const char *name,
    int argc, JSValue *argv);


JSValue
ngx_workers_node_out_of_range(JSContext *cx, const char *name,
    const char *range, JSValueConst value)
{
    JSValue  argv[NGX_WORKERS_NODE_ERRORS_ARGS];

    argv[0] = JS_NewString(cx, name);
    argv[1] = JS_NewString(cx, range);
    argv[2] = JS_DupValue(cx, value);

    return ngx_workers_node_throw(cx, "outOfRange", 3, argv);
}


JSValue
ngx_workers_node_invalid_type(JSContext *cx, const char *name,
    const char *expected, JSValueConst value)
{
    size_t    len;
    JSValue   argv[NGX_WORKERS_NODE_ERRORS_ARGS];
    uint32_t  i;

    argv[0] = JS_NewString(cx, name);
    argv[1] = JS_NewArray(cx);
    argv[2] = JS_DupValue(cx, value);

    for (i = 0; *expected != '\0' && !JS_IsException(argv[1]); i++) {
        len = strcspn(expected, "|");

        if (JS_SetPropertyUint32(cx, argv[1], i,
                                 JS_NewStringLen(cx, expected, len))
            < 0)
        {
            JS_FreeValue(cx, argv[1]);
            argv[1] = JS_EXCEPTION;
        }

        expected += len + (expected[len] == '|');
    }

    return ngx_workers_node_throw(cx, "invalidArgType", 3, argv);
}


JSValue
ngx_workers_node_invalid_value(JSContext *cx, const char *name,
    const char *reason, JSValueConst value)
{
    JSValue  argv[NGX_WORKERS_NODE_ERRORS_ARGS];

    argv[0] = JS_NewString(cx, name);
    argv[1] = JS_DupValue(cx, value);
    argv[2] = JS_NewString(cx, reason);

    return ngx_workers_node_throw(cx, "invalidArgValue", 3, argv);
}


JSValue
ngx_workers_node_error(JSContext *cx, const char *class, const char *code,
    const char *message)
{
    JSValue  argv[NGX_WORKERS_NODE_ERRORS_ARGS];

    argv[0] = JS_NewString(cx, code);
    argv[1] = JS_NewString(cx, message);

    return ngx_workers_node_throw(cx, class, 2, argv);
}


/* Throws what the export returns; eats argv, which may hold exceptions. */

static JSValue
ngx_workers_node_throw(JSContext *cx, const char *name, int argc,
    JSValue *argv)
{
    int      i, failed;
    JSValue  ns, func, error;

    failed = 0;
    error = JS_EXCEPTION;

    for (i = 0; i < argc; i++) {
        failed |= JS_IsException(argv[i]);
    }

    if (!failed) {
        ns = ngx_workers_builtin_namespace(cx, "node/internal/errors");

        if (!JS_IsException(ns)) {
            func = JS_GetPropertyStr(cx, ns, name);
            error = JS_Call(cx, func, JS_UNDEFINED, argc,
                            (JSValueConst *) argv);

            JS_FreeValue(cx, func);
            JS_FreeValue(cx, ns);
        }
    }

    for (i = 0; i < argc; i++) {
        JS_FreeValue(cx, argv[i]);
    }

    return JS_IsException(error) ? JS_EXCEPTION : JS_Throw(cx, error);
}
