
/*
 * Copyright (C) the nginx-workers authors
 *
 * Bodies of requests and responses: Fetch Standard, sections 5.2 and 5.3.
 *
 * A string or bytes are answered by promises that are settled already.  A
 * native source is collected in the event loop, into one buffer; only a
 * stream that JavaScript feeds is read by JavaScript.
 */


#include "ngx_workers_fetch.h"
#include "../core/ngx_workers_flags.h"
#include "../core/ngx_workers_tee.h"
#include "ngx_workers_mime.h"
#include "ngx_workers_parts.h"
#include "ngx_workers_url.h"
#include "ngx_workers_usv.h"
#include "ngx_workers_utf8.h"


#define NGX_WORKERS_COLLECT_FIRST  4096
#define NGX_WORKERS_COLLECT_HINT   (1024 * 1024)   /* of a length to trust */

#define NGX_WORKERS_BODY_USED                                                 \
    "Body has already been used. It can only be used once. Use tee() first "  \
    "if you need to read it twice."
#define NGX_WORKERS_BODY_LOCKED                                               \
    "This ReadableStream is currently locked to a reader."
#define NGX_WORKERS_BODY_CLONE                                                \
    "This ReadableStream is currently locked to a reader,"
#define NGX_WORKERS_BODY_DISTURBED                                            \
    "This ReadableStream is disturbed (has already been read from), and "     \
    "cannot be used as a body."
#define NGX_WORKERS_BODY_LATE                                                 \
    "Can't read from request stream after response has been sent."
#define NGX_WORKERS_BODY_NO_TYPE                                              \
    "Parsing a Body as FormData requires a Content-Type header."
#define NGX_WORKERS_BODY_TOO_LARGE                                            \
    "Memory limit would be exceeded before EOF."


/* What a reader has read: data[len] is 0 if owned. */
typedef struct {
    u_char                  *data;
    size_t                   len;
    unsigned                 owned:1;       /* js_malloc'ed, to be freed */
} ngx_workers_bytes_t;


/* A native source on its way into one buffer. */
typedef struct {
    ngx_workers_op_t         op;
    ngx_workers_source_t    *source;        /* NULL: at its end */
    ngx_workers_isolate_t   *iso;
    JSRuntime               *rt;
    JSValue                  type;          /* a string, or undefined */
    ngx_workers_bytes_t      bytes;
    size_t                   size;
    int                      kind;
    const char              *error;         /* NULL: none */
    JSValue                  exception;     /* of a script's, or undefined */
} ngx_workers_collect_t;


