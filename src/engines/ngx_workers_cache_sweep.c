
/*
 * Copyright (C) the nginx-workers authors
 *
 * Sweeping the cache's files, in a pool thread of one process at a time.  The
 * first pass removes what has expired or was left behind, and counts how
 * many bytes were not used for how long; the second removes the oldest of
 * them.  Its memory does not grow with the number of files.
 */


#include "ngx_workers_cache_store.h"

#include <sys/file.h>


#define NGX_WORKERS_CACHE_AGES    576       /* groups of ages */
#define NGX_WORKERS_CACHE_ORPHAN  60        /* s */


typedef struct {
    ngx_workers_cache_store_t  *store;
    time_t                      now;
    int64_t                     now_cs;     /* 1/100 s */
    off_t                       total;
    off_t                       excess;     /* still to be removed */
    ngx_uint_t                  oldest;     /* group: all of it, or as much
                                               as it takes */
    ngx_uint_t                  pass;
    off_t                       ages[NGX_WORKERS_CACHE_AGES];
} ngx_workers_cache_sweep_t;


static void ngx_workers_cache_sweep_locked(ngx_workers_cache_store_t *store);
static void ngx_workers_cache_sweep_pass(ngx_workers_cache_sweep_t *s);
static void ngx_workers_cache_sweep_dir(ngx_workers_cache_sweep_t *s,
    const u_char *path, size_t len);
static ngx_uint_t ngx_workers_cache_sweep_file(ngx_workers_cache_sweep_t *s,
    struct stat *st);
static ngx_uint_t ngx_workers_cache_sweep_orphan(ngx_workers_cache_sweep_t *s,
    int dir, const char *name, struct stat *st);
static ngx_uint_t ngx_workers_cache_age(int64_t age);


void
ngx_workers_cache_sweep(ngx_workers_cache_store_t *store, ngx_uint_t force)
{
    u_char    *name;
    ngx_fd_t   fd;

    static const u_char  lock[] = "lock";

    name = ngx_workers_cache_name(store, lock, sizeof(lock) - 1);
    if (name == NULL) {
        return;
    }

    fd = open((char *) name, O_RDWR|O_CREAT|O_CLOEXEC, 0600);
    ngx_free(name);

    if (fd == NGX_INVALID_FILE) {
        return;                            /* there are no files so far */
    }

    if (flock(fd, LOCK_EX|LOCK_NB) == 0) {

        /* another one may have done it just now */

        if (!force || (off_t) store->shared->size > store->size) {
            store->shared->swept = ngx_time();
            ngx_workers_cache_sweep_locked(store);
        }
    }

    (void) ngx_close_file(fd);
}


static void
ngx_workers_cache_sweep_locked(ngx_workers_cache_store_t *store)
{
    off_t                       before, limit, sum;
    ngx_uint_t                  i;
    struct timeval              tv;
    ngx_workers_cache_sweep_t  *s;

    s = ngx_calloc(sizeof(ngx_workers_cache_sweep_t), store->log);
    if (s == NULL) {
        return;
    }

    before = store->shared->size;

    s->store = store;

    ngx_gettimeofday(&tv);
    s->now = tv.tv_sec;
    s->now_cs = (int64_t) tv.tv_sec * 100 + tv.tv_usec / 10000;

    ngx_workers_cache_sweep_pass(s);

    if (s->total > store->size) {
        limit = store->size - store->size / 10;
        s->excess = s->total - limit;
        sum = 0;

        for (i = NGX_WORKERS_CACHE_AGES - 1; i > 0; i--) {
            sum += s->ages[i];

            if (sum >= s->excess) {
                break;
            }
        }

        s->oldest = i;
        s->pass = 1;

        ngx_workers_cache_sweep_pass(s);
    }

    ngx_log_debug2(NGX_LOG_DEBUG_CORE, store->log, 0,
                   "workers cache sweep: %O bytes, %O thought",
                   s->total, before);

    /* what was written meanwhile stays counted */

    (void) ngx_atomic_fetch_add(&store->shared->size, s->total - before);

    ngx_free(s);
}


