
/*
 * Copyright (C) the nginx-workers authors
 *
 * indexOf(), lastIndexOf() and includes() of a Buffer, in time that grows with
 * the sum of both lengths.
 */


#include "../core/ngx_workers_value.h"
#include "ngx_workers_node_buffer.h"
#include "ngx_workers_node_encoding.h"
#include "ngx_workers_node_errors.h"

#include <math.h>


#define NGX_WORKERS_NODE_INDEX     0
#define NGX_WORKERS_NODE_LAST      1
#define NGX_WORKERS_NODE_INCLUDES  2


/* What is searched, in units of one or two bytes. */
typedef struct {
    ngx_str_t    hay;
    ngx_str_t    needle;
    size_t       unit;
    ngx_uint_t   backward;
} ngx_workers_node_search_t;


static JSValue ngx_workers_node_ext_search(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static ngx_int_t ngx_workers_node_search_text(JSContext *cx,
    JSValueConst this_val, JSValueConst value, JSValueConst encoding,
    double offset, ngx_workers_node_search_t *s, int64_t *found);
static ngx_int_t ngx_workers_node_search(JSContext *cx,
    ngx_workers_node_search_t *s, double offset, int64_t *found);
static ngx_int_t ngx_workers_node_search_slow(JSContext *cx,
    ngx_workers_node_search_t *s, size_t from, int64_t *found);
static ngx_uint_t ngx_workers_node_unit(ngx_workers_node_search_t *s,
    ngx_str_t *str, size_t i);


static const JSCFunctionListEntry  ngx_workers_node_searches[] = {
    NGX_WORKERS_METHOD_MAGIC("includes", 3, ngx_workers_node_ext_search,
                             NGX_WORKERS_NODE_INCLUDES),
    NGX_WORKERS_METHOD_MAGIC("indexOf", 3, ngx_workers_node_ext_search,
                             NGX_WORKERS_NODE_INDEX),
    NGX_WORKERS_METHOD_MAGIC("lastIndexOf", 3, ngx_workers_node_ext_search,
                             NGX_WORKERS_NODE_LAST),
};


ngx_int_t
ngx_workers_node_buffer_search(JSContext *cx, JSValueConst proto)
{
    if (JS_SetPropertyFunctionList(cx, proto, ngx_workers_node_searches,
                              ngx_workers_nitems(ngx_workers_node_searches))
        < 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* (value, byteOffset, encoding), or (value, encoding) */

static JSValue
ngx_workers_node_ext_search(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    u_char                      byte;
    double                      offset;
    int32_t                     number;
    int64_t                     found;
    ngx_int_t                   rc;
    JSValueConst                place, encoding;
    ngx_workers_node_search_t   s;

    place = argv[1];
    encoding = argv[2];

    if (JS_IsString(place)) {
        encoding = place;
        place = JS_UNDEFINED;
    }

    s.unit = 1;
    s.backward = (magic == NGX_WORKERS_NODE_LAST);

    if (ngx_workers_node_number(cx, place, NAN, &offset) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (isnan(offset)) {
        offset = s.backward ? (double) NGX_MAX_INT_T_VALUE : 0;
    }

    if (JS_IsString(argv[0])) {
        rc = ngx_workers_node_search_text(cx, this_val, argv[0], encoding,
                                          offset, &s, &found);

    } else if (JS_IsNumber(argv[0])) {

        if (JS_ToInt32(cx, &number, argv[0]) < 0
            || ngx_workers_node_bytes(cx, this_val, &s.hay) != NGX_OK)
        {
            return JS_EXCEPTION;
        }

        byte = number;

        s.needle.data = &byte;
        s.needle.len = 1;

        rc = ngx_workers_node_search(cx, &s, offset, &found);

    } else if (ngx_workers_node_is_uint8(argv[0])) {

        if (!JS_IsUndefined(encoding) && !JS_IsNull(encoding)) {

            rc = ngx_workers_node_encoding(cx, encoding);

            if (rc == NGX_ERROR) {
                return JS_EXCEPTION;
            }

            s.unit = (rc == NGX_WORKERS_NODE_UTF16LE) ? 2 : 1;
        }

        if (ngx_workers_node_bytes(cx, this_val, &s.hay) != NGX_OK
            || ngx_workers_node_bytes(cx, argv[0], &s.needle) != NGX_OK)
        {
            return JS_EXCEPTION;
        }

        rc = ngx_workers_node_search(cx, &s, offset, &found);

    } else {
        return ngx_workers_node_invalid_type(cx, "value",
                                       "number|string|Buffer|Uint8Array",
                                       argv[0]);
    }

    if (rc != NGX_OK) {
        return JS_EXCEPTION;
    }

    return (magic == NGX_WORKERS_NODE_INCLUDES) ? JS_NewBool(cx, found != -1)
                                                : JS_NewInt64(cx, found);
}


static ngx_int_t
ngx_workers_node_search_text(JSContext *cx, JSValueConst this_val,
    JSValueConst value, JSValueConst name, double offset,
    ngx_workers_node_search_t *s, int64_t *found)
{
    ngx_int_t  rc, encoding;

    encoding = ngx_workers_node_encoding(cx, JS_IsNull(name) ? JS_UNDEFINED
                                                             : name);
    if (encoding == NGX_ERROR) {
        return NGX_ERROR;
    }

    s->unit = (encoding == NGX_WORKERS_NODE_UTF16LE) ? 2 : 1;

    s->needle.data = ngx_workers_node_encoding_bytes(cx, encoding, value,
                                                     &s->needle.len);
    if (s->needle.data == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_workers_node_bytes(cx, this_val, &s->hay);

    if (rc == NGX_OK) {
        rc = ngx_workers_node_search(cx, s, offset, found);
    }

    js_free(cx, s->needle.data);

    return rc;
}


/*
 * From an offset, which counts from the end if it is negative; *found: where,
 * or -1.
 */

static ngx_int_t
ngx_workers_node_search(JSContext *cx, ngx_workers_node_search_t *s,
    double offset, int64_t *found)
{
    size_t   len, from;
    u_char  *p;

    *found = -1;
    len = s->hay.len;

    if (offset < 0) {
        offset += (double) len;

        if (offset < 0) {

            if (s->backward && s->needle.len != 0) {
                return NGX_OK;
            }

            offset = 0;
        }
    }

    from = (offset > (double) len) ? len : (size_t) offset;

    if (s->needle.len == 0) {
        *found = from;
        return NGX_OK;
    }

    if (s->needle.len > len) {
        return NGX_OK;
    }

    if (s->backward) {
        from = ngx_min(from, len - s->needle.len);

    } else if (from > len - s->needle.len) {
        return NGX_OK;
    }

    if (s->needle.len < s->unit) {
        return NGX_OK;
    }

    if (s->unit != 1 || (s->backward && s->needle.len != 1)) {
        return ngx_workers_node_search_slow(cx, s, from, found);
    }

    if (s->backward) {
        p = memrchr(s->hay.data, s->needle.data[0], from + 1);

    } else if (s->needle.len == 1) {
        p = memchr(s->hay.data + from, s->needle.data[0], len - from);

    } else {
        p = memmem(s->hay.data + from, len - from, s->needle.data,
                   s->needle.len);
    }

    if (p != NULL) {
        *found = p - s->hay.data;
    }

    return NGX_OK;
}


/*
 * Of units, or backward: Knuth, Morris and Pratt's.  The table says for each
 * length of what has matched how much of it still does when the next unit
 * does not.
 */

static ngx_int_t
ngx_workers_node_search_slow(JSContext *cx, ngx_workers_node_search_t *s,
    size_t from, int64_t *found)
{
    size_t      i, k, n, len;
    uint32_t   *table;
    ngx_str_t   hay;
    ngx_uint_t  unit;

    n = s->needle.len / s->unit;

    /* what there is to search; units are those of the whole */

    hay = s->hay;

    if (s->backward) {
        hay.len = (from / s->unit + n) * s->unit;

    } else {
        from = (from + s->unit - 1) / s->unit * s->unit;
        hay.data += from;
        hay.len -= from;
    }

    len = hay.len / s->unit;

    table = js_malloc(cx, n * sizeof(uint32_t));
    if (table == NULL) {
        return NGX_ERROR;
    }

    table[0] = 0;
    k = 0;

    for (i = 1; i < n; i++) {
        unit = ngx_workers_node_unit(s, &s->needle, i);

        while (k != 0 && ngx_workers_node_unit(s, &s->needle, k) != unit) {
            k = table[k - 1];
        }

        if (ngx_workers_node_unit(s, &s->needle, k) == unit) {
            k++;
        }

        table[i] = k;
    }

    k = 0;

    for (i = 0; i < len; i++) {
        unit = ngx_workers_node_unit(s, &hay, i);

        while (k != 0 && ngx_workers_node_unit(s, &s->needle, k) != unit) {
            k = table[k - 1];
        }

        if (ngx_workers_node_unit(s, &s->needle, k) == unit) {
            k++;
        }

        if (k == n) {
            *found = s->backward ? (len - 1 - i) * s->unit
                                 : (i + 1 - n) * s->unit + from;
            break;
        }
    }

    js_free(cx, table);

    return NGX_OK;
}


/* The unit at i, counted from the end when the search goes backward. */

static ngx_uint_t
ngx_workers_node_unit(ngx_workers_node_search_t *s, ngx_str_t *str, size_t i)
{
    u_char  *p;

    if (s->backward) {
        i = str->len / s->unit - 1 - i;
    }

    p = str->data + i * s->unit;

    return (s->unit == 1) ? p[0] : p[0] | (p[1] << 8);
}
