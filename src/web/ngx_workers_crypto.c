
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: random values are made here, crypto.subtle and CryptoKey
 * are njs's, which are set up when a script first asks for them.
 */


#include "ngx_workers_globals.h"

#include <openssl/rand.h>


#define NGX_WORKERS_RANDOM_MAX      65536
#define NGX_WORKERS_CRYPTO_KEY      "WebCryptoKey"   /* njs's class */


static ngx_int_t ngx_workers_crypto_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_crypto_ext_random(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_random(JSContext *cx, u_char *p, size_t len);
static JSValue ngx_workers_crypto_ext_uuid(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_crypto_ext_subtle(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_crypto_subtle(JSContext *cx);
static ngx_int_t ngx_workers_crypto_key_proto(JSContext *cx);
static ngx_int_t ngx_workers_crypto_members(JSContext *cx, JSValueConst from,
    JSValueConst to, ngx_uint_t methods);


static const JSCFunctionListEntry  ngx_workers_crypto_proto[] = {
    NGX_WORKERS_METHOD("getRandomValues", 1, ngx_workers_crypto_ext_random),
    NGX_WORKERS_METHOD("randomUUID", 0, ngx_workers_crypto_ext_uuid),
    NGX_WORKERS_GETSET("subtle", ngx_workers_crypto_ext_subtle, NULL),
    NGX_WORKERS_TAG("Crypto"),
};


static ngx_workers_class_t  ngx_workers_crypto_class = {
    .def = { .class_name = "Crypto" },
    .proto = ngx_workers_crypto_proto,
    .nproto = ngx_workers_nitems(ngx_workers_crypto_proto),
};


static const JSCFunctionListEntry  ngx_workers_subtle_proto[] = {
    NGX_WORKERS_TAG("SubtleCrypto"),
};


static ngx_workers_class_t  ngx_workers_subtle_class = {
    .def = { .class_name = "SubtleCrypto" },
    .proto = ngx_workers_subtle_proto,
    .nproto = ngx_workers_nitems(ngx_workers_subtle_proto),
};


static const JSCFunctionListEntry  ngx_workers_crypto_key_proto_list[] = {
    NGX_WORKERS_TAG("CryptoKey"),
};


/* Its prototype is given to njs's class. */
static ngx_workers_class_t  ngx_workers_crypto_key_class = {
    .def = { .class_name = "CryptoKey" },
    .proto = ngx_workers_crypto_key_proto_list,
    .nproto = ngx_workers_nitems(ngx_workers_crypto_key_proto_list),
};


static ngx_workers_class_t  *ngx_workers_crypto_classes[] = {
    &ngx_workers_crypto_class,
    &ngx_workers_subtle_class,
    &ngx_workers_crypto_key_class,
    NULL
};


ngx_workers_web_t  ngx_workers_crypto_web = {
    ngx_workers_crypto_classes,
    NULL,
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
    JSValue  subtle;

    if (ngx_workers_this(cx, this_val, ngx_workers_crypto_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    subtle = ngx_workers_crypto_subtle(cx);
    if (JS_IsException(subtle)) {
        return JS_EXCEPTION;
    }

    /* a plain property of the object hides this getter from now on */

    if (JS_DefinePropertyValueStr(cx, this_val, "subtle",
                                  JS_DupValue(cx, subtle),
                                  JS_PROP_CONFIGURABLE)
        < 0)
    {
        JS_FreeValue(cx, subtle);
        return JS_EXCEPTION;
    }

    return subtle;
}


/*
 * njs's module puts an object "crypto" into the global scope: its methods
 * move to our prototypes, and what the scope had comes back.
 */

static JSValue
ngx_workers_crypto_subtle(JSContext *cx)
{
    JSAtom        atom;
    JSValue       ours, theirs, from, proto, subtle;
    ngx_int_t     rc;
    JSValueConst  global;

    global = ngx_workers_isolate(cx)->global;

    atom = JS_NewAtom(cx, "crypto");
    if (atom == JS_ATOM_NULL) {
        return JS_EXCEPTION;
    }

    ours = JS_GetProperty(cx, global, atom);
    if (JS_IsException(ours)) {
        JS_FreeAtom(cx, atom);
        return JS_EXCEPTION;
    }

    theirs = JS_UNDEFINED;
    from = JS_UNDEFINED;
    proto = JS_UNDEFINED;
    subtle = JS_EXCEPTION;

    if (JS_DeleteProperty(cx, global, atom, 0) < 0) {
        goto done;
    }

    if (qjs_webcrypto_module.init(cx, qjs_webcrypto_module.name) == NULL) {
        if (!JS_HasException(cx)) {
            (void) JS_ThrowInternalError(cx, "no WebCrypto in njs");
        }

        goto done;
    }

    theirs = JS_GetProperty(cx, global, atom);
    from = JS_IsObject(theirs) ? JS_GetPropertyStr(cx, theirs, "subtle")
                               : JS_UNDEFINED;
    proto = JS_GetClassProto(cx, ngx_workers_subtle_class.id);

    rc = ngx_workers_crypto_members(cx, from, proto, 1);

    if (rc == NGX_OK && ngx_workers_crypto_key_proto(cx) == NGX_OK) {
        subtle = JS_NewObjectClass(cx, ngx_workers_subtle_class.id);
    }

done:

    if (JS_DefinePropertyValue(cx, global, atom, ours, JS_PROP_C_W_E) < 0) {
        JS_FreeValue(cx, subtle);
        subtle = JS_EXCEPTION;
    }

    JS_FreeValue(cx, proto);
    JS_FreeValue(cx, from);
    JS_FreeValue(cx, theirs);
    JS_FreeAtom(cx, atom);

    return subtle;
}


static ngx_int_t
ngx_workers_crypto_key_proto(JSContext *cx)
{
    JSValue    from, proto;
    ngx_int_t  rc;
    JSClassID  id;

    id = ngx_workers_class_by_name(cx, NGX_WORKERS_CRYPTO_KEY);

    if (id == JS_INVALID_CLASS_ID) {
        (void) JS_ThrowInternalError(cx, "no class \"%s\" in njs",
                                     NGX_WORKERS_CRYPTO_KEY);
        return NGX_ERROR;
    }

    from = JS_GetClassProto(cx, id);
    proto = JS_GetClassProto(cx, ngx_workers_crypto_key_class.id);

    rc = ngx_workers_crypto_members(cx, from, proto, 0);

    JS_FreeValue(cx, from);

    if (rc == NGX_OK) {
        JS_SetClassProto(cx, id, proto);

    } else {
        JS_FreeValue(cx, proto);
    }

    return rc;
}


/* Copies methods or accessors, as enumerable ones. */

static ngx_int_t
ngx_workers_crypto_members(JSContext *cx, JSValueConst from, JSValueConst to,
    ngx_uint_t methods)
{
    int                    rc;
    uint32_t               i, n;
    JSPropertyEnum        *names;
    JSPropertyDescriptor   d;

    if (!JS_IsObject(from) || !JS_IsObject(to)) {
        (void) JS_ThrowInternalError(cx, "njs's WebCrypto has another shape");
        return NGX_ERROR;
    }

    if (JS_GetOwnPropertyNames(cx, &names, &n, from, JS_GPN_STRING_MASK) < 0) {
        return NGX_ERROR;
    }

    rc = 0;

    for (i = 0; i < n && rc >= 0; i++) {

        rc = JS_GetOwnProperty(cx, &d, from, names[i].atom);
        if (rc <= 0) {
            continue;
        }

        if (methods && !(d.flags & JS_PROP_GETSET)) {
            rc = JS_DefinePropertyValue(cx, to, names[i].atom,
                                        JS_DupValue(cx, d.value),
                                        JS_PROP_C_W_E);

        } else if (!methods && (d.flags & JS_PROP_GETSET)) {
            rc = JS_DefinePropertyGetSet(cx, to, names[i].atom,
                                         JS_DupValue(cx, d.getter),
                                         JS_UNDEFINED,
                                         JS_PROP_CONFIGURABLE
                                         | JS_PROP_ENUMERABLE);
        }

        JS_FreeValue(cx, d.value);
        JS_FreeValue(cx, d.getter);
        JS_FreeValue(cx, d.setter);
    }

    JS_FreePropertyEnum(cx, names, n);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}
