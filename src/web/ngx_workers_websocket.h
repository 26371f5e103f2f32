
/*
 * Copyright (C) the nginx-workers authors
 *
 * WebSockets as two coupled ends.  What the holder of an end says is heard at
 * the other one, by its sink: a script's WebSocket object, a client's
 * connection.  Two native sinks exchange messages without any JavaScript.
 */


#ifndef _NGX_WORKERS_WEBSOCKET_H_INCLUDED_
#define _NGX_WORKERS_WEBSOCKET_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"
#include "ngx_workers_websocket_frame.h"


#define NGX_WORKERS_WEBSOCKET_MESSAGE_MAX  (32 * 1024 * 1024)

/* Bytes that may wait for whoever hears, before a sayer should pause. */
#define NGX_WORKERS_WEBSOCKET_WAITING_MAX  (64 * 1024)


typedef struct ngx_workers_websocket_s  ngx_workers_websocket_t;


/*
 * What is heard at an end; src/js/websocket.js knows the numbers.  TEXT and
 * BINARY are messages.  CLOSE: the other side sends no more.  LOST: it has
 * gone without a word.  ERROR: it broke the protocol, data says how.  REFUSED:
 * new WebSocket() could not connect.  OPEN: it could, data is the protocol.
 */
typedef enum {
    NGX_WORKERS_WEBSOCKET_HEAR_TEXT = 1,
    NGX_WORKERS_WEBSOCKET_HEAR_BINARY,
    NGX_WORKERS_WEBSOCKET_HEAR_CLOSE,
    NGX_WORKERS_WEBSOCKET_HEAR_LOST,
    NGX_WORKERS_WEBSOCKET_HEAR_ERROR,
    NGX_WORKERS_WEBSOCKET_HEAR_REFUSED,
    NGX_WORKERS_WEBSOCKET_HEAR_OPEN,
} ngx_workers_websocket_kind_e;


typedef struct {
    ngx_workers_websocket_kind_e  kind;
    ngx_str_t                     data;    /* UTF-8, but for BINARY */
    ngx_uint_t                    code;    /* of CLOSE */
    unsigned                      wide:1;  /* of TEXT: U+0100 and above */
} ngx_workers_websocket_said_t;


typedef struct {
    /*
     * Something is heard at ws; said is borrowed.  NGX_ERROR: out of memory,
     * it was not heard.  Called in JavaScript and out of it.
     */
    ngx_int_t   (*hear)(ngx_workers_websocket_t *ws,
                        ngx_workers_websocket_said_t *said);

    /* What ws said does not wait any more.  May be NULL. */
    void        (*resume)(ngx_workers_websocket_t *ws);

    /* The invocation ends: ws->data forgets ws, and says no more. */
    void        (*orphan)(ngx_workers_websocket_t *ws);
} ngx_workers_websocket_sink_t;


struct ngx_workers_websocket_s {
    const ngx_workers_websocket_sink_t  *sink;  /* NULL: what is said waits */
    void                        *data;     /* the sink's */

    ngx_workers_websocket_t     *peer;     /* of the same allocation */
    ngx_workers_isolate_t       *iso;
    ngx_workers_invocation_t    *inv;      /* NULL: over, nobody hears */
    ngx_queue_t                  queue;    /* in inv->websockets */

    ngx_queue_t                  said;     /* not heard so far */
    size_t                       waiting;  /* bytes in it */
    size_t                       unsent;   /* bytes that the sink has left */
    ngx_queue_t                  ready;    /* in iso->websockets */

    JSValue                      socket;   /* a script's object, which listens;
                                              undefined: none does */
    JSValue                      frame;    /* in which it does */

    unsigned                     accepted:1;
    unsigned                     used:1;       /* in a Response */
    unsigned                     constructed:1;  /* new WebSocket() */
    unsigned                     connecting:1; /* it is not open so far */
    unsigned                     half_open:1;  /* a close is not answered */
    unsigned                     is_ready:1;
    unsigned                     closed:1;     /* the holder has said so */
    unsigned                     heard_close:1;
    unsigned                     lost:1;       /* the other side has gone */
    unsigned                     failed:1;     /* nothing will be heard */
};


/* Two coupled ends of the running invocation.  NULL: exception pending. */
ngx_workers_websocket_t *ngx_workers_websocket_pair(JSContext *cx);

/* A WebSocket object for an end. */
JSValue ngx_workers_websocket_wrap(JSContext *cx, ngx_workers_websocket_t *ws);

/* Every pointer to an end, such as a sink's, holds its pair. */
void ngx_workers_websocket_hold(ngx_workers_websocket_t *ws);
void ngx_workers_websocket_release(ngx_workers_websocket_t *ws);

/* The end of a WebSocket object; borrowed.  NULL: none.  No exception. */
ngx_workers_websocket_t *ngx_workers_websocket_of(JSContext *cx,
    JSValueConst v);

/*
 * Makes a native sink of an end hear from now on.  Outside of JavaScript; the
 * sink holds the pair.  What has been said before is heard at once.
 */
ngx_int_t ngx_workers_websocket_attach(ngx_workers_websocket_t *ws,
    const ngx_workers_websocket_sink_t *sink, void *data);

/* The holder of ws says something; NGX_ERROR: out of memory. */
ngx_int_t ngx_workers_websocket_say(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said);

/* How many bytes wait for the other side's listener, or in its sink. */
#define ngx_workers_websocket_waiting(ws)                                     \
    ((ws)->peer->waiting + (ws)->peer->unsent)

/* A sink of ws has sent, and has so many bytes left: who says them goes on. */
void ngx_workers_websocket_sent(ngx_workers_websocket_t *ws, size_t unsent);

/* The invocation ends: its ends are over. */
void ngx_workers_websocket_end(ngx_workers_invocation_t *inv);

/*
 * ngx_workers_websocket_client.c: the connection to a server, which is the
 * other end's sink.
 */

struct ngx_workers_transfer_s;

/*
 * What an upgraded transfer, which is eaten, and the other side of ws say to
 * each other.  NGX_ERROR: out of memory, no exception.
 */
ngx_int_t ngx_workers_websocket_client(ngx_workers_websocket_t *ws,
    struct ngx_workers_transfer_s *t);

/* Connects new WebSocket().  NGX_ERROR: exception pending. */
ngx_int_t ngx_workers_websocket_connect(JSContext *cx,
    ngx_workers_websocket_t *ws, JSValueConst url, JSValueConst protocols);

/* Bytes of one message that a script may get. */
size_t ngx_workers_websocket_max(ngx_workers_isolate_t *iso);


#endif /* _NGX_WORKERS_WEBSOCKET_H_INCLUDED_ */
