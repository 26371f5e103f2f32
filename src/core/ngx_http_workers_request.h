
/*
 * Copyright (C) the nginx-workers authors
 *
 * What serves one HTTP request: shared by the two halves, the request as the
 * script sees it and the response as the client gets it.
 */


#ifndef _NGX_HTTP_WORKERS_REQUEST_H_INCLUDED_
#define _NGX_HTTP_WORKERS_REQUEST_H_INCLUDED_


#include "ngx_http_workers.h"
#include "../web/ngx_workers_fetch.h"


typedef struct ngx_http_workers_body_source_s  ngx_http_workers_body_source_t;
typedef struct ngx_http_workers_socket_s       ngx_http_workers_socket_t;


typedef struct {
    ngx_http_request_t          *request;
    ngx_http_workers_script_t   *script;
    ngx_workers_invocation_t    *inv;        /* NULL: responded */

    ngx_workers_incoming_t       incoming;
    ngx_workers_request_t       *js_request; /* while the object lives */
    JSValue                      abort;      /* of request.signal; undefined:
                                                never asked for */

    ngx_http_workers_body_source_t  *body;   /* the request's; NULL: not read,
                                                or let go */
    ngx_workers_source_t        *source;     /* of the response's body */
    ngx_http_workers_socket_t   *socket;     /* after an upgrade; or NULL */
    ngx_http_cleanup_t          *cleanup;
    ngx_str_t                    id;         /* made when asked for */

    ngx_http_workers_stats_t     stats;

    ngx_int_t                    body_status;  /* reading the request's body
                                                  failed with it */
    unsigned                     body_read:1;  /* reading has started */
    unsigned                     writing:1;    /* output waits for the client */
} ngx_http_workers_ctx_t;


/* ngx_http_workers_request.c */

/* The handler's promise has settled: inv->ready. */
void ngx_http_workers_ready(ngx_workers_invocation_t *inv);

/* Leaves the request: its end, or another handler that takes over. */
void ngx_http_workers_detach(ngx_http_workers_ctx_t *ctx,
    ngx_workers_outcome_e outcome);

/* ngx_http_workers_incoming.c */

/* Makes the Request object; owned.  In JavaScript. */
JSValue ngx_http_workers_incoming(JSContext *cx, ngx_http_workers_ctx_t *ctx);

/*
 * Prepares the request for another handler.  NGX_DECLINED: its body has been
 * read in part.
 */
ngx_int_t ngx_http_workers_body_give_up(ngx_http_workers_ctx_t *ctx);

/* The request goes: whoever reads its body is told. */
void ngx_http_workers_body_detach(ngx_http_workers_ctx_t *ctx);

/* ngx_http_workers_head.c */

/* The request id, such as a CF-Ray; data NULL: out of memory. */
ngx_str_t ngx_http_workers_id(ngx_http_workers_ctx_t *ctx);

/* Hooks of ngx_workers_incoming_t; data is the ctx. */
JSValue ngx_http_workers_head_url(JSContext *cx, void *data);
ngx_int_t ngx_http_workers_head_headers(JSContext *cx, void *data,
    ngx_workers_headers_t *headers);
JSValue ngx_http_workers_head_cf(JSContext *cx, void *data);
ngx_workers_incoming_t *ngx_http_workers_head_keep(JSRuntime *rt, void *data);

/* ngx_http_workers_response.c */

/* Sends what the handler's promise resolved to. */
void ngx_http_workers_respond(ngx_http_workers_ctx_t *ctx);

/* Sends the page for a broken script: 1101 or 1102. */
void ngx_http_workers_respond_error(ngx_http_workers_ctx_t *ctx);

/* The result is no Response that can be sent; text NULL: that is logged. */
void ngx_http_workers_fail(ngx_http_workers_ctx_t *ctx, const char *text);

/* A header of the response, copied; those of a connection are left out. */
ngx_int_t ngx_http_workers_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value);

/* ngx_http_workers_upgrade.c */

/* Answers the handshake of a WebSocket, and makes the connection an end. */
void ngx_http_workers_upgrade(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res);

/* ngx_http_workers_socket.c */

/*
 * What the connection will need, before the handshake is answered; bits: of
 * the window of permessage-deflate, 0: none.  From the request's pool; NULL:
 * out of memory.
 */
ngx_http_workers_socket_t *ngx_http_workers_socket_create(
    ngx_http_workers_ctx_t *ctx, ngx_uint_t bits);

/*
 * The 101 is on its way: the connection is the sink of ws from now on.  NULL:
 * it ends as soon as that is sent.
 */
void ngx_http_workers_socket_start(ngx_http_workers_socket_t *socket,
    ngx_workers_websocket_t *ws);

/* The invocation broke a limit: the client is told, soon. */
void ngx_http_workers_socket_fail(ngx_http_workers_ctx_t *ctx);

/* The request goes: the script hears no more. */
void ngx_http_workers_socket_detach(ngx_http_workers_ctx_t *ctx);


#endif /* _NGX_HTTP_WORKERS_REQUEST_H_INCLUDED_ */
