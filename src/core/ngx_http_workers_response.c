
/*
 * Copyright (C) the nginx-workers authors
 *
 * The script's Response to nginx's client: headers, then the body as bytes
 * or from a source, with the client's pace.
 */


#include "ngx_http_workers_request.h"
#include "ngx_workers_pump.h"
#include "../web/ngx_workers_coding.h"
#include "../web/ngx_workers_usv.h"


static ngx_uint_t ngx_http_workers_as_is(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res);
static ngx_uint_t ngx_http_workers_accepts(ngx_http_request_t *r,
    ngx_str_t *coding);
static ngx_uint_t ngx_http_workers_sendfile(ngx_http_request_t *r);
static ngx_int_t ngx_http_workers_take_body(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, ngx_workers_body_t *body);
static ngx_int_t ngx_http_workers_send_header(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, off_t length);
static ngx_uint_t ngx_http_workers_header_coding(ngx_str_t *name,
    ngx_str_t *value);
static ngx_int_t ngx_http_workers_content_type(ngx_http_request_t *r,
    ngx_str_t *value);
static ngx_buf_t *ngx_http_workers_bytes(JSContext *cx, ngx_pool_t *pool,
    ngx_workers_body_t *body);
static void ngx_http_workers_send(ngx_http_workers_ctx_t *ctx);
static ngx_int_t ngx_http_workers_output(ngx_http_workers_ctx_t *ctx,
    ngx_chain_t *out);
static void ngx_http_workers_source_ready(void *data);
static void ngx_http_workers_source_orphan(void *data);
static void ngx_http_workers_writer(ngx_http_request_t *r);
static void ngx_http_workers_finish(ngx_http_workers_ctx_t *ctx,
    ngx_int_t rc, ngx_workers_outcome_e outcome);
static ngx_uint_t ngx_http_workers_error_page(ngx_http_request_t *r,
    ngx_uint_t status);


/* Set by the server itself, or describing a connection that is not theirs. */

static ngx_str_t  ngx_http_workers_hop_headers[] = {
    ngx_string("connection"),
    ngx_string("content-length"),
    ngx_string("keep-alive"),
    ngx_string("proxy-connection"),
    ngx_string("transfer-encoding"),
    ngx_string("upgrade"),
    ngx_null_string
};


static char  ngx_http_workers_page[] =
    "<!DOCTYPE html>" CRLF
    "<html>" CRLF
    "<head><title>%s</title></head>" CRLF
    "<body>" CRLF
    "<h1>Error %ui</h1>" CRLF
    "<p>%s</p>" CRLF
    "<p>Request %V</p>" CRLF
    "</body>" CRLF
    "</html>" CRLF;


