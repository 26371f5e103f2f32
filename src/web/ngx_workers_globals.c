
/*
 * Copyright (C) the nginx-workers authors
 *
 * The global scope beside classes and built-ins: what njs leaves out of a
 * context and what it puts in, performance, navigator, Cloudflare.
 */


#include "ngx_workers_globals.h"
#include "../core/ngx_workers_flags.h"

#include <time.h>


#define NGX_WORKERS_NAVIGATOR_PROP                                            \
    (JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE)

static ngx_int_t ngx_workers_globals_init(JSContext *cx, JSValueConst global);
static ngx_int_t ngx_workers_globals_intrinsics(JSContext *cx,
    JSValueConst global);
static ngx_int_t ngx_workers_globals_weak_ref(JSContext *cx,
    JSValueConst global);
static JSValue ngx_workers_weak_ref_constructor(JSContext *cx,
    JSValueConst new_target, int argc, JSValueConst *argv, int magic,
    JSValueConst *data);
static JSValue ngx_workers_weak_ref_job(JSContext *cx, int argc,
    JSValueConst *argv);
static JSValue ngx_workers_performance_ext_now(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_performance_ext_time_origin(JSContext *cx,
    JSValueConst this_val);
static ngx_int_t ngx_workers_navigator_add(JSContext *cx, JSValueConst global);
static JSValue ngx_workers_navigator_ext_languages(JSContext *cx,
    JSValueConst this_val);
static JSValue ngx_workers_navigator_ext_send_beacon(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_cloudflare_native(JSContext *cx);
static JSValue ngx_workers_workers_native(JSContext *cx);
static JSValue ngx_workers_workers_ext_env(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_workers_ext_wait_until(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static const JSCFunctionListEntry  ngx_workers_performance_proto[] = {
    NGX_WORKERS_METHOD("now", 0, ngx_workers_performance_ext_now),
    NGX_WORKERS_GETSET("timeOrigin", ngx_workers_performance_ext_time_origin,
                       NULL),
    NGX_WORKERS_TAG("Performance"),
};


ngx_workers_class_t  ngx_workers_performance_class = {
    .def = { .class_name = "Performance" },
    .proto = ngx_workers_performance_proto,
    .nproto = ngx_workers_nitems(ngx_workers_performance_proto),
    .hidden = 1,
};


static const JSCFunctionListEntry  ngx_workers_navigator_proto[] = {
    NGX_WORKERS_METHOD("sendBeacon", 1, ngx_workers_navigator_ext_send_beacon),
    NGX_WORKERS_TAG("Navigator"),
};


static ngx_workers_class_t  ngx_workers_navigator_class = {
    .def = { .class_name = "Navigator" },
    .proto = ngx_workers_navigator_proto,
    .nproto = ngx_workers_nitems(ngx_workers_navigator_proto),
};


static const JSCFunctionListEntry  ngx_workers_navigator_list[] = {
    JS_PROP_STRING_DEF("userAgent", "Cloudflare-Workers",
                       NGX_WORKERS_NAVIGATOR_PROP),
    JS_PROP_INT32_DEF("hardwareConcurrency", 1, NGX_WORKERS_NAVIGATOR_PROP),
    JS_PROP_STRING_DEF("platform", "", NGX_WORKERS_NAVIGATOR_PROP),
};


static const JSCFunctionListEntry  ngx_workers_navigator_language[] = {
    JS_PROP_STRING_DEF("language", "en", NGX_WORKERS_NAVIGATOR_PROP),
    NGX_WORKERS_GETSET("languages", ngx_workers_navigator_ext_languages, NULL),
};


static const JSCFunctionListEntry  ngx_workers_globals_origin[] = {
    JS_PROP_STRING_DEF("origin", "null",
                       JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE),
};


static ngx_workers_class_t  *ngx_workers_globals_classes[] = {
    &ngx_workers_performance_class,
    &ngx_workers_navigator_class,
    NULL
};


static const JSCFunctionListEntry  ngx_workers_workers_methods[] = {
    NGX_WORKERS_METHOD("env", 0, ngx_workers_workers_ext_env),
    NGX_WORKERS_METHOD("waitUntil", 1, ngx_workers_workers_ext_wait_until),
};


ngx_workers_builtin_t  ngx_workers_workers_builtin = {
    "workers",
    NULL,
    ngx_workers_workers_native,
    0
};


static const char *const  ngx_workers_cloudflare_globals[] = {
    "Cloudflare", NULL
};


static ngx_workers_builtin_t  ngx_workers_cloudflare_builtin = {
    "cloudflare",
    ngx_workers_cloudflare_globals,
    ngx_workers_cloudflare_native,
    0
};


static ngx_workers_builtin_t  *ngx_workers_globals_builtins[] = {
    &ngx_workers_workers_builtin,
    &ngx_workers_cloudflare_builtin,
    NULL
};


ngx_workers_web_t  ngx_workers_globals_web = {
    ngx_workers_globals_classes,
    ngx_workers_globals_builtins,
    ngx_workers_globals_init
};


/* What njs puts into the global scope: not there in Workers, or different. */
static const char  *ngx_workers_globals_foreign[] = {
    "njs", "Buffer", "process", "atob", "btoa", "TextDecoder", "TextEncoder",
    "InternalError", NULL
};


static ngx_int_t
ngx_workers_globals_init(JSContext *cx, JSValueConst global)
{
    if (ngx_workers_globals_intrinsics(cx, global) != NGX_OK) {
        return NGX_ERROR;
    }

    if (JS_DefinePropertyValueStr(cx, global, "self",
                                  JS_DupValue(cx, global), JS_PROP_C_W_E)
        < 0)
    {
        return NGX_ERROR;
    }

    if (ngx_workers_singleton(cx, global, &ngx_workers_performance_class,
                              "performance")
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (JS_SetPropertyFunctionList(cx, global, ngx_workers_globals_origin, 1)
        < 0)
    {
        return NGX_ERROR;
    }

    return ngx_workers_navigator_add(cx, global);
}


/* Its properties are its own, and those of the navigator object alone. */

static ngx_int_t
ngx_workers_navigator_add(JSContext *cx, JSValueConst global)
{
    int                    rc;
    JSValue                navigator;
    ngx_workers_script_t  *script;

    script = ngx_workers_isolate(cx)->script;

    if (!ngx_workers_flag_holds(script, "global_navigator")) {
        return NGX_OK;
    }

    if (ngx_workers_singleton(cx, global, &ngx_workers_navigator_class,
                              "navigator")
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    navigator = JS_GetPropertyStr(cx, global, "navigator");

    rc = JS_SetPropertyFunctionList(cx, navigator,
                                ngx_workers_navigator_list,
                                ngx_workers_nitems(ngx_workers_navigator_list));

    if (rc == 0
        && ngx_workers_flag_holds(script, "enable_navigator_language"))
    {
        rc = JS_SetPropertyFunctionList(cx, navigator,
                                        ngx_workers_navigator_language,
                           ngx_workers_nitems(ngx_workers_navigator_language));
    }

    JS_FreeValue(cx, navigator);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_workers_globals_intrinsics(JSContext *cx, JSValueConst global)
{
    const char  **name;

    for (name = ngx_workers_globals_foreign; *name != NULL; name++) {
        if (ngx_workers_globals_delete(cx, global, *name) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (JS_AddIntrinsicDOMException(cx) < 0) {
        return NGX_ERROR;
    }

    if (!ngx_workers_flag_holds(ngx_workers_isolate(cx)->script,
                                "enable_weak_ref"))
    {
        return NGX_OK;
    }

    if (JS_AddIntrinsicWeakRef(cx) < 0) {
        return NGX_ERROR;
    }

    return ngx_workers_globals_weak_ref(cx, global);
}


/*
 * The engine frees an object with its last reference, so that the target of a
 * new WeakRef may be gone in the next statement; ECMAScript keeps it until the
 * end of the job (section 9.9.3).  A job that does nothing holds it here.
 */

static ngx_int_t
ngx_workers_globals_weak_ref(JSContext *cx, JSValueConst global)
{
    JSValue    base, proto, ctor;
    ngx_int_t  rc;

    base = JS_GetPropertyStr(cx, global, "WeakRef");
    if (JS_IsException(base)) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    ctor = JS_UNDEFINED;

    proto = JS_GetProperty(cx, base, ngx_workers_atom(cx, PROTOTYPE));
    if (JS_IsException(proto)) {
        goto done;
    }

    ctor = JS_NewCFunctionData2(cx, ngx_workers_weak_ref_constructor,
                                "WeakRef", 1, 0, 1, (JSValueConst *) &base);
    if (JS_IsException(ctor)) {
        goto done;
    }

    (void) JS_SetConstructorBit(cx, ctor, 1);

    if (JS_DefinePropertyValueStr(cx, ctor, "prototype",
                                  JS_DupValue(cx, proto), 0)
        < 0
        || JS_DefinePropertyValueStr(cx, proto, "constructor",
                                     JS_DupValue(cx, ctor),
                                     JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
        < 0
        || JS_DefinePropertyValueStr(cx, global, "WeakRef",
                                     JS_DupValue(cx, ctor),
                                     JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)
        < 0)
    {
        goto done;
    }

    rc = NGX_OK;

done:

    JS_FreeValue(cx, ctor);
    JS_FreeValue(cx, proto);
    JS_FreeValue(cx, base);

    return rc;
}


static JSValue
ngx_workers_weak_ref_constructor(JSContext *cx, JSValueConst new_target,
    int argc, JSValueConst *argv, int magic, JSValueConst *data)
{
    JSValue  ref;

    if (!JS_IsConstructor(cx, new_target)) {
        return JS_ThrowTypeError(cx, "constructor requires 'new'");
    }

    ref = JS_CallConstructor2(cx, data[0], new_target, argc, argv);

    if (!JS_IsException(ref)
        && JS_EnqueueJob(cx, ngx_workers_weak_ref_job, 1, argv) < 0)
    {
        JS_FreeValue(cx, ref);
        return JS_EXCEPTION;
    }

    return ref;
}


static JSValue
ngx_workers_weak_ref_job(JSContext *cx, int argc, JSValueConst *argv)
{
    return JS_UNDEFINED;
}


ngx_int_t
ngx_workers_globals_delete(JSContext *cx, JSValueConst object,
    const char *name)
{
    int     rc;
    JSAtom  atom;

    atom = JS_NewAtom(cx, name);
    if (atom == JS_ATOM_NULL) {
        return NGX_ERROR;
    }

    rc = JS_DeleteProperty(cx, object, atom, 0);
    JS_FreeAtom(cx, atom);

    return (rc < 0) ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_workers_globals_add(JSContext *cx, JSValueConst target,
    const JSCFunctionListEntry *list, ngx_uint_t n)
{
    ngx_uint_t    i;
    JSValueConst  global;

    global = ngx_workers_isolate(cx)->global;

    for (i = 0; i < n; i++) {
        if (ngx_workers_globals_delete(cx, global, list[i].name) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (JS_SetPropertyFunctionList(cx, target, list, n) < 0) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


JSClassID
ngx_workers_class_by_name(JSContext *cx, const char *name)
{
    JSAtom      wanted, found;
    JSClassID   id;
    JSRuntime  *rt;

    rt = JS_GetRuntime(cx);

    wanted = JS_NewAtom(cx, name);
    if (wanted == JS_ATOM_NULL) {
        return JS_INVALID_CLASS_ID;
    }

    for (id = 1; id < 256; id++) {
        found = JS_GetClassName(rt, id);
        JS_FreeAtom(cx, found);

        if (found == wanted) {
            break;
        }
    }

    JS_FreeAtom(cx, wanted);

    return (id < 256) ? id : JS_INVALID_CLASS_ID;
}


ngx_int_t
ngx_workers_singleton(JSContext *cx, JSValueConst global,
    ngx_workers_class_t *class, const char *name)
{
    JSValue  object;

    object = JS_NewObjectClass(cx, class->id);
    if (JS_IsException(object)) {
        return NGX_ERROR;
    }

    (void) JS_SetOpaque(object, ngx_workers_isolate(cx));

    return ngx_workers_set(cx, global, name, object);
}


ngx_log_t *
ngx_workers_current_log(JSContext *cx)
{
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    if (iso->inv != NULL && iso->inv->log != NULL) {
        return iso->inv->log;
    }

    return iso->log;
}


double
ngx_workers_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return ts.tv_sec * 1000.0 + ts.tv_nsec / 1000 / 1000.0;
}


/* Time counts from the epoch, as it does on the platform. */

static JSValue
ngx_workers_performance_ext_now(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    if (ngx_workers_this(cx, this_val, ngx_workers_performance_class.id)
        == NULL)
    {
        return JS_EXCEPTION;
    }

    return JS_NewFloat64(cx, ngx_workers_now());
}


static JSValue
ngx_workers_performance_ext_time_origin(JSContext *cx, JSValueConst this_val)
{
    if (ngx_workers_this(cx, this_val, ngx_workers_performance_class.id)
        == NULL)
    {
        return JS_EXCEPTION;
    }

    return JS_NewInt32(cx, 0);
}


static JSValue
ngx_workers_navigator_ext_languages(JSContext *cx, JSValueConst this_val)
{
    JSValue  language, languages;

    language = JS_NewString(cx, "en");
    languages = JS_NewArrayFrom(cx, 1, &language);

    if (!JS_IsException(languages) && JS_FreezeObject(cx, languages) < 0) {
        JS_FreeValue(cx, languages);
        return JS_EXCEPTION;
    }

    return languages;
}


/*
 * Beacon, section 3.1: false says that the data could not be queued, and
 * there is no outbound transport to queue it in.
 */

static JSValue
ngx_workers_navigator_ext_send_beacon(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    if (ngx_workers_this(cx, this_val, ngx_workers_navigator_class.id) == NULL)
    {
        return JS_EXCEPTION;
    }

    if (argc < 1) {
        return ngx_workers_throw_argument(cx, "sendBeacon", "Navigator", 1,
                                          "string");
    }

    if (ngx_workers_require_invocation(cx) == NULL) {
        return JS_EXCEPTION;
    }

    return JS_FALSE;
}


static JSValue
ngx_workers_cloudflare_native(JSContext *cx)
{
    JSValue                    flags;
    ngx_workers_script_t      *script;
    const ngx_workers_flag_t  *flag;

    script = ngx_workers_isolate(cx)->script;

    flags = JS_NewObject(cx);
    if (JS_IsException(flags)) {
        return JS_EXCEPTION;
    }

    for (flag = ngx_workers_flags; flag->enable != NULL; flag++) {

        if (ngx_workers_set(cx, flags, flag->enable,
                            JS_NewBool(cx, ngx_workers_flag_is_on(script,
                                                                  flag)))
            != NGX_OK)
        {
            JS_FreeValue(cx, flags);
            return JS_EXCEPTION;
        }
    }

    return flags;
}


static JSValue
ngx_workers_workers_native(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (JS_SetPropertyFunctionList(cx, native, ngx_workers_workers_methods,
                              ngx_workers_nitems(ngx_workers_workers_methods))
        < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static JSValue
ngx_workers_workers_ext_env(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_DupValue(cx, ngx_workers_isolate(cx)->env);
}


static JSValue
ngx_workers_workers_ext_wait_until(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_invocation_t  *inv;

    inv = ngx_workers_require_invocation(cx);
    if (inv == NULL) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_invocation_wait_until(cx, inv, argv[0]) != NGX_OK) {
        return JS_EXCEPTION;
    }

    return JS_UNDEFINED;
}
