
/*
 * Copyright (C) the nginx-workers authors
 *
 * Variables for access logs: $workers_script, $workers_status,
 * $workers_cpu_time, $workers_wall_time, $workers_version_id.
 */


#include "ngx_http_workers.h"


typedef enum {
    NGX_HTTP_WORKERS_VAR_SCRIPT = 0,
    NGX_HTTP_WORKERS_VAR_STATUS,
    NGX_HTTP_WORKERS_VAR_CPU,
    NGX_HTTP_WORKERS_VAR_WALL,
    NGX_HTTP_WORKERS_VAR_VERSION
} ngx_http_workers_var_e;


static ngx_int_t ngx_http_workers_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


static ngx_http_variable_t  ngx_http_workers_vars[] = {

    { ngx_string("workers_script"), NULL, ngx_http_workers_variable,
      NGX_HTTP_WORKERS_VAR_SCRIPT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("workers_status"), NULL, ngx_http_workers_variable,
      NGX_HTTP_WORKERS_VAR_STATUS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("workers_cpu_time"), NULL, ngx_http_workers_variable,
      NGX_HTTP_WORKERS_VAR_CPU, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("workers_wall_time"), NULL, ngx_http_workers_variable,
      NGX_HTTP_WORKERS_VAR_WALL, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("workers_version_id"), NULL, ngx_http_workers_variable,
      NGX_HTTP_WORKERS_VAR_VERSION, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_workers_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_workers_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_workers_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *p;
    ngx_str_t                   s;
    ngx_http_workers_stats_t    stats;

    if (ngx_http_workers_stats(r, &stats) != NGX_OK) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + 8);
    if (p == NULL) {
        return NGX_ERROR;
    }

    s.data = p;

    switch (data) {

    case NGX_HTTP_WORKERS_VAR_SCRIPT:
        s = stats.script->script.name;
        break;

    case NGX_HTTP_WORKERS_VAR_VERSION:
        s = stats.script->script.version_id;
        break;

    case NGX_HTTP_WORKERS_VAR_STATUS:
        s.data = (u_char *) ngx_workers_outcome_name(stats.outcome);
        s.len = ngx_strlen(s.data);
        break;

    case NGX_HTTP_WORKERS_VAR_CPU:

        /* seconds with microseconds, as $request_time has milliseconds */

        s.len = ngx_sprintf(p, "%T.%06uL", (time_t) (stats.cpu / 1000000000),
                            stats.cpu / 1000 % 1000000)
                - p;
        break;

    default: /* NGX_HTTP_WORKERS_VAR_WALL */

        s.len = ngx_sprintf(p, "%T.%03M", (time_t) (stats.wall / 1000),
                            stats.wall % 1000)
                - p;
        break;
    }

    v->len = s.len;
    v->data = s.data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}
