/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:timers/promises"
 */

import {
    abortError, validateAbortSignal, validateBoolean, validateNumber,
    validateObject,
} from "workers:node/internal/errors";

import {
    clearInterval as stopInterval, clearTimeout as stopTimeout,
    setInterval as startInterval, setTimeout as startTimeout,
} from "workers:node/internal/platform";

const { Promise } = globalThis;


function check(options) {
    validateObject(options, "options");

    const { signal, ref } = options;

    if (signal !== undefined) {
        validateAbortSignal(signal, "options.signal");
    }

    if (ref !== undefined) {
        validateBoolean(ref, "options.ref");
    }

    return signal;
}


/* A timer whose promise is rejected when signal is aborted. */

function wait(delay, value, options) {
    return new Promise((resolve, reject) => {
        const signal = check(options);

        if (signal?.aborted) {
            reject(abortError(signal.reason));
            return;
        }

        const aborted = () => {
            stopTimeout(timer);
            reject(abortError(signal.reason));
        };

        const timer = startTimeout(() => {
            signal?.removeEventListener("abort", aborted);
            resolve(value);
        }, delay);

        signal?.addEventListener("abort", aborted, { once: true });
    });
}


async function setTimeout(delay, value, options = {}) {
    if (delay !== undefined) {
        validateNumber(delay, "delay");
    }

    return wait(delay, value, options);
}


async function setImmediate(value, options = {}) {
    return wait(0, value, options);
}


async function* setInterval(delay, value, options = {}) {
    const signal = check(options);

    if (delay !== undefined) {
        validateNumber(delay, "delay");
    }

    let due = 0;
    let wake = () => {};

    const aborted = () => wake();

    signal?.addEventListener("abort", aborted, { once: true });

    const timer = startInterval(() => {
        due++;
        wake();
    }, delay);

    try {
        for (;;) {
            if (signal?.aborted) {
                throw abortError(signal.reason);
            }

            if (due === 0) {
                await new Promise((resolve) => { wake = resolve; });
                continue;
            }

            due--;
            yield value;
        }

    } finally {
        stopInterval(timer);
        signal?.removeEventListener("abort", aborted);
    }
}


const scheduler = {
    wait: (delay, options) => setTimeout(delay, undefined, options),
    yield: () => setImmediate(),
};


export { scheduler, setImmediate, setInterval, setTimeout };

export default { scheduler, setImmediate, setInterval, setTimeout };
