
/*
 * Copyright (C) the nginx-workers authors
 *
 * Encodings of Node.js: bytes as strings, and strings as bytes.
 */


#ifndef _NGX_WORKERS_NODE_ENCODING_H_INCLUDED_
#define _NGX_WORKERS_NODE_ENCODING_H_INCLUDED_


#include "../core/ngx_workers_js.h"


/* The numbers are those of src/js/node/internal/encodings.js. */
typedef enum {
    NGX_WORKERS_NODE_UTF8 = 0,
    NGX_WORKERS_NODE_UTF16LE,
    NGX_WORKERS_NODE_LATIN1,
    NGX_WORKERS_NODE_ASCII,
    NGX_WORKERS_NODE_BASE64,
    NGX_WORKERS_NODE_BASE64URL,
    NGX_WORKERS_NODE_HEX,
} ngx_workers_node_encoding_e;


/* NGX_DECLINED: there is none of that name; case does not matter. */
ngx_int_t ngx_workers_node_encoding_find(const char *name, size_t len);

/*
 * The encoding that an argument names; NGX_ERROR: none, ERR_UNKNOWN_ENCODING
 * is pending.  What is undefined is UTF-8, and so is the empty string.
 */
ngx_int_t ngx_workers_node_encoding(JSContext *cx, JSValueConst name);

/* Bytes as a string. */
JSValue ngx_workers_node_encoding_string(JSContext *cx, ngx_int_t encoding,
    const u_char *p, size_t len);

/*
 * ToString(string) as bytes, js_malloc'ed.  NULL: an exception is pending.
 */
u_char *ngx_workers_node_encoding_bytes(JSContext *cx, ngx_int_t encoding,
    JSValueConst string, size_t *len);

/*
 * As many bytes of ToString(string) as dst has room for, but no part of a
 * character.  -1: an exception is pending.
 */
ssize_t ngx_workers_node_encoding_write(JSContext *cx, ngx_int_t encoding,
    JSValueConst string, u_char *dst, size_t size);

/*
 * Buffer.byteLength() of a string: for Base64 and hexadecimal digits what the
 * length of the string stands for.  -1: an exception is pending.
 */
ssize_t ngx_workers_node_encoding_length(JSContext *cx, ngx_int_t encoding,
    JSValueConst string);


#endif /* _NGX_WORKERS_NODE_ENCODING_H_INCLUDED_ */
