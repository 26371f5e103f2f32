
/*
 * Copyright (C) the nginx-workers authors
 *
 * Where scripts may connect to: rules of addresses and names.
 */


#ifndef _NGX_WORKERS_OUTBOUND_H_INCLUDED_
#define _NGX_WORKERS_OUTBOUND_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    ngx_str_t    host;                      /* in lower case; with a dot before
                                               it: what ends so; empty: none */
    ngx_cidr_t   cidr;                      /* family 0: none */
    unsigned     all:1;
    unsigned     allow:1;
} ngx_workers_outbound_t;


/*
 * A rule's text: "all", an address with or without a prefix, a host name or
 * "*.name".  value is written to.  NGX_ERROR: it is none of these.
 */
ngx_int_t ngx_workers_outbound_parse(ngx_str_t *value,
    ngx_workers_outbound_t *rule);

/*
 * Whether a connection to host, a name or an address as it stands in a URL,
 * may go to an address: what the first rule says that matches either, and yes
 * if none does.
 */
ngx_uint_t ngx_workers_outbound_allowed(ngx_array_t *rules, ngx_str_t *host,
    struct sockaddr *sockaddr);


#endif /* _NGX_WORKERS_OUTBOUND_H_INCLUDED_ */
