
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: RSASSA-PKCS1-v1_5, RSA-PSS, RSA-OAEP (RFC 8017) and the
 * reference's RSA-RAW.
 */


#include "ngx_workers_crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>


#define NGX_WORKERS_RSA_SLOW_PRIVATE  2048 /* bits: beyond, a private operation
                                              takes milliseconds */
#define NGX_WORKERS_RSA_SLOW_PUBLIC   8192


enum {
    NGX_WORKERS_RSA_PKCS1 = 0,
    NGX_WORKERS_RSA_PSS,
    NGX_WORKERS_RSA_OAEP,
    NGX_WORKERS_RSA_RAW
};


/* Numbers of a key, in the order of RFC 8017, A.1.2. */
enum {
    NGX_WORKERS_RSA_N = 0,
    NGX_WORKERS_RSA_E,
    NGX_WORKERS_RSA_D,
    NGX_WORKERS_RSA_P,
    NGX_WORKERS_RSA_Q,
    NGX_WORKERS_RSA_DP,
    NGX_WORKERS_RSA_DQ,
    NGX_WORKERS_RSA_QI,
    NGX_WORKERS_RSA_NNUMBERS
};


typedef struct {
    ngx_uint_t   jwk;
    const char  *param;
} ngx_workers_rsa_number_t;


