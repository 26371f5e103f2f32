/*
 * Copyright (C) the nginx-workers authors
 *
 * Messages of "node:http": IncomingMessage, which reads the body of a Request
 * or a Response, and OutgoingMessage, which has the fields of one to be sent.
 */

import Stream from "workers:node/internal/readable_stream";
import { Buffer } from "workers:node/buffer";
import {
    headersObject, headersSent, validateHeaderName, validateHeaderValue,
} from "workers:node/internal/http_common";
import { plainError } from "workers:node/internal/errors";

const { Array, Map, Object, Reflect, String, Symbol } = globalThis;

const { Readable, Writable } = Stream;

const pairs = Symbol("pairs");
const reader = Symbol("reader");

export const fields = Symbol("fields");
export const sent = Symbol("sent");


export function inherit(Class, Base, members) {
    Object.setPrototypeOf(Class.prototype, Base.prototype);
    Object.setPrototypeOf(Class, Base);
    Object.defineProperties(Class.prototype,
                            Object.getOwnPropertyDescriptors(members));
}


export function IncomingMessage(socket) {
    if (!(this instanceof IncomingMessage)) {
        return new IncomingMessage(socket);
    }

    Reflect.apply(Readable, this, [{}]);

    this.httpVersion = "1.1";
    this.httpVersionMajor = 1;
    this.httpVersionMinor = 1;
    this.complete = false;
    this.aborted = false;
    this.upgrade = null;
    this.url = "";
    this.method = null;
    this.statusCode = null;
    this.statusMessage = null;
    this.rawHeaders = [];
    this.rawTrailers = [];
    this.socket = socket;
    this[pairs] = [];
}


inherit(IncomingMessage, Readable, {
    get connection() { return this.socket; },
    set connection(socket) { this.socket = socket; },

    get headers() {
        return this._headers ??= headersObject(this[pairs]);
    },

    set headers(value) { this._headers = value; },

    get headersDistinct() { return headersObject(this[pairs], true); },
    get trailers() { return {}; },
    get trailersDistinct() { return {}; },

    setTimeout(ms, callback) {
        if (callback) {
            this.on("timeout", callback);
        }

        this.socket?.setTimeout?.(ms);

        return this;
    },

    _dump() {
        this.resume();
    },

    _read() {
        if (!this[reader]) {
            this.complete = true;
            this.push(null);
            return;
        }

        this[reader].read().then(({ done, value }) => {
            if (done) {
                this[reader] = undefined;
                this.complete = true;
                this.push(null);

            } else {
                this.push(Buffer.from(value.buffer, value.byteOffset,
                                      value.byteLength));
            }
        }, (error) => this.destroy(error));
    },

    _destroy(error, callback) {
        const from = this[reader];

        if (from) {
            this[reader] = undefined;
            this.aborted = !this.complete;
            from.cancel(error ?? undefined).catch(() => {});
        }

        callback(error);
    },
});


/* Fills a message with the fields and the body of a Request or a Response. */

export function receive(message, { headers, body }) {
    message[pairs] = [...headers];
    message.rawHeaders = message[pairs].flat();
    message[reader] = body?.getReader();
}


export function OutgoingMessage(options) {
    if (!(this instanceof OutgoingMessage)) {
        return new OutgoingMessage(options);
    }

    /* what was sent does not end it: a client waits for the answer */

    Reflect.apply(Writable, this, [{ autoDestroy: false,
                                     highWaterMark: options?.highWaterMark
                                                    ?? 65536 }]);

    this.finished = false;
    this.sendDate = false;
    this.shouldKeepAlive = true;
    this.chunkedEncoding = false;
    this.strictContentLength = false;
    this.maxRequestsOnConnectionReached = false;
    this[fields] = new Map();
    this[sent] = false;
}


function checkUnsent(message, what) {
    if (message[sent]) {
        throw headersSent(what);
    }
}


inherit(OutgoingMessage, Writable, {
    get headersSent() { return this[sent]; },

    setHeader(name, value) {
        checkUnsent(this, "set");
        validateHeaderName(name);

        for (const one of Array.isArray(value) ? value : [value]) {
            validateHeaderValue(name, one);
        }

        this[fields].set(name.toLowerCase(), [name, value]);

        return this;
    },

    setHeaders(headers) {
        checkUnsent(this, "set");

        for (const [name, value] of headers) {
            if (name.toLowerCase() === "set-cookie") {
                this.appendHeader(name, value);

            } else {
                this.setHeader(name, value);
            }
        }

        return this;
    },

    appendHeader(name, value) {
        const old = this.getHeader(name);

        return this.setHeader(name, old === undefined ? value
                                    : [].concat(old, value));
    },

    getHeader(name) {
        return this[fields].get(String(name).toLowerCase())?.[1];
    },

    hasHeader(name) {
        return this[fields].has(String(name).toLowerCase());
    },

    removeHeader(name) {
        checkUnsent(this, "remove");
        this[fields].delete(String(name).toLowerCase());
    },

    getHeaderNames() { return [...this[fields].keys()]; },

    getRawHeaderNames() {
        return [...this[fields].values()].map(([name]) => name);
    },

    getHeaders() {
        const headers = Object.create(null);

        for (const [key, [, value]] of this[fields]) {
            headers[key] = value;
        }

        return headers;
    },

    addTrailers(headers) {},

    flushHeaders() {
        if (!this[sent]) {
            this._implicitHeader();
        }
    },

    _implicitHeader() {
        throw plainError("ERR_METHOD_NOT_IMPLEMENTED",
                         "The _implicitHeader() method is not implemented");
    },

    setTimeout(ms, callback) {
        if (callback) {
            this.on("timeout", callback);
        }

        return this;
    },

    get errored() { return this._writableState.errored; },

    get connection() { return this.socket; },
    set connection(socket) { this.socket = socket; },
});


/* What was set, as pairs for Headers. */

export function fieldPairs(message) {
    return [...message[fields].values()].flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value])
            .map((one) => [name, String(one)]));
}
