
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: JSON Web Keys (RFC 7517, RFC 7518).  Texts are copied
 * when they are read, decoded in place, and cleared.
 */


#include "ngx_workers_crypto.h"

#include <openssl/crypto.h>


#define NGX_WORKERS_JWK_ALL_MEMBERS  20251203


typedef enum {
    NGX_WORKERS_JWK_TEXT = 0,
    NGX_WORKERS_JWK_OPS,
    NGX_WORKERS_JWK_EXT,
    NGX_WORKERS_JWK_OTH
} ngx_workers_jwk_member_e;


typedef struct {
    const char                 *name;
    ngx_workers_jwk_member_e    type;
    ngx_uint_t                  index;
} ngx_workers_jwk_member_t;


static ngx_int_t ngx_workers_jwk_member(JSContext *cx,
    const ngx_workers_jwk_member_t *member, JSValueConst value,
    ngx_workers_crypto_jwk_t *jwk);
static ngx_int_t ngx_workers_jwk_text(JSContext *cx, JSValueConst value,
    ngx_str_t *text);
static ngx_int_t ngx_workers_jwk_ops(JSContext *cx, JSValueConst list,
    ngx_workers_crypto_jwk_t *jwk);
static JSValue ngx_workers_jwk_value(JSContext *cx,
    const ngx_workers_jwk_member_t *member, ngx_workers_crypto_key_t *key,
    ngx_workers_crypto_jwk_out_t *out);
static JSValue ngx_workers_jwk_encode(JSContext *cx, ngx_str_t *bytes);


/* In the order in which they are read, and written. */
static const ngx_workers_jwk_member_t  ngx_workers_jwk_members[] = {
    { "kty", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_KTY },
    { "use", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_USE },
    { "key_ops", NGX_WORKERS_JWK_OPS, 0 },
    { "alg", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_ALG },
    { "ext", NGX_WORKERS_JWK_EXT, 0 },
    { "crv", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_CRV },
    { "x", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_X },
    { "y", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_Y },
    { "d", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_D },
    { "n", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_N },
    { "e", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_E },
    { "p", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_P },
    { "q", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_Q },
    { "dp", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_DP },
    { "dq", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_DQ },
    { "qi", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_QI },
    { "oth", NGX_WORKERS_JWK_OTH, 0 },
    { "k", NGX_WORKERS_JWK_TEXT, NGX_WORKERS_JWK_K },
};


