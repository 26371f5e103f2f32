/*
 * Copyright (C) the nginx-workers authors
 *
 * ReadableStream's state: the stream, its reader, and the controller of
 * streams of any values.  What a script holds is a face of it; faces of
 * controllers and promises of `closed` are made when somebody asks for them.
 * A callback that returns nothing costs one microtask and no promise.
 */

import {
    badSize, CLOSED, deferred, EMPTY, ERRORED, Lazy, noop, PENDING, READABLE,
    READER_LOCKED, READER_RELEASED, rejected, resolved, then, TypeError, when,
} from "workers:stream_base";


/* A read() that waits. */
class PromiseRequest {
    constructor() {
        const { promise, resolve, reject } = deferred();

        this.promise = promise;
        this.resolve = resolve;
        this.reject = reject;
        this.next = undefined;
    }

    chunk(value) {
        this.resolve({ value, done: false });
    }

    /* As the platform has it, the end of a default reader has no value. */
    close(value) {
        this.resolve(value === undefined ? { done: true }
                                         : { value, done: true });
    }

    error(e) {
        this.reject(e);
    }
}

/* ReadableStream: state, readers. */

class Readable {
    constructor() {
        this.state = READABLE;
        this.error = undefined;
        this.disturbed = false;
        this.reader = undefined;
        this.controller = undefined;
        this.face = undefined;
        this.length = undefined;
    }

    /* Nobody has read, or waits for anything. */
    untouched() {
        return this.state === READABLE && !this.disturbed
               && this.reader === undefined
               && this.controller.first === undefined;
    }

    close() {
        const reader = this.reader;

        this.state = CLOSED;

        if (reader === undefined) {
            return;
        }

        reader.closed.resolve();

        if (!reader.byob) {
            reader.end();
        }
    }

    fail(e) {
        const reader = this.reader;

        this.state = ERRORED;
        this.error = e;

        if (reader !== undefined) {
            reader.closed.reject(e);
            reader.fail(e);
        }
    }

    /* A promise of undefined. */
    cancel(reason) {
        this.disturbed = true;

        if (this.state === CLOSED) {
            return resolved();
        }

        if (this.state === ERRORED) {
            return rejected(this.error);
        }

        this.close();

        if (this.reader?.byob) {
            this.controller.finishPulls();
            this.reader.end();
        }

        const result = this.controller.cancelSteps(reason);

        return result === undefined ? resolved()
                                    : then(resolved(result), noop);
    }
}


class Reader {
    constructor(stream, byob) {
        this.stream = stream;
        this.byob = byob;
        this.first = undefined;
        this.last = undefined;
        this.closed = new Lazy(stream.state, stream.error);
        stream.reader = this;
    }

    add(request) {
        if (this.first === undefined) {
            this.first = this.last = request;

        } else {
            this.last = this.last.next = request;
        }
    }

    shift() {
        const request = this.first;

        this.first = request.next;

        if (this.first === undefined) {
            this.last = undefined;
        }

        request.next = undefined;
        return request;
    }

    end() {
        let request = this.first;

        this.first = this.last = undefined;

        while (request !== undefined) {
            const next = request.next;

            request.close(undefined);
            request = next;
        }
    }

    fail(e) {
        let request = this.first;

        this.first = this.last = undefined;

        while (request !== undefined) {
            const next = request.next;

            request.error(e);
            request = next;
        }
    }

    /* The request is answered at once or later. */
    read(request) {
        const chunk = this.take();

        if (chunk !== EMPTY) {
            request.chunk(chunk);

        } else {
            this.wait(request);
        }
    }

    /* The same after take() has found nothing. */
    wait(request) {
        const stream = this.stream;

        stream.disturbed = true;

        if (stream.state === READABLE) {
            stream.controller.wait(request);

        } else if (stream.state === CLOSED) {
            request.close(undefined);

        } else {
            request.error(stream.error);
        }
    }

    /* A chunk if there is one: the way without a request. */
    take() {
        const stream = this.stream;

        if (stream.state !== READABLE) {
            return EMPTY;
        }

        stream.disturbed = true;
        return stream.controller.take();
    }

    release() {
        const stream = this.stream;
        const e = new TypeError(READER_RELEASED);

        if (stream.state === READABLE) {
            this.closed.reject(e);
        }

        stream.controller.releaseSteps();
        stream.reader = undefined;
        this.stream = undefined;
        this.fail(e);
    }
}

function readPromise(reader) {
    const chunk = reader.take();

    if (chunk !== EMPTY) {
        return resolved({ value: chunk, done: false });
    }

    const request = new PromiseRequest();

    reader.wait(request);
    return request.promise;
}

