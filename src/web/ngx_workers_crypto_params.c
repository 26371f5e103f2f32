
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: dictionaries and usages -> C.  A dictionary is read in
 * full, whatever its algorithm is, before anything is done with it; buffers
 * are looked at only when no script can run any more.
 */


#include "ngx_workers_crypto.h"


#define NGX_WORKERS_CRYPTO_FIELDS  7       /* of a dictionary, at most */


typedef enum {
    NGX_WORKERS_CRYPTO_FIELD_BUFFER = 0,
    NGX_WORKERS_CRYPTO_FIELD_NUMBER,
    NGX_WORKERS_CRYPTO_FIELD_KEY,
    NGX_WORKERS_CRYPTO_FIELD_HASH,
    NGX_WORKERS_CRYPTO_FIELD_CURVE,
    NGX_WORKERS_CRYPTO_FIELD_BOOLEAN
} ngx_workers_crypto_field_e;


typedef struct {
    const char                  *name;
    ngx_workers_crypto_field_e   type;
    ngx_uint_t                   index;
} ngx_workers_crypto_field_t;


struct ngx_workers_crypto_dict_s {
    const char                  *name;
    ngx_workers_crypto_field_t   fields[NGX_WORKERS_CRYPTO_FIELDS];
};


static void ngx_workers_crypto_init(ngx_workers_crypto_params_t *params);
static ngx_int_t ngx_workers_crypto_text(JSContext *cx, JSValueConst value,
    char *text);
static ngx_int_t ngx_workers_crypto_name(JSContext *cx, JSValueConst object,
    char *text);
static ngx_int_t ngx_workers_crypto_field(JSContext *cx,
    const ngx_workers_crypto_dict_t *dict,
    const ngx_workers_crypto_field_t *field, JSValueConst object,
    ngx_workers_crypto_params_t *params);
static ngx_int_t ngx_workers_crypto_number(JSContext *cx, JSValueConst value,
    int32_t *number);


#define NGX_WORKERS_CRYPTO_BUFFER(name, index)                                \
    { name, NGX_WORKERS_CRYPTO_FIELD_BUFFER, index }
#define NGX_WORKERS_CRYPTO_INT(name, index)                                   \
    { name, NGX_WORKERS_CRYPTO_FIELD_NUMBER, index }


const ngx_workers_crypto_dict_t  ngx_workers_crypto_digest_dict = {
    "HashAlgorithm", { { NULL, 0, 0 } }
};


const ngx_workers_crypto_dict_t  ngx_workers_crypto_encrypt_dict = {
    "EncryptAlgorithm", {
        NGX_WORKERS_CRYPTO_BUFFER("iv", NGX_WORKERS_CRYPTO_IV),
        NGX_WORKERS_CRYPTO_BUFFER("additionalData", NGX_WORKERS_CRYPTO_AAD),
        NGX_WORKERS_CRYPTO_INT("tagLength", NGX_WORKERS_CRYPTO_TAG_LENGTH),
        NGX_WORKERS_CRYPTO_BUFFER("counter", NGX_WORKERS_CRYPTO_COUNTER),
        NGX_WORKERS_CRYPTO_INT("length", NGX_WORKERS_CRYPTO_LENGTH),
        NGX_WORKERS_CRYPTO_BUFFER("label", NGX_WORKERS_CRYPTO_LABEL),
        { NULL, 0, 0 }
    }
};


const ngx_workers_crypto_dict_t  ngx_workers_crypto_sign_dict = {
    "SignAlgorithm", {
        { "hash", NGX_WORKERS_CRYPTO_FIELD_HASH, 0 },
        NGX_WORKERS_CRYPTO_INT("dataLength", NGX_WORKERS_CRYPTO_IGNORED),
        NGX_WORKERS_CRYPTO_INT("saltLength", NGX_WORKERS_CRYPTO_SALT_LENGTH),
        { NULL, 0, 0 }
    }
};


const ngx_workers_crypto_dict_t  ngx_workers_crypto_generate_dict = {
    "GenerateKeyAlgorithm", {
        { "hash", NGX_WORKERS_CRYPTO_FIELD_HASH, 0 },
        NGX_WORKERS_CRYPTO_INT("modulusLength",
                               NGX_WORKERS_CRYPTO_MODULUS_LENGTH),
        NGX_WORKERS_CRYPTO_BUFFER("publicExponent",
                                  NGX_WORKERS_CRYPTO_EXPONENT),
        NGX_WORKERS_CRYPTO_INT("length", NGX_WORKERS_CRYPTO_LENGTH),
        { "namedCurve", NGX_WORKERS_CRYPTO_FIELD_CURVE, 0 },
        { NULL, 0, 0 }
    }
};


