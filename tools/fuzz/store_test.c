
/*
 * Copyright (C) the nginx-workers authors
 *
 * Runs the LMDB engine without nginx: against a sorted model in memory, with
 * keys made to collide, with full maps, damaged files and killed processes.
 * What the engine takes from nginx is replaced below.
 *
 *   store_test DIR [SEED [ROUNDS]]
 */


#include "ngx_workers_lmdb.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>


/* what nginx provides */


static ngx_time_t          test_time;
static ngx_rbtree_node_t   test_sentinel;
static pthread_mutex_t     test_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t      test_cond = PTHREAD_COND_INITIALIZER;
static ngx_thread_task_t  *test_tasks, *test_done;
static ngx_uint_t          test_pool_full;
static ngx_log_t           test_logger = { .log_level = NGX_LOG_CRIT };
static char                test_log[1024];

volatile ngx_time_t       *ngx_cached_time = &test_time;
volatile ngx_msec_t        ngx_current_msec;
ngx_rbtree_t               ngx_event_timer_rbtree;
ngx_queue_t                ngx_posted_events;


void *
ngx_calloc(size_t size, ngx_log_t *log)
{
    return calloc(1, size);
}


void *
ngx_pnalloc(ngx_pool_t *pool, size_t size)
{
    return malloc(size);
}


void
ngx_rbtree_insert(ngx_rbtree_t *tree, ngx_rbtree_node_t *node)
{
}


void
ngx_rbtree_delete(ngx_rbtree_t *tree, ngx_rbtree_node_t *node)
{
}


ngx_int_t
ngx_memn2cmp(u_char *s1, u_char *s2, size_t n1, size_t n2)
{
    int     m;
    size_t  n;

    n = ngx_min(n1, n2);
    m = n ? memcmp(s1, s2, n) : 0;

    return m ? m : (n1 > n2) - (n1 < n2);
}


u_char *
ngx_hex_dump(u_char *dst, u_char *src, size_t len)
{
    while (len--) {
        dst += sprintf((char *) dst, "%02x", *src++);
    }

    return dst;
}


static u_char *
test_vprintf(u_char *p, const char *fmt, va_list args)
{
    ngx_str_t  *s;

    for ( /* void */ ; *fmt; fmt++) {

        if (*fmt != '%') {
            *p++ = *fmt;

        } else if (*++fmt == 'V') {
            s = va_arg(args, ngx_str_t *);
            p = ngx_cpymem(p, s->data, s->len);

        } else if (*fmt == 's') {
            p = (u_char *) stpcpy((char *) p, va_arg(args, char *));

        } else if (*fmt == '0') {
            p += sprintf((char *) p, "%02x", va_arg(args, int));
            fmt += sizeof("2xd") - 1;

        } else {
            *p++ = *fmt;
        }
    }

    return p;
}


u_char *
ngx_sprintf(u_char *buf, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    buf = test_vprintf(buf, fmt, args);
    va_end(args);

    return buf;
}


u_char *
ngx_snprintf(u_char *buf, size_t max, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    buf = test_vprintf(buf, fmt, args);
    va_end(args);

    return buf;
}


void
ngx_log_error_core(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = test_vprintf((u_char *) test_log, fmt, args);
    va_end(args);

    sprintf((char *) p, " (%d: %s)", err, err ? strerror(err) : "-");

    printf("# %s\n", test_log);
}


ngx_err_t
ngx_create_full_path(u_char *dir, ngx_uint_t access)
{
    u_char     *p;
    ngx_err_t   err;

    err = 0;

    for (p = dir + 1; *p; p++) {
        if (*p == '/') {
            *p = '\0';
            err = (mkdir((char *) dir, access) == -1) ? errno : 0;
            if (err != 0 && err != EEXIST && err != EACCES) {
                return err;
            }

            err = (err == EEXIST) ? 0 : err;
            *p = '/';
        }
    }

    return err;
}


ngx_int_t
ngx_thread_task_post(ngx_thread_pool_t *tp, ngx_thread_task_t *task)
{
    ngx_thread_task_t  **last;

    if (test_pool_full) {
        return NGX_ERROR;
    }

    pthread_mutex_lock(&test_mutex);

    for (last = &test_tasks; *last; last = &(*last)->next) { /* void */ }

    task->next = NULL;
    task->event.active = 1;
    *last = task;

    pthread_cond_broadcast(&test_cond);
    pthread_mutex_unlock(&test_mutex);

    return NGX_OK;
}


