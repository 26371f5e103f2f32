
/*
 * Copyright (C) the nginx-workers authors
 *
 * The cache's store: finding and removing entries.  What the page cache has
 * is read at once, all else in the thread pool.
 */


#include "ngx_workers_cache_store.h"

#include <zlib.h>


#define NGX_WORKERS_CACHE_TOUCH    10       /* s: how exact "last used" is */
#define NGX_WORKERS_CACHE_PERIOD   300      /* s, between sweeps */


typedef struct {
    ngx_workers_job_t           job;
    ngx_workers_cache_store_t  *store;
    ngx_str_t                   key;
    ngx_fd_t                    fd;
    off_t                       size;
    u_char                     *buf;
    ngx_workers_cache_entry_t   entry;
    ngx_int_t                   rc;
    ngx_workers_cache_get_pt    handler;
    ngx_workers_cache_done_pt   done;
    void                       *data;
    u_char                      path[NGX_WORKERS_CACHE_PATH];
} ngx_workers_cache_read_t;


static ngx_workers_cache_read_t *ngx_workers_cache_read(
    ngx_workers_cache_store_t *store, ngx_str_t *key, u_char *path);
static void ngx_workers_cache_read_run(ngx_workers_job_t *job);
static void ngx_workers_cache_read_done(ngx_workers_job_t *job);
static ngx_int_t ngx_workers_cache_load(ngx_workers_cache_read_t *rd,
    ngx_workers_cache_record_t *rec, size_t min);
static ngx_int_t ngx_workers_cache_verify(ngx_workers_cache_read_t *rd,
    ngx_workers_cache_record_t *rec);
static void ngx_workers_cache_delete_run(ngx_workers_job_t *job);
static void ngx_workers_cache_delete_done(ngx_workers_job_t *job);
static void ngx_workers_cache_touch(ngx_workers_cache_store_t *store,
    u_char *path);
static void ngx_workers_cache_touch_run(ngx_workers_job_t *job);
static void ngx_workers_cache_free(ngx_workers_job_t *job);
static ngx_fd_t ngx_workers_cache_open(u_char *name);
static ngx_int_t ngx_workers_cache_pread(ngx_fd_t fd, u_char *p, size_t n,
    off_t offset);
static void ngx_workers_cache_boot(u_char *boot);
static void ngx_workers_cache_timer(ngx_event_t *ev);
static void ngx_workers_cache_timer_run(ngx_workers_job_t *job);
static void ngx_workers_cache_timer_done(ngx_workers_job_t *job);


ngx_workers_cache_store_t *
ngx_workers_cache_store_create(ngx_str_t *dir, off_t size,
    ngx_workers_cache_shared_t *shared, ngx_thread_pool_t *tp, ngx_log_t *log)
{
    struct rlimit               rlmt;
    ngx_workers_cache_store_t  *store;

    store = ngx_calloc(sizeof(ngx_workers_cache_store_t)
                       + NGX_WORKERS_CACHE_INLINE, log);
    if (store == NULL) {
        return NULL;
    }

    ngx_queue_init(&store->commits);
    ngx_workers_jobs_init(&store->jobs, tp, log);

    store->dir = dir;
    store->size = size;
    store->shared = shared;
    store->log = log;
    store->buf = (u_char *) (store + 1);

    ngx_workers_cache_boot(store->boot);

    store->sweep.run = ngx_workers_cache_timer_run;
    store->sweep.done = ngx_workers_cache_timer_done;

    store->timer.handler = ngx_workers_cache_timer;
    store->timer.data = store;
    store->timer.log = log;
    store->timer.cancelable = 1;

    /* nobody knows so far how much there is */

    ngx_add_timer(&store->timer, (shared->swept == 0) ? 100
                                 : 1000 + ngx_random() % 60000);

    /* a script that keeps many files open leaves some to nginx */

    store->last_fd = NGX_MAX_INT32_VALUE;

    if (getrlimit(RLIMIT_NOFILE, &rlmt) == 0
        && rlmt.rlim_cur < NGX_MAX_INT32_VALUE)
    {
        store->last_fd = rlmt.rlim_cur - rlmt.rlim_cur / 4;
    }

    return store;
}


void
ngx_workers_cache_store_destroy(ngx_workers_cache_store_t *store)
{
    if (store->timer.timer_set) {
        ngx_del_timer(&store->timer);
    }

    ngx_workers_jobs_exit(&store->jobs);

    ngx_free(store);
}


