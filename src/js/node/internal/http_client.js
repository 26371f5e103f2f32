/*
 * Copyright (C) the nginx-workers authors
 *
 * Clients of "node:http" and "node:https", over fetch().
 */

import EventEmitter from "workers:node/events";
import { Buffer } from "workers:node/buffer";
import { invalidToken, isToken } from "workers:node/internal/http_common";
import {
    IncomingMessage, OutgoingMessage, fieldPairs, inherit, receive, sent,
} from "workers:node/internal/http_messages";
import {
    abortError, invalidArgType, nodeError, notImplemented, typeError,
    validateBoolean, validateFunction, validateInteger, validateNumber,
    validateString,
} from "workers:node/internal/errors";
import { clearTimeout, setTimeout } from "workers:node/internal/platform";
import { nextTick } from "workers:node/internal/tick";
import { urlToHttpOptions } from "workers:node/url";

const {
    AbortController, Array, Error, Headers, IdentityTransformStream, Infinity,
    Object, Reflect, RegExp, Symbol, URL, Uint8Array, fetch,
} = globalThis;

/* Bytes of a body that are kept to be sent with their length. */

const WHOLE = 65536;

/* Fields that fetch() sets itself, or that are between neighbours. */

const OWN = ["connection", "content-length", "expect", "host", "keep-alive",
             "te", "transfer-encoding", "upgrade"];

const BAD_PATH = new RegExp("[^\\u0021-\\u00ff]");
const noop = () => {};

const chunks = Symbol("chunks");
const size = Symbol("size");
const writer = Symbol("writer");
const abort = Symbol("abort");
const timer = Symbol("timer");
const port = Symbol("port");
const response = Symbol("response");


export function Agent(options) {
    if (!(this instanceof Agent)) {
        return new Agent(options);
    }

    Reflect.apply(EventEmitter, this, []);

    this.defaultPort = 80;
    this.protocol = "http:";
    this.options = { ...options, path: null };
    this.options.noDelay ??= true;
    this.agentKeepAliveTimeoutBuffer = 1000;
    this.keepAliveMsecs = options?.keepAliveMsecs ?? 1000;
    this.keepAlive = options?.keepAlive ?? false;
    this.maxSockets = options?.maxSockets ?? Infinity;
    this.maxFreeSockets = options?.maxFreeSockets ?? 256;
    this.scheduling = options?.scheduling ?? "lifo";
    this.maxTotalSockets = options?.maxTotalSockets ?? Infinity;
    this.totalSocketCount = 0;
    this.freeSockets = {};
    this.sockets = {};
    this.requests = {};
}


function absent(name) {
    return () => { throw notImplemented(name); };
}


inherit(Agent, EventEmitter, {
    createConnection: absent("createConnection"),
    addRequest: absent("addRequest"),
    createSocket: absent("createSocket"),
    removeSocket: absent("removeSocket"),
    keepSocketAlive: absent("keepSocketAlive"),
    reuseSocket: absent("reuseSocket"),

    getName(options = {}) {
        const { host = "localhost", port: at = "", localAddress = "", family }
            = options;

        return `${host}:${at}:${localAddress}`
               + (family === 4 || family === 6 ? `:${family}` : "");
    },

    destroy() {},
});


export const globalAgent = new Agent({ keepAlive: true, scheduling: "lifo",
                                       timeout: 5000 });


/* [options, callback] of request(url, options, callback) */

function argumentsOf(input, options, callback) {
    if (typeof input === "string" || input instanceof URL) {
        const url = urlToHttpOptions(new URL(input));

        if (typeof options === "function") {
            return [url, options];
        }

        return [{ ...url, ...options }, callback];
    }

    return [{ ...input }, options];
}


function checkHost(value, name) {
    if (value !== undefined && value !== null && typeof value !== "string") {
        throw invalidArgType(name, ["string", "undefined", "null"], value);
    }

    return value;
}


export function ClientRequest(input, options, callback) {
    if (!(this instanceof ClientRequest)) {
        return new ClientRequest(input, options, callback);
    }

    [options, callback] = argumentsOf(input, options, callback);

    Reflect.apply(OutgoingMessage, this, [options]);

    const agent = options.agent ?? globalAgent;
    const expected = options._defaultAgent?.protocol ?? agent.protocol
                     ?? "http:";
    const protocol = options.protocol ?? expected;
    const { method = "GET", path = "/", timeout, signal } = options;

    if (protocol !== expected) {
        throw typeError("ERR_INVALID_PROTOCOL",
                        `Protocol "${protocol}" not supported. Expected `
                        + `"${expected}"`);
    }

    if (BAD_PATH.test(path)) {
        throw typeError("ERR_UNESCAPED_CHARACTERS",
                        "Request path contains unescaped characters");
    }

    const host = checkHost(options.hostname, "options.hostname")
                 ?? checkHost(options.host, "options.host") ?? "localhost";

    if (options.method !== undefined && options.method !== null) {
        validateString(method, "options.method");

        if (!isToken(method)) {
            throw invalidToken("Method", method);
        }
    }

    if (options.insecureHTTPParser !== undefined) {
        validateBoolean(options.insecureHTTPParser,
                        "options.insecureHTTPParser");
    }

    if (timeout !== undefined) {
        validateNumber(timeout, "timeout", 0);
    }

    const standard = protocol === "https:" ? 443 : 80;

    this.method = method.toUpperCase();
    this.path = path || "/";
    this.host = host;
    this.protocol = protocol;
    this.agent = options.agent === false ? new Agent() : agent;
    this.socket = null;
    this.aborted = false;
    this.reusedSocket = false;
    this.maxHeadersCount = null;
    this.timeout = timeout;
    this.res = null;
    this[port] = Number(options.port || options.defaultPort || standard);
    this[chunks] = [];
    this[size] = 0;
    this[abort] = new AbortController();

    const { headers } = options;

    if (Array.isArray(headers)) {
        const list = Array.isArray(headers[0]) ? headers.flat() : headers;

        for (let i = 0; i < list.length; i += 2) {
            this.appendHeader(list[i], list[i + 1]);
        }

    } else if (headers) {
        for (const name of Object.keys(headers)) {
            this.setHeader(name, headers[name]);
        }
    }

    if (!this.hasHeader("host") && options.setHost !== false) {
        const name = host.includes(":") && host[0] !== "[" ? `[${host}]` : host;

        this.setHeader("Host", this[port] === standard ? name
                               : `${name}:${this[port]}`);
    }

    if (options.auth && !this.hasHeader("authorization")) {
        this.setHeader("Authorization", "Basic "
                       + Buffer.from(options.auth).toString("base64"));
    }

    if (callback) {
        validateFunction(callback, "callback");
        this.once("response", callback);
    }

    if (timeout) {
        this.setTimeout(timeout);
    }

    if (signal) {
        const stop = () => this.destroy(abortError(signal.reason));

        if (signal.aborted) {
            nextTick(stop);

        } else {
            signal.addEventListener("abort", stop, { once: true });
            this.once("close",
                      () => signal.removeEventListener("abort", stop));
        }
    }
}


