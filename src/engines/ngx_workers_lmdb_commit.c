
/*
 * Copyright (C) the nginx-workers authors
 *
 * Group commit.  Writes gather while a commit runs, or until the end of the
 * event that queued them; then a pool thread applies all of them in one
 * transaction, with one sync.  A write that fails there is taken out and
 * tried alone, so that it fails nobody else.
 */


#include "ngx_workers_lmdb.h"


/* what may wait in a process; what one transaction takes */
#define NGX_WORKERS_LMDB_QUEUED   (256 * 1024 * 1024)
#define NGX_WORKERS_LMDB_BATCH    (64 * 1024 * 1024)

/* lone commits that fail alike until the rest is not tried any more */
#define NGX_WORKERS_LMDB_STRIKES  8

#define NGX_WORKERS_LMDB_SWEEP    256


static void ngx_workers_lmdb_gather_handler(ngx_event_t *ev);
static void ngx_workers_lmdb_next_batch(ngx_workers_lmdb_env_t *env);
static void ngx_workers_lmdb_commit_thread(void *data, ngx_log_t *log);
static void ngx_workers_lmdb_commit_alone(ngx_workers_lmdb_env_t *env,
    ngx_queue_t *alone, ngx_queue_t *done);
static int ngx_workers_lmdb_commit(ngx_workers_lmdb_env_t *env,
    ngx_queue_t *writes, ngx_workers_store_write_t **bad);
static int ngx_workers_lmdb_apply(ngx_workers_lmdb_env_t *env, MDB_txn *txn,
    ngx_workers_store_write_t *w);
static int ngx_workers_lmdb_put_format(ngx_workers_lmdb_env_t *env,
    MDB_txn *txn);
static int ngx_workers_lmdb_file_check(ngx_workers_lmdb_env_t *env);
static int ngx_workers_lmdb_sync_dirs(ngx_workers_lmdb_env_t *env);
static ngx_uint_t ngx_workers_lmdb_is_broken(int code);
static void ngx_workers_lmdb_result(ngx_queue_t *writes, int code);
static void ngx_workers_lmdb_append(ngx_queue_t *to, ngx_queue_t *from);
static void ngx_workers_lmdb_commit_handler(ngx_event_t *ev);
static void ngx_workers_lmdb_finish(ngx_workers_lmdb_env_t *env,
    ngx_queue_t *writes);
static void ngx_workers_lmdb_sweep_done(ngx_workers_store_write_t *w);


void
ngx_workers_lmdb_commit_init(ngx_workers_lmdb_env_t *env)
{
    ngx_queue_init(&env->waiting);
    ngx_queue_init(&env->batch);

    env->gather.handler = ngx_workers_lmdb_gather_handler;
    env->gather.data = env;
    env->gather.log = env->lmdb->log;

    env->task.handler = ngx_workers_lmdb_commit_thread;
    env->task.ctx = env;
    env->task.event.handler = ngx_workers_lmdb_commit_handler;
    env->task.event.data = env;
    env->task.event.log = env->lmdb->log;

    env->sweep.handler = ngx_workers_lmdb_sweep_done;
    env->sweep.data = env;
}


ngx_int_t
ngx_workers_lmdb_write(ngx_workers_store_t *store,
    ngx_workers_store_write_t *w)
{
    size_t                       size;
    ngx_workers_lmdb_t          *lmdb;
    ngx_workers_lmdb_env_t      *env;
    ngx_workers_store_change_t  *ch;

    env = (ngx_workers_lmdb_env_t *) store;
    lmdb = env->lmdb;

    if (lmdb->exiting) {
        w->error = NGX_WORKERS_STORE_UNAVAILABLE;
        return NGX_ERROR;
    }

    size = sizeof(ngx_workers_store_write_t);

    for (ch = w->changes; ch != NULL; ch = ch->next) {

        if (ch->key.len == 0
            || ch->key.len > NGX_WORKERS_STORE_MAX_KEY
            || ch->key.data[0] == NGX_WORKERS_LMDB_ESCAPE)
        {
            w->error = NGX_WORKERS_STORE_INVALID;
            return NGX_ERROR;
        }

        size += sizeof(ngx_workers_store_change_t) + ch->key.len;

        if (ch->kind == NGX_WORKERS_STORE_PUT) {
            size += ch->metadata.len + ch->value.len;
        }
    }

    if (lmdb->queued > 0 && lmdb->queued + size > NGX_WORKERS_LMDB_QUEUED) {
        w->error = NGX_WORKERS_STORE_BUSY;
        return NGX_ERROR;
    }

    w->size = size;
    w->code = 0;
    w->retried = 0;
    w->error = NGX_WORKERS_STORE_OK;

    lmdb->queued += size;

    ngx_queue_insert_tail(&env->waiting, &w->queue);

    if (!env->running) {
        ngx_post_event(&env->gather, &ngx_posted_events);
    }

    return NGX_OK;
}


