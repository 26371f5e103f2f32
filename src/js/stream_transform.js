/*
 * Copyright (C) the nginx-workers authors
 *
 * TransformStream.
 */

import {
    callback, deferred, ERRORED, ERRORING, face, guard, highWaterMark,
    illegal, initArg, INTERNAL, invoke, isObject, later, native, noop,
    PENDING, readStrategy, rejected, resolved, setPrototypeOf, then,
    TypeError, when,
} from "workers:stream_base";
import { DefaultController, Readable } from "workers:stream_readable";
import { wrapReadable } from "workers:stream_faces";
import { wrapWritable, Writable } from "workers:stream_writable";


const makeObject = Reflect.construct;

let transformOf, transformControllerOf;


class Transform {
    constructor(writeMark, writeSize, readMark, readSize) {
        this.readable = new Readable();
        this.controller = new DefaultController(
            this.readable, readMark, readSize,
            () => this.sourcePull(), (reason) => this.sourceCancel(reason));
        this.writable = new Writable(
            writeMark, writeSize, (chunk) => this.sinkWrite(chunk),
            () => this.sinkClose(), (reason) => this.sinkAbort(reason));
        this.backpressure = true;
        this.pullWaits = false;
        this.writeWaits = false;
        this.held = undefined;
        this.transformFn = undefined;
        this.flushFn = undefined;
        this.cancelFn = undefined;
        this.finish = undefined;
        this.face = undefined;
        this.startFn = undefined;
        this.encoding = undefined;
        this.decoder = undefined;
        this.onPulled = () => this.controller.pulled();
        this.onResume = () => this.resume();
        this.onError = (e) => {
            this.error(e);
            throw e;
        };
    }

    /* Of a transform that does nothing; its readable end is no byte stream. */
    filter(source, ended) {
        return native.filter(source, undefined, ended);
    }

    start(result) {
        this.controller.start(result);
        this.writable.start(result);
    }

    clear() {
        this.transformFn = this.flushFn = this.cancelFn = undefined;
    }

    setBackpressure(backpressure) {
        this.backpressure = backpressure;

        if (backpressure) {
            if (this.pullWaits) {
                this.pullWaits = false;
                later(this.onPulled);
            }

        } else if (this.writeWaits) {
            this.writeWaits = false;
            later(this.onResume);
        }
    }

    sourcePull() {
        this.setBackpressure(false);
        this.pullWaits = true;
        return PENDING;
    }

    sinkWrite(chunk) {
        if (this.backpressure) {
            this.held = chunk;
            this.writeWaits = true;
            return PENDING;
        }

        return this.perform(chunk);
    }

    resume() {
        const chunk = this.held;
        const writable = this.writable;

        this.held = undefined;

        if (writable.state === ERRORING) {
            writable.writeFailed(writable.error);
            return;
        }

        when(this.perform(chunk), writable.onWritten, writable.onFailed);
    }

    perform(chunk) {
        const result = this.transformFn?.(chunk);

        return result === undefined
               ? undefined
               : then(resolved(result), noop, this.onError);
    }

    enqueue(chunk) {
        const controller = this.controller;

        if (!controller.open()) {
            throw new TypeError("The readable side of this TransformStream "
                                + "is no longer readable.");
        }

        if (!controller.enqueue(chunk)) {
            this.errorWritable(this.readable.error);
            throw this.readable.error;
        }

        if (!this.backpressure && !controller.wanted()) {
            this.setBackpressure(true);
        }
    }

    error(e) {
        this.controller.fail(e);
        this.errorWritable(e);
    }

    errorWritable(e) {
        this.clear();
        this.writable.errorIfNeeded(e);
        this.unblock();
    }

    unblock() {
        if (this.backpressure) {
            this.setBackpressure(false);
        }
    }

    terminate() {
        if (!this.controller.open()) {
            throw new TypeError("This ReadableStream is closed.");
        }

        this.controller.close();
        this.errorWritable(new TypeError("The transform stream has been "
                                         + "terminated"));
    }

    /* Runs what ends the transform, once. */
    end(fn, arg, ok, failed) {
        if (this.finish === undefined) {
            const done = this.finish = deferred();
            const result = fn?.(arg);

            this.clear();
            when(result,
                 () => {
                     const e = ok();

                     if (e === undefined) {
                         done.resolve();

                     } else {
                         done.reject(e.error);
                     }
                 },
                 (e) => {
                     failed(e);
                     done.reject(e);
                 });
        }

        return this.finish.promise;
    }

    sinkAbort(reason) {
        const { readable, controller } = this;

        return this.end(this.cancelFn, reason,
                        () => {
                            if (readable.state === ERRORED) {
                                return readable;
                            }

                            controller.fail(reason);
                            return undefined;
                        },
                        (e) => controller.fail(e));
    }

