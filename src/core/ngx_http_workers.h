
/*
 * Copyright (C) the nginx-workers authors
 *
 * Configuration and process state of the module.
 */


#ifndef _NGX_HTTP_WORKERS_H_INCLUDED_
#define _NGX_HTTP_WORKERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_workers_isolate.h"


#define NGX_HTTP_WORKERS_VERSION  "0.1.0"


typedef struct ngx_http_workers_binding_s  ngx_http_workers_binding_t;
typedef struct ngx_http_workers_script_s   ngx_http_workers_script_t;
typedef struct ngx_http_workers_process_s  ngx_http_workers_process_t;


typedef struct {
    ngx_str_t                      data;      /* workers_data, full path with
                                                 a slash at the end; empty:
                                                 not set */
    ngx_str_t                      secrets_key;  /* full path, or empty */
    ngx_str_t                      trusted;   /* certificates: full path, or
                                                 empty */
    ngx_array_t                   *outbound;  /* ngx_workers_outbound_t; or
                                                 NULL */
    ngx_str_t                      colo;
    ngx_http_complex_value_t      *request_id;   /* NULL: random */
    ngx_thread_pool_t             *thread_pool;  /* its tasks, not its data */
    ngx_resolver_t                *resolver;  /* of the http block; or NULL */
    ngx_msec_t                     resolver_timeout;
    ngx_array_t                   *upstreams; /* all blocks; NULL: none */

    off_t                          cache_size;   /* 0: off */
    ngx_str_t                      cache_dir;    /* with a slash at the end */
    ngx_shm_zone_t                *cache_zone;   /* NULL: there is no cache */

    ngx_array_t                    scripts;   /* ngx_http_workers_script_t * */
    ngx_array_t                    passes;    /* ngx_http_workers_pass_t * */

    ngx_http_workers_process_t    *process;   /* set after fork */
} ngx_http_workers_main_conf_t;


/* A workers_pass; its script is found when all blocks are read. */
typedef struct {
    ngx_str_t                      name;
    ngx_str_t                      file;
    ngx_uint_t                     line;
    ngx_http_workers_script_t     *script;
} ngx_http_workers_pass_t;


typedef struct {
    ngx_http_workers_pass_t       *pass;      /* NULL: none */
    ngx_str_t                      fallback;  /* workers_fallback, "@name" */
    ngx_msec_t                     websocket_ping_interval;     /* 0: none */
    ngx_msec_t                     websocket_close_timeout;
    ngx_msec_t                     websocket_shutdown_timeout;
} ngx_http_workers_loc_conf_t;


/* A line of a workers_script block that names a member of env. */
typedef struct {
    ngx_str_t                      name;      /* empty: a binding without */
    ngx_http_workers_binding_t    *binding;
    ngx_http_workers_script_t     *script;
    ngx_str_t                      file;      /* where it stands */
    ngx_uint_t                     line;
    void                          *conf;      /* the binding's, of parse() */
    ngx_str_t                      text;      /* the line, for a hash */
    void                          *data;      /* the binding's, of open() */
    unsigned                       opened:1;
} ngx_http_workers_bind_t;


struct ngx_http_workers_script_s {
    ngx_workers_script_t           script;
    ngx_array_t                    binds;     /* ngx_http_workers_bind_t */
    ngx_http_workers_main_conf_t  *main;
    ngx_array_t                   *outbound;  /* of its own; or NULL */
    ngx_str_t                     *secret_names;  /* ended by len 0 */
    ngx_str_t                      file;      /* where the block stands */
    ngx_uint_t                     line;
    ngx_str_t                      timestamp; /* ISO 8601 */
    char                          *action;    /* for log lines */
};


/* What a process keeps for one script. */
typedef struct {
    ngx_workers_isolate_t         *isolate;   /* NULL: none so far */
    struct ngx_workers_http_slot_s  *http;    /* if it has rules of its own */
} ngx_http_workers_slot_t;


typedef struct {
    ngx_event_t                    event;
    uint64_t                       until;     /* ns of the monotonic clock */
    ngx_uint_t                     pause;     /* messages after a vain time */
    ngx_uint_t                     skip;      /* those that are left of it */
    unsigned                       heard:1;   /* it is not vain */
} ngx_http_workers_linger_t;


