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
 *   follow(signal)          a signal that is aborted with the other one
 *   onAbort(signal, fn)     fn(reason), once; answers a function that undoes
 *   wait(delay, signal)     scheduler.wait() with a signal
 *   report(e)               an uncaught exception; true: a listener has
 *                           prevented that it is logged
 *   hasListeners(type)      of the global object
 *
 * The native half: setTimeout, clearTimeout, report(e), which logs, and
 * now(), the time in milliseconds.
 */

export default function defineEvents(native) {

const {
    DOMException, Map, Number, Object, Promise, Set, String, Symbol, TypeError,
    WeakMap, WeakRef,
} = globalThis;

const { defineProperty } = Object;
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const call = uncurry(Function.prototype.call);
const noop = () => {};

/* Gives a constructor access to what only this file may make. */
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


function dictionary(value, cls, n) {
    if (value === undefined || value === null) {
        return {};
    }

    if (typeof value !== "object" && typeof value !== "function") {
        throw wrongConstructorArgument(cls, n, `${cls}Init`);
    }

    return value;
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

class Event {
    #type;
    #bubbles;
    #cancelable;
    #composed;
    #trusted = false;
    #canceled = false;
    #passive = false;
    #stop = false;
    #stopImmediate = false;
    #dispatching = false;
    #target = null;
    #currentTarget = null;
    #phase = NONE;
    #time = native.now();

    static {
        eventOf = (v) => typeof v === "object" && v !== null && #type in v;
        isDispatching = (event) => event.#dispatching;
        setTrusted = (event) => { event.#trusted = true; return event; };

        /*
         * The event goes to the listeners of one target (there is no tree);
         * face is what scripts know the target by.
         */
        invoke = (event, face, listeners, onError) => {
            event.#dispatching = true;
            event.#target = face;
            event.#currentTarget = face;
            event.#phase = AT_TARGET;

            for (const listener of listeners) {
                if (listener.removed) {
                    continue;
                }

                if (listener.once) {
                    listener.remove();
                }

                const callback = listener.callback;
                event.#passive = listener.passive;

                try {
                    if (typeof callback === "function") {
                        call(callback, face, event);

                    } else {
                        callback.handleEvent(event);
                    }

                } catch (e) {
                    onError(e);
                }

                event.#passive = false;

                if (event.#stopImmediate) {
                    break;
                }
            }

            event.#dispatching = false;
            event.#currentTarget = null;
            event.#phase = NONE;
            event.#stop = false;
            event.#stopImmediate = false;

            return !event.#canceled;
        };
    }

    constructor(type, init = undefined) {
        if (arguments.length === 0) {
            throw wrongConstructorArgument("Event", 1, "string");
        }

        this.#type = `${type}`;

        if (init !== undefined) {
            init = dictionary(init, "Event", 2);
            this.#bubbles = !!init.bubbles;
            this.#cancelable = !!init.cancelable;
            this.#composed = !!init.composed;

        } else {
            this.#bubbles = false;
            this.#cancelable = false;
            this.#composed = false;
        }
    }

    get type() { return this.#type; }
    get target() { return this.#target; }
    get srcElement() { return this.#target; }
    get currentTarget() { return this.#currentTarget; }
    get eventPhase() { return this.#phase; }
    get bubbles() { return this.#bubbles; }
    get cancelable() { return this.#cancelable; }
    get composed() { return this.#composed; }
    get defaultPrevented() { return this.#canceled; }
    get timeStamp() { return this.#time; }
    get isTrusted() { return this.#trusted; }

    get returnValue() { return !this.#canceled; }
    set returnValue(value) {
        if (!value) {
            this.preventDefault();
        }
    }

    get cancelBubble() { return this.#stop; }
    set cancelBubble(value) {
        if (value) {
            this.#stop = true;
        }
    }

    composedPath() {
        return this.#currentTarget === null ? [] : [this.#currentTarget];
    }

    /* on this platform, also of an event that is not cancelable */

    preventDefault() {
        if (!this.#passive) {
            this.#canceled = true;
        }
    }

    stopPropagation() {
        this.#stop = true;
    }

    stopImmediatePropagation() {
        this.#stop = true;
        this.#stopImmediate = true;
    }
}

constants(Event, { NONE, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE });
expose(Event, "Event", "type", "target", "srcElement", "currentTarget",
       "eventPhase", "bubbles", "cancelable", "composed", "defaultPrevented",
       "timeStamp", "isTrusted", "returnValue", "cancelBubble",
       "composedPath", "preventDefault", "stopPropagation",
       "stopImmediatePropagation");


/* Told when a target gets its first listener of a type, or loses its last. */
let listenersChanged = noop;

let targetOf, listen, unlisten, dispatch, countListeners, setFace;

class EventTarget {
    #listeners = null;          /* type -> array of listeners */
    #face = null;               /* of the global object */

    static {
        targetOf = (v) => typeof v === "object" && v !== null
                          && #listeners in v;

        setFace = (target, face) => { target.#face = face; };

        countListeners = (target, type) =>
            target.#listeners?.get(type)?.length ?? 0;

        listen = (target, type, callback, capture, once, passive) => {
            target.#listeners ??= new Map();
            let list = target.#listeners.get(type);

            if (list === undefined) {
                list = [];
                target.#listeners.set(type, list);
            }

            for (const listener of list) {
                if (listener.callback === callback
                    && listener.capture === capture)
                {
                    return null;
                }
            }

            const listener = {
                callback, capture, once, passive,
                removed: false,
                undo: null,
                remove() { detach(target, type, listener); },
            };

            /* at the target, capturing listeners come first */

            if (capture) {
                let i = 0;

                while (i < list.length && list[i].capture) {
                    i++;
                }

                list.splice(i, 0, listener);

            } else {
                list.push(listener);
            }

            if (list.length === 1) {
                listenersChanged(target, type, true);
            }

            return listener;
        };

        unlisten = (target, type, callback, capture) => {
            const list = target.#listeners?.get(type);

            if (list !== undefined) {
                for (const listener of list) {
                    if (listener.callback === callback
                        && listener.capture === capture)
                    {
                        detach(target, type, listener);
                        return;
                    }
                }
            }
        };

        const detach = (target, type, listener) => {
            const list = target.#listeners.get(type);
            const i = list === undefined ? -1 : list.indexOf(listener);

            if (i === -1) {
                return;
            }

            listener.removed = true;
            list.splice(i, 1);

            if (listener.undo !== null) {
                listener.undo();
                listener.undo = null;
            }

            if (list.length === 0) {
                target.#listeners.delete(type);
                listenersChanged(target, type, false);
            }
        };

        dispatch = (target, event, onError = report) => {
            const list = target.#listeners?.get(event.type);

            return invoke(event, target.#face ?? target,
                          list === undefined ? [] : list.slice(), onError);
        };
    }

    addEventListener(type, callback, options = undefined) {
        add(this, arguments.length, type, callback, options);
    }

    removeEventListener(type, callback, options = undefined) {
        remove(this, arguments.length, type, callback, options);
    }

    dispatchEvent(event) {
        return dispatchTo(this, event);
    }
}

expose(EventTarget, "EventTarget", "addEventListener", "removeEventListener",
       "dispatchEvent");


function checkListener(method, target, n, callback) {
    if (!targetOf(target)) {
        throw new TypeError("Illegal invocation");
    }

    if (n < 2) {
        throw wrongArgument(method, "EventTarget", n + 1,
                            n === 0 ? "string" : "EventListener");
    }

    if (callback !== null && callback !== undefined
        && typeof callback !== "function" && typeof callback !== "object")
    {
        throw wrongArgument(method, "EventTarget", 2, "EventListener");
    }
}


function add(target, n, type, callback, options) {
    let capture = false, once = false, passive = false, signal;

    checkListener("addEventListener", target, n, callback);
    type = `${type}`;

    if (typeof options === "object" && options !== null) {
        capture = !!options.capture;
        once = !!options.once;
        passive = !!options.passive;
        signal = options.signal;

        if (signal !== undefined && !isSignal(signal)) {
            throw new TypeError("Incorrect type for the 'signal' field on "
                                + "'AddEventListenerOptions': the provided "
                                + "value is not of type 'AbortSignal'.");
        }

    } else {
        capture = !!options;
    }

    if (signal?.aborted || callback === null || callback === undefined) {
        return;
    }

    const listener = listen(target, type, callback, capture, once, passive);

    if (listener !== null && signal !== undefined) {
        listener.undo = onAbort(signal, () => {
            listener.undo = null;
            listener.remove();
        });
    }
}


function remove(target, n, type, callback, options) {
    checkListener("removeEventListener", target, n, callback);

    unlisten(target, `${type}`, callback,
             !!(typeof options === "object" && options !== null
                ? options.capture : options));
}


function dispatchTo(target, event) {
    if (!targetOf(target)) {
        throw new TypeError("Illegal invocation");
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


/* An event handler attribute, such as onabort. */

function handlerAttribute(cls, type, onSet = noop) {
    const handlers = new WeakMap();

    defineProperty(cls.prototype, `on${type}`, {
        enumerable: true,
        configurable: true,

        get() {
            return handlers.get(this)?.value ?? null;
        },

        set(value) {
            let handler = handlers.get(this);

            if (typeof value !== "function"
                && (typeof value !== "object" || value === null))
            {
                if (handler !== undefined) {
                    handlers.delete(this);
                    handler.listener.remove();
                }

                return;
            }

            if (handler === undefined) {
                handler = { value, listener: null };
                handlers.set(this, handler);

                handler.listener = listen(this, type, function (event) {
                    if (typeof handler.value === "function") {
                        call(handler.value, this, event);
                    }
                }, false, false, false);

            } else {
                handler.value = value;
            }

            onSet(this);
        },
    });
}


class CustomEvent extends Event {
    #detail;

    constructor(type, init = undefined) {
        super(type, init);
        this.#detail = init?.detail === undefined ? null : init.detail;
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
        super(type, init);
        this.#message = init?.message === undefined ? "" : `${init.message}`;
        this.#filename = init?.filename === undefined ? ""
                                                      : `${init.filename}`;
        this.#lineno = (init?.lineno ?? 0) >>> 0;
        this.#colno = (init?.colno ?? 0) >>> 0;
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

            if (countListeners(signal, "abort") !== 0) {
                dispatch(signal, setTrusted(new Event("abort")));
            }

            release(signal);
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

            const dependents = [];

            if (signal.#dependents !== null) {
                for (const ref of signal.#dependents) {
                    const dependent = ref.deref();

                    if (dependent !== undefined && !dependent.#aborted) {
                        mark(dependent, reason);
                        dependents.push(dependent);
                    }
                }

                signal.#dependents = null;
            }

            run(signal);
            dependents.forEach(run);
        };

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

            } else if (target.#algorithms === null) {
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

                    if (countListeners(signal, "abort") === 0) {
                        release(signal);
                    }
                }
            };
        };

        const depend = (signal, source) => {
            source.#dependents ??= [];
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
        const ms = Number(delay);

        if (!(ms >= 0 && ms <= Number.MAX_SAFE_INTEGER)) {
            throw wrongArgument("timeout", "AbortSignal", 1,
                                "unsigned long long");
        }

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

handlerAttribute(AbortSignal, "abort");
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
    if (reporting || countListeners(globalTarget, "error") === 0) {
        native.report(e);
        return false;
    }

    let message;

    try {
        message = typeof e === "object" && e !== null && "message" in e
                  ? `${e.message}` : String(e);

    } catch {
        message = "";
    }

    const event = new ErrorEvent("error", { message, error: e,
                                            cancelable: true });
    reporting = true;

    try {
        if (!dispatch(globalTarget, setTrusted(event))) {
            return true;
        }

    } finally {
        reporting = false;
    }

    native.report(e);

    return false;
}


function wait(delay, signal) {
    if (!isSignal(signal)) {
        throw new TypeError("Incorrect type for the 'signal' field on "
                            + "'WaitOptions': the provided value is not of "
                            + "type 'AbortSignal'.");
    }

    return new Promise((resolve, reject) => {
        if (signal.aborted) {
            reject(signal.reason);
            return;
        }

        const id = native.setTimeout(() => {
            undo();
            resolve();
        }, delay);

        const undo = onAbort(signal, (reason) => {
            native.clearTimeout(id);
            reject(reason);
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

    follow(signal) {
        if (!isSignal(signal)) {
            throw new TypeError("Incorrect type for the 'signal' field on "
                                + "'RequestInitializerDict': the provided "
                                + "value is not of type 'AbortSignal'.");
        }

        return anySignal([signal]);
    },

    isSignal, onAbort, wait, report,

    hasListeners(type) { return countListeners(globalTarget, type) !== 0; },

    /* for other built-ins */
    dispatch, expose, globalTarget, handlerAttribute, setTrusted,
    wrongConstructorArgument,
};

}
