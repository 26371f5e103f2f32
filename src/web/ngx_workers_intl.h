
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the C half of Intl shares.  Shapes, options and defaults are in
 * src/js/intl*.js, which get the functions listed here; the functions make
 * and use ICU's objects, and take arguments that those files have checked.
 */


#ifndef _NGX_WORKERS_INTL_H_INCLUDED_
#define _NGX_WORKERS_INTL_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"
#include "../engines/ngx_workers_icu_object.h"


#define NGX_WORKERS_INTL_BUFFER  256       /* UTF-16 units */


/* Text of a function of ICU that may have to be called twice. */
typedef struct {
    UChar         *data;
    int32_t        size;
    UErrorCode     status;
    UChar          local[NGX_WORKERS_INTL_BUFFER];
} ngx_workers_intl_buffer_t;


/* A field of formatted text; it may be inside of another one. */
typedef struct {
    int32_t        type;
    int32_t        start;
    int32_t        end;
} ngx_workers_intl_field_t;


typedef struct {
    ngx_workers_intl_field_t  *elts;
    size_t                     n;
    size_t                     size;
} ngx_workers_intl_fields_t;


/* What cannot be anything else's type: text between fields. */
#define NGX_WORKERS_INTL_LITERAL  (-1)


/* The libraries, or NULL with an Error that names the package. */
ngx_workers_icu_t *ngx_workers_intl_icu(JSContext *cx);

/* ICU's object in a handle of that kind, or NULL with an exception. */
ngx_workers_icu_object_t *ngx_workers_intl_object(JSContext *cx,
    JSValueConst handle, ngx_workers_icu_kind_e kind);

/* A handle around an object, whose reference it takes, also on failure. */
JSValue ngx_workers_intl_handle(JSContext *cx, ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *object);

/* Throws what ICU's failure means to a script; returns JS_EXCEPTION. */
JSValue ngx_workers_intl_throw(JSContext *cx, UErrorCode status);

/*
 * Calls that fill a buffer:
 *
 *     ngx_workers_intl_buffer_init(&buf);
 *
 *     do {
 *         len = icu->...(..., buf.data, buf.size, &buf.status);
 *     } while (ngx_workers_intl_buffer_again(&buf, len));
 *
 *     return ngx_workers_intl_buffer_string(cx, &buf, len);
 *
 * The last one frees the buffer, and throws if status says so.
 */
void ngx_workers_intl_buffer_init(ngx_workers_intl_buffer_t *buf);
ngx_uint_t ngx_workers_intl_buffer_again(ngx_workers_intl_buffer_t *buf,
    int32_t len);
JSValue ngx_workers_intl_buffer_string(JSContext *cx,
    ngx_workers_intl_buffer_t *buf, int32_t len);
void ngx_workers_intl_buffer_free(ngx_workers_intl_buffer_t *buf);

#define ngx_workers_intl_string(cx, text, len)                                \
    JS_NewStringUTF16(cx, (const uint16_t *) (text), len)

/* Adds a field; NGX_ERROR: out of memory, no exception. */
ngx_int_t ngx_workers_intl_field(ngx_workers_intl_fields_t *fields,
    int32_t type, int32_t start, int32_t end);

/*
 * Text cut at its fields: an array of type, text, type, text ...  With
 * sources, an array of type, text, source: the type of the source that has
 * all of the text, or -1.
 */
JSValue ngx_workers_intl_parts(JSContext *cx, const UChar *text, int32_t len,
    ngx_workers_intl_fields_t *fields, ngx_workers_intl_fields_t *sources);

/*
 * The text of a result, or, if parts is set, its parts with the fields of one
 * category; sources are the spans of another one, or 0.
 */
JSValue ngx_workers_intl_value(JSContext *cx, ngx_workers_icu_t *icu,
    const UFormattedValue *value, int32_t category, int32_t sources,
    ngx_uint_t parts);

/* Whether a result has a field of that category. */
ngx_uint_t ngx_workers_intl_has(ngx_workers_icu_t *icu,
    const UFormattedValue *value, int32_t category);

/*
 * Compares two strings by the default collator; JS_UNDEFINED if they are
 * none, or if there is no ICU.
 */
JSValue ngx_workers_intl_compare_default(JSContext *cx, JSValueConst one,
    JSValueConst two);


/* Lists of native functions, one for each file. */

#define NGX_WORKERS_INTL_LISTS(X)                                             \
    X(date)                                                                   \
    X(locale)                                                                 \
    X(number)                                                                 \
    X(text)

typedef struct {
    const JSCFunctionListEntry  *elts;
    ngx_uint_t                   nelts;
} ngx_workers_intl_list_t;

#define NGX_WORKERS_X(name)                                                   \
    extern const ngx_workers_intl_list_t  ngx_workers_intl_##name##_list;
NGX_WORKERS_INTL_LISTS(NGX_WORKERS_X)
#undef NGX_WORKERS_X


extern ngx_workers_class_t  ngx_workers_intl_segments_class;


#endif /* _NGX_WORKERS_INTL_H_INCLUDED_ */
