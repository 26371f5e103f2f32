
/*
 * Copyright (C) the nginx-workers authors
 *
 * ICU's objects in a tree, by what they were made of.  One that nobody holds
 * is idle; the idle ones are bounded in number and in memory, and the one
 * that has been idle longest goes first.
 */


#include "ngx_workers_icu_object.h"


#define NGX_WORKERS_ICU_IDLE       64
#define NGX_WORKERS_ICU_IDLE_SIZE  (4 * 1024 * 1024)

/* An object is not larger: what is more has gone into ICU's own caches. */
#define NGX_WORKERS_ICU_SIZE       (64 * 1024)

#define NGX_WORKERS_ICU_PATTERN    512     /* UTF-16 units of a pattern */
#define NGX_WORKERS_ICU_ZONE       64      /* ... of a zone's name */

/* proleptic: the Gregorian calendar begins with the first time value */
#define NGX_WORKERS_ICU_GREGORIAN  (-8.64e15)


typedef struct {
    ngx_rbtree_t               tree;
    ngx_rbtree_node_t          sentinel;
    ngx_queue_t                idle;       /* the last one used comes first */
    ngx_uint_t                 nidle;
    size_t                     idle_size;
} ngx_workers_icu_objects_t;


/* Sets o->object, or leaves it NULL. */
typedef void (*ngx_workers_icu_open_pt)(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);


