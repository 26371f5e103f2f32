
/*
 * Copyright (C) the nginx-workers authors
 *
 * Entries: their bytes, and what storing and removing one does to the
 * expiry index and to the values that are kept apart.  Works inside the
 * caller's transaction, in any thread.
 *
 *   flags 1, zero 3, metadata length 4
 *   expiration 8, seq 8                if it expires
 *   number of the value 8              if the value is kept apart
 *   metadata
 *   value                              if it is not
 *
 * A large value is kept apart, so that a page of a listing is found on a few
 * leaf pages, whatever the size of the values.
 */


#include "ngx_workers_lmdb.h"


/* LMDB moves a node above 2038 bytes to pages of its own */
#define NGX_WORKERS_LMDB_INLINE   2000

#define NGX_WORKERS_LMDB_HEADER   8
#define NGX_WORKERS_LMDB_EXPIRES  0x01
#define NGX_WORKERS_LMDB_LARGE    0x02


static int ngx_workers_lmdb_record_store(MDB_txn *txn, MDB_dbi dbi,
    MDB_val *key, ngx_workers_store_change_t *ch,
    ngx_workers_lmdb_record_t *rec);
static int ngx_workers_lmdb_record_remove(MDB_txn *txn, MDB_dbi dbi,
    ngx_str_t *key, ngx_workers_lmdb_key_t *k,
    ngx_workers_lmdb_record_t *rec);
static int ngx_workers_lmdb_expiry_add(MDB_txn *txn, MDB_dbi dbi,
    ngx_str_t *key, time_t expires, uint64_t *seq);
static int ngx_workers_lmdb_expiry_remove(MDB_txn *txn, MDB_dbi dbi,
    time_t expires, uint64_t seq);
static int ngx_workers_lmdb_expiry_first(MDB_txn *txn, MDB_dbi dbi,
    time_t *expires, uint64_t *seq, MDB_val *data);
static int ngx_workers_lmdb_value_remove(MDB_txn *txn, MDB_dbi dbi,
    uint64_t id);
static void ngx_workers_lmdb_system_key(MDB_val *val, u_char *buf,
    ngx_uint_t tag, uint64_t first, uint64_t *second);


/* Does not follow a value that is kept apart: record_value() does. */

int
ngx_workers_lmdb_record_parse(MDB_val *data, ngx_workers_lmdb_record_t *rec)
{
    u_char  *p, *last;
    size_t   len;

    p = data->mv_data;
    last = p + data->mv_size;

    ngx_memzero(rec, sizeof(ngx_workers_lmdb_record_t));

    if (data->mv_size < NGX_WORKERS_LMDB_HEADER) {
        return MDB_CORRUPTED;
    }

    len = ((size_t) p[4] << 24) | (p[5] << 16) | (p[6] << 8) | p[7];
    len += (p[0] & NGX_WORKERS_LMDB_EXPIRES) ? 16 : 0;
    len += (p[0] & NGX_WORKERS_LMDB_LARGE) ? 8 : 0;

    if (data->mv_size - NGX_WORKERS_LMDB_HEADER < len) {
        return MDB_CORRUPTED;
    }

    rec->entry.metadata.len = len;
    len = p[0];
    p += NGX_WORKERS_LMDB_HEADER;

    if (len & NGX_WORKERS_LMDB_EXPIRES) {
        rec->entry.expires = (time_t) ngx_workers_lmdb_get_u64(p);
        rec->seq = ngx_workers_lmdb_get_u64(p + 8);
        rec->entry.metadata.len -= 16;
        p += 16;
    }

    if (len & NGX_WORKERS_LMDB_LARGE) {
        rec->large = ngx_workers_lmdb_get_u64(p);
        rec->entry.metadata.len -= 8;
        p += 8;
    }

    rec->entry.metadata.data = p;
    p += rec->entry.metadata.len;

    rec->entry.value.data = p;
    rec->entry.value.len = last - p;

    return 0;
}


