
/*
 * Copyright (C) the nginx-workers authors
 *
 * An invocation: one call of a handler, from its start until the response is
 * sent and waitUntil() has settled or run out of time.  What it started ends
 * with it: operations are abandoned, timers deleted, bodies closed.
 */


#include "ngx_workers_isolate.h"
#include "ngx_workers_clock.h"
#include "ngx_workers_source.h"
#include "../web/ngx_workers_events.h"
#include "../web/ngx_workers_timers.h"
#include "../web/ngx_workers_websocket.h"


#define NGX_WORKERS_WAIT_UNTIL  30000      /* ms after the response */

#define NGX_WORKERS_LOG_MAX     1600       /* nginx cuts lines at 2048 bytes */


static ngx_int_t ngx_workers_invocation_evaluate(
    ngx_workers_invocation_t *inv);
static ngx_int_t ngx_workers_invocation_globals(ngx_workers_isolate_t *iso);
static JSValue ngx_workers_invocation_call(ngx_workers_invocation_t *inv,
    const char *handler, JSValueConst event);
static JSValue ngx_workers_invocation_promise(JSContext *cx, JSValue value);
static void ngx_workers_invocation_settle(ngx_workers_invocation_t *inv,
    ngx_uint_t failed, JSValue value);
static void ngx_workers_invocation_fail(ngx_workers_invocation_t *inv);
static ngx_int_t ngx_workers_invocation_then(JSContext *cx,
    ngx_workers_invocation_t *inv, JSValueConst promise, JSCClosure *func);
