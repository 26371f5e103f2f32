/*
 * Copyright (C) the nginx-workers authors
 *
 * The file system of "node:fs", which is in memory: /bundle has the script's
 * files, /dev four devices, and /tmp belongs to the invocation and goes with
 * it.  Nothing of the machine's own file system is in reach.
 */

import native from "native:fs";
import { Buffer } from "workers:node/buffer";
import { invalidArgType, nodeError, typeError, validateString }
    from "workers:node/internal/errors";
import { posix } from "workers:node/internal/path";

const {
    Error, Map, Math, String, TypeError, URL, Uint8Array, crypto,
    decodeURIComponent,
} = globalThis;

const MAX_LINKS = 40;
const MAX_PATH = 4096;

const TEXTS = {
    EBADF: "bad file descriptor",
    EEXIST: "file already exists",
    EINVAL: "invalid argument",
    EISDIR: "illegal operation on a directory",
    ELOOP: "symlink depth exceeded",
    ENOENT: "no such file or directory",
    ENOTDIR: "not a directory",
    ENOTEMPTY: "directory not empty",
    EPERM: "operation not permitted",
};

const ERRNO = { ENOENT: -2, EBADF: -9, EEXIST: -17 };


/*
 * The error of an operation; path, if it is one that a path leads to.  The
 * platform gives the number to few of them: numbered().
 */

export function failure(code, syscall, path, text = TEXTS[code]) {
    const error = nodeError(Error, code, path === undefined ? text
                                         : `${text}, ${syscall} '${path}'`);

    error.syscall = syscall;

    if (path !== undefined) {
        error.path = path;
    }

    return error;
}


export function numbered(code, syscall, path) {
    const error = failure(code, syscall, path);

    error.errno = ERRNO[code];

    return error;
}


/*
 * Nodes.  Those that are fixed do not change; entries of a fixed directory
 * cannot be added or removed.  Times are in ms, as they were set.
 */

class Node {
    fixed;
    changed = 0;

    constructor(fixed) {
        this.fixed = fixed;
    }
}


export class Directory extends Node {
    mode = 0o040000;
    size = 0;
    entries;

    constructor(fixed, entries) {
        super(fixed);
        this.entries = new Map(entries);
    }
}


export class Link extends Node {
    mode = 0o120000;
    size = 0;

    constructor(target) {
        super(true);
        this.target = target;
    }
}


/* load(): the bytes of a file that is fixed, copied when first asked for. */

export class File extends Node {
    mode = 0o100000;
    #load;
    #room = new Uint8Array(0);
    #size = 0;

    constructor(load) {
        super(load !== undefined);
        this.#load = load;
    }

    #bytes() {
        if (this.#load !== undefined) {
            this.#room = this.#load();
            this.#size = this.#room.length;
            this.#load = undefined;
        }

