
/*
 * Copyright (C) the nginx-workers authors
 *
 * An address is judged when it is connected to, so that no name can lead to
 * one that is closed.
 */


#include "ngx_workers_outbound.h"


static ngx_uint_t ngx_workers_outbound_host(ngx_str_t *pattern,
    ngx_str_t *host);
static ngx_uint_t ngx_workers_outbound_address(ngx_cidr_t *cidr,
    struct sockaddr *sockaddr);


ngx_int_t
ngx_workers_outbound_parse(ngx_str_t *value, ngx_workers_outbound_t *rule)
{
    u_char      ch;
    ngx_uint_t  i;

    if (value->len == 3 && ngx_strncmp(value->data, "all", 3) == 0) {
        rule->all = 1;
        return NGX_OK;
    }

    if (ngx_ptocidr(value, &rule->cidr) != NGX_ERROR) {
        return NGX_OK;
    }

    ngx_memzero(&rule->cidr, sizeof(ngx_cidr_t));

    rule->host = *value;

    if (rule->host.len > 2 && rule->host.data[0] == '*'
        && rule->host.data[1] == '.')
    {
        rule->host.data++;
        rule->host.len--;
    }

    if (rule->host.len == 0) {
        return NGX_ERROR;
    }

    for (i = 0; i < rule->host.len; i++) {
        ch = ngx_tolower(rule->host.data[i]);

        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9')
              || ch == '-' || ch == '_' || ch == '.'))
        {
            return NGX_ERROR;
        }

        rule->host.data[i] = ch;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_workers_outbound_allowed(ngx_array_t *rules, ngx_str_t *host,
    struct sockaddr *sockaddr)
{
    ngx_uint_t               i;
    ngx_workers_outbound_t  *rule;

    rule = rules->elts;

    for (i = 0; i < rules->nelts; i++) {

        if (rule[i].all
            || (rule[i].host.len != 0
                && ngx_workers_outbound_host(&rule[i].host, host))
            || (rule[i].cidr.family != 0
                && ngx_workers_outbound_address(&rule[i].cidr, sockaddr)))
        {
            return rule[i].allow;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_workers_outbound_host(ngx_str_t *pattern, ngx_str_t *host)
{
    size_t  len;

    len = host->len;

    /* a name that is rooted */

    if (len != 0 && host->data[len - 1] == '.') {
        len--;
    }

    if (pattern->data[0] != '.') {
        return len == pattern->len
               && ngx_strncasecmp(host->data, pattern->data, len) == 0;
    }

    return len > pattern->len
           && ngx_strncasecmp(host->data + len - pattern->len, pattern->data,
                              pattern->len)
              == 0;
}


/* An IPv4 address that is written as one of IPv6 is that address. */

static ngx_uint_t
ngx_workers_outbound_address(ngx_cidr_t *cidr, struct sockaddr *sockaddr)
{
    u_char               *p;
    in_addr_t             addr;
    ngx_uint_t            i;
    struct in6_addr      *addr6;
    struct sockaddr_in   *sin;
    struct sockaddr_in6  *sin6;

    if (sockaddr->sa_family == AF_INET) {
        sin = (struct sockaddr_in *) sockaddr;
        addr = sin->sin_addr.s_addr;

        return cidr->family == AF_INET
               && (addr & cidr->u.in.mask) == cidr->u.in.addr;
    }

    if (sockaddr->sa_family != AF_INET6) {
        return 0;
    }

    sin6 = (struct sockaddr_in6 *) sockaddr;
    addr6 = &sin6->sin6_addr;

    if (cidr->family == AF_INET) {

        if (!IN6_IS_ADDR_V4MAPPED(addr6)) {
            return 0;
        }

        p = addr6->s6_addr + 12;
        ngx_memcpy(&addr, p, sizeof(in_addr_t));

        return (addr & cidr->u.in.mask) == cidr->u.in.addr;
    }

    for (i = 0; i < 16; i++) {
        if ((addr6->s6_addr[i] & cidr->u.in6.mask.s6_addr[i])
            != cidr->u.in6.addr.s6_addr[i])
        {
            return 0;
        }
    }

    return 1;
}
