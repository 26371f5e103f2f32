
/*
 * Copyright (C) the nginx-workers authors
 *
 * Selectors and the elements that are open.
 */


#include "ngx_workers_selector.h"

#include <lexbor/css/css.h>
#include <lexbor/css/selectors/pseudo_const.h>


typedef enum {
    NGX_WORKERS_SELECTOR_ID = 0,
    NGX_WORKERS_SELECTOR_CLASS,
    NGX_WORKERS_SELECTOR_EXISTS,
    NGX_WORKERS_SELECTOR_EQUAL,
    NGX_WORKERS_SELECTOR_INCLUDE,          /* ~= */
    NGX_WORKERS_SELECTOR_DASH,             /* |= */
    NGX_WORKERS_SELECTOR_PREFIX,
    NGX_WORKERS_SELECTOR_SUFFIX,
    NGX_WORKERS_SELECTOR_SUBSTRING,
    NGX_WORKERS_SELECTOR_NEVER,
    NGX_WORKERS_SELECTOR_NTH_CHILD,
    NGX_WORKERS_SELECTOR_NTH_OF_TYPE,
    NGX_WORKERS_SELECTOR_NOT,              /* a compound */
    NGX_WORKERS_SELECTOR_NOT_RESULT        /* a selector before this one */
} ngx_workers_simple_e;


typedef struct ngx_workers_simple_s  ngx_workers_simple_t;

struct ngx_workers_simple_s {
    ngx_workers_simple_t       *next;
    ngx_workers_simple_e        type;
    unsigned                    insensitive:1;

    ngx_str_t                   name;      /* of an attribute */
    ngx_str_t                   value;
    long                        a;
    long                        b;
    ngx_uint_t                  result;
    ngx_workers_compound_t     *compound;
};


struct ngx_workers_compound_s {
    ngx_workers_compound_t     *next;
    ngx_str_t                   tag;       /* in small letters; data NULL:
                                              any */
    ngx_workers_simple_t       *simple;
    ngx_workers_simple_t      **last;

    ngx_uint_t                  bit;       /* of this one, if not last */
    ngx_uint_t                  previous;  /* bit of the one before */
    ngx_uint_t                  handler;
    ngx_uint_t                  result;

    unsigned                    chained:1; /* there is one before */
    unsigned                    child:1;   /* ... which the parent matches */
    unsigned                    is_last:1;
    unsigned                    negated:1; /* last: sets result, not handler */
};


typedef struct {
    ngx_workers_html_token_t   *token;
    ngx_workers_elements_t     *elements;
    uint32_t                    nth_child;
    uint32_t                    nth_of_type;
} ngx_workers_match_t;


static ngx_int_t ngx_workers_selector_list(ngx_workers_selectors_t *selectors,
    lxb_css_selector_list_t *list, ngx_uint_t handler, const char **reason);
static ngx_int_t ngx_workers_selector_complex(
    ngx_workers_selectors_t *selectors, lxb_css_selector_t *s,
    ngx_workers_compound_t *last, const char **reason);
static ngx_int_t ngx_workers_selector_compound(
    ngx_workers_selectors_t *selectors, ngx_workers_compound_t *c,
    lxb_css_selector_t **next, const char **reason);
static ngx_int_t ngx_workers_selector_simple(
    ngx_workers_selectors_t *selectors, ngx_workers_compound_t *c,
    lxb_css_selector_t *s, const char **reason);
static ngx_int_t ngx_workers_selector_attribute(
    ngx_workers_selectors_t *selectors, ngx_workers_simple_t *simple,
    lxb_css_selector_t *s, const char **reason);
static ngx_int_t ngx_workers_selector_not(ngx_workers_selectors_t *selectors,
    ngx_workers_compound_t *c, lxb_css_selector_list_t *list,
    const char **reason);
static ngx_workers_simple_t *ngx_workers_selector_add_simple(
    ngx_workers_selectors_t *selectors, ngx_workers_compound_t *c,
    ngx_workers_simple_e type, const char **reason);
static ngx_int_t ngx_workers_selector_string(ngx_pool_t *pool, ngx_str_t *to,
    lexbor_str_t *from, const char **reason);
static const char *ngx_workers_selector_syntax(u_char *p, size_t len);

static ngx_int_t ngx_workers_elements_room(ngx_workers_elements_t *elements);
static ngx_int_t ngx_workers_elements_name(ngx_workers_elements_t *elements,
    ngx_str_t *name, uint32_t *offset);
static ngx_int_t ngx_workers_elements_count(ngx_workers_elements_t *elements,
    ngx_str_t *name, uint32_t *count);
