
/*
 * Copyright (C) the nginx-workers authors
 *
 * The cache's store: writing an entry.  Its body goes through one buffer to a
 * temporary file, in the thread pool; the file takes the entry's name when it
 * is whole.  Whoever writes holds a lock of the temporary file: one that
 * nobody holds was left by a process that died.
 */


#include "ngx_workers_cache_store.h"

#include <sys/file.h>
#include <sys/uio.h>

#include <zlib.h>


#define NGX_WORKERS_CACHE_BURST  60         /* s, between lines of the log */


struct ngx_workers_cache_write_s {
    ngx_workers_job_t            job;
    ngx_workers_cache_store_t   *store;

    ngx_workers_cache_record_t   rec;
    ngx_str_t                    key;
    ngx_str_t                    head;

    u_char                      *buf;
    size_t                       used;
    size_t                       size;
    size_t                       memory;    /* all of it */

    ngx_fd_t                     fd;        /* of the temporary file */
    u_char                      *name;      /* its name */
    off_t                        offset;    /* written so far */
    off_t                        counted;   /* in shared->size */

    ngx_workers_cache_done_pt    handler;
    void                        *data;
    ngx_uint_t                   number;

    ngx_queue_t                  queue;     /* in store->commits */
    ngx_queue_t                  waits;     /* who asks for it meanwhile */

    unsigned                     last:1;    /* commit */
    unsigned                     failed:1;  /* the rest is swallowed */
};


typedef struct {
    ngx_queue_t                  queue;     /* in waits */
    ngx_workers_cache_get_pt     handler;
    void                        *data;
    ngx_str_t                    key;
} ngx_workers_cache_wait_t;


static ngx_int_t ngx_workers_cache_post(ngx_workers_cache_write_t *w);
static void ngx_workers_cache_waited(ngx_workers_cache_store_t *store,
    ngx_queue_t *waits);
static void ngx_workers_cache_write_run(ngx_workers_job_t *job);
static ngx_int_t ngx_workers_cache_write(ngx_workers_cache_write_t *w);
static ngx_int_t ngx_workers_cache_create(ngx_workers_cache_write_t *w);
static ngx_int_t ngx_workers_cache_pwrite(ngx_fd_t fd, struct iovec *iov,
    int n, off_t offset);
static ngx_int_t ngx_workers_cache_rename(ngx_workers_cache_write_t *w);
static ngx_int_t ngx_workers_cache_room(ngx_workers_cache_write_t *w,
    off_t size);
static void ngx_workers_cache_mkdir(ngx_workers_cache_store_t *store,
    const u_char *path, size_t len);
static void ngx_workers_cache_write_log(ngx_workers_cache_write_t *w,
    ngx_err_t err, const char *what);
static void ngx_workers_cache_drop(ngx_workers_cache_write_t *w);
static void ngx_workers_cache_drop_run(ngx_workers_job_t *job);
static void ngx_workers_cache_write_done(ngx_workers_job_t *job);
static void ngx_workers_cache_write_free(ngx_workers_job_t *job);


ngx_workers_cache_write_t *
ngx_workers_cache_put(ngx_workers_cache_store_t *store, ngx_str_t *key,
    ngx_str_t *head, uint64_t expires, off_t length)
{
    size_t                      size, memory;
    u_char                     *p;
    ngx_workers_cache_write_t  *w;

    if (key->len + head->len > NGX_WORKERS_CACHE_MAX_HEAD
        || length > store->size / 2)
    {
        return NULL;
    }

    size = (length >= 0) ? ngx_min(length, NGX_WORKERS_CACHE_BUFFER)
                         : NGX_WORKERS_CACHE_BUFFER;

    memory = sizeof(ngx_workers_cache_write_t) + key->len + head->len + size;

    if (store->memory + memory > NGX_WORKERS_CACHE_MEMORY) {
        return NULL;
    }

    w = ngx_alloc(memory, store->log);
    if (w == NULL) {
        return NULL;
    }

    ngx_memzero(w, sizeof(ngx_workers_cache_write_t));

    w->memory = memory;
    store->memory += memory;

    p = (u_char *) (w + 1);

    w->key.len = key->len;
    w->key.data = p;
    p = ngx_cpymem(p, key->data, key->len);

    w->head.len = head->len;
    w->head.data = p;
    p = ngx_cpymem(p, head->data, head->len);

    w->buf = p;
    w->size = size;
    w->store = store;
    w->fd = NGX_INVALID_FILE;
    w->number = store->writes++;

    w->rec.expires = expires;
    ngx_memcpy(w->rec.boot, store->boot, sizeof(w->rec.boot));

    w->job.run = ngx_workers_cache_write_run;
    w->job.done = ngx_workers_cache_write_done;

    return w;
}