void
ngx_http_workers_respond(ngx_http_workers_ctx_t *ctx)
{
    off_t                    length;
    ngx_int_t                rc;
    ngx_buf_t               *b;
    JSContext               *cx;
    ngx_chain_t              out;
    ngx_http_request_t      *r;
    ngx_workers_body_t       body;
    ngx_workers_isolate_t   *iso;
    ngx_workers_response_t  *res;

    r = ctx->request;
    iso = ctx->inv->iso;
    cx = iso->cx;

    res = ngx_workers_response(ctx->inv->result);

    if (res == NULL) {
        ngx_http_workers_fail(ctx, "Incorrect type for Promise: the Promise "
                              "did not resolve to 'Response'.");
        return;
    }

    if (res->error) {
        ngx_http_workers_fail(ctx, "Return value from serve handler must not "
                              "be an error response (like Response.error())");
        return;
    }

    if (res->status == 101) {
        ngx_http_workers_upgrade(ctx, res);
        return;
    }

    if (ngx_http_workers_take_body(ctx, res, &body) != NGX_OK) {
        ngx_http_workers_fail(ctx, NULL);
        return;
    }

    b = NULL;

    if (body.type == NGX_WORKERS_BODY_STRING
        || body.type == NGX_WORKERS_BODY_BYTES)
    {
        b = ngx_http_workers_bytes(cx, r->pool, &body);
        ngx_workers_body_free(iso->rt, &body);

        if (b == NULL) {

            if (iso->exceeded_memory) {
                iso->exceeded_memory = 0;
                ngx_workers_invocation_exceeded(ctx->inv,
                                                NGX_WORKERS_EXCEEDED_MEMORY);
            }

            ngx_http_workers_fail(ctx, NULL);
            return;
        }

        length = b->last - b->pos;

    } else if (body.type == NGX_WORKERS_BODY_SOURCE) {
        ctx->source = body.source;
        ctx->source->wake = ngx_http_workers_source_ready;
        ctx->source->orphan = ngx_http_workers_source_orphan;
        ctx->source->data = ctx;
        ctx->source->pool = r->pool;
        ctx->source->reads_on = 1;

        length = ctx->source->length;

        if (ngx_http_workers_as_is(ctx, res)) {
            ctx->source->as_is = 1;
            length = ctx->source->coded_length;
        }

    } else {
        length = 0;
    }

    /* while a stream is sent, the script may still read the request */

    if (!ctx->body_read
        && (ctx->source == NULL || ctx->js_request == NULL)
        && ctx->body == NULL)
    {
        rc = ngx_http_discard_request_body(r);

        if (rc != NGX_OK) {
            ngx_http_workers_finish(ctx, rc, NGX_WORKERS_OK);
            return;
        }
    }

    if (r->reading_body && ctx->source == NULL) {

        /* nobody will read the rest of the request */

        r->keepalive = 0;
    }

    rc = ngx_http_workers_send_header(ctx, res, length);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        ngx_http_workers_finish(ctx, rc, NGX_WORKERS_OK);
        return;
    }

    if (ctx->source != NULL) {
        ctx->source->files = ngx_http_workers_sendfile(r);
        r->write_event_handler = ngx_http_workers_writer;
        ngx_http_workers_send(ctx);
        return;
    }

    if (b == NULL || b->pos == b->last) {
        b = ngx_calloc_buf(r->pool);

        if (b == NULL) {
            ngx_http_workers_finish(ctx, NGX_ERROR, NGX_WORKERS_OK);
            return;
        }
    }

    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    if (b->pos == b->last && !b->last_buf) {
        b->sync = 1;
    }

    out.buf = b;
    out.next = NULL;

    ngx_http_workers_finish(ctx, ngx_http_output_filter(r, &out),
                            NGX_WORKERS_OK);
}


/*
 * Whether a body that nobody has decoded goes out as it came: the response
 * says so, and the client takes it.
 */

static ngx_uint_t
ngx_http_workers_as_is(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res)
{
    ngx_str_t             *value;
    ngx_workers_source_t  *source;

    source = ctx->source;

    if (source->coding == NGX_WORKERS_CODING_NONE || res->encode_manual
        || res->headers == NULL)
    {
        return 0;
    }

    value = ngx_workers_headers_find(res->headers, "content-encoding", 16);

    return value != NULL
           && ngx_workers_coding(&ctx->script->script, value)
              == source->coding
           && ngx_http_workers_accepts(ctx->request, value);
}


/* RFC 9110, section 12.5.3, as nginx's gzip_static reads it. */

static ngx_uint_t
ngx_http_workers_accepts(ngx_http_request_t *r, ngx_str_t *coding)
{
    u_char     *p, *end, *last;
    ngx_str_t  *value;

    if (r->headers_in.accept_encoding == NULL) {
        return 0;
    }

    value = &r->headers_in.accept_encoding->value;
    last = value->data + value->len;

    for (p = value->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, ',');

        if (end == NULL) {
            end = last;
        }

        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }

        if ((size_t) (end - p) < coding->len
            || ngx_strncasecmp(p, coding->data, coding->len) != 0)
        {
            continue;
        }

        p += coding->len;

        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }

        if (p == end) {
            return 1;
        }

        if (*p != ';') {
            continue;
        }

        /* ";q=0", "; q=0.0" and the like: not acceptable */

        while (p < end && *p != '=') {
            p++;
        }

        for (p++; p < end; p++) {
            if (*p >= '1' && *p <= '9') {
                return 1;
            }
        }

        return 0;
    }

    return 0;
}


