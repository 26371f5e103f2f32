
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

/*
 * Makes the tee even of which src is a branch, if it is one: a branch that is
 * well ahead of the other waits until that is read or closed.  Whoever asks
 * for it sees to it that both are.
 */
void ngx_workers_tee_even(ngx_workers_source_t *src);


#endif /* _NGX_WORKERS_TEE_H_INCLUDED_ */
