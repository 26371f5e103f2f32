
/*
 * Copyright (C) the nginx-workers authors
 *
 * WebSockets to servers: libcurl makes the handshake and the frames.  The
 * connection is the sink of one end of a pair; the script, or a client of
 * nginx, has the other one.
 */


#include "ngx_workers_websocket.h"
#include "ngx_workers_url_parser.h"
#include "ngx_workers_usv.h"
#include "ngx_workers_utf8.h"
#include "../engines/ngx_workers_http.h"


#define NGX_WORKERS_CLIENT_READ     65536
#define NGX_WORKERS_CLIENT_PENDING  (1024 * 1024)   /* not sent; then the end */
#define NGX_WORKERS_CLIENT_WAIT     10000           /* ms, for a close frame */


typedef struct ngx_workers_client_frame_s  ngx_workers_client_frame_t;

struct ngx_workers_client_frame_s {
    ngx_workers_client_frame_t  *next;
    unsigned                     flags;     /* of curl_ws_send() */
    size_t                       len;
    size_t                       sent;
    u_char                       data[];
};


typedef struct {
    ngx_workers_transfer_t      *transfer;  /* NULL: over */
    ngx_workers_websocket_t     *ws;        /* NULL: the script's side is over;
                                               the other end is heard here */
    ngx_workers_isolate_t       *iso;
    ngx_pool_t                  *pool;      /* of a handshake; NULL: none */
    ngx_event_t                  event;     /* posted: begin, or end; timer:
                                               the server's close frame */

    ngx_workers_client_frame_t  *out;
    ngx_workers_client_frame_t **last;
    size_t                       pending;   /* bytes in them */

    u_char                      *message;   /* that comes; NULL: none */
    size_t                       len;
    size_t                       size;

    unsigned                     started:1;
    unsigned                     constructed:1;
    unsigned                     binary:1;
    unsigned                     paused:1;
    unsigned                     close_sent:1;
    unsigned                     close_received:1;
    unsigned                     ending:1;  /* when all is sent */
    unsigned                     busy:1;
} ngx_workers_client_t;


static ngx_workers_client_t *ngx_workers_client_create(
    ngx_workers_websocket_t *ws);
static ngx_int_t ngx_workers_client_handshake(ngx_workers_client_t *c,
    ngx_str_t *url, ngx_str_t *protocols);
static void ngx_workers_client_ready(void *data);
static void ngx_workers_client_closed(ngx_workers_transfer_t *t);
static void ngx_workers_client_start(ngx_workers_client_t *c);
static void ngx_workers_client_event(ngx_event_t *ev);
static void ngx_workers_client_io(void *data, ngx_uint_t write);
static ngx_int_t ngx_workers_client_read(ngx_workers_client_t *c);
static ngx_int_t ngx_workers_client_frame(ngx_workers_client_t *c,
    u_char *data, size_t n, const struct curl_ws_frame *meta);
static ngx_int_t ngx_workers_client_append(ngx_workers_client_t *c,
    u_char *data, size_t n);
static void ngx_workers_client_close_frame(ngx_workers_client_t *c);
static ngx_int_t ngx_workers_client_break(ngx_workers_client_t *c,
    ngx_uint_t code, const char *reason);
static ngx_int_t ngx_workers_client_send(ngx_workers_client_t *c,
    unsigned flags, u_char *data, size_t len);
static ngx_int_t ngx_workers_client_flush(ngx_workers_client_t *c);
static void ngx_workers_client_watch(ngx_workers_client_t *c);
static ngx_int_t ngx_workers_client_hear(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said);
static void ngx_workers_client_resume(ngx_workers_websocket_t *ws);
static void ngx_workers_client_orphan(ngx_workers_websocket_t *ws);
static void ngx_workers_client_lost(ngx_workers_client_t *c);
static void ngx_workers_client_free(ngx_workers_client_t *c);


static const ngx_workers_websocket_sink_t  ngx_workers_client_sink = {
    ngx_workers_client_hear,
    ngx_workers_client_resume,
    ngx_workers_client_orphan
};


static ngx_workers_client_t *
ngx_workers_client_create(ngx_workers_websocket_t *ws)
{
    ngx_workers_client_t  *c;

    c = ngx_calloc(sizeof(ngx_workers_client_t), ws->iso->log);
    if (c == NULL) {
        return NULL;
    }

    c->iso = ws->iso;
    c->last = &c->out;

    c->event.handler = ngx_workers_client_event;
    c->event.data = c;
    c->event.log = ws->iso->log;

    /* what comes may wake the script */

    c->iso->pending++;

    return c;
}


