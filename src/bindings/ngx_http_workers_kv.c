
/*
 * Copyright (C) the nginx-workers authors
 *
 * KV namespaces: the directive, the member of env, and what reads.  Reads
 * are memory reads of the store, answered by promises that are settled
 * already; a string is made from the store's own memory.
 */


#include "ngx_http_workers_kv.h"
#include "../core/ngx_workers_source.h"
#include "../web/ngx_workers_utf8.h"


#define NGX_HTTP_WORKERS_KV_MAX_ID     512
#define NGX_HTTP_WORKERS_KV_MIN_SIZE   (64 * 1024)
#define NGX_HTTP_WORKERS_KV_MIN_TTL    30
#define NGX_HTTP_WORKERS_KV_MAX_BULK   100
#define NGX_HTTP_WORKERS_KV_MAX_LIST   1000


typedef struct {
    ngx_str_t                   id;
    ngx_str_t                   path;
    size_t                      max_size;   /* 0: the store's default */
} ngx_http_workers_kv_conf_t;


typedef enum {
    NGX_HTTP_WORKERS_KV_TEXT = 0,
    NGX_HTTP_WORKERS_KV_JSON,
    NGX_HTTP_WORKERS_KV_ARRAY_BUFFER,
    NGX_HTTP_WORKERS_KV_STREAM,
    NGX_HTTP_WORKERS_KV_UNKNOWN
} ngx_http_workers_kv_type_e;


typedef struct {
    JSContext                  *cx;
    JSValueConst                keys;
    uint32_t                    n;
} ngx_http_workers_kv_list_t;


