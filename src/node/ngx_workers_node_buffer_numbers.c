
/*
 * Copyright (C) the nginx-workers authors
 *
 * Numbers in a Buffer: readInt32LE() and its like.
 */


#include "ngx_workers_node_buffer.h"
#include "ngx_workers_node_errors.h"

#include <math.h>


#define NGX_WORKERS_NODE_SIGNED   0x10
#define NGX_WORKERS_NODE_BE       0x20
#define NGX_WORKERS_NODE_FLOAT    0x40
#define NGX_WORKERS_NODE_BIG      0x80

#define NGX_WORKERS_NODE_SIZE     0x0f     /* 0: an argument says it */

#define NGX_WORKERS_NODE_VAR_MAX  6


typedef struct {
    size_t                 size;
    ngx_uint_t             flags;
    uint64_t               bits;           /* what is written */
} ngx_workers_node_number_t;


static JSValue ngx_workers_node_ext_read(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_node_ext_write(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_node_value(JSContext *cx, const u_char *p,
    size_t size, ngx_uint_t flags);
static ngx_int_t ngx_workers_node_bits(JSContext *cx, JSValueConst value,
    ngx_workers_node_number_t *n);
static ngx_int_t ngx_workers_node_big_bits(JSContext *cx, JSValueConst value,
    ngx_workers_node_number_t *n);
static ngx_int_t ngx_workers_node_size(JSContext *cx, JSValueConst v,
    size_t *size);
static ngx_int_t ngx_workers_node_place(JSContext *cx, JSValueConst v,
    size_t size, size_t len, size_t *offset);
static void ngx_workers_node_value_range(JSContext *cx, JSValueConst value,
    ngx_workers_node_number_t *n);


#define ngx_workers_node_read(name, length, magic)                            \
    NGX_WORKERS_METHOD_MAGIC("read" name, length, ngx_workers_node_ext_read,  \
                             magic)
#define ngx_workers_node_write(name, length, magic)                           \
    NGX_WORKERS_METHOD_MAGIC("write" name, length,                            \
                             ngx_workers_node_ext_write, magic)

#define ngx_workers_node_both(name, read, write, magic)                       \
    ngx_workers_node_read(name, read, magic),                                 \
    ngx_workers_node_write(name, write, magic)


static const JSCFunctionListEntry  ngx_workers_node_numbers[] = {

    ngx_workers_node_both("UIntLE", 2, 3, 0),
    ngx_workers_node_both("UintLE", 2, 3, 0),
    ngx_workers_node_both("UIntBE", 2, 3, NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("UintBE", 2, 3, NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("IntLE", 2, 3, NGX_WORKERS_NODE_SIGNED),
    ngx_workers_node_both("IntBE", 2, 3,
                          NGX_WORKERS_NODE_SIGNED | NGX_WORKERS_NODE_BE),

    ngx_workers_node_both("UInt8", 0, 1, 1),
    ngx_workers_node_both("Uint8", 0, 1, 1),
    ngx_workers_node_both("UInt16LE", 0, 1, 2),
    ngx_workers_node_both("Uint16LE", 0, 1, 2),
    ngx_workers_node_both("UInt16BE", 0, 1, 2 | NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("Uint16BE", 0, 1, 2 | NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("UInt32LE", 0, 1, 4),
    ngx_workers_node_both("Uint32LE", 0, 1, 4),
    ngx_workers_node_both("UInt32BE", 0, 1, 4 | NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("Uint32BE", 0, 1, 4 | NGX_WORKERS_NODE_BE),

    ngx_workers_node_both("Int8", 0, 1, 1 | NGX_WORKERS_NODE_SIGNED),
    ngx_workers_node_both("Int16LE", 0, 1, 2 | NGX_WORKERS_NODE_SIGNED),
    ngx_workers_node_both("Int16BE", 0, 1,
                          2 | NGX_WORKERS_NODE_SIGNED | NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("Int32LE", 0, 1, 4 | NGX_WORKERS_NODE_SIGNED),
    ngx_workers_node_both("Int32BE", 0, 1,
                          4 | NGX_WORKERS_NODE_SIGNED | NGX_WORKERS_NODE_BE),

    ngx_workers_node_both("BigUInt64LE", 0, 1, 8 | NGX_WORKERS_NODE_BIG),
    ngx_workers_node_both("BigUint64LE", 0, 1, 8 | NGX_WORKERS_NODE_BIG),
    ngx_workers_node_both("BigUInt64BE", 0, 1,
                          8 | NGX_WORKERS_NODE_BIG | NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("BigUint64BE", 0, 1,
                          8 | NGX_WORKERS_NODE_BIG | NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("BigInt64LE", 0, 1,
                          8 | NGX_WORKERS_NODE_BIG | NGX_WORKERS_NODE_SIGNED),
    ngx_workers_node_both("BigInt64BE", 0, 1,
                          8 | NGX_WORKERS_NODE_BIG | NGX_WORKERS_NODE_SIGNED
                          | NGX_WORKERS_NODE_BE),

    ngx_workers_node_both("FloatLE", 0, 2, 4 | NGX_WORKERS_NODE_FLOAT),
    ngx_workers_node_both("FloatBE", 0, 2,
                          4 | NGX_WORKERS_NODE_FLOAT | NGX_WORKERS_NODE_BE),
    ngx_workers_node_both("DoubleLE", 0, 2, 8 | NGX_WORKERS_NODE_FLOAT),
    ngx_workers_node_both("DoubleBE", 0, 2,
                          8 | NGX_WORKERS_NODE_FLOAT | NGX_WORKERS_NODE_BE),
};


ngx_int_t
ngx_workers_node_buffer_numbers(JSContext *cx, JSValueConst proto)
{
    if (JS_SetPropertyFunctionList(cx, proto, ngx_workers_node_numbers,
                              ngx_workers_nitems(ngx_workers_node_numbers))
        < 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* (offset), or (offset, byteLength) */

static JSValue
ngx_workers_node_ext_read(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    size_t        size, offset;
    ngx_str_t     bytes;
    JSValueConst  place;

    place = (argc > 0) ? argv[0] : JS_UNDEFINED;
    size = magic & NGX_WORKERS_NODE_SIZE;

    if (size == 0) {

        if (JS_IsUndefined(place)) {
            return ngx_workers_node_invalid_type(cx, "offset", "number",
                                                 place);
        }

        if (ngx_workers_node_size(cx, argv[1], &size) != NGX_OK) {
            return JS_EXCEPTION;
        }
    }

    if (ngx_workers_node_bytes(cx, this_val, &bytes) != NGX_OK
        || ngx_workers_node_place(cx, place, size, bytes.len, &offset)
           != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    return ngx_workers_node_value(cx, bytes.data + offset, size, magic);
}


/* (value, offset), or (value, offset, byteLength): the end of what it wrote */

static JSValue
ngx_workers_node_ext_write(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    size_t                     i, offset;
    u_char                    *p;
    ngx_str_t                  bytes;
    JSValueConst               place;
    ngx_workers_node_number_t  n;

    place = (argc > 1) ? argv[1] : JS_UNDEFINED;

    n.flags = magic;
    n.size = magic & NGX_WORKERS_NODE_SIZE;

    if (n.size == 0) {

        if (ngx_workers_node_size(cx, argv[2], &n.size) != NGX_OK) {
            return JS_EXCEPTION;
        }

        if (JS_IsUndefined(place)) {
            return ngx_workers_node_invalid_type(cx, "offset", "number",
                                                 place);
        }
    }

    if (ngx_workers_node_bits(cx, argv[0], &n) != NGX_OK
        || ngx_workers_node_writable(cx, this_val, &bytes) != NGX_OK
        || ngx_workers_node_place(cx, place, n.size, bytes.len, &offset)
           != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    p = bytes.data + offset;

    if (n.flags & NGX_WORKERS_NODE_BE) {
        for (i = n.size; i > 0; i--) {
            p[i - 1] = n.bits;
            n.bits >>= 8;
        }

    } else {
        for (i = 0; i < n.size; i++) {
            p[i] = n.bits;
            n.bits >>= 8;
        }
    }

    return JS_NewInt64(cx, offset + n.size);
}


static JSValue
ngx_workers_node_value(JSContext *cx, const u_char *p, size_t size,
    ngx_uint_t flags)
{
    float     f;
    double    d;
    size_t    i;
    uint32_t  single;
    uint64_t  bits;

    bits = 0;

    if (flags & NGX_WORKERS_NODE_BE) {
        for (i = 0; i < size; i++) {
            bits = (bits << 8) | p[i];
        }

    } else {
        for (i = size; i > 0; i--) {
            bits = (bits << 8) | p[i - 1];
        }
    }

    if (flags & NGX_WORKERS_NODE_FLOAT) {

        if (size == sizeof(float)) {
            single = bits;
            ngx_memcpy(&f, &single, sizeof(float));
            d = f;

        } else {
            ngx_memcpy(&d, &bits, sizeof(double));
        }

        return JS_NewFloat64(cx, d);
    }

    if (flags & NGX_WORKERS_NODE_BIG) {
        return (flags & NGX_WORKERS_NODE_SIGNED) ? JS_NewBigInt64(cx, bits)
                                                 : JS_NewBigUint64(cx, bits);
    }

    if (flags & NGX_WORKERS_NODE_SIGNED) {
        i = 64 - 8 * size;
        return JS_NewInt64(cx, (int64_t) (bits << i) >> i);
    }

    return JS_NewInt64(cx, bits);
}


static ngx_int_t
ngx_workers_node_bits(JSContext *cx, JSValueConst value,
    ngx_workers_node_number_t *n)
{
    float     f;
    double    d, low, high;
    uint32_t  single;

    if (n->flags & NGX_WORKERS_NODE_BIG) {
        return ngx_workers_node_big_bits(cx, value, n);
    }

    if (JS_ToFloat64(cx, &d, value) < 0) {
        return NGX_ERROR;
    }

    if (n->flags & NGX_WORKERS_NODE_FLOAT) {

        if (n->size == sizeof(float)) {
            f = d;
            ngx_memcpy(&single, &f, sizeof(float));
            n->bits = single;

        } else {
            ngx_memcpy(&n->bits, &d, sizeof(double));
        }

        return NGX_OK;
    }

    high = (double) ((uint64_t) 1 << (8 * n->size));
    low = 0;

    if (n->flags & NGX_WORKERS_NODE_SIGNED) {
        high /= 2;
        low = -high;
    }

    if (d < low || d > high - 1) {
        ngx_workers_node_value_range(cx, JS_NewFloat64(cx, d), n);
        return NGX_ERROR;
    }

    n->bits = isnan(d) ? 0 : (uint64_t) (int64_t) d;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_node_big_bits(JSContext *cx, JSValueConst value,
    ngx_workers_node_number_t *n)
{
    bool     same;
    int64_t  bits;
    JSValue  back;

    if (!JS_IsBigInt(value)) {
        (void) JS_ThrowTypeError(cx, "Cannot mix BigInt and other types, use "
                                 "explicit conversions");
        return NGX_ERROR;
    }

    if (JS_ToBigInt64(cx, &bits, value) < 0) {
        return NGX_ERROR;
    }

    back = (n->flags & NGX_WORKERS_NODE_SIGNED) ? JS_NewBigInt64(cx, bits)
                                                : JS_NewBigUint64(cx, bits);
    if (JS_IsException(back)) {
        return NGX_ERROR;
    }

    same = JS_IsStrictEqual(cx, back, value);
    JS_FreeValue(cx, back);

    if (!same) {
        ngx_workers_node_value_range(cx, value, n);
        return NGX_ERROR;
    }

    n->bits = bits;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_node_size(JSContext *cx, JSValueConst v, size_t *size)
{
    double  d;

    if (JS_IsBigInt(v)) {
        (void) JS_ThrowTypeError(cx, "cannot convert bigint to number");
        return NGX_ERROR;
    }

    if (!JS_IsNumber(v)) {
        (void) ngx_workers_node_out_of_range(cx, "byteLength", "an integer",
                                             v);
        return NGX_ERROR;
    }

    (void) JS_ToFloat64(cx, &d, v);

    if (d >= 1 && d <= NGX_WORKERS_NODE_VAR_MAX && d == floor(d)) {
        *size = d;
        return NGX_OK;
    }

    (void) ngx_workers_node_out_of_range(cx, "byteLength",
                                         isinf(d) || d == floor(d)
                                         ? ">= 1 and <= 6" : "an integer", v);

    return NGX_ERROR;
}


/* Where a number of size bytes is, of len. */

static ngx_int_t
ngx_workers_node_place(JSContext *cx, JSValueConst v, size_t size, size_t len,
    size_t *offset)
{
    u_char  range[NGX_SIZE_T_LEN + sizeof(">= 0 and <= ")];

    if (ngx_workers_node_index(cx, v, "offset", 0, len, offset) != NGX_OK) {
        return NGX_ERROR;
    }

    if (len < size) {
        (void) ngx_workers_node_error(cx, "rangeError",
                                      "ERR_BUFFER_OUT_OF_BOUNDS",
                                      "Attempt to access memory outside "
                                      "buffer bounds");
        return NGX_ERROR;
    }

    if (*offset > len - size) {
        (void) ngx_snprintf(range, sizeof(range), ">= 0 and <= %uz%Z",
                            len - size);
        (void) ngx_workers_node_out_of_range(cx, "offset", (char *) range, v);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_workers_node_value_range(JSContext *cx, JSValueConst value,
    ngx_workers_node_number_t *n)
{
    int64_t      high;
    ngx_uint_t   bits, is_signed;
    const char  *big;
    u_char       range[2 * NGX_INT64_LEN + sizeof(">= -(2n ** n) and < n")];

    is_signed = (n->flags & NGX_WORKERS_NODE_SIGNED) != 0;
    big = (n->flags & NGX_WORKERS_NODE_BIG) ? "n" : "";
    bits = 8 * n->size - is_signed;

    if (n->size <= 4) {
        high = (int64_t) 1 << bits;
        (void) ngx_snprintf(range, sizeof(range), ">= %L and <= %L%Z",
                            is_signed ? -high : 0, high - 1);

    } else if (is_signed) {
        (void) ngx_snprintf(range, sizeof(range),
                            ">= -(2%s ** %ui%s) and < 2 ** %ui%s%Z",
                            big, bits, big, bits, big);

    } else {
        (void) ngx_snprintf(range, sizeof(range),
                            ">= 0%s and < 2%s ** %ui%s%Z",
                            big, big, bits, big);
    }

    (void) ngx_workers_node_out_of_range(cx, "value", (char *) range, value);
}
