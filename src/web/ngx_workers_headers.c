
/*
 * Copyright (C) the nginx-workers authors
 *
 * Headers: Fetch Standard, section 5.1, with the platform's getAll().
 *
 * A list keeps names as they were first written; they are compared by a hash
 * of their lower-case form first.  Whoever iterates sees the list as it was,
 * sorted, when the iteration began.
 */


#include "ngx_workers_headers.h"
#include "ngx_workers_usv.h"


#define NGX_WORKERS_HEADERS_NELTS   8
#define NGX_WORKERS_HEADERS_ARENA   256
#define NGX_WORKERS_HEADERS_BUFFER  512

#define NGX_WORKERS_SET_COOKIE      "set-cookie"


typedef enum {
    NGX_WORKERS_HEADERS_ENTRIES = 0,
    NGX_WORKERS_HEADERS_KEYS,
    NGX_WORKERS_HEADERS_VALUES
} ngx_workers_headers_kind_e;


/* Bytes of a name or value that came from JavaScript. */
typedef struct {
    ngx_str_t                    str;
    uint32_t                     hash;      /* of a name */
    ngx_workers_usv_t            usv;       /* what to free */
} ngx_workers_header_text_t;


/* A sorted copy of a list, names in lower case, and how far one has come. */
typedef struct {
    ngx_workers_header_t        *elts;      /* one block, with the bytes */
    ngx_uint_t                   nelts;
    ngx_uint_t                   pos;
} ngx_workers_headers_walk_t;


typedef struct {
    ngx_workers_headers_kind_e   kind;
    ngx_workers_headers_walk_t   walk;
} ngx_workers_headers_iterator_t;


typedef ngx_int_t (*ngx_workers_headers_item_pt)(JSContext *cx, void *data,
    JSValueConst item);


typedef struct {
    JSValue                      items[2];
    ngx_uint_t                   n;
} ngx_workers_headers_pair_t;


static ngx_int_t ngx_workers_headers_name(JSContext *cx, JSValueConst v,
    ngx_workers_header_text_t *text);
static ngx_int_t ngx_workers_headers_check_name(JSContext *cx,
    ngx_workers_header_text_t *text);
static ngx_int_t ngx_workers_headers_value(JSContext *cx, JSValueConst v,
    ngx_workers_header_text_t *text);
static uint32_t ngx_workers_headers_hash(u_char *p, size_t len);
static ngx_int_t ngx_workers_headers_reserve(JSContext *cx,
    ngx_workers_headers_t *headers, size_t len);
static ngx_int_t ngx_workers_headers_push(JSContext *cx,
    ngx_workers_headers_t *headers, ngx_str_t *name, uint32_t hash,
    ngx_str_t *value);
static ngx_workers_header_t *ngx_workers_headers_next(
    ngx_workers_headers_t *headers, ngx_workers_header_t *from,
    ngx_str_t *name, uint32_t hash);
static ngx_int_t ngx_workers_headers_fill_sequence(JSContext *cx,
    ngx_workers_headers_t *headers, JSValueConst init, JSValueConst method);
static ngx_int_t ngx_workers_headers_fill_pair(JSContext *cx, void *data,
    JSValueConst item);
static ngx_int_t ngx_workers_headers_pair_item(JSContext *cx, void *data,
    JSValueConst item);
static ngx_int_t ngx_workers_headers_fill_record(JSContext *cx,
    ngx_workers_headers_t *headers, JSValueConst init);
static ngx_int_t ngx_workers_headers_append(JSContext *cx,
    ngx_workers_headers_t *headers, JSValueConst name, JSValueConst value);
static ngx_int_t ngx_workers_headers_check_guard(JSContext *cx,
    ngx_workers_headers_t *headers);
static ngx_int_t ngx_workers_headers_iterate(JSContext *cx,
    JSValueConst iterable, JSValueConst method,
    ngx_workers_headers_item_pt handler, void *data);
static void ngx_workers_headers_close_iterator(JSContext *cx,
    JSValueConst iterator);
static JSValue ngx_workers_headers_join(JSContext *cx, ngx_str_t **values,
    ngx_uint_t n);

static ngx_int_t ngx_workers_headers_walk_start(JSContext *cx,
    ngx_workers_headers_walk_t *walk, ngx_workers_headers_t *headers);
static ngx_int_t ngx_workers_headers_walk_next(JSContext *cx,
    ngx_workers_headers_walk_t *walk, ngx_workers_headers_kind_e kind,
    JSValue *key, JSValue *value);
static ngx_uint_t ngx_workers_headers_walk_group(
    ngx_workers_headers_walk_t *walk);
static JSValue ngx_workers_headers_walk_value(JSContext *cx,
    ngx_workers_header_t *header, ngx_uint_t n);
static int ngx_libc_cdecl ngx_workers_headers_compare(const void *one,
    const void *two);

