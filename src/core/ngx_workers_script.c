
/*
 * Copyright (C) the nginx-workers authors
 *
 * A script's module graph.  The master parses and links it while nginx reads
 * its configuration, without running any of it; processes load the bytecode.
 */


#include "ngx_workers_isolate.h"
#include "ngx_workers_platform.h"

#include <openssl/evp.h>


#define NGX_WORKERS_SCRIPT_MAX  (64 * 1024 * 1024)

/*
 * A call of a JavaScript function takes up to 1.6 KiB of the stack.  What is
 * above JavaScript's part is nginx's, and for C functions at its end.
 */
#define NGX_WORKERS_STACK          (16 * 1024 * 1024)
#define NGX_WORKERS_STACK_RESERVE  (1024 * 1024)

#define NGX_WORKERS_PROBE       "workers:probe"
#define NGX_WORKERS_PROBE_STOP  "workers:stop"


typedef struct {
    ngx_workers_script_t  *script;
    ngx_pool_t            *pool;
    ngx_pool_t            *temp_pool;
    ngx_log_t             *log;
    ngx_str_t             *error;
    JSContext             *cx;
} ngx_workers_compile_t;


static ngx_int_t ngx_workers_compile_main(ngx_workers_compile_t *c);
static ngx_int_t ngx_workers_compile_script(ngx_workers_compile_t *c,
    ngx_str_t *source);
static JSModuleDef *ngx_workers_compile_loader(JSContext *cx,
    const char *name, void *opaque, JSValueConst attributes);
static JSModuleDef *ngx_workers_compile_module(ngx_workers_compile_t *c,
    const char *name);
static JSModuleDef *ngx_workers_compile_es(ngx_workers_compile_t *c,
    ngx_workers_module_t *module, ngx_str_t *source);
static ngx_int_t ngx_workers_compile_dynamic(ngx_workers_compile_t *c,
    const char *base, ngx_str_t *source);
static ngx_int_t ngx_workers_compile_link(ngx_workers_compile_t *c,
    const char *import);
static ngx_int_t ngx_workers_compile_read(ngx_workers_compile_t *c,
    ngx_str_t *path, ngx_str_t *bytes);
static ngx_int_t ngx_workers_compile_write(ngx_workers_compile_t *c,
    ngx_workers_module_t *module, JSValueConst value);
static ngx_int_t ngx_workers_compile_error(ngx_workers_compile_t *c);
static ngx_int_t ngx_workers_script_fingerprint(ngx_workers_script_t *script,
    ngx_pool_t *pool);
static char *ngx_workers_compile_normalize(JSContext *cx, const char *base,
    const char *name, void *opaque);
static char *ngx_workers_script_normalize(JSContext *cx, const char *base,
    const char *name, void *opaque);
static int ngx_workers_script_attributes(JSContext *cx, void *opaque,
    JSValueConst attributes);
static JSModuleDef *ngx_workers_script_load(JSContext *cx, const char *name,
    void *opaque, JSValueConst attributes);
static ngx_workers_module_t *ngx_workers_script_find(
    ngx_workers_script_t *script, const char *name, size_t len);
static ngx_workers_module_e ngx_workers_script_type(const char *name,
    size_t len);
static JSModuleDef *ngx_workers_script_value_module(JSContext *cx,
    const char *name);
static int ngx_workers_script_value_init(JSContext *cx, JSModuleDef *m);
static int ngx_workers_script_stop_init(JSContext *cx, JSModuleDef *m);


/*
 * The stack grows as it is used, and how far is asked when it does: Linux
 * keeps 128 MiB of addresses for it, whatever the limit was at the start.
 */

size_t
ngx_workers_script_stack(void)
{
    rlim_t         soft, wanted;
    struct rlimit  rlmt;

    wanted = NGX_WORKERS_STACK + NGX_WORKERS_STACK_RESERVE;

    if (getrlimit(RLIMIT_STACK, &rlmt) == -1) {
        return NGX_WORKERS_STACK_RESERVE / 2;
    }

    if (rlmt.rlim_cur < wanted) {
        soft = rlmt.rlim_cur;
        rlmt.rlim_cur = ngx_min(wanted, rlmt.rlim_max);

        if (setrlimit(RLIMIT_STACK, &rlmt) == -1) {
            rlmt.rlim_cur = soft;
        }
    }

    if (rlmt.rlim_cur >= wanted) {
        return NGX_WORKERS_STACK;
    }

    return (rlmt.rlim_cur > 2 * NGX_WORKERS_STACK_RESERVE)
           ? (size_t) rlmt.rlim_cur - NGX_WORKERS_STACK_RESERVE
           : (size_t) rlmt.rlim_cur / 2;
}


