
/*
 * Copyright (C) the nginx-workers authors
 *
 * WebSocket frames: RFC 6455, section 5.
 */


#ifndef _NGX_WORKERS_WEBSOCKET_FRAME_H_INCLUDED_
#define _NGX_WORKERS_WEBSOCKET_FRAME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_WORKERS_WEBSOCKET_CONTINUATION  0x0
#define NGX_WORKERS_WEBSOCKET_TEXT          0x1
#define NGX_WORKERS_WEBSOCKET_BINARY        0x2
#define NGX_WORKERS_WEBSOCKET_CLOSE         0x8
#define NGX_WORKERS_WEBSOCKET_PING          0x9
#define NGX_WORKERS_WEBSOCKET_PONG          0xa

#define NGX_WORKERS_WEBSOCKET_CONTROL_MAX   125    /* bytes of payload */
#define NGX_WORKERS_WEBSOCKET_HEAD_MAX      10     /* of a frame not masked */

/* What a parser may leave unread at most: a header and a control frame. */
#define NGX_WORKERS_WEBSOCKET_REST_MAX      (14 + 125)


/* Close codes, as far as they are made here. */
#define NGX_WORKERS_WEBSOCKET_PROTOCOL_ERROR   1002
#define NGX_WORKERS_WEBSOCKET_NO_STATUS        1005
#define NGX_WORKERS_WEBSOCKET_ABNORMAL         1006
#define NGX_WORKERS_WEBSOCKET_BAD_DATA         1007
#define NGX_WORKERS_WEBSOCKET_TOO_LARGE        1009
#define NGX_WORKERS_WEBSOCKET_INTERNAL_ERROR   1011
#define NGX_WORKERS_WEBSOCKET_RESTART          1012


/*
 * Reads what one peer sends, by pieces.  Nothing is allocated but for a
 * message that has not come in whole.
 */
typedef struct {
    /* js_realloc_rt() or the like; size 0 frees. */
    void       *(*realloc)(void *data, void *p, size_t size);
    void         *data;

    size_t        max;                     /* bytes of a message */

    uint64_t      rest;                    /* of the data frame's payload */
    u_char        mask[4];                 /* for its next byte */

    u_char       *buf;                     /* of the message so far */
    size_t        len;
    size_t        size;
    size_t        checked;                 /* bytes of it, as UTF-8 */

    unsigned      masked:1;                /* what frames have to be */
    unsigned      deflate:1;               /* RSV1 may be set */
    unsigned      opcode:4;                /* of the message; 0: none */
    unsigned      compressed:1;            /* the message is */
    unsigned      in_frame:1;              /* rest and mask are valid */
    unsigned      fin:1;                   /* it is the last of the message */
    unsigned      lent:1;                  /* buf was, by _read() */
    unsigned      wide:1;                  /* U+0100 and above in text */
} ngx_workers_websocket_parser_t;


/* A message or a control frame; data is borrowed until the next _read(). */
typedef struct {
    ngx_uint_t    opcode;
    ngx_str_t     data;
    unsigned      compressed:1;            /* text not checked as UTF-8 */
    unsigned      wide:1;                  /* see ngx_workers_utf8_scan() */

    ngx_uint_t    code;                    /* of a close frame, or an error */
    const char   *reason;                  /* of an error */
    uint64_t      size;                    /* of a message too large */
} ngx_workers_websocket_message_t;


/*
 * Reads from *pos on, unmasking in place, and moves *pos.  NGX_OK: a message,
 * a ping, a pong, or a close frame, whose data is the reason then.
 * NGX_AGAIN: more bytes are needed; the last NGX_WORKERS_WEBSOCKET_REST_MAX
 * or less were not read and have to be there again.  NGX_ERROR: the peer broke
 * the protocol, message has code and reason.  NGX_DECLINED: out of memory.
 */
ngx_int_t ngx_workers_websocket_read(ngx_workers_websocket_parser_t *pr,
    u_char **pos, u_char *last, ngx_workers_websocket_message_t *message);

/* Frees what a message took that is not over. */
void ngx_workers_websocket_parser_done(ngx_workers_websocket_parser_t *pr);

/* The head of a frame that is the only one of its message, not masked. */
u_char *ngx_workers_websocket_head(u_char *p, ngx_uint_t opcode,
    ngx_uint_t compressed, uint64_t len);

/* The payload of a close frame, at most 125 bytes; code 1005: none. */
u_char *ngx_workers_websocket_close_payload(u_char *p, ngx_uint_t code,
    ngx_str_t *reason);

/* Whether a code may stand in a close frame: RFC 6455, section 7.4. */
ngx_uint_t ngx_workers_websocket_code_valid(ngx_uint_t code);


#endif /* _NGX_WORKERS_WEBSOCKET_FRAME_H_INCLUDED_ */
