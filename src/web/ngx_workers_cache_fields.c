
/*
 * Copyright (C) the nginx-workers authors
 *
 * The head of an entry of the cache as bytes: a status and flags, 2 bytes
 * each, and fields: 2 bytes for the length of the name, 4 for that of the
 * value, name and value; numbers as the machine has them.
 */


#include "ngx_workers_cache.h"


ngx_uint_t
ngx_workers_cache_is(ngx_str_t *name, const char *other)
{
    return name->len == ngx_strlen(other)
           && ngx_strncasecmp(name->data, (u_char *) other, name->len) == 0;
}


u_char *
ngx_workers_cache_put_field(u_char *p, ngx_str_t *name, ngx_str_t *value)
{
    uint16_t  n;
    uint32_t  v;

    n = name->len;
    v = value->len;

    p = ngx_cpymem(p, &n, sizeof(n));
    p = ngx_cpymem(p, &v, sizeof(v));
    p = ngx_cpymem(p, name->data, name->len);

    return ngx_cpymem(p, value->data, value->len);
}


/* Leaves what is behind the last of those that begin with "1". */

void
ngx_workers_cache_warnings(ngx_str_t *value)
{
    u_char     *p, *last;
    ngx_str_t   rest;

    for ( ;; ) {
        ngx_workers_cache_trim(value);

        if (value->len < 3 || value->data[0] != '1') {
            return;
        }

        last = value->data + value->len;
        p = ngx_strlchr(value->data, last, ',');

        if (p == NULL) {
            value->len = 0;
            return;
        }

        rest.data = p + 1;
        rest.len = last - rest.data;
        *value = rest;
    }
}


ngx_int_t
ngx_workers_cache_next(ngx_str_t *fields, ngx_str_t *name, ngx_str_t *value)
{
    u_char    *p;
    uint16_t   n;
    uint32_t   v;

    if (fields->len == 0) {
        return NGX_DECLINED;
    }

    if (fields->len < NGX_WORKERS_CACHE_FIELD) {
        return NGX_ERROR;
    }

    p = fields->data;

    ngx_memcpy(&n, p, sizeof(n));
    ngx_memcpy(&v, p + sizeof(n), sizeof(v));

    p += NGX_WORKERS_CACHE_FIELD;
    fields->len -= NGX_WORKERS_CACHE_FIELD;

    if (n > fields->len || v > fields->len - n) {
        return NGX_ERROR;
    }

    name->data = p;
    name->len = n;
    value->data = p + n;
    value->len = v;

    fields->data = p + n + v;
    fields->len -= n + v;

    return NGX_OK;
}


ngx_int_t
ngx_workers_cache_view(ngx_str_t *head, ngx_workers_cache_view_t *view)
{
    uint16_t   word[2];
    ngx_int_t  rc;
    ngx_str_t  fields, name, value;

    ngx_memzero(view, sizeof(ngx_workers_cache_view_t));

    if (head->len < sizeof(word)) {
        return NGX_ERROR;
    }

    ngx_memcpy(word, head->data, sizeof(word));

    view->status = word[0];
    view->flags = word[1];
    view->fields.data = head->data + sizeof(word);
    view->fields.len = head->len - sizeof(word);

    fields = view->fields;

    for ( ;; ) {
        rc = ngx_workers_cache_next(&fields, &name, &value);

        if (rc != NGX_OK) {
            return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
        }

        switch (name.len) {

        case 4:
            if (ngx_workers_cache_is(&name, "etag")) {
                view->etag = value;
            }

            break;

        case 12:
            if (ngx_workers_cache_is(&name, "content-type")) {
                view->content_type = value;
            }

            break;

        case 13:
            if (ngx_workers_cache_is(&name, "last-modified")) {
                view->last_modified = value;
            }

            break;

        case 16:
            if (ngx_workers_cache_is(&name, "content-encoding")) {
                view->coded = !(view->flags & NGX_WORKERS_CACHE_MANUAL)
                              && (ngx_workers_cache_is(&value, "gzip")
                                  || ngx_workers_cache_is(&value, "br"));
            }

            break;
        }
    }
}
