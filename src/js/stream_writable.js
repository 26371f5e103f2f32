/*
 * Copyright (C) the nginx-workers authors
 *
 * WritableStream: the state of a stream and of its writer, and what scripts
 * see of them.  The promises of `ready` and `closed` are made when somebody
 * asks for them.
 */

import {
    badArg, badSize, callback, CLOSED, closedOf, deferred, ERRORED, ERRORING,
    face, guard, highWaterMark, illegal, initArg, INTERNAL, invoke, isObject,
    later, Lazy, PENDING, READABLE, readStrategy, rejected, resolved, Symbol,
    TypeError, when, WRITABLE, WRITER_CLOSED, WRITER_LOCKED, WRITER_RELEASED,
} from "workers:stream_base";


let writableOf, writerOf, writableControllerOf;

/* WritableStream and its only kind of controller. */

const CLOSE = Symbol("close");

class Writable {
    /*
     * The functions return undefined, a promise, or writeFn PENDING (then
     * wrote() or writeFailed() is called once).
     */
    constructor(mark, size, writeFn, closeFn, abortFn) {
        this.state = WRITABLE;
        this.error = undefined;
        this.writer = undefined;
        this.face = undefined;
        this.controllerFace = undefined;
        this.mark = mark;
        this.size = size;
        this.writeFn = writeFn;
        this.closeFn = closeFn;
        this.abortFn = abortFn;
        this.accepts = undefined;            /* not the script's own */
        this.left = false;                   /* by the reader */
        this.serial = false;                 /* its queue has no size */
        this.through = undefined;
        this.aborting = undefined;
        this.total = 0;
        this.first = undefined;
        this.last = undefined;
        this.started = false;
        this.inFlight = undefined;
        this.closeRequest = undefined;
        this.closeInFlight = undefined;
        this.pendingAbort = undefined;
        this.backpressure = mark <= 0;
        this.aborted = false;
        this.abortReason = undefined;
        this.abortController = undefined;
        this.onWritten = () => this.wrote();
        this.onFailed = (e) => this.writeFailed(e);
    }

    /* Nobody has written, or waits for anything. */
    untouched() {
        return this.state === WRITABLE && this.writer === undefined
               && this.first === undefined && this.inFlight === undefined
               && !this.closing() && this.pendingAbort === undefined;
    }

    /* The end of a stream that C has filled; its writer sees it. */
    end() {
        this.clear();
        this.reset();
        this.state = CLOSED;
        this.writer?.ready.resolve();
        this.writer?.closed.resolve();
    }

    start(result) {
        when(result,
             () => {
                 this.started = true;
                 this.advance();
             },
             (e) => {
                 this.started = true;
                 this.reject(e);
             });
    }

    closing() {
        return this.closeRequest !== undefined
               || this.closeInFlight !== undefined;
    }

    desiredSize() {
        const state = this.state;

        return state === WRITABLE ? this.mark - this.total
                                  : state === CLOSED ? 0 : null;
    }

    clear() {
        this.writeFn = this.closeFn = this.abortFn = undefined;
        this.size = undefined;
    }

    reset() {
        this.first = this.last = undefined;
        this.total = 0;
    }

    push(entry) {
        if (this.first === undefined) {
            this.first = this.last = entry;

        } else {
            this.last = this.last.next = entry;
        }

        this.total += entry.size;
    }

    shift() {
        const entry = this.first;

        this.first = entry.next;

        if (entry.next === undefined) {
            this.last = undefined;
        }

        this.total -= entry.size;

        if (this.total < 0) {
            this.total = 0;
        }
    }

    /*
     * One write by the writer that holds the lock: resolve() or reject(e)
     * is called once, at once if it cannot be.
     */
    write(chunk, resolve, reject) {
        const writer = this.writer;
        let size = 1;

        if (this.size !== undefined) {
            const measure = this.size;

            try {
                size = +measure(chunk);

            } catch (e) {
                this.errorIfNeeded(e);
            }

            if (writer !== this.writer) {
                reject(new TypeError(WRITER_RELEASED));
                return;
            }
        }

        if (this.state === ERRORED) {
            reject(this.accepts === undefined || this.left
                   ? this.error : new TypeError(WRITER_CLOSED));
            return;
        }

        if (this.state === CLOSED || this.closing()) {
            reject(new TypeError(WRITER_CLOSED));
            return;
        }

        if (this.state === ERRORING) {
            reject(this.error);
            return;
        }

        if (!(size >= 0 && size < Infinity)) {
            this.push({ chunk, size: 0, resolve, reject, next: undefined });
            this.errorIfNeeded(badSize());
            return;
        }

        this.push({ chunk, size, resolve, reject, next: undefined });
        this.updateBackpressure();
        this.advance();
    }