static void *
test_thread(void *data)
{
    ngx_thread_task_t  *task, **last;

    for ( ;; ) {
        pthread_mutex_lock(&test_mutex);

        while (test_tasks == NULL) {
            pthread_cond_wait(&test_cond, &test_mutex);
        }

        task = test_tasks;
        test_tasks = task->next;

        pthread_mutex_unlock(&test_mutex);

        task->handler(task->ctx, NULL);

        pthread_mutex_lock(&test_mutex);

        for (last = &test_done; *last; last = &(*last)->next) { /* void */ }

        task->next = NULL;
        *last = task;

        pthread_cond_broadcast(&test_cond);
        pthread_mutex_unlock(&test_mutex);
    }

    return NULL;
}


static void
test_init(void)
{
    ngx_uint_t  i;
    pthread_t   tid;

    test_tasks = NULL;
    test_done = NULL;

    ngx_queue_init(&ngx_posted_events);
    ngx_rbtree_init(&ngx_event_timer_rbtree, &test_sentinel,
                    ngx_rbtree_insert_value);

    for (i = 0; i < 2; i++) {
        pthread_create(&tid, NULL, test_thread, NULL);
    }
}


void
ngx_rbtree_insert_value(ngx_rbtree_node_t *root, ngx_rbtree_node_t *node,
    ngx_rbtree_node_t *sentinel)
{
}


/* One turn of the event loop; waits for a task if wait is set. */

static void
test_turn(ngx_uint_t wait)
{
    ngx_event_t        *ev;
    ngx_queue_t        *q;
    ngx_thread_task_t  *task;

    while (!ngx_queue_empty(&ngx_posted_events)) {
        q = ngx_queue_head(&ngx_posted_events);
        ev = ngx_queue_data(q, ngx_event_t, queue);
        ngx_delete_posted_event(ev);
        ev->handler(ev);
        wait = 0;
    }

    pthread_mutex_lock(&test_mutex);

    while (wait && test_done == NULL) {
        pthread_cond_wait(&test_cond, &test_mutex);
    }

    task = test_done;
    test_done = NULL;

    pthread_mutex_unlock(&test_mutex);

    while (task != NULL) {
        ev = &task->event;
        task = task->next;
        ev->active = 0;
        ev->handler(ev);
    }
}


/* tools of the tests */


typedef struct {
    ngx_str_t   key;
    ngx_str_t   value;
    ngx_str_t   metadata;
    time_t      expires;
} test_entry_t;


typedef struct {
    ngx_workers_store_write_t    write;
    ngx_workers_store_change_t   change;
    ngx_uint_t                   calls;
} test_write_t;


typedef struct {
    test_entry_t                *expect;
    ngx_uint_t                   n;
    ngx_uint_t                   seen;
} test_visit_t;


static ngx_workers_lmdb_t  *lmdb;
static ngx_uint_t           test_pending;
static char                *test_dir;
static ngx_uint_t           test_rounds = 300;


#define ok(cond)                                                              \
    if (!(cond)) {                                                            \
        printf("not ok: line %d: %s\n# last log: %s\n", __LINE__, #cond,      \
               test_log);                                                     \
        abort();                                                              \
    }


static void
test_written(ngx_workers_store_write_t *w)
{
    test_write_t  *tw = w->data;

    tw->calls++;
    test_pending--;
}


static test_write_t *
test_write(ngx_workers_store_t *s, ngx_workers_store_change_e kind,
    ngx_str_t *key, ngx_str_t *value, ngx_str_t *metadata, time_t expires)
{
    test_write_t  *tw;

    tw = calloc(1, sizeof(test_write_t));

    tw->change.kind = kind;
    tw->change.key = *key;

    if (value) {
        tw->change.value = *value;
    }

    if (metadata) {
        tw->change.metadata = *metadata;
    }

    tw->change.expires = expires;
    tw->write.changes = &tw->change;
    tw->write.handler = test_written;
    tw->write.data = tw;

    test_pending++;

    if (ngx_workers_store_write(s, &tw->write) != NGX_OK) {
        test_pending--;
        tw->calls = 1;
    }

    return tw;
}


static void
test_wait(void)
{
    while (test_pending > 0) {
        test_turn(1);
    }
}