static char *ngx_http_workers_kv_parse(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static char *ngx_http_workers_kv_check(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static ngx_int_t ngx_http_workers_kv_open(ngx_http_workers_bind_t *bind,
    ngx_http_workers_process_t *process);
static JSValue ngx_http_workers_kv_env(JSContext *cx,
    ngx_http_workers_bind_t *bind);
static void ngx_http_workers_kv_finalizer(JSRuntime *rt, JSValueConst val);
static void ngx_http_workers_kv_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func);

static JSValue ngx_http_workers_kv_ext_get(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int with_metadata);
static ngx_int_t ngx_http_workers_kv_get_options(JSContext *cx,
    JSValueConst options, const char *method,
    ngx_http_workers_kv_type_e *type);
static ngx_int_t ngx_http_workers_kv_get_type(JSContext *cx, JSValueConst v,
    ngx_http_workers_kv_type_e *type);
static JSValue ngx_http_workers_kv_value(JSContext *cx,
    ngx_workers_store_entry_t *entry, ngx_http_workers_kv_type_e type);
static JSValue ngx_http_workers_kv_stream(JSContext *cx, ngx_str_t *value);
static JSValue ngx_http_workers_kv_json(JSContext *cx, ngx_str_t *text);
static JSValue ngx_http_workers_kv_metadata(JSContext *cx,
    ngx_workers_store_entry_t *entry);
static JSValue ngx_http_workers_kv_entry(JSContext *cx, JSValue value,
    JSValue metadata, ngx_uint_t cache_status);

static JSValue ngx_http_workers_kv_get_bulk(JSContext *cx,
    ngx_http_workers_kv_t *kv, JSValueConst keys, JSValueConst options,
    ngx_uint_t with_metadata);
static ngx_int_t ngx_http_workers_kv_bulk_check(JSContext *cx, int64_t n,
    ngx_http_workers_kv_type_e type, JSValueConst options);
static ngx_int_t ngx_http_workers_kv_bulk_one(JSContext *cx,
    ngx_http_workers_kv_t *kv, JSValueConst map, JSValue key,
    ngx_http_workers_kv_type_e type, ngx_uint_t with_metadata, size_t *total);
static JSValue ngx_http_workers_kv_bulk_value(JSContext *cx,
    ngx_workers_store_entry_t *entry, ngx_http_workers_kv_type_e type,
    ngx_uint_t with_metadata, size_t *total);

static JSValue ngx_http_workers_kv_ext_list(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_http_workers_kv_list(JSContext *cx,
    ngx_http_workers_kv_t *kv, ngx_workers_store_list_t *list);
static ngx_int_t ngx_http_workers_kv_list_options(JSContext *cx,
    JSValueConst options, ngx_workers_store_list_t *list,
    ngx_workers_usv_t *prefix, u_char *after);
static ngx_int_t ngx_http_workers_kv_list_string(JSContext *cx,
    JSValueConst options, const char *name, ngx_workers_usv_t *usv);
static ngx_int_t ngx_http_workers_kv_list_visit(void *data, ngx_str_t *key,
    ngx_workers_store_entry_t *entry);
static JSValue ngx_http_workers_kv_cursor(JSContext *cx, ngx_str_t *last);


static const JSCFunctionListEntry  ngx_http_workers_kv_proto[] = {
    NGX_WORKERS_METHOD_MAGIC("get", 1, ngx_http_workers_kv_ext_get, 0),
    NGX_WORKERS_METHOD("list", 0, ngx_http_workers_kv_ext_list),
    NGX_WORKERS_METHOD("put", 2, ngx_http_workers_kv_ext_put),
    NGX_WORKERS_METHOD_MAGIC("getWithMetadata", 1,
                             ngx_http_workers_kv_ext_get, 1),
    NGX_WORKERS_METHOD("delete", 1, ngx_http_workers_kv_ext_delete),
    NGX_WORKERS_TAG(NGX_HTTP_WORKERS_KV_CLASS),
};


ngx_workers_class_t  ngx_http_workers_kv_class = {
    .def = {
        .class_name = NGX_HTTP_WORKERS_KV_CLASS,
        .finalizer = ngx_http_workers_kv_finalizer,
        .gc_mark = ngx_http_workers_kv_mark
    },
    .proto = ngx_http_workers_kv_proto,
    .nproto = ngx_workers_nitems(ngx_http_workers_kv_proto),
    .hidden = 1
};


static ngx_workers_class_t  *ngx_http_workers_kv_classes[] = {
    &ngx_http_workers_kv_class,
    NULL
};


ngx_http_workers_binding_t  ngx_http_workers_kv_binding = {
    .keyword = ngx_string("kv_namespace"),
    .args = NGX_CONF_TAKE23,
    .parse = ngx_http_workers_kv_parse,
    .check = ngx_http_workers_kv_check,
    .open = ngx_http_workers_kv_open,
    .env = ngx_http_workers_kv_env,
    .classes = ngx_http_workers_kv_classes
};


static const char *const  ngx_http_workers_kv_methods[] = {
    "get", "getWithMetadata"
};


static char *
ngx_http_workers_kv_parse(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ssize_t                      size;
    ngx_str_t                    value;
    ngx_uint_t                   n;
    ngx_http_workers_kv_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_workers_kv_conf_t));
    if (conf == NULL) {
        return NGX_CONF_ERROR;
    }

    for (n = 2; n < cf->args->nelts; n++) {

        if (ngx_http_workers_param(cf, n, "id", &value) == NGX_OK) {

            if (value.len == 0 || value.len > NGX_HTTP_WORKERS_KV_MAX_ID) {
                return ngx_http_workers_param_error(cf, n, "\"id=<id>\", of 1 "
                                                    "to 512 bytes");
            }

            conf->id = value;

        } else if (ngx_http_workers_param(cf, n, "max_size", &value)
                   == NGX_OK)
        {
            size = ngx_parse_offset(&value);

            if (size < NGX_HTTP_WORKERS_KV_MIN_SIZE) {
                return ngx_http_workers_param_error(cf, n,
                                         "\"max_size=<size>\", at least 64k");
            }

            conf->max_size = ngx_align((size_t) size, ngx_pagesize);

        } else {
            return ngx_http_workers_param_error(cf, n, "\"id=<id>\" or "
                                                "\"max_size=<size>\"");
        }
    }

    if (conf->id.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no \"id\" in \"kv_namespace\", expected "
                           "\"id=<id>\"");
        return NGX_CONF_ERROR;
    }

    bind->conf = conf;

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_kv_check(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_str_t                    root;
    ngx_http_workers_kv_conf_t  *conf;

    conf = bind->conf;
    root = bind->script->main->data;

    if (root.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"kv_namespace\" needs \"workers_data\" in %V:%ui",
                      &bind->file, bind->line);
        return NGX_CONF_ERROR;
    }

    /* the path gets its own slash */

    if (root.len > 1 && root.data[root.len - 1] == '/') {
        root.len--;
    }

    if (ngx_workers_store_path(cf->pool, &root, "kv", &conf->id, &conf->path)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_workers_kv_open(ngx_http_workers_bind_t *bind,
    ngx_http_workers_process_t *process)
{
    ngx_http_workers_kv_conf_t  *conf;

    conf = bind->conf;

    bind->data = ngx_workers_stores_open(&process->stores, process->log,
                                         process->thread_pool, &conf->path,
                                         conf->max_size);

    return (bind->data != NULL) ? NGX_OK : NGX_ERROR;
}


static JSValue
ngx_http_workers_kv_env(JSContext *cx, ngx_http_workers_bind_t *bind)
{
    JSValue                 obj, global, proto;
    ngx_http_workers_kv_t  *kv;

    kv = js_mallocz(cx, sizeof(ngx_http_workers_kv_t));
    if (kv == NULL) {
        return JS_EXCEPTION;
    }

    kv->store = bind->data;
    kv->map = JS_UNDEFINED;
    kv->map_set = JS_UNDEFINED;

    obj = JS_NewObjectClass(cx, ngx_http_workers_kv_class.id);
    if (JS_IsException(obj)) {
        js_free(cx, kv);
        return JS_EXCEPTION;
    }

    JS_SetOpaque(obj, kv);

    /* taken before the script can change them */

    global = JS_GetGlobalObject(cx);
    kv->map = JS_GetPropertyStr(cx, global, "Map");
    JS_FreeValue(cx, global);

    if (JS_IsException(kv->map)) {
        goto failed;
    }

    proto = JS_GetPropertyStr(cx, kv->map, "prototype");
    if (JS_IsException(proto)) {
        goto failed;
    }

    kv->map_set = JS_GetPropertyStr(cx, proto, "set");
    JS_FreeValue(cx, proto);

    if (JS_IsException(kv->map_set)) {
        goto failed;
    }

    return obj;

failed:

    JS_FreeValue(cx, obj);

    return JS_EXCEPTION;
}


static void
ngx_http_workers_kv_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_http_workers_kv_t  *kv;

    kv = JS_GetOpaque(val, ngx_http_workers_kv_class.id);

    if (kv != NULL) {
        JS_FreeValueRT(rt, kv->map);
        JS_FreeValueRT(rt, kv->map_set);
        js_free_rt(rt, kv);
    }
}


