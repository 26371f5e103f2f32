
/*
 * Copyright (C) the nginx-workers authors
 *
 * Modules that the platform provides.  "node:<name>" is the module
 * src/js/node/<name>.js; "cloudflare:<name>" is a built-in with a table of its
 * exports.
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
} ngx_workers_platform_t;


/* What a name of a built-in takes, with its null character. */
#define NGX_WORKERS_BUILTIN_NAME  64


/* The module of that name, "node:" ones aside; or NULL. */
const ngx_workers_platform_t *ngx_workers_platform_find(const char *name);

/*
 * Whether the script may import "node:<name>", or "<name>" if its flags allow
 * names without "node:".  The name of the built-in goes to builtin, of size
 * bytes.
 */
ngx_uint_t ngx_workers_platform_node(ngx_workers_script_t *script,
    const char *name, char *builtin, size_t size);

/* The flag that a "node:" module asks for and that is not on, or NULL. */
const char *ngx_workers_platform_needs(ngx_workers_script_t *script,
    const char *name);

/*
 * What require() gives: the default export of a "node:" module, the exports of
 * a "cloudflare:" one; undefined: the script has none of that name.  Owned.
 */
JSValue ngx_workers_platform_require(JSContext *cx, const char *name);

/* Declares the module, with its exports; NULL: an exception is pending. */
JSModuleDef *ngx_workers_platform_load(JSContext *cx,
    const ngx_workers_platform_t *platform, JSModuleInitFunc *init);

/* Its init function in an isolate. */
int ngx_workers_platform_init(JSContext *cx, JSModuleDef *m);


#endif /* _NGX_WORKERS_PLATFORM_H_INCLUDED_ */
