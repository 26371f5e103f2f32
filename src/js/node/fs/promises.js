/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:fs/promises"
 */

import EventEmitter from "workers:node/events";
import { Buffer } from "workers:node/buffer";
import { bytesOf, constants } from "workers:node/internal/fs_arguments";
import * as sync from "workers:node/internal/fs_sync";
import { createReadStream, createWriteStream }
    from "workers:node/internal/fs_streams";
import { numbered } from "workers:node/internal/fs_tree";

const {
    ArrayBuffer, Error, ReadableStream, Symbol, TypeError, Uint8Array,
} = globalThis;

export { constants };

const internal = Symbol("internal");


/* The operation as an asynchronous function, which also takes a FileHandle. */

function promised(name) {
    const operation = sync[`${name}Sync`];

    return {
        async [name](file, ...args) {
            return operation(file instanceof FileHandle ? file.fd : file,
                             ...args);
        },
    }[name];
}


export class FileHandle extends EventEmitter {
    #fd;

    constructor(key, fd) {
        if (key !== internal) {
            throw new TypeError("Illegal constructor");
        }

        super();
        this.#fd = fd;
    }

    get fd() {
        return this.#fd;
    }

    #open() {
        if (this.#fd === undefined) {
            const error = numbered("EBADF", "stat");

            error.message = "Bad file descriptor";

            throw error;
        }

        return this.#fd;
    }

    async appendFile(data, options) {
        sync.appendFileSync(this.#open(), data, options);
    }

    async chmod(mode) {
        sync.fchmodSync(this.#open(), mode);
    }

    async chown(uid, gid) {
        sync.fchownSync(this.#open(), uid, gid);
    }

    async datasync() {
        sync.fdatasyncSync(this.#open());
    }

    async sync() {
        sync.fsyncSync(this.#open());
    }

    async read(buffer, offset, length, position) {
        if (buffer !== undefined && buffer !== null
            && !ArrayBuffer.isView(buffer))
        {
            ({ buffer, offset, length, position } = buffer);
        }

        buffer ??= Buffer.alloc(16384);

        return {
            bytesRead: sync.readSync(this.#open(), buffer, offset, length,
                                     position),
            buffer,
        };
    }

    async readv(buffers, position) {
        return { bytesRead: sync.readvSync(this.#open(), buffers, position),
                 buffers };
    }

    async readFile(options) {
        return sync.readFileSync(this.#open(), options);
    }

    readLines(options) {
        throw new Error("not implemented");
    }

    async stat(options) {
        return sync.fstatSync(this.#open(), options);
    }

    async truncate(length) {
        sync.ftruncateSync(this.#open(), length);
    }

    async utimes(atime, mtime) {
        sync.futimesSync(this.#open(), atime, mtime);
    }

    async write(buffer, offset, length, position) {
        const bytes = typeof buffer === "string"
                      ? Buffer.from(buffer, length ?? "utf8") : buffer;
        const bytesWritten = sync.writeSync(this.#open(), buffer, offset,
                                            length, position);

        return { bytesWritten, buffer: bytes };
    }

    async writev(buffers, position) {
        return { bytesWritten: sync.writevSync(this.#open(), buffers,
                                               position),
                 buffers };
    }

    async writeFile(data, options) {
        const encoding = typeof options === "string" ? options
                         : options?.encoding;
        const bytesWritten = sync.writeFileSync(this.#open(), data, options);

        return { bytesWritten,
                 buffer: Buffer.from(bytesOf(data, encoding)) };
    }

    async close() {
        if (this.#fd !== undefined) {
            sync.closeSync(this.#fd);
            this.#fd = undefined;
            this.emit("close");
        }
    }

    readableWebStream(options) {
        const fd = this.#open();

        return new ReadableStream({
            type: "bytes",
            pull(controller) {
                const bytes = Buffer.alloc(65536);
                const n = sync.readSync(fd, bytes);

                if (n === 0) {
                    controller.close();
                    controller.byobRequest?.respond(0);
                    return;
                }

                controller.enqueue(new Uint8Array(bytes.buffer, 0, n));
            },
        });
    }

    createReadStream(options) {
        return createReadStream(undefined, { ...options, fd: this });
    }

    createWriteStream(options) {
        return createWriteStream(undefined, { ...options, fd: this });
    }

    [Symbol.asyncDispose]() {
        return this.close();
    }
}


export const access = promised("access");
export const chmod = promised("chmod");
export const chown = promised("chown");
export const copyFile = promised("copyFile");
export const cp = promised("cp");
export const lchmod = promised("lchmod");
export const lchown = promised("lchown");
export const link = promised("link");
export const lstat = promised("lstat");
export const lutimes = promised("lutimes");
export const mkdir = promised("mkdir");
export const mkdtemp = promised("mkdtemp");
export const opendir = promised("opendir");
export const readFile = promised("readFile");
export const readdir = promised("readdir");
export const readlink = promised("readlink");
export const realpath = promised("realpath");
export const rename = promised("rename");
export const rm = promised("rm");
export const rmdir = promised("rmdir");
export const stat = promised("stat");
export const statfs = promised("statfs");
export const symlink = promised("symlink");
export const truncate = promised("truncate");
export const unlink = promised("unlink");
export const utimes = promised("utimes");

const append = promised("appendFile"), write = promised("writeFile");


export async function appendFile(path, data, options) {
    await append(path, data, options);
}


export async function writeFile(path, data, options) {
    await write(path, data, options);
}


export async function open(path, flags, mode) {
    return new FileHandle(internal, sync.openSync(path, flags, mode));
}


export async function* glob(pattern, options) {
    yield* sync.globSync(pattern, options);
}


export function watch() {
    throw new Error("Not implemented");
}


export default {
    FileHandle, access, appendFile, chmod, chown, constants, copyFile, cp,
    glob, lchmod, lchown, link, lstat, lutimes, mkdir, mkdtemp, open, opendir,
    readFile, readdir, readlink, realpath, rename, rm, rmdir, stat, statfs,
    symlink, truncate, unlink, utimes, watch, writeFile,
};
