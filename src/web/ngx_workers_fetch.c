
/*
 * Copyright (C) the nginx-workers authors
 *
 * fetch(): Fetch Standard, section 5.6, over HTTP of engines/, with the
 * redirects of section 4.4 as the platform follows them.
 *
 * A fetch lives as long as its promise and its transfer, which becomes the
 * source of the response's body.
 */


#include "ngx_workers_fetch.h"
#include "ngx_workers_coding.h"
#include "ngx_workers_events.h"
#include "ngx_workers_globals.h"
#include "ngx_workers_url_parser.h"
#include "ngx_workers_usv.h"
#include "../core/ngx_workers_pump.h"
#include "../engines/ngx_workers_http.h"


#define NGX_WORKERS_FETCH_REDIRECTS    20
#define NGX_WORKERS_FETCH_CONNECTIONS  6        /* of an invocation, that wait
                                                   for a head */

#define NGX_WORKERS_FETCH_BAD_LOCATION                                        \
    "Invalid Location header; unable to follow redirect."
#define NGX_WORKERS_FETCH_ONE_TIME                                            \
    "A request with a one-time-use body (it was initialized from a stream, "  \
    "not a buffer) encountered a redirect requiring the body to be "          \
    "retransmitted. To avoid this error in the future, construct this "       \
    "request from a buffer-like body initializer."


typedef struct {
    ngx_workers_op_t            op;         /* first; settled by the head */
    ngx_workers_isolate_t      *iso;
    ngx_workers_http_slot_t    *slot;       /* whose client it is */
    ngx_pool_t                 *pool;
    ngx_queue_t                 queue;      /* in inv->fetches, while it waits
                                               for its turn */

    ngx_workers_transfer_t     *transfer;   /* NULL: none, or its source's */
    ngx_workers_url_t          *url;        /* of this hop */
    ngx_str_t                   method;
    ngx_workers_field_t        *fields;     /* of the request */
    ngx_uint_t                  nfields;
    ngx_str_t                   bytes;      /* the body, if has_bytes */
    ngx_uint_t                  redirects;

    JSValue                     reason;     /* of an abort; or undefined */
    JSValue                     undo;       /* no more aborts; or undefined */
    const char                 *error;      /* of a TypeError; or NULL */

    ngx_uint_t                  refs;       /* op, transfers, abort function */
    ngx_uint_t                  live;       /* op and transfers */

    unsigned                    manual:1;
    unsigned                    has_bytes:1;
    unsigned                    one_time:1; /* the body was a stream */
    unsigned                    no_cache:1;
    unsigned                    upgrade:1;  /* to a WebSocket */
    unsigned                    waiting:1;  /* in inv->fetches */
    unsigned                    counted:1;  /* in inv->fetching */
    unsigned                    over:1;     /* nothing to abort */
} ngx_workers_fetch_t;


