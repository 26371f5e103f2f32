
/*
 * Copyright (C) the nginx-workers authors
 *
 * An isolate: one runtime and one context of a script in a process.  It is
 * made before the script's first request and thrown away when it breaks a
 * limit.  All JavaScript of the process runs between enter() and leave().
 */


#include "ngx_workers_frame.h"
#include "ngx_workers_clock.h"
#include "../web/ngx_workers_events.h"

#include <malloc.h>


/*
 * What a runtime may take above its limit, so that the engine can still make
 * the error that says so.
 */
#define NGX_WORKERS_MEMORY_RESERVE  (256 * 1024)

/* By how much a runtime may grow at least before it collects cycles. */
#define NGX_WORKERS_GC_GROWTH       (1024 * 1024)

/* After that many ms without an invocation, a quarter of it is enough. */
#define NGX_WORKERS_GC_QUIET        2000

/* Bytes of libraries' memory that are worth a first collection. */
#define NGX_WORKERS_FOREIGN_GC      (8 * 1024 * 1024)


typedef struct {
    ngx_queue_t   queue;
    JSValue       promise;
    JSValue       reason;
    JSValue       frame;
} ngx_workers_rejection_t;


static void *ngx_workers_isolate_calloc(void *opaque, size_t count,
    size_t size);
static void *ngx_workers_isolate_malloc(void *opaque, size_t size);
static void ngx_workers_isolate_free(void *opaque, void *p);
static void *ngx_workers_isolate_realloc(void *opaque, void *p, size_t size);
static size_t ngx_workers_isolate_usable_size(const void *p);
static void ngx_workers_isolate_free_runtime(ngx_workers_isolate_t *iso);
static ngx_int_t ngx_workers_isolate_init(ngx_workers_isolate_t *iso);
static void ngx_workers_isolate_tell(ngx_workers_isolate_t *iso);
static void ngx_workers_isolate_event(ngx_event_t *ev);
static void ngx_workers_isolate_tune_gc(ngx_workers_isolate_t *iso);
static void ngx_workers_isolate_quiet(ngx_event_t *ev);
static int ngx_workers_isolate_interrupt(JSRuntime *rt, void *opaque);
static void ngx_workers_isolate_rejection(JSContext *cx, JSValueConst promise,
    JSValueConst reason, bool is_handled, void *opaque);
static void ngx_workers_isolate_report_rejections(ngx_workers_isolate_t *iso);
static void ngx_workers_rejection_free(ngx_workers_isolate_t *iso,
    ngx_workers_rejection_t *rej);


static const JSMallocFunctions  ngx_workers_malloc_functions = {
    ngx_workers_isolate_calloc,
    ngx_workers_isolate_malloc,
    ngx_workers_isolate_free,
    ngx_workers_isolate_realloc,
    ngx_workers_isolate_usable_size
};


static const char  *ngx_workers_atom_names[NGX_WORKERS_ATOM_N] = {
    "then", "default", "status", "statusText", "headers", "body", "method",
    "prototype", "message", "type", "extractable", "algorithm", "usages"
};