static JSValue ngx_workers_body_ext_body(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_body_ext_used(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_body_ext_read(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic);
static ngx_workers_body_t *ngx_workers_body_this(JSContext *cx,
    JSValueConst this_val, JSClassID *id);
static JSValue ngx_workers_body_content_type(JSContext *cx,
    JSValueConst this_val, JSClassID id);
static int ngx_workers_body_ask(JSContext *cx, const char *question,
    JSValueConst stream);
static ngx_uint_t ngx_workers_body_loaded(JSContext *cx,
    ngx_workers_builtin_t *b);
static int ngx_workers_body_is(JSContext *cx, ngx_workers_builtin_t *b,
    const char *question, JSValueConst v);
static ngx_int_t ngx_workers_body_extract_object(JSContext *cx,
    ngx_workers_body_t *body, JSValueConst init, ngx_str_t *type,
    void **type_alloc);
static ngx_int_t ngx_workers_body_extract_stream(JSContext *cx,
    ngx_workers_body_t *body, JSValueConst stream);
static ngx_int_t ngx_workers_body_extract_params(JSContext *cx,
    ngx_workers_body_t *body, JSValueConst params, ngx_str_t *type);
static ngx_int_t ngx_workers_body_extract_blob(JSContext *cx,
    ngx_workers_body_t *body, JSValueConst blob, ngx_str_t *type,
    void **type_alloc);
static ngx_int_t ngx_workers_body_extract_form(JSContext *cx,
    ngx_workers_body_t *body, JSValueConst form, ngx_str_t *type,
    void **type_alloc);
static ngx_int_t ngx_workers_body_extract_iterable(JSContext *cx,
    ngx_workers_body_t *body, JSValueConst init);
static int ngx_workers_body_is_iterable(JSContext *cx, JSValueConst v);
static int ngx_workers_body_has_symbol(JSContext *cx, JSValueConst v,
    const char *name);
static ngx_int_t ngx_workers_body_type(JSContext *cx, JSValueConst v,
    ngx_str_t *type, void **type_alloc);
static ngx_int_t ngx_workers_body_tee(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *copy);
static void ngx_workers_body_set_pair(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *copy, ngx_workers_body_e type, JSValue pair);
static JSValue ngx_workers_body_stream(JSContext *cx,
    ngx_workers_body_t *body);
static ngx_workers_source_t *ngx_workers_body_open(JSContext *cx,
    ngx_workers_body_t *body);
static JSValue ngx_workers_body_closed_stream(JSContext *cx);

static JSValue ngx_workers_body_read_string(JSContext *cx, JSValueConst string,
    int kind, JSValueConst type);
static JSValue ngx_workers_body_read_bytes(JSContext *cx,
    ngx_workers_body_t *body, int kind, JSValueConst type);
static JSValue ngx_workers_body_read_stream(JSContext *cx, JSValueConst stream,
    int kind, JSValueConst type);
static JSValue ngx_workers_body_read_all(JSContext *cx, JSValueConst stream,
    int kind, JSValueConst type);
static JSValue ngx_workers_body_read_done(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data);
static ngx_int_t ngx_workers_body_concat(JSContext *cx, JSValueConst chunks,
    int64_t size, ngx_workers_bytes_t *bytes);
static JSValue ngx_workers_body_value(JSContext *cx,
    ngx_workers_bytes_t *bytes, int kind, JSValueConst type);
static JSValue ngx_workers_body_mime_type(JSContext *cx, JSValueConst type);
static JSValue ngx_workers_body_json(JSContext *cx,
    ngx_workers_bytes_t *bytes);
static JSValue ngx_workers_body_uint8_array(JSContext *cx,
    ngx_workers_bytes_t *bytes);
static size_t ngx_workers_body_room(ngx_workers_isolate_t *iso);
static void *ngx_workers_body_realloc(JSRuntime *rt, void *opaque, void *ptr,
    size_t size);

static JSValue ngx_workers_collect(JSContext *cx, ngx_workers_source_t *source,
    int kind, JSValueConst type);
static ngx_int_t ngx_workers_collect_read(ngx_workers_collect_t *c);
static ngx_int_t ngx_workers_collect_chain(ngx_workers_collect_t *c,
    ngx_chain_t *chain);
static ngx_int_t ngx_workers_collect_reserve(ngx_workers_collect_t *c,
    size_t len);
static void ngx_workers_collect_close(ngx_workers_collect_t *c);
static void ngx_workers_collect_wake(void *data);
static void ngx_workers_collect_orphan(void *data);
static JSValue ngx_workers_collect_settle(JSContext *cx, ngx_workers_op_t *op);
static void ngx_workers_collect_free(ngx_workers_op_t *op);


enum {
    NGX_WORKERS_READ_TEXT = 0,
    NGX_WORKERS_READ_JSON,
    NGX_WORKERS_READ_ARRAY_BUFFER,
    NGX_WORKERS_READ_BYTES,
    NGX_WORKERS_READ_BLOB,
    NGX_WORKERS_READ_FORM_DATA
};


static const JSCFunctionListEntry  ngx_workers_body_proto[] = {
    NGX_WORKERS_GETSET("body", ngx_workers_body_ext_body, NULL),
    NGX_WORKERS_GETSET("bodyUsed", ngx_workers_body_ext_used, NULL),
    NGX_WORKERS_METHOD_MAGIC("arrayBuffer", 0, ngx_workers_body_ext_read,
                             NGX_WORKERS_READ_ARRAY_BUFFER),
    NGX_WORKERS_METHOD_MAGIC("bytes", 0, ngx_workers_body_ext_read,
                             NGX_WORKERS_READ_BYTES),
    NGX_WORKERS_METHOD_MAGIC("text", 0, ngx_workers_body_ext_read,
                             NGX_WORKERS_READ_TEXT),
    NGX_WORKERS_METHOD_MAGIC("json", 0, ngx_workers_body_ext_read,
                             NGX_WORKERS_READ_JSON),
    NGX_WORKERS_METHOD_MAGIC("formData", 0, ngx_workers_body_ext_read,
                             NGX_WORKERS_READ_FORM_DATA),
    NGX_WORKERS_METHOD_MAGIC("blob", 0, ngx_workers_body_ext_read,
                             NGX_WORKERS_READ_BLOB),
    NGX_WORKERS_TAG("Body"),
};


ngx_workers_class_t  ngx_workers_body_class = {
    .def = {
        .class_name = "Body",
    },
    .proto = ngx_workers_body_proto,
    .nproto = ngx_workers_nitems(ngx_workers_body_proto),
};


static ngx_workers_class_t  *ngx_workers_body_classes[] = {
    &ngx_workers_body_class,
    NULL
};


static ngx_workers_builtin_t  *ngx_workers_body_builtins[] = {
    &ngx_workers_blob_builtin,
    &ngx_workers_formdata_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_body_web = {
    .classes = ngx_workers_body_classes,
    .builtins = ngx_workers_body_builtins,
};


void
ngx_workers_body_init(ngx_workers_body_t *body)
{
    ngx_memzero(body, sizeof(ngx_workers_body_t));
    body->value = JS_UNDEFINED;
}


void
ngx_workers_body_free(JSRuntime *rt, ngx_workers_body_t *body)
{
    JS_FreeValueRT(rt, body->value);
    body->value = JS_UNDEFINED;
}


void
ngx_workers_body_mark(JSRuntime *rt, ngx_workers_body_t *body,
    JS_MarkFunc *mark_func)
{
    JS_MarkValue(rt, body->value, mark_func);
}


ngx_int_t
ngx_workers_body_set_source(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_source_t *source)
{
    JSValue  object;

    object = ngx_workers_source_object(cx, source);

    if (JS_IsException(object)) {
        source->close(source);
        return NGX_ERROR;
    }

    body->type = NGX_WORKERS_BODY_SOURCE;
    body->value = object;
    body->used = 0;

    return NGX_OK;
}


ngx_int_t
ngx_workers_body_extract(JSContext *cx, ngx_workers_body_t *body,
    JSValueConst init, ngx_str_t *type, void **type_alloc)
{
    JSValue    string;
    ngx_int_t  rc;

    ngx_str_null(type);
    *type_alloc = NULL;

    if (JS_IsObject(init)) {
        rc = ngx_workers_body_extract_object(cx, body, init, type, type_alloc);

        if (rc != NGX_DECLINED) {
            return rc;
        }
    }

    string = JS_ToString(cx, init);
    if (JS_IsException(string)) {
        return NGX_ERROR;
    }

    body->type = NGX_WORKERS_BODY_STRING;
    body->value = string;

    ngx_str_set(type, "text/plain;charset=UTF-8");

    return NGX_OK;
}


/* NGX_DECLINED: it is turned into a string. */

static ngx_int_t
ngx_workers_body_extract_object(JSContext *cx, ngx_workers_body_t *body,
    JSValueConst init, ngx_str_t *type, void **type_alloc)
{
    JSValue    value;
    ngx_int_t  rc;
    ngx_str_t  bytes;

    rc = ngx_workers_get_bytes(cx, init, &bytes);

    if (rc == NGX_ERROR) {
        /* what is detached has no bytes */
        JS_FreeValue(cx, JS_GetException(cx));
        ngx_str_null(&bytes);
        rc = NGX_OK;
    }

    if (rc == NGX_OK) {
        value = ngx_workers_new_uint8_array(cx, &bytes);
        if (JS_IsException(value)) {
            return NGX_ERROR;
        }

        body->type = NGX_WORKERS_BODY_BYTES;
        body->value = value;

        return NGX_OK;
    }

    rc = ngx_workers_body_is(cx, &ngx_workers_streams_builtin,
                             "isReadableStream", init);
    if (rc != 0) {
        return (rc < 0) ? NGX_ERROR
                        : ngx_workers_body_extract_stream(cx, body, init);
    }

    rc = ngx_workers_body_extract_params(cx, body, init, type);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    rc = ngx_workers_body_is(cx, &ngx_workers_blob_builtin, "isBlob", init);
    if (rc != 0) {
        return (rc < 0) ? NGX_ERROR
                        : ngx_workers_body_extract_blob(cx, body, init, type,
                                                        type_alloc);
    }

    rc = ngx_workers_body_is(cx, &ngx_workers_formdata_builtin, "isFormData",
                             init);
    if (rc != 0) {
        return (rc < 0) ? NGX_ERROR
                        : ngx_workers_body_extract_form(cx, body, init, type,
                                                        type_alloc);
    }

    if (ngx_workers_script_flag(ngx_workers_isolate(cx)->script,
                                "fetch_iterable_type_support",
                                "no_fetch_iterable_type_support", 20260219))
    {
        return ngx_workers_body_extract_iterable(cx, body, init);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_workers_body_extract_stream(JSContext *cx, ngx_workers_body_t *body,
    JSValueConst stream)
{
    int  rc;

    /* one that is locked may be free when it is read */

    rc = ngx_workers_body_ask(cx, "isDisturbed", stream);

    if (rc > 0) {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_BODY_DISTURBED);
    }

    if (rc != 0) {
        return NGX_ERROR;
    }

    body->type = NGX_WORKERS_BODY_STREAM;
    body->value = JS_DupValue(cx, stream);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_body_extract_params(JSContext *cx, ngx_workers_body_t *body,
    JSValueConst params, ngx_str_t *type)
{
    JSValue    string;
    ngx_int_t  rc;
    ngx_str_t  value;

    rc = ngx_workers_url_params_serialize(cx, params, &value);
    if (rc != NGX_OK) {
        return rc;
    }

    string = ngx_workers_new_string(cx, &value);
    js_free(cx, value.data);

    if (JS_IsException(string)) {
        return NGX_ERROR;
    }

    body->type = NGX_WORKERS_BODY_STRING;
    body->value = string;

    ngx_str_set(type, "application/x-www-form-urlencoded;charset=UTF-8");

    return NGX_OK;
}


static ngx_int_t
ngx_workers_body_extract_blob(JSContext *cx, ngx_workers_body_t *body,
    JSValueConst blob, ngx_str_t *type, void **type_alloc)
{
    JSValue  bytes, string;

    string = ngx_workers_builtin_call(cx, &ngx_workers_blob_builtin, "typeOf",
                                      1, &blob);

    if (ngx_workers_body_type(cx, string, type, type_alloc) != NGX_OK) {
        JS_FreeValue(cx, string);
        return NGX_ERROR;
    }

    JS_FreeValue(cx, string);

    bytes = ngx_workers_builtin_call(cx, &ngx_workers_blob_builtin, "bytesOf",
                                     1, &blob);
    if (JS_IsException(bytes)) {
        js_free(cx, *type_alloc);
        *type_alloc = NULL;
        return NGX_ERROR;
    }

    body->type = NGX_WORKERS_BODY_BYTES;
    body->value = bytes;
    body->shared = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_body_extract_form(JSContext *cx, ngx_workers_body_t *body,
    JSValueConst form, ngx_str_t *type, void **type_alloc)
{
    int64_t    size;
    JSValue    object, pieces, total, string;
    ngx_int_t  rc;

    object = ngx_workers_builtin_call(cx, &ngx_workers_formdata_builtin,
                                      "serialize", 1, &form);
    if (JS_IsException(object)) {
        return NGX_ERROR;
    }

    pieces = JS_GetPropertyStr(cx, object, "pieces");
    total = JS_GetPropertyStr(cx, object, "size");
    string = JS_GetPropertyStr(cx, object, "contentType");

    JS_FreeValue(cx, object);

    rc = NGX_ERROR;

    if (ngx_workers_body_type(cx, string, type, type_alloc) != NGX_OK
        || JS_ToInt64(cx, &size, total) < 0)
    {
        goto done;
    }

    if (size != 0) {
        body->type = NGX_WORKERS_BODY_PARTS;
        body->value = JS_DupValue(cx, pieces);
        body->size = size;

        rc = NGX_OK;
        goto done;
    }

    body->value = ngx_workers_blob_join(cx, pieces);

    if (JS_IsException(body->value)) {
        body->value = JS_UNDEFINED;
        goto done;
    }

    body->type = NGX_WORKERS_BODY_BYTES;
    rc = NGX_OK;

done:

    JS_FreeValue(cx, string);
    JS_FreeValue(cx, total);
    JS_FreeValue(cx, pieces);

    if (rc != NGX_OK) {
        js_free(cx, *type_alloc);
        *type_alloc = NULL;
    }

    return rc;
}


static ngx_int_t
ngx_workers_body_extract_iterable(JSContext *cx, ngx_workers_body_t *body,
    JSValueConst init)
{
    int           rc;
    JSValue       class, from, stream;
    JSValueConst  exports;

    rc = ngx_workers_body_is_iterable(cx, init);
    if (rc <= 0) {
        return (rc < 0) ? NGX_ERROR : NGX_DECLINED;
    }

    exports = ngx_workers_builtin(cx, &ngx_workers_streams_builtin);
    if (JS_IsException(exports)) {
        return NGX_ERROR;
    }

    class = JS_GetPropertyStr(cx, exports, "ReadableStream");
    from = JS_GetPropertyStr(cx, class, "from");

    stream = JS_Call(cx, from, class, 1, &init);

    JS_FreeValue(cx, from);
    JS_FreeValue(cx, class);

    if (JS_IsException(stream)) {
        return NGX_ERROR;
    }

    body->type = NGX_WORKERS_BODY_STREAM;
    body->value = stream;

    return NGX_OK;
}


/*
 * Async iterables, and sync ones that do not say themselves how they are
 * written as a string; -1: exception pending.
 */

static int
ngx_workers_body_is_iterable(JSContext *cx, JSValueConst v)
{
    int      rc;
    JSValue  object, proto, standard, own;

    rc = ngx_workers_body_has_symbol(cx, v, "asyncIterator");
    if (rc != 0 || JS_IsArray(v)) {
        return (rc != 0) ? rc : 1;
    }

    rc = ngx_workers_body_has_symbol(cx, v, "iterator");
    if (rc <= 0) {
        return rc;
    }

    rc = ngx_workers_body_has_symbol(cx, v, "toPrimitive");
    if (rc != 0) {
        return (rc < 0) ? -1 : 0;
    }

    object = JS_GetPropertyStr(cx, ngx_workers_isolate(cx)->global, "Object");
    proto = JS_GetProperty(cx, object, ngx_workers_atom(cx, PROTOTYPE));
    standard = JS_GetPropertyStr(cx, proto, "toString");
    own = JS_GetPropertyStr(cx, v, "toString");

    rc = JS_HasException(cx) ? -1 : JS_IsStrictEqual(cx, own, standard);

    JS_FreeValue(cx, own);
    JS_FreeValue(cx, standard);
    JS_FreeValue(cx, proto);
    JS_FreeValue(cx, object);

    return rc;
}


static int
ngx_workers_body_has_symbol(JSContext *cx, JSValueConst v, const char *name)
{
    int      rc;
    JSAtom   atom;
    JSValue  class, symbol, method;

    class = JS_GetPropertyStr(cx, ngx_workers_isolate(cx)->global, "Symbol");
    symbol = JS_GetPropertyStr(cx, class, name);
    JS_FreeValue(cx, class);

    if (JS_IsException(symbol)) {
        return -1;
    }

    atom = JS_ValueToAtom(cx, symbol);
    JS_FreeValue(cx, symbol);

    if (atom == JS_ATOM_NULL) {
        return -1;
    }

    method = JS_GetProperty(cx, v, atom);
    JS_FreeAtom(cx, atom);

    if (JS_IsException(method)) {
        return -1;
    }

    rc = !JS_IsUndefined(method) && !JS_IsNull(method);
    JS_FreeValue(cx, method);

    return rc;
}


static ngx_int_t
ngx_workers_body_type(JSContext *cx, JSValueConst v, ngx_str_t *type,
    void **type_alloc)
{
    size_t       len;
    u_char      *p;
    const char  *s;

    s = JS_ToCStringLen(cx, &len, v);
    if (s == NULL) {
        return NGX_ERROR;
    }

    if (len != 0) {
        p = js_malloc(cx, len);
        if (p == NULL) {
            JS_FreeCString(cx, s);
            return NGX_ERROR;
        }

        ngx_memcpy(p, s, len);

        type->data = p;
        type->len = len;
        *type_alloc = p;
    }

    JS_FreeCString(cx, s);

    return NGX_OK;
}


ngx_int_t
ngx_workers_body_take(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *out)
{
    JSValue  bytes;

    ngx_workers_body_init(out);

    if (ngx_workers_body_unusable(cx, body)) {
        (void) ngx_workers_body_throw_unusable(cx);
        return NGX_ERROR;
    }

    switch (body->type) {

    case NGX_WORKERS_BODY_NONE:
        return NGX_OK;

    case NGX_WORKERS_BODY_STRING:
    case NGX_WORKERS_BODY_BYTES:
        out->type = body->type;
        out->value = body->value;
        out->shared = body->shared;

        body->value = JS_UNDEFINED;
        body->used = 1;

        return NGX_OK;

    case NGX_WORKERS_BODY_SOURCE:
    case NGX_WORKERS_BODY_PARTS:
        out->source = ngx_workers_body_open(cx, body);
        if (out->source == NULL) {
            return NGX_ERROR;
        }

        out->type = NGX_WORKERS_BODY_SOURCE;

        return NGX_OK;

    default: /* NGX_WORKERS_BODY_STREAM */
        break;
    }

    out->source = ngx_workers_source_of_stream(cx, body->value);

    if (out->source != NULL) {
        out->type = NGX_WORKERS_BODY_SOURCE;
        return NGX_OK;
    }

    bytes = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                     "takeBytes", 1,
                                     (JSValueConst *) &body->value);
    if (JS_IsException(bytes)) {
        return NGX_ERROR;
    }

    if (!JS_IsUndefined(bytes)) {
        out->type = NGX_WORKERS_BODY_BYTES;
        out->value = bytes;
        return NGX_OK;
    }

    out->type = NGX_WORKERS_BODY_STREAM;
    out->value = JS_DupValue(cx, body->value);

    return NGX_OK;
}


ngx_int_t
ngx_workers_body_move(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *to)
{
    ngx_workers_source_t  *source;

    if (body->type == NGX_WORKERS_BODY_NONE) {
        return NGX_OK;
    }

    if (body->open != NULL) {
        source = ngx_workers_body_open(cx, body);

        if (source == NULL
            || ngx_workers_body_set_source(cx, to, source) != NGX_OK)
        {
            return NGX_ERROR;
        }

        return NGX_OK;
    }

    *to = *body;

    ngx_workers_body_init(body);
    body->type = NGX_WORKERS_BODY_BYTES;
    body->used = 1;

    return NGX_OK;
}


ngx_int_t
ngx_workers_body_share(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *to)
{
    JSValue  stream;

    if (body->type == NGX_WORKERS_BODY_NONE) {
        return NGX_OK;
    }

    if (ngx_workers_body_used(cx, body)) {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_BODY_DISTURBED);
        return NGX_ERROR;
    }

    stream = ngx_workers_body_stream(cx, body);
    if (JS_IsException(stream)) {
        return NGX_ERROR;
    }

    to->type = NGX_WORKERS_BODY_STREAM;
    to->value = stream;

    return NGX_OK;
}


ngx_int_t
ngx_workers_body_clone(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *copy)
{
    JSValue  pair;

    if (ngx_workers_body_unusable(cx, body)) {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_BODY_CLONE);
        return NGX_ERROR;
    }

    switch (body->type) {

    case NGX_WORKERS_BODY_NONE:
        return NGX_OK;

    case NGX_WORKERS_BODY_STRING:
    case NGX_WORKERS_BODY_BYTES:
    case NGX_WORKERS_BODY_PARTS:
        body->shared = 1;

        copy->type = body->type;
        copy->value = JS_DupValue(cx, body->value);
        copy->size = body->size;
        copy->shared = 1;

        return NGX_OK;

    case NGX_WORKERS_BODY_SOURCE:
        return ngx_workers_body_tee(cx, body, copy);

    default: /* NGX_WORKERS_BODY_STREAM */
        break;
    }

    pair = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin, "tee", 1,
                                    (JSValueConst *) &body->value);
    if (JS_IsException(pair)) {
        return NGX_ERROR;
    }

    ngx_workers_body_set_pair(cx, body, copy, NGX_WORKERS_BODY_STREAM, pair);

    return NGX_OK;
}


/* A branch that is a source needs no stream, and goes with its object. */

static ngx_int_t
ngx_workers_body_tee(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *copy)
{
    JSValue                object, pair;
    ngx_workers_source_t  *source;

    source = ngx_workers_body_open(cx, body);
    if (source == NULL) {
        return NGX_ERROR;
    }

    object = ngx_workers_source_object(cx, source);

    if (JS_IsException(object)) {
        source->close(source);
        return NGX_ERROR;
    }

    pair = ngx_workers_tee(cx, object);
    JS_FreeValue(cx, object);

    if (JS_IsException(pair)) {
        return NGX_ERROR;
    }

    ngx_workers_body_set_pair(cx, body, copy, NGX_WORKERS_BODY_SOURCE, pair);
    body->used = 0;

    return NGX_OK;
}


static void
ngx_workers_body_set_pair(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *copy, ngx_workers_body_e type, JSValue pair)
{
    JS_FreeValue(cx, body->value);

    body->value = JS_GetPropertyUint32(cx, pair, 0);

    copy->type = type;
    copy->value = JS_GetPropertyUint32(cx, pair, 1);

    JS_FreeValue(cx, pair);
}


ngx_uint_t
ngx_workers_body_used(JSContext *cx, ngx_workers_body_t *body)
{
    if (body->type == NGX_WORKERS_BODY_STREAM) {
        return ngx_workers_body_ask(cx, "isDisturbed", body->value) != 0;
    }

    return body->used;
}


ngx_uint_t
ngx_workers_body_unusable(JSContext *cx, ngx_workers_body_t *body)
{
    if (body->type == NGX_WORKERS_BODY_STREAM) {
        return ngx_workers_body_ask(cx, "isDisturbed", body->value) != 0
               || ngx_workers_body_ask(cx, "isLocked", body->value) != 0;
    }

    return body->used;
}


JSValue
ngx_workers_body_throw_unusable(JSContext *cx)
{
    return JS_ThrowTypeError(cx, NGX_WORKERS_BODY_USED);
}


off_t
ngx_workers_body_length(JSContext *cx, ngx_workers_body_t *body)
{
    off_t              length;
    int64_t            n;
    JSValue            v;
    ngx_str_t          bytes;
    ngx_workers_usv_t  usv;

    length = -1;

    switch (body->type) {

    case NGX_WORKERS_BODY_NONE:
        return 0;

    case NGX_WORKERS_BODY_STRING:

        if (!body->used && ngx_workers_usv(cx, body->value, &usv) == NGX_OK) {
            length = usv.str.len;
            ngx_workers_usv_free(cx, &usv);
        }

        break;

    case NGX_WORKERS_BODY_BYTES:

        if (!body->used
            && ngx_workers_get_bytes(cx, body->value, &bytes) == NGX_OK)
        {
            length = bytes.len;
        }

        break;

    case NGX_WORKERS_BODY_SOURCE:

        if (body->source != NULL) {
            length = body->source->length;
        }

        break;

    case NGX_WORKERS_BODY_PARTS:

        if (!body->used) {
            length = body->size;
        }

        break;

    case NGX_WORKERS_BODY_STREAM:
        v = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                     "lengthOf", 1,
                                     (JSValueConst *) &body->value);

        if (JS_IsNumber(v) && JS_ToInt64(cx, &n, v) == 0) {
            length = n;
        }

        JS_FreeValue(cx, v);

        break;
    }

    if (JS_HasException(cx)) {
        JS_FreeValue(cx, JS_GetException(cx));
    }

    return length;
}


ngx_uint_t
ngx_workers_body_is_stream(JSContext *cx, JSValueConst v)
{
    int  rc;

    rc = ngx_workers_body_is(cx, &ngx_workers_streams_builtin,
                             "isReadableStream", v);
    if (rc < 0) {
        JS_FreeValue(cx, JS_GetException(cx));
        return 0;
    }

    return rc;
}


/* What a built-in that was never used defines, no value can be. */

static ngx_uint_t
ngx_workers_body_loaded(JSContext *cx, ngx_workers_builtin_t *b)
{
    return !JS_IsUndefined(ngx_workers_isolate(cx)->builtins[b->index]);
}


static int
ngx_workers_body_is(JSContext *cx, ngx_workers_builtin_t *b,
    const char *question, JSValueConst v)
{
    JSValue  answer;

    if (!JS_IsObject(v) || !ngx_workers_body_loaded(cx, b)) {
        return 0;
    }

    answer = ngx_workers_builtin_call(cx, b, question, 1, &v);

    return JS_ToBool(cx, answer);
}


/* A question about a stream; -1: exception pending. */

static int
ngx_workers_body_ask(JSContext *cx, const char *question, JSValueConst stream)
{
    JSValue  answer;

    answer = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                      question, 1, &stream);

    return JS_ToBool(cx, answer);
}