static ngx_int_t ngx_workers_rsa_import(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_rsa_import_der(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_key_t *key, ngx_str_t *numbers);
static ngx_int_t ngx_workers_rsa_type(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_workers_crypto_key_t *key,
    ngx_workers_crypto_type_e type);
static ngx_int_t ngx_workers_rsa_import_jwk(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key, ngx_str_t *numbers);
static ngx_int_t ngx_workers_rsa_jwa(const ngx_workers_crypto_alg_t *alg,
    ngx_workers_crypto_hash_e hash, u_char *text, size_t size);
static ngx_uint_t ngx_workers_rsa_consistent(ngx_str_t *numbers);
static EVP_PKEY *ngx_workers_rsa_key(ngx_str_t *numbers);
static JSValue ngx_workers_rsa_export(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format);
static JSValue ngx_workers_rsa_export_der(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format, ngx_str_t *numbers,
    ngx_uint_t n);
static ngx_int_t ngx_workers_rsa_modulus(JSContext *cx, ngx_uint_t bits);
static ngx_int_t ngx_workers_rsa_generate(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_usages_t *usages,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_rsa_run_generate(ngx_workers_crypto_job_t *job);
static int ngx_workers_rsa_progress(EVP_PKEY_CTX *ctx);
static ngx_int_t ngx_workers_rsa_sign(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_rsa_run_sign(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_rsa_setup(EVP_PKEY_CTX *ctx,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_rsa_cipher(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_rsa_run_cipher(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_rsa_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key);


static const ngx_workers_rsa_number_t
    ngx_workers_rsa_numbers[NGX_WORKERS_RSA_NNUMBERS] =
{
    { NGX_WORKERS_JWK_N, OSSL_PKEY_PARAM_RSA_N },
    { NGX_WORKERS_JWK_E, OSSL_PKEY_PARAM_RSA_E },
    { NGX_WORKERS_JWK_D, OSSL_PKEY_PARAM_RSA_D },
    { NGX_WORKERS_JWK_P, OSSL_PKEY_PARAM_RSA_FACTOR1 },
    { NGX_WORKERS_JWK_Q, OSSL_PKEY_PARAM_RSA_FACTOR2 },
    { NGX_WORKERS_JWK_DP, OSSL_PKEY_PARAM_RSA_EXPONENT1 },
    { NGX_WORKERS_JWK_DQ, OSSL_PKEY_PARAM_RSA_EXPONENT2 },
    { NGX_WORKERS_JWK_QI, OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
};


const ngx_workers_crypto_alg_t  ngx_workers_crypto_rsa[] = {

    { .name = "RSASSA-PKCS1-v1_5",
      .usages = NGX_WORKERS_CRYPTO_SIGN,
      .usages_public = NGX_WORKERS_CRYPTO_VERIFY,
      .id = NGX_WORKERS_RSA_PKCS1,
      .import = ngx_workers_rsa_import,
      .export = ngx_workers_rsa_export,
      .generate = ngx_workers_rsa_generate,
      .sign = ngx_workers_rsa_sign,
      .describe = ngx_workers_rsa_describe },

    { .name = "RSA-PSS",
      .usages = NGX_WORKERS_CRYPTO_SIGN,
      .usages_public = NGX_WORKERS_CRYPTO_VERIFY,
      .id = NGX_WORKERS_RSA_PSS,
      .import = ngx_workers_rsa_import,
      .export = ngx_workers_rsa_export,
      .generate = ngx_workers_rsa_generate,
      .sign = ngx_workers_rsa_sign,
      .describe = ngx_workers_rsa_describe },

    { .name = "RSA-OAEP",
      .usages = NGX_WORKERS_CRYPTO_DECRYPT|NGX_WORKERS_CRYPTO_UNWRAP,
      .usages_public = NGX_WORKERS_CRYPTO_ENCRYPT|NGX_WORKERS_CRYPTO_WRAP,
      .id = NGX_WORKERS_RSA_OAEP,
      .import = ngx_workers_rsa_import,
      .export = ngx_workers_rsa_export,
      .generate = ngx_workers_rsa_generate,
      .cipher = ngx_workers_rsa_cipher,
      .describe = ngx_workers_rsa_describe },

    { .name = "RSA-RAW",
      .usages = NGX_WORKERS_CRYPTO_SIGN,
      .id = NGX_WORKERS_RSA_RAW,
      .import = ngx_workers_rsa_import,
      .export = ngx_workers_rsa_export,
      .sign = ngx_workers_rsa_sign,
      .describe = ngx_workers_rsa_describe },

    { .name = NULL }
};


static ngx_int_t
ngx_workers_rsa_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key)
{
    u_char     *p;
    uint64_t    e;
    ngx_str_t   numbers[NGX_WORKERS_RSA_NNUMBERS];
    ngx_uint_t  i, k;

    if (key->alg->id != NGX_WORKERS_RSA_RAW
        && ngx_workers_crypto_hash(cx, &import->params, "algorithm",
                                   &key->hash)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memzero(numbers, sizeof(numbers));

    if (jwk != NULL) {
        if (ngx_workers_rsa_import_jwk(cx, import, jwk, key, numbers)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else if (ngx_workers_rsa_import_der(cx, import, data, key, numbers)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_WORKERS_RSA_NNUMBERS; i++) {
        while (numbers[i].len > 0 && numbers[i].data[0] == 0) {
            numbers[i].data++;
            numbers[i].len--;
        }
    }

    p = numbers[NGX_WORKERS_RSA_N].data;
    key->bits = numbers[NGX_WORKERS_RSA_N].len * 8;

    for (k = 0x80; key->bits != 0 && (*p & k) == 0; k >>= 1) {
        key->bits--;
    }

    if (ngx_workers_rsa_modulus(cx, key->bits) != NGX_OK) {
        return NGX_ERROR;
    }

    e = 0;

    for (i = 0; i < numbers[NGX_WORKERS_RSA_E].len && i < 5; i++) {
        e = e << 8 | numbers[NGX_WORKERS_RSA_E].data[i];
    }

    if (e != 3 && e != 65537) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Imported RSA key has invalid "
                                    "publicExponent %llu.",
                                    (unsigned long long) e);
        return NGX_ERROR;
    }

    for (i = NGX_WORKERS_RSA_D; i < NGX_WORKERS_RSA_NNUMBERS; i++) {

        if (numbers[i].len > numbers[NGX_WORKERS_RSA_N].len) {
            (void) JS_ThrowDOMException(cx, "DataError",
                                        "A number of the RSA key is larger "
                                        "than its modulus.");
            return NGX_ERROR;
        }
    }

    key->pkey = ngx_workers_rsa_key(numbers);

    if (key->pkey == NULL) {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid RSA key.");
        return NGX_ERROR;
    }

    return ngx_workers_crypto_key_copy(cx, &key->exponent,
                                       &numbers[NGX_WORKERS_RSA_E]);
}


static ngx_int_t
ngx_workers_rsa_import_der(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_crypto_key_t *key, ngx_str_t *numbers)
{
    ngx_str_t              body, version;
    ngx_uint_t             i, n, is_public;
    ngx_workers_der_key_t  der;

    is_public = ngx_workers_crypto_streq(import->format, "spki");

    if (!is_public && !ngx_workers_crypto_streq(import->format, "pkcs8")) {
        return ngx_workers_crypto_format_error(cx, import->format);
    }

    if (ngx_workers_pkey_open(cx, import, data, NGX_WORKERS_PKEY_RSA, &der)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if ((der.params.len != 0
         && (der.params.len != 2
             || ngx_memcmp(der.params.data, "\x05\0", 2) != 0))
        || ngx_workers_der_get(&der.key, NGX_WORKERS_DER_SEQUENCE, &body)
           != NGX_OK
        || der.key.len != 0)
    {
        goto invalid;
    }

    if (!is_public
        && (ngx_workers_der_number(&body, &version) != NGX_OK
            || version.len != 1 || version.data[0] != 0))
    {
        goto invalid;
    }

    n = is_public ? NGX_WORKERS_RSA_E + 1 : NGX_WORKERS_RSA_NNUMBERS;

    for (i = 0; i < n; i++) {
        if (ngx_workers_der_number(&body, &numbers[i]) != NGX_OK) {
            goto invalid;
        }
    }

    if (body.len != 0 || (!is_public && !ngx_workers_rsa_consistent(numbers)))
    {
        goto invalid;
    }

    return ngx_workers_rsa_type(cx, import, key,
                                is_public ? NGX_WORKERS_CRYPTO_PUBLIC
                                          : NGX_WORKERS_CRYPTO_PRIVATE);

invalid:

    return ngx_workers_pkey_invalid(cx, import);
}


static ngx_int_t
ngx_workers_rsa_type(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_workers_crypto_key_t *key, ngx_workers_crypto_type_e type)
{
    if (key->alg->id == NGX_WORKERS_RSA_RAW
        && type == NGX_WORKERS_CRYPTO_PUBLIC)
    {
        (void) JS_ThrowDOMException(cx, "DataError", "RSA-RAW only supports "
                                    "private keys but requested \"public\".");
        return NGX_ERROR;
    }

    return ngx_workers_pkey_type(cx, import, key, type);
}


static ngx_int_t
ngx_workers_rsa_import_jwk(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key,
    ngx_str_t *numbers)
{
    u_char                      expected[24];
    ngx_uint_t                  i, h, nfactors;
    const char                 *alg;
    ngx_workers_crypto_type_e   type;

    if (!ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, KTY),
                                  "RSA"))
    {
        (void) JS_ThrowDOMException(cx, "DataError", "RSASSA-PKCS1-v1_5 "
                                    "\"jwk\" key import requires a JSON Web "
                                    "Key with Key Type parameter \"kty\" "
                                    "(\"%s\") equal to \"RSA\".",
                                    ngx_workers_crypto_jwk_text(jwk, KTY));
        return NGX_ERROR;
    }

    type = (jwk->text[NGX_WORKERS_JWK_D].data != NULL)
           ? NGX_WORKERS_CRYPTO_PRIVATE : NGX_WORKERS_CRYPTO_PUBLIC;

    if (ngx_workers_rsa_type(cx, import, key, type) != NGX_OK
        || ngx_workers_pkey_jwk(cx, jwk, import) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (jwk->text[NGX_WORKERS_JWK_ALG].data != NULL) {

        alg = ngx_workers_crypto_jwk_text(jwk, ALG);

        if (ngx_workers_rsa_jwa(key->alg, key->hash, expected,
                                sizeof(expected))
               != NGX_OK
            || !ngx_workers_crypto_streq(alg, expected))
        {
            for (i = NGX_WORKERS_RSA_PKCS1; i <= NGX_WORKERS_RSA_OAEP; i++) {

                for (h = 0; h < NGX_WORKERS_CRYPTO_NHASHES; h++) {

                    if (ngx_workers_rsa_jwa(&ngx_workers_crypto_rsa[i], h,
                                            expected, sizeof(expected))
                           == NGX_OK
                        && ngx_workers_crypto_streq(alg, expected))
                    {
                        (void) JS_ThrowDOMException(cx, "DataError",
                                    "JSON Web Key Algorithm parameter \"alg\" "
                                    "(\"%s\") does not match requested hash "
                                    "algorithm \"%s\".", alg, alg);
                        return NGX_ERROR;
                    }
                }
            }

            (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                        "Unrecognized or unimplemented "
                                        "algorithm \"%s\" listed in JSON Web "
                                        "Key Algorithm parameter.", alg);
            return NGX_ERROR;
        }
    }

    if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_N,
                                     &numbers[NGX_WORKERS_RSA_N])
        != NGX_OK)
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid RSA key in JSON "
                                    "Web Key; missing or invalid Modulus "
                                    "parameter (\"n\").");
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_E,
                                     &numbers[NGX_WORKERS_RSA_E])
        != NGX_OK)
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid RSA key in JSON "
                                    "Web Key; missing or invalid Exponent "
                                    "parameter (\"e\").");
        return NGX_ERROR;
    }

    if (type == NGX_WORKERS_CRYPTO_PUBLIC) {
        return NGX_OK;
    }

    if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_D,
                                     &numbers[NGX_WORKERS_RSA_D])
        != NGX_OK)
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid RSA key in JSON "
                                    "Web Key; missing or invalid Private "
                                    "Exponent parameter (\"d\").");
        return NGX_ERROR;
    }

    if (jwk->has_oth) {
        (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                    "Multi-prime private keys not supported.");
        return NGX_ERROR;
    }

    nfactors = 0;

    for (i = NGX_WORKERS_RSA_P; i < NGX_WORKERS_RSA_NNUMBERS; i++) {
        if (ngx_workers_crypto_jwk_bytes(jwk, ngx_workers_rsa_numbers[i].jwk,
                                         &numbers[i])
            == NGX_OK)
        {
            nfactors++;
        }
    }

    if (nfactors != 0
        && nfactors != NGX_WORKERS_RSA_NNUMBERS - NGX_WORKERS_RSA_P)
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid RSA private key "
                                    "in JSON Web Key; if one Prime Factor or "
                                    "CRT Exponent/Coefficient parameter is "
                                    "present, then they must all be present "
                                    "(\"p\", \"q\", \"dp\", \"dq\", \"qi\").");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* NGX_DECLINED: there is none with that hash. */

