/*
 * Copyright (C) the nginx-workers authors
 *
 * What Node.js modules throw: an error has a code, its name stays that of its
 * class, and both stand in toString() and in the stack.
 */

const {
    Array, ArrayBuffer, Error, JSON, Math, Number, Object, RangeError, String,
    TypeError,
} = globalThis;


/* An error of class Base whose code is set. */

export function nodeError(Base, code, message) {
    const error = new Base(message);

    error.code = code;

    Object.defineProperty(error, "toString", {
        value() { return `${this.name} [${code}]: ${this.message}`; },
        enumerable: false, configurable: true, writable: true,
    });

    return error;
}


export function typeError(code, message) {
    return nodeError(TypeError, code, message);
}


export function rangeError(code, message) {
    return nodeError(RangeError, code, message);
}


export function plainError(code, message) {
    return nodeError(Error, code, message);
}


/* "type string ('abc')", "an instance of Map", "undefined". */

export function received(value) {
    if (value === null || value === undefined) {
        return ` Received ${value}`;
    }

    if (typeof value === "function") {
        return ` Received function ${value.name}`;
    }

    if (typeof value === "object") {
        const name = value.constructor?.name;

        return name ? ` Received an instance of ${name}`
                    : " Received [Object: null prototype] {}";
    }

    let text = typeof value === "string" ? `'${value}'`
               : typeof value === "bigint" ? `${value}n` : String(value);

    if (text.length > 28) {
        text = `${text.slice(0, 25)}...`;
    }

    return ` Received type ${typeof value} (${text})`;
}


function list(words) {
    if (words.length < 3) {
        return words.join(" or ");
    }

    return `${words.slice(0, -1).join(", ")}, or ${words.at(-1)}`;
}


const KINDS = [
    "string", "function", "number", "object", "Function", "Object", "boolean",
    "bigint", "symbol",
];


/* expected: a type, a class's name, or an array of these. */

export function invalidArgType(name, expected, value) {
    const types = [], classes = [], others = [];

    for (const word of Array.isArray(expected) ? expected : [expected]) {
        if (KINDS.includes(word)) {
            types.push(word.toLowerCase());

        } else if (/^([A-Z][a-z0-9]*)+$/.test(word)) {
            classes.push(word);

        } else {
            others.push(word);
        }
    }

    /* "object" joins the classes when there are any */

    if (classes.length && types.includes("object")) {
        types.splice(types.indexOf("object"), 1);
        classes.push("Object");
    }

    const parts = [];

    if (types.length) {
        parts.push((types.length > 1 ? "one of type " : "of type ")
                   + list(types));
    }

    if (classes.length) {
        parts.push(`an instance of ${list(classes)}`);
    }

    if (others.length) {
        parts.push(others.length > 1 ? `one of ${list(others)}`
                   : others[0].toLowerCase() !== others[0] ? `an ${others[0]}`
                   : others[0]);
    }

    const what = name.endsWith(" argument") ? `The ${name}`
                 : `The "${name}" ${name.includes(".") ? "property"
                                    : "argument"}`;

    return typeError("ERR_INVALID_ARG_TYPE",
                     `${what} must be ${parts.join(" or ")}.`
                     + received(value));
}


function shown(value) {
    if (typeof value === "string") {
        return `'${value}'`;
    }

    if (typeof value === "bigint") {
        return `${value}n`;
    }

    if (typeof value === "object" && value !== null) {
        try {
            return JSON.stringify(value) ?? "[Object]";

        } catch {
            return "[Object]";
        }
    }

    return Object.is(value, -0) ? "-0" : String(value);
}


export function invalidArgValue(name, value, reason = "is invalid") {
    let text = shown(value);

    if (text.length > 128) {
        text = `${text.slice(0, 128)}...`;
    }

    const kind = name.includes(".") ? "property" : "argument";

    return typeError("ERR_INVALID_ARG_VALUE",
                     `The ${kind} '${name}' ${reason}. Received ${text}`);
}


/* 4294967296 is shown as 4_294_967_296. */

function grouped(digits) {
    const sign = digits.startsWith("-") ? "-" : "";
    let rest = digits.slice(sign.length), text = "";

    while (rest.length > 3) {
        text = `_${rest.slice(-3)}${text}`;
        rest = rest.slice(0, -3);
    }

    return sign + rest + text;
}


