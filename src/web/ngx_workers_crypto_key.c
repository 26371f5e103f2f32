
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: CryptoKey, and how keys come to be.  The members of a
 * CryptoKey are its own read-only properties, made anew whenever one asks.
 */


#include "ngx_workers_crypto.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>


#define NGX_WORKERS_CRYPTO_PKEY_MEMORY  4096     /* about what OpenSSL takes */
#define NGX_WORKERS_CRYPTO_MEMBERS      4


static ngx_workers_crypto_key_t *ngx_workers_crypto_key_create(JSContext *cx,
    const ngx_workers_crypto_alg_t *alg);
static void ngx_workers_crypto_key_finalizer(JSRuntime *rt, JSValueConst val);
static int ngx_workers_crypto_key_get(JSContext *cx,
    JSPropertyDescriptor *desc, JSValueConst obj, JSAtom prop);
static int ngx_workers_crypto_key_names(JSContext *cx, JSPropertyEnum **names,
    uint32_t *n, JSValueConst obj);
static JSValue ngx_workers_crypto_key_algorithm(JSContext *cx,
    ngx_workers_crypto_key_t *key);
static JSValue ngx_workers_crypto_key_type(JSContext *cx,
    ngx_workers_crypto_key_t *key);
static ngx_int_t ngx_workers_crypto_run_random(ngx_workers_crypto_job_t *job);
static JSValue ngx_workers_crypto_settle_secret(JSContext *cx,
    ngx_workers_crypto_job_t *job);
static JSValue ngx_workers_crypto_settle_pair(JSContext *cx,
    ngx_workers_crypto_job_t *job);
static JSValue ngx_workers_crypto_half(JSContext *cx,
    ngx_workers_crypto_job_t *job, ngx_workers_crypto_type_e type,
    ngx_uint_t usages);


static const JSCFunctionListEntry  ngx_workers_crypto_key_proto[] = {
    NGX_WORKERS_TAG("CryptoKey"),
};


static JSClassExoticMethods  ngx_workers_crypto_key_exotic = {
    .get_own_property = ngx_workers_crypto_key_get,
    .get_own_property_names = ngx_workers_crypto_key_names,
};


ngx_workers_class_t  ngx_workers_crypto_key_class = {
    .def = {
        .class_name = "CryptoKey",
        .finalizer = ngx_workers_crypto_key_finalizer,
        .exotic = &ngx_workers_crypto_key_exotic,
    },
    .proto = ngx_workers_crypto_key_proto,
    .nproto = ngx_workers_nitems(ngx_workers_crypto_key_proto),
};


/* Without material. */

static ngx_workers_crypto_key_t *
ngx_workers_crypto_key_create(JSContext *cx,
    const ngx_workers_crypto_alg_t *alg)
{
    ngx_workers_crypto_key_t  *key;

    key = ngx_calloc(sizeof(ngx_workers_crypto_key_t),
                     ngx_workers_isolate(cx)->log);
    if (key == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    key->refs = 1;
    key->alg = alg;

    return key;
}


void
ngx_workers_crypto_key_free(ngx_workers_crypto_key_t *key)
{
    if (--key->refs != 0) {
        return;
    }

    OPENSSL_clear_free(key->secret.data, key->secret.len);
    OPENSSL_free(key->exponent.data);
    EVP_CIPHER_free(key->cipher);
    EVP_MAC_CTX_free(key->mac);
    EVP_PKEY_free(key->pkey);

    ngx_free(key);
}


ngx_int_t
ngx_workers_crypto_key_copy(JSContext *cx, ngx_str_t *to, ngx_str_t *from)
{
    to->data = OPENSSL_malloc(from->len ? from->len : 1);

    if (to->data == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NGX_ERROR;
    }

    ngx_memcpy(to->data, from->data, from->len);
    to->len = from->len;

    return NGX_OK;
}


JSValue
ngx_workers_crypto_key_wrap(JSContext *cx, ngx_workers_crypto_key_t *key)
{
    size_t   size;
    JSValue  object;

    size = sizeof(ngx_workers_crypto_key_t) + key->secret.len
           + key->exponent.len;

    if (key->mac != NULL || key->pkey != NULL) {
        size += NGX_WORKERS_CRYPTO_PKEY_MEMORY + key->bits;
    }

    if (ngx_workers_isolate_charge(cx, size) != NGX_OK) {
        ngx_workers_crypto_key_free(key);
        return JS_EXCEPTION;
    }

    object = JS_NewObjectClass(cx, ngx_workers_crypto_key_class.id);

    if (JS_IsException(object)) {
        ngx_workers_isolate_uncharge(JS_GetRuntime(cx), size);
        ngx_workers_crypto_key_free(key);
        return JS_EXCEPTION;
    }

    key->charge = size;

    JS_SetOpaque(object, key);

    return object;
}


static void
ngx_workers_crypto_key_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_crypto_key_t  *key;

    key = ngx_workers_crypto_key(val);

    if (key != NULL) {
        ngx_workers_isolate_uncharge(rt, key->charge);
        ngx_workers_crypto_key_free(key);
    }
}


