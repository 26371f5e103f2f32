
/*
 * Copyright (C) the nginx-workers authors
 *
 * Encodings of Node.js.  Decoding is lenient as there: what is no Base64 is
 * skipped, hexadecimal digits end at the first pair that is none.
 */


#include "../core/ngx_workers_value.h"
#include "../web/ngx_workers_usv.h"
#include "../web/ngx_workers_utf8.h"
#include "ngx_workers_node_encoding.h"
#include "ngx_workers_node_errors.h"


#define NGX_WORKERS_NODE_ENCODING_NAME  16

/* In place of the value of a digit. */
#define NGX_WORKERS_NODE_NONE  -1
#define NGX_WORKERS_NODE_END   -2


/* The text of a string; UTF-8 has no lone surrogates, other encodings may. */
typedef struct {
    u_char              *p;
    size_t               len;
    const char          *c_string;
    ngx_workers_usv_t    usv;
} ngx_workers_node_text_t;


typedef struct {
    const char          *name;
    ngx_int_t            encoding;
} ngx_workers_node_name_t;


static ngx_int_t ngx_workers_node_text(JSContext *cx, ngx_int_t encoding,
    JSValueConst string, ngx_workers_node_text_t *text);
static void ngx_workers_node_text_free(JSContext *cx,
    ngx_workers_node_text_t *text);
static JSValue ngx_workers_node_latin1_string(JSContext *cx, const u_char *p,
    size_t len);
static JSValue ngx_workers_node_ascii_string(JSContext *cx, const u_char *p,
    size_t len);
static JSValue ngx_workers_node_utf16_string(JSContext *cx, const u_char *p,
    size_t len);
static JSValue ngx_workers_node_base64_string(JSContext *cx, const u_char *p,
    size_t len, ngx_uint_t url);
static JSValue ngx_workers_node_hex_string(JSContext *cx, const u_char *p,
    size_t len);
static size_t ngx_workers_node_decode(ngx_int_t encoding,
    ngx_workers_node_text_t *text, u_char *dst, size_t size);
static size_t ngx_workers_node_utf8(const u_char *p, size_t len, u_char *dst,
    size_t size);
static size_t ngx_workers_node_latin1(const u_char *p, size_t len,
    u_char *dst, size_t size);
static size_t ngx_workers_node_utf16(const u_char *p, size_t len, u_char *dst,
    size_t size);
static size_t ngx_workers_node_base64(const u_char *p, size_t len,
    u_char *dst, size_t size);
static size_t ngx_workers_node_hex(const u_char *p, size_t len, u_char *dst,
    size_t size);
static uint32_t ngx_workers_node_next(const u_char **p);


static const ngx_workers_node_name_t  ngx_workers_node_names[] = {
    { "utf8", NGX_WORKERS_NODE_UTF8 },
    { "utf-8", NGX_WORKERS_NODE_UTF8 },
    { "hex", NGX_WORKERS_NODE_HEX },
    { "base64", NGX_WORKERS_NODE_BASE64 },
    { "base64url", NGX_WORKERS_NODE_BASE64URL },
    { "latin1", NGX_WORKERS_NODE_LATIN1 },
    { "binary", NGX_WORKERS_NODE_LATIN1 },
    { "ascii", NGX_WORKERS_NODE_ASCII },
    { "utf16le", NGX_WORKERS_NODE_UTF16LE },
    { "utf-16le", NGX_WORKERS_NODE_UTF16LE },
    { "ucs2", NGX_WORKERS_NODE_UTF16LE },
    { "ucs-2", NGX_WORKERS_NODE_UTF16LE },
};


/* Digits of Base64, of both alphabets. */

static const signed char  ngx_workers_node_digits[128] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, 62, -1, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -2, -1, -1,
    -1,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, 63,
    -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
};


static const signed char  ngx_workers_node_hex_digits[128] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
     0,  1,  2,  3,  4,  5,  6,  7,  8,  9, -1, -1, -1, -1, -1, -1,
    -1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};


