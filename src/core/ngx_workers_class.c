
/*
 * Copyright (C) the nginx-workers authors
 *
 * Classes, built-ins and the rest of the global scope, as lists.
 */


#include "ngx_workers_isolate.h"
#include "ngx_workers_builtin.h"


/* njs's own ids; ours are taken on either side of them. */
#define NGX_WORKERS_NJS_CLASS_FIRST  128
#define NGX_WORKERS_NJS_CLASS_LAST   159

#define NGX_WORKERS_BUILTIN_GLOBALS  64    /* of one built-in, at most */


#define NGX_WORKERS_WEB(X)                                                    \
    X(context)                                                                \
    X(source)                                                                 \
    X(compression)                                                            \
    X(rewriter)                                                               \
    X(headers)                                                                \
    X(body)                                                                   \
    X(request)                                                                \
    X(response)                                                               \
    X(fetch)                                                                  \
    X(tcp)                                                                    \
    X(cache)                                                                  \
    X(url)                                                                    \
    X(url_params)                                                             \
    X(urlpattern)                                                             \
    X(encoding)                                                               \
    X(events)                                                                 \
    X(timers)                                                                 \
    X(websocket)                                                              \
    X(eventsource)                                                            \
    X(fetch_cache)                                                            \
    X(console)                                                                \
    X(globals)                                                                \
    X(base64)                                                                 \
    X(errors)                                                                 \
    X(functions)                                                              \
    X(crypto)                                                                 \
    X(string)                                                                 \
    X(date)                                                                   \
    X(regexp)                                                                 \
    X(intl)                                                                   \
    X(node_globals)                                                           \
    X(node_crypto)                                                            \
    X(node_key)                                                               \
    X(node_x509)                                                              \
    X(node_zlib)                                                              \
    X(clone)                                /* a new file: one line here */


#define NGX_WORKERS_NATIVE(X)                                                 \
    X(async_hooks)                                                            \
    X(bignum)                                                                 \
    X(buffer)                                                                 \
    X(crypto)                                                                 \
    X(dns)                                                                    \
    X(fs)                                                                     \
    X(key)                                                                    \
    X(process)                                                                \
    X(util)                                                                   \
    X(x509)                                                                   \
    X(zlib)                                 /* a new file: one line here */


#define NGX_WORKERS_X(name)                                                   \
    extern ngx_workers_web_t  ngx_workers_##name##_web;
NGX_WORKERS_WEB(NGX_WORKERS_X)
#undef NGX_WORKERS_X

#define NGX_WORKERS_X(name)                                                   \
    extern ngx_workers_native_t  ngx_workers_node_##name##_native;
NGX_WORKERS_NATIVE(NGX_WORKERS_X)
#undef NGX_WORKERS_X


static ngx_int_t ngx_workers_class_take_id(JSRuntime *rt,
    ngx_workers_class_t *class, ngx_log_t *log);
static ngx_int_t ngx_workers_scope_add(JSContext *cx, JSValueConst global);
static ngx_int_t ngx_workers_scope_class(JSContext *cx, JSValueConst target,
    JSValueConst proto, ngx_uint_t i);
static JSValue ngx_workers_iterator_prototype(JSContext *cx,
    JSValueConst global);
static ngx_int_t ngx_workers_builtin_globals(JSContext *cx,
    JSValueConst global, ngx_workers_builtin_t *b);
static ngx_workers_builtin_t *ngx_workers_builtin_by_magic(int magic);
static JSValue ngx_workers_builtin_get(JSContext *cx, JSValueConst this_val,
    int magic);
static JSValue ngx_workers_builtin_set(JSContext *cx, JSValueConst this_val,
    JSValueConst val, int magic);
static JSValue ngx_workers_builtin_load(JSContext *cx,
    ngx_workers_builtin_t *b);
static const ngx_workers_builtin_data_t *ngx_workers_builtin_find(
    const char *name);
static ngx_workers_native_t *ngx_workers_native_find(const char *name);
static int ngx_workers_native_init(JSContext *cx, JSModuleDef *m);
static const char *ngx_workers_builtin_by_prototype(JSContext *cx,
    JSValueConst proto);
static JSValue ngx_workers_illegal_constructor(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv);


static const JSCFunctionListEntry  ngx_workers_scope_tags[] = {
    NGX_WORKERS_TAG("WorkerGlobalScope"),
    NGX_WORKERS_TAG("ServiceWorkerGlobalScope"),
};


