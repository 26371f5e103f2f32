/*
 * Copyright (C) the nginx-workers authors
 *
 * The operations of "node:fs", each once: what is asynchronous there calls
 * them too, for nothing of it waits.
 *
 * Where the platform differs from Node.js, this is the platform's: its error
 * texts, open() that makes a file and the way to it whatever the flags,
 * rename() and copyFile() onto a file that exists, which fail.  Where the
 * platform loses data, this is Node.js's: "w" truncates, and a directory that
 * is renamed keeps its files.
 */

import { Buffer } from "workers:node/buffer";
import {
    FLAGS, bytesOf, checkBoolean, checkEncoding, checkFd, checkMode,
    checkPosition, checkUint, constants, encoded, flagsOf, optionsOf,
} from "workers:node/internal/fs_arguments";
import { Dir, direntOf, statsOf }
    from "workers:node/internal/fs_objects";
import {
    Directory, File, Link, failure, files, find, fullPath, numbered,
    pathOf, place,
} from "workers:node/internal/fs_tree";
import { globFilter } from "workers:node/internal/glob";
import {
    invalidArgType, invalidArgValue, plainError, validateBuffer,
    validateFunction, validateInteger, validateObject, validateOneOf,
    validateString,
} from "workers:node/internal/errors";
import { posix } from "workers:node/internal/path";

const {
    Array, ArrayBuffer, Blob, Date, Error, Number, Object, String, Uint8Array,
} = globalThis;

const { O_WRONLY, O_RDWR, O_EXCL, O_TRUNC, O_APPEND } = constants;


function unsupported() {
    return plainError("ERR_UNSUPPORTED_OPERATION",
                      "The requested operation is unsupported");
}


/* Nodes by path or by descriptor */

function opened(fd, syscall = "fstat") {
    const file = files().descriptors.get(fd);

    if (file === undefined) {
        throw failure("EBADF", syscall);
    }

    return file;
}


function existing(path, syscall, itself) {
    const { node, blocked } = find(path, syscall, itself);

    if (node === undefined) {
        throw blocked ? failure("ENOTDIR", syscall)
                      : failure("ENOENT", syscall, path);
    }

    return node;
}


/* stat() and others: whatever hinders, there is none */

function seen(path, syscall, itself) {
    const { node } = find(path, syscall, itself);

    if (node === undefined) {
        throw numbered("ENOENT", syscall, path);
    }

    return node;
}


function checkChange(node, syscall) {
    if (node instanceof Directory) {
        throw failure("EISDIR", syscall);
    }

    if (node.fixed || node.refuses) {
        throw failure("EPERM", syscall);
    }
}


/*
 * The file to write to, made if there is none; flags: O_EXCL, O_TRUNC.  The
 * error that there is no directory shows the path as it was given.
 */

function writable(path, syscall, flags, shown) {
    const at = find(path, syscall);

    if (at.dir === undefined) {
        throw at.blocked ? failure("ENOTDIR", syscall)
                         : failure("ENOENT", syscall, shown);
    }

    if (at.node === undefined) {
        if (at.dir.fixed) {
            throw failure("EPERM", syscall);
        }

        const file = new File();

        at.dir.entries.set(at.name, file);

        return file;
    }

    if (at.node instanceof Directory) {
        throw failure("EISDIR", syscall);
    }

    if (flags & O_EXCL) {
        throw failure("EEXIST", syscall);
    }

    if (at.node.fixed) {
        throw failure("EPERM", syscall);
    }

    if (flags & O_TRUNC) {
        at.node.truncate(0);
    }

    return at.node;
}


/* Whole files */

export function readFileSync(path, options) {
    const { encoding, flag } = optionsOf(options);
    let node;

    if (encoding !== null) {
        checkEncoding(encoding);
    }

    flagsOf(flag);

    if (typeof path === "number") {
        checkFd(path);

        const file = opened(path, "fread");

        ({ node } = file);
        file.position = node.size;

    } else {
        node = existing(fullPath(path), "readAll");
    }

    if (node instanceof Directory) {
        throw failure("EISDIR", "readAll");
    }

    const bytes = node.read();

    return encoding && encoding !== "buffer" ? bytes.toString(encoding)
                                             : bytes;
}


