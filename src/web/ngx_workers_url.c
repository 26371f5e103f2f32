
/*
 * Copyright (C) the nginx-workers authors
 *
 * The URL class.  An object is a record, the href with the offsets of its
 * components, so a getter is a slice of it; a setter makes a new record.
 * searchParams is made when it is first asked for.
 */


#include "ngx_workers_url.h"
#include "ngx_workers_headers.h"
#include "ngx_workers_usv.h"


struct ngx_workers_url_object_s {
    ngx_workers_url_t         *url;
    JSValue                    search_params;  /* undefined: not asked for */
    ngx_workers_url_params_t  *params;
};


static ngx_int_t ngx_workers_url_record(JSContext *cx,
    ngx_workers_url_parts_t *parts, ngx_workers_url_t **url);
static JSValue ngx_workers_url_object(JSContext *cx, JSValueConst new_target,
    ngx_workers_url_t *url);
static ngx_int_t ngx_workers_url_from_args(JSContext *cx, int argc,
    JSValueConst *argv, ngx_workers_url_t **url);
static ngx_int_t ngx_workers_url_query_changed(JSContext *cx,
    ngx_workers_url_object_t *uo);

static JSValue ngx_workers_url_ext_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_ext_can_parse(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_url_ext_parse(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_url_ext_object_url(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int revoke);
static JSValue ngx_workers_url_ext_get(JSContext *cx, JSValueConst this_val,
    int magic);
static JSValue ngx_workers_url_ext_set(JSContext *cx, JSValueConst this_val,
    JSValueConst val, int magic);
static JSValue ngx_workers_url_ext_origin(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_url_ext_search_params(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_url_ext_to_string(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_url_finalizer(JSRuntime *rt, JSValueConst val);
static void ngx_workers_url_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func);


#define ngx_workers_url_this(cx, this_val)                                    \
    ngx_workers_this(cx, this_val, ngx_workers_url_class.id)

#define ngx_workers_url_throw(cx)                                             \
    JS_ThrowTypeError(cx, "Invalid URL string.")


static const JSCFunctionListEntry  ngx_workers_url_proto[] = {
    NGX_WORKERS_GETSET("origin", ngx_workers_url_ext_origin, NULL),
    NGX_WORKERS_GETSET_MAGIC("href", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set, NGX_WORKERS_URL_HREF),
    NGX_WORKERS_GETSET_MAGIC("protocol", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set,
                             NGX_WORKERS_URL_PROTOCOL),
    NGX_WORKERS_GETSET_MAGIC("username", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set,
                             NGX_WORKERS_URL_USERNAME),
    NGX_WORKERS_GETSET_MAGIC("password", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set,
                             NGX_WORKERS_URL_PASSWORD),
    NGX_WORKERS_GETSET_MAGIC("host", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set,
                             NGX_WORKERS_URL_FULL_HOST),
    NGX_WORKERS_GETSET_MAGIC("hostname", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set,
                             NGX_WORKERS_URL_HOSTNAME),
    NGX_WORKERS_GETSET_MAGIC("port", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set, NGX_WORKERS_URL_PORT),
    NGX_WORKERS_GETSET_MAGIC("pathname", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set,
                             NGX_WORKERS_URL_PATHNAME),
    NGX_WORKERS_GETSET_MAGIC("search", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set,
                             NGX_WORKERS_URL_SEARCH),
    NGX_WORKERS_GETSET_MAGIC("hash", ngx_workers_url_ext_get,
                             ngx_workers_url_ext_set, NGX_WORKERS_URL_HASH),
    NGX_WORKERS_GETSET("searchParams", ngx_workers_url_ext_search_params,
                       NULL),
    NGX_WORKERS_METHOD("toJSON", 0, ngx_workers_url_ext_to_string),
    NGX_WORKERS_METHOD("toString", 0, ngx_workers_url_ext_to_string),
    NGX_WORKERS_TAG("URL")
};


static const JSCFunctionListEntry  ngx_workers_url_statics[] = {
    NGX_WORKERS_METHOD("canParse", 1, ngx_workers_url_ext_can_parse),
    NGX_WORKERS_METHOD("parse", 1, ngx_workers_url_ext_parse),
    NGX_WORKERS_METHOD_MAGIC("createObjectURL", 1,
                             ngx_workers_url_ext_object_url, 0),
    NGX_WORKERS_METHOD_MAGIC("revokeObjectURL", 1,
                             ngx_workers_url_ext_object_url, 1)
};


ngx_workers_class_t  ngx_workers_url_class = {
    .def = {
        .class_name = "URL",
        .finalizer = ngx_workers_url_finalizer,
        .gc_mark = ngx_workers_url_mark
    },
    .constructor = ngx_workers_url_ext_construct,
    .length = 1,
    .proto = ngx_workers_url_proto,
    .nproto = ngx_workers_nitems(ngx_workers_url_proto),
    .statics = ngx_workers_url_statics,
    .nstatics = ngx_workers_nitems(ngx_workers_url_statics)
};


static ngx_workers_class_t  *ngx_workers_url_classes[] = {
    &ngx_workers_url_class,
    NULL
};


ngx_workers_web_t  ngx_workers_url_web = {
    ngx_workers_url_classes,
    NULL,
    NULL
};


static const char *const  ngx_workers_urlpattern_globals[] = {
    "URLPattern",
    NULL
};


static ngx_workers_builtin_t  ngx_workers_urlpattern_builtin = {
    "urlpattern",
    ngx_workers_urlpattern_globals,
    NULL,
    0
};


static ngx_workers_builtin_t  *ngx_workers_urlpattern_builtins[] = {
    &ngx_workers_urlpattern_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_urlpattern_web = {
    NULL,
    ngx_workers_urlpattern_builtins,
    NULL
};


ngx_int_t
ngx_workers_url_create(JSContext *cx, ngx_str_t *input, ngx_str_t *base,
    ngx_workers_url_t **url)
{
    ngx_int_t                 rc;
    ngx_workers_url_parser_t  pr, bpr;

    ngx_workers_url_parser_init(&pr);
    ngx_workers_url_parser_init(&bpr);

    rc = NGX_OK;

    if (base != NULL) {
        rc = ngx_workers_url_parse(&bpr, base, NULL);
    }

    if (rc == NGX_OK) {
        rc = ngx_workers_url_parse(&pr, input,
                                   (base != NULL) ? &bpr.parts : NULL);
    }

    if (rc == NGX_OK) {
        rc = ngx_workers_url_record(cx, &pr.parts, url);

    } else if (rc == NGX_ERROR) {
        (void) JS_ThrowOutOfMemory(cx);
    }

    ngx_workers_url_parser_done(&pr);
    ngx_workers_url_parser_done(&bpr);

    return rc;
}


static ngx_int_t
ngx_workers_url_record(JSContext *cx, ngx_workers_url_parts_t *parts,
    ngx_workers_url_t **url)
{
    size_t  size;

    size = ngx_workers_url_size(parts);

    if (size == 0) {
        (void) JS_ThrowOutOfMemory(cx);
        return NGX_ERROR;
    }

    *url = js_malloc(cx, size);
    if (*url == NULL) {
        return NGX_ERROR;
    }

    ngx_workers_url_write(parts, *url);

    return NGX_OK;
}


ngx_workers_url_t *
ngx_workers_url(JSValueConst v)
{
    ngx_workers_url_object_t  *uo;

    uo = JS_GetOpaque(v, ngx_workers_url_class.id);

    return (uo != NULL) ? uo->url : NULL;
}


/* Owns url, also on failure. */

static JSValue
ngx_workers_url_object(JSContext *cx, JSValueConst new_target,
    ngx_workers_url_t *url)
{
    JSValue                    object;
    ngx_workers_url_object_t  *uo;

    uo = js_malloc(cx, sizeof(ngx_workers_url_object_t));
    if (uo == NULL) {
        js_free(cx, url);
        return JS_EXCEPTION;
    }

    uo->url = url;
    uo->search_params = JS_UNDEFINED;
    uo->params = NULL;

    if (JS_IsUndefined(new_target)) {
        object = JS_NewObjectClass(cx, ngx_workers_url_class.id);

    } else {
        object = ngx_workers_new_instance(cx, new_target,
                                          ngx_workers_url_class.id);
    }

    if (JS_IsException(object)) {
        js_free(cx, url);
        js_free(cx, uo);
        return object;
    }

    JS_SetOpaque(object, uo);

    return object;
}


/* (url, base) of the constructor and of the static methods. */

static ngx_int_t
ngx_workers_url_from_args(JSContext *cx, int argc, JSValueConst *argv,
    ngx_workers_url_t **url)
{
    ngx_int_t          rc;
    ngx_workers_usv_t  input, base;

    if (ngx_workers_usv(cx, argv[0], &input) != NGX_OK) {
        return NGX_ERROR;
    }

    if (argc < 2 || JS_IsUndefined(argv[1])) {
        rc = ngx_workers_url_create(cx, &input.str, NULL, url);

    } else {
        rc = ngx_workers_usv(cx, argv[1], &base);

        if (rc == NGX_OK) {
            rc = ngx_workers_url_create(cx, &input.str, &base.str, url);
            ngx_workers_usv_free(cx, &base);
        }
    }

    ngx_workers_usv_free(cx, &input);

    return rc;
}


static JSValue
ngx_workers_url_ext_construct(JSContext *cx, JSValueConst new_target, int argc,
    JSValueConst *argv)
{
    ngx_int_t           rc;
    ngx_workers_url_t  *url;

    if (argc == 0) {
        return ngx_workers_throw_constructor_argument(cx, "URL", 1,
                                                      "USVString");
    }

    rc = ngx_workers_url_from_args(cx, argc, argv, &url);

    if (rc == NGX_DECLINED) {
        return ngx_workers_url_throw(cx);
    }

    if (rc != NGX_OK) {
        return JS_EXCEPTION;
    }

    return ngx_workers_url_object(cx, new_target, url);
}


static JSValue
ngx_workers_url_ext_can_parse(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_int_t           rc;
    ngx_workers_url_t  *url;

    if (argc == 0) {
        return ngx_workers_throw_argument(cx, "canParse", "URL", 1,
                                          "USVString");
    }

    rc = ngx_workers_url_from_args(cx, argc, argv, &url);

    if (rc == NGX_ERROR) {
        return JS_EXCEPTION;
    }

    if (rc == NGX_OK) {
        js_free(cx, url);
    }

    return JS_NewBool(cx, rc == NGX_OK);
}


static JSValue
ngx_workers_url_ext_parse(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_int_t           rc;
    ngx_workers_url_t  *url;

    if (argc == 0) {
        return ngx_workers_throw_argument(cx, "parse", "URL", 1, "USVString");
    }

    rc = ngx_workers_url_from_args(cx, argc, argv, &url);

    if (rc == NGX_DECLINED) {
        return JS_NULL;
    }

    if (rc != NGX_OK) {
        return JS_EXCEPTION;
    }

    return ngx_workers_url_object(cx, JS_UNDEFINED, url);
}


/* On the platform these are there, and refuse. */

static JSValue
ngx_workers_url_ext_object_url(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int revoke)
{
    if (argc == 0 || (!revoke && !JS_IsObject(argv[0]))) {
        return ngx_workers_throw_argument(cx, revoke ? "revokeObjectURL"
                                                     : "createObjectURL",
                                          "URL", 1, revoke ? "USVString"
                                                           : "File or Blob");
    }

    return ngx_workers_throw_error(cx, revoke
                          ? "URL.revokeObjectURL() is not implemented"
                          : "URL.createObjectURL() is not implemented");
}


static JSValue
ngx_workers_url_ext_get(JSContext *cx, JSValueConst this_val, int magic)
{
    ngx_str_t                  value;
    ngx_workers_url_object_t  *uo;

    uo = ngx_workers_url_this(cx, this_val);
    if (uo == NULL) {
        return JS_EXCEPTION;
    }

    ngx_workers_url_get(uo->url, magic, &value);

    return ngx_workers_new_string(cx, &value);
}


static JSValue
ngx_workers_url_ext_set(JSContext *cx, JSValueConst this_val, JSValueConst val,
    int magic)
{
    ngx_int_t                  rc;
    ngx_workers_url_t         *url;
    ngx_workers_usv_t          value;
    ngx_workers_url_object_t  *uo;
    ngx_workers_url_parser_t   pr;

    uo = ngx_workers_url_this(cx, this_val);
    if (uo == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_usv(cx, val, &value) != NGX_OK) {
        return JS_EXCEPTION;
    }

    ngx_workers_url_parser_init(&pr);

    rc = ngx_workers_url_modify(&pr, uo->url, magic, &value.str);

    if (rc == NGX_OK) {
        rc = ngx_workers_url_record(cx, &pr.parts, &url);

    } else if (rc == NGX_ERROR) {
        (void) JS_ThrowOutOfMemory(cx);
    }

    ngx_workers_url_parser_done(&pr);
    ngx_workers_usv_free(cx, &value);

    if (rc == NGX_DECLINED) {
        return (magic != NGX_WORKERS_URL_HREF) ? JS_UNDEFINED
               : JS_ThrowTypeError(cx, "Failed to set the 'href' property on "
                                   "'URL': the provided value is not of type "
                                   "'valid URL string'.");
    }

    if (rc != NGX_OK) {
        return JS_EXCEPTION;
    }

    js_free(cx, uo->url);
    uo->url = url;

    if ((magic == NGX_WORKERS_URL_HREF || magic == NGX_WORKERS_URL_SEARCH)
        && ngx_workers_url_query_changed(cx, uo) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


static ngx_int_t
ngx_workers_url_query_changed(JSContext *cx, ngx_workers_url_object_t *uo)
{
    ngx_workers_url_parts_t  parts;

    if (uo->params == NULL) {
        return NGX_OK;
    }

    ngx_workers_url_split(uo->url, &parts);

    return ngx_workers_url_params_reset(cx, uo->params, &parts.query);
}


ngx_int_t
ngx_workers_url_set_query(JSContext *cx, ngx_workers_url_object_t *uo,
    ngx_str_t *query)
{
    ngx_workers_url_t        *url;
    ngx_workers_url_parts_t   parts;

    ngx_workers_url_split(uo->url, &parts);

    parts.query = *query;
    parts.has_query = (query->len != 0);

    if (ngx_workers_url_record(cx, &parts, &url) != NGX_OK) {
        return NGX_ERROR;
    }

    js_free(cx, uo->url);
    uo->url = url;

    return NGX_OK;
}


void
ngx_workers_url_forget_params(ngx_workers_url_object_t *uo)
{
    uo->params = NULL;
}


/* The origin of a blob URL is that of the http or https URL in its path. */

static JSValue
ngx_workers_url_ext_origin(JSContext *cx, JSValueConst this_val)
{
    u_char                    *buf;
    size_t                     len;
    JSValue                    value;
    ngx_int_t                  rc;
    ngx_str_t                  path;
    ngx_workers_url_t         *url;
    ngx_workers_url_object_t  *uo;

    uo = ngx_workers_url_this(cx, this_val);
    if (uo == NULL) {
        return JS_EXCEPTION;
    }

    url = uo->url;

    if (url->scheme_end == sizeof("blob:") - 1
        && ngx_memcmp(url->href, "blob:", sizeof("blob:") - 1) == 0)
    {
        ngx_workers_url_get(url, NGX_WORKERS_URL_PATHNAME, &path);

        rc = ngx_workers_url_create(cx, &path, NULL, &url);

        if (rc == NGX_ERROR) {
            return JS_EXCEPTION;
        }

        if (rc == NGX_DECLINED) {
            return JS_NewStringLen(cx, "null", 4);
        }

        if (url->type != NGX_WORKERS_URL_HTTP
            && url->type != NGX_WORKERS_URL_HTTPS)
        {
            js_free(cx, url);
            return JS_NewStringLen(cx, "null", 4);
        }
    }

    buf = js_malloc(cx, url->len + 4);

    if (buf != NULL) {
        len = ngx_workers_url_origin(url, buf);
        value = JS_NewStringLen(cx, (char *) buf, len);
        js_free(cx, buf);

    } else {
        value = JS_EXCEPTION;
    }

    if (url != uo->url) {
        js_free(cx, url);
    }

    return value;
}


static JSValue
ngx_workers_url_ext_search_params(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_url_parts_t    parts;
    ngx_workers_url_object_t  *uo;

    uo = ngx_workers_url_this(cx, this_val);
    if (uo == NULL) {
        return JS_EXCEPTION;
    }

    if (JS_IsUndefined(uo->search_params)) {
        ngx_workers_url_split(uo->url, &parts);

        uo->search_params = ngx_workers_url_params_of(cx, uo, &parts.query,
                                                      &uo->params);

        if (JS_IsException(uo->search_params)) {
            uo->search_params = JS_UNDEFINED;
            return JS_EXCEPTION;
        }
    }

    return JS_DupValue(cx, uo->search_params);
}


static JSValue
ngx_workers_url_ext_to_string(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return ngx_workers_url_ext_get(cx, this_val, NGX_WORKERS_URL_HREF);
}


static void
ngx_workers_url_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_url_object_t  *uo;

    uo = JS_GetOpaque(val, ngx_workers_url_class.id);
    if (uo == NULL) {
        return;
    }

    if (uo->params != NULL) {
        ngx_workers_url_params_detach(uo->params);
    }

    JS_FreeValueRT(rt, uo->search_params);
    js_free_rt(rt, uo->url);
    js_free_rt(rt, uo);
}


static void
ngx_workers_url_mark(JSRuntime *rt, JSValueConst val, JS_MarkFunc *mark_func)
{
    ngx_workers_url_object_t  *uo;

    uo = JS_GetOpaque(val, ngx_workers_url_class.id);

    if (uo != NULL) {
        JS_MarkValue(rt, uo->search_params, mark_func);
    }
}
