/*
 * Copyright (C) the nginx-workers authors
 *
 * What readable-stream takes from files of its own in other places: errors,
 * small functions, and globals.  Classes of the web platform are loaded when
 * they are used.
 */

import native from "native:process";
import { addAbortListener } from "workers:node/events";
import {
    abortError, invalidArgType, invalidArgValue, missingArgs, notImplemented,
    outOfRange, plainError, received, typeError,
} from "workers:node/internal/errors";

export const {
    AggregateError, Array, ArrayBuffer, Boolean, Error, Function, Math, Number,
    Object, Promise, Reflect, RegExp, Set, String, Symbol, TypeError,
    Uint8Array,
} = globalThis;

const AsyncFunction = Object.getPrototypeOf(async function () {}).constructor;


export function AbortController() {
    return new globalThis.AbortController();
}


export function AbortSignalAny(signals) {
    return globalThis.AbortSignal.any(signals);
}


export function isBlob(value) {
    return value instanceof globalThis.Blob;
}


export const Blob = { [Symbol.hasInstance]: isBlob };


/* They are called with new, without it, and as super(). */

function plain(code, message) {
    return function (name) {
        return plainError(code, message.replace("%s", name));
    };
}


function type(code, message) {
    return function (name) {
        return typeError(code, message.replace("%s", name));
    };
}


export const codes = {
    ERR_ILLEGAL_CONSTRUCTOR: type("ERR_ILLEGAL_CONSTRUCTOR",
                                  "Illegal constructor"),

    ERR_INVALID_ARG_TYPE: function (name, expected, value) {
        return invalidArgType(name, expected, value);
    },

    ERR_INVALID_ARG_VALUE: function (name, value, reason) {
        return invalidArgValue(name, value, reason);
    },

    ERR_INVALID_RETURN_VALUE: function (expected, name, value) {
        return typeError("ERR_INVALID_RETURN_VALUE",
                         `Expected ${expected} to be returned from the `
                         + `"${name}" function but got`
                         + `${received(value).replace(" Received", "")}.`);
    },

    ERR_METHOD_NOT_IMPLEMENTED: function (name) {
        return notImplemented(name);
    },

    ERR_MISSING_ARGS: function (...names) {
        return missingArgs(...names);
    },

    ERR_MULTIPLE_CALLBACK: plain("ERR_MULTIPLE_CALLBACK",
                                 "Callback called multiple times"),

    ERR_OUT_OF_RANGE: function (name, range, value) {
        return outOfRange(name, range, value);
    },

    ERR_STREAM_ALREADY_FINISHED: plain("ERR_STREAM_ALREADY_FINISHED",
                            "Cannot call %s after a stream was finished"),
    ERR_STREAM_CANNOT_PIPE: plain("ERR_STREAM_CANNOT_PIPE",
                                  "Cannot pipe, not readable"),
    ERR_STREAM_DESTROYED: plain("ERR_STREAM_DESTROYED",
                            "Cannot call %s after a stream was destroyed"),
    ERR_STREAM_NULL_VALUES: type("ERR_STREAM_NULL_VALUES",
                                 "May not write null values to stream"),
    ERR_STREAM_PREMATURE_CLOSE: plain("ERR_STREAM_PREMATURE_CLOSE",
                                      "Premature close"),
    ERR_STREAM_PUSH_AFTER_EOF: plain("ERR_STREAM_PUSH_AFTER_EOF",
                                     "stream.push() after EOF"),
    ERR_STREAM_UNSHIFT_AFTER_END_EVENT: plain(
                                        "ERR_STREAM_UNSHIFT_AFTER_END_EVENT",
                                        "stream.unshift() after end event"),
    ERR_STREAM_WRITE_AFTER_END: plain("ERR_STREAM_WRITE_AFTER_END",
                                      "write after end"),

    ERR_UNKNOWN_ENCODING: type("ERR_UNKNOWN_ENCODING",
                               "Unknown encoding: %s"),
};


export function AbortError(message, options) {
    return abortError(options?.cause);
}


export function aggregateTwoErrors(inner, outer) {
    if (!inner || !outer || inner === outer) {
        return inner || outer;
    }

    if (Array.isArray(outer.errors)) {
        outer.errors.push(inner);
        return outer;
    }

    const error = new AggregateError([outer, inner], outer.message);

    error.code = outer.code;

    return error;
}


export function hideStackFrames(fn) {
    return fn;
}


export const kEmptyObject = Object.freeze({});


export function once(callback) {
    let called = false;

    return function (...args) {
        if (!called) {
            called = true;
            Reflect.apply(callback, this, args);
        }
    };
}


export function createDeferredPromise() {
    return Promise.withResolvers();
}


export function promisify() {
    /* for its member alone */
}

promisify.custom = Symbol.for("nodejs.util.promisify.custom");


export function debuglog() {
    return () => {};
}


export function deprecate(fn) {
    return fn;
}


export function inspect(value, options) {
    return native.require("node:util")?.inspect(value, options)
           ?? String(value);
}


export const types = {
    isAsyncFunction(value) {
        return value instanceof AsyncFunction;
    },

    isArrayBufferView: ArrayBuffer.isView,
};


export { addAbortListener };