static ngx_int_t
ngx_workers_rsa_jwa(const ngx_workers_crypto_alg_t *alg,
    ngx_workers_crypto_hash_e hash, u_char *text, size_t size)
{
    const char  *number;

    number = ngx_workers_crypto_digests[hash].number;

    if (number == NULL) {
        return NGX_DECLINED;
    }

    if (alg->id == NGX_WORKERS_RSA_OAEP) {
        (void) (hash == NGX_WORKERS_CRYPTO_SHA1
                ? ngx_snprintf(text, size, "RSA-OAEP%Z")
                : ngx_snprintf(text, size, "RSA-OAEP-%s%Z", number));

    } else {
        (void) ngx_snprintf(text, size, "%s%s%Z",
                            alg->id == NGX_WORKERS_RSA_PSS ? "PS" : "RS",
                            number);
    }

    return NGX_OK;
}


/* n = pq, and d is the inverse of e for both primes. */

static ngx_uint_t
ngx_workers_rsa_consistent(ngx_str_t *numbers)
{
    BIGNUM      *n[NGX_WORKERS_RSA_NNUMBERS], *r, *m;
    BN_CTX      *ctx;
    ngx_uint_t   i, ok;

    ok = 0;

    for (i = 0; i < NGX_WORKERS_RSA_NNUMBERS; i++) {

        if (numbers[i].len > 16384 / 8) {
            return 0;
        }
    }

    for (i = 0; i < NGX_WORKERS_RSA_NNUMBERS; i++) {
        n[i] = BN_bin2bn(numbers[i].data, numbers[i].len, NULL);
    }

    ctx = BN_CTX_secure_new();
    r = BN_secure_new();
    m = BN_secure_new();

    if (ctx == NULL || r == NULL || m == NULL) {
        goto done;
    }

    for (i = 0; i < NGX_WORKERS_RSA_NNUMBERS; i++) {
        if (n[i] == NULL || BN_is_zero(n[i])) {
            goto done;
        }
    }

    if (BN_mul(r, n[NGX_WORKERS_RSA_P], n[NGX_WORKERS_RSA_Q], ctx) != 1
        || BN_cmp(r, n[NGX_WORKERS_RSA_N]) != 0)
    {
        goto done;
    }

    for (i = NGX_WORKERS_RSA_P; i <= NGX_WORKERS_RSA_Q; i++) {

        if (BN_is_one(n[i])
            || BN_sub(m, n[i], BN_value_one()) != 1
            || BN_mod_mul(r, n[NGX_WORKERS_RSA_D], n[NGX_WORKERS_RSA_E], m,
                          ctx)
               != 1
            || !BN_is_one(r))
        {
            goto done;
        }
    }

    ok = 1;

done:

    BN_clear_free(m);
    BN_clear_free(r);
    BN_CTX_free(ctx);

    for (i = 0; i < NGX_WORKERS_RSA_NNUMBERS; i++) {
        BN_clear_free(n[i]);
    }

    return ok;
}


