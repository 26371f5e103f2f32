/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:timers": the platform's timers, as objects.
 */

import { validateFunction } from "workers:node/internal/errors";
import {
    clearInterval as stopInterval, clearTimeout as stopTimeout,
    setInterval as startInterval, setTimeout as startTimeout,
} from "workers:node/internal/platform";
import promises from "workers:node/timers/promises";

const { Symbol } = globalThis;


class Timeout {
    #id;
    #callback;
    #args;
    #delay;
    #repeat;
    #ref = true;

    constructor(callback, delay = 1, args = [], repeat = false) {
        this.#callback = callback;
        this.#args = args;
        this.#delay = delay;
        this.#repeat = repeat;
        this.#start();
    }

    #start() {
        this.#id = (this.#repeat ? startInterval : startTimeout)(
            this.#callback, this.#delay, ...this.#args);
    }

    refresh() {
        if (this.#id !== undefined) {
            stopTimeout(this.#id);
            this.#start();
        }

        return this;
    }

    ref() {
        this.#ref = true;
        return this;
    }

    unref() {
        this.#ref = false;
        return this;
    }

    hasRef() {
        return this.#ref;
    }

    close() {
        stopTimeout(this.#id);
        this.#id = undefined;
        return this;
    }

    [Symbol.dispose]() {
        this.close();
    }

    [Symbol.toPrimitive]() {
        return this.#id;
    }
}


class Immediate {
    #id;
    #ref = true;

    constructor(callback, args) {
        this.#id = startTimeout(callback, 0, ...args);
    }

    ref() {
        this.#ref = true;
        return this;
    }

    unref() {
        this.#ref = false;
        return this;
    }

    hasRef() {
        return this.#ref;
    }

    [Symbol.dispose]() {
        clearImmediate(this);
    }

    static stop(immediate) {
        if (typeof immediate === "object" && immediate !== null
            && #id in immediate)
        {
            stopTimeout(immediate.#id);
        }
    }
}

const stopImmediate = Immediate.stop;
delete Immediate.stop;


function setTimeout(callback, after, ...args) {
    validateFunction(callback, "callback");

    return new Timeout(callback, after, args);
}

function clearTimeout(timer) {
    if (timer instanceof Timeout) {
        timer.close();

    } else if (typeof timer === "number") {
        stopTimeout(timer);
    }
}

function setInterval(callback, repeat, ...args) {
    validateFunction(callback, "callback");

    return new Timeout(callback, repeat, args, true);
}

function clearInterval(timer) {
    if (timer instanceof Timeout) {
        timer.close();

    } else if (typeof timer === "number") {
        stopInterval(timer);
    }
}

function setImmediate(callback, ...args) {
    validateFunction(callback, "callback");

    return new Immediate(callback, args);
}

function clearImmediate(immediate) {
    stopImmediate(immediate);
}


/* Deprecated, and of no effect here: timers do not keep a request alive. */

function active(timer) {
    timer?.refresh?.();
}

function enroll() {}

function unenroll(timer) {
    clearTimeout(timer);
}


export {
    Timeout, active, clearImmediate, clearInterval, clearTimeout, enroll,
    promises, setImmediate, setInterval, setTimeout, unenroll,
};

export default {
    promises, active, clearImmediate, clearInterval, clearTimeout, enroll,
    setImmediate, setInterval, setTimeout, unenroll,
};
