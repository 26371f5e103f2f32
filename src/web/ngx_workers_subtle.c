
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: the methods of crypto.subtle.  A method converts all of
 * its arguments, in their order, checks key, algorithm and usage, and starts
 * a job that the algorithm's file has prepared.  Whatever fails after "this"
 * was looked at is a rejected promise.
 */


#include "ngx_workers_crypto.h"

#include <openssl/crypto.h>


typedef JSValue (*ngx_workers_subtle_pt)(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);


static void ngx_workers_subtle_finalizer(JSRuntime *rt, JSValueConst val);
static JSValue ngx_workers_subtle_ext(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_subtle_cipher(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_sign(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_digest(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_generate(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_derive_key(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_derive_bits(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_import(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_export(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_wrap(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_unwrap(JSContext *cx,
    ngx_workers_crypto_lib_t *lib, int magic, int argc, JSValueConst *argv);
static JSValue ngx_workers_subtle_settle_import(JSContext *cx,
    ngx_workers_crypto_job_t *job);
static JSValue ngx_workers_subtle_ext_equal(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_workers_crypto_key_t *ngx_workers_subtle_key(JSContext *cx,
    const char *method, int n, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_subtle_format(JSContext *cx,
    const char *method, int argc, JSValueConst *argv, char *format);
static ngx_int_t ngx_workers_subtle_key_args(JSContext *cx,
    const char *method, int n, int argc, JSValueConst *argv,
    ngx_workers_crypto_import_t *import);
static ngx_int_t ngx_workers_subtle_check(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *name, ngx_uint_t usage);
static JSValue ngx_workers_subtle_export_key(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format);
static JSValue ngx_workers_subtle_start(JSContext *cx,
    ngx_workers_crypto_job_t *job, ngx_int_t rc);


enum {
    NGX_WORKERS_SUBTLE_ENCRYPT = 0,
    NGX_WORKERS_SUBTLE_DECRYPT,
    NGX_WORKERS_SUBTLE_SIGN,
    NGX_WORKERS_SUBTLE_VERIFY,
    NGX_WORKERS_SUBTLE_DIGEST,
    NGX_WORKERS_SUBTLE_GENERATE_KEY,
    NGX_WORKERS_SUBTLE_DERIVE_KEY,
    NGX_WORKERS_SUBTLE_DERIVE_BITS,
    NGX_WORKERS_SUBTLE_IMPORT_KEY,
    NGX_WORKERS_SUBTLE_EXPORT_KEY,
    NGX_WORKERS_SUBTLE_WRAP_KEY,
    NGX_WORKERS_SUBTLE_UNWRAP_KEY
};


static const ngx_workers_subtle_pt  ngx_workers_subtle_methods[] = {
    ngx_workers_subtle_cipher,
    ngx_workers_subtle_cipher,
    ngx_workers_subtle_sign,
    ngx_workers_subtle_sign,
    ngx_workers_subtle_digest,
    ngx_workers_subtle_generate,
    ngx_workers_subtle_derive_key,
    ngx_workers_subtle_derive_bits,
    ngx_workers_subtle_import,
    ngx_workers_subtle_export,
    ngx_workers_subtle_wrap,
    ngx_workers_subtle_unwrap,
};


#define NGX_WORKERS_SUBTLE(name, magic)                                       \
    NGX_WORKERS_METHOD_MAGIC(name, 0, ngx_workers_subtle_ext,                 \
                             NGX_WORKERS_SUBTLE_##magic)

static const JSCFunctionListEntry  ngx_workers_subtle_proto[] = {
    NGX_WORKERS_SUBTLE("encrypt", ENCRYPT),
    NGX_WORKERS_SUBTLE("decrypt", DECRYPT),
    NGX_WORKERS_SUBTLE("sign", SIGN),
    NGX_WORKERS_SUBTLE("verify", VERIFY),
    NGX_WORKERS_SUBTLE("digest", DIGEST),
    NGX_WORKERS_SUBTLE("generateKey", GENERATE_KEY),
    NGX_WORKERS_SUBTLE("deriveKey", DERIVE_KEY),
    NGX_WORKERS_SUBTLE("deriveBits", DERIVE_BITS),
    NGX_WORKERS_SUBTLE("importKey", IMPORT_KEY),
    NGX_WORKERS_SUBTLE("exportKey", EXPORT_KEY),
    NGX_WORKERS_SUBTLE("wrapKey", WRAP_KEY),
    NGX_WORKERS_SUBTLE("unwrapKey", UNWRAP_KEY),
    NGX_WORKERS_METHOD("timingSafeEqual", 0, ngx_workers_subtle_ext_equal),
    NGX_WORKERS_TAG("SubtleCrypto"),
};


ngx_workers_class_t  ngx_workers_subtle_class = {
    .def = {
        .class_name = "SubtleCrypto",
        .finalizer = ngx_workers_subtle_finalizer,
    },
    .proto = ngx_workers_subtle_proto,
    .nproto = ngx_workers_nitems(ngx_workers_subtle_proto),
};


static const ngx_workers_crypto_alg_t  *const ngx_workers_subtle_algs[] = {
    ngx_workers_crypto_hmac,
    ngx_workers_crypto_ec,
    ngx_workers_crypto_rsa,
    ngx_workers_crypto_aes,
    ngx_workers_crypto_okp,
    ngx_workers_crypto_kdf,
};


JSValue
ngx_workers_subtle_create(JSContext *cx)
{
    JSValue                    subtle;
    ngx_workers_crypto_lib_t  *lib;

    subtle = JS_NewObjectClass(cx, ngx_workers_subtle_class.id);
    if (JS_IsException(subtle)) {
        return JS_EXCEPTION;
    }

    lib = ngx_calloc(sizeof(ngx_workers_crypto_lib_t),
                     ngx_workers_isolate(cx)->log);
    if (lib == NULL) {
        JS_FreeValue(cx, subtle);
        return JS_ThrowOutOfMemory(cx);
    }

    lib->refs = 1;

    JS_SetOpaque(subtle, lib);

    return subtle;
}


static void
ngx_workers_subtle_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_crypto_lib_t  *lib;

    lib = JS_GetOpaque(val, ngx_workers_subtle_class.id);

    if (lib != NULL) {
        ngx_workers_crypto_lib_free(lib);
    }
}


const ngx_workers_crypto_alg_t *
ngx_workers_crypto_alg(const char *name)
{
    ngx_uint_t                       i;
    const ngx_workers_crypto_alg_t  *alg;

    for (i = 0; i < ngx_workers_nitems(ngx_workers_subtle_algs); i++) {

        for (alg = ngx_workers_subtle_algs[i]; alg->name != NULL; alg++) {
            if (ngx_strcasecmp((u_char *) name, (u_char *) alg->name) == 0) {
                return alg;
            }
        }
    }

    return NULL;
}


static JSValue
ngx_workers_subtle_ext(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    JSValue                    promise;
    ngx_workers_crypto_lib_t  *lib;

    lib = ngx_workers_this(cx, this_val, ngx_workers_subtle_class.id);
    if (lib == NULL) {
        return JS_EXCEPTION;
    }

    lib->refs++;                           /* scripts may drop the object */

    promise = ngx_workers_subtle_methods[magic](cx, lib, magic, argc, argv);

    ngx_workers_crypto_lib_free(lib);
    ngx_workers_crypto_forget_errors();

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}


static JSValue
ngx_workers_subtle_cipher(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    JSValue                       data, promise;
    const char                   *method;
    ngx_uint_t                    usage;
    ngx_workers_crypto_job_t      job;
    ngx_workers_crypto_key_t     *key;
    ngx_workers_crypto_params_t   params;

    method = (magic == NGX_WORKERS_SUBTLE_ENCRYPT) ? "encrypt" : "decrypt";
    usage = (magic == NGX_WORKERS_SUBTLE_ENCRYPT) ? NGX_WORKERS_CRYPTO_ENCRYPT
                                                  : NGX_WORKERS_CRYPTO_DECRYPT;
    data = JS_UNDEFINED;
    promise = JS_EXCEPTION;

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_encrypt_dict, method,
                                  1, argc, argv, &params)
        != NGX_OK)
    {
        goto done;
    }

    key = ngx_workers_subtle_key(cx, method, 2, argc, argv);

    if (key == NULL
        || ngx_workers_crypto_argument(cx, method, 3, argc, argv, &data)
           != NGX_OK
        || ngx_workers_subtle_check(cx, key, params.name, usage) != NGX_OK)
    {
        goto done;
    }

    ngx_workers_crypto_begin(&job, lib, key);

    job.usage = usage;
    ngx_workers_crypto_bytes(cx, data, &job.in[NGX_WORKERS_CRYPTO_IN_DATA]);

    promise = ngx_workers_subtle_start(cx, &job,
                                       key->alg->cipher(cx, &params, &job));

done:

    JS_FreeValue(cx, data);
    ngx_workers_crypto_params_free(cx, &params);

    return promise;
}


static JSValue
ngx_workers_subtle_sign(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    int                           n;
    JSValue                       data, signature, promise;
    const char                   *method;
    ngx_uint_t                    usage;
    ngx_workers_crypto_job_t      job;
    ngx_workers_crypto_key_t     *key;
    ngx_workers_crypto_params_t   params;

    method = (magic == NGX_WORKERS_SUBTLE_SIGN) ? "sign" : "verify";
    usage = (magic == NGX_WORKERS_SUBTLE_SIGN) ? NGX_WORKERS_CRYPTO_SIGN
                                               : NGX_WORKERS_CRYPTO_VERIFY;
    data = JS_UNDEFINED;
    signature = JS_UNDEFINED;
    promise = JS_EXCEPTION;

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_sign_dict, method, 1,
                                  argc, argv, &params)
        != NGX_OK)
    {
        goto done;
    }

    key = ngx_workers_subtle_key(cx, method, 2, argc, argv);
    if (key == NULL) {
        goto done;
    }

    n = 3;

    if (usage == NGX_WORKERS_CRYPTO_VERIFY
        && ngx_workers_crypto_argument(cx, method, n++, argc, argv, &signature)
           != NGX_OK)
    {
        goto done;
    }

    if (ngx_workers_crypto_argument(cx, method, n, argc, argv, &data) != NGX_OK
        || ngx_workers_subtle_check(cx, key, params.name, usage) != NGX_OK)
    {
        goto done;
    }

    ngx_workers_crypto_begin(&job, lib, key);

    job.usage = usage;
    ngx_workers_crypto_bytes(cx, data, &job.in[NGX_WORKERS_CRYPTO_IN_DATA]);

    if (usage == NGX_WORKERS_CRYPTO_VERIFY) {
        ngx_workers_crypto_bytes(cx, signature,
                                 &job.in[NGX_WORKERS_CRYPTO_IN_SIGNATURE]);
        job.settle = ngx_workers_crypto_settle_valid;
    }

    promise = ngx_workers_subtle_start(cx, &job,
                                       key->alg->sign(cx, &params, &job));

done:

    JS_FreeValue(cx, data);
    JS_FreeValue(cx, signature);
    ngx_workers_crypto_params_free(cx, &params);

    return promise;
}


static JSValue
ngx_workers_subtle_digest(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    JSValue                      data, promise;
    ngx_workers_crypto_job_t     job;
    ngx_workers_crypto_hash_e    hash;
    ngx_workers_crypto_params_t  params;

    data = JS_UNDEFINED;

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_digest_dict,
                                  "digest", 1, argc, argv, &params)
           != NGX_OK
        || ngx_workers_crypto_argument(cx, "digest", 2, argc, argv, &data)
           != NGX_OK
        || ngx_workers_crypto_hash_by_name(cx, params.name, &hash) != NGX_OK)
    {
        JS_FreeValue(cx, data);
        return JS_EXCEPTION;
    }

    ngx_workers_crypto_begin(&job, lib, NULL);
    ngx_workers_crypto_bytes(cx, data, &job.in[NGX_WORKERS_CRYPTO_IN_DATA]);

    promise = ngx_workers_subtle_start(cx, &job,
                                    ngx_workers_crypto_digest(cx, hash, &job));

    JS_FreeValue(cx, data);

    return promise;
}


static JSValue
ngx_workers_subtle_generate(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    JSValue                          promise;
    ngx_workers_crypto_job_t         job;
    ngx_workers_crypto_import_t      import;
    ngx_workers_crypto_params_t      params;
    const ngx_workers_crypto_alg_t  *alg;

    promise = JS_EXCEPTION;

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_generate_dict,
                                  "generateKey", 1, argc, argv, &params)
           != NGX_OK
        || ngx_workers_subtle_key_args(cx, "generateKey", 2, argc, argv,
                                       &import)
           != NGX_OK)
    {
        goto done;
    }

    alg = ngx_workers_crypto_alg(params.name);

    if (alg == NULL || alg->generate == NULL) {
        (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                    "Unrecognized key generation algorithm "
                                    "\"%s\" requested.", params.name);
        goto done;
    }

    ngx_workers_crypto_begin(&job, lib, NULL);

    job.alg = alg;
    job.extractable = import.extractable;
    job.usages = import.usages.mask;

    promise = ngx_workers_subtle_start(cx, &job,
                                       alg->generate(cx, &params,
                                                     &import.usages, &job));

done:

    ngx_workers_crypto_params_free(cx, &params);

    return promise;
}


static JSValue
ngx_workers_subtle_derive_key(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    int32_t                          length;
    JSValue                          promise;
    ngx_workers_crypto_job_t         job;
    ngx_workers_crypto_key_t        *key;
    ngx_workers_crypto_params_t      params;
    ngx_workers_crypto_import_t     *import;
    const ngx_workers_crypto_alg_t  *alg;

    promise = JS_EXCEPTION;
    import = NULL;

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_derive_dict,
                                  "deriveKey", 1, argc, argv, &params)
        != NGX_OK)
    {
        goto done;
    }

    key = ngx_workers_subtle_key(cx, "deriveKey", 2, argc, argv);
    if (key == NULL) {
        goto done;
    }

    import = ngx_workers_crypto_import_create(cx);

    if (import == NULL
        || ngx_workers_crypto_params(cx, &ngx_workers_crypto_import_dict,
                                     "deriveKey", 3, argc, argv,
                                     &import->params)
           != NGX_OK
        || ngx_workers_subtle_key_args(cx, "deriveKey", 4, argc, argv, import)
           != NGX_OK
        || ngx_workers_subtle_check(cx, key, params.name,
                                    NGX_WORKERS_CRYPTO_DERIVE_KEY)
           != NGX_OK)
    {
        goto done;
    }

    (void) ngx_cpystrn((u_char *) import->format, (u_char *) "raw",
                       sizeof(import->format));

    alg = ngx_workers_crypto_alg(import->params.name);

    if (alg == NULL || alg->key_length == NULL) {
        (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                    "Unrecognized derived key type \"%s\" "
                                    "requested.", import->params.name);
        goto done;
    }

    if (alg->key_length(cx, &import->params, &length) != NGX_OK) {
        goto done;
    }

    ngx_workers_crypto_begin(&job, lib, key);

    job.import = import;
    job.settle = ngx_workers_subtle_settle_import;
    import = NULL;

    promise = ngx_workers_subtle_start(cx, &job,
                                       key->alg->derive(cx, &params, length,
                                                        &job));

done:

    if (import != NULL) {
        ngx_free(import);
    }

    ngx_workers_crypto_params_free(cx, &params);

    return promise;
}


static JSValue
ngx_workers_subtle_derive_bits(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    int32_t                       length;
    JSValue                       promise;
    ngx_workers_crypto_job_t      job;
    ngx_workers_crypto_key_t     *key;
    ngx_workers_crypto_params_t   params;

    promise = JS_EXCEPTION;

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_derive_dict,
                                  "deriveBits", 1, argc, argv, &params)
        != NGX_OK)
    {
        goto done;
    }

    key = ngx_workers_subtle_key(cx, "deriveBits", 2, argc, argv);

    if (key == NULL
        || ngx_workers_crypto_length(cx, argc > 2 ? argv[2] : JS_UNDEFINED,
                                     &length)
           != NGX_OK
        || ngx_workers_subtle_check(cx, key, params.name,
                                    NGX_WORKERS_CRYPTO_DERIVE_BITS)
           != NGX_OK)
    {
        goto done;
    }

    ngx_workers_crypto_begin(&job, lib, key);

    promise = ngx_workers_subtle_start(cx, &job,
                                       key->alg->derive(cx, &params, length,
                                                        &job));

done:

    ngx_workers_crypto_params_free(cx, &params);

    return promise;
}


