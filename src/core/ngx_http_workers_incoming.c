
/*
 * Copyright (C) the nginx-workers authors
 *
 * nginx's request as the script's Request: its body and its signal, each made
 * when the script asks for it.
 */


#include "ngx_http_workers_request.h"
#include "../web/ngx_workers_events.h"


#define NGX_HTTP_WORKERS_BODY_COPY  32768


struct ngx_http_workers_body_source_s {
    ngx_workers_source_t      src;
    ngx_http_workers_ctx_t   *ctx;          /* NULL: the request has gone */

    /* of a body that was read before the script ran */
    ngx_chain_t              *next;
    off_t                     offset;
    ngx_chain_t               chain;
    ngx_buf_t                 buf;
    unsigned                  copy:1;
};


static JSValue ngx_http_workers_incoming_signal(JSContext *cx, void *data);
static ngx_workers_source_t *ngx_http_workers_incoming_body(void *data);
static ngx_int_t ngx_http_workers_body_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static ngx_int_t ngx_http_workers_body_start(ngx_http_workers_ctx_t *ctx);
static ngx_int_t ngx_http_workers_body_copy(
    ngx_http_workers_body_source_t *body, ngx_chain_t **out);
static void ngx_http_workers_body_quiet(ngx_http_request_t *r);
static ngx_int_t ngx_http_workers_body_failed(
    ngx_http_workers_body_source_t *body, ngx_int_t rc);
static ngx_chain_t *ngx_http_workers_body_bufs(ngx_http_request_t *r);
static void ngx_http_workers_body_close(ngx_workers_source_t *src);
static void ngx_http_workers_body_started(ngx_http_request_t *r);
static void ngx_http_workers_body_event(ngx_http_request_t *r);


JSValue
ngx_http_workers_incoming(JSContext *cx, ngx_http_workers_ctx_t *ctx)
{
    ngx_http_request_t      *r;
    ngx_workers_incoming_t  *in;

    r = ctx->request;
    in = &ctx->incoming;

    in->method = r->method_name;
    in->url = ngx_http_workers_head_url;
    in->headers = ngx_http_workers_head_headers;
    in->cf = ngx_http_workers_head_cf;
    in->keep = ngx_http_workers_head_keep;
    in->signal = ngx_http_workers_incoming_signal;
    in->body = ngx_http_workers_incoming_body;
    in->data = ctx;

    in->has_body = (r == r->main && !r->discard_body && !r->reading_body
                    && (r->headers_in.content_length != NULL
                        || r->headers_in.chunked));

    return ngx_workers_request_incoming(cx, in, &ctx->js_request);
}


static JSValue
ngx_http_workers_incoming_signal(JSContext *cx, void *data)
{
    ngx_http_workers_ctx_t *ctx = data;

    JSValue  signal;

    signal = ngx_workers_signal_new(cx, &ctx->abort);

    if (JS_IsException(signal)) {
        ctx->abort = JS_UNDEFINED;
    }

    return signal;
}


/* The body: read unbuffered, when somebody reads it. */

static ngx_workers_source_t *
ngx_http_workers_incoming_body(void *data)
{
    ngx_http_workers_ctx_t *ctx = data;

    ngx_http_workers_body_source_t  *body;

    body = ngx_calloc(sizeof(ngx_http_workers_body_source_t),
                      ctx->request->connection->log);
    if (body == NULL) {
        return NULL;
    }

    body->ctx = ctx;
    body->src.read = ngx_http_workers_body_read;
    body->src.close = ngx_http_workers_body_close;
    body->src.length = ctx->request->headers_in.content_length_n;

    ngx_workers_source_init(&body->src, ctx->inv);

    ctx->body = body;

    return &body->src;
}