static int
ngx_workers_crypto_key_get(JSContext *cx, JSPropertyDescriptor *desc,
    JSValueConst obj, JSAtom prop)
{
    JSValue                    value;
    ngx_workers_crypto_key_t  *key;

    key = ngx_workers_crypto_key(obj);

    if (key == NULL) {
        return 0;
    }

    value = JS_UNDEFINED;

    if (prop == ngx_workers_atom(cx, TYPE)) {
        if (desc != NULL) {
            value = ngx_workers_crypto_key_type(cx, key);
        }

    } else if (prop == ngx_workers_atom(cx, ALGORITHM)) {
        if (desc != NULL) {
            value = ngx_workers_crypto_key_algorithm(cx, key);
        }

    } else if (prop == ngx_workers_atom(cx, USAGES)) {
        if (desc != NULL) {
            value = ngx_workers_crypto_key_usages(cx, key->usages);
        }

    } else if (prop == ngx_workers_atom(cx, EXTRACTABLE)) {
        value = JS_NewBool(cx, key->extractable);

    } else {
        return 0;
    }

    if (JS_IsException(value)) {
        return -1;
    }

    if (desc != NULL) {
        desc->flags = JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE;
        desc->value = value;
        desc->getter = JS_UNDEFINED;
        desc->setter = JS_UNDEFINED;
    }

    return 1;
}


static int
ngx_workers_crypto_key_names(JSContext *cx, JSPropertyEnum **names,
    uint32_t *n, JSValueConst obj)
{
    JSPropertyEnum  *p;

    *names = NULL;
    *n = 0;

    if (ngx_workers_crypto_key(obj) == NULL) {
        return 0;
    }

    p = js_mallocz(cx, NGX_WORKERS_CRYPTO_MEMBERS * sizeof(JSPropertyEnum));
    if (p == NULL) {
        return -1;
    }

    p[0].atom = JS_DupAtom(cx, ngx_workers_atom(cx, USAGES));
    p[1].atom = JS_DupAtom(cx, ngx_workers_atom(cx, ALGORITHM));
    p[2].atom = JS_DupAtom(cx, ngx_workers_atom(cx, EXTRACTABLE));
    p[3].atom = JS_DupAtom(cx, ngx_workers_atom(cx, TYPE));

    *names = p;
    *n = NGX_WORKERS_CRYPTO_MEMBERS;

    return 0;
}


static JSValue
ngx_workers_crypto_key_algorithm(JSContext *cx, ngx_workers_crypto_key_t *key)
{
    JSValue  object;

    object = JS_NewObject(cx);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_set(cx, object, "name", JS_NewString(cx, key->alg->name))
           != NGX_OK
        || (key->alg->describe != NULL
            && key->alg->describe(cx, object, key) != NGX_OK))
    {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    return object;
}


ngx_int_t
ngx_workers_crypto_describe_hash(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key)
{
    JSValue  hash;

    hash = JS_NewObject(cx);

    if (JS_IsException(hash)) {
        return NGX_ERROR;
    }

    if (ngx_workers_set(cx, hash, "name",
                        JS_NewString(cx,
                                ngx_workers_crypto_digests[key->hash].name))
        != NGX_OK)
    {
        JS_FreeValue(cx, hash);
        return NGX_ERROR;
    }

    return ngx_workers_set(cx, object, "hash", hash);
}