/* Absent numbers have no data. */

static EVP_PKEY *
ngx_workers_rsa_key(ngx_str_t *numbers)
{
    BIGNUM          *bn[NGX_WORKERS_RSA_NNUMBERS];
    EVP_PKEY        *pkey;
    ngx_uint_t       i;
    OSSL_PARAM      *params;
    EVP_PKEY_CTX    *ctx;
    OSSL_PARAM_BLD  *bld;

    pkey = NULL;
    ctx = NULL;
    params = NULL;

    ngx_memzero(bn, sizeof(bn));

    bld = OSSL_PARAM_BLD_new();

    if (bld == NULL) {
        goto done;
    }

    for (i = 0; i < NGX_WORKERS_RSA_NNUMBERS; i++) {

        if (numbers[i].data == NULL) {
            continue;
        }

        bn[i] = BN_bin2bn(numbers[i].data, numbers[i].len, NULL);

        if (bn[i] == NULL
            || BN_is_zero(bn[i])
            || OSSL_PARAM_BLD_push_BN(bld, ngx_workers_rsa_numbers[i].param,
                                      bn[i])
               != 1)
        {
            goto done;
        }
    }

    if (!BN_is_odd(bn[NGX_WORKERS_RSA_N])) {
        goto done;
    }

    params = OSSL_PARAM_BLD_to_param(bld);
    ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

    if (params == NULL
        || ctx == NULL
        || EVP_PKEY_fromdata_init(ctx) != 1
        || EVP_PKEY_fromdata(ctx, &pkey,
                             numbers[NGX_WORKERS_RSA_D].data != NULL
                             ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                             params)
           != 1)
    {
        pkey = NULL;
    }

done:

    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);

    for (i = 0; i < NGX_WORKERS_RSA_NNUMBERS; i++) {
        BN_clear_free(bn[i]);
    }

    return pkey;
}