/* Queues the removal of expired entries, if it is not queued already. */

void
ngx_workers_lmdb_sweep(ngx_workers_lmdb_env_t *env)
{
    if (env->sweeping) {
        return;
    }

    env->sweeping = (ngx_workers_lmdb_write(&env->store, &env->sweep)
                     == NGX_OK);
}


/*
 * The threads are gone: what they have done is told, what still waits is
 * done here.
 */

void
ngx_workers_lmdb_commit_exit(ngx_workers_lmdb_env_t *env)
{
    ngx_queue_t                writes;
    ngx_workers_store_error_e  error;

    if (env->gather.posted) {
        ngx_delete_posted_event(&env->gather);
    }

    ngx_queue_init(&writes);
    ngx_workers_lmdb_append(&writes, &env->batch);

    env->running = 0;

    if (!ngx_queue_empty(&env->waiting)) {

        ngx_workers_lmdb_append(&env->batch, &env->waiting);

        if (ngx_workers_lmdb_env_open(env, &error) == NGX_OK) {
            ngx_workers_lmdb_commit_thread(env, env->lmdb->log);

        } else {
            ngx_workers_lmdb_result(&env->batch, env->failure);
        }

        ngx_workers_lmdb_append(&writes, &env->batch);
    }

    ngx_workers_lmdb_finish(env, &writes);
}


static void
ngx_workers_lmdb_gather_handler(ngx_event_t *ev)
{
    ngx_workers_lmdb_env_t *env = ev->data;

    if (!env->running) {
        ngx_workers_lmdb_next_batch(env);
    }
}


static void
ngx_workers_lmdb_next_batch(ngx_workers_lmdb_env_t *env)
{
    int                         code;
    size_t                      size;
    ngx_queue_t                *q, failed;
    ngx_workers_store_error_e   error;
    ngx_workers_store_write_t  *w;

    if (ngx_queue_empty(&env->waiting)) {
        return;
    }

    env->used = ngx_time();

    if (ngx_workers_lmdb_env_open(env, &error) != NGX_OK) {
        code = env->failure;
        goto failed;
    }

    size = 0;

    do {
        q = ngx_queue_head(&env->waiting);
        w = ngx_queue_data(q, ngx_workers_store_write_t, queue);

        if (size > 0 && size + w->size > NGX_WORKERS_LMDB_BATCH) {
            break;
        }

        size += w->size;

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&env->batch, q);

    } while (!ngx_queue_empty(&env->waiting));

    env->now = ngx_time();
    env->broken = 0;
    env->running = 1;

    if (ngx_thread_task_post(env->lmdb->tp, &env->task) == NGX_OK) {
        return;
    }

    env->running = 0;
    code = NGX_EAGAIN;

failed:

    ngx_queue_init(&failed);

    ngx_workers_lmdb_append(&failed, &env->batch);
    ngx_workers_lmdb_append(&failed, &env->waiting);
    ngx_workers_lmdb_result(&failed, code);

    ngx_workers_lmdb_finish(env, &failed);
}


/* Pool thread. */

static void
ngx_workers_lmdb_commit_thread(void *data, ngx_log_t *log)
{
    ngx_workers_lmdb_env_t *env = data;

    int                         rc;
    ngx_queue_t                *writes, alone, done;
    ngx_workers_store_write_t  *bad;

    writes = &env->batch;

    ngx_queue_init(&alone);
    ngx_queue_init(&done);

    rc = ngx_workers_lmdb_file_check(env);

    while (rc == 0 && !ngx_queue_empty(writes)) {

        rc = ngx_workers_lmdb_commit(env, writes, &bad);

        if (rc == 0) {
            ngx_workers_lmdb_result(writes, 0);
            ngx_workers_lmdb_append(&done, writes);
            break;
        }

        if (ngx_workers_lmdb_is_broken(rc)
            || ngx_queue_head(writes) == ngx_queue_last(writes))
        {
            break;
        }

        if (bad != NULL) {
            ngx_queue_remove(&bad->queue);
            ngx_queue_insert_tail(&alone, &bad->queue);

        } else {
            /* the commit as a whole: nobody knows whose fault it is */
            ngx_workers_lmdb_append(&alone, writes);
        }

        rc = 0;
    }

    if (rc == 0) {
        ngx_workers_lmdb_commit_alone(env, &alone, &done);

    } else {
        env->broken = ngx_workers_lmdb_is_broken(rc);

        ngx_workers_lmdb_append(writes, &alone);
        ngx_workers_lmdb_result(writes, rc);
    }

    ngx_workers_lmdb_append(&done, writes);
    ngx_workers_lmdb_append(writes, &done);
}


