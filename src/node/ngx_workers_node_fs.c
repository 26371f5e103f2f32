
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "node:fs" (src/js/node/internal/fs_tree.js): the files
 * of the script, and a place for those of an invocation.
 */


#include "../core/ngx_workers_isolate.h"


static JSValue ngx_workers_node_fs_make(JSContext *cx);
static JSValue ngx_workers_node_fs_ext_local(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_fs_ext_names(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_fs_ext_bytes(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);


static const JSCFunctionListEntry  ngx_workers_node_fs_methods[] = {
    JS_CFUNC_DEF("local", 0, ngx_workers_node_fs_ext_local),
    JS_CFUNC_DEF("names", 0, ngx_workers_node_fs_ext_names),
    JS_CFUNC_DEF("bytes", 1, ngx_workers_node_fs_ext_bytes),
};


ngx_workers_native_t  ngx_workers_node_fs_native = {
    "fs", ngx_workers_node_fs_make
};


static JSValue
ngx_workers_node_fs_make(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (JS_SetPropertyFunctionList(cx, native, ngx_workers_node_fs_methods,
                               ngx_workers_nitems(ngx_workers_node_fs_methods))
        < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static JSValue
ngx_workers_node_fs_ext_local(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return ngx_workers_invocation_local(cx);
}


/* The names of the script's files, from the folder of the main one. */

static JSValue
ngx_workers_node_fs_ext_names(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                names;
    ngx_uint_t             i;
    ngx_array_t           *modules;
    ngx_workers_module_t  *module;

    names = JS_NewArray(cx);
    if (JS_IsException(names)) {
        return JS_EXCEPTION;
    }

    modules = &ngx_workers_isolate(cx)->script->modules;
    module = modules->elts;

    for (i = 0; i < modules->nelts; i++) {

        if (JS_SetPropertyUint32(cx, names, i,
                                 JS_NewStringLen(cx,
                                              (char *) module[i].name.data,
                                              module[i].name.len))
            < 0)
        {
            JS_FreeValue(cx, names);
            return JS_EXCEPTION;
        }
    }

    return names;
}


/* (index into the names) -> Uint8Array */

static JSValue
ngx_workers_node_fs_ext_bytes(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    uint32_t               i;
    ngx_str_t             *bytes;
    ngx_array_t           *modules;
    ngx_workers_module_t  *module;

    if (JS_ToUint32(cx, &i, argv[0])) {
        return JS_EXCEPTION;
    }

    modules = &ngx_workers_isolate(cx)->script->modules;

    if (i >= modules->nelts) {
        return JS_ThrowRangeError(cx, "no such file");
    }

    module = (ngx_workers_module_t *) modules->elts + i;

    switch (module->type) {

    case NGX_WORKERS_MODULE_ES:
    case NGX_WORKERS_MODULE_SCRIPT:
        bytes = &module->source;
        break;

    default:
        bytes = &module->data;
    }

    return JS_NewUint8ArrayCopy(cx, bytes->len ? bytes->data : (u_char *) "",
                                bytes->len);
}
