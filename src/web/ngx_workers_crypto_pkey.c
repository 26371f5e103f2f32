
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: what RSA, EC and OKP keys share.  Keys are read into
 * their numbers and written from them here, without OpenSSL's decoders and
 * encoders: those take any kind of key, and ten times as long.
 */


#include "ngx_workers_crypto.h"

#include <openssl/crypto.h>


typedef struct {
    const char  *name;
    ngx_str_t    oid;                      /* its contents */
} ngx_workers_pkey_kind_t;


static const ngx_workers_pkey_kind_t  ngx_workers_pkey_kinds[] = {
    { "an RSA", ngx_string("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") },
    { "an EC", ngx_string("\x2a\x86\x48\xce\x3d\x02\x01") },
    { "an Ed25519", ngx_string("\x2b\x65\x70") },
    { "an X25519", ngx_string("\x2b\x65\x6e") },
};


ngx_int_t
ngx_workers_pkey_open(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_str_t *data, ngx_workers_pkey_e kind, ngx_workers_der_key_t *der)
{
    size_t            rest;
    ngx_int_t         rc;
    ngx_uint_t        i;
    const ngx_str_t  *oid;

    rc = (import->format[0] == 's') ? ngx_workers_der_spki(data, der, &rest)
                                    : ngx_workers_der_pkcs8(data, der, &rest);

    if (rc != NGX_OK) {
        return ngx_workers_pkey_invalid(cx, import);
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_pkey_kinds); i++) {
        oid = &ngx_workers_pkey_kinds[i].oid;

        if (der->oid.len == oid->len
            && ngx_memcmp(der->oid.data, oid->data, oid->len) == 0)
        {
            break;
        }
    }

    if (i == ngx_workers_nitems(ngx_workers_pkey_kinds)) {
        return ngx_workers_pkey_invalid(cx, import);
    }

    if (rest != 0) {
        (void) JS_ThrowDOMException(cx, "DataError",
                                    "Invalid %zu trailing bytes after %s "
                                    "input.", rest,
                                    import->format[0] == 's' ? "SPKI"
                                                             : "PKCS8");
        return NGX_ERROR;
    }

    if (i != (ngx_uint_t) kind) {
        (void) JS_ThrowDOMException(cx, "DataError", "Input was not %s key.",
                                    ngx_workers_pkey_kinds[kind].name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_pkey_invalid(JSContext *cx, ngx_workers_crypto_import_t *import)
{
    (void) JS_ThrowDOMException(cx, "DataError", "Invalid %s input.",
                                import->format[0] == 's' ? "SPKI" : "PKCS8");
    return NGX_ERROR;
}


JSValue
ngx_workers_pkey_close(JSContext *cx, ngx_workers_der_t *der,
    const char *format, ngx_workers_pkey_e kind, ngx_str_t *params)
{
    u_char           *end;
    JSValue           buffer;
    const ngx_str_t  *oid;

    if (ngx_workers_crypto_streq(format, "spki")) {
        ngx_workers_der_put(der, "\0", 1);
        ngx_workers_der_wrap(der, NGX_WORKERS_DER_BITS, der->end);

    } else {
        ngx_workers_der_wrap(der, NGX_WORKERS_DER_OCTETS, der->end);
    }

    oid = &ngx_workers_pkey_kinds[kind].oid;

    end = der->pos;
    ngx_workers_der_put(der, params->data, params->len);
    ngx_workers_der_put(der, oid->data, oid->len);
    ngx_workers_der_wrap(der, NGX_WORKERS_DER_OID, der->pos + oid->len);
    ngx_workers_der_wrap(der, NGX_WORKERS_DER_SEQUENCE, end);

    if (format[0] == 'p') {
        ngx_workers_der_put(der, "\x02\x01\0", 3);          /* version 0 */
    }

    ngx_workers_der_wrap(der, NGX_WORKERS_DER_SEQUENCE, der->end);

    buffer = JS_NewArrayBufferCopy(cx, der->pos, der->end - der->pos);

    OPENSSL_cleanse(der->start, der->end - der->start);

    return buffer;
}


ngx_int_t
ngx_workers_pkey_exportable(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format, const char *raw)
{
    const char  *name;

    name = key->alg->name;

    if (ngx_workers_crypto_streq(format, "jwk")) {
        return NGX_OK;
    }

    if (raw != NULL && ngx_workers_crypto_streq(format, "raw")) {

        if (key->type == NGX_WORKERS_CRYPTO_PUBLIC) {
            return NGX_OK;
        }

        (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "Raw export of %s keys is only allowed "
                                    "for public keys.", raw);
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_streq(format, "pkcs8")) {

        if (key->type == NGX_WORKERS_CRYPTO_PRIVATE) {
            return NGX_OK;
        }

        (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "Asymmetric pkcs8 export requires private "
                                    "key (not \"public\").");
        return NGX_ERROR;
    }

    if (ngx_workers_crypto_streq(format, "spki")) {

        if (key->type == NGX_WORKERS_CRYPTO_PUBLIC) {
            return NGX_OK;
        }

        (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "Asymmetric spki export requires public "
                                    "key (not \"private\").");
        return NGX_ERROR;
    }

    (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                "Cannot export \"%s\" in \"%s\" format.",
                                name, format);
    return NGX_ERROR;
}


ngx_int_t
ngx_workers_pkey_jwk(JSContext *cx, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_import_t *import)
{
    ngx_uint_t                       usages;
    const char                      *use;
    const ngx_workers_crypto_alg_t  *alg;

    alg = ngx_workers_crypto_alg(import->params.name);
    usages = import->usages.mask;

    use = (alg->usages & NGX_WORKERS_CRYPTO_SIGN) ? "sig" : "enc";

    if (usages != 0
        && jwk->text[NGX_WORKERS_JWK_USE].data != NULL
        && !ngx_workers_crypto_streq(ngx_workers_crypto_jwk_text(jwk, USE),
                                     use))
    {
        (void) JS_ThrowDOMException(cx, "DataError",
                                    "Asymmetric \"jwk\" key import with usages"
                                    " requires a JSON Web Key with Public Key "
                                    "Use parameter \"use\" (\"%s\") equal to "
                                    "\"sig\".",
                                    ngx_workers_crypto_jwk_text(jwk, USE));
        return NGX_ERROR;
    }

    if (jwk->duplicate) {
        (void) JS_ThrowDOMException(cx, "DataError",
                                    "A JSON Web Key's Key Operations parameter"
                                    " (\"key_ops\") must not contain "
                                    "duplicates.");
        return NGX_ERROR;
    }

    if (jwk->has_ops && (usages & ~jwk->ops)) {
        (void) JS_ThrowDOMException(cx, "DataError",
                                    "All specified key usages must be present "
                                    "in the JSON Web Key's Key Operations "
                                    "parameter (\"key_ops\").");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_pkey_type(JSContext *cx, ngx_workers_crypto_import_t *import,
    ngx_workers_crypto_key_t *key, ngx_workers_crypto_type_e type)
{
    key->type = type;

    return (type == NGX_WORKERS_CRYPTO_PUBLIC)
           ? ngx_workers_crypto_check_usages(cx, &import->usages,
                                             key->alg->usages_public,
                                             "import public ", key->alg->name)
           : ngx_workers_crypto_check_usages(cx, &import->usages,
                                             key->alg->usages,
                                             "import private ",
                                             key->alg->name);
}


ngx_workers_crypto_key_t *
ngx_workers_pkey_peer(JSContext *cx, ngx_workers_crypto_params_t *params)
{
    ngx_workers_crypto_key_t  *peer;

    peer = ngx_workers_crypto_key(params->value[NGX_WORKERS_CRYPTO_PEER]);

    if (peer == NULL) {
        (void) ngx_workers_crypto_missing(cx, "public", "derivedKeyParams");
        return NULL;
    }

    if (peer->type != NGX_WORKERS_CRYPTO_PUBLIC) {
        (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "The provided key has type \"%s\", not "
                                    "\"public\"",
                                    peer->type == NGX_WORKERS_CRYPTO_SECRET
                                    ? "secret" : "private");
        return NULL;
    }

    return peer;
}


static ngx_int_t
ngx_workers_pkey_run_derive(ngx_workers_crypto_job_t *job)
{
    size_t         size;
    ngx_int_t      rc;
    EVP_PKEY_CTX  *ctx;

    size = job->n;
    rc = NGX_ERROR;

    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, job->key->pkey, NULL);

    if (ngx_workers_crypto_out(job, size) == NGX_OK
        && ctx != NULL
        && EVP_PKEY_derive_init(ctx) == 1
        && EVP_PKEY_derive_set_peer_ex(ctx, job->peer, 0) == 1
        && EVP_PKEY_derive(ctx, job->out.data, &size) == 1
        && size == job->n)
    {
        rc = NGX_OK;
    }

    EVP_PKEY_CTX_free(ctx);

    if (rc != NGX_OK) {
        return ngx_workers_crypto_fail(job, "OperationError",
                                       "Failed to derive %s key.",
                                       job->key->alg->name);
    }

    job->out.len = (job->length + 7) / 8;

    if (job->length % 8 != 0) {
        job->out.data[job->out.len - 1] &= 0xff << (8 - job->length % 8);
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_pkey_derive(JSContext *cx, int32_t length, size_t size,
    ngx_workers_crypto_job_t *job)
{
    if (length > (int32_t) size * 8) {
        (void) JS_ThrowDOMException(cx, "OperationError",
                                    "Derived key length (%d bits) is too long "
                                    "(should be at most %zu bits).", length,
                                    size * 8);
        return NGX_ERROR;
    }

    job->n = size;
    job->length = (length < 0) ? size * 8 : (size_t) length;
    job->run = ngx_workers_pkey_run_derive;

    return NGX_OK;
}
