
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: HKDF (RFC 5869) and PBKDF2 (RFC 8018), both on OpenSSL's
 * HMAC, so that empty keys are as good as others and a derivation that lasts
 * can be given up.
 */


#include "ngx_workers_crypto.h"

#include <openssl/crypto.h>


#define NGX_WORKERS_KDF_STOP   1024        /* iterations between two looks */
#define NGX_WORKERS_KDF_SLOW   1000        /* of them take half a millisecond */


static ngx_int_t ngx_workers_kdf_import(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key);
static JSValue ngx_workers_kdf_export(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format);
static ngx_int_t ngx_workers_kdf_key_length(JSContext *cx,
    ngx_workers_crypto_params_t *params, int32_t *length);
static ngx_int_t ngx_workers_kdf_length(JSContext *cx, int32_t length,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_kdf_mac(JSContext *cx,
    ngx_workers_crypto_job_t *job, ngx_workers_crypto_hash_e hash,
    ngx_str_t *key);
static ngx_int_t ngx_workers_kdf_hkdf(JSContext *cx,
    ngx_workers_crypto_params_t *params, int32_t length,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_kdf_run_hkdf(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_kdf_pbkdf2(JSContext *cx,
    ngx_workers_crypto_params_t *params, int32_t length,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_kdf_run_pbkdf2(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_kdf_block(ngx_workers_crypto_job_t *job,
    uint32_t index, u_char *t, size_t size);


#define NGX_WORKERS_KDF_USAGES                                                \
    (NGX_WORKERS_CRYPTO_DERIVE_KEY|NGX_WORKERS_CRYPTO_DERIVE_BITS)


const ngx_workers_crypto_alg_t  ngx_workers_crypto_kdf[] = {

    { .name = "HKDF",
      .usages = NGX_WORKERS_KDF_USAGES,
      .import = ngx_workers_kdf_import,
      .export = ngx_workers_kdf_export,
      .derive = ngx_workers_kdf_hkdf,
      .key_length = ngx_workers_kdf_key_length },

    { .name = "PBKDF2",
      .usages = NGX_WORKERS_KDF_USAGES,
      .import = ngx_workers_kdf_import,
      .export = ngx_workers_kdf_export,
      .derive = ngx_workers_kdf_pbkdf2,
      .key_length = ngx_workers_kdf_key_length },

    { .name = NULL }
};


static ngx_int_t
ngx_workers_kdf_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key)
{
    if (ngx_workers_crypto_check_usages(cx, &import->usages, key->alg->usages,
                                        "import secret ", key->alg->name)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (import->extractable) {
        (void) JS_ThrowDOMException(cx, "SyntaxError",
                                    "%s key cannot be extractable.",
                                    key->alg->name);
        return NGX_ERROR;
    }

    if (!ngx_workers_crypto_streq(import->format, "raw")) {
        (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                    "%s key must be imported in \"raw\" format"
                                    " (requested \"%s\")%s", key->alg->name,
                                    import->format,
                                    key->alg == &ngx_workers_crypto_kdf[0]
                                    ? "" : ".");
        return NGX_ERROR;
    }

    return ngx_workers_crypto_key_copy(cx, &key->secret, data);
}


/* No key of these is extractable: nobody comes here. */

static JSValue
ngx_workers_kdf_export(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format)
{
    return JS_ThrowDOMException(cx, "NotSupportedError",
                                "%s key cannot be exported.", key->alg->name);
}


static ngx_int_t
ngx_workers_kdf_key_length(JSContext *cx, ngx_workers_crypto_params_t *params,
    int32_t *length)
{
    *length = -1;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_kdf_length(JSContext *cx, int32_t length,
    ngx_workers_crypto_job_t *job)
{
    if (length < 0) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "%s cannot derive a key with null length.",
                                    job->key->alg->name);
        return NGX_ERROR;
    }

    if (length % 8 != 0) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "%s requires a derived key length that is "
                                    "a multiple of eight (requested %d).",
                                    job->key->alg->name, length);
        return NGX_ERROR;
    }

    job->length = length / 8;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_kdf_mac(JSContext *cx, ngx_workers_crypto_job_t *job,
    ngx_workers_crypto_hash_e hash, ngx_str_t *key)
{
    job->hash = hash;
    job->own_mac = 1;
    job->mac = ngx_workers_crypto_mac(job->lib, hash, key);

    if (job->mac == NULL) {
        (void) JS_ThrowDOMException(cx, "OperationError", "%s failed.",
                                    job->key->alg->name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_kdf_hkdf(JSContext *cx, ngx_workers_crypto_params_t *params,
    int32_t length, ngx_workers_crypto_job_t *job)
{
    ngx_str_t                  *in;
    ngx_workers_crypto_hash_e   hash;

    in = job->in;

    if (ngx_workers_crypto_hash(cx, params, "algorithm", &hash) != NGX_OK
        || ngx_workers_crypto_buffer(cx, params, NGX_WORKERS_CRYPTO_SALT,
                                     "algorithm",
                                     &in[NGX_WORKERS_CRYPTO_IN_IV])
           != NGX_OK
        || ngx_workers_crypto_buffer(cx, params, NGX_WORKERS_CRYPTO_INFO,
                                     "algorithm",
                                     &in[NGX_WORKERS_CRYPTO_IN_AAD])
           != NGX_OK
        || ngx_workers_kdf_length(cx, length, job) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (job->length > 255 * ngx_workers_crypto_digests[hash].size) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "HKDF deriveBits failed.");
        return NGX_ERROR;
    }

    job->run = ngx_workers_kdf_run_hkdf;

    return ngx_workers_kdf_mac(cx, job, hash, &in[NGX_WORKERS_CRYPTO_IN_IV]);
}


static ngx_int_t
ngx_workers_kdf_run_hkdf(ngx_workers_crypto_job_t *job)
{
    size_t     n, size, done;
    u_char     i, prk[EVP_MAX_MD_SIZE], t[EVP_MAX_MD_SIZE];
    ngx_int_t  rc;
    ngx_str_t  *info;

    size = ngx_workers_crypto_digests[job->hash].size;
    info = &job->in[NGX_WORKERS_CRYPTO_IN_AAD];
    rc = NGX_ERROR;

    if (ngx_workers_crypto_out(job, job->length) != NGX_OK) {
        return NGX_ERROR;
    }

    /* the salt is the key that extracts, what it extracts the next one */

    if (EVP_MAC_update(job->mac, job->key->secret.data, job->key->secret.len)
           != 1
        || EVP_MAC_final(job->mac, prk, &n, sizeof(prk)) != 1
        || EVP_MAC_init(job->mac, prk, size, NULL) != 1)
    {
        goto done;
    }

    for (done = 0, i = 1; done < job->length; done += n, i++) {

        if ((i > 1
             && (EVP_MAC_init(job->mac, NULL, 0, NULL) != 1
                 || EVP_MAC_update(job->mac, t, size) != 1))
            || EVP_MAC_update(job->mac, info->data, info->len) != 1
            || EVP_MAC_update(job->mac, &i, 1) != 1
            || EVP_MAC_final(job->mac, t, &n, sizeof(t)) != 1)
        {
            goto done;
        }

        n = ngx_min(size, job->length - done);
        ngx_memcpy(job->out.data + done, t, n);
    }

    rc = NGX_OK;

done:

    OPENSSL_cleanse(prk, sizeof(prk));
    OPENSSL_cleanse(t, sizeof(t));

    return (rc == NGX_OK)
           ? NGX_OK
           : ngx_workers_crypto_fail(job, "OperationError",
                                     "HKDF deriveBits failed.");
}


static ngx_int_t
ngx_workers_kdf_pbkdf2(JSContext *cx, ngx_workers_crypto_params_t *params,
    int32_t length, ngx_workers_crypto_job_t *job)
{
    size_t                     size;
    int32_t                    iterations;
    ngx_workers_crypto_hash_e  hash;

    if (ngx_workers_crypto_hash(cx, params, "algorithm", &hash) != NGX_OK
        || ngx_workers_crypto_buffer(cx, params, NGX_WORKERS_CRYPTO_SALT,
                                     "algorithm",
                                     &job->in[NGX_WORKERS_CRYPTO_IN_IV])
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_ITERATIONS)) {
        return ngx_workers_crypto_missing(cx, "iterations", "algorithm");
    }

    iterations = params->number[NGX_WORKERS_CRYPTO_ITERATIONS];

    if (ngx_workers_kdf_length(cx, length, job) != NGX_OK) {
        return NGX_ERROR;
    }

    if (iterations <= 0) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "PBKDF2 requires a positive iteration "
                                    "count (requested %d).", iterations);
        return NGX_ERROR;
    }

    size = ngx_workers_crypto_digests[hash].size;

    if (job->length > 255 * size) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Pbkdf2 failed: derived key length exceeds"
                                    " maximum for this hash");
        return NGX_ERROR;
    }

    job->n = iterations;
    job->slow = (job->length + size - 1) / size * iterations
                > NGX_WORKERS_KDF_SLOW;
    job->run = ngx_workers_kdf_run_pbkdf2;

    return ngx_workers_kdf_mac(cx, job, hash, &job->key->secret);
}


