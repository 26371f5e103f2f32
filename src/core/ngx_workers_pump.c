
/*
 * Copyright (C) the nginx-workers authors
 *
 * A ReadableStream as a native source: src/js/streams.js hands over chunk
 * after chunk, each asked for when the consumer has room.  JavaScript is
 * entered from a posted event only, never from within the consumer's read().
 */


#include "ngx_workers_pump.h"


#define NGX_WORKERS_PUMP_BATCH  65536      /* bytes gathered for one read */


typedef struct ngx_workers_chunk_s  ngx_workers_chunk_t;

struct ngx_workers_chunk_s {
    ngx_workers_chunk_t  *next;
    ngx_chain_t           chain;
    ngx_buf_t             buf;
};


typedef struct {
    ngx_workers_source_t        src;
    ngx_workers_isolate_t      *iso;
    ngx_workers_invocation_t   *inv;        /* of the posted event */
    JSValue                     pump;       /* {pull, cancel} */
    ngx_event_t                 event;

    ngx_workers_chunk_t        *chunks;     /* not read so far */
    ngx_workers_chunk_t       **last;
    size_t                      size;
    ngx_workers_chunk_t        *lent;       /* the consumer has them */

    ngx_uint_t                  refs;

    unsigned                    pulling:1;  /* a chunk is on its way */
    unsigned                    waiting:1;  /* the consumer wants wake() */
    unsigned                    running:1;  /* in its event */
    unsigned                    done:1;
    unsigned                    failed:1;
    unsigned                    closed:1;
} ngx_workers_pump_t;


static ngx_int_t ngx_workers_pump_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static void ngx_workers_pump_close(ngx_workers_source_t *src);
static void ngx_workers_pump_post(ngx_workers_pump_t *pump,
    ngx_workers_invocation_t *inv);
static void ngx_workers_pump_unpost(ngx_workers_pump_t *pump);
static void ngx_workers_pump_event(ngx_event_t *ev);
static void ngx_workers_pump_wake(ngx_workers_pump_t *pump);
static void ngx_workers_pump_call(ngx_workers_pump_t *pump, const char *name);
static JSValue ngx_workers_pump_chunk(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, void *opaque);
static JSValue ngx_workers_pump_end(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, void *opaque);
static void ngx_workers_pump_again(ngx_workers_pump_t *pump);
static void ngx_workers_pump_stop(ngx_workers_pump_t *pump);
static void ngx_workers_pump_release(void *opaque);
static void ngx_workers_pump_keep(ngx_workers_pump_t *pump);
static void ngx_workers_pump_free_chunks(void *data);


ngx_workers_source_t *
ngx_workers_pump(JSContext *cx, ngx_workers_invocation_t *inv,
    JSValueConst stream)
{
    ngx_uint_t           i;
    JSValue              args[4], length;
    ngx_workers_pump_t  *pump;

    pump = ngx_calloc(sizeof(ngx_workers_pump_t), inv->log);
    if (pump == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    pump->refs = 1;
    pump->iso = inv->iso;
    pump->last = &pump->chunks;

    pump->src.read = ngx_workers_pump_read;
    pump->src.close = ngx_workers_pump_close;
    pump->src.length = -1;

    pump->event.handler = ngx_workers_pump_event;
    pump->event.data = pump;
    pump->event.log = inv->iso->log;

    length = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                      "lengthOf", 1, &stream);
    if (JS_IsNumber(length)) {
        (void) JS_ToInt64(cx, (int64_t *) &pump->src.length, length);
    }

    JS_FreeValue(cx, length);

    args[0] = JS_DupValue(cx, stream);

    for (i = 1; i < 4; i++) {
        args[i] = JS_NewCClosure(cx, i == 1 ? ngx_workers_pump_chunk
                                            : ngx_workers_pump_end,
                                 "", ngx_workers_pump_release, 1, i == 3,
                                 pump);
        if (JS_IsException(args[i])) {
            args[i] = JS_UNDEFINED;
            break;
        }

        pump->refs++;
    }

    pump->pump = (i < 4) ? JS_EXCEPTION
                 : ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                            "startPump", 4,
                                            (JSValueConst *) args);
    while (i-- > 0) {
        JS_FreeValue(cx, args[i]);
    }

    if (JS_IsException(pump->pump)) {
        pump->pump = JS_UNDEFINED;
        ngx_workers_pump_release(pump);
        return NULL;
    }

    ngx_workers_source_init(&pump->src, inv);

    return &pump->src;
}


