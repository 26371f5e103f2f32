/*
 * Copyright (C) the nginx-workers authors
 *
 * The counts and timers of console (Console Standard, sections 1.2 and 1.4).
 * Each function returns the line to print, or undefined.
 *
 * The native half: now(), the time in milliseconds.
 */

export default function defineConsole(native) {

const { Map } = globalThis;

const LABELS = 1000;            /* of either kind, at most */

const counts = new Map();
const timers = new Map();


function elapsed(label) {
    const ms = native.now() - timers.get(label);

    return ms < 1000 ? `${label}: ${ms.toFixed(3)}ms`
                     : `${label}: ${(ms / 1000).toFixed(3)}s`;
}


return {
    count(label = "default") {
        label = `${label}`;

        const n = (counts.get(label) ?? 0) + 1;

        if (n > 1 || counts.size < LABELS) {
            counts.set(label, n);
        }

        return `${label}: ${n}`;
    },

    countReset(label = "default") {
        return counts.delete(`${label}`)
               ? undefined : `Count for '${label}' does not exist`;
    },

    time(label = "default") {
        label = `${label}`;

        if (timers.has(label)) {
            return `Timer '${label}' already exists`;
        }

        if (timers.size < LABELS) {
            timers.set(label, native.now());
        }

        return undefined;
    },

    timeLog(label = "default") {
        label = `${label}`;

        return timers.has(label) ? elapsed(label)
                                 : `Timer '${label}' does not exist`;
    },

    timeEnd(label = "default") {
        label = `${label}`;

        if (!timers.has(label)) {
            return `Timer '${label}' does not exist`;
        }

        const text = elapsed(label);

        timers.delete(label);

        return text;
    },
};

}
