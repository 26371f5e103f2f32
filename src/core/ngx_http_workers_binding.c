
/*
 * Copyright (C) the nginx-workers authors
 *
 * The list of bindings, and the walk over the lines that use them.
 */


#include "ngx_http_workers_binding.h"


static char *ngx_http_workers_binding_name(ngx_conf_t *cf,
    ngx_http_workers_script_t *script, ngx_http_workers_bind_t *bind);
static ngx_int_t ngx_http_workers_binding_text(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);


ngx_http_workers_binding_t  *ngx_http_workers_bindings[] = {
#define NGX_HTTP_WORKERS_X(name)  &ngx_http_workers_##name##_binding,
    NGX_HTTP_WORKERS_BINDINGS(NGX_HTTP_WORKERS_X)
#undef NGX_HTTP_WORKERS_X
    NULL
};


/* What no identifier of JavaScript may be (ECMA-262, section 12.7.2). */

static const char *const  ngx_http_workers_reserved[] = {
    "await", "break", "case", "catch", "class", "const", "continue",
    "debugger", "default", "delete", "do", "else", "enum", "export", "extends",
    "false", "finally", "for", "function", "if", "import", "in", "instanceof",
    "new", "null", "return", "super", "switch", "this", "throw", "true", "try",
    "typeof", "var", "void", "while", "with", "yield", NULL
};


ngx_http_workers_binding_t *
ngx_http_workers_binding_find(ngx_str_t *keyword)
{
    ngx_uint_t  i;
    ngx_str_t  *name;

    for (i = 0; ngx_http_workers_bindings[i] != NULL; i++) {
        name = &ngx_http_workers_bindings[i]->keyword;

        if (name->len == keyword->len
            && ngx_strncmp(name->data, keyword->data, name->len) == 0)
        {
            return ngx_http_workers_bindings[i];
        }
    }

    return NULL;
}


char *
ngx_http_workers_binding_add(ngx_conf_t *cf, ngx_http_workers_script_t *script,
    ngx_http_workers_binding_t *binding)
{
    ngx_uint_t                i;
    ngx_http_workers_bind_t  *bind, line;

    bind = script->binds.elts;

    for (i = 0; binding->once && i < script->binds.nelts; i++) {
        if (bind[i].binding == binding) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" directive is duplicate",
                               &binding->keyword);
            return NGX_CONF_ERROR;
        }
    }

    ngx_memzero(&line, sizeof(ngx_http_workers_bind_t));

    line.binding = binding;
    line.script = script;
    line.file = cf->conf_file->file.name;
    line.line = cf->conf_file->line;

    if (!binding->unnamed
        && ngx_http_workers_binding_name(cf, script, &line) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_workers_binding_text(cf, &line) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (binding->parse != NULL && binding->parse(cf, &line) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    bind = ngx_array_push(&script->binds);
    if (bind == NULL) {
        return NGX_CONF_ERROR;
    }

    *bind = line;

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_binding_name(ngx_conf_t *cf,
    ngx_http_workers_script_t *script, ngx_http_workers_bind_t *line)
{
    u_char                   *p, *last, ch;
    ngx_str_t                *value;
    ngx_uint_t                i;
    ngx_http_workers_bind_t  *bind;

    value = cf->args->elts;

    p = value[1].data;
    last = p + value[1].len;

    for ( /* void */ ; p < last; p++) {
        ch = *p | 0x20;

        if (!((ch >= 'a' && ch <= 'z') || *p == '_' || *p == '$'
              || (*p >= '0' && *p <= '9' && p != value[1].data)))
        {
            break;
        }
    }

    for (i = 0; ngx_http_workers_reserved[i] != NULL; i++) {
        if (ngx_strlen(ngx_http_workers_reserved[i]) == value[1].len
            && ngx_strncmp(ngx_http_workers_reserved[i], value[1].data,
                           value[1].len)
               == 0)
        {
            break;
        }
    }

    if (value[1].len == 0 || p != last || ngx_http_workers_reserved[i] != NULL)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" in \"%V\", expected a "
                           "JavaScript identifier", &value[1], &value[0]);
        return NGX_CONF_ERROR;
    }

    bind = script->binds.elts;

    for (i = 0; i < script->binds.nelts; i++) {
        if (bind[i].name.len == value[1].len
            && ngx_strncmp(bind[i].name.data, value[1].data, value[1].len)
               == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "name \"%V\" in \"%V\" is bound twice, the "
                               "first one is \"%V\" in %V:%ui",
                               &value[1], &value[0],
                               &bind[i].binding->keyword,
                               &bind[i].file, bind[i].line);
            return NGX_CONF_ERROR;
        }
    }

    line->name = value[1];

    return NGX_CONF_OK;
}


/* The line's words, for the version id. */

static ngx_int_t
ngx_http_workers_binding_text(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    u_char      *p;
    size_t       len;
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;
    len = 0;

    for (i = 0; i < cf->args->nelts; i++) {
        len += value[i].len + 1;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    bind->text.data = p;
    bind->text.len = len;

    for (i = 0; i < cf->args->nelts; i++) {
        p = ngx_cpymem(p, value[i].data, value[i].len);
        *p++ = '\0';
    }

    return NGX_OK;
}


char *
ngx_http_workers_binding_check(ngx_conf_t *cf,
    ngx_http_workers_script_t *script)
{
    ngx_uint_t                i;
    ngx_http_workers_bind_t  *bind;

    bind = script->binds.elts;

    for (i = 0; i < script->binds.nelts; i++) {

        if (bind[i].binding->check != NULL
            && bind[i].binding->check(cf, &bind[i]) != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_workers_binding_open(ngx_http_workers_script_t *script,
    ngx_http_workers_process_t *process)
{
    ngx_uint_t                i;
    ngx_http_workers_bind_t  *bind;

    bind = script->binds.elts;

    for (i = 0; i < script->binds.nelts; i++) {

        if (bind[i].opened || bind[i].binding->open == NULL) {
            continue;
        }

        if (bind[i].binding->open(&bind[i], process) != NGX_OK) {
            ngx_log_error(NGX_LOG_CRIT, process->log, 0,
                          "worker \"%V\": binding \"%V\" could not be opened",
                          &script->script.name, &bind[i].name);
            return NGX_ERROR;
        }

        bind[i].opened = 1;
    }

    return NGX_OK;
}


void
ngx_http_workers_binding_close(ngx_http_workers_script_t *script)
{
    ngx_uint_t                i;
    ngx_http_workers_bind_t  *bind;

    bind = script->binds.elts;

    for (i = 0; i < script->binds.nelts; i++) {

        if (bind[i].opened && bind[i].binding->close != NULL) {
            bind[i].binding->close(&bind[i]);
        }

        bind[i].opened = 0;
    }
}


ngx_int_t
ngx_http_workers_param(ngx_conf_t *cf, ngx_uint_t n, const char *key,
    ngx_str_t *value)
{
    size_t      len;
    ngx_str_t  *arg;

    arg = (ngx_str_t *) cf->args->elts + n;
    len = ngx_strlen(key);

    if (arg->len <= len || ngx_strncmp(arg->data, key, len) != 0
        || arg->data[len] != '=')
    {
        return NGX_DECLINED;
    }

    value->data = arg->data + len + 1;
    value->len = arg->len - len - 1;

    return NGX_OK;
}


char *
ngx_http_workers_param_error(ngx_conf_t *cf, ngx_uint_t n,
    const char *expected)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\" in \"%V\", expected %s",
                       &value[n], &value[0], expected);

    return NGX_CONF_ERROR;
}
