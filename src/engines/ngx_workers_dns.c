
/*
 * Copyright (C) the nginx-workers authors
 *
 * c-ares opens and closes its sockets itself; they are watched here, as
 * level-triggered events.  Answers are told when c-ares has returned, for it
 * may have one (an error, a host of /etc/hosts) while it is asked.
 */


#include "ngx_workers_dns.h"
#include "ngx_workers_watch.h"


#define NGX_WORKERS_DNS_TIMEOUT  5000          /* ms, of the first try */
#define NGX_WORKERS_DNS_TRIES    2


typedef struct {
    ngx_queue_t                 queue;
    ngx_connection_t           *connection;
} ngx_workers_dns_socket_t;


struct ngx_workers_dns_s {
    ares_channel_t             *channel;
    ngx_log_t                  *log;
    ngx_queue_t                 sockets;
    ngx_queue_t                 done;       /* lookups to be told */
    ngx_event_t                 timer;
    ngx_event_t                 event;      /* posted: there are some in done */
};


static ngx_workers_dns_t *ngx_workers_dns_create(ngx_workers_dns_slot_t *slot,
    ngx_log_t *log);
static ngx_int_t ngx_workers_dns_servers(ngx_workers_dns_t *client,
    ngx_resolver_t *resolver);
static ngx_workers_lookup_t *ngx_workers_dns_lookup(ngx_workers_dns_t *client,
    void (*done)(ngx_workers_lookup_t *lookup), void *data);
static void ngx_workers_dns_records(void *data, ares_status_t status,
    size_t timeouts, const ares_dns_record_t *records);
static void ngx_workers_dns_hosts(void *data, int status, int timeouts,
    struct ares_addrinfo *addresses);
static void ngx_workers_dns_post(ngx_workers_lookup_t *lookup);
static void ngx_workers_dns_watch(void *data, ares_socket_t fd, int in,
    int out);
static ngx_workers_dns_socket_t *ngx_workers_dns_socket(
    ngx_workers_dns_t *client, ares_socket_t fd);
static void ngx_workers_dns_forget(ngx_workers_dns_socket_t *s);
static void ngx_workers_dns_socket_handler(ngx_event_t *ev);
static void ngx_workers_dns_timer_handler(ngx_event_t *ev);
static void ngx_workers_dns_event_handler(ngx_event_t *ev);
static void ngx_workers_dns_tell(ngx_workers_dns_t *client);
static void ngx_workers_dns_process(ngx_workers_dns_t *client,
    ares_socket_t in, ares_socket_t out);
static void ngx_workers_dns_timeout(ngx_workers_dns_t *client);


ngx_workers_dns_t *
ngx_workers_dns(ngx_workers_dns_slot_t *slot, ngx_log_t *log)
{
    if (slot->client == NULL) {
        slot->client = ngx_workers_dns_create(slot, log);
    }

    return slot->client;
}


static ngx_workers_dns_t *
ngx_workers_dns_create(ngx_workers_dns_slot_t *slot, ngx_log_t *log)
{
    int                  rc;
    ngx_workers_dns_t   *client;
    struct ares_options  options;

    rc = ares_library_init(ARES_LIB_INIT_ALL);

    if (rc != ARES_SUCCESS) {
        ngx_log_error(NGX_LOG_ALERT, log, 0, "ares_library_init() failed: %s",
                      ares_strerror(rc));
        return NULL;
    }

    client = ngx_calloc(sizeof(ngx_workers_dns_t), log);
    if (client == NULL) {
        ares_library_cleanup();
        return NULL;
    }

    client->log = log;
    ngx_queue_init(&client->sockets);
    ngx_queue_init(&client->done);

    client->timer.handler = ngx_workers_dns_timer_handler;
    client->timer.data = client;
    client->timer.log = log;
    client->timer.cancelable = 1;

    client->event.handler = ngx_workers_dns_event_handler;
    client->event.data = client;
    client->event.log = log;

    ngx_memzero(&options, sizeof(struct ares_options));

    options.sock_state_cb = ngx_workers_dns_watch;
    options.sock_state_cb_data = client;
    options.timeout = NGX_WORKERS_DNS_TIMEOUT;
    options.tries = NGX_WORKERS_DNS_TRIES;

    rc = ares_init_options(&client->channel, &options, ARES_OPT_SOCK_STATE_CB
                                                       |ARES_OPT_TIMEOUTMS
                                                       |ARES_OPT_TRIES);

    if (rc != ARES_SUCCESS) {
        ngx_log_error(NGX_LOG_ALERT, log, 0, "ares_init_options() failed: %s",
                      ares_strerror(rc));
        ngx_free(client);
        ares_library_cleanup();
        return NULL;
    }

    if (slot->resolver != NULL
        && ngx_workers_dns_servers(client, slot->resolver) != NGX_OK)
    {
        ngx_workers_dns_destroy(client);
        return NULL;
    }

    return client;
}