static void
ngx_http_workers_kv_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func)
{
    ngx_http_workers_kv_t  *kv;

    kv = JS_GetOpaque(val, ngx_http_workers_kv_class.id);

    if (kv != NULL) {
        JS_MarkValue(rt, kv->map, mark_func);
        JS_MarkValue(rt, kv->map_set, mark_func);
    }
}


/* get() and getWithMetadata() */

static JSValue
ngx_http_workers_kv_ext_get(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int with_metadata)
{
    JSValue                      value, metadata;
    ngx_int_t                    rc;
    JSValueConst                 options;
    ngx_workers_usv_t            key;
    ngx_http_workers_kv_t       *kv;
    ngx_workers_store_read_t     rd;
    ngx_http_workers_kv_type_e   type;

    kv = ngx_workers_this(cx, this_val, ngx_http_workers_kv_class.id);
    if (kv == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        (void) ngx_workers_throw_argument(cx,
                                    ngx_http_workers_kv_methods[with_metadata],
                                    NGX_HTTP_WORKERS_KV_CLASS, 1, "string");
        return ngx_workers_reject(cx);
    }

    if (ngx_workers_require_invocation(cx) == NULL) {
        return ngx_workers_reject(cx);
    }

    options = (argc > 1) ? argv[1] : JS_UNDEFINED;

    if (JS_IsArray(argv[0])) {
        value = ngx_http_workers_kv_get_bulk(cx, kv, argv[0], options,
                                             with_metadata);
        return ngx_workers_resolve(cx, value);
    }

    if (ngx_http_workers_kv_get_options(cx, options, "GET", &type) != NGX_OK
        || ngx_http_workers_kv_key(cx, argv[0], "GET", &key) != NGX_OK)
    {
        return ngx_workers_reject(cx);
    }

    rd.key = key.str;

    rc = ngx_workers_store_get(kv->store, &rd);

    ngx_workers_usv_free(cx, &key);

    metadata = JS_NULL;

    if (rc == NGX_OK) {
        value = ngx_http_workers_kv_value(cx, &rd.entry, type);

        if (with_metadata && !JS_IsException(value)) {
            metadata = ngx_http_workers_kv_metadata(cx, &rd.entry);
        }

        ngx_workers_store_release(kv->store, &rd);

    } else if (rc == NGX_DECLINED) {
        value = JS_NULL;

    } else {
        value = ngx_http_workers_kv_throw(cx, "GET", rd.error);
    }

    if (with_metadata) {
        value = ngx_http_workers_kv_entry(cx, value, metadata, 1);
    }

    return ngx_workers_resolve(cx, value);
}


