
/*
 * Copyright (C) the nginx-workers authors
 *
 * Isolates, invocations and operations.
 *
 * An isolate is one runtime and one context of a script in a process.  An
 * invocation is one call of a handler.  An operation is a promise that waits
 * for native work of an invocation.
 *
 * JavaScript runs only between ngx_workers_enter() and ngx_workers_leave().
 */


#ifndef _NGX_WORKERS_ISOLATE_H_INCLUDED_
#define _NGX_WORKERS_ISOLATE_H_INCLUDED_


#include <ngx_event.h>
#include <ngx_thread_pool.h>

#include "ngx_workers_js.h"
#include "ngx_workers_class.h"
#include "ngx_workers_value.h"
#include "ngx_workers_script.h"


#define NGX_WORKERS_ID_LENGTH  64


typedef struct ngx_workers_isolate_s     ngx_workers_isolate_t;
typedef struct ngx_workers_invocation_s  ngx_workers_invocation_t;
typedef struct ngx_workers_op_s          ngx_workers_op_t;
typedef struct ngx_workers_task_s        ngx_workers_task_t;


/* Frequent property names. */
enum {
    NGX_WORKERS_ATOM_THEN = 0,
    NGX_WORKERS_ATOM_DEFAULT,
    NGX_WORKERS_ATOM_STATUS,
    NGX_WORKERS_ATOM_STATUS_TEXT,
    NGX_WORKERS_ATOM_HEADERS,
    NGX_WORKERS_ATOM_BODY,
    NGX_WORKERS_ATOM_METHOD,
    NGX_WORKERS_ATOM_PROTOTYPE,
    NGX_WORKERS_ATOM_MESSAGE,
    NGX_WORKERS_ATOM_TYPE,
    NGX_WORKERS_ATOM_EXTRACTABLE,
    NGX_WORKERS_ATOM_ALGORITHM,
    NGX_WORKERS_ATOM_USAGES,
    NGX_WORKERS_ATOM_N
};


/* How an invocation ended, as tail events name it. */
typedef enum {
    NGX_WORKERS_UNKNOWN = 0,               /* it has not */
    NGX_WORKERS_OK,
    NGX_WORKERS_EXCEPTION,
    NGX_WORKERS_EXCEEDED_CPU,
    NGX_WORKERS_EXCEEDED_MEMORY,
    NGX_WORKERS_CANCELED,
} ngx_workers_outcome_e;


/*
 * Long computations of a process's isolates.  Its owner outlives them, and
 * calls ngx_workers_threads_exit() when the thread pool has ended.
 */
typedef struct {
    ngx_thread_pool_t          *pool;
    ngx_queue_t                 ops;        /* those in the pool */
    size_t                      memory;     /* bytes copied for them */
} ngx_workers_threads_t;


struct ngx_workers_isolate_s {
    JSRuntime                  *rt;
    JSContext                  *cx;
    ngx_workers_script_t       *script;
    ngx_log_t                  *log;
    ngx_workers_threads_t      *threads;    /* NULL: there are none */
    struct ngx_workers_cache_store_s  *cache;  /* NULL: nothing is kept */
    struct ngx_workers_http_slot_s  *http;  /* the process's clients */
    struct ngx_workers_dns_slot_s  *dns;

    ngx_workers_invocation_t   *inv;        /* running now, or NULL */
    ngx_workers_invocation_t   *charged;    /* whose clock counts: the one that
                                               was entered, or NULL */
    ngx_uint_t                  depth;      /* entries on the stack */

    ngx_queue_t                 invocations;
    ngx_queue_t                 ready;      /* invocations to be told */
    ngx_event_t                 event;      /* posted: tells them */
    ngx_queue_t                 rejections; /* not handled so far */
    ngx_queue_t                 websockets; /* of web/ngx_workers_websocket.c:
                                               those with events to tell */
    ngx_event_t                 websockets_event;  /* posted: tells them */

    ngx_uint_t                  pending;    /* operations, timers: all that
                                               can wake JavaScript */
    ngx_uint_t                  ninvocations;

    JSValue                     env;        /* the env object */
    ngx_str_t                  *secret_names;  /* of env, ended by len 0; or
                                                  NULL */
    JSValue                     global;
    JSValue                     scope;      /* its prototype, where the names
                                               of the platform are */
    JSValue                     regexp;     /* RegExp, and the engine's own */
    JSValue                     regexp_base;
    JSValue                     exports;    /* main module's namespace */
    JSValue                     handler;    /* default export */
    JSValue                    *builtins;   /* by index; JS_UNDEFINED: unused */
    ngx_uint_t                  nbuiltins;
    JSModuleDef               **modules;    /* of built-ins, as in the table of
                                               their bytecode; or NULL */

