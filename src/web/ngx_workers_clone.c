
/*
 * Copyright (C) the nginx-workers authors
 *
 * Structured clone: HTML Standard, section 2.7.  The copy is made in one
 * walk, without recursion: an object that is met becomes an empty copy and
 * an entry of a list, and the list is worked off, filling copies.
 */


#include "ngx_workers_clone.h"
#include "ngx_workers_fetch.h"
#include "ngx_workers_globals.h"


#define NGX_WORKERS_CLONE_UNSUPPORTED                                         \
    "Could not serialize object of type \"%s\". "                             \
    "This type does not support serialization."

#define NGX_WORKERS_CLONE_DETACHED                                            \
    "An ArrayBuffer is detached and could not be cloned."

#define NGX_WORKERS_CLONE_RPC                                                 \
    "%s can only be serialized for RPC."

#define NGX_WORKERS_CLONE_SIGNAL                                              \
    "AbortSignal serialization is not enabled."


typedef enum {
    NGX_WORKERS_CLONE_LEAF = 0,            /* complete when made */
    NGX_WORKERS_CLONE_OBJECT,
    NGX_WORKERS_CLONE_MAP,
    NGX_WORKERS_CLONE_SET,
    NGX_WORKERS_CLONE_ERROR
} ngx_workers_clone_e;


typedef struct {
    JSValue               source;
    JSValue               copy;
    ngx_workers_clone_e   kind;
} ngx_workers_clone_entry_t;


typedef struct {
    ngx_workers_clone_entry_t  *entries;
    uint32_t                    nentries;
    uint32_t                    nalloc;

    uint32_t                   *slots;     /* of a hash: an index plus 1 */
    uint32_t                    nslots;    /* a power of two */

    JSClassID                   object_class;
    void                       *plain;     /* a prototype of plain objects,
                                              the last one met */
} ngx_workers_clone_t;


typedef struct {
    const char  *name;
    JSValue    (*make)(JSContext *cx, const char *fmt, ...);
} ngx_workers_clone_error_t;


static ngx_int_t ngx_workers_clone_init(JSContext *cx, JSValueConst global);
static void ngx_workers_clone_free(JSContext *cx, ngx_workers_clone_t *clone);
static ngx_int_t ngx_workers_clone_check_transfer(JSContext *cx,
    JSValueConst transfer, int64_t *n);
static ngx_int_t ngx_workers_clone_check_item(JSContext *cx,
    ngx_workers_clone_t *seen, JSValueConst item);
static ngx_int_t ngx_workers_clone_detach(JSContext *cx, JSValueConst transfer,
    int64_t n);
static JSValue ngx_workers_clone_value(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst v);
static uint32_t *ngx_workers_clone_slot(ngx_workers_clone_t *clone,
    JSValueConst v);
static ngx_int_t ngx_workers_clone_add(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst source, JSValueConst copy,
    ngx_workers_clone_e kind);
static JSValue ngx_workers_clone_shell(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst v, ngx_workers_clone_e *kind);
static JSValue ngx_workers_clone_object(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst v, ngx_workers_clone_e *kind);
static JSValue ngx_workers_clone_platform(JSContext *cx, JSValueConst v,
    const char *name);
static JSValue ngx_workers_clone_new(JSContext *cx, JSValueConst from,
    const char *name, int argc, JSValueConst *argv);
static JSValue ngx_workers_clone_other(JSContext *cx, JSValueConst v,
    JSClassID id, ngx_workers_clone_e *kind);
