
/*
 * Copyright (C) the nginx-workers authors
 *
 * JavaScript values <-> bytes, WebIDL's error texts, and the one door from
 * exceptions to the log.
 */


#include "ngx_workers_value.h"
#include "../web/ngx_workers_utf8.h"


#define NGX_WORKERS_UTF8_SHORT  64
#define NGX_WORKERS_UTF8_LONG   (1024 * 1024)


static size_t ngx_workers_log_text(u_char *dst, size_t size, const char *src,
    size_t len);


void *
ngx_workers_this(JSContext *cx, JSValueConst this_val, JSClassID id)
{
    void  *opaque;

    opaque = JS_GetOpaque(this_val, id);

    if (opaque == NULL) {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_ILLEGAL_INVOCATION);
    }

    return opaque;
}


ngx_int_t
ngx_workers_get_bytes(JSContext *cx, JSValueConst v, ngx_str_t *bytes)
{
    size_t    size, offset, length;
    u_char   *p;
    JSValue   buffer, n;
    int64_t   off, len;

    if (!JS_IsObject(v)) {
        return NGX_DECLINED;
    }

    if (JS_IsArrayBuffer(v)) {
        p = JS_GetArrayBuffer(cx, &size, v);

        if (p == NULL && JS_HasException(cx)) {
            return NGX_ERROR;
        }

        bytes->data = p;
        bytes->len = size;

        return NGX_OK;
    }

    if (JS_GetTypedArrayType(v) >= 0) {
        buffer = JS_GetTypedArrayBuffer(cx, v, &offset, &length, NULL);
        if (JS_IsException(buffer)) {
            return NGX_ERROR;
        }

    } else if (JS_IsDataView(v)) {
        buffer = JS_GetPropertyStr(cx, v, "buffer");
        if (JS_IsException(buffer)) {
            return NGX_ERROR;
        }

        n = JS_GetPropertyStr(cx, v, "byteOffset");
        if (JS_IsException(n) || JS_ToInt64(cx, &off, n) < 0) {
            JS_FreeValue(cx, buffer);
            return NGX_ERROR;
        }

        n = JS_GetPropertyStr(cx, v, "byteLength");
        if (JS_IsException(n) || JS_ToInt64(cx, &len, n) < 0) {
            JS_FreeValue(cx, buffer);
            return NGX_ERROR;
        }

        offset = off;
        length = len;

    } else {
        return NGX_DECLINED;
    }

    p = JS_GetArrayBuffer(cx, &size, buffer);
    JS_FreeValue(cx, buffer);

    if (p == NULL && JS_HasException(cx)) {
        return NGX_ERROR;
    }

    if (offset > size || length > size - offset) {
        (void) JS_ThrowTypeError(cx, "the view is out of its buffer's bounds");
        return NGX_ERROR;
    }

    bytes->data = (p == NULL) ? NULL : p + offset;
    bytes->len = length;

    return NGX_OK;
}


JSValue
ngx_workers_utf8_decode(JSContext *cx, const u_char *p, size_t len)
{
    if (len >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) {
        p += 3;
        len -= 3;
    }

    return ngx_workers_utf8_text(cx, p, len);
}


JSValue
ngx_workers_utf8_text(JSContext *cx, const u_char *p, size_t len)
{
    size_t       n;
    u_char      *buf, *dst;
    JSValue      value;
    ngx_uint_t   wide;

    n = ngx_workers_utf8_scan(p, len, &wide);

    if (n == len) {
        return ngx_workers_utf8_string(cx, p, len, wide);
    }

    /* a byte that is wrong takes three: U+FFFD */

    buf = js_malloc(cx, n + 3 * (len - n));
    if (buf == NULL) {
        return JS_EXCEPTION;
    }

    dst = ngx_cpymem(buf, p, n);
    dst = ngx_workers_utf8_copy(dst, p + n, len - n);

    value = ngx_workers_utf8_string(cx, buf, dst - buf, 1);

    js_free(cx, buf);

    return value;
}


/*
 * The engine looks at each byte twice more; what is long and is no Latin-1 is
 * decoded here, unless the units would take too much memory beside the string.
 */

JSValue
ngx_workers_utf8_string(JSContext *cx, const u_char *p, size_t len,
    ngx_uint_t wide)
{
    size_t     n;
    JSValue    value;
    uint16_t  *units;

    if (!wide || len < NGX_WORKERS_UTF8_SHORT || len > NGX_WORKERS_UTF8_LONG) {
        return JS_NewStringLen(cx, (const char *) p, len);
    }

    n = ngx_workers_utf8_units(p, len);

    units = js_malloc(cx, n * sizeof(uint16_t));
    if (units == NULL) {
        return JS_EXCEPTION;
    }

    ngx_workers_utf8_utf16(units, p, len);

    value = JS_NewStringUTF16(cx, units, n);

    js_free(cx, units);

    return value;
}



