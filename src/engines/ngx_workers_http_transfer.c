
/*
 * Copyright (C) the nginx-workers authors
 *
 * One request and its response: what libcurl calls, and what the consumer of
 * the response's body does.  A body is kept here up to some limit, then
 * libcurl does not read on.
 */


#include "ngx_workers_http.h"


#define NGX_WORKERS_HTTP_WINDOW   (256 * 1024)  /* bytes not read so far */
#define NGX_WORKERS_HTTP_BLOCK    32768
#define NGX_WORKERS_HTTP_FREE     64            /* blocks that are kept */
#define NGX_WORKERS_HTTP_CONNECT  60000L        /* ms */


struct ngx_workers_block_s {
    ngx_workers_block_t        *next;           /* first: see free */
    ngx_workers_http_t         *client;         /* NULL: not to be kept */
    ngx_chain_t                 chain;
    ngx_buf_t                   buf;
    u_char                      data[];
};


static ngx_int_t ngx_workers_transfer_address(ngx_workers_transfer_t *t,
    ngx_workers_invocation_t *inv);
static ngx_int_t ngx_workers_transfer_setup(ngx_workers_transfer_t *t);
static size_t ngx_workers_transfer_header(char *p, size_t size, size_t n,
    void *data);
static ngx_int_t ngx_workers_transfer_status(ngx_workers_transfer_t *t,
    u_char *p, u_char *last);
static ngx_int_t ngx_workers_transfer_field(ngx_workers_transfer_t *t,
    u_char *p, u_char *last);
static ngx_int_t ngx_workers_transfer_string(ngx_workers_transfer_t *t,
    ngx_str_t *str, u_char *p, u_char *last);
static size_t ngx_workers_transfer_write(char *p, size_t size, size_t n,
    void *data);
static ngx_workers_block_t *ngx_workers_transfer_block(
    ngx_workers_transfer_t *t, size_t len);
static size_t ngx_workers_transfer_upload(char *p, size_t size, size_t n,
    void *data);
static void ngx_workers_transfer_upload_wake(void *data);
static void ngx_workers_transfer_upload_orphan(void *data);
static void ngx_workers_transfer_upload_close(ngx_workers_transfer_t *t);
static ngx_uint_t ngx_workers_transfer_unsent(ngx_workers_transfer_t *t,
    CURLcode result);
static const char *ngx_workers_transfer_failure(CURLcode result);
static void ngx_workers_transfer_resume(ngx_workers_transfer_t *t);
static ngx_int_t ngx_workers_transfer_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static void ngx_workers_transfer_error(ngx_workers_transfer_t *t);
static void ngx_workers_transfer_close(ngx_workers_source_t *src);
static void ngx_workers_transfer_drop(ngx_workers_transfer_t *t);
static void ngx_workers_transfer_free_blocks(void *data);


ngx_workers_transfer_t *
ngx_workers_transfer_create(ngx_workers_http_t *client,
    ngx_workers_invocation_t *inv)
{
    ngx_pool_t              *pool;
    ngx_workers_transfer_t  *t;

    pool = ngx_create_pool(2048, client->log);
    if (pool == NULL) {
        return NULL;
    }

    t = ngx_pcalloc(pool, sizeof(ngx_workers_transfer_t));

    if (t == NULL
        || ngx_array_init(&t->headers, pool, 16, sizeof(ngx_workers_field_t))
           != NGX_OK)
    {
        ngx_destroy_pool(pool);
        return NULL;
    }

    t->client = client;
    t->pool = pool;
    t->last = &t->blocks;
    t->src.length = -1;
    t->src.error = JS_UNDEFINED;

    if (client->slot->balance != NULL && inv->sockaddr != NULL
        && ngx_workers_transfer_address(t, inv) != NGX_OK)
    {
        ngx_destroy_pool(pool);
        return NULL;
    }

    return t;
}


/* The transfer may start when the invocation's client has gone. */

