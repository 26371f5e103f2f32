
/*
 * Copyright (C) the nginx-workers authors
 *
 * Intl, the global, and the methods of other classes that heed a locale.
 * Nothing of it is loaded before one of them is called.
 */


#include "ngx_workers_intl.h"


#define NGX_WORKERS_INTL_FIELDS  32


typedef struct {
    ngx_workers_icu_t         *icu;
    ngx_workers_icu_object_t  *object;
} ngx_workers_intl_handle_t;


/* A method, and the built-in's export that does its work. */
typedef struct {
    const char                *class;
    const char                *name;
    int                        length;
    ngx_workers_builtin_t     *builtin;
    const char                *export;
} ngx_workers_intl_method_t;


static ngx_int_t ngx_workers_intl_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_intl_ext_method(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_intl_native(JSContext *cx);
static JSValue ngx_workers_intl_part_native(JSContext *cx);
static JSValue ngx_workers_intl_ext_builtin(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_intl_ext_available(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_open(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static void ngx_workers_intl_finalizer(JSRuntime *rt, JSValueConst val);
static int ngx_workers_intl_field_compare(const void *one, const void *two);
static int32_t ngx_workers_intl_source(ngx_workers_intl_fields_t *sources,
    int32_t start, int32_t end);
static ngx_int_t ngx_workers_intl_fields_of(ngx_workers_icu_t *icu,
    const UFormattedValue *value, int32_t category,
    ngx_workers_intl_fields_t *fields, UErrorCode *status);
static UConstrainedFieldPosition *ngx_workers_intl_position(
    ngx_workers_icu_t *icu, UErrorCode *status);


enum {
    NGX_WORKERS_INTL_CORE = 0,
    NGX_WORKERS_INTL_DATE,
    NGX_WORKERS_INTL_NUMBER,
    NGX_WORKERS_INTL_TEXT,
    NGX_WORKERS_INTL_LOCALE,
    NGX_WORKERS_INTL_DURATION
};


static const char *const  ngx_workers_intl_globals[] = { "Intl", NULL };


static ngx_workers_builtin_t  ngx_workers_intl_builtin = {
    .name = "intl",
    .globals = ngx_workers_intl_globals,
    .native = ngx_workers_intl_native,
};


static ngx_workers_builtin_t  ngx_workers_intl_date_builtin = {
    .name = "intl_date",
    .native = ngx_workers_intl_part_native,
};


static ngx_workers_builtin_t  ngx_workers_intl_number_builtin = {
    .name = "intl_number",
    .native = ngx_workers_intl_part_native,
};


static ngx_workers_builtin_t  ngx_workers_intl_text_builtin = {
    .name = "intl_text",
    .native = ngx_workers_intl_part_native,
};


static ngx_workers_builtin_t  ngx_workers_intl_locale_builtin = {
    .name = "intl_locale",
    .native = ngx_workers_intl_part_native,
};


static ngx_workers_builtin_t  ngx_workers_intl_duration_builtin = {
    .name = "intl_duration",
    .native = ngx_workers_intl_part_native,
};


static ngx_workers_builtin_t  *ngx_workers_intl_builtins[] = {
    &ngx_workers_intl_builtin,
    &ngx_workers_intl_date_builtin,
    &ngx_workers_intl_number_builtin,
    &ngx_workers_intl_text_builtin,
    &ngx_workers_intl_locale_builtin,
    &ngx_workers_intl_duration_builtin,
    NULL
};


static const ngx_workers_intl_method_t  ngx_workers_intl_methods[] = {
    { "String", "localeCompare", 1, &ngx_workers_intl_text_builtin,
      "localeCompare" },
    { "String", "toLocaleLowerCase", 0, &ngx_workers_intl_text_builtin,
      "toLocaleLowerCase" },
    { "String", "toLocaleUpperCase", 0, &ngx_workers_intl_text_builtin,
      "toLocaleUpperCase" },
    { "Date", "toLocaleString", 0, &ngx_workers_intl_date_builtin,
      "toLocaleString" },
    { "Date", "toLocaleDateString", 0, &ngx_workers_intl_date_builtin,
      "toLocaleDateString" },
    { "Date", "toLocaleTimeString", 0, &ngx_workers_intl_date_builtin,
      "toLocaleTimeString" },
    { "Number", "toLocaleString", 0, &ngx_workers_intl_number_builtin,
      "numberToLocaleString" },
    { "BigInt", "toLocaleString", 0, &ngx_workers_intl_number_builtin,
      "bigintToLocaleString" },
    { "Array", "toLocaleString", 0, &ngx_workers_intl_number_builtin,
      "arrayToLocaleString" },
    { NULL, "toLocaleString", 0, &ngx_workers_intl_number_builtin,
      "typedArrayToLocaleString" },
};


static const JSCFunctionListEntry  ngx_workers_intl_functions[] = {
    JS_CFUNC_MAGIC_DEF("intl", 0, ngx_workers_intl_ext_builtin,
                       NGX_WORKERS_INTL_CORE),
    JS_CFUNC_MAGIC_DEF("date", 0, ngx_workers_intl_ext_builtin,
                       NGX_WORKERS_INTL_DATE),
    JS_CFUNC_MAGIC_DEF("number", 0, ngx_workers_intl_ext_builtin,
                       NGX_WORKERS_INTL_NUMBER),
    JS_CFUNC_MAGIC_DEF("text", 0, ngx_workers_intl_ext_builtin,
                       NGX_WORKERS_INTL_TEXT),
    JS_CFUNC_MAGIC_DEF("locale", 0, ngx_workers_intl_ext_builtin,
                       NGX_WORKERS_INTL_LOCALE),
    JS_CFUNC_MAGIC_DEF("duration", 0, ngx_workers_intl_ext_builtin,
                       NGX_WORKERS_INTL_DURATION),
    JS_CFUNC_DEF("available", 0, ngx_workers_intl_ext_available),
    JS_CFUNC_DEF("open", 2, ngx_workers_intl_ext_open),
};


static ngx_workers_class_t  ngx_workers_intl_class = {
    .def = {
        .class_name = "IntlHandle",
        .finalizer = ngx_workers_intl_finalizer
    },
    .hidden = 1,
};


static ngx_workers_class_t  *ngx_workers_intl_classes[] = {
    &ngx_workers_intl_class,
    &ngx_workers_intl_segments_class,
    NULL
};


ngx_workers_web_t  ngx_workers_intl_web = {
    ngx_workers_intl_classes,
    ngx_workers_intl_builtins,
    ngx_workers_intl_init
};


static const ngx_workers_intl_list_t  *ngx_workers_intl_lists[] = {
#define NGX_WORKERS_X(name)  &ngx_workers_intl_##name##_list,
    NGX_WORKERS_INTL_LISTS(NGX_WORKERS_X)
#undef NGX_WORKERS_X
};


static ngx_int_t
ngx_workers_intl_init(JSContext *cx, JSValueConst global)
{
    int                               rc;
    JSValue                           func, ctor, proto;
    ngx_uint_t                        i;
    const ngx_workers_intl_method_t  *m;

    for (i = 0; i < ngx_workers_nitems(ngx_workers_intl_methods); i++) {

        m = &ngx_workers_intl_methods[i];

        if (m->class != NULL) {
            ctor = JS_GetPropertyStr(cx, global, m->class);

        } else {

            /* %TypedArray%, which has no name in the global scope */

            proto = JS_GetPropertyStr(cx, global, "Int8Array");
            ctor = JS_GetPrototype(cx, proto);
            JS_FreeValue(cx, proto);
        }

        proto = JS_GetPropertyStr(cx, ctor, "prototype");
        JS_FreeValue(cx, ctor);

        func = JS_NewCFunctionMagic(cx, ngx_workers_intl_ext_method, m->name,
                                    m->length, JS_CFUNC_generic_magic, i);

        rc = JS_DefinePropertyValueStr(cx, proto, m->name, func,
                                       JS_PROP_WRITABLE
                                       | JS_PROP_CONFIGURABLE);
        JS_FreeValue(cx, proto);

        if (rc < 0) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static JSValue
ngx_workers_intl_ext_method(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    JSValue                           func, ret;
    JSValueConst                      exports;
    const ngx_workers_intl_method_t  *m;

    if (magic == 0 && argc == 1) {
        ret = ngx_workers_intl_compare_default(cx, this_val, argv[0]);

        if (!JS_IsUndefined(ret)) {
            return ret;
        }
    }

    m = &ngx_workers_intl_methods[magic];

    exports = ngx_workers_builtin(cx, m->builtin);
    if (JS_IsException(exports)) {
        return JS_EXCEPTION;
    }

    func = JS_GetPropertyStr(cx, exports, m->export);
    if (JS_IsException(func)) {
        return JS_EXCEPTION;
    }

    ret = JS_Call(cx, func, this_val, argc, argv);
    JS_FreeValue(cx, func);

    return ret;
}


/* The native half of intl.js, which hands it on to the other ones. */

static JSValue
ngx_workers_intl_native(JSContext *cx)
{
    JSValue     native;
    ngx_uint_t  i;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (JS_SetPropertyFunctionList(cx, native, ngx_workers_intl_functions,
                               ngx_workers_nitems(ngx_workers_intl_functions))
        < 0)
    {
        goto failed;
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_intl_lists); i++) {

        if (JS_SetPropertyFunctionList(cx, native,
                                       ngx_workers_intl_lists[i]->elts,
                                       ngx_workers_intl_lists[i]->nelts)
            < 0)
        {
            goto failed;
        }
    }

    return native;

failed:

    JS_FreeValue(cx, native);

    return JS_EXCEPTION;
}


static JSValue
ngx_workers_intl_part_native(JSContext *cx)
{
    JSValueConst  exports;

    exports = ngx_workers_builtin(cx, &ngx_workers_intl_builtin);

    return JS_IsException(exports) ? JS_EXCEPTION
                                   : JS_GetPropertyStr(cx, exports, "native");
}


/* The exports of another built-in. */

static JSValue
ngx_workers_intl_ext_builtin(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    return JS_DupValue(cx, ngx_workers_builtin(cx,
                                          ngx_workers_intl_builtins[magic]));
}


/* Whether ICU is there. */

static JSValue
ngx_workers_intl_ext_available(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_NewBool(cx, ngx_workers_icu(ngx_workers_isolate(cx)->log)
                          != NULL);
}


/*
 * open(kind, tag, argument, ...): a handle; undefined if ICU refuses.  Tags
 * and arguments are strings or numbers.
 */

static JSValue
ngx_workers_intl_ext_open(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int32_t                    kind;
    ngx_str_t                  args[NGX_WORKERS_ICU_ARGS];
    ngx_uint_t                 n, nargs;
    ngx_workers_icu_t         *icu;
    ngx_workers_icu_object_t  *object;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    nargs = argc - 1;

    if (argc < 2 || nargs > NGX_WORKERS_ICU_ARGS
        || JS_ToInt32(cx, &kind, argv[0]) < 0
        || kind < 0 || kind >= NGX_WORKERS_ICU_KINDS)
    {
        return JS_ThrowInternalError(cx, "wrong arguments");
    }

    object = NULL;

    for (n = 0; n < nargs; n++) {

        args[n].data = (u_char *) JS_ToCStringLen(cx, &args[n].len,
                                                  argv[n + 1]);
        if (args[n].data == NULL) {
            goto done;
        }
    }

    object = ngx_workers_icu_object(icu, kind, args, nargs);

done:

    nargs = n;

    while (n > 0) {
        JS_FreeCString(cx, (char *) args[--n].data);
    }

    if (object == NULL) {
        return (nargs == (ngx_uint_t) argc - 1) ? JS_UNDEFINED : JS_EXCEPTION;
    }

    return ngx_workers_intl_handle(cx, icu, object);
}


JSValue
ngx_workers_intl_handle(JSContext *cx, ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *object)
{
    JSValue                     value;
    ngx_workers_intl_handle_t  *handle;

    value = JS_NewObjectClass(cx, ngx_workers_intl_class.id);

    if (JS_IsException(value)
        || ngx_workers_isolate_charge(cx, object->size) != NGX_OK)
    {
        goto failed;
    }

    handle = js_malloc(cx, sizeof(ngx_workers_intl_handle_t));

    if (handle == NULL) {
        ngx_workers_isolate_uncharge(JS_GetRuntime(cx), object->size);
        goto failed;
    }

    handle->icu = icu;
    handle->object = object;

    JS_SetOpaque(value, handle);

    return value;

failed:

    JS_FreeValue(cx, value);
    ngx_workers_icu_object_release(icu, object);

    return JS_EXCEPTION;
}


static void
ngx_workers_intl_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_intl_handle_t  *handle;

    handle = JS_GetOpaque(val, ngx_workers_intl_class.id);

    if (handle != NULL) {
        ngx_workers_isolate_uncharge(rt, handle->object->size);
        ngx_workers_icu_object_release(handle->icu, handle->object);
        js_free_rt(rt, handle);
    }
}


ngx_workers_icu_t *
ngx_workers_intl_icu(JSContext *cx)
{
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_icu(ngx_workers_isolate(cx)->log);

    if (icu == NULL) {
        (void) ngx_workers_throw_error(cx, "Intl is not available: it needs "
                                           "the Debian package "
                                           NGX_WORKERS_ICU_PACKAGE);
    }

    return icu;
}


ngx_workers_icu_object_t *
ngx_workers_intl_object(JSContext *cx, JSValueConst handle,
    ngx_workers_icu_kind_e kind)
{
    ngx_workers_intl_handle_t  *h;

    h = JS_GetOpaque2(cx, handle, ngx_workers_intl_class.id);

    if (h == NULL) {
        return NULL;
    }

    if (h->object->kind != kind) {
        (void) JS_ThrowInternalError(cx, "wrong handle");
        return NULL;
    }

    return h->object;
}


JSValue
ngx_workers_intl_throw(JSContext *cx, UErrorCode status)
{
    if (status == U_MEMORY_ALLOCATION_ERROR) {
        return JS_ThrowOutOfMemory(cx);
    }

    return JS_ThrowTypeError(cx, "Internal error. Icu error.");
}


void
ngx_workers_intl_buffer_init(ngx_workers_intl_buffer_t *buf)
{
    buf->data = buf->local;
    buf->size = NGX_WORKERS_INTL_BUFFER;
    buf->status = U_ZERO_ERROR;
}


ngx_uint_t
ngx_workers_intl_buffer_again(ngx_workers_intl_buffer_t *buf, int32_t len)
{
    if (buf->status != U_BUFFER_OVERFLOW_ERROR || buf->data != buf->local) {
        return 0;
    }

    buf->data = ngx_alloc(((size_t) len + 1) * sizeof(UChar), ngx_cycle->log);

    if (buf->data == NULL) {
        buf->status = U_MEMORY_ALLOCATION_ERROR;
        return 0;
    }

    buf->size = len + 1;
    buf->status = U_ZERO_ERROR;

    return 1;
}


void
ngx_workers_intl_buffer_free(ngx_workers_intl_buffer_t *buf)
{
    if (buf->data != NULL && buf->data != buf->local) {
        ngx_free(buf->data);
    }

    buf->data = NULL;
}


JSValue
ngx_workers_intl_buffer_string(JSContext *cx, ngx_workers_intl_buffer_t *buf,
    int32_t len)
{
    JSValue  value;

    if (U_FAILURE(buf->status)) {
        value = ngx_workers_intl_throw(cx, buf->status);

    } else {
        value = ngx_workers_intl_string(cx, buf->data, len);
    }

    ngx_workers_intl_buffer_free(buf);

    return value;
}


ngx_int_t
ngx_workers_intl_field(ngx_workers_intl_fields_t *fields, int32_t type,
    int32_t start, int32_t end)
{
    size_t                     size;
    ngx_workers_intl_field_t  *elts;

    if (fields->n == fields->size) {

        size = fields->size ? fields->size * 2 : NGX_WORKERS_INTL_FIELDS;

        elts = realloc(fields->elts, size * sizeof(ngx_workers_intl_field_t));
        if (elts == NULL) {
            return NGX_ERROR;
        }

        fields->elts = elts;
        fields->size = size;
    }

    elts = &fields->elts[fields->n++];

    elts->type = type;
    elts->start = start;
    elts->end = end;

    return NGX_OK;
}


static int
ngx_workers_intl_field_compare(const void *one, const void *two)
{
    const ngx_workers_intl_field_t  *first, *second;

    first = one;
    second = two;

    return (second->end - second->start) - (first->end - first->start);
}


/* For each unit of the text the innermost field it is in: the shortest. */

JSValue
ngx_workers_intl_parts(JSContext *cx, const UChar *text, int32_t len,
    ngx_workers_intl_fields_t *fields, ngx_workers_intl_fields_t *sources)
{
    size_t     i;
    int32_t    j, start, *owner;
    JSValue    parts;
    uint32_t   n;

    owner = js_malloc(cx, ((size_t) len + 1) * sizeof(int32_t));
    if (owner == NULL) {
        return JS_EXCEPTION;
    }

    for (j = 0; j < len; j++) {
        owner[j] = NGX_WORKERS_INTL_LITERAL;
    }

    if (fields->n > 1) {
        qsort(fields->elts, fields->n, sizeof(ngx_workers_intl_field_t),
              ngx_workers_intl_field_compare);
    }

    for (i = 0; i < fields->n; i++) {
        for (j = fields->elts[i].start; j < fields->elts[i].end && j < len;
             j++)
        {
            owner[j] = i;
        }
    }

    parts = JS_NewArray(cx);
    n = 0;

    for (start = 0; start < len && !JS_IsException(parts); start = j) {

        for (j = start + 1; j < len && owner[j] == owner[start]; j++) {
            /* void */
        }

        if (JS_DefinePropertyValueUint32(cx, parts, n++,
                JS_NewInt32(cx, owner[start] == NGX_WORKERS_INTL_LITERAL
                                ? NGX_WORKERS_INTL_LITERAL
                                : fields->elts[owner[start]].type),
                JS_PROP_C_W_E)
            < 0
            || JS_DefinePropertyValueUint32(cx, parts, n++,
                   ngx_workers_intl_string(cx, text + start, j - start),
                   JS_PROP_C_W_E)
               < 0
            || (sources != NULL
                && JS_DefinePropertyValueUint32(cx, parts, n++,
                       JS_NewInt32(cx, ngx_workers_intl_source(sources, start,
                                                               j)),
                       JS_PROP_C_W_E)
                   < 0))
        {
            JS_FreeValue(cx, parts);
            parts = JS_EXCEPTION;
        }
    }

    js_free(cx, owner);

    return parts;
}


/* The source that has all of a part, or -1. */

static int32_t
ngx_workers_intl_source(ngx_workers_intl_fields_t *sources, int32_t start,
    int32_t end)
{
    size_t  i;

    for (i = 0; i < sources->n; i++) {
        if (sources->elts[i].start <= start && end <= sources->elts[i].end) {
            return sources->elts[i].type;
        }
    }

    return -1;
}


JSValue
ngx_workers_intl_value(JSContext *cx, ngx_workers_icu_t *icu,
    const UFormattedValue *value, int32_t category, int32_t sources,
    ngx_uint_t parts)
{
    int32_t                     len;
    JSValue                     ret;
    UErrorCode                  status;
    const UChar                *text;
    ngx_workers_intl_fields_t   fields, spans;

    status = U_ZERO_ERROR;

    text = icu->ufmtval_getString(value, &len, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    if (!parts) {
        return ngx_workers_intl_string(cx, text, len);
    }

    ngx_memzero(&fields, sizeof(ngx_workers_intl_fields_t));
    ngx_memzero(&spans, sizeof(ngx_workers_intl_fields_t));

    if (ngx_workers_intl_fields_of(icu, value, category, &fields, &status)
        != NGX_OK
        || (sources != 0
            && ngx_workers_intl_fields_of(icu, value, sources, &spans, &status)
               != NGX_OK))
    {
        ret = ngx_workers_intl_throw(cx, status);

    } else {
        ret = ngx_workers_intl_parts(cx, text, len, &fields,
                                     (sources != 0) ? &spans : NULL);
    }

    free(fields.elts);
    free(spans.elts);

    return ret;
}


ngx_uint_t
ngx_workers_intl_has(ngx_workers_icu_t *icu, const UFormattedValue *value,
    int32_t category)
{
    UErrorCode                  status;
    UConstrainedFieldPosition  *position;

    status = U_ZERO_ERROR;

    position = ngx_workers_intl_position(icu, &status);

    while (position != NULL
           && icu->ufmtval_nextPosition(value, position, &status))
    {
        if (icu->ucfpos_getCategory(position, &status) == category) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_workers_intl_fields_of(ngx_workers_icu_t *icu,
    const UFormattedValue *value, int32_t category,
    ngx_workers_intl_fields_t *fields, UErrorCode *status)
{
    int32_t                     start, end;
    UConstrainedFieldPosition  *position;

    position = ngx_workers_intl_position(icu, status);

    if (position == NULL) {
        return NGX_ERROR;
    }

    while (icu->ufmtval_nextPosition(value, position, status)) {

        if (icu->ucfpos_getCategory(position, status) != category) {
            continue;
        }

        icu->ucfpos_getIndexes(position, &start, &end, status);

        if (ngx_workers_intl_field(fields,
                                   icu->ucfpos_getField(position, status),
                                   start, end)
            != NGX_OK)
        {
            *status = U_MEMORY_ALLOCATION_ERROR;
            return NGX_ERROR;
        }
    }

    return U_SUCCESS(*status) ? NGX_OK : NGX_ERROR;
}


/* An iterator at its start. */

static UConstrainedFieldPosition *
ngx_workers_intl_position(ngx_workers_icu_t *icu, UErrorCode *status)
{
    if (icu->position == NULL) {
        icu->position = icu->ucfpos_open(status);

        if (U_FAILURE(*status)) {
            icu->position = NULL;
            return NULL;
        }
    }

    icu->ucfpos_reset(icu->position, status);

    return icu->position;
}