        return this.#room.subarray(0, this.#size);
    }

    get size() {
        return this.#bytes().length;
    }

    /* A copy. */
    read() {
        return Buffer.from(this.#bytes());
    }

    /* Into a view; the number of bytes. */
    readInto(view, position) {
        const bytes = this.#bytes().subarray(position, position + view.length);

        view.set(bytes);

        return bytes.length;
    }

    write(bytes, position) {
        const end = position + bytes.length;

        if (end > this.#room.length) {
            const room = new Uint8Array(this.#size === 0 ? end
                                        : Math.max(end, 2 * this.#size));

            room.set(this.#bytes());
            this.#room = room;
        }

        this.#room.set(bytes, position);
        this.#size = Math.max(this.#size, end);

        return bytes.length;
    }

    truncate(size) {
        const room = new Uint8Array(size);

        room.set(this.#bytes().subarray(0, size));
        this.#room = room;
        this.#size = size;
    }
}


export class Device extends Node {
    mode = 0o020000;
    size = 0;
    refuses;
    #fill;

    /*
     * fill(view): what reading gives, or undefined: its end.  One that
     * refuses can be opened for writing, and not written.
     */
    constructor(fill, refuses) {
        super(false);
        this.#fill = fill;
        this.refuses = refuses;
    }

    read() {
        return Buffer.alloc(0);
    }

    readInto(view) {
        if (this.#fill === undefined) {
            return 0;
        }

        this.#fill(view);

        return view.length;
    }

    write(bytes) {
        return bytes.length;
    }

    truncate() {}
}


const zeros = (view) => view.fill(0);

function random(view) {
    for (let i = 0; i < view.length; i += 65536) {
        crypto.getRandomValues(view.subarray(i, i + 65536));
    }
}


const devices = new Directory(true, [
    ["null", new Device(undefined, false)],
    ["zero", new Device(zeros, false)],
    ["full", new Device(zeros, true)],
    ["random", new Device(random, true)],
]);


/* Made when first asked for: the script's files do not change. */

let bundle;

function makeBundle() {
    const root = new Directory(true);

    native.names().forEach((name, i) => {
        const parts = name.split("/");
        const last = parts.pop();
        let dir = root;

        if (parts.includes("..")) {
            return;
        }

        for (const part of parts) {
            if (!dir.entries.has(part)) {
                dir.entries.set(part, new Directory(true));
            }

            dir = dir.entries.get(part);
        }

        dir.entries.set(last, new File(() => native.bytes(i)));
    });

    return root;
}


/*
 * What an invocation has: the root of its tree, its descriptors, the
 * directory that paths start from.
 */

export function files() {
    const local = native.local();

    if (local.files === undefined) {
        bundle ??= makeBundle();

        local.files = {
            root: new Directory(true, [["bundle", bundle],
                                       ["tmp", new Directory(false)],
                                       ["dev", devices]]),
            descriptors: new Map(),
            next: 3,
            cwd: "/bundle",
        };
    }

    return local.files;
}


export function cwd() {
    return files().cwd;
}


export function chdir(path) {
    validateString(path, "directory");

    const full = posix.resolve(cwd(), path);
    const { node } = find(full, "chdir");

    if (!(node instanceof Directory)) {
        throw failure(node ? "ENOTDIR" : "ENOENT", "chdir", full.slice(1));
    }

    files().cwd = full;
}


/* A path as a string, of what functions take for one. */

export function pathOf(value, name = "path") {
    let path = value;

    if (value instanceof URL) {
        if (value.protocol !== "file:") {
            throw new TypeError("File path must be a file: URL");
        }

        path = decodeURIComponent(value.pathname);

    } else if (value instanceof Uint8Array) {
        path = Buffer.from(value.buffer, value.byteOffset, value.length)
                   .toString();

    } else if (typeof value !== "string") {
        throw invalidArgType(name, ["string", "Buffer", "URL"], value);
    }

    if (path.includes("\0")) {
        throw typeError("ERR_INVALID_ARG_VALUE",
                        `The argument '${name}' must not contain null bytes. `
                        + `Received '${path.replaceAll("\0", "\\x00")}'`);
    }

    if (path.length > MAX_PATH) {
        throw new Error("File path is too long");
    }

    return path;
}


/* The same from the root on, without "." and "..". */

export function fullPath(value, name) {
    return posix.resolve(cwd(), pathOf(value, name));
}


/*
 * Where a full path leads: {node, dir, name, path}.  No node: there is none
 * of this name in dir; no dir either: it leads nowhere, since something on
 * the way is missing or, then "blocked", no directory.  path is that of the
 * node, without links.  The last part is not followed if it is a link and
 * "itself" is set.
 */

export function find(path, syscall, itself = false) {
    const parts = path.split("/").filter((part) => part !== "");
    const { root } = files();
    let found = { node: root, dir: root, name: "", path: "" };
    let links = 0;

    while (parts.length) {
        const dir = found.node;
        const name = parts.shift();

        if (!(dir instanceof Directory)) {
            return { name: parts.at(-1) ?? name, blocked: dir !== undefined };
        }

        found = { node: dir.entries.get(name), dir, name,
                  path: `${found.path}/${name}` };

        if (found.node instanceof Link && (parts.length || !itself)) {
            if (++links > MAX_LINKS) {
                throw failure("ELOOP", syscall);
            }

            parts.unshift(...found.node.target.split("/").filter(String));
            found = { node: root, dir: root, name: "", path: "" };
        }
    }

    return found;
}


/* A place for a new entry: its directory is there and may change. */

export function place(path, syscall, itself = false) {
    const at = find(path, syscall, itself);

    if (at.dir === undefined) {
        throw at.blocked ? failure("ENOTDIR", syscall)
                         : failure("ENOENT", syscall, posix.basename(path));
    }

    if (at.dir.fixed) {
        throw failure("EPERM", syscall);
    }

    return at;
}
