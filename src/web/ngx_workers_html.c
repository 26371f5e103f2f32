
/*
 * Copyright (C) the nginx-workers authors
 *
 * The tokenizer of HTML.  start..pos is what has been looked at of the next
 * token; where bytes are missing it stops, and goes on from pos.
 */


#include "ngx_workers_html.h"


enum {
    NGX_WORKERS_HTML_ST_TEXT = 0,
    NGX_WORKERS_HTML_ST_OPEN,              /* "<" */
    NGX_WORKERS_HTML_ST_NAME,
    NGX_WORKERS_HTML_ST_BEFORE_ATTR,
    NGX_WORKERS_HTML_ST_ATTR,
    NGX_WORKERS_HTML_ST_AFTER_ATTR,
    NGX_WORKERS_HTML_ST_BEFORE_VALUE,
    NGX_WORKERS_HTML_ST_VALUE,
    NGX_WORKERS_HTML_ST_QUOTED,
    NGX_WORKERS_HTML_ST_SLASH,
    NGX_WORKERS_HTML_ST_COMMENT,
    NGX_WORKERS_HTML_ST_BOGUS,             /* a comment up to ">" */
    NGX_WORKERS_HTML_ST_DOCTYPE
};


static void ngx_workers_html_no_bytes(ngx_workers_html_t *html);
static ngx_int_t ngx_workers_html_text(ngx_workers_html_t *html);
static u_char *ngx_workers_html_text_stop(ngx_workers_html_t *html,
    u_char *p);
static ngx_int_t ngx_workers_html_raw_less(ngx_workers_html_t *html,
    u_char *p);
static ngx_int_t ngx_workers_html_open(ngx_workers_html_t *html);
static ngx_int_t ngx_workers_html_declaration(ngx_workers_html_t *html);
static ngx_int_t ngx_workers_html_tag(ngx_workers_html_t *html);
static ngx_int_t ngx_workers_html_attr_end(ngx_workers_html_t *html,
    u_char *value_end);
static ngx_int_t ngx_workers_html_tag_end(ngx_workers_html_t *html);
static ngx_int_t ngx_workers_html_comment(ngx_workers_html_t *html);
static ngx_int_t ngx_workers_html_bogus(ngx_workers_html_t *html);
static ngx_int_t ngx_workers_html_doctype(ngx_workers_html_t *html);
static void ngx_workers_html_doctype_parts(ngx_workers_html_t *html,
    u_char *last);
static u_char *ngx_workers_html_doctype_id(u_char *p, u_char *last,
    ngx_str_t *id);
static ngx_int_t ngx_workers_html_rest(ngx_workers_html_t *html);
static ngx_int_t ngx_workers_html_emit(ngx_workers_html_t *html,
    ngx_workers_html_token_e type, u_char *end);
static size_t ngx_workers_html_cut(u_char *p, u_char *last);
static ngx_int_t ngx_workers_html_fail(ngx_workers_html_t *html,
    const char *reason);


#define ngx_workers_html_space(c)                                             \
    ((c) == ' ' || (c) == '\t' || (c) == '\n' || (c) == '\f' || (c) == '\r')

#define ngx_workers_html_alpha(c)                                             \
    (((c) | 0x20) >= 'a' && ((c) | 0x20) <= 'z')


void
ngx_workers_html_init(ngx_workers_html_t *html)
{
    html->nns = 1;
    ngx_workers_html_no_bytes(html);
    html->token.type = NGX_WORKERS_HTML_RAW;
}


/* There are none, and they are nobody's. */

static void
ngx_workers_html_no_bytes(ngx_workers_html_t *html)
{
    html->start = (u_char *) "";
    html->pos = html->start;
    html->last = html->start;
}


void
ngx_workers_html_free(ngx_workers_html_t *html)
{
    if (html->carry != NULL) {
        ngx_free(html->carry);
    }

    if (html->attrs != NULL) {
        ngx_free(html->attrs);
    }
}