static ngx_int_t
ngx_workers_pump_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    ngx_workers_pump_t   *pump;
    ngx_workers_chunk_t  *chunk;

    pump = (ngx_workers_pump_t *) src;

    ngx_workers_pump_free_chunks(pump->lent);
    pump->lent = NULL;
    pump->waiting = 0;

    if (pump->chunks != NULL) {

        for (chunk = pump->chunks; chunk != NULL; chunk = chunk->next) {
            chunk->chain.next = (chunk->next != NULL) ? &chunk->next->chain
                                                      : NULL;
        }

        *out = &pump->chunks->chain;

        pump->lent = pump->chunks;
        pump->chunks = NULL;
        pump->last = &pump->chunks;
        pump->size = 0;

        return NGX_OK;
    }

    if (pump->failed) {
        return NGX_ERROR;
    }

    if (pump->done) {
        return NGX_DONE;
    }

    pump->waiting = 1;

    if (!pump->pulling) {
        ngx_workers_pump_post(pump, src->inv);
    }

    return NGX_AGAIN;
}


static void
ngx_workers_pump_close(ngx_workers_source_t *src)
{
    ngx_workers_pump_t        *pump;
    ngx_workers_invocation_t  *inv;

    pump = (ngx_workers_pump_t *) src;
    inv = src->inv;

    ngx_workers_source_unlink(src);

    ngx_workers_pump_keep(pump);

    pump->closed = 1;
    pump->waiting = 0;

    if (inv != NULL && !inv->ended && !pump->done && !pump->failed) {

        /* the stream is told from the event */

        ngx_workers_pump_post(pump, inv);
        return;
    }

    if (pump->event.posted) {
        ngx_delete_posted_event(&pump->event);
        ngx_workers_pump_unpost(pump);
    }

    ngx_workers_pump_stop(pump);
}


/*
 * An event that will enter JavaScript is under way: it holds the isolate and
 * the invocation's memory.
 */

static void
ngx_workers_pump_post(ngx_workers_pump_t *pump, ngx_workers_invocation_t *inv)
{
    if (!pump->event.posted) {
        pump->inv = inv;
        inv->refs++;

        pump->refs++;
        pump->iso->pending++;
        ngx_workers_isolate_hold(pump->iso);

        ngx_post_event(&pump->event, &ngx_posted_events);
    }
}


static void
ngx_workers_pump_unpost(ngx_workers_pump_t *pump)
{
    ngx_workers_isolate_t  *iso;

    iso = pump->iso;
    iso->pending--;

    ngx_workers_invocation_release(pump->inv);
    ngx_workers_pump_release(pump);

    ngx_workers_isolate_idle(iso);
    ngx_workers_isolate_unhold(iso);
}


static void
ngx_workers_pump_event(ngx_event_t *ev)
{
    ngx_workers_pump_t  *pump;

    pump = ev->data;

    pump->refs++;
    pump->running = 1;

    if (pump->closed) {

        if (!JS_IsUndefined(pump->pump)) {
            ngx_workers_pump_call(pump, "cancel");
        }

        ngx_workers_pump_stop(pump);

    } else {

        /* chunks that come at once are gathered */

        while (pump->waiting && !pump->pulling && !pump->closed
               && !pump->done && !pump->failed
               && pump->size < NGX_WORKERS_PUMP_BATCH)
        {
            pump->pulling = 1;
            ngx_workers_pump_call(pump, "pull");
        }

        pump->running = 0;
        ngx_workers_pump_wake(pump);
    }

    pump->running = 0;

    ngx_workers_pump_release(pump);
    ngx_workers_pump_unpost(pump);
}


static void
ngx_workers_pump_wake(ngx_workers_pump_t *pump)
{
    if (pump->waiting && !pump->closed
        && (pump->chunks != NULL || pump->done || pump->failed))
    {
        pump->waiting = 0;
        pump->src.wake(pump->src.data);
    }
}


/* Calls pump.pull() or pump.cancel(): one entry into JavaScript. */

