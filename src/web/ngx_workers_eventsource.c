
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of EventSource (src/js/eventsource.js).
 */


#include "../core/ngx_workers_isolate.h"
#include "ngx_workers_events.h"
#include "ngx_workers_fetch.h"
#include "ngx_workers_timers.h"


static JSValue ngx_workers_eventsource_native(JSContext *cx);
static JSValue ngx_workers_eventsource_ext_fetch(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_eventsource_ext_is_fetcher(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static const char *const  ngx_workers_eventsource_globals[] = {
    "EventSource", NULL
};


static ngx_workers_builtin_t  ngx_workers_eventsource_builtin = {
    .name = "eventsource",
    .globals = ngx_workers_eventsource_globals,
    .native = ngx_workers_eventsource_native
};


static ngx_workers_builtin_t  *ngx_workers_eventsource_builtins[] = {
    &ngx_workers_eventsource_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_eventsource_web = {
    .builtins = ngx_workers_eventsource_builtins
};


static const JSCFunctionListEntry  ngx_workers_eventsource_methods[] = {
    JS_CFUNC_DEF("fetch", 2, ngx_workers_eventsource_ext_fetch),
    JS_CFUNC_DEF("isFetcher", 1, ngx_workers_eventsource_ext_is_fetcher),
    JS_CFUNC_MAGIC_DEF("setTimeout", 2, ngx_workers_ext_set_timeout, 0),
    JS_CFUNC_MAGIC_DEF("clearTimeout", 1, ngx_workers_ext_clear_timeout, 0),
};


static JSValue
ngx_workers_eventsource_native(JSContext *cx)
{
    JSValue       native;
    JSValueConst  events, messages;

    events = ngx_workers_builtin(cx, &ngx_workers_events_builtin);
    if (JS_IsException(events)) {
        return JS_EXCEPTION;
    }

    messages = ngx_workers_builtin(cx, &ngx_workers_messages_builtin);
    if (JS_IsException(messages)) {
        return JS_EXCEPTION;
    }

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && (JS_SetPropertyFunctionList(cx, native,
                           ngx_workers_eventsource_methods,
                           ngx_workers_nitems(ngx_workers_eventsource_methods))
            < 0
            || ngx_workers_set(cx, native, "events", JS_DupValue(cx, events))
               != NGX_OK
            || ngx_workers_set(cx, native, "messages",
                               JS_DupValue(cx, messages))
               != NGX_OK))
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* The global fetch(), whatever a script has put in its place. */

static JSValue
ngx_workers_eventsource_ext_fetch(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue  promise;

    promise = ngx_workers_fetch(cx, ngx_workers_isolate(cx)->http,
                                "ServiceWorkerGlobalScope", argc, argv);

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}


static JSValue
ngx_workers_eventsource_ext_is_fetcher(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int          is;
    JSAtom       atom;
    const char  *name;

    if (!JS_IsObject(argv[0])) {
        return JS_FALSE;
    }

    atom = JS_GetClassName(JS_GetRuntime(cx), JS_GetClassID(argv[0]));
    name = JS_AtomToCString(cx, atom);
    JS_FreeAtom(cx, atom);

    if (name == NULL) {
        return JS_EXCEPTION;
    }

    is = (ngx_strcmp(name, "Fetcher") == 0);
    JS_FreeCString(cx, name);

    return JS_NewBool(cx, is);
}
