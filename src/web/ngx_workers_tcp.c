
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "cloudflare:sockets" (src/js/sockets.js): TCP
 * connections, which libcurl makes and nginx's event loop watches, and TLS on
 * top of them by OpenSSL.
 *
 * A connection lives until its invocation ends: the operation "closed" is
 * under way so long.
 */


#include "../core/ngx_workers_source.h"
#include "../engines/ngx_workers_http.h"

#include <openssl/err.h>


#define NGX_WORKERS_TCP_BUFFER  65536
#define NGX_WORKERS_TCP_ADDR    (NGX_SOCKADDR_STRLEN + 1)

#define NGX_WORKERS_TCP_REFUSED                                               \
    "proxy request failed, cannot connect to the specified address"


typedef struct ngx_workers_tcp_s  ngx_workers_tcp_t;


typedef struct {
    ngx_workers_op_t           op;          /* first */
    ngx_workers_tcp_t         *tcp;
} ngx_workers_tcp_op_t;


struct ngx_workers_tcp_s {
    ngx_workers_source_t       src;         /* what comes */
    ngx_workers_isolate_t     *iso;
    ngx_pool_t                *pool;
    ngx_workers_transfer_t    *transfer;    /* while it connects */
    ngx_connection_t          *connection;  /* NULL: none */
    SSL                       *ssl;
    ngx_str_t                  host;        /* terminated by zero */
    ngx_event_t                event;       /* posted: something to be told */

    ngx_workers_tcp_op_t      *opened;      /* NULL: settled */
    ngx_workers_tcp_op_t      *ended;       /* "closed" */
    ngx_workers_tcp_op_t      *write;       /* or shutdown(), under way */
    u_char                    *data;        /* of write, js_malloc'ed */
    size_t                     len;
    size_t                     sent;

    ngx_chain_t                chain;
    ngx_buf_t                  buf;
    const char                *failure;     /* static; NULL: none */

    ngx_uint_t                 refs;        /* object, source, operations */

    unsigned                   linked:1;    /* the source is there */
    unsigned                   secure:1;    /* TLS from the start */
    unsigned                   half_open:1;
    unsigned                   connected:1; /* and the handshake is done */
    unsigned                   waiting:1;   /* the reader, for wake() */
    unsigned                   want_read:1; /* TLS's handshake does */
    unsigned                   want_write:1;
    unsigned                   eof:1;
    unsigned                   shut:1;      /* our side said its last */
    unsigned                   closing:1;   /* when all is written */
    unsigned                   over:1;
};


