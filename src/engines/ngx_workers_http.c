
/*
 * Copyright (C) the nginx-workers authors
 *
 * The client: libcurl's sockets and its timer in nginx's event loop.
 *
 * libcurl expects level-triggered events.  A connection that is kept alive
 * stays registered for reading between transfers, so that one more transfer
 * costs no system call; what comes then (an end, as a rule) removes it.
 */


#include "ngx_workers_http.h"
#include "ngx_workers_watch.h"


#define NGX_WORKERS_HTTP_IDLE         64    /* handles that are kept */
#define NGX_WORKERS_HTTP_CONNECTIONS  256   /* kept alive, at most */
#define NGX_WORKERS_HTTP_BUFFER       65536


typedef struct ngx_workers_http_socket_s  ngx_workers_http_socket_t;

struct ngx_workers_http_socket_s {
    ngx_connection_t           *connection; /* NULL: none */
    ngx_workers_transfer_t     *transfer;   /* which watches it; NULL: none */
    unsigned                    own:1;      /* opened here, closed here */
    unsigned                    in:1;       /* libcurl waits for it */
    unsigned                    out:1;
};


static ngx_workers_http_t *ngx_workers_http_create(ngx_log_t *log);
static void ngx_workers_http_destroy(ngx_workers_http_t *client);
static void ngx_workers_http_setopt(ngx_workers_http_t *client);
static int ngx_workers_http_poll(CURL *easy, curl_socket_t fd, int what,
    void *data, void *assigned);
static int ngx_workers_http_timeout(CURLM *multi, long ms, void *data);
static ngx_int_t ngx_workers_http_certificates(ngx_workers_http_slot_t *slot,
    CURL *easy);
static ngx_uint_t ngx_workers_http_forbidden(ngx_workers_transfer_t *t,
    struct curl_sockaddr *address);
static int ngx_workers_http_close_socket(void *data, curl_socket_t fd);
static ngx_workers_http_socket_t *ngx_workers_http_socket(
    ngx_workers_http_t *client, curl_socket_t fd);
static ngx_int_t ngx_workers_http_connection(ngx_workers_http_t *client,
    ngx_workers_http_socket_t *s, curl_socket_t fd);
static void ngx_workers_http_forget(ngx_workers_http_socket_t *s);
static void ngx_workers_http_socket_handler(ngx_event_t *ev);
static void ngx_workers_http_timer_handler(ngx_event_t *ev);
static void ngx_workers_http_event_handler(ngx_event_t *ev);
static void ngx_workers_http_action(ngx_workers_http_t *client,
    curl_socket_t fd, int mask);
static void ngx_workers_http_tell(ngx_workers_http_t *client);


ngx_workers_http_t *
ngx_workers_http(ngx_workers_http_slot_t *slot, ngx_log_t *log)
{
    if (slot->client == NULL) {
        slot->client = ngx_workers_http_create(log);

        if (slot->client != NULL) {
            slot->client->slot = slot;
        }
    }

    return slot->client;
}


static ngx_workers_http_t *
ngx_workers_http_create(ngx_log_t *log)
{
    ngx_workers_http_t  *client;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        ngx_log_error(NGX_LOG_ALERT, log, 0, "curl_global_init() failed");
        return NULL;
    }

    client = ngx_calloc(sizeof(ngx_workers_http_t), log);
    if (client == NULL) {
        return NULL;
    }

    client->log = log;
    ngx_queue_init(&client->ready);

    client->idle = ngx_alloc(NGX_WORKERS_HTTP_IDLE * sizeof(CURL *), log);
    client->multi = curl_multi_init();

    if (client->idle == NULL || client->multi == NULL) {
        ngx_workers_http_destroy(client);
        return NULL;
    }

    client->timer.handler = ngx_workers_http_timer_handler;
    client->timer.data = client;
    client->timer.log = log;
    client->timer.cancelable = 1;

    client->now = client->timer;

    client->event.handler = ngx_workers_http_event_handler;
    client->event.data = client;
    client->event.log = log;

    ngx_workers_http_setopt(client);

    return client;
}


static void
ngx_workers_http_setopt(ngx_workers_http_t *client)
{
    CURLM  *multi;

    multi = client->multi;

    (void) curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION,
                             ngx_workers_http_poll);
    (void) curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
    (void) curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION,
                             ngx_workers_http_timeout);
    (void) curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
    (void) curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
                             (long) NGX_WORKERS_HTTP_CONNECTIONS);
}


void
ngx_workers_http_close(ngx_workers_http_slot_t *slot)
{
    if (slot->client != NULL) {
        ngx_workers_http_destroy(slot->client);
        slot->client = NULL;
    }
}


