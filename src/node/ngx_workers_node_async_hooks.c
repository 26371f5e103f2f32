
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "node:async_hooks" (src/js/node/async_hooks.js): the
 * frame of the running code.
 */


#include "../core/ngx_workers_frame.h"


static JSValue ngx_workers_node_async_hooks_make(JSContext *cx);
static JSValue ngx_workers_node_async_hooks_ext_frame(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_async_hooks_ext_swap(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static const JSCFunctionListEntry  ngx_workers_node_async_hooks_methods[] = {
    JS_CFUNC_DEF("frame", 0, ngx_workers_node_async_hooks_ext_frame),
    JS_CFUNC_DEF("swap", 1, ngx_workers_node_async_hooks_ext_swap),
};


ngx_workers_native_t  ngx_workers_node_async_hooks_native = {
    "async_hooks", ngx_workers_node_async_hooks_make
};


static JSValue
ngx_workers_node_async_hooks_make(JSContext *cx)
{
    JSValue  native;

    if (ngx_workers_frame_start(cx) != NGX_OK) {
        return JS_EXCEPTION;
    }

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (JS_SetPropertyFunctionList(cx, native,
                    ngx_workers_node_async_hooks_methods,
                    ngx_workers_nitems(ngx_workers_node_async_hooks_methods))
        < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static JSValue
ngx_workers_node_async_hooks_ext_frame(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    return JS_DupValue(cx, ngx_workers_isolate(cx)->frame);
}


/* Makes the argument the frame, and returns the one before. */

static JSValue
ngx_workers_node_async_hooks_ext_swap(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                 old;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    old = iso->frame;
    iso->frame = JS_DupValue(cx, argv[0]);

    return old;
}
