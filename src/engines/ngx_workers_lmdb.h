
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the files of the LMDB engine share; no binding includes it.
 *
 * An environment has one tree.  A first byte of 0xff, which UTF-8 does not
 * have, keeps the engine's own keys apart, behind all others:
 *
 *   key up to 510 bytes                    entry
 *   first 510 bytes of a longer key, ff    node: 8 bytes id
 *   ff 00                                  format of the environment
 *   ff 01 id rest, up to 500 bytes         entry below that node
 *   ff 01 id first 500 bytes of rest, ff   node: 8 bytes id
 *   ff 02 expiration seq                   key of an entry that expires
 *   ff 03 id                               value of a large entry
 *
 * Numbers are 8 bytes, big-endian.  A stored key of 511 bytes is a node and
 * nothing else is; it sorts right behind the key it continues, and nothing
 * can stand between, so the order of the keys is kept.
 */


#ifndef _NGX_WORKERS_LMDB_H_INCLUDED_
#define _NGX_WORKERS_LMDB_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_thread_pool.h>

#include <lmdb.h>

#include "ngx_workers_store.h"


#define NGX_WORKERS_LMDB_KEY       511     /* LMDB's own limit */
#define NGX_WORKERS_LMDB_ROOT      510     /* bytes of a key in the root */
#define NGX_WORKERS_LMDB_SEGMENT   500     /* bytes of a key in a node */
#define NGX_WORKERS_LMDB_PREFIX    10      /* ff, tag, number */
#define NGX_WORKERS_LMDB_DEPTH     3       /* levels of the longest key */

#define NGX_WORKERS_LMDB_ESCAPE    0xff
#define NGX_WORKERS_LMDB_FORMAT    0x00
#define NGX_WORKERS_LMDB_NODE      0x01
#define NGX_WORKERS_LMDB_EXPIRY    0x02
#define NGX_WORKERS_LMDB_VALUE     0x03


typedef struct {
    ngx_queue_t                   envs;
    ngx_log_t                    *log;
    ngx_thread_pool_t            *tp;
    size_t                        queued;     /* bytes, all environments */
    ngx_event_t                   timer;
    unsigned                      exiting:1;
} ngx_workers_lmdb_t;


/*
 * The pool thread has mdb, dbi and the members from batch to more between
 * posting and completion; all else belongs to the event loop.
 */
typedef struct {
    ngx_workers_store_t           store;
    ngx_queue_t                   queue;
    ngx_workers_lmdb_t           *lmdb;

    ngx_str_t                     path;       /* with a null byte behind */
    size_t                        map_size;

    MDB_env                      *mdb;        /* NULL: closed */
    MDB_dbi                       dbi;
    MDB_txn                      *txn;        /* reset while readers is 0 */
    ngx_uint_t                    readers;
    dev_t                         dev;
    ino_t                         ino;

    time_t                        used;
    time_t                        due;        /* first expiration, 0: none */
    time_t                        failed;     /* last open() that failed */
    int                           failure;
    time_t                        logged;
    int                           logged_code;

    ngx_queue_t                   waiting;
    ngx_event_t                   gather;
    ngx_thread_task_t             task;
    ngx_workers_store_write_t     sweep;

    ngx_queue_t                   batch;
    time_t                        now;        /* of the batch */
    ngx_uint_t                    fresh;      /* no format yet */
    ngx_uint_t                    broken;     /* is to be opened anew */
    ngx_uint_t                    more;       /* to sweep */

    unsigned                      reopen:1;
    unsigned                      running:1;
    unsigned                      sweeping:1;
} ngx_workers_lmdb_env_t;


/* where a key is, or would be */
typedef struct {
    MDB_val                       val;
    ngx_uint_t                    depth;
    u_char                        id[NGX_WORKERS_LMDB_DEPTH][8];
    u_char                        buf[NGX_WORKERS_LMDB_KEY];
} ngx_workers_lmdb_key_t;


