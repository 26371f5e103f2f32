
/*
 * Copyright (C) the nginx-workers authors
 *
 * The Cache API: put().  The body goes, at the pace of the disk, into a file
 * that becomes the entry when the body is whole.  A body that will not be
 * stored is read as well: whoever writes it waits for that.
 */


#include "ngx_workers_cache_api.h"
#include "ngx_workers_globals.h"
#include "../core/ngx_workers_pump.h"

#include <math.h>


typedef struct {
    ngx_workers_op_t             op;
    JSContext                   *cx;
    ngx_workers_cache_write_t   *write;     /* NULL: it is not stored */
    ngx_str_t                    remove;    /* key of what it replaces by
                                               nothing, or NULL */
    JSValue                      bytes;     /* the body, or undefined */
    size_t                       pos;       /* taken of it */

    ngx_workers_source_t        *source;    /* the body, or NULL */
    ngx_chain_t                 *chain;     /* read, and not taken */

    const char                  *error;     /* why the source broke */
    JSValue                      exception;

    unsigned                     busy:1;    /* the store has it */
    unsigned                     last:1;    /* ... and nothing will follow */
} ngx_workers_cache_put_op_t;


static ngx_int_t ngx_workers_cache_put_body(JSContext *cx,
    ngx_workers_cache_put_op_t *put, ngx_workers_body_t *body);
static ngx_int_t ngx_workers_cache_put_string(JSContext *cx,
    ngx_workers_cache_put_op_t *put, JSValueConst string);
static ngx_int_t ngx_workers_cache_put_begin(JSContext *cx,
    ngx_workers_cache_put_op_t *put, ngx_workers_cache_key_t *key,
    ngx_workers_response_t *response, off_t length);
static ngx_int_t ngx_workers_cache_put_step(ngx_workers_cache_put_op_t *put);
static ngx_int_t ngx_workers_cache_put_bytes(ngx_workers_cache_put_op_t *put);
static ngx_int_t ngx_workers_cache_put_chain(ngx_workers_cache_put_op_t *put);
static ngx_int_t ngx_workers_cache_put_flush(ngx_workers_cache_put_op_t *put);
static ngx_int_t ngx_workers_cache_put_end(ngx_workers_cache_put_op_t *put);
static void ngx_workers_cache_put_close(ngx_workers_cache_put_op_t *put);
static void ngx_workers_cache_put_written(void *data, ngx_int_t rc);
static void ngx_workers_cache_put_wake(void *data);
static void ngx_workers_cache_put_orphan(void *data);
static void ngx_workers_cache_put_abandon(ngx_workers_op_t *op);
static JSValue ngx_workers_cache_put_settle(JSContext *cx,
    ngx_workers_op_t *op);
static void ngx_workers_cache_put_free(ngx_workers_op_t *op);


