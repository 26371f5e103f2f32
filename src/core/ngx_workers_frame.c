
/*
 * Copyright (C) the nginx-workers authors
 *
 * Async context frames, and invocations.  A promise that is made in a frame
 * carries it, under a private symbol.  It carries the number of the invocation
 * that makes it as well, for this may wait for a promise of another one, such
 * as one that a script keeps for all its requests.  What has to be known is the
 * promise for whose sake a job runs: the one that then() returned, or the one
 * of the async function that goes on.  QuickJS-NG 0.17 calls its promise hook
 * when a promise is made, but not around reactions, and an await makes no
 * promise.  So the job is looked at before it runs, in the engine's own
 * structures.
 *
 * Where in these the members lie is found out, not written down: a runtime
 * is made whose memory is known, code of each kind is brought to wait for a
 * job, and the values that must be there are looked for.  An engine in which
 * one of them is not found is refused.
 */


#include "ngx_workers_frame.h"


#define NGX_WORKERS_FRAME_BLOCKS  1024
#define NGX_WORKERS_FRAME_LOOK    1024     /* bytes of a structure looked at */
#define NGX_WORKERS_FRAME_MAGIC   0x1a2b3c4d


/*
 * Offsets in bytes.  A job is { list, ..., function, argc, argv[] }; its
 * reaction is called with (resolve, reject, handler, is_reject, value).
 */
typedef struct {
    size_t                jobs;           /* runtime: first of its jobs */
    size_t                function;       /* job: its function */
    size_t                argv;           /* job: its arguments */
    void                 *reaction;       /* the function of a reaction */
    void                 *thenable;       /* ... that calls then() of a value */

    JSClassID             resolve;        /* a promise's resolving function */
    size_t                promise;        /* its opaque: the promise */

    JSClassID             await[2];       /* handlers: goes on, throws */
    size_t                async_resolve;  /* their opaque: resolving function
                                             of the async function's promise */

    JSClassID             data;           /* a C function with data */
    size_t                data_value;     /* its opaque: the first value */
    JSClassID             generator;      /* an async generator */
    size_t                requests;       /* its opaque: the first request */
    size_t                tag;            /* a promise's opaque: four bytes that
                                             nothing uses, zero at first */
    size_t                request;        /* a request: its promise */
} ngx_workers_frame_layout_t;


typedef struct {
    void                 *p;
    size_t                size;
} ngx_workers_frame_block_t;


typedef struct {
    JSRuntime                   *rt;
    JSContext                   *cx;
    ngx_workers_frame_layout_t  *layout;
    ngx_int_t                    tagged;   /* promises; -1: one that is not
                                              as expected */
    ngx_uint_t                   nblocks;
    ngx_workers_frame_block_t    blocks[NGX_WORKERS_FRAME_BLOCKS];
} ngx_workers_frame_probe_t;


static void ngx_workers_frame_hook(JSContext *cx, JSPromiseHookType type,
    JSValueConst promise, JSValueConst parent, void *opaque);
static JSValue ngx_workers_frame_call(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int magic, JSValueConst *data);
static ngx_workers_invocation_t *ngx_workers_frame_invocation(
    ngx_workers_isolate_t *iso, JSValueConst promise);
static JSValueConst ngx_workers_frame_of_job(ngx_workers_isolate_t *iso);
static JSValueConst ngx_workers_frame_of_await(JSValueConst handler);
static JSValue ngx_workers_frame_of(ngx_workers_isolate_t *iso,
    JSValueConst promise);
static ngx_workers_frame_layout_t *ngx_workers_frame_layout(void);
static ngx_int_t ngx_workers_frame_probe(ngx_workers_frame_probe_t *probe);
static ngx_int_t ngx_workers_frame_probe_jobs(
    ngx_workers_frame_probe_t *probe);
static ngx_int_t ngx_workers_frame_probe_then(
    ngx_workers_frame_probe_t *probe);
static ngx_int_t ngx_workers_frame_probe_await(
    ngx_workers_frame_probe_t *probe, ngx_uint_t rejected);
static ngx_int_t ngx_workers_frame_probe_generator(
    ngx_workers_frame_probe_t *probe);
static ngx_int_t ngx_workers_frame_probe_tag(
    ngx_workers_frame_probe_t *probe);
static void ngx_workers_frame_probe_hook(JSContext *cx, JSPromiseHookType type,
    JSValueConst promise, JSValueConst parent, void *opaque);
