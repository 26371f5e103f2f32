/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:assert".  Its comparisons are the strict ones under both names, as on
 * the platform.
 */

import { deepEqual as equals } from "workers:node/internal/deep_equal";
import {
    AssertionError, difference,
} from "workers:node/internal/assertion_error";
import { inspect } from "workers:node/internal/inspect";
import {
    invalidArgType, invalidArgValue, missingArgs, typeError, validateFunction,
} from "workers:node/internal/errors";

const { Error, Object, Promise, RegExp, String } = globalThis;

export { AssertionError };


function assert(value, message) {
    if (!value) {
        refuse({
            message: message ?? (arguments.length === 0
                ? "No value argument passed to `assert.ok()`"
                : `${inspect(value)} == true`),
            generated: message === undefined,
            actual: value, expected: true, operator: "==",
        });
    }
}

export { assert as ok };


function refuse({ message, generated, actual, expected, operator }) {
    const error = new AssertionError({
        message: message instanceof Error ? String(message) : message,
        actual, expected, operator,
    });

    if (generated) {
        error.generatedMessage = true;
    }

    throw error;
}


export function strictEqual(actual, expected, message) {
    if (Object.is(actual, expected)) {
        return;
    }

    refuse({
        message: message ?? unequal(actual, expected),
        generated: message === undefined,
        actual, expected, operator: "strictEqual",
    });
}


function unequal(actual, expected) {
    const one = inspect(actual), two = inspect(expected);

    if (one === two) {
        return "Values have the same structure but are not reference-equal:"
               + `\n\n${one.split("\n").map((line) => `    ${line}`)
                           .join("\n")}\n`;
    }

    return "Values are not strictly equal:\n\n\n[Diff] Actual / Expected\n\n\n"
           + difference(one.split("\n"), two.split("\n"))
             .map(([sign, line]) => `${sign === "+" ? "-" : sign === "-" ? "+"
                                       : " "}   ${line}`).join("\n")
           + "\n";
}


export function notStrictEqual(actual, expected, message) {
    if (Object.is(actual, expected)) {
        refuse({
            message: message
                     ?? "Expected actual to be strictly unequal to expected",
            generated: message === undefined,
            actual, expected, operator: "notStrictEqual",
        });
    }
}


export function equal(actual, expected, message) {
    strictEqual(actual, expected, message);
}


export function notEqual(actual, expected, message) {
    notStrictEqual(actual, expected, message);
}


export function deepStrictEqual(actual, expected, message) {
    if (arguments.length < 2) {
        throw missingArgs("actual", "expected");
    }

    if (!equals(actual, expected, "strict")) {
        refuse({ message, actual, expected, operator: "deepStrictEqual" });
    }
}


export function notDeepStrictEqual(actual, expected, message) {
    if (arguments.length < 2) {
        throw missingArgs("actual", "expected");
    }

    if (equals(actual, expected, "strict")) {
        refuse({
            message: message ?? "Expected actual to not be deeply strictly "
                                + "equal to expected",
            generated: message === undefined,
            actual, expected, operator: "notDeepStrictEqual",
        });
    }
}


export function deepEqual(actual, expected, message) {
    if (arguments.length < 2) {
        throw missingArgs("actual", "expected");
    }

    deepStrictEqual(actual, expected, message);
}


export function notDeepEqual(actual, expected, message) {
    if (arguments.length < 2) {
        throw missingArgs("actual", "expected");
    }

    notDeepStrictEqual(actual, expected, message);
}


export function partialDeepStrictEqual(actual, expected, message) {
    if (arguments.length < 2) {
        throw missingArgs("actual", "expected");
    }

    if (!equals(actual, expected, "partial")) {
        refuse({
            message: message ?? "Expected actual to be partially deeply "
                                + "strictly equal to expected",
            generated: message === undefined,
            actual, expected, operator: "partialDeepStrictEqual",
        });
    }
}


