
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: jobs.  A short one runs where it was prepared and gives a
 * settled promise; a long one is copied, with what it works on, and runs in
 * the thread pool.
 */


#include "ngx_workers_crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>


static JSValue ngx_workers_crypto_post(JSContext *cx,
    ngx_workers_crypto_job_t *prepared, size_t size);
static void ngx_workers_crypto_task_run(ngx_workers_task_t *t);
static JSValue ngx_workers_crypto_task_settle(JSContext *cx,
    ngx_workers_op_t *op);
static void ngx_workers_crypto_task_free(ngx_workers_op_t *op);
static JSValue ngx_workers_crypto_settle(JSContext *cx,
    ngx_workers_crypto_job_t *job);


EVP_MD *
ngx_workers_crypto_md(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_hash_e hash)
{
    if (lib->md[hash] == NULL) {
        lib->md[hash] = EVP_MD_fetch(NULL,
                                     ngx_workers_crypto_digests[hash].openssl,
                                     NULL);

        if (lib->md[hash] == NULL) {
            (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                        "OpenSSL has no %s",
                                    ngx_workers_crypto_digests[hash].name);
        }
    }

    return lib->md[hash];
}


EVP_MAC_CTX *
ngx_workers_crypto_mac(ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_hash_e hash, ngx_str_t *key)
{
    OSSL_PARAM    params[2];
    EVP_MAC_CTX  *mac;

    if (lib->hmac == NULL) {
        lib->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

        if (lib->hmac == NULL) {
            return NULL;
        }
    }

    mac = EVP_MAC_CTX_new(lib->hmac);
    if (mac == NULL) {
        return NULL;
    }

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                       (char *) ngx_workers_crypto_digests[hash].openssl, 0);
    params[1] = OSSL_PARAM_construct_end();

    if (EVP_MAC_init(mac, key->data, key->len, params) != 1) {
        EVP_MAC_CTX_free(mac);
        return NULL;
    }

    return mac;
}


void
ngx_workers_crypto_lib_free(ngx_workers_crypto_lib_t *lib)
{
    ngx_uint_t  i;

    if (--lib->refs != 0) {
        return;
    }

    for (i = 0; i < NGX_WORKERS_CRYPTO_NHASHES; i++) {
        EVP_MD_free(lib->md[i]);
    }

    EVP_MAC_free(lib->hmac);

    ngx_free(lib);
}


void
ngx_workers_crypto_forget_errors(void)
{
    if (ERR_peek_error() != 0) {
        ERR_clear_error();
    }
}


ngx_int_t
ngx_workers_crypto_fail(ngx_workers_crypto_job_t *job, const char *name,
    const char *fmt, ...)
{
    va_list  args;

    job->error = name;

    va_start(args, fmt);
    (void) vsnprintf(job->text, sizeof(job->text), fmt, args);
    va_end(args);

    return NGX_ERROR;
}


ngx_int_t
ngx_workers_crypto_out(ngx_workers_crypto_job_t *job, size_t size)
{
    job->out.len = size;

    if (size <= sizeof(job->small)) {
        job->out.data = job->small;
        return NGX_OK;
    }

    job->out.data = OPENSSL_malloc(size);

    if (job->out.data == NULL) {
        job->out.len = 0;
        return ngx_workers_crypto_fail(job, "OperationError",
                                       "Out of memory.");
    }

    job->room = size;

    return NGX_OK;
}


void
ngx_workers_crypto_begin(ngx_workers_crypto_job_t *job,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_key_t *key)
{
    ngx_memzero(job, offsetof(ngx_workers_crypto_job_t, text));

    job->lib = lib;
    lib->refs++;

    if (key != NULL) {
        job->key = key;
        key->refs++;
    }
}


void
ngx_workers_crypto_drop(ngx_workers_crypto_job_t *job)
{
    if (job->key != NULL) {
        ngx_workers_crypto_key_free(job->key);
    }

    if (job->own_mac) {
        EVP_MAC_CTX_free(job->mac);
    }

    if (job->room != 0) {
        OPENSSL_clear_free(job->out.data, job->room);

    } else {
        OPENSSL_cleanse(job->small, sizeof(job->small));
    }

    if (job->copies != NULL) {
        OPENSSL_clear_free(job->copies, job->task.memory);
    }

    EVP_PKEY_free(job->peer);
    EVP_PKEY_free(job->pkey);

    if (job->import != NULL) {
        ngx_free(job->import);
    }

    ngx_workers_crypto_lib_free(job->lib);
}


