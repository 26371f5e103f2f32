/*
 * Copyright (C) the nginx-workers authors
 *
 * The module "node:async_hooks", as far as the platform has it.
 *
 * A frame is an array that is never changed: a storage, its value, another
 * storage, its value, and so on.  No frame is undefined.  The native half:
 * frame() is the frame of the running code, swap(frame) replaces it and
 * returns the one before.  Promises, timers and microtasks take it along.
 */

import native from "native:async_hooks";

const { Array, Error, Object, Symbol, TypeError } = globalThis;

const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const apply = uncurry(Function.prototype.apply);
const copy = uncurry(Array.prototype.slice);

const { frame, swap } = native;
const global = globalThis;


function illegal() {
    return new TypeError("Illegal invocation: function called with incorrect "
                         + "`this` reference. See https://developers."
                         + "cloudflare.com/workers/observability/errors/"
                         + "#illegal-invocation-errors for details.");
}


function callback(fn, method, cls, n, type) {
    if (typeof fn !== "function") {
        throw new TypeError(`Failed to execute '${method}' on '${cls}': `
                            + `parameter ${n} is not of type '${type}'.`);
    }
}


/* An options bag; undefined and null are an empty one. */

function options(v, cls, n, type) {
    if (v === undefined || v === null) {
        return {};
    }

    if (typeof v !== "object" && typeof v !== "function") {
        throw new TypeError(`Failed to construct '${cls}': constructor `
                            + `parameter ${n} is not of type '${type}'.`);
    }

    return v;
}


/* Calls fn in a frame. */

function within(context, fn, self, args) {
    const before = swap(context);

    try {
        return apply(fn, self, args);

    } finally {
        swap(before);
    }
}


/* The running code's frame, but for one storage. */

function frameWith(storage, value) {
    const now = frame();

    if (now === undefined) {
        return [storage, value];
    }

    const next = copy(now);

    for (let i = 0; i < next.length; i += 2) {
        if (next[i] === storage) {
            next[i + 1] = value;
            return next;
        }
    }

    next[next.length] = storage;
    next[next.length] = value;

    return next;
}


function frameWithout(storage) {
    const now = frame();

    if (now === undefined) {
        return undefined;
    }

    const next = [];

    for (let i = 0; i < now.length; i += 2) {
        if (now[i] !== storage) {
            next[next.length] = now[i];
            next[next.length] = now[i + 1];
        }
    }

    return next.length ? next : undefined;
}


class AsyncLocalStorage {
    #name = "";
    #fallback;

    constructor(init = undefined) {
        const { defaultValue, name } = options(init, "AsyncLocalStorage", 1,
                                               "AsyncLocalStorageOptions");

        this.#fallback = defaultValue;

        if (name !== undefined) {
            this.#name = `${name}`;
        }
    }

    static bind(fn = undefined) {
        callback(fn, "bind", "AsyncLocalStorage", 1, "Function");

        const context = frame();

        return function (...args) {
            return within(context, fn, global, args);
        };
    }

    static snapshot() {
        const context = frame();

        return function (fn, ...args) {
            if (typeof fn !== "function") {
                throw new TypeError("The first argument must be a function");
            }

            return within(context, fn, global, args);
        };
    }

    run(store, fn, ...args) {
        if (!(#name in this)) {
            throw illegal();
        }

        callback(fn, "run", "AsyncLocalStorage", 2, "function");

        return within(frameWith(this, store), fn, global, args);
    }

    exit(fn, ...args) {
        if (!(#name in this)) {
            throw illegal();
        }

        callback(fn, "exit", "AsyncLocalStorage", 1, "function");

        return within(frameWithout(this), fn, global, args);
    }

    getStore() {
        if (!(#name in this)) {
            throw illegal();
        }

        const now = frame();

        if (now !== undefined) {
            for (let i = 0; i < now.length; i += 2) {
                if (now[i] === this) {
                    return now[i + 1];
                }
            }
        }

        return this.#fallback;
    }

    enterWith() {
        throw new Error("asyncLocalStorage.enterWith() is not implemented");
    }

    disable() {
        throw new Error("asyncLocalStorage.disable() is not implemented");
    }

    get name() {
        return this.#name;
    }
}


class AsyncResource {
    #frame = frame();

    constructor(type = undefined, init = undefined) {
        const { triggerAsyncId } = options(init, "AsyncResource", 2,
                                           "Options");

        if (triggerAsyncId !== undefined) {
            throw new Error("The 'triggerAsyncId' field on 'Options' is not "
                            + "implemented.");
        }
    }

    static bind(fn = undefined, type = undefined, self = global) {
        return new AsyncResource(type).bind(fn, self);
    }

    asyncId() {
        return 0;
    }

    triggerAsyncId() {
        return 0;
    }

    bind(fn = undefined, self = global) {
        callback(fn, "bind", "AsyncResource", 1, "Function");

        const context = this.#frame;

        const bound = function (...args) {
            return within(context, fn, self, args);
        };

        Object.defineProperty(bound, "asyncResource", {
            value: this, enumerable: true, configurable: true, writable: true,
        });

        return bound;
    }

    runInAsyncScope(fn = undefined, self = global, ...args) {
        if (!(#frame in this)) {
            throw illegal();
        }

        callback(fn, "runInAsyncScope", "AsyncResource", 1, "function");

        return within(this.#frame, fn, self, args);
    }

    emitDestroy() {
    }
}


for (const cls of [AsyncLocalStorage, AsyncResource]) {
    const proto = cls.prototype;

    for (const name of Object.getOwnPropertyNames(proto)) {
        if (name !== "constructor") {
            Object.defineProperty(proto, name, { enumerable: true });
        }
    }

    Object.defineProperty(proto, Symbol.toStringTag,
                          { value: cls.name, configurable: true });
}


/* Hooks and ids: programs ask for them at load, the platform has none. */

export const asyncWrapProviders = { __proto__: null, NONE: 0 };


export function createHook() {
    return {
        __proto__: { enable() { return this; }, disable() { return this; } }
    };
}


export function executionAsyncId() {
    return 0;
}


export function executionAsyncResource() {
    return { __proto__: null };
}


export function triggerAsyncId() {
    return 0;
}


export { AsyncLocalStorage, AsyncResource };

export default {
    AsyncLocalStorage, AsyncResource, asyncWrapProviders, createHook,
    executionAsyncId, executionAsyncResource, triggerAsyncId,
};
