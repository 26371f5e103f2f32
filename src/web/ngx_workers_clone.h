
/*
 * Copyright (C) the nginx-workers authors
 *
 * Structured clone: HTML Standard, section 2.7.
 */


#ifndef _NGX_WORKERS_CLONE_H_INCLUDED_
#define _NGX_WORKERS_CLONE_H_INCLUDED_


#include "../core/ngx_workers_isolate.h"


/*
 * A deep copy; owned.  transfer is an array of ArrayBuffers that are moved,
 * or undefined.  A DataCloneError says what cannot be cloned.
 */
JSValue ngx_workers_clone(JSContext *cx, JSValueConst value,
    JSValueConst transfer);


JSValue ngx_workers_ext_structured_clone(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv);


#endif /* _NGX_WORKERS_CLONE_H_INCLUDED_ */
