/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:util".
 */

import { deepEqual } from "workers:node/internal/deep_equal";
import {
    inspect, format, formatWithOptions, stripVTControlCharacters,
} from "workers:node/internal/inspect";
import {
    invalidArgType, nodeError, notImplemented, validateAbortSignal,
    validateBoolean, validateFunction, validateNumber, validateOneOf,
    validateString,
} from "workers:node/internal/errors";
import { MIMEParams, MIMEType } from "workers:node/internal/mime";
import { parseArgs } from "workers:node/internal/parse_args";
import types from "workers:node/util/types";
import { Buffer } from "workers:node/buffer";

const {
    Array, Date, Error, Number, Object, Promise, Reflect, RegExp, String,
    Symbol, TextDecoder, TextEncoder, console, queueMicrotask,
} = globalThis;

export {
    MIMEParams, MIMEType, TextDecoder, TextEncoder, format, formatWithOptions,
    inspect, parseArgs, stripVTControlCharacters, types,
};


/* promisify() and callbackify() */

const customPromisify = Symbol.for("nodejs.util.promisify.custom");


export function promisify(original) {
    validateFunction(original, "original");

    if (original[customPromisify]) {
        const fn = original[customPromisify];

        validateFunction(fn, "util.promisify.custom");

        return Object.defineProperty(fn, customPromisify, {
            value: fn, enumerable: false, writable: false, configurable: true,
        });
    }

    function fn(...args) {
        return new Promise((resolve, reject) => {
            const returned = Reflect.apply(original, this, [...args,
                (error, ...values) => {
                    if (error) {
                        reject(error);

                    } else {
                        resolve(values[0]);
                    }
                }]);

            /* a rejection of its own is nobody's else */

            if (types.isPromise(returned)) {
                returned.catch(() => {});
            }
        });
    }

    Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
    Object.defineProperty(fn, customPromisify, {
        value: fn, enumerable: false, writable: false, configurable: true,
    });

    return Object.defineProperties(fn,
                                   Object.getOwnPropertyDescriptors(original));
}

promisify.custom = customPromisify;


export function callbackify(original) {
    validateFunction(original, "original");

    function callbackified(...args) {
        const callback = args.pop();

        validateFunction(callback, "last argument");

        const done = callback.bind(this);

        Reflect.apply(original, this, args).then(
            (value) => queueMicrotask(() => done(null, value)),
            (reason) => queueMicrotask(() => done(reason || falsy(reason))));
    }

    const descriptors = Object.getOwnPropertyDescriptors(original);

    if (typeof descriptors.length.value === "number") {
        descriptors.length.value++;
    }

    if (typeof descriptors.name.value === "string") {
        descriptors.name.value += "Callbackified";
    }

    return Object.defineProperties(callbackified, descriptors);
}


function falsy(reason) {
    const error = nodeError(Error, "ERR_FALSY_VALUE_REJECTION",
                            "Promise was rejected with falsy value");

    error.reason = reason;

    return error;
}


/* inherits(), deprecate(), debuglog() */

export function inherits(constructor, superConstructor) {
    if (constructor === undefined || constructor === null) {
        throw invalidArgType("ctor", "Function", constructor);
    }

    if (superConstructor === undefined || superConstructor === null) {
        throw invalidArgType("superCtor", "Function", superConstructor);
    }

    if (superConstructor.prototype === undefined) {
        throw invalidArgType("superCtor.prototype", "Object",
                             superConstructor.prototype);
    }

    Object.defineProperty(constructor, "super_", {
        value: superConstructor, writable: true, configurable: true,
    });
    Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}


export function _extend(target, source) {
    if (source === null || typeof source !== "object") {
        return target;
    }

    for (const key of Object.keys(source)) {
        target[key] = source[key];
    }

    return target;
}


/* Nobody reads warnings of a worker in production. */

export function deprecate(fn, message, code, modifyPrototype) {
    return fn;
}


export function debuglog(set, callback) {
    function logger() {}

    logger.enabled = true;

    return logger;
}

export { debuglog as debug };


export function log(...args) {
    console.log(`${new Date().toString().slice(4, 24)} - ${format(...args)}`);
}


/* Old questions */

export function isArray(value) { return Array.isArray(value); }
export function isBoolean(value) { return typeof value === "boolean"; }
export function isNull(value) { return value === null; }
export function isNullOrUndefined(value) { return value == null; }
export function isNumber(value) { return typeof value === "number"; }
export function isString(value) { return typeof value === "string"; }
export function isSymbol(value) { return typeof value === "symbol"; }
export function isUndefined(value) { return value === undefined; }
export function isBuffer(value) { return Buffer.isBuffer(value); }
export function isRegExp(value) { return types.isRegExp(value); }

export function isObject(value) {
    return value !== null && typeof value === "object";
}

