
/*
 * Copyright (C) the nginx-workers authors
 *
 * UTF-8 as the Encoding Standard decodes it: a sequence is well-formed, or
 * its maximal subpart becomes one U+FFFD.  Surrogates, overlong forms and
 * code points above U+10FFFF are ill-formed.
 */


#include "ngx_workers_utf8.h"


#define NGX_WORKERS_UTF8_ONES  0x0101010101010101ULL


size_t
ngx_workers_utf8_ascii(const u_char *p, size_t len)
{
    size_t    n;
    uint64_t  w;

    n = 0;

    while (len - n >= sizeof(uint64_t)) {
        ngx_memcpy(&w, p + n, sizeof(uint64_t));

        if (w & 0x8080808080808080ULL) {
            break;
        }

        n += sizeof(uint64_t);
    }

    while (n < len && p[n] < 0x80) {
        n++;
    }

    return n;
}


size_t
ngx_workers_utf8_subpart(const u_char *p, size_t len, ngx_uint_t *cut)
{
    size_t  i, n;
    u_char  lower, upper;

    *cut = 0;

    lower = 0x80;
    upper = 0xbf;

    switch (p[0]) {

    case 0xe0:
        lower = 0xa0;
        n = 3;
        break;

    case 0xed:
        upper = 0x9f;
        n = 3;
        break;

    case 0xf0:
        lower = 0x90;
        n = 4;
        break;

    case 0xf4:
        upper = 0x8f;
        n = 4;
        break;

    default:

        if (p[0] < 0xc2 || p[0] > 0xf4) {
            return 1;
        }

        n = (p[0] < 0xe0) ? 2 : (p[0] < 0xf0) ? 3 : 4;
    }

    for (i = 1; i < n; i++) {

        if (i == len) {
            *cut = 1;
            return i;
        }

        if (p[i] < lower || p[i] > upper) {
            return i;
        }

        lower = 0x80;
        upper = 0xbf;
    }

    /* a whole sequence, which the caller does not pass */

    return n;
}


size_t
ngx_workers_utf8_valid(const u_char *p, size_t len)
{
    ngx_uint_t  wide;

    return ngx_workers_utf8_scan(p, len, &wide);
}


size_t
ngx_workers_utf8_scan(const u_char *p, size_t len, ngx_uint_t *wide)
{
    size_t         n;
    ngx_uint_t     above;
    const u_char  *start, *end;

    start = p;
    end = p + len;
    above = 0;

    for ( ;; ) {
        n = ngx_workers_utf8_ascii(p, end - p);
        p += n;

        while (p < end && *p >= 0x80) {

            if (*p >= 0xc2 && *p < 0xe0) {
                if (end - p < 2 || (p[1] & 0xc0) != 0x80) {
                    goto done;
                }

                above |= (*p > 0xc3);
                p += 2;
                continue;
            }

            above = 1;

            if ((*p & 0xf0) == 0xe0) {
                if (end - p < 3
                    || (p[1] & 0xc0) != 0x80
                    || (p[2] & 0xc0) != 0x80
                    || (*p == 0xe0 && p[1] < 0xa0)
                    || (*p == 0xed && p[1] > 0x9f))
                {
                    goto done;
                }

                p += 3;
                continue;
            }

            if (*p < 0xf0
                || *p > 0xf4
                || end - p < 4
                || (p[1] & 0xc0) != 0x80
                || (p[2] & 0xc0) != 0x80
                || (p[3] & 0xc0) != 0x80
                || (*p == 0xf0 && p[1] < 0x90)
                || (*p == 0xf4 && p[1] > 0x8f))
            {
                goto done;
            }

            p += 4;
        }

        if (p == end) {
            break;
        }
    }

done:

    *wide = above;

    return p - start;
}


u_char *
ngx_workers_utf8_copy(u_char *dst, const u_char *p, size_t len)
{
    size_t         n;
    ngx_uint_t     cut;
    const u_char  *end;

    end = p + len;

    for ( ;; ) {
        n = ngx_workers_utf8_valid(p, end - p);
        dst = ngx_cpymem(dst, p, n);
        p += n;

        if (p == end) {
            return dst;
        }

        p += ngx_workers_utf8_subpart(p, end - p, &cut);

        *dst++ = 0xef;
        *dst++ = 0xbf;
        *dst++ = 0xbd;
    }
}


size_t
ngx_workers_utf8_units(const u_char *p, size_t len)
{
    size_t    i, n;
    uint64_t  w, four, rest;

    n = len;

    /* one bit a byte: what is no first byte, and what stands for two units */

    for (i = 0; len - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        ngx_memcpy(&w, p + i, sizeof(uint64_t));

        rest = (w >> 7) & ~(w >> 6) & NGX_WORKERS_UTF8_ONES;
        four = (w >> 7) & (w >> 6) & (w >> 5) & (w >> 4)
               & NGX_WORKERS_UTF8_ONES;

        n -= (rest * NGX_WORKERS_UTF8_ONES) >> 56;
        n += (four * NGX_WORKERS_UTF8_ONES) >> 56;
    }

    for ( /* void */ ; i < len; i++) {
        n -= (p[i] & 0xc0) == 0x80;
        n += p[i] >= 0xf0;
    }

    return n;
}


void
ngx_workers_utf8_utf16(uint16_t *dst, const u_char *p, size_t len)
{
    uint32_t       c;
    const u_char  *end;

    end = p + len;

    while (p < end) {

        if (*p < 0x80) {
            *dst++ = *p++;

        } else if (*p < 0xe0) {
            *dst++ = ((p[0] & 0x1f) << 6) | (p[1] & 0x3f);
            p += 2;

        } else if (*p < 0xf0) {
            *dst++ = ((p[0] & 0x0f) << 12) | ((p[1] & 0x3f) << 6)
                     | (p[2] & 0x3f);
            p += 3;

        } else {
            c = ((p[0] & 0x07) << 18) | ((p[1] & 0x3f) << 12)
                | ((p[2] & 0x3f) << 6) | (p[3] & 0x3f);
            c -= 0x10000;

            *dst++ = 0xd800 | (c >> 10);
            *dst++ = 0xdc00 | (c & 0x3ff);
            p += 4;
        }
    }
}