ngx_workers_isolate_t *
ngx_workers_isolate_create(ngx_workers_script_t *script, ngx_log_t *log)
{
    ngx_workers_isolate_t  *iso;

    iso = ngx_calloc(sizeof(ngx_workers_isolate_t), log);
    if (iso == NULL) {
        return NULL;
    }

    iso->script = script;
    iso->log = log;
    iso->memory_limit = script->memory ? script->memory : (size_t) -1;
    iso->env = JS_UNDEFINED;
    iso->global = JS_UNDEFINED;
    iso->scope = JS_UNDEFINED;
    iso->regexp = JS_UNDEFINED;
    iso->regexp_base = JS_UNDEFINED;
    iso->exports = JS_UNDEFINED;
    iso->handler = JS_UNDEFINED;
    iso->frame = JS_UNDEFINED;
    iso->local = JS_UNDEFINED;

    ngx_queue_init(&iso->invocations);
    ngx_queue_init(&iso->ready);
    ngx_queue_init(&iso->rejections);
    ngx_queue_init(&iso->websockets);
    ngx_queue_init(&iso->blocks);

    iso->event.handler = ngx_workers_isolate_event;
    iso->event.data = iso;
    iso->event.log = log;

    iso->quiet.handler = ngx_workers_isolate_quiet;
    iso->quiet.data = iso;
    iso->quiet.log = log;
    iso->quiet.cancelable = 1;

    iso->rt = JS_NewRuntime2(&ngx_workers_malloc_functions, iso);
    if (iso->rt == NULL) {
        ngx_free(iso);
        return NULL;
    }

    JS_SetRuntimeOpaque(iso->rt, iso);
    JS_SetMaxStackSize(iso->rt, script->stack);

    iso->cx = qjs_new_context(iso->rt, NULL);

    if (iso->cx == NULL) {
        ngx_log_error(NGX_LOG_CRIT, log, 0,
                      "worker \"%V\": could not make a JavaScript context",
                      &script->name);
        ngx_workers_isolate_destroy(iso);
        return NULL;
    }

    JS_SetContextOpaque(iso->cx, iso);
    iso->evaluating = 1;

    if (ngx_workers_isolate_init(iso) != NGX_OK) {
        ngx_workers_log_exception(iso->cx, NULL, NGX_LOG_CRIT,
                                  "could not make an isolate");
        ngx_workers_isolate_destroy(iso);
        return NULL;
    }

    iso->evaluating = 0;
    iso->collected = iso->memory;

    JS_SetInterruptHandler(iso->rt, ngx_workers_isolate_interrupt, iso);
    JS_SetHostPromiseRejectionTracker(iso->rt, ngx_workers_isolate_rejection,
                                      iso);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, log, 0,
                   "workers isolate %p made for \"%V\"", iso, &script->name);

    return iso;
}


static ngx_int_t
ngx_workers_isolate_init(ngx_workers_isolate_t *iso)
{
    JSContext   *cx;
    ngx_uint_t   i;

    cx = iso->cx;

    for (i = 0; i < NGX_WORKERS_ATOM_N; i++) {
        iso->atoms[i] = JS_NewAtom(cx, ngx_workers_atom_names[i]);
        if (iso->atoms[i] == JS_ATOM_NULL) {
            return NGX_ERROR;
        }
    }

    iso->global = JS_GetGlobalObject(cx);

    if (ngx_workers_frame_init(cx) != NGX_OK) {
        return NGX_ERROR;
    }

    iso->nbuiltins = ngx_workers_builtins_count();
    iso->builtins = js_malloc(cx, iso->nbuiltins * sizeof(JSValue));
    if (iso->builtins == NULL) {
        iso->nbuiltins = 0;
        return NGX_ERROR;
    }

    for (i = 0; i < iso->nbuiltins; i++) {
        iso->builtins[i] = JS_UNDEFINED;
    }

    /* built-ins may import others */

    ngx_workers_script_loader(iso->rt, iso->script);

    if (ngx_workers_classes_add(cx, iso->global) != NGX_OK) {
        return NGX_ERROR;
    }

    iso->env = JS_NewObject(cx);
    if (JS_IsException(iso->env)) {
        return NGX_ERROR;
    }

    if (iso->script->env == NULL) {
        return NGX_OK;
    }

    return iso->script->env(cx, iso->env, iso->script);
}


void
ngx_workers_isolate_destroy(ngx_workers_isolate_t *iso)
{
    ngx_uint_t                i;
    ngx_queue_t              *q;
    ngx_workers_rejection_t  *rej;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, iso->log, 0,
                   "workers isolate %p destroyed", iso);

    if (iso->event.posted) {
        ngx_delete_posted_event(&iso->event);
    }

    if (iso->websockets_event.posted) {
        ngx_delete_posted_event(&iso->websockets_event);
    }

    if (iso->quiet.timer_set) {
        ngx_del_timer(&iso->quiet);
    }

    if (iso->slot != NULL && *iso->slot == iso) {
        *iso->slot = NULL;
    }

    if (iso->cx != NULL) {

        while (!ngx_queue_empty(&iso->rejections)) {
            q = ngx_queue_head(&iso->rejections);
            ngx_queue_remove(q);

            rej = ngx_queue_data(q, ngx_workers_rejection_t, queue);
            ngx_workers_rejection_free(iso, rej);
        }

        JS_FreeValue(iso->cx, iso->handler);
        JS_FreeValue(iso->cx, iso->exports);
        JS_FreeValue(iso->cx, iso->env);
        JS_FreeValue(iso->cx, iso->local);
        JS_FreeValue(iso->cx, iso->global);
        JS_FreeValue(iso->cx, iso->scope);
        JS_FreeValue(iso->cx, iso->regexp);
        JS_FreeValue(iso->cx, iso->regexp_base);

        for (i = 0; i < iso->nbuiltins; i++) {
            JS_FreeValue(iso->cx, iso->builtins[i]);
        }

        js_free(iso->cx, iso->builtins);
        js_free(iso->cx, iso->modules);

        for (i = 0; i < NGX_WORKERS_ATOM_N; i++) {
            JS_FreeAtom(iso->cx, iso->atoms[i]);
        }

        JS_FreeAtom(iso->cx, iso->frame_atom);

        JS_FreeContext(iso->cx);
    }

    ngx_workers_isolate_free_runtime(iso);

    ngx_free(iso);
}


