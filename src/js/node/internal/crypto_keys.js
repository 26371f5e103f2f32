/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:crypto": KeyObject, and where keys come from.
 */

import native from "native:key";
import { Buffer } from "workers:node/buffer";
import { bytes } from "workers:node/internal/crypto_shared";
import { keyOfJwk, jwkOfKey } from "workers:node/internal/crypto_jwk";
import {
    invalidArgType, invalidArgValue, notImplemented, plainError,
    validateFunction, validateInteger, validateObject, validateOneOf,
    validateString, validateUint32,
} from "workers:node/internal/errors";
import { nextTick as queue } from "workers:node/internal/tick";
import { keyObjects } from "workers:node/internal/key_objects";

const {
    ArrayBuffer, BigInt, CryptoKey, Error, Math, Object, Promise, Symbol,
    TypeError, Uint8Array, WeakMap, WeakSet, crypto,
} = globalThis;

const MAKE = Symbol("make");

/* of a secret key its bytes, of others the native key */

const materials = new WeakMap();

/* keys of Web Crypto that are not extractable: they are used, and stay in */

const sealed = new WeakSet();


/* Secret keys */

const KEY = ["string", "ArrayBuffer", "Buffer", "ArrayBufferView", "KeyObject",
             "CryptoKey"];


/* The bytes of a secret, however it is given. */

export function secretOf(key, name, encoding) {
    if (key instanceof CryptoKey) {
        key = KeyObject.from(key);
    }

    if (key instanceof KeyObject) {
        if (key.type !== "secret") {
            throw invalidKeyType(key, "secret");
        }

        return materials.get(key);
    }

    return bytes(key, name, encoding, KEY);
}


function invalidKeyType(key, expected) {
    return plainError("ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE",
                      `Invalid key object type ${key.type}, expected `
                      + `${expected}.`);
}


export class KeyObject {
    constructor(make, material) {
        if (make !== MAKE) {
            throw new Error("Illegal constructor");
        }

        materials.set(this, material);
        keyObjects.add(this);
    }

    static from(key) {
        const material = native.from(key);

        if (material === undefined) {
            throw invalidArgType("key", "CryptoKey", key);
        }

        const Class = key.type === "secret" ? SecretKeyObject
                      : key.type === "public" ? PublicKeyObject
                      : PrivateKeyObject;

        const object = new Class(MAKE, material);

        if (!key.extractable) {
            sealed.add(object);
        }

        return object;
    }

    equals(other) {
        if (!(other instanceof KeyObject)) {
            if (this.type !== "secret") {
                return false;
            }

            throw invalidArgType("otherKeyObject", "KeyObject", other);
        }

        const one = materials.get(this), two = materials.get(other);

        if (this.type !== other.type) {
            return false;
        }

        if (this.type !== "secret") {
            return one.equals(two);
        }

        return one.length === two.length
               && crypto.subtle.timingSafeEqual(one, two);
    }

    toCryptoKey() {
        throw notImplemented("toCryptoKey");
    }

    get [Symbol.toStringTag]() { return "KeyObject"; }
}


function checkExtractable(key) {
    if (sealed.has(key)) {
        throw new TypeError("Unable to export non-extractable key");
    }
}


export class SecretKeyObject extends KeyObject {
    get type() { return "secret"; }

    get symmetricKeySize() { return materials.get(this).length; }

    export(options) {
        const secret = materials.get(this);

        checkExtractable(this);

        if (options !== undefined) {
            validateObject(options, "options");

            if (options.format === "jwk") {
                return { kty: "oct", ext: true,
                         k: Buffer.from(secret).toString("base64url") };
            }
        }

        return Buffer.from(secret);
    }
}


/* Public and private keys */

const TYPES = {
    __proto__: null,
    "RSA": "rsa", "RSA-PSS": "rsa-pss", "EC": "ec", "ED25519": "ed25519",
    "X25519": "x25519", "ED448": "ed448", "X448": "x448", "DH": "dh",
    "DHX": "dh", "DSA": "dsa",
};


class AsymmetricKeyObject extends KeyObject {
    get asymmetricKeyType() {
        const { type } = materials.get(this).details();

        return TYPES[type] ?? type.toLowerCase();
    }

    get asymmetricKeyDetails() {
        const handle = materials.get(this);
        const { bits, curve } = handle.details();

        switch (this.asymmetricKeyType) {

        case "rsa":
        case "rsa-pss":
            return {
                modulusLength: bits,
                publicExponent: BigInt(`0x${Buffer.from(handle.number("e"))
                                            .toString("hex")}`),
            };

        case "ec":
            return { namedCurve: curve };

        default:
            return {};
        }
    }
}


/* How a key is written, by its kind and what the options ask for. */

