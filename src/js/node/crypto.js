/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:crypto": digests, HMAC, random bytes, derivation of keys and symmetric
 * ciphers; the rest is in internal/crypto_*.js.
 */

import native from "native:crypto";
import { Buffer } from "workers:node/buffer";
import Stream from "workers:node/internal/readable_stream";
import {
    invalidArgType, invalidArgValue, notImplemented, outOfRange, plainError,
    validateFunction, validateInteger, validateNumber, validateObject,
    validateString, validateUint32,
} from "workers:node/internal/errors";
import { bytes, bytesOf, digestOf, output }
    from "workers:node/internal/crypto_shared";
import {
    KeyObject, PrivateKeyObject, PublicKeyObject, SecretKeyObject,
    createPrivateKey, createPublicKey, createSecretKey, generateKey,
    generateKeyPair, generateKeyPairSync, generateKeySync, secretOf,
} from "workers:node/internal/crypto_keys";
import {
    Sign, Verify, createSign, createVerify, privateDecrypt, privateEncrypt,
    publicDecrypt, publicEncrypt, sign, verify,
} from "workers:node/internal/crypto_sign";
import {
    DiffieHellman, DiffieHellmanGroup, ECDH, checkPrime, checkPrimeSync,
    createDiffieHellman, createDiffieHellmanGroup, createECDH, diffieHellman,
    generatePrime, generatePrimeSync, getCurves, getDiffieHellman,
} from "workers:node/internal/crypto_dh";
import { Certificate, X509Certificate }
    from "workers:node/internal/crypto_x509";
import { nextTick as queue } from "workers:node/internal/tick";

const {
    ArrayBuffer, CryptoKey, Error, Math, Number, Object, RangeError, Reflect,
    SharedArrayBuffer, Symbol, TypeError, Uint8Array, crypto,
} = globalThis;

const { Transform } = Stream;

const subtle = crypto.subtle;
const getRandomValues = crypto.getRandomValues.bind(crypto);

export { CryptoKey, crypto as webcrypto, getRandomValues, subtle };

export {
    Certificate, DiffieHellman, DiffieHellmanGroup, ECDH, KeyObject,
    PrivateKeyObject, PublicKeyObject, SecretKeyObject, Sign, Verify,
    X509Certificate, checkPrime, checkPrimeSync, createDiffieHellman,
    createDiffieHellmanGroup, createECDH, createPrivateKey, createPublicKey,
    createSecretKey, createSign, createVerify, diffieHellman, generateKey,
    generateKeyPair, generateKeyPairSync, generateKeySync, generatePrime,
    generatePrimeSync, getCurves, getDiffieHellman, privateDecrypt,
    privateEncrypt, publicDecrypt, publicEncrypt, sign, verify,
};


export function getHashes() {
    return ["md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512",
            "md5-sha1", "RSA-MD5", "RSA-SHA1", "RSA-SHA224", "RSA-SHA256",
            "RSA-SHA384", "RSA-SHA512", "DSA-SHA", "DSA-SHA1",
            "ecdsa-with-SHA1"];
}


function unsupported() {
    return new Error("Digest method not supported");
}


