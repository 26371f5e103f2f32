
/*
 * Copyright (C) the nginx-workers authors
 *
 * What tools/jsc writes: the bytecode of src/js/, sorted by name, ended by
 * a null name.
 */


#ifndef _NGX_WORKERS_BUILTIN_H_INCLUDED_
#define _NGX_WORKERS_BUILTIN_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


typedef struct {
    const char       *name;
    const uint8_t    *data;
    size_t            size;
} ngx_workers_builtin_data_t;


extern const ngx_workers_builtin_data_t  ngx_workers_builtin_data[];


#endif /* _NGX_WORKERS_BUILTIN_H_INCLUDED_ */
