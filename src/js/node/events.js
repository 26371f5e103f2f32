/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:events".  An emitter keeps its listeners where Node.js does, for
 * packages that look there: _events has a function for one listener, or an
 * array.
 */

import native from "native:process";
import {
    abortError, invalidArgType, outOfRange, plainError, validateAbortSignal,
    validateBoolean, validateFunction,
} from "workers:node/internal/errors";
import { nextTick } from "workers:node/internal/tick";

const {
    Array, Error, Function, Number, Object, Promise, Reflect, Symbol,
    queueMicrotask,
} = globalThis;

const { isArray } = Array;
const { isNaN } = Number;
const { create, defineProperties, defineProperty } = Object;
const { apply, ownKeys } = Reflect;

const bind = Function.prototype.call.bind(Function.prototype.bind);

const kCapture = Symbol("kCapture");
const kMaxTarget = Symbol("events.maxEventTargetListeners");
const kMaxTargetWarned = Symbol("events.maxEventTargetListenersWarned");

const errorMonitor = Symbol("events.errorMonitor");
const captureRejectionSymbol = Symbol.for("nodejs.rejection");

let defaultMaxListeners = 10;


function EventEmitter(options) {
    apply(EventEmitter.init, this, [options]);
}

const prototype = EventEmitter.prototype;

prototype._events = undefined;
prototype._eventsCount = 0;
prototype._maxListeners = undefined;

defineProperty(prototype, kCapture, { value: false, writable: true });


EventEmitter.init = function (options) {
    const events = this._events;

    if (events === undefined || events === Object.getPrototypeOf(this)._events)
    {
        this._events = create(null);
        this._eventsCount = 0;
    }

    this._maxListeners = this._maxListeners || undefined;
    this.domain = null;

    if (options?.captureRejections) {
        validateBoolean(options.captureRejections,
                        "options.captureRejections");
        this[kCapture] = true;

    } else {
        this[kCapture] = prototype[kCapture];
    }
};


function checkListener(listener) {
    validateFunction(listener, "listener");
}


function checkMax(n, name) {
    if (typeof n !== "number" || n < 0 || isNaN(n)) {
        throw outOfRange(name, "a non-negative number", n);
    }
}


function maxOf(emitter) {
    return emitter._maxListeners === undefined ? defaultMaxListeners
                                               : emitter._maxListeners;
}


prototype.setMaxListeners = function setMaxListeners(n) {
    checkMax(n, "n");
    this._maxListeners = n;

    return this;
};


prototype.getMaxListeners = function getMaxListeners() {
    return maxOf(this);
};


/* What emit("error") throws when nobody listens. */

function unhandled(value) {
    if (value instanceof Error) {
        return value;
    }

    const util = native.require("node:util");
    const text = util ? util.inspect(value) : String(value);

    const error = plainError("ERR_UNHANDLED_ERROR",
                             `Unhandled error. (${text})`);
    error.context = value;

    return error;
}


/* A listener's promise, when rejections are captured. */

function captureRejection(emitter, promise, type, args) {
    if (promise === undefined || promise === null) {
        return;
    }

    try {
        const { then } = promise;

        if (typeof then === "function") {
            apply(then, promise, [undefined, (reason) => {
                nextTick(emitRejection, emitter, reason, type, args);
            }]);
        }

    } catch (e) {
        emitter.emit("error", e);
    }
}


function emitRejection(emitter, reason, type, args) {
    if (typeof emitter[captureRejectionSymbol] === "function") {
        emitter[captureRejectionSymbol](reason, type, ...args);
        return;
    }

    const capture = emitter[kCapture];

    /* what fails again while it is told is an uncaught exception */

    try {
        emitter[kCapture] = false;
        emitter.emit("error", reason);

    } finally {
        emitter[kCapture] = capture;
    }
}


prototype.emit = function emit(type, ...args) {
    const events = this._events;

    if (type === "error") {

        if (events !== undefined && events[errorMonitor] !== undefined) {
            this.emit(errorMonitor, ...args);
        }

        if (events === undefined || events.error === undefined) {
            throw unhandled(args[0]);
        }

    } else if (events === undefined) {
        return false;
    }

    const handler = events[type];

    if (handler === undefined) {
        return false;
    }

    if (typeof handler === "function") {
        const result = apply(handler, this, args);

        if (result !== undefined && this[kCapture]) {
            captureRejection(this, result, type, args);
        }

        return true;
    }

    /* those that are there now, whoever is added or removed meanwhile */

    const listeners = handler.slice();

    for (let i = 0; i < listeners.length; i++) {
        const result = apply(listeners[i], this, args);

        if (result !== undefined && this[kCapture]) {
            captureRejection(this, result, type, args);
        }
    }

    return true;
};


