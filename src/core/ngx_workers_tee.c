
/*
 * Copyright (C) the nginx-workers authors
 *
 * tee() of native sources.  The branch that is ahead reads; what the other
 * has not read so far waits for it, and counts as memory of the isolate.  A
 * branch that has gone costs nothing.  One that is ahead waits before that is
 * much, if the other is sent to a client, or stored, or the tee is even.
 */


#include "ngx_workers_tee.h"


#define NGX_WORKERS_TEE_AHEAD  (256 * 1024)     /* bytes */


typedef struct ngx_workers_tee_s  ngx_workers_tee_t;


/* A piece of the source, which one branch or both hold. */
typedef struct {
    size_t                       size;
    ngx_uint_t                   refs;
    u_char                       data[];
} ngx_workers_tee_piece_t;


typedef struct ngx_workers_tee_link_s  ngx_workers_tee_link_t;

struct ngx_workers_tee_link_s {
    ngx_workers_tee_link_t      *next;
    ngx_workers_tee_piece_t     *piece;
};


typedef struct {
    ngx_workers_source_t         src;
    ngx_workers_tee_t           *tee;

    ngx_workers_tee_link_t      *first;     /* not read so far */
    ngx_workers_tee_link_t     **last;
    size_t                       size;
    ngx_workers_tee_piece_t     *lent;      /* the consumer has it */
    ngx_chain_t                  out;
    ngx_buf_t                    buf;

    unsigned                     open:1;
    unsigned                     waiting:1;
    unsigned                     paused:1;  /* waits for the other */
} ngx_workers_tee_branch_t;


struct ngx_workers_tee_s {
    ngx_workers_source_t        *inner;     /* NULL: closed */
    ngx_workers_tee_branch_t     branch[2];
    ngx_workers_isolate_t       *iso;
    ngx_log_t                   *log;
    size_t                       counted;   /* in the isolate's memory */
    const char                  *reason;
    JSValue                      error;
    ngx_event_t                  event;     /* wakes who waits */

    unsigned                     done:1;
    unsigned                     failed:1;
    unsigned                     even:1;    /* no branch is far ahead */
};


static ngx_workers_tee_branch_t *ngx_workers_tee_other(
    ngx_workers_tee_branch_t *branch);
