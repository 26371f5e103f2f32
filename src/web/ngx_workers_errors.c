
/*
 * Copyright (C) the nginx-workers authors
 *
 * Error objects as programs know them from the platform's engine.  A stack
 * begins with the error's name and message, and is a property of its own
 * which is not enumerable: the engine keeps it aside, behind an accessor of
 * Error.prototype.  It becomes a property when the first one asks for the
 * error's own properties.
 */


#include "ngx_workers_globals.h"


#define NGX_WORKERS_ERRORS_HIDDEN  (JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)


typedef struct {
    const char  *object;
    const char  *name;
    int          length;
} ngx_workers_errors_method_t;


enum {
    NGX_WORKERS_CALL_SITE_UNDEFINED = 0,
    NGX_WORKERS_CALL_SITE_NULL,
    NGX_WORKERS_CALL_SITE_FALSE,
    NGX_WORKERS_CALL_SITE_TRUE
};


static ngx_int_t ngx_workers_errors_init(JSContext *cx, JSValueConst global);
static ngx_int_t ngx_workers_errors_stack(JSContext *cx, JSValueConst ctor);
static ngx_int_t ngx_workers_errors_wrap(JSContext *cx, JSValueConst object,
    const char *name, int length, JSCFunctionData *func);
static JSValue ngx_workers_errors_ext_get_stack(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_errors_ext_set_stack(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_errors_ext_capture(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_errors_ext_own(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data);
static JSValue ngx_workers_errors_ext_call_site(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static JSValue ngx_workers_errors_ext_call_site_file(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_errors_ext_call_site_text(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_errors_call(JSContext *cx, JSValueConst object,
    const char *method);
static JSValue ngx_workers_errors_with_header(JSContext *cx,
    JSValueConst error, JSValueConst stack);
static JSValue ngx_workers_errors_text(JSContext *cx, JSValueConst error,
    const char *name);
static ngx_int_t ngx_workers_errors_own_stack(JSContext *cx,
    JSValueConst error);


/* What a call site of the engine lacks: answers that are the same for all. */
static const JSCFunctionListEntry  ngx_workers_errors_call_site[] = {
    JS_CFUNC_MAGIC_DEF("getTypeName", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_NULL),
    JS_CFUNC_MAGIC_DEF("getMethodName", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_NULL),
    JS_CFUNC_MAGIC_DEF("getPromiseIndex", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_NULL),
    JS_CFUNC_MAGIC_DEF("getThis", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_UNDEFINED),
    JS_CFUNC_MAGIC_DEF("getEvalOrigin", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_UNDEFINED),
    JS_CFUNC_MAGIC_DEF("isToplevel", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_TRUE),
    JS_CFUNC_MAGIC_DEF("isEval", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_FALSE),
    JS_CFUNC_MAGIC_DEF("isAsync", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_FALSE),
    JS_CFUNC_MAGIC_DEF("isPromiseAll", 0, ngx_workers_errors_ext_call_site,
                       NGX_WORKERS_CALL_SITE_FALSE),
    JS_CFUNC_DEF("getScriptNameOrSourceURL", 0,
                 ngx_workers_errors_ext_call_site_file),
    JS_CFUNC_DEF("toString", 0, ngx_workers_errors_ext_call_site_text),
};


/* What tells an object's own properties, and may be asked about an error. */
static const ngx_workers_errors_method_t  ngx_workers_errors_methods[] = {
    { "Object", "getOwnPropertyNames", 1 },
    { "Object", "getOwnPropertyDescriptor", 2 },
    { "Object", "getOwnPropertyDescriptors", 1 },
    { "Reflect", "ownKeys", 1 },
    { "Reflect", "getOwnPropertyDescriptor", 2 }
};


ngx_workers_web_t  ngx_workers_errors_web = {
    NULL,
    NULL,
    ngx_workers_errors_init
};


static ngx_int_t
ngx_workers_errors_init(JSContext *cx, JSValueConst global)
{
    JSValue                             object;
    ngx_int_t                           rc;
    ngx_uint_t                          i;
    const ngx_workers_errors_method_t  *m;

    object = JS_GetPropertyStr(cx, global, "Error");
    if (JS_IsException(object)) {
        return NGX_ERROR;
    }

    rc = ngx_workers_errors_stack(cx, object);

    if (rc == NGX_OK) {
        rc = ngx_workers_errors_wrap(cx, object, "captureStackTrace", 2,
                                     ngx_workers_errors_ext_capture);
    }

    JS_FreeValue(cx, object);

    for (i = 0;
         rc == NGX_OK && i < ngx_workers_nitems(ngx_workers_errors_methods);
         i++)
    {
        m = &ngx_workers_errors_methods[i];

        object = JS_GetPropertyStr(cx, global, m->object);
        if (JS_IsException(object)) {
            return NGX_ERROR;
        }

        rc = ngx_workers_errors_wrap(cx, object, m->name, m->length,
                                     ngx_workers_errors_ext_own);
        JS_FreeValue(cx, object);
    }

    if (rc == NGX_OK) {
        object = JS_GetClassProto(cx, ngx_workers_class_by_name(cx,
                                                                "CallSite"));

        if (!JS_IsObject(object)
            || JS_SetPropertyFunctionList(cx, object,
                             ngx_workers_errors_call_site,
                             ngx_workers_nitems(ngx_workers_errors_call_site))
               < 0)
        {
            rc = NGX_ERROR;
        }

        JS_FreeValue(cx, object);
    }

    return rc;
}


/* Puts an accessor around the engine's, which knows the frames. */

static ngx_int_t
ngx_workers_errors_stack(JSContext *cx, JSValueConst ctor)
{
    int                   rc;
    JSAtom                atom;
    JSValue               proto, get, set;
    JSPropertyDescriptor  d;

    proto = JS_GetProperty(cx, ctor, ngx_workers_atom(cx, PROTOTYPE));
    if (JS_IsException(proto)) {
        return NGX_ERROR;
    }

    rc = -1;
    atom = JS_NewAtom(cx, "stack");

    if (atom == JS_ATOM_NULL || JS_GetOwnProperty(cx, &d, proto, atom) <= 0) {
        goto done;
    }

    get = JS_NewCFunctionData2(cx, ngx_workers_errors_ext_get_stack, "stack",
                               0, 0, 1, (JSValueConst *) &d.getter);
    set = JS_NewCFunction(cx, ngx_workers_errors_ext_set_stack, "stack", 1);

    JS_FreeValue(cx, d.getter);
    JS_FreeValue(cx, d.setter);
    JS_FreeValue(cx, d.value);

    if (JS_IsException(get) || JS_IsException(set)) {
        JS_FreeValue(cx, get);
        JS_FreeValue(cx, set);
        goto done;
    }

    rc = JS_DefinePropertyGetSet(cx, proto, atom, get, set,
                                 JS_PROP_CONFIGURABLE);

done:

    JS_FreeAtom(cx, atom);
    JS_FreeValue(cx, proto);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


/* object[name] = a function that has what was there as data[0] */

static ngx_int_t
ngx_workers_errors_wrap(JSContext *cx, JSValueConst object, const char *name,
    int length, JSCFunctionData *func)
{
    JSValue  engine, own;

    engine = JS_GetPropertyStr(cx, object, name);
    if (JS_IsException(engine)) {
        return NGX_ERROR;
    }

    own = JS_NewCFunctionData2(cx, func, name, length, 0, 1,
                               (JSValueConst *) &engine);
    JS_FreeValue(cx, engine);

    if (JS_IsException(own)
        || JS_DefinePropertyValueStr(cx, object, name, own,
                                     NGX_WORKERS_ERRORS_HIDDEN)
           < 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static JSValue
ngx_workers_errors_ext_get_stack(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data)
{
    JSValue  stack, text;

    stack = JS_Call(cx, data[0], this_val, 0, NULL);

    if (!JS_IsString(stack)) {
        return stack;
    }

    text = ngx_workers_errors_with_header(cx, this_val, stack);
    JS_FreeValue(cx, stack);

    return text;
}


static JSValue
ngx_workers_errors_ext_set_stack(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    if (!JS_IsObject(this_val)) {
        return JS_ThrowTypeError(cx, "not an object");
    }

    if (JS_DefinePropertyValueStr(cx, this_val, "stack",
                                  JS_DupValue(cx, argv[0]),
                                  NGX_WORKERS_ERRORS_HIDDEN | JS_PROP_THROW)
        < 0)
    {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


/* The engine has made the stack a property, without a header. */

static JSValue
ngx_workers_errors_ext_capture(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    JSValue       ret, stack, text, self;
    JSValueConst  args[2];

    if (argc < 1 || !JS_IsObject(argv[0])) {
        return JS_ThrowTypeError(cx, "Invalid argument");
    }

    /* without a function to start below, it is this one */

    self = JS_UNDEFINED;
    args[0] = argv[0];

    if (argc > 1 && JS_IsFunction(cx, argv[1])) {
        args[1] = argv[1];

    } else {
        if (JS_IsObject(this_val)) {
            self = JS_GetPropertyStr(cx, this_val, "captureStackTrace");
            if (JS_IsException(self)) {
                return JS_EXCEPTION;
            }
        }

        args[1] = self;
    }

    ret = JS_Call(cx, data[0], this_val, 2, args);
    JS_FreeValue(cx, self);

    if (JS_IsException(ret)) {
        return JS_EXCEPTION;
    }

    stack = JS_GetPropertyStr(cx, argv[0], "stack");

    if (!JS_IsString(stack)) {
        JS_FreeValue(cx, stack);
        return JS_IsException(stack) ? JS_EXCEPTION : ret;
    }

    text = ngx_workers_errors_with_header(cx, argv[0], stack);
    JS_FreeValue(cx, stack);

    if (JS_IsException(text)
        || JS_DefinePropertyValueStr(cx, argv[0], "stack", text,
                                     NGX_WORKERS_ERRORS_HIDDEN)
           < 0)
    {
        return JS_EXCEPTION;
    }

    return ret;
}


/*
 * Adds the name and the message to frames.  The name is that of the class: it
 * was made before a constructor could give the error another one.  What
 * Error.prepareStackTrace() has made of frames stays as it is.
 */

static JSValue
ngx_workers_errors_with_header(JSContext *cx, JSValueConst error,
    JSValueConst stack)
{
    size_t       len;
    u_char      *p, *text;
    JSValue      name, message, ret;
    const char  *frames, *n, *m;

    frames = JS_ToCStringLen(cx, &len, stack);
    if (frames == NULL) {
        return JS_EXCEPTION;
    }

    if (len != 0 && ngx_strncmp(frames, "    at ", 7) != 0) {
        JS_FreeCString(cx, frames);
        return JS_DupValue(cx, stack);
    }

    if (len != 0 && frames[len - 1] == '\n') {
        len--;
    }

    n = NULL;
    m = NULL;
    ret = JS_EXCEPTION;
    message = JS_UNDEFINED;

    name = ngx_workers_errors_text(cx, error, "name");
    if (JS_IsException(name)) {
        goto done;
    }

    message = ngx_workers_errors_text(cx, error, "message");
    if (JS_IsException(message)) {
        goto done;
    }

    n = JS_IsUndefined(name) ? NULL : JS_ToCString(cx, name);
    m = JS_IsUndefined(message) ? NULL : JS_ToCString(cx, message);

    text = js_malloc(cx, (n ? ngx_strlen(n) : 5) + (m ? ngx_strlen(m) : 0)
                         + len + 3);
    if (text == NULL) {
        goto done;
    }

    p = ngx_sprintf(text, "%s", n ? n : "Error");

    if (m != NULL && *m != '\0') {
        p = ngx_sprintf(p, "%s%s", (p == text) ? "" : ": ", m);
    }

    if (len != 0) {
        *p++ = '\n';
        p = ngx_cpymem(p, frames, len);
    }

    ret = JS_NewStringLen(cx, (char *) text, p - text);
    js_free(cx, text);

done:

    if (n != NULL) {
        JS_FreeCString(cx, n);
    }

    if (m != NULL) {
        JS_FreeCString(cx, m);
    }

    JS_FreeValue(cx, name);
    JS_FreeValue(cx, message);
    JS_FreeCString(cx, frames);

    return ret;
}


/*
 * A string, or undefined.  Asking must not fail: an error of a broken class
 * has a stack nevertheless.
 */

static JSValue
ngx_workers_errors_text(JSContext *cx, JSValueConst error, const char *name)
{
    int       own;
    JSAtom    atom;
    JSValue   value, from, text;

    atom = JS_NewAtom(cx, name);
    if (atom == JS_ATOM_NULL) {
        return JS_EXCEPTION;
    }

    own = 0;

    if (*name == 'n' && JS_IsError(error)) {
        own = JS_GetOwnProperty(cx, NULL, error, atom);
    }

    from = (own > 0) ? JS_GetPrototype(cx, error) : JS_DupValue(cx, error);
    value = JS_IsObject(from) ? JS_GetProperty(cx, from, atom) : JS_UNDEFINED;

    JS_FreeValue(cx, from);
    JS_FreeAtom(cx, atom);

    if (JS_IsUndefined(value)) {
        return JS_UNDEFINED;
    }

    text = JS_IsException(value) ? JS_EXCEPTION : JS_ToString(cx, value);
    JS_FreeValue(cx, value);

    if (JS_IsException(text)) {
        value = JS_GetException(cx);

        if (JS_IsUncatchableError(value)) {
            return JS_Throw(cx, value);
        }

        JS_FreeValue(cx, value);
        return JS_UNDEFINED;
    }

    return text;
}


static JSValue
ngx_workers_errors_ext_own(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    if (JS_IsError(argv[0]) && ngx_workers_errors_own_stack(cx, argv[0])
                               != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    return JS_Call(cx, data[0], this_val, argc, argv);
}


/*
 * Makes the stack the first own property of an error: the others are taken
 * away and put back.  An error that cannot be changed stays as it is.
 */

static ngx_int_t
ngx_workers_errors_own_stack(JSContext *cx, JSValueConst error)
{
    int                    rc;
    JSAtom                 atom;
    JSValue                stack;
    uint32_t               i, n;
    JSPropertyEnum        *names;
    JSPropertyDescriptor   d;

    atom = JS_NewAtom(cx, "stack");
    if (atom == JS_ATOM_NULL) {
        return NGX_ERROR;
    }

    rc = JS_GetOwnProperty(cx, NULL, error, atom);

    if (rc == 0) {
        rc = JS_IsExtensible(cx, error) ? 0 : 1;
    }

    if (rc != 0) {
        JS_FreeAtom(cx, atom);
        return (rc < 0) ? NGX_ERROR : NGX_OK;
    }

    stack = JS_GetProperty(cx, error, atom);

    if (JS_IsException(stack)
        || JS_GetOwnPropertyNames(cx, &names, &n, error,
                                  JS_GPN_STRING_MASK|JS_GPN_SYMBOL_MASK)
           < 0)
    {
        JS_FreeValue(cx, stack);
        JS_FreeAtom(cx, atom);
        return NGX_ERROR;
    }

    rc = 0;

    if (!JS_IsUndefined(stack)) {
        rc = JS_DefinePropertyValue(cx, error, atom, stack,
                                    NGX_WORKERS_ERRORS_HIDDEN);
    }

    for (i = 0; i < n && rc >= 0; i++) {

        rc = JS_GetOwnProperty(cx, &d, error, names[i].atom);
        if (rc <= 0) {
            continue;
        }

        if (d.flags & JS_PROP_CONFIGURABLE) {
            rc = JS_DeleteProperty(cx, error, names[i].atom, 0);

            if (rc >= 0) {
                rc = JS_DefineProperty(cx, error, names[i].atom, d.value,
                                       d.getter, d.setter,
                                       d.flags | JS_PROP_HAS_CONFIGURABLE
                                       | JS_PROP_HAS_ENUMERABLE
                                       | ((d.flags & JS_PROP_GETSET)
                                          ? JS_PROP_HAS_GET | JS_PROP_HAS_SET
                                          : JS_PROP_HAS_VALUE
                                            | JS_PROP_HAS_WRITABLE));
            }
        }

        JS_FreeValue(cx, d.value);
        JS_FreeValue(cx, d.getter);
        JS_FreeValue(cx, d.setter);
    }

    JS_FreePropertyEnum(cx, names, n);
    JS_FreeAtom(cx, atom);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


static JSValue
ngx_workers_errors_ext_call_site(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic)
{
    switch (magic) {

    case NGX_WORKERS_CALL_SITE_UNDEFINED:
        return JS_UNDEFINED;

    case NGX_WORKERS_CALL_SITE_NULL:
        return JS_NULL;

    default:
        return JS_NewBool(cx, magic == NGX_WORKERS_CALL_SITE_TRUE);
    }
}


static JSValue
ngx_workers_errors_ext_call_site_file(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    return ngx_workers_errors_call(cx, this_val, "getFileName");
}


/* "name (file:line:column)", as a line of a stack has it */

static JSValue
ngx_workers_errors_ext_call_site_text(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    size_t       size;
    u_char      *text, *p;
    JSValue      value, ret;
    ngx_uint_t   i, named;
    const char  *parts[4];

    static const char  *const  methods[] = {
        "getFunctionName", "getFileName", "getLineNumber", "getColumnNumber"
    };

    named = 0;
    ret = JS_EXCEPTION;
    size = sizeof(" (::)");

    for (i = 0; i < ngx_workers_nitems(methods); i++) {
        value = ngx_workers_errors_call(cx, this_val, methods[i]);

        named |= (i == 0 && JS_IsString(value));
        parts[i] = JS_IsException(value) ? NULL : JS_ToCString(cx, value);
        JS_FreeValue(cx, value);

        if (parts[i] == NULL) {
            goto done;
        }

        size += ngx_strlen(parts[i]);
    }

    text = js_malloc(cx, size);
    if (text == NULL) {
        goto done;
    }

    if (named) {
        p = ngx_sprintf(text, "%s (%s:%s:%s)", parts[0], parts[1], parts[2],
                        parts[3]);

    } else {
        p = ngx_sprintf(text, "%s:%s:%s", parts[1], parts[2], parts[3]);
    }

    ret = JS_NewStringLen(cx, (char *) text, p - text);
    js_free(cx, text);

done:

    while (i-- > 0) {
        JS_FreeCString(cx, parts[i]);
    }

    return ret;
}


static JSValue
ngx_workers_errors_call(JSContext *cx, JSValueConst object, const char *method)
{
    JSAtom   atom;
    JSValue  ret;

    atom = JS_NewAtom(cx, method);
    if (atom == JS_ATOM_NULL) {
        return JS_EXCEPTION;
    }

    ret = JS_Invoke(cx, object, atom, 0, NULL);
    JS_FreeAtom(cx, atom);

    return ret;
}
