/*
 * Copyright (C) the nginx-workers authors
 *
 * What "node:net" is made of, over connect() of "cloudflare:sockets":
 * clients, and no servers.
 */

import native from "native:process";
import { Buffer } from "workers:node/buffer";
import Stream from "workers:node/internal/readable_stream";
import { BlockList, SocketAddress, isIP, isIPv4, isIPv6 }
    from "workers:node/internal/net_address";
import {
    invalidArgType, invalidArgValue, plainError, typeError, validateFunction,
    validateNumber,
} from "workers:node/internal/errors";
import { clearTimeout, setTimeout } from "workers:node/internal/platform";
import { nextTick } from "workers:node/internal/tick";

const {
    Array, Error, Math, NaN, Number, Object, Reflect, String, Symbol,
} = globalThis;

const { Duplex } = Stream;

export { BlockList, SocketAddress, isIP, isIPv4, isIPv6 };

const noop = () => {};


/* What a socket has of the platform: { socket, reader, writer, info }. */

export const connection = Symbol("connection");

/* an event that comes after "connect" and "ready" */

const attached = Symbol("attached");

const reading = Symbol("reading");
const timer = Symbol("timer");


function closedError() {
    return plainError("ERR_SOCKET_CLOSED", "Socket is closed");
}


/* [options, callback] of what connect() may be called with. */

export function _normalizeArgs(args) {
    const callback = args.at(-1);
    let options = {};

    if (typeof args[0] === "object" && args[0] !== null) {
        options = args[0];

    } else if (typeof args[0] === "string" && !(Number(args[0]) >= 0)) {
        options = { path: args[0] };

    } else if (args.length && typeof args[0] !== "function") {
        options = { port: args[0] };

        if (typeof args[1] === "string") {
            options.host = args[1];
        }
    }

    return [options, typeof callback === "function" ? callback : null];
}


function checkPort(port) {
    const n = typeof port === "string" && port.trim() === "" ? NaN
              : Number(port);

    if ((typeof port !== "number" && typeof port !== "string")
        || !Number.isInteger(n) || n < 0 || n > 65535)
    {
        throw plainError("ERR_SOCKET_BAD_PORT",
                         "Port should be >= 0 and < 65536. Received "
                         + `${typeof port}.`);
    }

    return n;
}


/* Of "127.0.0.1:80" or "[::1]:80". */

function splitAddress(text) {
    const at = text?.lastIndexOf(":") ?? -1;

    if (at < 0) {
        return {};
    }

    const address = text.slice(0, at).replace(/^\[|\]$/g, "");

    return { address, port: Number(text.slice(at + 1)),
             family: isIPv6(address) ? "IPv6" : "IPv4" };
}


export function Socket(options) {
    if (!(this instanceof Socket)) {
        return new Socket(options);
    }

    options = typeof options === "object" && options !== null ? options : {};

    for (const name of ["fd", "objectMode", "readableObjectMode",
                        "writableObjectMode"])
    {
        if (options[name] !== undefined && options[name] !== false) {
            throw plainError("ERR_OPTION_NOT_IMPLEMENTED",
                             `The options.${name} option is not implemented`);
        }
    }

    Reflect.apply(Duplex, this, [{
        allowHalfOpen: options.allowHalfOpen === true, autoDestroy: true,
        emitClose: false, decodeStrings: true,
        highWaterMark: options.highWaterMark ?? 65536, signal: options.signal,
    }]);

    this.connecting = false;
    this.bytesRead = 0;
    this.autoSelectFamilyAttemptedAddresses = [];
    this.timeout = undefined;
    this[connection] = null;
    this[reading] = false;
    this[timer] = undefined;
    this._written = 0;

    this.on("end", function () {
        if (!this.allowHalfOpen) {
            this.end();
        }
    });

    if (typeof options.onread === "object" && options.onread !== null) {
        const { buffer, callback } = options.onread;

        validateFunction(callback, "options.onread.callback");

        this.on("data", (chunk) => {
            const into = typeof buffer === "function" ? buffer() : buffer;

            for (let at = 0; at < chunk.length; at += into.length) {
                const n = Math.min(chunk.length - at, into.length);

                into.set(chunk.subarray(at, at + n));

                if (callback(n, into) === false) {
                    this.pause();
                }
            }
        });
    }
}

Object.setPrototypeOf(Socket.prototype, Duplex.prototype);
Object.setPrototypeOf(Socket, Duplex);

