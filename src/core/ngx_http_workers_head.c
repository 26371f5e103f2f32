
/*
 * Copyright (C) the nginx-workers authors
 *
 * The head of nginx's request as the script's Request shows it: URL, headers
 * and cf, each made when the script asks for it.  A Request that outlives
 * nginx's request has a copy to make them of: scripts that keep one mostly do
 * not know that they do, and never ask.
 */


#include "ngx_http_workers_request.h"

#include <openssl/rand.h>


typedef struct {
    ngx_str_t                host;
    ngx_str_t                uri;
    ngx_str_t                args;          /* empty: none, or in uri */
    unsigned                 secure:1;
    unsigned                 simple:1;      /* is serialised as it is */
} ngx_http_workers_url_t;


/* What request.cf is made of. */
typedef struct {
    const char              *protocol;
    const char              *tls_version;   /* NULL: no TLS */
    const char              *tls_cipher;
    ngx_str_t                colo;
    ngx_str_t                accept_encoding;
    ngx_uint_t               keepalive;
} ngx_http_workers_cf_t;


/* The copy: one block, with all the bytes behind its headers. */
typedef struct {
    ngx_workers_incoming_t   incoming;
    ngx_str_t                url;
    ngx_uint_t               simple;
    ngx_http_workers_cf_t    cf;
    ngx_uint_t               nheaders;
    ngx_keyval_t             headers[1];
} ngx_http_workers_kept_t;


typedef ngx_int_t (*ngx_http_workers_header_pt)(void *data, ngx_str_t *key,
    ngx_str_t *value);


typedef struct {
    JSContext               *cx;
    ngx_workers_headers_t   *headers;
} ngx_http_workers_header_list_t;


typedef struct {
    ngx_uint_t               n;
    size_t                   size;
} ngx_http_workers_header_sum_t;


typedef struct {
    ngx_http_workers_kept_t  *kept;
    u_char                   *last;
} ngx_http_workers_header_copy_t;


static void ngx_http_workers_head_get_url(ngx_http_request_t *r,
    ngx_http_workers_url_t *url);
static size_t ngx_http_workers_head_url_size(ngx_http_workers_url_t *url);
static u_char *ngx_http_workers_head_print_url(u_char *p,
    ngx_http_workers_url_t *url);
static JSValue ngx_http_workers_head_new_url(JSContext *cx, u_char *text,
    size_t len, ngx_uint_t simple);
static ngx_str_t ngx_http_workers_head_host(ngx_http_request_t *r);
static ngx_uint_t ngx_http_workers_head_simple(ngx_str_t *host,
    ngx_str_t *uri);
static ngx_uint_t ngx_http_workers_secure(ngx_http_request_t *r);
static ngx_int_t ngx_http_workers_head_each(ngx_http_workers_ctx_t *ctx,
    ngx_http_workers_header_pt handler, void *data);
static ngx_int_t ngx_http_workers_head_list_header(void *data, ngx_str_t *key,
    ngx_str_t *value);
static ngx_int_t ngx_http_workers_head_sum_header(void *data, ngx_str_t *key,
    ngx_str_t *value);
static ngx_int_t ngx_http_workers_head_copy_header(void *data, ngx_str_t *key,
    ngx_str_t *value);
static ngx_int_t ngx_http_workers_random(ngx_http_workers_process_t *process,
    u_char *p, size_t len);
static void ngx_http_workers_head_get_cf(ngx_http_workers_ctx_t *ctx,
    ngx_http_workers_cf_t *cf);
static JSValue ngx_http_workers_head_new_cf(JSContext *cx,
    ngx_http_workers_cf_t *cf);
static JSValue ngx_http_workers_kept_url(JSContext *cx, void *data);
static ngx_int_t ngx_http_workers_kept_headers(JSContext *cx, void *data,
    ngx_workers_headers_t *headers);
