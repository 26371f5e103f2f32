
/*
 * Copyright (C) the nginx-workers authors
 *
 * What targets have in common.
 */


#ifndef _NGX_WORKERS_FUZZ_H_INCLUDED_
#define _NGX_WORKERS_FUZZ_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define fuzz_assert(x)                                                        \
    if (!(x)) {                                                               \
        fuzz_fail(__FILE__, __LINE__, #x);                                    \
    }


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

void fuzz_fail(const char *file, int line, const char *what);


#endif /* _NGX_WORKERS_FUZZ_H_INCLUDED_ */