int
ngx_workers_lmdb_record_value(MDB_txn *txn, MDB_dbi dbi,
    ngx_workers_lmdb_record_t *rec)
{
    int      rc;
    u_char   buf[NGX_WORKERS_LMDB_PREFIX];
    MDB_val  val, data;

    if (rec->large == 0) {
        return 0;
    }

    ngx_workers_lmdb_system_key(&val, buf, NGX_WORKERS_LMDB_VALUE,
                                rec->large, NULL);

    rc = mdb_get(txn, dbi, &val, &data);

    if (rc != 0) {
        return (rc == MDB_NOTFOUND) ? MDB_CORRUPTED : rc;
    }

    rec->entry.value.data = data.mv_data;
    rec->entry.value.len = data.mv_size;

    return 0;
}


int
ngx_workers_lmdb_record_put(MDB_txn *txn, MDB_dbi dbi,
    ngx_workers_store_change_t *ch)
{
    int                        rc;
    size_t                     size;
    u_char                     prefix[2];
    MDB_val                    data;
    ngx_workers_lmdb_key_t     k;
    ngx_workers_lmdb_record_t  old, rec;

    rc = ngx_workers_lmdb_key_find(txn, dbi, &ch->key, &k, 1);
    if (rc != 0) {
        return rc;
    }

    rc = mdb_get(txn, dbi, &k.val, &data);

    if (rc == 0) {
        rc = ngx_workers_lmdb_record_parse(&data, &old);

    } else if (rc == MDB_NOTFOUND) {
        ngx_memzero(&old, sizeof(ngx_workers_lmdb_record_t));
        rc = 0;
    }

    if (rc != 0) {
        return rc;
    }

    ngx_memzero(&rec, sizeof(ngx_workers_lmdb_record_t));

    size = k.val.mv_size + NGX_WORKERS_LMDB_HEADER + 16 + ch->metadata.len;

    if (ch->value.len != 0 && size + ch->value.len > NGX_WORKERS_LMDB_INLINE) {

        rec.large = old.large;

        if (rec.large == 0) {
            prefix[0] = NGX_WORKERS_LMDB_ESCAPE;
            prefix[1] = NGX_WORKERS_LMDB_VALUE;

            rc = ngx_workers_lmdb_next_id(txn, dbi, prefix, 2, &rec.large);
            if (rc != 0) {
                return rc;
            }
        }

    } else if (old.large != 0) {
        rc = ngx_workers_lmdb_value_remove(txn, dbi, old.large);
        if (rc != 0) {
            return rc;
        }
    }

    if (old.entry.expires != 0) {
        rc = ngx_workers_lmdb_expiry_remove(txn, dbi, old.entry.expires,
                                            old.seq);
        if (rc != 0) {
            return rc;
        }
    }

    if (ch->expires != 0) {
        rc = ngx_workers_lmdb_expiry_add(txn, dbi, &ch->key, ch->expires,
                                         &rec.seq);
        if (rc != 0) {
            return rc;
        }
    }

    return ngx_workers_lmdb_record_store(txn, dbi, &k.val, ch, &rec);
}


static int
ngx_workers_lmdb_record_store(MDB_txn *txn, MDB_dbi dbi, MDB_val *key,
    ngx_workers_store_change_t *ch, ngx_workers_lmdb_record_t *rec)
{
    int      rc;
    u_char  *p, buf[NGX_WORKERS_LMDB_PREFIX];
    MDB_val  val, data;

    data.mv_size = NGX_WORKERS_LMDB_HEADER + ch->metadata.len
                   + (ch->expires ? 16 : 0)
                   + (rec->large ? 8 : ch->value.len);

    rc = mdb_put(txn, dbi, key, &data, MDB_RESERVE);
    if (rc != 0) {
        return rc;
    }

    p = data.mv_data;

    *p++ = (ch->expires ? NGX_WORKERS_LMDB_EXPIRES : 0)
           | (rec->large ? NGX_WORKERS_LMDB_LARGE : 0);
    *p++ = 0;
    *p++ = 0;
    *p++ = 0;
    *p++ = (u_char) (ch->metadata.len >> 24);
    *p++ = (u_char) (ch->metadata.len >> 16);
    *p++ = (u_char) (ch->metadata.len >> 8);
    *p++ = (u_char) ch->metadata.len;

    if (ch->expires) {
        p = ngx_workers_lmdb_u64(p, (uint64_t) ch->expires);
        p = ngx_workers_lmdb_u64(p, rec->seq);
    }

    if (rec->large) {
        p = ngx_workers_lmdb_u64(p, rec->large);
    }

    if (ch->metadata.len != 0) {
        p = ngx_cpymem(p, ch->metadata.data, ch->metadata.len);
    }

    if (!rec->large) {
        if (ch->value.len != 0) {
            ngx_memcpy(p, ch->value.data, ch->value.len);
        }

        return 0;
    }

    ngx_workers_lmdb_system_key(&val, buf, NGX_WORKERS_LMDB_VALUE, rec->large,
                                NULL);

    data.mv_size = ch->value.len;

    rc = mdb_put(txn, dbi, &val, &data, MDB_RESERVE);
    if (rc != 0) {
        return rc;
    }

    ngx_memcpy(data.mv_data, ch->value.data, ch->value.len);

    return 0;
}


