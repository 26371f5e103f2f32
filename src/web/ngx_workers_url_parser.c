
/*
 * Copyright (C) the nginx-workers authors
 *
 * The URL Standard without JavaScript.  The basic URL parser's states are
 * functions over slices of the input, since every state ends at a delimiter
 * that can be looked for.  Domains beyond ASCII go through lexbor's IDNA.
 *
 * All output of a parse is in one arena, sized beforehand: each byte of input
 * belongs to one component and becomes three bytes at most; a path relative
 * to a base follows a copy of the base's.
 */


#include "ngx_workers_url_parser.h"
#include "ngx_workers_utf8.h"

#include <lexbor/punycode/punycode.h>
#include <lexbor/unicode/idna.h>


/* Percent-encode sets, and what a host may not have. */
#define NGX_WORKERS_URL_C0           0x01
#define NGX_WORKERS_URL_FRAGMENT     0x02
#define NGX_WORKERS_URL_QUERY        0x04
#define NGX_WORKERS_URL_SPECIAL      0x08   /* special-query */
#define NGX_WORKERS_URL_PATH         0x10
#define NGX_WORKERS_URL_USERINFO     0x20
#define NGX_WORKERS_URL_NO_HOST      0x40   /* forbidden host code points */
#define NGX_WORKERS_URL_NO_DOMAIN    0x80   /* forbidden domain code points */


typedef struct {
    const char                 *name;
    size_t                      len;
    ngx_int_t                   port;
} ngx_workers_url_scheme_t;


static void ngx_workers_url_parts_init(ngx_workers_url_parts_t *parts);
static ngx_int_t ngx_workers_url_reserve(ngx_workers_url_parser_t *pr,
    size_t len, size_t extra);
static void ngx_workers_url_strip(ngx_workers_url_parser_t *pr,
    ngx_str_t *input);
