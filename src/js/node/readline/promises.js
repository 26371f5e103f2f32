/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:readline/promises": a terminal that nobody sits at.
 */

import { Interface, createInterface } from "workers:node/internal/readline";


export class Readline {
    constructor(stream, options) {}

    clearLine() { return this; }
    clearScreenDown() { return this; }
    async commit() {}
    cursorTo() { return this; }
    moveCursor() { return this; }
    rollback() { return this; }
}

export { Interface, createInterface };

export default { Interface, Readline, createInterface };
