
/*
 * Copyright (C) the nginx-workers authors
 *
 * Content codings of HTTP, as far as the platform decodes them: RFC 9110,
 * section 8.4.1.
 */


#ifndef _NGX_WORKERS_CODING_H_INCLUDED_
#define _NGX_WORKERS_CODING_H_INCLUDED_


#include "../core/ngx_workers_filter.h"


/*
 * The coding that the value of Content-Encoding names; NGX_WORKERS_CODING_NONE:
 * none, or one that is not decoded.
 */
ngx_workers_coding_e ngx_workers_coding(ngx_workers_script_t *script,
    ngx_str_t *value);

/*
 * A source of decoded bytes around one of coded bytes, which is eaten, also on
 * failure: NULL, exception pending.  A consumer that sets "as_is" gets the
 * coded bytes.
 */
ngx_workers_source_t *ngx_workers_coding_decode(JSContext *cx,
    ngx_workers_source_t *source, ngx_workers_coding_e coding);


#endif /* _NGX_WORKERS_CODING_H_INCLUDED_ */