static JSValue ngx_workers_clone_request(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_clone_response(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_clone_array(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_clone_buffer(JSContext *cx, JSValueConst v);
static ngx_uint_t ngx_workers_clone_resizable(JSContext *cx,
    JSValueConst buffer);
static JSValue ngx_workers_clone_view(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst v, int type);
static JSValue ngx_workers_clone_data_view(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst v);
static JSValue ngx_workers_clone_regexp(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_clone_date(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_clone_boxed(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_clone_dom_exception(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_clone_error(JSContext *cx, JSValueConst v);
static JSValue ngx_workers_clone_own(JSContext *cx, JSValueConst v,
    const char *name);
static ngx_int_t ngx_workers_clone_message(JSContext *cx, JSValueConst v,
    JSValueConst copy);
static ngx_int_t ngx_workers_clone_stack(JSContext *cx, JSValueConst v,
    JSValueConst copy);
static JSValue ngx_workers_clone_construct(JSContext *cx, JSValueConst v,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_clone_method(JSContext *cx, JSValueConst v,
    const char *name);
static JSValue ngx_workers_clone_refuse(JSContext *cx, JSValueConst v,
    JSClassID id);
static ngx_int_t ngx_workers_clone_fill_object(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst source, JSValueConst copy);
static ngx_int_t ngx_workers_clone_fill_collection(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst source, JSValueConst copy,
    ngx_uint_t map);
static ngx_int_t ngx_workers_clone_fill_pair(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst pair, JSValueConst copy,
    JSValueConst set, ngx_uint_t map);
static ngx_int_t ngx_workers_clone_fill_error(JSContext *cx,
    ngx_workers_clone_t *clone, JSValueConst source, JSValueConst copy);
static ngx_uint_t ngx_workers_clone_enhanced(JSContext *cx);


static const JSCFunctionListEntry  ngx_workers_clone_global[] = {
    NGX_WORKERS_METHOD("structuredClone", 1, ngx_workers_ext_structured_clone),
};


static const ngx_workers_clone_error_t  ngx_workers_clone_errors[] = {
    { "Error", JS_NewPlainError },
    { "TypeError", JS_NewTypeError },
    { "RangeError", JS_NewRangeError },
    { "ReferenceError", JS_NewReferenceError },
    { "SyntaxError", JS_NewSyntaxError },
    { "EvalError", NULL },                 /* the engine makes none of these */
    { "URIError", NULL },
    { NULL, NULL },

    /* with enhanced_error_serialization */
    { "AggregateError", NULL },
    { "SuppressedError", NULL },
    { NULL, NULL }
};


ngx_workers_web_t  ngx_workers_clone_web = {
    NULL,
    NULL,
    ngx_workers_clone_init
};


static ngx_int_t
ngx_workers_clone_init(JSContext *cx, JSValueConst global)
{
    return ngx_workers_globals_add(cx, ngx_workers_isolate(cx)->scope,
                                   ngx_workers_clone_global,
                                   ngx_workers_nitems(
                                               ngx_workers_clone_global));
}


JSValue
ngx_workers_ext_structured_clone(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue  transfer, copy;

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "structuredClone",
                                          NGX_WORKERS_GLOBAL_SCOPE, 1,
                                          "JsValue");
    }

    transfer = JS_UNDEFINED;

    if (argc > 1 && !JS_IsUndefined(argv[1]) && !JS_IsNull(argv[1])) {

        if (!JS_IsObject(argv[1])) {
            return ngx_workers_throw_argument(cx, "structuredClone",
                                              NGX_WORKERS_GLOBAL_SCOPE, 2,
                                              "StructuredCloneOptions");
        }

        transfer = JS_GetPropertyStr(cx, argv[1], "transfer");
        if (JS_IsException(transfer)) {
            return JS_EXCEPTION;
        }
    }

    copy = ngx_workers_clone(cx, argv[0], transfer);

    JS_FreeValue(cx, transfer);

    return copy;
}


JSValue
ngx_workers_clone(JSContext *cx, JSValueConst value, JSValueConst transfer)
{
    int64_t                     n;
    JSValue                     copy, object;
    uint32_t                    i;
    ngx_int_t                   rc;
    ngx_workers_clone_t         clone;
    ngx_workers_clone_entry_t   e;

    if (!JS_IsObject(value) && JS_IsUndefined(transfer)) {
        return ngx_workers_clone_value(cx, NULL, value);
    }

    if (ngx_workers_clone_check_transfer(cx, transfer, &n) != NGX_OK) {
        return JS_EXCEPTION;
    }

    object = JS_NewObject(cx);
    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    ngx_memzero(&clone, sizeof(ngx_workers_clone_t));
    clone.object_class = JS_GetClassID(object);
    JS_FreeValue(cx, object);

    rc = NGX_OK;
    copy = ngx_workers_clone_value(cx, &clone, value);

    if (JS_IsException(copy)) {
        goto failed;
    }

    for (i = 0; i < clone.nentries && rc == NGX_OK; i++) {

        e = clone.entries[i];              /* the array may move */

        switch (e.kind) {

        case NGX_WORKERS_CLONE_OBJECT:
            rc = ngx_workers_clone_fill_object(cx, &clone, e.source, e.copy);
            break;

        case NGX_WORKERS_CLONE_MAP:
        case NGX_WORKERS_CLONE_SET:
            rc = ngx_workers_clone_fill_collection(cx, &clone, e.source,
                                        e.copy,
                                        e.kind == NGX_WORKERS_CLONE_MAP);
            break;

        case NGX_WORKERS_CLONE_ERROR:
            rc = ngx_workers_clone_fill_error(cx, &clone, e.source, e.copy);
            break;

        default: /* NGX_WORKERS_CLONE_LEAF */
            break;
        }
    }

    if (rc != NGX_OK || ngx_workers_clone_detach(cx, transfer, n) != NGX_OK) {
        goto failed;
    }

    ngx_workers_clone_free(cx, &clone);

    return copy;

failed:

    JS_FreeValue(cx, copy);
    ngx_workers_clone_free(cx, &clone);

    return JS_EXCEPTION;
}


static void
ngx_workers_clone_free(JSContext *cx, ngx_workers_clone_t *clone)
{
    uint32_t  i;

    for (i = 0; i < clone->nentries; i++) {
        JS_FreeValue(cx, clone->entries[i].source);
        JS_FreeValue(cx, clone->entries[i].copy);
    }

    js_free(cx, clone->entries);
    js_free(cx, clone->slots);
}


/* Only ArrayBuffers can be transferred, each once. */

static ngx_int_t
ngx_workers_clone_check_transfer(JSContext *cx, JSValueConst transfer,
    int64_t *n)
{
    int64_t              i;
    JSValue              item;
    ngx_int_t            rc;
    ngx_workers_clone_t  seen;

    *n = 0;

    if (JS_IsUndefined(transfer)) {
        return NGX_OK;
    }

    if (!JS_IsArray(transfer)) {
        (void) JS_ThrowTypeError(cx, "Incorrect type for the 'transfer' field "
                                 "on 'StructuredCloneOptions': the provided "
                                 "value is not of type 'Array'.");
        return NGX_ERROR;
    }

    if (JS_GetLength(cx, transfer, n) < 0) {
        return NGX_ERROR;
    }

    ngx_memzero(&seen, sizeof(ngx_workers_clone_t));
    rc = NGX_OK;

    for (i = 0; i < *n && rc == NGX_OK; i++) {
        item = JS_GetPropertyInt64(cx, transfer, i);

        rc = JS_IsException(item) ? NGX_ERROR
             : ngx_workers_clone_check_item(cx, &seen, item);

        JS_FreeValue(cx, item);
    }

    ngx_workers_clone_free(cx, &seen);

    return rc;
}


static ngx_int_t
ngx_workers_clone_check_item(JSContext *cx, ngx_workers_clone_t *seen,
    JSValueConst item)
{
    size_t  size;

    if (!JS_IsArrayBuffer(item)) {
        (void) JS_ThrowTypeError(cx, "Object is not transferable");
        return NGX_ERROR;
    }

    if (JS_GetArrayBuffer(cx, &size, item) == NULL && JS_HasException(cx)) {
        JS_FreeValue(cx, JS_GetException(cx));
        (void) JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_DETACHED);
        return NGX_ERROR;
    }

    if (seen->nslots != 0 && *ngx_workers_clone_slot(seen, item) != 0) {
        (void) JS_ThrowDOMException(cx, "DataCloneError",
                                    "An ArrayBuffer is in the transfer list "
                                    "twice.");
        return NGX_ERROR;
    }

    return ngx_workers_clone_add(cx, seen, item, JS_UNDEFINED,
                                 NGX_WORKERS_CLONE_LEAF);
}


/* The copies have bytes of their own by now. */

static ngx_int_t
ngx_workers_clone_detach(JSContext *cx, JSValueConst transfer, int64_t n)
{
    int64_t  i;
    JSValue  item;

    for (i = 0; i < n; i++) {
        item = JS_GetPropertyInt64(cx, transfer, i);
        if (JS_IsException(item)) {
            return NGX_ERROR;
        }

        if (JS_IsArrayBuffer(item)) {
            JS_DetachArrayBuffer(cx, item);
        }

        JS_FreeValue(cx, item);
    }

    return NGX_OK;
}


/* clone is NULL only if v is no object. */

static JSValue
ngx_workers_clone_value(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst v)
{
    JSValue               copy;
    uint32_t             *slot;
    ngx_workers_clone_e   kind;

    if (JS_IsSymbol(v)) {
        return ngx_workers_clone_refuse(cx, v, JS_INVALID_CLASS_ID);
    }

    if (!JS_IsObject(v)) {
        return JS_DupValue(cx, v);
    }

    if (clone->nslots != 0) {
        slot = ngx_workers_clone_slot(clone, v);

        if (*slot != 0) {
            return JS_DupValue(cx, clone->entries[*slot - 1].copy);
        }
    }

    kind = NGX_WORKERS_CLONE_LEAF;
    copy = ngx_workers_clone_shell(cx, clone, v, &kind);

    if (JS_IsException(copy)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_clone_add(cx, clone, v, copy, kind) != NGX_OK) {
        JS_FreeValue(cx, copy);
        return JS_EXCEPTION;
    }

    return copy;
}


/* The slot of an object, or the empty one where it would go. */

static uint32_t *
ngx_workers_clone_slot(ngx_workers_clone_t *clone, JSValueConst v)
{
    void      *p;
    uint32_t   i, mask;

    p = JS_VALUE_GET_PTR(v);
    mask = clone->nslots - 1;
    i = (uint32_t) (((uintptr_t) p >> 4) * 2654435761u) & mask;

    while (clone->slots[i] != 0
           && JS_VALUE_GET_PTR(clone->entries[clone->slots[i] - 1].source)
              != p)
    {
        i = (i + 1) & mask;
    }

    return &clone->slots[i];
}


static ngx_int_t
ngx_workers_clone_add(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst source, JSValueConst copy, ngx_workers_clone_e kind)
{
    uint32_t                    i, n, *slots;
    ngx_workers_clone_entry_t  *entries;

    if (clone->nentries == clone->nalloc) {

        n = (clone->nalloc != 0) ? 2 * clone->nalloc : 8;

        if (n > 0x10000000) {
            (void) JS_ThrowRangeError(cx, "too many objects to clone");
            return NGX_ERROR;
        }

        entries = js_realloc(cx, clone->entries,
                             n * sizeof(ngx_workers_clone_entry_t));
        if (entries == NULL) {
            return NGX_ERROR;
        }

        clone->entries = entries;

        slots = js_mallocz(cx, 2 * n * sizeof(uint32_t));
        if (slots == NULL) {
            return NGX_ERROR;
        }

        js_free(cx, clone->slots);

        clone->nalloc = n;
        clone->nslots = 2 * n;
        clone->slots = slots;

        for (i = 0; i < clone->nentries; i++) {
            *ngx_workers_clone_slot(clone, clone->entries[i].source) = i + 1;
        }
    }

    clone->entries[clone->nentries].source = JS_DupValue(cx, source);
    clone->entries[clone->nentries].copy = JS_DupValue(cx, copy);
    clone->entries[clone->nentries].kind = kind;

    *ngx_workers_clone_slot(clone, source) = ++clone->nentries;

    return NGX_OK;
}


static JSValue
ngx_workers_clone_shell(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst v, ngx_workers_clone_e *kind)
{
    int        type;
    JSClassID  id;

    id = JS_GetClassID(v);

    if (id == clone->object_class) {
        return ngx_workers_clone_object(cx, clone, v, kind);
    }

    if (JS_IsArray(v)) {
        *kind = NGX_WORKERS_CLONE_OBJECT;
        return ngx_workers_clone_array(cx, v);
    }

    if (JS_IsFunction(cx, v) || JS_IsProxy(v)) {
        return ngx_workers_clone_refuse(cx, v, id);
    }

    if (JS_IsMap(v)) {
        *kind = NGX_WORKERS_CLONE_MAP;
        return ngx_workers_clone_construct(cx, v, 0, NULL);
    }

    if (JS_IsSet(v)) {
        *kind = NGX_WORKERS_CLONE_SET;
        return ngx_workers_clone_construct(cx, v, 0, NULL);
    }

    if (JS_IsDate(v)) {
        return ngx_workers_clone_date(cx, v);
    }

    if (JS_IsRegExp(v)) {
        return ngx_workers_clone_regexp(cx, v);
    }

    if (JS_IsError(v)) {
        *kind = NGX_WORKERS_CLONE_ERROR;
        return ngx_workers_clone_error(cx, v);
    }

    if (JS_IsArrayBuffer(v)) {
        return ngx_workers_clone_buffer(cx, v);
    }

    type = JS_GetTypedArrayType(v);

    if (type >= 0) {
        return ngx_workers_clone_view(cx, clone, v, type);
    }

    if (JS_IsDataView(v)) {
        return ngx_workers_clone_data_view(cx, clone, v);
    }

    return ngx_workers_clone_other(cx, v, id, kind);
}


/*
 * Classes of src/js are none to the engine: their objects are told by their
 * prototypes.
 */

static JSValue
ngx_workers_clone_object(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst v, ngx_workers_clone_e *kind)
{
    void        *p;
    JSValue      proto;
    const char  *name;

    proto = JS_GetPrototype(cx, v);
    p = JS_IsObject(proto) ? JS_VALUE_GET_PTR(proto) : NULL;

    if (p != clone->plain) {
        name = ngx_workers_builtin_class(cx, proto);

        if (name != NULL) {
            JS_FreeValue(cx, proto);
            return ngx_workers_clone_platform(cx, v, name);
        }

        clone->plain = p;
    }

    JS_FreeValue(cx, proto);

    *kind = NGX_WORKERS_CLONE_OBJECT;

    return JS_NewObject(cx);
}


/* As on the platform, a File is not among what can be cloned. */

static JSValue
ngx_workers_clone_platform(JSContext *cx, JSValueConst v, const char *name)
{
    JSValue       copy, argv[2];
    JSValueConst  exports;

    if (ngx_strcmp(name, "ReadableStream") == 0
        || ngx_strcmp(name, "WritableStream") == 0)
    {
        return JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_RPC, name);
    }

    if (ngx_strcmp(name, "AbortSignal") == 0) {
        return JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_SIGNAL);
    }

    if (ngx_strcmp(name, "Blob") != 0) {
        return JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_UNSUPPORTED, name);
    }

    exports = ngx_workers_builtin(cx, &ngx_workers_blob_builtin);
    if (JS_IsException(exports)) {
        return JS_EXCEPTION;
    }

    argv[0] = JS_DupValue(cx, v);
    argv[0] = JS_NewArrayFrom(cx, 1, argv);
    argv[1] = JS_NewObject(cx);

    if (JS_IsException(argv[0]) || JS_IsException(argv[1])
        || ngx_workers_set(cx, argv[1], "type",
                           JS_GetPropertyStr(cx, v, "type"))
           != NGX_OK)
    {
        copy = JS_EXCEPTION;

    } else {
        copy = ngx_workers_clone_new(cx, exports, "Blob", 2,
                                     (JSValueConst *) argv);
    }

    JS_FreeValue(cx, argv[0]);
    JS_FreeValue(cx, argv[1]);

    return copy;
}


/* new from[name](...argv) */

static JSValue
ngx_workers_clone_new(JSContext *cx, JSValueConst from, const char *name,
    int argc, JSValueConst *argv)
{
    JSValue  ctor, copy;

    ctor = JS_GetPropertyStr(cx, from, name);
    if (JS_IsException(ctor)) {
        return JS_EXCEPTION;
    }

    copy = JS_CallConstructor(cx, ctor, argc, argv);
    JS_FreeValue(cx, ctor);

    return copy;
}


/* Classes that the engine tells by name only. */

static JSValue
ngx_workers_clone_other(JSContext *cx, JSValueConst v, JSClassID id,
    ngx_workers_clone_e *kind)
{
    JSAtom       atom;
    JSValue      copy;
    const char  *name;

    atom = JS_GetClassName(JS_GetRuntime(cx), id);
    name = JS_AtomToCString(cx, atom);
    JS_FreeAtom(cx, atom);

    if (name == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_strcmp(name, "Number") == 0 || ngx_strcmp(name, "String") == 0
        || ngx_strcmp(name, "Boolean") == 0 || ngx_strcmp(name, "BigInt") == 0)
    {
        copy = ngx_workers_clone_boxed(cx, v);

    } else if (ngx_strcmp(name, "DOMException") == 0) {
        copy = ngx_workers_clone_dom_exception(cx, v);

    } else if (ngx_strcmp(name, "Headers") == 0) {
        copy = ngx_workers_clone_construct(cx, v, 1, &v);

    } else if (ngx_strcmp(name, "Request") == 0) {
        copy = ngx_workers_clone_request(cx, v);

    } else if (ngx_strcmp(name, "Response") == 0) {
        copy = ngx_workers_clone_response(cx, v);

    } else {
        copy = ngx_workers_clone_refuse(cx, v, id);
    }

    JS_FreeCString(cx, name);

    return copy;
}


/* A body is a stream, which stays where it is. */

static JSValue
ngx_workers_clone_request(JSContext *cx, JSValueConst v)
{
    ngx_workers_request_t  *request;

    request = ngx_workers_request(v);

    if (request->body.type != NGX_WORKERS_BODY_NONE) {
        return JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_RPC, "ReadableStream");
    }

    if (!JS_IsUndefined(request->signal)) {
        return JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_SIGNAL);
    }

    return ngx_workers_request_construct(cx, v, JS_UNDEFINED);
}