JSValue
ngx_workers_crypto_key_usages(JSContext *cx, ngx_uint_t usages)
{
    JSValue     list;
    uint32_t    n;
    ngx_uint_t  i;

    list = JS_NewArray(cx);
    if (JS_IsException(list)) {
        return JS_EXCEPTION;
    }

    n = 0;

    for (i = 0; i < NGX_WORKERS_CRYPTO_NUSAGES; i++) {

        if ((usages & ((ngx_uint_t) 1 << i))
            && JS_DefinePropertyValueUint32(cx, list, n++,
                       JS_NewString(cx, ngx_workers_crypto_usage_names[i]),
                       JS_PROP_C_W_E)
               < 0)
        {
            JS_FreeValue(cx, list);
            return JS_EXCEPTION;
        }
    }

    return list;
}


static JSValue
ngx_workers_crypto_key_type(JSContext *cx, ngx_workers_crypto_key_t *key)
{
    static const char *const  names[] = { "secret", "public", "private" };

    return JS_NewString(cx, names[key->type]);
}


ngx_workers_crypto_import_t *
ngx_workers_crypto_import_create(JSContext *cx)
{
    ngx_workers_crypto_import_t  *import;

    import = ngx_calloc(sizeof(ngx_workers_crypto_import_t),
                        ngx_workers_isolate(cx)->log);
    if (import == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
    }

    return import;
}


JSValue
ngx_workers_crypto_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_jwk_t *jwk)
{
    ngx_uint_t                       is_jwk;
    ngx_workers_crypto_key_t        *key;
    const ngx_workers_crypto_alg_t  *alg;

    is_jwk = ngx_workers_crypto_streq(import->format, "jwk");

    if (!is_jwk) {
        jwk = NULL;                        /* an error, unless the format is */
    }

    if (is_jwk && jwk == NULL) {
        return JS_ThrowTypeError(cx, "Import data provided for \"jwk\" import "
                                 "format must be a JsonWebKey.");
    }

    if (data == NULL
        && (ngx_workers_crypto_streq(import->format, "raw")
            || ngx_workers_crypto_streq(import->format, "pkcs8")
            || ngx_workers_crypto_streq(import->format, "spki")))
    {
        return JS_ThrowTypeError(cx, "Import data provided for \"raw\", "
                                 "\"pkcs8\", or \"spki\" import formats must "
                                 "be a buffer source.");
    }

    alg = ngx_workers_crypto_alg(import->params.name);

    if (alg == NULL) {
        return JS_ThrowDOMException(cx, "NotSupportedError",
                                    "Unrecognized key import algorithm \"%s\" "
                                    "requested.", import->params.name);
    }

    if (is_jwk && import->extractable && jwk->has_ext && !jwk->ext) {
        return JS_ThrowDOMException(cx, "DataError",
                                    "JWK ext field for \"%s\" is set to false "
                                    "but extractable is true",
                                    import->params.name);
    }

    key = ngx_workers_crypto_key_create(cx, alg);
    if (key == NULL) {
        return JS_EXCEPTION;
    }

    key->usages = import->usages.mask;
    key->extractable = import->extractable;

    if (alg->import(cx, lib, import, data, jwk, key) != NGX_OK) {
        ngx_workers_crypto_key_free(key);
        return JS_EXCEPTION;
    }

    if (key->type != NGX_WORKERS_CRYPTO_PUBLIC && key->usages == 0) {
        ngx_workers_crypto_key_free(key);
        return JS_ThrowDOMException(cx, "SyntaxError",
                                    "Secret/private CryptoKeys must have at "
                                    "least one usage.");
    }

    return ngx_workers_crypto_key_wrap(cx, key);
}


ngx_int_t
ngx_workers_crypto_format_error(JSContext *cx, const char *format)
{
    (void) JS_ThrowDOMException(cx, "NotSupportedError", "Unrecognized key "
                                "import format \"%s\".", format);
    return NGX_ERROR;
}


ngx_int_t
ngx_workers_crypto_generate_usages(JSContext *cx,
    const ngx_workers_crypto_alg_t *alg, ngx_workers_crypto_usages_t *usages)
{
    return ngx_workers_crypto_check_usages(cx, usages,
                                           alg->usages | alg->usages_public,
                                           "generate ", alg->name);
}


