
/*
 * Copyright (C) the nginx-workers authors
 *
 * var NAME "value": a string.  json NAME '<json>': any value.
 */


#include "../core/ngx_http_workers_binding.h"


static char *ngx_http_workers_var_parse(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static JSValue ngx_http_workers_var_env(JSContext *cx,
    ngx_http_workers_bind_t *bind);
static char *ngx_http_workers_json_parse(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static JSValue ngx_http_workers_json_env(JSContext *cx,
    ngx_http_workers_bind_t *bind);


ngx_http_workers_binding_t  ngx_http_workers_var_binding = {
    .keyword = ngx_string("var"),
    .args = NGX_CONF_TAKE2,
    .parse = ngx_http_workers_var_parse,
    .env = ngx_http_workers_var_env
};


ngx_http_workers_binding_t  ngx_http_workers_json_binding = {
    .keyword = ngx_string("json"),
    .args = NGX_CONF_TAKE2,
    .parse = ngx_http_workers_json_parse,
    .env = ngx_http_workers_json_env
};


static char *
ngx_http_workers_var_parse(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_str_t  *value, *conf;

    value = cf->args->elts;

    conf = ngx_palloc(cf->pool, sizeof(ngx_str_t));
    if (conf == NULL) {
        return NGX_CONF_ERROR;
    }

    *conf = value[2];
    bind->conf = conf;

    return NGX_CONF_OK;
}


static JSValue
ngx_http_workers_var_env(JSContext *cx, ngx_http_workers_bind_t *bind)
{
    ngx_str_t  *conf;

    conf = bind->conf;

    return ngx_workers_utf8_decode(cx, conf->data, conf->len);
}


static char *
ngx_http_workers_json_parse(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    char        *rv;
    size_t       len;
    JSValue      value, reason;
    JSContext   *cx;
    JSRuntime   *rt;
    ngx_str_t   *conf, message;

    if (ngx_http_workers_var_parse(cf, bind) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    conf = bind->conf;

    rt = JS_NewRuntime();
    if (rt == NULL) {
        return NGX_CONF_ERROR;
    }

    cx = JS_NewContext(rt);
    if (cx == NULL) {
        JS_FreeRuntime(rt);
        return NGX_CONF_ERROR;
    }

    rv = NGX_CONF_OK;

    /* the word ends with a null byte, which JS_ParseJSON() wants */

    value = JS_ParseJSON(cx, (char *) conf->data, conf->len, "json");

    if (JS_IsException(value)) {
        reason = JS_GetException(cx);

        message.data = (u_char *) JS_ToCStringLen(cx, &len, reason);
        message.len = (message.data != NULL) ? len : 0;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value of \"%V\" in \"json\", expected "
                           "JSON: %V", &bind->name, &message);

        JS_FreeCString(cx, (char *) message.data);
        JS_FreeValue(cx, reason);

        rv = NGX_CONF_ERROR;
    }

    JS_FreeValue(cx, value);
    JS_FreeContext(cx);
    JS_FreeRuntime(rt);

    return rv;
}


static JSValue
ngx_http_workers_json_env(JSContext *cx, ngx_http_workers_bind_t *bind)
{
    ngx_str_t  *conf;

    conf = bind->conf;

    return JS_ParseJSON(cx, (char *) conf->data, conf->len, "json");
}
