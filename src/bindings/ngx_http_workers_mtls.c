
/*
 * Copyright (C) the nginx-workers authors
 *
 * mtls_certificate B certificate=<file> key=<file>: fetch() that presents a
 * client certificate.  Its connections are its own: nobody else uses one that
 * a server has authenticated.
 */


#include "../core/ngx_http_workers_binding.h"
#include "../web/ngx_workers_fetcher.h"

#include <openssl/err.h>
#include <openssl/pem.h>


typedef struct {
    ngx_str_t                  certificate;     /* full path, then PEM */
    ngx_str_t                  key;
} ngx_http_workers_mtls_conf_t;


static char *ngx_http_workers_mtls_parse(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static char *ngx_http_workers_mtls_check(ngx_conf_t *cf,
    ngx_http_workers_bind_t *bind);
static const char *ngx_http_workers_mtls_verify(
    ngx_http_workers_mtls_conf_t *conf);
static ngx_int_t ngx_http_workers_mtls_open(ngx_http_workers_bind_t *bind,
    ngx_http_workers_process_t *process);
static void ngx_http_workers_mtls_close(ngx_http_workers_bind_t *bind);
static JSValue ngx_http_workers_mtls_env(JSContext *cx,
    ngx_http_workers_bind_t *bind);


ngx_http_workers_binding_t  ngx_http_workers_mtls_certificate_binding = {
    .keyword = ngx_string("mtls_certificate"),
    .args = NGX_CONF_TAKE3,
    .parse = ngx_http_workers_mtls_parse,
    .check = ngx_http_workers_mtls_check,
    .open = ngx_http_workers_mtls_open,
    .close = ngx_http_workers_mtls_close,
    .env = ngx_http_workers_mtls_env,
    .classes = ngx_workers_fetcher_classes
};


static char *
ngx_http_workers_mtls_parse(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_str_t                     *path, value;
    ngx_uint_t                     i;
    ngx_http_workers_mtls_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_workers_mtls_conf_t));
    if (conf == NULL) {
        return NGX_CONF_ERROR;
    }

    bind->conf = conf;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_workers_param(cf, i, "certificate", &value) == NGX_OK) {
            path = &conf->certificate;

        } else if (ngx_http_workers_param(cf, i, "key", &value) == NGX_OK) {
            path = &conf->key;

        } else {
            return ngx_http_workers_param_error(cf, i, "\"certificate=\" or "
                                                "\"key=\"");
        }

        if (value.len == 0) {
            return ngx_http_workers_param_error(cf, i, "the path of a file in "
                                                "the PEM format");
        }

        *path = value;

        if (ngx_conf_full_name(cf->cycle, path, 1) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (conf->certificate.len == 0 || conf->key.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"mtls_certificate\" \"%V\" needs "
                           "\"certificate=<file>\" and \"key=<file>\"",
                           &bind->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_workers_mtls_check(ngx_conf_t *cf, ngx_http_workers_bind_t *bind)
{
    ngx_str_t                      path, plain;
    const char                    *reason;
    ngx_http_workers_mtls_conf_t  *conf;

    conf = bind->conf;
    path = conf->certificate;

    if (ngx_http_workers_secret_file(cf, bind, &path, &plain) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    conf->certificate = plain;

    if (ngx_http_workers_secret_file(cf, bind, &conf->key, &plain)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    conf->key = plain;

    reason = ngx_http_workers_mtls_verify(conf);

    if (reason != NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "mtls_certificate \"%V\": %s \"%V\" in %V:%ui",
                      &bind->name, reason, &path, &bind->file, bind->line);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* NULL: certificate and key are one, and go together. */

static const char *
ngx_http_workers_mtls_verify(ngx_http_workers_mtls_conf_t *conf)
{
    BIO         *bio;
    X509        *x509;
    EVP_PKEY    *key;
    const char  *reason;

    x509 = NULL;
    key = NULL;

    bio = BIO_new_mem_buf(conf->certificate.data, conf->certificate.len);

    if (bio != NULL) {
        x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        BIO_free(bio);
    }

    bio = BIO_new_mem_buf(conf->key.data, conf->key.len);

    if (bio != NULL) {
        key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *) "");
        BIO_free(bio);
    }

    reason = (x509 == NULL) ? "there is no certificate in the PEM format in"
             : (key == NULL) ? "there is no private key for"
             : (X509_check_private_key(x509, key) != 1)
               ? "the private key does not belong to"
             : (X509_cmp_current_time(X509_get0_notAfter(x509)) < 0)
               ? "out of date is" : NULL;

    X509_free(x509);
    EVP_PKEY_free(key);
    ERR_clear_error();

    return reason;
}


static ngx_int_t
ngx_http_workers_mtls_open(ngx_http_workers_bind_t *bind,
    ngx_http_workers_process_t *process)
{
    ngx_workers_http_slot_t       *slot;
    ngx_http_workers_mtls_conf_t  *conf;

    conf = bind->conf;

    slot = ngx_http_workers_http_slot(process, bind->script);
    if (slot == NULL) {
        return NGX_ERROR;
    }

    slot->certificate = conf->certificate;
    slot->key = conf->key;

    bind->data = slot;

    return NGX_OK;
}


static void
ngx_http_workers_mtls_close(ngx_http_workers_bind_t *bind)
{
    ngx_workers_http_close(bind->data);
}


static JSValue
ngx_http_workers_mtls_env(JSContext *cx, ngx_http_workers_bind_t *bind)
{
    return ngx_workers_fetcher(cx, bind->data);
}
