
/*
 * Copyright (C) the nginx-workers authors
 *
 * What a worker process of nginx keeps: an isolate for each script that has
 * been asked for, the open bindings, and a timer that keeps the process
 * alive while invocations run.
 */


#include "ngx_http_workers_binding.h"
#include "ngx_http_workers_upstream.h"
#include "../engines/ngx_workers_store.h"
#include "../engines/ngx_workers_cache_store.h"
#include "../engines/ngx_workers_dns.h"
#include "../engines/ngx_workers_http.h"


static void ngx_http_workers_cache(ngx_http_workers_process_t *process,
    ngx_http_workers_main_conf_t *wmcf);
static void ngx_http_workers_alive_handler(ngx_event_t *ev);


ngx_int_t
ngx_http_workers_init_process(ngx_cycle_t *cycle)
{
    ngx_http_workers_process_t    *process;
    ngx_http_workers_main_conf_t  *wmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    wmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_workers_module);

    if (wmcf == NULL || wmcf->scripts.nelts == 0) {
        return NGX_OK;
    }

    process = ngx_pcalloc(cycle->pool, sizeof(ngx_http_workers_process_t));
    if (process == NULL) {
        return NGX_ERROR;
    }

    process->cycle = cycle;
    process->log = cycle->log;
    process->thread_pool = wmcf->thread_pool;
    process->threads.pool = wmcf->thread_pool;
    ngx_queue_init(&process->threads.ops);
    process->nslots = wmcf->scripts.nelts;

    process->slots = ngx_pcalloc(cycle->pool, process->nslots
                                            * sizeof(ngx_http_workers_slot_t));
    process->dns = ngx_pcalloc(cycle->pool, sizeof(ngx_workers_dns_slot_t));

    if (process->slots == NULL || process->dns == NULL) {
        return NGX_ERROR;
    }

    process->dns->resolver = wmcf->resolver;

    process->alive.handler = ngx_http_workers_alive_handler;
    process->alive.data = process;
    process->alive.log = cycle->log;

    wmcf->process = process;

    return NGX_OK;
}


void
ngx_http_workers_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    ngx_queue_t                    *q;
    ngx_workers_isolate_t          *iso;
    ngx_http_workers_process_t     *process;
    ngx_http_workers_script_t     **script;
    ngx_http_workers_main_conf_t   *wmcf;

    wmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_workers_module);

    if (wmcf == NULL || wmcf->process == NULL) {
        return;
    }

    process = wmcf->process;
    script = wmcf->scripts.elts;

    for (i = 0; i < process->nslots; i++) {

        iso = process->slots[i].isolate;

        if (iso != NULL) {
            process->slots[i].isolate = NULL;

            iso->retired = 1;
            iso->ninvocations++;
            iso->depth++;                  /* nobody is told of a hang */

            while (!ngx_queue_empty(&iso->invocations)) {
                q = ngx_queue_head(&iso->invocations);
                ngx_workers_invocation_end(ngx_queue_data(q,
                                          ngx_workers_invocation_t, queue));
            }

            iso->depth--;
            iso->ninvocations--;

            ngx_workers_isolate_destroy(iso);
        }

        ngx_http_workers_binding_close(script[i]);

        if (process->slots[i].http != NULL) {
            ngx_workers_http_close(process->slots[i].http);
        }
    }

    ngx_http_workers_socket_exit(process);
    ngx_workers_threads_exit(&process->threads);
    ngx_workers_stores_close(process->stores);

    if (process->cache != NULL) {
        ngx_workers_cache_store_destroy(process->cache);
    }

    if (process->http != NULL) {
        ngx_workers_http_close(process->http);
    }

    if (process->dns->client != NULL) {
        ngx_workers_dns_destroy(process->dns->client);
    }

    wmcf->process = NULL;
}


ngx_workers_isolate_t *
ngx_http_workers_isolate(ngx_http_workers_process_t *process,
    ngx_http_workers_script_t *script)
{
    ngx_http_workers_slot_t   *slot;
    ngx_workers_http_slot_t  **http;

    slot = &process->slots[script->script.index];

    if (slot->isolate != NULL && !slot->isolate->retired) {
        return slot->isolate;
    }

    /* a retired one goes with its last invocation */

    slot->isolate = NULL;

    if (ngx_http_workers_binding_open(script, process) != NGX_OK) {
        return NULL;
    }

    ngx_http_workers_cache(process, script->main);

    http = (script->outbound != NULL) ? &slot->http : &process->http;

    if (*http == NULL) {
        *http = ngx_http_workers_http_slot(process, script);

        if (*http == NULL) {
            return NULL;
        }
    }

    slot->isolate = ngx_workers_isolate_create(&script->script, process->log);

    if (slot->isolate != NULL) {
        slot->isolate->slot = &slot->isolate;
        slot->isolate->threads = &process->threads;
        slot->isolate->cache = process->cache;
        slot->isolate->http = *http;
        slot->isolate->dns = process->dns;
    }

    return slot->isolate;
}


ngx_workers_http_slot_t *
ngx_http_workers_http_slot(ngx_http_workers_process_t *process,
    ngx_http_workers_script_t *script)
{
    ngx_workers_http_slot_t       *http;
    ngx_http_workers_main_conf_t  *wmcf;

    http = ngx_pcalloc(process->cycle->pool, sizeof(ngx_workers_http_slot_t));

    if (http != NULL) {
        wmcf = script->main;

        http->trusted = (char *) wmcf->trusted.data;
        http->outbound = (script->outbound != NULL) ? script->outbound
                                                    : wmcf->outbound;
        http->resolver = wmcf->resolver;
        http->resolver_timeout = wmcf->resolver_timeout;
        http->balance = (wmcf->upstreams != NULL) ? ngx_http_workers_balance
                                                  : NULL;
    }

    return http;
}


/* The cache of all scripts, if there is one.  Without memory there is none. */

static void
ngx_http_workers_cache(ngx_http_workers_process_t *process,
    ngx_http_workers_main_conf_t *wmcf)
{
    ngx_slab_pool_t  *shpool;

    if (process->cache != NULL || wmcf->cache_zone == NULL) {
        return;
    }

    shpool = (ngx_slab_pool_t *) wmcf->cache_zone->shm.addr;

    process->cache = ngx_workers_cache_store_create(&wmcf->cache_dir,
                                                    wmcf->cache_size,
                                                    shpool->data,
                                                    process->thread_pool,
                                                    process->log);
}


/*
 * An old process that nginx has told to quit stays while a timer is armed
 * that cannot be cancelled.
 */

void
ngx_http_workers_process_busy(ngx_http_workers_process_t *process)
{
    if (process->active++ == 0) {
        ngx_add_timer(&process->alive, 3600 * 1000);
    }
}


void
ngx_http_workers_process_idle(ngx_http_workers_process_t *process)
{
    if (--process->active == 0 && process->alive.timer_set) {
        ngx_del_timer(&process->alive);
    }
}


static void
ngx_http_workers_alive_handler(ngx_event_t *ev)
{
    ngx_add_timer(ev, 3600 * 1000);
}
