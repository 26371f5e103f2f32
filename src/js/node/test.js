/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:test": its mocks, as on the platform, and no test runner.
 */

import { invalidArgValue, validateFunction }
    from "workers:node/internal/errors";

const { Infinity, Map, Object, Proxy, Reflect } = globalThis;


export class MockFunctionContext {
    #calls = [];
    #implementation;
    #once = new Map();
    #restore;
    #times;
    #original;

    constructor(original, implementation, restore, times) {
        this.#original = original;
        this.#implementation = implementation;
        this.#restore = restore;
        this.#times = times;
    }

    get calls() { return this.#calls.slice(); }
    callCount() { return this.#calls.length; }
    resetCalls() { this.#calls = []; }

    mockImplementation(implementation) {
        validateFunction(implementation, "implementation");
        this.#implementation = implementation;
    }

    mockImplementationOnce(implementation, call = this.#calls.length) {
        validateFunction(implementation, "implementation");
        this.#once.set(call, implementation);
    }

    restore() {
        this.#restore?.();
        this.#restore = undefined;
        this.#implementation = this.#original;
        this.#once.clear();
    }

    /* One call, or construction, recorded. */

    static invoke(context, self, args, target) {
        const n = context.#calls.length;
        const f = context.#once.get(n)
                  ?? (n < context.#times ? context.#implementation
                                         : context.#original);
        const call = { arguments: args, error: undefined, result: undefined,
                       target, this: self };

        context.#once.delete(n);
        context.#calls.push(call);

        try {
            call.result = target ? Reflect.construct(f, args, target)
                                 : Reflect.apply(f, self, args);

            return call.result;

        } catch (error) {
            call.error = error;
            throw error;
        }
    }
}


const { invoke } = MockFunctionContext;

delete MockFunctionContext.invoke;


function mocked(original, implementation, restore, times = Infinity) {
    const context = new MockFunctionContext(original, implementation, restore,
                                            times);
    const proxy = new Proxy(original, {
        apply: (f, self, args) => invoke(context, self, args),
        construct: (f, args, target) =>
            invoke(context, undefined, args, target === proxy ? f : target),
        get: (f, name, self) => name === "mock" ? context
                                : Reflect.get(f, name, self),
    });

    return proxy;
}


/* The object in whose prototype chain a member is, and what it is. */

function find(object, name) {
    for (let at = object; at !== null; at = Object.getPrototypeOf(at)) {
        const found = Object.getOwnPropertyDescriptor(at, name);

        if (found) {
            return found;
        }
    }
}


export class MockTracker {
    #mocks = [];

    fn(original = function () {}, implementation = original, options = {}) {
        if (typeof implementation === "object") {
            [implementation, options] = [original, implementation];
        }

        validateFunction(original, "original");

        const mock = mocked(original, implementation, undefined,
                            options.times);

        this.#mocks.push(mock.mock);

        return mock;
    }

    method(object, name, implementation, options = {}) {
        if (typeof implementation === "object") {
            [implementation, options] = [undefined, implementation];
        }

        const part = options.getter ? "get" : options.setter ? "set" : "value";
        const descriptor = find(object, name);
        const original = descriptor?.[part];

        if (typeof original !== "function") {
            throw invalidArgValue("methodName", original,
                                  "must be a method");
        }

        const own = Object.hasOwn(object, name);
        const mock = mocked(original, implementation ?? original, () => {
            if (own) {
                Object.defineProperty(object, name, descriptor);

            } else {
                delete object[name];
            }
        }, options.times);

        Object.defineProperty(object, name, { ...descriptor, [part]: mock,
                                              configurable: true });
        this.#mocks.push(mock.mock);

        return mock;
    }

    getter(object, name, implementation, options) {
        return this.method(object, name, implementation,
                           { ...options, getter: true });
    }

    setter(object, name, implementation, options) {
        return this.method(object, name, implementation,
                           { ...options, setter: true });
    }

    reset() {
        this.restoreAll();
        this.#mocks = [];
    }

    restoreAll() {
        for (const mock of this.#mocks) {
            mock.restore();
        }
    }
}


export const mock = new MockTracker();

export default { mock, MockFunctionContext, MockTracker };
