
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: AES in the modes GCM, CBC, CTR (NIST SP 800-38A, D) and
 * as a key wrap (RFC 3394).
 */


#include "ngx_workers_crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>


#define NGX_WORKERS_AES_BLOCK   16
#define NGX_WORKERS_AES_UPDATE  (1 << 30)  /* OpenSSL counts in int */
#define NGX_WORKERS_AES_WRAP    8          /* bytes that a key wrap adds */


enum {
    NGX_WORKERS_AES_GCM = 0,
    NGX_WORKERS_AES_CBC,
    NGX_WORKERS_AES_CTR,
    NGX_WORKERS_AES_KW,
    NGX_WORKERS_AES_NMODES
};


#define NGX_WORKERS_AES_CIPHER                                                \
    (NGX_WORKERS_CRYPTO_ENCRYPT|NGX_WORKERS_CRYPTO_DECRYPT                    \
     |NGX_WORKERS_AES_WRAPS)
#define NGX_WORKERS_AES_WRAPS                                                 \
    (NGX_WORKERS_CRYPTO_WRAP|NGX_WORKERS_CRYPTO_UNWRAP)
#define NGX_WORKERS_AES_FORWARD                                               \
    (NGX_WORKERS_CRYPTO_ENCRYPT|NGX_WORKERS_CRYPTO_WRAP)


