
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "node:zlib": zlib, brotli and Zstandard, as a coder that
 * takes bytes and gives pieces of output.  It computes in the event loop, as
 * the sync functions must; streams bring a chunk at a time.
 */


#include "../core/ngx_workers_isolate.h"
#include "ngx_workers_node_buffer.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>


#define NGX_WORKERS_NODE_ZLIB_PIECE  65536


/* Modes, as Node.js numbers them. */
typedef enum {
    NGX_WORKERS_NODE_DEFLATE = 1,
    NGX_WORKERS_NODE_INFLATE,
    NGX_WORKERS_NODE_GZIP,
    NGX_WORKERS_NODE_GUNZIP,
    NGX_WORKERS_NODE_DEFLATE_RAW,
    NGX_WORKERS_NODE_INFLATE_RAW,
    NGX_WORKERS_NODE_UNZIP,
    NGX_WORKERS_NODE_BROTLI_DECODE,
    NGX_WORKERS_NODE_BROTLI_ENCODE,
    NGX_WORKERS_NODE_ZSTD_COMPRESS,
    NGX_WORKERS_NODE_ZSTD_DECOMPRESS
} ngx_workers_node_zlib_e;


typedef struct {
    ngx_workers_node_zlib_e   mode;
    JSRuntime                *rt;
    z_stream                  zs;
    BrotliEncoderState       *encoder;
    BrotliDecoderState       *decoder;
    ZSTD_CCtx                *compressor;
    ZSTD_DCtx                *decompressor;

    u_char                   *dictionary;   /* js_malloc'ed, or NULL */
    size_t                    dictionary_len;

    int                       error;        /* as Node.js numbers them */
    const char               *message;

    unsigned                  open:1;       /* zs is */
    unsigned                  done:1;       /* at the end of a stream */
} ngx_workers_node_zlib_t;


