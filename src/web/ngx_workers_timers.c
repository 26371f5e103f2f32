
/*
 * Copyright (C) the nginx-workers authors
 *
 * Timers (HTML Standard, section 8.7) and scheduler.wait().  A timer belongs
 * to the invocation that set it: it fires in that invocation, and is deleted
 * when the invocation ends.
 */


#include "ngx_workers_timers.h"
#include "ngx_workers_events.h"
#include "ngx_workers_globals.h"
#include "../core/ngx_workers_clock.h"
#include "../core/ngx_workers_frame.h"

#include <ngx_event.h>


#define NGX_WORKERS_TIMERS_MAX       10000
#define NGX_WORKERS_TIMER_DELAY_MAX  0x7fffffffffff   /* ms */


typedef struct {
    ngx_event_t                event;
    ngx_queue_t                queue;      /* in inv->timers */
    ngx_workers_invocation_t  *inv;        /* NULL: cleared */

    uint64_t                   id;
    ngx_msec_t                 delay;

    unsigned                   repeat:1;
    unsigned                   running:1;

    JSValue                    frame;      /* in which it was set */
    JSValue                    func;
    int                        argc;
    JSValue                    argv[];
} ngx_workers_timer_t;


static ngx_int_t ngx_workers_timers_init(JSContext *cx, JSValueConst global);
static ngx_workers_timer_t *ngx_workers_timer_create(JSContext *cx,
    ngx_workers_invocation_t *inv, JSValueConst func, double delay,
    ngx_uint_t repeat, int argc, JSValueConst *argv);
static void ngx_workers_timer_arm(ngx_workers_timer_t *timer);
static void ngx_workers_timer_handler(ngx_event_t *ev);
static void ngx_workers_timer_failed(JSContext *cx);
static void ngx_workers_timer_clear(ngx_workers_timer_t *timer);
static void ngx_workers_timer_free(JSContext *cx, ngx_workers_timer_t *timer);
static JSValue ngx_workers_microtask(JSContext *cx, int argc,
    JSValueConst *argv);
