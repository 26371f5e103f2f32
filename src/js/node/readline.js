/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:readline": a terminal that nobody sits at.
 */

import { Interface, createInterface } from "workers:node/internal/readline";
import promises from "workers:node/readline/promises";


export function clearLine() { return false; }
export function clearScreenDown() { return false; }
export function cursorTo() { return false; }
export function emitKeypressEvents() {}
export function moveCursor() { return false; }

export { Interface, createInterface, promises };

export default {
    clearLine, clearScreenDown, createInterface, cursorTo, emitKeypressEvents,
    moveCursor, Interface, promises,
};
