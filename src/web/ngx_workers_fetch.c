
/*
 * Copyright (C) the nginx-workers authors
 *
 * fetch().  It takes its arguments as the Fetch Standard says (section 5.6),
 * and answers that no request is made: bundles touch the function when they
 * are loaded, and do without its answers.
 */


#include "ngx_workers_fetch.h"
#include "ngx_workers_globals.h"


static ngx_int_t ngx_workers_fetch_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_ext_fetch(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_fetch_refuse(JSContext *cx, int argc,
    JSValueConst *argv);
static ngx_int_t ngx_workers_fetch_aborted(JSContext *cx,
    JSValueConst request);


static const JSCFunctionListEntry  ngx_workers_fetch_list[] = {
    NGX_WORKERS_METHOD("fetch", 0, ngx_workers_ext_fetch),
};


ngx_workers_web_t  ngx_workers_fetch_web = {
    .init = ngx_workers_fetch_init
};


static ngx_int_t
ngx_workers_fetch_init(JSContext *cx, JSValueConst global)
{
    return ngx_workers_globals_add(cx, ngx_workers_isolate(cx)->scope,
                                   ngx_workers_fetch_list,
                                   ngx_workers_nitems(ngx_workers_fetch_list));
}


static JSValue
ngx_workers_ext_fetch(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    (void) ngx_workers_fetch_refuse(cx, argc, argv);

    return ngx_workers_reject(cx);
}


static JSValue
ngx_workers_fetch_refuse(JSContext *cx, int argc, JSValueConst *argv)
{
    JSValue      request, url;
    ngx_int_t    rc;
    const char  *text;

    if (ngx_workers_require_invocation(cx) == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "fetch",
                                          NGX_WORKERS_GLOBAL_SCOPE, 1,
                                          "Request or string");
    }

    if (argc > 1 && !JS_IsObject(argv[1]) && !JS_IsUndefined(argv[1])
        && !JS_IsNull(argv[1]))
    {
        return ngx_workers_throw_argument(cx, "fetch",
                                          NGX_WORKERS_GLOBAL_SCOPE, 2,
                                          "RequestInitializerDict or Request");
    }

    request = ngx_workers_request_construct(cx, argv[0],
                                            argc > 1 ? argv[1] : JS_UNDEFINED);
    if (JS_IsException(request)) {
        return JS_EXCEPTION;
    }

    rc = ngx_workers_fetch_aborted(cx, request);
    url = (rc == NGX_OK) ? JS_GetPropertyStr(cx, request, "url")
                         : JS_EXCEPTION;

    JS_FreeValue(cx, request);

    text = JS_IsException(url) ? NULL : JS_ToCString(cx, url);
    JS_FreeValue(cx, url);

    if (text == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_strncmp(text, "http://", sizeof("http://") - 1) != 0
        && ngx_strncmp(text, "https://", sizeof("https://") - 1) != 0)
    {
        (void) JS_ThrowTypeError(cx, "Fetch API cannot load: %s", text);

    } else {
        (void) ngx_workers_throw_error(cx, "fetch() is not available: this "
                                       "version of nginx-workers makes no "
                                       "requests to other servers");
    }

    JS_FreeCString(cx, text);

    return JS_EXCEPTION;
}


/* NGX_ERROR: it is, and its signal's reason is thrown; or it failed. */

static ngx_int_t
ngx_workers_fetch_aborted(JSContext *cx, JSValueConst request)
{
    int      aborted;
    JSValue  signal, value;

    signal = JS_GetPropertyStr(cx, request, "signal");
    value = JS_IsException(signal) ? JS_EXCEPTION
                                   : JS_GetPropertyStr(cx, signal, "aborted");
    aborted = JS_IsException(value) ? -1 : JS_ToBool(cx, value);

    if (aborted > 0) {
        (void) JS_Throw(cx, JS_GetPropertyStr(cx, signal, "reason"));
    }

    JS_FreeValue(cx, value);
    JS_FreeValue(cx, signal);

    return (aborted == 0) ? NGX_OK : NGX_ERROR;
}
