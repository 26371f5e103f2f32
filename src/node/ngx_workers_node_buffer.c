
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "node:buffer" (src/js/node/internal/buffer.js): the
 * class Buffer, whose objects are Uint8Arrays with a prototype of their own,
 * and those of its methods that work on bytes.
 */


#include "../core/ngx_workers_class.h"
#include "../core/ngx_workers_value.h"
#include "../web/ngx_workers_utf8.h"
#include "ngx_workers_node_buffer.h"
#include "ngx_workers_node_encoding.h"
#include "ngx_workers_node_errors.h"

#include <math.h>


/* What functions that make Buffers carry with them. */
enum {
    NGX_WORKERS_NODE_UINT8 = 0,             /* Uint8Array */
    NGX_WORKERS_NODE_BUFFER,
    NGX_WORKERS_NODE_NDATA
};


typedef struct {
    const char       *name;
    int               length;
    JSCFunctionData  *func;
} ngx_workers_node_maker_t;


static JSValue ngx_workers_node_buffer_make(JSContext *cx);
static ngx_int_t ngx_workers_node_buffer_methods(JSContext *cx,
    JSValueConst native, JSValueConst proto, JSValueConst *data);
static ngx_int_t ngx_workers_node_buffer_add(JSContext *cx, JSValueConst obj,
    const ngx_workers_node_maker_t *m, JSValueConst *data);
static JSValue ngx_workers_node_buffer_wrap(JSContext *cx,
    JSValueConst *data, JSValue buffer);
static JSValue ngx_workers_node_buffer_own(JSContext *cx, JSValueConst *data,
    u_char *p, size_t len);
static void *ngx_workers_node_buffer_realloc(JSRuntime *rt, void *opaque,
    void *p, size_t size);