ngx_int_t
ngx_workers_html_feed(ngx_workers_html_t *html, u_char *p, size_t len)
{
    size_t   rest, seen, size;
    u_char  *carry;

    rest = html->last - html->start;

    if (rest == 0) {

        if (len == 0) {
            ngx_workers_html_no_bytes(html);
            return NGX_OK;
        }

        html->start = p;
        html->pos = p;
        html->last = p + len;

        return NGX_OK;
    }

    /* the beginning of a token is kept with what follows */

    if (rest + len > NGX_WORKERS_HTML_MAX_TOKEN) {
        return ngx_workers_html_fail(html, NGX_WORKERS_HTML_TOO_LARGE);
    }

    seen = html->pos - html->start;
    carry = html->carry;

    if (carry == NULL || html->carry_size < rest + len) {
        size = ngx_max(rest + len, 2 * rest);

        carry = ngx_alloc(size, ngx_cycle->log);
        if (carry == NULL) {
            return ngx_workers_html_fail(html, NGX_WORKERS_HTML_NO_MEMORY);
        }

        ngx_memcpy(carry, html->start, rest);

        if (html->carry != NULL) {
            ngx_free(html->carry);
        }

        html->carry = carry;
        html->carry_size = size;

    } else {
        ngx_memmove(carry, html->start, rest);
    }

    if (len != 0) {
        ngx_memcpy(carry + rest, p, len);
    }

    html->start = carry;
    html->pos = carry + seen;
    html->last = carry + rest + len;

    return NGX_OK;
}


ngx_int_t
ngx_workers_html_next(ngx_workers_html_t *html)
{
    ngx_int_t  rc;

    for ( ;; ) {

        switch (html->state) {

        case NGX_WORKERS_HTML_ST_TEXT:
            rc = ngx_workers_html_text(html);
            break;

        case NGX_WORKERS_HTML_ST_OPEN:
            rc = ngx_workers_html_open(html);
            break;

        case NGX_WORKERS_HTML_ST_COMMENT:
            rc = ngx_workers_html_comment(html);
            break;

        case NGX_WORKERS_HTML_ST_BOGUS:
            rc = ngx_workers_html_bogus(html);
            break;

        case NGX_WORKERS_HTML_ST_DOCTYPE:
            rc = ngx_workers_html_doctype(html);
            break;

        default:
            rc = ngx_workers_html_tag(html);
            break;
        }

        if (rc == NGX_AGAIN && html->eof) {
            return ngx_workers_html_rest(html);
        }

        /* NGX_DECLINED: another state */

        if (rc != NGX_DECLINED) {
            return rc;
        }
    }
}


/* What the last bytes are, when no more will come. */

static ngx_int_t
ngx_workers_html_rest(ngx_workers_html_t *html)
{
    if (html->start == html->last) {
        return NGX_DONE;
    }

    html->pos = html->last;

    switch (html->state) {

    case NGX_WORKERS_HTML_ST_TEXT:
        return ngx_workers_html_emit(html, NGX_WORKERS_HTML_TEXT, html->last);

    case NGX_WORKERS_HTML_ST_OPEN:

        /* "<!", "<!-", "<!doc" */

        html->token.inner.data = html->start + 2;
        html->token.inner.len = html->last - html->token.inner.data;

        return ngx_workers_html_emit(html, NGX_WORKERS_HTML_COMMENT,
                                     html->last);

    case NGX_WORKERS_HTML_ST_COMMENT:
        html->token.inner.data = html->start + 4;
        html->token.inner.len = html->last - html->token.inner.data;

        return ngx_workers_html_emit(html, NGX_WORKERS_HTML_COMMENT,
                                     html->last);

    case NGX_WORKERS_HTML_ST_BOGUS:
        html->token.inner.data = html->start
                                 + ((html->start[1] == '?') ? 1 : 2);
        html->token.inner.len = html->last - html->token.inner.data;

        return ngx_workers_html_emit(html, NGX_WORKERS_HTML_COMMENT,
                                     html->last);

    case NGX_WORKERS_HTML_ST_DOCTYPE:
        ngx_workers_html_doctype_parts(html, html->last);

        return ngx_workers_html_emit(html, NGX_WORKERS_HTML_DOCTYPE,
                                     html->last);

    default:

        /* a tag that does not end is no tag */

        return ngx_workers_html_emit(html, NGX_WORKERS_HTML_RAW, html->last);
    }
}