/* The source, taken: the body is used.  NULL: exception pending. */

static ngx_workers_source_t *
ngx_workers_body_open(JSContext *cx, ngx_workers_body_t *body)
{
    ngx_workers_source_t      *source;
    ngx_workers_invocation_t  *inv;

    if (body->open != NULL) {
        source = body->open(body->data);
        body->open = NULL;

        if (source == NULL) {
            (void) JS_ThrowOutOfMemory(cx);
        }

    } else if (body->type == NGX_WORKERS_BODY_PARTS) {
        inv = ngx_workers_require_invocation(cx);
        if (inv == NULL) {
            return NULL;
        }

        source = ngx_workers_parts(cx, inv, body->value, body->size);

        if (source == NULL) {
            (void) JS_ThrowOutOfMemory(cx);
        }

    } else {
        source = ngx_workers_source_take(body->value);

        if (source == NULL) {
            (void) JS_ThrowTypeError(cx, NGX_WORKERS_BODY_LATE);
        }
    }

    JS_FreeValue(cx, body->value);

    body->value = JS_UNDEFINED;
    body->used = 1;

    return source;
}


/* The body's stream, made now if need be; owned. */

static JSValue
ngx_workers_body_stream(JSContext *cx, ngx_workers_body_t *body)
{
    JSValue                bytes, stream;
    ngx_str_t              str;
    ngx_workers_usv_t      usv;
    ngx_workers_source_t  *source;

    if (body->type == NGX_WORKERS_BODY_STREAM) {
        return JS_DupValue(cx, body->value);
    }

    if (body->used) {
        stream = ngx_workers_body_closed_stream(cx);
        goto done;
    }

    if (body->type == NGX_WORKERS_BODY_SOURCE
        || body->type == NGX_WORKERS_BODY_PARTS)
    {
        source = ngx_workers_body_open(cx, body);
        if (source == NULL) {
            return JS_EXCEPTION;
        }

        stream = ngx_workers_source_stream(cx, source);

        if (JS_IsException(stream)) {
            source->close(source);
        }

        goto done;
    }

    if (body->type == NGX_WORKERS_BODY_STRING) {

        if (ngx_workers_usv(cx, body->value, &usv) != NGX_OK) {
            return JS_EXCEPTION;
        }

        bytes = ngx_workers_new_uint8_array(cx, &usv.str);
        ngx_workers_usv_free(cx, &usv);

    } else if (body->shared) {

        if (ngx_workers_get_bytes(cx, body->value, &str) != NGX_OK) {
            return JS_EXCEPTION;
        }

        bytes = ngx_workers_new_uint8_array(cx, &str);

    } else {
        bytes = JS_DupValue(cx, body->value);
    }

    if (JS_IsException(bytes)) {
        return JS_EXCEPTION;
    }

    stream = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                      "fromBytes", 1, (JSValueConst *) &bytes);
    JS_FreeValue(cx, bytes);

