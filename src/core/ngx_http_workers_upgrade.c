
/*
 * Copyright (C) the nginx-workers authors
 *
 * A client's WebSocket: the handshake (RFC 6455, section 4.2), and then the
 * sink that is its connection.  The request stays until the connection ends,
 * and with it the invocation.
 *
 * All sockets of a process read into one buffer; what is sent waits in chunks
 * of the isolate's memory, and goes out once in a turn of the event loop.  An
 * idle socket has neither.  The request is finalized only at the end of an
 * event's handler, never while JavaScript or the content handler runs.
 */


#include "ngx_http_workers_request.h"
#include "../web/ngx_workers_websocket_deflate.h"
#include "../web/ngx_workers_utf8.h"
#include "ngx_workers_flags.h"

#include <ngx_sha1.h>


#define NGX_HTTP_WORKERS_UPGRADE_BUFFER   (64 * 1024)

/* Reads in a turn of the event loop, before other sockets have theirs. */
#define NGX_HTTP_WORKERS_UPGRADE_READS    16

/* Bytes that wait for the client, before nothing is read from it. */
#define NGX_HTTP_WORKERS_UPGRADE_PENDING  (256 * 1024)

#define NGX_HTTP_WORKERS_UPGRADE_CHUNK    976


typedef struct ngx_http_workers_chunk_s  ngx_http_workers_chunk_t;

struct ngx_http_workers_chunk_s {
    ngx_http_workers_chunk_t        *next;
    u_char                          *pos;
    u_char                          *last;
    u_char                          *end;
    u_char                           data[];
};


struct ngx_http_workers_upgrade_s {
    ngx_http_workers_ctx_t          *ctx;
    ngx_workers_websocket_t         *ws;       /* NULL: let go */
    ngx_workers_isolate_t           *iso;

    ngx_event_handler_pt             handler;  /* nginx's, for the end */

    ngx_workers_websocket_parser_t   parser;

    u_char                          *rest;     /* read, not parsed */
    size_t                           nrest;

    ngx_http_workers_chunk_t        *out;      /* to be sent */
    ngx_http_workers_chunk_t        *out_last;
    size_t                           pending;  /* bytes in it */

    ngx_msec_t                       active;   /* when something last came */
    ngx_uint_t                       bits;     /* of deflate's window; 0: not
                                                  negotiated */

    unsigned                         close_sent:1;
    unsigned                         close_received:1;
    unsigned                         ending:1;   /* sends what waits, no more */
    unsigned                         gone:1;     /* the client has */
    unsigned                         broken:1;   /* a limit was */
    unsigned                         paused:1;   /* nothing is read */
    unsigned                         pinged:1;
    unsigned                         exiting:1;  /* the process is */
};


static ngx_int_t ngx_http_workers_upgrade_check(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, ngx_str_t *key);
static ngx_table_elt_t *ngx_http_workers_upgrade_header(ngx_http_request_t *r,
    const char *name, size_t len, ngx_table_elt_t *after);
static ngx_uint_t ngx_http_workers_upgrade_has(ngx_table_elt_t *h,
    const char *token, size_t len);
static void ngx_http_workers_upgrade_bad(ngx_http_workers_ctx_t *ctx,
    ngx_workers_websocket_t *ws);
static ngx_int_t ngx_http_workers_upgrade_respond(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, ngx_str_t *key, ngx_uint_t *bits);
static ngx_uint_t ngx_http_workers_upgrade_negotiate(
    ngx_http_workers_ctx_t *ctx);
static ngx_int_t ngx_http_workers_upgrade_add(ngx_http_request_t *r,
    const char *name, const char *value);
static ngx_int_t ngx_http_workers_upgrade_share(
    ngx_http_workers_process_t *process, ngx_uint_t zlib);
static void ngx_http_workers_upgrade_start(ngx_http_workers_upgrade_t *u);
static void *ngx_http_workers_upgrade_realloc(void *data, void *p,
    size_t size);

static void ngx_http_workers_upgrade_read_handler(ngx_event_t *rev);
static void ngx_http_workers_upgrade_write_handler(ngx_event_t *wev);
static void ngx_http_workers_upgrade_block(ngx_http_request_t *r);
static void ngx_http_workers_upgrade_timeout(ngx_http_workers_upgrade_t *u);
static void ngx_http_workers_upgrade_arm(ngx_http_workers_upgrade_t *u);
static void ngx_http_workers_upgrade_read(ngx_http_workers_upgrade_t *u);
static ngx_int_t ngx_http_workers_upgrade_parse(ngx_http_workers_upgrade_t *u,
    u_char **pos, u_char *last);
static ngx_int_t ngx_http_workers_upgrade_message(
    ngx_http_workers_upgrade_t *u, ngx_workers_websocket_message_t *message);
static void ngx_http_workers_upgrade_error(ngx_http_workers_upgrade_t *u,
    ngx_workers_websocket_message_t *message);
static void ngx_http_workers_upgrade_lost(ngx_http_workers_upgrade_t *u);

static ngx_int_t ngx_http_workers_upgrade_hear(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said);
static void ngx_http_workers_upgrade_resume(ngx_workers_websocket_t *ws);
static void ngx_http_workers_upgrade_orphan(ngx_workers_websocket_t *ws);
static u_char *ngx_http_workers_upgrade_room(ngx_http_workers_upgrade_t *u,
    size_t size);