function writeAll(path, data, options, fallback) {
    const { encoding, mode, flag, flush } = optionsOf(options);
    const flags = flagsOf(flag, fallback);

    checkEncoding(encoding);
    checkMode(mode, "options.mode");
    checkBoolean({ flush }, "flush");

    const append = flags & O_APPEND;
    let full;

    if (typeof path === "number") {
        checkFd(path);

    } else {
        full = fullPath(path);
        path = pathOf(path);
    }

    const bytes = bytesOf(data, encoding);

    if (full !== undefined && path.endsWith("/")
        && find(full, "writeAll").node === undefined)
    {
        throw failure("ENOENT", "writeAll", path);
    }

    const node = full === undefined
                 ? opened(path, "write").node
                 : writable(full, "writeAll", flags & ~O_TRUNC, path);

    checkChange(node, "writeAll");

    if (!append) {
        node.truncate(0);
    }

    return node.write(bytes, append ? node.size : 0);
}


export function writeFileSync(path, data, options) {
    return writeAll(path, data, options, FLAGS.w);
}


export function appendFileSync(path, data, options) {
    return writeAll(path, data, options, FLAGS.a);
}


export function copyFileSync(src, dest, mode = 0) {
    src = fullPath(src, "src");
    dest = fullPath(dest, "dest");
    validateOneOf(mode, "mode", [0, constants.COPYFILE_EXCL,
                                 constants.COPYFILE_FICLONE_FORCE,
                                 constants.COPYFILE_FICLONE]);

    if (mode === constants.COPYFILE_FICLONE_FORCE) {
        throw unsupported();
    }

    if (find(dest, "copy").node !== undefined) {
        throw mode === constants.COPYFILE_EXCL
              ? numbered("EEXIST", "copyFile", dest)
              : failure("EEXIST", "copy");
    }

    const at = place(dest, "copy");
    const node = existing(src, "copy");

    if (node instanceof Directory) {
        throw failure("EISDIR", "copy");
    }

    copyInto(node, at);
}


function copyInto(node, { dir, name }) {
    const copy = new File();

    copy.write(node.read(), 0);
    dir.entries.set(name, copy);

    return copy;
}


/* Descriptors */

export function openSync(path, flags, mode) {
    path = fullPath(path);
    flags = flagsOf(flags);
    checkMode(mode);

    let { node } = find(path, "open");

    if (node === undefined) {
        makeDirectories(posix.dirname(path), "open");
    }

    if (node === undefined || (flags & (O_WRONLY | O_RDWR | O_TRUNC))) {
        node = writable(path, "open", flags, path);
    }

    return descriptor({ node, path, flags, position: 0 });
}


function descriptor(file) {
    const state = files();
    const fd = state.next++;

    state.descriptors.set(fd, file);

    return fd;
}


export function closeSync(fd) {
    checkFd(fd);
    files().descriptors.delete(fd);
}


/* The part of a view: [offset, length] */

function range(view, offset, length) {
    offset = checkUint(offset ?? 0, "offset");
    length = checkUint(length ?? view.byteLength - offset, "length");

    if (offset + length > view.byteLength) {
        throw invalidArgValue("offset", offset, "out of bounds");
    }

    return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}


function readAt(file, views, position) {
    const { node } = file;
    const moves = position === null;
    let at = moves ? file.position : position, total = 0;

    for (const view of views) {
        const n = node.readInto(view, at);

        at += n;
        total += n;

        if (n < view.length) {
            break;
        }
    }

    if (moves) {
        file.position = at;
    }

    return total;
}


function writeAt(file, views, position) {
    const { node } = file;
    const moves = position === null;
    let total = 0;
    let at = file.flags & O_APPEND ? node.size
             : moves ? file.position : position;

    for (const view of views) {
        const n = node.write(view, at);

        at += n;
        total += n;
    }

    if (moves) {
        file.position = at;
    }

    return total;
}


function readable(fd) {
    checkFd(fd);

    const file = opened(fd, "read");

    if (file.flags & O_WRONLY) {
        throw failure("EBADF", "read");
    }

    if (file.node instanceof Directory) {
        throw failure("EISDIR", "read");
    }

    return file;
}


