
/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter: what its files share.
 *
 * A rewriter is a native source around another one.  It cuts the bytes into
 * tokens; what no handler wants to see is copied as it came, and JavaScript
 * is entered, from a posted event, for the rest.  A handler that returns a
 * promise stops it until that is settled.
 */


#ifndef _NGX_WORKERS_REWRITER_H_INCLUDED_
#define _NGX_WORKERS_REWRITER_H_INCLUDED_


#include "ngx_workers_body.h"
#include "ngx_workers_decoder.h"
#include "ngx_workers_selector.h"


#define NGX_WORKERS_REWRITER_PIECE  65536   /* bytes read and given at once */


typedef struct {
    JSValue                        object;     /* this of the functions */
    JSValue                        element;    /* or undefined */
    JSValue                        comments;
    JSValue                        text;
    JSValue                        doctype;
    JSValue                        end;
    ngx_str_t                      selector;   /* data NULL: the document's */
} ngx_workers_rewriter_handlers_t;


/* What on() and onDocument() were told; not changed while it has readers. */
typedef struct {
    ngx_uint_t                     refs;
    ngx_workers_selectors_t        selectors;
    ngx_array_t                    elements;   /* of handlers */
    ngx_array_t                    documents;
    size_t                         charged;
} ngx_workers_rewriter_rules_t;


/* Something inserted: bytes in the document's encoding, or a stream. */
typedef struct ngx_workers_rewriter_content_s  ngx_workers_rewriter_content_t;

struct ngx_workers_rewriter_content_s {
    ngx_workers_rewriter_content_t  *next;
    struct ngx_workers_rewriter_s   *rw;
    ngx_workers_source_t            *source;
    ngx_chain_t                     *in;       /* of source, not used up */
    u_char                           cut[4];   /* of a character */
    ngx_uint_t                       ncut;
    unsigned                         html:1;
    size_t                           len;
    u_char                           data[];
};


typedef struct {
    ngx_workers_rewriter_content_t  *first;
    ngx_workers_rewriter_content_t  *last;
} ngx_workers_rewriter_list_t;


typedef struct {
    ngx_workers_rewriter_list_t    before;
    ngx_workers_rewriter_list_t    replacement;
    ngx_workers_rewriter_list_t    after;
    unsigned                       removed:1;
} ngx_workers_rewriter_mutations_t;


/* What an open element waits for its end tag with. */
typedef struct {
    ngx_workers_rewriter_mutations_t  end;
    JSValue                        on_end;     /* or undefined */
    ngx_str_t                      name;       /* of the end tag; data NULL */
    unsigned                       mutated:1;  /* end is to be used */
} ngx_workers_rewriter_element_t;


/* An attribute of a start tag that is changed. */
typedef struct {
    ngx_str_t                      name;       /* as it is written */
    ngx_str_t                      value;
    ngx_str_t                      raw;        /* data NULL: it is new */
    u_char                        *alloc;      /* of what is new */
} ngx_workers_rewriter_attr_t;


typedef enum {
    NGX_WORKERS_REWRITER_NONE = 0,
    NGX_WORKERS_REWRITER_ELEMENT,
    NGX_WORKERS_REWRITER_END_TAG,
    NGX_WORKERS_REWRITER_TEXT,
    NGX_WORKERS_REWRITER_LAST_TEXT,            /* empty, ends a text node */
    NGX_WORKERS_REWRITER_COMMENT,
    NGX_WORKERS_REWRITER_DOCTYPE,
    NGX_WORKERS_REWRITER_DOCUMENT_END
} ngx_workers_rewriter_unit_e;


typedef struct ngx_workers_rewriter_s        ngx_workers_rewriter_t;


/* The opaque of a token's object. */
typedef struct {
    ngx_workers_rewriter_t        *rw;         /* NULL: no longer valid */
} ngx_workers_rewriter_token_t;


