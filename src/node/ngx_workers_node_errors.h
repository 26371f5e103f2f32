
/*
 * Copyright (C) the nginx-workers authors
 *
 * Errors of Node.js modules, thrown from C: those of
 * src/js/node/internal/errors.js.  Each function returns JS_EXCEPTION.
 */


#ifndef _NGX_WORKERS_NODE_ERRORS_H_INCLUDED_
#define _NGX_WORKERS_NODE_ERRORS_H_INCLUDED_


#include "../core/ngx_workers_js.h"


/* ERR_OUT_OF_RANGE, a RangeError. */
JSValue ngx_workers_node_out_of_range(JSContext *cx, const char *name,
    const char *range, JSValueConst value);

/* ERR_INVALID_ARG_TYPE, a TypeError; expected: as "string|Uint8Array". */
JSValue ngx_workers_node_invalid_type(JSContext *cx, const char *name,
    const char *expected, JSValueConst value);

/* ERR_INVALID_ARG_VALUE, a TypeError. */
JSValue ngx_workers_node_invalid_value(JSContext *cx, const char *name,
    const char *reason, JSValueConst value);

/* Of a class: "typeError", "rangeError" or "plainError". */
JSValue ngx_workers_node_error(JSContext *cx, const char *class,
    const char *code, const char *message);


#endif /* _NGX_WORKERS_NODE_ERRORS_H_INCLUDED_ */
