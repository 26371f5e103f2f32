
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography on OpenSSL 3: what its files share.
 *
 *   ngx_workers_subtle.c          the methods of crypto.subtle
 *   ngx_workers_crypto_params.c   dictionaries and usages -> C
 *   ngx_workers_crypto_job.c      one operation, at once or in a pool thread
 *   ngx_workers_crypto_key.c      CryptoKey
 *   ngx_workers_crypto_jwk.c      JSON Web Keys
 *   ngx_workers_crypto_pkey.c     asymmetric keys from components and back
 *   ngx_workers_crypto_der.c      SPKI, PKCS #8
 *   .._aes.c _hmac.c _kdf.c _rsa.c _ec.c _okp.c _digest.c   the algorithms
 *
 * Errors and their order are those of the reference.
 */


#ifndef _NGX_WORKERS_CRYPTO_H_INCLUDED_
#define _NGX_WORKERS_CRYPTO_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"

#include <openssl/evp.h>


#define NGX_WORKERS_CRYPTO_NAME   64       /* of an algorithm, with its zero */


typedef struct ngx_workers_crypto_alg_s     ngx_workers_crypto_alg_t;
typedef struct ngx_workers_crypto_curve_s   ngx_workers_crypto_curve_t;
typedef struct ngx_workers_crypto_job_s     ngx_workers_crypto_job_t;
typedef struct ngx_workers_crypto_jwk_s     ngx_workers_crypto_jwk_t;
typedef struct ngx_workers_crypto_key_s     ngx_workers_crypto_key_t;
typedef struct ngx_workers_crypto_params_s  ngx_workers_crypto_params_t;


typedef enum {
    NGX_WORKERS_CRYPTO_SHA1 = 0,
    NGX_WORKERS_CRYPTO_SHA256,
    NGX_WORKERS_CRYPTO_SHA384,
    NGX_WORKERS_CRYPTO_SHA512,
    NGX_WORKERS_CRYPTO_MD5,
    NGX_WORKERS_CRYPTO_NHASHES
} ngx_workers_crypto_hash_e;


/* In the order in which a key's usages are listed. */
enum {
    NGX_WORKERS_CRYPTO_ENCRYPT     = 0x01,
    NGX_WORKERS_CRYPTO_DECRYPT     = 0x02,
    NGX_WORKERS_CRYPTO_SIGN        = 0x04,
    NGX_WORKERS_CRYPTO_VERIFY      = 0x08,
    NGX_WORKERS_CRYPTO_DERIVE_KEY  = 0x10,
    NGX_WORKERS_CRYPTO_DERIVE_BITS = 0x20,
    NGX_WORKERS_CRYPTO_WRAP        = 0x40,
    NGX_WORKERS_CRYPTO_UNWRAP      = 0x80,

    NGX_WORKERS_CRYPTO_NUSAGES     = 8
};


typedef enum {
    NGX_WORKERS_CRYPTO_SECRET = 0,
    NGX_WORKERS_CRYPTO_PUBLIC,
    NGX_WORKERS_CRYPTO_PRIVATE
} ngx_workers_crypto_type_e;


typedef struct {
    const char  *name;                     /* as scripts see it */
    const char  *openssl;
    size_t       size;                     /* bytes of a digest */
    size_t       block;                    /* bytes of its block */
    const char  *number;                   /* in names of JSON Web Algorithms;
                                              NULL: it has none */
} ngx_workers_crypto_digest_t;


extern const ngx_workers_crypto_digest_t
    ngx_workers_crypto_digests[NGX_WORKERS_CRYPTO_NHASHES];


/* Algorithms of OpenSSL, fetched when first used; of one isolate and of the
   jobs that it started. */
typedef struct {
    ngx_uint_t   refs;
    EVP_MD      *md[NGX_WORKERS_CRYPTO_NHASHES];
    EVP_MAC     *hmac;
} ngx_workers_crypto_lib_t;


/* Usages as a script lists them. */
typedef struct {
    ngx_uint_t   mask;
    ngx_uint_t   n;
    u_char       order[NGX_WORKERS_CRYPTO_NUSAGES];
    ngx_uint_t   has_unknown;
    ngx_uint_t   unknown_at;               /* how many came before it */
    char         unknown[NGX_WORKERS_CRYPTO_NAME];   /* the first one */
} ngx_workers_crypto_usages_t;


