
/*
 * Copyright (C) the nginx-workers authors
 *
 * A source of parts of a file, with bytes in between: what a store keeps in
 * files.  A sink that takes files sends them by sendfile(); any other
 * consumer has them read, from the page cache in the event loop, from the disk
 * in the thread pool.
 */


#ifndef _NGX_WORKERS_FILE_H_INCLUDED_
#define _NGX_WORKERS_FILE_H_INCLUDED_


#include "ngx_workers_job.h"
#include "ngx_workers_source.h"


typedef struct {
    u_char                 *data;           /* NULL: of the file */
    off_t                   offset;         /* in the file */
    off_t                   length;
} ngx_workers_piece_t;


/*
 * The source of n pieces, in order.  The file is the source's, which closes
 * it; the rest, pieces and their data included, is copied.  It goes on to be
 * sent when its name has gone.  NULL: out of memory; the file is the
 * caller's.  No exception.
 */
ngx_workers_source_t *ngx_workers_file(ngx_workers_invocation_t *inv,
    ngx_workers_jobs_t *jobs, ngx_fd_t fd, const ngx_workers_piece_t *pieces,
    ngx_uint_t n);


#endif /* _NGX_WORKERS_FILE_H_INCLUDED_ */
