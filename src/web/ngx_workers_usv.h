
/*
 * Copyright (C) the nginx-workers authors
 *
 * USVString of WebIDL: a string as well-formed UTF-8, lone surrogates being
 * U+FFFD.
 */


#ifndef _NGX_WORKERS_USV_H_INCLUDED_
#define _NGX_WORKERS_USV_H_INCLUDED_


#include "../core/ngx_workers_js.h"


typedef struct {
    ngx_str_t      str;                     /* the bytes */
    const char    *c_string;
    u_char        *copy;                    /* if there were surrogates */
} ngx_workers_usv_t;


/*
 * ToString(v) as bytes, with a null byte behind them, which live until
 * ngx_workers_usv_free().  NGX_ERROR: an exception is pending, nothing is to
 * be freed.
 */
ngx_int_t ngx_workers_usv(JSContext *cx, JSValueConst v,
    ngx_workers_usv_t *usv);

void ngx_workers_usv_free(JSContext *cx, ngx_workers_usv_t *usv);


#endif /* _NGX_WORKERS_USV_H_INCLUDED_ */
