
/*
 * Copyright (C) the nginx-workers authors
 *
 * The codecs of CompressionStream and DecompressionStream, on zlib.  Between
 * native bodies a codec is a filter, and the bytes never enter JavaScript;
 * what a script writes or reads goes through the class StreamCodec.
 */


#include "../core/ngx_workers_filter.h"
#include "../core/ngx_workers_value.h"

#include <zlib.h>


#define NGX_WORKERS_CODEC_MEMLEVEL  8


typedef struct {
    ngx_workers_codec_t   codec;
    z_stream              zs;
    unsigned              decompress:1;
    unsigned              done:1;
} ngx_workers_zlib_t;


/* The opaque of a StreamCodec. */
typedef struct {
    ngx_workers_codec_t  *codec;
    ngx_buf_t             in;               /* start: js_malloc'ed, or NULL */
    unsigned              ended:1;
} ngx_workers_codec_object_t;


static ngx_workers_codec_t *ngx_workers_zlib(JSContext *cx, int format,
    ngx_uint_t decompress);
static ngx_int_t ngx_workers_zlib_run(ngx_workers_codec_t *codec,
    ngx_buf_t *in, ngx_buf_t *out);
static ngx_int_t ngx_workers_zlib_error(ngx_workers_zlib_t *z, int rc);
static void ngx_workers_zlib_free(ngx_workers_codec_t *codec);
static void *ngx_workers_zlib_alloc(void *opaque, unsigned n, unsigned size);
static void ngx_workers_zlib_free_block(void *opaque, void *p);
static JSValue ngx_workers_compression_native(JSContext *cx);
static JSValue ngx_workers_compression_ext_codec(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_compression_ext_filter(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_codec_ext_write(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_codec_ext_end(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_codec_ext_read(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_codec_free_input(JSRuntime *rt,
    ngx_workers_codec_object_t *obj);
static void ngx_workers_codec_finalizer(JSRuntime *rt, JSValueConst val);


/* What windowBits says to zlib, in the order of stream_compression.js. */

static const int  ngx_workers_zlib_bits[] = {
    MAX_WBITS + 16,                         /* gzip */
    MAX_WBITS,                              /* deflate */
    -MAX_WBITS                              /* deflate-raw */
};


static const JSCFunctionListEntry  ngx_workers_codec_proto[] = {
    JS_CFUNC_DEF("write", 1, ngx_workers_codec_ext_write),
    JS_CFUNC_DEF("end", 0, ngx_workers_codec_ext_end),
    JS_CFUNC_DEF("read", 0, ngx_workers_codec_ext_read),
};


static const JSCFunctionListEntry  ngx_workers_compression_functions[] = {
    JS_CFUNC_DEF("codec", 2, ngx_workers_compression_ext_codec),
    JS_CFUNC_DEF("filter", 4, ngx_workers_compression_ext_filter),
};


static ngx_workers_class_t  ngx_workers_codec_class = {
    .def = {
        .class_name = "StreamCodec",
        .finalizer = ngx_workers_codec_finalizer
    },
    .proto = ngx_workers_codec_proto,
    .nproto = ngx_workers_nitems(ngx_workers_codec_proto),
    .hidden = 1
};


static ngx_workers_class_t  *ngx_workers_compression_classes[] = {
    &ngx_workers_codec_class,
    NULL
};


static const char *const  ngx_workers_compression_globals[] = {
    "CompressionStream", "DecompressionStream", NULL
};


static ngx_workers_builtin_t  ngx_workers_compression_builtin = {
    .name = "stream_compression",
    .globals = ngx_workers_compression_globals,
    .native = ngx_workers_compression_native
};


static ngx_workers_builtin_t  *ngx_workers_compression_builtins[] = {
    &ngx_workers_compression_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_compression_web = {
    .classes = ngx_workers_compression_classes,
    .builtins = ngx_workers_compression_builtins
};


/* NULL: an exception is pending. */

static ngx_workers_codec_t *
ngx_workers_zlib(JSContext *cx, int format, ngx_uint_t decompress)
{
    int                  rc, bits;
    ngx_workers_zlib_t  *z;

    if (format < 0
        || format >= (int) ngx_workers_nitems(ngx_workers_zlib_bits))
    {
        (void) JS_ThrowInternalError(cx, "no such format");
        return NULL;
    }

    z = ngx_calloc(sizeof(ngx_workers_zlib_t), ngx_workers_isolate(cx)->log);
    if (z == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    z->codec.run = ngx_workers_zlib_run;
    z->codec.free = ngx_workers_zlib_free;
    z->decompress = decompress;

    /* 270 KiB to compress, which the script's limit counts */

    z->zs.zalloc = ngx_workers_zlib_alloc;
    z->zs.zfree = ngx_workers_zlib_free_block;
    z->zs.opaque = JS_GetRuntime(cx);

    bits = ngx_workers_zlib_bits[format];

    rc = decompress ? inflateInit2(&z->zs, bits)
                    : deflateInit2(&z->zs, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                                   bits, NGX_WORKERS_CODEC_MEMLEVEL,
                                   Z_DEFAULT_STRATEGY);
    if (rc != Z_OK) {
        ngx_free(z);
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    return &z->codec;
}


static ngx_int_t
ngx_workers_zlib_run(ngx_workers_codec_t *codec, ngx_buf_t *in, ngx_buf_t *out)
{
    int                  rc;
    ngx_workers_zlib_t  *z;

    z = (ngx_workers_zlib_t *) codec;

    if (z->done) {

        if (in != NULL && in->pos != in->last) {
            codec->reason = "Trailing bytes after end of compressed data";
            return NGX_ERROR;
        }

        return (in == NULL) ? NGX_DONE : NGX_OK;
    }

    z->zs.next_in = (in != NULL) ? in->pos : NULL;
    z->zs.avail_in = (in != NULL) ? in->last - in->pos : 0;
    z->zs.next_out = out->last;
    z->zs.avail_out = out->end - out->last;

    rc = z->decompress ? inflate(&z->zs, Z_NO_FLUSH)
                       : deflate(&z->zs, in != NULL ? Z_NO_FLUSH : Z_FINISH);

    if (in != NULL) {
        in->pos = z->zs.next_in;
    }

    out->last = z->zs.next_out;

    if (rc == Z_STREAM_END) {
        z->done = 1;

        if (in != NULL && in->pos != in->last) {
            codec->reason = "Trailing bytes after end of compressed data";
            return NGX_ERROR;
        }

        return (in == NULL) ? NGX_DONE : NGX_OK;
    }

    if (rc != Z_OK && rc != Z_BUF_ERROR) {
        return ngx_workers_zlib_error(z, rc);
    }

    if (in == NULL && z->decompress && out->last != out->end) {
        codec->reason = "Called close() on a decompression stream with "
                        "incomplete data";
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_zlib_error(ngx_workers_zlib_t *z, int rc)
{
    z->codec.reason = (rc == Z_MEM_ERROR) ? "Out of memory."
                      : z->decompress ? "Decompression failed."
                                      : "Compression failed.";
    return NGX_ERROR;
}


static void
ngx_workers_zlib_free(ngx_workers_codec_t *codec)
{
    ngx_workers_zlib_t  *z;

    z = (ngx_workers_zlib_t *) codec;

    if (z->decompress) {
        (void) inflateEnd(&z->zs);

    } else {
        (void) deflateEnd(&z->zs);
    }

    ngx_free(z);
}


static void *
ngx_workers_zlib_alloc(void *opaque, unsigned n, unsigned size)
{
    return js_malloc_rt(opaque, (size_t) n * size);
}


static void
ngx_workers_zlib_free_block(void *opaque, void *p)
{
    js_free_rt(opaque, p);
}


/* An object with codec(format, decompress), filter() and the streams. */

static JSValue
ngx_workers_compression_native(JSContext *cx)
{
    JSValue  native, streams;

    streams = ngx_workers_stream_native(cx);
    if (JS_IsException(streams)) {
        return JS_EXCEPTION;
    }

    JS_FreeValue(cx, streams);

    native = JS_NewObject(cx);

    if (!JS_IsException(native)) {
        JS_SetPropertyFunctionList(cx, native,
                        ngx_workers_compression_functions,
                        ngx_workers_nitems(ngx_workers_compression_functions));
    }

    return native;
}


static JSValue
ngx_workers_compression_ext_codec(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int                          format;
    JSValue                      value;
    ngx_workers_codec_object_t  *obj;

    if (JS_ToInt32(cx, &format, argv[0]) != 0) {
        return JS_EXCEPTION;
    }

    obj = js_mallocz(cx, sizeof(ngx_workers_codec_object_t));
    if (obj == NULL) {
        return JS_EXCEPTION;
    }

    obj->codec = ngx_workers_zlib(cx, format, JS_ToBool(cx, argv[1]));

    value = (obj->codec != NULL)
            ? JS_NewObjectClass(cx, ngx_workers_codec_class.id)
            : JS_EXCEPTION;

    if (JS_IsException(value)) {

        if (obj->codec != NULL) {
            obj->codec->free(obj->codec);
        }

        js_free(cx, obj);
        return JS_EXCEPTION;
    }

    JS_SetOpaque(value, obj);

    return value;
}


/* filter(source, format, decompress, ended) */

static JSValue
ngx_workers_compression_ext_filter(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int                   format;
    ngx_workers_codec_t  *codec;

    if (JS_ToInt32(cx, &format, argv[1]) != 0) {
        return JS_EXCEPTION;
    }

    codec = ngx_workers_zlib(cx, format, JS_ToBool(cx, argv[2]));
    if (codec == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_filter(cx, argv[0], -1, codec, argv[3]);
}


/* Adds bytes to what waits to be coded. */

static JSValue
ngx_workers_codec_ext_write(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char                      *p;
    size_t                       rest, size;
    ngx_buf_t                   *in;
    ngx_str_t                    bytes;
    ngx_workers_codec_object_t  *obj;

    obj = ngx_workers_this(cx, this_val, ngx_workers_codec_class.id);

    if (obj == NULL || ngx_workers_get_bytes(cx, argv[0], &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    in = &obj->in;

    if ((size_t) (in->end - in->last) < bytes.len) {

        rest = in->last - in->pos;
        size = (rest != 0) ? 2 * rest + bytes.len : bytes.len;

        p = js_malloc(cx, size);
        if (p == NULL) {
            return JS_EXCEPTION;
        }

        if (rest != 0) {
            ngx_memcpy(p, in->pos, rest);
        }

        js_free(cx, in->start);

        in->start = p;
        in->pos = p;
        in->last = p + rest;
        in->end = p + size;
    }

    if (bytes.len != 0) {
        in->last = ngx_cpymem(in->last, bytes.data, bytes.len);
    }

    return JS_UNDEFINED;
}


/* Nothing more will be written. */

static JSValue
ngx_workers_codec_ext_end(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_codec_object_t  *obj;

    obj = ngx_workers_this(cx, this_val, ngx_workers_codec_class.id);
    if (obj == NULL) {
        return JS_EXCEPTION;
    }

    obj->ended = 1;

    return JS_UNDEFINED;
}


/*
 * The next piece, a Uint8Array; undefined: what was written is used up; null:
 * the end.  A piece is 64 KiB at most: the bytes of a bomb are made as they
 * are read.
 */

static JSValue
ngx_workers_codec_ext_read(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_buf_t                    out, *in;
    ngx_int_t                    rc;
    ngx_workers_codec_object_t  *obj;
    u_char                       buf[NGX_WORKERS_FILTER_PIECE];

    obj = ngx_workers_this(cx, this_val, ngx_workers_codec_class.id);
    if (obj == NULL) {
        return JS_EXCEPTION;
    }

    in = &obj->in;

    ngx_memzero(&out, sizeof(ngx_buf_t));

    out.pos = buf;
    out.last = buf;
    out.end = buf + sizeof(buf);

    do {
        if (in->pos == in->last && !obj->ended) {
            rc = NGX_OK;
            break;
        }

        rc = obj->codec->run(obj->codec, in->pos != in->last ? in : NULL,
                             &out);

    } while (rc == NGX_OK && out.last == buf);

    if (in->pos == in->last && in->start != NULL) {
        ngx_workers_codec_free_input(JS_GetRuntime(cx), obj);
    }

    if (rc == NGX_ERROR) {
        return JS_ThrowTypeError(cx, "%s", obj->codec->reason);
    }

    if (out.last == buf) {
        return (rc == NGX_DONE) ? JS_NULL : JS_UNDEFINED;
    }

    return JS_NewUint8ArrayCopy(cx, buf, out.last - buf);
}


static void
ngx_workers_codec_free_input(JSRuntime *rt, ngx_workers_codec_object_t *obj)
{
    js_free_rt(rt, obj->in.start);
    ngx_memzero(&obj->in, sizeof(ngx_buf_t));
}


static void
ngx_workers_codec_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_codec_object_t  *obj;

    obj = JS_GetOpaque(val, ngx_workers_codec_class.id);

    if (obj != NULL) {
        obj->codec->free(obj->codec);
        ngx_workers_codec_free_input(rt, obj);
        js_free_rt(rt, obj);
    }
}
