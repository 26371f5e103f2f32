
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the cache reads: fields of requests and responses, and files.  An
 * input is a byte that says which, and that.
 */


#include "fuzz.h"

#include "ngx_workers_cache.h"
#include "../engines/ngx_workers_cache_store.h"

#include <math.h>


static void fuzz_cache_control(ngx_str_t *s);
static void fuzz_cache_ranges(ngx_str_t *s, off_t length);
static void fuzz_cache_conditions(ngx_str_t *s);
static void fuzz_cache_head(ngx_str_t *s);
static void fuzz_cache_record(ngx_str_t *s, ngx_uint_t seal);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t    mode;
    ngx_str_t  s, cut;

    if (len == 0) {
        return 0;
    }

    mode = *data++;
    len--;

    s.len = len;
    s.data = malloc(len ? len : 1);         /* ends where it ends */
    ngx_memcpy(s.data, data, len);

    switch (mode % 8) {

    case 0:
        fuzz_cache_control(&s);
        break;

    case 1:
        fuzz_cache_ranges(&s, mode / 8);
        break;

    case 2:
        fuzz_cache_ranges(&s, (off_t) 1 << (mode / 8 + 31));
        break;

    case 3:
        fuzz_cache_conditions(&s);
        break;

    case 4:
        fuzz_cache_head(&s);
        break;

    case 5:
        cut = s;
        ngx_workers_cache_warnings(&cut);
        fuzz_assert(cut.len == 0
                    || cut.data + cut.len <= s.data + s.len);
        break;

    default:
        fuzz_cache_record(&s, mode % 8 == 6);
        break;
    }

    free(s.data);

    return 0;
}


static void
fuzz_cache_control(ngx_str_t *s)
{
    double                      ttl;
    ngx_uint_t                  i;
    ngx_workers_cache_policy_t  policy;

    static double  dates[] = { NAN, 0, 1e12, 2e12, -1e15 };

    ngx_memzero(&policy, sizeof(ngx_workers_cache_policy_t));

    ngx_workers_cache_control(s, policy.cc);

    policy.now = 1e12;
    policy.age = ngx_workers_cache_number(s);

    for (i = 0; i < 125 * 16; i++) {
        policy.status = (i & 1) ? 200 : 302;
        policy.authorized = (i >> 1) & 1;
        policy.has_expires = (i >> 2) & 1;
        policy.date = dates[i / 16 % 5];
        policy.expires = dates[i / 80 % 5];
        policy.last_modified = dates[i / 400 % 5];

        ttl = ngx_workers_cache_ttl(&policy);

        fuzz_assert(ttl == -1 || ttl >= 0);
        fuzz_assert(isfinite(ttl));

        if (policy.cc[NGX_WORKERS_CC_NO_STORE].set
            || policy.cc[NGX_WORKERS_CC_PRIVATE].set)
        {
            fuzz_assert(ttl == -1);
        }
    }
}


static void
fuzz_cache_ranges(ngx_str_t *s, off_t length)
{
    size_t                      i;
    ngx_int_t                   rc;
    ngx_uint_t                  n, room;
    ngx_workers_cache_range_t  *ranges;

    for (room = 1, i = 0; i < s->len; i++) {
        room += (s->data[i] == ',');
    }

    ranges = malloc(room * sizeof(ngx_workers_cache_range_t));

    rc = ngx_workers_cache_ranges(s, length, ranges, &n);

    fuzz_assert(rc == NGX_OK || rc == NGX_ERROR || rc == NGX_DECLINED);

    if (rc == NGX_OK) {
        fuzz_assert(n >= 1 && n <= room);

        for (i = 0; i < n; i++) {
            fuzz_assert(ranges[i].start >= 0
                        && ranges[i].start < ranges[i].end
                        && ranges[i].end <= length);
        }
    }

    free(ranges);
}


static void
fuzz_cache_conditions(ngx_str_t *s)
{
    u_char                          *p;
    ngx_str_t                        etag, modified;
    ngx_workers_cache_conditions_t   c;

    ngx_memzero(&c, sizeof(ngx_workers_cache_conditions_t));

    etag = *s;
    p = ngx_strlchr(s->data, s->data + s->len, '\n');

    if (p != NULL) {
        etag.len = p - s->data;
        c.if_none_match.data = p + 1;
        c.if_none_match.len = s->data + s->len - p - 1;
    }

    c.if_modified_since = c.if_none_match;
    modified = etag;

    (void) ngx_workers_cache_not_modified(&c, &etag, &modified);

    /* a date is that of itself */

    c.if_none_match.len = 0;
    c.if_modified_since = modified;

    if (ngx_workers_cache_not_modified(&c, &etag, &modified)) {
        ngx_workers_cache_trim(&modified);
        fuzz_assert(ngx_parse_http_time(modified.data, modified.len)
                    != NGX_ERROR);
    }
}


static void
fuzz_cache_head(ngx_str_t *s)
{
    u_char                    *p, *copy;
    ngx_int_t                  rc;
    ngx_str_t                  fields, name, value;
    ngx_workers_cache_view_t   view;

    if (ngx_workers_cache_view(s, &view) != NGX_OK) {
        return;
    }

    /* what can be read is written the same */

    copy = malloc(view.fields.len ? view.fields.len : 1);
    p = copy;
    fields = view.fields;

    while ((rc = ngx_workers_cache_next(&fields, &name, &value)) == NGX_OK) {
        fuzz_assert(name.data >= s->data
                    && value.data + value.len <= s->data + s->len);

        p = ngx_workers_cache_put_field(p, &name, &value);
    }

    fuzz_assert(rc == NGX_DECLINED);
    fuzz_assert((size_t) (p - copy) == view.fields.len);
    fuzz_assert(ngx_memcmp(copy, view.fields.data, view.fields.len) == 0);

    free(copy);
}


/* A file as it is, or with the right checksum. */

static void
fuzz_cache_record(ngx_str_t *s, ngx_uint_t seal)
{
    ngx_int_t                    rc;
    ngx_str_t                    key, head;
    ngx_workers_cache_record_t   rec;

    ngx_str_set(&key, "key");

    if (seal && s->len >= sizeof(rec) + key.len) {
        ngx_memcpy(&rec, s->data, sizeof(rec));

        head.data = s->data + sizeof(rec) + key.len;
        head.len = rec.head_len % (s->len - sizeof(rec) - key.len + 1);

        rec.body_len = s->len - sizeof(rec) - key.len - head.len;

        ngx_workers_cache_record_seal(&rec, &key, &head);

        ngx_memcpy(s->data, &rec, sizeof(rec));
        ngx_memcpy(s->data + sizeof(rec), key.data, key.len);

        rc = ngx_workers_cache_record_check(&rec, s->data, s->len, s->len,
                                            &key, 0);

        fuzz_assert(rc == (rec.expires == 0 ? NGX_DECLINED : NGX_OK));

        s->data[s->len / 2] ^= 1;
    }

    rc = ngx_workers_cache_record_check(&rec, s->data, s->len, s->len, &key,
                                        1000);

    if (rc == NGX_OK) {
        fuzz_assert(rec.key_len == key.len
                    && sizeof(rec) + rec.key_len + rec.head_len + rec.body_len
                       == s->len);
    }

    fuzz_assert(rc != NGX_AGAIN);
}