static JSValue ngx_workers_node_zlib_make(JSContext *cx);
static JSValue ngx_workers_node_zlib_ext_coder(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static int ngx_workers_node_zlib_open(ngx_workers_node_zlib_t *z, int level,
    int bits, int memory, int strategy);
static JSValue ngx_workers_node_zlib_ext_param(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_zlib_ext_params(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_zlib_ext_reset(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_zlib_ext_run(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_node_zlib_step(ngx_workers_node_zlib_t *z,
    ngx_str_t *in, u_char *out, size_t size, int flush, size_t *n);
static ngx_int_t ngx_workers_node_zlib_zlib(ngx_workers_node_zlib_t *z,
    ngx_str_t *in, u_char *out, size_t size, int flush, size_t *n);
static ngx_int_t ngx_workers_node_zlib_fail(ngx_workers_node_zlib_t *z,
    int error, const char *message);
static JSValue ngx_workers_node_zlib_ext_crc32(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_node_zlib_finalizer(JSRuntime *rt, JSValueConst val);
static void *ngx_workers_node_zlib_zalloc(void *opaque, unsigned n,
    unsigned size);
static void *ngx_workers_node_zlib_alloc(void *opaque, size_t size);
static void ngx_workers_node_zlib_free(void *opaque, void *p);


static const JSCFunctionListEntry  ngx_workers_node_zlib_methods[] = {
    JS_CFUNC_DEF("coder", 6, ngx_workers_node_zlib_ext_coder),
    JS_CFUNC_DEF("crc32", 2, ngx_workers_node_zlib_ext_crc32),
};


static const JSCFunctionListEntry  ngx_workers_node_zlib_proto[] = {
    JS_CFUNC_DEF("param", 2, ngx_workers_node_zlib_ext_param),
    JS_CFUNC_DEF("params", 2, ngx_workers_node_zlib_ext_params),
    JS_CFUNC_DEF("reset", 0, ngx_workers_node_zlib_ext_reset),
    JS_CFUNC_DEF("run", 3, ngx_workers_node_zlib_ext_run),
};


static ngx_workers_class_t  ngx_workers_node_zlib_class = {
    .def = {
        .class_name = "NodeCoder",
        .finalizer = ngx_workers_node_zlib_finalizer
    },
    .proto = ngx_workers_node_zlib_proto,
    .nproto = ngx_workers_nitems(ngx_workers_node_zlib_proto),
    .hidden = 1,
    .lazy = 1
};


static ngx_workers_class_t  *ngx_workers_node_zlib_classes[] = {
    &ngx_workers_node_zlib_class,
    NULL
};


ngx_workers_web_t  ngx_workers_node_zlib_web = {
    .classes = ngx_workers_node_zlib_classes
};


ngx_workers_native_t  ngx_workers_node_zlib_native = {
    "zlib", ngx_workers_node_zlib_make
};


static JSValue
ngx_workers_node_zlib_make(JSContext *cx)
{
    JSValue  native;

    if (ngx_workers_class_add(cx, ngx_workers_isolate(cx)->global,
                              &ngx_workers_node_zlib_class)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                            ngx_workers_node_zlib_methods,
                            ngx_workers_nitems(ngx_workers_node_zlib_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/*
 * coder(mode, level, windowBits, memLevel, strategy, dictionary | undefined);
 * a string: why there is none.
 */

static JSValue
ngx_workers_node_zlib_ext_coder(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int32_t                   n[5];
    JSValue                   object;
    ngx_int_t                 i;
    ngx_str_t                 dictionary;
    ngx_workers_node_zlib_t  *z;

    for (i = 0; i < 5; i++) {
        if (JS_ToInt32(cx, &n[i], argv[i]) < 0) {
            return JS_EXCEPTION;
        }
    }

    ngx_str_null(&dictionary);

    if (!JS_IsUndefined(argv[5])
        && ngx_workers_node_bytes(cx, argv[5], &dictionary) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    object = JS_NewObjectClass(cx, ngx_workers_node_zlib_class.id);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    z = js_mallocz(cx, sizeof(ngx_workers_node_zlib_t));
    if (z == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    JS_SetOpaque(object, z);

    z->mode = n[0];
    z->rt = JS_GetRuntime(cx);

    if (dictionary.len != 0) {
        z->dictionary = js_malloc(cx, dictionary.len);

        if (z->dictionary == NULL) {
            JS_FreeValue(cx, object);
            return JS_EXCEPTION;
        }

        ngx_memcpy(z->dictionary, dictionary.data, dictionary.len);
        z->dictionary_len = dictionary.len;
    }

    if (!ngx_workers_node_zlib_open(z, n[1], n[2], n[3], n[4])) {
        JS_FreeValue(cx, object);
        return JS_NewString(cx, "Initialization failed");
    }

    return object;
}


static int
ngx_workers_node_zlib_open(ngx_workers_node_zlib_t *z, int level, int bits,
    int memory, int strategy)
{
    int  rc;

    switch (z->mode) {

    case NGX_WORKERS_NODE_BROTLI_ENCODE:
        z->encoder = BrotliEncoderCreateInstance(ngx_workers_node_zlib_alloc,
                                                 ngx_workers_node_zlib_free,
                                                 z->rt);
        return z->encoder != NULL;

    case NGX_WORKERS_NODE_BROTLI_DECODE:
        z->decoder = BrotliDecoderCreateInstance(ngx_workers_node_zlib_alloc,
                                                 ngx_workers_node_zlib_free,
                                                 z->rt);
        return z->decoder != NULL;

    case NGX_WORKERS_NODE_ZSTD_COMPRESS:
        z->compressor = ZSTD_createCCtx();
        return z->compressor != NULL;

    case NGX_WORKERS_NODE_ZSTD_DECOMPRESS:
        z->decompressor = ZSTD_createDCtx();
        return z->decompressor != NULL;

    default:
        break;
    }

    z->zs.zalloc = ngx_workers_node_zlib_zalloc;
    z->zs.zfree = ngx_workers_node_zlib_free;
    z->zs.opaque = z->rt;

    switch (z->mode) {

    case NGX_WORKERS_NODE_GZIP:
    case NGX_WORKERS_NODE_GUNZIP:
        bits += 16;
        break;

    case NGX_WORKERS_NODE_UNZIP:
        bits += 32;
        break;

    case NGX_WORKERS_NODE_DEFLATE_RAW:
    case NGX_WORKERS_NODE_INFLATE_RAW:
        bits = -bits;
        break;

    default:
        break;
    }

    if (z->mode == NGX_WORKERS_NODE_DEFLATE || z->mode == NGX_WORKERS_NODE_GZIP
        || z->mode == NGX_WORKERS_NODE_DEFLATE_RAW)
    {
        rc = deflateInit2(&z->zs, level, Z_DEFLATED, bits, memory, strategy);

        if (rc == Z_OK && z->dictionary != NULL) {
            (void) deflateSetDictionary(&z->zs, z->dictionary,
                                        z->dictionary_len);
        }

    } else {
        rc = inflateInit2(&z->zs, bits);

        if (rc == Z_OK && z->dictionary != NULL
            && z->mode == NGX_WORKERS_NODE_INFLATE_RAW)
        {
            (void) inflateSetDictionary(&z->zs, z->dictionary,
                                        z->dictionary_len);
        }
    }

    z->open = (rc == Z_OK);

    return z->open;
}


static ngx_workers_node_zlib_t *
ngx_workers_node_zlib_this(JSContext *cx, JSValueConst this_val)
{
    return ngx_workers_this(cx, this_val, ngx_workers_node_zlib_class.id);
}


/* param(key, value) of brotli and Zstandard: whether it was taken. */

static JSValue
ngx_workers_node_zlib_ext_param(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int                       ok;
    int64_t                   key, value;
    ngx_workers_node_zlib_t  *z;

    z = ngx_workers_node_zlib_this(cx, this_val);

    if (z == NULL || JS_ToInt64(cx, &key, argv[0]) < 0
        || JS_ToInt64(cx, &value, argv[1]) < 0)
    {
        return JS_EXCEPTION;
    }

    switch (z->mode) {

    case NGX_WORKERS_NODE_BROTLI_ENCODE:
        ok = BrotliEncoderSetParameter(z->encoder, key, value);
        break;

    case NGX_WORKERS_NODE_BROTLI_DECODE:
        ok = BrotliDecoderSetParameter(z->decoder, key, value);
        break;

    case NGX_WORKERS_NODE_ZSTD_COMPRESS:
        ok = !ZSTD_isError(ZSTD_CCtx_setParameter(z->compressor, key, value));
        break;

    case NGX_WORKERS_NODE_ZSTD_DECOMPRESS:
        ok = !ZSTD_isError(ZSTD_DCtx_setParameter(z->decompressor, key,
                                                  value));
        break;

    default:
        ok = 0;
    }

    return JS_NewBool(cx, ok);
}


/* params(level, strategy) of zlib. */

static JSValue
ngx_workers_node_zlib_ext_params(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int32_t                   level, strategy;
    u_char                    none[1];
    ngx_workers_node_zlib_t  *z;

    z = ngx_workers_node_zlib_this(cx, this_val);

    if (z == NULL || JS_ToInt32(cx, &level, argv[0]) < 0
        || JS_ToInt32(cx, &strategy, argv[1]) < 0)
    {
        return JS_EXCEPTION;
    }

    z->zs.next_in = none;
    z->zs.avail_in = 0;
    z->zs.next_out = none;
    z->zs.avail_out = 0;

    return JS_NewInt32(cx, z->open ? deflateParams(&z->zs, level, strategy)
                                   : Z_STREAM_ERROR);
}


static JSValue
ngx_workers_node_zlib_ext_reset(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_node_zlib_t  *z;

    z = ngx_workers_node_zlib_this(cx, this_val);
    if (z == NULL) {
        return JS_EXCEPTION;
    }

    z->done = 0;

    if (z->open) {

        if (z->mode == NGX_WORKERS_NODE_DEFLATE
            || z->mode == NGX_WORKERS_NODE_GZIP
            || z->mode == NGX_WORKERS_NODE_DEFLATE_RAW)
        {
            (void) deflateReset(&z->zs);

        } else {
            (void) inflateReset(&z->zs);
        }
    }

    return JS_UNDEFINED;
}


/*
 * run(bytes, flush, max): an array of pieces, with a member "failed" if it did:
 * [errno, message].  flush: as zlib's for zlib, as brotli's for brotli, as
 * ZSTD_EndDirective; max: bytes of output, of which there may be more.
 */

static JSValue
ngx_workers_node_zlib_ext_run(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t                    n, total;
    u_char                   *out;
    int32_t                   flush;
    int64_t                   max;
    JSValue                   array, piece, failed[2];
    uint32_t                  i;
    ngx_int_t                 rc;
    ngx_str_t                 in;
    ngx_workers_node_zlib_t  *z;

    z = ngx_workers_node_zlib_this(cx, this_val);

    if (z == NULL || ngx_workers_node_bytes(cx, argv[0], &in) != NGX_OK
        || JS_ToInt32(cx, &flush, argv[1]) < 0
        || JS_ToInt64(cx, &max, argv[2]) < 0)
    {
        return JS_EXCEPTION;
    }

    array = JS_NewArray(cx);
    out = js_malloc(cx, NGX_WORKERS_NODE_ZLIB_PIECE);

    if (JS_IsException(array) || out == NULL) {
        goto failed;
    }

    total = 0;
    i = 0;

    do {
        rc = ngx_workers_node_zlib_step(z, &in, out,
                                        NGX_WORKERS_NODE_ZLIB_PIECE, flush,
                                        &n);

        if (n != 0) {
            piece = JS_NewUint8ArrayCopy(cx, out, n);

            if (JS_IsException(piece)
                || JS_DefinePropertyValueUint32(cx, array, i++, piece,
                                                JS_PROP_C_W_E)
                   < 0)
            {
                goto failed;
            }

            total += n;
        }

    } while (rc == NGX_AGAIN && total <= (size_t) max);

    js_free(cx, out);

    if (rc == NGX_ERROR) {
        failed[0] = JS_NewInt32(cx, z->error);
        failed[1] = JS_NewString(cx, z->message);

        if (ngx_workers_set(cx, array, "failed",
                            JS_NewArrayFrom(cx, 2, failed))
            != NGX_OK)
        {
            JS_FreeValue(cx, array);
            return JS_EXCEPTION;
        }
    }

    return array;

failed:

    js_free(cx, out);
    JS_FreeValue(cx, array);

    return JS_EXCEPTION;
}


/* NGX_AGAIN: there is more; NGX_OK: the input is used up, or at its end. */

static ngx_int_t
ngx_workers_node_zlib_step(ngx_workers_node_zlib_t *z, ngx_str_t *in,
    u_char *out, size_t size, int flush, size_t *n)
{
    size_t               left, rest;
    uint8_t             *next_out;
    const uint8_t       *next_in;
    ZSTD_inBuffer        zin;
    ZSTD_outBuffer       zout;
    BrotliDecoderResult  rc;

    *n = 0;
    left = in->len;
    rest = size;
    next_in = in->data;
    next_out = out;

    if (z->done && in->len == 0) {
        return NGX_OK;
    }

    switch (z->mode) {

    case NGX_WORKERS_NODE_BROTLI_ENCODE:
        if (!BrotliEncoderCompressStream(z->encoder, flush, &left, &next_in,
                                         &rest, &next_out, NULL))
        {
            return ngx_workers_node_zlib_fail(z, -2, "Compression failed");
        }

        in->data = (u_char *) next_in;
        in->len = left;
        *n = size - rest;

        return (left != 0 || BrotliEncoderHasMoreOutput(z->encoder))
               ? NGX_AGAIN : NGX_OK;

    case NGX_WORKERS_NODE_BROTLI_DECODE:
        rc = BrotliDecoderDecompressStream(z->decoder, &left, &next_in, &rest,
                                           &next_out, NULL);
        in->data = (u_char *) next_in;
        in->len = left;
        *n = size - rest;

        if (rc == BROTLI_DECODER_RESULT_ERROR) {
            return ngx_workers_node_zlib_fail(z, -2, "Compression failed");
        }

        z->done = (rc == BROTLI_DECODER_RESULT_SUCCESS);

        if (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT
            && flush == BROTLI_OPERATION_FINISH)
        {
            return ngx_workers_node_zlib_fail(z, Z_BUF_ERROR,
                                              "unexpected end of file");
        }

        return (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) ? NGX_AGAIN
                                                               : NGX_OK;

    case NGX_WORKERS_NODE_ZSTD_COMPRESS:
    case NGX_WORKERS_NODE_ZSTD_DECOMPRESS:
        zin.src = in->data;
        zin.size = in->len;
        zin.pos = 0;
        zout.dst = out;
        zout.size = size;
        zout.pos = 0;

        left = (z->compressor != NULL)
               ? ZSTD_compressStream2(z->compressor, &zout, &zin, flush)
               : ZSTD_decompressStream(z->decompressor, &zout, &zin);

        in->data += zin.pos;
        in->len -= zin.pos;
        *n = zout.pos;

        if (ZSTD_isError(left)) {
            return ngx_workers_node_zlib_fail(z, -2, ZSTD_getErrorName(left));
        }

        if (z->compressor != NULL) {
            return (in->len != 0 || (left != 0 && flush != ZSTD_e_continue))
                   ? NGX_AGAIN : NGX_OK;
        }

        z->done = (left == 0);

        if (in->len != 0 || (zout.pos == size && !z->done)) {
            return NGX_AGAIN;
        }

        return (left != 0 && flush == ZSTD_e_end)
               ? ngx_workers_node_zlib_fail(z, Z_BUF_ERROR,
                                            "unexpected end of file")
               : NGX_OK;

    default:
        return ngx_workers_node_zlib_zlib(z, in, out, size, flush, n);
    }
}


static ngx_int_t
ngx_workers_node_zlib_zlib(ngx_workers_node_zlib_t *z, ngx_str_t *in,
    u_char *out, size_t size, int flush, size_t *n)
{
    int         rc;
    size_t      part;
    ngx_uint_t  inflates;

    inflates = !(z->mode == NGX_WORKERS_NODE_DEFLATE
                 || z->mode == NGX_WORKERS_NODE_GZIP
                 || z->mode == NGX_WORKERS_NODE_DEFLATE_RAW);

    if (z->done) {

        if (z->mode != NGX_WORKERS_NODE_GUNZIP
            && z->mode != NGX_WORKERS_NODE_UNZIP)
        {
            return NGX_OK;
        }

        /* members follow each other */

        (void) inflateReset(&z->zs);
        z->done = 0;
    }

    part = ngx_min(in->len, NGX_MAX_INT32_VALUE);

    z->zs.next_in = in->data;
    z->zs.avail_in = part;
    z->zs.next_out = out;
    z->zs.avail_out = size;

    rc = inflates ? inflate(&z->zs, flush) : deflate(&z->zs, flush);

    if (rc == Z_NEED_DICT) {

        if (z->dictionary == NULL) {
            return ngx_workers_node_zlib_fail(z, rc, "Missing dictionary");
        }

        if (inflateSetDictionary(&z->zs, z->dictionary, z->dictionary_len)
            != Z_OK)
        {
            return ngx_workers_node_zlib_fail(z, Z_DATA_ERROR,
                                              "Bad dictionary");
        }

        rc = inflate(&z->zs, flush);
    }

    in->data += part - z->zs.avail_in;
    in->len -= part - z->zs.avail_in;
    *n = size - z->zs.avail_out;

    switch (rc) {

    case Z_STREAM_END:
        z->done = 1;
        return (inflates && in->len != 0) ? NGX_AGAIN : NGX_OK;

    case Z_OK:
    case Z_BUF_ERROR:
        if (in->len != 0 || z->zs.avail_out == 0) {
            return NGX_AGAIN;
        }

        return (inflates && flush == Z_FINISH)
               ? ngx_workers_node_zlib_fail(z, Z_BUF_ERROR,
                                            "unexpected end of file")
               : NGX_OK;

    default:
        return ngx_workers_node_zlib_fail(z, rc, z->zs.msg != NULL
                                          ? z->zs.msg : "Zlib error");
    }
}


static ngx_int_t
ngx_workers_node_zlib_fail(ngx_workers_node_zlib_t *z, int error,
    const char *message)
{
    z->error = error;
    z->message = message;

    return NGX_ERROR;
}


static JSValue
ngx_workers_node_zlib_ext_crc32(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    uint32_t   crc;
    ngx_str_t  bytes;

    if (ngx_workers_node_bytes(cx, argv[0], &bytes) != NGX_OK
        || JS_ToUint32(cx, &crc, argv[1]) < 0)
    {
        return JS_EXCEPTION;
    }

    return JS_NewUint32(cx, crc32_z(crc, bytes.data, bytes.len));
}


static void
ngx_workers_node_zlib_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_node_zlib_t  *z;

    z = JS_GetOpaque(val, ngx_workers_node_zlib_class.id);

    if (z == NULL) {
        return;
    }

    if (z->open) {

        if (z->mode == NGX_WORKERS_NODE_DEFLATE
            || z->mode == NGX_WORKERS_NODE_GZIP
            || z->mode == NGX_WORKERS_NODE_DEFLATE_RAW)
        {
            (void) deflateEnd(&z->zs);

        } else {
            (void) inflateEnd(&z->zs);
        }
    }

    if (z->encoder != NULL) {
        BrotliEncoderDestroyInstance(z->encoder);
    }

    if (z->decoder != NULL) {
        BrotliDecoderDestroyInstance(z->decoder);
    }

    (void) ZSTD_freeCCtx(z->compressor);
    (void) ZSTD_freeDCtx(z->decompressor);

    js_free_rt(rt, z->dictionary);
    js_free_rt(rt, z);
}


/* The script's memory, which its limit counts. */

static void *
ngx_workers_node_zlib_zalloc(void *opaque, unsigned n, unsigned size)
{
    return js_malloc_rt(opaque, (size_t) n * size);
}


static void *
ngx_workers_node_zlib_alloc(void *opaque, size_t size)
{
    return js_malloc_rt(opaque, size);
}


static void
ngx_workers_node_zlib_free(void *opaque, void *p)
{
    js_free_rt(opaque, p);
}
