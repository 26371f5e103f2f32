
/*
 * Copyright (C) the nginx-workers authors
 *
 * The Cache API: Service Workers, section 5.4 and 5.5, as far as the platform
 * has it.  Caches belong to the server, not to a script: all scripts, in all
 * processes, share the default one and those of a name.
 */


#include "ngx_workers_cache_api.h"
#include "ngx_workers_globals.h"


#define NGX_WORKERS_CACHE_MAX_NAME  1023


typedef struct {
    ngx_workers_op_t                 op;
    ngx_workers_cache_entry_t       *entry;
    ngx_workers_cache_conditions_t   conditions;
    ngx_int_t                        rc;
} ngx_workers_cache_match_t;


static ngx_int_t ngx_workers_cache_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_cache_new(JSContext *cx, const char *kind,
    ngx_str_t *name);
static void ngx_workers_cache_finalizer(JSRuntime *rt, JSValueConst val);

static JSValue ngx_workers_caches_ext_open(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_caches_ext_refuse(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_cache_ext_refuse(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_cache_refuse(JSContext *cx, const char *class,
    const char *method);
static JSValue ngx_workers_cache_ext_put(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_cache_put_response(JSContext *cx,
    ngx_workers_cache_t *cache, JSValueConst request, JSValueConst response);
static ngx_int_t ngx_workers_cache_vary(JSContext *cx,
    ngx_workers_response_t *response);
static JSValue ngx_workers_cache_ext_match(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_cache_ext_delete(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_cache_match(JSContext *cx,
    ngx_workers_cache_key_t *key);
static JSValue ngx_workers_cache_remove(JSContext *cx,
    ngx_workers_cache_key_t *key);

static ngx_int_t ngx_workers_cache_arguments(JSContext *cx,
    ngx_workers_cache_t *cache, const char *method, int argc,
    JSValueConst *argv, ngx_workers_cache_key_t *key);
static ngx_int_t ngx_workers_cache_options(JSContext *cx, const char *method,
    JSValueConst options, int *ignore_method);

static void ngx_workers_cache_found(void *data, ngx_int_t rc,
    ngx_workers_cache_entry_t *entry);
static JSValue ngx_workers_cache_match_settle(JSContext *cx,
    ngx_workers_op_t *op);
static void ngx_workers_cache_match_free(ngx_workers_op_t *op);
static void ngx_workers_cache_removed(void *data, ngx_int_t rc);
static JSValue ngx_workers_cache_remove_settle(JSContext *cx,
    ngx_workers_op_t *op);


static const char *const  ngx_workers_caches_refused[] = {
    "delete", "match", "has", "keys"
};


static const char *const  ngx_workers_cache_refused[] = {
    "add", "addAll", "matchAll", "keys"
};


static const JSCFunctionListEntry  ngx_workers_caches_proto[] = {
    NGX_WORKERS_METHOD("open", 0, ngx_workers_caches_ext_open),
    NGX_WORKERS_METHOD_MAGIC("delete", 0, ngx_workers_caches_ext_refuse, 0),
    NGX_WORKERS_METHOD_MAGIC("match", 0, ngx_workers_caches_ext_refuse, 1),
    NGX_WORKERS_METHOD_MAGIC("has", 0, ngx_workers_caches_ext_refuse, 2),
    NGX_WORKERS_METHOD_MAGIC("keys", 0, ngx_workers_caches_ext_refuse, 3),
    NGX_WORKERS_TAG("CacheStorage"),
};


static const JSCFunctionListEntry  ngx_workers_cache_proto[] = {
    NGX_WORKERS_METHOD_MAGIC("add", 0, ngx_workers_cache_ext_refuse, 0),
    NGX_WORKERS_METHOD_MAGIC("addAll", 0, ngx_workers_cache_ext_refuse, 1),
    NGX_WORKERS_METHOD("delete", 0, ngx_workers_cache_ext_delete),
    NGX_WORKERS_METHOD("match", 0, ngx_workers_cache_ext_match),
    NGX_WORKERS_METHOD("put", 0, ngx_workers_cache_ext_put),
    NGX_WORKERS_METHOD_MAGIC("matchAll", 0, ngx_workers_cache_ext_refuse, 2),
    NGX_WORKERS_METHOD_MAGIC("keys", 0, ngx_workers_cache_ext_refuse, 3),
    NGX_WORKERS_TAG("Cache"),
};


static ngx_workers_class_t  ngx_workers_caches_class = {
    .def = { .class_name = "CacheStorage" },
    .proto = ngx_workers_caches_proto,
    .nproto = ngx_workers_nitems(ngx_workers_caches_proto),
};


static ngx_workers_class_t  ngx_workers_cache_class = {
    .def = {
        .class_name = "Cache",
        .finalizer = ngx_workers_cache_finalizer,
    },
    .proto = ngx_workers_cache_proto,
    .nproto = ngx_workers_nitems(ngx_workers_cache_proto),
};


static ngx_workers_class_t  *ngx_workers_cache_classes[] = {
    &ngx_workers_caches_class,
    &ngx_workers_cache_class,
    NULL
};


ngx_workers_web_t  ngx_workers_cache_web = {
    .classes = ngx_workers_cache_classes,
    .init = ngx_workers_cache_init
};


static ngx_int_t
ngx_workers_cache_init(JSContext *cx, JSValueConst global)
{
    int        rc;
    JSValue    caches, cache;
    ngx_str_t  name;

    if (ngx_workers_singleton(cx, global, &ngx_workers_caches_class, "caches")
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_null(&name);

    caches = JS_GetPropertyStr(cx, global, "caches");
    cache = ngx_workers_cache_new(cx, "d", &name);

    rc = JS_IsException(cache) ? -1
         : JS_DefinePropertyValueStr(cx, caches, "default", cache,
                                     JS_PROP_ENUMERABLE
                                     | JS_PROP_CONFIGURABLE);

    JS_FreeValue(cx, caches);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


static JSValue
ngx_workers_cache_new(JSContext *cx, const char *kind, ngx_str_t *name)
{
    u_char               *p;
    JSValue               object;
    ngx_workers_cache_t  *cache;

    object = JS_NewObjectClass(cx, ngx_workers_cache_class.id);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    cache = js_malloc(cx, sizeof(ngx_workers_cache_t) + 1 + name->len);
    if (cache == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    p = cache->prefix;
    *p++ = *kind;

    if (name->len != 0) {
        p = ngx_cpymem(p, name->data, name->len);
    }

    *p++ = '\0';

    cache->len = p - cache->prefix;

    JS_SetOpaque(object, cache);

    return object;
}


static void
ngx_workers_cache_finalizer(JSRuntime *rt, JSValueConst val)
{
    js_free_rt(rt, JS_GetOpaque(val, ngx_workers_cache_class.id));
}


static JSValue
ngx_workers_caches_ext_open(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue            cache;
    ngx_workers_usv_t  name;

    if (ngx_workers_this(cx, this_val, ngx_workers_caches_class.id) == NULL) {
        return ngx_workers_reject(cx);
    }

    if (argc < 1) {
        (void) ngx_workers_throw_argument(cx, "open", "CacheStorage", 1,
                                          "string");
        return ngx_workers_reject(cx);
    }

    if (ngx_workers_usv(cx, argv[0], &name) != NGX_OK) {
        return ngx_workers_reject(cx);
    }

    cache = (name.str.len > NGX_WORKERS_CACHE_MAX_NAME)
            ? JS_ThrowTypeError(cx, "Cache name is too long.")
            : ngx_workers_cache_new(cx, "n", &name.str);

    ngx_workers_usv_free(cx, &name);

    return JS_IsException(cache) ? ngx_workers_reject(cx)
                                 : ngx_workers_resolve(cx, cache);
}


static JSValue
ngx_workers_caches_ext_refuse(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    if (ngx_workers_this(cx, this_val, ngx_workers_caches_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_cache_refuse(cx, "CacheStorage",
                                    ngx_workers_caches_refused[magic]);
}


static JSValue
ngx_workers_cache_ext_refuse(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    if (ngx_workers_this(cx, this_val, ngx_workers_cache_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_cache_refuse(cx, "Cache",
                                    ngx_workers_cache_refused[magic]);
}


static JSValue
ngx_workers_cache_refuse(JSContext *cx, const char *class, const char *method)
{
    return JS_ThrowPlainError(cx, "Failed to execute '%s' on '%s': the method "
                              "is not implemented.", method, class);
}


static JSValue
ngx_workers_cache_ext_put(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue               promise;
    ngx_workers_cache_t  *cache;

    cache = ngx_workers_this(cx, this_val, ngx_workers_cache_class.id);
    if (cache == NULL) {
        return ngx_workers_reject(cx);
    }

    if (argc < 1) {
        (void) ngx_workers_throw_argument(cx, "put", "Cache", 1,
                                          "Request or string");
        return ngx_workers_reject(cx);
    }

    if (argc < 2 || ngx_workers_response(argv[1]) == NULL) {
        (void) ngx_workers_throw_argument(cx, "put", "Cache", 2, "Response");
        return ngx_workers_reject(cx);
    }

    promise = (ngx_workers_require_invocation(cx) == NULL) ? JS_EXCEPTION
              : ngx_workers_cache_put_response(cx, cache, argv[0], argv[1]);

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}


static JSValue
ngx_workers_cache_put_response(JSContext *cx, ngx_workers_cache_t *cache,
    JSValueConst request, JSValueConst object)
{
    off_t                     length;
    JSValue                   promise;
    ngx_workers_body_t        body;
    ngx_workers_response_t   *response;
    ngx_workers_cache_key_t   key;

    if (ngx_workers_cache_key(cx, request, &key) != NGX_OK) {
        return JS_EXCEPTION;
    }

    promise = JS_EXCEPTION;
    response = ngx_workers_response(object);

    ngx_workers_body_init(&body);

    if (response->error) {
        (void) JS_ThrowTypeError(cx, "Cache is unable to store an error "
                                 "response");
        goto done;
    }

    if (!ngx_workers_cache_is_get(&key)) {
        (void) JS_ThrowTypeError(cx, "Cannot cache response to non-GET "
                                 "request.");
        goto done;
    }

    if (response->status == 206) {
        (void) JS_ThrowTypeError(cx, "Cannot cache response to a range "
                                 "request (206 Partial Content).");
        goto done;
    }

    if (ngx_workers_cache_vary(cx, response) != NGX_OK) {
        goto done;
    }

    if (!JS_IsNull(response->web_socket)) {
        (void) JS_ThrowTypeError(cx, "Worker tried to return a WebSocket in a "
                                 "response to a request which did not contain "
                                 "the header \"Upgrade: websocket\".");
        goto done;
    }

    if (response->status == 304) {
        promise = ngx_workers_resolve(cx, JS_UNDEFINED);
        goto done;
    }

    if (ngx_workers_body_used(cx, &response->body)) {
        (void) ngx_workers_body_throw_unusable(cx);
        goto done;
    }

    if (ngx_workers_body_unusable(cx, &response->body)) {
        (void) JS_ThrowTypeError(cx, "The ReadableStream has been locked to a "
                                 "reader.");
        goto done;
    }

    if (ngx_workers_cache_key_bytes(cx, cache, &key) != NGX_OK) {
        goto done;
    }

    length = ngx_workers_body_length(cx, &response->body);

    if (ngx_workers_body_take(cx, &response->body, &body) != NGX_OK) {
        goto done;
    }

    promise = ngx_workers_cache_store_response(cx, &key, response, &body,
                                               length);
    if (body.source != NULL) {
        body.source->close(body.source);
        body.source = NULL;
    }

done:

    ngx_workers_body_free(JS_GetRuntime(cx), &body);
    ngx_workers_cache_key_free(cx, &key);

    return promise;
}


static ngx_int_t
ngx_workers_cache_vary(JSContext *cx, ngx_workers_response_t *response)
{
    ngx_uint_t             i;
    ngx_workers_header_t  *h;

    if (response->headers == NULL) {
        return NGX_OK;
    }

    h = response->headers->elts;

    for (i = 0; i < response->headers->nelts; i++) {

        if (h[i].name.len == 4
            && ngx_strncasecmp(h[i].name.data, (u_char *) "vary", 4) == 0
            && ngx_strlchr(h[i].value.data,
                           h[i].value.data + h[i].value.len, '*')
               != NULL)
        {
            (void) JS_ThrowTypeError(cx, "Cannot cache response with 'Vary: "
                                     "*' header.");
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static JSValue
ngx_workers_cache_ext_match(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                   promise;
    ngx_int_t                 rc;
    ngx_workers_cache_t      *cache;
    ngx_workers_cache_key_t   key;

    cache = ngx_workers_this(cx, this_val, ngx_workers_cache_class.id);
    if (cache == NULL) {
        return ngx_workers_reject(cx);
    }

    rc = ngx_workers_cache_arguments(cx, cache, "match", argc, argv, &key);

    if (rc == NGX_DECLINED) {
        return ngx_workers_resolve(cx, JS_UNDEFINED);
    }

    promise = (rc == NGX_OK) ? ngx_workers_cache_match(cx, &key)
                             : JS_EXCEPTION;

    ngx_workers_cache_key_free(cx, &key);

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}


static JSValue
ngx_workers_cache_match(JSContext *cx, ngx_workers_cache_key_t *key)
{
    JSValue                          promise, value;
    ngx_int_t                        rc;
    ngx_workers_isolate_t           *iso;
    ngx_workers_cache_match_t       *match;
    ngx_workers_cache_entry_t        entry;
    ngx_workers_cache_conditions_t   c;

    iso = ngx_workers_isolate(cx);

    if (iso->cache == NULL) {
        return ngx_workers_resolve(cx, JS_UNDEFINED);
    }

    if (ngx_workers_cache_conditions(cx, key->request, &c) != NGX_OK) {
        return JS_EXCEPTION;
    }

    match = ngx_calloc(sizeof(ngx_workers_cache_match_t), iso->log);

    if (match == NULL) {
        ngx_workers_cache_conditions_free(&c);
        return JS_ThrowOutOfMemory(cx);
    }

    match->conditions = c;
    match->op.settle = ngx_workers_cache_match_settle;
    match->op.free = ngx_workers_cache_match_free;

    rc = ngx_workers_cache_get(iso->cache, &key->key, &entry,
                               ngx_workers_cache_found, match);

    if (rc != NGX_AGAIN) {
        value = (rc == NGX_OK) ? ngx_workers_cache_response(cx, &entry, &c)
                               : JS_UNDEFINED;

        if (rc == NGX_OK && entry.fd != NGX_INVALID_FILE) {
            (void) ngx_close_file(entry.fd);
        }

        ngx_workers_cache_match_free(&match->op);

        return JS_IsException(value) ? JS_EXCEPTION
                                     : ngx_workers_resolve(cx, value);
    }

    promise = ngx_workers_op_start(cx, iso->inv, &match->op);

    /* without it, the answer is freed when it comes: no invocation waits */

    return promise;
}


static void
ngx_workers_cache_found(void *data, ngx_int_t rc,
    ngx_workers_cache_entry_t *entry)
{
    ngx_workers_cache_match_t *match = data;

    match->rc = rc;
    match->entry = entry;

    ngx_workers_op_done(&match->op);
}


static JSValue
ngx_workers_cache_match_settle(JSContext *cx, ngx_workers_op_t *op)
{
    ngx_workers_cache_match_t  *match;

    match = (ngx_workers_cache_match_t *) op;

    if (match->rc != NGX_OK) {
        return JS_UNDEFINED;
    }

    return ngx_workers_cache_response(cx, match->entry, &match->conditions);
}


static void
ngx_workers_cache_match_free(ngx_workers_op_t *op)
{
    ngx_workers_cache_match_t  *match;

    match = (ngx_workers_cache_match_t *) op;

    ngx_workers_cache_conditions_free(&match->conditions);

    ngx_free(match);
}


static JSValue
ngx_workers_cache_ext_delete(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                   promise;
    ngx_int_t                 rc;
    ngx_workers_cache_t      *cache;
    ngx_workers_cache_key_t   key;

    cache = ngx_workers_this(cx, this_val, ngx_workers_cache_class.id);
    if (cache == NULL) {
        return ngx_workers_reject(cx);
    }

    rc = ngx_workers_cache_arguments(cx, cache, "delete", argc, argv, &key);

    if (rc == NGX_DECLINED) {
        return ngx_workers_resolve(cx, JS_FALSE);
    }

    promise = (rc == NGX_OK) ? ngx_workers_cache_remove(cx, &key)
                             : JS_EXCEPTION;

    ngx_workers_cache_key_free(cx, &key);

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}


static JSValue
ngx_workers_cache_remove(JSContext *cx, ngx_workers_cache_key_t *key)
{
    ngx_workers_isolate_t      *iso;
    ngx_workers_cache_match_t  *match;

    iso = ngx_workers_isolate(cx);

    if (iso->cache == NULL) {
        return ngx_workers_resolve(cx, JS_FALSE);
    }

    match = ngx_calloc(sizeof(ngx_workers_cache_match_t), iso->log);
    if (match == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    match->op.settle = ngx_workers_cache_remove_settle;
    match->op.free = ngx_workers_cache_match_free;

    if (ngx_workers_cache_delete(iso->cache, &key->key,
                                 ngx_workers_cache_removed, match)
        != NGX_AGAIN)
    {
        ngx_workers_cache_match_free(&match->op);
        return JS_ThrowPlainError(cx, "Unable to delete cached response.");
    }

    return ngx_workers_op_start(cx, iso->inv, &match->op);
}


static void
ngx_workers_cache_removed(void *data, ngx_int_t rc)
{
    ngx_workers_cache_match_t *match = data;

    match->rc = rc;

    ngx_workers_op_done(&match->op);
}


static JSValue
ngx_workers_cache_remove_settle(JSContext *cx, ngx_workers_op_t *op)
{
    return JS_NewBool(cx, ((ngx_workers_cache_match_t *) op)->rc == NGX_OK);
}


/*
 * The arguments of match() and delete().  NGX_DECLINED: such a request has no
 * response here; the key is not made.
 */

static ngx_int_t
ngx_workers_cache_arguments(JSContext *cx, ngx_workers_cache_t *cache,
    const char *method, int argc, JSValueConst *argv,
    ngx_workers_cache_key_t *key)
{
    int  ignore_method;

    ngx_str_null(&key->key);
    key->url = JS_UNDEFINED;

    if (argc < 1) {
        (void) ngx_workers_throw_argument(cx, method, "Cache", 1,
                                          "Request or string");
        return NGX_ERROR;
    }

    ignore_method = 0;

    if (argc > 1
        && ngx_workers_cache_options(cx, method, argv[1], &ignore_method)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_workers_require_invocation(cx) == NULL
        || ngx_workers_cache_key(cx, argv[0], key) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ignore_method && !ngx_workers_cache_is_get(key)) {
        ngx_workers_cache_key_free(cx, key);
        return NGX_DECLINED;
    }

    return ngx_workers_cache_key_bytes(cx, cache, key);
}


static ngx_int_t
ngx_workers_cache_options(JSContext *cx, const char *method,
    JSValueConst options, int *ignore_method)
{
    JSValue      v;
    ngx_uint_t   i, refused;

    static const char *const  names[] = {
        "ignoreMethod", "ignoreSearch", "ignoreVary"
    };

    if (JS_IsUndefined(options) || JS_IsNull(options)) {
        return NGX_OK;
    }

    if (!JS_IsObject(options)) {
        (void) ngx_workers_throw_argument(cx, method, "Cache", 2,
                                          "CacheQueryOptions");
        return NGX_ERROR;
    }

    refused = 0;

    for (i = 0; i < ngx_workers_nitems(names); i++) {

        v = JS_GetPropertyStr(cx, options, names[i]);
        if (JS_IsException(v)) {
            return NGX_ERROR;
        }

        if (!JS_IsUndefined(v)) {

            if (i == 0) {
                *ignore_method = JS_ToBool(cx, v);

            } else if (refused == 0) {
                refused = i;
            }
        }

        JS_FreeValue(cx, v);
    }

    if (refused != 0) {
        (void) JS_ThrowPlainError(cx, "The '%s' field on 'CacheQueryOptions' "
                                  "is not implemented.", names[refused]);
        return NGX_ERROR;
    }

    return NGX_OK;
}