JSValue
ngx_workers_cache_store_response(JSContext *cx, ngx_workers_cache_key_t *key,
    ngx_workers_response_t *response, ngx_workers_body_t *body, off_t length)
{
    JSValue                      promise, value;
    ngx_int_t                    rc;
    ngx_workers_invocation_t    *inv;
    ngx_workers_cache_put_op_t  *put;

    inv = ngx_workers_current(cx);

    put = ngx_calloc(sizeof(ngx_workers_cache_put_op_t), inv->log);
    if (put == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    put->cx = cx;
    put->bytes = JS_UNDEFINED;
    put->exception = JS_UNDEFINED;

    put->op.settle = ngx_workers_cache_put_settle;
    put->op.abandon = ngx_workers_cache_put_abandon;
    put->op.free = ngx_workers_cache_put_free;

    if (ngx_workers_cache_put_begin(cx, put, key, response, length) != NGX_OK
        || ngx_workers_cache_put_body(cx, put, body) != NGX_OK)
    {
        goto failed;
    }

    promise = ngx_workers_op_start(cx, inv, &put->op);
    if (JS_IsException(promise)) {
        goto failed;
    }

    rc = ngx_workers_cache_put_step(put);

    if (rc == NGX_AGAIN) {
        return promise;
    }

    /* it was done at once: the operation was for nothing */

    put->op.abandon = NULL;

    ngx_workers_op_abandon(&put->op);
    JS_FreeValue(cx, promise);

    value = ngx_workers_cache_put_settle(cx, &put->op);
    ngx_workers_cache_put_free(&put->op);

    return JS_IsException(value) ? JS_EXCEPTION
                                 : ngx_workers_resolve(cx, value);

failed:

    if (put->source != NULL) {
        ngx_workers_cache_put_close(put);
    }

    ngx_workers_cache_put_abandon(&put->op);
    ngx_workers_cache_put_free(&put->op);

    return JS_EXCEPTION;
}


/* What of it is stored: a write, or the removal of what there was. */

static ngx_int_t
ngx_workers_cache_put_begin(JSContext *cx, ngx_workers_cache_put_op_t *put,
    ngx_workers_cache_key_t *key, ngx_workers_response_t *response,
    off_t length)
{
    double                      ttl;
    ngx_int_t                   rc;
    ngx_workers_isolate_t      *iso;
    ngx_workers_cache_head_t    head;

    iso = ngx_workers_isolate(cx);

    if (iso->cache == NULL) {
        return NGX_OK;
    }

    rc = ngx_workers_cache_head(cx, response, key->request, length, &head);

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    if (head.ttl == 0) {
        js_free(cx, head.head.data);

        put->remove.data = ngx_alloc(key->key.len, iso->log);

        if (put->remove.data != NULL) {
            put->remove.len = key->key.len;
            ngx_memcpy(put->remove.data, key->key.data, key->key.len);
        }

        return NGX_OK;
    }

    ttl = fmin(head.ttl, NGX_WORKERS_CACHE_MAX_TTL * 1000.0);

    put->write = ngx_workers_cache_put(iso->cache, &key->key, &head.head,
                                       (uint64_t) (ngx_workers_now() + ttl),
                                       length);
    js_free(cx, head.head.data);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_cache_put_body(JSContext *cx, ngx_workers_cache_put_op_t *put,
    ngx_workers_body_t *body)
{
    switch (body->type) {

    case NGX_WORKERS_BODY_NONE:
        return NGX_OK;

    case NGX_WORKERS_BODY_STRING:
        return (put->write == NULL) ? NGX_OK
                      : ngx_workers_cache_put_string(cx, put, body->value);

    case NGX_WORKERS_BODY_BYTES:

        if (put->write != NULL) {
            put->bytes = body->value;
            body->value = JS_UNDEFINED;
        }

        return NGX_OK;

    case NGX_WORKERS_BODY_SOURCE:
        put->source = body->source;
        body->source = NULL;
        body->type = NGX_WORKERS_BODY_NONE;
        break;

    default: /* NGX_WORKERS_BODY_STREAM */
        put->source = ngx_workers_pump(cx, ngx_workers_current(cx),
                                       body->value);
        if (put->source == NULL) {
            return NGX_ERROR;
        }

        break;
    }

    put->source->wake = ngx_workers_cache_put_wake;
    put->source->orphan = ngx_workers_cache_put_orphan;
    put->source->data = put;
    put->source->reads_on = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_cache_put_string(JSContext *cx, ngx_workers_cache_put_op_t *put,
    JSValueConst string)
{
    size_t             n;
    ngx_int_t          rc;
    ngx_workers_usv_t  usv;

    if (ngx_workers_usv(cx, string, &usv) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    n = ngx_workers_cache_add(put->write, usv.str.data, usv.str.len);

    if (n != usv.str.len) {
        put->bytes = JS_NewUint8ArrayCopy(cx, usv.str.data + n,
                                          usv.str.len - n);

        if (JS_IsException(put->bytes)) {
            put->bytes = JS_UNDEFINED;
            rc = NGX_ERROR;
        }
    }

    ngx_workers_usv_free(cx, &usv);

    return rc;
}


/* NGX_AGAIN: it waits for the store or the source.  Else it is over. */

static ngx_int_t
ngx_workers_cache_put_step(ngx_workers_cache_put_op_t *put)
{
    ngx_int_t              rc;
    ngx_workers_source_t  *source;

    rc = ngx_workers_cache_put_bytes(put);

    while (rc == NGX_OK && put->source != NULL) {

        rc = ngx_workers_cache_put_chain(put);

        if (rc != NGX_OK) {
            break;
        }

        source = put->source;
        rc = source->read(source, &put->chain);

        if (rc == NGX_ERROR) {
            put->error = (source->reason != NULL) ? source->reason
                                                  : "Network connection lost.";
            put->exception = JS_DupValue(put->cx, source->error);
        }

        if (rc == NGX_ERROR || rc == NGX_DONE) {
            put->chain = NULL;
            ngx_workers_cache_put_close(put);
        }
    }

    if (rc == NGX_AGAIN || rc == NGX_ERROR) {
        return rc;
    }

    return ngx_workers_cache_put_end(put);
}


static ngx_int_t
ngx_workers_cache_put_bytes(ngx_workers_cache_put_op_t *put)
{
    ngx_str_t  bytes;

    if (JS_IsUndefined(put->bytes)) {
        return NGX_OK;
    }

    if (ngx_workers_get_bytes(put->cx, put->bytes, &bytes) != NGX_OK) {
        JS_FreeValue(put->cx, JS_GetException(put->cx));
        put->error = "The body is gone.";
        return NGX_ERROR;
    }

    while (put->pos < bytes.len) {
        put->pos += ngx_workers_cache_add(put->write, bytes.data + put->pos,
                                          bytes.len - put->pos);

        if (put->pos < bytes.len
            && ngx_workers_cache_put_flush(put) == NGX_AGAIN)
        {
            return NGX_AGAIN;
        }
    }

    JS_FreeValue(put->cx, put->bytes);
    put->bytes = JS_UNDEFINED;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_cache_put_chain(ngx_workers_cache_put_op_t *put)
{
    ngx_buf_t  *b;

    for ( /* void */ ; put->chain != NULL; put->chain = put->chain->next) {
        b = put->chain->buf;

        if (put->write == NULL) {
            b->pos = b->last;
        }

        while (b->pos != b->last) {
            b->pos += ngx_workers_cache_add(put->write, b->pos,
                                            b->last - b->pos);

            if (b->pos != b->last
                && ngx_workers_cache_put_flush(put) == NGX_AGAIN)
            {
                return NGX_AGAIN;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_cache_put_flush(ngx_workers_cache_put_op_t *put)
{
    ngx_int_t  rc;

    rc = ngx_workers_cache_flush(put->write, ngx_workers_cache_put_written,
                                 put);

    put->busy = (rc == NGX_AGAIN);

    return rc;
}


/* The body is whole. */

static ngx_int_t
ngx_workers_cache_put_end(ngx_workers_cache_put_op_t *put)
{
    ngx_int_t                   rc;
    ngx_workers_cache_write_t  *w;

    put->last = 1;

    if (put->write != NULL) {
        w = put->write;
        put->write = NULL;

        rc = ngx_workers_cache_commit(w, ngx_workers_cache_put_written, put);

    } else if (put->remove.data != NULL) {
        rc = ngx_workers_cache_delete(ngx_workers_isolate(put->cx)->cache,
                                      &put->remove,
                                      ngx_workers_cache_put_written, put);

    } else {
        rc = NGX_OK;
    }

    put->busy = (rc == NGX_AGAIN);

    return (rc == NGX_AGAIN) ? NGX_AGAIN : NGX_OK;
}


static void
ngx_workers_cache_put_close(ngx_workers_cache_put_op_t *put)
{
    ngx_workers_source_t  *source;

    source = put->source;
    put->source = NULL;

    source->close(source);
}


static void
ngx_workers_cache_put_written(void *data, ngx_int_t rc)
{
    ngx_workers_cache_put_op_t *put = data;

    put->busy = 0;

    if (put->op.inv != NULL && !put->last) {

        if (ngx_workers_cache_put_step(put) == NGX_AGAIN) {
            return;
        }
    }

    ngx_workers_op_done(&put->op);
}


static void
ngx_workers_cache_put_wake(void *data)
{
    ngx_workers_cache_put_op_t *put = data;

    if (put->busy || ngx_workers_cache_put_step(put) == NGX_AGAIN) {
        return;
    }

    ngx_workers_op_done(&put->op);
}


/* The invocation ends before the body: nothing is stored. */

static void
ngx_workers_cache_put_orphan(void *data)
{
    ngx_workers_cache_put_op_t *put = data;

    put->chain = NULL;
    ngx_workers_cache_put_close(put);

    if (!put->busy) {
        ngx_workers_op_done(&put->op);
    }
}


/* Drops what is JavaScript's.  What the store has is dropped after that. */

static void
ngx_workers_cache_put_abandon(ngx_workers_op_t *op)
{
    JSValue                      bytes, exception;
    ngx_workers_cache_put_op_t  *put;

    put = (ngx_workers_cache_put_op_t *) op;

    bytes = put->bytes;
    exception = put->exception;

    put->bytes = JS_UNDEFINED;
    put->exception = JS_UNDEFINED;

    JS_FreeValue(put->cx, bytes);
    JS_FreeValue(put->cx, exception);
}


static JSValue
ngx_workers_cache_put_settle(JSContext *cx, ngx_workers_op_t *op)
{
    JSValue                      value;
    const char                  *text;
    ngx_workers_cache_put_op_t  *put;

    put = (ngx_workers_cache_put_op_t *) op;

    value = put->exception;
    put->exception = JS_UNDEFINED;

    ngx_workers_cache_put_abandon(op);

    if (JS_IsObject(value)) {
        return JS_Throw(cx, value);
    }

    if (!JS_IsUndefined(value)) {

        /* what is no error becomes one */

        text = JS_ToCString(cx, value);
        JS_FreeValue(cx, value);

        if (text != NULL) {
            (void) ngx_workers_throw_error(cx, text);
            JS_FreeCString(cx, text);
        }

        return JS_EXCEPTION;
    }

    if (put->error != NULL) {
        return JS_ThrowTypeError(cx, "%s", put->error);
    }

    return JS_UNDEFINED;
}


static void
ngx_workers_cache_put_free(ngx_workers_op_t *op)
{
    ngx_workers_cache_put_op_t  *put;

    put = (ngx_workers_cache_put_op_t *) op;

    if (put->write != NULL) {
        ngx_workers_cache_abandon(put->write);
    }

    if (put->remove.data != NULL) {
        ngx_free(put->remove.data);
    }

    ngx_free(put);
}