done:

    if (JS_IsException(stream)) {
        return JS_EXCEPTION;
    }

    JS_FreeValue(cx, body->value);

    body->type = NGX_WORKERS_BODY_STREAM;
    body->value = JS_DupValue(cx, stream);
    body->used = 0;
    body->shared = 0;

    return stream;
}


/* What a body that was read without a stream shows afterwards. */

static JSValue
ngx_workers_body_closed_stream(JSContext *cx)
{
    JSValue  bytes, stream;

    bytes = JS_NewUint8ArrayCopy(cx, NULL, 0);
    if (JS_IsException(bytes)) {
        return JS_EXCEPTION;
    }

    stream = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                      "fromBytes", 1, (JSValueConst *) &bytes);
    JS_FreeValue(cx, bytes);

    if (JS_IsException(stream)) {
        return JS_EXCEPTION;
    }

    bytes = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                     "takeBytes", 1, (JSValueConst *) &stream);
    if (JS_IsException(bytes)) {
        JS_FreeValue(cx, stream);
        return JS_EXCEPTION;
    }

    JS_FreeValue(cx, bytes);

    return stream;
}


static ngx_workers_body_t *
ngx_workers_body_this(JSContext *cx, JSValueConst this_val, JSClassID *id)
{
    void  *opaque;

    opaque = JS_GetAnyOpaque(this_val, id);

    if (opaque != NULL) {

        if (*id == ngx_workers_request_class.id) {
            return &((ngx_workers_request_t *) opaque)->body;
        }

        if (*id == ngx_workers_response_class.id) {
            return &((ngx_workers_response_t *) opaque)->body;
        }
    }

    (void) JS_ThrowTypeError(cx, NGX_WORKERS_ILLEGAL_INVOCATION);

    return NULL;
}


