
/*
 * Copyright (C) the nginx-workers authors
 *
 * One native source as two.
 */


#ifndef _NGX_WORKERS_TEE_H_INCLUDED_
#define _NGX_WORKERS_TEE_H_INCLUDED_


#include "ngx_workers_source.h"


/*
 * The source of a BodySource object (taken out of it) as an array of two
 * BodySource objects, which give the same bytes.  JS_UNDEFINED: object has no
 * source; JS_EXCEPTION.
 */
JSValue ngx_workers_tee(JSContext *cx, JSValueConst object);


#endif /* _NGX_WORKERS_TEE_H_INCLUDED_ */
