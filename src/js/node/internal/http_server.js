/*
 * Copyright (C) the nginx-workers authors
 *
 * Servers of "node:http": they listen to no socket.  A port is a name by which
 * a worker hands its requests over: httpServerHandler() of "cloudflare:node".
 */

import EventEmitter from "workers:node/events";
import {
    STATUS_CODES, checkStatus, headersSent, isBadValue,
} from "workers:node/internal/http_common";
import {
    IncomingMessage, OutgoingMessage, fieldPairs, inherit, receive, sent,
} from "workers:node/internal/http_messages";
import {
    nodeError, notImplemented, plainError, typeError, validateFunction,
} from "workers:node/internal/errors";
import { nextTick } from "workers:node/internal/tick";

const {
    Array, Error, IdentityTransformStream, Map, Math, Number, Object, Promise,
    Reflect, Response, Symbol, URL, Uint8Array,
} = globalThis;

const respond = Symbol("respond");
const writer = Symbol("writer");
const whole = Symbol("whole");

const servers = new Map();
const noop = () => {};


export function ServerResponse(request, options) {
    if (!(this instanceof ServerResponse)) {
        return new ServerResponse(request, options);
    }

    Reflect.apply(OutgoingMessage, this, [options]);

    this.req = request;
    this.statusCode = 200;
    this.statusMessage = undefined;
    this.once("finish", () => this.destroy());
}


/* writeHead()'s fields: an object, or an array of names and values. */

function setFields(response, headers) {
    if (Array.isArray(headers)) {
        const list = Array.isArray(headers[0]) ? headers.flat() : headers;

        if (list.length % 2) {
            throw typeError("ERR_INVALID_ARG_VALUE",
                            "The argument 'headers' is invalid.");
        }

        for (let i = 0; i < list.length; i += 2) {
            response.removeHeader(list[i]);
        }

        for (let i = 0; i < list.length; i += 2) {
            response.appendHeader(list[i], list[i + 1]);
        }

    } else if (headers) {
        for (const name of Object.keys(headers)) {
            response.setHeader(name, headers[name]);
        }
    }
}


/* Those without a body (RFC 9110, 6.4.1) */

function hasBody(response) {
    return response.statusCode !== 204 && response.statusCode !== 205
           && response.statusCode !== 304;
}


function answer(response, body) {
    response[sent] = true;

    try {
        response[respond]?.(new Response(hasBody(response) ? body : null, {
            status: response.statusCode,
            statusText: response.statusMessage,
            headers: fieldPairs(response),
        }));

    } catch (error) {
        response[respond]?.(Promise.reject(error));
    }

    response[respond] = undefined;
}


/* A body that comes in pieces */

function startBody(response) {
    const { readable, writable } = new IdentityTransformStream();

    response[writer] = writable.getWriter();
    response[writer].closed.catch((error) => response.destroy(error));
    answer(response, readable);
}


inherit(ServerResponse, OutgoingMessage, {
    writeHead(status, reason, headers) {
        if (this[sent]) {
            throw headersSent("write");
        }

        this.statusCode = checkStatus(status);

        if (typeof reason === "string") {
            this.statusMessage = reason;

        } else {
            headers ??= reason;
        }

        this.statusMessage ??= STATUS_CODES[this.statusCode] ?? "unknown";

        if (isBadValue(this.statusMessage)) {
            throw typeError("ERR_INVALID_CHAR",
                            "Invalid character in statusMessage");
        }

        setFields(this, headers);
        this[sent] = true;

        return this;
    },

    writeHeader(...args) { return this.writeHead(...args); },

    _implicitHeader() { this.writeHead(this.statusCode); },

    flushHeaders() {
        if (!this[sent]) {
            this._implicitHeader();
        }

        if (!this[writer] && this[respond]) {
            startBody(this);
        }
    },

    _write(chunk, encoding, callback) {
        if (this[whole]) {
            this[whole].push(chunk);
            callback();
            return;
        }

        this.flushHeaders();

        if (!hasBody(this)) {
            callback();
            return;
        }

        this[writer].write(new Uint8Array(chunk.buffer, chunk.byteOffset,
                                          chunk.byteLength))
            .then(() => callback(), callback);
    },

    _final(callback) {
        if (this[writer]) {
            this[writer].close().then(() => callback(), callback);
            return;
        }

        const [body = new Uint8Array(0)] = this[whole] ?? [];

        if (!this[sent]) {
            if (hasBody(this) && !this.hasHeader("content-length")) {
                this.setHeader("Content-Length", body.byteLength);
            }

            this._implicitHeader();
        }

        answer(this, body);
        callback();
    },

    _destroy(error, callback) {
        if (!this.writableFinished) {
            this[writer]?.abort(error ?? undefined).catch(noop);
        }

        this[respond]?.(Promise.reject(
            error ?? new Error("The response was destroyed")));
        this[respond] = undefined;
        callback(error);
    },

    /* one piece that is all of it needs no stream */

    end(chunk, encoding, callback) {
        if (this.finished) {
            return this;
        }

        if (!this[writer] && this[respond] && this.writableLength === 0)
        {
            this[whole] = [];
        }

        Reflect.apply(OutgoingMessage.prototype.end, this,
                      [chunk, encoding, callback]);
        this.finished = true;

        return this;
    },

    assignSocket() { throw notImplemented("assignSocket"); },
    detachSocket() { throw notImplemented("detachSocket"); },
    writeContinue() { throw notImplemented("writeContinue"); },
    writeProcessing() { throw notImplemented("writeProcessing"); },
    writeEarlyHints() { throw notImplemented("writeEarlyHints"); },
});


