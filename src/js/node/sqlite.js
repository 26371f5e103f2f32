/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:sqlite": names only.
 */

const { Error, TypeError } = globalThis;


function illegal() {
    throw new TypeError("Illegal constructor");
}


export class DatabaseSync {
    constructor(path, options) { illegal(); }
}


export class StatementSync {
    constructor() { illegal(); }
}


export const constants = {
    SQLITE_CHANGESET_OMIT: 0, SQLITE_CHANGESET_REPLACE: 1,
    SQLITE_CHANGESET_ABORT: 2,
};


export const backup = () => {
    throw new Error("backup is not implemented");
};


export default { DatabaseSync, StatementSync, constants, backup };