static ngx_int_t
ngx_http_workers_kv_get_options(JSContext *cx, JSValueConst options,
    const char *method, ngx_http_workers_kv_type_e *type)
{
    int        rc;
    int64_t    ttl;
    JSValue    value;
    ngx_int_t  ret;

    *type = NGX_HTTP_WORKERS_KV_TEXT;

    if (!JS_IsObject(options)) {
        return ngx_http_workers_kv_get_type(cx, options, type);
    }

    value = JS_GetPropertyStr(cx, options, "cacheTtl");
    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    if (!JS_IsUndefined(value) && !JS_IsNull(value)) {
        rc = JS_ToInt64(cx, &ttl, value);
        JS_FreeValue(cx, value);

        if (rc < 0) {
            return NGX_ERROR;
        }

        if (ttl < NGX_HTTP_WORKERS_KV_MIN_TTL) {
            (void) JS_ThrowPlainError(cx, "KV %s failed: 400 Invalid "
                                      "cache_ttl of %lld. Cache TTL must be "
                                      "at least %d.", method,
                                      (long long) ttl,
                                      NGX_HTTP_WORKERS_KV_MIN_TTL);
            return NGX_ERROR;
        }
    }

    value = JS_GetPropertyStr(cx, options, "type");
    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    ret = ngx_http_workers_kv_get_type(cx, value, type);
    JS_FreeValue(cx, value);

    return ret;
}


static ngx_int_t
ngx_http_workers_kv_get_type(JSContext *cx, JSValueConst v,
    ngx_http_workers_kv_type_e *type)
{
    const char  *name;

    if (JS_IsUndefined(v) || JS_IsNull(v)) {
        *type = NGX_HTTP_WORKERS_KV_TEXT;
        return NGX_OK;
    }

    name = JS_ToCString(cx, v);
    if (name == NULL) {
        return NGX_ERROR;
    }

    if (ngx_strcmp(name, "text") == 0) {
        *type = NGX_HTTP_WORKERS_KV_TEXT;

    } else if (ngx_strcmp(name, "json") == 0) {
        *type = NGX_HTTP_WORKERS_KV_JSON;

    } else if (ngx_strcmp(name, "arrayBuffer") == 0) {
        *type = NGX_HTTP_WORKERS_KV_ARRAY_BUFFER;

    } else if (ngx_strcmp(name, "stream") == 0) {
        *type = NGX_HTTP_WORKERS_KV_STREAM;

    } else {
        *type = NGX_HTTP_WORKERS_KV_UNKNOWN;
    }

    JS_FreeCString(cx, name);

    return NGX_OK;
}


ngx_int_t
ngx_http_workers_kv_key(JSContext *cx, JSValueConst v, const char *method,
    ngx_workers_usv_t *key)
{
    ngx_str_t  *str;

    if (ngx_workers_usv(cx, v, key) != NGX_OK) {
        return NGX_ERROR;
    }

    str = &key->str;

    if (str->len == 0) {
        (void) JS_ThrowTypeError(cx, "Key name cannot be empty.");

    } else if (str->len == 1 && str->data[0] == '.') {
        (void) JS_ThrowTypeError(cx, "\".\" is not allowed as a key name.");

    } else if (str->len == 2 && str->data[0] == '.' && str->data[1] == '.') {
        (void) JS_ThrowTypeError(cx, "\"..\" is not allowed as a key name.");

    } else if (str->len > NGX_HTTP_WORKERS_KV_MAX_KEY) {
        (void) JS_ThrowPlainError(cx, "KV %s failed: 414 UTF-8 encoded length "
                                  "of %zu exceeds key length limit of %d.",
                                  method, str->len,
                                  NGX_HTTP_WORKERS_KV_MAX_KEY);

    } else {
        return NGX_OK;
    }

    ngx_workers_usv_free(cx, key);

    return NGX_ERROR;
}


