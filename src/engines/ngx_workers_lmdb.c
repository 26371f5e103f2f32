
/*
 * Copyright (C) the nginx-workers authors
 *
 * The LMDB engine: environments, opened after fork by the first read or
 * write, once per path and process, and closed again when idle; reads,
 * which are memory reads in the event loop.  Any number of processes may
 * have an environment open; each holds one reader slot of it.
 */


#include "ngx_workers_lmdb.h"


/* address space only; the file grows as it is used */
#define NGX_WORKERS_LMDB_MAP_SIZE  ((size_t) 64 * 1024 * 1024 * 1024)
#define NGX_WORKERS_LMDB_READERS   1024

#define NGX_WORKERS_LMDB_IDLE      60      /* seconds until it is closed */
#define NGX_WORKERS_LMDB_RETRY     1       /* seconds between failed opens */
#define NGX_WORKERS_LMDB_BURST     60      /* seconds between equal lines */
#define NGX_WORKERS_LMDB_TICK      15000   /* ms */


static void *ngx_workers_lmdb_init(ngx_log_t *log, ngx_thread_pool_t *tp);
static ngx_workers_store_t *ngx_workers_lmdb_open(void *engine,
    ngx_str_t *path, size_t max_size);
static ngx_int_t ngx_workers_lmdb_get(ngx_workers_store_t *store,
    ngx_workers_store_read_t *rd);
static void ngx_workers_lmdb_release(ngx_workers_store_t *store,
    ngx_workers_store_read_t *rd);
static void ngx_workers_lmdb_exit(void *engine);
static int ngx_workers_lmdb_env_create(ngx_workers_lmdb_env_t *env);
static int ngx_workers_lmdb_env_check(ngx_workers_lmdb_env_t *env);
static int ngx_workers_lmdb_size_check(ngx_workers_lmdb_env_t *env);
static int ngx_workers_lmdb_tail_check(ngx_workers_lmdb_env_t *env,
    size_t first, size_t last);
static int ngx_workers_lmdb_renew(ngx_workers_lmdb_env_t *env);
static void ngx_workers_lmdb_timer_handler(ngx_event_t *ev);
static void ngx_workers_lmdb_tick(ngx_workers_lmdb_env_t *env);


ngx_workers_store_engine_t  ngx_workers_lmdb_engine = {
    ngx_string("lmdb"),
    ngx_workers_lmdb_init,
    ngx_workers_lmdb_open,
    ngx_workers_lmdb_get,
    ngx_workers_lmdb_release,
    ngx_workers_lmdb_list,
    ngx_workers_lmdb_write,
    ngx_workers_lmdb_exit
};


static void *
ngx_workers_lmdb_init(ngx_log_t *log, ngx_thread_pool_t *tp)
{
    ngx_workers_lmdb_t  *lmdb;

    lmdb = ngx_calloc(sizeof(ngx_workers_lmdb_t), log);
    if (lmdb == NULL) {
        return NULL;
    }

    ngx_queue_init(&lmdb->envs);

    lmdb->log = log;
    lmdb->tp = tp;

    lmdb->timer.handler = ngx_workers_lmdb_timer_handler;
    lmdb->timer.data = lmdb;
    lmdb->timer.log = log;
    lmdb->timer.cancelable = 1;

    return lmdb;
}


static ngx_workers_store_t *
ngx_workers_lmdb_open(void *engine, ngx_str_t *path, size_t max_size)
{
    ngx_workers_lmdb_t *lmdb = engine;

    ngx_queue_t             *q;
    ngx_workers_lmdb_env_t  *env;

    for (q = ngx_queue_head(&lmdb->envs);
         q != ngx_queue_sentinel(&lmdb->envs);
         q = ngx_queue_next(q))
    {
        env = ngx_queue_data(q, ngx_workers_lmdb_env_t, queue);

        if (env->path.len == path->len
            && ngx_memcmp(env->path.data, path->data, path->len) == 0)
        {
            return &env->store;
        }
    }

    env = ngx_calloc(sizeof(ngx_workers_lmdb_env_t) + path->len + 1,
                     lmdb->log);
    if (env == NULL) {
        return NULL;
    }

    env->store.engine = &ngx_workers_lmdb_engine;
    env->lmdb = lmdb;
    env->map_size = max_size ? max_size : NGX_WORKERS_LMDB_MAP_SIZE;

    env->path.data = (u_char *) env + sizeof(ngx_workers_lmdb_env_t);
    env->path.len = path->len;
    ngx_memcpy(env->path.data, path->data, path->len);

    ngx_workers_lmdb_commit_init(env);

    ngx_queue_insert_tail(&lmdb->envs, &env->queue);

    return &env->store;
}


