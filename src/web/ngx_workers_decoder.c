
/*
 * Copyright (C) the nginx-workers authors
 *
 * Decoders of the Encoding Standard.  Labels and indexes are lexbor's; the
 * decoders of sequences are ours, since those of lexbor 3.0 refuse half of
 * the lead bytes of Shift_JIS and write behind their buffer when a malformed
 * sequence fills it.
 */


#include "ngx_workers_decoder.h"
#include "ngx_workers_utf8.h"

#include <lexbor/encoding/multi.h>
#include <lexbor/encoding/range.h>


/* What a handler returns, other than a code point. */
#define NGX_WORKERS_DECODE_CONTINUE  0x200000
#define NGX_WORKERS_DECODE_ERROR     0x200001
#define NGX_WORKERS_DECODE_FINISHED  0x200002
#define NGX_WORKERS_DECODE_TWO       0x200003   /* and a combining mark */

#define NGX_WORKERS_DECODE_EOF       -1


enum {
    NGX_WORKERS_2022_ASCII = 0,
    NGX_WORKERS_2022_ROMAN,
    NGX_WORKERS_2022_KATAKANA,
    NGX_WORKERS_2022_LEAD,
    NGX_WORKERS_2022_TRAIL,
    NGX_WORKERS_2022_ESCAPE_START,
    NGX_WORKERS_2022_ESCAPE
};


typedef uint32_t (*ngx_workers_decode_pt)(ngx_workers_decoder_t *d, int c);


typedef struct {
    ngx_str_t                   label;
    lxb_encoding_t              encoding;
} ngx_workers_label_t;


static ngx_int_t ngx_workers_decode_utf8(ngx_workers_decoder_t *d,
    const u_char *p, size_t len, ngx_uint_t last, u_char *dst, u_char **end);
static ngx_workers_decode_pt ngx_workers_decode_handler(lxb_encoding_t enc);
static u_char *ngx_workers_decode_emit(u_char *dst, uint32_t cp);
static uint32_t ngx_workers_decode_failed(ngx_workers_decoder_t *d, int c);

static uint32_t ngx_workers_decode_single(ngx_workers_decoder_t *d, int c);
static uint32_t ngx_workers_decode_user_defined(ngx_workers_decoder_t *d,
    int c);
static uint32_t ngx_workers_decode_utf16(ngx_workers_decoder_t *d, int c);
static uint32_t ngx_workers_decode_big5(ngx_workers_decoder_t *d, int c);
static uint32_t ngx_workers_decode_euc_jp(ngx_workers_decoder_t *d, int c);
static uint32_t ngx_workers_decode_euc_kr(ngx_workers_decoder_t *d, int c);
static uint32_t ngx_workers_decode_shift_jis(ngx_workers_decoder_t *d, int c);
static uint32_t ngx_workers_decode_gb18030(ngx_workers_decoder_t *d, int c);
static uint32_t ngx_workers_decode_gb18030_range(uint32_t pointer);
static uint32_t ngx_workers_decode_iso_2022_jp(ngx_workers_decoder_t *d,
    int c);
static uint32_t ngx_workers_decode_escape(ngx_workers_decoder_t *d, int c);


/* Labels of the standard that lexbor 3.0 does not have. */
static const ngx_workers_label_t  ngx_workers_labels[] = {
    { ngx_string("unicode11utf8"), LXB_ENCODING_UTF_8 },
    { ngx_string("unicode20utf8"), LXB_ENCODING_UTF_8 },
    { ngx_string("x-unicode20utf8"), LXB_ENCODING_UTF_8 },
    { ngx_string("unicodefffe"), LXB_ENCODING_UTF_16BE },
    { ngx_string("csunicode"), LXB_ENCODING_UTF_16LE },
    { ngx_string("iso-10646-ucs-2"), LXB_ENCODING_UTF_16LE },
    { ngx_string("ucs-2"), LXB_ENCODING_UTF_16LE },
    { ngx_string("unicode"), LXB_ENCODING_UTF_16LE },
    { ngx_string("unicodefeff"), LXB_ENCODING_UTF_16LE }
};


