
/*
 * Copyright (C) the nginx-workers authors
 *
 * WebSocket frames: RFC 6455, section 5.  A reader for one peer's bytes, which
 * joins fragments, unmasks in place, checks text as it comes and answers a
 * message that lies in its input whole without copying it; and the head of
 * frames to be sent.  Knows nothing of sockets and of JavaScript.
 */


#include "ngx_workers_websocket_frame.h"
#include "ngx_workers_utf8.h"


static ngx_int_t ngx_workers_websocket_read_head(
    ngx_workers_websocket_parser_t *pr, u_char **pos, u_char *last,
    ngx_workers_websocket_message_t *message);
static ngx_int_t ngx_workers_websocket_read_data(
    ngx_workers_websocket_parser_t *pr, u_char **pos, u_char *last,
    ngx_workers_websocket_message_t *message);
static ngx_int_t ngx_workers_websocket_control(ngx_str_t *data,
    ngx_workers_websocket_message_t *message);
static ngx_int_t ngx_workers_websocket_append(
    ngx_workers_websocket_parser_t *pr, u_char *p, size_t len);
static ngx_int_t ngx_workers_websocket_check(
    ngx_workers_websocket_parser_t *pr, const u_char *p, size_t len,
    ngx_uint_t end);
static void ngx_workers_websocket_unmask(u_char *p, size_t len, u_char *mask);
static ngx_int_t ngx_workers_websocket_error(
    ngx_workers_websocket_message_t *message, ngx_uint_t code,
    const char *reason);


ngx_int_t
ngx_workers_websocket_read(ngx_workers_websocket_parser_t *pr, u_char **pos,
    u_char *last, ngx_workers_websocket_message_t *message)
{
    ngx_int_t  rc;

    ngx_memzero(message, sizeof(ngx_workers_websocket_message_t));

    if (pr->lent) {
        ngx_workers_websocket_parser_done(pr);
    }

    for ( ;; ) {

        if (!pr->in_frame) {
            rc = ngx_workers_websocket_read_head(pr, pos, last, message);

            if (rc != NGX_DONE) {
                return rc;
            }
        }

        rc = ngx_workers_websocket_read_data(pr, pos, last, message);

        if (rc != NGX_DONE) {
            return rc;
        }
    }
}


/* NGX_DONE: a data frame has begun.  NGX_OK: a control frame, whole. */

static ngx_int_t
ngx_workers_websocket_read_head(ngx_workers_websocket_parser_t *pr,
    u_char **pos, u_char *last, ngx_workers_websocket_message_t *message)
{
    u_char      *p;
    size_t       head;
    uint64_t     len;
    ngx_str_t    data;
    ngx_uint_t   i, opcode, fin, compressed;

    p = *pos;

    if (last - p < 2) {
        return NGX_AGAIN;
    }

    fin = p[0] >> 7;
    compressed = (p[0] >> 6) & 1;
    opcode = p[0] & 0x0f;
    len = p[1] & 0x7f;

    /* what is wrong is so without the rest of the head */

    if (p[0] & 0x30) {
        return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Received frame had RSV bits 2 or 3 set");
    }

    if (opcode > NGX_WORKERS_WEBSOCKET_PONG
        || (opcode > NGX_WORKERS_WEBSOCKET_BINARY
            && opcode < NGX_WORKERS_WEBSOCKET_CLOSE))
    {
        return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Unknown opcode");
    }

    if (compressed
        && (!pr->deflate || opcode == NGX_WORKERS_WEBSOCKET_CONTINUATION
            || opcode >= NGX_WORKERS_WEBSOCKET_CLOSE))
    {
        return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Received a WebSocket frame whose "
                                    "compression bit was set, but the "
                                    "compression extension was not negotiated "
                                    "for this connection.");
    }

    if ((p[1] >> 7) != pr->masked) {
        return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Received frame was not masked as it has "
                                    "to be");
    }

    if (opcode >= NGX_WORKERS_WEBSOCKET_CLOSE) {

        if (!fin) {
            return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Received fragmented control frame");
        }

        if (len > NGX_WORKERS_WEBSOCKET_CONTROL_MAX) {
            return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Received control frame that is too long");
        }

    } else if (opcode == NGX_WORKERS_WEBSOCKET_CONTINUATION) {

        if (pr->opcode == 0) {
            return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Unexpected continuation frame");
        }

    } else if (pr->opcode != 0) {
        return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Missing continuation frame");
    }

    head = 2 + (len == 126 ? 2 : len == 127 ? 8 : 0) + (pr->masked ? 4 : 0);

    if ((size_t) (last - p) < head) {
        return NGX_AGAIN;
    }

    p += 2;

    if (len > 125) {
        i = (len == 126) ? 2 : 8;

        for (len = 0; i > 0; i--) {
            len = (len << 8) | *p++;
        }

        if ((head >= 10 && (len >> 63))
            || len < (head < 10 ? 126 : 65536))
        {
            return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Received frame has an invalid length");
        }
    }

    if (opcode >= NGX_WORKERS_WEBSOCKET_CLOSE) {

        if ((uint64_t) (last - *pos) < head + len) {
            return NGX_AGAIN;
        }

        data.data = *pos + head;
        data.len = len;

        if (pr->masked) {
            ngx_workers_websocket_unmask(data.data, data.len, p);
        }

        *pos += head + len;
        message->opcode = opcode;

        return ngx_workers_websocket_control(&data, message);
    }

    if (len > pr->max || len > pr->max - pr->len) {
        message->size = len + pr->len;

        return ngx_workers_websocket_error(message,
                                           NGX_WORKERS_WEBSOCKET_TOO_LARGE,
                                           "Message is too large");
    }

    if (opcode != NGX_WORKERS_WEBSOCKET_CONTINUATION) {
        pr->opcode = opcode;
        pr->compressed = compressed;
        pr->checked = 0;
        pr->wide = 0;
    }

    if (pr->masked) {
        ngx_memcpy(pr->mask, p, 4);
    }

    pr->fin = fin;
    pr->rest = len;
    pr->in_frame = 1;

    *pos += head;

    return NGX_DONE;
}


