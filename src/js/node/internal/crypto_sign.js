/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:crypto": signatures, and encryption with RSA.
 */

import native from "native:crypto";
import { Buffer } from "workers:node/buffer";
import Stream from "workers:node/internal/readable_stream";
import { bytes, bytesOf, digestOf, output }
    from "workers:node/internal/crypto_shared";
import { privateHandle, publicHandle }
    from "workers:node/internal/crypto_keys";
import {
    invalidArgType, invalidArgValue, plainError, validateFunction,
    validateInt32, validateString,
} from "workers:node/internal/errors";
import { nextTick as queue } from "workers:node/internal/tick";

const {
    ArrayBuffer, Error, Number, Object, Reflect, Symbol, TypeError, Uint8Array,
} = globalThis;

const { Writable } = Stream;

const state = Symbol("state");

const PKCS1 = 1, NO_PADDING = 3, OAEP = 4;


function digestHandle(algorithm) {
    const name = digestOf(algorithm);
    const handle = name === undefined ? undefined : native.hash(name);

    if (handle === undefined) {
        throw new Error(`Unknown digest: ${algorithm}`);
    }

    return { name, handle };
}


/* [padding, salt, raw] that a key's options ask for. */

function signOptions(key) {
    if (typeof key !== "object" || key === null || ArrayBuffer.isView(key)) {
        return [0, -2, false];
    }

    const { padding, saltLength, dsaEncoding = "der" } = key;

    if (padding !== undefined && !Number.isInteger(padding)) {
        throw invalidArgValue("options.padding", padding);
    }

    if (saltLength !== undefined && !Number.isInteger(saltLength)) {
        throw invalidArgValue("options.saltLength", saltLength);
    }

    if (dsaEncoding !== "der" && dsaEncoding !== "ieee-p1363") {
        throw invalidArgValue("options.dsaEncoding", dsaEncoding);
    }

    return [padding ?? 0, saltLength ?? -2, dsaEncoding === "ieee-p1363"];
}


function signed(key, digest, data) {
    if (!key) {
        throw plainError("ERR_CRYPTO_SIGN_KEY_REQUIRED",
                         "No key provided to sign");
    }

    const options = signOptions(key);
    const out = privateHandle(key).sign(digest, data, ...options);

    if (out === undefined) {
        throw new Error("Failed to initialize signing context");
    }

    return out;
}


function verified(key, digest, data, signature) {
    return publicHandle(key).verify(digest, data, ...signOptions(key),
                                    signature);
}


/* What both classes share: a digest that is written to. */

function signer(Class, what) {
    Object.setPrototypeOf(Class.prototype, Writable.prototype);
    Object.setPrototypeOf(Class, Writable);

    Class.prototype.update = function update(data, encoding) {
        if (this[state].done) {
            throw new Error(`${what} context has already been finalized`);
        }

        this[state].handle.update(bytes(data, "data", encoding,
                                        ["string", "Buffer", "TypedArray",
                                         "DataView"]));

        return this;
    };

    Class.prototype._write = function _write(chunk, encoding, callback) {
        this.update(chunk, encoding === "buffer" ? undefined : encoding);
        callback();
    };
}


function begin(object, algorithm, options) {
    validateString(algorithm, "algorithm");

    object[state] = { ...digestHandle(algorithm), done: false };

    Reflect.apply(Writable, object, [options]);
}


function end(object, what) {
    if (object[state].done) {
        throw new Error(`${what} context has already been finalized`);
    }

    object[state].done = true;

    return object[state].handle.final();
}


export function Sign(algorithm, options) {
    if (!(this instanceof Sign)) {
        return new Sign(algorithm, options);
    }

    begin(this, algorithm, options);
}

signer(Sign, "Signing");


Sign.prototype.sign = function sign(options, encoding) {
    if (!options) {
        throw plainError("ERR_CRYPTO_SIGN_KEY_REQUIRED",
                         "No key provided to sign");
    }

    return output(signed(options, this[state].name, end(this, "Signing")),
                  encoding);
};