function encode(key, options, structure) {
    const handle = materials.get(key);
    const format = options.format ?? "pem";
    let { cipher, passphrase } = options;

    if (format !== "pem" && format !== "der") {
        throw new Error("Invalid key format");
    }

    if (cipher !== undefined && cipher !== null) {
        validateString(cipher, "options.cipher");

        if (typeof passphrase !== "string"
            && !ArrayBuffer.isView(passphrase))
        {
            throw invalidArgType("options.passphrase",
                                 ["string", "Uint8Array"], passphrase);
        }

        passphrase = bytes(passphrase, "options.passphrase",
                           options.encoding);

    } else {
        cipher = undefined;
    }

    const out = handle.encode(format.toUpperCase(), structure, cipher,
                              passphrase);

    if (out === undefined) {
        throw new Error(cipher === undefined ? "Failed to export key"
                                             : `Unknown cipher: ${cipher}`);
    }

    const buffer = Buffer.from(out.buffer, out.byteOffset, out.byteLength);

    return format === "pem" ? buffer.toString() : buffer;
}


function checkExport(key, options) {
    checkExtractable(key);

    if (options !== undefined) {
        validateObject(options, "options");
    }

    if (options?.format !== "jwk" && options?.type === undefined) {
        throw new TypeError("Missing type option");
    }

    if (options.type === "pkcs1" && key.asymmetricKeyType !== "rsa") {
        throw new Error("PKCS1 can only be used for RSA keys");
    }

    if (options.type === "sec1" && key.asymmetricKeyType !== "ec") {
        throw new Error("SEC1 can only be used for EC keys");
    }
}


export class PublicKeyObject extends AsymmetricKeyObject {
    get type() { return "public"; }

    export(options) {
        checkExport(this, options);

        if (options.format === "jwk") {
            return jwkOfKey(materials.get(this), false);
        }

        return encode(this, { ...options, cipher: undefined },
                      options.type === "pkcs1" ? "type-specific"
                                               : "SubjectPublicKeyInfo");
    }
}


export class PrivateKeyObject extends AsymmetricKeyObject {
    get type() { return "private"; }

    export(options) {
        checkExport(this, options);

        if (options.format === "jwk") {
            return jwkOfKey(materials.get(this), true);
        }

        return encode(this, options, options.type === "pkcs1"
                                     || options.type === "sec1"
                                     ? "type-specific" : "PrivateKeyInfo");
    }
}


export function publicKey(handle) {
    return new PublicKeyObject(MAKE, handle);
}


function privateKey(handle) {
    return new PrivateKeyObject(MAKE, handle);
}


const INPUT = ["string", "ArrayBuffer", "Buffer", "TypedArray", "DataView",
               "Object"];

const STRUCTURES = {
    __proto__: null,
    pkcs1: "type-specific", sec1: "type-specific",
    spki: "SubjectPublicKeyInfo", pkcs8: undefined,
};


function isBytes(value) {
    return typeof value === "string" || ArrayBuffer.isView(value)
           || value instanceof ArrayBuffer;
}


/* The native key that text, bytes or a JSON Web Key hold. */

function parse(input, secret) {
    const options = isBytes(input) ? { key: input } : input;
    const name = secret || (typeof input === "object" && input !== null
                            && "key" in input && input.key !== null
                            && typeof input.key !== "object")
                 ? "options.key" : "key";

    if (typeof options !== "object" || options === null) {
        throw invalidArgType(name, INPUT, secret ? undefined : input);
    }

    const { key, format = "pem", type, passphrase, encoding } = options;
    const failed = () => new Error(`Failed to parse ${secret ? "private"
                                                             : "public"} key`);

    if (format === "jwk") {
        if (typeof key !== "object" || key === null) {
            throw invalidArgType("key", INPUT, input);
        }

        const handle = keyOfJwk(key, secret);

        if (handle === undefined) {
            throw failed();
        }

        return handle;
    }

    if (!isBytes(key)) {
        throw invalidArgType("options.key", INPUT, key);
    }

    validateOneOf(format, "format", ["pem", "der"]);

    if (type !== undefined) {
        validateOneOf(type, "type", secret ? ["pkcs1", "pkcs8", "sec1"]
                                           : ["pkcs1", "spki"]);

    } else if (format === "der") {
        throw failed();
    }

    if (passphrase !== undefined && passphrase !== null
        && typeof passphrase !== "string" && !ArrayBuffer.isView(passphrase))
    {
        throw invalidArgType("options.passphrase", ["string", "Uint8Array"],
                             passphrase);
    }

    const handle = native.parse(bytes(key, "key", encoding),
                                format.toUpperCase(),
                                format === "der" ? STRUCTURES[type]
                                                 : undefined,
                                secret,
                                passphrase === undefined
                                || passphrase === null ? undefined
                                : bytes(passphrase, "passphrase", encoding));

    if (handle === undefined) {
        throw failed();
    }

    return handle;
}


export function createPrivateKey(key) {
    return privateKey(parse(key, true));
}


export function createPublicKey(key) {
    if (key instanceof CryptoKey) {
        key = KeyObject.from(key);
    }

    if (key instanceof KeyObject) {
        if (key.type !== "private") {
            throw invalidArgType("key", "PrivateKeyObject", key);
        }

        return publicKey(materials.get(key).toPublic());
    }

    if (key?.key instanceof KeyObject) {
        return createPublicKey(key.key);
    }

    if (typeof key !== "object" && typeof key !== "string") {
        throw invalidArgType("key", INPUT, key);
    }

    return publicKey(parse(key, false));
}


