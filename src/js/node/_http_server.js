/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_http_server": a part of "node:http".
 */

import { STATUS_CODES } from "workers:node/internal/http_common";
import { Server, ServerResponse } from "workers:node/internal/http_server";
import { stub } from "workers:node/internal/stubs";

const { Symbol } = globalThis;

export { STATUS_CODES, Server, ServerResponse };

export const kConnectionsCheckingInterval = Symbol(
    "http.server.connectionsCheckingInterval");
export const kServerResponse = Symbol("ServerResponse");
export const _connectionListener = stub("_connectionListener");
export const setupConnectionsTracking = stub("setupConnectionsTracking");
export const storeHTTPOptions = stub("storeHTTPOptions");


export function httpServerPreClose(server) {
    server.closeIdleConnections();
}

export default {
    STATUS_CODES, Server, ServerResponse, _connectionListener,
    httpServerPreClose, kConnectionsCheckingInterval, kServerResponse,
    setupConnectionsTracking, storeHTTPOptions,
};