static JSValue ngx_workers_invocation_settled(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    void *opaque);
static JSValue ngx_workers_wait_until_settled(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    void *opaque);
static void ngx_workers_reaction_free(void *opaque);
static void ngx_workers_wait_until_expired(ngx_event_t *ev);
static JSValue ngx_workers_context_ext_wait_until(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_context_ext_props(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_context_ext_pass_through(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_context_finalizer(JSRuntime *rt, JSValueConst val);


static const JSCFunctionListEntry  ngx_workers_context_proto[] = {
    NGX_WORKERS_TAG("ExecutionContext"),
    NGX_WORKERS_METHOD("waitUntil", 1, ngx_workers_context_ext_wait_until),
    NGX_WORKERS_METHOD("passThroughOnException", 0,
                       ngx_workers_context_ext_pass_through),
    NGX_WORKERS_GETSET("props", ngx_workers_context_ext_props, NULL),
};


static ngx_workers_class_t  ngx_workers_context_class = {
    .def = {
        .class_name = "ExecutionContext",
        .finalizer = ngx_workers_context_finalizer
    },
    .proto = ngx_workers_context_proto,
    .nproto = ngx_workers_nitems(ngx_workers_context_proto),
    .hidden = 1
};


static ngx_workers_class_t  *ngx_workers_context_classes[] = {
    &ngx_workers_context_class,
    NULL
};


ngx_workers_web_t  ngx_workers_context_web = {
    .classes = ngx_workers_context_classes
};


static const char  *ngx_workers_outcome_names[] = {
    "unknown", "ok", "exception", "exceeded_cpu", "exceeded_memory",
    "canceled"
};


ngx_workers_invocation_t *
ngx_workers_invocation_create(ngx_workers_isolate_t *iso, ngx_log_t *log)
{
    ngx_workers_invocation_t  *inv;

    inv = ngx_calloc(sizeof(ngx_workers_invocation_t), log);
    if (inv == NULL) {
        return NULL;
    }

    inv->iso = iso;
    inv->serial = ++iso->serial ? iso->serial : ++iso->serial;
    inv->log = log;
    inv->refs = 1;
    inv->promise = JS_UNDEFINED;
    inv->result = JS_UNDEFINED;
    inv->local = JS_UNDEFINED;
    inv->cpu_limit = (uint64_t) iso->script->cpu * 1000000;
    inv->start = ngx_workers_clock_monotonic();

    ngx_queue_init(&inv->ops);
    ngx_queue_init(&inv->timers);
    ngx_queue_init(&inv->sources);
    ngx_queue_init(&inv->fetches);
    ngx_queue_init(&inv->websockets);

    ngx_queue_insert_tail(&iso->invocations, &inv->queue);
    iso->ninvocations++;

    return inv;
}


void
ngx_workers_invocation_run(ngx_workers_invocation_t *inv, const char *handler,
    JSValue event)
{
    JSValue                 value;
    ngx_workers_isolate_t  *iso;

    iso = inv->iso;

    if (JS_IsException(event)) {
        ngx_workers_invocation_fail(inv);
        ngx_workers_leave(iso);
        return;
    }

    if (ngx_workers_invocation_evaluate(inv) != NGX_OK) {
        JS_FreeValue(iso->cx, event);
        ngx_workers_leave(iso);
        return;
    }

    value = ngx_workers_invocation_call(inv, handler, event);
    JS_FreeValue(iso->cx, event);

    value = ngx_workers_invocation_promise(iso->cx, value);

    if (JS_IsException(value)) {
        ngx_workers_invocation_fail(inv);

    } else if (JS_IsPromise(value)) {
        inv->promise = value;

    } else {
        ngx_workers_invocation_settle(inv, 0, value);
    }

    ngx_workers_leave(iso);
}


/* Runs the script's top-level code, once for the isolate. */

static ngx_int_t
ngx_workers_invocation_evaluate(ngx_workers_invocation_t *inv)
{
    JSValue                 promise;
    JSContext              *cx;
    JSPromiseStateEnum      state;
    ngx_workers_isolate_t  *iso;

    iso = inv->iso;
    cx = iso->cx;

    if (iso->evaluated) {
        return NGX_OK;
    }

    iso->evaluating = 1;

    if (ngx_workers_invocation_globals(iso) != NGX_OK) {
        goto failed;
    }

    promise = ngx_workers_script_evaluate(cx, iso->script, &iso->exports);

    if (JS_IsException(promise)) {
        goto failed;
    }

    if (JS_IsPromise(promise)) {

        ngx_workers_isolate_drain(iso);

        state = JS_PromiseState(cx, promise);

        if (state == JS_PROMISE_REJECTED) {
            JS_PromiseMarkAsHandled(cx, promise);
            ngx_workers_isolate_forget_rejection(iso, promise);
            (void) JS_Throw(cx, JS_PromiseResult(cx, promise));
        }

        JS_FreeValue(cx, promise);

        if (state == JS_PROMISE_PENDING && !JS_HasException(cx)) {
            (void) JS_ThrowPlainError(cx, "Top-level await in module is "
                                      "unresolved.");
        }

        if (state != JS_PROMISE_FULFILLED) {
            goto failed;
        }
    }

    if (JS_IsUndefined(iso->exports)) {
        iso->handler = JS_UNDEFINED;

    } else {
        iso->handler = JS_GetProperty(cx, iso->exports,
                                      ngx_workers_atom(cx, DEFAULT));
        if (JS_IsException(iso->handler)) {
            iso->handler = JS_UNDEFINED;
            goto failed;
        }
    }

    ngx_workers_isolate_drain(iso);

    iso->evaluating = 0;
    iso->evaluated = 1;

    return NGX_OK;

failed:

    iso->evaluating = 0;
    iso->retired = 1;

    ngx_workers_invocation_fail(inv);

    return NGX_ERROR;
}


/* In service-worker syntax the members of env are globals. */

static ngx_int_t
ngx_workers_invocation_globals(ngx_workers_isolate_t *iso)
{
    JSValue                value;
    uint32_t               i, n;
    JSContext             *cx;
    JSPropertyEnum        *names;
    ngx_workers_module_t  *module;

    cx = iso->cx;
    module = iso->script->modules.elts;

    if (module->type != NGX_WORKERS_MODULE_SCRIPT) {
        return NGX_OK;
    }

    if (JS_GetOwnPropertyNames(cx, &names, &n, iso->env, JS_GPN_STRING_MASK)
        < 0)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        value = JS_GetProperty(cx, iso->env, names[i].atom);

        if (JS_IsException(value)
            || JS_DefinePropertyValue(cx, iso->global, names[i].atom, value,
                                      JS_PROP_C_W_E)
               < 0)
        {
            break;
        }
    }

    JS_FreePropertyEnum(cx, names, n);

    return (i == n) ? NGX_OK : NGX_ERROR;
}


/* Calls the handler: of an object, of a class, or of addEventListener(). */

static JSValue
ngx_workers_invocation_call(ngx_workers_invocation_t *inv,
    const char *handler, JSValueConst event)
{
    JSValue                 ctx, func, self, ret;
    JSContext              *cx;
    JSValueConst            args[4];
    ngx_workers_isolate_t  *iso;

    iso = inv->iso;
    cx = iso->cx;

    ctx = ngx_workers_invocation_ctx(cx, inv);
    if (JS_IsException(ctx)) {
        return JS_EXCEPTION;
    }

    args[0] = event;

    if (JS_IsUndefined(iso->exports)) {
        ret = ngx_workers_events_fetch(cx, event, ctx);
        JS_FreeValue(cx, ctx);

        return ret;
    }

    self = JS_DupValue(cx, iso->handler);

    if (JS_IsConstructor(cx, self)) {
        args[0] = ctx;
        args[1] = iso->env;

        JS_FreeValue(cx, self);
        self = JS_CallConstructor(cx, iso->handler, 2, args);

        if (JS_IsException(self)) {
            JS_FreeValue(cx, ctx);
            return JS_EXCEPTION;
        }

        args[0] = event;
    }

    func = JS_GetPropertyStr(cx, self, handler);

    if (JS_IsException(func)) {
        ret = JS_EXCEPTION;

    } else if (!JS_IsFunction(cx, func)) {
        ret = JS_ThrowPlainError(cx, "Handler does not export a %s() "
                                 "function.", handler);

    } else {
        args[1] = iso->env;
        args[2] = ctx;
        ret = JS_Call(cx, func, self, 3, args);
    }

    JS_FreeValue(cx, func);
    JS_FreeValue(cx, self);
    JS_FreeValue(cx, ctx);

    return ret;
}


/* A thenable that is no promise becomes one. */

static JSValue
ngx_workers_invocation_promise(JSContext *cx, JSValue value)
{
    JSValue  then, promise, funcs[2], ret;

    if (!JS_IsObject(value) || JS_IsPromise(value)) {
        return value;
    }

    then = JS_GetProperty(cx, value, ngx_workers_atom(cx, THEN));

    if (JS_IsException(then)) {
        JS_FreeValue(cx, value);
        return JS_EXCEPTION;
    }

    if (!JS_IsFunction(cx, then)) {
        JS_FreeValue(cx, then);
        return value;
    }

    JS_FreeValue(cx, then);

    promise = JS_NewPromiseCapability(cx, funcs);

    if (!JS_IsException(promise)) {
        ret = JS_Call(cx, funcs[0], JS_UNDEFINED, 1, (JSValueConst *) &value);
        JS_FreeValue(cx, ret);
        JS_FreeValue(cx, funcs[0]);
        JS_FreeValue(cx, funcs[1]);
    }

    JS_FreeValue(cx, value);

    return promise;
}


/* Eats value: the handler's result, or the reason why it failed. */

static void
ngx_workers_invocation_settle(ngx_workers_invocation_t *inv,
    ngx_uint_t failed, JSValue value)
{
    JSContext  *cx;

    cx = inv->iso->cx;

    if (inv->settled || inv->ended) {
        JS_FreeValue(cx, value);
        return;
    }

    inv->settled = 1;
    inv->failed = failed;

    JS_FreeValue(cx, inv->promise);
    inv->promise = JS_UNDEFINED;

    if (failed) {
        inv->outcome = inv->canceled ? NGX_WORKERS_CANCELED
                                     : NGX_WORKERS_EXCEPTION;

        if (!inv->iso->exceeded_cpu && !inv->iso->exceeded_memory) {
            ngx_workers_log_reason(cx, inv, inv->canceled ? NGX_LOG_INFO
                                                          : NGX_LOG_ERR,
                                   "uncaught exception", value);
        }

        JS_FreeValue(cx, value);

    } else {
        inv->result = value;
    }

    ngx_workers_ready(inv);
}


/* The handler failed with the pending exception. */

static void
ngx_workers_invocation_fail(ngx_workers_invocation_t *inv)
{
    ngx_workers_invocation_settle(inv, 1, JS_GetException(inv->iso->cx));
}


void
ngx_workers_invocation_check(ngx_workers_invocation_t *inv)
{
    JSValue             value;
    JSContext          *cx;
    JSPromiseStateEnum  state;

    cx = inv->iso->cx;

    if (inv->attached || !JS_IsPromise(inv->promise)) {
        return;
    }

    state = JS_PromiseState(cx, inv->promise);

    if (state == JS_PROMISE_PENDING) {

        if (ngx_workers_invocation_then(cx, inv, inv->promise,
                                        ngx_workers_invocation_settled)
            != NGX_OK)
        {
            ngx_workers_invocation_fail(inv);
            return;
        }

        inv->attached = 1;
        return;
    }

    value = JS_PromiseResult(cx, inv->promise);

    if (state == JS_PROMISE_REJECTED) {
        JS_PromiseMarkAsHandled(cx, inv->promise);
        ngx_workers_isolate_forget_rejection(inv->iso, inv->promise);
    }

    ngx_workers_invocation_settle(inv, state == JS_PROMISE_REJECTED, value);
}


/*
 * Nothing is under way that could ever wake the isolate's JavaScript: a
 * handler that still waits would wait for ever.  A response on its way can
 * wake it, with a stream that the client has not read so far.
 */

void
ngx_workers_invocation_check_hung(ngx_workers_isolate_t *iso)
{
    ngx_queue_t               *q;
    ngx_workers_invocation_t  *inv;

    for (q = ngx_queue_head(&iso->invocations);
         q != ngx_queue_sentinel(&iso->invocations);
         q = ngx_queue_next(q))
    {
        inv = ngx_queue_data(q, ngx_workers_invocation_t, queue);

        if (inv->settled && !inv->failed && !inv->responded) {
            return;
        }
    }

    for (q = ngx_queue_head(&iso->invocations);
         q != ngx_queue_sentinel(&iso->invocations);
         q = ngx_queue_next(q))
    {
        inv = ngx_queue_data(q, ngx_workers_invocation_t, queue);

        if (inv->settled || inv->ended || !JS_IsPromise(inv->promise)) {
            continue;
        }

        /* no Error is made: Error.prepareStackTrace() is the script's */

        ngx_log_error(NGX_LOG_ERR, inv->log, 0,
                      "worker \"%V\" request %V: uncaught exception: Error: "
                      "The Workers runtime canceled this request because it "
                      "detected that your Worker's code had hung and would "
                      "never generate a response. Refer to: "
                      "https://developers.cloudflare.com/workers/"
                      "observability/errors/",
                      &iso->script->name, ngx_workers_invocation_id(inv));

        inv->outcome = NGX_WORKERS_EXCEPTION;
        inv->settled = 1;
        inv->failed = 1;

        ngx_workers_ready(inv);
    }
}


void
ngx_workers_invocation_exceeded(ngx_workers_invocation_t *inv,
    ngx_workers_outcome_e outcome)
{
    ngx_queue_t               *q;
    ngx_workers_isolate_t     *iso;
    ngx_workers_invocation_t  *other;

    iso = inv->iso;

    if (outcome == NGX_WORKERS_EXCEEDED_CPU) {
        ngx_log_error(NGX_LOG_ERR, inv->log, 0,
                      "worker \"%V\" request %V: exceeded CPU time limit of "
                      "%M ms", &iso->script->name,
                      ngx_workers_invocation_id(inv), iso->script->cpu);

    } else {
        ngx_log_error(NGX_LOG_ERR, inv->log, 0,
                      "worker \"%V\" request %V: exceeded memory limit of "
                      "%uz bytes", &iso->script->name,
                      ngx_workers_invocation_id(inv), iso->script->memory);
    }

    iso->retired = 1;

    for (q = ngx_queue_head(&iso->invocations);
         q != ngx_queue_sentinel(&iso->invocations);
         q = ngx_queue_next(q))
    {
        other = ngx_queue_data(q, ngx_workers_invocation_t, queue);

        if (other != inv && other->retire != NULL) {
            other->retire(other);
        }
    }

    if (inv->ended) {
        return;
    }

    inv->outcome = outcome;

    if (inv->settled && !inv->failed) {
        /* the response is on its way: it ends here */
        JS_FreeValue(iso->cx, inv->result);
        inv->result = JS_UNDEFINED;
    }

    JS_FreeValue(iso->cx, inv->promise);
    inv->promise = JS_UNDEFINED;

    inv->settled = 1;
    inv->failed = 1;

    ngx_workers_ready(inv);
}


/*
 * Reactions to a promise hold the invocation's memory, not the invocation:
 * it may have ended when they run.
 */

static ngx_int_t
ngx_workers_invocation_then(JSContext *cx, ngx_workers_invocation_t *inv,
    JSValueConst promise, JSCClosure *func)
{
    JSValue  resolved, rejected, ret;

    resolved = JS_NewCClosure(cx, func, "", ngx_workers_reaction_free, 1, 0,
                              inv);
    if (JS_IsException(resolved)) {
        return NGX_ERROR;
    }

    inv->refs++;

    rejected = JS_NewCClosure(cx, func, "", ngx_workers_reaction_free, 1, 1,
                              inv);
    if (JS_IsException(rejected)) {
        JS_FreeValue(cx, resolved);
        return NGX_ERROR;
    }

    inv->refs++;

    ret = JS_PromiseThen(cx, promise, resolved, rejected);

    JS_FreeValue(cx, resolved);
    JS_FreeValue(cx, rejected);

    if (JS_IsException(ret)) {
        return NGX_ERROR;
    }

    JS_FreeValue(cx, ret);

    return NGX_OK;
}


static void
ngx_workers_reaction_free(void *opaque)
{
    ngx_workers_invocation_release(opaque);
}


static JSValue
ngx_workers_invocation_settled(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, void *opaque)
{
    ngx_workers_invocation_settle(opaque, magic, JS_DupValue(cx, argv[0]));

    return JS_UNDEFINED;
}


ngx_int_t
ngx_workers_invocation_wait_until(JSContext *cx,
    ngx_workers_invocation_t *inv, JSValueConst value)
{
    JSValue  promise;

    if (inv->ended) {
        return NGX_OK;
    }

    promise = ngx_workers_invocation_promise(cx, JS_DupValue(cx, value));
    if (JS_IsException(promise)) {
        return NGX_ERROR;
    }

    if (!JS_IsPromise(promise)) {
        JS_FreeValue(cx, promise);
        return NGX_OK;
    }

    if (ngx_workers_invocation_then(cx, inv, promise,
                                    ngx_workers_wait_until_settled)
        != NGX_OK)
    {
        JS_FreeValue(cx, promise);
        return NGX_ERROR;
    }

    JS_FreeValue(cx, promise);
    inv->wait_until++;

    return NGX_OK;
}


static JSValue
ngx_workers_wait_until_settled(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, void *opaque)
{
    ngx_workers_invocation_t  *inv;

    inv = opaque;

    if (inv->ended) {
        return JS_UNDEFINED;
    }

    if (magic) {
        ngx_workers_log_reason(cx, inv, NGX_LOG_WARN,
                               "waitUntil() promise was rejected", argv[0]);
    }

    if (--inv->wait_until == 0 && inv->responded) {
        ngx_workers_ready(inv);
    }

    return JS_UNDEFINED;
}


static void
ngx_workers_invocation_last(ngx_workers_invocation_t *inv)
{
    if (inv->wait_until == 0) {
        ngx_workers_invocation_end(inv);
    }
}


void
ngx_workers_invocation_responded(ngx_workers_invocation_t *inv,
    ngx_workers_outcome_e outcome)
{
    if (inv->responded || inv->ended) {
        return;
    }

    inv->responded = 1;
    inv->ready = ngx_workers_invocation_last;
    inv->log = inv->iso->log;

    if (inv->outcome == NGX_WORKERS_UNKNOWN) {
        inv->outcome = outcome;
    }

    if (inv->wait_until == 0
        || inv->outcome == NGX_WORKERS_EXCEEDED_CPU
        || inv->outcome == NGX_WORKERS_EXCEEDED_MEMORY)
    {
        ngx_workers_invocation_end(inv);
        return;
    }

    inv->deadline.handler = ngx_workers_wait_until_expired;
    inv->deadline.data = inv;
    inv->deadline.log = inv->log;

    ngx_add_timer(&inv->deadline, NGX_WORKERS_WAIT_UNTIL);

    ngx_workers_isolate_idle(inv->iso);
}


static void
ngx_workers_wait_until_expired(ngx_event_t *ev)
{
    ngx_workers_invocation_t  *inv;

    inv = ev->data;

    ngx_log_error(NGX_LOG_WARN, inv->log, 0,
                  "worker \"%V\": waitUntil() tasks did not complete within "
                  "the allowed time after invocation end and have been "
                  "cancelled", &inv->iso->script->name);

    ngx_workers_invocation_end(inv);
}


void
ngx_workers_invocation_end(ngx_workers_invocation_t *inv)
{
    ngx_queue_t            *q;
    ngx_workers_source_t   *src;
    ngx_workers_isolate_t  *iso;

    if (inv->ended) {
        return;
    }

    inv->ended = 1;
    iso = inv->iso;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, inv->log, 0,
                   "workers invocation %p ends, outcome %d", inv,
                   (int) inv->outcome);

    if (inv->is_ready) {
        inv->is_ready = 0;
        ngx_queue_remove(&inv->ready_queue);
    }

    if (inv->deadline.timer_set) {
        ngx_del_timer(&inv->deadline);
    }

    ngx_workers_timers_drop(inv);

    while (!ngx_queue_empty(&inv->ops)) {
        q = ngx_queue_head(&inv->ops);
        ngx_workers_op_abandon(ngx_queue_data(q, ngx_workers_op_t, queue));
    }

    while (!ngx_queue_empty(&inv->sources)) {
        q = ngx_queue_head(&inv->sources);
        src = ngx_queue_data(q, ngx_workers_source_t, queue);
        ngx_workers_source_orphan(src);
    }

    ngx_workers_websocket_end(inv);

    ngx_workers_invocation_drop(inv);

    JS_FreeValue(iso->cx, inv->local);
    inv->local = JS_UNDEFINED;

    ngx_queue_remove(&inv->queue);

    if (inv->end != NULL) {
        inv->end(inv);
    }

    ngx_workers_invocation_release(inv);

    ngx_workers_isolate_idle(iso);
    ngx_workers_isolate_unhold(iso);
}


void
ngx_workers_log_reason(JSContext *cx, ngx_workers_invocation_t *inv,
    ngx_uint_t level, const char *what, JSValueConst reason)
{
    size_t                  len;
    u_char                  text[NGX_WORKERS_LOG_MAX];
    ngx_log_t              *log;
    ngx_str_t              *id;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);
    log = (inv != NULL) ? inv->log : iso->log;

    if (log->log_level < level) {
        return;
    }

    len = ngx_workers_error_text(cx, reason, text, sizeof(text));

    id = (inv != NULL) ? ngx_workers_invocation_id(inv) : NULL;

    if (id != NULL && id->len != 0) {
        ngx_log_error(level, log, 0, "worker \"%V\" request %V: %s: %*s",
                      &iso->script->name, id, what, len, text);
        return;
    }

    ngx_log_error(level, log, 0, "worker \"%V\": %s: %*s",
                  &iso->script->name, what, len, text);
}