static JSValue
ngx_workers_rsa_export(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format)
{
    size_t                        size;
    u_char                       *buf, *p, jwa[24];
    BIGNUM                       *bn;
    JSValue                       ret;
    ngx_str_t                     numbers[NGX_WORKERS_RSA_NNUMBERS];
    ngx_uint_t                    i, n;
    ngx_workers_crypto_jwk_out_t  jwk;

    if (ngx_workers_pkey_exportable(cx, key, format, NULL) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_crypto_streq(format, "jwk")
        && (key->alg->id == NGX_WORKERS_RSA_RAW
            || ngx_workers_rsa_jwa(key->alg, key->hash, jwa, sizeof(jwa))
               != NGX_OK))
    {
        return JS_ThrowDOMException(cx, "NotSupportedError", "JWK export not "
                                    "supported for hash algorithm \"%s\".",
                                    ngx_workers_crypto_digests[key->hash].name);
    }

    n = (key->type == NGX_WORKERS_CRYPTO_PRIVATE) ? NGX_WORKERS_RSA_NNUMBERS
                                                  : NGX_WORKERS_RSA_E + 1;
    size = (key->bits + 7) / 8 * n;
    ret = JS_EXCEPTION;

    buf = OPENSSL_malloc(size);
    if (buf == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    p = buf;

    for (i = 0; i < n; i++) {
        bn = NULL;
        ngx_str_null(&numbers[i]);

        if (EVP_PKEY_get_bn_param(key->pkey, ngx_workers_rsa_numbers[i].param,
                                  &bn)
            != 1)
        {
            continue;                      /* not there */
        }

        if ((size_t) BN_num_bytes(bn) <= (size_t) (buf + size - p)) {
            numbers[i].data = p;
            numbers[i].len = BN_bn2bin(bn, p);
            p += numbers[i].len;
        }

        BN_clear_free(bn);
    }

    if (!ngx_workers_crypto_streq(format, "jwk")) {
        ret = ngx_workers_rsa_export_der(cx, key, format, numbers, n);
        goto done;
    }

    ngx_memzero(&jwk, sizeof(jwk));

    jwk.kty = "RSA";
    jwk.alg = (char *) jwa;

    for (i = 0; i < n; i++) {
        jwk.bytes[ngx_workers_rsa_numbers[i].jwk] = numbers[i];
    }

    ret = ngx_workers_crypto_jwk_object(cx, key, &jwk);

done:

    OPENSSL_clear_free(buf, size);

    return ret;
}


static JSValue
ngx_workers_rsa_export_der(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format, ngx_str_t *numbers, ngx_uint_t n)
{
    size_t             size;
    JSValue            ret;
    ngx_str_t          null = ngx_string("\x05\0");
    ngx_workers_der_t  der;

    size = 64;                             /* headers around the numbers */

    while (n > 0) {
        n--;
        size += numbers[n].len + 8;
    }

    der.start = OPENSSL_malloc(size);
    if (der.start == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    der.end = der.start + size;
    der.pos = der.end;

    n = (key->type == NGX_WORKERS_CRYPTO_PRIVATE) ? NGX_WORKERS_RSA_NNUMBERS
                                                  : NGX_WORKERS_RSA_E + 1;

    while (n > 0) {
        n--;

        if (numbers[n].data == NULL) {
            ret = JS_ThrowDOMException(cx, "OperationError", "The key has no "
                                       "primes and cannot be exported as "
                                       "\"%s\".", format);
            goto done;
        }

        ngx_workers_der_put_number(&der, &numbers[n]);
    }

    if (key->type == NGX_WORKERS_CRYPTO_PRIVATE) {
        ngx_workers_der_put(&der, "\x02\x01\0", 3);         /* version 0 */
    }

    ngx_workers_der_wrap(&der, NGX_WORKERS_DER_SEQUENCE, der.end);

    ret = ngx_workers_pkey_close(cx, &der, format, NGX_WORKERS_PKEY_RSA,
                                 &null);

done:

    OPENSSL_clear_free(der.start, size);

    return ret;
}


static ngx_int_t
ngx_workers_rsa_modulus(JSContext *cx, ngx_uint_t bits)
{
    if (bits % 8 == 0 && bits >= 256 && bits <= 16384) {
        return NGX_OK;
    }

    (void) JS_ThrowDOMException(cx, "OperationError",
                                "The modulus length must be a multiple of 8 "
                                "and between 256 and 16k, but %zu was "
                                "requested.", (size_t) bits);
    return NGX_ERROR;
}


static ngx_int_t
ngx_workers_rsa_generate(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_usages_t *usages, ngx_workers_crypto_job_t *job)
{
    int32_t     bits;
    uint64_t    e;
    ngx_str_t  *exponent;
    ngx_uint_t  i;

    exponent = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];

    if (ngx_workers_crypto_buffer(cx, params, NGX_WORKERS_CRYPTO_EXPONENT,
                                  "algorithm", exponent)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_MODULUS_LENGTH)) {
        return ngx_workers_crypto_missing(cx, "modulusLength", "algorithm");
    }

    bits = params->number[NGX_WORKERS_CRYPTO_MODULUS_LENGTH];

    if (bits <= 0) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "modulusLength must be greater than zero "
                                    "(requested %d).", bits);
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_hash(cx, params, "algorithm", &job->hash) != NGX_OK
        || ngx_workers_rsa_modulus(cx, bits) != NGX_OK)
    {
        return NGX_ERROR;
    }

    e = 0;

    for (i = 0; i < exponent->len && e <= (uint64_t) 1 << 32; i++) {
        e = e << 8 | exponent->data[i];
    }

    if (e > (uint64_t) 1 << 32) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "The \"publicExponent\" must be either 3 "
                                    "or 65537, but got a number larger than "
                                    "2^32.");
        return NGX_ERROR;
    }

    if (e != 3 && e != 65537) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "The \"publicExponent\" must be either 3 "
                                    "or 65537, but got %llu.",
                                    (unsigned long long) e);
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_generate_usages(cx, job->alg, usages) != NGX_OK
        || ngx_workers_crypto_generate_private(cx, job->alg, usages) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (bits < 512) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "RSA operation failed.");
        return NGX_ERROR;
    }

    if (bits % 128 != 0) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Can't generate key: RSA key size is "
                                    "required to be a multiple of 128");
        return NGX_ERROR;
    }

    job->n = e;
    job->length = bits;
    job->slow = 1;

    ngx_workers_crypto_generate_pair(job, ngx_workers_rsa_run_generate);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_rsa_run_generate(ngx_workers_crypto_job_t *job)
{
    BIGNUM        *e;
    ngx_int_t      rc;
    EVP_PKEY_CTX  *ctx;

    rc = NGX_ERROR;

    e = BN_new();
    ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

    if (e != NULL
        && ctx != NULL
        && BN_set_word(e, job->n) == 1
        && EVP_PKEY_keygen_init(ctx) == 1
        && EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, job->length) == 1
        && EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) == 1)
    {
        EVP_PKEY_CTX_set_app_data(ctx, job);
        EVP_PKEY_CTX_set_cb(ctx, ngx_workers_rsa_progress);

        if (EVP_PKEY_generate(ctx, &job->pkey) == 1) {
            rc = NGX_OK;

        } else {
            job->pkey = NULL;
        }
    }

    EVP_PKEY_CTX_free(ctx);
    BN_free(e);

    return (rc == NGX_OK)
           ? NGX_OK
           : ngx_workers_crypto_fail(job, "OperationError",
                                     "Can't generate key.");
}