static JSValue
ngx_workers_subtle_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    JSValue                       source, key;
    ngx_int_t                     rc;
    ngx_str_t                     data;
    ngx_uint_t                    is_jwk;
    ngx_workers_crypto_jwk_t      jwk;
    ngx_workers_crypto_import_t   import;

    key = JS_EXCEPTION;
    source = JS_UNDEFINED;
    is_jwk = 0;

    if (ngx_workers_subtle_format(cx, "importKey", argc, argv, import.format)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    rc = (argc > 1) ? ngx_workers_crypto_source(cx, argv[1], &source)
                    : NGX_DECLINED;

    if (rc == NGX_ERROR) {
        return JS_EXCEPTION;
    }

    if (rc == NGX_DECLINED) {
        source = JS_UNDEFINED;

        if (argc < 2 || !JS_IsObject(argv[1])) {
            return ngx_workers_throw_argument(cx, "importKey", "SubtleCrypto",
                                              2, "JsBufferSource or "
                                              "JsonWebKey");
        }

        is_jwk = 1;

        if (ngx_workers_crypto_jwk_read(cx, argv[1], &jwk) != NGX_OK) {
            goto done;
        }
    }

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_import_dict,
                                  "importKey", 3, argc, argv, &import.params)
           != NGX_OK
        || ngx_workers_subtle_key_args(cx, "importKey", 4, argc, argv, &import)
           != NGX_OK)
    {
        goto done;
    }

    ngx_workers_crypto_bytes(cx, source, &data);

    key = ngx_workers_crypto_import(cx, lib, &import, is_jwk ? NULL : &data,
                                    is_jwk ? &jwk : NULL);