JSValue
ngx_http_workers_kv_throw(JSContext *cx, const char *method,
    ngx_workers_store_error_e error)
{
    switch (error) {

    case NGX_WORKERS_STORE_BUSY:
        return JS_ThrowPlainError(cx, "KV %s failed: 429 Too Many Requests",
                                  method);

    case NGX_WORKERS_STORE_FULL:
        return JS_ThrowPlainError(cx, "KV %s failed: 507 Insufficient Storage",
                                  method);

    default:
        return JS_ThrowPlainError(cx, "KV %s failed: 503 Service Unavailable",
                                  method);
    }
}


static JSValue
ngx_http_workers_kv_value(JSContext *cx, ngx_workers_store_entry_t *entry,
    ngx_http_workers_kv_type_e type)
{
    ngx_str_t  *value;

    value = &entry->value;

    switch (type) {

    case NGX_HTTP_WORKERS_KV_TEXT:

        if (ngx_workers_utf8_ascii(value->data, value->len) == value->len) {
            return ngx_workers_new_string(cx, value);
        }

        return ngx_workers_utf8_decode(cx, value->data, value->len);

    case NGX_HTTP_WORKERS_KV_JSON:
        return ngx_http_workers_kv_json(cx, value);

    case NGX_HTTP_WORKERS_KV_ARRAY_BUFFER:
        return ngx_workers_new_array_buffer(cx, value);

    case NGX_HTTP_WORKERS_KV_STREAM:
        return ngx_http_workers_kv_stream(cx, value);

    default:
        return JS_ThrowTypeError(cx, "Unknown response type. Possible types "
                                 "are \"text\", \"arrayBuffer\", \"json\", "
                                 "and \"stream\".");
    }
}


static JSValue
ngx_http_workers_kv_stream(JSContext *cx, ngx_str_t *value)
{
    JSValue  bytes, stream;

    bytes = ngx_workers_new_uint8_array(cx, value);
    if (JS_IsException(bytes)) {
        return JS_EXCEPTION;
    }

    stream = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                      "fromBytes", 1, (JSValueConst *) &bytes);
    JS_FreeValue(cx, bytes);

    return stream;
}


/* The parser wants a null byte behind the text. */

static JSValue
ngx_http_workers_kv_json(JSContext *cx, ngx_str_t *text)
{
    u_char   *p, buf[NGX_HTTP_WORKERS_KV_MAX_METADATA + 1];
    JSValue   value;

    p = buf;

    if (text->len >= sizeof(buf)) {
        p = js_malloc(cx, text->len + 1);
        if (p == NULL) {
            return JS_EXCEPTION;
        }
    }

    *ngx_cpymem(p, text->data, text->len) = '\0';

    value = JS_ParseJSON(cx, (char *) p, text->len, "<json>");

    if (p != buf) {
        js_free(cx, p);
    }

    return value;
}


static JSValue
ngx_http_workers_kv_metadata(JSContext *cx, ngx_workers_store_entry_t *entry)
{
    if (entry->metadata.len == 0) {
        return JS_NULL;
    }

    return ngx_http_workers_kv_json(cx, &entry->metadata);
}


/* {value, metadata}; eats both, one of which may be JS_EXCEPTION. */

static JSValue
ngx_http_workers_kv_entry(JSContext *cx, JSValue value, JSValue metadata,
    ngx_uint_t cache_status)
{
    JSValue  obj;

    if (JS_IsException(value) || JS_IsException(metadata)) {
        JS_FreeValue(cx, value);
        JS_FreeValue(cx, metadata);
        return JS_EXCEPTION;
    }

    obj = JS_NewObject(cx);
    if (JS_IsException(obj)) {
        JS_FreeValue(cx, value);
        JS_FreeValue(cx, metadata);
        return JS_EXCEPTION;
    }

    if (ngx_workers_set(cx, obj, "value", value) != NGX_OK) {
        JS_FreeValue(cx, metadata);
        goto failed;
    }

    if (ngx_workers_set(cx, obj, "metadata", metadata) != NGX_OK) {
        goto failed;
    }

    if (cache_status
        && ngx_workers_set(cx, obj, "cacheStatus", JS_NULL) != NGX_OK)
    {
        goto failed;
    }

    return obj;

failed:

    JS_FreeValue(cx, obj);

    return JS_EXCEPTION;
}


