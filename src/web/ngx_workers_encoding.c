
/*
 * Copyright (C) the nginx-workers authors
 *
 * TextEncoder and TextDecoder: Encoding Standard, section 7.  UTF-8 that is
 * well-formed goes to the engine as it is.  Their streams are a built-in.
 */


#include "../core/ngx_workers_source.h"
#include "ngx_workers_decoder.h"
#include "ngx_workers_headers.h"
#include "ngx_workers_usv.h"
#include "ngx_workers_utf8.h"


#define NGX_WORKERS_DECODE_STACK  1024


typedef struct {
    ngx_workers_decoder_t       decoder;
    unsigned                    ignore_bom:1;
    unsigned                    bom_seen:1;
    unsigned                    stream:1;   /* do not flush */
} ngx_workers_text_decoder_t;


static JSValue ngx_workers_encoder_ext_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static JSValue ngx_workers_encoder_ext_encoding(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_encoder_ext_encode(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_encoder_ext_encode_into(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static size_t ngx_workers_encoder_fit(ngx_str_t *src, size_t size,
    size_t *units);

static JSValue ngx_workers_decoder_ext_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_decoder_option(JSContext *cx,
    JSValueConst options, const char *name, ngx_uint_t *value);
static JSValue ngx_workers_decoder_ext_encoding(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_decoder_ext_fatal(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_decoder_ext_ignore_bom(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_decoder_ext_decode(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_decoder_decode(JSContext *cx,
    ngx_workers_text_decoder_t *td, ngx_str_t *bytes);
static JSValue ngx_workers_decoder_string(JSContext *cx,
    ngx_workers_text_decoder_t *td, u_char *p, size_t len, ngx_uint_t wide);
static void ngx_workers_decoder_finalizer(JSRuntime *rt, JSValueConst val);


static const JSCFunctionListEntry  ngx_workers_encoder_proto[] = {
    NGX_WORKERS_GETSET("encoding", ngx_workers_encoder_ext_encoding, NULL),
    NGX_WORKERS_METHOD("encode", 0, ngx_workers_encoder_ext_encode),
    NGX_WORKERS_METHOD("encodeInto", 2, ngx_workers_encoder_ext_encode_into),
    NGX_WORKERS_TAG("TextEncoder")
};


static const JSCFunctionListEntry  ngx_workers_decoder_proto[] = {
    NGX_WORKERS_GETSET("encoding", ngx_workers_decoder_ext_encoding, NULL),
    NGX_WORKERS_GETSET("fatal", ngx_workers_decoder_ext_fatal, NULL),
    NGX_WORKERS_GETSET("ignoreBOM", ngx_workers_decoder_ext_ignore_bom, NULL),
    NGX_WORKERS_METHOD("decode", 0, ngx_workers_decoder_ext_decode),
    NGX_WORKERS_TAG("TextDecoder")
};


static ngx_workers_class_t  ngx_workers_encoder_class = {
    .def = { .class_name = "TextEncoder" },
    .constructor = ngx_workers_encoder_ext_construct,
    .proto = ngx_workers_encoder_proto,
    .nproto = ngx_workers_nitems(ngx_workers_encoder_proto)
};


static ngx_workers_class_t  ngx_workers_decoder_class = {
    .def = {
        .class_name = "TextDecoder",
        .finalizer = ngx_workers_decoder_finalizer
    },
    .constructor = ngx_workers_decoder_ext_construct,
    .proto = ngx_workers_decoder_proto,
    .nproto = ngx_workers_nitems(ngx_workers_decoder_proto)
};


static ngx_workers_class_t  *ngx_workers_encoding_classes[] = {
    &ngx_workers_encoder_class,
    &ngx_workers_decoder_class,
    NULL
};


static const char *const  ngx_workers_textstreams_globals[] = {
    "TextEncoderStream",
    "TextDecoderStream",
    NULL
};


static ngx_workers_builtin_t  ngx_workers_textstreams_builtin = {
    .name = "textstreams",
    .globals = ngx_workers_textstreams_globals,
    .native = ngx_workers_stream_native
};


static ngx_workers_builtin_t  *ngx_workers_encoding_builtins[] = {
    &ngx_workers_textstreams_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_encoding_web = {
    ngx_workers_encoding_classes,
    ngx_workers_encoding_builtins,
    NULL
};


/* An encoder has no state: its opaque says only what it is. */

static JSValue
ngx_workers_encoder_ext_construct(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv)
{
    JSValue  object;

    object = ngx_workers_new_instance(cx, new_target,
                                      ngx_workers_encoder_class.id);

    if (!JS_IsException(object)) {
        JS_SetOpaque(object, &ngx_workers_encoder_class);
    }

    return object;
}


static JSValue
ngx_workers_encoder_ext_encoding(JSContext *cx, JSValueConst this_val)
{
    if (ngx_workers_this(cx, this_val, ngx_workers_encoder_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    return JS_NewStringLen(cx, "utf-8", 5);
}


static JSValue
ngx_workers_encoder_ext_encode(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue            value;
    ngx_workers_usv_t  usv;

    if (ngx_workers_this(cx, this_val, ngx_workers_encoder_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    if (argc == 0 || JS_IsUndefined(argv[0])) {
        return JS_NewUint8ArrayCopy(cx, (u_char *) "", 0);
    }

    if (ngx_workers_usv(cx, argv[0], &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    value = ngx_workers_new_uint8_array(cx, &usv.str);

    ngx_workers_usv_free(cx, &usv);

    return value;
}


static JSValue
ngx_workers_encoder_ext_encode_into(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    size_t             size, n, units;
    u_char            *dst;
    JSValue            result;
    ngx_workers_usv_t  usv;

    if (ngx_workers_this(cx, this_val, ngx_workers_encoder_class.id) == NULL) {
        return JS_EXCEPTION;
    }

    if (argc < 2) {
        return ngx_workers_throw_argument(cx, "encodeInto", "TextEncoder",
                                          argc + 1,
                                          (argc == 0) ? "string"
                                                      : "JsUint8Array");
    }

    if (ngx_workers_usv(cx, argv[0], &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    if (JS_GetTypedArrayType(argv[1]) != JS_TYPED_ARRAY_UINT8) {
        ngx_workers_usv_free(cx, &usv);
        return ngx_workers_throw_argument(cx, "encodeInto", "TextEncoder", 2,
                                          "JsUint8Array");
    }

    dst = JS_GetUint8Array(cx, &size, argv[1]);

    if (dst == NULL) {

        if (JS_HasException(cx)) {
            ngx_workers_usv_free(cx, &usv);
            return JS_EXCEPTION;
        }

        size = 0;
    }

    n = ngx_workers_encoder_fit(&usv.str, size, &units);

    if (n != 0) {
        ngx_memcpy(dst, usv.str.data, n);
    }

    ngx_workers_usv_free(cx, &usv);

    result = JS_NewObject(cx);

    if (!JS_IsException(result)
        && (ngx_workers_set(cx, result, "read", JS_NewInt64(cx, units))
            != NGX_OK
            || ngx_workers_set(cx, result, "written", JS_NewInt64(cx, n))
               != NGX_OK))
    {
        JS_FreeValue(cx, result);
        return JS_EXCEPTION;
    }

    return result;
}


/* The bytes of whole characters that fit in size, and their code units. */

static size_t
ngx_workers_encoder_fit(ngx_str_t *src, size_t size, size_t *units)
{
    size_t   i, n;
    u_char  *p, *end;

    p = src->data;
    end = p + ngx_min(src->len, size);

    i = ngx_workers_utf8_ascii(p, end - p);
    p += i;

    while (p < end) {
        n = (*p < 0x80) ? 1 : (*p < 0xe0) ? 2 : (*p < 0xf0) ? 3 : 4;

        if (n > (size_t) (end - p)) {
            break;
        }

        p += n;
        i += (n == 4) ? 2 : 1;
    }

    *units = i;

    return p - src->data;
}


static JSValue
ngx_workers_decoder_ext_construct(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv)
{
    JSValue                      object;
    ngx_uint_t                   fatal, ignore_bom;
    ngx_workers_usv_t            label;
    const lxb_encoding_data_t   *encoding;
    ngx_workers_text_decoder_t  *td;

    encoding = lxb_encoding_data(LXB_ENCODING_UTF_8);

    if (argc > 0 && !JS_IsUndefined(argv[0])) {

        if (ngx_workers_usv(cx, argv[0], &label) != NGX_OK) {
            return JS_EXCEPTION;
        }

        encoding = ngx_workers_decoder_encoding(label.str.data, label.str.len);

        if (encoding == NULL) {
            (void) JS_ThrowRangeError(cx, "\"%.*s\" is not a valid encoding.",
                                      (int) ngx_min(label.str.len, 64),
                                      label.str.data);
            ngx_workers_usv_free(cx, &label);

            return JS_EXCEPTION;
        }

        ngx_workers_usv_free(cx, &label);
    }

    fatal = 0;
    ignore_bom = 0;

    if (argc > 1 && !JS_IsUndefined(argv[1]) && !JS_IsNull(argv[1])) {

        if (!JS_IsObject(argv[1])) {
            return ngx_workers_throw_constructor_argument(cx, "TextDecoder", 2,
                                              "ConstructorOptions");
        }

        if (ngx_workers_decoder_option(cx, argv[1], "fatal", &fatal) != NGX_OK
            || ngx_workers_decoder_option(cx, argv[1], "ignoreBOM",
                                          &ignore_bom)
               != NGX_OK)
        {
            return JS_EXCEPTION;
        }
    }

    td = js_mallocz(cx, sizeof(ngx_workers_text_decoder_t));
    if (td == NULL) {
        return JS_EXCEPTION;
    }

    td->decoder.encoding = encoding;
    td->decoder.fatal = fatal;
    td->ignore_bom = ignore_bom;

    object = ngx_workers_new_instance(cx, new_target,
                                      ngx_workers_decoder_class.id);

    if (JS_IsException(object)) {
        js_free(cx, td);
        return object;
    }

    JS_SetOpaque(object, td);

    return object;
}


static ngx_int_t
ngx_workers_decoder_option(JSContext *cx, JSValueConst options,
    const char *name, ngx_uint_t *value)
{
    int      rc;
    JSValue  v;

    v = JS_GetPropertyStr(cx, options, name);
    if (JS_IsException(v)) {
        return NGX_ERROR;
    }

    rc = JS_ToBool(cx, v);
    JS_FreeValue(cx, v);

    if (rc < 0) {
        return NGX_ERROR;
    }

    *value = rc;

    return NGX_OK;
}


static JSValue
ngx_workers_decoder_ext_encoding(JSContext *cx, JSValueConst this_val)
{
    u_char                      *name, buf[32];
    size_t                       len;
    ngx_workers_text_decoder_t  *td;

    td = ngx_workers_this(cx, this_val, ngx_workers_decoder_class.id);
    if (td == NULL) {
        return JS_EXCEPTION;
    }

    name = td->decoder.encoding->name;

    len = ngx_min(ngx_strlen(name), sizeof(buf));
    ngx_strlow(buf, name, len);

    return JS_NewStringLen(cx, (char *) buf, len);
}


static JSValue
ngx_workers_decoder_ext_fatal(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_text_decoder_t  *td;

    td = ngx_workers_this(cx, this_val, ngx_workers_decoder_class.id);

    return (td != NULL) ? JS_NewBool(cx, td->decoder.fatal) : JS_EXCEPTION;
}


static JSValue
ngx_workers_decoder_ext_ignore_bom(JSContext *cx, JSValueConst this_val)
{
    ngx_workers_text_decoder_t  *td;

    td = ngx_workers_this(cx, this_val, ngx_workers_decoder_class.id);

    return (td != NULL) ? JS_NewBool(cx, td->ignore_bom) : JS_EXCEPTION;
}


static JSValue
ngx_workers_decoder_ext_decode(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                      value;
    ngx_int_t                    rc;
    ngx_str_t                    bytes;
    ngx_uint_t                   stream;
    ngx_workers_text_decoder_t  *td;

    td = ngx_workers_this(cx, this_val, ngx_workers_decoder_class.id);
    if (td == NULL) {
        return JS_EXCEPTION;
    }

    stream = 0;

    if (argc > 1 && !JS_IsUndefined(argv[1]) && !JS_IsNull(argv[1])) {

        if (!JS_IsObject(argv[1])) {
            return ngx_workers_throw_argument(cx, "decode", "TextDecoder", 2,
                                              "DecodeOptions");
        }

        if (ngx_workers_decoder_option(cx, argv[1], "stream", &stream)
            != NGX_OK)
        {
            return JS_EXCEPTION;
        }
    }

    /* an option's getter may have changed the buffer: its bytes come last */

    ngx_str_set(&bytes, "");

    if (argc > 0 && !JS_IsUndefined(argv[0])) {
        rc = ngx_workers_get_bytes(cx, argv[0], &bytes);

        if (rc == NGX_DECLINED) {
            return ngx_workers_throw_argument(cx, "decode", "TextDecoder", 1,
                                              "Array");
        }

        if (rc != NGX_OK) {
            return JS_EXCEPTION;
        }

        if (bytes.data == NULL) {
            ngx_str_set(&bytes, "");
        }
    }

    if (!td->stream) {
        ngx_workers_decoder_reset(&td->decoder);
        td->bom_seen = 0;
    }

    td->stream = stream;

    value = ngx_workers_decoder_decode(cx, td, &bytes);

    if (JS_IsException(value)) {
        td->stream = 0;
    }

    return value;
}


static JSValue
ngx_workers_decoder_decode(JSContext *cx, ngx_workers_text_decoder_t *td,
    ngx_str_t *bytes)
{
    size_t       size;
    u_char      *dst, *end, stack[NGX_WORKERS_DECODE_STACK];
    JSValue      value;
    ngx_int_t    rc;
    ngx_uint_t   wide;

    if (td->decoder.encoding->encoding == LXB_ENCODING_UTF_8
        && td->decoder.nbytes == 0
        && ngx_workers_utf8_scan(bytes->data, bytes->len, &wide) == bytes->len)
    {
        return ngx_workers_decoder_string(cx, td, bytes->data, bytes->len,
                                          wide);
    }

    size = ngx_workers_decoder_size(bytes->len);

    if (size <= sizeof(stack)) {
        dst = stack;

    } else {
        dst = js_malloc(cx, size);
        if (dst == NULL) {
            return JS_EXCEPTION;
        }
    }

    rc = ngx_workers_decode(&td->decoder, bytes->data, bytes->len, !td->stream,
                            dst, &end);

    if (rc == NGX_OK) {
        value = ngx_workers_decoder_string(cx, td, dst, end - dst, 0);

    } else {
        value = JS_ThrowTypeError(cx, "Failed to decode input.");
    }

    if (dst != stack) {
        js_free(cx, dst);
    }

    return value;
}


/* Drops the byte order mark at the beginning of all. */

static JSValue
ngx_workers_decoder_string(JSContext *cx, ngx_workers_text_decoder_t *td,
    u_char *p, size_t len, ngx_uint_t wide)
{
    lxb_encoding_t  enc;

    if (len != 0 && !td->bom_seen) {
        td->bom_seen = 1;

        enc = td->decoder.encoding->encoding;

        if (!td->ignore_bom
            && (enc == LXB_ENCODING_UTF_8
                || enc == LXB_ENCODING_UTF_16BE
                || enc == LXB_ENCODING_UTF_16LE)
            && len >= 3
            && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
        {
            p += 3;
            len -= 3;
        }
    }

    return ngx_workers_utf8_string(cx, p, len, wide);
}


static void
ngx_workers_decoder_finalizer(JSRuntime *rt, JSValueConst val)
{
    js_free_rt(rt, JS_GetOpaque(val, ngx_workers_decoder_class.id));
}