function finalized() {
    return plainError("ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
}


const DATA = ["string", "Buffer", "TypedArray", "DataView"];

const state = Symbol("state");


/* What is hashed: a string in UTF-8 needs no copy. */

function feed(handle, data, encoding) {
    if (typeof data === "string") {
        handle.update(encoding === undefined || encoding === null
                      || /^utf-?8$/i.test(encoding)
                      ? data : Buffer.from(data, encoding));

    } else if (ArrayBuffer.isView(data)) {
        handle.update(bytesOf(data));

    } else {
        throw invalidArgType("data", DATA, data);
    }
}


export function Hash(algorithm, options) {
    if (!(this instanceof Hash)) {
        return new Hash(algorithm, options);
    }

    let handle;

    if (algorithm instanceof Hash) {
        handle = algorithm[state].handle.copy();

    } else {
        validateString(algorithm, "algorithm");

        const name = digestOf(algorithm);

        handle = name === undefined ? undefined : native.hash(name);

        if (handle === undefined) {
            throw unsupported();
        }

        const length = options?.outputLength;

        if (length !== undefined) {
            validateUint32(length, "options.outputLength");

            if (length !== SIZES[name]) {
                throw new Error("invalid digest size");
            }
        }
    }

    this[state] = { handle, done: false };

    Reflect.apply(Transform, this, [options]);
}

const SIZES = {
    __proto__: null,
    "MD5": 16, "SHA1": 20, "SHA224": 28, "SHA256": 32, "SHA384": 48,
    "SHA512": 64, "SHA512-256": 32, "MD5-SHA1": 36,
};


function streaming(Class, finish) {
    Object.setPrototypeOf(Class.prototype, Transform.prototype);
    Object.setPrototypeOf(Class, Transform);

    Class.prototype._transform = function (chunk, encoding, callback) {
        feed(this[state].handle, chunk, encoding);
        callback();
    };

    Class.prototype._flush = function (callback) {
        this.push(this.digest());
        callback();
    };
}

streaming(Hash);


Hash.prototype.update = function update(data, encoding) {
    if (encoding === "buffer") {
        encoding = undefined;
    }

    if (this[state].done) {
        throw finalized();
    }

    feed(this[state].handle, data, encoding);

    return this;
};


Hash.prototype.digest = function digest(encoding) {
    if (this[state].done) {
        throw finalized();
    }

    this[state].done = true;

    return output(this[state].handle.final(), encoding);
};


Hash.prototype.copy = function copy(options) {
    if (this[state].done) {
        throw finalized();
    }

    return new Hash(this, options);
};


export function createHash(algorithm, options) {
    return new Hash(algorithm, options);
}


export function hash(algorithm, data, encoding = "hex") {
    validateString(algorithm, "algorithm");

    const name = digestOf(algorithm);
    const handle = name === undefined ? undefined : native.hash(name);

    if (handle === undefined) {
        throw unsupported();
    }

    feed(handle, data);

    return output(handle.final(), encoding);
}


/* HMAC */

export function Hmac(algorithm, key, options) {
    if (!(this instanceof Hmac)) {
        return new Hmac(algorithm, key, options);
    }

    validateString(algorithm, "hmac");

    const secret = secretOf(key, "key", options?.encoding);
    const name = digestOf(algorithm);
    const handle = name === undefined ? undefined : native.hmac(name, secret);

    if (handle === undefined) {
        throw unsupported();
    }

    this[state] = { handle, done: false };

    Reflect.apply(Transform, this, [options]);
}

streaming(Hmac);

Hmac.prototype.update = Hash.prototype.update;


Hmac.prototype.digest = function digest(encoding) {
    if (this[state].done) {
        return output(new Uint8Array(0), encoding);
    }

    this[state].done = true;

    return output(this[state].handle.final(), encoding);
};


export function createHmac(algorithm, key, options) {
    return new Hmac(algorithm, key, options);
}


/* Random */

const MAX = 2147483647;

export function randomBytes(size, callback) {
    validateNumber(size, "size");

    if (!(size >= 0 && size <= MAX) || size !== Math.floor(size)) {
        throw outOfRange("size", `>= 0 && <= ${MAX}`, size);
    }

    if (callback !== undefined) {
        validateFunction(callback, "callback");
    }

    const buffer = fill(Buffer.alloc(size));

    if (callback === undefined) {
        return buffer;
    }

    queue(() => callback(null, buffer));
}

export { randomBytes as pseudoRandomBytes };


function fill(view) {
    for (let i = 0; i < view.byteLength; i += 65536) {
        getRandomValues(view.subarray(i, i + 65536));
    }

    return view;
}


function part(buffer, offset, size) {
    if (!ArrayBuffer.isView(buffer) && !(buffer instanceof ArrayBuffer)
        && !(buffer instanceof SharedArrayBuffer))
    {
        throw invalidArgType("buffer", ["TypedArray", "DataView",
                                        "ArrayBuffer", "SharedArrayBuffer"],
                             buffer);
    }

    const unit = buffer.BYTES_PER_ELEMENT ?? 1;
    const length = buffer.byteLength;

    validateNumber(offset, "offset");
    offset *= unit;

    if (!(offset >= 0 && offset <= length)) {
        throw outOfRange("offset", `>= 0 && <= ${length}`, offset);
    }

    size = size === undefined ? length - offset : size * unit;
    validateNumber(size, "size");

    if (!(size >= 0 && size + offset <= length)) {
        throw outOfRange("size + offset", `<= ${length}`, size + offset);
    }

    return ArrayBuffer.isView(buffer)
           ? new Uint8Array(buffer.buffer, buffer.byteOffset + offset, size)
           : new Uint8Array(buffer, offset, size);
}


export function randomFillSync(buffer, offset = 0, size) {
    fill(part(buffer, offset, size));

    return buffer;
}


export function randomFill(buffer, offset, size, callback) {
    if (typeof offset === "function") {
        callback = offset;
        offset = 0;
        size = undefined;

    } else if (typeof size === "function") {
        callback = size;
        size = undefined;
    }

    validateFunction(callback, "callback");

    const view = part(buffer, offset ?? 0, size);

    queue(() => {
        fill(view);
        callback(null, buffer);
    });
}


export function randomInt(min, max, callback) {
    if (max === undefined || typeof max === "function") {
        callback = max;
        max = min;
        min = 0;
    }

    if (callback !== undefined) {
        validateFunction(callback, "callback");
    }

    for (const [name, value] of [["min", min], ["max", max]]) {
        if (typeof value !== "number") {
            throw invalidArgType(name, "number", value);
        }

        if (!Number.isSafeInteger(value)) {
            throw invalidArgType(name, "a safe integer", value);
        }
    }

    const range = max - min;

    if (range <= 0) {
        throw outOfRange("min", "min < max", min);
    }

    if (range > 281474976710655) {
        throw outOfRange("max", "<= 281474976710655", range);
    }

    const limit = 281474976710656 - 281474976710656 % range;
    const six = new Uint8Array(6);
    let n;

    do {
        getRandomValues(six);
        n = six.reduce((sum, byte) => sum * 256 + byte, 0);
    } while (n >= limit);

    n = n % range + min;

    if (callback === undefined) {
        return n;
    }

    queue(() => callback(undefined, n));
}


export function randomUUID(options) {
    if (options !== undefined) {
        validateObject(options, "options");

        const { disableEntropyCache } = options;

        if (disableEntropyCache !== undefined
            && typeof disableEntropyCache !== "boolean")
        {
            throw invalidArgType("options.disableEntropyCache", "boolean",
                                 disableEntropyCache);
        }
    }

    return crypto.randomUUID();
}


export function timingSafeEqual(a, b) {
    return subtle.timingSafeEqual(a, b);
}


/* Keys from secrets */

const PBKDF2 = 0, HKDF = 1, SCRYPT = 2;
const EMPTY = new Uint8Array(0);


function derive(kind, name, args, length, wait, refused) {
    const digest = name === undefined ? "" : digestOf(name) ?? "";
    const key = native.kdf(kind, digest, ...args, length, wait);

    if (key === undefined || key === false) {
        throw refused(key);
    }

    return key;
}


function answer(promise, callback, refused, make) {
    const tell = (key) => (key === false ? callback(refused(key))
                                         : callback(null, make(key)));

    if (promise instanceof Uint8Array) {
        queue(() => tell(promise));
        return;
    }

    promise.then((key) => queue(() => tell(key)));
}


function pbkdf2Arguments(password, salt, iterations, keylen, digest) {
    validateString(digest, "digest");

    password = bytes(password, "password");
    salt = bytes(salt, "salt");

    ranged(iterations, "iterations", 1);
    ranged(keylen, "keylen", 0);

    if (digestOf(digest) === undefined) {
        throw new TypeError(`Invalid Pbkdf2 digest: ${digest}.`);
    }

    return [password, salt, EMPTY, iterations, 0, 0, 0];
}


function ranged(value, name, min, max = MAX) {
    validateNumber(value, name);

    if (!Number.isInteger(value)) {
        throw outOfRange(name, "an integer", value);
    }

    if (value < min || value > max) {
        throw outOfRange(name, `>= ${min} && <= ${max}`, value);
    }
}


function failedTo(what) {
    return () => new Error(`${what} failed`);
}


export function pbkdf2Sync(password, salt, iterations, keylen, digest) {
    const args = pbkdf2Arguments(password, salt, iterations, keylen, digest);

    return output(derive(PBKDF2, digest, args, keylen, false,
                         failedTo("Pbkdf2")));
}


export function pbkdf2(password, salt, iterations, keylen, digest, callback) {
    if (typeof digest === "function") {
        callback = digest;
        digest = undefined;
    }

    validateFunction(callback, "callback");

    const args = pbkdf2Arguments(password, salt, iterations, keylen, digest);

    answer(derive(PBKDF2, digest, args, keylen, true, failedTo("Pbkdf2")),
           callback, failedTo("Pbkdf2"), output);
}


function scryptArguments(password, salt, keylen, options) {
    password = bytes(password, "password");
    salt = bytes(salt, "salt");

    ranged(keylen, "keylen", 0);

    let { cost, blockSize, parallelization, N, r, p, maxmem } = options ?? {};

    for (const [one, two, name] of [[cost, N, "cost"],
                                    [blockSize, r, "blockSize"],
                                    [parallelization, p, "parallelization"]])
    {
        if (one !== undefined && two !== undefined) {
            throw plainError("ERR_INCOMPATIBLE_OPTION_PAIR",
                `Option "${name}" cannot be used in combination with option `
                + `"${name[0] === "c" ? "N" : name[0] === "b" ? "r" : "p"}"`);
        }
    }

    cost ??= N ?? 16384;
    blockSize ??= r ?? 8;
    parallelization ??= p ?? 1;
    maxmem ??= 32 * 1024 * 1024;

    validateUint32(cost, N === undefined ? "cost" : "N");
    validateUint32(blockSize, "blockSize");
    validateUint32(parallelization, "parallelization");
    validateInteger(maxmem, "maxmem", 0);

    if (cost >= 1048576) {
        throw new RangeError("Scrypt failed: cost exceeds maximum (1048576).");
    }

    return [password, salt, EMPTY, cost, blockSize, parallelization, maxmem];
}


export function scryptSync(password, salt, keylen, options) {
    const args = scryptArguments(password, salt, keylen, options);

    return output(derive(SCRYPT, undefined, args, keylen, false,
                         failedTo("Scrypt")));
}


export function scrypt(password, salt, keylen, options, callback) {
    if (typeof options === "function") {
        callback = options;
        options = undefined;
    }

    validateFunction(callback, "callback");

    const args = scryptArguments(password, salt, keylen, options);

    answer(derive(SCRYPT, undefined, args, keylen, true, failedTo("Scrypt")),
           callback, failedTo("Scrypt"), output);
}


function hkdfArguments(digest, key, salt, info, length) {
    validateString(digest, "digest");

    key = secretOf(key, "ikm");
    salt = bytes(salt, "salt");
    info = bytes(info, "info");

    ranged(length, "length", 0);

    if (info.byteLength > 1024) {
        throw outOfRange("info", "must not contain more than 1024 bytes",
                         info.byteLength);
    }

    const name = digestOf(digest);

    if (name === undefined) {
        throw new TypeError(`Invalid Hkdf digest: ${digest}`);
    }

    if (length > SIZES[name] * 255) {
        throw new RangeError("Invalid Hkdf key length");
    }

    return [key, salt, info, 0, 0, 0, 0];
}


export function hkdfSync(digest, key, salt, info, length) {
    const args = hkdfArguments(digest, key, salt, info, length);

    return derive(HKDF, digest, args, length, false, failedTo("Hkdf")).buffer;
}


export function hkdf(digest, key, salt, info, length, callback) {
    validateFunction(callback, "callback");

    const args = hkdfArguments(digest, key, salt, info, length);

    answer(derive(HKDF, digest, args, length, true, failedTo("Hkdf")),
           callback, failedTo("Hkdf"), (made) => made.buffer);
}


/* Ciphers */

const CIPHERS = ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-ctr",
                 "aes-192-ctr", "aes-256-ctr", "aes-128-ecb", "aes-192-ecb",
                 "aes-256-ecb", "aes-128-ofb", "aes-192-ofb", "aes-256-ofb",
                 "aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "des-ede3-cbc",
                 "chacha20-poly1305"];

