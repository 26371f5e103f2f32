
/*
 * Copyright (C) the nginx-workers authors
 *
 * A native source of a body: the client's request, a stored value, a file.
 * One consumer reads it: a native sink (the bytes never enter JavaScript), or
 * a ReadableStream through the class BodySource.
 */


#ifndef _NGX_WORKERS_SOURCE_H_INCLUDED_
#define _NGX_WORKERS_SOURCE_H_INCLUDED_


#include "ngx_workers_isolate.h"


typedef struct ngx_workers_source_s  ngx_workers_source_t;


/* Content codings of HTTP. */
typedef enum {
    NGX_WORKERS_CODING_NONE = 0,
    NGX_WORKERS_CODING_GZIP,
    NGX_WORKERS_CODING_BR
} ngx_workers_coding_e;


struct ngx_workers_source_s {
    /*
     * NGX_OK: *out is a chain of memory buffers (maybe empty) which the
     * consumer uses up, pos = last, before it reads again; of buffers in a
     * file as well if the consumer said "files".  NGX_DONE: the end.
     * NGX_AGAIN: wake() will be called.  NGX_ERROR: it broke; reason is set.
     * Called by the consumer from the event loop, outside of wake() or in it.
     */
    ngx_int_t                 (*read)(ngx_workers_source_t *src,
                                      ngx_chain_t **out);

    /*
     * The consumer wants no more, or has read all: frees what src holds, and
     * src.  Called exactly once, by the consumer or the invocation's end.
     */
    void                      (*close)(ngx_workers_source_t *src);

    off_t                       length;     /* bytes in all; -1: unknown */
    const char                 *reason;     /* of NGX_ERROR; static */
    JSValue                     error;      /* of NGX_ERROR: what a script's
                                               stream failed with, until it is
                                               closed; or undefined */
    ngx_workers_coding_e        coding;     /* that read() undoes, unless the
                                               consumer says "as_is" */
    off_t                       coded_length;   /* as it is; -1: unknown */

    /*
     * The consumer's.  orphan(): the invocation ends; the consumer closes the
     * source and forgets it.
     */
    void                      (*wake)(void *data);
    void                      (*orphan)(void *data);
    void                       *data;

    /*
     * A sink's that hands buffers to nginx: what was lent lasts as long as
     * this pool, for nginx may still send it after close().  Or NULL.
     */
    ngx_pool_t                 *pool;
    unsigned                    files:1;    /* takes buffers in a file */
    unsigned                    as_is:1;    /* wants coded bytes */
    unsigned                    reads_on:1; /* whatever a script waits for */

    ngx_workers_invocation_t   *inv;        /* owner; NULL: it has ended */
    ngx_queue_t                 queue;      /* in inv->sources */
};


/*
 * The class BodySource: an object for JavaScript around a source, with
 * read() -> Promise<Uint8Array | undefined> and cancel().  The source is the
 * object's until taken.
 */
JSValue ngx_workers_source_object(JSContext *cx, ngx_workers_source_t *src);

/* Links a new source to its invocation; wake, orphan and data are cleared. */
void ngx_workers_source_init(ngx_workers_source_t *src,
    ngx_workers_invocation_t *inv);

/* Unlinks a source: the first thing that its close() does. */
void ngx_workers_source_unlink(ngx_workers_source_t *src);

/* The invocation ends. */
void ngx_workers_source_orphan(ngx_workers_source_t *src);

/* Takes the source out of its object; NULL: not one, or gone. */
ngx_workers_source_t *ngx_workers_source_take(JSValueConst object);

/*
 * The source of a ReadableStream that nobody has read, taken out of it, the
 * stream being locked and disturbed thereby.  NULL: there is none; the stream
 * is read by JavaScript.  No exception.
 */
ngx_workers_source_t *ngx_workers_source_of_stream(JSContext *cx,
    JSValueConst stream);

/* The native half of a part of streams: loads what the parts share first. */
JSValue ngx_workers_stream_native(JSContext *cx);

/* A ReadableStream around a source. */
JSValue ngx_workers_source_stream(JSContext *cx, ngx_workers_source_t *src);


extern ngx_workers_builtin_t  ngx_workers_streams_builtin;


#endif /* _NGX_WORKERS_SOURCE_H_INCLUDED_ */