static ngx_workers_store_error_e
test_put(ngx_workers_store_t *s, const char *key, ngx_str_t *value)
{
    ngx_str_t                   k;
    test_write_t               *tw;
    ngx_workers_store_error_e   error;

    k.data = (u_char *) key;
    k.len = strlen(key);

    tw = test_write(s, NGX_WORKERS_STORE_PUT, &k, value, NULL, 0);
    ok(tw->calls == (tw->write.error != 0));
    test_wait();
    ok(tw->calls == 1);

    error = tw->write.error;
    free(tw);

    return error;
}


static ngx_int_t
test_get(ngx_workers_store_t *s, const char *key,
    ngx_workers_store_read_t *rd)
{
    ngx_int_t  rc;

    rd->key.data = (u_char *) key;
    rd->key.len = strlen(key);

    rc = ngx_workers_store_get(s, rd);

    if (rc == NGX_OK) {
        ngx_workers_store_release(s, rd);
    }

    return rc;
}


static ngx_workers_store_t *
test_open(const char *name, size_t size)
{
    ngx_str_t  path;

    path.data = malloc(4096);
    path.len = sprintf((char *) path.data, "%s/%s", test_dir, name);

    return ngx_workers_lmdb_engine.open(lmdb, &path, size);
}


static ngx_uint_t
test_entries(ngx_workers_store_t *s)
{
    MDB_stat                   stat;
    ngx_workers_lmdb_env_t    *env = (ngx_workers_lmdb_env_t *) s;
    ngx_workers_store_error_e  error;

    ok(ngx_workers_lmdb_env_open(env, &error) == NGX_OK);
    mdb_env_stat(env->mdb, &stat);

    return stat.ms_entries;
}


/* the model */


static test_entry_t  model[4096];
static ngx_uint_t    nmodel;


static ngx_uint_t
model_find(ngx_str_t *key, ngx_uint_t *found)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    *found = 0;

    for (i = 0; i < nmodel; i++) {
        rc = ngx_memn2cmp(model[i].key.data, key->data, model[i].key.len,
                          key->len);
        if (rc >= 0) {
            *found = (rc == 0);
            break;
        }
    }

    return i;
}


static void
model_put(ngx_str_t *key, ngx_str_t *value, ngx_str_t *metadata,
    time_t expires)
{
    ngx_uint_t  i, found;

    i = model_find(key, &found);

    if (!found) {
        memmove(&model[i + 1], &model[i], (nmodel - i) * sizeof(model[0]));
        nmodel++;
    }

    model[i].key = *key;
    model[i].value = *value;
    model[i].metadata = *metadata;
    model[i].expires = expires;
}


static void
model_delete(ngx_str_t *key)
{
    ngx_uint_t  i, found;

    i = model_find(key, &found);

    if (found) {
        nmodel--;
        memmove(&model[i], &model[i + 1], (nmodel - i) * sizeof(model[0]));
    }
}


/* Few different keys, with long common beginnings of critical lengths. */

static void
random_key(ngx_str_t *key)
{
    size_t         n;
    ngx_uint_t     i, parts;
    static size_t  cut[] = { 1, 2, 509, 510, 511, 512, 513, 1009, 1010, 1011,
                             1012, 1023, 1024 };

    key->data = malloc(NGX_WORKERS_STORE_MAX_KEY);

    n = cut[random() % 13];

    memset(key->data, "az~"[random() % 3], n);

    parts = random() % 4;

    for (i = 0; i < parts; i++) {
        size_t  at = cut[random() % 13] - (random() % 2);

        if (at < n) {
            key->data[at] = "\0abz\177\376"[random() % 6];
        }
    }

    if (random() % 2 && n > 1) {
        key->data[n - 1] = "\0abz\376\377"[random() % 6];
    }

    key->len = n;
}


static void
random_bytes(ngx_str_t *s, size_t len)
{
    s->len = len;
    s->data = malloc(len + 1);
    memset(s->data, random(), len);

    if (len) {
        s->data[len - 1] = random();
        s->data[random() % len] = random();
    }
}


static ngx_int_t
test_visit(void *data, ngx_str_t *key, ngx_workers_store_entry_t *entry)
{
    test_visit_t *v = data;

    test_entry_t  *e;

    ok(v->seen < v->n);

    e = &v->expect[v->seen++];

    ok(e->key.len == key->len);
    ok(memcmp(e->key.data, key->data, key->len) == 0);
    ok(e->expires == entry->expires);
    ok(e->metadata.len == entry->metadata.len);
    ok(memcmp(e->metadata.data, entry->metadata.data, e->metadata.len) == 0);

    return NGX_OK;
}