static ngx_int_t ngx_workers_aes_import(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_aes_ready(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_aes_import_jwk(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key, ngx_str_t *secret);
static void ngx_workers_aes_jwa(const ngx_workers_crypto_alg_t *alg,
    size_t len, u_char *text, size_t size);
static JSValue ngx_workers_aes_export(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format);
static ngx_int_t ngx_workers_aes_generate(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_usages_t *usages,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_aes_key_length(JSContext *cx,
    ngx_workers_crypto_params_t *params, int32_t *length);
static ngx_int_t ngx_workers_aes_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_aes_gcm(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_aes_run_gcm(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_aes_cbc(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_aes_run_cbc(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_aes_ctr(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_aes_run_ctr(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_aes_kw(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_aes_run_kw(ngx_workers_crypto_job_t *job);
static EVP_CIPHER_CTX *ngx_workers_aes_begin(ngx_workers_crypto_job_t *job,
    u_char *iv, size_t iv_len);
static ngx_int_t ngx_workers_aes_update(EVP_CIPHER_CTX *ctx, u_char *out,
    u_char *in, size_t len, size_t *written);
static ngx_int_t ngx_workers_aes_failed(ngx_workers_crypto_job_t *job,
    size_t in, size_t out);


const ngx_workers_crypto_alg_t  ngx_workers_crypto_aes[] = {

    { .name = "AES-GCM",
      .usages = NGX_WORKERS_AES_CIPHER,
      .id = NGX_WORKERS_AES_GCM,
      .import = ngx_workers_aes_import,
      .ready = ngx_workers_aes_ready,
      .export = ngx_workers_aes_export,
      .generate = ngx_workers_aes_generate,
      .cipher = ngx_workers_aes_gcm,
      .key_length = ngx_workers_aes_key_length,
      .describe = ngx_workers_aes_describe },

    { .name = "AES-CBC",
      .usages = NGX_WORKERS_AES_CIPHER,
      .id = NGX_WORKERS_AES_CBC,
      .import = ngx_workers_aes_import,
      .ready = ngx_workers_aes_ready,
      .export = ngx_workers_aes_export,
      .generate = ngx_workers_aes_generate,
      .cipher = ngx_workers_aes_cbc,
      .key_length = ngx_workers_aes_key_length,
      .describe = ngx_workers_aes_describe },

    { .name = "AES-CTR",
      .usages = NGX_WORKERS_AES_CIPHER,
      .id = NGX_WORKERS_AES_CTR,
      .import = ngx_workers_aes_import,
      .ready = ngx_workers_aes_ready,
      .export = ngx_workers_aes_export,
      .generate = ngx_workers_aes_generate,
      .cipher = ngx_workers_aes_ctr,
      .key_length = ngx_workers_aes_key_length,
      .describe = ngx_workers_aes_describe },

    { .name = "AES-KW",
      .usages = NGX_WORKERS_AES_WRAPS,
      .id = NGX_WORKERS_AES_KW,
      .import = ngx_workers_aes_import,
      .ready = ngx_workers_aes_ready,
      .export = ngx_workers_aes_export,
      .generate = ngx_workers_aes_generate,
      .cipher = ngx_workers_aes_kw,
      .key_length = ngx_workers_aes_key_length,
      .describe = ngx_workers_aes_describe },

    { .name = NULL }
};


/* OpenSSL's names, of the mode and as JSON Web Algorithms call it. */
static const struct {
    const char  *openssl;
    const char  *jwa;
} ngx_workers_aes_modes[NGX_WORKERS_AES_NMODES] = {
    { "GCM", "GCM" },
    { "CBC", "CBC" },
    { "CTR", "CTR" },
    { "WRAP", "KW" },
};


#define ngx_workers_aes_is_length(bits)                                       \
    ((bits) == 128 || (bits) == 192 || (bits) == 256)


static ngx_int_t
ngx_workers_aes_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key)
{
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
        if (ngx_workers_aes_import_jwk(cx, import, jwk, key, &secret)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else {
        secret = *data;
    }

    key->bits = secret.len * 8;

    if (!ngx_workers_aes_is_length(key->bits)) {
        (void) JS_ThrowDOMException(cx, "DataError",
                                    "Imported AES key length must be 128, 192,"
                                    " or 256 bits but provided %zu.",
                                    secret.len * 8);
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_key_copy(cx, &key->secret, &secret) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_workers_aes_ready(cx, lib, key);
}


static ngx_int_t
ngx_workers_aes_ready(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_key_t *key)
{
    u_char  name[24];

    (void) ngx_snprintf(name, sizeof(name), "AES-%ui-%s%Z", key->bits,
                        ngx_workers_aes_modes[key->alg->id].openssl);

    key->cipher = EVP_CIPHER_fetch(NULL, (char *) name, NULL);

    if (key->cipher == NULL) {
        (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                    "OpenSSL has no %s", name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_aes_import_jwk(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key,
    ngx_str_t *secret)
{
    u_char      jwa[16];
    ngx_uint_t  i;

    if (!ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, KTY),
                                  "oct"))
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Symmetric \"jwk\" key "
                                    "import requires a JSON Web Key with Key "
                                    "Type parameter \"kty\" equal to \"oct\" "
                                    "(encountered \"%s\").",
                                    ngx_workers_crypto_jwk_text(jwk, KTY));
        return NGX_ERROR;
    }

    if (jwk->text[NGX_WORKERS_JWK_USE].data != NULL
        && !ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, USE),
                                     "enc"))
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Symmetric \"jwk\" key "
                                    "must have a \"use\" of \"enc\", not "
                                    "\"%s\".",
                                    ngx_workers_crypto_jwk_text(jwk, USE));
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_WORKERS_CRYPTO_NUSAGES; i++) {

        if (jwk->duplicate == (ngx_uint_t) 1 << i) {
            (void) JS_ThrowDOMException(cx, "DataError", "Symmetric \"jwk\" "
                                        "key contains duplicate value \"%s\", "
                                        "in \"key_op\".",
                                        ngx_workers_crypto_usage_names[i]);
            return NGX_ERROR;
        }
    }

    for (i = 0; i < NGX_WORKERS_CRYPTO_NUSAGES; i++) {

        if (jwk->has_ops
            && (import->usages.mask & ~jwk->ops & ((ngx_uint_t) 1 << i)))
        {
            (void) JS_ThrowDOMException(cx, "DataError", "\"jwk\" key missing "
                                        "usage \"%s\", in \"key_ops\".",
                                        ngx_workers_crypto_usage_names[i]);
            return NGX_ERROR;
        }
    }

    if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_K, secret) != NGX_OK)
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Symmetric \"jwk\" key "
                                    "import requires a base64Url encoding of "
                                    "the key.");
        return NGX_ERROR;
    }

    if (jwk->text[NGX_WORKERS_JWK_ALG].data == NULL
        || !ngx_workers_aes_is_length(secret->len * 8))
    {
        return NGX_OK;                     /* who called looks at the length */
    }

    ngx_workers_aes_jwa(key->alg, secret->len, jwa, sizeof(jwa));

    if (!ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, ALG), jwa))
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Symmetric \"jwk\" key "
                                    "contains invalid \"alg\" value \"%s\", "
                                    "expected \"%s\".",
                                    ngx_workers_crypto_jwk_text(jwk, ALG),
                                    jwa);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_workers_aes_jwa(const ngx_workers_crypto_alg_t *alg, size_t len,
    u_char *text, size_t size)
{
    (void) ngx_snprintf(text, size, "A%uz%s%Z", len * 8,
                        ngx_workers_aes_modes[alg->id].jwa);
}


