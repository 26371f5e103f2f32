
/*
 * Copyright (C) the nginx-workers authors
 *
 * Body: Fetch Standard, sections 5.2 and 5.3.  A body is none, a string,
 * bytes, a native source, or a ReadableStream; it turns into a stream only
 * when a script asks for one.
 */


#ifndef _NGX_WORKERS_BODY_H_INCLUDED_
#define _NGX_WORKERS_BODY_H_INCLUDED_


#include "../core/ngx_workers_source.h"


typedef enum {
    NGX_WORKERS_BODY_NONE = 0,
    NGX_WORKERS_BODY_STRING,               /* value: a string */
    NGX_WORKERS_BODY_BYTES,                /* value: a Uint8Array of our own */
    NGX_WORKERS_BODY_SOURCE,               /* a native source */
    NGX_WORKERS_BODY_PARTS,                /* value: an array of Uint8Arrays
                                              that nobody writes to */
    NGX_WORKERS_BODY_STREAM                /* value: a ReadableStream */
} ngx_workers_body_e;


/*
 * A source that nobody has taken is either not made so far (open), or in its
 * BodySource object (value).  Only a body that ngx_workers_body_take() gave
 * out has it in the member source.
 */
typedef struct {
    ngx_workers_body_e          type;
    JSValue                     value;
    ngx_workers_source_t       *source;

    ngx_workers_source_t     *(*open)(void *data);   /* NULL: out of memory */
    void                       *data;

    off_t                       size;      /* of parts */

    unsigned                    used:1;    /* read, not being a stream */
    unsigned                    shared:1;  /* others hold the bytes as well */
} ngx_workers_body_t;


/* JS_UNDEFINED members: what a new opaque starts with. */
void ngx_workers_body_init(ngx_workers_body_t *body);
void ngx_workers_body_free(JSRuntime *rt, ngx_workers_body_t *body);
void ngx_workers_body_mark(JSRuntime *rt, ngx_workers_body_t *body,
    JS_MarkFunc *mark_func);

/*
 * Extracts a body from a BodyInit (section 5.2, "extract a body").  *type is
 * the Content-Type that goes with it, or NULL data; static or js_malloc'ed
 * (then *type_alloc is what to js_free()).
 */
ngx_int_t ngx_workers_body_extract(JSContext *cx, ngx_workers_body_t *body,
    JSValueConst init, ngx_str_t *type, void **type_alloc);

/*
 * Makes a native source the body; it is the body's from then on, also on
 * NGX_ERROR (exception pending).
 */
ngx_int_t ngx_workers_body_set_source(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_source_t *source);

/*
 * Takes the body for sending or storing; it is used from now on.  A stream
 * that wraps an untouched native source, and parts, come out as
 * NGX_WORKERS_BODY_SOURCE, a stream that wraps untouched bytes as
 * NGX_WORKERS_BODY_BYTES.
 * The caller owns what *out holds (ngx_workers_body_free(), and a source's
 * close()).  NGX_ERROR: already used or locked, TypeError pending.
 */
ngx_int_t ngx_workers_body_take(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *out);

/*
 * Gives a body that is not unusable to another request or response; it is
 * used from now on.
 */
ngx_int_t ngx_workers_body_move(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *to);

/*
 * Makes the body's stream that of another request as well: whoever reads
 * first has it.  NGX_ERROR: exception pending.
 */
ngx_int_t ngx_workers_body_share(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *to);

/*
 * Makes *copy read the same bytes as body does (section 5.2, "clone a
 * body").  NGX_ERROR: exception pending.
 */
ngx_int_t ngx_workers_body_clone(JSContext *cx, ngx_workers_body_t *body,
    ngx_workers_body_t *copy);

/* bodyUsed: read, or a stream that is disturbed. */
ngx_uint_t ngx_workers_body_used(JSContext *cx, ngx_workers_body_t *body);

/* Used, or a stream that is locked. */
ngx_uint_t ngx_workers_body_unusable(JSContext *cx, ngx_workers_body_t *body);

/* Throws what reading or sending an unusable body answers. */
JSValue ngx_workers_body_throw_unusable(JSContext *cx);

/* Bytes in all, if known before it is read; -1: unknown. */
off_t ngx_workers_body_length(JSContext *cx, ngx_workers_body_t *body);

/* Whether v is a ReadableStream; no exception, loads nothing. */
ngx_uint_t ngx_workers_body_is_stream(JSContext *cx, JSValueConst v);


/*
 * A Uint8Array of the bytes of pieces, an array of strings, which are written
 * as UTF-8, and buffers.  JS_EXCEPTION on failure.
 */
JSValue ngx_workers_blob_join(JSContext *cx, JSValueConst pieces);


/* The class Body: what Request and Response inherit. */
extern ngx_workers_class_t    ngx_workers_body_class;

extern ngx_workers_builtin_t  ngx_workers_blob_builtin;
extern ngx_workers_builtin_t  ngx_workers_formdata_builtin;
extern ngx_workers_web_t      ngx_workers_body_web;


#endif /* _NGX_WORKERS_BODY_H_INCLUDED_ */
