
/*
 * Copyright (C) the nginx-workers authors
 *
 * gzip by zlib, br by the library of brotli.
 */


#include "ngx_workers_coding.h"

#include <brotli/decode.h>
#include <zlib.h>


typedef struct {
    ngx_workers_codec_t   codec;
    JSRuntime            *rt;
    z_stream              zs;
    BrotliDecoderState   *br;               /* NULL: gzip */
    unsigned              done:1;           /* at the end of a member */
} ngx_workers_decoding_t;


static ngx_workers_codec_t *ngx_workers_decoding(JSContext *cx,
    ngx_workers_coding_e coding);
static ngx_int_t ngx_workers_gunzip_run(ngx_workers_codec_t *codec,
    ngx_buf_t *in, ngx_buf_t *out);
static ngx_int_t ngx_workers_unbrotli_run(ngx_workers_codec_t *codec,
    ngx_buf_t *in, ngx_buf_t *out);
static void ngx_workers_decoding_free(ngx_workers_codec_t *codec);
static void *ngx_workers_decoding_zalloc(void *opaque, unsigned n,
    unsigned size);
static void *ngx_workers_decoding_alloc(void *opaque, size_t size);
static void ngx_workers_decoding_release(void *opaque, void *p);


ngx_workers_coding_e
ngx_workers_coding(ngx_workers_script_t *script, ngx_str_t *value)
{
    if (value->len == 4
        && ngx_strncmp(value->data, "gzip", 4) == 0)
    {
        return NGX_WORKERS_CODING_GZIP;
    }

    if (value->len == 2
        && ngx_strncmp(value->data, "br", 2) == 0
        && ngx_workers_script_flag(script, "brotli_content_encoding",
                                   "no_brotli_content_encoding", 20240429))
    {
        return NGX_WORKERS_CODING_BR;
    }

    return NGX_WORKERS_CODING_NONE;
}


ngx_workers_source_t *
ngx_workers_coding_decode(JSContext *cx, ngx_workers_source_t *source,
    ngx_workers_coding_e coding)
{
    off_t                  length;
    ngx_workers_codec_t   *codec;
    ngx_workers_source_t  *decoded;

    codec = ngx_workers_decoding(cx, coding);

    if (codec == NULL) {
        source->close(source);
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    length = source->length;
    decoded = ngx_workers_filter_source(source, codec);

    if (decoded == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    decoded->coding = coding;
    decoded->coded_length = length;

    return decoded;
}


/* NULL: out of memory; no exception. */

static ngx_workers_codec_t *
ngx_workers_decoding(JSContext *cx, ngx_workers_coding_e coding)
{
    ngx_workers_decoding_t  *d;

    d = ngx_calloc(sizeof(ngx_workers_decoding_t),
                   ngx_workers_isolate(cx)->log);
    if (d == NULL) {
        return NULL;
    }

    d->rt = JS_GetRuntime(cx);
    d->codec.free = ngx_workers_decoding_free;

    if (coding == NGX_WORKERS_CODING_BR) {
        d->codec.run = ngx_workers_unbrotli_run;
        d->br = BrotliDecoderCreateInstance(ngx_workers_decoding_alloc,
                                            ngx_workers_decoding_release,
                                            d->rt);
        if (d->br == NULL) {
            ngx_free(d);
            return NULL;
        }

        return &d->codec;
    }

    d->codec.run = ngx_workers_gunzip_run;

    d->zs.zalloc = ngx_workers_decoding_zalloc;
    d->zs.zfree = ngx_workers_decoding_release;
    d->zs.opaque = d->rt;

    if (inflateInit2(&d->zs, MAX_WBITS + 16) != Z_OK) {
        ngx_free(d);
        return NULL;
    }

    return &d->codec;
}


/* RFC 1952, section 2.2: members follow each other. */

static ngx_int_t
ngx_workers_gunzip_run(ngx_workers_codec_t *codec, ngx_buf_t *in,
    ngx_buf_t *out)
{
    int                      rc;
    ngx_workers_decoding_t  *d;

    d = (ngx_workers_decoding_t *) codec;

    if (d->done) {

        if (in == NULL) {
            return NGX_DONE;
        }

        if (in->pos == in->last) {
            return NGX_OK;
        }

        d->done = 0;
        (void) inflateReset(&d->zs);
    }

    d->zs.next_in = (in != NULL) ? in->pos : NULL;
    d->zs.avail_in = (in != NULL) ? in->last - in->pos : 0;
    d->zs.next_out = out->last;
    d->zs.avail_out = out->end - out->last;

    rc = inflate(&d->zs, Z_NO_FLUSH);

    if (in != NULL) {
        in->pos = d->zs.next_in;
    }

    out->last = d->zs.next_out;

    if (rc == Z_STREAM_END) {
        d->done = 1;
        return (in == NULL) ? NGX_DONE : NGX_OK;
    }

    if (rc != Z_OK && rc != Z_BUF_ERROR) {
        codec->reason = (rc == Z_MEM_ERROR) ? "Out of memory."
                                            : "Gzip decompression failed.";
        return NGX_ERROR;
    }

    if (in == NULL && out->last != out->end) {
        codec->reason = "Gzip compressed stream ended prematurely.";
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_unbrotli_run(ngx_workers_codec_t *codec, ngx_buf_t *in,
    ngx_buf_t *out)
{
    size_t                   avail_in, avail_out;
    uint8_t                 *next_out;
    const uint8_t           *next_in;
    BrotliDecoderResult      rc;
    ngx_workers_decoding_t  *d;

    d = (ngx_workers_decoding_t *) codec;

    if (d->done) {

        if (in != NULL && in->pos != in->last) {
            codec->reason = "Brotli decompression failed.";
            return NGX_ERROR;
        }

        return (in == NULL) ? NGX_DONE : NGX_OK;
    }

    next_in = (in != NULL) ? in->pos : NULL;
    avail_in = (in != NULL) ? in->last - in->pos : 0;
    next_out = out->last;
    avail_out = out->end - out->last;

    rc = BrotliDecoderDecompressStream(d->br, &avail_in, &next_in, &avail_out,
                                       &next_out, NULL);

    if (in != NULL) {
        in->pos = in->last - avail_in;
    }

    out->last = next_out;

    switch (rc) {

    case BROTLI_DECODER_RESULT_SUCCESS:
        d->done = 1;

        if (avail_in == 0) {
            return (in == NULL) ? NGX_DONE : NGX_OK;
        }

        /* fall through */

    case BROTLI_DECODER_RESULT_ERROR:
        codec->reason = "Brotli decompression failed.";
        return NGX_ERROR;

    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:

        if (in == NULL) {
            codec->reason = "Brotli compressed stream ended prematurely.";
            return NGX_ERROR;
        }

        break;

    default: /* BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT */
        break;
    }

    return NGX_OK;
}


static void
ngx_workers_decoding_free(ngx_workers_codec_t *codec)
{
    ngx_workers_decoding_t  *d;

    d = (ngx_workers_decoding_t *) codec;

    if (d->br != NULL) {
        BrotliDecoderDestroyInstance(d->br);

    } else {
        (void) inflateEnd(&d->zs);
    }

    ngx_free(d);
}


/* The script's memory, which its limit counts. */

static void *
ngx_workers_decoding_zalloc(void *opaque, unsigned n, unsigned size)
{
    return js_malloc_rt(opaque, (size_t) n * size);
}


static void *
ngx_workers_decoding_alloc(void *opaque, size_t size)
{
    return js_malloc_rt(opaque, size);
}


static void
ngx_workers_decoding_release(void *opaque, void *p)
{
    js_free_rt(opaque, p);
}