static void ngx_http_workers_upgrade_wrote(ngx_http_workers_upgrade_t *u,
    u_char *last);
static ngx_int_t ngx_http_workers_upgrade_frame(ngx_http_workers_upgrade_t *u,
    ngx_uint_t opcode, ngx_str_t *data);
static ngx_int_t ngx_http_workers_upgrade_close(ngx_http_workers_upgrade_t *u,
    ngx_uint_t code, ngx_str_t *reason);
static void ngx_http_workers_upgrade_flush(ngx_http_workers_upgrade_t *u);
static void ngx_http_workers_upgrade_done(ngx_http_workers_upgrade_t *u);
static void ngx_http_workers_upgrade_free(ngx_http_workers_upgrade_t *u);
static void ngx_http_workers_upgrade_retire(ngx_workers_invocation_t *inv);


static const ngx_workers_websocket_sink_t  ngx_http_workers_upgrade_sink = {
    ngx_http_workers_upgrade_hear,
    ngx_http_workers_upgrade_resume,
    ngx_http_workers_upgrade_orphan
};


void
ngx_http_workers_upgrade(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res)
{
    ngx_str_t                    key;
    ngx_uint_t                   bits;
    ngx_http_request_t          *r;
    ngx_workers_websocket_t     *ws;
    ngx_http_workers_upgrade_t  *u;

    r = ctx->request;
    ws = res->websocket;

    if (ngx_http_workers_upgrade_check(ctx, res, &key) != NGX_OK) {
        return;
    }

    u = ngx_pcalloc(r->pool, sizeof(ngx_http_workers_upgrade_t));

    if (u == NULL
        || ngx_http_workers_upgrade_respond(ctx, res, &key, &bits) != NGX_OK)
    {
        ngx_http_workers_detach(ctx, NGX_WORKERS_CANCELED);
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    u->ctx = ctx;
    u->ws = ws;
    u->iso = ctx->inv->iso;
    u->bits = bits;
    u->parser.realloc = ngx_http_workers_upgrade_realloc;
    u->parser.data = u->iso;
    u->parser.max = ngx_workers_websocket_max(u->iso);
    u->parser.masked = 1;
    u->parser.deflate = (bits != 0);

    ctx->upgrade = u;

    if (ws->accepted) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "worker \"%V\" request %V: uncaught exception: "
                      "TypeError: Can't return WebSocket in a Response after "
                      "calling accept().", &ctx->script->script.name,
                      ngx_workers_invocation_id(ctx->inv));

        ws->used = 1;
        u->ws = NULL;
        u->ending = 1;

    } else {
        ws->used = 1;

        if (ngx_workers_websocket_attach(ws, &ngx_http_workers_upgrade_sink, u)
            != NGX_OK)
        {
            u->gone = 1;
        }
    }

    ngx_http_workers_upgrade_start(u);
}


/* NGX_OK: the handshake is one; otherwise it has been answered. */

static ngx_int_t
ngx_http_workers_upgrade_check(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, ngx_str_t *key)
{
    ngx_table_elt_t          *h;
    ngx_http_request_t       *r;
    ngx_workers_websocket_t  *ws;

    r = ctx->request;
    ws = res->websocket;

    if (ws == NULL
        || r != r->main
        || r->method != NGX_HTTP_GET
        || r->http_version != NGX_HTTP_VERSION_11
        || r->headers_in.upgrade == NULL
        || r->headers_in.upgrade->value.len != 9
        || ngx_strncasecmp(r->headers_in.upgrade->value.data,
                           (u_char *) "websocket", 9)
           != 0)
    {
        ngx_http_workers_fail(ctx, "Worker tried to return a WebSocket in a "
                              "response to a request which did not contain "
                              "the header \"Upgrade: websocket\".");
        return NGX_DECLINED;
    }

    if (ws->used) {
        ngx_http_workers_fail(ctx, "Can't return WebSocket that was already "
                              "used in a response.");
        return NGX_DECLINED;
    }

    if (ws->inv != ctx->inv) {
        ngx_http_workers_fail(ctx, "Cannot perform I/O on behalf of a "
                              "different request.");
        return NGX_DECLINED;
    }

    h = ngx_http_workers_upgrade_header(r, "sec-websocket-version", 21, NULL);

    if (h == NULL
        || h->value.len != 2
        || ngx_strncmp(h->value.data, "13", 2) != 0
        || !ngx_http_workers_upgrade_has(r->headers_in.connection, "upgrade", 7)
        || r->headers_in.content_length_n > 0
        || r->headers_in.chunked)
    {
        ngx_http_workers_upgrade_bad(ctx, ws);
        return NGX_DECLINED;
    }

    h = ngx_http_workers_upgrade_header(r, "sec-websocket-key", 17, NULL);

    if (h == NULL || h->value.len == 0) {
        ngx_http_workers_upgrade_bad(ctx, ws);
        return NGX_DECLINED;
    }

    *key = h->value;

    return NGX_OK;
}


/* The next header of that name, in lower case. */