static JSValue
ngx_workers_clone_response(JSContext *cx, JSValueConst v)
{
    ngx_workers_response_t  *response;

    response = ngx_workers_response(v);

    if (response->body.type != NGX_WORKERS_BODY_NONE) {
        return JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_RPC, "ReadableStream");
    }

    return ngx_workers_response_clone(cx, response);
}


static JSValue
ngx_workers_clone_array(JSContext *cx, JSValueConst v)
{
    int64_t  length;
    JSValue  copy;

    if (JS_GetLength(cx, v, &length) < 0) {
        return JS_EXCEPTION;
    }

    copy = JS_NewArray(cx);

    if (!JS_IsException(copy) && length != 0
        && JS_SetLength(cx, copy, length) < 0)
    {
        JS_FreeValue(cx, copy);
        return JS_EXCEPTION;
    }

    return copy;
}


static JSValue
ngx_workers_clone_buffer(JSContext *cx, JSValueConst v)
{
    size_t   size, n;
    u_char  *p, *to;
    JSValue  copy, argv[2];

    p = JS_GetArrayBuffer(cx, &size, v);

    if (p == NULL && JS_HasException(cx)) {
        JS_FreeValue(cx, JS_GetException(cx));

        return JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_DETACHED);
    }

    if (!ngx_workers_clone_resizable(cx, v)) {
        return JS_NewArrayBufferCopy(cx, p, (p == NULL) ? 0 : size);
    }

    /* no JavaScript runs here but the engine's: p stays */

    argv[0] = JS_NewInt64(cx, size);
    argv[1] = JS_NewObject(cx);

    if (JS_IsException(argv[1])
        || ngx_workers_set(cx, argv[1], "maxByteLength",
                           JS_GetPropertyStr(cx, v, "maxByteLength"))
           != NGX_OK)
    {
        JS_FreeValue(cx, argv[1]);
        return JS_EXCEPTION;
    }

    copy = ngx_workers_clone_construct(cx, v, 2, (JSValueConst *) argv);
    JS_FreeValue(cx, argv[1]);

    if (JS_IsException(copy)) {
        return JS_EXCEPTION;
    }

    to = JS_GetArrayBuffer(cx, &n, copy);

    if (to != NULL && p != NULL) {
        ngx_memcpy(to, p, ngx_min(size, n));
    }

    return copy;
}


