
/*
 * Copyright (C) the nginx-workers authors
 *
 * Rules of HTTP caching: what may be stored and for how long, conditional
 * requests, ranges.  Names in Cache-Control are compared as they stand, small,
 * and a quoted value with a comma in it is cut there: so does the platform.
 */


#include "ngx_workers_cache.h"

#include <math.h>


/* More ranges than these, of more bytes than there are, get all of it. */
#define NGX_WORKERS_CACHE_RANGES     16

#define NGX_WORKERS_CACHE_IMMUTABLE  86400  /* s, at least */


static ngx_uint_t ngx_workers_cache_storable(
    ngx_workers_cache_policy_t *policy);
static ngx_uint_t ngx_workers_cache_understood(ngx_uint_t status,
    ngx_uint_t *by_default);
static double ngx_workers_cache_lifetime(ngx_workers_cache_policy_t *policy);
static ngx_int_t ngx_workers_cache_range(ngx_str_t *value, off_t length,
    ngx_workers_cache_range_t *range);
static u_char *ngx_workers_cache_spaces(u_char *p, u_char *last);
static u_char *ngx_workers_cache_digits(u_char *p, u_char *last, off_t *n);
static ngx_uint_t ngx_workers_cache_part(ngx_str_t *rest, ngx_str_t *part);
static ngx_uint_t ngx_workers_cache_etag(ngx_str_t *s, ngx_str_t *tag);
static time_t ngx_workers_cache_time(ngx_str_t *s);


static ngx_str_t  ngx_workers_cache_names[] = {
    ngx_string("no-store"),
    ngx_string("no-cache"),
    ngx_string("private"),
    ngx_string("public"),
    ngx_string("max-age"),
    ngx_string("s-maxage"),
    ngx_string("immutable"),
    ngx_string("must-revalidate"),
    ngx_string("proxy-revalidate"),
    ngx_string("stale-if-error"),
    ngx_string("stale-while-revalidate"),
};


void
ngx_workers_cache_trim(ngx_str_t *s)
{
    while (s->len != 0 && (s->data[0] == ' ' || s->data[0] == '\t')) {
        s->data++;
        s->len--;
    }

    while (s->len != 0
           && (s->data[s->len - 1] == ' ' || s->data[s->len - 1] == '\t'))
    {
        s->len--;
    }
}


/* The next of a list with commas; 0: there is none. */

static ngx_uint_t
ngx_workers_cache_part(ngx_str_t *rest, ngx_str_t *part)
{
    u_char  *p;

    if (rest->data == NULL) {
        return 0;
    }

    *part = *rest;

    p = ngx_strlchr(rest->data, rest->data + rest->len, ',');

    if (p == NULL) {
        rest->data = NULL;
        return 1;
    }

    part->len = p - rest->data;

    rest->len -= part->len + 1;
    rest->data = p + 1;

    return 1;
}


void
ngx_workers_cache_control(ngx_str_t *value, ngx_workers_cache_directive_t *cc)
{
    u_char      *p;
    ngx_str_t    rest, name, v;
    ngx_uint_t   i;

    ngx_memzero(cc, NGX_WORKERS_CC_N * sizeof(ngx_workers_cache_directive_t));

    rest = *value;

    while (ngx_workers_cache_part(&rest, &name)) {

        ngx_str_null(&v);

        p = ngx_strlchr(name.data, name.data + name.len, '=');

        if (p != NULL) {
            v.data = p + 1;
            v.len = name.data + name.len - v.data;
            name.len = p - name.data;

            /* a second "=" ends it */

            p = ngx_strlchr(v.data, v.data + v.len, '=');

            if (p != NULL) {
                v.len = p - v.data;
            }

            ngx_workers_cache_trim(&v);

            if (v.len != 0 && v.data[0] == '"') {
                v.data++;
                v.len--;
            }

            if (v.len != 0 && v.data[v.len - 1] == '"') {
                v.len--;
            }
        }

        ngx_workers_cache_trim(&name);

        for (i = 0; i < NGX_WORKERS_CC_N; i++) {

            if (name.len == ngx_workers_cache_names[i].len
                && ngx_memcmp(name.data, ngx_workers_cache_names[i].data,
                              name.len)
                   == 0)
            {
                cc[i].set = (v.data == NULL || v.len != 0);
                cc[i].seconds = ngx_workers_cache_number(&v);
                break;
            }
        }
    }
}


double
ngx_workers_cache_number(ngx_str_t *value)
{
    u_char  *p, *last;
    double   n, sign;

    p = value->data;
    last = p + value->len;
    sign = 1;
    n = 0;

    p = ngx_workers_cache_spaces(p, last);

    if (p < last && (*p == '-' || *p == '+')) {
        sign = (*p == '-') ? -1 : 1;
        p++;
    }

    while (p < last && *p >= '0' && *p <= '9' && n < 1e15) {
        n = n * 10 + (*p++ - '0');
    }

    return sign * n;
}