/*
 * The runtime's memory, counted and limited here and not by the engine, so
 * that a script that catches the engine's error still has broken its limit.
 * Blocks are linked: what the engine loses when memory ends goes with the
 * isolate all the same.
 */

static ngx_inline ngx_uint_t
ngx_workers_isolate_refuse(ngx_workers_isolate_t *iso, size_t size)
{
    if (size <= iso->memory_limit && iso->memory <= iso->memory_limit - size) {
        return 0;
    }

    iso->exceeded_memory = 1;

    return size > NGX_WORKERS_MEMORY_RESERVE / 16
           || iso->memory > iso->memory_limit + NGX_WORKERS_MEMORY_RESERVE;
}


static ngx_inline void *
ngx_workers_isolate_link(ngx_workers_isolate_t *iso, ngx_queue_t *block)
{
    if (block == NULL) {
        return NULL;
    }

    ngx_queue_insert_head(&iso->blocks, block);
    iso->memory += malloc_usable_size(block);

    return block + 1;
}


static void *
ngx_workers_isolate_calloc(void *opaque, size_t count, size_t size)
{
    if (size != 0 && count > ((size_t) -1 - sizeof(ngx_queue_t)) / size) {
        return NULL;
    }

    if (ngx_workers_isolate_refuse(opaque, count * size)) {
        return NULL;
    }

    return ngx_workers_isolate_link(opaque,
                                    calloc(1, sizeof(ngx_queue_t)
                                              + count * size));
}


static void *
ngx_workers_isolate_malloc(void *opaque, size_t size)
{
    if (ngx_workers_isolate_refuse(opaque, size)) {
        return NULL;
    }

    return ngx_workers_isolate_link(opaque,
                                    malloc(sizeof(ngx_queue_t) + size));
}


static void
ngx_workers_isolate_free(void *opaque, void *p)
{
    ngx_queue_t            *block;
    ngx_workers_isolate_t  *iso;

    if (p == NULL) {
        return;
    }

    iso = opaque;
    block = (ngx_queue_t *) p - 1;

    iso->memory -= malloc_usable_size(block);

    ngx_queue_remove(block);
    free(block);
}


static void *
ngx_workers_isolate_realloc(void *opaque, void *p, size_t size)
{
    size_t                  old;
    ngx_queue_t            *block, *new;
    ngx_workers_isolate_t  *iso;

    if (p == NULL) {
        return ngx_workers_isolate_malloc(opaque, size);
    }

    if (size == 0) {
        ngx_workers_isolate_free(opaque, p);
        return NULL;
    }

    iso = opaque;
    block = (ngx_queue_t *) p - 1;
    old = malloc_usable_size(block);

    if (size > old && ngx_workers_isolate_refuse(iso, size - old)) {
        return NULL;
    }

    ngx_queue_remove(block);

    new = realloc(block, sizeof(ngx_queue_t) + size);

    if (new == NULL) {
        ngx_queue_insert_head(&iso->blocks, block);
        return NULL;
    }

    iso->memory -= old;

    return ngx_workers_isolate_link(iso, new);
}


static size_t
ngx_workers_isolate_usable_size(const void *p)
{
    ngx_queue_t  *block;

    block = (ngx_queue_t *) (uintptr_t) p - 1;

    return malloc_usable_size(block) - sizeof(ngx_queue_t);
}


ngx_int_t
ngx_workers_isolate_charge(JSContext *cx, size_t size)
{
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    if (iso->foreign + size > iso->foreign_gc
        || iso->memory + size > iso->memory_limit)
    {
        JS_RunGC(iso->rt);

        iso->foreign_gc = ngx_max(2 * (iso->foreign + size),
                                  NGX_WORKERS_FOREIGN_GC);
    }

    if (size > iso->memory_limit || iso->memory > iso->memory_limit - size) {
        iso->exceeded_memory = 1;
        (void) JS_ThrowOutOfMemory(cx);
        return NGX_ERROR;
    }

    iso->memory += size;
    iso->foreign += size;

    return NGX_OK;
}


