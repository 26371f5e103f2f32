
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the files of the Cache API share.
 */


#ifndef _NGX_WORKERS_CACHE_API_H_INCLUDED_
#define _NGX_WORKERS_CACHE_API_H_INCLUDED_


#include "ngx_workers_cache.h"
#include "ngx_workers_fetch.h"
#include "ngx_workers_usv.h"
#include "../engines/ngx_workers_cache_store.h"


/* A Cache: what its keys begin with. */
typedef struct {
    size_t                   len;
    u_char                   prefix[1];
} ngx_workers_cache_t;


/* The key of an entry: "d" or "n" and the cache's name, a null byte, a URL. */
typedef struct {
    ngx_str_t                key;           /* allocated; NULL: not made */
    ngx_workers_request_t   *request;       /* NULL: a string was given */
    JSValue                  url;
} ngx_workers_cache_key_t;


/* A response to be stored; the head is allocated, NULL: it is not. */
typedef struct {
    ngx_str_t                head;
    double                   ttl;           /* ms */
} ngx_workers_cache_head_t;


/* ngx_workers_cache_key.c */

/*
 * Reads a Request, or what is a URL: key->url and key->request.  NGX_ERROR: an
 * exception is pending.  The key is to be freed in any case.
 */
ngx_int_t ngx_workers_cache_key(JSContext *cx, JSValueConst v,
    ngx_workers_cache_key_t *key);

ngx_uint_t ngx_workers_cache_is_get(ngx_workers_cache_key_t *key);

/* Makes key->key; NGX_ERROR: exception pending, such as for a wrong URL. */
ngx_int_t ngx_workers_cache_key_bytes(JSContext *cx,
    ngx_workers_cache_t *cache, ngx_workers_cache_key_t *key);

void ngx_workers_cache_key_free(JSContext *cx, ngx_workers_cache_key_t *key);

/* A request's, or none for NULL; copies. */
ngx_int_t ngx_workers_cache_conditions(JSContext *cx,
    ngx_workers_request_t *request, ngx_workers_cache_conditions_t *c);
void ngx_workers_cache_conditions_free(ngx_workers_cache_conditions_t *c);

/*
 * ngx_workers_cache_head.c: the head of an entry, which is its status and
 * header fields.
 */

/*
 * Whether and for how long a response may be stored, and its head; length is
 * that of its body, -1 if it is not known.  NGX_DECLINED: it may not.
 * NGX_ERROR: exception pending.
 */
ngx_int_t ngx_workers_cache_head(JSContext *cx,
    ngx_workers_response_t *response, ngx_workers_request_t *request,
    off_t length, ngx_workers_cache_head_t *head);

/*
 * The Response that an entry is for a request with such conditions; owned.
 * It takes the entry's file.  JS_UNDEFINED: the head makes no sense.
 */
JSValue ngx_workers_cache_response(JSContext *cx,
    ngx_workers_cache_entry_t *entry, ngx_workers_cache_conditions_t *c);

/*
 * ngx_workers_cache_put.c.  The key, whose URL is valid, is used up, and so is
 * the response's body.  A promise, or JS_EXCEPTION.
 */
JSValue ngx_workers_cache_store_response(JSContext *cx,
    ngx_workers_cache_key_t *key, ngx_workers_response_t *response,
    ngx_workers_body_t *body, off_t length);


#endif /* _NGX_WORKERS_CACHE_API_H_INCLUDED_ */
