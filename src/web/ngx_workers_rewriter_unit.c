
/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter: tokens become units, which handlers see, and open elements.
 */


#include "ngx_workers_rewriter.h"


static ngx_int_t ngx_workers_rewriter_input(ngx_workers_rewriter_t *rw);
static ngx_int_t ngx_workers_rewriter_take_token(ngx_workers_rewriter_t *rw);
static ngx_int_t ngx_workers_rewriter_start_tag(ngx_workers_rewriter_t *rw);
static ngx_int_t ngx_workers_rewriter_open(ngx_workers_rewriter_t *rw);
static void ngx_workers_rewriter_activate(ngx_workers_rewriter_t *rw,
    uint64_t *handlers, ngx_int_t by);
static ngx_int_t ngx_workers_rewriter_pass(ngx_workers_rewriter_t *rw);
static void ngx_workers_rewriter_unit(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_unit_e unit);
static ngx_int_t ngx_workers_rewriter_hold_back(ngx_workers_rewriter_t *rw);
static ngx_uint_t ngx_workers_rewriter_document_has(
    ngx_workers_rewriter_t *rw, size_t offset);


#define ngx_workers_rewriter_has(h, offset)                                   \
    (!JS_IsUndefined(*(JSValue *) ((u_char *) (h) + (offset))))


/* One more token, or what comes of its end. */

