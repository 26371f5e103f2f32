
/*
 * Copyright (C) the nginx-workers authors
 *
 * Where a transfer goes: to a server that a balancer chooses, if there is one
 * for its host; to an address from nginx's resolver, if there is one; else
 * where libcurl's own resolver says.
 */


#include "ngx_workers_http.h"


static ngx_int_t ngx_workers_route_server(ngx_workers_transfer_t *t);
static ngx_uint_t ngx_workers_route_is_name(ngx_str_t *host);
static ngx_int_t ngx_workers_route_resolve(ngx_workers_transfer_t *t,
    ngx_str_t *host);
static void ngx_workers_route_resolved(ngx_resolver_ctx_t *ctx);
static ngx_int_t ngx_workers_route_addresses(ngx_workers_transfer_t *t,
    ngx_resolver_ctx_t *ctx);


void
ngx_workers_route_host(ngx_workers_transfer_t *t, ngx_str_t *host)
{
    u_char  *p;

    /* "scheme://host:port/": userinfo is not in it */

    host->data = (u_char *) ngx_strstr(t->url, "://") + 3;

    p = host->data;

    if (*p == '[') {
        p = (u_char *) ngx_strchr(p, ']') + 1;

    } else {
        while (*p != '\0' && *p != ':' && *p != '/' && *p != '?') {
            p++;
        }
    }

    host->len = p - host->data;
}


