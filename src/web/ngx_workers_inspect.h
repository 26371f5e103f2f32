
/*
 * Copyright (C) the nginx-workers authors
 *
 * Values as text for people, on behalf of console.
 */


#ifndef _NGX_WORKERS_INSPECT_H_INCLUDED_
#define _NGX_WORKERS_INSPECT_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"


#define NGX_WORKERS_INSPECT_DEPTH  16


typedef struct {
    JSContext     *cx;

    u_char        *data;                   /* ngx_alloc'ed, or NULL */
    size_t         len;
    size_t         size;
    size_t         max;                    /* what is longer is cut */

    JSValue        path[NGX_WORKERS_INSPECT_DEPTH];   /* borrowed */
    ngx_uint_t     npath;
    ngx_uint_t     depth;                  /* how deep objects are shown */

    unsigned       full:1;
    unsigned       fatal:1;                /* an exception is pending */
} ngx_workers_inspect_t;


/* Appends text. */
void ngx_workers_inspect_put(ngx_workers_inspect_t *in, const void *data,
    size_t len);

#define ngx_workers_inspect_str(in, text)                                     \
    ngx_workers_inspect_put(in, text, sizeof(text) - 1)

/* Appends a value; a string is written as it is if raw. */
void ngx_workers_inspect(ngx_workers_inspect_t *in, JSValueConst v,
    ngx_uint_t raw);

/*
 * Appends arguments as console.log() has them: with format specifiers if the
 * first is a string (Console Standard, section 2.2).  What a script's code
 * throws meanwhile is swallowed, unless it is that a limit broke (fatal).
 */
void ngx_workers_inspect_arguments(ngx_workers_inspect_t *in, int argc,
    JSValueConst *argv);


#endif /* _NGX_WORKERS_INSPECT_H_INCLUDED_ */
