
/*
 * Copyright (C) the nginx-workers authors
 *
 * service B upstream=<name>: fetch() that goes to the servers of an upstream
 * block, whatever the URL's host, which they get as "Host".
 */


#include "../core/ngx_http_workers_binding.h"
#include "../core/ngx_http_workers_upstream.h"
#include "../web/ngx_workers_fetcher.h"


typedef struct {
    ngx_str_t                      upstream;
    ngx_str_t                      ssl_name;
    ngx_http_upstream_srv_conf_t  *uscf;
    ngx_flag_t                     ssl;
} ngx_http_workers_service_conf_t;


static char *ngx_http_workers_service_parse(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static char *ngx_http_workers_service_check(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static ngx_int_t ngx_http_workers_service_open(ngx_http_workers_bind_t *bind,
    ngx_http_workers_process_t *process);
static void ngx_http_workers_service_close(ngx_http_workers_bind_t *bind);
static JSValue ngx_http_workers_service_env(JSContext *cx,
    ngx_http_workers_bind_t *bind);


ngx_http_workers_binding_t  ngx_http_workers_service_binding = {
    .keyword = ngx_string("service"),
    .args = NGX_CONF_2MORE,
    .parse = ngx_http_workers_service_parse,
    .check = ngx_http_workers_service_check,
    .open = ngx_http_workers_service_open,
    .close = ngx_http_workers_service_close,
    .env = ngx_http_workers_service_env,
    .classes = ngx_workers_fetcher_classes
};


static char *
ngx_http_workers_service_parse(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_str_t                         value;
    ngx_uint_t                        i;
    ngx_http_workers_service_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_workers_service_conf_t));
    if (conf == NULL) {
        return NGX_CONF_ERROR;
    }

    bind->conf = conf;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_workers_param(cf, i, "upstream", &value) == NGX_OK) {

            if (value.len == 0) {
                return ngx_http_workers_param_error(cf, i, "the name of an "
                                                    "\"upstream\" block");
            }

            conf->upstream = value;

        } else if (ngx_http_workers_param(cf, i, "ssl", &value) == NGX_OK) {

            if (value.len == 2 && ngx_strncmp(value.data, "on", 2) == 0) {
                conf->ssl = 1;

            } else if (value.len != 3
                       || ngx_strncmp(value.data, "off", 3) != 0)
            {
                return ngx_http_workers_param_error(cf, i, "\"on\" or "
                                                    "\"off\"");
            }

        } else if (ngx_http_workers_param(cf, i, "ssl_name", &value)
                   == NGX_OK)
        {
            if (value.len == 0) {
                return ngx_http_workers_param_error(cf, i, "the name in the "
                                                    "servers' certificate");
            }

            conf->ssl_name = value;

        } else {
            return ngx_http_workers_param_error(cf, i, "\"upstream=\", "
                                                "\"ssl=\" or \"ssl_name=\"");
        }
    }

    if (conf->upstream.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"service\" \"%V\" needs \"upstream=<name>\"",
                           &bind->name);
        return NGX_CONF_ERROR;
    }

    if (conf->ssl_name.len != 0 && !conf->ssl) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"ssl_name=\" of \"service\" \"%V\" needs "
                           "\"ssl=on\"", &bind->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_service_check(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_http_workers_service_conf_t  *conf;

    conf = bind->conf;

    conf->uscf = ngx_http_workers_upstream_find(bind->script->main,
                                                &conf->upstream);

    if (conf->uscf == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "service \"%V\": there is no upstream \"%V\" in %V:%ui",
                      &bind->name, &conf->upstream, &bind->file, bind->line);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* The binding is the permission: rules of "workers_outbound" do not count. */

static ngx_int_t
ngx_http_workers_service_open(ngx_http_workers_bind_t *bind,
    ngx_http_workers_process_t *process)
{
    ngx_workers_http_slot_t          *slot;
    ngx_http_workers_service_conf_t  *conf;

    conf = bind->conf;

    slot = ngx_http_workers_http_slot(process, bind->script);
    if (slot == NULL) {
        return NGX_ERROR;
    }

    slot->outbound = NULL;
    slot->upstream = conf->uscf;
    slot->name = (conf->ssl_name.len != 0) ? conf->ssl_name : conf->upstream;
    slot->tls = conf->ssl;

    bind->data = slot;

    return NGX_OK;
}


static void
ngx_http_workers_service_close(ngx_http_workers_bind_t *bind)
{
    ngx_workers_http_close(bind->data);
}


static JSValue
ngx_http_workers_service_env(JSContext *cx, ngx_http_workers_bind_t *bind)
{
    return ngx_workers_fetcher(cx, bind->data);
}
