
/*
 * Copyright (C) the nginx-workers authors
 *
 * Async context frames, what AsyncLocalStorage stands on: a value that goes
 * with the code that runs, over awaits, reactions of promises and whatever
 * takes a frame along.  iso->frame is the frame of the running code, undefined
 * if nobody has set one.
 */


#ifndef _NGX_WORKERS_FRAME_H_INCLUDED_
#define _NGX_WORKERS_FRAME_H_INCLUDED_


#include "ngx_workers_isolate.h"


/*
 * Makes promises of the isolate carry the invocation that made them, in an
 * engine in which the promises of jobs are found.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_workers_frame_init(JSContext *cx);

/*
 * Makes promises of the isolate carry frames from now on; idempotent.
 * NGX_ERROR: an exception is pending, such as for an engine in which the
 * frames of jobs are not found.
 */
ngx_int_t ngx_workers_frame_start(JSContext *cx);

/*
 * Runs the isolate's next job in its frame, and in none afterwards, and for
 * its invocation, which may be another one than that which runs.  Returns what
 * JS_ExecutePendingJob() does.  Only if iso->tags.
 */
int ngx_workers_frame_job(ngx_workers_isolate_t *iso);

/*
 * A function that calls func in the running code's frame, and returns what it
 * does; func itself if there is none.  Owned.
 */
JSValue ngx_workers_frame_bind(JSContext *cx, JSValueConst func);

/* Makes frame (eaten) the one of the running code. */
static ngx_inline void
ngx_workers_frame_set(ngx_workers_isolate_t *iso, JSValue frame)
{
    JSValue  old;

    old = iso->frame;
    iso->frame = frame;

    JS_FreeValue(iso->cx, old);
}


#endif /* _NGX_WORKERS_FRAME_H_INCLUDED_ */
