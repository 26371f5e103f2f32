
/*
 * Copyright (C) the nginx-workers authors
 *
 * version_metadata B [id=<id>] [tag=<tag>]: what version of the script this
 * is.  The id is a hash of the script and its bindings unless given.
 */


#include "../core/ngx_http_workers_binding.h"


static char *ngx_http_workers_version_parse(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static JSValue ngx_http_workers_version_env(JSContext *cx,
    ngx_http_workers_bind_t *bind);


ngx_http_workers_binding_t  ngx_http_workers_version_metadata_binding = {
    .keyword = ngx_string("version_metadata"),
    .args = NGX_CONF_TAKE123,
    .parse = ngx_http_workers_version_parse,
    .env = ngx_http_workers_version_env,
    .once = 1
};


static char *
ngx_http_workers_version_parse(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_str_t   *tag, id;
    ngx_uint_t   i;

    tag = ngx_pcalloc(cf->pool, sizeof(ngx_str_t));
    if (tag == NULL) {
        return NGX_CONF_ERROR;
    }

    bind->conf = tag;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_workers_param(cf, i, "id", &id) == NGX_OK && id.len != 0)
        {
            bind->script->script.version_id = id;
            continue;
        }

        if (ngx_http_workers_param(cf, i, "tag", tag) == NGX_OK) {
            continue;
        }

        return ngx_http_workers_param_error(cf, i, "\"id=\" or \"tag=\"");
    }

    return NGX_CONF_OK;
}


static JSValue
ngx_http_workers_version_env(JSContext *cx, ngx_http_workers_bind_t *bind)
{
    JSValue     version;
    ngx_str_t  *tag;

    tag = bind->conf;

    version = JS_NewObject(cx);
    if (JS_IsException(version)) {
        return version;
    }

    if (ngx_workers_set(cx, version, "id",
                        ngx_workers_new_string(cx,
                                          &bind->script->script.version_id))
        != NGX_OK
        || ngx_workers_set(cx, version, "tag",
                           ngx_workers_utf8_decode(cx, tag->data, tag->len))
           != NGX_OK
        || ngx_workers_set(cx, version, "timestamp",
                           ngx_workers_new_string(cx,
                                                  &bind->script->timestamp))
           != NGX_OK)
    {
        JS_FreeValue(cx, version);
        return JS_EXCEPTION;
    }

    return version;
}
