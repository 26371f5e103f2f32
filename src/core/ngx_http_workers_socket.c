
/*
 * Copyright (C) the nginx-workers authors
 *
 * A client's WebSocket after the handshake: the sink that is its connection.
 * The request stays until the connection ends, and with it the invocation.
 *
 * All sockets of a process read into one buffer; what is sent waits in chunks
 * of the isolate's memory, and goes out once in a turn of the event loop.  An
 * idle socket has neither.  The request is finalized only at the end of an
 * event's handler, never while JavaScript or the content handler runs.
 */


#include "ngx_http_workers_request.h"
#include "../web/ngx_workers_websocket_deflate.h"
#include "../web/ngx_workers_utf8.h"


#define NGX_HTTP_WORKERS_SOCKET_BUFFER   (64 * 1024)

/* Reads in a turn of the event loop, before other sockets have theirs. */
#define NGX_HTTP_WORKERS_SOCKET_READS    16

/* Bytes that wait for the client, before nothing is read from it. */
#define NGX_HTTP_WORKERS_SOCKET_PENDING  (256 * 1024)

#define NGX_HTTP_WORKERS_SOCKET_CHUNK    976


typedef struct ngx_http_workers_chunk_s  ngx_http_workers_chunk_t;

struct ngx_http_workers_chunk_s {
    ngx_http_workers_chunk_t        *next;
    u_char                          *pos;
    u_char                          *last;
    u_char                          *end;
    u_char                           data[];
};


struct ngx_http_workers_socket_s {
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


static ngx_int_t ngx_http_workers_socket_share(
    ngx_http_workers_process_t *process, ngx_uint_t zlib);
static void *ngx_http_workers_socket_realloc(void *data, void *p,
    size_t size);

static void ngx_http_workers_socket_read_handler(ngx_event_t *rev);
static void ngx_http_workers_socket_write_handler(ngx_event_t *wev);
static void ngx_http_workers_socket_block(ngx_http_request_t *r);
static void ngx_http_workers_socket_timeout(ngx_http_workers_socket_t *s);
static void ngx_http_workers_socket_arm(ngx_http_workers_socket_t *s);
static void ngx_http_workers_socket_read(ngx_http_workers_socket_t *s);
static ngx_int_t ngx_http_workers_socket_parse(ngx_http_workers_socket_t *s,
    u_char **pos, u_char *last);
static ngx_int_t ngx_http_workers_socket_message(
    ngx_http_workers_socket_t *s, ngx_workers_websocket_message_t *message);
static void ngx_http_workers_socket_error(ngx_http_workers_socket_t *s,
    ngx_workers_websocket_message_t *message);
static void ngx_http_workers_socket_lost(ngx_http_workers_socket_t *s);

static ngx_int_t ngx_http_workers_socket_hear(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said);
static void ngx_http_workers_socket_resume(ngx_workers_websocket_t *ws);
static void ngx_http_workers_socket_orphan(ngx_workers_websocket_t *ws);
static u_char *ngx_http_workers_socket_room(ngx_http_workers_socket_t *s,
    size_t size);
static void ngx_http_workers_socket_wrote(ngx_http_workers_socket_t *s,
    u_char *last);
static ngx_int_t ngx_http_workers_socket_frame(ngx_http_workers_socket_t *s,
    ngx_uint_t opcode, ngx_str_t *data);
static ngx_int_t ngx_http_workers_socket_close(ngx_http_workers_socket_t *s,
    ngx_uint_t code, ngx_str_t *reason);
static void ngx_http_workers_socket_flush(ngx_http_workers_socket_t *s);
static void ngx_http_workers_socket_done(ngx_http_workers_socket_t *s);
static void ngx_http_workers_socket_free(ngx_http_workers_socket_t *s);
static void ngx_http_workers_socket_retire(ngx_workers_invocation_t *inv);


static const ngx_workers_websocket_sink_t  ngx_http_workers_socket_sink = {
    ngx_http_workers_socket_hear,
    ngx_http_workers_socket_resume,
    ngx_http_workers_socket_orphan
};


ngx_http_workers_socket_t *
ngx_http_workers_socket_create(ngx_http_workers_ctx_t *ctx, ngx_uint_t bits)
{
    ngx_http_workers_socket_t  *s;

    if (ngx_http_workers_socket_share(ctx->inv->owner, bits) != NGX_OK) {
        return NULL;
    }

    s = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_workers_socket_t));
    if (s == NULL) {
        return NULL;
    }

    s->ctx = ctx;
    s->iso = ctx->inv->iso;
    s->bits = bits;
    s->parser.realloc = ngx_http_workers_socket_realloc;
    s->parser.data = s->iso;
    s->parser.max = ngx_workers_websocket_max(s->iso);
    s->parser.masked = 1;
    s->parser.deflate = (bits != 0);

    return s;
}


