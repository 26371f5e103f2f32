
/*
 * Copyright (C) the nginx-workers authors
 *
 * Sealed secret files: a CMS AuthEnvelopedData (RFC 5083, AES-256-GCM) in
 * PEM, for a recipient that has a key-encryption key of 32 bytes, which is
 * what tools/seal-secret and "openssl cms -encrypt -secretkey" make.
 */


#ifndef _NGX_WORKERS_SECRET_H_INCLUDED_
#define _NGX_WORKERS_SECRET_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * What a secret file says: *plain is its content, opened with the content of
 * a key file if it is sealed, and file itself if it is not.  key may be
 * empty.  NGX_ERROR: *reason is what to say about the file, such as "cannot
 * be opened with this key".
 */
ngx_int_t ngx_workers_secret_open(ngx_pool_t *pool, ngx_str_t *file,
    ngx_str_t *key, ngx_str_t *plain, const char **reason);


#endif /* _NGX_WORKERS_SECRET_H_INCLUDED_ */