JSValue
ngx_workers_crypto_start(JSContext *cx, ngx_workers_crypto_job_t *job)
{
    size_t      size;
    JSValue     value;
    ngx_uint_t  i;

    size = 0;

    for (i = 0; i < NGX_WORKERS_CRYPTO_NINPUTS; i++) {
        size += job->in[i].len;
    }

    if ((job->slow || size > NGX_WORKERS_CRYPTO_SLOW)
        && ngx_workers_task_allowed(cx, size))
    {
        return ngx_workers_crypto_post(cx, job, size);
    }

    if (job->slow) {
        ngx_workers_task_limit(cx, &job->task);
    }

    (void) job->run(job);

    value = ngx_workers_crypto_settle(cx, job);

    ngx_workers_crypto_drop(job);

    return ngx_workers_resolve(cx, value);
}


static JSValue
ngx_workers_crypto_post(JSContext *cx, ngx_workers_crypto_job_t *prepared,
    size_t size)
{
    u_char                    *p;
    JSValue                    promise;
    ngx_uint_t                 i;
    ngx_workers_crypto_job_t  *job;

    promise = JS_EXCEPTION;

    job = ngx_alloc(sizeof(ngx_workers_crypto_job_t),
                    ngx_workers_isolate(cx)->log);
    if (job == NULL) {
        goto failed;
    }

    prepared->copies = OPENSSL_malloc(size ? size : 1);
    if (prepared->copies == NULL) {
        goto failed;
    }

    prepared->task.memory = size ? size : 1;

    p = prepared->copies;

    for (i = 0; i < NGX_WORKERS_CRYPTO_NINPUTS; i++) {
        if (prepared->in[i].len != 0) {
            ngx_memcpy(p, prepared->in[i].data, prepared->in[i].len);
            prepared->in[i].data = p;
            p += prepared->in[i].len;
        }
    }

    if (prepared->mac != NULL && !prepared->own_mac) {

        /* the key's own goes on working in the event loop */

        prepared->mac = EVP_MAC_CTX_dup(prepared->mac);
        prepared->own_mac = 1;

        if (prepared->mac == NULL) {
            goto failed;
        }
    }

    *job = *prepared;

    job->task.op.settle = ngx_workers_crypto_task_settle;
    job->task.op.free = ngx_workers_crypto_task_free;
    job->task.run = ngx_workers_crypto_task_run;

    promise = ngx_workers_task_start(cx, &job->task);

    if (JS_IsException(promise)) {
        ngx_workers_crypto_task_free(&job->task.op);
    }

    return promise;

failed:

    if (job != NULL) {
        ngx_free(job);
    }

    ngx_workers_crypto_drop(prepared);

    return JS_ThrowOutOfMemory(cx);
}


static void
ngx_workers_crypto_task_run(ngx_workers_task_t *t)
{
    ngx_workers_crypto_job_t *job = (ngx_workers_crypto_job_t *) t;

    (void) job->run(job);

    ngx_workers_crypto_forget_errors();
}


static JSValue
ngx_workers_crypto_task_settle(JSContext *cx, ngx_workers_op_t *op)
{
    JSValue  value;

    value = ngx_workers_crypto_settle(cx, (ngx_workers_crypto_job_t *) op);

    ngx_workers_crypto_forget_errors();

    return value;
}


static void
ngx_workers_crypto_task_free(ngx_workers_op_t *op)
{
    ngx_workers_crypto_drop((ngx_workers_crypto_job_t *) op);
    ngx_free(op);
}


static JSValue
ngx_workers_crypto_settle(JSContext *cx, ngx_workers_crypto_job_t *job)
{
    if (job->error != NULL) {
        return JS_ThrowDOMException(cx, job->error, "%s", job->text);
    }

    if (job->settle != NULL) {
        return job->settle(cx, job);
    }

    return ngx_workers_new_array_buffer(cx, &job->out);
}


JSValue
ngx_workers_crypto_settle_valid(JSContext *cx, ngx_workers_crypto_job_t *job)
{
    return JS_NewBool(cx, job->valid);
}
