/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:crypto": Diffie-Hellman over numbers and over curves, and primes.
 */

import native from "native:bignum";
import keys from "native:key";
import { Buffer } from "workers:node/buffer";
import { bytes, output } from "workers:node/internal/crypto_shared";
import { ecPrivateKey, ecPublicKey, ecSize }
    from "workers:node/internal/crypto_jwk";
import { KeyObject, privateHandle, publicHandle }
    from "workers:node/internal/crypto_keys";
import {
    invalidArgType, invalidArgValue, outOfRange, validateFunction,
    validateInteger, validateObject, validateBoolean, validateOneOf,
    validateString,
} from "workers:node/internal/errors";
import { nextTick as queue } from "workers:node/internal/tick";

const {
    ArrayBuffer, BigInt, Error, Math, Object, RangeError, Symbol, Uint8Array,
    crypto,
} = globalThis;

const state = Symbol("state");


/* Diffie-Hellman */

const SIZE_OR_KEY = ["number", "string", "ArrayBuffer", "Buffer", "TypedArray",
                     "DataView"];


function trimmed(value) {
    let i = 0;

    while (i < value.length - 1 && value[i] === 0) {
        i++;
    }

    return value.subarray(i);
}


/* -1, 0 or 1 of two numbers in bytes. */

function compare(one, two) {
    one = trimmed(one);
    two = trimmed(two);

    return one.length !== two.length ? (one.length < two.length ? -1 : 1)
           : Buffer.compare(one, two);
}


function minusOne(value) {
    const out = new Uint8Array(value);

    for (let i = out.length - 1; i >= 0 && out[i]-- === 0; i--) {
        /* it borrows from the next one */
    }

    return out;
}


/* Bits of DH_check(): 1 it is no prime, 2 no safe one. */

function verifyPrime(prime) {
    if (!native.isPrime(prime)) {
        return 1;
    }

    const half = minusOne(prime);
    let carry = 0;

    for (let i = 0; i < half.length; i++) {
        const byte = half[i];

        half[i] = (byte >> 1) | (carry << 7);
        carry = byte & 1;
    }

    return native.isPrime(half) ? 0 : 2;
}


export function DiffieHellman(sizeOrKey, keyEncoding, generator,
    generatorEncoding)
{
    if (!(this instanceof DiffieHellman)) {
        return new DiffieHellman(sizeOrKey, keyEncoding, generator,
                                 generatorEncoding);
    }

    if (typeof sizeOrKey !== "number" && typeof sizeOrKey !== "string"
        && !ArrayBuffer.isView(sizeOrKey)
        && !(sizeOrKey instanceof ArrayBuffer))
    {
        throw invalidArgType("sizeOrKey", SIZE_OR_KEY, sizeOrKey);
    }

    if (keyEncoding && !Buffer.isEncoding(keyEncoding)
        && keyEncoding !== "buffer")
    {
        generatorEncoding = generator;
        generator = keyEncoding;
        keyEncoding = undefined;
    }

    generator ||= 2;

    if (typeof generator === "number") {
        validateInteger(generator, "generator", 0, 2147483647);
        generator = Buffer.from(generator.toString(16).padStart(8, "0"),
                                "hex");

    } else {
        generator = bytes(generator, "generator", generatorEncoding);
    }

    generator = trimmed(generator);

    let prime;

    if (typeof sizeOrKey === "number") {
        validateInteger(sizeOrKey, "sizeOrKey", -2147483648, 2147483647);

        if (sizeOrKey < 16 || sizeOrKey > 10000) {
            throw new Error("DiffieHellman init failed: could not generate "
                            + "parameters");
        }

        prime = native.prime(sizeOrKey, true, undefined, undefined);

        if (prime === undefined) {
            throw new Error("DiffieHellman init failed: could not generate "
                            + "parameters");
        }

    } else {
        prime = trimmed(bytes(sizeOrKey, "sizeOrKey", keyEncoding));

        if (prime.length === 0 || !(prime.at(-1) & 1)) {
            throw new Error("DiffieHellman init failed: Invalid DH prime "
                            + "generated");
        }
    }

    if (compare(generator, new Uint8Array([1])) <= 0) {
        throw new RangeError("DiffieHellman init failed: generator too small");
    }

    this[state] = { prime, generator, error: undefined };
}


export function DiffieHellmanGroup(name) {
    if (!(this instanceof DiffieHellmanGroup)) {
        return new DiffieHellmanGroup(name);
    }

    validateString(name, "name");

    const prime = /^modp1[4-8]$/i.test(name) ? native.group(name) : undefined;

    if (prime === undefined) {
        throw new Error("Failed to init DiffieHellmanGroup: invalid group. "
                        + "Only groups {modp14, modp15, modp16, modp17, "
                        + "modp18} are supported.");
    }

    this[state] = { prime, generator: new Uint8Array([2]), error: 0 };
}