ngx_int_t
ngx_workers_websocket_client(ngx_workers_websocket_t *ws,
    ngx_workers_transfer_t *t)
{
    ngx_workers_client_t  *c;

    c = ngx_workers_client_create(ws);

    if (c == NULL) {
        ngx_workers_transfer_free(t);
        return NGX_ERROR;
    }

    c->transfer = t;

    t->io = ngx_workers_client_io;
    t->io_data = c;

    /* nothing is said from within JavaScript */

    c->ws = ws->peer;
    c->ws->sink = &ngx_workers_client_sink;
    c->ws->data = c;
    ngx_workers_websocket_hold(ws);

    ngx_post_event(&c->event, &ngx_posted_events);

    return NGX_OK;
}


ngx_int_t
ngx_workers_websocket_connect(JSContext *cx, ngx_workers_websocket_t *ws,
    JSValueConst url, JSValueConst protocols)
{
    ngx_int_t              rc;
    ngx_workers_usv_t      href, list;
    ngx_workers_client_t  *c;

    if (++ws->inv->subrequests > ws->iso->script->subrequests) {
        (void) ngx_workers_throw_error(cx, "Too many subrequests by single "
                                       "Worker invocation.");
        return NGX_ERROR;
    }

    if (ngx_workers_usv(cx, url, &href) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_workers_usv(cx, protocols, &list) != NGX_OK) {
        ngx_workers_usv_free(cx, &href);
        return NGX_ERROR;
    }

    c = ngx_workers_client_create(ws);
    rc = NGX_ERROR;

    if (c != NULL) {
        c->constructed = 1;
        c->ws = ws->peer;
        c->ws->sink = &ngx_workers_client_sink;
        c->ws->data = c;
        ngx_workers_websocket_hold(ws);

        rc = ngx_workers_client_handshake(c, &href.str, &list.str);

        if (rc != NGX_OK) {
            ngx_workers_client_free(c);
        }
    }

    if (rc != NGX_OK) {
        (void) JS_ThrowOutOfMemory(cx);
    }

    ngx_workers_usv_free(cx, &href);
    ngx_workers_usv_free(cx, &list);

    return rc;
}


static ngx_int_t
ngx_workers_client_handshake(ngx_workers_client_t *c, ngx_str_t *url,
    ngx_str_t *protocols)
{
    u_char                    *p;
    size_t                     size;
    ngx_str_t                  host, path, search;
    struct curl_slist         *line;
    ngx_workers_url_t         *record;
    ngx_workers_http_t        *client;
    ngx_workers_transfer_t    *t;
    ngx_workers_url_parser_t   pr;

    client = ngx_workers_http(c->iso->http, c->iso->log);
    if (client == NULL) {
        return NGX_ERROR;
    }

    c->pool = ngx_create_pool(1024, c->iso->log);
    if (c->pool == NULL) {
        return NGX_ERROR;
    }

    ngx_workers_url_parser_init(&pr);

    record = NULL;

    if (ngx_workers_url_parse(&pr, url, NULL) == NGX_OK) {
        size = ngx_workers_url_size(&pr.parts);
        record = (size != 0) ? ngx_palloc(c->pool, size) : NULL;

        if (record != NULL) {
            ngx_workers_url_write(&pr.parts, record);
        }
    }

    ngx_workers_url_parser_done(&pr);

    p = (record != NULL)
        ? ngx_pnalloc(c->pool, record->len + sizeof("wss://")) : NULL;
    line = ngx_palloc(c->pool, sizeof(struct curl_slist));

    t = (p != NULL && line != NULL)
        ? ngx_workers_transfer_create(client, c->ws->inv) : NULL;
    if (t == NULL) {
        return NGX_ERROR;
    }

    ngx_workers_url_get(record, NGX_WORKERS_URL_FULL_HOST, &host);
    ngx_workers_url_get(record, NGX_WORKERS_URL_PATHNAME, &path);
    ngx_workers_url_get(record, NGX_WORKERS_URL_SEARCH, &search);

    (void) ngx_sprintf(p, "ws%s://%V%V%V%Z",
                       record->type == NGX_WORKERS_URL_WSS ? "s" : "", &host,
                       &path, &search);

    t->url = (char *) p;
    t->method = (char *) "GET";
    t->websocket = 1;
    t->ready = ngx_workers_client_ready;
    t->closed = ngx_workers_client_closed;
    t->data = c;
    t->io = ngx_workers_client_io;
    t->io_data = c;

    if (protocols->len != 0) {
        p = ngx_pnalloc(c->pool, protocols->len
                                 + sizeof("Sec-WebSocket-Protocol: "));
        if (p == NULL) {
            t->closed = NULL;
            ngx_workers_transfer_free(t);
            return NGX_ERROR;
        }

        (void) ngx_sprintf(p, "Sec-WebSocket-Protocol: %V%Z", protocols);

        line->data = (char *) p;
        line->next = NULL;
        t->fields = line;
    }

    c->transfer = t;
    ngx_workers_transfer_start(t);

    return NGX_OK;
}


