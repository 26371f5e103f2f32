
/*
 * Copyright (C) the nginx-workers authors
 *
 * Classes and globals as data.  A file of src/web exports one
 * ngx_workers_web_t, named in the list of ngx_workers_class.c; a binding
 * lists its classes in its table.  Class ids are taken once, before the
 * first isolate, and are the same in every runtime.
 */


#ifndef _NGX_WORKERS_CLASS_H_INCLUDED_
#define _NGX_WORKERS_CLASS_H_INCLUDED_


#include "ngx_workers_js.h"


typedef struct ngx_workers_class_s  ngx_workers_class_t;

struct ngx_workers_class_s {
    JSClassDef                   def;          /* name, finalizer, gc_mark */

    JSCFunction                 *constructor;  /* NULL: "Illegal constructor" */
    int                          length;

    const JSCFunctionListEntry  *proto;        /* members of the prototype */
    ngx_uint_t                   nproto;
    const JSCFunctionListEntry  *statics;      /* members of the constructor */
    ngx_uint_t                   nstatics;

    ngx_workers_class_t         *parent;       /* listed before: what its
                                                  prototype inherits; NULL */

    unsigned                     hidden:1;     /* no name in the global scope */
    unsigned                     iterator:1;   /* of %IteratorPrototype% */
    unsigned                     lazy:1;       /* not made with the isolate,
                                                  but by a built-in */

    JSClassID                    id;           /* set before any isolate */
};


/*
 * A built-in written in JavaScript, src/js/<name>.js: a module whose default
 * function gets the native half and returns an object of exports.  It is
 * evaluated when first used, after the files that it imports, of which
 * "workers:<name>" is src/js/<name>.js.  The modules of src/js/node are none
 * of these: they export what scripts import.
 */
typedef struct {
    const char                  *name;

    /* exports which the global object shows, null-terminated; may be NULL */
    const char *const           *globals;

    /* Makes the argument of the default function; NULL: undefined. */
    JSValue                    (*native)(JSContext *cx);

    ngx_uint_t                   index;        /* set before any isolate */
} ngx_workers_builtin_t;


/*
 * What a module of src/js/node imports from "native:<name>" as its default
 * export: functions in C.
 */
typedef struct {
    const char                  *name;

    /* Makes it; owned by the caller. */
    JSValue                    (*make)(JSContext *cx);
} ngx_workers_native_t;


typedef struct {
    ngx_workers_class_t        **classes;      /* null-terminated, or NULL */
    ngx_workers_builtin_t      **builtins;     /* null-terminated, or NULL */

    /*
     * Called once for an isolate, after its classes were made; adds what is
     * neither a class nor a built-in.  Fails with an exception pending.
     */
    ngx_int_t                  (*init)(JSContext *cx, JSValueConst global);
} ngx_workers_web_t;


/*
 * Takes the ids of all classes, and of the classes in lists (bindings', a
 * null-terminated array of null-terminated arrays).  Configuration time.
 */
ngx_int_t ngx_workers_classes_init(ngx_workers_class_t ***lists,
    ngx_log_t *log);

/* How many built-ins there are: what iso->builtins has room for. */
ngx_uint_t ngx_workers_builtins_count(void);

/* Makes classes, built-in globals and the rest in a new context. */
ngx_int_t ngx_workers_classes_add(JSContext *cx, JSValueConst global);

/* Makes one class in a new context; for classes of bindings. */
ngx_int_t ngx_workers_class_add(JSContext *cx, JSValueConst global,
    ngx_workers_class_t *class);

/*
 * The exports of a built-in, evaluated now if need be.  The value is
 * borrowed from the isolate.  JS_EXCEPTION on failure.
 */
JSValueConst ngx_workers_builtin(JSContext *cx, ngx_workers_builtin_t *b);

/*
 * The name of the built-in class whose prototype is proto or one that proto
 * inherits; NULL: none of those that are in use.
 */
const char *ngx_workers_builtin_class(JSContext *cx, JSValueConst proto);

/*
 * The module src/js/<name>.js, read but not evaluated: what the loader of
 * modules answers for "workers:<name>".  NULL: an exception is pending.
 */
JSModuleDef *ngx_workers_builtin_module(JSContext *cx, const char *name);

/*
 * The same in any context, read anew at each call: for a link that is not
 * evaluated.
 */
JSModuleDef *ngx_workers_builtin_read(JSContext *cx, const char *name);

/* Whether there is a file src/js/<name>.js. */
ngx_uint_t ngx_workers_builtin_exists(const char *name);

/*
 * The namespace of the module src/js/<name>.js, evaluated now if need be;
 * owned result.
 */
JSValue ngx_workers_builtin_namespace(JSContext *cx, const char *name);

/*
 * The module "native:<name>", not evaluated, in any context.  NULL: an
 * exception is pending.
 */
JSModuleDef *ngx_workers_native_module(JSContext *cx, const char *name);

/* Calls an export of a built-in; owned result. */
JSValue ngx_workers_builtin_call(JSContext *cx, ngx_workers_builtin_t *b,
    const char *name, int argc, JSValueConst *argv);


#endif /* _NGX_WORKERS_CLASS_H_INCLUDED_ */
