
/*
 * Copyright (C) the nginx-workers authors
 *
 * A ReadableStream of JavaScript as a native source.
 */


#ifndef _NGX_WORKERS_PUMP_H_INCLUDED_
#define _NGX_WORKERS_PUMP_H_INCLUDED_


#include "ngx_workers_source.h"


/*
 * A source that reads the stream; the stream is locked.  In JavaScript.
 * NULL: an exception is pending.
 */
ngx_workers_source_t *ngx_workers_pump(JSContext *cx,
    ngx_workers_invocation_t *inv, JSValueConst stream);


#endif /* _NGX_WORKERS_PUMP_H_INCLUDED_ */
