
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: ECDSA and ECDH on NIST's curves (FIPS 186-5, SEC 1,
 * RFC 5480, RFC 5915).
 */


#include "ngx_workers_crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>


#define NGX_WORKERS_EC_SIZE   66           /* bytes of a coordinate, at most */
#define NGX_WORKERS_EC_POINT  (1 + 2 * NGX_WORKERS_EC_SIZE)
#define NGX_WORKERS_EC_DER    320          /* more than any key takes */


enum {
    NGX_WORKERS_EC_ECDSA = 0,
    NGX_WORKERS_EC_ECDH
};


static ngx_int_t ngx_workers_ec_curve(JSContext *cx,
    ngx_workers_crypto_params_t *params,
    const ngx_workers_crypto_curve_t **curve);
static ngx_int_t ngx_workers_ec_import(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_ec_import_raw(JSContext *cx, ngx_str_t *data,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_ec_import_der(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_ec_import_jwk(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_ec_pad(u_char *p, size_t size, ngx_str_t *number);
static EVP_PKEY *ngx_workers_ec_key(const ngx_workers_crypto_curve_t *curve,
    ngx_str_t *point, ngx_str_t *d, ngx_uint_t *bad_d);
static JSValue ngx_workers_ec_export(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format);
static JSValue ngx_workers_ec_export_der(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format, u_char *point,
    u_char *d);
static ngx_int_t ngx_workers_ec_generate(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_usages_t *usages,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_ec_run_generate(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_ec_sign(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_ec_run_sign(ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_ec_run_verify(ngx_workers_crypto_job_t *job);
static u_char *ngx_workers_ec_number(u_char *p, u_char *last);
static ngx_int_t ngx_workers_ec_derive(JSContext *cx,
    ngx_workers_crypto_params_t *params, int32_t length,
    ngx_workers_crypto_job_t *job);
static ngx_int_t ngx_workers_ec_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key);


static const ngx_workers_crypto_curve_t  ngx_workers_ec_curves[] = {
    { "P-256", "ES256", NID_X9_62_prime256v1, 32,
      ngx_string("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07") },
    { "P-384", "ES384", NID_secp384r1, 48,
      ngx_string("\x06\x05\x2b\x81\x04\x00\x22") },
    { "P-521", "ES512", NID_secp521r1, 66,
      ngx_string("\x06\x05\x2b\x81\x04\x00\x23") },
};


const ngx_workers_crypto_alg_t  ngx_workers_crypto_ec[] = {

    { .name = "ECDSA",
      .usages = NGX_WORKERS_CRYPTO_SIGN,
      .usages_public = NGX_WORKERS_CRYPTO_VERIFY,
      .id = NGX_WORKERS_EC_ECDSA,
      .import = ngx_workers_ec_import,
      .export = ngx_workers_ec_export,
      .generate = ngx_workers_ec_generate,
      .sign = ngx_workers_ec_sign,
      .describe = ngx_workers_ec_describe },

    { .name = "ECDH",
      .usages = NGX_WORKERS_CRYPTO_DERIVE_KEY|NGX_WORKERS_CRYPTO_DERIVE_BITS,
      .id = NGX_WORKERS_EC_ECDH,
      .import = ngx_workers_ec_import,
      .export = ngx_workers_ec_export,
      .generate = ngx_workers_ec_generate,
      .derive = ngx_workers_ec_derive,
      .describe = ngx_workers_ec_describe },

    { .name = NULL }
};


static ngx_int_t
ngx_workers_ec_curve(JSContext *cx, ngx_workers_crypto_params_t *params,
    const ngx_workers_crypto_curve_t **curve)
{
    ngx_uint_t  i;

    if (!params->has_curve) {
        return ngx_workers_crypto_missing(cx, "namedCurve", "algorithm");
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_ec_curves); i++) {

        if (ngx_strcasecmp((u_char *) params->curve,
                           (u_char *) ngx_workers_ec_curves[i].name)
            == 0)
        {
            *curve = &ngx_workers_ec_curves[i];
            return NGX_OK;
        }
    }

    (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                "Unrecognized or unimplemented EC curve \"%s\""
                                " requested.", params->curve);
    return NGX_ERROR;
}


static ngx_int_t
ngx_workers_ec_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key)
{
    if (ngx_workers_ec_curve(cx, &import->params, &key->curve) != NGX_OK) {
        return NGX_ERROR;
    }

    if (jwk != NULL) {
        return ngx_workers_ec_import_jwk(cx, import, jwk, key);
    }

    if (ngx_workers_crypto_streq(import->format, "pkcs8")) {
        return (ngx_workers_pkey_type(cx, import, key,
                                      NGX_WORKERS_CRYPTO_PRIVATE)
                == NGX_OK)
               ? ngx_workers_ec_import_der(cx, import, data, key)
               : NGX_ERROR;
    }

    if (!ngx_workers_crypto_streq(import->format, "spki")
        && !ngx_workers_crypto_streq(import->format, "raw"))
    {
        return ngx_workers_crypto_format_error(cx, import->format);
    }

    if (ngx_workers_pkey_type(cx, import, key, NGX_WORKERS_CRYPTO_PUBLIC)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return (import->format[0] == 's')
           ? ngx_workers_ec_import_der(cx, import, data, key)
           : ngx_workers_ec_import_raw(cx, data, key);
}


static ngx_int_t
ngx_workers_ec_import_raw(JSContext *cx, ngx_str_t *data,
    ngx_workers_crypto_key_t *key)
{
    size_t       size;
    const char  *why;

    key->pkey = ngx_workers_ec_key(key->curve, data, NULL, NULL);

    if (key->pkey != NULL) {
        return NGX_OK;
    }

    size = key->curve->size;

    if (data->len == 0) {
        why = ".";

    } else if ((data->len == 1 + 2 * size
                && data->data[0] == POINT_CONVERSION_UNCOMPRESSED)
               || (data->len == 1 + size
                   && (data->data[0] & ~1) == POINT_CONVERSION_COMPRESSED))
    {
        why = ": Point is not on curve..";

    } else {
        why = ": Invalid point encoding..";
    }

    (void) JS_ThrowDOMException(cx, "DataError",
                                "Failed to import raw EC key data%s", why);

    return NGX_ERROR;
}


static ngx_int_t
ngx_workers_ec_import_der(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_crypto_key_t *key)
{
    ngx_str_t              private, number, d, point, ignored, *secret;
    ngx_uint_t             i;
    ngx_workers_der_key_t  der;

    if (ngx_workers_pkey_open(cx, import, data, NGX_WORKERS_PKEY_EC, &der)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_ec_curves); i++) {

        if (der.params.len == ngx_workers_ec_curves[i].oid.len
            && ngx_memcmp(der.params.data, ngx_workers_ec_curves[i].oid.data,
                          der.params.len)
               == 0)
        {
            break;
        }
    }

    if (i == ngx_workers_nitems(ngx_workers_ec_curves)) {
        return ngx_workers_pkey_invalid(cx, import);
    }

    if (key->curve != &ngx_workers_ec_curves[i]) {
        (void) JS_ThrowDOMException(cx, "DataError", "\"algorithm.namedCurve\""
                                    " \"%s\"%s does not match the curve "
                                    "specified by the input key data.",
                                    import->params.curve,
                                    key->alg->id == NGX_WORKERS_EC_ECDH
                                    ? "," : "");
        return NGX_ERROR;
    }

    secret = NULL;
    point = der.key;

    if (key->type == NGX_WORKERS_CRYPTO_PRIVATE) {

        ngx_str_null(&point);

        if (ngx_workers_der_get(&der.key, NGX_WORKERS_DER_SEQUENCE, &private)
               != NGX_OK
            || der.key.len != 0
            || ngx_workers_der_number(&private, &number) != NGX_OK
            || number.len != 1 || number.data[0] != 1
            || ngx_workers_der_get(&private, NGX_WORKERS_DER_OCTETS, &d)
               != NGX_OK)
        {
            return ngx_workers_pkey_invalid(cx, import);
        }

        secret = &d;

        if (ngx_workers_der_get(&private, NGX_WORKERS_DER_CONTEXT0, &ignored)
               == NGX_OK
            && (ignored.len != der.params.len
                || ngx_memcmp(ignored.data, der.params.data, ignored.len)
                   != 0))
        {
            return ngx_workers_pkey_invalid(cx, import);
        }

        if (ngx_workers_der_get(&private, NGX_WORKERS_DER_CONTEXT1, &number)
               == NGX_OK
            && ngx_workers_der_bits(&number, &point) != NGX_OK)
        {
            return ngx_workers_pkey_invalid(cx, import);
        }
    }

    key->pkey = ngx_workers_ec_key(key->curve, &point, secret, NULL);

    return (key->pkey != NULL) ? NGX_OK : ngx_workers_pkey_invalid(cx, import);
}


static ngx_int_t
ngx_workers_ec_import_jwk(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_workers_crypto_jwk_t *jwk, ngx_workers_crypto_key_t *key)
{
    size_t                      size;
    u_char                      buf[NGX_WORKERS_EC_POINT];
    ngx_str_t                   x, y, d, point, *secret;
    ngx_uint_t                  i, bad_d;
    const char                 *alg;
    ngx_workers_crypto_type_e   type;

    if (!ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, KTY), "EC"))
    {
        (void) JS_ThrowDOMException(cx, "DataError", "Elliptic curve \"jwk\" "
                                    "key import requires a JSON Web Key with "
                                    "Key Type parameter \"kty\" (\"%s\") equal"
                                    " to \"EC\".",
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

    if (key->alg->id == NGX_WORKERS_EC_ECDSA
        && jwk->text[NGX_WORKERS_JWK_ALG].data != NULL)
    {
        alg = ngx_workers_crypto_jwk_text(jwk, ALG);

        for (i = 0; i < ngx_workers_nitems(ngx_workers_ec_curves); i++) {
            if (ngx_workers_crypto_streq(alg, ngx_workers_ec_curves[i].jwa)) {
                break;
            }
        }

        if (i == ngx_workers_nitems(ngx_workers_ec_curves)) {
            (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                        "Unrecognized or unimplemented "
                                        "algorithm \"%s\" listed in JSON Web "
                                        "Key Algorithm parameter.", alg);
            return NGX_ERROR;
        }

        if (key->curve != &ngx_workers_ec_curves[i]) {
            (void) JS_ThrowDOMException(cx, "DataError", "JSON Web Key "
                                        "Algorithm parameter \"alg\" (\"%s\") "
                                        "does not match requested curve.",
                                        alg);
            return NGX_ERROR;
        }
    }

    if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_X, &x) != NGX_OK) {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid EC key in JSON "
                                    "Web Key; missing \"x\".");
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_Y, &y) != NGX_OK) {
        (void) JS_ThrowDOMException(cx, "DataError", "Invalid EC key in JSON "
                                    "Web Key; missing \"y\".");
        return NGX_ERROR;
    }

    secret = NULL;

    if (type == NGX_WORKERS_CRYPTO_PRIVATE) {

        if (ngx_workers_crypto_jwk_bytes(jwk, NGX_WORKERS_JWK_D, &d) != NGX_OK)
        {
            (void) JS_ThrowDOMException(cx, "DataError", "Invalid EC key in "
                                        "JSON Web Key; missing or invalid "
                                        "private key component (\"d\").");
            return NGX_ERROR;
        }

        secret = &d;
    }

    size = key->curve->size;

    buf[0] = POINT_CONVERSION_UNCOMPRESSED;

    if (ngx_workers_ec_pad(buf + 1, size, &x) == NGX_OK
        && ngx_workers_ec_pad(buf + 1 + size, size, &y) == NGX_OK)
    {
        point.data = buf;
        point.len = 1 + 2 * size;

        bad_d = 0;
        key->pkey = ngx_workers_ec_key(key->curve, &point, secret, &bad_d);

        if (key->pkey != NULL) {
            return NGX_OK;
        }

        if (bad_d == 1) {
            (void) JS_ThrowDOMException(cx, "OperationError", "Invalid EC key;"
                                        " private key component \"d\" is "
                                        "invalid.");
            return NGX_ERROR;
        }

        if (bad_d == 2) {
            (void) JS_ThrowDOMException(cx, "DataError",
                                        "Invalid EC key in JSON Web Key.");
            return NGX_ERROR;
        }
    }

    (void) JS_ThrowDOMException(cx, "OperationError", "Invalid EC key; public "
                                "key coordinates \"x\" and \"y\" are invalid: "
                                "Point is not on curve..");
    return NGX_ERROR;
}


/* A number in size bytes; NGX_DECLINED: it has more. */

static ngx_int_t
ngx_workers_ec_pad(u_char *p, size_t size, ngx_str_t *number)
{
    size_t   len;
    u_char  *data;

    data = number->data;
    len = number->len;

    while (len > 0 && *data == 0) {
        data++;
        len--;
    }

    if (len > size) {
        return NGX_DECLINED;
    }

    ngx_memzero(p, size - len);
    ngx_memcpy(p + size - len, data, len);

    return NGX_OK;
}


/*
 * The key of a point, in any form, and of the secret number, unless d is
 * NULL; without a point it is computed.  NULL: not on the curve, or *bad_d
 * says that d is out of range (1) or another point's (2).
 */

static EVP_PKEY *
ngx_workers_ec_key(const ngx_workers_crypto_curve_t *curve, ngx_str_t *point,
    ngx_str_t *d, ngx_uint_t *bad_d)
{
    size_t           len;
    u_char           buf[NGX_WORKERS_EC_POINT];
    BIGNUM          *k;
    EC_GROUP        *group;
    EC_POINT        *p, *q;
    EVP_PKEY        *pkey;
    OSSL_PARAM      *params;
    ngx_uint_t       bad;
    EVP_PKEY_CTX    *ctx;
    OSSL_PARAM_BLD  *bld;

    k = NULL;
    p = NULL;
    q = NULL;
    pkey = NULL;
    params = NULL;
    ctx = NULL;
    bld = NULL;
    bad = 0;

    group = EC_GROUP_new_by_curve_name(curve->nid);

    if (group == NULL) {
        goto done;
    }

    p = EC_POINT_new(group);

    if (p == NULL
        || (point->len != 0
            && (EC_POINT_oct2point(group, p, point->data, point->len, NULL)
                   != 1
                || EC_POINT_is_at_infinity(group, p))))
    {
        goto done;
    }

    if (point->len == 0 && d == NULL) {
        goto done;
    }

    if (d != NULL) {

        bad = 1;
        k = BN_bin2bn(d->data, d->len, NULL);

        if (k == NULL
            || BN_is_zero(k)
            || BN_cmp(k, EC_GROUP_get0_order(group)) >= 0)
        {
            goto done;
        }

        bad = 2;
        BN_set_flags(k, BN_FLG_CONSTTIME);
        q = EC_POINT_new(group);

        if (q == NULL
            || EC_POINT_mul(group, q, k, NULL, NULL, NULL) != 1
            || (point->len != 0 && EC_POINT_cmp(group, p, q, NULL) != 0)
            || EC_POINT_copy(p, q) != 1)
        {
            goto done;
        }
    }

    len = EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, buf,
                             sizeof(buf), NULL);
    bld = OSSL_PARAM_BLD_new();

    if (len == 0
        || bld == NULL
        || OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
                                           curve->name, 0)
           != 1
        || OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, buf,
                                            len)
           != 1
        || (k != NULL
            && OSSL_PARAM_BLD_push_BN_pad(bld, OSSL_PKEY_PARAM_PRIV_KEY, k,
                                          curve->size)
               != 1))
    {
        goto done;
    }

    params = OSSL_PARAM_BLD_to_param(bld);
    ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    if (params == NULL
        || ctx == NULL
        || EVP_PKEY_fromdata_init(ctx) != 1
        || EVP_PKEY_fromdata(ctx, &pkey, (k != NULL) ? EVP_PKEY_KEYPAIR
                                                     : EVP_PKEY_PUBLIC_KEY,
                             params)
           != 1)
    {
        pkey = NULL;
    }

