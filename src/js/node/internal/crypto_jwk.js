/*
 * Copyright (C) the nginx-workers authors
 *
 * JSON Web Keys (RFC 7517, 7518, 8037) of native keys and back; a key is
 * read by way of its DER.
 */

import native from "native:key";
import { Buffer } from "workers:node/buffer";

const { Error, Math, Object, Uint8Array } = globalThis;


/* DER: a tag, the length of what follows, and that. */

function der(tag, ...parts) {
    const body = Buffer.concat(parts);
    const length = [];

    if (body.length < 128) {
        length.push(body.length);

    } else {
        for (let n = body.length; n > 0; n = Math.floor(n / 256)) {
            length.unshift(n % 256);
        }

        length.unshift(128 + length.length);
    }

    return Buffer.concat([Buffer.from([tag, ...length]), body]);
}


const INTEGER = 0x02, BITS = 0x03, OCTETS = 0x04, OID = 0x06, SEQUENCE = 0x30;
const ZERO = Buffer.from([0]), ONE = Buffer.from([1]);


function number(text) {
    let value = Buffer.from(text, "base64url");

    if (value.length === 0 || value[0] & 0x80) {
        value = Buffer.concat([ZERO, value]);
    }

    return der(INTEGER, value);
}


const oid = (hex) => der(OID, Buffer.from(hex, "hex"));

const EC = "2a8648ce3d0201";

const EC_CURVES = {
    __proto__: null,
    "P-256": [32, "2a8648ce3d030107", "prime256v1"],
    "P-384": [48, "2b81040022", "secp384r1"],
    "P-521": [66, "2b81040023", "secp521r1"],
    "secp256k1": [32, "2b8104000a", "secp256k1"],
};

const OKP_CURVES = {
    __proto__: null,
    "X25519": "2b656e", "X448": "2b656f", "Ed25519": "2b6570",
    "Ed448": "2b6571",
};


/* Numbers of a curve are as long as its field. */

function padded(text, size) {
    const value = Buffer.from(text, "base64url");

    return value.length < size
           ? Buffer.concat([Buffer.alloc(size - value.length), value]) : value;
}


const texts = (jwk, names) => names.every((n) => typeof jwk[n] === "string");


/* The native key; undefined: it is none. */

export function keyOfJwk(jwk, secret) {
    const read = (bytes, structure) => native.parse(bytes, "DER", structure,
                                                    secret, undefined);
    switch (jwk.kty) {

    case "RSA": {
        const names = secret ? ["n", "e", "d", "p", "q", "dp", "dq", "qi"]
                             : ["n", "e"];

        if (!texts(jwk, names)) {
            return undefined;
        }

        const numbers = names.map((name) => number(jwk[name]));

        return read(der(SEQUENCE, ...(secret ? [der(INTEGER, ZERO)] : []),
                        ...numbers), "type-specific");
    }

    case "EC": {
        const curve = EC_CURVES[jwk.crv];

        if (curve === undefined || !texts(jwk, ["x", "y"])
            || (secret && !texts(jwk, ["d"])))
        {
            return undefined;
        }

        return ecKey(curve, Buffer.concat([Buffer.from([4]),
                                           padded(jwk.x, curve[0]),
                                           padded(jwk.y, curve[0])]),
                     secret ? padded(jwk.d, curve[0]) : undefined);
    }

    case "OKP": {
        const curve = OKP_CURVES[jwk.crv];

        if (curve === undefined || !texts(jwk, [secret ? "d" : "x"])) {
            return undefined;
        }

        const algorithm = der(SEQUENCE, oid(curve));

        return secret
               ? read(der(SEQUENCE, der(INTEGER, ZERO), algorithm,
                          der(OCTETS, der(OCTETS,
                                          Buffer.from(jwk.d, "base64url")))),
                      undefined)
               : read(der(SEQUENCE, algorithm,
                          der(BITS, ZERO, Buffer.from(jwk.x, "base64url"))),
                      "SubjectPublicKeyInfo");
    }

    default:
        throw new Error(`JWK ${secret ? "private" : "public"} key import is `
                        + "not implemented for this key type");
    }
}


/* A key of a curve from its point, or from its number, the point optional. */

function ecKey([, curve], point, d) {
    if (d !== undefined) {
        return native.parse(der(SEQUENCE, der(INTEGER, ONE), der(OCTETS, d),
                                der(0xa0, oid(curve)),
                                ...(point ? [der(0xa1, der(BITS, ZERO, point))]
                                          : [])),
                            "DER", "type-specific", true, undefined);
    }

    return native.parse(der(SEQUENCE, der(SEQUENCE, oid(EC), oid(curve)),
                            der(BITS, ZERO, point)),
                        "DER", "SubjectPublicKeyInfo", false, undefined);
}


const NAMED = {
    __proto__: null,
    secp224r1: [28, "2b81040021"],
    prime256v1: EC_CURVES["P-256"], secp384r1: EC_CURVES["P-384"],
    secp521r1: EC_CURVES["P-521"], secp256k1: EC_CURVES.secp256k1,
};


/* By OpenSSL's name of the curve; undefined: it is no such key. */

export function ecPublicKey(name, point) {
    return ecKey(NAMED[name], point);
}


export function ecPrivateKey(name, d) {
    return ecKey(NAMED[name], undefined, d);
}


export function ecSize(name) {
    return NAMED[name][0];
}


const text = (bytes) => Buffer.from(bytes ?? new Uint8Array(0))
                        .toString("base64url");


/* The JSON Web Key, as Node.js orders its members. */

export function jwkOfKey(handle, secret) {
    const { type, curve } = handle.details();

    if (type === "RSA") {
        const jwk = { kty: "RSA", n: text(handle.number("n")),
                      e: text(handle.number("e")) };

        return !secret ? jwk : {
            ...jwk, d: text(handle.number("d")),
            p: text(handle.number("rsa-factor1")),
            q: text(handle.number("rsa-factor2")),
            dp: text(handle.number("rsa-exponent1")),
            dq: text(handle.number("rsa-exponent2")),
            qi: text(handle.number("rsa-coefficient1")),
        };
    }

    if (type === "EC") {
        const found = Object.entries(EC_CURVES).find(
            ([, entry]) => entry[2] === curve);

        if (found !== undefined) {
            const [crv, [size]] = found;
            const jwk = { kty: "EC", x: text(handle.number("qx", size)),
                          y: text(handle.number("qy", size)), crv };

            return secret ? { ...jwk, d: text(handle.number("priv", size)) }
                          : jwk;
        }
    }

    const crv = Object.keys(OKP_CURVES).find((c) => c.toUpperCase() === type);

    if (crv === undefined) {
        throw new Error("JWK export is not implemented for this key type");
    }

    const jwk = { kty: "OKP", ...(crv.startsWith("Ed") ? { alg: "EdDSA" }
                                                       : {}),
                  crv, x: text(handle.number("pub")) };

    return secret ? { ...jwk, d: text(handle.number("priv")) } : jwk;
}