    updateBackpressure() {
        const backpressure = this.mark - this.total <= 0;

        if (backpressure !== this.backpressure) {
            this.backpressure = backpressure;

            if (this.writer !== undefined) {
                this.writer.setReady(!backpressure);
            }
        }
    }

    advance() {
        if (!this.started || this.inFlight !== undefined) {
            return;
        }

        if (this.state === ERRORING) {
            this.finishErroring();
            return;
        }

        const entry = this.first;

        if (entry === undefined) {
            return;
        }

        if (entry.chunk === CLOSE) {
            this.processClose();
            return;
        }

        this.inFlight = entry;

        const result = this.writeFn?.(entry.chunk);

        if (result !== PENDING) {
            when(result, this.onWritten, this.onFailed);
        }
    }

    wrote() {
        const entry = this.inFlight;

        this.inFlight = undefined;
        entry.resolve();
        this.shift();

        if (this.state === WRITABLE && !this.closing()) {
            this.updateBackpressure();
        }

        this.advance();
    }

    writeFailed(e) {
        const entry = this.inFlight;

        if (this.state === WRITABLE) {
            this.clear();
        }

        this.inFlight = undefined;
        this.shift();
        entry.reject(e);
        this.reject(e);
    }

    processClose() {
        this.closeInFlight = this.closeRequest;
        this.closeRequest = undefined;
        this.shift();

        const result = this.closeFn?.();

        this.clear();
        when(result, () => this.closed(), (e) => this.closeFailed(e));
    }

    closed() {
        this.closeInFlight.resolve();
        this.closeInFlight = undefined;

        if (this.state === ERRORING) {
            this.error = undefined;
            this.pendingAbort?.resolve();
            this.pendingAbort = undefined;
        }

        this.state = CLOSED;
        this.writer?.closed.resolve();
    }

    closeFailed(e) {
        this.closeInFlight.reject(e);
        this.closeInFlight = undefined;
        this.pendingAbort?.reject(e);
        this.pendingAbort = undefined;
        this.reject(e);
    }

    reject(e) {
        if (this.state === WRITABLE) {
            this.startErroring(e);

        } else {
            this.finishErroring();
        }
    }

    errorIfNeeded(e) {
        if (this.state === WRITABLE) {
            this.clear();
            this.startErroring(e);
        }
    }

    startErroring(e) {
        this.state = ERRORING;
        this.error = e;
        this.writer?.rejectReady(e);

        if (this.inFlight === undefined && this.closeInFlight === undefined
            && this.started)
        {
            this.finishErroring();
        }
    }

    finishErroring() {
        let entry = this.first;
        const abort = this.pendingAbort;

        this.state = ERRORED;
        this.reset();

        for (; entry !== undefined; entry = entry.next) {
            entry.reject?.(this.error);
        }

        if (abort === undefined) {
            this.rejectClosed();
            return;
        }

        this.pendingAbort = undefined;

        if (abort.wasErroring) {
            abort.reject(this.error);
            this.rejectClosed();
            return;
        }

        const result = this.abortFn?.(abort.reason);

        this.clear();
        when(result,
             () => {
                 abort.resolve();
                 this.rejectClosed();
             },
             (e) => {
                 abort.reject(e);
                 this.rejectClosed();
             });
    }

    rejectClosed() {
        this.closeRequest?.reject(this.error);
        this.closeRequest = undefined;
        this.writer?.closed.reject(this.error);
    }

