
/*
 * Copyright (C) the nginx-workers authors
 *
 * What libFuzzer does, as far as gcc alone can: mutates a corpus, keeps what
 * reaches new edges, and stops at the first report of a sanitizer.  A target
 * is LLVMFuzzerTestOneInput(), so that clang's own libFuzzer takes it too;
 * the options are libFuzzer's.
 *
 *   TARGET [-seed=N] [-runs=N] [-max_total_time=SECONDS] [-max_len=BYTES]
 *          [-timeout=SECONDS] [-dict=FILE] [-artifact_prefix=PREFIX] [DIR...]
 *   TARGET FILE...
 *
 * Inputs are read from all folders; those that were worth keeping are written
 * to the first one.  The same seed and number of runs do the same with the
 * same corpus.  With files, each is run once: that is how to see a failure
 * again.
 */


#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>


#define FUZZ_MAP     65536
#define FUZZ_INPUTS  16384
#define FUZZ_WORDS   1024
#define FUZZ_MAX     65536


typedef struct {
    uint8_t  *data;
    size_t    len;
} fuzz_input_t;


int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
void __sanitizer_cov_trace_pc(void);
void __sanitizer_set_death_callback(void (*callback)(void));


static void fuzz_died(void);
static void fuzz_alarm(int signo);
static void fuzz_options(int argc, char **argv);
static void fuzz_words(const char *name);
static void fuzz_folder(const char *name);
static uint8_t *fuzz_read(const char *name, size_t *len);
static int fuzz_try(uint8_t *data, size_t len);
static int fuzz_news(void);
static void fuzz_keep(uint8_t *data, size_t len);
static size_t fuzz_mutate(uint8_t *data, size_t len);
static size_t fuzz_put(uint8_t *data, size_t len, const uint8_t *p, size_t n);
static uint64_t fuzz_random(void);
static time_t fuzz_now(void);


static uint8_t        fuzz_hits[FUZZ_MAP];  /* of this run */
static uint8_t        fuzz_seen[FUZZ_MAP];  /* of all: classes of hits */
static uint32_t       fuzz_touched[FUZZ_MAP];
static uint32_t       fuzz_ntouched;
static uintptr_t      fuzz_last;

static fuzz_input_t   fuzz_inputs[FUZZ_INPUTS];
static size_t         fuzz_ninputs;
static fuzz_input_t   fuzz_dict[FUZZ_WORDS];
static size_t         fuzz_ndict;

static uint8_t       *fuzz_data;            /* the input that runs now */
static size_t         fuzz_len;

static uint64_t       fuzz_state, fuzz_seed, fuzz_runs;
static uint64_t       fuzz_max_runs = UINT64_MAX;
static time_t         fuzz_seconds;
static size_t         fuzz_max_len = 4096;
static int            fuzz_timeout = 20;
static const char    *fuzz_prefix = "";
static const char    *fuzz_dir;             /* where inputs are kept */


/* Called by instrumented code at each edge. */

void
__sanitizer_cov_trace_pc(void)
{
    uint32_t   i;
    uintptr_t  pc;

    pc = (uintptr_t) __builtin_return_address(0) - (uintptr_t) &fuzz_hits;
    pc = (pc * 0x9e3779b1) >> 8;
    i = (pc ^ fuzz_last) % FUZZ_MAP;
    fuzz_last = pc >> 1;

    if (fuzz_hits[i] == 0) {
        fuzz_touched[fuzz_ntouched++] = i;
    }

    if (fuzz_hits[i] != 255) {
        fuzz_hits[i]++;
    }
}