typedef struct {
    ngx_workers_store_entry_t     entry;      /* without a large value */
    uint64_t                      seq;        /* in the expiry index */
    uint64_t                      large;      /* 0: the value is inline */
} ngx_workers_lmdb_record_t;


/*
 * ngx_workers_lmdb_key.c; any thread, in a transaction; LMDB's codes.
 * find() with create makes missing nodes; else MDB_NOTFOUND may mean that a
 * node is missing.  reclaim() removes nodes that the deletion of the key
 * left empty.
 */
int ngx_workers_lmdb_key_find(MDB_txn *txn, MDB_dbi dbi, ngx_str_t *key,
    ngx_workers_lmdb_key_t *k, ngx_uint_t create);
int ngx_workers_lmdb_key_reclaim(MDB_txn *txn, MDB_dbi dbi, ngx_str_t *key,
    ngx_workers_lmdb_key_t *k);
int ngx_workers_lmdb_next_id(MDB_txn *txn, MDB_dbi dbi, u_char *prefix,
    size_t len, uint64_t *id);
u_char *ngx_workers_lmdb_u64(u_char *p, uint64_t n);
uint64_t ngx_workers_lmdb_get_u64(u_char *p);

/* ngx_workers_lmdb_record.c; any thread, in a transaction; LMDB's codes */
int ngx_workers_lmdb_record_parse(MDB_val *data,
    ngx_workers_lmdb_record_t *rec);
int ngx_workers_lmdb_record_value(MDB_txn *txn, MDB_dbi dbi,
    ngx_workers_lmdb_record_t *rec);
int ngx_workers_lmdb_record_put(MDB_txn *txn, MDB_dbi dbi,
    ngx_workers_store_change_t *ch);
int ngx_workers_lmdb_record_delete(MDB_txn *txn, MDB_dbi dbi, ngx_str_t *key);
int ngx_workers_lmdb_record_due(MDB_txn *txn, MDB_dbi dbi, time_t *due);
int ngx_workers_lmdb_record_sweep(MDB_txn *txn, MDB_dbi dbi, time_t now,
    ngx_uint_t max, ngx_uint_t *more);

/* ngx_workers_lmdb.c; event loop; NGX_OK or NGX_ERROR with *error set */
ngx_int_t ngx_workers_lmdb_env_open(ngx_workers_lmdb_env_t *env,
    ngx_workers_store_error_e *error);
void ngx_workers_lmdb_env_close(ngx_workers_lmdb_env_t *env);
ngx_int_t ngx_workers_lmdb_begin(ngx_workers_lmdb_env_t *env,
    ngx_workers_store_error_e *error);
ngx_int_t ngx_workers_lmdb_evict(ngx_workers_lmdb_t *lmdb);
void ngx_workers_lmdb_end(ngx_workers_lmdb_env_t *env);
ngx_workers_store_error_e ngx_workers_lmdb_error(int code);
void ngx_workers_lmdb_log(ngx_workers_lmdb_env_t *env, int code,
    const char *what);
ngx_int_t ngx_workers_lmdb_failed(ngx_workers_lmdb_env_t *env, int code,
    const char *what, ngx_workers_store_error_e *error);

/* ngx_workers_lmdb_commit.c; event loop */
void ngx_workers_lmdb_commit_init(ngx_workers_lmdb_env_t *env);
ngx_int_t ngx_workers_lmdb_write(ngx_workers_store_t *store,
    ngx_workers_store_write_t *w);
void ngx_workers_lmdb_sweep(ngx_workers_lmdb_env_t *env);
void ngx_workers_lmdb_commit_exit(ngx_workers_lmdb_env_t *env);

/* ngx_workers_lmdb_list.c; event loop */
ngx_int_t ngx_workers_lmdb_list(ngx_workers_store_t *store,
    ngx_workers_store_list_t *list);

#endif /* _NGX_WORKERS_LMDB_H_INCLUDED_ */