size_t
ngx_workers_cache_add(ngx_workers_cache_write_t *w, u_char *p, size_t len)
{
    size_t  n;

    if (w->rec.body_len + len > (uint64_t) w->store->size / 2) {
        w->failed = 1;
    }

    if (w->failed) {
        return len;
    }

    n = ngx_min(len, w->size - w->used);

    ngx_memcpy(w->buf + w->used, p, n);

    w->used += n;
    w->rec.body_len += n;

    return n;
}


ngx_int_t
ngx_workers_cache_flush(ngx_workers_cache_write_t *w,
    ngx_workers_cache_done_pt handler, void *data)
{
    w->handler = handler;
    w->data = data;

    if (w->size == 0) {

        /* its length was said to be 0 */

        w->failed = 1;
    }

    if (w->failed || ngx_workers_cache_post(w) != NGX_OK) {
        return NGX_OK;
    }

    return NGX_AGAIN;
}


ngx_int_t
ngx_workers_cache_commit(ngx_workers_cache_write_t *w,
    ngx_workers_cache_done_pt handler, void *data)
{
    w->handler = handler;
    w->data = data;
    w->last = 1;

    if (w->failed || ngx_workers_cache_post(w) != NGX_OK) {
        ngx_workers_cache_abandon(w);
        return NGX_DECLINED;
    }

    ngx_queue_insert_tail(&w->store->commits, &w->queue);
    ngx_queue_init(&w->waits);

    return NGX_AGAIN;
}


ngx_int_t
ngx_workers_cache_wait(ngx_workers_cache_store_t *store, ngx_str_t *key,
    ngx_workers_cache_get_pt handler, void *data)
{
    ngx_queue_t                *q;
    ngx_workers_cache_wait_t   *wait;
    ngx_workers_cache_write_t  *w;

    for (q = ngx_queue_head(&store->commits);
         q != ngx_queue_sentinel(&store->commits);
         q = ngx_queue_next(q))
    {
        w = ngx_queue_data(q, ngx_workers_cache_write_t, queue);

        if (w->key.len != key->len
            || ngx_memcmp(w->key.data, key->data, key->len) != 0)
        {
            continue;
        }

        wait = ngx_alloc(sizeof(ngx_workers_cache_wait_t) + key->len,
                         store->log);
        if (wait == NULL) {
            break;
        }

        wait->handler = handler;
        wait->data = data;
        wait->key.len = key->len;
        wait->key.data = (u_char *) (wait + 1);
        ngx_memcpy(wait->key.data, key->data, key->len);

        ngx_queue_insert_tail(&w->waits, &wait->queue);

        return NGX_AGAIN;
    }

    return NGX_DECLINED;
}


/* What was waited for is there, or will not be. */

static void
ngx_workers_cache_waited(ngx_workers_cache_store_t *store, ngx_queue_t *waits)
{
    ngx_int_t                   rc;
    ngx_queue_t                *q;
    ngx_workers_cache_wait_t   *wait;
    ngx_workers_cache_entry_t   entry;

    while (!ngx_queue_empty(waits)) {
        q = ngx_queue_head(waits);
        ngx_queue_remove(q);

        wait = ngx_queue_data(q, ngx_workers_cache_wait_t, queue);
        entry.fd = NGX_INVALID_FILE;

        rc = ngx_workers_cache_get(store, &wait->key, &entry, wait->handler,
                                   wait->data);

        if (rc != NGX_AGAIN) {
            wait->handler(wait->data, rc, &entry);

            if (entry.fd != NGX_INVALID_FILE) {
                (void) ngx_close_file(entry.fd);
            }
        }

        ngx_free(wait);
    }
}


static ngx_int_t
ngx_workers_cache_post(ngx_workers_cache_write_t *w)
{
    if (ngx_workers_job_post(&w->store->jobs, &w->job) == NGX_OK) {
        return NGX_OK;
    }

    w->failed = 1;

    return NGX_ERROR;
}


void
ngx_workers_cache_abandon(ngx_workers_cache_write_t *w)
{
    if (w->fd != NGX_INVALID_FILE) {

        w->job.run = ngx_workers_cache_drop_run;
        w->job.done = ngx_workers_cache_write_free;

        if (ngx_workers_job_post(&w->store->jobs, &w->job) == NGX_OK) {
            return;
        }

        ngx_workers_cache_drop(w);
    }

    ngx_workers_cache_write_free(&w->job);
}


static void
ngx_workers_cache_write_run(ngx_workers_job_t *job)
{
    ngx_workers_cache_write_t  *w;

    w = (ngx_workers_cache_write_t *) job;

    if (ngx_workers_cache_write(w) != NGX_OK) {
        w->failed = 1;
        ngx_workers_cache_drop(w);
    }
}