static void
ngx_workers_http_destroy(ngx_workers_http_t *client)
{
    ngx_uint_t            i;
    ngx_workers_block_t  *block;

    while (client->nidle != 0) {
        curl_easy_cleanup(client->idle[--client->nidle]);
    }

    if (client->multi != NULL) {
        client->running++;
        (void) curl_multi_cleanup(client->multi);
        client->running--;
    }

    for (i = 0; i < client->nsockets; i++) {
        if (client->sockets[i].connection != NULL) {
            ngx_workers_http_forget(&client->sockets[i]);
        }
    }

    if (client->timer.timer_set) {
        ngx_del_timer(&client->timer);
    }

    if (client->now.posted) {
        ngx_delete_posted_event(&client->now);
    }

    if (client->event.posted) {
        ngx_delete_posted_event(&client->event);
    }

    while (client->free != NULL) {
        block = client->free;
        client->free = *(ngx_workers_block_t **) block;
        ngx_free(block);
    }

    if (client->sockets != NULL) {
        ngx_free(client->sockets);
    }

    if (client->idle != NULL) {
        ngx_free(client->idle);
    }

    SSL_CTX_free(client->ctx);

    ngx_free(client);

    curl_global_cleanup();
}


SSL *
ngx_workers_http_tls(ngx_workers_http_t *client, const char *host)
{
    SSL                *ssl;
    SSL_CTX            *ctx;
    X509_VERIFY_PARAM  *param;

    ctx = client->ctx;

    if (ctx == NULL) {
        ctx = SSL_CTX_new(TLS_client_method());
        if (ctx == NULL) {
            return NULL;
        }

        client->ctx = ctx;

        if (client->slot->trusted != NULL) {
            (void) SSL_CTX_load_verify_locations(ctx, client->slot->trusted,
                                                 NULL);

        } else {
            (void) SSL_CTX_set_default_verify_paths(ctx);
        }

        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
        (void) SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
        SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE
                              |SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    }

    ssl = SSL_new(ctx);
    if (ssl == NULL) {
        return NULL;
    }

    SSL_set_connect_state(ssl);

    /* an address has no name to be sent */

    param = SSL_get0_param(ssl);

    if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1) {
        return ssl;
    }

    if (SSL_set_tlsext_host_name(ssl, host) != 1
        || X509_VERIFY_PARAM_set1_host(param, host, 0) != 1)
    {
        SSL_free(ssl);
        return NULL;
    }

    return ssl;
}


CURL *
ngx_workers_http_easy(ngx_workers_http_t *client)
{
    CURL  *easy;

    if (client->nidle != 0) {
        easy = client->idle[--client->nidle];
        curl_easy_reset(easy);

    } else {
        easy = curl_easy_init();
    }

    if (easy == NULL) {
        return NULL;
    }

    if (ngx_workers_http_certificates(client->slot, easy) != NGX_OK) {
        curl_easy_cleanup(easy);
        return NULL;
    }

    (void) curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void) curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    (void) curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
                            (long) NGX_WORKERS_HTTP_BUFFER);
    (void) curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE,
                            (long) NGX_WORKERS_HTTP_BUFFER);
    (void) curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);

    (void) curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION,
                            ngx_workers_http_close_socket);
    (void) curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, client);

    return easy;
}


static ngx_int_t
ngx_workers_http_certificates(ngx_workers_http_slot_t *slot, CURL *easy)
{
    struct curl_blob  blob;

    if (slot->trusted != NULL
        && curl_easy_setopt(easy, CURLOPT_CAINFO, slot->trusted) != CURLE_OK)
    {
        return NGX_ERROR;
    }

    if (slot->certificate.len == 0) {
        return NGX_OK;
    }

    blob.flags = CURL_BLOB_NOCOPY;
    blob.data = slot->certificate.data;
    blob.len = slot->certificate.len;

    if (curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &blob) != CURLE_OK) {
        return NGX_ERROR;
    }

    blob.data = slot->key.data;
    blob.len = slot->key.len;

    return (curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &blob) == CURLE_OK)
           ? NGX_OK : NGX_ERROR;
}


void
ngx_workers_http_easy_free(ngx_workers_http_t *client, CURL *easy)
{
    if (client->nidle < NGX_WORKERS_HTTP_IDLE) {
        client->idle[client->nidle++] = easy;

    } else {
        curl_easy_cleanup(easy);
    }
}