static JSValue ngx_http_workers_kept_cf(JSContext *cx, void *data);


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
ngx_http_workers_head_url(JSContext *cx, void *data)
{
    ngx_http_workers_ctx_t *ctx = data;

    u_char                  *p;
    JSValue                  value;
    ngx_http_workers_url_t   url;

    ngx_http_workers_head_get_url(ctx->request, &url);

    p = js_malloc(cx, ngx_http_workers_head_url_size(&url));
    if (p == NULL) {
        return JS_EXCEPTION;
    }

    value = ngx_http_workers_head_new_url(cx, p,
                            ngx_http_workers_head_print_url(p, &url) - p,
                            url.simple);

    js_free(cx, p);

    return value;
}


static void
ngx_http_workers_head_get_url(ngx_http_request_t *r,
    ngx_http_workers_url_t *url)
{
    url->host = ngx_http_workers_head_host(r);
    url->secure = ngx_http_workers_secure(r);

    if (r == r->main && r->unparsed_uri.len != 0
        && r->unparsed_uri.data[0] == '/')
    {
        url->uri = r->unparsed_uri;
        ngx_str_null(&url->args);
        url->simple = ngx_http_workers_head_simple(&url->host, &url->uri);
        return;
    }

    url->uri = r->uri;
    url->args = r->args;
    url->simple = 0;
}


static size_t
ngx_http_workers_head_url_size(ngx_http_workers_url_t *url)
{
    return sizeof("https://") - 1 + url->host.len + url->uri.len + 1
           + url->args.len;
}


static u_char *
ngx_http_workers_head_print_url(u_char *p, ngx_http_workers_url_t *url)
{
    p = url->secure ? ngx_cpymem(p, "https://", sizeof("https://") - 1)
                    : ngx_cpymem(p, "http://", sizeof("http://") - 1);
    p = ngx_cpymem(p, url->host.data, url->host.len);
    p = ngx_cpymem(p, url->uri.data, url->uri.len);

    if (url->args.len != 0) {
        *p++ = '?';
        p = ngx_cpymem(p, url->args.data, url->args.len);
    }

    return p;
}