/* The methods of both, but for the setters. */

const methods = {
    generateKeys(encoding) {
        const { prime, generator } = this[state];
        let { secret } = this[state];

        if (secret === undefined) {
            const limit = minusOne(prime);

            do {
                secret = crypto.getRandomValues(new Uint8Array(prime.length));
                secret[0] &= (1 << (32 - Math.clz32(prime[0]))) - 1;

            } while (compare(secret, limit) >= 0
                     || compare(secret, new Uint8Array([1])) <= 0);

            this[state].secret = secret;
        }

        this[state].public = native.power(generator, secret, prime);

        return output(this[state].public, encoding);
    },

    computeSecret(otherPublicKey, inputEncoding, outputEncoding) {
        const { prime, secret } = this[state];
        const other = bytes(otherPublicKey, "otherPublicKey", inputEncoding);

        if (secret === undefined) {
            throw new Error("Invalid keypair");
        }

        if (compare(other, new Uint8Array([1])) <= 0) {
            throw new RangeError("Supplied key is too small");
        }

        if (compare(other, minusOne(prime)) >= 0) {
            throw new RangeError("Supplied key is too large");
        }

        return output(native.power(other, secret, prime), outputEncoding);
    },

    getPrime(encoding) {
        return output(this[state].prime, encoding);
    },

    getGenerator(encoding) {
        return output(this[state].generator, encoding);
    },

    getPublicKey(encoding) {
        if (this[state].public === undefined) {
            throw new Error("No public key - did you forget to generate one?");
        }

        return output(this[state].public, encoding);
    },

    getPrivateKey(encoding) {
        if (this[state].secret === undefined) {
            throw new Error("No private key - did you forget to generate one?");
        }

        return output(this[state].secret, encoding);
    },
};

function define(Class, members) {
    for (const name of Object.keys(members)) {
        Object.defineProperty(Class.prototype, name, {
            value: members[name], configurable: true, writable: true,
        });
    }

    Object.defineProperty(Class.prototype, "verifyError", {
        get() {
            return this[state].error ??= verifyPrime(this[state].prime);
        },
        configurable: true,
    });
}

define(DiffieHellman, {
    ...methods,

    setPublicKey(key, encoding) {
        this[state].public = new Uint8Array(bytes(key, "key", encoding));
    },

    setPrivateKey(key, encoding) {
        this[state].secret = new Uint8Array(bytes(key, "key", encoding));
    },
});

define(DiffieHellmanGroup, methods);


export function createDiffieHellman(sizeOrKey, keyEncoding, generator,
    generatorEncoding)
{
    return new DiffieHellman(sizeOrKey, keyEncoding, generator,
                             generatorEncoding);
}


export function createDiffieHellmanGroup(name) {
    return new DiffieHellmanGroup(name);
}


export { createDiffieHellmanGroup as getDiffieHellman };


export function diffieHellman(options) {
    validateObject(options, "options");

    const { privateKey, publicKey } = options;

    for (const [key, name] of [[privateKey, "options.privateKey"],
                               [publicKey, "options.publicKey"]])
    {
        if (!(key instanceof KeyObject)) {
            throw invalidArgValue(name, key);
        }
    }

    const secret = privateHandle(privateKey).derive(publicHandle(publicKey));

    if (secret === undefined) {
        throw new Error("Failed to derive the shared secret: the keys do not "
                        + "fit");
    }

    return output(secret);
}


/* Curves */

const CURVES = ["secp224r1", "prime256v1", "secp384r1", "secp521r1",
                "secp256k1"];


export function getCurves() {
    return CURVES.slice(0, 4);
}


function curveOf(name) {
    validateString(name, "curveName");

    if (!CURVES.includes(name)) {
        throw new Error("Invalid curve");
    }

    return name;
}


/* A point as a script wants it, from its uncompressed form. */

function point(value, encoding, format = "uncompressed") {
    validateOneOf(format, "format", ["compressed", "uncompressed", "hybrid"]);

    const odd = value.at(-1) & 1;

    if (format === "compressed") {
        value = value.slice(0, (value.length + 1) / 2);
        value[0] = 2 + odd;

    } else if (format === "hybrid") {
        value = value.slice();
        value[0] = 6 + odd;
    }

    return output(value, encoding);
}


function peerOf(curve, key) {
    const peer = key.length ? ecPublicKey(curve, key) : undefined;

    if (peer === undefined) {
        throw new Error("Failed to set point");
    }

    return peer;
}


/* Whatever form the key was given in. */

function uncompressed(handle, curve) {
    const size = ecSize(curve);

    return new Uint8Array([4, ...handle.number("qx", size),
                           ...handle.number("qy", size)]);
}