/*
 * Whether the body may be in a file: else nginx would read it in the event
 * loop, which its source does not.
 */

static ngx_uint_t
ngx_http_workers_sendfile(ngx_http_request_t *r)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    return clcf->sendfile && r->connection->sendfile
           && !r->main_filter_need_in_memory && !r->filter_need_in_memory
           && !r->filter_need_temporary;
}


/* The body for sending; a stream becomes a source. */

static ngx_int_t
ngx_http_workers_take_body(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, ngx_workers_body_t *body)
{
    ngx_int_t               rc;
    JSContext              *cx;
    ngx_workers_source_t   *src;
    ngx_workers_isolate_t  *iso;

    iso = ctx->inv->iso;
    cx = iso->cx;

    if (res->body.type < NGX_WORKERS_BODY_SOURCE) {

        rc = ngx_workers_body_take(cx, &res->body, body);

        if (rc != NGX_OK) {
            ngx_workers_log_exception(cx, ctx->inv, NGX_LOG_ERR,
                                      "uncaught exception");
        }

        return rc;
    }

    /*
     * Streams are JavaScript's: to take one is to run some, which must not
     * end the request meanwhile.
     */

    ctx->inv->ready = NULL;

    ngx_workers_enter(iso, ctx->inv);

    rc = ngx_workers_body_take(cx, &res->body, body);

    if (rc == NGX_OK && body->type == NGX_WORKERS_BODY_STREAM) {

        src = ngx_workers_pump(cx, ctx->inv, body->value);
        ngx_workers_body_free(iso->rt, body);

        if (src == NULL) {
            rc = NGX_ERROR;

        } else {
            body->type = NGX_WORKERS_BODY_SOURCE;
            body->source = src;
        }
    }

    if (rc != NGX_OK) {
        ngx_workers_log_exception(cx, ctx->inv, NGX_LOG_ERR,
                                  "uncaught exception");
    }

    ngx_workers_leave(iso);

    ctx->inv->ready = ngx_http_workers_ready;

    if (ctx->inv->failed) {

        /* it broke a limit */

        if (rc == NGX_OK && body->type == NGX_WORKERS_BODY_SOURCE) {
            body->source->close(body->source);

        } else if (rc == NGX_OK) {
            ngx_workers_body_free(iso->rt, body);
        }

        return NGX_ERROR;
    }

    return rc;
}