static ngx_int_t
ngx_workers_html_text(ngx_workers_html_t *html)
{
    size_t   cut;
    u_char  *p;

    p = ngx_workers_html_text_stop(html, html->pos);

    if (p != NULL) {
        html->pos = p;

        if (html->text == NGX_WORKERS_HTML_CDATA) {

            /* p is at "]]>", which is passed on by itself */

            if (p == html->start) {
                html->text = NGX_WORKERS_HTML_DATA;
                html->pos += 3;

                return ngx_workers_html_emit(html, NGX_WORKERS_HTML_RAW,
                                             html->pos);
            }

        } else if (p == html->start) {
            html->state = NGX_WORKERS_HTML_ST_OPEN;
            html->pos++;

            return NGX_DECLINED;
        }

        return ngx_workers_html_emit(html, NGX_WORKERS_HTML_TEXT, p);
    }

    /* the text that there is, but for what may be more than text */

    p = html->pos;

    if (html->utf8 && !html->eof) {
        cut = ngx_workers_html_cut(html->start, p);
        p -= cut;
    }

    if (p == html->start) {
        return NGX_AGAIN;
    }

    return ngx_workers_html_emit(html, NGX_WORKERS_HTML_TEXT, p);
}


/*
 * Where the text ends; NULL: not in these bytes, of which those up to
 * html->pos are text for sure.
 */

static u_char *
ngx_workers_html_text_stop(ngx_workers_html_t *html, u_char *p)
{
    u_char     *last;
    ngx_int_t   rc;

    last = html->last;

    for ( ;; ) {

        switch (html->text) {

        case NGX_WORKERS_HTML_PLAINTEXT:
            html->pos = last;
            return NULL;

        case NGX_WORKERS_HTML_CDATA:

            p = ngx_strlchr(p, last, ']');

            if (p == NULL) {
                html->pos = last;
                return NULL;
            }

            if (last - p >= 3) {

                if (p[1] == ']' && p[2] == '>') {
                    return p;
                }

            } else if (last - p == 1 || p[1] == ']') {
                html->pos = html->eof ? last : p;
                return NULL;
            }

            p++;
            continue;

        case NGX_WORKERS_HTML_SCRIPT_ESCAPED:
        case NGX_WORKERS_HTML_SCRIPT_TWICE:

            while (p < last && *p != '<' && *p != '-') {
                p++;
            }

            if (p == last) {
                html->pos = last;
                return NULL;
            }

            if (*p == '-') {

                if (last - p >= 3) {

                    if (p[1] == '-' && p[2] == '>') {
                        html->text = NGX_WORKERS_HTML_SCRIPT;
                        p += 2;
                    }

                } else if (last - p == 1 || p[1] == '-') {
                    html->pos = html->eof ? last : p;
                    return NULL;
                }

                p++;
                continue;
            }

            break;

        default:
            p = memchr(p, '<', last - p);

            if (p == NULL) {
                html->pos = last;
                return NULL;
            }

            if (html->text == NGX_WORKERS_HTML_DATA) {
                break;
            }
        }

        /* "<": DECLINED: it is text; AGAIN: who knows */

        if (html->text == NGX_WORKERS_HTML_DATA) {

            if (last - p == 1) {

                if (html->eof) {
                    html->pos = last;
                    return NULL;
                }

                return (p > html->start) ? p : (html->pos = p, NULL);
            }

            if (ngx_workers_html_alpha(p[1]) || p[1] == '!' || p[1] == '?') {
                return p;
            }

            if (p[1] == '/') {

                if (last - p == 2) {

                    if (html->eof) {
                        html->pos = last;
                        return NULL;
                    }

                    return (p > html->start) ? p : (html->pos = p, NULL);
                }

                return p;
            }

            p++;
            continue;
        }

        rc = ngx_workers_html_raw_less(html, p);

        if (rc == NGX_OK) {
            return p;
        }

        if (rc == NGX_AGAIN) {
            html->pos = html->eof ? last : p;
            return NULL;
        }

        p++;
    }
}