const ALIASES = {
    __proto__: null,
    aes128: "aes-128-cbc", aes192: "aes-192-cbc", aes256: "aes-256-cbc",
    "id-aes128-gcm": "aes-128-gcm", "id-aes192-gcm": "aes-192-gcm",
    "id-aes256-gcm": "aes-256-gcm", des3: "des-ede3-cbc",
};


export function getCiphers() {
    return [...CIPHERS];
}


function cipherOf(name) {
    const lower = name.toLowerCase();
    const known = ALIASES[lower] ?? lower;

    return CIPHERS.includes(known) ? known : undefined;
}


export function getCipherInfo(name, options = {}) {
    if (typeof name !== "string" && typeof name !== "number") {
        throw invalidArgType("nameOrNid", ["string", "number"], name);
    }

    validateObject(options, "options");

    const known = typeof name === "string" ? cipherOf(name)
        : CIPHERS.find((cipher) => native.cipherInfo(cipher)?.[4] === name);
    const info = known === undefined ? undefined : native.cipherInfo(known);

    if (info === undefined) {
        return undefined;
    }

    const [keyLength, ivLength, blockSize, , nid, aead] = info;
    if ((options.keyLength !== undefined && options.keyLength !== keyLength)
        || (options.ivLength !== undefined && !aead
            && options.ivLength !== ivLength))
    {
        return undefined;
    }

    const mode = known === "chacha20-poly1305" ? "stream"
                                               : known.split("-").at(-1);
    return { mode, name: known, nid, blockSize,
             ivLength: options.ivLength ?? ivLength, keyLength };
}


