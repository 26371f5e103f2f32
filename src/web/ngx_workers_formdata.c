
/*
 * Copyright (C) the nginx-workers authors
 *
 * The built-in src/js/formdata.js, and what it needs from C: bodies are cut
 * into entries here.  A file's bytes stay where they are, in the body that
 * was read.
 */


#include "ngx_workers_body.h"
#include "ngx_workers_mime.h"
#include "ngx_workers_multipart.h"
#include "ngx_workers_url.h"
#include "ngx_workers_usv.h"

#include <sys/random.h>


#define NGX_WORKERS_BOUNDARY  16           /* random bytes of a boundary */

#define NGX_WORKERS_FORM_TYPE                                                 \
    "Unrecognized Content-Type header value. FormData can only parse the "    \
    "following MIME types: multipart/form-data, "                             \
    "application/x-www-form-urlencoded"
#define NGX_WORKERS_FORM_BOUNDARY                                             \
    "No boundary string in Content-Type header. The multipart/form-data "     \
    "MIME type requires a boundary parameter, e.g. 'Content-Type: "           \
    "multipart/form-data; boundary=\"abcd\"'. See RFC 7578, section 4."
#define NGX_WORKERS_FORM_CHARSET                                              \
    "Non-utf-8 application/x-www-form-urlencoded body."


