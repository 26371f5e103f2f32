/*
 * Copyright (C) the nginx-workers authors
 *
 * Events that have a class of their own for one purpose, and the channel
 * messaging of the HTML Standard (section 9.4).
 *
 * C uses, of what is exported here:
 *
 *   dispatchFetch(request, ctx) -> Promise of what was given to respondWith()
 *   rejection(type, promise, reason)      true: a listener has prevented that
 *                                         it is logged
 *
 * The native half: events, which is what src/js/events.js exports,
 * queueMicrotask and structuredClone.
 */

export default function defineMessages(native) {

const {
    DOMException, Error, Object, Promise, Symbol, TypeError, WeakMap,
} = globalThis;

const {
    Event, EventTarget, INTERNAL, checkInit, dispatch, expose, globalTarget,
    handlerAttribute, setTrusted,
} = native.events;

const { freeze } = Object;
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const then = uncurry(Promise.prototype.then);
const resolved = Promise.resolve.bind(Promise);
const rejected = Promise.reject.bind(Promise);
const noop = () => {};


let newMessage;

/* What is seldom there, or asked for. */
const rests = new WeakMap();
const getRest = WeakMap.prototype.get.bind(rests);
const setRest = WeakMap.prototype.set.bind(rests);

class MessageEvent extends Event {
    #data;
    static {
        newMessage = (data) => new MessageEvent("message", INTERNAL, data);
    }

    constructor(...args) {
        const init = args[1];

        if (init === INTERNAL) {
            super(args[0], INTERNAL);
            this.#data = args[2];
            return;
        }

        checkInit("MessageEvent", args.length, init, "Initializer");
        super(args[0], init);

        if (init === undefined || init === null) {
            return;
        }

        this.#data = init.data;

        const { origin, lastEventId, source, ports } = init;

        setRest(this, {
            origin: origin === undefined ? null : `${origin}`,
            lastEventId: lastEventId === undefined ? "" : `${lastEventId}`,
            source: source ?? null,
            ports: freeze(ports === undefined ? [] : [...ports]),
        });
    }

    get #rest() {
        let rest = (this.#data, getRest(this));

        if (rest === undefined) {
            rest = { origin: null, lastEventId: "", source: null,
                     ports: freeze([]) };
            setRest(this, rest);
        }

        return rest;
    }

    get data() { return this.#data; }
    get origin() { return this.#rest.origin; }
    get lastEventId() { return this.#rest.lastEventId; }
    get source() { return this.#rest.source; }
    get ports() { return this.#rest.ports; }
}

expose(MessageEvent, "MessageEvent", "data", "origin", "lastEventId",
       "source", "ports");


class CloseEvent extends Event {
    #code;
    #reason;
    #wasClean;

    constructor(type, init = undefined) {
        checkInit("CloseEvent", arguments.length, init, "Initializer");
        super(type, init);
        this.#code = (init?.code ?? 0) | 0;
        this.#reason = init?.reason === undefined ? "" : `${init.reason}`;
        this.#wasClean = !!init?.wasClean;
    }

    get code() { return this.#code; }
    get reason() { return this.#reason; }
    get wasClean() { return this.#wasClean; }
}

expose(CloseEvent, "CloseEvent", "code", "reason", "wasClean");


class PromiseRejectionEvent extends Event {
    #promise;
    #reason;

    constructor(type, promise, reason) {
        if (arguments[3] !== INTERNAL) {
            throw new TypeError("Illegal constructor");
        }

        super(type);
        this.#promise = promise;
        this.#reason = reason;
    }

    get promise() { return this.#promise; }
    get reason() { return this.#reason; }
}

expose(PromiseRejectionEvent, "PromiseRejectionEvent", "promise", "reason");


/* Channel messaging */

let entangle;


/* What a listener of a port throws is logged, and no error event. */

function tell(port, event) {
    try {
        dispatch(port, setTrusted(event));

    } catch (e) {
        native.report(e);
    }
}


class MessagePort extends EventTarget {
    #other = null;
    #queue = [];
    #started = false;
    #scheduled = false;

    static {
        entangle = (a, b) => {
            a.#other = b;
            b.#other = a;
        };
    }

    constructor() {
        if (arguments[0] !== INTERNAL) {
            throw new TypeError("Illegal constructor");
        }

        super();
    }

    postMessage(message, options = undefined) {
        const transfer = Symbol.iterator in Object(options)
                         ? [...options] : options?.transfer;

        const data = native.structuredClone(message, { transfer });

        if (this.#other !== null) {
            this.#other.#queue.push(data);
            this.#other.#schedule();
        }
    }

    start() {
        this.#started = true;
        this.#schedule();
    }

    close() {
        const other = this.#other;

        if (other === null) {
            return;
        }

        this.#other = null;
        other.#other = null;

        native.queueMicrotask(() => {
            tell(other, new Event("close"));
            tell(this, new Event("close"));
        });
    }

    #schedule() {
        if (this.#started && !this.#scheduled && this.#queue.length !== 0) {
            this.#scheduled = true;
            native.queueMicrotask(() => { this.#deliver(); });
        }
    }

    #deliver() {
        this.#scheduled = false;

        const data = this.#queue.shift();

        this.#schedule();
        tell(this, newMessage(data));
    }
}

handlerAttribute(MessagePort, "message", (port, set) => {
    if (set) {
        port.start();
    }
});
expose(MessagePort, "MessagePort", "postMessage", "start", "close");


class MessageChannel {
    #port1 = new MessagePort(INTERNAL);
    #port2 = new MessagePort(INTERNAL);

    constructor() {
        entangle(this.#port1, this.#port2);
    }

    get port1() { return this.#port1; }
    get port2() { return this.#port2; }
}

expose(MessageChannel, "MessageChannel", "port1", "port2");


class ExtendableEvent extends Event {
    #ctx;

    constructor(type, ctx) {
        if (arguments[2] !== INTERNAL) {
            throw new TypeError("Illegal constructor");
        }

        super(type);
        this.#ctx = ctx;
        setTrusted(this);
    }

    waitUntil(promise) {
        this.#ctx.waitUntil(promise);
    }

    passThroughOnException() {
        this.#ctx.passThroughOnException();
    }
}

expose(ExtendableEvent, "ExtendableEvent", "waitUntil",
       "passThroughOnException");


let finish;

class FetchEvent extends ExtendableEvent {
    #request;
    #response = null;
    #over = false;

    static {
        finish = (event) => {
            event.#over = true;
            return event.#response;
        };
    }

    constructor(request, ctx) {
        super("fetch", ctx, arguments[2]);
        this.#request = request;
    }

    get request() { return this.#request; }

    respondWith(response) {
        if (this.#response !== null) {
            throw new DOMException("FetchEvent.respondWith() has already been "
                                   + "called; it can only be called once.",
                                   "InvalidStateError");
        }

        if (this.#over) {
            throw new DOMException("Too late to call "
                                   + "FetchEvent.respondWith(). It must be "
                                   + "called synchronously in the event "
                                   + "handler.", "InvalidStateError");
        }

        this.stopImmediatePropagation();
        this.#response = resolved(response);
    }
}

expose(FetchEvent, "FetchEvent", "request", "respondWith");


function dispatchFetch(request, ctx) {
    const event = new FetchEvent(request, ctx, INTERNAL);
    let response;

    try {
        dispatch(globalTarget, event);

    } catch (e) {
        response = finish(event);

        if (response !== null) {
            then(response, noop, noop);
        }

        return rejected(e);
    }

    response = finish(event);

    if (response === null) {
        return rejected(new Error("No listener of the fetch event has called "
                                  + "respondWith()."));
    }

    return response;
}


function rejection(type, promise, reason) {
    const event = new PromiseRejectionEvent(type, promise, reason, INTERNAL);

    try {
        return !dispatch(globalTarget, setTrusted(event));

    } catch (e) {
        native.report(e);
        return false;
    }
}


return {
    MessageEvent, CloseEvent, PromiseRejectionEvent, MessageChannel,
    MessagePort, ExtendableEvent, FetchEvent, dispatchFetch, rejection,

    /* for other built-ins: a trusted one */
    newMessage,
};

}