static ngx_int_t
ngx_workers_lmdb_get(ngx_workers_store_t *store, ngx_workers_store_read_t *rd)
{
    int                         rc;
    MDB_val                     data;
    ngx_workers_lmdb_key_t      k;
    ngx_workers_lmdb_env_t     *env;
    ngx_workers_lmdb_record_t   rec;

    env = (ngx_workers_lmdb_env_t *) store;

    if (ngx_workers_lmdb_begin(env, &rd->error) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = MDB_NOTFOUND;

    if (rd->key.len != 0 && rd->key.data[0] != NGX_WORKERS_LMDB_ESCAPE
        && rd->key.len <= NGX_WORKERS_STORE_MAX_KEY)
    {
        rc = ngx_workers_lmdb_key_find(env->txn, env->dbi, &rd->key, &k, 0);
    }

    if (rc == 0) {
        rc = mdb_get(env->txn, env->dbi, &k.val, &data);
    }

    if (rc == 0) {
        rc = ngx_workers_lmdb_record_parse(&data, &rec);
    }

    if (rc == 0) {

        if (rec.entry.expires != 0 && rec.entry.expires <= ngx_time()) {
            ngx_workers_lmdb_end(env);
            return NGX_DECLINED;
        }

        rc = ngx_workers_lmdb_record_value(env->txn, env->dbi, &rec);
    }

    if (rc == 0) {
        rd->entry = rec.entry;
        return NGX_OK;
    }

    ngx_workers_lmdb_end(env);

    if (rc == MDB_NOTFOUND) {
        return NGX_DECLINED;
    }

    return ngx_workers_lmdb_failed(env, rc, "read", &rd->error);
}


static void
ngx_workers_lmdb_release(ngx_workers_store_t *store,
    ngx_workers_store_read_t *rd)
{
    ngx_workers_lmdb_end((ngx_workers_lmdb_env_t *) store);
}


static void
ngx_workers_lmdb_exit(void *engine)
{
    ngx_workers_lmdb_t *lmdb = engine;

    ngx_queue_t             *q;
    ngx_workers_lmdb_env_t  *env;

    if (lmdb->timer.timer_set) {
        ngx_del_timer(&lmdb->timer);
    }

    lmdb->exiting = 1;

    for (q = ngx_queue_head(&lmdb->envs);
         q != ngx_queue_sentinel(&lmdb->envs);
         q = ngx_queue_next(q))
    {
        env = ngx_queue_data(q, ngx_workers_lmdb_env_t, queue);

        ngx_workers_lmdb_commit_exit(env);
    }

    while (!ngx_queue_empty(&lmdb->envs)) {
        q = ngx_queue_head(&lmdb->envs);
        ngx_queue_remove(q);

        env = ngx_queue_data(q, ngx_workers_lmdb_env_t, queue);

        ngx_workers_lmdb_env_close(env);
        ngx_free(env);
    }

    ngx_free(lmdb);
}


/*
 * Begins reading in a snapshot, or joins the one that is being read; the
 * environment is opened if it is not.
 */

ngx_int_t
ngx_workers_lmdb_begin(ngx_workers_lmdb_env_t *env,
    ngx_workers_store_error_e *error)
{
    int  rc;

    if (ngx_workers_lmdb_env_open(env, error) != NGX_OK) {
        return NGX_ERROR;
    }

    env->used = ngx_time();

    if (env->readers > 0) {
        env->readers++;
        return NGX_OK;
    }

    rc = ngx_workers_lmdb_renew(env);

    if (rc == MDB_MAP_RESIZED && !env->running) {

        /* another process has a larger map */

        ngx_workers_lmdb_env_close(env);

        if (ngx_workers_lmdb_env_open(env, error) != NGX_OK) {
            return NGX_ERROR;
        }

        rc = ngx_workers_lmdb_renew(env);
    }

    if (rc != 0) {
        return ngx_workers_lmdb_failed(env, rc, "read", error);
    }

    env->readers++;

    return NGX_OK;
}


void
ngx_workers_lmdb_end(ngx_workers_lmdb_env_t *env)
{
    if (--env->readers == 0) {
        mdb_txn_reset(env->txn);
    }
}


static int
ngx_workers_lmdb_renew(ngx_workers_lmdb_env_t *env)
{
    int  rc, dead;

    if (env->txn != NULL) {
        return mdb_txn_renew(env->txn);
    }

    rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &env->txn);

    if (rc == MDB_READERS_FULL
        && mdb_reader_check(env->mdb, &dead) == 0 && dead > 0)
    {
        rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &env->txn);
    }

    if (rc != 0) {
        env->txn = NULL;
    }

    return rc;
}