static ngx_uint_t ngx_workers_compound_match(ngx_workers_compound_t *c,
    ngx_workers_match_t *m);
static ngx_uint_t ngx_workers_simple_match(ngx_workers_simple_t *s,
    ngx_workers_match_t *m);
static ngx_uint_t ngx_workers_simple_value(ngx_workers_simple_t *s,
    ngx_str_t *value);
static ngx_uint_t ngx_workers_simple_include(ngx_str_t *word,
    ngx_str_t *value, ngx_uint_t insensitive);
static ngx_uint_t ngx_workers_simple_nth(ngx_workers_simple_t *s, long n);
static ngx_uint_t ngx_workers_simple_same(u_char *a, u_char *b, size_t n,
    ngx_uint_t insensitive);
static ngx_uint_t ngx_workers_attribute(ngx_workers_html_token_t *token,
    ngx_str_t *name, ngx_str_t *value);


#define ngx_workers_bit(bits, i)  ((bits)[(i) / 64] >> ((i) % 64) & 1)
#define ngx_workers_bit_set(bits, i)                                          \
    (bits)[(i) / 64] |= (uint64_t) 1 << ((i) % 64)

#define NGX_WORKERS_SELECTOR_MEMORY       "Out of memory."
#define NGX_WORKERS_SELECTOR_NAMESPACE                                        \
    "Selectors with explicit namespaces are not supported."
#define NGX_WORKERS_SELECTOR_PSEUDO                                           \
    "Unsupported pseudo-class or pseudo-element in selector."


/* Attributes whose values have no case: HTML Standard, section 4.16.2. */

static const char *const  ngx_workers_selector_insensitive[] = {
    "accept", "accept-charset", "align", "alink", "axis", "bgcolor",
    "charset", "checked", "clear", "codetype", "color", "compact", "declare",
    "defer", "dir", "direction", "disabled", "enctype", "face", "frame",
    "hreflang", "http-equiv", "lang", "language", "link", "media", "method",
    "multiple", "nohref", "noresize", "noshade", "nowrap", "readonly", "rel",
    "rev", "rules", "scope", "scrolling", "selected", "shape", "target",
    "text", "type", "valign", "valuetype", "vlink", NULL
};