export function Verify(algorithm, options) {
    if (!(this instanceof Verify)) {
        return new Verify(algorithm, options);
    }

    begin(this, algorithm, options);
}

signer(Verify, "Verification");


Verify.prototype.verify = function verify(options, signature, encoding) {
    signature = bytes(signature, "signature", encoding);

    return verified(options, this[state].name, end(this, "Verification"),
                    signature);
};


export function createSign(algorithm, options) {
    return new Sign(algorithm, options);
}


export function createVerify(algorithm, options) {
    return new Verify(algorithm, options);
}


/* What sign() and verify() sign: a digest, or the data itself. */

function message(algorithm, data) {
    if (!ArrayBuffer.isView(data)) {
        throw invalidArgType("data", ["Buffer", "TypedArray", "DataView"],
                             data);
    }

    if (algorithm === undefined || algorithm === null) {
        return [undefined, bytesOf(data)];
    }

    validateString(algorithm, "algorithm");

    const { name, handle } = digestHandle(algorithm);

    handle.update(bytesOf(data));

    return [name, handle.final()];
}


/* Without a digest only the keys of Edwards curves can sign. */

function checkPure(key, digest) {
    const type = digest === undefined ? key.details().type : "";

    if (type !== "" && !type.startsWith("ED")) {
        throw new Error("Failed to initialize signing context");
    }
}


function settle(callback, compute) {
    if (callback === undefined) {
        return compute();
    }

    validateFunction(callback, "callback");

    let value, error = null;

    try {
        value = compute();

    } catch (e) {
        error = e;
    }

    queue(() => (error ? callback(error) : callback(null, value)));
}


export function sign(algorithm, data, key, callback) {
    return settle(callback, () => {
        const [digest, bytes] = message(algorithm, data);

        if (!key) {
            throw plainError("ERR_CRYPTO_SIGN_KEY_REQUIRED",
                             "No key provided to sign");
        }

        checkPure(privateHandle(key), digest);

        return output(signed(key, digest, bytes));
    });
}


export function verify(algorithm, data, key, signature, callback) {
    return settle(callback, () => {
        const [digest, bytes] = message(algorithm, data);

        if (!ArrayBuffer.isView(signature)) {
            throw invalidArgType("signature", ["Buffer", "TypedArray",
                                               "DataView"], signature);
        }

        checkPure(publicHandle(key), digest);

        return verified(key, digest, bytes, bytesOf(signature));
    });
}


/* RSA */

const EMPTY = new Uint8Array(0);


function crypt(name, operation, handleOf, usual) {
    return function (key, buffer) {
        const options = typeof key === "object" && key !== null
                        && !ArrayBuffer.isView(key) ? key : {};
        const { oaepHash = "sha1", oaepLabel, encoding } = options;
        const padding = options.padding ?? usual;
        const handle = handleOf(key);

        validateInt32(padding, "options.padding");
        validateString(oaepHash, "options.oaepHash");

        if (handle.details().type !== "RSA") {
            throw new Error(`${name}() currently only supports RSA keys`);
        }

        const digest = digestOf(oaepHash);

        if (digest === undefined) {
            throw new Error("Unsupported hash digest");
        }

        if (padding !== PKCS1 && padding !== OAEP && padding !== NO_PADDING) {
            throw new TypeError("Invalid or unsupported padding");
        }

        const label = oaepLabel === undefined ? EMPTY
                      : bytes(oaepLabel, "options.oaepLabel", encoding);

        const out = handle.crypt(operation, padding,
                                 bytes(buffer, "buffer", encoding), digest,
                                 label);
        if (out === undefined) {
            throw new Error("Failed to cipher/decipher");
        }

        return Buffer.from(out.buffer, out.byteOffset, out.byteLength);
    };
}


export const publicEncrypt = crypt("publicEncrypt", 0, publicHandle, OAEP);
export const privateDecrypt = crypt("privateDecrypt", 1, privateHandle, OAEP);
export const privateEncrypt = crypt("privateEncrypt", 2, privateHandle, PKCS1);
export const publicDecrypt = crypt("publicDecrypt", 3, publicHandle, PKCS1);
