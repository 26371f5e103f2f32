
/*
 * Copyright (C) the nginx-workers authors
 *
 * Timers (HTML Standard, section 8.7) and scheduler.wait().
 */


#ifndef _NGX_WORKERS_TIMERS_H_INCLUDED_
#define _NGX_WORKERS_TIMERS_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"


/* The invocation ends: none of its timers fires any more. */
void ngx_workers_timers_drop(ngx_workers_invocation_t *inv);


JSValue ngx_workers_ext_set_timeout(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int repeat);
JSValue ngx_workers_ext_clear_timeout(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic);
JSValue ngx_workers_ext_queue_microtask(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);


#endif /* _NGX_WORKERS_TIMERS_H_INCLUDED_ */
