
/*
 * Copyright (C) the nginx-workers authors
 *
 * Directives outside of workers_script, and the checks that wait until the
 * whole configuration is read.
 */


#include "ngx_http_workers_binding.h"
#include "../engines/ngx_workers_cache_store.h"
#include "../engines/ngx_workers_outbound.h"

#include <openssl/err.h>
#include <openssl/ssl.h>


#pragma weak qjs_new_context


#define NGX_HTTP_WORKERS_NJS_VERSION  0x010000
#define NGX_HTTP_WORKERS_BODY_BUFFER  (64 * 1024)
#define NGX_HTTP_WORKERS_CACHE_SIZE   (1024 * 1024 * 1024)
#define NGX_HTTP_WORKERS_CACHE_MIN    (64 * 1024)


static char *ngx_http_workers_cache_zone(ngx_conf_t *cf,
    ngx_http_workers_main_conf_t *wmcf);
static ngx_int_t ngx_http_workers_cache_zone_init(ngx_shm_zone_t *zone,
    void *data);
static char *ngx_http_workers_path(ngx_conf_t *cf, ngx_str_t *path);
static ngx_int_t ngx_http_workers_check_njs(ngx_conf_t *cf);
static ngx_int_t ngx_http_workers_class_ids(ngx_conf_t *cf);


