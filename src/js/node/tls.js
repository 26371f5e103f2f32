/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:tls" over connect() and startTls() of "cloudflare:sockets".  The
 * platform checks certificates and tells nothing of them.
 */

import native from "native:process";
import { Buffer } from "workers:node/buffer";
import {
    Socket, _normalizeArgs, attach, connection, detach, isIP,
} from "workers:node/internal/net_socket";
import {
    invalidArgType, notImplemented, nodeError, plainError, validateBuffer,
    validateNumber, validateObject, validateString,
} from "workers:node/internal/errors";
import { stub } from "workers:node/internal/stubs";

const { Array, ArrayBuffer, Error, Object, Reflect, String } = globalThis;


export const CLIENT_RENEG_LIMIT = 3;
export const CLIENT_RENEG_WINDOW = 600;
export const DEFAULT_CIPHERS = "";
export const DEFAULT_ECDH_CURVE = "auto";
export const DEFAULT_MIN_VERSION = "TLSv1.2";
export const DEFAULT_MAX_VERSION = "TLSv1.3";
export const rootCertificates = Object.freeze([]);


function absent(option) {
    return plainError("ERR_OPTION_NOT_IMPLEMENTED",
                      `The options.${option} option is not implemented`);
}


export class SecureContext {
    constructor(secureProtocol, secureOptions, minVersion, maxVersion) {
        this.context = undefined;
    }
}


export function createSecureContext(options = {}) {
    validateObject(options, "options");

    return new SecureContext();
}


export function TLSSocket(socket, options) {
    if (!(this instanceof TLSSocket)) {
        return new TLSSocket(socket, options);
    }

    options = { ...options };

    if (options.isServer) {
        throw absent("isServer");
    }

    if (options.rejectUnauthorized === false) {
        throw absent("rejectUnauthorized");
    }

    Reflect.apply(Socket, this, [{
        allowHalfOpen: socket?.allowHalfOpen ?? options.allowHalfOpen,
        highWaterMark: options.highWaterMark, signal: options.signal,
    }]);

    this.encrypted = true;
    this.authorized = false;
    this.authorizationError = null;
    this.alpnProtocol = null;
    this.servername = null;

    this.on("connect", () => {
        this.authorized = true;
        this.emit("secure");
        this.emit("secureConnect");
    });

    if (socket instanceof Socket) {
        this._upgrade(socket);
    }
}

Object.setPrototypeOf(TLSSocket.prototype, Socket.prototype);
Object.setPrototypeOf(TLSSocket, Socket);


const methods = {
    _open(hostname, port) {
        const { connect } = native.require("cloudflare:sockets");

        attach(this, connect({ hostname, port },
                             { allowHalfOpen: true, secureTransport: "on" }));
    },

    /* Goes on where a plain socket is now. */

    _upgrade(socket) {
        const upgrade = () => {
            try {
                attach(this, detach(socket).startTls());

            } catch (error) {
                this.connecting = false;
                this.destroy(error);
            }
        };

        this.connecting = true;
        this._host = socket._host;

        socket.once("error", (error) => this.destroy(error));
        this.once("close", () => socket.destroy());

        if (socket[connection] === null || socket.connecting) {
            socket.once("connect", upgrade);

        } else {
            upgrade();
        }
    },

    getPeerCertificate() {
        throw new Error("getPeerCertificate is not implemented");
    },

    getPeerX509Certificate() {
        throw new Error("getPeerX509Certificate is not implemented");
    },

    renegotiate(options, callback) {
        if (typeof options !== "object" || options === null) {
            throw invalidArgType("options", "object", options);
        }

        throw notImplemented("renegotiate");
    },

    exportKeyingMaterial(length) {
        validateNumber(length, "length");

        throw notImplemented("exportKeyingMaterial");
    },

    setServername(name) {
        validateString(name, "name");
        this.servername = name;
    },

    disableRenegotiation() {},
    enableTrace() {},
    setSession() {},
    setKeyCert() {},
    setMaxSendFragment() { return false; },
    getCipher() {},
    getCertificate() {},
    getX509Certificate() {},
    getEphemeralKeyInfo() {},
    getFinished() {},
    getPeerFinished() {},
    getProtocol() { return null; },
    getSession() {},
    getSharedSigalgs() { return []; },
    getTLSTicket() {},
    isSessionReused() { return false; },
};

