/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:worker_threads": the only thread, which can start no other.
 */

import { stub, stubClass } from "workers:node/internal/stubs";

const { Map, MessageChannel, MessagePort, Symbol } = globalThis;

const data = new Map();

export const SHARE_ENV = Symbol.for("nodejs.worker_threads.SHARE_ENV");
export const isInternalThread = false;
export const isMainThread = true;
export const parentPort = null;
export const resourceLimits = {};
export const threadId = 0;
export const workerData = null;

export const BroadcastChannel = stubClass("BroadcastChannel");
export const Worker = stubClass("Worker");
export const moveMessagePortToContext = stub("moveMessagePortToContext");
export const postMessageToThread = stub("postMessageToThread");


export function getEnvironmentData(key) {
    return data.get(key);
}


export function setEnvironmentData(key, value) {
    if (value === undefined) {
        data.delete(key);

    } else {
        data.set(key, value);
    }
}


export function isMarkedAsUntransferable(value) {
    return false;
}


export function markAsUntransferable(value) {}
export function markAsUncloneable(value) {}
export function receiveMessageOnPort(port) {}


export { MessageChannel, MessagePort };

export default {
    BroadcastChannel, MessageChannel, MessagePort, Worker, SHARE_ENV,
    getEnvironmentData, isMainThread, isMarkedAsUntransferable,
    markAsUntransferable, markAsUncloneable, moveMessagePortToContext,
    parentPort, receiveMessageOnPort, resourceLimits, setEnvironmentData,
    postMessageToThread, threadId, workerData, isInternalThread,
};
