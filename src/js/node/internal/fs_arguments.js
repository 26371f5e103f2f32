/*
 * Copyright (C) the nginx-workers authors
 *
 * What functions of "node:fs" take: flags, modes, positions, encodings,
 * options; and its constants.
 */

import { Buffer } from "workers:node/buffer";
import {
    invalidArgType, invalidArgValue, outOfRange, validateBoolean,
    validateInteger, validateObject,
} from "workers:node/internal/errors";

const { ArrayBuffer, Number, Object, Uint8Array, parseInt } = globalThis;


function constant(members) {
    return Object.freeze(Object.assign(Object.create(null), members));
}


export const constants = constant({
    UV_FS_SYMLINK_DIR: 1, UV_FS_SYMLINK_JUNCTION: 2, O_RDONLY: 0, O_WRONLY: 1,
    O_RDWR: 2, UV_DIRENT_UNKNOWN: 0, UV_DIRENT_FILE: 1, UV_DIRENT_DIR: 2,
    UV_DIRENT_LINK: 3, UV_DIRENT_FIFO: 4, UV_DIRENT_SOCKET: 5,
    UV_DIRENT_CHAR: 6, UV_DIRENT_BLOCK: 7, EXTENSIONLESS_FORMAT_JAVASCRIPT: 0,
    EXTENSIONLESS_FORMAT_WASM: 1, S_IFMT: 61440, S_IFREG: 32768,
    S_IFDIR: 16384, S_IFCHR: 8192, S_IFBLK: 24576, S_IFIFO: 4096,
    S_IFLNK: 40960, S_IFSOCK: 49152, O_CREAT: 64, O_EXCL: 128,
    UV_FS_O_FILEMAP: 0, O_NOCTTY: 256, O_TRUNC: 512, O_APPEND: 1024,
    O_DIRECTORY: 65536, O_NOATIME: 262144, O_NOFOLLOW: 131072,
    O_SYNC: 1052672, O_DSYNC: 4096, O_DIRECT: 16384, O_NONBLOCK: 2048,
    S_IRWXU: 448, S_IRUSR: 256, S_IWUSR: 128, S_IXUSR: 64, S_IRWXG: 56,
    S_IRGRP: 32, S_IWGRP: 16, S_IXGRP: 8, S_IRWXO: 7, S_IROTH: 4, S_IWOTH: 2,
    S_IXOTH: 1, F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, UV_FS_COPYFILE_EXCL: 1,
    COPYFILE_EXCL: 1, UV_FS_COPYFILE_FICLONE: 2, COPYFILE_FICLONE: 2,
    UV_FS_COPYFILE_FICLONE_FORCE: 4, COPYFILE_FICLONE_FORCE: 4,
});

const { O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND } = constants;

export const FLAGS = {
    "r": 0, "r+": O_RDWR,
    "w": O_TRUNC | O_CREAT | O_WRONLY, "w+": O_TRUNC | O_CREAT | O_RDWR,
    "a": O_APPEND | O_CREAT | O_WRONLY, "a+": O_APPEND | O_CREAT | O_RDWR,
};


/* an unsigned number of 32 bits */

export function checkUint(value, name) {
    if (typeof value !== "number") {
        throw invalidArgType(name, "number", value);
    }

    if (!Number.isInteger(value)) {
        throw outOfRange(name, "an integer", value);
    }

    if (value < 0 || value > 4294967295) {
        throw outOfRange(name, ">= 0 && < 4294967296", value);
    }

    return value;
}


export function checkPosition(value) {
    if (value === undefined || value === null) {
        return null;
    }

    if (typeof value === "bigint") {
        value = Number(value);
    }

    if (typeof value !== "number" || !Number.isInteger(value)) {
        throw invalidArgType("position", ["bigint", "integer", "null"], value);
    }

    return checkUint(value, "position");
}


export function checkFd(fd) {
    validateInteger(fd, "fd", 0, 2147483647);
}


/* "r+", "wx", in any order with "s" and "x"; or a number. */

export function flagsOf(value, fallback = 0) {
    if (value === undefined || value === null) {
        return fallback;
    }

    if (typeof value === "number") {
        validateInteger(value, "flags", -2147483648, 2147483647);
        return value;
    }

    if (typeof value === "string") {
        const plain = value.replace("s", "").replace("x", "");
        const exclusive = value.includes("x");

        if (Object.hasOwn(FLAGS, plain) && !(exclusive && plain[0] === "r")) {
            return FLAGS[plain] | (exclusive ? O_EXCL : 0);
        }
    }

    throw invalidArgValue("flags", value);
}


export function checkMode(value, name = "mode") {
    if (value === undefined || value === null) {
        return;
    }

    if (typeof value === "string") {
        if (!/^[0-7]+$/.test(value)) {
            throw invalidArgValue(name, value, "must be a 32-bit unsigned "
                                  + "integer or an octal string");
        }

        value = parseInt(value, 8);
    }

    checkUint(value, name);
}


export function checkEncoding(encoding) {
    if (encoding !== undefined && encoding !== "buffer"
        && !(typeof encoding === "string" && Buffer.isEncoding(encoding)))
    {
        throw invalidArgValue("options.encoding", encoding);
    }

    return encoding;
}


/* Options: an object, or an encoding alone. */

export function optionsOf(options, fallback) {
    if (options === undefined) {
        return { ...fallback };
    }

    if (typeof options === "string" || options === null) {
        return { ...fallback, encoding: options };
    }

    validateObject(options, "options");

    return { ...fallback, ...options };
}


export function encoded(text, encoding) {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;

    return encoding === "buffer" ? bytes
           : encoding === undefined || encoding === null ? text
           : bytes.toString(encoding);
}


export function bytesOf(data, encoding = "utf8") {
    if (typeof data === "string") {
        return Buffer.from(data, encoding);
    }

    if (!ArrayBuffer.isView(data)) {
        throw invalidArgType("data", ["string", "Buffer", "TypedArray",
                                      "DataView"], data);
    }

    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}


export function checkBoolean(options, name) {
    if (options[name] !== undefined) {
        validateBoolean(options[name], `options.${name}`);
    }

    return options[name] ?? false;
}