/*
 * "<" in text that its own end tag ends.  NGX_OK: it is this one;
 * NGX_DECLINED: text; NGX_AGAIN: there are not enough bytes to tell.
 */

static ngx_int_t
ngx_workers_html_raw_less(ngx_workers_html_t *html, u_char *p)
{
    u_char     c, *name, *last;
    size_t     n, i;
    ngx_int_t  end;

    last = html->last;
    name = html->text_end;

    if (html->text == NGX_WORKERS_HTML_SCRIPT) {

        for (i = 1; i < 4 && p + i < last; i++) {
            if (p[i] != "<!--"[i]) {
                break;
            }
        }

        if (i == 4) {

            /* "<!-->" is no more than that: the dashes count twice */

            html->text = NGX_WORKERS_HTML_SCRIPT_ESCAPED;
            return NGX_DECLINED;
        }

        if (p + i == last) {
            return NGX_AGAIN;
        }
    }

    i = 1;
    end = 0;

    if (p + i < last && p[i] == '/') {
        end = 1;
        i++;

    } else if (html->text != NGX_WORKERS_HTML_SCRIPT_ESCAPED) {
        return (p + i == last) ? NGX_AGAIN : NGX_DECLINED;
    }

    n = ngx_strlen(name);

    for ( /* void */ ; *name != '\0'; name++, i++) {

        if (p + i >= last) {
            return NGX_AGAIN;
        }

        if ((p[i] | 0x20) != *name) {
            return NGX_DECLINED;
        }
    }

    if (p + i >= last) {
        return NGX_AGAIN;
    }

    c = p[i];

    if (n == 0 || !(ngx_workers_html_space(c) || c == '/' || c == '>')) {
        return NGX_DECLINED;
    }

    if (html->text == NGX_WORKERS_HTML_SCRIPT_TWICE) {
        html->text = NGX_WORKERS_HTML_SCRIPT_ESCAPED;
        return NGX_DECLINED;
    }

    if (!end) {
        html->text = NGX_WORKERS_HTML_SCRIPT_TWICE;
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* Behind "<", which begins no text. */

static ngx_int_t
ngx_workers_html_open(ngx_workers_html_t *html)
{
    u_char  c, *p;

    p = html->start;

    if (html->last - p < 2) {
        return NGX_AGAIN;
    }

    c = p[1];

    if (c == '!') {
        return ngx_workers_html_declaration(html);
    }

    if (c == '?') {
        html->pos = p + 1;
        html->state = NGX_WORKERS_HTML_ST_BOGUS;
        return NGX_DECLINED;
    }

    if (c == '/') {

        if (html->last - p < 3) {
            return NGX_AGAIN;
        }

        if (p[2] == '>') {
            html->pos = p + 3;
            return ngx_workers_html_emit(html, NGX_WORKERS_HTML_RAW,
                                         html->pos);
        }

        if (!ngx_workers_html_alpha(p[2])) {
            html->pos = p + 2;
            html->state = NGX_WORKERS_HTML_ST_BOGUS;
            return NGX_DECLINED;
        }

        p++;
    }

    html->pos = p + 1;
    html->state = NGX_WORKERS_HTML_ST_NAME;
    html->nattrs = 0;
    html->token.self_closing = 0;

    return NGX_DECLINED;
}


/* Behind "<!". */

static ngx_int_t
ngx_workers_html_declaration(ngx_workers_html_t *html)
{
    u_char  *p;
    size_t   n;

    p = html->start + 2;
    n = html->last - p;

    if (n == 0) {
        return NGX_AGAIN;
    }

    if (*p == '-') {

        if (n == 1) {
            return NGX_AGAIN;
        }

        if (p[1] == '-') {
            html->pos = p + 2;
            html->state = NGX_WORKERS_HTML_ST_COMMENT;
            return NGX_DECLINED;
        }

    } else if ((*p | 0x20) == 'd') {

        if (ngx_strncasecmp(p, (u_char *) "doctype", ngx_min(n, 7)) == 0) {

            if (n < 7) {
                return NGX_AGAIN;
            }

            html->pos = p + 7;
            html->state = NGX_WORKERS_HTML_ST_DOCTYPE;
            return NGX_DECLINED;
        }

    } else if (*p == '[' && html->ns[html->nns - 1] != 0) {

        if (ngx_memcmp(p, "[CDATA[", ngx_min(n, 7)) == 0) {

            if (n < 7) {
                return NGX_AGAIN;
            }

            html->pos = p + 7;
            html->text = NGX_WORKERS_HTML_CDATA;

            return ngx_workers_html_emit(html, NGX_WORKERS_HTML_RAW,
                                         html->pos);
        }
    }

    html->pos = p;
    html->state = NGX_WORKERS_HTML_ST_BOGUS;

    return NGX_DECLINED;
}


static ngx_int_t
ngx_workers_html_tag(ngx_workers_html_t *html)
{
    u_char  c, *p, *last;

    last = html->last;

    for (p = html->pos; p < last; p++) {
        c = *p;

        switch (html->state) {

        case NGX_WORKERS_HTML_ST_NAME:

            if (ngx_workers_html_space(c)) {
                html->state = NGX_WORKERS_HTML_ST_BEFORE_ATTR;

            } else if (c == '/') {
                html->state = NGX_WORKERS_HTML_ST_SLASH;

            } else if (c != '>') {
                break;
            }

            html->name_end = p - html->start;

            if (c == '>') {
                html->pos = p + 1;
                return ngx_workers_html_tag_end(html);
            }

            break;

        case NGX_WORKERS_HTML_ST_SLASH:

            if (c == '>') {
                html->pos = p + 1;
                html->token.self_closing = 1;
                return ngx_workers_html_tag_end(html);
            }

            html->state = NGX_WORKERS_HTML_ST_BEFORE_ATTR;

            /* fall through */

        case NGX_WORKERS_HTML_ST_BEFORE_ATTR:

            if (ngx_workers_html_space(c)) {
                break;
            }

            if (c == '/') {
                html->state = NGX_WORKERS_HTML_ST_SLASH;
                break;
            }

            if (c == '>') {
                html->pos = p + 1;
                return ngx_workers_html_tag_end(html);
            }

            html->attr.name = p - html->start;
            html->attr.end = 0;
            html->state = NGX_WORKERS_HTML_ST_ATTR;

            break;              /* also of "=", which is a name here */

        case NGX_WORKERS_HTML_ST_ATTR:

            if (c == '=') {
                html->attr.name_end = p - html->start;
                html->state = NGX_WORKERS_HTML_ST_BEFORE_VALUE;

            } else if (ngx_workers_html_space(c) || c == '/' || c == '>') {
                html->attr.name_end = p - html->start;
                html->attr.value = html->attr.name_end;
                html->state = NGX_WORKERS_HTML_ST_AFTER_ATTR;
                p--;
            }

            break;

        case NGX_WORKERS_HTML_ST_AFTER_ATTR:

            if (ngx_workers_html_space(c)) {
                break;
            }

            if (c == '=') {
                html->state = NGX_WORKERS_HTML_ST_BEFORE_VALUE;
                break;
            }

            if (ngx_workers_html_attr_end(html, html->start
                                                + html->attr.name_end)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            html->state = NGX_WORKERS_HTML_ST_BEFORE_ATTR;
            p--;

            break;

        case NGX_WORKERS_HTML_ST_BEFORE_VALUE:

            if (ngx_workers_html_space(c)) {
                break;
            }

            if (c == '"' || c == '\'') {
                html->quote = c;
                html->attr.value = p + 1 - html->start;
                html->state = NGX_WORKERS_HTML_ST_QUOTED;
                break;
            }

            html->attr.value = p - html->start;
            html->state = NGX_WORKERS_HTML_ST_VALUE;

            /* fall through */

        case NGX_WORKERS_HTML_ST_VALUE:

            if (!ngx_workers_html_space(c) && c != '>') {
                break;
            }

            html->attr.end = p - html->start;

            if (ngx_workers_html_attr_end(html, p) != NGX_OK) {
                return NGX_ERROR;
            }

            html->state = NGX_WORKERS_HTML_ST_BEFORE_ATTR;
            p--;

            break;

        default: /* NGX_WORKERS_HTML_ST_QUOTED */

            p = memchr(p, html->quote, last - p);

            if (p == NULL) {
                html->pos = last;
                return NGX_AGAIN;
            }

            html->attr.end = p + 1 - html->start;

            if (ngx_workers_html_attr_end(html, p) != NGX_OK) {
                return NGX_ERROR;
            }

            html->state = NGX_WORKERS_HTML_ST_BEFORE_ATTR;
            break;
        }
    }

    html->pos = last;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_workers_html_attr_end(ngx_workers_html_t *html, u_char *value_end)
{
    ngx_uint_t                n;
    ngx_workers_html_attr_t  *attrs;

    html->attr.value_end = value_end - html->start;

    if (html->attr.end == 0) {
        html->attr.end = html->attr.name_end;
    }

    if (html->nattrs == html->max_attrs) {
        n = html->max_attrs ? 2 * html->max_attrs : 16;

        attrs = ngx_alloc(n * sizeof(ngx_workers_html_attr_t),
                          ngx_cycle->log);
        if (attrs == NULL) {
            return ngx_workers_html_fail(html, NGX_WORKERS_HTML_NO_MEMORY);
        }

        if (html->attrs != NULL) {
            ngx_memcpy(attrs, html->attrs,
                       html->nattrs * sizeof(ngx_workers_html_attr_t));
            ngx_free(html->attrs);
        }

        html->attrs = attrs;
        html->max_attrs = n;
    }

    html->attrs[html->nattrs++] = html->attr;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_html_tag_end(ngx_workers_html_t *html)
{
    ngx_uint_t                 end;
    ngx_workers_html_token_t  *token;

    token = &html->token;

    end = (html->start[1] == '/');

    token->inner.data = html->start + 1 + end;
    token->inner.len = html->start + html->name_end - token->inner.data;
    token->attrs = html->attrs;
    token->nattrs = html->nattrs;

    (void) ngx_workers_html_emit(html, end ? NGX_WORKERS_HTML_END
                                           : NGX_WORKERS_HTML_START,
                                 html->pos);

    if (end) {
        ngx_workers_html_end_tag(html);
        return NGX_OK;
    }

    return ngx_workers_html_start_tag(html);
}


/* Behind "<!--": sections 13.2.5.43 to 13.2.5.52. */

static ngx_int_t
ngx_workers_html_comment(ngx_workers_html_t *html)
{
    u_char  *p, *text;

    text = html->start + 4;

    for (p = html->pos; /* void */ ; p++) {

        p = memchr(p, '>', html->last - p);

        if (p == NULL) {
            html->pos = html->last;
            return NGX_AGAIN;
        }

        /* "<!-->", "<!--->" */

        if (p == text || (p == text + 1 && *text == '-')) {
            html->token.inner.len = 0;
            break;
        }

        if (p - text >= 2 && p[-1] == '-' && p[-2] == '-') {
            html->token.inner.len = p - 2 - text;
            break;
        }

        if (p - text >= 3 && p[-1] == '!' && p[-2] == '-' && p[-3] == '-') {
            html->token.inner.len = p - 3 - text;
            break;
        }
    }

    html->token.inner.data = text;
    html->pos = p + 1;

    return ngx_workers_html_emit(html, NGX_WORKERS_HTML_COMMENT, html->pos);
}


static ngx_int_t
ngx_workers_html_bogus(ngx_workers_html_t *html)
{
    u_char  *p;

    p = memchr(html->pos, '>', html->last - html->pos);

    if (p == NULL) {
        html->pos = html->last;
        return NGX_AGAIN;
    }

    html->token.inner.data = html->start + ((html->start[1] == '?') ? 1 : 2);
    html->token.inner.len = p - html->token.inner.data;
    html->pos = p + 1;

    return ngx_workers_html_emit(html, NGX_WORKERS_HTML_COMMENT, html->pos);
}


static ngx_int_t
ngx_workers_html_doctype(ngx_workers_html_t *html)
{
    u_char  *p;

    /* ">" ends it in quotes, too */

    p = memchr(html->pos, '>', html->last - html->pos);

    if (p == NULL) {
        html->pos = html->last;
        return NGX_AGAIN;
    }

    ngx_workers_html_doctype_parts(html, p);
    html->pos = p + 1;

    return ngx_workers_html_emit(html, NGX_WORKERS_HTML_DOCTYPE, html->pos);
}


static void
ngx_workers_html_doctype_parts(ngx_workers_html_t *html, u_char *last)
{
    u_char                    *p;
    ngx_workers_html_token_t  *token;

    token = &html->token;

    ngx_str_null(&token->inner);
    ngx_str_null(&token->public_id);
    ngx_str_null(&token->system_id);

    p = html->start + 9;

    while (p < last && ngx_workers_html_space(*p)) {
        p++;
    }

    if (p == last) {
        return;
    }

    token->inner.data = p;

    while (p < last && !ngx_workers_html_space(*p)) {
        p++;
    }

    token->inner.len = p - token->inner.data;

    while (p < last && ngx_workers_html_space(*p)) {
        p++;
    }

    if (last - p < 6) {
        return;
    }

    if (ngx_strncasecmp(p, (u_char *) "public", 6) == 0) {
        p = ngx_workers_html_doctype_id(p + 6, last, &token->public_id);

    } else if (ngx_strncasecmp(p, (u_char *) "system", 6) == 0) {
        p += 6;

    } else {
        return;
    }

    (void) ngx_workers_html_doctype_id(p, last, &token->system_id);
}


/* An identifier in quotes, if there is one; what is behind it. */

static u_char *
ngx_workers_html_doctype_id(u_char *p, u_char *last, ngx_str_t *id)
{
    u_char  quote;

    while (p < last && ngx_workers_html_space(*p)) {
        p++;
    }

    if (p == last || (*p != '"' && *p != '\'')) {
        return last;
    }

    quote = *p++;
    id->data = p;

    while (p < last && *p != quote) {
        p++;
    }

    id->len = p - id->data;

    return (p < last) ? p + 1 : p;
}


static ngx_int_t
ngx_workers_html_emit(ngx_workers_html_t *html, ngx_workers_html_token_e type,
    u_char *end)
{
    html->token.type = type;
    html->token.start = html->start;
    html->token.end = end;

    html->start = end;
    html->pos = end;

    html->state = NGX_WORKERS_HTML_ST_TEXT;

    return NGX_OK;
}


/* How many of the last bytes are the beginning of a character. */

static size_t
ngx_workers_html_cut(u_char *p, u_char *last)
{
    u_char  c;
    size_t  n, need;

    for (n = 1; n < 4 && (size_t) (last - p) >= n; n++) {
        c = last[-(ssize_t) n];

        if (c < 0x80) {
            return 0;
        }

        if (c >= 0xc0) {
            need = (c >= 0xf0) ? 4 : (c >= 0xe0) ? 3 : 2;
            return (n < need) ? n : 0;
        }
    }

    return 0;
}


static ngx_int_t
ngx_workers_html_fail(ngx_workers_html_t *html, const char *reason)
{
    html->reason = reason;

    return NGX_ERROR;
}


ngx_uint_t
ngx_workers_html_is(const u_char *p, size_t len, const char *name)
{
    size_t  i;

    for (i = 0; i < len; i++) {

        if (name[i] == '\0'
            || (u_char) name[i] != ((p[i] >= 'A' && p[i] <= 'Z')
                                    ? (p[i] | 0x20) : p[i]))
        {
            return 0;
        }
    }

    return name[len] == '\0';
}