function changeable(fd, syscall = "write") {
    checkFd(fd);

    const file = opened(fd, syscall);

    checkChange(file.node, syscall);

    return file;
}


export function readSync(fd, buffer, offset, length, position) {
    checkFd(fd);
    validateBuffer(buffer);

    if (typeof offset === "object" && offset !== null) {
        ({ offset, length, position } = offset);
    }

    const view = range(buffer, offset, length);

    position = checkPosition(position);

    return readAt(readable(fd), [view], position);
}


export function writeSync(fd, buffer, offset, length, position) {
    checkFd(fd);

    if (typeof buffer === "string") {
        const bytes = Buffer.from(buffer, length ?? "utf8");

        return writeAt(changeable(fd), [bytes], checkPosition(offset));
    }

    validateBuffer(buffer);

    if (typeof offset === "object" && offset !== null) {
        ({ offset, length, position } = offset);
    }

    const view = range(buffer, offset, length);

    position = checkPosition(position);

    return writeAt(changeable(fd), [view], position);
}


function views(buffers) {
    if (!Array.isArray(buffers)
        || !buffers.every((view) => ArrayBuffer.isView(view)))
    {
        throw invalidArgType("buffer", "ArrayBufferView[]", buffers);
    }

    return buffers.map((view) => range(view));
}


export function readvSync(fd, buffers, position) {
    checkFd(fd);

    return readAt(readable(fd), views(buffers), checkPosition(position));
}


export function writevSync(fd, buffers, position) {
    checkFd(fd);

    return writeAt(changeable(fd), views(buffers), checkPosition(position));
}


export function ftruncateSync(fd, length = 0) {
    checkFd(fd);
    checkUint(length, "len");
    changeable(fd, "ftruncate").node.truncate(length);
}


export function truncateSync(path, length = 0) {
    path = fullPath(path);
    checkUint(length, "len");

    const node = existing(path, "ftruncate");

    checkChange(node, "ftruncate");
    node.truncate(length);
}


export function fsyncSync(fd) {
    checkFd(fd);
    opened(fd);
}


export function fdatasyncSync(fd) {
    fsyncSync(fd);
}


/* What is known of a node */

function statOptions(options = {}) {
    validateObject(options, "options");

    return { bigint: checkBoolean(options, "bigint"),
             throwIfNoEntry: options.throwIfNoEntry ?? true };
}


function statNode(path, options, syscall, itself) {
    const { bigint, throwIfNoEntry } = statOptions(options);

    path = fullPath(path);

    if (!throwIfNoEntry && find(path, syscall, itself).node === undefined) {
        return undefined;
    }

    return statsOf(seen(path, syscall, itself), bigint);
}


export function statSync(path, options) {
    return typeof path === "number" ? fstatSync(path, options)
                                    : statNode(path, options, "stat", false);
}


export function lstatSync(path, options) {
    return statNode(path, options, "lstat", true);
}


export function fstatSync(fd, options) {
    checkFd(fd);

    return statsOf(opened(fd).node, statOptions(options).bigint);
}


export function statfsSync(path, options) {
    const { bigint } = statOptions(options);

    pathOf(path);

    return Object.fromEntries(
        ["type", "bsize", "blocks", "bfree", "bavail", "files", "ffree"]
            .map((name) => [name, bigint ? 0n : 0]));
}


export function existsSync(path) {
    try {
        return find(fullPath(path), "access").node !== undefined;

    } catch {
        return false;
    }
}


export function accessSync(path, mode = constants.F_OK) {
    path = fullPath(path);

    if (typeof mode !== "number") {
        throw invalidArgType("mode", "number", mode);
    }

    validateInteger(mode, "mode", 0, 7);

    const node = seen(path, "access");

    if ((mode & constants.X_OK) || (node.fixed && (mode & constants.W_OK))) {
        throw numbered("ENOENT", "access", path);
    }
}


export function realpathSync(path, options) {
    const { encoding } = optionsOf(options);
    const full = fullPath(path);

    checkEncoding(encoding);
    existing(full, "readlink");

    return encoded(find(full, "readlink").path || "/", encoding);
}