    ngx_workers_isolate_t     **slot;       /* the owner's pointer to it:
                                               cleared when it goes */

    ngx_queue_t                 blocks;     /* the runtime's memory */
    size_t                      memory;     /* bytes in them */
    size_t                      memory_limit;
    size_t                      gc_threshold;  /* as last set here */
    size_t                      collected;  /* memory when it was new, or
                                               last rested */
    ngx_event_t                 quiet;      /* timer: it rests, collect */
    size_t                      foreign;    /* of it: ..._charge() */
    size_t                      foreign_gc; /* collect when it is more */

    uint64_t                    entered;    /* ns, monotonic */
    uint64_t                    cpu_base;   /* ns, of the thread's CPU clock;
                                               0: not asked in this entry */
    JSAtom                      atoms[NGX_WORKERS_ATOM_N];

    JSValue                     frame;      /* async context of the running
                                               code; undefined: none */
    JSAtom                      frame_atom; /* under which promises carry it */
    uint32_t                    serial;     /* of the last invocation */
    JSValue                     local;      /* as an invocation's: of top-level
                                               code */

    unsigned                    exceeded_cpu:1;
    unsigned                    exceeded_memory:1;
    unsigned                    retired:1;  /* no new invocations: it broke
                                               a limit, or failed to start */
    unsigned                    evaluated:1;
    unsigned                    evaluating:1;  /* top-level code runs */
    unsigned                    telling:1;  /* invocations in ready */
    unsigned                    frames:1;   /* promises carry frames */
    unsigned                    tags:1;     /* promises carry invocations */
};


typedef void (*ngx_workers_ready_pt)(ngx_workers_invocation_t *inv);


struct ngx_workers_invocation_s {
    ngx_workers_isolate_t      *iso;
    ngx_queue_t                 queue;      /* in iso->invocations */
    ngx_queue_t                 ready_queue;
    ngx_queue_t                 ops;
    ngx_queue_t                 timers;     /* of web/ngx_workers_timers.c */
    ngx_queue_t                 sources;    /* bodies that it owns */
    ngx_queue_t                 websockets; /* of web/ngx_workers_websocket.c */

    uint32_t                    serial;     /* in the isolate; not 0 */
    ngx_log_t                  *log;        /* the request's while it lives */
    ngx_str_t                   id;         /* for log lines; empty: not made,
                                               use .._invocation_id() */
    u_char                      id_data[NGX_WORKERS_ID_LENGTH];

    /*
     * Called outside of JavaScript, after the job queue was drained, when
     * ngx_workers_ready(inv) was said; may enter JavaScript.
     */
    ngx_workers_ready_pt        ready;
    ngx_workers_ready_pt        end;        /* called once, it is over */
    ngx_workers_ready_pt        make_id;    /* fills id; while data is set */
    ngx_workers_ready_pt        retire;     /* another one of the isolate broke
                                               a limit; may be NULL, and only
                                               posts an event */
    void                       *data;       /* owner's, such as the request */
    void                       *owner;      /* owner's, for end() */

    struct sockaddr            *sockaddr;   /* of the client, while it waits;
                                               or NULL */
    socklen_t                   socklen;
    ngx_str_t                  *addr_text;

    JSValue                     promise;    /* of the handler */
    JSValue                     result;     /* what it resolved to */
    JSValue                     local;      /* what modules keep for it, an
                                               object; or undefined */

    ngx_uint_t                  refs;       /* its own, and reactions' */
    ngx_uint_t                  wait_until; /* promises not settled */
    ngx_uint_t                  ntimers;    /* active ones */
    ngx_uint_t                  subrequests;
    ngx_uint_t                  fetching;   /* those that wait for a head */
    ngx_queue_t                 fetches;    /* those that wait for them */
    size_t                      logged;     /* bytes, by console */
    ngx_uint_t                  timers_set; /* in all: the last id */
    ngx_event_t                 deadline;   /* of waitUntil */

    uint64_t                    cpu;        /* ns spent */
    uint64_t                    cpu_limit;  /* ns; 0: none */
    uint64_t                    start;      /* ns, monotonic */

    ngx_workers_outcome_e       outcome;

    unsigned                    is_ready:1;
    unsigned                    attached:1; /* to its promise */
    unsigned                    settled:1;  /* handler's promise is settled */
    unsigned                    failed:1;   /* ... by an exception (logged) */
    unsigned                    responded:1;   /* nothing more to send */
    unsigned                    ended:1;
    unsigned                    canceled:1; /* its client has gone: what fails
                                               now is no news */
    unsigned                    pass_through:1;
};


