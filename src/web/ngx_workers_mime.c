
/*
 * Copyright (C) the nginx-workers authors
 *
 * MIME types: parsing and serializing, MIME Sniffing Standard, sections 4.4
 * and 4.5, and Fetch Standard, section 2.2.2, "extract a MIME type".
 */


#include "ngx_workers_mime.h"


#define NGX_WORKERS_MIME_PARAMS  64


static ngx_uint_t ngx_workers_mime_text(u_char *p, u_char *end);
static u_char *ngx_workers_mime_write_value(u_char *dst,
    ngx_workers_mime_param_t *param);


#define ngx_workers_mime_space(c)                                             \
    ((c) == ' ' || (c) == '\t' || (c) == CR || (c) == LF)


/* Characters of a token, RFC 9110, 5.6.2, by the bit. */
static uint32_t  ngx_workers_mime_tokens[] = {
    0x00000000,
    0x03ff6cfa, /* 0000 0011 1111 1111  0110 1100 1111 1010 */
                /* ?>=< ;:98 7654 3210  /.-, +*)( '&%$ #"!  */
    0xc7fffffe, /* 1100 0111 1111 1111  1111 1111 1111 1110 */
                /* _^]\ [ZYX WVUT SRQP  ONML KJIH GFED CBA@ */
    0x57ffffff, /* 0101 0111 1111 1111  1111 1111 1111 1111 */
                /*  ~}| {zyx wvut srqp  onml kjih gfed cba` */
    0x00000000,
    0x00000000,
    0x00000000,
    0x00000000
};


ngx_int_t
ngx_workers_mime_extract(ngx_str_t *value, ngx_workers_mime_t *mime)
{
    u_char              *p, *end;
    ngx_int_t            rc;
    ngx_str_t            one;
    ngx_workers_mime_t   parsed;

    p = value->data;
    end = p + value->len;

    one.data = p;
    rc = NGX_DECLINED;

    for ( ;; ) {

        if (p < end && *p != ',') {

            if (*p == '"') {
                p = ngx_workers_mime_quote(p, end);
            }

            p += (p < end);
            continue;
        }

        one.len = p - one.data;

        if (ngx_workers_mime_parse(&one, &parsed) == NGX_OK
            && !ngx_workers_mime_is(&parsed, "*/*"))
        {
            *mime = parsed;
            rc = NGX_OK;
        }

        if (p == end) {
            return rc;
        }

        one.data = ++p;
    }
}


ngx_int_t
ngx_workers_mime_parse(ngx_str_t *text, ngx_workers_mime_t *mime)
{
    u_char  *p, *end, *slash, *last;

    p = text->data;
    end = p + text->len;

    while (p < end && ngx_workers_mime_space(*p)) {
        p++;
    }

    while (p < end && ngx_workers_mime_space(end[-1])) {
        end--;
    }

    last = ngx_strlchr(p, end, ';');
    if (last == NULL) {
        last = end;
    }

    mime->params.data = last;
    mime->params.len = end - last;

    slash = ngx_strlchr(p, last, '/');
    if (slash == NULL) {
        return NGX_DECLINED;
    }

    while (last > slash && ngx_workers_mime_space(last[-1])) {
        last--;
    }

    if (!ngx_workers_mime_token(p, slash)
        || !ngx_workers_mime_token(slash + 1, last))
    {
        return NGX_DECLINED;
    }

    mime->type.data = p;
    mime->type.len = slash - p;
    mime->subtype.data = slash + 1;
    mime->subtype.len = last - (slash + 1);

    return NGX_OK;
}


u_char *
ngx_workers_mime_quote(u_char *p, u_char *end)
{
    for (p++; p < end && *p != '"'; p++) {

        if (*p == '\\' && p + 1 < end) {
            p++;
        }
    }

    return p;
}


ngx_uint_t
ngx_workers_mime_is(ngx_workers_mime_t *mime, const char *essence)
{
    size_t   len;
    u_char  *p;

    p = (u_char *) essence;
    len = mime->type.len;

    return ngx_strlen(essence) == len + 1 + mime->subtype.len
           && ngx_strncasecmp(mime->type.data, p, len) == 0
           && p[len] == '/'
           && ngx_strncasecmp(mime->subtype.data, p + len + 1,
                              mime->subtype.len)
              == 0;
}


