
/*
 * Copyright (C) the nginx-workers authors
 *
 * Modules that the platform provides.  A new one is a table of its exports
 * and a line below.
 */


#include "ngx_workers_isolate.h"
#include "ngx_workers_platform.h"


/* From this date on, nodejs_compat allows names without "node:". */
#define NGX_WORKERS_NODE_BARE_DATE  20240923


extern ngx_workers_builtin_t  ngx_workers_workers_builtin;
extern ngx_workers_builtin_t  ngx_workers_async_hooks_builtin;


static const ngx_workers_platform_t *ngx_workers_platform_lookup(
    const char *name);


static const char *const  ngx_workers_platform_workers[] = {
    "WorkerEntrypoint", "DurableObject", "RpcTarget", "env", "waitUntil", NULL
};


static const char *const  ngx_workers_platform_async_hooks[] = {
    "default", "AsyncLocalStorage", "AsyncResource", "asyncWrapProviders",
    "createHook", "executionAsyncId", "executionAsyncResource",
    "triggerAsyncId", NULL
};


static const char *const  ngx_workers_platform_als_flags[] = {
    "nodejs_compat", "nodejs_als", NULL
};


static const ngx_workers_platform_t  ngx_workers_platform_modules[] = {
    { "cloudflare:workers", &ngx_workers_workers_builtin,
      ngx_workers_platform_workers, NULL },
    { "node:async_hooks", &ngx_workers_async_hooks_builtin,
      ngx_workers_platform_async_hooks, ngx_workers_platform_als_flags },
};


const ngx_workers_platform_t *
ngx_workers_platform_find(ngx_workers_script_t *script, const char *name)
{
    const char *const             *flag;
    const ngx_workers_platform_t  *platform;

    platform = ngx_workers_platform_lookup(name);

    if (platform == NULL || platform->flags == NULL) {
        return platform;
    }

    for (flag = platform->flags; *flag != NULL; flag++) {
        if (ngx_workers_script_flag(script, *flag, NULL, 0)) {
            return platform;
        }
    }

    return NULL;
}


const ngx_workers_platform_t *
ngx_workers_platform_find_bare(ngx_workers_script_t *script, const char *name)
{
    char  node[64];

    if (ngx_strlen(name) >= sizeof(node) - 5
        || !ngx_workers_script_flag(script, "nodejs_compat", NULL, 0)
        || !ngx_workers_script_flag(script, "nodejs_compat_v2",
                                    "no_nodejs_compat_v2",
                                    NGX_WORKERS_NODE_BARE_DATE))
    {
        return NULL;
    }

    (void) ngx_sprintf((u_char *) node, "node:%s%Z", name);

    return ngx_workers_platform_find(script, node);
}


const char *const *
ngx_workers_platform_flags(const char *name)
{
    const ngx_workers_platform_t  *platform;

    platform = ngx_workers_platform_lookup(name);

    return (platform != NULL) ? platform->flags : NULL;
}


static const ngx_workers_platform_t *
ngx_workers_platform_lookup(const char *name)
{
    ngx_uint_t  i;

    for (i = 0; i < ngx_workers_nitems(ngx_workers_platform_modules); i++) {
        if (ngx_strcmp(ngx_workers_platform_modules[i].name, name) == 0) {
            return &ngx_workers_platform_modules[i];
        }
    }

    return NULL;
}


JSModuleDef *
ngx_workers_platform_load(JSContext *cx,
    const ngx_workers_platform_t *platform, JSModuleInitFunc *init)
{
    JSModuleDef        *m;
    const char *const  *name;

    m = JS_NewCModule(cx, platform->name, init);
    if (m == NULL) {
        return NULL;
    }

    for (name = platform->exports; *name != NULL; name++) {
        if (JS_AddModuleExport(cx, m, *name) < 0) {
            return NULL;
        }
    }

    return m;
}


int
ngx_workers_platform_init(JSContext *cx, JSModuleDef *m)
{
    JSAtom                         atom;
    JSValue                        value;
    const char                    *name;
    JSValueConst                   exports;
    const char *const             *export;
    const ngx_workers_platform_t  *platform;

    atom = JS_GetModuleName(cx, m);
    name = JS_AtomToCString(cx, atom);
    JS_FreeAtom(cx, atom);

    if (name == NULL) {
        return -1;
    }

    platform = ngx_workers_platform_lookup(name);
    JS_FreeCString(cx, name);

    exports = ngx_workers_builtin(cx, platform->builtin);
    if (JS_IsException(exports)) {
        return -1;
    }

    for (export = platform->exports; *export != NULL; export++) {

        value = (ngx_strcmp(*export, "default") == 0)
                ? JS_DupValue(cx, exports)
                : JS_GetPropertyStr(cx, exports, *export);

        if (JS_IsException(value)
            || JS_SetModuleExport(cx, m, *export, value) < 0)
        {
            return -1;
        }
    }

    return 0;
}