/* NGX_DONE: the frame is over, its message is not. */

static ngx_int_t
ngx_workers_websocket_read_data(ngx_workers_websocket_parser_t *pr,
    u_char **pos, u_char *last, ngx_workers_websocket_message_t *message)
{
    size_t      len;
    u_char     *p;
    ngx_int_t   rc;

    p = *pos;
    len = ngx_min((uint64_t) (last - p), pr->rest);

    if (len == 0 && pr->rest != 0) {
        return NGX_AGAIN;
    }

    if (pr->masked) {
        ngx_workers_websocket_unmask(p, len, pr->mask);
    }

    *pos += len;
    pr->rest -= len;

    message->data.data = p;
    message->data.len = len;

    if (pr->len != 0 || pr->rest != 0 || !pr->fin) {

        if (ngx_workers_websocket_append(pr, p, len) != NGX_OK) {
            return NGX_DECLINED;
        }

        message->data.data = pr->buf;
        message->data.len = pr->len;
    }

    if (pr->opcode == NGX_WORKERS_WEBSOCKET_TEXT && !pr->compressed) {

        rc = ngx_workers_websocket_check(pr, message->data.data,
                                         message->data.len,
                                         pr->fin && pr->rest == 0);
        if (rc != NGX_OK) {
            return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_BAD_DATA,
                                    "Received text that is not UTF-8");
        }
    }

    if (pr->rest != 0) {
        return NGX_AGAIN;
    }

    pr->in_frame = 0;

    if (!pr->fin) {
        return NGX_DONE;
    }

    message->opcode = pr->opcode;
    message->compressed = pr->compressed;
    message->wide = pr->wide;

    pr->lent = (pr->buf != NULL);
    pr->opcode = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_websocket_control(ngx_str_t *data,
    ngx_workers_websocket_message_t *message)
{
    message->data = *data;

    if (message->opcode != NGX_WORKERS_WEBSOCKET_CLOSE) {
        return NGX_OK;
    }

    if (data->len == 0) {
        message->code = NGX_WORKERS_WEBSOCKET_NO_STATUS;
        return NGX_OK;
    }

    if (data->len == 1) {
        return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Received close frame with half a code");
    }

    message->code = (data->data[0] << 8) | data->data[1];
    message->data.data += 2;
    message->data.len -= 2;

    if (!ngx_workers_websocket_code_valid(message->code)) {
        return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR,
                                    "Received close frame with an invalid "
                                    "code");
    }

    if (ngx_workers_utf8_valid(message->data.data, message->data.len)
        != message->data.len)
    {
        return ngx_workers_websocket_error(message,
                                    NGX_WORKERS_WEBSOCKET_BAD_DATA,
                                    "Received close frame whose reason is not "
                                    "UTF-8");
    }

    return NGX_OK;
}


