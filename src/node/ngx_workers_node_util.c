
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "node:util": what JavaScript cannot see of a value.
 */


#include "../core/ngx_workers_isolate.h"


static JSValue ngx_workers_node_util_make(JSContext *cx);
static JSValue ngx_workers_node_util_ext_class_of(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_util_ext_promise(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_util_ext_proxy(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static const JSCFunctionListEntry  ngx_workers_node_util_methods[] = {
    JS_CFUNC_DEF("classOf", 1, ngx_workers_node_util_ext_class_of),
    JS_CFUNC_DEF("promise", 1, ngx_workers_node_util_ext_promise),
    JS_CFUNC_DEF("proxy", 1, ngx_workers_node_util_ext_proxy),
};


ngx_workers_native_t  ngx_workers_node_util_native = {
    "util", ngx_workers_node_util_make
};


static JSValue
ngx_workers_node_util_make(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                            ngx_workers_node_util_methods,
                            ngx_workers_nitems(ngx_workers_node_util_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* The name of an object's class in the engine; undefined: not an object. */

static JSValue
ngx_workers_node_util_ext_class_of(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSAtom   atom;
    JSValue  name;

    if (!JS_IsObject(argv[0])) {
        return JS_UNDEFINED;
    }

    atom = JS_GetClassName(JS_GetRuntime(cx), JS_GetClassID(argv[0]));
    name = JS_AtomToString(cx, atom);
    JS_FreeAtom(cx, atom);

    return name;
}


/* [state, result] of a promise: 0 pending, 1 fulfilled, 2 rejected. */

static JSValue
ngx_workers_node_util_ext_promise(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue             values[2];
    JSPromiseStateEnum  state;

    if (!JS_IsPromise(argv[0])) {
        return JS_UNDEFINED;
    }

    state = JS_PromiseState(cx, argv[0]);

    values[0] = JS_NewInt32(cx, state == JS_PROMISE_FULFILLED ? 1
                                : state == JS_PROMISE_REJECTED ? 2 : 0);
    values[1] = (state == JS_PROMISE_PENDING) ? JS_UNDEFINED
                                              : JS_PromiseResult(cx, argv[0]);

    return JS_NewArrayFrom(cx, 2, values);
}


/* [target, handler] of a proxy. */

static JSValue
ngx_workers_node_util_ext_proxy(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue  values[2];

    if (!JS_IsProxy(argv[0])) {
        return JS_UNDEFINED;
    }

    values[0] = JS_GetProxyTarget(cx, argv[0]);

    if (JS_IsException(values[0])) {

        /* it is revoked */

        JS_FreeValue(cx, JS_GetException(cx));
        values[0] = JS_NULL;
    }

    values[1] = JS_GetProxyHandler(cx, argv[0]);

    if (JS_IsException(values[1])) {
        JS_FreeValue(cx, JS_GetException(cx));
        values[1] = JS_NULL;
    }

    return JS_NewArrayFrom(cx, 2, values);
}
