
/*
 * Copyright (C) the nginx-workers authors
 *
 * A script: its module graph, parsed and compiled once when nginx reads its
 * configuration, and inherited by the processes.  Read-only afterwards.
 */


#ifndef _NGX_WORKERS_SCRIPT_H_INCLUDED_
#define _NGX_WORKERS_SCRIPT_H_INCLUDED_


#include "ngx_workers_js.h"


typedef enum {
    NGX_WORKERS_MODULE_ES = 0,             /* bytecode */
    NGX_WORKERS_MODULE_SCRIPT,             /* bytecode, service-worker syntax */
    NGX_WORKERS_MODULE_JSON,
    NGX_WORKERS_MODULE_TEXT,
    NGX_WORKERS_MODULE_DATA,
    NGX_WORKERS_MODULE_UNKNOWN
} ngx_workers_module_e;


typedef struct {
    ngx_str_t               name;          /* "./lib.js", from main's folder */
    ngx_workers_module_e    type;
    ngx_str_t               data;          /* bytecode or the file's bytes */
    ngx_str_t               source;        /* of bytecode, for scripts that may
                                              read it by "node:fs" */
} ngx_workers_module_t;


typedef struct ngx_workers_script_s  ngx_workers_script_t;

struct ngx_workers_script_s {
    ngx_str_t               name;          /* of the worker */
    ngx_str_t               main;          /* full path */
    ngx_str_t               directory;     /* of main, ends with a slash */
    ngx_array_t             modules;       /* ngx_workers_module_t, main's
                                              first */

    ngx_uint_t              compatibility_date;  /* 20251101 */
    ngx_array_t            *compatibility_flags; /* ngx_str_t, or NULL */

    ngx_msec_t              cpu;           /* limits; 0: none */
    size_t                  memory;
    ngx_uint_t              subrequests;
    size_t                  stack;

    ngx_str_t               version_id;
    ngx_str_t               fingerprint;   /* SHA-256 hex of all modules */

    /* Adds the properties of env; called once for an isolate. */
    ngx_int_t             (*env)(JSContext *cx, JSValueConst env,
                                 ngx_workers_script_t *script);

    void                   *data;          /* configuration's */
    ngx_uint_t              index;
};


/*
 * How much of the process's stack JavaScript may take; makes the stack's own
 * limit larger if need be, for the processes to come as well.  Configuration
 * time.
 */
size_t ngx_workers_script_stack(void);

/*
 * Reads main and all that it imports, compiles and links.  On NGX_ERROR
 * *error says what is wrong, with file, line and column where there are any.
 */
ngx_int_t ngx_workers_script_compile(ngx_workers_script_t *script,
    ngx_pool_t *pool, ngx_pool_t *temp_pool, ngx_log_t *log,
    ngx_str_t *error);

/* Installs the module loader in an isolate's runtime. */
void ngx_workers_script_loader(JSRuntime *rt, ngx_workers_script_t *script);

/*
 * Evaluates main; the promise of its evaluation (owned).  For service-worker
 * syntax, undefined.
 */
JSValue ngx_workers_script_evaluate(JSContext *cx,
    ngx_workers_script_t *script, JSValue *ns);

/* Whether a compatibility flag holds, by date or by name; date 0: never. */
ngx_uint_t ngx_workers_script_flag(ngx_workers_script_t *script,
    const char *enable, const char *disable, ngx_uint_t date);


#endif /* _NGX_WORKERS_SCRIPT_H_INCLUDED_ */