static JSValue ngx_workers_node_ext_buffer(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_node_ext_alloc(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_node_ext_from_string(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_node_ext_from_bytes(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_node_ext_concat(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_node_ext_slice(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static ngx_int_t ngx_workers_node_slice_end(JSContext *cx, JSValueConst v,
    size_t dflt, size_t len, size_t *value);

static JSValue ngx_workers_node_ext_is_array_buffer(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_ext_is_encoding(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_ext_byte_length(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_ext_is_text(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int ascii);
static JSValue ngx_workers_node_ext_order(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_ext_to_string(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_ext_text(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int encoding);
static JSValue ngx_workers_node_ext_put(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int encoding);
static JSValue ngx_workers_node_ext_write(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_write_text(JSContext *cx,
    JSValueConst this_val, JSValueConst string, size_t offset, size_t size,
    ngx_int_t encoding);
static JSValue ngx_workers_node_ext_fill(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_node_fill_place(JSContext *cx, JSValueConst v,
    const char *name, size_t dflt, size_t len, size_t *value);
static ngx_int_t ngx_workers_node_fill(JSContext *cx, JSValueConst this_val,
    JSValueConst value, ngx_str_t *text, size_t start, size_t end);
static JSValue ngx_workers_node_ext_copy(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_node_copy_place(JSContext *cx, JSValueConst v,
    const char *name, double dflt, double *value);
static JSValue ngx_workers_node_ext_equals(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_ext_compare(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_node_compare(ngx_str_t *one, ngx_str_t *two);
static JSValue ngx_workers_node_ext_swap(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int size);


static const ngx_workers_node_maker_t  ngx_workers_node_buffer_class = {
    "Buffer", 3, ngx_workers_node_ext_buffer
};


/* Functions of the native half that make Buffers. */

static const ngx_workers_node_maker_t  ngx_workers_node_buffer_makers[] = {
    { "alloc", 1, ngx_workers_node_ext_alloc },
    { "fromString", 2, ngx_workers_node_ext_from_string },
    { "fromBytes", 1, ngx_workers_node_ext_from_bytes },
    { "concat", 2, ngx_workers_node_ext_concat },
};


static const ngx_workers_node_maker_t  ngx_workers_node_buffer_slice = {
    "slice", 2, ngx_workers_node_ext_slice
};


static const JSCFunctionListEntry  ngx_workers_node_buffer_functions[] = {
    JS_CFUNC_DEF("isArrayBuffer", 1, ngx_workers_node_ext_is_array_buffer),
    JS_CFUNC_DEF("isEncoding", 1, ngx_workers_node_ext_is_encoding),
    JS_CFUNC_DEF("byteLength", 2, ngx_workers_node_ext_byte_length),
    JS_CFUNC_DEF("compare", 2, ngx_workers_node_ext_order),
    JS_CFUNC_MAGIC_DEF("isUtf8", 1, ngx_workers_node_ext_is_text, 0),
    JS_CFUNC_MAGIC_DEF("isAscii", 1, ngx_workers_node_ext_is_text, 1),
};


#define ngx_workers_node_slice(name, encoding)                                \
    NGX_WORKERS_METHOD_MAGIC(name "Slice", 2, ngx_workers_node_ext_text,      \
                             encoding)
#define ngx_workers_node_put(name, encoding)                                  \
    NGX_WORKERS_METHOD_MAGIC(name "Write", 3, ngx_workers_node_ext_put,       \
                             encoding)


static const JSCFunctionListEntry  ngx_workers_node_buffer_proto[] = {
    NGX_WORKERS_METHOD_MAGIC("swap16", 0, ngx_workers_node_ext_swap, 2),
    NGX_WORKERS_METHOD_MAGIC("swap32", 0, ngx_workers_node_ext_swap, 4),
    NGX_WORKERS_METHOD_MAGIC("swap64", 0, ngx_workers_node_ext_swap, 8),
    NGX_WORKERS_METHOD("toString", 3, ngx_workers_node_ext_to_string),
    NGX_WORKERS_METHOD("equals", 1, ngx_workers_node_ext_equals),
    NGX_WORKERS_METHOD("compare", 5, ngx_workers_node_ext_compare),

    ngx_workers_node_slice("ascii", NGX_WORKERS_NODE_ASCII),
    ngx_workers_node_slice("base64", NGX_WORKERS_NODE_BASE64),
    ngx_workers_node_slice("base64url", NGX_WORKERS_NODE_BASE64URL),
    ngx_workers_node_slice("hex", NGX_WORKERS_NODE_HEX),
    ngx_workers_node_slice("latin1", NGX_WORKERS_NODE_LATIN1),
    ngx_workers_node_slice("ucs2", NGX_WORKERS_NODE_UTF16LE),
    ngx_workers_node_slice("utf8", NGX_WORKERS_NODE_UTF8),

    ngx_workers_node_put("ascii", NGX_WORKERS_NODE_ASCII),
    ngx_workers_node_put("base64", NGX_WORKERS_NODE_BASE64),
    ngx_workers_node_put("base64url", NGX_WORKERS_NODE_BASE64URL),
    ngx_workers_node_put("hex", NGX_WORKERS_NODE_HEX),
    ngx_workers_node_put("latin1", NGX_WORKERS_NODE_LATIN1),
    ngx_workers_node_put("ucs2", NGX_WORKERS_NODE_UTF16LE),
    ngx_workers_node_put("utf8", NGX_WORKERS_NODE_UTF8),

    NGX_WORKERS_METHOD("write", 4, ngx_workers_node_ext_write),
    NGX_WORKERS_METHOD("copy", 4, ngx_workers_node_ext_copy),
    NGX_WORKERS_METHOD("fill", 4, ngx_workers_node_ext_fill),
};


ngx_workers_native_t  ngx_workers_node_buffer_native = {
    "buffer", ngx_workers_node_buffer_make
};


static JSValue
ngx_workers_node_buffer_make(JSContext *cx)
{
    JSValue       native, global, parent, proto, class, func;
    JSValueConst  data[NGX_WORKERS_NODE_NDATA];

    global = JS_GetGlobalObject(cx);
    class = JS_GetPropertyStr(cx, global, "Uint8Array");
    parent = JS_GetPropertyStr(cx, class, "prototype");
    proto = JS_NewObjectProto(cx, parent);
    native = JS_NewObject(cx);

    JS_FreeValue(cx, parent);
    JS_FreeValue(cx, global);

    /* Buffer finds itself as the target of new, or is a mere function */

    data[NGX_WORKERS_NODE_UINT8] = class;
    data[NGX_WORKERS_NODE_BUFFER] = JS_UNDEFINED;

    func = JS_NewCFunctionData2(cx, ngx_workers_node_buffer_class.func,
                                ngx_workers_node_buffer_class.name,
                                ngx_workers_node_buffer_class.length, 0,
                                1, data);

    if (JS_IsException(proto) || JS_IsException(native)
        || JS_IsException(func))
    {
        goto failed;
    }

    data[NGX_WORKERS_NODE_BUFFER] = func;

    (void) JS_SetConstructorBit(cx, func, 1);

    if (JS_SetConstructor(cx, func, proto) < 0
        || JS_SetPrototype(cx, func, class) < 0
        || JS_DefinePropertyValueStr(cx, native, "Buffer",
                                     JS_DupValue(cx, func), JS_PROP_C_W_E)
           < 0
        || ngx_workers_node_buffer_methods(cx, native, proto, data) != NGX_OK)
    {
        goto failed;
    }

    JS_FreeValue(cx, func);
    JS_FreeValue(cx, proto);
    JS_FreeValue(cx, class);

    return native;

failed:

    JS_FreeValue(cx, func);
    JS_FreeValue(cx, native);
    JS_FreeValue(cx, proto);
    JS_FreeValue(cx, class);

    return JS_EXCEPTION;
}


static ngx_int_t
ngx_workers_node_buffer_methods(JSContext *cx, JSValueConst native,
    JSValueConst proto, JSValueConst *data)
{
    ngx_uint_t  i;

    if (JS_SetPropertyFunctionList(cx, native,
                       ngx_workers_node_buffer_functions,
                       ngx_workers_nitems(ngx_workers_node_buffer_functions))
        < 0
        || JS_SetPropertyFunctionList(cx, proto,
                       ngx_workers_node_buffer_proto,
                       ngx_workers_nitems(ngx_workers_node_buffer_proto))
           < 0
        || ngx_workers_node_buffer_search(cx, proto) != NGX_OK
        || ngx_workers_node_buffer_numbers(cx, proto) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_node_buffer_makers); i++) {

        if (ngx_workers_node_buffer_add(cx, native,
                                        &ngx_workers_node_buffer_makers[i],
                                        data)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_workers_node_buffer_add(cx, proto,
                                       &ngx_workers_node_buffer_slice, data);
}


static ngx_int_t
ngx_workers_node_buffer_add(JSContext *cx, JSValueConst obj,
    const ngx_workers_node_maker_t *m, JSValueConst *data)
{
    JSValue  func;

    func = JS_NewCFunctionData2(cx, m->func, m->name, m->length, 0,
                                NGX_WORKERS_NODE_NDATA, data);

    if (JS_IsException(func)
        || JS_DefinePropertyValueStr(cx, obj, m->name, func, JS_PROP_C_W_E)
           < 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_node_bytes(JSContext *cx, JSValueConst v, ngx_str_t *bytes)
{
    if (!ngx_workers_node_is_uint8(v)) {
        (void) JS_ThrowTypeError(cx, "argument must be a buffer");
        return NGX_ERROR;
    }

    bytes->data = JS_GetUint8Array(cx, &bytes->len, v);

    if (bytes->data == NULL && JS_HasException(cx)) {

        /* detached */

        JS_FreeValue(cx, JS_GetException(cx));
    }

    if (bytes->data == NULL) {
        bytes->data = (u_char *) "";
        bytes->len = 0;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_node_writable(JSContext *cx, JSValueConst v, ngx_str_t *bytes)
{
    int      immutable;
    JSValue  buffer;

    if (ngx_workers_node_bytes(cx, v, bytes) != NGX_OK) {
        return NGX_ERROR;
    }

    if (bytes->len == 0) {
        return NGX_OK;
    }

    buffer = JS_GetTypedArrayBuffer(cx, v, NULL, NULL, NULL);
    if (JS_IsException(buffer)) {
        return NGX_ERROR;
    }

    immutable = JS_IsImmutableArrayBuffer(buffer);
    JS_FreeValue(cx, buffer);

    if (immutable == 1) {
        (void) JS_ThrowTypeError(cx, "the ArrayBuffer is immutable");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_node_number(JSContext *cx, JSValueConst v, double dflt,
    double *value)
{
    if (JS_IsUndefined(v)) {
        *value = dflt;
        return NGX_OK;
    }

    return (JS_ToFloat64(cx, value, v) < 0) ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_workers_node_index(JSContext *cx, JSValueConst v, const char *name,
    size_t dflt, size_t max, size_t *value)
{
    double  d;
    u_char  range[NGX_SIZE_T_LEN + sizeof(">= 0 && <= ")];

    if (JS_IsUndefined(v)) {
        *value = dflt;
        return NGX_OK;
    }

    if (!JS_IsNumber(v)) {
        (void) ngx_workers_node_invalid_type(cx, name, "number", v);
        return NGX_ERROR;
    }

    (void) JS_ToFloat64(cx, &d, v);

    if (d >= 0 && d <= (double) max && d == floor(d)) {
        *value = (size_t) d;
        return NGX_OK;
    }

    if (!isfinite(d) || d != floor(d)) {
        (void) ngx_workers_node_out_of_range(cx, name, "an integer", v);
        return NGX_ERROR;
    }

    (void) ngx_snprintf(range, sizeof(range), ">= 0 && <= %uz%Z", max);
    (void) ngx_workers_node_out_of_range(cx, name, (char *) range, v);

    return NGX_ERROR;
}


/* A Buffer over the whole of an ArrayBuffer, which is eaten. */

static JSValue
ngx_workers_node_buffer_wrap(JSContext *cx, JSValueConst *data,
    JSValue buffer)
{
    JSValue  ret;

    if (JS_IsException(buffer)) {
        return JS_EXCEPTION;
    }

    ret = JS_CallConstructor2(cx, data[NGX_WORKERS_NODE_UINT8],
                              data[NGX_WORKERS_NODE_BUFFER], 1,
                              (JSValueConst *) &buffer);
    JS_FreeValue(cx, buffer);

    return ret;
}


/* A Buffer of js_malloc'ed bytes, which are eaten. */

static JSValue
ngx_workers_node_buffer_own(JSContext *cx, JSValueConst *data, u_char *p,
    size_t len)
{
    JSValue  buffer;

    buffer = JS_NewArrayBuffer(cx, p, len, 0, ngx_workers_node_buffer_realloc,
                               NULL, 0);
    if (JS_IsException(buffer)) {
        js_free(cx, p);
        return JS_EXCEPTION;
    }

    return ngx_workers_node_buffer_wrap(cx, data, buffer);
}


static void *
ngx_workers_node_buffer_realloc(JSRuntime *rt, void *opaque, void *p,
    size_t size)
{
    return js_realloc_rt(rt, p, size);
}


/*
 * Buffer(), with and without new.  TypedArray.prototype.subarray() and its
 * like come here as well, with a buffer or a length.
 */

static JSValue
ngx_workers_node_ext_buffer(JSContext *cx, JSValueConst new_target, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    JSValue  ns, func, ret;

    if (JS_IsObject(new_target)
        && ((argc == 3 && JS_IsArrayBuffer(argv[0]) && JS_IsNumber(argv[1])
             && JS_IsNumber(argv[2]))
            || (argc == 1 && JS_VALUE_GET_TAG(argv[0]) == JS_TAG_INT
                && JS_VALUE_GET_INT(argv[0]) >= 0)))
    {
        return JS_CallConstructor2(cx, data[NGX_WORKERS_NODE_UINT8],
                                   new_target, argc, argv);
    }

    ns = ngx_workers_builtin_namespace(cx, "node/internal/buffer");
    if (JS_IsException(ns)) {
        return JS_EXCEPTION;
    }

    func = JS_GetPropertyStr(cx, ns, "construct");
    ret = JS_Call(cx, func, JS_UNDEFINED, argc, argv);

    JS_FreeValue(cx, func);
    JS_FreeValue(cx, ns);

    return ret;
}


/* (size), which the caller has checked: a Buffer of zeros */

static JSValue
ngx_workers_node_ext_alloc(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    return JS_CallConstructor2(cx, data[NGX_WORKERS_NODE_UINT8],
                               data[NGX_WORKERS_NODE_BUFFER], 1, argv);
}


/* (string, encoding) */

static JSValue
ngx_workers_node_ext_from_string(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data)
{
    size_t      len;
    u_char     *p;
    ngx_int_t   encoding;

    encoding = ngx_workers_node_encoding(cx, argv[1]);
    if (encoding == NGX_ERROR) {
        return JS_EXCEPTION;
    }

    p = ngx_workers_node_encoding_bytes(cx, encoding, argv[0], &len);
    if (p == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_node_buffer_own(cx, data, p, len);
}


/* (view or ArrayBuffer): a Buffer with a copy of its bytes */

static JSValue
ngx_workers_node_ext_from_bytes(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data)
{
    ngx_int_t  rc;
    ngx_str_t  bytes;

    rc = ngx_workers_get_bytes(cx, argv[0], &bytes);

    if (rc == NGX_DECLINED) {
        (void) JS_ThrowTypeError(cx, "argument must be a buffer");
    }

    if (rc != NGX_OK) {
        return JS_EXCEPTION;
    }

    return ngx_workers_node_buffer_wrap(cx, data,
                                     ngx_workers_new_array_buffer(cx, &bytes));
}


/* (list, length): an array of Uint8Arrays; length: cut, or zeros behind */

static JSValue
ngx_workers_node_ext_concat(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    size_t      size, n;
    u_char     *p, *dst;
    int64_t     i, count, length;
    JSValue     item;
    ngx_int_t   rc;
    ngx_str_t   bytes;

    if (JS_GetLength(cx, argv[0], &count) < 0
        || JS_ToInt64(cx, &length, argv[1]) < 0)
    {
        return JS_EXCEPTION;
    }

    size = length;

    p = js_malloc(cx, ngx_max(size, 1));
    if (p == NULL) {
        return JS_EXCEPTION;
    }

    dst = p;

    for (i = 0; i < count && size != 0; i++) {
        item = JS_GetPropertyInt64(cx, argv[0], i);

        rc = JS_IsException(item) ? NGX_ERROR
                                  : ngx_workers_node_bytes(cx, item, &bytes);
        if (rc != NGX_OK) {
            JS_FreeValue(cx, item);
            js_free(cx, p);
            return JS_EXCEPTION;
        }

        n = ngx_min(bytes.len, size);
        dst = ngx_cpymem(dst, bytes.data, n);
        size -= n;

        JS_FreeValue(cx, item);
    }

    ngx_memzero(dst, size);

    return ngx_workers_node_buffer_own(cx, data, p, length);
}


/* (start, end): the same memory */

static JSValue
ngx_workers_node_ext_slice(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    size_t        start, end, offset, len;
    JSValue       buffer, ret;
    ngx_str_t     bytes;
    JSValueConst  args[3];

    if (ngx_workers_node_bytes(cx, this_val, &bytes) != NGX_OK
        || ngx_workers_node_slice_end(cx, argv[0], 0, bytes.len, &start)
           != NGX_OK
        || ngx_workers_node_slice_end(cx, argv[1], bytes.len, bytes.len, &end)
           != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    buffer = JS_GetTypedArrayBuffer(cx, this_val, &offset, &len, NULL);
    if (JS_IsException(buffer)) {
        return JS_EXCEPTION;
    }

    args[0] = buffer;
    args[1] = JS_NewInt64(cx, offset + start);
    args[2] = JS_NewInt64(cx, (end > start) ? end - start : 0);

    ret = JS_CallConstructor2(cx, data[NGX_WORKERS_NODE_UINT8],
                              data[NGX_WORKERS_NODE_BUFFER], 3, args);
    JS_FreeValue(cx, buffer);

    return ret;
}


static ngx_int_t
ngx_workers_node_slice_end(JSContext *cx, JSValueConst v, size_t dflt,
    size_t len, size_t *value)
{
    double  d;

    if (ngx_workers_node_number(cx, v, (double) dflt, &d) != NGX_OK) {
        return NGX_ERROR;
    }

    d = isnan(d) ? 0 : trunc(d);

    if (d < 0) {
        d += (double) len;
        d = ngx_max(d, 0);
    }

    *value = (size_t) ngx_min(d, (double) len);

    return NGX_OK;
}


static JSValue
ngx_workers_node_ext_is_array_buffer(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    return JS_NewBool(cx, JS_IsArrayBuffer(argv[0]));
}


static JSValue
ngx_workers_node_ext_is_encoding(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    size_t       len;
    ngx_int_t    encoding;
    const char  *name;

    if (!JS_IsString(argv[0])) {
        return JS_FALSE;
    }

    name = JS_ToCStringLen(cx, &len, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    encoding = ngx_workers_node_encoding_find(name, len);
    JS_FreeCString(cx, name);

    return JS_NewBool(cx, encoding != NGX_DECLINED);
}


/* (string, encoding): what is no encoding is UTF-8 */

static JSValue
ngx_workers_node_ext_byte_length(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    size_t       len;
    ssize_t      n;
    ngx_int_t    encoding;
    const char  *name;

    encoding = NGX_DECLINED;

    if (JS_IsString(argv[1])) {
        name = JS_ToCStringLen(cx, &len, argv[1]);
        if (name == NULL) {
            return JS_EXCEPTION;
        }

        encoding = ngx_workers_node_encoding_find(name, len);
        JS_FreeCString(cx, name);
    }

    n = ngx_workers_node_encoding_length(cx, (encoding == NGX_DECLINED)
                                             ? NGX_WORKERS_NODE_UTF8 : encoding,
                                         argv[0]);

    return (n < 0) ? JS_EXCEPTION : JS_NewInt64(cx, n);
}


static JSValue
ngx_workers_node_ext_is_text(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int ascii)
{
    ngx_int_t  rc;
    ngx_str_t  bytes;

    rc = ngx_workers_get_bytes(cx, argv[0], &bytes);

    if (rc == NGX_DECLINED) {
        return ngx_workers_node_invalid_type(cx, "input",
                                             "ArrayBuffer|Buffer|TypedArray",
                                             argv[0]);
    }

    if (rc != NGX_OK) {
        JS_FreeValue(cx, JS_GetException(cx));
        return ngx_workers_node_error(cx, "plainError", "ERR_INVALID_STATE",
                                      "Invalid state: Cannot validate on a "
                                      "detached buffer");
    }

    rc = ascii ? ngx_workers_utf8_ascii(bytes.data, bytes.len) == bytes.len
               : ngx_workers_utf8_valid(bytes.data, bytes.len) == bytes.len;

    return JS_NewBool(cx, rc);
}


/* (one, two): -1, 0 or 1 */

static JSValue
ngx_workers_node_ext_order(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_int_t   i;
    ngx_str_t   str[2];
    const char  *names[] = { "buf1", "buf2" };

    for (i = 0; i < 2; i++) {

        if (!ngx_workers_node_is_uint8(argv[i])) {
            return ngx_workers_node_invalid_type(cx, names[i],
                                                 "Buffer|Uint8Array", argv[i]);
        }

        (void) ngx_workers_node_bytes(cx, argv[i], &str[i]);
    }

    return JS_NewInt32(cx, ngx_workers_node_compare(&str[0], &str[1]));
}


static ngx_int_t
ngx_workers_node_compare(ngx_str_t *one, ngx_str_t *two)
{
    ngx_int_t  rc;

    rc = ngx_memcmp(one->data, two->data, ngx_min(one->len, two->len));

    if (rc == 0) {
        rc = (one->len > two->len) - (one->len < two->len);
    }

    return (rc > 0) - (rc < 0);
}


/* (encoding, start, end) */

static JSValue
ngx_workers_node_ext_to_string(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    double     start, end;
    ngx_int_t  encoding;
    ngx_str_t  bytes;

    if (ngx_workers_node_bytes(cx, this_val, &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (bytes.len == 0) {
        return JS_NewString(cx, "");
    }

    encoding = ngx_workers_node_encoding(cx, argv[0]);

    if (encoding == NGX_ERROR) {
        return JS_EXCEPTION;
    }

    if (argc > 1) {

        if (ngx_workers_node_number(cx, argv[1], 0, &start) != NGX_OK
            || ngx_workers_node_number(cx, argv[2], INFINITY, &end) != NGX_OK
            || ngx_workers_node_bytes(cx, this_val, &bytes) != NGX_OK)
        {
            return JS_EXCEPTION;
        }

        start = (start > 0) ? start : 0;
        end = (end > 0) ? end : 0;

        if (end < (double) bytes.len) {
            bytes.len = (size_t) end;
        }

        if (start >= (double) bytes.len) {
            return JS_NewString(cx, "");
        }

        bytes.data += (size_t) start;
        bytes.len -= (size_t) start;
    }

    return ngx_workers_node_encoding_string(cx, encoding, bytes.data,
                                            bytes.len);
}


/* (start, end) */

static JSValue
ngx_workers_node_ext_text(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int encoding)
{
    size_t     start, end;
    ngx_str_t  bytes;

    if (ngx_workers_node_bytes(cx, this_val, &bytes) != NGX_OK
        || ngx_workers_node_index(cx, argv[0], "start", 0, bytes.len, &start)
           != NGX_OK
        || ngx_workers_node_index(cx, argv[1], "end", bytes.len, bytes.len,
                                  &end)
           != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    if (end <= start) {
        return JS_NewString(cx, "");
    }

    return ngx_workers_node_encoding_string(cx, encoding, bytes.data + start,
                                            end - start);
}


/* (string, offset, length) */

static JSValue
ngx_workers_node_ext_put(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int encoding)
{
    size_t     offset, size;
    JSValue    string, ret;
    ngx_str_t  bytes;

    string = JS_ToString(cx, argv[0]);

    if (JS_IsException(string)
        || ngx_workers_node_bytes(cx, this_val, &bytes) != NGX_OK
        || ngx_workers_node_index(cx, argv[1], "offset", 0, bytes.len,
                                  &offset)
           != NGX_OK
        || ngx_workers_node_index(cx, argv[2], "length", bytes.len - offset,
                                  bytes.len - offset, &size)
           != NGX_OK)
    {
        JS_FreeValue(cx, string);
        return JS_EXCEPTION;
    }

    ret = ngx_workers_node_write_text(cx, this_val, string, offset, size,
                                      encoding);
    JS_FreeValue(cx, string);

    return ret;
}


/*
 * (string), (string, encoding), (string, offset, encoding), or
 * (string, offset, length, encoding): how many bytes it wrote
 */

static JSValue
ngx_workers_node_ext_write(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t        offset, size;
    JSValue       string, ret;
    ngx_int_t     encoding;
    ngx_str_t     bytes;
    JSValueConst  place, length, name;

    place = argv[1];
    length = argv[2];
    name = argv[3];

    if (JS_IsString(place)) {
        name = place;
        place = JS_UNDEFINED;
        length = JS_UNDEFINED;

    } else if (JS_IsUndefined(place)) {
        name = JS_UNDEFINED;               /* as Node.js has it */
        length = JS_UNDEFINED;

    } else if (JS_IsString(length)) {
        name = length;
        length = JS_UNDEFINED;
    }

    string = JS_ToString(cx, argv[0]);
    if (JS_IsException(string)) {
        return JS_EXCEPTION;
    }

    encoding = ngx_workers_node_encoding(cx, name);

    if (encoding == NGX_ERROR
        || ngx_workers_node_bytes(cx, this_val, &bytes) != NGX_OK
        || ngx_workers_node_index(cx, place, "offset", 0, bytes.len, &offset)
           != NGX_OK
        || ngx_workers_node_index(cx, length, "length", bytes.len, bytes.len,
                                  &size)
           != NGX_OK)
    {
        JS_FreeValue(cx, string);
        return JS_EXCEPTION;
    }

    ret = ngx_workers_node_write_text(cx, this_val, string, offset,
                                      ngx_min(size, bytes.len - offset),
                                      encoding);
    JS_FreeValue(cx, string);

    return ret;
}


static JSValue
ngx_workers_node_write_text(JSContext *cx, JSValueConst this_val,
    JSValueConst string, size_t offset, size_t size, ngx_int_t encoding)
{
    ssize_t    n;
    ngx_str_t  bytes;

    if (ngx_workers_node_writable(cx, this_val, &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    n = ngx_workers_node_encoding_write(cx, encoding, string,
                                        bytes.data + offset, size);

    return (n < 0) ? JS_EXCEPTION : JS_NewInt64(cx, n);
}


/* (value, start, end, encoding), or with a string (value, encoding) ... */

static JSValue
ngx_workers_node_ext_fill(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t        start, end;
    ngx_int_t     rc, encoding;
    ngx_str_t     bytes, text;
    JSValueConst  from, to, name;

    from = argv[1];
    to = argv[2];
    name = argv[3];

    if (JS_IsString(argv[0])) {

        if (JS_IsString(from)) {
            name = from;
            from = JS_UNDEFINED;
            to = JS_UNDEFINED;

        } else if (JS_IsString(to)) {
            name = to;
            to = JS_UNDEFINED;
        }
    }

    if (ngx_workers_node_bytes(cx, this_val, &bytes) != NGX_OK
        || ngx_workers_node_fill_place(cx, from, "start", 0, bytes.len, &start)
           != NGX_OK
        || ngx_workers_node_fill_place(cx, to, "end", bytes.len, bytes.len,
                                       &end)
           != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    text.data = NULL;
    text.len = 0;

    if (JS_IsString(argv[0])) {

        encoding = ngx_workers_node_encoding(cx, JS_IsNull(name) ? JS_UNDEFINED
                                                                 : name);
        if (encoding == NGX_ERROR) {
            return JS_EXCEPTION;
        }

        if (start >= end) {
            return JS_DupValue(cx, this_val);
        }

        text.data = ngx_workers_node_encoding_bytes(cx, encoding, argv[0],
                                                    &text.len);
        if (text.data == NULL) {
            return JS_EXCEPTION;
        }

        if (encoding == NGX_WORKERS_NODE_HEX
            && ngx_workers_node_encoding_length(cx, NGX_WORKERS_NODE_UTF8,
                                                argv[0])
               != (ssize_t) (2 * text.len))
        {
            js_free(cx, text.data);
            return JS_ThrowTypeError(cx, "The text is not valid hex");
        }
    }

    rc = ngx_workers_node_fill(cx, this_val, argv[0], &text, start, end);

    if (text.data != NULL) {
        js_free(cx, text.data);
    }

    return (rc == NGX_OK) ? JS_DupValue(cx, this_val) : JS_EXCEPTION;
}


static ngx_int_t
ngx_workers_node_fill_place(JSContext *cx, JSValueConst v, const char *name,
    size_t dflt, size_t len, size_t *value)
{
    double  d;
    u_char  range[NGX_SIZE_T_LEN + sizeof("0 to ")];

    if (JS_IsUndefined(v)) {
        *value = dflt;
        return NGX_OK;
    }

    if (!JS_IsNumber(v)) {
        (void) ngx_workers_node_invalid_type(cx, name, "number", v);
        return NGX_ERROR;
    }

    (void) JS_ToFloat64(cx, &d, v);

    if (d < 0 || d > (double) len) {
        (void) ngx_snprintf(range, sizeof(range), "0 to %uz%Z", len);
        (void) ngx_workers_node_out_of_range(cx, name,
                                             (name[0] == 's') ? "0 to end"
                                             : (char *) range, v);
        return NGX_ERROR;
    }

    *value = isnan(d) ? 0 : (size_t) d;

    return NGX_OK;
}


/* With the bytes of text, or of a view, or with a number. */

static ngx_int_t
ngx_workers_node_fill(JSContext *cx, JSValueConst this_val,
    JSValueConst value, ngx_str_t *text, size_t start, size_t end)
{
    size_t       n, size;
    u_char      *p, byte;
    int32_t      number;
    ngx_str_t    bytes, with;
    ngx_uint_t   view;

    view = 0;
    with = *text;

    if (with.data == NULL) {

        view = JS_GetTypedArrayType(value) >= 0 || JS_IsDataView(value);

        if (view) {
            if (ngx_workers_get_bytes(cx, value, &with) != NGX_OK) {
                return NGX_ERROR;
            }

        } else {
            if (JS_IsObject(value)) {
                number = 0;

            } else if (JS_ToInt32(cx, &number, value) < 0) {
                return NGX_ERROR;
            }

            byte = number;
            with.data = &byte;
            with.len = 1;
        }
    }

    if (ngx_workers_node_writable(cx, this_val, &bytes) != NGX_OK) {
        return NGX_ERROR;
    }

    end = ngx_min(end, bytes.len);

    if (end <= start) {
        return NGX_OK;
    }

    if (with.len == 0) {

        if (view) {
            (void) ngx_workers_node_invalid_value(cx, "value", "is invalid",
                                                  value);
            return NGX_ERROR;
        }

        byte = 0;
        with.data = &byte;
        with.len = 1;
    }

    p = bytes.data + start;
    size = end - start;

    if (with.len == 1) {
        ngx_memset(p, with.data[0], size);
        return NGX_OK;
    }

    /* once, and then what is there already, twice as much each time */

    n = ngx_min(with.len, size);
    ngx_memmove(p, with.data, n);

    while (n < size) {
        ngx_memcpy(p + n, p, ngx_min(n, size - n));
        n += ngx_min(n, size - n);
    }

    return NGX_OK;
}


/* (target, targetStart, sourceStart, sourceEnd): how many bytes it copied */

static JSValue
ngx_workers_node_ext_copy(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t     n;
    double     at, start, end;
    ngx_str_t  source, target;

    if (!ngx_workers_node_is_uint8(argv[0])) {
        return ngx_workers_node_invalid_type(cx, "target", "Buffer|Uint8Array",
                                             argv[0]);
    }

    if (ngx_workers_node_copy_place(cx, argv[1], "targetStart", 0, &at)
        != NGX_OK
        || ngx_workers_node_copy_place(cx, argv[2], "sourceStart", 0, &start)
           != NGX_OK
        || ngx_workers_node_copy_place(cx, argv[3], "sourceEnd", INFINITY,
                                       &end)
           != NGX_OK
        || ngx_workers_node_bytes(cx, this_val, &source) != NGX_OK
        || ngx_workers_node_writable(cx, argv[0], &target) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    end = ngx_min(end, (double) source.len);

    if (at >= (double) target.len || start >= end) {
        return JS_NewInt32(cx, 0);
    }

    n = ngx_min((size_t) end - (size_t) start, target.len - (size_t) at);

    ngx_memmove(target.data + (size_t) at, source.data + (size_t) start, n);

    return JS_NewInt64(cx, n);
}


static ngx_int_t
ngx_workers_node_copy_place(JSContext *cx, JSValueConst v, const char *name,
    double dflt, double *value)
{
    if (ngx_workers_node_number(cx, v, dflt, value) != NGX_OK) {
        return NGX_ERROR;
    }

    *value = isfinite(*value) ? trunc(*value) : dflt;

    if (*value < 0) {
        (void) ngx_workers_node_out_of_range(cx, name, ">= 0", v);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static JSValue
ngx_workers_node_ext_equals(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_str_t  one, two;

    if (!ngx_workers_node_is_uint8(argv[0])) {
        return ngx_workers_node_invalid_type(cx, "otherBuffer",
                                             "Buffer|Uint8Array", argv[0]);
    }

    if (ngx_workers_node_bytes(cx, this_val, &one) != NGX_OK
        || ngx_workers_node_bytes(cx, argv[0], &two) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    return JS_NewBool(cx, one.len == two.len
                          && ngx_memcmp(one.data, two.data, one.len) == 0);
}


/* (target, targetStart, targetEnd, sourceStart, sourceEnd) */

static JSValue
ngx_workers_node_ext_compare(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t     from, to, start, end;
    ngx_str_t  source, target;

    if (!ngx_workers_node_is_uint8(argv[0])) {
        return ngx_workers_node_invalid_type(cx, "target", "Buffer|Uint8Array",
                                             argv[0]);
    }

    if (ngx_workers_node_bytes(cx, this_val, &source) != NGX_OK
        || ngx_workers_node_bytes(cx, argv[0], &target) != NGX_OK
        || ngx_workers_node_index(cx, argv[1], "targetStart", 0,
                                  NGX_MAX_INT32_VALUE, &from)
           != NGX_OK
        || ngx_workers_node_index(cx, argv[2], "targetEnd", target.len,
                                  target.len, &to)
           != NGX_OK
        || ngx_workers_node_index(cx, argv[3], "sourceStart", 0,
                                  NGX_MAX_INT32_VALUE, &start)
           != NGX_OK
        || ngx_workers_node_index(cx, argv[4], "sourceEnd", source.len,
                                  source.len, &end)
           != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    if (start >= end) {
        return JS_NewInt32(cx, (from >= to) ? 0 : -1);
    }

    if (from >= to) {
        return JS_NewInt32(cx, 1);
    }

    source.data += start;
    source.len = end - start;

    target.data += from;
    target.len = to - from;

    return JS_NewInt32(cx, ngx_workers_node_compare(&source, &target));
}


static JSValue
ngx_workers_node_ext_swap(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int size)
{
    u_char      byte, message[sizeof("Buffer size must be a multiple of "
                                     "64-bits")];
    size_t      i, k;
    ngx_str_t   bytes;

    if (ngx_workers_node_writable(cx, this_val, &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (bytes.len % size != 0) {
        (void) ngx_snprintf(message, sizeof(message),
                            "Buffer size must be a multiple of %d-bits%Z",
                            8 * size);

        return ngx_workers_node_error(cx, "rangeError",
                                      "ERR_INVALID_BUFFER_SIZE",
                                      (char *) message);
    }

    for (i = 0; i < bytes.len; i += size) {
        for (k = 0; k < (size_t) size / 2; k++) {
            byte = bytes.data[i + k];
            bytes.data[i + k] = bytes.data[i + size - 1 - k];
            bytes.data[i + size - 1 - k] = byte;
        }
    }

    return JS_DupValue(cx, this_val);
}
