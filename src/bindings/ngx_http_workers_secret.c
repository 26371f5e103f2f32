
/*
 * Copyright (C) the nginx-workers authors
 *
 * secret NAME file=<path>|env=<VAR>: a string that is read when nginx reads
 * its configuration, and printed nowhere.  A sealed file is opened with the
 * key of workers_secrets_key.
 */


#include "../core/ngx_http_workers_binding.h"
#include "../core/ngx_workers_secret.h"


#define NGX_HTTP_WORKERS_SECRET_MAX  (64 * 1024)


static char *ngx_http_workers_secret_parse(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static char *ngx_http_workers_secret_check(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static char *ngx_http_workers_secret_read(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind, ngx_str_t *path, ngx_str_t *bytes);
static char *ngx_http_workers_secret_env_parse(ngx_conf_t *cf,
    ngx_str_t *name, ngx_str_t *secret);
static void ngx_http_workers_secret_error(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind, ngx_err_t err, ngx_str_t *path,
    const char *reason);
static JSValue ngx_http_workers_secret_env(JSContext *cx,
    ngx_http_workers_bind_t *bind);


typedef struct {
    ngx_str_t    path;                      /* empty: from the environment */
    ngx_str_t    value;
} ngx_http_workers_secret_conf_t;


ngx_http_workers_binding_t  ngx_http_workers_secret_binding = {
    .keyword = ngx_string("secret"),
    .args = NGX_CONF_TAKE2,
    .parse = ngx_http_workers_secret_parse,
    .check = ngx_http_workers_secret_check,
    .env = ngx_http_workers_secret_env,
    .secret = 1
};


static char *
ngx_http_workers_secret_parse(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_str_t                        name;
    ngx_http_workers_secret_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_workers_secret_conf_t));
    if (conf == NULL) {
        return NGX_CONF_ERROR;
    }

    bind->conf = conf;

    if (ngx_http_workers_param(cf, 2, "file", &conf->path) == NGX_OK) {
        return ngx_conf_full_name(cf->cycle, &conf->path, 1) == NGX_OK
               ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    if (ngx_http_workers_param(cf, 2, "env", &name) == NGX_OK) {
        return ngx_http_workers_secret_env_parse(cf, &name, &conf->value);
    }

    /* the word may be the secret itself: it is not repeated */

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter of \"%V\" in \"secret\", expected "
                       "\"file=<path>\" or \"env=<variable>\"", &bind->name);

    return NGX_CONF_ERROR;
}


/* Here and not in parse(): workers_secrets_key may stand further down. */

static char *
ngx_http_workers_secret_check(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_http_workers_secret_conf_t  *conf;

    conf = bind->conf;

    if (conf->path.len == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_http_workers_secret_file(cf, bind, &conf->path, &conf->value)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    /* editors end a file with a line feed */

    if (conf->value.len != 0 && conf->value.data[conf->value.len - 1] == LF) {
        conf->value.len--;

        if (conf->value.len != 0
            && conf->value.data[conf->value.len - 1] == CR)
        {
            conf->value.len--;
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_workers_secret_file(ngx_conf_t *cf, ngx_http_workers_bind_t *bind,
    ngx_str_t *path, ngx_str_t *plain)
{
    ngx_int_t    rc;
    ngx_str_t    bytes, key, *key_file;
    const char  *reason;

    if (ngx_http_workers_secret_read(cf, bind, path, &bytes) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_str_null(&key);
    key_file = &bind->script->main->secrets_key;

    if (key_file->len != 0
        && ngx_http_workers_secret_read(cf, bind, key_file, &key)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    rc = ngx_workers_secret_open(cf->pool, &bytes, &key, plain, &reason);

    ngx_explicit_memzero(key.data, key.len);

    if (rc != NGX_OK) {
        ngx_http_workers_secret_error(cf, bind, 0, path, reason);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_secret_read(ngx_conf_t *cf, ngx_http_workers_bind_t *bind,
    ngx_str_t *path, ngx_str_t *bytes)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_err_t        err;
    ngx_file_info_t  fi;

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_http_workers_secret_error(cf, bind, ngx_errno, path,
                                      "could not be read");
        return NGX_CONF_ERROR;
    }

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)
        || ngx_file_size(&fi) > NGX_HTTP_WORKERS_SECRET_MAX)
    {
        (void) ngx_close_file(fd);
        ngx_http_workers_secret_error(cf, bind, 0, path,
                                      "is no file of at most 64 KiB");
        return NGX_CONF_ERROR;
    }

    bytes->len = (size_t) ngx_file_size(&fi);
    bytes->data = ngx_pnalloc(cf->pool, bytes->len + 1);

    if (bytes->data == NULL) {
        (void) ngx_close_file(fd);
        return NGX_CONF_ERROR;
    }

    n = ngx_read_fd(fd, bytes->data, bytes->len);
    err = ngx_errno;

    (void) ngx_close_file(fd);

    if (n != (ssize_t) bytes->len) {
        ngx_http_workers_secret_error(cf, bind, n < 0 ? err : 0, path,
                                      "could not be read");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_secret_env_parse(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret)
{
    char  *value;

    /* words of the configuration end with a null byte */

    value = getenv((char *) name->data);

    if (value == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "environment variable \"%V\" in \"secret\" is not "
                           "set", name);
        return NGX_CONF_ERROR;
    }

    secret->len = ngx_strlen(value);
    secret->data = ngx_pnalloc(cf->pool, secret->len + 1);
    if (secret->data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(secret->data, value, secret->len + 1);

    return NGX_CONF_OK;
}


static void
ngx_http_workers_secret_error(ngx_conf_t *cf, ngx_http_workers_bind_t *bind,
    ngx_err_t err, ngx_str_t *path, const char *reason)
{
    ngx_log_error(NGX_LOG_EMERG, cf->log, err,
                  "%V \"%V\": \"%V\" %s in %V:%ui", &bind->binding->keyword,
                  &bind->name, path, reason, &bind->file, bind->line);
}


static JSValue
ngx_http_workers_secret_env(JSContext *cx, ngx_http_workers_bind_t *bind)
{
    ngx_http_workers_secret_conf_t  *conf;

    conf = bind->conf;

    return ngx_workers_utf8_decode(cx, conf->value.data, conf->value.len);
}
