
/*
 * Copyright (C) the nginx-workers authors
 *
 * ICU, opened when a script first asks for it: its libraries are no part of
 * the link and cost a process nothing until then.  Functions are called as
 * icu->ucol_open(...); ICU's headers append its version to the names.
 *
 * All of it belongs to the event loop.
 */


#ifndef _NGX_WORKERS_ICU_H_INCLUDED_
#define _NGX_WORKERS_ICU_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <unicode/ubrk.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/uclean.h>
#include <unicode/ucol.h>
#include <unicode/ucurr.h>
#include <unicode/udat.h>
#include <unicode/udateintervalformat.h>
#include <unicode/udatpg.h>
#include <unicode/uenum.h>
#include <unicode/ufieldpositer.h>
#include <unicode/ulistformatter.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>
#include <unicode/ulocale.h>
#include <unicode/unum.h>
#include <unicode/unumberformatter.h>
#include <unicode/unumberrangeformatter.h>
#include <unicode/unumsys.h>
#include <unicode/upluralrules.h>
#include <unicode/ureldatefmt.h>
#include <unicode/ustring.h>


#define NGX_WORKERS_ICU_TEXT(x)    NGX_WORKERS_ICU_TEXT2(x)
#define NGX_WORKERS_ICU_TEXT2(x)   #x
#define NGX_WORKERS_ICU_VERSION    NGX_WORKERS_ICU_TEXT(U_ICU_VERSION_MAJOR_NUM)

/* Debian's package of both libraries */
#define NGX_WORKERS_ICU_PACKAGE    "libicu" NGX_WORKERS_ICU_VERSION


#define NGX_WORKERS_ICU_UC(X)                                                 \
    X(u_getIntPropertyValue)                                                  \
    X(u_setMemoryFunctions)                                                   \
    X(u_strFromUTF8)                                                          \
    X(u_strToLower)                                                           \
    X(u_strToUpper)                                                           \
    X(ubrk_clone)                                                             \
    X(ubrk_close)                                                             \
    X(ubrk_following)                                                         \
    X(ubrk_getRuleStatus)                                                     \
    X(ubrk_isBoundary)                                                        \
    X(ubrk_open)                                                              \
    X(ubrk_preceding)                                                         \
    X(ubrk_setText)                                                           \
    X(ucurr_getDefaultFractionDigits)                                         \
    X(ucurr_getName)                                                          \
    X(ucurr_openISOCurrencies)                                                \
    X(uenum_close)                                                            \
    X(uenum_next)                                                             \
    X(uldn_close)                                                             \
    X(uldn_keyValueDisplayName)                                               \
    X(uldn_localeDisplayName)                                                 \
    X(uldn_openForContext)                                                    \
    X(uldn_regionDisplayName)                                                 \
    X(uldn_scriptDisplayName)                                                 \
    X(uloc_addLikelySubtags)                                                  \
    X(uloc_forLanguageTag)                                                    \
    X(uloc_isRightToLeft)                                                     \
    X(uloc_minimizeSubtags)                                                   \
    X(uloc_openAvailableByType)                                               \
    X(uloc_toLanguageTag)                                                     \
    X(uloc_toUnicodeLocaleType)                                               \
    X(ulocale_close)                                                          \
    X(ulocale_getLocaleID)                                                    \
    X(ulocale_openForLocaleID)