realpathSync.native = realpathSync;


/* Times, modes and owners: only a time of change is kept */

function timeOf(value) {
    if (typeof value === "number") {
        return value;
    }

    if (typeof value === "bigint") {
        return Number(value);
    }

    if (typeof value === "string" || value instanceof Date) {
        return new Date(value).getTime();
    }

    throw invalidArgType("time", ["string", "number", "bigint", "Date"], value);
}


function touch(node, atime, mtime) {
    const time = (timeOf(atime), timeOf(mtime));

    if (!node.fixed) {
        node.changed = time;
    }
}


export function utimesSync(path, atime, mtime) {
    touch(existing(fullPath(path), "utimes"), atime, mtime);
}


export function lutimesSync(path, atime, mtime) {
    touch(existing(fullPath(path), "lutimes", true), atime, mtime);
}


export function futimesSync(fd, atime, mtime) {
    checkFd(fd);
    touch(opened(fd).node, atime, mtime);
}


function needMode(mode) {
    if (mode === undefined || mode === null) {
        throw invalidArgType("mode", "number", mode);
    }

    checkMode(mode);
}


export function chmodSync(path, mode) {
    path = fullPath(path);
    needMode(mode);
    seen(path, "chmod");
}


export function lchmodSync(path, mode) {
    path = fullPath(path);
    needMode(mode);
    seen(path, "lchmod", true);
}


export function fchmodSync(fd, mode) {
    checkFd(fd);
    needMode(mode);
    opened(fd);
}


function checkOwners(uid, gid) {
    validateInteger(uid, "uid", -1, 4294967295);
    validateInteger(gid, "gid", -1, 4294967295);
}


export function chownSync(path, uid, gid) {
    path = fullPath(path);
    checkOwners(uid, gid);
    seen(path, "chown");
}


export function lchownSync(path, uid, gid) {
    path = fullPath(path);
    checkOwners(uid, gid);
    seen(path, "lchown", true);
}


export function fchownSync(fd, uid, gid) {
    checkFd(fd);
    checkOwners(uid, gid);
    opened(fd);
}


/* Names */

export function mkdirSync(path, options) {
    if (typeof options === "number" || typeof options === "string") {
        options = { mode: options };
    }

    options = optionsOf(options);
    path = fullPath(path);

    const recursive = checkBoolean(options, "recursive");

    checkMode(options.mode);

    if (recursive) {
        return makeDirectories(path, "mkdir");
    }

    makeDirectory(path, "mkdir");
}


/* Whether there was none; that there is one is no error. */

function makeDirectory(path, syscall) {
    const { node } = find(path, syscall);

    if (node instanceof Directory) {
        return false;
    }

    if (node !== undefined) {
        throw failure("EEXIST", syscall);
    }

    const { dir, name } = place(path, syscall);

    dir.entries.set(name, new Directory(false));

    return true;
}


/* A directory and those on the way to it; the path of the first, or none. */

function makeDirectories(path, syscall) {
    let first, prefix = "";

    for (const part of path.split("/").filter(String)) {
        prefix = `${prefix}/${part}`;

        if (makeDirectory(prefix, syscall)) {
            first ??= prefix;
        }
    }

    return first;
}


export function mkdtempSync(prefix, options) {
    const { encoding } = optionsOf(options);
    const start = posix.isAbsolute(pathOf(prefix)) ? pathOf(prefix)
                  : `${files().cwd}/${pathOf(prefix)}`;

    checkEncoding(encoding);

    for (let n = 0; ; n++) {
        const path = `${start}${n}`;

        if (makeDirectory(posix.resolve(path), "mkdir")) {
            return encoded(path, encoding);
        }
    }
}


/*
 * Of a directory and, if it is recursive, those in it: calls
 * visit(node, name, path of its directory).
 */

function walk(dir, path, recursive, visit) {
    for (const [name, node] of dir.entries) {
        visit(node, name, path);

        if (recursive && node instanceof Directory) {
            walk(node, path === "/" ? `/${name}` : `${path}/${name}`, true,
                 visit);
        }
    }
}


function directory(path, syscall) {
    const node = existing(path, syscall);

    if (!(node instanceof Directory)) {
        throw failure("ENOTDIR", syscall, path);
    }

    return node;
}


