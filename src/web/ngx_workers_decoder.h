
/*
 * Copyright (C) the nginx-workers authors
 *
 * Decoders of the Encoding Standard: bytes of any encoding become UTF-8.
 */


#ifndef _NGX_WORKERS_DECODER_H_INCLUDED_
#define _NGX_WORKERS_DECODER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <lexbor/encoding/encoding.h>


typedef struct {
    const lxb_encoding_data_t  *encoding;

    u_char                      bytes[3];   /* of a sequence not complete */
    ngx_uint_t                  nbytes;

    u_char                      restored[3];  /* to be read again */
    ngx_uint_t                  nrestored;

    uint32_t                    surrogate;  /* UTF-16: a high one, or 0 */

    uint8_t                     state;      /* ISO-2022-JP */
    uint8_t                     output_state;
    unsigned                    output:1;

    unsigned                    fatal:1;    /* NGX_DECLINED in place of
                                               U+FFFD */
} ngx_workers_decoder_t;


/* The encoding that a label names; NULL: there is none that can be decoded. */
const lxb_encoding_data_t *ngx_workers_decoder_encoding(u_char *label,
    size_t len);

/* Forgets what is not complete. */
void ngx_workers_decoder_reset(ngx_workers_decoder_t *d);

/* Bytes that dst of ngx_workers_decode() has room for. */
#define ngx_workers_decoder_size(len)  (3 * (len) + 32)

/*
 * Decodes bytes; last: no more follow.  Writes well-formed UTF-8 to dst and
 * sets *end.  NGX_DECLINED: ill-formed input of a fatal decoder.
 */
ngx_int_t ngx_workers_decode(ngx_workers_decoder_t *d, const u_char *p,
    size_t len, ngx_uint_t last, u_char *dst, u_char **end);


#endif /* _NGX_WORKERS_DECODER_H_INCLUDED_ */
