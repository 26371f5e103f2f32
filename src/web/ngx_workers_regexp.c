
/*
 * Copyright (C) the nginx-workers authors
 *
 * RegExp with the flag "v".  The engine (QuickJS-NG 0.17) applies the rules
 * for characters in classes to the whole of such a pattern, and refuses
 * new RegExp("a-b", "v").  A pattern that it refuses is tried once more with
 * these characters escaped.  A literal stays refused.
 */


#include "ngx_workers_globals.h"


#define NGX_WORKERS_REGEXP_LENGTH  2       /* RegExp.length */


static ngx_int_t ngx_workers_regexp_init(JSContext *cx, JSValueConst global);
static ngx_int_t ngx_workers_regexp_copy(JSContext *cx, JSValueConst to,
    JSValueConst from);
static JSValue ngx_workers_regexp_construct(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static JSValue ngx_workers_regexp_own(JSContext *cx, JSValueConst pattern);
static ngx_uint_t ngx_workers_regexp_is_v(JSContext *cx, int argc,
    JSValueConst *argv);
static JSValue ngx_workers_regexp_again(JSContext *cx, JSValueConst new_target,
    JSValueConst *argv);
static JSValue ngx_workers_regexp_source(JSContext *cx, JSValueConst pattern);
static u_char *ngx_workers_regexp_escape(u_char *d, u_char *p, u_char *last);
static u_char *ngx_workers_regexp_group(u_char *p, u_char *last);


ngx_workers_web_t  ngx_workers_regexp_web = {
    .init = ngx_workers_regexp_init,
};


static ngx_int_t
ngx_workers_regexp_init(JSContext *cx, JSValueConst global)
{
    JSValue                 proto;
    ngx_int_t               rc;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    iso->regexp_base = JS_GetPropertyStr(cx, global, "RegExp");
    if (JS_IsException(iso->regexp_base)) {
        return NGX_ERROR;
    }

    proto = JS_GetPropertyStr(cx, iso->regexp_base, "prototype");
    if (JS_IsException(proto)) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    iso->regexp = JS_NewCFunction2(cx, ngx_workers_regexp_construct, "RegExp",
                                   NGX_WORKERS_REGEXP_LENGTH,
                                   JS_CFUNC_constructor_or_func, 0);

    if (!JS_IsException(iso->regexp)
        && JS_SetConstructor(cx, iso->regexp, proto) == 0
        && ngx_workers_regexp_copy(cx, iso->regexp, iso->regexp_base) == NGX_OK
        && JS_DefinePropertyValueStr(cx, global, "RegExp",
                                     JS_DupValue(cx, iso->regexp),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE)
           >= 0)
    {
        rc = NGX_OK;
    }

    JS_FreeValue(cx, proto);

    return rc;
}


/* The members of the constructor but those that each function has. */

static ngx_int_t
ngx_workers_regexp_copy(JSContext *cx, JSValueConst to, JSValueConst from)
{
    int                    rc;
    uint32_t               i, n;
    JSPropertyEnum        *tab;
    JSPropertyDescriptor   desc;

    if (JS_GetOwnPropertyNames(cx, &tab, &n, from,
                               JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK)
        < 0)
    {
        return NGX_ERROR;
    }

    rc = 0;

    for (i = 0; i < n && rc >= 0; i++) {

        if (JS_GetOwnProperty(cx, NULL, to, tab[i].atom) > 0) {
            continue;
        }

        rc = JS_GetOwnProperty(cx, &desc, from, tab[i].atom);
        if (rc <= 0) {
            continue;
        }

        rc = JS_DefineProperty(cx, to, tab[i].atom, desc.value, desc.getter,
                               desc.setter,
                               desc.flags | JS_PROP_HAS_CONFIGURABLE
                               | JS_PROP_HAS_ENUMERABLE
                               | ((desc.flags & JS_PROP_GETSET)
                                  ? JS_PROP_HAS_GET | JS_PROP_HAS_SET
                                  : JS_PROP_HAS_VALUE | JS_PROP_HAS_WRITABLE));

        JS_FreeValue(cx, desc.value);
        JS_FreeValue(cx, desc.getter);
        JS_FreeValue(cx, desc.setter);
    }

    JS_FreePropertyEnum(cx, tab, n);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


static JSValue
ngx_workers_regexp_construct(JSContext *cx, JSValueConst new_target, int argc,
    JSValueConst *argv)
{
    JSValue       value;
    JSValueConst  base;

    base = ngx_workers_isolate(cx)->regexp_base;

    if (JS_IsUndefined(new_target)) {

        if (argc > 0 && (argc < 2 || JS_IsUndefined(argv[1]))) {
            value = ngx_workers_regexp_own(cx, argv[0]);

            if (!JS_IsUndefined(value)) {
                return value;
            }
        }

        value = JS_CallConstructor(cx, base, argc, argv);

    } else {
        value = JS_CallConstructor2(cx, base, new_target, argc, argv);
    }

    if (!JS_IsException(value) || !ngx_workers_regexp_is_v(cx, argc, argv)) {
        return value;
    }

    JS_FreeValue(cx, JS_GetException(cx));

    return ngx_workers_regexp_again(cx, new_target, argv);
}


/* RegExp(re) is re itself; owned, or undefined. */

static JSValue
ngx_workers_regexp_own(JSContext *cx, JSValueConst pattern)
{
    bool     same;
    JSValue  ctor;

    if (!JS_IsRegExp(pattern)) {
        return JS_UNDEFINED;
    }

    ctor = JS_GetPropertyStr(cx, pattern, "constructor");
    if (JS_IsException(ctor)) {
        return JS_EXCEPTION;
    }

    same = JS_IsStrictEqual(cx, ctor, ngx_workers_isolate(cx)->regexp);

    JS_FreeValue(cx, ctor);

    return same ? JS_DupValue(cx, pattern) : JS_UNDEFINED;
}


/* Whether text is what a pattern and flags with a "v" were made of. */

static ngx_uint_t
ngx_workers_regexp_is_v(JSContext *cx, int argc, JSValueConst *argv)
{
    ngx_uint_t   is_v;
    const char  *flags;

    if (argc < 2 || !JS_IsString(argv[0]) || !JS_IsString(argv[1])) {
        return 0;
    }

    flags = JS_ToCString(cx, argv[1]);
    if (flags == NULL) {
        JS_FreeValue(cx, JS_GetException(cx));
        return 0;
    }

    is_v = (ngx_strchr(flags, 'v') != NULL);

    JS_FreeCString(cx, flags);

    return is_v;
}


/* The object shows the pattern that was asked for as its source. */

static JSValue
ngx_workers_regexp_again(JSContext *cx, JSValueConst new_target,
    JSValueConst *argv)
{
    size_t        len;
    u_char       *buf, *last;
    JSValue       args[2], object, source;
    const char   *pattern;
    JSValueConst  base;

    pattern = JS_ToCStringLen(cx, &len, argv[0]);
    if (pattern == NULL) {
        return JS_EXCEPTION;
    }

    buf = js_malloc(cx, len * (sizeof("\\x2d") - 1) + 1);
    if (buf == NULL) {
        JS_FreeCString(cx, pattern);
        return JS_EXCEPTION;
    }

    last = ngx_workers_regexp_escape(buf, (u_char *) pattern,
                                     (u_char *) pattern + len);

    JS_FreeCString(cx, pattern);

    args[0] = JS_NewStringLen(cx, (char *) buf, last - buf);
    args[1] = JS_DupValue(cx, argv[1]);

    js_free(cx, buf);

    base = ngx_workers_isolate(cx)->regexp_base;

    object = JS_CallConstructor2(cx, base, JS_IsUndefined(new_target)
                                           ? base : new_target,
                                 2, (JSValueConst *) args);

    JS_FreeValue(cx, args[0]);
    JS_FreeValue(cx, args[1]);

    if (JS_IsException(object)) {
        return JS_EXCEPTION;
    }

    source = ngx_workers_regexp_source(cx, argv[0]);

    if (JS_IsException(source)
        || JS_DefinePropertyValueStr(cx, object, "source", source,
                                     JS_PROP_CONFIGURABLE)
           < 0)
    {
        JS_FreeValue(cx, object);
        return JS_EXCEPTION;
    }

    return object;
}


/* EscapeRegExpPattern: the engine does it, where no flag is in the way. */

static JSValue
ngx_workers_regexp_source(JSContext *cx, JSValueConst pattern)
{
    JSValue  object, source;

    object = JS_CallConstructor(cx, ngx_workers_isolate(cx)->regexp_base, 1,
                                &pattern);

    if (JS_IsException(object)) {
        JS_FreeValue(cx, JS_GetException(cx));
        return JS_DupValue(cx, pattern);
    }

    source = JS_GetPropertyStr(cx, object, "source");
    JS_FreeValue(cx, object);

    return source;
}


/*
 * Outside of classes, "-" and "/", and of two equal punctuators the first.
 */

static u_char *
ngx_workers_regexp_escape(u_char *d, u_char *p, u_char *last)
{
    u_char      *next;
    ngx_uint_t   depth;

    depth = 0;

    while (p < last) {

        next = p + 1;

        if (*p == '\\' && next < last) {
            next++;

        } else if (*p == '[') {
            depth++;

        } else if (depth != 0) {
            depth -= (*p == ']');

        } else if (*p == '(' && next < last && *next == '?') {
            next = ngx_workers_regexp_group(next + 1, last);

        } else if (*p == '-' || *p == '/'
                   || (next < last && *next == *p
                       && ngx_strchr("&!#%,:;<=>@`~", *p) != NULL))
        {
            d = ngx_sprintf(d, "\\x%02xi", (ngx_uint_t) *p);
            p = next;
            continue;
        }

        d = ngx_cpymem(d, p, next - p);
        p = next;
    }

    return d;
}


/* Where what is behind "(?" ends, such as "<=" or "i-s:". */

static u_char *
ngx_workers_regexp_group(u_char *p, u_char *last)
{
    u_char  end;

    if (p < last && (*p == '=' || *p == '!')) {
        return p + 1;
    }

    end = ':';

    if (p < last && *p == '<') {
        end = '>';
        p++;

        if (p < last && (*p == '=' || *p == '!')) {
            return p + 1;
        }
    }

    while (p < last && *p != end) {
        p++;
    }

    return (p < last) ? p + 1 : p;
}