/* Members of the dictionaries. */
enum {
    NGX_WORKERS_CRYPTO_LENGTH = 0,
    NGX_WORKERS_CRYPTO_TAG_LENGTH,
    NGX_WORKERS_CRYPTO_SALT_LENGTH,
    NGX_WORKERS_CRYPTO_ITERATIONS,
    NGX_WORKERS_CRYPTO_MODULUS_LENGTH,
    NGX_WORKERS_CRYPTO_IGNORED,            /* read, and of no use */
    NGX_WORKERS_CRYPTO_NNUMBERS
};

enum {
    NGX_WORKERS_CRYPTO_IV = 0,
    NGX_WORKERS_CRYPTO_AAD,
    NGX_WORKERS_CRYPTO_COUNTER,
    NGX_WORKERS_CRYPTO_LABEL,
    NGX_WORKERS_CRYPTO_SALT,
    NGX_WORKERS_CRYPTO_INFO,
    NGX_WORKERS_CRYPTO_EXPONENT,
    NGX_WORKERS_CRYPTO_PEER,               /* "public" */
    NGX_WORKERS_CRYPTO_NVALUES
};


/*
 * An algorithm as a script names it.  Texts that are longer than their room
 * are cut: no name of ours is that long.
 */
struct ngx_workers_crypto_params_s {
    char         name[NGX_WORKERS_CRYPTO_NAME];
    char         hash[NGX_WORKERS_CRYPTO_NAME];
    char         curve[NGX_WORKERS_CRYPTO_NAME];
    int32_t      number[NGX_WORKERS_CRYPTO_NNUMBERS];
    JSValue      value[NGX_WORKERS_CRYPTO_NVALUES];

    unsigned     has_hash:1;
    unsigned     has_curve:1;
    unsigned     has_number:8;             /* a bit for each */
};


/* What importKey() and its like are told about a key, beside its data. */
typedef struct {
    ngx_workers_crypto_params_t   params;  /* without values */
    ngx_workers_crypto_usages_t   usages;
    char                          format[NGX_WORKERS_CRYPTO_NAME];
    ngx_uint_t                    extractable;
} ngx_workers_crypto_import_t;


/*
 * Key material, shared by a CryptoKey and the jobs that use it; counted in
 * the event loop only.  Cleared when it is freed.
 */
struct ngx_workers_crypto_key_s {
    ngx_uint_t                         refs;
    size_t                             charge;    /* bytes, of the isolate */

    const ngx_workers_crypto_alg_t    *alg;
    ngx_workers_crypto_type_e          type;
    ngx_uint_t                         usages;
    ngx_uint_t                         extractable;

    ngx_workers_crypto_hash_e          hash;
    const ngx_workers_crypto_curve_t  *curve;     /* NULL: has none */
    ngx_uint_t                         bits;      /* AES, HMAC, modulus */
    ngx_str_t                          exponent;  /* as a script gave it */

    ngx_str_t                          secret;
    EVP_CIPHER                        *cipher;
    EVP_MAC_CTX                       *mac;       /* event loop only */
    EVP_PKEY                          *pkey;
};


/* What a job works on: borrowed, or copied for a pool thread. */
enum {
    NGX_WORKERS_CRYPTO_IN_DATA = 0,
    NGX_WORKERS_CRYPTO_IN_IV,              /* or a counter, or a salt */
    NGX_WORKERS_CRYPTO_IN_AAD,             /* or a label, or info */
    NGX_WORKERS_CRYPTO_IN_SIGNATURE,
    NGX_WORKERS_CRYPTO_NINPUTS
};


/*
 * One operation.  Its preparation, in JavaScript, checks arguments and fills
 * it; run() computes, in whatever thread; settle(), in JavaScript, makes the
 * value of it.
 */
struct ngx_workers_crypto_job_s {
    ngx_workers_task_t            task;    /* first: freed by its address */

    /* NGX_ERROR: says why by ngx_workers_crypto_fail(). */
    ngx_int_t                   (*run)(ngx_workers_crypto_job_t *job);

    /* NULL: an ArrayBuffer of out. */
    JSValue                     (*settle)(JSContext *cx,
                                          ngx_workers_crypto_job_t *job);

