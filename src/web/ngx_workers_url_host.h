
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the files of the URL parser have in common.
 */


#ifndef _NGX_WORKERS_URL_HOST_H_INCLUDED_
#define _NGX_WORKERS_URL_HOST_H_INCLUDED_


#include "ngx_workers_url_parser.h"


/* Percent-encode sets, and what a host may not have. */
#define NGX_WORKERS_URL_C0           0x01
#define NGX_WORKERS_URL_FRAGMENT     0x02
#define NGX_WORKERS_URL_QUERY        0x04
#define NGX_WORKERS_URL_SPECIAL      0x08   /* special-query */
#define NGX_WORKERS_URL_PATH         0x10
#define NGX_WORKERS_URL_USERINFO     0x20
#define NGX_WORKERS_URL_NO_HOST      0x40   /* forbidden host code points */
#define NGX_WORKERS_URL_NO_DOMAIN    0x80   /* forbidden domain code points */


#define ngx_workers_url_in(c, set)  (ngx_workers_url_map[c] & (set))

#define ngx_workers_url_is_alpha(c)                                           \
    (((c) | 0x20) >= 'a' && ((c) | 0x20) <= 'z')

#define ngx_workers_url_is_digit(c)  ((c) >= '0' && (c) <= '9')

#define ngx_workers_url_special(parts)                                        \
    ((parts)->type != NGX_WORKERS_URL_OTHER)

#define ngx_workers_url_has_credentials(parts)                                \
    ((parts)->username.len != 0 || (parts)->password.len != 0)


/* The sets that each byte is in. */
extern const u_char  ngx_workers_url_map[256];


static ngx_inline ngx_int_t
ngx_workers_url_hex(u_char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    return -1;
}


/* Percent-encodes the bytes of the set; returns the end. */
u_char *ngx_workers_url_encode(u_char *dst, u_char *p, u_char *end,
    u_char set);


static ngx_inline void
ngx_workers_url_emit(ngx_workers_url_parser_t *pr, ngx_str_t *dst, u_char *p,
    u_char *end, u_char set)
{
    dst->data = pr->pos;
    pr->pos = ngx_workers_url_encode(pr->pos, p, end, set);
    dst->len = pr->pos - dst->data;
}


/* No part, and no pointer that is NULL: empty strings can be copied. */
void ngx_workers_url_parts_init(ngx_workers_url_parts_t *parts);

/*
 * Parses [p, end) to the host of pr->parts, whose type is known.  An empty
 * input is the empty host.
 */
ngx_int_t ngx_workers_url_host(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);


#endif /* _NGX_WORKERS_URL_HOST_H_INCLUDED_ */