#define ngx_workers_in(c, first, last)  ((c) >= (first) && (c) <= (last))

#define ngx_workers_is_space(c)                                               \
    ((c) == ' ' || (c) == '\t' || (c) == LF || (c) == '\f' || (c) == CR)

#define ngx_workers_decode_index(map, pointer)                                \
    (((pointer) < sizeof(map) / sizeof(map[0])) ? map[pointer]                \
                                                : LXB_ENCODING_ERROR_CODEPOINT)


const lxb_encoding_data_t *
ngx_workers_decoder_encoding(u_char *label, size_t len)
{
    ngx_uint_t                  i;
    const lxb_encoding_data_t  *data;

    while (len != 0 && ngx_workers_is_space(*label)) {
        label++;
        len--;
    }

    while (len != 0 && ngx_workers_is_space(label[len - 1])) {
        len--;
    }

    for (i = 0; i < sizeof(ngx_workers_labels) / sizeof(ngx_workers_label_t);
         i++)
    {
        if (len == ngx_workers_labels[i].label.len
            && ngx_strncasecmp(label, ngx_workers_labels[i].label.data, len)
               == 0)
        {
            return lxb_encoding_data(ngx_workers_labels[i].encoding);
        }
    }

    data = lxb_encoding_data_by_name(label, len);

    if (data == NULL
        || data->encoding <= LXB_ENCODING_UNDEFINED
        || data->encoding == LXB_ENCODING_REPLACEMENT)
    {
        return NULL;
    }

    return data;
}


void
ngx_workers_decoder_reset(ngx_workers_decoder_t *d)
{
    d->nbytes = 0;
    d->nrestored = 0;
    d->surrogate = 0;
    d->state = NGX_WORKERS_2022_ASCII;
    d->output_state = NGX_WORKERS_2022_ASCII;
    d->output = 0;
}


ngx_int_t
ngx_workers_decode(ngx_workers_decoder_t *d, const u_char *p, size_t len,
    ngx_uint_t last, u_char *dst, u_char **end)
{
    int                     c;
    size_t                  n;
    uint32_t                cp;
    ngx_uint_t              ascii;
    const u_char           *stop;
    ngx_workers_decode_pt   handler;

    if (d->encoding->encoding == LXB_ENCODING_UTF_8) {
        return ngx_workers_decode_utf8(d, p, len, last, dst, end);
    }

    handler = ngx_workers_decode_handler(d->encoding->encoding);

    ascii = handler != ngx_workers_decode_utf16
            && handler != ngx_workers_decode_iso_2022_jp;

    stop = p + len;

    for ( ;; ) {

        if (ascii && d->nbytes == 0 && d->nrestored == 0) {
            n = ngx_workers_utf8_ascii(p, stop - p);
            dst = ngx_cpymem(dst, p, n);
            p += n;
        }

        if (d->nrestored != 0) {
            c = d->restored[--d->nrestored];

        } else if (p < stop) {
            c = *p++;

        } else if (last) {
            c = NGX_WORKERS_DECODE_EOF;

        } else {
            break;
        }

        cp = handler(d, c);

        switch (cp) {

        case NGX_WORKERS_DECODE_CONTINUE:
            break;

        case NGX_WORKERS_DECODE_FINISHED:
            *end = dst;
            return NGX_OK;

        case NGX_WORKERS_DECODE_ERROR:

            if (d->fatal) {
                return NGX_DECLINED;
            }

            dst = ngx_workers_decode_emit(dst, 0xfffd);
            break;

        case NGX_WORKERS_DECODE_TWO:
            dst = ngx_workers_decode_emit(dst, d->surrogate >> 16);
            dst = ngx_workers_decode_emit(dst, d->surrogate & 0xffff);
            d->surrogate = 0;
            break;

        default:
            dst = ngx_workers_decode_emit(dst, cp);
        }
    }

    *end = dst;

    return NGX_OK;
}