function lock(stream, byob) {
    if (stream.reader !== undefined) {
        throw new TypeError(READER_LOCKED);
    }

    if (byob && !stream.controller.bytes) {
        throw new TypeError("This ReadableStream does not support BYOB "
                            + "reads.");
    }

    return new Reader(stream, byob);
}


/*
 * What both kinds of controller share: when to call pull(), and what comes
 * of it.  pullFn and cancelFn return undefined, PENDING (then pulled() or
 * fail() is called once) or a promise.
 */
class Controller {
    constructor(stream, mark, pullFn, cancelFn) {
        this.stream = stream;
        this.mark = mark;
        this.pullFn = pullFn;
        this.cancelFn = cancelFn;
        this.face = undefined;
        this.total = 0;
        this.first = undefined;
        this.last = undefined;
        this.started = false;
        this.closing = false;
        this.pulling = false;
        this.again = false;
        this.onPulled = undefined;
        this.onFailed = undefined;
        stream.controller = this;
    }

    /* Without a start(), pull() may be called at once. */
    begin() {
        this.started = true;
        this.pull();
    }

    start(result) {
        when(result,
             () => {
                 this.started = true;
                 this.pull();
             },
             (e) => this.fail(e));
    }

    pull() {
        if (this.pullFn === undefined || !this.wanted()) {
            return;
        }

        if (this.pulling) {
            this.again = true;
            return;
        }

        this.pulling = true;

        const result = this.pullFn();

        if (result === PENDING) {
            return;
        }

        if (this.onPulled === undefined) {
            this.onPulled = () => this.pulled();
            this.onFailed = (e) => this.fail(e);
        }

        when(result, this.onPulled, this.onFailed);
    }

    pulled() {
        this.pulling = false;

        if (this.again) {
            this.again = false;
            this.pull();
        }
    }

    wanted() {
        const stream = this.stream;

        if (stream.state !== READABLE || this.closing || !this.started) {
            return false;
        }

        return this.mark > this.total || this.waiting();
    }

    desiredSize() {
        const state = this.stream.state;

        return state === READABLE ? this.mark - this.total
                                  : state === CLOSED ? 0 : null;
    }

    fail(e) {
        if (this.stream.state === READABLE) {
            this.reset();
            this.clear();
            this.stream.fail(e);
        }
    }

    reset() {
        this.first = this.last = undefined;
        this.total = 0;
    }

    clear() {
        this.pullFn = this.cancelFn = undefined;
    }

    push(entry) {
        if (this.first === undefined) {
            this.first = this.last = entry;

        } else {
            this.last = this.last.next = entry;
        }
    }

    cancelSteps(reason) {
        this.reset();

        const result = this.cancelFn?.(reason);

        this.clear();
        return result;
    }

    wait(request) {
        this.stream.reader.add(request);
        this.pull();
    }
}


class DefaultController extends Controller {
    constructor(stream, mark, size, pullFn, cancelFn) {
        super(stream, mark, pullFn, cancelFn);
        this.size = size;
    }

    waiting() {
        return this.stream.reader?.first !== undefined;
    }

    open() {
        return !this.closing && this.stream.state === READABLE;
    }

    take() {
        const entry = this.first;

        if (entry === undefined) {
            return EMPTY;
        }

        this.first = entry.next;
        this.total -= entry.size;

        if (entry.next === undefined) {
            this.last = undefined;
        }

        if (this.total < 0) {
            this.total = 0;
        }

        if (this.closing && entry.next === undefined) {
            this.clear();
            this.stream.close();

        } else {
            this.pull();
        }

        return entry.value;
    }

    /* false: the strategy's size() failed, and the stream with it. */
    enqueue(value) {
        const reader = this.stream.reader;

        if (reader !== undefined && reader.first !== undefined) {
            reader.shift().chunk(value);
            this.pull();
            return true;
        }

        let size = 1;

        if (this.size !== undefined) {
            const measure = this.size;

            try {
                size = +measure(value);

                if (!(size >= 0 && size < Infinity)) {
                    throw badSize();
                }

            } catch (e) {
                this.fail(e);
                return false;
            }
        }

        this.push({ value, size, next: undefined });
        this.total += size;
        this.pull();
        return true;
    }

    close() {
        this.closing = true;

        if (this.first === undefined) {
            this.clear();
            this.stream.close();
        }
    }

    clear() {
        super.clear();
        this.size = undefined;
    }

    releaseSteps() {
    }
}
DefaultController.prototype.bytes = false;

function newDefault(start, pullFn, cancelFn, mark, size) {
    const stream = new Readable();

    new DefaultController(stream, mark, size, pullFn, cancelFn);

    if (start !== undefined) {
        stream.controller.start(start);

    } else {
        stream.controller.started = true;
    }

    return stream;
}


export {
    Controller, DefaultController, lock, newDefault, PromiseRequest, Readable,
    Reader, readPromise,
};
