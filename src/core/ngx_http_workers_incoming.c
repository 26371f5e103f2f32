
/*
 * Copyright (C) the nginx-workers authors
 *
 * nginx's request as the script's Request: URL, headers, cf and body, each
 * made when the script asks for it.
 */


#include "ngx_http_workers_request.h"
#include "../web/ngx_workers_events.h"

#include <openssl/rand.h>


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


static JSValue ngx_http_workers_incoming_url(JSContext *cx, void *data);
static ngx_str_t ngx_http_workers_incoming_host(ngx_http_request_t *r);
static ngx_uint_t ngx_http_workers_incoming_simple(ngx_str_t *host,
    ngx_str_t *uri);
static ngx_uint_t ngx_http_workers_secure(ngx_http_request_t *r);
static ngx_int_t ngx_http_workers_incoming_headers(JSContext *cx, void *data,
    ngx_workers_headers_t *headers);
static ngx_int_t ngx_http_workers_incoming_add(JSContext *cx,
    ngx_workers_headers_t *headers, const char *name, ngx_str_t *value);
static JSValue ngx_http_workers_incoming_cf(JSContext *cx, void *data);
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


/*
 * Headers that this server speaks for: what a client sends under these names
 * is not passed on.
 */

static ngx_str_t  ngx_http_workers_own_headers[] = {
    ngx_string("cf-connecting-ip"),
    ngx_string("cf-ray"),
    ngx_string("cf-visitor"),
    ngx_string("accept-encoding"),
    ngx_null_string
};


JSValue
ngx_http_workers_incoming(JSContext *cx, ngx_http_workers_ctx_t *ctx)
{
    ngx_http_request_t      *r;
    ngx_workers_incoming_t  *in;

    r = ctx->request;
    in = &ctx->incoming;

    in->method = r->method_name;
    in->url = ngx_http_workers_incoming_url;
    in->headers = ngx_http_workers_incoming_headers;
    in->cf = ngx_http_workers_incoming_cf;
    in->signal = ngx_http_workers_incoming_signal;
    in->body = ngx_http_workers_incoming_body;
    in->data = ctx;

    in->has_body = (r == r->main && !r->discard_body && !r->reading_body
                    && (r->headers_in.content_length != NULL
                        || r->headers_in.chunked));

    return ngx_workers_request_incoming(cx, in, &ctx->js_request);
}


static JSValue
ngx_http_workers_incoming_url(JSContext *cx, void *data)
{
    ngx_http_workers_ctx_t *ctx = data;

    size_t                     len;
    u_char                    *p;
    JSValue                    value, url;
    ngx_str_t                  host, uri;
    ngx_uint_t                 parsed, simple;
    ngx_http_request_t        *r;

    r = ctx->request;

    host = ngx_http_workers_incoming_host(r);

    uri = r->unparsed_uri;
    parsed = (r != r->main || uri.len == 0 || uri.data[0] != '/');

    if (parsed) {
        uri = r->uri;
    }

    simple = !parsed && ngx_http_workers_incoming_simple(&host, &uri);

    len = sizeof("https://") - 1 + host.len + uri.len + 1 + r->args.len;

    p = js_malloc(cx, len);
    if (p == NULL) {
        return JS_EXCEPTION;
    }

    len = ngx_sprintf(p, "http%s://%V%V", ngx_http_workers_secure(r) ? "s" : "",
                      &host, &uri)
          - p;

    if (parsed && r->args.len) {
        len = ngx_sprintf(p + len, "?%V", &r->args) - p;
    }

    value = ngx_workers_utf8_decode(cx, p, len);

    js_free(cx, p);

    if (simple || JS_IsException(value)) {
        return value;
    }

    url = ngx_workers_fetch_parse_url(cx, value);

    if (JS_IsException(url)) {

        /* no URL by the standard: the script sees what the client sent */

        JS_FreeValue(cx, JS_GetException(cx));
        return value;
    }

    JS_FreeValue(cx, value);

    return url;
}


/* The host of "GET http://host:81/" stands above the Host header. */

