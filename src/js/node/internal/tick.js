/*
 * Copyright (C) the nginx-workers authors
 *
 * process.nextTick(): on this platform it is a microtask, in order with those
 * of promises.
 */

import native from "native:process";

const { queueMicrotask } = native;


export function nextTick(callback, ...args) {
    queueMicrotask(() => callback(...args));
}
