
/*
 * Copyright (C) the nginx-workers authors
 *
 * The Cache API: what requests and URLs say of an entry, its key, and what
 * they ask of it, their conditions.
 */


#include "ngx_workers_cache_api.h"


#define NGX_WORKERS_CACHE_BAD_URL                                             \
    "Invalid URL. Cache API keys must be fully-qualified, valid URLs."


static ngx_int_t ngx_workers_cache_key_cf(JSContext *cx,
    ngx_workers_request_t *request, JSValue *value);
static ngx_int_t ngx_workers_cache_check_url(JSContext *cx, ngx_str_t *url);
static ngx_int_t ngx_workers_cache_condition(JSContext *cx,
    ngx_workers_headers_t *headers, const char *name, ngx_str_t *value);


ngx_int_t
ngx_workers_cache_key(JSContext *cx, JSValueConst v,
    ngx_workers_cache_key_t *key)
{
    JSValueConst       url;
    ngx_workers_usv_t  usv;

    ngx_str_null(&key->key);
    key->url = JS_UNDEFINED;
    key->request = ngx_workers_request(v);

    if (key->request != NULL) {
        url = ngx_workers_request_url(cx, key->request);

        if (JS_IsException(url)) {
            return NGX_ERROR;
        }

        key->url = JS_DupValue(cx, url);

        return NGX_OK;
    }

    key->url = ngx_workers_fetch_parse_url(cx, v);

    if (JS_IsUndefined(key->url)) {

        if (ngx_workers_usv(cx, v, &usv) == NGX_OK) {
            (void) JS_ThrowTypeError(cx, "Invalid URL: %s", usv.str.data);
            ngx_workers_usv_free(cx, &usv);
        }

        return NGX_ERROR;
    }

    if (JS_IsException(key->url)) {
        key->url = JS_UNDEFINED;
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_workers_cache_is_get(ngx_workers_cache_key_t *key)
{
    return key->request == NULL
           || (key->request->method.len == 3
               && ngx_memcmp(key->request->method.data, "GET", 3) == 0);
}


/* The URL without its fragment, or what cf.cacheKey says. */

ngx_int_t
ngx_workers_cache_key_bytes(JSContext *cx, ngx_workers_cache_t *cache,
    ngx_workers_cache_key_t *key)
{
    u_char             *p;
    JSValue             other;
    ngx_int_t           rc;
    ngx_str_t           url;
    ngx_workers_usv_t   usv, cf;

    if (ngx_workers_usv(cx, key->url, &usv) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_workers_cache_check_url(cx, &usv.str);

    if (rc == NGX_OK && key->request != NULL) {

        rc = ngx_workers_cache_key_cf(cx, key->request, &other);

        if (rc == NGX_OK) {
            rc = ngx_workers_usv(cx, other, &cf);
            JS_FreeValue(cx, other);

            if (rc == NGX_OK && cf.str.len != 0) {
                ngx_workers_usv_free(cx, &usv);
                usv = cf;

                url = usv.str;
                goto found;
            }

            if (rc == NGX_OK) {
                ngx_workers_usv_free(cx, &cf);
            }
        }
    }

    if (rc == NGX_ERROR) {
        ngx_workers_usv_free(cx, &usv);
        return NGX_ERROR;
    }

    url = usv.str;

    p = ngx_strlchr(url.data, url.data + url.len, '#');

    if (p != NULL) {
        url.len = p - url.data;
    }

found:

    p = js_malloc(cx, cache->len + url.len);

    if (p != NULL) {
        key->key.data = p;
        key->key.len = cache->len + url.len;

        p = ngx_cpymem(p, cache->prefix, cache->len);
        ngx_memcpy(p, url.data, url.len);
    }

    ngx_workers_usv_free(cx, &usv);

    return (p != NULL) ? NGX_OK : NGX_ERROR;
}


/*
 * cf.cacheKey, owned.  NGX_DECLINED: there is none; the cf of the client's
 * request, which is costly to make, has none unless a script put it there.
 */

static ngx_int_t
ngx_workers_cache_key_cf(JSContext *cx, ngx_workers_request_t *request,
    JSValue *value)
{
    JSValueConst            cf;
    ngx_workers_request_t  *from;

    for (from = request; !from->got_cf; /* void */ ) {

        if (from->incoming != NULL) {
            return NGX_DECLINED;
        }

        if (!JS_IsObject(from->cf_from)) {
            break;
        }

        from = ngx_workers_request(from->cf_from);
    }

    cf = ngx_workers_request_cf(cx, request);

    if (JS_IsException(cf)) {
        return NGX_ERROR;
    }

    if (!JS_IsObject(cf)) {
        return NGX_DECLINED;
    }

    *value = JS_GetPropertyStr(cx, cf, "cacheKey");

    if (JS_IsException(*value)) {
        return NGX_ERROR;
    }

    if (JS_IsUndefined(*value) || JS_IsNull(*value)) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* What the platform could send a request to. */

static ngx_int_t
ngx_workers_cache_check_url(JSContext *cx, ngx_str_t *url)
{
    u_char  *p, *last;

    last = url->data + url->len;

    for (p = url->data; p < last && *p != ':'; p++) { /* void */ }

    if (last - p < 3 || p[1] != '/' || p[2] != '/') {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_CACHE_BAD_URL);
        return NGX_ERROR;
    }

    if (!(p - url->data == 4 && ngx_memcmp(url->data, "http", 4) == 0)
        && !(p - url->data == 5 && ngx_memcmp(url->data, "https", 5) == 0))
    {
        (void) JS_ThrowTypeError(cx, "Fetch API cannot load: %.*s",
                                 (int) ngx_min(url->len, 200), url->data);
        return NGX_ERROR;
    }

    for (p += 3; p < last && *p != '/' && *p != '?' && *p != '#'; p++) {

        if (*p == '@') {
            (void) JS_ThrowTypeError(cx, NGX_WORKERS_CACHE_BAD_URL);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
ngx_workers_cache_key_free(JSContext *cx, ngx_workers_cache_key_t *key)
{
    js_free(cx, key->key.data);
    JS_FreeValue(cx, key->url);
}


ngx_int_t
ngx_workers_cache_conditions(JSContext *cx, ngx_workers_request_t *request,
    ngx_workers_cache_conditions_t *c)
{
    ngx_workers_headers_t  *headers;

    ngx_memzero(c, sizeof(ngx_workers_cache_conditions_t));

    if (request == NULL) {
        return NGX_OK;
    }

    if (ngx_workers_request_headers(cx, request, &headers) != NGX_OK) {
        return NGX_ERROR;
    }

    if (headers == NULL) {
        return NGX_OK;
    }

    if (ngx_workers_cache_condition(cx, headers, "range", &c->range) != NGX_OK
        || ngx_workers_cache_condition(cx, headers, "if-none-match",
                                       &c->if_none_match)
           != NGX_OK
        || ngx_workers_cache_condition(cx, headers, "if-modified-since",
                                       &c->if_modified_since)
           != NGX_OK)
    {
        ngx_workers_cache_conditions_free(c);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_cache_condition(JSContext *cx, ngx_workers_headers_t *headers,
    const char *name, ngx_str_t *value)
{
    size_t       len;
    JSValue      v;
    const char  *text;

    if (ngx_workers_headers_find(headers, name, ngx_strlen(name)) == NULL) {
        return NGX_OK;
    }

    v = ngx_workers_headers_get(cx, headers, name, ngx_strlen(name));
    if (JS_IsException(v)) {
        return NGX_ERROR;
    }

    text = JS_ToCStringLen(cx, &len, v);
    JS_FreeValue(cx, v);

    if (text == NULL) {
        return NGX_ERROR;
    }

    value->data = ngx_alloc(len + 1, ngx_workers_isolate(cx)->log);

    if (value->data != NULL) {
        value->len = len;
        ngx_memcpy(value->data, text, len + 1);

    } else {
        (void) JS_ThrowOutOfMemory(cx);
    }

    JS_FreeCString(cx, text);

    return (value->data != NULL) ? NGX_OK : NGX_ERROR;
}


void
ngx_workers_cache_conditions_free(ngx_workers_cache_conditions_t *c)
{
    if (c->range.data != NULL) {
        ngx_free(c->range.data);
    }

    if (c->if_none_match.data != NULL) {
        ngx_free(c->if_none_match.data);
    }

    if (c->if_modified_since.data != NULL) {
        ngx_free(c->if_modified_since.data);
    }
}
