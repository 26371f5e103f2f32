
/*
 * Copyright (C) the nginx-workers authors
 *
 * Fetcher: an object of env with fetch().
 */


#include "ngx_workers_fetch.h"
#include "ngx_workers_fetcher.h"


static JSValue ngx_workers_fetcher_ext_fetch(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static const JSCFunctionListEntry  ngx_workers_fetcher_proto[] = {
    NGX_WORKERS_METHOD("fetch", 0, ngx_workers_fetcher_ext_fetch),
    NGX_WORKERS_TAG("Fetcher"),
};


static ngx_workers_class_t  ngx_workers_fetcher_class = {
    .def = { .class_name = "Fetcher" },
    .proto = ngx_workers_fetcher_proto,
    .nproto = ngx_workers_nitems(ngx_workers_fetcher_proto),
    .hidden = 1
};


ngx_workers_class_t  *ngx_workers_fetcher_classes[] = {
    &ngx_workers_fetcher_class,
    NULL
};


JSValue
ngx_workers_fetcher(JSContext *cx, ngx_workers_http_slot_t *slot)
{
    JSValue  object;

    object = JS_NewObjectClass(cx, ngx_workers_fetcher_class.id);

    if (!JS_IsException(object)) {
        JS_SetOpaque(object, slot);
    }

    return object;
}


static JSValue
ngx_workers_fetcher_ext_fetch(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                   promise;
    ngx_workers_http_slot_t  *slot;

    slot = ngx_workers_this(cx, this_val, ngx_workers_fetcher_class.id);

    promise = (slot != NULL) ? ngx_workers_fetch(cx, slot, "Fetcher", argc,
                                                 argv)
                             : JS_EXCEPTION;

    return JS_IsException(promise) ? ngx_workers_reject(cx) : promise;
}