/* The handshake of new WebSocket() is done. */

static void
ngx_workers_client_ready(void *data)
{
    ngx_uint_t                     i;
    ngx_workers_field_t           *field;
    ngx_workers_client_t          *c = data;
    ngx_workers_websocket_said_t   said;

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));

    if (c->transfer->status != 101) {
        ngx_log_error(NGX_LOG_ERR, c->iso->log, 0,
                      "worker \"%V\": WebSocket to \"%s\" failed: %s",
                      &c->iso->script->name, c->transfer->url,
                      c->transfer->status != 0
                      ? "the server did not upgrade"
                      : curl_easy_strerror(c->transfer->result));

        said.kind = NGX_WORKERS_WEBSOCKET_HEAR_REFUSED;

        c->busy = 1;
        (void) ngx_workers_websocket_say(c->ws, &said);
        c->busy = 0;

        ngx_workers_client_free(c);
        return;
    }

    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_OPEN;
    field = c->transfer->headers.elts;

    for (i = 0; i < c->transfer->headers.nelts; i++) {
        if (ngx_strcasecmp(field[i].name.data,
                           (u_char *) "Sec-WebSocket-Protocol")
            == 0)
        {
            said.data = field[i].value;
        }
    }

    c->busy = 1;
    (void) ngx_workers_websocket_say(c->ws, &said);
    c->busy = 0;

    ngx_workers_client_start(c);
}


static void
ngx_workers_client_closed(ngx_workers_transfer_t *t)
{
    JS_FreeValue(((ngx_workers_client_t *) t->data)->iso->cx, t->src.error);
}


static void
ngx_workers_client_start(ngx_workers_client_t *c)
{
    if (c->ws == NULL) {
        ngx_workers_client_free(c);
        return;
    }

    c->started = 1;

    ngx_workers_client_io(c, 1);
}


static void
ngx_workers_client_event(ngx_event_t *ev)
{
    ngx_workers_client_t  *c;

    c = ev->data;

    if (ev->timedout) {

        /* the server has not said goodbye */

        ngx_workers_client_lost(c);
        return;
    }

    if (!c->started) {
        ngx_workers_client_start(c);
        return;
    }

    ngx_workers_client_io(c, 1);
}


/* The socket can be read or written to, or it is not known that it cannot. */

static void
ngx_workers_client_io(void *data, ngx_uint_t write)
{
    ngx_int_t              rc;
    ngx_workers_client_t  *c = data;

    if (c->busy) {
        ngx_post_event(&c->event, &ngx_posted_events);
        return;
    }

    c->busy = 1;

    rc = (c->out != NULL) ? ngx_workers_client_flush(c) : NGX_OK;

    if (rc != NGX_ERROR) {
        rc = ngx_workers_client_read(c);
    }

    c->busy = 0;

    if (rc == NGX_ERROR) {
        ngx_workers_client_lost(c);
        return;
    }

    if (c->ws == NULL
        || (c->out == NULL
            && (c->ending || (c->close_sent && c->close_received))))
    {
        ngx_workers_client_free(c);
        return;
    }

    ngx_workers_client_watch(c);
}


/* NGX_ERROR: the connection is lost. */