ngx_int_t
ngx_workers_lmdb_env_open(ngx_workers_lmdb_env_t *env,
    ngx_workers_store_error_e *error)
{
    int                  rc;
    time_t               now;
    ngx_workers_lmdb_t  *lmdb;

    if (env->mdb != NULL) {

        if (!env->reopen || env->running || env->readers > 0) {
            return NGX_OK;
        }

        ngx_workers_lmdb_env_close(env);
    }

    lmdb = env->lmdb;
    now = ngx_time();

    if (env->failure != 0 && now < env->failed + NGX_WORKERS_LMDB_RETRY
        && now >= env->failed)
    {
        *error = ngx_workers_lmdb_error(env->failure);
        return NGX_ERROR;
    }

    do {
        rc = ngx_workers_lmdb_env_create(env);

    } while ((rc == NGX_EMFILE || rc == NGX_ENFILE || rc == NGX_ENOMEM)
             && ngx_workers_lmdb_evict(lmdb) == NGX_OK);

    env->failure = rc;

    if (rc != 0) {
        env->failed = now;
        return ngx_workers_lmdb_failed(env, rc, "open", error);
    }

    env->used = now;

    if (!lmdb->timer.timer_set) {
        ngx_add_timer(&lmdb->timer, NGX_WORKERS_LMDB_TICK
                      + ngx_random() % (NGX_WORKERS_LMDB_TICK / 4));
    }

    ngx_log_debug1(NGX_LOG_DEBUG_CORE, lmdb->log, 0,
                   "workers storage \"%V\" opened", &env->path);

    return NGX_OK;
}


static int
ngx_workers_lmdb_env_create(ngx_workers_lmdb_env_t *env)
{
    int     rc, dead;
    u_char  dir[NGX_MAX_PATH + 2];

    if (env->path.len > NGX_MAX_PATH) {
        return NGX_ENAMETOOLONG;
    }

    /* makes what stands before the last slash; may leave its argument cut */

    *ngx_sprintf(dir, "%V/", &env->path) = '\0';

    rc = ngx_create_full_path(dir, 0700);
    if (rc != 0) {
        return rc;
    }

    rc = mdb_env_create(&env->mdb);
    if (rc != 0) {
        env->mdb = NULL;
        return rc;
    }

    rc = mdb_env_set_mapsize(env->mdb, env->map_size);
    if (rc != 0) {
        goto failed;
    }

    rc = mdb_env_set_maxreaders(env->mdb, NGX_WORKERS_LMDB_READERS);
    if (rc != 0) {
        goto failed;
    }

    rc = mdb_env_open(env->mdb, (char *) env->path.data, MDB_NOTLS, 0600);
    if (rc != 0) {
        goto failed;
    }

    rc = mdb_reader_check(env->mdb, &dead);
    if (rc != 0) {
        goto failed;
    }

    rc = ngx_workers_lmdb_env_check(env);
    if (rc != 0) {
        goto failed;
    }

    env->reopen = 0;

    return 0;

failed:

    ngx_workers_lmdb_env_close(env);

    return rc;
}


/*
 * Refuses a file that was cut short, and a format that a newer version may
 * have written.
 */

