
/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter: the source.  Bytes come in and go out.
 */


#include "ngx_workers_rewriter.h"
#include "ngx_workers_usv.h"
#include "ngx_workers_utf8.h"
#include "../core/ngx_workers_pump.h"


/* What may be read or written before others have their turn. */
#define NGX_WORKERS_REWRITER_TURN  (4 * NGX_WORKERS_REWRITER_PIECE)


static ngx_int_t ngx_workers_rewriter_body(JSContext *cx,
    ngx_workers_rewriter_t *rw, ngx_workers_body_t *body);
static ngx_int_t ngx_workers_rewriter_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static ngx_int_t ngx_workers_rewriter_run(ngx_workers_rewriter_t *rw,
    ngx_uint_t js);
static ngx_int_t ngx_workers_rewriter_drain(ngx_workers_rewriter_t *rw);
static ngx_int_t ngx_workers_rewriter_pour(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_content_t *content, u_char *p, size_t len);
static void ngx_workers_rewriter_unpost(ngx_workers_rewriter_t *rw);
static void ngx_workers_rewriter_event(ngx_event_t *ev);
static void ngx_workers_rewriter_wake(void *data);
static void ngx_workers_rewriter_orphan(void *data);
static void ngx_workers_rewriter_close(ngx_workers_source_t *src);
static void ngx_workers_rewriter_stop(ngx_workers_rewriter_t *rw);
static void ngx_workers_rewriter_free_buf(void *data);