struct ngx_workers_rewriter_s {
    ngx_workers_source_t           src;
    ngx_uint_t                     refs;       /* its own, and reactions' */
    ngx_workers_isolate_t         *iso;
    ngx_workers_invocation_t      *inv;        /* of the posted event */
    ngx_event_t                    event;

    JSValue                        object;     /* the HTMLRewriter */
    ngx_workers_rewriter_rules_t  *rules;
    JSValue                        frame;      /* async context of handlers */

    ngx_workers_source_t          *inner;      /* NULL: none, or closed */
    ngx_chain_t                   *in;         /* of inner, not used up */
    ngx_str_t                      bytes;      /* in place of inner, left */
    JSValue                        value;      /* what they are of */

    ngx_workers_html_t             html;
    ngx_workers_elements_t         elements;
    const lxb_encoding_data_t     *encoding;   /* NULL: UTF-8 */
    uint32_t                      *active;     /* open elements of handlers */
    ngx_uint_t                     ntext;      /* of those, with text() */
    ngx_uint_t                     ncomments;
    ngx_uint_t                     suppressed; /* nothing goes out until no
                                                  more than so many elements
                                                  are open; 0: it does */

    /* the unit that handlers see */

    ngx_workers_rewriter_unit_e    unit;
    ngx_workers_rewriter_mutations_t  mutations;
    ngx_workers_rewriter_element_t   *element; /* NULL: nothing is known */
    uint64_t                      *matched;    /* handlers of the element */
    ngx_uint_t                     next;       /* handler to be called */
    JSValue                        on_end;     /* of an end tag, or undefined */
    ngx_uint_t                     popped;     /* index of the element that an
                                                  end tag ends; 0: it is done */
    JSValue                        token;      /* the object, or undefined */
    JSValue                        promise;    /* waited for, or undefined */

    ngx_str_t                      name;       /* set by the script; data NULL:
                                                  as it was */
    ngx_str_t                      comment;
    ngx_workers_rewriter_attr_t   *attrs;      /* NULL: as they were */
    ngx_uint_t                     nattrs;
    ngx_uint_t                     max_attrs;
    ngx_uint_t                     version;    /* of the attributes */

    ngx_workers_rewriter_list_t    queue;      /* goes out before all else */
    ngx_chain_t                    out;
    ngx_buf_t                      buf;
    size_t                         used;       /* in this turn */

    unsigned                       calling:1;  /* handlers of unit are to be
                                                  called */
    unsigned                       token_waits:1;  /* behind the last text */
    unsigned                       text_open:1;
    unsigned                       drop_inner:1;   /* of the element */
    unsigned                       lent:1;     /* the consumer has buf */
    unsigned                       waiting:1;  /* ... wants wake() */
    unsigned                       reacting:1; /* the promise will wake us */
    unsigned                       running:1;  /* in its event */
    unsigned                       end_seen:1;
    unsigned                       done:1;
    unsigned                       failed:1;
    unsigned                       closed:1;
};


/* ngx_workers_rewriter.c */

/*
 * A source that rewrites a body, which is eaten.  NULL: an exception is
 * pending.
 */
ngx_workers_source_t *ngx_workers_rewriter(JSContext *cx, JSValueConst object,
    ngx_workers_rewriter_rules_t *rules, ngx_workers_body_t *body,
    const lxb_encoding_data_t *encoding);

/* Pieces that go out, in order; lists are left empty. */
ngx_int_t ngx_workers_rewriter_emit(ngx_workers_rewriter_t *rw, u_char *p,
    size_t len);
ngx_int_t ngx_workers_rewriter_emit_list(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_list_t *list);

/* A source of a stream that was inserted has more, or goes. */
void ngx_workers_rewriter_content_wake(void *data);
void ngx_workers_rewriter_content_orphan(void *data);

/* Room for len bytes at rw->buf.last; NGX_ERROR: no memory. */
ngx_int_t ngx_workers_rewriter_room(ngx_workers_rewriter_t *rw, size_t len);