export function isDate(value) { return types.isDate(value); }

export function isError(value) {
    return types.isNativeError(value) || value instanceof Error;
}

export function isFunction(value) { return typeof value === "function"; }

export function isPrimitive(value) {
    return value === null || (typeof value !== "object"
                              && typeof value !== "function");
}


export function isDeepStrictEqual(a, b) {
    return deepEqual(a, b, "strict");
}


export function toUSVString(text) {
    return String(text).toWellFormed();
}


/* styleText() */

export function styleText(formats, text, options) {
    validateString(text, "text");

    /* no stream of the platform is a terminal */

    const { validateStream = true, stream } = options ?? {};

    validateBoolean(validateStream, "options.validateStream");

    if (validateStream && stream !== undefined
        && (stream === null || typeof stream !== "object"))
    {
        throw invalidArgType("stream", ["ReadableStream", "WritableStream",
                                        "Stream"], stream);
    }

    const list = Array.isArray(formats) ? formats : [formats];
    let before = "", after = "";

    for (const key of list) {
        if (key === "none") {
            continue;
        }

        const codes = inspect.colors[key];

        if (codes === undefined) {
            validateOneOf(key, "format", Object.keys(inspect.colors));
        }

        before += `\u001b[${codes[0]}m`;
        after = `\u001b[${codes[1]}m${after}`;
    }

    return validateStream ? text : before + text + after;
}


/* parseEnv(): lines of a .env file */

export function parseEnv(content) {
    validateString(content, "content");

    const env = {};
    const line = new RegExp("^[ \\t]*(?:export[ \\t]+)?([^=\\s#][^=\\r\\n]*?)"
        + "[ \\t]*=[ \\t]*"
        + "(?:'([^']*)'|\"([^\"]*)\"|`([^`]*)`|([^\\r\\n]*))", "gm");

    for (const match of content.matchAll(line)) {
        const [, name, single, double, back, bare] = match;

        env[name] = single ?? double?.replaceAll("\\n", "\n") ?? back
                    ?? bare.replace(/(^|\s)#.*$|#.*$/, "").trim();
    }

    return env;
}


/* What the platform has not either */

function absent(name) {
    return new Error(`node:util ${name} is not implemented`);
}


export function getSystemErrorName() {
    throw absent("getSystemErrorName");
}


export function getSystemErrorMessage() {
    throw absent("getSystemErrorMessage");
}


export function getSystemErrorMap() {
    throw absent("getSystemErrorMap");
}


export function _errnoException() {
    throw notImplemented("_errnoException");
}


export function _exceptionWithHostPort() {
    throw notImplemented("_exceptionWithHostPort");
}


/* Signals */

export async function aborted(signal, resource) {
    if (signal === undefined) {
        throw invalidArgType("signal", "AbortSignal", signal);
    }

    validateAbortSignal(signal, "signal");

    if (resource === null || (typeof resource !== "object"
                              && typeof resource !== "function"))
    {
        throw invalidArgType("resource", "Object", resource);
    }

    if (signal.aborted) {
        return;
    }

    return new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true });
    });
}


export function transferableAbortController() {
    throw absent("transferableAbortController");
}


export function transferableAbortSignal() {
    throw absent("transferableAbortSignal");
}


/* Where the caller is */

export function getCallSites(count = 8, options) {
    if (typeof count === "object" && count !== null) {
        count = 8;
    }

    validateNumber(count, "frameCount", 1, 200);

    const sites = [];
    const lines = (new Error().stack ?? "").split("\n");

    for (const line of lines) {
        const match = /^\s*at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/.exec(line);

        if (match !== null && match[1] !== "getCallSites") {
            sites.push({
                functionName: match[1] ?? "", scriptId: "0",
                scriptName: match[2], lineNumber: Number(match[3]),
                columnNumber: Number(match[4]), column: Number(match[4]),
            });
        }
    }

    return sites.slice(0, count);
}

export { getCallSites as getCallSite };


export default {
    MIMEParams, MIMEType, TextDecoder, TextEncoder, _errnoException,
    _exceptionWithHostPort, _extend, aborted, callbackify, debug: debuglog,
    debuglog, deprecate, format, formatWithOptions, getCallSite: getCallSites,
    getCallSites, getSystemErrorMap, getSystemErrorMessage, getSystemErrorName,
    inherits, inspect, isArray, isBoolean, isBuffer, isDate, isDeepStrictEqual,
    isError, isFunction, isNull, isNullOrUndefined, isNumber, isObject,
    isPrimitive, isRegExp, isString, isSymbol, isUndefined, log, parseArgs,
    parseEnv, promisify, stripVTControlCharacters, styleText, toUSVString,
    transferableAbortController, transferableAbortSignal, types,
};