export function ECDH(curveName) {
    if (!(this instanceof ECDH)) {
        return new ECDH(curveName);
    }

    this[state] = { curve: curveOf(curveName), key: undefined };
}


ECDH.convertKey = function convertKey(key, curveName, inputEncoding,
    outputEncoding, format)
{
    const curve = curveOf(curveName);
    const given = bytes(key, "key", inputEncoding ?? undefined);

    return point(uncompressed(peerOf(curve, given), curve), outputEncoding,
                 format);
};


const ecdh = {
    generateKeys(encoding, format) {
        const { curve } = this[state];

        this[state].key = keys.generate("EC", 0, 0, curve, false);

        return this.getPublicKey(encoding, format);
    },

    computeSecret(otherPublicKey, inputEncoding, outputEncoding) {
        const { curve, key } = this[state];
        const other = bytes(otherPublicKey, "otherPublicKey",
                            inputEncoding ?? undefined);

        if (key === undefined) {
            throw new Error("Invalid keypair");
        }

        const secret = key.derive(peerOf(curve, other));

        if (secret === undefined) {
            throw new Error("Failed to compute ECDH key");
        }

        return output(secret, outputEncoding);
    },

    getPublicKey(encoding, format) {
        const { curve, key } = this[state];

        if (key === undefined) {
            throw new Error("Failed to get ECDH public key");
        }

        return point(uncompressed(key, curve), encoding, format);
    },

    getPrivateKey(encoding) {
        const { curve, key } = this[state];

        if (key === undefined) {
            throw new Error("Failed to get ECDH private key");
        }

        return output(key.number("priv", ecSize(curve)), encoding);
    },

    setPrivateKey(key, encoding) {
        const { curve } = this[state];
        const secret = bytes(key, "key", encoding);
        const size = ecSize(curve);
        const handle = secret.length <= size
                       && secret.some((byte) => byte !== 0)
                       ? ecPrivateKey(curve, secret) : undefined;

        if (handle === undefined || handle.number("qx", size) === undefined) {
            throw new Error("Private key is not valid for specified curve.");
        }

        this[state].key = handle;
    },
};

for (const name of Object.keys(ecdh)) {
    Object.defineProperty(ECDH.prototype, name, {
        value: ecdh[name], configurable: true, writable: true,
    });
}


export function createECDH(curveName) {
    return new ECDH(curveName);
}


/* Primes */

function bigBytes(value, name) {
    if (typeof value === "bigint") {
        if (value < 0n) {
            throw outOfRange(name, ">= 0", value);
        }

        const hex = value.toString(16);

        return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
    }

    if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) {
        throw invalidArgType(name, ["ArrayBuffer", "TypedArray", "Buffer",
                                    "DataView", "bigint"], value);
    }

    return bytes(value, name);
}


function prime(size, options = {}) {
    validateInteger(size, "size", 1, 2147483647);
    validateObject(options, "options");

    const { safe = false, bigint = false, add, rem } = options;

    validateBoolean(safe, "options.safe");
    validateBoolean(bigint, "options.bigint");

    const more = add === undefined ? undefined : bigBytes(add, "options.add");
    const rest = rem === undefined ? undefined : bigBytes(rem, "options.rem");

    if (more !== undefined
        && (trimmed(more).length * 8 - Math.clz32(trimmed(more)[0]) + 24 > size
            || (rest !== undefined && compare(rest, more) >= 0)))
    {
        throw new RangeError("Invalid values for add and rem");
    }

    const found = native.prime(size, safe, more, rest);

    if (found === undefined) {
        throw new Error(`Failed to generate a prime of ${size} bits`);
    }

    return bigint ? BigInt(`0x${Buffer.from(found).toString("hex")}`)
                  : found.buffer;
}


export function generatePrimeSync(size, options) {
    return prime(size, options);
}


export function generatePrime(size, options, callback) {
    if (typeof options === "function") {
        callback = options;
        options = undefined;
    }

    validateFunction(callback, "callback");

    const found = prime(size, options);

    queue(() => callback(null, found));
}


export function checkPrimeSync(candidate, options = {}) {
    if (typeof candidate === "bigint" || ArrayBuffer.isView(candidate)
        || candidate instanceof ArrayBuffer)
    {
        candidate = bigBytes(candidate, "candidate");

    } else {
        throw invalidArgType("candidate", ["ArrayBuffer", "TypedArray",
                                           "Buffer", "DataView", "bigint"],
                             candidate);
    }

    validateObject(options, "options");
    validateInteger(options.checks ?? 0, "options.checks", 0, 2147483647);

    return native.isPrime(candidate);
}


export function checkPrime(candidate, options, callback) {
    if (typeof options === "function") {
        callback = options;
        options = undefined;
    }

    validateFunction(callback, "callback");

    const found = checkPrimeSync(candidate, options);

    queue(() => callback(null, found));
}
