
/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter: what tokens have in common, and the smaller classes of them.
 */


#include "ngx_workers_rewriter.h"
#include "ngx_workers_fetch.h"
#include "ngx_workers_usv.h"
#include "ngx_workers_utf8.h"
#include "../core/ngx_workers_pump.h"


#define NGX_WORKERS_REWRITER_STALE                                            \
    "This content token is no longer valid. Content tokens are only valid "   \
    "during the execution of the relevant content handler."
#define NGX_WORKERS_REWRITER_STREAM                                           \
    "Replacing content in HTML comments using a ReadableStream or Response "  \
    "object is not implemented. You must provide a string."


static ngx_workers_rewriter_t *ngx_workers_rewriter_any(JSContext *cx,
    JSValueConst this_val, ngx_workers_class_t **class);
static ngx_workers_rewriter_content_t *ngx_workers_rewriter_content(
    JSContext *cx, ngx_workers_rewriter_t *rw, JSValueConst v,
    ngx_uint_t html);
static ngx_workers_rewriter_content_t *ngx_workers_rewriter_content_of_body(
    JSContext *cx, ngx_workers_rewriter_t *rw, ngx_workers_body_t *body,
    ngx_uint_t html);
static ngx_int_t ngx_workers_rewriter_place(JSContext *cx,
    ngx_workers_rewriter_t *rw, ngx_workers_rewriter_content_t *content,
    ngx_uint_t where);
