
/*
 * Copyright (C) the nginx-workers authors
 *
 * What the module and tools/seal-secret share; it knows nothing of nginx.
 */


#ifndef _NGX_WORKERS_CMS_H_INCLUDED_
#define _NGX_WORKERS_CMS_H_INCLUDED_


#include <openssl/bio.h>


#define NGX_WORKERS_CMS_KEY       32
#define NGX_WORKERS_CMS_OK        0
#define NGX_WORKERS_CMS_INVALID   1         /* not a sealed secret */
#define NGX_WORKERS_CMS_REFUSED   2         /* another key, or altered */


/*
 * Opens a sealed secret: PEM from in, plain text to out, which is of no use
 * unless NGX_WORKERS_CMS_OK.
 */
int ngx_workers_cms_open(BIO *in, const unsigned char *key, BIO *out);


#endif /* _NGX_WORKERS_CMS_H_INCLUDED_ */
