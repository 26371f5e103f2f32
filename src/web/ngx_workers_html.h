
/*
 * Copyright (C) the nginx-workers authors
 *
 * A tokenizer of HTML: HTML Standard, section 13.2.5, without a tree.  It
 * takes bytes in pieces of any size and cuts them into tokens that are ranges
 * of these bytes, so that what nobody changes can be passed on as it came;
 * for that reason it is not lexbor's, whose tokens are normalised copies.
 *
 * What a tree builder would tell the tokenizer - namespaces, and which
 * elements hold raw text - comes from a simulation of it, which knows the
 * names of tags only.
 */


#ifndef _NGX_WORKERS_HTML_H_INCLUDED_
#define _NGX_WORKERS_HTML_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_WORKERS_HTML_MAX_TOKEN   (8 * 1024 * 1024)
#define NGX_WORKERS_HTML_NO_MEMORY   "Parser error: Out of memory."
#define NGX_WORKERS_HTML_TOO_LARGE                                            \
    "Parser error: The memory limit has been exceeded."

#define NGX_WORKERS_HTML_MAX_NS      256    /* svg in foreignObject in svg... */


typedef enum {
    NGX_WORKERS_HTML_TEXT = 0,
    NGX_WORKERS_HTML_START,
    NGX_WORKERS_HTML_END,
    NGX_WORKERS_HTML_COMMENT,
    NGX_WORKERS_HTML_DOCTYPE,
    NGX_WORKERS_HTML_RAW                   /* of no meaning: "</>", "]]>" */
} ngx_workers_html_token_e;


typedef enum {
    NGX_WORKERS_HTML_NS_HTML = 0,
    NGX_WORKERS_HTML_NS_SVG,
    NGX_WORKERS_HTML_NS_MATHML
} ngx_workers_html_ns_e;


/* Offsets from the token's start. */
typedef struct {
    uint32_t                    name;
    uint32_t                    name_end;
    uint32_t                    value;     /* without quotes */
    uint32_t                    value_end;
    uint32_t                    end;       /* with them */
} ngx_workers_html_attr_t;


/*
 * start and end are the token's bytes.  inner: the text of a comment, the
 * name of a tag or a doctype; an empty name of a doctype has no data.
 */
typedef struct {
    ngx_workers_html_token_e    type;
    u_char                     *start;
    u_char                     *end;
    ngx_str_t                   inner;

    ngx_workers_html_attr_t    *attrs;     /* of a start tag */
    ngx_uint_t                  nattrs;
    ngx_workers_html_ns_e       ns;

    ngx_str_t                   public_id; /* of a doctype; data NULL: none */
    ngx_str_t                   system_id;

    unsigned                    self_closing:1;
    unsigned                    is_void:1; /* there is no end tag */
} ngx_workers_html_token_t;


typedef struct {
    ngx_workers_html_token_t    token;

    u_char                     *start;     /* of what is not a token yet */
    u_char                     *pos;       /* looked at so far */
    u_char                     *last;
    u_char                     *carry;     /* what start points to, or NULL:
                                              the caller's bytes */
    size_t                      carry_size;

    ngx_uint_t                  state;
    ngx_uint_t                  text;      /* which text is between tags */
    u_char                      text_end[16];  /* the tag that ends it */

    ngx_workers_html_attr_t     attr;      /* being read */
    ngx_workers_html_attr_t    *attrs;
    ngx_uint_t                  nattrs;
    ngx_uint_t                  max_attrs;
    uint32_t                    name_end;
    u_char                      quote;

    uint8_t                     ns[NGX_WORKERS_HTML_MAX_NS];
    ngx_uint_t                  nns;
    ngx_uint_t                  guard;     /* where text may be ambiguous */
    ngx_uint_t                  templates;

    const char                 *reason;    /* of NGX_ERROR; static */

    unsigned                    eof:1;
    unsigned                    utf8:1;    /* no character is cut in text */
} ngx_workers_html_t;


/* All else is 0. */
void ngx_workers_html_init(ngx_workers_html_t *html);
void ngx_workers_html_free(ngx_workers_html_t *html);

/*
 * More bytes, borrowed until the tokenizer asks for more again.
 * NGX_ERROR: no memory, or the token is too long; reason is set.
 */
ngx_int_t ngx_workers_html_feed(ngx_workers_html_t *html, u_char *p,
    size_t len);

/*
 * NGX_OK: html->token is the next one, valid until the next call.  NGX_AGAIN:
 * it needs more bytes, or html->eof.  NGX_DONE: that was all.  NGX_ERROR:
 * reason is set.
 */
ngx_int_t ngx_workers_html_next(ngx_workers_html_t *html);

/* Whether bytes are a name in small letters, themselves in any. */
ngx_uint_t ngx_workers_html_is(const u_char *p, size_t len, const char *name);


/* ngx_workers_html_tree.c: what the token, a tag, means for those behind it */
ngx_int_t ngx_workers_html_start_tag(ngx_workers_html_t *html);
void ngx_workers_html_end_tag(ngx_workers_html_t *html);

enum {
    NGX_WORKERS_HTML_DATA = 0,
    NGX_WORKERS_HTML_RAWTEXT,              /* and RCDATA: ends at its tag */
    NGX_WORKERS_HTML_SCRIPT,
    NGX_WORKERS_HTML_SCRIPT_ESCAPED,
    NGX_WORKERS_HTML_SCRIPT_TWICE,         /* escaped */
    NGX_WORKERS_HTML_PLAINTEXT,
    NGX_WORKERS_HTML_CDATA
};


#endif /* _NGX_WORKERS_HTML_H_INCLUDED_ */