static ngx_int_t
ngx_workers_transfer_address(ngx_workers_transfer_t *t,
    ngx_workers_invocation_t *inv)
{
    t->sockaddr = ngx_palloc(t->pool, inv->socklen);
    t->addr_text.data = ngx_pstrdup(t->pool, inv->addr_text);

    if (t->sockaddr == NULL || t->addr_text.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(t->sockaddr, inv->sockaddr, inv->socklen);
    t->socklen = inv->socklen;
    t->addr_text.len = inv->addr_text->len;

    return NGX_OK;
}


void
ngx_workers_transfer_start(ngx_workers_transfer_t *t)
{
    ngx_int_t  rc;

    if (t->upload != NULL) {
        t->upload->wake = ngx_workers_transfer_upload_wake;
        t->upload->orphan = ngx_workers_transfer_upload_orphan;
        t->upload->data = t;
    }

    rc = ngx_workers_route(t);

    if (rc != NGX_AGAIN) {
        ngx_workers_transfer_go(t, rc);
    }
}


void
ngx_workers_transfer_go(ngx_workers_transfer_t *t, ngx_int_t rc)
{
    if (rc == NGX_DECLINED) {
        ngx_workers_transfer_ended(t, t->balancer.data != NULL
                                      ? CURLE_COULDNT_CONNECT
                                      : CURLE_COULDNT_RESOLVE_HOST);
        return;
    }

    t->easy = (rc == NGX_OK) ? ngx_workers_http_easy(t->client) : NULL;

    if (t->easy == NULL || ngx_workers_transfer_setup(t) != NGX_OK) {
        ngx_workers_transfer_ended(t, CURLE_OUT_OF_MEMORY);
    }
}


static ngx_int_t
ngx_workers_transfer_setup(ngx_workers_transfer_t *t)
{
    CURL  *easy;

    easy = t->easy;

    (void) curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    (void) curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION,
                            ngx_workers_http_open);
    (void) curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
    (void) curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION,
                            ngx_workers_transfer_header);
    (void) curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    (void) curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION,
                            ngx_workers_transfer_write);
    (void) curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    (void) curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                            NGX_WORKERS_HTTP_CONNECT);

    if ((t->route.data != NULL
         && curl_easy_setopt(easy, t->route_option, &t->route) != CURLE_OK)
        || (t->socket != NULL
            && curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, t->socket)
               != CURLE_OK))
    {
        return NGX_ERROR;
    }

    if (curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->fields) != CURLE_OK
        || curl_easy_setopt(easy, CURLOPT_URL, t->url) != CURLE_OK)
    {
        return NGX_ERROR;
    }

    if (t->websocket || t->tcp) {
        (void) curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, t->tcp ? 1L : 2L);
        (void) curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                                (long) CURL_HTTP_VERSION_1_1);

        return (curl_multi_add_handle(t->client->multi, easy) == CURLM_OK)
               ? NGX_OK : NGX_ERROR;
    }

    if (t->upload != NULL) {
        (void) curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        (void) curl_easy_setopt(easy, CURLOPT_READFUNCTION,
                                ngx_workers_transfer_upload);
        (void) curl_easy_setopt(easy, CURLOPT_READDATA, t);
        (void) curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                                (curl_off_t) t->upload->length);

    } else if (t->has_bytes) {
        (void) curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                (curl_off_t) t->bytes.len);
        (void) curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                                t->bytes.len ? (char *) t->bytes.data : "");

    } else if (ngx_strcmp(t->method, "HEAD") == 0) {
        (void) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }

    if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, t->method) != CURLE_OK) {
        return NGX_ERROR;
    }

    return (curl_multi_add_handle(t->client->multi, easy) == CURLM_OK)
           ? NGX_OK : NGX_ERROR;
}


/* A line of a head.  Heads of 1xx responses are forgotten, trailers too. */