static ngx_uint_t
ngx_workers_clone_resizable(JSContext *cx, JSValueConst buffer)
{
    JSValue     value;
    ngx_uint_t  yes;

    value = JS_GetPropertyStr(cx, buffer, "resizable");

    if (JS_IsException(value)) {
        JS_FreeValue(cx, JS_GetException(cx));
        return 0;
    }

    yes = JS_ToBool(cx, value) > 0;
    JS_FreeValue(cx, value);

    return yes;
}


static JSValue
ngx_workers_clone_view(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst v, int type)
{
    size_t   offset, length, size, total;
    JSValue  buffer, copy, argv[3];

    buffer = JS_GetTypedArrayBuffer(cx, v, &offset, &length, &size);

    if (JS_IsException(buffer)) {
        JS_FreeValue(cx, JS_GetException(cx));

        return JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_DETACHED);
    }

    argv[0] = ngx_workers_clone_value(cx, clone, buffer);
    JS_FreeValue(cx, buffer);

    if (JS_IsException(argv[0])) {
        return JS_EXCEPTION;
    }

    argv[1] = JS_NewInt64(cx, offset);
    argv[2] = JS_NewInt64(cx, length / size);

    /* what reaches to the end of a resizable buffer follows its length */

    if (ngx_workers_clone_resizable(cx, argv[0])
        && JS_GetArrayBuffer(cx, &total, argv[0]) != NULL
        && offset + length + size > total)
    {
        argv[2] = JS_UNDEFINED;
    }

    copy = JS_NewTypedArray(cx, 3, (JSValueConst *) argv, type);

    JS_FreeValue(cx, argv[0]);

    return copy;
}


