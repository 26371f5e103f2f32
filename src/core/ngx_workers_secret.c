
/*
 * Copyright (C) the nginx-workers authors
 *
 * Opens sealed secret files with OpenSSL's own CMS routines, when the
 * configuration is read.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "ngx_workers_cms.h"
#include "ngx_workers_secret.h"


#define NGX_WORKERS_SECRET_BEGIN  "-----BEGIN CMS-----"


static ngx_int_t ngx_workers_secret_key(ngx_str_t *text, u_char *key);
static ngx_int_t ngx_workers_secret_decrypt(ngx_pool_t *pool, ngx_str_t *file,
    u_char *key, ngx_str_t *plain, const char **reason);


ngx_int_t
ngx_workers_secret_open(ngx_pool_t *pool, ngx_str_t *file, ngx_str_t *key,
    ngx_str_t *plain, const char **reason)
{
    u_char     buf[NGX_WORKERS_CMS_KEY];
    ngx_int_t  rc;

    if (file->len < sizeof(NGX_WORKERS_SECRET_BEGIN) - 1
        || ngx_memcmp(file->data, NGX_WORKERS_SECRET_BEGIN,
                      sizeof(NGX_WORKERS_SECRET_BEGIN) - 1)
           != 0)
    {
        *plain = *file;
        return NGX_OK;
    }

    if (key->len == 0) {
        *reason = "is sealed, which needs \"workers_secrets_key\"";
        return NGX_ERROR;
    }

    if (ngx_workers_secret_key(key, buf) != NGX_OK) {
        *reason = "is sealed, but \"workers_secrets_key\" does not name a key "
                  "of 64 hexadecimal digits or 32 bytes";
        return NGX_ERROR;
    }

    rc = ngx_workers_secret_decrypt(pool, file, buf, plain, reason);

    OPENSSL_cleanse(buf, sizeof(buf));
    ERR_clear_error();

    return rc;
}


/* 32 bytes as they are, or as 64 digits with white space behind. */

static ngx_int_t
ngx_workers_secret_key(ngx_str_t *text, u_char *key)
{
    size_t      len;
    ngx_int_t   n;
    ngx_uint_t  i;

    if (text->len == NGX_WORKERS_CMS_KEY) {
        ngx_memcpy(key, text->data, NGX_WORKERS_CMS_KEY);
        return NGX_OK;
    }

    len = text->len;

    while (len > 0 && text->data[len - 1] <= ' ') {
        len--;
    }

    if (len != 2 * NGX_WORKERS_CMS_KEY) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_WORKERS_CMS_KEY; i++) {
        n = ngx_hextoi(text->data + 2 * i, 2);

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        key[i] = (u_char) n;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_workers_secret_decrypt(ngx_pool_t *pool, ngx_str_t *file, u_char *key,
    ngx_str_t *plain, const char **reason)
{
    BIO        *in, *out;
    char       *data;
    long        len;
    ngx_int_t   rc;

    rc = NGX_ERROR;
    out = NULL;

    *reason = "cannot be opened: out of memory";

    in = BIO_new_mem_buf(file->data, file->len);
    if (in == NULL) {
        goto done;
    }

    out = BIO_new(BIO_s_mem());
    if (out == NULL) {
        goto done;
    }

    switch (ngx_workers_cms_open(in, key, out)) {

    case NGX_WORKERS_CMS_OK:
        break;

    case NGX_WORKERS_CMS_INVALID:
        *reason = "is not a sealed secret, or damaged";
        goto done;

    default:
        *reason = "cannot be opened with this key, or is damaged";
        goto done;
    }

    len = BIO_get_mem_data(out, &data);

    plain->len = len;
    plain->data = ngx_pnalloc(pool, len + 1);
    if (plain->data == NULL) {
        goto done;
    }

    if (len > 0) {
        ngx_memcpy(plain->data, data, len);
    }

    rc = NGX_OK;

done:

    BIO_free(out);
    BIO_free(in);

    return rc;
}
