
/*
 * Copyright (C) the nginx-workers authors
 *
 * A binding: a directive of workers_script, a member of env, and the state
 * behind it.  One file under src/bindings and one line in the list below.
 */


#ifndef _NGX_HTTP_WORKERS_BINDING_H_INCLUDED_
#define _NGX_HTTP_WORKERS_BINDING_H_INCLUDED_


#include "ngx_http_workers.h"


/* NGX_CONF_OK, or NGX_CONF_ERROR after ngx_conf_log_error(). */
typedef char *(*ngx_http_workers_conf_pt)(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
typedef ngx_int_t (*ngx_http_workers_open_pt)(ngx_http_workers_bind_t *bind,
    ngx_http_workers_process_t *process);
typedef JSValue (*ngx_http_workers_env_pt)(JSContext *cx,
    ngx_http_workers_bind_t *bind);
typedef void (*ngx_http_workers_close_pt)(ngx_http_workers_bind_t *bind);


struct ngx_http_workers_binding_s {
    ngx_str_t                  keyword;    /* directive in workers_script */
    ngx_uint_t                 args;       /* NGX_CONF_TAKE... */

    /*
     * Master: reads its line, in cf->args, of which elts[1] is the name
     * unless unnamed is set.  cf->args is reused: copy each ngx_str_t that
     * is kept, the bytes stay.  Sets bind->conf.
     */
    ngx_http_workers_conf_pt   parse;

    /* Master: all blocks are read.  bind->file and line for its messages. */
    ngx_http_workers_conf_pt   check;

    /* Process, before the script's first isolate; sets bind->data. */
    ngx_http_workers_open_pt   open;

    /* Isolate: the value of env.NAME (owned), or JS_EXCEPTION. */
    ngx_http_workers_env_pt    env;

    /* Process exit, if open() was OK. */
    ngx_http_workers_close_pt  close;

    ngx_workers_class_t      **classes;    /* null-terminated, or NULL */

    unsigned                   unnamed:1;  /* has no name in env */
    unsigned                   secret:1;   /* its value must not be printed */
    unsigned                   once:1;     /* at most one line in a block */
};


#define NGX_HTTP_WORKERS_BINDINGS(X)                                          \
    X(var)                                                                    \
    X(json)                                                                   \
    X(secret)                                                                 \
    X(version_metadata)                                                       \
    X(mtls_certificate)                                                       \
    X(service)                                                                \
    X(kv)                                   /* a new binding: one line here */

#define NGX_HTTP_WORKERS_X(name)                                              \
    extern ngx_http_workers_binding_t  ngx_http_workers_##name##_binding;
NGX_HTTP_WORKERS_BINDINGS(NGX_HTTP_WORKERS_X)
#undef NGX_HTTP_WORKERS_X


/* The list, null-terminated. */
extern ngx_http_workers_binding_t  *ngx_http_workers_bindings[];


/* NULL: there is no such directive. */
ngx_http_workers_binding_t *ngx_http_workers_binding_find(ngx_str_t *keyword);

/* Adds a line of the block, calls parse(). */
char *ngx_http_workers_binding_add(ngx_conf_t *cf,
    ngx_http_workers_script_t *script, ngx_http_workers_binding_t *binding);

/* Calls check() of all lines of a script. */
char *ngx_http_workers_binding_check(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);

/* Calls open() and close() of all lines of a script. */
ngx_int_t ngx_http_workers_binding_open(ngx_http_workers_script_t *script,
    ngx_http_workers_process_t *process);
void ngx_http_workers_binding_close(ngx_http_workers_script_t *script);

/*
 * A parameter "key=value" of the line, n from 1; *value is what stands behind
 * the sign.  NGX_DECLINED: another key.
 */
ngx_int_t ngx_http_workers_param(ngx_conf_t *cf, ngx_uint_t n,
    const char *key, ngx_str_t *value);

/*
 * Master, after all blocks are read: the content of a file that may be sealed,
 * see "secret"; path ends with a null byte.  Says what is wrong.
 */
char *ngx_http_workers_secret_file(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind, ngx_str_t *path, ngx_str_t *plain);

/* Says "unknown parameter ..." or the like; returns NGX_CONF_ERROR. */
char *ngx_http_workers_param_error(ngx_conf_t *cf, ngx_uint_t n,
    const char *expected);


#endif /* _NGX_HTTP_WORKERS_BINDING_H_INCLUDED_ */