    ngx_workers_crypto_lib_t     *lib;
    ngx_workers_crypto_key_t     *key;     /* NULL: it needs none */
    EVP_MD                       *md;
    EVP_MAC_CTX                  *mac;     /* the key's, or a copy */
    EVP_PKEY                     *peer;

    ngx_str_t                     in[NGX_WORKERS_CRYPTO_NINPUTS];
    u_char                       *copies;  /* of in; NULL: borrowed */
    ngx_uint_t                    own_mac;

    ngx_uint_t                    usage;
    ngx_uint_t                    n;       /* tag, salt, iterations, bits */
    ngx_uint_t                    length;  /* bits or bytes wanted */
    ngx_uint_t                    slow;    /* to the pool, if it can be */

    /* the key that comes of it: imported ... */
    ngx_workers_crypto_import_t        *import;   /* freed with the job */

    /* ... or generated */
    const ngx_workers_crypto_alg_t     *alg;
    const ngx_workers_crypto_curve_t   *curve;
    ngx_workers_crypto_hash_e           hash;
    ngx_uint_t                          usages;
    ngx_uint_t                          extractable;

    ngx_str_t                     out;
    size_t                        room;    /* of out; 0: it is small */
    EVP_PKEY                     *pkey;    /* made by run() */
    ngx_uint_t                    valid;   /* a signature */

    const char                   *error;   /* name of a DOMException */
    char                          text[256];
    u_char                        small[256];
};


/*
 * An algorithm.  Functions that prepare a job or make a key fail with an
 * exception pending.
 */
struct ngx_workers_crypto_alg_s {
    const char   *name;

    ngx_uint_t    usages;                  /* of its secret or private key */
    ngx_uint_t    usages_public;
    ngx_uint_t    id;                      /* its file's */

    /* Fills a new key; jwk is NULL unless that is the format. */
    ngx_int_t   (*import)(JSContext *cx, ngx_workers_crypto_lib_t *lib,
                          ngx_workers_crypto_import_t *import, ngx_str_t *data,
                          ngx_workers_crypto_jwk_t *jwk,
                          ngx_workers_crypto_key_t *key);

    /* Makes ready a secret that was generated; NULL: nothing to do. */
    ngx_int_t   (*ready)(JSContext *cx, ngx_workers_crypto_lib_t *lib,
                         ngx_workers_crypto_key_t *key);

    /* The bytes, or the object if the format is "jwk". */
    JSValue     (*export)(JSContext *cx, ngx_workers_crypto_key_t *key,
                          const char *format);

    /* Prepares a job that makes a key, or two. */
    ngx_int_t   (*generate)(JSContext *cx,
                            ngx_workers_crypto_params_t *params,
                            ngx_workers_crypto_usages_t *usages,
                            ngx_workers_crypto_job_t *job);

    /* encrypt(), decrypt(), and wrapping: job->usage tells which. */
    ngx_int_t   (*cipher)(JSContext *cx, ngx_workers_crypto_params_t *params,
                          ngx_workers_crypto_job_t *job);

    /* sign(), verify() */
    ngx_int_t   (*sign)(JSContext *cx, ngx_workers_crypto_params_t *params,
                        ngx_workers_crypto_job_t *job);

    /* Bits; length < 0: as many as there are. */
    ngx_int_t   (*derive)(JSContext *cx, ngx_workers_crypto_params_t *params,
                          int32_t length, ngx_workers_crypto_job_t *job);

    /* Bits of a key that is derived; -1: any number.  NULL: is not. */
    ngx_int_t   (*key_length)(JSContext *cx,
                              ngx_workers_crypto_params_t *params,
                              int32_t *length);

    /* Adds to the algorithm object of a key. */
    ngx_int_t   (*describe)(JSContext *cx, JSValueConst object,
                            ngx_workers_crypto_key_t *key);
};


#define ngx_workers_crypto_streq(a, b)  (ngx_strcmp(a, b) == 0)


/* ngx_workers_subtle.c */

/* NULL: there is none. */
const ngx_workers_crypto_alg_t *ngx_workers_crypto_alg(const char *name);

/* Makes the SubtleCrypto of an isolate; owned. */
JSValue ngx_workers_subtle_create(JSContext *cx);

