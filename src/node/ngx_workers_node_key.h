
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the files of node:crypto's native half share.
 */


#ifndef _NGX_WORKERS_NODE_KEY_H_INCLUDED_
#define _NGX_WORKERS_NODE_KEY_H_INCLUDED_


#include "../core/ngx_workers_js.h"

#include <openssl/evp.h>


/* The object of a key; pkey is taken, even on failure. */
JSValue ngx_workers_node_key_wrap(JSContext *cx, EVP_PKEY *pkey,
    ngx_uint_t private);

/* The key behind such an object, borrowed; NULL: an exception is pending. */
EVP_PKEY *ngx_workers_node_key_get(JSContext *cx, JSValueConst v);


#endif /* _NGX_WORKERS_NODE_KEY_H_INCLUDED_ */
