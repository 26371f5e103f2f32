/*
 * Copyright (C) the nginx-workers authors
 *
 * The class Buffer.  What works on bytes is in C: the class itself, reading,
 * writing, searching and encodings.
 */

import native from "native:buffer";
import {
    invalidArgType, outOfRange, rangeError, typeError,
    validateInteger, validateString,
} from "workers:node/internal/errors";

const {
    Array, ArrayBuffer, Error, Number, Object, Reflect, Symbol, Uint8Array,
} = globalThis;

const { isArrayBuffer } = native;
const { isView } = ArrayBuffer;
const { isArray } = Array;
const { isNaN } = Number;
const { defineProperty } = Object;
const { apply } = Reflect;
const { set } = Uint8Array.prototype;

const inspectSymbol = Symbol.for("nodejs.util.inspect.custom");
const { toPrimitive } = Symbol;

export const kMaxLength = 2147483647;
export const kStringMaxLength = 536870888;

/* What the script may change. */
export const settings = { INSPECT_MAX_BYTES: 50 };

export const { Buffer } = native;

const prototype = Buffer.prototype;


function isUint8Array(value) {
    return value instanceof Uint8Array;
}


function assertSize(size) {
    if (typeof size !== "number") {
        throw invalidArgType("size", "number", size);
    }

    if (isNaN(size)) {
        throw rangeError("ERR_INVALID_ARG_VALUE",
                         "The argument 'size' is invalid. Received NaN");
    }

    if (size < 0 || size > kMaxLength) {
        throw outOfRange("size", `0 to ${kMaxLength}`, size);
    }
}


function fromArrayLike(list) {
    const { length } = list;

    if (!(length > 0)) {
        return native.alloc(0);
    }

    assertSize(length);

    const buffer = native.alloc(length);
    apply(set, buffer, [list]);

    return buffer;
}


function fromArrayBuffer(buffer, offset, length) {
    const from = +offset || 0;
    const rest = buffer.byteLength - from;

    if (rest < 0) {
        throw rangeError("ERR_BUFFER_OUT_OF_BOUNDS",
                         '"offset" is outside of buffer bounds');
    }

    let size = length === undefined ? rest : +length;

    if (!(size > 0)) {
        size = 0;
    }

    if (size > rest) {
        throw rangeError("ERR_BUFFER_OUT_OF_BOUNDS",
                         '"length" is outside of buffer bounds');
    }

    return new Buffer(buffer, from, size);
}


/* Undefined: the object is none of those that can be a Buffer. */

function fromObject(value) {
    if (isUint8Array(value)) {
        return native.fromBytes(value);
    }

    if (value.length !== undefined || isArrayBuffer(value.buffer)) {
        return typeof value.length === "number" ? fromArrayLike(value)
                                                : native.alloc(0);
    }

    return value.type === "Buffer" && isArray(value.data)
           ? fromArrayLike(value.data) : undefined;
}


function fromString(string, encoding) {
    return native.fromString(string, typeof encoding === "string"
                                     ? encoding : undefined);
}


function from(value, encodingOrOffset, length) {
    if (typeof value === "string") {
        return fromString(value, encodingOrOffset);
    }

    if (typeof value === "object" && value !== null) {

        if (isArrayBuffer(value)) {
            return fromArrayBuffer(value, encodingOrOffset, length);
        }

        const inner = value.valueOf?.();

        if (inner !== value && inner !== undefined && inner !== null
            && (typeof inner === "string" || typeof inner === "object"))
        {
            return from(inner, encodingOrOffset, length);
        }

        const buffer = fromObject(value);

        if (buffer !== undefined) {
            return buffer;
        }

        if (typeof value[toPrimitive] === "function") {
            const text = value[toPrimitive]("string");

            if (typeof text === "string") {
                return fromString(text, encodingOrOffset);
            }
        }
    }

    throw invalidArgType("first argument", [
        "string", "Buffer", "TypedArray", "ArrayBuffer", "SharedArrayBuffer",
        "Array", "Array-like Object",
    ], value);
}


/* Buffer() and new Buffer(), which C calls. */

export function construct(value, encodingOrOffset, length) {
    if (typeof value !== "number") {
        return from(value, encodingOrOffset, length);
    }

    if (typeof encodingOrOffset === "string") {
        throw invalidArgType("string", "string", value);
    }

    return alloc(value);
}


function alloc(size, fill, encoding) {
    assertSize(size);

    const buffer = native.alloc(size);

    if (fill !== undefined && fill !== 0 && buffer.length > 0) {

        if (encoding !== undefined) {
            validateString(encoding, "encoding");
        }

        buffer.fill(fill, 0, buffer.length, encoding);
    }

    return buffer;
}


