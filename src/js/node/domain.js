/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:domain": domains that catch nothing; they are deprecated.
 */

import EventEmitter from "workers:node/events";

const { Reflect } = globalThis;


export class Domain extends EventEmitter {
    members = undefined;

    _errorHandler() {}
    enter() {}
    exit() {}
    add(emitter) {}
    remove(emitter) {}

    run(fn, ...args) {
        return Reflect.apply(fn, this, args);
    }

    intercept(callback) {
        return (error, ...args) => {
            if (error) {
                this.emit("error", error);
                return undefined;
            }

            return callback(...args);
        };
    }

    bind(callback) {
        return callback;
    }
}


export const active = null;


export function createDomain() {
    return new Domain();
}

export const create = createDomain();

export default { Domain, active, createDomain, create: createDomain };
