
/*
 * Copyright (C) the nginx-workers authors
 *
 * What HTMLRewriter is made of, without JavaScript: the tokenizer, selectors,
 * and the elements that are open.  An input is a byte that says into what
 * pieces the document is cut, a selector, a null byte, and the document.
 * Tokens are the document, byte by byte and in order, and a document in pieces
 * has the same tokens, and the same elements found, as in one.
 */


#include "fuzz.h"

#include "ngx_workers_selector.h"


typedef struct {
    u_char      *bytes;                    /* of the tokens */
    size_t       len;
    u_char      *seen;                     /* what they are */
    size_t       nseen;
    size_t       size;
    ngx_int_t    rc;
} fuzz_document_t;


static void
fuzz_see(fuzz_document_t *d, const void *p, size_t len)
{
    if (d->nseen + len > d->size) {
        d->size = 2 * d->size + len + 256;
        d->seen = realloc(d->seen, d->size);
    }

    if (len != 0) {
        memcpy(d->seen + d->nseen, p, len);
        d->nseen += len;
    }
}


static void
fuzz_token(fuzz_document_t *d, ngx_workers_elements_t *elements,
    ngx_workers_html_token_t *t)
{
    u_char                    type;
    uint32_t                  last;
    uint64_t                 *found;
    ngx_uint_t                i, n;
    ngx_workers_html_attr_t  *a;

    fuzz_assert(t->start < t->end);

    memcpy(d->bytes + d->len, t->start, t->end - t->start);
    d->len += t->end - t->start;

    /* text may come in any pieces */

    type = t->type;

    if (t->type == NGX_WORKERS_HTML_TEXT) {

        if (d->nseen == 0 || d->seen[d->nseen - 1] != type) {
            fuzz_see(d, &type, 1);
        }

        return;
    }

    if (t->type != NGX_WORKERS_HTML_RAW && t->inner.data != NULL) {
        fuzz_assert(t->inner.data >= t->start
                    && t->inner.data + t->inner.len <= t->end);
        fuzz_see(d, t->inner.data, t->inner.len);
    }

    switch (t->type) {

    case NGX_WORKERS_HTML_START:

        last = 0;

        for (i = 0; i < t->nattrs; i++) {
            a = &t->attrs[i];

            fuzz_assert(a->name >= last && a->name < a->name_end
                        && a->name_end <= a->value_end
                        && a->value <= a->value_end && a->value_end <= a->end
                        && a->end <= (size_t) (t->end - t->start));
            last = a->end;
        }

        fuzz_see(d, &t->nattrs, sizeof(t->nattrs));
        fuzz_see(d, &t->ns, sizeof(t->ns));

        if (ngx_workers_elements_match(elements, t, &found) != NGX_OK) {
            return;
        }

        fuzz_see(d, found, sizeof(uint64_t));

        if (!t->is_void) {
            (void) ngx_workers_elements_push(elements, t, NULL);
        }

        break;

    case NGX_WORKERS_HTML_END:

        n = ngx_workers_elements_find(elements, &t->inner);

        while (n != 0 && elements->n > n) {
            ngx_workers_elements_pop(elements);
        }

        break;

    case NGX_WORKERS_HTML_DOCTYPE:

        fuzz_see(d, &t->public_id.len, sizeof(size_t));
        fuzz_see(d, &t->system_id.len, sizeof(size_t));
        break;

    default:
        break;
    }

    fuzz_see(d, &type, 1);
}


static void
fuzz_read(fuzz_document_t *d, ngx_workers_selectors_t *selectors,
    const uint8_t *p, size_t len, size_t piece)
{
    u_char                  *copy;
    size_t                   n;
    ngx_workers_html_t       html;
    ngx_workers_elements_t   elements;

    ngx_memzero(d, sizeof(fuzz_document_t));
    ngx_memzero(&html, sizeof(ngx_workers_html_t));
    ngx_memzero(&elements, sizeof(ngx_workers_elements_t));

    d->bytes = malloc(len + 1);
    copy = NULL;

    ngx_workers_html_init(&html);
    html.utf8 = (piece & 1);

    elements.selectors = selectors;
    fuzz_assert(ngx_workers_elements_init(&elements) == NGX_OK);

    for ( ;; ) {
        d->rc = ngx_workers_html_next(&html);

        if (d->rc == NGX_OK) {
            fuzz_token(d, &elements, &html.token);
            continue;
        }

        if (d->rc != NGX_AGAIN) {
            break;
        }

        n = ngx_min(len, piece);

        if (n == 0) {
            fuzz_assert(!html.eof);
            html.eof = 1;
            continue;
        }

        /* what was lent before is gone once the tokenizer asks for more */

        fuzz_assert(ngx_workers_html_feed(&html, NULL, 0) == NGX_OK);

        free(copy);
        copy = malloc(n);
        memcpy(copy, p, n);

        fuzz_assert(ngx_workers_html_feed(&html, copy, n) == NGX_OK);

        p += n;
        len -= n;
    }

    fuzz_assert(d->rc == NGX_DONE
                || (d->rc == NGX_ERROR && html.reason != NULL));

    ngx_workers_html_free(&html);
    ngx_workers_elements_free(&elements);
    free(copy);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t                    piece;
    const char               *reason;
    const uint8_t            *end;
    fuzz_document_t           whole, cut;
    ngx_workers_selectors_t   selectors;

    static ngx_log_t          log;
    static ngx_cycle_t        cycle;

    if (len < 2) {
        return 0;
    }

    if (ngx_pagesize == 0) {
        ngx_pagesize = 4096;
    }

    cycle.log = &log;
    ngx_cycle = &cycle;

    piece = *data++ + 1;
    len--;

    end = memchr(data, '\0', len);

    if (end == NULL || end - data > 64) {
        return 0;
    }

    ngx_memzero(&selectors, sizeof(ngx_workers_selectors_t));

    selectors.pool = ngx_create_pool(1024, &log);
    fuzz_assert(selectors.pool != NULL);

    reason = NULL;

    if (ngx_workers_selectors_add(&selectors, (u_char *) data, end - data, 0,
                                  &reason)
        != NGX_OK)
    {
        fuzz_assert(reason != NULL && selectors.first == NULL);
    }

    fuzz_assert(ngx_workers_selectors_add(&selectors, (u_char *)
                                          "b > [a]:not(i *):nth-of-type(2n)",
                                          32, 1, &reason)
                == NGX_OK);

    len -= end + 1 - data;
    data = end + 1;

    fuzz_read(&whole, &selectors, data, len, len + 1);
    fuzz_read(&cut, &selectors, data, len, piece);

    fuzz_assert(whole.rc == cut.rc);

    if (whole.rc == NGX_DONE) {
        fuzz_assert(whole.len == len && cut.len == len);
        fuzz_assert(len == 0 || (memcmp(whole.bytes, data, len) == 0
                                 && memcmp(cut.bytes, data, len) == 0));
        fuzz_assert(whole.nseen == cut.nseen);
        fuzz_assert(whole.nseen == 0
                    || memcmp(whole.seen, cut.seen, whole.nseen) == 0);
    }

    free(whole.bytes);
    free(whole.seen);
    free(cut.bytes);
    free(cut.seen);

    ngx_destroy_pool(selectors.pool);

    return 0;
}