static int
ngx_workers_http_poll(CURL *easy, curl_socket_t fd, int what, void *data,
    void *assigned)
{
    ngx_connection_t           *c;
    ngx_workers_http_t         *client;
    ngx_workers_http_socket_t  *s;

    client = data;
    s = ngx_workers_http_socket(client, fd);

    if (s == NULL) {
        return -1;
    }

    if (what == CURL_POLL_REMOVE && s->connection == NULL) {
        return 0;
    }

    if (s->connection == NULL
        && ngx_workers_http_connection(client, s, fd) != NGX_OK)
    {
        return -1;
    }

    if (s->transfer != NULL) {
        return 0;
    }

    c = s->connection;

    s->in = (what == CURL_POLL_IN || what == CURL_POLL_INOUT);
    s->out = (what == CURL_POLL_OUT || what == CURL_POLL_INOUT);

    if (what == CURL_POLL_REMOVE && !s->own) {
        ngx_workers_http_forget(s);
        return 0;
    }

    /* that nobody reads for now is found out when there is something */

    if (s->in) {
        ngx_workers_watch(c->read, NGX_READ_EVENT, 1);
    }

    ngx_workers_watch(c->write, NGX_WRITE_EVENT, s->out);

    return 0;
}


static int
ngx_workers_http_timeout(CURLM *multi, long ms, void *data)
{
    ngx_workers_http_t  *client;

    client = data;

    if (ms == 0) {
        ngx_post_event(&client->now, &ngx_posted_events);
    }

    if (ms > 0) {
        ngx_add_timer(&client->timer, (ngx_msec_t) ms);

    } else if (client->timer.timer_set) {
        ngx_del_timer(&client->timer);
    }

    return 0;
}


curl_socket_t
ngx_workers_http_open(void *data, curlsocktype purpose,
    struct curl_sockaddr *address)
{
    curl_socket_t               fd;
    ngx_workers_http_t         *client;
    ngx_workers_transfer_t     *t;
    ngx_workers_http_socket_t  *s;

    t = data;
    client = t->client;

    if (client->slot->outbound != NULL
        && ngx_workers_http_forbidden(t, address)) {
        t->forbidden = 1;
        return CURL_SOCKET_BAD;
    }

    fd = socket(address->family, address->socktype|SOCK_CLOEXEC|SOCK_NONBLOCK,
                address->protocol);

    if (fd == CURL_SOCKET_BAD) {
        ngx_log_error(NGX_LOG_ALERT, client->log, ngx_socket_errno,
                      "socket() failed");
        return CURL_SOCKET_BAD;
    }

    s = ngx_workers_http_socket(client, fd);

    if (s == NULL || ngx_workers_http_connection(client, s, fd) != NGX_OK) {
        (void) ngx_close_socket(fd);
        return CURL_SOCKET_BAD;
    }

    s->own = 1;

    return fd;
}


static ngx_uint_t
ngx_workers_http_forbidden(ngx_workers_transfer_t *t,
    struct curl_sockaddr *address)
{
    size_t      len;
    ngx_str_t   host;
    u_char      text[NGX_SOCKADDR_STRLEN];

    ngx_workers_route_host(t, &host);

    if (ngx_workers_outbound_allowed(t->client->slot->outbound, &host,
                                     &address->addr))
    {
        return 0;
    }

    len = ngx_sock_ntop(&address->addr, address->addrlen, text,
                        NGX_SOCKADDR_STRLEN, 1);

    ngx_log_error(NGX_LOG_ERR, t->client->log, 0,
                  "connection to \"%V\" at %*s is denied by "
                  "\"workers_outbound\"", &host, len, text);

    return 1;
}


static int
ngx_workers_http_close_socket(void *data, curl_socket_t fd)
{
    ngx_connection_t           *c;
    ngx_workers_http_t         *client;
    ngx_workers_http_socket_t  *s;

    client = data;
    s = ((ngx_uint_t) fd < client->nsockets) ? &client->sockets[fd] : NULL;

    if (s == NULL || s->connection == NULL) {
        (void) ngx_close_socket(fd);
        return 0;
    }

    c = s->connection;
    ngx_memzero(s, sizeof(ngx_workers_http_socket_t));

    ngx_close_connection(c);

    return 0;
}


/* NULL: out of memory. */

static ngx_workers_http_socket_t *
ngx_workers_http_socket(ngx_workers_http_t *client, curl_socket_t fd)
{
    ngx_uint_t                  n;
    ngx_workers_http_socket_t  *sockets;

    if ((ngx_uint_t) fd >= client->nsockets) {

        n = ngx_max(2 * client->nsockets, (ngx_uint_t) fd + 16);

        sockets = ngx_calloc(n * sizeof(ngx_workers_http_socket_t),
                             client->log);
        if (sockets == NULL) {
            return NULL;
        }

        if (client->sockets != NULL) {
            ngx_memcpy(sockets, client->sockets,
                       client->nsockets * sizeof(ngx_workers_http_socket_t));
            ngx_free(client->sockets);
        }

        client->sockets = sockets;
        client->nsockets = n;
    }

    return &client->sockets[fd];
}


