
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the files of node:buffer's native half share.
 */


#ifndef _NGX_WORKERS_NODE_BUFFER_H_INCLUDED_
#define _NGX_WORKERS_NODE_BUFFER_H_INCLUDED_


#include "../core/ngx_workers_js.h"


/*
 * The bytes of a Uint8Array, borrowed until JavaScript runs again; what is
 * detached has none.  NGX_ERROR: it is none, a TypeError is pending.
 */
ngx_int_t ngx_workers_node_bytes(JSContext *cx, JSValueConst v,
    ngx_str_t *bytes);

/* The same of one that is to be written to: not of an immutable buffer. */
ngx_int_t ngx_workers_node_writable(JSContext *cx, JSValueConst v,
    ngx_str_t *bytes);

#define ngx_workers_node_is_uint8(v)                                          \
    (JS_GetTypedArrayType(v) == JS_TYPED_ARRAY_UINT8)

/* ToNumber(v), of undefined the default. */
ngx_int_t ngx_workers_node_number(JSContext *cx, JSValueConst v, double dflt,
    double *value);

/*
 * An integer argument from 0 to max, of undefined the default; anything else
 * is ERR_INVALID_ARG_TYPE or ERR_OUT_OF_RANGE.
 */
ngx_int_t ngx_workers_node_index(JSContext *cx, JSValueConst v,
    const char *name, size_t dflt, size_t max, size_t *value);

/* Adds the methods that read and write numbers. */
ngx_int_t ngx_workers_node_buffer_numbers(JSContext *cx, JSValueConst proto);

/* Adds those that search. */
ngx_int_t ngx_workers_node_buffer_search(JSContext *cx, JSValueConst proto);


#endif /* _NGX_WORKERS_NODE_BUFFER_H_INCLUDED_ */
