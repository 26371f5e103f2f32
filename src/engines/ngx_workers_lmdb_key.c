
/*
 * Copyright (C) the nginx-workers authors
 *
 * Keys longer than LMDB's 511 bytes: cut into segments, each of which leads
 * to a node that holds what follows (ngx_workers_lmdb.h has the layout).
 * Works inside the caller's transaction, in any thread.
 */


#include "ngx_workers_lmdb.h"


static u_char *ngx_workers_lmdb_prefix(u_char *p, ngx_uint_t tag, u_char *id);
static int ngx_workers_lmdb_node_create(MDB_txn *txn, MDB_dbi dbi,
    ngx_workers_lmdb_key_t *k);


int
ngx_workers_lmdb_key_find(MDB_txn *txn, MDB_dbi dbi, ngx_str_t *key,
    ngx_workers_lmdb_key_t *k, ngx_uint_t create)
{
    int      rc;
    size_t   len, max;
    u_char  *p, *rest;
    MDB_val  data;

    k->depth = 0;

    rest = key->data;
    len = key->len;

    if (len <= NGX_WORKERS_LMDB_ROOT) {
        k->val.mv_data = rest;
        k->val.mv_size = len;
        return 0;
    }

    p = k->buf;
    max = NGX_WORKERS_LMDB_ROOT;

    while (len > max) {
        p = ngx_cpymem(p, rest, max);
        *p++ = NGX_WORKERS_LMDB_ESCAPE;

        rest += max;
        len -= max;

        k->val.mv_data = k->buf;
        k->val.mv_size = p - k->buf;

        if (++k->depth == NGX_WORKERS_LMDB_DEPTH) {
            return MDB_BAD_VALSIZE;
        }

        rc = mdb_get(txn, dbi, &k->val, &data);

        if (rc == 0) {
            if (data.mv_size != 8) {
                return MDB_CORRUPTED;
            }

            ngx_memcpy(k->id[k->depth], data.mv_data, 8);

        } else if (rc == MDB_NOTFOUND && create) {
            rc = ngx_workers_lmdb_node_create(txn, dbi, k);
        }

        if (rc != 0) {
            return rc;
        }

        p = ngx_workers_lmdb_prefix(k->buf, NGX_WORKERS_LMDB_NODE,
                                    k->id[k->depth]);
        max = NGX_WORKERS_LMDB_SEGMENT;
    }

    p = ngx_cpymem(p, rest, len);

    k->val.mv_data = k->buf;
    k->val.mv_size = p - k->buf;

    return 0;
}


static int
ngx_workers_lmdb_node_create(MDB_txn *txn, MDB_dbi dbi,
    ngx_workers_lmdb_key_t *k)
{
    int       rc;
    u_char    prefix[2];
    uint64_t  n, parent;
    MDB_val   data;

    prefix[0] = NGX_WORKERS_LMDB_ESCAPE;
    prefix[1] = NGX_WORKERS_LMDB_NODE;

    rc = ngx_workers_lmdb_next_id(txn, dbi, prefix, 2, &n);
    if (rc != 0) {
        return rc;
    }

    /* a parent that was just made has no entry yet that shows its number */

    if (k->depth > 1) {
        parent = ngx_workers_lmdb_get_u64(k->id[k->depth - 1]);
        n = ngx_max(n, parent + 1);
    }

    ngx_workers_lmdb_u64(k->id[k->depth], n);

    data.mv_data = k->id[k->depth];
    data.mv_size = 8;

    return mdb_put(txn, dbi, &k->val, &data, 0);
}