/* Fails it with a reason, static; NGX_ERROR. */
ngx_int_t ngx_workers_rewriter_fail(ngx_workers_rewriter_t *rw,
    const char *reason);

/* The event, which enters JavaScript, is put into a queue of nginx. */
void ngx_workers_rewriter_post(ngx_workers_rewriter_t *rw, ngx_queue_t *queue);

/* Gives a reference back. */
void ngx_workers_rewriter_release(void *opaque);

/* Closes the body that is read. */
void ngx_workers_rewriter_close_inner(ngx_workers_rewriter_t *rw);


/* ngx_workers_rewriter_unit.c */

/*
 * One more token, or what comes of its end: a unit that handlers are to be
 * called with, or bytes written.  NGX_AGAIN: there are no bytes now;
 * NGX_DONE: that was all.
 */
ngx_int_t ngx_workers_rewriter_next(ngx_workers_rewriter_t *rw);

/* Goes on with the elements that an end tag ends. */
ngx_int_t ngx_workers_rewriter_pop(ngx_workers_rewriter_t *rw);

/* The unit's handlers were called. */
ngx_int_t ngx_workers_rewriter_finish(ngx_workers_rewriter_t *rw);


/* ngx_workers_rewriter_call.c */

/*
 * Calls the handlers of the unit, one after the other, in JavaScript.
 * NGX_AGAIN: a promise is waited for.
 */
ngx_int_t ngx_workers_rewriter_call(ngx_workers_rewriter_t *rw);


/* ngx_workers_rewriter_object.c */

void ngx_workers_rewriter_rules_release(JSRuntime *rt,
    ngx_workers_rewriter_rules_t *rules);

#define ngx_workers_rewriter_element_handlers(rw)                             \
    ((ngx_workers_rewriter_handlers_t *) (rw)->rules->elements.elts)
#define ngx_workers_rewriter_document_handlers(rw)                            \
    ((ngx_workers_rewriter_handlers_t *) (rw)->rules->documents.elts)


/* ngx_workers_rewriter_token.c: the unit's bytes */

/* Writes the unit out, with what was done to it. */
ngx_int_t ngx_workers_rewriter_serialize(ngx_workers_rewriter_t *rw);

/* Forgets what was done to the unit. */
void ngx_workers_rewriter_unit_free(ngx_workers_rewriter_t *rw);

/* The waiting element's data, made if need be; NULL: no memory. */
ngx_workers_rewriter_element_t *ngx_workers_rewriter_element(
    ngx_workers_rewriter_t *rw);
void ngx_workers_rewriter_element_free(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_element_t *element);

/*
 * New content from UTF-8 text, escaped unless html; or for a source, which is
 * eaten.  NULL: no memory.
 */
ngx_workers_rewriter_content_t *ngx_workers_rewriter_text(
    ngx_workers_rewriter_t *rw, u_char *p, size_t len, ngx_uint_t html);
ngx_workers_rewriter_content_t *ngx_workers_rewriter_stream(
    ngx_workers_rewriter_t *rw, ngx_workers_source_t *source, ngx_uint_t html);

/* Bytes that _encode() may write for len bytes of UTF-8. */
#define ngx_workers_rewriter_encoded(len)  (10 * (len))

/* Writes UTF-8 as the document has it; html: nothing is escaped. */
u_char *ngx_workers_rewriter_encode(ngx_workers_rewriter_t *rw, u_char *dst,
    u_char *p, size_t len, ngx_uint_t html);

/* Bytes of the document as a string. */
JSValue ngx_workers_rewriter_decode(ngx_workers_rewriter_t *rw, u_char *p,
    size_t len);

/* The attributes as they may be changed; NGX_ERROR: no memory. */
ngx_int_t ngx_workers_rewriter_attrs(ngx_workers_rewriter_t *rw);

