
/*
 * Copyright (C) the nginx-workers authors
 *
 * An HTTP client on libcurl's multi interface, in nginx's event loop: its
 * sockets are nginx's connections, its timer is nginx's.
 *
 * A client keeps the connections that its transfers share.  What libcurl
 * tells of a transfer is told on when libcurl has returned: handlers may start
 * and free transfers, and run JavaScript.
 */


#ifndef _NGX_WORKERS_HTTP_H_INCLUDED_
#define _NGX_WORKERS_HTTP_H_INCLUDED_


#include "../core/ngx_workers_source.h"
#include "ngx_workers_outbound.h"

#include <curl/curl.h>
#include <openssl/ssl.h>


typedef struct ngx_workers_http_slot_s  ngx_workers_http_slot_t;
typedef struct ngx_workers_http_s      ngx_workers_http_t;
typedef struct ngx_workers_transfer_s  ngx_workers_transfer_t;


typedef struct {
    ngx_str_t                   name;
    ngx_str_t                   value;
} ngx_workers_field_t;


typedef struct ngx_workers_block_s  ngx_workers_block_t;


/* What chooses between servers for one transfer. */
typedef struct {
    /* The next one's address.  NULL: none is left; logged. */
    struct sockaddr          *(*next)(void *data);

    /*
     * It is not needed any more; or it has failed, and then whether one may
     * ask for the next.
     */
    ngx_uint_t                (*done)(void *data, ngx_uint_t failed);
    void                       *data;       /* lasts as long as t->pool */
} ngx_workers_balancer_t;


struct ngx_workers_transfer_s {
    ngx_workers_source_t        src;        /* of the response's body */

    /* The request: set by the caller, and kept until closed() */

    char                       *method;
    char                       *url;        /* without userinfo, fragment */
    struct curl_slist          *fields;     /* "Name: value", or "Name;" if it
                                               has none */
    ngx_str_t                   bytes;      /* the body if has_bytes */
    ngx_workers_source_t       *upload;     /* or this: the transfer's own from
                                               start() on; NULL: none */
    ngx_uint_t                  websocket;  /* upgrade; url is ws or wss */
    ngx_uint_t                  tcp;        /* connect only; url is http */

    /* Of an upgraded one, for ngx_workers_transfer_watch() */
    void                      (*io)(void *data, ngx_uint_t write);
    void                       *io_data;

    /*
     * The head has come, or the transfer has failed: once, from the event
     * loop.
     */
    void                      (*ready)(void *data);

    /* It is freed: always called, last; frees t->src.error. */
    void                      (*closed)(ngx_workers_transfer_t *t);
    void                       *data;

    /* The response */

    ngx_uint_t                  status;     /* 0: it has failed */
    ngx_str_t                   status_text;
    ngx_array_t                 headers;    /* ngx_workers_field_t */
    const char                 *failure;    /* static; if status is 0 */

    /* Of the invocation's client, if upstream blocks may ask; or NULL */
    struct sockaddr            *sockaddr;
    socklen_t                   socklen;
    ngx_str_t                   addr_text;

    /* The client's */

    ngx_workers_http_t         *client;
    ngx_pool_t                 *pool;       /* of the response's head */
    CURL                       *easy;       /* NULL: not started, or ended */
    ngx_queue_t                 queue;      /* in client->ready */

    ngx_chain_t                *in;         /* of upload, not used up */
    ngx_workers_block_t        *blocks;     /* of the body, not read so far */
    ngx_workers_block_t       **last;
    ngx_workers_block_t        *tail;       /* which has room; or NULL */
    size_t                      size;       /* bytes in blocks */
    ngx_workers_block_t        *lent;       /* the consumer has them */

    CURLcode                    result;     /* of what has ended */

    ngx_workers_balancer_t      balancer;   /* data NULL: it has none */
    ngx_resolver_ctx_t         *resolving;  /* NULL: no longer, or never */
    struct curl_slist           route;      /* of route_option; or no data */
    CURLoption                  route_option;
    char                       *socket;     /* path of a Unix socket; or NULL */

    unsigned                    has_bytes:1;
    unsigned                    head:1;     /* it has come */
    unsigned                    told:1;     /* ready() was called */
    unsigned                    ended:1;
    unsigned                    waiting:1;  /* the consumer, for wake() */
    unsigned                    receiving_paused:1;
    unsigned                    sending_paused:1;
    unsigned                    resume:1;   /* what was paused goes on */
    unsigned                    uploading:1;    /* some of it is sent */
    unsigned                    upload_failed:1;
    unsigned                    routing:1;
    unsigned                    forbidden:1;    /* by a rule */
    unsigned                    dead:1;     /* freed, in libcurl's hands */
};


/*
 * What a process has of it, for the scripts with the same rules: made when
 * first used.
 */
struct ngx_workers_http_slot_s {
    ngx_workers_http_t         *client;     /* NULL: none so far */
    const char                 *trusted;    /* file of certificates, or NULL:
                                               the system's store */
    ngx_array_t                *outbound;   /* rules; NULL: none */
    ngx_str_t                   certificate;   /* PEM, of the client's; empty:
                                                  none */
    ngx_str_t                   key;
    ngx_resolver_t             *resolver;   /* NULL: libcurl's own */
    ngx_msec_t                  resolver_timeout;