export { Socket as Stream };


/* The socket of the platform, and what then is done with it. */

export function attach(stream, socket) {
    const own = stream[connection] = {
        socket, reader: socket.readable.getReader(),
        writer: socket.writable.getWriter(), info: {},
    };

    own.writer.closed.catch(noop);
    own.reader.closed.catch(noop);
    socket.closed.catch(noop);

    socket.opened.then((info) => {
        if (stream[connection] !== own || stream.destroyed) {
            return;
        }

        own.info = { localAddress: "0.0.0.0:0", ...info };
        stream.connecting = false;
        touch(stream);

        stream.emit("connect");
        stream.emit("ready");
        stream.emit(attached);

        if (!stream.isPaused() && !stream.destroyed) {
            stream.read(0);
        }

    }, (error) => {
        stream.connecting = false;
        stream.destroy(error);
    });
}

/* Lets go of the platform's socket, which is to be upgraded. */

export function detach(stream) {
    const own = stream[connection];

    if (own === null) {
        throw closedError();
    }

    stream[connection] = null;

    own.reader.releaseLock();
    own.writer.releaseLock();

    return own.socket;
}


/* Something has happened: its timeout begins anew. */

function touch(stream) {
    if (stream.timeout > 0 && !stream.destroyed) {
        clearTimeout(stream[timer]);
        stream[timer] = setTimeout(() => stream._onTimeout(), stream.timeout);
    }
}


/* then() once it is connected, or callback(error) if that never comes. */

function whenConnected(stream, then, callback) {
    function go() {
        stream.off("close", closed);
        then();
    }

    function closed() {
        callback(plainError("ERR_SOCKET_CLOSED_BEFORE_CONNECTION",
                            "Socket closed before the connection was "
                            + "established"));
    }

    stream.once(attached, go);
    stream.once("close", closed);
}


const methods = {
    connect(...args) {
        const [options, callback] = Array.isArray(args[0])
                                    ? args[0] : _normalizeArgs(args);

        if (options.path !== undefined) {
            throw invalidArgValue("path", options.path, "is not supported");
        }

        if (options.port === undefined) {
            throw typeError("ERR_MISSING_ARGS",
                            'The "options" or "port" or "path" argument must '
                            + "be specified");
        }

        const port = checkPort(options.port);
        const host = String(options.host ?? "localhost");

        if (options.lookup !== undefined) {
            validateFunction(options.lookup, "options.lookup");
        }

        if (callback !== null) {
            this.once("connect", callback);
        }

        this.connecting = true;
        this._host = host;

        const open = (address) => {
            if (this.destroyed) {
                return;
            }

            this.autoSelectFamilyAttemptedAddresses = [`${address}:${port}`];

            try {
                this._open(address, port, options);

            } catch (error) {
                this.connecting = false;
                this.destroy(error);
            }
        };

        if (options.lookup !== undefined && !isIP(host)) {
            options.lookup(host, { family: options.family, hints: 0 },
                           (error, address, family) => {
                this.emit("lookup", error, address, family, host);

                if (error) {
                    this.connecting = false;
                    this.destroy(error);

                } else {
                    open(address);
                }
            });

        } else {
            open(host);
        }

        return this;
    },

    /* TLSSocket has its own. */

    _open(hostname, port) {
        const { connect } = native.require("cloudflare:sockets");

        attach(this, connect({ hostname, port },
                             { allowHalfOpen: true,
                               secureTransport: "starttls" }));
    },

    _read(size) {
        const own = this[connection];

        if (this.connecting || own === null) {
            if (this.connecting) {
                this.once("connect", () => this._read(size));
            }

            return;
        }

        if (this[reading]) {
            return;
        }

        this[reading] = true;

        own.reader.read().then(({ done, value }) => {
            this[reading] = false;

            if (this[connection] !== own) {
                return;
            }

            touch(this);

            if (done) {
                this.push(null);
                this.read(0);
                return;
            }

            this.bytesRead += value.byteLength;
            this.push(Buffer.from(value.buffer, value.byteOffset,
                                  value.byteLength));

        }, (error) => {
            this[reading] = false;

            if (this[connection] === own) {
                this.destroy(error);
            }
        });
    },

    _write(chunk, encoding, callback) {
        if (this.connecting) {
            this._pending = chunk.length;
            whenConnected(this, () => {
                this._pending = 0;
                this._write(chunk, encoding, callback);
            }, callback);
            return;
        }

        const own = this[connection];

        if (own === null) {
            callback(closedError());
            return;
        }

        this._written += chunk.length;
        touch(this);

        own.writer.write(chunk).then(() => {
            touch(this);
            callback();
        }, callback);
    },

    _writev(chunks, callback) {
        this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "buffer",
                    callback);
    },

    _final(callback) {
        if (this.connecting) {
            whenConnected(this, () => this._final(callback), callback);
            return;
        }

        const own = this[connection];

        if (own === null) {
            callback();
            return;
        }

        /* a peer that has closed before is no failure */

        own.writer.close().then(() => callback(), () => callback());
    },

    _destroy(error, callback) {
        const own = this[connection];

        this.connecting = false;
        clearTimeout(this[timer]);

        if (own !== null) {
            this[connection] = null;
            own.socket.close().catch(noop);
        }

        callback(error);
        nextTick(() => this.emit("close", !!error));
    },

    destroySoon() {
        if (this.writable) {
            this.end();
        }

        if (this.writableFinished) {
            this.destroy();

        } else {
            this.once("finish", this.destroy);
        }
    },

    resetAndDestroy() {
        this.destroy(this[connection] === null && !this.connecting
                     ? closedError() : undefined);

        return this;
    },

    setTimeout(msecs, callback) {
        if (this.destroyed) {
            return this;
        }

        validateNumber(msecs, "msecs");

        if (callback !== undefined) {
            validateFunction(callback, "callback");
        }

        this.timeout = msecs;

        if (msecs === 0) {
            clearTimeout(this[timer]);

            if (callback !== undefined) {
                this.removeListener("timeout", callback);
            }

        } else {
            touch(this);

            if (callback !== undefined) {
                this.once("timeout", callback);
            }
        }

        return this;
    },

    _onTimeout() {
        this.emit("timeout");
    },

    address() {
        return splitAddress(this[connection]?.info.localAddress);
    },

    setNoDelay() { return this; },
    setKeepAlive() { return this; },
    ref() { return this; },
    unref() { return this; },
};