void
ngx_workers_isolate_uncharge(JSRuntime *rt, size_t size)
{
    ngx_workers_isolate_t  *iso;

    iso = JS_GetRuntimeOpaque(rt);

    iso->memory -= size;
    iso->foreign -= size;
}


/*
 * JS_FreeRuntime() aborts the process if an object is left, as there may be
 * after memory has ended.  Sanitized builds want to know.
 */

static void
ngx_workers_isolate_free_runtime(ngx_workers_isolate_t *iso)
{
#if (NGX_WORKERS_DEBUG)

    JS_FreeRuntime(iso->rt);

#else
    ngx_queue_t  *block;

    JS_RunGC(iso->rt);

    while (!ngx_queue_empty(&iso->blocks)) {
        block = ngx_queue_head(&iso->blocks);
        ngx_queue_remove(block);
        free(block);
    }

#endif
}


ngx_workers_invocation_t *
ngx_workers_require_invocation(JSContext *cx)
{
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    if (iso->inv != NULL && !iso->evaluating && !iso->inv->ended) {
        return iso->inv;
    }

    (void) ngx_workers_throw_error(cx,
               "Disallowed operation called within global scope. "
               "Asynchronous I/O (ex: fetch() or connect()), setting a "
               "timeout, and generating random values are not allowed within "
               "global scope. To fix this error, perform this operation "
               "within a handler. https://developers.cloudflare.com/workers/"
               "runtime-apis/handlers/");

    return NULL;
}


void
ngx_workers_enter(ngx_workers_isolate_t *iso, ngx_workers_invocation_t *inv)
{
    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, iso->log, 0,
                   "workers enter isolate %p, invocation %p, depth %ui",
                   iso, inv, iso->depth);

    if (iso->depth++ != 0) {
        ngx_log_error(NGX_LOG_ALERT, iso->log, 0,
                      "worker \"%V\": JavaScript was entered from JavaScript",
                      &iso->script->name);
    }

    iso->inv = inv;
    iso->charged = inv;
    iso->entered = ngx_workers_clock_monotonic();
    iso->cpu_base = 0;
    iso->exceeded_cpu = 0;
    iso->exceeded_memory = 0;

    if (inv != NULL) {
        inv->refs++;
    }

    JS_UpdateStackTop(iso->rt);
}


void
ngx_workers_leave(ngx_workers_isolate_t *iso)
{
    uint64_t                   spent;
    ngx_workers_invocation_t  *inv;

    inv = iso->inv;

    ngx_workers_frame_set(iso, JS_UNDEFINED);

    for ( ;; ) {
        ngx_workers_isolate_drain(iso);

        if (inv != NULL && !inv->ended && !inv->settled) {
            ngx_workers_invocation_check(inv);
        }

        if (ngx_queue_empty(&iso->rejections)) {
            break;
        }

        /* listeners of "unhandledrejection" may leave jobs */

        ngx_workers_isolate_report_rejections(iso);
    }

    /*
     * The monotonic clock costs no system call; the thread's CPU clock is
     * asked only when an entry lasts.
     */

    if (iso->cpu_base != 0) {
        spent = ngx_workers_clock_cpu() - iso->cpu_base;

    } else {
        spent = ngx_workers_clock_monotonic() - iso->entered;
    }

    iso->depth--;
    iso->inv = NULL;
    iso->charged = NULL;

    if (inv != NULL) {
        inv->cpu += spent;

        if (inv->cpu_limit != 0 && inv->cpu > inv->cpu_limit) {

            /* a function of the engine lasted, and was not interrupted */

            iso->exceeded_cpu = 1;
        }

        if (iso->exceeded_cpu || iso->exceeded_memory) {
            ngx_workers_invocation_exceeded(inv, iso->exceeded_cpu
                                                 ? NGX_WORKERS_EXCEEDED_CPU
                                            : NGX_WORKERS_EXCEEDED_MEMORY);
        }
    }

    iso->exceeded_cpu = 0;
    iso->exceeded_memory = 0;

    ngx_workers_isolate_tune_gc(iso);

#if (NGX_WORKERS_DEBUG)
    JS_RunGC(iso->rt);                     /* what is not marked shows early */
#endif

    if (iso->pending == 0 && iso->ninvocations != 0) {
        ngx_workers_invocation_check_hung(iso);
    }

    if (inv != NULL) {
        ngx_workers_invocation_release(inv);
    }

    ngx_workers_isolate_tell(iso);
}


