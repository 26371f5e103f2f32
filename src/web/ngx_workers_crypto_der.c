
/*
 * Copyright (C) the nginx-workers authors
 *
 * Web Cryptography: the little of DER (X.690) that keys in SPKI (RFC 5280)
 * and PKCS #8 (RFC 5208, RFC 5958) need.
 */


#include "ngx_workers_crypto.h"


static ngx_int_t ngx_workers_der_algorithm(ngx_str_t *in,
    ngx_workers_der_key_t *key);


ngx_int_t
ngx_workers_der_get(ngx_str_t *in, ngx_uint_t tag, ngx_str_t *value)
{
    size_t   len, n;
    u_char  *p, *last;

    p = in->data;
    last = p + in->len;

    if (last - p < 2 || *p++ != tag) {
        return NGX_DECLINED;
    }

    len = *p++;

    if (len >= 0x80) {
        n = len & 0x7f;
        len = 0;

        if (n == 0 || n > 4 || (size_t) (last - p) < n || *p == 0) {
            return NGX_DECLINED;
        }

        while (n--) {
            len = len << 8 | *p++;
        }

        if (len < 0x80) {
            return NGX_DECLINED;           /* not the shortest form */
        }
    }

    if ((size_t) (last - p) < len) {
        return NGX_DECLINED;
    }

    value->data = p;
    value->len = len;

    in->data = p + len;
    in->len = last - in->data;

    return NGX_OK;
}


ngx_int_t
ngx_workers_der_number(ngx_str_t *in, ngx_str_t *number)
{
    if (ngx_workers_der_get(in, NGX_WORKERS_DER_INTEGER, number) != NGX_OK
        || number->len == 0 || (number->data[0] & 0x80))
    {
        return NGX_DECLINED;
    }

    if (number->len > 1 && number->data[0] == 0) {
        number->data++;
        number->len--;

        if ((number->data[0] & 0x80) == 0) {
            return NGX_DECLINED;           /* not the shortest form */
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_der_bits(ngx_str_t *in, ngx_str_t *value)
{
    if (ngx_workers_der_get(in, NGX_WORKERS_DER_BITS, value) != NGX_OK
        || value->len == 0 || value->data[0] != 0)
    {
        return NGX_DECLINED;
    }

    value->data++;
    value->len--;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_der_algorithm(ngx_str_t *in, ngx_workers_der_key_t *key)
{
    ngx_str_t  algorithm;

    if (ngx_workers_der_get(in, NGX_WORKERS_DER_SEQUENCE, &algorithm)
           != NGX_OK
        || ngx_workers_der_get(&algorithm, NGX_WORKERS_DER_OID, &key->oid)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    key->params = algorithm;

    return NGX_OK;
}


ngx_int_t
ngx_workers_der_spki(ngx_str_t *data, ngx_workers_der_key_t *key, size_t *rest)
{
    ngx_str_t  in, spki;

    in = *data;

    if (ngx_workers_der_get(&in, NGX_WORKERS_DER_SEQUENCE, &spki) != NGX_OK
        || ngx_workers_der_algorithm(&spki, key) != NGX_OK
        || ngx_workers_der_bits(&spki, &key->key) != NGX_OK
        || spki.len != 0)
    {
        return NGX_DECLINED;
    }

    *rest = in.len;

    return NGX_OK;
}


ngx_int_t
ngx_workers_der_pkcs8(ngx_str_t *data, ngx_workers_der_key_t *key,
    size_t *rest)
{
    ngx_str_t  in, pkcs8, version;

    in = *data;

    if (ngx_workers_der_get(&in, NGX_WORKERS_DER_SEQUENCE, &pkcs8) != NGX_OK
        || ngx_workers_der_number(&pkcs8, &version) != NGX_OK
        || version.len != 1 || version.data[0] > 1
        || ngx_workers_der_algorithm(&pkcs8, key) != NGX_OK
        || ngx_workers_der_get(&pkcs8, NGX_WORKERS_DER_OCTETS, &key->key)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    *rest = in.len;                        /* attributes are left alone */

    return NGX_OK;
}


void
ngx_workers_der_put(ngx_workers_der_t *der, const void *p, size_t len)
{
    der->pos -= len;
    ngx_memcpy(der->pos, p, len);
}


void
ngx_workers_der_wrap(ngx_workers_der_t *der, ngx_uint_t tag, u_char *end)
{
    size_t  len, n;

    len = end - der->pos;

    if (len < 0x80) {
        *--der->pos = (u_char) len;

    } else {
        for (n = 0; len != 0; n++) {
            *--der->pos = (u_char) len;
            len >>= 8;
        }

        *--der->pos = (u_char) (0x80 | n);
    }

    *--der->pos = (u_char) tag;
}


void
ngx_workers_der_put_number(ngx_workers_der_t *der, ngx_str_t *number)
{
    u_char  *end;

    end = der->pos;

    ngx_workers_der_put(der, number->data, number->len);

    if (der->pos == end || (*der->pos & 0x80)) {
        *--der->pos = 0;
    }

    ngx_workers_der_wrap(der, NGX_WORKERS_DER_INTEGER, end);
}
