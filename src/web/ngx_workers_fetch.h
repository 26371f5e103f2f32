
/*
 * Copyright (C) the nginx-workers authors
 *
 * Request and Response: Fetch Standard, sections 5.4 and 5.5.
 */


#ifndef _NGX_WORKERS_FETCH_H_INCLUDED_
#define _NGX_WORKERS_FETCH_H_INCLUDED_


#include "ngx_workers_body.h"
#include "ngx_workers_headers.h"
#include "ngx_workers_websocket.h"


/*
 * The request that an invocation serves, before JavaScript has asked for its
 * parts: each hook is called at most once, in JavaScript, while data lives.
 * The structure itself lives as long.
 */
typedef struct ngx_workers_incoming_s  ngx_workers_incoming_t;

struct ngx_workers_incoming_s {
    ngx_str_t     method;                   /* lives as long as data */
    JSValue     (*url)(JSContext *cx, void *data);
    ngx_int_t   (*headers)(JSContext *cx, void *data,
                           ngx_workers_headers_t *headers);
    JSValue     (*cf)(JSContext *cx, void *data);      /* undefined: none */
    JSValue     (*signal)(JSContext *cx, void *data);  /* an AbortSignal */
    ngx_workers_source_t  *(*body)(void *data);        /* NULL: out of memory */

    /*
     * data is about to go: a copy, without signal, body and keep, that lives
     * until it is freed, by js_free_rt().  NULL: out of memory; no exception.
     */
    ngx_workers_incoming_t  *(*keep)(JSRuntime *rt, void *data);

    void         *data;
    unsigned      has_body:1;               /* body is not null */
};


/*
 * What a Request holds.  Parts of an incoming one are there once they were
 * asked for: use the functions below.
 */
typedef struct ngx_workers_request_s  ngx_workers_request_t;

struct ngx_workers_request_s {
    ngx_workers_incoming_t   *incoming;     /* NULL: constructed */
    ngx_workers_request_t   **owner;        /* cleared with the object; NULL:
                                               incoming, if any, is its own */

    ngx_str_t                 method;       /* normalised; static, the
                                               incoming one's, or allocated */
    void                     *method_alloc;
    JSValue                   url;          /* string; undefined: not asked */
    ngx_workers_headers_t    *headers;      /* NULL: not asked, or none */
    JSValue                   headers_object;
    ngx_workers_body_t        body;
    JSValue                   cf;           /* undefined: none */
    JSValue                   cf_from;      /* a Request whose cf to copy when
                                               asked, or undefined */
    JSValue                   signal;       /* undefined: not asked, and the
                                               init had none */
    JSValue                   fetcher;      /* null: none */
    ngx_uint_t                cache;        /* NGX_WORKERS_CACHE_... */

    unsigned                  manual:1;     /* redirect: "manual" */
    unsigned                  got_cf:1;
    unsigned                  got_headers:1;
    unsigned                  response_manual:1;  /* encodeResponseBody */
};


/* Dictionaries, as error texts name them. */
#define NGX_WORKERS_REQUEST_INIT   "RequestInitializerDict"
#define NGX_WORKERS_RESPONSE_INIT  "InitializerDict"


enum {
    NGX_WORKERS_CACHE_NONE = 0,
    NGX_WORKERS_CACHE_NO_STORE,
    NGX_WORKERS_CACHE_NO_CACHE,
    NGX_WORKERS_CACHE_RELOAD
};


/*
 * A Request for the handler; owned.  *request is cleared when the object is
 * collected before ngx_workers_request_detach().
 */
JSValue ngx_workers_request_incoming(JSContext *cx,
    ngx_workers_incoming_t *incoming, ngx_workers_request_t **request);

/*
 * The incoming request ends while the script still holds the object: its
 * parts are copied, a body not read is gone.
 */
void ngx_workers_request_detach(JSRuntime *rt, ngx_workers_request_t *request);

/* NULL: not a Request.  No exception. */
ngx_workers_request_t *ngx_workers_request(JSValueConst v);

/* new Request(input, init), owned; for fetch() and the like. */
JSValue ngx_workers_request_construct(JSContext *cx, JSValueConst input,
    JSValueConst init);

/* The URL as a string; borrowed.  JS_EXCEPTION on failure. */
JSValueConst ngx_workers_request_url(JSContext *cx,
    ngx_workers_request_t *request);

