
/*
 * Copyright (C) the nginx-workers authors
 *
 * The servers of nginx's upstream blocks, for transfers: nginx chooses, by the
 * block's method, and is told which servers fail; libcurl connects.
 */


#ifndef _NGX_HTTP_WORKERS_UPSTREAM_H_INCLUDED_
#define _NGX_HTTP_WORKERS_UPSTREAM_H_INCLUDED_


#include "ngx_http_workers.h"
#include "../engines/ngx_workers_http.h"


/* The block of a name, of those of the http block; NULL: there is none. */
ngx_http_upstream_srv_conf_t *ngx_http_workers_upstream_find(
    ngx_http_workers_main_conf_t *wmcf, ngx_str_t *name);

/* A slot's balance(): of its upstream, a block, or of that of the host. */
ngx_int_t ngx_http_workers_balance(ngx_workers_transfer_t *t, ngx_str_t *host);


#endif /* _NGX_HTTP_WORKERS_UPSTREAM_H_INCLUDED_ */
