/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:vm": there is one context, and no code but the script.
 */

import { stub } from "workers:node/internal/stubs";
import { invalidArgType, validateString }
    from "workers:node/internal/errors";

const { Symbol, WeakSet } = globalThis;

const contexts = new WeakSet();


function checkObject(object) {
    if (typeof object !== "object" || object === null) {
        throw invalidArgType("object", "object", object);
    }
}


export const constants = {
    USE_MAIN_CONTEXT_DEFAULT_LOADER: Symbol("vm_dynamic_import_main_context"),
    DONT_CONTEXTIFY: Symbol("vm_context_no_contextify"),
};

export const runInThisContext = stub("runInThisContext");
export const measureMemory = stub("measureMemory");


export class Script {
    constructor(code, options) {}

    createCachedData() { stub("createCachedData")(); }
    runInThisContext() { stub("runInThisContext")(); }
    runInContext() { stub("runInContext")(); }
    runInNewContext() { stub("runInNewContext")(); }
}


export function createScript(code, options) {
    return new Script(code, options);
}


export function createContext(object = {}, options = {}) {
    if (typeof object === "object" && object !== null) {
        contexts.add(object);
    }

    return object;
}


export function isContext(object) {
    checkObject(object);

    return contexts.has(object);
}


export function compileFunction(code, params, options) {
    validateString(code, "code");

    stub("compileFunction")();
}


export function runInContext(code, object, options) {
    checkObject(object);

    stub("runInContext")();
}


export function runInNewContext(code, object, options) {
    runInThisContext(code, options);
}


export default {
    Script, createContext, createScript, runInContext, runInNewContext,
    runInThisContext, isContext, compileFunction, measureMemory, constants,
};
