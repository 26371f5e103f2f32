
/*
 * Copyright (C) the nginx-workers authors
 *
 * Responses kept in files, one file each: <dir>/ab/abcd... is named by the
 * digest of its key and holds a record, the key, the caller's head and the
 * body.  There is no index: a file appears by rename when it is whole, and a
 * reader that has opened it goes on reading when it has been replaced or
 * removed.
 *
 * Nothing is synced.  A record names the boot that wrote it; a file that was
 * written before the machine last started is believed only when the checksum
 * of its body is right, and marked then.  Processes that die leave temporary
 * files, which a sweep removes.
 *
 * mtime is when an entry was last used (about), atime when it expires: a
 * sweep opens no file.  It removes what has expired and, when the entries
 * take more than their share, those that were not used for the longest time.
 *
 * All functions belong to the event loop, where only memory, open() and
 * reads of what the page cache has are waited for.
 */


#ifndef _NGX_WORKERS_CACHE_STORE_H_INCLUDED_
#define _NGX_WORKERS_CACHE_STORE_H_INCLUDED_


#include "../core/ngx_workers_job.h"


#define NGX_WORKERS_CACHE_DIGEST    16
#define NGX_WORKERS_CACHE_PATH      (2 + 1 + 2 * NGX_WORKERS_CACHE_DIGEST)

#define NGX_WORKERS_CACHE_INLINE    16384   /* read at once, with the head */
#define NGX_WORKERS_CACHE_BUFFER    131072  /* of a body that is written */
#define NGX_WORKERS_CACHE_MEMORY    67108864         /* of writes, in all */
#define NGX_WORKERS_CACHE_MAX_HEAD  (1024 * 1024)    /* key and head */
#define NGX_WORKERS_CACHE_MAX_TTL   315360000        /* s: ten years */


typedef struct ngx_workers_cache_store_s  ngx_workers_cache_store_t;
typedef struct ngx_workers_cache_write_s  ngx_workers_cache_write_t;


/* In memory that processes share; all zero at first. */
typedef struct {
    ngx_atomic_t                size;       /* bytes on the disk, about */
    ngx_atomic_t                swept;      /* s: the last sweep; 0: none */
} ngx_workers_cache_shared_t;


/* What a file begins with; numbers as the machine has them. */
typedef struct {
    u_char                      magic[8];
    u_char                      boot[16];
    uint32_t                    head_crc;   /* of all but body behind it */
    uint32_t                    body_crc;
    uint64_t                    body_len;
    uint64_t                    expires;    /* ms since the epoch */
    uint32_t                    key_len;
    uint32_t                    head_len;
} ngx_workers_cache_record_t;


/* What was found: valid until the store is used again, or handler returns. */
typedef struct {
    ngx_str_t                   head;
    u_char                     *body;       /* NULL: it is in the file */
    ngx_fd_t                    fd;         /* the caller's, if not invalid */
    off_t                       offset;     /* of the body in the file */
    off_t                       length;
} ngx_workers_cache_entry_t;


/* rc: NGX_OK, or NGX_DECLINED: there is none.  Called once. */
typedef void (*ngx_workers_cache_get_pt)(void *data, ngx_int_t rc,
    ngx_workers_cache_entry_t *entry);

/* rc: NGX_OK, NGX_DECLINED: it did not exist, or was not stored. */
typedef void (*ngx_workers_cache_done_pt)(void *data, ngx_int_t rc);


/*
 * The store in the directory dir, "/" at its end, of at most size bytes; dir
 * and shared outlive it.  NULL: no memory.
 */
ngx_workers_cache_store_t *ngx_workers_cache_store_create(ngx_str_t *dir,
    off_t size, ngx_workers_cache_shared_t *shared, ngx_thread_pool_t *tp,
    ngx_log_t *log);

/* Process exit: the pool has ended, no invocation is left. */
void ngx_workers_cache_store_destroy(ngx_workers_cache_store_t *store);

/* For what reads the files that entries lead to. */
ngx_workers_jobs_t *ngx_workers_cache_store_jobs(
    ngx_workers_cache_store_t *store);

/*
 * NGX_OK, NGX_DECLINED: entry is filled, or there is none.  NGX_AGAIN: handler
 * will be called.  An entry that this process is about to commit is waited
 * for.
 */