export function fail(message) {
    if (message instanceof Error) {
        throw message;
    }

    if (message !== undefined && typeof message !== "string") {
        throw message;
    }

    refuse({ message: message ?? "Failed", generated: message === undefined,
             operator: "fail" });
}


export function ifError(value) {
    if (value === null || value === undefined) {
        return;
    }

    let text = "ifError got unwanted exception: ";

    if (typeof value === "object" && typeof value.message === "string") {
        text += value.message.length === 0 && value.constructor
                ? value.constructor.name : value.message;

    } else {
        text += inspect(value);
    }

    refuse({ message: text, generated: true, actual: value, expected: null,
             operator: "ifError" });
}


export function match(string, regexp, message) {
    checkRegExp(regexp);

    if (!regexp.test(string)) {
        refuse({
            message: message ?? `actual: "${string}" expected to match: "${
                                 regexp}"`,
            generated: message === undefined,
            actual: string, expected: regexp, operator: "match",
        });
    }
}


export function doesNotMatch(string, regexp, message) {
    checkRegExp(regexp);

    if (regexp.test(string)) {
        refuse({
            message: message ?? `actual: "${string}" expected to not match: "${
                                 regexp}"`,
            generated: message === undefined,
            actual: string, expected: regexp, operator: "doesNotMatch",
        });
    }
}


function checkRegExp(regexp) {
    if (!(regexp instanceof RegExp)) {
        throw invalidArgType("regexp", "RegExp", regexp);
    }
}


/* What functions throw, and promises reject with */

export function throws(fn, error, message) {
    validateFunction(fn, "fn");
    expectThrow(caught(fn), error, message, "exception", throws);
}


export async function rejects(promise, error, message) {
    expectThrow(await rejected(promise), error, message, "rejection", rejects);
}


export function doesNotThrow(fn, error, message) {
    validateFunction(fn, "fn");
    expectNone(caught(fn), error, message, "exception");
}


export async function doesNotReject(promise, error, message) {
    expectNone(await rejected(promise), error, message, "rejection");
}


/* [what was thrown], or null. */

function caught(fn) {
    try {
        fn();

    } catch (e) {
        return [e];
    }

    return null;
}


async function rejected(promise) {
    if (typeof promise === "function") {
        promise = promise();

        if (!isThenable(promise)) {
            const type = promise === null || promise === undefined
                         ? `${promise}`
                         : typeof promise === "object"
                           ? `an instance of ${promise.constructor?.name}`
                           : `type ${typeof promise} (${String(promise)})`;

            throw typeError("ERR_INVALID_RETURN_VALUE",
                "Expected instance of Promise to be returned from the "
                + `"promiseFn" function but got ${type}.`);
        }

    } else if (!isThenable(promise)) {
        throw invalidArgType("promiseFn", ["function", "Promise"], promise);
    }

    try {
        await promise;

    } catch (e) {
        return [e];
    }

    return null;
}


function isThenable(value) {
    return value instanceof Promise
           || (value !== null && typeof value === "object"
               && typeof value.then === "function"
               && typeof value.catch === "function");
}


function expectThrow(result, error, message, what, fn) {
    if (typeof error === "string") {
        if (arguments.length >= 3 && message !== undefined) {
            throw invalidArgType("error", ["Object", "Error", "Function",
                                           "RegExp"], error);
        }

        if (result !== null) {
            const text = typeof result[0] === "object" && result[0] !== null
                         ? result[0].message : result[0];

            if (text === error) {
                throw typeError("ERR_AMBIGUOUS_ARGUMENT",
                    "The \"error/message\" argument is ambiguous. The error "
                    + (typeof result[0] === "object" ? "message " : "")
                    + `"${text}" is identical to the message.`);
            }
        }

        message = error;
        error = undefined;

    } else if (error !== null && error !== undefined
               && typeof error !== "object" && typeof error !== "function")
    {
        throw invalidArgType("error", ["function", "Error", "RegExp",
                                       "Object"], error);
    }

    if (result === null) {
        const name = error?.name ? ` (${error.name})` : "";

        refuse({
            message: `Missing expected ${what}${name}${
                      message ? `: ${message}` : "."}`,
            generated: true, actual: undefined, expected: error,
            operator: fn.name,
        });
    }

    expectedError(result[0], error, message, fn);
}