    /*
     * Finds the balancer for a host, in balancer.data: NULL, there is none.
     * balance NULL: there are none at all.
     */
    ngx_int_t                 (*balance)(ngx_workers_transfer_t *t,
                                         ngx_str_t *host);
    void                       *upstream;   /* all goes to its servers; or NULL:
                                               they are chosen by the host */
    ngx_str_t                   name;       /* the host's then, for TLS */
    unsigned                    tls:1;      /* ... which is used */
};


/* The client of a slot; NULL: logged. */
ngx_workers_http_t *ngx_workers_http(ngx_workers_http_slot_t *slot,
    ngx_log_t *log);

/*
 * A TLS connection to host, as a client: not connected so far, with the checks
 * of certificates that the client does.  NULL: out of memory.
 */
SSL *ngx_workers_http_tls(ngx_workers_http_t *client, const char *host);

/* Destroys a slot's client, if there is one.  No transfer may be left. */
void ngx_workers_http_close(ngx_workers_http_slot_t *slot);


/* A transfer to be filled; NULL: out of memory. */
ngx_workers_transfer_t *ngx_workers_transfer_create(
    ngx_workers_http_t *client, ngx_workers_invocation_t *inv);

/* Starts it; ready() tells of a failure as well. */
void ngx_workers_transfer_start(ngx_workers_transfer_t *t);

/*
 * Ends it soon: ready() is called if it was not, a consumer of the body reads
 * NGX_ERROR with the reason and the value that t->src has.
 */
void ngx_workers_transfer_abort(ngx_workers_transfer_t *t);

/*
 * Makes t->src, which is that of the invocation from then on, the owner: its
 * close() frees the transfer.
 */
ngx_workers_source_t *ngx_workers_transfer_source(ngx_workers_transfer_t *t,
    ngx_workers_invocation_t *inv);

/*
 * An upgraded one, status 101: io() is called when its socket can be read, and
 * when it can be written to if "out".  It ends with _free().
 */
void ngx_workers_transfer_watch(ngx_workers_transfer_t *t, ngx_uint_t in,
    ngx_uint_t out);

/*
 * The socket of a connected one, not blocking, as a descriptor of the caller's;
 * -1: out of descriptors.  The transfer is still to be freed.
 */
ngx_socket_t ngx_workers_transfer_socket(ngx_workers_transfer_t *t);

/* Ends and frees a transfer whose source nobody has taken. */
void ngx_workers_transfer_free(ngx_workers_transfer_t *t);


/*
 * Between the files: ngx_workers_http.c has the client, its sockets and its
 * timer, ngx_workers_http_transfer.c what is of a single transfer,
 * ngx_workers_http_route.c where it goes.
 */

struct ngx_workers_http_s {
    CURLM                      *multi;
    SSL_CTX                    *ctx;        /* NULL: none so far */
    ngx_workers_http_slot_t    *slot;
    ngx_log_t                  *log;
    struct ngx_workers_http_socket_s  *sockets;   /* by descriptor */
    ngx_uint_t                  nsockets;
    ngx_event_t                 timer;
    ngx_event_t                 event;      /* posted: there are transfers in
                                               ready */
    ngx_event_t                 now;        /* posted: libcurl's time is up */
    ngx_queue_t                 ready;
    ngx_uint_t                  running;    /* calls of libcurl on the stack */
    CURL                      **idle;       /* handles to be used again */
    ngx_uint_t                  nidle;
    ngx_workers_block_t        *free;       /* blocks */
    ngx_uint_t                  nfree;
};

/* Has the transfer's news told, soon. */
void ngx_workers_http_post(ngx_workers_transfer_t *t);

/* Watches a socket for a transfer that libcurl is done with. */
void ngx_workers_http_watch(ngx_workers_transfer_t *t, curl_socket_t fd,
    ngx_uint_t in, ngx_uint_t out);

/* CURLOPT_OPENSOCKETFUNCTION; data is the transfer. */
curl_socket_t ngx_workers_http_open(void *data, curlsocktype purpose,
    struct curl_sockaddr *address);

/* Handles, set up so far as they have things in common; NULL: no memory. */
CURL *ngx_workers_http_easy(ngx_workers_http_t *client);
void ngx_workers_http_easy_free(ngx_workers_http_t *client, CURL *easy);

/* libcurl says that it is done with the transfer. */
void ngx_workers_transfer_ended(ngx_workers_transfer_t *t, CURLcode result);

/*
 * Finds where a transfer goes, or goes next: route or socket, if libcurl needs
 * to be told.  NGX_AGAIN: _go() will be called; NGX_DECLINED: nowhere, logged.
 */
ngx_int_t ngx_workers_route(ngx_workers_transfer_t *t);

/* Goes on after ngx_workers_route(). */
void ngx_workers_transfer_go(ngx_workers_transfer_t *t, ngx_int_t rc);

/*
 * The transfer is over, or has failed there; then whether it may go
 * elsewhere.
 */
ngx_uint_t ngx_workers_route_done(ngx_workers_transfer_t *t,
    ngx_uint_t failed);

/* The host of its URL, with brackets if it is an IPv6 address: borrowed. */
void ngx_workers_route_host(ngx_workers_transfer_t *t, ngx_str_t *host);

/* Tells its news; it may be gone then. */
void ngx_workers_transfer_tell(ngx_workers_transfer_t *t);


#endif /* _NGX_WORKERS_HTTP_H_INCLUDED_ */
