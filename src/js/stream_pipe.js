/*
 * Copyright (C) the nginx-workers authors
 *
 * pipeTo() and pipeThrough().
 */

import {
    CLOSED, deferred, dictionary, EMPTY, Error, ERRORED, isObject, later,
    noop, READABLE, READER_LOCKED, rejected, then, TypeError, when, WRITABLE,
    WRITER_CLOSED, WRITER_LOCKED,
} from "workers:stream_base";
import { Reader } from "workers:stream_readable";
import { LinkedController, SourceController } from "workers:stream_bytes";
import { readableOf } from "workers:stream_faces";
import { writableOf, Writer } from "workers:stream_writable";


/* pipeTo(): both ends are unlocked. */
class Pipe {
    constructor(source, dest, options) {
        this.source = source;
        this.dest = dest;
        this.reader = new Reader(source, false);
        this.writer = new Writer(dest);
        this.writer.pipe = true;
        this.options = options;
        this.done = deferred();
        this.stopping = false;
        this.reading = false;
        this.writes = 0;
        this.idle = undefined;
        this.next = undefined;
        this.held = undefined;
        this.onWrote = () => this.wrote();
        this.onArrived = () => this.arrived();
        this.onAbort = undefined;
        source.disturbed = true;
    }

    start() {
        const { signal } = this.options;
        const { source, dest } = this;

        if (signal !== undefined) {
            this.onAbort = () => this.aborted();

            if (signal.aborted) {
                this.aborted();
                return;
            }

            signal.addEventListener("abort", this.onAbort);
        }

        if (source.state === ERRORED) {
            this.sourceFailed(source.error);

        } else {
            then(this.reader.closed.promise(), () => this.sourceClosed(),
                 (e) => this.sourceFailed(e));
        }

        if (dest.state === ERRORED) {
            this.destFailed(dest.error);

        } else {
            then(this.writer.closed.promise(), noop,
                 (e) => this.destFailed(e));
        }

        if (source.state === CLOSED) {
            this.sourceClosed();
        }

        if (dest.state === CLOSED || dest.closing()) {
            this.destClosed();
        }

        this.writer.wake = () => this.run();
        later(this.writer.wake);
    }

    run() {
        const { source, dest } = this;

        while (!this.stopping && !this.reading
               && source.state === READABLE && dest.state === WRITABLE
               && dest.mark - dest.total > 0
               && !(dest.serial && dest.first !== undefined))
        {
            const chunk = this.reader.take();

            if (chunk === EMPTY) {
                this.reading = true;
                this.reader.wait(this);
                return;
            }

            this.writes++;
            this.dest.write(chunk, this.onWrote, this.onWrote);
        }
    }

    /* The answers to read(); enqueue() is not to call the sink. */

    chunk(value) {
        this.writes++;
        this.held = value;
        later(this.onArrived);
    }

    arrived() {
        const value = this.held;

        this.held = undefined;
        this.reading = false;
        this.dest.write(value, this.onWrote, this.onWrote);
        this.run();
    }

    close() {
        this.reading = false;
    }

    error() {
        this.reading = false;
    }

    wrote() {
        if (--this.writes === 0 && this.idle !== undefined) {
            later(this.idle);
            this.idle = undefined;

        } else if (this.dest.serial) {
            later(this.writer.wake);
        }
    }

    aborted() {
        const { source, dest } = this;
        const { signal, preventAbort, preventCancel } = this.options;
        const e = signal.reason;

        if (dest.accepts !== undefined) {
            this.writes = 0;                /* one of ours drops what waits */
        }

        this.stop(() => {
            const actions = [];

            if (!preventAbort && dest.state === WRITABLE) {
                actions.push(dest.abort(e));
            }

            if (!preventCancel && source.state === READABLE) {
                actions.push(source.cancel(e));
            }

            return all(actions);
        }, true, e);
    }

    sourceFailed(e) {
        const dest = this.dest;

        this.stop(this.options.preventAbort ? undefined
                                            : () => dest.abort(e), true, e);
    }

    destFailed(e) {
        const source = this.source;

        this.stop(this.options.preventCancel ? undefined
                                             : () => source.cancel(e),
                  true, e);
    }

    sourceClosed() {
        const dest = this.dest;

        this.stop(this.options.preventClose ? undefined : () => {
            if (dest.state === CLOSED || dest.closing()) {
                return undefined;
            }

            return dest.state === ERRORED ? rejected(dest.error)
                                          : dest.close();
        }, false, undefined);
    }

    destClosed() {
        const source = this.source;
        const e = new TypeError(WRITER_CLOSED);

        this.stop(this.options.preventCancel ? undefined
                                             : () => source.cancel(e),
                  true, e);
    }

    /* What was read is written first. */
    stop(action, failed, e) {
        const dest = this.dest;

        if (this.stopping) {
            return;
        }

        this.stopping = true;

        const go = () => {
            const result = action?.();

            if (action === undefined) {
                this.finish(failed, e);

            } else {
                when(result, () => this.finish(failed, e),
                     (reason) => this.finish(true, reason));
            }
        };

        if (dest.state !== WRITABLE || dest.closing()) {
            go();

        } else if (this.writes > 0) {
            this.idle = go;

        } else {
            later(go);
        }
    }

