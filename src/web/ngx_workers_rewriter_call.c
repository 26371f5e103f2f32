
/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter: handlers are called, and waited for.
 */


#include "ngx_workers_rewriter.h"
#include "../core/ngx_workers_frame.h"


static JSValueConst ngx_workers_rewriter_handler(ngx_workers_rewriter_t *rw,
    JSValueConst *object);
static ngx_int_t ngx_workers_rewriter_called(ngx_workers_rewriter_t *rw,
    JSValue ret);
static ngx_int_t ngx_workers_rewriter_settled(ngx_workers_rewriter_t *rw);
static ngx_int_t ngx_workers_rewriter_react(ngx_workers_rewriter_t *rw);
static JSValue ngx_workers_rewriter_reaction(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    void *opaque);
static ngx_int_t ngx_workers_rewriter_throw(ngx_workers_rewriter_t *rw,
    JSValue reason);


/* Calls the handlers of the unit, one after the other.  In JavaScript. */

ngx_int_t
ngx_workers_rewriter_call(ngx_workers_rewriter_t *rw)
{
    JSValue        ret, func;
    JSContext     *cx;
    ngx_int_t      rc;
    JSValueConst   object;

    cx = rw->iso->cx;

    for ( ;; ) {

        rc = ngx_workers_rewriter_settled(rw);

        if (rc != NGX_OK) {
            return rc;
        }

        ngx_workers_rewriter_token_end(rw);

        func = ngx_workers_rewriter_handler(rw, &object);

        if (JS_IsUndefined(func)) {
            return NGX_OK;
        }

        rw->token = ngx_workers_rewriter_token(cx, rw);

        if (JS_IsException(rw->token)) {
            rw->token = JS_UNDEFINED;
            return ngx_workers_rewriter_throw(rw, JS_GetException(cx));
        }

        ngx_workers_frame_set(rw->iso, JS_DupValue(cx, rw->frame));

        ret = JS_Call(cx, func, object, 1, (JSValueConst *) &rw->token);

        if (rw->unit == NGX_WORKERS_REWRITER_END_TAG) {
            JS_FreeValue(cx, rw->on_end);
            rw->on_end = JS_UNDEFINED;
        }

        rc = ngx_workers_rewriter_called(rw, ret);

        if (rc != NGX_OK) {
            return rc;
        }
    }
}


/* The next function to be called and its this; undefined: there is none. */

static JSValueConst
ngx_workers_rewriter_handler(ngx_workers_rewriter_t *rw, JSValueConst *object)
{
    JSValue                           func;
    ngx_uint_t                        i, n, nd;
    ngx_workers_rewriter_unit_e       unit;
    ngx_workers_rewriter_handlers_t  *h;

    unit = rw->unit;

    if (unit == NGX_WORKERS_REWRITER_END_TAG) {
        *object = rw->iso->global;
        return rw->on_end;
    }

    n = rw->rules->elements.nelts;
    nd = rw->rules->documents.nelts;

    while (rw->next < n + nd) {
        i = rw->next++;

        func = JS_UNDEFINED;

        if (i < n) {
            h = ngx_workers_rewriter_element_handlers(rw) + i;

            if (unit == NGX_WORKERS_REWRITER_ELEMENT) {

                if (rw->matched[i / 64] >> (i % 64) & 1) {
                    func = h->element;
                }

            } else if (rw->active[i] != 0) {

                if (unit == NGX_WORKERS_REWRITER_COMMENT) {
                    func = h->comments;

                } else if (unit == NGX_WORKERS_REWRITER_TEXT
                           || unit == NGX_WORKERS_REWRITER_LAST_TEXT)
                {
                    func = h->text;
                }
            }

        } else {
            h = ngx_workers_rewriter_document_handlers(rw);

            switch (unit) {

            case NGX_WORKERS_REWRITER_TEXT:
            case NGX_WORKERS_REWRITER_LAST_TEXT:
                h += i - n;
                func = h->text;
                break;

            case NGX_WORKERS_REWRITER_COMMENT:
                h += i - n;
                func = h->comments;
                break;

            case NGX_WORKERS_REWRITER_DOCTYPE:
                h += i - n;
                func = h->doctype;
                break;

            case NGX_WORKERS_REWRITER_DOCUMENT_END:
                h += nd - 1 - (i - n);     /* the platform's order */
                func = h->end;
                break;

            default:
                break;
            }
        }

        if (!JS_IsUndefined(func)) {
            *object = h->object;
            return func;
        }
    }

    return JS_UNDEFINED;
}


/* What a handler has returned (eaten): waits if it is a promise. */

