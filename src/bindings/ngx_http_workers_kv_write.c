
/*
 * Copyright (C) the nginx-workers authors
 *
 * KV namespaces: put() and delete().  A write holds copies of all its
 * arguments and goes to the store's group commit; its promise is settled
 * when it is on disk.  It is done also when the invocation has ended before.
 * A stream is read into the write first.
 */


#include "ngx_http_workers_kv.h"
#include "../core/ngx_workers_pump.h"
#include "../web/ngx_workers_body.h"


#define NGX_HTTP_WORKERS_KV_MIN_TTL  60

#define NGX_HTTP_WORKERS_KV_FIRST    4096   /* buffer for a stream */


typedef struct {
    ngx_workers_op_t             op;
    ngx_workers_store_t         *store;
    ngx_workers_store_write_t    write;
    ngx_workers_store_change_t   change;
    const char                  *method;

    ngx_workers_source_t        *source;    /* of a stream; NULL at its end */
    u_char                      *buf;       /* what was read from it */
    size_t                       size;
    size_t                       length;    /* of a value too long */
    const char                  *error;     /* of the stream */
    JSValue                      exception; /* of a script's stream */
} ngx_http_workers_kv_write_t;


typedef struct {
    time_t                       expires;
    ngx_workers_usv_t            metadata;  /* str.data NULL: none */
} ngx_http_workers_kv_put_t;


static ngx_int_t ngx_http_workers_kv_put_options(JSContext *cx,
    JSValueConst options, ngx_http_workers_kv_put_t *put);
static ngx_int_t ngx_http_workers_kv_put_expiration(JSContext *cx,
    JSValueConst options, time_t *expires);
static ngx_int_t ngx_http_workers_kv_put_number(JSContext *cx,
    JSValueConst options, const char *name, int64_t *n);
static ngx_int_t ngx_http_workers_kv_put_metadata(JSContext *cx,
    JSValueConst options, ngx_workers_usv_t *metadata);
static JSValue ngx_http_workers_kv_put_value(JSContext *cx,
    ngx_http_workers_kv_t *kv, ngx_str_t *key, JSValueConst value,
    ngx_http_workers_kv_put_t *put);
static JSValue ngx_http_workers_kv_put_stream(JSContext *cx,
    ngx_http_workers_kv_t *kv, ngx_str_t *key, JSValueConst stream,
    ngx_http_workers_kv_put_t *put);
static JSValue ngx_http_workers_kv_put_bytes(JSContext *cx,
    ngx_http_workers_kv_t *kv, ngx_str_t *key, ngx_str_t *value,
    ngx_http_workers_kv_put_t *put);
static JSValue ngx_http_workers_kv_put_source(JSContext *cx,
    ngx_http_workers_kv_t *kv, ngx_str_t *key, ngx_workers_source_t *source,
    ngx_http_workers_kv_put_t *put);

static ngx_http_workers_kv_write_t *ngx_http_workers_kv_write_create(
    JSContext *cx, ngx_http_workers_kv_t *kv, const char *method,
    ngx_str_t *key, ngx_str_t *value, ngx_http_workers_kv_put_t *put);
static JSValue ngx_http_workers_kv_write_start(JSContext *cx,
    ngx_http_workers_kv_write_t *w);
static void ngx_http_workers_kv_write_done(ngx_workers_store_write_t *write);
static JSValue ngx_http_workers_kv_write_settle(JSContext *cx,
    ngx_workers_op_t *op);
static void ngx_http_workers_kv_write_free(ngx_workers_op_t *op);

static ngx_int_t ngx_http_workers_kv_read(ngx_http_workers_kv_write_t *w);
static ngx_int_t ngx_http_workers_kv_read_chain(
    ngx_http_workers_kv_write_t *w, ngx_chain_t *chain);
static void ngx_http_workers_kv_read_close(ngx_http_workers_kv_write_t *w);
static void ngx_http_workers_kv_read_wake(void *data);
static void ngx_http_workers_kv_read_orphan(void *data);


