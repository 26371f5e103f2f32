
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of node:crypto's asymmetric keys: an EVP_PKEY behind an
 * object, read and written as PEM or DER, generated, and used.
 */


#include "../core/ngx_workers_isolate.h"
#include "../web/ngx_workers_crypto.h"
#include "ngx_workers_node_buffer.h"
#include "ngx_workers_node_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>


typedef struct {
    EVP_PKEY              *pkey;
    unsigned               private:1;
} ngx_workers_node_key_t;


/* A key or a pair to be made. */
typedef struct {
    ngx_workers_task_t     task;            /* first */
    char                   type[16];
    char                   group[32];       /* or curve */
    uint32_t               bits;
    uint32_t               exponent;
    EVP_PKEY              *pkey;
} ngx_workers_node_keygen_t;


static JSValue ngx_workers_node_key_make(JSContext *cx);
static JSValue ngx_workers_node_key_ext_parse(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static EVP_PKEY *ngx_workers_node_key_decode(ngx_str_t *in,
    const char *format, const char *structure, int selection,
    ngx_str_t *passphrase);
static EVP_PKEY *ngx_workers_node_key_certificate(ngx_str_t *in);
static int ngx_workers_node_key_no_passphrase(char *buf, int size, int rw,
    void *data);
static JSValue ngx_workers_node_key_ext_generate(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_node_keygen_run(ngx_workers_task_t *t);
static int ngx_workers_node_keygen_progress(EVP_PKEY_CTX *ctx);
static JSValue ngx_workers_node_keygen_settle(JSContext *cx,
    ngx_workers_op_t *op);
static void ngx_workers_node_keygen_free(ngx_workers_op_t *op);
static JSValue ngx_workers_node_key_ext_from(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_key_ext_public(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_key_ext_details(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_key_ext_number(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_key_ext_encode(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_key_ext_equals(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_key_ext_sign(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int verify);
static EVP_PKEY_CTX *ngx_workers_node_key_signer(ngx_workers_node_key_t *key,
    const EVP_MD *md, int32_t padding, int32_t salt, int verify);
static JSValue ngx_workers_node_key_raw_signature(JSContext *cx,
    ngx_workers_node_key_t *key, u_char *der, size_t len);
static u_char *ngx_workers_node_key_der_signature(
    ngx_workers_node_key_t *key, ngx_str_t *raw, int *len);
static JSValue ngx_workers_node_key_ext_crypt(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_key_ext_derive(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_node_key_finalizer(JSRuntime *rt, JSValueConst val);


static const JSCFunctionListEntry  ngx_workers_node_key_methods[] = {
    JS_CFUNC_DEF("parse", 5, ngx_workers_node_key_ext_parse),
    JS_CFUNC_DEF("generate", 5, ngx_workers_node_key_ext_generate),
    JS_CFUNC_DEF("from", 1, ngx_workers_node_key_ext_from),
};


static const JSCFunctionListEntry  ngx_workers_node_key_proto[] = {
    JS_CFUNC_DEF("toPublic", 0, ngx_workers_node_key_ext_public),
    JS_CFUNC_DEF("details", 0, ngx_workers_node_key_ext_details),
    JS_CFUNC_DEF("number", 1, ngx_workers_node_key_ext_number),
    JS_CFUNC_DEF("encode", 4, ngx_workers_node_key_ext_encode),
    JS_CFUNC_DEF("equals", 1, ngx_workers_node_key_ext_equals),
    JS_CFUNC_MAGIC_DEF("sign", 5, ngx_workers_node_key_ext_sign, 0),
    JS_CFUNC_MAGIC_DEF("verify", 6, ngx_workers_node_key_ext_sign, 1),
    JS_CFUNC_DEF("crypt", 5, ngx_workers_node_key_ext_crypt),
    JS_CFUNC_DEF("derive", 1, ngx_workers_node_key_ext_derive),
};


static ngx_workers_class_t  ngx_workers_node_key_class = {
    .def = {
        .class_name = "NodeKey",
        .finalizer = ngx_workers_node_key_finalizer
    },
    .proto = ngx_workers_node_key_proto,
    .nproto = ngx_workers_nitems(ngx_workers_node_key_proto),
    .hidden = 1,
    .lazy = 1
};


static ngx_workers_class_t  *ngx_workers_node_key_classes[] = {
    &ngx_workers_node_key_class,
    NULL
};


ngx_workers_web_t  ngx_workers_node_key_web = {
    .classes = ngx_workers_node_key_classes
};


ngx_workers_native_t  ngx_workers_node_key_native = {
    "key", ngx_workers_node_key_make
};


static JSValue
ngx_workers_node_key_make(JSContext *cx)
{
    JSValue  native;

    if (ngx_workers_class_add(cx, ngx_workers_isolate(cx)->global,
                              &ngx_workers_node_key_class)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native, ngx_workers_node_key_methods,
                             ngx_workers_nitems(ngx_workers_node_key_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


JSValue
ngx_workers_node_key_wrap(JSContext *cx, EVP_PKEY *pkey, ngx_uint_t private)
{
    JSValue                  object;
    ngx_workers_node_key_t  *key;

    object = JS_NewObjectClass(cx, ngx_workers_node_key_class.id);

    if (JS_IsException(object)) {
        EVP_PKEY_free(pkey);
        return JS_EXCEPTION;
    }

    key = js_malloc(cx, sizeof(ngx_workers_node_key_t));

    if (key == NULL) {
        EVP_PKEY_free(pkey);
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    key->pkey = pkey;
    key->private = private;

    JS_SetOpaque(object, key);

    return object;
}


EVP_PKEY *
ngx_workers_node_key_get(JSContext *cx, JSValueConst v)
{
    ngx_workers_node_key_t  *key;

    key = ngx_workers_this(cx, v, ngx_workers_node_key_class.id);

    return (key != NULL) ? key->pkey : NULL;
}


/*
 * parse(bytes, format, structure, private, passphrase): a key, or undefined.
 * format: "PEM" or "DER"; structure: OpenSSL's name, or undefined for any.
 */

static JSValue
ngx_workers_node_key_ext_parse(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int          private, selection;
    EVP_PKEY    *pkey;
    ngx_str_t    in, phrase;
    const char  *format, *structure;

    if (ngx_workers_node_bytes(cx, argv[0], &in) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (JS_IsUndefined(argv[4])) {
        phrase.data = NULL;

    } else if (ngx_workers_node_bytes(cx, argv[4], &phrase) != NGX_OK) {
        return JS_EXCEPTION;
    }

    format = JS_ToCString(cx, argv[1]);
    if (format == NULL) {
        return JS_EXCEPTION;
    }

    structure = NULL;

    if (!JS_IsUndefined(argv[2])) {
        structure = JS_ToCString(cx, argv[2]);

        if (structure == NULL) {
            JS_FreeCString(cx, format);
            return JS_EXCEPTION;
        }
    }

    private = JS_ToBool(cx, argv[3]);
    selection = private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;

    pkey = ngx_workers_node_key_decode(&in, format, structure, selection,
                                       &phrase);

    if (pkey == NULL && !private) {
        pkey = ngx_workers_node_key_decode(&in, format, structure,
                                           EVP_PKEY_KEYPAIR, &phrase);

        if (pkey == NULL && format[0] == 'P') {
            pkey = ngx_workers_node_key_certificate(&in);
        }
    }

    JS_FreeCString(cx, structure);
    JS_FreeCString(cx, format);

    ngx_workers_crypto_forget_errors();

    return (pkey != NULL) ? ngx_workers_node_key_wrap(cx, pkey, private)
                          : JS_UNDEFINED;
}


static EVP_PKEY *
ngx_workers_node_key_decode(ngx_str_t *in, const char *format,
    const char *structure, int selection, ngx_str_t *passphrase)
{
    size_t             len;
    EVP_PKEY          *pkey;
    OSSL_DECODER_CTX  *ctx;
    const u_char      *p;

    pkey = NULL;

    ctx = OSSL_DECODER_CTX_new_for_pkey(&pkey, format, structure, NULL,
                                        selection, NULL, NULL);
    if (ctx == NULL) {
        return NULL;
    }

    /* without one of these, OpenSSL would ask at the terminal */

    if (passphrase->data != NULL) {
        OSSL_DECODER_CTX_set_passphrase(ctx, passphrase->data,
                                        passphrase->len);

    } else {
        OSSL_DECODER_CTX_set_pem_password_cb(ctx,
                                    ngx_workers_node_key_no_passphrase, NULL);
    }

    p = in->data;
    len = in->len;

    if (OSSL_DECODER_from_data(ctx, &p, &len) != 1) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }

    OSSL_DECODER_CTX_free(ctx);

    return pkey;
}


static EVP_PKEY *
ngx_workers_node_key_certificate(ngx_str_t *in)
{
    BIO       *bio;
    X509      *cert;
    EVP_PKEY  *pkey;

    bio = BIO_new_mem_buf(in->data, in->len);
    if (bio == NULL) {
        return NULL;
    }

    cert = PEM_read_bio_X509(bio, NULL, ngx_workers_node_key_no_passphrase,
                             NULL);
    BIO_free(bio);

    pkey = (cert != NULL) ? X509_get_pubkey(cert) : NULL;
    X509_free(cert);

    return pkey;
}


static int
ngx_workers_node_key_no_passphrase(char *buf, int size, int rw, void *data)
{
    return -1;
}


/*
 * generate(type, bits, exponent, group, async): a private key, undefined if
 * it cannot be made, or a promise of such.
 */

static JSValue
ngx_workers_node_key_ext_generate(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                     value;
    const char                 *type, *group;
    ngx_workers_node_keygen_t  *g;

    g = ngx_calloc(sizeof(ngx_workers_node_keygen_t),
                   ngx_workers_isolate(cx)->log);
    if (g == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    type = JS_ToCString(cx, argv[0]);
    group = JS_ToCString(cx, argv[3]);

    if (type == NULL || group == NULL
        || JS_ToUint32(cx, &g->bits, argv[1]) < 0
        || JS_ToUint32(cx, &g->exponent, argv[2]) < 0)
    {
        JS_FreeCString(cx, type);
        JS_FreeCString(cx, group);
        ngx_free(g);
        return JS_EXCEPTION;
    }

    (void) ngx_cpystrn((u_char *) g->type, (u_char *) type, sizeof(g->type));
    (void) ngx_cpystrn((u_char *) g->group, (u_char *) group,
                       sizeof(g->group));

    JS_FreeCString(cx, type);
    JS_FreeCString(cx, group);

    g->task.run = ngx_workers_node_keygen_run;
    g->task.op.settle = ngx_workers_node_keygen_settle;
    g->task.op.free = ngx_workers_node_keygen_free;
    g->task.memory = g->bits;

    if (JS_ToBool(cx, argv[4])
        && ngx_workers_task_allowed(cx, g->task.memory))
    {
        value = ngx_workers_task_start(cx, &g->task);

        if (JS_IsException(value)) {
            ngx_workers_node_keygen_free(&g->task.op);
        }

        return value;
    }

    ngx_workers_task_limit(cx, &g->task);
    ngx_workers_node_keygen_run(&g->task);

    value = ngx_workers_node_keygen_settle(cx, &g->task.op);
    ngx_workers_node_keygen_free(&g->task.op);

    return value;
}


static void
ngx_workers_node_keygen_run(ngx_workers_task_t *t)
{
    BIGNUM                     *e;
    OSSL_PARAM                  params[2];
    EVP_PKEY_CTX               *ctx;
    ngx_workers_node_keygen_t  *g;

    g = (ngx_workers_node_keygen_t *) t;
    e = NULL;

    ctx = EVP_PKEY_CTX_new_from_name(NULL, g->type, NULL);

    if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1) {
        goto done;
    }

    if (g->bits != 0) {
        e = BN_new();

        if (e == NULL || BN_set_word(e, g->exponent) != 1
            || EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, g->bits) != 1
            || EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) != 1)
        {
            goto done;
        }
    }

    if (g->group[0] != '\0') {
        params[0] = OSSL_PARAM_construct_utf8_string(
                                    OSSL_PKEY_PARAM_GROUP_NAME, g->group, 0);
        params[1] = OSSL_PARAM_construct_end();

        if (EVP_PKEY_CTX_set_params(ctx, params) != 1) {
            goto done;
        }
    }

    EVP_PKEY_CTX_set_app_data(ctx, t);
    EVP_PKEY_CTX_set_cb(ctx, ngx_workers_node_keygen_progress);

    if (EVP_PKEY_generate(ctx, &g->pkey) != 1) {
        g->pkey = NULL;
    }

done:

    BN_free(e);
    EVP_PKEY_CTX_free(ctx);

    ngx_workers_crypto_forget_errors();
}


/* 0 gives up. */

static int
ngx_workers_node_keygen_progress(EVP_PKEY_CTX *ctx)
{
    return !ngx_workers_task_stop(EVP_PKEY_CTX_get_app_data(ctx));
}


static JSValue
ngx_workers_node_keygen_settle(JSContext *cx, ngx_workers_op_t *op)
{
    EVP_PKEY                   *pkey;
    ngx_workers_node_keygen_t  *g;

    g = (ngx_workers_node_keygen_t *) op;

    if (g->pkey == NULL) {
        return JS_UNDEFINED;
    }

    pkey = g->pkey;
    g->pkey = NULL;

    return ngx_workers_node_key_wrap(cx, pkey, 1);
}


static void
ngx_workers_node_keygen_free(ngx_workers_op_t *op)
{
    ngx_workers_node_keygen_t  *g;

    g = (ngx_workers_node_keygen_t *) op;

    EVP_PKEY_free(g->pkey);
    ngx_free(g);
}


/*
 * from(CryptoKey): the key, a Uint8Array if it is a secret one, undefined if
 * it is none.
 */

static JSValue
ngx_workers_node_key_ext_from(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_crypto_key_t  *key;

    key = ngx_workers_crypto_key(argv[0]);

    if (key == NULL) {
        return JS_UNDEFINED;
    }

    if (key->pkey == NULL) {
        return ngx_workers_new_uint8_array(cx, &key->secret);
    }

    if (EVP_PKEY_up_ref(key->pkey) != 1) {
        return JS_ThrowOutOfMemory(cx);
    }

    return ngx_workers_node_key_wrap(cx, key->pkey,
                                     key->type == NGX_WORKERS_CRYPTO_PRIVATE);
}


static JSValue
ngx_workers_node_key_ext_public(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_node_key_t  *key;

    key = ngx_workers_this(cx, this_val, ngx_workers_node_key_class.id);

    if (key == NULL) {
        return JS_EXCEPTION;
    }

    if (EVP_PKEY_up_ref(key->pkey) != 1) {
        return JS_ThrowOutOfMemory(cx);
    }

    return ngx_workers_node_key_wrap(cx, key->pkey, 0);
}


/* { type, bits, curve } in OpenSSL's words. */

static JSValue
ngx_workers_node_key_ext_details(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    char                     group[64];
    JSValue                  object;
    const char              *type;
    ngx_workers_node_key_t  *key;

    key = ngx_workers_this(cx, this_val, ngx_workers_node_key_class.id);

    if (key == NULL) {
        return JS_EXCEPTION;
    }

    type = EVP_PKEY_get0_type_name(key->pkey);

    object = JS_NewObject(cx);

    if (JS_IsException(object)
        || ngx_workers_set(cx, object, "type",
                           JS_NewString(cx, type != NULL ? type : ""))
           != NGX_OK
        || ngx_workers_set(cx, object, "bits",
                           JS_NewInt32(cx, EVP_PKEY_get_bits(key->pkey)))
           != NGX_OK)
    {
        goto failed;
    }

    if (EVP_PKEY_get_group_name(key->pkey, group, sizeof(group), NULL) == 1
        && ngx_workers_set(cx, object, "curve", JS_NewString(cx, group))
           != NGX_OK)
    {
        goto failed;
    }

    return object;

failed:

    JS_FreeValue(cx, object);

    return JS_EXCEPTION;
}


/*
 * number(name[, length]): the big-endian bytes of a component by OpenSSL's
 * name, padded to a length in bytes; undefined if there is none.
 */

static JSValue
ngx_workers_node_key_ext_number(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int                      len;
    u_char                  *p;
    size_t                   size;
    BIGNUM                  *n;
    JSValue                  value;
    uint32_t                 want;
    const char              *name;
    ngx_workers_node_key_t  *key;

    key = ngx_workers_this(cx, this_val, ngx_workers_node_key_class.id);

    if (key == NULL
        || JS_ToUint32(cx, &want, argc > 1 ? argv[1] : JS_UNDEFINED) < 0)
    {
        return JS_EXCEPTION;
    }

    name = JS_ToCString(cx, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    n = NULL;
    p = NULL;
    size = 0;
    value = JS_UNDEFINED;

    if (EVP_PKEY_get_bn_param(key->pkey, name, &n) == 1) {
        size = ngx_max((uint32_t) BN_num_bytes(n), want);
        p = js_malloc(cx, size + 1);

        if (p != NULL) {
            len = BN_bn2binpad(n, p, size);
            value = (len >= 0) ? JS_NewUint8ArrayCopy(cx, p, len)
                               : JS_UNDEFINED;

        } else {
            value = JS_EXCEPTION;
        }

    } else if (EVP_PKEY_get_octet_string_param(key->pkey, name, NULL, 0, &size)
               == 1)
    {
        p = js_malloc(cx, size + 1);

        if (p == NULL) {
            value = JS_EXCEPTION;

        } else if (EVP_PKEY_get_octet_string_param(key->pkey, name, p, size,
                                                   &size)
                   == 1)
        {
            value = JS_NewUint8ArrayCopy(cx, p, size);
        }
    }

    if (p != NULL) {
        OPENSSL_cleanse(p, size);
        js_free(cx, p);
    }

    BN_clear_free(n);
    JS_FreeCString(cx, name);
    ngx_workers_crypto_forget_errors();

    return value;
}


/*
 * encode(format, structure, cipher, passphrase): the bytes, or undefined if
 * the key has no such form.
 */

static JSValue
ngx_workers_node_key_ext_encode(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char                  *out;
    size_t                   len;
    JSValue                  value;
    ngx_str_t                phrase;
    const char              *format, *structure, *cipher;
    OSSL_ENCODER_CTX        *ctx;
    ngx_workers_node_key_t  *key;

    key = ngx_workers_this(cx, this_val, ngx_workers_node_key_class.id);

    if (key == NULL
        || (!JS_IsUndefined(argv[2])
            && ngx_workers_node_bytes(cx, argv[3], &phrase) != NGX_OK))
    {
        return JS_EXCEPTION;
    }

    format = JS_ToCString(cx, argv[0]);
    structure = JS_ToCString(cx, argv[1]);
    cipher = JS_IsUndefined(argv[2]) ? NULL : JS_ToCString(cx, argv[2]);

    ctx = NULL;
    value = JS_UNDEFINED;

    if (format == NULL || structure == NULL
        || (cipher == NULL && !JS_IsUndefined(argv[2])))
    {
        value = JS_EXCEPTION;
        goto done;
    }

    ctx = OSSL_ENCODER_CTX_new_for_pkey(key->pkey,
                                        key->private ? EVP_PKEY_KEYPAIR
                                                     : EVP_PKEY_PUBLIC_KEY,
                                        format, structure, NULL);
    if (ctx == NULL || OSSL_ENCODER_CTX_get_num_encoders(ctx) == 0
        || (cipher != NULL
            && (OSSL_ENCODER_CTX_set_cipher(ctx, cipher, NULL) != 1
                || OSSL_ENCODER_CTX_set_passphrase(ctx, phrase.data,
                                                   phrase.len)
                   != 1)))
    {
        goto done;
    }

    out = NULL;
    len = 0;

    if (OSSL_ENCODER_to_data(ctx, &out, &len) == 1) {
        value = JS_NewUint8ArrayCopy(cx, out, len);
        OPENSSL_clear_free(out, len);
    }

done:

    OSSL_ENCODER_CTX_free(ctx);

    JS_FreeCString(cx, format);
    JS_FreeCString(cx, structure);
    JS_FreeCString(cx, cipher);

    ngx_workers_crypto_forget_errors();

    return value;
}


static JSValue
ngx_workers_node_key_ext_equals(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int                      equal;
    ngx_workers_node_key_t  *key, *other;

    key = ngx_workers_this(cx, this_val, ngx_workers_node_key_class.id);
    other = ngx_workers_this(cx, argv[0], ngx_workers_node_key_class.id);

    if (key == NULL || other == NULL) {
        return JS_EXCEPTION;
    }

    equal = key->private == other->private
            && EVP_PKEY_eq(key->pkey, other->pkey) == 1;

    ngx_workers_crypto_forget_errors();

    return JS_NewBool(cx, equal);
}


/*
 * sign(digest, data, padding, salt, raw): the signature, or undefined if it
 * fails; verify(digest, data, padding, salt, raw, signature): a boolean.
 * data is a digest by that name, or what is signed itself if there is none.
 * padding 0: the key's own; salt as OpenSSL has it; raw: IEEE P1363.
 */

static JSValue
ngx_workers_node_key_ext_sign(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int verify)
{
    int                      ok, raw, len;
    u_char                  *der, *out;
    size_t                   size;
    EVP_MD                  *md;
    JSValue                  value;
    int32_t                  padding, salt;
    ngx_str_t                data, signature;
    EVP_MD_CTX              *mctx;
    const char              *name;
    EVP_PKEY_CTX            *ctx;
    ngx_workers_node_key_t  *key;

    key = ngx_workers_this(cx, this_val, ngx_workers_node_key_class.id);

    if (key == NULL
        || ngx_workers_node_bytes(cx, argv[1], &data) != NGX_OK
        || JS_ToInt32(cx, &padding, argv[2]) < 0
        || JS_ToInt32(cx, &salt, argv[3]) < 0
        || (verify
            && ngx_workers_node_bytes(cx, argv[5], &signature) != NGX_OK))
    {
        return JS_EXCEPTION;
    }

    raw = JS_ToBool(cx, argv[4]) && EVP_PKEY_is_a(key->pkey, "EC");

    md = NULL;
    ctx = NULL;
    mctx = NULL;
    der = NULL;
    out = NULL;
    ok = 0;
    size = EVP_PKEY_get_size(key->pkey);
    value = JS_UNDEFINED;

    if (!JS_IsUndefined(argv[0])) {
        name = JS_ToCString(cx, argv[0]);
        if (name == NULL) {
            return JS_EXCEPTION;
        }

        md = EVP_MD_fetch(NULL, name, NULL);
        JS_FreeCString(cx, name);

        ctx = ngx_workers_node_key_signer(key, md, padding, salt, verify);
        if (ctx == NULL) {
            goto done;
        }

    } else {
        mctx = EVP_MD_CTX_new();

        if (mctx == NULL
            || (verify ? EVP_DigestVerifyInit(mctx, NULL, NULL, NULL,
                                              key->pkey)
                       : EVP_DigestSignInit(mctx, NULL, NULL, NULL,
                                            key->pkey))
               != 1)
        {
            goto done;
        }
    }

    if (verify) {

        if (raw) {
            der = ngx_workers_node_key_der_signature(key, &signature, &len);
            if (der == NULL) {
                goto done;
            }

            signature.data = der;
            signature.len = len;
        }

        ok = (ctx != NULL)
             ? EVP_PKEY_verify(ctx, signature.data, signature.len, data.data,
                               data.len)
             : EVP_DigestVerify(mctx, signature.data, signature.len, data.data,
                                data.len);
        goto done;
    }

    out = js_malloc(cx, size);
    if (out == NULL) {
        value = JS_EXCEPTION;
        goto done;
    }

    ok = (ctx != NULL)
         ? EVP_PKEY_sign(ctx, out, &size, data.data, data.len)
         : EVP_DigestSign(mctx, out, &size, data.data, data.len);

    if (ok == 1) {
        value = raw ? ngx_workers_node_key_raw_signature(cx, key, out, size)
                    : JS_NewUint8ArrayCopy(cx, out, size);
    }

done:

    js_free(cx, out);
    OPENSSL_free(der);
    EVP_PKEY_CTX_free(ctx);
    EVP_MD_CTX_free(mctx);
    EVP_MD_free(md);

    ngx_workers_crypto_forget_errors();

    return verify ? JS_NewBool(cx, ok == 1) : value;
}


static EVP_PKEY_CTX *
ngx_workers_node_key_signer(ngx_workers_node_key_t *key, const EVP_MD *md,
    int32_t padding, int32_t salt, int verify)
{
    EVP_PKEY_CTX  *ctx;

    if (md == NULL) {
        return NULL;
    }

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (ctx == NULL) {
        return NULL;
    }

    if ((verify ? EVP_PKEY_verify_init(ctx) : EVP_PKEY_sign_init(ctx)) != 1) {
        goto failed;
    }

    if (EVP_PKEY_is_a(key->pkey, "RSA") && padding != 0
        && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) != 1)
    {
        goto failed;
    }

    if (EVP_PKEY_CTX_set_signature_md(ctx, md) != 1) {
        goto failed;
    }

    if (padding == RSA_PKCS1_PSS_PADDING
        && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) != 1)
    {
        goto failed;
    }

    return ctx;

failed:

    EVP_PKEY_CTX_free(ctx);

    return NULL;
}


/* r and s, each as long as the curve's numbers. */

static JSValue
ngx_workers_node_key_raw_signature(JSContext *cx, ngx_workers_node_key_t *key,
    u_char *der, size_t len)
{
    int            n;
    u_char         raw[2 * 66];
    JSValue        value;
    ECDSA_SIG     *sig;
    const u_char  *p;

    p = der;
    n = (EVP_PKEY_get_bits(key->pkey) + 7) / 8;
    sig = d2i_ECDSA_SIG(NULL, &p, len);

    value = JS_UNDEFINED;

    if (sig != NULL && n <= 66
        && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, n) == n
        && BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + n, n) == n)
    {
        value = JS_NewUint8ArrayCopy(cx, raw, 2 * n);
    }

    ECDSA_SIG_free(sig);

    return value;
}


/* The reverse; free with OPENSSL_free().  NULL: it is none. */

static u_char *
ngx_workers_node_key_der_signature(ngx_workers_node_key_t *key,
    ngx_str_t *raw, int *len)
{
    size_t      n;
    u_char     *der;
    BIGNUM     *r, *s;
    ECDSA_SIG  *sig;

    n = (EVP_PKEY_get_bits(key->pkey) + 7) / 8;

    if (raw->len != 2 * n) {
        return NULL;
    }

    r = BN_bin2bn(raw->data, n, NULL);
    s = BN_bin2bn(raw->data + n, n, NULL);
    sig = ECDSA_SIG_new();

    if (r == NULL || s == NULL || sig == NULL
        || ECDSA_SIG_set0(sig, r, s) != 1)
    {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(sig);
        return NULL;
    }

    der = NULL;
    *len = i2d_ECDSA_SIG(sig, &der);

    ECDSA_SIG_free(sig);

    return der;
}


/*
 * crypt(operation, padding, data, hash, label): RSA.  Operations: 0
 * publicEncrypt, 1 privateDecrypt, 2 privateEncrypt, 3 publicDecrypt.
 */

static JSValue
ngx_workers_node_key_ext_crypt(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int                      ok;
    u_char                  *out, *copy;
    size_t                   size;
    JSValue                  value;
    int32_t                  operation, padding;
    ngx_str_t                data, label;
    const char              *hash;
    EVP_PKEY_CTX            *ctx;
    ngx_workers_node_key_t  *key;

    typedef int (*ngx_workers_node_crypt_pt)(EVP_PKEY_CTX *ctx, u_char *out,
        size_t *len, const u_char *in, size_t inlen);

    static int (*const  init[])(EVP_PKEY_CTX *ctx) = {
        EVP_PKEY_encrypt_init, EVP_PKEY_decrypt_init, EVP_PKEY_sign_init,
        EVP_PKEY_verify_recover_init
    };

    static const ngx_workers_node_crypt_pt  run[] = {
        EVP_PKEY_encrypt, EVP_PKEY_decrypt, EVP_PKEY_sign,
        EVP_PKEY_verify_recover
    };

    key = ngx_workers_this(cx, this_val, ngx_workers_node_key_class.id);

    if (key == NULL
        || JS_ToInt32(cx, &operation, argv[0]) < 0
        || JS_ToInt32(cx, &padding, argv[1]) < 0
        || ngx_workers_node_bytes(cx, argv[2], &data) != NGX_OK
        || ngx_workers_node_bytes(cx, argv[4], &label) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    hash = JS_ToCString(cx, argv[3]);
    if (hash == NULL) {
        return JS_EXCEPTION;
    }

    operation &= 3;
    out = NULL;
    value = JS_UNDEFINED;

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

    if (ctx == NULL || !EVP_PKEY_is_a(key->pkey, "RSA")
        || init[operation](ctx) != 1
        || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) != 1)
    {
        goto done;
    }

    if (padding == RSA_PKCS1_OAEP_PADDING) {

        if (EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, hash, NULL) != 1) {
            goto done;
        }

        if (label.len) {
            copy = OPENSSL_memdup(label.data, label.len);

            if (copy == NULL
                || EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy, label.len) != 1)
            {
                OPENSSL_free(copy);
                goto done;
            }
        }
    }

    size = EVP_PKEY_get_size(key->pkey);
    out = js_malloc(cx, size);

    if (out == NULL) {
        value = JS_EXCEPTION;
        goto done;
    }

    ok = run[operation](ctx, out, &size, data.data, data.len);

    if (ok == 1) {
        value = JS_NewUint8ArrayCopy(cx, out, size);
        OPENSSL_cleanse(out, size);
    }

done:

    js_free(cx, out);
    EVP_PKEY_CTX_free(ctx);
    JS_FreeCString(cx, hash);

    ngx_workers_crypto_forget_errors();

    return value;
}


/* derive(peer): the shared secret, or undefined. */

static JSValue
ngx_workers_node_key_ext_derive(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char                  *out;
    size_t                   len;
    JSValue                  value;
    EVP_PKEY_CTX            *ctx;
    ngx_workers_node_key_t  *key, *peer;

    key = ngx_workers_this(cx, this_val, ngx_workers_node_key_class.id);
    peer = ngx_workers_this(cx, argv[0], ngx_workers_node_key_class.id);

    if (key == NULL || peer == NULL) {
        return JS_EXCEPTION;
    }

    out = NULL;
    value = JS_UNDEFINED;

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

    if (ctx != NULL
        && EVP_PKEY_derive_init(ctx) == 1
        && EVP_PKEY_derive_set_peer(ctx, peer->pkey) == 1
        && EVP_PKEY_derive(ctx, NULL, &len) == 1)
    {
        out = js_malloc(cx, len);

        if (out == NULL) {
            value = JS_EXCEPTION;

        } else if (EVP_PKEY_derive(ctx, out, &len) == 1) {
            value = JS_NewUint8ArrayCopy(cx, out, len);
            OPENSSL_cleanse(out, len);
        }
    }

    js_free(cx, out);
    EVP_PKEY_CTX_free(ctx);

    ngx_workers_crypto_forget_errors();

    return value;
}


static void
ngx_workers_node_key_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_node_key_t  *key;

    key = JS_GetOpaque(val, ngx_workers_node_key_class.id);

    if (key != NULL) {
        EVP_PKEY_free(key->pkey);
        js_free_rt(rt, key);
    }
}