function warn(emitter, type, list, max) {
    list.warned = true;

    globalThis.console?.warn("MaxListenersExceededWarning: Possible "
        + `EventEmitter memory leak detected. ${list.length} ${String(type)} `
        + `listeners added to ${emitter.constructor?.name}. MaxListeners is `
        + `${max}. Use emitter.setMaxListeners() to increase limit`);
}


function add(emitter, type, listener, first) {
    checkListener(listener);

    let events = emitter._events;

    if (events === undefined) {
        events = emitter._events = create(null);
        emitter._eventsCount = 0;

    } else if (events.newListener !== undefined) {
        emitter.emit("newListener", type, listener.listener ?? listener);

        events = emitter._events;          /* a listener may have changed it */
    }

    const existing = events[type];

    if (existing === undefined) {
        events[type] = listener;
        ++emitter._eventsCount;

        return emitter;
    }

    let list = existing;

    if (typeof existing === "function") {
        list = events[type] = first ? [listener, existing]
                                    : [existing, listener];
    } else if (first) {
        list.unshift(listener);

    } else {
        list.push(listener);
    }

    const max = maxOf(emitter);

    if (max > 0 && list.length > max && !list.warned) {
        warn(emitter, type, list, max);
    }

    return emitter;
}


prototype.addListener = function addListener(type, listener) {
    return add(this, type, listener, false);
};

prototype.on = prototype.addListener;


prototype.prependListener = function prependListener(type, listener) {
    return add(this, type, listener, true);
};


function onceWrapper(...args) {
    if (!this.fired) {
        this.target.removeListener(this.type, this.wrapFn);
        this.fired = true;

        return apply(this.listener, this.target, args);
    }
}


function wrapOnce(target, type, listener) {
    checkListener(listener);

    const state = { fired: false, wrapFn: undefined, target, type, listener };
    const wrapped = bind(onceWrapper, state);

    wrapped.listener = listener;
    state.wrapFn = wrapped;

    return wrapped;
}


prototype.once = function once(type, listener) {
    return this.on(type, wrapOnce(this, type, listener));
};


prototype.prependOnceListener = function prependOnceListener(type, listener) {
    return this.prependListener(type, wrapOnce(this, type, listener));
};


prototype.removeListener = function removeListener(type, listener) {
    checkListener(listener);

    const events = this._events;
    const list = events?.[type];

    if (list === undefined) {
        return this;
    }

    if (list === listener || list.listener === listener) {
        this._eventsCount -= 1;

        if (this._eventsCount === 0) {
            this._events = create(null);

        } else {
            delete events[type];
        }

        if (events.removeListener) {
            this.emit("removeListener", type, list.listener ?? listener);
        }

        return this;
    }

    if (typeof list === "function") {
        return this;
    }

    let i = list.length - 1;

    while (i >= 0 && list[i] !== listener && list[i].listener !== listener) {
        i--;
    }

    if (i < 0) {
        return this;
    }

    if (i === 0) {
        list.shift();

    } else {
        list.splice(i, 1);
    }

    if (list.length === 1) {
        events[type] = list[0];
    }

    if (events.removeListener !== undefined) {
        this.emit("removeListener", type, listener);
    }

    return this;
};

prototype.off = prototype.removeListener;


prototype.removeAllListeners = function removeAllListeners(type) {
    const events = this._events;

    if (events === undefined) {
        return this;
    }

    /* nobody is told: at once */

    if (events.removeListener === undefined) {

        if (arguments.length === 0) {
            this._events = create(null);
            this._eventsCount = 0;

        } else if (events[type] !== undefined) {
            if (--this._eventsCount === 0) {
                this._events = create(null);

            } else {
                delete events[type];
            }
        }

        return this;
    }

    if (arguments.length === 0) {
        for (const key of ownKeys(events)) {
            if (key !== "removeListener") {
                this.removeAllListeners(key);
            }
        }

        this.removeAllListeners("removeListener");
        this._events = create(null);
        this._eventsCount = 0;

        return this;
    }

    const listeners = events[type];

    if (typeof listeners === "function") {
        this.removeListener(type, listeners);

    } else if (listeners !== undefined) {
        for (let i = listeners.length - 1; i >= 0; i--) {
            this.removeListener(type, listeners[i]);
        }
    }

    return this;
};


function listenersOf(emitter, type, unwrap) {
    const list = emitter._events?.[type];

    if (list === undefined) {
        return [];
    }

    const copy = typeof list === "function" ? [list] : list.slice();

    return unwrap ? copy.map((f) => f.listener ?? f) : copy;
}


prototype.listeners = function listeners(type) {
    return listenersOf(this, type, true);
};


prototype.rawListeners = function rawListeners(type) {
    return listenersOf(this, type, false);
};


