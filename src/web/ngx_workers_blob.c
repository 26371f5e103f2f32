
/*
 * Copyright (C) the nginx-workers authors
 *
 * The built-in src/js/blob.js, and what it needs from C.
 */


#include "ngx_workers_body.h"
#include "ngx_workers_usv.h"


static JSValue ngx_workers_blob_native(JSContext *cx);
static JSValue ngx_workers_blob_encode(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
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
    JS_CFUNC_DEF("utf8Encode", 1, ngx_workers_blob_encode),
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
ngx_workers_blob_encode(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue            array;
    ngx_workers_usv_t  usv;

    if (ngx_workers_usv(cx, argv[0], &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    array = ngx_workers_new_uint8_array(cx, &usv.str);

    ngx_workers_usv_free(cx, &usv);

    return array;
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
