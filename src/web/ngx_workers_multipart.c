
/*
 * Copyright (C) the nginx-workers authors
 *
 * multipart/form-data: RFC 7578 as the platform reads it.  Lines end with LF
 * or CR LF, a boundary is looked for anywhere and stands at the start of a
 * line from the second one on, parameters of Content-Disposition are quoted.
 * What is malformed is an error, never guessed.
 */


#include "ngx_workers_multipart.h"
#include "ngx_workers_mime.h"


static ngx_int_t ngx_workers_multipart_headers(ngx_workers_multipart_t *m,
    ngx_str_t *headers);
static ngx_int_t ngx_workers_multipart_header(ngx_str_t *headers,
    ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_workers_multipart_part(ngx_workers_multipart_t *m,
    ngx_str_t *headers, ngx_workers_part_t *part);
static ngx_int_t ngx_workers_multipart_disposition(ngx_workers_multipart_t *m,
    ngx_str_t *value, ngx_workers_part_t *part);
static ngx_int_t ngx_workers_multipart_param(ngx_str_t *rest, ngx_str_t *name,
    ngx_str_t *value);
static ngx_int_t ngx_workers_multipart_body(ngx_workers_multipart_t *m,
    ngx_str_t *body);
static ngx_int_t ngx_workers_multipart_fail(ngx_workers_multipart_t *m,
    const char *error);


#define ngx_workers_multipart_space(c)                                        \
    ((c) == ' ' || (c) == '\t' || (c) == CR || (c) == LF)

#define ngx_workers_multipart_word(c)                                         \
    (((c) >= 'a' && (c) <= 'z') || ((c) >= 'A' && (c) <= 'Z')                 \
     || ((c) >= '0' && (c) <= '9') || (c) == '_' || (c) == '-')

#define ngx_workers_multipart_is(s, text)                                     \
    ((s)->len == sizeof(text) - 1                                             \
     && ngx_strncasecmp((s)->data, (u_char *) text, sizeof(text) - 1) == 0)


void
ngx_workers_multipart_start(ngx_workers_multipart_t *m, ngx_str_t *body,
    ngx_str_t *mark)
{
    ngx_memzero(m, sizeof(ngx_workers_multipart_t));

    m->pos = body->data;
    m->end = body->data + body->len;
    m->mark = *mark;
}


ngx_int_t
ngx_workers_multipart_next(ngx_workers_multipart_t *m,
    ngx_workers_part_t *part)
{
    u_char     *p;
    ngx_str_t   headers;

    ngx_memzero(part, sizeof(ngx_workers_part_t));
    ngx_str_set(&part->type, "");

    if (!m->started) {
        p = memmem(m->pos, m->end - m->pos, m->mark.data + 1, m->mark.len - 1);

        if (p == NULL) {
            return ngx_workers_multipart_fail(m, "No initial boundary string "
                                        "(or you have a truncated message).");
        }

        m->pos = p + m->mark.len - 1;
        m->started = 1;
    }

    p = m->pos;

    if (m->end - p >= 2 && p[0] == '-' && p[1] == '-') {
        return NGX_DONE;
    }

    if (p == m->end) {
        return ngx_workers_multipart_fail(m, "No subsequent boundary string "
                                          "after multipart message.");
    }

    if (*p == CR) {
        p++;
    }

    if (p == m->end || *p != LF) {
        return ngx_workers_multipart_fail(m, "Boundary string was not "
                                          "succeeded by CRLF, LF, or '--'.");
    }

    m->pos = p + 1;

    if (ngx_workers_multipart_headers(m, &headers) != NGX_OK
        || ngx_workers_multipart_part(m, &headers, part) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_workers_multipart_body(m, &part->body);
}


/* Lines before an empty one, which is passed. */

static ngx_int_t
ngx_workers_multipart_headers(ngx_workers_multipart_t *m, ngx_str_t *headers)
{
    u_char  *p, *last;

    headers->data = m->pos;

    for (p = m->pos; p < m->end; /* void */ ) {
        p = memchr(p, LF, m->end - p);
        if (p == NULL) {
            break;
        }

        last = p++;

        if (p < m->end && *p == CR) {
            p++;
        }

        if (p < m->end && *p == LF) {
            headers->len = last - headers->data;
            m->pos = p + 1;

            return NGX_OK;
        }
    }

    return ngx_workers_multipart_fail(m, "No multipart message header "
                                      "termination found.");
}


static ngx_int_t
ngx_workers_multipart_part(ngx_workers_multipart_t *m, ngx_str_t *headers,
    ngx_workers_part_t *part)
{
    ngx_int_t    rc;
    ngx_str_t    name, value;
    ngx_uint_t   disposition, type;

    disposition = 0;
    type = 0;

    do {
        rc = ngx_workers_multipart_header(headers, &name, &value);

        if (rc != NGX_OK) {
            return ngx_workers_multipart_fail(m, "FormData part had invalid "
                                              "headers.");
        }

        /* the first one counts */

        if (!disposition
            && ngx_workers_multipart_is(&name, "content-disposition"))
        {
            disposition = 1;

            if (ngx_workers_multipart_disposition(m, &value, part) != NGX_OK) {
                return NGX_ERROR;
            }

        } else if (!type && ngx_workers_multipart_is(&name, "content-type")) {
            type = 1;
            part->type = value;
        }

    } while (headers->len != 0);

    if (!disposition) {
        return ngx_workers_multipart_fail(m, "No valid Content-Disposition "
                                          "header found in FormData part.");
    }

    return NGX_OK;
}


/* The first line of headers, and lines that go on with it. */

static ngx_int_t
ngx_workers_multipart_header(ngx_str_t *headers, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char  *p, *end, *last;

    p = headers->data;
    end = p + headers->len;

    name->data = p;

    while (p < end && *p > ' ' && *p != ':') {
        p++;
    }

    name->len = p - name->data;

    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }

    if (p == end
        || *p++ != ':'
        || !ngx_workers_mime_token(name->data, name->data + name->len))
    {
        return NGX_ERROR;
    }

    value->data = p;

    for ( /* void */ ; p < end; p++) {

        if (*p == CR && p + 1 < end && p[1] != LF) {
            return NGX_ERROR;
        }

        if (*p == '\0') {
            return NGX_ERROR;
        }

        if (*p == LF && p + 1 < end && p[1] != ' ' && p[1] != '\t') {
            break;
        }
    }

    last = p;
    p += (p < end);

    headers->data = p;
    headers->len = end - p;

    for (p = value->data; p < last && ngx_workers_multipart_space(*p); p++) {
        /* void */
    }

    while (p < last && ngx_workers_multipart_space(last[-1])) {
        last--;
    }

    value->data = p;
    value->len = last - p;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_multipart_disposition(ngx_workers_multipart_t *m, ngx_str_t *value,
    ngx_workers_part_t *part)
{
    u_char     *p, *end;
    ngx_str_t   rest, name, text;

    p = value->data;
    end = p + value->len;

    while (p < end && ngx_workers_multipart_word(*p)) {
        p++;
    }

    if (p == value->data) {
        return ngx_workers_multipart_fail(m, "Invalid Content-Disposition "
                                          "header found in FormData part.");
    }

    m->got.data = value->data;
    m->got.len = p - value->data;

    if (m->got.len != sizeof("form-data") - 1
        || ngx_memcmp(m->got.data, "form-data", sizeof("form-data") - 1) != 0)
    {
        return ngx_workers_multipart_fail(m, "Content-Disposition header for "
                                          "FormData part must have the value "
                                          "\"form-data\", possibly followed "
                                          "by parameters. Got: ");
    }

    m->got.len = 0;

    rest.data = p;
    rest.len = end - p;

    while (ngx_workers_multipart_param(&rest, &name, &text) == NGX_OK) {

        if (name.len == sizeof("name") - 1
            && ngx_strncmp(name.data, "name", name.len) == 0)
        {
            part->name = text;

        } else if (name.len == sizeof("filename") - 1
                   && ngx_strncmp(name.data, "filename", name.len) == 0)
        {
            part->filename = text;
        }
    }

    if (part->name.len == 0) {
        return ngx_workers_multipart_fail(m, "Content-Disposition header in "
                                          "FormData part is missing a name.");
    }

    return NGX_OK;
}


/* "; name="text"", text not empty; NGX_DECLINED: something else, or nothing. */

static ngx_int_t
ngx_workers_multipart_param(ngx_str_t *rest, ngx_str_t *name, ngx_str_t *value)
{
    u_char      *p, *end;
    ngx_uint_t   i;
    static const u_char  marks[] = ";n=\"";

    p = rest->data;
    end = p + rest->len;

    for (i = 0; marks[i] != '\0'; i++) {

        while (p < end && ngx_workers_multipart_space(*p)) {
            p++;
        }

        if (marks[i] == 'n') {
            name->data = p;

            while (p < end && ngx_workers_multipart_word(*p)) {
                p++;
            }

            name->len = p - name->data;

            if (name->len == 0) {
                return NGX_DECLINED;
            }

            continue;
        }

        if (p == end || *p != marks[i]) {
            return NGX_DECLINED;
        }

        p++;
    }

    value->data = p;

    p = ngx_workers_mime_quote(p - 1, end);
    if (p == value->data || p == end) {
        return NGX_DECLINED;
    }

    value->len = p - value->data;

    rest->data = ++p;
    rest->len = end - p;

    return NGX_OK;
}


/* Up to a line that starts with the boundary, which is passed. */

static ngx_int_t
ngx_workers_multipart_body(ngx_workers_multipart_t *m, ngx_str_t *body)
{
    u_char  *p;

    p = memmem(m->pos, m->end - m->pos, m->mark.data, m->mark.len);

    if (p == NULL) {
        return ngx_workers_multipart_fail(m, "No subsequent boundary string "
                                          "after multipart message.");
    }

    body->data = m->pos;
    body->len = p - m->pos;

    if (body->len != 0 && p[-1] == CR) {
        body->len--;
    }

    m->pos = p + m->mark.len;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_multipart_fail(ngx_workers_multipart_t *m, const char *error)
{
    m->error = error;

    return NGX_ERROR;
}