/* An Error that Node.js would have */

function failure(error) {
    const { message } = error;
    const code = message.startsWith("DNS") ? "ENOTFOUND" : "ECONNRESET";

    return nodeError(Error, error.code ?? code, message);
}


function hangUp() {
    return nodeError(Error, "ECONNRESET", "socket hang up");
}


/* Sends what there is, the body being bytes, a stream or undefined. */

function send(request, body) {
    const host = request.host.includes(":") && request.host[0] !== "["
                 ? `[${request.host}]` : request.host;
    const headers = new Headers(fieldPairs(request)
        .filter(([name]) => !OWN.includes(name.toLowerCase())));

    request[sent] = true;

    fetch(`${request.protocol}//${host}:${request[port]}${request.path}`, {
        method: request.method, headers, body, redirect: "manual",
        signal: request[abort].signal,
    }).then((answer) => arrived(request, answer), (error) => {
        if (!request.destroyed) {
            request.destroy(failure(error));
        }
    });
}


function arrived(request, answer) {
    clearTimeout(request[timer]);

    if (request.destroyed) {
        answer.body?.cancel().catch(noop);
        return;
    }

    const message = new IncomingMessage(null);

    message.statusCode = answer.status;
    message.statusMessage = answer.statusText;
    message.url = answer.url;
    message.req = request;
    receive(message, answer);

    request.res = message;
    request[response] = message;
    message.on("close", () => request.destroy());

    if (!request.emit("response", message)) {
        message.resume();
    }
}


function mayHaveBody(request) {
    return request.method !== "GET" && request.method !== "HEAD";
}


inherit(ClientRequest, OutgoingMessage, {
    _implicitHeader() { this[sent] = true; },

    _write(chunk, encoding, callback) {
        const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset,
                                     chunk.byteLength);

        this[sent] = true;

        if (!this[writer]) {
            this[chunks].push(bytes);
            this[size] += bytes.length;

            if (this[size] <= WHOLE || !mayHaveBody(this)) {
                callback();
                return;
            }

            const { readable, writable } = new IdentityTransformStream();

            this[writer] = writable.getWriter();
            this[writer].closed.catch(noop);
            send(this, readable);

            this[writer].write(Buffer.concat(this[chunks]))
                .then(() => callback(), callback);
            return;
        }

        this[writer].write(bytes).then(() => callback(), callback);
    },

    _final(callback) {
        if (this[writer]) {
            this[writer].close().then(() => callback(), callback);
            return;
        }

        send(this, this[size] && mayHaveBody(this)
                   ? Buffer.concat(this[chunks]) : undefined);
        callback();
    },

    _destroy(error, callback) {
        clearTimeout(this[timer]);

        const answered = this[response];

        if (!answered) {
            error ??= hangUp();
        }

        if (answered && !answered.destroyed && !answered.complete) {
            answered.destroy(error ?? hangUp());
        }

        this[writer]?.abort(error ?? undefined).catch(noop);

        if (!answered?.complete) {
            this[abort].abort();
        }

        callback(error);
    },

    end(chunk, encoding, callback) {
        if (this.finished) {
            return this;
        }

        Reflect.apply(OutgoingMessage.prototype.end, this,
                      [chunk, encoding, callback]);
        this.finished = true;

        return this;
    },

    abort() {
        if (!this.aborted) {
            this.aborted = true;
            nextTick(() => this.emit("abort"));
            this.destroy();
        }
    },

    setTimeout(ms, callback) {
        validateInteger(ms, "msecs", 0);
        clearTimeout(this[timer]);

        if (callback) {
            validateFunction(callback, "callback");
            this.once("timeout", callback);
        }

        if (ms && !this.destroyed) {
            this[timer] = setTimeout(() => this.emit("timeout"), ms);
        }

        return this;
    },

    clearTimeout(callback) { return this.setTimeout(0, callback); },

    setNoDelay() {},
    setSocketKeepAlive() {},
    onSocket() {},
});