static ngx_int_t
ngx_workers_kdf_run_pbkdf2(ngx_workers_crypto_job_t *job)
{
    size_t     n, size, done;
    u_char     t[EVP_MAX_MD_SIZE];
    uint32_t   i;
    ngx_int_t  rc;

    size = ngx_workers_crypto_digests[job->hash].size;
    rc = NGX_OK;

    if (ngx_workers_crypto_out(job, job->length) != NGX_OK) {
        return NGX_ERROR;
    }

    for (done = 0, i = 1; done < job->length; done += n, i++) {

        rc = ngx_workers_kdf_block(job, i, t, size);
        if (rc != NGX_OK) {
            break;
        }

        n = ngx_min(size, job->length - done);
        ngx_memcpy(job->out.data + done, t, n);
    }

    OPENSSL_cleanse(t, sizeof(t));

    return (rc == NGX_OK)
           ? NGX_OK
           : ngx_workers_crypto_fail(job, "OperationError",
                                     "PBKDF2 deriveBits failed.");
}


static ngx_int_t
ngx_workers_kdf_block(ngx_workers_crypto_job_t *job, uint32_t index, u_char *t,
    size_t size)
{
    size_t      i, n;
    u_char      u[EVP_MAX_MD_SIZE], be[4];
    ngx_str_t  *salt;
    ngx_uint_t  k;

    salt = &job->in[NGX_WORKERS_CRYPTO_IN_IV];

    be[0] = (u_char) (index >> 24);
    be[1] = (u_char) (index >> 16);
    be[2] = (u_char) (index >> 8);
    be[3] = (u_char) index;

    if (EVP_MAC_init(job->mac, NULL, 0, NULL) != 1
        || EVP_MAC_update(job->mac, salt->data, salt->len) != 1
        || EVP_MAC_update(job->mac, be, 4) != 1
        || EVP_MAC_final(job->mac, u, &n, sizeof(u)) != 1)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(t, u, size);

    for (k = 1; k < job->n; k++) {

        if (k % NGX_WORKERS_KDF_STOP == 0
            && ngx_workers_task_stop(&job->task))
        {
            return NGX_ERROR;
        }

        if (EVP_MAC_init(job->mac, NULL, 0, NULL) != 1
            || EVP_MAC_update(job->mac, u, size) != 1
            || EVP_MAC_final(job->mac, u, &n, sizeof(u)) != 1)
        {
            return NGX_ERROR;
        }

        for (i = 0; i < size; i++) {
            t[i] ^= u[i];
        }
    }

    OPENSSL_cleanse(u, sizeof(u));

    return NGX_OK;
}