/* What the process's sockets share, made with the first. */

static ngx_int_t
ngx_http_workers_socket_share(ngx_http_workers_process_t *process,
    ngx_uint_t zlib)
{
    if (process->websocket_buffer == NULL) {
        process->websocket_buffer = ngx_alloc(NGX_HTTP_WORKERS_SOCKET_BUFFER,
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
ngx_http_workers_socket_exit(ngx_http_workers_process_t *process)
{
    ngx_workers_websocket_zlib_free(process->websocket_zlib);

    if (process->linger.event.posted) {
        ngx_delete_posted_event(&process->linger.event);
    }

    if (process->websocket_buffer != NULL) {
        ngx_free(process->websocket_buffer);
    }

    process->websocket_zlib = NULL;
    process->websocket_buffer = NULL;
}


void
ngx_http_workers_socket_start(ngx_http_workers_socket_t *s,
    ngx_workers_websocket_t *ws)
{
    ngx_buf_t                 *b;
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf;

    r = s->ctx->request;
    c = r->connection;
    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "workers socket %p starts", s);

    s->ctx->socket = s;

    if (ws == NULL) {
        s->ending = 1;

    } else {
        s->ws = ws;

        if (ngx_workers_websocket_attach(ws, &ngx_http_workers_socket_sink, s)
            != NGX_OK)
        {
            s->gone = 1;
        }
    }

    /* the script may let the Response and the other end go */

    ngx_workers_invocation_drop(s->ctx->inv);
    s->ctx->inv->retire = ngx_http_workers_socket_retire;

    c->log->action = "serving WebSocket";

    r->read_event_handler = ngx_http_workers_socket_block;
    r->write_event_handler = ngx_http_workers_socket_block;
    s->handler = c->write->handler;
    c->read->handler = ngx_http_workers_socket_read_handler;
    c->write->handler = ngx_http_workers_socket_write_handler;

    /* nginx calls the handler of what is idle when it is told to quit */

    c->idle = 1;

    if (clcf->tcp_nodelay && ngx_tcp_nodelay(c) != NGX_OK) {
        s->gone = 1;
    }

    /* a client may have sent frames already */

    b = r->header_in;

    if (b->pos < b->last && !s->ending) {
        s->nrest = b->last - b->pos;
        s->rest = ngx_alloc(s->nrest, c->log);

        if (s->rest == NULL) {
            s->nrest = 0;
            s->gone = 1;

        } else {
            ngx_memcpy(s->rest, b->pos, s->nrest);
        }
    }

    b->pos = b->last;

    s->active = ngx_current_msec;

    if (ngx_exiting) {
        c->close = 1;
    }

    ngx_http_workers_socket_arm(s);

    ngx_post_event(c->read, &ngx_posted_events);
    ngx_post_event(c->write, &ngx_posted_events);
}


/* Memory of the isolate, which counts it. */

static void *
ngx_http_workers_socket_realloc(void *data, void *p, size_t size)
{
    ngx_workers_isolate_t  *iso = data;

    if (size == 0) {
        js_free_rt(iso->rt, p);
        return NULL;
    }

    return js_realloc_rt(iso->rt, p, size);
}


static void
ngx_http_workers_socket_read_handler(ngx_event_t *rev)
{
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_workers_ctx_t     *ctx;
    ngx_http_workers_socket_t  *s;

    c = rev->data;
    r = c->data;
    ctx = ngx_http_get_module_ctx(r, ngx_http_workers_module);
    s = ctx->socket;

    ngx_http_set_log_request(c->log, r);

    if (c->close) {

        /* the process quits: soon, or now if it has no more patience */

        c->close = 0;
        s->gone |= c->error;
        s->exiting = 1;
        s->active = ngx_current_msec;

        ngx_http_workers_socket_arm(s);
    }

    if (rev->timedout) {
        rev->timedout = 0;
        ngx_http_workers_socket_timeout(s);
    }

    if (!s->gone && !s->ending) {
        ngx_http_workers_socket_read(s);
    }

    ngx_http_workers_socket_done(s);
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_workers_socket_write_handler(ngx_event_t *wev)
{
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_workers_ctx_t     *ctx;
    ngx_http_workers_socket_t  *s;

    c = wev->data;
    r = c->data;
    ctx = ngx_http_get_module_ctx(r, ngx_http_workers_module);
    s = ctx->socket;

    ngx_http_set_log_request(c->log, r);

    if (wev->timedout) {
        ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT, "client timed out");
        c->timedout = 1;
        ngx_http_workers_socket_lost(s);
    }

    ngx_http_workers_socket_done(s);
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_workers_socket_block(ngx_http_request_t *r)
{
    /* void */
}


/* The timer of reading is set once for many messages. */

static void
ngx_http_workers_socket_arm(ngx_http_workers_socket_t *s)
{
    ngx_msec_t                    timer, since;
    ngx_event_t                  *rev;
    ngx_http_workers_loc_conf_t  *wlcf;

    rev = s->ctx->request->connection->read;
    wlcf = ngx_http_get_module_loc_conf(s->ctx->request,
                                        ngx_http_workers_module);

    timer = (s->close_sent || s->close_received)
            ? wlcf->websocket_close_timeout
            : s->exiting ? wlcf->websocket_shutdown_timeout
                         : wlcf->websocket_ping_interval;

    if (rev->timer_set) {
        ngx_del_timer(rev);
    }

    if (timer == 0 && !s->close_sent && !s->close_received && !s->exiting) {
        return;
    }

    since = ngx_current_msec - s->active;

    ngx_add_timer(rev, (since < timer) ? timer - since : 1);
}


static void
ngx_http_workers_socket_timeout(ngx_http_workers_socket_t *s)
{
    ngx_str_t                     empty;
    ngx_msec_t                    since;
    ngx_http_workers_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(s->ctx->request,
                                        ngx_http_workers_module);
    ngx_str_null(&empty);

    since = ngx_current_msec - s->active;

    if (s->close_sent || s->close_received) {

        if (since >= wlcf->websocket_close_timeout) {
            ngx_http_workers_socket_lost(s);
            return;
        }

    } else if (s->exiting) {

        if (ngx_http_workers_socket_close(s, NGX_WORKERS_WEBSOCKET_RESTART,
                                           &empty)
            != NGX_OK)
        {
            ngx_http_workers_socket_lost(s);
        }

        return;

    } else if (since >= wlcf->websocket_ping_interval) {

        if (s->pinged) {
            ngx_log_error(NGX_LOG_INFO, s->ctx->request->connection->log, 0,
                          "client did not answer a ping");
            ngx_http_workers_socket_lost(s);
            return;
        }

        s->pinged = 1;
        s->active = ngx_current_msec;

        if (ngx_http_workers_socket_frame(s, NGX_WORKERS_WEBSOCKET_PING,
                                           &empty)
            != NGX_OK)
        {
            ngx_http_workers_socket_lost(s);
            return;
        }
    }

    ngx_http_workers_socket_arm(s);
}


static void
ngx_http_workers_socket_read(ngx_http_workers_socket_t *s)
{
    u_char                      *buf, *p, *last, *end;
    ssize_t                      n;
    ngx_uint_t                   i;
    ngx_event_t                 *rev;
    ngx_connection_t            *c;
    ngx_http_workers_process_t  *process;

    c = s->ctx->request->connection;
    rev = c->read;
    process = s->ctx->inv->owner;

    if (s->paused) {
        return;
    }

    buf = process->websocket_buffer;
    end = buf + NGX_HTTP_WORKERS_SOCKET_BUFFER;
    p = buf;
    last = buf;

    if (s->rest != NULL) {
        last = ngx_cpymem(buf, s->rest, s->nrest);

        ngx_free(s->rest);
        s->rest = NULL;
        s->nrest = 0;
    }

    for (i = 0; /* void */ ; i++) {

        if (ngx_http_workers_socket_parse(s, &p, last) != NGX_AGAIN) {
            break;
        }

        n = last - p;
        ngx_memmove(buf, p, n);
        p = buf;
        last = buf + n;

        if (!rev->ready) {
            break;
        }

        if (i == NGX_HTTP_WORKERS_SOCKET_READS) {
            ngx_post_event(rev, &ngx_posted_next_events);
            break;
        }

        n = c->recv(c, last, end - last);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == 0 || n == NGX_ERROR) {
            ngx_http_workers_socket_lost(s);
            return;
        }

        last += n;
        s->active = ngx_current_msec;
        s->pinged = 0;
        process->linger.heard = 1;
    }

    if (s->gone || s->ending || s->ws == NULL) {
        return;
    }

    if (p < last) {
        s->nrest = last - p;
        s->rest = ngx_alloc(s->nrest, c->log);

        if (s->rest == NULL) {
            s->nrest = 0;
            ngx_http_workers_socket_lost(s);
            return;
        }

        ngx_memcpy(s->rest, p, s->nrest);
    }

    if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_http_workers_socket_lost(s);
    }
}


/* NGX_AGAIN: more is needed.  NGX_DONE: nothing is to be read now. */

static ngx_int_t
ngx_http_workers_socket_parse(ngx_http_workers_socket_t *s, u_char **pos,
    u_char *last)
{
    ngx_int_t                        rc;
    ngx_workers_websocket_message_t  message;

    for ( ;; ) {

        if (s->close_received) {

            /* what follows is not looked at */

            *pos = last;
            return NGX_AGAIN;
        }

        rc = ngx_workers_websocket_read(&s->parser, pos, last, &message);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc == NGX_OK) {
            rc = ngx_http_workers_socket_message(s, &message);
        }

        if (rc == NGX_ERROR) {
            ngx_http_workers_socket_error(s, &message);
            return NGX_DONE;
        }

        if (rc == NGX_DECLINED) {
            message.code = NGX_WORKERS_WEBSOCKET_INTERNAL_ERROR;
            message.reason = "Out of memory";
            ngx_http_workers_socket_error(s, &message);
            return NGX_DONE;
        }

        if (s->gone || s->ending || s->broken || s->ws == NULL) {
            return NGX_DONE;
        }

        if (s->pending > NGX_HTTP_WORKERS_SOCKET_PENDING
            || ngx_workers_websocket_waiting(s->ws)
               > NGX_WORKERS_WEBSOCKET_WAITING_MAX)
        {
            s->paused = 1;
            return NGX_DONE;
        }
    }
}