/*
 * The native key for an operation: of a KeyObject, a CryptoKey, or what
 * createPrivateKey() and createPublicKey() take, alone or as options.key.
 */

export function privateHandle(key) {
    const object = keyObject(key);

    if (object === undefined) {
        return parse(key, true);
    }

    if (object.type === "secret") {
        throw secretGiven();
    }

    if (object.type !== "private") {
        throw invalidKeyType(object, "private");
    }

    return materials.get(object);
}


export function publicHandle(key) {
    const object = keyObject(key);

    if (object === undefined) {
        return parse(key, false);
    }

    if (object.type === "secret") {
        throw secretGiven();
    }

    return materials.get(object);
}


function secretGiven() {
    return invalidArgType("options", ["PublicKeyObject", "PrivateKeyObject",
                                      "CryptoKey", "Object"], "secret");
}


function keyObject(key) {
    const inner = key instanceof KeyObject || key instanceof CryptoKey
                  || isBytes(key) ? key : key?.key;

    return inner instanceof CryptoKey ? KeyObject.from(inner)
           : inner instanceof KeyObject ? inner : undefined;
}


/* Generation */

export function createSecretKey(key, encoding) {
    return new SecretKeyObject(MAKE, new Uint8Array(
        bytes(key, "key", encoding, ["string", "ArrayBuffer", "Buffer",
                                     "TypedArray", "DataView"])));
}


export function generateKeySync(type, options) {
    const secret = new Uint8Array(keyLength(type, options));

    crypto.getRandomValues(secret);

    return new SecretKeyObject(MAKE, secret);
}


export function generateKey(type, options, callback) {
    validateFunction(callback, "callback");

    const key = generateKeySync(type, options);

    queue(() => callback(null, key));
}


function keyLength(type, options) {
    validateString(type, "type");
    validateObject(options, "options");

    const { length } = options;

    switch (type) {

    case "hmac":
        validateInteger(length, "options.length", 8, 65536);
        return Math.floor(length / 8);

    case "aes":
        if (length !== 128 && length !== 192 && length !== 256) {
            throw invalidArgValue("options.length", length,
                                  "must be one of: 128, 192, 256");
        }

        return length / 8;

    default:
        throw invalidArgValue("type", type,
                              "must be one of: 'hmac', 'aes'.");
    }
}


const CURVES = {
    __proto__: null,
    "P-224": "secp224r1", "P-256": "prime256v1", "P-384": "secp384r1",
    "P-521": "secp521r1", "secp256r1": "prime256v1", "secp224r1": "secp224r1",
    "prime256v1": "prime256v1", "secp384r1": "secp384r1",
    "secp521r1": "secp521r1", "secp256k1": "secp256k1",
};


/* OpenSSL's words for the pair that is wanted. */

function pairArguments(type, options) {
    validateOneOf(type, "type", ["rsa", "ec", "ed25519", "x25519", "dh"]);

    if (options !== undefined) {
        validateObject(options, "options");
    }

    switch (type) {

    case "rsa": {
        const { modulusLength, publicExponent = 65537 } = options ?? {};

        validateUint32(modulusLength, "options.modulusLength");
        validateUint32(publicExponent, "options.publicExponent");

        if (modulusLength > 16384) {
            throw new Error("Failed to initialize key");
        }

        return ["RSA", modulusLength, publicExponent, ""];
    }

    case "ec": {
        const { namedCurve } = options ?? {};

        validateString(namedCurve, "options.namedCurve");

        const curve = CURVES[namedCurve];

        if (curve === undefined) {
            throw new Error("Invalid or unsupported curve");
        }

        return ["EC", 0, 0, curve];
    }

    case "dh": {
        const { group } = options ?? {};

        validateString(group, "options.group");

        const bits = { modp14: 2048, modp15: 3072, modp16: 4096, modp17: 6144,
                       modp18: 8192 }[group];

        if (bits === undefined) {
            throw new Error("Failed to initialize key");
        }

        return ["DH", 0, 0, `modp_${bits}`];
    }

    default:
        return [type.toUpperCase(), 0, 0, ""];
    }
}


function pair(handle, options) {
    if (handle === undefined) {
        throw new Error("Failed to initialize key");
    }

    let one = publicKey(handle.toPublic()), two = privateKey(handle);

    if (options?.publicKeyEncoding) {
        one = one.export(options.publicKeyEncoding);
    }

    if (options?.privateKeyEncoding) {
        two = two.export(options.privateKeyEncoding);
    }

    return { publicKey: one, privateKey: two };
}


export function generateKeyPairSync(type, options) {
    return pair(native.generate(...pairArguments(type, options), false),
                options);
}


export function generateKeyPair(type, options, callback) {
    if (typeof options === "function") {
        callback = options;
        options = undefined;
    }

    validateFunction(callback, "callback");

    const made = native.generate(...pairArguments(type, options), true);

    Promise.resolve(made).then((handle) => pair(handle, options)).then(
        (keys) => queue(() => callback(null, keys.publicKey,
                                       keys.privateKey)),
        (error) => queue(() => callback(error)));
}
