
/*
 * Copyright (C) the nginx-workers authors
 *
 * The handshake of a client's WebSocket: RFC 6455, section 4.2.  What the
 * connection is afterwards, ngx_http_workers_socket.c knows.
 */


#include "ngx_http_workers_request.h"
#include "../web/ngx_workers_websocket_deflate.h"
#include "ngx_workers_flags.h"

#include <ngx_sha1.h>


static ngx_int_t ngx_http_workers_upgrade_check(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, ngx_str_t *key);
static ngx_table_elt_t *ngx_http_workers_upgrade_header(ngx_http_request_t *r,
    const char *name, size_t len, ngx_table_elt_t *after);
static ngx_uint_t ngx_http_workers_upgrade_has(ngx_table_elt_t *h,
    const char *token, size_t len);
static void ngx_http_workers_upgrade_bad(ngx_http_workers_ctx_t *ctx,
    ngx_workers_websocket_t *ws);
static ngx_int_t ngx_http_workers_upgrade_respond(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res, ngx_str_t *key, ngx_uint_t bits);
static ngx_uint_t ngx_http_workers_upgrade_negotiate(
    ngx_http_workers_ctx_t *ctx);
static ngx_int_t ngx_http_workers_upgrade_add(ngx_http_request_t *r,
    const char *name, const char *value);


void
ngx_http_workers_upgrade(ngx_http_workers_ctx_t *ctx,
    ngx_workers_response_t *res)
{
    ngx_str_t                    key;
    ngx_uint_t                   bits;
    ngx_http_request_t          *r;
    ngx_workers_websocket_t     *ws;
    ngx_http_workers_socket_t   *socket;

    r = ctx->request;
    ws = res->websocket;

    if (ngx_http_workers_upgrade_check(ctx, res, &key) != NGX_OK) {
        return;
    }

    bits = ngx_http_workers_upgrade_negotiate(ctx);
    socket = ngx_http_workers_socket_create(ctx, bits);

    if (socket == NULL
        || ngx_http_workers_upgrade_respond(ctx, res, &key, bits) != NGX_OK)
    {
        ngx_http_workers_detach(ctx, NGX_WORKERS_CANCELED);
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    ws->used = 1;

    if (ws->accepted) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "worker \"%V\" request %V: uncaught exception: "
                      "TypeError: Can't return WebSocket in a Response after "
                      "calling accept().", &ctx->script->script.name,
                      ngx_workers_invocation_id(ctx->inv));

        ws = NULL;
    }

    ngx_http_workers_socket_start(socket, ws);
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
    ngx_workers_response_t *res, ngx_str_t *key, ngx_uint_t bits)
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

    if (ngx_http_workers_upgrade_add(r, "Upgrade", "websocket") != NGX_OK
        || ngx_http_workers_upgrade_add(r, "Sec-WebSocket-Accept",
                                        (char *) text)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (bits != 0) {
        p = ngx_sprintf(extensions, "permessage-deflate; "
                        "server_no_context_takeover; "
                        "client_no_context_takeover");

        if (bits != 15) {
            p = ngx_sprintf(p, "; server_max_window_bits=%ui", bits);
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