static JSValue ngx_workers_scheduler_ext_wait(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static const JSCFunctionListEntry  ngx_workers_timers_global[] = {
    NGX_WORKERS_METHOD_MAGIC("setTimeout", 1, ngx_workers_ext_set_timeout, 0),
    NGX_WORKERS_METHOD_MAGIC("setInterval", 1, ngx_workers_ext_set_timeout, 1),
    NGX_WORKERS_METHOD_MAGIC("clearTimeout", 0,
                             ngx_workers_ext_clear_timeout, 0),
    NGX_WORKERS_METHOD_MAGIC("clearInterval", 0,
                             ngx_workers_ext_clear_timeout, 1),
    NGX_WORKERS_METHOD("queueMicrotask", 1, ngx_workers_ext_queue_microtask),
};


static const JSCFunctionListEntry  ngx_workers_scheduler_proto[] = {
    NGX_WORKERS_METHOD("wait", 1, ngx_workers_scheduler_ext_wait),
    NGX_WORKERS_TAG("Scheduler"),
};


static ngx_workers_class_t  ngx_workers_scheduler_class = {
    .def = { .class_name = "Scheduler" },
    .proto = ngx_workers_scheduler_proto,
    .nproto = ngx_workers_nitems(ngx_workers_scheduler_proto),
    .hidden = 1,
};


static ngx_workers_class_t  *ngx_workers_timers_classes[] = {
    &ngx_workers_scheduler_class,
    NULL
};


ngx_workers_web_t  ngx_workers_timers_web = {
    ngx_workers_timers_classes,
    NULL,
    ngx_workers_timers_init
};


static ngx_int_t
ngx_workers_timers_init(JSContext *cx, JSValueConst global)
{
    if (ngx_workers_globals_add(cx, ngx_workers_isolate(cx)->scope,
                                   ngx_workers_timers_global,
                                   ngx_workers_nitems(
                                               ngx_workers_timers_global))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_workers_singleton(cx, global, &ngx_workers_scheduler_class,
                                 "scheduler");
}


JSValue
ngx_workers_ext_set_timeout(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int repeat)
{
    double                     delay;
    ngx_workers_timer_t       *timer;
    ngx_workers_invocation_t  *inv;

    if (argc < 1 || !JS_IsFunction(cx, argv[0])) {
        return ngx_workers_throw_argument(cx, repeat ? "setInterval"
                                                     : "setTimeout",
                                          NGX_WORKERS_GLOBAL_SCOPE, 1,
                                          "function");
    }

    delay = 0;

    if (argc > 1 && JS_ToFloat64(cx, &delay, argv[1]) < 0) {
        return JS_EXCEPTION;
    }

    inv = ngx_workers_require_invocation(cx);
    if (inv == NULL) {
        return JS_EXCEPTION;
    }

    argc = ngx_max(argc - 2, 0);

    timer = ngx_workers_timer_create(cx, inv, argv[0], delay, repeat, argc,
                                     argv + 2);
    if (timer == NULL) {
        return JS_EXCEPTION;
    }

    return JS_NewInt64(cx, timer->id);
}


/* NULL: an exception is pending.  The values are borrowed. */

static ngx_workers_timer_t *
ngx_workers_timer_create(JSContext *cx, ngx_workers_invocation_t *inv,
    JSValueConst func, double delay, ngx_uint_t repeat, int argc,
    JSValueConst *argv)
{
    int                   i;
    ngx_workers_timer_t  *timer;

    if (inv->ntimers >= NGX_WORKERS_TIMERS_MAX) {
        (void) JS_ThrowDOMException(cx, "QuotaExceededError",
                   "You have exceeded the number of active timeouts you may "
                   "set. max active timeouts: %d, current active timeouts: "
                   "%lu, finished timeouts: %lu", NGX_WORKERS_TIMERS_MAX,
                   (unsigned long) inv->ntimers,
                   (unsigned long) (inv->timers_set - inv->ntimers));
        return NULL;
    }

    timer = ngx_calloc(sizeof(ngx_workers_timer_t) + argc * sizeof(JSValue),
                       inv->iso->log);
    if (timer == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    timer->event.handler = ngx_workers_timer_handler;
    timer->event.data = timer;
    timer->event.log = inv->iso->log;
    timer->inv = inv;
    timer->id = ++inv->timers_set;
    timer->repeat = repeat;

    if (delay >= NGX_WORKERS_TIMER_DELAY_MAX) {
        timer->delay = NGX_WORKERS_TIMER_DELAY_MAX;

    } else if (delay > 0) {                /* not NaN */
        timer->delay = delay;
    }

    timer->frame = JS_DupValue(cx, inv->iso->frame);
    timer->func = JS_DupValue(cx, func);
    timer->argc = argc;

    for (i = 0; i < argc; i++) {
        timer->argv[i] = JS_DupValue(cx, argv[i]);
    }

    ngx_queue_insert_tail(&inv->timers, &timer->queue);
    inv->ntimers++;
    inv->iso->pending++;

    ngx_workers_timer_arm(timer);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, inv->iso->log, 0,
                   "workers timer %p set, id %uL, %M ms",
                   timer, timer->id, timer->delay);

    return timer;
}


/*
 * nginx's time is that of the event loop's last turn: what has passed since
 * is added, so that no timer fires early.  A timer without delay waits for
 * the loop's next turn, and does not keep the loop from its sockets.
 */

static void
ngx_workers_timer_arm(ngx_workers_timer_t *timer)
{
    ngx_msec_t      now;
    ngx_msec_int_t  late;

    if (timer->delay == 0 && !timer->repeat) {
        ngx_post_event(&timer->event, &ngx_posted_next_events);
        return;
    }

    now = (ngx_workers_clock_monotonic() + 999999) / 1000000;
    late = (ngx_msec_int_t) (now - ngx_current_msec);

    if (late < 0 || late > 60000) {
        late = 0;
    }

    ngx_add_timer(&timer->event, ngx_max(timer->delay, 1) + late);
}


static void
ngx_workers_timer_handler(ngx_event_t *ev)
{
    JSValue                    ret;
    JSContext                 *cx;
    ngx_workers_timer_t       *timer;
    ngx_workers_isolate_t     *iso;
    ngx_workers_invocation_t  *inv;

    timer = ev->data;
    inv = timer->inv;
    iso = inv->iso;
    cx = iso->cx;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, ev->log, 0,
                   "workers timer %p fires, id %uL", timer, timer->id);

    ngx_workers_enter(iso, inv);

    timer->running = 1;

    if (!timer->repeat) {
        ngx_workers_timer_clear(timer);
    }

    ngx_workers_frame_set(iso, JS_DupValue(cx, timer->frame));

    ret = JS_Call(cx, timer->func, iso->global, timer->argc,
                  (JSValueConst *) timer->argv);

    if (JS_IsException(ret)) {
        ngx_workers_timer_failed(cx);
    }

    JS_FreeValue(cx, ret);

    timer->running = 0;

    if (timer->inv == NULL) {
        ngx_workers_timer_free(cx, timer);

    } else {
        ngx_workers_timer_arm(timer);
    }

    ngx_workers_leave(iso);
}


/* As on the platform, listeners of "error" are not told. */

static void
ngx_workers_timer_failed(JSContext *cx)
{
    JSValue  error;

    error = JS_GetException(cx);

    if (JS_IsUncatchableError(error)) {
        (void) JS_Throw(cx, error);
        return;
    }

    ngx_workers_log_reason(cx, ngx_workers_current(cx), NGX_LOG_ERR,
                           "uncaught exception", error);
    JS_FreeValue(cx, error);
}


JSValue
ngx_workers_ext_clear_timeout(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    int64_t                    id;
    ngx_queue_t               *q;
    ngx_workers_timer_t       *timer;
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_current(cx);

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, magic ? "clearInterval"
                                                    : "clearTimeout",
                                          NGX_WORKERS_GLOBAL_SCOPE, 1,
                                          "JsNumber");
    }

    if (JS_IsUndefined(argv[0]) || JS_IsNull(argv[0])) {
        return JS_UNDEFINED;
    }

    if (JS_ToInt64(cx, &id, argv[0]) < 0) {
        return JS_EXCEPTION;
    }

    if (inv == NULL) {
        return JS_UNDEFINED;
    }

    /* what is cleared most often has just been set */

    for (q = ngx_queue_last(&inv->timers);
         q != ngx_queue_sentinel(&inv->timers);
         q = ngx_queue_prev(q))
    {
        timer = ngx_queue_data(q, ngx_workers_timer_t, queue);

        if (timer->id == (uint64_t) id) {
            ngx_workers_timer_clear(timer);
            break;
        }

        if (timer->id < (uint64_t) id) {
            break;
        }
    }

    return JS_UNDEFINED;
}