static ngx_uint_t ngx_workers_tee_ahead(ngx_workers_tee_branch_t *branch);
static ngx_int_t ngx_workers_tee_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_tee_more(ngx_workers_tee_branch_t *branch,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_tee_copy(ngx_workers_tee_t *tee,
    ngx_chain_t *chain);
static void ngx_workers_tee_exceeded(ngx_workers_tee_t *tee);
static void ngx_workers_tee_count(ngx_workers_tee_t *tee);
static ngx_int_t ngx_workers_tee_push(ngx_workers_tee_branch_t *branch,
    ngx_workers_tee_piece_t *piece);
static void ngx_workers_tee_lend(ngx_workers_tee_branch_t *branch,
    ngx_chain_t **out);
static void ngx_workers_tee_fail(ngx_workers_tee_t *tee, const char *reason);
static void ngx_workers_tee_post(ngx_workers_tee_t *tee);
static ngx_workers_tee_branch_t *ngx_workers_tee_ready(ngx_workers_tee_t *tee);
static void ngx_workers_tee_event(ngx_event_t *ev);
static void ngx_workers_tee_wake(void *data);
static void ngx_workers_tee_orphan(void *data);
static void ngx_workers_tee_close(ngx_workers_source_t *src);
static void ngx_workers_tee_close_inner(ngx_workers_tee_t *tee,
    ngx_pool_t *pool);
static void ngx_workers_tee_release(void *data);


JSValue
ngx_workers_tee(JSContext *cx, JSValueConst object)
{
    JSValue                    pair, value;
    ngx_uint_t                 i;
    ngx_workers_tee_t         *tee;
    ngx_workers_source_t      *inner;
    ngx_workers_tee_branch_t  *branch;

    inner = ngx_workers_source_take(object);
    if (inner == NULL) {
        return JS_UNDEFINED;
    }

    tee = ngx_calloc(sizeof(ngx_workers_tee_t), inner->inv->log);
    pair = JS_NewArray(cx);

    if (tee == NULL || JS_IsException(pair)) {

        if (tee == NULL) {
            JS_FreeValue(cx, pair);
            pair = JS_ThrowOutOfMemory(cx);
        }

        ngx_free(tee);
        inner->close(inner);

        return JS_EXCEPTION;
    }

    tee->inner = inner;
    tee->iso = inner->inv->iso;
    tee->log = tee->iso->log;
    tee->error = JS_UNDEFINED;

    tee->event.handler = ngx_workers_tee_event;
    tee->event.data = tee;
    tee->event.log = tee->log;

    inner->wake = ngx_workers_tee_wake;
    inner->orphan = ngx_workers_tee_orphan;
    inner->data = tee;

    for (i = 0; i < 2; i++) {
        branch = &tee->branch[i];

        branch->tee = tee;
        branch->last = &branch->first;
        branch->open = 1;
        branch->out.buf = &branch->buf;
        branch->buf.temporary = 1;
        branch->buf.flush = 1;

        branch->src.read = ngx_workers_tee_read;
        branch->src.close = ngx_workers_tee_close;
        branch->src.length = inner->length;

        ngx_workers_source_init(&branch->src, inner->inv);
    }

    for (i = 0; i < 2; i++) {
        value = ngx_workers_source_object(cx, &tee->branch[i].src);

        if (JS_IsException(value)) {

            /* the branch before is its object's, and goes with it */

            JS_FreeValue(cx, pair);

            for ( /* void */ ; i < 2; i++) {
                tee->branch[i].src.close(&tee->branch[i].src);
            }

            return JS_EXCEPTION;
        }

        (void) JS_SetPropertyUint32(cx, pair, i, value);
    }

    return pair;
}


void
ngx_workers_tee_even(ngx_workers_source_t *src)
{
    if (src->read == ngx_workers_tee_read) {
        ((ngx_workers_tee_branch_t *) src)->tee->even = 1;
    }
}


static ngx_workers_tee_branch_t *
ngx_workers_tee_other(ngx_workers_tee_branch_t *branch)
{
    return &branch->tee->branch[branch == branch->tee->branch];
}


/* Only one that is sure to be read is waited for. */

static ngx_uint_t
ngx_workers_tee_ahead(ngx_workers_tee_branch_t *branch)
{
    ngx_workers_tee_branch_t  *other;

    other = ngx_workers_tee_other(branch);

    return other->size >= NGX_WORKERS_TEE_AHEAD
           && (branch->tee->even || other->src.reads_on);
}


static ngx_int_t
ngx_workers_tee_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    ngx_int_t                  rc;
    ngx_workers_tee_branch_t  *branch;

    branch = (ngx_workers_tee_branch_t *) src;

    *out = NULL;

    ngx_workers_tee_release(branch->lent);
    branch->lent = NULL;
    branch->waiting = 0;
    branch->paused = 0;

    if (branch->first == NULL) {
        rc = ngx_workers_tee_more(branch, out);

        if (rc != NGX_OK || branch->first == NULL) {
            return rc;
        }
    }

    ngx_workers_tee_lend(branch, out);

    return NGX_OK;
}


/* NGX_OK: there may be a piece now, or the source's own buffers in *out. */

static ngx_int_t
ngx_workers_tee_more(ngx_workers_tee_branch_t *branch, ngx_chain_t **out)
{
    ngx_int_t           rc;
    ngx_chain_t        *chain;
    ngx_workers_tee_t  *tee;

    tee = branch->tee;

    if (tee->failed) {
        branch->src.reason = tee->reason;
        branch->src.error = tee->error;     /* the tee frees it */

        return NGX_ERROR;
    }

    if (tee->done) {
        return NGX_DONE;
    }

    if (ngx_workers_tee_ahead(branch)) {
        branch->waiting = 1;
        branch->paused = 1;
        return NGX_AGAIN;
    }

    /* what the inner source lends outlasts a branch that alone is left */

    tee->inner->pool = branch->src.pool;

    chain = NULL;
    rc = tee->inner->read(tee->inner, &chain);

    switch (rc) {

    case NGX_OK:
        break;

    case NGX_AGAIN:
        branch->waiting = 1;
        return NGX_AGAIN;

    case NGX_DONE:
        tee->done = 1;
        break;

    default:
        tee->error = JS_DupValue(tee->iso->cx, tee->inner->error);
        ngx_workers_tee_fail(tee, tee->inner->reason);
        break;
    }

    if (rc == NGX_OK && !ngx_workers_tee_other(branch)->open) {
        *out = chain;
        return NGX_OK;
    }

    if (rc == NGX_OK) {

        if (ngx_workers_tee_copy(tee, chain) == NGX_OK) {

            ngx_workers_tee_post(tee);
            return NGX_OK;
        }

        rc = NGX_ERROR;
    }

    ngx_workers_tee_close_inner(tee, branch->src.pool);
    ngx_workers_tee_post(tee);

    if (rc == NGX_ERROR) {
        branch->src.reason = tee->reason;
        branch->src.error = tee->error;
    }

    return rc;
}


