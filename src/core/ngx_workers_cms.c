
/*
 * Copyright (C) the nginx-workers authors
 *
 * Opens a CMS AuthEnvelopedData with OpenSSL's routines, which take any
 * length of authentication tag: one byte can be guessed, so that only a tag
 * of full length is accepted here.
 */


#include <openssl/asn1.h>
#include <openssl/crypto.h>

/* before cms.h, which declares its PEM functions only then */
#include <openssl/pem.h>
#include <openssl/cms.h>

#include "ngx_workers_cms.h"


#define NGX_WORKERS_CMS_TAG  16


static int ngx_workers_cms_check(CMS_ContentInfo *cms);
static int ngx_workers_cms_enter(const unsigned char **p,
    const unsigned char *end, int tag, long *len);


int
ngx_workers_cms_open(BIO *in, const unsigned char *key, BIO *out)
{
    int               rc;
    CMS_ContentInfo  *cms;

    rc = NGX_WORKERS_CMS_INVALID;

    cms = PEM_read_bio_CMS(in, NULL, NULL, NULL);

    if (cms != NULL && ngx_workers_cms_check(cms)) {

        rc = NGX_WORKERS_CMS_REFUSED;

        if (CMS_decrypt_set1_key(cms, (unsigned char *) key,
                                 NGX_WORKERS_CMS_KEY, NULL, 0)
            == 1
            && CMS_decrypt(cms, NULL, NULL, NULL, out, CMS_BINARY) == 1)
        {
            rc = NGX_WORKERS_CMS_OK;
        }
    }

    CMS_ContentInfo_free(cms);

    return rc;
}


/*
 * ContentInfo:  SEQUENCE { type, [0] { SEQUENCE {
 *     version, recipients SET, content SEQUENCE,
 *     [1] attributes, or none, tag OCTET STRING, ... } } }
 */

static int
ngx_workers_cms_check(CMS_ContentInfo *cms)
{
    int                   n, found;
    long                  len;
    unsigned char        *der;
    const unsigned char  *p, *end;

    if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_id_smime_ct_authEnvelopedData) {
        return 0;
    }

    der = NULL;

    n = i2d_CMS_ContentInfo(cms, &der);
    if (n <= 0) {
        return 0;
    }

    p = der;
    end = der + n;
    found = 0;

    if (ngx_workers_cms_enter(&p, end, V_ASN1_SEQUENCE, &len)
        && ngx_workers_cms_enter(&p, end, V_ASN1_OBJECT, &len)
        && (p += len, ngx_workers_cms_enter(&p, end, 0, &len))
        && ngx_workers_cms_enter(&p, end, V_ASN1_SEQUENCE, &len)
        && ngx_workers_cms_enter(&p, end, V_ASN1_INTEGER, &len)
        && (p += len, ngx_workers_cms_enter(&p, end, V_ASN1_SET, &len))
        && (p += len, ngx_workers_cms_enter(&p, end, V_ASN1_SEQUENCE, &len))
        && (p += len, ngx_workers_cms_enter(&p, end, V_ASN1_OCTET_STRING,
                                            &len)))
    {
        found = (len == NGX_WORKERS_CMS_TAG);
    }

    OPENSSL_free(der);

    return found;
}


/* Passes over a header if it has this tag number. */

static int
ngx_workers_cms_enter(const unsigned char **p, const unsigned char *end,
    int tag, long *len)
{
    int  rc, number, class;

    if (*p >= end) {
        return 0;
    }

    rc = ASN1_get_object(p, len, &number, &class, end - *p);

    /* 0x80: an error; 0x01: no length */

    return (rc & 0x81) == 0 && number == tag;
}
