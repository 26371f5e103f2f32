/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:fs": the operations and, for those that take a callback, their
 * asynchronous faces.
 */

import { Buffer } from "workers:node/buffer";
import { constants } from "workers:node/internal/fs_arguments";
import * as sync from "workers:node/internal/fs_sync";
import { Dir, Dirent, Stats } from "workers:node/internal/fs_objects";
import { nextTick } from "workers:node/internal/tick";
import promises from "workers:node/fs/promises";
import { validateFunction } from "workers:node/internal/errors";
import { ReadStream, WriteStream, createReadStream, createWriteStream }
    from "workers:node/internal/fs_streams";

const { ArrayBuffer } = globalThis;

export { Dir, Dirent, ReadStream, Stats, WriteStream, constants,
         createReadStream, createWriteStream, promises };
export { ReadStream as FileReadStream, WriteStream as FileWriteStream };

export const {
    accessSync, appendFileSync, chmodSync, chownSync, closeSync,
    copyFileSync, cpSync, existsSync, fchmodSync, fchownSync, fdatasyncSync,
    fstatSync, fsyncSync, ftruncateSync, futimesSync, globSync, lchmodSync,
    lchownSync, linkSync, lstatSync, lutimesSync, mkdirSync, mkdtempSync,
    openAsBlob, openSync, opendirSync, readFileSync, readSync, readdirSync,
    readlinkSync, readvSync, realpathSync, renameSync, rmSync, rmdirSync,
    statSync, statfsSync, symlinkSync, truncateSync, unlinkSync, unwatchFile,
    utimesSync, watch, watchFile, writeFileSync, writeSync, writevSync,
} = sync;

export const { F_OK, R_OK, W_OK, X_OK } = constants;


/* Calls back with what work() returns, an array, or throws. */

function later(callback, work) {
    validateFunction(callback, "callback");

    let result;

    try {
        result = [null, ...work()];

    } catch (error) {
        result = [error];
    }

    nextTick(callback, ...result);
}


/* Takes the last argument, if it is a function. */

function callbackOf(args) {
    return typeof args.at(-1) === "function" ? args.pop() : undefined;
}


/*
 * The asynchronous face of an operation: its arguments and, last, a callback,
 * which gets the result if it is of those that have one.
 */

function called(name, hasResult = false) {
    const operation = sync[`${name}Sync`];

    return {
        [name](...args) {
            later(callbackOf(args), () => {
                const value = operation(...args);

                return hasResult ? [value] : [];
            });
        },
    }[name];
}


export const access = called("access");
export const appendFile = called("appendFile", true);
export const chmod = called("chmod");
export const chown = called("chown");
export const copyFile = called("copyFile");
export const cp = called("cp");
export const fchmod = called("fchmod");
export const fchown = called("fchown");
export const fdatasync = called("fdatasync");
export const fstat = called("fstat", true);
export const fsync = called("fsync");
export const ftruncate = called("ftruncate");
export const futimes = called("futimes");
export const glob = called("glob", true);
export const lchmod = called("lchmod");
export const lchown = called("lchown");
export const link = called("link");
export const lstat = called("lstat", true);
export const lutimes = called("lutimes");
export const mkdir = called("mkdir", true);
export const mkdtemp = called("mkdtemp", true);
export const open = called("open", true);
export const opendir = called("opendir", true);
export const readFile = called("readFile", true);
export const readdir = called("readdir", true);
export const readlink = called("readlink", true);
export const realpath = called("realpath", true);
export const rename = called("rename");
export const rm = called("rm");
export const rmdir = called("rmdir");
export const stat = called("stat", true);
export const statfs = called("statfs", true);
export const symlink = called("symlink");
export const truncate = called("truncate");
export const unlink = called("unlink");
export const utimes = called("utimes");
export const writeFile = called("writeFile", true);

realpath.native = realpath;


export function close(fd, callback = () => {}) {
    later(callback, () => {
        closeSync(fd);
        return [];
    });
}


export function exists(path, callback) {
    validateFunction(callback, "callback");
    nextTick(callback, existsSync(path));
}


export function read(fd, ...args) {
    const callback = callbackOf(args);
    let buffer;

    if (ArrayBuffer.isView(args[0])) {
        buffer = args.shift();

    } else {
        ({ buffer } = args[0] ?? {});
    }

    buffer ??= Buffer.alloc(16384);

    later(callback, () => [readSync(fd, buffer, ...args), buffer]);
}


export function write(fd, buffer, ...args) {
    later(callbackOf(args), () => {
        const n = writeSync(fd, buffer, ...args);

        return [n, typeof buffer === "string" ? Buffer.from(buffer) : buffer];
    });
}


export function readv(fd, buffers, ...args) {
    later(callbackOf(args), () => [readvSync(fd, buffers, ...args), buffers]);
}


export function writev(fd, buffers, ...args) {
    later(callbackOf(args), () => [writevSync(fd, buffers, ...args), buffers]);
}


export default {
    constants, F_OK, R_OK, W_OK, X_OK, promises, Dirent, Dir, Stats, access,
    appendFile, chmod, chown, close, copyFile, cp, exists, fchmod, fchown,
    fdatasync, fstat, fsync, ftruncate, futimes, glob, lchmod, lchown, link,
    lstat, lutimes, mkdir, mkdtemp, open, opendir, read, readFile, readdir,
    readlink, readv, realpath, rename, rm, rmdir, stat, statfs, symlink,
    truncate, unlink, unwatchFile, utimes, watch, watchFile, write, writeFile,
    writev, accessSync, existsSync, appendFileSync, chmodSync, chownSync,
    closeSync, copyFileSync, cpSync, fchmodSync, fchownSync, fdatasyncSync,
    fstatSync, fsyncSync, ftruncateSync, futimesSync, globSync, lchmodSync,
    lchownSync, lutimesSync, linkSync, lstatSync, mkdirSync, mkdtempSync,
    opendirSync, openSync, readdirSync, readFileSync, readlinkSync, readSync,
    readvSync, realpathSync, renameSync, rmdirSync, rmSync, statSync,
    statfsSync, symlinkSync, truncateSync, unlinkSync, utimesSync,
    writeFileSync, writeSync, writevSync, WriteStream, ReadStream,
    FileWriteStream: WriteStream, FileReadStream: ReadStream,
    createReadStream, createWriteStream, openAsBlob,
};
