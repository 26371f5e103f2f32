/*
 * Copyright (C) the nginx-workers authors
 *
 * Blob and File of the File API.  A blob's bytes are one Uint8Array that
 * nothing changes; a slice shares the memory of what it was cut from.
 *
 * C uses isBlob(v), isFile(v), bytesOf(blob) (not to be written to),
 * fromBytes(bytes, type), which makes a Blob that owns the bytes, and
 * makeFile(bytes, name, type); formdata.js uses nameOf(file) as well.
 */

export default function defineBlob(native) {

const { ArrayBuffer, Date, Math, Object, Promise, String, Symbol, TypeError,
        Uint8Array } = globalThis;

const { defineProperty, getOwnPropertyDescriptor } = Object;
const { floor, min, max, trunc } = Math;
const { iterator, toStringTag } = Symbol;

const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const resolved = Promise.resolve.bind(Promise);
const rejected = Promise.reject.bind(Promise);
const sliceBuffer = uncurry(ArrayBuffer.prototype.slice);
const bufferLength = uncurry(getOwnPropertyDescriptor(ArrayBuffer.prototype,
                                                      "byteLength").get);
const subarray = uncurry(Uint8Array.prototype.subarray);
const lowerCase = uncurry(String.prototype.toLowerCase);
const charCode = uncurry(String.prototype.charCodeAt);
const replaceAll = uncurry(String.prototype.replaceAll);
const wellFormed = uncurry(String.prototype.toWellFormed);
const isView = ArrayBuffer.isView;
const now = Date.now;

const INTERNAL = Symbol("internal");
const NOTHING = new Uint8Array(0);

let bytesOf, typeOf, nameOf, isBlob, isFile;

function illegal() {
    return new TypeError(native.illegal);
}

function badArgument(cls, at, type) {
    return new TypeError(`Failed to construct '${cls}': constructor parameter `
                         + `${at} is not of type '${type}'.`);
}

function isObject(v) {
    return v !== null && (typeof v === "object" || typeof v === "function");
}

/* The bytes of a part, or a string of what is neither buffer nor blob. */
function partOf(part) {
    if (!isObject(part)) {
        return `${part}`;
    }

    if (isBlob(part)) {
        return bytesOf(part);
    }

    if (isView(part)) {
        return viewOf(part.buffer, part.byteOffset, part.byteLength);
    }

    return isBuffer(part) ? viewOf(part) : `${part}`;
}

function isBuffer(v) {
    try {
        bufferLength(v);
        return true;

    } catch {
        return false;
    }
}

/* What is detached has no bytes. */
function viewOf(buffer, offset, length) {
    try {
        return new Uint8Array(buffer, offset, length);

    } catch {
        return NOTHING;
    }
}

function withNativeEndings(text) {
    return replaceAll(replaceAll(text, "\r\n", "\n"), "\r", "\n");
}

function normalType(type) {
    for (let i = 0; i < type.length; i++) {
        const c = charCode(type, i);

        if (c < 0x20 || c > 0x7e) {
            return "";
        }
    }

    return lowerCase(type);
}

function readOptions(options, cls, at) {
    if (options === undefined || options === null) {
        return { endings: "transparent", type: "" };
    }

    if (!isObject(options)) {
        throw badArgument(cls, at, "Options");
    }

    let { endings, type } = options;

    endings = endings === undefined ? "transparent" : `${endings}`;

    if (endings !== "transparent" && endings !== "native") {
        throw new TypeError(`"${endings}" is not a kind of line endings.`);
    }

    return { endings, type: type === undefined ? "" : normalType(`${type}`) };
}

function readParts(parts, cls) {
    if (parts === undefined) {
        return [];
    }

    if (!isObject(parts) || typeof parts[iterator] !== "function") {
        throw badArgument(cls, 1, "Array");
    }

    const pieces = [];

    for (const part of parts) {
        pieces[pieces.length] = typeof part === "string" ? part : partOf(part);
    }

    return pieces;
}

function join(pieces, endings) {
    if (endings === "native") {
        for (let i = 0; i < pieces.length; i++) {
            if (typeof pieces[i] === "string") {
                pieces[i] = withNativeEndings(pieces[i]);
            }
        }
    }

    return pieces.length === 0 ? NOTHING : native.join(pieces);
}

/*
 * A long long with [Clamp], which rounds to the nearest, a half to even;
 * counted from the end if negative.
 */
function position(v, fallback, size) {
    if (v === undefined) {
        return fallback;
    }

    const exact = +v || 0;
    const below = floor(exact);
    const over = exact - below;
    const n = over > 0.5 || (over === 0.5 && below % 2 !== 0) ? below + 1
                                                              : below;

    return n < 0 ? max(size + n, 0) : min(n, size);
}

/* Members are enumerable, as WebIDL has them. */
function face(cls, name) {
    const proto = cls.prototype;

    for (const key of Object.getOwnPropertyNames(proto)) {
        if (key !== "constructor") {
            defineProperty(proto, key, { enumerable: true });
        }
    }

    defineProperty(proto, toStringTag, { value: name, configurable: true });
}


class Blob {
    #bytes;
    #type;

    static {
        isBlob = (v) => isObject(v) && #bytes in v;
        bytesOf = (v) => v.#bytes;
        typeOf = (v) => v.#type;
    }

    constructor(blobParts = undefined, options = undefined) {
        if (blobParts === INTERNAL) {
            this.#bytes = options.bytes;
            this.#type = options.type;
            return;
        }

        const pieces = readParts(blobParts, "Blob");
        const { endings, type } = readOptions(options, "Blob", 2);

        this.#bytes = join(pieces, endings);
        this.#type = type;
    }

    get size() {
        return mine(this).byteLength;
    }

    get type() {
        mine(this);
        return this.#type;
    }

    slice(start = undefined, end = undefined, contentType = undefined) {
        const bytes = mine(this);
        const size = bytes.byteLength;
        const from = position(start, 0, size);
        const to = max(position(end, size, size), from);
        const type = contentType === undefined ? ""
                                               : normalType(`${contentType}`);

        return new Blob(INTERNAL, { bytes: subarray(bytes, from, to), type });
    }

    arrayBuffer() {
        return isBlob(this) ? resolved(bufferOf(this.#bytes))
                            : rejected(illegal());
    }

    bytes() {
        return isBlob(this) ? resolved(new Uint8Array(bufferOf(this.#bytes)))
                            : rejected(illegal());
    }

    text() {
        return isBlob(this) ? resolved(native.utf8Decode(this.#bytes))
                            : rejected(illegal());
    }

    stream() {
        return native.streams().fromBytes(new Uint8Array(
                                              bufferOf(mine(this))));
    }
}

face(Blob, "Blob");

function mine(v) {
    if (!isBlob(v)) {
        throw illegal();
    }

    return bytesOf(v);
}

function bufferOf(bytes) {
    return sliceBuffer(bytes.buffer, bytes.byteOffset,
                       bytes.byteOffset + bytes.byteLength);
}


class File extends Blob {
    #name;
    #lastModified;

    static {
        isFile = (v) => isObject(v) && #name in v;
        nameOf = (v) => v.#name;
    }

    constructor(fileBits, fileName, options = undefined) {
        if (fileBits === INTERNAL) {
            super(INTERNAL, fileName);
            this.#name = fileName.name;
            this.#lastModified = fileName.lastModified;
            return;
        }

        if (arguments.length < 2) {
            throw badArgument("File", 2, "string");
        }

        const pieces = readParts(fileBits, "File");
        const name = wellFormed(`${fileName}`);
        const { endings, type } = readOptions(options, "File", 3);
        const when = options?.lastModified;

        super(INTERNAL, { bytes: join(pieces, endings), type });

        this.#name = name;
        this.#lastModified = when === undefined ? now() : trunc(+when) || 0;
    }

    get name() {
        if (!isFile(this)) {
            throw illegal();
        }

        return this.#name;
    }

    get lastModified() {
        if (!isFile(this)) {
            throw illegal();
        }

        return this.#lastModified;
    }
}

face(File, "File");

function fromBytes(bytes, type = "") {
    return new Blob(INTERNAL, { bytes, type });
}

/* A File over the bytes of a blob, or over bytes. */
function makeFile(from, name, type) {
    return new File(INTERNAL, {
        bytes: isBlob(from) ? bytesOf(from) : from,
        type,
        name,
        lastModified: now(),
    });
}

return { Blob, File, isBlob, isFile, bytesOf, typeOf, nameOf, fromBytes,
         makeFile };

}