ngx_int_t
ngx_workers_crypto_jwk_read(JSContext *cx, JSValueConst object,
    ngx_workers_crypto_jwk_t *jwk)
{
    JSValue     value;
    ngx_int_t   rc;
    ngx_uint_t  i;

    ngx_memzero(jwk, sizeof(ngx_workers_crypto_jwk_t));

    for (i = 0; i < ngx_workers_nitems(ngx_workers_jwk_members); i++) {

        value = JS_GetPropertyStr(cx, object, ngx_workers_jwk_members[i].name);

        if (JS_IsException(value)) {
            return NGX_ERROR;
        }

        if (JS_IsUndefined(value)) {
            continue;
        }

        rc = ngx_workers_jwk_member(cx, &ngx_workers_jwk_members[i], value,
                                    jwk);
        JS_FreeValue(cx, value);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_jwk_member(JSContext *cx, const ngx_workers_jwk_member_t *member,
    JSValueConst value, ngx_workers_crypto_jwk_t *jwk)
{
    if (member->type == NGX_WORKERS_JWK_TEXT) {
        return ngx_workers_jwk_text(cx, value, &jwk->text[member->index]);
    }

    if (member->type == NGX_WORKERS_JWK_EXT) {
        jwk->has_ext = 1;
        jwk->ext = JS_ToBool(cx, value) ? 1 : 0;
        return NGX_OK;
    }

    if (!JS_IsArray(value)) {
        (void) JS_ThrowTypeError(cx, "Incorrect type for the '%s' field on "
                                 "'JsonWebKey': the provided value is not of "
                                 "type 'Array'.", member->name);
        return NGX_ERROR;
    }

    if (member->type == NGX_WORKERS_JWK_OTH) {
        jwk->has_oth = 1;
        return NGX_OK;
    }

    jwk->has_ops = 1;

    return ngx_workers_jwk_ops(cx, value, jwk);
}


static ngx_int_t
ngx_workers_jwk_text(JSContext *cx, JSValueConst value, ngx_str_t *text)
{
    size_t       len;
    const char  *s;

    s = JS_ToCStringLen(cx, &len, value);
    if (s == NULL) {
        return NGX_ERROR;
    }

    text->data = OPENSSL_malloc(len + 1);

    if (text->data == NULL) {
        JS_FreeCString(cx, s);
        (void) JS_ThrowOutOfMemory(cx);
        return NGX_ERROR;
    }

    ngx_memcpy(text->data, s, len + 1);
    text->len = len;

    JS_FreeCString(cx, s);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_jwk_ops(JSContext *cx, JSValueConst list,
    ngx_workers_crypto_jwk_t *jwk)
{
    int64_t      i, length;
    JSValue      value;
    ngx_uint_t   usage;
    const char  *s;

    if (JS_GetLength(cx, list, &length) < 0) {
        return NGX_ERROR;
    }

    for (i = 0; i < length; i++) {

        value = JS_GetPropertyInt64(cx, list, i);
        if (JS_IsException(value)) {
            return NGX_ERROR;
        }

        s = JS_ToCString(cx, value);
        JS_FreeValue(cx, value);

        if (s == NULL) {
            return NGX_ERROR;
        }

        usage = ngx_workers_crypto_usage(s);
        JS_FreeCString(cx, s);

        if ((jwk->ops & usage) && jwk->duplicate == 0) {
            jwk->duplicate = usage;
        }

        jwk->ops |= usage;
    }

    return NGX_OK;
}


void
ngx_workers_crypto_jwk_free(ngx_workers_crypto_jwk_t *jwk)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_WORKERS_JWK_NTEXTS; i++) {
        OPENSSL_clear_free(jwk->text[i].data, jwk->text[i].len);
    }
}


/* As lenient as the reference: both alphabets, white space, padding. */

ngx_int_t
ngx_workers_crypto_jwk_bytes(ngx_workers_crypto_jwk_t *jwk, ngx_uint_t member,
    ngx_str_t *bytes)
{
    u_char      c, *p, *last, *dst;
    uint32_t    bits;
    ngx_str_t  *text;
    ngx_uint_t  n, pad;

    text = &jwk->text[member];

    if (text->data == NULL) {
        return NGX_DECLINED;
    }

    p = text->data;
    last = p + text->len;
    dst = p;
    bits = 0;
    n = 0;

    for ( /* void */ ; p < last; p++) {
        c = *p;

        if (c >= 'A' && c <= 'Z') {
            c -= 'A';

        } else if (c >= 'a' && c <= 'z') {
            c -= 'a' - 26;

        } else if (c >= '0' && c <= '9') {
            c += 52 - '0';

        } else if (c == '-' || c == '+') {
            c = 62;

        } else if (c == '_' || c == '/') {
            c = 63;

        } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
            continue;

        } else {
            break;
        }

        bits = bits << 6 | c;

        if (++n == 4) {
            *dst++ = (u_char) (bits >> 16);
            *dst++ = (u_char) (bits >> 8);
            *dst++ = (u_char) bits;
            n = 0;
        }
    }

    for (pad = 0; p < last; p++) {
        if (*p == '=') {
            pad++;

        } else if (*p != ' ' && (*p < '\t' || *p > '\r')) {
            return NGX_DECLINED;
        }
    }

    if (n == 1 || (pad != 0 && (n == 0 || pad != 4 - n))) {
        return NGX_DECLINED;
    }

    if (n == 2) {
        *dst++ = (u_char) (bits >> 4);

    } else if (n == 3) {
        *dst++ = (u_char) (bits >> 10);
        *dst++ = (u_char) (bits >> 2);
    }

    bytes->data = text->data;
    bytes->len = dst - text->data;

    return NGX_OK;
}