static JSValue
ngx_workers_clone_data_view(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst v)
{
    JSValue  buffer, copy, argv[3];

    buffer = JS_GetPropertyStr(cx, v, "buffer");
    if (JS_IsException(buffer)) {
        return JS_EXCEPTION;
    }

    argv[0] = ngx_workers_clone_value(cx, clone, buffer);
    JS_FreeValue(cx, buffer);

    if (JS_IsException(argv[0])) {
        return JS_EXCEPTION;
    }

    argv[1] = JS_GetPropertyStr(cx, v, "byteOffset");
    argv[2] = JS_GetPropertyStr(cx, v, "byteLength");

    if (JS_IsException(argv[1]) || JS_IsException(argv[2])) {
        copy = JS_EXCEPTION;

    } else {
        copy = ngx_workers_clone_construct(cx, v, 3, (JSValueConst *) argv);
    }

    JS_FreeValue(cx, argv[0]);
    JS_FreeValue(cx, argv[1]);
    JS_FreeValue(cx, argv[2]);

    return copy;
}


static JSValue
ngx_workers_clone_regexp(JSContext *cx, JSValueConst v)
{
    JSValue  copy, argv[2];

    argv[0] = JS_GetPropertyStr(cx, v, "source");
    argv[1] = JS_GetPropertyStr(cx, v, "flags");

    if (JS_IsException(argv[0]) || JS_IsException(argv[1])) {
        copy = JS_EXCEPTION;

    } else {
        copy = ngx_workers_clone_construct(cx, v, 2, (JSValueConst *) argv);
    }

    JS_FreeValue(cx, argv[0]);
    JS_FreeValue(cx, argv[1]);

    return copy;
}