static ngx_int_t
ngx_workers_rewriter_called(ngx_workers_rewriter_t *rw, JSValue ret)
{
    JSValue     then, funcs[2], promise;
    JSContext  *cx;

    cx = rw->iso->cx;

    if (rw->closed) {

        /* by the handler */

        if (JS_IsException(ret)) {
            JS_FreeValue(cx, JS_GetException(cx));
        }

        JS_FreeValue(cx, ret);

        return NGX_ERROR;
    }

    if (JS_IsException(ret)) {
        return ngx_workers_rewriter_throw(rw, JS_GetException(cx));
    }

    if (JS_IsObject(ret)) {

        if (JS_IsPromise(ret)) {
            rw->promise = ret;

        } else {
            then = JS_GetProperty(cx, ret, ngx_workers_atom(cx, THEN));

            if (JS_IsException(then)) {
                JS_FreeValue(cx, ret);
                return ngx_workers_rewriter_throw(rw, JS_GetException(cx));
            }

            if (JS_IsFunction(cx, then)) {
                promise = JS_NewPromiseCapability(cx, funcs);

                if (!JS_IsException(promise)) {
                    JS_FreeValue(cx, JS_Call(cx, funcs[0], JS_UNDEFINED, 1,
                                             (JSValueConst *) &ret));
                    JS_FreeValue(cx, funcs[0]);
                    JS_FreeValue(cx, funcs[1]);

                    rw->promise = promise;
                }
            }

            JS_FreeValue(cx, then);
            JS_FreeValue(cx, ret);
        }

    } else {
        JS_FreeValue(cx, ret);
    }

    /* what the handler has set off comes before the next one */

    if (JS_IsJobPending(rw->iso->rt)) {

        if (JS_IsPromise(rw->promise)
            && ngx_workers_rewriter_react(rw) != NGX_OK)
        {
            return ngx_workers_rewriter_throw(rw, JS_GetException(cx));
        }

        ngx_workers_isolate_drain(rw->iso);

        if (rw->closed) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* NGX_OK: no promise is waited for any more. */

static ngx_int_t
ngx_workers_rewriter_settled(ngx_workers_rewriter_t *rw)
{
    JSValue     promise, reason;
    JSContext  *cx;

    if (JS_IsUndefined(rw->promise)) {
        return NGX_OK;
    }

    cx = rw->iso->cx;

    switch (JS_PromiseState(cx, rw->promise)) {

    case JS_PROMISE_PENDING:

        if (ngx_workers_rewriter_react(rw) != NGX_OK) {
            return ngx_workers_rewriter_throw(rw, JS_GetException(cx));
        }

        return NGX_AGAIN;

    case JS_PROMISE_REJECTED:

        if (ngx_workers_rewriter_react(rw) != NGX_OK) {
            JS_FreeValue(cx, JS_GetException(cx));
        }

        rw->reacting = 0;
        promise = rw->promise;
        rw->promise = JS_UNDEFINED;

        reason = JS_PromiseResult(cx, promise);
        JS_FreeValue(cx, promise);

        return ngx_workers_rewriter_throw(rw, reason);

    default: /* JS_PROMISE_FULFILLED */

        rw->reacting = 0;
        promise = rw->promise;
        rw->promise = JS_UNDEFINED;

        JS_FreeValue(cx, promise);

        return NGX_OK;
    }
}


/* The promise will wake the rewriter, and its rejection is handled. */

static ngx_int_t
ngx_workers_rewriter_react(ngx_workers_rewriter_t *rw)
{
    JSValue     func, ret;
    JSContext  *cx;

    if (rw->reacting) {
        return NGX_OK;
    }

    cx = rw->iso->cx;

    func = JS_NewCClosure(cx, ngx_workers_rewriter_reaction, "",
                          ngx_workers_rewriter_release, 1, 0, rw);
    if (JS_IsException(func)) {
        return NGX_ERROR;
    }

    rw->refs++;

    ret = JS_PromiseThen(cx, rw->promise, func, func);
    JS_FreeValue(cx, func);

    if (JS_IsException(ret)) {
        return NGX_ERROR;
    }

    JS_FreeValue(cx, ret);

    rw->reacting = 1;

    return NGX_OK;
}


static JSValue
ngx_workers_rewriter_reaction(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, void *opaque)
{
    ngx_workers_rewriter_t  *rw;

    rw = opaque;
    rw->reacting = 0;

    if (rw->waiting && !rw->running && rw->src.inv != NULL) {
        ngx_workers_rewriter_post(rw, &ngx_posted_events);
    }

    return JS_UNDEFINED;
}


/* What a handler threw (eaten) is what the body breaks with. */

static ngx_int_t
ngx_workers_rewriter_throw(ngx_workers_rewriter_t *rw, JSValue reason)
{
    JSValue                 error;
    JSContext              *cx;
    const char             *text;
    ngx_workers_isolate_t  *iso;

    iso = rw->iso;
    cx = iso->cx;

    rw->failed = 1;
    rw->src.reason = "A handler failed.";

    if (iso->exceeded_cpu || iso->exceeded_memory) {
        JS_FreeValue(cx, reason);
        return NGX_ERROR;
    }

    if (!JS_IsError(reason)) {

        text = JS_ToCString(cx, reason);
        error = JS_NewError(cx);

        if (text == NULL) {
            JS_FreeValue(cx, JS_GetException(cx));
        }

        if (!JS_IsException(error) && text != NULL) {
            (void) JS_DefinePropertyValueStr(cx, error, "message",
                                             JS_NewString(cx, text),
                                             JS_PROP_CONFIGURABLE
                                             | JS_PROP_WRITABLE);
        }

        JS_FreeCString(cx, text);
        JS_FreeValue(cx, reason);
        reason = error;
    }

    rw->src.error = reason;

    return NGX_ERROR;
}
