
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of node:crypto's Diffie-Hellman and primes: large numbers
 * as big-endian bytes.
 */


#include "../core/ngx_workers_isolate.h"
#include "../web/ngx_workers_crypto.h"
#include "ngx_workers_node_buffer.h"

#include <openssl/bn.h>


/* What is larger is refused: it would take minutes. */
#define NGX_WORKERS_NODE_BIGNUM  (16384 / 8)


static JSValue ngx_workers_node_bignum_make(JSContext *cx);
static BIGNUM *ngx_workers_node_bignum_get(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_node_bignum_value(JSContext *cx, const BIGNUM *n,
    size_t size);
static JSValue ngx_workers_node_bignum_ext_power(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_bignum_ext_prime(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_bignum_ext_is_prime(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_bignum_ext_group(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static int ngx_workers_node_bignum_progress(int a, int b, BN_GENCB *cb);


static const JSCFunctionListEntry  ngx_workers_node_bignum_methods[] = {
    JS_CFUNC_DEF("power", 3, ngx_workers_node_bignum_ext_power),
    JS_CFUNC_DEF("prime", 4, ngx_workers_node_bignum_ext_prime),
    JS_CFUNC_DEF("isPrime", 1, ngx_workers_node_bignum_ext_is_prime),
    JS_CFUNC_DEF("group", 1, ngx_workers_node_bignum_ext_group),
};


ngx_workers_native_t  ngx_workers_node_bignum_native = {
    "bignum", ngx_workers_node_bignum_make
};


static JSValue
ngx_workers_node_bignum_make(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                          ngx_workers_node_bignum_methods,
                          ngx_workers_nitems(ngx_workers_node_bignum_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* Free it with BN_clear_free(); NULL: an exception is pending. */

static BIGNUM *
ngx_workers_node_bignum_get(JSContext *cx, JSValueConst v)
{
    BIGNUM     *n;
    ngx_str_t   bytes;

    if (ngx_workers_node_bytes(cx, v, &bytes) != NGX_OK) {
        return NULL;
    }

    if (bytes.len > NGX_WORKERS_NODE_BIGNUM) {
        (void) JS_ThrowRangeError(cx, "The number is too large: expected at "
                                  "most %d bytes", NGX_WORKERS_NODE_BIGNUM);
        return NULL;
    }

    n = BN_bin2bn(bytes.data, bytes.len, NULL);

    if (n == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
    }

    return n;
}


/* The bytes, with zeroes before them up to a size. */

static JSValue
ngx_workers_node_bignum_value(JSContext *cx, const BIGNUM *n, size_t size)
{
    u_char   *p;
    JSValue   value;

    size = ngx_max((size_t) BN_num_bytes(n), size);

    p = js_malloc(cx, size + 1);
    if (p == NULL) {
        return JS_EXCEPTION;
    }

    (void) BN_bn2binpad(n, p, size);

    value = JS_NewUint8ArrayCopy(cx, p, size);

    OPENSSL_cleanse(p, size);
    js_free(cx, p);

    return value;
}


/*
 * power(base, exponent, modulus): as long as the modulus; undefined if that
 * is even.
 */

static JSValue
ngx_workers_node_bignum_ext_power(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    BIGNUM   *base, *exponent, *modulus, *n;
    BN_CTX   *ctx;
    JSValue   value;

    exponent = NULL;
    modulus = NULL;
    ctx = NULL;
    n = NULL;
    value = JS_EXCEPTION;

    base = ngx_workers_node_bignum_get(cx, argv[0]);
    if (base == NULL) {
        goto done;
    }

    exponent = ngx_workers_node_bignum_get(cx, argv[1]);
    if (exponent == NULL) {
        goto done;
    }

    modulus = ngx_workers_node_bignum_get(cx, argv[2]);
    if (modulus == NULL) {
        goto done;
    }

    n = BN_new();
    ctx = BN_CTX_new();

    if (n == NULL || ctx == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        goto done;
    }

    if (!BN_is_odd(modulus)
        || BN_mod_exp_mont_consttime(n, base, exponent, modulus, ctx, NULL)
           != 1)
    {
        value = JS_UNDEFINED;
        goto done;
    }

    value = ngx_workers_node_bignum_value(cx, n, BN_num_bytes(modulus));

done:

    BN_CTX_free(ctx);
    BN_clear_free(n);
    BN_clear_free(base);
    BN_clear_free(exponent);
    BN_clear_free(modulus);

    ngx_workers_crypto_forget_errors();

    return value;
}


/*
 * prime(bits, safe, add, rem): undefined if there is none, or if it took too
 * much of the invocation's CPU time.
 */

static JSValue
ngx_workers_node_bignum_ext_prime(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    BIGNUM              *n, *add, *rem;
    BN_CTX              *ctx;
    JSValue              value;
    int32_t              bits;
    BN_GENCB            *cb;
    ngx_workers_task_t   task;

    if (JS_ToInt32(cx, &bits, argv[0]) < 0) {
        return JS_EXCEPTION;
    }

    add = NULL;
    rem = NULL;
    n = NULL;
    ctx = NULL;
    cb = NULL;
    value = JS_EXCEPTION;

    if (!JS_IsUndefined(argv[2])) {
        add = ngx_workers_node_bignum_get(cx, argv[2]);
        if (add == NULL) {
            goto done;
        }
    }

    if (!JS_IsUndefined(argv[3])) {
        rem = ngx_workers_node_bignum_get(cx, argv[3]);
        if (rem == NULL) {
            goto done;
        }
    }

    n = BN_new();
    ctx = BN_CTX_new();
    cb = BN_GENCB_new();

    if (n == NULL || ctx == NULL || cb == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        goto done;
    }

    ngx_memzero(&task, sizeof(ngx_workers_task_t));

    ngx_workers_task_limit(cx, &task);
    BN_GENCB_set(cb, ngx_workers_node_bignum_progress, &task);

    if (bits > NGX_WORKERS_NODE_BIGNUM * 8
        || BN_generate_prime_ex2(n, bits, JS_ToBool(cx, argv[1]), add, rem, cb,
                                 ctx)
           != 1)
    {
        value = JS_UNDEFINED;
        goto done;
    }

    value = ngx_workers_node_bignum_value(cx, n, (bits + 7) / 8);

done:

    BN_GENCB_free(cb);
    BN_CTX_free(ctx);
    BN_clear_free(n);
    BN_free(add);
    BN_free(rem);

    ngx_workers_crypto_forget_errors();

    return value;
}


/* isPrime(n): by as many rounds as OpenSSL deems enough for its size. */

static JSValue
ngx_workers_node_bignum_ext_is_prime(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int                  prime;
    BIGNUM              *n;
    BN_CTX              *ctx;
    BN_GENCB            *cb;
    ngx_workers_task_t   task;

    n = ngx_workers_node_bignum_get(cx, argv[0]);
    if (n == NULL) {
        return JS_EXCEPTION;
    }

    ctx = BN_CTX_new();
    cb = BN_GENCB_new();
    prime = -1;

    if (ctx != NULL && cb != NULL) {
        ngx_memzero(&task, sizeof(ngx_workers_task_t));

        ngx_workers_task_limit(cx, &task);
        BN_GENCB_set(cb, ngx_workers_node_bignum_progress, &task);

        prime = BN_check_prime(n, ctx, cb);
    }

    BN_GENCB_free(cb);
    BN_CTX_free(ctx);
    BN_clear_free(n);

    ngx_workers_crypto_forget_errors();

    if (prime < 0) {
        return JS_ThrowInternalError(cx, "checking the prime failed");
    }

    return JS_NewBool(cx, prime);
}


/* group(name): the prime of "modp14" and its like, RFC 2409 and RFC 3526. */

static JSValue
ngx_workers_node_bignum_ext_group(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    BIGNUM      *n;
    JSValue      value;
    ngx_uint_t   i;
    const char  *name;

    static const struct {
        const char   *name;
        BIGNUM     *(*prime)(BIGNUM *n);
    } groups[] = {
        { "modp1", BN_get_rfc2409_prime_768 },
        { "modp2", BN_get_rfc2409_prime_1024 },
        { "modp5", BN_get_rfc3526_prime_1536 },
        { "modp14", BN_get_rfc3526_prime_2048 },
        { "modp15", BN_get_rfc3526_prime_3072 },
        { "modp16", BN_get_rfc3526_prime_4096 },
        { "modp17", BN_get_rfc3526_prime_6144 },
        { "modp18", BN_get_rfc3526_prime_8192 },
    };

    name = JS_ToCString(cx, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    value = JS_UNDEFINED;

    for (i = 0; i < ngx_workers_nitems(groups); i++) {

        if (ngx_strcasecmp((u_char *) name, (u_char *) groups[i].name) == 0) {
            n = groups[i].prime(NULL);

            value = (n != NULL) ? ngx_workers_node_bignum_value(cx, n, 0)
                                : JS_ThrowOutOfMemory(cx);
            BN_free(n);
            break;
        }
    }

    JS_FreeCString(cx, name);

    return value;
}


/* 0 gives up. */

static int
ngx_workers_node_bignum_progress(int a, int b, BN_GENCB *cb)
{
    return !ngx_workers_task_stop(BN_GENCB_get_arg(cb));
}
