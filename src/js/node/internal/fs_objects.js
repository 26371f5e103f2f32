/*
 * Copyright (C) the nginx-workers authors
 *
 * What "node:fs" answers with: Stats, Dirent, Dir.
 */

import { validateFunction, nodeError, missingArgs }
    from "workers:node/internal/errors";
import { nextTick } from "workers:node/internal/tick";
import { Device } from "workers:node/internal/fs_tree";

const {
    BigInt, Date, Error, Math, Number, Object, Symbol, TypeError,
} = globalThis;

const internal = Symbol("internal");

const S_IFMT = 0o170000;

const TYPES = {
    File: 0o100000, Directory: 0o040000, BlockDevice: 0o060000,
    CharacterDevice: 0o020000, SymbolicLink: 0o120000, FIFO: 0o010000,
    Socket: 0o140000,
};

const FIELDS = ["dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size",
                "blksize", "blocks"];

/* what uv_dirent_type_t has for a mode */

const UV_DIRENT = {
    [TYPES.File]: 1, [TYPES.Directory]: 2, [TYPES.SymbolicLink]: 3,
    [TYPES.CharacterDevice]: 6,
};


function isTypes(prototype, of) {
    for (const name of Object.keys(TYPES)) {
        Object.defineProperty(prototype, `is${name}`, {
            value: { [`is${name}`]() { return of(this, TYPES[name]); } }
                   [`is${name}`],
            configurable: true, writable: true,
        });
    }
}


/* Made by statsOf() only. */

export class Stats {
    constructor(key, node, bigint) {
        if (key !== internal) {
            throw new TypeError("Illegal constructor");
        }

        const number = (value) => bigint ? BigInt(Math.trunc(value)) : value;
        const values = {
            dev: node instanceof Device ? 1 : 0,
            mode: node.mode | (node.fixed ? 0o444 : 0o666),
            nlink: 1,
            size: node.size,
        };

        for (const name of FIELDS) {
            this[name] = number(values[name] ?? 0);
        }

        const times = { atime: 0, mtime: node.changed, ctime: node.changed,
                        birthtime: 0 };

        for (const name of Object.keys(times)) {
            this[`${name}Ms`] = number(times[name]);
        }

        if (bigint) {
            for (const name of Object.keys(times)) {
                this[`${name}Ns`] = number(times[name]) * 1000000n;
            }
        }

        for (const name of Object.keys(times)) {
            this[name] = new Date(times[name]);
        }
    }
}


isTypes(Stats.prototype, (stats, type) => {
    return (Number(stats.mode) & S_IFMT) === type;
});


export function statsOf(node, bigint) {
    return new Stats(internal, node, bigint);
}


let typeOf;

export class Dirent {
    #type;

    /* type: UV_DIRENT_FILE and the like */
    constructor(name, type, parentPath) {
        this.name = name;
        this.parentPath = parentPath;
        this.#type = type;
    }

    static {
        typeOf = (entry) => entry.#type;
    }
}


isTypes(Dirent.prototype, (entry, type) => {
    return UV_DIRENT[type] !== undefined && typeOf(entry) === UV_DIRENT[type];
});


export function direntOf(node, name, parentPath) {
    return new Dirent(name, UV_DIRENT[node.mode & S_IFMT], parentPath);
}


export class Dir {
    #entries;
    #path;
    #closed = false;

    /* entries: what readdir() with file types has */
    constructor(entries, path) {
        if (entries === undefined) {
            throw missingArgs("handle");
        }

        this.#entries = entries;
        this.#path = path;
    }

    get path() {
        return this.#path;
    }

    #check() {
        if (this.#closed) {
            throw nodeError(Error, "ERR_DIR_CLOSED", "Directory is closed");
        }
    }

    readSync() {
        this.#check();
        return this.#entries.shift() ?? null;
    }

    closeSync() {
        this.#check();
        this.#closed = true;
    }

    #call(sync, callback) {
        if (callback === undefined) {
            return (async () => sync())();
        }

        validateFunction(callback, "callback");

        try {
            const value = sync();

            nextTick(callback, null, value);

        } catch (error) {
            nextTick(callback, error);
        }
    }

    read(callback) {
        return this.#call(() => this.readSync(), callback);
    }

    close(callback) {
        return this.#call(() => this.closeSync(), callback);
    }

    async *entries() {
        try {
            for (;;) {
                const entry = this.readSync();

                if (entry === null) {
                    return;
                }

                yield entry;
            }

        } finally {
            if (!this.#closed) {
                this.closeSync();
            }
        }
    }

    [Symbol.asyncIterator]() {
        return this.entries();
    }

    [Symbol.dispose]() {
        if (!this.#closed) {
            this.closeSync();
        }
    }

    async [Symbol.asyncDispose]() {
        this[Symbol.dispose]();
    }
}