static void
ngx_workers_cache_sweep_pass(ngx_workers_cache_sweep_t *s)
{
    u_char      path[2], first;
    ngx_uint_t  i;

    static const u_char  tmp[] = "tmp";

    if (s->pass == 0) {
        ngx_workers_cache_sweep_dir(s, tmp, 3);
    }

    /* what a second pass does not reach is not always the same */

    first = (s->pass == 0) ? 0 : (u_char) ngx_random();

    for (i = 0; i < 256; i++) {
        first++;
        ngx_hex_dump(path, &first, 1);
        ngx_workers_cache_sweep_dir(s, path, 2);
    }
}


static void
ngx_workers_cache_sweep_dir(ngx_workers_cache_sweep_t *s, const u_char *path,
    size_t len)
{
    int             fd;
    DIR            *dir;
    u_char         *name;
    ngx_uint_t      remove;
    struct stat     st;
    struct dirent  *de;

    name = ngx_workers_cache_name(s->store, path, len);
    if (name == NULL) {
        return;
    }

    dir = opendir((char *) name);
    ngx_free(name);

    if (dir == NULL) {
        return;
    }

    fd = dirfd(dir);

    while ((de = readdir(dir)) != NULL) {

        if (de->d_name[0] == '.'
            || fstatat(fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1
            || !S_ISREG(st.st_mode))
        {
            continue;
        }

        remove = (len == 3)
                 ? ngx_workers_cache_sweep_orphan(s, fd, de->d_name, &st)
                 : ngx_workers_cache_sweep_file(s, &st);

        if (remove && unlinkat(fd, de->d_name, 0) == 0) {

            if (s->pass == 1) {
                s->total -= ngx_workers_cache_cost(st.st_size);
                s->excess -= ngx_workers_cache_cost(st.st_size);
            }

        } else if (s->pass == 0) {
            s->total += ngx_workers_cache_cost(st.st_size);
        }
    }

    (void) closedir(dir);
}


/* Whether the entry is to go. */

static ngx_uint_t
ngx_workers_cache_sweep_file(ngx_workers_cache_sweep_t *s, struct stat *st)
{
    ngx_uint_t  age;

    age = ngx_workers_cache_age(s->now_cs
                                - ((int64_t) st->st_mtim.tv_sec * 100
                                   + st->st_mtim.tv_nsec / 10000000));

    if (s->pass == 1) {
        return s->excess > 0 && age >= s->oldest;
    }

    if ((int64_t) st->st_atim.tv_sec * 100
        + st->st_atim.tv_nsec / 10000000 < s->now_cs)
    {
        return 1;
    }

    s->ages[age] += ngx_workers_cache_cost(st->st_size);

    return 0;
}


/* Whether a temporary file's writer is gone. */

static ngx_uint_t
ngx_workers_cache_sweep_orphan(ngx_workers_cache_sweep_t *s, int dir,
    const char *name, struct stat *st)
{
    int         fd;
    ngx_uint_t  gone;

    if (s->now - st->st_mtime < NGX_WORKERS_CACHE_ORPHAN) {
        return 0;                          /* it may not be locked so far */
    }

    fd = openat(dir, name, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);
    if (fd == -1) {
        return 0;
    }

    gone = (flock(fd, LOCK_EX|LOCK_NB) == 0);

    (void) close(fd);

    return gone;
}


/* Ages, in 1/100 s, in groups: each a sixteenth of a power of two. */

static ngx_uint_t
ngx_workers_cache_age(int64_t age)
{
    ngx_uint_t  n;

    if (age < 16) {
        return (age < 0) ? 0 : age;
    }

    for (n = 4; (age >> (n + 1)) != 0; n++) { /* void */ }

    return ngx_min(16 + (n - 4) * 16 + ((age >> (n - 4)) & 15),
                   NGX_WORKERS_CACHE_AGES - 1);
}
