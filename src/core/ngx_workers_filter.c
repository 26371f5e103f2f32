
/*
 * Copyright (C) the nginx-workers authors
 *
 * Filters of native sources: what IdentityTransformStream, FixedLengthStream
 * and the compression streams are between a source and a sink of ours.  The
 * bytes never enter JavaScript; how it ended does, by a posted event.
 */


#include "ngx_workers_filter.h"


/* What a codec may use and make before others have their turn: some 8 ms. */
#define NGX_WORKERS_FILTER_TURN  (4 * NGX_WORKERS_FILTER_PIECE)


typedef enum {
    NGX_WORKERS_FILTER_END = 0,
    NGX_WORKERS_FILTER_SOURCE_FAILED,
    NGX_WORKERS_FILTER_FAILED,
    NGX_WORKERS_FILTER_CLOSED,
    NGX_WORKERS_FILTER_SHORT,
    NGX_WORKERS_FILTER_OPEN
} ngx_workers_filter_outcome_e;


typedef struct {
    ngx_workers_source_t           src;
    ngx_workers_source_t          *inner;   /* NULL: closed */
    ngx_workers_isolate_t         *iso;
    ngx_workers_invocation_t      *inv;     /* of the posted event */
    ngx_event_t                    event;
    ngx_event_t                    turn;    /* the codec goes on */
    size_t                         used;    /* by the codec, in this turn */

    ngx_workers_codec_t           *codec;   /* NULL: bytes pass as they are */
    ngx_chain_t                   *in;      /* of inner, not used up */
    ngx_chain_t                    out;
    ngx_buf_t                      buf;

    off_t                          left;    /* -1: any number */
    JSValue                        ended;
    JSValue                        error;   /* for ended() */
    ngx_workers_filter_outcome_e   outcome;

    unsigned                       input_done:1;
    unsigned                       running:1;  /* in its event */
    unsigned                       closed:1;
} ngx_workers_filter_t;


static ngx_workers_filter_t *ngx_workers_filter_create(
    ngx_workers_source_t *inner, off_t length, ngx_workers_codec_t *codec);
