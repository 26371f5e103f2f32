
/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter: what a script does to a token, and how that is written.
 */


#include "ngx_workers_rewriter.h"
#include "ngx_workers_utf8.h"


static ngx_int_t ngx_workers_rewriter_write_start(ngx_workers_rewriter_t *rw);
static ngx_int_t ngx_workers_rewriter_write_end(ngx_workers_rewriter_t *rw);
static ngx_int_t ngx_workers_rewriter_write_comment(
    ngx_workers_rewriter_t *rw);
static void ngx_workers_rewriter_attrs_free(ngx_workers_rewriter_t *rw);


#define ngx_workers_rewriter_emit_text(rw, text)                              \
    ngx_workers_rewriter_emit(rw, (u_char *) text, sizeof(text) - 1)


ngx_int_t
ngx_workers_rewriter_serialize(ngx_workers_rewriter_t *rw)
{
    ngx_int_t                          rc;
    ngx_workers_html_token_t          *token;
    ngx_workers_rewriter_mutations_t  *m;

    m = &rw->mutations;
    token = &rw->html.token;

    if (ngx_workers_rewriter_emit_list(rw, &m->before) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (m->removed) {
        rc = ngx_workers_rewriter_emit_list(rw, &m->replacement);

    } else {

        switch (rw->unit) {

        case NGX_WORKERS_REWRITER_ELEMENT:

            if (rw->name.data != NULL || rw->attrs != NULL) {
                rc = ngx_workers_rewriter_write_start(rw);
                break;
            }

            rc = ngx_workers_rewriter_emit(rw, token->start,
                                           token->end - token->start);
            break;

        case NGX_WORKERS_REWRITER_END_TAG:

            if (rw->name.data != NULL) {
                rc = ngx_workers_rewriter_write_end(rw);
                break;
            }

            rc = ngx_workers_rewriter_emit(rw, token->start,
                                           token->end - token->start);
            break;

        case NGX_WORKERS_REWRITER_COMMENT:

            if (rw->comment.data != NULL) {
                rc = ngx_workers_rewriter_write_comment(rw);
                break;
            }

            /* fall through */

        case NGX_WORKERS_REWRITER_TEXT:
        case NGX_WORKERS_REWRITER_DOCTYPE:
            rc = ngx_workers_rewriter_emit(rw, token->start,
                                           token->end - token->start);
            break;

        default:
            break;
        }
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_workers_rewriter_emit_list(rw, &m->after);
}


static ngx_int_t
ngx_workers_rewriter_write_start(ngx_workers_rewriter_t *rw)
{
    u_char                       *p, *last;
    ngx_str_t                     name;
    ngx_uint_t                    i, nattrs;
    ngx_workers_html_token_t     *token;
    ngx_workers_rewriter_attr_t  *attr;

    token = &rw->html.token;

    if (ngx_workers_rewriter_attrs(rw) != NGX_OK) {
        return ngx_workers_rewriter_fail(rw,
                                         NGX_WORKERS_HTML_NO_MEMORY);
    }

    name = (rw->name.data != NULL) ? rw->name : token->inner;

    if (ngx_workers_rewriter_emit_text(rw, "<") != NGX_OK
        || ngx_workers_rewriter_emit(rw, name.data, name.len) != NGX_OK)
    {
        return NGX_ERROR;
    }

    nattrs = rw->nattrs;

    for (i = 0; i < nattrs; i++) {
        attr = &rw->attrs[i];

        if (ngx_workers_rewriter_emit_text(rw, " ") != NGX_OK) {
            return NGX_ERROR;
        }

        if (attr->raw.data != NULL) {

            if (ngx_workers_rewriter_emit(rw, attr->raw.data, attr->raw.len)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            continue;
        }

        if (ngx_workers_rewriter_emit(rw, attr->name.data, attr->name.len)
            != NGX_OK
            || ngx_workers_rewriter_emit_text(rw, "=\"") != NGX_OK)
        {
            return NGX_ERROR;
        }

        p = attr->value.data;
        last = p + attr->value.len;

        while (p < last) {
            u_char  *quote;

            quote = memchr(p, '"', last - p);

            if (ngx_workers_rewriter_emit(rw, p, (quote ? quote : last) - p)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            if (quote == NULL) {
                break;
            }

            if (ngx_workers_rewriter_emit_text(rw, "&quot;") != NGX_OK) {
                return NGX_ERROR;
            }

            p = quote + 1;
        }

        if (ngx_workers_rewriter_emit_text(rw, "\"") != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (!token->self_closing) {
        return ngx_workers_rewriter_emit_text(rw, ">");
    }

    return (nattrs != 0) ? ngx_workers_rewriter_emit_text(rw, " />")
                         : ngx_workers_rewriter_emit_text(rw, "/>");
}


static ngx_int_t
ngx_workers_rewriter_write_end(ngx_workers_rewriter_t *rw)
{
    if (ngx_workers_rewriter_emit_text(rw, "</") != NGX_OK
        || ngx_workers_rewriter_emit(rw, rw->name.data, rw->name.len)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_workers_rewriter_emit_text(rw, ">");
}


static ngx_int_t
ngx_workers_rewriter_write_comment(ngx_workers_rewriter_t *rw)
{
    if (ngx_workers_rewriter_emit_text(rw, "<!--") != NGX_OK
        || ngx_workers_rewriter_emit(rw, rw->comment.data, rw->comment.len)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_workers_rewriter_emit_text(rw, "-->");
}


void
ngx_workers_rewriter_unit_free(ngx_workers_rewriter_t *rw)
{
    ngx_workers_rewriter_list_clear(rw, &rw->mutations.before);
    ngx_workers_rewriter_list_clear(rw, &rw->mutations.replacement);
    ngx_workers_rewriter_list_clear(rw, &rw->mutations.after);

    rw->mutations.removed = 0;

    if (rw->name.data != NULL) {
        ngx_free(rw->name.data);
        ngx_str_null(&rw->name);
    }

    if (rw->comment.data != NULL) {
        ngx_free(rw->comment.data);
        ngx_str_null(&rw->comment);
    }

    if (rw->element != NULL) {
        ngx_workers_rewriter_element_free(rw, rw->element);
        rw->element = NULL;
    }

    ngx_workers_rewriter_attrs_free(rw);

    rw->drop_inner = 0;
    rw->unit = NGX_WORKERS_REWRITER_NONE;
}


ngx_workers_rewriter_element_t *
ngx_workers_rewriter_element(ngx_workers_rewriter_t *rw)
{
    if (rw->element == NULL) {
        rw->element = ngx_calloc(sizeof(ngx_workers_rewriter_element_t),
                                 rw->iso->log);

        if (rw->element != NULL) {
            rw->element->on_end = JS_UNDEFINED;
        }
    }

    return rw->element;
}


void
ngx_workers_rewriter_element_free(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_element_t *element)
{
    ngx_workers_rewriter_list_clear(rw, &element->end.before);
    ngx_workers_rewriter_list_clear(rw, &element->end.replacement);
    ngx_workers_rewriter_list_clear(rw, &element->end.after);

    JS_FreeValue(rw->iso->cx, element->on_end);

    if (element->name.data != NULL) {
        ngx_free(element->name.data);
    }

    ngx_free(element);
}


ngx_workers_rewriter_content_t *
ngx_workers_rewriter_text(ngx_workers_rewriter_t *rw, u_char *p, size_t len,
    ngx_uint_t html)
{
    size_t                           size;
    ngx_workers_rewriter_content_t  *content;

    size = (html && rw->encoding == NULL) ? len
                                          : ngx_workers_rewriter_encoded(len);

    /* counted as memory of the script */

    content = js_malloc_rt(rw->iso->rt,
                           sizeof(ngx_workers_rewriter_content_t) + size);
    if (content == NULL) {
        return NULL;
    }

    ngx_memzero(content, sizeof(ngx_workers_rewriter_content_t));

    content->len = ngx_workers_rewriter_encode(rw, content->data, p, len, html)
                   - content->data;

    return content;
}


ngx_workers_rewriter_content_t *
ngx_workers_rewriter_stream(ngx_workers_rewriter_t *rw,
    ngx_workers_source_t *source, ngx_uint_t html)
{
    ngx_workers_rewriter_content_t  *content;

    content = js_mallocz_rt(rw->iso->rt,
                            sizeof(ngx_workers_rewriter_content_t));
    if (content == NULL) {
        source->close(source);
        return NULL;
    }

    content->rw = rw;
    content->source = source;
    content->html = html;

    source->wake = ngx_workers_rewriter_content_wake;
    source->orphan = ngx_workers_rewriter_content_orphan;
    source->data = content;

    return content;
}


u_char *
ngx_workers_rewriter_encode(ngx_workers_rewriter_t *rw, u_char *dst,
    u_char *p, size_t len, ngx_uint_t html)
{
    int8_t                     n;
    u_char                    *last;
    uint32_t                   cp;
    lxb_encoding_encode_t      ctx;

    if (html && rw->encoding == NULL) {
        return (len != 0) ? ngx_cpymem(dst, p, len) : dst;
    }

    last = p + len;

    if (rw->encoding != NULL) {
        (void) lxb_encoding_encode_init_single(&ctx, rw->encoding);
    }

    while (p < last) {

        if (!html) {

            switch (*p) {

            case '&':
                dst = ngx_cpymem(dst, "&amp;", 5);
                p++;
                continue;

            case '<':
                dst = ngx_cpymem(dst, "&lt;", 4);
                p++;
                continue;

            case '>':
                dst = ngx_cpymem(dst, "&gt;", 4);
                p++;
                continue;
            }
        }

        if (*p < 0x80 || rw->encoding == NULL) {
            *dst++ = *p++;
            continue;
        }

        cp = ngx_utf8_decode(&p, last - p);

        if (cp > 0x10ffff) {
            p = (cp == 0xfffffffe) ? last : p + 1;
            cp = 0xfffd;
        }

        n = rw->encoding->encode_single(&ctx, &dst, dst + 8, cp);

        if (n < 0) {
            dst = ngx_sprintf(dst, "&#%uD;", cp);
        }
    }

    return dst;
}


JSValue
ngx_workers_rewriter_decode(ngx_workers_rewriter_t *rw, u_char *p, size_t len)
{
    u_char                 *text, *end;
    JSValue                 value;
    ngx_workers_decoder_t   decoder;

    if (rw->encoding == NULL) {
        return ngx_workers_utf8_text(rw->iso->cx, p, len);
    }

    text = ngx_alloc(ngx_workers_decoder_size(len), rw->iso->log);
    if (text == NULL) {
        return JS_ThrowOutOfMemory(rw->iso->cx);
    }

    ngx_memzero(&decoder, sizeof(ngx_workers_decoder_t));
    decoder.encoding = rw->encoding;

    (void) ngx_workers_decode(&decoder, p, len, 1, text, &end);

    value = ngx_workers_utf8_text(rw->iso->cx, text, end - text);
    ngx_free(text);

    return value;
}


ngx_int_t
ngx_workers_rewriter_attrs(ngx_workers_rewriter_t *rw)
{
    ngx_uint_t                    i;
    ngx_workers_html_attr_t      *from;
    ngx_workers_html_token_t     *token;
    ngx_workers_rewriter_attr_t  *attr;

    if (rw->attrs != NULL) {
        return NGX_OK;
    }

    token = &rw->html.token;

    rw->attrs = ngx_calloc((token->nattrs + 4)
                           * sizeof(ngx_workers_rewriter_attr_t),
                           rw->iso->log);
    if (rw->attrs == NULL) {
        return NGX_ERROR;
    }

    rw->max_attrs = token->nattrs + 4;
    rw->nattrs = token->nattrs;

    for (i = 0; i < token->nattrs; i++) {
        from = &token->attrs[i];
        attr = &rw->attrs[i];

        attr->name.data = token->start + from->name;
        attr->name.len = from->name_end - from->name;
        attr->value.data = token->start + from->value;
        attr->value.len = from->value_end - from->value;
        attr->raw.data = attr->name.data;
        attr->raw.len = from->end - from->name;
    }

    return NGX_OK;
}


static void
ngx_workers_rewriter_attrs_free(ngx_workers_rewriter_t *rw)
{
    ngx_uint_t  i;

    if (rw->attrs == NULL) {
        return;
    }

    for (i = 0; i < rw->nattrs; i++) {
        ngx_free(rw->attrs[i].alloc);
    }

    ngx_free(rw->attrs);

    rw->attrs = NULL;
    rw->nattrs = 0;
}


void
ngx_workers_rewriter_list_append(ngx_workers_rewriter_list_t *list,
    ngx_workers_rewriter_content_t *content)
{
    content->next = NULL;

    if (list->first == NULL) {
        list->first = content;

    } else {
        list->last->next = content;
    }

    list->last = content;
}


void
ngx_workers_rewriter_list_prepend(ngx_workers_rewriter_list_t *list,
    ngx_workers_rewriter_content_t *content)
{
    content->next = list->first;

    if (list->first == NULL) {
        list->last = content;
    }

    list->first = content;
}


void
ngx_workers_rewriter_list_clear(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_list_t *list)
{
    ngx_workers_rewriter_content_t  *content;

    while ((content = list->first) != NULL) {
        list->first = content->next;
        ngx_workers_rewriter_content_free(rw, content);
    }

    list->last = NULL;
}


void
ngx_workers_rewriter_content_free(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_content_t *content)
{
    if (content->source != NULL) {
        content->source->close(content->source);
    }

    js_free_rt(rw->iso->rt, content);
}