done:

    if (bad_d != NULL) {
        *bad_d = bad;
    }

    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);               /* clears what is secret */
    OSSL_PARAM_BLD_free(bld);
    BN_clear_free(k);
    EC_POINT_free(q);
    EC_POINT_free(p);
    EC_GROUP_free(group);

    return pkey;
}


static JSValue
ngx_workers_ec_export(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format)
{
    size_t                        n, size;
    u_char                        point[NGX_WORKERS_EC_POINT];
    u_char                        secret[NGX_WORKERS_EC_SIZE];
    BIGNUM                       *d;
    JSValue                       ret;
    ngx_uint_t                    is_private;
    ngx_workers_crypto_jwk_out_t  jwk;

    if (ngx_workers_pkey_exportable(cx, key, format, "elliptic curve")
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    is_private = (key->type == NGX_WORKERS_CRYPTO_PRIVATE);
    size = key->curve->size;
    d = NULL;
    ret = JS_EXCEPTION;

    if (EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PUB_KEY,
                                        point, sizeof(point), &n)
           != 1
        || n != 1 + 2 * size
        || (is_private
            && (EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d)
                   != 1
                || BN_bn2binpad(d, secret, size) < 0)))
    {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Failed to export the key.");
        goto done;
    }

    if (ngx_workers_crypto_streq(format, "raw")) {
        ret = JS_NewArrayBufferCopy(cx, point, n);

    } else if (ngx_workers_crypto_streq(format, "jwk")) {

        ngx_memzero(&jwk, sizeof(jwk));

        jwk.kty = "EC";
        jwk.crv = key->curve->name;
        jwk.bytes[NGX_WORKERS_JWK_X].data = point + 1;
        jwk.bytes[NGX_WORKERS_JWK_X].len = size;
        jwk.bytes[NGX_WORKERS_JWK_Y].data = point + 1 + size;
        jwk.bytes[NGX_WORKERS_JWK_Y].len = size;

        if (is_private) {
            jwk.bytes[NGX_WORKERS_JWK_D].data = secret;
            jwk.bytes[NGX_WORKERS_JWK_D].len = size;
        }

        ret = ngx_workers_crypto_jwk_object(cx, key, &jwk);

    } else {
        ret = ngx_workers_ec_export_der(cx, key, format, point, secret);
    }