done:

    JS_FreeValue(cx, source);

    if (is_jwk) {
        ngx_workers_crypto_jwk_free(&jwk);
    }

    return ngx_workers_resolve(cx, key);
}


static JSValue
ngx_workers_subtle_export(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    char                       format[NGX_WORKERS_CRYPTO_NAME];
    ngx_workers_crypto_key_t  *key;

    if (ngx_workers_subtle_format(cx, "exportKey", argc, argv, format)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    key = ngx_workers_subtle_key(cx, "exportKey", 2, argc, argv);
    if (key == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_resolve(cx,
                              ngx_workers_subtle_export_key(cx, key, format));
}


static JSValue
ngx_workers_subtle_wrap(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    char                          format[NGX_WORKERS_CRYPTO_NAME];
    JSValue                       exported, promise;
    const char                   *text;
    ngx_workers_crypto_job_t      job;
    ngx_workers_crypto_key_t     *key, *wrapping;
    ngx_workers_crypto_params_t   params;

    if (ngx_workers_subtle_format(cx, "wrapKey", argc, argv, format)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    key = ngx_workers_subtle_key(cx, "wrapKey", 2, argc, argv);
    if (key == NULL) {
        return JS_EXCEPTION;
    }

    wrapping = ngx_workers_subtle_key(cx, "wrapKey", 3, argc, argv);
    if (wrapping == NULL) {
        return JS_EXCEPTION;
    }

    text = NULL;
    exported = JS_UNDEFINED;
    promise = JS_EXCEPTION;

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_encrypt_dict,
                                  "wrapKey", 4, argc, argv, &params)
           != NGX_OK
        || ngx_workers_subtle_check(cx, wrapping, params.name,
                                    NGX_WORKERS_CRYPTO_WRAP)
           != NGX_OK)
    {
        goto done;
    }

    exported = ngx_workers_subtle_export_key(cx, key, format);
    if (JS_IsException(exported)) {
        goto done;
    }

    ngx_workers_crypto_begin(&job, lib, wrapping);

    job.usage = NGX_WORKERS_CRYPTO_WRAP;

    if (ngx_workers_crypto_streq(format, "jwk")) {
        text = ngx_workers_crypto_jwk_json(cx, exported,
                                      &job.in[NGX_WORKERS_CRYPTO_IN_DATA]);
        if (text == NULL) {
            ngx_workers_crypto_drop(&job);
            goto done;
        }

    } else {
        ngx_workers_crypto_bytes(cx, exported,
                                 &job.in[NGX_WORKERS_CRYPTO_IN_DATA]);
    }

    promise = ngx_workers_subtle_start(cx, &job,
                                     wrapping->alg->cipher(cx, &params, &job));

done:

    if (text != NULL) {
        JS_FreeCString(cx, text);
    }

    JS_FreeValue(cx, exported);
    ngx_workers_crypto_params_free(cx, &params);

    return promise;
}


static JSValue
ngx_workers_subtle_unwrap(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    int magic, int argc, JSValueConst *argv)
{
    JSValue                       data, promise;
    ngx_workers_crypto_job_t      job;
    ngx_workers_crypto_key_t     *key;
    ngx_workers_crypto_params_t   params;
    ngx_workers_crypto_import_t  *import;

    import = ngx_workers_crypto_import_create(cx);
    if (import == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_subtle_format(cx, "unwrapKey", argc, argv, import->format)
           != NGX_OK
        || ngx_workers_crypto_argument(cx, "unwrapKey", 2, argc, argv, &data)
           != NGX_OK)
    {
        ngx_free(import);
        return JS_EXCEPTION;
    }

    promise = JS_EXCEPTION;

    key = ngx_workers_subtle_key(cx, "unwrapKey", 3, argc, argv);
    if (key == NULL) {
        JS_FreeValue(cx, data);
        ngx_free(import);
        return JS_EXCEPTION;
    }

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_encrypt_dict,
                                  "unwrapKey", 4, argc, argv, &params)
           != NGX_OK
        || ngx_workers_crypto_params(cx, &ngx_workers_crypto_import_dict,
                                     "unwrapKey", 5, argc, argv,
                                     &import->params)
           != NGX_OK
        || ngx_workers_subtle_key_args(cx, "unwrapKey", 6, argc, argv, import)
           != NGX_OK
        || ngx_workers_subtle_check(cx, key, params.name,
                                    NGX_WORKERS_CRYPTO_UNWRAP)
           != NGX_OK)
    {
        goto done;
    }

    ngx_workers_crypto_begin(&job, lib, key);

    job.usage = NGX_WORKERS_CRYPTO_UNWRAP;
    job.import = import;
    job.settle = ngx_workers_subtle_settle_import;
    import = NULL;

    ngx_workers_crypto_bytes(cx, data, &job.in[NGX_WORKERS_CRYPTO_IN_DATA]);

    promise = ngx_workers_subtle_start(cx, &job,
                                       key->alg->cipher(cx, &params, &job));