int
ngx_workers_lmdb_record_delete(MDB_txn *txn, MDB_dbi dbi, ngx_str_t *key)
{
    int                        rc;
    MDB_val                    data;
    ngx_workers_lmdb_key_t     k;
    ngx_workers_lmdb_record_t  rec;

    rc = ngx_workers_lmdb_key_find(txn, dbi, key, &k, 0);

    if (rc == 0) {
        rc = mdb_get(txn, dbi, &k.val, &data);
    }

    if (rc == 0) {
        rc = ngx_workers_lmdb_record_parse(&data, &rec);
    }

    if (rc != 0) {
        return (rc == MDB_NOTFOUND) ? 0 : rc;
    }

    return ngx_workers_lmdb_record_remove(txn, dbi, key, &k, &rec);
}


static int
ngx_workers_lmdb_record_remove(MDB_txn *txn, MDB_dbi dbi, ngx_str_t *key,
    ngx_workers_lmdb_key_t *k, ngx_workers_lmdb_record_t *rec)
{
    int  rc;

    if (rec->entry.expires != 0) {
        rc = ngx_workers_lmdb_expiry_remove(txn, dbi, rec->entry.expires,
                                            rec->seq);
        if (rc != 0) {
            return rc;
        }
    }

    if (rec->large != 0) {
        rc = ngx_workers_lmdb_value_remove(txn, dbi, rec->large);
        if (rc != 0) {
            return rc;
        }
    }

    rc = mdb_del(txn, dbi, &k->val, NULL);
    if (rc != 0) {
        return rc;
    }

    return ngx_workers_lmdb_key_reclaim(txn, dbi, key, k);
}


/* *due: when the first entry expires, 0 if none does. */

int
ngx_workers_lmdb_record_due(MDB_txn *txn, MDB_dbi dbi, time_t *due)
{
    int       rc;
    MDB_val   data;
    uint64_t  seq;

    rc = ngx_workers_lmdb_expiry_first(txn, dbi, due, &seq, &data);

    if (rc == MDB_NOTFOUND) {
        *due = 0;
        return 0;
    }

    return rc;
}


/* Removes up to max expired entries; *more: others are left. */

int
ngx_workers_lmdb_record_sweep(MDB_txn *txn, MDB_dbi dbi, time_t now,
    ngx_uint_t max, ngx_uint_t *more)
{
    int                        rc;
    u_char                     buf[NGX_WORKERS_STORE_MAX_KEY];
    time_t                     expires;
    MDB_val                    data;
    uint64_t                   seq;
    ngx_str_t                  key;
    ngx_uint_t                 n;
    ngx_workers_lmdb_key_t     k;
    ngx_workers_lmdb_record_t  rec;

    *more = 0;

    for (n = 0; /* void */ ; n++) {

        rc = ngx_workers_lmdb_expiry_first(txn, dbi, &expires, &seq, &data);

        if (rc == MDB_NOTFOUND || (rc == 0 && expires > now)) {
            return 0;
        }

        if (rc != 0) {
            return rc;
        }

        if (n == max) {
            *more = 1;
            return 0;
        }

        if (data.mv_size > NGX_WORKERS_STORE_MAX_KEY) {
            return MDB_CORRUPTED;
        }

        key.len = data.mv_size;
        key.data = buf;
        ngx_memcpy(buf, data.mv_data, key.len);

        rc = ngx_workers_lmdb_key_find(txn, dbi, &key, &k, 0);

        if (rc == 0) {
            rc = mdb_get(txn, dbi, &k.val, &data);
        }

        if (rc == 0) {
            rc = ngx_workers_lmdb_record_parse(&data, &rec);
        }

        if (rc == 0 && rec.entry.expires == expires && rec.seq == seq) {
            rc = ngx_workers_lmdb_record_remove(txn, dbi, &key, &k, &rec);

        } else if (rc == 0 || rc == MDB_NOTFOUND) {
            rc = ngx_workers_lmdb_expiry_remove(txn, dbi, expires, seq);
        }

        if (rc != 0) {
            return rc;
        }
    }
}


