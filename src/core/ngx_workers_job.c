
/*
 * Copyright (C) the nginx-workers authors
 *
 * Jobs: the thread pool's tasks, kept in a list so that none is lost when the
 * process exits between a task and its event.
 */


#include "ngx_workers_job.h"

#include <sys/uio.h>


static void ngx_workers_job_handler(void *data, ngx_log_t *log);
static void ngx_workers_job_event(ngx_event_t *ev);


void
ngx_workers_jobs_init(ngx_workers_jobs_t *jobs, ngx_thread_pool_t *pool,
    ngx_log_t *log)
{
    jobs->pool = pool;
    jobs->log = log;

    ngx_queue_init(&jobs->queue);
}


void
ngx_workers_jobs_exit(ngx_workers_jobs_t *jobs)
{
    ngx_queue_t        *q;
    ngx_workers_job_t  *job;

    jobs->pool = NULL;

    while (!ngx_queue_empty(&jobs->queue)) {
        q = ngx_queue_head(&jobs->queue);
        job = ngx_queue_data(q, ngx_workers_job_t, queue);

        ngx_queue_remove(q);
        job->done(job);
    }
}


ngx_int_t
ngx_workers_job_post(ngx_workers_jobs_t *jobs, ngx_workers_job_t *job)
{
    if (jobs->pool == NULL) {
        return NGX_ERROR;
    }

    job->jobs = jobs;

    job->task.handler = ngx_workers_job_handler;
    job->task.ctx = job;
    job->task.event.handler = ngx_workers_job_event;
    job->task.event.data = job;
    job->task.event.log = jobs->log;

    if (ngx_thread_task_post(jobs->pool, &job->task) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_queue_insert_tail(&jobs->queue, &job->queue);

    return NGX_OK;
}


static void
ngx_workers_job_handler(void *data, ngx_log_t *log)
{
    ngx_workers_job_t *job = data;

    job->run(job);
}


static void
ngx_workers_job_event(ngx_event_t *ev)
{
    ngx_workers_job_t *job = ev->data;

    ngx_queue_remove(&job->queue);

    job->done(job);
}


ssize_t
ngx_workers_read_cached(ngx_fd_t fd, u_char *buf, size_t n, off_t offset)
{
    ssize_t       rc;
    struct iovec  iov;

    iov.iov_base = buf;
    iov.iov_len = n;

    do {
        rc = preadv2(fd, &iov, 1, offset, RWF_NOWAIT);
    } while (rc == -1 && ngx_errno == NGX_EINTR);

    /* a file system that cannot say: a thread waits for it */

    if (rc == -1 && (ngx_errno == EOPNOTSUPP || ngx_errno == ENOSYS)) {
        ngx_set_errno(NGX_EAGAIN);
    }

    return rc;
}
