
/*
 * Copyright (C) the nginx-workers authors
 *
 * The reader of WebSocket frames, beside wslay's.  The first byte of an input
 * says into what pieces the rest is cut.  Both have to hear the same messages,
 * up to where one of them refuses, and both have to refuse.
 */


#include "fuzz.h"

#include "ngx_workers_websocket_frame.h"

#include <wslay/wslay.h>


typedef struct {
    const uint8_t  *p;
    const uint8_t  *end;
    u_char         *heard;                 /* opcode, length, bytes; ... */
    size_t          len;
    ngx_uint_t      refused;
} fuzz_peer_t;


static void
fuzz_heard(fuzz_peer_t *peer, ngx_uint_t opcode, const u_char *data,
    size_t len)
{
    peer->heard = realloc(peer->heard, peer->len + 1 + sizeof(size_t) + len);

    peer->heard[peer->len++] = opcode;
    memcpy(peer->heard + peer->len, &len, sizeof(size_t));
    peer->len += sizeof(size_t);

    if (len != 0) {
        memcpy(peer->heard + peer->len, data, len);
        peer->len += len;
    }
}


static void *
fuzz_realloc(void *data, void *p, size_t size)
{
    if (size == 0) {
        free(p);
        return NULL;
    }

    return realloc(p, size);
}


static void
fuzz_ours(fuzz_peer_t *peer, size_t piece)
{
    u_char                           *buf, *pos;
    size_t                            n, rest;
    ngx_int_t                         rc;
    ngx_workers_websocket_parser_t    pr;
    ngx_workers_websocket_message_t   m;

    ngx_memzero(&pr, sizeof(pr));
    pr.realloc = fuzz_realloc;
    pr.max = 4096;
    pr.masked = 1;

    rest = 0;
    buf = NULL;
    rc = NGX_AGAIN;

    while (peer->p < peer->end) {

        /* memory of its own size: ASan sees each byte too far */

        n = ngx_min(piece, (size_t) (peer->end - peer->p));
        pos = malloc(rest + n);

        if (rest != 0) {
            memcpy(pos, buf, rest);
        }

        memcpy(pos + rest, peer->p, n);
        peer->p += n;
        n += rest;

        free(buf);
        buf = pos;

        while ((rc = ngx_workers_websocket_read(&pr, &pos, buf + n, &m))
               == NGX_OK)
        {
            if (m.opcode == NGX_WORKERS_WEBSOCKET_CLOSE) {
                goto done;
            }

            if (m.opcode != NGX_WORKERS_WEBSOCKET_PONG) {
                fuzz_heard(peer, m.opcode, m.data.data, m.data.len);
            }
        }

        if (rc != NGX_AGAIN) {
            fuzz_assert(rc == NGX_ERROR && m.reason != NULL);
            peer->refused = 1;
            break;
        }

        rest = buf + n - pos;
        fuzz_assert(rest <= NGX_WORKERS_WEBSOCKET_REST_MAX);
        memmove(buf, pos, rest);
    }

done:

    ngx_workers_websocket_parser_done(&pr);
    free(buf);
}


static ssize_t
fuzz_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags,
    void *data)
{
    size_t        n;
    fuzz_peer_t  *peer = data;

    n = ngx_min(len, (size_t) (peer->end - peer->p));

    if (n == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }

    memcpy(buf, peer->p, n);
    peer->p += n;

    return n;
}


static ssize_t
fuzz_send(wslay_event_context_ptr ctx, const uint8_t *buf, size_t len,
    int flags, void *data)
{
    return len;
}


static void
fuzz_message(wslay_event_context_ptr ctx,
    const struct wslay_event_on_msg_recv_arg *arg, void *data)
{
    if (arg->opcode != WSLAY_CONNECTION_CLOSE && arg->opcode != WSLAY_PONG) {
        fuzz_heard(data, arg->opcode, arg->msg, arg->msg_length);
    }
}


static void
fuzz_wslay(fuzz_peer_t *peer)
{
    int                           rc;
    wslay_event_context_ptr       ctx;
    struct wslay_event_callbacks  cb = {
        fuzz_recv, fuzz_send, NULL, NULL, NULL, NULL, fuzz_message
    };

    if (wslay_event_context_server_init(&ctx, &cb, peer) != 0) {
        return;
    }

    wslay_event_config_set_max_recv_msg_length(ctx, 4096);

    rc = wslay_event_recv(ctx);

    /* it refuses by a close frame that the peer has not asked for */

    peer->refused = rc != 0
                    || (!wslay_event_get_close_received(ctx)
                        && wslay_event_want_write(ctx)
                        && wslay_event_get_read_enabled(ctx) == 0);

    wslay_event_context_free(ctx);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t       n;
    fuzz_peer_t  ours, theirs;

    if (len < 2) {
        return 0;
    }

    ngx_memzero(&ours, sizeof(fuzz_peer_t));
    ngx_memzero(&theirs, sizeof(fuzz_peer_t));

    ours.p = data + 1;
    ours.end = data + len;
    theirs.p = ours.p;
    theirs.end = ours.end;

    fuzz_ours(&ours, 1 + data[0]);
    fuzz_wslay(&theirs);

    /* what is wrong is refused sooner by one of them: a prefix */

    n = ngx_min(ours.len, theirs.len);

    fuzz_assert(n == 0 || memcmp(ours.heard, theirs.heard, n) == 0);
    fuzz_assert(ours.len == theirs.len || ours.refused || theirs.refused);

    free(ours.heard);
    free(theirs.heard);

    return 0;
}
