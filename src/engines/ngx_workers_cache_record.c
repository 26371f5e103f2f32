
/*
 * Copyright (C) the nginx-workers authors
 *
 * What a file of the cache begins with, and where it lies.  Files may have
 * been cut or changed: nothing is believed before the checksum is right.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_md5.h>

#include <zlib.h>

#include "ngx_workers_cache_store.h"


#define NGX_WORKERS_CACHE_MAGIC  "NWcache1"


static uint32_t ngx_workers_cache_record_crc(ngx_workers_cache_record_t *rec,
    u_char *key, u_char *head);


ngx_int_t
ngx_workers_cache_record_check(ngx_workers_cache_record_t *rec, u_char *p,
    size_t n, off_t size, ngx_str_t *key, uint64_t now)
{
    uint64_t  head;

    if (n < sizeof(ngx_workers_cache_record_t)) {
        return NGX_DECLINED;
    }

    ngx_memcpy(rec, p, sizeof(ngx_workers_cache_record_t));

    head = sizeof(ngx_workers_cache_record_t) + (uint64_t) rec->key_len
           + rec->head_len;

    if (ngx_memcmp(rec->magic, NGX_WORKERS_CACHE_MAGIC, 8) != 0
        || rec->key_len != key->len
        || rec->expires <= now
        || rec->head_len > NGX_WORKERS_CACHE_MAX_HEAD
        || head > (uint64_t) size
        || rec->body_len != (uint64_t) size - head)
    {
        return NGX_DECLINED;
    }

    if (n < head) {
        return NGX_AGAIN;
    }

    p += sizeof(ngx_workers_cache_record_t);

    if (ngx_memcmp(p, key->data, key->len) != 0
        || rec->head_crc != ngx_workers_cache_record_crc(rec, p, p + key->len))
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


void
ngx_workers_cache_record_seal(ngx_workers_cache_record_t *rec, ngx_str_t *key,
    ngx_str_t *head)
{
    ngx_memcpy(rec->magic, NGX_WORKERS_CACHE_MAGIC, 8);

    rec->key_len = key->len;
    rec->head_len = head->len;
    rec->head_crc = ngx_workers_cache_record_crc(rec, key->data, head->data);
}


static uint32_t
ngx_workers_cache_record_crc(ngx_workers_cache_record_t *rec, u_char *key,
    u_char *head)
{
    size_t    offset;
    uint32_t  crc;

    offset = offsetof(ngx_workers_cache_record_t, body_crc);

    crc = crc32(0, (u_char *) rec + offset,
                sizeof(ngx_workers_cache_record_t) - offset);
    crc = crc32(crc, key, rec->key_len);

    return crc32(crc, head, rec->head_len);
}


void
ngx_workers_cache_record_path(u_char *path, ngx_str_t *key)
{
    u_char     digest[NGX_WORKERS_CACHE_DIGEST];
    ngx_md5_t  md5;

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, key->data, key->len);
    ngx_md5_final(digest, &md5);

    path = ngx_hex_dump(path, digest, 1);
    *path++ = '/';

    ngx_hex_dump(path, digest, NGX_WORKERS_CACHE_DIGEST);
}
