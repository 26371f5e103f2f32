
/*
 * Copyright (C) the nginx-workers authors
 *
 * permessage-deflate, RFC 7692, always without context takeover: a socket
 * between two messages has no state of zlib's, and a process needs one stream
 * in each direction.
 */


#include "ngx_workers_websocket_deflate.h"

#include <zlib.h>


struct ngx_workers_websocket_zlib_s {
    z_stream     inflate;
    z_stream     deflate;
    ngx_uint_t   bits;                     /* of deflate; 0: not made */
    unsigned     inflating:1;              /* inflate was made */
};


static void ngx_workers_websocket_offer_next(ngx_str_t *offers, u_char until,
    ngx_str_t *part);
static ngx_int_t ngx_workers_websocket_offer(ngx_str_t *offer,
    ngx_uint_t *bits);
static void ngx_workers_websocket_trim(ngx_str_t *s);
static ngx_uint_t ngx_workers_websocket_is(ngx_str_t *s, const char *name);
static ngx_int_t ngx_workers_websocket_bits(ngx_str_t *value);
static ngx_int_t ngx_workers_websocket_inflate_part(z_stream *z, u_char *p,
    size_t len, size_t max,
    void *(*realloc)(void *data, void *p, size_t size), void *data,
    ngx_str_t *out, size_t *size);