static int
ngx_workers_lmdb_env_check(ngx_workers_lmdb_env_t *env)
{
    int      rc;
    u_char   buf[2];
    MDB_val  val, data;

    rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &env->txn);
    if (rc != 0) {
        env->txn = NULL;
        return rc;
    }

    rc = ngx_workers_lmdb_size_check(env);
    if (rc != 0) {
        return rc;
    }

    rc = mdb_dbi_open(env->txn, NULL, 0, &env->dbi);
    if (rc != 0) {
        return rc;
    }

    buf[0] = NGX_WORKERS_LMDB_ESCAPE;
    buf[1] = NGX_WORKERS_LMDB_FORMAT;

    val.mv_data = buf;
    val.mv_size = 2;

    rc = mdb_get(env->txn, env->dbi, &val, &data);

    env->fresh = (rc == MDB_NOTFOUND);

    if (rc == 0 && (data.mv_size != 1 || *(u_char *) data.mv_data != '1')) {
        rc = MDB_VERSION_MISMATCH;
    }

    if (env->fresh) {
        rc = 0;
    }

    mdb_txn_reset(env->txn);

    return rc;
}


/*
 * LMDB does not write pages that a transaction took and gave back: a file may
 * end before its last page, if all that is missing is free.  Otherwise it was
 * cut, and reading behind its end would raise SIGBUS.
 */

static int
ngx_workers_lmdb_size_check(ngx_workers_lmdb_env_t *env)
{
    int          rc, fd;
    off_t        size;
    MDB_stat     stat;
    MDB_envinfo  info;
    struct stat  st;

    rc = mdb_env_get_fd(env->mdb, &fd);
    if (rc != 0) {
        return rc;
    }

    mdb_env_stat(env->mdb, &stat);
    mdb_env_info(env->mdb, &info);

    /* later than the numbers above, since others may be writing */

    if (fstat(fd, &st) == -1) {
        return ngx_errno;
    }

    env->dev = st.st_dev;
    env->ino = st.st_ino;

    size = (off_t) (info.me_last_pgno + 1) * stat.ms_psize;

    if (st.st_size >= size) {
        return 0;
    }

    /* makes the missing pages readable as zeros; never shortens the file */

    rc = posix_fallocate(fd, size - 1, 1);
    if (rc != 0) {
        return rc;
    }

    rc = ngx_workers_lmdb_tail_check(env, st.st_size / stat.ms_psize,
                                     info.me_last_pgno);

    if (rc != 0 && ftruncate(fd, st.st_size) == -1) {
        return ngx_errno;
    }

    return rc;
}


static int
ngx_workers_lmdb_tail_check(ngx_workers_lmdb_env_t *env, size_t first,
    size_t last)
{
    int          rc;
    size_t      *page, i, n, missing;
    MDB_val      val, data;
    MDB_cursor  *cursor;

    missing = last + 1 - first;

    /* database 0 has the numbers of the free pages, a count before them */

    rc = mdb_cursor_open(env->txn, 0, &cursor);
    if (rc != 0) {
        return rc;
    }

    while ((rc = mdb_cursor_get(cursor, &val, &data, MDB_NEXT)) == 0) {

        n = data.mv_size / sizeof(size_t);
        page = data.mv_data;

        if (n == 0 || page[0] >= n) {
            rc = MDB_CORRUPTED;
            break;
        }

        for (i = 1; i <= page[0]; i++) {
            if (page[i] >= first && page[i] <= last) {
                missing--;
            }
        }
    }

    mdb_cursor_close(cursor);

    if (rc == MDB_NOTFOUND) {
        rc = (missing == 0) ? 0 : MDB_CORRUPTED;
    }

    return rc;
}


/* The environment has no commit running and is not being read. */

void
ngx_workers_lmdb_env_close(ngx_workers_lmdb_env_t *env)
{
    if (env->txn != NULL) {
        mdb_txn_abort(env->txn);
        env->txn = NULL;
    }

    if (env->mdb != NULL) {
        mdb_env_close(env->mdb);
        env->mdb = NULL;

        ngx_log_debug1(NGX_LOG_DEBUG_CORE, env->lmdb->log, 0,
                       "workers storage \"%V\" closed", &env->path);
    }

    env->reopen = 0;
}


/* Makes room for another environment by closing the one idle for longest. */

ngx_int_t
ngx_workers_lmdb_evict(ngx_workers_lmdb_t *lmdb)
{
    ngx_queue_t             *q;
    ngx_workers_lmdb_env_t  *env, *oldest;

    oldest = NULL;

    for (q = ngx_queue_head(&lmdb->envs);
         q != ngx_queue_sentinel(&lmdb->envs);
         q = ngx_queue_next(q))
    {
        env = ngx_queue_data(q, ngx_workers_lmdb_env_t, queue);

        if (env->mdb == NULL || env->running || env->readers > 0) {
            continue;
        }

        if (oldest == NULL || env->used < oldest->used) {
            oldest = env;
        }
    }

    if (oldest == NULL) {
        return NGX_DECLINED;
    }

    ngx_workers_lmdb_env_close(oldest);

    return NGX_OK;
}