#define NGX_WORKERS_ICU_I18N(X)                                               \
    X(ucal_clone)                                                             \
    X(ucal_close)                                                             \
    X(ucal_getAttribute)                                                      \
    X(ucal_getCanonicalTimeZoneID)                                            \
    X(ucal_getDayOfWeekType)                                                  \
    X(ucal_getKeywordValuesForLocale)                                         \
    X(ucal_open)                                                              \
    X(ucal_openTimeZoneIDEnumeration)                                         \
    X(ucal_openTimeZones)                                                     \
    X(ucal_setGregorianChange)                                                \
    X(ucal_setMillis)                                                         \
    X(ucfpos_close)                                                           \
    X(ucfpos_getCategory)                                                     \
    X(ucfpos_getField)                                                        \
    X(ucfpos_getIndexes)                                                      \
    X(ucfpos_open)                                                            \
    X(ucfpos_reset)                                                           \
    X(ucol_close)                                                             \
    X(ucol_getAttribute)                                                      \
    X(ucol_getKeywordValues)                                                  \
    X(ucol_getKeywordValuesForLocale)                                         \
    X(ucol_open)                                                              \
    X(ucol_openAvailableLocales)                                              \
    X(ucol_setAttribute)                                                      \
    X(ucol_strcoll)                                                           \
    X(ucol_strcollUTF8)                                                       \
    X(udat_close)                                                             \
    X(udat_format)                                                            \
    X(udat_formatForFields)                                                   \
    X(udat_getCalendar)                                                       \
    X(udat_open)                                                              \
    X(udat_setCalendar)                                                       \
    X(udat_toPattern)                                                         \
    X(udatpg_close)                                                           \
    X(udatpg_getBestPatternWithOptions)                                       \
    X(udatpg_getDefaultHourCycle)                                             \
    X(udatpg_getFieldDisplayName)                                             \
    X(udatpg_getSkeleton)                                                     \
    X(udatpg_open)                                                            \
    X(udtitvfmt_close)                                                        \
    X(udtitvfmt_formatCalendarToResult)                                       \
    X(udtitvfmt_open)                                                         \
    X(udtitvfmt_openResult)                                                   \
    X(udtitvfmt_resultAsValue)                                                \
    X(ufieldpositer_close)                                                    \
    X(ufieldpositer_next)                                                     \
    X(ufieldpositer_open)                                                     \
    X(ulistfmt_close)                                                         \
    X(ulistfmt_closeResult)                                                   \
    X(ulistfmt_formatStringsToResult)                                         \
    X(ulistfmt_openForType)                                                   \
    X(ulistfmt_openResult)                                                    \
    X(ulistfmt_resultAsValue)                                                 \
    X(ufmtval_getString)                                                      \
    X(ufmtval_nextPosition)                                                   \
    X(unum_open)                                                              \
    X(unum_setAttribute)                                                      \
    X(unumf_close)                                                            \
    X(unumf_closeResult)                                                      \
    X(unumf_formatDecimal)                                                    \
    X(unumf_formatDouble)                                                     \
    X(unumf_openForSkeletonAndLocale)                                         \
    X(unumf_openResult)                                                       \
    X(unumf_resultAsValue)                                                    \
    X(unumrf_close)                                                           \
    X(unumrf_closeResult)                                                     \
    X(unumrf_formatDecimalRange)                                              \
    X(unumrf_openForSkeletonWithCollapseAndIdentityFallback)                  \
    X(unumrf_openResult)                                                      \
    X(unumrf_resultAsValue)                                                   \
    X(unumsys_close)                                                          \
    X(unumsys_getName)                                                        \
    X(unumsys_isAlgorithmic)                                                  \
    X(unumsys_open)                                                           \
    X(unumsys_openAvailableNames)                                             \
    X(unumsys_openByName)                                                     \
    X(uplrules_close)                                                         \
    X(uplrules_getKeywords)                                                   \
    X(uplrules_openForType)                                                   \
    X(uplrules_selectForRange)                                                \
    X(uplrules_selectFormatted)                                               \
    X(ureldatefmt_close)                                                      \
    X(ureldatefmt_closeResult)                                                \
    X(ureldatefmt_formatNumericToResult)                                      \
    X(ureldatefmt_formatToResult)                                             \
    X(ureldatefmt_open)                                                       \
    X(ureldatefmt_openResult)                                                 \
    X(ureldatefmt_resultAsValue)


typedef struct {
#define NGX_WORKERS_X(name)  __typeof__(name)  *name;
    NGX_WORKERS_ICU_UC(NGX_WORKERS_X)
    NGX_WORKERS_ICU_I18N(NGX_WORKERS_X)
#undef NGX_WORKERS_X

    /*
     * icu::Locale's canonicalize(), for which there is no function in C; an
     * ULocale is this class by another name.  NULL: the library has none.
     */
    void                 (*canonicalize)(ULocale *locale, UErrorCode *status);

    size_t                 memory;          /* bytes that ICU has allocated */

    void                  *collator;        /* the default one; who uses it
                                               sets it */

    /* results, used anew by each call; NULL until the first one */
    UFormattedNumber          *number;
    UFormattedNumberRange     *number_range;
    UFormattedDateInterval    *interval;
    UFormattedRelativeDateTime  *relative;
    UFormattedList            *list;
    UFieldPositionIterator    *fields;
    UConstrainedFieldPosition *position;
} ngx_workers_icu_t;


/*
 * The libraries, opened now if need be.  NULL: they are not there or are not
 * what the headers said; it was logged when they were first asked for.
 */
ngx_workers_icu_t *ngx_workers_icu(ngx_log_t *log);


#endif /* _NGX_WORKERS_ICU_H_INCLUDED_ */
