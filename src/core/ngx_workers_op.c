
/*
 * Copyright (C) the nginx-workers authors
 *
 * A promise that waits for native work.  The work's completion settles it in
 * the event loop; an invocation that ends first abandons it, and only frees.
 */


#include "ngx_workers_isolate.h"


JSValue
ngx_workers_op_start(JSContext *cx, ngx_workers_invocation_t *inv,
    ngx_workers_op_t *op)
{
    JSValue  promise, funcs[2];

    promise = JS_NewPromiseCapability(cx, funcs);
    if (JS_IsException(promise)) {
        return JS_EXCEPTION;
    }

    op->inv = inv;
    op->resolve = funcs[0];
    op->reject = funcs[1];

    ngx_queue_insert_tail(&inv->ops, &op->queue);
    inv->iso->pending++;

    return promise;
}


void
ngx_workers_op_done(ngx_workers_op_t *op)
{
    JSValue                 value, ret, func, resolve, reject;
    JSContext              *cx;
    ngx_workers_isolate_t  *iso;

    if (op->inv == NULL) {
        op->free(op);
        return;
    }

    iso = op->inv->iso;
    cx = iso->cx;

    ngx_queue_remove(&op->queue);
    iso->pending--;

    ngx_workers_enter(iso, op->inv);

    resolve = op->resolve;
    reject = op->reject;
    func = resolve;

    value = op->settle(cx, op);

    if (JS_IsException(value)) {
        value = JS_GetException(cx);
        func = reject;
    }

    ret = JS_Call(cx, func, JS_UNDEFINED, 1, (JSValueConst *) &value);

    JS_FreeValue(cx, ret);
    JS_FreeValue(cx, value);
    JS_FreeValue(cx, resolve);
    JS_FreeValue(cx, reject);

    op->free(op);

    ngx_workers_leave(iso);
}


void
ngx_workers_op_abandon(ngx_workers_op_t *op)
{
    JSContext  *cx;

    cx = op->inv->iso->cx;

    ngx_queue_remove(&op->queue);
    op->inv->iso->pending--;
    op->inv = NULL;

    JS_FreeValue(cx, op->resolve);
    JS_FreeValue(cx, op->reject);

    if (op->abandon != NULL) {
        op->abandon(op);
    }
}