static ngx_int_t ngx_workers_filter_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_filter_pass(ngx_workers_filter_t *f,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_filter_code(ngx_workers_filter_t *f,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_filter_input(ngx_workers_filter_t *f);
static ngx_int_t ngx_workers_filter_run(ngx_workers_filter_t *f);
static ngx_int_t ngx_workers_filter_inner(ngx_workers_filter_t *f,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_filter_fail(ngx_workers_filter_t *f,
    ngx_workers_filter_outcome_e outcome, const char *reason);
static void ngx_workers_filter_turn(ngx_event_t *ev);
static void ngx_workers_filter_wake(void *data);
static void ngx_workers_filter_orphan(void *data);
static void ngx_workers_filter_close(ngx_workers_source_t *src);
static void ngx_workers_filter_close_inner(ngx_workers_filter_t *f);
static void ngx_workers_filter_ended(ngx_workers_filter_t *f,
    ngx_workers_filter_outcome_e outcome);
static void ngx_workers_filter_event(ngx_event_t *ev);
static void ngx_workers_filter_free(ngx_workers_filter_t *f);
static void ngx_workers_filter_free_buf(void *data);


JSValue
ngx_workers_filter(JSContext *cx, JSValueConst object, off_t length,
    ngx_workers_codec_t *codec, JSValueConst ended)
{
    JSValue                value;
    ngx_workers_filter_t  *f;
    ngx_workers_source_t  *inner;

    inner = ngx_workers_source_take(object);

    if (inner == NULL) {
        if (codec != NULL) {
            codec->free(codec);
        }

        return JS_UNDEFINED;
    }

    f = ngx_workers_filter_create(inner, length, codec);
    if (f == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    value = ngx_workers_source_object(cx, &f->src);

    if (JS_IsException(value)) {
        f->src.close(&f->src);
        return JS_EXCEPTION;
    }

    f->ended = JS_DupValue(cx, ended);

    return value;
}


ngx_workers_source_t *
ngx_workers_filter_source(ngx_workers_source_t *inner,
    ngx_workers_codec_t *codec)
{
    ngx_workers_filter_t  *f;

    f = ngx_workers_filter_create(inner, -1, codec);

    return (f != NULL) ? &f->src : NULL;
}


/* inner and codec are eaten.  NULL: out of memory. */

static ngx_workers_filter_t *
ngx_workers_filter_create(ngx_workers_source_t *inner, off_t length,
    ngx_workers_codec_t *codec)
{
    ngx_workers_filter_t  *f;

    f = ngx_calloc(sizeof(ngx_workers_filter_t), inner->inv->log);

    if (f == NULL) {
        if (codec != NULL) {
            codec->free(codec);
        }

        inner->close(inner);

        return NULL;
    }

    f->inner = inner;
    f->iso = inner->inv->iso;
    f->codec = codec;
    f->left = length;
    f->ended = JS_UNDEFINED;
    f->error = JS_UNDEFINED;
    f->outcome = NGX_WORKERS_FILTER_OPEN;

    f->out.buf = &f->buf;
    f->buf.temporary = 1;
    f->buf.flush = 1;

    f->event.handler = ngx_workers_filter_event;
    f->event.data = f;
    f->event.log = f->iso->log;

    f->turn.handler = ngx_workers_filter_turn;
    f->turn.data = f;
    f->turn.log = f->iso->log;

    f->src.read = ngx_workers_filter_read;
    f->src.close = ngx_workers_filter_close;
    f->src.length = length;

    ngx_workers_source_init(&f->src, inner->inv);

    inner->wake = ngx_workers_filter_wake;
    inner->orphan = ngx_workers_filter_orphan;
    inner->data = f;

    return f;
}


static ngx_int_t
ngx_workers_filter_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    ngx_int_t              rc;
    ngx_workers_filter_t  *f;

    f = (ngx_workers_filter_t *) src;

    *out = NULL;

    if (f->outcome == NGX_WORKERS_FILTER_END) {
        return NGX_DONE;
    }

    if (f->outcome != NGX_WORKERS_FILTER_OPEN) {
        return NGX_ERROR;
    }

    rc = (f->codec != NULL && !src->as_is) ? ngx_workers_filter_code(f, out)
                                           : ngx_workers_filter_pass(f, out);

    if (rc == NGX_DONE) {
        ngx_workers_filter_close_inner(f);
        ngx_workers_filter_ended(f, NGX_WORKERS_FILTER_END);
    }

    return rc;
}


static ngx_int_t
ngx_workers_filter_pass(ngx_workers_filter_t *f, ngx_chain_t **out)
{
    off_t         size;
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    rc = ngx_workers_filter_inner(f, out);

    if (f->left < 0 || (rc != NGX_OK && rc != NGX_DONE)) {
        return rc;
    }

    if (rc == NGX_DONE) {
        return (f->left == 0) ? NGX_DONE
               : ngx_workers_filter_fail(f, NGX_WORKERS_FILTER_SHORT,
                                         "FixedLengthStream did not see all "
                                         "expected bytes before close().");
    }

    size = 0;

    for (cl = *out; cl != NULL; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    if (size > f->left) {

        for (cl = *out; cl != NULL; cl = cl->next) {
            cl->buf->pos = cl->buf->last;
        }

        *out = NULL;

        return ngx_workers_filter_fail(f, NGX_WORKERS_FILTER_FAILED,
                                       "Attempt to write too many bytes "
                                       "through a FixedLengthStream.");
    }

    f->left -= size;

    return NGX_OK;
}


/*
 * A codec runs here, in the event loop: a piece of input or output is 64 KiB
 * at most, which deflates in 2 ms, and a thread would cost a pipe of pieces
 * more in waiting for it than it could win.  Where neither source nor sink
 * ever waits, the loop goes round between turns.
 */

static ngx_int_t
ngx_workers_filter_code(ngx_workers_filter_t *f, ngx_chain_t **out)
{
    ngx_buf_t  *b;
    ngx_int_t   rc;

    b = &f->buf;

    if (f->used >= NGX_WORKERS_FILTER_TURN) {
        f->used = 0;
        ngx_post_event(&f->turn, &ngx_posted_next_events);
        return NGX_AGAIN;
    }

    if (b->start == NULL) {
        b->start = ngx_alloc(NGX_WORKERS_FILTER_PIECE, f->event.log);
        if (b->start == NULL) {
            return ngx_workers_filter_fail(f, NGX_WORKERS_FILTER_FAILED,
                                           "Out of memory.");
        }

        b->end = b->start + NGX_WORKERS_FILTER_PIECE;
    }

    b->pos = b->start;
    b->last = b->start;

    do {
        rc = ngx_workers_filter_input(f);

        if (rc == NGX_ERROR || (rc == NGX_AGAIN && b->last == b->start)) {
            return rc;
        }

        if (rc == NGX_AGAIN) {
            break;
        }

        rc = ngx_workers_filter_run(f);

        if (rc == NGX_ERROR || (rc == NGX_DONE && b->last == b->start)) {
            return rc;
        }

    } while (rc == NGX_OK && b->last != b->end
             && f->used < NGX_WORKERS_FILTER_TURN);

    if (b->last != b->start) {
        f->out.next = NULL;
        *out = &f->out;
    }

    return NGX_OK;
}


/* NGX_OK: there is input, or will be none any more. */

static ngx_int_t
ngx_workers_filter_input(ngx_workers_filter_t *f)
{
    ngx_int_t  rc;

    for ( ;; ) {

        while (f->in != NULL && ngx_buf_size(f->in->buf) == 0) {
            f->in = f->in->next;
        }

        if (f->in != NULL || f->input_done) {
            return NGX_OK;
        }

        rc = ngx_workers_filter_inner(f, &f->in);

        if (rc == NGX_AGAIN) {
            f->used = 0;
        }

        if (rc == NGX_DONE) {
            f->input_done = 1;

        } else if (rc != NGX_OK) {
            return rc;
        }
    }
}


static ngx_int_t
ngx_workers_filter_run(ngx_workers_filter_t *f)
{
    u_char     *pos, *last, *end;
    ngx_buf_t  *in;
    ngx_int_t   rc;

    last = f->buf.last;

    if (f->in == NULL) {
        rc = f->codec->run(f->codec, NULL, &f->buf);

    } else {
        in = f->in->buf;
        pos = in->pos;
        end = in->last;

        in->last = ngx_min(end, pos + NGX_WORKERS_FILTER_PIECE);
        rc = f->codec->run(f->codec, in, &f->buf);
        in->last = end;

        f->used += in->pos - pos;
    }

    f->used += f->buf.last - last;

    return (rc != NGX_ERROR) ? rc
           : ngx_workers_filter_fail(f, NGX_WORKERS_FILTER_FAILED,
                                     f->codec->reason);
}


static ngx_int_t
ngx_workers_filter_inner(ngx_workers_filter_t *f, ngx_chain_t **out)
{
    ngx_int_t              rc;
    ngx_workers_source_t  *inner;

    *out = NULL;
    inner = f->inner;

    if (inner == NULL) {
        return NGX_ERROR;
    }

    inner->pool = f->src.pool;

    rc = inner->read(inner, out);

    if (rc == NGX_ERROR) {
        f->src.reason = inner->reason;

        /* the script's value is the inner source's until that is closed */

        f->src.error = JS_DupValue(f->iso->cx, inner->error);
        f->error = JS_DupValue(f->iso->cx, inner->error);

        ngx_workers_filter_close_inner(f);
        ngx_workers_filter_ended(f, NGX_WORKERS_FILTER_SOURCE_FAILED);
    }

    return rc;
}


static ngx_int_t
ngx_workers_filter_fail(ngx_workers_filter_t *f,
    ngx_workers_filter_outcome_e outcome, const char *reason)
{
    f->src.reason = reason;

    ngx_workers_filter_close_inner(f);
    ngx_workers_filter_ended(f, outcome);

    return NGX_ERROR;
}


static void
ngx_workers_filter_turn(ngx_event_t *ev)
{
    ngx_workers_filter_wake(ev->data);
}


/* The inner source has more: so has this one, for whoever waits for it. */

static void
ngx_workers_filter_wake(void *data)
{
    ngx_workers_filter_t  *f = data;

    if (f->src.wake != NULL) {
        f->src.wake(f->src.data);
    }
}


static void
ngx_workers_filter_orphan(void *data)
{
    ngx_workers_filter_t  *f = data;

    f->src.reason = "Network connection lost.";

    ngx_workers_filter_close_inner(f);

    if (f->outcome == NGX_WORKERS_FILTER_OPEN) {
        f->outcome = NGX_WORKERS_FILTER_SOURCE_FAILED;
    }
}


static void
ngx_workers_filter_close(ngx_workers_source_t *src)
{
    ngx_pool_cleanup_t    *cln;
    ngx_workers_filter_t  *f;

    f = (ngx_workers_filter_t *) src;

    if (f->outcome == NGX_WORKERS_FILTER_OPEN) {
        ngx_workers_filter_ended(f, NGX_WORKERS_FILTER_CLOSED);
    }

    ngx_workers_filter_close_inner(f);
    ngx_workers_source_unlink(src);

    f->closed = 1;

    if (f->codec != NULL) {
        f->codec->free(f->codec);
        f->codec = NULL;
    }

    /* nginx may still send what it was lent */

    cln = (f->buf.start != NULL && src->pool != NULL)
          ? ngx_pool_cleanup_add(src->pool, 0) : NULL;

    if (cln != NULL) {
        cln->handler = ngx_workers_filter_free_buf;
        cln->data = f->buf.start;
        f->buf.start = NULL;
    }

    if (f->turn.posted) {
        ngx_delete_posted_event(&f->turn);
    }

    if (!f->event.posted && !f->running) {
        ngx_workers_filter_free(f);
    }
}


static void
ngx_workers_filter_close_inner(ngx_workers_filter_t *f)
{
    ngx_workers_source_t  *inner;

    inner = f->inner;

    if (inner != NULL) {
        f->inner = NULL;
        f->in = NULL;

        inner->pool = f->src.pool;
        inner->close(inner);
    }
}


/*
 * JavaScript may be running now: it is told from an event, which holds the
 * isolate and the invocation's memory.
 */

static void
ngx_workers_filter_ended(ngx_workers_filter_t *f,
    ngx_workers_filter_outcome_e outcome)
{
    ngx_workers_invocation_t  *inv;

    f->outcome = outcome;

    inv = f->src.inv;

    if (inv == NULL || inv->ended || JS_IsUndefined(f->ended)) {
        return;
    }

    f->inv = inv;
    inv->refs++;

    f->iso->pending++;
    ngx_workers_isolate_hold(f->iso);

    ngx_post_event(&f->event, &ngx_posted_events);
}


static void
ngx_workers_filter_event(ngx_event_t *ev)
{
    JSValue                    args[2], ended, ret;
    JSContext                 *cx;
    ngx_workers_filter_t      *f;
    ngx_workers_isolate_t     *iso;
    ngx_workers_invocation_t  *inv;

    f = ev->data;
    iso = f->iso;
    inv = f->inv;
    cx = iso->cx;

    ended = f->ended;
    f->ended = JS_UNDEFINED;

    args[0] = JS_NewInt32(cx, f->outcome);
    args[1] = f->error;
    f->error = JS_UNDEFINED;
    f->running = 1;

    if (!inv->ended) {

        ngx_workers_enter(iso, inv);

        if (JS_IsUndefined(args[1]) && f->src.reason != NULL) {
            (void) JS_ThrowTypeError(cx, "%s", f->src.reason);
            args[1] = JS_GetException(cx);
        }

        ret = JS_Call(cx, ended, JS_UNDEFINED, 2, (JSValueConst *) args);

        if (JS_IsException(ret)) {
            JS_FreeValue(cx, JS_GetException(cx));
        }

        JS_FreeValue(cx, ret);
        JS_FreeValue(cx, ended);
        JS_FreeValue(cx, args[1]);

        ngx_workers_leave(iso);

    } else {
        JS_FreeValue(cx, ended);
        JS_FreeValue(cx, args[1]);
    }

    f->running = 0;

    if (f->closed) {
        ngx_workers_filter_free(f);
    }

    iso->pending--;

    ngx_workers_invocation_release(inv);

    ngx_workers_isolate_idle(iso);
    ngx_workers_isolate_unhold(iso);
}


static void
ngx_workers_filter_free(ngx_workers_filter_t *f)
{
    JSContext  *cx;

    cx = f->iso->cx;

    JS_FreeValue(cx, f->ended);
    JS_FreeValue(cx, f->error);
    JS_FreeValue(cx, f->src.error);

    if (f->buf.start != NULL) {
        ngx_free(f->buf.start);
    }

    ngx_free(f);
}


static void
ngx_workers_filter_free_buf(void *data)
{
    ngx_free(data);
}