static size_t
ngx_workers_transfer_header(char *p, size_t size, size_t n, void *data)
{
    u_char                  *line, *last;
    curl_off_t               length;
    ngx_int_t                rc;
    ngx_workers_transfer_t  *t = data;

    if (t->head) {
        return n;
    }

    line = (u_char *) p;
    last = line + n;

    while (last > line && (last[-1] == CR || last[-1] == LF)) {
        last--;
    }

    if (last == line) {

        if (t->status >= 200 || t->status == 101) {
            length = -1;
            (void) curl_easy_getinfo(t->easy,
                                     CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
                                     &length);
            t->src.length = length;
            t->head = 1;

            ngx_workers_http_post(t);
        }

        return n;
    }

    rc = (last - line > 5 && ngx_strncmp(line, "HTTP/", 5) == 0)
         ? ngx_workers_transfer_status(t, line, last)
         : ngx_workers_transfer_field(t, line, last);

    return (rc == NGX_OK) ? n : CURL_WRITEFUNC_ERROR;
}


static ngx_int_t
ngx_workers_transfer_status(ngx_workers_transfer_t *t, u_char *p, u_char *last)
{
    t->headers.nelts = 0;
    t->status = 0;

    while (p < last && *p != ' ') {
        p++;
    }

    while (p < last && *p == ' ') {
        p++;
    }

    while (p < last && *p >= '0' && *p <= '9' && t->status < 1000) {
        t->status = t->status * 10 + (*p++ - '0');
    }

    while (p < last && *p == ' ') {
        p++;
    }

    return ngx_workers_transfer_string(t, &t->status_text, p, last);
}


