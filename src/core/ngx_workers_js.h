
/*
 * Copyright (C) the nginx-workers authors
 *
 * The one door to the engine: QuickJS-NG as njs uses it, and the few symbols
 * that ngx_http_js_module.so exports.  Checked against njs 1.0.2 and
 * libqjs 0.17.
 */


#ifndef _NGX_WORKERS_JS_H_INCLUDED_
#define _NGX_WORKERS_JS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <quickjs.h>


typedef struct {
    const char       *name;
    JSModuleDef    *(*init)(JSContext *cx, const char *name);
} qjs_module_t;


JSContext *qjs_new_context(JSRuntime *rt, qjs_module_t **addons);


#define ngx_workers_nitems(x)      (sizeof(x) / sizeof((x)[0]))


/* Members of a prototype or a constructor as WebIDL wants them: enumerable. */

#define NGX_WORKERS_METHOD(name, length, func)                                \
    JS_CFUNC_DEF2(name, length, func, JS_PROP_C_W_E)

#define NGX_WORKERS_METHOD_MAGIC(name, length, fn, magic)                     \
    { name, JS_PROP_C_W_E, JS_DEF_CFUNC, magic,                               \
      { .func = { length, JS_CFUNC_generic_magic,                             \
                  { .generic_magic = fn } } } }

#define NGX_WORKERS_GETSET(name, get, set)                                    \
    JS_CGETSET_DEF2(name, get, set, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE)

#define NGX_WORKERS_GETSET_MAGIC(name, get, set, magic)                       \
    JS_CGETSET_MAGIC_DEF2(name, get, set, magic,                              \
                          JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE)

#define NGX_WORKERS_TAG(name)                                                 \
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", name, JS_PROP_CONFIGURABLE)


#endif /* _NGX_WORKERS_JS_H_INCLUDED_ */