ngx_int_t
ngx_workers_set(JSContext *cx, JSValueConst obj, const char *name,
    JSValue value)
{
    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    if (JS_DefinePropertyValueStr(cx, obj, name, value, JS_PROP_C_W_E) < 0) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_add_pair(JSContext *cx, JSValueConst array, uint32_t i,
    JSValue first, JSValue second)
{
    JSValue  pair, values[2];

    if (JS_IsException(first) || JS_IsException(second)) {
        JS_FreeValue(cx, first);
        JS_FreeValue(cx, second);
        return NGX_ERROR;
    }

    values[0] = first;
    values[1] = second;

    pair = JS_NewArrayFrom(cx, 2, values);

    if (JS_IsException(pair)
        || JS_DefinePropertyValueUint32(cx, array, i, pair, JS_PROP_C_W_E) < 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


JSValue
ngx_workers_resolve(JSContext *cx, JSValue value)
{
    JSValue  promise;

    if (JS_IsException(value)) {
        return ngx_workers_reject(cx);
    }

    promise = JS_NewSettledPromise(cx, 0, value);
    JS_FreeValue(cx, value);

    return promise;
}


JSValue
ngx_workers_reject(JSContext *cx)
{
    JSValue  reason, promise;

    reason = JS_GetException(cx);

    if (JS_IsUncatchableError(reason)) {
        return JS_Throw(cx, reason);
    }

    promise = JS_NewSettledPromise(cx, 1, reason);
    JS_FreeValue(cx, reason);

    return promise;
}


JSValue
ngx_workers_throw_argument(JSContext *cx, const char *method,
    const char *class, int n, const char *type)
{
    return JS_ThrowTypeError(cx, "Failed to execute '%s' on '%s': "
                             "parameter %d is not of type '%s'.",
                             method, class, n, type);
}


JSValue
ngx_workers_throw_constructor_argument(JSContext *cx, const char *class, int n,
    const char *type)
{
    return JS_ThrowTypeError(cx, "Failed to construct '%s': "
                             "constructor parameter %d is not of type '%s'.",
                             class, n, type);
}


JSValue
ngx_workers_throw_error(JSContext *cx, const char *text)
{
    JSValue  error;

    error = JS_NewError(cx);
    if (JS_IsException(error)) {
        return JS_EXCEPTION;
    }

    if (JS_DefinePropertyValueStr(cx, error, "message", JS_NewString(cx, text),
                                  JS_PROP_WRITABLE|JS_PROP_CONFIGURABLE)
        < 0)
    {
        JS_FreeValue(cx, error);
        return JS_EXCEPTION;
    }

    return JS_Throw(cx, error);
}


size_t
ngx_workers_error_text(JSContext *cx, JSValueConst reason, u_char *text,
    size_t size)
{
    size_t       len, n;
    JSValue      stack;
    const char  *message, *frames;

    message = JS_ToCStringLen(cx, &len, reason);

    if (message == NULL) {
        JS_FreeValue(cx, JS_GetException(cx));
        return ngx_sprintf(text, "a value without text") - text;
    }

    n = ngx_workers_log_text(text, size, message, len);

    JS_FreeCString(cx, message);

    if (JS_IsError(reason)) {
        stack = JS_GetPropertyStr(cx, reason, "stack");

        if (JS_IsString(stack)) {
            message = JS_ToCStringLen(cx, &len, stack);

            if (message != NULL) {
                frames = ngx_workers_stack_frames(message, &len);
                n += ngx_workers_log_text(text + n, size - n, frames, len);
                JS_FreeCString(cx, message);
            }
        }

        JS_FreeValue(cx, stack);

        if (JS_HasException(cx)) {
            JS_FreeValue(cx, JS_GetException(cx));
        }
    }

    while (n > 0 && text[n - 1] == ' ') {
        n--;
    }

    return n;
}


const char *
ngx_workers_stack_frames(const char *stack, size_t *len)
{
    const char  *p, *end;

    end = stack + *len;

    for (p = stack; p < end; p++) {

        if ((p == stack || p[-1] == '\n') && end - p >= 7
            && ngx_strncmp(p, "    at ", 7) == 0)
        {
            break;
        }
    }

    while (end > p && end[-1] == '\n') {
        end--;
    }

    *len = end - p;

    return p;
}


/* A script's text on one line: runs of white space become one space. */

static size_t
ngx_workers_log_text(u_char *dst, size_t size, const char *src, size_t len)
{
    u_char  *p, *last, ch;

    p = dst;
    last = dst + size;

    for ( /* void */ ; len > 0 && p < last; len--, src++) {
        ch = (u_char) *src;

        if (ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r') {
            if (p == dst || p[-1] != ' ') {
                *p++ = ' ';
            }

            continue;
        }

        if (ch == 0xc2 && len > 1 && (u_char) src[1] < 0xa0) {
            /* U+0080 to U+009F: control characters too */
            len--;
            src++;
            ch = 0x7f;
        }

        *p++ = (ch < 0x20 || ch == 0x7f) ? '.' : ch;
    }

    return p - dst;
}
