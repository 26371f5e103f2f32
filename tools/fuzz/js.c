
/*
 * Copyright (C) the nginx-workers authors
 *
 * Classes and built-ins in a real isolate: an input goes to the handler of
 * worker.js which FUZZ_HANDLER names.  A handler catches the exceptions that
 * are right; fail() and all others are bugs, as is what a sanitizer reports.
 */


#include "fuzz.h"

#include "ngx_workers_isolate.h"


/* Inputs that an isolate takes before it is destroyed, leaks being looked
   for by the engine. */
#define FUZZ_JS_LIFE  500


static ngx_int_t fuzz_js_init(void);
static void fuzz_js_isolate(void);
static void fuzz_js_ready(ngx_workers_invocation_t *inv);
static JSValue fuzz_js_fail(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv);


/* nginx-workers' HTTP half is not here; its objects ask for these */
ngx_module_t  ngx_http_workers_module;

static const char             *fuzz_js_handler;
static ngx_uint_t              fuzz_js_inputs, fuzz_js_done;
static ngx_workers_script_t    fuzz_js_script;
static ngx_workers_isolate_t  *fuzz_js_iso;

static ngx_workers_class_t    *fuzz_js_classes[] = { NULL };
static ngx_workers_class_t   **fuzz_js_lists[] = { fuzz_js_classes, NULL };


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    ngx_workers_invocation_t  *inv;

    if (fuzz_js_handler == NULL && fuzz_js_init() != NGX_OK) {
        abort();
    }

    if (fuzz_js_inputs++ % FUZZ_JS_LIFE == 0) {
        fuzz_js_isolate();
    }

    inv = ngx_workers_invocation_create(fuzz_js_iso, ngx_cycle->log);
    fuzz_assert(inv != NULL);

    inv->ready = fuzz_js_ready;
    fuzz_js_done = 0;

    ngx_workers_enter(fuzz_js_iso, inv);
    ngx_workers_invocation_run(inv, fuzz_js_handler,
                               JS_NewUint8ArrayCopy(fuzz_js_iso->cx, data,
                                                    len));
    fuzz_assert(fuzz_js_done);
    fuzz_assert(ngx_queue_empty(&fuzz_js_iso->invocations));

    return 0;
}


static ngx_int_t
fuzz_js_init(void)
{
    char        *main;
    ngx_str_t    error;
    ngx_pool_t  *pool;

    fuzz_js_handler = getenv("FUZZ_HANDLER");
    main = getenv("FUZZ_WORKER");

    if (fuzz_js_handler == NULL || main == NULL) {
        fprintf(stderr, "FUZZ_HANDLER and FUZZ_WORKER are not set\n");
        return NGX_ERROR;
    }

    if (ngx_workers_classes_init(fuzz_js_lists, ngx_cycle->log) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_str_set(&fuzz_js_script.name, "fuzz");
    fuzz_js_script.main.data = (u_char *) main;
    fuzz_js_script.main.len = ngx_strlen(main);
    fuzz_js_script.directory.data = (u_char *) main;
    fuzz_js_script.directory.len = strrchr(main, '/') - main + 1;
    fuzz_js_script.compatibility_date = 20260101;
    fuzz_js_script.stack = 1024 * 1024;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    if (ngx_workers_script_compile(&fuzz_js_script, ngx_cycle->pool, pool,
                                   ngx_cycle->log, &error)
        != NGX_OK)
    {
        fprintf(stderr, "%.*s\n", (int) error.len, (char *) error.data);
        return NGX_ERROR;
    }

    ngx_destroy_pool(pool);

    return NGX_OK;
}


static void
fuzz_js_isolate(void)
{
    JSValue  fail;

    if (fuzz_js_iso != NULL) {
        ngx_workers_isolate_destroy(fuzz_js_iso);
    }

    fuzz_js_iso = ngx_workers_isolate_create(&fuzz_js_script, ngx_cycle->log);
    fuzz_assert(fuzz_js_iso != NULL);

    JS_SetGCThreshold(fuzz_js_iso->rt, 64 * 1024);

    fail = JS_NewCFunction(fuzz_js_iso->cx, fuzz_js_fail, "fail", 1);
    fuzz_assert(JS_SetPropertyStr(fuzz_js_iso->cx, fuzz_js_iso->global, "fail",
                                  fail)
                >= 0);
}


static void
fuzz_js_ready(ngx_workers_invocation_t *inv)
{
    fuzz_assert(!inv->failed);

    fuzz_js_done = 1;
    inv->ready = NULL;

    ngx_workers_invocation_drop(inv);
    ngx_workers_invocation_responded(inv, NGX_WORKERS_OK);
}


static JSValue
fuzz_js_fail(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    const char  *what;

    what = JS_ToCString(cx, argv[0]);
    fprintf(stderr, "ERROR: %s\n", (what != NULL) ? what : "?");
    abort();

    return JS_UNDEFINED;
}
