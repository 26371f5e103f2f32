/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:console": the platform's console.
 */

const { console, Object } = globalThis;

export const {
    assert, clear, count, countReset, debug, dir, dirxml, error, group,
    groupCollapsed, groupEnd, info, log, profile, profileEnd, table, time,
    timeEnd, timeLog, timeStamp, trace, warn,
} = console;


/* There are no streams to write to: it is the console again. */

export function Console(options) {
    if (!(this instanceof Console)) {
        return new Console(options);
    }

    for (const name of Object.keys(methods)) {
        this[name] = methods[name];
    }
}

const methods = {
    assert, clear, count, countReset, debug, dir, dirxml, error, group,
    groupCollapsed, groupEnd, info, log, profile, profileEnd, table, time,
    timeEnd, timeLog, timeStamp, trace, warn,
};


export function context() {
    return console;
}


export function createTask(name) {
    return { run: (fn) => fn() };
}


export default console;
