/*
 * Copyright (C) the nginx-workers authors
 *
 * Streams of Node.js over those of the web, and the other way around:
 * toWeb() and fromWeb() of Readable, Writable and Duplex.
 */

import { Buffer } from "workers:node/internal/buffer";
import {
    abortError, invalidArgType, invalidArgValue, plainError, validateBoolean,
    validateObject,
} from "workers:node/internal/errors";
import Stream from "workers:node/internal/readable_stream";
import { nextTick } from "workers:node/internal/tick";

const { Error, Object, Promise, Uint8Array } = globalThis;

const {
    Duplex, Readable, Writable, destroy, finished, isDestroyed, isReadable,
    isWritable,
} = Stream;

const ENCODINGS = Buffer.isEncoding;
const noop = () => {};


function webClass(name) {
    return globalThis[name];
}


function checkWeb(value, name, cls) {
    if (!(value instanceof webClass(cls))) {
        throw invalidArgType(name, cls, value);
    }
}


/* An uncaught exception: there is no stream left to tell it to. */

function report(error) {
    nextTick(() => { throw error; });
}


function checkOptions(options) {
    validateObject(options, "options");

    const { objectMode = false, encoding, decodeStrings = true } = options;

    validateBoolean(objectMode, "options.objectMode");
    validateBoolean(decodeStrings, "options.decodeStrings");

    if (encoding !== undefined && !ENCODINGS(encoding)) {
        throw invalidArgValue("options.encoding", encoding);
    }
}


/* The error behind a stream that was closed before its end. */

function reasonOf(error) {
    return error?.code === "ERR_STREAM_PREMATURE_CLOSE" ? abortError(error)
                                                        : error;
}


function bytesOf(chunk) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}


export function readableToWeb(readable, options = {}) {
    if (typeof readable?._readableState !== "object") {
        throw invalidArgType("streamReadable", "stream.Readable", readable);
    }

    validateObject(options, "options");

    const { ByteLengthQueuingStrategy, CountQueuingStrategy, ReadableStream }
        = globalThis;

    if (isDestroyed(readable) || !isReadable(readable)) {
        const closed = new ReadableStream();

        closed.cancel();
        return closed;
    }

    const { readableObjectMode: objectMode,
            readableHighWaterMark: highWaterMark } = readable;

    const strategy = options.strategy
        ?? (objectMode ? new CountQueuingStrategy({ highWaterMark })
                       : new ByteLengthQueuingStrategy({ highWaterMark }));

    let controller, canceled = false;

    function onData(chunk) {
        if (!objectMode && Buffer.isBuffer(chunk)) {
            chunk = bytesOf(chunk);
        }

        controller.enqueue(chunk);

        if (controller.desiredSize <= 0) {
            readable.pause();
        }
    }

    readable.pause();

    const forget = finished(readable, (error) => {
        forget();
        readable.on("error", noop);        /* a second one has no use */

        if (canceled) {
            return;
        }

        if (error) {
            controller.error(reasonOf(error));

        } else {
            controller.close();
        }
    });

    readable.on("data", onData);

    return new ReadableStream({
        start(c) { controller = c; },
        pull() { readable.resume(); },

        cancel(reason) {
            canceled = true;
            destroy(readable, reason);
        },
    }, strategy);
}


export function readableFromWeb(stream, options = {}) {
    checkWeb(stream, "readableStream", "ReadableStream");
    checkOptions(options);

    const { objectMode = false, highWaterMark, encoding, signal } = options;
    const reader = stream.getReader();
    let closed = false;

    const readable = new Readable({
        objectMode, highWaterMark, encoding, signal,

        read() {
            reader.read().then(({ done, value }) => {
                readable.push(done ? null : value);
            }, (error) => destroy(readable, error));
        },

        destroy(error, callback) {
            const done = () => {
                try {
                    callback(error);

                } catch (e) {
                    report(e);
                }
            };

            if (closed) {
                done();

            } else {
                reader.cancel(error).then(done, done);
            }
        },
    });

    reader.closed.then(() => {
        closed = true;
    }, (error) => {
        closed = true;
        destroy(readable, error);
    });

    return readable;
}


export function writableToWeb(writable) {
    if (typeof writable?._writableState !== "object") {
        throw invalidArgType("streamWritable", "stream.Writable", writable);
    }

    const { CountQueuingStrategy, WritableStream } = globalThis;

    if (isDestroyed(writable) || !isWritable(writable)) {
        const closed = new WritableStream();

        closed.close();
        return closed;
    }

    const { writableObjectMode: objectMode,
            writableHighWaterMark: highWaterMark } = writable;

    /* a promise that drain, the end or an error settles */

    let controller, waiting, closing;

    function settle(promise, error) {
        if (error) {
            promise?.reject(error);

        } else {
            promise?.resolve();
        }
    }

    const forget = finished(writable, (failure) => {
        const error = failure ? reasonOf(failure) : undefined;

        forget();
        writable.on("error", noop);

        settle(waiting, error);
        waiting = undefined;

        if (closing !== undefined) {
            settle(closing, error);
            closing = undefined;

        } else {
            controller.error(error ?? abortError());
            controller = undefined;
        }
    });

    writable.on("drain", () => {
        settle(waiting);
        waiting = undefined;
    });

    return new WritableStream({
        start(c) { controller = c; },

        write(chunk) {
            if (writable.writableNeedDrain || !writable.write(chunk)) {
                waiting = Promise.withResolvers();
                return waiting.promise;
            }
        },

        abort(reason) {
            destroy(writable, reason);
        },

        close() {
            if (closing === undefined && !writable.writableFinished) {
                closing = Promise.withResolvers();
                writable.end();
            }

            controller = undefined;

            return closing?.promise;
        },

    }, objectMode ? new CountQueuingStrategy({ highWaterMark })
                  : { highWaterMark });
}


