
/*
 * Copyright (C) the nginx-workers authors
 *
 * A script's lines in the error log.
 */


#ifndef _NGX_WORKERS_CONSOLE_H_INCLUDED_
#define _NGX_WORKERS_CONSOLE_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"


/*
 * Logs text of the script that runs now, after the script's name and the
 * request id.  Control characters are escaped, so that a script cannot forge
 * a line; what is longer than nginx's lines becomes several.
 */
void ngx_workers_console_log(JSContext *cx, ngx_uint_t level, u_char *text,
    size_t len);


#endif /* _NGX_WORKERS_CONSOLE_H_INCLUDED_ */