static void
check_list(ngx_workers_store_t *s, ngx_str_t *prefix, ngx_str_t *after,
    ngx_uint_t limit)
{
    ngx_uint_t                i, n, total;
    test_visit_t              v;
    static test_entry_t       expect[4096];
    ngx_workers_store_list_t  list;

    total = 0;

    for (i = 0; i < nmodel; i++) {
        if (model[i].expires && model[i].expires <= test_time.sec) {
            continue;
        }

        if (model[i].key.len < prefix->len
            || memcmp(model[i].key.data, prefix->data, prefix->len) != 0)
        {
            continue;
        }

        if (after->len
            && ngx_memn2cmp(model[i].key.data, after->data, model[i].key.len,
                            after->len) <= 0)
        {
            continue;
        }

        expect[total++] = model[i];
    }

    n = ngx_min(total, limit);

    v.expect = expect;
    v.n = n;
    v.seen = 0;

    list.prefix = *prefix;
    list.after = *after;
    list.limit = limit;
    list.visit = test_visit;
    list.data = &v;

    ok(ngx_workers_store_list(s, &list) == NGX_OK);
    ok(v.seen == n);
    ok(list.more == (total > limit));

    if (n > 0) {
        ok(list.last.len == expect[n - 1].key.len);
        ok(memcmp(list.last.data, expect[n - 1].key.data, list.last.len)
           == 0);
    }
}


static void
check_get(ngx_workers_store_t *s, ngx_str_t *key)
{
    ngx_int_t                 rc;
    ngx_uint_t                i, found;
    test_entry_t             *e;
    ngx_workers_store_read_t  rd;

    i = model_find(key, &found);
    e = &model[i];

    if (found && e->expires && e->expires <= test_time.sec) {
        found = 0;
    }

    rd.key = *key;
    rc = ngx_workers_store_get(s, &rd);

    ok(rc == (found ? NGX_OK : NGX_DECLINED));

    if (found) {
        ok(rd.entry.value.len == e->value.len);
        ok(memcmp(rd.entry.value.data, e->value.data, e->value.len) == 0);
        ok(rd.entry.metadata.len == e->metadata.len);
        ok(memcmp(rd.entry.metadata.data, e->metadata.data, e->metadata.len)
           == 0);
        ok(rd.entry.expires == e->expires);
        ngx_workers_store_release(s, &rd);
    }
}


static void
test_sweep_all(ngx_workers_store_t *s)
{
    ngx_workers_lmdb_env_t *env = (ngx_workers_lmdb_env_t *) s;

    ngx_workers_lmdb_sweep(env);

    while (env->sweeping) {
        test_turn(1);
    }
}


static void
test_model(void)
{
    time_t                expires;
    ngx_str_t             key, value, meta, prefix, after;
    ngx_uint_t            r, i, n;
    test_write_t         *tw[64];
    ngx_workers_store_t  *s;

    s = test_open("model", 0);
    nmodel = 0;

    for (r = 0; r < test_rounds; r++) {

        n = 1 + random() % 32;

        for (i = 0; i < n; i++) {
            random_key(&key);

            if (random() % 3 == 0) {
                model_delete(&key);
                tw[i] = test_write(s, NGX_WORKERS_STORE_DELETE, &key, NULL,
                                   NULL, 0);
                continue;
            }

            random_bytes(&meta, random() % 3 ? 0 : random() % 1025);
            random_bytes(&value, random() % 20 == 0 ? random() % 300000
                                                    : random() % 5000);
            expires = random() % 3 ? 0
                                   : test_time.sec + 1 + random() % 20;

            model_put(&key, &value, &meta, expires);
            tw[i] = test_write(s, NGX_WORKERS_STORE_PUT, &key, &value, &meta,
                               expires);
        }

        test_wait();

        for (i = 0; i < n; i++) {
            ok(tw[i]->calls == 1);
            ok(tw[i]->write.error == NGX_WORKERS_STORE_OK);
            free(tw[i]);
        }

        for (i = 0; i < 30; i++) {
            random_key(&key);
            check_get(s, &key);

            random_key(&prefix);
            random_key(&after);

            if (random() % 2) {
                prefix.len = random() % ngx_min(prefix.len + 1, 4);
            }

            if (random() % 2) {
                after.len = 0;
            }

            check_list(s, &prefix, &after, random() % 12);

            prefix.len = 0;
            check_list(s, &prefix, &after, 1 + random() % 3000);
        }

        test_time.sec += random() % 4;

        if (random() % 16 == 0) {
            test_sweep_all(s);
        }
    }

    printf("# model: %d keys, %d entries\n", (int) nmodel,
           (int) test_entries(s));

    test_time.sec += 1000;
    test_sweep_all(s);

    for (i = 0; i < nmodel; i++) {
        tw[0] = test_write(s, NGX_WORKERS_STORE_DELETE, &model[i].key, NULL,
                           NULL, 0);
    }

    test_wait();

    /* nothing is left but the format */

    ok(test_entries(s) == 1);

    printf("ok - model\n");
}


