
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native halves of src/js/events.js and src/js/messages.js, and what C
 * needs of them.
 */


#include "ngx_workers_events.h"
#include "../core/ngx_workers_flags.h"
#include "ngx_workers_clone.h"
#include "ngx_workers_globals.h"
#include "ngx_workers_timers.h"


static ngx_int_t ngx_workers_events_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_events_native(JSContext *cx);
static JSValue ngx_workers_messages_native(JSContext *cx);
static JSValue ngx_workers_events_ext_report(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_events_ext_call(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_uint_t ngx_workers_events_loaded(JSContext *cx);
static JSValue ngx_workers_events_handled_job(JSContext *cx, int argc,
    JSValueConst *argv);
static ngx_uint_t ngx_workers_events_ask(JSContext *cx,
    ngx_workers_builtin_t *b, const char *name, int argc, JSValueConst *argv);
static JSValue ngx_workers_ext_report_error(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static const char *const  ngx_workers_events_globals[] = {
    "Event", "EventTarget", "CustomEvent", "ErrorEvent", "AbortController",
    "AbortSignal", "addEventListener", "removeEventListener", "dispatchEvent",
    NULL
};


static const char *const  ngx_workers_messages_globals[] = {
    "MessageEvent", "CloseEvent", "PromiseRejectionEvent", "MessageChannel",
    "MessagePort", "ExtendableEvent", "FetchEvent", NULL
};


ngx_workers_builtin_t  ngx_workers_events_builtin = {
    "events",
    ngx_workers_events_globals,
    ngx_workers_events_native,
    0
};


ngx_workers_builtin_t  ngx_workers_messages_builtin = {
    "messages",
    ngx_workers_messages_globals,
    ngx_workers_messages_native,
    0
};


static ngx_workers_builtin_t  *ngx_workers_events_builtins[] = {
    &ngx_workers_events_builtin,
    &ngx_workers_messages_builtin,
    NULL
};


static const JSCFunctionListEntry  ngx_workers_events_methods[] = {
    NGX_WORKERS_METHOD_MAGIC("setTimeout", 1, ngx_workers_ext_set_timeout, 0),
    NGX_WORKERS_METHOD_MAGIC("clearTimeout", 0,
                             ngx_workers_ext_clear_timeout, 0),
    NGX_WORKERS_METHOD("report", 1, ngx_workers_events_ext_report),
    NGX_WORKERS_METHOD("call", 3, ngx_workers_events_ext_call),
};


static const JSCFunctionListEntry  ngx_workers_messages_methods[] = {
    NGX_WORKERS_METHOD("queueMicrotask", 1, ngx_workers_ext_queue_microtask),
    NGX_WORKERS_METHOD("structuredClone", 1, ngx_workers_ext_structured_clone),
    NGX_WORKERS_METHOD("report", 1, ngx_workers_events_ext_report),
};


static const JSCFunctionListEntry  ngx_workers_events_global[] = {
    NGX_WORKERS_METHOD("reportError", 1, ngx_workers_ext_report_error),
};


ngx_workers_web_t  ngx_workers_events_web = {
    NULL,
    ngx_workers_events_builtins,
    ngx_workers_events_init
};


static ngx_int_t
ngx_workers_events_init(JSContext *cx, JSValueConst global)
{
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    if (!ngx_workers_flag_holds(iso->script, "expose_global_message_channel")
        && (ngx_workers_globals_delete(cx, iso->scope, "MessageChannel")
            != NGX_OK
            || ngx_workers_globals_delete(cx, iso->scope, "MessagePort")
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    return ngx_workers_globals_add(cx, ngx_workers_isolate(cx)->scope,
                                   ngx_workers_events_global,
                                   ngx_workers_nitems(
                                               ngx_workers_events_global));
}


static JSValue
ngx_workers_events_native(JSContext *cx)
{
    JSValue  native, scope;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (JS_SetPropertyFunctionList(cx, native, ngx_workers_events_methods,
                               ngx_workers_nitems(ngx_workers_events_methods))
        < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    scope = JS_GetPrototype(cx, ngx_workers_isolate(cx)->scope);

    if (ngx_workers_set(cx, native, "scope", scope) != NGX_OK) {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static JSValue
ngx_workers_messages_native(JSContext *cx)
{
    JSValue       native;
    JSValueConst  events;

    events = ngx_workers_builtin(cx, &ngx_workers_events_builtin);
    if (JS_IsException(events)) {
        return JS_EXCEPTION;
    }

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_set(cx, native, "events", JS_DupValue(cx, events))
        != NGX_OK
        || JS_SetPropertyFunctionList(cx, native, ngx_workers_messages_methods,
                              ngx_workers_nitems(ngx_workers_messages_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static JSValue
ngx_workers_events_ext_report(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_log_reason(cx, ngx_workers_current(cx), NGX_LOG_ERR,
                           "uncaught exception", argv[0]);

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_events_ext_call(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_Call(cx, argv[0], argv[1], 1, &argv[2]);
}


JSValue
ngx_workers_signal_new(JSContext *cx, JSValue *abort)
{
    JSValue  pair, signal;

    *abort = JS_UNDEFINED;

    pair = ngx_workers_builtin_call(cx, &ngx_workers_events_builtin,
                                    "createSignal", 0, NULL);
    if (JS_IsException(pair)) {
        return JS_EXCEPTION;
    }

    signal = JS_GetPropertyStr(cx, pair, "signal");
    *abort = JS_GetPropertyStr(cx, pair, "abort");

    JS_FreeValue(cx, pair);

    return signal;
}


void
ngx_workers_signal_abort(JSContext *cx, JSValueConst abort,
    JSValueConst reason)
{
    JSValue  ret;

    ret = JS_Call(cx, abort, JS_UNDEFINED, 1, &reason);

    if (JS_IsException(ret)) {
        (void) ngx_workers_report_exception(cx);
    }

    JS_FreeValue(cx, ret);
}


ngx_uint_t
ngx_workers_signal_is(JSContext *cx, JSValueConst v)
{
    return JS_IsObject(v)
           && ngx_workers_events_ask(cx, &ngx_workers_events_builtin,
                                     "isSignal", 1, &v);
}


JSValue
ngx_workers_signal_on_abort(JSContext *cx, JSValueConst signal,
    JSValueConst func)
{
    JSValueConst  argv[2];

    argv[0] = signal;
    argv[1] = func;

    return ngx_workers_builtin_call(cx, &ngx_workers_events_builtin, "onAbort",
                                    2, argv);
}


/* Without events.js there are no listeners and no signals. */

static ngx_uint_t
ngx_workers_events_loaded(JSContext *cx)
{
    return !JS_IsUndefined(ngx_workers_isolate(cx)->builtins
                                       [ngx_workers_events_builtin.index]);
}


/* A question to the built-in; what it throws is no. */

static ngx_uint_t
ngx_workers_events_ask(JSContext *cx, ngx_workers_builtin_t *b,
    const char *name, int argc, JSValueConst *argv)
{
    JSValue     ret;
    ngx_uint_t  yes;

    if (!ngx_workers_events_loaded(cx)) {
        return 0;
    }

    ret = ngx_workers_builtin_call(cx, b, name, argc, argv);

    if (JS_IsException(ret)) {
        JS_FreeValue(cx, JS_GetException(cx));
        return 0;
    }

    yes = JS_ToBool(cx, ret) > 0;
    JS_FreeValue(cx, ret);

    return yes;
}


ngx_uint_t
ngx_workers_events_listened(JSContext *cx, const char *type)
{
    JSValue     name;
    ngx_uint_t  yes;

    if (!ngx_workers_events_loaded(cx)) {
        return 0;
    }

    name = JS_NewString(cx, type);

    if (JS_IsException(name)) {
        JS_FreeValue(cx, JS_GetException(cx));
        return 0;
    }

    yes = ngx_workers_events_ask(cx, &ngx_workers_events_builtin,
                                 "hasListeners", 1, (JSValueConst *) &name);
    JS_FreeValue(cx, name);

    return yes;
}


JSValue
ngx_workers_events_fetch(JSContext *cx, JSValueConst request, JSValueConst ctx)
{
    JSValueConst  argv[2];

    argv[0] = request;
    argv[1] = ctx;

    return ngx_workers_builtin_call(cx, &ngx_workers_messages_builtin,
                                    "dispatchFetch", 2, argv);
}


ngx_uint_t
ngx_workers_events_rejection(JSContext *cx, const char *type,
    JSValueConst promise, JSValueConst reason)
{
    ngx_uint_t    yes;
    JSValueConst  argv[3];

    if (!ngx_workers_events_listened(cx, type)) {
        return 0;
    }

    argv[0] = JS_NewString(cx, type);

    if (JS_IsException(argv[0])) {
        JS_FreeValue(cx, JS_GetException(cx));
        return 0;
    }

    argv[1] = promise;
    argv[2] = reason;

    yes = ngx_workers_events_ask(cx, &ngx_workers_messages_builtin,
                                 "rejection", 3, argv);
    JS_FreeValue(cx, argv[0]);

    return yes;
}


void
ngx_workers_events_handled(JSContext *cx, JSValueConst promise)
{
    if (ngx_workers_events_listened(cx, "rejectionhandled")
        && JS_EnqueueJob(cx, ngx_workers_events_handled_job, 1, &promise) < 0)
    {
        JS_FreeValue(cx, JS_GetException(cx));
    }
}


static JSValue
ngx_workers_events_handled_job(JSContext *cx, int argc, JSValueConst *argv)
{
    (void) ngx_workers_events_rejection(cx, "rejectionhandled", argv[0],
                                        JS_UNDEFINED);

    return JS_UNDEFINED;
}


void
ngx_workers_report(JSContext *cx, JSValueConst error)
{
    JSValue  ret;

    if (!ngx_workers_events_loaded(cx)) {
        ngx_workers_log_reason(cx, ngx_workers_current(cx), NGX_LOG_ERR,
                               "uncaught exception", error);
        return;
    }

    /* logs by itself */

    ret = ngx_workers_builtin_call(cx, &ngx_workers_events_builtin, "report",
                                   1, &error);

    if (JS_IsException(ret)) {
        ngx_workers_log_exception(cx, ngx_workers_current(cx), NGX_LOG_ERR,
                                  "uncaught exception");
    }

    JS_FreeValue(cx, ret);
}


ngx_int_t
ngx_workers_report_exception(JSContext *cx)
{
    JSValue  error;

    error = JS_GetException(cx);

    if (JS_IsUncatchableError(error)) {
        (void) JS_Throw(cx, error);
        return NGX_ERROR;
    }

    ngx_workers_report(cx, error);
    JS_FreeValue(cx, error);

    return NGX_OK;
}


static JSValue
ngx_workers_ext_report_error(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "reportError",
                                          NGX_WORKERS_GLOBAL_SCOPE, 1,
                                          "JsValue");
    }

    ngx_workers_report(cx, argv[0]);

    return JS_UNDEFINED;
}
