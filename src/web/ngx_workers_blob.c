
/*
 * Copyright (C) the nginx-workers authors
 *
 * The built-in src/js/blob.js, and what it needs from C.
 */


#include "ngx_workers_body.h"
#include "ngx_workers_usv.h"


#define NGX_WORKERS_BLOB_TEXT  64          /* a string, before it is seen */


typedef struct {
    u_char                     *data;
    size_t                      used;
    size_t                      size;
} ngx_workers_blob_buf_t;


static JSValue ngx_workers_blob_native(JSContext *cx);
static JSValue ngx_workers_blob_ext_join(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_blob_size(JSContext *cx, JSValueConst pieces,
    int64_t n, size_t *size);
static ngx_int_t ngx_workers_blob_add(JSContext *cx,
    ngx_workers_blob_buf_t *b, JSValueConst piece);
static ngx_int_t ngx_workers_blob_add_bytes(JSContext *cx,
    ngx_workers_blob_buf_t *b, ngx_str_t *bytes);
static void *ngx_workers_blob_realloc(JSRuntime *rt, void *opaque, void *ptr,
    size_t size);
static JSValue ngx_workers_blob_decode(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_blob_streams(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);


static const char *const  ngx_workers_blob_globals[] = {
    "Blob", "File", NULL
};


ngx_workers_builtin_t  ngx_workers_blob_builtin = {
    .name = "blob",
    .globals = ngx_workers_blob_globals,
    .native = ngx_workers_blob_native,
};


static const JSCFunctionListEntry  ngx_workers_blob_functions[] = {
    JS_CFUNC_DEF("join", 1, ngx_workers_blob_ext_join),
    JS_CFUNC_DEF("utf8Decode", 1, ngx_workers_blob_decode),
    JS_CFUNC_DEF("streams", 0, ngx_workers_blob_streams),
    JS_PROP_STRING_DEF("illegal", NGX_WORKERS_ILLEGAL_INVOCATION, 0),
};


static JSValue
ngx_workers_blob_native(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native, ngx_workers_blob_functions,
                               ngx_workers_nitems(ngx_workers_blob_functions))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static JSValue
ngx_workers_blob_ext_join(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return ngx_workers_blob_join(cx, argv[0]);
}


JSValue
ngx_workers_blob_join(JSContext *cx, JSValueConst pieces)
{
    int64_t                  i, n;
    JSValue                  piece, array;
    ngx_int_t                rc;
    ngx_workers_blob_buf_t   b;

    b.data = NULL;
    b.used = 0;

    if (JS_GetLength(cx, pieces, &n) < 0
        || ngx_workers_blob_size(cx, pieces, n, &b.size) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    b.data = js_malloc(cx, b.size);
    if (b.data == NULL) {
        return JS_EXCEPTION;
    }

    for (i = 0; i < n; i++) {
        piece = JS_GetPropertyInt64(cx, pieces, i);

        rc = ngx_workers_blob_add(cx, &b, piece);
        JS_FreeValue(cx, piece);

        if (rc != NGX_OK) {
            js_free(cx, b.data);
            return JS_EXCEPTION;
        }
    }

    array = JS_NewUint8Array(cx, b.data, b.used, ngx_workers_blob_realloc,
                             NULL, 0);
    if (JS_IsException(array)) {
        js_free(cx, b.data);
    }

    return array;
}


/* What the buffers among the pieces have, and room for some text. */

static ngx_int_t
ngx_workers_blob_size(JSContext *cx, JSValueConst pieces, int64_t n,
    size_t *size)
{
    int64_t    i;
    JSValue    piece;
    ngx_str_t  bytes;

    *size = 0;

    for (i = 0; i < n; i++) {
        piece = JS_GetPropertyInt64(cx, pieces, i);

        if (JS_IsException(piece)) {
            return NGX_ERROR;
        }

        if (!JS_IsString(piece)
            && ngx_workers_get_bytes(cx, piece, &bytes) == NGX_OK)
        {
            *size += bytes.len;

        } else {
            *size += NGX_WORKERS_BLOB_TEXT;
        }

        JS_FreeValue(cx, piece);

        if (JS_HasException(cx)) {
            return NGX_ERROR;
        }
    }

    *size = ngx_max(*size, 1);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_blob_add(JSContext *cx, ngx_workers_blob_buf_t *b,
    JSValueConst piece)
{
    ngx_int_t          rc;
    ngx_str_t          bytes;
    ngx_workers_usv_t  usv;

    if (!JS_IsString(piece)) {
        rc = ngx_workers_get_bytes(cx, piece, &bytes);

        if (rc != NGX_OK) {

            if (rc == NGX_DECLINED) {
                (void) JS_ThrowTypeError(cx, "not a buffer");
            }

            return NGX_ERROR;
        }

        return ngx_workers_blob_add_bytes(cx, b, &bytes);
    }

    if (ngx_workers_usv(cx, piece, &usv) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_workers_blob_add_bytes(cx, b, &usv.str);

    ngx_workers_usv_free(cx, &usv);

    return rc;
}


static ngx_int_t
ngx_workers_blob_add_bytes(JSContext *cx, ngx_workers_blob_buf_t *b,
    ngx_str_t *bytes)
{
    size_t   size;
    u_char  *data;

    if (bytes->len > b->size - b->used) {
        size = b->used + bytes->len;
        size += size / 2;

        data = js_realloc(cx, b->data, size);
        if (data == NULL) {
            return NGX_ERROR;
        }

        b->data = data;
        b->size = size;
    }

    if (bytes->len != 0) {
        ngx_memcpy(b->data + b->used, bytes->data, bytes->len);
        b->used += bytes->len;
    }

    return NGX_OK;
}


static void *
ngx_workers_blob_realloc(JSRuntime *rt, void *opaque, void *ptr, size_t size)
{
    if (size == 0) {
        js_free_rt(rt, ptr);
        return NULL;
    }

    return js_realloc_rt(rt, ptr, size);
}


/* A byte order mark is text. */

static JSValue
ngx_workers_blob_decode(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_int_t  rc;
    ngx_str_t  bytes;

    rc = ngx_workers_get_bytes(cx, argv[0], &bytes);

    if (rc == NGX_DECLINED) {
        return JS_ThrowTypeError(cx, "not a buffer");
    }

    return (rc == NGX_OK) ? ngx_workers_utf8_text(cx, bytes.data, bytes.len)
                          : JS_EXCEPTION;
}


static JSValue
ngx_workers_blob_streams(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_DupValue(cx, ngx_workers_builtin(cx,
                                               &ngx_workers_streams_builtin));
}
