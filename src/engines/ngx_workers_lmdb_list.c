
/*
 * Copyright (C) the nginx-workers authors
 *
 * Listing: a walk in key order that goes down into the nodes of long keys
 * and comes back behind what led to them.  One cursor, one snapshot, a
 * bounded number of steps.
 */


#include "ngx_workers_lmdb.h"


/* entries that a page may pass by because they have expired */
#define NGX_WORKERS_LMDB_SKIP  10000


typedef struct {
    MDB_txn                   *txn;
    MDB_dbi                    dbi;
    MDB_cursor                *cursor;
    MDB_val                    val;           /* what the cursor is at */
    MDB_val                    data;

    MDB_val                    sought;
    u_char                     probe[NGX_WORKERS_LMDB_KEY];

    ngx_uint_t                 depth;
    u_char                     id[NGX_WORKERS_LMDB_DEPTH][8];

    ngx_str_t                  key;           /* as the caller knows it */
    u_char                     buf[NGX_WORKERS_STORE_MAX_KEY];
} ngx_workers_lmdb_walk_t;


static int ngx_workers_lmdb_list_page(ngx_workers_lmdb_walk_t *walk,
    ngx_workers_store_list_t *list);
static int ngx_workers_lmdb_walk_seek(ngx_workers_lmdb_walk_t *walk,
    ngx_str_t *key);
static int ngx_workers_lmdb_walk_level(ngx_workers_lmdb_walk_t *walk,
    u_char *rest, size_t len, ngx_uint_t marker);
static int ngx_workers_lmdb_walk_settle(ngx_workers_lmdb_walk_t *walk, int rc);
static int ngx_workers_lmdb_walk_down(ngx_workers_lmdb_walk_t *walk);
static size_t ngx_workers_lmdb_walk_base(ngx_uint_t depth);
static ngx_int_t ngx_workers_lmdb_compare(ngx_str_t *one, ngx_str_t *two);


ngx_int_t
ngx_workers_lmdb_list(ngx_workers_store_t *store,
    ngx_workers_store_list_t *list)
{
    int                       rc;
    ngx_workers_lmdb_env_t   *env;
    ngx_workers_lmdb_walk_t   walk;

    env = (ngx_workers_lmdb_env_t *) store;

    list->more = 0;
    list->last.len = 0;
    list->last.data = list->last_key;

    if (list->prefix.len > NGX_WORKERS_STORE_MAX_KEY
        || list->after.len > NGX_WORKERS_STORE_MAX_KEY)
    {
        return NGX_OK;
    }

    if (ngx_workers_lmdb_begin(env, &list->error) != NGX_OK) {
        return NGX_ERROR;
    }

    walk.txn = env->txn;
    walk.dbi = env->dbi;

    rc = mdb_cursor_open(env->txn, env->dbi, &walk.cursor);

    if (rc == 0) {
        rc = ngx_workers_lmdb_list_page(&walk, list);
        mdb_cursor_close(walk.cursor);
    }

    ngx_workers_lmdb_end(env);

    if (rc != 0) {
        return ngx_workers_lmdb_failed(env, rc, "list", &list->error);
    }

    return NGX_OK;
}


static int
ngx_workers_lmdb_list_page(ngx_workers_lmdb_walk_t *walk,
    ngx_workers_store_list_t *list)
{
    int                         rc;
    time_t                      now;
    ngx_str_t                  *start;
    ngx_uint_t                  n, skipped;
    ngx_workers_lmdb_record_t   rec;

    now = ngx_time();

    start = &list->prefix;

    if (ngx_workers_lmdb_compare(&list->after, start) > 0) {
        start = &list->after;
    }

    n = 0;
    skipped = 0;

    for (rc = ngx_workers_lmdb_walk_seek(walk, start);
         rc == 0;
         rc = ngx_workers_lmdb_walk_settle(walk,
                             mdb_cursor_get(walk->cursor, &walk->val,
                                            &walk->data, MDB_NEXT)))
    {
        if (list->prefix.len != 0
            && (walk->key.len < list->prefix.len
                || ngx_memcmp(walk->key.data, list->prefix.data,
                              list->prefix.len)
                   != 0))
        {
            return 0;
        }

        if (list->after.len != 0
            && ngx_workers_lmdb_compare(&walk->key, &list->after) <= 0)
        {
            continue;
        }

        rc = ngx_workers_lmdb_record_parse(&walk->data, &rec);
        if (rc != 0) {
            return rc;
        }

        if (rec.entry.expires != 0 && rec.entry.expires <= now) {

            if (++skipped == NGX_WORKERS_LMDB_SKIP) {
                list->last.len = walk->key.len;
                ngx_memcpy(list->last_key, walk->key.data, walk->key.len);
                list->more = 1;
                return 0;
            }

            continue;
        }

        if (n == list->limit) {
            list->more = 1;
            return 0;
        }

        ngx_str_null(&rec.entry.value);

        if (list->visit(list->data, &walk->key, &rec.entry) != NGX_OK) {
            list->more = 1;
            return 0;
        }

        n++;

        list->last.len = walk->key.len;
        ngx_memcpy(list->last_key, walk->key.data, walk->key.len);
    }

    return (rc == MDB_NOTFOUND) ? 0 : rc;
}


/* Goes to the first key that is not less. */

