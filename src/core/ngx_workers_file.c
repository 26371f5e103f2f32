
/*
 * Copyright (C) the nginx-workers authors
 *
 * Parts of a file as a source.  While a pool thread reads, the source belongs
 * to it: a close() meanwhile takes effect when the thread is done.
 */


#include "ngx_workers_file.h"


#define NGX_WORKERS_FILE_BUFFER  65536


typedef struct {
    ngx_workers_source_t    src;
    ngx_workers_job_t       job;
    ngx_workers_jobs_t     *jobs;

    ngx_file_t              file;
    ngx_workers_piece_t    *piece;          /* the one that is read */
    ngx_workers_piece_t    *end;

    ngx_chain_t             chain;
    ngx_buf_t               buf;
    u_char                 *space;          /* what it is read into */
    size_t                  size;

    ssize_t                 n;              /* the job's result */
    ngx_err_t               err;

    unsigned                running:1;      /* a job is under way */
    unsigned                ready:1;        /* its result waits */
    unsigned                sent:1;         /* nginx has the file */
    unsigned                closed:1;
} ngx_workers_file_t;


static ngx_int_t ngx_workers_file_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_file_send(ngx_workers_file_t *f,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_file_lend(ngx_workers_file_t *f, size_t n,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_file_failed(ngx_workers_file_t *f, ssize_t n,
    ngx_err_t err);
static void ngx_workers_file_run(ngx_workers_job_t *job);
static void ngx_workers_file_done(ngx_workers_job_t *job);
static void ngx_workers_file_close(ngx_workers_source_t *src);
static void ngx_workers_file_free(void *data);


ngx_workers_source_t *
ngx_workers_file(ngx_workers_invocation_t *inv, ngx_workers_jobs_t *jobs,
    ngx_fd_t fd, const ngx_workers_piece_t *pieces, ngx_uint_t n)
{
    u_char               *p;
    size_t                size;
    ngx_uint_t            i;
    ngx_workers_file_t   *f;
    ngx_workers_piece_t  *piece;

    size = sizeof(ngx_workers_file_t) + n * sizeof(ngx_workers_piece_t);

    for (i = 0; i < n; i++) {
        size += (pieces[i].data != NULL) ? pieces[i].length : 0;
    }

    f = ngx_alloc(size, jobs->log);
    if (f == NULL) {
        return NULL;
    }

    ngx_memzero(f, sizeof(ngx_workers_file_t));

    piece = (ngx_workers_piece_t *) (f + 1);
    p = (u_char *) (piece + n);

    f->piece = piece;
    f->end = piece + n;
    f->jobs = jobs;
    f->file.fd = fd;
    f->file.log = jobs->log;

    f->job.run = ngx_workers_file_run;
    f->job.done = ngx_workers_file_done;

    f->src.read = ngx_workers_file_read;
    f->src.close = ngx_workers_file_close;

    for (i = 0; i < n; i++) {
        piece[i] = pieces[i];
        f->src.length += pieces[i].length;

        if (pieces[i].data != NULL) {
            piece[i].data = p;
            p = ngx_cpymem(p, pieces[i].data, pieces[i].length);
        }
    }

    ngx_workers_source_init(&f->src, inv);

    return &f->src;
}


static ngx_int_t
ngx_workers_file_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    size_t               size;
    ssize_t              n;
    ngx_workers_file_t  *f;

    f = (ngx_workers_file_t *) src;

    if (f->running) {
        return NGX_AGAIN;
    }

    while (f->piece != f->end && f->piece->length == 0) {
        f->piece++;
    }

    if (f->piece == f->end) {
        return NGX_DONE;
    }

    if (src->files && src->pool != NULL) {
        return ngx_workers_file_send(f, out);
    }

    if (f->piece->data != NULL) {
        ngx_memzero(&f->buf, sizeof(ngx_buf_t));

        f->buf.memory = 1;
        f->buf.pos = f->piece->data;
        f->buf.last = f->piece->data + f->piece->length;
        f->chain.buf = &f->buf;

        *out = &f->chain;
        f->piece++;

        return NGX_OK;
    }

    if (f->space == NULL) {
        f->size = ngx_min(f->piece->length, NGX_WORKERS_FILE_BUFFER);
        f->space = ngx_alloc(f->size, f->jobs->log);

        if (f->space == NULL) {
            src->reason = "Out of memory.";
            return NGX_ERROR;
        }
    }

    size = ngx_min(f->piece->length, (off_t) f->size);

    if (f->ready) {
        f->ready = 0;
        n = f->n;
        ngx_set_errno(f->err);

    } else {
        n = ngx_workers_read_cached(f->file.fd, f->space, size,
                                    f->piece->offset);

        if (n == -1 && ngx_errno == NGX_EAGAIN) {

            if (ngx_workers_job_post(f->jobs, &f->job) != NGX_OK) {
                src->reason = "Too many reads are waiting.";
                return NGX_ERROR;
            }

            f->running = 1;

            return NGX_AGAIN;
        }
    }

    if (n <= 0) {
        return ngx_workers_file_failed(f, n, ngx_errno);
    }

    return ngx_workers_file_lend(f, n, out);
}


/* All that is left, as buffers in the file, which nginx then has. */

static ngx_int_t
ngx_workers_file_send(ngx_workers_file_t *f, ngx_chain_t **out)
{
    ngx_buf_t             *b;
    ngx_chain_t           *cl, **last;
    ngx_pool_cleanup_t    *cln;
    ngx_workers_piece_t   *piece;

    cln = ngx_pool_cleanup_add(f->src.pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    last = out;

    for (piece = f->piece; piece != f->end; piece++) {

        if (piece->length == 0) {
            continue;
        }

        b = ngx_calloc_buf(f->src.pool);
        cl = ngx_alloc_chain_link(f->src.pool);

        if (b == NULL || cl == NULL) {
            return NGX_ERROR;
        }

        if (piece->data != NULL) {
            b->memory = 1;
            b->pos = piece->data;
            b->last = piece->data + piece->length;

        } else {
            b->in_file = 1;
            b->file = &f->file;
            b->file_pos = piece->offset;
            b->file_last = piece->offset + piece->length;
        }

        cl->buf = b;
        *last = cl;
        last = &cl->next;
    }

    *last = NULL;

    cln->handler = ngx_workers_file_free;
    cln->data = f;

    f->file.log = f->src.pool->log;
    f->piece = f->end;
    f->sent = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_file_lend(ngx_workers_file_t *f, size_t n, ngx_chain_t **out)
{
    f->piece->offset += n;
    f->piece->length -= n;

    ngx_memzero(&f->buf, sizeof(ngx_buf_t));

    f->buf.temporary = 1;
    f->buf.flush = 1;
    f->buf.start = f->space;
    f->buf.pos = f->space;
    f->buf.last = f->space + n;
    f->buf.end = f->buf.last;
    f->chain.buf = &f->buf;

    *out = &f->chain;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_file_failed(ngx_workers_file_t *f, ssize_t n, ngx_err_t err)
{
    if (n == 0) {
        ngx_log_error(NGX_LOG_CRIT, f->jobs->log, 0,
                      "a file of workers_data is shorter than it was");

    } else {
        ngx_log_error(NGX_LOG_CRIT, f->jobs->log, err,
                      "reading a file of workers_data failed");
    }

    f->src.reason = "Network connection lost.";

    return NGX_ERROR;
}


static void
ngx_workers_file_run(ngx_workers_job_t *job)
{
    ngx_workers_file_t  *f;

    f = ngx_queue_data(job, ngx_workers_file_t, job);

    do {
        f->n = pread(f->file.fd, f->space,
                     ngx_min(f->piece->length, (off_t) f->size),
                     f->piece->offset);
    } while (f->n == -1 && ngx_errno == NGX_EINTR);

    f->err = ngx_errno;
}


static void
ngx_workers_file_done(ngx_workers_job_t *job)
{
    ngx_workers_file_t  *f;

    f = ngx_queue_data(job, ngx_workers_file_t, job);

    f->running = 0;
    f->ready = 1;

    if (f->closed) {
        ngx_workers_file_free(f);
        return;
    }

    if (f->src.wake != NULL) {
        f->src.wake(f->src.data);
    }
}


static void
ngx_workers_file_close(ngx_workers_source_t *src)
{
    ngx_workers_file_t  *f;
    ngx_pool_cleanup_t  *cln;

    f = (ngx_workers_file_t *) src;

    ngx_workers_source_unlink(src);

    f->closed = 1;

    if (f->running || f->sent) {
        return;
    }

    /* nginx may still send what it was lent: a frame of HTTP/2 */

    if (src->pool != NULL) {
        cln = ngx_pool_cleanup_add(src->pool, 0);

        if (cln != NULL) {
            cln->handler = ngx_workers_file_free;
            cln->data = f;
            return;
        }
    }

    ngx_workers_file_free(f);
}


static void
ngx_workers_file_free(void *data)
{
    ngx_workers_file_t *f = data;

    if (f->file.fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(f->file.fd);
    }

    if (f->space != NULL) {
        ngx_free(f->space);
    }

    ngx_free(f);
}