static const JSCFunctionType  ngx_workers_builtin_getter = {
    .getter_magic = ngx_workers_builtin_get
};


static const JSCFunctionType  ngx_workers_builtin_setter = {
    .setter_magic = ngx_workers_builtin_set
};


static ngx_workers_web_t  *ngx_workers_web[] = {
#define NGX_WORKERS_X(name)  &ngx_workers_##name##_web,
    NGX_WORKERS_WEB(NGX_WORKERS_X)
#undef NGX_WORKERS_X
    NULL
};


static ngx_workers_native_t  *ngx_workers_natives[] = {
#define NGX_WORKERS_X(name)  &ngx_workers_node_##name##_native,
    NGX_WORKERS_NATIVE(NGX_WORKERS_X)
#undef NGX_WORKERS_X
    NULL
};


ngx_int_t
ngx_workers_classes_init(ngx_workers_class_t ***lists, ngx_log_t *log)
{
    ngx_int_t               rc;
    JSRuntime              *rt;
    ngx_uint_t              n;
    ngx_workers_web_t     **web;
    ngx_workers_class_t   **class;
    ngx_workers_builtin_t **b;

    /* ids are counted per runtime: this one stands for all */

    rt = JS_NewRuntime();
    if (rt == NULL) {
        return NGX_ERROR;
    }

    n = 0;
    rc = NGX_OK;

    for (web = ngx_workers_web; *web != NULL; web++) {

        for (class = (*web)->classes; class != NULL && *class != NULL; class++)
        {
            if (ngx_workers_class_take_id(rt, *class, log) != NGX_OK) {
                rc = NGX_ERROR;
            }
        }

        for (b = (*web)->builtins; b != NULL && *b != NULL; b++) {
            (*b)->index = n++;
        }
    }

    for ( /* void */ ; *lists != NULL; lists++) {

        for (class = *lists; *class != NULL; class++) {
            if (ngx_workers_class_take_id(rt, *class, log) != NGX_OK) {
                rc = NGX_ERROR;
            }
        }
    }

    JS_FreeRuntime(rt);

    return rc;
}


static ngx_int_t
ngx_workers_class_take_id(JSRuntime *rt, ngx_workers_class_t *class,
    ngx_log_t *log)
{
    if (class->id != 0) {
        return NGX_OK;
    }

    do {
        class->id = 0;

        if (JS_NewClassID(rt, &class->id) == JS_INVALID_CLASS_ID) {
            ngx_log_error(NGX_LOG_EMERG, log, 0,
                          "no class id for \"%s\"", class->def.class_name);
            return NGX_ERROR;
        }

    } while (class->id >= NGX_WORKERS_NJS_CLASS_FIRST
             && class->id <= NGX_WORKERS_NJS_CLASS_LAST);

    return NGX_OK;
}


ngx_uint_t
ngx_workers_builtins_count(void)
{
    ngx_uint_t               n;
    ngx_workers_web_t      **web;
    ngx_workers_builtin_t  **b;

    n = 0;

    for (web = ngx_workers_web; *web != NULL; web++) {
        for (b = (*web)->builtins; b != NULL && *b != NULL; b++) {
            n++;
        }
    }

    return n;
}


