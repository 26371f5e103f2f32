/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:http"
 */

import { Agent, ClientRequest, globalAgent }
    from "workers:node/internal/http_client";
import { METHODS, STATUS_CODES, validateHeaderName, validateHeaderValue }
    from "workers:node/internal/http_common";
import { IncomingMessage, OutgoingMessage }
    from "workers:node/internal/http_messages";
import { Server, ServerResponse, createServer }
    from "workers:node/internal/http_server";
import { stub } from "workers:node/internal/stubs";

const { CloseEvent, MessageEvent, WebSocket } = globalThis;

export {
    Agent, ClientRequest, CloseEvent, IncomingMessage, METHODS, MessageEvent,
    OutgoingMessage, STATUS_CODES, Server, ServerResponse, WebSocket,
    createServer, globalAgent, validateHeaderName, validateHeaderValue,
};

export const maxHeaderSize = 16384;
export const setMaxIdleHTTPParsers = stub("setMaxIdleHTTPParsers");
export const _connectionListener = stub("_connectionListener");


export function request(url, options, callback) {
    return new ClientRequest(url, options, callback);
}


export function get(url, options, callback) {
    const made = request(url, options, callback);

    made.end();

    return made;
}


export default {
    validateHeaderName, validateHeaderValue, METHODS, STATUS_CODES,
    createServer, Server, ServerResponse, _connectionListener, get, request,
    Agent, globalAgent, ClientRequest, IncomingMessage, OutgoingMessage,
    maxHeaderSize, setMaxIdleHTTPParsers, WebSocket, CloseEvent, MessageEvent,
};