const ngx_workers_crypto_dict_t  ngx_workers_crypto_import_dict = {
    "ImportKeyAlgorithm", {
        { "hash", NGX_WORKERS_CRYPTO_FIELD_HASH, 0 },
        NGX_WORKERS_CRYPTO_INT("length", NGX_WORKERS_CRYPTO_LENGTH),
        { "namedCurve", NGX_WORKERS_CRYPTO_FIELD_CURVE, 0 },
        { "compressed", NGX_WORKERS_CRYPTO_FIELD_BOOLEAN, 0 },
        { NULL, 0, 0 }
    }
};


const ngx_workers_crypto_dict_t  ngx_workers_crypto_derive_dict = {
    "DeriveKeyAlgorithm", {
        NGX_WORKERS_CRYPTO_BUFFER("salt", NGX_WORKERS_CRYPTO_SALT),
        NGX_WORKERS_CRYPTO_INT("iterations", NGX_WORKERS_CRYPTO_ITERATIONS),
        { "hash", NGX_WORKERS_CRYPTO_FIELD_HASH, 0 },
        { "public", NGX_WORKERS_CRYPTO_FIELD_KEY, NGX_WORKERS_CRYPTO_PEER },
        NGX_WORKERS_CRYPTO_BUFFER("info", NGX_WORKERS_CRYPTO_INFO),
        { NULL, 0, 0 }
    }
};


const char *const
    ngx_workers_crypto_usage_names[NGX_WORKERS_CRYPTO_NUSAGES] =
{
    "encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits",
    "wrapKey", "unwrapKey"
};