ngx_int_t
ngx_workers_selectors_add(ngx_workers_selectors_t *selectors, u_char *p,
    size_t len, ngx_uint_t handler, const char **reason)
{
    u_char                    *text, *dst, *src, *last_byte, *next;
    uint32_t                   c;
    ngx_int_t                  rc;
    ngx_uint_t                 escaped;
    lxb_css_parser_t          *parser;
    ngx_workers_selectors_t    saved;
    lxb_css_selector_list_t   *list;
    ngx_workers_compound_t   **last;

    /* lexbor takes some characters beyond ASCII only if they are escaped */

    text = ngx_alloc(6 * len + 1, ngx_cycle->log);
    if (text == NULL) {
        *reason = NGX_WORKERS_SELECTOR_MEMORY;
        return NGX_ERROR;
    }

    dst = text;
    last_byte = p + len;
    escaped = 0;

    for (src = p; src < last_byte; /* void */ ) {

        if (*src < 0x80) {
            escaped = (*src == '\\' && !escaped);
            *dst++ = *src++;
            continue;
        }

        next = src;
        c = ngx_utf8_decode(&next, last_byte - src);

        if (c > 0x10ffff) {
            /* ill-formed: a character for each byte */
            next = src + 1;
            c = 0xfffd;
        }

        dst = ngx_sprintf(dst, escaped ? "%xD " : "\\%xD ", c);
        src = next;
        escaped = 0;
    }

    rc = NGX_ERROR;
    list = NULL;
    saved = *selectors;
    last = (selectors->last != NULL) ? selectors->last : &selectors->first;

    *reason = NGX_WORKERS_SELECTOR_MEMORY;

    parser = lxb_css_parser_create();

    if (parser != NULL && lxb_css_parser_init(parser, NULL) == LXB_STATUS_OK) {
        list = lxb_css_selectors_parse(parser, text, dst - text);

        if (list == NULL) {
            *reason = ngx_workers_selector_syntax(p, len);

        } else {
            selectors->last = last;
            rc = ngx_workers_selector_list(selectors, list, handler, reason);
        }
    }

    if (list != NULL) {
        lxb_css_selector_list_destroy_memory(list);
    }

    (void) lxb_css_parser_destroy(parser, true);
    ngx_free(text);

    if (rc != NGX_OK) {
        *last = NULL;
        *selectors = saved;
        return NGX_ERROR;
    }

    selectors->nhandlers = ngx_max(selectors->nhandlers, handler + 1);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_selector_list(ngx_workers_selectors_t *selectors,
    lxb_css_selector_list_t *list, ngx_uint_t handler, const char **reason)
{
    ngx_workers_compound_t  *c;

    for ( /* void */ ; list != NULL; list = list->next) {

        c = ngx_pcalloc(selectors->pool, sizeof(ngx_workers_compound_t));
        if (c == NULL) {
            *reason = NGX_WORKERS_SELECTOR_MEMORY;
            return NGX_ERROR;
        }

        c->handler = handler;

        if (ngx_workers_selector_complex(selectors, list->first, c, reason)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Adds the compounds of a selector: last is the last one. */

static ngx_int_t
ngx_workers_selector_complex(ngx_workers_selectors_t *selectors,
    lxb_css_selector_t *s, ngx_workers_compound_t *last, const char **reason)
{
    ngx_uint_t               previous, chained, child;
    lxb_css_selector_t      *next, *p;
    ngx_workers_compound_t  *c;

    previous = 0;
    chained = 0;

    if (s == NULL) {
        *reason = "The selector is empty.";
        return NGX_ERROR;
    }

    while (s != NULL) {

        child = 0;

        switch (s->combinator) {

        case LXB_CSS_SELECTOR_COMBINATOR_DESCENDANT:
        case LXB_CSS_SELECTOR_COMBINATOR_CLOSE:
            break;

        case LXB_CSS_SELECTOR_COMBINATOR_CHILD:
            child = 1;
            break;

        case LXB_CSS_SELECTOR_COMBINATOR_SIBLING:
            *reason = "Unsupported combinator `+` in selector.";
            return NGX_ERROR;

        case LXB_CSS_SELECTOR_COMBINATOR_FOLLOWING:
            *reason = "Unsupported combinator `~` in selector.";
            return NGX_ERROR;

        default:
            *reason = NGX_WORKERS_SELECTOR_NAMESPACE;
            return NGX_ERROR;
        }

        /* is it the last one? */

        for (p = s->next;
             p != NULL && p->combinator == LXB_CSS_SELECTOR_COMBINATOR_CLOSE;
             p = p->next)
        {
            /* void */
        }

        if (p == NULL) {
            c = last;
            c->is_last = 1;

        } else {
            c = ngx_pcalloc(selectors->pool, sizeof(ngx_workers_compound_t));
            if (c == NULL) {
                *reason = NGX_WORKERS_SELECTOR_MEMORY;
                return NGX_ERROR;
            }

            c->bit = selectors->nbits++;
        }

        c->chained = chained;
        c->child = child;
        c->previous = previous;

        next = s;

        if (ngx_workers_selector_compound(selectors, c, &next, reason)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        *selectors->last = c;
        selectors->last = &c->next;

        previous = c->bit;
        chained = 1;
        s = next;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_selector_compound(ngx_workers_selectors_t *selectors,
    ngx_workers_compound_t *c, lxb_css_selector_t **next, const char **reason)
{
    lxb_css_selector_t  *s;

    c->last = &c->simple;

    s = *next;

    do {
        if (ngx_workers_selector_simple(selectors, c, s, reason) != NGX_OK) {
            return NGX_ERROR;
        }

        s = s->next;

    } while (s != NULL
             && s->combinator == LXB_CSS_SELECTOR_COMBINATOR_CLOSE);

    *next = s;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_selector_simple(ngx_workers_selectors_t *selectors,
    ngx_workers_compound_t *c, lxb_css_selector_t *s, const char **reason)
{
    ngx_uint_t                  type;
    ngx_workers_simple_t       *simple;
    lxb_css_selector_anb_of_t  *anb;

    if (s->ns.length != 0 && !(s->ns.length == 1 && s->ns.data[0] == '*')) {
        *reason = NGX_WORKERS_SELECTOR_NAMESPACE;
        return NGX_ERROR;
    }

    switch (s->type) {

    case LXB_CSS_SELECTOR_TYPE_ANY:
        return NGX_OK;

    case LXB_CSS_SELECTOR_TYPE_ELEMENT:

        if (ngx_workers_selector_string(selectors->pool, &c->tag, &s->name,
                                        reason)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_strlow(c->tag.data, c->tag.data, c->tag.len);

        return NGX_OK;

    case LXB_CSS_SELECTOR_TYPE_ID:
    case LXB_CSS_SELECTOR_TYPE_CLASS:

        simple = ngx_workers_selector_add_simple(selectors, c,
                               (s->type == LXB_CSS_SELECTOR_TYPE_ID)
                               ? NGX_WORKERS_SELECTOR_ID
                               : NGX_WORKERS_SELECTOR_CLASS, reason);
        if (simple == NULL) {
            return NGX_ERROR;
        }

        return ngx_workers_selector_string(selectors->pool, &simple->value,
                                           &s->name, reason);

    case LXB_CSS_SELECTOR_TYPE_ATTRIBUTE:

        simple = ngx_workers_selector_add_simple(selectors, c,
                                         NGX_WORKERS_SELECTOR_EXISTS, reason);
        if (simple == NULL) {
            return NGX_ERROR;
        }

        return ngx_workers_selector_attribute(selectors, simple, s, reason);

    case LXB_CSS_SELECTOR_TYPE_PSEUDO_CLASS:

        switch (s->u.pseudo.type) {

        case LXB_CSS_SELECTOR_PSEUDO_CLASS_FIRST_CHILD:
            type = NGX_WORKERS_SELECTOR_NTH_CHILD;
            break;

        case LXB_CSS_SELECTOR_PSEUDO_CLASS_FIRST_OF_TYPE:
            type = NGX_WORKERS_SELECTOR_NTH_OF_TYPE;
            break;

        default:
            *reason = NGX_WORKERS_SELECTOR_PSEUDO;
            return NGX_ERROR;
        }

        anb = NULL;
        break;

    case LXB_CSS_SELECTOR_TYPE_PSEUDO_CLASS_FUNCTION:

        anb = s->u.pseudo.data;

        switch (s->u.pseudo.type) {

        case LXB_CSS_SELECTOR_PSEUDO_CLASS_FUNCTION_NOT:
            return ngx_workers_selector_not(selectors, c, s->u.pseudo.data,
                                            reason);

        case LXB_CSS_SELECTOR_PSEUDO_CLASS_FUNCTION_NTH_CHILD:
            type = NGX_WORKERS_SELECTOR_NTH_CHILD;
            break;

        case LXB_CSS_SELECTOR_PSEUDO_CLASS_FUNCTION_NTH_OF_TYPE:
            type = NGX_WORKERS_SELECTOR_NTH_OF_TYPE;
            break;

        default:
            *reason = NGX_WORKERS_SELECTOR_PSEUDO;
            return NGX_ERROR;
        }

        if (anb == NULL || anb->of != NULL) {
            *reason = "Unexpected token in selector.";
            return NGX_ERROR;
        }

        break;

    default:
        *reason = NGX_WORKERS_SELECTOR_PSEUDO;
        return NGX_ERROR;
    }

    simple = ngx_workers_selector_add_simple(selectors, c, type, reason);
    if (simple == NULL) {
        return NGX_ERROR;
    }

    simple->a = (anb != NULL) ? anb->anb.a : 0;
    simple->b = (anb != NULL) ? anb->anb.b : 1;

    if (type == NGX_WORKERS_SELECTOR_NTH_OF_TYPE) {
        selectors->types = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_selector_attribute(ngx_workers_selectors_t *selectors,
    ngx_workers_simple_t *simple, lxb_css_selector_t *s, const char **reason)
{
    size_t              i;
    ngx_uint_t          upper;
    const char *const  *name;

    if (ngx_workers_selector_string(selectors->pool, &simple->name, &s->name,
                                    reason)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0, upper = 0; i < simple->name.len; i++) {
        upper |= (simple->name.data[i] >= 'A' && simple->name.data[i] <= 'Z');
    }

    if (s->u.attribute.value.data == NULL) {

        /* the platform finds no name that is not in small letters */

        if (upper) {
            simple->type = NGX_WORKERS_SELECTOR_NEVER;
        }

        return NGX_OK;
    }

    if (upper) {
        *reason = NGX_WORKERS_SELECTOR_NAMESPACE;
        return NGX_ERROR;
    }

    if (ngx_workers_selector_string(selectors->pool, &simple->value,
                                    &s->u.attribute.value, reason)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    switch (s->u.attribute.match) {

    case LXB_CSS_SELECTOR_MATCH_EQUAL:
        simple->type = NGX_WORKERS_SELECTOR_EQUAL;
        break;

    case LXB_CSS_SELECTOR_MATCH_INCLUDE:
        simple->type = NGX_WORKERS_SELECTOR_INCLUDE;
        break;

    case LXB_CSS_SELECTOR_MATCH_DASH:
        simple->type = NGX_WORKERS_SELECTOR_DASH;
        break;

    case LXB_CSS_SELECTOR_MATCH_PREFIX:
        simple->type = NGX_WORKERS_SELECTOR_PREFIX;
        break;

    case LXB_CSS_SELECTOR_MATCH_SUFFIX:
        simple->type = NGX_WORKERS_SELECTOR_SUFFIX;
        break;

    default: /* LXB_CSS_SELECTOR_MATCH_SUBSTRING */
        simple->type = NGX_WORKERS_SELECTOR_SUBSTRING;
        break;
    }

    if (s->u.attribute.modifier == LXB_CSS_SELECTOR_MODIFIER_I) {
        simple->insensitive = 1;

    } else if (s->u.attribute.modifier == LXB_CSS_SELECTOR_MODIFIER_UNSET) {

        for (name = ngx_workers_selector_insensitive; *name != NULL; name++) {
            if (ngx_workers_html_is(simple->name.data, simple->name.len,
                                    *name))
            {
                simple->insensitive = 1;
                break;
            }
        }
    }

    return NGX_OK;
}


/* Not any of a list: each of them is one condition. */

static ngx_int_t
ngx_workers_selector_not(ngx_workers_selectors_t *selectors,
    ngx_workers_compound_t *c, lxb_css_selector_list_t *list,
    const char **reason)
{
    lxb_css_selector_t      *s;
    ngx_workers_simple_t    *simple;
    ngx_workers_compound_t  *not;

    if (list == NULL) {
        *reason = "The selector is empty.";
        return NGX_ERROR;
    }

    for ( /* void */ ; list != NULL; list = list->next) {

        s = list->first;

        if (s == NULL) {
            *reason = "The selector is empty.";
            return NGX_ERROR;
        }

        for (s = s->next;
             s != NULL && s->combinator == LXB_CSS_SELECTOR_COMBINATOR_CLOSE;
             s = s->next)
        {
            /* void */
        }

        simple = ngx_workers_selector_add_simple(selectors, c,
                                     (s == NULL)
                                     ? NGX_WORKERS_SELECTOR_NOT
                                     : NGX_WORKERS_SELECTOR_NOT_RESULT,
                                     reason);
        if (simple == NULL) {
            return NGX_ERROR;
        }

        not = ngx_pcalloc(selectors->pool, sizeof(ngx_workers_compound_t));
        if (not == NULL) {
            *reason = NGX_WORKERS_SELECTOR_MEMORY;
            return NGX_ERROR;
        }

        simple->compound = not;
        s = list->first;

        if (simple->type == NGX_WORKERS_SELECTOR_NOT) {

            if (ngx_workers_selector_compound(selectors, not, &s, reason)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            continue;
        }

        /* it is matched before the selector that asks for the result */

        simple->result = selectors->nresults++;

        not->negated = 1;
        not->result = simple->result;

        if (ngx_workers_selector_complex(selectors, s, not, reason) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_workers_simple_t *
ngx_workers_selector_add_simple(ngx_workers_selectors_t *selectors,
    ngx_workers_compound_t *c, ngx_workers_simple_e type, const char **reason)
{
    ngx_workers_simple_t  *simple;

    simple = ngx_pcalloc(selectors->pool, sizeof(ngx_workers_simple_t));
    if (simple == NULL) {
        *reason = NGX_WORKERS_SELECTOR_MEMORY;
        return NULL;
    }

    simple->type = type;

    *c->last = simple;
    c->last = &simple->next;

    return simple;
}


static ngx_int_t
ngx_workers_selector_string(ngx_pool_t *pool, ngx_str_t *to,
    lexbor_str_t *from, const char **reason)
{
    to->len = from->length;
    to->data = ngx_pnalloc(pool, from->length + 1);

    if (to->data == NULL) {
        *reason = NGX_WORKERS_SELECTOR_MEMORY;
        return NGX_ERROR;
    }

    ngx_memcpy(to->data, from->data, from->length);

    return NGX_OK;
}


/* A reason for what is no selector: lexbor does not say which. */

static const char *
ngx_workers_selector_syntax(u_char *p, size_t len)
{
    u_char  c, last;

    while (len != 0 && ngx_strchr(" \t\r\n\f", p[0]) != NULL) {
        p++;
        len--;
    }

    while (len != 0 && ngx_strchr(" \t\r\n\f", p[len - 1]) != NULL) {
        len--;
    }

    if (len == 0) {
        return "The selector is empty.";
    }

    c = p[0];
    last = p[len - 1];

    if (ngx_strchr("[(:.=", last) != NULL) {
        return "Unexpected end of selector.";
    }

    if (last == '>' && c != '>') {
        return "Dangling combinator in selector.";
    }

    if (ngx_strlchr(p, p + len, ':') != NULL && c != '[') {
        return NGX_WORKERS_SELECTOR_PSEUDO;
    }

    if (last == ','
        || (ngx_strchr("[:.#*|\\_-", c) == NULL && c < 0x80
            && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z')))
    {
        return "The selector is empty.";
    }

    return "Unexpected token in selector.";
}


ngx_int_t
ngx_workers_elements_init(ngx_workers_elements_t *elements)
{
    ngx_workers_selectors_t  *selectors;

    selectors = elements->selectors;

    elements->words = (selectors->nbits + 63) / 64;
    elements->stride = 2 * elements->words + (selectors->nhandlers + 63) / 64;

    if (selectors->nresults != 0) {
        elements->results = ngx_alloc(selectors->nresults, ngx_cycle->log);
        if (elements->results == NULL) {
            return NGX_ERROR;
        }
    }

    if (ngx_workers_elements_room(elements) != NGX_OK) {
        return NGX_ERROR;
    }

    /* the document: no element, and no compound matches it */

    ngx_memzero(elements->stack, sizeof(ngx_workers_element_t));
    ngx_memzero(elements->bits, elements->stride * sizeof(uint64_t));

    elements->n = 1;

    return NGX_OK;
}


void
ngx_workers_elements_free(ngx_workers_elements_t *elements)
{
    ngx_free(elements->stack);
    ngx_free(elements->bits);
    ngx_free(elements->results);
    ngx_free(elements->names);
    ngx_free(elements->types);
}


/* Room for what may become the next element. */

static ngx_int_t
ngx_workers_elements_room(ngx_workers_elements_t *elements)
{
    void        *stack, *bits;
    ngx_uint_t   max;

    if (elements->n < elements->max) {
        return NGX_OK;
    }

    max = elements->max ? 2 * elements->max : 32;

    stack = realloc(elements->stack, max * sizeof(ngx_workers_element_t));
    if (stack == NULL) {
        return NGX_ERROR;
    }

    elements->stack = stack;

    bits = realloc(elements->bits,
                   ngx_max(max * elements->stride, 1) * sizeof(uint64_t));
    if (bits == NULL) {
        return NGX_ERROR;
    }

    elements->bits = bits;
    elements->max = max;

    return NGX_OK;
}


ngx_int_t
ngx_workers_elements_match(ngx_workers_elements_t *elements,
    ngx_workers_html_token_t *token, uint64_t **handlers)
{
    uint64_t                *below, *own, *found, *parent_below, *parent_own;
    ngx_uint_t               i;
    ngx_workers_match_t      m;
    ngx_workers_element_t   *parent;
    ngx_workers_compound_t  *c;

    if (elements->n > NGX_WORKERS_SELECTOR_MAX_DEPTH
        || ngx_workers_elements_room(elements) != NGX_OK)
    {
        return NGX_ERROR;
    }

    parent = ngx_workers_elements_top(elements);
    parent->children++;

    m.token = token;
    m.elements = elements;
    m.nth_child = parent->children;
    m.nth_of_type = 0;

    if (elements->selectors->types
        && ngx_workers_elements_count(elements, &token->inner, &m.nth_of_type)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    parent_below = elements->bits + (elements->n - 1) * elements->stride;
    parent_own = parent_below + elements->words;

    below = elements->bits + elements->n * elements->stride;
    own = below + elements->words;
    found = own + elements->words;

    for (i = 0; i < elements->words; i++) {
        below[i] = parent_below[i];
        own[i] = 0;
    }

    for (i = 2 * elements->words; i < elements->stride; i++) {
        below[i] = 0;
    }

    if (elements->results != NULL) {
        ngx_memzero(elements->results, elements->selectors->nresults);
    }

    for (c = elements->selectors->first; c != NULL; c = c->next) {

        if (c->chained
            && !ngx_workers_bit(c->child ? parent_own : parent_below,
                                c->previous))
        {
            continue;
        }

        if (!ngx_workers_compound_match(c, &m)) {
            continue;
        }

        if (!c->is_last) {
            ngx_workers_bit_set(own, c->bit);
            ngx_workers_bit_set(below, c->bit);

        } else if (c->negated) {
            elements->results[c->result] = 1;

        } else {
            ngx_workers_bit_set(found, c->handler);
        }
    }

    *handlers = found;

    return NGX_OK;
}


ngx_int_t
ngx_workers_elements_push(ngx_workers_elements_t *elements,
    ngx_workers_html_token_t *token, void *data)
{
    ngx_workers_element_t  *e;

    e = &elements->stack[elements->n];

    e->children = 0;
    e->types = 0;
    e->data = data;
    e->name_len = token->inner.len;

    if (ngx_workers_elements_name(elements, &token->inner, &e->name)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    elements->n++;

    return NGX_OK;
}


/* Keeps a name, in small letters, until what is before it is closed. */

static ngx_int_t
ngx_workers_elements_name(ngx_workers_elements_t *elements, ngx_str_t *name,
    uint32_t *offset)
{
    size_t   size;
    u_char  *names;

    if (elements->names_len + name->len > elements->names_size) {
        size = ngx_max(2 * elements->names_size, 512);
        size = ngx_max(size, elements->names_len + name->len);

        if (size > 4 * NGX_WORKERS_HTML_MAX_TOKEN) {
            return NGX_ERROR;
        }

        names = realloc(elements->names, size);
        if (names == NULL) {
            return NGX_ERROR;
        }

        elements->names = names;
        elements->names_size = size;
    }

    *offset = elements->names_len;

    ngx_strlow(elements->names + elements->names_len, name->data, name->len);
    elements->names_len += name->len;

    return NGX_OK;
}


/* Which child of its name it is. */

static ngx_int_t
ngx_workers_elements_count(ngx_workers_elements_t *elements, ngx_str_t *name,
    uint32_t *count)
{
    void                        *types;
    uint32_t                     i;
    ngx_uint_t                   max;
    ngx_workers_element_t       *parent;
    ngx_workers_element_type_t  *type;

    parent = ngx_workers_elements_top(elements);

    for (i = parent->types; i != 0; i = type->next) {
        type = &elements->types[i - 1];

        if (type->name_len == name->len
            && ngx_strncasecmp(elements->names + type->name, name->data,
                               name->len)
               == 0)
        {
            *count = ++type->count;
            return NGX_OK;
        }
    }

    if (elements->ntypes == elements->max_types) {
        max = elements->max_types ? 2 * elements->max_types : 32;

        if (max > 16 * NGX_WORKERS_SELECTOR_MAX_DEPTH) {
            return NGX_ERROR;
        }

        types = realloc(elements->types,
                        max * sizeof(ngx_workers_element_type_t));
        if (types == NULL) {
            return NGX_ERROR;
        }

        elements->types = types;
        elements->max_types = max;
    }

    type = &elements->types[elements->ntypes];

    type->next = parent->types;
    type->name_len = name->len;
    type->count = 1;

    if (ngx_workers_elements_name(elements, name, &type->name) != NGX_OK) {
        return NGX_ERROR;
    }

    parent->types = ++elements->ntypes;
    *count = 1;

    return NGX_OK;
}


ngx_uint_t
ngx_workers_elements_find(ngx_workers_elements_t *elements, ngx_str_t *name)
{
    ngx_uint_t              i;
    ngx_workers_element_t  *e;

    for (i = elements->n - 1; i > 0; i--) {
        e = &elements->stack[i];

        if (e->name_len == name->len
            && ngx_strncasecmp(elements->names + e->name, name->data,
                               name->len)
               == 0)
        {
            return i;
        }
    }

    return 0;
}


void
ngx_workers_elements_pop(ngx_workers_elements_t *elements)
{
    uint32_t                i;
    ngx_workers_element_t  *e;

    e = ngx_workers_elements_top(elements);

    elements->n--;

    /* what its children were goes with it: they are the last ones */

    elements->names_len = e->name;

    for (i = e->types; i != 0; i = elements->types[i - 1].next) {
        elements->ntypes = i - 1;
    }
}


static ngx_uint_t
ngx_workers_compound_match(ngx_workers_compound_t *c, ngx_workers_match_t *m)
{
    ngx_str_t             *name;
    ngx_workers_simple_t  *s;

    name = &m->token->inner;

    if (c->tag.data != NULL
        && (c->tag.len != name->len
            || ngx_strncasecmp(c->tag.data, name->data, name->len) != 0))
    {
        return 0;
    }

    for (s = c->simple; s != NULL; s = s->next) {
        if (!ngx_workers_simple_match(s, m)) {
            return 0;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_workers_simple_match(ngx_workers_simple_t *s, ngx_workers_match_t *m)
{
    ngx_str_t         value;
    static ngx_str_t  id = ngx_string("id");
    static ngx_str_t  class = ngx_string("class");

    switch (s->type) {

    case NGX_WORKERS_SELECTOR_ID:
        return ngx_workers_attribute(m->token, &id, &value)
               && value.len == s->value.len
               && ngx_memcmp(value.data, s->value.data, value.len) == 0;

    case NGX_WORKERS_SELECTOR_CLASS:
        return ngx_workers_attribute(m->token, &class, &value)
               && ngx_workers_simple_include(&s->value, &value, 0);

    case NGX_WORKERS_SELECTOR_NTH_CHILD:
        return ngx_workers_simple_nth(s, m->nth_child);

    case NGX_WORKERS_SELECTOR_NTH_OF_TYPE:
        return ngx_workers_simple_nth(s, m->nth_of_type);

    case NGX_WORKERS_SELECTOR_NOT:
        return !ngx_workers_compound_match(s->compound, m);

    case NGX_WORKERS_SELECTOR_NOT_RESULT:
        return !m->elements->results[s->result];

    case NGX_WORKERS_SELECTOR_NEVER:
        return 0;

    default:
        return ngx_workers_attribute(m->token, &s->name, &value)
               && ngx_workers_simple_value(s, &value);
    }
}


static ngx_uint_t
ngx_workers_simple_value(ngx_workers_simple_t *s, ngx_str_t *value)
{
    size_t   n;
    u_char  *p, *last;

    n = s->value.len;
    p = value->data;

    switch (s->type) {

    case NGX_WORKERS_SELECTOR_EQUAL:
        return value->len == n
               && ngx_workers_simple_same(p, s->value.data, n, s->insensitive);

    case NGX_WORKERS_SELECTOR_INCLUDE:
        return ngx_workers_simple_include(&s->value, value, s->insensitive);

    case NGX_WORKERS_SELECTOR_DASH:
        return value->len >= n
               && ngx_workers_simple_same(p, s->value.data, n, s->insensitive)
               && (value->len == n || p[n] == '-');

    /* what is empty begins and ends all that is not: as the platform has it */

    case NGX_WORKERS_SELECTOR_PREFIX:
        return value->len >= ngx_max(n, 1)
               && ngx_workers_simple_same(p, s->value.data, n, s->insensitive);

    case NGX_WORKERS_SELECTOR_SUFFIX:
        return value->len >= ngx_max(n, 1)
               && ngx_workers_simple_same(p + value->len - n, s->value.data, n,
                                          s->insensitive);

    case NGX_WORKERS_SELECTOR_SUBSTRING:

        if (n == 0 || value->len < n) {
            return 0;
        }

        for (last = p + value->len - n; p <= last; p++) {
            if (ngx_workers_simple_same(p, s->value.data, n, s->insensitive)) {
                return 1;
            }
        }

        return 0;

    default: /* NGX_WORKERS_SELECTOR_EXISTS */
        return 1;
    }
}


/* Whether a word is one of those between spaces. */

static ngx_uint_t
ngx_workers_simple_include(ngx_str_t *word, ngx_str_t *value,
    ngx_uint_t insensitive)
{
    u_char  *p, *start, *last;

    last = value->data + value->len;

    for (p = value->data; /* void */ ; p++) {

        start = p;

        while (p < last && *p != ' ' && *p != '\t' && *p != '\n' && *p != '\f'
               && *p != '\r')
        {
            p++;
        }

        if ((size_t) (p - start) == word->len
            && ngx_workers_simple_same(start, word->data, word->len,
                                       insensitive))
        {
            return 1;
        }

        if (p == last) {
            return 0;
        }
    }
}


/* Whether n is a * i + b for an i of 0 and more. */

static ngx_uint_t
ngx_workers_simple_nth(ngx_workers_simple_t *s, long n)
{
    if (s->b < -(long) NGX_MAX_INT32_VALUE
        || s->b > (long) NGX_MAX_INT32_VALUE)
    {
        return 0;
    }

    n -= s->b;

    if (s->a == 0) {
        return n == 0;
    }

    return n % s->a == 0 && (n == 0 || (n > 0) == (s->a > 0));
}


static ngx_uint_t
ngx_workers_simple_same(u_char *a, u_char *b, size_t n, ngx_uint_t insensitive)
{
    if (n == 0) {
        return 1;
    }

    return insensitive ? (ngx_strncasecmp(a, b, n) == 0)
                       : (ngx_memcmp(a, b, n) == 0);
}


/* The value of the first attribute of a name, which is in small letters. */

static ngx_uint_t
ngx_workers_attribute(ngx_workers_html_token_t *token, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_uint_t                i;
    ngx_workers_html_attr_t  *attr;

    for (i = 0; i < token->nattrs; i++) {
        attr = &token->attrs[i];

        if (attr->name_end - attr->name == name->len
            && ngx_strncasecmp(token->start + attr->name, name->data,
                               name->len)
               == 0)
        {
            value->data = token->start + attr->value;
            value->len = attr->value_end - attr->value;
            return 1;
        }
    }

    return 0;
}