static ngx_int_t
ngx_workers_decode_utf8(ngx_workers_decoder_t *d, const u_char *p, size_t len,
    ngx_uint_t last, u_char *dst, u_char **end)
{
    size_t         n;
    u_char         head[8];
    ngx_uint_t     cut;
    const u_char  *stop;

    stop = p + len;

    /* a sequence cut before goes on: four bytes at most are looked at */

    while (d->nbytes != 0 && (p < stop || last)) {

        ngx_memcpy(head, d->bytes, d->nbytes);

        for (n = d->nbytes; n < 4 && p + (n - d->nbytes) < stop; n++) {
            head[n] = p[n - d->nbytes];
        }

        if (ngx_workers_utf8_valid(head, n) >= d->nbytes) {

            /* complete, with some of the bytes that follow */

            cut = (head[0] < 0xe0) ? 2 : (head[0] < 0xf0) ? 3 : 4;

            dst = ngx_cpymem(dst, head, cut);
            p += cut - d->nbytes;
            d->nbytes = 0;

            break;
        }

        n = ngx_workers_utf8_subpart(head, n, &cut);

        if (cut && !last) {
            p = stop;
            ngx_memcpy(d->bytes, head, n);
            d->nbytes = n;

            break;
        }

        if (d->fatal) {
            return NGX_DECLINED;
        }

        dst = ngx_workers_decode_emit(dst, 0xfffd);

        p += n - d->nbytes;
        d->nbytes = 0;
    }

    for ( ;; ) {
        n = ngx_workers_utf8_valid(p, stop - p);
        dst = ngx_cpymem(dst, p, n);
        p += n;

        if (p == stop) {
            break;
        }

        n = ngx_workers_utf8_subpart(p, stop - p, &cut);

        if (cut && !last) {
            ngx_memcpy(d->bytes, p, n);
            d->nbytes = n;

            break;
        }

        if (d->fatal) {
            return NGX_DECLINED;
        }

        dst = ngx_workers_decode_emit(dst, 0xfffd);
        p += n;
    }

    *end = dst;

    return NGX_OK;
}


static ngx_workers_decode_pt
ngx_workers_decode_handler(lxb_encoding_t enc)
{
    switch (enc) {

    case LXB_ENCODING_UTF_16BE:
    case LXB_ENCODING_UTF_16LE:
        return ngx_workers_decode_utf16;

    case LXB_ENCODING_BIG5:
        return ngx_workers_decode_big5;

    case LXB_ENCODING_EUC_JP:
        return ngx_workers_decode_euc_jp;

    case LXB_ENCODING_EUC_KR:
        return ngx_workers_decode_euc_kr;

    case LXB_ENCODING_SHIFT_JIS:
        return ngx_workers_decode_shift_jis;

    case LXB_ENCODING_GBK:
    case LXB_ENCODING_GB18030:
        return ngx_workers_decode_gb18030;

    case LXB_ENCODING_ISO_2022_JP:
        return ngx_workers_decode_iso_2022_jp;

    case LXB_ENCODING_X_USER_DEFINED:
        return ngx_workers_decode_user_defined;

    default:
        return ngx_workers_decode_single;
    }
}


static u_char *
ngx_workers_decode_emit(u_char *dst, uint32_t cp)
{
    if (cp < 0x80) {
        *dst++ = (u_char) cp;
        return dst;
    }

    if (cp < 0x800) {
        *dst++ = (u_char) (0xc0 | (cp >> 6));

    } else {

        if (cp < 0x10000) {
            *dst++ = (u_char) (0xe0 | (cp >> 12));

        } else {
            *dst++ = (u_char) (0xf0 | (cp >> 18));
            *dst++ = (u_char) (0x80 | ((cp >> 12) & 0x3f));
        }

        *dst++ = (u_char) (0x80 | ((cp >> 6) & 0x3f));
    }

    *dst++ = (u_char) (0x80 | (cp & 0x3f));

    return dst;
}


/* A sequence that stands for nothing; ASCII at its end is read again. */

