
/*
 * Copyright (C) the nginx-workers authors
 *
 * fetch() of a "data:" URL: Fetch Standard, section 6.
 */


#include "ngx_workers_fetch.h"
#include "ngx_workers_mime.h"


static ngx_uint_t ngx_workers_data_base64(ngx_str_t *type);
static ngx_int_t ngx_workers_data_decode(ngx_str_t *bytes);
static void ngx_workers_data_trim(ngx_str_t *str);
static JSValue ngx_workers_data_response(JSContext *cx, ngx_str_t *type,
    ngx_str_t *bytes);


JSValue
ngx_workers_fetch_data(JSContext *cx, ngx_workers_request_t *request,
    ngx_str_t *url)
{
    u_char      *p, *end, *dst, *src;
    JSValue      promise;
    ngx_str_t    whole, type, bytes;
    ngx_uint_t   base64;

    whole = *url;
    end = url->data + url->len;

    p = ngx_strlchr(url->data, end, '#');

    if (p != NULL) {
        end = p;
        whole.len = p - url->data;
    }

    type.data = url->data + 5;
    p = ngx_strlchr(type.data, end, ',');

    if (p == NULL) {
        return JS_ThrowTypeError(cx, "Fetch API cannot load: %.*s",
                                 (int) ngx_min(whole.len, 200), whole.data);
    }

    type.len = p - type.data;
    p++;

    /* other methods than GET have no body */

    if (request->method.len != 3
        || ngx_strncmp(request->method.data, "GET", 3) != 0)
    {
        p = end;
    }

    bytes.data = js_malloc(cx, end - p + 1);
    if (bytes.data == NULL) {
        return JS_EXCEPTION;
    }

    dst = bytes.data;
    src = p;

    ngx_unescape_uri(&dst, &src, end - p, 0);

    bytes.len = dst - bytes.data;

    ngx_workers_data_trim(&type);
    base64 = ngx_workers_data_base64(&type);

    if (base64 && ngx_workers_data_decode(&bytes) != NGX_OK) {
        promise = JS_ThrowTypeError(cx, "Fetch API cannot load: %.*s",
                                    (int) ngx_min(whole.len, 200), whole.data);

    } else {
        promise = ngx_workers_resolve(cx, ngx_workers_data_response(cx, &type,
                                                                    &bytes));
    }

    js_free(cx, bytes.data);

    return promise;
}


/* Takes ";base64" from the end of the type. */

static ngx_uint_t
ngx_workers_data_base64(ngx_str_t *type)
{
    u_char  *p;

    if (type->len < 7) {
        return 0;
    }

    p = type->data + type->len - 6;

    if (ngx_strncasecmp(p, (u_char *) "base64", 6) != 0) {
        return 0;
    }

    while (p > type->data && p[-1] == ' ') {
        p--;
    }

    if (p == type->data || p[-1] != ';') {
        return 0;
    }

    type->len = p - 1 - type->data;

    return 1;
}


/* Infra Standard, section 7, "forgiving-base64 decode", in place. */

static ngx_int_t
ngx_workers_data_decode(ngx_str_t *bytes)
{
    u_char     *p, *last, *dst;
    ngx_str_t   text;

    last = bytes->data + bytes->len;
    dst = bytes->data;

    for (p = bytes->data; p < last; p++) {
        if (*p != ' ' && *p != '\t' && *p != LF && *p != '\f' && *p != CR) {
            *dst++ = *p;
        }
    }

    bytes->len = dst - bytes->data;

    if (bytes->len % 4 == 0 && bytes->len != 0 && dst[-1] == '=') {
        bytes->len -= (dst[-2] == '=') ? 2 : 1;
    }

    if (ngx_strlchr(bytes->data, bytes->data + bytes->len, '=') != NULL) {
        return NGX_ERROR;
    }

    text = *bytes;

    return ngx_decode_base64(bytes, &text);
}


static void
ngx_workers_data_trim(ngx_str_t *str)
{
    while (str->len != 0 && str->data[0] == ' ') {
        str->data++;
        str->len--;
    }

    while (str->len != 0 && str->data[str->len - 1] == ' ') {
        str->len--;
    }
}


static JSValue
ngx_workers_data_response(JSContext *cx, ngx_str_t *type, ngx_str_t *bytes)
{
    u_char                  *text, *p;
    JSValue                  object;
    ngx_int_t                rc;
    ngx_str_t                value;
    ngx_workers_mime_t       mime;
    ngx_workers_response_t  *response;

    static ngx_str_t  name = ngx_string("Content-Type");

    object = ngx_workers_response_new(cx, &response);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    response->body.type = NGX_WORKERS_BODY_BYTES;
    response->body.value = ngx_workers_new_uint8_array(cx, bytes);
    response->headers = ngx_workers_headers_create(cx);

    text = js_malloc(cx, 4 * (type->len + 10) + 1);

    if (JS_IsException(response->body.value) || response->headers == NULL
        || text == NULL)
    {
        goto failed;
    }

    p = text;

    if (type->len != 0 && type->data[0] == ';') {
        p = ngx_cpymem(p, "text/plain", 10);
    }

    value.data = text;
    value.len = ngx_cpymem(p, type->data, type->len) - text;

    p = text + value.len;

    if (ngx_workers_mime_parse(&value, &mime) == NGX_OK) {
        value.len = ngx_workers_mime_write(p, &mime) - p;
        value.data = p;

    } else {
        ngx_str_set(&value, "text/plain;charset=US-ASCII");
    }

    rc = ngx_workers_headers_add(cx, response->headers, &name, &value);

    if (rc != NGX_OK) {
        goto failed;
    }

    js_free(cx, text);

    response->headers->guard = NGX_WORKERS_GUARD_IMMUTABLE;

    return object;

failed:

    js_free(cx, text);
    JS_FreeValue(cx, object);

    return JS_EXCEPTION;
}