function countOf(emitter, type, listener) {
    const list = emitter._events?.[type];

    if (list === undefined) {
        return 0;
    }

    if (listener === undefined || listener === null) {
        return typeof list === "function" ? 1 : list.length;
    }

    return listenersOf(emitter, type, false)
           .filter((f) => f === listener || f.listener === listener).length;
}


prototype.listenerCount = function listenerCount(type) {
    return countOf(this, type, arguments[1]);
};


prototype.eventNames = function eventNames() {
    return this._eventsCount > 0 ? ownKeys(this._events) : [];
};


/* Functions for emitters and for event targets. */

function isTarget(value) {
    return typeof value?.addEventListener === "function"
           && typeof value?.dispatchEvent === "function";
}


function addTo(emitter, name, listener, once) {
    if (typeof emitter.on === "function") {
        if (once) {
            emitter.once(name, listener);

        } else {
            emitter.on(name, listener);
        }

    } else if (typeof emitter.addEventListener === "function") {
        emitter.addEventListener(name, listener, { once });

    } else {
        throw invalidArgType("emitter", "EventEmitter", emitter);
    }
}


function removeFrom(emitter, name, listener) {
    if (typeof emitter.removeListener === "function") {
        emitter.removeListener(name, listener);

    } else if (typeof emitter.removeEventListener === "function") {
        emitter.removeEventListener(name, listener);

    } else {
        throw invalidArgType("emitter", "EventEmitter", emitter);
    }
}


/* The signal of the options; throws if it is aborted. */

function signalOf(options) {
    if (options === null || typeof options !== "object") {
        throw invalidArgType("options", "object", options);
    }

    const { signal } = options;

    validateAbortSignal(signal, "options.signal");

    if (signal?.aborted) {
        throw abortError(signal.reason);
    }

    return signal;
}


async function once(emitter, name, options = {}) {
    const signal = signalOf(options);

    return new Promise((resolve, reject) => {

        function forget() {
            removeFrom(emitter, name, settle);

            if (failed !== undefined) {
                removeFrom(emitter, "error", failed);
            }

            signal?.removeEventListener("abort", aborted);
        }

        function settle(...args) {
            forget();
            resolve(args);
        }

        function aborted() {
            forget();
            reject(abortError(signal.reason));
        }

        let failed;

        addTo(emitter, name, settle, true);

        if (name !== "error" && typeof emitter.once === "function") {
            failed = (error) => {
                forget();
                reject(error);
            };

            emitter.once("error", failed);
        }

        signal?.addEventListener("abort", aborted, { once: true });
    });
}


const AsyncIteratorPrototype = Object.getPrototypeOf(
    Object.getPrototypeOf(async function* () {}).prototype);


/* An iterator of the events' arguments. */

function on(emitter, event, options = {}) {
    const signal = signalOf(options);
    const high = watermark(options, "highWaterMark", Number.MAX_SAFE_INTEGER);
    const low = watermark(options, "lowWaterMark", 1);

    const values = [], waiting = [], undo = [];
    let error = null, finished = false, paused = false;

    function listen(name, listener) {
        addTo(emitter, name, listener, false);
        undo.push(() => removeFrom(emitter, name, listener));
    }

    function close() {
        for (const forget of undo.splice(0)) {
            forget();
        }

        finished = true;

        for (const promise of waiting.splice(0)) {
            promise.resolve({ value: undefined, done: true });
        }

        return Promise.resolve({ value: undefined, done: true });
    }

    function fail(reason) {
        const promise = waiting.shift();

        if (promise === undefined) {
            error = reason;

        } else {
            promise.reject(reason);
        }

        close();
    }

    listen(event, (...args) => {
        const promise = waiting.shift();

        if (promise !== undefined) {
            promise.resolve({ value: args, done: false });
            return;
        }

        values.push(args);

        if (!paused && values.length > high && emitter.pause) {
            paused = true;
            emitter.pause();
        }
    });

    if (event !== "error" && typeof emitter.on === "function") {
        listen("error", fail);
    }

    for (const name of options.close ?? []) {
        listen(name, close);
    }

    if (signal) {
        const aborted = () => fail(abortError(signal.reason));

        signal.addEventListener("abort", aborted, { once: true });
        undo.push(() => signal.removeEventListener("abort", aborted));
    }

    return Object.setPrototypeOf({

        next() {
            if (values.length) {
                const value = values.shift();

                if (paused && values.length < low) {
                    paused = false;
                    emitter.resume();
                }

                return Promise.resolve({ value, done: false });
            }

            if (error) {
                const reason = error;

                error = null;
                return Promise.reject(reason);
            }

            if (finished) {
                return close();
            }

            return new Promise((resolve, reject) => {
                waiting.push({ resolve, reject });
            });
        },

        return() {
            return close();
        },

        throw(reason) {
            if (!(reason instanceof Error)) {
                throw invalidArgType("EventEmitter.AsyncIterator", "Error",
                                     reason);
            }

            fail(reason);
        },

        [Symbol.asyncIterator]() {
            return this;
        },

    }, AsyncIteratorPrototype);
}