static JSValue
ngx_workers_aes_export(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format)
{
    u_char                        jwa[16];
    ngx_workers_crypto_jwk_out_t  jwk;

    if (ngx_workers_crypto_streq(format, "raw")) {
        return ngx_workers_new_array_buffer(cx, &key->secret);
    }

    if (!ngx_workers_crypto_streq(format, "jwk")) {
        return JS_ThrowDOMException(cx, "NotSupportedError",
                                    "%s key only supports exporting \"raw\" & "
                                    "\"jwk\", not \"%s\".", key->alg->name,
                                    format);
    }

    ngx_workers_aes_jwa(key->alg, key->secret.len, jwa, sizeof(jwa));

    ngx_memzero(&jwk, sizeof(jwk));

    jwk.kty = "oct";
    jwk.alg = (char *) jwa;
    jwk.bytes[NGX_WORKERS_JWK_K] = key->secret;

    return ngx_workers_crypto_jwk_object(cx, key, &jwk);
}


static ngx_int_t
ngx_workers_aes_generate(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_usages_t *usages, ngx_workers_crypto_job_t *job)
{
    int32_t  length;

    if (ngx_workers_crypto_generate_usages(cx, job->alg, usages) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_LENGTH)) {
        return ngx_workers_crypto_missing(cx, "length", "algorithm");
    }

    length = params->number[NGX_WORKERS_CRYPTO_LENGTH];

    if (!ngx_workers_aes_is_length(length)) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Generated AES key length must be 128, "
                                    "192, or 256 bits but requested %d.",
                                    length);
        return NGX_ERROR;
    }

    return ngx_workers_crypto_generate_secret(cx, job, length);
}


static ngx_int_t
ngx_workers_aes_key_length(JSContext *cx, ngx_workers_crypto_params_t *params,
    int32_t *length)
{
    if (!ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_LENGTH)) {
        return ngx_workers_crypto_missing(cx, "length", "derivedKeyParams");
    }

    *length = params->number[NGX_WORKERS_CRYPTO_LENGTH];

    if (!ngx_workers_aes_is_length(*length)) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Derived AES key must be 128, 192, or 256 "
                                    "bits in length but provided %d.",
                                    *length);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_aes_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key)
{
    return ngx_workers_set(cx, object, "length",
                           JS_NewInt64(cx, key->bits));
}