ngx_int_t ngx_workers_cache_get(ngx_workers_cache_store_t *store,
    ngx_str_t *key, ngx_workers_cache_entry_t *entry,
    ngx_workers_cache_get_pt handler, void *data);

/*
 * A new entry, not there until it is committed; key and head are copied.
 * length is what is known of the body, or -1.  NULL: no memory, too many
 * writes are under way, or the entry is too large.
 */
ngx_workers_cache_write_t *ngx_workers_cache_put(
    ngx_workers_cache_store_t *store, ngx_str_t *key, ngx_str_t *head,
    uint64_t expires, off_t length);

/* Takes up to len bytes of the body; 0: flush() first. */
size_t ngx_workers_cache_add(ngx_workers_cache_write_t *w, u_char *p,
    size_t len);

/*
 * Writes what was taken.  NGX_AGAIN: handler will be called; leave w alone
 * until then.  NGX_OK: there is room again.
 */
ngx_int_t ngx_workers_cache_flush(ngx_workers_cache_write_t *w,
    ngx_workers_cache_done_pt handler, void *data);

/*
 * The same with what is left; the entry is there when handler is called, and w
 * is gone.  NGX_DECLINED: it could not be stored, w is gone.
 */
ngx_int_t ngx_workers_cache_commit(ngx_workers_cache_write_t *w,
    ngx_workers_cache_done_pt handler, void *data);

/* Drops what was written; not while handler is waited for. */
void ngx_workers_cache_abandon(ngx_workers_cache_write_t *w);

/* NGX_AGAIN: handler will be called.  NGX_ERROR: it will not. */
ngx_int_t ngx_workers_cache_delete(ngx_workers_cache_store_t *store,
    ngx_str_t *key, ngx_workers_cache_done_pt handler, void *data);


/* What the files of the store share. */

struct ngx_workers_cache_store_s {
    ngx_workers_jobs_t          jobs;
    ngx_str_t                  *dir;
    off_t                       size;
    ngx_workers_cache_shared_t *shared;
    ngx_log_t                  *log;
    ngx_event_t                 timer;
    ngx_workers_job_t           sweep;
    time_t                      logged;
    u_char                      boot[16];
    u_char                     *buf;        /* NGX_WORKERS_CACHE_INLINE */
    size_t                      memory;     /* of writes under way */
    ngx_queue_t                 commits;    /* those that end */
    ngx_fd_t                    last_fd;    /* beyond it files are left to
                                               others */
    ngx_uint_t                  writes;     /* for names of files */
    unsigned                    sweeping:1;
};


/* ngx_workers_cache_record.c: any thread */

/*
 * Looks whether n bytes at p begin the file of size bytes that has the key.
 * NGX_OK: rec is filled, p has it, key and head.  NGX_AGAIN: so it may be, but
 * p ends before that.  NGX_DECLINED: it is another's, has expired, or damaged.
 */
ngx_int_t ngx_workers_cache_record_check(ngx_workers_cache_record_t *rec,
    u_char *p, size_t n, off_t size, ngx_str_t *key, uint64_t now);

/* Fills in magic and head_crc; the rest is set. */
void ngx_workers_cache_record_seal(ngx_workers_cache_record_t *rec,
    ngx_str_t *key, ngx_str_t *head);

/* The file of a key, below the directory: NGX_WORKERS_CACHE_PATH bytes. */
void ngx_workers_cache_record_path(u_char *path, ngx_str_t *key);

/*
 * ngx_workers_cache_write.c: NGX_AGAIN: an entry of the key is about to be
 * there, and handler will be called as by ngx_workers_cache_get(); NGX_DECLINED
 * if not.
 */
ngx_int_t ngx_workers_cache_wait(ngx_workers_cache_store_t *store,
    ngx_str_t *key, ngx_workers_cache_get_pt handler, void *data);

/* ngx_workers_cache_sweep.c: pool thread; force: the share is used up */
void ngx_workers_cache_sweep(ngx_workers_cache_store_t *store,
    ngx_uint_t force);

/* Bytes that a file of so many takes. */
#define ngx_workers_cache_cost(n)  (((off_t) (n) + 4095) & ~(off_t) 4095)

/* ngx_workers_cache_store.c: any thread; a new "dir/path" or NULL */
u_char *ngx_workers_cache_name(ngx_workers_cache_store_t *store,
    const u_char *path, size_t len);


#endif /* _NGX_WORKERS_CACHE_STORE_H_INCLUDED_ */
