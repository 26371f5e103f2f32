
/*
 * Copyright (C) the nginx-workers authors
 *
 * The URL Standard without JavaScript: parser, setters and serialiser.
 *
 * A parser turns bytes into parts, which point into its own memory (or into
 * a base or a record that was given); ngx_workers_url_write() makes a record
 * of parts: the href and the offsets of its components, one block of memory.
 * Input is well-formed UTF-8.  Nothing here throws, logs or blocks.
 */


#ifndef _NGX_WORKERS_URL_PARSER_H_INCLUDED_
#define _NGX_WORKERS_URL_PARSER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Input and hrefs end here, so that offsets fit in 32 bits. */
#define NGX_WORKERS_URL_MAX_LEN  (256 * 1024 * 1024)

#ifndef NGX_WORKERS_URL_STACK
#define NGX_WORKERS_URL_STACK    2048
#endif


typedef enum {
    NGX_WORKERS_URL_OTHER = 0,             /* not special */
    NGX_WORKERS_URL_HTTP,
    NGX_WORKERS_URL_HTTPS,
    NGX_WORKERS_URL_WS,
    NGX_WORKERS_URL_WSS,
    NGX_WORKERS_URL_FTP,
    NGX_WORKERS_URL_FILE
} ngx_workers_url_type_e;


/* Components, as attributes of the URL class. */
typedef enum {
    NGX_WORKERS_URL_HREF = 0,
    NGX_WORKERS_URL_PROTOCOL,
    NGX_WORKERS_URL_USERNAME,
    NGX_WORKERS_URL_PASSWORD,
    NGX_WORKERS_URL_FULL_HOST,             /* "host": with the port */
    NGX_WORKERS_URL_HOSTNAME,
    NGX_WORKERS_URL_PORT,
    NGX_WORKERS_URL_PATHNAME,
    NGX_WORKERS_URL_SEARCH,
    NGX_WORKERS_URL_HASH
} ngx_workers_url_part_e;


typedef struct {
    ngx_str_t                   scheme;     /* without ":" */
    ngx_str_t                   username;
    ngx_str_t                   password;
    ngx_str_t                   host;
    ngx_str_t                   path;
    ngx_str_t                   query;      /* without "?" */
    ngx_str_t                   fragment;   /* without "#" */
    ngx_int_t                   port;       /* -1: none */
    ngx_workers_url_type_e      type;

    unsigned                    has_host:1; /* empty is not null */
    unsigned                    has_query:1;
    unsigned                    has_fragment:1;
    unsigned                    opaque:1;   /* path is opaque */
} ngx_workers_url_parts_t;


typedef struct {
    ngx_workers_url_parts_t     parts;

    u_char                     *pos;        /* free memory of the arena */
    u_char                     *arena;      /* allocated, or NULL */
    u_char                     *host;       /* allocated, or NULL */

    u_char                      stack[NGX_WORKERS_URL_STACK];
} ngx_workers_url_parser_t;


/* Offsets in href; each component ends where the next separator is. */
typedef struct {
    uint32_t                    len;
    uint32_t                    scheme_end;     /* after ":" */
    uint32_t                    username_end;
    uint32_t                    password_end;
    uint32_t                    host_start;
    uint32_t                    host_end;
    uint32_t                    port_end;
    uint32_t                    path_start;
    uint32_t                    query_start;    /* of "?" */
    uint32_t                    fragment_start; /* of "#" */
    uint8_t                     type;
    uint8_t                     has_host;
    uint8_t                     opaque;
    u_char                      href[];
} ngx_workers_url_t;


#define ngx_workers_url_parser_init(pr)                                       \
    (pr)->arena = NULL; (pr)->host = NULL

void ngx_workers_url_parser_done(ngx_workers_url_parser_t *pr);

/*
 * Parses input; base may be NULL.  The parts live as long as the parser, its
 * base and input.  NGX_DECLINED: not a valid URL, NGX_ERROR: out of memory.
 * A parser is used for one call.
 */
ngx_int_t ngx_workers_url_parse(ngx_workers_url_parser_t *pr, ngx_str_t *input,
    const ngx_workers_url_parts_t *base);

/*
 * What a setter of the URL class does: pr->parts become the URL's with one
 * component changed.  NGX_DECLINED: ignored, nothing changes (for href: not
 * a valid URL).
 */
ngx_int_t ngx_workers_url_modify(ngx_workers_url_parser_t *pr,
    ngx_workers_url_t *url, ngx_workers_url_part_e part, ngx_str_t *value);

/* The parts of a record; they point into it. */
void ngx_workers_url_split(const ngx_workers_url_t *url,
    ngx_workers_url_parts_t *parts);

/* Bytes that ngx_workers_url_write() fills; 0: too long. */
size_t ngx_workers_url_size(const ngx_workers_url_parts_t *parts);
void ngx_workers_url_write(const ngx_workers_url_parts_t *parts,
    ngx_workers_url_t *url);

/* A component, as the getter of the URL class shows it; points into url. */
void ngx_workers_url_get(const ngx_workers_url_t *url,
    ngx_workers_url_part_e part, ngx_str_t *value);

/*
 * The serialised origin of a URL that is not blob: into dst, which has room
 * for url->len + 4 bytes; its length.
 */
size_t ngx_workers_url_origin(const ngx_workers_url_t *url, u_char *dst);


#endif /* _NGX_WORKERS_URL_PARSER_H_INCLUDED_ */