static ngx_int_t
ngx_workers_cache_write(ngx_workers_cache_write_t *w)
{
    int              n;
    off_t            offset, head;
    struct iovec     iov[4];
    struct timespec  ts[2];

    head = sizeof(w->rec) + w->key.len + w->head.len;

    if (ngx_workers_cache_room(w, head + w->rec.body_len) != NGX_OK) {
        return NGX_ERROR;
    }

    if (w->fd == NGX_INVALID_FILE && ngx_workers_cache_create(w) != NGX_OK) {
        return NGX_ERROR;
    }

    w->rec.body_crc = crc32(w->rec.body_crc, w->buf, w->used);

    n = 0;
    offset = w->offset;

    if (w->last) {
        ngx_workers_cache_record_seal(&w->rec, &w->key, &w->head);

        iov[0].iov_base = &w->rec;
        iov[0].iov_len = sizeof(w->rec);
        iov[1].iov_base = w->key.data;
        iov[1].iov_len = w->key.len;
        iov[2].iov_base = w->head.data;
        iov[2].iov_len = w->head.len;

        n = 3;

        if (offset != 0) {

            if (ngx_workers_cache_pwrite(w->fd, iov, n, 0) != NGX_OK) {
                goto failed;
            }

            n = 0;
        }

    } else if (offset == 0) {
        offset = head;
    }

    iov[n].iov_base = w->buf;
    iov[n].iov_len = w->used;

    if (ngx_workers_cache_pwrite(w->fd, iov, n + 1, offset) != NGX_OK) {
        goto failed;
    }

    w->offset = head + w->rec.body_len;
    w->used = 0;

    if (!w->last) {
        return NGX_OK;
    }

    ts[0].tv_sec = w->rec.expires / 1000;
    ts[0].tv_nsec = w->rec.expires % 1000 * 1000000;
    ts[1].tv_sec = 0;
    ts[1].tv_nsec = UTIME_NOW;

    if (futimens(w->fd, ts) == -1) {
        goto failed;
    }

    return ngx_workers_cache_rename(w);

failed:

    ngx_workers_cache_write_log(w, ngx_errno, "writing");

    return NGX_ERROR;
}


static ngx_int_t
ngx_workers_cache_create(ngx_workers_cache_write_t *w)
{
    u_char      path[64];
    size_t      len;
    ngx_uint_t  i;

    len = ngx_sprintf(path, "tmp/%P.%ui.%08xD", ngx_pid, w->number,
                      (uint32_t) ngx_random())
          - path;

    w->name = ngx_workers_cache_name(w->store, path, len);
    if (w->name == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < 2; i++) {
        w->fd = open((char *) w->name, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC,
                     0600);

        if (w->fd != NGX_INVALID_FILE) {
            (void) flock(w->fd, LOCK_EX|LOCK_NB);
            return NGX_OK;
        }

        if (ngx_errno != NGX_ENOENT) {
            break;
        }

        ngx_workers_cache_mkdir(w->store, path, 3);
    }

    ngx_workers_cache_write_log(w, ngx_errno, "creating");

    return NGX_ERROR;
}


static ngx_int_t
ngx_workers_cache_pwrite(ngx_fd_t fd, struct iovec *iov, int n, off_t offset)
{
    size_t   done;
    ssize_t  rc;

    for ( ;; ) {

        while (n > 0 && iov->iov_len == 0) {
            iov++;
            n--;
        }

        if (n == 0) {
            return NGX_OK;
        }

        rc = pwritev(fd, iov, n, offset);

        if (rc == -1) {

            if (ngx_errno == NGX_EINTR) {
                continue;
            }

            return NGX_ERROR;
        }

        offset += rc;

        for ( /* void */ ; rc > 0; rc -= done) {
            done = ngx_min((size_t) rc, iov->iov_len);

            iov->iov_base = (u_char *) iov->iov_base + done;
            iov->iov_len -= done;

            if (iov->iov_len == 0) {
                iov++;
                n--;
            }
        }
    }
}


