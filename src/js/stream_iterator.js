/*
 * Copyright (C) the nginx-workers authors
 *
 * Asynchronous iteration over a ReadableStream, and ReadableStream.from().
 */

import {
    asyncIterator, call, dictionary, EMPTY, face, getPrototypeOf, illegal,
    INTERNAL, isObject, iterator, rejected, RESOLVED, resolved,
    setPrototypeOf, then, TypeError,
} from "workers:stream_base";
import { lock, newDefault, PromiseRequest } from "workers:stream_readable";
import { wrapReadable } from "workers:stream_faces";


/* The read() of an iterator's next(). */
class NextRequest extends PromiseRequest {
    constructor(owner) {
        super();
        this.owner = owner;
    }

    chunk(value) {
        answered(this.owner, this.promise, false);
        this.resolve({ value, done: false });
    }

    close() {
        answered(this.owner, this.promise, true);
        this.resolve({ value: undefined, done: true });
    }

    /* As on the platform, a stream that failed stays locked. */
    error(e) {
        answered(this.owner, this.promise, true, true);
        this.reject(e);
    }
}


class StreamIterator {
    #reader;
    #preventCancel;
    #ongoing;
    #asked;
    #finished = false;

    constructor(key, stream, preventCancel) {
        this.#reader = lock(stream, false);
        this.#preventCancel = preventCancel;
    }

    next() {
        if (!isObject(this) || !(#reader in this)) {
            return rejected(illegal("ReadableStream AsyncIterator"));
        }

        if (this.#ongoing === undefined) {
            const promise = this.#step();

            if (promise === this.#asked) {
                this.#ongoing = promise;
            }

            return promise;
        }

        const step = () => this.#step();

        return this.#track(then(this.#ongoing, step, step));
    }

    return(value = undefined) {
        if (!isObject(this) || !(#reader in this)) {
            return rejected(illegal("ReadableStream AsyncIterator"));
        }

        const end = () => this.#return(value);

        return this.#track(this.#ongoing === undefined
                           ? end()
                           : then(this.#ongoing, end, end));
    }

    #track(promise) {
        const clear = () => {
            if (this.#ongoing === promise) {
                this.#ongoing = undefined;
            }
        };

        this.#ongoing = promise;
        then(promise, clear, clear);
        return promise;
    }

    #step() {
        if (this.#finished) {
            return resolved({ value: undefined, done: true });
        }

        const reader = this.#reader;
        const chunk = reader.take();

        if (chunk !== EMPTY) {
            return resolved({ value: chunk, done: false });
        }

        const request = new NextRequest(this);

        this.#asked = request.promise;
        reader.wait(request);
        return request.promise;
    }

    /* The answers to a read: a read that follows waits for nothing more. */
    static answered(self, promise, ended, failed = false) {
        self.#asked = undefined;

        if (self.#ongoing === promise) {
            self.#ongoing = undefined;
        }

        if (ended) {
            self.#finished = true;

            if (!failed && self.#reader.stream !== undefined) {
                self.#reader.release();
            }
        }
    }

    #return(value) {
        const reader = this.#reader;

        if (this.#finished) {
            return resolved({ value, done: true });
        }

        this.#finished = true;

        const result = this.#preventCancel ? undefined
                                           : reader.stream.cancel(value);

        reader.release();
        return then(result ?? RESOLVED, () => ({ value, done: true }));
    }
}

const { answered } = StreamIterator;

face(StreamIterator, "ReadableStreamAsyncIterator");
delete StreamIterator.prototype.constructor;
setPrototypeOf(StreamIterator.prototype,
    getPrototypeOf(getPrototypeOf(async function* () {}).prototype));

/* ReadableStream.from() */

function fromIterable(iterable) {
    if (iterable === undefined || iterable === null) {
        throw new TypeError("The argument is not iterable.");
    }

    let method = iterable[asyncIterator];
    const sync = method === undefined || method === null;

    if (sync) {
        method = iterable[iterator];
    }

    if (typeof method !== "function") {
        throw new TypeError("The argument is not iterable.");
    }

    const iter = call(method, iterable);

    if (!isObject(iter)) {
        throw new TypeError("The iterator is not an object.");
    }

    const nextFn = iter.next;
    let controller;

    const take = (result) => {
        if (!isObject(result)) {
            throw new TypeError("The iterator's result is not an object.");
        }

        if (result.done) {
            if (controller.open()) {
                controller.close();
            }

            return undefined;
        }

        const value = result.value;

        if (sync) {
            return then(resolved(value), give);
        }

        give(value);
        return undefined;
    };

    const give = (value) => {
        if (controller.open()) {
            controller.enqueue(value);
        }
    };

    const pull = () => {
        try {
            const result = call(nextFn, iter);

            return sync ? take(result) : then(resolved(result), take);

        } catch (e) {
            return rejected(e);
        }
    };

    const cancel = (reason) => {
        try {
            const ret = iter.return;

            if (ret === undefined || ret === null) {
                return undefined;
            }

            return then(resolved(call(ret, iter, reason)), (result) => {
                if (!isObject(result)) {
                    throw new TypeError("The iterator's result is not an "
                                        + "object.");
                }
            });

        } catch (e) {
            return rejected(e);
        }
    };

    const stream = newDefault(RESOLVED, pull, cancel, 0);

    controller = stream.controller;
    return stream;
}

function values(stream, options) {
    const how = dictionary(options, "The options of values()");

    return new StreamIterator(INTERNAL, stream, !!how.preventCancel);
}

export default () => ({
    values,
    from: (asyncIterable) => wrapReadable(fromIterable(asyncIterable)),
});