static int
fuzz_main(int argc, char **argv)
{
    time_t             start;
    size_t             len;
    uint8_t           *data;
    struct stat        st;
    fuzz_input_t      *input;
    struct itimerval   tick;

    setvbuf(stdout, NULL, _IOLBF, 0);

    fuzz_seed = time(NULL) ^ ((uint64_t) getpid() << 32);
    fuzz_options(argc, argv);
    fuzz_state = fuzz_seed;

    if (LLVMFuzzerInitialize) {
        LLVMFuzzerInitialize(&argc, &argv);
    }

    __sanitizer_set_death_callback(fuzz_died);

    signal(SIGALRM, fuzz_alarm);
    memset(&tick, 0, sizeof(struct itimerval));
    tick.it_interval.tv_sec = 1;
    tick.it_value.tv_sec = 1;
    setitimer(ITIMER_REAL, &tick, NULL);

    if (argc > 1 && argv[argc - 1][0] != '-' && stat(argv[argc - 1], &st) == 0
        && !S_ISDIR(st.st_mode))
    {
        for (argv++; *argv != NULL; argv++) {

            if (**argv == '-') {
                continue;
            }

            data = fuzz_read(*argv, &len);
            fuzz_prefix = NULL;
            (void) fuzz_try(data, len);
            printf("%s: ran well\n", *argv);
            free(data);
        }

        return 0;
    }

    (void) fuzz_try((uint8_t *) "", 0);

    for (argv++; *argv != NULL; argv++) {
        if (**argv != '-') {
            fuzz_folder(*argv);
        }
    }

    if (fuzz_ninputs == 0) {
        fuzz_keep((uint8_t *) "", 0);
    }

    printf("seed %llu, %zu inputs, %zu words\n",
           (unsigned long long) fuzz_seed, fuzz_ninputs, fuzz_ndict);

    start = fuzz_now();
    data = malloc(FUZZ_MAX);

    while (fuzz_runs < fuzz_max_runs
           && (fuzz_seconds == 0 || fuzz_now() - start < fuzz_seconds))
    {
        /* what was found last leads on to more */

        if (fuzz_random() % 2 && fuzz_ninputs > 16) {
            input = &fuzz_inputs[fuzz_ninputs - 1 - fuzz_random() % 16];

        } else {
            input = &fuzz_inputs[fuzz_random() % fuzz_ninputs];
        }

        len = input->len;
        memcpy(data, input->data, len);
        len = fuzz_mutate(data, len);

        if (fuzz_try(data, len)) {
            fuzz_keep(data, len);
        }
    }

    free(data);
    fuzz_data = NULL;

    for (len = 0, fuzz_len = 0; len < FUZZ_MAP; len++) {
        fuzz_len += (fuzz_seen[len] != 0);
    }

    printf("%llu runs, %zu edges, %zu inputs\n",
           (unsigned long long) fuzz_runs, fuzz_len, fuzz_ninputs);

    return 0;
}


#ifdef FUZZ_PRELOADED

/* In the place of nginx's main(), whose functions and variables are there. */

static void __attribute__((constructor))
fuzz_start(int argc, char **argv)
{
    exit(fuzz_main(argc, argv));
}

#else

int
main(int argc, char **argv)
{
    return fuzz_main(argc, argv);
}

#endif


static void
fuzz_died(void)
{
    FILE        *out;
    char         name[4096];
    static int   again;

    if (again++) {
        return;
    }

    fprintf(stderr, "seed %llu, run %llu\n", (unsigned long long) fuzz_seed,
            (unsigned long long) fuzz_runs);

    if (fuzz_data == NULL || fuzz_prefix == NULL) {
        return;
    }

    snprintf(name, sizeof(name), "%scrash-%llx-%llu", fuzz_prefix,
             (unsigned long long) fuzz_seed, (unsigned long long) fuzz_runs);

    out = fopen(name, "w");
    if (out == NULL) {
        perror(name);
        return;
    }

    fwrite(fuzz_data, 1, fuzz_len, out);
    fclose(out);

    fprintf(stderr, "input: %s\n", name);
}


static void
fuzz_alarm(int signo)
{
    static int       seconds;
    static uint64_t  runs;

    (void) signo;

    if (runs != fuzz_runs || fuzz_data == NULL) {
        runs = fuzz_runs;
        seconds = 0;
        return;
    }

    if (++seconds == fuzz_timeout) {
        fprintf(stderr, "ERROR: no end after %d seconds\n", seconds);
        abort();
    }
}


static void
fuzz_options(int argc, char **argv)
{
    int          i;
    const char  *p;

    for (i = 1; i < argc; i++) {
        p = strchr(argv[i], '=');

        if (argv[i][0] != '-' || p == NULL) {
            continue;
        }

        p++;

        if (strncmp(argv[i], "-seed=", 6) == 0) {
            fuzz_seed = strtoull(p, NULL, 10);

        } else if (strncmp(argv[i], "-runs=", 6) == 0) {
            fuzz_max_runs = strtoull(p, NULL, 10);

        } else if (strncmp(argv[i], "-max_total_time=", 16) == 0) {
            fuzz_seconds = atoi(p);

        } else if (strncmp(argv[i], "-max_len=", 9) == 0) {
            fuzz_max_len = strtoul(p, NULL, 10);

            if (fuzz_max_len > FUZZ_MAX) {
                fuzz_max_len = FUZZ_MAX;
            }

        } else if (strncmp(argv[i], "-timeout=", 9) == 0) {
            fuzz_timeout = atoi(p);

        } else if (strncmp(argv[i], "-dict=", 6) == 0) {
            fuzz_words(p);

        } else if (strncmp(argv[i], "-artifact_prefix=", 17) == 0) {
            fuzz_prefix = p;
        }
    }
}