/*
 * Makes an isolate: runtime, context, classes, env.  The script's top-level
 * code runs at the first invocation.  NULL: logged.
 */
ngx_workers_isolate_t *ngx_workers_isolate_create(ngx_workers_script_t *script,
    ngx_log_t *log);

/* No invocation may be left. */
void ngx_workers_isolate_destroy(ngx_workers_isolate_t *iso);

#define ngx_workers_isolate(cx)                                               \
    ((ngx_workers_isolate_t *) JS_GetContextOpaque(cx))

/*
 * Memory of a library that an object of the isolate holds: counts it towards
 * the isolate's limit, and collects cycles when there is much of it, for the
 * engine does not know of it.  NGX_ERROR: the limit is broken, an exception is
 * pending, and nothing was counted.  _uncharge() is for finalizers.
 */
ngx_int_t ngx_workers_isolate_charge(JSContext *cx, size_t size);
void ngx_workers_isolate_uncharge(JSRuntime *rt, size_t size);

/* The invocation that runs now; NULL in top-level code. */
#define ngx_workers_current(cx)  (ngx_workers_isolate(cx)->inv)

/*
 * The invocation that runs now, for functions that do I/O, set timers or
 * make random values.  NULL: top-level code; an exception is pending.
 */
ngx_workers_invocation_t *ngx_workers_require_invocation(JSContext *cx);


/*
 * The one door into JavaScript.  After leave() the invocation, and the
 * isolate if it has been retired, may be gone.
 */
void ngx_workers_enter(ngx_workers_isolate_t *iso,
    ngx_workers_invocation_t *inv);
void ngx_workers_leave(ngx_workers_isolate_t *iso);

/*
 * Keeps an isolate that has been retired from going while a function still
 * needs it.
 */
#define ngx_workers_isolate_hold(iso)  (iso)->ninvocations++
void ngx_workers_isolate_unhold(ngx_workers_isolate_t *iso);

/*
 * Outside of JavaScript, something has ended that could have woken it: tells
 * whoever waits for what can no longer come.
 */
void ngx_workers_isolate_idle(ngx_workers_isolate_t *iso);

/* Runs the jobs that wait, between enter() and leave(). */
void ngx_workers_isolate_drain(ngx_workers_isolate_t *iso);

/*
 * A promise whose rejection is handled after all.  0: it has been reported
 * before.
 */
ngx_uint_t ngx_workers_isolate_forget_rejection(ngx_workers_isolate_t *iso,
    JSValueConst promise);

/* Calls inv->ready() soon, outside of JavaScript. */
void ngx_workers_ready(ngx_workers_invocation_t *inv);


/* A new invocation; NULL: out of memory. */
ngx_workers_invocation_t *ngx_workers_invocation_create(
    ngx_workers_isolate_t *iso, ngx_log_t *log);

/*
 * Runs a handler, after ngx_workers_enter(); event, its first argument, is
 * eaten, and JS_EXCEPTION fails the invocation.  Leaves.  ready() is called
 * when the handler's promise has settled: inv->result, or inv->failed.
 */
void ngx_workers_invocation_run(ngx_workers_invocation_t *inv,
    const char *handler, JSValue event);

/* The response was sent, or will never be: only waitUntil is left. */
void ngx_workers_invocation_responded(ngx_workers_invocation_t *inv,
    ngx_workers_outcome_e outcome);

/* Adds a promise to those that keep the invocation alive. */
ngx_int_t ngx_workers_invocation_wait_until(JSContext *cx,
    ngx_workers_invocation_t *inv, JSValueConst value);

/*
 * One line of the error log about the invocation, or about the isolate if inv
 * is NULL: what (such as "uncaught exception") and the reason's text.
 */
void ngx_workers_log_reason(JSContext *cx, ngx_workers_invocation_t *inv,
    ngx_uint_t level, const char *what, JSValueConst reason);

/* The same for the pending exception, which is taken. */
void ngx_workers_log_exception(JSContext *cx, ngx_workers_invocation_t *inv,
    ngx_uint_t level, const char *what);

/*
 * The object in which modules keep what lasts as long as the invocation; one
 * for all top-level code.  Owned.
 */
JSValue ngx_workers_invocation_local(JSContext *cx);

/* The id of its request: borrowed; empty if there is none. */
ngx_str_t *ngx_workers_invocation_id(ngx_workers_invocation_t *inv);