ngx_int_t
ngx_workers_classes_add(JSContext *cx, JSValueConst global)
{
    ngx_workers_web_t      **web;
    ngx_workers_class_t    **class;
    ngx_workers_builtin_t  **b;

    if (ngx_workers_scope_add(cx, global) != NGX_OK) {
        return NGX_ERROR;
    }

    for (web = ngx_workers_web; *web != NULL; web++) {

        for (class = (*web)->classes; class != NULL && *class != NULL; class++)
        {
            if (!(*class)->lazy
                && ngx_workers_class_add(cx, global, *class) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        for (b = (*web)->builtins; b != NULL && *b != NULL; b++) {
            if (ngx_workers_builtin_globals(cx, global, *b) != NGX_OK) {
                return NGX_ERROR;
            }
        }
    }

    for (web = ngx_workers_web; *web != NULL; web++) {
        if ((*web)->init != NULL && (*web)->init(cx, global) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * The global object inherits ServiceWorkerGlobalScope.prototype, which has
 * the names of the platform, and WorkerGlobalScope.prototype; events.js adds
 * EventTarget.prototype to them.
 */

static ngx_int_t
ngx_workers_scope_add(JSContext *cx, JSValueConst global)
{
    JSAtom                  atom;
    JSValue                 worker, symbol, tag;
    ngx_int_t               rc;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);
    rc = NGX_ERROR;

    worker = JS_NewObject(cx);
    if (JS_IsException(worker)) {
        return NGX_ERROR;
    }

    iso->scope = JS_NewObjectProto(cx, worker);

    if (JS_IsException(iso->scope)
        || ngx_workers_scope_class(cx, iso->scope, worker, 0) != NGX_OK
        || ngx_workers_scope_class(cx, global, iso->scope, 1) != NGX_OK
        || JS_SetPrototype(cx, global, iso->scope) < 0)
    {
        goto done;
    }

    /* the engine's own tag would hide that of the prototype */

    symbol = JS_GetPropertyStr(cx, global, "Symbol");
    tag = JS_GetPropertyStr(cx, symbol, "toStringTag");
    JS_FreeValue(cx, symbol);

    atom = JS_ValueToAtom(cx, tag);
    JS_FreeValue(cx, tag);

    if (atom == JS_ATOM_NULL) {
        goto done;
    }

    rc = JS_DeleteProperty(cx, global, atom, 0) < 0 ? NGX_ERROR : NGX_OK;
    JS_FreeAtom(cx, atom);

done:

    JS_FreeValue(cx, worker);

    return rc;
}


/* Makes the i-th of the classes whose only object is the global one. */

static ngx_int_t
ngx_workers_scope_class(JSContext *cx, JSValueConst target, JSValueConst proto,
    ngx_uint_t i)
{
    JSValue      ctor;
    const char  *name;

    name = ngx_workers_scope_tags[i].u.str;

    ctor = JS_NewCFunction2(cx, ngx_workers_illegal_constructor, name, 0,
                            JS_CFUNC_constructor, 0);

    if (JS_IsException(ctor)
        || JS_SetConstructor(cx, ctor, proto) < 0
        || JS_SetPropertyFunctionList(cx, proto, &ngx_workers_scope_tags[i], 1)
           < 0)
    {
        JS_FreeValue(cx, ctor);
        return NGX_ERROR;
    }

    if (JS_DefinePropertyValueStr(cx, target, name, ctor, JS_PROP_C_W_E) < 0) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_workers_class_add(JSContext *cx, JSValueConst global,
    ngx_workers_class_t *class)
{
    JSAtom       atom;
    JSValue      proto, ctor, base;
    JSRuntime   *rt;
    const char  *name;

    rt = JS_GetRuntime(cx);
    name = class->def.class_name;

    if (!JS_IsRegisteredClass(rt, class->id)
        && JS_NewClass(rt, class->id, &class->def) < 0)
    {
        (void) JS_ThrowInternalError(cx, "class \"%s\" was not made", name);
        return NGX_ERROR;
    }

    if (class->iterator) {
        base = ngx_workers_iterator_prototype(cx, global);
        if (JS_IsException(base)) {
            return NGX_ERROR;
        }

        proto = JS_NewObjectProto(cx, base);
        JS_FreeValue(cx, base);

    } else if (class->parent != NULL) {
        base = JS_GetClassProto(cx, class->parent->id);
        proto = JS_NewObjectProto(cx, base);
        JS_FreeValue(cx, base);

    } else {
        proto = JS_NewObject(cx);
    }

    if (JS_IsException(proto)) {
        return NGX_ERROR;
    }

    if (JS_SetPropertyFunctionList(cx, proto, class->proto, class->nproto) < 0)
    {
        JS_FreeValue(cx, proto);
        return NGX_ERROR;
    }

    if (class->iterator) {
        JS_SetClassProto(cx, class->id, proto);
        return NGX_OK;
    }

    ctor = JS_NewCFunction2(cx, class->constructor != NULL
                                ? class->constructor
                                : ngx_workers_illegal_constructor,
                            name, class->length, JS_CFUNC_constructor, 0);

    if (JS_IsException(ctor)
        || JS_SetConstructor(cx, ctor, proto) < 0
        || JS_SetPropertyFunctionList(cx, ctor, class->statics,
                                      class->nstatics) < 0)
    {
        JS_FreeValue(cx, ctor);
        JS_FreeValue(cx, proto);
        return NGX_ERROR;
    }

    JS_SetClassProto(cx, class->id, proto);

    if (class->hidden) {
        JS_FreeValue(cx, ctor);
        return NGX_OK;
    }

    atom = JS_NewAtom(cx, name);
    if (atom == JS_ATOM_NULL) {
        JS_FreeValue(cx, ctor);
        return NGX_ERROR;
    }

    if (JS_DefinePropertyValue(cx, ngx_workers_isolate(cx)->scope, atom, ctor,
                               JS_PROP_C_W_E)
        < 0)
    {
        JS_FreeAtom(cx, atom);
        return NGX_ERROR;
    }

    JS_FreeAtom(cx, atom);

    return NGX_OK;
}


/* %IteratorPrototype%, which every iterator of ours inherits. */

static JSValue
ngx_workers_iterator_prototype(JSContext *cx, JSValueConst global)
{
    JSValue  iterator, proto;

    iterator = JS_GetPropertyStr(cx, global, "Iterator");
    if (JS_IsException(iterator)) {
        return iterator;
    }

    proto = JS_GetPropertyStr(cx, iterator, "prototype");
    JS_FreeValue(cx, iterator);

    return proto;
}


static JSValue
ngx_workers_illegal_constructor(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv)
{
    return JS_ThrowTypeError(cx, "Illegal constructor");
}


/*
 * A global that a built-in provides is an accessor until it is first used,
 * and a plain property from then on.  The accessor's magic number names the
 * built-in and the export.
 */

static ngx_int_t
ngx_workers_builtin_globals(JSContext *cx, JSValueConst global,
    ngx_workers_builtin_t *b)
{
    int         magic;
    JSAtom      atom;
    JSValue     get, set;
    ngx_uint_t  i;

    if (b->globals == NULL) {
        return NGX_OK;
    }

    for (i = 0; b->globals[i] != NULL; i++) {

        magic = b->index * NGX_WORKERS_BUILTIN_GLOBALS + i;

        get = JS_NewCFunction2(cx, ngx_workers_builtin_getter.generic,
                               b->globals[i], 0, JS_CFUNC_getter_magic, magic);
        set = JS_NewCFunction2(cx, ngx_workers_builtin_setter.generic,
                               b->globals[i], 1, JS_CFUNC_setter_magic, magic);

        atom = JS_NewAtom(cx, b->globals[i]);

        if (JS_IsException(get) || JS_IsException(set) || atom == JS_ATOM_NULL)
        {
            JS_FreeValue(cx, get);
            JS_FreeValue(cx, set);
            return NGX_ERROR;
        }

        if (JS_DefinePropertyGetSet(cx, ngx_workers_isolate(cx)->scope, atom,
                                    get, set,
                                    JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE)
            < 0)
        {
            JS_FreeAtom(cx, atom);
            return NGX_ERROR;
        }

        JS_FreeAtom(cx, atom);
    }

    return NGX_OK;
}


static ngx_workers_builtin_t *
ngx_workers_builtin_by_magic(int magic)
{
    ngx_uint_t               index;
    ngx_workers_web_t      **web;
    ngx_workers_builtin_t  **b;

    index = magic / NGX_WORKERS_BUILTIN_GLOBALS;

    for (web = ngx_workers_web; *web != NULL; web++) {
        for (b = (*web)->builtins; b != NULL && *b != NULL; b++) {
            if ((*b)->index == index) {
                return *b;
            }
        }
    }

    return NULL;
}


static JSValue
ngx_workers_builtin_get(JSContext *cx, JSValueConst this_val, int magic)
{
    JSValue                 value;
    JSValueConst            exports;
    const char             *name;
    ngx_workers_builtin_t  *b;

    b = ngx_workers_builtin_by_magic(magic);
    name = b->globals[magic % NGX_WORKERS_BUILTIN_GLOBALS];

    exports = ngx_workers_builtin(cx, b);
    if (JS_IsException(exports)) {
        return JS_EXCEPTION;
    }

    value = JS_GetPropertyStr(cx, exports, name);
    if (JS_IsException(value)) {
        return JS_EXCEPTION;
    }

    if (JS_DefinePropertyValueStr(cx, ngx_workers_isolate(cx)->scope, name,
                                  JS_DupValue(cx, value), JS_PROP_C_W_E)
        < 0)
    {
        JS_FreeValue(cx, value);
        return JS_EXCEPTION;
    }

    return value;
}


static JSValue
ngx_workers_builtin_set(JSContext *cx, JSValueConst this_val, JSValueConst val,
    int magic)
{
    ngx_workers_builtin_t  *b;

    b = ngx_workers_builtin_by_magic(magic);

    if (JS_DefinePropertyValueStr(cx, ngx_workers_isolate(cx)->global,
                                  b->globals[magic
                                             % NGX_WORKERS_BUILTIN_GLOBALS],
                                  JS_DupValue(cx, val), JS_PROP_C_W_E)
        < 0)
    {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}


JSValueConst
ngx_workers_builtin(JSContext *cx, ngx_workers_builtin_t *b)
{
    JSValue                *slot;
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);
    slot = &iso->builtins[b->index];

    if (JS_IsUndefined(*slot)) {
        *slot = ngx_workers_builtin_load(cx, b);

        if (JS_IsException(*slot)) {
            *slot = JS_UNDEFINED;
            return JS_EXCEPTION;
        }
    }

    return *slot;
}


static JSValue
ngx_workers_builtin_load(JSContext *cx, ngx_workers_builtin_t *b)
{
    JSValue  ret, ns, define, native;

    ns = ngx_workers_builtin_namespace(cx, b->name);
    if (JS_IsException(ns)) {
        return JS_EXCEPTION;
    }

    define = JS_GetProperty(cx, ns, ngx_workers_atom(cx, DEFAULT));
    JS_FreeValue(cx, ns);

    if (JS_IsException(define)) {
        return JS_EXCEPTION;
    }

    native = (b->native != NULL) ? b->native(cx) : JS_UNDEFINED;
    if (JS_IsException(native)) {
        JS_FreeValue(cx, define);
        return JS_EXCEPTION;
    }

    ret = JS_Call(cx, define, JS_UNDEFINED, 1, (JSValueConst *) &native);

    JS_FreeValue(cx, define);
    JS_FreeValue(cx, native);

    return ret;
}


JSValue
ngx_workers_builtin_namespace(JSContext *cx, const char *name)
{
    JSValue       module, ret;
    JSModuleDef  *m;

    m = ngx_workers_builtin_module(cx, name);
    if (m == NULL) {
        return JS_EXCEPTION;
    }

    module = JS_DupValue(cx, JS_MKPTR(JS_TAG_MODULE, m));

    if (JS_ResolveModule(cx, module) < 0) {

        /* out of memory: the engine has freed modules, this one maybe */

        js_free(cx, ngx_workers_isolate(cx)->modules);
        ngx_workers_isolate(cx)->modules = NULL;

        JS_FreeValue(cx, module);
        return JS_EXCEPTION;
    }

    ret = JS_EvalFunction(cx, module);
    if (JS_IsException(ret)) {
        return JS_EXCEPTION;
    }

    if (JS_PromiseState(cx, ret) == JS_PROMISE_REJECTED) {
        JS_PromiseMarkAsHandled(cx, ret);
        (void) JS_Throw(cx, JS_PromiseResult(cx, ret));
        JS_FreeValue(cx, ret);
        return JS_EXCEPTION;
    }

    JS_FreeValue(cx, ret);

    return JS_GetModuleNamespace(cx, m);
}


const char *
ngx_workers_builtin_class(JSContext *cx, JSValueConst proto)
{
    JSValue      p, next;
    const char  *name;

    name = NULL;
    p = JS_DupValue(cx, proto);

    /* a Proxy would run the script's code */

    while (JS_IsObject(p) && !JS_IsProxy(p) && name == NULL) {
        name = ngx_workers_builtin_by_prototype(cx, p);

        next = JS_GetPrototype(cx, p);
        JS_FreeValue(cx, p);
        p = next;
    }

    JS_FreeValue(cx, p);

    return name;
}


static const char *
ngx_workers_builtin_by_prototype(JSContext *cx, JSValueConst proto)
{
    JSValue                  class, p, exports;
    ngx_uint_t               i, same;
    ngx_workers_web_t      **web;
    ngx_workers_builtin_t  **b;

    for (web = ngx_workers_web; *web != NULL; web++) {
        for (b = (*web)->builtins; b != NULL && *b != NULL; b++) {

            exports = ngx_workers_isolate(cx)->builtins[(*b)->index];

            if (JS_IsUndefined(exports) || (*b)->globals == NULL) {
                continue;
            }

            for (i = 0; (*b)->globals[i] != NULL; i++) {
                class = JS_GetPropertyStr(cx, exports, (*b)->globals[i]);

                p = JS_GetProperty(cx, class, ngx_workers_atom(cx, PROTOTYPE));
                same = JS_IsObject(p)
                       && JS_VALUE_GET_PTR(p) == JS_VALUE_GET_PTR(proto);

                JS_FreeValue(cx, p);
                JS_FreeValue(cx, class);

                if (same) {
                    return (*b)->globals[i];
                }
            }
        }
    }

    return NULL;
}


JSModuleDef *
ngx_workers_builtin_module(JSContext *cx, const char *name)
{
    ngx_uint_t                         n;
    JSModuleDef                      **m;
    ngx_workers_isolate_t             *iso;
    const ngx_workers_builtin_data_t  *data;

    iso = ngx_workers_isolate(cx);

    if (iso->modules == NULL) {

        for (n = 0; ngx_workers_builtin_data[n].name != NULL; n++) {
            /* void */
        }

        iso->modules = js_mallocz(cx, n * sizeof(JSModuleDef *));
        if (iso->modules == NULL) {
            return NULL;
        }
    }

    data = ngx_workers_builtin_find(name);

    if (data == NULL) {
        (void) JS_ThrowInternalError(cx, "no built-in \"%s\"", name);
        return NULL;
    }

    m = &iso->modules[data - ngx_workers_builtin_data];

    if (*m == NULL) {
        *m = ngx_workers_builtin_read(cx, name);
    }

    return *m;
}


JSModuleDef *
ngx_workers_builtin_read(JSContext *cx, const char *name)
{
    JSValue                            module;
    JSModuleDef                       *m;
    const ngx_workers_builtin_data_t  *data;

    data = ngx_workers_builtin_find(name);

    if (data == NULL) {
        (void) JS_ThrowInternalError(cx, "no built-in \"%s\"", name);
        return NULL;
    }

    module = JS_ReadObject(cx, data->data, data->size, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(module)) {
        return NULL;
    }

    m = JS_VALUE_GET_PTR(module);

    /* the context holds its modules */

    JS_FreeValue(cx, module);

    return m;
}


ngx_uint_t
ngx_workers_builtin_exists(const char *name)
{
    return ngx_workers_builtin_find(name) != NULL;
}


static const ngx_workers_builtin_data_t *
ngx_workers_builtin_find(const char *name)
{
    const ngx_workers_builtin_data_t  *data;

    for (data = ngx_workers_builtin_data; data->name != NULL; data++) {
        if (ngx_strcmp(data->name, name) == 0) {
            return data;
        }
    }

    return NULL;
}


JSModuleDef *
ngx_workers_native_module(JSContext *cx, const char *name)
{
    char          module[64];
    JSModuleDef  *m;

    if (ngx_workers_native_find(name) == NULL) {
        (void) JS_ThrowInternalError(cx, "no native half \"%s\"", name);
        return NULL;
    }

    (void) ngx_snprintf((u_char *) module, sizeof(module), "native:%s%Z",
                        name);

    m = JS_NewCModule(cx, module, ngx_workers_native_init);

    if (m == NULL || JS_AddModuleExport(cx, m, "default") < 0) {
        return NULL;
    }

    return m;
}


static ngx_workers_native_t *
ngx_workers_native_find(const char *name)
{
    ngx_workers_native_t  **native;

    for (native = ngx_workers_natives; *native != NULL; native++) {
        if (ngx_strcmp((*native)->name, name) == 0) {
            return *native;
        }
    }

    return NULL;
}


static int
ngx_workers_native_init(JSContext *cx, JSModuleDef *m)
{
    JSAtom                 atom;
    JSValue                value;
    const char            *name;
    ngx_workers_native_t  *native;

    atom = JS_GetModuleName(cx, m);
    name = JS_AtomToCString(cx, atom);
    JS_FreeAtom(cx, atom);

    if (name == NULL) {
        return -1;
    }

    native = ngx_workers_native_find(name + sizeof("native:") - 1);
    JS_FreeCString(cx, name);

    value = native->make(cx);
    if (JS_IsException(value)) {
        return -1;
    }

    return JS_SetModuleExport(cx, m, "default", value);
}


JSValue
ngx_workers_builtin_call(JSContext *cx, ngx_workers_builtin_t *b,
    const char *name, int argc, JSValueConst *argv)
{
    JSValue       func, ret;
    JSValueConst  exports;

    exports = ngx_workers_builtin(cx, b);
    if (JS_IsException(exports)) {
        return JS_EXCEPTION;
    }

    func = JS_GetPropertyStr(cx, exports, name);
    if (JS_IsException(func)) {
        return JS_EXCEPTION;
    }

    ret = JS_Call(cx, func, JS_UNDEFINED, argc, argv);
    JS_FreeValue(cx, func);

    return ret;
}
