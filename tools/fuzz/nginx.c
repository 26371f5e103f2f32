
/*
 * Copyright (C) the nginx-workers authors
 *
 * What a target needs of nginx before it runs.  Targets are shared objects
 * that are loaded in front of nginx's own program, so that what they call is
 * nginx itself.  libFuzzer runs in the place of nginx's main(), with its
 * arguments.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "fuzz.h"


int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerRunDriver(int *argc, char ***argv,
    int (*callback)(const uint8_t *data, size_t len));

static void fuzz_main(int argc, char **argv) __attribute__((constructor));


static ngx_log_t        fuzz_logger;
static ngx_open_file_t  fuzz_stderr;
static ngx_cycle_t      fuzz_cycle;


static void
fuzz_main(int argc, char **argv)
{
    (void) unsetenv("LD_PRELOAD");         /* not for the symbolizer */

    exit(LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput));
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_stderr.fd = STDERR_FILENO;
    fuzz_logger.file = &fuzz_stderr;
    fuzz_logger.log_level = NGX_LOG_ERR;

    fuzz_cycle.log = &fuzz_logger;
    ngx_cycle = &fuzz_cycle;

    ngx_pid = getpid();
    ngx_pagesize = getpagesize();
    ngx_process = NGX_PROCESS_SINGLE;

    (void) ngx_strerror_init();
    ngx_time_init();
    (void) ngx_event_timer_init(&fuzz_logger);
    ngx_queue_init(&ngx_posted_events);
    ngx_queue_init(&ngx_posted_next_events);

    fuzz_cycle.pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, &fuzz_logger);
    if (fuzz_cycle.pool == NULL) {
        abort();
    }

    return 0;
}


void
fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "ERROR: %s:%d: not true: %s\n", file, line, what);
    abort();
}