    sinkClose() {
        const { readable, controller } = this;

        return this.end(this.flushFn, undefined,
                        () => {
                            if (readable.state === ERRORED) {
                                return readable;
                            }

                            if (controller.open()) {
                                controller.close();
                            }

                            return undefined;
                        },
                        (e) => controller.fail(e));
    }

    sourceCancel(reason) {
        const writable = this.writable;

        return this.end(this.cancelFn, reason,
                        () => {
                            if (writable.state === ERRORED) {
                                return writable;
                            }

                            writable.errorIfNeeded(reason);
                            this.unblock();
                            return undefined;
                        },
                        (e) => {
                            writable.errorIfNeeded(e);
                            this.unblock();
                        });
    }
}

class TransformStream {
    #transform;

    static {
        transformOf = (v) => {
            if (!isObject(v) || !(#transform in v)) {
                throw illegal("TransformStream");
            }

            return v.#transform;
        };
    }

    constructor(transformer = undefined, writableStrategy = undefined,
        readableStrategy = undefined)
    {
        if (transformer === INTERNAL) {
            this.#transform = writableStrategy;
            return;
        }

        initArg(transformer, "TransformStream", "Transformer");

        const t = setUpTransform(transformer, readStrategy(writableStrategy),
                                 readStrategy(readableStrategy));
        const start = t.startFn;

        this.#transform = t;
        t.startFn = undefined;
        t.start(start === undefined
                ? undefined
                : resolved(invoke(start, transformFace(t))));
    }

    get readable() {
        return wrapReadable(transformOf(this).readable);
    }

    get writable() {
        return wrapWritable(transformOf(this).writable);
    }
}

face(TransformStream, "TransformStream");

function setUpTransform(transformer, writable, readable) {
    const from = transformer ?? {};
    const cancelFn = callback(from, "cancel");
    const flushFn = callback(from, "flush");
    const readableType = from.readableType;
    const startFn = callback(from, "start");
    const transformFn = callback(from, "transform");
    const writableType = from.writableType;

    if (readableType !== undefined) {
        throw new TypeError("transformer.readableType must be undefined.");
    }

    if (writableType !== undefined) {
        throw new TypeError("transformer.writableType must be undefined.");
    }

    const readMark = highWaterMark(readable, 0);
    const writeMark = highWaterMark(writable, 1);
    const t = new Transform(writeMark, writable.size, readMark,
                            readable.size);

    if (transformFn === undefined && startFn === undefined
        && flushFn === undefined && cancelFn === undefined
        && readMark === 0 && writeMark === 1 && readable.size === undefined
        && writable.size === undefined)
    {
        t.writable.through = t;
    }

    t.startFn = startFn;

    t.transformFn = transformFn !== undefined
        ? native.inFrame((chunk) => invoke(transformFn, chunk,
                                           transformFace(t)))
        : (chunk) => {
            try {
                t.enqueue(chunk);
                return undefined;

            } catch (e) {
                return rejected(e);
            }
        };

    if (flushFn !== undefined) {
        t.flushFn = native.inFrame(() => invoke(flushFn, transformFace(t)));
    }

    if (cancelFn !== undefined) {
        t.cancelFn = native.inFrame((reason) => invoke(cancelFn, reason));
    }

    return t;
}

Transform.prototype.bytes = false;

/* One of ours, of functions that throw when they fail. */
function newTransform(transform, flush) {
    const t = new Transform(1, undefined, 0, undefined);

    t.transformFn = (chunk) => invoke(transform, chunk);
    t.flushFn = () => invoke(flush);
    t.start(undefined);
    return t;
}

/*
 * What further kinds of TransformStream are: objects of theirs around t.
 * Their constructors do not inherit from TransformStream, their prototypes
 * do, as on the platform.
 */
function construct(t, target) {
    return makeObject(TransformStream, [INTERNAL, t], target);
}

function kindOfTransform(cls, name, proto = TransformStream.prototype) {
    setPrototypeOf(cls.prototype, proto);
    face(cls, name);
}

function transformFace(t) {
    return t.face ??= new TransformStreamDefaultController(INTERNAL, t);
}


class TransformStreamDefaultController {
    #transform;

    static {
        transformControllerOf = (v) => {
            if (!isObject(v) || !(#transform in v)) {
                throw illegal("TransformStreamDefaultController");
            }

            return v.#transform;
        };
    }

    constructor(key = undefined, transform = undefined) {
        guard(key);
        this.#transform = transform;
    }

    get desiredSize() {
        return transformControllerOf(this).controller.desiredSize();
    }

    enqueue(chunk = undefined) {
        transformControllerOf(this).enqueue(chunk);
    }

    error(reason = undefined) {
        transformControllerOf(this).error(reason);
    }

    terminate() {
        transformControllerOf(this).terminate();
    }
}

face(TransformStreamDefaultController, "TransformStreamDefaultController");

export {
    construct, kindOfTransform, newTransform, transformOf,
};

export default () => ({ TransformStream, TransformStreamDefaultController });
