
/*
 * Copyright (C) the nginx-workers authors
 *
 * A native source around another: its bytes as they are, a fixed number of
 * them, or what a codec makes of them.
 */


#ifndef _NGX_WORKERS_FILTER_H_INCLUDED_
#define _NGX_WORKERS_FILTER_H_INCLUDED_


#include "ngx_workers_source.h"


#define NGX_WORKERS_FILTER_PIECE  65536     /* bytes that a codec gives */


typedef struct ngx_workers_codec_s  ngx_workers_codec_t;

struct ngx_workers_codec_s {
    /*
     * Uses bytes of in up (NULL: there will be no more), and appends to out,
     * which has room.  NGX_OK: in is used up, or out is full; NGX_DONE: the
     * end, and all of it is in out; NGX_ERROR: reason is set.
     */
    ngx_int_t                 (*run)(ngx_workers_codec_t *codec, ngx_buf_t *in,
                                     ngx_buf_t *out);

    /* Called once, last. */
    void                      (*free)(ngx_workers_codec_t *codec);

    const char                 *reason;     /* static */
};


/*
 * The source of a BodySource object (taken out of it) through a filter, as a
 * BodySource object again.  length: how many bytes have to pass, -1: any
 * number.  codec, if not NULL, is eaten, also on failure.
 *
 * ended(outcome, error) is called once, from an event, if the invocation lives
 * so long: 0 after the end, 1 when the source failed, 2 when the filter did,
 * 3 when the consumer wanted no more, 4 when bytes are missing, which only
 * the consumer has heard of.
 *
 * In JavaScript.  JS_UNDEFINED: object has no source; JS_EXCEPTION.
 */
JSValue ngx_workers_filter(JSContext *cx, JSValueConst object, off_t length,
    ngx_workers_codec_t *codec, JSValueConst ended);

/*
 * A source of what the codec makes of another one; with "as_is", of its bytes.
 * Both are eaten, also on failure.  NULL: out of memory; no exception.
 */
ngx_workers_source_t *ngx_workers_filter_source(ngx_workers_source_t *inner,
    ngx_workers_codec_t *codec);


#endif /* _NGX_WORKERS_FILTER_H_INCLUDED_ */
