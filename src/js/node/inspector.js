/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:inspector": there is no inspector to be opened.
 */

import { stubClass } from "workers:node/internal/stubs";

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


export function close() {}
export function url() {}
export function waitForDebugger() {}


export function open(port, host, wait) {
    return {};
}


export default { Session, close, console, open, url, waitForDebugger, Network };