/* Both branches are open. */

static ngx_int_t
ngx_workers_tee_copy(ngx_workers_tee_t *tee, ngx_chain_t *chain)
{
    size_t                    size;
    u_char                   *p;
    ngx_uint_t                i;
    ngx_chain_t              *cl;
    ngx_workers_isolate_t    *iso;
    ngx_workers_tee_piece_t  *piece;

    size = 0;

    for (cl = chain; cl != NULL; cl = cl->next) {
        size += cl->buf->last - cl->buf->pos;
    }

    iso = tee->iso;

    if (iso->memory >= iso->memory_limit
        || size > iso->memory_limit - iso->memory)
    {
        ngx_workers_tee_fail(tee, "ReadableStream.tee() buffer limit "
                             "exceeded.");
        ngx_workers_tee_exceeded(tee);
        return NGX_ERROR;
    }

    piece = ngx_alloc(sizeof(ngx_workers_tee_piece_t) + size, tee->log);
    if (piece == NULL) {
        ngx_workers_tee_fail(tee, "Out of memory.");
        return NGX_ERROR;
    }

    piece->size = size;
    piece->refs = 1;

    p = piece->data;

    for (cl = chain; cl != NULL; cl = cl->next) {
        p = ngx_cpymem(p, cl->buf->pos, cl->buf->last - cl->buf->pos);
        cl->buf->pos = cl->buf->last;
    }

    for (i = 0; size != 0 && i < 2; i++) {
        if (ngx_workers_tee_push(&tee->branch[i], piece) != NGX_OK) {
            ngx_workers_tee_release(piece);
            ngx_workers_tee_fail(tee, "Out of memory.");
            return NGX_ERROR;
        }
    }

    ngx_workers_tee_release(piece);
    ngx_workers_tee_count(tee);

    return NGX_OK;
}


/* As if the script had allocated it. */

static void
ngx_workers_tee_exceeded(ngx_workers_tee_t *tee)
{
    if (tee->iso->depth != 0) {
        tee->iso->exceeded_memory = 1;
        return;
    }

    ngx_workers_invocation_exceeded(tee->inner->inv,
                                    NGX_WORKERS_EXCEEDED_MEMORY);
}


/* What is held for the branch that is behind. */

static void
ngx_workers_tee_count(ngx_workers_tee_t *tee)
{
    size_t  size;

    size = ngx_max(tee->branch[0].size, tee->branch[1].size);

    tee->iso->memory += size;
    tee->iso->memory -= tee->counted;
    tee->counted = size;
}


static ngx_int_t
ngx_workers_tee_push(ngx_workers_tee_branch_t *branch,
    ngx_workers_tee_piece_t *piece)
{
    ngx_workers_tee_link_t  *link;

    link = ngx_alloc(sizeof(ngx_workers_tee_link_t), branch->tee->log);
    if (link == NULL) {
        return NGX_ERROR;
    }

    link->next = NULL;
    link->piece = piece;
    piece->refs++;

    *branch->last = link;
    branch->last = &link->next;
    branch->size += piece->size;

    return NGX_OK;
}


static void
ngx_workers_tee_lend(ngx_workers_tee_branch_t *branch, ngx_chain_t **out)
{
    ngx_buf_t               *b;
    ngx_workers_tee_link_t  *link;

    link = branch->first;

    branch->first = link->next;

    if (link->next == NULL) {
        branch->last = &branch->first;
    }

    branch->lent = link->piece;
    branch->size -= link->piece->size;

    ngx_free(link);
    ngx_workers_tee_count(branch->tee);
    ngx_workers_tee_post(branch->tee);

    b = &branch->buf;
    b->start = branch->lent->data;
    b->pos = b->start;
    b->last = b->start + branch->lent->size;
    b->end = b->last;

    branch->out.next = NULL;
    *out = &branch->out;
}


