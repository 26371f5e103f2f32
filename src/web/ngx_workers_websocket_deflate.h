
/*
 * Copyright (C) the nginx-workers authors
 *
 * Compression of WebSocket messages: permessage-deflate, RFC 7692.
 */


#ifndef _NGX_WORKERS_WEBSOCKET_DEFLATE_H_INCLUDED_
#define _NGX_WORKERS_WEBSOCKET_DEFLATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Bytes of a message that are worth to be compressed. */
#define NGX_WORKERS_WEBSOCKET_DEFLATE_MIN  64


/*
 * What all sockets of a process compress with: no message needs what was
 * before it, so that a socket has no state between two.
 */
typedef struct ngx_workers_websocket_zlib_s  ngx_workers_websocket_zlib_t;


/*
 * Takes the first offer of a Sec-WebSocket-Extensions header that can be had.
 * *bits: of the window for what is sent.  NGX_DECLINED: none.
 */
ngx_int_t ngx_workers_websocket_negotiate(ngx_str_t *offers,
    ngx_uint_t *bits);

/* NULL: out of memory. */
ngx_workers_websocket_zlib_t *ngx_workers_websocket_zlib_create(ngx_log_t *log);
void ngx_workers_websocket_zlib_free(ngx_workers_websocket_zlib_t *z);

/*
 * Inflates a message of at most max bytes into memory of realloc(), which is
 * the caller's also when it fails.  NGX_ERROR: not valid.  NGX_ABORT: it has
 * more than max.  NGX_DECLINED: out of memory.
 */
ngx_int_t ngx_workers_websocket_inflate(ngx_workers_websocket_zlib_t *z,
    ngx_str_t *in, size_t max,
    void *(*realloc)(void *data, void *p, size_t size), void *data,
    ngx_str_t *out);

/*
 * Deflates a message to p, where there is room for in->len bytes.  Returns the
 * end, or NULL if it does not get smaller.
 */
u_char *ngx_workers_websocket_deflate(ngx_workers_websocket_zlib_t *z,
    ngx_uint_t bits, ngx_str_t *in, u_char *p);


#endif /* _NGX_WORKERS_WEBSOCKET_DEFLATE_H_INCLUDED_ */
