/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:perf_hooks": User Timing (https://w3c.github.io/user-timing/) on the
 * platform's clock, which stands while a script runs.  The global performance
 * has its methods; entries are those of the isolate.
 */

import { performance } from "workers:node/internal/platform";
import { stub } from "workers:node/internal/stubs";

const {
    Map, Object, Reflect, Symbol, TypeError, structuredClone,
} = globalThis;

export { performance };

const internal = Symbol("internal");
const MAX_ENTRIES = 10000;

let entries = [];


function define(target, members) {
    for (const name of Object.keys(members)) {
        Object.defineProperty(target, name, {
            ...Object.getOwnPropertyDescriptor(members, name),
            enumerable: true, configurable: true,
        });
    }
}


function tag(Class) {
    Object.defineProperty(Class.prototype, Symbol.toStringTag,
                          { value: Class.name, configurable: true });
}


export class PerformanceEntry {
    #name;
    #entryType;
    #startTime;
    #duration;

    constructor(key, name, entryType, startTime, duration) {
        if (key !== internal) {
            throw new TypeError("Illegal constructor");
        }

        this.#name = name;
        this.#entryType = entryType;
        this.#startTime = startTime;
        this.#duration = duration;
    }

    get name() { return this.#name; }
    get entryType() { return this.#entryType; }
    get startTime() { return this.#startTime; }
    get duration() { return this.#duration; }

    toJSON() {
        const { name, entryType, startTime, duration, detail } = this;

        return { name, entryType, startTime, duration,
                 ...(detail !== undefined && detail !== null && { detail }) };
    }
}


export class PerformanceMark extends PerformanceEntry {
    #detail;

    constructor(name, options = {}) {
        if (typeof name !== "string") {
            throw new TypeError("Failed to construct 'PerformanceMark': "
                                + "constructor parameter 1 is not of type "
                                + "'string'.");
        }

        super(internal, name, "mark", options.startTime ?? performance.now(),
              0);
        this.#detail = options.detail === undefined ? null
                       : structuredClone(options.detail);
    }

    get detail() { return this.#detail; }
}


export class PerformanceMeasure extends PerformanceEntry {
    #detail;

    constructor(key, name, start, duration, detail) {
        super(key, name, "measure", start, duration);
        this.#detail = detail === undefined ? null : structuredClone(detail);
    }

    get detail() { return this.#detail; }
}


export class PerformanceResourceTiming extends PerformanceEntry {}


export class PerformanceObserverEntryList {
    constructor(key) {
        throw new TypeError("Illegal constructor");
    }
}


/* It hears of nothing, as on the platform. */

export class PerformanceObserver {
    static supportedEntryTypes = ["measure", "mark"];

    constructor(callback) {
        if (typeof callback !== "function") {
            throw new TypeError("Failed to construct 'PerformanceObserver': "
                                + "constructor parameter 1 is not of type "
                                + "'JsValue'.");
        }
    }

    observe(options) {}
    disconnect() {}
    takeRecords() { return []; }
}


export const Performance = performance.constructor;

for (const Class of [PerformanceEntry, PerformanceMark, PerformanceMeasure,
                     PerformanceResourceTiming, PerformanceObserver,
                     PerformanceObserverEntryList])
{
    tag(Class);
}


function add(entry) {
    if (entries.length >= MAX_ENTRIES) {
        entries.shift();
    }

    entries.push(entry);

    return entry;
}


/* A time: a number, or the name of the last mark that has it. */

function timeOf(value) {
    if (typeof value === "number") {
        return value;
    }

    return entries.findLast((entry) => entry.entryType === "mark"
                            && entry.name === value)?.startTime ?? 0;
}


function needName(name, method) {
    if (typeof name !== "string") {
        throw new TypeError(`Failed to execute '${method}' on 'Performance': `
                            + "parameter 1 is not of type 'string'.");
    }
}


export function eventLoopUtilization(one, two) {
    return { idle: 0, active: 0, utilization: 0 };
}


export function timerify(fn) {
    return function (...args) {
        return new.target ? Reflect.construct(fn, args, new.target)
                          : Reflect.apply(fn, this, args);
    };
}


const methods = {
    mark(name, options) {
        needName(name, "mark");

        return add(new PerformanceMark(name, options));
    },

    measure(name, start, end) {
        needName(name, "measure");

        let detail, duration;

        if (typeof start === "object" && start !== null) {
            ({ start, end, duration, detail } = start);
        }

        const to = end !== undefined ? timeOf(end)
                   : duration !== undefined ? timeOf(start ?? 0) + duration
                   : performance.now();
        const from = start !== undefined ? timeOf(start)
                     : duration !== undefined ? to - duration : 0;

        return add(new PerformanceMeasure(internal, name, from, to - from,
                                          detail));
    },

    getEntries() { return [...entries]; },

    getEntriesByName(name, type) {
        return entries.filter((entry) => entry.name === name
                              && (type === undefined
                                  || entry.entryType === type));
    },

    getEntriesByType(type) {
        return entries.filter((entry) => entry.entryType === type);
    },

    clearMarks(name) {
        entries = entries.filter((entry) => entry.entryType !== "mark"
                                 || (name !== undefined
                                     && entry.name !== name));
    },

    clearMeasures(name) {
        entries = entries.filter((entry) => entry.entryType !== "measure"
                                 || (name !== undefined
                                     && entry.name !== name));
    },

    clearResourceTimings() {},
    setResourceTimingBufferSize(size) {},
    markResourceTiming() {},
    timerify,
    eventLoopUtilization,

    toJSON() { return { timeOrigin: performance.timeOrigin }; },

    get eventCounts() {
        return Object.defineProperty(new Map(), Symbol.toStringTag,
                                     { value: "EventCounts" });
    },

    get nodeTiming() {
        return {
            name: "node", entryType: "node", startTime: 0, duration: 0,
            nodeStart: 0, v8Start: 0, bootstrapComplete: 0, environment: 0,
            loopStart: 0, loopExit: 0, idleTime: 0,
            uvMetricsInfo: { loopCount: 0, events: 0, eventsWaiting: 0 },
        };
    },
};

define(Performance.prototype, methods);

export const createHistogram = stub("createHistogram");
export const monitorEventLoopDelay = stub("monitorEventLoopDelay");

const names = (prefix, list) => list.map((name, i) => [`${prefix}_${name}`, i]);

export const constants = Object.fromEntries([
    ["NODE_PERFORMANCE_GC_MAJOR", 4], ["NODE_PERFORMANCE_GC_MINOR", 1],
    ["NODE_PERFORMANCE_GC_INCREMENTAL", 8], ["NODE_PERFORMANCE_GC_WEAKCB", 16],
    ["NODE_PERFORMANCE_GC_FLAGS_NO", 0],
    ["NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED", 2],
    ["NODE_PERFORMANCE_GC_FLAGS_FORCED", 4],
    ["NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING", 8],
    ["NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE", 16],
    ["NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY", 32],
    ["NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE", 64],
    ...names("NODE_PERFORMANCE_ENTRY_TYPE", ["GC", "HTTP", "HTTP2", "NET",
                                             "DNS"]),
    ...names("NODE_PERFORMANCE_MILESTONE", [
        "TIME_ORIGIN_TIMESTAMP", "TIME_ORIGIN", "ENVIRONMENT", "NODE_START",
        "V8_START", "LOOP_START", "LOOP_EXIT", "BOOTSTRAP_COMPLETE"]),
]);


export default {
    Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure,
    PerformanceObserver, PerformanceObserverEntryList,
    PerformanceResourceTiming, monitorEventLoopDelay, createHistogram,
    eventLoopUtilization, timerify, performance, constants,
};
