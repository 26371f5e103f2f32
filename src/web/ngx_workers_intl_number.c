
/*
 * Copyright (C) the nginx-workers authors
 *
 * Numbers for src/js/intl_number.js: formats and ranges, plural rules,
 * relative times and lists.
 */


#include "ngx_workers_intl.h"


#define NGX_WORKERS_INTL_KEYWORD  32       /* UTF-16 units of a plural form */


static UFormattedNumber *ngx_workers_intl_number(JSContext *cx,
    ngx_workers_icu_t *icu, JSValueConst handle, JSValueConst val);
static UFormattedNumberRange *ngx_workers_intl_number_range(JSContext *cx,
    ngx_workers_icu_t *icu, JSValueConst handle, JSValueConst start,
    JSValueConst end);
static JSValue ngx_workers_intl_ext_number(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int parts);
static JSValue ngx_workers_intl_ext_number_range(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int parts);
static JSValue ngx_workers_intl_ext_plural(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_plural_range(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_plural_forms(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_intl_ext_relative(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int parts);
static JSValue ngx_workers_intl_ext_list(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int parts);
static JSValue ngx_workers_intl_list_parts(JSContext *cx,
    ngx_workers_icu_t *icu, const UFormattedValue *value);


static const JSCFunctionListEntry  ngx_workers_intl_number_functions[] = {
    JS_CFUNC_MAGIC_DEF("formatNumber", 2, ngx_workers_intl_ext_number, 0),
    JS_CFUNC_MAGIC_DEF("numberPartsOf", 2, ngx_workers_intl_ext_number, 1),
    JS_CFUNC_MAGIC_DEF("formatNumberRange", 3,
                       ngx_workers_intl_ext_number_range, 0),
    JS_CFUNC_MAGIC_DEF("numberRangePartsOf", 3,
                       ngx_workers_intl_ext_number_range, 1),
    JS_CFUNC_DEF("plural", 3, ngx_workers_intl_ext_plural),
    JS_CFUNC_DEF("pluralRange", 4, ngx_workers_intl_ext_plural_range),
    JS_CFUNC_DEF("pluralForms", 1, ngx_workers_intl_ext_plural_forms),
    JS_CFUNC_MAGIC_DEF("formatRelative", 4, ngx_workers_intl_ext_relative, 0),
    JS_CFUNC_MAGIC_DEF("relativePartsOf", 4, ngx_workers_intl_ext_relative, 1),
    JS_CFUNC_MAGIC_DEF("formatList", 2, ngx_workers_intl_ext_list, 0),
    JS_CFUNC_MAGIC_DEF("listPartsOf", 2, ngx_workers_intl_ext_list, 1),
};


const ngx_workers_intl_list_t  ngx_workers_intl_number_list = {
    ngx_workers_intl_number_functions,
    ngx_workers_nitems(ngx_workers_intl_number_functions)
};


/* A number, or a string that is a decimal number, formatted. */

static UFormattedNumber *
ngx_workers_intl_number(JSContext *cx, ngx_workers_icu_t *icu,
    JSValueConst handle, JSValueConst val)
{
    size_t                     len;
    double                     number;
    UErrorCode                 status;
    const char                *text;
    ngx_workers_icu_object_t  *o;

    o = ngx_workers_intl_object(cx, handle, NGX_WORKERS_ICU_NUMBER);
    if (o == NULL) {
        return NULL;
    }

    status = U_ZERO_ERROR;

    if (icu->number == NULL) {
        icu->number = icu->unumf_openResult(&status);

        if (U_FAILURE(status)) {
            icu->number = NULL;
            (void) ngx_workers_intl_throw(cx, status);
            return NULL;
        }
    }

    if (JS_IsString(val)) {

        text = JS_ToCStringLen(cx, &len, val);
        if (text == NULL) {
            return NULL;
        }

        icu->unumf_formatDecimal(o->object, text, (int32_t) len, icu->number,
                                 &status);

        JS_FreeCString(cx, text);

    } else {

        if (JS_ToFloat64(cx, &number, val) < 0) {
            return NULL;
        }

        icu->unumf_formatDouble(o->object, number, icu->number, &status);
    }

    if (U_FAILURE(status)) {
        (void) ngx_workers_intl_throw(cx, status);
        return NULL;
    }

    return icu->number;
}


/* Both ends are strings. */

static UFormattedNumberRange *
ngx_workers_intl_number_range(JSContext *cx, ngx_workers_icu_t *icu,
    JSValueConst handle, JSValueConst start, JSValueConst end)
{
    size_t                     slen, elen;
    UErrorCode                 status;
    const char                *s, *e;
    ngx_workers_icu_object_t  *o;

    o = ngx_workers_intl_object(cx, handle, NGX_WORKERS_ICU_NUMBER_RANGE);
    if (o == NULL) {
        return NULL;
    }

    status = U_ZERO_ERROR;

    if (icu->number_range == NULL) {
        icu->number_range = icu->unumrf_openResult(&status);

        if (U_FAILURE(status)) {
            icu->number_range = NULL;
            (void) ngx_workers_intl_throw(cx, status);
            return NULL;
        }
    }

    s = JS_ToCStringLen(cx, &slen, start);
    if (s == NULL) {
        return NULL;
    }

    e = JS_ToCStringLen(cx, &elen, end);
    if (e == NULL) {
        JS_FreeCString(cx, s);
        return NULL;
    }

    icu->unumrf_formatDecimalRange(o->object, s, (int32_t) slen, e,
                                   (int32_t) elen, icu->number_range, &status);

    JS_FreeCString(cx, s);
    JS_FreeCString(cx, e);

    if (U_FAILURE(status)) {
        (void) ngx_workers_intl_throw(cx, status);
        return NULL;
    }

    return icu->number_range;
}


/* formatNumber(number, value); numberPartsOf(): types UNumberFormatFields */

static JSValue
ngx_workers_intl_ext_number(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int parts)
{
    UErrorCode              status;
    UFormattedNumber       *number;
    ngx_workers_icu_t      *icu;
    const UFormattedValue  *value;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    number = ngx_workers_intl_number(cx, icu, argv[0], argv[1]);
    if (number == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    value = icu->unumf_resultAsValue(number, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    return ngx_workers_intl_value(cx, icu, value, UFIELD_CATEGORY_NUMBER, 0,
                                  parts);
}


/*
 * formatNumberRange(range, start, end); numberRangePartsOf(): types as above,
 * sources 0 and 1
 */

static JSValue
ngx_workers_intl_ext_number_range(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int parts)
{
    UErrorCode              status;
    ngx_workers_icu_t      *icu;
    const UFormattedValue  *value;
    UFormattedNumberRange  *range;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    range = ngx_workers_intl_number_range(cx, icu, argv[0], argv[1], argv[2]);
    if (range == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    value = icu->unumrf_resultAsValue(range, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    return ngx_workers_intl_value(cx, icu, value, UFIELD_CATEGORY_NUMBER,
                                  UFIELD_CATEGORY_NUMBER_RANGE_SPAN, parts);
}


/* plural(rules, number, value) */

static JSValue
ngx_workers_intl_ext_plural(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    UChar                      form[NGX_WORKERS_INTL_KEYWORD];
    int32_t                    len;
    UErrorCode                 status;
    UFormattedNumber          *number;
    ngx_workers_icu_t         *icu;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_PLURAL);
    if (o == NULL) {
        return JS_EXCEPTION;
    }

    number = ngx_workers_intl_number(cx, icu, argv[1], argv[2]);
    if (number == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    len = icu->uplrules_selectFormatted(o->object, number, form,
                                        NGX_WORKERS_INTL_KEYWORD, &status);

    return U_FAILURE(status) ? ngx_workers_intl_throw(cx, status)
                             : ngx_workers_intl_string(cx, form, len);
}


/* pluralRange(rules, range, start, end) */

static JSValue
ngx_workers_intl_ext_plural_range(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    UChar                      form[NGX_WORKERS_INTL_KEYWORD];
    int32_t                    len;
    UErrorCode                 status;
    ngx_workers_icu_t         *icu;
    UFormattedNumberRange     *range;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_PLURAL);
    if (o == NULL) {
        return JS_EXCEPTION;
    }

    range = ngx_workers_intl_number_range(cx, icu, argv[1], argv[2], argv[3]);
    if (range == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    len = icu->uplrules_selectForRange(o->object, range, form,
                                       NGX_WORKERS_INTL_KEYWORD, &status);

    return U_FAILURE(status) ? ngx_workers_intl_throw(cx, status)
                             : ngx_workers_intl_string(cx, form, len);
}


/* pluralForms(rules): an array of the keywords. */

static JSValue
ngx_workers_intl_ext_plural_forms(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int32_t                    len;
    JSValue                    forms;
    uint32_t                   n;
    UErrorCode                 status;
    const char                *form;
    UEnumeration              *list;
    ngx_workers_icu_t         *icu;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_PLURAL);
    if (o == NULL) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    list = icu->uplrules_getKeywords(o->object, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    forms = JS_NewArray(cx);

    for (n = 0; !JS_IsException(forms); n++) {

        form = icu->uenum_next(list, &len, &status);

        if (form == NULL || U_FAILURE(status)) {
            break;
        }

        if (JS_DefinePropertyValueUint32(cx, forms, n,
                                         JS_NewStringLen(cx, form, len),
                                         JS_PROP_C_W_E)
            < 0)
        {
            JS_FreeValue(cx, forms);
            forms = JS_EXCEPTION;
        }
    }

    icu->uenum_close(list);

    return forms;
}


/*
 * formatRelative(relative, value, unit, always): unit is an
 * URelativeDateTimeUnit; relativePartsOf(): types are UNumberFormatFields.
 */

static JSValue
ngx_workers_intl_ext_relative(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int parts)
{
    double                     offset;
    int32_t                    unit;
    UErrorCode                 status;
    ngx_workers_icu_t         *icu;
    const UFormattedValue     *value;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_RELATIVE);

    if (o == NULL
        || JS_ToFloat64(cx, &offset, argv[1]) < 0
        || JS_ToInt32(cx, &unit, argv[2]) < 0)
    {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    if (icu->relative == NULL) {
        icu->relative = icu->ureldatefmt_openResult(&status);

        if (U_FAILURE(status)) {
            icu->relative = NULL;
            return ngx_workers_intl_throw(cx, status);
        }
    }

    if (JS_ToBool(cx, argv[3])) {
        icu->ureldatefmt_formatNumericToResult(o->object, offset, unit,
                                               icu->relative, &status);

    } else {
        icu->ureldatefmt_formatToResult(o->object, offset, unit,
                                        icu->relative, &status);
    }

    value = icu->ureldatefmt_resultAsValue(icu->relative, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    return ngx_workers_intl_value(cx, icu, value, UFIELD_CATEGORY_NUMBER, 0,
                                  parts);
}


/*
 * formatList(list, strings); listPartsOf(): types are UListFormatterField.
 */

static JSValue
ngx_workers_intl_ext_list(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int parts)
{
    size_t                     len;
    int32_t                   *lengths;
    int64_t                    i, n;
    JSValue                    item, ret;
    UErrorCode                 status;
    const UChar              **strings;
    ngx_workers_icu_t         *icu;
    const UFormattedValue     *value;
    ngx_workers_icu_object_t  *o;

    icu = ngx_workers_intl_icu(cx);
    if (icu == NULL) {
        return JS_EXCEPTION;
    }

    o = ngx_workers_intl_object(cx, argv[0], NGX_WORKERS_ICU_LIST);

    if (o == NULL || JS_GetLength(cx, argv[1], &n) < 0) {
        return JS_EXCEPTION;
    }

    status = U_ZERO_ERROR;

    if (icu->list == NULL) {
        icu->list = icu->ulistfmt_openResult(&status);

        if (U_FAILURE(status)) {
            icu->list = NULL;
            return ngx_workers_intl_throw(cx, status);
        }
    }

    strings = js_malloc(cx, (n + 1) * (sizeof(UChar *) + sizeof(int32_t)));
    if (strings == NULL) {
        return JS_EXCEPTION;
    }

    lengths = (int32_t *) (strings + n + 1);
    ret = JS_EXCEPTION;

    for (i = 0; i < n; i++) {

        item = JS_GetPropertyInt64(cx, argv[1], i);
        strings[i] = JS_ToCStringLenUTF16(cx, &len, item);
        JS_FreeValue(cx, item);

        if (strings[i] == NULL) {
            goto done;
        }

        lengths[i] = (int32_t) len;
    }

    icu->ulistfmt_formatStringsToResult(o->object, strings, lengths,
                                        (int32_t) n, icu->list, &status);

    value = icu->ulistfmt_resultAsValue(icu->list, &status);

    if (U_FAILURE(status)) {
        ret = ngx_workers_intl_throw(cx, status);

    } else if (parts) {
        ret = ngx_workers_intl_list_parts(cx, icu, value);

    } else {
        ret = ngx_workers_intl_value(cx, icu, value, 0, 0, 0);
    }

done:

    while (i > 0) {
        JS_FreeCStringUTF16(cx, strings[--i]);
    }

    js_free(cx, strings);

    return ret;
}


/* Elements are parts also if they are empty; there is nothing inside them. */

static JSValue
ngx_workers_intl_list_parts(JSContext *cx, ngx_workers_icu_t *icu,
    const UFormattedValue *value)
{
    int32_t       field, start, end, len;
    JSValue       parts;
    uint32_t      n;
    UErrorCode    status;
    const UChar  *text;

    status = U_ZERO_ERROR;

    if (icu->position == NULL) {
        icu->position = icu->ucfpos_open(&status);

        if (U_FAILURE(status)) {
            icu->position = NULL;
            return ngx_workers_intl_throw(cx, status);
        }
    }

    icu->ucfpos_reset(icu->position, &status);

    text = icu->ufmtval_getString(value, &len, &status);

    if (U_FAILURE(status)) {
        return ngx_workers_intl_throw(cx, status);
    }

    parts = JS_NewArray(cx);
    n = 0;

    while (!JS_IsException(parts)
           && icu->ufmtval_nextPosition(value, icu->position, &status))
    {
        if (icu->ucfpos_getCategory(icu->position, &status)
            != UFIELD_CATEGORY_LIST)
        {
            continue;
        }

        field = icu->ucfpos_getField(icu->position, &status);
        icu->ucfpos_getIndexes(icu->position, &start, &end, &status);

        if (JS_DefinePropertyValueUint32(cx, parts, n++,
                                         JS_NewInt32(cx, field), JS_PROP_C_W_E)
            < 0
            || JS_DefinePropertyValueUint32(cx, parts, n++,
                              ngx_workers_intl_string(cx, text + start,
                                                      end - start),
                              JS_PROP_C_W_E)
               < 0)
        {
            JS_FreeValue(cx, parts);
            parts = JS_EXCEPTION;
        }
    }

    return parts;
}
