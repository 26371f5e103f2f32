
/*
 * Copyright (C) the nginx-workers authors
 *
 * The URL Standard without JavaScript.  The basic URL parser's states are
 * functions over slices of the input, since every state ends at a delimiter
 * that can be looked for.  The host parser is in ngx_workers_url_host.c,
 * records are in ngx_workers_url_record.c.
 *
 * All output of a parse is in one arena, sized beforehand: each byte of input
 * belongs to one component and becomes three bytes at most; a path relative
 * to a base follows a copy of the base's.
 */


#include "ngx_workers_url_host.h"


typedef struct {
    const char                 *name;
    size_t                      len;
    ngx_int_t                   port;
} ngx_workers_url_scheme_t;


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

static ngx_int_t ngx_workers_url_set_protocol(ngx_workers_url_parser_t *pr,
    ngx_str_t *value);
static ngx_int_t ngx_workers_url_set_host(ngx_workers_url_parser_t *pr,
    ngx_str_t *value, ngx_uint_t with_port);
static ngx_int_t ngx_workers_url_set_port(ngx_workers_url_parser_t *pr,
    ngx_str_t *value);


const u_char  ngx_workers_url_map[256] = {
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


#define ngx_workers_url_slash(parts, c)                                       \
    ((c) == '/' || ((c) == '\\' && ngx_workers_url_special(parts)))

#define ngx_workers_url_no_authority(parts)                                   \
    ((parts)->host.len == 0 || (parts)->type == NGX_WORKERS_URL_FILE)

/* "C:" or "C|" */
#define ngx_workers_url_drive(p)                                              \
    (ngx_workers_url_is_alpha((p)[0]) && ((p)[1] == ':' || (p)[1] == '|'))


u_char *
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

        /* only an empty string takes the port away */

        if (in.len == 0 && value->len != 0) {
            return NGX_DECLINED;
        }

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