static u_char *ngx_workers_frame_probe_run(ngx_workers_frame_probe_t *probe,
    const char *source, JSValue *result);
static ngx_int_t ngx_workers_frame_probe_find(
    ngx_workers_frame_probe_t *probe, void *block, JSValueConst value,
    size_t *offset);
static size_t ngx_workers_frame_probe_room(ngx_workers_frame_probe_t *probe,
    void *p);
static JSValue ngx_workers_frame_probe_job(JSContext *cx, int argc,
    JSValueConst *argv);
static void *ngx_workers_frame_probe_calloc(void *opaque, size_t count,
    size_t size);
static void *ngx_workers_frame_probe_malloc(void *opaque, size_t size);
static void ngx_workers_frame_probe_free(void *opaque, void *p);
static void *ngx_workers_frame_probe_realloc(void *opaque, void *p,
    size_t size);
static size_t ngx_workers_frame_probe_usable_size(const void *p);


static const JSMallocFunctions  ngx_workers_frame_probe_functions = {
    ngx_workers_frame_probe_calloc,
    ngx_workers_frame_probe_malloc,
    ngx_workers_frame_probe_free,
    ngx_workers_frame_probe_realloc,
    ngx_workers_frame_probe_usable_size
};


#define ngx_workers_frame_at(p, offset, type)                                 \
    (*(type *) ((u_char *) (p) + (offset)))

#define ngx_workers_frame_opaque(value)                                       \
    JS_GetOpaque(value, JS_GetClassID(value))

/* The invocation's serial that a promise carries; 0: none. */
#define ngx_workers_frame_tag(promise)                                        \
    ngx_workers_frame_at(ngx_workers_frame_opaque(promise),                   \
                         ngx_workers_frame_layout()->tag, uint32_t)

#define ngx_workers_frame_is(value, class_id)                                 \
    (JS_IsObject(value) && JS_GetClassID(value) == (class_id))


ngx_int_t
ngx_workers_frame_init(JSContext *cx)
{
    JSValue                 symbol;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    if (ngx_workers_frame_layout() == NULL) {
        return NGX_OK;
    }

    symbol = JS_NewPrivateSymbol(cx, "frame");
    if (JS_IsException(symbol)) {
        return NGX_ERROR;
    }

    iso->frame_atom = JS_ValueToAtom(cx, symbol);
    JS_FreeValue(cx, symbol);

    if (iso->frame_atom == JS_ATOM_NULL) {
        return NGX_ERROR;
    }

    JS_SetPromiseHook(iso->rt, ngx_workers_frame_hook, iso);
    iso->tags = 1;

    return NGX_OK;
}


ngx_int_t
ngx_workers_frame_start(JSContext *cx)
{
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    if (!iso->tags) {
        (void) JS_ThrowInternalError(cx, "AsyncLocalStorage does not work "
                                     "with this version of libqjs");
        return NGX_ERROR;
    }

    iso->frames = 1;

    return NGX_OK;
}


static void
ngx_workers_frame_hook(JSContext *cx, JSPromiseHookType type,
    JSValueConst promise, JSValueConst parent, void *opaque)
{
    ngx_workers_isolate_t  *iso;

    iso = opaque;

    if (type != JS_PROMISE_HOOK_INIT) {
        return;
    }

    if (iso->inv != NULL && !iso->evaluating) {
        ngx_workers_frame_tag(promise) = iso->inv->serial;
    }

    /* out of memory: the limit ends the isolate */

    if (!JS_IsUndefined(iso->frame)
        && JS_DefinePropertyValue(cx, promise, iso->frame_atom,
                                  JS_DupValue(cx, iso->frame), 0)
           < 0)
    {
        JS_FreeValue(cx, JS_GetException(cx));
    }
}


JSValue
ngx_workers_frame_bind(JSContext *cx, JSValueConst func)
{
    JSValueConst  data[2];

    data[0] = func;
    data[1] = ngx_workers_isolate(cx)->frame;

    if (JS_IsUndefined(data[1])) {
        return JS_DupValue(cx, func);
    }

    return JS_NewCFunctionData(cx, ngx_workers_frame_call, 0, 0, 2, data);
}