ngx_int_t
ngx_workers_route(ngx_workers_transfer_t *t)
{
    ngx_str_t                 host;
    ngx_workers_http_slot_t  *slot;

    if (t->balancer.data != NULL) {
        return ngx_workers_route_server(t);
    }

    slot = t->client->slot;

    ngx_workers_route_host(t, &host);

    if (slot->balance != NULL && !t->tcp) {

        if (slot->balance(t, &host) != NGX_OK) {
            return NGX_ERROR;
        }

        if (t->balancer.data != NULL) {
            return ngx_workers_route_server(t);
        }
    }

    if (slot->resolver != NULL && ngx_workers_route_is_name(&host)) {
        return ngx_workers_route_resolve(t, &host);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_route_server(ngx_workers_transfer_t *t)
{
    u_char              *p;
    size_t               len;
    struct sockaddr     *sockaddr;
#if (NGX_HAVE_UNIX_DOMAIN)
    struct sockaddr_un  *saun;
#endif

    sockaddr = t->balancer.next(t->balancer.data);
    if (sockaddr == NULL) {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(t->pool, sizeof("::") + NGX_SOCKADDR_STRLEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    t->route.data = NULL;
    t->socket = NULL;

#if (NGX_HAVE_UNIX_DOMAIN)

    if (sockaddr->sa_family == AF_UNIX) {
        saun = (struct sockaddr_un *) sockaddr;

        (void) ngx_cpystrn(p, (u_char *) saun->sun_path, NGX_SOCKADDR_STRLEN);
        t->socket = (char *) p;

        return NGX_OK;
    }

#endif

    /* of any host and port */

    t->route.data = (char *) p;
    t->route_option = CURLOPT_CONNECT_TO;

    *p++ = ':';
    *p++ = ':';

    len = ngx_sock_ntop(sockaddr,
                        sockaddr->sa_family == AF_INET6
                        ? sizeof(struct sockaddr_in6)
                        : sizeof(struct sockaddr_in),
                        p, NGX_SOCKADDR_STRLEN, 1);
    p[len] = '\0';

    return NGX_OK;
}


ngx_uint_t
ngx_workers_route_done(ngx_workers_transfer_t *t, ngx_uint_t failed)
{
    if (t->resolving != NULL) {
        ngx_resolve_name_done(t->resolving);
        t->resolving = NULL;
    }

    return t->balancer.data != NULL
           && t->balancer.done(t->balancer.data, failed);
}


/*
 * An address needs no resolver, and localhost (RFC 6761, 6.3) no server.  A
 * host in a URL is an IPv4 address if its last label is a number (URL Standard,
 * 3.5), and has been written as one.
 */

static ngx_uint_t
ngx_workers_route_is_name(ngx_str_t *host)
{
    u_char  *p, *last;

    p = host->data + host->len;

    if (host->len == 0 || p[-1] == ']') {
        return 0;
    }

    if (host->len >= 9
        && ngx_strncasecmp(p - 9, (u_char *) "localhost", 9) == 0
        && (host->len == 9 || p[-10] == '.'))
    {
        return 0;
    }

    for (last = p; p > host->data && p[-1] >= '0' && p[-1] <= '9'; p--) {
        /* void */
    }

    return p == last || (p > host->data && p[-1] != '.');
}


static ngx_int_t
ngx_workers_route_resolve(ngx_workers_transfer_t *t, ngx_str_t *host)
{
    ngx_resolver_ctx_t  *ctx;

    ctx = ngx_resolve_start(t->client->slot->resolver, NULL);

    if (ctx == NULL || ctx == NGX_NO_RESOLVER) {
        return NGX_ERROR;
    }

    ctx->name = *host;
    ctx->handler = ngx_workers_route_resolved;
    ctx->data = t;
    ctx->timeout = t->client->slot->resolver_timeout;

    t->resolving = ctx;
    t->routing = 1;

    if (ngx_resolve_name(ctx) != NGX_OK) {
        t->resolving = NULL;
        return NGX_ERROR;
    }

    t->routing = 0;

    /* the answer may be there already */

    return (t->resolving != NULL) ? NGX_AGAIN
           : (t->route.data != NULL) ? NGX_OK : NGX_DECLINED;
}


static void
ngx_workers_route_resolved(ngx_resolver_ctx_t *ctx)
{
    ngx_int_t                rc;
    ngx_workers_transfer_t  *t;

    t = ctx->data;
    t->resolving = NULL;

    if (ctx->state != 0) {
        ngx_log_error(NGX_LOG_ERR, t->client->log, 0,
                      "%V could not be resolved (%i: %s)", &ctx->name,
                      ctx->state, ngx_resolver_strerror(ctx->state));
        rc = NGX_DECLINED;

    } else {
        rc = ngx_workers_route_addresses(t, ctx);
    }

    ngx_resolve_name_done(ctx);

    if (!t->routing) {
        ngx_workers_transfer_go(t, rc);
    }
}


/* "+host:port:address,address": the plus lets libcurl forget it. */

static ngx_int_t
ngx_workers_route_addresses(ngx_workers_transfer_t *t, ngx_resolver_ctx_t *ctx)
{
    u_char      *p, *port;
    ngx_str_t    host;
    ngx_uint_t   i;

    ngx_workers_route_host(t, &host);

    p = ngx_pnalloc(t->pool, host.len + sizeof("+::65535:")
                             + ctx->naddrs * (NGX_SOCKADDR_STRLEN + 1));
    if (p == NULL) {
        return NGX_ERROR;
    }

    t->route.data = (char *) p;
    t->route_option = CURLOPT_RESOLVE;

    port = host.data + host.len;
    p = ngx_sprintf(p, "+%V:", &host);

    if (*port == ':') {
        for (port++; *port >= '0' && *port <= '9'; port++) {
            *p++ = *port;
        }

    } else {
        p = ngx_sprintf(p, "%d",
                        ngx_strncmp(t->url, "https:", 6) == 0
                        || ngx_strncmp(t->url, "wss:", 4) == 0 ? 443 : 80);
    }

    for (i = 0; i < ctx->naddrs; i++) {
        *p++ = (i == 0) ? ':' : ',';
        p += ngx_sock_ntop(ctx->addrs[i].sockaddr, ctx->addrs[i].socklen, p,
                           NGX_SOCKADDR_STRLEN, 0);
    }

    *p = '\0';

    return NGX_OK;
}
