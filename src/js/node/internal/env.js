/*
 * Copyright (C) the nginx-workers authors
 *
 * process.env: text bindings of the script as they are, JSON ones as JSON
 * text, others not at all.  It belongs to the isolate and knows nothing of
 * the environment of nginx.
 */

import native from "native:process";
import { invalidArgValue } from "workers:node/internal/errors";

const { Array, JSON, Object, Proxy, Reflect } = globalThis;


const values = {};


function isPlain(value) {
    return typeof value !== "object" || value === null || Array.isArray(value)
           || Object.getPrototypeOf(value) === Object.prototype;
}


if (native.populate) {
    const bindings = native.env();

    for (const name of Object.keys(bindings)) {
        const value = bindings[name];

        if (typeof value === "string") {
            values[name] = value;

        } else if (isPlain(value)) {
            const text = JSON.stringify(value);

            if (text !== undefined) {
                values[name] = text;
            }
        }
    }
}


export const env = new Proxy(values, {
    /* a template refuses symbols, as Node.js does */

    set(target, name, value) {
        return Reflect.set(target, `${name}`, `${value}`);
    },

    defineProperty(target, name, descriptor) {
        if ("get" in descriptor || "set" in descriptor) {
            throw invalidArgValue("descriptor", descriptor,
                                 "process.env value must not have "
                                 + "getter/setter");
        }

        for (const key of ["configurable", "writable", "enumerable"]) {
            if (!descriptor[key]) {
                throw invalidArgValue(`descriptor.${key}`, descriptor,
                                     `process.env value must be ${key}`);
            }
        }

        if (!("value" in descriptor)) {
            throw invalidArgValue("descriptor.value", descriptor,
                                 "process.env value must be specified "
                                 + "explicitly");
        }

        return Reflect.defineProperty(target, name, {
            value: `${descriptor.value}`,
            configurable: true, enumerable: true, writable: true,
        });
    },
});
