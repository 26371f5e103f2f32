/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:http2": names only.  fetch() speaks HTTP/2 by itself.
 */

import { Buffer } from "workers:node/buffer";
import { constants } from "workers:node/internal/http2_constants";
import { stubClass, stubs } from "workers:node/internal/stubs";

const { Symbol } = globalThis;

export { constants };

export const { connect, createSecureServer, createServer,
               performServerHandshake } = stubs("http2", [
    "connect", "createSecureServer", "createServer", "performServerHandshake",
]);

export const Http2ServerRequest = stubClass("Http2ServerRequest",
                                            "http2.Http2ServerRequest");
export const Http2ServerResponse = stubClass("Http2ServerResponse",
                                             "http2.Http2ServerResponse");
export const sensitiveHeaders = Symbol("nodejs.http2.sensitiveHeaders");


export function getDefaultSettings() { return {}; }

export function getPackedSettings() { return Buffer.alloc(0); }

export function getUnpackedSettings() { return {}; }


export default {
    constants, createSecureServer, createServer, Http2ServerRequest,
    Http2ServerResponse, connect, getDefaultSettings, getPackedSettings,
    getUnpackedSettings, performServerHandshake, sensitiveHeaders,
};
