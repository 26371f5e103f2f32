
/*
 * Copyright (C) the nginx-workers authors
 *
 * URL and URLSearchParams: URL Standard, section 6.
 */


#ifndef _NGX_WORKERS_URL_H_INCLUDED_
#define _NGX_WORKERS_URL_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"
#include "ngx_workers_url_parser.h"


extern ngx_workers_class_t  ngx_workers_url_class;
extern ngx_workers_class_t  ngx_workers_url_params_class;


/*
 * Parses well-formed UTF-8, such as that of ngx_workers_usv(); base may be
 * NULL.  *url is js_malloc'ed: its serialised form is url->len bytes at
 * url->href, its components come from ngx_workers_url_get().  NGX_DECLINED:
 * not a valid URL, no exception.  NGX_ERROR: exception pending.
 */
ngx_int_t ngx_workers_url_create(JSContext *cx, ngx_str_t *input,
    ngx_str_t *base, ngx_workers_url_t **url);

/* The record of a URL object, borrowed until it changes; NULL: v is none. */
ngx_workers_url_t *ngx_workers_url(JSValueConst v);

/* The serialised list of a URLSearchParams object; NGX_DECLINED: v is none. */
ngx_int_t ngx_workers_url_params_serialize(JSContext *cx, JSValueConst v,
    ngx_str_t *value);                      /* js_malloc'ed */

/*
 * The pairs of an application/x-www-form-urlencoded form: an array of
 * [name, value].
 */
JSValue ngx_workers_url_params_pairs(JSContext *cx, ngx_str_t *form);


/* Between the two classes. */

typedef struct ngx_workers_url_object_s  ngx_workers_url_object_t;
typedef struct ngx_workers_url_params_s  ngx_workers_url_params_t;

/* The list of a URL's query; owned. */
JSValue ngx_workers_url_params_of(JSContext *cx, ngx_workers_url_object_t *uo,
    ngx_str_t *query, ngx_workers_url_params_t **params);

/* The URL's query has changed. */
ngx_int_t ngx_workers_url_params_reset(JSContext *cx,
    ngx_workers_url_params_t *params, ngx_str_t *query);

/* The URL is no more. */
void ngx_workers_url_params_detach(ngx_workers_url_params_t *params);

/* The list has changed: query is its serialised form. */
ngx_int_t ngx_workers_url_set_query(JSContext *cx,
    ngx_workers_url_object_t *uo, ngx_str_t *query);

/* The list is no more. */
void ngx_workers_url_forget_params(ngx_workers_url_object_t *uo);


#endif /* _NGX_WORKERS_URL_H_INCLUDED_ */
