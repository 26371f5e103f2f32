
/*
 * Copyright (C) the nginx-workers authors
 *
 * Native work in the thread pool that no promise waits for by itself: file
 * I/O.  No JavaScript here, so engines use it as well.
 */


#ifndef _NGX_WORKERS_JOB_H_INCLUDED_
#define _NGX_WORKERS_JOB_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_thread_pool.h>


typedef struct ngx_workers_job_s  ngx_workers_job_t;


/* Those of a process. */
typedef struct {
    ngx_thread_pool_t     *pool;            /* NULL: the process exits */
    ngx_log_t             *log;
    ngx_queue_t            queue;           /* those under way */
} ngx_workers_jobs_t;


struct ngx_workers_job_s {
    ngx_thread_task_t      task;
    ngx_queue_t            queue;
    ngx_workers_jobs_t    *jobs;

    /* Called in a pool thread. */
    void                 (*run)(ngx_workers_job_t *job);

    /*
     * Called in the event loop, once: run() has returned.  When the process
     * exits it is called as well, and post() fails from then on.
     */
    void                 (*done)(ngx_workers_job_t *job);
};


void ngx_workers_jobs_init(ngx_workers_jobs_t *jobs, ngx_thread_pool_t *pool,
    ngx_log_t *log);

/* The process exits, the pool has ended, and no invocation is left. */
void ngx_workers_jobs_exit(ngx_workers_jobs_t *jobs);

/*
 * Event loop.  run and done are set, the rest is zero or what an earlier
 * post() left.  NGX_ERROR: too many are waiting, done() will not be called.
 */
ngx_int_t ngx_workers_job_post(ngx_workers_jobs_t *jobs,
    ngx_workers_job_t *job);

/*
 * Reads what the page cache has of n bytes at offset; event loop.  -1 with
 * NGX_EAGAIN: nothing, let a job read.
 */
ssize_t ngx_workers_read_cached(ngx_fd_t fd, u_char *buf, size_t n,
    off_t offset);


#endif /* _NGX_WORKERS_JOB_H_INCLUDED_ */