extern ngx_workers_class_t  ngx_workers_subtle_class;


/* ngx_workers_crypto_params.c: all fail with an exception pending */

typedef struct ngx_workers_crypto_dict_s  ngx_workers_crypto_dict_t;

extern const ngx_workers_crypto_dict_t  ngx_workers_crypto_digest_dict;
extern const ngx_workers_crypto_dict_t  ngx_workers_crypto_encrypt_dict;
extern const ngx_workers_crypto_dict_t  ngx_workers_crypto_sign_dict;
extern const ngx_workers_crypto_dict_t  ngx_workers_crypto_generate_dict;
extern const ngx_workers_crypto_dict_t  ngx_workers_crypto_import_dict;
extern const ngx_workers_crypto_dict_t  ngx_workers_crypto_derive_dict;

/* Reads argument n (from 1); always to be freed. */
ngx_int_t ngx_workers_crypto_params(JSContext *cx,
    const ngx_workers_crypto_dict_t *dict, const char *method, int n, int argc,
    JSValueConst *argv, ngx_workers_crypto_params_t *params);
void ngx_workers_crypto_params_free(JSContext *cx,
    ngx_workers_crypto_params_t *params);

/* A buffer, borrowed; what: the dictionary's name in the text. */
ngx_int_t ngx_workers_crypto_buffer(JSContext *cx,
    ngx_workers_crypto_params_t *params, ngx_uint_t index, const char *what,
    ngx_str_t *bytes);

/* A hash, looked up. */
ngx_int_t ngx_workers_crypto_hash(JSContext *cx,
    ngx_workers_crypto_params_t *params, const char *what,
    ngx_workers_crypto_hash_e *hash);

ngx_int_t ngx_workers_crypto_hash_by_name(JSContext *cx, const char *name,
    ngx_workers_crypto_hash_e *hash);

/* The argument of deriveBits(); -1: as many as there are. */
ngx_int_t ngx_workers_crypto_length(JSContext *cx, JSValueConst value,
    int32_t *length);

#define ngx_workers_crypto_has(params, n)  ((params)->has_number & (1 << (n)))

/* TypeError: a member that an algorithm needs is not there. */
ngx_int_t ngx_workers_crypto_missing(JSContext *cx, const char *member,
    const char *what);

ngx_int_t ngx_workers_crypto_usages(JSContext *cx, JSValueConst list,
    const char *method, int n, ngx_workers_crypto_usages_t *usages);

/* The bit of a usage; 0: unknown. */
ngx_uint_t ngx_workers_crypto_usage(const char *name);
extern const char *const
    ngx_workers_crypto_usage_names[NGX_WORKERS_CRYPTO_NUSAGES];

/* SyntaxError "Attempt to <what> key with invalid usage ...". */
ngx_int_t ngx_workers_crypto_check_usages(JSContext *cx,
    ngx_workers_crypto_usages_t *usages, ngx_uint_t allowed,
    const char *what, const char *name);

/*
 * A BufferSource as a value whose bytes can be had without running a script;
 * owned.  NGX_DECLINED: it is none.
 */
ngx_int_t ngx_workers_crypto_source(JSContext *cx, JSValueConst value,
    JSValue *source);

/*
 * The bytes of such a source, borrowed until JavaScript runs again; there are
 * none if it has been detached.
 */
void ngx_workers_crypto_bytes(JSContext *cx, JSValueConst source,
    ngx_str_t *bytes);

/* Argument n (from 1) as a source; owned. */
ngx_int_t ngx_workers_crypto_argument(JSContext *cx, const char *method, int n,
    int argc, JSValueConst *argv, JSValue *source);


/* ngx_workers_crypto_job.c */

/* The digest, borrowed from lib; NULL: an exception is pending. */
EVP_MD *ngx_workers_crypto_md(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_hash_e hash);

/* An HMAC with its key set; NULL: failed. */
EVP_MAC_CTX *ngx_workers_crypto_mac(ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_hash_e hash, ngx_str_t *key);

/* Makes an empty job of what is on the caller's stack; key may be NULL. */
void ngx_workers_crypto_begin(ngx_workers_crypto_job_t *job,
    ngx_workers_crypto_lib_t *lib, ngx_workers_crypto_key_t *key);