static ngx_int_t ngx_workers_fetch_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_ext_fetch(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_fetch_aborted(JSContext *cx,
    JSValueConst signal);
static JSValue ngx_workers_fetch_request(JSContext *cx,
    ngx_workers_invocation_t *inv, ngx_workers_http_slot_t *slot,
    ngx_workers_request_t *request);
static ngx_int_t ngx_workers_fetch_url(ngx_workers_fetch_t *f,
    ngx_str_t *input, ngx_uint_t relative);
static ngx_uint_t ngx_workers_fetch_is_http(ngx_workers_url_t *url);
static ngx_int_t ngx_workers_fetch_fields(JSContext *cx,
    ngx_workers_fetch_t *f, ngx_workers_request_t *request);
static ngx_uint_t ngx_workers_fetch_handshake(ngx_str_t *name);
static ngx_uint_t ngx_workers_fetch_forbidden(ngx_str_t *name);
static ngx_int_t ngx_workers_fetch_body(JSContext *cx, ngx_workers_fetch_t *f,
    ngx_workers_invocation_t *inv, ngx_workers_request_t *request,
    ngx_workers_source_t **upload);
static ngx_int_t ngx_workers_fetch_copy(ngx_pool_t *pool, ngx_str_t *dst,
    ngx_str_t *src);
static ngx_int_t ngx_workers_fetch_on_abort(JSContext *cx,
    ngx_workers_fetch_t *f, JSValueConst signal);
static JSValue ngx_workers_fetch_abort(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, void *opaque);
static ngx_int_t ngx_workers_fetch_hop(ngx_workers_fetch_t *f,
    ngx_workers_invocation_t *inv, ngx_workers_source_t *upload);
static struct curl_slist *ngx_workers_fetch_lines(ngx_workers_fetch_t *f);
static struct curl_slist *ngx_workers_fetch_line(ngx_pool_t *pool,
    struct curl_slist *next, ngx_str_t *name, ngx_str_t *value);
static ngx_uint_t ngx_workers_fetch_has(ngx_workers_fetch_t *f,
    const char *name);
static void ngx_workers_fetch_next(ngx_workers_invocation_t *inv);
static void ngx_workers_fetch_ready(void *data);
static ngx_int_t ngx_workers_fetch_redirect(ngx_workers_fetch_t *f);
static ngx_str_t *ngx_workers_fetch_location(ngx_workers_transfer_t *t);
static ngx_uint_t ngx_workers_fetch_same_origin(ngx_workers_url_t *one,
    ngx_workers_url_t *two);
static void ngx_workers_fetch_remove_field(ngx_workers_fetch_t *f,
    const char *name);
static JSValue ngx_workers_fetch_settle(JSContext *cx, ngx_workers_op_t *op);
static JSValue ngx_workers_fetch_throw(JSContext *cx, ngx_workers_fetch_t *f);
static JSValue ngx_workers_fetch_response(JSContext *cx,
    ngx_workers_fetch_t *f);
static ngx_int_t ngx_workers_fetch_web_socket(JSContext *cx,
    ngx_workers_fetch_t *f, ngx_workers_response_t *response);
static ngx_int_t ngx_workers_fetch_response_head(JSContext *cx,
    ngx_workers_fetch_t *f, ngx_workers_response_t *response);
static void ngx_workers_fetch_abandon(ngx_workers_op_t *op);
static void ngx_workers_fetch_op_free(ngx_workers_op_t *op);
static void ngx_workers_fetch_closed(ngx_workers_transfer_t *t);
static void ngx_workers_fetch_ended(ngx_workers_fetch_t *f);
static void ngx_workers_fetch_release(void *opaque);


static const JSCFunctionListEntry  ngx_workers_fetch_list[] = {
    NGX_WORKERS_METHOD("fetch", 0, ngx_workers_ext_fetch),
};


ngx_workers_web_t  ngx_workers_fetch_web = {
    .init = ngx_workers_fetch_init
};


/* Of a request, what the connection says itself, or the server has set. */

static ngx_str_t  ngx_workers_fetch_forbidden_names[] = {
    ngx_string("cf-connecting-ip"),
    ngx_string("connection"),
    ngx_string("content-length"),
    ngx_string("expect"),
    ngx_string("host"),
    ngx_string("keep-alive"),
    ngx_string("te"),
    ngx_string("trailer"),
    ngx_string("transfer-encoding"),
    ngx_string("upgrade"),
    ngx_null_string
};


static ngx_int_t
ngx_workers_fetch_init(JSContext *cx, JSValueConst global)
{
    return ngx_workers_globals_add(cx, ngx_workers_isolate(cx)->scope,
                                   ngx_workers_fetch_list,
                                   ngx_workers_nitems(ngx_workers_fetch_list));
}


static JSValue
ngx_workers_ext_fetch(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue  promise;

    promise = ngx_workers_fetch(cx, ngx_workers_isolate(cx)->http,
                                NGX_WORKERS_GLOBAL_SCOPE, argc, argv);

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}


JSValue
ngx_workers_fetch(JSContext *cx, ngx_workers_http_slot_t *slot,
    const char *class, int argc, JSValueConst *argv)
{
    JSValue                    request, promise;
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_require_invocation(cx);
    if (inv == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "fetch", class, 1,
                                          "Request or string");
    }

    if (argc > 1 && !JS_IsObject(argv[1]) && !JS_IsUndefined(argv[1])
        && !JS_IsNull(argv[1]))
    {
        return ngx_workers_throw_argument(cx, "fetch", class, 2,
                                          "RequestInitializerDict or Request");
    }

    request = ngx_workers_request_construct(cx, argv[0],
                                            argc > 1 ? argv[1] : JS_UNDEFINED);
    if (JS_IsException(request)) {
        return JS_EXCEPTION;
    }

    promise = (slot == inv->iso->http
               && ngx_workers_fetch_cache_wanted(cx,
                                                 ngx_workers_request(request)))
              ? ngx_workers_fetch_cached(cx, request)
              : ngx_workers_fetch_plain(cx, slot, request);

    JS_FreeValue(cx, request);

    return promise;
}


JSValue
ngx_workers_fetch_plain(JSContext *cx, ngx_workers_http_slot_t *slot,
    JSValueConst request)
{
    ngx_workers_request_t     *req;
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_require_invocation(cx);

    if (inv == NULL) {
        return JS_EXCEPTION;
    }

    req = ngx_workers_request(request);

    return (JS_IsUndefined(req->signal)
            || ngx_workers_fetch_aborted(cx, req->signal) == NGX_OK)
           ? ngx_workers_fetch_request(cx, inv, slot, req)
           : JS_EXCEPTION;
}


/* NGX_ERROR: it is, and its reason is thrown; or it failed. */

static ngx_int_t
ngx_workers_fetch_aborted(JSContext *cx, JSValueConst signal)
{
    int      aborted;
    JSValue  value;

    value = JS_GetPropertyStr(cx, signal, "aborted");
    aborted = JS_IsException(value) ? -1 : JS_ToBool(cx, value);

    if (aborted > 0) {
        (void) JS_Throw(cx, JS_GetPropertyStr(cx, signal, "reason"));
    }

    JS_FreeValue(cx, value);

    return (aborted == 0) ? NGX_OK : NGX_ERROR;
}


