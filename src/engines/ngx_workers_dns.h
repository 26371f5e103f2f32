
/*
 * Copyright (C) the nginx-workers authors
 *
 * A DNS client, c-ares, in nginx's event loop.
 */


#ifndef _NGX_WORKERS_DNS_H_INCLUDED_
#define _NGX_WORKERS_DNS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <ares.h>


typedef struct ngx_workers_dns_s     ngx_workers_dns_t;
typedef struct ngx_workers_lookup_s  ngx_workers_lookup_t;


/* What a process has of it: the client is made when first used. */
typedef struct ngx_workers_dns_slot_s {
    ngx_workers_dns_t          *client;     /* NULL: none so far */
    ngx_resolver_t             *resolver;   /* whose servers it asks; NULL:
                                               those of /etc/resolv.conf */
} ngx_workers_dns_slot_t;


struct ngx_workers_lookup_s {
    ngx_queue_t                 queue;      /* in the client's done */
    ngx_workers_dns_t          *client;

    /*
     * The answer has come: once, from the event loop.  Frees the lookup by
     * _free().  NULL: nobody waits any more.
     */
    void                      (*done)(ngx_workers_lookup_t *lookup);
    void                       *data;

    ares_status_t               status;
    ares_dns_record_t          *records;    /* of query(); or NULL */
    struct ares_addrinfo       *addresses;  /* of addresses(); or NULL */
};


/* The client of a slot; NULL: logged. */
ngx_workers_dns_t *ngx_workers_dns(ngx_workers_dns_slot_t *slot,
    ngx_log_t *log);

/* Lookups under way fail: done() is called. */
void ngx_workers_dns_destroy(ngx_workers_dns_t *client);

/*
 * Asks for the records of a name, which is copied.  NULL: out of memory.
 */
ngx_workers_lookup_t *ngx_workers_dns_query(ngx_workers_dns_t *client,
    const char *name, ares_dns_rec_type_t type,
    void (*done)(ngx_workers_lookup_t *lookup), void *data);

/*
 * The same for the addresses of a host, AF_INET, AF_INET6 or both (AF_UNSPEC),
 * by /etc/hosts as well.
 */
ngx_workers_lookup_t *ngx_workers_dns_addresses(ngx_workers_dns_t *client,
    const char *host, int family, void (*done)(ngx_workers_lookup_t *lookup),
    void *data);

/* Nobody waits any more: done() will not be called. */
void ngx_workers_dns_abandon(ngx_workers_lookup_t *lookup);

/* Frees a lookup that is done. */
void ngx_workers_dns_free(ngx_workers_lookup_t *lookup);


#endif /* _NGX_WORKERS_DNS_H_INCLUDED_ */