double
ngx_workers_cache_ttl(ngx_workers_cache_policy_t *policy)
{
    double                          ttl, stale;
    ngx_workers_cache_directive_t  *cc;

    if (!ngx_workers_cache_storable(policy)) {
        return -1;
    }

    cc = policy->cc;
    ttl = ngx_workers_cache_lifetime(policy) - policy->age;

    stale = fmax(cc[NGX_WORKERS_CC_STALE_IF_ERROR].seconds,
                 cc[NGX_WORKERS_CC_STALE_WHILE_REVALIDATE].seconds);

    ttl = fmax(ttl, ttl + stale);

    return (ttl > 0) ? floor(ttl * 1000 + 0.5) : 0;
}


/* RFC 9111, section 3. */

static ngx_uint_t
ngx_workers_cache_storable(ngx_workers_cache_policy_t *policy)
{
    ngx_uint_t                      by_default;
    ngx_workers_cache_directive_t  *cc;

    cc = policy->cc;

    if (!ngx_workers_cache_understood(policy->status, &by_default)
        || cc[NGX_WORKERS_CC_NO_STORE].set
        || cc[NGX_WORKERS_CC_PRIVATE].set)
    {
        return 0;
    }

    if (policy->authorized
        && !cc[NGX_WORKERS_CC_MUST_REVALIDATE].set
        && !cc[NGX_WORKERS_CC_PUBLIC].set
        && !cc[NGX_WORKERS_CC_S_MAXAGE].set)
    {
        return 0;
    }

    return by_default
           || policy->has_expires
           || cc[NGX_WORKERS_CC_MAX_AGE].set
           || cc[NGX_WORKERS_CC_S_MAXAGE].set
           || cc[NGX_WORKERS_CC_PUBLIC].set;
}


static ngx_uint_t
ngx_workers_cache_understood(ngx_uint_t status, ngx_uint_t *by_default)
{
    *by_default = 1;

    switch (status) {

    case 200:
    case 203:
    case 300:
    case 301:
    case 308:
    case 404:
    case 405:
    case 410:
    case 414:
    case 501:
        return 1;

    case 302:
    case 303:
    case 307:
        *by_default = 0;
        return 1;

    default:
        return 0;
    }
}


/* Seconds; RFC 9111, section 4.2.1. */

static double
ngx_workers_cache_lifetime(ngx_workers_cache_policy_t *policy)
{
    double                          date, least;
    ngx_workers_cache_directive_t  *cc;

    cc = policy->cc;

    if (cc[NGX_WORKERS_CC_NO_CACHE].set
        || cc[NGX_WORKERS_CC_PROXY_REVALIDATE].set)
    {
        return 0;
    }

    if (cc[NGX_WORKERS_CC_S_MAXAGE].set) {
        return cc[NGX_WORKERS_CC_S_MAXAGE].seconds;
    }

    if (cc[NGX_WORKERS_CC_MAX_AGE].set) {
        return cc[NGX_WORKERS_CC_MAX_AGE].seconds;
    }

    date = isnan(policy->date) ? policy->now : policy->date;
    least = cc[NGX_WORKERS_CC_IMMUTABLE].set ? NGX_WORKERS_CACHE_IMMUTABLE : 0;

    if (policy->has_expires) {
        return (policy->expires >= date)     /* false for NaN */
               ? fmax(least, (policy->expires - date) / 1000) : 0;
    }

    if (policy->last_modified < date) {
        return fmax(least, (date - policy->last_modified) / 10000);
    }

    return least;
}


ngx_int_t
ngx_workers_cache_ranges(ngx_str_t *value, off_t length,
    ngx_workers_cache_range_t *ranges, ngx_uint_t *n)
{
    off_t       left, size;
    u_char     *p, *last;
    ngx_int_t   rc;
    ngx_str_t   rest, part;

    *n = 0;
    p = value->data;
    last = p + value->len;

    if (p == last) {
        return NGX_DECLINED;
    }

    while (p < last && *p == ' ') {
        p++;
    }

    if (last - p < 5 || ngx_strncasecmp(p, (u_char *) "bytes", 5) != 0) {
        return NGX_ERROR;
    }

    p += 5;

    while (p < last && *p == ' ') {
        p++;
    }

    if (p == last || *p++ != '=') {
        return NGX_ERROR;
    }

    rest.data = p;
    rest.len = last - p;
    part = rest;

    ngx_workers_cache_trim(&part);

    if (part.len == 0) {
        return NGX_DECLINED;
    }

    left = length;

    while (ngx_workers_cache_part(&rest, &part)) {

        rc = ngx_workers_cache_range(&part, length, &ranges[*n]);

        if (rc == NGX_ERROR || rc == NGX_DECLINED) {
            return rc;
        }

        if (rc == NGX_OK) {
            size = ranges[*n].end - ranges[*n].start;
            left = (size <= left) ? left - size : -1;
            (*n)++;

            if (*n > NGX_WORKERS_CACHE_RANGES && left < 0) {
                return NGX_DECLINED;
            }
        }
    }

    return (*n == 0) ? NGX_DECLINED : NGX_OK;
}


/* NGX_AGAIN: it asks for nothing. */