ngx_int_t
ngx_workers_websocket_negotiate(ngx_str_t *offers, ngx_uint_t *bits)
{
    ngx_str_t  rest, offer;

    rest = *offers;

    while (rest.len != 0) {
        ngx_workers_websocket_offer_next(&rest, ',', &offer);

        if (ngx_workers_websocket_offer(&offer, bits) == NGX_OK) {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* Takes a part off; a quoted string has no separator. */

static void
ngx_workers_websocket_offer_next(ngx_str_t *offers, u_char until,
    ngx_str_t *part)
{
    size_t      n;
    ngx_uint_t  quoted;

    quoted = 0;

    for (n = 0; n < offers->len; n++) {

        if (offers->data[n] == '"') {
            quoted = !quoted;

        } else if (offers->data[n] == until && !quoted) {
            break;
        }
    }

    part->data = offers->data;
    part->len = n;

    if (n < offers->len) {
        n++;
    }

    offers->data += n;
    offers->len -= n;

    ngx_workers_websocket_trim(part);
}


static ngx_int_t
ngx_workers_websocket_offer(ngx_str_t *offer, ngx_uint_t *bits)
{
    ngx_int_t   n;
    ngx_str_t   rest, name, value;
    ngx_uint_t  seen, bit;

    enum {
        server_takeover = 1,
        client_takeover = 2,
        server_bits = 4,
        client_bits = 8
    };

    rest = *offer;
    *bits = 15;
    seen = 0;

    ngx_workers_websocket_offer_next(&rest, ';', &name);

    if (!ngx_workers_websocket_is(&name, "permessage-deflate")) {
        return NGX_DECLINED;
    }

    while (rest.len != 0) {
        ngx_workers_websocket_offer_next(&rest, ';', &value);
        ngx_workers_websocket_offer_next(&value, '=', &name);
        ngx_workers_websocket_trim(&value);

        if (value.len > 1 && value.data[0] == '"'
            && value.data[value.len - 1] == '"')
        {
            value.data++;
            value.len -= 2;
        }

        if (ngx_workers_websocket_is(&name, "server_no_context_takeover")) {
            bit = server_takeover;

        } else if (ngx_workers_websocket_is(&name,
                                            "client_no_context_takeover"))
        {
            bit = client_takeover;

        } else if (ngx_workers_websocket_is(&name, "server_max_window_bits")) {
            bit = server_bits;

        } else if (ngx_workers_websocket_is(&name, "client_max_window_bits")) {
            bit = client_bits;

        } else {
            return NGX_DECLINED;
        }

        if (seen & bit) {
            return NGX_DECLINED;
        }

        seen |= bit;

        if (bit < server_bits) {

            if (value.len != 0) {
                return NGX_DECLINED;
            }

            continue;
        }

        if (bit == client_bits && value.len == 0) {
            continue;
        }

        n = ngx_workers_websocket_bits(&value);

        if (n == NGX_ERROR) {
            return NGX_DECLINED;
        }

        if (bit == server_bits) {

            /* zlib has no raw stream with a window of 256 bytes */

            if (n == 8) {
                return NGX_DECLINED;
            }

            *bits = n;
        }
    }

    return NGX_OK;
}


static void
ngx_workers_websocket_trim(ngx_str_t *s)
{
    while (s->len != 0 && (*s->data == ' ' || *s->data == '\t')) {
        s->data++;
        s->len--;
    }

    while (s->len != 0 && (s->data[s->len - 1] == ' '
                           || s->data[s->len - 1] == '\t'))
    {
        s->len--;
    }
}


static ngx_uint_t
ngx_workers_websocket_is(ngx_str_t *s, const char *name)
{
    return s->len == ngx_strlen(name)
           && ngx_strncasecmp(s->data, (u_char *) name, s->len) == 0;
}


/* 8 to 15, without a leading zero. */

static ngx_int_t
ngx_workers_websocket_bits(ngx_str_t *value)
{
    ngx_int_t  n;

    if (value->len == 0 || value->len > 2 || value->data[0] == '0') {
        return NGX_ERROR;
    }

    n = ngx_atoi(value->data, value->len);

    return (n >= 8 && n <= 15) ? n : NGX_ERROR;
}


ngx_workers_websocket_zlib_t *
ngx_workers_websocket_zlib_create(ngx_log_t *log)
{
    return ngx_calloc(sizeof(ngx_workers_websocket_zlib_t), log);
}


void
ngx_workers_websocket_zlib_free(ngx_workers_websocket_zlib_t *z)
{
    if (z == NULL) {
        return;
    }

    if (z->inflating) {
        (void) inflateEnd(&z->inflate);
    }

    if (z->bits != 0) {
        (void) deflateEnd(&z->deflate);
    }

    ngx_free(z);
}


ngx_int_t
ngx_workers_websocket_inflate(ngx_workers_websocket_zlib_t *z, ngx_str_t *in,
    size_t max, void *(*realloc)(void *data, void *p, size_t size), void *data,
    ngx_str_t *out)
{
    size_t     size;
    ngx_int_t  rc;

    /* what ends a block, and is not sent */

    static u_char  tail[] = { 0, 0, 0xff, 0xff };

    ngx_str_null(out);
    size = 0;

    if (z->inflating) {
        (void) inflateReset(&z->inflate);

    } else if (inflateInit2(&z->inflate, -15) != Z_OK) {
        return NGX_DECLINED;
    }

    z->inflating = 1;

    rc = ngx_workers_websocket_inflate_part(&z->inflate, in->data, in->len,
                                            max, realloc, data, out, &size);
    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_workers_websocket_inflate_part(&z->inflate, tail, sizeof(tail),
                                              max, realloc, data, out, &size);
}


static ngx_int_t
ngx_workers_websocket_inflate_part(z_stream *z, u_char *p, size_t len,
    size_t max, void *(*realloc)(void *data, void *p, size_t size), void *data,
    ngx_str_t *out, size_t *size)
{
    int      rc;
    u_char  *buf;
    size_t   grow;

    z->next_in = p;
    z->avail_in = len;

    for ( ;; ) {

        if (out->len == *size) {

            if (out->len > max) {
                return NGX_ABORT;
            }

            grow = ngx_max(2 * *size, 4 * len + 64);
            grow = ngx_min(grow, max + 1);

            buf = realloc(data, out->data, grow);
            if (buf == NULL) {
                return NGX_DECLINED;
            }

            out->data = buf;
            *size = grow;
        }

        z->next_out = out->data + out->len;
        z->avail_out = *size - out->len;

        rc = inflate(z, Z_SYNC_FLUSH);

        out->len = z->next_out - out->data;

        if (rc == Z_STREAM_END) {

            /* a last block, which others may follow all the same */

            (void) inflateReset(z);

            if (z->avail_in == 0) {
                return NGX_OK;
            }

            continue;
        }

        if (rc == Z_MEM_ERROR) {
            return NGX_DECLINED;
        }

        if (rc != Z_OK && rc != Z_BUF_ERROR) {
            return NGX_ERROR;
        }

        if (z->avail_out != 0) {

            if (out->len > max) {
                return NGX_ABORT;
            }

            return (z->avail_in == 0) ? NGX_OK : NGX_ERROR;
        }
    }
}


u_char *
ngx_workers_websocket_deflate(ngx_workers_websocket_zlib_t *z,
    ngx_uint_t bits, ngx_str_t *in, u_char *p)
{
    if (z->bits == bits) {
        (void) deflateReset(&z->deflate);

    } else {

        if (z->bits != 0) {
            (void) deflateEnd(&z->deflate);
            z->bits = 0;
        }

        if (deflateInit2(&z->deflate, 1, Z_DEFLATED, -(int) bits, 8,
                         Z_DEFAULT_STRATEGY)
            != Z_OK)
        {
            return NULL;
        }

        z->bits = bits;
    }

    z->deflate.next_in = in->data;
    z->deflate.avail_in = in->len;
    z->deflate.next_out = p;
    z->deflate.avail_out = in->len;

    if (deflate(&z->deflate, Z_SYNC_FLUSH) != Z_OK
        || z->deflate.avail_in != 0
        || z->deflate.avail_out == 0)
    {
        return NULL;
    }

    /* without what ends the block */

    return z->deflate.next_out - 4;
}