/* A string; undefined: there is no such header. */

static JSValue
ngx_workers_body_content_type(JSContext *cx, JSValueConst this_val,
    JSClassID id)
{
    JSValue                  type;
    ngx_workers_request_t   *request;
    ngx_workers_headers_t   *headers;
    ngx_workers_response_t  *response;

    if (id == ngx_workers_request_class.id) {
        request = ngx_workers_request(this_val);

        if (ngx_workers_request_headers(cx, request, &headers) != NGX_OK) {
            return JS_EXCEPTION;
        }

    } else {
        response = ngx_workers_response(this_val);
        headers = response->headers;

        if (headers == NULL && response->content_type.len != 0) {
            return ngx_workers_new_string(cx, &response->content_type);
        }
    }

    if (headers == NULL) {
        return JS_UNDEFINED;
    }

    type = ngx_workers_headers_get(cx, headers, "content-type", 12);

    return JS_IsNull(type) ? JS_UNDEFINED : type;
}


static JSValue
ngx_workers_body_ext_body(JSContext *cx, JSValueConst this_val)
{
    JSClassID            id;
    ngx_workers_body_t  *body;

    body = ngx_workers_body_this(cx, this_val, &id);
    if (body == NULL) {
        return JS_EXCEPTION;
    }

    if (body->type == NGX_WORKERS_BODY_NONE) {
        return JS_NULL;
    }

    return ngx_workers_body_stream(cx, body);
}