/* _write(), _writev(), _final() and the rest over a writer. */

function writing(writer, stream, state) {
    function settle(promise, callback) {
        promise.then(() => call(callback), (error) => call(callback, error));
    }

    function call(callback, error) {
        try {
            callback(error);

        } catch (e) {
            report(e);
        }
    }

    return {
        writev(chunks, callback) {
            settle(writer.ready.then(() => Promise.all(
                chunks.map(({ chunk }) => writer.write(chunk)))), callback);
        },

        write(chunk, encoding, callback) {
            if (typeof chunk === "string" && !state.objectMode) {
                chunk = bytesOf(Buffer.from(chunk, encoding));
            }

            settle(writer.ready.then(() => writer.write(chunk)), callback);
        },

        final(callback) {
            if (state.closed) {
                call(callback);

            } else {
                settle(writer.close(), callback);
            }
        },
    };
}


export function writableFromWeb(stream, options = {}) {
    checkWeb(stream, "writableStream", "WritableStream");
    checkOptions(options);

    const { highWaterMark, decodeStrings = true, objectMode = false, signal }
        = options;

    const writer = stream.getWriter();
    const state = { closed: false, objectMode };

    const writable = new Writable({
        highWaterMark, objectMode, decodeStrings, signal,

        ...writing(writer, "writable", state),

        destroy(error, callback) {
            const done = () => {
                try {
                    callback(error);

                } catch (e) {
                    report(e);
                }
            };

            if (state.closed) {
                done();

            } else if (error) {
                writer.abort(error).then(done, done);

            } else {
                writer.close().then(done, done);
            }
        },
    });

    writer.closed.then(() => {
        state.closed = true;

        if (!writable.writableEnded) {
            destroy(writable, plainError("ERR_STREAM_PREMATURE_CLOSE",
                                         "Premature close"));
        }
    }, (error) => {
        state.closed = true;
        destroy(writable, error);
    });

    return writable;
}


export function duplexToWeb(duplex) {
    if (typeof duplex?._writableState !== "object"
        || typeof duplex?._readableState !== "object")
    {
        throw invalidArgType("duplex", "stream.Duplex", duplex);
    }

    const { ReadableStream, WritableStream } = globalThis;

    if (isDestroyed(duplex)) {
        const pair = {
            writable: new WritableStream(), readable: new ReadableStream(),
        };

        pair.writable.close();
        pair.readable.cancel();

        return pair;
    }

    let writable, readable;

    if (isWritable(duplex)) {
        writable = writableToWeb(duplex);

    } else {
        writable = new WritableStream();
        writable.close();
    }

    if (isReadable(duplex)) {
        readable = readableToWeb(duplex);

    } else {
        readable = new ReadableStream();
        readable.cancel();
    }

    return { writable, readable };
}


export function duplexFromWeb(pair = {}, options = {}) {
    validateObject(pair, "pair");
    checkWeb(pair.readable, "pair.readable", "ReadableStream");
    checkWeb(pair.writable, "pair.writable", "WritableStream");
    checkOptions(options);

    const {
        allowHalfOpen = false, objectMode = false, encoding,
        decodeStrings = true, highWaterMark, signal,
    } = options;

    const writer = pair.writable.getWriter();
    const reader = pair.readable.getReader();

    const state = { closed: false, objectMode };
    let ended = false;

    const duplex = new Duplex({
        allowHalfOpen, highWaterMark, objectMode, encoding, decodeStrings,
        signal,

        ...writing(writer, "duplex", state),

        read() {
            reader.read().then(({ done, value }) => {
                duplex.push(done ? null : value);
            }, (error) => destroy(duplex, error));
        },

        destroy(error, callback) {
            const work = [];

            if (!state.closed) {
                work.push(writer.abort(error));
            }

            if (!ended) {
                work.push(reader.cancel(error));
            }

            const done = () => {
                try {
                    callback(error);

                } catch (e) {
                    report(e);
                }
            };

            Promise.all(work).then(done, done);
        },
    });

    writer.closed.then(() => {
        state.closed = true;

        if (!duplex.writableEnded) {
            destroy(duplex, plainError("ERR_STREAM_PREMATURE_CLOSE",
                                       "Premature close"));
        }
    }, (error) => {
        state.closed = true;
        destroy(duplex, error);
    });

    reader.closed.then(() => {
        ended = true;
    }, (error) => {
        ended = true;
        destroy(duplex, error);
    });

    return duplex;
}