struct ngx_http_workers_process_s {
    ngx_cycle_t                   *cycle;
    ngx_log_t                     *log;
    ngx_http_workers_slot_t       *slots;     /* by script index */
    ngx_uint_t                     nslots;
    ngx_uint_t                     active;    /* invocations not ended */
    ngx_event_t                    alive;     /* non-cancelable while active */
    ngx_uint_t                     starting;  /* content handlers that are on
                                                 the stack */
    ngx_thread_pool_t             *thread_pool;
    ngx_workers_threads_t          threads;   /* that isolates compute in */
    void                          *stores;    /* of engines/ngx_workers_store */
    u_char                        *websocket_buffer;  /* all sockets read to */
    void                          *websocket_zlib;    /* of theirs; or NULL */
    ngx_http_workers_linger_t      linger;
    struct ngx_workers_cache_store_s  *cache; /* NULL: none so far */
    struct ngx_workers_http_slot_s  *http;    /* NULL: none so far */
    struct ngx_workers_dns_slot_s  *dns;
    ngx_uint_t                     nrandom;   /* of random, not used so far */
    u_char                         random[256];  /* for request ids */
};


extern ngx_module_t  ngx_http_workers_module;


/* ngx_http_workers_conf.c: directives */

char *ngx_http_workers_data(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_workers_cache_size(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_workers_secrets_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_workers_outbound(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* A line of rules, for the http or a script block. */
char *ngx_http_workers_outbound_add(ngx_conf_t *cf, ngx_array_t **rules);

char *ngx_http_workers_trusted_certificate(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_workers_thread_pool(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_workers_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_workers_fallback(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void *ngx_http_workers_create_main_conf(ngx_conf_t *cf);
char *ngx_http_workers_init_main_conf(ngx_conf_t *cf, void *conf);
void *ngx_http_workers_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_workers_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
ngx_int_t ngx_http_workers_preconfiguration(ngx_conf_t *cf);
ngx_int_t ngx_http_workers_postconfiguration(ngx_conf_t *cf);

/* ngx_http_workers_block.c: the workers_script block */

char *ngx_http_workers_script_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_workers_variables.c */

ngx_int_t ngx_http_workers_add_variables(ngx_conf_t *cf);

/* ngx_http_workers_process.c: what a process keeps */

ngx_int_t ngx_http_workers_init_process(ngx_cycle_t *cycle);
void ngx_http_workers_exit_process(ngx_cycle_t *cycle);

/* A client for a script's requests, not made so far; NULL: out of memory. */
struct ngx_workers_http_slot_s *ngx_http_workers_http_slot(
    ngx_http_workers_process_t *process, ngx_http_workers_script_t *script);

ngx_workers_isolate_t *ngx_http_workers_isolate(
    ngx_http_workers_process_t *process, ngx_http_workers_script_t *script);

/* An invocation has started or ended: keeps the process from quitting. */
void ngx_http_workers_process_busy(ngx_http_workers_process_t *process);
void ngx_http_workers_process_idle(ngx_http_workers_process_t *process);

/* ngx_http_workers_socket.c: frees what a process's WebSockets share */

void ngx_http_workers_socket_exit(ngx_http_workers_process_t *process);

/*
 * ngx_http_workers_linger.c: something was sent that may be answered at once;
 * who gets an answer sets linger.heard
 */

void ngx_http_workers_linger(ngx_http_workers_process_t *process);

/* ngx_http_workers_request.c: request -> fetch event -> response */

ngx_int_t ngx_http_workers_handler(ngx_http_request_t *r);

/* What the log variables show of a request. */
typedef struct {
    ngx_http_workers_script_t     *script;
    ngx_workers_outcome_e          outcome;
    uint64_t                       cpu;       /* ns */
    ngx_msec_t                     wall;
} ngx_http_workers_stats_t;

/* NGX_DECLINED: no worker served it. */
ngx_int_t ngx_http_workers_stats(ngx_http_request_t *r,
    ngx_http_workers_stats_t *stats);


#endif /* _NGX_HTTP_WORKERS_H_INCLUDED_ */
