
/*
 * Copyright (C) the nginx-workers authors
 *
 * Strings for src/js/intl_text.js: comparison, case, segments.
 */


#include "ngx_workers_intl.h"


/*
 * The text of a Segments object and an iterator of its own over it.  The
 * text is ICU's to read as long as the iterator lives.
 */
typedef struct {
    ngx_workers_icu_t  *icu;
    UBreakIterator     *breaks;
    const uint16_t     *text;
    size_t              len;
    size_t              charged;

    unsigned            words:1;
} ngx_workers_intl_segments_t;


static ngx_uint_t ngx_workers_intl_is_ascii(const char *p, size_t len);
static JSValue ngx_workers_intl_ext_compare(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_compare(JSContext *cx, ngx_workers_icu_t *icu,
    UCollator *collator, JSValueConst one, JSValueConst two);
static JSValue ngx_workers_intl_ext_collator_flags(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_case(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int upper);
static JSValue ngx_workers_intl_ext_segments(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_segment(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_intl_narrow(ngx_workers_intl_segments_t *segments,
    int32_t index, int32_t *start, int32_t *end, int32_t *status);
static ngx_uint_t ngx_workers_intl_extends(
    ngx_workers_intl_segments_t *segments, int32_t i);
static ngx_uint_t ngx_workers_intl_parts_words(
    ngx_workers_intl_segments_t *segments, int32_t i, int32_t from,
    int32_t to);
static ngx_uint_t ngx_workers_intl_is_digit(uint16_t ch);
static void ngx_workers_intl_segments_finalizer(JSRuntime *rt,
    JSValueConst val);


static const JSCFunctionListEntry  ngx_workers_intl_text_functions[] = {
    JS_CFUNC_DEF("compare", 3, ngx_workers_intl_ext_compare),
    JS_CFUNC_DEF("collatorFlags", 1, ngx_workers_intl_ext_collator_flags),
    JS_CFUNC_MAGIC_DEF("toLower", 2, ngx_workers_intl_ext_case, 0),
    JS_CFUNC_MAGIC_DEF("toUpper", 2, ngx_workers_intl_ext_case, 1),
    JS_CFUNC_DEF("segments", 3, ngx_workers_intl_ext_segments),
    JS_CFUNC_DEF("segment", 2, ngx_workers_intl_ext_segment),
};


const ngx_workers_intl_list_t  ngx_workers_intl_text_list = {
    ngx_workers_intl_text_functions,
    ngx_workers_nitems(ngx_workers_intl_text_functions)
};


ngx_workers_class_t  ngx_workers_intl_segments_class = {
    .def = {
        .class_name = "IntlSegments",
        .finalizer = ngx_workers_intl_segments_finalizer
    },
    .hidden = 1,
};


JSValue
ngx_workers_intl_compare_default(JSContext *cx, JSValueConst one,
    JSValueConst two)
{
    ngx_str_t                  args[2];
    ngx_workers_icu_t         *icu;
    ngx_workers_icu_object_t  *o;

    if (!JS_IsString(one) || !JS_IsString(two)) {
        return JS_UNDEFINED;
    }

    icu = ngx_workers_icu(ngx_workers_isolate(cx)->log);
    if (icu == NULL) {
        return JS_UNDEFINED;
    }

    if (icu->collator == NULL) {

        ngx_str_set(&args[0], "en-US");
        ngx_str_set(&args[1], "----");

        o = ngx_workers_icu_object(icu, NGX_WORKERS_ICU_COLLATOR, args, 2);
        if (o == NULL) {
            return JS_UNDEFINED;
        }

        icu->collator = o->object;         /* the reference is kept */
    }

    return ngx_workers_intl_compare(cx, icu, icu->collator, one, two);
}


/* compare(collator, one, two): strings. */

static JSValue
ngx_workers_intl_ext_compare(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_icu_t         *icu;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_COLLATOR);

    return (o != NULL) ? ngx_workers_intl_compare(cx, icu, o->object, argv[1],
                                                  argv[2])
                       : JS_EXCEPTION;
}


/* ASCII text needs no copy; a lone surrogate has no UTF-8. */

static JSValue
ngx_workers_intl_compare(JSContext *cx, ngx_workers_icu_t *icu,
    UCollator *collator, JSValueConst one, JSValueConst two)
{
    size_t             len1, len2;
    ngx_uint_t         ascii;
    UErrorCode         status;
    const char        *s1, *s2;
    const uint16_t    *u1, *u2;
    UCollationResult   result;

    s1 = JS_ToCStringLen(cx, &len1, one);
    if (s1 == NULL) {
        return JS_EXCEPTION;
    }

    s2 = JS_ToCStringLen(cx, &len2, two);
    if (s2 == NULL) {
        JS_FreeCString(cx, s1);
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;
    result = UCOL_EQUAL;

    ascii = ngx_workers_intl_is_ascii(s1, len1)
            && ngx_workers_intl_is_ascii(s2, len2);

    if (ascii) {
        result = icu->ucol_strcollUTF8(collator, s1, (int32_t) len1, s2,
                                       (int32_t) len2, &status);
    }

    JS_FreeCString(cx, s1);
    JS_FreeCString(cx, s2);

    if (ascii) {
        return JS_NewInt32(cx, result);
    }

    u1 = JS_ToCStringLenUTF16(cx, &len1, one);
    if (u1 == NULL) {
        return JS_EXCEPTION;
    }

    u2 = JS_ToCStringLenUTF16(cx, &len2, two);
    if (u2 == NULL) {
        JS_FreeCStringUTF16(cx, u1);
        return JS_EXCEPTION;
    }

    result = icu->ucol_strcoll(collator, u1, (int32_t) len1, u2,
                               (int32_t) len2);

    JS_FreeCStringUTF16(cx, u1);
    JS_FreeCStringUTF16(cx, u2);

    return JS_NewInt32(cx, result);
}


static ngx_uint_t
ngx_workers_intl_is_ascii(const char *p, size_t len)
{
    u_char      all;
    const char  *end;

    all = 0;

    for (end = p + len; p < end; p++) {
        all |= (u_char) *p;
    }

    return (all < 0x80);
}


/*
 * collatorFlags(collator): what of the locale's own is in force, as the
 * digits of NGX_WORKERS_ICU_COLLATOR after the strength.
 */

static JSValue
ngx_workers_intl_ext_collator_flags(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    char                       flags[3];
    UErrorCode                 status;
    ngx_workers_icu_t         *icu;
    UColAttributeValue         value;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_COLLATOR);
    if (o == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    value = icu->ucol_getAttribute(o->object, UCOL_NUMERIC_COLLATION, &status);
    flags[0] = (value == UCOL_ON) ? '1' : '0';

    value = icu->ucol_getAttribute(o->object, UCOL_CASE_FIRST, &status);
    flags[1] = (value == UCOL_UPPER_FIRST) ? '2'
               : (value == UCOL_LOWER_FIRST) ? '1' : '0';

    value = icu->ucol_getAttribute(o->object, UCOL_ALTERNATE_HANDLING,
                                   &status);
    flags[2] = (value == UCOL_SHIFTED) ? '1' : '0';

    return U_FAILURE(status) ? ngx_workers_intl_throw(cx, status)
                             : JS_NewStringLen(cx, flags, 3);
}


/* toLower(string, language), toUpper(string, language) */

static JSValue
ngx_workers_intl_ext_case(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int upper)
{
    size_t                      tlen;
    int32_t                     len;
    JSValue                     ret;
    const char                 *language;
    const uint16_t             *text;
    ngx_workers_icu_t          *icu;
    ngx_workers_intl_buffer_t   buf;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    text = JS_ToCStringLenUTF16(cx, &tlen, argv[0]);
    if (text == NULL) {
        return JS_EXCEPTION;
    }

    language = JS_ToCString(cx, argv[1]);
    if (language == NULL) {
        JS_FreeCStringUTF16(cx, text);
        return JS_EXCEPTION;
    }

    ngx_workers_intl_buffer_init(&buf);

    do {
        if (upper) {
            len = icu->u_strToUpper(buf.data, buf.size, text, (int32_t) tlen,
                                    language, &buf.status);

        } else {
            len = icu->u_strToLower(buf.data, buf.size, text, (int32_t) tlen,
                                    language, &buf.status);
        }

    } while (ngx_workers_intl_buffer_again(&buf, len));

    ret = ngx_workers_intl_buffer_string(cx, &buf, len);

    JS_FreeCStringUTF16(cx, text);
    JS_FreeCString(cx, language);

    return ret;
}


/* segments(breaks, string, words): an object for segment(). */

static JSValue
ngx_workers_intl_ext_segments(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t                        size;
    JSValue                       value;
    UErrorCode                    status;
    ngx_workers_icu_t            *icu;
    ngx_workers_icu_object_t     *o;
    ngx_workers_intl_segments_t  *segments;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_BREAKS);
    if (o == NULL) {
        return JS_EXCEPTION;
    }

    value = JS_NewObjectClass(cx, ngx_workers_intl_segments_class.id);
    if (JS_IsException(value)) {
        return JS_EXCEPTION;
    }

    segments = js_mallocz(cx, sizeof(ngx_workers_intl_segments_t));
    if (segments == NULL) {
        goto failed;
    }

    segments->icu = icu;
    segments->words = JS_ToBool(cx, argv[2]);
    JS_SetOpaque(value, segments);

    segments->text = JS_ToCStringLenUTF16(cx, &segments->len, argv[1]);
    if (segments->text == NULL) {
        goto failed;
    }

    status = U_ZERO_ERROR;
    size = icu->memory;

    segments->breaks = icu->ubrk_clone(o->object, &status);

    if (U_SUCCESS(status)) {
        icu->ubrk_setText(segments->breaks, segments->text,
                          (int32_t) segments->len, &status);
    }

    if (U_FAILURE(status)) {
        (void) ngx_workers_intl_throw(cx, status);
        goto failed;
    }

    size = icu->memory - size;

    if ((ssize_t) size > 0) {

        if (ngx_workers_isolate_charge(cx, size) != NGX_OK) {
            goto failed;
        }

        segments->charged = size;
    }

    return value;

failed:

    JS_FreeValue(cx, value);

    return JS_EXCEPTION;
}


/*
 * segment(segments, index): [start, end, status] of the segment that has the
 * unit of this index, an int32; undefined if there is none.
 */

static JSValue
ngx_workers_intl_ext_segment(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int32_t                       index, start, end, status;
    JSValue                       values[3];
    ngx_workers_icu_t            *icu;
    ngx_workers_intl_segments_t  *segments;

    segments = JS_GetOpaque2(cx, argv[0], ngx_workers_intl_segments_class.id);

    if (segments == NULL || JS_ToInt32(cx, &index, argv[1]) < 0) {
        return JS_EXCEPTION;
    }

    if (index < 0 || (size_t) index >= segments->len) {
        return JS_UNDEFINED;
    }

    icu = segments->icu;

    start = icu->ubrk_isBoundary(segments->breaks, index)
            ? index : icu->ubrk_preceding(segments->breaks, index);

    end = icu->ubrk_following(segments->breaks, index);
    status = icu->ubrk_getRuleStatus(segments->breaks);

    if (segments->words
        && status >= UBRK_WORD_NUMBER && status < UBRK_WORD_LETTER_LIMIT)
    {
        ngx_workers_intl_narrow(segments, index, &start, &end, &status);
    }

    values[0] = JS_NewInt32(cx, start);
    values[1] = JS_NewInt32(cx, end);
    values[2] = JS_NewInt32(cx, status);

    return JS_NewArrayFrom(cx, 3, values);
}


/*
 * The platform's rules differ from ICU's in one thing: full stops and colons
 * between letters part words, so that "example.com" is three segments.  Finds
 * the part that has index.
 */

static void
ngx_workers_intl_narrow(ngx_workers_intl_segments_t *segments, int32_t index,
    int32_t *start, int32_t *end, int32_t *status)
{
    int32_t  i, from, to;

    from = *start;
    to = *end;

    for (i = index; i > from && ngx_workers_intl_extends(segments, i); i--) {
        /* void */
    }

    if (ngx_workers_intl_parts_words(segments, i, from, to)) {

        *start = i++;

        while (i < to && ngx_workers_intl_extends(segments, i)) {
            i++;
        }

        *end = i;
        *status = UBRK_WORD_NONE;

        return;
    }

    for ( /* void */ ; i > from; i--) {

        if (ngx_workers_intl_parts_words(segments, i - 1, from, to)) {

            while (i < to && ngx_workers_intl_extends(segments, i)) {
                i++;
            }

            *start = i;
            break;
        }
    }

    for (i = index + 1; i < to; i++) {

        if (ngx_workers_intl_parts_words(segments, i, from, to)) {
            *end = i;
            break;
        }
    }
}


/* Whether a character is one with what is before it. */

static ngx_uint_t
ngx_workers_intl_extends(ngx_workers_intl_segments_t *segments, int32_t i)
{
    int32_t  class;

    if (segments->text[i] < 0x80) {
        return 0;
    }

    class = segments->icu->u_getIntPropertyValue(segments->text[i],
                                                 UCHAR_WORD_BREAK);

    return class == U_WB_EXTEND || class == U_WB_FORMAT || class == U_WB_ZWJ;
}


static ngx_uint_t
ngx_workers_intl_parts_words(ngx_workers_intl_segments_t *segments, int32_t i,
    int32_t from, int32_t to)
{
    const uint16_t  *text;

    text = segments->text;

    switch (text[i]) {

    case '.':
    case ':':
    case 0xff0e:                            /* FULLWIDTH FULL STOP */
    case 0xff1a:                            /* FULLWIDTH COLON */
        return i > from && i < to - 1
               && !(ngx_workers_intl_is_digit(text[i - 1])
                    && ngx_workers_intl_is_digit(text[i + 1]));

    default:
        return 0;
    }
}


static ngx_uint_t
ngx_workers_intl_is_digit(uint16_t ch)
{
    return ch >= '0' && ch <= '9';
}


static void
ngx_workers_intl_segments_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_intl_segments_t  *segments;

    segments = JS_GetOpaque(val, ngx_workers_intl_segments_class.id);

    if (segments == NULL) {
        return;
    }

    if (segments->breaks != NULL) {
        segments->icu->ubrk_close(segments->breaks);
    }

    if (segments->charged != 0) {
        ngx_workers_isolate_uncharge(rt, segments->charged);
    }

    if (segments->text != NULL) {
        JS_FreeCStringRT_UTF16(rt, segments->text);
    }

    js_free_rt(rt, segments);
}