static JSValue ngx_workers_headers_ext_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_append(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_delete(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_get(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_get_set_cookie(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_get_all(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_has(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_set(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_for_each(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_headers_ext_iterator(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_headers_ext_iterator_next(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int *done, int magic);

static JSValue ngx_workers_headers_combined(JSContext *cx,
    ngx_workers_headers_t *headers, ngx_str_t *name, uint32_t hash);
static JSValue ngx_workers_headers_get_set_cookie(JSContext *cx,
    ngx_workers_headers_t *headers);
static void ngx_workers_headers_finalizer(JSRuntime *rt, JSValueConst val);
static void ngx_workers_headers_iterator_finalizer(JSRuntime *rt,
    JSValueConst val);
static ngx_int_t ngx_workers_headers_init(JSContext *cx, JSValueConst global);


static const JSCFunctionListEntry  ngx_workers_headers_proto[] = {
    NGX_WORKERS_METHOD("append", 2, ngx_workers_headers_ext_append),
    NGX_WORKERS_METHOD("delete", 1, ngx_workers_headers_ext_delete),
    NGX_WORKERS_METHOD("get", 1, ngx_workers_headers_ext_get),
    NGX_WORKERS_METHOD("getAll", 1, ngx_workers_headers_ext_get_all),
    NGX_WORKERS_METHOD("getSetCookie", 0,
                       ngx_workers_headers_ext_get_set_cookie),
    NGX_WORKERS_METHOD("has", 1, ngx_workers_headers_ext_has),
    NGX_WORKERS_METHOD("set", 2, ngx_workers_headers_ext_set),
    NGX_WORKERS_METHOD("forEach", 1, ngx_workers_headers_ext_for_each),
    NGX_WORKERS_METHOD_MAGIC("entries", 0, ngx_workers_headers_ext_iterator,
                             NGX_WORKERS_HEADERS_ENTRIES),
    NGX_WORKERS_METHOD_MAGIC("keys", 0, ngx_workers_headers_ext_iterator,
                             NGX_WORKERS_HEADERS_KEYS),
    NGX_WORKERS_METHOD_MAGIC("values", 0, ngx_workers_headers_ext_iterator,
                             NGX_WORKERS_HEADERS_VALUES),
    JS_ALIAS_DEF("[Symbol.iterator]", "entries"),
    NGX_WORKERS_TAG("Headers"),
};


ngx_workers_class_t  ngx_workers_headers_class = {
    .def = {
        .class_name = "Headers",
        .finalizer = ngx_workers_headers_finalizer,
    },
    .constructor = ngx_workers_headers_ext_construct,
    .proto = ngx_workers_headers_proto,
    .nproto = ngx_workers_nitems(ngx_workers_headers_proto),
};


static const JSCFunctionListEntry  ngx_workers_headers_iterator_proto[] = {
    { "next", JS_PROP_C_W_E, JS_DEF_CFUNC, 0,
      { .func = { 0, JS_CFUNC_iterator_next,
                  { .iterator_next =
                        ngx_workers_headers_ext_iterator_next } } } },
    NGX_WORKERS_TAG("Headers Iterator"),
};


static ngx_workers_class_t  ngx_workers_headers_iterator_class = {
    .def = {
        .class_name = "Headers Iterator",
        .finalizer = ngx_workers_headers_iterator_finalizer,
    },
    .proto = ngx_workers_headers_iterator_proto,
    .nproto = ngx_workers_nitems(ngx_workers_headers_iterator_proto),
    .hidden = 1,
    .iterator = 1,
};


static ngx_workers_class_t  *ngx_workers_headers_classes[] = {
    &ngx_workers_headers_class,
    &ngx_workers_headers_iterator_class,
    NULL
};


ngx_workers_web_t  ngx_workers_headers_web = {
    .classes = ngx_workers_headers_classes,
    .init = ngx_workers_headers_init,
};


/* Symbol.iterator: a predefined atom, the same number in every runtime. */
static JSAtom  ngx_workers_headers_symbol_iterator;


/* The lower-case form of a token's characters; 0: not one (RFC 9110, 5.6.2) */
static const u_char  ngx_workers_headers_token[256] =
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0!\0#$%&'\0\0*+\0-.\0" "0123456789\0\0\0\0\0\0"
    "\0abcdefghijklmno" "pqrstuvwxyz\0\0\0^_"
    "`abcdefghijklmno" "pqrstuvwxyz\0|\0~\0";


JSValue
ngx_workers_new_instance(JSContext *cx, JSValueConst new_target, JSClassID id)
{
    JSValue  proto, object;

    proto = JS_GetProperty(cx, new_target, ngx_workers_atom(cx, PROTOTYPE));

    if (JS_IsException(proto)) {
        return JS_EXCEPTION;
    }

    if (!JS_IsObject(proto)) {
        JS_FreeValue(cx, proto);
        return JS_NewObjectClass(cx, id);
    }

    object = JS_NewObjectProtoClass(cx, proto, id);

    JS_FreeValue(cx, proto);

    return object;
}


ngx_workers_headers_t *
ngx_workers_headers_create(JSContext *cx)
{
    return js_mallocz(cx, sizeof(ngx_workers_headers_t));
}


void
ngx_workers_headers_destroy(JSRuntime *rt, ngx_workers_headers_t *headers)
{
    if (headers == NULL) {
        return;
    }

    js_free_rt(rt, headers->elts);
    js_free_rt(rt, headers->data);
    js_free_rt(rt, headers);
}


JSValue
ngx_workers_headers_wrap(JSContext *cx, ngx_workers_headers_t *headers)
{
    JSValue  object;

    object = JS_NewObjectClass(cx, ngx_workers_headers_class.id);

    if (!JS_IsException(object)) {
        JS_SetOpaque(object, headers);
    }

    return object;
}


JSValue
ngx_workers_headers_new(JSContext *cx, ngx_workers_headers_t **headers)
{
    JSValue  object;

    *headers = ngx_workers_headers_create(cx);
    if (*headers == NULL) {
        return JS_EXCEPTION;
    }

    object = ngx_workers_headers_wrap(cx, *headers);

    if (JS_IsException(object)) {
        ngx_workers_headers_destroy(JS_GetRuntime(cx), *headers);
    }

    return object;
}


ngx_workers_headers_t *
ngx_workers_headers(JSValueConst v)
{
    return JS_GetOpaque(v, ngx_workers_headers_class.id);
}


ngx_int_t
ngx_workers_headers_add(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_str_t *name, ngx_str_t *value)
{
    return ngx_workers_headers_push(cx, headers, name,
                                    ngx_workers_headers_hash(name->data,
                                                             name->len),
                                    value);
}


ngx_int_t
ngx_workers_headers_copy(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_workers_headers_t *from)
{
    ngx_uint_t             i;
    ngx_workers_header_t  *header;

    for (i = 0; i < from->nelts; i++) {
        header = &from->elts[i];

        if (ngx_workers_headers_push(cx, headers, &header->name, header->hash,
                                     &header->value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_str_t *
ngx_workers_headers_find(ngx_workers_headers_t *headers, const char *name,
    size_t len)
{
    ngx_str_t              key;
    ngx_workers_header_t  *header;

    key.data = (u_char *) name;
    key.len = len;

    header = ngx_workers_headers_next(headers, headers->elts, &key,
                                      ngx_workers_headers_hash(key.data, len));

    return (header != NULL) ? &header->value : NULL;
}


JSValue
ngx_workers_headers_get(JSContext *cx, ngx_workers_headers_t *headers,
    const char *name, size_t len)
{
    ngx_str_t  key;

    key.data = (u_char *) name;
    key.len = len;

    return ngx_workers_headers_combined(cx, headers, &key,
                                        ngx_workers_headers_hash(key.data,
                                                                 len));
}


/* A valid name; text->usv is the caller's to free. */

static ngx_int_t
ngx_workers_headers_name(JSContext *cx, JSValueConst v,
    ngx_workers_header_text_t *text)
{
    if (ngx_workers_usv(cx, v, &text->usv) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_workers_headers_check_name(cx, text) != NGX_OK) {
        ngx_workers_usv_free(cx, &text->usv);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_headers_check_name(JSContext *cx, ngx_workers_header_text_t *text)
{
    u_char      c;
    size_t      i;
    ngx_uint_t  hash;

    text->str = text->usv.str;

    hash = 0;

    for (i = 0; i < text->str.len; i++) {
        c = ngx_workers_headers_token[text->str.data[i]];

        if (c == '\0') {
            break;
        }

        hash = ngx_hash(hash, c);
    }

    if (i < text->str.len || i == 0) {
        (void) JS_ThrowTypeError(cx, "Invalid header name.");
        return NGX_ERROR;
    }

    text->hash = (uint32_t) hash;

    return NGX_OK;
}


/* A valid value without white space around it. */

static ngx_int_t
ngx_workers_headers_value(JSContext *cx, JSValueConst v,
    ngx_workers_header_text_t *text)
{
    u_char  *p, *last;

    if (ngx_workers_usv(cx, v, &text->usv) != NGX_OK) {
        return NGX_ERROR;
    }

    p = text->usv.str.data;
    last = p + text->usv.str.len;

    while (p < last && (*p == ' ' || *p == '\t' || *p == CR || *p == LF)) {
        p++;
    }

    while (p < last
           && (last[-1] == ' ' || last[-1] == '\t'
               || last[-1] == CR || last[-1] == LF))
    {
        last--;
    }

    text->str.data = p;
    text->str.len = last - p;

    for ( /* void */ ; p < last; p++) {

        if (*p == '\0' || *p == CR || *p == LF) {
            ngx_workers_usv_free(cx, &text->usv);
            (void) JS_ThrowTypeError(cx, "Invalid header value.");
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static uint32_t
ngx_workers_headers_hash(u_char *p, size_t len)
{
    ngx_uint_t  hash;

    for (hash = 0; len > 0; len--, p++) {
        hash = ngx_hash(hash, ngx_tolower(*p));
    }

    return (uint32_t) hash;
}


/* Room for len bytes in the arena; what no entry holds is dropped. */

static ngx_int_t
ngx_workers_headers_reserve(JSContext *cx, ngx_workers_headers_t *headers,
    size_t len)
{
    size_t                 size;
    u_char                *data, *p;
    ngx_uint_t             i;
    ngx_workers_header_t  *header;

    if (len <= headers->size - headers->used) {
        return NGX_OK;
    }

    size = len;

    for (i = 0; i < headers->nelts; i++) {
        size += headers->elts[i].name.len + headers->elts[i].value.len;
    }

    if (headers->nelts != 0) {
        size *= 2;
    }

    size = ngx_max(size, NGX_WORKERS_HEADERS_ARENA);

    data = js_malloc(cx, size);
    if (data == NULL) {
        return NGX_ERROR;
    }

    p = data;

    for (i = 0; i < headers->nelts; i++) {
        header = &headers->elts[i];

        ngx_memcpy(p, header->name.data, header->name.len);
        header->name.data = p;
        p += header->name.len;

        ngx_memcpy(p, header->value.data, header->value.len);
        header->value.data = p;
        p += header->value.len;
    }

    js_free(cx, headers->data);

    headers->data = data;
    headers->size = size;
    headers->used = p - data;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_headers_push(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_str_t *name, uint32_t hash, ngx_str_t *value)
{
    u_char                *p;
    ngx_uint_t             n;
    ngx_workers_header_t  *header;

    if (headers->nelts == headers->nalloc) {
        n = (headers->nalloc == 0) ? NGX_WORKERS_HEADERS_NELTS
                                   : 2 * headers->nalloc;

        header = js_realloc(cx, headers->elts,
                            n * sizeof(ngx_workers_header_t));
        if (header == NULL) {
            return NGX_ERROR;
        }

        headers->elts = header;
        headers->nalloc = n;
    }

    if (ngx_workers_headers_reserve(cx, headers, name->len + value->len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    header = &headers->elts[headers->nelts++];
    p = headers->data + headers->used;

    header->hash = hash;

    header->name.len = name->len;
    header->name.data = p;
    p = ngx_cpymem(p, name->data, name->len);

    header->value.len = value->len;
    header->value.data = p;
    p = ngx_cpymem(p, value->data, value->len);

    headers->used = p - headers->data;

    return NGX_OK;
}


/* The first entry of that name from an entry on. */

static ngx_workers_header_t *
ngx_workers_headers_next(ngx_workers_headers_t *headers,
    ngx_workers_header_t *from, ngx_str_t *name, uint32_t hash)
{
    ngx_workers_header_t  *header, *end;

    if (headers->nelts == 0) {
        return NULL;
    }

    end = headers->elts + headers->nelts;

    for (header = from; header < end; header++) {

        if (header->hash == hash
            && header->name.len == name->len
            && ngx_strncasecmp(header->name.data, name->data, name->len) == 0)
        {
            return header;
        }
    }

    return NULL;
}


ngx_int_t
ngx_workers_headers_fill(JSContext *cx, ngx_workers_headers_t *headers,
    JSValueConst init)
{
    JSValue                 method;
    ngx_int_t               rc;
    ngx_workers_headers_t  *from;

    from = ngx_workers_headers(init);
    if (from != NULL) {
        return ngx_workers_headers_copy(cx, headers, from);
    }

    method = JS_GetProperty(cx, init, ngx_workers_headers_symbol_iterator);

    if (JS_IsException(method)) {
        return NGX_ERROR;
    }

    if (!JS_IsFunction(cx, method)) {
        JS_FreeValue(cx, method);
        return ngx_workers_headers_fill_record(cx, headers, init);
    }

    rc = ngx_workers_headers_fill_sequence(cx, headers, init, method);

    JS_FreeValue(cx, method);

    return rc;
}


static ngx_int_t
ngx_workers_headers_fill_sequence(JSContext *cx, ngx_workers_headers_t *headers,
    JSValueConst init, JSValueConst method)
{
    return ngx_workers_headers_iterate(cx, init, method,
                                       ngx_workers_headers_fill_pair, headers);
}


static ngx_int_t
ngx_workers_headers_fill_pair(JSContext *cx, void *data, JSValueConst item)
{
    JSValue                     method;
    ngx_int_t                   rc;
    ngx_workers_headers_pair_t  pair;

    method = JS_IsObject(item)
             ? JS_GetProperty(cx, item, ngx_workers_headers_symbol_iterator)
             : JS_UNDEFINED;

    if (JS_IsException(method)) {
        return NGX_ERROR;
    }

    if (!JS_IsFunction(cx, method)) {
        JS_FreeValue(cx, method);
        (void) JS_ThrowTypeError(cx, "Incorrect type: the provided value is "
                                 "not of type 'Sequence'.");
        return NGX_ERROR;
    }

    pair.items[0] = JS_UNDEFINED;
    pair.items[1] = JS_UNDEFINED;
    pair.n = 0;

    rc = ngx_workers_headers_iterate(cx, item, method,
                                     ngx_workers_headers_pair_item, &pair);
    JS_FreeValue(cx, method);

    if (rc == NGX_OK && pair.n != 2) {
        (void) JS_ThrowTypeError(cx, "To initialize a Headers object from a "
                                 "sequence, each inner sequence must have "
                                 "exactly two elements.");
        rc = NGX_ERROR;
    }

    if (rc == NGX_OK) {
        rc = ngx_workers_headers_append(cx, data, pair.items[0],
                                        pair.items[1]);
    }

    JS_FreeValue(cx, pair.items[0]);
    JS_FreeValue(cx, pair.items[1]);

    return rc;
}


static ngx_int_t
ngx_workers_headers_pair_item(JSContext *cx, void *data, JSValueConst item)
{
    ngx_workers_headers_pair_t  *pair = data;

    if (pair->n < 2) {
        pair->items[pair->n] = JS_DupValue(cx, item);
    }

    pair->n++;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_headers_fill_record(JSContext *cx, ngx_workers_headers_t *headers,
    JSValueConst init)
{
    JSValue                     v;
    uint32_t                    i, n;
    ngx_int_t                   rc;
    JSPropertyEnum             *names;
    ngx_workers_header_text_t   name, value;

    if (JS_GetOwnPropertyNames(cx, &names, &n, init,
                               JS_GPN_STRING_MASK|JS_GPN_ENUM_ONLY)
        < 0)
    {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    for (i = 0; i < n && rc == NGX_OK; i++) {
        rc = NGX_ERROR;

        v = JS_GetProperty(cx, init, names[i].atom);
        if (JS_IsException(v)) {
            break;
        }

        name.usv.c_string = JS_AtomToCStringLen(cx, &name.usv.str.len,
                                                names[i].atom);
        if (name.usv.c_string == NULL) {
            JS_FreeValue(cx, v);
            break;
        }

        name.usv.str.data = (u_char *) name.usv.c_string;
        name.usv.copy = NULL;

        if (ngx_workers_headers_check_name(cx, &name) == NGX_OK
            && ngx_workers_headers_value(cx, v, &value) == NGX_OK)
        {
            rc = ngx_workers_headers_push(cx, headers, &name.str, name.hash,
                                          &value.str);
            ngx_workers_usv_free(cx, &value.usv);
        }

        ngx_workers_usv_free(cx, &name.usv);
        JS_FreeValue(cx, v);
    }

    JS_FreePropertyEnum(cx, names, n);

    return rc;
}


static ngx_int_t
ngx_workers_headers_append(JSContext *cx, ngx_workers_headers_t *headers,
    JSValueConst name, JSValueConst value)
{
    ngx_int_t                  rc;
    ngx_workers_header_text_t  n, v;

    if (ngx_workers_headers_name(cx, name, &n) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (ngx_workers_headers_value(cx, value, &v) == NGX_OK) {
        rc = ngx_workers_headers_push(cx, headers, &n.str, n.hash, &v.str);
        ngx_workers_usv_free(cx, &v.usv);
    }

    ngx_workers_usv_free(cx, &n.usv);

    return rc;
}


static ngx_int_t
ngx_workers_headers_check_guard(JSContext *cx, ngx_workers_headers_t *headers)
{
    if (headers->guard == NGX_WORKERS_GUARD_IMMUTABLE) {
        (void) JS_ThrowTypeError(cx, "Can't modify immutable headers.");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* The iteration of WebIDL's sequences. */

static ngx_int_t
ngx_workers_headers_iterate(JSContext *cx, JSValueConst iterable,
    JSValueConst method, ngx_workers_headers_item_pt handler, void *data)
{
    int        done;
    JSValue    iterator, next, result, v;
    ngx_int_t  rc;

    iterator = JS_Call(cx, method, iterable, 0, NULL);
    if (JS_IsException(iterator)) {
        return NGX_ERROR;
    }

    if (!JS_IsObject(iterator)) {
        JS_FreeValue(cx, iterator);
        (void) JS_ThrowTypeError(cx, "The iterator is not an object.");
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

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
            (void) JS_ThrowTypeError(cx, "The iterator's result is not an "
                                     "object.");
            goto done;
        }

        v = JS_GetPropertyStr(cx, result, "done");
        done = JS_ToBool(cx, v);
        JS_FreeValue(cx, v);

        if (done != 0) {
            JS_FreeValue(cx, result);
            rc = (done < 0) ? NGX_ERROR : NGX_OK;
            goto done;
        }

        v = JS_GetPropertyStr(cx, result, "value");
        JS_FreeValue(cx, result);

        if (JS_IsException(v)) {
            goto done;
        }

        rc = handler(cx, data, v);
        JS_FreeValue(cx, v);

        if (rc != NGX_OK) {
            ngx_workers_headers_close_iterator(cx, iterator);
            goto done;
        }

        rc = NGX_ERROR;
    }

done:

    JS_FreeValue(cx, next);
    JS_FreeValue(cx, iterator);

    return rc;
}


/* The pending exception stays the one that counts. */

static void
ngx_workers_headers_close_iterator(JSContext *cx, JSValueConst iterator)
{
    JSValue  reason, method, result;

    reason = JS_GetException(cx);

    if (!JS_IsUncatchableError(reason)) {
        method = JS_GetPropertyStr(cx, iterator, "return");

        if (JS_IsFunction(cx, method)) {
            result = JS_Call(cx, method, iterator, 0, NULL);

            if (JS_IsException(result)) {
                JS_FreeValue(cx, JS_GetException(cx));
            }

            JS_FreeValue(cx, result);

        } else if (JS_IsException(method)) {
            JS_FreeValue(cx, JS_GetException(cx));
        }

        JS_FreeValue(cx, method);
    }

    (void) JS_Throw(cx, reason);
}


/* Values of one name, as get() shows them. */

static JSValue
ngx_workers_headers_join(JSContext *cx, ngx_str_t **values, ngx_uint_t n)
{
    size_t       len;
    u_char      *p, *buf, small[NGX_WORKERS_HEADERS_BUFFER];
    JSValue      string;
    ngx_uint_t   i;

    len = 0;

    for (i = 0; i < n; i++) {
        len += values[i]->len + sizeof(", ") - 1;
    }

    buf = small;
    small[0] = '\0';             /* n may be 0 */

    if (len > sizeof(small)) {
        buf = js_malloc(cx, len);
        if (buf == NULL) {
            return JS_EXCEPTION;
        }
    }

    p = buf;

    for (i = 0; i < n; i++) {

        if (i != 0) {
            *p++ = ',';
            *p++ = ' ';
        }

        p = ngx_cpymem(p, values[i]->data, values[i]->len);
    }

    string = JS_NewStringLen(cx, (char *) buf, p - buf);

    if (buf != small) {
        js_free(cx, buf);
    }

    return string;
}


static ngx_int_t
ngx_workers_headers_walk_start(JSContext *cx, ngx_workers_headers_walk_t *walk,
    ngx_workers_headers_t *headers)
{
    size_t                 size;
    u_char                *p;
    ngx_uint_t             i;
    ngx_workers_header_t  *header, *to;

    size = headers->nelts * sizeof(ngx_workers_header_t) + 1;

    for (i = 0; i < headers->nelts; i++) {
        header = &headers->elts[i];
        size += header->name.len + header->value.len;
    }

    to = js_malloc(cx, size);
    if (to == NULL) {
        return NGX_ERROR;
    }

    walk->elts = to;
    walk->nelts = headers->nelts;
    walk->pos = 0;

    p = (u_char *) (to + headers->nelts);

    for (i = 0; i < headers->nelts; i++, to++) {
        header = &headers->elts[i];

        *to = *header;

        ngx_strlow(p, header->name.data, header->name.len);
        to->name.data = p;
        p += header->name.len;

        to->value.data = p;
        p = ngx_cpymem(p, header->value.data, header->value.len);
    }

    ngx_qsort(walk->elts, walk->nelts, sizeof(ngx_workers_header_t),
              ngx_workers_headers_compare);

    return NGX_OK;
}


/*
 * The next name and what it has; key and value are made as kind asks for
 * them.  NGX_DONE: there are no more.
 */

static ngx_int_t
ngx_workers_headers_walk_next(JSContext *cx, ngx_workers_headers_walk_t *walk,
    ngx_workers_headers_kind_e kind, JSValue *key, JSValue *value)
{
    ngx_uint_t             n;
    ngx_workers_header_t  *header;

    *key = JS_UNDEFINED;
    *value = JS_UNDEFINED;

    if (walk->pos >= walk->nelts) {
        return NGX_DONE;
    }

    n = ngx_workers_headers_walk_group(walk);
    header = &walk->elts[walk->pos];

    walk->pos += n;

    if (kind != NGX_WORKERS_HEADERS_VALUES) {
        *key = ngx_workers_new_string(cx, &header->name);

        if (JS_IsException(*key)) {
            return NGX_ERROR;
        }
    }

    if (kind != NGX_WORKERS_HEADERS_KEYS) {
        *value = ngx_workers_headers_walk_value(cx, header, n);

        if (JS_IsException(*value)) {
            JS_FreeValue(cx, *key);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* How many entries from walk->pos on are shown as one. */

static ngx_uint_t
ngx_workers_headers_walk_group(ngx_workers_headers_walk_t *walk)
{
    ngx_uint_t             n;
    ngx_workers_header_t  *first, *header;

    first = &walk->elts[walk->pos];

    if (first->name.len == sizeof(NGX_WORKERS_SET_COOKIE) - 1
        && ngx_memcmp(first->name.data, NGX_WORKERS_SET_COOKIE,
                      sizeof(NGX_WORKERS_SET_COOKIE) - 1)
           == 0)
    {
        return 1;
    }

    for (n = 1; walk->pos + n < walk->nelts; n++) {
        header = first + n;

        if (header->hash != first->hash
            || header->name.len != first->name.len
            || ngx_memcmp(header->name.data, first->name.data,
                          first->name.len)
               != 0)
        {
            break;
        }
    }

    return n;
}


static JSValue
ngx_workers_headers_walk_value(JSContext *cx, ngx_workers_header_t *header,
    ngx_uint_t n)
{
    JSValue      string;
    ngx_str_t  **values;
    ngx_uint_t   i;

    if (n == 1) {
        return ngx_workers_new_string(cx, &header->value);
    }

    values = js_malloc(cx, n * sizeof(ngx_str_t *));
    if (values == NULL) {
        return JS_EXCEPTION;
    }

    for (i = 0; i < n; i++) {
        values[i] = &header[i].value;
    }

    string = ngx_workers_headers_join(cx, values, n);

    js_free(cx, values);

    return string;
}


/* Names byte by byte; entries of one name as they were added. */

static int ngx_libc_cdecl
ngx_workers_headers_compare(const void *one, const void *two)
{
    int                          rc;
    const ngx_workers_header_t  *first, *second;

    first = one;
    second = two;

    rc = ngx_memn2cmp(first->name.data, second->name.data, first->name.len,
                      second->name.len);
    if (rc != 0) {
        return rc;
    }

    return (first->name.data < second->name.data) ? -1 : 1;
}


static JSValue
ngx_workers_headers_ext_construct(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv)
{
    JSValue                 object;
    ngx_workers_headers_t  *headers;

    object = ngx_workers_new_instance(cx, new_target,
                                      ngx_workers_headers_class.id);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    headers = ngx_workers_headers_create(cx);
    if (headers == NULL) {
        goto failed;
    }

    JS_SetOpaque(object, headers);

    if (argc > 0 && !JS_IsUndefined(argv[0])) {

        if (!JS_IsObject(argv[0])) {
            (void) ngx_workers_throw_constructor_argument(cx, "Headers", 1,
                                               "Headers or Sequence or object");
            goto failed;
        }

        if (ngx_workers_headers_fill(cx, headers, argv[0]) != NGX_OK) {
            goto failed;
        }
    }

    return object;

failed:

    JS_FreeValue(cx, object);

    return JS_EXCEPTION;
}


static JSValue
ngx_workers_headers_ext_append(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_headers_t  *headers;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 2) {
        return ngx_workers_throw_argument(cx, "append", "Headers", argc + 1,
                                          "string");
    }

    if (ngx_workers_headers_check_guard(cx, headers) != NGX_OK
        || ngx_workers_headers_append(cx, headers, argv[0], argv[1]) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_headers_ext_delete(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_header_t       *header, *to, *end;
    ngx_workers_headers_t      *headers;
    ngx_workers_header_text_t   name;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "delete", "Headers", 1,
                                          "string");
    }

    if (ngx_workers_headers_check_guard(cx, headers) != NGX_OK
        || ngx_workers_headers_name(cx, argv[0], &name) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    header = ngx_workers_headers_next(headers, headers->elts, &name.str,
                                      name.hash);
    if (header == NULL) {
        ngx_workers_usv_free(cx, &name.usv);
        return JS_UNDEFINED;
    }

    end = headers->elts + headers->nelts;
    to = header;

    for (header++; header < end; header++) {

        if (ngx_workers_headers_next(headers, header, &name.str, name.hash)
            != header)
        {
            *to++ = *header;
        }
    }

    headers->nelts = to - headers->elts;

    ngx_workers_usv_free(cx, &name.usv);

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_headers_ext_get(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                     string;
    ngx_workers_headers_t      *headers;
    ngx_workers_header_text_t   name;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "get", "Headers", 1,
                                          "string");
    }

    if (ngx_workers_headers_name(cx, argv[0], &name) != NGX_OK) {
        return JS_EXCEPTION;
    }

    string = ngx_workers_headers_combined(cx, headers, &name.str, name.hash);

    ngx_workers_usv_free(cx, &name.usv);

    return string;
}


/* JS_NULL: there are none. */

static JSValue
ngx_workers_headers_combined(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_str_t *name, uint32_t hash)
{
    JSValue                string;
    ngx_str_t            **values;
    ngx_uint_t             n;
    ngx_workers_header_t  *first, *header;

    first = ngx_workers_headers_next(headers, headers->elts, name, hash);
    if (first == NULL) {
        return JS_NULL;
    }

    header = ngx_workers_headers_next(headers, first + 1, name, hash);
    if (header == NULL) {
        return ngx_workers_new_string(cx, &first->value);
    }

    values = js_malloc(cx, headers->nelts * sizeof(ngx_str_t *));
    if (values == NULL) {
        return JS_EXCEPTION;
    }

    n = 0;
    values[n++] = &first->value;

    while (header != NULL) {
        values[n++] = &header->value;
        header = ngx_workers_headers_next(headers, header + 1, name, hash);
    }

    string = ngx_workers_headers_join(cx, values, n);

    js_free(cx, values);

    return string;
}


static JSValue
ngx_workers_headers_ext_get_all(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t                  len;
    ngx_uint_t              set_cookie;
    const char             *name;
    ngx_workers_headers_t  *headers;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "getAll", "Headers", 1,
                                          "string");
    }

    name = JS_ToCStringLen(cx, &len, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    set_cookie = len == sizeof(NGX_WORKERS_SET_COOKIE) - 1
                 && ngx_strncasecmp((u_char *) name,
                                    (u_char *) NGX_WORKERS_SET_COOKIE, len)
                    == 0;

    JS_FreeCString(cx, name);

    if (!set_cookie) {
        return JS_ThrowTypeError(cx, "getAll() can only be used with the "
                                 "header name \"Set-Cookie\".");
    }

    return ngx_workers_headers_get_set_cookie(cx, headers);
}


static JSValue
ngx_workers_headers_ext_get_set_cookie(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_headers_t  *headers;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_headers_get_set_cookie(cx, headers);
}


static JSValue
ngx_workers_headers_get_set_cookie(JSContext *cx,
    ngx_workers_headers_t *headers)
{
    JSValue                array, string;
    uint32_t               hash, n;
    ngx_str_t              name = ngx_string(NGX_WORKERS_SET_COOKIE);
    ngx_workers_header_t  *header;

    array = JS_NewArray(cx);
    if (JS_IsException(array)) {
        return JS_EXCEPTION;
    }

    n = 0;
    hash = ngx_workers_headers_hash(name.data, name.len);
    header = ngx_workers_headers_next(headers, headers->elts, &name, hash);

    while (header != NULL) {
        string = ngx_workers_new_string(cx, &header->value);

        if (JS_IsException(string)
            || JS_DefinePropertyValueUint32(cx, array, n++, string,
                                            JS_PROP_C_W_E)
               < 0)
        {
            JS_FreeValue(cx, array);
            return JS_EXCEPTION;
        }

        header = ngx_workers_headers_next(headers, header + 1, &name, hash);
    }

    return array;
}


static JSValue
ngx_workers_headers_ext_has(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_uint_t                  found;
    ngx_workers_headers_t      *headers;
    ngx_workers_header_text_t   name;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "has", "Headers", 1,
                                          "string");
    }

    if (ngx_workers_headers_name(cx, argv[0], &name) != NGX_OK) {
        return JS_EXCEPTION;
    }

    found = ngx_workers_headers_next(headers, headers->elts, &name.str,
                                     name.hash)
            != NULL;

    ngx_workers_usv_free(cx, &name.usv);

    return JS_NewBool(cx, found);
}


static JSValue
ngx_workers_headers_ext_set(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                     result;
    ngx_uint_t                  i;
    ngx_workers_header_t       *header, *to, *end;
    ngx_workers_headers_t      *headers;
    ngx_workers_header_text_t   name, value;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 2) {
        return ngx_workers_throw_argument(cx, "set", "Headers", argc + 1,
                                          "string");
    }

    if (ngx_workers_headers_check_guard(cx, headers) != NGX_OK
        || ngx_workers_headers_name(cx, argv[0], &name) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    if (ngx_workers_headers_value(cx, argv[1], &value) != NGX_OK) {
        ngx_workers_usv_free(cx, &name.usv);
        return JS_EXCEPTION;
    }

    result = JS_EXCEPTION;

    header = ngx_workers_headers_next(headers, headers->elts, &name.str,
                                      name.hash);

    if (header == NULL) {

        if (ngx_workers_headers_push(cx, headers, &name.str, name.hash,
                                     &value.str)
            == NGX_OK)
        {
            result = JS_UNDEFINED;
        }

        goto done;
    }

    if (value.str.len > header->value.len) {
        i = header - headers->elts;

        if (ngx_workers_headers_reserve(cx, headers, value.str.len) != NGX_OK)
        {
            goto done;
        }

        header = &headers->elts[i];
        header->value.data = headers->data + headers->used;
        headers->used += value.str.len;
    }

    ngx_memcpy(header->value.data, value.str.data, value.str.len);
    header->value.len = value.str.len;

    end = headers->elts + headers->nelts;
    to = ++header;

    for ( /* void */ ; header < end; header++) {

        if (ngx_workers_headers_next(headers, header, &name.str, name.hash)
            != header)
        {
            *to++ = *header;
        }
    }

    headers->nelts = to - headers->elts;

    result = JS_UNDEFINED;

done:

    ngx_workers_usv_free(cx, &value.usv);
    ngx_workers_usv_free(cx, &name.usv);

    return result;
}


static JSValue
ngx_workers_headers_ext_for_each(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                      args[2], ret;
    ngx_int_t                    rc;
    JSValueConst                 call[3];
    ngx_workers_headers_t       *headers;
    ngx_workers_headers_walk_t   walk;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1 || !JS_IsFunction(cx, argv[0])) {
        return ngx_workers_throw_argument(cx, "forEach", "Headers", 1,
                                          "function");
    }

    if (ngx_workers_headers_walk_start(cx, &walk, headers) != NGX_OK) {
        return JS_EXCEPTION;
    }

    for ( ;; ) {
        rc = ngx_workers_headers_walk_next(cx, &walk,
                                           NGX_WORKERS_HEADERS_ENTRIES,
                                           &args[0], &args[1]);
        if (rc != NGX_OK) {
            break;
        }

        call[0] = args[1];
        call[1] = args[0];
        call[2] = this_val;

        ret = JS_Call(cx, argv[0], argc > 1 ? argv[1] : JS_UNDEFINED, 3, call);

        JS_FreeValue(cx, args[0]);
        JS_FreeValue(cx, args[1]);

        if (JS_IsException(ret)) {
            rc = NGX_ERROR;
            break;
        }

        JS_FreeValue(cx, ret);
    }

    js_free(cx, walk.elts);

    return (rc == NGX_DONE) ? JS_UNDEFINED : JS_EXCEPTION;
}


static JSValue
ngx_workers_headers_ext_iterator(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic)
{
    JSValue                          object;
    ngx_workers_headers_t           *headers;
    ngx_workers_headers_iterator_t  *iterator;

    headers = ngx_workers_this(cx, this_val, ngx_workers_headers_class.id);
    if (headers == NULL) {
        return JS_EXCEPTION;
    }

    object = JS_NewObjectClass(cx, ngx_workers_headers_iterator_class.id);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    iterator = js_mallocz(cx, sizeof(ngx_workers_headers_iterator_t));
    if (iterator == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    JS_SetOpaque(object, iterator);

    iterator->kind = magic;

    if (ngx_workers_headers_walk_start(cx, &iterator->walk, headers)
        != NGX_OK)
    {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    return object;
}


static JSValue
ngx_workers_headers_ext_iterator_next(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int *done, int magic)
{
    JSValue                          pair[2];
    ngx_int_t                        rc;
    ngx_workers_headers_iterator_t  *iterator;

    *done = 0;

    iterator = ngx_workers_this(cx, this_val,
                                ngx_workers_headers_iterator_class.id);
    if (iterator == NULL) {
        return JS_EXCEPTION;
    }

    rc = ngx_workers_headers_walk_next(cx, &iterator->walk, iterator->kind,
                                       &pair[0], &pair[1]);

    if (rc == NGX_ERROR) {
        return JS_EXCEPTION;
    }

    if (rc == NGX_DONE) {
        *done = 1;
        return JS_UNDEFINED;
    }

    switch (iterator->kind) {

    case NGX_WORKERS_HEADERS_KEYS:
        return pair[0];

    case NGX_WORKERS_HEADERS_VALUES:
        return pair[1];

    default:
        return JS_NewArrayFrom(cx, 2, pair);
    }
}


static void
ngx_workers_headers_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_headers_destroy(rt, ngx_workers_headers(val));
}


static void
ngx_workers_headers_iterator_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_headers_iterator_t  *iterator;

    iterator = JS_GetOpaque(val, ngx_workers_headers_iterator_class.id);
    if (iterator == NULL) {
        return;
    }

    js_free_rt(rt, iterator->walk.elts);
    js_free_rt(rt, iterator);
}


static ngx_int_t
ngx_workers_headers_init(JSContext *cx, JSValueConst global)
{
    JSValue  symbol, iterator;

    symbol = JS_GetPropertyStr(cx, global, "Symbol");
    if (JS_IsException(symbol)) {
        return NGX_ERROR;
    }

    iterator = JS_GetPropertyStr(cx, symbol, "iterator");
    JS_FreeValue(cx, symbol);

    if (JS_IsException(iterator)) {
        return NGX_ERROR;
    }

    ngx_workers_headers_symbol_iterator = JS_ValueToAtom(cx, iterator);
    JS_FreeValue(cx, iterator);

    return (ngx_workers_headers_symbol_iterator != JS_ATOM_NULL) ? NGX_OK
                                                                 : NGX_ERROR;
}