done:

    BN_clear_free(d);
    OPENSSL_cleanse(secret, sizeof(secret));

    return ret;
}


static JSValue
ngx_workers_ec_export_der(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format, u_char *point, u_char *d)
{
    u_char              buf[NGX_WORKERS_EC_DER], *end;
    size_t              size;
    ngx_str_t           oid;
    ngx_workers_der_t   der;

    size = key->curve->size;

    der.start = buf;
    der.end = buf + sizeof(buf);
    der.pos = der.end;

    ngx_workers_der_put(&der, point, 1 + 2 * size);

    if (key->type == NGX_WORKERS_CRYPTO_PRIVATE) {
        ngx_workers_der_put(&der, "\0", 1);
        ngx_workers_der_wrap(&der, NGX_WORKERS_DER_BITS, der.end);
        ngx_workers_der_wrap(&der, NGX_WORKERS_DER_CONTEXT1, der.end);

        end = der.pos;
        ngx_workers_der_put(&der, d, size);
        ngx_workers_der_wrap(&der, NGX_WORKERS_DER_OCTETS, end);
        ngx_workers_der_put(&der, "\x02\x01\x01", 3);       /* version 1 */
        ngx_workers_der_wrap(&der, NGX_WORKERS_DER_SEQUENCE, der.end);
    }

    oid = key->curve->oid;

    return ngx_workers_pkey_close(cx, &der, format, NGX_WORKERS_PKEY_EC, &oid);
}