static ngx_int_t
ngx_http_workers_send_header(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, off_t length)
{
    ngx_int_t               n;
    ngx_str_t              *value;
    ngx_uint_t              i;
    ngx_http_request_t     *r;
    ngx_workers_header_t   *h;

    r = ctx->request;

    /* a 304 says nothing of the length that a 200 would have */

    r->headers_out.status = res->status;
    r->headers_out.content_length_n = (res->status == NGX_HTTP_NOT_MODIFIED)
                                      ? -1 : length;

    r->disable_not_modified = 1;
    r->keepalive = r->keepalive && !ngx_exiting;

    if (res->status_text.len != 0) {
        u_char  *p;

        p = ngx_pnalloc(r->pool, NGX_INT_T_LEN + 1 + res->status_text.len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        r->headers_out.status_line.data = p;
        r->headers_out.status_line.len = ngx_sprintf(p, "%03ui %V",
                                                     res->status,
                                                     &res->status_text)
                                         - p;
    }

    if (res->headers == NULL) {

        if (res->content_type.len != 0
            && ngx_http_workers_content_type(r, &res->content_type) != NGX_OK)
        {
            return NGX_ERROR;
        }

        return ngx_http_send_header(r);
    }

    h = res->headers->elts;

    for (i = 0; i < res->headers->nelts; i++) {

        if (!res->encode_manual
            && (ctx->source == NULL || !ctx->source->as_is)
            && ngx_http_workers_header_coding(&h[i].name, &h[i].value))
        {
            continue;
        }

        if (ngx_http_workers_header(r, &h[i].name, &h[i].value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    /* what a HEAD response says of a body that it has not */

    if (r->method == NGX_HTTP_HEAD && res->body.type == NGX_WORKERS_BODY_NONE) {

        value = ngx_workers_headers_find(res->headers, "content-length", 14);

        if (value != NULL) {
            n = ngx_atoof(value->data, value->len);

            if (n != NGX_ERROR) {
                r->headers_out.content_length_n = n;
            }
        }
    }

    return ngx_http_send_header(r);
}


/*
 * With encodeBody "automatic" a script that says "Content-Encoding: gzip"
 * hands over plain bytes, and leaves the coding to the server.  They go out
 * plain, or as nginx's gzip filter has them.
 */

static ngx_uint_t
ngx_http_workers_header_coding(ngx_str_t *name, ngx_str_t *value)
{
    if (name->len != 16
        || ngx_strncasecmp(name->data, (u_char *) "content-encoding", 16) != 0)
    {
        return 0;
    }

    return (value->len == 4
            && ngx_strncasecmp(value->data, (u_char *) "gzip", 4) == 0)
           || (value->len == 2
               && ngx_strncasecmp(value->data, (u_char *) "br", 2) == 0);
}


ngx_int_t
ngx_http_workers_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char           *p;
    ngx_str_t        *hop;
    ngx_table_elt_t  *h;

    if (name->len == 12
        && ngx_strncasecmp(name->data, (u_char *) "content-type", 12) == 0)
    {
        return ngx_http_workers_content_type(r, value);
    }

    for (hop = ngx_http_workers_hop_headers; hop->len != 0; hop++) {
        if (hop->len == name->len
            && ngx_strncasecmp(hop->data, name->data, name->len) == 0)
        {
            return NGX_OK;
        }
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(r->pool, name->len + value->len);
    if (p == NULL) {
        h->hash = 0;
        return NGX_ERROR;
    }

    h->hash = 1;
    h->next = NULL;
    h->key.len = name->len;
    h->key.data = p;
    h->value.len = value->len;
    h->value.data = ngx_cpymem(p, name->data, name->len);

    ngx_memcpy(h->value.data, value->data, value->len);

    switch (name->len) {

    case 4:
        if (ngx_strncasecmp(name->data, (u_char *) "date", 4) == 0) {
            r->headers_out.date = h;

        } else if (ngx_strncasecmp(name->data, (u_char *) "etag", 4) == 0) {
            r->headers_out.etag = h;
        }

        break;

    case 6:
        if (ngx_strncasecmp(name->data, (u_char *) "server", 6) == 0) {
            r->headers_out.server = h;
        }

        break;

    case 13:
        if (ngx_strncasecmp(name->data, (u_char *) "last-modified", 13) == 0) {
            r->headers_out.last_modified = h;
            r->headers_out.last_modified_time = ngx_parse_http_time(
                                                h->value.data, h->value.len);
        }

        break;

    case 16:
        if (r->headers_out.www_authenticate == NULL
            && ngx_strncasecmp(name->data, (u_char *) "www-authenticate", 16)
               == 0)
        {
            r->headers_out.www_authenticate = h;
        }

        if (ngx_strncasecmp(name->data, (u_char *) "content-encoding", 16)
            == 0)
        {
            r->headers_out.content_encoding = h;
        }

        break;
    }

    return NGX_OK;
}


/* The value as it is; what gzip_types and the like compare is without ";". */

static ngx_int_t
ngx_http_workers_content_type(ngx_http_request_t *r, ngx_str_t *value)
{
    u_char  *p, *last;

    p = ngx_pnalloc(r->pool, value->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, value->data, value->len);

    r->headers_out.content_type.data = p;
    r->headers_out.content_type.len = value->len;
    r->headers_out.content_type_lowcase = NULL;

    last = p + value->len;

    while (p < last && *p != ';') {
        p++;
    }

    while (p > r->headers_out.content_type.data && p[-1] == ' ') {
        p--;
    }

    r->headers_out.content_type_len = p - r->headers_out.content_type.data;

    return NGX_OK;
}


/* A string or bytes, copied: nginx may send them after JavaScript ran. */

static ngx_buf_t *
ngx_http_workers_bytes(JSContext *cx, ngx_pool_t *pool,
    ngx_workers_body_t *body)
{
    ngx_buf_t          *b;
    ngx_str_t           bytes;
    ngx_workers_usv_t   usv;

    if (body->type == NGX_WORKERS_BODY_STRING) {

        if (ngx_workers_usv(cx, body->value, &usv) != NGX_OK) {
            JS_FreeValue(cx, JS_GetException(cx));
            return NULL;
        }

        bytes = usv.str;

    } else if (ngx_workers_get_bytes(cx, body->value, &bytes) != NGX_OK) {
        JS_FreeValue(cx, JS_GetException(cx));
        return NULL;
    }

    b = ngx_create_temp_buf(pool, bytes.len ? bytes.len : 1);

    if (b != NULL && bytes.len != 0) {
        b->last = ngx_cpymem(b->pos, bytes.data, bytes.len);
    }

    if (body->type == NGX_WORKERS_BODY_STRING) {
        ngx_workers_usv_free(cx, &usv);
    }

    return b;
}


/* Moves what the source has to the client, as far as the client takes it. */

static void
ngx_http_workers_send(ngx_http_workers_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_chain_t         *out;
    ngx_http_request_t  *r;

    r = ctx->request;

    for ( ;; ) {

        if (ctx->writing) {
            return;
        }

        out = NULL;
        rc = ctx->source->read(ctx->source, &out);

        if (rc == NGX_AGAIN) {
            return;
        }

        if (rc == NGX_ERROR) {

            /* too late for an error page: the client sees a broken body */

            if (!JS_IsUndefined(ctx->source->error)) {
                ngx_workers_log_reason(ctx->inv->iso->cx, ctx->inv,
                                       ctx->inv->canceled ? NGX_LOG_INFO
                                                          : NGX_LOG_ERR,
                                       "response body failed",
                                       ctx->source->error);

            } else {
                ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                              "response body ended early: %s",
                              ctx->source->reason != NULL
                              ? ctx->source->reason : "unknown reason");
            }

            (void) ngx_http_send_special(r, NGX_HTTP_FLUSH);

            r->keepalive = 0;
            ngx_http_workers_finish(ctx, NGX_ERROR, NGX_WORKERS_EXCEPTION);
            return;
        }

        if (rc == NGX_DONE) {
            rc = ngx_http_send_special(r, NGX_HTTP_LAST);
            ngx_http_workers_finish(ctx, rc, NGX_WORKERS_OK);
            return;
        }

        rc = ngx_http_workers_output(ctx, out);

        if (rc == NGX_ERROR) {
            ngx_http_workers_finish(ctx, NGX_ERROR, NGX_WORKERS_CANCELED);
            return;
        }
    }
}


/* NGX_OK: all went out, the buffers are free.  NGX_AGAIN: ctx->writing. */

static ngx_int_t
ngx_http_workers_output(ngx_http_workers_ctx_t *ctx, ngx_chain_t *out)
{
    ngx_int_t                  rc;
    ngx_event_t               *wev;
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf;

    r = ctx->request;
    c = r->connection;
    wev = c->write;

    rc = ngx_http_output_filter(r, out);

    if (rc != NGX_ERROR && (c->buffered & NGX_LOWLEVEL_BUFFERED)
        && wev->ready && !wev->delayed)
    {
        /*
         * The end of a chunk may stay in the buffer of TLS, which waits for
         * more; the socket takes it, and no event would come.
         */

        rc = ngx_http_output_filter(r, NULL);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    /* a subrequest's buffers wait in the main request's chain */

    if (!r->buffered && !r->postponed && !c->buffered) {

        ctx->writing = 0;

        if (wev->timer_set && !wev->delayed) {
            ngx_del_timer(wev);
        }

        return NGX_OK;
    }

    ctx->writing = 1;

    clcf = ngx_http_get_module_loc_conf(r->main, ngx_http_core_module);

    if (!wev->delayed) {
        ngx_add_timer(wev, clcf->send_timeout);
    }

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


static void
ngx_http_workers_source_ready(void *data)
{
    ngx_connection_t        *c;
    ngx_http_workers_ctx_t  *ctx;

    ctx = data;
    c = ctx->request->connection;

    ngx_http_set_log_request(c->log, ctx->request);

    ngx_http_workers_send(ctx);

    ngx_http_run_posted_requests(c);
}


/* Process exit: the invocation ends before its request. */

static void
ngx_http_workers_source_orphan(void *data)
{
    ngx_workers_source_t    *src;
    ngx_http_workers_ctx_t  *ctx;

    ctx = data;

    src = ctx->source;
    ctx->source = NULL;

    src->close(src);
}


static void
ngx_http_workers_writer(ngx_http_request_t *r)
{
    ngx_event_t             *wev;
    ngx_connection_t        *c;
    ngx_http_workers_ctx_t  *ctx;

    c = r->connection;
    wev = c->write;
    ctx = ngx_http_get_module_ctx(r, ngx_http_workers_module);

    if (wev->timedout) {
        ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT, "client timed out");
        c->timedout = 1;
        ngx_http_workers_finish(ctx, NGX_HTTP_REQUEST_TIME_OUT,
                                NGX_WORKERS_CANCELED);
        return;
    }

    if (!ctx->writing) {
        return;
    }

    switch (ngx_http_workers_output(ctx, NULL)) {

    case NGX_OK:
        ngx_http_workers_send(ctx);
        break;

    case NGX_ERROR:
        ngx_http_workers_finish(ctx, NGX_ERROR, NGX_WORKERS_CANCELED);
        break;
    }
}


/* The script's part is done; nginx sends what is left. */

static void
ngx_http_workers_finish(ngx_http_workers_ctx_t *ctx, ngx_int_t rc,
    ngx_workers_outcome_e outcome)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    ngx_http_workers_detach(ctx, outcome);

    r->connection->log->action = "sending to client";

    if (!ctx->body_read && rc != NGX_ERROR) {

        /* it could have been read while the response was sent */

        if (r->headers_in.expect != NULL && !r->expect_tested) {

            /* too late for "100 Continue": the body may never come */

            r->expect_tested = 1;
            r->keepalive = 0;
        }

        if (ngx_http_discard_request_body(r) != NGX_OK) {
            rc = NGX_ERROR;
        }
    }

    ngx_http_finalize_request(r, rc);
}


void
ngx_http_workers_fail(ngx_http_workers_ctx_t *ctx, const char *text)
{
    ngx_workers_invocation_t  *inv;

    inv = ctx->inv;

    if (text != NULL) {
        ngx_log_error(NGX_LOG_ERR, inv->log, 0,
                      "worker \"%V\" request %V: uncaught exception: "
                      "TypeError: %s", &ctx->script->script.name,
                      ngx_workers_invocation_id(inv), text);
    }

    if (inv->outcome == NGX_WORKERS_UNKNOWN) {
        inv->outcome = NGX_WORKERS_EXCEPTION;
    }

    ngx_http_workers_respond_error(ctx);
}


void
ngx_http_workers_respond_error(ngx_http_workers_ctx_t *ctx)
{
    size_t                        len;
    ngx_int_t                     rc;
    ngx_buf_t                    *b;
    ngx_str_t                     id, name;
    ngx_uint_t                    status, code;
    const char                   *title, *text;
    ngx_chain_t                   out;
    ngx_http_request_t           *r;
    ngx_workers_outcome_e         outcome;
    ngx_http_workers_loc_conf_t  *wlcf;

    r = ctx->request;
    outcome = ctx->inv->outcome;

    if (ctx->socket != NULL) {
        ngx_http_workers_socket_fail(ctx);
        return;
    }

    if (r->header_sent) {
        r->keepalive = 0;
        ngx_http_workers_finish(ctx, NGX_ERROR, outcome);
        return;
    }

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_workers_module);

    if (ctx->inv->pass_through && outcome == NGX_WORKERS_EXCEPTION
        && ctx->body_status == 0 && wlcf->fallback.len != 0
        && ngx_http_workers_body_give_up(ctx) == NGX_OK)
    {
        name = wlcf->fallback;

        ngx_http_workers_detach(ctx, outcome);
        ngx_http_finalize_request(r, ngx_http_named_location(r, &name));
        return;
    }

    id = ngx_http_workers_id(ctx);

    ngx_http_workers_detach(ctx, outcome);

    if (ctx->body_status != 0) {
        ngx_http_finalize_request(r, ctx->body_status);
        return;
    }

    if (outcome == NGX_WORKERS_EXCEPTION || outcome == NGX_WORKERS_CANCELED) {
        status = NGX_HTTP_INTERNAL_SERVER_ERROR;
        code = 1101;
        title = "Worker threw exception";
        text = "The worker that serves this site threw an exception.";

    } else {
        status = NGX_HTTP_SERVICE_UNAVAILABLE;
        code = 1102;
        title = "Worker exceeded resource limits";
        text = "The worker that serves this site exceeded a resource limit.";
    }

    if (!ctx->body_read) {
        rc = ngx_http_discard_request_body(r);

        if (rc != NGX_OK) {
            ngx_http_finalize_request(r, rc);
            return;
        }
    }

    if (ngx_http_workers_error_page(r, status)) {
        ngx_http_finalize_request(r, status);
        return;
    }

    /* it may be what a client has sent */

    len = id.len + ngx_escape_html(NULL, id.data, id.len);

    name.data = ngx_pnalloc(r->pool, len);
    if (name.data == NULL) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    name.len = (u_char *) ngx_escape_html(name.data, id.data, id.len)
               - name.data;

    len = sizeof(ngx_http_workers_page) + ngx_strlen(title) + ngx_strlen(text)
          + NGX_INT_T_LEN + name.len;

    b = ngx_create_temp_buf(r->pool, len);

    if (b == NULL) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    b->last = ngx_sprintf(b->pos, ngx_http_workers_page, title, code, text,
                          &name);
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    r->headers_out.status = status;
    r->headers_out.content_length_n = b->last - b->pos;
    ngx_str_set(&r->headers_out.content_type, "text/html; charset=UTF-8");
    r->headers_out.content_type_len = sizeof("text/html") - 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    out.buf = b;
    out.next = NULL;

    ngx_http_finalize_request(r, ngx_http_output_filter(r, &out));
}


/* Whether the administrator has an error_page of his own for the status. */

static ngx_uint_t
ngx_http_workers_error_page(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_uint_t                  i;
    ngx_http_err_page_t        *page;
    ngx_http_core_loc_conf_t   *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->error_pages == NULL) {
        return 0;
    }

    page = clcf->error_pages->elts;

    for (i = 0; i < clcf->error_pages->nelts; i++) {
        if ((ngx_uint_t) page[i].status == status) {
            return 1;
        }
    }

    return 0;
}