/*
 * What OpenSSL says in this thread's queue is no news: nginx would take it
 * for a connection's.
 */
void ngx_workers_crypto_forget_errors(void);

/* Any thread: notes an error, and returns NGX_ERROR. */
ngx_int_t ngx_workers_crypto_fail(ngx_workers_crypto_job_t *job,
    const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Any thread: room for the result in job->out; job fails without. */
ngx_int_t ngx_workers_crypto_out(ngx_workers_crypto_job_t *job, size_t size);

/*
 * Starts a job that was prepared, on the caller's stack, and returns its
 * promise.  What it holds is taken.
 */
JSValue ngx_workers_crypto_start(JSContext *cx, ngx_workers_crypto_job_t *job);

/* Lets go of a job that was not started. */
void ngx_workers_crypto_drop(ngx_workers_crypto_job_t *job);

/* settle() of verify() */
JSValue ngx_workers_crypto_settle_valid(JSContext *cx,
    ngx_workers_crypto_job_t *job);

void ngx_workers_crypto_lib_free(ngx_workers_crypto_lib_t *lib);

/* How many bytes of a cheap operation are too many for the event loop. */
#define NGX_WORKERS_CRYPTO_SLOW  (512 * 1024)


/* ngx_workers_crypto_key.c */

extern ngx_workers_class_t  ngx_workers_crypto_key_class;

/* Gives back a reference. */
void ngx_workers_crypto_key_free(ngx_workers_crypto_key_t *key);

/* Copies bytes of a key: key->secret or key->exponent. */
ngx_int_t ngx_workers_crypto_key_copy(JSContext *cx, ngx_str_t *to,
    ngx_str_t *from);

/* The CryptoKey; key is taken, even on failure. */
JSValue ngx_workers_crypto_key_wrap(JSContext *cx,
    ngx_workers_crypto_key_t *key);

/* The material of a CryptoKey, borrowed; NULL: it is none. */
#define ngx_workers_crypto_key(value)                                         \
    ((ngx_workers_crypto_key_t *)                                             \
     JS_GetOpaque(value, ngx_workers_crypto_key_class.id))

/* A list of usages; owned. */
JSValue ngx_workers_crypto_key_usages(JSContext *cx, ngx_uint_t usages);

/* describe() of what has a hash */
ngx_int_t ngx_workers_crypto_describe_hash(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_key_t *key);

/* Empty, on the heap; NULL: an exception is pending. */
ngx_workers_crypto_import_t *ngx_workers_crypto_import_create(JSContext *cx);

/* Imports a key from bytes or a JSON Web Key, the other being NULL; owned. */
JSValue ngx_workers_crypto_import(JSContext *cx, ngx_workers_crypto_lib_t *lib,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_crypto_jwk_t *jwk);

/* NotSupportedError: an algorithm does not have that format. */
ngx_int_t ngx_workers_crypto_format_error(JSContext *cx, const char *format);

/*
 * Prepares a job that makes a secret of so many bits, not in top-level code,
 * or a pair, which run() leaves in job->pkey.  Usages are checked before.
 */
ngx_int_t ngx_workers_crypto_generate_secret(JSContext *cx,
    ngx_workers_crypto_job_t *job, ngx_uint_t bits);
void ngx_workers_crypto_generate_pair(ngx_workers_crypto_job_t *job,
    ngx_int_t (*run)(ngx_workers_crypto_job_t *job));

/*
 * Usages of what generateKey() makes: that the algorithm has them, and that
 * the private key of a pair gets one.
 */
ngx_int_t ngx_workers_crypto_generate_usages(JSContext *cx,
    const ngx_workers_crypto_alg_t *alg, ngx_workers_crypto_usages_t *usages);
ngx_int_t ngx_workers_crypto_generate_private(JSContext *cx,
    const ngx_workers_crypto_alg_t *alg, ngx_workers_crypto_usages_t *usages);


/* ngx_workers_crypto_jwk.c */

enum {
    NGX_WORKERS_JWK_KTY = 0,
    NGX_WORKERS_JWK_USE,
    NGX_WORKERS_JWK_ALG,
    NGX_WORKERS_JWK_CRV,
    NGX_WORKERS_JWK_X,
    NGX_WORKERS_JWK_Y,
    NGX_WORKERS_JWK_D,
    NGX_WORKERS_JWK_N,
    NGX_WORKERS_JWK_E,
    NGX_WORKERS_JWK_P,
    NGX_WORKERS_JWK_Q,
    NGX_WORKERS_JWK_DP,
    NGX_WORKERS_JWK_DQ,
    NGX_WORKERS_JWK_QI,
    NGX_WORKERS_JWK_K,
    NGX_WORKERS_JWK_NTEXTS
};


/* A member that is not there has no data. */
struct ngx_workers_crypto_jwk_s {
    ngx_str_t     text[NGX_WORKERS_JWK_NTEXTS];    /* zero-terminated */
    ngx_uint_t    ops;                     /* usages in key_ops */
    ngx_uint_t    duplicate;               /* the first in key_ops, or 0 */
    unsigned      has_ops:1;
    unsigned      has_ext:1;
    unsigned      ext:1;
    unsigned      has_oth:1;
};


/* Reads a JsonWebKey; always to be freed. */
ngx_int_t ngx_workers_crypto_jwk_read(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_jwk_t *jwk);
void ngx_workers_crypto_jwk_free(ngx_workers_crypto_jwk_t *jwk);

#define ngx_workers_crypto_jwk_text(jwk, name)                                \
    ((jwk)->text[NGX_WORKERS_JWK_##name].data == NULL                         \
     ? "undefined" : (char *) (jwk)->text[NGX_WORKERS_JWK_##name].data)

/* The text of a JSON Web Key that was exported; free it as a C string. */
const char *ngx_workers_crypto_jwk_json(JSContext *cx, JSValueConst object,
    ngx_str_t *text);

/* The reverse, for unwrapKey(); owned. */
JSValue ngx_workers_crypto_jwk_parse(JSContext *cx, ngx_str_t *text);

/*
 * Decodes a member in place: at most once.  NGX_DECLINED: not there, or not
 * Base64.
 */
ngx_int_t ngx_workers_crypto_jwk_bytes(ngx_workers_crypto_jwk_t *jwk,
    ngx_uint_t member, ngx_str_t *bytes);

/* A member of a key that is exported; undefined without data. */
typedef struct {
    const char   *kty;
    const char   *alg;                     /* or NULL */
    const char   *crv;                     /* or NULL */
    ngx_str_t     bytes[NGX_WORKERS_JWK_NTEXTS];   /* X to K */
} ngx_workers_crypto_jwk_out_t;

JSValue ngx_workers_crypto_jwk_object(JSContext *cx,
    ngx_workers_crypto_key_t *key, ngx_workers_crypto_jwk_out_t *out);


/* ngx_workers_crypto_der.c */

enum {
    NGX_WORKERS_DER_INTEGER = 0x02,
    NGX_WORKERS_DER_BITS = 0x03,
    NGX_WORKERS_DER_OCTETS = 0x04,
    NGX_WORKERS_DER_OID = 0x06,
    NGX_WORKERS_DER_SEQUENCE = 0x30,
    NGX_WORKERS_DER_CONTEXT0 = 0xa0,
    NGX_WORKERS_DER_CONTEXT1 = 0xa1
};


/*
 * One value at the start of *in, which moves on: borrowed.  NGX_DECLINED: is
 * not there, or is malformed.  _number(): not negative, without its sign's
 * byte; _bits(): whole bytes.
 */
ngx_int_t ngx_workers_der_get(ngx_str_t *in, ngx_uint_t tag, ngx_str_t *value);
ngx_int_t ngx_workers_der_number(ngx_str_t *in, ngx_str_t *number);
ngx_int_t ngx_workers_der_bits(ngx_str_t *in, ngx_str_t *value);

/* A key in its envelope. */
typedef struct {
    ngx_str_t     oid;
    ngx_str_t     params;                  /* encoded; empty: none */
    ngx_str_t     key;                     /* what the envelope holds */
} ngx_workers_der_key_t;

/* NGX_DECLINED: malformed.  *rest: how many bytes are behind it. */
ngx_int_t ngx_workers_der_spki(ngx_str_t *data, ngx_workers_der_key_t *key,
    size_t *rest);
ngx_int_t ngx_workers_der_pkcs8(ngx_str_t *data, ngx_workers_der_key_t *key,
    size_t *rest);

/*
 * Written from the end, each value before those already there; who writes
 * sees to the room.  _wrap() puts a header before what ends at end.
 */
typedef struct {
    u_char       *start;
    u_char       *pos;
    u_char       *end;
} ngx_workers_der_t;

void ngx_workers_der_put(ngx_workers_der_t *der, const void *p, size_t len);
void ngx_workers_der_put_number(ngx_workers_der_t *der, ngx_str_t *number);
void ngx_workers_der_wrap(ngx_workers_der_t *der, ngx_uint_t tag,
    u_char *end);


/* ngx_workers_crypto_pkey.c: what RSA, EC and OKP keys share */

typedef enum {
    NGX_WORKERS_PKEY_RSA = 0,
    NGX_WORKERS_PKEY_EC,
    NGX_WORKERS_PKEY_ED25519,
    NGX_WORKERS_PKEY_X25519
} ngx_workers_pkey_e;

/*
 * Opens an envelope, SPKI or PKCS #8 as import->format says, and looks that
 * a key of this kind is in it.  DataError if not, NotSupportedError if the
 * format is neither.
 */
ngx_int_t ngx_workers_pkey_open(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_str_t *data,
    ngx_workers_pkey_e kind, ngx_workers_der_key_t *der);
ngx_int_t ngx_workers_pkey_invalid(JSContext *cx,
    ngx_workers_crypto_import_t *import);

/*
 * An ArrayBuffer of the envelope around what der holds; params, encoded,
 * follow the kind's OID.  What was written is cleared.
 */
JSValue ngx_workers_pkey_close(JSContext *cx, ngx_workers_der_t *der,
    const char *format, ngx_workers_pkey_e kind, ngx_str_t *params);

/*
 * "pkcs8" of a private key, "spki" of a public one, "jwk" of both, "raw" as
 * raw allows it: InvalidAccessError if not.
 */
ngx_int_t ngx_workers_pkey_exportable(JSContext *cx,
    ngx_workers_crypto_key_t *key, const char *format, const char *raw);

/* What JSON Web Keys of all kinds have to meet. */
ngx_int_t ngx_workers_pkey_jwk(JSContext *cx, ngx_workers_crypto_jwk_t *jwk,
    ngx_workers_crypto_import_t *import);

/* Sets the type, if its usages may be such a key's. */
ngx_int_t ngx_workers_pkey_type(JSContext *cx,
    ngx_workers_crypto_import_t *import, ngx_workers_crypto_key_t *key,
    ngx_workers_crypto_type_e type);

/* Bits of an agreement, of size bytes at most; job->peer and key are set. */
ngx_int_t ngx_workers_pkey_derive(JSContext *cx, int32_t length, size_t size,
    ngx_workers_crypto_job_t *job);

/* The peer of an agreement: a public key; NULL: an exception is pending. */
ngx_workers_crypto_key_t *ngx_workers_pkey_peer(JSContext *cx,
    ngx_workers_crypto_params_t *params);


/* ngx_workers_crypto_ec.c */

struct ngx_workers_crypto_curve_s {
    const char   *name;
    const char   *jwa;                     /* of signatures by it */
    int           nid;
    size_t        size;                    /* bytes of a coordinate */
    ngx_str_t     oid;                     /* encoded */
};


/* The algorithms. */

extern const ngx_workers_crypto_alg_t  ngx_workers_crypto_aes[];
extern const ngx_workers_crypto_alg_t  ngx_workers_crypto_hmac[];
extern const ngx_workers_crypto_alg_t  ngx_workers_crypto_kdf[];
extern const ngx_workers_crypto_alg_t  ngx_workers_crypto_rsa[];
extern const ngx_workers_crypto_alg_t  ngx_workers_crypto_ec[];
extern const ngx_workers_crypto_alg_t  ngx_workers_crypto_okp[];

/* ngx_workers_crypto_digest.c: prepares a job */
ngx_int_t ngx_workers_crypto_digest(JSContext *cx,
    ngx_workers_crypto_hash_e hash, ngx_workers_crypto_job_t *job);

extern ngx_workers_class_t  ngx_workers_digest_class;
extern ngx_workers_builtin_t  ngx_workers_digest_builtin;


#endif /* _NGX_WORKERS_CRYPTO_H_INCLUDED_ */
