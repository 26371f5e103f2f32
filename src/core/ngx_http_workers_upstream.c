
/*
 * Copyright (C) the nginx-workers authors
 *
 * Balancers want a request of nginx's: they take their memory from its pool,
 * ip_hash looks at its client, hash and sticky evaluate variables.  The one
 * that is made here is the request that goes to the server.
 *
 * Connections to be kept alive are libcurl's.  One that nginx kept for
 * proxy_pass, and offers, is given back.
 */


#include "ngx_http_workers_upstream.h"


typedef struct {
    ngx_http_request_t          request;
    ngx_connection_t            connection;
    ngx_http_upstream_t         upstream;
    ngx_http_upstream_conf_t    conf;
    unsigned                    held:1;     /* a server, to be let go */
} ngx_http_workers_upstream_t;


static ngx_int_t ngx_http_workers_upstream_request(
    ngx_http_workers_upstream_t *up, ngx_workers_transfer_t *t,
    ngx_str_t *host);
static ngx_int_t ngx_http_workers_upstream_fields(ngx_http_request_t *r,
    struct curl_slist *fields);
static struct sockaddr *ngx_http_workers_upstream_next(void *data);
static ngx_uint_t ngx_http_workers_upstream_done(void *data,
    ngx_uint_t failed);


ngx_http_upstream_srv_conf_t *
ngx_http_workers_upstream_find(ngx_http_workers_main_conf_t *wmcf,
    ngx_str_t *name)
{
    ngx_uint_t                      i;
    ngx_http_upstream_srv_conf_t  **uscf;

    if (wmcf->upstreams == NULL) {
        return NULL;
    }

    uscf = wmcf->upstreams->elts;

    /* those that proxy_pass makes of a host name have no such flag */

    for (i = 0; i < wmcf->upstreams->nelts; i++) {

        if ((uscf[i]->flags & NGX_HTTP_UPSTREAM_CREATE)
            && uscf[i]->host.len == name->len
            && ngx_strncasecmp(uscf[i]->host.data, name->data, name->len) == 0)
        {
            return uscf[i];
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_workers_balance(ngx_workers_transfer_t *t, ngx_str_t *host)
{
    ngx_log_t                     *log;
    ngx_http_workers_upstream_t   *up;
    ngx_http_workers_main_conf_t  *wmcf;
    ngx_http_upstream_srv_conf_t  *uscf;

    uscf = t->client->slot->upstream;

    if (uscf == NULL) {

        /* a URL with a port is that of a host */

        if (host->data[host->len] == ':') {
            return NGX_OK;
        }

        wmcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                                   ngx_http_workers_module);

        uscf = ngx_http_workers_upstream_find(wmcf, host);

        if (uscf == NULL) {
            return NGX_OK;
        }
    }

    up = ngx_pcalloc(t->pool, sizeof(ngx_http_workers_upstream_t));
    if (up == NULL) {
        return NGX_ERROR;
    }

    log = t->client->log;

    up->connection.pool = t->pool;
    up->connection.log = log;
    up->request.pool = t->pool;

    if (ngx_http_workers_upstream_request(up, t, host) != NGX_OK) {
        return NGX_ERROR;
    }

    up->upstream.conf = &up->conf;
    up->upstream.upstream = uscf;
    up->upstream.peer.log = log;
    up->upstream.peer.log_error = NGX_ERROR_ERR;
    up->upstream.peer.start_time = ngx_current_msec;

    /* so that a connection can be given back */

    up->upstream.keepalive = 1;
    up->upstream.request_body_sent = 1;

    if (uscf->peer.init(&up->request, uscf) != NGX_OK) {
        return NGX_ERROR;
    }

    t->balancer.next = ngx_http_workers_upstream_next;
    t->balancer.done = ngx_http_workers_upstream_done;
    t->balancer.data = up;

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_upstream_request(ngx_http_workers_upstream_t *up,
    ngx_workers_transfer_t *t, ngx_str_t *host)
{
    u_char                     *p;
    ngx_pool_t                 *pool;
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_conf_ctx_t        *ctx;
    ngx_http_core_main_conf_t  *cmcf;

    static struct sockaddr_in  local = { .sin_family = AF_INET };

    r = &up->request;
    c = &up->connection;
    pool = r->pool;

    ctx = (ngx_http_conf_ctx_t *) ngx_get_conf(ngx_cycle->conf_ctx,
                                               ngx_http_module);

    r->signature = NGX_HTTP_MODULE;
    r->connection = c;
    r->main = r;
    r->count = 1;
    r->upstream = &up->upstream;
    r->main_conf = ctx->main_conf;
    r->srv_conf = ctx->srv_conf;
    r->loc_conf = ctx->loc_conf;
    r->http_version = NGX_HTTP_VERSION_11;
    r->http_protocol = (ngx_str_t) ngx_string("HTTP/1.1");
    r->start_sec = ngx_time();

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    r->ctx = ngx_pcalloc(pool, sizeof(void *) * ngx_http_max_module);
    r->variables = ngx_pcalloc(pool, cmcf->variables.nelts
                                     * sizeof(ngx_http_variable_value_t));

    if (r->ctx == NULL || r->variables == NULL
        || ngx_list_init(&r->headers_out.headers, pool, 4,
                         sizeof(ngx_table_elt_t))
           != NGX_OK
        || ngx_http_workers_upstream_fields(r, t->fields) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* strings are the transfer's, which is there as long */

    r->method_name.data = (u_char *) t->method;
    r->method_name.len = ngx_strlen(t->method);

    p = host->data + host->len;

    while (*p != '\0' && *p != '/' && *p != '?') {
        p++;
    }

    r->unparsed_uri.data = p;
    r->unparsed_uri.len = ngx_strlen(p);

    r->uri = r->unparsed_uri;
    r->headers_in.server = *host;
    r->headers_in.content_length_n = -1;

    p = ngx_strlchr(r->uri.data, r->uri.data + r->uri.len, '?');

    if (p != NULL) {
        r->args.data = p + 1;
        r->args.len = r->uri.data + r->uri.len - r->args.data;
        r->uri.len = p - r->uri.data;
    }

    c->fd = (ngx_socket_t) -1;
    c->sockaddr = (struct sockaddr *) &local;
    c->socklen = sizeof(struct sockaddr_in);

    if (t->sockaddr != NULL) {
        c->sockaddr = t->sockaddr;
        c->socklen = t->socklen;
        c->addr_text = t->addr_text;
    }

    return NGX_OK;
}


/* For variables such as $http_name and $cookie_name. */

static ngx_int_t
ngx_http_workers_upstream_fields(ngx_http_request_t *r,
    struct curl_slist *fields)
{
    u_char              *line, *colon;
    ngx_table_elt_t     *h;
    struct curl_slist   *field;

    if (ngx_list_init(&r->headers_in.headers, r->pool, 8,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (field = fields; field != NULL; field = field->next) {

        line = (u_char *) field->data;
        colon = (u_char *) ngx_strchr(line, ':');

        if (colon == NULL || colon[1] != ' ') {
            continue;
        }

        h = ngx_list_push(&r->headers_in.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        h->key.data = line;
        h->key.len = colon - line;
        h->value.data = colon + 2;
        h->value.len = ngx_strlen(h->value.data);
        h->next = NULL;

        h->lowcase_key = ngx_pnalloc(r->pool, h->key.len);
        if (h->lowcase_key == NULL) {
            return NGX_ERROR;
        }

        h->hash = ngx_hash_strlow(h->lowcase_key, h->key.data, h->key.len);

        if (h->key.len == 6 && ngx_strncmp(h->lowcase_key, "cookie", 6) == 0) {
            r->headers_in.cookie = h;
        }
    }

    return NGX_OK;
}


static struct sockaddr *
ngx_http_workers_upstream_next(void *data)
{
    ngx_int_t                     rc;
    ngx_peer_connection_t        *pc;
    ngx_http_workers_upstream_t  *up = data;

    pc = &up->upstream.peer;

    rc = pc->get(pc, pc->data);

    switch (rc) {

    case NGX_OK:
        up->held = 1;
        return pc->sockaddr;

    case NGX_DONE:
        pc->free(pc, pc->data, 0);
        return pc->sockaddr;

    default:
        ngx_log_error(NGX_LOG_ERR, pc->log, 0, "no live upstreams in \"%V\"",
                      &up->upstream.upstream->host);
        return NULL;
    }
}


static ngx_uint_t
ngx_http_workers_upstream_done(void *data, ngx_uint_t failed)
{
    ngx_peer_connection_t        *pc;
    ngx_http_workers_upstream_t  *up = data;

    if (!up->held) {
        return 0;
    }

    up->held = 0;

    pc = &up->upstream.peer;

    if (failed) {
        ngx_log_error(NGX_LOG_WARN, pc->log, 0,
                      "server %V of upstream \"%V\" has failed", pc->name,
                      &up->upstream.upstream->host);
    }

    pc->free(pc, pc->data, failed ? NGX_PEER_FAILED : 0);

    return failed && pc->tries != 0;
}