static void ngx_workers_url_trim(ngx_str_t *input);
static u_char *ngx_workers_url_scheme(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static ngx_int_t ngx_workers_url_absolute(ngx_workers_url_parser_t *pr,
    u_char *p, u_char *end, const ngx_workers_url_parts_t *base);
static ngx_int_t ngx_workers_url_relative(ngx_workers_url_parser_t *pr,
    u_char *p, u_char *end, const ngx_workers_url_parts_t *base);
static ngx_int_t ngx_workers_url_file(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end, const ngx_workers_url_parts_t *base);
static ngx_int_t ngx_workers_url_authority(ngx_workers_url_parser_t *pr,
    u_char *p, u_char *end);
static ngx_int_t ngx_workers_url_credentials(ngx_workers_url_parser_t *pr,
    u_char *p, u_char *end);
static u_char *ngx_workers_url_host_end(u_char *p, u_char *end);
static ngx_int_t ngx_workers_url_port(ngx_workers_url_parts_t *parts,
    u_char *p, u_char *end);
static void ngx_workers_url_opaque(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static void ngx_workers_url_path_start(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static void ngx_workers_url_path_append(ngx_workers_url_parser_t *pr,
    const ngx_str_t *prefix, u_char *p, u_char *end);
static u_char *ngx_workers_url_shorten(ngx_workers_url_type_e type,
    u_char *start, u_char *end);
static ngx_uint_t ngx_workers_url_dots(u_char *p, u_char *end);
static void ngx_workers_url_query(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static void ngx_workers_url_fragment(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static u_char *ngx_workers_url_tail(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);

static ngx_int_t ngx_workers_url_host(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
static ngx_int_t ngx_workers_url_domain(ngx_workers_url_parser_t *pr,
    u_char *p, u_char *end);
static ngx_int_t ngx_workers_url_idna(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end);
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

static ngx_int_t ngx_workers_url_set_protocol(ngx_workers_url_parser_t *pr,
    ngx_str_t *value);
static ngx_int_t ngx_workers_url_set_host(ngx_workers_url_parser_t *pr,
    ngx_str_t *value, ngx_uint_t with_port);
static ngx_int_t ngx_workers_url_set_port(ngx_workers_url_parser_t *pr,
    ngx_str_t *value);


static const u_char  ngx_workers_url_map[256] = {
    0xff, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf,
    0xbf, 0xff, 0xff, 0xbf, 0xbf, 0xff, 0xbf, 0xbf,
    0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf,
    0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf,
    0xfe, 0x00, 0x3e, 0xfc, 0x00, 0x80, 0x00, 0x08,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0xe0, 0x20, 0xfe, 0x20, 0xfe, 0xf0,
    0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xe0, 0xe0, 0xe0, 0xf0, 0x00,
    0x32, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x30, 0xe0, 0x30, 0x00, 0xbf,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f
};


static const ngx_workers_url_scheme_t  ngx_workers_url_schemes[] = {
    { "", 0, -1 },
    { "http", 4, 80 },
    { "https", 5, 443 },
    { "ws", 2, 80 },
    { "wss", 3, 443 },
    { "ftp", 3, 21 },
    { "file", 4, -1 }
};


#define ngx_workers_url_in(c, set)  (ngx_workers_url_map[c] & (set))

#define ngx_workers_url_is_alpha(c)                                           \
    (((c) | 0x20) >= 'a' && ((c) | 0x20) <= 'z')

#define ngx_workers_url_is_digit(c)  ((c) >= '0' && (c) <= '9')

#define ngx_workers_url_special(parts)                                        \
    ((parts)->type != NGX_WORKERS_URL_OTHER)

#define ngx_workers_url_slash(parts, c)                                       \
    ((c) == '/' || ((c) == '\\' && ngx_workers_url_special(parts)))

#define ngx_workers_url_has_credentials(parts)                                \
    ((parts)->username.len != 0 || (parts)->password.len != 0)

#define ngx_workers_url_no_authority(parts)                                   \
    ((parts)->host.len == 0 || (parts)->type == NGX_WORKERS_URL_FILE)

/* "C:" or "C|" */
#define ngx_workers_url_drive(p)                                              \
    (ngx_workers_url_is_alpha((p)[0]) && ((p)[1] == ':' || (p)[1] == '|'))


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


static u_char *
ngx_workers_url_encode(u_char *dst, u_char *p, u_char *end, u_char set)
{
    static const u_char  hex[] = "0123456789ABCDEF";

    for ( /* void */ ; p < end; p++) {

        if (!ngx_workers_url_in(*p, set)) {
            *dst++ = *p;
            continue;
        }

        *dst++ = '%';
        *dst++ = hex[*p >> 4];
        *dst++ = hex[*p & 0xf];
    }

    return dst;
}


static ngx_inline void
ngx_workers_url_emit(ngx_workers_url_parser_t *pr, ngx_str_t *dst, u_char *p,
    u_char *end, u_char set)
{
    dst->data = pr->pos;
    pr->pos = ngx_workers_url_encode(pr->pos, p, end, set);
    dst->len = pr->pos - dst->data;
}


static ngx_workers_url_type_e
ngx_workers_url_scheme_type(const ngx_str_t *scheme)
{
    ngx_uint_t  i;

    for (i = NGX_WORKERS_URL_HTTP; i <= NGX_WORKERS_URL_FILE; i++) {

        if (scheme->len == ngx_workers_url_schemes[i].len
            && ngx_memcmp(scheme->data, ngx_workers_url_schemes[i].name,
                          scheme->len)
               == 0)
        {
            return i;
        }
    }

    return NGX_WORKERS_URL_OTHER;
}


void
ngx_workers_url_parser_done(ngx_workers_url_parser_t *pr)
{
    if (pr->arena != NULL) {
        ngx_free(pr->arena);
        pr->arena = NULL;
    }

    if (pr->host != NULL) {
        ngx_free(pr->host);
        pr->host = NULL;
    }
}


/* No pointer is NULL, so that empty strings can be copied. */

static void
ngx_workers_url_parts_init(ngx_workers_url_parts_t *parts)
{
    ngx_memzero(parts, sizeof(ngx_workers_url_parts_t));

    ngx_str_set(&parts->scheme, "");

    parts->username = parts->scheme;
    parts->password = parts->scheme;
    parts->host = parts->scheme;
    parts->path = parts->scheme;
    parts->query = parts->scheme;
    parts->fragment = parts->scheme;
    parts->port = -1;
}


static ngx_int_t
ngx_workers_url_reserve(ngx_workers_url_parser_t *pr, size_t len, size_t extra)
{
    size_t  size;

    /*
     * Input without tabs, once; its components, three times; a domain,
     * decoded and well-formed before it is copied; slashes, an IPv6 address.
     */

    size = 5 * len + extra + 64;

    if (size <= NGX_WORKERS_URL_STACK) {
        pr->pos = pr->stack;
        return NGX_OK;
    }

    if (len > NGX_WORKERS_URL_MAX_LEN) {
        return NGX_DECLINED;
    }

    pr->arena = ngx_alloc(size, ngx_cycle->log);
    if (pr->arena == NULL) {
        return NGX_ERROR;
    }

    pr->pos = pr->arena;

    return NGX_OK;
}


/* Drops tabs and newlines. */

static void
ngx_workers_url_strip(ngx_workers_url_parser_t *pr, ngx_str_t *input)
{
    u_char  *p, *end, *dst;

    end = input->data + input->len;

    for (p = input->data; p < end; p++) {
        if (*p == '\t' || *p == LF || *p == CR) {
            break;
        }
    }

    if (p == end) {
        return;
    }

    dst = ngx_cpymem(pr->pos, input->data, p - input->data);

    for ( /* void */ ; p < end; p++) {
        if (*p != '\t' && *p != LF && *p != CR) {
            *dst++ = *p;
        }
    }

    input->data = pr->pos;
    input->len = dst - pr->pos;

    pr->pos = dst;
}


static void
ngx_workers_url_trim(ngx_str_t *input)
{
    while (input->len && input->data[0] <= ' ') {
        input->data++;
        input->len--;
    }

    while (input->len && input->data[input->len - 1] <= ' ') {
        input->len--;
    }
}


ngx_int_t
ngx_workers_url_parse(ngx_workers_url_parser_t *pr, ngx_str_t *input,
    const ngx_workers_url_parts_t *base)
{
    u_char     *p, *end, *rest;
    ngx_int_t   rc;
    ngx_str_t   in;

    ngx_workers_url_parts_init(&pr->parts);

    rc = ngx_workers_url_reserve(pr, input->len, base ? base->path.len : 0);
    if (rc != NGX_OK) {
        return rc;
    }

    in = *input;

    ngx_workers_url_trim(&in);
    ngx_workers_url_strip(pr, &in);

    p = in.data;
    end = p + in.len;

    rest = ngx_workers_url_scheme(pr, p, end);

    if (rest != NULL) {
        return ngx_workers_url_absolute(pr, rest, end, base);
    }

    if (base == NULL) {
        return NGX_DECLINED;
    }

    if (base->opaque) {

        if (p == end || *p != '#') {
            return NGX_DECLINED;
        }

        pr->parts = *base;
        ngx_workers_url_fragment(pr, p + 1, end);

        return NGX_OK;
    }

    if (base->type == NGX_WORKERS_URL_FILE) {
        pr->parts.scheme = base->scheme;
        pr->parts.type = base->type;

        return ngx_workers_url_file(pr, p, end, base);
    }

    return ngx_workers_url_relative(pr, p, end, base);
}


/* Takes "scheme:"; NULL: there is none. */

static u_char *
ngx_workers_url_scheme(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    u_char                   *dst;
    ngx_workers_url_parts_t  *parts;

    if (p == end || !ngx_workers_url_is_alpha(*p)) {
        return NULL;
    }

    dst = pr->pos;

    for ( /* void */ ; p < end; p++) {

        if (ngx_workers_url_is_alpha(*p)) {
            *dst++ = *p | 0x20;
            continue;
        }

        if (ngx_workers_url_is_digit(*p)
            || *p == '+' || *p == '-' || *p == '.')
        {
            *dst++ = *p;
            continue;
        }

        break;
    }

    if (p == end || *p != ':') {
        return NULL;
    }

    parts = &pr->parts;

    parts->scheme.data = pr->pos;
    parts->scheme.len = dst - pr->pos;
    parts->type = ngx_workers_url_scheme_type(&parts->scheme);

    pr->pos = dst;

    return p + 1;
}


/* What follows "scheme:". */

static ngx_int_t
ngx_workers_url_absolute(ngx_workers_url_parser_t *pr, u_char *p, u_char *end,
    const ngx_workers_url_parts_t *base)
{
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;

    if (parts->type == NGX_WORKERS_URL_FILE) {

        if (base != NULL && base->type != NGX_WORKERS_URL_FILE) {
            base = NULL;
        }

        return ngx_workers_url_file(pr, p, end, base);
    }

    if (ngx_workers_url_special(parts)) {

        if (base != NULL
            && base->type == parts->type
            && (end - p < 2 || p[0] != '/' || p[1] != '/'))
        {
            return ngx_workers_url_relative(pr, p, end, base);
        }

        while (p < end && (*p == '/' || *p == '\\')) {
            p++;
        }

        return ngx_workers_url_authority(pr, p, end);
    }

    if (p < end && *p == '/') {

        if (end - p >= 2 && p[1] == '/') {
            return ngx_workers_url_authority(pr, p + 2, end);
        }

        end = ngx_workers_url_tail(pr, p, end);
        ngx_workers_url_path_append(pr, NULL, p + 1, end);

        return NGX_OK;
    }

    ngx_workers_url_opaque(pr, p, end);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_relative(ngx_workers_url_parser_t *pr, u_char *p, u_char *end,
    const ngx_workers_url_parts_t *base)
{
    ngx_str_t                 prefix;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;

    parts->scheme = base->scheme;
    parts->type = base->type;

    if (end - p >= 2
        && ngx_workers_url_slash(parts, p[0])
        && ngx_workers_url_slash(parts, p[1]))
    {
        p += 2;

        if (ngx_workers_url_special(parts)) {
            while (p < end && (*p == '/' || *p == '\\')) {
                p++;
            }
        }

        return ngx_workers_url_authority(pr, p, end);
    }

    *parts = *base;

    parts->has_fragment = 0;
    parts->fragment.len = 0;

    if (p == end) {
        return NGX_OK;
    }

    if (*p == '#') {
        ngx_workers_url_fragment(pr, p + 1, end);
        return NGX_OK;
    }

    parts->has_query = 0;
    parts->query.len = 0;

    if (*p == '?') {
        (void) ngx_workers_url_tail(pr, p, end);
        return NGX_OK;
    }

    end = ngx_workers_url_tail(pr, p, end);

    if (ngx_workers_url_slash(parts, *p)) {
        ngx_workers_url_path_append(pr, NULL, p + 1, end);
        return NGX_OK;
    }

    prefix = base->path;
    prefix.len = ngx_workers_url_shorten(base->type, prefix.data,
                                         prefix.data + prefix.len)
                 - prefix.data;

    ngx_workers_url_path_append(pr, &prefix, p, end);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_file(ngx_workers_url_parser_t *pr, u_char *p, u_char *end,
    const ngx_workers_url_parts_t *base)
{
    u_char                   *host_end;
    ngx_int_t                 rc;
    ngx_str_t                 prefix;
    ngx_uint_t                drive;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;

    parts->has_host = 1;
    parts->host.len = 0;

    ngx_str_set(&prefix, "");

    if (p < end && (*p == '/' || *p == '\\')) {
        p++;

        if (p < end && (*p == '/' || *p == '\\')) {
            p++;

            end = ngx_workers_url_tail(pr, p, end);

            for (host_end = p; host_end < end; host_end++) {
                if (*host_end == '/' || *host_end == '\\') {
                    break;
                }
            }

            if (host_end - p == 2 && ngx_workers_url_drive(p)) {
                ngx_workers_url_path_append(pr, NULL, p, end);
                return NGX_OK;
            }

            if (host_end > p) {
                rc = ngx_workers_url_host(pr, p, host_end);
                if (rc != NGX_OK) {
                    return rc;
                }
            }

            ngx_workers_url_path_start(pr, host_end, end);

            return NGX_OK;
        }

        end = ngx_workers_url_tail(pr, p, end);

        if (base != NULL) {
            parts->host = base->host;

            drive = end - p >= 2 && ngx_workers_url_drive(p)
                    && (end - p == 2 || p[2] == '/' || p[2] == '\\');

            if (!drive
                && base->path.len >= 3
                && ngx_workers_url_is_alpha(base->path.data[1])
                && base->path.data[2] == ':'
                && (base->path.len == 3 || base->path.data[3] == '/'))
            {
                prefix.data = base->path.data;
                prefix.len = 3;
            }
        }

        ngx_workers_url_path_append(pr, &prefix, p, end);

        return NGX_OK;
    }

    if (base == NULL) {
        end = ngx_workers_url_tail(pr, p, end);
        ngx_workers_url_path_append(pr, NULL, p, end);

        return NGX_OK;
    }

    parts->host = base->host;
    parts->path = base->path;
    parts->query = base->query;
    parts->has_query = base->has_query;

    if (p == end) {
        return NGX_OK;
    }

    if (*p == '#') {
        ngx_workers_url_fragment(pr, p + 1, end);
        return NGX_OK;
    }

    parts->has_query = 0;
    parts->query.len = 0;

    if (*p == '?') {
        (void) ngx_workers_url_tail(pr, p, end);
        return NGX_OK;
    }

    drive = end - p >= 2 && ngx_workers_url_drive(p)
            && (end - p == 2 || p[2] == '/' || p[2] == '\\'
                || p[2] == '?' || p[2] == '#');

    if (!drive) {
        prefix = base->path;
        prefix.len = ngx_workers_url_shorten(NGX_WORKERS_URL_FILE, prefix.data,
                                             prefix.data + prefix.len)
                     - prefix.data;
    }

    end = ngx_workers_url_tail(pr, p, end);
    ngx_workers_url_path_append(pr, &prefix, p, end);

    return NGX_OK;
}


/* What follows the slashes. */

static ngx_int_t
ngx_workers_url_authority(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    u_char                   *at, *last, *host_end;
    ngx_int_t                 rc;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;
    at = NULL;

    for (last = p; last < end; last++) {

        if (*last == '@') {
            at = last;
            continue;
        }

        if (*last == '?' || *last == '#'
            || ngx_workers_url_slash(parts, *last))
        {
            break;
        }
    }

    if (at != NULL) {
        rc = ngx_workers_url_credentials(pr, p, at);
        if (rc != NGX_OK) {
            return rc;
        }

        p = at + 1;

        if (p == last) {
            return NGX_DECLINED;
        }
    }

    host_end = ngx_workers_url_host_end(p, last);

    if (host_end == p
        && (host_end < last || ngx_workers_url_special(parts)))
    {
        return NGX_DECLINED;
    }

    rc = ngx_workers_url_host(pr, p, host_end);
    if (rc != NGX_OK) {
        return rc;
    }

    if (host_end < last) {
        rc = ngx_workers_url_port(parts, host_end + 1, last);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    end = ngx_workers_url_tail(pr, last, end);
    ngx_workers_url_path_start(pr, last, end);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_credentials(ngx_workers_url_parser_t *pr, u_char *p,
    u_char *end)
{
    u_char  *colon;

    colon = ngx_strlchr(p, end, ':');

    ngx_workers_url_emit(pr, &pr->parts.username, p,
                         (colon != NULL) ? colon : end,
                         NGX_WORKERS_URL_USERINFO);

    if (colon != NULL) {
        ngx_workers_url_emit(pr, &pr->parts.password, colon + 1, end,
                             NGX_WORKERS_URL_USERINFO);
    }

    return NGX_OK;
}


/* The ":" of a port, or the end. */

static u_char *
ngx_workers_url_host_end(u_char *p, u_char *end)
{
    ngx_uint_t  brackets;

    brackets = 0;

    for ( /* void */ ; p < end; p++) {

        if (*p == ':' && !brackets) {
            break;
        }

        if (*p == '[') {
            brackets = 1;

        } else if (*p == ']') {
            brackets = 0;
        }
    }

    return p;
}


static ngx_int_t
ngx_workers_url_port(ngx_workers_url_parts_t *parts, u_char *p, u_char *end)
{
    ngx_int_t  port;

    if (p == end) {
        return NGX_OK;
    }

    port = 0;

    for ( /* void */ ; p < end; p++) {

        if (!ngx_workers_url_is_digit(*p)) {
            return NGX_DECLINED;
        }

        port = port * 10 + (*p - '0');

        if (port > 65535) {
            return NGX_DECLINED;
        }
    }

    parts->port = (port == ngx_workers_url_schemes[parts->type].port) ? -1
                                                                      : port;

    return NGX_OK;
}


static void
ngx_workers_url_opaque(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    u_char                   *last;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;
    parts->opaque = 1;

    last = ngx_workers_url_tail(pr, p, end);

    ngx_workers_url_emit(pr, &parts->path, p, last, NGX_WORKERS_URL_C0);

    if (last < end && last > p && last[-1] == ' ') {

        /* a space before "?" or "#" is encoded, so that it survives */

        pr->pos[-1] = '%';
        *pr->pos++ = '2';
        *pr->pos++ = '0';
        parts->path.len += 2;
    }
}


static void
ngx_workers_url_path_start(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    if (p == end) {

        if (ngx_workers_url_special(&pr->parts)) {
            ngx_workers_url_path_append(pr, NULL, p, end);
        }

        return;
    }

    if (ngx_workers_url_slash(&pr->parts, *p)) {
        p++;
    }

    ngx_workers_url_path_append(pr, NULL, p, end);
}


/* Appends segments to a copy of prefix, which may be NULL. */

static void
ngx_workers_url_path_append(ngx_workers_url_parser_t *pr,
    const ngx_str_t *prefix, u_char *p, u_char *end)
{
    u_char                   *d, *start, *segment, *last;
    ngx_uint_t                dots;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;
    start = pr->pos;
    d = start;

    if (prefix != NULL) {
        d = ngx_cpymem(d, prefix->data, prefix->len);
    }

    for ( ;; ) {

        for (last = p; last < end; last++) {
            if (ngx_workers_url_slash(parts, *last)) {
                break;
            }
        }

        *d = '/';
        segment = d + 1;
        d = ngx_workers_url_encode(segment, p, last, NGX_WORKERS_URL_PATH);

        dots = ngx_workers_url_dots(segment, d);

        if (dots != 0) {
            d = segment - 1;

            if (dots == 2) {
                d = ngx_workers_url_shorten(parts->type, start, d);
            }

            if (last == end) {
                *d++ = '/';
            }

        } else if (d - segment == 2
                   && segment == start + 1
                   && parts->type == NGX_WORKERS_URL_FILE
                   && ngx_workers_url_drive(segment))
        {
            segment[1] = ':';
        }

        if (last == end) {
            break;
        }

        p = last + 1;
    }

    parts->path.data = start;
    parts->path.len = d - start;

    pr->pos = d;
}


/* The end of a path without its last segment. */

static u_char *
ngx_workers_url_shorten(ngx_workers_url_type_e type, u_char *start, u_char *end)
{
    u_char  *p;

    if (type == NGX_WORKERS_URL_FILE
        && end - start == 3
        && ngx_workers_url_is_alpha(start[1])
        && start[2] == ':')
    {
        return end;
    }

    for (p = end; p > start; /* void */ ) {
        if (*--p == '/') {
            return p;
        }
    }

    return start;
}


/* 1: ".", 2: "..", each dot also as "%2e"; 0: neither. */

static ngx_uint_t
ngx_workers_url_dots(u_char *p, u_char *end)
{
    ngx_uint_t  n;

    if (p == end || end - p > 6 || (*p != '.' && *p != '%')) {
        return 0;
    }

    for (n = 0; p < end; n++) {

        if (*p == '.') {
            p++;
            continue;
        }

        if (end - p >= 3 && p[0] == '%' && p[1] == '2' && (p[2] | 0x20) == 'e')
        {
            p += 3;
            continue;
        }

        return 0;
    }

    return (n <= 2) ? n : 0;
}


static void
ngx_workers_url_query(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    pr->parts.has_query = 1;

    ngx_workers_url_emit(pr, &pr->parts.query, p, end,
                         ngx_workers_url_special(&pr->parts)
                         ? NGX_WORKERS_URL_SPECIAL : NGX_WORKERS_URL_QUERY);
}


static void
ngx_workers_url_fragment(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    pr->parts.has_fragment = 1;

    ngx_workers_url_emit(pr, &pr->parts.fragment, p, end,
                         NGX_WORKERS_URL_FRAGMENT);
}


/* Takes query and fragment; returns the end of what is before them. */

static u_char *
ngx_workers_url_tail(ngx_workers_url_parser_t *pr, u_char *p, u_char *end)
{
    u_char  *last;

    for (last = p; last < end; last++) {

        if (*last == '#') {
            ngx_workers_url_fragment(pr, last + 1, end);
            return last;
        }

        if (*last == '?') {
            p = last + 1;
            break;
        }
    }

    if (last == end) {
        return last;
    }

    while (p < end && *p != '#') {
        p++;
    }

    ngx_workers_url_query(pr, last + 1, p);

    if (p < end) {
        ngx_workers_url_fragment(pr, p + 1, end);
    }

    return last;
}


/* The host parser: section 3.5. */

static ngx_int_t
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
    u_char  *dot;

    for ( ;; ) {
        dot = ngx_strlchr(p, end, '.');
        if (dot == NULL) {
            dot = end;
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

        p = dot + 1;
    }
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


ngx_int_t
ngx_workers_url_modify(ngx_workers_url_parser_t *pr, ngx_workers_url_t *url,
    ngx_workers_url_part_e part, ngx_str_t *value)
{
    u_char                   *p, *end;
    ngx_int_t                 rc;
    ngx_str_t                 in;
    ngx_workers_url_parts_t  *parts;

    if (part == NGX_WORKERS_URL_HREF) {
        return ngx_workers_url_parse(pr, value, NULL);
    }

    parts = &pr->parts;

    ngx_workers_url_split(url, parts);

    rc = ngx_workers_url_reserve(pr, value->len, 0);
    if (rc != NGX_OK) {
        return rc;
    }

    in = *value;

    switch (part) {

    case NGX_WORKERS_URL_USERNAME:
    case NGX_WORKERS_URL_PASSWORD:

        if (ngx_workers_url_no_authority(parts)) {
            return NGX_DECLINED;
        }

        ngx_workers_url_emit(pr, (part == NGX_WORKERS_URL_USERNAME)
                                 ? &parts->username : &parts->password,
                             in.data, in.data + in.len,
                             NGX_WORKERS_URL_USERINFO);
        return NGX_OK;

    case NGX_WORKERS_URL_SEARCH:

        if (in.len == 0) {
            parts->has_query = 0;
            parts->query.len = 0;

            return NGX_OK;
        }

        if (in.data[0] == '?') {
            in.data++;
            in.len--;
        }

        ngx_workers_url_strip(pr, &in);
        ngx_workers_url_query(pr, in.data, in.data + in.len);

        return NGX_OK;

    case NGX_WORKERS_URL_HASH:

        if (in.len == 0) {
            parts->has_fragment = 0;
            parts->fragment.len = 0;

            return NGX_OK;
        }

        if (in.data[0] == '#') {
            in.data++;
            in.len--;
        }

        ngx_workers_url_strip(pr, &in);
        ngx_workers_url_fragment(pr, in.data, in.data + in.len);

        return NGX_OK;

    default:
        break;
    }

    ngx_workers_url_strip(pr, &in);

    switch (part) {

    case NGX_WORKERS_URL_PROTOCOL:
        return ngx_workers_url_set_protocol(pr, &in);

    case NGX_WORKERS_URL_FULL_HOST:
        return ngx_workers_url_set_host(pr, &in, 1);

    case NGX_WORKERS_URL_HOSTNAME:
        return ngx_workers_url_set_host(pr, &in, 0);

    case NGX_WORKERS_URL_PORT:
        return ngx_workers_url_set_port(pr, &in);

    default: /* NGX_WORKERS_URL_PATHNAME */

        if (parts->opaque) {
            return NGX_DECLINED;
        }

        parts->path.len = 0;

        p = in.data;
        end = p + in.len;

        if (p == end && !parts->has_host) {
            ngx_workers_url_path_append(pr, NULL, p, end);

        } else {
            ngx_workers_url_path_start(pr, p, end);
        }

        return NGX_OK;
    }
}


static ngx_int_t
ngx_workers_url_set_protocol(ngx_workers_url_parser_t *pr, ngx_str_t *value)
{
    u_char                    c, *p, *end;
    ngx_str_t                 scheme;
    ngx_workers_url_type_e    type;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;

    p = value->data;
    end = p + value->len;

    if (p == end || !ngx_workers_url_is_alpha(*p)) {
        return NGX_DECLINED;
    }

    scheme.data = pr->pos;

    for ( /* void */ ; p < end && *p != ':'; p++) {
        c = *p;

        if (ngx_workers_url_is_alpha(c)) {
            c |= 0x20;

        } else if (!ngx_workers_url_is_digit(c)
                   && c != '+' && c != '-' && c != '.')
        {
            return NGX_DECLINED;
        }

        *pr->pos++ = c;
    }

    scheme.len = pr->pos - scheme.data;
    type = ngx_workers_url_scheme_type(&scheme);

    if ((type == NGX_WORKERS_URL_OTHER) == ngx_workers_url_special(parts)) {
        return NGX_DECLINED;
    }

    if (type == NGX_WORKERS_URL_FILE
        && (ngx_workers_url_has_credentials(parts) || parts->port != -1))
    {
        return NGX_DECLINED;
    }

    if (parts->type == NGX_WORKERS_URL_FILE && parts->host.len == 0) {
        return NGX_DECLINED;
    }

    parts->scheme = scheme;
    parts->type = type;

    if (parts->port == ngx_workers_url_schemes[type].port) {
        parts->port = -1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_url_set_host(ngx_workers_url_parser_t *pr, ngx_str_t *value,
    ngx_uint_t with_port)
{
    u_char                   *p, *last, *host_end;
    ngx_int_t                 rc;
    ngx_str_t                 port;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;

    if (parts->opaque) {
        return NGX_DECLINED;
    }

    p = value->data;

    for (last = p; last < value->data + value->len; last++) {
        if (*last == '?' || *last == '#'
            || ngx_workers_url_slash(parts, *last))
        {
            break;
        }
    }

    if (parts->type == NGX_WORKERS_URL_FILE) {
        return ngx_workers_url_host(pr, p, last);
    }

    host_end = ngx_workers_url_host_end(p, last);

    if (host_end < last && (host_end == p || !with_port)) {
        return NGX_DECLINED;
    }

    if (host_end == p
        && (ngx_workers_url_special(parts)
            || ngx_workers_url_has_credentials(parts)
            || parts->port != -1))
    {
        return NGX_DECLINED;
    }

    rc = ngx_workers_url_host(pr, p, host_end);

    if (rc == NGX_OK && host_end < last) {
        port.data = host_end + 1;
        port.len = last - port.data;

        /* a bad or empty port is ignored, the host is set */

        if (port.len != 0) {
            (void) ngx_workers_url_set_port(pr, &port);
        }
    }

    return rc;
}


static ngx_int_t
ngx_workers_url_set_port(ngx_workers_url_parser_t *pr, ngx_str_t *value)
{
    u_char                   *p, *end;
    ngx_workers_url_parts_t  *parts;

    parts = &pr->parts;

    if (ngx_workers_url_no_authority(parts)) {
        return NGX_DECLINED;
    }

    p = value->data;
    end = p + value->len;

    if (p == end) {
        parts->port = -1;
        return NGX_OK;
    }

    while (p < end && ngx_workers_url_is_digit(*p)) {
        p++;
    }

    if (p == value->data) {
        return NGX_DECLINED;
    }

    return ngx_workers_url_port(parts, value->data, p);
}


void
ngx_workers_url_split(const ngx_workers_url_t *url,
    ngx_workers_url_parts_t *parts)
{
    u_char      *href;
    uint32_t     i;
    ngx_int_t    port;

    href = (u_char *) url->href;

    ngx_workers_url_parts_init(parts);

    parts->scheme.data = href;
    parts->scheme.len = url->scheme_end - 1;
    parts->type = url->type;
    parts->has_host = url->has_host;
    parts->opaque = url->opaque;

    if (url->has_host) {
        parts->username.data = href + url->scheme_end + 2;
        parts->username.len = url->username_end - url->scheme_end - 2;

        if (url->password_end > url->username_end) {
            parts->password.data = href + url->username_end + 1;
            parts->password.len = url->password_end - url->username_end - 1;
        }

        parts->host.data = href + url->host_start;
        parts->host.len = url->host_end - url->host_start;

        if (url->port_end > url->host_end) {
            port = 0;

            for (i = url->host_end + 1; i < url->port_end; i++) {
                port = port * 10 + (href[i] - '0');
            }

            parts->port = port;
        }
    }

    parts->path.data = href + url->path_start;
    parts->path.len = url->query_start - url->path_start;

    if (url->fragment_start > url->query_start) {
        parts->has_query = 1;
        parts->query.data = href + url->query_start + 1;
        parts->query.len = url->fragment_start - url->query_start - 1;
    }

    if (url->len > url->fragment_start) {
        parts->has_fragment = 1;
        parts->fragment.data = href + url->fragment_start + 1;
        parts->fragment.len = url->len - url->fragment_start - 1;
    }
}


size_t
ngx_workers_url_size(const ngx_workers_url_parts_t *parts)
{
    size_t  len;

    len = parts->scheme.len + parts->username.len + parts->password.len
          + parts->host.len + parts->path.len + parts->query.len
          + parts->fragment.len;

    if (len > (size_t) 4 * NGX_WORKERS_URL_MAX_LEN - 64) {
        return 0;
    }

    return offsetof(ngx_workers_url_t, href)
           + len + sizeof("://:@:65535/.?#") - 1;
}


void
ngx_workers_url_write(const ngx_workers_url_parts_t *parts,
    ngx_workers_url_t *url)
{
    u_char  *p, *href;

    href = url->href;

    p = ngx_cpymem(href, parts->scheme.data, parts->scheme.len);
    *p++ = ':';

    url->scheme_end = p - href;
    url->type = parts->type;
    url->has_host = parts->has_host;
    url->opaque = parts->opaque;

    if (parts->has_host) {
        *p++ = '/';
        *p++ = '/';

        p = ngx_cpymem(p, parts->username.data, parts->username.len);
        url->username_end = p - href;

        if (parts->password.len) {
            *p++ = ':';
            p = ngx_cpymem(p, parts->password.data, parts->password.len);
        }

        url->password_end = p - href;

        if (ngx_workers_url_has_credentials(parts)) {
            *p++ = '@';
        }

        url->host_start = p - href;
        p = ngx_cpymem(p, parts->host.data, parts->host.len);
        url->host_end = p - href;

        if (parts->port != -1) {
            p = ngx_sprintf(p, ":%i", parts->port);
        }

        url->port_end = p - href;

    } else {
        url->username_end = url->scheme_end;
        url->password_end = url->scheme_end;
        url->host_start = url->scheme_end;
        url->host_end = url->scheme_end;
        url->port_end = url->scheme_end;

        if (!parts->opaque
            && parts->path.len >= 2
            && parts->path.data[0] == '/' && parts->path.data[1] == '/')
        {
            *p++ = '/';
            *p++ = '.';
        }
    }

    url->path_start = p - href;
    p = ngx_cpymem(p, parts->path.data, parts->path.len);

    url->query_start = p - href;

    if (parts->has_query) {
        *p++ = '?';
        p = ngx_cpymem(p, parts->query.data, parts->query.len);
    }

    url->fragment_start = p - href;

    if (parts->has_fragment) {
        *p++ = '#';
        p = ngx_cpymem(p, parts->fragment.data, parts->fragment.len);
    }

    url->len = p - href;
}


void
ngx_workers_url_get(const ngx_workers_url_t *url, ngx_workers_url_part_e part,
    ngx_str_t *value)
{
    uint32_t  start, end;

    switch (part) {

    case NGX_WORKERS_URL_PROTOCOL:
        start = 0;
        end = url->scheme_end;
        break;

    case NGX_WORKERS_URL_USERNAME:
        start = url->scheme_end + 2 * url->has_host;
        end = url->username_end;
        break;

    case NGX_WORKERS_URL_PASSWORD:
        start = url->username_end + (url->password_end > url->username_end);
        end = url->password_end;
        break;

    case NGX_WORKERS_URL_FULL_HOST:
        start = url->host_start;
        end = url->port_end;
        break;

    case NGX_WORKERS_URL_HOSTNAME:
        start = url->host_start;
        end = url->host_end;
        break;

    case NGX_WORKERS_URL_PORT:
        start = url->host_end + (url->port_end > url->host_end);
        end = url->port_end;
        break;

    case NGX_WORKERS_URL_PATHNAME:
        start = url->path_start;
        end = url->query_start;
        break;

    case NGX_WORKERS_URL_SEARCH:
        start = url->query_start;
        end = url->fragment_start;
        break;

    case NGX_WORKERS_URL_HASH:
        start = url->fragment_start;
        end = url->len;
        break;

    default: /* NGX_WORKERS_URL_HREF */
        start = 0;
        end = url->len;
        break;
    }

    /* "?" and "#" alone do not show */

    if (part >= NGX_WORKERS_URL_SEARCH && end - start == 1) {
        end = start;
    }

    value->data = (u_char *) url->href + start;
    value->len = end - start;
}


size_t
ngx_workers_url_origin(const ngx_workers_url_t *url, u_char *dst)
{
    u_char  *p;

    if (url->type == NGX_WORKERS_URL_OTHER
        || url->type == NGX_WORKERS_URL_FILE)
    {
        ngx_memcpy(dst, "null", 4);
        return 4;
    }

    p = ngx_cpymem(dst, url->href, url->scheme_end + 2);
    p = ngx_cpymem(p, url->href + url->host_start,
                   url->port_end - url->host_start);

    return p - dst;
}