static ngx_workers_icu_objects_t *ngx_workers_icu_objects(void);
static void ngx_workers_icu_object_free(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o);
static void ngx_workers_icu_open_patterns(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_date(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_interval(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_proleptic(ngx_workers_icu_t *icu, UCalendar *cal);
static void ngx_workers_icu_open_number(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_number_range(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_plural(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_relative(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_list(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_names(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_collator(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static void ngx_workers_icu_open_breaks(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status);
static int32_t ngx_workers_icu_utf16(ngx_workers_icu_t *icu, ngx_str_t *arg,
    UChar *buf, int32_t size, UErrorCode *status);


static const struct {
    ngx_workers_icu_open_pt   open;
    ngx_uint_t                nargs;
} ngx_workers_icu_kinds[NGX_WORKERS_ICU_KINDS] = {
    { ngx_workers_icu_open_patterns, 1 },
    { ngx_workers_icu_open_date, 3 },
    { ngx_workers_icu_open_interval, 3 },
    { ngx_workers_icu_open_number, 2 },
    { ngx_workers_icu_open_number_range, 2 },
    { ngx_workers_icu_open_plural, 2 },
    { ngx_workers_icu_open_relative, 2 },
    { ngx_workers_icu_open_list, 3 },
    { ngx_workers_icu_open_names, 3 },
    { ngx_workers_icu_open_collator, 2 },
    { ngx_workers_icu_open_breaks, 2 },
};


static ngx_workers_icu_objects_t *
ngx_workers_icu_objects(void)
{
    /* the process's, as the libraries are */

    static ngx_workers_icu_objects_t  objects;

    if (objects.tree.root == NULL) {
        ngx_rbtree_init(&objects.tree, &objects.sentinel,
                        ngx_str_rbtree_insert_value);
        ngx_queue_init(&objects.idle);
    }

    return &objects;
}


ngx_workers_icu_object_t *
ngx_workers_icu_object(ngx_workers_icu_t *icu, ngx_workers_icu_kind_e kind,
    ngx_str_t *args, ngx_uint_t nargs)
{
    char                        locale[ULOC_FULLNAME_CAPACITY];
    u_char                     *p, data[NGX_WORKERS_ICU_KEY];
    size_t                      len, before;
    uint32_t                    hash;
    ngx_str_t                   key;
    ngx_uint_t                  i;
    UErrorCode                  status;
    ngx_workers_icu_object_t   *o;
    ngx_workers_icu_objects_t  *objects;

    if (nargs != ngx_workers_icu_kinds[kind].nargs) {
        return NULL;
    }

    len = 1;

    for (i = 0; i < nargs; i++) {
        if (args[i].len >= NGX_WORKERS_ICU_KEY - len) {
            return NULL;
        }

        len += args[i].len + 1;
    }

    p = data;
    *p++ = (u_char) kind;

    for (i = 0; i < nargs; i++) {
        p = ngx_cpymem(p, args[i].data, args[i].len);
        *p++ = '\0';
    }

    key.data = data;
    key.len = len;

    objects = ngx_workers_icu_objects();
    hash = ngx_crc32_short(key.data, key.len);

    o = (ngx_workers_icu_object_t *)
                             ngx_str_rbtree_lookup(&objects->tree, &key, hash);
    if (o != NULL) {

        if (o->refs++ == 0) {
            ngx_queue_remove(&o->queue);
            objects->nidle--;
            objects->idle_size -= o->size;
        }

        return o;
    }

    if (ngx_workers_icu_locale(icu, (char *) args[0].data, locale) != NGX_OK) {
        return NULL;
    }

    before = icu->memory;

    o = ngx_calloc(sizeof(ngx_workers_icu_object_t) + key.len,
                   ngx_cycle->log);
    if (o == NULL) {
        return NULL;
    }

    o->kind = kind;
    o->node.node.key = hash;
    o->node.str.len = key.len;
    o->node.str.data = (u_char *) (o + 1);
    ngx_memcpy(o->node.str.data, key.data, key.len);

    status = U_ZERO_ERROR;

    ngx_workers_icu_kinds[kind].open(icu, o, locale, args + 1, &status);

    if (U_FAILURE(status) || o->object == NULL) {
        ngx_workers_icu_object_free(icu, o);
        return NULL;
    }

    o->size = sizeof(ngx_workers_icu_object_t) + key.len;

    if ((ssize_t) (icu->memory - before) > 0) {
        o->size += ngx_min(icu->memory - before, NGX_WORKERS_ICU_SIZE);
    }

    o->refs = 1;

    ngx_rbtree_insert(&objects->tree, &o->node.node);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, ngx_cycle->log, 0,
                   "workers ICU object %d for \"%s\": %uz bytes",
                   (int) kind, args[0].data, o->size);

    return o;
}


void
ngx_workers_icu_object_release(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o)
{
    ngx_workers_icu_objects_t  *objects;

    if (--o->refs != 0) {
        return;
    }

    objects = ngx_workers_icu_objects();

    ngx_queue_insert_head(&objects->idle, &o->queue);
    objects->nidle++;
    objects->idle_size += o->size;

    while (objects->nidle > NGX_WORKERS_ICU_IDLE
           || objects->idle_size > NGX_WORKERS_ICU_IDLE_SIZE)
    {
        o = ngx_queue_data(ngx_queue_last(&objects->idle),
                           ngx_workers_icu_object_t, queue);

        ngx_queue_remove(&o->queue);
        objects->nidle--;
        objects->idle_size -= o->size;

        ngx_rbtree_delete(&objects->tree, &o->node.node);
        ngx_workers_icu_object_free(icu, o);
    }
}


static void
ngx_workers_icu_object_free(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o)
{
    if (o->object != NULL) {

        switch (o->kind) {

        case NGX_WORKERS_ICU_PATTERNS:
            icu->udatpg_close(o->object);
            break;

        case NGX_WORKERS_ICU_DATE:
            icu->udat_close(o->object);
            break;

        case NGX_WORKERS_ICU_INTERVAL:
            icu->udtitvfmt_close(o->object);
            break;

        case NGX_WORKERS_ICU_NUMBER:
            icu->unumf_close(o->object);
            break;

        case NGX_WORKERS_ICU_NUMBER_RANGE:
            icu->unumrf_close(o->object);
            break;

        case NGX_WORKERS_ICU_PLURAL:
            icu->uplrules_close(o->object);
            break;

        case NGX_WORKERS_ICU_RELATIVE:
            icu->ureldatefmt_close(o->object);
            break;

        case NGX_WORKERS_ICU_LIST:
            icu->ulistfmt_close(o->object);
            break;

        case NGX_WORKERS_ICU_NAMES:
            icu->uldn_close(o->object);
            break;

        case NGX_WORKERS_ICU_COLLATOR:
            icu->ucol_close(o->object);
            break;

        default: /* NGX_WORKERS_ICU_BREAKS */
            icu->ubrk_close(o->object);
            break;
        }
    }

    if (o->from != NULL) {
        icu->ucal_close(o->from);
    }

    if (o->to != NULL) {
        icu->ucal_close(o->to);
    }

    ngx_free(o);
}


static void
ngx_workers_icu_open_patterns(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    o->object = icu->udatpg_open(locale, status);
}


static void
ngx_workers_icu_open_date(ngx_workers_icu_t *icu, ngx_workers_icu_object_t *o,
    const char *locale, ngx_str_t *args, UErrorCode *status)
{
    UChar       pattern[NGX_WORKERS_ICU_PATTERN], zone[NGX_WORKERS_ICU_ZONE];
    int32_t     plen, zlen;
    UCalendar  *cal;

    plen = ngx_workers_icu_utf16(icu, &args[0], pattern,
                                 NGX_WORKERS_ICU_PATTERN, status);
    zlen = ngx_workers_icu_utf16(icu, &args[1], zone, NGX_WORKERS_ICU_ZONE,
                                 status);

    o->object = icu->udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, zlen,
                               pattern, plen, status);

    if (U_FAILURE(*status)) {
        return;
    }

    cal = icu->ucal_clone(icu->udat_getCalendar(o->object), status);

    if (U_FAILURE(*status)) {
        return;
    }

    ngx_workers_icu_proleptic(icu, cal);

    icu->udat_setCalendar(o->object, cal);
    icu->ucal_close(cal);
}


static void
ngx_workers_icu_open_interval(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    UChar    skeleton[NGX_WORKERS_ICU_PATTERN], zone[NGX_WORKERS_ICU_ZONE];
    int32_t  slen, zlen;

    slen = ngx_workers_icu_utf16(icu, &args[0], skeleton,
                                 NGX_WORKERS_ICU_PATTERN, status);
    zlen = ngx_workers_icu_utf16(icu, &args[1], zone, NGX_WORKERS_ICU_ZONE,
                                 status);

    o->object = icu->udtitvfmt_open(locale, skeleton, slen, zone, zlen,
                                    status);

    o->from = icu->ucal_open(zone, zlen, locale, UCAL_DEFAULT, status);

    if (U_FAILURE(*status)) {
        return;
    }

    ngx_workers_icu_proleptic(icu, o->from);

    o->to = icu->ucal_clone(o->from, status);
}


/* Calendars other than the Gregorian one refuse, and have no such change. */

static void
ngx_workers_icu_proleptic(ngx_workers_icu_t *icu, UCalendar *cal)
{
    UErrorCode  status;

    status = U_ZERO_ERROR;

    icu->ucal_setGregorianChange(cal, NGX_WORKERS_ICU_GREGORIAN, &status);
}


static void
ngx_workers_icu_open_number(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    UChar    skeleton[NGX_WORKERS_ICU_PATTERN];
    int32_t  len;

    len = ngx_workers_icu_utf16(icu, &args[0], skeleton,
                                NGX_WORKERS_ICU_PATTERN, status);

    o->object = icu->unumf_openForSkeletonAndLocale(skeleton, len, locale,
                                                    status);
}


static void
ngx_workers_icu_open_number_range(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    UChar        skeleton[NGX_WORKERS_ICU_PATTERN];
    int32_t      len;
    UParseError  error;

    len = ngx_workers_icu_utf16(icu, &args[0], skeleton,
                                NGX_WORKERS_ICU_PATTERN, status);

    o->object = icu->unumrf_openForSkeletonWithCollapseAndIdentityFallback(
                          skeleton, len, UNUM_RANGE_COLLAPSE_AUTO,
                          UNUM_IDENTITY_FALLBACK_APPROXIMATELY, locale,
                          &error, status);
}


static void
ngx_workers_icu_open_plural(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    o->object = icu->uplrules_openForType(locale,
                                          ngx_atoi(args[0].data, args[0].len),
                                          status);
}


static void
ngx_workers_icu_open_relative(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    UNumberFormat  *number;

    number = icu->unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, status);

    if (U_FAILURE(*status)) {
        return;
    }

    icu->unum_setAttribute(number, UNUM_MINIMUM_GROUPING_DIGITS,
                           UNUM_MINIMUM_GROUPING_DIGITS_AUTO);

    /* the number format is the formatter's, also if there is none */

    o->object = icu->ureldatefmt_open(locale, number,
                                      ngx_atoi(args[0].data, args[0].len),
                                      UDISPCTX_CAPITALIZATION_NONE, status);
}


static void
ngx_workers_icu_open_list(ngx_workers_icu_t *icu, ngx_workers_icu_object_t *o,
    const char *locale, ngx_str_t *args, UErrorCode *status)
{
    o->object = icu->ulistfmt_openForType(locale,
                                          ngx_atoi(args[0].data, args[0].len),
                                          ngx_atoi(args[1].data, args[1].len),
                                          status);
}


static void
ngx_workers_icu_open_names(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    UDisplayContext  contexts[4];

    contexts[0] = ngx_atoi(args[0].data, args[0].len);
    contexts[1] = ngx_atoi(args[1].data, args[1].len);
    contexts[2] = UDISPCTX_CAPITALIZATION_NONE;
    contexts[3] = UDISPCTX_NO_SUBSTITUTE;

    o->object = icu->uldn_openForContext(locale, contexts, 4, status);
}


static void
ngx_workers_icu_open_collator(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    u_char                          *flag;
    ngx_uint_t                       i;

    static const UColAttributeValue  strength[] = {
        UCOL_PRIMARY, UCOL_SECONDARY, UCOL_PRIMARY, UCOL_TERTIARY
    };

    static const struct {
        UColAttribute                attribute;
        UColAttributeValue           values[3];
    } attributes[] = {
        { UCOL_NUMERIC_COLLATION, { UCOL_OFF, UCOL_ON, UCOL_ON } },
        { UCOL_CASE_FIRST,
          { UCOL_OFF, UCOL_LOWER_FIRST, UCOL_UPPER_FIRST } },
        { UCOL_ALTERNATE_HANDLING,
          { UCOL_NON_IGNORABLE, UCOL_SHIFTED, UCOL_SHIFTED } },
    };

    if (args[0].len != 4) {
        return;
    }

    o->object = icu->ucol_open(locale, status);

    if (U_FAILURE(*status)) {
        return;
    }

    flag = args[0].data;

    /* canonically equivalent strings are equal */

    icu->ucol_setAttribute(o->object, UCOL_NORMALIZATION_MODE, UCOL_ON,
                           status);

    if (flag[0] >= '0' && flag[0] <= '3') {
        icu->ucol_setAttribute(o->object, UCOL_STRENGTH,
                               strength[flag[0] - '0'], status);

        if (flag[0] == '2') {
            icu->ucol_setAttribute(o->object, UCOL_CASE_LEVEL, UCOL_ON,
                                   status);
        }
    }

    for (i = 0; i < 3; i++) {
        if (flag[i + 1] >= '0' && flag[i + 1] <= '2') {
            icu->ucol_setAttribute(o->object, attributes[i].attribute,
                                   attributes[i].values[flag[i + 1] - '0'],
                                   status);
        }
    }
}


static void
ngx_workers_icu_open_breaks(ngx_workers_icu_t *icu,
    ngx_workers_icu_object_t *o, const char *locale, ngx_str_t *args,
    UErrorCode *status)
{
    o->object = icu->ubrk_open(ngx_atoi(args[0].data, args[0].len), locale,
                               NULL, 0, status);
}


static int32_t
ngx_workers_icu_utf16(ngx_workers_icu_t *icu, ngx_str_t *arg, UChar *buf,
    int32_t size, UErrorCode *status)
{
    int32_t  len;

    len = 0;

    icu->u_strFromUTF8(buf, size, &len, (char *) arg->data,
                       (int32_t) arg->len, status);

    if (*status == U_STRING_NOT_TERMINATED_WARNING) {
        *status = U_BUFFER_OVERFLOW_ERROR;
    }

    return len;
}


ngx_int_t
ngx_workers_icu_locale(ngx_workers_icu_t *icu, const char *tag, char *buf)
{
    int32_t     len;
    UErrorCode  status;

    status = U_ZERO_ERROR;

    len = icu->uloc_forLanguageTag(tag, buf, ULOC_FULLNAME_CAPACITY, NULL,
                                   &status);

    if (U_FAILURE(status) || len >= ULOC_FULLNAME_CAPACITY) {
        return NGX_ERROR;
    }

    return NGX_OK;
}
