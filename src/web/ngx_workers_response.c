
/*
 * Copyright (C) the nginx-workers authors
 *
 * Response: Fetch Standard, section 5.5, with the platform's cf, webSocket
 * and encodeBody.  What a response has by default is not stored: no list of
 * headers for a Content-Type alone, no object for headers that nobody asked
 * for.
 */


#include "ngx_workers_fetch.h"


#define NGX_WORKERS_BAD_STATUS                                                \
    "Responses may only be constructed with status codes in the range 200 "   \
    "to 599, inclusive."
#define NGX_WORKERS_NULL_BODY                                                 \
    "Response with null body status (101, 204, 205, or 304) cannot have a "   \
    "body."


static JSValue ngx_workers_response_alloc(JSContext *cx, JSValue object,
    ngx_workers_response_t **response);
static ngx_int_t ngx_workers_response_init(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst init);
static ngx_int_t ngx_workers_response_init_dictionary(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst init);
static ngx_int_t ngx_workers_response_init_response(JSContext *cx,
    ngx_workers_response_t *response, ngx_workers_response_t *from);
static ngx_int_t ngx_workers_response_init_status_text(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst v);
static ngx_int_t ngx_workers_response_init_encode_body(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst v);
static ngx_int_t ngx_workers_response_init_web_socket(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst v);
static ngx_int_t ngx_workers_response_check_status(JSContext *cx,
    ngx_workers_response_t *response);
static ngx_uint_t ngx_workers_response_null_body(ngx_uint_t status);
static ngx_int_t ngx_workers_response_init_body(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst init);
static ngx_int_t ngx_workers_response_default_type(JSContext *cx,
    ngx_workers_response_t *response, ngx_str_t *type, void *type_alloc);
static ngx_int_t ngx_workers_response_set_status_text(JSContext *cx,
    ngx_workers_response_t *response, u_char *data, size_t len);
static const char *ngx_workers_response_reason(ngx_uint_t status);

static JSValue ngx_workers_response_ext_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static JSValue ngx_workers_response_ext_get(JSContext *cx,
    JSValueConst this_val, int magic);
static JSValue ngx_workers_response_get_status_text(JSContext *cx,
    ngx_workers_response_t *response);
static JSValue ngx_workers_response_get_headers(JSContext *cx,
    ngx_workers_response_t *response);
