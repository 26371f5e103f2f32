/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:module": createRequire() over the platform's modules.  There is no
 * loader to be steered.
 */

import native from "native:process";
import { invalidArgValue } from "workers:node/internal/errors";
import { stub, stubs } from "workers:node/internal/stubs";

const { Error, Object, String, URL } = globalThis;


export const builtinModules = native.modules();


export function isBuiltin(id) {
    if (typeof id !== "string") {
        return false;
    }

    return builtinModules.includes(id.startsWith("node:") ? id.slice(5) : id);
}


export function createRequire(path) {
    let base = String(path);

    if (base.startsWith("file:") && URL.canParse(base)) {
        base = new URL(base).pathname;

    } else if (path instanceof URL || !base.startsWith("/")) {
        throw invalidArgValue("path", base,
                              "The argument must be a file URL object, a file "
                              + "URL string, or an absolute path string.");
    }

    return (specifier) => {
        const id = String(specifier);
        const value = native.require(id);

        if (value === undefined) {
            throw new Error(`No such module "${id || "."}".`);
        }

        return value;
    };
}


export const {
    register, findPackageJSON, stripTypeScriptTypes, findSourceMap, SourceMap,
    setSourceMapsSupport, runMain, syncBuiltinESMExports, wrap, _debug,
    _findPath, _initPaths, _load, _preloadModules, _resolveFilename,
    _resolveLookupPaths, _nodeModulePaths, registerHooks,
} = stubs("module", [
    "register", "findPackageJSON", "stripTypeScriptTypes", "findSourceMap",
    "SourceMap", "setSourceMapsSupport", "runMain", "syncBuiltinESMExports",
    "wrap", "_debug", "_findPath", "_initPaths", "_load", "_preloadModules",
    "_resolveFilename", "_resolveLookupPaths", "_nodeModulePaths",
    "registerHooks",
]);


export const constants = Object.freeze({
    compileCacheStatus: Object.freeze({
        FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3,
    }),
});

export const globalPaths = [];
export const _cache = {};
export const _extensions = {};
export const _pathCache = {};


export function enableCompileCache() {}
export function flushCompileCache() {}
export function getCompileCacheDir() {}


export function getSourceMapsSupport() {
    return { enabled: false, nodeModules: false, generatedCode: false };
}


export function Module(...args) {
    stub("Module", "module.Module")();
}

Object.defineProperty(Module, "length", { value: 0 });

for (const name of ["load", "require", "_compile", "isPreloading"]) {
    Module.prototype[name] = stub(name, `module.prototype.${name}`);
}

export default Object.assign(Module, {
    register, constants, enableCompileCache, findPackageJSON,
    flushCompileCache, getCompileCacheDir, stripTypeScriptTypes, findSourceMap,
    SourceMap, getSourceMapsSupport, setSourceMapsSupport, createRequire,
    builtinModules, globalPaths, isBuiltin, runMain, syncBuiltinESMExports,
    wrap, _cache, _debug, _extensions, _findPath, _initPaths, _load,
    _pathCache, _preloadModules, _resolveFilename, _resolveLookupPaths,
    _nodeModulePaths, Module, registerHooks,
});