export function outOfRange(name, range, value) {
    let text = shown(value);

    if (typeof value === "bigint") {
        text = value > 2n ** 32n || value < -(2n ** 32n)
               ? `${grouped(String(value))}n` : text;

    } else if (Number.isInteger(value) && Math.abs(value) > 2 ** 32) {
        text = grouped(String(value));
    }

    return rangeError("ERR_OUT_OF_RANGE",
                      `The value of "${name}" is out of range. It must be `
                      + `${range}. Received ${text}`);
}


export function missingArgs(...names) {
    const words = names.map((name) => `"${name}"`);
    const text = words.length === 1 ? words[0]
                 : words.length === 2 ? words.join(" and ")
                 : `${words.slice(0, -1).join(", ")}, and ${words.at(-1)}`;

    return typeError("ERR_MISSING_ARGS",
                     `The ${text} argument${words.length > 1 ? "s" : ""} must `
                     + "be specified");
}


/* What the platform's Node.js layer has as a name only. */

export function notImplemented(name) {
    return plainError("ERR_METHOD_NOT_IMPLEMENTED",
                      `The ${name} method is not implemented`);
}


export function abortError(cause) {
    const error = nodeError(Error, "ABORT_ERR", "The operation was aborted");

    error.name = "AbortError";

    if (cause !== undefined) {
        Object.defineProperty(error, "cause", {
            value: cause, configurable: true, writable: true,
        });
    }

    return error;
}


export function validateString(value, name) {
    if (typeof value !== "string") {
        throw invalidArgType(name, "string", value);
    }
}


export function validateBoolean(value, name) {
    if (typeof value !== "boolean") {
        throw invalidArgType(name, "boolean", value);
    }
}


export function validateFunction(value, name) {
    if (typeof value !== "function") {
        throw invalidArgType(name, "function", value);
    }
}


/* allow: {array, function, null}, each true if it may be such a one. */

export function validateObject(value, name, allow = {}) {
    if ((value === null && !allow.null)
        || (Array.isArray(value) && !allow.array)
        || (typeof value !== "object"
            && !(typeof value === "function" && allow.function)))
    {
        throw invalidArgType(name, "Object", value);
    }
}


export function validateArray(value, name, min = 0) {
    if (!Array.isArray(value)) {
        throw invalidArgType(name, "Array", value);
    }

    if (value.length < min) {
        throw invalidArgValue(name, value, `must be longer than ${min}`);
    }
}


export function validateNumber(value, name, min, max) {
    if (typeof value !== "number") {
        throw invalidArgType(name, "number", value);
    }

    if ((min !== undefined && value < min) || (max !== undefined && value > max)
        || ((min !== undefined || max !== undefined) && Number.isNaN(value)))
    {
        const low = min !== undefined ? `>= ${min}` : "";
        const high = max !== undefined ? `<= ${max}` : "";

        throw outOfRange(name, low && high ? `${low} && ${high}` : low + high,
                         value);
    }
}


export function validateInteger(value, name, min = Number.MIN_SAFE_INTEGER,
    max = Number.MAX_SAFE_INTEGER)
{
    if (typeof value !== "number") {
        throw invalidArgType(name, "number", value);
    }

    if (!Number.isInteger(value)) {
        throw outOfRange(name, "an integer", value);
    }

    if (value < min || value > max) {
        throw outOfRange(name, `>= ${min} && <= ${max}`, value);
    }
}


export function validateInt32(value, name, min = -2147483648,
    max = 2147483647)
{
    validateInteger(value, name, min, max);
}


export function validateUint32(value, name, positive = false) {
    validateInteger(value, name, positive ? 1 : 0, 4294967295);
}


export function validateOneOf(value, name, allowed) {
    if (!allowed.includes(value)) {
        const words = allowed.map((v) => typeof v === "string" ? `'${v}'`
                                         : String(v)).join(", ");

        throw invalidArgValue(name, value, `must be one of: ${words}`);
    }
}


export function validateAbortSignal(value, name) {
    if (value !== undefined
        && (value === null || typeof value !== "object"
            || !("aborted" in value)))
    {
        throw invalidArgType(name, "AbortSignal", value);
    }
}


export function validateBuffer(value, name = "buffer") {
    if (!ArrayBuffer.isView(value)) {
        throw invalidArgType(name, ["Buffer", "TypedArray", "DataView"], value);
    }
}
