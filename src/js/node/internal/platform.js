/*
 * Copyright (C) the nginx-workers authors
 *
 * Globals of the platform in whose place Node.js's stand for scripts, by date:
 * modules of Node.js that are made of them take them from here.
 */

import native from "native:process";

const { Object } = globalThis;

export const {
    clearInterval, clearTimeout, setInterval, setTimeout,
} = Object.getPrototypeOf(globalThis);

export const performance = native.performance();
