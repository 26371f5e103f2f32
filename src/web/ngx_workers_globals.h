
/*
 * Copyright (C) the nginx-workers authors
 *
 * Globals that stand alone, and the module "cloudflare:workers".
 */


#ifndef _NGX_WORKERS_GLOBALS_H_INCLUDED_
#define _NGX_WORKERS_GLOBALS_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"


/* The global object's class, as error texts call it. */
#define NGX_WORKERS_GLOBAL_SCOPE  "ServiceWorkerGlobalScope"


/*
 * Defines the one object of a class, such as "performance"; its opaque is
 * the isolate.  NGX_ERROR: exception pending.
 */
ngx_int_t ngx_workers_singleton(JSContext *cx, JSValueConst global,
    ngx_workers_class_t *class, const char *name);

/*
 * Defines functions and objects of the global scope in target, which is the
 * global object or its prototype, in place of what the global object has of
 * these names: the engine's list functions abort() on a name that is taken.
 */
ngx_int_t ngx_workers_globals_add(JSContext *cx, JSValueConst target,
    const JSCFunctionListEntry *list, ngx_uint_t n);

/* Deletes a property by name. */
ngx_int_t ngx_workers_globals_delete(JSContext *cx, JSValueConst object,
    const char *name);

/*
 * The engine's and njs's classes have no public ids, but names.
 * JS_INVALID_CLASS_ID: there is none.
 */
JSClassID ngx_workers_class_by_name(JSContext *cx, const char *name);

/* The log that a line about the running JavaScript goes to. */
ngx_log_t *ngx_workers_current_log(JSContext *cx);

/* Milliseconds since the epoch, with fractions. */
double ngx_workers_now(void);


/* The exports of "cloudflare:workers"; it needs the isolate's env. */
extern ngx_workers_builtin_t  ngx_workers_workers_builtin;


#endif /* _NGX_WORKERS_GLOBALS_H_INCLUDED_ */