static ngx_int_t
ngx_workers_aes_gcm(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    int32_t     tag;
    ngx_str_t  *in;

    in = job->in;

    if (ngx_workers_crypto_buffer(cx, params, NGX_WORKERS_CRYPTO_IV,
                                  "algorithm", &in[NGX_WORKERS_CRYPTO_IN_IV])
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (in[NGX_WORKERS_CRYPTO_IN_IV].len == 0) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "AES-GCM IV must not be empty.");
        return NGX_ERROR;
    }

    tag = ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_TAG_LENGTH)
          ? params->number[NGX_WORKERS_CRYPTO_TAG_LENGTH] : 128;

    if (tag != 32 && tag != 64 && (tag < 96 || tag > 128 || tag % 8 != 0)) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Invalid AES-GCM tag length %d.", tag);
        return NGX_ERROR;
    }

    job->n = tag / 8;

    if ((job->usage & NGX_WORKERS_AES_FORWARD) == 0
        && in[NGX_WORKERS_CRYPTO_IN_DATA].len < job->n)
    {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Ciphertext length of %zu bits must be "
                                    "greater than or equal to the size of the "
                                    "AES-GCM tag length of %d bits.",
                                    in[NGX_WORKERS_CRYPTO_IN_DATA].len * 8,
                                    tag);
        return NGX_ERROR;
    }

    if (!JS_IsUndefined(params->value[NGX_WORKERS_CRYPTO_AAD])) {
        ngx_workers_crypto_bytes(cx, params->value[NGX_WORKERS_CRYPTO_AAD],
                                 &in[NGX_WORKERS_CRYPTO_IN_AAD]);
    }

    job->run = ngx_workers_aes_run_gcm;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_aes_run_gcm(ngx_workers_crypto_job_t *job)
{
    int              n;
    size_t           len, written;
    ngx_int_t        rc;
    ngx_str_t       *in;
    ngx_uint_t       forward;
    EVP_CIPHER_CTX  *ctx;

    in = job->in;
    forward = (job->usage & NGX_WORKERS_AES_FORWARD);
    len = in[NGX_WORKERS_CRYPTO_IN_DATA].len - (forward ? 0 : job->n);
    written = 0;
    rc = NGX_ERROR;

    if (ngx_workers_crypto_out(job, len + job->n) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx = ngx_workers_aes_begin(job, in[NGX_WORKERS_CRYPTO_IN_IV].data,
                                in[NGX_WORKERS_CRYPTO_IN_IV].len);

    if (ctx != NULL
        && (forward
            || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, job->n,
                                   in[NGX_WORKERS_CRYPTO_IN_DATA].data + len)
               == 1)
        && ngx_workers_aes_update(ctx, NULL,
                                  in[NGX_WORKERS_CRYPTO_IN_AAD].data,
                                  in[NGX_WORKERS_CRYPTO_IN_AAD].len, NULL)
           == NGX_OK
        && ngx_workers_aes_update(ctx, job->out.data,
                                  in[NGX_WORKERS_CRYPTO_IN_DATA].data, len,
                                  &written)
           == NGX_OK
        && EVP_CipherFinal_ex(ctx, job->out.data + written, &n) == 1
        && (!forward
            || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, job->n,
                                   job->out.data + len)
               == 1))
    {
        job->out.len = forward ? len + job->n : len;
        rc = NGX_OK;
    }

    EVP_CIPHER_CTX_free(ctx);

    return (rc == NGX_OK) ? NGX_OK : ngx_workers_aes_failed(job, len, len);
}


static ngx_int_t
ngx_workers_aes_cbc(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    ngx_str_t  *iv;

    iv = &job->in[NGX_WORKERS_CRYPTO_IN_IV];

    if (ngx_workers_crypto_buffer(cx, params, NGX_WORKERS_CRYPTO_IV,
                                  "algorithm", iv)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (iv->len != NGX_WORKERS_AES_BLOCK) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "AES-CBC IV must be 16 bytes long "
                                    "(provided %zu%s).", iv->len,
                                    (job->usage & NGX_WORKERS_AES_FORWARD)
                                    ? " bytes" : "");
        return NGX_ERROR;
    }

    job->run = ngx_workers_aes_run_cbc;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_aes_run_cbc(ngx_workers_crypto_job_t *job)
{
    int              n;
    size_t           written;
    ngx_int_t        rc;
    ngx_str_t       *data;
    EVP_CIPHER_CTX  *ctx;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    rc = NGX_ERROR;

    if (ngx_workers_crypto_out(job, data->len + NGX_WORKERS_AES_BLOCK)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx = ngx_workers_aes_begin(job, job->in[NGX_WORKERS_CRYPTO_IN_IV].data,
                                0);

    if (ctx != NULL
        && ngx_workers_aes_update(ctx, job->out.data, data->data, data->len,
                                  &written)
           == NGX_OK
        && EVP_CipherFinal_ex(ctx, job->out.data + written, &n) == 1)
    {
        job->out.len = written + n;
        rc = NGX_OK;
    }

    EVP_CIPHER_CTX_free(ctx);

    return (rc == NGX_OK) ? NGX_OK
                          : ngx_workers_aes_failed(job, data->len, 0);
}


static ngx_int_t
ngx_workers_aes_ctr(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    int32_t     bits;
    uint64_t    blocks;
    ngx_str_t  *counter;

    if (JS_IsUndefined(params->value[NGX_WORKERS_CRYPTO_COUNTER])) {
        (void) JS_ThrowTypeError(cx, "Missing \"counter\" member in "
                                 "\"algorithm\".");
        return NGX_ERROR;
    }

    counter = &job->in[NGX_WORKERS_CRYPTO_IN_IV];

    ngx_workers_crypto_bytes(cx, params->value[NGX_WORKERS_CRYPTO_COUNTER],
                             counter);

    if (counter->len != NGX_WORKERS_AES_BLOCK) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Counter must have length of 16 bytes "
                                    "(provided %zu).", counter->len);
        return NGX_ERROR;
    }

    if (!ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_LENGTH)) {
        (void) JS_ThrowTypeError(cx, "Missing \"length\" member in "
                                 "\"algorithm\".");
        return NGX_ERROR;
    }

    bits = params->number[NGX_WORKERS_CRYPTO_LENGTH];

    if (bits < 1 || bits > 128) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Invalid counter of %d bits length "
                                    "provided.", bits);
        return NGX_ERROR;
    }

    blocks = (job->in[NGX_WORKERS_CRYPTO_IN_DATA].len
              + NGX_WORKERS_AES_BLOCK - 1) / NGX_WORKERS_AES_BLOCK;

    if (bits < 64 && blocks > (uint64_t) 1 << bits) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Counter block values will repeat.");
        return NGX_ERROR;
    }

    job->n = bits;
    job->run = ngx_workers_aes_run_ctr;

    return NGX_OK;
}


