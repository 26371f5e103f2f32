
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the two files of the KV binding share.
 */


#ifndef _NGX_HTTP_WORKERS_KV_H_INCLUDED_
#define _NGX_HTTP_WORKERS_KV_H_INCLUDED_


#include "../core/ngx_http_workers_binding.h"
#include "../web/ngx_workers_usv.h"
#include "../engines/ngx_workers_store.h"


#define NGX_HTTP_WORKERS_KV_CLASS         "KvNamespace"
#define NGX_HTTP_WORKERS_KV_MAX_KEY       512
#define NGX_HTTP_WORKERS_KV_MAX_VALUE     (25 * 1024 * 1024)
#define NGX_HTTP_WORKERS_KV_MAX_METADATA  1024


/* The opaque of a KvNamespace. */
typedef struct {
    ngx_workers_store_t  *store;
    JSValue               map;              /* the Map constructor */
    JSValue               map_set;          /* Map.prototype.set */
} ngx_http_workers_kv_t;


extern ngx_workers_class_t  ngx_http_workers_kv_class;


/*
 * ToString(v), checked as a key; method is the one in error texts.  To be
 * freed with ngx_workers_usv_free() if NGX_OK.
 */
ngx_int_t ngx_http_workers_kv_key(JSContext *cx, JSValueConst v,
    const char *method, ngx_workers_usv_t *key);

/* Throws what a failed store means; returns JS_EXCEPTION. */
JSValue ngx_http_workers_kv_throw(JSContext *cx, const char *method,
    ngx_workers_store_error_e error);


/* ngx_http_workers_kv_write.c */

JSValue ngx_http_workers_kv_ext_put(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
JSValue ngx_http_workers_kv_ext_delete(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);


#endif /* _NGX_HTTP_WORKERS_KV_H_INCLUDED_ */
