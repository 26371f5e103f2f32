
/*
 * Copyright (C) the nginx-workers authors
 *
 * Modules that the platform provides, "cloudflare:workers" among them: each
 * is a built-in of src/js under a name that scripts import.
 */


#ifndef _NGX_WORKERS_PLATFORM_H_INCLUDED_
#define _NGX_WORKERS_PLATFORM_H_INCLUDED_


#include "ngx_workers_class.h"
#include "ngx_workers_script.h"


typedef struct {
    const char                *name;
    ngx_workers_builtin_t     *builtin;

    /*
     * What it exports, null-terminated: members of the built-in's exports;
     * "default" is the object of them all.
     */
    const char *const         *exports;

    /* Compatibility flags of which one is needed, null-terminated; or NULL. */
    const char *const         *flags;
} ngx_workers_platform_t;


/* The module of that name, if the script may import it; or NULL. */
const ngx_workers_platform_t *ngx_workers_platform_find(
    ngx_workers_script_t *script, const char *name);

/*
 * The same for a name without "node:", which scripts of newer dates may leave
 * out.
 */
const ngx_workers_platform_t *ngx_workers_platform_find_bare(
    ngx_workers_script_t *script, const char *name);

/* The flags that a module of that name asks for, to say so; or NULL. */
const char *const *ngx_workers_platform_flags(const char *name);

/* Declares the module, with its exports; NULL: an exception is pending. */
JSModuleDef *ngx_workers_platform_load(JSContext *cx,
    const ngx_workers_platform_t *platform, JSModuleInitFunc *init);

/* Its init function in an isolate. */
int ngx_workers_platform_init(JSContext *cx, JSModuleDef *m);


#endif /* _NGX_WORKERS_PLATFORM_H_INCLUDED_ */
