
/*
 * Copyright (C) the nginx-workers authors
 *
 * Dates for src/js/intl_date.js: patterns, formats, ranges and zones.
 */


#include "ngx_workers_intl.h"


#define NGX_WORKERS_INTL_ZONE     64       /* UTF-16 units of a zone's name */

#define NGX_WORKERS_INTL_SPACE    0x20
#define NGX_WORKERS_INTL_NARROW   0x202f   /* NARROW NO-BREAK SPACE */


static JSValue ngx_workers_intl_ext_best_pattern(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_style_pattern(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_skeleton(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_hour_cycle(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_field_name(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_zone(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static int32_t ngx_workers_intl_zone_find(ngx_workers_icu_t *icu,
    const char *name, size_t len, UChar *zone);
static JSValue ngx_workers_intl_ext_date(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_date_parts(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_intl_spaces(UChar *text, int32_t len);
static JSValue ngx_workers_intl_ext_date_range(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int parts);


static const JSCFunctionListEntry  ngx_workers_intl_date_functions[] = {
    JS_CFUNC_DEF("bestPattern", 2, ngx_workers_intl_ext_best_pattern),
    JS_CFUNC_DEF("stylePattern", 3, ngx_workers_intl_ext_style_pattern),
    JS_CFUNC_DEF("skeleton", 1, ngx_workers_intl_ext_skeleton),
    JS_CFUNC_DEF("hourCycle", 1, ngx_workers_intl_ext_hour_cycle),
    JS_CFUNC_DEF("fieldName", 3, ngx_workers_intl_ext_field_name),
    JS_CFUNC_DEF("zone", 1, ngx_workers_intl_ext_zone),
    JS_CFUNC_DEF("formatDate", 2, ngx_workers_intl_ext_date),
    JS_CFUNC_DEF("datePartsOf", 2, ngx_workers_intl_ext_date_parts),
    JS_CFUNC_MAGIC_DEF("formatDateRange", 3, ngx_workers_intl_ext_date_range,
                       0),
    JS_CFUNC_MAGIC_DEF("dateRangePartsOf", 3, ngx_workers_intl_ext_date_range,
                       1),
};


const ngx_workers_intl_list_t  ngx_workers_intl_date_list = {
    ngx_workers_intl_date_functions,
    ngx_workers_nitems(ngx_workers_intl_date_functions)
};


/* bestPattern(patterns, skeleton) */

static JSValue
ngx_workers_intl_ext_best_pattern(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    size_t                      slen;
    int32_t                     len;
    JSValue                     ret;
    const uint16_t             *skeleton;
    ngx_workers_icu_t          *icu;
    ngx_workers_icu_object_t   *o;
    ngx_workers_intl_buffer_t   buf;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_PATTERNS);
    if (o == NULL) {
        return JS_EXCEPTION;
    }

    skeleton = JS_ToCStringLenUTF16(cx, &slen, argv[1]);
    if (skeleton == NULL) {
        return JS_EXCEPTION;
    }

    ngx_workers_intl_buffer_init(&buf);

    do {
        len = icu->udatpg_getBestPatternWithOptions(o->object,
                                            skeleton, (int32_t) slen,
                                            UDATPG_MATCH_HOUR_FIELD_LENGTH,
                                            buf.data, buf.size, &buf.status);
    } while (ngx_workers_intl_buffer_again(&buf, len));

    ret = ngx_workers_intl_buffer_string(cx, &buf, len);

    JS_FreeCStringUTF16(cx, skeleton);

    return ret;
}


/* stylePattern(tag, dateStyle, timeStyle): UDateFormatStyle each. */

static JSValue
ngx_workers_intl_ext_style_pattern(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int32_t                     date, time, len;
    const char                 *tag;
    char                        locale[ULOC_FULLNAME_CAPACITY];
    UDateFormat                *format;
    ngx_workers_icu_t          *icu;
    ngx_workers_intl_buffer_t   buf;

    static const UChar          utc[] = u"UTC";

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    if (JS_ToInt32(cx, &date, argv[1]) < 0
        || JS_ToInt32(cx, &time, argv[2]) < 0)
    {
        return JS_EXCEPTION;
    }

    tag = JS_ToCString(cx, argv[0]);
    if (tag == NULL) {
        return JS_EXCEPTION;
    }

    ngx_workers_intl_buffer_init(&buf);

    if (ngx_workers_icu_locale(icu, tag, locale) != NGX_OK) {
        buf.status = U_ILLEGAL_ARGUMENT_ERROR;
    }

    JS_FreeCString(cx, tag);

    format = icu->udat_open(time, date, locale, utc, 3, NULL, 0, &buf.status);

    if (U_FAILURE(buf.status)) {
        return ngx_workers_intl_throw(cx, buf.status);
    }

    do {
        len = icu->udat_toPattern(format, 0, buf.data, buf.size, &buf.status);
    } while (ngx_workers_intl_buffer_again(&buf, len));

    icu->udat_close(format);

    return ngx_workers_intl_buffer_string(cx, &buf, len);
}


/* skeleton(pattern) */

static JSValue
ngx_workers_intl_ext_skeleton(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    size_t                      plen;
    int32_t                     len;
    JSValue                     ret;
    const uint16_t             *pattern;
    ngx_workers_icu_t          *icu;
    ngx_workers_intl_buffer_t   buf;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    pattern = JS_ToCStringLenUTF16(cx, &plen, argv[0]);
    if (pattern == NULL) {
        return JS_EXCEPTION;
    }

    ngx_workers_intl_buffer_init(&buf);

    do {
        len = icu->udatpg_getSkeleton(NULL, pattern, (int32_t) plen, buf.data,
                                      buf.size, &buf.status);
    } while (ngx_workers_intl_buffer_again(&buf, len));

    ret = ngx_workers_intl_buffer_string(cx, &buf, len);

    JS_FreeCStringUTF16(cx, pattern);

    return ret;
}


/* hourCycle(patterns): a UDateFormatHourCycle, 0 to 3 for h11 to h24. */

static JSValue
ngx_workers_intl_ext_hour_cycle(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    UErrorCode                 status;
    ngx_workers_icu_t         *icu;
    UDateFormatHourCycle       cycle;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_PATTERNS);
    if (o == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    cycle = icu->udatpg_getDefaultHourCycle(o->object, &status);

    return U_FAILURE(status) ? ngx_workers_intl_throw(cx, status)
                             : JS_NewInt32(cx, cycle);
}


/* fieldName(patterns, field, width): UDateTimePatternField, ..PGDisplayWidth */

static JSValue
ngx_workers_intl_ext_field_name(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int32_t                     field, width, len;
    ngx_workers_icu_t          *icu;
    ngx_workers_icu_object_t   *o;
    ngx_workers_intl_buffer_t   buf;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_PATTERNS);

    if (o == NULL
        || JS_ToInt32(cx, &field, argv[1]) < 0
        || JS_ToInt32(cx, &width, argv[2]) < 0)
    {
        return JS_EXCEPTION;
    }

    ngx_workers_intl_buffer_init(&buf);

    do {
        len = icu->udatpg_getFieldDisplayName(o->object, field, width,
                                              buf.data, buf.size, &buf.status);
    } while (ngx_workers_intl_buffer_again(&buf, len));

    return ngx_workers_intl_buffer_string(cx, &buf, len);
}


/*
 * zone(name): the name that CLDR prefers for a zone of the time zone
 * database, which is found without regard to case; undefined: there is none.
 */

static JSValue
ngx_workers_intl_ext_zone(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    UBool               system;
    UChar               zone[NGX_WORKERS_INTL_ZONE];
    UChar               canonical[NGX_WORKERS_INTL_ZONE];
    size_t              size;
    int32_t             len;
    UErrorCode          status;
    const char         *name;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    name = JS_ToCStringLen(cx, &size, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    len = ngx_workers_intl_zone_find(icu, name, size, zone);

    JS_FreeCString(cx, name);

    if (len <= 0) {
        return JS_UNDEFINED;
    }

    status = U_ZERO_ERROR;
    system = 0;

    len = icu->ucal_getCanonicalTimeZoneID(zone, len, canonical,
                                           NGX_WORKERS_INTL_ZONE, &system,
                                           &status);

    if (U_FAILURE(status) || !system || len >= NGX_WORKERS_INTL_ZONE) {
        return JS_UNDEFINED;
    }

    return ngx_workers_intl_string(cx, canonical, len);
}


/* The length of the name as the database writes it; 0: there is none. */

static int32_t
ngx_workers_intl_zone_find(ngx_workers_icu_t *icu, const char *name,
    size_t len, UChar *zone)
{
    size_t         i;
    int32_t        n;
    UErrorCode     status;
    const char    *id;
    UEnumeration  *zones;

    if (len == 0 || len >= NGX_WORKERS_INTL_ZONE) {
        return 0;
    }

    status = U_ZERO_ERROR;

    zones = icu->ucal_openTimeZones(&status);

    if (U_FAILURE(status)) {
        return 0;
    }

    for ( ;; ) {

        id = icu->uenum_next(zones, &n, &status);

        if (id == NULL || U_FAILURE(status)) {
            n = 0;
            break;
        }

        if ((size_t) n == len
            && ngx_strncasecmp((u_char *) id, (u_char *) name, len) == 0)
        {
            for (i = 0; i < len; i++) {
                zone[i] = (u_char) id[i];
            }

            break;
        }
    }

    icu->uenum_close(zones);

    return n;
}


/* formatDate(date, time) */

static JSValue
ngx_workers_intl_ext_date(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    double                      time;
    int32_t                     len;
    ngx_workers_icu_t          *icu;
    ngx_workers_icu_object_t   *o;
    ngx_workers_intl_buffer_t   buf;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_DATE);

    if (o == NULL || JS_ToFloat64(cx, &time, argv[1]) < 0) {
        return JS_EXCEPTION;
    }

    ngx_workers_intl_buffer_init(&buf);

    do {
        len = icu->udat_format(o->object, time, buf.data, buf.size, NULL,
                               &buf.status);
    } while (ngx_workers_intl_buffer_again(&buf, len));

    if (U_SUCCESS(buf.status)) {
        ngx_workers_intl_spaces(buf.data, len);
    }

    return ngx_workers_intl_buffer_string(cx, &buf, len);
}


/* datePartsOf(date, time): types are UDateFormatField. */

static JSValue
ngx_workers_intl_ext_date_parts(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    double                      time;
    int32_t                     len, field, start, end;
    JSValue                     ret;
    ngx_workers_icu_t          *icu;
    ngx_workers_icu_object_t   *o;
    ngx_workers_intl_buffer_t   buf;
    ngx_workers_intl_fields_t   fields;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_DATE);

    if (o == NULL || JS_ToFloat64(cx, &time, argv[1]) < 0) {
        return JS_EXCEPTION;
    }

    ngx_workers_intl_buffer_init(&buf);
    ngx_memzero(&fields, sizeof(ngx_workers_intl_fields_t));

    if (icu->fields == NULL) {
        icu->fields = icu->ufieldpositer_open(&buf.status);

        if (U_FAILURE(buf.status)) {
            icu->fields = NULL;
            return ngx_workers_intl_throw(cx, buf.status);
        }
    }

    do {
        len = icu->udat_formatForFields(o->object, time, buf.data, buf.size,
                                        icu->fields, &buf.status);
    } while (ngx_workers_intl_buffer_again(&buf, len));

    while (U_SUCCESS(buf.status)) {

        field = icu->ufieldpositer_next(icu->fields, &start, &end);

        if (field < 0) {
            break;
        }

        if (ngx_workers_intl_field(&fields, field, start, end) != NGX_OK) {
            buf.status = U_MEMORY_ALLOCATION_ERROR;
        }
    }

    if (U_FAILURE(buf.status)) {
        ret = ngx_workers_intl_throw(cx, buf.status);

    } else {
        ngx_workers_intl_spaces(buf.data, len);
        ret = ngx_workers_intl_parts(cx, buf.data, len, &fields, NULL);
    }

    free(fields.elts);
    ngx_workers_intl_buffer_free(&buf);

    return ret;
}


/* As the platform does: programs look for "10:00 PM" with a plain space. */

static void
ngx_workers_intl_spaces(UChar *text, int32_t len)
{
    int32_t  i;

    for (i = 0; i < len; i++) {
        if (text[i] == NGX_WORKERS_INTL_NARROW) {
            text[i] = NGX_WORKERS_INTL_SPACE;
        }
    }
}


/*
 * formatDateRange(interval, start, end): undefined if both look the same.
 * dateRangePartsOf(): types are UDateFormatField, sources 0 and 1.
 */

static JSValue
ngx_workers_intl_ext_date_range(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int parts)
{
    double                     start, end;
    UErrorCode                 status;
    ngx_workers_icu_t         *icu;
    const UFormattedValue     *value;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_INTERVAL);

    if (o == NULL
        || JS_ToFloat64(cx, &start, argv[1]) < 0
        || JS_ToFloat64(cx, &end, argv[2]) < 0)
    {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    if (icu->interval == NULL) {
        icu->interval = icu->udtitvfmt_openResult(&status);

        if (U_FAILURE(status)) {
            icu->interval = NULL;
            return ngx_workers_intl_throw(cx, status);
        }
    }

    icu->ucal_setMillis(o->from, start, &status);
    icu->ucal_setMillis(o->to, end, &status);

    icu->udtitvfmt_formatCalendarToResult(o->object, o->from, o->to,
                                          icu->interval, &status);

    value = icu->udtitvfmt_resultAsValue(icu->interval, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    if (!ngx_workers_intl_has(icu, value, UFIELD_CATEGORY_DATE_INTERVAL_SPAN))
    {
        return JS_UNDEFINED;
    }

    return ngx_workers_intl_value(cx, icu, value, UFIELD_CATEGORY_DATE,
                                  UFIELD_CATEGORY_DATE_INTERVAL_SPAN, parts);
}