static JSValue
ngx_http_workers_kv_get_bulk(JSContext *cx, ngx_http_workers_kv_t *kv,
    JSValueConst keys, JSValueConst options, ngx_uint_t with_metadata)
{
    size_t                       total;
    int64_t                      i, n;
    JSValue                      map, key;
    ngx_http_workers_kv_type_e   type;

    if (ngx_http_workers_kv_get_options(cx, options, "GET_BULK", &type)
        != NGX_OK
        || JS_GetLength(cx, keys, &n) < 0
        || ngx_http_workers_kv_bulk_check(cx, n, type, options) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    map = JS_CallConstructor(cx, kv->map, 0, NULL);
    if (JS_IsException(map)) {
        return JS_EXCEPTION;
    }

    total = 0;

    for (i = 0; i < n; i++) {
        key = JS_GetPropertyInt64(cx, keys, i);

        if (!JS_IsString(key) && !JS_IsException(key)) {
            JSValue  string = JS_ToString(cx, key);

            JS_FreeValue(cx, key);
            key = string;
        }

        if (JS_IsException(key)
            || ngx_http_workers_kv_bulk_one(cx, kv, map, key, type,
                                            with_metadata, &total)
               != NGX_OK)
        {
            JS_FreeValue(cx, map);
            return JS_EXCEPTION;
        }
    }

    return map;
}


static ngx_int_t
ngx_http_workers_kv_bulk_check(JSContext *cx, int64_t n,
    ngx_http_workers_kv_type_e type, JSValueConst options)
{
    JSValue      value;
    const char  *name;

    if (n < 1) {
        (void) JS_ThrowPlainError(cx, "KV GET_BULK failed: 400 You must "
                                  "request a minimum of 1 key");
        return NGX_ERROR;
    }

    if (n > NGX_HTTP_WORKERS_KV_MAX_BULK) {
        (void) JS_ThrowPlainError(cx, "KV GET_BULK failed: 400 You can "
                                  "request a maximum of %d keys",
                                  NGX_HTTP_WORKERS_KV_MAX_BULK);
        return NGX_ERROR;
    }

    if (type == NGX_HTTP_WORKERS_KV_TEXT || type == NGX_HTTP_WORKERS_KV_JSON) {
        return NGX_OK;
    }

    value = JS_IsObject(options) ? JS_GetPropertyStr(cx, options, "type")
                                 : JS_DupValue(cx, options);

    name = JS_ToCString(cx, value);
    JS_FreeValue(cx, value);

    if (name != NULL) {
        (void) JS_ThrowPlainError(cx, "KV GET_BULK failed: 400 \"%s\" is not "
                                  "a valid type. Use \"json\" or \"text\"",
                                  name);
        JS_FreeCString(cx, name);
    }

    return NGX_ERROR;
}


/* Eats key. */

static ngx_int_t
ngx_http_workers_kv_bulk_one(JSContext *cx, ngx_http_workers_kv_t *kv,
    JSValueConst map, JSValue key, ngx_http_workers_kv_type_e type,
    ngx_uint_t with_metadata, size_t *total)
{
    JSValue                   value, ret;
    ngx_int_t                 rc;
    JSValueConst              args[2];
    ngx_workers_usv_t         usv;
    ngx_workers_store_read_t  rd;

    if (ngx_http_workers_kv_key(cx, key, "GET_BULK", &usv) != NGX_OK) {
        JS_FreeValue(cx, key);
        return NGX_ERROR;
    }

    rd.key = usv.str;

    rc = ngx_workers_store_get(kv->store, &rd);

    ngx_workers_usv_free(cx, &usv);

    if (rc == NGX_OK) {
        value = ngx_http_workers_kv_bulk_value(cx, &rd.entry, type,
                                               with_metadata, total);
        ngx_workers_store_release(kv->store, &rd);

    } else if (rc == NGX_DECLINED) {
        value = JS_NULL;

    } else {
        value = ngx_http_workers_kv_throw(cx, "GET_BULK", rd.error);
    }

    if (JS_IsException(value)) {
        JS_FreeValue(cx, key);
        return NGX_ERROR;
    }

    args[0] = key;
    args[1] = value;

    ret = JS_Call(cx, kv->map_set, map, 2, args);

    JS_FreeValue(cx, key);
    JS_FreeValue(cx, value);
    JS_FreeValue(cx, ret);

    return JS_IsException(ret) ? NGX_ERROR : NGX_OK;
}


static JSValue
ngx_http_workers_kv_bulk_value(JSContext *cx, ngx_workers_store_entry_t *entry,
    ngx_http_workers_kv_type_e type, ngx_uint_t with_metadata, size_t *total)
{
    JSValue  value, error;

    *total += entry->value.len;

    if (*total > NGX_HTTP_WORKERS_KV_MAX_VALUE) {
        return JS_ThrowPlainError(cx, "KV GET_BULK failed: 413 Total size of "
                                  "request exceeds the limit of 25MB");
    }

    value = ngx_http_workers_kv_value(cx, entry, type);

    if (JS_IsException(value)) {

        if (type == NGX_HTTP_WORKERS_KV_JSON) {
            error = JS_GetException(cx);

            if (JS_IsUncatchableError(error)) {
                return JS_Throw(cx, error);
            }

            JS_FreeValue(cx, error);

            (void) JS_ThrowPlainError(cx, "KV GET_BULK failed: 400 At least "
                                      "one of the requested keys corresponds "
                                      "to a non-json value");
        }

        return JS_EXCEPTION;
    }

    if (!with_metadata) {
        return value;
    }

    return ngx_http_workers_kv_entry(cx, value,
                                     ngx_http_workers_kv_metadata(cx, entry),
                                     0);
}


static JSValue
ngx_http_workers_kv_ext_list(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char                     after[NGX_WORKERS_STORE_MAX_KEY];
    JSValue                    value;
    ngx_workers_usv_t          prefix;
    ngx_http_workers_kv_t     *kv;
    ngx_workers_store_list_t   list;

    kv = ngx_workers_this(cx, this_val, ngx_http_workers_kv_class.id);
    if (kv == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_require_invocation(cx) == NULL
        || ngx_http_workers_kv_list_options(cx, (argc > 0) ? argv[0]
                                                           : JS_UNDEFINED,
                                            &list, &prefix, after)
           != NGX_OK)
    {
        return ngx_workers_reject(cx);
    }

    value = ngx_http_workers_kv_list(cx, kv, &list);

    if (prefix.str.data != NULL) {
        ngx_workers_usv_free(cx, &prefix);
    }

    return ngx_workers_resolve(cx, value);
}


static JSValue
ngx_http_workers_kv_list(JSContext *cx, ngx_http_workers_kv_t *kv,
    ngx_workers_store_list_t *list)
{
    JSValue                     obj, keys;
    ngx_http_workers_kv_list_t  ctx;

    keys = JS_NewArray(cx);
    if (JS_IsException(keys)) {
        return JS_EXCEPTION;
    }

    ctx.cx = cx;
    ctx.keys = keys;
    ctx.n = 0;

    list->visit = ngx_http_workers_kv_list_visit;
    list->data = &ctx;

    if (ngx_workers_store_list(kv->store, list) != NGX_OK) {
        JS_FreeValue(cx, keys);
        return ngx_http_workers_kv_throw(cx, "GET", list->error);
    }

    if (JS_HasException(cx)) {
        JS_FreeValue(cx, keys);
        return JS_EXCEPTION;
    }

    obj = JS_NewObject(cx);
    if (JS_IsException(obj)) {
        JS_FreeValue(cx, keys);
        return JS_EXCEPTION;
    }

    if (ngx_workers_set(cx, obj, "keys", keys) != NGX_OK
        || ngx_workers_set(cx, obj, "list_complete",
                           JS_NewBool(cx, !list->more)) != NGX_OK
        || (list->more
            && ngx_workers_set(cx, obj, "cursor",
                               ngx_http_workers_kv_cursor(cx, &list->last))
               != NGX_OK)
        || ngx_workers_set(cx, obj, "cacheStatus", JS_NULL) != NGX_OK)
    {
        JS_FreeValue(cx, obj);
        return JS_EXCEPTION;
    }

    return obj;
}


/* prefix->str.data is NULL if there is nothing to free. */

static ngx_int_t
ngx_http_workers_kv_list_options(JSContext *cx, JSValueConst options,
    ngx_workers_store_list_t *list, ngx_workers_usv_t *prefix, u_char *after)
{
    int                rc;
    int64_t            limit;
    JSValue            value;
    ngx_int_t          ret;
    ngx_workers_usv_t  cursor;

    ngx_str_null(&prefix->str);
    ngx_str_null(&list->prefix);
    ngx_str_null(&list->after);
    list->limit = NGX_HTTP_WORKERS_KV_MAX_LIST;

    if (!JS_IsObject(options)) {
        return NGX_OK;
    }

    value = JS_GetPropertyStr(cx, options, "limit");
    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    if (!JS_IsUndefined(value) && !JS_IsNull(value)) {
        rc = JS_ToInt64(cx, &limit, value);
        JS_FreeValue(cx, value);

        if (rc < 0) {
            return NGX_ERROR;
        }

        if (limit > NGX_HTTP_WORKERS_KV_MAX_LIST) {
            (void) JS_ThrowPlainError(cx, "KV GET failed: 400 Invalid "
                                      "key_count_limit of %lld. Please "
                                      "specify an integer less than %d.",
                                      (long long) limit,
                                      NGX_HTTP_WORKERS_KV_MAX_LIST);
            return NGX_ERROR;
        }

        if (limit > 0) {
            list->limit = limit;
        }
    }

    ret = ngx_http_workers_kv_list_string(cx, options, "cursor", &cursor);

    if (ret == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (ret == NGX_OK) {

        list->after.data = after;

        if (ngx_base64_decoded_length(cursor.str.len)
            > NGX_WORKERS_STORE_MAX_KEY
            || ngx_decode_base64(&list->after, &cursor.str) != NGX_OK)
        {
            (void) JS_ThrowPlainError(cx, "KV GET failed: 400 Invalid "
                                      "cursor");
            ret = NGX_ERROR;
        }

        ngx_workers_usv_free(cx, &cursor);

        if (ret == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    ret = ngx_http_workers_kv_list_string(cx, options, "prefix", prefix);

    if (ret == NGX_OK) {
        list->prefix = prefix->str;
    }

    return (ret == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


/* NGX_DECLINED: not there, usv->str is empty and not to be freed. */

static ngx_int_t
ngx_http_workers_kv_list_string(JSContext *cx, JSValueConst options,
    const char *name, ngx_workers_usv_t *usv)
{
    JSValue    value;
    ngx_int_t  rc;

    value = JS_GetPropertyStr(cx, options, name);
    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    if (JS_IsUndefined(value) || JS_IsNull(value)) {
        ngx_str_null(&usv->str);
        return NGX_DECLINED;
    }

    rc = ngx_workers_usv(cx, value, usv);
    JS_FreeValue(cx, value);

    return rc;
}


static ngx_int_t
ngx_http_workers_kv_list_visit(void *data, ngx_str_t *key,
    ngx_workers_store_entry_t *entry)
{
    ngx_http_workers_kv_list_t *ctx = data;

    JSValue     obj;
    JSContext  *cx;

    cx = ctx->cx;

    obj = JS_NewObject(cx);
    if (JS_IsException(obj)) {
        return NGX_ERROR;
    }

    if (ngx_workers_set(cx, obj, "name", ngx_workers_new_string(cx, key))
        != NGX_OK
        || (entry->expires != 0
            && ngx_workers_set(cx, obj, "expiration",
                               JS_NewInt64(cx, entry->expires))
               != NGX_OK)
        || (entry->metadata.len != 0
            && ngx_workers_set(cx, obj, "metadata",
                               ngx_http_workers_kv_metadata(cx, entry))
               != NGX_OK))
    {
        JS_FreeValue(cx, obj);
        return NGX_ERROR;
    }

    if (JS_DefinePropertyValueUint32(cx, ctx->keys, ctx->n++, obj,
                                     JS_PROP_C_W_E)
        < 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* Where the next page starts: the last key, in base64. */

static JSValue
ngx_http_workers_kv_cursor(JSContext *cx, ngx_str_t *last)
{
    u_char     buf[ngx_base64_encoded_length(NGX_WORKERS_STORE_MAX_KEY)];
    ngx_str_t  text;

    text.data = buf;
    ngx_encode_base64(&text, last);

    return ngx_workers_new_string(cx, &text);
}
