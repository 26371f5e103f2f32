
/*
 * Copyright (C) the nginx-workers authors
 *
 * What a tree builder would tell the tokenizer: HTML Standard, section 13.2.6,
 * as far as names of tags decide it.  Where they do not, in "select" and
 * "frameset", whose parser drops tags of raw text, a document that has such
 * a tag is refused, as the platform does: what follows could be markup, and a
 * script's filter would not see it.
 */


#include "ngx_workers_html.h"


enum {
    NGX_WORKERS_HTML_NORMAL = 0,
    NGX_WORKERS_HTML_SELECT,
    NGX_WORKERS_HTML_SELECT_TEMPLATE,
    NGX_WORKERS_HTML_FRAMESET
};


static ngx_int_t ngx_workers_html_guard(ngx_workers_html_t *html);
static void ngx_workers_html_text_type(ngx_workers_html_t *html);
static ngx_uint_t ngx_workers_html_leaves(ngx_workers_html_t *html);
static ngx_uint_t ngx_workers_html_integrates(ngx_workers_html_t *html);
static ngx_uint_t ngx_workers_html_integration(ngx_uint_t ns, ngx_str_t *name);
static ngx_uint_t ngx_workers_html_in(ngx_str_t *name,
    const char *const *list);


/* Sorted by how often they are met. */

static const char *const  ngx_workers_html_void[] = {
    "br", "img", "input", "meta", "link", "hr", "area", "base", "col",
    "source", "wbr", "param", "track", "embed", "frame", "basefont",
    "bgsound", "keygen", NULL
};


#define NGX_WORKERS_HTML_AMBIGUOUS(name)                                      \
    { name, "Parser error: The parser has encountered a text content tag "    \
            "(`<" name ">`) in the context where it is ambiguous whether "    \
            "this tag should be ignored or not." }


typedef struct {
    const char                 *name;
    const char                 *reason;
} ngx_workers_html_ambiguous_t;


static const ngx_workers_html_ambiguous_t  ngx_workers_html_ambiguous[] = {
    NGX_WORKERS_HTML_AMBIGUOUS("style"),
    NGX_WORKERS_HTML_AMBIGUOUS("title"),
    NGX_WORKERS_HTML_AMBIGUOUS("textarea"),
    NGX_WORKERS_HTML_AMBIGUOUS("noscript"),
    NGX_WORKERS_HTML_AMBIGUOUS("iframe"),
    NGX_WORKERS_HTML_AMBIGUOUS("xmp"),
    NGX_WORKERS_HTML_AMBIGUOUS("noembed"),
    NGX_WORKERS_HTML_AMBIGUOUS("noframes"),
    NGX_WORKERS_HTML_AMBIGUOUS("plaintext"),
    NGX_WORKERS_HTML_AMBIGUOUS("script"),
    { NULL, NULL }
};


static const char *const  ngx_workers_html_raw_text[] = {
    "style", "title", "textarea", "noscript", "iframe", "xmp", "noembed",
    "noframes", NULL
};


/* Section 13.2.6.5: start tags that end svg and math. */

static const char *const  ngx_workers_html_breakout[] = {
    "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div",
    "dl", "dt", "em", "embed", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p",
    "pre", "ruby", "s", "small", "span", "strong", "strike", "sub", "sup",
    "table", "tt", "u", "ul", "var", NULL
};


#define ngx_workers_html_name(html, name)                                     \
    ngx_workers_html_is((html)->token.inner.data, (html)->token.inner.len, name)


