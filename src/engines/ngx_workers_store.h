
/*
 * Copyright (C) the nginx-workers authors
 *
 * The storage seam.  A store is an ordered map from keys to entries; bindings
 * reach it through the few functions of its engine and know no engine by
 * name.  LMDB implements it for the local disk; an engine that talks to other
 * machines may stand in for it.
 *
 * All functions belong to the event loop and never block.  Keys are UTF-8,
 * of 1 to NGX_WORKERS_STORE_MAX_KEY bytes, ordered as bytes.
 */


#ifndef _NGX_WORKERS_STORE_H_INCLUDED_
#define _NGX_WORKERS_STORE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_thread_pool.h>


#define NGX_WORKERS_STORE_MAX_KEY  1024


typedef struct ngx_workers_store_s         ngx_workers_store_t;
typedef struct ngx_workers_store_read_s    ngx_workers_store_read_t;
typedef struct ngx_workers_store_write_s   ngx_workers_store_write_t;
typedef struct ngx_workers_store_change_s  ngx_workers_store_change_t;


typedef enum {
    NGX_WORKERS_STORE_OK = 0,
    NGX_WORKERS_STORE_FULL,          /* no space in the map or on the disk */
    NGX_WORKERS_STORE_UNAVAILABLE,   /* cannot be opened, read or written */
    NGX_WORKERS_STORE_BUSY,          /* too many writes are waiting */
    NGX_WORKERS_STORE_INVALID        /* the key is none */
} ngx_workers_store_error_e;


typedef enum {
    NGX_WORKERS_STORE_PUT = 0,
    NGX_WORKERS_STORE_DELETE
} ngx_workers_store_change_e;


typedef struct {
    ngx_str_t                     value;
    ngx_str_t                     metadata;
    time_t                        expires;    /* 0: never */
} ngx_workers_store_entry_t;


typedef void (*ngx_workers_store_read_pt)(ngx_workers_store_read_t *rd);
typedef void (*ngx_workers_store_write_pt)(ngx_workers_store_write_t *w);

/* anything but NGX_OK ends the page before this key */
typedef ngx_int_t (*ngx_workers_store_visit_pt)(void *data, ngx_str_t *key,
    ngx_workers_store_entry_t *entry);


struct ngx_workers_store_read_s {
    ngx_str_t                     key;
    ngx_workers_store_entry_t     entry;      /* result, until release() */
    ngx_workers_store_error_e     error;
    ngx_int_t                     rc;         /* for the handler */
    ngx_workers_store_read_pt     handler;
    void                         *data;       /* the caller's */
};


struct ngx_workers_store_change_s {
    ngx_workers_store_change_t   *next;
    ngx_workers_store_change_e    kind;
    ngx_str_t                     key;
    ngx_str_t                     value;
    ngx_str_t                     metadata;
    time_t                        expires;    /* unix time, 0: never */
};


/*
 * Changes that take effect together or not at all.  The caller owns the
 * structure and all bytes it leads to, and leaves them alone until the
 * handler is called.
 */
struct ngx_workers_store_write_s {
    ngx_workers_store_change_t   *changes;
    ngx_workers_store_error_e     error;      /* result */
    ngx_workers_store_write_pt    handler;
    void                         *data;       /* the caller's */

    ngx_queue_t                   queue;      /* the engine's from here on */
    size_t                        size;
    int                           code;
    unsigned                      retried:1;
};


typedef struct {
    ngx_str_t                     prefix;
    ngx_str_t                     after;      /* "": from the start */
    ngx_uint_t                    limit;
    ngx_workers_store_visit_pt    visit;
    void                         *data;

    ngx_workers_store_error_e     error;      /* results */
    ngx_str_t                     last;       /* "after" of the next page */
    u_char                        last_key[NGX_WORKERS_STORE_MAX_KEY];
    unsigned                      more:1;
} ngx_workers_store_list_t;


typedef struct {
    ngx_str_t                     name;

    /*
     * Called once per process, after fork; NULL if memory is short.
     */
    void                       *(*init)(ngx_log_t *log, ngx_thread_pool_t *tp);

    /*
     * The store at path, the same one each time it is asked for; NULL if
     * memory is short.  max_size 0 is the engine's default.  Storage itself
     * is touched by the first read or write, and tried again by a later one
     * when that fails.
     */
    ngx_workers_store_t        *(*open)(void *engine, ngx_str_t *path,
                                     size_t max_size);

    /*
     * Finds rd->key.  NGX_OK: rd->entry points into the store's own memory,
     * valid until release() is called in the same event.  NGX_DECLINED: not
     * there or expired.  NGX_ERROR: rd->error says why.  NGX_AGAIN, which
     * LMDB never returns: rd->handler is called later with the same results
     * in rd->rc; release() belongs to it then; rd must stay until then.
     */
    ngx_int_t                   (*get)(ngx_workers_store_t *store,
                                     ngx_workers_store_read_t *rd);

    void                        (*release)(ngx_workers_store_t *store,
                                     ngx_workers_store_read_t *rd);

    /*
     * Visits up to list->limit entries that begin with list->prefix and come
     * after list->after, in order, in one snapshot.  Entries have no value,
     * keys and metadata are valid during the visit.  list->more: there are
     * others, ask again with list->last as after; a page may be short when
     * many expired entries lay on its way.  NGX_OK or NGX_ERROR.
     */
    ngx_int_t                   (*list)(ngx_workers_store_t *store,
                                     ngx_workers_store_list_t *list);

    /*
     * Queues the write.  NGX_OK: w->handler will be called exactly once, in
     * the event loop, never before this function returned, when the changes
     * are on stable storage or have failed (w->error).  NGX_ERROR: it will
     * not be called, w->error says why.  There is no way to cancel.
     */
    ngx_int_t                   (*write)(ngx_workers_store_t *store,
                                     ngx_workers_store_write_t *w);

    /*
     * Process exit, when no thread of the pool runs any more.  Writes that
     * still wait are done before it returns, their handlers called.
     */
    void                        (*exit)(void *engine);
} ngx_workers_store_engine_t;


struct ngx_workers_store_s {
    ngx_workers_store_engine_t   *engine;
};


#define ngx_workers_store_get(s, rd)      (s)->engine->get(s, rd)
#define ngx_workers_store_release(s, rd)  (s)->engine->release(s, rd)
#define ngx_workers_store_list(s, ls)     (s)->engine->list(s, ls)
#define ngx_workers_store_write(s, w)     (s)->engine->write(s, w)


extern ngx_workers_store_engine_t  ngx_workers_lmdb_engine;


/*
 * Makes "root/kind/id" with id encoded as one directory name that cannot
 * leave its directory or meet another id's, on case-insensitive file systems
 * either; *path ends with a null byte that is not counted.  NGX_ERROR: no
 * memory.
 */
ngx_int_t ngx_workers_store_path(ngx_pool_t *pool, ngx_str_t *root,
    const char *kind, ngx_str_t *id, ngx_str_t *path);

/*
 * The store at path in a process whose stores hang on *stores, NULL at first;
 * the same one each time.  NULL: no memory.
 */
ngx_workers_store_t *ngx_workers_stores_open(void **stores, ngx_log_t *log,
    ngx_thread_pool_t *tp, ngx_str_t *path, size_t max_size);

/*
 * Process exit, after invocations have ended: finishes the writes that wait
 * and closes all stores.
 */
void ngx_workers_stores_close(void *stores);

/* A stable text for scripts: "storage is full" and the like. */
const char *ngx_workers_store_strerror(ngx_workers_store_error_e error);


#endif /* _NGX_WORKERS_STORE_H_INCLUDED_ */