static JSValue
ngx_workers_frame_call(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic, JSValueConst *data)
{
    JSValue                 ret, before;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    before = iso->frame;
    iso->frame = JS_DupValue(cx, data[1]);

    ret = JS_Call(cx, data[0], this_val, argc, argv);

    ngx_workers_frame_set(iso, before);

    return ret;
}


int
ngx_workers_frame_job(ngx_workers_isolate_t *iso)
{
    int                        rc;
    JSContext                 *cx;
    JSValueConst               promise;
    ngx_workers_invocation_t  *before, *inv;

    promise = ngx_workers_frame_of_job(iso);

    if (iso->frames) {
        ngx_workers_frame_set(iso, ngx_workers_frame_of(iso, promise));
    }

    before = iso->inv;
    inv = ngx_workers_frame_invocation(iso, promise);

    if (inv != before) {
        iso->inv = inv;

        if (inv != NULL) {
            inv->refs++;
        }
    }

    rc = JS_ExecutePendingJob(iso->rt, &cx);

    if (inv != before) {
        iso->inv = before;

        if (inv != NULL) {
            ngx_workers_invocation_release(inv);
        }
    }

    if (iso->frames) {
        ngx_workers_frame_set(iso, JS_UNDEFINED);
    }

    return rc;
}


/*
 * What waits for a promise of another invocation goes on for its own, so that
 * its I/O is its own as well.  NULL: for one that is over.
 */

static ngx_workers_invocation_t *
ngx_workers_frame_invocation(ngx_workers_isolate_t *iso, JSValueConst promise)
{
    uint32_t                   serial;
    ngx_queue_t               *q;
    ngx_workers_invocation_t  *inv;

    serial = JS_IsPromise(promise) ? ngx_workers_frame_tag(promise) : 0;

    if (serial == 0 || (iso->inv != NULL && iso->inv->serial == serial)) {
        return iso->inv;
    }

    for (q = ngx_queue_head(&iso->invocations);
         q != ngx_queue_sentinel(&iso->invocations);
         q = ngx_queue_next(q))
    {
        inv = ngx_queue_data(q, ngx_workers_invocation_t, queue);

        if (inv->serial == serial) {
            return inv;
        }
    }

    return NULL;
}


/* The promise for whose sake the next job runs; undefined: for none's. */

static JSValueConst
ngx_workers_frame_of_job(ngx_workers_isolate_t *iso)
{
    void                        *function, *s;
    u_char                      *job;
    JSValue                     *argv;
    ngx_workers_frame_layout_t  *layout;

    if (!JS_IsJobPending(iso->rt)) {
        return JS_UNDEFINED;
    }

    layout = ngx_workers_frame_layout();

    job = ngx_workers_frame_at(iso->rt, layout->jobs, u_char *);
    function = ngx_workers_frame_at(job, layout->function, void *);
    argv = &ngx_workers_frame_at(job, layout->argv, JSValue);

    if (function == layout->thenable) {
        return argv[0];
    }

    if (function != layout->reaction) {
        return JS_UNDEFINED;
    }

    if (ngx_workers_frame_is(argv[0], layout->resolve)) {
        s = ngx_workers_frame_opaque(argv[0]);

        return ngx_workers_frame_at(s, layout->promise, JSValue);
    }

    return ngx_workers_frame_of_await(argv[2]);
}


/*
 * An async function goes on in the frame in which it was called, an async
 * generator in the one of the next() that waits for it: whatever run() set
 * meanwhile it has taken back before the function came to its await.
 */

static JSValueConst
ngx_workers_frame_of_await(JSValueConst handler)
{
    void                        *s;
    u_char                      *request;
    JSValue                      value;
    ngx_workers_frame_layout_t  *layout;

    layout = ngx_workers_frame_layout();

    if (ngx_workers_frame_is(handler, layout->await[0])
        || ngx_workers_frame_is(handler, layout->await[1]))
    {
        s = ngx_workers_frame_opaque(handler);
        value = ngx_workers_frame_at(s, layout->async_resolve, JSValue);

        if (!ngx_workers_frame_is(value, layout->resolve)) {
            return JS_UNDEFINED;
        }

        s = ngx_workers_frame_opaque(value);

        return ngx_workers_frame_at(s, layout->promise, JSValue);
    }

    if (ngx_workers_frame_is(handler, layout->data)) {
        s = ngx_workers_frame_opaque(handler);
        value = ngx_workers_frame_at(s, layout->data_value, JSValue);

        if (!ngx_workers_frame_is(value, layout->generator)) {
            return JS_UNDEFINED;
        }

        s = ngx_workers_frame_opaque(value);
        request = ngx_workers_frame_at(s, layout->requests, u_char *);

        if (request == (u_char *) s + layout->requests - sizeof(void *)) {
            return JS_UNDEFINED;           /* no request: an empty list */
        }

        return ngx_workers_frame_at(request, layout->request, JSValue);
    }

    return JS_UNDEFINED;
}