static uint32_t
ngx_workers_decode_failed(ngx_workers_decoder_t *d, int c)
{
    if (ngx_workers_in(c, 0, 0x7f)) {
        d->restored[d->nrestored++] = (u_char) c;
    }

    return NGX_WORKERS_DECODE_ERROR;
}


static uint32_t
ngx_workers_decode_single(ngx_workers_decoder_t *d, int c)
{
    u_char                  byte;
    const lxb_char_t       *p;
    lxb_codepoint_t         cp;
    lxb_encoding_decode_t   ctx;

    if (c == NGX_WORKERS_DECODE_EOF) {
        return NGX_WORKERS_DECODE_FINISHED;
    }

    if (c < 0x80) {
        return c;
    }

    byte = (u_char) c;
    p = &byte;

    ngx_memzero(&ctx, sizeof(lxb_encoding_decode_t));

    cp = d->encoding->decode_single(&ctx, &p, p + 1);

    return (cp > 0x10ffff) ? NGX_WORKERS_DECODE_ERROR : cp;
}


static uint32_t
ngx_workers_decode_user_defined(ngx_workers_decoder_t *d, int c)
{
    if (c == NGX_WORKERS_DECODE_EOF) {
        return NGX_WORKERS_DECODE_FINISHED;
    }

    return (c < 0x80) ? c : 0xf780 + c - 0x80;
}


static uint32_t
ngx_workers_decode_utf16(ngx_workers_decoder_t *d, int c)
{
    uint32_t  unit, high;

    if (c == NGX_WORKERS_DECODE_EOF) {

        if (d->nbytes == 0 && d->surrogate == 0) {
            return NGX_WORKERS_DECODE_FINISHED;
        }

        d->nbytes = 0;
        d->surrogate = 0;

        return NGX_WORKERS_DECODE_ERROR;
    }

    if (d->nbytes == 0) {
        d->bytes[0] = (u_char) c;
        d->nbytes = 1;

        return NGX_WORKERS_DECODE_CONTINUE;
    }

    d->nbytes = 0;

    unit = (d->encoding->encoding == LXB_ENCODING_UTF_16BE)
           ? (uint32_t) (d->bytes[0] << 8 | c)
           : (uint32_t) (c << 8 | d->bytes[0]);

    if (d->surrogate != 0) {
        high = d->surrogate;
        d->surrogate = 0;

        if (ngx_workers_in(unit, 0xdc00, 0xdfff)) {
            return 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
        }

        d->restored[d->nrestored++] = (u_char) c;
        d->restored[d->nrestored++] = d->bytes[0];

        return NGX_WORKERS_DECODE_ERROR;
    }

    if (ngx_workers_in(unit, 0xd800, 0xdbff)) {
        d->surrogate = unit;
        return NGX_WORKERS_DECODE_CONTINUE;
    }

    if (ngx_workers_in(unit, 0xdc00, 0xdfff)) {
        return NGX_WORKERS_DECODE_ERROR;
    }

    return unit;
}


/* What a lead byte has in common in the encodings of two bytes. */

static ngx_inline uint32_t
ngx_workers_decode_lead(ngx_workers_decoder_t *d, int c, ngx_uint_t is_lead)
{
    if (c == NGX_WORKERS_DECODE_EOF) {
        return NGX_WORKERS_DECODE_FINISHED;
    }

    if (c < 0x80) {
        return c;
    }

    if (!is_lead) {
        return NGX_WORKERS_DECODE_ERROR;
    }

    d->bytes[0] = (u_char) c;
    d->nbytes = 1;

    return NGX_WORKERS_DECODE_CONTINUE;
}


