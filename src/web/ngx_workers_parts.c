
/*
 * Copyright (C) the nginx-workers authors
 *
 * A native source of bytes that JavaScript holds.  They are lent one buffer
 * at a time, so that sending what is large takes no second copy of it.
 */


#include "ngx_workers_parts.h"


#define NGX_WORKERS_PARTS_BUFFER  65536


typedef struct {
    ngx_workers_source_t      src;
    JSContext                *cx;
    JSValue                  *pieces;       /* those not read so far */
    ngx_uint_t                npieces;
    ngx_uint_t                n;            /* the one to be read now */
    size_t                    pos;          /* in it */
    ngx_chain_t               chain;
    ngx_buf_t                 buf;
    unsigned                  lent:1;       /* to the sink */
} ngx_workers_parts_t;


static ngx_int_t ngx_workers_parts_hold(JSContext *cx,
    ngx_workers_parts_t *parts, JSValueConst pieces, ngx_log_t *log);
static ngx_int_t ngx_workers_parts_read(ngx_workers_source_t *src,
    ngx_chain_t **out);
static void ngx_workers_parts_close(ngx_workers_source_t *src);
static void ngx_workers_parts_free(void *data);


ngx_workers_source_t *
ngx_workers_parts(JSContext *cx, ngx_workers_invocation_t *inv,
    JSValueConst pieces, off_t length)
{
    size_t                size;
    ngx_buf_t            *b;
    ngx_workers_parts_t  *parts;

    parts = ngx_calloc(sizeof(ngx_workers_parts_t), inv->log);
    if (parts == NULL) {
        return NULL;
    }

    parts->cx = cx;

    parts->src.read = ngx_workers_parts_read;
    parts->src.close = ngx_workers_parts_close;
    parts->src.length = length;

    b = &parts->buf;
    size = ngx_min((size_t) length + 1, NGX_WORKERS_PARTS_BUFFER);

    b->start = ngx_alloc(size, inv->log);

    if (b->start == NULL
        || ngx_workers_parts_hold(cx, parts, pieces, inv->log) != NGX_OK)
    {
        ngx_workers_parts_free(parts);
        return NULL;
    }

    b->end = b->start + size;
    b->temporary = 1;
    b->flush = 1;                           /* nginx keeps nothing back */

    parts->chain.buf = b;

    ngx_workers_source_init(&parts->src, inv);

    return &parts->src;
}


static ngx_int_t
ngx_workers_parts_hold(JSContext *cx, ngx_workers_parts_t *parts,
    JSValueConst pieces, ngx_log_t *log)
{
    int64_t   i, n;
    JSValue  *p;

    if (!JS_IsArray(pieces)) {
        n = 1;

    } else if (JS_GetLength(cx, pieces, &n) < 0) {
        JS_FreeValue(cx, JS_GetException(cx));
        return NGX_ERROR;
    }

    p = ngx_alloc(n * sizeof(JSValue), log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        p[i] = JS_IsArray(pieces) ? JS_GetPropertyInt64(cx, pieces, i)
                                  : JS_DupValue(cx, pieces);
    }

    parts->pieces = p;
    parts->npieces = n;

    return NGX_OK;
}


/* The buffer is free again: what was lent has been used up. */

static ngx_int_t
ngx_workers_parts_read(ngx_workers_source_t *src, ngx_chain_t **out)
{
    size_t                len;
    ngx_str_t             bytes;
    ngx_buf_t            *b;
    ngx_workers_parts_t  *parts = (ngx_workers_parts_t *) src;

    b = &parts->buf;
    b->pos = b->start;
    b->last = b->start;

    while (b->last < b->end && parts->n < parts->npieces) {

        if (ngx_workers_get_bytes(parts->cx, parts->pieces[parts->n], &bytes)
            != NGX_OK)
        {
            if (JS_HasException(parts->cx)) {
                JS_FreeValue(parts->cx, JS_GetException(parts->cx));
            }

            src->reason = "The body's bytes are gone.";
            return NGX_ERROR;
        }

        len = ngx_min(bytes.len - parts->pos, (size_t) (b->end - b->last));

        b->last = ngx_cpymem(b->last, bytes.data + parts->pos, len);
        parts->pos += len;

        if (parts->pos == bytes.len) {
            JS_FreeValue(parts->cx, parts->pieces[parts->n++]);
            parts->pos = 0;
        }
    }

    if (b->last == b->pos) {
        return NGX_DONE;
    }

    parts->lent = 1;
    *out = &parts->chain;

    return NGX_OK;
}


static void
ngx_workers_parts_close(ngx_workers_source_t *src)
{
    ngx_pool_cleanup_t   *cln;
    ngx_workers_parts_t  *parts = (ngx_workers_parts_t *) src;

    ngx_workers_source_unlink(src);

    while (parts->n < parts->npieces) {
        JS_FreeValue(parts->cx, parts->pieces[parts->n++]);
    }

    if (parts->lent && src->pool != NULL) {
        cln = ngx_pool_cleanup_add(src->pool, 0);

        if (cln != NULL) {
            cln->handler = ngx_workers_parts_free;
            cln->data = parts;
        }

        /* without memory for this it is rather lost than used once freed */

        return;
    }

    ngx_workers_parts_free(parts);
}


static void
ngx_workers_parts_free(void *data)
{
    ngx_workers_parts_t  *parts = data;

    ngx_free(parts->pieces);
    ngx_free(parts->buf.start);
    ngx_free(parts);
}