done:

    if (import != NULL) {
        ngx_free(import);
    }

    JS_FreeValue(cx, data);
    ngx_workers_crypto_params_free(cx, &params);

    return promise;
}


/* The key of deriveKey() and unwrapKey(): what the job gave is its data. */

static JSValue
ngx_workers_subtle_settle_import(JSContext *cx, ngx_workers_crypto_job_t *job)
{
    JSValue                   object, key;
    ngx_workers_crypto_jwk_t  jwk;

    if (!ngx_workers_crypto_streq(job->import->format, "jwk")) {
        return ngx_workers_crypto_import(cx, job->lib, job->import, &job->out,
                                         NULL);
    }

    object = ngx_workers_crypto_jwk_parse(cx, &job->out);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    key = JS_EXCEPTION;

    if (ngx_workers_crypto_jwk_read(cx, object, &jwk) == NGX_OK) {
        key = ngx_workers_crypto_import(cx, job->lib, job->import, NULL, &jwk);
    }

    ngx_workers_crypto_jwk_free(&jwk);
    JS_FreeValue(cx, object);

    return key;
}


static JSValue
ngx_workers_subtle_ext_equal(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue    a, b, ret;
    ngx_str_t  x, y;

    if (ngx_workers_this(cx, this_val, ngx_workers_subtle_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_crypto_argument(cx, "timingSafeEqual", 1, argc, argv, &a)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    if (ngx_workers_crypto_argument(cx, "timingSafeEqual", 2, argc, argv, &b)
        != NGX_OK)
    {
        JS_FreeValue(cx, a);
        return JS_EXCEPTION;
    }

    ngx_workers_crypto_bytes(cx, a, &x);
    ngx_workers_crypto_bytes(cx, b, &y);

    if (x.len != y.len) {
        ret = JS_ThrowTypeError(cx, "Input buffers must have the same byte "
                                "length.");

    } else {
        ret = JS_NewBool(cx, CRYPTO_memcmp(x.data, y.data, x.len) == 0);
    }

    JS_FreeValue(cx, a);
    JS_FreeValue(cx, b);

    return ret;
}


static ngx_workers_crypto_key_t *
ngx_workers_subtle_key(JSContext *cx, const char *method, int n, int argc,
    JSValueConst *argv)
{
    ngx_workers_crypto_key_t  *key;

    key = (n <= argc) ? ngx_workers_crypto_key(argv[n - 1]) : NULL;

    if (key == NULL) {
        (void) ngx_workers_throw_argument(cx, method, "SubtleCrypto", n,
                                          "CryptoKey");
    }

    return key;
}


/* Argument 1, a format: it is cut if it is longer than any there is. */

static ngx_int_t
ngx_workers_subtle_format(JSContext *cx, const char *method, int argc,
    JSValueConst *argv, char *format)
{
    const char  *s;

    if (argc < 1) {
        (void) ngx_workers_throw_argument(cx, method, "SubtleCrypto", 1,
                                          "string");
        return NGX_ERROR;
    }

    s = JS_ToCString(cx, argv[0]);
    if (s == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn((u_char *) format, (u_char *) s,
                       NGX_WORKERS_CRYPTO_NAME);

    JS_FreeCString(cx, s);

    return NGX_OK;
}


/* extractable and usages, from argument n on */

static ngx_int_t
ngx_workers_subtle_key_args(JSContext *cx, const char *method, int n, int argc,
    JSValueConst *argv, ngx_workers_crypto_import_t *import)
{
    if (n > argc) {
        (void) ngx_workers_throw_argument(cx, method, "SubtleCrypto", n,
                                          "boolean");
        return NGX_ERROR;
    }

    import->extractable = JS_ToBool(cx, argv[n - 1]);

    return ngx_workers_crypto_usages(cx, n < argc ? argv[n] : JS_UNDEFINED,
                                     method, n + 1, &import->usages);
}


static ngx_int_t
ngx_workers_subtle_check(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *name, ngx_uint_t usage)
{
    ngx_uint_t  i;

    if (ngx_strcasecmp((u_char *) name, (u_char *) key->alg->name) != 0) {
        (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "Requested algorithm \"%s\" does not match"
                                    " this CryptoKey's algorithm \"%s\".",
                                    name, key->alg->name);
        return NGX_ERROR;
    }

    if (key->usages & usage) {
        return NGX_OK;
    }

    for (i = 0; usage != (ngx_uint_t) 1 << i; i++) {
        /* void */
    }

    (void) JS_ThrowDOMException(cx, "InvalidAccessError",
                                "Requested key usage \"%s\" does not match any"
                                " usage listed in this CryptoKey.",
                                ngx_workers_crypto_usage_names[i]);
    return NGX_ERROR;
}


static JSValue
ngx_workers_subtle_export_key(JSContext *cx, ngx_workers_crypto_key_t *key,
    const char *format)
{
    if (!key->extractable) {
        return JS_ThrowDOMException(cx, "InvalidAccessError",
                                    "Attempt to export non-extractable %s "
                                    "key.", key->alg->name);
    }

    return key->alg->export(cx, key, format);
}


/* Starts a job that was prepared, or lets go of it. */

static JSValue
ngx_workers_subtle_start(JSContext *cx, ngx_workers_crypto_job_t *job,
    ngx_int_t rc)
{
    if (rc != NGX_OK) {
        ngx_workers_crypto_drop(job);
        return JS_EXCEPTION;
    }

    return ngx_workers_crypto_start(cx, job);
}
