/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:crypto": certificates.
 */

import digests from "native:crypto";
import native from "native:x509";
import { Buffer } from "workers:node/buffer";
import { bytes } from "workers:node/internal/crypto_shared";
import { KeyObject, privateHandle, publicHandle, publicKey }
    from "workers:node/internal/crypto_keys";
import { invalidArgType, typeError, validateObject, validateString }
    from "workers:node/internal/errors";

const { Array, ArrayBuffer, Error, JSON, Object } = globalThis;


/* What could be taken for more than one name is quoted. */

function safe(text) {
    return /[,"'\\\0-\x1f\x7f]/.test(text) ? JSON.stringify(text) : text;
}


function fingerprint(raw, algorithm) {
    const handle = digests.hash(algorithm);

    handle.update(raw);

    return Buffer.from(handle.final()).toString("hex").toUpperCase()
           .match(/../g).join(":");
}


/* Of [[name, value], ...] an object; several values are an array. */

function grouped(pairs) {
    const out = Object.create(null);

    for (const [name, value] of pairs) {
        if (!(name in out)) {
            out[name] = value;

        } else if (Array.isArray(out[name])) {
            out[name].push(value);

        } else {
            out[name] = [out[name], value];
        }
    }

    return out;
}


const SUBJECT_ALWAYS = 0x01, NO_WILDCARDS = 0x02, NO_PARTIAL = 0x04,
      MULTI_LABEL = 0x08, SINGLE_LABEL = 0x10, SUBJECT_NEVER = 0x20;


function checkFlags(options = {}) {
    validateObject(options, "options");

    const {
        subject = "default", wildcards = true, partialWildcards = true,
        multiLabelWildcards = false, singleLabelSubdomains = false,
    } = options;

    const known = { default: 0, always: SUBJECT_ALWAYS, never: SUBJECT_NEVER };

    if (!Object.hasOwn(known, subject)) {
        throw new Error("Invalid subject option");
    }

    return known[subject] | (wildcards ? 0 : NO_WILDCARDS)
           | (partialWildcards ? 0 : NO_PARTIAL)
           | (multiLabelWildcards ? MULTI_LABEL : 0)
           | (singleLabelSubdomains ? SINGLE_LABEL : 0);
}


export class X509Certificate {
    #handle;
    #kept;

    constructor(buffer) {
        if (typeof buffer !== "string" && !ArrayBuffer.isView(buffer)) {
            throw invalidArgType("buffer", ["string", "Buffer", "TypedArray",
                                            "DataView"], buffer);
        }

        const data = bytes(buffer, "buffer");

        this.#handle = native.parse(data);

        if (this.#handle === undefined) {
            const hex = Buffer.from(data).toString("hex").slice(0, 100)
                        .match(/../g) ?? [];

            throw typeError("ERR_INVALID_ARG_VALUE",
                            "The argument 'buffer' is not a valid certificate."
                            + ` Received <Buffer ${hex.join(" ")}>`);
        }
    }

    get #fields() { return this.#kept ??= this.#handle.fields(); }

    get subject() { return this.#fields.subject || undefined; }

    get subjectAltName() {
        return this.#fields.alternatives?.map(
            ([kind, text]) => `${kind}:${safe(text)}`).join(", ");
    }

    get infoAccess() {
        return this.#fields.access?.map(
            ([kind, text]) => `${kind}:${safe(text)}\n`).join("");
    }

    get issuer() { return this.#fields.issuer || undefined; }
    get issuerCertificate() { return undefined; }
    get validFrom() { return this.#fields.validFrom; }
    get validTo() { return this.#fields.validTo; }
    get fingerprint() { return fingerprint(this.raw, "SHA1"); }
    get fingerprint256() { return fingerprint(this.raw, "SHA256"); }
    get fingerprint512() { return fingerprint(this.raw, "SHA512"); }
    get keyUsage() { return this.#fields.keyUsage; }
    get serialNumber() { return this.#fields.serialNumber; }
    get ca() { return this.#fields.ca; }

    get raw() {
        const raw = this.#handle.raw();

        return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    }

    get publicKey() {
        const handle = this.#handle.publicKey();

        return handle === undefined ? undefined : publicKey(handle);
    }

    toString() {
        const lines = this.raw.toString("base64").match(/.{1,64}/g);

        return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n`
               + "-----END CERTIFICATE-----\n";
    }

    toJSON() {
        return this.toString();
    }

    checkHost(name, options) {
        validateString(name, "name");

        const found = this.#handle.check("host", name, checkFlags(options));

        if (found === false) {
            throw new Error("Invalid name");
        }

        return found;
    }

    checkEmail(email, options) {
        validateString(email, "email");

        const found = this.#handle.check("email", email, checkFlags(options));

        if (found === false) {
            throw new Error("Invalid name");
        }

        return found === undefined ? undefined : email;
    }

    checkIP(ip, options) {
        validateString(ip, "ip");

        const found = this.#handle.check("ip", ip, checkFlags(options));

        if (found === false) {
            throw new Error("Invalid IP");
        }

        return found === undefined ? undefined : ip;
    }

    checkIssued(otherCert) {
        if (!(otherCert instanceof X509Certificate)) {
            throw invalidArgType("otherCert", "X509Certificate", otherCert);
        }

        return this.#handle.issued(otherCert.#handle);
    }

    checkPrivateKey(pkey) {
        if (!(pkey instanceof KeyObject) || pkey.type !== "private") {
            throw invalidArgType("pkey", "KeyObject", pkey);
        }

        return this.#handle.fits(privateHandle(pkey));
    }

    verify(pkey) {
        if (!(pkey instanceof KeyObject) || pkey.type !== "public") {
            throw invalidArgType("pkey", "KeyObject", pkey);
        }

        return this.#handle.verify(publicHandle(pkey));
    }

    toLegacyObject() {
        const fields = this.#fields;
        const handle = this.#handle.publicKey();
        const out = {
            subject: grouped(fields.subjectAttributes),
            subjectAltName: this.subjectAltName,
            infoAccess: undefined,
            issuer: grouped(fields.issuerAttributes),
            ca: this.ca,
        };

        if (fields.access !== undefined) {
            out.infoAccess = Object.create(null);

            for (const [kind, text] of fields.access) {
                (out.infoAccess[kind] ??= []).push(text);
            }
        }

        const { type, bits, curve } = handle?.details() ?? {};
        const hex = (name) => Buffer.from(handle.number(name))
                              .toString("hex").toUpperCase();

        if (type === "RSA") {
            out.modulus = hex("n");
            out.bits = bits;
            out.exponent = `0x${hex("e").replace(/^0+/, "").toLowerCase()}`;
            out.pubkey = Buffer.from(handle.encode("DER",
                                                   "SubjectPublicKeyInfo"));

        } else if (type === "EC") {
            out.bits = bits;
            out.pubkey = Buffer.from(handle.number("pub"));
            out.asn1Curve = curve;
        }

        return {
            ...out, valid_from: this.validFrom, valid_to: this.validTo,
            fingerprint: this.fingerprint, fingerprint256: this.fingerprint256,
            fingerprint512: this.fingerprint512,
            ext_key_usage: this.keyUsage, serialNumber: this.serialNumber,
            raw: this.raw,
        };
    }
}


/* Signed public keys and challenges of browsers of old. */

const SPKAC = ["string", "ArrayBuffer", "Buffer", "TypedArray", "DataView"];

const spkac = (value, encoding) => native.spkac(bytes(value, "spkac", encoding,
                                                      SPKAC));


export function Certificate() {
    if (!(this instanceof Certificate)) {
        return new Certificate();
    }
}


Certificate.verifySpkac = function verifySpkac(value, encoding) {
    return spkac(value, encoding)?.[0] ?? false;
};


Certificate.exportPublicKey = function exportPublicKey(value, encoding) {
    return Buffer.from(spkac(value, encoding)?.[2] ?? "");
};


Certificate.exportChallenge = function exportChallenge(value, encoding) {
    return Buffer.from(spkac(value, encoding)?.[1] ?? "");
};

Object.assign(Certificate.prototype, {
    verifySpkac: Certificate.verifySpkac,
    exportPublicKey: Certificate.exportPublicKey,
    exportChallenge: Certificate.exportChallenge,
});
