
/*
 * Copyright (C) the nginx-workers authors
 *
 * URLSearchParams: a list of pairs whose bytes, well-formed UTF-8, lie in
 * one arena.  A list that belongs to a URL writes its query with each change;
 * URL and list know each other until the first of them is collected.
 */


#include "ngx_workers_url.h"
#include "ngx_workers_headers.h"
#include "ngx_workers_usv.h"
#include "ngx_workers_utf8.h"
#include "../core/ngx_workers_flags.h"


#define NGX_WORKERS_URL_PARAMS_MAX  0x40000000

enum {
    NGX_WORKERS_URL_PARAMS_KEYS = 0,
    NGX_WORKERS_URL_PARAMS_VALUES,
    NGX_WORKERS_URL_PARAMS_ENTRIES
};


typedef struct {
    uint32_t                    name;       /* offsets in data */
    uint32_t                    name_len;
    uint32_t                    value;
    uint32_t                    value_len;
} ngx_workers_url_pair_t;


struct ngx_workers_url_params_s {
    ngx_workers_url_pair_t     *pairs;
    u_char                     *data;
    uint32_t                    npairs;
    uint32_t                    nalloc;
    uint32_t                    used;       /* bytes of data */
    uint32_t                    size;

    ngx_workers_url_object_t   *uo;         /* NULL: no URL's */
};


typedef struct {
    JSValue                     object;
    uint32_t                    index;
    int                         kind;
} ngx_workers_url_iterator_t;


typedef ngx_int_t (*ngx_workers_url_item_pt)(JSContext *cx, void *data,
    JSValueConst item);


/* One pair of a sequence. */
typedef struct {
    ngx_workers_usv_t           usv[2];
    ngx_uint_t                  n;
} ngx_workers_url_two_t;


static ngx_workers_url_params_t *ngx_workers_url_params_create(JSContext *cx,
    ngx_str_t *query);
static void ngx_workers_url_params_destroy(JSRuntime *rt,
    ngx_workers_url_params_t *params);
static ngx_int_t ngx_workers_url_params_parse(JSContext *cx,
    ngx_workers_url_params_t *params, ngx_str_t *query);
static ngx_int_t ngx_workers_url_params_decode(JSContext *cx,
    ngx_workers_url_params_t *params, u_char *p, u_char *end, uint32_t *start,
    uint32_t *len);
static ngx_int_t ngx_workers_url_params_reserve(JSContext *cx,
    ngx_workers_url_params_t *params, size_t len);
static ngx_int_t ngx_workers_url_params_compact(JSContext *cx,
    ngx_workers_url_params_t *params);
static ngx_workers_url_pair_t *ngx_workers_url_params_push(JSContext *cx,
    ngx_workers_url_params_t *params);