/* Those of a "resolver" directive, as "address:port,address:port". */

static ngx_int_t
ngx_workers_dns_servers(ngx_workers_dns_t *client, ngx_resolver_t *resolver)
{
    int                         rc;
    u_char                     *list, *p;
    ngx_uint_t                  i;
    ngx_resolver_connection_t  *rec;

    list = ngx_alloc(resolver->connections.nelts * (NGX_SOCKADDR_STRLEN + 1)
                     + 1, client->log);
    if (list == NULL) {
        return NGX_ERROR;
    }

    p = list;
    rec = resolver->connections.elts;

    for (i = 0; i < resolver->connections.nelts; i++) {

        if (i != 0) {
            *p++ = ',';
        }

        p += ngx_sock_ntop(rec[i].sockaddr, rec[i].socklen, p,
                           NGX_SOCKADDR_STRLEN, 1);
    }

    *p = '\0';

    rc = ares_set_servers_ports_csv(client->channel, (char *) list);

    if (rc != ARES_SUCCESS) {
        ngx_log_error(NGX_LOG_ALERT, client->log, 0,
                      "ares_set_servers_ports_csv(\"%s\") failed: %s", list,
                      ares_strerror(rc));
    }

    ngx_free(list);

    return (rc == ARES_SUCCESS) ? NGX_OK : NGX_ERROR;
}


void
ngx_workers_dns_destroy(ngx_workers_dns_t *client)
{
    /* every lookup fails and goes to done, every socket is forgotten */

    ares_destroy(client->channel);

    ngx_workers_dns_tell(client);

    if (client->timer.timer_set) {
        ngx_del_timer(&client->timer);
    }

    if (client->event.posted) {
        ngx_delete_posted_event(&client->event);
    }

    ngx_free(client);

    ares_library_cleanup();
}


ngx_workers_lookup_t *
ngx_workers_dns_query(ngx_workers_dns_t *client, const char *name,
    ares_dns_rec_type_t type, void (*done)(ngx_workers_lookup_t *lookup),
    void *data)
{
    ngx_workers_lookup_t  *lookup;

    lookup = ngx_workers_dns_lookup(client, done, data);

    if (lookup != NULL) {
        (void) ares_query_dnsrec(client->channel, name, ARES_CLASS_IN, type,
                                 ngx_workers_dns_records, lookup, NULL);
        ngx_workers_dns_timeout(client);
    }

    return lookup;
}


ngx_workers_lookup_t *
ngx_workers_dns_addresses(ngx_workers_dns_t *client, const char *host,
    int family, void (*done)(ngx_workers_lookup_t *lookup), void *data)
{
    ngx_workers_lookup_t        *lookup;
    struct ares_addrinfo_hints   hints;

    lookup = ngx_workers_dns_lookup(client, done, data);

    if (lookup != NULL) {
        ngx_memzero(&hints, sizeof(struct ares_addrinfo_hints));

        hints.ai_family = family;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = ARES_AI_NOSORT;

        ares_getaddrinfo(client->channel, host, NULL, &hints,
                         ngx_workers_dns_hosts, lookup);
        ngx_workers_dns_timeout(client);
    }

    return lookup;
}


static ngx_workers_lookup_t *
ngx_workers_dns_lookup(ngx_workers_dns_t *client,
    void (*done)(ngx_workers_lookup_t *lookup), void *data)
{
    ngx_workers_lookup_t  *lookup;

    lookup = ngx_calloc(sizeof(ngx_workers_lookup_t), client->log);

    if (lookup != NULL) {
        lookup->client = client;
        lookup->done = done;
        lookup->data = data;
    }

    return lookup;
}


static void
ngx_workers_dns_records(void *data, ares_status_t status, size_t timeouts,
    const ares_dns_record_t *records)
{
    ngx_workers_lookup_t  *lookup = data;

    lookup->status = status;

    if (status == ARES_SUCCESS) {
        lookup->records = ares_dns_record_duplicate(records);

        if (lookup->records == NULL) {
            lookup->status = ARES_ENOMEM;
        }
    }

    ngx_workers_dns_post(lookup);
}