ngx_int_t
ngx_workers_crypto_generate_private(JSContext *cx,
    const ngx_workers_crypto_alg_t *alg, ngx_workers_crypto_usages_t *usages)
{
    if ((usages->mask & alg->usages) == 0) {
        (void) JS_ThrowDOMException(cx, "SyntaxError", "Attempt to generate "
                                    "asymmetric keys with no valid private "
                                    "key usages.");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_crypto_generate_secret(JSContext *cx,
    ngx_workers_crypto_job_t *job, ngx_uint_t bits)
{
    if (ngx_workers_require_invocation(cx) == NULL) {
        return NGX_ERROR;
    }

    /* there will be two of it for a moment */

    if (ngx_workers_isolate_charge(cx, bits / 4) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_workers_isolate_uncharge(JS_GetRuntime(cx), bits / 4);

    job->slow = bits / 8 > NGX_WORKERS_CRYPTO_SLOW;
    job->length = bits;
    job->run = ngx_workers_crypto_run_random;
    job->settle = ngx_workers_crypto_settle_secret;

    return NGX_OK;
}


void
ngx_workers_crypto_generate_pair(ngx_workers_crypto_job_t *job,
    ngx_int_t (*run)(ngx_workers_crypto_job_t *job))
{
    job->run = run;
    job->settle = ngx_workers_crypto_settle_pair;
}


static ngx_int_t
ngx_workers_crypto_run_random(ngx_workers_crypto_job_t *job)
{
    if (ngx_workers_crypto_out(job, (job->length + 7) / 8) != NGX_OK) {
        return NGX_ERROR;
    }

    if (RAND_priv_bytes(job->out.data, job->out.len) != 1) {
        return ngx_workers_crypto_fail(job, "OperationError",
                                       "No random values can be made.");
    }

    return NGX_OK;
}


static JSValue
ngx_workers_crypto_settle_secret(JSContext *cx, ngx_workers_crypto_job_t *job)
{
    ngx_workers_crypto_key_t  *key;

    if (job->usages == 0) {
        return JS_ThrowDOMException(cx, "SyntaxError",
                                    "Secret/private CryptoKeys must have at "
                                    "least one usage.");
    }

    key = ngx_workers_crypto_key_create(cx, job->alg);
    if (key == NULL) {
        return JS_EXCEPTION;
    }

    key->usages = job->usages;
    key->extractable = job->extractable;
    key->hash = job->hash;
    key->bits = job->length;

    if (ngx_workers_crypto_key_copy(cx, &key->secret, &job->out) != NGX_OK
        || (job->alg->ready != NULL
            && job->alg->ready(cx, job->lib, key) != NGX_OK))
    {
        ngx_workers_crypto_key_free(key);
        return JS_EXCEPTION;
    }

    return ngx_workers_crypto_key_wrap(cx, key);
}


static JSValue
ngx_workers_crypto_settle_pair(JSContext *cx, ngx_workers_crypto_job_t *job)
{
    JSValue  pair;

    pair = JS_NewObject(cx);
    if (JS_IsException(pair)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_set(cx, pair, "publicKey",
                        ngx_workers_crypto_half(cx, job,
                                                NGX_WORKERS_CRYPTO_PUBLIC,
                                                job->alg->usages_public))
           != NGX_OK
        || ngx_workers_set(cx, pair, "privateKey",
                           ngx_workers_crypto_half(cx, job,
                                                   NGX_WORKERS_CRYPTO_PRIVATE,
                                                   job->alg->usages))
           != NGX_OK)
    {
        JS_FreeValue(cx, pair);
        return JS_EXCEPTION;
    }

    return pair;
}


/* Both halves are of one key of OpenSSL's. */

static JSValue
ngx_workers_crypto_half(JSContext *cx, ngx_workers_crypto_job_t *job,
    ngx_workers_crypto_type_e type, ngx_uint_t usages)
{
    ngx_workers_crypto_key_t  *key;

    key = ngx_workers_crypto_key_create(cx, job->alg);
    if (key == NULL) {
        return JS_EXCEPTION;
    }

    key->type = type;
    key->usages = job->usages & usages;
    key->extractable = job->extractable || type == NGX_WORKERS_CRYPTO_PUBLIC;
    key->hash = job->hash;
    key->curve = job->curve;
    key->bits = job->length;

    (void) EVP_PKEY_up_ref(job->pkey);
    key->pkey = job->pkey;

    if (job->in[NGX_WORKERS_CRYPTO_IN_DATA].len != 0
        && ngx_workers_crypto_key_copy(cx, &key->exponent,
                                       &job->in[NGX_WORKERS_CRYPTO_IN_DATA])
           != NGX_OK)
    {
        ngx_workers_crypto_key_free(key);
        return JS_EXCEPTION;
    }

    return ngx_workers_crypto_key_wrap(cx, key);
}