ngx_workers_jobs_t *
ngx_workers_cache_store_jobs(ngx_workers_cache_store_t *store)
{
    return &store->jobs;
}


ngx_int_t
ngx_workers_cache_get(ngx_workers_cache_store_t *store, ngx_str_t *key,
    ngx_workers_cache_entry_t *entry, ngx_workers_cache_get_pt handler,
    void *data)
{
    u_char                       path[NGX_WORKERS_CACHE_PATH];
    u_char                      *name;
    ssize_t                      n;
    ngx_fd_t                     fd;
    ngx_int_t                    rc;
    ngx_time_t                  *tp;
    ngx_file_info_t              fi;
    ngx_workers_cache_read_t    *rd;
    ngx_workers_cache_record_t   rec;

    if (ngx_workers_cache_wait(store, key, handler, data) == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    ngx_workers_cache_record_path(path, key);

    name = ngx_workers_cache_name(store, path, sizeof(path));
    if (name == NULL) {
        return NGX_DECLINED;
    }

    fd = ngx_workers_cache_open(name);
    ngx_free(name);

    if (fd == NGX_INVALID_FILE) {
        return NGX_DECLINED;
    }

    if (fd > store->last_fd
        || ngx_fd_info(fd, &fi) == NGX_FILE_ERROR
        || !ngx_is_file(&fi))
    {
        goto declined;
    }

    n = ngx_workers_read_cached(fd, store->buf, NGX_WORKERS_CACHE_INLINE, 0);

    if (n == -1 && ngx_errno != NGX_EAGAIN) {
        goto declined;
    }

    rc = NGX_AGAIN;
    tp = ngx_timeofday();

    if (n > 0) {
        rc = ngx_workers_cache_record_check(&rec, store->buf, n,
                                            ngx_file_size(&fi), key,
                                            (uint64_t) tp->sec * 1000
                                            + tp->msec);
        if (rc == NGX_DECLINED) {
            goto declined;
        }
    }

    if (tp->sec - ngx_file_mtime(&fi) > NGX_WORKERS_CACHE_TOUCH) {
        ngx_workers_cache_touch(store, path);
    }

    if (rc == NGX_OK
        && ngx_memcmp(rec.boot, store->boot, sizeof(rec.boot)) == 0
        && (n == ngx_file_size(&fi)
            || ngx_file_size(&fi) > NGX_WORKERS_CACHE_INLINE))
    {
        entry->head.len = rec.head_len;
        entry->head.data = store->buf + sizeof(rec) + rec.key_len;
        entry->offset = sizeof(rec) + rec.key_len + rec.head_len;
        entry->length = rec.body_len;
        entry->body = NULL;
        entry->fd = fd;

        if (n == ngx_file_size(&fi)) {
            entry->body = store->buf + entry->offset;
            entry->fd = NGX_INVALID_FILE;

            (void) ngx_close_file(fd);
        }

        return NGX_OK;
    }

    rd = ngx_workers_cache_read(store, key, path);
    if (rd == NULL) {
        goto declined;
    }

    rd->fd = fd;
    rd->size = ngx_file_size(&fi);
    rd->handler = handler;
    rd->data = data;

    rd->job.run = ngx_workers_cache_read_run;
    rd->job.done = ngx_workers_cache_read_done;

    if (ngx_workers_job_post(&store->jobs, &rd->job) == NGX_OK) {
        return NGX_AGAIN;
    }

    ngx_free(rd);

declined:

    (void) ngx_close_file(fd);

    return NGX_DECLINED;
}


static ngx_workers_cache_read_t *
ngx_workers_cache_read(ngx_workers_cache_store_t *store, ngx_str_t *key,
    u_char *path)
{
    ngx_workers_cache_read_t  *rd;

    rd = ngx_alloc(sizeof(ngx_workers_cache_read_t) + key->len, store->log);
    if (rd == NULL) {
        return NULL;
    }

    ngx_memzero(rd, sizeof(ngx_workers_cache_read_t));

    rd->store = store;
    rd->fd = NGX_INVALID_FILE;
    rd->key.len = key->len;
    rd->key.data = (u_char *) (rd + 1);

    if (key->len != 0) {
        ngx_memcpy(rd->key.data, key->data, key->len);
    }

    ngx_memcpy(rd->path, path, NGX_WORKERS_CACHE_PATH);

    return rd;
}


static void
ngx_workers_cache_read_run(ngx_workers_job_t *job)
{
    size_t                       head;
    ngx_workers_cache_read_t    *rd;
    ngx_workers_cache_record_t   rec;

    rd = (ngx_workers_cache_read_t *) job;

    rd->rc = ngx_workers_cache_load(rd, &rec, NGX_WORKERS_CACHE_INLINE);

    if (rd->rc == NGX_OK
        && ngx_memcmp(rec.boot, rd->store->boot, sizeof(rec.boot)) != 0)
    {
        rd->rc = ngx_workers_cache_verify(rd, &rec);
    }

    if (rd->rc != NGX_OK) {
        return;
    }

    head = sizeof(rec) + rec.key_len + rec.head_len;

    rd->entry.head.len = rec.head_len;
    rd->entry.head.data = rd->buf + sizeof(rec) + rec.key_len;
    rd->entry.offset = head;
    rd->entry.length = rec.body_len;

    if (rd->size <= NGX_WORKERS_CACHE_INLINE) {
        rd->entry.body = rd->buf + head;
    }
}


static void
ngx_workers_cache_read_done(ngx_workers_job_t *job)
{
    ngx_workers_cache_read_t  *rd;

    rd = (ngx_workers_cache_read_t *) job;

    rd->entry.fd = NGX_INVALID_FILE;

    if (rd->rc == NGX_OK && rd->entry.body == NULL) {
        rd->entry.fd = rd->fd;
        rd->fd = NGX_INVALID_FILE;
    }

    rd->handler(rd->data, rd->rc, &rd->entry);

    if (rd->entry.fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(rd->entry.fd);
    }

    ngx_workers_cache_free(job);
}


/* Reads the record, key and head, and at least min bytes if there are. */

static ngx_int_t
ngx_workers_cache_load(ngx_workers_cache_read_t *rd,
    ngx_workers_cache_record_t *rec, size_t min)
{
    u_char     *p;
    size_t      n;
    uint64_t    now;
    ngx_int_t   rc;
    struct timeval  tv;

    ngx_gettimeofday(&tv);
    now = (uint64_t) tv.tv_sec * 1000 + tv.tv_usec / 1000;

    n = ngx_max(min, sizeof(ngx_workers_cache_record_t));

    for ( ;; ) {
        n = ngx_min((off_t) n, rd->size);

        p = ngx_alloc(n ? n : 1, rd->store->log);
        if (p == NULL) {
            return NGX_DECLINED;
        }

        rd->buf = p;

        if (ngx_workers_cache_pread(rd->fd, p, n, 0) != NGX_OK) {
            return NGX_DECLINED;
        }

        rc = ngx_workers_cache_record_check(rec, p, n, rd->size, &rd->key,
                                            now);
        if (rc != NGX_AGAIN) {
            return rc;
        }

        n = sizeof(ngx_workers_cache_record_t) + rec->key_len + rec->head_len;

        ngx_free(p);
        rd->buf = NULL;
    }
}


/*
 * The machine has started anew since the file was written: looks whether it
 * is all there, and marks it.
 */

static ngx_int_t
ngx_workers_cache_verify(ngx_workers_cache_read_t *rd,
    ngx_workers_cache_record_t *rec)
{
    off_t             offset;
    u_char           *buf, *name;
    size_t            n;
    uint32_t          crc;
    ngx_fd_t          fd;
    ngx_int_t         rc;
    ngx_file_info_t   fi, now;

    name = ngx_workers_cache_name(rd->store, rd->path,
                                  NGX_WORKERS_CACHE_PATH);
    buf = ngx_alloc(NGX_WORKERS_CACHE_BUFFER, rd->store->log);
    rc = NGX_DECLINED;
    crc = 0;

    if (name == NULL || buf == NULL) {
        goto done;
    }

    offset = rd->size - rec->body_len;

    while (offset < rd->size) {
        n = ngx_min(rd->size - offset, NGX_WORKERS_CACHE_BUFFER);

        if (ngx_workers_cache_pread(rd->fd, buf, n, offset) != NGX_OK) {
            break;
        }

        crc = crc32(crc, buf, n);
        offset += n;
    }

    if (offset < rd->size || crc != rec->body_crc) {
        ngx_log_error(NGX_LOG_WARN, rd->store->log, 0,
                      "cache file \"%s\" was not written completely before "
                      "the machine stopped, it is removed", name);

        (void) ngx_delete_file(name);
        goto done;
    }

    rc = NGX_OK;

    fd = ngx_open_file(name, NGX_FILE_WRONLY, NGX_FILE_OPEN, 0);

    if (fd != NGX_INVALID_FILE) {

        if (ngx_fd_info(fd, &now) != NGX_FILE_ERROR
            && ngx_fd_info(rd->fd, &fi) != NGX_FILE_ERROR
            && ngx_file_uniq(&now) == ngx_file_uniq(&fi)
            && pwrite(fd, rd->store->boot, sizeof(rec->boot),
                      offsetof(ngx_workers_cache_record_t, boot))
               != (ssize_t) sizeof(rec->boot))
        {
            ngx_log_error(NGX_LOG_CRIT, rd->store->log, ngx_errno,
                          "writing to cache file \"%s\" failed", name);
        }

        (void) ngx_close_file(fd);
    }

done:

    if (buf != NULL) {
        ngx_free(buf);
    }

    if (name != NULL) {
        ngx_free(name);
    }

    return rc;
}


ngx_int_t
ngx_workers_cache_delete(ngx_workers_cache_store_t *store, ngx_str_t *key,
    ngx_workers_cache_done_pt handler, void *data)
{
    u_char                     path[NGX_WORKERS_CACHE_PATH];
    ngx_workers_cache_read_t  *rd;

    ngx_workers_cache_record_path(path, key);

    rd = ngx_workers_cache_read(store, key, path);
    if (rd == NULL) {
        return NGX_ERROR;
    }

    rd->done = handler;
    rd->data = data;

    rd->job.run = ngx_workers_cache_delete_run;
    rd->job.done = ngx_workers_cache_delete_done;

    if (ngx_workers_job_post(&store->jobs, &rd->job) != NGX_OK) {
        ngx_free(rd);
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


static void
ngx_workers_cache_delete_run(ngx_workers_job_t *job)
{
    u_char                      *name;
    ngx_file_info_t              fi;
    ngx_workers_cache_read_t    *rd;
    ngx_workers_cache_record_t   rec;

    rd = (ngx_workers_cache_read_t *) job;
    rd->rc = NGX_DECLINED;

    name = ngx_workers_cache_name(rd->store, rd->path,
                                  NGX_WORKERS_CACHE_PATH);
    if (name == NULL) {
        return;
    }

    rd->fd = ngx_workers_cache_open(name);

    if (rd->fd != NGX_INVALID_FILE
        && ngx_fd_info(rd->fd, &fi) != NGX_FILE_ERROR)
    {
        rd->size = ngx_file_size(&fi);

        if (ngx_workers_cache_load(rd, &rec, 0) == NGX_OK
            && ngx_delete_file(name) != NGX_FILE_ERROR)
        {
            rd->rc = NGX_OK;

            (void) ngx_atomic_fetch_add(&rd->store->shared->size,
                                        -ngx_workers_cache_cost(rd->size));
        }
    }

    ngx_free(name);
}


static void
ngx_workers_cache_delete_done(ngx_workers_job_t *job)
{
    ngx_workers_cache_read_t  *rd;

    rd = (ngx_workers_cache_read_t *) job;

    rd->done(rd->data, rd->rc);

    ngx_workers_cache_free(job);
}


/* The entry is used: what a sweep will see. */

static void
ngx_workers_cache_touch(ngx_workers_cache_store_t *store, u_char *path)
{
    ngx_str_t                  key;
    ngx_workers_cache_read_t  *rd;

    ngx_str_null(&key);

    rd = ngx_workers_cache_read(store, &key, path);
    if (rd == NULL) {
        return;
    }

    rd->job.run = ngx_workers_cache_touch_run;
    rd->job.done = ngx_workers_cache_free;

    if (ngx_workers_job_post(&store->jobs, &rd->job) != NGX_OK) {
        ngx_free(rd);
    }
}


static void
ngx_workers_cache_touch_run(ngx_workers_job_t *job)
{
    u_char                    *name;
    struct timespec            ts[2];
    ngx_workers_cache_read_t  *rd;

    rd = (ngx_workers_cache_read_t *) job;

    name = ngx_workers_cache_name(rd->store, rd->path,
                                  NGX_WORKERS_CACHE_PATH);

    if (name != NULL) {
        ts[0].tv_nsec = UTIME_OMIT;
        ts[1].tv_nsec = UTIME_NOW;

        (void) utimensat(AT_FDCWD, (char *) name, ts, 0);

        ngx_free(name);
    }
}


static void
ngx_workers_cache_free(ngx_workers_job_t *job)
{
    ngx_workers_cache_read_t  *rd;

    rd = (ngx_workers_cache_read_t *) job;

    if (rd->fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(rd->fd);
    }

    if (rd->buf != NULL) {
        ngx_free(rd->buf);
    }

    ngx_free(rd);
}


u_char *
ngx_workers_cache_name(ngx_workers_cache_store_t *store, const u_char *path,
    size_t len)
{
    u_char  *name;

    name = ngx_alloc(store->dir->len + len + 1, store->log);

    if (name != NULL) {
        *ngx_cpymem(ngx_cpymem(name, store->dir->data, store->dir->len), path,
                    len) = '\0';
    }

    return name;
}


/* Reading must not change atime, which is when the entry expires. */

static ngx_fd_t
ngx_workers_cache_open(u_char *name)
{
    ngx_fd_t  fd;

    fd = open((char *) name, O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_NOATIME);

    if (fd == NGX_INVALID_FILE && ngx_errno == NGX_EPERM) {
        fd = open((char *) name, O_RDONLY|O_NONBLOCK|O_CLOEXEC);
    }

    return fd;
}


static ngx_int_t
ngx_workers_cache_pread(ngx_fd_t fd, u_char *p, size_t n, off_t offset)
{
    ssize_t  rc;

    while (n != 0) {
        rc = pread(fd, p, n, offset);

        if (rc == -1 && ngx_errno == NGX_EINTR) {
            continue;
        }

        if (rc <= 0) {
            return NGX_ERROR;
        }

        p += rc;
        n -= rc;
        offset += rc;
    }

    return NGX_OK;
}


/* If the machine does not say, no file is believed unread. */

static void
ngx_workers_cache_boot(u_char *boot)
{
    u_char      text[36];
    ssize_t     n;
    ngx_fd_t    fd;
    ngx_int_t   hex;
    ngx_uint_t  i, k;

    n = 0;
    fd = ngx_open_file("/proc/sys/kernel/random/boot_id", NGX_FILE_RDONLY,
                       NGX_FILE_OPEN, 0);

    if (fd != NGX_INVALID_FILE) {
        n = read(fd, text, sizeof(text));
        (void) ngx_close_file(fd);
    }

    for (i = 0, k = 0; n > 0 && i < (ngx_uint_t) n && k < 32; i++) {

        if (text[i] == '-') {
            continue;
        }

        hex = ngx_hextoi(&text[i], 1);
        if (hex == NGX_ERROR) {
            break;
        }

        boot[k / 2] = (k & 1) ? (boot[k / 2] | hex) : (hex << 4);
        k++;
    }

    if (k != 32) {
        for (i = 0; i < 16; i++) {
            boot[i] = ngx_random();
        }
    }
}


static void
ngx_workers_cache_timer(ngx_event_t *ev)
{
    time_t                      swept;
    ngx_workers_cache_store_t  *store;

    store = ev->data;
    swept = store->shared->swept;

    if (ngx_time() - swept >= NGX_WORKERS_CACHE_PERIOD
        && !store->sweeping
        && ngx_atomic_cmp_set(&store->shared->swept, swept, ngx_time())
        && ngx_workers_job_post(&store->jobs, &store->sweep) == NGX_OK)
    {
        store->sweeping = 1;
    }

    ngx_add_timer(ev, 60000);
}


static void
ngx_workers_cache_timer_run(ngx_workers_job_t *job)
{
    ngx_workers_cache_sweep(ngx_queue_data(job, ngx_workers_cache_store_t,
                                           sweep), 0);
}


static void
ngx_workers_cache_timer_done(ngx_workers_job_t *job)
{
    ngx_workers_cache_store_t  *store;

    store = ngx_queue_data(job, ngx_workers_cache_store_t, sweep);
    store->sweeping = 0;
}
