
/*
 * Copyright (C) the nginx-workers authors
 *
 * URL records: the serialised form of parts, and parts of the serialised
 * form.
 */


#include "ngx_workers_url_host.h"


void
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