static ngx_str_t
ngx_http_workers_incoming_host(ngx_http_request_t *r)
{
    u_char                    *p, *end;
    ngx_str_t                  host;
    ngx_http_core_srv_conf_t  *cscf;

    if (r->host_start != NULL && r->host_end > r->host_start) {

        end = r->host_end;

        if (*end == ':') {
            for (p = end + 1; *p >= '0' && *p <= '9'; p++) {
                end = p + 1;
            }
        }

        host.data = r->host_start;
        host.len = end - r->host_start;

        return host;
    }

    host = (r->headers_in.host != NULL) ? r->headers_in.host->value
                                        : r->headers_in.server;

    if (host.len == 0) {

        /* HTTP/1.0: the path must not become the host */

        cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);
        host = cscf->server_name;
    }

    if (host.len == 0) {
        ngx_str_set(&host, "localhost");
    }

    return host;
}


/*
 * Whether the URL Standard's parser and serialiser would change nothing: a
 * lower-case name, maybe with a port of four digits or more, and a path and
 * query of plain characters without dots behind a slash.
 */

static ngx_uint_t
ngx_http_workers_incoming_simple(ngx_str_t *host, ngx_str_t *uri)
{
    u_char  *p, *last, *label, *end;

    last = host->data + host->len;
    label = host->data;

    p = ngx_strlchr(host->data, last, ':');

    if (p != NULL) {

        /* neither a default port nor one that is written with zeros */

        if (last - p < 5 || p[1] < '1' || p[1] > '5' || last - p > 6) {
            return 0;
        }

        for (end = p; ++p < last; /* void */ ) {
            if (*p < '0' || *p > '9') {
                return 0;
            }
        }

        last = end;
    }

    for (p = host->data; p < last; p++) {

        if (*p == '.') {
            label = p + 1;
            continue;
        }

        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9')
              || *p == '-'))
        {
            return 0;
        }
    }

    /* "127.1" is an address, "xn--" a name to be looked at */

    if (label == last || *label < 'a'
        || ngx_strnstr(host->data, "xn--", host->len) != NULL)
    {
        return 0;
    }

    last = uri->data + uri->len;

    for (p = uri->data; p < last; p++) {

        if (*p <= 0x20 || *p >= 0x7f) {
            return 0;
        }

        switch (*p) {

        case '"': case '#': case '<': case '>': case '\\':
        case '^': case '`': case '{': case '}': case '\'':
            return 0;

        case '/':
            if (p + 1 < last && (p[1] == '.' || p[1] == '%')) {
                return 0;
            }

            break;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_http_workers_secure(ngx_http_request_t *r)
{
#if (NGX_HTTP_SSL)
    return r->connection->ssl != NULL;
#else
    return 0;
#endif
}


static ngx_int_t
ngx_http_workers_incoming_headers(JSContext *cx, void *data,
    ngx_workers_headers_t *headers)
{
    ngx_http_workers_ctx_t *ctx = data;

    ngx_str_t            value, *own;
    ngx_uint_t           i;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h;
    ngx_http_request_t  *r;

    r = ctx->request;

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        for (own = ngx_http_workers_own_headers; own->len != 0; own++) {
            if (own->len == h[i].key.len
                && ngx_strncmp(own->data, h[i].lowcase_key, own->len) == 0)
            {
                break;
            }
        }

        if (own->len != 0) {
            continue;
        }

        if (ngx_workers_headers_add(cx, headers, &h[i].key, &h[i].value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_str_set(&value, "br, gzip");

    if (ngx_http_workers_incoming_add(cx, headers, "accept-encoding", &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    value = r->connection->addr_text;

    if (ngx_http_workers_incoming_add(cx, headers, "cf-connecting-ip", &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    value = ngx_http_workers_id(ctx);

    if (ngx_http_workers_incoming_add(cx, headers, "cf-ray", &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_workers_secure(r)) {
        ngx_str_set(&value, "{\"scheme\":\"https\"}");

    } else {
        ngx_str_set(&value, "{\"scheme\":\"http\"}");
    }

    return ngx_http_workers_incoming_add(cx, headers, "cf-visitor", &value);
}


static ngx_int_t
ngx_http_workers_incoming_add(JSContext *cx, ngx_workers_headers_t *headers,
    const char *name, ngx_str_t *value)
{
    ngx_str_t  key;

    key.data = (u_char *) name;
    key.len = ngx_strlen(name);

    return ngx_workers_headers_add(cx, headers, &key, value);
}


/* workers_request_id, or 16 random hexadecimal digits and the colo. */

ngx_str_t
ngx_http_workers_id(ngx_http_workers_ctx_t *ctx)
{
    u_char                         random[8];
    ngx_http_request_t            *r;
    ngx_http_workers_main_conf_t  *wmcf;

    if (ctx->id.data != NULL) {
        return ctx->id;
    }

    r = ctx->request;
    wmcf = ctx->script->main;

    if (wmcf->request_id != NULL
        && ngx_http_complex_value(r, wmcf->request_id, &ctx->id) == NGX_OK)
    {
        return ctx->id;
    }

    ctx->id.data = ngx_pnalloc(r->pool, 17 + wmcf->colo.len);
    if (ctx->id.data == NULL) {
        ctx->id.len = 0;
        return ctx->id;
    }

    if (RAND_bytes(random, sizeof(random)) != 1) {
        ngx_memzero(random, sizeof(random));
    }

    ctx->id.len = ngx_sprintf(ngx_hex_dump(ctx->id.data, random, 8), "-%V",
                              &wmcf->colo)
                  - ctx->id.data;

    return ctx->id;
}


/* What nginx knows of request.cf. */

static JSValue
ngx_http_workers_incoming_cf(JSContext *cx, void *data)
{
    ngx_http_workers_ctx_t *ctx = data;

    JSValue              cf;
    ngx_str_t            accept;
    const char          *protocol;
    ngx_http_request_t  *r;

    r = ctx->request;

    switch (r->http_version) {

    case NGX_HTTP_VERSION_10:
        protocol = "HTTP/1.0";
        break;

    case NGX_HTTP_VERSION_20:
        protocol = "HTTP/2";
        break;

    case NGX_HTTP_VERSION_30:
        protocol = "HTTP/3";
        break;

    default:
        protocol = "HTTP/1.1";
        break;
    }

    ngx_str_null(&accept);

#if (NGX_HTTP_GZIP)
    if (r->headers_in.accept_encoding != NULL) {
        accept = r->headers_in.accept_encoding->value;
    }
#endif

    cf = JS_NewObject(cx);
    if (JS_IsException(cf)) {
        return cf;
    }

    if (ngx_workers_set(cx, cf, "httpProtocol", JS_NewString(cx, protocol))
        != NGX_OK
        || ngx_workers_set(cx, cf, "clientAcceptEncoding",
                           ngx_workers_utf8_decode(cx, accept.data,
                                                   accept.len))
           != NGX_OK
        || ngx_workers_set(cx, cf, "colo",
                           ngx_workers_new_string(cx,
                                                  &ctx->script->main->colo))
           != NGX_OK
        || ngx_workers_set(cx, cf, "edgeRequestKeepAliveStatus",
                           JS_NewInt32(cx, r->keepalive ? 1 : 0))
           != NGX_OK
        || ngx_workers_set(cx, cf, "requestPriority", JS_NewString(cx, ""))
           != NGX_OK)
    {
        JS_FreeValue(cx, cf);
        return JS_EXCEPTION;
    }

#if (NGX_HTTP_SSL)

    if (r->connection->ssl != NULL) {
        SSL  *ssl;

        ssl = r->connection->ssl->connection;

        if (ngx_workers_set(cx, cf, "tlsVersion",
                            JS_NewString(cx, SSL_get_version(ssl)))
            != NGX_OK
            || ngx_workers_set(cx, cf, "tlsCipher",
                               JS_NewString(cx, SSL_get_cipher_name(ssl)))
               != NGX_OK)
        {
            JS_FreeValue(cx, cf);
            return JS_EXCEPTION;
        }
    }

#endif

    return cf;
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