static ngx_int_t
ngx_workers_client_read(ngx_workers_client_t *c)
{
    size_t                       n;
    CURLcode                     rc;
    const struct curl_ws_frame  *meta;

    static u_char  buffer[NGX_WORKERS_CLIENT_READ];

    while (c->ws != NULL && !c->close_received && !c->ending) {

        if (ngx_workers_websocket_waiting(c->ws)
            > NGX_WORKERS_WEBSOCKET_WAITING_MAX)
        {
            c->paused = 1;
            return NGX_OK;
        }

        rc = curl_ws_recv(c->transfer->easy, buffer, sizeof(buffer), &n,
                          &meta);

        if (rc == CURLE_AGAIN) {
            return NGX_OK;
        }

        if (rc != CURLE_OK || meta == NULL
            || ngx_workers_client_frame(c, buffer, n, meta) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_client_frame(ngx_workers_client_t *c, u_char *data, size_t n,
    const struct curl_ws_frame *meta)
{
    ngx_uint_t                    wide;
    ngx_workers_websocket_said_t  said;

    if (meta->flags & CURLWS_PING) {
        return NGX_OK;                     /* libcurl has answered it */
    }

    if (meta->flags & CURLWS_CLOSE) {
        c->len = 0;

        if (ngx_workers_client_append(c, data, n) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_workers_client_close_frame(c);
        return NGX_OK;
    }

    if (!(meta->flags & (CURLWS_TEXT|CURLWS_BINARY))) {
        return NGX_OK;                     /* a pong */
    }

    c->binary = !!(meta->flags & CURLWS_BINARY);

    if (c->len + n + meta->bytesleft > ngx_workers_websocket_max(c->iso)) {
        return ngx_workers_client_break(c, 1009, "Message is too large");
    }

    if (ngx_workers_client_append(c, data, n) != NGX_OK) {
        return NGX_ERROR;
    }

    if (meta->bytesleft != 0 || (meta->flags & CURLWS_CONT)) {
        return NGX_OK;
    }

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));

    said.kind = c->binary ? NGX_WORKERS_WEBSOCKET_HEAR_BINARY
                          : NGX_WORKERS_WEBSOCKET_HEAR_TEXT;
    said.data.data = c->message;
    said.data.len = c->len;

    wide = 0;

    if (!c->binary
        && ngx_workers_utf8_scan(c->message, c->len, &wide) != c->len)
    {
        return ngx_workers_client_break(c, 1007,
                                        "Received text that is not UTF-8");
    }

    said.wide = wide;
    c->len = 0;

    return ngx_workers_websocket_say(c->ws, &said);
}


static ngx_int_t
ngx_workers_client_append(ngx_workers_client_t *c, u_char *data, size_t n)
{
    u_char  *p;
    size_t   size;

    if (c->len + n > c->size || c->message == NULL) {
        size = ngx_max(2 * c->size, c->len + n + 256);

        p = js_realloc_rt(c->iso->rt, c->message, size);
        if (p == NULL) {
            return NGX_ERROR;
        }

        c->message = p;
        c->size = size;
    }

    ngx_memcpy(c->message + c->len, data, n);
    c->len += n;

    return NGX_OK;
}


static void
ngx_workers_client_close_frame(ngx_workers_client_t *c)
{
    ngx_workers_websocket_said_t  said;

    c->close_received = 1;

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));

    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_CLOSE;
    said.code = 1005;

    if (c->len >= 2) {
        said.code = c->message[0] * 256 + c->message[1];
        said.data.data = c->message + 2;
        said.data.len = c->len - 2;
    }

    (void) ngx_workers_websocket_say(c->ws, &said);
}


/* The server broke the protocol: it and the script are told. */

static ngx_int_t
ngx_workers_client_break(ngx_workers_client_t *c, ngx_uint_t code,
    const char *reason)
{
    u_char                        *p, text[256];
    ngx_workers_websocket_said_t   said;

    text[0] = code / 256;
    text[1] = code % 256;
    p = ngx_sprintf(text + 2, "%s", reason);

    (void) ngx_workers_client_send(c, CURLWS_CLOSE, text, p - text);

    c->close_sent = 1;
    c->ending = 1;

    p = ngx_sprintf(text, "WebSocket protocol error; "
                    "protocolError.statusCode = %ui; "
                    "protocolError.description = %s", code, reason);

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));

    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_ERROR;
    said.data.data = text;
    said.data.len = p - text;

    (void) ngx_workers_websocket_say(c->ws, &said);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_client_send(ngx_workers_client_t *c, unsigned flags, u_char *data,
    size_t len)
{
    ngx_workers_client_frame_t  *frame;

    frame = js_malloc_rt(c->iso->rt, sizeof(ngx_workers_client_frame_t) + len);
    if (frame == NULL) {
        return NGX_ERROR;
    }

    frame->next = NULL;
    frame->flags = flags;
    frame->len = len;
    frame->sent = 0;

    if (len != 0) {
        ngx_memcpy(frame->data, data, len);
    }

    *c->last = frame;
    c->last = &frame->next;
    c->pending += len;

    if (c->ws != NULL) {
        c->ws->unsent = c->pending;
    }

    return NGX_OK;
}


/* NGX_ERROR: the connection is lost. */

