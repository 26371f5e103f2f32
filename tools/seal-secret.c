
/*
 * Copyright (C) the nginx-workers authors
 *
 * Seals and opens secret files as ngx_workers_secret.c reads them.  A program
 * of its own because "openssl cms" takes the key on its command line, where
 * others see it.
 */


#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* before cms.h, which declares its PEM functions only then */
#include <openssl/pem.h>
#include <openssl/cms.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "../src/core/ngx_workers_cms.h"


#define SEAL_KEY  NGX_WORKERS_CMS_KEY
#define SEAL_ID   "nginx-workers"


static int seal_keygen(const char *file);
static int seal_read_key(const char *file, unsigned char *key);
static int seal_digit(int ch);
static int seal_seal(unsigned char *key);
static int seal_open(unsigned char *key);
static int seal_failed(const char *what);


int
main(int argc, char **argv)
{
    int            rc;
    unsigned char  key[SEAL_KEY];

    if (argc == 3 && strcmp(argv[1], "keygen") == 0) {
        return seal_keygen(argv[2]);
    }

    if (argc != 3
        || (strcmp(argv[1], "seal") != 0 && strcmp(argv[1], "open") != 0))
    {
        fprintf(stderr,
                "usage: seal-secret keygen KEYFILE\n"
                "       seal-secret seal KEYFILE < plain > sealed\n"
                "       seal-secret open KEYFILE < sealed > plain\n");
        return 2;
    }

    if (seal_read_key(argv[2], key) != 0) {
        return 1;
    }

    rc = (argv[1][0] == 's') ? seal_seal(key) : seal_open(key);

    OPENSSL_cleanse(key, sizeof(key));

    return rc;
}


/* Never overwrites a key. */

static int
seal_keygen(const char *file)
{
    int            fd, i;
    char           text[2 * SEAL_KEY + 2];
    unsigned char  key[SEAL_KEY];

    if (RAND_priv_bytes(key, SEAL_KEY) != 1) {
        return seal_failed("no random bytes");
    }

    for (i = 0; i < SEAL_KEY; i++) {
        sprintf(text + 2 * i, "%02x", key[i]);
    }

    text[2 * SEAL_KEY] = '\n';

    fd = open(file, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);

    if (fd == -1
        || write(fd, text, 2 * SEAL_KEY + 1) != 2 * SEAL_KEY + 1
        || fsync(fd) == -1
        || close(fd) == -1)
    {
        fprintf(stderr, "seal-secret: \"%s\": %s\n", file, strerror(errno));
        return 1;
    }

    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(text, sizeof(text));

    return 0;
}


static int
seal_read_key(const char *file, unsigned char *key)
{
    int      fd, i, high, low;
    char     text[2 * SEAL_KEY + 16];
    ssize_t  n;

    fd = open(file, O_RDONLY|O_CLOEXEC);

    if (fd == -1 || (n = read(fd, text, sizeof(text))) == -1) {
        fprintf(stderr, "seal-secret: \"%s\": %s\n", file, strerror(errno));
        return -1;
    }

    close(fd);

    if (n == SEAL_KEY) {
        memcpy(key, text, SEAL_KEY);
        return 0;
    }

    while (n > 0 && (unsigned char) text[n - 1] <= ' ') {
        n--;
    }

    for (i = 0; n == 2 * SEAL_KEY && i < SEAL_KEY; i++) {
        high = seal_digit(text[2 * i]);
        low = seal_digit(text[2 * i + 1]);

        if (high < 0 || low < 0) {
            n = 0;
            break;
        }

        key[i] = high * 16 + low;
    }

    OPENSSL_cleanse(text, sizeof(text));

    if (n != 2 * SEAL_KEY) {
        fprintf(stderr, "seal-secret: \"%s\" is not a key: expected 64 "
                "hexadecimal digits or 32 bytes\n", file);
        return -1;
    }

    return 0;
}


static int
seal_digit(int ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch |= 0x20;

    return (ch >= 'a' && ch <= 'f') ? ch - 'a' + 10 : -1;
}


static int
seal_seal(unsigned char *key)
{
    BIO              *in, *out;
    unsigned char    *copy, *id;
    CMS_ContentInfo  *cms;

    in = BIO_new_fp(stdin, BIO_NOCLOSE);
    out = BIO_new_fp(stdout, BIO_NOCLOSE);
    cms = CMS_AuthEnvelopedData_create_ex(EVP_aes_256_gcm(), NULL, NULL);

    /* the message frees both */

    copy = OPENSSL_memdup(key, SEAL_KEY);
    id = OPENSSL_memdup(SEAL_ID, sizeof(SEAL_ID) - 1);

    if (in == NULL || out == NULL || cms == NULL || copy == NULL || id == NULL
        || CMS_add0_recipient_key(cms, NID_undef, copy, SEAL_KEY, id,
                                  sizeof(SEAL_ID) - 1, NULL, NULL, NULL)
           == NULL
        || CMS_set_detached(cms, 0) != 1
        || CMS_final(cms, in, NULL, CMS_BINARY) != 1
        || PEM_write_bio_CMS(out, cms) != 1
        || BIO_flush(out) != 1)
    {
        return seal_failed("cannot seal");
    }

    CMS_ContentInfo_free(cms);
    BIO_free(in);
    BIO_free(out);

    return 0;
}


/* Nothing is printed before all of it has been found genuine. */

static int
seal_open(unsigned char *key)
{
    int    rc;
    BIO   *in, *out;
    char  *data;
    long   len;

    in = BIO_new_fp(stdin, BIO_NOCLOSE);
    out = BIO_new(BIO_s_mem());

    if (in == NULL || out == NULL) {
        return seal_failed("out of memory");
    }

    switch (ngx_workers_cms_open(in, key, out)) {

    case NGX_WORKERS_CMS_OK:
        break;

    case NGX_WORKERS_CMS_INVALID:
        return seal_failed("not a sealed secret, or damaged");

    default:
        return seal_failed("cannot be opened with this key, or is damaged");
    }

    len = BIO_get_mem_data(out, &data);

    rc = (fwrite(data, 1, len, stdout) == (size_t) len
          && fflush(stdout) == 0)
         ? 0 : seal_failed("cannot write");

    BIO_free(in);
    BIO_free(out);

    return rc;
}


static int
seal_failed(const char *what)
{
    fprintf(stderr, "seal-secret: %s\n", what);
    return 1;
}
