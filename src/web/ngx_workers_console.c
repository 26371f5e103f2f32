
/*
 * Copyright (C) the nginx-workers authors
 *
 * Console Standard.  Output goes to nginx's error log: console.error() with
 * the level "error", warn() with "warn", debug() with "debug", all the others
 * with "info".  What the log's level leaves out is not even formatted.
 */


#include "ngx_workers_console.h"
#include "ngx_workers_globals.h"
#include "ngx_workers_inspect.h"


#define NGX_WORKERS_CONSOLE_DEPTH   2
#define NGX_WORKERS_CONSOLE_CALL    65536      /* bytes of one call */
#define NGX_WORKERS_CONSOLE_MAX     262144     /* bytes of an invocation */
#define NGX_WORKERS_CONSOLE_LINE    1500       /* nginx cuts at 2048, and puts
                                                  the request after it */

#define NGX_WORKERS_CONSOLE_TOO_MUCH                                          \
    "console output of this invocation is too long, the rest is left out"


enum {
    NGX_WORKERS_CONSOLE_LOG = 0,
    NGX_WORKERS_CONSOLE_INFO,
    NGX_WORKERS_CONSOLE_WARN,
    NGX_WORKERS_CONSOLE_ERROR,
    NGX_WORKERS_CONSOLE_DEBUG,
    NGX_WORKERS_CONSOLE_TRACE,
    NGX_WORKERS_CONSOLE_DIR,
    NGX_WORKERS_CONSOLE_ASSERT
};


enum {
    NGX_WORKERS_CONSOLE_COUNT = 0,
    NGX_WORKERS_CONSOLE_COUNT_RESET,
    NGX_WORKERS_CONSOLE_TIME,
    NGX_WORKERS_CONSOLE_TIME_LOG,
    NGX_WORKERS_CONSOLE_TIME_END
};


