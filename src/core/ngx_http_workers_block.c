
/*
 * Copyright (C) the nginx-workers authors
 *
 * The workers_script block: what stands in wrangler.toml elsewhere.  Lines
 * that name a binding belong to the binding; the rest is here.
 */


#include "ngx_http_workers_binding.h"
#include "ngx_workers_flags.h"

#include <openssl/evp.h>


#define NGX_HTTP_WORKERS_CPU          30000
#define NGX_HTTP_WORKERS_MEMORY       (128 * 1024 * 1024)
#define NGX_HTTP_WORKERS_SUBREQUESTS  1000


typedef char *(*ngx_http_workers_block_pt)(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);

typedef struct {
    ngx_str_t                   name;
    ngx_uint_t                  args;
    ngx_http_workers_block_pt   set;
} ngx_http_workers_block_t;


static char *ngx_http_workers_block_line(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf);
static ngx_uint_t ngx_http_workers_block_args(ngx_conf_t *cf, ngx_uint_t args);
static char *ngx_http_workers_block_main(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);
static char *ngx_http_workers_block_date(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);
static char *ngx_http_workers_block_flags(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);
static ngx_int_t ngx_http_workers_block_flag_given(ngx_conf_t *cf,
    ngx_workers_script_t *s, const ngx_workers_flag_t *known,
    ngx_str_t *value);
static char *ngx_http_workers_block_limits(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);
static char *ngx_http_workers_block_outbound(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);
static char *ngx_http_workers_block_end(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);
static ngx_int_t ngx_http_workers_version_id(ngx_conf_t *cf,
    ngx_http_workers_script_t *script);
static ngx_int_t ngx_http_workers_env(JSContext *cx, JSValueConst env,
    ngx_workers_script_t *script);


static ngx_http_workers_block_t  ngx_http_workers_block[] = {

    { ngx_string("main"), NGX_CONF_TAKE1, ngx_http_workers_block_main },

    { ngx_string("compatibility_date"), NGX_CONF_TAKE1,
      ngx_http_workers_block_date },

    { ngx_string("compatibility_flags"), NGX_CONF_1MORE,
      ngx_http_workers_block_flags },

    { ngx_string("limits"), NGX_CONF_1MORE, ngx_http_workers_block_limits },

    { ngx_string("workers_outbound"), NGX_CONF_2MORE,
      ngx_http_workers_block_outbound },

    { ngx_null_string, 0, NULL }
};