/* A dictionary: lines of "word", with \\, \" and \xHH. */

static void
fuzz_words(const char *name)
{
    char         *line;
    FILE         *in;
    size_t        size, n;
    uint8_t      *dst;
    const char   *p;
    unsigned      c;

    in = fopen(name, "r");
    if (in == NULL) {
        perror(name);
        exit(1);
    }

    line = NULL;
    size = 0;

    while (getline(&line, &size, in) > 0) {
        p = strchr(line, '"');

        if (line[0] == '#' || p == NULL || fuzz_ndict == FUZZ_WORDS) {
            continue;
        }

        dst = malloc(strlen(p));
        n = 0;

        for (p++; *p != '"' && *p != '\0'; p++) {

            if (p[0] == '\\' && p[1] == 'x' && sscanf(p + 2, "%2x", &c) == 1) {
                dst[n++] = c;
                p += 3;
                continue;
            }

            if (p[0] == '\\' && p[1] != '\0') {
                p++;
            }

            dst[n++] = *p;
        }

        fuzz_dict[fuzz_ndict].data = dst;
        fuzz_dict[fuzz_ndict++].len = n;
    }

    free(line);
    fclose(in);
}


static int
fuzz_visible(const struct dirent *de)
{
    return de->d_name[0] != '.';
}


static void
fuzz_folder(const char *name)
{
    int              i, n;
    char             path[4096];
    size_t           len;
    uint8_t         *data;
    struct dirent  **list;

    if (fuzz_dir == NULL) {
        fuzz_dir = name;
    }

    n = scandir(name, &list, fuzz_visible, alphasort);
    if (n < 0) {
        perror(name);
        exit(1);
    }

    for (i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s", name, list[i]->d_name);
        free(list[i]);

        data = fuzz_read(path, &len);

        if (len > fuzz_max_len) {
            len = fuzz_max_len;
        }

        if ((fuzz_try(data, len) || name != fuzz_dir)
            && fuzz_ninputs < FUZZ_INPUTS)
        {
            fuzz_inputs[fuzz_ninputs].data = data;
            fuzz_inputs[fuzz_ninputs++].len = len;

        } else {
            free(data);
        }
    }

    free(list);
}


static uint8_t *
fuzz_read(const char *name, size_t *len)
{
    FILE         *in;
    uint8_t      *data;
    struct stat   st;

    in = fopen(name, "r");

    if (in == NULL || fstat(fileno(in), &st) != 0) {
        perror(name);
        exit(1);
    }

    data = malloc(st.st_size + 1);
    *len = fread(data, 1, st.st_size, in);

    fclose(in);

    return data;
}


/* Runs one input, in memory of its own size; whether it did something new. */

static int
fuzz_try(uint8_t *data, size_t len)
{
    uint8_t  *copy;

    copy = malloc(len ? len : 1);
    memcpy(copy, data, len);

    fuzz_ntouched = 0;
    fuzz_last = 0;
    fuzz_data = copy;
    fuzz_len = len;
    fuzz_runs++;

    (void) LLVMFuzzerTestOneInput(copy, len);

    fuzz_data = NULL;
    free(copy);

    return fuzz_news();
}


static int
fuzz_news(void)
{
    int       news;
    uint8_t   n, class;
    uint32_t  i, k;

    news = 0;

    for (k = 0; k < fuzz_ntouched; k++) {
        i = fuzz_touched[k];
        n = fuzz_hits[i];
        fuzz_hits[i] = 0;

        /* 1, 2, 3, 4 .. 7, 8 .. 15, 16 .. 31, 32 .. 127, more */

        class = n < 4 ? 1 << (n - 1) : n < 8 ? 8 : n < 16 ? 16
                : n < 32 ? 32 : n < 128 ? 64 : 128;

        if ((fuzz_seen[i] & class) == 0) {
            fuzz_seen[i] |= class;
            news = 1;
        }
    }

    return news;
}