ngx_int_t
ngx_workers_node_encoding_find(const char *name, size_t len)
{
    ngx_uint_t                      i;
    const ngx_workers_node_name_t  *n;

    if (len >= NGX_WORKERS_NODE_ENCODING_NAME) {
        return NGX_DECLINED;
    }

    n = ngx_workers_node_names;

    for (i = 0; i < ngx_workers_nitems(ngx_workers_node_names); i++) {

        if (n[i].name[0] == (name[0] | 0x20)
            && ngx_strlen(n[i].name) == len
            && ngx_strncasecmp((u_char *) n[i].name, (u_char *) name, len)
               == 0)
        {
            return n[i].encoding;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_workers_node_encoding(JSContext *cx, JSValueConst name)
{
    size_t       len;
    ngx_int_t    encoding;
    ngx_str_t    message;
    const char  *c_string;
    u_char       text[NGX_MAX_ERROR_STR];

    if (JS_IsUndefined(name)) {
        return NGX_WORKERS_NODE_UTF8;
    }

    c_string = JS_ToCStringLen(cx, &len, name);
    if (c_string == NULL) {
        return NGX_ERROR;
    }

    encoding = (len == 0) ? NGX_WORKERS_NODE_UTF8
                          : ngx_workers_node_encoding_find(c_string, len);

    if (encoding == NGX_DECLINED) {
        message.data = text;
        message.len = ngx_snprintf(text, sizeof(text) - 1,
                                   "Unknown encoding: %s", c_string)
                      - text;
        message.data[message.len] = '\0';

        (void) ngx_workers_node_error(cx, "typeError", "ERR_UNKNOWN_ENCODING",
                                      (char *) text);
        encoding = NGX_ERROR;
    }

    JS_FreeCString(cx, c_string);

    return encoding;
}


JSValue
ngx_workers_node_encoding_string(JSContext *cx, ngx_int_t encoding,
    const u_char *p, size_t len)
{
    switch (encoding) {

    case NGX_WORKERS_NODE_UTF16LE:
        return ngx_workers_node_utf16_string(cx, p, len);

    case NGX_WORKERS_NODE_LATIN1:
        return ngx_workers_node_latin1_string(cx, p, len);

    case NGX_WORKERS_NODE_ASCII:
        return ngx_workers_node_ascii_string(cx, p, len);

    case NGX_WORKERS_NODE_BASE64:
    case NGX_WORKERS_NODE_BASE64URL:
        return ngx_workers_node_base64_string(cx, p, len,
                                    encoding == NGX_WORKERS_NODE_BASE64URL);

    case NGX_WORKERS_NODE_HEX:
        return ngx_workers_node_hex_string(cx, p, len);

    default: /* NGX_WORKERS_NODE_UTF8 */
        return ngx_workers_utf8_text(cx, p, len);
    }
}


static JSValue
ngx_workers_node_latin1_string(JSContext *cx, const u_char *p, size_t len)
{
    size_t   n;
    u_char  *buf, *dst;
    JSValue  value;

    n = ngx_workers_utf8_ascii(p, len);

    if (n == len) {
        return JS_NewStringLen(cx, (const char *) p, len);
    }

    buf = js_malloc(cx, n + 2 * (len - n));
    if (buf == NULL) {
        return JS_EXCEPTION;
    }

    dst = ngx_cpymem(buf, p, n);

    for ( /* void */ ; n < len; n++) {
        if (p[n] < 0x80) {
            *dst++ = p[n];

        } else {
            *dst++ = 0xc0 | (p[n] >> 6);
            *dst++ = 0x80 | (p[n] & 0x3f);
        }
    }

    value = JS_NewStringLen(cx, (const char *) buf, dst - buf);

    js_free(cx, buf);

    return value;
}


static JSValue
ngx_workers_node_ascii_string(JSContext *cx, const u_char *p, size_t len)
{
    size_t   n;
    u_char  *buf;
    JSValue  value;

    if (ngx_workers_utf8_ascii(p, len) == len) {
        return JS_NewStringLen(cx, (const char *) p, len);
    }

    buf = js_malloc(cx, len);
    if (buf == NULL) {
        return JS_EXCEPTION;
    }

    for (n = 0; n < len; n++) {
        buf[n] = p[n] & 0x7f;
    }

    value = JS_NewStringLen(cx, (const char *) buf, len);

    js_free(cx, buf);

    return value;
}


/* A string whose units are all narrow takes half of the memory. */

static JSValue
ngx_workers_node_utf16_string(JSContext *cx, const u_char *p, size_t len)
{
    size_t    n, i;
    u_char   *buf;
    JSValue   value;

    n = len / 2;

    for (i = 0; i < n && p[2 * i + 1] == 0; i++) { /* void */ }

    buf = js_malloc(cx, ngx_max(len, 1));
    if (buf == NULL) {
        return JS_EXCEPTION;
    }

    if (i < n) {
        ngx_memcpy(buf, p, 2 * n);
        value = JS_NewStringUTF16(cx, (uint16_t *) buf, n);

    } else {
        for (i = 0; i < n; i++) {
            buf[i] = p[2 * i];
        }

        value = ngx_workers_node_latin1_string(cx, buf, n);
    }

    js_free(cx, buf);

    return value;
}


static JSValue
ngx_workers_node_base64_string(JSContext *cx, const u_char *p, size_t len,
    ngx_uint_t url)
{
    JSValue    value;
    ngx_str_t  src, dst;

    dst.data = js_malloc(cx, ngx_base64_encoded_length(len) + 1);
    if (dst.data == NULL) {
        return JS_EXCEPTION;
    }

    src.data = (u_char *) p;
    src.len = len;

    if (url) {
        ngx_encode_base64url(&dst, &src);

    } else {
        ngx_encode_base64(&dst, &src);
    }

    value = ngx_workers_new_string(cx, &dst);

    js_free(cx, dst.data);

    return value;
}


static JSValue
ngx_workers_node_hex_string(JSContext *cx, const u_char *p, size_t len)
{
    u_char  *buf;
    JSValue  value;

    buf = js_malloc(cx, 2 * len + 1);
    if (buf == NULL) {
        return JS_EXCEPTION;
    }

    (void) ngx_hex_dump(buf, (u_char *) p, len);

    value = JS_NewStringLen(cx, (const char *) buf, 2 * len);

    js_free(cx, buf);

    return value;
}


u_char *
ngx_workers_node_encoding_bytes(JSContext *cx, ngx_int_t encoding,
    JSValueConst string, size_t *len)
{
    size_t                    size;
    u_char                   *buf, *cut;
    ngx_workers_node_text_t   text;

    if (ngx_workers_node_text(cx, encoding, string, &text) != NGX_OK) {
        return NULL;
    }

    switch (encoding) {

    case NGX_WORKERS_NODE_UTF16LE:
        size = 2 * text.len;
        break;

    case NGX_WORKERS_NODE_BASE64:
    case NGX_WORKERS_NODE_BASE64URL:
        size = ngx_base64_decoded_length(text.len);
        break;

    case NGX_WORKERS_NODE_HEX:
        size = text.len / 2;
        break;

    default: /* NGX_WORKERS_NODE_UTF8, _LATIN1, _ASCII */
        size = text.len;
    }

    buf = js_malloc(cx, ngx_max(size, 1));

    if (buf != NULL) {
        *len = ngx_workers_node_decode(encoding, &text, buf, size);

        if (size - *len > size / 4) {
            cut = js_realloc(cx, buf, ngx_max(*len, 1));

            if (cut == NULL) {
                js_free(cx, buf);
            }

            buf = cut;
        }
    }

    ngx_workers_node_text_free(cx, &text);

    return buf;
}


ssize_t
ngx_workers_node_encoding_write(JSContext *cx, ngx_int_t encoding,
    JSValueConst string, u_char *dst, size_t size)
{
    size_t                   n;
    ngx_workers_node_text_t  text;

    if (ngx_workers_node_text(cx, encoding, string, &text) != NGX_OK) {
        return -1;
    }

    n = ngx_workers_node_decode(encoding, &text, dst, size);

    ngx_workers_node_text_free(cx, &text);

    return n;
}


ssize_t
ngx_workers_node_encoding_length(JSContext *cx, ngx_int_t encoding,
    JSValueConst string)
{
    size_t         n;
    const char    *c_string;
    const u_char  *p, *end;

    c_string = JS_ToCStringLen(cx, &n, string);
    if (c_string == NULL) {
        return -1;
    }

    if (encoding != NGX_WORKERS_NODE_UTF8) {
        p = (const u_char *) c_string;
        end = p + n;

        /* units: one for each character, two above U+FFFF */

        for (n = 0; p < end; p++) {
            n += ((*p & 0xc0) != 0x80) + (*p >= 0xf0);
        }

        switch (encoding) {

        case NGX_WORKERS_NODE_UTF16LE:
            n *= 2;
            break;

        case NGX_WORKERS_NODE_HEX:
            n /= 2;
            break;

        case NGX_WORKERS_NODE_BASE64:
        case NGX_WORKERS_NODE_BASE64URL:

            if (n != 0 && end[-1] == '=') {
                n--;

                if (n > 1 && end[-2] == '=') {
                    n--;
                }
            }

            n = n * 3 / 4;
            break;
        }
    }

    JS_FreeCString(cx, c_string);

    return n;
}


static ngx_int_t
ngx_workers_node_text(JSContext *cx, ngx_int_t encoding, JSValueConst string,
    ngx_workers_node_text_t *text)
{
    text->c_string = NULL;

    if (encoding == NGX_WORKERS_NODE_UTF8) {

        if (ngx_workers_usv(cx, string, &text->usv) != NGX_OK) {
            return NGX_ERROR;
        }

        text->p = text->usv.str.data;
        text->len = text->usv.str.len;

        return NGX_OK;
    }

    text->c_string = JS_ToCStringLen(cx, &text->len, string);
    text->p = (u_char *) text->c_string;

    return (text->p == NULL) ? NGX_ERROR : NGX_OK;
}


static void
ngx_workers_node_text_free(JSContext *cx, ngx_workers_node_text_t *text)
{
    if (text->c_string != NULL) {
        JS_FreeCString(cx, text->c_string);
        return;
    }

    ngx_workers_usv_free(cx, &text->usv);
}


static size_t
ngx_workers_node_decode(ngx_int_t encoding, ngx_workers_node_text_t *text,
    u_char *dst, size_t size)
{
    switch (encoding) {

    case NGX_WORKERS_NODE_UTF16LE:
        return ngx_workers_node_utf16(text->p, text->len, dst, size);

    case NGX_WORKERS_NODE_LATIN1:
    case NGX_WORKERS_NODE_ASCII:
        return ngx_workers_node_latin1(text->p, text->len, dst, size);

    case NGX_WORKERS_NODE_BASE64:
    case NGX_WORKERS_NODE_BASE64URL:
        return ngx_workers_node_base64(text->p, text->len, dst, size);

    case NGX_WORKERS_NODE_HEX:
        return ngx_workers_node_hex(text->p, text->len, dst, size);

    default: /* NGX_WORKERS_NODE_UTF8 */
        return ngx_workers_node_utf8(text->p, text->len, dst, size);
    }
}


static size_t
ngx_workers_node_utf8(const u_char *p, size_t len, u_char *dst, size_t size)
{
    if (len > size) {
        len = size;

        while (len != 0 && (p[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    ngx_memcpy(dst, p, len);

    return len;
}


/* The low bytes of UTF-16 units. */

static size_t
ngx_workers_node_latin1(const u_char *p, size_t len, u_char *dst, size_t size)
{
    u_char        *start, *last;
    uint32_t       c;
    const u_char  *end;

    start = dst;
    last = dst + size;
    end = p + len;

    len = ngx_workers_utf8_ascii(p, ngx_min(len, size));

    dst = ngx_cpymem(dst, p, len);
    p += len;

    while (p < end && dst < last) {
        c = ngx_workers_node_next(&p);

        if (c > 0xffff) {
            *dst++ = (c - 0x10000) >> 10;

            if (dst == last) {
                break;
            }
        }

        *dst++ = c;
    }

    return dst - start;
}


static size_t
ngx_workers_node_utf16(const u_char *p, size_t len, u_char *dst, size_t size)
{
    u_char        *start, *last;
    uint32_t       c, high;
    const u_char  *end;

    start = dst;
    last = dst + size / 2 * 2;
    end = p + len;

    while (p < end && dst < last) {
        c = ngx_workers_node_next(&p);

        if (c > 0xffff) {
            c -= 0x10000;
            high = 0xd800 | (c >> 10);
            c = 0xdc00 | (c & 0x3ff);

            *dst++ = high;
            *dst++ = high >> 8;

            if (dst == last) {
                break;
            }
        }

        *dst++ = c;
        *dst++ = c >> 8;
    }

    return dst - start;
}


/* One character of what the engine made, which is well-formed. */

static uint32_t
ngx_workers_node_next(const u_char **p)
{
    uint32_t       c;
    const u_char  *s;

    s = *p;
    c = *s++;

    if (c >= 0xf0) {
        c = ((c & 0x07) << 18) | ((s[0] & 0x3f) << 12) | ((s[1] & 0x3f) << 6)
            | (s[2] & 0x3f);
        s += 3;

    } else if (c >= 0xe0) {
        c = ((c & 0x0f) << 12) | ((s[0] & 0x3f) << 6) | (s[1] & 0x3f);
        s += 2;

    } else if (c >= 0xc0) {
        c = ((c & 0x1f) << 6) | (s[0] & 0x3f);
        s++;
    }

    *p = s;

    return c;
}


static size_t
ngx_workers_node_base64(const u_char *p, size_t len, u_char *dst, size_t size)
{
    int            v0, v1, v2, v3, digit;
    u_char        *start, *last;
    uint32_t       bits;
    ngx_uint_t     n;
    const u_char  *end;

    start = dst;
    last = dst + size;
    end = p + len;

    n = 0;
    bits = 0;

    while (p < end && dst < last) {

        if (n == 0) {

            /* four digits at once while there are such */

            while (end - p >= 4 && last - dst >= 3
                   && ((p[0] | p[1] | p[2] | p[3]) & 0x80) == 0)
            {
                v0 = ngx_workers_node_digits[p[0]];
                v1 = ngx_workers_node_digits[p[1]];
                v2 = ngx_workers_node_digits[p[2]];
                v3 = ngx_workers_node_digits[p[3]];

                if ((v0 | v1 | v2 | v3) < 0) {
                    break;
                }

                *dst++ = (v0 << 2) | (v1 >> 4);
                *dst++ = (v1 << 4) | (v2 >> 2);
                *dst++ = (v2 << 6) | v3;

                p += 4;
            }

            if (p == end || dst == last) {
                break;
            }
        }

        digit = (*p < 0x80) ? ngx_workers_node_digits[*p]
                            : NGX_WORKERS_NODE_NONE;
        p++;

        if (digit == NGX_WORKERS_NODE_END) {
            break;
        }

        if (digit == NGX_WORKERS_NODE_NONE) {
            continue;
        }

        bits = (bits << 6) | digit;
        n = (n + 1) % 4;

        if (n != 1) {
            *dst++ = bits >> ((4 - n) % 4 * 2);
        }
    }

    return dst - start;
}


static size_t
ngx_workers_node_hex(const u_char *p, size_t len, u_char *dst, size_t size)
{
    int     high, low;
    size_t  n;

    size = ngx_min(size, len / 2);

    for (n = 0; n < size; n++, p += 2) {

        if ((p[0] | p[1]) & 0x80) {
            break;
        }

        high = ngx_workers_node_hex_digits[p[0]];
        low = ngx_workers_node_hex_digits[p[1]];

        if ((high | low) < 0) {
            break;
        }

        dst[n] = (high << 4) | low;
    }

    return n;
}