static void
ngx_workers_pump_call(ngx_workers_pump_t *pump, const char *name)
{
    JSValue                 func, ret;
    JSContext              *cx;
    ngx_workers_isolate_t  *iso;

    iso = pump->iso;
    cx = iso->cx;

    ngx_workers_enter(iso, pump->inv);

    func = JS_GetPropertyStr(cx, pump->pump, name);
    ret = JS_Call(cx, func, pump->pump, 0, NULL);
    JS_FreeValue(cx, func);

    if (JS_IsException(ret)) {
        pump->failed = 1;
        pump->src.reason = "The stream failed.";

        if (iso->exceeded_cpu || iso->exceeded_memory) {
            JS_FreeValue(cx, JS_GetException(cx));

        } else {
            ngx_workers_log_exception(cx, pump->inv, NGX_LOG_ERR,
                                      "exception in a stream");
        }
    }

    JS_FreeValue(cx, ret);

    ngx_workers_leave(iso);
}


/* onChunk(bytes): copied, for the script keeps the buffer. */

static JSValue
ngx_workers_pump_chunk(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, void *opaque)
{
    ngx_str_t             bytes;
    ngx_workers_pump_t   *pump;
    ngx_workers_chunk_t  *chunk;

    pump = opaque;
    pump->pulling = 0;

    if (pump->closed) {
        return JS_UNDEFINED;
    }

    if (ngx_workers_get_bytes(cx, argv[0], &bytes) != NGX_OK) {
        pump->failed = 1;
        pump->src.reason = "This ReadableStream did not return bytes.";
        ngx_workers_pump_again(pump);
        return JS_UNDEFINED;
    }

    chunk = ngx_alloc(sizeof(ngx_workers_chunk_t) + bytes.len, pump->event.log);
    if (chunk == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    ngx_memzero(chunk, sizeof(ngx_workers_chunk_t));

    chunk->chain.buf = &chunk->buf;
    chunk->buf.temporary = 1;
    chunk->buf.flush = 1;
    chunk->buf.start = (u_char *) (chunk + 1);
    chunk->buf.pos = chunk->buf.start;
    chunk->buf.last = ngx_cpymem(chunk->buf.pos, bytes.data, bytes.len);
    chunk->buf.end = chunk->buf.last;

    *pump->last = chunk;
    pump->last = &chunk->next;
    pump->size += bytes.len;

    ngx_workers_pump_again(pump);

    return JS_UNDEFINED;
}


/* onClose() and onError(e). */

static JSValue
ngx_workers_pump_end(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, void *opaque)
{
    ngx_workers_pump_t  *pump;

    pump = opaque;
    pump->pulling = 0;

    if (pump->closed) {
        return JS_UNDEFINED;
    }

    if (magic) {
        pump->failed = 1;
        pump->src.reason = "The stream was errored.";

        if (argc > 0) {
            pump->src.error = JS_DupValue(cx, argv[0]);
        }

    } else {
        pump->done = 1;
    }

    ngx_workers_pump_again(pump);

    return JS_UNDEFINED;
}


/* The consumer that waits is told from the event: JavaScript runs now. */

static void
ngx_workers_pump_again(ngx_workers_pump_t *pump)
{
    if (pump->waiting && !pump->running && pump->src.inv != NULL) {
        ngx_workers_pump_post(pump, pump->src.inv);
    }
}


/* Drops what the pump holds of JavaScript; the last reference frees it. */

static void
ngx_workers_pump_stop(ngx_workers_pump_t *pump)
{
    JSValue  value, error;

    value = pump->pump;
    error = pump->src.error;

    pump->pump = JS_UNDEFINED;
    pump->src.error = JS_UNDEFINED;

    JS_FreeValue(pump->iso->cx, value);
    JS_FreeValue(pump->iso->cx, error);

    ngx_workers_pump_release(pump);
}


static void
ngx_workers_pump_release(void *opaque)
{
    ngx_workers_pump_t  *pump = opaque;

    if (--pump->refs == 0) {
        ngx_workers_pump_free_chunks(pump->lent);
        ngx_workers_pump_free_chunks(pump->chunks);
        ngx_free(pump);
    }
}


/* nginx may still send what it was lent: a frame of HTTP/2 that has begun. */

static void
ngx_workers_pump_keep(ngx_workers_pump_t *pump)
{
    ngx_pool_cleanup_t  *cln;

    if (pump->lent == NULL || pump->src.pool == NULL) {
        return;
    }

    cln = ngx_pool_cleanup_add(pump->src.pool, 0);

    if (cln != NULL) {
        cln->handler = ngx_workers_pump_free_chunks;
        cln->data = pump->lent;
    }

    pump->lent = NULL;
}


static void
ngx_workers_pump_free_chunks(void *data)
{
    ngx_workers_chunk_t  *chunk, *next;

    for (chunk = data; chunk != NULL; chunk = next) {
        next = chunk->next;
        ngx_free(chunk);
    }
}
