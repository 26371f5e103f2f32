/*
 * Copyright (C) the nginx-workers authors
 *
 * The module "cloudflare:sockets".
 *
 * The native half: connect(hostname, port, secure, allowHalfOpen) gives a
 * connection: opened() and closed(), promises that are asked for once,
 * stream() of what comes, write(bytes), shutdown(), close(), startTls().
 */

export default function defineSockets(native) {

const {
    ArrayBuffer, Number, Object, Promise, Symbol, TextEncoder, TypeError, URL,
    WritableStream,
} = globalThis;

const CHARACTERS = /^[-_.:A-Za-z0-9[\]]{1,255}$/;
const SECURE = ["off", "on", "starttls"];
const noop = () => {};


/* An address: "host:port", or an object. */

function parseAddress(address) {
    let hostname, port;

    if (address === undefined || address === null) {
        throw new TypeError("Cannot initialize SocketAddress with required "
                            + "members from an undefined or null value.");
    }

    if (typeof address === "object") {
        hostname = `${address.hostname}`;
        port = Number(address.port);

        if (!Number.isInteger(port)) {
            throw new TypeError("The value cannot be converted because it is "
                                + "not an integer.");
        }

        if (port < 0 || port > 65535) {
            throw new TypeError("Value out of range. Must be less than or "
                                + "equal to 65535.");
        }

    } else {
        let url;

        try {
            url = new URL(`fake://${address}`);

        } catch {
            throw new TypeError("Specified address could not be parsed.");
        }

        if (url.hostname === "") {
            throw new TypeError("Specified address is missing hostname.");
        }

        if (url.port === "") {
            throw new TypeError("Specified address is missing port.");
        }

        hostname = url.hostname;
        port = Number(url.port);

        if (!CHARACTERS.test(`${address}`)) {
            hostname = "";
        }
    }

    if (hostname !== "" && hostname.includes(":") && hostname[0] !== "[") {
        hostname = `[${hostname}]`;
    }

    if (!CHARACTERS.test(hostname)) {
        throw new TypeError("Specified address is empty string, contains "
                            + "unsupported characters or is too long.");
    }

    return [hostname, port];
}


function parseOptions(options) {
    if (options === undefined) {
        return { secureTransport: "off", allowHalfOpen: false };
    }

    if (options === null) {
        throw new TypeError("Cannot initialize SocketOptions with required "
                            + "members from an undefined or null value.");
    }

    if (typeof options !== "object") {
        throw new TypeError("Failed to execute 'connect' on 'SocketsModule': "
                            + "parameter 2 is not of type 'SocketOptions'.");
    }

    const { secureTransport = "off", allowHalfOpen = false,
            highWaterMark } = options;

    if (!SECURE.includes(`${secureTransport}`)) {
        throw new TypeError("Unsupported value in secureTransport socket "
                            + `option: ${secureTransport}`);
    }

    if (highWaterMark !== undefined && !(Number(highWaterMark) >= 0)) {
        throw new TypeError("The value cannot be converted because it is "
                            + "negative and this API expects a positive "
                            + "bigint.");
    }

    return { secureTransport: `${secureTransport}`,
             allowHalfOpen: !!allowHalfOpen };
}


const INTERNAL = Symbol("internal");
const encoder = new TextEncoder();


function bytesOf(chunk) {
    if (typeof chunk === "string") {
        return encoder.encode(chunk);
    }

    if (ArrayBuffer.isView(chunk) || chunk instanceof ArrayBuffer) {
        return chunk;
    }

    throw new TypeError("This TransformStream is being used as a byte stream, "
                        + "but received an object of non-ArrayBuffer/"
                        + "ArrayBufferView type on its writable side.");
}


let make;

class Socket {
    #connection;
    #readable;
    #writable;
    #controller;
    #opened;
    #closed;
    #secure;
    #upgraded = false;
    #tls = false;               /* startTls() was called */
    #leave;                     /* resolves closed, for startTls() */
    #connectionClosed;
    #closing = null;            /* what close() has promised */
    #rest;                      /* hostname, port and options */

    static {
        make = (connection, secure, opened, closed, stream) => {
            const socket = new Socket(INTERNAL);

            socket.#connection = connection;
            socket.#secure = secure;
            socket.#opened = opened;
            socket.#closed = closed;

            if (secure === "starttls") {
                const { promise, resolve, reject } = Promise.withResolvers();

                closed.then(resolve, reject);
                promise.catch(noop);

                socket.#closed = promise;
                socket.#leave = resolve;
                socket.#connectionClosed = closed;
            }

            socket.#readable = stream;
            socket.#writable = new WritableStream({
                start(controller) {
                    socket.#controller = controller;
                },

                write(chunk) {
                    return connection.write(bytesOf(chunk));
                },

                close() {
                    return connection.shutdown();
                },

                abort() {
                    connection.close();
                },
            });

            /* who does not ask is not told */

            opened.catch(noop);
            closed.then(() => {
                socket.#controller.error(new TypeError(
                    "This WritableStream has been closed."));

            }, (error) => {
                socket.#controller.error(error);
            });

            return socket;
        };
    }

    constructor(internal) {
        if (internal !== INTERNAL) {
            throw new TypeError("Illegal constructor");
        }
    }

    get readable() { return this.#readable; }
    get writable() { return this.#writable; }
    get closed() { return this.#closed; }
    get opened() { return this.#opened; }
    get upgraded() { return this.#upgraded; }
    get secureTransport() { return this.#secure; }

    close() {
        return this.#closing ??= this.#close();
    }

    async #close() {
        const connection = this.#connection;

        /* what is written already goes out before */

        connection.close();
        await this.#closed.catch(noop);

        const writing = "This WritableStream belongs to an object that is "
                        + "closing.";

        this.#controller.error(new TypeError(writing));

        if (!this.#readable.locked) {
            await this.#readable.cancel().catch(noop);
        }
    }

    startTls() {
        if (this.#secure === "on") {
            throw new TypeError("Cannot startTls on a TLS socket.");
        }

        if (this.#secure !== "starttls") {
            throw new TypeError("The `secureTransport` socket option must be "
                                + "set to 'starttls' for startTls to be used.");
        }

        if (this.#tls) {
            throw new TypeError("startTls can only be called once.");
        }

        this.#tls = true;

        const connection = this.#connection;
        const opened = this.#opened.then(() => {
            this.#upgraded = true;
            connection.startTls();

            return connection.opened();
        });

        this.#controller.error(new TypeError("This WritableStream belongs to "
                                             + "a socket that was upgraded."));

        /* the platform's: this one is closed when the other has taken over */

        Promise.resolve().then(this.#leave);

        return make(connection, "on", opened, this.#connectionClosed,
                    this.#readable);
    }

    get [Symbol.toStringTag]() { return "Socket"; }
}

for (const name of ["readable", "writable", "closed", "opened", "upgraded",
                    "secureTransport", "close", "startTls"])
{
    Object.defineProperty(Socket.prototype, name, { enumerable: true });
}


function connect(address, options = undefined) {
    const [hostname, port] = parseAddress(address);
    const { secureTransport, allowHalfOpen } = parseOptions(options);

    const connection = native.connect(hostname, port, secureTransport === "on",
                                      allowHalfOpen);

    return make(connection, secureTransport, connection.opened(),
                connection.closed(), connection.stream());
}


return { connect };

}
