
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "node:crypto": digests, HMAC, ciphers and derivations of
 * keys on OpenSSL.  Arguments are checked in JavaScript: bytes are Uint8Arrays.
 */


#include "../core/ngx_workers_isolate.h"
#include "ngx_workers_node_buffer.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>


#define NGX_WORKERS_NODE_SCRYPT     ((uint64_t) 1024 * 1024 * 1024)


typedef enum {
    NGX_WORKERS_NODE_PBKDF2 = 0,
    NGX_WORKERS_NODE_HKDF,
    NGX_WORKERS_NODE_SCRYPT_KDF
} ngx_workers_node_kdf_e;


/* One of the three is there. */
typedef struct {
    EVP_MD_CTX      *md;
    EVP_MAC_CTX     *mac;
    EVP_CIPHER_CTX  *cipher;
    size_t           block;                 /* of the cipher */
    unsigned         decrypt:1;
    unsigned         aead:1;
} ngx_workers_node_digest_t;


/* A derivation, with copies of its own. */
typedef struct {
    ngx_workers_task_t       task;          /* first */
    ngx_workers_node_kdf_e   kind;
    EVP_MD                  *md;            /* NULL: scrypt */
    ngx_str_t                password;
    ngx_str_t                salt;
    ngx_str_t                info;
    uint64_t                 n;             /* or iterations */
    uint64_t                 r;
    uint64_t                 p;
    uint64_t                 maxmem;
    size_t                   len;
    int                      ok;
    u_char                   data[];        /* out, password, salt, info */
} ngx_workers_node_kdf_t;