static ngx_int_t
ngx_workers_cache_rename(ngx_workers_cache_write_t *w)
{
    off_t             old;
    u_char            path[NGX_WORKERS_CACHE_PATH], *name;
    ngx_err_t         err;
    ngx_uint_t        i;
    ngx_file_info_t   fi;

    ngx_workers_cache_record_path(path, &w->key);

    name = ngx_workers_cache_name(w->store, path, sizeof(path));
    if (name == NULL) {
        return NGX_ERROR;
    }

    old = (ngx_file_info(name, &fi) == NGX_FILE_ERROR)
          ? 0 : ngx_workers_cache_cost(ngx_file_size(&fi));
    err = 0;

    for (i = 0; i < 2; i++) {

        if (ngx_rename_file(w->name, name) != NGX_FILE_ERROR) {
            err = 0;
            break;
        }

        err = ngx_errno;

        if (err != NGX_ENOENT) {
            break;
        }

        ngx_workers_cache_mkdir(w->store, path, 2);
    }

    ngx_free(name);

    if (err != 0) {
        ngx_workers_cache_write_log(w, err, "renaming");
        return NGX_ERROR;
    }

    (void) ngx_close_file(w->fd);
    w->fd = NGX_INVALID_FILE;

    (void) ngx_atomic_fetch_add(&w->store->shared->size, -old);

    if ((off_t) w->store->shared->size > w->store->size) {
        ngx_workers_cache_sweep(w->store, 1);
    }

    return NGX_OK;
}


/*
 * Counts what the file will take.  A sweep may lag behind those who write:
 * beyond half as much again nothing is stored.
 */

static ngx_int_t
ngx_workers_cache_room(ngx_workers_cache_write_t *w, off_t size)
{
    off_t                        cost;
    ngx_workers_cache_store_t   *store;
    ngx_workers_cache_shared_t  *shared;

    store = w->store;
    shared = store->shared;
    cost = ngx_workers_cache_cost(size);

    (void) ngx_atomic_fetch_add(&shared->size, cost - w->counted);
    w->counted = cost;

    if ((off_t) shared->size <= store->size + store->size / 2) {
        return NGX_OK;
    }

    ngx_workers_cache_sweep(store, 1);

    return ((off_t) shared->size <= store->size + store->size / 2) ? NGX_OK
                                                                  : NGX_ERROR;
}


/* The directory of files, and one of those in it. */

static void
ngx_workers_cache_mkdir(ngx_workers_cache_store_t *store, const u_char *path,
    size_t len)
{
    u_char  *name;

    name = ngx_workers_cache_name(store, path, 0);

    if (name != NULL) {
        (void) ngx_create_dir(name, 0700);
        ngx_free(name);
    }

    name = ngx_workers_cache_name(store, path, len);

    if (name != NULL) {
        (void) ngx_create_dir(name, 0700);
        ngx_free(name);
    }
}


/* The script is not told: the response is not stored, that is all. */

static void
ngx_workers_cache_write_log(ngx_workers_cache_write_t *w, ngx_err_t err,
    const char *what)
{
    ngx_workers_cache_store_t  *store;

    store = w->store;

    if (ngx_time() - store->logged < NGX_WORKERS_CACHE_BURST) {
        return;
    }

    store->logged = ngx_time();

    ngx_log_error(NGX_LOG_CRIT, store->log, err,
                  "%s cache file \"%s\" failed, responses are not stored",
                  what, w->name);
}


/* Removes the temporary file. */

static void
ngx_workers_cache_drop(ngx_workers_cache_write_t *w)
{
    if (w->fd != NGX_INVALID_FILE) {
        (void) ngx_delete_file(w->name);
        (void) ngx_close_file(w->fd);

        w->fd = NGX_INVALID_FILE;
    }

    (void) ngx_atomic_fetch_add(&w->store->shared->size, -w->counted);
    w->counted = 0;
}


static void
ngx_workers_cache_drop_run(ngx_workers_job_t *job)
{
    ngx_workers_cache_drop((ngx_workers_cache_write_t *) job);
}


static void
ngx_workers_cache_write_done(ngx_workers_job_t *job)
{
    ngx_int_t                   rc;
    void                       *data;
    ngx_queue_t                 waits;
    ngx_workers_cache_done_pt   handler;
    ngx_workers_cache_store_t  *store;
    ngx_workers_cache_write_t  *w;

    w = (ngx_workers_cache_write_t *) job;

    store = w->store;
    ngx_queue_init(&waits);

    rc = w->failed ? NGX_DECLINED : NGX_OK;
    handler = w->handler;
    data = w->data;

    if (w->last) {
        ngx_queue_remove(&w->queue);

        if (!ngx_queue_empty(&w->waits)) {
            ngx_queue_add(&waits, &w->waits);
        }

        ngx_workers_cache_write_free(job);
    }

    handler(data, rc);

    ngx_workers_cache_waited(store, &waits);
}


static void
ngx_workers_cache_write_free(ngx_workers_job_t *job)
{
    ngx_workers_cache_write_t  *w;

    w = (ngx_workers_cache_write_t *) job;

    w->store->memory -= w->memory;

    if (w->name != NULL) {
        ngx_free(w->name);
    }

    ngx_free(w);
}
