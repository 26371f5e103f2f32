
/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter: its object, and the rules that it collects.
 */


#include "ngx_workers_rewriter.h"
#include "ngx_workers_fetch.h"
#include "ngx_workers_mime.h"
#include "ngx_workers_usv.h"


/* The opaque of an HTMLRewriter. */
typedef struct {
    ngx_workers_rewriter_rules_t  *rules;
} ngx_workers_rewriter_object_t;


static JSValue ngx_workers_rewriter_native(JSContext *cx);
static JSValue ngx_workers_rewriter_ext_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static ngx_workers_rewriter_rules_t *ngx_workers_rewriter_rules_create(
    JSContext *cx);
static ngx_workers_rewriter_rules_t *ngx_workers_rewriter_rules_own(
    JSContext *cx, ngx_workers_rewriter_object_t *obj);
static ngx_workers_rewriter_handlers_t *ngx_workers_rewriter_rules_push(
    ngx_array_t *array);
static JSValue ngx_workers_rewriter_ext_on(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static ngx_int_t ngx_workers_rewriter_get_handlers(JSContext *cx,
    ngx_workers_rewriter_handlers_t *h, JSValueConst v, ngx_uint_t document);
static void ngx_workers_rewriter_free_handlers(JSRuntime *rt,
    ngx_workers_rewriter_handlers_t *h);
static JSValue ngx_workers_rewriter_ext_transform(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_rewriter_encoding(JSContext *cx,
    ngx_workers_response_t *response, const lxb_encoding_data_t **encoding);
static void ngx_workers_rewriter_object_finalizer(JSRuntime *rt,
    JSValueConst val);
static void ngx_workers_rewriter_object_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func);


static const JSCFunctionListEntry  ngx_workers_rewriter_proto[] = {
    NGX_WORKERS_METHOD_MAGIC("on", 0, ngx_workers_rewriter_ext_on, 0),
    NGX_WORKERS_METHOD_MAGIC("onDocument", 0, ngx_workers_rewriter_ext_on, 1),
    NGX_WORKERS_METHOD("transform", 0, ngx_workers_rewriter_ext_transform),
    NGX_WORKERS_TAG("HTMLRewriter"),
};


static ngx_workers_class_t  ngx_workers_rewriter_class = {
    .def = {
        .class_name = "HTMLRewriter",
        .finalizer = ngx_workers_rewriter_object_finalizer,
        .gc_mark = ngx_workers_rewriter_object_mark
    },
    .constructor = ngx_workers_rewriter_ext_construct,
    .proto = ngx_workers_rewriter_proto,
    .nproto = ngx_workers_nitems(ngx_workers_rewriter_proto),
    .hidden = 1,
    .lazy = 1
};


static ngx_workers_class_t  *ngx_workers_rewriter_classes[] = {
    &ngx_workers_rewriter_class,
    &ngx_workers_element_class,
    &ngx_workers_end_tag_class,
    &ngx_workers_text_class,
    &ngx_workers_comment_class,
    &ngx_workers_doctype_class,
    &ngx_workers_document_end_class,
    &ngx_workers_attributes_class,
    NULL
};


static const char *const  ngx_workers_rewriter_globals[] = {
    "HTMLRewriter", NULL
};


static ngx_workers_builtin_t  ngx_workers_rewriter_builtin = {
    .name = "htmlrewriter",
    .globals = ngx_workers_rewriter_globals,
    .native = ngx_workers_rewriter_native
};


static ngx_workers_builtin_t  *ngx_workers_rewriter_builtins[] = {
    &ngx_workers_rewriter_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_rewriter_web = {
    .classes = ngx_workers_rewriter_classes,
    .builtins = ngx_workers_rewriter_builtins
};


/* The classes are made now; what it answers is the constructor. */

static JSValue
ngx_workers_rewriter_native(JSContext *cx)
{
    JSValue                 proto, ctor;
    ngx_workers_class_t   **class;

    for (class = ngx_workers_rewriter_classes; *class != NULL; class++) {
        if (ngx_workers_class_add(cx, ngx_workers_isolate(cx)->global, *class)
            != NGX_OK)
        {
            return JS_EXCEPTION;
        }
    }

    proto = JS_GetClassProto(cx, ngx_workers_rewriter_class.id);
    ctor = JS_GetPropertyStr(cx, proto, "constructor");
    JS_FreeValue(cx, proto);

    return ctor;
}


static JSValue
ngx_workers_rewriter_ext_construct(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv)
{
    JSValue                         object;
    ngx_workers_rewriter_object_t  *obj;

    object = ngx_workers_new_instance(cx, new_target,
                                      ngx_workers_rewriter_class.id);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    obj = js_mallocz(cx, sizeof(ngx_workers_rewriter_object_t));
    if (obj == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    JS_SetOpaque(object, obj);

    obj->rules = ngx_workers_rewriter_rules_create(cx);
    if (obj->rules == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    return object;
}


static ngx_workers_rewriter_rules_t *
ngx_workers_rewriter_rules_create(JSContext *cx)
{
    ngx_log_t                     *log;
    ngx_pool_t                    *pool;
    ngx_workers_rewriter_rules_t  *rules;

    log = ngx_workers_isolate(cx)->log;

    if (ngx_workers_isolate_charge(cx, 2048) != NGX_OK) {
        return NULL;
    }

    pool = ngx_create_pool(1024, log);

    if (pool == NULL) {
        ngx_workers_isolate_uncharge(JS_GetRuntime(cx), 2048);
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    rules = ngx_pcalloc(pool, sizeof(ngx_workers_rewriter_rules_t));

    if (rules == NULL
        || ngx_array_init(&rules->elements, pool, 2,
                          sizeof(ngx_workers_rewriter_handlers_t))
           != NGX_OK
        || ngx_array_init(&rules->documents, pool, 1,
                          sizeof(ngx_workers_rewriter_handlers_t))
           != NGX_OK)
    {
        ngx_destroy_pool(pool);
        ngx_workers_isolate_uncharge(JS_GetRuntime(cx), 2048);
        (void) JS_ThrowOutOfMemory(cx);
        return NULL;
    }

    rules->refs = 1;
    rules->selectors.pool = pool;
    rules->charged = 2048;

    return rules;
}


void
ngx_workers_rewriter_rules_release(JSRuntime *rt,
    ngx_workers_rewriter_rules_t *rules)
{
    ngx_uint_t                        i;
    ngx_workers_rewriter_handlers_t  *h;

    if (--rules->refs != 0) {
        return;
    }

    h = rules->elements.elts;

    for (i = 0; i < rules->elements.nelts; i++) {
        ngx_workers_rewriter_free_handlers(rt, &h[i]);
    }

    h = rules->documents.elts;

    for (i = 0; i < rules->documents.nelts; i++) {
        ngx_workers_rewriter_free_handlers(rt, &h[i]);
    }

    ngx_workers_isolate_uncharge(rt, rules->charged);

    ngx_destroy_pool(rules->selectors.pool);
}


/* Rules that may be added to: a copy of those that a response is read with. */

static ngx_workers_rewriter_rules_t *
ngx_workers_rewriter_rules_own(JSContext *cx,
    ngx_workers_rewriter_object_t *obj)
{
    ngx_uint_t                        i, n;
    const char                       *reason;
    ngx_workers_rewriter_rules_t     *rules, *from;
    ngx_workers_rewriter_handlers_t  *h, *to;

    from = obj->rules;

    if (from->refs == 1) {
        return from;
    }

    rules = ngx_workers_rewriter_rules_create(cx);
    if (rules == NULL) {
        return NULL;
    }

    n = from->elements.nelts + from->documents.nelts;

    for (i = 0; i < n; i++) {

        if (i < from->elements.nelts) {
            h = (ngx_workers_rewriter_handlers_t *) from->elements.elts + i;
            to = ngx_workers_rewriter_rules_push(&rules->elements);

        } else {
            h = (ngx_workers_rewriter_handlers_t *) from->documents.elts
                + (i - from->elements.nelts);
            to = ngx_workers_rewriter_rules_push(&rules->documents);
        }

        if (to == NULL) {
            goto failed;
        }

        to->object = JS_DupValue(cx, h->object);
        to->element = JS_DupValue(cx, h->element);
        to->comments = JS_DupValue(cx, h->comments);
        to->text = JS_DupValue(cx, h->text);
        to->doctype = JS_DupValue(cx, h->doctype);
        to->end = JS_DupValue(cx, h->end);

        if (h->selector.data == NULL) {
            continue;
        }

        to->selector.len = h->selector.len;
        to->selector.data = ngx_pstrdup(rules->selectors.pool, &h->selector);

        if (to->selector.data == NULL
            || ngx_workers_selectors_add(&rules->selectors, to->selector.data,
                                         to->selector.len, i, &reason)
               != NGX_OK)
        {
            goto failed;
        }
    }

    if (ngx_workers_isolate_charge(cx, from->charged - rules->charged)
        != NGX_OK)
    {
        ngx_workers_rewriter_rules_release(JS_GetRuntime(cx), rules);
        return NULL;
    }

    rules->charged = from->charged;

    ngx_workers_rewriter_rules_release(JS_GetRuntime(cx), from);
    obj->rules = rules;

    return rules;

failed:

    ngx_workers_rewriter_rules_release(JS_GetRuntime(cx), rules);
    (void) JS_ThrowOutOfMemory(cx);

    return NULL;
}


static ngx_workers_rewriter_handlers_t *
ngx_workers_rewriter_rules_push(ngx_array_t *array)
{
    ngx_workers_rewriter_handlers_t  *h;

    h = ngx_array_push(array);
    if (h == NULL) {
        return NULL;
    }

    h->object = JS_UNDEFINED;
    h->element = JS_UNDEFINED;
    h->comments = JS_UNDEFINED;
    h->text = JS_UNDEFINED;
    h->doctype = JS_UNDEFINED;
    h->end = JS_UNDEFINED;
    ngx_str_null(&h->selector);

    return h;
}


/* on(selector, handlers) and onDocument(handlers) */

static JSValue
ngx_workers_rewriter_ext_on(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int document)
{
    u_char                            text[1];
    ngx_str_t                         selector;
    const char                       *reason;
    JSValueConst                      v;
    ngx_workers_usv_t                 usv;
    ngx_workers_rewriter_rules_t     *rules;
    ngx_workers_rewriter_object_t    *obj;
    ngx_workers_rewriter_handlers_t   h, *to;

    obj = ngx_workers_this(cx, this_val, ngx_workers_rewriter_class.id);
    if (obj == NULL) {
        return JS_EXCEPTION;
    }

    if (!document && argc < 1) {
        return ngx_workers_throw_argument(cx, "on", "HTMLRewriter", 1,
                                          "string");
    }

    v = document ? argv[0] : argv[1];

    if (argc < (document ? 1 : 2)
        || !(JS_IsObject(v) || JS_IsNull(v) || JS_IsUndefined(v)))
    {
        return document
               ? ngx_workers_throw_argument(cx, "onDocument", "HTMLRewriter",
                                            1, "DocumentContentHandlers")
               : ngx_workers_throw_argument(cx, "on", "HTMLRewriter", 2,
                                            "ElementContentHandlers");
    }

    ngx_memzero(&usv, sizeof(ngx_workers_usv_t));
    usv.str.data = text;

    if (!document && ngx_workers_usv(cx, argv[0], &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    h.object = JS_DupValue(cx, v);
    h.element = JS_UNDEFINED;
    h.comments = JS_UNDEFINED;
    h.text = JS_UNDEFINED;
    h.doctype = JS_UNDEFINED;
    h.end = JS_UNDEFINED;
    ngx_str_null(&h.selector);

    if (ngx_workers_rewriter_get_handlers(cx, &h, v, document) != NGX_OK) {
        goto failed;
    }

    rules = ngx_workers_rewriter_rules_own(cx, obj);

    if (rules == NULL
        || ngx_workers_isolate_charge(cx, 256 + 16 * usv.str.len) != NGX_OK)
    {
        goto failed;
    }

    rules->charged += 256 + 16 * usv.str.len;

    if (!document) {
        selector.len = usv.str.len;
        selector.data = ngx_pnalloc(rules->selectors.pool, usv.str.len + 1);

        if (selector.data == NULL) {
            (void) JS_ThrowOutOfMemory(cx);
            goto failed;
        }

        ngx_memcpy(selector.data, usv.str.data, usv.str.len);

        if (ngx_workers_selectors_add(&rules->selectors, selector.data,
                                      selector.len, rules->elements.nelts,
                                      &reason)
            != NGX_OK)
        {
            (void) ngx_workers_rewriter_throw_parser(cx, reason);
            goto failed;
        }

        h.selector = selector;
    }

    to = ngx_workers_rewriter_rules_push(document ? &rules->documents
                                                  : &rules->elements);
    if (to == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        goto failed;
    }

    *to = h;

    if (!document) {
        ngx_workers_usv_free(cx, &usv);
    }

    return JS_DupValue(cx, this_val);

failed:

    ngx_workers_rewriter_free_handlers(JS_GetRuntime(cx), &h);

    if (!document) {
        ngx_workers_usv_free(cx, &usv);
    }

    return JS_EXCEPTION;
}


static ngx_int_t
ngx_workers_rewriter_get_handlers(JSContext *cx,
    ngx_workers_rewriter_handlers_t *h, JSValueConst v, ngx_uint_t document)
{
    JSValue     func;
    ngx_uint_t  i, n;

    static const struct {
        const char  *name;
        size_t       offset;
    } names[2][4] = {
        {
            { "element", offsetof(ngx_workers_rewriter_handlers_t, element) },
            { "comments", offsetof(ngx_workers_rewriter_handlers_t,
                                   comments) },
            { "text", offsetof(ngx_workers_rewriter_handlers_t, text) },
            { NULL, 0 }
        },
        {
            { "doctype", offsetof(ngx_workers_rewriter_handlers_t, doctype) },
            { "comments", offsetof(ngx_workers_rewriter_handlers_t,
                                   comments) },
            { "text", offsetof(ngx_workers_rewriter_handlers_t, text) },
            { "end", offsetof(ngx_workers_rewriter_handlers_t, end) }
        }
    };

    if (!JS_IsObject(v)) {
        return NGX_OK;
    }

    n = document ? 4 : 3;

    for (i = 0; i < n; i++) {

        func = JS_GetPropertyStr(cx, v, names[document][i].name);

        if (JS_IsException(func)) {
            return NGX_ERROR;
        }

        if (JS_IsUndefined(func)) {
            continue;
        }

        if (!JS_IsFunction(cx, func)) {
            JS_FreeValue(cx, func);
            (void) JS_ThrowTypeError(cx, "Incorrect type for the '%s' field "
                                     "on '%s': the provided value is not of "
                                     "type 'function'.",
                                     names[document][i].name,
                                     document ? "DocumentContentHandlers"
                                              : "ElementContentHandlers");
            return NGX_ERROR;
        }

        *(JSValue *) ((u_char *) h + names[document][i].offset) = func;
    }

    return NGX_OK;
}


static void
ngx_workers_rewriter_free_handlers(JSRuntime *rt,
    ngx_workers_rewriter_handlers_t *h)
{
    JS_FreeValueRT(rt, h->object);
    JS_FreeValueRT(rt, h->element);
    JS_FreeValueRT(rt, h->comments);
    JS_FreeValueRT(rt, h->text);
    JS_FreeValueRT(rt, h->doctype);
    JS_FreeValueRT(rt, h->end);
}


static JSValue
ngx_workers_rewriter_ext_transform(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                         value;
    ngx_int_t                       rc;
    ngx_workers_body_t              body;
    ngx_workers_source_t           *source;
    ngx_workers_response_t         *from, *response;
    const lxb_encoding_data_t      *encoding;
    ngx_workers_rewriter_object_t  *obj;

    obj = ngx_workers_this(cx, this_val, ngx_workers_rewriter_class.id);
    if (obj == NULL) {
        return JS_EXCEPTION;
    }

    from = (argc > 0) ? ngx_workers_response(argv[0]) : NULL;

    if (from == NULL) {
        return ngx_workers_throw_argument(cx, "transform", "HTMLRewriter", 1,
                                          "Response");
    }

    if (from->error) {
        return JS_ThrowTypeError(cx, "HTMLRewriter cannot transform an error "
                                     "response");
    }

    if (from->body.type == NGX_WORKERS_BODY_NONE) {
        return JS_DupValue(cx, argv[0]);
    }

    if (ngx_workers_require_invocation(cx) == NULL
        || ngx_workers_rewriter_encoding(cx, from, &encoding) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    if (ngx_workers_body_unusable(cx, &from->body)) {
        return JS_ThrowTypeError(cx, "%s", NGX_WORKERS_REWRITER_LOCKED);
    }

    value = ngx_workers_response_copy(cx, from, &response);
    if (JS_IsException(value)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_body_take(cx, &from->body, &body) != NGX_OK) {
        JS_FreeValue(cx, value);
        return JS_EXCEPTION;
    }

    source = ngx_workers_rewriter(cx, this_val, obj->rules, &body, encoding);

    if (body.source != NULL) {
        body.source->close(body.source);
        body.source = NULL;
    }

    ngx_workers_body_free(JS_GetRuntime(cx), &body);

    rc = (source != NULL)
         ? ngx_workers_body_set_source(cx, &response->body, source)
         : NGX_ERROR;

    if (rc != NGX_OK) {
        JS_FreeValue(cx, value);
        return JS_EXCEPTION;
    }

    return value;
}


/* That of the charset in Content-Type; NULL: UTF-8. */

static ngx_int_t
ngx_workers_rewriter_encoding(JSContext *cx, ngx_workers_response_t *response,
    const lxb_encoding_data_t **encoding)
{
    u_char                      label[64];
    ngx_str_t                   type, *value;
    ngx_workers_mime_t          mime;
    ngx_workers_mime_param_t    param;
    const lxb_encoding_data_t  *enc;

    *encoding = NULL;

    if (response->headers != NULL) {
        value = ngx_workers_headers_find(response->headers, "content-type",
                                         sizeof("content-type") - 1);
        if (value == NULL) {
            return NGX_OK;
        }

        type = *value;

    } else {
        type = response->content_type;
    }

    if (type.len == 0
        || ngx_workers_mime_parse(&type, &mime) != NGX_OK
        || ngx_workers_mime_find(&mime, "charset", &param) != NGX_OK)
    {
        return NGX_OK;
    }

    if (param.value.len == 0) {
        return NGX_OK;
    }

    if (param.value.len > sizeof(label)) {
        goto unknown;
    }

    enc = ngx_workers_decoder_encoding(param.value.data, param.value.len);

    if (enc == NULL) {
        goto unknown;
    }

    switch (enc->encoding) {

    case LXB_ENCODING_UTF_8:
        return NGX_OK;

    case LXB_ENCODING_UTF_16BE:
    case LXB_ENCODING_UTF_16LE:
    case LXB_ENCODING_ISO_2022_JP:
        (void) ngx_workers_rewriter_throw_parser(cx,
                                    "Expected ASCII-compatible encoding.");
        return NGX_ERROR;

    default:
        *encoding = enc;
        return NGX_OK;
    }

unknown:

    (void) ngx_workers_rewriter_throw_parser(cx,
                        "Unknown character encoding has been provided.");
    return NGX_ERROR;
}


static void
ngx_workers_rewriter_object_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_rewriter_object_t  *obj;

    obj = JS_GetOpaque(val, ngx_workers_rewriter_class.id);

    if (obj != NULL) {

        if (obj->rules != NULL) {
            ngx_workers_rewriter_rules_release(rt, obj->rules);
        }

        js_free_rt(rt, obj);
    }
}


static void
ngx_workers_rewriter_object_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func)
{
    ngx_uint_t                        i;
    ngx_array_t                      *array;
    ngx_workers_rewriter_object_t    *obj;
    ngx_workers_rewriter_handlers_t  *h;

    obj = JS_GetOpaque(val, ngx_workers_rewriter_class.id);

    if (obj == NULL || obj->rules == NULL) {
        return;
    }

    for (array = &obj->rules->elements; /* void */ ;
         array = &obj->rules->documents)
    {
        h = array->elts;

        for (i = 0; i < array->nelts; i++) {
            JS_MarkValue(rt, h[i].object, mark_func);
            JS_MarkValue(rt, h[i].element, mark_func);
            JS_MarkValue(rt, h[i].comments, mark_func);
            JS_MarkValue(rt, h[i].text, mark_func);
            JS_MarkValue(rt, h[i].doctype, mark_func);
            JS_MarkValue(rt, h[i].end, mark_func);
        }

        if (array == &obj->rules->documents) {
            return;
        }
    }
}
