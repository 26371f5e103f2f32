/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:inspector/promises": there is no inspector to be opened.
 */

import { stubClass, stubs } from "workers:node/internal/stubs";

const { Object, console: platform } = globalThis;

const noop = () => {};


function nothing(...names) {
    return Object.fromEntries(names.map((name) => [name, noop]));
}


export const Network = nothing(
    "requestWillBeSent", "dataReceived", "dataSent", "responseReceived",
    "loadingFinished", "loadingFailed", "webSocketCreated",
    "webSocketHandshakeResponseReceived", "webSocketClosed");

export const console = platform;

export const Session = stubClass("Session");


export const { close, open, url, waitForDebugger } = stubs(
    "Inspector", ["close", "open", "url", "waitForDebugger"]);

export default { close, console, Network, open, Session, url, waitForDebugger };