static ngx_int_t
ngx_workers_transfer_field(ngx_workers_transfer_t *t, u_char *p, u_char *last)
{
    u_char               *colon, *end, *name;
    ngx_workers_field_t  *field;

    colon = ngx_strlchr(p, last, ':');

    if (colon == NULL) {
        return NGX_OK;
    }

    end = colon++;

    while (end > p && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }

    for (name = p; name < end; name++) {
        if (*name <= 0x20 || *name >= 0x7f) {
            return NGX_ERROR;
        }
    }

    field = ngx_array_push(&t->headers);
    if (field == NULL) {
        return NGX_ERROR;
    }

    while (colon < last && (*colon == ' ' || *colon == '\t')) {
        colon++;
    }

    while (last > colon && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    if (ngx_workers_transfer_string(t, &field->name, p, end) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_workers_transfer_string(t, &field->value, colon, last);
}


static ngx_int_t
ngx_workers_transfer_string(ngx_workers_transfer_t *t, ngx_str_t *str,
    u_char *p, u_char *last)
{
    str->len = last - p;
    str->data = ngx_pnalloc(t->pool, str->len + 1);

    if (str->data == NULL) {
        return NGX_ERROR;
    }

    *ngx_cpymem(str->data, p, str->len) = '\0';

    return NGX_OK;
}


static size_t
ngx_workers_transfer_write(char *p, size_t size, size_t n, void *data)
{
    size_t                   len, room;
    ngx_workers_block_t     *block;
    ngx_workers_transfer_t  *t = data;

    if (t->size >= NGX_WORKERS_HTTP_WINDOW) {
        t->receiving_paused = 1;
        return CURL_WRITEFUNC_PAUSE;
    }

    for (len = n; len != 0; len -= room) {

        block = t->tail;

        if (block == NULL || block->buf.last == block->buf.end) {
            block = ngx_workers_transfer_block(t, len);
            if (block == NULL) {
                return CURL_WRITEFUNC_ERROR;
            }
        }

        room = ngx_min(len, (size_t) (block->buf.end - block->buf.last));

        block->buf.last = ngx_cpymem(block->buf.last, p, room);
        p += room;
    }

    t->size += n;

    ngx_workers_http_post(t);

    return n;
}


/* A block at the end of the list, for len bytes more. */

static ngx_workers_block_t *
ngx_workers_transfer_block(ngx_workers_transfer_t *t, size_t len)
{
    size_t                size;
    ngx_workers_http_t   *client;
    ngx_workers_block_t  *block;

    client = t->client;
    size = NGX_WORKERS_HTTP_BLOCK;

    /* a short body takes no more than it needs */

    if (t->src.length >= 0 && t->src.length < NGX_WORKERS_HTTP_BLOCK / 2) {
        size = ngx_max(len, (size_t) t->src.length);
    }

    if (size == NGX_WORKERS_HTTP_BLOCK && client->free != NULL) {
        block = client->free;
        client->free = block->next;
        client->nfree--;

    } else {
        block = ngx_alloc(sizeof(ngx_workers_block_t) + size, client->log);
        if (block == NULL) {
            return NULL;
        }
    }

    ngx_memzero(block, sizeof(ngx_workers_block_t));

    block->client = (size == NGX_WORKERS_HTTP_BLOCK) ? client : NULL;

    block->buf.start = block->data;
    block->buf.pos = block->data;
    block->buf.last = block->data;
    block->buf.end = block->data + size;
    block->buf.temporary = 1;
    block->buf.flush = 1;

    block->chain.buf = &block->buf;

    *t->last = block;
    t->last = &block->next;
    t->tail = block;

    return block;
}


/*
 * Nothing is closed here, and JavaScript does not run: a source's read() does
 * neither.
 */

static size_t
ngx_workers_transfer_upload(char *p, size_t size, size_t n, void *data)
{
    size_t                   len, room;
    ngx_buf_t               *b;
    ngx_int_t                rc;
    ngx_workers_transfer_t  *t = data;

    room = size * n;
    len = 0;

    for ( ;; ) {

        while (t->in != NULL && len < room) {
            b = t->in->buf;
            size = ngx_min(room - len, (size_t) (b->last - b->pos));

            ngx_memcpy(p + len, b->pos, size);
            b->pos += size;
            len += size;

            if (b->pos == b->last) {
                t->in = t->in->next;
            }
        }

        if (len != 0) {
            t->uploading = 1;
            return len;
        }

        if (t->upload == NULL) {
            return CURL_READFUNC_ABORT;
        }

        rc = t->upload->read(t->upload, &t->in);

        switch (rc) {

        case NGX_OK:
            break;

        case NGX_DONE:
            return 0;

        case NGX_AGAIN:
            t->sending_paused = 1;
            return CURL_READFUNC_PAUSE;

        default:
            t->upload_failed = 1;
            return CURL_READFUNC_ABORT;
        }
    }
}


static void
ngx_workers_transfer_upload_wake(void *data)
{
    ngx_workers_transfer_t  *t = data;

    if (t->sending_paused) {
        t->resume = 1;
        ngx_workers_http_post(t);
    }
}


/* The invocation ends, and so does all that it has under way. */

static void
ngx_workers_transfer_upload_orphan(void *data)
{
    ngx_workers_transfer_upload_close(data);
}


static void
ngx_workers_transfer_upload_close(ngx_workers_transfer_t *t)
{
    ngx_workers_source_t  *upload;

    upload = t->upload;

    if (upload != NULL) {
        t->upload = NULL;
        t->in = NULL;
        upload->close(upload);
    }
}


void
ngx_workers_transfer_ended(ngx_workers_transfer_t *t, CURLcode result)
{
    ngx_int_t  rc;

    if (result == CURLE_OK
        && (t->tcp || (t->websocket && t->status == 101)))
    {

        /* from here on its socket is this one's */

        t->ended = 1;
        ngx_workers_http_post(t);
        return;
    }

    if (t->websocket && t->head) {

        /* no upgrade, but a response; its body is lost */

        result = CURLE_OK;
    }

    ngx_workers_transfer_drop(t);

    if (t->ended) {
        return;
    }

    if (ngx_workers_route_done(t, ngx_workers_transfer_unsent(t, result))) {

        rc = ngx_workers_route(t);

        if (rc == NGX_OK) {
            ngx_workers_transfer_go(t, rc);
            return;
        }
    }

    t->ended = 1;
    t->result = result;

    if (result != CURLE_OK) {

        if (t->upload_failed && t->upload != NULL) {
            t->src.error = t->upload->error;
            t->upload->error = JS_UNDEFINED;
        }

        t->failure = t->forbidden
                     ? "The request's host is not one that this worker may "
                       "connect to."
                     : ngx_workers_transfer_failure(result);
        t->src.reason = t->failure;

        if (!t->head) {
            t->status = 0;
        }
    }

    ngx_workers_transfer_upload_close(t);
    ngx_workers_http_post(t);
}


/*
 * Whether the server is to blame, and the request has not been sent to it, or
 * may be sent once more (RFC 9110, 9.2.2).
 */

static ngx_uint_t
ngx_workers_transfer_unsent(ngx_workers_transfer_t *t, CURLcode result)
{
    if (t->head || t->uploading || t->forbidden) {
        return 0;
    }

    switch (result) {

    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
        return 1;

    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return ngx_strcmp(t->method, "POST") != 0
               && ngx_strcmp(t->method, "PATCH") != 0;

    default:
        return 0;
    }
}


static const char *
ngx_workers_transfer_failure(CURLcode result)
{
    switch (result) {

    case CURLE_COULDNT_RESOLVE_HOST:
        return "DNS lookup of the request's host failed.";

    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_CIPHER:
        return "TLS handshake with the request's host failed.";

    case CURLE_PEER_FAILED_VERIFICATION:
        return "The TLS certificate of the request's host is not valid.";

    case CURLE_SSL_CERTPROBLEM:
        return "The client certificate of the request cannot be used.";

    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_LARGE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return "The response of the request's host is not valid HTTP.";

    case CURLE_OUT_OF_MEMORY:
        return "Out of memory.";

    case CURLE_URL_MALFORMAT:
        return "The URL of the request cannot be fetched.";

    default:
        return "Network connection lost.";
    }
}


void
ngx_workers_transfer_abort(ngx_workers_transfer_t *t)
{
    if (t->ended && t->told && t->blocks == NULL) {
        return;
    }

    ngx_workers_transfer_free_blocks(t->blocks);
    t->blocks = NULL;
    t->last = &t->blocks;
    t->tail = NULL;
    t->size = 0;

    if (t->ended) {
        t->result = CURLE_ABORTED_BY_CALLBACK;

    } else {
        ngx_workers_transfer_ended(t, CURLE_ABORTED_BY_CALLBACK);
    }

    ngx_workers_http_post(t);
}


void
ngx_workers_transfer_tell(ngx_workers_transfer_t *t)
{
    if (t->dead) {
        ngx_workers_transfer_free(t);
        return;
    }

    if (t->resume) {
        t->resume = 0;
        ngx_workers_transfer_resume(t);
    }

    if (!t->told && (t->ended || (t->head && !t->websocket))) {
        t->told = 1;
        t->ready(t->data);
        return;
    }

    if (t->waiting && (t->blocks != NULL || t->ended)) {
        t->waiting = 0;
        t->src.wake(t->src.data);
    }
}


static void
ngx_workers_transfer_resume(ngx_workers_transfer_t *t)
{
    int  action;

    if (t->easy == NULL) {
        return;
    }

    if (t->size < NGX_WORKERS_HTTP_WINDOW) {
        t->receiving_paused = 0;
    }

    t->sending_paused = 0;

    action = t->receiving_paused ? CURLPAUSE_RECV : CURLPAUSE_CONT;

    t->client->running++;

    (void) curl_easy_pause(t->easy, action);

    t->client->running--;
}


void
ngx_workers_transfer_watch(ngx_workers_transfer_t *t, ngx_uint_t in,
    ngx_uint_t out)
{
    curl_socket_t  fd;

    if (t->easy != NULL
        && curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK
        && fd != CURL_SOCKET_BAD)
    {
        ngx_workers_http_watch(t, fd, in, out);
    }
}


ngx_socket_t
ngx_workers_transfer_socket(ngx_workers_transfer_t *t)
{
    curl_socket_t  fd;

    if (t->easy == NULL
        || curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK
        || fd == CURL_SOCKET_BAD)
    {
        return (ngx_socket_t) -1;
    }

    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}


ngx_workers_source_t *
ngx_workers_transfer_source(ngx_workers_transfer_t *t,
    ngx_workers_invocation_t *inv)
{
    JSValue      error;
    const char  *reason;

    error = t->src.error;
    reason = t->src.reason;

    t->src.read = ngx_workers_transfer_read;
    t->src.close = ngx_workers_transfer_close;

    ngx_workers_source_init(&t->src, inv);

    t->src.error = error;
    t->src.reason = reason;

    return &t->src;
}


static ngx_int_t
ngx_workers_transfer_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    ngx_workers_block_t     *block;
    ngx_workers_transfer_t  *t;

    t = (ngx_workers_transfer_t *) src;

    ngx_workers_transfer_free_blocks(t->lent);
    t->lent = NULL;

    if (t->blocks != NULL) {

        for (block = t->blocks; block != NULL; block = block->next) {
            block->chain.next = (block->next != NULL) ? &block->next->chain
                                                      : NULL;
        }

        *out = &t->blocks->chain;

        t->lent = t->blocks;
        t->blocks = NULL;
        t->last = &t->blocks;
        t->tail = NULL;
        t->size = 0;

        if (t->receiving_paused) {
            t->resume = 1;
            ngx_workers_http_post(t);
        }

        return NGX_OK;
    }

    if (!t->ended) {
        t->waiting = 1;
        return NGX_AGAIN;
    }

    if (t->result != CURLE_OK) {
        ngx_workers_transfer_error(t);
        return NGX_ERROR;
    }

    return NGX_DONE;
}


/* What the body's reader gets: an Error that says that one may try again. */

static void
ngx_workers_transfer_error(ngx_workers_transfer_t *t)
{
    JSValue     error;
    JSContext  *cx;

    if (!JS_IsUndefined(t->src.error)) {
        return;
    }

    cx = t->src.inv->iso->cx;

    (void) ngx_workers_throw_error(cx, t->failure);
    error = JS_GetException(cx);

    if (JS_IsError(error)
        && ngx_workers_set(cx, error, "retryable", JS_TRUE) != NGX_OK)
    {
        JS_FreeValue(cx, JS_GetException(cx));
    }

    t->src.error = error;
}


static void
ngx_workers_transfer_close(ngx_workers_source_t *src)
{
    ngx_workers_source_unlink(src);

    ngx_workers_transfer_free((ngx_workers_transfer_t *) src);
}


void
ngx_workers_transfer_free(ngx_workers_transfer_t *t)
{
    ngx_pool_cleanup_t   *cln;
    ngx_workers_block_t  *block;

    if (t->client->running != 0) {

        /* in a call of libcurl, which is not to be called again */

        t->dead = 1;
        ngx_workers_http_post(t);
        return;
    }

    if (t->queue.next != NULL) {
        ngx_queue_remove(&t->queue);
    }

    ngx_workers_transfer_drop(t);
    (void) ngx_workers_route_done(t, 0);
    ngx_workers_transfer_upload_close(t);
    ngx_workers_transfer_free_blocks(t->blocks);

    /* nginx may still send what it was lent */

    cln = (t->lent != NULL && t->src.pool != NULL)
          ? ngx_pool_cleanup_add(t->src.pool, 0) : NULL;

    if (cln != NULL) {
        cln->handler = ngx_workers_transfer_free_blocks;
        cln->data = t->lent;

        for (block = t->lent; block != NULL; block = block->next) {
            block->client = NULL;
        }

    } else {
        ngx_workers_transfer_free_blocks(t->lent);
    }

    if (t->closed != NULL) {
        t->closed(t);
    }

    ngx_destroy_pool(t->pool);
}


/* libcurl's part of it is over. */

static void
ngx_workers_transfer_drop(ngx_workers_transfer_t *t)
{
    CURL                *easy;
    ngx_workers_http_t  *client;

    easy = t->easy;
    client = t->client;

    if (easy == NULL) {
        return;
    }

    t->easy = NULL;

    client->running++;
    (void) curl_multi_remove_handle(client->multi, easy);
    client->running--;

    if (t->websocket || t->tcp) {

        /* a connection of its own, which goes with the handle */

        client->running++;
        curl_easy_cleanup(easy);
        client->running--;
        return;
    }

    ngx_workers_http_easy_free(client, easy);
}


static void
ngx_workers_transfer_free_blocks(void *data)
{
    ngx_workers_http_t   *client;
    ngx_workers_block_t  *block, *next;

    for (block = data; block != NULL; block = next) {
        next = block->next;
        client = block->client;

        if (client != NULL && client->nfree < NGX_WORKERS_HTTP_FREE) {
            block->next = client->free;
            client->free = block;
            client->nfree++;

        } else {
            ngx_free(block);
        }
    }
}
