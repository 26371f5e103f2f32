
/*
 * Copyright (C) the nginx-workers authors
 *
 * Fetcher: what bindings give to scripts whose fetch() has a client of its
 * own.
 */


#ifndef _NGX_WORKERS_FETCHER_H_INCLUDED_
#define _NGX_WORKERS_FETCHER_H_INCLUDED_


#include "../engines/ngx_workers_http.h"


/* A Fetcher over a slot, which outlives the isolate. */
JSValue ngx_workers_fetcher(JSContext *cx, ngx_workers_http_slot_t *slot);


/* The classes of a binding that makes them. */
extern ngx_workers_class_t  *ngx_workers_fetcher_classes[];


#endif /* _NGX_WORKERS_FETCHER_H_INCLUDED_ */
