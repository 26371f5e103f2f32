
/*
 * Copyright (C) the nginx-workers authors
 *
 * The content handler: one request of nginx is one invocation of fetch().
 * The request may go before the invocation (the client leaves, waitUntil()
 * runs on) and never after it.
 */


#include "ngx_http_workers_request.h"
#include "ngx_workers_clock.h"
#include "../web/ngx_workers_events.h"


static void ngx_http_workers_end(ngx_workers_invocation_t *inv);
static void ngx_http_workers_make_id(ngx_workers_invocation_t *inv);
static void ngx_http_workers_cleanup(void *data);
static void ngx_http_workers_keep(void *data);
static void ngx_http_workers_take_stats(ngx_http_workers_ctx_t *ctx);
static ngx_int_t ngx_http_workers_unavailable(ngx_http_request_t *r);


ngx_int_t
ngx_http_workers_handler(ngx_http_request_t *r)
{
    JSValue                        request;
    ngx_http_cleanup_t            *cln;
    ngx_pool_cleanup_t            *keep;
    ngx_workers_isolate_t         *iso;
    ngx_http_workers_ctx_t        *ctx;
    ngx_workers_invocation_t      *inv;
    ngx_http_workers_script_t     *script;
    ngx_http_workers_process_t    *process;
    ngx_http_workers_loc_conf_t   *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_workers_module);

    script = wlcf->pass->script;

    if (script->main->process == NULL
        && ngx_http_workers_init_process((ngx_cycle_t *) ngx_cycle) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* "master_process off" reloads without init_process() */

    process = script->main->process;

    if (process == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->connection->log->action = script->action;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_workers_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    keep = ngx_pool_cleanup_add(r->pool, 0);
    if (keep == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    keep->handler = ngx_http_workers_keep;
    keep->data = ctx;

    ctx->request = r;
    ctx->script = script;
    ctx->stats.script = script;
    ctx->abort = JS_UNDEFINED;

    ngx_http_set_ctx(r, ctx, ngx_http_workers_module);

    iso = ngx_http_workers_isolate(process, script);
    if (iso == NULL) {
        return ngx_http_workers_unavailable(r);
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    inv = ngx_workers_invocation_create(iso, r->connection->log);
    if (inv == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    inv->ready = ngx_http_workers_ready;
    inv->end = ngx_http_workers_end;
    inv->make_id = ngx_http_workers_make_id;
    inv->data = ctx;
    inv->owner = process;
    inv->sockaddr = r->connection->sockaddr;
    inv->socklen = r->connection->socklen;
    inv->addr_text = &r->connection->addr_text;

    ngx_http_workers_process_busy(process);

    ctx->inv = inv;
    ctx->cleanup = cln;

    cln->handler = ngx_http_workers_cleanup;
    cln->data = ctx;

    /* a client that leaves is noticed while the script runs */

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    r->main->count++;

    ngx_workers_enter(iso, inv);

    request = ngx_http_workers_incoming(iso->cx, ctx);

    process->starting++;

    ngx_workers_invocation_run(inv, "fetch", request);

    process->starting--;

    return NGX_DONE;
}


/* The handler's promise has settled. */

void
ngx_http_workers_ready(ngx_workers_invocation_t *inv)
{
    ngx_connection_t            *c;
    ngx_http_request_t          *r;
    ngx_http_workers_ctx_t      *ctx;
    ngx_http_workers_process_t  *process;

    ctx = inv->data;
    r = ctx->request;
    c = r->connection;
    process = inv->owner;

    ngx_http_set_log_request(c->log, r);

    if (inv->failed) {
        ngx_http_workers_respond_error(ctx);

    } else {
        ngx_http_workers_respond(ctx);
    }

    if (process->starting == 0) {
        ngx_http_run_posted_requests(c);

    } else if (!c->destroyed) {

        /* not now: whoever called the content handler still needs r */

        ngx_post_event(c->write, &ngx_posted_events);
    }
}


/* The invocation is over, with or without its request. */

static void
ngx_http_workers_end(ngx_workers_invocation_t *inv)
{
    ngx_http_workers_ctx_t  *ctx;

    ctx = inv->data;

    if (ctx != NULL) {
        /* process exit: the request has not ended */
        ctx->cleanup->handler = NULL;
        ngx_http_workers_take_stats(ctx);
        ctx->inv = NULL;

        JS_FreeValue(inv->iso->cx, ctx->abort);
        ctx->abort = JS_UNDEFINED;
    }

    ngx_http_workers_process_idle(inv->owner);
}


/* The request's id in the invocation's memory, which may last longer. */

static void
ngx_http_workers_make_id(ngx_workers_invocation_t *inv)
{
    u_char      ch;
    ngx_str_t   id;
    ngx_uint_t  i;

    id = ngx_http_workers_id(inv->data);

    for (i = 0; i < id.len && i < NGX_WORKERS_ID_LENGTH; i++) {
        ch = id.data[i];
        inv->id_data[i] = (ch > 0x20 && ch < 0x7f) ? ch : '.';
    }

    inv->id.data = inv->id_data;
    inv->id.len = i;
}


static void
ngx_http_workers_cleanup(void *data)
{
    ngx_http_workers_ctx_t *ctx = data;

    ngx_http_workers_detach(ctx, NGX_WORKERS_CANCELED);
}


void
ngx_http_workers_detach(ngx_http_workers_ctx_t *ctx,
    ngx_workers_outcome_e outcome)
{
    JSValue                    abort;
    JSContext                 *cx;
    ngx_workers_isolate_t     *iso;
    ngx_workers_invocation_t  *inv;

    inv = ctx->inv;

    if (inv == NULL) {
        return;
    }

    iso = inv->iso;
    cx = iso->cx;

    ctx->cleanup->handler = NULL;

    /* what nginx's own handlers start from */

    if (!ctx->request->discard_body) {
        ctx->request->read_event_handler = ngx_http_block_reading;
    }

    /* from here on JavaScript may run, but has nobody to answer to */

    inv->ready = NULL;
    inv->canceled = (outcome == NGX_WORKERS_CANCELED);

    ngx_workers_isolate_hold(iso);

    if (ctx->source != NULL) {
        ctx->source->close(ctx->source);
        ctx->source = NULL;
    }

    ngx_http_workers_body_detach(ctx);
    ngx_http_workers_socket_detach(ctx);

    /*
     * The Request outlives the request only if the script keeps it; the
     * promise and the result hold it no longer.
     */

    ngx_workers_invocation_drop(inv);

    abort = ctx->abort;
    ctx->abort = JS_UNDEFINED;

    if (ctx->js_request != NULL) {
        ngx_workers_request_detach(iso->rt, ctx->js_request);
    }

    if (!JS_IsUndefined(abort)) {

        ngx_workers_enter(iso, inv);

        if (outcome == NGX_WORKERS_CANCELED && !JS_IsUndefined(abort)) {
            ngx_workers_signal_abort(cx, abort, JS_UNDEFINED);
        }

        JS_FreeValue(cx, abort);

        ngx_workers_leave(iso);
    }

    if (inv->wait_until != 0) {
        (void) ngx_workers_invocation_id(inv);
    }

    ngx_http_workers_take_stats(ctx);

    if (ctx->stats.outcome == NGX_WORKERS_UNKNOWN) {
        ctx->stats.outcome = outcome;
    }

    ctx->inv = NULL;
    inv->data = NULL;
    inv->sockaddr = NULL;

    ngx_workers_invocation_responded(inv, outcome);

    ngx_workers_isolate_unhold(iso);
}


static void
ngx_http_workers_take_stats(ngx_http_workers_ctx_t *ctx)
{
    ctx->stats.outcome = ctx->inv->outcome;
    ctx->stats.cpu = ctx->inv->cpu;
    ctx->stats.wall = (ngx_workers_clock_monotonic() - ctx->inv->start)
                      / 1000000;
}


ngx_int_t
ngx_http_workers_stats(ngx_http_request_t *r, ngx_http_workers_stats_t *stats)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_workers_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_workers_module);

    /* an error_page or a fallback has cleared the contexts: the last one */

    for (cln = r->pool->cleanup; ctx == NULL && cln != NULL; cln = cln->next) {

        if (cln->handler == ngx_http_workers_keep
            && ((ngx_http_workers_ctx_t *) cln->data)->request == r)
        {
            ctx = cln->data;
        }
    }

    if (ctx == NULL) {
        return NGX_DECLINED;
    }

    if (ctx->inv != NULL) {
        ngx_http_workers_take_stats(ctx);
    }

    *stats = ctx->stats;

    return NGX_OK;
}


/*
 * Marks a context in the request's pool, where internal redirects leave it;
 * there is nothing to clean up.
 */

static void
ngx_http_workers_keep(void *data)
{
    /* void */
}


/* No isolate could be made: the log says why. */

static ngx_int_t
ngx_http_workers_unavailable(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_discard_request_body(r);

    return (rc == NGX_OK) ? NGX_HTTP_SERVICE_UNAVAILABLE : rc;
}
