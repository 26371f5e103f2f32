
/*
 * Copyright (C) the nginx-workers authors
 *
 * Operations that compute in the thread pool.  Copies of what they work on
 * are bounded for the whole process; a process that exits frees those that
 * are left.
 */


#include "ngx_workers_isolate.h"
#include "ngx_workers_clock.h"


#define NGX_WORKERS_TASK_MEMORY  (64 * 1024 * 1024)


static void ngx_workers_task_handler(void *data, ngx_log_t *log);
static void ngx_workers_task_done(ngx_event_t *ev);
static void ngx_workers_task_unlink(ngx_workers_task_t *t);
static void ngx_workers_task_abandon(ngx_workers_op_t *op);


ngx_uint_t
ngx_workers_task_allowed(JSContext *cx, size_t memory)
{
    ngx_workers_isolate_t  *iso;
    ngx_workers_threads_t  *threads;

    iso = ngx_workers_isolate(cx);
    threads = iso->threads;

    if (threads == NULL || iso->inv == NULL || iso->inv->ended
        || iso->evaluating)
    {
        return 0;                          /* top-level code does not wait */
    }

    return threads->memory == 0
           || threads->memory + memory <= NGX_WORKERS_TASK_MEMORY;
}


JSValue
ngx_workers_task_start(JSContext *cx, ngx_workers_task_t *t)
{
    JSValue                    promise;
    ngx_workers_isolate_t     *iso;
    ngx_workers_invocation_t  *inv;

    iso = ngx_workers_isolate(cx);
    inv = iso->inv;

    promise = ngx_workers_op_start(cx, inv, &t->op);
    if (JS_IsException(promise)) {
        return JS_EXCEPTION;
    }

    t->threads = iso->threads;

    ngx_workers_task_limit(cx, t);

    t->task.handler = ngx_workers_task_handler;
    t->task.ctx = t;
    t->task.event.handler = ngx_workers_task_done;
    t->task.event.data = t;
    t->task.event.log = iso->log;

    if (ngx_thread_task_post(t->threads->pool, &t->task) != NGX_OK) {
        ngx_workers_op_abandon(&t->op);
        JS_FreeValue(cx, promise);
        return JS_ThrowInternalError(cx, "too many computations are waiting");
    }

    t->op.abandon = ngx_workers_task_abandon;

    ngx_queue_insert_tail(&t->threads->ops, &t->queue);
    t->threads->memory += t->memory;

    return promise;
}


void
ngx_workers_task_limit(JSContext *cx, ngx_workers_task_t *t)
{
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_current(cx);

    if (inv != NULL && inv->cpu_limit != 0) {
        t->cpu_limit = (inv->cpu < inv->cpu_limit)
                       ? inv->cpu_limit - inv->cpu : 1;
    }

    t->start = ngx_workers_clock_cpu();
}


static void
ngx_workers_task_handler(void *data, ngx_log_t *log)
{
    ngx_workers_task_t *t = data;

    t->start = ngx_workers_clock_cpu();    /* of this thread */

    if (!t->abandoned) {
        t->run(t);
    }

    t->cpu = ngx_workers_clock_cpu() - t->start;
}


ngx_uint_t
ngx_workers_task_stop(ngx_workers_task_t *t)
{
    return t->abandoned
           || (t->cpu_limit != 0
               && ngx_workers_clock_cpu() - t->start > t->cpu_limit);
}


static void
ngx_workers_task_done(ngx_event_t *ev)
{
    ngx_workers_task_t *t = ev->data;

    ngx_workers_task_unlink(t);

    if (t->op.inv != NULL) {
        t->op.inv->cpu += t->cpu;          /* leaving JavaScript checks it */
    }

    ngx_workers_op_done(&t->op);
}


static void
ngx_workers_task_unlink(ngx_workers_task_t *t)
{
    ngx_queue_remove(&t->queue);
    t->threads->memory -= t->memory;
}


static void
ngx_workers_task_abandon(ngx_workers_op_t *op)
{
    ((ngx_workers_task_t *) op)->abandoned = 1;
}


void
ngx_workers_threads_exit(ngx_workers_threads_t *threads)
{
    ngx_queue_t         *q;
    ngx_workers_task_t  *t;

    while (!ngx_queue_empty(&threads->ops)) {
        q = ngx_queue_head(&threads->ops);
        t = ngx_queue_data(q, ngx_workers_task_t, queue);

        ngx_workers_task_unlink(t);
        t->op.free(&t->op);
    }
}
