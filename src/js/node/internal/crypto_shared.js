/*
 * Copyright (C) the nginx-workers authors
 *
 * What the files of "node:crypto" share.
 */

import { Buffer } from "workers:node/buffer";
import { invalidArgType } from "workers:node/internal/errors";

const { ArrayBuffer, SharedArrayBuffer, Uint8Array } = globalThis;


/* Arguments */

export function bytesOf(view) {
    return view instanceof Uint8Array ? view
           : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}


/* Bytes of a string or a buffer. */

export function bytes(value, name, encoding, expected) {
    if (typeof value === "string") {
        return Buffer.from(value, encoding);
    }

    if (ArrayBuffer.isView(value)) {
        return bytesOf(value);
    }

    if (value instanceof ArrayBuffer
        || value instanceof SharedArrayBuffer)
    {
        return new Uint8Array(value);
    }

    throw invalidArgType(name, expected ?? ["string", "ArrayBuffer", "Buffer",
                                            "TypedArray", "DataView"], value);
}


export function output(value, encoding) {
    const buffer = Buffer.from(value.buffer, value.byteOffset,
                               value.byteLength);

    return encoding === undefined || encoding === null || encoding === "buffer"
           ? buffer : buffer.toString(encoding);
}


/* Digests by the names of OpenSSL's older versions. */

const DIGESTS = {
    __proto__: null,
    md5: "MD5", sha1: "SHA1", sha224: "SHA224", sha256: "SHA256",
    sha384: "SHA384", sha512: "SHA512", "sha512-256": "SHA512-256",
    "md5-sha1": "MD5-SHA1", "rsa-md5": "MD5", "rsa-sha1": "SHA1",
    "rsa-sha1-2": "SHA1", "rsa-sha224": "SHA224", "rsa-sha256": "SHA256",
    "rsa-sha384": "SHA384", "rsa-sha512": "SHA512",
    "rsa-sha512/256": "SHA512-256", "dsa-sha": "SHA1", "dsa-sha1": "SHA1",
    "ecdsa-with-sha1": "SHA1", ssl3: "MD5", "ssl3-md5": "MD5",
    "ssl3-sha1": "SHA1", "sha-1": "SHA1", "sha-224": "SHA224",
    "sha-256": "SHA256", "sha-384": "SHA384", "sha-512": "SHA512",
};


export function digestOf(name) {
    return DIGESTS[name.toLowerCase()];
}
