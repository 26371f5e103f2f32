
/*
 * Copyright (C) the nginx-workers authors
 *
 * Staying awake for what comes at once.  A client that answers each message
 * with the next one does so within microseconds, less than it takes a process
 * to fall asleep and be woken.  After something was sent the event loop is
 * kept from sleeping for a moment: it goes on, and everybody is served.
 *
 * Where nothing comes in that moment, as with a client that is far away, the
 * pauses in which it is not tried grow, until it costs nothing.
 */


#include "ngx_http_workers.h"
#include "ngx_workers_clock.h"


#define NGX_HTTP_WORKERS_LINGER_TIME   60000   /* ns */

/* Messages that are sent between two vain attempts. */
#define NGX_HTTP_WORKERS_LINGER_PAUSE  4095


static void ngx_http_workers_linger_handler(ngx_event_t *ev);


void
ngx_http_workers_linger(ngx_http_workers_process_t *process)
{
    ngx_http_workers_linger_t  *linger;

    linger = &process->linger;

    if (linger->skip != 0) {
        linger->skip--;
        return;
    }

    if (linger->event.posted && linger->heard) {
        linger->pause = 0;
    }

    linger->until = ngx_workers_clock_monotonic()
                    + NGX_HTTP_WORKERS_LINGER_TIME;
    linger->heard = 0;

    if (!linger->event.posted) {
        linger->event.handler = ngx_http_workers_linger_handler;
        linger->event.data = linger;
        linger->event.log = process->log;

        ngx_post_event(&linger->event, &ngx_posted_next_events);
    }
}


/* A turn of the event loop, which has not slept. */

static void
ngx_http_workers_linger_handler(ngx_event_t *ev)
{
    ngx_http_workers_linger_t  *linger;

    linger = ev->data;

    if (ngx_workers_clock_monotonic() < linger->until) {
        ngx_post_event(ev, &ngx_posted_next_events);
        return;
    }

    linger->pause = linger->heard ? 0
                    : ngx_min(2 * linger->pause + 1,
                              NGX_HTTP_WORKERS_LINGER_PAUSE);
    linger->skip = linger->pause;
}
