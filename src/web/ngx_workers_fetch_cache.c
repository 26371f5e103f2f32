
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of fetch() through the cache (src/js/fetch_cache.js).
 */


#include "../core/ngx_workers_isolate.h"
#include "../core/ngx_workers_tee.h"
#include "ngx_workers_fetch.h"


static JSValue ngx_workers_fetch_cache_native(JSContext *cx);
static JSValue ngx_workers_fetch_cache_ext_fetch(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_fetch_cache_ext_wait_until(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_fetch_cache_ext_even(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_fetch_cache_ext_set_url(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static ngx_workers_builtin_t  ngx_workers_fetch_cache_builtin = {
    .name = "fetch_cache",
    .native = ngx_workers_fetch_cache_native
};


static ngx_workers_builtin_t  *ngx_workers_fetch_cache_builtins[] = {
    &ngx_workers_fetch_cache_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_fetch_cache_web = {
    .builtins = ngx_workers_fetch_cache_builtins
};


static const JSCFunctionListEntry  ngx_workers_fetch_cache_methods[] = {
    JS_CFUNC_DEF("fetch", 1, ngx_workers_fetch_cache_ext_fetch),
    JS_CFUNC_DEF("waitUntil", 1, ngx_workers_fetch_cache_ext_wait_until),
    JS_CFUNC_DEF("even", 1, ngx_workers_fetch_cache_ext_even),
    JS_CFUNC_DEF("setUrl", 2, ngx_workers_fetch_cache_ext_set_url),
};


static JSValue
ngx_workers_fetch_cache_native(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                           ngx_workers_fetch_cache_methods,
                           ngx_workers_nitems(ngx_workers_fetch_cache_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* GET is the only method that the cache has. */

ngx_uint_t
ngx_workers_fetch_cache_wanted(JSContext *cx, ngx_workers_request_t *request)
{
    int          found;
    JSAtom       atom;
    ngx_uint_t   i;

    static const char *const  members[] = {
        "cacheTtl", "cacheEverything", "cacheTtlByStatus"
    };

    if (!request->got_cf || !JS_IsObject(request->cf)
        || request->method.len != 3
        || ngx_strncmp(request->method.data, "GET", 3) != 0
        || request->cache != NGX_WORKERS_CACHE_NONE
        || ngx_workers_isolate(cx)->cache == NULL)
    {
        return 0;
    }

    found = 0;

    for (i = 0; i < ngx_workers_nitems(members) && found == 0; i++) {
        atom = JS_NewAtom(cx, members[i]);
        found = JS_HasProperty(cx, request->cf, atom);
        JS_FreeAtom(cx, atom);
    }

    if (found < 0) {
        JS_FreeValue(cx, JS_GetException(cx));
    }

    return found > 0;
}


JSValue
ngx_workers_fetch_cached(JSContext *cx, JSValueConst request)
{
    JSValue       func, promise;
    JSValueConst  exports;

    exports = ngx_workers_builtin(cx, &ngx_workers_fetch_cache_builtin);
    if (JS_IsException(exports)) {
        return JS_EXCEPTION;
    }

    func = JS_GetPropertyStr(cx, exports, "fetchCached");
    promise = JS_Call(cx, func, JS_UNDEFINED, 1, &request);
    JS_FreeValue(cx, func);

    return promise;
}


static JSValue
ngx_workers_fetch_cache_ext_fetch(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    return ngx_workers_fetch_plain(cx, ngx_workers_isolate(cx)->http, argv[0]);
}


static JSValue
ngx_workers_fetch_cache_ext_wait_until(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_current(cx);

    if (inv != NULL
        && ngx_workers_invocation_wait_until(cx, inv, argv[0]) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


/*
 * Lets a clone's body be read evenly with the other's: what is kept is not to
 * cost the memory that a client, or the disk, is behind.
 */

static JSValue
ngx_workers_fetch_cache_ext_even(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_body_t       out;
    ngx_workers_response_t  *response;

    response = ngx_workers_response(argv[0]);

    if (response == NULL || response->body.type != NGX_WORKERS_BODY_SOURCE) {
        return JS_UNDEFINED;
    }

    if (ngx_workers_body_take(cx, &response->body, &out) != NGX_OK) {
        return JS_EXCEPTION;
    }

    ngx_workers_tee_even(out.source);

    if (ngx_workers_body_set_source(cx, &response->body, out.source)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_fetch_cache_ext_set_url(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_response_t  *response;

    response = ngx_workers_response(argv[0]);

    if (response != NULL) {
        JS_FreeValue(cx, response->url);
        response->url = JS_DupValue(cx, argv[1]);
    }

    return JS_UNDEFINED;
}