static JSValue
ngx_workers_body_ext_used(JSContext *cx, JSValueConst this_val)
{
    JSClassID            id;
    ngx_workers_body_t  *body;

    body = ngx_workers_body_this(cx, this_val, &id);
    if (body == NULL) {
        return JS_EXCEPTION;
    }

    return JS_NewBool(cx, ngx_workers_body_used(cx, body));
}


static JSValue
ngx_workers_body_ext_read(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    JSValue                type, value, promise;
    JSClassID              id;
    ngx_workers_body_t    *body;
    ngx_workers_bytes_t    empty;
    ngx_workers_source_t  *source;

    body = ngx_workers_body_this(cx, this_val, &id);
    if (body == NULL) {
        return ngx_workers_reject(cx);
    }

    if (ngx_workers_body_unusable(cx, body)) {

        if (body->type == NGX_WORKERS_BODY_STREAM
            && ngx_workers_body_ask(cx, "isDisturbed", body->value) == 0)
        {
            (void) JS_ThrowTypeError(cx, NGX_WORKERS_BODY_LOCKED);

        } else {
            (void) ngx_workers_body_throw_unusable(cx);
        }

        return ngx_workers_reject(cx);
    }

    type = JS_UNDEFINED;

    if (magic == NGX_WORKERS_READ_BLOB || magic == NGX_WORKERS_READ_FORM_DATA) {
        type = ngx_workers_body_content_type(cx, this_val, id);

        if (JS_IsException(type)) {
            return ngx_workers_reject(cx);
        }

        if (JS_IsUndefined(type) && magic == NGX_WORKERS_READ_FORM_DATA) {
            (void) JS_ThrowTypeError(cx, NGX_WORKERS_BODY_NO_TYPE);
            return ngx_workers_reject(cx);
        }
    }

    switch (body->type) {

    case NGX_WORKERS_BODY_STRING:
        value = body->value;
        body->value = JS_UNDEFINED;
        body->used = 1;

        promise = ngx_workers_resolve(cx,
                      ngx_workers_body_read_string(cx, value, magic, type));

        JS_FreeValue(cx, value);

        break;

    case NGX_WORKERS_BODY_BYTES:
        promise = ngx_workers_resolve(cx,
                      ngx_workers_body_read_bytes(cx, body, magic, type));
        break;

    case NGX_WORKERS_BODY_SOURCE:
    case NGX_WORKERS_BODY_PARTS:
        source = ngx_workers_body_open(cx, body);
        promise = (source == NULL) ? ngx_workers_reject(cx)
                                   : ngx_workers_collect(cx, source, magic,
                                                         type);
        break;

    case NGX_WORKERS_BODY_STREAM:
        promise = ngx_workers_body_read_stream(cx, body->value, magic, type);
        break;

    default: /* NGX_WORKERS_BODY_NONE */
        empty.data = (u_char *) "";
        empty.len = 0;
        empty.owned = 0;

        promise = ngx_workers_resolve(cx, ngx_workers_body_value(cx, &empty,
                                                                 magic, type));
    }

    JS_FreeValue(cx, type);

    return promise;
}


static JSValue
ngx_workers_body_read_string(JSContext *cx, JSValueConst string, int kind,
    JSValueConst type)
{
    JSValue              value;
    ngx_workers_usv_t    usv;
    ngx_workers_bytes_t  bytes;

    if (ngx_workers_usv(cx, string, &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    bytes.data = usv.str.data;
    bytes.len = usv.str.len;
    bytes.owned = 0;

    if (kind == NGX_WORKERS_READ_TEXT
        && usv.copy == NULL
        && (bytes.len < 3 || bytes.data[0] != 0xef))
    {
        value = JS_DupValue(cx, string);

    } else if (kind == NGX_WORKERS_READ_JSON && usv.copy == NULL) {
        value = ngx_workers_body_json(cx, &bytes);

    } else {
        value = ngx_workers_body_value(cx, &bytes, kind, type);
    }

    ngx_workers_usv_free(cx, &usv);

    return value;
}


/* Bytes that nobody else holds are given away. */

static JSValue
ngx_workers_body_read_bytes(JSContext *cx, ngx_workers_body_t *body, int kind,
    JSValueConst type)
{
    size_t               len, size;
    JSValue              array, value;
    ngx_int_t            rc;
    ngx_str_t            str;
    ngx_workers_bytes_t  bytes;

    array = body->value;
    body->value = JS_UNDEFINED;
    body->used = 1;

    if (!body->shared) {

        if (kind == NGX_WORKERS_READ_BYTES) {
            return array;
        }

        if (kind == NGX_WORKERS_READ_ARRAY_BUFFER) {
            value = JS_GetTypedArrayBuffer(cx, array, NULL, &len, NULL);

            if (JS_IsException(value)
                || (JS_GetArrayBuffer(cx, &size, value) != NULL && size == len))
            {
                JS_FreeValue(cx, array);
                return value;
            }

            JS_FreeValue(cx, value);
        }
    }

    rc = ngx_workers_get_bytes(cx, array, &str);

    if (rc != NGX_OK) {
        JS_FreeValue(cx, array);
        return JS_EXCEPTION;
    }

    bytes.data = str.data;
    bytes.len = str.len;
    bytes.owned = 0;

    if (kind == NGX_WORKERS_READ_JSON) {
        /* the parser wants a null byte at the end */

        bytes.data = js_malloc(cx, str.len + 1);

        if (bytes.data == NULL) {
            JS_FreeValue(cx, array);
            return JS_EXCEPTION;
        }

        *ngx_cpymem(bytes.data, str.data, str.len) = '\0';
        bytes.owned = 1;
    }

    value = ngx_workers_body_value(cx, &bytes, kind, type);

    if (bytes.owned) {
        js_free(cx, bytes.data);
    }

    JS_FreeValue(cx, array);

    return value;
}


static JSValue
ngx_workers_body_read_stream(JSContext *cx, JSValueConst stream, int kind,
    JSValueConst type)
{
    JSValue                bytes;
    ngx_workers_body_t     body;
    ngx_workers_source_t  *source;

    source = ngx_workers_source_of_stream(cx, stream);

    if (source != NULL) {
        return ngx_workers_collect(cx, source, kind, type);
    }

    bytes = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                     "takeBytes", 1, &stream);
    if (JS_IsException(bytes)) {
        return ngx_workers_reject(cx);
    }

    if (JS_IsUndefined(bytes)) {
        return ngx_workers_body_read_all(cx, stream, kind, type);
    }

    ngx_workers_body_init(&body);
    body.value = bytes;

    return ngx_workers_resolve(cx, ngx_workers_body_read_bytes(cx, &body, kind,
                                                               type));
}


static JSValue
ngx_workers_body_read_all(JSContext *cx, JSValueConst stream, int kind,
    JSValueConst type)
{
    JSValue       promise, funcs[2], done, ret;
    JSValueConst  args[4];

    promise = JS_NewPromiseCapability(cx, funcs);
    if (JS_IsException(promise)) {
        return JS_EXCEPTION;
    }

    args[0] = funcs[0];
    args[1] = funcs[1];
    args[2] = type;

    done = JS_NewCFunctionData(cx, ngx_workers_body_read_done, 2, kind, 3,
                               args);
    if (JS_IsException(done)) {
        goto failed;
    }

    args[0] = stream;
    args[1] = JS_NewInt64(cx, ngx_workers_body_room(ngx_workers_isolate(cx))
                              / 2);
    args[2] = done;
    args[3] = funcs[1];

    ret = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin, "readAll",
                                   4, args);
    JS_FreeValue(cx, done);

    if (JS_IsException(ret)) {
        goto failed;
    }

    JS_FreeValue(cx, ret);
    JS_FreeValue(cx, funcs[0]);
    JS_FreeValue(cx, funcs[1]);

    return promise;

failed:

    JS_FreeValue(cx, funcs[0]);
    JS_FreeValue(cx, funcs[1]);
    JS_FreeValue(cx, promise);

    return ngx_workers_reject(cx);
}