JSValue
ngx_workers_crypto_jwk_object(JSContext *cx, ngx_workers_crypto_key_t *key,
    ngx_workers_crypto_jwk_out_t *out)
{
    JSValue     object, value;
    ngx_uint_t  i, all;

    object = JS_NewObject(cx);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    /* since then the reference shows members that are undefined, too */

    all = ngx_workers_isolate(cx)->script->compatibility_date
          >= NGX_WORKERS_JWK_ALL_MEMBERS;

    for (i = 0; i < ngx_workers_nitems(ngx_workers_jwk_members); i++) {

        value = ngx_workers_jwk_value(cx, &ngx_workers_jwk_members[i], key,
                                      out);

        if (JS_IsUndefined(value) && !all) {
            continue;
        }

        if (ngx_workers_set(cx, object, ngx_workers_jwk_members[i].name, value)
            != NGX_OK)
        {
            JS_FreeValue(cx, object);
            return JS_EXCEPTION;
        }
    }

    return object;
}


static JSValue
ngx_workers_jwk_value(JSContext *cx, const ngx_workers_jwk_member_t *member,
    ngx_workers_crypto_key_t *key, ngx_workers_crypto_jwk_out_t *out)
{
    const char  *text;

    if (member->type == NGX_WORKERS_JWK_OPS) {
        return ngx_workers_crypto_key_usages(cx, key->usages);
    }

    if (member->type == NGX_WORKERS_JWK_EXT) {
        return JS_NewBool(cx, key->extractable);
    }

    if (member->type == NGX_WORKERS_JWK_OTH) {
        return JS_UNDEFINED;
    }

    switch (member->index) {

    case NGX_WORKERS_JWK_KTY:
        text = out->kty;
        break;

    case NGX_WORKERS_JWK_ALG:
        text = out->alg;
        break;

    case NGX_WORKERS_JWK_CRV:
        text = out->crv;
        break;

    case NGX_WORKERS_JWK_USE:
        return JS_UNDEFINED;

    default:
        return ngx_workers_jwk_encode(cx, &out->bytes[member->index]);
    }

    return (text == NULL) ? JS_UNDEFINED : JS_NewString(cx, text);
}


static JSValue
ngx_workers_jwk_encode(JSContext *cx, ngx_str_t *bytes)
{
    JSValue    value;
    ngx_str_t  text;

    if (bytes->data == NULL) {
        return JS_UNDEFINED;
    }

    text.len = ngx_base64_encoded_length(bytes->len);
    text.data = OPENSSL_malloc(text.len + 1);

    if (text.data == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    ngx_encode_base64url(&text, bytes);

    value = ngx_workers_new_string(cx, &text);

    OPENSSL_clear_free(text.data, text.len);

    return value;
}


const char *
ngx_workers_crypto_jwk_json(JSContext *cx, JSValueConst object,
    ngx_str_t *text)
{
    JSValue      json;
    const char  *s;

    json = JS_JSONStringify(cx, object, JS_UNDEFINED, JS_UNDEFINED);
    if (JS_IsException(json)) {
        return NULL;
    }

    s = JS_ToCStringLen(cx, &text->len, json);
    text->data = (u_char *) s;

    JS_FreeValue(cx, json);

    return s;
}


JSValue
ngx_workers_crypto_jwk_parse(JSContext *cx, ngx_str_t *text)
{
    u_char   *p;
    JSValue   object, kty;

    p = OPENSSL_malloc(text->len + 1);
    if (p == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    ngx_memcpy(p, text->data, text->len);
    p[text->len] = '\0';

    object = JS_ParseJSON(cx, (char *) p, text->len, "<jwk>");

    OPENSSL_clear_free(p, text->len + 1);

    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    kty = JS_IsObject(object) ? JS_GetPropertyStr(cx, object, "kty")
                              : JS_UNDEFINED;

    JS_FreeValue(cx, kty);

    if (JS_IsUndefined(kty)) {
        (void) JS_ThrowDOMException(cx, "DataError", "Missing \"kty\" field or "
                                    "corrupt JSON unwrapping key?");
        kty = JS_EXCEPTION;
    }

    if (JS_IsException(kty)) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    return object;
}