static ngx_table_elt_t *
ngx_http_workers_upgrade_header(ngx_http_request_t *r, const char *name,
    size_t len, ngx_table_elt_t *after)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (after != NULL) {
                if (&h[i] == after) {
                    after = NULL;
                }

                continue;
            }

            if (h[i].key.len == len
                && ngx_strncmp(h[i].lowcase_key, name, len) == 0)
            {
                return &h[i];
            }
        }
    }

    return NULL;
}


/* Whether a list of tokens, maybe in several headers, has one. */

static ngx_uint_t
ngx_http_workers_upgrade_has(ngx_table_elt_t *h, const char *token, size_t len)
{
    u_char  *p, *start, *last;

    for ( /* void */ ; h != NULL; h = h->next) {
        p = h->value.data;
        last = p + h->value.len;

        while (p < last) {

            while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
                p++;
            }

            start = p;

            while (p < last && *p != ' ' && *p != '\t' && *p != ',') {
                p++;
            }

            if ((size_t) (p - start) == len
                && ngx_strncasecmp(start, (u_char *) token, len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


/* The handshake is not a valid one: 400; the script hears that nobody is. */

static void
ngx_http_workers_upgrade_bad(ngx_http_workers_ctx_t *ctx,
    ngx_workers_websocket_t *ws)
{
    ngx_http_request_t            *r;
    ngx_workers_websocket_said_t   said;

    r = ctx->request;

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "client sent invalid WebSocket handshake");

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_LOST;

    ws->used = 1;
    (void) ngx_workers_websocket_say(ws, &said);

    ngx_http_workers_detach(ctx, NGX_WORKERS_OK);

    (void) ngx_http_workers_upgrade_add(r, "Sec-WebSocket-Version", "13");

    r->keepalive = 0;
    ngx_http_finalize_request(r, NGX_HTTP_BAD_REQUEST);
}


/* Sends the head of the 101. */

static ngx_int_t
ngx_http_workers_upgrade_respond(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, ngx_str_t *key, ngx_uint_t *bits)
{
    u_char                *p;
    ngx_int_t              rc;
    ngx_str_t              hash, accept;
    ngx_sha1_t             sha1;
    ngx_uint_t             i;
    ngx_http_request_t    *r;
    ngx_workers_header_t  *h;
    u_char                 digest[20], text[ngx_base64_encoded_length(20) + 1];
    u_char                 extensions[128];

    r = ctx->request;

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, key->data, key->len);
    ngx_sha1_update(&sha1, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    ngx_sha1_final(digest, &sha1);

    hash.data = digest;
    hash.len = 20;
    accept.data = text;
    ngx_encode_base64(&accept, &hash);
    text[accept.len] = '\0';

    *bits = ngx_http_workers_upgrade_negotiate(ctx);

    if (ngx_http_workers_upgrade_share(ctx->inv->owner, *bits) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_workers_upgrade_add(r, "Upgrade", "websocket") != NGX_OK
        || ngx_http_workers_upgrade_add(r, "Sec-WebSocket-Accept",
                                        (char *) text)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (*bits != 0) {
        p = ngx_sprintf(extensions, "permessage-deflate; "
                        "server_no_context_takeover; "
                        "client_no_context_takeover");

        if (*bits != 15) {
            p = ngx_sprintf(p, "; server_max_window_bits=%ui", *bits);
        }

        *p = '\0';

        if (ngx_http_workers_upgrade_add(r, "Sec-WebSocket-Extensions",
                                         (char *) extensions)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    h = (res->headers != NULL) ? res->headers->elts : NULL;

    for (i = 0; h != NULL && i < res->headers->nelts; i++) {

        if ((h[i].name.len == 20
             && ngx_strncasecmp(h[i].name.data,
                                (u_char *) "sec-websocket-accept", 20) == 0)
            || (h[i].name.len == 24
                && ngx_strncasecmp(h[i].name.data,
                                   (u_char *) "sec-websocket-extensions", 24)
                   == 0))
        {
            continue;
        }

        if (ngx_http_workers_header(r, &h[i].name, &h[i].value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    r->keepalive = 0;
    r->headers_out.status = NGX_HTTP_SWITCHING_PROTOCOLS;
    ngx_str_set(&r->headers_out.status_line, "101 Switching Protocols");
    r->headers_out.content_length_n = -1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }

    return (ngx_http_send_special(r, NGX_HTTP_FLUSH) == NGX_ERROR) ? NGX_ERROR
                                                                   : NGX_OK;
}


/* The window's bits; 0: no compression. */

static ngx_uint_t
ngx_http_workers_upgrade_negotiate(ngx_http_workers_ctx_t *ctx)
{
    ngx_uint_t        bits;
    ngx_table_elt_t  *h;

    if (!ngx_workers_flag_holds(&ctx->script->script,
                                "web_socket_compression"))
    {
        return 0;
    }

    h = NULL;

    for ( ;; ) {
        h = ngx_http_workers_upgrade_header(ctx->request,
                                            "sec-websocket-extensions", 24, h);
        if (h == NULL) {
            return 0;
        }

        if (ngx_workers_websocket_negotiate(&h->value, &bits) == NGX_OK) {
            return bits;
        }
    }
}


static ngx_int_t
ngx_http_workers_upgrade_add(ngx_http_request_t *r, const char *name,
    const char *value)
{
    size_t            len;
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    len = ngx_strlen(value);

    h->hash = 1;
    h->next = NULL;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value.len = len;
    h->value.data = ngx_pnalloc(r->pool, len);

    if (h->value.data == NULL) {
        h->hash = 0;
        return NGX_ERROR;
    }

    ngx_memcpy(h->value.data, value, len);

    return NGX_OK;
}


/* What the process's sockets share, made with the first. */

static ngx_int_t
ngx_http_workers_upgrade_share(ngx_http_workers_process_t *process,
    ngx_uint_t zlib)
{
    if (process->websocket_buffer == NULL) {
        process->websocket_buffer = ngx_alloc(NGX_HTTP_WORKERS_UPGRADE_BUFFER,
                                              process->log);
        if (process->websocket_buffer == NULL) {
            return NGX_ERROR;
        }
    }

    if (zlib && process->websocket_zlib == NULL) {
        process->websocket_zlib =
                            ngx_workers_websocket_zlib_create(process->log);
        if (process->websocket_zlib == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
ngx_http_workers_upgrade_exit(ngx_http_workers_process_t *process)
{
    ngx_workers_websocket_zlib_free(process->websocket_zlib);

    if (process->websocket_buffer != NULL) {
        ngx_free(process->websocket_buffer);
    }

    process->websocket_zlib = NULL;
    process->websocket_buffer = NULL;
}


/* The connection is the socket's from now on. */

static void
ngx_http_workers_upgrade_start(ngx_http_workers_upgrade_t *u)
{
    ngx_buf_t                 *b;
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf;

    r = u->ctx->request;
    c = r->connection;
    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "workers upgrade %p to websocket", u);

    /* the script may let the Response and the other end go */

    ngx_workers_invocation_drop(u->ctx->inv);
    u->ctx->inv->retire = ngx_http_workers_upgrade_retire;

    c->log->action = "serving WebSocket";

    r->read_event_handler = ngx_http_workers_upgrade_block;
    r->write_event_handler = ngx_http_workers_upgrade_block;
    u->handler = c->write->handler;
    c->read->handler = ngx_http_workers_upgrade_read_handler;
    c->write->handler = ngx_http_workers_upgrade_write_handler;

    /* nginx calls the handler of what is idle when it is told to quit */

    c->idle = 1;

    if (clcf->tcp_nodelay && ngx_tcp_nodelay(c) != NGX_OK) {
        u->gone = 1;
    }

    /* a client may have sent frames already */

    b = r->header_in;

    if (b->pos < b->last && !u->ending) {
        u->nrest = b->last - b->pos;
        u->rest = ngx_alloc(u->nrest, c->log);

        if (u->rest == NULL) {
            u->nrest = 0;
            u->gone = 1;

        } else {
            ngx_memcpy(u->rest, b->pos, u->nrest);
        }
    }

    b->pos = b->last;

    u->active = ngx_current_msec;

    if (ngx_exiting) {
        c->close = 1;
    }

    ngx_http_workers_upgrade_arm(u);

    ngx_post_event(c->read, &ngx_posted_events);
    ngx_post_event(c->write, &ngx_posted_events);
}


/* Memory of the isolate, which counts it. */

static void *
ngx_http_workers_upgrade_realloc(void *data, void *p, size_t size)
{
    ngx_workers_isolate_t  *iso = data;

    if (size == 0) {
        js_free_rt(iso->rt, p);
        return NULL;
    }

    return js_realloc_rt(iso->rt, p, size);
}


static void
ngx_http_workers_upgrade_read_handler(ngx_event_t *rev)
{
    ngx_connection_t            *c;
    ngx_http_request_t          *r;
    ngx_http_workers_ctx_t      *ctx;
    ngx_http_workers_upgrade_t  *u;

    c = rev->data;
    r = c->data;
    ctx = ngx_http_get_module_ctx(r, ngx_http_workers_module);
    u = ctx->upgrade;

    ngx_http_set_log_request(c->log, r);

    if (c->close) {

        /* the process quits: soon, or now if it has no more patience */

        c->close = 0;
        u->gone |= c->error;
        u->exiting = 1;
        u->active = ngx_current_msec;

        ngx_http_workers_upgrade_arm(u);
    }

    if (rev->timedout) {
        rev->timedout = 0;
        ngx_http_workers_upgrade_timeout(u);
    }

    if (!u->gone && !u->ending) {
        ngx_http_workers_upgrade_read(u);
    }

    ngx_http_workers_upgrade_done(u);
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_workers_upgrade_write_handler(ngx_event_t *wev)
{
    ngx_connection_t            *c;
    ngx_http_request_t          *r;
    ngx_http_workers_ctx_t      *ctx;
    ngx_http_workers_upgrade_t  *u;

    c = wev->data;
    r = c->data;
    ctx = ngx_http_get_module_ctx(r, ngx_http_workers_module);
    u = ctx->upgrade;

    ngx_http_set_log_request(c->log, r);

    if (wev->timedout) {
        ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT, "client timed out");
        c->timedout = 1;
        ngx_http_workers_upgrade_lost(u);
    }

    ngx_http_workers_upgrade_done(u);
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_workers_upgrade_block(ngx_http_request_t *r)
{
    /* void */
}


/* The timer of reading is set once for many messages. */

static void
ngx_http_workers_upgrade_arm(ngx_http_workers_upgrade_t *u)
{
    ngx_msec_t                    timer, since;
    ngx_event_t                  *rev;
    ngx_http_workers_loc_conf_t  *wlcf;

    rev = u->ctx->request->connection->read;
    wlcf = ngx_http_get_module_loc_conf(u->ctx->request,
                                        ngx_http_workers_module);

    timer = (u->close_sent || u->close_received)
            ? wlcf->websocket_close_timeout
            : u->exiting ? wlcf->websocket_shutdown_timeout
                         : wlcf->websocket_ping_interval;

    if (rev->timer_set) {
        ngx_del_timer(rev);
    }

    if (timer == 0 && !u->close_sent && !u->close_received && !u->exiting) {
        return;
    }

    since = ngx_current_msec - u->active;

    ngx_add_timer(rev, (since < timer) ? timer - since : 1);
}


static void
ngx_http_workers_upgrade_timeout(ngx_http_workers_upgrade_t *u)
{
    ngx_str_t                     empty;
    ngx_msec_t                    since;
    ngx_http_workers_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(u->ctx->request,
                                        ngx_http_workers_module);
    ngx_str_null(&empty);

    since = ngx_current_msec - u->active;

    if (u->close_sent || u->close_received) {

        if (since >= wlcf->websocket_close_timeout) {
            ngx_http_workers_upgrade_lost(u);
            return;
        }

    } else if (u->exiting) {

        if (ngx_http_workers_upgrade_close(u, NGX_WORKERS_WEBSOCKET_RESTART,
                                           &empty)
            != NGX_OK)
        {
            ngx_http_workers_upgrade_lost(u);
        }

        return;

    } else if (since >= wlcf->websocket_ping_interval) {

        if (u->pinged) {
            ngx_log_error(NGX_LOG_INFO, u->ctx->request->connection->log, 0,
                          "client did not answer a ping");
            ngx_http_workers_upgrade_lost(u);
            return;
        }

        u->pinged = 1;
        u->active = ngx_current_msec;

        if (ngx_http_workers_upgrade_frame(u, NGX_WORKERS_WEBSOCKET_PING,
                                           &empty)
            != NGX_OK)
        {
            ngx_http_workers_upgrade_lost(u);
            return;
        }
    }

    ngx_http_workers_upgrade_arm(u);
}


static void
ngx_http_workers_upgrade_read(ngx_http_workers_upgrade_t *u)
{
    u_char                      *buf, *p, *last, *end;
    ssize_t                      n;
    ngx_uint_t                   i;
    ngx_event_t                 *rev;
    ngx_connection_t            *c;
    ngx_http_workers_process_t  *process;

    c = u->ctx->request->connection;
    rev = c->read;
    process = u->ctx->inv->owner;

    if (u->paused) {
        return;
    }

    buf = process->websocket_buffer;
    end = buf + NGX_HTTP_WORKERS_UPGRADE_BUFFER;
    p = buf;
    last = buf;

    if (u->rest != NULL) {
        last = ngx_cpymem(buf, u->rest, u->nrest);

        ngx_free(u->rest);
        u->rest = NULL;
        u->nrest = 0;
    }

    for (i = 0; /* void */ ; i++) {

        if (ngx_http_workers_upgrade_parse(u, &p, last) != NGX_AGAIN) {
            break;
        }

        n = last - p;
        ngx_memmove(buf, p, n);
        p = buf;
        last = buf + n;

        if (!rev->ready) {
            break;
        }

        if (i == NGX_HTTP_WORKERS_UPGRADE_READS) {
            ngx_post_event(rev, &ngx_posted_next_events);
            break;
        }

        n = c->recv(c, last, end - last);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == 0 || n == NGX_ERROR) {
            ngx_http_workers_upgrade_lost(u);
            return;
        }

        last += n;
        u->active = ngx_current_msec;
        u->pinged = 0;
    }

    if (u->gone || u->ending || u->ws == NULL) {
        return;
    }

    if (p < last) {
        u->nrest = last - p;
        u->rest = ngx_alloc(u->nrest, c->log);

        if (u->rest == NULL) {
            u->nrest = 0;
            ngx_http_workers_upgrade_lost(u);
            return;
        }

        ngx_memcpy(u->rest, p, u->nrest);
    }

    if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_http_workers_upgrade_lost(u);
    }
}


/* NGX_AGAIN: more is needed.  NGX_DONE: nothing is to be read now. */

static ngx_int_t
ngx_http_workers_upgrade_parse(ngx_http_workers_upgrade_t *u, u_char **pos,
    u_char *last)
{
    ngx_int_t                        rc;
    ngx_workers_websocket_message_t  message;

    for ( ;; ) {

        if (u->close_received) {

            /* what follows is not looked at */

            *pos = last;
            return NGX_AGAIN;
        }

        rc = ngx_workers_websocket_read(&u->parser, pos, last, &message);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc == NGX_OK) {
            rc = ngx_http_workers_upgrade_message(u, &message);
        }

        if (rc == NGX_ERROR) {
            ngx_http_workers_upgrade_error(u, &message);
            return NGX_DONE;
        }

        if (rc == NGX_DECLINED) {
            message.code = NGX_WORKERS_WEBSOCKET_INTERNAL_ERROR;
            message.reason = "Out of memory";
            ngx_http_workers_upgrade_error(u, &message);
            return NGX_DONE;
        }

        if (u->gone || u->ending || u->broken || u->ws == NULL) {
            return NGX_DONE;
        }

        if (u->pending > NGX_HTTP_WORKERS_UPGRADE_PENDING
            || ngx_workers_websocket_waiting(u->ws)
               > NGX_WORKERS_WEBSOCKET_WAITING_MAX)
        {
            u->paused = 1;
            return NGX_DONE;
        }
    }
}


static ngx_int_t
ngx_http_workers_upgrade_message(ngx_http_workers_upgrade_t *u,
    ngx_workers_websocket_message_t *message)
{
    ngx_int_t                      rc;
    ngx_str_t                      data;
    ngx_uint_t                     wide;
    ngx_workers_invocation_t      *inv;
    ngx_http_workers_process_t    *process;
    ngx_workers_websocket_said_t   said;

    inv = u->ctx->inv;
    ngx_str_null(&data);

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
    said.data = message->data;
    said.wide = message->wide;

    switch (message->opcode) {

    case NGX_WORKERS_WEBSOCKET_PING:
        if (u->close_sent) {
            return NGX_OK;
        }

        rc = ngx_http_workers_upgrade_frame(u, NGX_WORKERS_WEBSOCKET_PONG,
                                            &message->data);

        return (rc == NGX_OK) ? NGX_OK : NGX_DECLINED;

    case NGX_WORKERS_WEBSOCKET_PONG:
        return NGX_OK;

    case NGX_WORKERS_WEBSOCKET_CLOSE:
        u->close_received = 1;
        said.kind = NGX_WORKERS_WEBSOCKET_HEAR_CLOSE;
        said.code = message->code;
        break;

    case NGX_WORKERS_WEBSOCKET_TEXT:
        said.kind = NGX_WORKERS_WEBSOCKET_HEAR_TEXT;
        break;

    default:
        said.kind = NGX_WORKERS_WEBSOCKET_HEAR_BINARY;
    }

    if (message->compressed) {
        process = inv->owner;

        rc = ngx_workers_websocket_inflate(process->websocket_zlib,
                                           &message->data, u->parser.max,
                                           ngx_http_workers_upgrade_realloc,
                                           u->iso, &data);

        if (rc == NGX_OK && said.kind == NGX_WORKERS_WEBSOCKET_HEAR_TEXT
            && ngx_workers_utf8_scan(data.data, data.len, &wide) != data.len)
        {
            message->code = NGX_WORKERS_WEBSOCKET_BAD_DATA;
            message->reason = "Received text that is not UTF-8";
            rc = NGX_ERROR;

        } else if (rc == NGX_OK) {
            said.data = data;
            said.wide = 1;

        } else if (rc == NGX_ABORT) {
            message->code = NGX_WORKERS_WEBSOCKET_TOO_LARGE;
            message->reason = "Message is too large";
            message->size = u->parser.max + 1;
            rc = NGX_ERROR;

        } else if (rc == NGX_ERROR) {
            message->code = NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR;
            message->reason = "Invalid compressed data";
        }

        if (rc != NGX_OK) {
            js_free_rt(u->iso->rt, data.data);
            return rc;
        }
    }

    /* each message has the CPU time of a request */

    if (inv->cpu_limit != 0) {
        inv->cpu_limit = inv->cpu + (uint64_t) u->iso->script->cpu * 1000000;
    }

    rc = ngx_workers_websocket_say(u->ws, &said);

    if (data.data != NULL) {
        js_free_rt(u->iso->rt, data.data);
    }

    if (u->close_received) {
        ngx_http_workers_upgrade_arm(u);
    }

    return (rc == NGX_OK) ? NGX_OK : NGX_DECLINED;
}


/* The client broke the protocol: it and the script are told how. */

static void
ngx_http_workers_upgrade_error(ngx_http_workers_upgrade_t *u,
    ngx_workers_websocket_message_t *message)
{
    u_char                        *p;
    ngx_str_t                      reason;
    ngx_workers_websocket_said_t   said;
    u_char                         text[512];

    p = text + sizeof("WebSocket protocol error; protocolError.statusCode = "
                      "1000; protocolError.description = ") - 1;

    (void) ngx_sprintf(text, "WebSocket protocol error; "
                       "protocolError.statusCode = %ui; "
                       "protocolError.description = ", message->code);

    reason.data = p;
    p = ngx_sprintf(p, "%s", message->reason);

    if (message->size != 0) {
        p = ngx_sprintf(p, ": %uL > %uz", message->size, u->parser.max);
    }

    reason.len = p - reason.data;

    ngx_log_error(NGX_LOG_INFO, u->ctx->request->connection->log, 0,
                  "client broke the WebSocket protocol: %V", &reason);

    (void) ngx_http_workers_upgrade_close(u, message->code, &reason);

    u->ending = 1;

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_ERROR;
    said.data.data = text;
    said.data.len = p - text;

    if (u->ws != NULL) {
        (void) ngx_workers_websocket_say(u->ws, &said);
    }
}


/* The client has gone; the script hears it unless both had said goodbye. */

static void
ngx_http_workers_upgrade_lost(ngx_http_workers_upgrade_t *u)
{
    ngx_workers_websocket_said_t  said;

    if (u->gone) {
        return;
    }

    u->gone = 1;

    if (u->ws == NULL || u->close_received || u->ending) {
        return;
    }

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_LOST;

    (void) ngx_workers_websocket_say(u->ws, &said);
}


/* The other end speaks. */

static ngx_int_t
ngx_http_workers_upgrade_hear(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said)
{
    ngx_int_t                    rc;
    ngx_http_workers_upgrade_t  *u;

    u = ws->data;

    if (u->close_sent || u->ending || u->gone) {
        return NGX_OK;
    }

    switch (said->kind) {

    case NGX_WORKERS_WEBSOCKET_HEAR_TEXT:
        rc = ngx_http_workers_upgrade_frame(u, NGX_WORKERS_WEBSOCKET_TEXT,
                                            &said->data);
        break;

    case NGX_WORKERS_WEBSOCKET_HEAR_BINARY:
        rc = ngx_http_workers_upgrade_frame(u, NGX_WORKERS_WEBSOCKET_BINARY,
                                            &said->data);
        break;

    case NGX_WORKERS_WEBSOCKET_HEAR_CLOSE:
        rc = ngx_http_workers_upgrade_close(u, said->code, &said->data);
        break;

    default:
        u->ending = 1;
        rc = NGX_OK;
    }

    if (!u->ctx->request->connection->write->posted) {
        ngx_post_event(u->ctx->request->connection->write, &ngx_posted_events);
    }

    return rc;
}


static void
ngx_http_workers_upgrade_resume(ngx_workers_websocket_t *ws)
{
    ngx_event_t                 *rev;
    ngx_http_workers_upgrade_t  *u;

    u = ws->data;

    if (u->paused && u->pending <= NGX_HTTP_WORKERS_UPGRADE_PENDING / 2) {
        u->paused = 0;

        rev = u->ctx->request->connection->read;
        ngx_post_event(rev, &ngx_posted_events);
    }
}


static void
ngx_http_workers_upgrade_orphan(ngx_workers_websocket_t *ws)
{
    ngx_http_workers_upgrade_free(ws->data);
}


/* Room for a frame, in one piece; NULL: out of memory. */

static u_char *
ngx_http_workers_upgrade_room(ngx_http_workers_upgrade_t *u, size_t size)
{
    size_t                     least;
    ngx_http_workers_chunk_t  *chunk;

    chunk = u->out_last;

    if (chunk != NULL && (size_t) (chunk->end - chunk->last) >= size) {
        return chunk->last;
    }

    /* many small messages share a chunk, and a call of the kernel */

    least = (chunk == NULL) ? NGX_HTTP_WORKERS_UPGRADE_CHUNK
                            : 16 * NGX_HTTP_WORKERS_UPGRADE_CHUNK;
    size = ngx_max(size, least);

    chunk = js_malloc_rt(u->iso->rt, sizeof(ngx_http_workers_chunk_t) + size);
    if (chunk == NULL) {
        return NULL;
    }

    chunk->next = NULL;
    chunk->pos = chunk->data;
    chunk->last = chunk->data;
    chunk->end = chunk->data + size;

    if (u->out == NULL) {
        u->out = chunk;

    } else {
        u->out_last->next = chunk;
    }

    u->out_last = chunk;

    return chunk->last;
}


static void
ngx_http_workers_upgrade_wrote(ngx_http_workers_upgrade_t *u, u_char *last)
{
    u->pending += last - u->out_last->last;
    u->out_last->last = last;
}


static ngx_int_t
ngx_http_workers_upgrade_frame(ngx_http_workers_upgrade_t *u,
    ngx_uint_t opcode, ngx_str_t *data)
{
    u_char                      *p, *payload, *last;
    size_t                       head;
    ngx_http_workers_process_t  *process;

    p = ngx_http_workers_upgrade_room(u, NGX_WORKERS_WEBSOCKET_HEAD_MAX
                                         + data->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (u->bits != 0 && data->len >= NGX_WORKERS_WEBSOCKET_DEFLATE_MIN
        && data->len < (uint32_t) -1
        && opcode < NGX_WORKERS_WEBSOCKET_CLOSE)
    {
        process = u->ctx->inv->owner;
        payload = p + NGX_WORKERS_WEBSOCKET_HEAD_MAX;

        last = ngx_workers_websocket_deflate(process->websocket_zlib, u->bits,
                                             data, payload);
        if (last != NULL) {
            head = ngx_workers_websocket_head(p, opcode, 1, last - payload) - p;
            ngx_memmove(p + head, payload, last - payload);
            ngx_http_workers_upgrade_wrote(u, p + head + (last - payload));

            return NGX_OK;
        }
    }

    p = ngx_workers_websocket_head(p, opcode, 0, data->len);

    if (data->len != 0) {
        p = ngx_cpymem(p, data->data, data->len);
    }

    ngx_http_workers_upgrade_wrote(u, p);

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_upgrade_close(ngx_http_workers_upgrade_t *u, ngx_uint_t code,
    ngx_str_t *reason)
{
    ngx_str_t  payload;
    u_char     buf[NGX_WORKERS_WEBSOCKET_CONTROL_MAX];

    if (u->close_sent) {
        return NGX_OK;
    }

    payload.data = buf;
    payload.len = ngx_workers_websocket_close_payload(buf, code, reason) - buf;

    if (ngx_http_workers_upgrade_frame(u, NGX_WORKERS_WEBSOCKET_CLOSE,
                                       &payload)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    u->close_sent = 1;
    u->active = ngx_current_msec;

    ngx_http_workers_upgrade_arm(u);

    return NGX_OK;
}


static void
ngx_http_workers_upgrade_flush(ngx_http_workers_upgrade_t *u)
{
    ssize_t                    n;
    ngx_event_t               *wev;
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_workers_chunk_t  *chunk;
    ngx_http_core_loc_conf_t  *clcf;

    r = u->ctx->request;
    c = r->connection;
    wev = c->write;

    if (r->buffered || c->buffered) {

        /* the answer to the handshake */

        if (ngx_http_output_filter(r, NULL) == NGX_ERROR) {
            ngx_http_workers_upgrade_lost(u);
            return;
        }

        if (r->buffered || c->buffered) {
            goto wait;
        }
    }

    while (u->out != NULL) {
        chunk = u->out;

        n = c->send(c, chunk->pos, chunk->last - chunk->pos);

        if (n == NGX_AGAIN) {
            goto wait;
        }

        if (n == NGX_ERROR) {
            ngx_http_workers_upgrade_lost(u);
            return;
        }

        chunk->pos += n;
        u->pending -= n;

        if (chunk->pos == chunk->last) {
            u->out = chunk->next;
            js_free_rt(u->iso->rt, chunk);
        }
    }

    u->out_last = NULL;

    if (wev->timer_set) {
        ngx_del_timer(wev);
    }

    if (u->ws != NULL
        && ngx_workers_websocket_waiting(u->ws)
           <= NGX_WORKERS_WEBSOCKET_WAITING_MAX)
    {
        ngx_http_workers_upgrade_resume(u->ws);
    }

    return;

wait:

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_add_timer(wev, clcf->send_timeout);

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        ngx_http_workers_upgrade_lost(u);
    }
}


/* The end of an event: sends what there is, and looks whether it was all. */

static void
ngx_http_workers_upgrade_done(ngx_http_workers_upgrade_t *u)
{
    ngx_int_t                rc;
    ngx_str_t                empty;
    ngx_connection_t        *c;
    ngx_http_request_t      *r;
    ngx_workers_outcome_e    outcome;
    ngx_http_workers_ctx_t  *ctx;

    ctx = u->ctx;
    r = ctx->request;
    c = r->connection;

    if (u->broken && !u->ending && !u->gone) {
        ngx_str_null(&empty);

        (void) ngx_http_workers_upgrade_close(u,
                                          NGX_WORKERS_WEBSOCKET_INTERNAL_ERROR,
                                          &empty);
        u->ending = 1;
    }

    if (!u->gone) {
        ngx_http_workers_upgrade_flush(u);
    }

    if (!u->gone) {

        if (u->out != NULL || r->buffered || c->buffered) {
            return;
        }

        if (!u->ending && !(u->close_sent && u->close_received)) {
            return;
        }
    }

    rc = u->gone ? NGX_ERROR : NGX_OK;
    outcome = u->gone ? NGX_WORKERS_CANCELED : NGX_WORKERS_OK;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "workers upgrade %p ends, rc %i", u, rc);

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    c->idle = 0;
    c->read->handler = u->handler;
    c->write->handler = u->handler;
    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_workers_detach(ctx, outcome);
    ngx_http_finalize_request(r, rc);
}


void
ngx_http_workers_upgrade_detach(ngx_http_workers_ctx_t *ctx)
{
    if (ctx->upgrade != NULL) {
        ctx->inv->retire = NULL;
        ngx_http_workers_upgrade_free(ctx->upgrade);
    }
}


/* Lets the end and the isolate's memory go.  Idempotent. */

static void
ngx_http_workers_upgrade_free(ngx_http_workers_upgrade_t *u)
{
    ngx_workers_websocket_t   *ws;
    ngx_http_workers_chunk_t  *chunk;

    while (u->out != NULL) {
        chunk = u->out;
        u->out = chunk->next;
        js_free_rt(u->iso->rt, chunk);
    }

    u->out_last = NULL;
    u->pending = 0;
    u->ending = 1;

    ngx_workers_websocket_parser_done(&u->parser);

    if (u->rest != NULL) {
        ngx_free(u->rest);
        u->rest = NULL;
        u->nrest = 0;
    }

    ws = u->ws;

    if (ws != NULL) {
        u->ws = NULL;
        ws->sink = NULL;
        ws->failed = 1;
        ngx_workers_websocket_release(ws);
    }
}


void
ngx_http_workers_upgrade_fail(ngx_http_workers_ctx_t *ctx)
{
    ngx_event_t  *wev;

    ctx->upgrade->broken = 1;

    wev = ctx->request->connection->write;

    if (!wev->posted) {
        ngx_post_event(wev, &ngx_posted_events);
    }
}


static void
ngx_http_workers_upgrade_retire(ngx_workers_invocation_t *inv)
{
    if (inv->data != NULL) {
        ngx_http_workers_upgrade_fail(inv->data);
    }
}
