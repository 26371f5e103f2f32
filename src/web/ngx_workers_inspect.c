
/*
 * Copyright (C) the nginx-workers authors
 *
 * Values as text for people.  Getters and methods of scripts are not called
 * (but for what a format specifier asks for); output, depth and the number of
 * elements are bounded.
 */


#include "ngx_workers_inspect.h"
#include "ngx_workers_globals.h"


#define NGX_WORKERS_INSPECT_ITEMS  100     /* elements shown of one object */
#define NGX_WORKERS_INSPECT_OBJECT_DEPTH  4    /* of %o */


static void ngx_workers_inspect_printf(ngx_workers_inspect_t *in,
    const char *fmt, ...);
static void ngx_workers_inspect_catch(ngx_workers_inspect_t *in);
static void ngx_workers_inspect_value_text(ngx_workers_inspect_t *in,
    JSValueConst v);
static size_t ngx_workers_inspect_specifier(ngx_workers_inspect_t *in,
    u_char ch, JSValueConst v);
static void ngx_workers_inspect_integer(ngx_workers_inspect_t *in,
    JSValueConst v, ngx_uint_t integer);
static void ngx_workers_inspect_number(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_quoted(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_symbol(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_object(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_by_class(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_native(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_boxed(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_host(ngx_workers_inspect_t *in, JSValueConst v,
    JSClassID id);
static ngx_uint_t ngx_workers_inspect_attributes(ngx_workers_inspect_t *in,
    JSValueConst v, JSValueConst proto);
static ngx_uint_t ngx_workers_inspect_name(ngx_workers_inspect_t *in,
    JSValueConst v, ngx_uint_t plain);
static JSValue ngx_workers_inspect_own(ngx_workers_inspect_t *in,
    JSValueConst v, const char *name);
static JSValue ngx_workers_inspect_call(ngx_workers_inspect_t *in,
    JSValueConst v, const char *method);
static void ngx_workers_inspect_function(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_error(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_array(ngx_workers_inspect_t *in,
    JSValueConst v, ngx_uint_t typed);
static void ngx_workers_inspect_holes(ngx_workers_inspect_t *in, ngx_uint_t *n,
    ngx_uint_t *holes);
static void ngx_workers_inspect_collection(ngx_workers_inspect_t *in,
    JSValueConst v, const char *method, ngx_uint_t pairs);
static void ngx_workers_inspect_pair(ngx_workers_inspect_t *in,
    JSValueConst pair);
static void ngx_workers_inspect_promise(ngx_workers_inspect_t *in,
    JSValueConst v);
static ngx_uint_t ngx_workers_inspect_properties(ngx_workers_inspect_t *in,
    JSValueConst v, ngx_uint_t n, ngx_uint_t elements);
static void ngx_workers_inspect_descriptor(ngx_workers_inspect_t *in,
    JSPropertyDescriptor *d);
static void ngx_workers_inspect_close(ngx_workers_inspect_t *in, ngx_uint_t n);
static ngx_uint_t ngx_workers_inspect_empty(ngx_workers_inspect_t *in,
    JSValueConst v);
static void ngx_workers_inspect_key(ngx_workers_inspect_t *in, JSAtom atom);
static ngx_uint_t ngx_workers_inspect_is_index(ngx_workers_inspect_t *in,
    JSAtom atom);
static ngx_uint_t ngx_workers_inspect_is_secret(ngx_workers_inspect_t *in,
    JSAtom atom);


void
ngx_workers_inspect_put(ngx_workers_inspect_t *in, const void *data,
    size_t len)
{
    size_t   size;
    u_char  *p;

    if (in->full || len == 0) {
        return;
    }

    if (len > in->max - in->len) {
        len = in->max - in->len;
        in->full = 1;
    }

    if (len > in->size - in->len) {
        size = ngx_max(2 * in->size, ngx_max(in->len + len, 512));

        p = ngx_alloc(size, ngx_workers_current_log(in->cx));
        if (p == NULL) {
            in->full = 1;
            return;
        }

        if (in->data != NULL) {
            ngx_memcpy(p, in->data, in->len);
            ngx_free(in->data);
        }

        in->data = p;
        in->size = size;
    }

    ngx_memcpy(in->data + in->len, data, len);
    in->len += len;
}


static void
ngx_workers_inspect_printf(ngx_workers_inspect_t *in, const char *fmt, ...)
{
    u_char   *p, text[256];
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text), fmt, args);
    va_end(args);

    ngx_workers_inspect_put(in, text, p - text);
}


/* Takes the pending exception, unless it cannot be caught. */

static void
ngx_workers_inspect_catch(ngx_workers_inspect_t *in)
{
    JSValue  e;

    e = JS_GetException(in->cx);

    if (JS_IsUncatchableError(e)) {
        (void) JS_Throw(in->cx, e);
        in->fatal = 1;
        in->full = 1;
        return;
    }

    JS_FreeValue(in->cx, e);

    ngx_workers_inspect_str(in, "[Exception]");
}


/* What String(v) says. */

static void
ngx_workers_inspect_value_text(ngx_workers_inspect_t *in, JSValueConst v)
{
    size_t       len;
    const char  *text;

    text = JS_ToCStringLen(in->cx, &len, v);

    if (text == NULL) {
        ngx_workers_inspect_catch(in);
        return;
    }

    ngx_workers_inspect_put(in, text, len);
    JS_FreeCString(in->cx, text);
}


void
ngx_workers_inspect_arguments(ngx_workers_inspect_t *in, int argc,
    JSValueConst *argv)
{
    int          i;
    size_t       len, used;
    const char  *text, *p, *start, *end;

    if (argc == 0) {
        return;
    }

    i = 0;

    if (JS_IsString(argv[0]) && argc > 1) {

        text = JS_ToCStringLen(in->cx, &len, argv[0]);
        if (text == NULL) {
            ngx_workers_inspect_catch(in);
            return;
        }

        i = 1;
        start = text;
        end = text + len;

        for (p = text; p + 1 < end && !in->full; p++) {

            if (*p != '%') {
                continue;
            }

            ngx_workers_inspect_put(in, start, p - start);
            start = p;

            if (p[1] == '%') {
                ngx_workers_inspect_str(in, "%");
                used = 1;

            } else {
                used = (i < argc) ? ngx_workers_inspect_specifier(in, p[1],
                                                                  argv[i])
                                  : 0;
                i += used;
            }

            if (used) {
                start = p + 2;
                p++;
            }
        }

        ngx_workers_inspect_put(in, start, end - start);
        JS_FreeCString(in->cx, text);
    }

    for ( /* void */ ; i < argc && !in->full; i++) {
        if (i != 0) {
            ngx_workers_inspect_str(in, " ");
        }

        ngx_workers_inspect(in, argv[i], 1);
    }
}


/* 1: the argument is used up; 0: not a specifier. */

static size_t
ngx_workers_inspect_specifier(ngx_workers_inspect_t *in, u_char ch,
    JSValueConst v)
{
    JSValue     json;
    ngx_uint_t  depth;

    switch (ch) {

    case 's':
        ngx_workers_inspect(in, v, 1);
        return 1;

    case 'd':
        ngx_workers_inspect_integer(in, v, 0);
        return 1;

    case 'i':
        ngx_workers_inspect_integer(in, v, 1);
        return 1;

    case 'f':
        ngx_workers_inspect_integer(in, v, 0);
        return 1;

    case 'o':
        depth = in->depth;
        in->depth = NGX_WORKERS_INSPECT_OBJECT_DEPTH;
        ngx_workers_inspect(in, v, 0);
        in->depth = depth;
        return 1;

    case 'O':
        ngx_workers_inspect(in, v, 0);
        return 1;

    case 'j':
        json = JS_JSONStringify(in->cx, v, JS_UNDEFINED, JS_UNDEFINED);

        if (JS_IsException(json)) {
            ngx_workers_inspect_catch(in);

        } else {
            ngx_workers_inspect(in, json, 1);
        }

        JS_FreeValue(in->cx, json);
        return 1;

    case 'c':
        return 1;

    default:
        return 0;
    }
}


static void
ngx_workers_inspect_integer(ngx_workers_inspect_t *in, JSValueConst v,
    ngx_uint_t integer)
{
    double   d;
    JSValue  number;

    if (JS_IsBigInt(v)) {
        ngx_workers_inspect(in, v, 1);
        return;
    }

    if (JS_IsObject(v) || JS_IsSymbol(v)) {
        ngx_workers_inspect_str(in, "NaN");
        return;
    }

    if (JS_ToFloat64(in->cx, &d, v) < 0) {
        ngx_workers_inspect_catch(in);
        return;
    }

    if (integer && d > -9007199254740992.0 && d < 9007199254740992.0) {
        d = (double) (int64_t) d;
    }

    number = JS_NewFloat64(in->cx, d);
    ngx_workers_inspect_number(in, number);
}


static void
ngx_workers_inspect_number(ngx_workers_inspect_t *in, JSValueConst v)
{
    double  d;

    if (JS_ToFloat64(in->cx, &d, v) == 0 && d == 0 && 1 / d < 0) {
        ngx_workers_inspect_str(in, "-0");
        return;
    }

    ngx_workers_inspect_value_text(in, v);
}


void
ngx_workers_inspect(ngx_workers_inspect_t *in, JSValueConst v, ngx_uint_t raw)
{
    if (in->full) {
        return;
    }

    if (JS_IsString(v)) {

        if (raw) {
            ngx_workers_inspect_value_text(in, v);

        } else {
            ngx_workers_inspect_quoted(in, v);
        }

        return;
    }

    if (JS_IsNumber(v)) {
        ngx_workers_inspect_number(in, v);
        return;
    }

    if (JS_IsBigInt(v)) {
        ngx_workers_inspect_value_text(in, v);
        ngx_workers_inspect_str(in, "n");
        return;
    }

    if (JS_IsSymbol(v)) {
        ngx_workers_inspect_symbol(in, v);
        return;
    }

    if (JS_IsObject(v)) {
        ngx_workers_inspect_object(in, v);
        return;
    }

    ngx_workers_inspect_value_text(in, v);
}


static void
ngx_workers_inspect_quoted(ngx_workers_inspect_t *in, JSValueConst v)
{
    char         quote;
    size_t       len;
    const char  *text, *p, *start, *end;

    text = JS_ToCStringLen(in->cx, &len, v);
    if (text == NULL) {
        ngx_workers_inspect_catch(in);
        return;
    }

    end = text + len;
    quote = '\'';

    if (memchr(text, '\'', len) != NULL && memchr(text, '"', len) == NULL) {
        quote = '"';
    }

    ngx_workers_inspect_put(in, &quote, 1);

    for (start = p = text; p < end; p++) {
        if (*p == quote || *p == '\\') {
            ngx_workers_inspect_put(in, start, p - start);
            ngx_workers_inspect_str(in, "\\");
            start = p;
        }
    }

    ngx_workers_inspect_put(in, start, end - start);
    ngx_workers_inspect_put(in, &quote, 1);

    JS_FreeCString(in->cx, text);
}


static void
ngx_workers_inspect_symbol(ngx_workers_inspect_t *in, JSValueConst v)
{
    JSValue  description;

    description = JS_GetPropertyStr(in->cx, v, "description");

    if (JS_IsException(description)) {
        ngx_workers_inspect_catch(in);
        return;
    }

    ngx_workers_inspect_str(in, "Symbol(");

    if (JS_IsString(description)) {
        ngx_workers_inspect_value_text(in, description);
    }

    ngx_workers_inspect_str(in, ")");

    JS_FreeValue(in->cx, description);
}


static void
ngx_workers_inspect_object(ngx_workers_inspect_t *in, JSValueConst v)
{
    void        *p;
    JSValue      object, target;
    ngx_uint_t   i;

    object = JS_DupValue(in->cx, v);

    /* a proxy is shown as what it stands for, without its traps */

    for (i = 0; JS_IsProxy(object) && i < 1000; i++) {
        target = JS_GetProxyTarget(in->cx, object);
        JS_FreeValue(in->cx, object);
        object = target;
    }

    if (!JS_IsObject(object) || JS_IsProxy(object)) {
        JS_FreeValue(in->cx, object);
        JS_FreeValue(in->cx, JS_GetException(in->cx));
        ngx_workers_inspect_str(in, "<Revoked Proxy>");
        return;
    }

    p = JS_VALUE_GET_PTR(object);

    for (i = 0; i < in->npath; i++) {
        if (JS_VALUE_GET_PTR(in->path[i]) == p) {
            ngx_workers_inspect_str(in, "[Circular]");
            JS_FreeValue(in->cx, object);
            return;
        }
    }

    if ((in->npath > in->depth || in->npath == NGX_WORKERS_INSPECT_DEPTH)
        && !JS_IsFunction(in->cx, object) && !JS_IsDate(object)
        && !JS_IsRegExp(object))
    {
        ngx_workers_inspect_str(in, "[");
        (void) ngx_workers_inspect_name(in, object, 1);
        ngx_workers_inspect_str(in, "]");
        JS_FreeValue(in->cx, object);
        return;
    }

    if (in->npath < NGX_WORKERS_INSPECT_DEPTH) {
        in->path[in->npath++] = object;
        ngx_workers_inspect_by_class(in, object);
        in->npath--;
    }

    JS_FreeValue(in->cx, object);
}


static void
ngx_workers_inspect_by_class(ngx_workers_inspect_t *in, JSValueConst v)
{
    JSValue  text;

    if (JS_IsFunction(in->cx, v)) {
        ngx_workers_inspect_function(in, v);
        return;
    }

    if (JS_IsArray(v)) {
        ngx_workers_inspect_array(in, v, 0);
        return;
    }

    if (JS_IsError(v)) {
        ngx_workers_inspect_error(in, v);
        return;
    }

    if (JS_GetTypedArrayType(v) >= 0) {
        ngx_workers_inspect_array(in, v, 1);
        return;
    }

    if (JS_IsMap(v)) {
        ngx_workers_inspect_collection(in, v, "entries", 1);
        return;
    }

    if (JS_IsSet(v)) {
        ngx_workers_inspect_collection(in, v, "values", 0);
        return;
    }

    if (JS_IsPromise(v)) {
        ngx_workers_inspect_promise(in, v);
        return;
    }

    if (JS_IsDate(v) || JS_IsRegExp(v)) {
        text = ngx_workers_inspect_call(in, v, JS_IsDate(v) ? "toISOString"
                                                            : "toString");

        if (JS_IsException(text)) {
            JS_FreeValue(in->cx, JS_GetException(in->cx));
            ngx_workers_inspect_str(in, "Invalid Date");

        } else {
            ngx_workers_inspect(in, text, 1);
        }

        JS_FreeValue(in->cx, text);
        return;
    }

    ngx_workers_inspect_native(in, v);
}


/* Classes that the engine tells by name only, and plain objects. */

static void
ngx_workers_inspect_native(ngx_workers_inspect_t *in, JSValueConst v)
{
    size_t        size;
    JSAtom        atom;
    JSClassID     id;
    ngx_uint_t    n;
    const char   *name;

    id = JS_GetClassID(v);

    if (id > ngx_workers_class_by_name(in->cx, "DOMException")) {
        ngx_workers_inspect_host(in, v, id);
        return;
    }

    atom = JS_GetClassName(JS_GetRuntime(in->cx), id);
    name = JS_AtomToCString(in->cx, atom);
    JS_FreeAtom(in->cx, atom);

    if (name == NULL) {
        ngx_workers_inspect_catch(in);
        return;
    }

    n = 0;

    if (ngx_strcmp(name, "DOMException") == 0) {
        ngx_workers_inspect_error(in, v);
        goto done;
    }

    if (ngx_strcmp(name, "Number") == 0 || ngx_strcmp(name, "String") == 0
        || ngx_strcmp(name, "Boolean") == 0 || ngx_strcmp(name, "BigInt") == 0
        || ngx_strcmp(name, "Symbol") == 0)
    {
        ngx_workers_inspect_printf(in, "[%s: ", name);
        ngx_workers_inspect_boxed(in, v);
        ngx_workers_inspect_str(in, "]");
        goto done;
    }

    if (JS_IsArrayBuffer(v)) {

        if (JS_GetArrayBuffer(in->cx, &size, v) == NULL
            && JS_HasException(in->cx))
        {
            JS_FreeValue(in->cx, JS_GetException(in->cx));
            size = 0;
        }

        ngx_workers_inspect_printf(in, "%s { byteLength: %uz", name, size);
        n = 1;

    } else if (JS_IsWeakMap(v) || JS_IsWeakSet(v)) {
        ngx_workers_inspect_printf(in, "%s { <items unknown>", name);
        n = 1;

    } else {
        if (ngx_workers_inspect_name(in, v, 0)) {
            ngx_workers_inspect_str(in, " ");
        }

        ngx_workers_inspect_str(in, "{");
    }

    n = ngx_workers_inspect_properties(in, v, n, 1);

    ngx_workers_inspect_close(in, n);

done:

    JS_FreeCString(in->cx, name);
}


static void
ngx_workers_inspect_boxed(ngx_workers_inspect_t *in, JSValueConst v)
{
    JSValue  value;

    value = ngx_workers_inspect_call(in, v, "valueOf");

    if (JS_IsException(value)) {
        ngx_workers_inspect_catch(in);

    } else if (!JS_IsObject(value)) {
        ngx_workers_inspect(in, value, 0);
    }

    JS_FreeValue(in->cx, value);
}


/*
 * Objects of our own classes: the entries of one that has such a method, or
 * the attributes of its prototype.
 */

static void
ngx_workers_inspect_host(ngx_workers_inspect_t *in, JSValueConst v,
    JSClassID id)
{
    JSValue     proto, entries;
    ngx_uint_t  n;

    proto = JS_GetClassProto(in->cx, id);

    entries = JS_UNDEFINED;

    if (JS_IsObject(proto)) {
        entries = ngx_workers_inspect_own(in, proto, "entries");
    }

    if (JS_IsFunction(in->cx, entries)) {
        ngx_workers_inspect_collection(in, v, "entries", 1);

    } else {
        if (ngx_workers_inspect_name(in, v, 0)) {
            ngx_workers_inspect_str(in, " ");
        }

        ngx_workers_inspect_str(in, "{");

        n = JS_IsObject(proto) ? ngx_workers_inspect_attributes(in, v, proto)
                               : 0;
        n = ngx_workers_inspect_properties(in, v, n, 1);

        ngx_workers_inspect_close(in, n);
    }

    JS_FreeValue(in->cx, entries);
    JS_FreeValue(in->cx, proto);
}


static ngx_uint_t
ngx_workers_inspect_attributes(ngx_workers_inspect_t *in, JSValueConst v,
    JSValueConst proto)
{
    JSValue                value;
    uint32_t               i, n;
    ngx_uint_t             shown;
    const char            *name;
    JSPropertyEnum        *names;
    JSPropertyDescriptor   d;

    if (JS_GetOwnPropertyNames(in->cx, &names, &n, proto,
                               JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY)
        < 0)
    {
        ngx_workers_inspect_catch(in);
        return 0;
    }

    shown = 0;

    for (i = 0; i < n && !in->full; i++) {

        if (JS_GetOwnProperty(in->cx, &d, proto, names[i].atom) <= 0) {
            continue;
        }

        name = JS_AtomToCString(in->cx, names[i].atom);

        /* these two would be made by the question */

        if (name != NULL && JS_IsFunction(in->cx, d.getter)
            && ngx_strcmp(name, "body") != 0
            && ngx_strcmp(name, "signal") != 0)
        {
            ngx_workers_inspect_printf(in, "%s%s: ", shown ? ", " : " ", name);
            shown++;

            value = JS_Call(in->cx, d.getter, v, 0, NULL);

            if (JS_IsException(value)) {
                ngx_workers_inspect_catch(in);

            } else {
                ngx_workers_inspect(in, value, 0);
            }

            JS_FreeValue(in->cx, value);
        }

        JS_FreeCString(in->cx, name);
        JS_FreeValue(in->cx, d.value);
        JS_FreeValue(in->cx, d.getter);
        JS_FreeValue(in->cx, d.setter);
    }

    JS_FreePropertyEnum(in->cx, names, n);

    return shown;
}


/*
 * Appends the name of an object's class, as its prototype's constructor has
 * it; "Object" only if plain.  0: nothing was appended.
 */

static ngx_uint_t
ngx_workers_inspect_name(ngx_workers_inspect_t *in, JSValueConst v,
    ngx_uint_t plain)
{
    size_t       len;
    JSValue      proto, next, ctor, name;
    ngx_uint_t   i, found, first;
    const char  *text;

    found = 0;
    first = 1;
    proto = JS_GetPrototype(in->cx, v);

    for (i = 0; i < 100 && JS_IsObject(proto) && !JS_IsProxy(proto); i++) {

        first = 0;
        ctor = ngx_workers_inspect_own(in, proto, "constructor");
        name = JS_IsFunction(in->cx, ctor)
               ? ngx_workers_inspect_own(in, ctor, "name") : JS_UNDEFINED;

        if (JS_IsString(name)) {
            text = JS_ToCStringLen(in->cx, &len, name);

            if (text != NULL && len != 0) {
                found = 1;

                if (plain || len != 6 || ngx_strncmp(text, "Object", 6) != 0) {
                    ngx_workers_inspect_put(in, text, len);
                    plain = 1;
                }
            }

            JS_FreeCString(in->cx, text);
        }

        JS_FreeValue(in->cx, name);
        JS_FreeValue(in->cx, ctor);

        if (found) {
            break;
        }

        next = JS_GetPrototype(in->cx, proto);
        JS_FreeValue(in->cx, proto);
        proto = next;
    }

    JS_FreeValue(in->cx, proto);

    if (found) {
        return plain;
    }

    if (first) {
        ngx_workers_inspect_str(in, "[Object: null prototype]");
        return 1;
    }

    if (plain) {
        ngx_workers_inspect_str(in, "Object");
    }

    return plain;
}


/* The value of an own data property; undefined: there is none. */

static JSValue
ngx_workers_inspect_own(ngx_workers_inspect_t *in, JSValueConst v,
    const char *name)
{
    int                   rc;
    JSAtom                atom;
    JSPropertyDescriptor  d;

    if (JS_IsProxy(v)) {
        return JS_UNDEFINED;
    }

    atom = JS_NewAtom(in->cx, name);
    rc = JS_GetOwnProperty(in->cx, &d, v, atom);
    JS_FreeAtom(in->cx, atom);

    if (rc < 0) {
        ngx_workers_inspect_catch(in);
        return JS_UNDEFINED;
    }

    if (rc == 0) {
        return JS_UNDEFINED;
    }

    if (d.flags & JS_PROP_GETSET) {
        JS_FreeValue(in->cx, d.getter);
        JS_FreeValue(in->cx, d.setter);
        return JS_UNDEFINED;
    }

    return d.value;
}


/* Calls a method of the engine's class that v has. */

static JSValue
ngx_workers_inspect_call(ngx_workers_inspect_t *in, JSValueConst v,
    const char *method)
{
    JSValue  proto, func, ret;

    proto = JS_GetClassProto(in->cx, JS_GetClassID(v));
    func = JS_GetPropertyStr(in->cx, proto, method);
    ret = JS_IsException(func) ? JS_EXCEPTION
                               : JS_Call(in->cx, func, v, 0, NULL);

    JS_FreeValue(in->cx, func);
    JS_FreeValue(in->cx, proto);

    return ret;
}


static void
ngx_workers_inspect_function(ngx_workers_inspect_t *in, JSValueConst v)
{
    int                    rc;
    JSAtom                 atom;
    JSValue                name;
    ngx_uint_t             n, class;
    JSPropertyDescriptor   d;

    /* the prototype of a class cannot be replaced, that of a function can */

    class = 0;
    atom = ngx_workers_atom(in->cx, PROTOTYPE);
    rc = JS_GetOwnProperty(in->cx, &d, v, atom);

    if (rc > 0) {
        class = !(d.flags & (JS_PROP_WRITABLE | JS_PROP_GETSET))
                && JS_IsConstructor(in->cx, v);
        JS_FreeValue(in->cx, d.value);
        JS_FreeValue(in->cx, d.getter);
        JS_FreeValue(in->cx, d.setter);
    }

    name = ngx_workers_inspect_own(in, v, "name");

    if (class) {
        ngx_workers_inspect_str(in, "[class ");

    } else if (JS_IsAsyncFunction(v)) {
        ngx_workers_inspect_str(in, "[AsyncFunction: ");

    } else {
        ngx_workers_inspect_str(in, "[Function: ");
    }

    if (JS_IsString(name)) {
        ngx_workers_inspect_value_text(in, name);
    }

    ngx_workers_inspect_str(in, "]");
    JS_FreeValue(in->cx, name);

    if (ngx_workers_inspect_empty(in, v)) {
        return;
    }

    ngx_workers_inspect_str(in, " {");
    n = ngx_workers_inspect_properties(in, v, 0, 1);
    ngx_workers_inspect_close(in, n);
}


static void
ngx_workers_inspect_error(ngx_workers_inspect_t *in, JSValueConst v)
{
    size_t       len;
    JSValue      name, message, stack, cause;
    ngx_uint_t   n;
    const char  *text, *frames;

    name = JS_GetPropertyStr(in->cx, v, "name");
    message = JS_GetPropertyStr(in->cx, v, "message");
    stack = JS_GetPropertyStr(in->cx, v, "stack");
    cause = ngx_workers_inspect_own(in, v, "cause");

    if (JS_HasException(in->cx)) {
        ngx_workers_inspect_catch(in);
    }

    if (JS_IsString(name)) {
        ngx_workers_inspect_value_text(in, name);

    } else {
        ngx_workers_inspect_str(in, "Error");
    }

    if (JS_IsString(message) && (text = JS_ToCStringLen(in->cx, &len, message))
                                != NULL)
    {
        if (len != 0) {
            ngx_workers_inspect_str(in, ": ");
            ngx_workers_inspect_put(in, text, len);
        }

        JS_FreeCString(in->cx, text);
    }

    if (JS_IsString(stack) && (text = JS_ToCStringLen(in->cx, &len, stack))
                              != NULL)
    {
        frames = ngx_workers_stack_frames(text, &len);

        if (len != 0) {
            ngx_workers_inspect_str(in, "\n");
            ngx_workers_inspect_put(in, frames, len);
        }

        JS_FreeCString(in->cx, text);
    }

    if (!JS_IsUndefined(cause) || !ngx_workers_inspect_empty(in, v)) {
        ngx_workers_inspect_str(in, " {");
        n = 0;

        if (!JS_IsUndefined(cause)) {
            ngx_workers_inspect_str(in, " [cause]: ");
            ngx_workers_inspect(in, cause, 0);
            n = 1;
        }

        n = ngx_workers_inspect_properties(in, v, n, 1);
        ngx_workers_inspect_close(in, n);
    }

    JS_FreeValue(in->cx, cause);
    JS_FreeValue(in->cx, stack);
    JS_FreeValue(in->cx, message);
    JS_FreeValue(in->cx, name);
}


static void
ngx_workers_inspect_array(ngx_workers_inspect_t *in, JSValueConst v,
    ngx_uint_t typed)
{
    int                    rc;
    JSAtom                 atom;
    int64_t                i, len, shown;
    ngx_uint_t             n, holes;
    JSPropertyDescriptor   d;

    if (JS_GetLength(in->cx, v, &len) < 0) {
        ngx_workers_inspect_catch(in);
        return;
    }

    if (typed) {
        (void) ngx_workers_inspect_name(in, v, 1);
        ngx_workers_inspect_printf(in, "(%L) ", len);
    }

    ngx_workers_inspect_str(in, "[");

    n = 0;
    holes = 0;

    shown = ngx_min(len, NGX_WORKERS_INSPECT_ITEMS);

    for (i = 0; i < shown && !in->full; i++) {

        atom = JS_NewAtomUInt32(in->cx, i);
        rc = JS_GetOwnProperty(in->cx, &d, v, atom);
        JS_FreeAtom(in->cx, atom);

        if (rc < 0) {
            ngx_workers_inspect_catch(in);
            break;
        }

        if (rc == 0) {
            holes++;
            continue;
        }

        ngx_workers_inspect_holes(in, &n, &holes);
        ngx_workers_inspect_put(in, n ? ", " : " ", n ? 2 : 1);
        n++;

        ngx_workers_inspect_descriptor(in, &d);
    }

    ngx_workers_inspect_holes(in, &n, &holes);

    if (len > i) {
        ngx_workers_inspect_printf(in, "%s... %L more item%s", n ? ", " : " ",
                                   len - i, (len - i == 1) ? "" : "s");
        n++;
    }

    if (!typed && len <= NGX_WORKERS_INSPECT_ITEMS) {
        n = ngx_workers_inspect_properties(in, v, n, 0);
    }

    ngx_workers_inspect_put(in, n ? " ]" : "]", n ? 2 : 1);
}


static void
ngx_workers_inspect_holes(ngx_workers_inspect_t *in, ngx_uint_t *n,
    ngx_uint_t *holes)
{
    if (*holes == 0) {
        return;
    }

    ngx_workers_inspect_printf(in, "%s<%ui empty item%s>", *n ? ", " : " ",
                               *holes, (*holes == 1) ? "" : "s");
    (*n)++;
    *holes = 0;
}


/* Map, Set, and our classes that have entries. */

static void
ngx_workers_inspect_collection(ngx_workers_inspect_t *in, JSValueConst v,
    const char *method, ngx_uint_t pairs)
{
    int         done;
    int64_t     size;
    JSValue     iterator, next, result, value;
    ngx_uint_t  n;

    (void) ngx_workers_inspect_name(in, v, 1);

    if (JS_IsMap(v) || JS_IsSet(v)) {
        value = JS_GetPropertyStr(in->cx, v, "size");

        if (JS_IsNumber(value) && JS_ToInt64(in->cx, &size, value) == 0) {
            ngx_workers_inspect_printf(in, "(%L)", size);
        }

        JS_FreeValue(in->cx, value);
    }

    ngx_workers_inspect_str(in, " {");

    n = 0;
    next = JS_UNDEFINED;
    iterator = ngx_workers_inspect_call(in, v, method);

    if (!JS_IsException(iterator)) {
        next = JS_GetPropertyStr(in->cx, iterator, "next");
    }

    while (!JS_HasException(in->cx) && !in->full) {

        result = JS_Call(in->cx, next, iterator, 0, NULL);
        if (JS_IsException(result)) {
            break;
        }

        value = JS_GetPropertyStr(in->cx, result, "done");
        done = JS_ToBool(in->cx, value);
        JS_FreeValue(in->cx, value);

        if (done != 0) {
            JS_FreeValue(in->cx, result);
            break;
        }

        if (n == NGX_WORKERS_INSPECT_ITEMS) {
            ngx_workers_inspect_str(in, ", ... more items");
            JS_FreeValue(in->cx, result);
            break;
        }

        value = JS_GetPropertyStr(in->cx, result, "value");
        JS_FreeValue(in->cx, result);

        ngx_workers_inspect_put(in, n ? ", " : " ", n ? 2 : 1);
        n++;

        if (pairs) {
            ngx_workers_inspect_pair(in, value);

        } else {
            ngx_workers_inspect(in, value, 0);
        }

        JS_FreeValue(in->cx, value);
    }

    if (JS_HasException(in->cx) && !in->fatal) {
        ngx_workers_inspect_catch(in);
    }

    JS_FreeValue(in->cx, next);
    JS_FreeValue(in->cx, iterator);

    n = ngx_workers_inspect_properties(in, v, n, 1);
    ngx_workers_inspect_close(in, n);
}


static void
ngx_workers_inspect_pair(ngx_workers_inspect_t *in, JSValueConst pair)
{
    JSValue  item;

    item = ngx_workers_inspect_own(in, pair, "0");
    ngx_workers_inspect(in, item, 0);
    JS_FreeValue(in->cx, item);

    ngx_workers_inspect_str(in, " => ");

    item = ngx_workers_inspect_own(in, pair, "1");
    ngx_workers_inspect(in, item, 0);
    JS_FreeValue(in->cx, item);
}


static void
ngx_workers_inspect_promise(ngx_workers_inspect_t *in, JSValueConst v)
{
    JSValue             result;
    JSPromiseStateEnum  state;

    (void) ngx_workers_inspect_name(in, v, 1);

    state = JS_PromiseState(in->cx, v);

    if (state == JS_PROMISE_PENDING) {
        ngx_workers_inspect_str(in, " { <pending> }");
        return;
    }

    ngx_workers_inspect_str(in, " { ");

    if (state == JS_PROMISE_REJECTED) {
        ngx_workers_inspect_str(in, "<rejected> ");
    }

    result = JS_PromiseResult(in->cx, v);
    ngx_workers_inspect(in, result, 0);
    JS_FreeValue(in->cx, result);

    ngx_workers_inspect_str(in, " }");
}


/*
 * Appends own enumerable properties after n elements that are there already;
 * of an array, those which are no elements.  Returns how many there are now.
 */

static ngx_uint_t
ngx_workers_inspect_properties(ngx_workers_inspect_t *in, JSValueConst v,
    ngx_uint_t n, ngx_uint_t elements)
{
    int                    rc;
    uint32_t               i, len;
    ngx_uint_t             env;
    JSPropertyEnum        *names;
    JSPropertyDescriptor   d;

    if (in->full) {
        return n;
    }

    if (JS_GetOwnPropertyNames(in->cx, &names, &len, v,
                               JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK
                               | JS_GPN_ENUM_ONLY)
        < 0)
    {
        ngx_workers_inspect_catch(in);
        return n;
    }

    env = JS_IsStrictEqual(in->cx, v, ngx_workers_isolate(in->cx)->env);

    for (i = 0; i < len && !in->full; i++) {

        if (!elements && ngx_workers_inspect_is_index(in, names[i].atom)) {
            continue;
        }

        rc = JS_GetOwnProperty(in->cx, &d, v, names[i].atom);

        if (rc < 0) {
            ngx_workers_inspect_catch(in);
            break;
        }

        if (rc == 0) {
            continue;
        }

        ngx_workers_inspect_put(in, n ? ", " : " ", n ? 2 : 1);
        n++;

        ngx_workers_inspect_key(in, names[i].atom);
        ngx_workers_inspect_str(in, ": ");

        if (env && ngx_workers_inspect_is_secret(in, names[i].atom)) {
            ngx_workers_inspect_str(in, "[secret]");
            JS_FreeValue(in->cx, d.value);
            JS_FreeValue(in->cx, d.getter);
            JS_FreeValue(in->cx, d.setter);

        } else {
            ngx_workers_inspect_descriptor(in, &d);
        }
    }

    JS_FreePropertyEnum(in->cx, names, len);

    return n;
}


/* The value of a property; frees what the descriptor holds. */

static void
ngx_workers_inspect_descriptor(ngx_workers_inspect_t *in,
    JSPropertyDescriptor *d)
{
    if (!(d->flags & JS_PROP_GETSET)) {
        ngx_workers_inspect(in, d->value, 0);

    } else if (JS_IsUndefined(d->setter)) {
        ngx_workers_inspect_str(in, "[Getter]");

    } else if (JS_IsUndefined(d->getter)) {
        ngx_workers_inspect_str(in, "[Setter]");

    } else {
        ngx_workers_inspect_str(in, "[Getter/Setter]");
    }

    JS_FreeValue(in->cx, d->value);
    JS_FreeValue(in->cx, d->getter);
    JS_FreeValue(in->cx, d->setter);
}


static void
ngx_workers_inspect_close(ngx_workers_inspect_t *in, ngx_uint_t n)
{
    ngx_workers_inspect_put(in, n ? " }" : "}", n ? 2 : 1);
}


/* Whether an object has no own enumerable properties. */

static ngx_uint_t
ngx_workers_inspect_empty(ngx_workers_inspect_t *in, JSValueConst v)
{
    uint32_t         n;
    JSPropertyEnum  *names;

    if (JS_GetOwnPropertyNames(in->cx, &names, &n, v,
                               JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK
                               | JS_GPN_ENUM_ONLY)
        < 0)
    {
        ngx_workers_inspect_catch(in);
        return 1;
    }

    JS_FreePropertyEnum(in->cx, names, n);

    return n == 0;
}


static void
ngx_workers_inspect_key(ngx_workers_inspect_t *in, JSAtom atom)
{
    size_t       i, len;
    JSValue      key;
    const char  *text;

    key = JS_AtomToValue(in->cx, atom);

    if (JS_IsSymbol(key)) {
        ngx_workers_inspect_str(in, "[");
        ngx_workers_inspect_symbol(in, key);
        ngx_workers_inspect_str(in, "]");
        JS_FreeValue(in->cx, key);
        return;
    }

    text = JS_ToCStringLen(in->cx, &len, key);

    if (text == NULL) {
        ngx_workers_inspect_catch(in);
        JS_FreeValue(in->cx, key);
        return;
    }

    for (i = 0; i < len; i++) {
        if (!((text[i] >= 'a' && text[i] <= 'z')
              || (text[i] >= 'A' && text[i] <= 'Z')
              || (text[i] >= '0' && text[i] <= '9')
              || text[i] == '_' || text[i] == '$'))
        {
            break;
        }
    }

    if (len != 0 && i == len) {
        ngx_workers_inspect_put(in, text, len);

    } else {
        ngx_workers_inspect_quoted(in, key);
    }

    JS_FreeCString(in->cx, text);
    JS_FreeValue(in->cx, key);
}


static ngx_uint_t
ngx_workers_inspect_is_index(ngx_workers_inspect_t *in, JSAtom atom)
{
    size_t       i, len;
    ngx_uint_t   yes;
    const char  *text;

    text = JS_AtomToCStringLen(in->cx, &len, atom);

    if (text == NULL) {
        ngx_workers_inspect_catch(in);
        return 1;
    }

    yes = (len != 0);

    for (i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            yes = 0;
        }
    }

    JS_FreeCString(in->cx, text);

    return yes;
}


static ngx_uint_t
ngx_workers_inspect_is_secret(ngx_workers_inspect_t *in, JSAtom atom)
{
    size_t       len;
    ngx_str_t   *secret;
    ngx_uint_t   yes;
    const char  *text;

    secret = ngx_workers_isolate(in->cx)->secret_names;
    if (secret == NULL) {
        return 0;
    }

    text = JS_AtomToCStringLen(in->cx, &len, atom);

    if (text == NULL) {
        ngx_workers_inspect_catch(in);
        return 1;
    }

    yes = 0;

    for ( /* void */ ; secret->len != 0; secret++) {
        if (secret->len == len && ngx_memcmp(secret->data, text, len) == 0) {
            yes = 1;
            break;
        }
    }

    JS_FreeCString(in->cx, text);

    return yes;
}