static ngx_int_t
ngx_workers_cache_range(ngx_str_t *value, off_t length,
    ngx_workers_cache_range_t *range)
{
    off_t    start, end;
    u_char  *p, *last;

    p = value->data;
    last = p + value->len;

    p = ngx_workers_cache_spaces(p, last);
    p = ngx_workers_cache_digits(p, last, &start);
    p = ngx_workers_cache_spaces(p, last);

    if (p == last || *p++ != '-') {
        return NGX_ERROR;
    }

    p = ngx_workers_cache_spaces(p, last);
    p = ngx_workers_cache_digits(p, last, &end);
    p = ngx_workers_cache_spaces(p, last);

    if (p != last || (start < 0 && end < 0)) {
        return NGX_ERROR;
    }

    if (start < 0) {                        /* the last ones */

        if (end >= length) {
            return NGX_DECLINED;
        }

        range->start = length - end;
        range->end = length;

        return (end == 0) ? NGX_AGAIN : NGX_OK;
    }

    if (start >= length || (end >= 0 && end < start)) {
        return NGX_ERROR;
    }

    range->start = start;
    range->end = (end < 0 || end >= length) ? length : end + 1;

    return NGX_OK;
}


static u_char *
ngx_workers_cache_spaces(u_char *p, u_char *last)
{
    while (p < last && *p == ' ') {
        p++;
    }

    return p;
}


/* -1: there are none; a number too large is the largest. */

static u_char *
ngx_workers_cache_digits(u_char *p, u_char *last, off_t *n)
{
    *n = -1;

    while (p < last && *p >= '0' && *p <= '9') {

        if (*n < 0) {
            *n = 0;
        }

        *n = (*n > (NGX_MAX_OFF_T_VALUE - 9) / 10) ? NGX_MAX_OFF_T_VALUE - 1
                                                   : *n * 10 + (*p - '0');
        p++;
    }

    return p;
}


ngx_uint_t
ngx_workers_cache_not_modified(ngx_workers_cache_conditions_t *c,
    ngx_str_t *etag, ngx_str_t *last_modified)
{
    time_t     modified, since;
    ngx_str_t  rest, part, tag, other;

    if (c->if_none_match.len != 0 && ngx_workers_cache_etag(etag, &tag)) {

        rest = c->if_none_match;
        ngx_workers_cache_trim(&rest);

        if (rest.len == 1 && rest.data[0] == '*') {
            return 1;
        }

        while (ngx_workers_cache_part(&rest, &part)) {
            ngx_workers_cache_trim(&part);

            if (ngx_workers_cache_etag(&part, &other)
                && other.len == tag.len
                && ngx_memcmp(other.data, tag.data, tag.len) == 0)
            {
                return 1;
            }
        }
    }

    if (c->if_modified_since.len == 0 || last_modified->len == 0) {
        return 0;
    }

    since = ngx_workers_cache_time(&c->if_modified_since);
    modified = ngx_workers_cache_time(last_modified);

    return since != NGX_ERROR && modified != NGX_ERROR && modified <= since;
}


/* What stands in quotes, of a strong or a weak tag; 0: it is none. */

static ngx_uint_t
ngx_workers_cache_etag(ngx_str_t *s, ngx_str_t *tag)
{
    *tag = *s;

    if (tag->len > 2 && tag->data[0] == 'W' && tag->data[1] == '/') {
        tag->data += 2;
        tag->len -= 2;
    }

    if (tag->len < 3 || tag->data[0] != '"' || tag->data[tag->len - 1] != '"')
    {
        return 0;
    }

    tag->data++;
    tag->len -= 2;

    return 1;
}


/* A date in the form that is preferred, and no other. */

static time_t
ngx_workers_cache_time(ngx_str_t *s)
{
    u_char      *p;
    ngx_uint_t   i;
    ngx_str_t    value;

    static char  form[] = "Www, 00 Mmm 0000 00:00:00 GMT";
    static char  days[] = "Sun Mon Tue Wed Thu Fri Sat ";
    static char  months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";

    value = *s;
    ngx_workers_cache_trim(&value);

    if (value.len != sizeof(form) - 1) {
        return NGX_ERROR;
    }

    p = value.data;

    for (i = 0; i < value.len; i++) {

        switch (form[i]) {

        case '0':
            if (p[i] < '0' || p[i] > '9') {
                return NGX_ERROR;
            }

            break;

        case 'W':
        case 'w':
        case 'm':
            break;

        case 'M':
            /* "GMT" has one as well */
            if (i > 8 && p[i] != 'M') {
                return NGX_ERROR;
            }

            break;

        default:
            if (p[i] != (u_char) form[i]) {
                return NGX_ERROR;
            }
        }
    }

    for (i = 0; days[i] != '\0'; i += 4) {
        if (ngx_memcmp(p, &days[i], 3) == 0) {
            break;
        }
    }

    if (days[i] == '\0') {
        return NGX_ERROR;
    }

    for (i = 0; months[i] != '\0'; i += 4) {
        if (ngx_memcmp(p + 8, &months[i], 3) == 0) {
            break;
        }
    }

    if (months[i] == '\0') {
        return NGX_ERROR;
    }

    return ngx_parse_http_time(p, value.len);
}
