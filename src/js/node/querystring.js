/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:querystring"
 */

import { Buffer } from "workers:node/internal/buffer";
import { nodeError } from "workers:node/internal/errors";

const {
    Array, Number, Object, String, URIError, decodeURIComponent,
    encodeURIComponent,
} = globalThis;


function unescapeBuffer(s, decodeSpaces) {
    const out = Buffer.allocUnsafe(s.length);
    let n = 0;

    for (let i = 0; i < s.length; i++) {
        let c = s.charCodeAt(i);

        if (c === 0x2b && decodeSpaces) {
            c = 0x20;

        } else if (c === 0x25 && i + 2 < s.length) {
            const hex = s.slice(i + 1, i + 3);

            if (/^[0-9a-f]{2}$/i.test(hex)) {
                c = Number.parseInt(hex, 16);
                i += 2;
            }
        }

        out[n++] = c;
    }

    return out.subarray(0, n);
}


function unescape(s, decodeSpaces) {
    try {
        return decodeURIComponent(s);

    } catch {
        return unescapeBuffer(s, decodeSpaces).toString();
    }
}


function escape(value) {
    let s = value;

    if (typeof s !== "string") {
        s = typeof s === "object" ? String(s) : `${s}`;
    }

    try {
        return encodeURIComponent(s);

    } catch {
        throw nodeError(URIError, "ERR_INVALID_URI", "URI malformed");
    }
}


function primitive(v) {
    switch (typeof v) {
    case "string":
        return v;

    case "number":
        return Number.isFinite(v) ? `${v}` : "";

    case "bigint":
    case "boolean":
        return `${v}`;

    default:
        return "";
    }
}


function stringify(object, separator, equals, options) {
    const sep = separator || "&";
    const eq = equals || "=";
    let encode = querystring.escape;

    if (typeof options?.encodeURIComponent === "function") {
        encode = options.encodeURIComponent;
    }

    if (object === null || typeof object !== "object") {
        return "";
    }

    const fields = [];

    for (const key of Object.keys(object)) {
        const name = encode(primitive(key)) + eq;
        const value = object[key];

        if (Array.isArray(value)) {
            for (const v of value) {
                fields.push(name + encode(primitive(v)));
            }

        } else {
            fields.push(name + encode(primitive(value)));
        }
    }

    return fields.join(sep);
}


function parse(s, separator, equals, options) {
    const out = { __proto__: null };

    if (typeof s !== "string" || s.length === 0) {
        return out;
    }

    const sep = separator ? `${separator}` : "&";
    const eq = equals ? `${equals}` : "=";
    let max = 1000;
    let decode = querystring.unescape;

    if (typeof options?.maxKeys === "number") {
        max = options.maxKeys > 0 ? options.maxKeys : Infinity;
    }

    if (typeof options?.decodeURIComponent === "function") {
        decode = options.decodeURIComponent;
    }

    const custom = decode !== unescape;

    const text = (part) => {
        const plain = part.replaceAll("+", custom ? "%20" : " ");

        if (!custom && !plain.includes("%")) {
            return plain;
        }

        try {
            return decode(plain);

        } catch {
            return unescape(plain, true);
        }
    };

    for (const field of s.split(sep)) {
        if (field === "") {
            continue;
        }

        if (max-- <= 0) {
            break;
        }

        const i = field.indexOf(eq);
        const name = text(i < 0 ? field : field.slice(0, i));
        const value = i < 0 ? "" : text(field.slice(i + eq.length));
        const old = out[name];

        if (old === undefined) {
            out[name] = value;

        } else if (typeof old === "string") {
            out[name] = [old, value];

        } else {
            old.push(value);
        }
    }

    return out;
}


const querystring = {
    decode: parse, encode: stringify, escape, parse, stringify, unescape,
    unescapeBuffer,
};


export {
    parse as decode, stringify as encode, escape, parse, stringify, unescape,
    unescapeBuffer,
};

export default querystring;
