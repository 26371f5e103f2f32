
/*
 * Copyright (C) the nginx-workers authors
 *
 * Events, AbortSignal and the global event target, for C.
 */


#ifndef _NGX_WORKERS_EVENTS_H_INCLUDED_
#define _NGX_WORKERS_EVENTS_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"


/*
 * A new AbortSignal; owned.  *abort is a function(reason) that aborts it, for
 * ngx_workers_signal_abort(); owned.  In JavaScript.
 */
JSValue ngx_workers_signal_new(JSContext *cx, JSValue *abort);

/*
 * Aborts, and calls the listeners: between enter() and leave().  reason:
 * undefined is an AbortError.
 */
void ngx_workers_signal_abort(JSContext *cx, JSValueConst abort,
    JSValueConst reason);

/* Whether v is an AbortSignal.  No exception. */
ngx_uint_t ngx_workers_signal_is(JSContext *cx, JSValueConst v);

/*
 * func(reason) is called once, at once if signal is aborted already.  The
 * result is a function that undoes this.
 */
JSValue ngx_workers_signal_on_abort(JSContext *cx, JSValueConst signal,
    JSValueConst func);


/* Whether the global object has listeners of a type.  No exception. */
ngx_uint_t ngx_workers_events_listened(JSContext *cx, const char *type);

/*
 * Dispatches a fetch event to the listeners of service-worker syntax: the
 * promise of what respondWith() was given.  Owned.
 */
JSValue ngx_workers_events_fetch(JSContext *cx, JSValueConst request,
    JSValueConst ctx);

/*
 * Dispatches "unhandledrejection" or "rejectionhandled".  1: a listener has
 * prevented the default, which is a line in the log.
 */
ngx_uint_t ngx_workers_events_rejection(JSContext *cx, const char *type,
    JSValueConst promise, JSValueConst reason);

/* A rejection that has been reported is handled: tells who listens, soon. */
void ngx_workers_events_handled(JSContext *cx, JSValueConst promise);


/*
 * An exception that nobody has caught: goes to the listeners of "error", and
 * to the log unless one of them prevents it.  The pending one is taken; what
 * says that a limit broke stays pending (NGX_ERROR).
 */
void ngx_workers_report(JSContext *cx, JSValueConst error);
ngx_int_t ngx_workers_report_exception(JSContext *cx);


extern ngx_workers_builtin_t  ngx_workers_events_builtin;
extern ngx_workers_builtin_t  ngx_workers_messages_builtin;


#endif /* _NGX_WORKERS_EVENTS_H_INCLUDED_ */