static ngx_int_t
ngx_workers_http_connection(ngx_workers_http_t *client,
    ngx_workers_http_socket_t *s, curl_socket_t fd)
{
    s->connection = ngx_workers_watch_create(fd,
                                             ngx_workers_http_socket_handler,
                                             client, client->log);

    return (s->connection != NULL) ? NGX_OK : NGX_ERROR;
}


/* A descriptor of libcurl's own: it is only watched here. */

static void
ngx_workers_http_forget(ngx_workers_http_socket_t *s)
{
    ngx_connection_t  *c;

    c = s->connection;
    ngx_memzero(s, sizeof(ngx_workers_http_socket_t));

    ngx_workers_watch_forget(c);
}


static void
ngx_workers_http_socket_handler(ngx_event_t *ev)
{
    ngx_connection_t           *c;
    ngx_workers_http_t         *client;
    ngx_workers_http_socket_t  *s;

    c = ev->data;
    client = c->data;
    s = &client->sockets[c->fd];

    if (s->transfer != NULL && (ev->write ? s->out : s->in)) {
        s->transfer->io(s->transfer->io_data, ev->write);
        return;
    }

    if (!(ev->write ? s->out : s->in)) {
        ngx_workers_watch(ev, ev->write ? NGX_WRITE_EVENT : NGX_READ_EVENT, 0);
        return;
    }

    ngx_workers_http_action(client, c->fd, ev->write ? CURL_CSELECT_OUT
                                                     : CURL_CSELECT_IN);
}


void
ngx_workers_http_watch(ngx_workers_transfer_t *t, curl_socket_t fd,
    ngx_uint_t in, ngx_uint_t out)
{
    ngx_workers_http_socket_t  *s;

    s = ((ngx_uint_t) fd < t->client->nsockets) ? &t->client->sockets[fd]
                                                : NULL;

    if (s == NULL || s->connection == NULL) {
        return;
    }

    s->transfer = t;
    s->in = in;
    s->out = out;

    ngx_workers_watch(s->connection->read, NGX_READ_EVENT, in);
    ngx_workers_watch(s->connection->write, NGX_WRITE_EVENT, out);
}


static void
ngx_workers_http_timer_handler(ngx_event_t *ev)
{
    ngx_workers_http_action(ev->data, CURL_SOCKET_TIMEOUT, 0);
}


static void
ngx_workers_http_event_handler(ngx_event_t *ev)
{
    ngx_workers_http_tell(ev->data);
}


static void
ngx_workers_http_action(ngx_workers_http_t *client, curl_socket_t fd, int mask)
{
    int                      n;
    void                    *t;
    CURLMsg                 *msg;
    CURLcode                 result;

    client->running++;

    (void) curl_multi_socket_action(client->multi, fd, mask, &n);

    client->running--;

    for ( ;; ) {
        msg = curl_multi_info_read(client->multi, &n);

        if (msg == NULL) {
            break;
        }

        if (msg->msg == CURLMSG_DONE) {
            result = msg->data.result;

            (void) curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);

            ngx_workers_transfer_ended(t, result);
        }
    }

    ngx_workers_http_tell(client);
}


void
ngx_workers_http_post(ngx_workers_transfer_t *t)
{
    ngx_workers_http_t  *client;

    client = t->client;

    if (t->queue.next == NULL) {
        ngx_queue_insert_tail(&client->ready, &t->queue);
    }

    if (client->running == 0) {
        ngx_post_event(&client->event, &ngx_posted_events);
    }
}


/* What handlers cause themselves waits for the event. */

static void
ngx_workers_http_tell(ngx_workers_http_t *client)
{
    ngx_queue_t  *q, news;

    if (ngx_queue_empty(&client->ready)) {
        return;
    }

    ngx_queue_init(&news);
    ngx_queue_add(&news, &client->ready);
    ngx_queue_init(&client->ready);

    while (!ngx_queue_empty(&news)) {
        q = ngx_queue_head(&news);

        ngx_queue_remove(q);
        q->next = NULL;

        ngx_workers_transfer_tell(ngx_queue_data(q, ngx_workers_transfer_t,
                                                 queue));
    }

    if (!ngx_queue_empty(&client->ready)) {
        ngx_post_event(&client->event, &ngx_posted_events);
    }
}
