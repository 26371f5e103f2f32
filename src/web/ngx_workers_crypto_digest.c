
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: digests, and the native half of crypto.DigestStream
 * (src/js/digest.js).
 */


#include "ngx_workers_crypto.h"
#include "ngx_workers_usv.h"

#include <openssl/crypto.h>


static ngx_int_t ngx_workers_digest_run(ngx_workers_crypto_job_t *job);
static JSValue ngx_workers_digest_native(JSContext *cx);
static JSValue ngx_workers_digest_create(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_digest_update(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_digest_final(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static void ngx_workers_digest_finalizer(JSRuntime *rt, JSValueConst val);


const ngx_workers_crypto_digest_t
    ngx_workers_crypto_digests[NGX_WORKERS_CRYPTO_NHASHES] =
{
    { "SHA-1", "SHA1", 20, 64, "1" },
    { "SHA-256", "SHA2-256", 32, 64, "256" },
    { "SHA-384", "SHA2-384", 48, 128, "384" },
    { "SHA-512", "SHA2-512", 64, 128, "512" },
    { "MD5", "MD5", 16, 64, NULL },
};


static const JSCFunctionListEntry  ngx_workers_digest_functions[] = {
    JS_CFUNC_DEF("create", 1, ngx_workers_digest_create),
    JS_CFUNC_DEF("update", 2, ngx_workers_digest_update),
    JS_CFUNC_DEF("final", 1, ngx_workers_digest_final),
};


ngx_workers_builtin_t  ngx_workers_digest_builtin = {
    .name = "digest",
    .native = ngx_workers_digest_native,
};


/* A digest under way: its opaque is the EVP_MD_CTX, NULL when it is over. */
ngx_workers_class_t  ngx_workers_digest_class = {
    .def = {
        .class_name = "Digest",
        .finalizer = ngx_workers_digest_finalizer,
    },
    .hidden = 1,
};


ngx_int_t
ngx_workers_crypto_digest(JSContext *cx, ngx_workers_crypto_hash_e hash,
    ngx_workers_crypto_job_t *job)
{
    job->run = ngx_workers_digest_run;
    job->md = ngx_workers_crypto_md(cx, job->lib, hash);

    return (job->md != NULL) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_workers_digest_run(ngx_workers_crypto_job_t *job)
{
    unsigned    n;
    ngx_str_t  *data;

    data = &job->in[NGX_WORKERS_CRYPTO_IN_DATA];

    if (ngx_workers_crypto_out(job, EVP_MAX_MD_SIZE) != NGX_OK) {
        return NGX_ERROR;
    }

    if (EVP_Digest(data->data, data->len, job->out.data, &n, job->md, NULL)
        != 1)
    {
        return ngx_workers_crypto_fail(job, "OperationError",
                                       "The digest failed.");
    }

    job->out.len = n;

    return NGX_OK;
}


static JSValue
ngx_workers_digest_native(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                             ngx_workers_digest_functions,
                             ngx_workers_nitems(ngx_workers_digest_functions))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* create(algorithm) */

static JSValue
ngx_workers_digest_create(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                      digest;
    EVP_MD                      *md;
    EVP_MD_CTX                  *ctx;
    ngx_workers_crypto_hash_e    hash;
    ngx_workers_crypto_params_t  params;

    if (JS_IsUndefined(argv[0]) || JS_IsNull(argv[0])) {
        return ngx_workers_throw_constructor_argument(cx, "DigestStream", 1,
                                                    "string or HashAlgorithm");
    }

    if (ngx_workers_crypto_params(cx, &ngx_workers_crypto_digest_dict, "", 1,
                                  argc, argv, &params)
           != NGX_OK
        || ngx_workers_crypto_hash_by_name(cx, params.name, &hash) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    digest = JS_NewObjectClass(cx, ngx_workers_digest_class.id);
    if (JS_IsException(digest)) {
        return JS_EXCEPTION;
    }

    ctx = EVP_MD_CTX_new();
    md = EVP_MD_fetch(NULL, ngx_workers_crypto_digests[hash].openssl, NULL);

    if (ctx == NULL || md == NULL || EVP_DigestInit_ex2(ctx, md, NULL) != 1) {
        EVP_MD_CTX_free(ctx);
        EVP_MD_free(md);
        JS_FreeValue(cx, digest);

        return JS_ThrowDOMException(cx, "OperationError",
                                    "The digest failed.");
    }

    EVP_MD_free(md);                       /* ctx has its own reference */

    JS_SetOpaque(digest, ctx);

    return digest;
}


/* update(digest, chunk): bytes of chunk, or undefined if it has none */

static JSValue
ngx_workers_digest_update(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue             source;
    ngx_int_t           rc;
    ngx_str_t           bytes;
    EVP_MD_CTX         *ctx;
    ngx_workers_usv_t   usv;

    source = JS_UNDEFINED;

    if (JS_IsString(argv[1])) {

        if (ngx_workers_usv(cx, argv[1], &usv) != NGX_OK) {
            return JS_EXCEPTION;
        }

        bytes = usv.str;

    } else {
        rc = ngx_workers_crypto_source(cx, argv[1], &source);

        if (rc != NGX_OK) {
            return (rc == NGX_ERROR) ? JS_EXCEPTION : JS_UNDEFINED;
        }

        ngx_workers_crypto_bytes(cx, source, &bytes);
    }

    ctx = JS_GetOpaque(argv[0], ngx_workers_digest_class.id);

    rc = (ctx != NULL && EVP_DigestUpdate(ctx, bytes.data, bytes.len) == 1)
         ? NGX_OK : NGX_ERROR;

    if (JS_IsString(argv[1])) {
        ngx_workers_usv_free(cx, &usv);
    }

    JS_FreeValue(cx, source);

    return (rc == NGX_OK)
           ? JS_NewInt64(cx, bytes.len)
           : JS_ThrowDOMException(cx, "OperationError", "The digest failed.");
}


/* final(digest): an ArrayBuffer */

static JSValue
ngx_workers_digest_final(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char       md[EVP_MAX_MD_SIZE];
    unsigned     n;
    EVP_MD_CTX  *ctx;

    ctx = JS_GetOpaque(argv[0], ngx_workers_digest_class.id);

    if (ctx == NULL || EVP_DigestFinal_ex(ctx, md, &n) != 1) {
        return JS_ThrowDOMException(cx, "OperationError",
                                    "The digest failed.");
    }

    EVP_MD_CTX_free(ctx);
    JS_SetOpaque(argv[0], NULL);

    return JS_NewArrayBufferCopy(cx, md, n);
}


static void
ngx_workers_digest_finalizer(JSRuntime *rt, JSValueConst val)
{
    EVP_MD_CTX_free(JS_GetOpaque(val, ngx_workers_digest_class.id));
}