static void
ngx_workers_tee_fail(ngx_workers_tee_t *tee, const char *reason)
{
    tee->failed = 1;
    tee->reason = reason;
}


/*
 * A branch that waits has got what it waits for from the other's read().
 * That may be JavaScript's, so it is woken later.
 */

static void
ngx_workers_tee_post(ngx_workers_tee_t *tee)
{
    if (ngx_workers_tee_ready(tee) != NULL) {
        ngx_post_event(&tee->event, &ngx_posted_events);
    }
}


static ngx_workers_tee_branch_t *
ngx_workers_tee_ready(ngx_workers_tee_t *tee)
{
    ngx_uint_t                 i;
    ngx_workers_tee_branch_t  *branch;

    for (i = 0; i < 2; i++) {
        branch = &tee->branch[i];

        if (branch->waiting
            && (branch->first != NULL || tee->done || tee->failed
                || (branch->paused && !ngx_workers_tee_ahead(branch))))
        {
            return branch;
        }
    }

    return NULL;
}


static void
ngx_workers_tee_event(ngx_event_t *ev)
{
    ngx_workers_tee_t         *tee;
    ngx_workers_tee_branch_t  *branch;

    tee = ev->data;
    branch = ngx_workers_tee_ready(tee);

    if (branch == NULL) {
        return;
    }

    branch->waiting = 0;

    /* the other's turn comes, unless the tee has gone until then */

    ngx_workers_tee_post(tee);

    branch->src.wake(branch->src.data);
}


/* The inner source has more: one that waits reads it for both. */

static void
ngx_workers_tee_wake(void *data)
{
    ngx_workers_tee_t         *tee;
    ngx_workers_tee_branch_t  *branch;

    tee = data;
    branch = tee->branch[0].waiting ? &tee->branch[0] : &tee->branch[1];

    if (branch->waiting) {
        branch->waiting = 0;
        branch->src.wake(branch->src.data);
    }
}


static void
ngx_workers_tee_orphan(void *data)
{
    ngx_workers_tee_t  *tee = data;

    ngx_workers_tee_fail(tee, "Network connection lost.");
    ngx_workers_tee_close_inner(tee, NULL);
}


static void
ngx_workers_tee_close(ngx_workers_source_t *src)
{
    ngx_pool_cleanup_t        *cln;
    ngx_workers_tee_t         *tee;
    ngx_workers_tee_link_t    *link;
    ngx_workers_tee_branch_t  *branch;

    branch = (ngx_workers_tee_branch_t *) src;
    tee = branch->tee;

    ngx_workers_source_unlink(src);

    branch->open = 0;
    branch->waiting = 0;

    while (branch->first != NULL) {
        link = branch->first;
        branch->first = link->next;

        ngx_workers_tee_release(link->piece);
        ngx_free(link);
    }

    branch->size = 0;
    ngx_workers_tee_count(tee);

    /* nginx may still send what it was lent */

    cln = (branch->lent != NULL && src->pool != NULL)
          ? ngx_pool_cleanup_add(src->pool, 0) : NULL;

    if (cln != NULL) {
        cln->handler = ngx_workers_tee_release;
        cln->data = branch->lent;

    } else {
        ngx_workers_tee_release(branch->lent);
    }

    branch->lent = NULL;

    if (ngx_workers_tee_other(branch)->open) {
        ngx_workers_tee_post(tee);
        return;
    }

    ngx_workers_tee_close_inner(tee, src->pool);

    if (tee->event.posted) {
        ngx_delete_posted_event(&tee->event);
    }

    JS_FreeValue(tee->iso->cx, tee->error);

    ngx_free(tee);
}


static void
ngx_workers_tee_close_inner(ngx_workers_tee_t *tee, ngx_pool_t *pool)
{
    ngx_workers_source_t  *inner;

    inner = tee->inner;

    if (inner != NULL) {
        tee->inner = NULL;
        inner->pool = pool;
        inner->close(inner);
    }
}


static void
ngx_workers_tee_release(void *data)
{
    ngx_workers_tee_piece_t  *piece = data;

    if (piece != NULL && --piece->refs == 0) {
        ngx_free(piece);
    }
}