static JSValue
ngx_workers_clone_date(JSContext *cx, JSValueConst v)
{
    double   ms;
    JSValue  time;

    time = ngx_workers_clone_method(cx, v, "getTime");
    if (JS_IsException(time) || JS_ToFloat64(cx, &ms, time) < 0) {
        JS_FreeValue(cx, time);
        return JS_EXCEPTION;
    }

    JS_FreeValue(cx, time);

    return JS_NewDate(cx, ms);
}


static JSValue
ngx_workers_clone_boxed(JSContext *cx, JSValueConst v)
{
    JSValue  primitive, copy;

    primitive = ngx_workers_clone_method(cx, v, "valueOf");
    if (JS_IsException(primitive)) {
        return JS_EXCEPTION;
    }

    copy = JS_ToObject(cx, primitive);
    JS_FreeValue(cx, primitive);

    return copy;
}


static JSValue
ngx_workers_clone_dom_exception(JSContext *cx, JSValueConst v)
{
    JSValue  copy, argv[2];

    argv[0] = JS_GetPropertyStr(cx, v, "message");
    argv[1] = JS_GetPropertyStr(cx, v, "name");

    if (JS_IsException(argv[0]) || JS_IsException(argv[1])) {
        copy = JS_EXCEPTION;

    } else {
        copy = ngx_workers_clone_construct(cx, v, 2, (JSValueConst *) argv);
    }

    JS_FreeValue(cx, argv[0]);
    JS_FreeValue(cx, argv[1]);

    if (!JS_IsException(copy)
        && ngx_workers_clone_stack(cx, v, copy) != NGX_OK)
    {
        JS_FreeValue(cx, copy);
        return JS_EXCEPTION;
    }

    return copy;
}


static JSValue
ngx_workers_clone_error(JSContext *cx, JSValueConst v)
{
    JSAtom                            atom;
    JSValue                           name, args, copy;
    const char                       *text;
    const ngx_workers_clone_error_t  *e;

    name = JS_GetPropertyStr(cx, v, "name");
    if (JS_IsException(name)) {
        return JS_EXCEPTION;
    }

    text = JS_ToCString(cx, name);
    JS_FreeValue(cx, name);

    if (text == NULL) {
        return JS_EXCEPTION;
    }

    for (e = ngx_workers_clone_errors; e->name != NULL; e++) {
        if (ngx_strcmp(e->name, text) == 0) {
            break;
        }
    }

    if (e->name == NULL && ngx_workers_clone_enhanced(cx)) {

        for (e++; e->name != NULL; e++) {
            if (ngx_strcmp(e->name, text) == 0) {
                break;
            }
        }
    }

    JS_FreeCString(cx, text);

    if (e->name == NULL) {
        e = ngx_workers_clone_errors;
    }

    if (e->make != NULL) {
        copy = e->make(cx, "%s", "");

    } else {
        args = JS_NewArray(cx);            /* the errors of an AggregateError,
                                              or a message to be deleted */
        copy = JS_IsException(args) ? JS_EXCEPTION
               : ngx_workers_clone_new(cx, ngx_workers_isolate(cx)->global,
                                       e->name, 1, (JSValueConst *) &args);
        JS_FreeValue(cx, args);
    }

    if (JS_IsException(copy)) {
        return JS_EXCEPTION;
    }

    atom = ngx_workers_atom(cx, MESSAGE);

    if (JS_DeleteProperty(cx, copy, atom, 0) < 0
        || ngx_workers_clone_message(cx, v, copy) != NGX_OK
        || ngx_workers_clone_stack(cx, v, copy) != NGX_OK)
    {
        JS_FreeValue(cx, copy);
        return JS_EXCEPTION;
    }

    return copy;
}


/* The value of an own data property, JS_UNINITIALIZED if there is none. */

