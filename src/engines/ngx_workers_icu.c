
/*
 * Copyright (C) the nginx-workers authors
 *
 * Opens ICU's libraries, once in a process.
 */


#include "ngx_workers_icu.h"

#include <dlfcn.h>
#include <malloc.h>


#define NGX_WORKERS_ICU_UC_FILE    "libicuuc.so." NGX_WORKERS_ICU_VERSION
#define NGX_WORKERS_ICU_I18N_FILE  "libicui18n.so." NGX_WORKERS_ICU_VERSION

/* icu_VERSION::Locale::canonicalize(UErrorCode &), as C++ writes it */
#define NGX_WORKERS_ICU_CANONICALIZE                                          \
    "_ZN6icu_" NGX_WORKERS_ICU_VERSION "6Locale12canonicalizeER10UErrorCode"


typedef struct {
    const char  *name;
    size_t       offset;
} ngx_workers_icu_symbol_t;


static ngx_int_t ngx_workers_icu_load(ngx_workers_icu_t *icu, ngx_log_t *log);
static void *ngx_workers_icu_library(const char *file, ngx_log_t *log);
static ngx_int_t ngx_workers_icu_symbols(ngx_workers_icu_t *icu, void *library,
    const ngx_workers_icu_symbol_t *symbol, ngx_log_t *log);
static void * U_CALLCONV ngx_workers_icu_alloc(const void *context,
    size_t size);
static void * U_CALLCONV ngx_workers_icu_realloc(const void *context, void *p,
    size_t size);
static void U_CALLCONV ngx_workers_icu_free(const void *context, void *p);


#define NGX_WORKERS_X(name)                                                   \
    { NGX_WORKERS_ICU_TEXT(name), offsetof(ngx_workers_icu_t, name) },

static const ngx_workers_icu_symbol_t  ngx_workers_icu_uc[] = {
    NGX_WORKERS_ICU_UC(NGX_WORKERS_X)
    { NULL, 0 }
};


static const ngx_workers_icu_symbol_t  ngx_workers_icu_i18n[] = {
    NGX_WORKERS_ICU_I18N(NGX_WORKERS_X)
    { NULL, 0 }
};

#undef NGX_WORKERS_X


ngx_workers_icu_t *
ngx_workers_icu(ngx_log_t *log)
{
    /* the process's, as is what the linker opens; isolates share it */

    static ngx_workers_icu_t  icu;
    static ngx_uint_t         asked, loaded;

    if (!asked) {
        asked = 1;
        loaded = (ngx_workers_icu_load(&icu, log) == NGX_OK);
    }

    return loaded ? &icu : NULL;
}


static ngx_int_t
ngx_workers_icu_load(ngx_workers_icu_t *icu, ngx_log_t *log)
{
    void        *uc, *i18n;
    UErrorCode   status;

    uc = ngx_workers_icu_library(NGX_WORKERS_ICU_UC_FILE, log);
    if (uc == NULL) {
        return NGX_ERROR;
    }

    i18n = ngx_workers_icu_library(NGX_WORKERS_ICU_I18N_FILE, log);
    if (i18n == NULL) {
        return NGX_ERROR;
    }

    if (ngx_workers_icu_symbols(icu, uc, ngx_workers_icu_uc, log) != NGX_OK
        || ngx_workers_icu_symbols(icu, i18n, ngx_workers_icu_i18n, log)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    *(void **) &icu->canonicalize = dlsym(uc, NGX_WORKERS_ICU_CANONICALIZE);

    /*
     * ICU's memory is only counted: what it allocated before, for another
     * library of the process, may be freed here all the same.
     */

    status = U_ZERO_ERROR;

    icu->u_setMemoryFunctions(icu, ngx_workers_icu_alloc,
                              ngx_workers_icu_realloc, ngx_workers_icu_free,
                              &status);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, log, 0, "workers ICU %s opened",
                   U_ICU_VERSION);

    return NGX_OK;
}


static void *
ngx_workers_icu_library(const char *file, ngx_log_t *log)
{
    void        *library;
    const char  *error;

    library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        error = dlerror();

        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "workers have no Intl: %s (Debian package %s)",
                      (error != NULL) ? error : file, NGX_WORKERS_ICU_PACKAGE);
    }

    return library;
}


static ngx_int_t
ngx_workers_icu_symbols(ngx_workers_icu_t *icu, void *library,
    const ngx_workers_icu_symbol_t *symbol, ngx_log_t *log)
{
    void  *p;

    for ( /* void */ ; symbol->name != NULL; symbol++) {

        p = dlsym(library, symbol->name);

        if (p == NULL) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "workers have no Intl: no \"%s\" in ICU %s "
                          "(Debian package %s)",
                          symbol->name, NGX_WORKERS_ICU_VERSION,
                          NGX_WORKERS_ICU_PACKAGE);
            return NGX_ERROR;
        }

        *(void **) ((u_char *) icu + symbol->offset) = p;
    }

    return NGX_OK;
}


static void * U_CALLCONV
ngx_workers_icu_alloc(const void *context, size_t size)
{
    void               *p;
    ngx_workers_icu_t  *icu;

    icu = (ngx_workers_icu_t *) context;

    p = malloc(size);

    if (p != NULL) {
        icu->memory += malloc_usable_size(p);
    }

    return p;
}


static void * U_CALLCONV
ngx_workers_icu_realloc(const void *context, void *p, size_t size)
{
    void               *new;
    size_t              old;
    ngx_workers_icu_t  *icu;

    icu = (ngx_workers_icu_t *) context;

    old = malloc_usable_size(p);
    new = realloc(p, size);

    if (new != NULL) {
        icu->memory += malloc_usable_size(new) - old;
    }

    return new;
}


static void U_CALLCONV
ngx_workers_icu_free(const void *context, void *p)
{
    ngx_workers_icu_t  *icu;

    icu = (ngx_workers_icu_t *) context;

    icu->memory -= malloc_usable_size(p);

    free(p);
}
