/*
 * Copyright (C) the nginx-workers authors
 *
 * Events (DOM Standard, section 2), AbortSignal (section 3), and the global
 * object as an event target.
 *
 * C uses, of what is exported here:
 *
 *   createSignal() -> { signal, abort(reason) }
 *   isSignal(v)
 *   onAbort(signal, fn)     fn(reason), once; answers a function that undoes
 *   wait(delay, signal)     scheduler.wait() with a signal
 *   report(e)               an uncaught exception; true: a listener has
 *                           prevented that it is logged
 *   hasListeners(type)      of the global object
 *
 * The native half: setTimeout, clearTimeout, report(e), which logs, scope,
 * which is WorkerGlobalScope.prototype, and call(fn, this, argument), which
 * is what a function's call() costs, without the detours of a bound one.
 */

export default function defineEvents(native) {

const {
    DOMException, Error, Map, Object, Promise, Set, String, Symbol, TypeError,
    WeakMap, WeakRef,
} = globalThis;

const { defineProperty, hasOwn } = Object;
const { isError } = Error;
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const { call } = native;
const noop = () => {};

/* Gives a constructor access to what only built-ins may make. */
const INTERNAL = Symbol("internal");

const NONE = 0, CAPTURING_PHASE = 1, AT_TARGET = 2, BUBBLING_PHASE = 3;


function wrongArgument(method, cls, n, type) {
    return new TypeError(`Failed to execute '${method}' on '${cls}': `
                         + `parameter ${n} is not of type '${type}'.`);
}


function wrongConstructorArgument(cls, n, type) {
    return new TypeError(`Failed to construct '${cls}': `
                         + `constructor parameter ${n} is not of type `
                         + `'${type}'.`);
}


/*
 * The arguments of an event's constructor are looked at by the class that
 * was called; the platform's types have these names.
 */

function checkInit(cls, n, init, type = `${cls}Init`) {
    if (n === 0) {
        throw wrongConstructorArgument(cls, 1, "string");
    }

    if (init !== undefined && init !== null && typeof init !== "object"
        && typeof init !== "function")
    {
        throw wrongConstructorArgument(cls, 2, type);
    }
}


function illegalInvocation() {
    return new TypeError("Illegal invocation: function called with incorrect "
                         + "`this` reference. See "
                         + "https://developers.cloudflare.com/workers/"
                         + "observability/errors/#illegal-invocation-errors "
                         + "for details.");
}


/* Members as WebIDL wants them: enumerable, and a tag. */

function expose(cls, name, ...members) {
    for (const key of members) {
        defineProperty(cls.prototype, key, { enumerable: true });
    }

    defineProperty(cls.prototype, Symbol.toStringTag,
                   { value: name, configurable: true });
}


function constants(cls, values) {
    for (const key in values) {
        const descriptor = { value: values[key], enumerable: true };
        defineProperty(cls, key, descriptor);
        defineProperty(cls.prototype, key, descriptor);
    }
}


let eventOf, isDispatching, setTrusted, invoke;

/* What an event is, in one number: a private field costs a property each. */

const BUBBLES = 1, CANCELABLE = 2, COMPOSED = 4, TRUSTED = 8, CANCELED = 16,
      STOP = 32, STOP_IMMEDIATE = 64, DISPATCHING = 128;

class Event {
    #type;
    #state = 0;
    #target = undefined;        /* before it is dispatched, and not null */

    static {
        eventOf = (v) => typeof v === "object" && v !== null && #type in v;
        isDispatching = (event) => (event.#state & DISPATCHING) !== 0;
        setTrusted = (event) => { event.#state |= TRUSTED; return event; };

        /*
         * The event goes to the listeners of one target (there is no tree),
         * first of all to its handler; face is what scripts know the target
         * by.  What a listener throws ends the dispatch, and is thrown on.
         * As on the platform, the target stays the current one, and true
         * prevents the default.
         */
        invoke = (event, face, handler, listeners) => {
            event.#state |= DISPATCHING;
            event.#target = face;

            try {
                if (typeof handler === "function") {
                    call(handler, face, event);
                }

                for (let i = 0; i < listeners.length; i++) {
                    const listener = listeners[i];

                    if (event.#state & STOP_IMMEDIATE) {
                        break;
                    }

                    if (listener.removed) {
                        continue;
                    }

                    if (listener.once) {
                        detach(listener);
                    }

                    const callback = listener.callback;

                    if ((typeof callback === "function"
                         ? call(callback, face, event)
                         : callback.handleEvent(event)) === true)
                    {
                        event.#state |= CANCELED;
                    }
                }

            } finally {
                event.#state &= ~(DISPATCHING | STOP | STOP_IMMEDIATE);
            }

            return (event.#state & CANCELED) === 0;
        };
    }

    /* an "arguments" would cost as much as the rest */

    constructor(...args) {
        const type = args[0], init = args[1];

        if (init === INTERNAL) {
            this.#type = type;
            this.#state = TRUSTED;
            return;
        }

        checkInit("Event", args.length, init, "Init");

        this.#type = `${type}`;

        if (init !== undefined && init !== null) {
            this.#state = (init.bubbles ? BUBBLES : 0)
                          | (init.cancelable ? CANCELABLE : 0)
                          | (init.composed ? COMPOSED : 0);
        }
    }

    get type() { return this.#type; }
    get target() { return this.#target; }
    get srcElement() { return this.#target; }
    get currentTarget() { return this.#target; }
    get bubbles() { return (this.#state & BUBBLES) !== 0; }
    get cancelable() { return (this.#state & CANCELABLE) !== 0; }
    get composed() { return (this.#state & COMPOSED) !== 0; }
    get defaultPrevented() { return (this.#state & CANCELED) !== 0; }
    get isTrusted() { return (this.#state & TRUSTED) !== 0; }
    get returnValue() { return (this.#state & CANCELED) === 0; }

    get eventPhase() {
        return (this.#state & DISPATCHING) !== 0 ? AT_TARGET : NONE;
    }

    get timeStamp() { return (this.#type, 0); }     /* as on the platform */

    get cancelBubble() { return (this.#state & STOP) !== 0; }
    set cancelBubble(value) {
        if (value) {
            this.#state |= STOP;
        }
    }

    composedPath() {
        return (this.#state & DISPATCHING) !== 0 ? [this.#target] : [];
    }

    /* on this platform, also of an event that is not cancelable */

    preventDefault() {
        this.#state |= CANCELED;
    }

    stopPropagation() {
        this.#state |= STOP;
    }

    stopImmediatePropagation() {
        this.#state |= STOP | STOP_IMMEDIATE;
    }
}

constants(Event, { NONE, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE });
expose(Event, "Event", "type", "target", "srcElement", "currentTarget",
       "eventPhase", "bubbles", "cancelable", "composed", "defaultPrevented",
       "timeStamp", "isTrusted", "returnValue", "cancelBubble",
       "composedPath", "preventDefault", "stopPropagation",
       "stopImmediatePropagation");


const NOBODY = [];

/* Names of event handler attributes; others are properties of a target. */
const attributes = new Set();

/* Told when a target gets its first listener of a type, or loses its last. */
let listenersChanged = noop;

let targetOf, listen, unlisten, detach, dispatch, countListeners, setFace;

class EventTarget {
    /*
     * type -> array of listeners, which is replaced and never changed: it is
     * gone through while listeners come and go
     */
    #listeners = null;
    #face = null;               /* of the global object */

    static {
        targetOf = (v) => typeof v === "object" && v !== null
                          && #listeners in v;

        setFace = (target, face) => { target.#face = face; };

        countListeners = (target, type) =>
            target.#listeners?.get(type)?.length ?? 0;

        listen = (target, type, callback, once) => {
            target.#listeners ??= new Map();
            let list = target.#listeners.get(type) ?? NOBODY;

            for (let i = 0; i < list.length; i++) {
                if (list[i].callback === callback) {
                    return null;
                }
            }

            const listener = { target, type, callback, once,
                               removed: false, undo: null };

            list = list.slice();
            list.push(listener);
            target.#listeners.set(type, list);

            if (list.length === 1) {
                listenersChanged(target, type, true);
            }

            return listener;
        };

        unlisten = (target, type, callback) => {
            const list = target.#listeners?.get(type);

            if (list !== undefined) {
                for (let i = 0; i < list.length; i++) {
                    if (list[i].callback === callback) {
                        detach(list[i]);
                        return;
                    }
                }
            }
        };

        detach = (listener) => {
            const { target, type } = listener;
            let list = target.#listeners.get(type);
            const i = list === undefined ? -1 : list.indexOf(listener);

            if (i === -1) {
                return;
            }

            listener.removed = true;
            list = list.slice();
            list.splice(i, 1);

            if (listener.undo !== null) {
                listener.undo();
                listener.undo = null;
            }

            if (list.length === 0) {
                target.#listeners.delete(type);
                listenersChanged(target, type, false);

            } else {
                target.#listeners.set(type, list);
            }
        };

        dispatch = (target, event, type = event.type, name = `on${type}`) => {
            const face = target.#face ?? target;

            let handler = face[name];

            if (handler !== undefined && !hasOwn(face, name)
                && !attributes.has(name))
            {
                handler = undefined;
            }

            return invoke(event, face, handler,
                          target.#listeners?.get(type) ?? NOBODY);
        };
    }

    addEventListener(type, callback, options = undefined) {
        add(targetFor(this), arguments.length, type, callback, options);
    }

    removeEventListener(type, callback, options = undefined) {
        remove(targetFor(this), arguments.length, type, callback, options);
    }

    dispatchEvent(event) {
        return dispatchTo(targetFor(this), event);
    }
}


/* The global object is no EventTarget of ours, but stands for one. */

function targetFor(value) {
    return value === globalThis ? globalTarget : value;
}


expose(EventTarget, "EventTarget", "addEventListener", "removeEventListener",
       "dispatchEvent");


function checkListener(method, target, n, callback, type) {
    if (!targetOf(target)) {
        throw illegalInvocation();
    }

    if (n < 2) {
        throw wrongArgument(method, "EventTarget", n + 1,
                            n === 0 ? "string" : type);
    }

    if (callback !== null && callback !== undefined
        && typeof callback !== "function" && typeof callback !== "object")
    {
        throw wrongArgument(method, "EventTarget", 2, type);
    }
}


/* There is no tree to capture in, and no scrolling to wait for a listener. */

function checkOptions(method, options) {
    if (typeof options !== "object" || options === null) {
        if (options && typeof options !== "function") {
            throw new TypeError(`${method}(): useCapture must be false.`);
        }

        return;
    }

    for (const name of ["capture", "passive"]) {
        if (options[name]) {
            throw new TypeError(`${method}(): options.${name} must be false.`);
        }
    }
}


function add(target, n, type, callback, options) {
    let once = false, signal;

    checkListener("addEventListener", target, n, callback,
                  "function or HandlerObject");
    type = `${type}`;
    checkOptions("addEventListener", options);

    if (typeof options === "object" && options !== null) {
        once = !!options.once;
        signal = options.signal;

        if (signal !== undefined && !isSignal(signal)) {
            throw new TypeError("Incorrect type for the 'signal' field on "
                                + "'AddEventListenerOptions': the provided "
                                + "value is not of type 'AbortSignal'.");
        }
    }

    if (callback === null || callback === undefined) {
        return;
    }

    if (typeof callback === "object"
        && typeof callback.handleEvent !== "function")
    {
        throw new TypeError("Incorrect type for the 'handleEvent' field on "
                            + "'HandlerObject': the provided value is not of "
                            + "type 'function'.");
    }

    if (signal?.aborted) {
        return;
    }

    const listener = listen(target, type, callback, once);

    if (listener !== null && signal !== undefined) {
        listener.undo = onAbort(signal, () => {
            listener.undo = null;
            detach(listener);
        });
    }
}


function remove(target, n, type, callback, options) {
    checkListener("removeEventListener", target, n, callback, "Object");
    checkOptions("removeEventListener", options);

    unlisten(target, `${type}`, callback);
}


function dispatchTo(target, event) {
    if (!targetOf(target)) {
        throw illegalInvocation();
    }

    if (!eventOf(event)) {
        throw wrongArgument("dispatchEvent", "EventTarget", 1, "Event");
    }

    if (isDispatching(event)) {
        throw new DOMException("The event is already being dispatched.",
                               "InvalidStateError");
    }

    return dispatch(target, event);
}


/*
 * An event handler attribute that needs to know when it is set, such as
 * onabort; what else is called on<type> is a handler as it is.
 */

function handlerAttribute(cls, type, onSet) {
    const handlers = new WeakMap();

    attributes.add(`on${type}`);

    defineProperty(cls.prototype, `on${type}`, {
        enumerable: true,
        configurable: true,

        get() {
            return handlers.get(this) ?? null;
        },

        set(value) {
            if (typeof value === "function"
                || (typeof value === "object" && value !== null))
            {
                handlers.set(this, value);
                onSet(this, true);

            } else if (handlers.delete(this)) {
                onSet(this, false);
            }
        },
    });
}


class CustomEvent extends Event {
    #detail;

    constructor(type, init = undefined) {
        checkInit("CustomEvent", arguments.length, init);
        super(type, init);
        this.#detail = init?.detail;
    }

    get detail() { return this.#detail; }
}

expose(CustomEvent, "CustomEvent", "detail");


class ErrorEvent extends Event {
    #message;
    #filename;
    #lineno;
    #colno;
    #error;

    constructor(type, init = undefined) {
        checkInit("ErrorEvent", arguments.length, init);
        super(type, init);
        this.#message = init?.message === undefined ? "" : `${init.message}`;
        this.#filename = init?.filename === undefined ? ""
                                                      : `${init.filename}`;
        this.#lineno = (init?.lineno ?? 0) | 0;
        this.#colno = (init?.colno ?? 0) | 0;
        this.#error = init?.error;
    }

    get message() { return this.#message; }
    get filename() { return this.#filename; }
    get lineno() { return this.#lineno; }
    get colno() { return this.#colno; }
    get error() { return this.#error; }
}

expose(ErrorEvent, "ErrorEvent", "message", "filename", "lineno", "colno",
       "error");


/* AbortSignal */

let isSignal, signalAbort, onAbort, anySignal;

class AbortSignal extends EventTarget {
    #aborted = false;
    #reason = undefined;
    #algorithms = null;         /* functions to call before the event */

    /*
     * What any() made of this signal.  A dependent signal that nobody listens
     * to is held weakly: a signal that lives as long as the isolate does not
     * gather one for each request.
     */
    #dependents = null;         /* WeakRefs */
    #held = null;               /* those with listeners */
    #limit = 16;                /* of #dependents, before dead ones go */
    #sources = null;            /* of a dependent signal */

    static {
        isSignal = (v) => typeof v === "object" && v !== null
                          && #aborted in v;

        const mark = (signal, reason) => {
            signal.#aborted = true;
            signal.#reason = reason;
        };

        const run = (signal) => {
            const algorithms = signal.#algorithms;
            signal.#algorithms = null;

            if (algorithms !== null) {
                for (const algorithm of algorithms) {
                    try {
                        algorithm(signal.#reason);

                    } catch (e) {
                        native.report(e);
                    }
                }
            }

            release(signal);

            if (isListened(signal)) {
                dispatch(signal, setTrusted(new Event("abort")));
            }
        };

        signalAbort = (signal, reason) => {
            if (signal.#aborted) {
                return;
            }

            if (reason === undefined) {
                reason = new DOMException("The operation was aborted",
                                          "AbortError");
            }

            mark(signal, reason);

            if (signal.#dependents !== null) {
                const dependents = [];

                for (const ref of signal.#dependents) {
                    const dependent = ref.deref();

                    if (dependent !== undefined && !dependent.#aborted) {
                        mark(dependent, reason);
                        dependents.push(dependent);
                    }
                }

                signal.#dependents = dependents;
            }

            run(signal);
        };

        const isListened = (signal) =>
            signal.onabort !== null || countListeners(signal, "abort") !== 0;

        const hold = (signal) => {
            if (signal.#sources !== null) {
                for (const source of signal.#sources) {
                    (source.#held ??= new Set()).add(signal);
                }
            }
        };

        const release = (signal) => {
            if (signal.#sources !== null) {
                for (const source of signal.#sources) {
                    source.#held?.delete(signal);
                }
            }
        };

        listenersChanged = (target, type, listened) => {
            if (type !== "abort" || !isSignal(target)
                || target.#sources === null)
            {
                return;
            }

            if (listened) {
                hold(target);

            } else if (target.#algorithms === null && !isListened(target)) {
                release(target);
            }
        };

        onAbort = (signal, algorithm) => {
            if (signal.#aborted) {
                algorithm(signal.#reason);
                return noop;
            }

            (signal.#algorithms ??= new Set()).add(algorithm);
            hold(signal);

            return () => {
                signal.#algorithms?.delete(algorithm);

                if (signal.#algorithms?.size === 0) {
                    signal.#algorithms = null;

                    if (!isListened(signal)) {
                        release(signal);
                    }
                }
            };
        };

        /*
         * The dependents are told at the place in the order of listeners
         * where the first of them came.
         */
        const depend = (signal, source) => {
            if (source.#dependents === null) {
                source.#dependents = [];

                listen(source, "abort", () => {
                    const dependents = source.#dependents;
                    source.#dependents = null;
                    dependents.forEach(run);
                }, true);
            }

            source.#dependents.push(new WeakRef(signal));
            signal.#sources.add(source);

            if (source.#dependents.length > source.#limit) {
                source.#dependents = source.#dependents.filter(
                    (ref) => ref.deref() !== undefined);
                source.#limit = 2 * source.#dependents.length + 16;
            }
        };

        anySignal = (signals) => {
            const signal = new AbortSignal(INTERNAL);

            for (const source of signals) {
                if (source.#aborted) {
                    mark(signal, source.#reason);
                    return signal;
                }
            }

            signal.#sources = new Set();

            for (const source of signals) {
                if (source.#sources === null) {
                    depend(signal, source);
                    continue;
                }

                for (const root of source.#sources) {
                    depend(signal, root);
                }
            }

            return signal;
        };
    }

    constructor() {
        if (arguments[0] !== INTERNAL) {
            throw new TypeError("Illegal constructor");
        }

        super();
    }

    static abort(reason = undefined) {
        const signal = new AbortSignal(INTERNAL);
        signalAbort(signal, reason);
        return signal;
    }

    static timeout(delay) {
        if (arguments.length === 0) {
            throw wrongArgument("timeout", "AbortSignal", 1, "number");
        }

        const ms = +delay;
        const signal = new AbortSignal(INTERNAL);

        native.setTimeout(() => {
            signalAbort(signal,
                        new DOMException(
                            "The operation was aborted due to timeout",
                            "TimeoutError"));
        }, ms);

        return signal;
    }

    static any(signals) {
        if (typeof signals !== "object" || signals === null
            || !(Symbol.iterator in signals))
        {
            throw wrongArgument("any", "AbortSignal", 1, "Array");
        }

        const list = [...signals];

        for (let i = 0; i < list.length; i++) {
            if (!isSignal(list[i])) {
                throw new TypeError(`Incorrect type for array element ${i}: `
                                    + "the provided value is not of type "
                                    + "'AbortSignal'.");
            }
        }

        return anySignal(list);
    }

    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }

    throwIfAborted() {
        if (this.#aborted) {
            throw this.#reason;
        }
    }
}

handlerAttribute(AbortSignal, "abort", (signal, set) => {
    listenersChanged(signal, "abort", set);
});
expose(AbortSignal, "AbortSignal", "aborted", "reason", "throwIfAborted");


class AbortController {
    #signal = new AbortSignal(INTERNAL);

    get signal() { return this.#signal; }

    abort(reason = undefined) {
        signalAbort(this.#signal, reason);
    }
}

expose(AbortController, "AbortController", "signal", "abort");


/* The global object */

const globalTarget = new EventTarget();
setFace(globalTarget, globalThis);
Object.setPrototypeOf(native.scope, EventTarget.prototype);


function addEventListener(type, callback, options = undefined) {
    add(globalTarget, arguments.length, type, callback, options);
}


function removeEventListener(type, callback, options = undefined) {
    remove(globalTarget, arguments.length, type, callback, options);
}


function dispatchEvent(event) {
    return dispatchTo(globalTarget, event);
}


let reporting = false;

function report(e) {
    if (reporting || !hasListeners("error")) {
        native.report(e);
        return false;
    }

    let message;

    try {
        message = typeof e !== "object" || e === null || isError(e)
                  ? String(e) : `#<${e.constructor?.name ?? "Object"}>`;

    } catch {
        message = "";
    }

    const event = new ErrorEvent("error", { message: `Uncaught ${message}`,
                                            error: e });
    reporting = true;

    try {
        if (!dispatch(globalTarget, setTrusted(event))) {
            return true;
        }

    } catch (thrown) {
        native.report(thrown);

    } finally {
        reporting = false;
    }

    native.report(e);

    return false;
}


function hasListeners(type) {
    return countListeners(globalTarget, type) !== 0
           || type === "error" && typeof globalThis.onerror === "function";
}


/* A reason that is no object reaches the waiting as an Error. */

function waitReason(reason) {
    return typeof reason === "object" && reason !== null
           || typeof reason === "function" ? reason : new Error(String(reason));
}


function wait(delay, signal) {
    if (!isSignal(signal)) {
        throw new TypeError("Incorrect type for the 'signal' field on "
                            + "'WaitOptions': the provided value is not of "
                            + "type 'AbortSignal'.");
    }

    return new Promise((resolve, reject) => {
        if (signal.aborted) {
            reject(waitReason(signal.reason));
            return;
        }

        const id = native.setTimeout(() => {
            undo();
            resolve();
        }, delay);

        const undo = onAbort(signal, (reason) => {
            native.clearTimeout(id);
            reject(waitReason(reason));
        });
    });
}


return {
    Event, EventTarget, CustomEvent, ErrorEvent, AbortController, AbortSignal,
    addEventListener, removeEventListener, dispatchEvent,

    createSignal() {
        const signal = new AbortSignal(INTERNAL);

        return {
            signal,
            abort(reason) { signalAbort(signal, reason); },
        };
    },

    isSignal, onAbort, wait, report, hasListeners,

    /* for other built-ins */
    INTERNAL, checkInit, dispatch, expose, globalTarget, handlerAttribute,
    setTrusted,
};

}