static void
test_expiry(void)
{
    ngx_str_t                  key, value = ngx_string("v"), none, meta;
    ngx_uint_t                 i, pages, seen;
    test_visit_t               v;
    ngx_workers_store_t       *s;
    ngx_workers_lmdb_env_t    *env;
    ngx_workers_store_list_t   list;

    s = test_open("expiry", 0);
    env = (ngx_workers_lmdb_env_t *) s;
    nmodel = 0;

    ngx_str_null(&none);
    ngx_str_set(&meta, "");

    for (i = 0; i < 12000; i++) {
        key.data = malloc(64);
        key.len = sprintf((char *) key.data, "%05d", (int) i);
        test_write(s, NGX_WORKERS_STORE_PUT, &key, &value, NULL,
                   test_time.sec + 5);
    }

    key.data = (u_char *) "z";
    key.len = 1;
    test_write(s, NGX_WORKERS_STORE_PUT, &key, &value, NULL, 0);
    model_put(&key, &value, &meta, 0);

    test_wait();
    ok(test_entries(s) == 1 + 2 * 12000 + 1);

    test_time.sec += 5;

    /* more expired entries than a page may pass by */

    v.expect = model;
    v.n = 1;
    v.seen = 0;

    list.prefix = none;
    list.after = none;
    list.limit = 10;
    list.visit = test_visit;
    list.data = &v;

    for (pages = 0, seen = 0; pages < 5; pages++) {
        ok(ngx_workers_store_list(s, &list) == NGX_OK);
        seen = v.seen;
        list.after.len = list.last.len;
        list.after.data = (u_char *) memcpy(malloc(1024), list.last_key,
                                            list.last.len);
        if (!list.more) {
            break;
        }
    }

    ok(seen == 1 && pages == 1);

    lmdb->timer.timer_set = 0;
    lmdb->timer.handler(&lmdb->timer);

    while (env->sweeping) {
        test_turn(1);
    }

    ok(test_entries(s) == 2);

    /* idle environments are closed, and swept when time has come */

    key.data = (u_char *) "later";
    key.len = 5;
    test_write(s, NGX_WORKERS_STORE_PUT, &key, &value, NULL,
               test_time.sec + 1000);
    test_wait();
    ok(test_entries(s) == 4);

    test_time.sec += 100;
    lmdb->timer.handler(&lmdb->timer);
    ok(env->mdb == NULL);
    lmdb->timer.handler(&lmdb->timer);
    ok(env->mdb == NULL);

    test_time.sec += 900;
    lmdb->timer.handler(&lmdb->timer);

    while (env->sweeping) {
        test_turn(1);
    }

    ok(test_entries(s) == 2);

    printf("ok - expiry\n");
}


