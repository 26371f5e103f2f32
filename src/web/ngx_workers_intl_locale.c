
/*
 * Copyright (C) the nginx-workers authors
 *
 * Locales for src/js/intl*.js: language tags, what a locale prefers, what
 * there is, and names of things.
 */


#include "ngx_workers_intl.h"


#define NGX_WORKERS_INTL_TAG       1024    /* bytes of a language tag */
#define NGX_WORKERS_INTL_CURRENCY  3       /* letters of a currency */


typedef UEnumeration *(*ngx_workers_intl_values_pt)(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);


static JSValue ngx_workers_intl_ext_tag(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_likely(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int maximize);
static JSValue ngx_workers_intl_new_tag(JSContext *cx, ngx_workers_icu_t *icu,
    const char *locale);
static JSValue ngx_workers_intl_ext_locales(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int collation);
static JSValue ngx_workers_intl_ext_values(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static UEnumeration *ngx_workers_intl_calendars(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);
static UEnumeration *ngx_workers_intl_all_calendars(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);
static UEnumeration *ngx_workers_intl_collations(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);
static UEnumeration *ngx_workers_intl_locale_collations(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);
static UEnumeration *ngx_workers_intl_all_collations(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);
static UEnumeration *ngx_workers_intl_currencies(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);
static UEnumeration *ngx_workers_intl_numbering_systems(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);
static UEnumeration *ngx_workers_intl_zones(ngx_workers_icu_t *icu,
    const char *locale, const char *region, UErrorCode *status);
static JSValue ngx_workers_intl_strings(JSContext *cx, ngx_workers_icu_t *icu,
    UEnumeration *list, const char *key, ngx_uint_t tags);
static JSValue ngx_workers_intl_ext_numbering(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_is_numbering(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_right_to_left(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_week(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_name(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_currency_name(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_currency_digits(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_intl_get_locale(JSContext *cx,
    ngx_workers_icu_t *icu, JSValueConst val, char *locale);
static ngx_int_t ngx_workers_intl_get_currency(JSContext *cx,
    JSValueConst val, UChar *currency);


enum {
    NGX_WORKERS_INTL_NAME_LANGUAGE = 0,
    NGX_WORKERS_INTL_NAME_REGION,
    NGX_WORKERS_INTL_NAME_SCRIPT,
    NGX_WORKERS_INTL_NAME_CALENDAR
};


/* What a function lists, and the key of a language tag that its values are. */
static const struct {
    ngx_workers_intl_values_pt   open;
    const char                  *key;      /* NULL: of none */
} ngx_workers_intl_values[] = {
    { ngx_workers_intl_calendars, "ca" },
    { ngx_workers_intl_all_calendars, "ca" },
    { ngx_workers_intl_collations, "co" },
    { ngx_workers_intl_locale_collations, "co" },
    { ngx_workers_intl_all_collations, "co" },
    { ngx_workers_intl_currencies, NULL },
    { ngx_workers_intl_numbering_systems, NULL },
    { ngx_workers_intl_zones, NULL },
};


static const JSCFunctionListEntry  ngx_workers_intl_locale_functions[] = {
    JS_CFUNC_DEF("canonicalTag", 1, ngx_workers_intl_ext_tag),
    JS_CFUNC_MAGIC_DEF("minimize", 1, ngx_workers_intl_ext_likely, 0),
    JS_CFUNC_MAGIC_DEF("maximize", 1, ngx_workers_intl_ext_likely, 1),
    JS_CFUNC_MAGIC_DEF("locales", 0, ngx_workers_intl_ext_locales, 0),
    JS_CFUNC_MAGIC_DEF("collationLocales", 0, ngx_workers_intl_ext_locales, 1),

    /* (tag, region): arrays of strings */
    JS_CFUNC_MAGIC_DEF("calendars", 2, ngx_workers_intl_ext_values, 0),
    JS_CFUNC_MAGIC_DEF("allCalendars", 2, ngx_workers_intl_ext_values, 1),
    JS_CFUNC_MAGIC_DEF("collations", 2, ngx_workers_intl_ext_values, 2),
    JS_CFUNC_MAGIC_DEF("localeCollations", 2, ngx_workers_intl_ext_values, 3),
    JS_CFUNC_MAGIC_DEF("allCollations", 2, ngx_workers_intl_ext_values, 4),
    JS_CFUNC_MAGIC_DEF("currencies", 2, ngx_workers_intl_ext_values, 5),
    JS_CFUNC_MAGIC_DEF("numberingSystems", 2, ngx_workers_intl_ext_values, 6),
    JS_CFUNC_MAGIC_DEF("zones", 2, ngx_workers_intl_ext_values, 7),

    JS_CFUNC_DEF("numberingSystem", 1, ngx_workers_intl_ext_numbering),
    JS_CFUNC_DEF("isNumberingSystem", 1, ngx_workers_intl_ext_is_numbering),
    JS_CFUNC_DEF("isRightToLeft", 1, ngx_workers_intl_ext_right_to_left),
    JS_CFUNC_DEF("week", 1, ngx_workers_intl_ext_week),
    JS_CFUNC_DEF("name", 3, ngx_workers_intl_ext_name),
    JS_CFUNC_DEF("currencyName", 3, ngx_workers_intl_ext_currency_name),
    JS_CFUNC_DEF("currencyDigits", 1, ngx_workers_intl_ext_currency_digits),
};


const ngx_workers_intl_list_t  ngx_workers_intl_locale_list = {
    ngx_workers_intl_locale_functions,
    ngx_workers_nitems(ngx_workers_intl_locale_functions)
};


/*
 * canonicalTag(tag): a well-formed tag in canonical form, aliases replaced;
 * undefined: ICU does not take it.
 */

static JSValue
ngx_workers_intl_ext_tag(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    char                buf[NGX_WORKERS_INTL_TAG];
    size_t              size;
    int32_t             len, parsed;
    JSValue             ret;
    ULocale            *locale;
    UErrorCode          status;
    const char         *tag;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    tag = JS_ToCStringLen(cx, &size, argv[0]);
    if (tag == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;
    parsed = 0;

    len = icu->uloc_forLanguageTag(tag, buf, NGX_WORKERS_INTL_TAG, &parsed,
                                   &status);

    JS_FreeCString(cx, tag);

    if (U_FAILURE(status) || len >= NGX_WORKERS_INTL_TAG
        || (size_t) parsed != size)
    {
        return JS_UNDEFINED;
    }

    locale = icu->ulocale_openForLocaleID(buf, len, &status);

    if (U_FAILURE(status)) {
        return JS_UNDEFINED;
    }

    if (icu->canonicalize != NULL) {
        icu->canonicalize(locale, &status);
    }

    ret = U_SUCCESS(status)
          ? ngx_workers_intl_new_tag(cx, icu, icu->ulocale_getLocaleID(locale))
          : JS_UNDEFINED;

    icu->ulocale_close(locale);

    return ret;
}


/* maximize(tag), minimize(tag) */

static JSValue
ngx_workers_intl_ext_likely(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int maximize)
{
    char                buf[NGX_WORKERS_INTL_TAG];
    char                likely[NGX_WORKERS_INTL_TAG];
    int32_t             len;
    UErrorCode          status;
    const char         *tag;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    tag = JS_ToCString(cx, argv[0]);
    if (tag == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    len = icu->uloc_forLanguageTag(tag, buf, NGX_WORKERS_INTL_TAG, NULL,
                                   &status);

    JS_FreeCString(cx, tag);

    if (U_FAILURE(status) || len >= NGX_WORKERS_INTL_TAG) {
        return JS_UNDEFINED;
    }

    if (maximize) {
        len = icu->uloc_addLikelySubtags(buf, likely, NGX_WORKERS_INTL_TAG,
                                         &status);

    } else {
        len = icu->uloc_minimizeSubtags(buf, likely, NGX_WORKERS_INTL_TAG,
                                        &status);
    }

    if (U_FAILURE(status) || len >= NGX_WORKERS_INTL_TAG) {
        return JS_UNDEFINED;
    }

    return ngx_workers_intl_new_tag(cx, icu, likely);
}


static JSValue
ngx_workers_intl_new_tag(JSContext *cx, ngx_workers_icu_t *icu,
    const char *locale)
{
    char        tag[NGX_WORKERS_INTL_TAG];
    int32_t     len;
    UErrorCode  status;

    status = U_ZERO_ERROR;

    len = icu->uloc_toLanguageTag(locale, tag, NGX_WORKERS_INTL_TAG, 1,
                                  &status);

    if (U_FAILURE(status) || len >= NGX_WORKERS_INTL_TAG) {
        return JS_UNDEFINED;
    }

    return JS_NewStringLen(cx, tag, len);
}


/* locales(), collationLocales(): tags of what ICU has data for. */

static JSValue
ngx_workers_intl_ext_locales(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int collation)
{
    UErrorCode          status;
    UEnumeration       *list;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    list = collation
           ? icu->ucol_openAvailableLocales(&status)
           : icu->uloc_openAvailableByType(ULOC_AVAILABLE_WITH_LEGACY_ALIASES,
                                           &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    return ngx_workers_intl_strings(cx, icu, list, NULL, 1);
}


/* Lists of values that a locale or a region has, or all. */

static JSValue
ngx_workers_intl_ext_values(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    char                locale[ULOC_FULLNAME_CAPACITY];
    UErrorCode          status;
    const char         *region;
    UEnumeration       *list;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_intl_get_locale(cx, icu, argv[0], locale) != NGX_OK) {
        return JS_EXCEPTION;
    }

    region = NULL;

    if (!JS_IsUndefined(argv[1])) {
        region = JS_ToCString(cx, argv[1]);
        if (region == NULL) {
            return JS_EXCEPTION;
        }
    }

    status = U_ZERO_ERROR;

    list = ngx_workers_intl_values[magic].open(icu, locale, region, &status);

    if (region != NULL) {
        JS_FreeCString(cx, region);
    }

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    return ngx_workers_intl_strings(cx, icu, list,
                                    ngx_workers_intl_values[magic].key, 0);
}


static UEnumeration *
ngx_workers_intl_calendars(ngx_workers_icu_t *icu, const char *locale,
    const char *region, UErrorCode *status)
{
    return icu->ucal_getKeywordValuesForLocale("calendar", locale, 1, status);
}


static UEnumeration *
ngx_workers_intl_all_calendars(ngx_workers_icu_t *icu, const char *locale,
    const char *region, UErrorCode *status)
{
    return icu->ucal_getKeywordValuesForLocale("calendar", locale, 0, status);
}


static UEnumeration *
ngx_workers_intl_collations(ngx_workers_icu_t *icu, const char *locale,
    const char *region, UErrorCode *status)
{
    return icu->ucol_getKeywordValuesForLocale("collation", locale, 1, status);
}


static UEnumeration *
ngx_workers_intl_locale_collations(ngx_workers_icu_t *icu, const char *locale,
    const char *region, UErrorCode *status)
{
    return icu->ucol_getKeywordValuesForLocale("collation", locale, 0, status);
}


static UEnumeration *
ngx_workers_intl_all_collations(ngx_workers_icu_t *icu, const char *locale,
    const char *region, UErrorCode *status)
{
    return icu->ucol_getKeywordValues("collation", status);
}


static UEnumeration *
ngx_workers_intl_currencies(ngx_workers_icu_t *icu, const char *locale,
    const char *region, UErrorCode *status)
{
    return icu->ucurr_openISOCurrencies(UCURR_ALL, status);
}


static UEnumeration *
ngx_workers_intl_numbering_systems(ngx_workers_icu_t *icu, const char *locale,
    const char *region, UErrorCode *status)
{
    return icu->unumsys_openAvailableNames(status);
}


static UEnumeration *
ngx_workers_intl_zones(ngx_workers_icu_t *icu, const char *locale,
    const char *region, UErrorCode *status)
{
    return icu->ucal_openTimeZoneIDEnumeration((region != NULL)
                                          ? UCAL_ZONE_TYPE_CANONICAL
                                          : UCAL_ZONE_TYPE_CANONICAL_LOCATION,
                                          region, NULL, status);
}


/*
 * An array of what is left of a list, which is closed: values of a key as
 * language tags write them, if there is one; language tags of locales.
 */

static JSValue
ngx_workers_intl_strings(JSContext *cx, ngx_workers_icu_t *icu,
    UEnumeration *list, const char *key, ngx_uint_t tags)
{
    int32_t      len;
    JSValue      strings, string;
    uint32_t     n;
    UErrorCode   status;
    const char  *value, *type;

    status = U_ZERO_ERROR;
    strings = JS_NewArray(cx);
    n = 0;

    while (!JS_IsException(strings)) {

        value = icu->uenum_next(list, &len, &status);

        if (value == NULL || U_FAILURE(status)) {
            break;
        }

        if (key != NULL) {
            type = icu->uloc_toUnicodeLocaleType(key, value);
            value = (type != NULL) ? type : value;
        }

        string = tags ? ngx_workers_intl_new_tag(cx, icu, value)
                      : JS_NewString(cx, value);

        if (JS_DefinePropertyValueUint32(cx, strings, n++, string,
                                         JS_PROP_C_W_E)
            < 0)
        {
            JS_FreeValue(cx, strings);
            strings = JS_EXCEPTION;
        }
    }

    icu->uenum_close(list);

    return strings;
}


/* numberingSystem(tag): the one of the locale. */

static JSValue
ngx_workers_intl_ext_numbering(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    char                locale[ULOC_FULLNAME_CAPACITY];
    JSValue             name;
    UErrorCode          status;
    UNumberingSystem   *system;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_intl_get_locale(cx, icu, argv[0], locale) != NGX_OK) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    system = icu->unumsys_open(locale, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    name = JS_NewString(cx, icu->unumsys_getName(system));

    icu->unumsys_close(system);

    return name;
}


/* isNumberingSystem(name): one with digits. */

static JSValue
ngx_workers_intl_ext_is_numbering(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    UErrorCode          status;
    ngx_uint_t          digits;
    const char         *name;
    UNumberingSystem   *system;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    name = JS_ToCString(cx, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    system = icu->unumsys_openByName(name, &status);

    JS_FreeCString(cx, name);

    if (U_FAILURE(status)) {
        return JS_FALSE;
    }

    digits = !icu->unumsys_isAlgorithmic(system);

    icu->unumsys_close(system);

    return JS_NewBool(cx, digits);
}


static JSValue
ngx_workers_intl_ext_right_to_left(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    char                locale[ULOC_FULLNAME_CAPACITY];
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_intl_get_locale(cx, icu, argv[0], locale) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_NewBool(cx, icu->uloc_isRightToLeft(locale));
}


/* week(tag): [first day, days of the weekend ...], 1 for Monday. */

static JSValue
ngx_workers_intl_ext_week(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    char                   locale[ULOC_FULLNAME_CAPACITY];
    int                    day, n;
    JSValue                days[8];
    UCalendar             *cal;
    UErrorCode             status;
    ngx_workers_icu_t     *icu;
    UCalendarWeekdayType   type;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_intl_get_locale(cx, icu, argv[0], locale) != NGX_OK) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    cal = icu->ucal_open(u"UTC", 3, locale, UCAL_DEFAULT, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    day = icu->ucal_getAttribute(cal, UCAL_FIRST_DAY_OF_WEEK);
    days[0] = JS_NewInt32(cx, (day == UCAL_SUNDAY) ? 7 : day - 1);

    n = 1;

    for (day = 1; day <= 7; day++) {

        type = icu->ucal_getDayOfWeekType(cal, (day == 7) ? UCAL_SUNDAY
                                                          : day + 1, &status);

        if (U_SUCCESS(status) && type != UCAL_WEEKDAY) {
            days[n++] = JS_NewInt32(cx, day);
        }
    }

    icu->ucal_close(cal);

    return JS_NewArrayFrom(cx, n, days);
}


/* name(names, what, code): undefined if there is none. */

static JSValue
ngx_workers_intl_ext_name(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    char                        locale[ULOC_FULLNAME_CAPACITY];
    int32_t                     what, len;
    const char                 *code;
    ngx_workers_icu_t          *icu;
    ngx_workers_icu_object_t   *o;
    ngx_workers_intl_buffer_t   buf;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_NAMES);

    if (o == NULL || JS_ToInt32(cx, &what, argv[1]) < 0) {
        return JS_EXCEPTION;
    }

    code = JS_ToCString(cx, argv[2]);
    if (code == NULL) {
        return JS_EXCEPTION;
    }

    ngx_workers_intl_buffer_init(&buf);

    if (what == NGX_WORKERS_INTL_NAME_LANGUAGE
        && ngx_workers_icu_locale(icu, code, locale) != NGX_OK)
    {
        buf.status = U_ILLEGAL_ARGUMENT_ERROR;
    }

    do {
        switch (what) {

        case NGX_WORKERS_INTL_NAME_LANGUAGE:
            len = icu->uldn_localeDisplayName(o->object, locale, buf.data,
                                              buf.size, &buf.status);
            break;

        case NGX_WORKERS_INTL_NAME_REGION:
            len = icu->uldn_regionDisplayName(o->object, code, buf.data,
                                              buf.size, &buf.status);
            break;

        case NGX_WORKERS_INTL_NAME_SCRIPT:
            len = icu->uldn_scriptDisplayName(o->object, code, buf.data,
                                              buf.size, &buf.status);
            break;

        default: /* NGX_WORKERS_INTL_NAME_CALENDAR */
            len = icu->uldn_keyValueDisplayName(o->object, "calendar", code,
                                                buf.data, buf.size,
                                                &buf.status);
            break;
        }

    } while (ngx_workers_intl_buffer_again(&buf, len));

    JS_FreeCString(cx, code);

    if (U_FAILURE(buf.status) || len <= 0) {
        ngx_workers_intl_buffer_free(&buf);
        return JS_UNDEFINED;
    }

    return ngx_workers_intl_buffer_string(cx, &buf, len);
}


/* currencyName(tag, style, code): a UCurrNameStyle; undefined: unknown. */

static JSValue
ngx_workers_intl_ext_currency_name(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    char                locale[ULOC_FULLNAME_CAPACITY];
    UBool               choice;
    UChar               currency[NGX_WORKERS_INTL_CURRENCY + 1];
    int32_t             style, len;
    UErrorCode          status;
    const UChar        *name;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_intl_get_locale(cx, icu, argv[0], locale) != NGX_OK
        || JS_ToInt32(cx, &style, argv[1]) < 0
        || ngx_workers_intl_get_currency(cx, argv[2], currency) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    name = icu->ucurr_getName(currency, locale, style, &choice, &len, &status);

    if (U_FAILURE(status) || status == U_USING_DEFAULT_WARNING) {
        return JS_UNDEFINED;
    }

    return ngx_workers_intl_string(cx, name, len);
}


/* currencyDigits(code) */

static JSValue
ngx_workers_intl_ext_currency_digits(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    UChar               currency[NGX_WORKERS_INTL_CURRENCY + 1];
    int32_t             digits;
    UErrorCode          status;
    ngx_workers_icu_t  *icu;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_intl_get_currency(cx, argv[0], currency) != NGX_OK) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    digits = icu->ucurr_getDefaultFractionDigits(currency, &status);

    return JS_NewInt32(cx, U_SUCCESS(status) ? digits : 2);
}


static ngx_int_t
ngx_workers_intl_get_locale(JSContext *cx, ngx_workers_icu_t *icu,
    JSValueConst val, char *locale)
{
    ngx_int_t    rc;
    const char  *tag;

    tag = JS_ToCString(cx, val);
    if (tag == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_workers_icu_locale(icu, tag, locale);

    JS_FreeCString(cx, tag);

    if (rc != NGX_OK) {
        (void) ngx_workers_intl_throw(cx, U_ILLEGAL_ARGUMENT_ERROR);
    }

    return rc;
}


static ngx_int_t
ngx_workers_intl_get_currency(JSContext *cx, JSValueConst val, UChar *currency)
{
    size_t       i, len;
    const char  *code;

    code = JS_ToCStringLen(cx, &len, val);
    if (code == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_WORKERS_INTL_CURRENCY; i++) {
        currency[i] = (i < len) ? (u_char) code[i] : '\0';
    }

    currency[NGX_WORKERS_INTL_CURRENCY] = '\0';

    JS_FreeCString(cx, code);

    return NGX_OK;
}