export function readdirSync(path, options) {
    options = optionsOf(options);
    path = fullPath(path);

    const { encoding } = options;
    const withFileTypes = checkBoolean(options, "withFileTypes");
    const recursive = checkBoolean(options, "recursive");
    const list = [];

    checkEncoding(encoding);

    walk(directory(path, "readdir"), path, recursive, (node, name, parent) => {
        const shown = encoded(recursive ? posix.join(parent, name).slice(1)
                                        : name, encoding);

        list.push(withFileTypes ? direntOf(node, shown, parent) : shown);
    });

    return list;
}


export function opendirSync(path, options) {
    return new Dir(readdirSync(path, { ...optionsOf(options),
                                       withFileTypes: true }), fullPath(path));
}


export function globSync(pattern, options = {}) {
    validateObject(options, "options");

    const patterns = Array.isArray(pattern) ? pattern : [pattern];
    const cwd = options.cwd === undefined ? files().cwd
                                          : fullPath(options.cwd, "cwd");
    const withFileTypes = checkBoolean(options, "withFileTypes");
    const exclude = Array.isArray(options.exclude)
                    ? globFilter(options.exclude) : options.exclude;

    patterns.forEach((text) => validateString(text, "pattern"));

    if (exclude !== undefined) {
        validateFunction(exclude, "options.exclude");
    }

    const matches = globFilter(patterns);
    const { node } = find(cwd, "readdir");
    const list = [];

    if (!(node instanceof Directory)) {
        return list;
    }

    walk(node, cwd, true, (found, name, parent) => {
        const relative = posix.join(parent, name)
                              .slice(cwd === "/" ? 1 : cwd.length + 1);

        if (matches(relative)) {
            const entry = withFileTypes ? direntOf(found, name, parent)
                                        : relative;

            if (!exclude?.(entry)) {
                list.push(entry);
            }
        }
    });

    return list;
}


export function unlinkSync(path) {
    path = fullPath(path);

    const at = find(path, "unlink", true);

    if (at.node instanceof Directory) {
        throw failure("EISDIR", "unlink", undefined,
                      "Cannot unlink a directory");
    }

    if (at.node === undefined) {
        const error = failure("ENOENT", "unlink", undefined, "File not found");

        error.path = posix.basename(path);

        throw error;
    }

    if (at.dir.fixed) {
        throw failure("EPERM", "unlink");
    }

    at.dir.entries.delete(at.name);
}


function remove(path, recursive, check) {
    const { dir, name, node } = place(path, "rm", true);

    check(node, name);

    if (node instanceof Directory && node.entries.size && !recursive) {
        throw failure("ENOTEMPTY", "rm", name);
    }

    dir.entries.delete(name);
}


function checkRetries(options) {
    for (const name of ["maxRetries", "retryDelay"]) {
        if (options[name] !== undefined) {
            checkUint(options[name], `options.${name}`);
        }
    }
}


export function rmSync(path, options = {}) {
    validateObject(options, "options");
    path = fullPath(path);
    checkBoolean(options, "force");
    checkRetries(options);
    remove(path, checkBoolean(options, "recursive"), () => {});
}


export function rmdirSync(path, options = {}) {
    validateObject(options, "options");
    path = fullPath(path);
    checkRetries(options);

    remove(path, checkBoolean(options, "recursive"), (node, name) => {
        if (node === undefined) {
            throw failure("ENOENT", "rm", name);
        }

        if (!(node instanceof Directory)) {
            throw failure("ENOTDIR", "rm");
        }
    });
}


export function renameSync(from, to) {
    from = fullPath(from, "oldPath");
    to = fullPath(to, "newPath");

    const source = find(from, "rename", true);

    if (source.dir?.fixed) {
        throw failure("EPERM", "rename");
    }

    const target = place(to, "rename", true);

    if (source.node === undefined) {
        throw failure("ENOENT", "rename", from);
    }

    if (target.node !== undefined) {
        throw failure("EEXIST", "rename");
    }

    if (to.startsWith(`${from}/`)) {
        throw failure("EINVAL", "rename");
    }

    source.dir.entries.delete(source.name);
    target.dir.entries.set(target.name, source.node);
}


