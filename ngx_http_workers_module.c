
/*
 * Copyright (C) the nginx-workers authors
 *
 * Cloudflare Workers in nginx: the module, its directives, its processes.
 */


#include "src/core/ngx_http_workers.h"


static ngx_command_t  ngx_http_workers_commands[] = {

    { ngx_string("workers_data"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_workers_data,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_cache_size"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_workers_cache_size,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_secrets_key"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_workers_secrets_key,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_outbound"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_workers_outbound,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_trusted_certificate"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_workers_trusted_certificate,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_thread_pool"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_workers_thread_pool,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_colo"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_workers_main_conf_t, colo),
      NULL },

    { ngx_string("workers_request_id"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_workers_main_conf_t, request_id),
      NULL },

    { ngx_string("workers_script"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_workers_script_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_pass"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_HTTP_LMT_CONF|NGX_CONF_TAKE1,
      ngx_http_workers_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_fallback"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF
          |NGX_HTTP_LMT_CONF|NGX_CONF_TAKE1,
      ngx_http_workers_fallback,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("workers_websocket_ping_interval"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_workers_loc_conf_t, websocket_ping_interval),
      NULL },

    { ngx_string("workers_websocket_close_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_workers_loc_conf_t, websocket_close_timeout),
      NULL },

    { ngx_string("workers_websocket_shutdown_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_workers_loc_conf_t, websocket_shutdown_timeout),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_workers_module_ctx = {
    ngx_http_workers_preconfiguration,     /* preconfiguration */
    ngx_http_workers_postconfiguration,    /* postconfiguration */

    ngx_http_workers_create_main_conf,     /* create main configuration */
    ngx_http_workers_init_main_conf,       /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_workers_create_loc_conf,      /* create location configuration */
    ngx_http_workers_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_workers_module = {
    NGX_MODULE_V1,
    &ngx_http_workers_module_ctx,          /* module context */
    ngx_http_workers_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_workers_init_process,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_workers_exit_process,         /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};