/*
 * OpenSSL counts in all of the block: where only the last n bits count, what
 * comes after they have passed zero is a second run.
 */

static ngx_int_t
ngx_workers_aes_run_ctr(ngx_workers_crypto_job_t *job)
{
    size_t           first, len, written;
    u_char           counter[NGX_WORKERS_AES_BLOCK];
    uint64_t         low, left;
    ngx_int_t        rc;
    ngx_str_t       *data;
    ngx_uint_t       i, bits;
    EVP_CIPHER_CTX  *ctx;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    len = data->len;
    bits = job->n;

    ngx_memcpy(counter, job->in[NGX_WORKERS_CRYPTO_IN_IV].data,
               NGX_WORKERS_AES_BLOCK);

    if (ngx_workers_crypto_out(job, len) != NGX_OK) {
        return NGX_ERROR;
    }

    /* from here on, counters of 64 bits and more pass zero alike */

    low = 0;

    for (i = 8; i < NGX_WORKERS_AES_BLOCK; i++) {
        low = low << 8 | counter[i];
    }

    first = len;

    if (bits < 64) {
        low &= ((uint64_t) 1 << bits) - 1;
        left = ((uint64_t) 1 << bits) - low;

    } else {
        left = (uint64_t) 0 - low;         /* 0: 2^64 */

        for (i = 0; bits > 64 && i < (bits - 64 + 7) / 8; i++) {
            if ((counter[7 - i] | (0xff << ngx_min(bits - 64 - i * 8, 8)))
                % 256 != 0xff)
            {
                left = 0;                  /* it carries, and goes on */
                break;
            }
        }
    }

    if (left != 0 && left < (len + NGX_WORKERS_AES_BLOCK - 1)
                            / NGX_WORKERS_AES_BLOCK)
    {
        first = left * NGX_WORKERS_AES_BLOCK;
    }

    rc = NGX_ERROR;

    ctx = ngx_workers_aes_begin(job, counter, 0);

    if (ctx == NULL
        || ngx_workers_aes_update(ctx, job->out.data, data->data, first,
                                  &written)
           != NGX_OK)
    {
        goto done;
    }

    if (first < len) {

        for (i = 0; i < bits / 8; i++) {
            counter[NGX_WORKERS_AES_BLOCK - 1 - i] = 0;
        }

        if (bits % 8 != 0) {
            counter[NGX_WORKERS_AES_BLOCK - 1 - i] &= 0xff << (bits % 8);
        }

        if (EVP_CipherInit_ex2(ctx, NULL, NULL, counter, -1, NULL) != 1
            || ngx_workers_aes_update(ctx, job->out.data + first,
                                      data->data + first, len - first,
                                      &written)
               != NGX_OK)
        {
            goto done;
        }
    }

    rc = NGX_OK;

done:

    EVP_CIPHER_CTX_free(ctx);

    return (rc == NGX_OK) ? NGX_OK : ngx_workers_aes_failed(job, len, len);
}


