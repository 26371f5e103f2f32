
/*
 * Copyright (C) the nginx-workers authors
 *
 * A library's sockets in nginx's event loop, as level-triggered events.
 */


#ifndef _NGX_WORKERS_WATCH_H_INCLUDED_
#define _NGX_WORKERS_WATCH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>


/* A connection of nginx's for a descriptor.  NULL: there is none left. */
ngx_connection_t *ngx_workers_watch_create(ngx_socket_t fd,
    ngx_event_handler_pt handler, void *data, ngx_log_t *log);

/* Has the handler called, or not any more, for NGX_READ_ or _WRITE_EVENT. */
void ngx_workers_watch(ngx_event_t *ev, ngx_int_t event, ngx_uint_t wanted);

/* Frees the connection; the descriptor stays open. */
void ngx_workers_watch_forget(ngx_connection_t *c);


#endif /* _NGX_WORKERS_WATCH_H_INCLUDED_ */
