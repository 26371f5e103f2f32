
/*
 * Copyright (C) the nginx-workers authors
 *
 * Bytes that JavaScript holds, in pieces, as a native source.
 */


#ifndef _NGX_WORKERS_PARTS_H_INCLUDED_
#define _NGX_WORKERS_PARTS_H_INCLUDED_


#include "../core/ngx_workers_source.h"


/*
 * A source of the bytes of an array of Uint8Arrays, which nothing changes any
 * more, or of one; length is what they have in all.  NULL: out of memory, no
 * exception.
 */
ngx_workers_source_t *ngx_workers_parts(JSContext *cx,
    ngx_workers_invocation_t *inv, JSValueConst pieces, off_t length);


#endif /* _NGX_WORKERS_PARTS_H_INCLUDED_ */