void *
ngx_http_workers_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_workers_main_conf_t  *wmcf;

    wmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_workers_main_conf_t));
    if (wmcf == NULL) {
        return NULL;
    }

    wmcf->cache_size = NGX_CONF_UNSET;

    if (ngx_array_init(&wmcf->scripts, cf->pool, 4,
                       sizeof(ngx_http_workers_script_t *))
        != NGX_OK
        || ngx_array_init(&wmcf->passes, cf->pool, 4,
                          sizeof(ngx_http_workers_pass_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return wmcf;
}


char *
ngx_http_workers_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_workers_main_conf_t  *wmcf = conf;

    static ngx_str_t  pool = ngx_string("default");

    if (wmcf->colo.data == NULL) {
        ngx_str_set(&wmcf->colo, "NGX");
    }

    if (wmcf->thread_pool == NULL && wmcf->scripts.nelts != 0) {
        wmcf->thread_pool = ngx_thread_pool_add(cf, &pool);
        if (wmcf->thread_pool == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (wmcf->cache_size == NGX_CONF_UNSET) {
        wmcf->cache_size = NGX_HTTP_WORKERS_CACHE_SIZE;
    }

    if (wmcf->cache_size == 0 || wmcf->data.len == 0
        || wmcf->scripts.nelts == 0)
    {
        return NGX_CONF_OK;
    }

    return ngx_http_workers_cache_zone(cf, wmcf);
}


/* What the processes know of the cache's files together: a few counters. */

static char *
ngx_http_workers_cache_zone(ngx_conf_t *cf,
    ngx_http_workers_main_conf_t *wmcf)
{
    static ngx_str_t  name = ngx_string("workers_cache");

    wmcf->cache_dir.data = ngx_pnalloc(cf->pool, wmcf->data.len
                                                 + sizeof("cache/"));
    if (wmcf->cache_dir.data == NULL) {
        return NGX_CONF_ERROR;
    }

    wmcf->cache_dir.len = ngx_sprintf(wmcf->cache_dir.data, "%Vcache/%Z",
                                      &wmcf->data)
                          - wmcf->cache_dir.data - 1;

    wmcf->cache_zone = ngx_shared_memory_add(cf, &name, 8 * ngx_pagesize,
                                             &ngx_http_workers_module);
    if (wmcf->cache_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    wmcf->cache_zone->init = ngx_http_workers_cache_zone_init;
    wmcf->cache_zone->data = wmcf;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_workers_cache_zone_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data == NULL && !zone->shm.exists) {
        shpool->data = ngx_slab_calloc(shpool,
                                       sizeof(ngx_workers_cache_shared_t));
    }

    return (shpool->data != NULL) ? NGX_OK : NGX_ERROR;
}


void *
ngx_http_workers_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_workers_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_workers_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->websocket_ping_interval = NGX_CONF_UNSET_MSEC;
    conf->websocket_close_timeout = NGX_CONF_UNSET_MSEC;
    conf->websocket_shutdown_timeout = NGX_CONF_UNSET_MSEC;

    return conf;
}


char *
ngx_http_workers_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_workers_loc_conf_t  *prev = parent;
    ngx_http_workers_loc_conf_t  *conf = child;

    ngx_http_core_loc_conf_t  *clcf;

    if (conf->fallback.data == NULL) {
        conf->fallback = prev->fallback;
    }

    ngx_conf_merge_msec_value(conf->websocket_ping_interval,
                              prev->websocket_ping_interval, 60000);
    ngx_conf_merge_msec_value(conf->websocket_close_timeout,
                              prev->websocket_close_timeout, 10000);
    ngx_conf_merge_msec_value(conf->websocket_shutdown_timeout,
                              prev->websocket_shutdown_timeout, 10000);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->pass == NULL && (clcf->noname || clcf->lmt_excpt)) {
        conf->pass = prev->pass;
    }

    /*
     * Bodies are streamed through this buffer: nginx's default, two pages,
     * costs a round of the event loop for each 8 KiB.
     */

    if (conf->pass != NULL
        && clcf->client_body_buffer_size == 2 * (size_t) ngx_pagesize)
    {
        clcf->client_body_buffer_size = NGX_HTTP_WORKERS_BODY_BUFFER;
    }

    if (clcf->lmt_excpt && clcf->handler == NULL && conf->pass != NULL) {
        clcf->handler = ngx_http_workers_handler;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_workers_data(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_workers_main_conf_t  *wmcf = conf;

    u_char      *p;
    ngx_str_t   *value;
    ngx_path_t  *path;

    value = cf->args->elts;

    if (wmcf->data.data != NULL) {
        return "is duplicate";
    }

    if (value[1].len == 0) {
        return "must not be empty";
    }

    wmcf->data = value[1];

    if (ngx_http_workers_path(cf, &wmcf->data) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (wmcf->data.data[wmcf->data.len - 1] != '/') {
        p = ngx_pnalloc(cf->pool, wmcf->data.len + 2);
        if (p == NULL) {
            return NGX_CONF_ERROR;
        }

        wmcf->data.len = ngx_sprintf(p, "%V/%Z", &wmcf->data) - p - 1;
        wmcf->data.data = p;
    }

    /* nginx makes the directory, and gives it to the user of its processes */

    path = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (path == NULL) {
        return NGX_CONF_ERROR;
    }

    path->name.len = wmcf->data.len - 1;
    path->name.data = ngx_pnalloc(cf->pool, wmcf->data.len);
    if (path->name.data == NULL) {
        return NGX_CONF_ERROR;
    }

    (void) ngx_cpystrn(path->name.data, wmcf->data.data, wmcf->data.len);

    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;

    return ngx_add_path(cf, &path) == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_workers_cache_size(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_workers_main_conf_t  *wmcf = conf;

    ngx_str_t  *value;

    if (wmcf->cache_size != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 3 && ngx_strncmp(value[1].data, "off", 3) == 0) {
        wmcf->cache_size = 0;
        return NGX_CONF_OK;
    }

    wmcf->cache_size = ngx_parse_offset(&value[1]);

    if (wmcf->cache_size == NGX_ERROR
        || wmcf->cache_size < NGX_HTTP_WORKERS_CACHE_MIN)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" in \"workers_cache_size\", "
                           "expected at least 64k, or \"off\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_workers_secrets_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_workers_main_conf_t  *wmcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (wmcf->secrets_key.data != NULL) {
        return "is duplicate";
    }

    wmcf->secrets_key = value[1];

    return ngx_http_workers_path(cf, &wmcf->secrets_key);
}


char *
ngx_http_workers_outbound(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_workers_main_conf_t  *wmcf = conf;

    return ngx_http_workers_outbound_add(cf, &wmcf->outbound);
}


char *
ngx_http_workers_outbound_add(ngx_conf_t *cf, ngx_array_t **rules)
{
    ngx_str_t               *value;
    ngx_uint_t               i, allow;
    ngx_workers_outbound_t  *rule;

    value = cf->args->elts;

    allow = (value[1].len == 5 && ngx_strncmp(value[1].data, "allow", 5) == 0);

    if (!allow
        && !(value[1].len == 4 && ngx_strncmp(value[1].data, "deny", 4) == 0))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"workers_outbound\", "
                           "expected \"allow\" or \"deny\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (*rules == NULL) {
        *rules = ngx_array_create(cf->pool, 4, sizeof(ngx_workers_outbound_t));
        if (*rules == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 2; i < cf->args->nelts; i++) {

        rule = ngx_array_push(*rules);
        if (rule == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(rule, sizeof(ngx_workers_outbound_t));
        rule->allow = allow;

        if (ngx_workers_outbound_parse(&value[i], rule) != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid value \"%V\" in \"workers_outbound\", "
                               "expected an address, a network, a host name, "
                               "\"*.name\" or \"all\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_workers_trusted_certificate(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_workers_main_conf_t  *wmcf = conf;

    int         ok;
    SSL_CTX    *ctx;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (wmcf->trusted.data != NULL) {
        return "is duplicate";
    }

    wmcf->trusted = value[1];

    if (ngx_conf_full_name(cf->cycle, &wmcf->trusted, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ctx = SSL_CTX_new(TLS_client_method());

    ok = (ctx != NULL
          && SSL_CTX_load_verify_locations(ctx, (char *) wmcf->trusted.data,
                                           NULL)
             == 1);

    SSL_CTX_free(ctx);

    if (!ok) {
        ERR_clear_error();

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "cannot load certificates from \"%V\" in "
                           "\"workers_trusted_certificate\", expected a file "
                           "in the PEM format", &wmcf->trusted);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_path(ngx_conf_t *cf, ngx_str_t *path)
{
    return ngx_conf_full_name(cf->cycle, path, 0) == NGX_OK ? NGX_CONF_OK
                                                            : NGX_CONF_ERROR;
}


char *
ngx_http_workers_thread_pool(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_workers_main_conf_t  *wmcf = conf;

    ngx_str_t  *value;

    value = cf->args->elts;

    if (wmcf->thread_pool != NULL) {
        return "is duplicate";
    }

    wmcf->thread_pool = ngx_thread_pool_add(cf, &value[1]);

    return wmcf->thread_pool != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_workers_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_workers_loc_conf_t  *wlcf = conf;

    ngx_str_t                     *value;
    ngx_http_workers_pass_t       *pass, **pp;
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_workers_main_conf_t  *wmcf;

    if (wlcf->pass != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;
    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_workers_module);

    pass = ngx_pcalloc(cf->pool, sizeof(ngx_http_workers_pass_t));
    if (pass == NULL) {
        return NGX_CONF_ERROR;
    }

    pp = ngx_array_push(&wmcf->passes);
    if (pp == NULL) {
        return NGX_CONF_ERROR;
    }

    *pp = pass;

    pass->name = value[1];
    pass->file = cf->conf_file->file.name;
    pass->line = cf->conf_file->line;

    wlcf->pass = pass;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_workers_handler;

    return NGX_CONF_OK;
}


char *
ngx_http_workers_fallback(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_workers_loc_conf_t  *wlcf = conf;

    ngx_str_t  *value;

    if (wlcf->fallback.data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len < 2 || value[1].data[0] != '@') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid location \"%V\" in \"workers_fallback\", "
                           "expected a named location such as \"@origin\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    wlcf->fallback = value[1];

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_workers_preconfiguration(ngx_conf_t *cf)
{
    if (ngx_http_workers_check_njs(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_workers_class_ids(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_workers_add_variables(cf);
}


/* The VM is njs's: it has to be there, and to be of a version that we know. */

static ngx_int_t
ngx_http_workers_check_njs(ngx_conf_t *cf)
{
    int32_t     version;
    JSValue     global, njs, number;
    JSContext  *cx;
    JSRuntime  *rt;

    if (qjs_new_context == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "njs is not loaded: put \"load_module "
                           "modules/ngx_http_js_module.so;\" before the "
                           "load_module of ngx_http_workers_module.so");
        return NGX_ERROR;
    }

    rt = JS_NewRuntime();
    if (rt == NULL) {
        return NGX_ERROR;
    }

    cx = qjs_new_context(rt, NULL);
    if (cx == NULL) {
        JS_FreeRuntime(rt);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "njs could not make a JavaScript context");
        return NGX_ERROR;
    }

    global = JS_GetGlobalObject(cx);
    njs = JS_GetPropertyStr(cx, global, "njs");
    number = JS_GetPropertyStr(cx, njs, "version_number");

    if (JS_ToInt32(cx, &version, number) < 0) {
        version = 0;
    }

    JS_FreeValue(cx, number);
    JS_FreeValue(cx, njs);
    JS_FreeValue(cx, global);
    JS_FreeContext(cx);
    JS_FreeRuntime(rt);

    if (version < NGX_HTTP_WORKERS_NJS_VERSION) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "njs %d.%d.%d is too old, expected 1.0.0 or later "
                           "in ngx_http_js_module.so",
                           version >> 16, (version >> 8) & 0xff,
                           version & 0xff);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_class_ids(ngx_conf_t *cf)
{
    ngx_uint_t             i, n;
    ngx_workers_class_t  **lists[64];

    n = 0;

    for (i = 0; ngx_http_workers_bindings[i] != NULL; i++) {

        if (ngx_http_workers_bindings[i]->classes != NULL
            && n < ngx_workers_nitems(lists) - 1)
        {
            lists[n++] = ngx_http_workers_bindings[i]->classes;
        }
    }

    lists[n] = NULL;

    return ngx_workers_classes_init(lists, cf->log);
}


ngx_int_t
ngx_http_workers_postconfiguration(ngx_conf_t *cf)
{
    ngx_uint_t                      i, n;
    ngx_http_workers_pass_t       **pass;
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_upstream_main_conf_t  *umcf;
    ngx_http_workers_script_t     **script;
    ngx_http_workers_main_conf_t   *wmcf;

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_workers_module);
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* nginx makes one without servers where there is none */

    if (clcf->resolver != NULL && clcf->resolver->connections.nelts != 0) {
        wmcf->resolver = clcf->resolver;
        wmcf->resolver_timeout = clcf->resolver_timeout;
    }

    umcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module);

    if (umcf->upstreams.nelts != 0) {
        wmcf->upstreams = &umcf->upstreams;
    }

    script = wmcf->scripts.elts;
    pass = wmcf->passes.elts;

    for (i = 0; i < wmcf->passes.nelts; i++) {

        for (n = 0; n < wmcf->scripts.nelts; n++) {
            if (script[n]->script.name.len == pass[i]->name.len
                && ngx_strncmp(script[n]->script.name.data,
                               pass[i]->name.data, pass[i]->name.len)
                   == 0)
            {
                pass[i]->script = script[n];
                break;
            }
        }

        if (pass[i]->script == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown worker \"%V\" in \"workers_pass\", expected "
                          "the name of a \"workers_script\" in %V:%ui",
                          &pass[i]->name, &pass[i]->file, pass[i]->line);
            return NGX_ERROR;
        }
    }

    for (n = 0; n < wmcf->scripts.nelts; n++) {
        if (ngx_http_workers_binding_check(cf, script[n]) != NGX_CONF_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
