
/*
 * Copyright (C) the nginx-workers authors
 *
 * The URL parser, setters and serialiser.  An input is a URL, a base (may be
 * empty) and values for setters, each after the digit of its component; 0xff
 * stands between them.
 */


#include "fuzz.h"

#include "ngx_workers_url_parser.h"
#include "ngx_workers_utf8.h"


static ngx_int_t fuzz_url_next(const uint8_t **p, const uint8_t *end,
    ngx_str_t *value);
static ngx_workers_url_t *fuzz_url_parse(ngx_str_t *input,
    ngx_workers_url_t *base);
static ngx_workers_url_t *fuzz_url_record(ngx_workers_url_parts_t *parts);
static void fuzz_url_check(ngx_workers_url_t *url);
static ngx_uint_t fuzz_url_drive(ngx_workers_url_t *url);
static ngx_uint_t fuzz_url_equal(ngx_workers_url_t *a, ngx_workers_url_t *b);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    ngx_int_t                  rc;
    ngx_str_t                  input, value;
    const uint8_t             *p, *end;
    ngx_workers_url_t         *url, *base, *changed;
    ngx_workers_url_part_e     part;
    ngx_workers_url_parser_t  *pr;

    p = data;
    end = data + len;
    base = NULL;

    if (fuzz_url_next(&p, end, &input) != NGX_OK) {
        return 0;
    }

    if (fuzz_url_next(&p, end, &value) == NGX_OK) {

        if (value.len != 0) {
            base = fuzz_url_parse(&value, NULL);
        }

        free(value.data);
    }

    url = fuzz_url_parse(&input, base);

    free(input.data);
    free(base);

    if (url == NULL) {
        return 0;
    }

    fuzz_url_check(url);

    while (fuzz_url_next(&p, end, &value) == NGX_OK) {

        if (value.len == 0) {
            free(value.data);
            continue;
        }

        part = value.data[0] % (NGX_WORKERS_URL_HASH + 1);
        input.len = value.len - 1;
        input.data = malloc(value.len);
        ngx_memcpy(input.data, value.data + 1, input.len);
        free(value.data);

        pr = malloc(sizeof(ngx_workers_url_parser_t));
        ngx_workers_url_parser_init(pr);
        changed = NULL;

        rc = ngx_workers_url_modify(pr, url, part, &input);

        if (rc == NGX_OK) {
            changed = fuzz_url_record(&pr->parts);
        }

        fuzz_assert(rc == NGX_OK || rc == NGX_DECLINED);

        ngx_workers_url_parser_done(pr);
        free(pr);
        free(input.data);

        if (changed != NULL) {
            free(url);
            url = changed;
            fuzz_url_check(url);
        }
    }

    free(url);

    return 0;
}


/* The next part, as well-formed UTF-8 in memory of its own size. */

static ngx_int_t
fuzz_url_next(const uint8_t **p, const uint8_t *end, ngx_str_t *value)
{
    u_char         *copy;
    const uint8_t  *stop;

    if (*p > end) {
        return NGX_DONE;
    }

    for (stop = *p; stop < end && *stop != 0xff; stop++) { /* void */ }

    copy = malloc(3 * (stop - *p) + 1);
    value->len = ngx_workers_utf8_copy(copy, *p, stop - *p) - copy;
    value->data = malloc(value->len ? value->len : 1);
    ngx_memcpy(value->data, copy, value->len);
    free(copy);

    *p = stop + 1;

    return NGX_OK;
}


static ngx_workers_url_t *
fuzz_url_parse(ngx_str_t *input, ngx_workers_url_t *base)
{
    ngx_int_t                  rc;
    ngx_workers_url_t         *url;
    ngx_workers_url_parts_t    parts;
    ngx_workers_url_parser_t  *pr;

    pr = malloc(sizeof(ngx_workers_url_parser_t));
    ngx_workers_url_parser_init(pr);
    url = NULL;

    if (base != NULL) {
        ngx_workers_url_split(base, &parts);
    }

    rc = ngx_workers_url_parse(pr, input, (base != NULL) ? &parts : NULL);

    if (rc == NGX_OK) {
        url = fuzz_url_record(&pr->parts);
    }

    fuzz_assert(rc == NGX_OK || rc == NGX_DECLINED);

    ngx_workers_url_parser_done(pr);
    free(pr);

    return url;
}


static ngx_workers_url_t *
fuzz_url_record(ngx_workers_url_parts_t *parts)
{
    size_t              size;
    ngx_workers_url_t  *url;

    size = ngx_workers_url_size(parts);
    fuzz_assert(size != 0);

    url = malloc(size);
    ngx_workers_url_write(parts, url);

    return url;
}


/* What holds for every URL. */

static void
fuzz_url_check(ngx_workers_url_t *url)
{
    u_char                   *origin, *p;
    ngx_str_t                 value;
    ngx_uint_t                part;
    ngx_workers_url_t        *other;
    ngx_workers_url_parts_t   parts;

    for (p = url->href; p < url->href + url->len; p++) {
        fuzz_assert(*p >= 0x20 && *p < 0x7f);
    }

    for (part = 0; part <= NGX_WORKERS_URL_HASH; part++) {
        ngx_workers_url_get(url, part, &value);
        fuzz_assert(value.len == 0
                    || (value.data >= url->href
                        && value.data + value.len <= url->href + url->len));
    }

    origin = malloc(url->len + 4);
    fuzz_assert(ngx_workers_url_origin(url, origin) <= url->len + 4);
    free(origin);

    ngx_workers_url_split(url, &parts);
    other = fuzz_url_record(&parts);
    fuzz_assert(fuzz_url_equal(url, other));
    free(other);

    if (fuzz_url_drive(url)) {
        return;
    }

    value.data = url->href;
    value.len = url->len;
    other = fuzz_url_parse(&value, NULL);

    if (other == NULL || !fuzz_url_equal(url, other)) {
        fprintf(stderr, "\"%.*s\" is read as \"%.*s\"\n", (int) url->len,
                (char *) url->href, (other != NULL) ? (int) other->len : 4,
                (other != NULL) ? (char *) other->href : "none");
    }

    fuzz_assert(other != NULL && fuzz_url_equal(url, other));
    free(other);
}


/*
 * Whether a path is one of a drive with "|", which the standard reads as ":":
 * "http://h/c|" has it, and the setter of the scheme makes it "file://h/c|".
 */

static ngx_uint_t
fuzz_url_drive(ngx_workers_url_t *url)
{
    u_char     c;
    ngx_str_t  path;

    path.data = url->href + url->path_start;
    path.len = url->query_start - url->path_start;

    if (ngx_strncmp(url->href, "file:", 5) != 0
        || path.len < 3
        || path.data[2] != '|'
        || (path.len > 3 && path.data[3] != '/'))
    {
        return 0;
    }

    c = path.data[1] | 0x20;

    return path.data[0] == '/' && c >= 'a' && c <= 'z';
}


static ngx_uint_t
fuzz_url_equal(ngx_workers_url_t *a, ngx_workers_url_t *b)
{
    return a->len == b->len
           && a->scheme_end == b->scheme_end
           && a->username_end == b->username_end
           && a->password_end == b->password_end
           && a->host_start == b->host_start
           && a->host_end == b->host_end
           && a->port_end == b->port_end
           && a->path_start == b->path_start
           && a->query_start == b->query_start
           && a->fragment_start == b->fragment_start
           && a->type == b->type
           && a->has_host == b->has_host
           && a->opaque == b->opaque
           && ngx_memcmp(a->href, b->href, a->len) == 0;
}