static ngx_int_t ngx_workers_url_params_append(JSContext *cx,
    ngx_workers_url_params_t *params, ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_workers_url_params_set(JSContext *cx,
    ngx_workers_url_params_t *params, ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_workers_url_params_copy(JSContext *cx,
    ngx_workers_url_params_t *params, ngx_workers_url_params_t *from);
static ngx_int_t ngx_workers_url_params_update(JSContext *cx,
    ngx_workers_url_params_t *params);
static ngx_int_t ngx_workers_url_params_encode(JSContext *cx,
    ngx_workers_url_params_t *params, ngx_str_t *out);
static u_char *ngx_workers_url_params_encode_bytes(u_char *dst, u_char *p,
    size_t len);

static ngx_int_t ngx_workers_url_params_fill(JSContext *cx,
    ngx_workers_url_params_t *params, JSValueConst init);
static ngx_int_t ngx_workers_url_params_fill_record(JSContext *cx,
    ngx_workers_url_params_t *params, JSValueConst init);
static ngx_int_t ngx_workers_url_params_iterate(JSContext *cx,
    JSValueConst iterable, JSValueConst method, ngx_workers_url_item_pt item,
    void *data);
static ngx_int_t ngx_workers_url_params_pair(JSContext *cx, void *data,
    JSValueConst item);
static ngx_int_t ngx_workers_url_params_pair_item(JSContext *cx, void *data,
    JSValueConst item);

static JSValue ngx_workers_url_params_ext_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_params_ext_size(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_url_params_ext_append(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_url_params_ext_delete(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_params_ext_get(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_params_ext_get_all(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_params_ext_has(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_params_ext_sort(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_params_ext_to_string(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_params_ext_for_each(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_params_ext_iterator(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_url_params_ext_next(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int *done, int magic);
static JSValue ngx_workers_url_params_string(JSContext *cx,
    ngx_workers_url_params_t *params, uint32_t start, uint32_t len);
static ngx_int_t ngx_workers_url_params_two(JSContext *cx, const char *method,
    int argc, JSValueConst *argv, ngx_workers_usv_t *name,
    ngx_workers_usv_t *value, ngx_uint_t optional);
static ngx_int_t ngx_workers_url_params_compare(u_char *data,
    ngx_workers_url_pair_t *a, ngx_workers_url_pair_t *b);
static void ngx_workers_url_params_merge(u_char *data,
    ngx_workers_url_pair_t *pairs, ngx_workers_url_pair_t *tmp, uint32_t n);

static void ngx_workers_url_params_finalizer(JSRuntime *rt, JSValueConst val);
static void ngx_workers_url_iterator_finalizer(JSRuntime *rt,
    JSValueConst val);
static void ngx_workers_url_iterator_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func);
static ngx_int_t ngx_workers_url_params_init(JSContext *cx,
    JSValueConst global);


#define ngx_workers_url_params_this(cx, this_val)                             \
    ngx_workers_this(cx, this_val, ngx_workers_url_params_class.id)

#define ngx_workers_url_params_is(params, start, length, s)                   \
    ((length) == (s)->len                                                     \
     && ngx_memcmp((params)->data + (start), (s)->data, (s)->len) == 0)


/* Symbol.iterator: a predefined atom, the same number in every runtime. */
static JSAtom  ngx_workers_url_params_symbol;


static const JSCFunctionListEntry  ngx_workers_url_params_proto[] = {
    NGX_WORKERS_GETSET("size", ngx_workers_url_params_ext_size, NULL),
    NGX_WORKERS_METHOD_MAGIC("append", 2, ngx_workers_url_params_ext_append,
                             0),
    NGX_WORKERS_METHOD("delete", 1, ngx_workers_url_params_ext_delete),
    NGX_WORKERS_METHOD("get", 1, ngx_workers_url_params_ext_get),
    NGX_WORKERS_METHOD("getAll", 1, ngx_workers_url_params_ext_get_all),
    NGX_WORKERS_METHOD("has", 1, ngx_workers_url_params_ext_has),
    NGX_WORKERS_METHOD_MAGIC("set", 2, ngx_workers_url_params_ext_append, 1),
    NGX_WORKERS_METHOD("sort", 0, ngx_workers_url_params_ext_sort),
    NGX_WORKERS_METHOD("toString", 0, ngx_workers_url_params_ext_to_string),
    NGX_WORKERS_METHOD_MAGIC("entries", 0, ngx_workers_url_params_ext_iterator,
                             NGX_WORKERS_URL_PARAMS_ENTRIES),
    NGX_WORKERS_METHOD("forEach", 1, ngx_workers_url_params_ext_for_each),
    NGX_WORKERS_METHOD_MAGIC("keys", 0, ngx_workers_url_params_ext_iterator,
                             NGX_WORKERS_URL_PARAMS_KEYS),
    NGX_WORKERS_METHOD_MAGIC("values", 0, ngx_workers_url_params_ext_iterator,
                             NGX_WORKERS_URL_PARAMS_VALUES),
    JS_ALIAS_DEF("[Symbol.iterator]", "entries"),
    NGX_WORKERS_TAG("URLSearchParams")
};


static const JSCFunctionListEntry  ngx_workers_url_iterator_proto[] = {
    { "next", JS_PROP_C_W_E, JS_DEF_CFUNC, 0,
      { .func = { 0, JS_CFUNC_iterator_next,
                  { .iterator_next = ngx_workers_url_params_ext_next } } } },
    NGX_WORKERS_TAG("URLSearchParams Iterator")
};


ngx_workers_class_t  ngx_workers_url_params_class = {
    .def = {
        .class_name = "URLSearchParams",
        .finalizer = ngx_workers_url_params_finalizer
    },
    .constructor = ngx_workers_url_params_ext_construct,
    .proto = ngx_workers_url_params_proto,
    .nproto = ngx_workers_nitems(ngx_workers_url_params_proto)
};


static ngx_workers_class_t  ngx_workers_url_iterator_class = {
    .def = {
        .class_name = "URLSearchParams Iterator",
        .finalizer = ngx_workers_url_iterator_finalizer,
        .gc_mark = ngx_workers_url_iterator_mark
    },
    .proto = ngx_workers_url_iterator_proto,
    .nproto = ngx_workers_nitems(ngx_workers_url_iterator_proto),
    .hidden = 1,
    .iterator = 1
};


static ngx_workers_class_t  *ngx_workers_url_params_classes[] = {
    &ngx_workers_url_params_class,
    &ngx_workers_url_iterator_class,
    NULL
};


ngx_workers_web_t  ngx_workers_url_params_web = {
    ngx_workers_url_params_classes,
    NULL,
    ngx_workers_url_params_init
};


/* query: what to parse, or NULL. */

static ngx_workers_url_params_t *
ngx_workers_url_params_create(JSContext *cx, ngx_str_t *query)
{
    ngx_workers_url_params_t  *params;

    params = js_mallocz(cx, sizeof(ngx_workers_url_params_t));
    if (params == NULL) {
        return NULL;
    }

    if (query != NULL
        && ngx_workers_url_params_parse(cx, params, query) != NGX_OK)
    {
        ngx_workers_url_params_destroy(JS_GetRuntime(cx), params);
        return NULL;
    }

    return params;
}


static void
ngx_workers_url_params_destroy(JSRuntime *rt, ngx_workers_url_params_t *params)
{
    js_free_rt(rt, params->pairs);
    js_free_rt(rt, params->data);
    js_free_rt(rt, params);
}


JSValue
ngx_workers_url_params_of(JSContext *cx, ngx_workers_url_object_t *uo,
    ngx_str_t *query, ngx_workers_url_params_t **params)
{
    JSValue  object;

    *params = ngx_workers_url_params_create(cx, query);
    if (*params == NULL) {
        return JS_EXCEPTION;
    }

    object = JS_NewObjectClass(cx, ngx_workers_url_params_class.id);

    if (JS_IsException(object)) {
        ngx_workers_url_params_destroy(JS_GetRuntime(cx), *params);
        *params = NULL;

        return object;
    }

    (*params)->uo = uo;
    JS_SetOpaque(object, *params);

    return object;
}


ngx_int_t
ngx_workers_url_params_reset(JSContext *cx, ngx_workers_url_params_t *params,
    ngx_str_t *query)
{
    params->npairs = 0;
    params->used = 0;

    return ngx_workers_url_params_parse(cx, params, query);
}


void
ngx_workers_url_params_detach(ngx_workers_url_params_t *params)
{
    params->uo = NULL;
}


ngx_int_t
ngx_workers_url_params_serialize(JSContext *cx, JSValueConst v,
    ngx_str_t *value)
{
    ngx_workers_url_params_t  *params;

    params = JS_GetOpaque(v, ngx_workers_url_params_class.id);
    if (params == NULL) {
        return NGX_DECLINED;
    }

    return ngx_workers_url_params_encode(cx, params, value);
}


JSValue
ngx_workers_url_params_pairs(JSContext *cx, ngx_str_t *form)
{
    char                      *data;
    JSValue                    array;
    uint32_t                   i;
    ngx_int_t                  rc;
    ngx_workers_url_pair_t    *p;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_create(cx, form);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    data = (char *) params->data;
    array = JS_NewArray(cx);
    rc = JS_IsException(array) ? NGX_ERROR : NGX_OK;

    for (i = 0; i < params->npairs && rc == NGX_OK; i++) {
        p = &params->pairs[i];

        rc = ngx_workers_add_pair(cx, array, i,
                          JS_NewStringLen(cx, data + p->name, p->name_len),
                          JS_NewStringLen(cx, data + p->value, p->value_len));
    }

    if (rc != NGX_OK) {
        JS_FreeValue(cx, array);
        array = JS_EXCEPTION;
    }

    ngx_workers_url_params_destroy(JS_GetRuntime(cx), params);

    return array;
}


/* The application/x-www-form-urlencoded parser: section 5.1. */

static ngx_int_t
ngx_workers_url_params_parse(JSContext *cx, ngx_workers_url_params_t *params,
    ngx_str_t *query)
{
    u_char                  *p, *end, *last, *eq;
    ngx_workers_url_pair_t  *pair;

    p = query->data;
    end = p + query->len;

    if (ngx_workers_url_params_reserve(cx, params, query->len + 1) != NGX_OK) {
        return NGX_ERROR;
    }

    for ( /* void */ ; p < end; p = last + 1) {
        last = memchr(p, '&', end - p);
        if (last == NULL) {
            last = end;
        }

        if (last == p) {
            continue;
        }

        eq = memchr(p, '=', last - p);
        if (eq == NULL) {
            eq = last;
        }

        pair = ngx_workers_url_params_push(cx, params);
        if (pair == NULL) {
            return NGX_ERROR;
        }

        if (ngx_workers_url_params_decode(cx, params, p, eq, &pair->name,
                                          &pair->name_len)
            != NGX_OK
            || ngx_workers_url_params_decode(cx, params,
                                             (eq < last) ? eq + 1 : last, last,
                                             &pair->value, &pair->value_len)
               != NGX_OK)
        {
            params->npairs--;
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Adds decoded bytes to the arena.  Ill-formed UTF-8 becomes longer by it. */

static ngx_int_t
ngx_workers_url_params_decode(JSContext *cx, ngx_workers_url_params_t *params,
    u_char *p, u_char *end, uint32_t *start, uint32_t *len)
{
    u_char      c, *d, *s;
    size_t      n, rest;
    ngx_int_t   v;
    ngx_uint_t  wide;

    if (ngx_workers_url_params_reserve(cx, params, end - p + 1) != NGX_OK) {
        return NGX_ERROR;
    }

    s = params->data + params->used;
    d = s;
    wide = 0;

    while (p < end) {
        c = *p++;

        if (c == '+') {
            c = ' ';

        } else if (c == '%' && end - p >= 2) {
            v = ngx_hextoi(p, 2);

            if (v != NGX_ERROR) {
                c = (u_char) v;
                p += 2;
            }
        }

        wide |= c;
        *d++ = c;
    }

    n = d - s;

    if (wide & 0x80) {
        rest = ngx_workers_utf8_valid(s, n);

        if (rest < n) {

            /* behind the raw bytes, and then in their place */

            if (ngx_workers_url_params_reserve(cx, params, 4 * n) != NGX_OK) {
                return NGX_ERROR;
            }

            s = params->data + params->used;
            d = ngx_workers_utf8_copy(s + n, s, n);
            rest = d - (s + n);
            ngx_memmove(s, s + n, rest);
            n = rest;
        }
    }

    *start = params->used;
    *len = n;

    params->used += n;

    return NGX_OK;
}


/* Room for len bytes after those used; more, so that it is seldom asked. */

static ngx_int_t
ngx_workers_url_params_reserve(JSContext *cx, ngx_workers_url_params_t *params,
    size_t len)
{
    size_t   size;
    u_char  *data;

    if (params->size - params->used >= len) {
        return NGX_OK;
    }

    if (len > NGX_WORKERS_URL_PARAMS_MAX - params->used) {
        (void) JS_ThrowOutOfMemory(cx);
        return NGX_ERROR;
    }

    size = (params->used == 0) ? len : 2 * (params->used + len);

    data = js_realloc(cx, params->data, size);
    if (data == NULL) {
        return NGX_ERROR;
    }

    params->data = data;
    params->size = size;

    return NGX_OK;
}


/* Drops bytes that no pair refers to, once they are the larger part. */

static ngx_int_t
ngx_workers_url_params_compact(JSContext *cx, ngx_workers_url_params_t *params)
{
    u_char                  *data, *p;
    size_t                   live;
    uint32_t                 i;
    ngx_workers_url_pair_t  *pair;

    live = 0;

    for (i = 0; i < params->npairs; i++) {
        live += params->pairs[i].name_len + params->pairs[i].value_len;
    }

    if (live >= params->used / 2) {
        return NGX_OK;
    }

    data = js_malloc(cx, live + 1);
    if (data == NULL) {
        return NGX_ERROR;
    }

    p = data;

    for (i = 0; i < params->npairs; i++) {
        pair = &params->pairs[i];

        ngx_memcpy(p, params->data + pair->name, pair->name_len);
        pair->name = p - data;
        p += pair->name_len;

        ngx_memcpy(p, params->data + pair->value, pair->value_len);
        pair->value = p - data;
        p += pair->value_len;
    }

    js_free(cx, params->data);

    params->data = data;
    params->used = live;
    params->size = live + 1;

    return NGX_OK;
}


static ngx_workers_url_pair_t *
ngx_workers_url_params_push(JSContext *cx, ngx_workers_url_params_t *params)
{
    uint32_t                 n;
    ngx_workers_url_pair_t  *pairs;

    if (params->npairs == params->nalloc) {
        n = params->nalloc + params->nalloc / 2 + 4;

        pairs = js_realloc(cx, params->pairs,
                           n * sizeof(ngx_workers_url_pair_t));
        if (pairs == NULL) {
            return NULL;
        }

        params->pairs = pairs;
        params->nalloc = n;
    }

    return &params->pairs[params->npairs++];
}


static ngx_int_t
ngx_workers_url_params_append(JSContext *cx, ngx_workers_url_params_t *params,
    ngx_str_t *name, ngx_str_t *value)
{
    u_char                  *p;
    ngx_workers_url_pair_t  *pair;

    if (params->size - params->used < name->len + value->len
        && ngx_workers_url_params_compact(cx, params) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_workers_url_params_reserve(cx, params,
                                       name->len + value->len + 1)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    pair = ngx_workers_url_params_push(cx, params);
    if (pair == NULL) {
        return NGX_ERROR;
    }

    p = params->data + params->used;

    pair->name = p - params->data;
    pair->name_len = name->len;
    p = ngx_cpymem(p, name->data, name->len);

    pair->value = p - params->data;
    pair->value_len = value->len;
    p = ngx_cpymem(p, value->data, value->len);

    params->used = p - params->data;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_params_set(JSContext *cx, ngx_workers_url_params_t *params,
    ngx_str_t *name, ngx_str_t *value)
{
    uint32_t                 i, n;
    ngx_workers_url_pair_t   pair;
    ngx_workers_url_pair_t  *pairs;

    /* at the end, and from there to where the first of its name is */

    if (ngx_workers_url_params_append(cx, params, name, value) != NGX_OK) {
        return NGX_ERROR;
    }

    pairs = params->pairs;
    n = params->npairs - 1;
    pair = pairs[n];

    for (i = 0; i < n; i++) {
        if (ngx_workers_url_params_is(params, pairs[i].name, pairs[i].name_len,
                                      name))
        {
            break;
        }
    }

    if (i == n) {
        return NGX_OK;
    }

    pairs[i] = pair;
    params->npairs = i + 1;

    for (i++; i < n; i++) {
        if (!ngx_workers_url_params_is(params, pairs[i].name,
                                       pairs[i].name_len, name))
        {
            pairs[params->npairs++] = pairs[i];
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_params_copy(JSContext *cx, ngx_workers_url_params_t *params,
    ngx_workers_url_params_t *from)
{
    if (from->npairs == 0) {
        return NGX_OK;
    }

    params->pairs = js_malloc(cx, from->npairs
                                  * sizeof(ngx_workers_url_pair_t));
    params->data = js_malloc(cx, from->used + 1);

    if (params->pairs == NULL || params->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(params->pairs, from->pairs,
               from->npairs * sizeof(ngx_workers_url_pair_t));

    if (from->used) {
        ngx_memcpy(params->data, from->data, from->used);
    }

    params->npairs = from->npairs;
    params->nalloc = from->npairs;
    params->used = from->used;
    params->size = from->used + 1;

    return NGX_OK;
}


/* The update steps of a list that belongs to a URL. */

static ngx_int_t
ngx_workers_url_params_update(JSContext *cx, ngx_workers_url_params_t *params)
{
    ngx_int_t  rc;
    ngx_str_t  query;

    if (params->uo == NULL) {
        return NGX_OK;
    }

    if (ngx_workers_url_params_encode(cx, params, &query) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_workers_url_set_query(cx, params->uo, &query);

    js_free(cx, query.data);

    return rc;
}


/* The application/x-www-form-urlencoded serializer: section 5.2. */

static ngx_int_t
ngx_workers_url_params_encode(JSContext *cx, ngx_workers_url_params_t *params,
    ngx_str_t *out)
{
    u_char                  *p;
    size_t                   size;
    uint32_t                 i;
    ngx_workers_url_pair_t  *pair;

    size = 1;

    for (i = 0; i < params->npairs; i++) {
        size += 3 * ((size_t) params->pairs[i].name_len
                     + params->pairs[i].value_len) + 2;
    }

    out->data = js_malloc(cx, size);
    if (out->data == NULL) {
        return NGX_ERROR;
    }

    p = out->data;

    for (i = 0; i < params->npairs; i++) {
        pair = &params->pairs[i];

        if (i != 0) {
            *p++ = '&';
        }

        p = ngx_workers_url_params_encode_bytes(p, params->data + pair->name,
                                                pair->name_len);
        *p++ = '=';
        p = ngx_workers_url_params_encode_bytes(p, params->data + pair->value,
                                                pair->value_len);
    }

    out->len = p - out->data;

    return NGX_OK;
}


static u_char *
ngx_workers_url_params_encode_bytes(u_char *dst, u_char *p, size_t len)
{
    u_char  c, lower, *end;

    static const u_char  hex[] = "0123456789ABCDEF";

    for (end = p + len; p < end; p++) {
        c = *p;
        lower = c | 0x20;

        if ((lower >= 'a' && lower <= 'z')
            || (c >= '0' && c <= '9')
            || c == '*' || c == '-' || c == '.' || c == '_')
        {
            *dst++ = c;

        } else if (c == ' ') {
            *dst++ = '+';

        } else {
            *dst++ = '%';
            *dst++ = hex[c >> 4];
            *dst++ = hex[c & 0xf];
        }
    }

    return dst;
}


/* From what the constructor was given. */

static ngx_int_t
ngx_workers_url_params_fill(JSContext *cx, ngx_workers_url_params_t *params,
    JSValueConst init)
{
    JSValue                    method;
    ngx_int_t                  rc;
    ngx_workers_usv_t          usv;
    ngx_workers_url_params_t  *from;

    if (!JS_IsObject(init)) {

        if (ngx_workers_usv(cx, init, &usv) != NGX_OK) {
            return NGX_ERROR;
        }

        if (usv.str.len != 0 && usv.str.data[0] == '?') {
            usv.str.data++;
            usv.str.len--;
        }

        rc = ngx_workers_url_params_parse(cx, params, &usv.str);
        ngx_workers_usv_free(cx, &usv);

        return rc;
    }

    from = JS_GetOpaque(init, ngx_workers_url_params_class.id);

    if (from != NULL) {
        return ngx_workers_url_params_copy(cx, params, from);
    }

    method = JS_GetProperty(cx, init, ngx_workers_url_params_symbol);
    if (JS_IsException(method)) {
        return NGX_ERROR;
    }

    if (JS_IsUndefined(method) || JS_IsNull(method)) {
        return ngx_workers_url_params_fill_record(cx, params, init);
    }

    rc = ngx_workers_url_params_iterate(cx, init, method,
                                        ngx_workers_url_params_pair, params);
    JS_FreeValue(cx, method);

    return rc;
}


static ngx_int_t
ngx_workers_url_params_fill_record(JSContext *cx,
    ngx_workers_url_params_t *params, JSValueConst init)
{
    JSValue             v;
    uint32_t            i, n;
    ngx_int_t           rc;
    JSPropertyEnum     *names;
    ngx_workers_usv_t   name, value;

    if (JS_GetOwnPropertyNames(cx, &names, &n, init,
                               JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK
                               | JS_GPN_ENUM_ONLY)
        < 0)
    {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    for (i = 0; i < n; i++) {
        v = JS_AtomToValue(cx, names[i].atom);
        rc = ngx_workers_usv(cx, v, &name);
        JS_FreeValue(cx, v);

        if (rc != NGX_OK) {
            break;
        }

        v = JS_GetProperty(cx, init, names[i].atom);
        rc = JS_IsException(v) ? NGX_ERROR : ngx_workers_usv(cx, v, &value);
        JS_FreeValue(cx, v);

        if (rc == NGX_OK) {

            /* keys are equal only after surrogates were replaced */

            if (name.copy != NULL) {
                rc = ngx_workers_url_params_set(cx, params, &name.str,
                                                &value.str);

            } else {
                rc = ngx_workers_url_params_append(cx, params, &name.str,
                                                   &value.str);
            }

            ngx_workers_usv_free(cx, &value);
        }

        ngx_workers_usv_free(cx, &name);

        if (rc != NGX_OK) {
            break;
        }
    }

    JS_FreePropertyEnum(cx, names, n);

    return rc;
}


/* Calls item() for what the iterable yields: a sequence of WebIDL. */

static ngx_int_t
ngx_workers_url_params_iterate(JSContext *cx, JSValueConst iterable,
    JSValueConst method, ngx_workers_url_item_pt item, void *data)
{
    int        done;
    JSValue    iterator, next, result, v;
    ngx_int_t  rc;

    iterator = JS_Call(cx, method, iterable, 0, NULL);
    if (JS_IsException(iterator)) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    next = JS_UNDEFINED;

    if (!JS_IsObject(iterator)) {
        (void) JS_ThrowTypeError(cx, "an iterator is not an object");
        goto done;
    }

    next = JS_GetPropertyStr(cx, iterator, "next");
    if (JS_IsException(next)) {
        goto done;
    }

    for ( ;; ) {
        result = JS_Call(cx, next, iterator, 0, NULL);
        if (JS_IsException(result)) {
            goto done;
        }

        if (!JS_IsObject(result)) {
            JS_FreeValue(cx, result);
            (void) JS_ThrowTypeError(cx, "iterator must return an object");
            goto done;
        }

        v = JS_GetPropertyStr(cx, result, "done");
        done = JS_IsException(v) ? -1 : JS_ToBool(cx, v);
        JS_FreeValue(cx, v);

        if (done != 0) {
            JS_FreeValue(cx, result);

            if (done == 1) {
                rc = NGX_OK;
            }

            goto done;
        }

        v = JS_GetPropertyStr(cx, result, "value");
        JS_FreeValue(cx, result);

        if (JS_IsException(v)) {
            goto done;
        }

        if (item(cx, data, v) != NGX_OK) {
            JS_FreeValue(cx, v);
            goto done;
        }

        JS_FreeValue(cx, v);
    }

done:

    JS_FreeValue(cx, next);
    JS_FreeValue(cx, iterator);

    return rc;
}


static ngx_int_t
ngx_workers_url_params_pair(JSContext *cx, void *data, JSValueConst item)
{
    JSValue                    method;
    ngx_int_t                  rc;
    ngx_workers_url_two_t      two;
    ngx_workers_url_params_t  *params = data;

    method = JS_IsObject(item)
             ? JS_GetProperty(cx, item, ngx_workers_url_params_symbol)
             : JS_UNDEFINED;

    if (JS_IsException(method)) {
        return NGX_ERROR;
    }

    if (!JS_IsFunction(cx, method)) {
        JS_FreeValue(cx, method);
        (void) ngx_workers_throw_constructor_argument(cx, "URLSearchParams", 1,
                                                      "Iterable");
        return NGX_ERROR;
    }

    two.n = 0;

    rc = ngx_workers_url_params_iterate(cx, item, method,
                                        ngx_workers_url_params_pair_item,
                                        &two);
    JS_FreeValue(cx, method);

    if (rc == NGX_OK) {

        if (two.n == 2) {
            rc = ngx_workers_url_params_append(cx, params, &two.usv[0].str,
                                               &two.usv[1].str);

        } else {
            (void) JS_ThrowTypeError(cx, "Invalid URL search params sequence: "
                                     "each item must have two elements.");
            rc = NGX_ERROR;
        }
    }

    while (two.n > 0) {
        if (--two.n < 2) {
            ngx_workers_usv_free(cx, &two.usv[two.n]);
        }
    }

    return rc;
}


static ngx_int_t
ngx_workers_url_params_pair_item(JSContext *cx, void *data, JSValueConst item)
{
    ngx_workers_usv_t       usv;
    ngx_workers_url_two_t  *two = data;

    if (ngx_workers_usv(cx, item, &usv) != NGX_OK) {
        return NGX_ERROR;
    }

    if (two->n < 2) {
        two->usv[two->n] = usv;

    } else {
        ngx_workers_usv_free(cx, &usv);
    }

    two->n++;

    return NGX_OK;
}


static JSValue
ngx_workers_url_params_ext_construct(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv)
{
    JSValue                    object;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_create(cx, NULL);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (argc > 0
        && !JS_IsUndefined(argv[0])
        && ngx_workers_url_params_fill(cx, params, argv[0]) != NGX_OK)
    {
        ngx_workers_url_params_destroy(JS_GetRuntime(cx), params);
        return JS_EXCEPTION;
    }

    object = ngx_workers_new_instance(cx, new_target,
                                      ngx_workers_url_params_class.id);

    if (JS_IsException(object)) {
        ngx_workers_url_params_destroy(JS_GetRuntime(cx), params);
        return object;
    }

    JS_SetOpaque(object, params);

    return object;
}


static JSValue
ngx_workers_url_params_ext_size(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    return JS_NewUint32(cx, params->npairs);
}


/*
 * (name, value) of a method.  With optional, a value that is not there has
 * data NULL.
 */

static ngx_int_t
ngx_workers_url_params_two(JSContext *cx, const char *method, int argc,
    JSValueConst *argv, ngx_workers_usv_t *name, ngx_workers_usv_t *value,
    ngx_uint_t optional)
{
    if (argc < (optional ? 1 : 2)) {
        (void) ngx_workers_throw_argument(cx, method, "URLSearchParams",
                                          argc + 1, "USVString");
        return NGX_ERROR;
    }

    if (ngx_workers_usv(cx, argv[0], name) != NGX_OK) {
        return NGX_ERROR;
    }

    if (optional
        && (argc < 2 || JS_IsUndefined(argv[1])
            || !ngx_workers_flag_holds(ngx_workers_isolate(cx)->script,
                                   "urlsearchparams_delete_has_value_arg")))
    {
        ngx_memzero(value, sizeof(ngx_workers_usv_t));
        return NGX_OK;
    }

    if (ngx_workers_usv(cx, argv[1], value) != NGX_OK) {
        ngx_workers_usv_free(cx, name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* append() and, with magic, set() */

static JSValue
ngx_workers_url_params_ext_append(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic)
{
    ngx_int_t                  rc;
    ngx_workers_usv_t          name, value;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_url_params_two(cx, magic ? "set" : "append", argc, argv,
                                   &name, &value, 0)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    rc = magic ? ngx_workers_url_params_set(cx, params, &name.str, &value.str)
               : ngx_workers_url_params_append(cx, params, &name.str,
                                               &value.str);

    ngx_workers_usv_free(cx, &value);
    ngx_workers_usv_free(cx, &name);

    if (rc != NGX_OK || ngx_workers_url_params_update(cx, params) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_url_params_ext_delete(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    uint32_t                   i, n;
    ngx_workers_usv_t          name, value;
    ngx_workers_url_pair_t    *pair;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_url_params_two(cx, "delete", argc, argv, &name, &value, 1)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    n = 0;

    for (i = 0; i < params->npairs; i++) {
        pair = &params->pairs[i];

        if (ngx_workers_url_params_is(params, pair->name, pair->name_len,
                                      &name.str)
            && (value.c_string == NULL
                || ngx_workers_url_params_is(params, pair->value,
                                             pair->value_len, &value.str)))
        {
            continue;
        }

        params->pairs[n++] = *pair;
    }

    params->npairs = n;

    if (value.c_string != NULL) {
        ngx_workers_usv_free(cx, &value);
    }

    ngx_workers_usv_free(cx, &name);

    if (ngx_workers_url_params_update(cx, params) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_url_params_string(JSContext *cx, ngx_workers_url_params_t *params,
    uint32_t start, uint32_t len)
{
    return JS_NewStringLen(cx, (len != 0) ? (char *) params->data + start : "",
                           len);
}


static JSValue
ngx_workers_url_params_ext_get(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                    value;
    uint32_t                   i;
    ngx_workers_usv_t          name;
    ngx_workers_url_pair_t    *pair;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (argc == 0) {
        return ngx_workers_throw_argument(cx, "get", "URLSearchParams", 1,
                                          "USVString");
    }

    if (ngx_workers_usv(cx, argv[0], &name) != NGX_OK) {
        return JS_EXCEPTION;
    }

    value = JS_NULL;

    for (i = 0; i < params->npairs; i++) {
        pair = &params->pairs[i];

        if (ngx_workers_url_params_is(params, pair->name, pair->name_len,
                                      &name.str))
        {
            value = ngx_workers_url_params_string(cx, params, pair->value,
                                                  pair->value_len);
            break;
        }
    }

    ngx_workers_usv_free(cx, &name);

    return value;
}


static JSValue
ngx_workers_url_params_ext_get_all(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                    array, value;
    uint32_t                   i, n;
    ngx_workers_usv_t          name;
    ngx_workers_url_pair_t    *pair;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (argc == 0) {
        return ngx_workers_throw_argument(cx, "getAll", "URLSearchParams", 1,
                                          "USVString");
    }

    if (ngx_workers_usv(cx, argv[0], &name) != NGX_OK) {
        return JS_EXCEPTION;
    }

    array = JS_NewArray(cx);
    if (JS_IsException(array)) {
        goto done;
    }

    n = 0;

    for (i = 0; i < params->npairs; i++) {
        pair = &params->pairs[i];

        if (!ngx_workers_url_params_is(params, pair->name, pair->name_len,
                                       &name.str))
        {
            continue;
        }

        value = ngx_workers_url_params_string(cx, params, pair->value,
                                              pair->value_len);

        if (JS_IsException(value)
            || JS_DefinePropertyValueUint32(cx, array, n++, value,
                                            JS_PROP_C_W_E)
               < 0)
        {
            JS_FreeValue(cx, array);
            array = JS_EXCEPTION;
            break;
        }
    }

done:

    ngx_workers_usv_free(cx, &name);

    return array;
}


static JSValue
ngx_workers_url_params_ext_has(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    uint32_t                   i;
    ngx_uint_t                 found;
    ngx_workers_usv_t          name, value;
    ngx_workers_url_pair_t    *pair;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_url_params_two(cx, "has", argc, argv, &name, &value, 1)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    found = 0;

    for (i = 0; i < params->npairs && !found; i++) {
        pair = &params->pairs[i];

        found = ngx_workers_url_params_is(params, pair->name, pair->name_len,
                                          &name.str)
                && (value.c_string == NULL
                    || ngx_workers_url_params_is(params, pair->value,
                                                 pair->value_len, &value.str));
    }

    if (value.c_string != NULL) {
        ngx_workers_usv_free(cx, &value);
    }

    ngx_workers_usv_free(cx, &name);

    return JS_NewBool(cx, found);
}


static JSValue
ngx_workers_url_params_ext_sort(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_url_pair_t    *tmp;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (params->npairs > 1) {
        tmp = js_malloc(cx, params->npairs * sizeof(ngx_workers_url_pair_t));
        if (tmp == NULL) {
            return JS_EXCEPTION;
        }

        ngx_workers_url_params_merge(params->data, params->pairs, tmp,
                                     params->npairs);
        js_free(cx, tmp);
    }

    if (ngx_workers_url_params_update(cx, params) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


/*
 * Names by UTF-16 code units: the order of UTF-8 bytes, but for what is
 * above U+FFFF, whose surrogates come before U+E000 (lead bytes from 0xEE).
 */

static ngx_int_t
ngx_workers_url_params_compare(u_char *data, ngx_workers_url_pair_t *a,
    ngx_workers_url_pair_t *b)
{
    u_char    *p, *q;
    uint32_t   i, n;

    p = data + a->name;
    q = data + b->name;
    n = ngx_min(a->name_len, b->name_len);

    for (i = 0; i < n; i++) {

        if (p[i] == q[i]) {
            continue;
        }

        if (p[i] >= 0xf0 && q[i] >= 0xee && q[i] < 0xf0) {
            return -1;
        }

        if (q[i] >= 0xf0 && p[i] >= 0xee && p[i] < 0xf0) {
            return 1;
        }

        return (p[i] < q[i]) ? -1 : 1;
    }

    return (a->name_len > b->name_len) - (a->name_len < b->name_len);
}


/* A stable sort. */

static void
ngx_workers_url_params_merge(u_char *data, ngx_workers_url_pair_t *pairs,
    ngx_workers_url_pair_t *tmp, uint32_t n)
{
    uint32_t  i, j, k, half;

    if (n < 2) {
        return;
    }

    half = n / 2;

    ngx_workers_url_params_merge(data, pairs, tmp, half);
    ngx_workers_url_params_merge(data, pairs + half, tmp, n - half);

    ngx_memcpy(tmp, pairs, half * sizeof(ngx_workers_url_pair_t));

    i = 0;
    j = half;

    for (k = 0; i < half; k++) {

        if (j < n && ngx_workers_url_params_compare(data, &pairs[j], &tmp[i])
                     < 0)
        {
            pairs[k] = pairs[j++];

        } else {
            pairs[k] = tmp[i++];
        }
    }
}


static JSValue
ngx_workers_url_params_ext_to_string(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                    value;
    ngx_str_t                  out;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_url_params_encode(cx, params, &out) != NGX_OK) {
        return JS_EXCEPTION;
    }

    value = ngx_workers_new_string(cx, &out);

    js_free(cx, out.data);

    return value;
}


static JSValue
ngx_workers_url_params_ext_for_each(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                    result;
    uint32_t                   i;
    JSValue                    args[2];
    JSValueConst               argp[3];
    ngx_workers_url_pair_t    *pair;
    ngx_workers_url_params_t  *params;

    params = ngx_workers_url_params_this(cx, this_val);
    if (params == NULL) {
        return JS_EXCEPTION;
    }

    if (argc == 0 || !JS_IsFunction(cx, argv[0])) {
        return ngx_workers_throw_argument(cx, "forEach", "URLSearchParams", 1,
                                          "function");
    }

    for (i = 0; i < params->npairs; i++) {
        pair = &params->pairs[i];

        args[0] = ngx_workers_url_params_string(cx, params, pair->value,
                                                pair->value_len);
        args[1] = ngx_workers_url_params_string(cx, params, pair->name,
                                                pair->name_len);

        if (JS_IsException(args[0]) || JS_IsException(args[1])) {
            result = JS_EXCEPTION;

        } else {
            argp[0] = args[0];
            argp[1] = args[1];
            argp[2] = this_val;

            result = JS_Call(cx, argv[0],
                             (argc > 1) ? argv[1] : JS_UNDEFINED, 3, argp);
        }

        JS_FreeValue(cx, args[0]);
        JS_FreeValue(cx, args[1]);

        if (JS_IsException(result)) {
            return result;
        }

        JS_FreeValue(cx, result);
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_url_params_ext_iterator(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic)
{
    JSValue                      object;
    ngx_workers_url_iterator_t  *it;

    if (ngx_workers_url_params_this(cx, this_val) == NULL) {
        return JS_EXCEPTION;
    }

    it = js_malloc(cx, sizeof(ngx_workers_url_iterator_t));
    if (it == NULL) {
        return JS_EXCEPTION;
    }

    object = JS_NewObjectClass(cx, ngx_workers_url_iterator_class.id);

    if (JS_IsException(object)) {
        js_free(cx, it);
        return object;
    }

    it->object = JS_DupValue(cx, this_val);
    it->index = 0;
    it->kind = magic;

    JS_SetOpaque(object, it);

    return object;
}


static JSValue
ngx_workers_url_params_ext_next(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int *done, int magic)
{
    JSValue                      pair[2];
    ngx_workers_url_pair_t      *p;
    ngx_workers_url_params_t    *params;
    ngx_workers_url_iterator_t  *it;

    *done = 0;

    it = ngx_workers_this(cx, this_val, ngx_workers_url_iterator_class.id);
    if (it == NULL) {
        return JS_EXCEPTION;
    }

    params = JS_GetOpaque(it->object, ngx_workers_url_params_class.id);

    if (it->index >= params->npairs) {
        *done = 1;
        return JS_UNDEFINED;
    }

    p = &params->pairs[it->index++];

    if (it->kind == NGX_WORKERS_URL_PARAMS_KEYS) {
        return ngx_workers_url_params_string(cx, params, p->name, p->name_len);
    }

    if (it->kind == NGX_WORKERS_URL_PARAMS_VALUES) {
        return ngx_workers_url_params_string(cx, params, p->value,
                                             p->value_len);
    }

    pair[0] = ngx_workers_url_params_string(cx, params, p->name, p->name_len);
    pair[1] = ngx_workers_url_params_string(cx, params, p->value,
                                            p->value_len);

    if (JS_IsException(pair[0]) || JS_IsException(pair[1])) {
        JS_FreeValue(cx, pair[0]);
        JS_FreeValue(cx, pair[1]);

        return JS_EXCEPTION;
    }

    return JS_NewArrayFrom(cx, 2, pair);
}


static void
ngx_workers_url_params_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_url_params_t  *params;

    params = JS_GetOpaque(val, ngx_workers_url_params_class.id);
    if (params == NULL) {
        return;
    }

    if (params->uo != NULL) {
        ngx_workers_url_forget_params(params->uo);
    }

    ngx_workers_url_params_destroy(rt, params);
}


static void
ngx_workers_url_iterator_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_url_iterator_t  *it;

    it = JS_GetOpaque(val, ngx_workers_url_iterator_class.id);

    if (it != NULL) {
        JS_FreeValueRT(rt, it->object);
        js_free_rt(rt, it);
    }
}


static void
ngx_workers_url_iterator_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func)
{
    ngx_workers_url_iterator_t  *it;

    it = JS_GetOpaque(val, ngx_workers_url_iterator_class.id);

    if (it != NULL) {
        JS_MarkValue(rt, it->object, mark_func);
    }
}


static ngx_int_t
ngx_workers_url_params_init(JSContext *cx, JSValueConst global)
{
    JSValue  symbol, iterator;

    if (ngx_workers_url_params_symbol != JS_ATOM_NULL) {
        return NGX_OK;
    }

    symbol = JS_GetPropertyStr(cx, global, "Symbol");
    iterator = JS_GetPropertyStr(cx, symbol, "iterator");
    JS_FreeValue(cx, symbol);

    ngx_workers_url_params_symbol = JS_ValueToAtom(cx, iterator);
    JS_FreeValue(cx, iterator);

    return (ngx_workers_url_params_symbol != JS_ATOM_NULL) ? NGX_OK
                                                           : NGX_ERROR;
}