static uint32_t
ngx_workers_decode_big5(ngx_workers_decoder_t *d, int c)
{
    uint32_t  cp, pointer;

    if (d->nbytes == 0) {
        return ngx_workers_decode_lead(d, c, ngx_workers_in(c, 0x81, 0xfe));
    }

    d->nbytes = 0;

    if (!ngx_workers_in(c, 0x40, 0x7e) && !ngx_workers_in(c, 0xa1, 0xfe)) {
        return ngx_workers_decode_failed(d, c);
    }

    pointer = (d->bytes[0] - 0x81) * 157 + c - (c < 0x7f ? 0x40 : 0x62);

    switch (pointer) {

    case 1133:
        d->surrogate = 0x00ca << 16 | 0x0304;
        return NGX_WORKERS_DECODE_TWO;

    case 1135:
        d->surrogate = 0x00ca << 16 | 0x030c;
        return NGX_WORKERS_DECODE_TWO;

    case 1164:
        d->surrogate = 0x00ea << 16 | 0x0304;
        return NGX_WORKERS_DECODE_TWO;

    case 1166:
        d->surrogate = 0x00ea << 16 | 0x030c;
        return NGX_WORKERS_DECODE_TWO;
    }

    cp = ngx_workers_decode_index(lxb_encoding_multi_big5_map, pointer);

    return (cp == LXB_ENCODING_ERROR_CODEPOINT)
           ? ngx_workers_decode_failed(d, c) : cp;
}


static uint32_t
ngx_workers_decode_euc_jp(ngx_workers_decoder_t *d, int c)
{
    u_char      lead;
    uint32_t    cp, pointer;
    ngx_uint_t  jis0212;

    if (d->nbytes == 0) {
        return ngx_workers_decode_lead(d, c, c == 0x8e || c == 0x8f
                                             || ngx_workers_in(c, 0xa1, 0xfe));
    }

    lead = d->bytes[0];
    jis0212 = (d->nbytes == 2);

    if (!jis0212) {

        if (lead == 0x8e && ngx_workers_in(c, 0xa1, 0xdf)) {
            d->nbytes = 0;
            return 0xff61 - 0xa1 + c;
        }

        if (lead == 0x8f && ngx_workers_in(c, 0xa1, 0xfe)) {
            d->bytes[1] = (u_char) c;
            d->nbytes = 2;

            return NGX_WORKERS_DECODE_CONTINUE;
        }

    } else {
        lead = d->bytes[1];
    }

    d->nbytes = 0;

    if (!ngx_workers_in(lead, 0xa1, 0xfe) || !ngx_workers_in(c, 0xa1, 0xfe)) {
        return ngx_workers_decode_failed(d, c);
    }

    pointer = (lead - 0xa1) * 94 + c - 0xa1;

    if (jis0212) {
        cp = ngx_workers_decode_index(lxb_encoding_multi_jis0212_map, pointer);

    } else {
        cp = ngx_workers_decode_index(lxb_encoding_multi_jis0208_map, pointer);
    }

    return (cp == LXB_ENCODING_ERROR_CODEPOINT)
           ? ngx_workers_decode_failed(d, c) : cp;
}


static uint32_t
ngx_workers_decode_euc_kr(ngx_workers_decoder_t *d, int c)
{
    uint32_t  cp, pointer;

    if (d->nbytes == 0) {
        return ngx_workers_decode_lead(d, c, ngx_workers_in(c, 0x81, 0xfe));
    }

    d->nbytes = 0;

    if (!ngx_workers_in(c, 0x41, 0xfe)) {
        return ngx_workers_decode_failed(d, c);
    }

    pointer = (d->bytes[0] - 0x81) * 190 + c - 0x41;
    cp = ngx_workers_decode_index(lxb_encoding_multi_euc_kr_map, pointer);

    return (cp == LXB_ENCODING_ERROR_CODEPOINT)
           ? ngx_workers_decode_failed(d, c) : cp;
}