/* The frame that a promise carries; owned. */

static JSValue
ngx_workers_frame_of(ngx_workers_isolate_t *iso, JSValueConst promise)
{
    JSPropertyDescriptor  d;

    if (!JS_IsPromise(promise)
        || JS_GetOwnProperty(iso->cx, &d, promise, iso->frame_atom) <= 0)
    {
        return JS_UNDEFINED;
    }

    JS_FreeValue(iso->cx, d.getter);
    JS_FreeValue(iso->cx, d.setter);

    return d.value;
}


/* Found once for a process, or inherited.  NULL: not in this engine. */

static ngx_workers_frame_layout_t *
ngx_workers_frame_layout(void)
{
    ngx_workers_frame_probe_t          *probe;
    static ngx_int_t                    found = NGX_AGAIN;
    static ngx_workers_frame_layout_t   layout;

    if (found == NGX_AGAIN) {

        probe = calloc(1, sizeof(ngx_workers_frame_probe_t));

        if (probe == NULL) {
            return NULL;
        }

        probe->layout = &layout;
        found = ngx_workers_frame_probe(probe);

        free(probe);
    }

    return (found == NGX_OK) ? &layout : NULL;
}


static ngx_int_t
ngx_workers_frame_probe(ngx_workers_frame_probe_t *probe)
{
    ngx_int_t  rc;

    if (sizeof(JSValue) != 16) {
        return NGX_ERROR;                  /* NaN boxing, 32 bits */
    }

    probe->rt = JS_NewRuntime2(&ngx_workers_frame_probe_functions, probe);
    if (probe->rt == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    probe->cx = JS_NewContext(probe->rt);

    if (probe->cx != NULL) {

        if (ngx_workers_frame_probe_jobs(probe) == NGX_OK
            && ngx_workers_frame_probe_then(probe) == NGX_OK
            && ngx_workers_frame_probe_await(probe, 0) == NGX_OK
            && ngx_workers_frame_probe_await(probe, 1) == NGX_OK
            && ngx_workers_frame_probe_generator(probe) == NGX_OK
            && ngx_workers_frame_probe_tag(probe) == NGX_OK)
        {
            rc = NGX_OK;
        }

        JS_FreeContext(probe->cx);
    }

    JS_FreeRuntime(probe->rt);

    return rc;
}


/*
 * With two jobs, the list in the runtime is a pair of pointers, to the last
 * one and to the first one.
 */

static ngx_int_t
ngx_workers_frame_probe_jobs(ngx_workers_frame_probe_t *probe)
{
    void          *p;
    size_t         i, size;
    u_char        *job, *last;
    JSValue        argv[2];
    JSContext     *cx;
    ngx_int_t      rc;

    cx = probe->cx;
    argv[0] = JS_NewObject(cx);
    argv[1] = JS_NewObject(cx);
    p = (void *) ngx_workers_frame_probe_job;
    rc = NGX_ERROR;

    if (JS_EnqueueJob(cx, ngx_workers_frame_probe_job, 1,
                      (JSValueConst *) &argv[0])
        < 0
        || JS_EnqueueJob(cx, ngx_workers_frame_probe_job, 1,
                         (JSValueConst *) &argv[1])
           < 0)
    {
        goto done;
    }

    size = probe->blocks[0].size;          /* the runtime itself comes first */

    for (i = 0; i + 2 * sizeof(void *) <= size; i += sizeof(void *)) {

        last = ngx_workers_frame_at(probe->rt, i, u_char *);
        job = ngx_workers_frame_at(probe->rt, i + sizeof(void *), u_char *);

        if (ngx_workers_frame_probe_find(probe, job, argv[0],
                                         &probe->layout->argv)
            != NGX_OK
            || ngx_workers_frame_probe_find(probe, last, argv[1],
                                            &probe->layout->argv)
               != NGX_OK)
        {
            continue;
        }

        probe->layout->jobs = i + sizeof(void *);

        for (i = 0; i < probe->layout->argv; i += sizeof(void *)) {

            if (ngx_workers_frame_at(job, i, void *) == p) {
                probe->layout->function = i;
                rc = NGX_OK;
                break;
            }
        }

        break;
    }

done:

    while (JS_ExecutePendingJob(probe->rt, &cx) > 0) { /* void */ }

    JS_FreeValue(probe->cx, argv[0]);
    JS_FreeValue(probe->cx, argv[1]);

    return rc;
}


/* A reaction, and the job that calls then() of what a promise resolves to. */

static ngx_int_t
ngx_workers_frame_probe_then(ngx_workers_frame_probe_t *probe)
{
    void                        *s;
    u_char                      *job;
    JSValue                      promise, *argv;
    ngx_int_t                    rc;
    ngx_workers_frame_layout_t  *layout;

    layout = probe->layout;

    job = ngx_workers_frame_probe_run(probe, "Promise.resolve().then(Array)",
                                      &promise);
    if (job == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    argv = &ngx_workers_frame_at(job, layout->argv, JSValue);

    layout->reaction = ngx_workers_frame_at(job, layout->function, void *);

    if (JS_IsObject(argv[0]) && JS_IsFunction(probe->cx, argv[2])) {
        layout->resolve = JS_GetClassID(argv[0]);
        s = ngx_workers_frame_opaque(argv[0]);
        rc = ngx_workers_frame_probe_find(probe, s, promise, &layout->promise);
    }

    JS_FreeValue(probe->cx, promise);

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    job = ngx_workers_frame_probe_run(probe,
                             "new Promise(f => f({ then() {} }))", &promise);
    if (job == NULL) {
        return NGX_ERROR;
    }

    argv = &ngx_workers_frame_at(job, layout->argv, JSValue);

    layout->thenable = ngx_workers_frame_at(job, layout->function, void *);

    rc = (JS_IsPromise(argv[0])
          && JS_VALUE_GET_PTR(argv[0]) == JS_VALUE_GET_PTR(promise)
          && layout->thenable != layout->reaction)
         ? NGX_OK : NGX_ERROR;

    JS_FreeValue(probe->cx, promise);

    return rc;
}


static ngx_int_t
ngx_workers_frame_probe_await(ngx_workers_frame_probe_t *probe,
    ngx_uint_t rejected)
{
    void                        *s, *resolve;
    size_t                       i, size, offset;
    u_char                      *job;
    JSValue                      promise, *argv, value;
    ngx_int_t                    rc;
    ngx_workers_frame_layout_t  *layout;

    layout = probe->layout;

    job = ngx_workers_frame_probe_run(probe, rejected
              ? "(async () => { try { await Promise.reject() } catch {} })()"
              : "(async () => { await 1 })()",
              &promise);
    if (job == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    argv = &ngx_workers_frame_at(job, layout->argv, JSValue);

    if (ngx_workers_frame_at(job, layout->function, void *) != layout->reaction
        || !JS_IsUndefined(argv[0])
        || !JS_IsObject(argv[2]))
    {
        goto done;
    }

    layout->await[rejected] = JS_GetClassID(argv[2]);

    /* the resolving function whose promise is the async function's */

    s = ngx_workers_frame_opaque(argv[2]);
    size = ngx_workers_frame_probe_room(probe, s);

    for (i = 0; i + sizeof(JSValue) <= size; i += sizeof(void *)) {

        value = ngx_workers_frame_at(s, i, JSValue);

        if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT
            || ngx_workers_frame_probe_room(probe, JS_VALUE_GET_PTR(value)) == 0
            || JS_GetClassID(value) != layout->resolve)
        {
            continue;
        }

        resolve = ngx_workers_frame_opaque(value);

        if (ngx_workers_frame_probe_find(probe, resolve, promise, &offset)
            == NGX_OK
            && offset == layout->promise
            && (!rejected || layout->async_resolve == i))
        {
            layout->async_resolve = i;
            rc = NGX_OK;
            break;
        }
    }

done:

    JS_FreeValue(probe->cx, promise);

    return rc;
}


/* The handler has the generator, which has a list of requests. */

static ngx_int_t
ngx_workers_frame_probe_generator(ngx_workers_frame_probe_t *probe)
{
    void                        *s;
    size_t                       i, size;
    u_char                      *job, *request;
    JSValue                      array, generator, promise, *argv;
    ngx_int_t                    rc;
    ngx_workers_frame_layout_t  *layout;

    layout = probe->layout;

    job = ngx_workers_frame_probe_run(probe,
              "(() => { const g = (async function* () { await 1 })(); "
              "return [g, g.next()] })()", &array);
    if (job == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    generator = JS_GetPropertyUint32(probe->cx, array, 0);
    promise = JS_GetPropertyUint32(probe->cx, array, 1);
    argv = &ngx_workers_frame_at(job, layout->argv, JSValue);

    if (ngx_workers_frame_at(job, layout->function, void *) != layout->reaction
        || !JS_IsUndefined(argv[0])
        || !JS_IsObject(argv[2])
        || !JS_IsObject(generator))
    {
        goto done;
    }

    layout->data = JS_GetClassID(argv[2]);
    layout->generator = JS_GetClassID(generator);

    s = ngx_workers_frame_opaque(argv[2]);

    if (ngx_workers_frame_probe_find(probe, s, generator, &layout->data_value)
        != NGX_OK)
    {
        goto done;
    }

    /* of one request: both pointers of the list lead to it */

    s = ngx_workers_frame_opaque(generator);
    size = ngx_workers_frame_probe_room(probe, s);

    for (i = sizeof(void *); i + sizeof(void *) <= size; i += sizeof(void *)) {

        request = ngx_workers_frame_at(s, i, u_char *);

        if (request == ngx_workers_frame_at(s, i - sizeof(void *), u_char *)
            && ngx_workers_frame_probe_find(probe, request, promise,
                                            &layout->request)
               == NGX_OK)
        {
            layout->requests = i;
            rc = NGX_OK;
            break;
        }
    }

done:

    JS_FreeValue(probe->cx, promise);
    JS_FreeValue(probe->cx, generator);
    JS_FreeValue(probe->cx, array);

    return rc;
}


/*
 * A promise's opaque begins with its state, an int, and goes on with pointers:
 * there is room between them.  What is written to it when the promise is made
 * has to be there when it has been waited for and has settled.
 */

static ngx_int_t
ngx_workers_frame_probe_tag(ngx_workers_frame_probe_t *probe)
{
    void       *s;
    JSValue     promise;
    JSContext  *cx;
    ngx_int_t   rc;

    probe->layout->tag = sizeof(int);
    probe->tagged = 0;

    JS_SetPromiseHook(probe->rt, ngx_workers_frame_probe_hook, probe);

    rc = NGX_ERROR;

    if (ngx_workers_frame_probe_run(probe,
                   "(async () => { await 1; await Promise.all([1, 2]) })()"
                   ".then(async () => { throw 1 }).catch(Array)", &promise)
        != NULL)
    {
        s = ngx_workers_frame_opaque(promise);

        if (ngx_workers_frame_probe_room(probe, s) >= 2 * sizeof(int)
            && ngx_workers_frame_at(s, 0, int) == JS_PROMISE_PENDING)
        {
            while (JS_ExecutePendingJob(probe->rt, &cx) > 0) { /* void */ }

            if (JS_PromiseState(probe->cx, promise) == JS_PROMISE_FULFILLED
                && ngx_workers_frame_at(s, 0, int) == JS_PROMISE_FULFILLED
                && ngx_workers_frame_at(s, probe->layout->tag, uint32_t)
                   == NGX_WORKERS_FRAME_MAGIC
                && probe->tagged > 0)
            {
                rc = NGX_OK;
            }
        }

        JS_FreeValue(probe->cx, promise);
    }

    JS_SetPromiseHook(probe->rt, NULL, NULL);

    return rc;
}


static void
ngx_workers_frame_probe_hook(JSContext *cx, JSPromiseHookType type,
    JSValueConst promise, JSValueConst parent, void *opaque)
{
    void                       *s;
    uint32_t                   *tag;
    ngx_workers_frame_probe_t  *probe;

    probe = opaque;

    if (type != JS_PROMISE_HOOK_INIT || probe->tagged < 0) {
        return;
    }

    s = ngx_workers_frame_opaque(promise);
    tag = (uint32_t *) ((u_char *) s + probe->layout->tag);

    if (ngx_workers_frame_probe_room(probe, s) < 2 * sizeof(int) || *tag != 0) {
        probe->tagged = -1;
        return;
    }

    *tag = NGX_WORKERS_FRAME_MAGIC;
    probe->tagged++;
}


/* Runs a script that leaves one job or more; returns the first one. */

static u_char *
ngx_workers_frame_probe_run(ngx_workers_frame_probe_t *probe,
    const char *source, JSValue *result)
{
    JSContext  *cx;

    while (JS_ExecutePendingJob(probe->rt, &cx) > 0) { /* void */ }

    *result = JS_Eval(probe->cx, source, ngx_strlen(source), "probe",
                      JS_EVAL_TYPE_GLOBAL);

    if (JS_IsException(*result) || !JS_IsJobPending(probe->rt)) {
        JS_FreeValue(probe->cx, *result);
        return NULL;
    }

    return ngx_workers_frame_at(probe->rt, probe->layout->jobs, u_char *);
}


/* Where in a block an object stands as a value. */

static ngx_int_t
ngx_workers_frame_probe_find(ngx_workers_frame_probe_t *probe, void *block,
    JSValueConst value, size_t *offset)
{
    size_t   i, size;
    JSValue  v;

    size = ngx_workers_frame_probe_room(probe, block);

    for (i = 0; i + sizeof(JSValue) <= size; i += sizeof(void *)) {

        v = ngx_workers_frame_at(block, i, JSValue);

        if (JS_VALUE_GET_TAG(v) == JS_TAG_OBJECT
            && JS_VALUE_GET_PTR(v) == JS_VALUE_GET_PTR(value))
        {
            *offset = i;
            return NGX_OK;
        }
    }

    return NGX_ERROR;
}


/*
 * How much may be looked at from there on: the engine cuts small structures
 * from larger blocks.  0: not in the runtime's memory.
 */

static size_t
ngx_workers_frame_probe_room(ngx_workers_frame_probe_t *probe, void *p)
{
    size_t                      offset;
    ngx_uint_t                  i;
    ngx_workers_frame_block_t  *block;

    for (i = 0; i < probe->nblocks; i++) {

        block = &probe->blocks[i];
        offset = (uintptr_t) p - (uintptr_t) block->p;

        if (block->p != NULL && offset < block->size) {
            return ngx_min(block->size - offset, NGX_WORKERS_FRAME_LOOK);
        }
    }

    return 0;
}


static JSValue
ngx_workers_frame_probe_job(JSContext *cx, int argc, JSValueConst *argv)
{
    return JS_UNDEFINED;
}


static void *
ngx_workers_frame_probe_calloc(void *opaque, size_t count, size_t size)
{
    void                       *p;
    ngx_uint_t                  i;
    ngx_workers_frame_probe_t  *probe;

    probe = opaque;

    for (i = 0; i < probe->nblocks && probe->blocks[i].p != NULL; i++) {
        /* void */
    }

    if (i == NGX_WORKERS_FRAME_BLOCKS) {
        return NULL;
    }

    p = calloc(count, size);

    if (p != NULL) {
        probe->blocks[i].p = p;
        probe->blocks[i].size = count * size;
        probe->nblocks = ngx_max(probe->nblocks, i + 1);
    }

    return p;
}


static void *
ngx_workers_frame_probe_malloc(void *opaque, size_t size)
{
    return ngx_workers_frame_probe_calloc(opaque, 1, size);
}


static void
ngx_workers_frame_probe_free(void *opaque, void *p)
{
    ngx_uint_t                  i;
    ngx_workers_frame_probe_t  *probe;

    probe = opaque;

    for (i = 0; p != NULL && i < probe->nblocks; i++) {
        if (probe->blocks[i].p == p) {
            probe->blocks[i].p = NULL;
            break;
        }
    }

    free(p);
}


static void *
ngx_workers_frame_probe_realloc(void *opaque, void *p, size_t size)
{
    void                       *new;
    ngx_uint_t                  i;
    ngx_workers_frame_probe_t  *probe;

    probe = opaque;

    if (p == NULL) {
        return ngx_workers_frame_probe_malloc(probe, size);
    }

    for (i = 0; i < probe->nblocks; i++) {
        if (probe->blocks[i].p == p) {
            break;
        }
    }

    new = realloc(p, size);

    if (new != NULL && i < probe->nblocks) {
        probe->blocks[i].p = new;
        probe->blocks[i].size = size;
    }

    return new;
}


/* What the engine may use beyond what it has asked for: nothing. */

static size_t
ngx_workers_frame_probe_usable_size(const void *p)
{
    return 0;
}