static int
ngx_workers_lmdb_walk_seek(ngx_workers_lmdb_walk_t *walk, ngx_str_t *key)
{
    int      rc;
    size_t   len, max;
    u_char  *rest;

    walk->depth = 0;

    rest = key->data;
    len = key->len;
    max = NGX_WORKERS_LMDB_ROOT;

    while (len > max) {
        rc = ngx_workers_lmdb_walk_level(walk, rest, max, 1);

        if (rc != 0
            || walk->val.mv_size != walk->sought.mv_size
            || ngx_memcmp(walk->val.mv_data, walk->sought.mv_data,
                          walk->sought.mv_size) != 0)
        {
            /* no such node: the cursor is where it would be */
            return ngx_workers_lmdb_walk_settle(walk, rc);
        }

        rc = ngx_workers_lmdb_walk_down(walk);
        if (rc != 0) {
            return rc;
        }

        rest += max;
        len -= max;
        max = NGX_WORKERS_LMDB_SEGMENT;
    }

    rc = ngx_workers_lmdb_walk_level(walk, rest, len, 0);

    return ngx_workers_lmdb_walk_settle(walk, rc);
}


/* Puts the cursor at what is in the current node, or behind. */

static int
ngx_workers_lmdb_walk_level(ngx_workers_lmdb_walk_t *walk, u_char *rest,
    size_t len, ngx_uint_t marker)
{
    u_char  *p;

    p = walk->probe;

    if (walk->depth > 0) {
        *p++ = NGX_WORKERS_LMDB_ESCAPE;
        *p++ = NGX_WORKERS_LMDB_NODE;
        p = ngx_cpymem(p, walk->id[walk->depth], 8);
    }

    if (len != 0) {
        p = ngx_cpymem(p, rest, len);
    }

    if (marker) {
        *p++ = NGX_WORKERS_LMDB_ESCAPE;
    }

    walk->sought.mv_data = walk->probe;
    walk->sought.mv_size = p - walk->probe;

    walk->val = walk->sought;

    return mdb_cursor_get(walk->cursor, &walk->val, &walk->data,
                          (p == walk->probe) ? MDB_FIRST : MDB_SET_RANGE);
}


/*
 * The cursor has moved, with the result rc: leaves nodes that it ran out of,
 * enters those that it met, and sets walk->key when it is at an entry.
 */

static int
ngx_workers_lmdb_walk_settle(ngx_workers_lmdb_walk_t *walk, int rc)
{
    u_char      *p;
    size_t       base, len;
    ngx_uint_t   inside;

    for ( ;; ) {

        if (rc != 0 && rc != MDB_NOTFOUND) {
            return rc;
        }

        p = walk->val.mv_data;
        len = walk->val.mv_size;
        base = ngx_workers_lmdb_walk_base(walk->depth);

        if (rc != 0) {
            inside = 0;

        } else if (walk->depth == 0) {
            inside = (p[0] != NGX_WORKERS_LMDB_ESCAPE);

        } else {
            inside = (len > NGX_WORKERS_LMDB_PREFIX
                      && p[0] == NGX_WORKERS_LMDB_ESCAPE
                      && p[1] == NGX_WORKERS_LMDB_NODE
                      && ngx_memcmp(p + 2, walk->id[walk->depth], 8) == 0);
        }

        if (!inside) {

            if (walk->depth == 0) {
                return MDB_NOTFOUND;
            }

            /* back to what led here, and on */

            walk->depth--;

            len = base - ngx_workers_lmdb_walk_base(walk->depth);
            base -= len;

            rc = ngx_workers_lmdb_walk_level(walk, walk->buf + base, len, 1);

            if (rc == 0) {
                rc = mdb_cursor_get(walk->cursor, &walk->val, &walk->data,
                                    MDB_NEXT);
            }

            continue;
        }

        if (len == NGX_WORKERS_LMDB_KEY) {

            rc = ngx_workers_lmdb_walk_down(walk);

            if (rc == 0) {
                rc = ngx_workers_lmdb_walk_level(walk, NULL, 0, 0);
            }

            continue;
        }

        if (walk->depth > 0) {
            p += NGX_WORKERS_LMDB_PREFIX;
            len -= NGX_WORKERS_LMDB_PREFIX;
        }

        if (base + len > NGX_WORKERS_STORE_MAX_KEY) {
            return MDB_CORRUPTED;
        }

        ngx_memcpy(walk->buf + base, p, len);

        walk->key.data = walk->buf;
        walk->key.len = base + len;

        return 0;
    }
}


/* Enters the node that the cursor is at. */

static int
ngx_workers_lmdb_walk_down(ngx_workers_lmdb_walk_t *walk)
{
    size_t   base, len;
    u_char  *p;

    if (walk->data.mv_size != 8
        || walk->depth + 1 == NGX_WORKERS_LMDB_DEPTH)
    {
        return MDB_CORRUPTED;
    }

    base = ngx_workers_lmdb_walk_base(walk->depth);
    len = ngx_workers_lmdb_walk_base(walk->depth + 1) - base;

    p = walk->val.mv_data;
    p += NGX_WORKERS_LMDB_KEY - 1 - len;

    ngx_memcpy(walk->buf + base, p, len);

    walk->depth++;
    ngx_memcpy(walk->id[walk->depth], walk->data.mv_data, 8);

    return 0;
}


/* Bytes of a key that stand above its part in a node of this depth. */

static size_t
ngx_workers_lmdb_walk_base(ngx_uint_t depth)
{
    return (depth == 0) ? 0 : NGX_WORKERS_LMDB_ROOT
                              + (depth - 1) * NGX_WORKERS_LMDB_SEGMENT;
}


static ngx_int_t
ngx_workers_lmdb_compare(ngx_str_t *one, ngx_str_t *two)
{
    return ngx_memn2cmp(one->data, two->data, one->len, two->len);
}
