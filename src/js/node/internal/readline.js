/*
 * Copyright (C) the nginx-workers authors
 *
 * What "node:readline" and "node:readline/promises" share: an interface that
 * reads nothing.
 */

import EventEmitter from "workers:node/events";

const { Symbol } = globalThis;


export class Interface extends EventEmitter {
    terminal = false;
    line = "";
    cursor = 0;
    #prompt = "> ";

    constructor(input, output, completer, terminal) {
        super();
    }

    getPrompt() { return this.#prompt; }
    setPrompt(prompt) { this.#prompt = prompt; }
    prompt(preserveCursor) {}
    question(query, options, callback) {}
    pause() { return this; }
    resume() { return this; }
    write(data, key) {}
    getCursorPos() { return { rows: 0, cols: 0 }; }

    close() {
        this.emit("close");
    }

    async *[Symbol.asyncIterator]() {}
}


export function createInterface(...args) {
    return new Interface(...args);
}