for (const name of Object.keys(methods)) {
    Object.defineProperty(Socket.prototype, name, {
        value: methods[name], configurable: true, writable: true,
    });
}


function getter(name, get) {
    Object.defineProperty(Socket.prototype, name, {
        get, configurable: true, enumerable: true,
    });
}

for (const [side, of] of [["remote", "remoteAddress"],
                          ["local", "localAddress"]])
{
    getter(`${side}Address`, function () {
        return splitAddress(this[connection]?.info[of]).address;
    });

    getter(`${side}Port`, function () {
        return splitAddress(this[connection]?.info[of]).port;
    });

    getter(`${side}Family`, function () {
        return splitAddress(this[connection]?.info[of]).family;
    });
}

getter("pending", function () {
    return this[connection] === null || this.connecting;
});

getter("readyState", function () {
    return this.connecting ? "opening"
           : this.readable && this.writable ? "open"
           : this.readable ? "readOnly" : this.writable ? "writeOnly"
           : "closed";
});

getter("bytesWritten", function () {
    return this._written + (this._pending ?? 0);
});

getter("bufferSize", function () {
    return this[connection] === null ? undefined : this.writableLength;
});

getter("_connecting", function () {
    return this.connecting;
});


export function connect(...args) {
    const normalized = _normalizeArgs(args);
    const socket = new Socket(normalized[0]);

    if (normalized[0].timeout) {
        socket.setTimeout(normalized[0].timeout);
    }

    return socket.connect(normalized);
}

export { connect as createConnection };


export function createServer() {
    throw new Error("createServer() is not implemented");
}


export function Server() {
    throw new Error("Server is not implemented");
}


let selectFamily = false, attemptTimeout = 10;

export function getDefaultAutoSelectFamily() {
    return selectFamily;
}


export function setDefaultAutoSelectFamily(value) {
    if (typeof value !== "boolean") {
        throw invalidArgType("value", "boolean", value);
    }

    selectFamily = value;
}


export function getDefaultAutoSelectFamilyAttemptTimeout() {
    return attemptTimeout;
}


export function setDefaultAutoSelectFamilyAttemptTimeout(value) {
    validateNumber(value, "value", 1, 2147483647);

    attemptTimeout = Math.max(value, 10);
}
