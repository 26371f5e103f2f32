
/*
 * Copyright (C) the nginx-workers authors
 *
 * String.prototype.toUpperCase() and toLowerCase() of ASCII, which is what
 * scripts convert: the engine goes through Unicode's tables for each
 * character, at 7 ns.  All other strings are the engine's.
 */


#include "../core/ngx_workers_isolate.h"
#include "ngx_workers_utf8.h"


static ngx_int_t ngx_workers_string_init(JSContext *cx, JSValueConst global);
static ngx_int_t ngx_workers_string_wrap(JSContext *cx, JSValueConst proto,
    const char *name, int upper);
static void ngx_workers_string_case(u_char *dst, const u_char *src,
    size_t len, u_char from);
static JSValue ngx_workers_string_ext_case(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int upper,
    JSValueConst *engine);


ngx_workers_web_t  ngx_workers_string_web = {
    .init = ngx_workers_string_init
};


static ngx_int_t
ngx_workers_string_init(JSContext *cx, JSValueConst global)
{
    JSValue    string, proto;
    ngx_int_t  rc;

    string = JS_GetPropertyStr(cx, global, "String");
    proto = JS_GetProperty(cx, string, ngx_workers_atom(cx, PROTOTYPE));

    rc = (ngx_workers_string_wrap(cx, proto, "toUpperCase", 1) == NGX_OK
          && ngx_workers_string_wrap(cx, proto, "toLowerCase", 0) == NGX_OK)
         ? NGX_OK : NGX_ERROR;

    JS_FreeValue(cx, proto);
    JS_FreeValue(cx, string);

    return rc;
}


static ngx_int_t
ngx_workers_string_wrap(JSContext *cx, JSValueConst proto, const char *name,
    int upper)
{
    int      rc;
    JSValue  engine, func;

    engine = JS_GetPropertyStr(cx, proto, name);
    if (JS_IsException(engine)) {
        return NGX_ERROR;
    }

    func = JS_NewCFunctionData2(cx, ngx_workers_string_ext_case, name, 0,
                                upper, 1, (JSValueConst *) &engine);
    JS_FreeValue(cx, engine);

    if (JS_IsException(func)) {
        return NGX_ERROR;
    }

    rc = JS_DefinePropertyValueStr(cx, proto, name, func,
                                   JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


/*
 * Copies ASCII, and turns the letters from..from + 25 into the others, eight
 * at a time: bit 7 of "first" says that a byte is such a letter or above, bit
 * 7 of "above" that it is above.
 */

static void
ngx_workers_string_case(u_char *dst, const u_char *src, size_t len,
    u_char from)
{
    uint64_t        w, first, above;
    const uint64_t  ones = 0x0101010101010101ULL;

    for ( /* void */ ; len >= sizeof(uint64_t); len -= sizeof(uint64_t)) {
        ngx_memcpy(&w, src, sizeof(uint64_t));

        first = w + ones * (0x80 - from);
        above = w + ones * (0x80 - from - 26);

        w ^= ((first ^ above) & (ones * 0x80)) >> 2;

        ngx_memcpy(dst, &w, sizeof(uint64_t));

        src += sizeof(uint64_t);
        dst += sizeof(uint64_t);
    }

    for ( /* void */ ; len > 0; len--) {
        *dst++ = *src ^ (((u_char) (*src - from) < 26) << 5);
        src++;
    }
}


static JSValue
ngx_workers_string_ext_case(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int upper, JSValueConst *engine)
{
    size_t       i, len;
    u_char      *p, from;
    JSValue      value;
    const char  *s;

    if (!JS_IsString(this_val)) {
        return JS_Call(cx, engine[0], this_val, argc, argv);
    }

    s = JS_ToCStringLen(cx, &len, this_val);
    if (s == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_utf8_ascii((const u_char *) s, len) != len) {
        JS_FreeCString(cx, s);
        return JS_Call(cx, engine[0], this_val, argc, argv);
    }

    from = upper ? 'a' : 'A';

    for (i = 0; i < len && (u_char) (s[i] - from) > 'z' - 'a'; i++) {
        /* void */
    }

    if (i == len) {
        JS_FreeCString(cx, s);
        return JS_DupValue(cx, this_val);
    }

    p = js_malloc(cx, len);
    if (p == NULL) {
        JS_FreeCString(cx, s);
        return JS_EXCEPTION;
    }

    ngx_workers_string_case(p, (const u_char *) s, len, from);

    value = JS_NewStringLen(cx, (char *) p, len);

    js_free(cx, p);
    JS_FreeCString(cx, s);

    return value;
}
