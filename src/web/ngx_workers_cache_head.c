
/*
 * Copyright (C) the nginx-workers authors
 *
 * The Cache API: a Response as the head of an entry, and back.
 */


#include "ngx_workers_cache_api.h"
#include "ngx_workers_globals.h"
#include "../core/ngx_workers_file.h"

#include <math.h>

#include <openssl/rand.h>


#define NGX_WORKERS_CACHE_PRIVATE_COOKIE  "private=set-cookie"


static ngx_int_t ngx_workers_cache_policy(JSContext *cx,
    ngx_workers_headers_t *headers, ngx_workers_request_t *request,
    ngx_workers_cache_policy_t *policy);
static ngx_int_t ngx_workers_cache_pragma(JSContext *cx,
    ngx_workers_headers_t *headers, ngx_uint_t *no_cache);
static ngx_int_t ngx_workers_cache_field(JSContext *cx,
    ngx_workers_headers_t *headers, const char *name, ngx_str_t *value);
static ngx_int_t ngx_workers_cache_date(JSContext *cx,
    ngx_workers_headers_t *headers, const char *name, double *ms,
    ngx_uint_t *set);
static ngx_uint_t ngx_workers_cache_cookies(ngx_str_t *control);
static ngx_int_t ngx_workers_cache_encode(JSContext *cx,
    ngx_workers_headers_t *headers, ngx_workers_cache_policy_t *policy,
    ngx_str_t *control, ngx_str_t *head);
static ngx_uint_t ngx_workers_cache_dropped(ngx_str_t *name);
static ngx_int_t ngx_workers_cache_fields(JSContext *cx,
    ngx_workers_headers_t *headers, ngx_workers_cache_view_t *view,
    off_t length, ngx_str_t *range, ngx_str_t *type);
static ngx_int_t ngx_workers_cache_add_field(JSContext *cx,
    ngx_workers_headers_t *headers, const char *name, ngx_str_t *value);
static ngx_int_t ngx_workers_cache_body(JSContext *cx,
    ngx_workers_cache_entry_t *entry, ngx_workers_body_t *body,
    off_t start, off_t length);
static ngx_int_t ngx_workers_cache_parts(JSContext *cx,
    ngx_workers_response_t *response, ngx_workers_cache_entry_t *entry,
    ngx_workers_cache_view_t *view, ngx_workers_cache_range_t *ranges,
    ngx_uint_t n);
static ngx_int_t ngx_workers_cache_pieces(JSContext *cx,
    ngx_workers_cache_entry_t *entry, ngx_workers_body_t *body,
    ngx_workers_piece_t *pieces, ngx_uint_t n);


/* Of a connection, or made anew by match(). */

static const char *const  ngx_workers_cache_drop[] = {
    "age", "cf-cache-status", "connection", "content-length", "date",
    "keep-alive", "proxy-authenticate", "proxy-authorization", "set-cookie",
    "te", "trailer", "transfer-encoding", "upgrade", NULL
};


