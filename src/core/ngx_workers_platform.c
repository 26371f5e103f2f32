
/*
 * Copyright (C) the nginx-workers authors
 *
 * Modules that the platform provides.
 */


#include "ngx_workers_isolate.h"
#include "ngx_workers_flags.h"
#include "ngx_workers_platform.h"


typedef struct {
    const char  *name;
    size_t       len;
    const char  *flag;
} ngx_workers_platform_gate_t;


/* It is made of Node.js's modules. */
#define NGX_WORKERS_PLATFORM_NODE  "cloudflare:node"

#define ngx_workers_gate(name, flag)  { name, sizeof(name) - 1, flag }


extern ngx_workers_builtin_t  ngx_workers_workers_builtin;
extern ngx_workers_builtin_t  ngx_workers_sockets_builtin;


static const char *ngx_workers_platform_gate(const char *name);
static ngx_uint_t ngx_workers_platform_flag(ngx_workers_script_t *script,
    const char *name);


static const char *const  ngx_workers_platform_workers[] = {
    "WorkerEntrypoint", "DurableObject", "RpcTarget", "env", "waitUntil", NULL
};


static const char *const  ngx_workers_platform_sockets[] = {
    "connect", NULL
};


static const ngx_workers_platform_t  ngx_workers_platform_modules[] = {
    { "cloudflare:sockets", &ngx_workers_sockets_builtin,
      ngx_workers_platform_sockets },
    { "cloudflare:workers", &ngx_workers_workers_builtin,
      ngx_workers_platform_workers },
};


/* Modules, with those below them, that came after nodejs_compat. */

static const ngx_workers_platform_gate_t  ngx_workers_platform_gates[] = {
    ngx_workers_gate("_http_agent", "enable_nodejs_http_modules"),
    ngx_workers_gate("_http_client", "enable_nodejs_http_modules"),
    ngx_workers_gate("_http_common", "enable_nodejs_http_modules"),
    ngx_workers_gate("_http_incoming", "enable_nodejs_http_modules"),
    ngx_workers_gate("_http_outgoing", "enable_nodejs_http_modules"),
    ngx_workers_gate("_http_server", "enable_nodejs_http_server_modules"),
    ngx_workers_gate("_stream_wrap", "enable_nodejs_stream_wrap_module"),
    ngx_workers_gate("child_process", "enable_nodejs_child_process_module"),
    ngx_workers_gate("cluster", "enable_nodejs_cluster_module"),
    ngx_workers_gate("console", "enable_nodejs_console_module"),
    ngx_workers_gate("dgram", "enable_nodejs_dgram_module"),
    ngx_workers_gate("domain", "enable_nodejs_domain_module"),
    ngx_workers_gate("fs", "enable_nodejs_fs_module"),
    ngx_workers_gate("http", "enable_nodejs_http_modules"),
    ngx_workers_gate("http2", "enable_nodejs_http2_module"),
    ngx_workers_gate("https", "enable_nodejs_http_modules"),
    ngx_workers_gate("inspector", "enable_nodejs_inspector_module"),
    ngx_workers_gate("os", "enable_nodejs_os_module"),
    ngx_workers_gate("perf_hooks", "enable_nodejs_perf_hooks_module"),
    ngx_workers_gate("punycode", "enable_nodejs_punycode_module"),
    ngx_workers_gate("readline", "enable_nodejs_readline_module"),
    ngx_workers_gate("repl", "enable_nodejs_repl_module"),
    ngx_workers_gate("sqlite", "enable_nodejs_sqlite_module"),
    ngx_workers_gate("trace_events", "enable_nodejs_trace_events_module"),
    ngx_workers_gate("tty", "enable_nodejs_tty_module"),
    ngx_workers_gate("v8", "enable_nodejs_v8_module"),
    ngx_workers_gate("vm", "enable_nodejs_vm_module"),
    ngx_workers_gate("wasi", "enable_nodejs_wasi_module"),
    ngx_workers_gate("worker_threads", "enable_nodejs_worker_threads_module"),
    ngx_workers_gate("zlib", "nodejs_zlib"),
};