static void
ngx_workers_dns_hosts(void *data, int status, int timeouts,
    struct ares_addrinfo *addresses)
{
    ngx_workers_lookup_t  *lookup = data;

    lookup->status = status;
    lookup->addresses = addresses;

    ngx_workers_dns_post(lookup);
}


static void
ngx_workers_dns_post(ngx_workers_lookup_t *lookup)
{
    ngx_queue_insert_tail(&lookup->client->done, &lookup->queue);
    ngx_post_event(&lookup->client->event, &ngx_posted_events);
}


void
ngx_workers_dns_abandon(ngx_workers_lookup_t *lookup)
{
    lookup->done = NULL;
}


void
ngx_workers_dns_free(ngx_workers_lookup_t *lookup)
{
    ares_dns_record_destroy(lookup->records);
    ares_freeaddrinfo(lookup->addresses);

    ngx_free(lookup);
}


/* Neither in nor out: c-ares is about to close it. */

static void
ngx_workers_dns_watch(void *data, ares_socket_t fd, int in, int out)
{
    ngx_workers_dns_t         *client = data;
    ngx_workers_dns_socket_t  *s;

    s = ngx_workers_dns_socket(client, fd);

    if (s == NULL) {
        return;
    }

    if (!in && !out) {
        ngx_workers_dns_forget(s);
        return;
    }

    ngx_workers_watch(s->connection->read, NGX_READ_EVENT, in);
    ngx_workers_watch(s->connection->write, NGX_WRITE_EVENT, out);
}


/* NULL: not watched, for want of memory; its lookups time out. */

static ngx_workers_dns_socket_t *
ngx_workers_dns_socket(ngx_workers_dns_t *client, ares_socket_t fd)
{
    ngx_queue_t               *q;
    ngx_workers_dns_socket_t  *s;

    for (q = ngx_queue_head(&client->sockets);
         q != ngx_queue_sentinel(&client->sockets);
         q = ngx_queue_next(q))
    {
        s = ngx_queue_data(q, ngx_workers_dns_socket_t, queue);

        if (s->connection->fd == fd) {
            return s;
        }
    }

    s = ngx_alloc(sizeof(ngx_workers_dns_socket_t), client->log);
    if (s == NULL) {
        return NULL;
    }

    s->connection = ngx_workers_watch_create(fd,
                                             ngx_workers_dns_socket_handler,
                                             client, client->log);
    if (s->connection == NULL) {
        ngx_free(s);
        return NULL;
    }

    ngx_queue_insert_head(&client->sockets, &s->queue);

    return s;
}


static void
ngx_workers_dns_forget(ngx_workers_dns_socket_t *s)
{
    ngx_workers_watch_forget(s->connection);

    ngx_queue_remove(&s->queue);
    ngx_free(s);
}


static void
ngx_workers_dns_socket_handler(ngx_event_t *ev)
{
    ngx_connection_t  *c;

    c = ev->data;

    ngx_workers_dns_process(c->data, ev->write ? ARES_SOCKET_BAD : c->fd,
                            ev->write ? c->fd : ARES_SOCKET_BAD);
}


static void
ngx_workers_dns_timer_handler(ngx_event_t *ev)
{
    ngx_workers_dns_process(ev->data, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}


static void
ngx_workers_dns_process(ngx_workers_dns_t *client, ares_socket_t in,
    ares_socket_t out)
{
    ares_process_fd(client->channel, in, out);
    ngx_workers_dns_timeout(client);
}


static void
ngx_workers_dns_timeout(ngx_workers_dns_t *client)
{
    struct timeval   tv;
    struct timeval  *left;

    left = ares_timeout(client->channel, NULL, &tv);

    if (left != NULL) {
        ngx_add_timer(&client->timer, (ngx_msec_t) left->tv_sec * 1000
                                      + left->tv_usec / 1000 + 1);

    } else if (client->timer.timer_set) {
        ngx_del_timer(&client->timer);
    }
}


static void
ngx_workers_dns_event_handler(ngx_event_t *ev)
{
    ngx_workers_dns_tell(ev->data);
}


static void
ngx_workers_dns_tell(ngx_workers_dns_t *client)
{
    ngx_queue_t           *q;
    ngx_workers_lookup_t  *lookup;

    while (!ngx_queue_empty(&client->done)) {
        q = ngx_queue_head(&client->done);
        ngx_queue_remove(q);

        lookup = ngx_queue_data(q, ngx_workers_lookup_t, queue);

        if (lookup->done != NULL) {
            lookup->done(lookup);

        } else {
            ngx_workers_dns_free(lookup);
        }
    }
}