static ngx_int_t ngx_workers_console_init(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_console_native(JSContext *cx);
static ngx_uint_t ngx_workers_console_wanted(JSContext *cx, ngx_uint_t level);
static JSValue ngx_workers_console_ext_log(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int kind);
static JSValue ngx_workers_console_ext_label(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int kind);
static JSValue ngx_workers_console_ext_nothing(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_console_ext_now(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_console_inspect_init(JSContext *cx,
    ngx_workers_inspect_t *in);
static void ngx_workers_console_stack(ngx_workers_inspect_t *in);
static JSValue ngx_workers_console_finish(ngx_workers_inspect_t *in,
    ngx_uint_t level);
static u_char *ngx_workers_console_escape(u_char *dst, u_char **p,
    u_char *end);
static void ngx_workers_console_write(JSContext *cx, ngx_uint_t level,
    ngx_uint_t n, u_char *line, size_t len);


static const JSCFunctionListEntry  ngx_workers_console_methods[] = {
    NGX_WORKERS_METHOD_MAGIC("log", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_LOG),
    NGX_WORKERS_METHOD_MAGIC("info", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_INFO),
    NGX_WORKERS_METHOD_MAGIC("warn", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_WARN),
    NGX_WORKERS_METHOD_MAGIC("error", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_ERROR),
    NGX_WORKERS_METHOD_MAGIC("debug", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_DEBUG),
    NGX_WORKERS_METHOD_MAGIC("trace", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_TRACE),
    NGX_WORKERS_METHOD_MAGIC("dir", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_DIR),
    NGX_WORKERS_METHOD_MAGIC("dirxml", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_LOG),
    NGX_WORKERS_METHOD_MAGIC("table", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_LOG),
    NGX_WORKERS_METHOD_MAGIC("group", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_LOG),
    NGX_WORKERS_METHOD_MAGIC("groupCollapsed", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_LOG),
    NGX_WORKERS_METHOD("groupEnd", 0, ngx_workers_console_ext_nothing),
    NGX_WORKERS_METHOD_MAGIC("assert", 0, ngx_workers_console_ext_log,
                             NGX_WORKERS_CONSOLE_ASSERT),
    NGX_WORKERS_METHOD_MAGIC("count", 0, ngx_workers_console_ext_label,
                             NGX_WORKERS_CONSOLE_COUNT),
    NGX_WORKERS_METHOD_MAGIC("countReset", 0, ngx_workers_console_ext_label,
                             NGX_WORKERS_CONSOLE_COUNT_RESET),
    NGX_WORKERS_METHOD_MAGIC("time", 0, ngx_workers_console_ext_label,
                             NGX_WORKERS_CONSOLE_TIME),
    NGX_WORKERS_METHOD_MAGIC("timeLog", 0, ngx_workers_console_ext_label,
                             NGX_WORKERS_CONSOLE_TIME_LOG),
    NGX_WORKERS_METHOD_MAGIC("timeEnd", 0, ngx_workers_console_ext_label,
                             NGX_WORKERS_CONSOLE_TIME_END),
    NGX_WORKERS_METHOD("timeStamp", 0, ngx_workers_console_ext_nothing),
    NGX_WORKERS_METHOD("profile", 0, ngx_workers_console_ext_nothing),
    NGX_WORKERS_METHOD("profileEnd", 0, ngx_workers_console_ext_nothing),
    NGX_WORKERS_METHOD("clear", 0, ngx_workers_console_ext_nothing),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "console",
                       JS_PROP_CONFIGURABLE),
};


/* The object and its methods are made when first used. */
static const JSCFunctionListEntry  ngx_workers_console_list[] = {
    JS_OBJECT_DEF("console", ngx_workers_console_methods,
                  ngx_workers_nitems(ngx_workers_console_methods),
                  JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE),
};


static const JSCFunctionListEntry  ngx_workers_console_natives[] = {
    NGX_WORKERS_METHOD("now", 0, ngx_workers_console_ext_now),
};


/* Keeps the counts and timers. */
static ngx_workers_builtin_t  ngx_workers_console_builtin = {
    "console",
    NULL,
    ngx_workers_console_native,
    0
};


static ngx_workers_builtin_t  *ngx_workers_console_builtins[] = {
    &ngx_workers_console_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_console_web = {
    NULL,
    ngx_workers_console_builtins,
    ngx_workers_console_init
};


static const ngx_uint_t  ngx_workers_console_levels[] = {
    NGX_LOG_INFO,                          /* log */
    NGX_LOG_INFO,                          /* info */
    NGX_LOG_WARN,                          /* warn */
    NGX_LOG_ERR,                           /* error */
    NGX_LOG_DEBUG,                         /* debug */
    NGX_LOG_INFO,                          /* trace */
    NGX_LOG_INFO,                          /* dir */
    NGX_LOG_ERR                            /* assert */
};


static const char *const  ngx_workers_console_labels[] = {
    "count", "countReset", "time", "timeLog", "timeEnd"
};


static ngx_int_t
ngx_workers_console_init(JSContext *cx, JSValueConst global)
{
    return ngx_workers_globals_add(cx, global, ngx_workers_console_list,
                             ngx_workers_nitems(ngx_workers_console_list));
}


static JSValue
ngx_workers_console_native(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (JS_SetPropertyFunctionList(cx, native,
                      ngx_workers_console_natives,
                      ngx_workers_nitems(ngx_workers_console_natives))
        < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* Whether a line of this level would be written. */

static ngx_uint_t
ngx_workers_console_wanted(JSContext *cx, ngx_uint_t level)
{
    ngx_log_t                 *log;
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_current(cx);
    log = ngx_workers_current_log(cx);

    return log->log_level >= level
           && (inv == NULL || inv->logged <= NGX_WORKERS_CONSOLE_MAX);
}


static JSValue
ngx_workers_console_ext_log(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int kind)
{
    ngx_uint_t             level;
    ngx_workers_inspect_t  in;

    level = ngx_workers_console_levels[kind];

    if (kind == NGX_WORKERS_CONSOLE_ASSERT && argc > 0
        && JS_ToBool(cx, argv[0]))
    {
        return JS_UNDEFINED;
    }

    if (!ngx_workers_console_wanted(cx, level)) {
        return JS_UNDEFINED;
    }

    ngx_workers_console_inspect_init(cx, &in);

    switch (kind) {

    case NGX_WORKERS_CONSOLE_TRACE:
        ngx_workers_inspect_str(&in, "Trace");

        if (argc != 0) {
            ngx_workers_inspect_str(&in, ": ");
            ngx_workers_inspect_arguments(&in, argc, argv);
        }

        ngx_workers_console_stack(&in);
        break;

    case NGX_WORKERS_CONSOLE_DIR:
        if (argc > 0) {
            ngx_workers_inspect(&in, argv[0], 0);
        }

        break;

    case NGX_WORKERS_CONSOLE_ASSERT:
        ngx_workers_inspect_str(&in, "assertion failed");

        if (argc > 1) {
            ngx_workers_inspect_str(&in, ": ");
            ngx_workers_inspect_arguments(&in, argc - 1, argv + 1);
        }

        break;

    default:
        ngx_workers_inspect_arguments(&in, argc, argv);
        break;
    }

    return ngx_workers_console_finish(&in, level);
}


/* count(), time() and their kin: the built-in makes the text. */

static JSValue
ngx_workers_console_ext_label(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int kind)
{
    JSValue                 text;
    ngx_workers_inspect_t   in;

    text = ngx_workers_builtin_call(cx, &ngx_workers_console_builtin,
                                    ngx_workers_console_labels[kind],
                                    ngx_min(argc, 1), argv);

    if (!JS_IsString(text)
        || !ngx_workers_console_wanted(cx, NGX_LOG_INFO))
    {
        JS_FreeValue(cx, text);
        return JS_IsException(text) ? JS_EXCEPTION : JS_UNDEFINED;
    }

    ngx_workers_console_inspect_init(cx, &in);
    ngx_workers_inspect(&in, text, 1);
    JS_FreeValue(cx, text);

    if (kind == NGX_WORKERS_CONSOLE_TIME_LOG && argc > 1) {
        ngx_workers_inspect_str(&in, " ");
        ngx_workers_inspect_arguments(&in, argc - 1, argv + 1);
    }

    return ngx_workers_console_finish(&in, NGX_LOG_INFO);
}


static JSValue
ngx_workers_console_ext_nothing(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_UNDEFINED;
}


static JSValue
ngx_workers_console_ext_now(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_NewFloat64(cx, ngx_workers_now());
}


static void
ngx_workers_console_inspect_init(JSContext *cx, ngx_workers_inspect_t *in)
{
    ngx_memzero(in, sizeof(ngx_workers_inspect_t));

    in->cx = cx;
    in->max = NGX_WORKERS_CONSOLE_CALL;
    in->depth = NGX_WORKERS_CONSOLE_DEPTH;
}


/* Appends the stack of the call. */

static void
ngx_workers_console_stack(ngx_workers_inspect_t *in)
{
    size_t       len;
    JSValue      error, stack;
    const char  *text, *frames;

    error = JS_NewPlainError(in->cx, "%s", "");
    if (JS_IsException(error)) {
        JS_FreeValue(in->cx, JS_GetException(in->cx));
        return;
    }

    stack = JS_GetPropertyStr(in->cx, error, "stack");
    text = JS_IsString(stack) ? JS_ToCStringLen(in->cx, &len, stack) : NULL;

    if (text != NULL) {
        frames = ngx_workers_stack_frames(text, &len);

        ngx_workers_inspect_str(in, "\n");
        ngx_workers_inspect_put(in, frames, len);
        JS_FreeCString(in->cx, text);
    }

    JS_FreeValue(in->cx, stack);
    JS_FreeValue(in->cx, error);
}


static JSValue
ngx_workers_console_finish(ngx_workers_inspect_t *in, ngx_uint_t level)
{
    if (!in->fatal) {
        ngx_workers_console_log(in->cx, level, in->data, in->len);
    }

    if (in->data != NULL) {
        ngx_free(in->data);
    }

    return in->fatal ? JS_EXCEPTION : JS_UNDEFINED;
}


void
ngx_workers_console_log(JSContext *cx, ngx_uint_t level, u_char *text,
    size_t len)
{
    u_char                    *p, *end, *dst, line[NGX_WORKERS_CONSOLE_LINE];
    ngx_uint_t                 n;
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_current(cx);

    if (inv != NULL) {
        inv->logged += len + 1;

        if (inv->logged > NGX_WORKERS_CONSOLE_MAX) {
            dst = ngx_cpymem(line, NGX_WORKERS_CONSOLE_TOO_MUCH,
                             sizeof(NGX_WORKERS_CONSOLE_TOO_MUCH) - 1);
            ngx_workers_console_write(cx, NGX_LOG_WARN, 0, line, dst - line);
            return;
        }
    }

    dst = line;
    end = text + len;
    n = 0;

    for (p = text; p < end; p++) {

        /* an escape takes four bytes; a character is not divided */

        if (dst - line > NGX_WORKERS_CONSOLE_LINE - 8 && (*p & 0xc0) != 0x80) {
            ngx_workers_console_write(cx, level, n++, line, dst - line);
            dst = line;
        }

        if (dst - line > NGX_WORKERS_CONSOLE_LINE - 4) {
            break;
        }

        dst = ngx_workers_console_escape(dst, &p, end);
    }

    if (dst != line || n == 0) {
        ngx_workers_console_write(cx, level, n, line, dst - line);
    }
}


/* Copies one byte, or a control character as text. */

static u_char *
ngx_workers_console_escape(u_char *dst, u_char **p, u_char *end)
{
    u_char  ch;

    ch = **p;

    switch (ch) {

    case '\n':
        *dst++ = '\\';
        *dst++ = 'n';
        return dst;

    case '\r':
        *dst++ = '\\';
        *dst++ = 'r';
        return dst;

    case '\t':
        *dst++ = '\\';
        *dst++ = 't';
        return dst;

    case 0xc2:

        /* U+0080 to U+009F, which terminals obey */

        if (end - *p > 1 && (*p)[1] >= 0x80 && (*p)[1] <= 0x9f) {
            ch = *++(*p);
            return ngx_sprintf(dst, "\\x%02xd", (ngx_uint_t) ch);
        }

        break;

    default:
        if (ch < 0x20 || ch == 0x7f) {
            return ngx_sprintf(dst, "\\x%02xd", (ngx_uint_t) ch);
        }

        break;
    }

    *dst++ = ch;

    return dst;
}


/* n: how many lines of the same text are before this one. */

static void
ngx_workers_console_write(JSContext *cx, ngx_uint_t level, ngx_uint_t n,
    u_char *line, size_t len)
{
    ngx_log_t                 *log;
    const char                *more;
    ngx_workers_isolate_t     *iso;
    ngx_workers_invocation_t  *inv;

    iso = ngx_workers_isolate(cx);
    inv = iso->inv;
    log = ngx_workers_current_log(cx);
    more = (n != 0) ? "(continued) " : "";

    if (inv != NULL && ngx_workers_invocation_id(inv)->len != 0) {
        ngx_log_error(level, log, 0, "worker \"%V\" request %V: %s%*s",
                      &iso->script->name, ngx_workers_invocation_id(inv), more,
                      len, line);
        return;
    }

    ngx_log_error(level, log, 0, "worker \"%V\": %s%*s",
                  &iso->script->name, more, len, line);
}
