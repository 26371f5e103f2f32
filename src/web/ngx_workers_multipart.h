
/*
 * Copyright (C) the nginx-workers authors
 *
 * The parts of a multipart/form-data body, RFC 7578, found in its bytes: no
 * JavaScript, no memory of its own.
 */


#ifndef _NGX_WORKERS_MULTIPART_H_INCLUDED_
#define _NGX_WORKERS_MULTIPART_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    u_char        *pos;                     /* behind a boundary */
    u_char        *end;
    ngx_str_t      mark;                    /* LF, "--" and the boundary */
    ngx_uint_t     started;
    const char    *error;                   /* of NGX_ERROR */
    ngx_str_t      got;                     /* what it is about; or empty */
} ngx_workers_multipart_t;


/* All of it lies in the body. */
typedef struct {
    ngx_str_t      name;                    /* in quotes, with its escapes */
    ngx_str_t      filename;                /* the same; empty: not a file */
    ngx_str_t      type;                    /* empty: none */
    ngx_str_t      body;
} ngx_workers_part_t;


/*
 * body and mark (LF, "--" and the boundary, in which there is no LF) live as
 * long as m.
 */
void ngx_workers_multipart_start(ngx_workers_multipart_t *m, ngx_str_t *body,
    ngx_str_t *mark);

/*
 * The next part.  NGX_DONE: there are no more.  NGX_ERROR: the body is
 * malformed, see m->error and m->got.
 */
ngx_int_t ngx_workers_multipart_next(ngx_workers_multipart_t *m,
    ngx_workers_part_t *part);


#endif /* _NGX_WORKERS_MULTIPART_H_INCLUDED_ */
