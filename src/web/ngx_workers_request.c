
/*
 * Copyright (C) the nginx-workers authors
 *
 * Request: Fetch Standard, section 5.4, with the platform's cf and fetcher.
 *
 * The request that an invocation serves makes its parts when a script asks
 * for them.
 */


#include "ngx_workers_fetch.h"
#include "ngx_workers_clone.h"
#include "ngx_workers_events.h"
#include "ngx_workers_url.h"
#include "ngx_workers_usv.h"


#define NGX_WORKERS_GET_WITH_BODY                                             \
    "Request with a GET or HEAD method cannot have a body."
#define NGX_WORKERS_BAD_REDIRECT                                              \
    "Invalid redirect value, must be one of \"follow\" or \"manual\" "        \
    "(\"error\" won't be implemented since it does not make sense at the "    \
    "edge; use \"manual\" and check the response status code)."
#define NGX_WORKERS_BAD_INTEGRITY                                             \
    "Subrequest integrity checking is not implemented. The integrity option " \
    "must be either undefined or an empty string."

#define NGX_WORKERS_METHOD_MAX       16


typedef struct {
    ngx_str_t                  name;
    ngx_uint_t                 standard;   /* upper-cased by the standard */
} ngx_workers_method_t;


typedef struct {
    const char                *name;
    ngx_int_t                (*set)(JSContext *cx,
                                    ngx_workers_request_t *request,
                                    JSValueConst v);
} ngx_workers_request_member_t;


static JSValue ngx_workers_request_alloc(JSContext *cx, JSValue object,
    ngx_workers_request_t **request);
static JSValue ngx_workers_request_create(JSContext *cx, JSValue object,
    JSValueConst input, JSValueConst init);
static ngx_int_t ngx_workers_request_init_url(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst input);
static ngx_int_t ngx_workers_request_copy(JSContext *cx,
    ngx_workers_request_t *request, ngx_workers_request_t *from,
    JSValueConst object);
static ngx_int_t ngx_workers_request_copy_cf(JSContext *cx,
    ngx_workers_request_t *request, ngx_workers_request_t *from,
    JSValueConst object);
static ngx_int_t ngx_workers_request_move_body(JSContext *cx,
    ngx_workers_request_t *request, ngx_workers_request_t *from);
static ngx_int_t ngx_workers_request_init(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst init);
static ngx_int_t ngx_workers_request_init_member(JSContext *cx,
    ngx_workers_request_t *request, const ngx_workers_request_member_t *m,
    JSValueConst init);