static void ngx_workers_tcp_finalizer(JSRuntime *rt, JSValueConst val);
static JSValue ngx_workers_sockets_native(JSContext *cx);
static JSValue ngx_workers_sockets_ext_connect(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_tcp_ext_opened(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_tcp_ext_closed(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_tcp_ext_stream(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_tcp_ext_write(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_tcp_ext_shutdown(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_tcp_ext_close(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_tcp_ext_start_tls(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);

static JSValue ngx_workers_tcp_op(JSContext *cx, ngx_workers_tcp_t *tcp,
    ngx_workers_tcp_op_t **slot, JSValue (*settle)(JSContext *cx,
    ngx_workers_op_t *op));
static void ngx_workers_tcp_op_abandon(ngx_workers_op_t *op);
static void ngx_workers_tcp_op_free(ngx_workers_op_t *op);
static void ngx_workers_tcp_done(ngx_workers_tcp_op_t **slot);
static JSValue ngx_workers_tcp_settle_opened(JSContext *cx,
    ngx_workers_op_t *op);
static JSValue ngx_workers_tcp_settle(JSContext *cx, ngx_workers_op_t *op);
static JSValue ngx_workers_tcp_throw(JSContext *cx, ngx_workers_tcp_t *tcp);

static void ngx_workers_tcp_ready(void *data);
static void ngx_workers_tcp_transfer_closed(ngx_workers_transfer_t *t);
static ngx_int_t ngx_workers_tcp_tls(ngx_workers_tcp_t *tcp);
static void ngx_workers_tcp_handler(ngx_event_t *ev);
static void ngx_workers_tcp_event(ngx_event_t *ev);
static void ngx_workers_tcp_run(ngx_workers_tcp_t *tcp);
static ngx_int_t ngx_workers_tcp_handshake(ngx_workers_tcp_t *tcp);
static void ngx_workers_tcp_flush(ngx_workers_tcp_t *tcp);
static ngx_int_t ngx_workers_tcp_io(ngx_workers_tcp_t *tcp, ngx_int_t n);
static void ngx_workers_tcp_watch(ngx_workers_tcp_t *tcp);
static void ngx_workers_tcp_poll(ngx_event_t *ev, ngx_int_t event,
    ngx_uint_t wanted);
static void ngx_workers_tcp_fail(ngx_workers_tcp_t *tcp, const char *failure);
static void ngx_workers_tcp_end(ngx_workers_tcp_t *tcp);
static void ngx_workers_tcp_disconnect(ngx_workers_tcp_t *tcp);
static ngx_int_t ngx_workers_tcp_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static void ngx_workers_tcp_source_close(ngx_workers_source_t *src);
static void ngx_workers_tcp_release(ngx_workers_tcp_t *tcp);


static const JSCFunctionListEntry  ngx_workers_sockets_functions[] = {
    JS_CFUNC_DEF("connect", 4, ngx_workers_sockets_ext_connect),
};


static const JSCFunctionListEntry  ngx_workers_tcp_proto[] = {
    JS_CFUNC_DEF("opened", 0, ngx_workers_tcp_ext_opened),
    JS_CFUNC_DEF("closed", 0, ngx_workers_tcp_ext_closed),
    JS_CFUNC_DEF("stream", 0, ngx_workers_tcp_ext_stream),
    JS_CFUNC_DEF("write", 1, ngx_workers_tcp_ext_write),
    JS_CFUNC_DEF("shutdown", 0, ngx_workers_tcp_ext_shutdown),
    JS_CFUNC_DEF("close", 0, ngx_workers_tcp_ext_close),
    JS_CFUNC_DEF("startTls", 0, ngx_workers_tcp_ext_start_tls),
};


static ngx_workers_class_t  ngx_workers_tcp_class = {
    .def = {
        .class_name = "TcpConnection",
        .finalizer = ngx_workers_tcp_finalizer
    },
    .proto = ngx_workers_tcp_proto,
    .nproto = ngx_workers_nitems(ngx_workers_tcp_proto),
    .hidden = 1,
    .lazy = 1
};


static ngx_workers_class_t  *ngx_workers_tcp_classes[] = {
    &ngx_workers_tcp_class,
    NULL
};


ngx_workers_builtin_t  ngx_workers_sockets_builtin = {
    .name = "sockets",
    .native = ngx_workers_sockets_native
};


static ngx_workers_builtin_t  *ngx_workers_tcp_builtins[] = {
    &ngx_workers_sockets_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_tcp_web = {
    .classes = ngx_workers_tcp_classes,
    .builtins = ngx_workers_tcp_builtins
};


static JSValue
ngx_workers_sockets_native(JSContext *cx)
{
    JSValue  native;

    if (ngx_workers_class_add(cx, ngx_workers_isolate(cx)->global,
                              &ngx_workers_tcp_class)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                            ngx_workers_sockets_functions,
                            ngx_workers_nitems(ngx_workers_sockets_functions))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* connect(hostname, port, secure, allowHalfOpen) */

static JSValue
ngx_workers_sockets_ext_connect(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char                    *url;
    int32_t                    port;
    JSValue                    object;
    ngx_str_t                  host;
    ngx_pool_t                *pool;
    const char                *text;
    ngx_workers_tcp_t         *tcp;
    ngx_workers_http_t        *client;
    ngx_workers_isolate_t     *iso;
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_require_invocation(cx);
    if (inv == NULL) {
        return JS_EXCEPTION;
    }

    iso = inv->iso;

    if (++inv->subrequests > iso->script->subrequests) {
        return ngx_workers_throw_error(cx, "Too many subrequests by single "
                                       "Worker invocation.");
    }

    client = ngx_workers_http(iso->http, iso->log);
    pool = (client != NULL) ? ngx_create_pool(1024, iso->log) : NULL;
    tcp = (pool != NULL) ? ngx_pcalloc(pool, sizeof(ngx_workers_tcp_t)) : NULL;

    if (tcp == NULL) {
        if (pool != NULL) {
            ngx_destroy_pool(pool);
        }

        return JS_ThrowOutOfMemory(cx);
    }

    tcp->pool = pool;
    tcp->iso = iso;
    tcp->refs = 1;
    tcp->secure = JS_ToBool(cx, argv[2]);
    tcp->half_open = JS_ToBool(cx, argv[3]);
    tcp->src.error = JS_UNDEFINED;

    tcp->chain.buf = &tcp->buf;
    tcp->buf.temporary = 1;
    tcp->buf.flush = 1;

    tcp->event.handler = ngx_workers_tcp_event;
    tcp->event.data = tcp;
    tcp->event.log = iso->log;

    object = JS_NewObjectClass(cx, ngx_workers_tcp_class.id);

    if (JS_IsException(object)) {
        ngx_destroy_pool(pool);
        return JS_EXCEPTION;
    }

    JS_SetOpaque(object, tcp);

    text = (JS_ToInt32(cx, &port, argv[1]) < 0)
           ? NULL : JS_ToCStringLen(cx, &host.len, argv[0]);

    if (text == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    tcp->host.data = ngx_pnalloc(pool, host.len + 1);
    url = ngx_pnalloc(pool, host.len + sizeof("http://:65535/"));
    tcp->transfer = ngx_workers_transfer_create(client, inv);

    if (tcp->host.data == NULL || url == NULL || tcp->transfer == NULL) {
        JS_FreeCString(cx, text);
        JS_FreeValue(cx, object);
        return JS_ThrowOutOfMemory(cx);
    }

    tcp->host.len = ngx_cpymem(tcp->host.data, text, host.len)
                    - tcp->host.data;
    tcp->host.data[host.len] = '\0';

    (void) ngx_sprintf(url, "http://%V:%d/%Z", &tcp->host, (int) port);

    JS_FreeCString(cx, text);

    tcp->transfer->url = (char *) url;
    tcp->transfer->method = (char *) "GET";
    tcp->transfer->tcp = 1;
    tcp->transfer->ready = ngx_workers_tcp_ready;
    tcp->transfer->closed = ngx_workers_tcp_transfer_closed;
    tcp->transfer->data = tcp;

    ngx_workers_transfer_start(tcp->transfer);

    return object;
}


static ngx_workers_tcp_t *
ngx_workers_tcp_this(JSContext *cx, JSValueConst this_val)
{
    return ngx_workers_this(cx, this_val, ngx_workers_tcp_class.id);
}


static JSValue
ngx_workers_tcp_ext_opened(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_tcp_t  *tcp;

    tcp = ngx_workers_tcp_this(cx, this_val);
    if (tcp == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_tcp_op(cx, tcp, &tcp->opened,
                              ngx_workers_tcp_settle_opened);
}


static JSValue
ngx_workers_tcp_ext_closed(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_tcp_t  *tcp;

    tcp = ngx_workers_tcp_this(cx, this_val);
    if (tcp == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_tcp_op(cx, tcp, &tcp->ended, ngx_workers_tcp_settle);
}


/* The ReadableStream of what comes; called once. */

static JSValue
ngx_workers_tcp_ext_stream(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue             stream;
    ngx_workers_tcp_t  *tcp;

    tcp = ngx_workers_tcp_this(cx, this_val);
    if (tcp == NULL) {
        return JS_EXCEPTION;
    }

    tcp->src.read = ngx_workers_tcp_read;
    tcp->src.close = ngx_workers_tcp_source_close;
    tcp->src.length = -1;

    ngx_workers_source_init(&tcp->src, tcp->iso->inv);

    tcp->linked = 1;
    tcp->refs++;

    stream = ngx_workers_source_stream(cx, &tcp->src);

    if (JS_IsException(stream)) {
        tcp->src.close(&tcp->src);
    }

    return stream;
}


/* A promise, or undefined when all is written at once. */

static JSValue
ngx_workers_tcp_ext_write(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_int_t           n;
    ngx_str_t           bytes;
    ngx_workers_tcp_t  *tcp;

    tcp = ngx_workers_tcp_this(cx, this_val);

    if (tcp == NULL || ngx_workers_get_bytes(cx, argv[0], &bytes) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (tcp->over || tcp->shut) {
        return ngx_workers_tcp_throw(cx, tcp);
    }

    n = 0;

    if (tcp->connected && tcp->ssl == NULL && bytes.len != 0) {
        n = send(tcp->connection->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

        if (n < 0) {
            n = 0;                          /* found out again below */
        }
    }

    if ((size_t) n == bytes.len) {
        return JS_UNDEFINED;
    }

    tcp->len = bytes.len - n;
    tcp->sent = 0;
    tcp->data = js_malloc(cx, tcp->len);

    if (tcp->data == NULL) {
        return JS_EXCEPTION;
    }

    ngx_memcpy(tcp->data, bytes.data + n, tcp->len);

    ngx_post_event(&tcp->event, &ngx_posted_events);

    return ngx_workers_tcp_op(cx, tcp, &tcp->write, ngx_workers_tcp_settle);
}


/* The writable side has been closed, all of it is written. */

static JSValue
ngx_workers_tcp_ext_shutdown(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_tcp_t  *tcp;

    tcp = ngx_workers_tcp_this(cx, this_val);
    if (tcp == NULL) {
        return JS_EXCEPTION;
    }

    if (tcp->over || tcp->shut) {
        return JS_UNDEFINED;
    }

    if (!tcp->connected) {
        ngx_post_event(&tcp->event, &ngx_posted_events);

        return ngx_workers_tcp_op(cx, tcp, &tcp->write,
                                  ngx_workers_tcp_settle);
    }

    tcp->shut = 1;

    if (tcp->ssl != NULL) {
        (void) SSL_shutdown(tcp->ssl);
    }

    (void) ngx_shutdown_socket(tcp->connection->fd, NGX_WRITE_SHUTDOWN);

    if (tcp->eof) {
        tcp->closing = 1;
        ngx_post_event(&tcp->event, &ngx_posted_events);
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_tcp_ext_close(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_tcp_t  *tcp;

    tcp = ngx_workers_tcp_this(cx, this_val);
    if (tcp == NULL) {
        return JS_EXCEPTION;
    }

    if (!tcp->over) {
        tcp->closing = 1;
        ngx_post_event(&tcp->event, &ngx_posted_events);
    }

    return JS_UNDEFINED;
}


/* Whoever has written so far has written in plain. */

static JSValue
ngx_workers_tcp_ext_start_tls(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_tcp_t  *tcp;

    tcp = ngx_workers_tcp_this(cx, this_val);
    if (tcp == NULL) {
        return JS_EXCEPTION;
    }

    tcp->secure = 1;

    if (tcp->over || !tcp->connected) {
        return JS_UNDEFINED;
    }

    if (ngx_workers_tcp_tls(tcp) != NGX_OK) {
        return JS_ThrowOutOfMemory(cx);
    }

    tcp->connected = 0;

    ngx_post_event(&tcp->event, &ngx_posted_events);

    return JS_UNDEFINED;
}


static void
ngx_workers_tcp_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_tcp_t  *tcp;

    tcp = JS_GetOpaque(val, ngx_workers_tcp_class.id);

    if (tcp != NULL) {
        ngx_workers_tcp_release(tcp);
    }
}


/* Operations: opened, closed, and one write */

static JSValue
ngx_workers_tcp_op(JSContext *cx, ngx_workers_tcp_t *tcp,
    ngx_workers_tcp_op_t **slot, JSValue (*settle)(JSContext *cx,
    ngx_workers_op_t *op))
{
    JSValue                promise;
    ngx_workers_tcp_op_t  *op;

    op = ngx_calloc(sizeof(ngx_workers_tcp_op_t), tcp->iso->log);
    if (op == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    op->tcp = tcp;
    op->op.settle = settle;
    op->op.abandon = ngx_workers_tcp_op_abandon;
    op->op.free = ngx_workers_tcp_op_free;

    promise = ngx_workers_op_start(cx, tcp->iso->inv, &op->op);

    if (JS_IsException(promise)) {
        ngx_free(op);
        return JS_EXCEPTION;
    }

    tcp->refs++;
    *slot = op;

    if (tcp->over) {
        ngx_post_event(&tcp->event, &ngx_posted_events);
    }

    return promise;
}


static void
ngx_workers_tcp_op_abandon(ngx_workers_op_t *op)
{
    ngx_workers_tcp_t     *tcp;
    ngx_workers_tcp_op_t  *top;

    top = (ngx_workers_tcp_op_t *) op;
    tcp = top->tcp;

    if (tcp->opened == top) {
        tcp->opened = NULL;

    } else if (tcp->ended == top) {
        tcp->ended = NULL;

    } else if (tcp->write == top) {
        tcp->write = NULL;
    }

    tcp->over = 1;

    ngx_workers_tcp_disconnect(tcp);
    ngx_workers_tcp_op_free(op);
}


static void
ngx_workers_tcp_op_free(ngx_workers_op_t *op)
{
    ngx_workers_tcp_t  *tcp;

    tcp = ((ngx_workers_tcp_op_t *) op)->tcp;

    ngx_free(op);
    ngx_workers_tcp_release(tcp);
}


static void
ngx_workers_tcp_done(ngx_workers_tcp_op_t **slot)
{
    ngx_workers_tcp_op_t  *op;

    op = *slot;

    if (op != NULL) {
        *slot = NULL;
        ngx_workers_op_done(&op->op);
    }
}


static JSValue
ngx_workers_tcp_settle_opened(JSContext *cx, ngx_workers_op_t *op)
{
    JSValue                info;
    socklen_t              len;
    ngx_str_t              addr;
    ngx_sockaddr_t         sockaddr;
    ngx_workers_tcp_t     *tcp;
    u_char                 text[NGX_WORKERS_TCP_ADDR];

    tcp = ((ngx_workers_tcp_op_t *) op)->tcp;

    if (tcp->failure != NULL || tcp->connection == NULL) {
        return ngx_workers_tcp_throw(cx, tcp);
    }

    info = JS_NewObject(cx);
    len = sizeof(ngx_sockaddr_t);

    if (!JS_IsException(info)
        && getpeername(tcp->connection->fd, &sockaddr.sockaddr, &len) == 0)
    {
        addr.data = text;
        addr.len = ngx_sock_ntop(&sockaddr.sockaddr, len, text,
                                 NGX_WORKERS_TCP_ADDR, 1);

        if (ngx_workers_set(cx, info, "remoteAddress",
                            ngx_workers_new_string(cx, &addr))
            != NGX_OK)
        {
            JS_FreeValue(cx, info);
            return JS_EXCEPTION;
        }
    }

    return info;
}


static JSValue
ngx_workers_tcp_settle(JSContext *cx, ngx_workers_op_t *op)
{
    ngx_workers_tcp_t  *tcp;

    tcp = ((ngx_workers_tcp_op_t *) op)->tcp;

    return (tcp->failure != NULL) ? ngx_workers_tcp_throw(cx, tcp)
                                  : JS_UNDEFINED;
}


static JSValue
ngx_workers_tcp_throw(JSContext *cx, ngx_workers_tcp_t *tcp)
{
    return ngx_workers_throw_error(cx, tcp->failure != NULL ? tcp->failure
                                       : "Network connection lost.");
}


/* libcurl has connected, or could not. */

static void
ngx_workers_tcp_ready(void *data)
{
    ngx_socket_t            fd;
    ngx_workers_tcp_t      *tcp = data;
    ngx_connection_t       *c;
    ngx_workers_transfer_t *t;

    t = tcp->transfer;
    tcp->transfer = NULL;

    if (t->result != CURLE_OK) {
        ngx_log_error(NGX_LOG_ERR, tcp->iso->log, 0,
                      "worker \"%V\": connect to \"%s\" failed: %s",
                      &tcp->iso->script->name, t->url,
                      curl_easy_strerror(t->result));

        ngx_workers_transfer_free(t);
        ngx_workers_tcp_fail(tcp, NGX_WORKERS_TCP_REFUSED);
        return;
    }

    fd = ngx_workers_transfer_socket(t);
    ngx_workers_transfer_free(t);

    c = (fd != (ngx_socket_t) -1) ? ngx_get_connection(fd, tcp->iso->log)
                                  : NULL;

    if (c == NULL) {
        if (fd != (ngx_socket_t) -1) {
            (void) ngx_close_socket(fd);
        }

        ngx_workers_tcp_fail(tcp, NGX_WORKERS_TCP_REFUSED);
        return;
    }

    c->data = tcp;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);
    c->read->log = tcp->iso->log;
    c->write->log = tcp->iso->log;
    c->read->handler = ngx_workers_tcp_handler;
    c->write->handler = ngx_workers_tcp_handler;

    tcp->connection = c;
    tcp->connected = !tcp->secure;

    if (tcp->secure && ngx_workers_tcp_tls(tcp) != NGX_OK) {
        ngx_workers_tcp_fail(tcp, "Out of memory.");
        return;
    }

    ngx_workers_tcp_run(tcp);
}


static void
ngx_workers_tcp_transfer_closed(ngx_workers_transfer_t *t)
{
    /* t->src.error is undefined: nobody has read it */
}


static ngx_int_t
ngx_workers_tcp_tls(ngx_workers_tcp_t *tcp)
{
    tcp->ssl = ngx_workers_http_tls(tcp->iso->http->client,
                                    (char *) tcp->host.data);

    return (tcp->ssl != NULL
            && SSL_set_fd(tcp->ssl, tcp->connection->fd) == 1)
           ? NGX_OK : NGX_ERROR;
}


static void
ngx_workers_tcp_handler(ngx_event_t *ev)
{
    ngx_connection_t  *c;

    c = ev->data;

    ngx_workers_tcp_run(c->data);
}


static void
ngx_workers_tcp_event(ngx_event_t *ev)
{
    ngx_workers_tcp_run(ev->data);
}


/* Does what can be done, and tells who waits for it. */

static void
ngx_workers_tcp_run(ngx_workers_tcp_t *tcp)
{
    tcp->refs++;

    if (!tcp->over && tcp->connection != NULL && !tcp->connected) {

        switch (ngx_workers_tcp_handshake(tcp)) {

        case NGX_OK:
            tcp->connected = 1;
            break;

        case NGX_ERROR:
            ngx_workers_tcp_fail(tcp, "TLS Handshake Failed.");
            break;
        }
    }

    if (tcp->connected && tcp->failure == NULL) {
        ngx_workers_tcp_done(&tcp->opened);

        if (!tcp->over) {
            ngx_workers_tcp_flush(tcp);
        }
    }

    if (!tcp->over && tcp->closing && tcp->write == NULL) {
        ngx_workers_tcp_end(tcp);
    }

    if (!tcp->over && tcp->waiting && tcp->connected) {
        tcp->waiting = 0;
        tcp->src.wake(tcp->src.data);
    }

    if (tcp->over) {
        ngx_workers_tcp_done(&tcp->opened);
        ngx_workers_tcp_done(&tcp->write);
        ngx_workers_tcp_done(&tcp->ended);

        if (tcp->waiting) {
            tcp->waiting = 0;
            tcp->src.wake(tcp->src.data);
        }

    } else {
        ngx_workers_tcp_watch(tcp);
    }

    ngx_workers_tcp_release(tcp);
}


static ngx_int_t
ngx_workers_tcp_handshake(ngx_workers_tcp_t *tcp)
{
    int   n, error;
    long  verify;

    ERR_clear_error();

    tcp->want_read = 0;
    tcp->want_write = 0;

    n = SSL_do_handshake(tcp->ssl);

    if (n == 1) {
        return NGX_OK;
    }

    error = SSL_get_error(tcp->ssl, n);

    if (error == SSL_ERROR_WANT_READ) {
        tcp->want_read = 1;
        return NGX_AGAIN;
    }

    if (error == SSL_ERROR_WANT_WRITE) {
        tcp->want_write = 1;
        return NGX_AGAIN;
    }

    verify = SSL_get_verify_result(tcp->ssl);

    ngx_log_error(NGX_LOG_ERR, tcp->iso->log, 0,
                  "worker \"%V\": TLS handshake with \"%V\" failed: %s",
                  &tcp->iso->script->name, &tcp->host,
                  verify != X509_V_OK ? X509_verify_cert_error_string(verify)
                                      : ERR_reason_error_string(
                                            ERR_peek_last_error()));
    ERR_clear_error();

    return NGX_ERROR;
}


/* What is written, and the end of a shutdown() that waited. */

static void
ngx_workers_tcp_flush(ngx_workers_tcp_t *tcp)
{
    size_t     size;
    ngx_int_t  n;

    tcp->want_write = 0;

    while (tcp->data != NULL) {

        size = tcp->len - tcp->sent;

        if (tcp->ssl != NULL) {
            ERR_clear_error();
            n = ngx_workers_tcp_io(tcp, SSL_write(tcp->ssl,
                                                  tcp->data + tcp->sent,
                                                  ngx_min(size, 16384)));

        } else {
            n = send(tcp->connection->fd, tcp->data + tcp->sent, size,
                     MSG_NOSIGNAL);

            if (n < 0) {
                n = (ngx_socket_errno == NGX_EAGAIN) ? NGX_AGAIN : NGX_ERROR;
            }
        }

        if (n == NGX_AGAIN) {
            tcp->want_write = 1;
            return;
        }

        if (n <= 0) {
            ngx_workers_tcp_fail(tcp, "Network connection lost.");
            return;
        }

        tcp->sent += n;

        if (tcp->sent == tcp->len) {
            js_free_rt(tcp->iso->rt, tcp->data);
            tcp->data = NULL;
        }
    }

    if (tcp->write != NULL) {

        if (tcp->len == 0) {
            tcp->shut = 1;
            (void) ngx_shutdown_socket(tcp->connection->fd,
                                       NGX_WRITE_SHUTDOWN);
        }

        tcp->len = 0;
        ngx_workers_tcp_done(&tcp->write);
    }
}


/* The outcome of a function of OpenSSL: bytes, 0 at the end, or a code. */

static ngx_int_t
ngx_workers_tcp_io(ngx_workers_tcp_t *tcp, ngx_int_t n)
{
    if (n > 0) {
        return n;
    }

    switch (SSL_get_error(tcp->ssl, n)) {

    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return NGX_AGAIN;

    case SSL_ERROR_ZERO_RETURN:
        return 0;

    default:
        ERR_clear_error();
        return NGX_ERROR;
    }
}


static void
ngx_workers_tcp_watch(ngx_workers_tcp_t *tcp)
{
    ngx_connection_t  *c;

    c = tcp->connection;

    if (c != NULL) {
        ngx_workers_tcp_poll(c->read, NGX_READ_EVENT,
                             tcp->waiting || tcp->want_read);
        ngx_workers_tcp_poll(c->write, NGX_WRITE_EVENT, tcp->want_write);
    }
}


static void
ngx_workers_tcp_poll(ngx_event_t *ev, ngx_int_t event, ngx_uint_t wanted)
{
    if (wanted && !ev->active) {
        (void) ngx_add_event(ev, event, NGX_LEVEL_EVENT);

    } else if (!wanted && ev->active) {
        (void) ngx_del_event(ev, event, 0);
    }
}


static void
ngx_workers_tcp_fail(ngx_workers_tcp_t *tcp, const char *failure)
{
    if (tcp->over) {
        return;
    }

    tcp->failure = failure;
    tcp->src.reason = failure;

    ngx_workers_tcp_end(tcp);

    /* told from the event, which is outside of JavaScript for sure */

    ngx_post_event(&tcp->event, &ngx_posted_events);
}


static void
ngx_workers_tcp_end(ngx_workers_tcp_t *tcp)
{
    tcp->over = 1;

    ngx_workers_tcp_disconnect(tcp);
}


static void
ngx_workers_tcp_disconnect(ngx_workers_tcp_t *tcp)
{
    ngx_connection_t        *c;
    ngx_workers_transfer_t  *t;

    t = tcp->transfer;

    if (t != NULL) {
        tcp->transfer = NULL;
        ngx_workers_transfer_free(t);
    }

    if (tcp->ssl != NULL) {

        if (tcp->connected && !tcp->shut && tcp->failure == NULL) {
            (void) SSL_shutdown(tcp->ssl);
        }

        SSL_free(tcp->ssl);
        tcp->ssl = NULL;
    }

    c = tcp->connection;

    if (c != NULL) {
        tcp->connection = NULL;
        ngx_close_connection(c);
    }

    if (tcp->data != NULL) {
        js_free_rt(tcp->iso->rt, tcp->data);
        tcp->data = NULL;
    }
}


static ngx_int_t
ngx_workers_tcp_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    ngx_int_t           n;
    ngx_buf_t          *b;
    ngx_workers_tcp_t  *tcp;

    tcp = (ngx_workers_tcp_t *) src;

    if (tcp->failure != NULL) {

        if (JS_IsUndefined(src->error)) {
            (void) ngx_workers_tcp_throw(tcp->iso->cx, tcp);
            src->error = JS_GetException(tcp->iso->cx);
        }

        return NGX_ERROR;
    }

    if (tcp->over || tcp->eof) {
        return NGX_DONE;
    }

    if (!tcp->connected) {
        tcp->waiting = 1;
        return NGX_AGAIN;
    }

    b = &tcp->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(tcp->pool, NGX_WORKERS_TCP_BUFFER);
        if (b->start == NULL) {
            src->reason = "Out of memory.";
            return NGX_ERROR;
        }

        b->end = b->start + NGX_WORKERS_TCP_BUFFER;
    }

    if (tcp->ssl != NULL) {
        ERR_clear_error();
        n = ngx_workers_tcp_io(tcp, SSL_read(tcp->ssl, b->start,
                                             NGX_WORKERS_TCP_BUFFER));

    } else {
        n = recv(tcp->connection->fd, b->start, NGX_WORKERS_TCP_BUFFER, 0);

        if (n < 0) {
            n = (ngx_socket_errno == NGX_EAGAIN) ? NGX_AGAIN : NGX_ERROR;
        }
    }

    if (n == NGX_AGAIN) {
        tcp->waiting = 1;
        ngx_workers_tcp_watch(tcp);
        return NGX_AGAIN;
    }

    if (n == NGX_ERROR) {
        ngx_workers_tcp_fail(tcp, "Network connection lost.");
        return ngx_workers_tcp_read(src, out);
    }

    if (n == 0) {
        tcp->eof = 1;

        if (!tcp->half_open || tcp->shut) {
            tcp->closing = 1;
            ngx_post_event(&tcp->event, &ngx_posted_events);
        }

        return NGX_DONE;
    }

    b->pos = b->start;
    b->last = b->start + n;

    tcp->chain.next = NULL;
    *out = &tcp->chain;

    return NGX_OK;
}


static void
ngx_workers_tcp_source_close(ngx_workers_source_t *src)
{
    ngx_workers_tcp_t  *tcp;

    tcp = (ngx_workers_tcp_t *) src;

    ngx_workers_source_unlink(src);

    JS_FreeValue(tcp->iso->cx, src->error);
    src->error = JS_UNDEFINED;

    tcp->waiting = 0;

    if (tcp->linked) {
        tcp->linked = 0;
        ngx_workers_tcp_release(tcp);
    }
}


static void
ngx_workers_tcp_release(ngx_workers_tcp_t *tcp)
{
    if (--tcp->refs != 0) {
        return;
    }

    if (tcp->event.posted) {
        ngx_delete_posted_event(&tcp->event);
    }

    ngx_workers_tcp_disconnect(tcp);

    ngx_destroy_pool(tcp->pool);
}