    abort(reason) {
        if (this.state === CLOSED || this.state === ERRORED) {
            return resolved();
        }

        this.aborted = true;
        this.abortReason = reason;
        this.abortController?.abort(reason);

        if (this.state === CLOSED || this.state === ERRORED) {
            return resolved();
        }

        if (this.pendingAbort !== undefined) {
            return this.pendingAbort.promise;
        }

        const abort = deferred();

        abort.wasErroring = this.state === ERRORING;
        abort.reason = abort.wasErroring ? undefined : reason;
        this.pendingAbort = abort;

        if (!abort.wasErroring) {
            this.startErroring(reason);
        }

        this.aborting?.(reason);
        return abort.promise;
    }

    close() {
        if (this.state === ERRORED && this.accepts === undefined) {
            return rejected(this.error);
        }

        if (this.state === CLOSED || this.state === ERRORED
            || this.closing())
        {
            return rejected(new TypeError(WRITER_CLOSED));
        }

        this.closeRequest = deferred();

        const promise = this.closeRequest.promise;

        if (this.backpressure && this.state === WRITABLE) {
            this.writer?.setReady(true);
        }

        this.push({ chunk: CLOSE, size: 0, resolve: undefined,
                    reject: undefined, next: undefined });
        this.advance();
        return promise;
    }

    signal() {
        if (this.abortController === undefined) {
            this.abortController = new globalThis.AbortController();

            if (this.aborted) {
                this.abortController.abort(this.abortReason);
            }
        }

        return this.abortController.signal;
    }
}


class Writer {
    constructor(stream) {
        const { state, error } = stream;

        if (stream.writer !== undefined) {
            throw new TypeError(WRITER_LOCKED);
        }

        this.stream = stream;
        this.pipe = false;
        this.wake = undefined;

        if (state === WRITABLE) {
            this.ready = new Lazy(stream.backpressure && !stream.closing()
                                  ? READABLE : CLOSED);
            this.closed = new Lazy(READABLE);

        } else if (state === ERRORING) {
            this.ready = new Lazy(ERRORED, error);
            this.closed = new Lazy(READABLE);

        } else {
            this.ready = new Lazy(state, error);
            this.closed = new Lazy(state, error);
        }

        stream.writer = this;
    }

    setReady(ready) {
        if (!ready) {
            this.ready = new Lazy(READABLE);
            return;
        }

        this.ready.resolve();

        if (this.wake !== undefined) {
            later(this.wake);
        }
    }

    rejectReady(e) {
        if (this.ready.state === READABLE) {
            this.ready.reject(e);

        } else {
            this.ready = new Lazy(ERRORED, e);
        }
    }

    release() {
        const e = new TypeError(WRITER_RELEASED);

        this.rejectReady(e);

        if (this.closed.state === READABLE) {
            this.closed.reject(e);

        } else {
            this.closed = new Lazy(ERRORED, e);
        }

        this.stream.writer = undefined;
        this.stream = undefined;
    }
}

function wrapWritable(stream) {
    return stream.face ??= new WritableStream(INTERNAL, stream);
}

class WritableStream {
    #stream;

    static {
        writableOf = (v) => isObject(v) && #stream in v ? v.#stream
                                                        : undefined;
    }

    constructor(underlyingSink = undefined, strategy = undefined) {
        if (underlyingSink === INTERNAL) {
            this.#stream = strategy;
            return;
        }

        initArg(underlyingSink, "WritableStream", "UnderlyingSink");
        this.#stream = setUpSink(this, underlyingSink,
                                 readStrategy(strategy));
    }

    get locked() {
        return myWritable(this).writer !== undefined;
    }

    abort(reason = undefined) {
        const stream = writableOf(this);

        if (stream === undefined) {
            return rejected(illegal("WritableStream"));
        }

        if (stream.writer !== undefined) {
            return rejected(new TypeError(WRITER_LOCKED));
        }

        return stream.abort(reason);
    }

    close() {
        const stream = writableOf(this);

        if (stream === undefined) {
            return rejected(illegal("WritableStream"));
        }

        if (stream.writer !== undefined) {
            return rejected(new TypeError(WRITER_LOCKED));
        }

        return stream.close();
    }

    getWriter() {
        myWritable(this);
        return new WritableStreamDefaultWriter(this);
    }
}

face(WritableStream, "WritableStream");

function myWritable(v) {
    const stream = writableOf(v);

    if (stream === undefined) {
        throw illegal("WritableStream");
    }

    return stream;
}