ngx_int_t
ngx_workers_html_start_tag(ngx_workers_html_t *html)
{
    ngx_uint_t                 ns, next;
    ngx_workers_html_token_t  *token;

    token = &html->token;
    ns = html->ns[html->nns - 1];

    token->is_void = 0;

    if (ns != NGX_WORKERS_HTML_NS_HTML && ngx_workers_html_leaves(html)) {

        /* up to the next integration point, or out of all of it */

        do {
            html->nns--;
            ns = html->ns[html->nns - 1];
        } while (ns != NGX_WORKERS_HTML_NS_HTML);
    }

    next = ns;

    if (ngx_workers_html_name(html, "svg")) {
        ns = NGX_WORKERS_HTML_NS_SVG;
        next = ns;

    } else if (ngx_workers_html_name(html, "math")) {
        ns = NGX_WORKERS_HTML_NS_MATHML;
        next = ns;

    } else if (ns == NGX_WORKERS_HTML_NS_HTML) {

        token->ns = ns;
        token->is_void = ngx_workers_html_in(&token->inner,
                                             ngx_workers_html_void);

        if (ngx_workers_html_guard(html) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_workers_html_text_type(html);

        return NGX_OK;

    } else if (ngx_workers_html_integrates(html)) {
        next = NGX_WORKERS_HTML_NS_HTML;

    } else {
        token->ns = ns;
        token->is_void = token->self_closing;

        return NGX_OK;
    }

    token->ns = ns;
    token->is_void = token->self_closing;

    if (!token->self_closing) {

        if (html->nns == NGX_WORKERS_HTML_MAX_NS) {
            html->reason = NGX_WORKERS_HTML_TOO_LARGE;
            return NGX_ERROR;
        }

        html->ns[html->nns++] = next;
    }

    return NGX_OK;
}


void
ngx_workers_html_end_tag(ngx_workers_html_t *html)
{
    ngx_uint_t                 ns;
    ngx_workers_html_token_t  *token;

    token = &html->token;

    html->text = NGX_WORKERS_HTML_DATA;

    switch (html->guard) {

    case NGX_WORKERS_HTML_SELECT:

        if (ngx_workers_html_name(html, "select")) {
            html->guard = NGX_WORKERS_HTML_NORMAL;
        }

        break;

    case NGX_WORKERS_HTML_SELECT_TEMPLATE:

        if (ngx_workers_html_name(html, "template")
            && --html->templates == 0)
        {
            html->guard = NGX_WORKERS_HTML_SELECT;
        }

        break;
    }

    if (html->nns == 1) {
        return;
    }

    ns = html->ns[html->nns - 1];

    if (ns == NGX_WORKERS_HTML_NS_HTML) {

        if (ngx_workers_html_integration(html->ns[html->nns - 2],
                                         &token->inner))
        {
            html->nns--;
        }

        return;
    }

    if ((ns == NGX_WORKERS_HTML_NS_SVG && ngx_workers_html_name(html, "svg"))
        || (ns == NGX_WORKERS_HTML_NS_MATHML
            && ngx_workers_html_name(html, "math")))
    {
        html->nns--;
        return;
    }

    if (ngx_workers_html_name(html, "p") || ngx_workers_html_name(html, "br"))
    {
        do {
            html->nns--;
        } while (html->ns[html->nns - 1] != NGX_WORKERS_HTML_NS_HTML);
    }
}


/* Refuses a tag of raw text where a browser might take no notice of it. */

static ngx_int_t
ngx_workers_html_guard(ngx_workers_html_t *html)
{
    ngx_str_t                           *name;
    const ngx_workers_html_ambiguous_t  *text;

    name = &html->token.inner;

    switch (html->guard) {

    case NGX_WORKERS_HTML_NORMAL:

        if (ngx_workers_html_name(html, "select")) {
            html->guard = NGX_WORKERS_HTML_SELECT;

        } else if (ngx_workers_html_name(html, "frameset")) {
            html->guard = NGX_WORKERS_HTML_FRAMESET;
        }

        return NGX_OK;

    case NGX_WORKERS_HTML_SELECT:

        /* these end it */

        if (ngx_workers_html_name(html, "select")
            || ngx_workers_html_name(html, "textarea")
            || ngx_workers_html_name(html, "input")
            || ngx_workers_html_name(html, "keygen"))
        {
            html->guard = NGX_WORKERS_HTML_NORMAL;
            return NGX_OK;
        }

        /* fall through */

    case NGX_WORKERS_HTML_SELECT_TEMPLATE:

        if (ngx_workers_html_name(html, "template")) {
            html->guard = NGX_WORKERS_HTML_SELECT_TEMPLATE;
            html->templates++;
            return NGX_OK;
        }

        if (ngx_workers_html_name(html, "script")) {
            return NGX_OK;
        }

        break;

    default: /* NGX_WORKERS_HTML_FRAMESET */

        if (ngx_workers_html_name(html, "noframes")) {
            return NGX_OK;
        }

        if (ngx_workers_html_name(html, "script")) {
            goto ambiguous;
        }
    }

    if (!ngx_workers_html_in(name, ngx_workers_html_raw_text)
        && !ngx_workers_html_name(html, "plaintext"))
    {
        return NGX_OK;
    }

ambiguous:

    for (text = ngx_workers_html_ambiguous; text->name != NULL; text++) {
        if (ngx_workers_html_is(name->data, name->len, text->name)) {
            html->reason = text->reason;
        }
    }

    return NGX_ERROR;
}


static void
ngx_workers_html_text_type(ngx_workers_html_t *html)
{
    ngx_str_t  *name;

    name = &html->token.inner;

    if (ngx_workers_html_in(name, ngx_workers_html_raw_text)) {
        html->text = NGX_WORKERS_HTML_RAWTEXT;

    } else if (ngx_workers_html_name(html, "script")) {
        html->text = NGX_WORKERS_HTML_SCRIPT;

    } else {

        if (ngx_workers_html_name(html, "plaintext")) {
            html->text = NGX_WORKERS_HTML_PLAINTEXT;
        }

        return;
    }

    ngx_strlow(html->text_end, name->data, name->len);
    html->text_end[name->len] = '\0';
}


/* Section 13.2.6.5: whether a start tag ends foreign content. */

static ngx_uint_t
ngx_workers_html_leaves(ngx_workers_html_t *html)
{
    size_t                      len;
    u_char                     *p;
    ngx_uint_t                  i;
    ngx_workers_html_token_t   *token;

    token = &html->token;

    if (ngx_workers_html_in(&token->inner, ngx_workers_html_breakout)) {
        return 1;
    }

    if (!ngx_workers_html_name(html, "font")) {
        return 0;
    }

    for (i = 0; i < token->nattrs; i++) {
        p = token->start + token->attrs[i].name;
        len = token->attrs[i].name_end - token->attrs[i].name;

        if (ngx_workers_html_is(p, len, "color")
            || ngx_workers_html_is(p, len, "face")
            || ngx_workers_html_is(p, len, "size"))
        {
            return 1;
        }
    }

    return 0;
}


/* Whether there is HTML in a foreign element. */

static ngx_uint_t
ngx_workers_html_integrates(ngx_workers_html_t *html)
{
    size_t                      len;
    u_char                     *p;
    ngx_uint_t                  i, ns;
    ngx_workers_html_attr_t    *attr;
    ngx_workers_html_token_t   *token;

    token = &html->token;
    ns = html->ns[html->nns - 1];

    if (!ngx_workers_html_integration(ns, &token->inner)) {
        return 0;
    }

    if (!ngx_workers_html_name(html, "annotation-xml")) {
        return 1;
    }

    for (i = 0; i < token->nattrs; i++) {
        attr = &token->attrs[i];
        p = token->start + attr->name;

        if (!ngx_workers_html_is(p, attr->name_end - attr->name, "encoding")) {
            continue;
        }

        p = token->start + attr->value;
        len = attr->value_end - attr->value;

        return ngx_workers_html_is(p, len, "text/html")
               || ngx_workers_html_is(p, len, "application/xhtml+xml");
    }

    return 0;
}


/* Elements of a namespace in which HTML may be. */

static ngx_uint_t
ngx_workers_html_integration(ngx_uint_t ns, ngx_str_t *name)
{
    static const char *const  svg[] = {
        "foreignobject", "desc", "title", NULL
    };

    static const char *const  mathml[] = {
        "mi", "mo", "mn", "ms", "mtext", "annotation-xml", NULL
    };

    return ngx_workers_html_in(name, (ns == NGX_WORKERS_HTML_NS_SVG) ? svg
                                                                     : mathml);
}


static ngx_uint_t
ngx_workers_html_in(ngx_str_t *name, const char *const *list)
{
    u_char  c;

    c = (name->len != 0) ? (name->data[0] | 0x20) : 0;

    for ( /* void */ ; *list != NULL; list++) {
        if (c == (u_char) **list
            && ngx_workers_html_is(name->data, name->len, *list))
        {
            return 1;
        }
    }

    return 0;
}