/* Tells invocations that they are ready.  The isolate may go with the last. */

static void
ngx_workers_isolate_tell(ngx_workers_isolate_t *iso)
{
    ngx_queue_t               *q;
    ngx_workers_invocation_t  *inv;

    if (iso->telling) {

        /* who was told has entered the isolate: the loop below goes on */

        return;
    }

    iso->telling = 1;

    ngx_workers_isolate_hold(iso);

    while (!ngx_queue_empty(&iso->ready)) {
        q = ngx_queue_head(&iso->ready);
        ngx_queue_remove(q);

        inv = ngx_queue_data(q, ngx_workers_invocation_t, ready_queue);
        inv->is_ready = 0;

        if (inv->ready != NULL) {
            inv->ready(inv);
        }
    }

    iso->telling = 0;

    ngx_workers_isolate_unhold(iso);
}


void
ngx_workers_isolate_idle(ngx_workers_isolate_t *iso)
{
    if (iso->depth == 0 && iso->pending == 0) {
        ngx_workers_invocation_check_hung(iso);
    }
}


static void
ngx_workers_isolate_event(ngx_event_t *ev)
{
    ngx_workers_isolate_tell(ev->data);
}


void
ngx_workers_isolate_unhold(ngx_workers_isolate_t *iso)
{
    if (--iso->ninvocations != 0) {
        return;
    }

    if (iso->retired) {

        if (iso->depth == 0) {
            ngx_workers_isolate_destroy(iso);
        }

        return;
    }

    if (!iso->quiet.timer_set
        && iso->memory > iso->collected + NGX_WORKERS_GC_GROWTH / 4)
    {
        ngx_add_timer(&iso->quiet, NGX_WORKERS_GC_QUIET);
    }
}


/* A process with many scripts keeps no garbage of those that rest. */

static void
ngx_workers_isolate_quiet(ngx_event_t *ev)
{
    ngx_workers_isolate_t  *iso;

    iso = ev->data;

    if (iso->ninvocations != 0) {
        return;
    }

    JS_RunGC(iso->rt);
    iso->collected = iso->memory;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, iso->log, 0,
                   "workers isolate %p rests, %uz bytes", iso, iso->memory);
}


/*
 * The engine collects cycles when its memory has grown by half.  For a small
 * isolate that is often: frameworks leave cycles with each request, and a
 * collection looks at everything that lives.  Near the limit it would be too
 * late: garbage would break it.
 */

static void
ngx_workers_isolate_tune_gc(ngx_workers_isolate_t *iso)
{
    size_t  threshold, live, growth, late;

    threshold = JS_GetGCThreshold(iso->rt);

    if (threshold != iso->gc_threshold) {

        /* it has collected */

        live = threshold / 3 * 2;
        growth = ngx_min(NGX_WORKERS_GC_GROWTH, iso->memory_limit / 16);

        if (threshold - live < growth) {
            threshold = live + growth;
        }
    }

    late = iso->memory_limit - iso->memory_limit / 8;

    if (threshold > late
        && iso->memory < iso->memory_limit - iso->memory_limit / 4)
    {
        threshold = late;
    }

    if (threshold != iso->gc_threshold) {
        iso->gc_threshold = threshold;
        JS_SetGCThreshold(iso->rt, threshold);
    }
}


void
ngx_workers_ready(ngx_workers_invocation_t *inv)
{
    if (!inv->is_ready && !inv->ended) {
        inv->is_ready = 1;
        ngx_queue_insert_tail(&inv->iso->ready, &inv->ready_queue);

        if (inv->iso->depth == 0 && !inv->iso->telling) {

            /* nobody is about to leave JavaScript */

            ngx_post_event(&inv->iso->event, &ngx_posted_events);
        }
    }
}