static void
ngx_workers_lmdb_timer_handler(ngx_event_t *ev)
{
    ngx_uint_t               again;
    ngx_queue_t             *q;
    ngx_workers_lmdb_t      *lmdb;
    ngx_workers_lmdb_env_t  *env;

    lmdb = ev->data;
    again = 0;

    for (q = ngx_queue_head(&lmdb->envs);
         q != ngx_queue_sentinel(&lmdb->envs);
         q = ngx_queue_next(q))
    {
        env = ngx_queue_data(q, ngx_workers_lmdb_env_t, queue);

        ngx_workers_lmdb_tick(env);

        again |= (env->mdb != NULL || env->due != 0);
    }

    if (again && !ev->timer_set) {
        ngx_add_timer(ev, NGX_WORKERS_LMDB_TICK
                      + ngx_random() % (NGX_WORKERS_LMDB_TICK / 4));
    }
}


/*
 * Looks for expired entries, and closes what has not been used for a while;
 * it is opened again when the next of its entries expires.
 */

static void
ngx_workers_lmdb_tick(ngx_workers_lmdb_env_t *env)
{
    int                        rc;
    time_t                     now, used;
    ngx_workers_store_error_e  error;

    now = ngx_time();
    used = env->used;

    if (env->mdb == NULL) {
        if (env->due != 0 && env->due <= now) {
            ngx_workers_lmdb_sweep(env);
        }

        return;
    }

    if (ngx_workers_lmdb_begin(env, &error) != NGX_OK) {
        return;
    }

    rc = ngx_workers_lmdb_record_due(env->txn, env->dbi, &env->due);

    ngx_workers_lmdb_end(env);

    env->used = used;

    if (rc != 0) {
        (void) ngx_workers_lmdb_failed(env, rc, "read", &error);
        return;
    }

    if (env->due != 0 && env->due <= now) {
        ngx_workers_lmdb_sweep(env);
        return;
    }

    if (now - used >= NGX_WORKERS_LMDB_IDLE
        && !env->running && env->readers == 0
        && ngx_queue_empty(&env->waiting))
    {
        ngx_workers_lmdb_env_close(env);
    }
}


ngx_workers_store_error_e
ngx_workers_lmdb_error(int code)
{
    switch (code) {

    case 0:
        return NGX_WORKERS_STORE_OK;

    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case NGX_ENOSPC:
    case EDQUOT:
    case EFBIG:
        return NGX_WORKERS_STORE_FULL;

    case NGX_EAGAIN:
        return NGX_WORKERS_STORE_BUSY;

    case MDB_BAD_VALSIZE:
        return NGX_WORKERS_STORE_INVALID;

    default:
        return NGX_WORKERS_STORE_UNAVAILABLE;
    }
}


/* Event loop: logs a failure, and notes what only a new start can mend. */

ngx_int_t
ngx_workers_lmdb_failed(ngx_workers_lmdb_env_t *env, int code,
    const char *what, ngx_workers_store_error_e *error)
{
    *error = ngx_workers_lmdb_error(code);

    if (code < 0 && *error == NGX_WORKERS_STORE_UNAVAILABLE) {
        env->reopen = 1;
    }

    ngx_workers_lmdb_log(env, code, what);

    return NGX_ERROR;
}


void
ngx_workers_lmdb_log(ngx_workers_lmdb_env_t *env, int code, const char *what)
{
    time_t  now;

    now = ngx_time();

    if (code == env->logged_code
        && now - env->logged < NGX_WORKERS_LMDB_BURST)
    {
        return;
    }

    env->logged = now;
    env->logged_code = code;

    if (code > 0) {
        ngx_log_error(NGX_LOG_CRIT, env->lmdb->log, code,
                      "workers storage \"%V\": %s failed", &env->path, what);
        return;
    }

    ngx_log_error(NGX_LOG_CRIT, env->lmdb->log, 0,
                  "workers storage \"%V\": %s failed (%s)",
                  &env->path, what, mdb_strerror(code));
}