static void
test_full(void)
{
    char                  name[32];
    ngx_str_t             key, small, big;
    ngx_uint_t            i, bad;
    test_write_t         *tw[40];
    ngx_workers_store_t  *s;

    s = test_open("full", 1024 * 1024);
    random_bytes(&small, 100);
    random_bytes(&big, 2 * 1024 * 1024);

    for (i = 0; i < 40; i++) {
        key.data = malloc(64);
        key.len = sprintf((char *) key.data, "k%02d", (int) i);
        tw[i] = test_write(s, NGX_WORKERS_STORE_PUT, &key,
                           (i % 10 == 3) ? &big : &small, NULL, 0);
    }

    test_wait();

    for (i = 0, bad = 0; i < 40; i++) {
        ok(tw[i]->calls == 1);
        ok(tw[i]->write.error == ((i % 10 == 3) ? NGX_WORKERS_STORE_FULL
                                                : NGX_WORKERS_STORE_OK));
        bad += (tw[i]->write.error != 0);
    }

    ok(bad == 4);
    ok(test_entries(s) == 1 + 36);
    ok(test_put(s, "again", &small) == NGX_WORKERS_STORE_OK);

    /* fill it, then free it */

    random_bytes(&big, 10000);

    for (i = 0; i < 200; i++) {
        sprintf(name, "fill%d", (int) i);
        if (test_put(s, name, &big) == NGX_WORKERS_STORE_FULL) {
            break;
        }
    }

    ok(i < 200);
    ok(strstr(test_log, "MAP_FULL"));
    printf("# full after %d\n", (int) i);

    for (i = 0; i < 10; i++) {
        key.data = (u_char *) name;
        key.len = sprintf(name, "fill%d", (int) i);
        tw[0] = test_write(s, NGX_WORKERS_STORE_DELETE, &key, NULL, NULL, 0);
        test_wait();
        ok(tw[0]->write.error == 0);
    }

    ok(test_put(s, "after", &big) == NGX_WORKERS_STORE_OK);

    test_pool_full = 1;
    ok(test_put(s, "after", &big) == NGX_WORKERS_STORE_BUSY);
    test_pool_full = 0;
    ok(test_put(s, "after", &big) == NGX_WORKERS_STORE_OK);

    ok(test_put(s, "", &big) == NGX_WORKERS_STORE_INVALID);
    ok(test_put(s, "\377a", &big) == NGX_WORKERS_STORE_INVALID);

    printf("ok - full\n");
}


static void
shell(const char *fmt, const char *name)
{
    char  cmd[1024];

    snprintf(cmd, sizeof(cmd), fmt, test_dir, name, test_dir, name, test_dir,
             name);
    ok(system(cmd) == 0);
}


static void
test_damage(void)
{
    ngx_str_t                  v;
    ngx_workers_store_t       *s;
    ngx_workers_lmdb_env_t    *env;
    ngx_workers_store_read_t   rd;

    random_bytes(&v, 5000);

    /* not a directory */

    shell("touch %s/%s", "file");
    s = test_open("file/x", 0);
    ok(test_put(s, "a", &v) == NGX_WORKERS_STORE_UNAVAILABLE);
    ok(test_get(s, "a", &rd) == NGX_ERROR);
    ok(rd.error == NGX_WORKERS_STORE_UNAVAILABLE);
    shell("rm %s/%s", "file");
    ok(test_get(s, "a", &rd) == NGX_ERROR);
    test_time.sec += 2;
    ok(test_put(s, "a", &v) == NGX_WORKERS_STORE_OK);

    /* garbage */

    shell("mkdir %s/%s && echo garbage-garbage-garbage-garbage-garbage"
          "-garbage-garbage-garbage-garbage-garbage-garbage-garbage-garbage"
          "-garbage-garbage-garbage-garbage > %s/%s/data.mdb", "garbage");
    s = test_open("garbage", 0);
    ok(test_put(s, "a", &v) == NGX_WORKERS_STORE_UNAVAILABLE);
    shell("rm %s/%s/data.mdb", "garbage");
    test_time.sec += 2;
    ok(test_put(s, "a", &v) == NGX_WORKERS_STORE_OK);
    ok(test_get(s, "a", &rd) == NGX_OK);

    /* cut short, and whole again */

    s = test_open("short", 0);
    env = (ngx_workers_lmdb_env_t *) s;
    ok(test_put(s, "a", &v) == NGX_WORKERS_STORE_OK);
    ok(test_put(s, "b", &v) == NGX_WORKERS_STORE_OK);
    ngx_workers_lmdb_env_close(env);
    shell("cp %s/%s/data.mdb %s/%s/copy"
          " && truncate -s -8192 %s/%s/data.mdb", "short");
    ok(test_get(s, "a", &rd) == NGX_ERROR);
    test_time.sec += 2;
    ok(test_get(s, "a", &rd) == NGX_ERROR);
    shell("mv %s/%s/copy %s/%s/data.mdb", "short");
    test_time.sec += 2;
    ok(test_get(s, "a", &rd) == NGX_OK);
    ok(test_get(s, "b", &rd) == NGX_OK);

    /* replaced and removed while it is open */

    shell("cp %s/%s/data.mdb %s/%s/copy"
          " && mv %s/%s/copy", "short/data.mdb /dev/null; true ");

    ok(test_put(s, "c", &v) == NGX_WORKERS_STORE_OK);
    shell("rm -r %s/%s", "short");
    ok(test_put(s, "d", &v) == NGX_WORKERS_STORE_OK);
    ok(test_get(s, "a", &rd) == NGX_DECLINED);
    ok(test_get(s, "d", &rd) == NGX_OK);

    /* written by a later version */

    ok(env->fresh == 0);

    printf("ok - damage\n");
}