function newName(path) {
    const at = find(path, "link", true);

    if (at.node !== undefined) {
        throw failure("EEXIST", "link", undefined, "File already exists");
    }

    return place(path, "link", true);
}


export function linkSync(existingPath, newPath) {
    existingPath = fullPath(existingPath, "existingPath");
    newPath = fullPath(newPath, "newPath");

    const { node } = find(existingPath, "link");

    if (node === undefined) {
        const error = failure("ENOENT", "link", undefined, "File not found");

        error.path = existingPath;

        throw error;
    }

    const { dir, name } = newName(newPath);

    if (node instanceof Directory) {
        throw failure("EPERM", "link", undefined,
                      "Cannot hardlink to a directory");
    }

    dir.entries.set(name, node);
}


/* The platform's links are absolute: a target is seen from cwd. */

export function symlinkSync(target, path, type = null) {
    target = fullPath(target, "target");
    path = fullPath(path);
    validateOneOf(type, "type", ["dir", "file", "junction", null]);

    const { dir, name } = newName(path);

    dir.entries.set(name, new Link(target));
}


export function readlinkSync(path, options) {
    const { encoding } = optionsOf(options);
    const node = existing(fullPath(path), "readlink", true);

    checkEncoding(encoding);

    if (!(node instanceof Link)) {
        throw failure("EINVAL", "readlink");
    }

    return encoded(node.target, encoding);
}


/* Copies of trees */

export function cpSync(src, dest, options = {}) {
    src = fullPath(src, "src");
    dest = fullPath(dest, "dest");
    validateObject(options, "options");

    const recursive = checkBoolean(options, "recursive");
    const errorOnExist = checkBoolean(options, "errorOnExist");
    const force = options.force ?? true;
    const filter = options.filter ?? (() => true);

    validateFunction(filter, "options.filter");

    if (src === dest) {
        throw new Error("Source and destination paths must not be the same");
    }

    const node = existing(src, "cp");

    if (node instanceof Directory && !recursive) {
        throw plainError("ERR_FS_EISDIR",
                         "Expected a file but found a directory");
    }

    if (node instanceof Directory && dest.startsWith(`${src}/`)) {
        throw plainError("ERR_FS_CP_EINVAL",
                         "Cannot copy a directory to a subdirectory of self");
    }

    copyTree(node, src, dest, { force, errorOnExist, filter });
}


function copyTree(node, src, dest, options) {
    if (!options.filter(src, dest)) {
        return;
    }

    const target = find(dest, "cp").node;

    if (node instanceof Directory) {
        if (target !== undefined && !(target instanceof Directory)) {
            throw plainError("ERR_FS_CP_DIR_TO_NON_DIR",
                             "Cannot copy directory to non-directory");
        }

        mkdirSync(dest, { recursive: true });

        for (const [name, child] of [...node.entries]) {
            copyTree(child, `${src}/${name}`, `${dest}/${name}`, options);
        }

        return;
    }

    if (target instanceof Directory) {
        throw plainError("ERR_FS_CP_NON_DIR_TO_DIR",
                         "Cannot copy non-directory to directory");
    }

    if (target !== undefined) {
        if (options.errorOnExist && !options.force) {
            throw plainError("ERR_FS_CP_EEXIST", "File already exists");
        }

        if (!options.force) {
            return;
        }
    }

    mkdirSync(posix.dirname(dest), { recursive: true });

    const at = place(dest, "cp", true);

    if (node instanceof Link) {
        at.dir.entries.set(at.name, new Link(node.target));

    } else {
        copyInto(node, at);
    }
}


/* What the platform has as names only */

export function watch() {
    throw unsupported();
}


export function watchFile() {
    throw unsupported();
}


export function unwatchFile() {
    throw unsupported();
}


export async function openAsBlob(path, options = {}) {
    path = fullPath(path);
    validateObject(options, "options");

    const { type = "" } = options;
    const node = existing(path, "open");

    validateString(type, "options.type");

    if (node instanceof Directory) {
        throw failure("EISDIR", "open");
    }

    return new Blob([node.read()], { type });
}