/* 0 gives up. */

static int
ngx_workers_rsa_progress(EVP_PKEY_CTX *ctx)
{
    ngx_workers_crypto_job_t  *job;

    job = EVP_PKEY_CTX_get_app_data(ctx);

    return !ngx_workers_task_stop(&job->task);
}


static ngx_int_t
ngx_workers_rsa_sign(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    size_t                     len, size;
    int32_t                    salt;
    ngx_workers_crypto_key_t  *key;

    key = job->key;

    if (key->alg->id == NGX_WORKERS_RSA_PSS) {

        if (!ngx_workers_crypto_has(params, NGX_WORKERS_CRYPTO_SALT_LENGTH)) {
            (void) JS_ThrowDOMException(cx, "DataError",
                                        "Failed to provide salt for RSA-PSS "
                                        "key operation which requires a salt");
            return NGX_ERROR;
        }

        salt = params->number[NGX_WORKERS_CRYPTO_SALT_LENGTH];

        if (salt < 0) {
            (void) JS_ThrowDOMException(cx, "DataError",
                                        "SaltLength for RSA-PSS must be "
                                        "non-negative (provided %d).", salt);
            return NGX_ERROR;
        }

        job->n = salt;
    }

    if (key->alg->id != NGX_WORKERS_RSA_RAW) {
        job->md = ngx_workers_crypto_md(cx, job->lib, key->hash);

        if (job->md == NULL) {
            return NGX_ERROR;
        }
    }

    size = (key->bits + 7) / 8;
    len = job->in[NGX_WORKERS_CRYPTO_IN_DATA].len;

    if (key->alg->id == NGX_WORKERS_RSA_RAW && len > size) {
        (void) JS_ThrowDOMException(cx, "DataError", "Blind Signing requires "
                                    "presigned data (%zu bytes) to be smaller "
                                    "than the key (%zu bytes).", len, size);
        return NGX_ERROR;
    }

    job->slow = key->bits > (job->usage == NGX_WORKERS_CRYPTO_SIGN
                             ? NGX_WORKERS_RSA_SLOW_PRIVATE
                             : NGX_WORKERS_RSA_SLOW_PUBLIC);
    job->run = ngx_workers_rsa_run_sign;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_rsa_run_sign(ngx_workers_crypto_job_t *job)
{
    size_t         n;
    u_char         md[EVP_MAX_MD_SIZE];
    unsigned       len;
    ngx_int_t      rc;
    ngx_str_t     *data, *signature, digest;
    EVP_PKEY_CTX  *ctx;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    signature = &job->in[NGX_WORKERS_CRYPTO_IN_SIGNATURE];

    rc = NGX_ERROR;
    digest = *data;

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, job->key->pkey, NULL);

    if (ctx == NULL) {
        goto done;
    }

    if (job->md != NULL) {

        if (EVP_Digest(data->data, data->len, md, &len, job->md, NULL) != 1) {
            goto done;
        }

        digest.data = md;
        digest.len = len;
    }

    if (job->usage == NGX_WORKERS_CRYPTO_VERIFY) {

        if (EVP_PKEY_verify_init(ctx) == 1
            && ngx_workers_rsa_setup(ctx, job) == NGX_OK)
        {
            job->valid = (EVP_PKEY_verify(ctx, signature->data, signature->len,
                                          digest.data, digest.len)
                          == 1);
            rc = NGX_OK;
        }

        goto done;
    }

    n = (job->key->bits + 7) / 8;

    if (ngx_workers_crypto_out(job, n) == NGX_OK
        && EVP_PKEY_sign_init(ctx) == 1
        && ngx_workers_rsa_setup(ctx, job) == NGX_OK
        && EVP_PKEY_sign(ctx, job->out.data, &n, digest.data, digest.len) == 1)
    {
        job->out.len = n;
        rc = NGX_OK;
    }

done:

    EVP_PKEY_CTX_free(ctx);

    if (rc == NGX_OK) {
        return NGX_OK;
    }

    if (job->key->alg->id == NGX_WORKERS_RSA_RAW) {
        return ngx_workers_crypto_fail(job, "OperationError",
                                       "Invalid RSA signature.");
    }

    return ngx_workers_crypto_fail(job, "OperationError",
                                   "key too small for signing with given "
                                   "digest%s",
                                   job->key->alg->id == NGX_WORKERS_RSA_PSS
                                   && digest.len + 2 <= job->key->bits / 8
                                   ? " and salt length" : "");
}


