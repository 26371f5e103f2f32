
/*
 * Copyright (C) the nginx-workers authors
 *
 * The decoders of TextDecoder.  An input is a byte that names the encoding,
 * one that says how the rest is cut, and the rest: whole and in pieces it
 * has to become the same text.
 */


#include "fuzz.h"

#include "ngx_workers_decoder.h"
#include "ngx_workers_utf8.h"


static ngx_int_t fuzz_decoder_run(const lxb_encoding_data_t *encoding,
    ngx_uint_t fatal, const uint8_t *p, size_t len, ngx_uint_t step,
    ngx_str_t *out);


static const char  *fuzz_decoder_labels[] = {
    "utf-8", "ibm866", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5",
    "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-8-i", "iso-8859-10",
    "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "koi8-r",
    "koi8-u", "macintosh", "windows-874", "windows-1250", "windows-1251",
    "windows-1252", "windows-1253", "windows-1254", "windows-1255",
    "windows-1256", "windows-1257", "windows-1258", "x-mac-cyrillic", "gbk",
    "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr",
    "utf-16be", "utf-16le", "x-user-defined"
};


#define FUZZ_LABELS  (sizeof(fuzz_decoder_labels) / sizeof(char *))


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    ngx_int_t                   rc;
    ngx_str_t                   whole, pieces;
    ngx_uint_t                  fatal;
    const char                 *label;
    const lxb_encoding_data_t  *encoding;

    /* any label may be asked for */

    (void) ngx_workers_decoder_encoding((u_char *) data, len);

    if (len < 2) {
        return 0;
    }

    label = fuzz_decoder_labels[data[0] % FUZZ_LABELS];
    encoding = ngx_workers_decoder_encoding((u_char *) label,
                                            ngx_strlen(label));
    fuzz_assert(encoding != NULL);

    for (fatal = 0; fatal < 2; fatal++) {
        rc = fuzz_decoder_run(encoding, fatal, data + 2, len - 2, 0, &whole);

        fuzz_assert(fatal || rc == NGX_OK);
        fuzz_assert(rc == fuzz_decoder_run(encoding, fatal, data + 2, len - 2,
                                           data[1] + 1, &pieces));

        fuzz_assert(rc != NGX_OK
                    || (whole.len == pieces.len
                        && ngx_memcmp(whole.data, pieces.data, whole.len)
                           == 0));

        free(whole.data);
        free(pieces.data);
    }

    return 0;
}


/* step: 0 for all at once, or what the lengths of pieces come from. */

static ngx_int_t
fuzz_decoder_run(const lxb_encoding_data_t *encoding, ngx_uint_t fatal,
    const uint8_t *p, size_t len, ngx_uint_t step, ngx_str_t *out)
{
    size_t                  n;
    u_char                 *piece, *dst, *end;
    ngx_int_t               rc;
    ngx_uint_t              last;
    ngx_workers_decoder_t   d;

    ngx_memzero(&d, sizeof(ngx_workers_decoder_t));
    d.encoding = encoding;
    d.fatal = fatal;
    ngx_workers_decoder_reset(&d);

    out->len = 0;
    out->data = malloc(ngx_workers_decoder_size(len) + 32 * (len + 2));

    do {
        n = len;

        if (step != 0) {
            n = ngx_min(len, step % 7);
            step = step * 5 + 3;
        }

        piece = malloc(n ? n : 1);
        ngx_memcpy(piece, p, n);
        dst = malloc(ngx_workers_decoder_size(n));

        p += n;
        len -= n;
        last = (len == 0);

        rc = ngx_workers_decode(&d, piece, n, last, dst, &end);
        fuzz_assert(rc == NGX_OK || (fatal && rc == NGX_DECLINED));

        if (rc == NGX_OK) {
            n = end - dst;
            fuzz_assert(ngx_workers_utf8_valid(dst, n) == n);

            ngx_memcpy(out->data + out->len, dst, n);
            out->len += n;
        }

        free(piece);
        free(dst);

    } while (rc == NGX_OK && !last);

    return rc;
}