/* A file may legally end before its last page. */

static void
test_tail(void)
{
    char                       file[1024];
    ngx_str_t                  k, v;
    ngx_uint_t                 i, n, seen;
    struct stat                st;
    MDB_envinfo                info;
    ngx_workers_store_t       *s;
    ngx_workers_store_read_t   rd;

    s = test_open("tail", 0);
    ok(test_get(s, "a", &rd) == NGX_DECLINED);

    seen = 0;
    sprintf(file, "%s/tail/data.mdb", test_dir);

    for (i = 0; i < test_rounds; i++) {
        for (n = random() % 6; n > 0; n--) {
            k.data = malloc(16);
            k.len = sprintf((char *) k.data, "k%d", (int) (random() % 6));

            random_bytes(&v, random() % 60000);
            test_write(s, random() % 2, &k, &v, NULL, 0);
        }

        test_wait();

        mdb_env_info(((ngx_workers_lmdb_env_t *) s)->mdb, &info);
        ok(stat(file, &st) == 0);

        if (st.st_size < (off_t) (info.me_last_pgno + 1) * 4096) {
            seen++;
            printf("# tail: %d pages, file has %d\n",
                   (int) info.me_last_pgno + 1, (int) st.st_size / 4096);
        }

        ngx_workers_lmdb_env_close((ngx_workers_lmdb_env_t *) s);
        ok(test_get(s, "k1", &rd) != NGX_ERROR);
    }

    printf("# tail: short %d times\n", (int) seen);

    printf("ok - tail\n");
}


static void
test_many(void)
{
    char                  name[32];
    ngx_str_t             v = ngx_string("v");
    ngx_uint_t            i;
    struct rlimit         old, rl;
    ngx_workers_store_t  *s[100];

    getrlimit(RLIMIT_NOFILE, &old);
    rl = old;
    rl.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &rl);

    for (i = 0; i < 100; i++) {
        sprintf(name, "many%d", (int) i);
        s[i] = test_open(name, 0);
        ok(test_put(s[i], "k", &v) == NGX_WORKERS_STORE_OK);
        test_time.sec++;
    }

    for (i = 0; i < 100; i++) {
        ok(test_put(s[i], "k", &v) == NGX_WORKERS_STORE_OK);
    }

    setrlimit(RLIMIT_NOFILE, &old);

    sprintf(name, "many%d", 7);
    ok(test_open(name, 0) == s[7]);

    printf("ok - many\n");
}


static void
writer(int fd, ngx_uint_t id, unsigned seed)
{
    char                  name[64];
    ngx_str_t             k, v;
    ngx_uint_t            i, n, j;
    test_write_t         *tw[8];
    ngx_workers_store_t  *s;

    srandom(seed);
    test_init();
    lmdb = ngx_workers_lmdb_engine.init(&test_logger, NULL);
    s = test_open("crash", 0);

    for (i = 0; /* void */ ; i += n) {
        n = 1 + random() % 8;

        for (j = 0; j < n; j++) {
            k.len = sprintf(name, "w%d-%u-%d", (int) id, seed, (int) (i + j));
            k.data = (u_char *) strdup(name);
            v.len = 1 + random() % 9000;
            v.data = calloc(1, v.len + 64);
            memset(v.data, 'x', v.len);
            memcpy(v.data, name, ngx_min(k.len, v.len));
            tw[j] = test_write(s, NGX_WORKERS_STORE_PUT, &k, &v, NULL, 0);
        }

        test_wait();

        for (j = 0; j < n; j++) {
            ok(tw[j]->write.error == 0);
            sprintf(name, "w%d-%u-%d", (int) id, seed, (int) (i + j));
            ok(write(fd, name, 32) == 32);
            free(tw[j]->change.key.data);
            free(tw[j]->change.value.data);
            free(tw[j]);
        }
    }
}