/* NGX_ERROR: exception pending; *headers is NULL if there are none. */
ngx_int_t ngx_workers_request_headers(JSContext *cx,
    ngx_workers_request_t *request, ngx_workers_headers_t **headers);

/* undefined: none; borrowed.  JS_EXCEPTION on failure. */
JSValueConst ngx_workers_request_cf(JSContext *cx,
    ngx_workers_request_t *request);


/*
 * The headers of a response that never had but the Content-Type of its body
 * are that string alone, and no list.
 */
typedef struct {
    ngx_uint_t               status;        /* 0: Response.error() */
    ngx_str_t                status_text;   /* empty: the default one */
    void                    *status_text_alloc;
    ngx_str_t                content_type;  /* only while headers is NULL;
                                               empty: no headers at all */
    void                    *content_type_alloc;
    ngx_workers_headers_t   *headers;       /* NULL: see content_type */
    JSValue                  headers_object;   /* undefined: not asked */
    ngx_workers_body_t       body;
    JSValue                  cf;            /* undefined: none */
    JSValue                  web_socket;    /* null: none */
    ngx_workers_websocket_t *websocket;     /* its end, which it holds */
    JSValue                  url;           /* string, for fetch(); undefined */
    unsigned                 error:1;       /* Response.error() */
    unsigned                 redirected:1;
    unsigned                 encode_manual:1;
} ngx_workers_response_t;


/* A copy of an init's cf; exception if v is no object: dict is the init's. */
JSValue ngx_workers_fetch_copy_cf(JSContext *cx, JSValueConst v,
    const char *dict);

/*
 * Fills a list, which is made, from the member "headers" of an init.
 * NGX_ERROR: exception pending; the list may be there.
 */
ngx_int_t ngx_workers_fetch_init_headers(JSContext *cx,
    ngx_workers_headers_t **headers, JSValueConst v, const char *dict);

/* Throws that a member of an init is of the wrong type. */
JSValue ngx_workers_fetch_throw_member(JSContext *cx, const char *member,
    const char *dict, const char *type);

/*
 * The serialised form of a URL in a string or URL object, as a string;
 * undefined: not a valid URL.
 */
JSValue ngx_workers_fetch_parse_url(JSContext *cx, JSValueConst v);


/*
 * What a method fetch() of an object of a class does with its arguments, by the
 * client of slot: a promise, or JS_EXCEPTION.
 */
struct ngx_workers_http_slot_s;

JSValue ngx_workers_fetch(JSContext *cx, struct ngx_workers_http_slot_s *slot,
    const char *class, int argc, JSValueConst *argv);

/* The same for a Request; it never looks into the cache. */
JSValue ngx_workers_fetch_plain(JSContext *cx,
    struct ngx_workers_http_slot_s *slot, JSValueConst request);

/* Whether the request's cf asks for the cache, and there is one. */
ngx_uint_t ngx_workers_fetch_cache_wanted(JSContext *cx,
    ngx_workers_request_t *request);

/* fetch() of such a Request: a promise, or JS_EXCEPTION. */
JSValue ngx_workers_fetch_cached(JSContext *cx, JSValueConst request);

/* fetch() of a "data:" URL: a promise, or JS_EXCEPTION. */
JSValue ngx_workers_fetch_data(JSContext *cx, ngx_workers_request_t *request,
    ngx_str_t *url);


/* NULL: not a Response.  No exception. */
ngx_workers_response_t *ngx_workers_response(JSValueConst v);

/* What clone() gives (section 5.5); owned. */
JSValue ngx_workers_response_clone(JSContext *cx,
    ngx_workers_response_t *response);

/* A Response to be filled: status 200, nothing else; owned. */
JSValue ngx_workers_response_new(JSContext *cx,
    ngx_workers_response_t **response);

/* The same with all of another one, but its body and URL; owned. */
JSValue ngx_workers_response_copy(JSContext *cx, ngx_workers_response_t *from,
    ngx_workers_response_t **response);

/* The header list, made if there is none; NULL: exception pending. */
ngx_workers_headers_t *ngx_workers_response_headers(JSContext *cx,
    ngx_workers_response_t *response);


extern ngx_workers_class_t  ngx_workers_request_class;
extern ngx_workers_class_t  ngx_workers_response_class;
extern ngx_workers_web_t    ngx_workers_request_web;
extern ngx_workers_web_t    ngx_workers_response_web;


#endif /* _NGX_WORKERS_FETCH_H_INCLUDED_ */
