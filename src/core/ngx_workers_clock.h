
/*
 * Copyright (C) the nginx-workers authors
 *
 * Clocks, in nanoseconds.
 */


#ifndef _NGX_WORKERS_CLOCK_H_INCLUDED_
#define _NGX_WORKERS_CLOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <time.h>


static ngx_inline uint64_t
ngx_workers_clock(clockid_t id)
{
    struct timespec  ts;

    (void) clock_gettime(id, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


#define ngx_workers_clock_monotonic()                                         \
    ngx_workers_clock(CLOCK_MONOTONIC)
#define ngx_workers_clock_cpu()                                               \
    ngx_workers_clock(CLOCK_THREAD_CPUTIME_ID)


#endif /* _NGX_WORKERS_CLOCK_H_INCLUDED_ */
