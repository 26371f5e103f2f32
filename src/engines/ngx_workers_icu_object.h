
/*
 * Copyright (C) the nginx-workers authors
 *
 * ICU's formatters, collators and the like, as one type.  They are costly to
 * make and do not change: all that ask for the same thing get the same
 * object, and the ones used last are kept for who comes next.
 *
 * All of it belongs to the event loop.
 */


#ifndef _NGX_WORKERS_ICU_OBJECT_H_INCLUDED_
#define _NGX_WORKERS_ICU_OBJECT_H_INCLUDED_


#include "ngx_workers_icu.h"


#define NGX_WORKERS_ICU_ARGS   4           /* of an object, at most */

/* bytes of all arguments together, at most */
#define NGX_WORKERS_ICU_KEY    2048


/* What there is, and its arguments after the language tag of its locale. */
typedef enum {
    NGX_WORKERS_ICU_PATTERNS = 0,    /* UDateTimePatternGenerator */
    NGX_WORKERS_ICU_DATE,            /* UDateFormat: pattern, time zone */
    NGX_WORKERS_ICU_INTERVAL,        /* UDateIntervalFormat: skeleton, zone */
    NGX_WORKERS_ICU_NUMBER,          /* UNumberFormatter: skeleton */
    NGX_WORKERS_ICU_NUMBER_RANGE,    /* UNumberRangeFormatter: skeleton */
    NGX_WORKERS_ICU_PLURAL,          /* UPluralRules: UPluralType */
    NGX_WORKERS_ICU_RELATIVE,        /* URelativeDateTimeFormatter: style */
    NGX_WORKERS_ICU_LIST,            /* UListFormatter: type, width */
    NGX_WORKERS_ICU_NAMES,           /* ULocaleDisplayNames: UDisplayContexts
                                        of dialects, of length */
    NGX_WORKERS_ICU_COLLATOR,        /* UCollator: a digit for strength,
                                        numeric, caseFirst, ignorePunctuation
                                        each; '-': the locale's */
    NGX_WORKERS_ICU_BREAKS,          /* UBreakIterator: UBreakIteratorType */
    NGX_WORKERS_ICU_KINDS
} ngx_workers_icu_kind_e;


typedef struct {
    ngx_str_node_t             node;       /* by the key: kind, arguments */
    ngx_queue_t                queue;      /* of the idle ones */
    ngx_uint_t                 refs;       /* 0: idle */
    size_t                     size;       /* of it and what ICU allocated */
    ngx_workers_icu_kind_e     kind;

    void                      *object;     /* ICU's, by kind */
    UCalendar                 *from;       /* of an interval, set by who */
    UCalendar                 *to;         /* formats; or NULL */
} ngx_workers_icu_object_t;


/*
 * An object, made if there is none, with a reference that the caller has to
 * release.  The arguments are UTF-8, the language tag first.  NULL: ICU
 * refused them, or memory has ended.
 */
ngx_workers_icu_object_t *ngx_workers_icu_object(ngx_workers_icu_t *icu,
    ngx_workers_icu_kind_e kind, ngx_str_t *args, ngx_uint_t nargs);

void ngx_workers_icu_object_release(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o);

/*
 * The locale id that stands for a language tag, which ends with a null
 * character, in buf of ULOC_FULLNAME_CAPACITY.  NGX_ERROR: it has none.
 */
ngx_int_t ngx_workers_icu_locale(ngx_workers_icu_t *icu, const char *tag,
    char *buf);


#endif /* _NGX_WORKERS_ICU_OBJECT_H_INCLUDED_ */
