
/*
 * Copyright (C) the nginx-workers authors
 *
 * Selectors that are matched while a document flows by: Selectors Level 4, as
 * far as start tags and their ancestors decide them.  lexbor parses them.
 *
 * A selector is cut into its compounds.  An open element remembers which
 * compounds, but the last ones, it matches itself and which it or an ancestor
 * does: that is all the next compound has to know.
 */


#ifndef _NGX_WORKERS_SELECTOR_H_INCLUDED_
#define _NGX_WORKERS_SELECTOR_H_INCLUDED_


#include "ngx_workers_html.h"


#define NGX_WORKERS_SELECTOR_MAX_DEPTH  16384   /* elements that are open */


typedef struct ngx_workers_compound_s  ngx_workers_compound_t;


/* The selectors of a rewriter; all zero but pool at first. */
typedef struct {
    ngx_pool_t                 *pool;
    ngx_workers_compound_t     *first;
    ngx_workers_compound_t    **last;
    ngx_uint_t                  nbits;     /* compounds to be remembered */
    ngx_uint_t                  nresults;  /* of selectors in :not() */
    ngx_uint_t                  nhandlers;
    unsigned                    types:1;   /* :nth-of-type() is used */
} ngx_workers_selectors_t;


typedef struct {
    uint32_t                    name;      /* offset in names */
    uint32_t                    name_len;
    uint32_t                    children;
    uint32_t                    types;     /* of children: index + 1 */
    void                       *data;      /* the caller's */
} ngx_workers_element_t;


/* How many children of a name there were. */
typedef struct {
    uint32_t                    next;      /* index + 1 */
    uint32_t                    name;      /* offset in names */
    uint32_t                    name_len;
    uint32_t                    count;
} ngx_workers_element_type_t;


/*
 * The elements that are open; all zero but selectors at first.  stack[0] is
 * the document.
 */
typedef struct {
    ngx_workers_selectors_t    *selectors;

    ngx_workers_element_t      *stack;
    ngx_uint_t                  n;
    ngx_uint_t                  max;

    uint64_t                   *bits;      /* of each element: below it,
                                              itself, handlers */
    ngx_uint_t                  words;     /* of nbits */
    ngx_uint_t                  stride;    /* words of an element */

    uint8_t                    *results;   /* by number, of this element */

    u_char                     *names;
    size_t                      names_len;
    size_t                      names_size;

    ngx_workers_element_type_t *types;
    ngx_uint_t                  ntypes;
    ngx_uint_t                  max_types;
} ngx_workers_elements_t;


/*
 * Adds a selector for the handler of a number, or those before it.
 * NGX_ERROR: *reason says why, static; it is as if it had not been called,
 * but for memory of the pool.
 */
ngx_int_t ngx_workers_selectors_add(ngx_workers_selectors_t *selectors,
    u_char *p, size_t len, ngx_uint_t handler, const char **reason);


ngx_int_t ngx_workers_elements_init(ngx_workers_elements_t *elements);
void ngx_workers_elements_free(ngx_workers_elements_t *elements);

/*
 * A start tag: counts the element as a child, and finds the handlers of the
 * selectors that it matches, as bits, valid until the next call.
 * NGX_ERROR: no memory, or too many are open.
 */
ngx_int_t ngx_workers_elements_match(ngx_workers_elements_t *elements,
    ngx_workers_html_token_t *token, uint64_t **handlers);

/* It is not void: it stays open, and remembers what was found. */
ngx_int_t ngx_workers_elements_push(ngx_workers_elements_t *elements,
    ngx_workers_html_token_t *token, void *data);

/* The open element that an end tag ends: its index, or 0 if there is none. */
ngx_uint_t ngx_workers_elements_find(ngx_workers_elements_t *elements,
    ngx_str_t *name);

/* Closes the last one. */
void ngx_workers_elements_pop(ngx_workers_elements_t *elements);

#define ngx_workers_elements_top(e)  (&(e)->stack[(e)->n - 1])

/* The handlers that matched the i-th open element. */
#define ngx_workers_elements_handlers(e, i)                                   \
    ((e)->bits + (i) * (e)->stride + 2 * (e)->words)


#endif /* _NGX_WORKERS_SELECTOR_H_INCLUDED_ */