static void
ngx_workers_lmdb_commit_alone(ngx_workers_lmdb_env_t *env, ngx_queue_t *alone,
    ngx_queue_t *done)
{
    int                         rc, last;
    ngx_uint_t                  strikes;
    ngx_queue_t                *q, one;
    ngx_workers_store_write_t  *bad;

    last = 0;
    strikes = 0;

    ngx_queue_init(&one);

    while (!ngx_queue_empty(alone)) {

        if (strikes == NGX_WORKERS_LMDB_STRIKES || env->broken) {
            ngx_workers_lmdb_result(alone, last);
            ngx_workers_lmdb_append(done, alone);
            return;
        }

        q = ngx_queue_head(alone);
        ngx_queue_remove(q);
        ngx_queue_insert_tail(&one, q);

        rc = ngx_workers_lmdb_commit(env, &one, &bad);

        if (rc == 0) {
            strikes = 0;

        } else {
            strikes = (rc == last && bad == NULL) ? strikes + 1 : 1;
            env->broken = ngx_workers_lmdb_is_broken(rc);
        }

        last = rc;

        ngx_workers_lmdb_result(&one, rc);
        ngx_workers_lmdb_append(done, &one);
    }
}


/*
 * All writes in one transaction.  If it fails nothing of it is stored, and
 * *bad is the write that could not be applied, NULL if it is the commit that
 * failed.
 */

static int
ngx_workers_lmdb_commit(ngx_workers_lmdb_env_t *env, ngx_queue_t *writes,
    ngx_workers_store_write_t **bad)
{
    int                         rc;
    MDB_txn                    *txn;
    ngx_queue_t                *q;
    ngx_workers_store_write_t  *w;

    *bad = NULL;

    /* waits while another process commits */

    rc = mdb_txn_begin(env->mdb, NULL, 0, &txn);
    if (rc != 0) {
        return rc;
    }

    if (env->fresh) {
        rc = ngx_workers_lmdb_put_format(env, txn);
        if (rc != 0) {
            goto failed;
        }
    }

    for (q = ngx_queue_head(writes);
         q != ngx_queue_sentinel(writes);
         q = ngx_queue_next(q))
    {
        w = ngx_queue_data(q, ngx_workers_store_write_t, queue);

        rc = ngx_workers_lmdb_apply(env, txn, w);
        if (rc != 0) {
            *bad = w;
            goto failed;
        }
    }

    rc = mdb_txn_commit(txn);
    if (rc != 0) {
        return rc;
    }

    env->fresh = 0;

    return 0;

failed:

    mdb_txn_abort(txn);

    return rc;
}


static int
ngx_workers_lmdb_apply(ngx_workers_lmdb_env_t *env, MDB_txn *txn,
    ngx_workers_store_write_t *w)
{
    int                          rc;
    ngx_workers_store_change_t  *ch;

    if (w == &env->sweep) {
        return ngx_workers_lmdb_record_sweep(txn, env->dbi, env->now,
                                             NGX_WORKERS_LMDB_SWEEP,
                                             &env->more);
    }

    for (ch = w->changes; ch != NULL; ch = ch->next) {

        if (ch->kind == NGX_WORKERS_STORE_PUT) {
            rc = ngx_workers_lmdb_record_put(txn, env->dbi, ch);

        } else {
            rc = ngx_workers_lmdb_record_delete(txn, env->dbi, &ch->key);
        }

        if (rc != 0) {
            return rc;
        }
    }

    return 0;
}


static int
ngx_workers_lmdb_put_format(ngx_workers_lmdb_env_t *env, MDB_txn *txn)
{
    int      rc;
    u_char   buf[2];
    MDB_val  val, data;

    rc = ngx_workers_lmdb_sync_dirs(env);
    if (rc != 0) {
        return rc;
    }

    buf[0] = NGX_WORKERS_LMDB_ESCAPE;
    buf[1] = NGX_WORKERS_LMDB_FORMAT;

    val.mv_data = buf;
    val.mv_size = 2;

    data.mv_data = "1";
    data.mv_size = 1;

    return mdb_put(txn, env->dbi, &val, &data, 0);
}


/* Nothing may be acknowledged that goes to a file without its name. */

static int
ngx_workers_lmdb_file_check(ngx_workers_lmdb_env_t *env)
{
    u_char       name[NGX_MAX_PATH + 1];
    struct stat  st;

    *ngx_snprintf(name, NGX_MAX_PATH, "%V/data.mdb", &env->path) = '\0';

    if (stat((char *) name, &st) == -1) {
        return (ngx_errno == NGX_ENOENT) ? MDB_MAP_RESIZED : ngx_errno;
    }

    if (st.st_dev != env->dev || st.st_ino != env->ino) {
        return MDB_MAP_RESIZED;
    }

    return 0;
}