static JSValue
ngx_workers_fetch_request(JSContext *cx, ngx_workers_invocation_t *inv,
    ngx_workers_http_slot_t *slot, ngx_workers_request_t *request)
{
    JSValue                 promise;
    ngx_int_t               rc;
    ngx_pool_t             *pool;
    JSValueConst            url;
    ngx_workers_usv_t       usv;
    ngx_workers_fetch_t    *f;
    ngx_workers_source_t   *upload;
    ngx_workers_isolate_t  *iso;

    url = ngx_workers_request_url(cx, request);

    if (JS_IsException(url) || ngx_workers_usv(cx, url, &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    iso = inv->iso;
    f = NULL;

    pool = ngx_create_pool(1024, iso->log);

    if (pool != NULL) {
        f = ngx_pcalloc(pool, sizeof(ngx_workers_fetch_t));
    }

    if (f == NULL) {
        if (pool != NULL) {
            ngx_destroy_pool(pool);
        }

        ngx_workers_usv_free(cx, &usv);
        return JS_ThrowOutOfMemory(cx);
    }

    f->iso = iso;
    f->slot = slot;
    f->pool = pool;
    f->refs = 1;
    f->live = 1;
    f->reason = JS_UNDEFINED;
    f->undo = JS_UNDEFINED;
    f->manual = request->manual;
    f->no_cache = (request->cache != NGX_WORKERS_CACHE_NONE);

    f->op.settle = ngx_workers_fetch_settle;
    f->op.abandon = ngx_workers_fetch_abandon;
    f->op.free = ngx_workers_fetch_op_free;

    promise = JS_EXCEPTION;
    upload = NULL;

    rc = ngx_workers_fetch_url(f, &usv.str, 0);

    if (rc == NGX_DECLINED
        || (rc == NGX_OK && !ngx_workers_fetch_is_http(f->url)))
    {
        if (usv.str.len > 5 && ngx_strncmp(usv.str.data, "data:", 5) == 0) {
            promise = ngx_workers_fetch_data(cx, request, &usv.str);

        } else {
            (void) JS_ThrowTypeError(cx, "Fetch API cannot load: %.*s",
                                     (int) ngx_min(usv.str.len, 200),
                                     usv.str.data);
        }

        goto failed;
    }

    if (rc != NGX_OK) {
        (void) JS_ThrowOutOfMemory(cx);
        goto failed;
    }

    if (++inv->subrequests > iso->script->subrequests) {
        (void) ngx_workers_throw_error(cx, "Too many subrequests by single "
                                       "Worker invocation.");
        goto failed;
    }

    if (ngx_workers_fetch_copy(pool, &f->method, &request->method) != NGX_OK) {
        (void) JS_ThrowOutOfMemory(cx);
        goto failed;
    }

    if (ngx_workers_fetch_fields(cx, f, request) != NGX_OK
        || ngx_workers_fetch_body(cx, f, inv, request, &upload) != NGX_OK)
    {
        goto failed;
    }

    if (ngx_workers_fetch_hop(f, inv, upload) != NGX_OK) {
        (void) JS_ThrowOutOfMemory(cx);

        if (upload != NULL) {
            upload->close(upload);
        }

        goto failed;
    }

    promise = ngx_workers_op_start(cx, inv, &f->op);

    if (JS_IsException(promise)) {
        goto failed;
    }

    if (!JS_IsUndefined(request->signal)
        && ngx_workers_fetch_on_abort(cx, f, request->signal) != NGX_OK)
    {
        /* the exception is lost, and the fetch cannot be aborted */
        JS_FreeValue(cx, JS_GetException(cx));
    }

    ngx_queue_insert_tail(&inv->fetches, &f->queue);
    f->waiting = 1;

    ngx_workers_fetch_next(inv);

    ngx_workers_usv_free(cx, &usv);

    return promise;

failed:

    ngx_workers_usv_free(cx, &usv);

    if (f->transfer != NULL) {
        ngx_workers_transfer_free(f->transfer);
    }

    ngx_workers_fetch_op_free(&f->op);

    return promise;
}


/* The URL of the next hop.  NGX_DECLINED: not a valid one. */

static ngx_int_t
ngx_workers_fetch_url(ngx_workers_fetch_t *f, ngx_str_t *input,
    ngx_uint_t relative)
{
    size_t                      size;
    ngx_int_t                   rc;
    ngx_workers_url_t          *url;
    ngx_workers_url_parts_t     base;
    ngx_workers_url_parser_t    pr;

    if (relative) {
        ngx_workers_url_split(f->url, &base);
    }

    ngx_workers_url_parser_init(&pr);

    rc = ngx_workers_url_parse(&pr, input, relative ? &base : NULL);

    if (rc == NGX_OK) {
        pr.parts.has_fragment = 0;
        pr.parts.fragment.len = 0;

        size = ngx_workers_url_size(&pr.parts);
        url = (size != 0) ? ngx_palloc(f->pool, size) : NULL;

        if (url != NULL) {
            ngx_workers_url_write(&pr.parts, url);
            f->url = url;

        } else {
            rc = NGX_ERROR;
        }
    }

    ngx_workers_url_parser_done(&pr);

    return rc;
}


static ngx_uint_t
ngx_workers_fetch_is_http(ngx_workers_url_t *url)
{
    return url->type == NGX_WORKERS_URL_HTTP
           || url->type == NGX_WORKERS_URL_HTTPS;
}


/* A copy of the request's fields that are sent. */

static ngx_int_t
ngx_workers_fetch_fields(JSContext *cx, ngx_workers_fetch_t *f,
    ngx_workers_request_t *request)
{
    ngx_str_t              *upgrade;
    ngx_uint_t              i;
    ngx_workers_field_t    *field;
    ngx_workers_header_t   *h;
    ngx_workers_headers_t  *headers;

    if (ngx_workers_request_headers(cx, request, &headers) != NGX_OK) {
        return NGX_ERROR;
    }

    if (headers == NULL || headers->nelts == 0) {
        return NGX_OK;
    }

    upgrade = ngx_workers_headers_find(headers, "upgrade", 7);

    f->upgrade = (upgrade != NULL && upgrade->len == 9
                  && ngx_strncasecmp(upgrade->data, (u_char *) "websocket", 9)
                     == 0);

    f->fields = ngx_palloc(f->pool,
                           headers->nelts * sizeof(ngx_workers_field_t));
    if (f->fields == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NGX_ERROR;
    }

    h = headers->elts;

    for (i = 0; i < headers->nelts; i++) {

        if (ngx_workers_fetch_forbidden(&h[i].name)
            || (f->upgrade && ngx_workers_fetch_handshake(&h[i].name)))
        {
            continue;
        }

        field = &f->fields[f->nfields];

        if (ngx_workers_fetch_copy(f->pool, &field->name, &h[i].name) != NGX_OK
            || ngx_workers_fetch_copy(f->pool, &field->value, &h[i].value)
               != NGX_OK)
        {
            (void) JS_ThrowOutOfMemory(cx);
            return NGX_ERROR;
        }

        f->nfields++;
    }

    return NGX_OK;
}


/* Fields of a handshake that libcurl makes itself, or that it cannot take. */

static ngx_uint_t
ngx_workers_fetch_handshake(ngx_str_t *name)
{
    return name->len > 14
           && ngx_strncasecmp(name->data, (u_char *) "sec-websocket-", 14) == 0
           && (name->len != 22
               || ngx_strncasecmp(name->data + 14, (u_char *) "protocol", 8)
                  != 0);
}


static ngx_uint_t
ngx_workers_fetch_forbidden(ngx_str_t *name)
{
    ngx_str_t  *forbidden;

    for (forbidden = ngx_workers_fetch_forbidden_names;
         forbidden->len != 0;
         forbidden++)
    {
        if (forbidden->len == name->len
            && ngx_strncasecmp(forbidden->data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * The request's body: bytes that may be sent again, or a source.  A method
 * that could have one and does not sends "Content-Length: 0".
 */

static ngx_int_t
ngx_workers_fetch_body(JSContext *cx, ngx_workers_fetch_t *f,
    ngx_workers_invocation_t *inv, ngx_workers_request_t *request,
    ngx_workers_source_t **upload)
{
    ngx_int_t           rc;
    ngx_str_t           bytes;
    ngx_workers_usv_t   usv;
    ngx_workers_body_t  body;

    f->one_time = (request->body.type == NGX_WORKERS_BODY_STREAM);

    if (f->one_time && !ngx_workers_body_used(cx, &request->body)
        && ngx_workers_body_unusable(cx, &request->body))
    {
        (void) JS_ThrowTypeError(cx, "The ReadableStream has been locked to a "
                                 "reader.");
        return NGX_ERROR;
    }

    if (ngx_workers_body_take(cx, &request->body, &body) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    switch (body.type) {

    case NGX_WORKERS_BODY_NONE:
        f->has_bytes = ngx_strcmp(f->method.data, "GET") != 0
                       && ngx_strcmp(f->method.data, "HEAD") != 0;
        return NGX_OK;

    case NGX_WORKERS_BODY_STRING:
        rc = ngx_workers_usv(cx, body.value, &usv);

        if (rc == NGX_OK) {
            rc = ngx_workers_fetch_copy(f->pool, &f->bytes, &usv.str);
            ngx_workers_usv_free(cx, &usv);

            if (rc != NGX_OK) {
                (void) JS_ThrowOutOfMemory(cx);
            }
        }

        f->has_bytes = 1;
        break;

    case NGX_WORKERS_BODY_BYTES:
        rc = ngx_workers_get_bytes(cx, body.value, &bytes);

        if (rc == NGX_OK) {
            rc = ngx_workers_fetch_copy(f->pool, &f->bytes, &bytes);

            if (rc != NGX_OK) {
                (void) JS_ThrowOutOfMemory(cx);
            }
        }

        f->has_bytes = 1;
        break;

    case NGX_WORKERS_BODY_STREAM:
        *upload = ngx_workers_pump(cx, inv, body.value);

        if (*upload == NULL) {
            rc = NGX_ERROR;
        }

        break;

    default: /* NGX_WORKERS_BODY_SOURCE */
        *upload = body.source;
        body.source = NULL;
        f->one_time = 1;
    }

    ngx_workers_body_free(JS_GetRuntime(cx), &body);

    return rc;
}


static ngx_int_t
ngx_workers_fetch_copy(ngx_pool_t *pool, ngx_str_t *dst, ngx_str_t *src)
{
    dst->len = src->len;
    dst->data = ngx_pnalloc(pool, src->len + 1);

    if (dst->data == NULL) {
        return NGX_ERROR;
    }

    *ngx_cpymem(dst->data, src->data, src->len) = '\0';

    return NGX_OK;
}


static ngx_int_t
ngx_workers_fetch_on_abort(JSContext *cx, ngx_workers_fetch_t *f,
    JSValueConst signal)
{
    JSValue  func, undo;

    func = JS_NewCClosure(cx, ngx_workers_fetch_abort, "",
                          ngx_workers_fetch_release, 1, 0, f);
    if (JS_IsException(func)) {
        return NGX_ERROR;
    }

    f->refs++;

    undo = ngx_workers_signal_on_abort(cx, signal, func);
    JS_FreeValue(cx, func);

    if (JS_IsException(undo)) {
        return NGX_ERROR;
    }

    f->undo = undo;

    return NGX_OK;
}


static JSValue
ngx_workers_fetch_abort(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, void *opaque)
{
    JSValue               reason;
    const char           *text;
    ngx_workers_fetch_t  *f = opaque;

    if (f->over || f->live == 0 || f->transfer == NULL) {
        return JS_UNDEFINED;
    }

    f->over = 1;

    if (JS_IsObject(argv[0])) {
        reason = JS_DupValue(cx, argv[0]);

    } else {
        text = JS_ToCString(cx, argv[0]);
        if (text == NULL) {
            return JS_EXCEPTION;
        }

        (void) ngx_workers_throw_error(cx, text);
        JS_FreeCString(cx, text);

        reason = JS_GetException(cx);
    }

    if (f->op.inv != NULL) {
        f->reason = reason;

    } else {
        JS_FreeValue(cx, f->transfer->src.error);
        f->transfer->src.error = reason;
    }

    ngx_workers_transfer_abort(f->transfer);

    return JS_UNDEFINED;
}


/* A transfer to f->url, not started.  NGX_ERROR: out of memory. */

static ngx_int_t
ngx_workers_fetch_hop(ngx_workers_fetch_t *f, ngx_workers_invocation_t *inv,
    ngx_workers_source_t *upload)
{
    u_char                   *p;
    ngx_str_t                 host, path, search;
    ngx_uint_t                tls;
    ngx_workers_http_t       *client;
    ngx_workers_transfer_t   *t;
    ngx_workers_http_slot_t  *slot;

    client = ngx_workers_http(f->slot, f->iso->log);
    if (client == NULL) {
        return NGX_ERROR;
    }

    ngx_workers_url_get(f->url, NGX_WORKERS_URL_FULL_HOST, &host);
    ngx_workers_url_get(f->url, NGX_WORKERS_URL_PATHNAME, &path);
    ngx_workers_url_get(f->url, NGX_WORKERS_URL_SEARCH, &search);

    slot = f->slot;
    tls = (f->url->type == NGX_WORKERS_URL_HTTPS);

    if (slot->upstream != NULL) {
        host = slot->name;
        tls = slot->tls;
    }

    p = ngx_pnalloc(f->pool, sizeof("https://") + host.len + path.len
                             + search.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_sprintf(p, "%s%s://%V%V%V%Z", f->upgrade ? "ws" : "http",
                       tls ? "s" : "", &host, &path, &search);

    t = ngx_workers_transfer_create(client, inv);
    if (t == NULL) {
        return NGX_ERROR;
    }

    t->fields = ngx_workers_fetch_lines(f);

    if (t->fields == NULL) {
        ngx_workers_transfer_free(t);
        return NGX_ERROR;
    }

    t->url = (char *) p;
    t->method = (char *) f->method.data;
    t->has_bytes = f->has_bytes;
    t->bytes = f->bytes;
    t->upload = upload;
    t->websocket = f->upgrade;

    t->ready = ngx_workers_fetch_ready;
    t->closed = ngx_workers_fetch_closed;
    t->data = f;

    f->transfer = t;
    f->refs++;
    f->live++;

    return NGX_OK;
}


/* The head's lines; what libcurl would add by itself is not wanted. */

static struct curl_slist *
ngx_workers_fetch_lines(ngx_workers_fetch_t *f)
{
    ngx_uint_t          i, n;
    ngx_str_t           name, value;
    struct curl_slist  *lines;

    static ngx_str_t  host = ngx_string("Host");
    static ngx_str_t  cache = ngx_string("Cache-Control");
    static ngx_str_t  pragma = ngx_string("Pragma");
    static ngx_str_t  no_cache = ngx_string("no-cache");

    static const char *const  unwanted[] = {
        "Accept", "Content-Type", "Expect"
    };

    lines = NULL;
    n = 0;

    if (f->slot->upstream != NULL) {
        ngx_workers_url_get(f->url, NGX_WORKERS_URL_FULL_HOST, &value);

        lines = ngx_workers_fetch_line(f->pool, lines, &host, &value);
        if (lines == NULL) {
            return NULL;
        }
    }

    if (f->no_cache) {

        if (!ngx_workers_fetch_has(f, "Pragma")) {
            lines = ngx_workers_fetch_line(f->pool, lines, &pragma, &no_cache);
            if (lines == NULL) {
                return NULL;
            }
        }

        if (!ngx_workers_fetch_has(f, "Cache-Control")) {
            lines = ngx_workers_fetch_line(f->pool, lines, &cache, &no_cache);
            if (lines == NULL) {
                return NULL;
            }
        }
    }

    for (i = f->nfields; i-- > 0; /* void */ ) {
        lines = ngx_workers_fetch_line(f->pool, lines, &f->fields[i].name,
                                       &f->fields[i].value);
        if (lines == NULL) {
            return NULL;
        }
    }

    for (n = 0; n < ngx_workers_nitems(unwanted); n++) {

        if (ngx_workers_fetch_has(f, unwanted[n])) {
            continue;
        }

        name.data = (u_char *) unwanted[n];
        name.len = ngx_strlen(unwanted[n]);

        lines = ngx_workers_fetch_line(f->pool, lines, &name, NULL);
        if (lines == NULL) {
            return NULL;
        }
    }

    return lines;
}


/* value NULL: the field is not to be sent. */

static struct curl_slist *
ngx_workers_fetch_line(ngx_pool_t *pool, struct curl_slist *next,
    ngx_str_t *name, ngx_str_t *value)
{
    u_char             *p;
    struct curl_slist  *line;

    line = ngx_palloc(pool, sizeof(struct curl_slist));
    p = ngx_pnalloc(pool, name->len + sizeof(": ")
                          + (value != NULL ? value->len : 0));

    if (line == NULL || p == NULL) {
        return NULL;
    }

    line->data = (char *) p;
    line->next = next;

    p = ngx_cpymem(p, name->data, name->len);

    if (value == NULL) {
        (void) ngx_sprintf(p, ":%Z");

    } else if (value->len == 0) {
        (void) ngx_sprintf(p, ";%Z");

    } else {
        (void) ngx_sprintf(p, ": %V%Z", value);
    }

    return line;
}


static ngx_uint_t
ngx_workers_fetch_has(ngx_workers_fetch_t *f, const char *name)
{
    ngx_uint_t  i;

    for (i = 0; i < f->nfields; i++) {
        if (ngx_strcasecmp(f->fields[i].name.data, (u_char *) name) == 0) {
            return 1;
        }
    }

    return 0;
}


/* Starts those whose turn it is. */

static void
ngx_workers_fetch_next(ngx_workers_invocation_t *inv)
{
    ngx_queue_t          *q;
    ngx_workers_fetch_t  *f;

    while (inv->fetching < NGX_WORKERS_FETCH_CONNECTIONS
           && !ngx_queue_empty(&inv->fetches))
    {
        q = ngx_queue_head(&inv->fetches);
        f = ngx_queue_data(q, ngx_workers_fetch_t, queue);

        ngx_queue_remove(q);
        f->waiting = 0;
        f->counted = 1;

        inv->fetching++;

        ngx_workers_transfer_start(f->transfer);
    }
}


static void
ngx_workers_fetch_ready(void *data)
{
    ngx_workers_fetch_t       *f = data;
    ngx_workers_invocation_t  *inv;

    if (JS_IsUndefined(f->reason) && f->transfer->status != 0 && !f->manual
        && ngx_workers_fetch_redirect(f) == NGX_OK)
    {
        return;
    }

    inv = f->op.inv;

    if (f->waiting) {
        ngx_queue_remove(&f->queue);
        f->waiting = 0;
    }

    if (f->counted) {
        f->counted = 0;
        inv->fetching--;
        ngx_workers_fetch_next(inv);
    }

    ngx_workers_op_done(&f->op);
}


/*
 * Fetch Standard, section 4.4: the next hop has been started.  NGX_DECLINED:
 * the response is the answer; NGX_ERROR: it is not, there is an error.
 */

static ngx_int_t
ngx_workers_fetch_redirect(ngx_workers_fetch_t *f)
{
    ngx_int_t                 rc;
    ngx_str_t                *location;
    ngx_uint_t                status;
    ngx_workers_url_t        *from;
    ngx_workers_transfer_t   *t;

    t = f->transfer;
    status = t->status;

    if (status != 301 && status != 302 && status != 303 && status != 307
        && status != 308)
    {
        return NGX_DECLINED;
    }

    location = ngx_workers_fetch_location(t);

    if (location == NULL || location->len == 0) {
        return NGX_DECLINED;
    }

    if (f->one_time) {
        f->error = NGX_WORKERS_FETCH_ONE_TIME;
        return NGX_ERROR;
    }

    if (f->redirects++ == NGX_WORKERS_FETCH_REDIRECTS) {
        f->error = "Too many redirects.";
        return NGX_ERROR;
    }

    from = f->url;
    rc = ngx_workers_fetch_url(f, location, 1);

    if (rc == NGX_ERROR) {
        f->error = "Out of memory.";
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED || !ngx_workers_fetch_is_http(f->url)) {
        f->error = NGX_WORKERS_FETCH_BAD_LOCATION;
        return NGX_ERROR;
    }

    if (++f->op.inv->subrequests > f->iso->script->subrequests) {
        f->error = "Too many subrequests by single Worker invocation.";
        return NGX_ERROR;
    }

    if (((status == 301 || status == 302)
         && ngx_strcmp(f->method.data, "POST") == 0)
        || (status == 303 && ngx_strcmp(f->method.data, "GET") != 0
            && ngx_strcmp(f->method.data, "HEAD") != 0))
    {
        ngx_str_set(&f->method, "GET");
        f->has_bytes = 0;
    }

    if (!ngx_workers_fetch_same_origin(from, f->url)
        && ngx_workers_script_flag(f->iso->script,
                            "strip_authorization_on_cross_origin_redirect",
                            "retain_authorization_on_cross_origin_redirect",
                            20250901))
    {
        ngx_workers_fetch_remove_field(f, "Authorization");
    }

    f->transfer = NULL;

    if (ngx_workers_fetch_hop(f, f->op.inv, NULL) != NGX_OK) {
        f->transfer = t;
        f->error = "Out of memory.";
        return NGX_ERROR;
    }

    ngx_workers_transfer_free(t);
    ngx_workers_transfer_start(f->transfer);

    return NGX_OK;
}


static ngx_str_t *
ngx_workers_fetch_location(ngx_workers_transfer_t *t)
{
    ngx_uint_t            i;
    ngx_workers_field_t  *field;

    field = t->headers.elts;

    for (i = 0; i < t->headers.nelts; i++) {
        if (ngx_strcasecmp(field[i].name.data, (u_char *) "Location") == 0) {
            return &field[i].value;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_workers_fetch_same_origin(ngx_workers_url_t *one, ngx_workers_url_t *two)
{
    ngx_str_t  host1, host2;

    ngx_workers_url_get(one, NGX_WORKERS_URL_FULL_HOST, &host1);
    ngx_workers_url_get(two, NGX_WORKERS_URL_FULL_HOST, &host2);

    return one->type == two->type && host1.len == host2.len
           && ngx_memcmp(host1.data, host2.data, host1.len) == 0;
}


static void
ngx_workers_fetch_remove_field(ngx_workers_fetch_t *f, const char *name)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < f->nfields; i++) {
        if (ngx_strcasecmp(f->fields[i].name.data, (u_char *) name) != 0) {
            f->fields[n++] = f->fields[i];
        }
    }

    f->nfields = n;
}


static JSValue
ngx_workers_fetch_settle(JSContext *cx, ngx_workers_op_t *op)
{
    JSValue                  value, ret;
    ngx_workers_fetch_t     *f;
    ngx_workers_transfer_t  *t;

    f = (ngx_workers_fetch_t *) op;
    t = f->transfer;

    /* from here on an abort is the body's */

    op->inv = NULL;

    if (!JS_IsUndefined(f->reason) || f->error != NULL || t->status == 0) {
        value = ngx_workers_fetch_throw(cx, f);

    } else {
        value = ngx_workers_fetch_response(cx, f);

        if (!JS_IsException(value)
            && (t->src.inv != NULL || f->transfer == NULL))
        {
            return value;
        }
    }

    f->over = 1;

    if (f->transfer != NULL) {
        f->transfer = NULL;
        ngx_workers_transfer_free(t);
    }

    if (!JS_IsUndefined(f->undo)) {

        /* an exception of the fetch is pending, maybe */

        ret = JS_HasException(cx) ? JS_GetException(cx) : JS_UNINITIALIZED;

        JS_FreeValue(cx, JS_Call(cx, f->undo, JS_UNDEFINED, 0, NULL));

        if (!JS_IsUninitialized(ret)) {
            (void) JS_Throw(cx, ret);
        }
    }

    return value;
}


static JSValue
ngx_workers_fetch_throw(JSContext *cx, ngx_workers_fetch_t *f)
{
    JSValue                  error;
    ngx_workers_transfer_t  *t;

    t = f->transfer;

    if (!JS_IsUndefined(f->reason)) {
        error = f->reason;
        f->reason = JS_UNDEFINED;

        return JS_Throw(cx, error);
    }

    if (f->error != NULL) {
        return JS_ThrowTypeError(cx, "%s", f->error);
    }

    if (!JS_IsUndefined(t->src.error)) {
        error = t->src.error;
        t->src.error = JS_UNDEFINED;

        return JS_Throw(cx, error);
    }

    ngx_log_error(NGX_LOG_ERR, f->iso->inv->log, 0,
                  "worker \"%V\" request %V: fetch of \"%s\" failed: %s",
                  &f->iso->script->name,
                  ngx_workers_invocation_id(f->iso->inv), t->url,
                  curl_easy_strerror(t->result));

    (void) ngx_workers_throw_error(cx, t->failure);

    error = JS_GetException(cx);

    if (JS_IsError(error)) {
        (void) ngx_workers_set(cx, error, "remote", JS_TRUE);
        (void) ngx_workers_set(cx, error, "retryable", JS_TRUE);
    }

    return JS_Throw(cx, error);
}


static JSValue
ngx_workers_fetch_response(JSContext *cx, ngx_workers_fetch_t *f)
{
    JSValue                  object;
    ngx_uint_t               has_body;
    ngx_str_t               *value;
    ngx_workers_coding_e     coding;
    ngx_workers_source_t    *src;
    ngx_workers_transfer_t  *t;
    ngx_workers_response_t  *response;

    t = f->transfer;

    object = ngx_workers_response_new(cx, &response);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_fetch_response_head(cx, f, response) != NGX_OK) {
        goto failed;
    }

    if (t->status == 101 && f->upgrade
        && ngx_workers_fetch_web_socket(cx, f, response) != NGX_OK)
    {
        goto failed;
    }

    has_body = !f->upgrade
               && t->status != 101 && t->status != 204 && t->status != 205
               && t->status != 304
               && ngx_strcmp(f->method.data, "HEAD") != 0;

    if (has_body) {
        src = ngx_workers_transfer_source(t, f->iso->inv);

        value = ngx_workers_headers_find(response->headers, "content-encoding",
                                         16);
        coding = (value != NULL) ? ngx_workers_coding(f->iso->script, value)
                                 : NGX_WORKERS_CODING_NONE;

        if (coding != NGX_WORKERS_CODING_NONE) {
            src = ngx_workers_coding_decode(cx, src, coding);
        }

        if (src == NULL
            || ngx_workers_body_set_source(cx, &response->body, src) != NGX_OK)
        {
            f->transfer = NULL;
            goto failed;
        }
    }

    return object;

failed:

    JS_FreeValue(cx, object);

    return JS_EXCEPTION;
}


/* The response's WebSocket, to which the transfer goes over. */

static ngx_int_t
ngx_workers_fetch_web_socket(JSContext *cx, ngx_workers_fetch_t *f,
    ngx_workers_response_t *response)
{
    ngx_int_t                 rc;
    JSValue                   socket;
    ngx_workers_transfer_t   *t;
    ngx_workers_websocket_t  *ws;

    ws = ngx_workers_websocket_pair(cx);
    if (ws == NULL) {
        return NGX_ERROR;
    }

    socket = ngx_workers_websocket_wrap(cx, ws);
    rc = NGX_ERROR;

    if (!JS_IsException(socket)) {
        JS_FreeValue(cx, response->web_socket);

        response->web_socket = socket;
        response->websocket = ws;

        t = f->transfer;
        f->transfer = NULL;
        f->over = 1;

        rc = ngx_workers_websocket_client(ws, t);

        if (rc != NGX_OK) {
            (void) JS_ThrowOutOfMemory(cx);
        }
    }

    ngx_workers_websocket_release(ws);

    return rc;
}


static ngx_int_t
ngx_workers_fetch_response_head(JSContext *cx, ngx_workers_fetch_t *f,
    ngx_workers_response_t *response)
{
    ngx_uint_t               i;
    ngx_workers_field_t     *field;
    ngx_workers_transfer_t  *t;

    t = f->transfer;

    response->status = t->status;
    response->redirected = (f->redirects != 0);

    response->url = JS_NewStringLen(cx, (char *) f->url->href, f->url->len);
    if (JS_IsException(response->url)) {
        response->url = JS_UNDEFINED;
        return NGX_ERROR;
    }

    response->status_text.data = (u_char *) "";

    if (t->status_text.len != 0) {
        response->status_text_alloc = js_strndup(cx,
                                                 (char *) t->status_text.data,
                                                 t->status_text.len);
        if (response->status_text_alloc == NULL) {
            return NGX_ERROR;
        }

        response->status_text.data = response->status_text_alloc;
        response->status_text.len = t->status_text.len;
    }

    response->headers = ngx_workers_headers_create(cx);
    if (response->headers == NULL) {
        return NGX_ERROR;
    }

    field = t->headers.elts;

    for (i = 0; i < t->headers.nelts; i++) {
        if (ngx_workers_headers_add(cx, response->headers, &field[i].name,
                                    &field[i].value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    response->headers->guard = NGX_WORKERS_GUARD_IMMUTABLE;

    return NGX_OK;
}


/* The invocation ends before there was a head. */

static void
ngx_workers_fetch_abandon(ngx_workers_op_t *op)
{
    ngx_workers_fetch_t     *f;
    ngx_workers_transfer_t  *t;

    f = (ngx_workers_fetch_t *) op;

    if (f->waiting) {
        ngx_queue_remove(&f->queue);
        f->waiting = 0;
    }

    t = f->transfer;
    f->transfer = NULL;

    ngx_workers_transfer_free(t);
    ngx_workers_fetch_op_free(op);
}


static void
ngx_workers_fetch_op_free(ngx_workers_op_t *op)
{
    ngx_workers_fetch_ended((ngx_workers_fetch_t *) op);
}


/* A transfer is freed; maybe that of an earlier hop. */

static void
ngx_workers_fetch_closed(ngx_workers_transfer_t *t)
{
    ngx_workers_fetch_t  *f;

    f = t->data;

    JS_FreeValue(f->iso->cx, t->src.error);
    t->src.error = JS_UNDEFINED;

    ngx_workers_fetch_ended(f);
}


/* The values go while there is an isolate, the rest with the last of all. */

static void
ngx_workers_fetch_ended(ngx_workers_fetch_t *f)
{
    if (--f->live == 0) {
        JS_FreeValue(f->iso->cx, f->reason);
        JS_FreeValue(f->iso->cx, f->undo);

        f->reason = JS_UNDEFINED;
        f->undo = JS_UNDEFINED;
        f->transfer = NULL;
    }

    ngx_workers_fetch_release(f);
}


static void
ngx_workers_fetch_release(void *opaque)
{
    ngx_workers_fetch_t  *f = opaque;

    if (--f->refs == 0) {
        ngx_destroy_pool(f->pool);
    }
}
