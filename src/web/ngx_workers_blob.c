
/*
 * Copyright (C) the nginx-workers authors
 *
 * The built-ins src/js/blob.js and src/js/formdata.js, and what they need
 * from C.
 */


#include "ngx_workers_body.h"
#include "ngx_workers_usv.h"

#include <sys/random.h>


#define NGX_WORKERS_BOUNDARY  16           /* random bytes of a boundary */


static JSValue ngx_workers_blob_native(JSContext *cx);
static JSValue ngx_workers_blob_encode(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_blob_decode(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_blob_streams(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_blob_blob(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_blob_boundary(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);


static const char *const  ngx_workers_blob_globals[] = {
    "Blob", "File", NULL
};


static const char *const  ngx_workers_formdata_globals[] = {
    "FormData", NULL
};


ngx_workers_builtin_t  ngx_workers_blob_builtin = {
    .name = "blob",
    .globals = ngx_workers_blob_globals,
    .native = ngx_workers_blob_native,
};


ngx_workers_builtin_t  ngx_workers_formdata_builtin = {
    .name = "formdata",
    .globals = ngx_workers_formdata_globals,
    .native = ngx_workers_blob_native,
};


static const JSCFunctionListEntry  ngx_workers_blob_functions[] = {
    JS_CFUNC_DEF("utf8Encode", 1, ngx_workers_blob_encode),
    JS_CFUNC_DEF("utf8Decode", 1, ngx_workers_blob_decode),
    JS_CFUNC_DEF("streams", 0, ngx_workers_blob_streams),
    JS_CFUNC_DEF("blob", 0, ngx_workers_blob_blob),
    JS_CFUNC_DEF("randomBoundary", 0, ngx_workers_blob_boundary),
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

    return (rc == NGX_OK) ? ngx_workers_utf8_decode(cx, bytes.data, bytes.len)
                          : JS_EXCEPTION;
}


static JSValue
ngx_workers_blob_streams(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_DupValue(cx, ngx_workers_builtin(cx,
                                               &ngx_workers_streams_builtin));
}


static JSValue
ngx_workers_blob_blob(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_DupValue(cx, ngx_workers_builtin(cx,
                                               &ngx_workers_blob_builtin));
}


static JSValue
ngx_workers_blob_boundary(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char  random[NGX_WORKERS_BOUNDARY], hex[2 * NGX_WORKERS_BOUNDARY];

    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        return JS_ThrowInternalError(cx, "no random bytes");
    }

    ngx_hex_dump(hex, random, sizeof(random));

    return JS_NewStringLen(cx, (char *) hex, sizeof(hex));
}