/*
 * A power loss may take away a new file's name though its content was
 * synced: the directories are synced too, from the environment up to that
 * of all data.
 */

static int
ngx_workers_lmdb_sync_dirs(ngx_workers_lmdb_env_t *env)
{
    int          rc, fd;
    u_char       name[NGX_MAX_PATH + 1], *p;
    ngx_uint_t   n;

    p = ngx_snprintf(name, NGX_MAX_PATH, "%V", &env->path);
    *p = '\0';

    for (n = 0; n < 3 && p > name; n++) {

        fd = open((char *) name, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

        if (fd == -1) {
            /* a directory above may be closed to us */
            return (n == 0) ? ngx_errno : 0;
        }

        rc = (fsync(fd) == -1) ? ngx_errno : 0;

        close(fd);

        if (rc != 0 && rc != NGX_EINVAL) {
            return rc;
        }

        while (p > name && *--p != '/') { /* void */ }

        *p = '\0';
    }

    return 0;
}


/* What the next try in a newly opened environment may cure. */

static ngx_uint_t
ngx_workers_lmdb_is_broken(int code)
{
    switch (code) {

    case MDB_MAP_RESIZED:
    case MDB_PANIC:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_BAD_TXN:
    case MDB_BAD_RSLOT:
        return 1;

    default:
        return 0;
    }
}


static void
ngx_workers_lmdb_result(ngx_queue_t *writes, int code)
{
    ngx_queue_t                *q;
    ngx_workers_store_write_t  *w;

    for (q = ngx_queue_head(writes);
         q != ngx_queue_sentinel(writes);
         q = ngx_queue_next(q))
    {
        w = ngx_queue_data(q, ngx_workers_store_write_t, queue);
        w->code = code;
    }
}


static void
ngx_workers_lmdb_append(ngx_queue_t *to, ngx_queue_t *from)
{
    if (!ngx_queue_empty(from)) {
        ngx_queue_add(to, from);
        ngx_queue_init(from);
    }
}


/* The thread is done: the next batch goes first, then come the callbacks. */

static void
ngx_workers_lmdb_commit_handler(ngx_event_t *ev)
{
    ngx_uint_t                  retry, files;
    ngx_queue_t                 done, again, *q;
    ngx_workers_lmdb_env_t     *env;
    ngx_workers_store_write_t  *w;

    env = ev->data;
    files = 0;

    ngx_queue_init(&done);
    ngx_queue_init(&again);

    env->running = 0;
    env->reopen |= (env->broken != 0);

    while (!ngx_queue_empty(&env->batch)) {
        q = ngx_queue_head(&env->batch);
        ngx_queue_remove(q);

        w = ngx_queue_data(q, ngx_workers_store_write_t, queue);

        retry = (w->code != 0 && env->broken);

        if (w->code == NGX_EMFILE || w->code == NGX_ENFILE) {
            files = 1;
            retry = 1;
        }

        if (retry && !w->retried) {
            w->retried = 1;
            ngx_queue_insert_tail(&again, q);

        } else {
            ngx_queue_insert_tail(&done, q);
        }
    }

    if (files) {
        (void) ngx_workers_lmdb_evict(env->lmdb);
    }

    if (!ngx_queue_empty(&again)) {
        ngx_workers_lmdb_append(&again, &env->waiting);
        ngx_workers_lmdb_append(&env->waiting, &again);
    }

    ngx_workers_lmdb_next_batch(env);

    ngx_workers_lmdb_finish(env, &done);
}


static void
ngx_workers_lmdb_finish(ngx_workers_lmdb_env_t *env, ngx_queue_t *writes)
{
    ngx_queue_t                *q;
    ngx_workers_store_write_t  *w;

    while (!ngx_queue_empty(writes)) {
        q = ngx_queue_head(writes);
        ngx_queue_remove(q);

        w = ngx_queue_data(q, ngx_workers_store_write_t, queue);

        env->lmdb->queued -= w->size;

        if (w->code == 0) {
            env->logged_code = 0;

        } else {
            w->error = ngx_workers_lmdb_error(w->code);
            ngx_workers_lmdb_log(env, w->code, "commit");
        }

        w->handler(w);
    }
}


static void
ngx_workers_lmdb_sweep_done(ngx_workers_store_write_t *w)
{
    ngx_workers_lmdb_env_t *env = w->data;

    env->sweeping = 0;

    if (w->code == 0 && env->more) {
        ngx_workers_lmdb_sweep(env);
    }
}