function start(self, cipher, key, iv, options, decrypt) {
    validateString(cipher, "algorithm");

    const secret = secretOf(key, "key", options?.encoding);
    const vector = iv === null ? undefined
        : bytes(iv, "iv", undefined, ["string", "Buffer", "TypedArray",
                                      "DataView", "null"]);
    const name = cipherOf(cipher);

    if (name === undefined) {
        throw new Error(`Unknown or unsupported cipher: ${cipher}`);
    }

    const [keyLength, ivLength, , , , aead] = native.cipherInfo(name);

    if (secret.length !== keyLength) {
        throw new Error("Invalid key length");
    }

    if (vector === undefined ? ivLength !== 0
        : aead ? vector.length === 0 : vector.length !== ivLength)
    {
        throw new Error("Invalid initialization vector");
    }

    const tagLength = options?.authTagLength;

    if (tagLength !== undefined
        && (typeof tagLength !== "number" || tagLength < 0
            || !Number.isInteger(tagLength)))
    {
        throw invalidArgValue("options.authTagLength", tagLength);
    }

    if (aead && tagLength !== undefined && (tagLength < 4 || tagLength > 16)) {
        throw new Error("Invalid authentication tag length");
    }

    const handle = native.cipher(name, secret, vector, decrypt,
                                 tagLength ?? 16);

    if (handle === undefined || handle === null) {
        throw new Error("The cipher could not be set up");
    }

    self[state] = { handle, aead, decrypt, done: false, tag: undefined,
                    tagLength: aead ? tagLength ?? 16 : 0,
                    expected: undefined };

    Reflect.apply(Transform, self, [options]);
}


