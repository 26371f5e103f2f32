
/*
 * Copyright (C) the nginx-workers authors
 *
 * Native body sources as JavaScript sees them: the class BodySource, which
 * src/js/streams.js wraps in a ReadableStream, and the way back.
 */


#include "ngx_workers_filter.h"
#include "ngx_workers_frame.h"
#include "ngx_workers_tee.h"


typedef struct {
    ngx_workers_source_t       *src;        /* NULL: taken, or at its end */
    struct ngx_workers_read_s  *read;       /* waits, or NULL */
} ngx_workers_source_object_t;


typedef struct ngx_workers_read_s {
    ngx_workers_op_t              op;
    ngx_workers_source_object_t  *object;   /* NULL: it has gone */
    ngx_workers_source_t         *src;
    ngx_chain_t                  *chain;
    ngx_int_t                     rc;
} ngx_workers_read_t;


static void ngx_workers_source_finalizer(JSRuntime *rt, JSValueConst val);
static JSValue ngx_workers_source_ext_read(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_source_ext_cancel(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_streams_native(JSContext *cx);
static JSValue ngx_workers_streams_ext_load(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_streams_ext_filter(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_streams_ext_tee(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_streams_ext_in_frame(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_source_object_close(ngx_workers_source_object_t *obj);
static void ngx_workers_source_object_orphan(void *data);
static ngx_int_t ngx_workers_source_pull(ngx_workers_source_t *src,
    ngx_chain_t **chain);
static JSValue ngx_workers_source_chunk(JSContext *cx,
    ngx_workers_source_t *src, ngx_int_t rc, ngx_chain_t *chain);
static void ngx_workers_read_wake(void *data);
static JSValue ngx_workers_read_settle(JSContext *cx, ngx_workers_op_t *op);
static void ngx_workers_read_free(ngx_workers_op_t *op);


static const JSCFunctionListEntry  ngx_workers_source_proto[] = {
    JS_CFUNC_DEF("read", 0, ngx_workers_source_ext_read),
    JS_CFUNC_DEF("cancel", 1, ngx_workers_source_ext_cancel),
};


static const JSCFunctionListEntry  ngx_workers_streams_functions[] = {
    JS_CFUNC_DEF("load", 1, ngx_workers_streams_ext_load),
    JS_CFUNC_DEF("filter", 3, ngx_workers_streams_ext_filter),
    JS_CFUNC_DEF("tee", 1, ngx_workers_streams_ext_tee),
    JS_CFUNC_DEF("inFrame", 1, ngx_workers_streams_ext_in_frame),
};


static ngx_workers_class_t  ngx_workers_source_class = {
    .def = {
        .class_name = "BodySource",
        .finalizer = ngx_workers_source_finalizer
    },
    .proto = ngx_workers_source_proto,
    .nproto = ngx_workers_nitems(ngx_workers_source_proto),
    .hidden = 1
};


static ngx_workers_class_t  *ngx_workers_source_classes[] = {
    &ngx_workers_source_class,
    NULL
};


static const char *const  ngx_workers_streams_globals[] = {
    "ReadableStream", "ReadableStreamDefaultReader", "ReadableStreamBYOBReader",
    "ReadableStreamDefaultController", "ReadableByteStreamController",
    "ReadableStreamBYOBRequest", "ByteLengthQueuingStrategy",
    "CountQueuingStrategy", NULL
};


static const char *const  ngx_workers_stream_writable_globals[] = {
    "WritableStream", "WritableStreamDefaultWriter",
    "WritableStreamDefaultController", NULL
};


static const char *const  ngx_workers_stream_transform_globals[] = {
    "TransformStream", "TransformStreamDefaultController", NULL
};


static const char *const  ngx_workers_stream_identity_globals[] = {
    "IdentityTransformStream", "FixedLengthStream", NULL
};


ngx_workers_builtin_t  ngx_workers_streams_builtin = {
    .name = "streams",
    .globals = ngx_workers_streams_globals,
    .native = ngx_workers_streams_native
};


static ngx_workers_builtin_t  ngx_workers_stream_writable_builtin = {
    .name = "stream_writable",
    .globals = ngx_workers_stream_writable_globals,
    .native = ngx_workers_stream_native
};


static ngx_workers_builtin_t  ngx_workers_stream_transform_builtin = {
    .name = "stream_transform",
    .globals = ngx_workers_stream_transform_globals,
    .native = ngx_workers_stream_native
};


static ngx_workers_builtin_t  ngx_workers_stream_identity_builtin = {
    .name = "stream_identity",
    .globals = ngx_workers_stream_identity_globals,
    .native = ngx_workers_stream_native
};


static ngx_workers_builtin_t  ngx_workers_stream_pipe_builtin = {
    .name = "stream_pipe",
    .native = ngx_workers_stream_native
};


static ngx_workers_builtin_t  ngx_workers_stream_tee_builtin = {
    .name = "stream_tee",
    .native = ngx_workers_stream_native
};


static ngx_workers_builtin_t  ngx_workers_stream_iterator_builtin = {
    .name = "stream_iterator",
    .native = ngx_workers_stream_native
};


static ngx_workers_builtin_t  *ngx_workers_source_builtins[] = {
    &ngx_workers_streams_builtin,
    &ngx_workers_stream_writable_builtin,
    &ngx_workers_stream_transform_builtin,
    &ngx_workers_stream_identity_builtin,
    &ngx_workers_stream_pipe_builtin,
    &ngx_workers_stream_tee_builtin,
    &ngx_workers_stream_iterator_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_source_web = {
    .classes = ngx_workers_source_classes,
    .builtins = ngx_workers_source_builtins
};


void
ngx_workers_source_init(ngx_workers_source_t *src,
    ngx_workers_invocation_t *inv)
{
    src->wake = NULL;
    src->orphan = NULL;
    src->data = NULL;
    src->pool = NULL;
    src->files = 0;
    src->as_is = 0;
    src->reads_on = 0;
    src->coding = NGX_WORKERS_CODING_NONE;
    src->reason = NULL;
    src->error = JS_UNDEFINED;
    src->inv = inv;

    ngx_queue_insert_tail(&inv->sources, &src->queue);
}


void
ngx_workers_source_unlink(ngx_workers_source_t *src)
{
    if (src->inv != NULL) {
        ngx_queue_remove(&src->queue);
        src->inv = NULL;
    }
}


void
ngx_workers_source_orphan(ngx_workers_source_t *src)
{
    ngx_workers_source_unlink(src);

    if (src->orphan != NULL) {
        src->orphan(src->data);

    } else {
        src->close(src);
    }
}


JSValue
ngx_workers_source_object(JSContext *cx, ngx_workers_source_t *src)
{
    JSValue                       value;
    ngx_workers_source_object_t  *obj;

    obj = js_mallocz(cx, sizeof(ngx_workers_source_object_t));
    if (obj == NULL) {
        return JS_EXCEPTION;
    }

    value = JS_NewObjectClass(cx, ngx_workers_source_class.id);
    if (JS_IsException(value)) {
        js_free(cx, obj);
        return JS_EXCEPTION;
    }

    obj->src = src;
    src->wake = NULL;
    src->orphan = ngx_workers_source_object_orphan;
    src->data = obj;

    JS_SetOpaque(value, obj);

    return value;
}


ngx_workers_source_t *
ngx_workers_source_take(JSValueConst object)
{
    ngx_workers_source_t         *src;
    ngx_workers_source_object_t  *obj;

    obj = JS_GetOpaque(object, ngx_workers_source_class.id);

    if (obj == NULL || obj->src == NULL || obj->read != NULL) {
        return NULL;
    }

    src = obj->src;
    obj->src = NULL;

    src->wake = NULL;
    src->orphan = NULL;
    src->data = NULL;

    return src;
}


ngx_workers_source_t *
ngx_workers_source_of_stream(JSContext *cx, JSValueConst stream)
{
    JSValue                 object;
    ngx_workers_source_t   *src;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    if (JS_IsUndefined(iso->builtins[ngx_workers_streams_builtin.index])) {
        return NULL;
    }

    object = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                      "takeSource", 1, &stream);
    if (JS_IsException(object)) {
        JS_FreeValue(cx, JS_GetException(cx));
        return NULL;
    }

    src = ngx_workers_source_take(object);

    JS_FreeValue(cx, object);

    return src;
}


JSValue
ngx_workers_source_stream(JSContext *cx, ngx_workers_source_t *src)
{
    JSValue  args[2], stream;

    args[1] = (src->length >= 0) ? JS_NewInt64(cx, src->length) : JS_UNDEFINED;

    args[0] = ngx_workers_source_object(cx, src);
    if (JS_IsException(args[0])) {
        return JS_EXCEPTION;
    }

    stream = ngx_workers_builtin_call(cx, &ngx_workers_streams_builtin,
                                      "fromSource", 2, (JSValueConst *) args);

    if (JS_IsException(stream)) {
        /* the caller still has the source */
        (void) ngx_workers_source_take(args[0]);
    }

    JS_FreeValue(cx, args[0]);

    return stream;
}


static JSValue
ngx_workers_streams_native(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);

    if (!JS_IsException(native)) {
        JS_SetPropertyFunctionList(cx, native, ngx_workers_streams_functions,
                            ngx_workers_nitems(ngx_workers_streams_functions));
    }

    return native;
}


/* A part comes with what C asks, which is "streams". */

JSValue
ngx_workers_stream_native(JSContext *cx)
{
    return JS_DupValue(cx, ngx_workers_builtin(cx,
                                               &ngx_workers_streams_builtin));
}


/* A transformer's functions are called in the frame that made the stream. */

static JSValue
ngx_workers_streams_ext_in_frame(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    return ngx_workers_frame_bind(cx, argv[0]);
}


static JSValue
ngx_workers_streams_ext_load(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    const char              *name;
    ngx_workers_builtin_t  **b;

    name = JS_ToCString(cx, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    for (b = ngx_workers_source_builtins; *b != NULL; b++) {
        if (ngx_strcmp((*b)->name, name) == 0) {
            break;
        }
    }

    JS_FreeCString(cx, name);

    if (*b == NULL) {
        return JS_ThrowInternalError(cx, "no such part of streams");
    }

    return JS_DupValue(cx, ngx_workers_builtin(cx, *b));
}


/* filter(source, length or undefined, ended) */

static JSValue
ngx_workers_streams_ext_filter(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int64_t  length;

    length = -1;

    if (!JS_IsUndefined(argv[1]) && JS_ToInt64(cx, &length, argv[1]) != 0) {
        return JS_EXCEPTION;
    }

    return ngx_workers_filter(cx, argv[0], length, NULL, argv[2]);
}


static JSValue
ngx_workers_streams_ext_tee(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return ngx_workers_tee(cx, argv[0]);
}


static void
ngx_workers_source_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_source_object_t  *obj;

    obj = JS_GetOpaque(val, ngx_workers_source_class.id);

    if (obj == NULL) {
        return;
    }

    ngx_workers_source_object_close(obj);

    js_free_rt(rt, obj);
}


static void
ngx_workers_source_object_close(ngx_workers_source_object_t *obj)
{
    ngx_workers_source_t  *src;

    if (obj->read != NULL) {
        /* it stays with its operation until that is abandoned */
        obj->read->object = NULL;
        obj->read = NULL;
        obj->src = NULL;
        return;
    }

    src = obj->src;

    if (src != NULL) {
        obj->src = NULL;
        src->close(src);
    }
}


/* The invocation ends.  Its operations have been abandoned before. */

static void
ngx_workers_source_object_orphan(void *data)
{
    ngx_workers_source_t         *src;
    ngx_workers_source_object_t  *obj;

    obj = data;
    src = obj->src;
    obj->src = NULL;

    src->close(src);
}


static JSValue
ngx_workers_source_ext_read(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                       promise;
    ngx_int_t                     rc;
    ngx_chain_t                  *chain;
    ngx_workers_read_t           *read;
    ngx_workers_source_t         *src;
    ngx_workers_source_object_t  *obj;

    obj = ngx_workers_this(cx, this_val, ngx_workers_source_class.id);
    if (obj == NULL) {
        return JS_EXCEPTION;
    }

    src = obj->src;

    if (src == NULL || obj->read != NULL) {
        return ngx_workers_resolve(cx, JS_UNDEFINED);
    }

    rc = ngx_workers_source_pull(src, &chain);

    if (rc != NGX_AGAIN) {
        promise = ngx_workers_resolve(cx, ngx_workers_source_chunk(cx, src, rc,
                                                                   chain));
        if (rc != NGX_OK) {
            ngx_workers_source_object_close(obj);
        }

        return promise;
    }

    read = ngx_calloc(sizeof(ngx_workers_read_t), src->inv->log);
    if (read == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    read->op.settle = ngx_workers_read_settle;
    read->op.free = ngx_workers_read_free;

    promise = ngx_workers_op_start(cx, src->inv, &read->op);
    if (JS_IsException(promise)) {
        ngx_free(read);
        return JS_EXCEPTION;
    }

    read->object = obj;
    read->src = src;
    obj->read = read;

    src->wake = ngx_workers_read_wake;
    src->orphan = ngx_workers_read_wake;
    src->data = read;

    return promise;
}


static JSValue
ngx_workers_source_ext_cancel(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_source_object_t  *obj;

    obj = ngx_workers_this(cx, this_val, ngx_workers_source_class.id);
    if (obj == NULL) {
        return JS_EXCEPTION;
    }

    if (obj->read == NULL) {
        ngx_workers_source_object_close(obj);
    }

    return ngx_workers_resolve(cx, JS_UNDEFINED);
}


/* read(), empty chains passed over. */

static ngx_int_t
ngx_workers_source_pull(ngx_workers_source_t *src, ngx_chain_t **chain)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    for ( ;; ) {
        *chain = NULL;

        rc = src->read(src, chain);

        if (rc != NGX_OK) {
            return rc;
        }

        for (cl = *chain; cl != NULL; cl = cl->next) {
            if (ngx_buf_size(cl->buf) != 0) {
                return NGX_OK;
            }
        }
    }
}


static JSValue
ngx_workers_source_chunk(JSContext *cx, ngx_workers_source_t *src,
    ngx_int_t rc, ngx_chain_t *chain)
{
    u_char       *p;
    size_t        size;
    JSValue       value;
    ngx_chain_t  *cl;

    if (rc == NGX_DONE) {
        return JS_UNDEFINED;
    }

    if (rc == NGX_ERROR && !JS_IsUndefined(src->error)) {
        return JS_Throw(cx, JS_DupValue(cx, src->error));
    }

    if (rc == NGX_ERROR) {
        return JS_ThrowTypeError(cx, "%s", src->reason != NULL ? src->reason
                                                 : "Network connection lost.");
    }

    size = 0;

    for (cl = chain; cl != NULL; cl = cl->next) {
        size += cl->buf->last - cl->buf->pos;
    }

    if (chain->next == NULL) {
        value = JS_NewUint8ArrayCopy(cx, chain->buf->pos, size);
        chain->buf->pos = chain->buf->last;

        return value;
    }

    p = js_malloc(cx, size);
    if (p == NULL) {
        return JS_EXCEPTION;
    }

    size = 0;

    for (cl = chain; cl != NULL; cl = cl->next) {
        ngx_memcpy(p + size, cl->buf->pos, cl->buf->last - cl->buf->pos);
        size += cl->buf->last - cl->buf->pos;
        cl->buf->pos = cl->buf->last;
    }

    value = JS_NewUint8ArrayCopy(cx, p, size);
    js_free(cx, p);

    return value;
}


/* More bytes, the end, or the end of the invocation. */

static void
ngx_workers_read_wake(void *data)
{
    ngx_workers_read_t           *read;
    ngx_workers_source_t         *src;
    ngx_workers_source_object_t  *obj;

    read = data;
    src = read->src;
    obj = read->object;

    if (read->op.inv != NULL) {

        read->rc = ngx_workers_source_pull(src, &read->chain);

        if (read->rc == NGX_AGAIN) {
            return;
        }
    }

    if (obj != NULL) {
        obj->read = NULL;
    }

    if (read->op.inv == NULL || obj == NULL) {
        /* nobody is left to read */
        if (obj != NULL) {
            obj->src = NULL;
        }

        src->close(src);

        if (read->op.inv != NULL) {
            read->rc = NGX_DONE;
        }

    } else {
        src->wake = NULL;
        src->orphan = ngx_workers_source_object_orphan;
        src->data = obj;
    }

    ngx_workers_op_done(&read->op);
}


static JSValue
ngx_workers_read_settle(JSContext *cx, ngx_workers_op_t *op)
{
    JSValue                       value;
    ngx_workers_read_t           *read;
    ngx_workers_source_object_t  *obj;

    read = (ngx_workers_read_t *) op;
    obj = read->object;

    value = ngx_workers_source_chunk(cx, read->src, read->rc, read->chain);

    if (read->rc != NGX_OK && obj != NULL) {
        ngx_workers_source_object_close(obj);
    }

    return value;
}


static void
ngx_workers_read_free(ngx_workers_op_t *op)
{
    ngx_free(op);
}