static JSValue ngx_workers_node_crypto_make(JSContext *cx);
static EVP_MD *ngx_workers_node_md(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_node_digest_object(JSContext *cx,
    ngx_workers_node_digest_t **d);
static JSValue ngx_workers_node_crypto_ext_hash(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_crypto_ext_hmac(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_crypto_ext_cipher(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_crypto_ext_cipher_info(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_crypto_ext_kdf(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_digest_ext_update(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_digest_ext_final(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_digest_ext_copy(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_digest_ext_aad(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_digest_ext_tag(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_digest_ext_padding(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_node_digest_finalizer(JSRuntime *rt,
    JSValueConst val);
static void ngx_workers_node_kdf_run(ngx_workers_task_t *t);
static JSValue ngx_workers_node_kdf_settle(JSContext *cx,
    ngx_workers_op_t *op);
static void ngx_workers_node_kdf_free(ngx_workers_op_t *op);


static const JSCFunctionListEntry  ngx_workers_node_crypto_methods[] = {
    JS_CFUNC_DEF("hash", 2, ngx_workers_node_crypto_ext_hash),
    JS_CFUNC_DEF("hmac", 2, ngx_workers_node_crypto_ext_hmac),
    JS_CFUNC_DEF("cipher", 5, ngx_workers_node_crypto_ext_cipher),
    JS_CFUNC_DEF("cipherInfo", 1, ngx_workers_node_crypto_ext_cipher_info),
    JS_CFUNC_DEF("kdf", 10, ngx_workers_node_crypto_ext_kdf),
};


static const JSCFunctionListEntry  ngx_workers_node_digest_proto[] = {
    JS_CFUNC_DEF("update", 1, ngx_workers_node_digest_ext_update),
    JS_CFUNC_DEF("final", 1, ngx_workers_node_digest_ext_final),
    JS_CFUNC_DEF("copy", 0, ngx_workers_node_digest_ext_copy),
    JS_CFUNC_DEF("setAAD", 1, ngx_workers_node_digest_ext_aad),
    JS_CFUNC_DEF("tag", 1, ngx_workers_node_digest_ext_tag),
    JS_CFUNC_DEF("setPadding", 1, ngx_workers_node_digest_ext_padding),
};


static ngx_workers_class_t  ngx_workers_node_digest_class = {
    .def = {
        .class_name = "NodeDigest",
        .finalizer = ngx_workers_node_digest_finalizer
    },
    .proto = ngx_workers_node_digest_proto,
    .nproto = ngx_workers_nitems(ngx_workers_node_digest_proto),
    .hidden = 1,
    .lazy = 1
};


static ngx_workers_class_t  *ngx_workers_node_crypto_classes[] = {
    &ngx_workers_node_digest_class,
    NULL
};


ngx_workers_web_t  ngx_workers_node_crypto_web = {
    .classes = ngx_workers_node_crypto_classes
};


ngx_workers_native_t  ngx_workers_node_crypto_native = {
    "crypto", ngx_workers_node_crypto_make
};


static JSValue
ngx_workers_node_crypto_make(JSContext *cx)
{
    JSValue  native;

    if (ngx_workers_class_add(cx, ngx_workers_isolate(cx)->global,
                              &ngx_workers_node_digest_class)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                          ngx_workers_node_crypto_methods,
                          ngx_workers_nitems(ngx_workers_node_crypto_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* NULL: there is none, or an exception is pending. */

static EVP_MD *
ngx_workers_node_md(JSContext *cx, JSValueConst v)
{
    EVP_MD      *md;
    const char  *name;

    name = JS_ToCString(cx, v);
    if (name == NULL) {
        return NULL;
    }

    md = EVP_MD_fetch(NULL, name, NULL);

    JS_FreeCString(cx, name);

    return md;
}


static JSValue
ngx_workers_node_digest_object(JSContext *cx, ngx_workers_node_digest_t **d)
{
    JSValue  object;

    object = JS_NewObjectClass(cx, ngx_workers_node_digest_class.id);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    *d = js_mallocz(cx, sizeof(ngx_workers_node_digest_t));

    if (*d == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    JS_SetOpaque(object, *d);

    return object;
}


/* hash(name): undefined if there is no such digest. */

static JSValue
ngx_workers_node_crypto_ext_hash(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    EVP_MD                     *md;
    JSValue                     object;
    ngx_workers_node_digest_t  *d;

    md = ngx_workers_node_md(cx, argv[0]);
    if (md == NULL) {
        return JS_HasException(cx) ? JS_EXCEPTION : JS_UNDEFINED;
    }

    object = ngx_workers_node_digest_object(cx, &d);

    if (!JS_IsException(object)) {
        d->md = EVP_MD_CTX_new();

        if (d->md == NULL || EVP_DigestInit_ex2(d->md, md, NULL) != 1) {
            JS_FreeValue(cx, object);
            object = JS_UNDEFINED;
        }
    }

    EVP_MD_free(md);

    return object;
}


/* hmac(name, key): undefined if there is no such digest. */

static JSValue
ngx_workers_node_crypto_ext_hmac(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int                         ok;
    EVP_MD                     *md;
    EVP_MAC                    *mac;
    JSValue                     object;
    ngx_str_t                   key;
    OSSL_PARAM                  params[2];
    ngx_workers_node_digest_t  *d;

    if (ngx_workers_node_bytes(cx, argv[1], &key) != NGX_OK) {
        return JS_EXCEPTION;
    }

    md = ngx_workers_node_md(cx, argv[0]);
    if (md == NULL) {
        return JS_HasException(cx) ? JS_EXCEPTION : JS_UNDEFINED;
    }

    object = ngx_workers_node_digest_object(cx, &d);

    if (!JS_IsException(object)) {
        mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

        params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                       (char *) EVP_MD_get0_name(md), 0);
        params[1] = OSSL_PARAM_construct_end();

        d->mac = (mac != NULL) ? EVP_MAC_CTX_new(mac) : NULL;

        ok = d->mac != NULL
             && EVP_MAC_init(d->mac, key.len ? key.data : (u_char *) "",
                             key.len, params)
                == 1;

        EVP_MAC_free(mac);

        if (!ok) {
            JS_FreeValue(cx, object);
            object = JS_UNDEFINED;
        }
    }

    EVP_MD_free(md);

    return object;
}


/*
 * cipher(name, key, iv | undefined, decrypt, tagLength): undefined if there is
 * no such cipher, null if the key's or the iv's length is wrong.
 */

static JSValue
ngx_workers_node_crypto_ext_cipher(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int                         decrypt, len;
    JSValue                     object;
    ngx_str_t                   key, iv;
    const char                 *name;
    EVP_CIPHER                 *cipher;
    ngx_workers_node_digest_t  *d;

    ngx_str_null(&iv);

    if (ngx_workers_node_bytes(cx, argv[1], &key) != NGX_OK
        || (!JS_IsUndefined(argv[2])
            && ngx_workers_node_bytes(cx, argv[2], &iv) != NGX_OK))
    {
        return JS_EXCEPTION;
    }

    decrypt = JS_ToBool(cx, argv[3]);

    name = JS_ToCString(cx, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    JS_FreeCString(cx, name);

    if (cipher == NULL) {
        return JS_UNDEFINED;
    }

    object = ngx_workers_node_digest_object(cx, &d);

    if (JS_IsException(object)) {
        EVP_CIPHER_free(cipher);
        return JS_EXCEPTION;
    }

    d->cipher = EVP_CIPHER_CTX_new();
    d->block = EVP_CIPHER_get_block_size(cipher);
    d->decrypt = (decrypt > 0);
    d->aead = !!(EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER);

    len = EVP_CIPHER_get_iv_length(cipher);

    if (d->cipher == NULL
        || key.len != (size_t) EVP_CIPHER_get_key_length(cipher)
        || (!d->aead && iv.len != (size_t) len)
        || (d->aead && iv.len == 0)
        || EVP_CipherInit_ex2(d->cipher, cipher, NULL, NULL, !decrypt, NULL)
           != 1
        || (d->aead && iv.len != (size_t) len
            && EVP_CIPHER_CTX_ctrl(d->cipher, EVP_CTRL_AEAD_SET_IVLEN, iv.len,
                                   NULL)
               != 1)
        || EVP_CipherInit_ex2(d->cipher, NULL, key.data,
                              iv.len ? iv.data : NULL, !decrypt, NULL)
           != 1)
    {
        JS_FreeValue(cx, object);
        object = JS_NULL;
    }

    EVP_CIPHER_free(cipher);

    return object;
}


/* [keyLength, ivLength, blockSize, mode, nid, aead] */

static JSValue
ngx_workers_node_crypto_ext_cipher_info(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue      values[6];
    const char  *name;
    EVP_CIPHER  *cipher;

    name = JS_ToCString(cx, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    JS_FreeCString(cx, name);

    if (cipher == NULL) {
        return JS_UNDEFINED;
    }

    values[0] = JS_NewInt32(cx, EVP_CIPHER_get_key_length(cipher));
    values[1] = JS_NewInt32(cx, EVP_CIPHER_get_iv_length(cipher));
    values[2] = JS_NewInt32(cx, EVP_CIPHER_get_block_size(cipher));
    values[3] = JS_NewInt32(cx, EVP_CIPHER_get_mode(cipher));
    values[4] = JS_NewInt32(cx, EVP_CIPHER_get_nid(cipher));
    values[5] = JS_NewBool(cx, EVP_CIPHER_get_flags(cipher)
                               & EVP_CIPH_FLAG_AEAD_CIPHER);

    EVP_CIPHER_free(cipher);

    return JS_NewArrayFrom(cx, 6, values);
}


/*
 * update(bytes): undefined of a digest, bytes of a cipher; false: it failed.
 * A digest takes a string as well, as UTF-8.
 */

static JSValue
ngx_workers_node_digest_ext_update(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int                         ok, len;
    u_char                     *p;
    JSValue                     value;
    ngx_str_t                   bytes;
    const char                 *text;
    ngx_workers_node_digest_t  *d;

    d = ngx_workers_this(cx, this_val, ngx_workers_node_digest_class.id);
    if (d == NULL) {
        return JS_EXCEPTION;
    }

    text = NULL;

    if (JS_IsString(argv[0])) {
        text = JS_ToCStringLen(cx, &bytes.len, argv[0]);
        if (text == NULL) {
            return JS_EXCEPTION;
        }

        bytes.data = (u_char *) text;

    } else if (ngx_workers_node_bytes(cx, argv[0], &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    value = JS_UNDEFINED;

    if (d->md != NULL) {
        ok = EVP_DigestUpdate(d->md, bytes.data, bytes.len);

    } else if (d->mac != NULL) {
        ok = EVP_MAC_update(d->mac, bytes.data, bytes.len);

    } else {
        ok = (d->cipher != NULL && bytes.len < NGX_MAX_INT32_VALUE - 64);
        p = ok ? js_malloc(cx, bytes.len + d->block + 1) : NULL;

        if (ok && p == NULL) {
            value = JS_EXCEPTION;

        } else if (ok) {
            ok = EVP_CipherUpdate(d->cipher, p, &len, bytes.data, bytes.len);

            if (ok) {
                value = JS_NewUint8ArrayCopy(cx, p, len);
            }

            js_free(cx, p);
        }
    }

    if (text != NULL) {
        JS_FreeCString(cx, text);
    }

    return ok ? value : JS_FALSE;
}


/* final(length | undefined): the digest, or a cipher's rest; false: failed. */

static JSValue
ngx_workers_node_digest_ext_final(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int                         ok, n;
    size_t                      len;
    u_char                      out[EVP_MAX_MD_SIZE];
    unsigned                    size;
    ngx_workers_node_digest_t  *d;

    d = ngx_workers_this(cx, this_val, ngx_workers_node_digest_class.id);
    if (d == NULL) {
        return JS_EXCEPTION;
    }

    len = 0;

    if (d->md != NULL) {
        ok = EVP_DigestFinal_ex(d->md, out, &size);
        len = size;

    } else if (d->mac != NULL) {
        ok = EVP_MAC_final(d->mac, out, &len, sizeof(out));

    } else {
        ok = EVP_CipherFinal_ex(d->cipher, out, &n);
        len = n;
    }

    return ok ? JS_NewUint8ArrayCopy(cx, out, len) : JS_FALSE;
}


static JSValue
ngx_workers_node_digest_ext_copy(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                     object;
    ngx_workers_node_digest_t  *d, *copy;

    d = ngx_workers_this(cx, this_val, ngx_workers_node_digest_class.id);
    if (d == NULL) {
        return JS_EXCEPTION;
    }

    object = ngx_workers_node_digest_object(cx, &copy);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    copy->md = (d->md != NULL) ? EVP_MD_CTX_new() : NULL;

    if (copy->md == NULL || EVP_MD_CTX_copy_ex(copy->md, d->md) != 1) {
        JS_FreeValue(cx, object);
        return JS_ThrowOutOfMemory(cx);
    }

    return object;
}


static JSValue
ngx_workers_node_digest_ext_aad(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int                         len;
    ngx_str_t                   bytes;
    ngx_workers_node_digest_t  *d;

    d = ngx_workers_this(cx, this_val, ngx_workers_node_digest_class.id);

    if (d == NULL || ngx_workers_node_bytes(cx, argv[0], &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_NewBool(cx, bytes.len < NGX_MAX_INT32_VALUE
                          && EVP_CipherUpdate(d->cipher, NULL, &len,
                                              bytes.data, bytes.len)
                             == 1);
}


/* tag(length): the tag made; tag(bytes): the tag to be. */

static JSValue
ngx_workers_node_digest_ext_tag(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int32_t                     len;
    u_char                      out[16];
    ngx_str_t                   bytes;
    ngx_workers_node_digest_t  *d;

    d = ngx_workers_this(cx, this_val, ngx_workers_node_digest_class.id);
    if (d == NULL) {
        return JS_EXCEPTION;
    }

    if (JS_IsNumber(argv[0])) {

        if (JS_ToInt32(cx, &len, argv[0]) < 0) {
            return JS_EXCEPTION;
        }

        return (len > 0 && len <= 16
                && EVP_CIPHER_CTX_ctrl(d->cipher, EVP_CTRL_AEAD_GET_TAG, len,
                                       out)
                   == 1)
               ? JS_NewUint8ArrayCopy(cx, out, len) : JS_FALSE;
    }

    if (ngx_workers_node_bytes(cx, argv[0], &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_NewBool(cx, bytes.len <= 16
                          && EVP_CIPHER_CTX_ctrl(d->cipher,
                                                 EVP_CTRL_AEAD_SET_TAG,
                                                 bytes.len, bytes.data)
                             == 1);
}


static JSValue
ngx_workers_node_digest_ext_padding(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_node_digest_t  *d;

    d = ngx_workers_this(cx, this_val, ngx_workers_node_digest_class.id);
    if (d == NULL) {
        return JS_EXCEPTION;
    }

    return JS_NewBool(cx, EVP_CIPHER_CTX_set_padding(d->cipher,
                                                     JS_ToBool(cx, argv[0]))
                          == 1);
}


static void
ngx_workers_node_digest_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_node_digest_t  *d;

    d = JS_GetOpaque(val, ngx_workers_node_digest_class.id);

    if (d != NULL) {
        EVP_MD_CTX_free(d->md);
        EVP_MAC_CTX_free(d->mac);
        EVP_CIPHER_CTX_free(d->cipher);
        js_free_rt(rt, d);
    }
}


/*
 * kdf(kind, digest, password, salt, info, n, r, p, maxmem, length, async): the
 * bytes, or a promise of them if async; undefined: no such digest; false: the
 * parameters are refused.
 */

static JSValue
ngx_workers_node_crypto_ext_kdf(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    u_char                  *p;
    int32_t                  kind;
    int64_t                  n, r, pp, maxmem, len;
    JSValue                  value;
    ngx_str_t                password, salt, info;
    ngx_workers_node_kdf_t  *k;

    if (JS_ToInt32(cx, &kind, argv[0]) < 0
        || ngx_workers_node_bytes(cx, argv[2], &password) != NGX_OK
        || ngx_workers_node_bytes(cx, argv[3], &salt) != NGX_OK
        || ngx_workers_node_bytes(cx, argv[4], &info) != NGX_OK
        || JS_ToInt64(cx, &n, argv[5]) < 0 || JS_ToInt64(cx, &r, argv[6]) < 0
        || JS_ToInt64(cx, &pp, argv[7]) < 0
        || JS_ToInt64(cx, &maxmem, argv[8]) < 0
        || JS_ToInt64(cx, &len, argv[9]) < 0)
    {
        return JS_EXCEPTION;
    }

    k = ngx_calloc(sizeof(ngx_workers_node_kdf_t) + len + password.len
                   + salt.len + info.len,
                   ngx_workers_isolate(cx)->log);
    if (k == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    k->kind = kind;
    k->n = n;
    k->r = r;
    k->p = pp;
    k->maxmem = ngx_min((uint64_t) maxmem, NGX_WORKERS_NODE_SCRYPT);
    k->len = len;

    p = k->data + len;

    k->password.data = p;
    k->password.len = password.len;
    p = ngx_cpymem(p, password.data, password.len);

    k->salt.data = p;
    k->salt.len = salt.len;
    p = ngx_cpymem(p, salt.data, salt.len);

    k->info.data = p;
    k->info.len = info.len;
    ngx_memcpy(p, info.data, info.len);

    k->task.run = ngx_workers_node_kdf_run;
    k->task.op.settle = ngx_workers_node_kdf_settle;
    k->task.op.free = ngx_workers_node_kdf_free;
    k->task.memory = len + password.len + salt.len + info.len;

    if (k->kind != NGX_WORKERS_NODE_SCRYPT_KDF) {
        k->md = ngx_workers_node_md(cx, argv[1]);

        if (k->md == NULL) {
            ngx_workers_node_kdf_free(&k->task.op);
            return JS_HasException(cx) ? JS_EXCEPTION : JS_UNDEFINED;
        }
    }

    if (JS_ToBool(cx, argv[10])
        && ngx_workers_task_allowed(cx, k->task.memory))
    {
        value = ngx_workers_task_start(cx, &k->task);

        if (JS_IsException(value)) {
            ngx_workers_node_kdf_free(&k->task.op);
        }

        return value;
    }

    ngx_workers_task_limit(cx, &k->task);
    ngx_workers_node_kdf_run(&k->task);

    value = ngx_workers_node_kdf_settle(cx, &k->task.op);
    ngx_workers_node_kdf_free(&k->task.op);

    return value;
}


static void
ngx_workers_node_kdf_run(ngx_workers_task_t *t)
{
    EVP_KDF                 *kdf;
    OSSL_PARAM               params[8], *p;
    EVP_KDF_CTX             *ctx;
    ngx_workers_node_kdf_t  *k;

    static const char *const  names[] = { "PBKDF2", "HKDF", "SCRYPT" };

    k = (ngx_workers_node_kdf_t *) t;

    if (k->len == 0) {
        k->ok = 1;
        return;
    }

    kdf = EVP_KDF_fetch(NULL, names[k->kind], NULL);
    ctx = (kdf != NULL) ? EVP_KDF_CTX_new(kdf) : NULL;
    EVP_KDF_free(kdf);

    if (ctx == NULL) {
        return;
    }

    p = params;

    if (k->md != NULL) {
        *p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                     (char *) EVP_MD_get0_name(k->md), 0);
    }

    *p++ = OSSL_PARAM_construct_octet_string(k->kind == NGX_WORKERS_NODE_HKDF
                                             ? OSSL_KDF_PARAM_KEY
                                             : OSSL_KDF_PARAM_PASSWORD,
                                             k->password.data,
                                             k->password.len);
    *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, k->salt.data,
                                             k->salt.len);

    switch (k->kind) {

    case NGX_WORKERS_NODE_PBKDF2:
        *p++ = OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &k->n);
        break;

    case NGX_WORKERS_NODE_HKDF:
        *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
                                                 k->info.data, k->info.len);
        break;

    default: /* NGX_WORKERS_NODE_SCRYPT_KDF */
        *p++ = OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &k->n);
        *p++ = OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_R, &k->r);
        *p++ = OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_P, &k->p);
        *p++ = OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM,
                                           &k->maxmem);
    }

    *p = OSSL_PARAM_construct_end();

    k->ok = (EVP_KDF_derive(ctx, k->data, k->len, params) == 1);

    EVP_KDF_CTX_free(ctx);
}


static JSValue
ngx_workers_node_kdf_settle(JSContext *cx, ngx_workers_op_t *op)
{
    ngx_workers_node_kdf_t  *k;

    k = (ngx_workers_node_kdf_t *) op;

    return k->ok ? JS_NewUint8ArrayCopy(cx, k->data, k->len) : JS_FALSE;
}


static void
ngx_workers_node_kdf_free(ngx_workers_op_t *op)
{
    ngx_workers_node_kdf_t  *k;

    k = (ngx_workers_node_kdf_t *) op;

    EVP_MD_free(k->md);
    OPENSSL_cleanse(k->data, k->len + k->password.len + k->salt.len
                             + k->info.len);
    ngx_free(k);
}