static ngx_int_t
ngx_workers_client_flush(ngx_workers_client_t *c)
{
    size_t                       sent;
    CURLcode                     rc;
    ngx_workers_client_frame_t  *frame;

    while (c->started && c->out != NULL) {

        frame = c->out;
        sent = 0;

        rc = curl_ws_send(c->transfer->easy, frame->data + frame->sent,
                          frame->len - frame->sent, &sent, 0, frame->flags);

        frame->sent += sent;
        c->pending -= sent;

        if (rc == CURLE_AGAIN) {
            break;
        }

        if (rc != CURLE_OK) {
            return NGX_ERROR;
        }

        if (frame->sent == frame->len) {
            c->out = frame->next;

            if (c->out == NULL) {
                c->last = &c->out;
            }

            js_free_rt(c->iso->rt, frame);
        }
    }

    if (c->ws != NULL) {
        ngx_workers_websocket_sent(c->ws, c->pending);
    }

    return NGX_OK;
}


static void
ngx_workers_client_watch(ngx_workers_client_t *c)
{
    if (c->started && c->transfer != NULL) {
        ngx_workers_transfer_watch(c->transfer, !c->paused, c->out != NULL);
    }
}


/* The other end speaks: in JavaScript or out of it. */

static ngx_int_t
ngx_workers_client_hear(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said)
{
    u_char                 code[2 + 125];
    ngx_int_t              rc;
    ngx_workers_client_t  *c;

    c = ws->data;

    if (c->close_sent || c->ending || c->transfer == NULL) {
        return NGX_OK;
    }

    switch (said->kind) {

    case NGX_WORKERS_WEBSOCKET_HEAR_TEXT:
        rc = ngx_workers_client_send(c, CURLWS_TEXT, said->data.data,
                                     said->data.len);
        break;

    case NGX_WORKERS_WEBSOCKET_HEAR_BINARY:
        rc = ngx_workers_client_send(c, CURLWS_BINARY, said->data.data,
                                     said->data.len);
        break;

    case NGX_WORKERS_WEBSOCKET_HEAR_CLOSE:
        code[0] = said->code / 256;
        code[1] = said->code % 256;

        if (said->data.len != 0) {
            ngx_memcpy(code + 2, said->data.data,
                       ngx_min(said->data.len, 123));
        }

        rc = ngx_workers_client_send(c, CURLWS_CLOSE, code,
                                     said->code == 1005 ? 0
                                     : 2 + ngx_min(said->data.len, 123));
        c->close_sent = 1;

        if (!c->close_received) {
            ngx_add_timer(&c->event, NGX_WORKERS_CLIENT_WAIT);
        }

        break;

    default:
        c->ending = 1;
        rc = NGX_OK;
    }

    if (c->started || !c->constructed) {
        ngx_post_event(&c->event, &ngx_posted_events);
    }

    return rc;
}


static void
ngx_workers_client_resume(ngx_workers_websocket_t *ws)
{
    ngx_workers_client_t  *c;

    c = ws->data;

    if (c->paused) {
        c->paused = 0;
        ngx_post_event(&c->event, &ngx_posted_events);
    }
}


/* The invocation is over. */

static void
ngx_workers_client_orphan(ngx_workers_websocket_t *ws)
{
    ngx_workers_client_t  *c;

    c = ws->data;

    c->ws = NULL;
    ws->sink = NULL;

    ngx_workers_websocket_release(ws);

    if (c->busy) {
        return;                             /* whoever is busy frees it */
    }

    ngx_workers_client_free(c);
}


static void
ngx_workers_client_lost(ngx_workers_client_t *c)
{
    ngx_workers_websocket_said_t  said;

    if (c->ws != NULL && !c->close_received && !c->ending) {
        ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
        said.kind = NGX_WORKERS_WEBSOCKET_HEAR_LOST;

        c->busy = 1;
        (void) ngx_workers_websocket_say(c->ws, &said);
        c->busy = 0;
    }

    ngx_workers_client_free(c);
}


static void
ngx_workers_client_free(ngx_workers_client_t *c)
{
    ngx_workers_isolate_t       *iso;
    ngx_workers_websocket_t     *ws;
    ngx_workers_client_frame_t  *frame;

    iso = c->iso;

    if (c->event.posted) {
        ngx_delete_posted_event(&c->event);
    }

    if (c->event.timer_set) {
        ngx_del_timer(&c->event);
    }

    if (c->transfer != NULL) {
        ngx_workers_transfer_free(c->transfer);
    }

    while (c->out != NULL) {
        frame = c->out;
        c->out = frame->next;
        js_free_rt(iso->rt, frame);
    }

    js_free_rt(iso->rt, c->message);

    if (c->pool != NULL) {
        ngx_destroy_pool(c->pool);
    }

    ws = c->ws;
    ngx_free(c);

    if (ws != NULL) {
        ws->sink = NULL;
        ws->failed = 1;
        ngx_workers_websocket_release(ws);
    }

    iso->pending--;

    if (iso->depth == 0) {
        ngx_workers_isolate_idle(iso);
    }
}