static uint32_t
ngx_workers_decode_shift_jis(ngx_workers_decoder_t *d, int c)
{
    u_char    lead;
    uint32_t  cp, pointer;

    if (d->nbytes == 0) {

        if (c == 0x80) {
            return c;
        }

        if (ngx_workers_in(c, 0xa1, 0xdf)) {
            return 0xff61 - 0xa1 + c;
        }

        return ngx_workers_decode_lead(d, c, ngx_workers_in(c, 0x81, 0x9f)
                                             || ngx_workers_in(c, 0xe0, 0xfc));
    }

    lead = d->bytes[0];
    d->nbytes = 0;

    if (!ngx_workers_in(c, 0x40, 0x7e) && !ngx_workers_in(c, 0x80, 0xfc)) {
        return ngx_workers_decode_failed(d, c);
    }

    pointer = (lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 188
              + c - (c < 0x7f ? 0x40 : 0x41);

    if (ngx_workers_in(pointer, 8836, 10715)) {
        return 0xe000 - 8836 + pointer;
    }

    cp = ngx_workers_decode_index(lxb_encoding_multi_jis0208_map, pointer);

    return (cp == LXB_ENCODING_ERROR_CODEPOINT)
           ? ngx_workers_decode_failed(d, c) : cp;
}


static uint32_t
ngx_workers_decode_gb18030(ngx_workers_decoder_t *d, int c)
{
    uint32_t  cp, pointer;

    switch (d->nbytes) {

    case 0:

        if (c == 0x80) {
            return 0x20ac;
        }

        return ngx_workers_decode_lead(d, c, ngx_workers_in(c, 0x81, 0xfe));

    case 1:

        if (ngx_workers_in(c, 0x30, 0x39)) {
            break;
        }

        d->nbytes = 0;

        if (!ngx_workers_in(c, 0x40, 0x7e) && !ngx_workers_in(c, 0x80, 0xfe)) {
            return ngx_workers_decode_failed(d, c);
        }

        pointer = (d->bytes[0] - 0x81) * 190 + c - (c < 0x7f ? 0x40 : 0x41);
        cp = ngx_workers_decode_index(lxb_encoding_multi_gb18030_map, pointer);

        return (cp == LXB_ENCODING_ERROR_CODEPOINT)
               ? ngx_workers_decode_failed(d, c) : cp;

    case 2:

        if (ngx_workers_in(c, 0x81, 0xfe)) {
            break;
        }

        d->nbytes = 0;

        if (c == NGX_WORKERS_DECODE_EOF) {
            return NGX_WORKERS_DECODE_ERROR;
        }

        d->restored[d->nrestored++] = (u_char) c;
        d->restored[d->nrestored++] = d->bytes[1];

        return NGX_WORKERS_DECODE_ERROR;

    default: /* 3 */

        d->nbytes = 0;

        if (c == NGX_WORKERS_DECODE_EOF) {
            return NGX_WORKERS_DECODE_ERROR;
        }

        if (!ngx_workers_in(c, 0x30, 0x39)) {
            d->restored[d->nrestored++] = (u_char) c;
            d->restored[d->nrestored++] = d->bytes[2];
            d->restored[d->nrestored++] = d->bytes[1];

            return NGX_WORKERS_DECODE_ERROR;
        }

        pointer = ((d->bytes[0] - 0x81) * 10 + d->bytes[1] - 0x30) * 1260
                  + (d->bytes[2] - 0x81) * 10 + c - 0x30;

        return ngx_workers_decode_gb18030_range(pointer);
    }

    d->bytes[d->nbytes++] = (u_char) c;

    return NGX_WORKERS_DECODE_CONTINUE;
}


static uint32_t
ngx_workers_decode_gb18030_range(uint32_t pointer)
{
    ngx_uint_t                         left, right, mid;
    const lxb_encoding_range_index_t  *range;

    if (ngx_workers_in(pointer, 39420, 188999) || pointer > 1237575) {
        return NGX_WORKERS_DECODE_ERROR;
    }

    if (pointer == 7457) {
        return 0xe7c7;
    }

    /* the last range that starts at pointer or before */

    range = lxb_encoding_range_index_gb18030;

    left = 0;
    right = sizeof(lxb_encoding_range_index_gb18030)
            / sizeof(lxb_encoding_range_index_t);

    while (right - left > 1) {
        mid = (left + right) / 2;

        if (range[mid].index <= pointer) {
            left = mid;

        } else {
            right = mid;
        }
    }

    return range[left].codepoint + pointer - range[left].index;
}


static uint32_t
ngx_workers_decode_iso_2022_jp(ngx_workers_decoder_t *d, int c)
{
    uint32_t  cp, pointer;

    switch (d->state) {

    case NGX_WORKERS_2022_TRAIL:

        if (c == 0x1b) {
            d->state = NGX_WORKERS_2022_ESCAPE_START;
            return NGX_WORKERS_DECODE_ERROR;
        }

        d->state = NGX_WORKERS_2022_LEAD;

        if (!ngx_workers_in(c, 0x21, 0x7e)) {
            return NGX_WORKERS_DECODE_ERROR;
        }

        pointer = (d->bytes[0] - 0x21) * 94 + c - 0x21;
        cp = ngx_workers_decode_index(lxb_encoding_multi_jis0208_map, pointer);

        return (cp == LXB_ENCODING_ERROR_CODEPOINT) ? NGX_WORKERS_DECODE_ERROR
                                                    : cp;

    case NGX_WORKERS_2022_ESCAPE_START:

        if (c == 0x24 || c == 0x28) {
            d->bytes[0] = (u_char) c;
            d->state = NGX_WORKERS_2022_ESCAPE;

            return NGX_WORKERS_DECODE_CONTINUE;
        }

        if (c != NGX_WORKERS_DECODE_EOF) {
            d->restored[d->nrestored++] = (u_char) c;
        }

        d->output = 0;
        d->state = d->output_state;

        return NGX_WORKERS_DECODE_ERROR;

    case NGX_WORKERS_2022_ESCAPE:
        return ngx_workers_decode_escape(d, c);
    }

    if (c == NGX_WORKERS_DECODE_EOF) {
        return NGX_WORKERS_DECODE_FINISHED;
    }

    if (c == 0x1b) {
        d->state = NGX_WORKERS_2022_ESCAPE_START;
        return NGX_WORKERS_DECODE_CONTINUE;
    }

    d->output = 0;

    switch (d->state) {

    case NGX_WORKERS_2022_KATAKANA:

        if (ngx_workers_in(c, 0x21, 0x5f)) {
            return 0xff61 - 0x21 + c;
        }

        return NGX_WORKERS_DECODE_ERROR;

    case NGX_WORKERS_2022_LEAD:

        if (ngx_workers_in(c, 0x21, 0x7e)) {
            d->bytes[0] = (u_char) c;
            d->state = NGX_WORKERS_2022_TRAIL;

            return NGX_WORKERS_DECODE_CONTINUE;
        }

        return NGX_WORKERS_DECODE_ERROR;

    case NGX_WORKERS_2022_ROMAN:

        if (c == 0x5c) {
            return 0xa5;
        }

        if (c == 0x7e) {
            return 0x203e;
        }

        break;
    }

    if (c >= 0x80 || c == 0x0e || c == 0x0f) {
        return NGX_WORKERS_DECODE_ERROR;
    }

    return c;
}


static uint32_t
ngx_workers_decode_escape(ngx_workers_decoder_t *d, int c)
{
    u_char      lead;
    ngx_int_t   state;
    ngx_uint_t  output;

    lead = d->bytes[0];
    state = -1;

    if (lead == 0x28) {

        switch (c) {

        case 0x42:
            state = NGX_WORKERS_2022_ASCII;
            break;

        case 0x4a:
            state = NGX_WORKERS_2022_ROMAN;
            break;

        case 0x49:
            state = NGX_WORKERS_2022_KATAKANA;
            break;
        }

    } else if (c == 0x40 || c == 0x42) {
        state = NGX_WORKERS_2022_LEAD;
    }

    if (state != -1) {
        d->state = state;
        d->output_state = state;

        output = d->output;
        d->output = 1;

        return output ? NGX_WORKERS_DECODE_ERROR : NGX_WORKERS_DECODE_CONTINUE;
    }

    if (c != NGX_WORKERS_DECODE_EOF) {
        d->restored[d->nrestored++] = (u_char) c;
    }

    d->restored[d->nrestored++] = lead;

    d->output = 0;
    d->state = d->output_state;

    return NGX_WORKERS_DECODE_ERROR;
}