/* What stands for a connection */

class Socket extends EventEmitter {
    readable = true;
    writable = true;
    destroyed = false;
    remoteFamily = "IPv4";
    localAddress = "127.0.0.1";

    constructor(request, url, port) {
        super();
        this.remoteAddress = request.headers.get("cf-connecting-ip")
                             ?? "127.0.0.1";
        this.localPort = port;
        this.encrypted = url.protocol === "https:";
    }

    setTimeout() { return this; }
    setNoDelay() { return this; }
    setKeepAlive() { return this; }
    ref() { return this; }
    unref() { return this; }
    end() { return this; }
    address() { return {}; }

    destroy() {
        this.destroyed = true;
        return this;
    }
}


export function Server(options, listener) {
    if (!(this instanceof Server)) {
        return new Server(options, listener);
    }

    Reflect.apply(EventEmitter, this, []);

    if (typeof options === "function") {
        listener = options;
        options = {};
    }

    this.timeout = 0;
    this.keepAliveTimeout = 5000;
    this.headersTimeout = 60000;
    this.requestTimeout = 300000;
    this.maxHeadersCount = null;
    this.maxRequestsPerSocket = 0;
    this.port = null;
    this.IncomingMessage = options?.IncomingMessage ?? IncomingMessage;
    this.ServerResponse = options?.ServerResponse ?? ServerResponse;

    if (listener) {
        validateFunction(listener, "requestListener");
        this.on("request", listener);
    }
}


function freePort() {
    let port;

    do {
        port = 1024 + Math.floor(Math.random() * 64511);
    } while (servers.has(port));

    return port;
}


inherit(Server, EventEmitter, {
    listen(...args) {
        const callback = typeof args.at(-1) === "function" ? args.pop() : null;
        const [first] = args;
        const wanted = typeof first === "object" && first !== null ? first.port
                       : first;
        const port = Number(wanted ?? 0);

        if (!Number.isInteger(port) || port < 0 || port > 65535) {
            throw plainError("ERR_SOCKET_BAD_PORT",
                             "options.port should be >= 0 and < 65536. "
                             + `Received ${typeof wanted}.`);
        }

        if (this.listening || servers.has(port)) {
            throw plainError("ERR_SERVER_ALREADY_LISTEN",
                             "Listen method has been called more than once "
                             + "without closing.");
        }

        this.port = port || freePort();
        servers.set(this.port, this);

        if (callback) {
            this.once("listening", callback);
        }

        nextTick(() => this.emit("listening"));

        return this;
    },

    close(callback) {
        const open = this.listening;

        servers.delete(this.port);
        this.port = null;

        if (callback) {
            nextTick(callback, open ? undefined
                     : nodeError(Error, "ERR_SERVER_NOT_RUNNING",
                                 "Server is not running."));
        }

        if (open) {
            nextTick(() => this.emit("close"));
        }

        return this;
    },

    get listening() { return this.port !== null; },

    address() {
        return this.listening ? { port: this.port, family: "IPv4",
                                  address: "127.0.0.1" } : null;
    },

    closeAllConnections() {},
    closeIdleConnections() {},
    getConnections(callback) { nextTick(callback, null, 0); return this; },
    ref() { return this; },
    unref() { return this; },

    setTimeout(ms, callback) {
        this.timeout = ms;

        if (callback) {
            this.on("timeout", callback);
        }

        return this;
    },

    async [Symbol.asyncDispose]() {
        this.close();
    },
});


export function createServer(options, listener) {
    return new Server(options, listener);
}


/* The Response that the server of the port gives. */

export async function handleAsNodeRequest(port, request, env, ctx) {
    const server = servers.get(port);

    if (!server) {
        throw nodeError(Error, "ERR_INVALID_ARG_VALUE",
                        `Http server with port ${port} not found. This is `
                        + "likely a bug with your code. You should check if "
                        + "server.listen() was called with the same port "
                        + `(${port})`);
    }

    const url = new URL(request.url);
    const socket = new Socket(request, url, port);
    const message = new server.IncomingMessage(socket);

    message.method = request.method;
    message.url = url.pathname + url.search;
    message.cloudflare = { env, ctx, cf: request.cf };
    receive(message, request);

    const response = new server.ServerResponse(message);

    response.socket = socket;

    const { promise, resolve } = Promise.withResolvers();

    response[respond] = resolve;
    server.emit("request", message, response);

    return promise;
}


/* descriptor: {port}, or a server */

export function httpServerHandler(descriptor, handlers = {}) {
    if (descriptor === null || descriptor === undefined) {
        throw new Error("Server descriptor cannot be null or undefined");
    }

    const port = descriptor instanceof Server
                 ? descriptor.address()?.port : descriptor.port;

    if (typeof port !== "number") {
        throw new Error("Failed to determine port for server");
    }

    return {
        ...handlers,
        fetch: (request, env, ctx) => handleAsNodeRequest(port, request, env,
                                                          ctx),
    };
}