/* Unlinks a timer, and frees it unless its function is being called. */

static void
ngx_workers_timer_clear(ngx_workers_timer_t *timer)
{
    JSContext                 *cx;
    ngx_workers_invocation_t  *inv;

    inv = timer->inv;
    cx = inv->iso->cx;

    if (timer->event.timer_set) {
        ngx_del_timer(&timer->event);
    }

    if (timer->event.posted) {
        ngx_delete_posted_event(&timer->event);
    }

    ngx_queue_remove(&timer->queue);
    inv->ntimers--;
    inv->iso->pending--;
    timer->inv = NULL;

    if (!timer->running) {
        ngx_workers_timer_free(cx, timer);
    }
}


static void
ngx_workers_timer_free(JSContext *cx, ngx_workers_timer_t *timer)
{
    int  i;

    JS_FreeValue(cx, timer->frame);
    JS_FreeValue(cx, timer->func);

    for (i = 0; i < timer->argc; i++) {
        JS_FreeValue(cx, timer->argv[i]);
    }

    ngx_free(timer);
}


void
ngx_workers_timers_drop(ngx_workers_invocation_t *inv)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&inv->timers)) {
        q = ngx_queue_head(&inv->timers);
        ngx_workers_timer_clear(ngx_queue_data(q, ngx_workers_timer_t, queue));
    }
}


JSValue
ngx_workers_ext_queue_microtask(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValueConst  args[2];

    if (argc < 1 || !JS_IsFunction(cx, argv[0])) {
        return ngx_workers_throw_argument(cx, "queueMicrotask",
                                          NGX_WORKERS_GLOBAL_SCOPE, 1,
                                          "function");
    }

    args[0] = argv[0];
    args[1] = ngx_workers_isolate(cx)->frame;

    if (JS_EnqueueJob(cx, ngx_workers_microtask, 2, args) < 0) {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_microtask(JSContext *cx, int argc, JSValueConst *argv)
{
    JSValue  ret;

    ngx_workers_frame_set(ngx_workers_isolate(cx), JS_DupValue(cx, argv[1]));

    ret = JS_Call(cx, argv[0], ngx_workers_isolate(cx)->global, 0, NULL);

    if (JS_IsException(ret) && ngx_workers_report_exception(cx) != NGX_OK) {
        return JS_EXCEPTION;
    }

    JS_FreeValue(cx, ret);

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_scheduler_ext_wait(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    double                     delay;
    JSValue                    signal, promise, funcs[2];
    JSValueConst               args[2];
    ngx_workers_timer_t       *timer;
    ngx_workers_invocation_t  *inv;

    if (ngx_workers_this(cx, this_val, ngx_workers_scheduler_class.id) == NULL)
    {
        return ngx_workers_reject(cx);
    }

    if (argc < 1) {
        (void) ngx_workers_throw_argument(cx, "wait", "Scheduler", 1,
                                          "number");
        return ngx_workers_reject(cx);
    }

    if (argc > 1 && JS_IsObject(argv[1])) {
        signal = JS_GetPropertyStr(cx, argv[1], "signal");
        if (JS_IsException(signal)) {
            return ngx_workers_reject(cx);
        }

        if (!JS_IsUndefined(signal)) {
            args[0] = argv[0];
            args[1] = signal;

            promise = ngx_workers_builtin_call(cx, &ngx_workers_events_builtin,
                                               "wait", 2, args);
            JS_FreeValue(cx, signal);

            return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
        }
    }

    if (JS_ToFloat64(cx, &delay, argv[0]) < 0) {
        return ngx_workers_reject(cx);
    }

    inv = ngx_workers_require_invocation(cx);
    if (inv == NULL) {
        return ngx_workers_reject(cx);
    }

    promise = JS_NewPromiseCapability(cx, funcs);
    if (JS_IsException(promise)) {
        return JS_EXCEPTION;
    }

    timer = ngx_workers_timer_create(cx, inv, funcs[0], delay, 0, 0, NULL);

    JS_FreeValue(cx, funcs[0]);
    JS_FreeValue(cx, funcs[1]);

    if (timer == NULL) {
        JS_FreeValue(cx, promise);
        return ngx_workers_reject(cx);
    }

    return promise;
}
