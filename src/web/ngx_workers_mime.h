
/*
 * Copyright (C) the nginx-workers authors
 *
 * MIME types: MIME Sniffing Standard, section 4, and what Fetch says about
 * the header Content-Type.  No JavaScript, no memory of its own.
 */


#ifndef _NGX_WORKERS_MIME_H_INCLUDED_
#define _NGX_WORKERS_MIME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Parts of the text that was parsed, as they stand there. */
typedef struct {
    ngx_str_t      type;
    ngx_str_t      subtype;
    ngx_str_t      params;                  /* from the first ";" on */
} ngx_workers_mime_t;


typedef struct {
    ngx_str_t      name;
    ngx_str_t      value;                   /* without its quotes */
    ngx_uint_t     quoted;                  /* it may have escapes */
} ngx_workers_mime_param_t;


/* One MIME type.  NGX_DECLINED: it is not. */
ngx_int_t ngx_workers_mime_parse(ngx_str_t *text, ngx_workers_mime_t *mime);

/*
 * The type that a Content-Type says: the last valid one, if there are several
 * between commas.  NGX_DECLINED: none.
 */
ngx_int_t ngx_workers_mime_extract(ngx_str_t *value, ngx_workers_mime_t *mime);

/* Whether it is "type/subtype", given in lower case. */
ngx_uint_t ngx_workers_mime_is(ngx_workers_mime_t *mime, const char *essence);

/*
 * The next valid parameter; *rest is a copy of mime->params and is moved on.
 * NGX_DONE: there are no more.
 */
ngx_int_t ngx_workers_mime_next(ngx_str_t *rest,
    ngx_workers_mime_param_t *param);

/* The first parameter of a lower-case name.  NGX_DECLINED: there is none. */
ngx_int_t ngx_workers_mime_find(ngx_workers_mime_t *mime, const char *name,
    ngx_workers_mime_param_t *param);

/* Where the quote at p is closed; the end: nowhere. */
u_char *ngx_workers_mime_quote(u_char *p, u_char *end);

/* Whether it is a token of HTTP, RFC 9110, 5.6.2. */
ngx_uint_t ngx_workers_mime_token(u_char *p, u_char *end);

/*
 * Copies what stood in quotes without its escapes: a backslash stands for the
 * byte behind it.  dst has room for as many bytes.  Returns the end.
 */
u_char *ngx_workers_mime_unquote(u_char *dst, ngx_str_t *quoted);

/*
 * Writes the type as the standard serializes it; dst has room for
 * NGX_WORKERS_MIME_ROOM(length of the text that was parsed).  Of parameters
 * there are at most 64.  Returns the end.
 */
u_char *ngx_workers_mime_write(u_char *dst, ngx_workers_mime_t *mime);

#define NGX_WORKERS_MIME_ROOM(len)  (3 * (len))


#endif /* _NGX_WORKERS_MIME_H_INCLUDED_ */
