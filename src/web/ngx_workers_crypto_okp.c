
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: Ed25519, by its old name too, and X25519 (RFC 8032,
 * RFC 7748, RFC 8037, RFC 8410).
 */


#include "ngx_workers_crypto.h"

#include <openssl/crypto.h>


#define NGX_WORKERS_OKP_KEY        32      /* bytes, of either half */
#define NGX_WORKERS_OKP_SIGNATURE  64
#define NGX_WORKERS_OKP_DER        64      /* more than an envelope takes */


enum {
    NGX_WORKERS_OKP_ED25519 = 0,
    NGX_WORKERS_OKP_X25519,
    NGX_WORKERS_OKP_NODE
};


static const char *ngx_workers_okp_curve(const ngx_workers_crypto_alg_t *alg);
static ngx_int_t ngx_workers_okp_params(JSContext *cx,
    const ngx_workers_crypto_alg_t *alg, ngx_workers_crypto_params_t *params);
static ngx_int_t ngx_workers_okp_import(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_okp_import_jwk(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key, ngx_str_t *bytes);
static JSValue ngx_workers_okp_export(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format);
static ngx_int_t ngx_workers_okp_generate(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_usages_t *usages,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_okp_run_generate(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_okp_sign(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_okp_run_sign(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_okp_derive(JSContext *cx,
    ngx_workers_crypto_params_t *params, int32_t length,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_okp_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key);


const ngx_workers_crypto_alg_t  ngx_workers_crypto_okp[] = {

    { .name = "Ed25519",
      .usages = NGX_WORKERS_CRYPTO_SIGN,
      .usages_public = NGX_WORKERS_CRYPTO_VERIFY,
      .id = NGX_WORKERS_OKP_ED25519,
      .import = ngx_workers_okp_import,
      .export = ngx_workers_okp_export,
      .generate = ngx_workers_okp_generate,
      .sign = ngx_workers_okp_sign },

    { .name = "X25519",
      .usages = NGX_WORKERS_CRYPTO_DERIVE_KEY|NGX_WORKERS_CRYPTO_DERIVE_BITS,
      .id = NGX_WORKERS_OKP_X25519,
      .import = ngx_workers_okp_import,
      .export = ngx_workers_okp_export,
      .generate = ngx_workers_okp_generate,
      .derive = ngx_workers_okp_derive },

    { .name = "NODE-ED25519",
      .usages = NGX_WORKERS_CRYPTO_SIGN,
      .usages_public = NGX_WORKERS_CRYPTO_VERIFY,
      .id = NGX_WORKERS_OKP_NODE,
      .import = ngx_workers_okp_import,
      .export = ngx_workers_okp_export,
      .generate = ngx_workers_okp_generate,
      .sign = ngx_workers_okp_sign,
      .describe = ngx_workers_okp_describe },

    { .name = NULL }
};


static const char *
ngx_workers_okp_curve(const ngx_workers_crypto_alg_t *alg)
{
    return (alg->id == NGX_WORKERS_OKP_X25519) ? "X25519" : "Ed25519";
}


static ngx_int_t
ngx_workers_okp_params(JSContext *cx, const ngx_workers_crypto_alg_t *alg,
    ngx_workers_crypto_params_t *params)
{
    if (alg->id != NGX_WORKERS_OKP_NODE) {
        return NGX_OK;
    }

    if (!params->has_curve) {
        return ngx_workers_crypto_missing(cx, "namedCurve", "algorithm");
    }

    if (!ngx_workers_crypto_streq(params->curve, alg->name)) {
        (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                    "EDDSA curve \"%s\" isn't supported.",
                                    params->curve);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_okp_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key)
{
    ngx_str_t                   bytes;
    const char                 *curve;
    ngx_uint_t                  is_public;
    ngx_workers_der_key_t       der;
    ngx_workers_crypto_type_e   type;

    curve = ngx_workers_okp_curve(key->alg);

    if (ngx_workers_okp_params(cx, key->alg, &import->params) != NGX_OK) {
        return NGX_ERROR;
    }

    if (jwk != NULL) {
        if (ngx_workers_okp_import_jwk(cx, import, jwk, key, &bytes) != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else {

        is_public = !ngx_workers_crypto_streq(import->format, "pkcs8");

        if (is_public
            && !ngx_workers_crypto_streq(import->format, "spki")
            && !ngx_workers_crypto_streq(import->format, "raw"))
        {
            return ngx_workers_crypto_format_error(cx, import->format);
        }

        type = is_public ? NGX_WORKERS_CRYPTO_PUBLIC
                         : NGX_WORKERS_CRYPTO_PRIVATE;

        if (ngx_workers_pkey_type(cx, import, key, type) != NGX_OK) {
            return NGX_ERROR;
        }

        if (import->format[0] == 'r') {
            bytes = *data;

            if (bytes.len != NGX_WORKERS_OKP_KEY) {
                (void) JS_ThrowDOMException(cx, "DataError",
                                            "%s raw keys must be exactly "
                                            "32-bytes (provided %zu).", curve,
                                            bytes.len);
                return NGX_ERROR;
            }

        } else {

            if (ngx_workers_pkey_open(cx, import, data,
                                     key->alg->id == NGX_WORKERS_OKP_X25519
                                     ? NGX_WORKERS_PKEY_X25519
                                     : NGX_WORKERS_PKEY_ED25519, &der)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            bytes = der.key;

            if (der.params.len != 0
                || (!is_public
                    && (ngx_workers_der_get(&der.key, NGX_WORKERS_DER_OCTETS,
                                            &bytes)
                           != NGX_OK
                        || der.key.len != 0))
                || bytes.len != NGX_WORKERS_OKP_KEY)
            {
                return ngx_workers_pkey_invalid(cx, import);
            }
        }
    }

    key->pkey = (key->type == NGX_WORKERS_CRYPTO_PUBLIC)
                ? EVP_PKEY_new_raw_public_key_ex(NULL, curve, NULL, bytes.data,
                                                 bytes.len)
                : EVP_PKEY_new_raw_private_key_ex(NULL, curve, NULL,
                                                  bytes.data, bytes.len);

    if (key->pkey == NULL) {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid %s key.", curve);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_okp_import_jwk(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key,
    ngx_str_t *bytes)
{
    const char                 *curve;
    ngx_workers_crypto_type_e   type;

    curve = ngx_workers_okp_curve(key->alg);

    if (!ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, KTY),
                                  "OKP"))
    {
        (void) JS_ThrowDOMException(cx, "DataError", "%s \"jwk\" key imports "
                                    "requires a JSON Web Key with Key Type "
                                    "parameter \"kty\" (\"%s\") equal to "
                                    "\"OKP\".", curve,
                                    ngx_workers_crypto_jwk_text(jwk, KTY));
        return NGX_ERROR;
    }

    type = (jwk->text[NGX_WORKERS_JWK_D].data != NULL)
           ? NGX_WORKERS_CRYPTO_PRIVATE : NGX_WORKERS_CRYPTO_PUBLIC;

    if (ngx_workers_pkey_type(cx, import, key, type) != NGX_OK
        || ngx_workers_pkey_jwk(cx, jwk, import) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (jwk->text[NGX_WORKERS_JWK_CRV].data == NULL) {
        (void) JS_ThrowDOMException(cx, "DataError", "Missing field \"crv\" "
                                    "for %s key.", curve);
        return NGX_ERROR;
    }

    if (!ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, CRV),
                                  curve))
    {
        (void) JS_ThrowDOMException(cx, "NotSupportedError", "Only %s is "
                                    "supported but \"%s\" was requested.",
                                    curve,
                                    ngx_workers_crypto_jwk_text(jwk, CRV));
        return NGX_ERROR;
    }

    if (key->alg->id != NGX_WORKERS_OKP_X25519
        && jwk->text[NGX_WORKERS_JWK_ALG].data != NULL
        && !ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, ALG),
                                     "EdDSA"))
    {
        (void) JS_ThrowDOMException(cx, "DataError", "JSON Web Key Algorithm "
                                    "parameter \"alg\" (\"%s\") does not match"
                                    " requested Ed25519 curve.",
                                    ngx_workers_crypto_jwk_text(jwk, ALG));
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_X, bytes) != NGX_OK
        || bytes->len > NGX_WORKERS_OKP_KEY)
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid %s key in JSON "
                                    "WebKey; missing or invalid public key "
                                    "component (\"x\").", curve);
        return NGX_ERROR;
    }

    if (bytes->len == NGX_WORKERS_OKP_KEY
        && type == NGX_WORKERS_CRYPTO_PRIVATE)
    {
        if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_D, bytes)
            != NGX_OK)
        {
            (void) JS_ThrowDOMException(cx, "DataError", "Invalid %s key in "
                                        "JSON Web Key; missing or invalid "
                                        "private key component (\"d\").",
                                        curve);
            return NGX_ERROR;
        }

    } else {
        type = NGX_WORKERS_CRYPTO_PUBLIC;
    }

    if (bytes->len != NGX_WORKERS_OKP_KEY) {
        (void) JS_ThrowDOMException(cx, "DataError",
                                    "Invalid length %zu for %s key",
                                    bytes->len,
                                    type == NGX_WORKERS_CRYPTO_PRIVATE
                                    ? "private" : "public");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static JSValue
ngx_workers_okp_export(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format)
{
    size_t                        n;
    u_char                        public[NGX_WORKERS_OKP_KEY];
    u_char                        secret[NGX_WORKERS_OKP_KEY];
    u_char                        buf[NGX_WORKERS_OKP_DER];
    JSValue                       ret;
    ngx_str_t                     none;
    ngx_uint_t                    is_private;
    ngx_workers_der_t             der;
    ngx_workers_crypto_jwk_out_t  jwk;

    if (ngx_workers_pkey_exportable(cx, key, format, key->alg->name) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    is_private = (key->type == NGX_WORKERS_CRYPTO_PRIVATE);

    n = NGX_WORKERS_OKP_KEY;

    if (EVP_PKEY_get_raw_public_key(key->pkey, public, &n) != 1
        || (is_private
            && EVP_PKEY_get_raw_private_key(key->pkey, secret, &n) != 1))
    {
        return JS_ThrowDOMException(cx, "OperationError",
                                    "Failed to export the key.");
    }

    if (ngx_workers_crypto_streq(format, "raw")) {
        return JS_NewArrayBufferCopy(cx, public, NGX_WORKERS_OKP_KEY);
    }

    if (ngx_workers_crypto_streq(format, "jwk")) {

        ngx_memzero(&jwk, sizeof(jwk));

        jwk.kty = "OKP";
        jwk.alg = (key->alg->id == NGX_WORKERS_OKP_ED25519) ? "EdDSA" : NULL;
        jwk.crv = ngx_workers_okp_curve(key->alg);
        jwk.bytes[NGX_WORKERS_JWK_X].data = public;
        jwk.bytes[NGX_WORKERS_JWK_X].len = NGX_WORKERS_OKP_KEY;

        if (is_private) {
            jwk.bytes[NGX_WORKERS_JWK_D].data = secret;
            jwk.bytes[NGX_WORKERS_JWK_D].len = NGX_WORKERS_OKP_KEY;
        }

        ret = ngx_workers_crypto_jwk_object(cx, key, &jwk);

    } else {
        ngx_str_null(&none);
        none.data = buf;

        der.start = buf;
        der.end = buf + sizeof(buf);
        der.pos = der.end;

        ngx_workers_der_put(&der, is_private ? secret : public,
                            NGX_WORKERS_OKP_KEY);

        if (is_private) {
            ngx_workers_der_wrap(&der, NGX_WORKERS_DER_OCTETS, der.end);
        }

        ret = ngx_workers_pkey_close(cx, &der, format,
                                     key->alg->id == NGX_WORKERS_OKP_X25519
                                     ? NGX_WORKERS_PKEY_X25519
                                     : NGX_WORKERS_PKEY_ED25519, &none);
    }

    OPENSSL_cleanse(secret, sizeof(secret));

    return ret;
}


static ngx_int_t
ngx_workers_okp_generate(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_usages_t *usages, ngx_workers_crypto_job_t *job)
{
    if (ngx_workers_crypto_generate_usages(cx, job->alg, usages) != NGX_OK
        || ngx_workers_okp_params(cx, job->alg, params) != NGX_OK
        || ngx_workers_crypto_generate_private(cx, job->alg, usages) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_workers_crypto_generate_pair(job, ngx_workers_okp_run_generate);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_okp_run_generate(ngx_workers_crypto_job_t *job)
{
    job->pkey = EVP_PKEY_Q_keygen(NULL, NULL, ngx_workers_okp_curve(job->alg));

    return (job->pkey != NULL)
           ? NGX_OK
           : ngx_workers_crypto_fail(job, "OperationError",
                                     "Failed to generate the key.");
}


static ngx_int_t
ngx_workers_okp_sign(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    size_t  len;

    len = job->in[NGX_WORKERS_CRYPTO_IN_SIGNATURE].len;

    if (job->usage == NGX_WORKERS_CRYPTO_VERIFY
        && len != NGX_WORKERS_OKP_SIGNATURE)
    {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Invalid %s signature length %zu",
                                    job->key->alg->name, len);
        return NGX_ERROR;
    }

    job->run = ngx_workers_okp_run_sign;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_okp_run_sign(ngx_workers_crypto_job_t *job)
{
    size_t       n;
    ngx_int_t    rc;
    ngx_str_t   *data, *signature;
    EVP_MD_CTX  *ctx;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    signature = &job->in[NGX_WORKERS_CRYPTO_IN_SIGNATURE];

    rc = NGX_ERROR;

    ctx = EVP_MD_CTX_new();

    if (ctx == NULL) {
        goto done;
    }

    if (job->usage == NGX_WORKERS_CRYPTO_VERIFY) {

        if (EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL,
                                    job->key->pkey, NULL)
            == 1)
        {
            job->valid = (EVP_DigestVerify(ctx, signature->data,
                                           signature->len, data->data,
                                           data->len)
                          == 1);
            rc = NGX_OK;
        }

        goto done;
    }

    n = NGX_WORKERS_OKP_SIGNATURE;

    if (ngx_workers_crypto_out(job, n) == NGX_OK
        && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, job->key->pkey,
                                 NULL)
           == 1
        && EVP_DigestSign(ctx, job->out.data, &n, data->data, data->len) == 1)
    {
        rc = NGX_OK;
    }

done:

    EVP_MD_CTX_free(ctx);

    return (rc == NGX_OK)
           ? NGX_OK
           : ngx_workers_crypto_fail(job, "OperationError",
                                     "Failed to use the key.");
}


static ngx_int_t
ngx_workers_okp_derive(JSContext *cx, ngx_workers_crypto_params_t *params,
    int32_t length, ngx_workers_crypto_job_t *job)
{
    ngx_workers_crypto_key_t  *peer;

    peer = ngx_workers_pkey_peer(cx, params);
    if (peer == NULL) {
        return NGX_ERROR;
    }

    if (peer->alg != job->key->alg) {
        (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "Base X25519 private key cannot be used to"
                                    " derive a key from a peer %s public key",
                                    peer->alg->name);
        return NGX_ERROR;
    }

    (void) EVP_PKEY_up_ref(peer->pkey);
    job->peer = peer->pkey;

    return ngx_workers_pkey_derive(cx, length, NGX_WORKERS_OKP_KEY, job);
}


static ngx_int_t
ngx_workers_okp_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key)
{
    return ngx_workers_set(cx, object, "namedCurve",
                           JS_NewString(cx, key->alg->name));
}