export function Cipheriv(cipher, key, iv, options) {
    if (!(this instanceof Cipheriv)) {
        return new Cipheriv(cipher, key, iv, options);
    }

    start(this, cipher, key, iv, options, false);
}


export function Decipheriv(cipher, key, iv, options) {
    if (!(this instanceof Decipheriv)) {
        return new Decipheriv(cipher, key, iv, options);
    }

    start(this, cipher, key, iv, options, true);
}


function over() {
    return new Error("Cipher/decipher context has already been finalized");
}


for (const Class of [Cipheriv, Decipheriv]) {
    Object.setPrototypeOf(Class.prototype, Transform.prototype);
    Object.setPrototypeOf(Class, Transform);

    Class.prototype._transform = function (chunk, encoding, callback) {
        this.push(this.update(chunk, encoding));
        callback();
    };

    Class.prototype._flush = function (callback) {
        try {
            this.push(this.final());

        } catch (error) {
            callback(error);
            return;
        }

        callback();
    };

    Class.prototype.update = function update(data, inputEncoding,
                                             outputEncoding)
    {
        const s = this[state];

        if (s.done) {
            throw over();
        }

        if (typeof data !== "string" && !ArrayBuffer.isView(data)) {
            throw invalidArgType("data", DATA, data);
        }

        const made = s.handle.update(typeof data === "string"
            ? Buffer.from(data, inputEncoding) : bytesOf(data));

        if (made === false) {
            throw new Error("Failed to update cipher/decipher");
        }

        return output(made, outputEncoding);
    };

    Class.prototype.final = function final(outputEncoding) {
        const s = this[state];

        if (s.done) {
            throw over();
        }

        if (s.aead && s.decrypt && s.expected === undefined) {
            throw new Error("No auth tag provided");
        }

        s.done = true;

        const made = s.handle.final();

        if (made === false) {
            throw new Error(s.decrypt ? "Authentication failed"
                                      : "Wrong final block length");
        }

        if (s.aead && !s.decrypt) {
            s.tag = s.handle.tag(s.tagLength);
        }

        return output(made, outputEncoding);
    };

    Class.prototype.setAAD = function setAAD(data, options) {
        const s = this[state];

        if (s.done || !s.aead
            || !s.handle.setAAD(bytes(data, "buffer", options?.encoding)))
        {
            throw new Error("Failed to set additional authenticated data");
        }

        return this;
    };

    Class.prototype.setAutoPadding = function setAutoPadding(on = true) {
        if (this[state].done) {
            throw over();
        }

        this[state].handle.setPadding(!!on);

        return this;
    };
}