    finish(failed, e) {
        this.writer.release();
        this.reader.release();

        if (this.onAbort !== undefined) {
            this.options.signal.removeEventListener?.("abort", this.onAbort);
        }

        if (failed) {
            this.done.reject(e);

        } else {
            this.done.resolve();
        }
    }
}

function all(promises) {
    let left = promises.length;
    const done = deferred();

    if (left === 0) {
        done.resolve();
    }

    for (let i = 0; i < promises.length; i++) {
        then(promises[i],
             () => {
                 if (--left === 0) {
                     done.resolve();
                 }
             },
             done.reject);
    }

    return done.promise;
}

/*
 * A pipe from a source of C's into a stream that hands on what it gets, or
 * into a codec of C's: the bytes do not enter JavaScript.  Nothing is read
 * before the readable end is.
 */
class Link {
    constructor(source, dest) {
        this.source = source;
        this.dest = dest;
        this.reader = new Reader(source, false);
        this.writer = new Writer(dest);
        this.done = deferred();
        this.over = false;
        source.disturbed = true;
    }

    start() {
        const { source, dest } = this;
        const { readable, bytes } = dest.through;
        const object = dest.through.filter(
            source.controller.source,
            (outcome, e) => this.ended(outcome, e));

        if (object === undefined) {
            this.ended(FAILED, new TypeError("The source has gone."));
            return;
        }

        readable.controller.clear();
        new LinkedController(readable, object, this, bytes);
    }

    /* What ngx_workers_filter() tells. */
    ended(outcome, e) {
        if (this.over) {
            return;
        }

        if (outcome === ENDED || outcome === SHORT) {
            this.source.close();
            this.dest.end();
            this.finish(false, undefined);

        } else if (outcome === SOURCE_FAILED) {
            this.source.fail(e);
            this.fail(e);

        } else {
            this.fail(e ?? new Error("Stream was cancelled."));
        }
    }

    /* By the readable end. */
    cancelled(reason) {
        if (!this.over) {
            this.dest.left = true;
            this.fail(reason === undefined ? new Error("Stream was cancelled.")
                                           : reason);
        }
    }

    fail(e) {
        const { source, dest } = this;

        dest.errorIfNeeded(e);

        if (!dest.started) {
            dest.finishErroring();
        }

        if (source.state === READABLE) {
            then(source.cancel(e), undefined, noop);
        }

        this.finish(true, e);
    }

    finish(failed, e) {
        this.over = true;
        this.writer.release();
        this.reader.release();

        if (failed) {
            this.done.reject(e);

        } else {
            this.done.resolve();
        }
    }
}

const ENDED = 0, SOURCE_FAILED = 1, FAILED = 2, SHORT = 4;

function linkable(source, dest, options) {
    const { signal, preventAbort, preventCancel, preventClose } = options;
    const { controller } = source;

    /*
     * A script may wait for pipeTo() before it reads what a codec makes, if
     * that is little; nothing would move then.
     */

    if (dest.through?.ahead && !options.hidden) {
        return false;
    }

    return dest.through !== undefined && signal === undefined && !preventAbort
           && !preventCancel && !preventClose
           && controller instanceof SourceController && controller.untouched()
           && dest.untouched() && dest.through.readable.untouched();
}

function pipe(source, dest, options) {
    if (linkable(source, dest, options)) {
        const link = new Link(source, dest);

        link.start();
        return link.done.promise;
    }

    const p = new Pipe(source, dest, options);

    p.start();
    return p.done.promise;
}

function pipeOptions(v) {
    const options = dictionary(v, "The options of a pipe");
    const preventAbort = !!options.preventAbort;
    const preventCancel = !!options.preventCancel;
    const preventClose = !!options.preventClose;
    const signal = options.signal;

    if (signal !== undefined
        && !(isObject(signal) && "aborted" in signal
             && typeof signal.addEventListener === "function"))
    {
        throw new TypeError("signal is not an AbortSignal.");
    }

    /* hidden: nobody sees how the pipe ends */

    return { preventAbort, preventCancel, preventClose, signal,
             hidden: false };
}


/* The arguments are converted in the order of the standard. */

function pipeThrough(stream, transform, options) {
    if (!isObject(transform)) {
        throw new TypeError("Failed to execute 'pipeThrough' on "
                            + "'ReadableStream': parameter 1 is not of type "
                            + "'Transform'.");
    }

    const { readable, writable } = transform;
    const dest = writableOf(writable);

    if (readableOf(readable) === undefined || dest === undefined) {
        throw new TypeError("The transform needs a readable and a "
                            + "writable side.");
    }

    const how = pipeOptions(options);

    if (stream.reader !== undefined) {
        throw new TypeError(READER_LOCKED);
    }

    if (dest.writer !== undefined) {
        throw new TypeError(WRITER_LOCKED);
    }

    how.hidden = true;
    then(pipe(stream, dest, how), undefined, noop);
    return readable;
}

function pipeTo(stream, destination, options) {
    const dest = writableOf(destination);

    if (dest === undefined) {
        throw new TypeError("Failed to execute 'pipeTo' on 'ReadableStream': "
                            + "parameter 1 is not of type "
                            + "'WritableStream'.");
    }

    const how = pipeOptions(options);

    if (stream.reader !== undefined) {
        throw new TypeError(READER_LOCKED);
    }

    if (dest.writer !== undefined) {
        throw new TypeError(WRITER_LOCKED);
    }

    return pipe(stream, dest, how);
}

export default () => ({ pipeTo, pipeThrough });
