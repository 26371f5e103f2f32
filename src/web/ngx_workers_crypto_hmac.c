
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: HMAC (FIPS 198-1).
 */


#include "ngx_workers_crypto.h"

#include <openssl/crypto.h>


static ngx_int_t ngx_workers_hmac_import(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_hmac_import_jwk(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key, ngx_str_t *secret);
static ngx_int_t ngx_workers_hmac_ready(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_key_t *key);
static JSValue ngx_workers_hmac_export(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format);
static ngx_int_t ngx_workers_hmac_generate(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_usages_t *usages,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_hmac_sign(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_hmac_run(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_hmac_key_length(JSContext *cx,
    ngx_workers_crypto_params_t *params, int32_t *length);
static ngx_int_t ngx_workers_hmac_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key);


const ngx_workers_crypto_alg_t  ngx_workers_crypto_hmac[] = {

    { .name = "HMAC",
      .usages = NGX_WORKERS_CRYPTO_SIGN|NGX_WORKERS_CRYPTO_VERIFY,
      .import = ngx_workers_hmac_import,
      .ready = ngx_workers_hmac_ready,
      .export = ngx_workers_hmac_export,
      .generate = ngx_workers_hmac_generate,
      .sign = ngx_workers_hmac_sign,
      .key_length = ngx_workers_hmac_key_length,
      .describe = ngx_workers_hmac_describe },

    { .name = NULL }
};


static ngx_int_t
ngx_workers_hmac_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key)
{
    int64_t    length;
    ngx_str_t  secret;

    if (jwk == NULL && !ngx_workers_crypto_streq(import->format, "raw")) {
        return ngx_workers_crypto_format_error(cx, import->format);
    }

    if (ngx_workers_crypto_check_usages(cx, &import->usages, key->alg->usages,
                                        "import secret ", key->alg->name)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (jwk != NULL) {
        if (ngx_workers_hmac_import_jwk(cx, import, jwk, key, &secret)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else {
        secret = *data;
    }

    key->bits = secret.len * 8;
    length = key->bits;

    if (ngx_workers_crypto_has(&import->params, NGX_WORKERS_CRYPTO_LENGTH)) {
        length = import->params.number[NGX_WORKERS_CRYPTO_LENGTH];
    }

    if (length <= 0
        || length > (int64_t) key->bits
        || length <= (int64_t) key->bits - 8)
    {
        (void) JS_ThrowDOMException(cx, "DataError",
                                    "Imported HMAC key length (%lld) must be a"
                                    " non-zero value up to 7 bits less than, "
                                    "and no greater than, the bit length of "
                                    "the raw key data (%zu).",
                                    (long long) length, secret.len * 8);
        return NGX_ERROR;
    }

    key->bits = length;

    if (ngx_workers_crypto_hash(cx, &import->params, "algorithm", &key->hash)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_key_copy(cx, &key->secret, &secret) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_workers_hmac_ready(cx, lib, key);
}


/* Clears the bits that are not the key's. */

static ngx_int_t
ngx_workers_hmac_ready(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_key_t *key)
{
    if (key->bits % 8 != 0) {
        key->secret.data[key->secret.len - 1] &= 0xff << (8 - key->bits % 8);
    }

    key->mac = ngx_workers_crypto_mac(lib, key->hash, &key->secret);

    if (key->mac == NULL) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "The key cannot be used.");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_hmac_import_jwk(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key,
    ngx_str_t *secret)
{
    char         expected[16];
    const char  *alg, *number;

    if (!ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, KTY),
                                  "oct"))
    {
        (void) JS_ThrowDOMException(cx, "DataError", "HMAC \"jwk\" key import "
                                    "requires a JSON Web Key with Key Type "
                                    "parameter (\"kty\") equal to \"oct\" "
                                    "(encountered \"%s\").",
                                    ngx_workers_crypto_jwk_text(jwk, KTY));
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_K, secret) != NGX_OK)
    {
        (void) JS_ThrowDOMException(cx, "DataError", "HMAC \"jwk\" key import "
                                    "requires a base64Url encoding of the "
                                    "key");
        return NGX_ERROR;
    }

    if (jwk->text[NGX_WORKERS_JWK_ALG].data == NULL) {
        return NGX_OK;
    }

    if (ngx_workers_crypto_hash(cx, &import->params, "algorithm", &key->hash)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    alg = ngx_workers_crypto_jwk_text(jwk, ALG);
    number = ngx_workers_crypto_digests[key->hash].number;

    if (number == NULL) {
        (void) JS_ThrowDOMException(cx, "NotSupportedError", "Unrecognized or "
                                    "unimplemented hash algorithm requested"
                                    "%s", alg);
        return NGX_ERROR;
    }

    (void) ngx_snprintf((u_char *) expected, sizeof(expected), "HS%s%Z",
                        number);

    if (!ngx_workers_crypto_streq(alg, expected)) {
        (void) JS_ThrowDOMException(cx, "DataError", "HMAC \"jwk\" key import "
                                    "specifies \"alg\" that is incompatible "
                                    "with the hash name (encountered \"%s\", "
                                    "expected \"%s\").", alg, expected);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static JSValue
ngx_workers_hmac_export(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format)
{
    char                                alg[16];
    ngx_workers_crypto_jwk_out_t        jwk;
    const ngx_workers_crypto_digest_t  *digest;

    if (ngx_workers_crypto_streq(format, "raw")) {
        return ngx_workers_new_array_buffer(cx, &key->secret);
    }

    if (!ngx_workers_crypto_streq(format, "jwk")) {
        return JS_ThrowDOMException(cx, "NotSupportedError",
                                    "Unimplemented key export format \"%s\".",
                                    format);
    }

    digest = &ngx_workers_crypto_digests[key->hash];

    if (digest->number == NULL) {
        return JS_ThrowDOMException(cx, "NotSupportedError",
                                    "Unimplemented JWK key export format for "
                                    "key algorithm \"%s\".", digest->name);
    }

    (void) ngx_snprintf((u_char *) alg, sizeof(alg), "HS%s%Z", digest->number);

    ngx_memzero(&jwk, sizeof(jwk));

    jwk.kty = "oct";
    jwk.alg = alg;
    jwk.bytes[NGX_WORKERS_JWK_K] = key->secret;

    return ngx_workers_crypto_jwk_object(cx, key, &jwk);
}


static ngx_int_t
ngx_workers_hmac_generate(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_usages_t *usages, ngx_workers_crypto_job_t *job)
{
    int32_t  length;

    if (ngx_workers_crypto_hash(cx, params, "algorithm", &job->hash) != NGX_OK
        || ngx_workers_crypto_generate_usages(cx, job->alg, usages) != NGX_OK)
    {
        return NGX_ERROR;
    }

    length = ngx_workers_crypto_digests[job->hash].block * 8;

    if (ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_LENGTH)) {
        length = params->number[NGX_WORKERS_CRYPTO_LENGTH];
    }

    if (length <= 0) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "HMAC key length must be a non-zero "
                                    "unsigned long integer (requested %d).",
                                    length);
        return NGX_ERROR;
    }

    return ngx_workers_crypto_generate_secret(cx, job, length);
}


static ngx_int_t
ngx_workers_hmac_sign(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    job->mac = job->key->mac;
    job->run = ngx_workers_hmac_run;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_hmac_run(ngx_workers_crypto_job_t *job)
{
    size_t      n;
    ngx_str_t  *data, *signature;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    signature = &job->in[NGX_WORKERS_CRYPTO_IN_SIGNATURE];

    if (ngx_workers_crypto_out(job, EVP_MAX_MD_SIZE) != NGX_OK) {
        return NGX_ERROR;
    }

    /* without a key: starts anew with the one that is set */

    if (EVP_MAC_init(job->mac, NULL, 0, NULL) != 1
        || EVP_MAC_update(job->mac, data->data, data->len) != 1
        || EVP_MAC_final(job->mac, job->out.data, &n, EVP_MAX_MD_SIZE) != 1)
    {
        return ngx_workers_crypto_fail(job, "OperationError",
                                       "HMAC failed.");
    }

    job->out.len = n;

    job->valid = (signature->len == n
                  && CRYPTO_memcmp(signature->data, job->out.data, n) == 0);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_hmac_key_length(JSContext *cx, ngx_workers_crypto_params_t *params,
    int32_t *length)
{
    ngx_workers_crypto_hash_e  hash;

    if (ngx_workers_crypto_hash(cx, params, "derivedKeyParams", &hash)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    *length = ngx_workers_crypto_digests[hash].block * 8;

    if (ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_LENGTH)) {
        *length = params->number[NGX_WORKERS_CRYPTO_LENGTH];

        if (*length <= 0) {
            (void) JS_ThrowTypeError(cx, "HMAC key length must be a non-zero "
                                     "unsigned long integer.");
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_hmac_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key)
{
    if (ngx_workers_crypto_describe_hash(cx, object, key) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_workers_set(cx, object, "length", JS_NewInt64(cx, key->bits));
}