ngx_int_t
ngx_workers_cache_head(JSContext *cx, ngx_workers_response_t *response,
    ngx_workers_request_t *request, off_t length,
    ngx_workers_cache_head_t *head)
{
    uint16_t                     word[2];
    ngx_int_t                    rc;
    ngx_str_t                    control;
    ngx_uint_t                   no_cache;
    u_char                      *alloc;
    ngx_workers_headers_t       *headers;
    ngx_workers_cache_policy_t   policy;

    ngx_str_null(&head->head);

    headers = ngx_workers_response_headers(cx, response);
    if (headers == NULL) {
        return NGX_ERROR;
    }

    policy.status = response->status;
    no_cache = 0;

    if (ngx_workers_cache_policy(cx, headers, request, &policy) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_workers_cache_field(cx, headers, "cache-control", &control);

    if (rc == NGX_DECLINED) {
        rc = ngx_workers_cache_pragma(cx, headers, &no_cache);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    alloc = control.data;

    if (!ngx_workers_cache_cookies(&control)
        && ngx_workers_headers_find(headers, "set-cookie", 10) != NULL)
    {
        js_free(cx, alloc);
        return NGX_DECLINED;
    }

    ngx_workers_cache_control(&control, policy.cc);
    policy.cc[NGX_WORKERS_CC_NO_CACHE].set |= no_cache;

    head->ttl = ngx_workers_cache_ttl(&policy);
    rc = NGX_DECLINED;

    if (head->ttl >= 0) {
        rc = ngx_workers_cache_encode(cx, headers, &policy, &control,
                                      &head->head);
    }

    js_free(cx, alloc);

    if (rc == NGX_OK) {
        word[0] = response->status;
        word[1] = (length >= 0 ? NGX_WORKERS_CACHE_LENGTH : 0)
                  | (response->encode_manual ? NGX_WORKERS_CACHE_MANUAL : 0);

        ngx_memcpy(head->head.data, word, sizeof(word));
    }

    return rc;
}


/* All but what Cache-Control says. */

static ngx_int_t
ngx_workers_cache_policy(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_workers_request_t *request, ngx_workers_cache_policy_t *policy)
{
    ngx_int_t               rc;
    ngx_str_t              *value, age;
    ngx_uint_t              set;
    ngx_workers_headers_t  *fields;

    policy->now = floor(ngx_workers_now());
    policy->age = 0;
    policy->authorized = 0;

    if (request != NULL) {

        if (ngx_workers_request_headers(cx, request, &fields) != NGX_OK) {
            return NGX_ERROR;
        }

        if (fields != NULL) {
            value = ngx_workers_headers_find(fields, "authorization", 13);
            policy->authorized = (value != NULL && value->len != 0);
        }
    }

    if (ngx_workers_cache_date(cx, headers, "date", &policy->date, &set)
        != NGX_OK
        || ngx_workers_cache_date(cx, headers, "last-modified",
                                  &policy->last_modified, &set)
           != NGX_OK
        || ngx_workers_cache_date(cx, headers, "expires", &policy->expires,
                                  &set)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    policy->has_expires = set;

    rc = ngx_workers_cache_field(cx, headers, "age", &age);

    if (rc == NGX_OK) {
        policy->age = ngx_workers_cache_number(&age);
        js_free(cx, age.data);
    }

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


/* What says "no-cache" where there is no Cache-Control. */

static ngx_int_t
ngx_workers_cache_pragma(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_uint_t *no_cache)
{
    ngx_int_t  rc;
    ngx_str_t  value;

    rc = ngx_workers_cache_field(cx, headers, "pragma", &value);

    if (rc == NGX_OK) {
        *no_cache = (ngx_strlcasestrn(value.data, value.data + value.len,
                                      (u_char *) "no-cache", 8 - 1)
                     != NULL);
        js_free(cx, value.data);
    }

    return rc;
}


/*
 * All values of a field, to be freed by js_free().  NGX_DECLINED: there are
 * none, *value is empty.
 */

static ngx_int_t
ngx_workers_cache_field(JSContext *cx, ngx_workers_headers_t *headers,
    const char *name, ngx_str_t *value)
{
    size_t       len;
    JSValue      v;
    const char  *text;

    ngx_str_null(value);

    if (ngx_workers_headers_find(headers, name, ngx_strlen(name)) == NULL) {
        return NGX_DECLINED;
    }

    v = ngx_workers_headers_get(cx, headers, name, ngx_strlen(name));
    if (JS_IsException(v)) {
        return NGX_ERROR;
    }

    text = JS_ToCStringLen(cx, &len, v);
    JS_FreeValue(cx, v);

    if (text == NULL) {
        return NGX_ERROR;
    }

    value->data = js_malloc(cx, len + 1);

    if (value->data != NULL) {
        value->len = len;
        ngx_memcpy(value->data, text, len + 1);
    }

    JS_FreeCString(cx, text);

    return (value->data != NULL) ? NGX_OK : NGX_ERROR;
}


/* In ms; what nginx cannot read is asked of Date.parse(). */

static ngx_int_t
ngx_workers_cache_date(JSContext *cx, ngx_workers_headers_t *headers,
    const char *name, double *ms, ngx_uint_t *set)
{
    time_t       sec;
    JSValue      date, parse, arg, v;
    ngx_int_t    rc;
    ngx_str_t    value;

    *ms = NAN;
    *set = 0;

    rc = ngx_workers_cache_field(cx, headers, name, &value);

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    *set = (value.len != 0);

    /* it does not look at what is behind a date */

    sec = (value.len < sizeof("Wednesday, 28-Sep-70 06:00:00 GMT"))
          ? ngx_parse_http_time(value.data, value.len) : NGX_ERROR;

    if (sec != (time_t) NGX_ERROR) {
        js_free(cx, value.data);

        *ms = (double) sec * 1000;
        return NGX_OK;
    }

    date = JS_GetPropertyStr(cx, ngx_workers_isolate(cx)->global, "Date");
    parse = JS_GetPropertyStr(cx, date, "parse");
    arg = ngx_workers_new_string(cx, &value);

    v = JS_Call(cx, parse, date, 1, (JSValueConst *) &arg);

    rc = JS_IsException(v) || JS_ToFloat64(cx, ms, v) < 0 ? NGX_ERROR
                                                          : NGX_OK;
    JS_FreeValue(cx, v);
    JS_FreeValue(cx, arg);
    JS_FreeValue(cx, parse);
    JS_FreeValue(cx, date);

    js_free(cx, value.data);

    return rc;
}


/*
 * Whether Cache-Control says that cookies are left out, instead of the
 * response; takes that directive away.
 */

static ngx_uint_t
ngx_workers_cache_cookies(ngx_str_t *control)
{
    u_char  *p, *last, *next;
    size_t   len;

    if (control->len == 0) {
        return 0;
    }

    len = sizeof(NGX_WORKERS_CACHE_PRIVATE_COOKIE) - 1;
    last = control->data + control->len;

    p = ngx_strlcasestrn(control->data, last,
                         (u_char *) NGX_WORKERS_CACHE_PRIVATE_COOKIE, len - 1);
    if (p == NULL) {
        return 0;
    }

    next = p + len;

    if (next < last && *next == ';') {
        next++;
    }

    ngx_memmove(p, next, last - next);

    control->len -= next - p;

    ngx_workers_cache_trim(control);

    return 1;
}


static ngx_int_t
ngx_workers_cache_encode(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_workers_cache_policy_t *policy, ngx_str_t *control, ngx_str_t *head)
{
    u_char                *p, date[sizeof("Mon, 28 Sep 1970 06:00:00 GMT")];
    u_char                 age[NGX_INT64_LEN];
    size_t                 size;
    ngx_str_t              name, value;
    ngx_uint_t             i;
    ngx_workers_header_t  *h;

    size = 2 * sizeof(uint16_t) + 4 * NGX_WORKERS_CACHE_FIELD
           + sizeof("cache-control") + control->len
           + sizeof("date") + sizeof(date) + sizeof("age") + sizeof(age)
           + sizeof("Warning") + sizeof("113 - \"rfc7234 5.5.4\"");

    h = headers->elts;

    for (i = 0; i < headers->nelts; i++) {
        size += NGX_WORKERS_CACHE_FIELD + h[i].name.len + h[i].value.len;
    }

    p = js_malloc(cx, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    head->data = p;
    p += 2 * sizeof(uint16_t);

    for (i = 0; i < headers->nelts; i++) {
        name = h[i].name;
        value = h[i].value;

        if (ngx_workers_cache_dropped(&name)
            || ngx_workers_cache_is(&name, "cache-control")
            || name.len > 0xffff
            || value.len > NGX_MAX_UINT32_VALUE)
        {
            continue;
        }

        if (ngx_workers_cache_is(&name, "warning")) {

            /* those that were about a cache */

            ngx_workers_cache_warnings(&value);

            if (value.len == 0) {
                continue;
            }
        }

        p = ngx_workers_cache_put_field(p, &name, &value);
    }

    if (control->data != NULL) {
        ngx_str_set(&name, "Cache-Control");
        p = ngx_workers_cache_put_field(p, &name, control);
    }

    /* a guess of more than a day is to be said (RFC 7234, section 5.5.4) */

    if (policy->age > 86400 && !policy->has_expires
        && !policy->cc[NGX_WORKERS_CC_MAX_AGE].set
        && !policy->cc[NGX_WORKERS_CC_S_MAXAGE].set)
    {
        ngx_str_set(&name, "Warning");
        ngx_str_set(&value, "113 - \"rfc7234 5.5.4\"");
        p = ngx_workers_cache_put_field(p, &name, &value);
    }

    ngx_str_set(&name, "Age");
    value.data = age;
    value.len = ngx_sprintf(age, "%L", (int64_t) policy->age) - age;
    p = ngx_workers_cache_put_field(p, &name, &value);

    ngx_str_set(&name, "Date");
    value.data = date;
    value.len = ngx_http_time(date, (time_t) (policy->now / 1000)) - date;
    p = ngx_workers_cache_put_field(p, &name, &value);

    head->len = p - head->data;

    return NGX_OK;
}


static ngx_uint_t
ngx_workers_cache_dropped(ngx_str_t *name)
{
    const char *const  *drop;

    for (drop = ngx_workers_cache_drop; *drop != NULL; drop++) {
        if (ngx_workers_cache_is(name, *drop)) {
            return 1;
        }
    }

    return 0;
}


JSValue
ngx_workers_cache_response(JSContext *cx, ngx_workers_cache_entry_t *entry,
    ngx_workers_cache_conditions_t *c)
{
    u_char                      text[sizeof("bytes -/")
                                     + 3 * NGX_OFF_T_LEN];
    size_t                      n;
    JSValue                     object;
    ngx_int_t                   rc;
    ngx_str_t                   range;
    ngx_uint_t                  count;
    ngx_workers_response_t     *response;
    ngx_workers_cache_view_t    view;
    ngx_workers_cache_range_t  *ranges;

    if (ngx_workers_cache_view(&entry->head, &view) != NGX_OK) {
        return JS_UNDEFINED;
    }

    object = ngx_workers_response_new(cx, &response);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    response->status = view.status;
    response->encode_manual = !!(view.flags & NGX_WORKERS_CACHE_MANUAL);

    response->headers = ngx_workers_headers_create(cx);

    if (response->headers == NULL) {
        goto failed;
    }

    ranges = NULL;
    count = 0;
    rc = NGX_DECLINED;

    if (ngx_workers_cache_not_modified(c, &view.etag, &view.last_modified)) {
        response->status = 304;

        if (ngx_workers_cache_fields(cx, response->headers, &view,
                                     entry->length, NULL, NULL)
            != NGX_OK)
        {
            goto failed;
        }

        goto done;
    }

    if (c->range.len != 0) {

        for (count = 1, n = 0; n < c->range.len; n++) {
            count += (c->range.data[n] == ',');
        }

        ranges = js_malloc(cx, count * sizeof(ngx_workers_cache_range_t));
        if (ranges == NULL) {
            goto failed;
        }

        rc = ngx_workers_cache_ranges(&c->range, entry->length, ranges,
                                      &count);
    }

    range.data = text;

    if (rc == NGX_ERROR) {
        response->status = 416;
        range.len = ngx_sprintf(text, "bytes */%O", entry->length) - text;

        ngx_str_null(&view.fields);
        view.flags = 0;

        rc = ngx_workers_cache_fields(cx, response->headers, &view, 0, &range,
                                      NULL);
        if (rc == NGX_OK) {
            rc = ngx_workers_cache_body(cx, entry, &response->body, 0, 0);
        }

    } else if (rc == NGX_OK && count == 1) {
        response->status = 206;
        range.len = ngx_sprintf(text, "bytes %O-%O/%O", ranges->start,
                                ranges->end - 1, entry->length)
                    - text;

        view.flags |= NGX_WORKERS_CACHE_LENGTH;

        rc = ngx_workers_cache_fields(cx, response->headers, &view,
                                      ranges->end - ranges->start, &range,
                                      NULL);
        if (rc == NGX_OK) {
            rc = ngx_workers_cache_body(cx, entry, &response->body,
                                        ranges->start,
                                        ranges->end - ranges->start);
        }

    } else if (rc == NGX_OK) {
        response->status = 206;
        rc = ngx_workers_cache_parts(cx, response, entry, &view, ranges,
                                     count);

    } else {
        rc = ngx_workers_cache_fields(cx, response->headers, &view,
                                      entry->length, NULL, NULL);
        if (rc == NGX_OK) {
            rc = ngx_workers_cache_body(cx, entry, &response->body, 0,
                                        entry->length);
        }
    }

    js_free(cx, ranges);

    if (rc != NGX_OK) {
        goto failed;
    }

done:

    response->headers->guard = NGX_WORKERS_GUARD_IMMUTABLE;

    return object;

failed:

    JS_FreeValue(cx, object);

    return JS_EXCEPTION;
}


/* range, type: in place of what the entry has of these. */

static ngx_int_t
ngx_workers_cache_fields(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_workers_cache_view_t *view, off_t length, ngx_str_t *range,
    ngx_str_t *type)
{
    u_char     text[NGX_OFF_T_LEN];
    ngx_str_t  fields, name, value;

    fields = view->fields;

    while (ngx_workers_cache_next(&fields, &name, &value) == NGX_OK) {

        if ((range != NULL && ngx_workers_cache_is(&name, "content-range"))
            || (type != NULL && ngx_workers_cache_is(&name, "content-type")))
        {
            continue;
        }

        if (ngx_workers_headers_add(cx, headers, &name, &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if ((view->flags & NGX_WORKERS_CACHE_LENGTH) && !view->coded) {
        value.data = text;
        value.len = ngx_sprintf(text, "%O", length) - text;

        if (ngx_workers_cache_add_field(cx, headers, "Content-Length", &value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (range != NULL
        && ngx_workers_cache_add_field(cx, headers, "Content-Range", range)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (type != NULL
        && ngx_workers_cache_add_field(cx, headers, "Content-Type", type)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&value, "HIT");

    return ngx_workers_cache_add_field(cx, headers, "CF-Cache-Status", &value);
}


static ngx_int_t
ngx_workers_cache_add_field(JSContext *cx, ngx_workers_headers_t *headers,
    const char *name, ngx_str_t *value)
{
    ngx_str_t  s;

    s.data = (u_char *) name;
    s.len = ngx_strlen(name);

    return ngx_workers_headers_add(cx, headers, &s, value);
}


static ngx_int_t
ngx_workers_cache_body(JSContext *cx, ngx_workers_cache_entry_t *entry,
    ngx_workers_body_t *body, off_t start, off_t length)
{
    ngx_workers_piece_t  piece;

    if (entry->body != NULL || length == 0) {
        body->value = JS_NewUint8ArrayCopy(cx, length ? entry->body + start
                                                      : (u_char *) "",
                                           length);
        if (JS_IsException(body->value)) {
            body->value = JS_UNDEFINED;
            return NGX_ERROR;
        }

        body->type = NGX_WORKERS_BODY_BYTES;

        return NGX_OK;
    }

    piece.data = NULL;
    piece.offset = entry->offset + start;
    piece.length = length;

    return ngx_workers_cache_pieces(cx, entry, body, &piece, 1);
}


/* RFC 9110, section 14.6. */

static ngx_int_t
ngx_workers_cache_parts(JSContext *cx, ngx_workers_response_t *response,
    ngx_workers_cache_entry_t *entry, ngx_workers_cache_view_t *view,
    ngx_workers_cache_range_t *ranges, ngx_uint_t n)
{
    off_t                 length;
    u_char               *p, *text, *body, random[16], boundary[32];
    u_char                type[sizeof("multipart/byteranges; boundary=")
                               + sizeof(boundary)];
    size_t                size;
    ngx_int_t             rc;
    ngx_str_t             value;
    ngx_uint_t            i;
    ngx_workers_piece_t  *pieces, *piece;

    if (RAND_bytes(random, sizeof(random)) != 1) {
        (void) JS_ThrowInternalError(cx, "no random values can be made");
        return NGX_ERROR;
    }

    ngx_hex_dump(boundary, random, sizeof(random));

    size = n * (sizeof("--" CRLF "Content-Type: " CRLF "Content-Range: bytes "
                       "-/" CRLF CRLF CRLF)
                + sizeof(boundary) + view->content_type.len
                + 3 * NGX_OFF_T_LEN)
           + sizeof("----") + sizeof(boundary);

    pieces = js_malloc(cx, (2 * n + 1) * sizeof(ngx_workers_piece_t) + size);
    if (pieces == NULL) {
        return NGX_ERROR;
    }

    piece = pieces;
    p = (u_char *) (pieces + 2 * n + 1);
    length = 0;

    for (i = 0; i < n; i++) {
        text = p;

        p = ngx_sprintf(p, "%s--%*s" CRLF, i == 0 ? "" : CRLF,
                        sizeof(boundary), boundary);

        if (view->content_type.len != 0) {
            p = ngx_cpymem(p, "Content-Type: ", sizeof("Content-Type: ") - 1);
            p = ngx_cpymem(p, view->content_type.data,
                           view->content_type.len);
            *p++ = CR; *p++ = LF;
        }

        p = ngx_sprintf(p, "Content-Range: bytes %O-%O/%O" CRLF CRLF,
                        ranges[i].start, ranges[i].end - 1, entry->length);

        piece->data = text;
        piece->length = p - text;
        length += piece->length;
        piece++;

        piece->data = (entry->body != NULL) ? entry->body + ranges[i].start
                                            : NULL;
        piece->offset = entry->offset + ranges[i].start;
        piece->length = ranges[i].end - ranges[i].start;
        length += piece->length;
        piece++;
    }

    text = p;
    p = ngx_sprintf(p, CRLF "--%*s--", sizeof(boundary), boundary);

    piece->data = text;
    piece->length = p - text;
    length += piece->length;
    piece++;

    value.data = type;
    value.len = ngx_sprintf(type, "multipart/byteranges; boundary=%*s",
                            sizeof(boundary), boundary)
                - type;

    rc = ngx_workers_cache_fields(cx, response->headers, view, length, NULL,
                                  &value);
    if (rc != NGX_OK) {
        goto done;
    }

    if (entry->body == NULL) {
        rc = ngx_workers_cache_pieces(cx, entry, &response->body, pieces,
                                      piece - pieces);
        goto done;
    }

    rc = NGX_ERROR;

    body = js_malloc(cx, length);
    if (body == NULL) {
        goto done;
    }

    p = body;

    for (i = 0; i < 2 * n + 1; i++) {
        p = ngx_cpymem(p, pieces[i].data, pieces[i].length);
    }

    response->body.value = JS_NewUint8ArrayCopy(cx, body, length);
    js_free(cx, body);

    if (JS_IsException(response->body.value)) {
        response->body.value = JS_UNDEFINED;

    } else {
        response->body.type = NGX_WORKERS_BODY_BYTES;
        rc = NGX_OK;
    }

done:

    js_free(cx, pieces);

    return rc;
}


static ngx_int_t
ngx_workers_cache_pieces(JSContext *cx, ngx_workers_cache_entry_t *entry,
    ngx_workers_body_t *body, ngx_workers_piece_t *pieces, ngx_uint_t n)
{
    ngx_workers_source_t   *source;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    source = ngx_workers_file(iso->inv,
                              ngx_workers_cache_store_jobs(iso->cache),
                              entry->fd, pieces, n);
    if (source == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NGX_ERROR;
    }

    entry->fd = NGX_INVALID_FILE;

    return ngx_workers_body_set_source(cx, body, source);
}