static ngx_int_t
ngx_http_workers_socket_message(ngx_http_workers_socket_t *s,
    ngx_workers_websocket_message_t *message)
{
    ngx_int_t                      rc;
    ngx_str_t                      data;
    ngx_uint_t                     wide;
    ngx_workers_invocation_t      *inv;
    ngx_http_workers_process_t    *process;
    ngx_workers_websocket_said_t   said;

    inv = s->ctx->inv;
    ngx_str_null(&data);

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
    said.data = message->data;
    said.wide = message->wide;

    switch (message->opcode) {

    case NGX_WORKERS_WEBSOCKET_PING:
        if (s->close_sent) {
            return NGX_OK;
        }

        rc = ngx_http_workers_socket_frame(s, NGX_WORKERS_WEBSOCKET_PONG,
                                            &message->data);

        return (rc == NGX_OK) ? NGX_OK : NGX_DECLINED;

    case NGX_WORKERS_WEBSOCKET_PONG:
        return NGX_OK;

    case NGX_WORKERS_WEBSOCKET_CLOSE:
        s->close_received = 1;
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
                                           &message->data, s->parser.max,
                                           ngx_http_workers_socket_realloc,
                                           s->iso, &data);

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
            message->size = s->parser.max + 1;
            rc = NGX_ERROR;

        } else if (rc == NGX_ERROR) {
            message->code = NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR;
            message->reason = "Invalid compressed data";
        }

        if (rc != NGX_OK) {
            js_free_rt(s->iso->rt, data.data);
            return rc;
        }
    }

    /* each message has the CPU time of a request */

    if (inv->cpu_limit != 0) {
        inv->cpu_limit = inv->cpu + (uint64_t) s->iso->script->cpu * 1000000;
    }

    rc = ngx_workers_websocket_say(s->ws, &said);

    if (data.data != NULL) {
        js_free_rt(s->iso->rt, data.data);
    }

    if (s->close_received) {
        ngx_http_workers_socket_arm(s);
    }

    return (rc == NGX_OK) ? NGX_OK : NGX_DECLINED;
}


