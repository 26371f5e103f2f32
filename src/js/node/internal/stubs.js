/*
 * Copyright (C) the nginx-workers authors
 *
 * Names that a module of Node.js must have for bundles to link, and that the
 * platform does not implement.
 */

import { notImplemented } from "workers:node/internal/errors";

const { Object } = globalThis;


/* A function that throws; the error calls it by "called". */

export function stub(name, called = name) {
    return {
        [name]: function (...args) { throw notImplemented(called); },
    }[name];
}


/* An object of such functions, which errors call "<module>.<name>". */

export function stubs(module, names) {
    return Object.fromEntries(names.map(
        (name) => [name, stub(name, module ? `${module}.${name}` : name)]));
}


/* A class whose constructor throws. */

export function stubClass(name, called = name) {
    return {
        [name]: class {
            constructor(...args) { throw notImplemented(called); }
        },
    }[name];
}
