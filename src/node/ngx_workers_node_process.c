
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "node:process" (src/js/node/process.js), and the globals
 * that nodejs_compat brings.
 */


#include "../core/ngx_workers_isolate.h"
#include "../core/ngx_workers_builtin.h"
#include "../core/ngx_workers_flags.h"
#include "../core/ngx_workers_platform.h"
#include "../web/ngx_workers_timers.h"


extern ngx_workers_class_t  ngx_workers_performance_class;


static JSValue ngx_workers_node_process_make(JSContext *cx);
static JSValue ngx_workers_node_process_ext_env(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_process_ext_modules(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_process_ext_performance(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_process_ext_require(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static ngx_int_t ngx_workers_node_globals_init(JSContext *cx,
    JSValueConst global);
static JSValue ngx_workers_node_globals_get(JSContext *cx,
    JSValueConst this_val, int magic);
static JSValue ngx_workers_node_globals_set(JSContext *cx,
    JSValueConst this_val, JSValueConst value, int magic);
static ngx_uint_t ngx_workers_node_flag(JSContext *cx, const char *name);


static const JSCFunctionListEntry  ngx_workers_node_process_methods[] = {
    JS_CFUNC_DEF("env", 0, ngx_workers_node_process_ext_env),
    JS_CFUNC_DEF("modules", 0, ngx_workers_node_process_ext_modules),
    JS_CFUNC_DEF("performance", 0, ngx_workers_node_process_ext_performance),
    JS_CFUNC_DEF("require", 1, ngx_workers_node_process_ext_require),
    JS_CFUNC_DEF("queueMicrotask", 1, ngx_workers_ext_queue_microtask),
};


#define NGX_WORKERS_NODE_TIMERS  "enable_nodejs_global_timers"
#define NGX_WORKERS_NODE_PERF    "enable_nodejs_perf_hooks_module"


/* member NULL: the module's default export; flag NULL: always */

static const struct {
    const char  *name;
    const char  *module;
    const char  *member;
    const char  *flag;
} ngx_workers_node_globals[] = {
    { "process", "node:process", NULL, NULL },
    { "Buffer", "node:buffer", "Buffer", NULL },
    { "setImmediate", "node:timers", "setImmediate", NULL },
    { "clearImmediate", "node:timers", "clearImmediate", NULL },

    { "setTimeout", "node:timers", "setTimeout", NGX_WORKERS_NODE_TIMERS },
    { "clearTimeout", "node:timers", "clearTimeout", NGX_WORKERS_NODE_TIMERS },
    { "setInterval", "node:timers", "setInterval", NGX_WORKERS_NODE_TIMERS },
    { "clearInterval", "node:timers", "clearInterval",
      NGX_WORKERS_NODE_TIMERS },

    { "performance", "node:perf_hooks", "performance", NGX_WORKERS_NODE_PERF },
    { "PerformanceEntry", "node:perf_hooks", "PerformanceEntry",
      NGX_WORKERS_NODE_PERF },
    { "PerformanceMark", "node:perf_hooks", "PerformanceMark",
      NGX_WORKERS_NODE_PERF },
    { "PerformanceMeasure", "node:perf_hooks", "PerformanceMeasure",
      NGX_WORKERS_NODE_PERF },
    { "PerformanceObserver", "node:perf_hooks", "PerformanceObserver",
      NGX_WORKERS_NODE_PERF },
    { "PerformanceObserverEntryList", "node:perf_hooks",
      "PerformanceObserverEntryList", NGX_WORKERS_NODE_PERF },
    { "PerformanceResourceTiming", "node:perf_hooks",
      "PerformanceResourceTiming", NGX_WORKERS_NODE_PERF }
};


static const JSCFunctionType  ngx_workers_node_globals_getter = {
    .getter_magic = ngx_workers_node_globals_get
};


static const JSCFunctionType  ngx_workers_node_globals_setter = {
    .setter_magic = ngx_workers_node_globals_set
};


ngx_workers_native_t  ngx_workers_node_process_native = {
    "process", ngx_workers_node_process_make
};


ngx_workers_web_t  ngx_workers_node_globals_web = {
    NULL,
    NULL,
    ngx_workers_node_globals_init
};


static JSValue
ngx_workers_node_process_make(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (JS_SetPropertyFunctionList(cx, native,
                                ngx_workers_node_process_methods,
                                ngx_workers_nitems(
                                            ngx_workers_node_process_methods))
        < 0
        || ngx_workers_set(cx, native, "populate",
                           JS_NewBool(cx, ngx_workers_node_flag(cx,
                                       "nodejs_compat_populate_process_env")))
           != NGX_OK)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static JSValue
ngx_workers_node_process_ext_env(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    return JS_DupValue(cx, ngx_workers_isolate(cx)->env);
}


/* The names of Node.js's modules that the script may import, sorted. */

static JSValue
ngx_workers_node_process_ext_modules(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                            names;
    uint32_t                           n;
    const char                        *name;
    ngx_workers_script_t              *script;
    const ngx_workers_builtin_data_t  *data;

    names = JS_NewArray(cx);
    if (JS_IsException(names)) {
        return JS_EXCEPTION;
    }

    n = 0;
    script = ngx_workers_isolate(cx)->script;

    for (data = ngx_workers_builtin_data; data->name != NULL; data++) {

        if (ngx_strncmp(data->name, "node/", 5) != 0) {
            continue;
        }

        name = data->name + 5;

        if (ngx_workers_platform_needs(script, name) != NULL
            || ngx_strncmp(name, "internal/", 9) == 0)
        {
            continue;
        }

        if (JS_SetPropertyUint32(cx, names, n++, JS_NewString(cx, name)) < 0) {
            JS_FreeValue(cx, names);
            return JS_EXCEPTION;
        }
    }

    return names;
}


/* What takes the place of the global of this name: an object of its class. */

static JSValue
ngx_workers_node_process_ext_performance(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue  object;

    object = JS_NewObjectClass(cx, ngx_workers_performance_class.id);

    if (!JS_IsException(object)) {
        JS_SetOpaque(object, ngx_workers_isolate(cx));
    }

    return object;
}


/* The default export of a module that the script may import, or undefined. */

static JSValue
ngx_workers_node_process_ext_require(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue      value;
    const char  *name;

    name = JS_ToCString(cx, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    value = ngx_workers_platform_require(cx, name);
    JS_FreeCString(cx, name);

    return value;
}


/*
 * These globals are accessors until they are first used: their modules load
 * then.
 */

static ngx_int_t
ngx_workers_node_globals_init(JSContext *cx, JSValueConst global)
{
    int          rc;
    JSAtom       atom;
    JSValue      get, set;
    ngx_uint_t   i;
    const char  *name;

    if (!ngx_workers_node_flag(cx, "nodejs_compat_v2")) {
        return NGX_OK;
    }

    if (JS_DefinePropertyValueStr(cx, global, "global",
                                  JS_DupValue(cx, global), JS_PROP_C_W_E)
        < 0)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < ngx_workers_nitems(ngx_workers_node_globals); i++) {

        name = ngx_workers_node_globals[i].name;

        if (ngx_workers_node_globals[i].flag != NULL
            && !ngx_workers_node_flag(cx, ngx_workers_node_globals[i].flag))
        {
            continue;
        }

        get = JS_NewCFunction2(cx, ngx_workers_node_globals_getter.generic,
                               name, 0, JS_CFUNC_getter_magic, i);
        set = JS_NewCFunction2(cx, ngx_workers_node_globals_setter.generic,
                               name, 1, JS_CFUNC_setter_magic, i);
        atom = JS_NewAtom(cx, name);

        if (JS_IsException(get) || JS_IsException(set)
            || atom == JS_ATOM_NULL)
        {
            JS_FreeValue(cx, get);
            JS_FreeValue(cx, set);
            JS_FreeAtom(cx, atom);
            return NGX_ERROR;
        }

        rc = JS_DefinePropertyGetSet(cx, global, atom, get, set,
                                     JS_PROP_CONFIGURABLE
                                     | JS_PROP_ENUMERABLE);
        JS_FreeAtom(cx, atom);

        if (rc < 0) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static JSValue
ngx_workers_node_globals_get(JSContext *cx, JSValueConst this_val, int magic)
{
    JSValue      module, value, ret;
    const char  *member;

    module = ngx_workers_platform_require(cx,
                                    ngx_workers_node_globals[magic].module);
    if (JS_IsException(module)) {
        return JS_EXCEPTION;
    }

    member = ngx_workers_node_globals[magic].member;

    if (member != NULL) {
        value = JS_GetPropertyStr(cx, module, member);
        JS_FreeValue(cx, module);

        if (JS_IsException(value)) {
            return JS_EXCEPTION;
        }

    } else {
        value = module;
    }

    ret = ngx_workers_node_globals_set(cx, this_val, value, magic);
    if (JS_IsException(ret)) {
        JS_FreeValue(cx, value);
        return JS_EXCEPTION;
    }

    return value;
}


static JSValue
ngx_workers_node_globals_set(JSContext *cx, JSValueConst this_val,
    JSValueConst value, int magic)
{
    if (JS_DefinePropertyValueStr(cx, ngx_workers_isolate(cx)->global,
                                  ngx_workers_node_globals[magic].name,
                                  JS_DupValue(cx, value), JS_PROP_C_W_E)
        < 0)
    {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


static ngx_uint_t
ngx_workers_node_flag(JSContext *cx, const char *name)
{
    return ngx_workers_flag_is_on(ngx_workers_isolate(cx)->script,
                                  ngx_workers_flag_find(name));
}