/* The client broke the protocol: it and the script are told how. */

static void
ngx_http_workers_socket_error(ngx_http_workers_socket_t *s,
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
        p = ngx_sprintf(p, ": %uL > %uz", message->size, s->parser.max);
    }

    reason.len = p - reason.data;

    ngx_log_error(NGX_LOG_INFO, s->ctx->request->connection->log, 0,
                  "client broke the WebSocket protocol: %V", &reason);

    (void) ngx_http_workers_socket_close(s, message->code, &reason);

    s->ending = 1;

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_ERROR;
    said.data.data = text;
    said.data.len = p - text;

    if (s->ws != NULL) {
        (void) ngx_workers_websocket_say(s->ws, &said);
    }
}


/* The client has gone; the script hears it unless both had said goodbye. */

static void
ngx_http_workers_socket_lost(ngx_http_workers_socket_t *s)
{
    ngx_workers_websocket_said_t  said;

    if (s->gone) {
        return;
    }

    s->gone = 1;

    if (s->ws == NULL || s->close_received || s->ending) {
        return;
    }

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_LOST;

    (void) ngx_workers_websocket_say(s->ws, &said);
}


/* The other end speaks. */

static ngx_int_t
ngx_http_workers_socket_hear(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said)
{
    ngx_int_t                   rc;
    ngx_http_workers_socket_t  *s;

    s = ws->data;

    if (s->close_sent || s->ending || s->gone) {
        return NGX_OK;
    }

    switch (said->kind) {

    case NGX_WORKERS_WEBSOCKET_HEAR_TEXT:
        rc = ngx_http_workers_socket_frame(s, NGX_WORKERS_WEBSOCKET_TEXT,
                                            &said->data);
        break;

    case NGX_WORKERS_WEBSOCKET_HEAR_BINARY:
        rc = ngx_http_workers_socket_frame(s, NGX_WORKERS_WEBSOCKET_BINARY,
                                            &said->data);
        break;

    case NGX_WORKERS_WEBSOCKET_HEAR_CLOSE:
        rc = ngx_http_workers_socket_close(s, said->code, &said->data);
        break;

    default:
        s->ending = 1;
        rc = NGX_OK;
    }

    if (!s->ctx->request->connection->write->posted) {
        ngx_post_event(s->ctx->request->connection->write, &ngx_posted_events);
    }

    return rc;
}