function setUpSink(faceObject, sink, strategy) {
    const from = sink ?? {};
    const abortFn = callback(from, "abort");
    const closeFn = callback(from, "close");
    const startFn = callback(from, "start");

    const writeFn = callback(from, "write");
    const mark = highWaterMark(strategy, 1);

    const stream = new Writable(
        mark, strategy.size,
        writeFn === undefined
        ? undefined
        : (chunk) => invoke(writeFn, chunk, sinkFace(stream)),
        closeFn === undefined ? undefined : () => invoke(closeFn),
        abortFn === undefined ? undefined
                              : (reason) => invoke(abortFn, reason));

    stream.face = faceObject;

    if (startFn === undefined) {
        stream.started = true;

    } else {
        stream.start(invoke(startFn, sinkFace(stream)));
    }

    return stream;
}

function sinkFace(stream) {
    return stream.controllerFace
           ??= new WritableStreamDefaultController(INTERNAL, stream);
}


class WritableStreamDefaultWriter {
    #writer;

    static {
        writerOf = (v) => isObject(v) && #writer in v ? v.#writer : undefined;
    }

    constructor(stream = undefined) {
        const inner = writableOf(stream);

        if (inner === undefined) {
            throw badArg("WritableStreamDefaultWriter", "WritableStream");
        }

        this.#writer = new Writer(inner);
    }

    get closed() {
        return closedOf(writerOf(this), "WritableStreamDefaultWriter");
    }

    get desiredSize() {
        const writer = writerOf(this);

        if (writer === undefined) {
            throw illegal("WritableStreamDefaultWriter");
        }

        if (writer.stream === undefined) {
            throw new TypeError(WRITER_RELEASED);
        }

        return writer.stream.desiredSize();
    }

    get ready() {
        const writer = writerOf(this);

        return writer === undefined
               ? rejected(illegal("WritableStreamDefaultWriter"))
               : writer.ready.promise();
    }

    abort(reason = undefined) {
        const writer = writerOf(this);

        if (writer === undefined) {
            return rejected(illegal("WritableStreamDefaultWriter"));
        }

        if (writer.stream === undefined) {
            return rejected(new TypeError(WRITER_RELEASED));
        }

        return writer.stream.abort(reason);
    }

    close() {
        const writer = writerOf(this);

        if (writer === undefined) {
            return rejected(illegal("WritableStreamDefaultWriter"));
        }

        if (writer.stream === undefined) {
            return rejected(new TypeError(WRITER_RELEASED));
        }

        return writer.stream.close();
    }

    releaseLock() {
        const writer = writerOf(this);

        if (writer === undefined) {
            throw illegal("WritableStreamDefaultWriter");
        }

        if (writer.stream !== undefined) {
            writer.release();
        }
    }

    write(chunk = undefined) {
        const writer = writerOf(this);

        if (writer === undefined) {
            return rejected(illegal("WritableStreamDefaultWriter"));
        }

        const stream = writer.stream;

        if (stream === undefined) {
            return rejected(new TypeError(WRITER_RELEASED));
        }

        const { promise, resolve, reject } = deferred();

        try {
            stream.accepts?.(chunk);
            stream.write(chunk, resolve, reject);

        } catch (e) {
            reject(e);
        }

        return promise;
    }
}

face(WritableStreamDefaultWriter, "WritableStreamDefaultWriter");


class WritableStreamDefaultController {
    #stream;

    static {
        writableControllerOf = (v) => {
            if (!isObject(v) || !(#stream in v)) {
                throw illegal("WritableStreamDefaultController");
            }

            return v.#stream;
        };
    }

    constructor(key = undefined, stream = undefined) {
        guard(key);
        this.#stream = stream;
    }

    get signal() {
        return writableControllerOf(this).signal();
    }

    error(e = undefined) {
        writableControllerOf(this).errorIfNeeded(e);
    }
}

face(WritableStreamDefaultController, "WritableStreamDefaultController");

export {
    wrapWritable, Writable, writableOf, Writer,
};

export default () => ({
    WritableStream, WritableStreamDefaultWriter,
    WritableStreamDefaultController,

    isWritableStream: (v) => writableOf(v) !== undefined,
});