JSValue
ngx_http_workers_kv_ext_put(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                     promise;
    ngx_workers_usv_t           key;
    ngx_http_workers_kv_t      *kv;
    ngx_http_workers_kv_put_t   put;

    kv = ngx_workers_this(cx, this_val, ngx_http_workers_kv_class.id);
    if (kv == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 2) {
        (void) ngx_workers_throw_argument(cx, "put", NGX_HTTP_WORKERS_KV_CLASS,
                                          argc + 1, "string");
        return ngx_workers_reject(cx);
    }

    if (ngx_workers_require_invocation(cx) == NULL
        || ngx_http_workers_kv_key(cx, argv[0], "PUT", &key) != NGX_OK)
    {
        return ngx_workers_reject(cx);
    }

    if (ngx_http_workers_kv_put_options(cx, (argc > 2) ? argv[2]
                                                       : JS_UNDEFINED, &put)
        == NGX_OK)
    {
        promise = ngx_http_workers_kv_put_value(cx, kv, &key.str, argv[1],
                                                &put);

        if (put.metadata.str.data != NULL) {
            ngx_workers_usv_free(cx, &put.metadata);
        }

    } else {
        promise = JS_EXCEPTION;
    }

    ngx_workers_usv_free(cx, &key);

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}


static ngx_int_t
ngx_http_workers_kv_put_options(JSContext *cx, JSValueConst options,
    ngx_http_workers_kv_put_t *put)
{
    put->expires = 0;
    ngx_str_null(&put->metadata.str);

    if (!JS_IsObject(options)) {
        return NGX_OK;
    }

    if (ngx_http_workers_kv_put_expiration(cx, options, &put->expires)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_workers_kv_put_metadata(cx, options, &put->metadata);
}


static ngx_int_t
ngx_http_workers_kv_put_expiration(JSContext *cx, JSValueConst options,
    time_t *expires)
{
    time_t      now;
    int64_t     n;
    ngx_int_t   rc;

    now = ngx_time();

    rc = ngx_http_workers_kv_put_number(cx, options, "expirationTtl", &n);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_OK) {

        if (n <= 0) {
            (void) JS_ThrowPlainError(cx, "KV PUT failed: 400 Invalid "
                                      "expiration_ttl of %lld. Please specify "
                                      "integer greater than 0.",
                                      (long long) n);
            return NGX_ERROR;
        }

        if (n < NGX_HTTP_WORKERS_KV_MIN_TTL) {
            (void) JS_ThrowPlainError(cx, "KV PUT failed: 400 Invalid "
                                      "expiration_ttl of %lld. Expiration TTL "
                                      "must be at least %d.", (long long) n,
                                      NGX_HTTP_WORKERS_KV_MIN_TTL);
            return NGX_ERROR;
        }

        /* such a time does not come */

        *expires = (n > NGX_MAX_INT32_VALUE * (int64_t) 1000) ? 0 : now + n;

        return NGX_OK;
    }

    rc = ngx_http_workers_kv_put_number(cx, options, "expiration", &n);

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    if (n <= now) {
        (void) JS_ThrowPlainError(cx, "KV PUT failed: 400 Invalid expiration "
                                  "of %lld. Please specify integer greater "
                                  "than the current number of seconds since "
                                  "the UNIX epoch.", (long long) n);
        return NGX_ERROR;
    }

    if (n < now + NGX_HTTP_WORKERS_KV_MIN_TTL) {
        (void) JS_ThrowPlainError(cx, "KV PUT failed: 400 Invalid expiration "
                                  "of %lld. Expiration times must be at least "
                                  "%d seconds in the future.", (long long) n,
                                  NGX_HTTP_WORKERS_KV_MIN_TTL);
        return NGX_ERROR;
    }

    *expires = n;

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_kv_put_number(JSContext *cx, JSValueConst options,
    const char *name, int64_t *n)
{
    int      rc;
    JSValue  value;

    value = JS_GetPropertyStr(cx, options, name);
    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    if (JS_IsUndefined(value) || JS_IsNull(value)) {
        return NGX_DECLINED;
    }

    rc = JS_ToInt64(cx, n, value);
    JS_FreeValue(cx, value);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_workers_kv_put_metadata(JSContext *cx, JSValueConst options,
    ngx_workers_usv_t *metadata)
{
    JSValue    value, text;
    ngx_int_t  rc;

    value = JS_GetPropertyStr(cx, options, "metadata");
    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    if (JS_IsUndefined(value)) {
        return NGX_OK;
    }

    text = JS_JSONStringify(cx, value, JS_UNDEFINED, JS_UNDEFINED);
    JS_FreeValue(cx, value);

    if (JS_IsException(text)) {
        return NGX_ERROR;
    }

    if (!JS_IsString(text)) {
        JS_FreeValue(cx, text);
        return NGX_OK;
    }

    rc = ngx_workers_usv(cx, text, metadata);
    JS_FreeValue(cx, text);

    if (rc != NGX_OK) {
        ngx_str_null(&metadata->str);
        return NGX_ERROR;
    }

    if (metadata->str.len > NGX_HTTP_WORKERS_KV_MAX_METADATA) {
        (void) JS_ThrowPlainError(cx, "KV PUT failed: 413 Metadata length of "
                                  "%zu exceeds limit of %d.",
                                  metadata->str.len,
                                  NGX_HTTP_WORKERS_KV_MAX_METADATA);

        ngx_workers_usv_free(cx, metadata);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static JSValue
ngx_http_workers_kv_put_value(JSContext *cx, ngx_http_workers_kv_t *kv,
    ngx_str_t *key, JSValueConst value, ngx_http_workers_kv_put_t *put)
{
    JSValue            promise;
    ngx_int_t          rc;
    ngx_str_t          bytes;
    ngx_workers_usv_t  text;

    if (!JS_IsObject(value)) {

        if (ngx_workers_usv(cx, value, &text) != NGX_OK) {
            return JS_EXCEPTION;
        }

        promise = ngx_http_workers_kv_put_bytes(cx, kv, key, &text.str, put);

        ngx_workers_usv_free(cx, &text);

        return promise;
    }

    rc = ngx_workers_get_bytes(cx, value, &bytes);

    if (rc == NGX_OK) {
        return ngx_http_workers_kv_put_bytes(cx, kv, key, &bytes, put);
    }

    if (rc == NGX_ERROR) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_body_is_stream(cx, value)) {
        return ngx_http_workers_kv_put_stream(cx, kv, key, value, put);
    }

    return JS_ThrowTypeError(cx, "KV put() accepts only strings, "
                             "ArrayBuffers, ArrayBufferViews, and "
                             "ReadableStreams as values.");
}


static JSValue
ngx_http_workers_kv_put_stream(JSContext *cx, ngx_http_workers_kv_t *kv,
    ngx_str_t *key, JSValueConst stream, ngx_http_workers_kv_put_t *put)
{
    void                  *unused;
    JSValue                promise;
    ngx_str_t              type, bytes;
    ngx_workers_body_t     body, taken;
    ngx_workers_source_t  *source;

    ngx_workers_body_init(&body);
    ngx_workers_body_init(&taken);

    promise = JS_EXCEPTION;

    /* looks whether it is locked or was read */

    if (ngx_workers_body_extract(cx, &body, stream, &type, &unused) != NGX_OK
        || ngx_workers_body_take(cx, &body, &taken) != NGX_OK)
    {
        goto done;
    }

    if (taken.type == NGX_WORKERS_BODY_BYTES) {

        if (ngx_workers_get_bytes(cx, taken.value, &bytes) == NGX_OK) {
            promise = ngx_http_workers_kv_put_bytes(cx, kv, key, &bytes, put);
        }

        goto done;
    }

    if (taken.type == NGX_WORKERS_BODY_SOURCE) {
        source = taken.source;

    } else {
        source = ngx_workers_pump(cx, ngx_workers_current(cx), taken.value);
    }

    if (source != NULL) {
        promise = ngx_http_workers_kv_put_source(cx, kv, key, source, put);
    }

done:

    ngx_workers_body_free(JS_GetRuntime(cx), &taken);
    ngx_workers_body_free(JS_GetRuntime(cx), &body);

    return promise;
}


static JSValue
ngx_http_workers_kv_put_bytes(JSContext *cx, ngx_http_workers_kv_t *kv,
    ngx_str_t *key, ngx_str_t *value, ngx_http_workers_kv_put_t *put)
{
    ngx_http_workers_kv_write_t  *w;

    if (value->len > NGX_HTTP_WORKERS_KV_MAX_VALUE) {
        return JS_ThrowPlainError(cx, "KV PUT failed: 413 Value length of %zu "
                                  "exceeds limit of %d.", value->len,
                                  NGX_HTTP_WORKERS_KV_MAX_VALUE);
    }

    w = ngx_http_workers_kv_write_create(cx, kv, "PUT", key, value, put);
    if (w == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_http_workers_kv_write_start(cx, w);
}


/* The source is closed in the end, by whom ever. */

static JSValue
ngx_http_workers_kv_put_source(JSContext *cx, ngx_http_workers_kv_t *kv,
    ngx_str_t *key, ngx_workers_source_t *source,
    ngx_http_workers_kv_put_t *put)
{
    JSValue                       promise;
    ngx_int_t                     rc;
    ngx_str_t                     value;
    ngx_http_workers_kv_write_t  *w;

    ngx_str_null(&value);

    w = ngx_http_workers_kv_write_create(cx, kv, "PUT", key, &value, put);
    if (w == NULL) {
        source->close(source);
        return JS_EXCEPTION;
    }

    w->source = source;

    rc = ngx_http_workers_kv_read(w);

    if (rc == NGX_OK) {
        return ngx_http_workers_kv_write_start(cx, w);
    }

    if (rc == NGX_ERROR) {
        (void) ngx_http_workers_kv_write_settle(cx, &w->op);
        ngx_http_workers_kv_write_free(&w->op);
        return JS_EXCEPTION;
    }

    promise = ngx_workers_op_start(cx, source->inv, &w->op);

    if (JS_IsException(promise)) {
        ngx_http_workers_kv_read_close(w);
        ngx_http_workers_kv_write_free(&w->op);
        return JS_EXCEPTION;
    }

    source->wake = ngx_http_workers_kv_read_wake;
    source->orphan = ngx_http_workers_kv_read_orphan;
    source->data = w;

    return promise;
}


JSValue
ngx_http_workers_kv_ext_delete(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                       promise;
    ngx_str_t                     value;
    ngx_workers_usv_t             key;
    ngx_http_workers_kv_t        *kv;
    ngx_http_workers_kv_put_t     put;
    ngx_http_workers_kv_write_t  *w;

    kv = ngx_workers_this(cx, this_val, ngx_http_workers_kv_class.id);
    if (kv == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        (void) ngx_workers_throw_argument(cx, "delete",
                                          NGX_HTTP_WORKERS_KV_CLASS, 1,
                                          "string");
        return ngx_workers_reject(cx);
    }

    if (ngx_workers_require_invocation(cx) == NULL
        || ngx_http_workers_kv_key(cx, argv[0], "DELETE", &key) != NGX_OK)
    {
        return ngx_workers_reject(cx);
    }

    ngx_str_null(&value);
    ngx_str_null(&put.metadata.str);
    put.expires = 0;

    w = ngx_http_workers_kv_write_create(cx, kv, "DELETE", &key.str, &value,
                                         &put);
    ngx_workers_usv_free(cx, &key);

    if (w == NULL) {
        return ngx_workers_reject(cx);
    }

    w->change.kind = NGX_WORKERS_STORE_DELETE;

    promise = ngx_http_workers_kv_write_start(cx, w);

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}


/* A write with copies of its arguments; NULL: an exception is pending. */

static ngx_http_workers_kv_write_t *
ngx_http_workers_kv_write_create(JSContext *cx, ngx_http_workers_kv_t *kv,
    const char *method, ngx_str_t *key, ngx_str_t *value,
    ngx_http_workers_kv_put_t *put)
{
    u_char                       *p;
    ngx_str_t                    *metadata;
    ngx_workers_store_change_t   *ch;
    ngx_http_workers_kv_write_t  *w;

    metadata = &put->metadata.str;

    w = ngx_alloc(sizeof(ngx_http_workers_kv_write_t) + key->len
                  + metadata->len + value->len, ngx_cycle->log);
    if (w == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    ngx_memzero(w, sizeof(ngx_http_workers_kv_write_t));

    w->exception = JS_UNDEFINED;

    w->op.settle = ngx_http_workers_kv_write_settle;
    w->op.free = ngx_http_workers_kv_write_free;

    w->store = kv->store;
    w->method = method;

    w->write.changes = &w->change;
    w->write.handler = ngx_http_workers_kv_write_done;
    w->write.data = w;

    ch = &w->change;
    ch->kind = NGX_WORKERS_STORE_PUT;
    ch->expires = put->expires;

    p = (u_char *) w + sizeof(ngx_http_workers_kv_write_t);

    ch->key.data = p;
    ch->key.len = key->len;
    p = ngx_cpymem(p, key->data, key->len);

    ch->metadata.data = p;
    ch->metadata.len = metadata->len;

    if (metadata->len != 0) {
        p = ngx_cpymem(p, metadata->data, metadata->len);
    }

    ch->value.data = p;
    ch->value.len = value->len;

    if (value->len != 0) {
        ngx_memcpy(p, value->data, value->len);
    }

    return w;
}


/* Queues the write and returns its promise; eats w. */

static JSValue
ngx_http_workers_kv_write_start(JSContext *cx, ngx_http_workers_kv_write_t *w)
{
    JSValue  promise;

    promise = ngx_workers_op_start(cx, ngx_workers_current(cx), &w->op);

    if (JS_IsException(promise)) {
        ngx_http_workers_kv_write_free(&w->op);
        return JS_EXCEPTION;
    }

    if (ngx_workers_store_write(w->store, &w->write) == NGX_OK) {
        return promise;
    }

    ngx_workers_op_abandon(&w->op);
    JS_FreeValue(cx, promise);

    (void) ngx_http_workers_kv_write_settle(cx, &w->op);
    ngx_http_workers_kv_write_free(&w->op);

    return JS_EXCEPTION;
}


static void
ngx_http_workers_kv_write_done(ngx_workers_store_write_t *write)
{
    ngx_http_workers_kv_write_t  *w;

    w = write->data;

    ngx_workers_op_done(&w->op);
}


static JSValue
ngx_http_workers_kv_write_settle(JSContext *cx, ngx_workers_op_t *op)
{
    JSValue                       value;
    ngx_http_workers_kv_write_t  *w;

    w = (ngx_http_workers_kv_write_t *) op;

    if (w->length != 0) {
        return JS_ThrowPlainError(cx, "KV PUT failed: 413 Value length of %zu "
                                  "exceeds limit of %d.", w->length,
                                  NGX_HTTP_WORKERS_KV_MAX_VALUE);
    }

    if (!JS_IsUndefined(w->exception)) {
        value = w->exception;
        w->exception = JS_UNDEFINED;

        return JS_Throw(cx, value);
    }

    if (w->error != NULL) {
        return JS_ThrowTypeError(cx, "%s", w->error);
    }

    if (w->write.error != NGX_WORKERS_STORE_OK) {
        return ngx_http_workers_kv_throw(cx, w->method, w->write.error);
    }

    return JS_UNDEFINED;
}


static void
ngx_http_workers_kv_write_free(ngx_workers_op_t *op)
{
    ngx_http_workers_kv_write_t  *w;

    w = (ngx_http_workers_kv_write_t *) op;

    if (w->buf != NULL) {
        ngx_free(w->buf);
    }

    ngx_free(w);
}


/*
 * NGX_OK: the value is complete.  NGX_AGAIN: the source will wake.
 * NGX_ERROR: settle() throws why.  The source is closed unless NGX_AGAIN.
 */

static ngx_int_t
ngx_http_workers_kv_read(ngx_http_workers_kv_write_t *w)
{
    ngx_int_t              rc;
    ngx_chain_t           *chain;
    ngx_workers_source_t  *source;

    source = w->source;

    if (source->length > NGX_HTTP_WORKERS_KV_MAX_VALUE) {
        w->length = source->length;
        rc = NGX_ERROR;

    } else {
        rc = NGX_OK;
    }

    while (rc == NGX_OK) {
        chain = NULL;

        rc = source->read(source, &chain);

        if (rc == NGX_OK) {
            rc = ngx_http_workers_kv_read_chain(w, chain);

        } else if (rc == NGX_ERROR) {
            w->error = (source->reason != NULL) ? source->reason
                                                : "Network connection lost.";
            w->exception = JS_DupValue(source->inv->iso->cx, source->error);
        }
    }

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    ngx_http_workers_kv_read_close(w);

    if (rc != NGX_DONE) {
        return NGX_ERROR;
    }

    if (w->buf != NULL) {
        w->change.value.data = w->buf;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_kv_read_chain(ngx_http_workers_kv_write_t *w,
    ngx_chain_t *chain)
{
    off_t        hint;
    size_t       len, size;
    u_char      *p;
    ngx_str_t   *value;
    ngx_buf_t   *b;

    value = &w->change.value;

    for ( /* void */ ; chain != NULL; chain = chain->next) {

        b = chain->buf;
        len = b->last - b->pos;

        if (len == 0) {
            continue;
        }

        if (value->len + len > NGX_HTTP_WORKERS_KV_MAX_VALUE) {
            w->length = value->len + len;
            return NGX_ERROR;
        }

        if (value->len + len > w->size) {
            hint = w->source->length;

            size = ngx_max(2 * w->size, NGX_HTTP_WORKERS_KV_FIRST);
            size = ngx_max(size, value->len + len);

            if (hint >= (off_t) (value->len + len)) {
                size = hint;
            }

            p = ngx_alloc(size, ngx_cycle->log);
            if (p == NULL) {
                w->error = "Memory limit would be exceeded before EOF.";
                return NGX_ERROR;
            }

            if (w->buf != NULL) {
                ngx_memcpy(p, w->buf, value->len);
                ngx_free(w->buf);
            }

            w->buf = p;
            w->size = size;
        }

        ngx_memcpy(w->buf + value->len, b->pos, len);

        value->len += len;
        b->pos = b->last;
    }

    return NGX_OK;
}


static void
ngx_http_workers_kv_read_close(ngx_http_workers_kv_write_t *w)
{
    ngx_workers_source_t  *source;

    source = w->source;
    w->source = NULL;

    source->close(source);
}


static void
ngx_http_workers_kv_read_wake(void *data)
{
    ngx_http_workers_kv_write_t *w = data;

    ngx_int_t  rc;

    rc = ngx_http_workers_kv_read(w);

    if (rc == NGX_AGAIN) {
        return;
    }

    if (rc == NGX_OK
        && ngx_workers_store_write(w->store, &w->write) == NGX_OK)
    {
        return;
    }

    ngx_workers_op_done(&w->op);
}


/* The invocation ends before the stream: nothing is written. */

static void
ngx_http_workers_kv_read_orphan(void *data)
{
    ngx_http_workers_kv_write_t *w = data;

    ngx_http_workers_kv_read_close(w);
    ngx_workers_op_done(&w->op);
}