static void
fuzz_keep(uint8_t *data, size_t len)
{
    FILE      *out;
    char       name[4096];
    size_t     i;
    uint64_t   hash;

    if (fuzz_ninputs == FUZZ_INPUTS) {
        return;
    }

    fuzz_inputs[fuzz_ninputs].data = malloc(len + 1);
    memcpy(fuzz_inputs[fuzz_ninputs].data, data, len);
    fuzz_inputs[fuzz_ninputs++].len = len;

    if (fuzz_dir == NULL || fuzz_dir[0] == '\0') {
        return;
    }

    hash = 0xcbf29ce484222325;

    for (i = 0; i < len; i++) {
        hash = (hash ^ data[i]) * 0x100000001b3;
    }

    snprintf(name, sizeof(name), "%s/%016llx", fuzz_dir,
             (unsigned long long) hash);

    out = fopen(name, "w");

    if (out != NULL) {
        fwrite(data, 1, len, out);
        fclose(out);
    }
}


static size_t
fuzz_mutate(uint8_t *data, size_t len)
{
    size_t                 at, n;
    uint8_t                run[64];
    unsigned               k;
    fuzz_input_t          *input;
    static const uint8_t   odd[] = { 0, 1, 9, 10, 13, 32, 34, 37, 45, 127,
                                     128, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf0,
                                     0xfe, 0xff };

    for (k = 1 + fuzz_random() % (1 + fuzz_random() % 8); k > 0; k--) {

        at = len ? fuzz_random() % len : 0;
        n = len ? 1 + fuzz_random() % (len - at) : 0;

        if (n > 16 && fuzz_random() % 4) {
            n = 1 + fuzz_random() % 16;
        }

        switch (fuzz_random() % 13) {

        case 0:
            if (len) {
                data[at] ^= 1 << fuzz_random() % 8;
            }

            break;

        case 1:
            if (len) {
                data[at] = fuzz_random();
            }

            break;

        case 2:
            if (len) {
                data[at] = odd[fuzz_random() % sizeof(odd)];
            }

            break;

        case 3:
            if (len) {
                data[at] += fuzz_random() % 33 - 16;
            }

            break;

        case 4:
        case 5:
            memmove(data + at, data + at + n, len - at - n);
            len -= n;
            break;

        case 6:                             /* a part again */
            len = fuzz_put(data, len, data + at, n);
            break;

        case 7:
            n = 1 + fuzz_random() % sizeof(run);
            memset(run, len ? data[at] : (uint8_t) fuzz_random(), n);
            len = fuzz_put(data, len, run, n);
            break;

        case 8:
            run[0] = fuzz_random();
            len = fuzz_put(data, len, run, 1);
            break;

        case 9:
        case 10:
            if (fuzz_ndict) {
                input = &fuzz_dict[fuzz_random() % fuzz_ndict];
                len = fuzz_put(data, len, input->data, input->len);
            }

            break;

        case 11:                            /* a part of another */
            input = &fuzz_inputs[fuzz_random() % fuzz_ninputs];

            if (input->len) {
                at = fuzz_random() % input->len;
                n = 1 + fuzz_random() % (input->len - at);
                len = fuzz_put(data, len, input->data + at, n);
            }

            break;

        default:                            /* another's end */
            input = &fuzz_inputs[fuzz_random() % fuzz_ninputs];

            if (input->len) {
                n = fuzz_random() % input->len;

                if (at + input->len - n <= fuzz_max_len) {
                    memcpy(data + at, input->data + n, input->len - n);
                    len = at + input->len - n;
                }
            }
        }
    }

    return len;
}


/* Puts bytes in somewhere, or over what is there. */

static size_t
fuzz_put(uint8_t *data, size_t len, const uint8_t *p, size_t n)
{
    size_t   at;
    uint8_t  copy[FUZZ_MAX];

    at = fuzz_random() % (len + 1);

    if (n > fuzz_max_len) {
        return len;
    }

    memcpy(copy, p, n);

    if (at + n <= len && fuzz_random() % 4 == 0) {
        memcpy(data + at, copy, n);
        return len;
    }

    if (len + n > fuzz_max_len) {
        return len;
    }

    memmove(data + at + n, data + at, len - at);
    memcpy(data + at, copy, n);

    return len + n;
}


static uint64_t
fuzz_random(void)
{
    uint64_t  z;

    z = (fuzz_state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;

    return z ^ (z >> 31);
}


static time_t
fuzz_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec;
}