ngx_int_t
ngx_workers_mime_next(ngx_str_t *rest, ngx_workers_mime_param_t *param)
{
    u_char  *p, *end, *last, *start;

    p = rest->data;
    end = p + rest->len;

    while (p < end) {

        /* at a semicolon */

        for (p++; p < end && ngx_workers_mime_space(*p); p++) { /* void */ }

        start = p;

        while (p < end && *p != ';' && *p != '=') {
            p++;
        }

        if (p == end || *p == ';') {
            continue;
        }

        param->name.data = start;
        param->name.len = p++ - start;
        param->quoted = (p < end && *p == '"');

        if (param->quoted) {
            param->value.data = p + 1;

            last = ngx_workers_mime_quote(p, end);
            p = last;

            while (p < end && *p != ';') {
                p++;
            }

        } else {
            param->value.data = p;

            while (p < end && *p != ';') {
                p++;
            }

            for (last = p;
                 last > param->value.data && ngx_workers_mime_space(last[-1]);
                 last--)
            {
                /* void */
            }
        }

        param->value.len = last - param->value.data;

        if ((param->quoted || param->value.len != 0)
            && ngx_workers_mime_token(start, start + param->name.len)
            && ngx_workers_mime_text(param->value.data, last))
        {
            rest->data = p;
            rest->len = end - p;

            return NGX_OK;
        }
    }

    rest->len = 0;

    return NGX_DONE;
}


ngx_int_t
ngx_workers_mime_find(ngx_workers_mime_t *mime, const char *name,
    ngx_workers_mime_param_t *param)
{
    size_t     len;
    ngx_str_t  rest;

    len = ngx_strlen(name);
    rest = mime->params;

    while (ngx_workers_mime_next(&rest, param) == NGX_OK) {

        if (param->name.len == len
            && ngx_strncasecmp(param->name.data, (u_char *) name, len) == 0)
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_uint_t
ngx_workers_mime_token(u_char *p, u_char *end)
{
    if (p == end) {
        return 0;
    }

    for ( /* void */ ; p < end; p++) {

        if (!(ngx_workers_mime_tokens[*p >> 5] & (1U << (*p & 0x1f)))) {
            return 0;
        }
    }

    return 1;
}


/* What may stand in quotes. */

static ngx_uint_t
ngx_workers_mime_text(u_char *p, u_char *end)
{
    for ( /* void */ ; p < end; p++) {

        if ((*p < 0x20 && *p != '\t') || *p == 0x7f) {
            return 0;
        }
    }

    return 1;
}


u_char *
ngx_workers_mime_unquote(u_char *dst, ngx_str_t *quoted)
{
    u_char  *p, *end;

    end = quoted->data + quoted->len;

    for (p = quoted->data; p < end; p++) {

        if (*p == '\\' && p + 1 < end) {
            p++;
        }

        *dst++ = *p;
    }

    return dst;
}


u_char *
ngx_workers_mime_write(u_char *dst, ngx_workers_mime_t *mime)
{
    ngx_str_t                  rest;
    ngx_uint_t                 i, n;
    ngx_workers_mime_param_t   params[NGX_WORKERS_MIME_PARAMS], *param;

    ngx_strlow(dst, mime->type.data, mime->type.len);
    dst += mime->type.len;

    *dst++ = '/';

    ngx_strlow(dst, mime->subtype.data, mime->subtype.len);
    dst += mime->subtype.len;

    rest = mime->params;

    for (n = 0; n < NGX_WORKERS_MIME_PARAMS; n++) {
        param = &params[n];

        do {

            if (ngx_workers_mime_next(&rest, param) != NGX_OK) {
                return dst;
            }

            /* of several with one name the first counts */

            for (i = 0; i < n; i++) {

                if (params[i].name.len == param->name.len
                    && ngx_strncasecmp(params[i].name.data, param->name.data,
                                       param->name.len)
                       == 0)
                {
                    break;
                }
            }

        } while (i < n);

        *dst++ = ';';

        if (param->name.len == sizeof("boundary") - 1
            && ngx_strncasecmp(param->name.data, (u_char *) "boundary",
                               sizeof("boundary") - 1)
               == 0)
        {
            /* as the platform does, for what others expect */
            *dst++ = ' ';
        }

        ngx_strlow(dst, param->name.data, param->name.len);
        dst += param->name.len;

        *dst++ = '=';

        dst = ngx_workers_mime_write_value(dst, param);
    }

    return dst;
}


/* In quotes where it must be. */

static u_char *
ngx_workers_mime_write_value(u_char *dst, ngx_workers_mime_param_t *param)
{
    u_char     *p, *end, *start;
    ngx_uint_t  escape;

    start = dst;

    if (param->quoted) {
        dst = ngx_workers_mime_unquote(dst, &param->value);

    } else {
        dst = ngx_cpymem(dst, param->value.data, param->value.len);
    }

    if (ngx_workers_mime_token(start, dst)) {
        return dst;
    }

    /* from the end, for it only grows */

    escape = 0;

    for (p = start; p < dst; p++) {
        escape += (*p == '"' || *p == '\\');
    }

    end = dst + escape + 2;
    dst = end;

    *--dst = '"';

    while (p > start) {
        *--dst = *--p;

        if (*p == '"' || *p == '\\') {
            *--dst = '\\';
        }
    }

    *--dst = '"';

    return end;
}