int
ngx_workers_lmdb_key_reclaim(MDB_txn *txn, MDB_dbi dbi, ngx_str_t *key,
    ngx_workers_lmdb_key_t *k)
{
    int          rc;
    u_char      *p;
    size_t       skip, len;
    MDB_val      val, data;
    ngx_uint_t   depth;
    MDB_cursor  *cursor;

    for (depth = k->depth; depth > 0; depth--) {

        ngx_workers_lmdb_prefix(k->buf, NGX_WORKERS_LMDB_NODE, k->id[depth]);

        val.mv_data = k->buf;
        val.mv_size = NGX_WORKERS_LMDB_PREFIX;

        rc = mdb_cursor_open(txn, dbi, &cursor);
        if (rc != 0) {
            return rc;
        }

        rc = mdb_cursor_get(cursor, &val, &data, MDB_SET_RANGE);

        mdb_cursor_close(cursor);

        if (rc == 0
            && val.mv_size > NGX_WORKERS_LMDB_PREFIX
            && ngx_memcmp(val.mv_data, k->buf, NGX_WORKERS_LMDB_PREFIX) == 0)
        {
            return 0;
        }

        if (rc != 0 && rc != MDB_NOTFOUND) {
            return rc;
        }

        /* the node is empty: what leads to it goes */

        if (depth == 1) {
            p = k->buf;
            skip = 0;
            len = NGX_WORKERS_LMDB_ROOT;

        } else {
            p = ngx_workers_lmdb_prefix(k->buf, NGX_WORKERS_LMDB_NODE,
                                        k->id[depth - 1]);
            skip = NGX_WORKERS_LMDB_ROOT
                   + (depth - 2) * NGX_WORKERS_LMDB_SEGMENT;
            len = NGX_WORKERS_LMDB_SEGMENT;
        }

        p = ngx_cpymem(p, key->data + skip, len);
        *p++ = NGX_WORKERS_LMDB_ESCAPE;

        val.mv_data = k->buf;
        val.mv_size = p - k->buf;

        rc = mdb_del(txn, dbi, &val, NULL);
        if (rc != 0) {
            return rc;
        }
    }

    return 0;
}


/* One more than the last number that follows the prefix, or 1. */

int
ngx_workers_lmdb_next_id(MDB_txn *txn, MDB_dbi dbi, u_char *prefix, size_t len,
    uint64_t *id)
{
    int          rc;
    u_char       buf[NGX_WORKERS_LMDB_PREFIX + 8];
    MDB_val      val, data;
    MDB_cursor  *cursor;

    ngx_memcpy(buf, prefix, len);
    ngx_memset(buf + len, 0xff, 8);

    val.mv_data = buf;
    val.mv_size = len + 8;

    rc = mdb_cursor_open(txn, dbi, &cursor);
    if (rc != 0) {
        return rc;
    }

    rc = mdb_cursor_get(cursor, &val, &data, MDB_SET_RANGE);

    if (rc == 0) {
        rc = mdb_cursor_get(cursor, &val, &data, MDB_PREV);

    } else if (rc == MDB_NOTFOUND) {
        rc = mdb_cursor_get(cursor, &val, &data, MDB_LAST);
    }

    if (rc == 0
        && val.mv_size >= len + 8
        && ngx_memcmp(val.mv_data, prefix, len) == 0)
    {
        *id = ngx_workers_lmdb_get_u64((u_char *) val.mv_data + len) + 1;

    } else {
        *id = 1;
    }

    mdb_cursor_close(cursor);

    return (rc == MDB_NOTFOUND) ? 0 : rc;
}


static u_char *
ngx_workers_lmdb_prefix(u_char *p, ngx_uint_t tag, u_char *id)
{
    *p++ = NGX_WORKERS_LMDB_ESCAPE;
    *p++ = (u_char) tag;

    return ngx_cpymem(p, id, 8);
}


u_char *
ngx_workers_lmdb_u64(u_char *p, uint64_t n)
{
    ngx_int_t  i;

    for (i = 56; i >= 0; i -= 8) {
        *p++ = (u_char) (n >> i);
    }

    return p;
}


uint64_t
ngx_workers_lmdb_get_u64(u_char *p)
{
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;

    for (i = 0; i < 8; i++) {
        n = (n << 8) | p[i];
    }

    return n;
}