void
ngx_workers_log_exception(JSContext *cx, ngx_workers_invocation_t *inv,
    ngx_uint_t level, const char *what)
{
    JSValue  reason;

    reason = JS_GetException(cx);
    ngx_workers_log_reason(cx, inv, level, what, reason);
    JS_FreeValue(cx, reason);
}


ngx_str_t *
ngx_workers_invocation_id(ngx_workers_invocation_t *inv)
{
    if (inv->id.len == 0 && inv->make_id != NULL && inv->data != NULL) {
        inv->make_id(inv);
    }

    return &inv->id;
}


void
ngx_workers_invocation_drop(ngx_workers_invocation_t *inv)
{
    JSValue  promise, result;

    promise = inv->promise;
    result = inv->result;

    inv->promise = JS_UNDEFINED;
    inv->result = JS_UNDEFINED;
    inv->settled = 1;

    JS_FreeValue(inv->iso->cx, promise);
    JS_FreeValue(inv->iso->cx, result);
}


JSValue
ngx_workers_invocation_local(JSContext *cx)
{
    JSValue                *local;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    if (iso->inv != NULL && iso->inv->ended) {
        return JS_NewObjectProto(cx, JS_NULL);
    }

    local = (iso->inv != NULL && !iso->evaluating) ? &iso->inv->local
                                                   : &iso->local;

    if (JS_IsUndefined(*local)) {
        *local = JS_NewObjectProto(cx, JS_NULL);

        if (JS_IsException(*local)) {
            *local = JS_UNDEFINED;
            return JS_EXCEPTION;
        }
    }

    return JS_DupValue(cx, *local);
}