static JSValue ngx_workers_formdata_native(JSContext *cx);
static JSValue ngx_workers_formdata_parse(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_formdata_multipart(JSContext *cx,
    JSValueConst array, ngx_str_t *bytes, ngx_workers_mime_t *mime);
static JSValue ngx_workers_formdata_entries(JSContext *cx, JSValueConst array,
    ngx_str_t *bytes, ngx_str_t *mark);
static JSValue ngx_workers_formdata_throw(JSContext *cx,
    ngx_workers_multipart_t *m);
static JSValue ngx_workers_formdata_text(JSContext *cx, ngx_str_t *quoted);
static JSValue ngx_workers_formdata_file(JSContext *cx, JSValueConst array,
    ngx_str_t *bytes, ngx_workers_part_t *part);
static JSValue ngx_workers_formdata_type(JSContext *cx, ngx_str_t *type);
static JSValue ngx_workers_formdata_view(JSContext *cx, JSValueConst buffer,
    size_t offset, size_t len);
static JSValue ngx_workers_formdata_urlencoded(JSContext *cx,
    ngx_str_t *bytes, ngx_workers_mime_t *mime);
static JSValue ngx_workers_formdata_encode(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_formdata_boundary(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_formdata_blob(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);


static const char *const  ngx_workers_formdata_globals[] = {
    "FormData", NULL
};


ngx_workers_builtin_t  ngx_workers_formdata_builtin = {
    .name = "formdata",
    .globals = ngx_workers_formdata_globals,
    .native = ngx_workers_formdata_native,
};


static const JSCFunctionListEntry  ngx_workers_formdata_functions[] = {
    JS_CFUNC_DEF("parse", 2, ngx_workers_formdata_parse),
    JS_CFUNC_DEF("utf8Encode", 1, ngx_workers_formdata_encode),
    JS_CFUNC_DEF("randomBoundary", 0, ngx_workers_formdata_boundary),
    JS_CFUNC_DEF("blob", 0, ngx_workers_formdata_blob),
    JS_PROP_STRING_DEF("illegal", NGX_WORKERS_ILLEGAL_INVOCATION, 0),
};


static JSValue
ngx_workers_formdata_native(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                           ngx_workers_formdata_functions,
                           ngx_workers_nitems(ngx_workers_formdata_functions))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* (bytes, contentType): the entries of the body, an array of pairs. */

static JSValue
ngx_workers_formdata_parse(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue              entries;
    ngx_str_t            bytes;
    ngx_workers_usv_t    type;
    ngx_workers_mime_t   mime;

    if (ngx_workers_get_bytes(cx, argv[0], &bytes) == NGX_ERROR
        || ngx_workers_usv(cx, argv[1], &type) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    if (ngx_workers_mime_parse(&type.str, &mime) != NGX_OK) {
        entries = JS_ThrowTypeError(cx, NGX_WORKERS_FORM_TYPE);

    } else if (ngx_workers_mime_is(&mime, "multipart/form-data")) {
        entries = ngx_workers_formdata_multipart(cx, argv[0], &bytes, &mime);

    } else if (ngx_workers_mime_is(&mime,
                                   "application/x-www-form-urlencoded"))
    {
        entries = ngx_workers_formdata_urlencoded(cx, &bytes, &mime);

    } else {
        entries = JS_ThrowTypeError(cx, NGX_WORKERS_FORM_TYPE);
    }

    ngx_workers_usv_free(cx, &type);

    return entries;
}


static JSValue
ngx_workers_formdata_multipart(JSContext *cx, JSValueConst array,
    ngx_str_t *bytes, ngx_workers_mime_t *mime)
{
    u_char                    *p;
    JSValue                    entries;
    ngx_str_t                  mark;
    ngx_workers_mime_param_t   boundary;

    if (ngx_workers_mime_find(mime, "boundary", &boundary) != NGX_OK) {
        return JS_ThrowTypeError(cx, NGX_WORKERS_FORM_BOUNDARY);
    }

    mark.data = js_malloc(cx, sizeof("\n--") - 1 + boundary.value.len);
    if (mark.data == NULL) {
        return JS_EXCEPTION;
    }

    p = ngx_cpymem(mark.data, "\n--", sizeof("\n--") - 1);

    p = boundary.quoted
        ? ngx_workers_mime_unquote(p, &boundary.value)
        : ngx_cpymem(p, boundary.value.data, boundary.value.len);

    mark.len = p - mark.data;

    entries = ngx_workers_formdata_entries(cx, array, bytes, &mark);

    js_free(cx, mark.data);

    return entries;
}


static JSValue
ngx_workers_formdata_entries(JSContext *cx, JSValueConst array,
    ngx_str_t *bytes, ngx_str_t *mark)
{
    JSValue                   entries, name, value;
    uint32_t                  n;
    ngx_int_t                 rc;
    ngx_workers_part_t        part;
    ngx_workers_multipart_t   m;

    entries = JS_NewArray(cx);
    if (JS_IsException(entries)) {
        return JS_EXCEPTION;
    }

    ngx_workers_multipart_start(&m, bytes, mark);

    for (n = 0; /* void */ ; n++) {
        rc = ngx_workers_multipart_next(&m, &part);

        if (rc == NGX_DONE) {
            return entries;
        }

        if (rc == NGX_ERROR) {
            (void) ngx_workers_formdata_throw(cx, &m);
            break;
        }

        name = ngx_workers_formdata_text(cx, &part.name);

        value = (part.filename.len == 0)
                ? ngx_workers_utf8_text(cx, part.body.data, part.body.len)
                : ngx_workers_formdata_file(cx, array, bytes, &part);

        if (ngx_workers_add_pair(cx, entries, n, name, value) != NGX_OK) {
            break;
        }
    }

    JS_FreeValue(cx, entries);

    return JS_EXCEPTION;
}


static JSValue
ngx_workers_formdata_throw(JSContext *cx, ngx_workers_multipart_t *m)
{
    if (m->got.len == 0) {
        return JS_ThrowTypeError(cx, "%s", m->error);
    }

    return JS_ThrowTypeError(cx, "%s\"%.*s\"", m->error,
                             (int) ngx_min(m->got.len, 64),
                             (char *) m->got.data);
}


/* The text of a quoted parameter. */

static JSValue
ngx_workers_formdata_text(JSContext *cx, ngx_str_t *quoted)
{
    u_char   *buf, *end;
    JSValue   string;

    if (memchr(quoted->data, '\\', quoted->len) == NULL) {
        return ngx_workers_utf8_text(cx, quoted->data, quoted->len);
    }

    buf = js_malloc(cx, quoted->len);
    if (buf == NULL) {
        return JS_EXCEPTION;
    }

    end = ngx_workers_mime_unquote(buf, quoted);

    string = ngx_workers_utf8_text(cx, buf, end - buf);

    js_free(cx, buf);

    return string;
}


/* A File whose bytes are a part of the body's array. */

static JSValue
ngx_workers_formdata_file(JSContext *cx, JSValueConst array, ngx_str_t *bytes,
    ngx_workers_part_t *part)
{
    size_t   offset;
    JSValue  file, buffer, args[3];

    file = JS_EXCEPTION;

    args[0] = JS_UNDEFINED;
    args[1] = ngx_workers_formdata_text(cx, &part->filename);
    args[2] = ngx_workers_formdata_type(cx, &part->type);

    buffer = JS_GetTypedArrayBuffer(cx, array, &offset, NULL, NULL);

    if (!JS_IsException(args[1])
        && !JS_IsException(args[2])
        && !JS_IsException(buffer))
    {
        args[0] = ngx_workers_formdata_view(cx, buffer,
                                   offset + (part->body.data - bytes->data),
                                   part->body.len);

        if (!JS_IsException(args[0])) {
            file = ngx_workers_builtin_call(cx, &ngx_workers_blob_builtin,
                                            "makeFile", 3,
                                            (JSValueConst *) args);
        }
    }

    JS_FreeValue(cx, buffer);
    JS_FreeValue(cx, args[0]);
    JS_FreeValue(cx, args[1]);
    JS_FreeValue(cx, args[2]);

    return file;
}


/* On one line, whatever its header took. */

static JSValue
ngx_workers_formdata_type(JSContext *cx, ngx_str_t *type)
{
    size_t    i;
    u_char   *buf;
    JSValue   string;

    if (type->len == 0 || memchr(type->data, LF, type->len) == NULL) {
        return ngx_workers_utf8_text(cx, type->data, type->len);
    }

    buf = js_malloc(cx, type->len);
    if (buf == NULL) {
        return JS_EXCEPTION;
    }

    for (i = 0; i < type->len; i++) {
        buf[i] = (type->data[i] == CR || type->data[i] == LF) ? ' '
                                                              : type->data[i];
    }

    string = ngx_workers_utf8_text(cx, buf, type->len);

    js_free(cx, buf);

    return string;
}


static JSValue
ngx_workers_formdata_view(JSContext *cx, JSValueConst buffer, size_t offset,
    size_t len)
{
    JSValueConst  args[3];

    args[0] = buffer;
    args[1] = JS_NewInt64(cx, offset);
    args[2] = JS_NewInt64(cx, len);

    return JS_NewTypedArray(cx, 3, args, JS_TYPED_ARRAY_UINT8);
}


static JSValue
ngx_workers_formdata_urlencoded(JSContext *cx, ngx_str_t *bytes,
    ngx_workers_mime_t *mime)
{
    ngx_workers_mime_param_t  charset;

    if (ngx_workers_mime_find(mime, "charset", &charset) == NGX_OK
        && (charset.value.len != sizeof("utf-8") - 1
            || ngx_strncasecmp(charset.value.data, (u_char *) "utf-8",
                               sizeof("utf-8") - 1)
               != 0))
    {
        return JS_ThrowTypeError(cx, NGX_WORKERS_FORM_CHARSET);
    }

    return ngx_workers_url_params_pairs(cx, bytes);
}


static JSValue
ngx_workers_formdata_encode(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue            array;
    ngx_workers_usv_t  usv;

    if (ngx_workers_usv(cx, argv[0], &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    array = ngx_workers_new_uint8_array(cx, &usv.str);

    ngx_workers_usv_free(cx, &usv);

    return array;
}


static JSValue
ngx_workers_formdata_boundary(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    u_char  random[NGX_WORKERS_BOUNDARY], hex[2 * NGX_WORKERS_BOUNDARY];

    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        return JS_ThrowInternalError(cx, "no random bytes");
    }

    ngx_hex_dump(hex, random, sizeof(random));

    return JS_NewStringLen(cx, (char *) hex, sizeof(hex));
}


static JSValue
ngx_workers_formdata_blob(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_DupValue(cx, ngx_workers_builtin(cx,
                                               &ngx_workers_blob_builtin));
}
