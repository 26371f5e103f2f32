
/*
 * Copyright (C) the nginx-workers authors
 *
 * Local time is UTC.  The engine's Date asks the process for its zone, which
 * is also the zone of nginx's logs and stays what it is: where that is not
 * UTC, src/js/date.js replaces what of Date is local, and this is its native
 * half.
 */


#include "ngx_workers_globals.h"

#include <time.h>


#define NGX_WORKERS_DATE_LENGTH  7         /* Date.length */
#define NGX_WORKERS_DATE_MONTH   (30 * 24 * 60 * 60)


static ngx_int_t ngx_workers_date_init(JSContext *cx, JSValueConst global);
static ngx_uint_t ngx_workers_date_is_utc(void);
static ngx_int_t ngx_workers_date_name_zone(JSContext *cx,
    JSValueConst global);
static JSValue ngx_workers_date_ext_text(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data);
static JSValue ngx_workers_date_native(JSContext *cx);
static JSValue ngx_workers_date_constructor(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);
static JSValue ngx_workers_date_argument(JSContext *cx, int argc,
    JSValueConst *argv);


static ngx_workers_builtin_t  ngx_workers_date_builtin = {
    "date",
    NULL,
    ngx_workers_date_native,
    0
};


static ngx_workers_builtin_t  *ngx_workers_date_builtins[] = {
    &ngx_workers_date_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_date_web = {
    NULL,
    ngx_workers_date_builtins,
    ngx_workers_date_init
};


static ngx_int_t
ngx_workers_date_init(JSContext *cx, JSValueConst global)
{
    JSValueConst  exports;

    if (ngx_workers_date_is_utc()) {
        return ngx_workers_date_name_zone(cx, global);
    }

    exports = ngx_workers_builtin(cx, &ngx_workers_date_builtin);

    return JS_IsException(exports) ? NGX_ERROR : NGX_OK;
}


/* Texts of the engine's Date have a zone's offset, but not its name. */

static ngx_int_t
ngx_workers_date_name_zone(JSContext *cx, JSValueConst global)
{
    int          rc;
    JSValue      ctor, proto, engine, func;
    ngx_uint_t   i;

    static const char  *const  names[] = { "toString", "toTimeString" };

    ctor = JS_GetPropertyStr(cx, global, "Date");
    proto = JS_GetProperty(cx, ctor, ngx_workers_atom(cx, PROTOTYPE));
    JS_FreeValue(cx, ctor);

    rc = JS_IsException(proto) ? -1 : 0;

    for (i = 0; rc >= 0 && i < ngx_workers_nitems(names); i++) {
        engine = JS_GetPropertyStr(cx, proto, names[i]);
        func = JS_NewCFunctionData2(cx, ngx_workers_date_ext_text, names[i], 0,
                                    0, 1, (JSValueConst *) &engine);
        JS_FreeValue(cx, engine);

        rc = JS_IsException(func) ? -1
             : JS_DefinePropertyValueStr(cx, proto, names[i], func,
                                         JS_PROP_CONFIGURABLE
                                         | JS_PROP_WRITABLE);
    }

    JS_FreeValue(cx, proto);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


static JSValue
ngx_workers_date_ext_text(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    u_char       text[128];
    size_t       len;
    JSValue      engine;
    ngx_str_t    named;
    const char  *p;

    engine = JS_Call(cx, data[0], this_val, 0, NULL);
    if (JS_IsException(engine)) {
        return JS_EXCEPTION;
    }

    p = JS_ToCStringLen(cx, &len, engine);
    if (p == NULL) {
        JS_FreeValue(cx, engine);
        return JS_EXCEPTION;
    }

    if (len < 5 || ngx_strcmp(p + len - 5, "+0000") != 0) {
        JS_FreeCString(cx, p);             /* of a time that is none */
        return engine;
    }

    named.data = text;
    named.len = ngx_snprintf(text, sizeof(text),
                             "%s (Coordinated Universal Time)", p)
                - text;

    JS_FreeCString(cx, p);
    JS_FreeValue(cx, engine);

    return ngx_workers_new_string(cx, &named);
}


/*
 * A zone is UTC by its name and by its offset through a year: one that only
 * has this offset now had others before.
 */

static ngx_uint_t
ngx_workers_date_is_utc(void)
{
    time_t      when;
    struct tm   tm;
    ngx_uint_t  i;

    when = ngx_time();

    for (i = 0; i < 12; i++) {

        if (localtime_r(&when, &tm) == NULL
            || tm.tm_gmtoff != 0
            || ngx_strcmp(tm.tm_zone, "UTC") != 0)
        {
            return 0;
        }

        when += NGX_WORKERS_DATE_MONTH;
    }

    return 1;
}


static JSValue
ngx_workers_date_native(JSContext *cx)
{
    JSValue  native, ctor;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    ctor = JS_NewCFunction2(cx, ngx_workers_date_constructor, "Date",
                            NGX_WORKERS_DATE_LENGTH,
                            JS_CFUNC_constructor_or_func, 0);

    if (JS_IsException(ctor)
        || ngx_workers_set(cx, native, "Date", ctor) != NGX_OK)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static JSValue
ngx_workers_date_constructor(JSContext *cx, JSValueConst new_target, int argc,
    JSValueConst *argv)
{
    JSValue       base, time, date;
    JSValueConst  exports;

    if (JS_IsUndefined(new_target)) {
        return ngx_workers_builtin_call(cx, &ngx_workers_date_builtin, "text",
                                        0, NULL);
    }

    exports = ngx_workers_builtin(cx, &ngx_workers_date_builtin);
    if (JS_IsException(exports)) {
        return JS_EXCEPTION;
    }

    time = ngx_workers_date_argument(cx, argc, argv);
    if (JS_IsException(time)) {
        return JS_EXCEPTION;
    }

    base = JS_GetPropertyStr(cx, exports, "Base");
    if (JS_IsException(base)) {
        JS_FreeValue(cx, time);
        return JS_EXCEPTION;
    }

    date = JS_CallConstructor2(cx, base, new_target, (argc > 0) ? 1 : 0,
                               (JSValueConst *) &time);
    JS_FreeValue(cx, base);
    JS_FreeValue(cx, time);

    return date;
}


/* The arguments as one that means the same in every zone; owned. */

static JSValue
ngx_workers_date_argument(JSContext *cx, int argc, JSValueConst *argv)
{
    if (argc == 0) {
        return JS_UNDEFINED;
    }

    if (argc > 1) {
        return ngx_workers_builtin_call(cx, &ngx_workers_date_builtin, "UTC",
                                        argc, argv);
    }

    if (JS_IsString(argv[0])
        || (JS_IsObject(argv[0]) && !JS_IsDate(argv[0])))
    {
        return ngx_workers_builtin_call(cx, &ngx_workers_date_builtin, "time",
                                        1, argv);
    }

    return JS_DupValue(cx, argv[0]);
}
