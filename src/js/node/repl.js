/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:repl": the names, since nobody reads, and nothing is printed.
 */

import { builtinModules } from "workers:node/module";
import { stub, stubClass } from "workers:node/internal/stubs";

const { SyntaxError, Symbol } = globalThis;

export const REPL_MODE_SLOPPY = Symbol("repl-sloppy");
export const REPL_MODE_STRICT = Symbol("repl-strict");
export const REPLServer = stubClass("REPLServer");
export const start = stub("start");
export const writer = stub("writer");
export const _builtinLibs = builtinModules.filter(
    (name) => !name.startsWith("_"));


export class Recoverable extends SyntaxError {
    constructor(error) {
        super();
        this.err = error;
    }
}


export { _builtinLibs as builtinModules };

export default {
    writer, start, Recoverable, REPLServer, builtinModules: _builtinLibs,
    _builtinLibs, REPL_MODE_SLOPPY, REPL_MODE_STRICT,
};