char *
ngx_http_workers_script_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_workers_main_conf_t  *wmcf = conf;

    char                        *rv;
    u_char                      *p;
    ngx_str_t                   *value;
    ngx_uint_t                   i;
    ngx_conf_t                   save;
    ngx_workers_script_t        *s;
    ngx_http_workers_script_t   *script, **sp;

    value = cf->args->elts;

    if (value[1].len == 0 || value[1].len > 63) {
        return "has a name that is empty or longer than 63 characters";
    }

    for (i = 0; i < value[1].len; i++) {
        p = &value[1].data[i];

        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
              || (*p >= '0' && *p <= '9') || *p == '_'
              || (*p == '-' && i != 0)))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid name \"%V\" in \"workers_script\", "
                               "expected letters, digits, \"_\" and \"-\"",
                               &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    sp = wmcf->scripts.elts;

    for (i = 0; i < wmcf->scripts.nelts; i++) {
        if (sp[i]->script.name.len == value[1].len
            && ngx_strncmp(sp[i]->script.name.data, value[1].data,
                           value[1].len)
               == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate worker \"%V\", the first one is in "
                               "%V:%ui", &value[1], &sp[i]->file, sp[i]->line);
            return NGX_CONF_ERROR;
        }
    }

    script = ngx_pcalloc(cf->pool, sizeof(ngx_http_workers_script_t));
    if (script == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_array_init(&script->binds, cf->pool, 4,
                       sizeof(ngx_http_workers_bind_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    script->main = wmcf;
    script->file = cf->conf_file->file.name;
    script->line = cf->conf_file->line;

    s = &script->script;
    s->name = value[1];
    s->cpu = NGX_HTTP_WORKERS_CPU;
    s->memory = NGX_HTTP_WORKERS_MEMORY;
    s->subrequests = NGX_HTTP_WORKERS_SUBREQUESTS;
    s->stack = ngx_workers_script_stack();
    s->env = ngx_http_workers_env;
    s->data = script;
    s->index = wmcf->scripts.nelts;

    save = *cf;

    cf->handler = ngx_http_workers_block_line;
    cf->handler_conf = (void *) script;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_workers_block_end(cf, script);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    sp = ngx_array_push(&wmcf->scripts);
    if (sp == NULL) {
        return NGX_CONF_ERROR;
    }

    *sp = script;

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_block_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_http_workers_script_t  *script = conf;

    ngx_str_t                   *value;
    ngx_http_workers_block_t    *line;
    ngx_http_workers_binding_t  *binding;

    value = cf->args->elts;

    if (value[0].len == 7 && ngx_strncmp(value[0].data, "include", 7) == 0) {

        if (cf->args->nelts != 2) {
            return "invalid number of arguments in \"include\" directive";
        }

        return ngx_conf_include(cf, dummy, conf);
    }

    for (line = ngx_http_workers_block; line->name.len != 0; line++) {

        if (line->name.len == value[0].len
            && ngx_strncmp(line->name.data, value[0].data, value[0].len) == 0)
        {
            if (!ngx_http_workers_block_args(cf, line->args)) {
                return NGX_CONF_ERROR;
            }

            return line->set(cf, script);
        }
    }

    binding = ngx_http_workers_binding_find(&value[0]);

    if (binding == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown directive \"%V\" in \"workers_script\", "
                           "expected \"main\", \"compatibility_date\", "
                           "\"compatibility_flags\", \"limits\" or a binding "
                           "such as \"var\" or \"kv_namespace\"", &value[0]);
        return NGX_CONF_ERROR;
    }

    if (!ngx_http_workers_block_args(cf, binding->args)) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_workers_binding_add(cf, script, binding);
}


/* nginx's own test of a directive's number of arguments. */

static ngx_uint_t
ngx_http_workers_block_args(ngx_conf_t *cf, ngx_uint_t args)
{
    ngx_str_t   *value;
    ngx_uint_t   n;

    value = cf->args->elts;
    n = cf->args->nelts;

    if ((args & NGX_CONF_1MORE) && n >= 2) {
        return 1;
    }

    if ((args & NGX_CONF_2MORE) && n >= 3) {
        return 1;
    }

    if (n <= 8 && (args & (NGX_CONF_NOARGS << (n - 1)))) {
        return 1;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid number of arguments in \"%V\" directive",
                       &value[0]);

    return 0;
}


static char *
ngx_http_workers_block_main(ngx_conf_t *cf, ngx_http_workers_script_t *script)
{
    u_char                *p;
    ngx_str_t             *value;
    ngx_workers_script_t  *s;

    s = &script->script;
    value = cf->args->elts;

    if (s->main.data != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"main\" directive is duplicate");
        return NGX_CONF_ERROR;
    }

    s->main = value[1];

    if (ngx_conf_full_name(cf->cycle, &s->main, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    for (p = s->main.data + s->main.len; p > s->main.data; p--) {
        if (p[-1] == '/') {
            break;
        }
    }

    s->directory.data = s->main.data;
    s->directory.len = p - s->main.data;

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_block_date(ngx_conf_t *cf, ngx_http_workers_script_t *script)
{
    ngx_int_t   year, month, day;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (script->script.compatibility_date != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"compatibility_date\" directive is duplicate");
        return NGX_CONF_ERROR;
    }

    if (value[1].len == 10 && value[1].data[4] == '-'
        && value[1].data[7] == '-')
    {
        year = ngx_atoi(value[1].data, 4);
        month = ngx_atoi(value[1].data + 5, 2);
        day = ngx_atoi(value[1].data + 8, 2);

        if (year > 0 && month > 0 && month <= 12 && day > 0 && day <= 31) {
            script->script.compatibility_date = year * 10000 + month * 100
                                                + day;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"compatibility_date\", "
                       "expected a date such as \"2025-11-01\"", &value[1]);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_workers_block_flags(ngx_conf_t *cf, ngx_http_workers_script_t *script)
{
    ngx_str_t                 *value, *flag;
    ngx_uint_t                 i;
    ngx_workers_script_t      *s;
    const ngx_workers_flag_t  *known;

    s = &script->script;
    value = cf->args->elts;

    if (s->compatibility_flags == NULL) {
        s->compatibility_flags = ngx_array_create(cf->pool, 4,
                                                  sizeof(ngx_str_t));
        if (s->compatibility_flags == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {

        known = ngx_workers_flag_find((char *) value[i].data);

        if (known == NULL) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "unknown flag \"%V\" in "
                               "\"compatibility_flags\" has no effect",
                               &value[i]);

        } else if (ngx_http_workers_block_flag_given(cf, s, known, &value[i])
                   != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        flag = ngx_array_push(s->compatibility_flags);
        if (flag == NULL) {
            return NGX_CONF_ERROR;
        }

        *flag = value[i];
    }

    return NGX_CONF_OK;
}


/* A flag may be given once, by one of its names. */

static ngx_int_t
ngx_http_workers_block_flag_given(ngx_conf_t *cf, ngx_workers_script_t *s,
    const ngx_workers_flag_t *known, ngx_str_t *value)
{
    ngx_str_t   *flag;
    ngx_uint_t   i;

    flag = s->compatibility_flags->elts;

    for (i = 0; i < s->compatibility_flags->nelts; i++) {

        if (ngx_workers_flag_find((char *) flag[i].data) != known) {
            continue;
        }

        if (ngx_strcmp(flag[i].data, value->data) == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "flag \"%V\" in \"compatibility_flags\" is "
                               "duplicate", value);

        } else {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "flags \"%V\" and \"%V\" in "
                               "\"compatibility_flags\" contradict each other",
                               &flag[i], value);
        }

        return NGX_ERROR;
    }

    return NGX_OK;
}


static char *
ngx_http_workers_block_limits(ngx_conf_t *cf,
    ngx_http_workers_script_t *script)
{
    off_t                  size;
    ngx_int_t              n;
    ngx_str_t              v;
    ngx_uint_t             i;
    ngx_workers_script_t  *s;

    s = &script->script;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_workers_param(cf, i, "cpu", &v) == NGX_OK) {
            n = ngx_parse_time(&v, 0);

            if (n == NGX_ERROR || n == 0 || n > 300000) {
                return ngx_http_workers_param_error(cf, i,
                                             "a time from \"1ms\" to \"5m\"");
            }

            s->cpu = n;
            continue;
        }

        if (ngx_http_workers_param(cf, i, "memory", &v) == NGX_OK) {
            size = ngx_parse_offset(&v);

            if (size == NGX_ERROR || size < 2 * 1024 * 1024) {
                return ngx_http_workers_param_error(cf, i,
                                            "a size from \"2m\" upwards");
            }

            s->memory = size;
            continue;
        }

        if (ngx_http_workers_param(cf, i, "subrequests", &v) == NGX_OK) {
            n = ngx_atoi(v.data, v.len);

            if (n == NGX_ERROR) {
                return ngx_http_workers_param_error(cf, i, "a number");
            }

            s->subrequests = n;
            continue;
        }

        return ngx_http_workers_param_error(cf, i, "\"cpu=\", \"memory=\" or "
                                            "\"subrequests=\"");
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_block_outbound(ngx_conf_t *cf,
    ngx_http_workers_script_t *script)
{
    return ngx_http_workers_outbound_add(cf, &script->outbound);
}


static char *
ngx_http_workers_block_end(ngx_conf_t *cf, ngx_http_workers_script_t *script)
{
    size_t                    len;
    ngx_tm_t                  tm;
    ngx_str_t                 error, *name;
    ngx_uint_t                i;
    ngx_workers_script_t     *s;
    ngx_http_workers_bind_t  *bind;

    s = &script->script;

    if (s->main.data == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no \"main\" in \"workers_script %V\"", &s->name);
        return NGX_CONF_ERROR;
    }

    if (ngx_workers_script_compile(s, cf->pool, cf->temp_pool, cf->log, &error)
        != NGX_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "worker \"%V\": %V", &s->name, &error);
        return NGX_CONF_ERROR;
    }

    if (s->version_id.data == NULL
        && ngx_http_workers_version_id(cf, script) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_gmtime(ngx_time(), &tm);

    script->timestamp.data = ngx_pnalloc(cf->pool, 32);
    if (script->timestamp.data == NULL) {
        return NGX_CONF_ERROR;
    }

    script->timestamp.len = ngx_sprintf(script->timestamp.data,
                                        "%4d-%02d-%02dT%02d:%02d:%02d.000Z",
                                        tm.ngx_tm_year, tm.ngx_tm_mon,
                                        tm.ngx_tm_mday, tm.ngx_tm_hour,
                                        tm.ngx_tm_min, tm.ngx_tm_sec)
                            - script->timestamp.data;

    len = sizeof("running worker \"\"") + s->name.len;

    script->action = ngx_pnalloc(cf->pool, len);
    if (script->action == NULL) {
        return NGX_CONF_ERROR;
    }

    (void) ngx_sprintf((u_char *) script->action, "running worker \"%V\"%Z",
                       &s->name);

    bind = script->binds.elts;

    name = ngx_pcalloc(cf->pool,
                       (script->binds.nelts + 1) * sizeof(ngx_str_t));
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    script->secret_names = name;

    for (i = 0; i < script->binds.nelts; i++) {
        if (bind[i].binding->secret) {
            *name++ = bind[i].name;
        }
    }

    return NGX_CONF_OK;
}


/*
 * A version without an id of its own is known by the hash of its modules and
 * of the lines of its block, in the shape of a UUID (RFC 9562, version 8).
 */

static ngx_int_t
ngx_http_workers_version_id(ngx_conf_t *cf, ngx_http_workers_script_t *script)
{
    u_char                   *p, digest[EVP_MAX_MD_SIZE], hex[64];
    unsigned                  len;
    ngx_int_t                 rc;
    ngx_str_t                *flag;
    EVP_MD_CTX               *ctx;
    ngx_uint_t                i;
    ngx_workers_script_t     *s;
    ngx_http_workers_bind_t  *bind;

    s = &script->script;
    rc = NGX_ERROR;
    bind = script->binds.elts;

    ctx = EVP_MD_CTX_new();

    if (ctx == NULL
        || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1
        || EVP_DigestUpdate(ctx, s->fingerprint.data, s->fingerprint.len) != 1
        || EVP_DigestUpdate(ctx, &s->compatibility_date, sizeof(ngx_uint_t))
           != 1)
    {
        goto done;
    }

    for (i = 0; s->compatibility_flags && i < s->compatibility_flags->nelts;
         i++)
    {
        flag = (ngx_str_t *) s->compatibility_flags->elts + i;

        if (EVP_DigestUpdate(ctx, flag->data, flag->len + 1) != 1) {
            goto done;
        }
    }

    for (i = 0; i < script->binds.nelts; i++) {
        if (EVP_DigestUpdate(ctx, bind[i].text.data, bind[i].text.len) != 1) {
            goto done;
        }
    }

    if (EVP_DigestFinal_ex(ctx, digest, &len) != 1) {
        goto done;
    }

    digest[6] = (digest[6] & 0x0f) | 0x80;
    digest[8] = (digest[8] & 0x3f) | 0x80;

    (void) ngx_hex_dump(hex, digest, 16);

    p = ngx_pnalloc(cf->pool, 36);
    if (p == NULL) {
        goto done;
    }

    s->version_id.data = p;
    s->version_id.len = ngx_sprintf(p, "%*s-%*s-%*s-%*s-%*s",
                                    (size_t) 8, hex, (size_t) 4, hex + 8,
                                    (size_t) 4, hex + 12, (size_t) 4, hex + 16,
                                    (size_t) 12, hex + 20)
                        - p;

    rc = NGX_OK;

done:

    EVP_MD_CTX_free(ctx);

    return rc;
}


static ngx_int_t
ngx_http_workers_env(JSContext *cx, JSValueConst env,
    ngx_workers_script_t *s)
{
    JSAtom                       atom;
    JSValue                      value;
    ngx_uint_t                   i;
    ngx_workers_class_t        **class;
    ngx_http_workers_bind_t     *bind;
    ngx_http_workers_script_t   *script;

    script = s->data;
    bind = script->binds.elts;

    for (i = 0; i < script->binds.nelts; i++) {

        for (class = bind[i].binding->classes;
             class != NULL && *class != NULL;
             class++)
        {
            if (!JS_IsRegisteredClass(JS_GetRuntime(cx), (*class)->id)
                && ngx_workers_class_add(cx, ngx_workers_isolate(cx)->global,
                                         *class)
                   != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        if (bind[i].binding->env == NULL) {
            continue;
        }

        value = bind[i].binding->env(cx, &bind[i]);
        if (JS_IsException(value)) {
            return NGX_ERROR;
        }

        atom = JS_NewAtomLen(cx, (char *) bind[i].name.data,
                             bind[i].name.len);
        if (atom == JS_ATOM_NULL) {
            JS_FreeValue(cx, value);
            return NGX_ERROR;
        }

        if (JS_DefinePropertyValue(cx, env, atom, value, JS_PROP_C_W_E) < 0) {
            JS_FreeAtom(cx, atom);
            return NGX_ERROR;
        }

        JS_FreeAtom(cx, atom);
    }

    ngx_workers_isolate(cx)->secret_names = script->secret_names;

    return NGX_OK;
}