const char *ngx_workers_outcome_name(ngx_workers_outcome_e outcome);

/* The ctx object; owned. */
JSValue ngx_workers_invocation_ctx(JSContext *cx,
    ngx_workers_invocation_t *inv);

/*
 * After ngx_workers_leave() drained the jobs: looks whether the handler's
 * promise has settled, and who waits for what can no longer come.
 */
void ngx_workers_invocation_check(ngx_workers_invocation_t *inv);
void ngx_workers_invocation_check_hung(ngx_workers_isolate_t *iso);

/* A limit broke: the invocation has failed, the isolate is retired. */
void ngx_workers_invocation_exceeded(ngx_workers_invocation_t *inv,
    ngx_workers_outcome_e outcome);

void ngx_workers_invocation_release(ngx_workers_invocation_t *inv);

/* Frees the handler's promise and result: nobody will ask for them. */
void ngx_workers_invocation_drop(ngx_workers_invocation_t *inv);

/* Ends it now: operations, timers and bodies are dropped.  Idempotent. */
void ngx_workers_invocation_end(ngx_workers_invocation_t *inv);


/*
 * An operation.  The first member of a larger structure that holds copies of
 * arguments and results; allocated by its owner with ngx_calloc().
 */
struct ngx_workers_op_s {
    ngx_queue_t                 queue;      /* in inv->ops */
    ngx_workers_invocation_t   *inv;        /* NULL: abandoned */
    JSValue                     resolve;
    JSValue                     reject;

    /*
     * Called in JavaScript, in the event loop, once, if not abandoned: the
     * value that the promise resolves to (owned), or JS_EXCEPTION.
     */
    JSValue                   (*settle)(JSContext *cx, ngx_workers_op_t *op);

    /* May be NULL.  Called when the operation is abandoned: inv is NULL. */
    void                      (*abandon)(ngx_workers_op_t *op);

    /* Called once, last. */
    void                      (*free)(ngx_workers_op_t *op);
};


/*
 * Links the operation and returns its promise.  On JS_EXCEPTION the
 * operation was not started and still is the caller's.
 */
JSValue ngx_workers_op_start(JSContext *cx, ngx_workers_invocation_t *inv,
    ngx_workers_op_t *op);

/*
 * The native work is done: settles the promise and frees the operation.
 * From the event loop, never from JavaScript.
 */
void ngx_workers_op_done(ngx_workers_op_t *op);

/*
 * An operation whose work is done in the thread pool: run() touches its own
 * copies only.  The operation is done when it has returned, and the thread's
 * CPU time is the invocation's.
 */
struct ngx_workers_task_s {
    ngx_workers_op_t            op;         /* first: see above */
    ngx_thread_task_t           task;
    ngx_queue_t                 queue;      /* in threads->ops */
    ngx_workers_threads_t      *threads;
    size_t                      memory;     /* bytes copied, by its owner */

    /* Called in a pool thread. */
    void                      (*run)(ngx_workers_task_t *t);

    uint64_t                    start;      /* ns, the thread's CPU clock */
    uint64_t                    cpu;        /* ns, that it took */
    uint64_t                    cpu_limit;  /* ns, that it may take; 0: none */
    volatile ngx_uint_t         abandoned;
};


/*
 * Whether a task with copies of so many bytes may run in the pool now, for
 * the invocation that runs; if not, its work is done at once.
 */
ngx_uint_t ngx_workers_task_allowed(JSContext *cx, size_t memory);

/*
 * Starts a task that has been allowed and returns its promise.  On
 * JS_EXCEPTION it was not started and still is the caller's.
 */
JSValue ngx_workers_task_start(JSContext *cx, ngx_workers_task_t *t);

/* The same limit for a task that is not allowed and runs at once. */
void ngx_workers_task_limit(JSContext *cx, ngx_workers_task_t *t);

/*
 * For run() to ask now and then: whether to give up, since nobody waits any
 * more or the invocation's CPU time is used up.
 */
ngx_uint_t ngx_workers_task_stop(ngx_workers_task_t *t);

/* The process exits, the pool has ended: frees the tasks that are left. */
void ngx_workers_threads_exit(ngx_workers_threads_t *threads);

/* The invocation ends: the promise will never settle. */
void ngx_workers_op_abandon(ngx_workers_op_t *op);


#define ngx_workers_atom(cx, name)                                            \
    (ngx_workers_isolate(cx)->atoms[NGX_WORKERS_ATOM_##name])


#endif /* _NGX_WORKERS_ISOLATE_H_INCLUDED_ */