Cipheriv.prototype.getAuthTag = function getAuthTag() {
    const { tag } = this[state];

    if (tag === undefined) {
        throw new Error("Auth tag is only available once cipher context has "
                        + "been finalized");
    }

    return output(tag);
};


Decipheriv.prototype.setAuthTag = function setAuthTag(tag, encoding) {
    const s = this[state];
    const given = bytes(tag, "buffer", encoding);

    if (s.done) {
        throw over();
    }

    if (!s.aead || given.length < 4 || given.length > 16
        || !s.handle.tag(given))
    {
        throw new Error("Invalid authentication tag length");
    }

    s.expected = given;

    return this;
};


export function createCipheriv(cipher, key, iv, options) {
    return new Cipheriv(cipher, key, iv, options);
}


export function createDecipheriv(cipher, key, iv, options) {
    return new Decipheriv(cipher, key, iv, options);
}


/* The rest */

export const constants = Object.defineProperties({}, Object.fromEntries(
    Object.entries({
        RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4,
        RSA_X931_PADDING: 5, RSA_PKCS1_PSS_PADDING: 6,
        RSA_PSS_SALTLEN_DIGEST: -1, RSA_PSS_SALTLEN_MAX_SIGN: -2,
        RSA_PSS_SALTLEN_AUTO: -2, POINT_CONVERSION_COMPRESSED: 2,
        POINT_CONVERSION_UNCOMPRESSED: 4, POINT_CONVERSION_HYBRID: 6,
        DH_CHECK_P_NOT_PRIME: 1, DH_CHECK_P_NOT_SAFE_PRIME: 2,
        DH_UNABLE_TO_CHECK_GENERATOR: 4, DH_NOT_SUITABLE_GENERATOR: 8,
        ENGINE_METHOD_ALL: 65535, ENGINE_METHOD_NONE: 0,
        SSL_OP_ALL: 2147485776, TLS1_VERSION: 769, TLS1_1_VERSION: 770,
        TLS1_2_VERSION: 771, TLS1_3_VERSION: 772, defaultCoreCipherList: "",
        defaultCipherList: "",
    }).map(([name, value]) => [name, { value }])));

export const fips = true;


export function getFips() {
    return true;
}


export function secureHeapUsed() {
    return { total: 0, used: 0, utilization: 0, min: 0 };
}


function absent(name, length) {
    const fn = { [name](...args) { throw notImplemented(name); } }[name];

    return Object.defineProperty(fn, "length", { value: length });
}


export const setFips = absent("setFips", 1);
export const setEngine = absent("setEngine", 2);
export const createCipher = absent("createCipher", 0);
export const createDecipher = absent("createDecipher", 0);
class Cipher {
    constructor() { throw notImplemented("Cipher"); }
}


class Decipher {
    constructor() { throw notImplemented("Decipher"); }
}

export { Cipher, Decipher };


export default {
    Certificate, Cipher, Cipheriv, CryptoKey, Decipher, Decipheriv,
    DiffieHellman, DiffieHellmanGroup, ECDH, Hash, Hmac, KeyObject,
    PrivateKeyObject, PublicKeyObject, SecretKeyObject, Sign, Verify,
    X509Certificate, checkPrime, checkPrimeSync, constants, createCipher,
    createCipheriv, createDecipher, createDecipheriv, createDiffieHellman,
    createDiffieHellmanGroup, createECDH, createHash, createHmac,
    createPrivateKey, createPublicKey, createSecretKey, createSign,
    createVerify, diffieHellman, fips, generateKey, generateKeyPair,
    generateKeyPairSync, generateKeySync, generatePrime, generatePrimeSync,
    getCipherInfo, getCiphers, getCurves, getDiffieHellman, getFips, getHashes,
    getRandomValues, hash, hkdf, hkdfSync, pbkdf2, pbkdf2Sync, privateDecrypt,
    privateEncrypt, pseudoRandomBytes: randomBytes, publicDecrypt,
    publicEncrypt, randomBytes, randomFill, randomFillSync, randomInt,
    randomUUID, scrypt, scryptSync, secureHeapUsed, setEngine, setFips, sign,
    subtle, timingSafeEqual, verify, webcrypto: crypto,
};