void ngx_workers_rewriter_list_append(ngx_workers_rewriter_list_t *list,
    ngx_workers_rewriter_content_t *content);
void ngx_workers_rewriter_list_prepend(ngx_workers_rewriter_list_t *list,
    ngx_workers_rewriter_content_t *content);
void ngx_workers_rewriter_list_clear(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_list_t *list);
void ngx_workers_rewriter_content_free(ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_content_t *content);


/* ngx_workers_rewriter_token_api.c */

/* The object that a handler of the unit gets; owned. */
JSValue ngx_workers_rewriter_token(JSContext *cx, ngx_workers_rewriter_t *rw);

/* The object is valid no longer. */
void ngx_workers_rewriter_token_end(ngx_workers_rewriter_t *rw);


/* ngx_workers_rewriter_token_api.c: what tokens have in common */

/* The rewriter of a token that is still valid; NULL: exception pending. */
ngx_workers_rewriter_t *ngx_workers_rewriter_this(JSContext *cx,
    JSValueConst this_val, ngx_workers_class_t *class);

/* before(content, options) and its like: magic is one of the places */
JSValue ngx_workers_rewriter_ext_insert(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int where);

/* remove(), and removeAndKeepContent() */
JSValue ngx_workers_rewriter_ext_remove(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int keep);
JSValue ngx_workers_rewriter_ext_removed(JSContext *cx, JSValueConst this_val);

/* A copy in the document's encoding, never without data. */
ngx_int_t ngx_workers_rewriter_set_string(JSContext *cx,
    ngx_workers_rewriter_t *rw, ngx_str_t *to, ngx_str_t *from);

/* A name as scripts see it. */
JSValue ngx_workers_rewriter_lower(JSContext *cx, ngx_workers_rewriter_t *rw,
    ngx_str_t *name);

JSValue ngx_workers_rewriter_throw_parser(JSContext *cx, const char *reason);

void ngx_workers_rewriter_token_finalizer(JSRuntime *rt, JSValueConst val);


enum {
    NGX_WORKERS_REWRITER_BEFORE = 0,
    NGX_WORKERS_REWRITER_AFTER,
    NGX_WORKERS_REWRITER_PREPEND,
    NGX_WORKERS_REWRITER_APPEND,
    NGX_WORKERS_REWRITER_REPLACE,
    NGX_WORKERS_REWRITER_SET_INNER
};


#define NGX_WORKERS_REWRITER_INSERT(name, where)                              \
    NGX_WORKERS_METHOD_MAGIC(name, 0, ngx_workers_rewriter_ext_insert,        \
                             NGX_WORKERS_REWRITER_ ## where)


#define NGX_WORKERS_REWRITER_CLASS(var, name, fin, mark)                      \
                                                                              \
ngx_workers_class_t  ngx_workers_ ## var ## _class = {                        \
    .def = {                                                                  \
        .class_name = name,                                                   \
        .finalizer = fin,                                                     \
        .gc_mark = mark                                                       \
    },                                                                        \
    .proto = ngx_workers_ ## var ## _proto,                                   \
    .nproto = ngx_workers_nitems(ngx_workers_ ## var ## _proto),              \
    .hidden = 1,                                                              \
    .lazy = 1                                                                 \
}


#define NGX_WORKERS_REWRITER_LOCKED                                           \
    "The ReadableStream has been locked to a reader."


extern ngx_workers_class_t  ngx_workers_element_class;
extern ngx_workers_class_t  ngx_workers_attributes_class;
extern ngx_workers_class_t  ngx_workers_end_tag_class;
extern ngx_workers_class_t  ngx_workers_text_class;
extern ngx_workers_class_t  ngx_workers_comment_class;
extern ngx_workers_class_t  ngx_workers_doctype_class;
extern ngx_workers_class_t  ngx_workers_document_end_class;
extern ngx_workers_web_t    ngx_workers_rewriter_web;


#endif /* _NGX_WORKERS_REWRITER_H_INCLUDED_ */
