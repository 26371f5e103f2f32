
/*
 * Copyright (C) the nginx-workers authors
 *
 * Compatibility flags: their names, and the dates that turn them on.
 */


#ifndef _NGX_WORKERS_FLAGS_H_INCLUDED_
#define _NGX_WORKERS_FLAGS_H_INCLUDED_


#include "ngx_workers_script.h"


typedef struct {
    const char  *enable;
    const char  *disable;                  /* or NULL */
    uint32_t     date;                     /* 20251101; 0: by name only */
    const char  *implied_by;               /* on with this one ... */
    uint32_t     implied_date;             /* ... from this date on */
} ngx_workers_flag_t;


/* All of them, ended by a null name. */
extern const ngx_workers_flag_t  ngx_workers_flags[];

/* By either of its names; NULL: there is none. */
const ngx_workers_flag_t *ngx_workers_flag_find(const char *name);

/* Whether it holds for a script, by name, by date or by another flag. */
ngx_uint_t ngx_workers_flag_is_on(ngx_workers_script_t *script,
    const ngx_workers_flag_t *flag);

/*
 * The same by name, for what was not always there: without a date and without
 * the flag's opposite it holds.
 */
ngx_uint_t ngx_workers_flag_holds(ngx_workers_script_t *script,
    const char *enable);


#endif /* _NGX_WORKERS_FLAGS_H_INCLUDED_ */
