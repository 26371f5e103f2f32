
/*
 * Copyright (C) the nginx-workers authors
 *
 * Sealed secret files.  An input is a byte and a file: PEM, or DER that is
 * made PEM here (the byte's lowest bit).  All sealed files of the corpus hold
 * the same text, so whatever opens with another text is a forgery.
 */


#include "fuzz.h"

#include "ngx_workers_secret.h"


#define FUZZ_BEGIN  "-----BEGIN CMS-----\n"
#define FUZZ_END    "\n-----END CMS-----\n"
#define FUZZ_TEXT   "the secret"

/* of the corpus */
#define FUZZ_KEY    "0123456789abcdef0123456789ABCDEF"                        \
                    "00112233445566778899aabbccddeeff"


static void fuzz_secret_pem(const uint8_t *p, size_t len, ngx_str_t *file);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t      mode;
    ngx_int_t    rc;
    ngx_str_t    key, file, plain;
    ngx_pool_t  *pool;
    const char  *reason;

    if (len == 0) {
        return 0;
    }

    mode = *data++;
    len--;

    ngx_str_set(&key, FUZZ_KEY);

    if (mode & 2) {                         /* any key */
        key.len = ngx_min(len, 100);
        key.data = malloc(key.len + 1);
        ngx_memcpy(key.data, data, key.len);
    }

    if (mode & 1) {
        fuzz_secret_pem(data, len, &file);

    } else {
        file.len = len;
        file.data = malloc(len + 1);
        ngx_memcpy(file.data, data, len);
    }

    pool = ngx_create_pool(256, ngx_cycle->log);
    reason = NULL;

    rc = ngx_workers_secret_open(pool, &file, &key, &plain, &reason);

    if (rc == NGX_OK && plain.data != file.data) {
        fuzz_assert(plain.len == sizeof(FUZZ_TEXT) - 1
                    && ngx_memcmp(plain.data, FUZZ_TEXT, plain.len) == 0);
    }

    fuzz_assert(rc == NGX_OK || (rc == NGX_ERROR && reason != NULL));

    ngx_destroy_pool(pool);
    free(file.data);

    if (mode & 2) {
        free(key.data);
    }

    return 0;
}


static void
fuzz_secret_pem(const uint8_t *p, size_t len, ngx_str_t *file)
{
    u_char     *dst;
    size_t      n;
    ngx_str_t   in, out;

    file->data = malloc(sizeof(FUZZ_BEGIN) + ngx_base64_encoded_length(len)
                        + len / 48 + 1 + sizeof(FUZZ_END));

    dst = ngx_cpymem(file->data, FUZZ_BEGIN, sizeof(FUZZ_BEGIN) - 1);

    for ( /* void */ ; len > 0; p += n, len -= n) {
        n = ngx_min(len, 48);
        in.data = (u_char *) p;
        in.len = n;
        out.data = dst;
        ngx_encode_base64(&out, &in);
        dst += out.len;

        if (len > n) {
            *dst++ = '\n';
        }
    }

    dst = ngx_cpymem(dst, FUZZ_END, sizeof(FUZZ_END) - 1);
    file->len = dst - file->data;
}