static ngx_int_t ngx_workers_request_set_method(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_headers(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_body(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_integrity(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_fetcher(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_signal(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_cf(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_redirect(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_cache(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_int_t ngx_workers_request_set_encoding(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v);
static ngx_uint_t ngx_workers_request_bodiless(ngx_workers_request_t *request);

static JSValue ngx_workers_request_ext_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static JSValue ngx_workers_request_ext_get(JSContext *cx,
    JSValueConst this_val, int magic);
static JSValue ngx_workers_request_get_headers(JSContext *cx,
    ngx_workers_request_t *request);
static JSValue ngx_workers_request_get_signal(JSContext *cx,
    ngx_workers_request_t *request);
static JSValue ngx_workers_request_get_cache(JSContext *cx,
    ngx_workers_request_t *request);
static JSValue ngx_workers_request_ext_clone(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);

static void ngx_workers_request_finalizer(JSRuntime *rt, JSValueConst val);
static void ngx_workers_request_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func);


enum {
    NGX_WORKERS_REQUEST_METHOD = 0,
    NGX_WORKERS_REQUEST_URL,
    NGX_WORKERS_REQUEST_HEADERS,
    NGX_WORKERS_REQUEST_REDIRECT,
    NGX_WORKERS_REQUEST_FETCHER,
    NGX_WORKERS_REQUEST_SIGNAL,
    NGX_WORKERS_REQUEST_CF,
    NGX_WORKERS_REQUEST_INTEGRITY,
    NGX_WORKERS_REQUEST_KEEPALIVE,
    NGX_WORKERS_REQUEST_CACHE
};


static const ngx_workers_method_t  ngx_workers_methods[] = {
    { ngx_string("GET"), 1 },
    { ngx_string("POST"), 1 },
    { ngx_string("HEAD"), 1 },
    { ngx_string("PUT"), 1 },
    { ngx_string("DELETE"), 1 },
    { ngx_string("OPTIONS"), 1 },
    { ngx_string("PATCH"), 0 },
    { ngx_string("PURGE"), 0 },
    { ngx_string("TRACE"), 0 },
    { ngx_string("COPY"), 0 },
    { ngx_string("LOCK"), 0 },
    { ngx_string("MKCOL"), 0 },
    { ngx_string("MOVE"), 0 },
    { ngx_string("PROPFIND"), 0 },
    { ngx_string("PROPPATCH"), 0 },
    { ngx_string("SEARCH"), 0 },
    { ngx_string("UNLOCK"), 0 },
    { ngx_string("ACL"), 0 },
    { ngx_string("REPORT"), 0 },
    { ngx_string("MKACTIVITY"), 0 },
    { ngx_string("CHECKOUT"), 0 },
    { ngx_string("MERGE"), 0 },
    { ngx_string("M-SEARCH"), 0 },
    { ngx_string("MSEARCH"), 0 },
    { ngx_string("NOTIFY"), 0 },
    { ngx_string("SUBSCRIBE"), 0 },
    { ngx_string("UNSUBSCRIBE"), 0 },
    { ngx_string("QUERY"), 0 },
    { ngx_string("BAN"), 0 },
};


/* Members of RequestInit but method, headers and body, in the order read. */
static const ngx_workers_request_member_t  ngx_workers_request_members[] = {
    { "redirect", ngx_workers_request_set_redirect },
    { "fetcher", ngx_workers_request_set_fetcher },
    { "cf", ngx_workers_request_set_cf },
    { "cache", ngx_workers_request_set_cache },
    { "integrity", ngx_workers_request_set_integrity },
    { "signal", ngx_workers_request_set_signal },
    { "encodeResponseBody", ngx_workers_request_set_encoding },
};


static const JSCFunctionListEntry  ngx_workers_request_proto[] = {
    NGX_WORKERS_GETSET_MAGIC("method", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_METHOD),
    NGX_WORKERS_GETSET_MAGIC("url", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_URL),
    NGX_WORKERS_GETSET_MAGIC("headers", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_HEADERS),
    NGX_WORKERS_GETSET_MAGIC("redirect", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_REDIRECT),
    NGX_WORKERS_GETSET_MAGIC("fetcher", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_FETCHER),
    NGX_WORKERS_GETSET_MAGIC("signal", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_SIGNAL),
    NGX_WORKERS_GETSET_MAGIC("cf", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_CF),
    NGX_WORKERS_GETSET_MAGIC("integrity", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_INTEGRITY),
    NGX_WORKERS_GETSET_MAGIC("keepalive", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_KEEPALIVE),
    NGX_WORKERS_GETSET_MAGIC("cache", ngx_workers_request_ext_get, NULL,
                             NGX_WORKERS_REQUEST_CACHE),
    NGX_WORKERS_METHOD("clone", 0, ngx_workers_request_ext_clone),
    NGX_WORKERS_TAG("Request"),
};


ngx_workers_class_t  ngx_workers_request_class = {
    .def = {
        .class_name = "Request",
        .finalizer = ngx_workers_request_finalizer,
        .gc_mark = ngx_workers_request_mark,
    },
    .constructor = ngx_workers_request_ext_construct,
    .length = 1,
    .proto = ngx_workers_request_proto,
    .nproto = ngx_workers_nitems(ngx_workers_request_proto),
    .parent = &ngx_workers_body_class,
};


static ngx_workers_class_t  *ngx_workers_request_classes[] = {
    &ngx_workers_request_class,
    NULL
};


ngx_workers_web_t  ngx_workers_request_web = {
    .classes = ngx_workers_request_classes,
};


ngx_workers_request_t *
ngx_workers_request(JSValueConst v)
{
    return JS_GetOpaque(v, ngx_workers_request_class.id);
}


/* Eats object, or gives it back with its opaque: a GET of nothing. */

static JSValue
ngx_workers_request_alloc(JSContext *cx, JSValue object,
    ngx_workers_request_t **request)
{
    ngx_workers_request_t  *req;

    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    req = js_mallocz(cx, sizeof(ngx_workers_request_t));
    if (req == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    req->method = ngx_workers_methods[0].name;
    req->url = JS_UNDEFINED;
    req->headers_object = JS_UNDEFINED;
    req->body.value = JS_UNDEFINED;
    req->cf = JS_UNDEFINED;
    req->cf_from = JS_UNDEFINED;
    req->signal = JS_UNDEFINED;
    req->fetcher = JS_NULL;

    JS_SetOpaque(object, req);

    *request = req;

    return object;
}


JSValue
ngx_workers_request_incoming(JSContext *cx, ngx_workers_incoming_t *incoming,
    ngx_workers_request_t **request)
{
    JSValue                 object;
    ngx_workers_request_t  *req;

    *request = NULL;

    object = ngx_workers_request_alloc(cx,
                 JS_NewObjectClass(cx, ngx_workers_request_class.id), &req);

    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    req->incoming = incoming;
    req->owner = request;
    req->method = incoming->method;
    req->manual = 1;

    if (incoming->has_body) {
        req->body.type = NGX_WORKERS_BODY_SOURCE;
        req->body.open = incoming->body;
        req->body.data = incoming->data;
    }

    *request = req;

    return object;
}


void
ngx_workers_request_detach(JSRuntime *rt, ngx_workers_request_t *request)
{
    ngx_workers_incoming_t  *kept;

    kept = request->incoming->keep(rt, request->incoming->data);

    request->method = (kept != NULL) ? kept->method
                                     : ngx_workers_methods[0].name;
    request->incoming = kept;
    request->owner = NULL;
    request->body.open = NULL;
}


JSValueConst
ngx_workers_request_url(JSContext *cx, ngx_workers_request_t *request)
{
    JSValue  url;

    if (JS_IsUndefined(request->url) && request->incoming != NULL) {
        url = request->incoming->url(cx, request->incoming->data);

        if (JS_IsException(url)) {
            return JS_EXCEPTION;
        }

        request->url = url;
    }

    return request->url;
}


ngx_int_t
ngx_workers_request_headers(JSContext *cx, ngx_workers_request_t *request,
    ngx_workers_headers_t **headers)
{
    ngx_workers_headers_t  *list;

    *headers = request->headers;

    if (request->incoming == NULL || request->got_headers) {
        return NGX_OK;
    }

    list = ngx_workers_headers_create(cx);
    if (list == NULL) {
        return NGX_ERROR;
    }

    request->got_headers = 1;
    request->headers = list;

    if (request->incoming->headers(cx, request->incoming->data, list)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    list->guard = NGX_WORKERS_GUARD_IMMUTABLE;
    *headers = list;

    return NGX_OK;
}


JSValueConst
ngx_workers_request_cf(JSContext *cx, ngx_workers_request_t *request)
{
    JSValue                 cf;
    JSValueConst            other;
    ngx_workers_request_t  *from;

    if (request->got_cf) {
        return request->cf;
    }

    request->got_cf = 1;

    if (request->incoming != NULL) {
        cf = request->incoming->cf(cx, request->incoming->data);

    } else if (JS_IsObject(request->cf_from)) {
        from = ngx_workers_request(request->cf_from);
        other = ngx_workers_request_cf(cx, from);

        cf = JS_IsObject(other)
             ? ngx_workers_fetch_copy_cf(cx, other, NGX_WORKERS_REQUEST_INIT)
             : JS_DupValue(cx, other);

        JS_FreeValue(cx, request->cf_from);
        request->cf_from = JS_UNDEFINED;

    } else {
        return request->cf;
    }

    if (JS_IsException(cf)) {
        return JS_EXCEPTION;
    }

    request->cf = cf;

    return request->cf;
}


JSValue
ngx_workers_fetch_copy_cf(JSContext *cx, JSValueConst v, const char *dict)
{
    if (JS_IsException(v)) {
        return JS_EXCEPTION;
    }

    if (!JS_IsObject(v)) {
        return ngx_workers_fetch_throw_member(cx, "cf", dict, "Object");
    }

    return ngx_workers_clone(cx, v, JS_UNDEFINED);
}


ngx_int_t
ngx_workers_fetch_init_headers(JSContext *cx, ngx_workers_headers_t **headers,
    JSValueConst v, const char *dict)
{
    if (!JS_IsObject(v)) {
        (void) ngx_workers_fetch_throw_member(cx, "headers", dict,
                                              "Headers or Sequence or object");
        return NGX_ERROR;
    }

    *headers = ngx_workers_headers_create(cx);

    return (*headers != NULL) ? ngx_workers_headers_fill(cx, *headers, v)
                              : NGX_ERROR;
}


JSValue
ngx_workers_fetch_throw_member(JSContext *cx, const char *member,
    const char *dict, const char *type)
{
    return JS_ThrowTypeError(cx, "Incorrect type for the '%s' field on '%s': "
                             "the provided value is not of type '%s'.",
                             member, dict, type);
}


JSValue
ngx_workers_fetch_parse_url(JSContext *cx, JSValueConst v)
{
    JSValue             string;
    ngx_int_t           rc;
    ngx_workers_usv_t   usv;
    ngx_workers_url_t  *url;

    url = ngx_workers_url(v);

    if (url != NULL) {
        return JS_NewStringLen(cx, (char *) url->href, url->len);
    }

    if (ngx_workers_usv(cx, v, &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    rc = ngx_workers_url_create(cx, &usv.str, NULL, &url);

    if (rc == NGX_OK) {

        if (JS_IsString(v)
            && url->len == usv.str.len
            && ngx_memcmp(url->href, usv.str.data, url->len) == 0)
        {
            string = JS_DupValue(cx, v);

        } else {
            string = JS_NewStringLen(cx, (char *) url->href, url->len);
        }

        js_free(cx, url);

    } else {
        string = (rc == NGX_DECLINED) ? JS_UNDEFINED : JS_EXCEPTION;
    }

    ngx_workers_usv_free(cx, &usv);

    return string;
}


JSValue
ngx_workers_request_construct(JSContext *cx, JSValueConst input,
    JSValueConst init)
{
    return ngx_workers_request_create(cx,
                  JS_NewObjectClass(cx, ngx_workers_request_class.id), input,
                  init);
}


static JSValue
ngx_workers_request_ext_construct(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv)
{
    JSValue  object;

    if (argc < 1) {
        return ngx_workers_throw_constructor_argument(cx, "Request", 1,
                                                      "Request or string");
    }

    object = ngx_workers_new_instance(cx, new_target,
                                      ngx_workers_request_class.id);

    return ngx_workers_request_create(cx, object, argv[0],
                                      argc > 1 ? argv[1] : JS_UNDEFINED);
}


/* Eats object. */

static JSValue
ngx_workers_request_create(JSContext *cx, JSValue object, JSValueConst input,
    JSValueConst init)
{
    JSValue                 body;
    ngx_int_t               rc;
    ngx_workers_request_t  *request, *from, *other;

    object = ngx_workers_request_alloc(cx, object, &request);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    from = ngx_workers_request(input);
    other = ngx_workers_request(init);

    if (from == NULL) {
        rc = ngx_workers_request_init_url(cx, request, input);

    } else {
        rc = ngx_workers_request_copy(cx, request, from, input);

        if (rc == NGX_OK && other == NULL) {
            /* an init's body takes the place of the other's */

            body = JS_IsObject(init)
                   ? JS_GetProperty(cx, init, ngx_workers_atom(cx, BODY))
                   : JS_UNDEFINED;

            if (JS_IsException(body)) {
                rc = NGX_ERROR;

            } else if (JS_IsUndefined(body)) {
                rc = ngx_workers_request_move_body(cx, request, from);
            }

            JS_FreeValue(cx, body);
        }
    }

    if (rc != NGX_OK) {
        goto failed;
    }

    if (other != NULL) {

        if (ngx_workers_request_copy(cx, request, other, init) != NGX_OK
            || ngx_workers_body_share(cx, &other->body, &request->body)
               != NGX_OK)
        {
            goto failed;
        }

    } else if (!JS_IsUndefined(init)
               && !JS_IsNull(init)
               && ngx_workers_request_init(cx, request, init) != NGX_OK)
    {
        goto failed;
    }

    return object;

failed:

    JS_FreeValue(cx, object);

    return JS_EXCEPTION;
}


static ngx_int_t
ngx_workers_request_init_url(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst input)
{
    JSValue      url;
    const char  *text;

    url = ngx_workers_fetch_parse_url(cx, input);

    if (JS_IsUndefined(url)) {
        text = JS_ToCString(cx, input);

        if (text != NULL) {
            (void) JS_ThrowTypeError(cx, "Invalid URL: %s", text);
            JS_FreeCString(cx, text);
        }

        return NGX_ERROR;
    }

    if (JS_IsException(url)) {
        return NGX_ERROR;
    }

    request->url = url;

    return NGX_OK;
}


/* All of another request but its body; the URL if there is none so far. */

static ngx_int_t
ngx_workers_request_copy(JSContext *cx, ngx_workers_request_t *request,
    ngx_workers_request_t *from, JSValueConst object)
{
    u_char                 *p;
    JSValueConst            url;
    ngx_workers_headers_t  *headers, *copy;

    if (JS_IsUndefined(request->url)) {
        url = ngx_workers_request_url(cx, from);

        if (JS_IsException(url)) {
            return NGX_ERROR;
        }

        request->url = JS_DupValue(cx, url);
    }

    js_free(cx, request->method_alloc);

    request->method = from->method;
    request->method_alloc = NULL;

    if (from->incoming != NULL || from->method_alloc != NULL) {
        p = js_malloc(cx, from->method.len);

        if (p == NULL) {
            request->method = ngx_workers_methods[0].name;
            return NGX_ERROR;
        }

        ngx_memcpy(p, from->method.data, from->method.len);
        request->method.data = p;
        request->method_alloc = p;
    }

    if (ngx_workers_request_headers(cx, from, &headers) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_workers_headers_destroy(JS_GetRuntime(cx), request->headers);
    request->headers = NULL;

    if (headers != NULL) {
        copy = ngx_workers_headers_create(cx);
        request->headers = copy;

        if (copy == NULL
            || ngx_workers_headers_copy(cx, copy, headers) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (ngx_workers_request_copy_cf(cx, request, from, object) != NGX_OK) {
        return NGX_ERROR;
    }

    JS_FreeValue(cx, request->signal);
    JS_FreeValue(cx, request->fetcher);

    request->signal = (from->incoming == NULL) ? JS_DupValue(cx, from->signal)
                                               : JS_UNDEFINED;
    request->fetcher = JS_DupValue(cx, from->fetcher);
    request->manual = from->manual;
    request->cache = from->cache;

    return NGX_OK;
}


/* One that nobody has asked for is copied when somebody does. */

static ngx_int_t
ngx_workers_request_copy_cf(JSContext *cx, ngx_workers_request_t *request,
    ngx_workers_request_t *from, JSValueConst object)
{
    JSValue  cf;

    JS_FreeValue(cx, request->cf);
    JS_FreeValue(cx, request->cf_from);

    request->cf = JS_UNDEFINED;
    request->cf_from = JS_UNDEFINED;
    request->got_cf = 0;

    if (from->got_cf) {

        if (JS_IsObject(from->cf)) {
            cf = ngx_workers_fetch_copy_cf(cx, from->cf,
                                           NGX_WORKERS_REQUEST_INIT);
            if (JS_IsException(cf)) {
                return NGX_ERROR;
            }

            request->cf = cf;
        }

        request->got_cf = 1;

    } else if (from->incoming != NULL) {
        request->cf_from = JS_DupValue(cx, object);

    } else {
        request->cf_from = JS_DupValue(cx, from->cf_from);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_request_move_body(JSContext *cx, ngx_workers_request_t *request,
    ngx_workers_request_t *from)
{
    if (ngx_workers_body_unusable(cx, &from->body)) {

        if (ngx_workers_body_used(cx, &from->body)) {
            (void) JS_ThrowTypeError(cx, "Cannot reconstruct a Request with a "
                                     "used body.");

        } else {
            (void) JS_ThrowTypeError(cx, "The ReadableStream has been locked "
                                     "to a reader.");
        }

        return NGX_ERROR;
    }

    return ngx_workers_body_move(cx, &from->body, &request->body);
}


static ngx_int_t
ngx_workers_request_init(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst init)
{
    JSValue     method, headers, body;
    ngx_int_t   rc;
    ngx_uint_t  i;

    if (!JS_IsObject(init)) {
        (void) ngx_workers_throw_constructor_argument(cx, "Request", 2,
                                          "RequestInitializerDict or Request");
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    method = JS_GetProperty(cx, init, ngx_workers_atom(cx, METHOD));
    headers = JS_GetProperty(cx, init, ngx_workers_atom(cx, HEADERS));
    body = JS_GetProperty(cx, init, ngx_workers_atom(cx, BODY));

    if (JS_IsException(method) || JS_IsException(headers)
        || JS_IsException(body))
    {
        goto done;
    }

    if (!JS_IsUndefined(method)
        && ngx_workers_request_set_method(cx, request, method) != NGX_OK)
    {
        goto done;
    }

    if (!JS_IsUndefined(headers)
        && ngx_workers_request_set_headers(cx, request, headers) != NGX_OK)
    {
        goto done;
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_request_members); i++) {

        if (ngx_workers_request_init_member(cx, request,
                                            &ngx_workers_request_members[i],
                                            init)
            != NGX_OK)
        {
            goto done;
        }
    }

    if (!JS_IsUndefined(body)
        && !JS_IsNull(body)
        && ngx_workers_request_set_body(cx, request, body) != NGX_OK)
    {
        goto done;
    }

    if ((!JS_IsUndefined(method) || !JS_IsUndefined(body))
        && request->body.type != NGX_WORKERS_BODY_NONE
        && ngx_workers_request_bodiless(request))
    {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_GET_WITH_BODY);
        goto done;
    }

    rc = NGX_OK;

done:

    JS_FreeValue(cx, method);
    JS_FreeValue(cx, headers);
    JS_FreeValue(cx, body);

    return rc;
}


static ngx_int_t
ngx_workers_request_init_member(JSContext *cx, ngx_workers_request_t *request,
    const ngx_workers_request_member_t *m, JSValueConst init)
{
    JSValue    v;
    ngx_int_t  rc;

    v = JS_GetPropertyStr(cx, init, m->name);

    if (JS_IsUndefined(v)) {
        return NGX_OK;
    }

    if (JS_IsException(v)) {
        return NGX_ERROR;
    }

    rc = m->set(cx, request, v);

    JS_FreeValue(cx, v);

    return rc;
}


static ngx_int_t
ngx_workers_request_set_method(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    size_t                       len;
    ngx_uint_t                   i, all;
    const char                  *name;
    const ngx_workers_method_t  *m;

    name = JS_ToCStringLen(cx, &len, v);
    if (name == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_methods); i++) {
        m = &ngx_workers_methods[i];

        if (m->name.len != len
            || ngx_strncasecmp(m->name.data, (u_char *) name, len) != 0)
        {
            continue;
        }

        all = m->standard
              || ngx_memcmp(m->name.data, name, len) == 0
              || ngx_workers_script_flag(ngx_workers_isolate(cx)->script,
                                         "upper_case_all_http_methods",
                                         "no_upper_case_all_http_methods",
                                         20241014);
        if (!all) {
            break;
        }

        js_free(cx, request->method_alloc);

        request->method_alloc = NULL;
        request->method = m->name;

        JS_FreeCString(cx, name);

        return NGX_OK;
    }

    (void) JS_ThrowTypeError(cx, "Invalid HTTP method string: %s", name);

    JS_FreeCString(cx, name);

    return NGX_ERROR;
}


static ngx_int_t
ngx_workers_request_set_headers(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    ngx_workers_headers_destroy(JS_GetRuntime(cx), request->headers);
    request->headers = NULL;

    return ngx_workers_fetch_init_headers(cx, &request->headers, v,
                                          NGX_WORKERS_REQUEST_INIT);
}


static ngx_int_t
ngx_workers_request_set_body(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    void                   *type_alloc;
    ngx_int_t               rc;
    ngx_str_t               name = ngx_string("Content-Type"), type;
    ngx_workers_headers_t  *headers;

    if (ngx_workers_body_extract(cx, &request->body, v, &type, &type_alloc)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (type.len != 0) {
        headers = request->headers;

        if (headers == NULL) {
            headers = ngx_workers_headers_create(cx);
            request->headers = headers;
        }

        if (headers == NULL) {
            rc = NGX_ERROR;

        } else if (ngx_workers_headers_find(headers, "content-type", 12)
                   == NULL)
        {
            rc = ngx_workers_headers_add(cx, headers, &name, &type);
        }
    }

    js_free(cx, type_alloc);

    return rc;
}


static ngx_int_t
ngx_workers_request_set_integrity(JSContext *cx,
    ngx_workers_request_t *request, JSValueConst v)
{
    size_t       len;
    const char  *s;

    s = JS_ToCStringLen(cx, &len, v);
    if (s == NULL) {
        return NGX_ERROR;
    }

    JS_FreeCString(cx, s);

    if (len != 0) {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_BAD_INTEGRITY);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_request_set_fetcher(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    if (!JS_IsNull(v)) {
        /* there are no Fetchers so far */
        (void) ngx_workers_fetch_throw_member(cx, "fetcher",
                                              NGX_WORKERS_REQUEST_INIT,
                                              "Fetcher");
        return NGX_ERROR;
    }

    JS_FreeValue(cx, request->fetcher);
    request->fetcher = JS_NULL;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_request_set_signal(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    if (!JS_IsNull(v) && !ngx_workers_signal_is(cx, v)) {
        (void) ngx_workers_fetch_throw_member(cx, "signal",
                                              NGX_WORKERS_REQUEST_INIT,
                                              "AbortSignal");
        return NGX_ERROR;
    }

    JS_FreeValue(cx, request->signal);
    request->signal = JS_IsNull(v) ? JS_UNDEFINED : JS_DupValue(cx, v);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_request_set_cf(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    JSValue  cf;

    cf = ngx_workers_fetch_copy_cf(cx, v, NGX_WORKERS_REQUEST_INIT);
    if (JS_IsException(cf)) {
        return NGX_ERROR;
    }

    JS_FreeValue(cx, request->cf);
    JS_FreeValue(cx, request->cf_from);

    request->cf = cf;
    request->cf_from = JS_UNDEFINED;
    request->got_cf = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_request_set_redirect(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    ngx_int_t    rc;
    const char  *s;

    s = JS_ToCString(cx, v);
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (ngx_strcasecmp((u_char *) s, (u_char *) "follow") == 0) {
        request->manual = 0;

    } else if (ngx_strcasecmp((u_char *) s, (u_char *) "manual") == 0) {
        request->manual = 1;

    } else {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_BAD_REDIRECT);
        rc = NGX_ERROR;
    }

    JS_FreeCString(cx, s);

    return rc;
}


static ngx_int_t
ngx_workers_request_set_cache(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    ngx_int_t              rc;
    const char            *s;
    ngx_workers_script_t  *script;

    script = ngx_workers_isolate(cx)->script;

    if (!ngx_workers_script_flag(script, "cache_option_enabled",
                                 "cache_option_disabled", 20241111))
    {
        (void) JS_ThrowPlainError(cx, "The 'cache' field on "
                                  "'RequestInitializerDict' is not "
                                  "implemented.");
        return NGX_ERROR;
    }

    s = JS_ToCString(cx, v);
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (ngx_strcmp(s, "no-store") == 0) {
        request->cache = NGX_WORKERS_CACHE_NO_STORE;

    } else if (ngx_strcmp(s, "no-cache") == 0) {
        request->cache = NGX_WORKERS_CACHE_NO_CACHE;

    } else if (ngx_strcmp(s, "reload") == 0
               && ngx_workers_script_flag(script, "cache_reload_enabled",
                                          "cache_reload_disabled", 0))
    {
        request->cache = NGX_WORKERS_CACHE_RELOAD;

    } else {
        (void) JS_ThrowTypeError(cx, "Unsupported cache mode: %s", s);
        rc = NGX_ERROR;
    }

    JS_FreeCString(cx, s);

    return rc;
}


static ngx_int_t
ngx_workers_request_set_encoding(JSContext *cx, ngx_workers_request_t *request,
    JSValueConst v)
{
    ngx_int_t    rc;
    const char  *s;

    s = JS_ToCString(cx, v);
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (ngx_strcmp(s, "manual") == 0) {
        request->response_manual = 1;

    } else if (ngx_strcmp(s, "automatic") == 0) {
        request->response_manual = 0;

    } else {
        (void) JS_ThrowTypeError(cx, "encodeResponseBody: unexpected value: "
                                 "%s", s);
        rc = NGX_ERROR;
    }

    JS_FreeCString(cx, s);

    return rc;
}


static ngx_uint_t
ngx_workers_request_bodiless(ngx_workers_request_t *request)
{
    return (request->method.len == 3
            && ngx_memcmp(request->method.data, "GET", 3) == 0)
           || (request->method.len == 4
               && ngx_memcmp(request->method.data, "HEAD", 4) == 0);
}


static JSValue
ngx_workers_request_ext_get(JSContext *cx, JSValueConst this_val, int magic)
{
    ngx_workers_request_t  *request;

    request = ngx_workers_this(cx, this_val, ngx_workers_request_class.id);
    if (request == NULL) {
        return JS_EXCEPTION;
    }

    switch (magic) {

    case NGX_WORKERS_REQUEST_METHOD:
        return ngx_workers_new_string(cx, &request->method);

    case NGX_WORKERS_REQUEST_URL:
        return JS_DupValue(cx, ngx_workers_request_url(cx, request));

    case NGX_WORKERS_REQUEST_HEADERS:
        return ngx_workers_request_get_headers(cx, request);

    case NGX_WORKERS_REQUEST_REDIRECT:
        return JS_NewString(cx, request->manual ? "manual" : "follow");

    case NGX_WORKERS_REQUEST_FETCHER:
        return JS_DupValue(cx, request->fetcher);

    case NGX_WORKERS_REQUEST_SIGNAL:
        return ngx_workers_request_get_signal(cx, request);

    case NGX_WORKERS_REQUEST_CF:
        return JS_DupValue(cx, ngx_workers_request_cf(cx, request));

    case NGX_WORKERS_REQUEST_INTEGRITY:
        return JS_NewStringLen(cx, "", 0);

    case NGX_WORKERS_REQUEST_KEEPALIVE:
        return JS_FALSE;

    default: /* NGX_WORKERS_REQUEST_CACHE */
        return ngx_workers_request_get_cache(cx, request);
    }
}


static JSValue
ngx_workers_request_get_headers(JSContext *cx, ngx_workers_request_t *request)
{
    JSValue                 object;
    ngx_workers_headers_t  *headers;

    if (JS_IsUndefined(request->headers_object)) {

        if (ngx_workers_request_headers(cx, request, &headers) != NGX_OK) {
            return JS_EXCEPTION;
        }

        if (headers == NULL) {
            headers = ngx_workers_headers_create(cx);
            if (headers == NULL) {
                return JS_EXCEPTION;
            }

            request->headers = headers;
        }

        object = ngx_workers_headers_wrap(cx, headers);
        if (JS_IsException(object)) {
            return JS_EXCEPTION;
        }

        request->headers_object = object;
    }

    return JS_DupValue(cx, request->headers_object);
}


static JSValue
ngx_workers_request_get_signal(JSContext *cx, ngx_workers_request_t *request)
{
    JSValue  signal, abort;

    if (JS_IsUndefined(request->signal)) {
        abort = JS_UNDEFINED;

        if (request->incoming != NULL && request->owner != NULL) {
            signal = request->incoming->signal(cx, request->incoming->data);

        } else {
            signal = ngx_workers_signal_new(cx, &abort);
            JS_FreeValue(cx, abort);
        }

        if (JS_IsException(signal)) {
            return JS_EXCEPTION;
        }

        request->signal = signal;
    }

    return JS_DupValue(cx, request->signal);
}


static JSValue
ngx_workers_request_get_cache(JSContext *cx, ngx_workers_request_t *request)
{
    switch (request->cache) {

    case NGX_WORKERS_CACHE_NO_STORE:
        return JS_NewString(cx, "no-store");

    case NGX_WORKERS_CACHE_NO_CACHE:
        return JS_NewString(cx, "no-cache");

    case NGX_WORKERS_CACHE_RELOAD:
        return JS_NewString(cx, "reload");

    default:
        return JS_UNDEFINED;
    }
}


static JSValue
ngx_workers_request_ext_clone(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                 object;
    ngx_workers_request_t  *request, *copy;

    request = ngx_workers_this(cx, this_val, ngx_workers_request_class.id);
    if (request == NULL) {
        return JS_EXCEPTION;
    }

    object = ngx_workers_request_alloc(cx,
                 JS_NewObjectClass(cx, ngx_workers_request_class.id), &copy);

    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_request_copy(cx, copy, request, this_val) != NGX_OK
        || ngx_workers_body_clone(cx, &request->body, &copy->body) != NGX_OK)
    {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    if (copy->headers != NULL) {
        copy->headers->guard = request->headers->guard;
    }

    return object;
}


static void
ngx_workers_request_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_request_t  *request;

    request = ngx_workers_request(val);
    if (request == NULL) {
        return;
    }

    if (request->owner != NULL) {
        *request->owner = NULL;

    } else {
        js_free_rt(rt, request->incoming);
    }

    if (JS_IsUndefined(request->headers_object)) {
        ngx_workers_headers_destroy(rt, request->headers);

    } else {
        JS_FreeValueRT(rt, request->headers_object);
    }

    ngx_workers_body_free(rt, &request->body);

    JS_FreeValueRT(rt, request->url);
    JS_FreeValueRT(rt, request->cf);
    JS_FreeValueRT(rt, request->cf_from);
    JS_FreeValueRT(rt, request->signal);
    JS_FreeValueRT(rt, request->fetcher);

    js_free_rt(rt, request->method_alloc);
    js_free_rt(rt, request);
}


static void
ngx_workers_request_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func)
{
    ngx_workers_request_t  *request;

    request = ngx_workers_request(val);
    if (request == NULL) {
        return;
    }

    JS_MarkValue(rt, request->headers_object, mark_func);
    JS_MarkValue(rt, request->cf, mark_func);
    JS_MarkValue(rt, request->cf_from, mark_func);
    JS_MarkValue(rt, request->signal, mark_func);
    JS_MarkValue(rt, request->fetcher, mark_func);

    ngx_workers_body_mark(rt, &request->body, mark_func);
}