static JSValue
ngx_http_workers_head_new_url(JSContext *cx, u_char *text, size_t len,
    ngx_uint_t simple)
{
    JSValue  value, url;

    value = ngx_workers_utf8_decode(cx, text, len);

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
ngx_http_workers_head_host(ngx_http_request_t *r)
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
ngx_http_workers_head_simple(ngx_str_t *host, ngx_str_t *uri)
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


ngx_int_t
ngx_http_workers_head_headers(JSContext *cx, void *data,
    ngx_workers_headers_t *headers)
{
    ngx_http_workers_header_list_t  list;

    list.cx = cx;
    list.headers = headers;

    return ngx_http_workers_head_each(data, ngx_http_workers_head_list_header,
                                      &list);
}


/* The headers that the script sees, and the server's own after them. */

static ngx_int_t
ngx_http_workers_head_each(ngx_http_workers_ctx_t *ctx,
    ngx_http_workers_header_pt handler, void *data)
{
    ngx_str_t           *own;
    ngx_uint_t           i;
    ngx_keyval_t         last[4];
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

        if (handler(data, &h[i].key, &h[i].value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_str_set(&last[0].key, "accept-encoding");
    ngx_str_set(&last[0].value, "br, gzip");

    ngx_str_set(&last[1].key, "cf-connecting-ip");
    last[1].value = r->connection->addr_text;

    ngx_str_set(&last[2].key, "cf-ray");
    last[2].value = ngx_http_workers_id(ctx);

    ngx_str_set(&last[3].key, "cf-visitor");

    if (ngx_http_workers_secure(r)) {
        ngx_str_set(&last[3].value, "{\"scheme\":\"https\"}");

    } else {
        ngx_str_set(&last[3].value, "{\"scheme\":\"http\"}");
    }

    for (i = 0; i < 4; i++) {
        if (handler(data, &last[i].key, &last[i].value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_head_list_header(void *data, ngx_str_t *key, ngx_str_t *value)
{
    ngx_http_workers_header_list_t *list = data;

    return ngx_workers_headers_add(list->cx, list->headers, key, value);
}


static ngx_int_t
ngx_http_workers_head_sum_header(void *data, ngx_str_t *key, ngx_str_t *value)
{
    ngx_http_workers_header_sum_t *sum = data;

    sum->n++;
    sum->size += key->len + value->len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_head_copy_header(void *data, ngx_str_t *key, ngx_str_t *value)
{
    ngx_http_workers_header_copy_t *copy = data;

    ngx_keyval_t  *header;

    header = &copy->kept->headers[copy->kept->nheaders++];

    header->key.len = key->len;
    header->key.data = copy->last;
    copy->last = ngx_cpymem(copy->last, key->data, key->len);

    header->value.len = value->len;
    header->value.data = copy->last;
    copy->last = ngx_cpymem(copy->last, value->data, value->len);

    return NGX_OK;
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

    if (ngx_http_workers_random(wmcf->process, random, sizeof(random))
        != NGX_OK)
    {
        ngx_memzero(random, sizeof(random));
    }

    ctx->id.len = ngx_sprintf(ngx_hex_dump(ctx->id.data, random, 8), "-%V",
                              &wmcf->colo)
                  - ctx->id.data;

    return ctx->id;
}


/* OpenSSL is asked for many at a time: a call costs more than its bytes. */

static ngx_int_t
ngx_http_workers_random(ngx_http_workers_process_t *process, u_char *p,
    size_t len)
{
    if (process->nrandom < len) {

        if (RAND_bytes(process->random, sizeof(process->random)) != 1) {
            return NGX_ERROR;
        }

        process->nrandom = sizeof(process->random);
    }

    process->nrandom -= len;
    ngx_memcpy(p, &process->random[process->nrandom], len);

    return NGX_OK;
}


JSValue
ngx_http_workers_head_cf(JSContext *cx, void *data)
{
    ngx_http_workers_cf_t  cf;

    ngx_http_workers_head_get_cf(data, &cf);

    return ngx_http_workers_head_new_cf(cx, &cf);
}


/* What nginx knows of request.cf. */

static void
ngx_http_workers_head_get_cf(ngx_http_workers_ctx_t *ctx,
    ngx_http_workers_cf_t *cf)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    switch (r->http_version) {

    case NGX_HTTP_VERSION_10:
        cf->protocol = "HTTP/1.0";
        break;

    case NGX_HTTP_VERSION_20:
        cf->protocol = "HTTP/2";
        break;

    case NGX_HTTP_VERSION_30:
        cf->protocol = "HTTP/3";
        break;

    default:
        cf->protocol = "HTTP/1.1";
        break;
    }

    ngx_str_null(&cf->accept_encoding);

#if (NGX_HTTP_GZIP)
    if (r->headers_in.accept_encoding != NULL) {
        cf->accept_encoding = r->headers_in.accept_encoding->value;
    }
#endif

    cf->colo = ctx->script->main->colo;
    cf->keepalive = r->keepalive;
    cf->tls_version = NULL;
    cf->tls_cipher = NULL;

#if (NGX_HTTP_SSL)
    if (r->connection->ssl != NULL) {
        cf->tls_version = SSL_get_version(r->connection->ssl->connection);
        cf->tls_cipher = SSL_get_cipher_name(r->connection->ssl->connection);
    }
#endif
}


static JSValue
ngx_http_workers_head_new_cf(JSContext *cx, ngx_http_workers_cf_t *cf)
{
    JSValue  object;

    object = JS_NewObject(cx);
    if (JS_IsException(object)) {
        return object;
    }

    if (ngx_workers_set(cx, object, "httpProtocol",
                        JS_NewString(cx, cf->protocol))
        != NGX_OK
        || ngx_workers_set(cx, object, "clientAcceptEncoding",
                           ngx_workers_utf8_decode(cx,
                                                   cf->accept_encoding.data,
                                                   cf->accept_encoding.len))
           != NGX_OK
        || ngx_workers_set(cx, object, "colo",
                           ngx_workers_new_string(cx, &cf->colo))
           != NGX_OK
        || ngx_workers_set(cx, object, "edgeRequestKeepAliveStatus",
                           JS_NewInt32(cx, cf->keepalive ? 1 : 0))
           != NGX_OK
        || ngx_workers_set(cx, object, "requestPriority",
                           JS_NewString(cx, ""))
           != NGX_OK)
    {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    if (cf->tls_version != NULL
        && (ngx_workers_set(cx, object, "tlsVersion",
                            JS_NewString(cx, cf->tls_version))
            != NGX_OK
            || ngx_workers_set(cx, object, "tlsCipher",
                               JS_NewString(cx, cf->tls_cipher))
               != NGX_OK))
    {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    return object;
}


ngx_workers_incoming_t *
ngx_http_workers_head_keep(JSRuntime *rt, void *data)
{
    ngx_http_workers_ctx_t *ctx = data;

    u_char                          *p;
    ngx_str_t                       *method;
    ngx_http_workers_cf_t            cf;
    ngx_http_workers_url_t           url;
    ngx_http_workers_kept_t         *kept;
    ngx_http_workers_header_sum_t    sum;
    ngx_http_workers_header_copy_t   copy;

    method = &ctx->incoming.method;

    ngx_http_workers_head_get_url(ctx->request, &url);
    ngx_http_workers_head_get_cf(ctx, &cf);

    ngx_memzero(&sum, sizeof(ngx_http_workers_header_sum_t));
    (void) ngx_http_workers_head_each(ctx, ngx_http_workers_head_sum_header,
                                      &sum);

    kept = js_malloc_rt(rt, sizeof(ngx_http_workers_kept_t)
                            + sum.n * sizeof(ngx_keyval_t) + sum.size
                            + ngx_http_workers_head_url_size(&url)
                            + cf.accept_encoding.len + method->len);
    if (kept == NULL) {
        return NULL;
    }

    ngx_memzero(kept, sizeof(ngx_http_workers_kept_t));

    copy.kept = kept;
    copy.last = (u_char *) &kept->headers[sum.n];

    (void) ngx_http_workers_head_each(ctx, ngx_http_workers_head_copy_header,
                                      &copy);

    p = copy.last;

    kept->url.data = p;
    p = ngx_http_workers_head_print_url(p, &url);
    kept->url.len = p - kept->url.data;
    kept->simple = url.simple;

    kept->cf = cf;
    kept->cf.accept_encoding.data = p;

    if (cf.accept_encoding.len != 0) {     /* or data may be NULL */
        p = ngx_cpymem(p, cf.accept_encoding.data, cf.accept_encoding.len);
    }

    kept->incoming.method.data = p;
    kept->incoming.method.len = method->len;
    ngx_memcpy(p, method->data, method->len);

    kept->incoming.url = ngx_http_workers_kept_url;
    kept->incoming.headers = ngx_http_workers_kept_headers;
    kept->incoming.cf = ngx_http_workers_kept_cf;
    kept->incoming.data = kept;

    return &kept->incoming;
}


static JSValue
ngx_http_workers_kept_url(JSContext *cx, void *data)
{
    ngx_http_workers_kept_t *kept = data;

    return ngx_http_workers_head_new_url(cx, kept->url.data, kept->url.len,
                                         kept->simple);
}


static ngx_int_t
ngx_http_workers_kept_headers(JSContext *cx, void *data,
    ngx_workers_headers_t *headers)
{
    ngx_http_workers_kept_t *kept = data;

    ngx_uint_t  i;

    for (i = 0; i < kept->nheaders; i++) {
        if (ngx_workers_headers_add(cx, headers, &kept->headers[i].key,
                                    &kept->headers[i].value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static JSValue
ngx_http_workers_kept_cf(JSContext *cx, void *data)
{
    ngx_http_workers_kept_t *kept = data;

    return ngx_http_workers_head_new_cf(cx, &kept->cf);
}