void
ngx_workers_invocation_release(ngx_workers_invocation_t *inv)
{
    if (--inv->refs == 0) {
        ngx_free(inv);
    }
}


const char *
ngx_workers_outcome_name(ngx_workers_outcome_e outcome)
{
    return ngx_workers_outcome_names[outcome];
}


JSValue
ngx_workers_invocation_ctx(JSContext *cx, ngx_workers_invocation_t *inv)
{
    JSValue  ctx;

    ctx = JS_NewObjectClass(cx, ngx_workers_context_class.id);
    if (JS_IsException(ctx)) {
        return ctx;
    }

    inv->refs++;
    JS_SetOpaque(ctx, inv);

    return ctx;
}


/* The caller's props: none over HTTP.  Made when first asked for. */

static JSValue
ngx_workers_context_ext_props(JSContext *cx, JSValueConst this_val)
{
    JSValue  props;

    if (ngx_workers_this(cx, this_val, ngx_workers_context_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    props = JS_NewObject(cx);
    if (JS_IsException(props)) {
        return props;
    }

    if (ngx_workers_set(cx, this_val, "props", JS_DupValue(cx, props))
        != NGX_OK)
    {
        JS_FreeValue(cx, props);
        return JS_EXCEPTION;
    }

    return props;
}


static JSValue
ngx_workers_context_ext_wait_until(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_this(cx, this_val, ngx_workers_context_class.id);
    if (inv == NULL) {
        return JS_EXCEPTION;
    }

    if (argc == 0) {
        return ngx_workers_throw_argument(cx, "waitUntil", "ExecutionContext",
                                          1, "Promise");
    }

    if (ngx_workers_invocation_wait_until(cx, inv, argv[0]) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_context_ext_pass_through(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_this(cx, this_val, ngx_workers_context_class.id);
    if (inv == NULL) {
        return JS_EXCEPTION;
    }

    inv->pass_through = 1;

    return JS_UNDEFINED;
}


static void
ngx_workers_context_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_invocation_t  *inv;

    inv = JS_GetOpaque(val, ngx_workers_context_class.id);

    if (inv != NULL) {
        ngx_workers_invocation_release(inv);
    }
}