/*
 * The buffer grows with the bytes that have come, and not with what a frame
 * says that will come: that costs its sender nothing.
 */

static ngx_int_t
ngx_workers_websocket_append(ngx_workers_websocket_parser_t *pr, u_char *p,
    size_t len)
{
    u_char    *buf;
    uint64_t   size;

    if (pr->size - pr->len < len) {
        size = ngx_max(pr->len + len, 2 * pr->size);

        if (pr->fin && size > pr->len + len + pr->rest) {
            size = pr->len + len + pr->rest;
        }

        buf = pr->realloc(pr->data, pr->buf, size);
        if (buf == NULL) {
            return NGX_ERROR;
        }

        pr->buf = buf;
        pr->size = size;
    }

    if (len != 0) {
        ngx_memcpy(pr->buf + pr->len, p, len);
        pr->len += len;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_websocket_check(ngx_workers_websocket_parser_t *pr,
    const u_char *p, size_t len, ngx_uint_t end)
{
    ngx_uint_t  wide, cut;

    pr->checked += ngx_workers_utf8_scan(p + pr->checked, len - pr->checked,
                                         &wide);
    pr->wide |= (wide != 0);

    if (pr->checked == len) {
        return NGX_OK;
    }

    (void) ngx_workers_utf8_subpart(p + pr->checked, len - pr->checked, &cut);

    return (cut && !end) ? NGX_OK : NGX_ERROR;
}


/* Turns the mask as well, for the bytes behind these. */

static void
ngx_workers_websocket_unmask(u_char *p, size_t len, u_char *mask)
{
    u_char       turned[4];
    size_t       i, n;
    uint32_t     word;
    uint64_t     mask64, w;
    ngx_uint_t   k;

    ngx_memcpy(&word, mask, 4);
    mask64 = ((uint64_t) word << 32) | word;

    n = len & ~(sizeof(uint64_t) - 1);

    for (i = 0; i < n; i += sizeof(uint64_t)) {
        ngx_memcpy(&w, p + i, sizeof(uint64_t));
        w ^= mask64;
        ngx_memcpy(p + i, &w, sizeof(uint64_t));
    }

    for ( /* void */ ; i < len; i++) {
        p[i] ^= mask[i & 3];
    }

    if (len & 3) {
        for (k = 0; k < 4; k++) {
            turned[k] = mask[(k + len) & 3];
        }

        ngx_memcpy(mask, turned, 4);
    }
}


static ngx_int_t
ngx_workers_websocket_error(ngx_workers_websocket_message_t *message,
    ngx_uint_t code, const char *reason)
{
    message->code = code;
    message->reason = reason;

    return NGX_ERROR;
}


void
ngx_workers_websocket_parser_done(ngx_workers_websocket_parser_t *pr)
{
    if (pr->buf != NULL) {
        (void) pr->realloc(pr->data, pr->buf, 0);
    }

    pr->buf = NULL;
    pr->len = 0;
    pr->size = 0;
    pr->lent = 0;
}


u_char *
ngx_workers_websocket_head(u_char *p, ngx_uint_t opcode,
    ngx_uint_t compressed, uint64_t len)
{
    ngx_int_t  shift;

    *p++ = 0x80 | (compressed ? 0x40 : 0) | opcode;

    if (len < 126) {
        *p++ = len;
        return p;
    }

    if (len < 65536) {
        *p++ = 126;
        shift = 8;

    } else {
        *p++ = 127;
        shift = 56;
    }

    for ( /* void */ ; shift >= 0; shift -= 8) {
        *p++ = len >> shift;
    }

    return p;
}


u_char *
ngx_workers_websocket_close_payload(u_char *p, ngx_uint_t code,
    ngx_str_t *reason)
{
    size_t  len;

    if (code == NGX_WORKERS_WEBSOCKET_NO_STATUS) {
        return p;
    }

    *p++ = code >> 8;
    *p++ = code & 0xff;

    /* cut between two characters */

    len = reason->len;

    if (len > NGX_WORKERS_WEBSOCKET_CONTROL_MAX - 2) {
        len = NGX_WORKERS_WEBSOCKET_CONTROL_MAX - 2;

        while (len > 0 && (reason->data[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    return (len != 0) ? ngx_cpymem(p, reason->data, len) : p;
}


ngx_uint_t
ngx_workers_websocket_code_valid(ngx_uint_t code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005
            && code != 1006)
           || (code >= 3000 && code <= 4999);
}