static ngx_int_t
ngx_http_workers_body_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    ngx_int_t                        rc;
    ngx_http_request_t              *r;
    ngx_http_workers_body_source_t  *body;

    body = (ngx_http_workers_body_source_t *) src;

    if (body->ctx == NULL) {
        src->reason = src->inv->canceled
                      ? "Can't read from request stream because client "
                        "disconnected."
                      : "Can't read from request stream after response has "
                        "been sent.";
        return NGX_ERROR;
    }

    if (body->ctx->body_status != 0) {
        return NGX_ERROR;
    }

    r = body->ctx->request;

    if (!body->ctx->body_read) {

        if (r->discard_body) {
            src->reason = "Can't read from request stream after response has "
                          "been sent.";
            return NGX_ERROR;
        }

        if (r->request_body != NULL) {

            /* another module has read it, and may need it */

            body->ctx->body_read = 1;
            body->copy = 1;
            body->next = r->request_body->bufs;
        }
    }

    if (body->copy) {
        return ngx_http_workers_body_copy(body, out);
    }

    if (!body->ctx->body_read) {
        rc = ngx_http_workers_body_start(body->ctx);

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            return ngx_http_workers_body_failed(body, rc);
        }
    }

    *out = ngx_http_workers_body_bufs(r);

    if (*out != NULL) {
        return NGX_OK;
    }

    if (!r->reading_body) {
        return NGX_DONE;
    }

    rc = ngx_http_read_unbuffered_request_body(r);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return ngx_http_workers_body_failed(body, rc);
    }

    *out = ngx_http_workers_body_bufs(r);

    if (*out != NULL) {
        return NGX_OK;
    }

    return r->reading_body ? NGX_AGAIN : NGX_DONE;
}


static ngx_int_t
ngx_http_workers_body_start(ngx_http_workers_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_http_request_t        *r;
    ngx_http_event_handler_pt  writer;

    r = ctx->request;

    ctx->body_read = 1;
    r->request_body_no_buffering = 1;

    /* nginx expects that nothing is sent so far, and clears the handler */

    writer = r->write_event_handler;

    rc = ngx_http_read_client_request_body(r, ngx_http_workers_body_started);

    r->write_event_handler = writer;

    if (rc < NGX_HTTP_SPECIAL_RESPONSE) {

        /* the request is held since the content handler, once is enough */

        r->main->count--;

        r->read_event_handler = ngx_http_workers_body_event;
    }

    return rc;
}


static ngx_int_t
ngx_http_workers_body_failed(ngx_http_workers_body_source_t *body,
    ngx_int_t rc)
{
    body->ctx->body_status = rc;

    if (rc == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        body->src.reason = "The request body is larger than this server "
                           "accepts.";
        return NGX_ERROR;
    }

    body->src.reason = "Can't read from request stream because client "
                       "disconnected.";
    body->src.inv->canceled = 1;

    return NGX_ERROR;
}


/* A body that was read before, in memory or in a file: copied in pieces. */

static ngx_int_t
ngx_http_workers_body_copy(ngx_http_workers_body_source_t *body,
    ngx_chain_t **out)
{
    off_t                size;
    ssize_t              n;
    ngx_buf_t           *b, *src;
    ngx_http_request_t  *r;

    r = body->ctx->request;

    for ( ;; ) {

        if (body->next == NULL) {
            return NGX_DONE;
        }

        src = body->next->buf;
        size = ngx_buf_size(src) - body->offset;

        if (size > 0) {
            break;
        }

        body->next = body->next->next;
        body->offset = 0;
    }

    b = &body->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(r->pool, NGX_HTTP_WORKERS_BODY_COPY);
        if (b->start == NULL) {
            return ngx_http_workers_body_failed(body,
                                                NGX_HTTP_INTERNAL_SERVER_ERROR);
        }

        b->end = b->start + NGX_HTTP_WORKERS_BODY_COPY;
        b->temporary = 1;
        b->flush = 1;

        body->chain.buf = b;
        body->chain.next = NULL;
    }

    size = ngx_min(size, NGX_HTTP_WORKERS_BODY_COPY);

    b->pos = b->start;

    if (ngx_buf_in_memory(src)) {
        b->last = ngx_cpymem(b->pos, src->pos + body->offset, size);

    } else {
        n = ngx_read_file(src->file, b->pos, size,
                          src->file_pos + body->offset);

        if (n != size) {
            return ngx_http_workers_body_failed(body,
                                                NGX_HTTP_INTERNAL_SERVER_ERROR);
        }

        b->last = b->pos + n;
    }

    body->offset += size;
    *out = &body->chain;

    return NGX_OK;
}