function expectedError(actual, expected, message, fn) {
    if (expected === undefined || expected === null) {
        return;
    }

    const failed = (text) => refuse({
        message: message ?? text, generated: message === undefined,
        actual, expected, operator: fn.name,
    });

    if (expected instanceof RegExp) {
        if (!expected.test(String(actual))) {
            failed(`The input did not match the regular expression ${
                    inspect(expected)}. Input:\n\n${
                    inspect(String(actual))}\n`);
        }

        return;
    }

    if (typeof expected === "object") {
        const keys = Object.keys(expected);

        if (expected instanceof Error) {
            keys.push("name", "message");

        } else if (keys.length === 0) {
            throw invalidArgValue("error", expected,
                                  "may not be an empty object");
        }

        if (actual === null || typeof actual !== "object") {
            refuse({ message, actual, expected, operator: "deepStrictEqual" });
        }

        for (const key of keys) {
            if (typeof actual[key] === "string"
                && expected[key] instanceof RegExp
                && expected[key].test(actual[key]))
            {
                continue;
            }

            if (!(key in actual)
                || !equals(actual[key], expected[key], "strict"))
            {
                refuse({ message, actual: actual[key], expected: expected[key],
                         operator: "deepStrictEqual" });
            }
        }

        return;
    }

    if (expected.prototype !== undefined && actual instanceof expected) {
        return;
    }

    if (Error.isPrototypeOf(expected) || expected === Error) {
        const name = actual?.constructor?.name;

        failed("The error is expected to be an instance of "
               + `"${expected.name}". Received ${
                  actual instanceof Error ? `"${name}"` : inspect(actual)}${
                  actual instanceof Error
                  ? `\n\nError message:\n\n${actual.message}` : ""}`);
    }

    const answer = Reflect.apply(expected, {}, [actual]);

    if (answer !== true) {
        failed(`The ${expected.name ? `"${expected.name}" ` : ""}validation `
               + `function is expected to return "true". Received ${
                  inspect(answer)}${actual instanceof Error
                  ? `\n\nCaught error:\n\n${actual}` : ""}`);
    }
}


function expectNone(result, error, message, what) {
    if (result === null) {
        return;
    }

    if (typeof error === "string") {
        message = error;
        error = undefined;
    }

    if (error !== undefined && !(error instanceof RegExp
        ? error.test(String(result[0]))
        : typeof error === "function" && result[0] instanceof error))
    {
        throw result[0];
    }

    refuse({
        message: `Got unwanted ${what === "rejection" && message === undefined
                  ? "exception" : what}${message ? `: ${message}` : "."}\n`
                 + `Actual message: "${result[0]?.message}"`,
        generated: true, actual: result[0], expected: error,
        operator: "doesNotThrow",
    });
}


function strict(value, message) {
    Reflect.apply(assert, undefined, arguments);
}

export { strict };


const members = {
    AssertionError, deepEqual, deepStrictEqual, doesNotMatch, doesNotReject,
    doesNotThrow, equal, fail, ifError, match, notDeepEqual,
    notDeepStrictEqual, notEqual, notStrictEqual, ok: assert,
    partialDeepStrictEqual, rejects, strict, strictEqual, throws,
};

Object.assign(assert, members);
Object.assign(strict, members, {
    deepEqual: deepStrictEqual, equal: strictEqual,
    notDeepEqual: notDeepStrictEqual, notEqual: notStrictEqual,
});


export default assert;