static ngx_int_t
ngx_workers_ec_generate(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_usages_t *usages, ngx_workers_crypto_job_t *job)
{
    if (ngx_workers_crypto_generate_usages(cx, job->alg, usages) != NGX_OK
        || ngx_workers_ec_curve(cx, params, &job->curve) != NGX_OK
        || ngx_workers_crypto_generate_private(cx, job->alg, usages) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_workers_crypto_generate_pair(job, ngx_workers_ec_run_generate);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_ec_run_generate(ngx_workers_crypto_job_t *job)
{
    job->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", job->curve->name);

    return (job->pkey != NULL)
           ? NGX_OK
           : ngx_workers_crypto_fail(job, "OperationError",
                                     "Failed to generate the key.");
}


static ngx_int_t
ngx_workers_ec_sign(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_workers_crypto_job_t *job)
{
    ngx_workers_crypto_hash_e  hash;

    if (!params->has_hash) {
        (void) JS_ThrowTypeError(cx, "Missing \"hash\" in AlgorithmIdentifier."
                                 " (ECDSA requires that the hash algorithm be "
                                 "specified at call time rather than on the "
                                 "key. This differs from other WebCrypto "
                                 "algorithms for historical reasons.)");
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_hash(cx, params, "algorithm", &hash) != NGX_OK) {
        return NGX_ERROR;
    }

    job->md = ngx_workers_crypto_md(cx, job->lib, hash);
    job->run = (job->usage == NGX_WORKERS_CRYPTO_SIGN)
               ? ngx_workers_ec_run_sign : ngx_workers_ec_run_verify;

    return (job->md != NULL) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_workers_ec_run_sign(ngx_workers_crypto_job_t *job)
{
    size_t         n, size;
    u_char         md[EVP_MAX_MD_SIZE], sig[2 * NGX_WORKERS_EC_SIZE + 16];
    unsigned       len;
    ngx_int_t      rc;
    ngx_str_t     *data, der, body, r, s;
    EVP_PKEY_CTX  *ctx;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    size = job->key->curve->size;
    n = sizeof(sig);
    rc = NGX_ERROR;

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, job->key->pkey, NULL);

    if (ctx == NULL
        || EVP_Digest(data->data, data->len, md, &len, job->md, NULL) != 1
        || EVP_PKEY_sign_init(ctx) != 1
        || EVP_PKEY_sign(ctx, sig, &n, md, len) != 1)
    {
        goto done;
    }

    der.data = sig;
    der.len = n;

    if (ngx_workers_der_get(&der, NGX_WORKERS_DER_SEQUENCE, &body) == NGX_OK
        && ngx_workers_der_number(&body, &r) == NGX_OK
        && ngx_workers_der_number(&body, &s) == NGX_OK
        && ngx_workers_crypto_out(job, 2 * size) == NGX_OK
        && ngx_workers_ec_pad(job->out.data, size, &r) == NGX_OK
        && ngx_workers_ec_pad(job->out.data + size, size, &s) == NGX_OK)
    {
        rc = NGX_OK;
    }

done:

    EVP_PKEY_CTX_free(ctx);

    return (rc == NGX_OK) ? NGX_OK
                          : ngx_workers_crypto_fail(job, "OperationError",
                                                    "Failed to sign.");
}


static ngx_int_t
ngx_workers_ec_run_verify(ngx_workers_crypto_job_t *job)
{
    size_t              size;
    u_char              md[EVP_MAX_MD_SIZE];
    u_char              sig[2 * NGX_WORKERS_EC_SIZE + 16];
    unsigned            len;
    ngx_int_t           rc;
    ngx_str_t          *data, *signature, number;
    EVP_PKEY_CTX       *ctx;
    ngx_workers_der_t   der;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];
    signature = &job->in[NGX_WORKERS_CRYPTO_IN_SIGNATURE];
    size = job->key->curve->size;

    if (signature->len != 2 * size) {
        return NGX_OK;                     /* not a valid one */
    }

    der.start = sig;
    der.end = sig + sizeof(sig);
    der.pos = der.end;

    number.data = ngx_workers_ec_number(signature->data + size,
                                        signature->data + 2 * size);
    number.len = signature->data + 2 * size - number.data;
    ngx_workers_der_put_number(&der, &number);

    number.data = ngx_workers_ec_number(signature->data,
                                        signature->data + size);
    number.len = signature->data + size - number.data;
    ngx_workers_der_put_number(&der, &number);

    ngx_workers_der_wrap(&der, NGX_WORKERS_DER_SEQUENCE, der.end);

    rc = NGX_ERROR;

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, job->key->pkey, NULL);

    if (ctx != NULL
        && EVP_Digest(data->data, data->len, md, &len, job->md, NULL) == 1
        && EVP_PKEY_verify_init(ctx) == 1)
    {
        job->valid = (EVP_PKEY_verify(ctx, der.pos, der.end - der.pos, md, len)
                      == 1);
        rc = NGX_OK;
    }

    EVP_PKEY_CTX_free(ctx);

    return (rc == NGX_OK) ? NGX_OK
                          : ngx_workers_crypto_fail(job, "OperationError",
                                                    "Failed to verify.");
}


