
/*
 * Copyright (C) the nginx-workers authors
 *
 * What all storage engines share: where a store lies, and what scripts are
 * told when it fails.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include <openssl/evp.h>

#include "ngx_workers_store.h"


/* leaves room below NAME_MAX for the digest */
#define NGX_WORKERS_STORE_MAX_NAME  160


static ngx_uint_t ngx_workers_store_plain(u_char ch, ngx_uint_t first);


ngx_int_t
ngx_workers_store_path(ngx_pool_t *pool, ngx_str_t *root, const char *kind,
    ngx_str_t *id, ngx_str_t *path)
{
    size_t         len;
    u_char        *p, *start, digest[EVP_MAX_MD_SIZE];
    ngx_uint_t     i;
    unsigned int   n;

    len = root->len + ngx_strlen(kind) + NGX_WORKERS_STORE_MAX_NAME
          + 2 * EVP_MAX_MD_SIZE + sizeof("//%+");

    path->data = ngx_pnalloc(pool, len);
    if (path->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(path->data, "%V/%s/", root, kind);
    start = p;

    if (id->len == 0) {
        *p++ = '%';
    }

    for (i = 0; i < id->len; i++) {

        if (p - start > NGX_WORKERS_STORE_MAX_NAME - 3) {

            /* no short name has a "+" */

            if (EVP_Digest(id->data, id->len, digest, &n, EVP_sha256(), NULL)
                != 1)
            {
                return NGX_ERROR;
            }

            *p++ = '+';
            p = ngx_hex_dump(p, digest, n);
            break;
        }

        if (ngx_workers_store_plain(id->data[i], i == 0)) {
            *p++ = id->data[i];

        } else {
            p = ngx_sprintf(p, "%%%02xd", (int) id->data[i]);
        }
    }

    *p = '\0';
    path->len = p - path->data;

    return NGX_OK;
}


static ngx_uint_t
ngx_workers_store_plain(u_char ch, ngx_uint_t first)
{
    /* capital letters would meet small ones where the file system folds */

    if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9')
        || ch == '_' || ch == '-')
    {
        return 1;
    }

    return ch == '.' && !first;
}


ngx_workers_store_t *
ngx_workers_stores_open(void **stores, ngx_log_t *log, ngx_thread_pool_t *tp,
    ngx_str_t *path, size_t max_size)
{
    if (*stores == NULL) {
        *stores = ngx_workers_lmdb_engine.init(log, tp);

        if (*stores == NULL) {
            return NULL;
        }
    }

    return ngx_workers_lmdb_engine.open(*stores, path, max_size);
}


void
ngx_workers_stores_close(void *stores)
{
    if (stores != NULL) {
        ngx_workers_lmdb_engine.exit(stores);
    }
}


const char *
ngx_workers_store_strerror(ngx_workers_store_error_e error)
{
    switch (error) {

    case NGX_WORKERS_STORE_OK:
        return "no error";

    case NGX_WORKERS_STORE_FULL:
        return "storage is full";

    case NGX_WORKERS_STORE_BUSY:
        return "too many writes are waiting";

    case NGX_WORKERS_STORE_INVALID:
        return "invalid key";

    default:
        return "storage is unavailable";
    }
}