const ngx_workers_platform_t *
ngx_workers_platform_find(const char *name)
{
    ngx_uint_t  i;

    for (i = 0; i < ngx_workers_nitems(ngx_workers_platform_modules); i++) {
        if (ngx_strcmp(ngx_workers_platform_modules[i].name, name) == 0) {
            return &ngx_workers_platform_modules[i];
        }
    }

    return NULL;
}


ngx_uint_t
ngx_workers_platform_node(ngx_workers_script_t *script, const char *name,
    char *builtin, size_t size)
{
    u_char      *last;
    ngx_uint_t   bare;

    if (ngx_strcmp(name, NGX_WORKERS_PLATFORM_NODE) == 0) {
        (void) ngx_snprintf((u_char *) builtin, size,
                            "node/internal/cloudflare_node%Z");
        return ngx_workers_platform_needs(script, "http") == NULL;
    }

    bare = ngx_strncmp(name, "node:", 5) != 0;

    if (!bare) {
        name += 5;
    }

    if (ngx_strncmp(name, "internal/", 9) == 0) {
        return 0;
    }

    last = (ngx_strcmp(name, "process") == 0
            && ngx_workers_platform_flag(script, "enable_nodejs_process_v2"))
           ? ngx_snprintf((u_char *) builtin, size,
                          "node/internal/process_v2%Z")
           : ngx_snprintf((u_char *) builtin, size, "node/%s%Z", name);

    if (last[-1] != '\0' || !ngx_workers_builtin_exists(builtin)) {
        return 0;
    }

    if (bare && !ngx_workers_platform_flag(script, "nodejs_compat_v2")) {
        return 0;
    }

    return ngx_workers_platform_needs(script, name) == NULL;
}


const char *
ngx_workers_platform_needs(ngx_workers_script_t *script, const char *name)
{
    const char  *flag;

    if (ngx_strncmp(name, "node:", 5) == 0) {
        name += 5;
    }

    if (!ngx_workers_platform_flag(script, "nodejs_compat")
        && !ngx_workers_platform_flag(script, "nodejs_compat_v2")
        && (ngx_strcmp(name, "async_hooks") != 0
            || !ngx_workers_platform_flag(script, "nodejs_als")))
    {
        return "nodejs_compat";
    }

    flag = ngx_workers_platform_gate(name);

    if (flag != NULL && !ngx_workers_platform_flag(script, flag)) {
        return flag;
    }

    return NULL;
}


static const char *
ngx_workers_platform_gate(const char *name)
{
    ngx_uint_t                          i;
    const ngx_workers_platform_gate_t  *gate;

    gate = ngx_workers_platform_gates;

    for (i = 0; i < ngx_workers_nitems(ngx_workers_platform_gates); i++) {
        if (ngx_strncmp(name, gate[i].name, gate[i].len) == 0
            && (name[gate[i].len] == '\0' || name[gate[i].len] == '/'))
        {
            return gate[i].flag;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_workers_platform_flag(ngx_workers_script_t *script, const char *name)
{
    return ngx_workers_flag_is_on(script, ngx_workers_flag_find(name));
}


JSValue
ngx_workers_platform_require(JSContext *cx, const char *name)
{
    char                           builtin[NGX_WORKERS_BUILTIN_NAME];
    JSValue                        ns, value;
    JSValueConst                   exports;
    const ngx_workers_platform_t  *platform;

    platform = ngx_workers_platform_find(name);

    if (platform != NULL) {
        exports = ngx_workers_builtin(cx, platform->builtin);
        return JS_IsException(exports) ? JS_EXCEPTION
                                       : JS_DupValue(cx, exports);
    }

    if (!ngx_workers_platform_node(ngx_workers_isolate(cx)->script, name,
                                   builtin, sizeof(builtin)))
    {
        return JS_UNDEFINED;
    }

    ns = ngx_workers_builtin_namespace(cx, builtin);
    if (JS_IsException(ns)) {
        return JS_EXCEPTION;
    }

    value = JS_GetProperty(cx, ns, ngx_workers_atom(cx, DEFAULT));
    JS_FreeValue(cx, ns);

    return value;
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

    platform = ngx_workers_platform_find(name);
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