static JSValue
ngx_workers_clone_own(JSContext *cx, JSValueConst v, const char *name)
{
    int                   rc;
    JSAtom                atom;
    JSPropertyDescriptor  d;

    atom = JS_NewAtom(cx, name);
    if (atom == JS_ATOM_NULL) {
        return JS_EXCEPTION;
    }

    rc = JS_GetOwnProperty(cx, &d, v, atom);
    JS_FreeAtom(cx, atom);

    if (rc < 0) {
        return JS_EXCEPTION;
    }

    if (rc == 0) {
        return JS_UNINITIALIZED;
    }

    if (d.flags & JS_PROP_GETSET) {
        JS_FreeValue(cx, d.getter);
        JS_FreeValue(cx, d.setter);
        return JS_UNINITIALIZED;
    }

    return d.value;
}


/* The message is a property of the error; the stack is behind an accessor. */

static ngx_int_t
ngx_workers_clone_message(JSContext *cx, JSValueConst v, JSValueConst copy)
{
    JSValue  value, text;

    value = ngx_workers_clone_own(cx, v, "message");

    if (JS_IsException(value)) {
        return NGX_ERROR;
    }

    if (JS_IsUninitialized(value)) {

        if (!ngx_workers_clone_enhanced(cx)) {
            return NGX_OK;
        }

        value = JS_NewString(cx, "");
    }

    text = JS_ToString(cx, value);
    JS_FreeValue(cx, value);

    if (JS_IsException(text)) {
        return NGX_ERROR;
    }

    if (JS_DefinePropertyValueStr(cx, copy, "message", text,
                                  JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
        < 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_clone_stack(JSContext *cx, JSValueConst v, JSValueConst copy)
{
    JSValue  stack;

    stack = JS_GetPropertyStr(cx, v, "stack");

    if (JS_IsString(stack)) {
        return JS_SetPropertyStr(cx, copy, "stack", stack) < 0 ? NGX_ERROR
                                                               : NGX_OK;
    }

    JS_FreeValue(cx, stack);

    return JS_IsException(stack) ? NGX_ERROR : NGX_OK;
}


/* A new object of the engine's class that v has. */

static JSValue
ngx_workers_clone_construct(JSContext *cx, JSValueConst v, int argc,
    JSValueConst *argv)
{
    JSValue  proto, ctor, copy;

    proto = JS_GetClassProto(cx, JS_GetClassID(v));
    ctor = JS_GetPropertyStr(cx, proto, "constructor");
    JS_FreeValue(cx, proto);

    if (JS_IsException(ctor)) {
        return JS_EXCEPTION;
    }

    copy = JS_CallConstructor(cx, ctor, argc, argv);
    JS_FreeValue(cx, ctor);

    return copy;
}


/* Calls a method without arguments of the engine's class that v has. */

static JSValue
ngx_workers_clone_method(JSContext *cx, JSValueConst v, const char *name)
{
    JSValue  proto, method, ret;

    proto = JS_GetClassProto(cx, JS_GetClassID(v));
    method = JS_GetPropertyStr(cx, proto, name);
    JS_FreeValue(cx, proto);

    if (JS_IsException(method)) {
        return JS_EXCEPTION;
    }

    ret = JS_Call(cx, method, v, 0, NULL);
    JS_FreeValue(cx, method);

    return ret;
}


/* id: of an object, whose class tells what it is; or JS_INVALID_CLASS_ID. */

static JSValue
ngx_workers_clone_refuse(JSContext *cx, JSValueConst v, JSClassID id)
{
    JSAtom       atom;
    JSValue      text;
    const char  *name;

    if (id == JS_INVALID_CLASS_ID || JS_IsFunction(cx, v)) {

        if (JS_IsSymbol(v)) {
            text = JS_GetPropertyStr(cx, v, "description");
            name = JS_IsUndefined(text) ? JS_ToCString(cx, JS_UNDEFINED)
                                        : JS_ToCString(cx, text);
            if (name != NULL) {
                (void) JS_ThrowDOMException(cx, "DataCloneError",
                                            "Symbol(%s) could not be cloned.",
                                            JS_IsUndefined(text) ? "" : name);
            }

            JS_FreeValue(cx, text);

        } else {
            name = JS_ToCString(cx, v);
            if (name != NULL) {
                (void) JS_ThrowDOMException(cx, "DataCloneError",
                                            "%.200s could not be cloned.",
                                            name);
            }
        }

        if (name != NULL) {
            JS_FreeCString(cx, name);
        }

        return JS_EXCEPTION;
    }

    atom = JS_GetClassName(JS_GetRuntime(cx), id);
    name = JS_AtomToCString(cx, atom);
    JS_FreeAtom(cx, atom);

    if (name == NULL) {
        return JS_EXCEPTION;
    }

    if (id > ngx_workers_class_by_name(cx, "DOMException")) {
        (void) JS_ThrowDOMException(cx, "DataCloneError",
                                    NGX_WORKERS_CLONE_UNSUPPORTED, name);

    } else {
        (void) JS_ThrowDOMException(cx, "DataCloneError",
                                    "#<%s> could not be cloned.", name);
    }

    JS_FreeCString(cx, name);

    return JS_EXCEPTION;
}


static ngx_int_t
ngx_workers_clone_fill_object(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst source, JSValueConst copy)
{
    JSValue          value, item;
    uint32_t         i, n;
    ngx_int_t        rc;
    JSPropertyEnum  *names;

    if (JS_GetOwnPropertyNames(cx, &names, &n, source,
                               JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY)
        < 0)
    {
        return NGX_ERROR;
    }

    rc = NGX_OK;

    for (i = 0; i < n; i++) {

        value = JS_GetProperty(cx, source, names[i].atom);
        if (JS_IsException(value)) {
            rc = NGX_ERROR;
            break;
        }

        /* a getter may have deleted it */

        if (JS_IsUndefined(value)
            && JS_GetOwnProperty(cx, NULL, source, names[i].atom) == 0)
        {
            continue;
        }

        item = ngx_workers_clone_value(cx, clone, value);
        JS_FreeValue(cx, value);

        if (JS_IsException(item)
            || JS_DefinePropertyValue(cx, copy, names[i].atom, item,
                                      JS_PROP_C_W_E)
               < 0)
        {
            rc = NGX_ERROR;
            break;
        }
    }

    JS_FreePropertyEnum(cx, names, n);

    return rc;
}


static ngx_int_t
ngx_workers_clone_fill_collection(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst source, JSValueConst copy, ngx_uint_t map)
{
    JSValue    iterator, next, result, flag, value, set;
    ngx_int_t  rc;
    ngx_int_t  done;

    iterator = ngx_workers_clone_method(cx, source,
                                        map ? "entries" : "values");
    if (JS_IsException(iterator)) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    set = JS_UNDEFINED;

    next = JS_GetPropertyStr(cx, iterator, "next");
    if (JS_IsException(next)) {
        goto finish;
    }

    set = JS_GetPropertyStr(cx, copy, map ? "set" : "add");
    if (JS_IsException(set)) {
        goto finish;
    }

    for ( ;; ) {

        result = JS_Call(cx, next, iterator, 0, NULL);
        if (JS_IsException(result)) {
            break;
        }

        flag = JS_GetPropertyStr(cx, result, "done");
        done = JS_ToBool(cx, flag);
        JS_FreeValue(cx, flag);

        if (done != 0) {
            JS_FreeValue(cx, result);
            rc = (done > 0) ? NGX_OK : NGX_ERROR;
            break;
        }

        value = JS_GetPropertyStr(cx, result, "value");
        JS_FreeValue(cx, result);

        if (JS_IsException(value)) {
            break;
        }

        rc = ngx_workers_clone_fill_pair(cx, clone, value, copy, set, map);
        JS_FreeValue(cx, value);

        if (rc != NGX_OK) {
            break;
        }

        rc = NGX_ERROR;
    }

finish:

    JS_FreeValue(cx, set);
    JS_FreeValue(cx, next);
    JS_FreeValue(cx, iterator);

    return rc;
}


/* pair: of a Map; of a Set, the value. */

static ngx_int_t
ngx_workers_clone_fill_pair(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst pair, JSValueConst copy, JSValueConst set, ngx_uint_t map)
{
    JSValue     item, ret, argv[2];
    ngx_uint_t  i;

    argv[0] = JS_UNDEFINED;
    argv[1] = JS_UNDEFINED;

    for (i = 0; i < (map ? 2 : 1); i++) {

        item = map ? JS_GetPropertyUint32(cx, pair, i)
                   : JS_DupValue(cx, pair);
        if (JS_IsException(item)) {
            break;
        }

        argv[i] = ngx_workers_clone_value(cx, clone, item);
        JS_FreeValue(cx, item);

        if (JS_IsException(argv[i])) {
            break;
        }
    }

    ret = JS_EXCEPTION;

    if (i == (map ? 2 : 1)) {
        ret = JS_Call(cx, set, copy, map ? 2 : 1, (JSValueConst *) argv);
    }

    JS_FreeValue(cx, argv[0]);
    JS_FreeValue(cx, argv[1]);

    if (JS_IsException(ret)) {
        return NGX_ERROR;
    }

    JS_FreeValue(cx, ret);

    return NGX_OK;
}


static ngx_int_t
ngx_workers_clone_fill_error(JSContext *cx, ngx_workers_clone_t *clone,
    JSValueConst source, JSValueConst copy)
{
    JSValue      value, item;
    ngx_uint_t   i, n;

    static const char  *names[] = { "cause", "errors", "error", "suppressed" };

    n = 1;

    if (ngx_workers_clone_enhanced(cx)) {
        n = ngx_workers_nitems(names);

        if (ngx_workers_clone_fill_object(cx, clone, source, copy) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    for (i = 0; i < n; i++) {
        value = ngx_workers_clone_own(cx, source, names[i]);

        if (JS_IsException(value)) {
            return NGX_ERROR;
        }

        if (JS_IsUninitialized(value)) {
            continue;
        }

        item = ngx_workers_clone_value(cx, clone, value);
        JS_FreeValue(cx, value);

        if (JS_IsException(item)
            || JS_DefinePropertyValueStr(cx, copy, names[i], item,
                                       JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
               < 0)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Whether properties of errors are cloned, too. */

static ngx_uint_t
ngx_workers_clone_enhanced(JSContext *cx)
{
    return ngx_workers_script_flag(ngx_workers_isolate(cx)->script,
                                   "enhanced_error_serialization",
                                   "legacy_error_serialization", 20260421);
}