function watermark(options, name, dflt) {
    const value = options[name] ?? dflt;

    if (typeof value !== "number") {
        throw invalidArgType(`options.${name}`, "number", value);
    }

    if (!Number.isInteger(value) || value < 1) {
        throw outOfRange(`options.${name}`,
                         Number.isInteger(value) ? ">= 1" : "an integer",
                         value);
    }

    return value;
}


function getEventListeners(emitterOrTarget, type) {
    if (typeof emitterOrTarget?.listeners === "function") {
        return emitterOrTarget.listeners(type);
    }

    if (isTarget(emitterOrTarget)) {
        return [];                         /* a target does not tell */
    }

    throw invalidArgType("emitter", ["EventEmitter", "EventTarget"],
                         emitterOrTarget);
}


function getMaxListeners(emitterOrTarget) {
    if (typeof emitterOrTarget?.getMaxListeners === "function") {
        return maxOf(emitterOrTarget);
    }

    if (isTarget(emitterOrTarget)) {
        return emitterOrTarget[kMaxTarget] ?? defaultMaxListeners;
    }

    throw invalidArgType("emitter", ["EventEmitter", "EventTarget"],
                         emitterOrTarget);
}


function setMaxListeners(n = defaultMaxListeners, ...targets) {
    checkMax(n, "n");

    if (targets.length === 0) {
        defaultMaxListeners = n;
        return;
    }

    for (const target of targets) {

        if (typeof target?.setMaxListeners === "function") {
            target.setMaxListeners(n);

        } else if (isTarget(target)) {
            defineProperty(target, kMaxTarget, {
                value: n, configurable: true, writable: true,
            });

        } else {
            throw invalidArgType("eventTargets",
                                 ["EventEmitter", "EventTarget"], target);
        }
    }
}


function listenerCount(emitter, type) {
    return typeof emitter.listenerCount === "function"
           ? emitter.listenerCount(type) : countOf(emitter, type);
}


function addAbortListener(signal, listener) {
    if (signal === undefined) {
        throw invalidArgType("signal", "AbortSignal", signal);
    }

    validateAbortSignal(signal, "signal");
    validateFunction(listener, "listener");

    let remove = () => {};

    if (signal.aborted) {
        queueMicrotask(() => listener());

    } else {
        signal.addEventListener("abort", listener, { once: true });
        remove = () => signal.removeEventListener("abort", listener);
    }

    return { [Symbol.dispose]: () => remove() };
}


/*
 * node:async_hooks makes promises carry a frame, so it is loaded by who makes
 * such an emitter.
 */

class EventEmitterAsyncResource extends EventEmitter {
    #resource;

    constructor(options) {
        super(options);

        const { AsyncResource } = native.require("node:async_hooks");
        const emitter = this;

        class EventEmitterReferencingAsyncResource extends AsyncResource {
            get eventEmitter() {
                return emitter;
            }
        }

        const name = typeof options === "string" ? options : options?.name;

        this.#resource = new EventEmitterReferencingAsyncResource(
            name ?? new.target.name);
    }

    get asyncResource() {
        return this.#resource;
    }

    emit(name, ...args) {
        return this.#resource.runInAsyncScope(super.emit, this, name, ...args);
    }
}


defineProperties(EventEmitter, {
    kMaxEventTargetListeners: { value: kMaxTarget },
    kMaxEventTargetListenersWarned: { value: kMaxTargetWarned },

    captureRejections: {
        enumerable: true,
        get() { return prototype[kCapture]; },
        set(value) {
            validateBoolean(value, "EventEmitter.captureRejections");
            prototype[kCapture] = value;
        },
    },

    defaultMaxListeners: {
        enumerable: true,
        get() { return defaultMaxListeners; },
        set(value) {
            checkMax(value, "defaultMaxListeners");
            defaultMaxListeners = value;
        },
    },
});


const captureRejections = false, usingDomains = false;

Object.assign(EventEmitter, {
    on, once, getEventListeners, getMaxListeners, setMaxListeners,
    listenerCount, EventEmitter, usingDomains, captureRejectionSymbol,
    errorMonitor, EventEmitterAsyncResource, addAbortListener,
});

const initialMaxListeners = defaultMaxListeners;

export {
    EventEmitter, EventEmitterAsyncResource, addAbortListener,
    captureRejectionSymbol, captureRejections, errorMonitor,
    getEventListeners, getMaxListeners, listenerCount, on, once,
    setMaxListeners, usingDomains,
    initialMaxListeners as defaultMaxListeners,
};

export default EventEmitter;