static ngx_int_t
ngx_workers_aes_kw(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    size_t      len;
    ngx_uint_t  wrap;

    len = job->in[NGX_WORKERS_CRYPTO_IN_DATA].len;
    wrap = (job->usage == NGX_WORKERS_CRYPTO_WRAP);

    if (len % 8 != 0) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    wrap
                                    ? "Unwrapped key bit length must be a "
                                      "multiple of 64 bits but unwrapped key "
                                      "has a length of %zu bits."
                                    : "Provided a wrapped key to unwrap that "
                                      "is %zu bits which isn't a multiple of "
                                      "64 bits.", len * 8);
        return NGX_ERROR;
    }

    if (wrap && len < 16) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Unwrapped key has length %zu bytes but it"
                                    " should be greater than or equal to 16 "
                                    "and less than or equal to "
                                    "18446744073709551607", len);
        return NGX_ERROR;
    }

    if (!wrap && len < 24) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Provided a wrapped key to unwrap this is "
                                    "%zu bits that is less than the minimal "
                                    "length of 192 bits.", len * 8);
        return NGX_ERROR;
    }

    job->run = ngx_workers_aes_run_kw;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_aes_run_kw(ngx_workers_crypto_job_t *job)
{
    int              n;
    ngx_int_t        rc;
    ngx_str_t       *data;
    EVP_CIPHER_CTX  *ctx;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    rc = NGX_ERROR;

    if (data->len > NGX_WORKERS_AES_UPDATE
        || ngx_workers_crypto_out(job, data->len + NGX_WORKERS_AES_WRAP)
           != NGX_OK)
    {
        return ngx_workers_crypto_fail(job, "OperationError",
                                       "The key is too long.");
    }

    ctx = ngx_workers_aes_begin(job, NULL, 0);

    if (ctx != NULL
        && EVP_CipherUpdate(ctx, job->out.data, &n, data->data, data->len)
           == 1)
    {
        job->out.len = n;
        rc = NGX_OK;
    }

    EVP_CIPHER_CTX_free(ctx);

    return (rc == NGX_OK)
           ? NGX_OK
           : ngx_workers_crypto_fail(job, "OperationError",
                                     "AES-KW key %swrapping failed.",
                                     job->usage == NGX_WORKERS_CRYPTO_WRAP
                                     ? "" : "un");
}


/* iv_len: 0 where the mode knows it. */

static EVP_CIPHER_CTX *
ngx_workers_aes_begin(ngx_workers_crypto_job_t *job, u_char *iv,
    size_t iv_len)
{
    int                        rc, forward;
    OSSL_PARAM                 params[2];
    EVP_CIPHER_CTX            *ctx;
    ngx_workers_crypto_key_t  *key;

    key = job->key;
    forward = (job->usage & NGX_WORKERS_AES_FORWARD) ? 1 : 0;

    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        return NULL;
    }

    params[0] = (iv_len != 0)
                ? OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_IVLEN, &iv_len)
                : OSSL_PARAM_construct_end();
    params[1] = OSSL_PARAM_construct_end();

    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);

    rc = EVP_CipherInit_ex2(ctx, key->cipher, NULL, NULL, forward, params);

    if (rc == 1) {
        rc = EVP_CipherInit_ex2(ctx, NULL, key->secret.data, iv, forward,
                                NULL);
    }

    if (rc != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }

    return ctx;
}


/* out: NULL for data that is only authenticated. */

static ngx_int_t
ngx_workers_aes_update(EVP_CIPHER_CTX *ctx, u_char *out, u_char *in,
    size_t len, size_t *written)
{
    int     n;
    size_t  total, part;

    total = 0;

    while (len != 0) {
        part = ngx_min(len, NGX_WORKERS_AES_UPDATE);

        if (EVP_CipherUpdate(ctx, out != NULL ? out + total : NULL, &n, in,
                             part)
            != 1)
        {
            return NGX_ERROR;
        }

        total += n;
        in += part;
        len -= part;
    }

    if (written != NULL) {
        *written = total;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_aes_failed(ngx_workers_crypto_job_t *job, size_t in, size_t out)
{
    if (job->usage & NGX_WORKERS_AES_FORWARD) {
        return ngx_workers_crypto_fail(job, "OperationError",
                                       "Encryption failed.");
    }

    return ngx_workers_crypto_fail(job, "OperationError",
                                   "Decryption failed. This could be due to a "
                                   "ciphertext authentication failure, bad "
                                   "padding, incorrect CryptoKey, or another "
                                   "algorithm-specific reason. Input length "
                                   "was %zu, output length expected to be %zu "
                                   "for %s", in, out, job->key->alg->name);
}