/* data: resolve, reject, the Content-Type; argv: chunks, bytes in all. */

static JSValue
ngx_workers_body_read_done(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    int64_t              size;
    JSValue              value, func, ret;
    ngx_workers_bytes_t  bytes;

    bytes.data = NULL;
    bytes.owned = 1;

    if (JS_ToInt64(cx, &size, argv[1]) == 0
        && ngx_workers_body_concat(cx, argv[0], size, &bytes) == NGX_OK)
    {
        value = ngx_workers_body_value(cx, &bytes, magic, data[2]);

    } else {
        value = JS_EXCEPTION;
    }

    js_free(cx, bytes.data);

    func = data[0];

    if (JS_IsException(value)) {
        value = JS_GetException(cx);

        if (JS_IsUncatchableError(value)) {
            return JS_Throw(cx, value);
        }

        func = data[1];
    }

    ret = JS_Call(cx, func, JS_UNDEFINED, 1, (JSValueConst *) &value);
    JS_FreeValue(cx, value);

    return ret;
}


static ngx_int_t
ngx_workers_body_concat(JSContext *cx, JSValueConst chunks, int64_t size,
    ngx_workers_bytes_t *bytes)
{
    u_char     *p;
    int64_t     i, n;
    JSValue     chunk;
    ngx_int_t   rc;
    ngx_str_t   str;

    if (JS_GetLength(cx, chunks, &n) < 0) {
        return NGX_ERROR;
    }

    p = js_malloc(cx, size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    bytes->data = p;
    bytes->len = size;

    for (i = 0; i < n; i++) {
        chunk = JS_GetPropertyInt64(cx, chunks, i);

        rc = ngx_workers_get_bytes(cx, chunk, &str);

        if (rc != NGX_OK || str.len > (size_t) size) {
            JS_FreeValue(cx, chunk);

            if (!JS_HasException(cx)) {
                (void) JS_ThrowTypeError(cx, "This ReadableStream did not "
                                         "return bytes.");
            }

            return NGX_ERROR;
        }

        p = ngx_cpymem(p, str.data, str.len);
        size -= str.len;

        JS_FreeValue(cx, chunk);
    }

    bytes->len -= size;
    *p = '\0';

    return NGX_OK;
}


/* What a reader resolves to; owned bytes may be taken over. */

static JSValue
ngx_workers_body_value(JSContext *cx, ngx_workers_bytes_t *bytes, int kind,
    JSValueConst type)
{
    JSValue       array, string, value;
    JSValueConst  args[2];

    switch (kind) {

    case NGX_WORKERS_READ_TEXT:
        return ngx_workers_utf8_decode(cx, bytes->data, bytes->len);

    case NGX_WORKERS_READ_JSON:

        if (ngx_workers_utf8_valid(bytes->data, bytes->len) == bytes->len) {
            return ngx_workers_body_json(cx, bytes);
        }

        value = ngx_workers_utf8_decode(cx, bytes->data, bytes->len);
        if (JS_IsException(value)) {
            return JS_EXCEPTION;
        }

        array = ngx_workers_body_read_string(cx, value, kind, type);
        JS_FreeValue(cx, value);

        return array;

    case NGX_WORKERS_READ_ARRAY_BUFFER:

        if (!bytes->owned) {
            return JS_NewArrayBufferCopy(cx, bytes->data, bytes->len);
        }

        value = JS_NewArrayBuffer(cx, bytes->data, bytes->len, 0,
                                  ngx_workers_body_realloc, NULL, 0);
        if (!JS_IsException(value)) {
            bytes->data = NULL;
        }

        return value;

    case NGX_WORKERS_READ_BYTES:
        return ngx_workers_body_uint8_array(cx, bytes);
    }

    array = ngx_workers_body_uint8_array(cx, bytes);
    if (JS_IsException(array)) {
        return JS_EXCEPTION;
    }

    args[0] = array;

    if (kind == NGX_WORKERS_READ_FORM_DATA) {
        args[1] = type;

        value = ngx_workers_builtin_call(cx, &ngx_workers_formdata_builtin,
                                         "parse", 2, args);
        JS_FreeValue(cx, array);

        return value;
    }

    string = ngx_workers_body_mime_type(cx, type);
    value = JS_EXCEPTION;

    if (!JS_IsException(string)) {
        args[1] = string;

        value = ngx_workers_builtin_call(cx, &ngx_workers_blob_builtin,
                                         "fromBytes", 2, args);
    }

    JS_FreeValue(cx, string);
    JS_FreeValue(cx, array);

    return value;
}


/* A Content-Type as the type of a Blob. */

static JSValue
ngx_workers_body_mime_type(JSContext *cx, JSValueConst type)
{
    u_char              *buf, *end;
    JSValue              string;
    ngx_workers_usv_t    usv;
    ngx_workers_mime_t   mime;

    if (JS_IsUndefined(type)) {
        return JS_NewStringLen(cx, "", 0);
    }

    if (!ngx_workers_flag_holds(ngx_workers_isolate(cx)->script,
                                "blob_standard_mime_type"))
    {
        return JS_DupValue(cx, type);
    }

    if (ngx_workers_usv(cx, type, &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_mime_extract(&usv.str, &mime) != NGX_OK) {
        ngx_workers_usv_free(cx, &usv);
        return JS_NewStringLen(cx, "", 0);
    }

    string = JS_EXCEPTION;

    buf = js_malloc(cx, NGX_WORKERS_MIME_ROOM(usv.str.len));

    if (buf != NULL) {
        end = ngx_workers_mime_write(buf, &mime);
        string = JS_NewStringLen(cx, (char *) buf, end - buf);
    }

    js_free(cx, buf);
    ngx_workers_usv_free(cx, &usv);

    return string;
}


/* Well-formed UTF-8 before a null byte; a byte order mark is passed over. */

static JSValue
ngx_workers_body_json(JSContext *cx, ngx_workers_bytes_t *bytes)
{
    size_t   len;
    u_char  *p;

    p = bytes->data;
    len = bytes->len;

    if (len >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) {
        p += 3;
        len -= 3;
    }

    return JS_ParseJSON(cx, (char *) p, len, "<json>");
}


static JSValue
ngx_workers_body_uint8_array(JSContext *cx, ngx_workers_bytes_t *bytes)
{
    JSValue  value;

    if (!bytes->owned) {
        return JS_NewUint8ArrayCopy(cx, bytes->data, bytes->len);
    }

    value = JS_NewUint8Array(cx, bytes->data, bytes->len,
                             ngx_workers_body_realloc, NULL, 0);

    if (!JS_IsException(value)) {
        bytes->data = NULL;
    }

    return value;
}


/*
 * What a body may take of the isolate's memory: enough is left over for the
 * script to go on after a body that was too large.
 */

static size_t
ngx_workers_body_room(ngx_workers_isolate_t *iso)
{
    size_t  limit;

    limit = iso->memory_limit - iso->memory_limit / 16;

    return (iso->memory < limit) ? limit - iso->memory : 0;
}


static void *
ngx_workers_body_realloc(JSRuntime *rt, void *opaque, void *ptr, size_t size)
{
    if (size == 0) {
        js_free_rt(rt, ptr);
        return NULL;
    }

    return js_realloc_rt(rt, ptr, size);
}


/* A promise of all that a source has; the source is closed in the end. */

static JSValue
ngx_workers_collect(JSContext *cx, ngx_workers_source_t *source, int kind,
    JSValueConst type)
{
    JSValue                 promise;
    ngx_workers_collect_t  *c;

    c = ngx_calloc(sizeof(ngx_workers_collect_t), ngx_cycle->log);
    if (c == NULL) {
        source->close(source);
        (void) JS_ThrowOutOfMemory(cx);
        return ngx_workers_reject(cx);
    }

    c->exception = JS_UNDEFINED;
    c->op.settle = ngx_workers_collect_settle;
    c->op.free = ngx_workers_collect_free;
    c->source = source;
    c->iso = ngx_workers_isolate(cx);
    c->rt = JS_GetRuntime(cx);
    c->kind = kind;
    c->type = JS_DupValue(cx, type);
    c->bytes.owned = 1;

    if (ngx_workers_collect_read(c) == NGX_AGAIN) {
        promise = ngx_workers_op_start(cx, source->inv, &c->op);

        if (!JS_IsException(promise)) {
            source->wake = ngx_workers_collect_wake;
            source->orphan = ngx_workers_collect_orphan;
            source->data = c;

            return promise;
        }

        ngx_workers_collect_close(c);

    } else {
        promise = ngx_workers_resolve(cx, ngx_workers_collect_settle(cx,
                                                                     &c->op));
    }

    ngx_workers_collect_free(&c->op);

    return promise;
}


/* NGX_AGAIN, or NGX_OK: it is over, and the source is closed. */

static ngx_int_t
ngx_workers_collect_read(ngx_workers_collect_t *c)
{
    ngx_int_t              rc;
    ngx_chain_t           *chain;
    ngx_workers_source_t  *source;

    source = c->source;

    for ( ;; ) {
        chain = NULL;

        rc = source->read(source, &chain);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc == NGX_OK) {

            if (ngx_workers_collect_chain(c, chain) == NGX_OK) {
                continue;
            }

            c->error = NGX_WORKERS_BODY_TOO_LARGE;

        } else if (rc == NGX_ERROR) {
            c->error = (source->reason != NULL) ? source->reason
                                                : "Network connection lost.";
            c->exception = JS_DupValue(c->iso->cx, source->error);

        } else if (ngx_workers_collect_reserve(c, 1) != NGX_OK) {
            c->error = NGX_WORKERS_BODY_TOO_LARGE;

        } else {
            c->bytes.data[c->bytes.len] = '\0';
        }

        ngx_workers_collect_close(c);

        return NGX_OK;
    }
}


static ngx_int_t
ngx_workers_collect_chain(ngx_workers_collect_t *c, ngx_chain_t *chain)
{
    size_t        len;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    len = 0;

    for (cl = chain; cl != NULL; cl = cl->next) {
        len += cl->buf->last - cl->buf->pos;
    }

    if (ngx_workers_collect_reserve(c, len + 1) != NGX_OK) {
        return NGX_ERROR;
    }

    for (cl = chain; cl != NULL; cl = cl->next) {
        b = cl->buf;
        len = b->last - b->pos;

        ngx_memcpy(c->bytes.data + c->bytes.len, b->pos, len);
        c->bytes.len += len;
        b->pos = b->last;
    }

    return NGX_OK;
}


/* Fails softly where a failing allocation would end the isolate. */

static ngx_int_t
ngx_workers_collect_reserve(ngx_workers_collect_t *c, size_t len)
{
    off_t    hint;
    size_t   size, room;
    u_char  *data;

    if (len <= c->size - c->bytes.len) {
        return NGX_OK;
    }

    size = c->bytes.len + len;
    hint = c->source->length;

    if (c->size == 0 && hint >= (off_t) len && hint < NGX_WORKERS_COLLECT_HINT)
    {
        size = hint + 1;

    } else if (c->size != 0) {
        size = ngx_max(size, 2 * c->size);

    } else if (hint < 0 || hint >= NGX_WORKERS_COLLECT_HINT) {
        size = ngx_max(size, NGX_WORKERS_COLLECT_FIRST);
    }

    room = ngx_workers_body_room(c->iso);

    if (size - c->size > room) {
        /* not twice as much, then */
        size = c->bytes.len + len;

        if (size - c->size > room) {
            return NGX_ERROR;
        }
    }

    data = js_realloc_rt(c->rt, c->bytes.data, size);
    if (data == NULL) {
        return NGX_ERROR;
    }

    c->bytes.data = data;
    c->size = size;

    return NGX_OK;
}


static void
ngx_workers_collect_close(ngx_workers_collect_t *c)
{
    c->source->close(c->source);
    c->source = NULL;
}


static void
ngx_workers_collect_wake(void *data)
{
    ngx_workers_collect_t  *c = data;

    if (ngx_workers_collect_read(c) == NGX_OK) {
        ngx_workers_op_done(&c->op);
    }
}


/* The operation has been abandoned before. */

static void
ngx_workers_collect_orphan(void *data)
{
    ngx_workers_collect_t  *c = data;

    ngx_workers_collect_close(c);
    ngx_workers_op_done(&c->op);
}


static JSValue
ngx_workers_collect_settle(JSContext *cx, ngx_workers_op_t *op)
{
    ngx_workers_collect_t  *c = (ngx_workers_collect_t *) op;

    if (c->kind == NGX_WORKERS_READ_TEXT
        && c->bytes.len > ngx_workers_body_room(c->iso))
    {
        c->error = NGX_WORKERS_BODY_TOO_LARGE;
    }

    if (!JS_IsUndefined(c->exception)) {
        return JS_Throw(cx, JS_DupValue(cx, c->exception));
    }

    if (c->error != NULL) {
        return JS_ThrowTypeError(cx, "%s", c->error);
    }

    return ngx_workers_body_value(cx, &c->bytes, c->kind, c->type);
}


static void
ngx_workers_collect_free(ngx_workers_op_t *op)
{
    ngx_workers_collect_t  *c = (ngx_workers_collect_t *) op;

    js_free_rt(c->rt, c->bytes.data);
    JS_FreeValueRT(c->rt, c->type);
    JS_FreeValueRT(c->rt, c->exception);
    ngx_free(c);
}
