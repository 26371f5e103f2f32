
/*
 * Copyright (C) the nginx-workers authors
 *
 * JavaScript values <-> bytes, and the one door from exceptions to the log.
 */


#ifndef _NGX_WORKERS_VALUE_H_INCLUDED_
#define _NGX_WORKERS_VALUE_H_INCLUDED_


#include "ngx_workers_js.h"


/* Text that starts with this is what a method called on a stranger says. */
#define NGX_WORKERS_ILLEGAL_INVOCATION                                        \
    "Illegal invocation: function called with incorrect `this` reference. "   \
    "See https://developers.cloudflare.com/workers/observability/errors/"     \
    "#illegal-invocation-errors for details."


#define ngx_workers_new_string(cx, s)                                         \
    JS_NewStringLen(cx, (const char *) (s)->data, (s)->len)

/* The opaque of this_val, or NULL with a TypeError "Illegal invocation...". */
void *ngx_workers_this(JSContext *cx, JSValueConst this_val, JSClassID id);

/*
 * The bytes of an ArrayBuffer, typed array or DataView, borrowed until
 * JavaScript runs again.  NGX_DECLINED: v is none of these.  NGX_ERROR: an
 * exception is pending (detached).
 */
ngx_int_t ngx_workers_get_bytes(JSContext *cx, JSValueConst v,
    ngx_str_t *bytes);

/* A new Uint8Array or ArrayBuffer with a copy of the bytes. */
#define ngx_workers_new_uint8_array(cx, s)                                    \
    JS_NewUint8ArrayCopy(cx, (s)->data, (s)->len)
#define ngx_workers_new_array_buffer(cx, s)                                   \
    JS_NewArrayBufferCopy(cx, (s)->data, (s)->len)

/*
 * A string from UTF-8; ill-formed sequences become U+FFFD as the Encoding
 * Standard says, a byte order mark is dropped.
 */
JSValue ngx_workers_utf8_decode(JSContext *cx, const u_char *p, size_t len);

/* The same, but that a byte order mark stays. */
JSValue ngx_workers_utf8_text(JSContext *cx, const u_char *p, size_t len);

/* The same of what is well-formed; wide is ngx_workers_utf8_scan()'s. */
JSValue ngx_workers_utf8_string(JSContext *cx, const u_char *p, size_t len,
    ngx_uint_t wide);

/* obj[name] = value (eaten), enumerable; NGX_ERROR: exception pending. */
ngx_int_t ngx_workers_set(JSContext *cx, JSValueConst obj, const char *name,
    JSValue value);

/* array[i] = [first, second], both eaten; NGX_ERROR: exception pending. */
ngx_int_t ngx_workers_add_pair(JSContext *cx, JSValueConst array, uint32_t i,
    JSValue first, JSValue second);

/*
 * Settled promises.  _reject() takes the pending exception as the reason, so
 * that "return ngx_workers_reject(cx)" is how an asynchronous function says
 * that it failed.
 */
JSValue ngx_workers_resolve(JSContext *cx, JSValue value);   /* eats value */
JSValue ngx_workers_reject(JSContext *cx);

/* The texts of WebIDL conversion errors; returns JS_EXCEPTION. */
JSValue ngx_workers_throw_argument(JSContext *cx, const char *method,
    const char *class, int n, const char *type);
JSValue ngx_workers_throw_constructor_argument(JSContext *cx,
    const char *class, int n, const char *type);

/* Throws an Error; the engine's own functions cut a text at 256 bytes. */
JSValue ngx_workers_throw_error(JSContext *cx, const char *text);

/* The frames of a stack, behind its header: an empty text if it has none. */
const char *ngx_workers_stack_frames(const char *stack, size_t *len);

/*
 * A value's text, and its stack if it is an error, on one line and without
 * control characters.  The number of bytes.
 */
size_t ngx_workers_error_text(JSContext *cx, JSValueConst reason,
    u_char *text, size_t size);


#endif /* _NGX_WORKERS_VALUE_H_INCLUDED_ */