static void
ngx_http_workers_socket_resume(ngx_workers_websocket_t *ws)
{
    ngx_event_t                *rev;
    ngx_http_workers_socket_t  *s;

    s = ws->data;

    if (s->paused && s->pending <= NGX_HTTP_WORKERS_SOCKET_PENDING / 2) {
        s->paused = 0;

        rev = s->ctx->request->connection->read;
        ngx_post_event(rev, &ngx_posted_events);
    }
}


static void
ngx_http_workers_socket_orphan(ngx_workers_websocket_t *ws)
{
    ngx_http_workers_socket_free(ws->data);
}


/* Room for a frame, in one piece; NULL: out of memory. */

static u_char *
ngx_http_workers_socket_room(ngx_http_workers_socket_t *s, size_t size)
{
    size_t                     least;
    ngx_http_workers_chunk_t  *chunk;

    chunk = s->out_last;

    if (chunk != NULL && (size_t) (chunk->end - chunk->last) >= size) {
        return chunk->last;
    }

    /* many small messages share a chunk, and a call of the kernel */

    least = (chunk == NULL) ? NGX_HTTP_WORKERS_SOCKET_CHUNK
                            : 16 * NGX_HTTP_WORKERS_SOCKET_CHUNK;
    size = ngx_max(size, least);

    chunk = js_malloc_rt(s->iso->rt, sizeof(ngx_http_workers_chunk_t) + size);
    if (chunk == NULL) {
        return NULL;
    }

    chunk->next = NULL;
    chunk->pos = chunk->data;
    chunk->last = chunk->data;
    chunk->end = chunk->data + size;

    if (s->out == NULL) {
        s->out = chunk;

    } else {
        s->out_last->next = chunk;
    }

    s->out_last = chunk;

    return chunk->last;
}