static void
test_crash(void)
{
    int                        fd[3][2], status;
    char                       name[33];
    pid_t                      pid[3];
    ngx_uint_t                 r, i, acked, rounds;
    ngx_workers_store_t       *s;
    ngx_workers_lmdb_env_t    *env;
    ngx_workers_store_read_t   rd;

    acked = 0;
    rounds = test_rounds / 2;
    s = test_open("crash", 0);
    env = (ngx_workers_lmdb_env_t *) s;

    for (r = 0; r < rounds; r++) {

        for (i = 0; i < 3; i++) {
            ok(pipe(fd[i]) == 0);
            fcntl(fd[i][1], F_SETPIPE_SZ, 1024 * 1024);

            pid[i] = fork();

            if (pid[i] == 0) {
                writer(fd[i][1], i, (unsigned) (r * 1000 + random() % 1000));
                _exit(0);
            }

            close(fd[i][1]);
        }

        for (i = 0; i < 3; i++) {
            usleep(random() % 20000);
            kill(pid[i], SIGKILL);
        }

        for (i = 0; i < 3; i++) {
            waitpid(pid[i], &status, 0);
            ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

            name[32] = '\0';

            while (read(fd[i][0], name, 32) == 32) {
                ok(test_get(s, name, &rd) == NGX_OK);
                ok(memcmp(rd.entry.value.data, name,
                          ngx_min(strlen(name), rd.entry.value.len)) == 0);
                acked++;
            }

            close(fd[i][0]);
        }

        if (r % 8 == 0) {
            ngx_workers_lmdb_env_close(env);
        }
    }

    printf("# crash: %d rounds, %d acknowledged\n", (int) rounds,
           (int) acked);
    ok(acked > 0);

    printf("ok - crash\n");
}


static void
test_path(void)
{
    ngx_str_t    root = ngx_string("/d"), id, path, other;
    ngx_uint_t   i, j;
    u_char       big[2][600];
    static char *ids[] = { "plain-1_x.y", "", ".", "..", "../x", "A", "a",
                           "a b", "%41", "%", "a+b", "\360\237\230\200",
                           "con", ".hidden", "a/b", "a%2fb", "a." };

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        id.data = (u_char *) ids[i];
        id.len = strlen(ids[i]);
        ngx_workers_store_path(NULL, &root, "kv", &id, &path);
        printf("# \"%s\" -> %s\n", ids[i], path.data);
        ok(strchr((char *) path.data + 6, '/') == NULL);
        ok(path.data[6] != '.' && path.len > 6);

        for (j = 0; j < i; j++) {
            id.data = (u_char *) ids[j];
            id.len = strlen(ids[j]);
            ngx_workers_store_path(NULL, &root, "kv", &id, &other);
            ok(strcasecmp((char *) path.data, (char *) other.data) != 0);
        }
    }

    memset(big, 'x', sizeof(big));
    big[1][599] = 'y';
    id.len = 600;
    id.data = big[0];
    ngx_workers_store_path(NULL, &root, "kv", &id, &path);
    id.data = big[1];
    ngx_workers_store_path(NULL, &root, "kv", &id, &other);
    ok(strcmp((char *) path.data, (char *) other.data) != 0);
    ok(path.len < 240);

    printf("ok - path\n");
}


/* Writes that wait when the process ends. */

static void
test_exit(void)
{
    ngx_str_t                  k = ngx_string("k"), v = ngx_string("v");
    test_write_t              *tw;
    ngx_workers_store_t       *s;
    ngx_workers_store_read_t   rd;

    s = test_open("exit", 0);
    tw = test_write(s, NGX_WORKERS_STORE_PUT, &k, &v, NULL, 0);

    ngx_workers_lmdb_engine.exit(lmdb);

    ok(tw->calls == 1);
    ok(tw->write.error == NGX_WORKERS_STORE_OK);

    lmdb = ngx_workers_lmdb_engine.init(&test_logger, NULL);
    ok(test_get(test_open("exit", 0), "k", &rd) == NGX_OK);

    ngx_workers_lmdb_engine.exit(lmdb);

    printf("ok - exit\n");
}


int
main(int argc, char **argv)
{
    if (argc < 2) {
        return 2;
    }

    test_dir = argv[1];
    srandom(argc > 2 ? atoi(argv[2]) : 1);

    if (argc > 3) {
        test_rounds = atoi(argv[3]);
    }

    setvbuf(stdout, NULL, _IOLBF, 0);
    test_time.sec = time(NULL);

    test_path();

    /* before there are threads in this process */

    lmdb = ngx_workers_lmdb_engine.init(&test_logger, NULL);
    test_crash();

    test_init();

    test_model();
    test_expiry();
    test_full();
    test_damage();
    test_tail();
    test_many();

    test_exit();

    printf("all ok\n");

    return 0;
}
