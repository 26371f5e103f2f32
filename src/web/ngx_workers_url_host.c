
/*
 * Copyright (C) the nginx-workers authors
 *
 * The host parser of the URL Standard, section 3.5: domains, IPv4 and IPv6
 * addresses, opaque hosts.  Domains beyond ASCII go through lexbor's IDNA,
 * which does not check joiners (CheckJoiners) and directions (CheckBidi).
 */


#include "ngx_workers_url_host.h"
#include "ngx_workers_utf8.h"

#include <lexbor/punycode/punycode.h>
#include <lexbor/unicode/idna.h>


static ngx_int_t ngx_workers_url_domain(ngx_workers_url_parser_t *pr,
    u_char *p, u_char *end);
static ngx_int_t ngx_workers_url_idna(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static size_t ngx_workers_url_dot(u_char *p, u_char *end);
static lxb_status_t ngx_workers_url_idna_cb(const lxb_char_t *data, size_t len,
    void *ctx);
static ngx_int_t ngx_workers_url_check_labels(u_char *p, u_char *end);
static lxb_status_t ngx_workers_url_label_cb(const lxb_codepoint_t *cps,
    size_t len, void *ctx);
static ngx_uint_t ngx_workers_url_ends_in_number(u_char *p, u_char *end);
static ngx_int_t ngx_workers_url_number(u_char *p, u_char *end, uint64_t *n);
static ngx_int_t ngx_workers_url_ipv4(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static ngx_int_t ngx_workers_url_ipv6(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static ngx_int_t ngx_workers_url_ipv6_tail(u_char *p, u_char *end,
    uint16_t *piece);


ngx_int_t
ngx_workers_url_host(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    u_char                   *c;
    ngx_int_t                 rc;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;
    parts->has_host = 1;

    if (p == end) {
        parts->host.len = 0;
        return NGX_OK;
    }

    if (*p == '[') {

        if (end[-1] != ']') {
            return NGX_DECLINED;
        }

        return ngx_workers_url_ipv6(pr, p + 1, end - 1);
    }

    if (ngx_workers_url_special(parts)) {
        rc = ngx_workers_url_domain(pr, p, end);

        if (rc == NGX_OK
            && parts->type == NGX_WORKERS_URL_FILE
            && parts->host.len == sizeof("localhost") - 1
            && ngx_memcmp(parts->host.data, "localhost", parts->host.len) == 0)
        {
            parts->host.len = 0;
        }

        return rc;
    }

    for (c = p; c < end; c++) {
        if (ngx_workers_url_in(*c, NGX_WORKERS_URL_NO_HOST)) {
            return NGX_DECLINED;
        }
    }

    ngx_workers_url_emit(pr, &parts->host, p, end, NGX_WORKERS_URL_C0);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_domain(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    u_char     *c, *d, *start;
    ngx_int_t   rc, hi, lo;
    ngx_str_t  *host;

    host = &pr->parts.host;
    start = pr->pos;
    d = start;

    for (c = p; c < end; c++) {
        if (*c >= 0x80 || ngx_workers_url_in(*c, NGX_WORKERS_URL_NO_DOMAIN)) {
            break;
        }

        *d++ = (*c >= 'A' && *c <= 'Z') ? (*c | 0x20) : *c;
    }

    if (c < end) {

        /* the part before c is decoded already, but for its case */

        for ( /* void */ ; c < end; c++) {

            if (*c == '%' && end - c >= 3) {
                hi = ngx_workers_url_hex(c[1]);
                lo = ngx_workers_url_hex(c[2]);

                if (hi >= 0 && lo >= 0) {
                    *d++ = (hi << 4) + lo;
                    c += 2;
                    continue;
                }
            }

            *d++ = *c;
        }

        if (ngx_workers_utf8_ascii(start, d - start) != (size_t) (d - start)) {
            p = start;
            start = d;
            d = ngx_workers_utf8_copy(start, p, d - p);

            pr->pos = d;

            goto idna;
        }

        for (c = start; c < d; c++) {
            *c = ngx_tolower(*c);
        }
    }

    pr->pos = d;

    if (ngx_strlcasestrn(start, d, (u_char *) "xn--", 4 - 1) != NULL) {
        goto idna;
    }

    host->data = start;
    host->len = d - start;

    goto check;

idna:

    rc = ngx_workers_url_idna(pr, start, d);
    if (rc != NGX_OK) {
        return rc;
    }

check:

    p = host->data;
    end = p + host->len;

    for (c = p; c < end; c++) {
        if (ngx_workers_url_in(*c, NGX_WORKERS_URL_NO_DOMAIN)) {
            return NGX_DECLINED;
        }
    }

    if (ngx_workers_url_ends_in_number(p, end)) {
        return ngx_workers_url_ipv4(pr, p, end);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_idna(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    ngx_int_t           rc;
    lxb_unicode_idna_t  idna;

    if (ngx_workers_url_check_labels(p, end) != NGX_OK) {
        return NGX_DECLINED;
    }

    ngx_memzero(&idna, sizeof(lxb_unicode_idna_t));

    if (lxb_unicode_idna_init(&idna) != LXB_STATUS_OK) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (lxb_unicode_idna_to_ascii(&idna, p, end - p, ngx_workers_url_idna_cb,
                                  pr, LXB_UNICODE_IDNA_FLAG_UNDEF)
        != LXB_STATUS_OK
        || pr->parts.host.len == 0)
    {
        rc = NGX_DECLINED;
    }

    (void) lxb_unicode_idna_destroy(&idna, false);

    return rc;
}


static lxb_status_t
ngx_workers_url_idna_cb(const lxb_char_t *data, size_t len, void *ctx)
{
    ngx_workers_url_parser_t  *pr = ctx;

    if (len == 0) {
        return LXB_STATUS_ERROR;
    }

    pr->host = ngx_alloc(len, ngx_cycle->log);
    if (pr->host == NULL) {
        return LXB_STATUS_ERROR_MEMORY_ALLOCATION;
    }

    ngx_memcpy(pr->host, data, len);

    pr->parts.host.data = pr->host;
    pr->parts.host.len = len;

    return LXB_STATUS_OK;
}


/* An "xn--" label stands for at least one code point beyond ASCII. */

static ngx_int_t
ngx_workers_url_check_labels(u_char *p, u_char *end)
{
    size_t   len;
    u_char  *dot;

    for ( ;; ) {

        for (dot = p, len = 0; dot < end; dot++) {
            len = ngx_workers_url_dot(dot, end);
            if (len != 0) {
                break;
            }
        }

        if (dot - p >= 4
            && ngx_strncasecmp(p, (u_char *) "xn--", 4) == 0
            && ngx_workers_utf8_ascii(p, dot - p) == (size_t) (dot - p)
            && lxb_punycode_decode_cb_cp(p + 4, dot - p - 4,
                                         ngx_workers_url_label_cb, NULL)
               != LXB_STATUS_OK)
        {
            return NGX_DECLINED;
        }

        if (dot == end) {
            return NGX_OK;
        }

        p = dot + len;
    }
}


/* The bytes of a full stop, or of what IDNA maps to one; or 0. */

static size_t
ngx_workers_url_dot(u_char *p, u_char *end)
{
    if (*p == '.') {
        return 1;
    }

    if (end - p >= 3
        && (ngx_memcmp(p, "\xe3\x80\x82", 3) == 0
            || ngx_memcmp(p, "\xef\xbc\x8e", 3) == 0
            || ngx_memcmp(p, "\xef\xbd\xa1", 3) == 0))
    {
        return 3;
    }

    return 0;
}


static lxb_status_t
ngx_workers_url_label_cb(const lxb_codepoint_t *cps, size_t len, void *ctx)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (cps[i] >= 0x80) {
            return LXB_STATUS_OK;
        }
    }

    return LXB_STATUS_ERROR;
}


static ngx_uint_t
ngx_workers_url_ends_in_number(u_char *p, u_char *end)
{
    u_char    *last;
    uint64_t   n;

    if (end > p && end[-1] == '.') {
        end--;
    }

    for (last = end; last > p && last[-1] != '.'; last--) { /* void */ }

    if (last == end || !ngx_workers_url_is_digit(*last)) {
        return 0;
    }

    for (p = last; p < end && ngx_workers_url_is_digit(*p); p++) { /* void */ }

    return p == end || ngx_workers_url_number(last, end, &n) == NGX_OK;
}


/* A part of an IPv4 address: decimal, octal or hexadecimal. */

static ngx_int_t
ngx_workers_url_number(u_char *p, u_char *end, uint64_t *n)
{
    ngx_int_t   d;
    ngx_uint_t  radix;

    if (p == end) {
        return NGX_DECLINED;
    }

    radix = 10;

    if (end - p >= 2 && *p == '0') {

        if ((p[1] | 0x20) == 'x') {
            radix = 16;
            p += 2;

        } else {
            radix = 8;
            p++;
        }
    }

    *n = 0;

    for ( /* void */ ; p < end; p++) {
        d = ngx_workers_url_hex(*p);

        if (d < 0 || d >= (ngx_int_t) radix) {
            return NGX_DECLINED;
        }

        if (*n <= 0xffffffff) {
            *n = *n * radix + d;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_ipv4(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    u_char      *dot;
    uint64_t     n, ip;
    ngx_str_t   *host;
    ngx_uint_t   parts;

    if (end[-1] == '.') {
        end--;
    }

    ip = 0;

    for (parts = 1; /* void */ ; parts++) {
        dot = ngx_strlchr(p, end, '.');

        if (ngx_workers_url_number(p, dot ? dot : end, &n) != NGX_OK) {
            return NGX_DECLINED;
        }

        if (dot == NULL) {
            break;
        }

        if (parts == 4 || n > 255) {
            return NGX_DECLINED;
        }

        ip |= n << (8 * (4 - parts));
        p = dot + 1;
    }

    if (n >= (uint64_t) 1 << (8 * (5 - parts))) {
        return NGX_DECLINED;
    }

    ip |= n;

    host = &pr->parts.host;

    host->data = pr->pos;
    pr->pos = ngx_sprintf(pr->pos, "%uD.%uD.%uD.%uD",
                          (uint32_t) (ip >> 24), (uint32_t) (ip >> 16) & 0xff,
                          (uint32_t) (ip >> 8) & 0xff, (uint32_t) ip & 0xff);
    host->len = pr->pos - host->data;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_ipv6(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    u_char     *d, *start;
    uint16_t    piece[8];
    ngx_int_t   i, n, digit, compress, run, best, best_len;

    ngx_memzero(piece, sizeof(piece));

    compress = -1;
    n = 0;

    if (p < end && *p == ':') {

        if (end - p < 2 || p[1] != ':') {
            return NGX_DECLINED;
        }

        p += 2;
        n++;
        compress = n;
    }

    while (p < end) {

        if (n == 8) {
            return NGX_DECLINED;
        }

        if (*p == ':') {

            if (compress != -1) {
                return NGX_DECLINED;
            }

            p++;
            n++;
            compress = n;

            continue;
        }

        start = p;

        while (p < end && p - start < 4) {
            digit = ngx_workers_url_hex(*p);

            if (digit < 0) {
                break;
            }

            piece[n] = piece[n] * 16 + digit;
            p++;
        }

        if (p < end && *p == '.') {

            if (p == start || n > 6) {
                return NGX_DECLINED;
            }

            if (ngx_workers_url_ipv6_tail(start, end, &piece[n]) != NGX_OK) {
                return NGX_DECLINED;
            }

            n += 2;
            break;
        }

        n++;

        if (p < end) {

            if (*p != ':') {
                return NGX_DECLINED;
            }

            p++;

            if (p == end) {
                return NGX_DECLINED;
            }
        }
    }

    if (compress != -1) {
        run = n - compress;

        for (i = 7; i != 0 && run > 0; i--, run--) {
            piece[i] = piece[compress + run - 1];
            piece[compress + run - 1] = 0;
        }

    } else if (n != 8) {
        return NGX_DECLINED;
    }

    /* the first longest run of two or more zeros is left out */

    best = -1;
    best_len = 1;

    for (i = 0; i < 8; i += run + 1) {

        for (run = 0; i + run < 8 && piece[i + run] == 0; run++) { /* void */ }

        if (run > best_len) {
            best = i;
            best_len = run;
        }
    }

    start = pr->pos;
    d = start;

    *d++ = '[';

    for (i = 0; i < 8; i++) {

        if (i == best) {
            *d++ = ':';

            if (i == 0) {
                *d++ = ':';
            }

            i += best_len - 1;
            continue;
        }

        d = ngx_sprintf(d, "%xD", (uint32_t) piece[i]);

        if (i != 7) {
            *d++ = ':';
        }
    }

    *d++ = ']';

    pr->parts.host.data = start;
    pr->parts.host.len = d - start;

    pr->pos = d;

    return NGX_OK;
}


/* An IPv4 address at the end of an IPv6 one. */

static ngx_int_t
ngx_workers_url_ipv6_tail(u_char *p, u_char *end, uint16_t *piece)
{
    ngx_uint_t  i, n;

    piece[0] = 0;
    piece[1] = 0;

    for (i = 0; i < 4; i++) {

        if (i > 0) {

            if (p == end || *p != '.') {
                return NGX_DECLINED;
            }

            p++;
        }

        if (p == end || !ngx_workers_url_is_digit(*p)) {
            return NGX_DECLINED;
        }

        n = *p++ - '0';

        while (p < end && ngx_workers_url_is_digit(*p)) {

            if (n == 0) {
                return NGX_DECLINED;
            }

            n = n * 10 + (*p++ - '0');

            if (n > 255) {
                return NGX_DECLINED;
            }
        }

        piece[i / 2] = piece[i / 2] * 256 + n;
    }

    return (p == end) ? NGX_OK : NGX_DECLINED;
}