ngx_workers_source_t *
ngx_workers_rewriter(JSContext *cx, JSValueConst object,
    ngx_workers_rewriter_rules_t *rules, ngx_workers_body_t *body,
    const lxb_encoding_data_t *encoding)
{
    ngx_workers_rewriter_t    *rw;
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_current(cx);

    rw = ngx_calloc(sizeof(ngx_workers_rewriter_t)
                    + rules->elements.nelts * sizeof(uint32_t), inv->log);
    if (rw == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    rw->refs = 1;
    rw->iso = inv->iso;
    rw->active = (uint32_t *) (rw + 1);
    rw->encoding = encoding;

    rw->object = JS_DupValue(cx, object);
    rw->rules = rules;
    rules->refs++;

    rw->frame = JS_DupValue(cx, rw->iso->frame);
    rw->value = JS_UNDEFINED;
    rw->on_end = JS_UNDEFINED;
    rw->token = JS_UNDEFINED;
    rw->promise = JS_UNDEFINED;
    rw->src.error = JS_UNDEFINED;

    rw->out.buf = &rw->buf;
    rw->buf.temporary = 1;
    rw->buf.flush = 1;

    rw->event.handler = ngx_workers_rewriter_event;
    rw->event.data = rw;
    rw->event.log = inv->iso->log;

    ngx_workers_html_init(&rw->html);
    rw->html.utf8 = (encoding == NULL);

    rw->elements.selectors = &rules->selectors;

    rw->src.read = ngx_workers_rewriter_read;
    rw->src.close = ngx_workers_rewriter_close;
    rw->src.length = -1;

    if (ngx_workers_elements_init(&rw->elements) != NGX_OK) {
        (void) JS_ThrowOutOfMemory(cx);
        goto failed;
    }

    if (ngx_workers_rewriter_body(cx, rw, body) != NGX_OK) {
        goto failed;
    }

    ngx_workers_source_init(&rw->src, inv);

    return &rw->src;

failed:

    ngx_workers_rewriter_stop(rw);
    ngx_workers_rewriter_release(rw);

    return NULL;
}


/* Where the bytes come from. */

static ngx_int_t
ngx_workers_rewriter_body(JSContext *cx, ngx_workers_rewriter_t *rw,
    ngx_workers_body_t *body)
{
    ngx_workers_usv_t  usv;

    switch (body->type) {

    case NGX_WORKERS_BODY_STRING:

        if (ngx_workers_usv(cx, body->value, &usv) != NGX_OK) {
            return NGX_ERROR;
        }

        rw->value = JS_NewUint8ArrayCopy(cx, usv.str.data, usv.str.len);
        ngx_workers_usv_free(cx, &usv);

        if (JS_IsException(rw->value)) {
            rw->value = JS_UNDEFINED;
            return NGX_ERROR;
        }

        return ngx_workers_get_bytes(cx, rw->value, &rw->bytes);

    case NGX_WORKERS_BODY_BYTES:

        rw->value = body->value;
        body->value = JS_UNDEFINED;

        return ngx_workers_get_bytes(cx, rw->value, &rw->bytes);

    case NGX_WORKERS_BODY_SOURCE:

        rw->inner = body->source;
        body->source = NULL;
        body->type = NGX_WORKERS_BODY_NONE;
        break;

    default: /* NGX_WORKERS_BODY_STREAM */

        rw->inner = ngx_workers_pump(cx, ngx_workers_current(cx),
                                     body->value);
        if (rw->inner == NULL) {
            return NGX_ERROR;
        }
    }

    rw->inner->wake = ngx_workers_rewriter_wake;
    rw->inner->orphan = ngx_workers_rewriter_orphan;
    rw->inner->data = rw;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_rewriter_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    ngx_int_t                rc;
    ngx_workers_rewriter_t  *rw;

    rw = (ngx_workers_rewriter_t *) src;

    *out = NULL;
    rw->waiting = 0;

    if (rw->lent) {
        rw->lent = 0;
        rw->buf.pos = rw->buf.start;
        rw->buf.last = rw->buf.start;
    }

    rc = NGX_AGAIN;

    if (rw->buf.last == rw->buf.pos && !rw->event.posted && !rw->reacting
        && !rw->failed)
    {
        rw->used = 0;
        rc = ngx_workers_rewriter_run(rw, 0);
    }

    if (rw->buf.last != rw->buf.pos) {
        rw->lent = 1;
        rw->out.next = NULL;
        *out = &rw->out;
        return NGX_OK;
    }

    if (rw->failed) {
        return NGX_ERROR;
    }

    if (rc == NGX_DONE) {
        return NGX_DONE;
    }

    rw->waiting = 1;

    if (rc == NGX_BUSY) {
        ngx_workers_rewriter_post(rw, &ngx_posted_events);

    } else if (rc == NGX_OK) {
        ngx_workers_rewriter_post(rw, &ngx_posted_next_events);
    }

    return NGX_AGAIN;
}


/*
 * NGX_OK: there is output enough, or it was enough for a turn; NGX_BUSY: a
 * handler is to be called, and js says that it cannot be, now; NGX_AGAIN:
 * something will wake it.
 */

static ngx_int_t
ngx_workers_rewriter_run(ngx_workers_rewriter_t *rw, ngx_uint_t js)
{
    ngx_int_t  rc;

    for ( ;; ) {

        if (rw->queue.first != NULL) {
            rc = ngx_workers_rewriter_drain(rw);

            if (rc != NGX_OK) {
                return rc;
            }
        }

        if (rw->buf.last - rw->buf.pos >= NGX_WORKERS_REWRITER_PIECE
            || rw->used >= NGX_WORKERS_REWRITER_TURN)
        {
            return NGX_OK;
        }

        if (rw->calling) {

            if (!js) {
                return NGX_BUSY;
            }

            rc = ngx_workers_rewriter_call(rw);

            if (rc != NGX_OK) {
                return rc;
            }

            rw->calling = 0;

            rc = ngx_workers_rewriter_finish(rw);

        } else if (rw->popped != 0) {
            rc = ngx_workers_rewriter_pop(rw);

        } else {
            rc = ngx_workers_rewriter_next(rw);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }
}


/* Writes what waits behind a stream that was inserted. */

static ngx_int_t
ngx_workers_rewriter_drain(ngx_workers_rewriter_t *rw)
{
    ngx_int_t                        rc;
    ngx_buf_t                       *b;
    ngx_chain_t                     *cl;
    ngx_workers_source_t            *source;
    ngx_workers_rewriter_content_t  *content;

    while ((content = rw->queue.first) != NULL) {

        source = content->source;

        if (source == NULL) {

            if (ngx_workers_rewriter_room(rw, content->len) != NGX_OK) {
                return NGX_ERROR;
            }

            rw->buf.last = ngx_cpymem(rw->buf.last, content->data,
                                      content->len);
            goto next;
        }

        for ( ;; ) {

            for (cl = content->in; cl != NULL; cl = cl->next) {
                b = cl->buf;

                rc = ngx_workers_rewriter_pour(rw, content, b->pos,
                                               b->last - b->pos);
                b->pos = b->last;

                if (rc != NGX_OK) {
                    return NGX_ERROR;
                }
            }

            content->in = NULL;

            if (rw->buf.last - rw->buf.pos >= NGX_WORKERS_REWRITER_PIECE
                || rw->used >= NGX_WORKERS_REWRITER_TURN)
            {
                return NGX_OK;
            }

            rc = source->read(source, &content->in);

            if (rc == NGX_DONE) {
                break;
            }

            if (rc == NGX_AGAIN) {
                return NGX_AGAIN;
            }

            if (rc == NGX_ERROR) {
                rw->src.reason = source->reason;
                rw->src.error = JS_DupValue(rw->iso->cx, source->error);
                rw->failed = 1;
                return NGX_ERROR;
            }
        }

    next:

        rw->queue.first = content->next;
        ngx_workers_rewriter_content_free(rw, content);
    }

    rw->queue.last = NULL;

    return NGX_OK;
}


/* Bytes of a stream that was inserted: UTF-8, cut anywhere. */

static ngx_int_t
ngx_workers_rewriter_pour(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_content_t *content, u_char *p, size_t len)
{
    size_t      n;
    ngx_uint_t  cut;

    rw->used += len;

    while (len != 0) {

        if (content->ncut != 0) {
            content->cut[content->ncut++] = *p++;
            len--;

            n = ngx_workers_utf8_valid(content->cut, content->ncut);

            if (n == 0) {
                (void) ngx_workers_utf8_subpart(content->cut, content->ncut,
                                                &cut);
                if (!cut) {
                    return ngx_workers_rewriter_fail(rw,
                                             "Parser error: Invalid UTF-8");
                }

                continue;
            }

            if (ngx_workers_rewriter_room(rw, ngx_workers_rewriter_encoded(n))
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            rw->buf.last = ngx_workers_rewriter_encode(rw, rw->buf.last,
                                                       content->cut, n,
                                                       content->html);
            content->ncut = 0;
            continue;
        }

        n = ngx_workers_utf8_valid(p, len);

        if (ngx_workers_rewriter_room(rw, ngx_workers_rewriter_encoded(n))
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        rw->buf.last = ngx_workers_rewriter_encode(rw, rw->buf.last, p, n,
                                                   content->html);
        p += n;
        len -= n;

        if (len == 0) {
            break;
        }

        n = ngx_workers_utf8_subpart(p, len, &cut);

        if (!cut || n != len) {
            return ngx_workers_rewriter_fail(rw,
                                             "Parser error: Invalid UTF-8");
        }

        ngx_memcpy(content->cut, p, n);
        content->ncut = n;
        break;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_rewriter_fail(ngx_workers_rewriter_t *rw, const char *reason)
{
    rw->src.reason = reason;
    rw->failed = 1;

    return NGX_ERROR;
}


ngx_int_t
ngx_workers_rewriter_emit(ngx_workers_rewriter_t *rw, u_char *p, size_t len)
{
    ngx_workers_rewriter_content_t  *content;

    if (rw->suppressed != 0 || len == 0) {
        return NGX_OK;
    }

    if (rw->queue.first != NULL) {

        /* behind a stream */

        content = js_malloc_rt(rw->iso->rt,
                               sizeof(ngx_workers_rewriter_content_t) + len);
        if (content == NULL) {
            return ngx_workers_rewriter_fail(rw,
                                         NGX_WORKERS_HTML_NO_MEMORY);
        }

        ngx_memzero(content, sizeof(ngx_workers_rewriter_content_t));

        content->len = len;
        ngx_memcpy(content->data, p, len);

        ngx_workers_rewriter_list_append(&rw->queue, content);

        return NGX_OK;
    }

    if (ngx_workers_rewriter_room(rw, len) != NGX_OK) {
        return NGX_ERROR;
    }

    rw->buf.last = ngx_cpymem(rw->buf.last, p, len);

    return NGX_OK;
}


ngx_int_t
ngx_workers_rewriter_emit_list(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_list_t *list)
{
    ngx_int_t                        rc;
    ngx_workers_rewriter_content_t  *content;

    while ((content = list->first) != NULL) {

        list->first = content->next;

        if (rw->suppressed == 0
            && (content->source != NULL || rw->queue.first != NULL))
        {
            ngx_workers_rewriter_list_append(&rw->queue, content);
            continue;
        }

        rc = ngx_workers_rewriter_emit(rw, content->data, content->len);
        ngx_workers_rewriter_content_free(rw, content);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    list->last = NULL;

    return NGX_OK;
}


ngx_int_t
ngx_workers_rewriter_room(ngx_workers_rewriter_t *rw, size_t len)
{
    size_t      size, n;
    u_char     *p;
    ngx_buf_t  *b;

    b = &rw->buf;

    if ((size_t) (b->end - b->last) >= len) {
        return NGX_OK;
    }

    n = b->last - b->pos;

    size = ngx_max(2 * (size_t) (b->end - b->start),
                   NGX_WORKERS_REWRITER_PIECE + 4096);
    size = ngx_max(size, n + len);

    p = ngx_alloc(size, rw->iso->log);
    if (p == NULL) {
        return ngx_workers_rewriter_fail(rw,
                                         NGX_WORKERS_HTML_NO_MEMORY);
    }

    if (b->start != NULL) {
        ngx_memcpy(p, b->pos, n);
        ngx_free(b->start);
    }

    b->start = p;
    b->pos = p;
    b->last = p + n;
    b->end = p + size;

    return NGX_OK;
}


/*
 * An event that will enter JavaScript is under way: it holds the isolate and
 * the invocation's memory.
 */

void
ngx_workers_rewriter_post(ngx_workers_rewriter_t *rw, ngx_queue_t *queue)
{
    if (!rw->event.posted) {
        rw->inv = rw->src.inv;
        rw->inv->refs++;

        rw->refs++;
        rw->iso->pending++;
        ngx_workers_isolate_hold(rw->iso);

        ngx_post_event(&rw->event, queue);
    }
}


static void
ngx_workers_rewriter_unpost(ngx_workers_rewriter_t *rw)
{
    ngx_workers_isolate_t  *iso;

    iso = rw->iso;
    iso->pending--;

    ngx_workers_invocation_release(rw->inv);
    ngx_workers_rewriter_release(rw);

    ngx_workers_isolate_idle(iso);
    ngx_workers_isolate_unhold(iso);
}


static void
ngx_workers_rewriter_event(ngx_event_t *ev)
{
    ngx_int_t                rc;
    ngx_workers_rewriter_t  *rw;

    rw = ev->data;

    if (rw->closed || rw->failed || rw->inv->ended) {
        goto done;
    }

    rw->running = 1;
    rw->used = 0;

    ngx_workers_enter(rw->iso, rw->inv);
    rc = ngx_workers_rewriter_run(rw, 1);
    ngx_workers_leave(rw->iso);

    rw->running = 0;

    if (rw->closed) {
        goto done;
    }

    if (rc == NGX_ERROR) {
        ngx_workers_rewriter_close_inner(rw);
    }

    if (rc == NGX_OK && rw->buf.last == rw->buf.pos && !rw->inv->ended) {

        /* a long turn, with nothing to show */

        ngx_post_event(&rw->event, &ngx_posted_next_events);
        return;
    }

    if (rw->waiting
        && (rc != NGX_AGAIN || rw->buf.last != rw->buf.pos))
    {
        rw->waiting = 0;
        rw->src.wake(rw->src.data);
    }

done:

    ngx_workers_rewriter_unpost(rw);
}


/* There are more bytes. */

static void
ngx_workers_rewriter_wake(void *data)
{
    ngx_workers_rewriter_t  *rw = data;

    if (rw->waiting && !rw->event.posted && !rw->running && !rw->reacting
        && rw->src.wake != NULL)
    {
        rw->waiting = 0;
        rw->src.wake(rw->src.data);
    }
}


static void
ngx_workers_rewriter_orphan(void *data)
{
    ngx_workers_rewriter_t  *rw = data;

    rw->src.reason = "Network connection lost.";
    rw->failed = 1;

    ngx_workers_rewriter_token_end(rw);
    ngx_workers_rewriter_close_inner(rw);
}


void
ngx_workers_rewriter_content_wake(void *data)
{
    ngx_workers_rewriter_content_t  *content = data;

    ngx_workers_rewriter_wake(content->rw);
}


void
ngx_workers_rewriter_content_orphan(void *data)
{
    ngx_workers_source_t            *source;
    ngx_workers_rewriter_content_t  *content = data;

    source = content->source;

    content->source = NULL;
    content->in = NULL;

    content->rw->src.reason = "Network connection lost.";
    content->rw->failed = 1;

    source->close(source);
}


static void
ngx_workers_rewriter_close(ngx_workers_source_t *src)
{
    ngx_pool_cleanup_t      *cln;
    ngx_workers_rewriter_t  *rw;

    rw = (ngx_workers_rewriter_t *) src;

    ngx_workers_source_unlink(src);

    rw->closed = 1;
    rw->waiting = 0;

    /* nginx may still send what it was lent */

    cln = (rw->buf.start != NULL && src->pool != NULL)
          ? ngx_pool_cleanup_add(src->pool, 0) : NULL;

    if (cln != NULL) {
        cln->handler = ngx_workers_rewriter_free_buf;
        cln->data = rw->buf.start;
        ngx_memzero(&rw->buf, sizeof(ngx_buf_t));
    }

    if (rw->event.posted) {
        ngx_delete_posted_event(&rw->event);
        ngx_workers_rewriter_stop(rw);
        ngx_workers_rewriter_unpost(rw);

    } else if (!rw->running) {
        ngx_workers_rewriter_stop(rw);
    }

    ngx_workers_rewriter_release(rw);
}


/* Drops what it holds of JavaScript and of other sources. */

static void
ngx_workers_rewriter_stop(ngx_workers_rewriter_t *rw)
{
    JSContext                       *cx;
    ngx_workers_rewriter_element_t  *element;

    cx = rw->iso->cx;

    ngx_workers_rewriter_close_inner(rw);
    ngx_workers_rewriter_list_clear(rw, &rw->queue);
    ngx_workers_rewriter_token_end(rw);
    ngx_workers_rewriter_unit_free(rw);

    while (rw->elements.n > 1) {
        element = ngx_workers_elements_top(&rw->elements)->data;

        if (element != NULL) {
            ngx_workers_rewriter_element_free(rw, element);
        }

        rw->elements.n--;
    }

    JS_FreeValue(cx, rw->frame);
    JS_FreeValue(cx, rw->promise);
    JS_FreeValue(cx, rw->on_end);
    JS_FreeValue(cx, rw->value);
    JS_FreeValue(cx, rw->src.error);

    rw->frame = JS_UNDEFINED;
    rw->promise = JS_UNDEFINED;
    rw->on_end = JS_UNDEFINED;
    rw->value = JS_UNDEFINED;
    rw->src.error = JS_UNDEFINED;

    if (rw->rules != NULL) {
        ngx_workers_rewriter_rules_release(rw->iso->rt, rw->rules);
        rw->rules = NULL;

        JS_FreeValue(cx, rw->object);
    }
}


void
ngx_workers_rewriter_close_inner(ngx_workers_rewriter_t *rw)
{
    ngx_workers_source_t  *inner;

    inner = rw->inner;

    if (inner != NULL) {
        rw->inner = NULL;
        rw->in = NULL;

        inner->pool = rw->src.pool;
        inner->close(inner);
    }
}


void
ngx_workers_rewriter_release(void *opaque)
{
    ngx_workers_rewriter_t  *rw = opaque;

    if (--rw->refs != 0) {
        return;
    }

    if (rw->rules != NULL) {
        ngx_workers_rewriter_stop(rw);
    }

    ngx_workers_html_free(&rw->html);
    ngx_workers_elements_free(&rw->elements);

    if (rw->buf.start != NULL) {
        ngx_free(rw->buf.start);
    }

    ngx_free(rw);
}


static void
ngx_workers_rewriter_free_buf(void *data)
{
    ngx_free(data);
}