static JSValue ngx_workers_response_ext_clone(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_response_ext_error(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_response_ext_json(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_response_ext_redirect(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);

static void ngx_workers_response_finalizer(JSRuntime *rt, JSValueConst val);
static void ngx_workers_response_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func);


enum {
    NGX_WORKERS_RESPONSE_STATUS = 0,
    NGX_WORKERS_RESPONSE_STATUS_TEXT,
    NGX_WORKERS_RESPONSE_OK,
    NGX_WORKERS_RESPONSE_HEADERS,
    NGX_WORKERS_RESPONSE_URL,
    NGX_WORKERS_RESPONSE_REDIRECTED,
    NGX_WORKERS_RESPONSE_TYPE,
    NGX_WORKERS_RESPONSE_CF,
    NGX_WORKERS_RESPONSE_WEB_SOCKET
};


static const JSCFunctionListEntry  ngx_workers_response_proto[] = {
    NGX_WORKERS_GETSET_MAGIC("status", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_STATUS),
    NGX_WORKERS_GETSET_MAGIC("statusText", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_STATUS_TEXT),
    NGX_WORKERS_GETSET_MAGIC("headers", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_HEADERS),
    NGX_WORKERS_GETSET_MAGIC("ok", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_OK),
    NGX_WORKERS_GETSET_MAGIC("redirected", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_REDIRECTED),
    NGX_WORKERS_GETSET_MAGIC("url", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_URL),
    NGX_WORKERS_GETSET_MAGIC("webSocket", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_WEB_SOCKET),
    NGX_WORKERS_GETSET_MAGIC("cf", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_CF),
    NGX_WORKERS_GETSET_MAGIC("type", ngx_workers_response_ext_get, NULL,
                             NGX_WORKERS_RESPONSE_TYPE),
    NGX_WORKERS_METHOD("clone", 0, ngx_workers_response_ext_clone),
    NGX_WORKERS_TAG("Response"),
};


static const JSCFunctionListEntry  ngx_workers_response_statics[] = {
    NGX_WORKERS_METHOD("error", 0, ngx_workers_response_ext_error),
    NGX_WORKERS_METHOD("json", 1, ngx_workers_response_ext_json),
    NGX_WORKERS_METHOD("redirect", 1, ngx_workers_response_ext_redirect),
};


ngx_workers_class_t  ngx_workers_response_class = {
    .def = {
        .class_name = "Response",
        .finalizer = ngx_workers_response_finalizer,
        .gc_mark = ngx_workers_response_mark,
    },
    .constructor = ngx_workers_response_ext_construct,
    .proto = ngx_workers_response_proto,
    .nproto = ngx_workers_nitems(ngx_workers_response_proto),
    .parent = &ngx_workers_body_class,
    .statics = ngx_workers_response_statics,
    .nstatics = ngx_workers_nitems(ngx_workers_response_statics),
};


static ngx_workers_class_t  *ngx_workers_response_classes[] = {
    &ngx_workers_response_class,
    NULL
};


ngx_workers_web_t  ngx_workers_response_web = {
    .classes = ngx_workers_response_classes,
};


ngx_workers_response_t *
ngx_workers_response(JSValueConst v)
{
    return JS_GetOpaque(v, ngx_workers_response_class.id);
}


JSValue
ngx_workers_response_new(JSContext *cx, ngx_workers_response_t **response)
{
    return ngx_workers_response_alloc(cx,
                JS_NewObjectClass(cx, ngx_workers_response_class.id), response);
}


JSValue
ngx_workers_response_copy(JSContext *cx, ngx_workers_response_t *from,
    ngx_workers_response_t **response)
{
    JSValue  object;

    object = ngx_workers_response_new(cx, response);

    if (!JS_IsException(object)
        && ngx_workers_response_init_response(cx, *response, from) != NGX_OK)
    {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    return object;
}


/* Eats object, or gives it back with its opaque. */

static JSValue
ngx_workers_response_alloc(JSContext *cx, JSValue object,
    ngx_workers_response_t **response)
{
    ngx_workers_response_t  *res;

    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    res = js_mallocz(cx, sizeof(ngx_workers_response_t));
    if (res == NULL) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    res->status = 200;
    res->headers_object = JS_UNDEFINED;
    res->body.value = JS_UNDEFINED;
    res->cf = JS_UNDEFINED;
    res->web_socket = JS_NULL;
    res->url = JS_UNDEFINED;

    JS_SetOpaque(object, res);

    *response = res;

    return object;
}


ngx_workers_headers_t *
ngx_workers_response_headers(JSContext *cx, ngx_workers_response_t *response)
{
    ngx_str_t               name = ngx_string("Content-Type");
    ngx_workers_headers_t  *headers;

    if (response->headers != NULL) {
        return response->headers;
    }

    headers = ngx_workers_headers_create(cx);
    if (headers == NULL) {
        return NULL;
    }

    if (response->content_type.len != 0) {

        if (ngx_workers_headers_add(cx, headers, &name,
                                    &response->content_type)
            != NGX_OK)
        {
            ngx_workers_headers_destroy(JS_GetRuntime(cx), headers);
            return NULL;
        }

        js_free(cx, response->content_type_alloc);

        ngx_str_null(&response->content_type);
        response->content_type_alloc = NULL;
    }

    response->headers = headers;

    return headers;
}


static JSValue
ngx_workers_response_ext_construct(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv)
{
    JSValue                  object;
    ngx_workers_response_t  *response;

    object = ngx_workers_new_instance(cx, new_target,
                                      ngx_workers_response_class.id);

    object = ngx_workers_response_alloc(cx, object, &response);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    if (argc > 1
        && ngx_workers_response_init(cx, response, argv[1]) != NGX_OK)
    {
        goto failed;
    }

    if (argc > 0
        && ngx_workers_response_init_body(cx, response, argv[0]) != NGX_OK)
    {
        goto failed;
    }

    return object;

failed:

    JS_FreeValue(cx, object);

    return JS_EXCEPTION;
}


static ngx_int_t
ngx_workers_response_init(JSContext *cx, ngx_workers_response_t *response,
    JSValueConst init)
{
    ngx_int_t                rc;
    ngx_workers_response_t  *from;

    if (JS_IsUndefined(init) || JS_IsNull(init)) {
        return NGX_OK;
    }

    if (!JS_IsObject(init)) {
        (void) ngx_workers_throw_constructor_argument(cx, "Response", 2,
                                              "InitializerDict or Response");
        return NGX_ERROR;
    }

    from = ngx_workers_response(init);

    rc = (from != NULL)
         ? ngx_workers_response_init_response(cx, response, from)
         : ngx_workers_response_init_dictionary(cx, response, init);

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_workers_response_check_status(cx, response);
}


static ngx_int_t
ngx_workers_response_init_dictionary(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst init)
{
    int32_t    status;
    JSValue    v;
    ngx_int_t  rc;

    v = JS_GetProperty(cx, init, ngx_workers_atom(cx, STATUS));

    if (!JS_IsUndefined(v)) {

        if (JS_ToInt32(cx, &status, v) < 0) {
            JS_FreeValue(cx, v);
            return NGX_ERROR;
        }

        JS_FreeValue(cx, v);

        /* 0 would be that of Response.error() */
        response->status = (status > 0) ? status : 1;
    }

    v = JS_GetProperty(cx, init, ngx_workers_atom(cx, STATUS_TEXT));

    if (!JS_IsUndefined(v)) {
        rc = ngx_workers_response_init_status_text(cx, response, v);
        JS_FreeValue(cx, v);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    v = JS_GetProperty(cx, init, ngx_workers_atom(cx, HEADERS));

    if (!JS_IsUndefined(v)) {
        rc = JS_IsException(v)
             ? NGX_ERROR
             : ngx_workers_fetch_init_headers(cx, &response->headers, v,
                                              NGX_WORKERS_RESPONSE_INIT);
        JS_FreeValue(cx, v);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    v = JS_GetPropertyStr(cx, init, "cf");

    if (!JS_IsUndefined(v)) {
        response->cf = ngx_workers_fetch_copy_cf(cx, v,
                                                 NGX_WORKERS_RESPONSE_INIT);
        JS_FreeValue(cx, v);

        if (JS_IsException(response->cf)) {
            response->cf = JS_UNDEFINED;
            return NGX_ERROR;
        }
    }

    v = JS_GetPropertyStr(cx, init, "webSocket");

    if (!JS_IsUndefined(v) && !JS_IsNull(v)) {
        rc = ngx_workers_response_init_web_socket(cx, response, v);
        JS_FreeValue(cx, v);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    v = JS_GetPropertyStr(cx, init, "encodeBody");

    if (!JS_IsUndefined(v)) {
        rc = ngx_workers_response_init_encode_body(cx, response, v);
        JS_FreeValue(cx, v);

        return rc;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_response_init_response(JSContext *cx,
    ngx_workers_response_t *response, ngx_workers_response_t *from)
{
    ngx_str_t  type;

    response->status = from->status;
    response->encode_manual = from->encode_manual;

    if (from->status_text.data != NULL
        && ngx_workers_response_set_status_text(cx, response,
                                                from->status_text.data,
                                                from->status_text.len)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (from->headers != NULL) {
        response->headers = ngx_workers_headers_create(cx);

        if (response->headers == NULL
            || ngx_workers_headers_copy(cx, response->headers, from->headers)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else if (from->content_type.len != 0) {
        type.len = from->content_type.len;
        type.data = from->content_type.data;

        if (from->content_type_alloc != NULL) {
            type.data = js_malloc(cx, type.len);
            if (type.data == NULL) {
                return NGX_ERROR;
            }

            ngx_memcpy(type.data, from->content_type.data, type.len);
            response->content_type_alloc = type.data;
        }

        response->content_type = type;
    }

    if (!JS_IsUndefined(from->cf)) {
        response->cf = ngx_workers_fetch_copy_cf(cx, from->cf,
                                                 NGX_WORKERS_RESPONSE_INIT);

        if (JS_IsException(response->cf)) {
            response->cf = JS_UNDEFINED;
            return NGX_ERROR;
        }
    }

    response->web_socket = JS_DupValue(cx, from->web_socket);
    response->websocket = from->websocket;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_response_init_status_text(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst v)
{
    size_t       i, len;
    ngx_int_t    rc;
    const char  *text;

    text = JS_ToCStringLen(cx, &len, v);
    if (text == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < len; i++) {

        if ((u_char) text[i] < 0x20) {
            JS_FreeCString(cx, text);
            (void) JS_ThrowTypeError(cx, "Invalid statusText");
            return NGX_ERROR;
        }
    }

    rc = ngx_workers_response_set_status_text(cx, response, (u_char *) text,
                                              len);
    JS_FreeCString(cx, text);

    return rc;
}


static ngx_int_t
ngx_workers_response_set_status_text(JSContext *cx,
    ngx_workers_response_t *response, u_char *data, size_t len)
{
    u_char  *p;

    p = js_malloc(cx, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, data, len);

    js_free(cx, response->status_text_alloc);

    response->status_text.data = p;
    response->status_text.len = len;
    response->status_text_alloc = p;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_response_init_encode_body(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst v)
{
    ngx_int_t    rc;
    const char  *s;

    s = JS_ToCString(cx, v);
    if (s == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (ngx_strcmp(s, "manual") == 0) {
        response->encode_manual = 1;

    } else if (ngx_strcmp(s, "automatic") != 0) {
        (void) JS_ThrowTypeError(cx, "encodeBody: unexpected value: %s", s);
        rc = NGX_ERROR;
    }

    JS_FreeCString(cx, s);

    return rc;
}


static ngx_int_t
ngx_workers_response_init_web_socket(JSContext *cx,
    ngx_workers_response_t *response, JSValueConst v)
{
    if (JS_IsException(v)) {
        return NGX_ERROR;
    }

    response->websocket = ngx_workers_websocket_of(cx, v);

    if (response->websocket == NULL) {
        (void) ngx_workers_fetch_throw_member(cx, "webSocket",
                                              NGX_WORKERS_RESPONSE_INIT,
                                              "WebSocket");
        return NGX_ERROR;
    }

    response->web_socket = JS_DupValue(cx, v);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_response_check_status(JSContext *cx,
    ngx_workers_response_t *response)
{
    if (JS_IsNull(response->web_socket)) {

        if (response->status < 200 || response->status > 599) {
            (void) JS_ThrowRangeError(cx, NGX_WORKERS_BAD_STATUS);
            return NGX_ERROR;
        }

        return NGX_OK;
    }

    if (response->status != 101) {
        (void) JS_ThrowRangeError(cx, "Responses with a WebSocket must have "
                                  "status code 101.");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_workers_response_null_body(ngx_uint_t status)
{
    return status == 204 || status == 304 || status == 205 || status == 101;
}


/* An empty string or buffer is no body, where there must be none. */

static ngx_int_t
ngx_workers_response_init_body(JSContext *cx, ngx_workers_response_t *response,
    JSValueConst init)
{
    void       *type_alloc;
    ngx_str_t   type;

    if (JS_IsNull(init) || JS_IsUndefined(init)) {
        return NGX_OK;
    }

    if (ngx_workers_body_extract(cx, &response->body, init, &type, &type_alloc)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_workers_response_null_body(response->status)) {
        js_free(cx, type_alloc);

        if (response->body.type == NGX_WORKERS_BODY_STREAM
            || ngx_workers_body_length(cx, &response->body) != 0)
        {
            (void) JS_ThrowTypeError(cx, NGX_WORKERS_NULL_BODY);
            return NGX_ERROR;
        }

        ngx_workers_body_free(JS_GetRuntime(cx), &response->body);
        ngx_workers_body_init(&response->body);

        return NGX_OK;
    }

    return ngx_workers_response_default_type(cx, response, &type, type_alloc);
}


/* Eats type_alloc. */

static ngx_int_t
ngx_workers_response_default_type(JSContext *cx,
    ngx_workers_response_t *response, ngx_str_t *type, void *type_alloc)
{
    ngx_int_t  rc;
    ngx_str_t  name = ngx_string("Content-Type");

    if (type->len == 0) {
        js_free(cx, type_alloc);
        return NGX_OK;
    }

    if (response->headers == NULL) {

        if (response->content_type.len != 0) {
            js_free(cx, type_alloc);
            return NGX_OK;
        }

        response->content_type = *type;
        response->content_type_alloc = type_alloc;

        return NGX_OK;
    }

    rc = NGX_OK;

    if (ngx_workers_headers_find(response->headers, "content-type", 12) == NULL)
    {
        rc = ngx_workers_headers_add(cx, response->headers, &name, type);
    }

    js_free(cx, type_alloc);

    return rc;
}


static JSValue
ngx_workers_response_ext_get(JSContext *cx, JSValueConst this_val, int magic)
{
    ngx_workers_response_t  *response;

    response = ngx_workers_this(cx, this_val, ngx_workers_response_class.id);
    if (response == NULL) {
        return JS_EXCEPTION;
    }

    switch (magic) {

    case NGX_WORKERS_RESPONSE_STATUS:
        return JS_NewInt32(cx, response->status);

    case NGX_WORKERS_RESPONSE_STATUS_TEXT:
        return ngx_workers_response_get_status_text(cx, response);

    case NGX_WORKERS_RESPONSE_OK:
        return JS_NewBool(cx, response->status >= 200
                              && response->status < 300);

    case NGX_WORKERS_RESPONSE_HEADERS:
        return ngx_workers_response_get_headers(cx, response);

    case NGX_WORKERS_RESPONSE_URL:
        return JS_IsUndefined(response->url) ? JS_NewStringLen(cx, "", 0)
                                             : JS_DupValue(cx, response->url);

    case NGX_WORKERS_RESPONSE_REDIRECTED:
        return JS_NewBool(cx, response->redirected);

    case NGX_WORKERS_RESPONSE_TYPE:
        return JS_NewString(cx, response->error ? "error" : "default");

    case NGX_WORKERS_RESPONSE_CF:
        return JS_DupValue(cx, response->cf);

    default: /* NGX_WORKERS_RESPONSE_WEB_SOCKET */
        return JS_DupValue(cx, response->web_socket);
    }
}


static JSValue
ngx_workers_response_get_status_text(JSContext *cx,
    ngx_workers_response_t *response)
{
    if (response->status_text.data != NULL) {
        return ngx_workers_new_string(cx, &response->status_text);
    }

    return JS_NewString(cx, ngx_workers_response_reason(response->status));
}


static JSValue
ngx_workers_response_get_headers(JSContext *cx,
    ngx_workers_response_t *response)
{
    JSValue                 object;
    ngx_workers_headers_t  *headers;

    if (JS_IsUndefined(response->headers_object)) {
        headers = ngx_workers_response_headers(cx, response);
        if (headers == NULL) {
            return JS_EXCEPTION;
        }

        object = ngx_workers_headers_wrap(cx, headers);
        if (JS_IsException(object)) {
            return JS_EXCEPTION;
        }

        response->headers_object = object;
    }

    return JS_DupValue(cx, response->headers_object);
}


static JSValue
ngx_workers_response_ext_clone(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_response_t  *response;

    response = ngx_workers_this(cx, this_val, ngx_workers_response_class.id);
    if (response == NULL) {
        return JS_EXCEPTION;
    }

    return ngx_workers_response_clone(cx, response);
}


JSValue
ngx_workers_response_clone(JSContext *cx, ngx_workers_response_t *response)
{
    JSValue                  object;
    ngx_workers_response_t  *copy;

    if (!JS_IsNull(response->web_socket)) {
        return JS_ThrowTypeError(cx, "Cannot clone a response to a WebSocket "
                                 "handshake.");
    }

    object = ngx_workers_response_new(cx, &copy);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_response_init_response(cx, copy, response) != NGX_OK
        || ngx_workers_body_clone(cx, &response->body, &copy->body) != NGX_OK)
    {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    if (copy->headers != NULL) {
        copy->headers->guard = response->headers->guard;
    }

    copy->url = JS_DupValue(cx, response->url);
    copy->redirected = response->redirected;
    copy->error = response->error;

    return object;
}


static JSValue
ngx_workers_response_ext_error(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                  object;
    ngx_workers_response_t  *response;

    object = ngx_workers_response_new(cx, &response);

    if (!JS_IsException(object)) {
        response->status = 0;
        response->error = 1;
    }

    return object;
}


static JSValue
ngx_workers_response_ext_json(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                  string, object;
    ngx_str_t                type = ngx_string("application/json");
    ngx_workers_response_t  *response;

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "json", "Response", 1,
                                          "JsValue");
    }

    if (argc > 1
        && !JS_IsObject(argv[1])
        && !JS_IsUndefined(argv[1])
        && !JS_IsNull(argv[1]))
    {
        return ngx_workers_throw_argument(cx, "json", "Response", 2,
                                          "InitializerDict or Response");
    }

    string = JS_JSONStringify(cx, argv[0], JS_UNDEFINED, JS_UNDEFINED);

    if (JS_IsUndefined(string)) {
        string = JS_NewString(cx, "undefined");
    }

    if (JS_IsException(string)) {
        return JS_EXCEPTION;
    }

    object = ngx_workers_response_new(cx, &response);
    if (JS_IsException(object)) {
        JS_FreeValue(cx, string);
        return JS_EXCEPTION;
    }

    response->body.type = NGX_WORKERS_BODY_STRING;
    response->body.value = string;

    if (argc > 1
        && ngx_workers_response_init(cx, response, argv[1]) != NGX_OK)
    {
        goto failed;
    }

    if (ngx_workers_response_null_body(response->status)) {
        (void) JS_ThrowTypeError(cx, NGX_WORKERS_NULL_BODY);
        goto failed;
    }

    if (ngx_workers_response_default_type(cx, response, &type, NULL) != NGX_OK)
    {
        goto failed;
    }

    return object;

failed:

    JS_FreeValue(cx, object);

    return JS_EXCEPTION;
}


static JSValue
ngx_workers_response_ext_redirect(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int32_t                  status;
    JSValue                  url, object;
    ngx_int_t                rc;
    ngx_str_t                name = ngx_string("Location"), value;
    const char              *text;
    ngx_workers_headers_t   *headers;
    ngx_workers_response_t  *response;

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "redirect", "Response", 1,
                                          "string");
    }

    status = 302;

    if (argc > 1
        && !JS_IsUndefined(argv[1])
        && JS_ToInt32(cx, &status, argv[1]) < 0)
    {
        return JS_EXCEPTION;
    }

    if (status != 301 && status != 302 && status != 303 && status != 307
        && status != 308)
    {
        return JS_ThrowRangeError(cx, "%d is not a redirect status code. It "
                                  "must be one of: 301, 302, 303, 307, or "
                                  "308.", status);
    }

    url = ngx_workers_fetch_parse_url(cx, argv[0]);

    if (JS_IsUndefined(url)) {
        text = JS_ToCString(cx, argv[0]);

        if (text != NULL) {
            (void) JS_ThrowTypeError(cx, "Unable to parse URL: %s", text);
            JS_FreeCString(cx, text);
        }

        return JS_EXCEPTION;
    }

    if (JS_IsException(url)) {
        return JS_EXCEPTION;
    }

    object = ngx_workers_response_new(cx, &response);
    if (JS_IsException(object)) {
        JS_FreeValue(cx, url);
        return JS_EXCEPTION;
    }

    response->status = status;

    rc = NGX_ERROR;

    headers = ngx_workers_response_headers(cx, response);
    text = JS_ToCStringLen(cx, &value.len, url);

    if (headers != NULL && text != NULL) {
        value.data = (u_char *) text;

        rc = ngx_workers_headers_add(cx, headers, &name, &value);
        headers->guard = NGX_WORKERS_GUARD_IMMUTABLE;
    }

    JS_FreeCString(cx, text);
    JS_FreeValue(cx, url);

    if (rc != NGX_OK) {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    return object;
}


static void
ngx_workers_response_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_response_t  *response;

    response = ngx_workers_response(val);
    if (response == NULL) {
        return;
    }

    if (JS_IsUndefined(response->headers_object)) {
        ngx_workers_headers_destroy(rt, response->headers);

    } else {
        JS_FreeValueRT(rt, response->headers_object);
    }

    ngx_workers_body_free(rt, &response->body);

    JS_FreeValueRT(rt, response->cf);
    JS_FreeValueRT(rt, response->web_socket);
    JS_FreeValueRT(rt, response->url);

    js_free_rt(rt, response->status_text_alloc);
    js_free_rt(rt, response->content_type_alloc);
    js_free_rt(rt, response);
}


static void
ngx_workers_response_mark(JSRuntime *rt, JSValueConst val,
    JS_MarkFunc *mark_func)
{
    ngx_workers_response_t  *response;

    response = ngx_workers_response(val);
    if (response == NULL) {
        return;
    }

    JS_MarkValue(rt, response->headers_object, mark_func);
    JS_MarkValue(rt, response->cf, mark_func);
    JS_MarkValue(rt, response->web_socket, mark_func);

    ngx_workers_body_mark(rt, &response->body, mark_func);
}


static const char *
ngx_workers_response_reason(ngx_uint_t status)
{
    switch (status) {

    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 203:
        return "Non-Authoritative Information";
    case 204:
        return "No Content";
    case 205:
        return "Reset Content";
    case 206:
        return "Partial Content";
    case 207:
        return "Multi-Status";
    case 208:
        return "Already Reported";
    case 226:
        return "IM Used";
    case 300:
        return "Multiple Choices";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 305:
        return "Use Proxy";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 402:
        return "Payment Required";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 407:
        return "Proxy Authentication Required";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 411:
        return "Length Required";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Payload Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 417:
        return "Expectation Failed";
    case 418:
        return "I'm a teapot";
    case 421:
        return "Misdirected Request";
    case 422:
        return "Unprocessable Entity";
    case 423:
        return "Locked";
    case 424:
        return "Failed Dependency";
    case 426:
        return "Upgrade Required";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 451:
        return "Unavailable For Legal Reasons";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    case 506:
        return "Variant Also Negotiates";
    case 507:
        return "Insufficient Storage";
    case 508:
        return "Loop Detected";
    case 510:
        return "Not Extended";
    case 511:
        return "Network Authentication Required";
    }

    switch (status / 100) {

    case 2:
        return "Successful";
    case 3:
        return "Redirection";
    case 4:
        return "Client Error";
    case 5:
        return "Server Error";
    }

    return "";
}
