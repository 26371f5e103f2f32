
/*
 * Copyright (C) the nginx-workers authors
 *
 * Rules of HTTP caching, without JavaScript: RFC 9110 and RFC 9111, as far as
 * the platform keeps to them, and where it does otherwise, as it does.
 */


#ifndef _NGX_WORKERS_CACHE_H_INCLUDED_
#define _NGX_WORKERS_CACHE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Of a Cache-Control field; as JavaScript would see it: 0 is a value. */
typedef struct {
    double         seconds;                /* 0 if it is no number */
    unsigned       set:1;                  /* there, and not empty */
} ngx_workers_cache_directive_t;


typedef enum {
    NGX_WORKERS_CC_NO_STORE = 0,
    NGX_WORKERS_CC_NO_CACHE,
    NGX_WORKERS_CC_PRIVATE,
    NGX_WORKERS_CC_PUBLIC,
    NGX_WORKERS_CC_MAX_AGE,
    NGX_WORKERS_CC_S_MAXAGE,
    NGX_WORKERS_CC_IMMUTABLE,
    NGX_WORKERS_CC_MUST_REVALIDATE,
    NGX_WORKERS_CC_PROXY_REVALIDATE,
    NGX_WORKERS_CC_STALE_IF_ERROR,
    NGX_WORKERS_CC_STALE_WHILE_REVALIDATE,
    NGX_WORKERS_CC_N
} ngx_workers_cache_directive_e;


/* What decides for how long a response is fresh; times in ms, or NaN. */
typedef struct {
    ngx_uint_t                      status;
    ngx_workers_cache_directive_t   cc[NGX_WORKERS_CC_N];
    double                          now;
    double                          date;
    double                          expires;
    double                          last_modified;
    double                          age;            /* s, of the field */
    unsigned                        has_expires:1;  /* not empty */
    unsigned                        authorized:1;   /* the request is */
} ngx_workers_cache_policy_t;


/* The first byte and the one behind the last. */
typedef struct {
    off_t          start;
    off_t          end;
} ngx_workers_cache_range_t;


/* Fields of a request; data is NULL where there is none. */
typedef struct {
    ngx_str_t      range;
    ngx_str_t      if_none_match;
    ngx_str_t      if_modified_since;
} ngx_workers_cache_conditions_t;


/* The head of an entry. */
#define NGX_WORKERS_CACHE_LENGTH  1         /* the body's was known */
#define NGX_WORKERS_CACHE_MANUAL  2         /* encodeBody: "manual" */

#define NGX_WORKERS_CACHE_FIELD   6         /* bytes in front of a name */

typedef struct {
    ngx_uint_t                 status;
    ngx_uint_t                 flags;
    ngx_str_t                  fields;
    ngx_str_t                  content_type;
    ngx_str_t                  etag;
    ngx_str_t                  last_modified;
    ngx_uint_t                 coded;       /* the server would decode it */
} ngx_workers_cache_view_t;


/* ngx_workers_cache_rules.c */

/* Reads a Cache-Control field into cc[NGX_WORKERS_CC_N], all of it. */
void ngx_workers_cache_control(ngx_str_t *value,
    ngx_workers_cache_directive_t *cc);

/* parseInt(value, 10), but that what is no number is 0. */
double ngx_workers_cache_number(ngx_str_t *value);

/* ms, from now, 0 included: it is stale.  -1: it must not be stored. */
double ngx_workers_cache_ttl(ngx_workers_cache_policy_t *policy);

/*
 * The ranges of length bytes that a Range field asks for, in its order; there
 * is room for one more than the field has commas.  NGX_DECLINED: all of it;
 * NGX_ERROR: they cannot be satisfied.
 */
ngx_int_t ngx_workers_cache_ranges(ngx_str_t *value, off_t length,
    ngx_workers_cache_range_t *ranges, ngx_uint_t *n);

/* Whether the answer is 304; etag and last_modified may be empty. */
ngx_uint_t ngx_workers_cache_not_modified(ngx_workers_cache_conditions_t *c,
    ngx_str_t *etag, ngx_str_t *last_modified);

/* Takes leading and trailing spaces and tabs away. */
void ngx_workers_cache_trim(ngx_str_t *s);


/* ngx_workers_cache_fields.c */

/* Whether a field has a name, which is given in small letters. */
ngx_uint_t ngx_workers_cache_is(ngx_str_t *name, const char *other);

/* Writes a field and returns its end. */
u_char *ngx_workers_cache_put_field(u_char *p, ngx_str_t *name,
    ngx_str_t *value);

/* Takes away the warnings at the beginning that are about a cache: "1..". */
void ngx_workers_cache_warnings(ngx_str_t *value);

/*
 * Takes the first of fields.  NGX_DECLINED: that was all.  NGX_ERROR: it makes
 * no sense.
 */
ngx_int_t ngx_workers_cache_next(ngx_str_t *fields, ngx_str_t *name,
    ngx_str_t *value);

/* Looks through a head, of which the view shows parts.  NGX_ERROR: as above. */
ngx_int_t ngx_workers_cache_view(ngx_str_t *head,
    ngx_workers_cache_view_t *view);


#endif /* _NGX_WORKERS_CACHE_H_INCLUDED_ */