void
ngx_workers_isolate_drain(ngx_workers_isolate_t *iso)
{
    int         rc;
    JSContext  *cx;

    for ( ;; ) {

        if (iso->exceeded_cpu || iso->exceeded_memory) {
            return;
        }

        rc = iso->tags ? ngx_workers_frame_job(iso)
                       : JS_ExecutePendingJob(iso->rt, &cx);

        if (rc == 0) {
            return;
        }

        if (rc < 0 && (iso->exceeded_cpu || iso->exceeded_memory)) {
            JS_FreeValue(iso->cx, JS_GetException(iso->cx));
            return;
        }

        if (rc < 0) {
            ngx_workers_log_exception(iso->cx, iso->inv, NGX_LOG_ERR,
                                      "uncaught exception in a microtask");
        }
    }
}


/* Called by the engine every few thousand steps. */

static int
ngx_workers_isolate_interrupt(JSRuntime *rt, void *opaque)
{
    uint64_t                now;
    ngx_workers_isolate_t  *iso;

    iso = opaque;

    if (iso->exceeded_cpu || iso->exceeded_memory) {
        return 1;
    }

    /*
     * Outside of an entry a script's code runs only by the way, such as the
     * toString() of what it threw, and nobody's clock counts it: it has to
     * be short.
     */

    if (iso->depth == 0) {
        return !iso->evaluating;
    }

    if (iso->charged == NULL || iso->charged->cpu_limit == 0) {
        return 0;
    }

    now = ngx_workers_clock_cpu();

    if (iso->cpu_base == 0) {
        iso->cpu_base = now - 1;
        return 0;
    }

    if (iso->charged->cpu + (now - iso->cpu_base) > iso->charged->cpu_limit) {
        iso->exceeded_cpu = 1;
        return 1;
    }

    return 0;
}


static void
ngx_workers_isolate_rejection(JSContext *cx, JSValueConst promise,
    JSValueConst reason, bool is_handled, void *opaque)
{
    ngx_workers_isolate_t    *iso;
    ngx_workers_rejection_t  *rej;

    iso = opaque;

    if (!is_handled) {
        rej = ngx_alloc(sizeof(ngx_workers_rejection_t), iso->log);
        if (rej == NULL) {
            return;
        }

        rej->promise = JS_DupValue(cx, promise);
        rej->reason = JS_DupValue(cx, reason);
        rej->frame = JS_DupValue(cx, iso->frame);
        ngx_queue_insert_tail(&iso->rejections, &rej->queue);

        return;
    }

    if (!ngx_workers_isolate_forget_rejection(iso, promise)) {
        ngx_workers_events_handled(cx, promise);
    }
}


ngx_uint_t
ngx_workers_isolate_forget_rejection(ngx_workers_isolate_t *iso,
    JSValueConst promise)
{
    ngx_queue_t              *q;
    ngx_workers_rejection_t  *rej;

    for (q = ngx_queue_head(&iso->rejections);
         q != ngx_queue_sentinel(&iso->rejections);
         q = ngx_queue_next(q))
    {
        rej = ngx_queue_data(q, ngx_workers_rejection_t, queue);

        if (JS_VALUE_GET_PTR(rej->promise) == JS_VALUE_GET_PTR(promise)) {
            ngx_queue_remove(q);
            ngx_workers_rejection_free(iso, rej);
            return 1;
        }
    }

    return 0;
}


static void
ngx_workers_isolate_report_rejections(ngx_workers_isolate_t *iso)
{
    JSContext                *cx;
    ngx_queue_t              *q;
    ngx_workers_rejection_t  *rej;

    cx = iso->cx;

    while (!ngx_queue_empty(&iso->rejections)) {
        q = ngx_queue_head(&iso->rejections);
        ngx_queue_remove(q);

        rej = ngx_queue_data(q, ngx_workers_rejection_t, queue);

        ngx_workers_frame_set(iso, JS_DupValue(cx, rej->frame));

        if (!ngx_workers_events_rejection(cx, "unhandledrejection",
                                          rej->promise, rej->reason))
        {
            ngx_workers_log_reason(cx, iso->inv, NGX_LOG_WARN,
                                   "unhandled promise rejection", rej->reason);
        }

        ngx_workers_frame_set(iso, JS_UNDEFINED);
        ngx_workers_rejection_free(iso, rej);
    }
}


static void
ngx_workers_rejection_free(ngx_workers_isolate_t *iso,
    ngx_workers_rejection_t *rej)
{
    JS_FreeValue(iso->cx, rej->promise);
    JS_FreeValue(iso->cx, rej->reason);
    JS_FreeValue(iso->cx, rej->frame);
    ngx_free(rej);
}