/* Where a number starts, leading zeros passed. */

static u_char *
ngx_workers_ec_number(u_char *p, u_char *last)
{
    while (p < last - 1 && *p == 0) {
        p++;
    }

    return p;
}


static ngx_int_t
ngx_workers_ec_derive(JSContext *cx, ngx_workers_crypto_params_t *params,
    int32_t length, ngx_workers_crypto_job_t *job)
{
    ngx_workers_crypto_key_t  *peer;

    peer = ngx_workers_pkey_peer(cx, params);
    if (peer == NULL) {
        return NGX_ERROR;
    }

    if (peer->alg != job->key->alg) {
        (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "Private key for derivation is using "
                                    "\"%s\" while public key is using \"%s\".",
                                    job->key->alg->name, peer->alg->name);
        return NGX_ERROR;
    }

    if (peer->curve != job->key->curve) {
        (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "Private key for derivation is using curve"
                                    " \"%s\" while public key is using "
                                    "\"%s\".", job->key->curve->name,
                                    peer->curve->name);
        return NGX_ERROR;
    }

    (void) EVP_PKEY_up_ref(peer->pkey);
    job->peer = peer->pkey;

    return ngx_workers_pkey_derive(cx, length, job->key->curve->size, job);
}


static ngx_int_t
ngx_workers_ec_describe(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key)
{
    return ngx_workers_set(cx, object, "namedCurve",
                           JS_NewString(cx, key->curve->name));
}