ngx_int_t
ngx_workers_rewriter_next(ngx_workers_rewriter_t *rw)
{
    ngx_int_t                  rc;
    ngx_workers_html_token_t  *token;

    if (rw->done) {
        return NGX_DONE;
    }

    if (rw->token_waits) {
        rw->token_waits = 0;
        return ngx_workers_rewriter_take_token(rw);
    }

    rc = rw->end_seen ? NGX_DONE : ngx_workers_html_next(&rw->html);

    switch (rc) {

    case NGX_OK:
        break;

    case NGX_AGAIN:
        return ngx_workers_rewriter_input(rw);

    case NGX_DONE:

        if (rw->text_open) {
            rw->text_open = 0;
            rw->end_seen = 1;
            ngx_workers_rewriter_unit(rw, NGX_WORKERS_REWRITER_LAST_TEXT);
            return NGX_OK;
        }

        ngx_workers_rewriter_close_inner(rw);

        rw->end_seen = 1;
        rw->done = 1;
        rw->suppressed = 0;

        if (ngx_workers_rewriter_document_has(rw,
                              offsetof(ngx_workers_rewriter_handlers_t, end)))
        {
            ngx_workers_rewriter_unit(rw, NGX_WORKERS_REWRITER_DOCUMENT_END);
        }

        return NGX_OK;

    default:
        return ngx_workers_rewriter_fail(rw, rw->html.reason);
    }

    token = &rw->html.token;

    rw->used += token->end - token->start;

    if (token->type == NGX_WORKERS_HTML_TEXT) {

        if (rw->ntext == 0
            && !ngx_workers_rewriter_document_has(rw,
                             offsetof(ngx_workers_rewriter_handlers_t, text)))
        {
            return ngx_workers_rewriter_pass(rw);
        }

        if (rw->encoding != NULL
            && ngx_workers_rewriter_hold_back(rw) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (token->end == token->start) {
            return ngx_workers_rewriter_input(rw);
        }

        rw->text_open = 1;
        ngx_workers_rewriter_unit(rw, NGX_WORKERS_REWRITER_TEXT);

        return NGX_OK;
    }

    if (rw->text_open && token->type != NGX_WORKERS_HTML_RAW) {
        rw->text_open = 0;
        rw->token_waits = 1;
        ngx_workers_rewriter_unit(rw, NGX_WORKERS_REWRITER_LAST_TEXT);

        return NGX_OK;
    }

    return ngx_workers_rewriter_take_token(rw);
}


/* Gives the tokenizer more bytes. */

static ngx_int_t
ngx_workers_rewriter_input(ngx_workers_rewriter_t *rw)
{
    size_t                 n;
    ngx_int_t              rc;
    ngx_buf_t             *b;
    ngx_workers_source_t  *inner;

    if (rw->bytes.len != 0) {
        n = ngx_min(rw->bytes.len, NGX_WORKERS_REWRITER_PIECE);

        if (ngx_workers_html_feed(&rw->html, rw->bytes.data, n) != NGX_OK) {
            return ngx_workers_rewriter_fail(rw, rw->html.reason);
        }

        rw->bytes.data += n;
        rw->bytes.len -= n;

        return NGX_OK;
    }

    inner = rw->inner;

    if (inner == NULL) {
        rw->html.eof = 1;
        return NGX_OK;
    }

    while (rw->in != NULL && ngx_buf_size(rw->in->buf) == 0) {
        rw->in = rw->in->next;
    }

    if (rw->in == NULL) {

        /* a token's beginning must not stay in what the source lent */

        if (ngx_workers_html_feed(&rw->html, NULL, 0) != NGX_OK) {
            return ngx_workers_rewriter_fail(rw, rw->html.reason);
        }

        rc = inner->read(inner, &rw->in);

        if (rc == NGX_DONE) {
            rw->in = NULL;
            rw->html.eof = 1;
            return NGX_OK;
        }

        if (rc == NGX_ERROR) {
            rw->in = NULL;
            rw->src.reason = inner->reason;
            rw->src.error = JS_DupValue(rw->iso->cx, inner->error);
            rw->failed = 1;
        }

        return rc;
    }

    b = rw->in->buf;
    n = ngx_min(b->last - b->pos, NGX_WORKERS_REWRITER_PIECE);

    if (ngx_workers_html_feed(&rw->html, b->pos, n) != NGX_OK) {
        return ngx_workers_rewriter_fail(rw, rw->html.reason);
    }

    b->pos += n;

    return NGX_OK;
}


/* A token that is no text. */

static ngx_int_t
ngx_workers_rewriter_take_token(ngx_workers_rewriter_t *rw)
{
    ngx_workers_html_token_t  *token;

    token = &rw->html.token;

    switch (token->type) {

    case NGX_WORKERS_HTML_START:
        return ngx_workers_rewriter_start_tag(rw);

    case NGX_WORKERS_HTML_END:

        rw->popped = (rw->rules->elements.nelts != 0)
                     ? ngx_workers_elements_find(&rw->elements, &token->inner)
                     : 0;

        if (rw->popped == 0) {
            return ngx_workers_rewriter_pass(rw);
        }

        rw->unit = NGX_WORKERS_REWRITER_END_TAG;

        return NGX_OK;

    case NGX_WORKERS_HTML_COMMENT:

        if (rw->ncomments != 0
            || ngx_workers_rewriter_document_has(rw,
                         offsetof(ngx_workers_rewriter_handlers_t, comments)))
        {
            ngx_workers_rewriter_unit(rw, NGX_WORKERS_REWRITER_COMMENT);
            return NGX_OK;
        }

        break;

    case NGX_WORKERS_HTML_DOCTYPE:

        if (ngx_workers_rewriter_document_has(rw,
                          offsetof(ngx_workers_rewriter_handlers_t, doctype)))
        {
            ngx_workers_rewriter_unit(rw, NGX_WORKERS_REWRITER_DOCTYPE);
            return NGX_OK;
        }

        break;

    default:
        break;
    }

    return ngx_workers_rewriter_pass(rw);
}


static ngx_int_t
ngx_workers_rewriter_start_tag(ngx_workers_rewriter_t *rw)
{
    ngx_uint_t                        i;
    ngx_workers_rewriter_handlers_t  *h;

    if (rw->rules->elements.nelts == 0) {
        return ngx_workers_rewriter_pass(rw);
    }

    if (ngx_workers_elements_match(&rw->elements, &rw->html.token,
                                   &rw->matched)
        != NGX_OK)
    {
        return ngx_workers_rewriter_fail(rw, NGX_WORKERS_HTML_TOO_LARGE);
    }

    h = ngx_workers_rewriter_element_handlers(rw);

    for (i = 0; i < rw->rules->elements.nelts; i++) {

        if ((rw->matched[i / 64] >> (i % 64) & 1)
            && !JS_IsUndefined(h[i].element))
        {
            ngx_workers_rewriter_unit(rw, NGX_WORKERS_REWRITER_ELEMENT);
            return NGX_OK;
        }
    }

    if (ngx_workers_rewriter_pass(rw) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_workers_rewriter_open(rw);
}


/* Its start tag is written: the element is open, unless it is void. */

static ngx_int_t
ngx_workers_rewriter_open(ngx_workers_rewriter_t *rw)
{
    if (rw->html.token.is_void) {
        return NGX_OK;
    }

    if (ngx_workers_elements_push(&rw->elements, &rw->html.token, rw->element)
        != NGX_OK)
    {
        return ngx_workers_rewriter_fail(rw, NGX_WORKERS_HTML_TOO_LARGE);
    }

    rw->element = NULL;

    ngx_workers_rewriter_activate(rw, rw->matched, 1);

    if (rw->drop_inner && rw->suppressed == 0) {
        rw->suppressed = rw->elements.n - 1;
    }

    return NGX_OK;
}


/* The end of an element, and of all that are open in it. */

ngx_int_t
ngx_workers_rewriter_pop(ngx_workers_rewriter_t *rw)
{
    u_char                          *name;
    ngx_uint_t                       i;
    ngx_workers_rewriter_element_t  *element;

    while (rw->elements.n > rw->popped) {

        i = rw->elements.n - 1;
        element = rw->elements.stack[i].data;

        ngx_workers_rewriter_activate(rw,
                            ngx_workers_elements_handlers(&rw->elements, i),
                            -1);
        ngx_workers_elements_pop(&rw->elements);

        if (rw->suppressed != 0 && rw->elements.n <= rw->suppressed) {
            rw->suppressed = 0;
        }

        if (element == NULL) {
            continue;
        }

        /* of several that end here, the outermost decides */

        if (element->name.data != NULL) {
            name = rw->name.data;
            rw->name = element->name;
            element->name.data = name;
        }

        if (element->mutated) {
            ngx_workers_rewriter_list_clear(rw, &rw->mutations.before);
            ngx_workers_rewriter_list_clear(rw, &rw->mutations.after);

            rw->mutations = element->end;
            ngx_memzero(&element->end,
                        sizeof(ngx_workers_rewriter_mutations_t));
        }

        rw->on_end = element->on_end;
        element->on_end = JS_UNDEFINED;

        ngx_workers_rewriter_element_free(rw, element);

        if (!JS_IsUndefined(rw->on_end)) {
            ngx_workers_rewriter_unit(rw, NGX_WORKERS_REWRITER_END_TAG);
            return NGX_OK;
        }
    }

    rw->popped = 0;

    if (ngx_workers_rewriter_serialize(rw) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_workers_rewriter_unit_free(rw);

    return NGX_OK;
}


/* Handlers of text and comments of an element that opens, or closes. */

static void
ngx_workers_rewriter_activate(ngx_workers_rewriter_t *rw, uint64_t *handlers,
    ngx_int_t by)
{
    uint64_t                          bits;
    ngx_uint_t                        i, n;
    ngx_workers_rewriter_handlers_t  *h;

    n = rw->rules->elements.nelts;

    for (i = 0; i < n; i += 64) {

        for (bits = handlers[i / 64]; bits != 0; bits &= bits - 1) {
            h = ngx_workers_rewriter_element_handlers(rw) + i
                + __builtin_ctzll(bits);

            rw->active[h - ngx_workers_rewriter_element_handlers(rw)] += by;

            if (!JS_IsUndefined(h->text)) {
                rw->ntext += by;
            }

            if (!JS_IsUndefined(h->comments)) {
                rw->ncomments += by;
            }
        }
    }
}


/* The unit's handlers were called. */

ngx_int_t
ngx_workers_rewriter_finish(ngx_workers_rewriter_t *rw)
{
    if (rw->unit == NGX_WORKERS_REWRITER_END_TAG) {

        /* others may end with it */

        return NGX_OK;
    }

    if (ngx_workers_rewriter_serialize(rw) != NGX_OK) {
        return NGX_ERROR;
    }

    if (rw->unit == NGX_WORKERS_REWRITER_ELEMENT
        && ngx_workers_rewriter_open(rw) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_workers_rewriter_unit_free(rw);

    return NGX_OK;
}


/* The token goes out as it came. */

static ngx_int_t
ngx_workers_rewriter_pass(ngx_workers_rewriter_t *rw)
{
    return ngx_workers_rewriter_emit(rw, rw->html.token.start,
                                     rw->html.token.end
                                     - rw->html.token.start);
}


static void
ngx_workers_rewriter_unit(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_unit_e unit)
{
    rw->unit = unit;
    rw->next = 0;
    rw->calling = 1;
}


/*
 * The last character of a piece of text may be cut: its bytes are left for
 * the next one.
 */

static ngx_int_t
ngx_workers_rewriter_hold_back(ngx_workers_rewriter_t *rw)
{
    u_char                    *text, *end;
    ngx_workers_html_t        *html;
    ngx_workers_decoder_t      decoder;
    ngx_workers_html_token_t  *token;

    html = &rw->html;
    token = &html->token;

    if (html->start != html->last || html->eof) {
        return NGX_OK;
    }

    text = ngx_alloc(ngx_workers_decoder_size(token->end - token->start),
                     rw->iso->log);
    if (text == NULL) {
        return ngx_workers_rewriter_fail(rw,
                                         NGX_WORKERS_HTML_NO_MEMORY);
    }

    ngx_memzero(&decoder, sizeof(ngx_workers_decoder_t));
    decoder.encoding = rw->encoding;

    (void) ngx_workers_decode(&decoder, token->start,
                              token->end - token->start, 0, text, &end);
    ngx_free(text);

    token->end -= decoder.nbytes;
    html->start -= decoder.nbytes;

    return NGX_OK;
}


static ngx_uint_t
ngx_workers_rewriter_document_has(ngx_workers_rewriter_t *rw, size_t offset)
{
    ngx_uint_t                        i;
    ngx_workers_rewriter_handlers_t  *h;

    h = ngx_workers_rewriter_document_handlers(rw);

    for (i = 0; i < rw->rules->documents.nelts; i++) {
        if (ngx_workers_rewriter_has(&h[i], offset)) {
            return 1;
        }
    }

    return 0;
}