static ngx_int_t
ngx_workers_rsa_setup(EVP_PKEY_CTX *ctx, ngx_workers_crypto_job_t *job)
{
    switch (job->key->alg->id) {

    case NGX_WORKERS_RSA_RAW:
        return (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1)
               ? NGX_OK : NGX_ERROR;

    case NGX_WORKERS_RSA_PSS:
        return (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_signature_md(ctx, job->md) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, job->md) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, job->n) == 1)
               ? NGX_OK : NGX_ERROR;

    default:
        return (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1
                && EVP_PKEY_CTX_set_signature_md(ctx, job->md) == 1)
               ? NGX_OK : NGX_ERROR;
    }
}


static ngx_int_t
ngx_workers_rsa_cipher(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    ngx_workers_crypto_key_t  *key;

    key = job->key;

    if (!JS_IsUndefined(params->value[NGX_WORKERS_CRYPTO_LABEL])) {
        ngx_workers_crypto_bytes(cx, params->value[NGX_WORKERS_CRYPTO_LABEL],
                                 &job->in[NGX_WORKERS_CRYPTO_IN_AAD]);
    }

    job->md = ngx_workers_crypto_md(cx, job->lib, key->hash);
    job->slow = key->bits > (key->type == NGX_WORKERS_CRYPTO_PRIVATE
                             ? NGX_WORKERS_RSA_SLOW_PRIVATE
                             : NGX_WORKERS_RSA_SLOW_PUBLIC);
    job->run = ngx_workers_rsa_run_cipher;

    return (job->md != NULL) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_workers_rsa_run_cipher(ngx_workers_crypto_job_t *job)
{
    int            rc;
    size_t         n;
    u_char        *label;
    ngx_str_t     *data, *aad;
    ngx_uint_t     decrypt;
    EVP_PKEY_CTX  *ctx;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    aad = &job->in[NGX_WORKERS_CRYPTO_IN_AAD];
    decrypt = (job->key->type == NGX_WORKERS_CRYPTO_PRIVATE);

    n = (job->key->bits + 7) / 8;

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, job->key->pkey, NULL);

    if (ngx_workers_crypto_out(job, n) != NGX_OK || ctx == NULL) {
        goto failed;
    }

    rc = decrypt ? EVP_PKEY_decrypt_init(ctx) : EVP_PKEY_encrypt_init(ctx);

    if (rc != 1
        || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1
        || EVP_PKEY_CTX_set_rsa_oaep_md(ctx, job->md) != 1
        || EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, job->md) != 1)
    {
        goto failed;
    }

    if (aad->len != 0) {
        label = OPENSSL_memdup(aad->data, aad->len);

        if (label == NULL) {
            goto failed;
        }

        if (EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, aad->len) != 1) {
            OPENSSL_free(label);
            goto failed;
        }
    }

    rc = decrypt ? EVP_PKEY_decrypt(ctx, job->out.data, &n, data->data,
                                    data->len)
                 : EVP_PKEY_encrypt(ctx, job->out.data, &n, data->data,
                                    data->len);
    if (rc != 1) {
        goto failed;
    }

    EVP_PKEY_CTX_free(ctx);

    job->out.len = n;

    return NGX_OK;

failed:

    EVP_PKEY_CTX_free(ctx);

    return ngx_workers_crypto_fail(job, "OperationError",
                                   "RSA-OAEP failed encrypt/decrypt%s.",
                                   decrypt && data->len != n
                                   ? ": Invalid RSA signature." : "");
}


static ngx_int_t
ngx_workers_rsa_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key)
{
    if (ngx_workers_set(cx, object, "modulusLength",
                        JS_NewInt64(cx, key->bits))
           != NGX_OK
        || ngx_workers_set(cx, object, "publicExponent",
                           ngx_workers_new_uint8_array(cx, &key->exponent))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (key->alg->id == NGX_WORKERS_RSA_RAW) {
        return ngx_workers_set(cx, object, "hash", JS_UNDEFINED);
    }

    return ngx_workers_crypto_describe_hash(cx, object, key);
}
