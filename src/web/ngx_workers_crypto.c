
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: the crypto object.  Random values are made here; what
 * crypto.subtle and crypto.DigestStream need is set up when a script first
 * asks for them.
 */


#include "ngx_workers_crypto.h"
#include "ngx_workers_globals.h"

#include <openssl/rand.h>


#define NGX_WORKERS_RANDOM_MAX      65536


static ngx_int_t ngx_workers_crypto_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_crypto_ext_random(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_random(JSContext *cx, u_char *p, size_t len);
static JSValue ngx_workers_crypto_ext_uuid(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_crypto_ext_subtle(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_crypto_ext_digest_stream(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_crypto_keep(JSContext *cx, JSValueConst object,
    const char *name, JSValue value, int flags);


static const JSCFunctionListEntry  ngx_workers_crypto_proto[] = {
    NGX_WORKERS_METHOD("getRandomValues", 1, ngx_workers_crypto_ext_random),
    NGX_WORKERS_METHOD("randomUUID", 0, ngx_workers_crypto_ext_uuid),
    NGX_WORKERS_GETSET("subtle", ngx_workers_crypto_ext_subtle, NULL),
    NGX_WORKERS_GETSET("DigestStream", ngx_workers_crypto_ext_digest_stream,
                       NULL),
    NGX_WORKERS_TAG("Crypto"),
};


static ngx_workers_class_t  ngx_workers_crypto_class = {
    .def = { .class_name = "Crypto" },
    .proto = ngx_workers_crypto_proto,
    .nproto = ngx_workers_nitems(ngx_workers_crypto_proto),
};


static ngx_workers_class_t  *ngx_workers_crypto_classes[] = {
    &ngx_workers_crypto_class,
    &ngx_workers_subtle_class,
    &ngx_workers_crypto_key_class,
    &ngx_workers_digest_class,
    NULL
};


static ngx_workers_builtin_t  *ngx_workers_crypto_builtins[] = {
    &ngx_workers_digest_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_crypto_web = {
    ngx_workers_crypto_classes,
    ngx_workers_crypto_builtins,
    ngx_workers_crypto_init
};


static ngx_int_t
ngx_workers_crypto_init(JSContext *cx, JSValueConst global)
{
    return ngx_workers_singleton(cx, global, &ngx_workers_crypto_class,
                                 "crypto");
}


static JSValue
ngx_workers_crypto_ext_random(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_str_t  bytes;

    if (ngx_workers_this(cx, this_val, ngx_workers_crypto_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    switch (argc < 1 ? -1 : JS_GetTypedArrayType(argv[0])) {

    case JS_TYPED_ARRAY_FLOAT16:
    case JS_TYPED_ARRAY_FLOAT32:
    case JS_TYPED_ARRAY_FLOAT64:
        return JS_ThrowDOMException(cx, "TypeMismatchError",
                                    "ArrayBufferView argument to "
                                    "getRandomValues() must be an "
                                    "integer-typed view.");

    case -1:
        if (argc > 0 && JS_IsDataView(argv[0])) {
            return JS_ThrowDOMException(cx, "TypeMismatchError",
                                        "ArrayBufferView argument to "
                                        "getRandomValues() must be an "
                                        "integer-typed view.");
        }

        return ngx_workers_throw_argument(cx, "getRandomValues", "Crypto", 1,
                                          "ArrayBufferView");

    default:
        break;
    }

    if (ngx_workers_get_bytes(cx, argv[0], &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (bytes.len > NGX_WORKERS_RANDOM_MAX) {
        return JS_ThrowDOMException(cx, "QuotaExceededError",
                                    "getRandomValues() only accepts buffers "
                                    "of size <= 64K but provided %zu bytes.",
                                    bytes.len);
    }

    if (ngx_workers_random(cx, bytes.data, bytes.len) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_DupValue(cx, argv[0]);
}


static ngx_int_t
ngx_workers_random(JSContext *cx, u_char *p, size_t len)
{
    if (ngx_workers_require_invocation(cx) == NULL) {
        return NGX_ERROR;
    }

    if (len != 0 && RAND_bytes(p, len) != 1) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "no random values can be made");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static JSValue
ngx_workers_crypto_ext_uuid(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char      *p, bytes[16], text[36];
    ngx_uint_t   i;

    if (ngx_workers_this(cx, this_val, ngx_workers_crypto_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_random(cx, bytes, sizeof(bytes)) != NGX_OK) {
        return JS_EXCEPTION;
    }

    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;

    p = text;

    for (i = 0; i < sizeof(bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *p++ = '-';
        }

        p = ngx_hex_dump(p, &bytes[i], 1);
    }

    return JS_NewStringLen(cx, (const char *) text, sizeof(text));
}


static JSValue
ngx_workers_crypto_ext_subtle(JSContext *cx, JSValueConst this_val)
{
    if (ngx_workers_this(cx, this_val, ngx_workers_crypto_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_crypto_keep(cx, this_val, "subtle",
                                   ngx_workers_subtle_create(cx),
                                   JS_PROP_CONFIGURABLE);
}


static JSValue
ngx_workers_crypto_ext_digest_stream(JSContext *cx, JSValueConst this_val)
{
    JSValue       proto, value;
    JSValueConst  exports;

    exports = ngx_workers_builtin(cx, &ngx_workers_digest_builtin);
    if (JS_IsException(exports)) {
        return JS_EXCEPTION;
    }

    proto = JS_GetClassProto(cx, ngx_workers_crypto_class.id);

    value = ngx_workers_crypto_keep(cx, proto, "DigestStream",
                                    JS_GetPropertyStr(cx, exports,
                                                      "DigestStream"),
                                    JS_PROP_C_W_E);
    JS_FreeValue(cx, proto);

    return value;
}


/* A plain property of an object hides the getter from now on. */

static JSValue
ngx_workers_crypto_keep(JSContext *cx, JSValueConst object, const char *name,
    JSValue value, int flags)
{
    if (JS_IsException(value)) {
        return JS_EXCEPTION;
    }

    if (JS_DefinePropertyValueStr(cx, object, name, JS_DupValue(cx, value),
                                  flags)
        < 0)
    {
        JS_FreeValue(cx, value);
        return JS_EXCEPTION;
    }

    return value;
}