function allocUnsafe(size) {
    assertSize(size);

    return native.alloc(size);
}


export function SlowBuffer(length) {
    return allocUnsafe(length);
}


function byteLength(string, encoding) {
    if (typeof string === "string") {
        return native.byteLength(string, encoding);
    }

    if (isView(string) || isArrayBuffer(string)) {
        return string.byteLength;
    }

    throw invalidArgType("string", ["string", "Buffer", "ArrayBuffer"],
                         string);
}


function concat(list, length) {
    if (!isArray(list)) {
        throw invalidArgType("list", "Array", list);
    }

    if (list.length === 0) {
        return native.alloc(0);
    }

    let size = 0;

    for (let i = 0; i < list.length; i++) {
        if (!isUint8Array(list[i])) {
            throw invalidArgType(`list[${i}]`, ["Buffer", "Uint8Array"],
                                 list[i]);
        }

        size += list[i].length;
    }

    if (length !== undefined) {
        validateInteger(length, "length", 0);
        size = length;
    }

    if (size > kMaxLength) {
        throw outOfRange("length", `0 to ${kMaxLength}`, size);
    }

    return native.concat(list, size);
}


const statics = {
    from,

    of(...items) {
        return fromArrayLike(items);
    },

    alloc,
    allocUnsafe,
    allocUnsafeSlow: allocUnsafe,

    isBuffer(value) {
        return value instanceof Buffer;
    },

    compare: native.compare,
    isEncoding: native.isEncoding,
    concat,
    byteLength,
};

defineProperty(Buffer, "poolSize", { value: 0, enumerable: true });

for (const name of Object.keys(statics)) {
    defineProperty(Buffer, name, {
        value: statics[name], configurable: true, enumerable: true,
        writable: true,
    });
}


function getter(name, get) {
    defineProperty(prototype, name, { get, enumerable: true });
}


getter("parent", function () {
    return this instanceof Buffer ? this.buffer : undefined;
});

getter("offset", function () {
    return this instanceof Buffer ? this.byteOffset : undefined;
});


function inspect(recurseTimes, ctx) {
    const max = settings.INSPECT_MAX_BYTES;
    const shown = native.alloc(0).hexSlice.call(this, 0,
                                        this.length < max ? this.length : max);
    const more = this.length - max;

    let text = shown.replace(/(.{2})/g, "$1 ").trim();

    if (more > 0) {
        text += ` ... ${more} more byte${more > 1 ? "s" : ""}`;
    }

    return `<${this.constructor.name} ${text}>`;
}


prototype.toLocaleString = prototype.toString;

prototype.inspect = inspect;
prototype[inspectSymbol] = inspect;


prototype.toJSON = function toJSON() {
    const data = [];

    for (let i = 0; i < this.length; i++) {
        data.push(this[i]);
    }

    return { type: "Buffer", data };
};


const ALIASES = {
    "utf-8": "utf8", "utf-16le": "utf16le", ucs2: "utf16le",
    "ucs-2": "utf16le", binary: "latin1",
};


/* The one name of an encoding; of what is undefined, null or "": "utf8". */

export function normalizeEncoding(encoding) {
    const name = `${encoding ?? ""}`.toLowerCase() || "utf8";

    if (!native.isEncoding(name)) {
        throw typeError("ERR_UNKNOWN_ENCODING",
                        `Unknown encoding: ${encoding}`);
    }

    return ALIASES[name] ?? name;
}


/* Between UTF-8, UTF-16LE, Latin-1 and ASCII. */

function transcodable(encoding) {
    const name = normalizeEncoding(encoding);

    if (name === "hex" || name === "base64" || name === "base64url") {
        throw new Error("Unable to transcode buffer due to unsupported "
                        + "encoding");
    }

    return name;
}


export function transcode(source, fromEncoding, toEncoding) {
    if (!isView(source)) {
        throw invalidArgType("source", "ArrayBufferView", source);
    }

    const input = transcodable(fromEncoding);
    const output = transcodable(toEncoding);
    const narrow = output === "ascii" || output === "latin1";

    const bytes = native.fromBytes(source);

    /* a byte is a character, here: ASCII has no upper half to cut off */

    let text = bytes.toString(input === "ascii" ? "latin1" : input);

    if (narrow) {
        text = text.replace(/[^\0-\xff]/gu, "?");
    }

    return native.fromString(text, output);
}


export function isUtf8(input) {
    return native.isUtf8(input);
}


export function isAscii(input) {
    return native.isAscii(input);
}
