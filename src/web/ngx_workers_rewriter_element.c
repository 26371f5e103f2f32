
/*
 * Copyright (C) the nginx-workers authors
 *
 * HTMLRewriter: the class Element, and the iterator of its attributes.
 */


#include "ngx_workers_rewriter.h"
#include "ngx_workers_usv.h"


/* The opaque of an AttributesIterator. */
typedef struct {
    JSValue                        element;
    ngx_uint_t                     next;
    ngx_uint_t                     version;
} ngx_workers_rewriter_iterator_t;


static JSValue ngx_workers_element_ext_get_name(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_element_ext_set_name(JSContext *cx,
    JSValueConst this_val, JSValueConst v);
static JSValue ngx_workers_element_ext_namespace(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_element_ext_attributes(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_attributes_ext_next(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int *done, int magic);
static JSValue ngx_workers_element_ext_get_attribute(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int has);
static JSValue ngx_workers_element_ext_set_attribute(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_element_ext_remove_attribute(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_element_ext_on_end_tag(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static const char *ngx_workers_element_bad_name(ngx_str_t *name,
    ngx_uint_t tag, char *text, size_t size);
static ngx_int_t ngx_workers_element_find(ngx_workers_rewriter_t *rw,
    ngx_str_t *name, ngx_str_t *value, ngx_uint_t *index);
static void ngx_workers_attributes_finalizer(JSRuntime *rt, JSValueConst val);
static void ngx_workers_attributes_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func);


static const JSCFunctionListEntry  ngx_workers_element_proto[] = {
    NGX_WORKERS_GETSET("tagName", ngx_workers_element_ext_get_name,
                       ngx_workers_element_ext_set_name),
    NGX_WORKERS_GETSET("attributes", ngx_workers_element_ext_attributes, NULL),
    NGX_WORKERS_GETSET("removed", ngx_workers_rewriter_ext_removed, NULL),
    NGX_WORKERS_GETSET("namespaceURI", ngx_workers_element_ext_namespace,
                       NULL),
    NGX_WORKERS_METHOD_MAGIC("getAttribute", 0,
                             ngx_workers_element_ext_get_attribute, 0),
    NGX_WORKERS_METHOD_MAGIC("hasAttribute", 0,
                             ngx_workers_element_ext_get_attribute, 1),
    NGX_WORKERS_METHOD("setAttribute", 0,
                       ngx_workers_element_ext_set_attribute),
    NGX_WORKERS_METHOD("removeAttribute", 0,
                       ngx_workers_element_ext_remove_attribute),
    NGX_WORKERS_REWRITER_INSERT("before", BEFORE),
    NGX_WORKERS_REWRITER_INSERT("after", AFTER),
    NGX_WORKERS_REWRITER_INSERT("prepend", PREPEND),
    NGX_WORKERS_REWRITER_INSERT("append", APPEND),
    NGX_WORKERS_REWRITER_INSERT("replace", REPLACE),
    NGX_WORKERS_METHOD_MAGIC("remove", 0, ngx_workers_rewriter_ext_remove, 0),
    NGX_WORKERS_METHOD_MAGIC("removeAndKeepContent", 0,
                             ngx_workers_rewriter_ext_remove, 1),
    NGX_WORKERS_REWRITER_INSERT("setInnerContent", SET_INNER),
    NGX_WORKERS_METHOD("onEndTag", 0, ngx_workers_element_ext_on_end_tag),
    NGX_WORKERS_TAG("Element"),
};


static const JSCFunctionListEntry  ngx_workers_attributes_proto[] = {
    JS_ITERATOR_NEXT_DEF("next", 0, ngx_workers_attributes_ext_next, 0),
    NGX_WORKERS_TAG("AttributesIterator"),
};


NGX_WORKERS_REWRITER_CLASS(element, "Element",
                           ngx_workers_rewriter_token_finalizer, NULL);


ngx_workers_class_t  ngx_workers_attributes_class = {
    .def = {
        .class_name = "AttributesIterator",
        .finalizer = ngx_workers_attributes_finalizer,
        .gc_mark = ngx_workers_attributes_mark
    },
    .proto = ngx_workers_attributes_proto,
    .nproto = ngx_workers_nitems(ngx_workers_attributes_proto),
    .hidden = 1,
    .lazy = 1,
    .iterator = 1
};


static JSValue
ngx_workers_element_ext_get_name(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_rewriter_t  *rw;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_element_class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_rewriter_lower(cx, rw, (rw->name.data != NULL)
                                             ? &rw->name
                                             : &rw->html.token.inner);
}


static JSValue
ngx_workers_element_ext_set_name(JSContext *cx, JSValueConst this_val,
    JSValueConst v)
{
    char                             text[128];
    JSValue                          ret;
    const char                      *reason;
    ngx_workers_usv_t                usv;
    ngx_workers_rewriter_t          *rw;
    ngx_workers_rewriter_element_t  *element;

    if (ngx_workers_usv(cx, v, &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    ret = JS_EXCEPTION;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_element_class);
    if (rw == NULL) {
        goto done;
    }

    reason = ngx_workers_element_bad_name(&usv.str, 1, text, sizeof(text));

    if (reason != NULL) {
        (void) ngx_workers_rewriter_throw_parser(cx, reason);
        goto done;
    }

    if (ngx_workers_rewriter_set_string(cx, rw, &rw->name, &usv.str)
        != NGX_OK)
    {
        goto done;
    }

    if (!rw->html.token.is_void) {

        element = ngx_workers_rewriter_element(rw);

        if (element == NULL) {
            (void) JS_ThrowOutOfMemory(cx);
            goto done;
        }

        if (ngx_workers_rewriter_set_string(cx, rw, &element->name, &usv.str)
            != NGX_OK)
        {
            goto done;
        }
    }

    ret = JS_UNDEFINED;

done:

    ngx_workers_usv_free(cx, &usv);

    return ret;
}


static JSValue
ngx_workers_element_ext_namespace(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_rewriter_t  *rw;

    static const char *const  uris[] = {
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1998/Math/MathML"
    };

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_element_class);

    return (rw == NULL) ? JS_EXCEPTION
                        : JS_NewString(cx, uris[rw->html.token.ns]);
}


static JSValue
ngx_workers_element_ext_attributes(JSContext *cx, JSValueConst this_val)
{
    JSValue                           object;
    ngx_workers_rewriter_t           *rw;
    ngx_workers_rewriter_iterator_t  *it;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_element_class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    object = JS_NewObjectClass(cx, ngx_workers_attributes_class.id);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    it = js_malloc(cx, sizeof(ngx_workers_rewriter_iterator_t));
    if (it == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    it->element = JS_DupValue(cx, this_val);
    it->next = 0;
    it->version = rw->version;

    JS_SetOpaque(object, it);

    return object;
}


static JSValue
ngx_workers_attributes_ext_next(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int *done, int magic)
{
    JSValue                           pair;
    ngx_str_t                         name, value;
    ngx_uint_t                        i;
    ngx_workers_rewriter_t           *rw;
    ngx_workers_html_attr_t          *attr;
    ngx_workers_html_token_t         *token;
    ngx_workers_rewriter_iterator_t  *it;

    *done = 0;

    it = ngx_workers_this(cx, this_val, ngx_workers_attributes_class.id);
    if (it == NULL) {
        return JS_EXCEPTION;
    }

    rw = ngx_workers_rewriter_this(cx, it->element,
                                   &ngx_workers_element_class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    if (it->version != rw->version) {
        return ngx_workers_throw_error(cx, "The attributes of this element "
                                       "have been modified during iteration. "
                                       "You must create a new iterator after "
                                       "modifying attributes.");
    }

    token = &rw->html.token;
    i = it->next;

    if (i >= ((rw->attrs != NULL) ? rw->nattrs : token->nattrs)) {
        *done = 1;
        return JS_UNDEFINED;
    }

    it->next++;

    if (rw->attrs != NULL) {
        name = rw->attrs[i].name;
        value = rw->attrs[i].value;

    } else {
        attr = &token->attrs[i];
        name.data = token->start + attr->name;
        name.len = attr->name_end - attr->name;
        value.data = token->start + attr->value;
        value.len = attr->value_end - attr->value;
    }

    pair = JS_NewArray(cx);

    if (JS_IsException(pair)
        || JS_DefinePropertyValueUint32(cx, pair, 0,
                                   ngx_workers_rewriter_lower(cx, rw, &name),
                                   JS_PROP_C_W_E) < 0
        || JS_DefinePropertyValueUint32(cx, pair, 1,
                                ngx_workers_rewriter_decode(rw, value.data,
                                                            value.len),
                                JS_PROP_C_W_E) < 0)
    {
        JS_FreeValue(cx, pair);
        return JS_EXCEPTION;
    }

    return pair;
}


/* getAttribute(name) and hasAttribute(name) */

static JSValue
ngx_workers_element_ext_get_attribute(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int has)
{
    JSValue                  ret;
    ngx_int_t                rc;
    ngx_str_t                value;
    ngx_uint_t               i;
    ngx_workers_usv_t        usv;
    ngx_workers_rewriter_t  *rw;

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, has ? "hasAttribute"
                                                  : "getAttribute",
                                          "Element", 1, "string");
    }

    if (ngx_workers_usv(cx, argv[0], &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_element_class);

    if (rw == NULL) {
        ngx_workers_usv_free(cx, &usv);
        return JS_EXCEPTION;
    }

    rc = ngx_workers_element_find(rw, &usv.str, &value, &i);

    ngx_workers_usv_free(cx, &usv);

    if (has) {
        ret = JS_NewBool(cx, rc == NGX_OK);

    } else {
        ret = (rc == NGX_OK) ? ngx_workers_rewriter_decode(rw, value.data,
                                                           value.len)
                             : JS_NULL;
    }

    return ret;
}


static JSValue
ngx_workers_element_ext_set_attribute(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    char                          text[128];
    u_char                       *p, *small;
    JSValue                       ret;
    ngx_str_t                     old;
    ngx_uint_t                    i;
    const char                   *reason;
    ngx_workers_usv_t             name, value;
    ngx_workers_rewriter_t       *rw;
    ngx_workers_rewriter_attr_t  *attr, *attrs;

    if (argc < 2) {
        return ngx_workers_throw_argument(cx, "setAttribute", "Element",
                                          argc + 1, "string");
    }

    if (ngx_workers_usv(cx, argv[0], &name) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_usv(cx, argv[1], &value) != NGX_OK) {
        ngx_workers_usv_free(cx, &name);
        return JS_EXCEPTION;
    }

    ret = JS_EXCEPTION;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_element_class);
    if (rw == NULL) {
        goto done;
    }

    reason = ngx_workers_element_bad_name(&name.str, 0, text, sizeof(text));

    if (reason != NULL) {
        (void) ngx_workers_rewriter_throw_parser(cx, reason);
        goto done;
    }

    /* the value, and behind it a name that is new; room to make it small */

    p = ngx_workers_rewriter_attrs(rw) == NGX_OK
        ? ngx_alloc(ngx_workers_rewriter_encoded(value.str.len + name.str.len)
                    + name.str.len + 1, rw->iso->log)
        : NULL;

    if (p == NULL) {
        (void) JS_ThrowOutOfMemory(cx);
        goto done;
    }

    if (ngx_workers_element_find(rw, &name.str, &old, &i) != NGX_OK) {

        if (rw->nattrs == rw->max_attrs) {
            attrs = ngx_alloc(2 * rw->max_attrs
                              * sizeof(ngx_workers_rewriter_attr_t),
                              rw->iso->log);
            if (attrs == NULL) {
                ngx_free(p);
                (void) JS_ThrowOutOfMemory(cx);
                goto done;
            }

            ngx_memcpy(attrs, rw->attrs,
                       rw->nattrs * sizeof(ngx_workers_rewriter_attr_t));
            ngx_free(rw->attrs);

            rw->attrs = attrs;
            rw->max_attrs *= 2;
        }

        i = rw->nattrs++;

        ngx_memzero(&rw->attrs[i], sizeof(ngx_workers_rewriter_attr_t));
    }

    attr = &rw->attrs[i];

    attr->value.data = p;
    p = ngx_workers_rewriter_encode(rw, p, value.str.data, value.str.len, 1);
    attr->value.len = p - attr->value.data;

    if (attr->name.data == NULL || attr->alloc != NULL) {
        small = p + ngx_workers_rewriter_encoded(name.str.len);
        ngx_strlow(small, name.str.data, name.str.len);

        attr->name.data = p;
        p = ngx_workers_rewriter_encode(rw, p, small, name.str.len, 1);
        attr->name.len = p - attr->name.data;
    }

    ngx_str_null(&attr->raw);

    ngx_free(attr->alloc);
    attr->alloc = attr->value.data;

    rw->version++;

    ret = JS_DupValue(cx, this_val);

done:

    ngx_workers_usv_free(cx, &name);
    ngx_workers_usv_free(cx, &value);

    return ret;
}


static JSValue
ngx_workers_element_ext_remove_attribute(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                  ret;
    ngx_str_t                value;
    ngx_uint_t               i;
    ngx_workers_usv_t        usv;
    ngx_workers_rewriter_t  *rw;

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "removeAttribute", "Element", 1,
                                          "string");
    }

    if (ngx_workers_usv(cx, argv[0], &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    ret = JS_EXCEPTION;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_element_class);
    if (rw == NULL) {
        goto done;
    }

    if (ngx_workers_element_find(rw, &usv.str, &value, &i) == NGX_OK) {

        if (ngx_workers_rewriter_attrs(rw) != NGX_OK) {
            (void) JS_ThrowOutOfMemory(cx);
            goto done;
        }

        ngx_free(rw->attrs[i].alloc);

        rw->nattrs--;

        ngx_memmove(&rw->attrs[i], &rw->attrs[i + 1],
                    (rw->nattrs - i) * sizeof(ngx_workers_rewriter_attr_t));

        rw->version++;
    }

    ret = JS_DupValue(cx, this_val);

done:

    ngx_workers_usv_free(cx, &usv);

    return ret;
}


static JSValue
ngx_workers_element_ext_on_end_tag(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_rewriter_t          *rw;
    ngx_workers_rewriter_element_t  *element;

    rw = ngx_workers_rewriter_this(cx, this_val, &ngx_workers_element_class);
    if (rw == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 1 || !JS_IsFunction(cx, argv[0])) {
        return ngx_workers_throw_argument(cx, "onEndTag", "Element", 1,
                                          "function");
    }

    if (rw->html.token.is_void) {
        return ngx_workers_rewriter_throw_parser(cx, "No end tag.");
    }

    element = ngx_workers_rewriter_element(rw);
    if (element == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    JS_FreeValue(cx, element->on_end);
    element->on_end = JS_DupValue(cx, argv[0]);

    return JS_UNDEFINED;
}


/* Why it is no name of a tag or an attribute; NULL: it is one. */

static const char *
ngx_workers_element_bad_name(ngx_str_t *name, ngx_uint_t tag, char *text,
    size_t size)
{
    u_char      c;
    size_t      i;
    const char  *what, *shown;

    what = tag ? "tag" : "attribute";

    if (name->len == 0) {
        return tag ? "Tag name can't be empty."
                   : "Attribute name can't be empty.";
    }

    c = name->data[0] | 0x20;

    if (tag && !(c >= 'a' && c <= 'z')) {
        return "The first character of the tag name should be an ASCII "
               "alphabetical character.";
    }

    for (i = 0; i < name->len; i++) {

        switch (name->data[i]) {

        case ' ':  shown = " ";    break;
        case '\n': shown = "\n";   break;
        case '\r': shown = "\r";   break;
        case '\t': shown = "\t";   break;
        case '\f': shown = "\f";   break;
        case '/':  shown = "/";    break;
        case '>':  shown = ">";    break;

        case '=':
            if (!tag) {
                shown = "=";
                break;
            }

            /* fall through */

        default:
            continue;
        }

        *ngx_snprintf((u_char *) text, size - 1, "`%s` character is forbidden "
                      "in the %s name", shown, what)
            = '\0';

        return text;
    }

    return NULL;
}


/* NGX_OK: value, and which it is. */

static ngx_int_t
ngx_workers_element_find(ngx_workers_rewriter_t *rw, ngx_str_t *name,
    ngx_str_t *value, ngx_uint_t *index)
{
    u_char                    *p;
    size_t                     len;
    ngx_uint_t                 i, n;
    ngx_workers_html_attr_t   *attr;
    ngx_workers_html_token_t  *token;

    token = &rw->html.token;
    attr = NULL;
    n = (rw->attrs != NULL) ? rw->nattrs : token->nattrs;

    for (i = 0; i < n; i++) {

        if (rw->attrs != NULL) {
            p = rw->attrs[i].name.data;
            len = rw->attrs[i].name.len;

        } else {
            attr = &token->attrs[i];
            p = token->start + attr->name;
            len = attr->name_end - attr->name;
        }

        if (len != name->len || ngx_strncasecmp(p, name->data, len) != 0) {
            continue;
        }

        *index = i;

        if (rw->attrs != NULL) {
            *value = rw->attrs[i].value;

        } else {
            value->data = token->start + attr->value;
            value->len = attr->value_end - attr->value;
        }

        return NGX_OK;
    }

    return NGX_DECLINED;
}


static void
ngx_workers_attributes_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_rewriter_iterator_t  *it;

    it = JS_GetOpaque(val, ngx_workers_attributes_class.id);

    if (it != NULL) {
        JS_FreeValueRT(rt, it->element);
        js_free_rt(rt, it);
    }
}


static void
ngx_workers_attributes_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func)
{
    ngx_workers_rewriter_iterator_t  *it;

    it = JS_GetOpaque(val, ngx_workers_attributes_class.id);

    if (it != NULL) {
        JS_MarkValue(rt, it->element, mark_func);
    }
}