/* What was read: buffers with bytes, and no mark of the end in them. */

static ngx_chain_t *
ngx_http_workers_body_bufs(ngx_http_request_t *r)
{
    ngx_chain_t  *cl, *out, **ll, *next;

    out = NULL;
    ll = &out;

    for (cl = r->request_body->bufs; cl != NULL; cl = next) {
        next = cl->next;

        if (ngx_buf_size(cl->buf) == 0) {
            ngx_free_chain(r->pool, cl);
            continue;
        }

        cl->buf->last_buf = 0;

        *ll = cl;
        ll = &cl->next;
    }

    *ll = NULL;

    r->request_body->bufs = NULL;

    /* client_body_timeout is the client's time, not the script's */

    if (out != NULL && r->connection->read->timer_set) {
        ngx_del_timer(r->connection->read);
    }

    return out;
}


static void
ngx_http_workers_body_close(ngx_workers_source_t *src)
{
    ngx_http_workers_body_source_t  *body;

    body = (ngx_http_workers_body_source_t *) src;

    ngx_workers_source_unlink(src);

    if (body->ctx != NULL) {
        body->ctx->body = NULL;
        ngx_http_workers_body_quiet(body->ctx->request);
    }

    ngx_free(body);
}


/* Nobody waits for the client's body: neither does its timeout. */

static void
ngx_http_workers_body_quiet(ngx_http_request_t *r)
{
    if (r->reading_body && r->connection->read->timer_set) {
        ngx_del_timer(r->connection->read);
    }
}


/*
 * Another handler takes over.  A body that was read is gone, and the request
 * says so; one that was read in part cannot be passed on (NGX_DECLINED).
 */

ngx_int_t
ngx_http_workers_body_give_up(ngx_http_workers_ctx_t *ctx)
{
    ngx_http_request_t           *r;
    ngx_http_request_body_t      *rb;

    static ngx_str_t  zero = ngx_string("0");

    r = ctx->request;

    if (!ctx->body_read || (ctx->body != NULL && ctx->body->copy)) {
        return NGX_OK;
    }

    if (r->reading_body || ctx->body_status != 0) {
        return NGX_DECLINED;
    }

    rb = r->request_body;

    if (rb != NULL) {
        rb->bufs = NULL;
    }

    r->request_body_no_buffering = 0;
    r->read_event_handler = ngx_http_block_reading;

    r->headers_in.content_length_n = 0;
    r->headers_in.chunked = 0;

    if (r->headers_in.content_length != NULL) {
        r->headers_in.content_length->value = zero;
    }

    if (r->headers_in.transfer_encoding != NULL) {
        r->headers_in.transfer_encoding->hash = 0;
    }

    return NGX_OK;
}


void
ngx_http_workers_body_detach(ngx_http_workers_ctx_t *ctx)
{
    ngx_workers_source_t            *src;
    ngx_http_workers_body_source_t  *body;

    body = ctx->body;

    if (body == NULL) {
        return;
    }

    ctx->body = NULL;
    body->ctx = NULL;

    src = &body->src;

    if (src->wake != NULL) {
        src->wake(src->data);
    }
}


/* nginx calls it from ngx_http_read_client_request_body(). */

static void
ngx_http_workers_body_started(ngx_http_request_t *r)
{
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "workers request body reading started");
}


static void
ngx_http_workers_body_event(ngx_http_request_t *r)
{
    ngx_connection_t        *c;
    ngx_workers_source_t    *src;
    ngx_http_workers_ctx_t  *ctx;

    c = r->connection;
    ctx = ngx_http_get_module_ctx(r, ngx_http_workers_module);

    ngx_http_set_log_request(c->log, r);

    if (c->read->timedout) {
        c->timedout = 1;
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    if (ctx == NULL || ctx->body == NULL || !r->reading_body) {
        ngx_http_test_reading(r);
        return;
    }

    src = &ctx->body->src;

    if (src->wake != NULL) {
        src->wake(src->data);
    }
}