static void
ngx_http_workers_socket_wrote(ngx_http_workers_socket_t *s, u_char *last)
{
    s->pending += last - s->out_last->last;
    s->out_last->last = last;

    if (s->ws != NULL) {
        s->ws->unsent = s->pending;
    }
}


static ngx_int_t
ngx_http_workers_socket_frame(ngx_http_workers_socket_t *s,
    ngx_uint_t opcode, ngx_str_t *data)
{
    u_char                      *p, *payload, *last;
    size_t                       head;
    ngx_http_workers_process_t  *process;

    p = ngx_http_workers_socket_room(s, NGX_WORKERS_WEBSOCKET_HEAD_MAX
                                         + data->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (s->bits != 0 && data->len >= NGX_WORKERS_WEBSOCKET_DEFLATE_MIN
        && data->len < (uint32_t) -1
        && opcode < NGX_WORKERS_WEBSOCKET_CLOSE)
    {
        process = s->ctx->inv->owner;
        payload = p + NGX_WORKERS_WEBSOCKET_HEAD_MAX;

        last = ngx_workers_websocket_deflate(process->websocket_zlib, s->bits,
                                             data, payload);
        if (last != NULL) {
            head = ngx_workers_websocket_head(p, opcode, 1, last - payload) - p;
            ngx_memmove(p + head, payload, last - payload);
            ngx_http_workers_socket_wrote(s, p + head + (last - payload));

            return NGX_OK;
        }
    }

    p = ngx_workers_websocket_head(p, opcode, 0, data->len);

    if (data->len != 0) {
        p = ngx_cpymem(p, data->data, data->len);
    }

    ngx_http_workers_socket_wrote(s, p);

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_socket_close(ngx_http_workers_socket_t *s, ngx_uint_t code,
    ngx_str_t *reason)
{
    ngx_str_t  payload;
    u_char     buf[NGX_WORKERS_WEBSOCKET_CONTROL_MAX];

    if (s->close_sent) {
        return NGX_OK;
    }

    payload.data = buf;
    payload.len = ngx_workers_websocket_close_payload(buf, code, reason) - buf;

    if (ngx_http_workers_socket_frame(s, NGX_WORKERS_WEBSOCKET_CLOSE,
                                       &payload)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    s->close_sent = 1;
    s->active = ngx_current_msec;

    ngx_http_workers_socket_arm(s);

    return NGX_OK;
}


static void
ngx_http_workers_socket_flush(ngx_http_workers_socket_t *s)
{
    ssize_t                    n;
    ngx_event_t               *wev;
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_workers_chunk_t  *chunk;
    ngx_http_core_loc_conf_t  *clcf;

    r = s->ctx->request;
    c = r->connection;
    wev = c->write;

    if (r->buffered || c->buffered) {

        /* the answer to the handshake */

        if (ngx_http_output_filter(r, NULL) == NGX_ERROR) {
            ngx_http_workers_socket_lost(s);
            return;
        }

        if (r->buffered || c->buffered) {
            goto wait;
        }
    }

    while (s->out != NULL) {
        chunk = s->out;

        n = c->send(c, chunk->pos, chunk->last - chunk->pos);

        if (n == NGX_AGAIN) {
            goto wait;
        }

        if (n == NGX_ERROR) {
            ngx_http_workers_socket_lost(s);
            return;
        }

        chunk->pos += n;
        s->pending -= n;

        if (chunk->pos == chunk->last) {
            s->out = chunk->next;
            js_free_rt(s->iso->rt, chunk);
        }
    }

    if (s->out_last != NULL) {
        s->out_last = NULL;
        ngx_http_workers_linger(s->ctx->inv->owner);
    }

    if (wev->timer_set) {
        ngx_del_timer(wev);
    }

    if (s->ws != NULL) {
        ngx_workers_websocket_sent(s->ws, s->pending);

        if (ngx_workers_websocket_waiting(s->ws)
            <= NGX_WORKERS_WEBSOCKET_WAITING_MAX)
        {
            ngx_http_workers_socket_resume(s->ws);
        }
    }

    return;

wait:

    if (s->ws != NULL) {
        ngx_workers_websocket_sent(s->ws, s->pending);
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_add_timer(wev, clcf->send_timeout);

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        ngx_http_workers_socket_lost(s);
    }
}


/* The end of an event: sends what there is, and looks whether it was all. */

static void
ngx_http_workers_socket_done(ngx_http_workers_socket_t *s)
{
    ngx_int_t                rc;
    ngx_str_t                empty;
    ngx_connection_t        *c;
    ngx_http_request_t      *r;
    ngx_workers_outcome_e    outcome;
    ngx_http_workers_ctx_t  *ctx;

    ctx = s->ctx;
    r = ctx->request;
    c = r->connection;

    if (s->broken && !s->ending && !s->gone) {
        ngx_str_null(&empty);

        (void) ngx_http_workers_socket_close(s,
                                          NGX_WORKERS_WEBSOCKET_INTERNAL_ERROR,
                                          &empty);
        s->ending = 1;
    }

    if (!s->gone) {
        ngx_http_workers_socket_flush(s);
    }

    if (!s->gone) {

        if (s->out != NULL || r->buffered || c->buffered) {
            return;
        }

        if (!s->ending && !(s->close_sent && s->close_received)) {
            return;
        }
    }

    rc = s->gone ? NGX_ERROR : NGX_OK;
    outcome = s->gone ? NGX_WORKERS_CANCELED : NGX_WORKERS_OK;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "workers socket %p ends, rc %i", s, rc);

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    c->idle = 0;
    c->read->handler = s->handler;
    c->write->handler = s->handler;
    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_workers_detach(ctx, outcome);
    ngx_http_finalize_request(r, rc);
}


void
ngx_http_workers_socket_detach(ngx_http_workers_ctx_t *ctx)
{
    if (ctx->socket != NULL) {
        ctx->inv->retire = NULL;
        ngx_http_workers_socket_free(ctx->socket);
    }
}


/* Lets the end and the isolate's memory go.  Idempotent. */

static void
ngx_http_workers_socket_free(ngx_http_workers_socket_t *s)
{
    ngx_workers_websocket_t   *ws;
    ngx_http_workers_chunk_t  *chunk;

    while (s->out != NULL) {
        chunk = s->out;
        s->out = chunk->next;
        js_free_rt(s->iso->rt, chunk);
    }

    s->out_last = NULL;
    s->pending = 0;
    s->ending = 1;

    ngx_workers_websocket_parser_done(&s->parser);

    if (s->rest != NULL) {
        ngx_free(s->rest);
        s->rest = NULL;
        s->nrest = 0;
    }

    ws = s->ws;

    if (ws != NULL) {
        s->ws = NULL;
        ws->sink = NULL;
        ws->failed = 1;
        ngx_workers_websocket_release(ws);
    }
}


void
ngx_http_workers_socket_fail(ngx_http_workers_ctx_t *ctx)
{
    ngx_event_t  *wev;

    ctx->socket->broken = 1;

    wev = ctx->request->connection->write;

    if (!wev->posted) {
        ngx_post_event(wev, &ngx_posted_events);
    }
}


static void
ngx_http_workers_socket_retire(ngx_workers_invocation_t *inv)
{
    if (inv->data != NULL) {
        ngx_http_workers_socket_fail(inv->data);
    }
}