static void ngx_workers_rewriter_drop_inner(ngx_workers_rewriter_t *rw);
static JSValue ngx_workers_end_tag_ext_get_name(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_end_tag_ext_set_name(JSContext *cx,
    JSValueConst this_val, JSValueConst v);
static JSValue ngx_workers_text_ext_text(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_text_ext_last(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_comment_ext_get_text(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_comment_ext_set_text(JSContext *cx,
    JSValueConst this_val, JSValueConst v);
static JSValue ngx_workers_doctype_ext_get(JSContext *cx,
    JSValueConst this_val, int magic);


static const JSCFunctionListEntry  ngx_workers_end_tag_proto[] = {
    NGX_WORKERS_GETSET("name", ngx_workers_end_tag_ext_get_name,
                       ngx_workers_end_tag_ext_set_name),
    NGX_WORKERS_REWRITER_INSERT("before", BEFORE),
    NGX_WORKERS_REWRITER_INSERT("after", AFTER),
    NGX_WORKERS_METHOD_MAGIC("remove", 0, ngx_workers_rewriter_ext_remove, 0),
    NGX_WORKERS_TAG("EndTag"),
};


static const JSCFunctionListEntry  ngx_workers_text_proto[] = {
    NGX_WORKERS_GETSET("removed", ngx_workers_rewriter_ext_removed, NULL),
    NGX_WORKERS_GETSET("lastInTextNode", ngx_workers_text_ext_last, NULL),
    NGX_WORKERS_GETSET("text", ngx_workers_text_ext_text, NULL),
    NGX_WORKERS_REWRITER_INSERT("before", BEFORE),
    NGX_WORKERS_REWRITER_INSERT("after", AFTER),
    NGX_WORKERS_REWRITER_INSERT("replace", REPLACE),
    NGX_WORKERS_METHOD_MAGIC("remove", 0, ngx_workers_rewriter_ext_remove, 0),
    NGX_WORKERS_TAG("Text"),
};


static const JSCFunctionListEntry  ngx_workers_comment_proto[] = {
    NGX_WORKERS_GETSET("removed", ngx_workers_rewriter_ext_removed, NULL),
    NGX_WORKERS_GETSET("text", ngx_workers_comment_ext_get_text,
                       ngx_workers_comment_ext_set_text),
    NGX_WORKERS_REWRITER_INSERT("before", BEFORE),
    NGX_WORKERS_REWRITER_INSERT("after", AFTER),
    NGX_WORKERS_REWRITER_INSERT("replace", REPLACE),
    NGX_WORKERS_METHOD_MAGIC("remove", 0, ngx_workers_rewriter_ext_remove, 0),
    NGX_WORKERS_TAG("Comment"),
};


static const JSCFunctionListEntry  ngx_workers_doctype_proto[] = {
    NGX_WORKERS_GETSET_MAGIC("name", ngx_workers_doctype_ext_get, NULL, 0),
    NGX_WORKERS_GETSET_MAGIC("publicId", ngx_workers_doctype_ext_get, NULL, 1),
    NGX_WORKERS_GETSET_MAGIC("systemId", ngx_workers_doctype_ext_get, NULL, 2),
    NGX_WORKERS_TAG("Doctype"),
};


static const JSCFunctionListEntry  ngx_workers_document_end_proto[] = {
    NGX_WORKERS_REWRITER_INSERT("append", APPEND),
    NGX_WORKERS_TAG("DocumentEnd"),
};


NGX_WORKERS_REWRITER_CLASS(end_tag, "EndTag",
                           ngx_workers_rewriter_token_finalizer, NULL);
NGX_WORKERS_REWRITER_CLASS(text, "Text",
                           ngx_workers_rewriter_token_finalizer, NULL);
NGX_WORKERS_REWRITER_CLASS(comment, "Comment",
                           ngx_workers_rewriter_token_finalizer, NULL);
NGX_WORKERS_REWRITER_CLASS(doctype, "Doctype",
                           ngx_workers_rewriter_token_finalizer, NULL);
NGX_WORKERS_REWRITER_CLASS(document_end, "DocumentEnd",
                           ngx_workers_rewriter_token_finalizer, NULL);


JSValue
ngx_workers_rewriter_token(JSContext *cx, ngx_workers_rewriter_t *rw)
{
    JSValue                        object;
    ngx_workers_class_t           *class;
    ngx_workers_rewriter_token_t  *token;

    switch (rw->unit) {

    case NGX_WORKERS_REWRITER_ELEMENT:
        class = &ngx_workers_element_class;
        break;

    case NGX_WORKERS_REWRITER_END_TAG:
        class = &ngx_workers_end_tag_class;
        break;

    case NGX_WORKERS_REWRITER_COMMENT:
        class = &ngx_workers_comment_class;
        break;

    case NGX_WORKERS_REWRITER_DOCTYPE:
        class = &ngx_workers_doctype_class;
        break;

    case NGX_WORKERS_REWRITER_DOCUMENT_END:
        class = &ngx_workers_document_end_class;
        break;

    default: /* text */
        class = &ngx_workers_text_class;
        break;
    }

    object = JS_NewObjectClass(cx, class->id);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    token = js_malloc(cx, sizeof(ngx_workers_rewriter_token_t));
    if (token == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    token->rw = rw;
    JS_SetOpaque(object, token);

    return object;
}


void
ngx_workers_rewriter_token_end(ngx_workers_rewriter_t *rw)
{
    JSClassID                      id;
    JSValue                        object;
    ngx_workers_rewriter_token_t  *token;

    if (JS_IsUndefined(rw->token)) {
        return;
    }

    object = rw->token;
    rw->token = JS_UNDEFINED;

    token = JS_GetAnyOpaque(object, &id);
    token->rw = NULL;

    JS_FreeValue(rw->iso->cx, object);
}


/* The rewriter of a token that is still valid; NULL: exception pending. */

ngx_workers_rewriter_t *
ngx_workers_rewriter_this(JSContext *cx, JSValueConst this_val,
    ngx_workers_class_t *class)
{
    ngx_workers_rewriter_token_t  *token;

    token = ngx_workers_this(cx, this_val, class->id);
    if (token == NULL) {
        return NULL;
    }

    if (token->rw == NULL) {
        (void) JS_ThrowTypeError(cx, "%s", NGX_WORKERS_REWRITER_STALE);
    }

    return token->rw;
}


/* The same for a token of any class. */

static ngx_workers_rewriter_t *
ngx_workers_rewriter_any(JSContext *cx, JSValueConst this_val,
    ngx_workers_class_t **class)
{
    JSClassID              id;
    ngx_workers_class_t  **c;

    static ngx_workers_class_t  *classes[] = {
        &ngx_workers_element_class, &ngx_workers_text_class,
        &ngx_workers_end_tag_class, &ngx_workers_comment_class,
        &ngx_workers_doctype_class, &ngx_workers_document_end_class, NULL
    };

    (void) JS_GetAnyOpaque(this_val, &id);

    for (c = classes; *c != NULL; c++) {
        if ((*c)->id == id) {
            *class = *c;
            return ngx_workers_rewriter_this(cx, this_val, *c);
        }
    }

    (void) JS_ThrowTypeError(cx, "%s", NGX_WORKERS_ILLEGAL_INVOCATION);

    return NULL;
}


/* before(content, options) and its like */

JSValue
ngx_workers_rewriter_ext_insert(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int where)
{
    JSValue                          v;
    ngx_uint_t                       html;
    const char                      *name;
    ngx_workers_class_t             *class;
    ngx_workers_rewriter_t          *rw;
    ngx_workers_rewriter_content_t  *content;

    static const char *const  names[] = {
        "before", "after", "prepend", "append", "replace", "setInnerContent"
    };

    rw = ngx_workers_rewriter_any(cx, this_val, &class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    name = class->def.class_name;

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, names[where], name, 1,
                                          "string or ReadableStream or "
                                          "Response");
    }

    html = 0;

    if (argc > 1 && !JS_IsUndefined(argv[1]) && !JS_IsNull(argv[1])) {

        if (!JS_IsObject(argv[1])) {
            return ngx_workers_throw_argument(cx, names[where], name, 2,
                                              "ContentOptions");
        }

        v = JS_GetPropertyStr(cx, argv[1], "html");
        if (JS_IsException(v)) {
            return JS_EXCEPTION;
        }

        html = JS_ToBool(cx, v);
        JS_FreeValue(cx, v);
    }

    content = ngx_workers_rewriter_content(cx, rw, argv[0], html);
    if (content == NULL) {
        return JS_EXCEPTION;
    }

    /* ToString() may have run the script, and the token be gone */

    rw = ngx_workers_rewriter_any(cx, this_val, &class);

    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_rewriter_place(cx, rw, content, where) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_DupValue(cx, this_val);
}


static ngx_workers_rewriter_content_t *
ngx_workers_rewriter_content(JSContext *cx, ngx_workers_rewriter_t *rw,
    JSValueConst v, ngx_uint_t html)
{
    ngx_uint_t                       stream;
    ngx_workers_usv_t                usv;
    ngx_workers_body_t               body, taken;
    ngx_workers_response_t          *response;
    ngx_workers_rewriter_content_t  *content;

    response = ngx_workers_response(v);
    stream = (response == NULL) && ngx_workers_body_is_stream(cx, v);

    if (response == NULL && !stream) {

        if (ngx_workers_usv(cx, v, &usv) != NGX_OK) {
            return NULL;
        }

        content = ngx_workers_rewriter_text(rw, usv.str.data, usv.str.len,
                                            html);
        ngx_workers_usv_free(cx, &usv);

        if (content == NULL) {
            (void) JS_ThrowOutOfMemory(cx);
        }

        return content;
    }

    if (rw->unit == NGX_WORKERS_REWRITER_COMMENT
        || rw->unit == NGX_WORKERS_REWRITER_DOCUMENT_END)
    {
        (void) JS_ThrowTypeError(cx, "%s", NGX_WORKERS_REWRITER_STREAM);
        return NULL;
    }

    if (response != NULL && response->body.type == NGX_WORKERS_BODY_NONE) {
        content = ngx_workers_rewriter_text(rw, (u_char *) "", 0, 1);

        if (content == NULL) {
            (void) JS_ThrowOutOfMemory(cx);
        }

        return content;
    }

    ngx_workers_body_init(&body);

    if (stream) {
        body.type = NGX_WORKERS_BODY_STREAM;
        body.value = JS_DupValue(cx, v);
    }

    content = NULL;

    if (ngx_workers_body_unusable(cx, stream ? &body : &response->body)) {
        (void) JS_ThrowTypeError(cx, "%s", NGX_WORKERS_REWRITER_LOCKED);

    } else if (ngx_workers_body_take(cx, stream ? &body : &response->body,
                                     &taken)
               == NGX_OK)
    {
        content = ngx_workers_rewriter_content_of_body(cx, rw, &taken, html);
        ngx_workers_body_free(JS_GetRuntime(cx), &taken);
    }

    ngx_workers_body_free(JS_GetRuntime(cx), &body);

    return content;
}


static ngx_workers_rewriter_content_t *
ngx_workers_rewriter_content_of_body(JSContext *cx, ngx_workers_rewriter_t *rw,
    ngx_workers_body_t *body, ngx_uint_t html)
{
    ngx_str_t                        bytes;
    ngx_workers_usv_t                usv;
    ngx_workers_source_t            *source;
    ngx_workers_rewriter_content_t  *content;

    switch (body->type) {

    case NGX_WORKERS_BODY_STRING:

        if (ngx_workers_usv(cx, body->value, &usv) != NGX_OK) {
            return NULL;
        }

        content = ngx_workers_rewriter_text(rw, usv.str.data, usv.str.len,
                                            html);
        ngx_workers_usv_free(cx, &usv);
        break;

    case NGX_WORKERS_BODY_BYTES:

        if (ngx_workers_get_bytes(cx, body->value, &bytes) != NGX_OK) {
            return NULL;
        }

        if (ngx_workers_utf8_valid(bytes.data, bytes.len) != bytes.len) {
            (void) ngx_workers_rewriter_throw_parser(cx, "Invalid UTF-8");
            return NULL;
        }

        content = ngx_workers_rewriter_text(rw, bytes.data, bytes.len, html);
        break;

    case NGX_WORKERS_BODY_SOURCE:

        source = body->source;
        body->source = NULL;
        body->type = NGX_WORKERS_BODY_NONE;

        content = ngx_workers_rewriter_stream(rw, source, html);
        break;

    default: /* NGX_WORKERS_BODY_STREAM */

        source = ngx_workers_pump(cx, ngx_workers_current(cx), body->value);
        if (source == NULL) {
            return NULL;
        }

        content = ngx_workers_rewriter_stream(rw, source, html);
    }

    if (content == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
    }

    return content;
}


/* Puts content (eaten) where a method says. */

static ngx_int_t
ngx_workers_rewriter_place(JSContext *cx, ngx_workers_rewriter_t *rw,
    ngx_workers_rewriter_content_t *content, ngx_uint_t where)
{
    ngx_workers_rewriter_element_t    *element;
    ngx_workers_rewriter_mutations_t  *m;

    m = &rw->mutations;
    element = NULL;

    if (rw->unit == NGX_WORKERS_REWRITER_ELEMENT) {

        if (rw->html.token.is_void) {

            if (where == NGX_WORKERS_REWRITER_PREPEND
                || where == NGX_WORKERS_REWRITER_APPEND
                || where == NGX_WORKERS_REWRITER_SET_INNER)
            {
                ngx_workers_rewriter_content_free(rw, content);
                return NGX_OK;
            }

        } else if (where != NGX_WORKERS_REWRITER_BEFORE) {

            element = ngx_workers_rewriter_element(rw);

            if (element == NULL) {
                ngx_workers_rewriter_content_free(rw, content);
                (void) JS_ThrowOutOfMemory(cx);
                return NGX_ERROR;
            }
        }
    }

    switch (where) {

    case NGX_WORKERS_REWRITER_BEFORE:
        ngx_workers_rewriter_list_append(&m->before, content);
        break;

    case NGX_WORKERS_REWRITER_AFTER:

        if (element != NULL) {
            m = &element->end;
            element->mutated = 1;
        }

        ngx_workers_rewriter_list_prepend(&m->after, content);
        break;

    case NGX_WORKERS_REWRITER_PREPEND:
        ngx_workers_rewriter_list_prepend(&m->after, content);
        break;

    case NGX_WORKERS_REWRITER_APPEND:

        if (element == NULL) {

            /* to the end of the document */

            ngx_workers_rewriter_list_append(&m->after, content);
            break;
        }

        element->mutated = 1;
        ngx_workers_rewriter_list_append(&element->end.before, content);
        break;

    case NGX_WORKERS_REWRITER_REPLACE:

        m->removed = 1;
        ngx_workers_rewriter_list_clear(rw, &m->replacement);
        ngx_workers_rewriter_list_append(&m->replacement, content);

        if (element != NULL) {
            ngx_workers_rewriter_drop_inner(rw);
            element->mutated = 1;
            element->end.removed = 1;
        }

        break;

    default: /* NGX_WORKERS_REWRITER_SET_INNER */

        ngx_workers_rewriter_drop_inner(rw);
        ngx_workers_rewriter_list_append(&m->after, content);
        break;
    }

    return NGX_OK;
}


/* What is in the element, and was put there, does not go out. */

static void
ngx_workers_rewriter_drop_inner(ngx_workers_rewriter_t *rw)
{
    ngx_workers_rewriter_list_clear(rw, &rw->mutations.after);

    if (rw->element != NULL) {
        ngx_workers_rewriter_list_clear(rw, &rw->element->end.before);
    }

    rw->drop_inner = 1;
}


/* remove() and removeAndKeepContent() */

JSValue
ngx_workers_rewriter_ext_remove(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int keep)
{
    ngx_workers_class_t             *class;
    ngx_workers_rewriter_t          *rw;
    ngx_workers_rewriter_element_t  *element;

    rw = ngx_workers_rewriter_any(cx, this_val, &class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    if (rw->unit == NGX_WORKERS_REWRITER_ELEMENT && !rw->html.token.is_void) {

        element = ngx_workers_rewriter_element(rw);
        if (element == NULL) {
            return JS_ThrowOutOfMemory(cx);
        }

        element->mutated = 1;
        element->end.removed = 1;

        if (!keep) {
            ngx_workers_rewriter_drop_inner(rw);
        }
    }

    rw->mutations.removed = 1;

    return JS_DupValue(cx, this_val);
}


JSValue
ngx_workers_rewriter_ext_removed(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_class_t     *class;
    ngx_workers_rewriter_t  *rw;

    rw = ngx_workers_rewriter_any(cx, this_val, &class);

    return (rw == NULL) ? JS_EXCEPTION
                        : JS_NewBool(cx, rw->mutations.removed);
}


JSValue
ngx_workers_rewriter_lower(JSContext *cx, ngx_workers_rewriter_t *rw,
    ngx_str_t *name)
{
    u_char   buf[64], *p;
    JSValue  value;

    p = buf;

    if (name->len > sizeof(buf)) {
        p = ngx_alloc(name->len, rw->iso->log);
        if (p == NULL) {
            return JS_ThrowOutOfMemory(cx);
        }
    }

    ngx_strlow(p, name->data, name->len);

    value = ngx_workers_rewriter_decode(rw, p, name->len);

    if (p != buf) {
        ngx_free(p);
    }

    return value;
}


static JSValue
ngx_workers_end_tag_ext_get_name(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_rewriter_t  *rw;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_end_tag_class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_rewriter_lower(cx, rw, (rw->name.data != NULL)
                                             ? &rw->name
                                             : &rw->html.token.inner);
}


static JSValue
ngx_workers_end_tag_ext_set_name(JSContext *cx, JSValueConst this_val,
    JSValueConst v)
{
    JSValue                  ret;
    ngx_workers_usv_t        usv;
    ngx_workers_rewriter_t  *rw;

    if (ngx_workers_usv(cx, v, &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_end_tag_class);

    ret = (rw != NULL
           && ngx_workers_rewriter_set_string(cx, rw, &rw->name, &usv.str)
              == NGX_OK)
          ? JS_UNDEFINED : JS_EXCEPTION;

    ngx_workers_usv_free(cx, &usv);

    return ret;
}


static JSValue
ngx_workers_text_ext_text(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_rewriter_t  *rw;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_text_class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    if (rw->unit == NGX_WORKERS_REWRITER_LAST_TEXT) {
        return JS_NewStringLen(cx, "", 0);
    }

    return ngx_workers_rewriter_decode(rw, rw->html.token.start,
                                       rw->html.token.end
                                       - rw->html.token.start);
}


static JSValue
ngx_workers_text_ext_last(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_rewriter_t  *rw;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_text_class);

    return (rw == NULL) ? JS_EXCEPTION
           : JS_NewBool(cx, rw->unit == NGX_WORKERS_REWRITER_LAST_TEXT);
}


static JSValue
ngx_workers_comment_ext_get_text(JSContext *cx, JSValueConst this_val)
{
    ngx_str_t               *text;
    ngx_workers_rewriter_t  *rw;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_comment_class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    text = (rw->comment.data != NULL) ? &rw->comment : &rw->html.token.inner;

    return ngx_workers_rewriter_decode(rw, text->data, text->len);
}


static JSValue
ngx_workers_comment_ext_set_text(JSContext *cx, JSValueConst this_val,
    JSValueConst v)
{
    JSValue                  ret;
    ngx_workers_usv_t        usv;
    ngx_workers_rewriter_t  *rw;

    if (ngx_workers_usv(cx, v, &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    ret = JS_EXCEPTION;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_comment_class);

    if (rw != NULL) {

        if (ngx_strnstr(usv.str.data, "-->", usv.str.len) != NULL) {
            (void) ngx_workers_rewriter_throw_parser(cx,
                                "Comment text shouldn't contain comment "
                                "closing sequence (`-->`).");

        } else if (ngx_workers_rewriter_set_string(cx, rw, &rw->comment,
                                                   &usv.str)
                   == NGX_OK)
        {
            ret = JS_UNDEFINED;
        }
    }

    ngx_workers_usv_free(cx, &usv);

    return ret;
}


static JSValue
ngx_workers_doctype_ext_get(JSContext *cx, JSValueConst this_val, int magic)
{
    ngx_str_t               *text;
    ngx_workers_rewriter_t  *rw;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_doctype_class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    text = (magic == 0) ? &rw->html.token.inner
           : (magic == 1) ? &rw->html.token.public_id
                          : &rw->html.token.system_id;

    if (text->data == NULL) {
        return JS_NULL;
    }

    return (magic == 0) ? ngx_workers_rewriter_lower(cx, rw, text)
                        : ngx_workers_rewriter_decode(rw, text->data,
                                                      text->len);
}


/* A copy in the document's encoding, never without data. */

ngx_int_t
ngx_workers_rewriter_set_string(JSContext *cx, ngx_workers_rewriter_t *rw,
    ngx_str_t *to, ngx_str_t *from)
{
    u_char  *p;

    p = ngx_alloc(ngx_workers_rewriter_encoded(from->len) + 1, rw->iso->log);

    if (p == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        return NGX_ERROR;
    }

    ngx_free(to->data);

    to->data = p;
    to->len = ngx_workers_rewriter_encode(rw, p, from->data, from->len, 1) - p;

    return NGX_OK;
}


JSValue
ngx_workers_rewriter_throw_parser(JSContext *cx, const char *reason)
{
    return JS_ThrowTypeError(cx, "Parser error: %s", reason);
}


void
ngx_workers_rewriter_token_finalizer(JSRuntime *rt, JSValueConst val)
{
    JSClassID  id;

    js_free_rt(rt, JS_GetAnyOpaque(val, &id));
}
