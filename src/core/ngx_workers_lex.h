
/*
 * Copyright (C) the nginx-workers authors
 *
 * The text of a function within its script.  The engine keeps no source, but
 * says where a function begins; it ends where its brackets close.
 */


#ifndef _NGX_WORKERS_LEX_H_INCLUDED_
#define _NGX_WORKERS_LEX_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Finds the function at a line and a column, both from 1, of a script that
 * the engine has compiled.  A class is at its constructor, or at its body if
 * it has none.  The text is part of source.  NGX_DECLINED: it was not found.
 */
ngx_int_t ngx_workers_lex_function(ngx_str_t *source, ngx_uint_t line,
    ngx_uint_t column, ngx_uint_t is_class, ngx_str_t *text);


#endif /* _NGX_WORKERS_LEX_H_INCLUDED_ */
