/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:string_decoder": what a chunk cuts off waits for the next one.
 */

import {
    Buffer, normalizeEncoding,
} from "workers:node/internal/buffer";
import { invalidArgType, typeError } from "workers:node/internal/errors";

const { ArrayBuffer, Object, Symbol } = globalThis;

const { isView } = ArrayBuffer;
const kRest = Symbol("kNativeDecoder");

const NOTHING = Buffer.alloc(0);


/* How many bytes a character takes that starts with this one; 0: none does. */

function sizeOf(byte) {
    return byte >= 0xf8 ? 0
           : byte >= 0xf0 ? 4
           : byte >= 0xe0 ? 3
           : byte >= 0xc0 ? 2
           : 0;
}


/* What is cut off at the end: [how many bytes are there, of how many] */

function utf8Rest(bytes) {
    const { length } = bytes;

    for (let n = 1; n < 4 && n <= length; n++) {
        const byte = bytes[length - n];

        if ((byte & 0xc0) !== 0x80) {
            const size = sizeOf(byte);

            return size > n ? [n, size] : [0, 0];
        }
    }

    return [0, 0];
}


function utf16Rest(bytes) {
    const { length } = bytes;
    const odd = length % 2;
    const high = length - odd > 0 && (bytes[length - odd - 1] & 0xfc) === 0xd8;

    return high ? [2 + odd, 4] : odd ? [1, 2] : [0, 0];
}


function base64Rest(bytes) {
    const n = bytes.length % 3;

    return n ? [n, 3] : [0, 0];
}


const RESTS = {
    utf8: utf8Rest,
    utf16le: utf16Rest,
    base64: base64Rest,
    base64url: base64Rest,
};


function StringDecoder(encoding = undefined) {
    this.encoding = normalizeEncoding(encoding);

    Object.defineProperty(this, kRest, {
        value: { bytes: NOTHING, total: 0 },
        configurable: true, enumerable: true, writable: true,
    });
}

const prototype = StringDecoder.prototype;


prototype.write = function write(chunk) {
    if (typeof chunk === "string") {
        return chunk;
    }

    if (!isView(chunk)) {
        throw invalidArgType("buf", ["string", "Buffer", "TypedArray",
                                     "DataView"], chunk);
    }

    const rest = this[kRest];

    if (rest === undefined) {
        throw typeError("ERR_INVALID_THIS", 'Value of "this" must be of type '
                                            + "StringDecoder");
    }

    const restOf = RESTS[this.encoding];

    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

    if (restOf === undefined) {
        return bytes.toString(this.encoding);
    }

    if (rest.bytes.length) {
        bytes = Buffer.concat([rest.bytes, bytes]);
    }

    const [n, total] = restOf(bytes);

    rest.total = total;

    if (n === 0) {
        rest.bytes = NOTHING;
        return bytes.toString(this.encoding);
    }

    const end = bytes.length - n;

    rest.bytes = Buffer.from(bytes.subarray(end));

    return bytes.toString(this.encoding, 0, end);
};


prototype.end = function end(chunk) {
    let text = chunk === undefined ? "" : this.write(chunk);

    const rest = this[kRest];

    if (rest.bytes.length) {
        text += rest.bytes.toString(this.encoding);
        rest.bytes = NOTHING;
        rest.total = 0;
    }

    return text;
};


prototype.text = function text(chunk, offset) {
    const rest = this[kRest];

    rest.bytes = NOTHING;
    rest.total = 0;

    return this.write(chunk.slice(offset));
};


function getter(name, get) {
    Object.defineProperty(prototype, name, { get, enumerable: true });
}


getter("lastChar", function () {
    const last = Buffer.alloc(4);

    this[kRest].bytes.copy(last);

    return last;
});

getter("lastNeed", function () {
    const { bytes, total } = this[kRest];

    return total - bytes.length;
});

getter("lastTotal", function () {
    return this[kRest].total;
});


export { StringDecoder };

export default { StringDecoder };