for (const name of Object.keys(methods)) {
    Object.defineProperty(TLSSocket.prototype, name, {
        value: methods[name], configurable: true, writable: true,
    });
}


/* connect(port, host, options, callback) and all that is shorter. */

export function connect(...args) {
    const [first, callback] = _normalizeArgs(args);
    const more = args.slice(1).find((value) => typeof value === "object"
                                               && value !== null);
    const options = { ...first, ...more };
    const socket = new TLSSocket(options.socket, options);

    if (options.servername !== undefined) {
        socket.setServername(options.servername);
    }

    if (callback !== null) {
        socket.once("secureConnect", callback);
    }

    if (options.timeout) {
        socket.setTimeout(options.timeout);
    }

    return options.socket === undefined ? socket.connect([options, null])
                                        : socket;
}


/* Names in certificates: RFC 6125, section 6.4. */

function fits(host, pattern) {
    const hostParts = host.toLowerCase().split(".");
    const parts = pattern.toLowerCase().replace(/\.$/, "").split(".");

    if (parts.length !== hostParts.length || parts.includes("")) {
        return false;
    }

    if (parts.slice(1).some((part, i) => part !== hostParts[i + 1])) {
        return false;
    }

    const [label] = parts;
    const star = label.split("*");

    if (star.length === 1 || label.includes("xn--")) {
        return label === hostParts[0];
    }

    return star.length === 2 && parts.length > 2
           && hostParts[0].length >= star[0].length + star[1].length
           && hostParts[0].startsWith(star[0])
           && hostParts[0].endsWith(star[1]);
}


/* undefined, or an error that says why the certificate is not the host's. */

export function checkServerIdentity(hostname, cert) {
    const { subject, subjectaltname: alternatives } = cert;
    const host = String(hostname).replace(/\.$/, "");
    const names = alternatives === undefined ? []
                  : String(alternatives).split(", ");
    const dns = names.filter((name) => name.startsWith("DNS:"))
                .map((name) => name.slice(4));
    const ips = names.filter((name) => name.startsWith("IP Address:"))
                .map((name) => name.slice(11));
    let reason;

    if (isIP(host)) {
        if (!ips.includes(host)) {
            reason = `IP: ${host} is not in the cert's list: `
                     + ips.join(", ");
        }

    } else if (dns.length > 0) {
        if (!dns.some((name) => fits(host, name))) {
            reason = `Host: ${host}. is not in the cert's altnames: `
                     + alternatives;
        }

    } else if (subject?.CN) {
        if (![subject.CN].flat().some((name) => fits(host, name))) {
            reason = `Host: ${host}. is not cert's CN: ${subject.CN}`;
        }

    } else {
        reason = "Cert does not contain a DNS name";
    }

    if (reason === undefined) {
        return undefined;
    }

    return Object.assign(nodeError(Error, "ERR_TLS_CERT_ALTNAME_INVALID",
                                   reason),
                         { reason, host, cert });
}


/* Lengths and names, as ALPN has them on the wire: RFC 7301, section 3.1. */

export function convertALPNProtocols(protocols, out) {
    if (Array.isArray(protocols)) {
        out.ALPNProtocols = Buffer.concat(protocols.map((name) => {
            const bytes = Buffer.from(name);

            if (bytes.length > 255) {
                throw new Error("The byte length of the protocol is larger "
                                + "than 255: expected less");
            }

            return Buffer.concat([Buffer.from([bytes.length]), bytes]);
        }));

    } else if (ArrayBuffer.isView(protocols)) {
        validateBuffer(protocols, "protocols");
        out.ALPNProtocols = Buffer.from(protocols.buffer.slice(
            protocols.byteOffset, protocols.byteOffset
                                  + protocols.byteLength));
    }
}


export function createServer() {
    throw new Error("Not implemented");
}


export function Server() {
    throw new Error("Not implemented");
}


export function getCiphers() {
    throw new Error("Not implemented");
}

export const createSecurePair = stub("createSecurePair");


export default {
    CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW, DEFAULT_CIPHERS,
    DEFAULT_ECDH_CURVE, DEFAULT_MAX_VERSION, DEFAULT_MIN_VERSION,
    SecureContext, Server, TLSSocket, checkServerIdentity, connect,
    convertALPNProtocols, createSecureContext, createSecurePair, createServer,
    getCiphers, rootCertificates,
};
