
/*
 * Copyright (C) the nginx-workers authors
 *
 * Headers: Fetch Standard, section 5.1.
 */


#ifndef _NGX_WORKERS_HEADERS_H_INCLUDED_
#define _NGX_WORKERS_HEADERS_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"


typedef enum {
    NGX_WORKERS_GUARD_NONE = 0,
    NGX_WORKERS_GUARD_IMMUTABLE,
} ngx_workers_guard_e;


typedef struct {
    ngx_str_t                   name;       /* as it was first written */
    ngx_str_t                   value;      /* UTF-8 */
    uint32_t                    hash;       /* of the lower-case name */
} ngx_workers_header_t;


/*
 * A header list in the order it was written; js_malloc'ed, and so is what it
 * holds.  Names and values lie in one arena and move when an entry is added.
 */
typedef struct {
    ngx_workers_header_t       *elts;
    ngx_uint_t                  nelts;
    ngx_uint_t                  nalloc;
    u_char                     *data;       /* arena of the bytes, or NULL */
    size_t                      used;
    size_t                      size;
    ngx_workers_guard_e         guard;
} ngx_workers_headers_t;


extern ngx_workers_class_t  ngx_workers_headers_class;
extern ngx_workers_web_t    ngx_workers_headers_web;


/* A list without entries and without an object; NULL: exception pending. */
ngx_workers_headers_t *ngx_workers_headers_create(JSContext *cx);
void ngx_workers_headers_destroy(JSRuntime *rt,
    ngx_workers_headers_t *headers);

/* A Headers object around a list, which it owns if this does not fail. */
JSValue ngx_workers_headers_wrap(JSContext *cx,
    ngx_workers_headers_t *headers);

/* A Headers object without entries; owned. */
JSValue ngx_workers_headers_new(JSContext *cx, ngx_workers_headers_t **headers);

/* NULL: not a Headers object.  No exception. */
ngx_workers_headers_t *ngx_workers_headers(JSValueConst v);

/*
 * Adds an entry whose name and value are known to be valid; both are copied.
 * NGX_ERROR: out of memory, exception pending.
 */
ngx_int_t ngx_workers_headers_add(JSContext *cx, ngx_workers_headers_t *headers,
    ngx_str_t *name, ngx_str_t *value);

/* Adds the entries of another list. */
ngx_int_t ngx_workers_headers_copy(JSContext *cx,
    ngx_workers_headers_t *headers, ngx_workers_headers_t *from);

/*
 * The first value of a lower-case name, borrowed until the list changes;
 * NULL: there is none.
 */
ngx_str_t *ngx_workers_headers_find(ngx_workers_headers_t *headers,
    const char *name, size_t len);

/*
 * All values of a lower-case name, as get() shows them; owned.  JS_NULL:
 * there are none.
 */
JSValue ngx_workers_headers_get(JSContext *cx, ngx_workers_headers_t *headers,
    const char *name, size_t len);

/*
 * Fills from a HeadersInit that is an object: a record, pairs, Headers.
 * NGX_ERROR: exception pending.
 */
ngx_int_t ngx_workers_headers_fill(JSContext *cx,
    ngx_workers_headers_t *headers, JSValueConst init);

/* An object of a class for a constructor; new_target may be a subclass. */
JSValue ngx_workers_new_instance(JSContext *cx, JSValueConst new_target,
    JSClassID id);


#endif /* _NGX_WORKERS_HEADERS_H_INCLUDED_ */