static int
ngx_workers_lmdb_expiry_add(MDB_txn *txn, MDB_dbi dbi, ngx_str_t *key,
    time_t expires, uint64_t *seq)
{
    int      rc;
    u_char   buf[NGX_WORKERS_LMDB_PREFIX + 8];
    MDB_val  val, data;

    ngx_workers_lmdb_system_key(&val, buf, NGX_WORKERS_LMDB_EXPIRY,
                                (uint64_t) expires, NULL);

    rc = ngx_workers_lmdb_next_id(txn, dbi, buf, NGX_WORKERS_LMDB_PREFIX, seq);
    if (rc != 0) {
        return rc;
    }

    ngx_workers_lmdb_system_key(&val, buf, NGX_WORKERS_LMDB_EXPIRY,
                                (uint64_t) expires, seq);

    data.mv_data = key->data;
    data.mv_size = key->len;

    return mdb_put(txn, dbi, &val, &data, 0);
}


static int
ngx_workers_lmdb_expiry_remove(MDB_txn *txn, MDB_dbi dbi, time_t expires,
    uint64_t seq)
{
    int      rc;
    u_char   buf[NGX_WORKERS_LMDB_PREFIX + 8];
    MDB_val  val;

    ngx_workers_lmdb_system_key(&val, buf, NGX_WORKERS_LMDB_EXPIRY,
                                (uint64_t) expires, &seq);

    rc = mdb_del(txn, dbi, &val, NULL);

    return (rc == MDB_NOTFOUND) ? 0 : rc;
}


static int
ngx_workers_lmdb_expiry_first(MDB_txn *txn, MDB_dbi dbi, time_t *expires,
    uint64_t *seq, MDB_val *data)
{
    int          rc;
    u_char      *p, buf[2];
    MDB_val      val;
    MDB_cursor  *cursor;

    buf[0] = NGX_WORKERS_LMDB_ESCAPE;
    buf[1] = NGX_WORKERS_LMDB_EXPIRY;

    val.mv_data = buf;
    val.mv_size = 2;

    rc = mdb_cursor_open(txn, dbi, &cursor);
    if (rc != 0) {
        return rc;
    }

    rc = mdb_cursor_get(cursor, &val, data, MDB_SET_RANGE);

    mdb_cursor_close(cursor);

    if (rc != 0) {
        return rc;
    }

    p = val.mv_data;

    if (val.mv_size != NGX_WORKERS_LMDB_PREFIX + 8
        || ngx_memcmp(p, buf, 2) != 0)
    {
        return MDB_NOTFOUND;
    }

    *expires = (time_t) ngx_workers_lmdb_get_u64(p + 2);
    *seq = ngx_workers_lmdb_get_u64(p + NGX_WORKERS_LMDB_PREFIX);

    return 0;
}


static int
ngx_workers_lmdb_value_remove(MDB_txn *txn, MDB_dbi dbi, uint64_t id)
{
    int      rc;
    u_char   buf[NGX_WORKERS_LMDB_PREFIX];
    MDB_val  val;

    ngx_workers_lmdb_system_key(&val, buf, NGX_WORKERS_LMDB_VALUE, id, NULL);

    rc = mdb_del(txn, dbi, &val, NULL);

    return (rc == MDB_NOTFOUND) ? 0 : rc;
}


static void
ngx_workers_lmdb_system_key(MDB_val *val, u_char *buf, ngx_uint_t tag,
    uint64_t first, uint64_t *second)
{
    u_char  *p;

    buf[0] = NGX_WORKERS_LMDB_ESCAPE;
    buf[1] = (u_char) tag;

    p = ngx_workers_lmdb_u64(buf + 2, first);

    if (second != NULL) {
        p = ngx_workers_lmdb_u64(p, *second);
    }

    val->mv_data = buf;
    val->mv_size = p - buf;
}