ngx_int_t
ngx_workers_script_compile(ngx_workers_script_t *script, ngx_pool_t *pool,
    ngx_pool_t *temp_pool, ngx_log_t *log, ngx_str_t *error)
{
    ngx_int_t               rc;
    JSRuntime              *rt;
    ngx_workers_compile_t   c;

    c.script = script;
    c.pool = pool;
    c.temp_pool = temp_pool;
    c.log = log;
    c.error = error;

    ngx_str_set(error, "not enough memory");

    if (ngx_array_init(&script->modules, pool, 4, sizeof(ngx_workers_module_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rt = JS_NewRuntime();
    if (rt == NULL) {
        return NGX_ERROR;
    }

    JS_SetMaxStackSize(rt, script->stack);

    c.cx = JS_NewContext(rt);
    if (c.cx == NULL) {
        JS_FreeRuntime(rt);
        return NGX_ERROR;
    }

    JS_SetModuleLoaderFunc2(rt, ngx_workers_compile_normalize,
                            ngx_workers_compile_loader,
                            ngx_workers_script_attributes, &c);

    rc = ngx_workers_compile_main(&c);

    JS_FreeContext(c.cx);
    JS_FreeRuntime(rt);

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_workers_script_fingerprint(script, pool);
}


static ngx_int_t
ngx_workers_compile_main(ngx_workers_compile_t *c)
{
    size_t                 len;
    u_char                *p, *name;
    JSModuleDef           *m;
    ngx_str_t              source, first;
    ngx_workers_module_t  *module;

    name = c->script->main.data + c->script->directory.len;
    len = c->script->main.len - c->script->directory.len;

    if (ngx_workers_script_type((char *) name, len) != NGX_WORKERS_MODULE_ES) {
        ngx_str_set(c->error, "main must be a \".js\" or \".mjs\" file");
        return NGX_ERROR;
    }

    m = ngx_workers_compile_module(c, (char *) name);

    if (m == NULL) {

        if (!JS_HasException(c->cx)) {
            return NGX_ERROR;
        }

        (void) ngx_workers_compile_error(c);

        /* names such as "await" are allowed in the older syntax */

        first = *c->error;

        if (c->script->modules.nelts == 1
            && ngx_workers_compile_read(c, &c->script->main, &source) == NGX_OK
            && ngx_workers_compile_script(c, &source) == NGX_OK)
        {
            return NGX_OK;
        }

        *c->error = first;
        return NGX_ERROR;
    }

    p = ngx_pnalloc(c->temp_pool, len + sizeof("import \"./\";"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_sprintf(p, "import \"./%*s\";%Z", len, name);

    if (ngx_workers_compile_link(c, (char *) p) != NGX_OK) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(c->temp_pool, len + sizeof("import d from \"./\";"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_sprintf(p, "import d from \"./%*s\";%Z", len, name);

    if (ngx_workers_compile_link(c, (char *) p) == NGX_OK) {
        return NGX_OK;
    }

    module = c->script->modules.elts;

    if (c->script->modules.nelts == 1
        && ngx_workers_compile_read(c, &c->script->main, &source) == NGX_OK
        && ngx_strnstr(source.data, "addEventListener", source.len) != NULL)
    {
        if (ngx_workers_compile_script(c, &source) == NGX_OK) {
            return NGX_OK;
        }
    }

    c->error->data = ngx_pnalloc(c->temp_pool, module->name.len + 128);
    if (c->error->data == NULL) {
        return NGX_ERROR;
    }

    c->error->len = ngx_sprintf(c->error->data,
                                "\"%V\" has no default export, expected "
                                "\"export default { async fetch(request, env, "
                                "ctx) { ... } }\"", &module->name)
                    - c->error->data;

    return NGX_ERROR;
}


/* Service-worker syntax: a script, not a module. */

static ngx_int_t
ngx_workers_compile_script(ngx_workers_compile_t *c, ngx_str_t *source)
{
    JSValue                value;
    ngx_int_t              rc;
    ngx_workers_module_t  *module;

    module = c->script->modules.elts;

    value = JS_Eval(c->cx, (char *) source->data, source->len,
                    (char *) module->name.data,
                    JS_EVAL_TYPE_GLOBAL|JS_EVAL_FLAG_COMPILE_ONLY);

    if (JS_IsException(value)) {
        return ngx_workers_compile_error(c);
    }

    c->script->modules.nelts = 1;
    module->type = NGX_WORKERS_MODULE_SCRIPT;

    rc = ngx_workers_compile_write(c, module, value);

    JS_FreeValue(c->cx, value);

    return rc;
}


static char *
ngx_workers_compile_normalize(JSContext *cx, const char *base,
    const char *name, void *opaque)
{
    ngx_workers_compile_t  *c;

    c = opaque;

    return ngx_workers_script_normalize(cx, base, name, c->script);
}


static JSModuleDef *
ngx_workers_compile_loader(JSContext *cx, const char *name, void *opaque,
    JSValueConst attributes)
{
    ngx_workers_compile_t         *c;
    const ngx_workers_platform_t  *module;

    if (ngx_strcmp(name, NGX_WORKERS_PROBE_STOP) == 0) {
        return JS_NewCModule(cx, name, ngx_workers_script_stop_init);
    }

    c = opaque;
    module = ngx_workers_platform_find(name);

    if (module != NULL) {
        return ngx_workers_platform_load(cx, module,
                                         ngx_workers_script_stop_init);
    }

    if (ngx_strncmp(name, "workers:", 8) == 0) {
        return ngx_workers_builtin_read(cx, name + 8);
    }

    if (ngx_strncmp(name, "native:", 7) == 0) {
        return ngx_workers_native_module(cx, name + 7);
    }

    return ngx_workers_compile_module(c, name);
}


/* Reads a file of the graph.  NULL: an exception is pending, or no memory. */

static JSModuleDef *
ngx_workers_compile_module(ngx_workers_compile_t *c, const char *name)
{
    char                   builtin[NGX_WORKERS_BUILTIN_NAME];
    size_t                 len;
    JSValue                value;
    ngx_str_t              path, source;
    const char            *flag;
    ngx_workers_module_t  *module;

    len = ngx_strlen(name);

    if (ngx_strncmp(name, "node:", 5) == 0) {
        (void) ngx_snprintf((u_char *) builtin, sizeof(builtin), "node/%s%Z",
                            name + 5);

        flag = ngx_workers_platform_needs(c->script, name);

        if (flag != NULL && ngx_workers_builtin_exists(builtin)) {
            (void) JS_ThrowReferenceError(c->cx, "module \"%s\" needs "
                                          "\"compatibility_flags %s\"", name,
                                          flag);
            return NULL;
        }
    }

    if (strchr(name, ':') != NULL) {
        (void) JS_ThrowReferenceError(c->cx, "no such module \"%s\"", name);
        return NULL;
    }

    path.len = c->script->directory.len + len;
    path.data = ngx_pnalloc(c->temp_pool, path.len + 1);
    if (path.data == NULL) {
        return NULL;
    }

    (void) ngx_sprintf(path.data, "%V%s%Z", &c->script->directory, name);

    if (ngx_workers_script_type(name, len) == NGX_WORKERS_MODULE_UNKNOWN) {
        (void) JS_ThrowReferenceError(c->cx, "\"%s\" cannot be imported, "
                                      "expected a file named \".js\", "
                                      "\".mjs\", \".json\", \".txt\", "
                                      "\".html\", \".sql\" or \".bin\"",
                                      name);
        return NULL;
    }

    if (ngx_workers_compile_read(c, &path, &source) != NGX_OK) {
        (void) JS_ThrowReferenceError(c->cx, "%.*s", (int) c->error->len,
                                      c->error->data);
        return NULL;
    }

    module = ngx_array_push(&c->script->modules);
    if (module == NULL) {
        return NULL;
    }

    module->type = ngx_workers_script_type(name, len);
    module->name.len = len;
    module->name.data = ngx_pnalloc(c->pool, len + 1);
    if (module->name.data == NULL) {
        return NULL;
    }

    ngx_memcpy(module->name.data, name, len + 1);

    ngx_str_null(&module->source);

    if (module->type == NGX_WORKERS_MODULE_ES
        && ngx_workers_platform_needs(c->script, "node:fs") == NULL)
    {
        module->source.len = source.len;
        module->source.data = ngx_pstrdup(c->pool, &source);
        if (module->source.data == NULL) {
            return NULL;
        }
    }

    switch (module->type) {

    case NGX_WORKERS_MODULE_JSON:

        value = JS_ParseJSON(c->cx, (char *) source.data, source.len, name);
        if (JS_IsException(value)) {
            return NULL;
        }

        JS_FreeValue(c->cx, value);

        /* fall through */

    case NGX_WORKERS_MODULE_TEXT:
    case NGX_WORKERS_MODULE_DATA:

        module->data.len = source.len;
        module->data.data = ngx_pnalloc(c->pool, source.len + 1);
        if (module->data.data == NULL) {
            return NULL;
        }

        ngx_memcpy(module->data.data, source.data, source.len + 1);

        return ngx_workers_script_value_module(c->cx, name);

    default:

        return ngx_workers_compile_es(c, module, &source);
    }
}


static JSModuleDef *
ngx_workers_compile_es(ngx_workers_compile_t *c, ngx_workers_module_t *module,
    ngx_str_t *source)
{
    JSValue       value;
    ngx_uint_t    index;
    const char   *name;
    JSModuleDef  *m;

    name = (const char *) module->name.data;
    index = module - (ngx_workers_module_t *) c->script->modules.elts;

    value = JS_Eval(c->cx, (char *) source->data, source->len, name,
                    JS_EVAL_TYPE_MODULE|JS_EVAL_FLAG_COMPILE_ONLY);

    if (JS_IsException(value)) {
        return NULL;
    }

    /* what it imports was added meanwhile: the array may have moved */

    module = (ngx_workers_module_t *) c->script->modules.elts + index;

    if (ngx_workers_compile_write(c, module, value) != NGX_OK) {
        JS_FreeValue(c->cx, value);
        return NULL;
    }

    m = JS_VALUE_GET_PTR(value);

    JS_FreeValue(c->cx, value);

    if (ngx_workers_compile_dynamic(c, name, source) != NGX_OK) {
        return NULL;
    }

    return m;
}


/*
 * Modules that only import("./name") asks for are not in the static graph:
 * those whose name stands there as a literal, and exist, belong to it too.
 */

static ngx_int_t
ngx_workers_compile_dynamic(ngx_workers_compile_t *c, const char *base,
    ngx_str_t *source)
{
    char            *name, *normal;
    u_char          *p, *end, *last, quote;
    JSModuleDef     *m;
    ngx_str_t        path;
    ngx_file_info_t  fi;

    p = source->data;
    last = source->data + source->len;

    for ( ;; ) {
        p = ngx_strnstr(p, "import(", last - p);
        if (p == NULL) {
            return NGX_OK;
        }

        p += sizeof("import(") - 1;

        while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r') {
            p++;
        }

        quote = *p;

        if ((quote != '"' && quote != '\'' && quote != '`') || p[1] != '.') {
            continue;
        }

        for (end = ++p; end < last && *end != quote && *end != '\n'; end++) {
            /* void */
        }

        if (end == last || *end != quote) {
            continue;
        }

        name = js_strndup(c->cx, (char *) p, end - p);
        if (name == NULL) {
            return NGX_ERROR;
        }

        normal = ngx_workers_compile_normalize(c->cx, base, name, c);
        js_free(c->cx, name);

        if (normal == NULL) {
            JS_FreeValue(c->cx, JS_GetException(c->cx));
            continue;
        }

        if (ngx_workers_script_find(c->script, normal, ngx_strlen(normal))
            != NULL)
        {
            js_free(c->cx, normal);
            continue;
        }

        path.len = c->script->directory.len + ngx_strlen(normal);
        path.data = ngx_pnalloc(c->temp_pool, path.len + 1);
        if (path.data == NULL) {
            js_free(c->cx, normal);
            return NGX_ERROR;
        }

        (void) ngx_sprintf(path.data, "%V%s%Z", &c->script->directory, normal);

        if (ngx_file_info(path.data, &fi) == NGX_FILE_ERROR) {
            js_free(c->cx, normal);
            continue;
        }

        m = ngx_workers_compile_module(c, normal);
        js_free(c->cx, normal);

        if (m == NULL) {
            return NGX_ERROR;
        }
    }
}


/*
 * Links an import of main and of all that it imports, and runs nothing: the
 * probe's first import throws when it is evaluated, before the others.
 */

static ngx_int_t
ngx_workers_compile_link(ngx_workers_compile_t *c, const char *import)
{
    size_t      len;
    u_char     *text;
    JSValue     promise, reason;
    ngx_uint_t  stopped;

    len = sizeof("import \"" NGX_WORKERS_PROBE_STOP "\"; ")
          + ngx_strlen(import);

    text = ngx_pnalloc(c->temp_pool, len + 1);
    if (text == NULL) {
        return NGX_ERROR;
    }

    len = ngx_sprintf(text, "import \"" NGX_WORKERS_PROBE_STOP "\"; %s%Z",
                      import)
          - text - 1;

    promise = JS_Eval(c->cx, (char *) text, len, NGX_WORKERS_PROBE,
                      JS_EVAL_TYPE_MODULE);

    if (JS_IsException(promise)) {
        return ngx_workers_compile_error(c);
    }

    if (JS_PromiseState(c->cx, promise) != JS_PROMISE_REJECTED) {
        JS_FreeValue(c->cx, promise);
        ngx_str_set(c->error, "the script could not be linked");
        return NGX_ERROR;
    }

    JS_PromiseMarkAsHandled(c->cx, promise);

    reason = JS_PromiseResult(c->cx, promise);
    JS_FreeValue(c->cx, promise);

    stopped = JS_IsNull(reason);

    if (stopped) {
        return NGX_OK;
    }

    (void) JS_Throw(c->cx, reason);

    return ngx_workers_compile_error(c);
}


static ngx_int_t
ngx_workers_compile_read(ngx_workers_compile_t *c, ngx_str_t *path,
    ngx_str_t *bytes)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_t       file;
    ngx_file_info_t  fi;

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        goto failed;
    }

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        (void) ngx_close_file(fd);
        goto failed;
    }

    if (!ngx_is_file(&fi) || ngx_file_size(&fi) > NGX_WORKERS_SCRIPT_MAX) {
        (void) ngx_close_file(fd);
        ngx_set_errno(NGX_EINVAL);
        goto failed;
    }

    bytes->len = (size_t) ngx_file_size(&fi);
    bytes->data = ngx_pnalloc(c->temp_pool, bytes->len + 1);

    if (bytes->data == NULL) {
        (void) ngx_close_file(fd);
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));
    file.fd = fd;
    file.name = *path;
    file.log = c->log;

    n = ngx_read_file(&file, bytes->data, bytes->len, 0);

    (void) ngx_close_file(fd);

    if (n == NGX_ERROR || (size_t) n != bytes->len) {
        goto failed;
    }

    if (bytes->len >= 3 && ngx_memcmp(bytes->data, "\xef\xbb\xbf", 3) == 0) {
        bytes->data += 3;
        bytes->len -= 3;
    }

    bytes->data[bytes->len] = '\0';

    return NGX_OK;

failed:

    c->error->data = ngx_pnalloc(c->temp_pool, path->len + 256);
    if (c->error->data == NULL) {
        return NGX_ERROR;
    }

    c->error->len = ngx_snprintf(c->error->data, path->len + 256,
                                 "\"%V\" could not be read (%s)", path,
                                 strerror(ngx_errno))
                    - c->error->data;

    return NGX_ERROR;
}


static ngx_int_t
ngx_workers_compile_write(ngx_workers_compile_t *c,
    ngx_workers_module_t *module, JSValueConst value)
{
    size_t    size;
    uint8_t  *data;

    data = JS_WriteObject(c->cx, &size, value,
                          JS_WRITE_OBJ_BYTECODE);
    if (data == NULL) {
        return NGX_ERROR;
    }

    module->data.len = size;
    module->data.data = ngx_palloc(c->pool, size);

    if (module->data.data == NULL) {
        js_free(c->cx, data);
        return NGX_ERROR;
    }

    ngx_memcpy(module->data.data, data, size);
    js_free(c->cx, data);

    return NGX_OK;
}


/* The pending exception as text: what is wrong, and where. */

static ngx_int_t
ngx_workers_compile_error(ngx_workers_compile_t *c)
{
    size_t       len, slen;
    u_char      *p;
    JSValue      reason, stack;
    const char  *text, *where, *end;

    reason = JS_GetException(c->cx);
    stack = JS_GetPropertyStr(c->cx, reason, "stack");

    text = JS_ToCStringLen(c->cx, &len, reason);
    where = JS_IsString(stack) ? JS_ToCStringLen(c->cx, &slen, stack) : NULL;

    if (text != NULL) {
        c->error->data = ngx_pnalloc(c->temp_pool,
                                     len + c->script->directory.len + 1024);

        if (c->error->data != NULL) {
            p = ngx_cpymem(c->error->data, text, len);

            /* "    at worker.js:3:7\n" */

            if (where != NULL
                && ngx_strncmp(where, "    at ", 7) == 0
                && where[7] != '<'
                && ngx_strncmp(where + 7, "workers:", 8) != 0)
            {
                end = strchr(where, '\n');
                slen = (end != NULL ? (size_t) (end - where) : slen) - 7;

                if (slen < 512) {
                    p = ngx_sprintf(p, " in %V%*s", &c->script->directory,
                                    slen, where + 7);
                }
            }

            c->error->len = p - c->error->data;
        }
    }

    JS_FreeCString(c->cx, text);
    JS_FreeCString(c->cx, where);
    JS_FreeValue(c->cx, stack);
    JS_FreeValue(c->cx, reason);

    if (JS_HasException(c->cx)) {
        JS_FreeValue(c->cx, JS_GetException(c->cx));
    }

    return NGX_ERROR;
}


/* The hash of all modules, names included: what a version id is made of. */

static ngx_int_t
ngx_workers_script_fingerprint(ngx_workers_script_t *script, ngx_pool_t *pool)
{
    u_char                 digest[EVP_MAX_MD_SIZE];
    ngx_int_t              rc;
    EVP_MD_CTX            *ctx;
    ngx_uint_t             i;
    unsigned               len;
    ngx_workers_module_t  *module;

    rc = NGX_ERROR;

    script->fingerprint.len = 64;
    script->fingerprint.data = ngx_pnalloc(pool, 64);

    ctx = EVP_MD_CTX_new();

    if (ctx == NULL || script->fingerprint.data == NULL
        || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
    {
        goto done;
    }

    module = script->modules.elts;

    for (i = 0; i < script->modules.nelts; i++) {
        if (EVP_DigestUpdate(ctx, module[i].name.data, module[i].name.len + 1)
            != 1
            || EVP_DigestUpdate(ctx, module[i].data.data, module[i].data.len)
               != 1)
        {
            goto done;
        }
    }

    if (EVP_DigestFinal_ex(ctx, digest, &len) != 1 || len != 32) {
        goto done;
    }

    (void) ngx_hex_dump(script->fingerprint.data, digest, 32);

    rc = NGX_OK;

done:

    EVP_MD_CTX_free(ctx);

    return rc;
}


void
ngx_workers_script_loader(JSRuntime *rt, ngx_workers_script_t *script)
{
    JS_SetModuleLoaderFunc2(rt, ngx_workers_script_normalize,
                            ngx_workers_script_load,
                            ngx_workers_script_attributes, script);
}


JSValue
ngx_workers_script_evaluate(JSContext *cx, ngx_workers_script_t *script,
    JSValue *ns)
{
    JSValue                value, promise;
    JSModuleDef           *m;
    ngx_workers_module_t  *module;

    module = script->modules.elts;

    value = JS_ReadObject(cx, module->data.data, module->data.len,
                          JS_READ_OBJ_BYTECODE);
    if (JS_IsException(value)) {
        return JS_EXCEPTION;
    }

    if (module->type == NGX_WORKERS_MODULE_SCRIPT) {
        promise = JS_EvalFunction(cx, value);

        if (JS_IsException(promise)) {
            return JS_EXCEPTION;
        }

        JS_FreeValue(cx, promise);

        return JS_UNDEFINED;
    }

    if (JS_ResolveModule(cx, value) < 0) {
        JS_FreeValue(cx, value);
        return JS_EXCEPTION;
    }

    m = JS_VALUE_GET_PTR(value);

    promise = JS_EvalFunction(cx, value);
    if (JS_IsException(promise)) {
        return JS_EXCEPTION;
    }

    *ns = JS_GetModuleNamespace(cx, m);

    if (JS_IsException(*ns)) {
        *ns = JS_UNDEFINED;
        JS_FreeValue(cx, promise);
        return JS_EXCEPTION;
    }

    return promise;
}


ngx_uint_t
ngx_workers_script_flag(ngx_workers_script_t *script, const char *enable,
    const char *disable, ngx_uint_t date)
{
    ngx_str_t   *flag;
    ngx_uint_t   i;

    if (script->compatibility_flags != NULL) {
        flag = script->compatibility_flags->elts;

        for (i = 0; i < script->compatibility_flags->nelts; i++) {

            if (ngx_strcmp(flag[i].data, enable) == 0) {
                return 1;
            }

            if (disable != NULL && ngx_strcmp(flag[i].data, disable) == 0) {
                return 0;
            }
        }
    }

    return date != 0 && script->compatibility_date >= date;
}


/*
 * "./lib.js" in "nested/deep.js" is "nested/lib.js": names are paths from the
 * script's directory, and never leave it.
 */

static char *
ngx_workers_script_normalize(JSContext *cx, const char *base,
    const char *name, void *opaque)
{
    char         builtin[NGX_WORKERS_BUILTIN_NAME], *path, *p, *segment;
    size_t       len;
    const char  *slash, *s, *end;

    if (ngx_workers_platform_node(opaque, name, builtin, sizeof(builtin))) {
        len = sizeof("workers:") + ngx_strlen(builtin);

        path = js_malloc(cx, len);
        if (path == NULL) {
            return NULL;
        }

        (void) ngx_snprintf((u_char *) path, len, "workers:%s%Z", builtin);

        return path;
    }

    if (strchr(name, ':') != NULL) {

        /* "workers:" and "native:" are for built-ins only */

        if ((ngx_strncmp(name, "workers:", 8) == 0
             || ngx_strncmp(name, "native:", 7) == 0)
            && ngx_strncmp(base, "workers:", 8) != 0)
        {
            (void) JS_ThrowReferenceError(cx, "no such module \"%s\"", name);
            return NULL;
        }

        return js_strdup(cx, name);
    }

    if (name[0] == '/') {
        (void) JS_ThrowReferenceError(cx, "import \"%s\" in \"%s\": expected a "
                                      "path relative to the script", name,
                                      base);
        return NULL;
    }

    slash = (strchr(base, ':') == NULL) ? strrchr(base, '/') : NULL;
    len = (slash != NULL) ? (size_t) (slash - base) + 1 : 0;

    path = js_malloc(cx, len + ngx_strlen(name) + 2);
    if (path == NULL) {
        return NULL;
    }

    p = path;

    if (len) {
        p = (char *) ngx_cpymem(p, base, len);
    }

    for (s = name; *s != '\0'; s = (*end == '/') ? end + 1 : end) {

        end = strchr(s, '/');
        if (end == NULL) {
            end = s + ngx_strlen(s);
        }

        len = end - s;

        if (len == 0 || (len == 1 && s[0] == '.')) {
            continue;
        }

        if (len == 2 && s[0] == '.' && s[1] == '.') {

            if (p == path) {
                js_free(cx, path);
                (void) JS_ThrowReferenceError(cx, "import \"%s\" in \"%s\" "
                                              "leaves the script's directory",
                                              name, base);
                return NULL;
            }

            for (segment = p - 1; segment > path && segment[-1] != '/';
                 segment--)
            {
                /* void */
            }

            p = segment;

            continue;
        }

        p = (char *) ngx_cpymem(p, s, len);

        if (*end == '/') {
            *p++ = '/';
        }
    }

    *p = '\0';

    /*
     * njs has modules of its own in each context, "fs" among them: a name
     * without an extension would find them.
     */

    for (segment = p; segment > path && segment[-1] != '/'; segment--) {
        /* void */
    }

    if (strchr(segment, '.') == NULL) {
        js_free(cx, path);
        (void) JS_ThrowReferenceError(cx, "no such module \"%s\", imported in "
                                      "\"%s\": expected a relative path with "
                                      "an extension", name, base);
        return NULL;
    }

    return path;
}


static int
ngx_workers_script_attributes(JSContext *cx, void *opaque,
    JSValueConst attributes)
{
    /* the extension decides; "with { type: 'json' }" says nothing else */

    return 0;
}


static JSModuleDef *
ngx_workers_script_load(JSContext *cx, const char *name, void *opaque,
    JSValueConst attributes)
{
    JSValue                value;
    JSModuleDef           *m;
    ngx_workers_module_t  *module;

    const ngx_workers_platform_t  *platform;

    platform = ngx_workers_platform_find(name);

    if (platform != NULL) {
        return ngx_workers_platform_load(cx, platform,
                                         ngx_workers_platform_init);
    }

    if (ngx_strncmp(name, "workers:", 8) == 0) {
        return ngx_workers_builtin_module(cx, name + 8);
    }

    if (ngx_strncmp(name, "native:", 7) == 0) {
        return ngx_workers_native_module(cx, name + 7);
    }

    module = ngx_workers_script_find(opaque, name, ngx_strlen(name));

    if (module == NULL) {
        (void) JS_ThrowPlainError(cx, "No such module \"%s\".", name);
        return NULL;
    }

    if (module->type != NGX_WORKERS_MODULE_ES) {
        return ngx_workers_script_value_module(cx, name);
    }

    value = JS_ReadObject(cx, module->data.data, module->data.len,
                          JS_READ_OBJ_BYTECODE);
    if (JS_IsException(value)) {
        return NULL;
    }

    m = JS_VALUE_GET_PTR(value);

    JS_FreeValue(cx, value);

    return m;
}


static ngx_workers_module_t *
ngx_workers_script_find(ngx_workers_script_t *script, const char *name,
    size_t len)
{
    ngx_uint_t             i;
    ngx_workers_module_t  *module;

    module = script->modules.elts;

    for (i = 0; i < script->modules.nelts; i++) {
        if (module[i].name.len == len
            && ngx_strncmp(module[i].name.data, name, len) == 0)
        {
            return &module[i];
        }
    }

    return NULL;
}


/* The module rules of wrangler. */

static ngx_workers_module_e
ngx_workers_script_type(const char *name, size_t len)
{
    ngx_uint_t  i;

    static const struct {
        const char            *extension;
        ngx_workers_module_e   type;
    } types[] = {
        { ".js", NGX_WORKERS_MODULE_ES },
        { ".mjs", NGX_WORKERS_MODULE_ES },
        { ".json", NGX_WORKERS_MODULE_JSON },
        { ".txt", NGX_WORKERS_MODULE_TEXT },
        { ".html", NGX_WORKERS_MODULE_TEXT },
        { ".sql", NGX_WORKERS_MODULE_TEXT },
        { ".bin", NGX_WORKERS_MODULE_DATA }
    };

    size_t  n;

    for (i = 0; i < ngx_workers_nitems(types); i++) {
        n = ngx_strlen(types[i].extension);

        if (len > n && ngx_strncmp(name + len - n, types[i].extension, n) == 0)
        {
            return types[i].type;
        }
    }

    return NGX_WORKERS_MODULE_UNKNOWN;
}


/* JSON, text and bytes: a module with a default export. */

static JSModuleDef *
ngx_workers_script_value_module(JSContext *cx, const char *name)
{
    JSModuleDef  *m;

    m = JS_NewCModule(cx, name, ngx_workers_script_value_init);

    if (m != NULL && JS_AddModuleExport(cx, m, "default") < 0) {
        return NULL;
    }

    return m;
}


static int
ngx_workers_script_value_init(JSContext *cx, JSModuleDef *m)
{
    JSAtom                 atom;
    JSValue                value;
    const char            *name;
    ngx_workers_module_t  *module;

    atom = JS_GetModuleName(cx, m);
    name = JS_AtomToCString(cx, atom);
    JS_FreeAtom(cx, atom);

    if (name == NULL) {
        return -1;
    }

    module = ngx_workers_script_find(ngx_workers_isolate(cx)->script, name,
                                     ngx_strlen(name));

    if (module == NULL) {
        JS_FreeCString(cx, name);
        return -1;
    }

    if (module->type == NGX_WORKERS_MODULE_JSON) {
        value = JS_ParseJSON(cx, (char *) module->data.data, module->data.len,
                             name);

    } else if (module->type == NGX_WORKERS_MODULE_TEXT) {
        value = ngx_workers_utf8_decode(cx, module->data.data,
                                        module->data.len);

    } else {
        value = ngx_workers_new_array_buffer(cx, &module->data);
    }

    JS_FreeCString(cx, name);

    if (JS_IsException(value)) {
        return -1;
    }

    return JS_SetModuleExport(cx, m, "default", value);
}


/* null is what a script's own code could throw too, but none runs here. */

static int
ngx_workers_script_stop_init(JSContext *cx, JSModuleDef *m)
{
    (void) JS_Throw(cx, JS_NULL);

    return -1;
}