ngx_int_t
ngx_workers_crypto_params(JSContext *cx, const ngx_workers_crypto_dict_t *dict,
    const char *method, int n, int argc, JSValueConst *argv,
    ngx_workers_crypto_params_t *params)
{
    char                               type[NGX_WORKERS_CRYPTO_NAME];
    JSValueConst                       arg;
    const ngx_workers_crypto_field_t  *field;

    ngx_workers_crypto_init(params);

    arg = (n <= argc) ? argv[n - 1] : JS_UNDEFINED;

    if (JS_IsUndefined(arg) || JS_IsNull(arg)) {
        (void) ngx_snprintf((u_char *) type, sizeof(type),
                            "string or %s%Z", dict->name);
        (void) ngx_workers_throw_argument(cx, method, "SubtleCrypto", n, type);
        return NGX_ERROR;
    }

    if (!JS_IsObject(arg)) {
        return ngx_workers_crypto_text(cx, arg, params->name);
    }

    if (ngx_workers_crypto_name(cx, arg, params->name) != NGX_OK) {
        return NGX_ERROR;
    }

    for (field = dict->fields; field->name != NULL; field++) {
        if (ngx_workers_crypto_field(cx, dict, field, arg, params) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_workers_crypto_init(ngx_workers_crypto_params_t *params)
{
    ngx_uint_t  i;

    ngx_memzero(params, sizeof(ngx_workers_crypto_params_t));

    for (i = 0; i < NGX_WORKERS_CRYPTO_NVALUES; i++) {
        params->value[i] = JS_UNDEFINED;
    }
}


void
ngx_workers_crypto_params_free(JSContext *cx,
    ngx_workers_crypto_params_t *params)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_WORKERS_CRYPTO_NVALUES; i++) {
        JS_FreeValue(cx, params->value[i]);
        params->value[i] = JS_UNDEFINED;
    }
}


static ngx_int_t
ngx_workers_crypto_text(JSContext *cx, JSValueConst value, char *text)
{
    const char  *s;

    s = JS_ToCString(cx, value);
    if (s == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn((u_char *) text, (u_char *) s, NGX_WORKERS_CRYPTO_NAME);

    JS_FreeCString(cx, s);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_crypto_name(JSContext *cx, JSValueConst object, char *text)
{
    JSValue    name;
    ngx_int_t  rc;

    name = JS_GetPropertyStr(cx, object, "name");
    if (JS_IsException(name)) {
        return NGX_ERROR;
    }

    rc = ngx_workers_crypto_text(cx, name, text);
    JS_FreeValue(cx, name);

    return rc;
}


static ngx_int_t
ngx_workers_crypto_field(JSContext *cx, const ngx_workers_crypto_dict_t *dict,
    const ngx_workers_crypto_field_t *field, JSValueConst object,
    ngx_workers_crypto_params_t *params)
{
    JSValue      value;
    ngx_int_t    rc;
    const char  *type;

    value = JS_GetPropertyStr(cx, object, field->name);

    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    if (JS_IsUndefined(value)) {
        return NGX_OK;
    }

    type = NULL;
    rc = NGX_OK;

    switch (field->type) {

    case NGX_WORKERS_CRYPTO_FIELD_BUFFER:

        rc = ngx_workers_crypto_source(cx, value,
                                       &params->value[field->index]);

        if (rc == NGX_DECLINED) {
            type = "JsBufferSource";
        }

        break;

    case NGX_WORKERS_CRYPTO_FIELD_KEY:

        if (ngx_workers_crypto_key(value) == NULL) {
            type = "CryptoKey";
            break;
        }

        params->value[field->index] = value;
        return NGX_OK;

    case NGX_WORKERS_CRYPTO_FIELD_NUMBER:

        rc = ngx_workers_crypto_number(cx, value,
                                       &params->number[field->index]);
        params->has_number |= 1 << field->index;
        break;

    case NGX_WORKERS_CRYPTO_FIELD_HASH:

        if (JS_IsNull(value)) {
            type = "string or HashAlgorithm";
            break;
        }

        rc = JS_IsObject(value)
             ? ngx_workers_crypto_name(cx, value, params->hash)
             : ngx_workers_crypto_text(cx, value, params->hash);
        params->has_hash = 1;
        break;

    case NGX_WORKERS_CRYPTO_FIELD_CURVE:

        rc = ngx_workers_crypto_text(cx, value, params->curve);
        params->has_curve = 1;
        break;

    default: /* NGX_WORKERS_CRYPTO_FIELD_BOOLEAN: any value will do */
        break;
    }

    JS_FreeValue(cx, value);

    if (type != NULL) {
        (void) JS_ThrowTypeError(cx, "Incorrect type for the '%s' field on "
                                 "'%s': the provided value is not of type "
                                 "'%s'.", field->name, dict->name, type);
        return NGX_ERROR;
    }

    return rc;
}


static ngx_int_t
ngx_workers_crypto_number(JSContext *cx, JSValueConst value, int32_t *number)
{
    double  d;

    if (JS_ToFloat64(cx, &d, value) < 0) {
        return NGX_ERROR;
    }

    if (!isfinite(d)) {
        d = 0;
    }

    d = trunc(d);

    if (d < INT32_MIN || d > INT32_MAX) {
        (void) JS_ThrowTypeError(cx, "Value out of range. Must be between "
                                 "-2147483648 and 2147483647 (inclusive).");
        return NGX_ERROR;
    }

    *number = (int32_t) d;

    return NGX_OK;
}


ngx_int_t
ngx_workers_crypto_length(JSContext *cx, JSValueConst value, int32_t *length)
{
    if (JS_IsUndefined(value) || JS_IsNull(value)) {
        *length = -1;
        return NGX_OK;
    }

    if (ngx_workers_crypto_number(cx, value, length) != NGX_OK) {
        return NGX_ERROR;
    }

    if (*length < 0) {
        (void) JS_ThrowTypeError(cx, "deriveBits length must be an unsigned "
                                 "long integer.");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_crypto_buffer(JSContext *cx, ngx_workers_crypto_params_t *params,
    ngx_uint_t index, const char *what, ngx_str_t *bytes)
{
    static const char *const  names[NGX_WORKERS_CRYPTO_NVALUES] = {
        "iv", "additionalData", "counter", "label", "salt", "info",
        "publicExponent", "public"
    };

    if (JS_IsUndefined(params->value[index])) {
        return ngx_workers_crypto_missing(cx, names[index], what);
    }

    ngx_workers_crypto_bytes(cx, params->value[index], bytes);

    return NGX_OK;
}


ngx_int_t
ngx_workers_crypto_missing(JSContext *cx, const char *member, const char *what)
{
    (void) JS_ThrowTypeError(cx, "Missing field \"%s\" in \"%s\".", member,
                             what);
    return NGX_ERROR;
}


ngx_int_t
ngx_workers_crypto_hash(JSContext *cx, ngx_workers_crypto_params_t *params,
    const char *what, ngx_workers_crypto_hash_e *hash)
{
    if (!params->has_hash) {
        return ngx_workers_crypto_missing(cx, "hash", what);
    }

    return ngx_workers_crypto_hash_by_name(cx, params->hash, hash);
}


ngx_int_t
ngx_workers_crypto_hash_by_name(JSContext *cx, const char *name,
    ngx_workers_crypto_hash_e *hash)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_WORKERS_CRYPTO_NHASHES; i++) {

        if (ngx_strcasecmp((u_char *) name,
                           (u_char *) ngx_workers_crypto_digests[i].name)
            == 0)
        {
            *hash = i;
            return NGX_OK;
        }
    }

    (void) JS_ThrowDOMException(cx, "NotSupportedError",
                                "Unrecognized or unimplemented digest "
                                "algorithm requested.");
    return NGX_ERROR;
}


ngx_uint_t
ngx_workers_crypto_usage(const char *name)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_WORKERS_CRYPTO_NUSAGES; i++) {
        if (ngx_workers_crypto_streq(name, ngx_workers_crypto_usage_names[i]))
        {
            return 1 << i;
        }
    }

    return 0;
}


ngx_int_t
ngx_workers_crypto_usages(JSContext *cx, JSValueConst list, const char *method,
    int n, ngx_workers_crypto_usages_t *usages)
{
    char        text[NGX_WORKERS_CRYPTO_NAME];
    int64_t     i, length;
    JSValue     value;
    ngx_int_t   rc;
    ngx_uint_t  usage;

    ngx_memzero(usages, sizeof(ngx_workers_crypto_usages_t));

    if (!JS_IsArray(list)) {
        (void) ngx_workers_throw_argument(cx, method, "SubtleCrypto", n,
                                          "Array");
        return NGX_ERROR;
    }

    if (JS_GetLength(cx, list, &length) < 0) {
        return NGX_ERROR;
    }

    for (i = 0; i < length; i++) {

        value = JS_GetPropertyInt64(cx, list, i);
        if (JS_IsException(value)) {
            return NGX_ERROR;
        }

        rc = ngx_workers_crypto_text(cx, value, text);
        JS_FreeValue(cx, value);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }

        usage = ngx_workers_crypto_usage(text);

        if (usage == 0) {

            if (!usages->has_unknown) {
                usages->has_unknown = 1;
                usages->unknown_at = usages->n;
                ngx_memcpy(usages->unknown, text, sizeof(text));
            }

        } else if ((usages->mask & usage) == 0) {
            usages->mask |= usage;
            usages->order[usages->n++] = usage;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_crypto_check_usages(JSContext *cx,
    ngx_workers_crypto_usages_t *usages, ngx_uint_t allowed, const char *what,
    const char *name)
{
    ngx_uint_t   i, bit;
    const char  *usage;

    usage = NULL;

    for (i = 0; i < usages->n; i++) {

        if (usages->has_unknown && usages->unknown_at == i) {
            break;
        }

        if ((usages->order[i] & allowed) == 0) {

            for (bit = 0; usages->order[i] != 1 << bit; bit++) {
                /* void */
            }

            usage = ngx_workers_crypto_usage_names[bit];
            break;
        }
    }

    if (usage == NULL) {

        if (!usages->has_unknown) {
            return NGX_OK;
        }

        usage = usages->unknown;
    }

    (void) JS_ThrowDOMException(cx, "SyntaxError", "Attempt to %s%s key with "
                                "invalid usage \"%s\".", what, name, usage);

    return NGX_ERROR;
}


/*
 * Properties of a DataView may be accessors of a script's: they are asked
 * here, where nothing is borrowed so far.
 */

ngx_int_t
ngx_workers_crypto_source(JSContext *cx, JSValueConst value, JSValue *source)
{
    int          i;
    JSValue      args[3];

    static const char *const  names[] = { "buffer", "byteOffset",
                                          "byteLength" };

    if (JS_IsArrayBuffer(value) || JS_GetTypedArrayType(value) >= 0) {
        *source = JS_DupValue(cx, value);
        return NGX_OK;
    }

    if (!JS_IsDataView(value)) {
        return NGX_DECLINED;
    }

    *source = JS_UNDEFINED;

    for (i = 0; i < 3; i++) {
        args[i] = JS_GetPropertyStr(cx, value, names[i]);

        if (JS_IsException(args[i])) {
            break;
        }
    }

    if (i == 3) {
        *source = JS_NewTypedArray(cx, 3, (JSValueConst *) args,
                                   JS_TYPED_ARRAY_UINT8);
    }

    while (i > 0) {
        JS_FreeValue(cx, args[--i]);
    }

    if (!JS_IsUndefined(*source) && !JS_IsException(*source)) {
        return NGX_OK;
    }

    *source = JS_UNDEFINED;

    return NGX_ERROR;
}


void
ngx_workers_crypto_bytes(JSContext *cx, JSValueConst source, ngx_str_t *bytes)
{
    ngx_int_t  rc;

    rc = ngx_workers_get_bytes(cx, source, bytes);

    if (rc != NGX_OK || bytes->data == NULL) {

        if (rc == NGX_ERROR) {
            JS_FreeValue(cx, JS_GetException(cx));
        }

        bytes->data = (u_char *) "";
        bytes->len = 0;
    }
}


ngx_int_t
ngx_workers_crypto_argument(JSContext *cx, const char *method, int n,
    int argc, JSValueConst *argv, JSValue *source)
{
    ngx_int_t  rc;

    rc = (n <= argc) ? ngx_workers_crypto_source(cx, argv[n - 1], source)
                     : NGX_DECLINED;

    if (rc == NGX_DECLINED) {
        *source = JS_UNDEFINED;
        (void) ngx_workers_throw_argument(cx, method, "SubtleCrypto", n,
                                          "JsBufferSource");
    }

    return (rc == NGX_OK) ? NGX_OK : NGX_ERROR;
}
