/*
 * Copyright (C) the nginx-workers authors
 *
 * The WHATWG Streams Standard: what every body needs of it, and the half that
 * C uses.  What fewer scripts need are built-ins of their own, loaded when
 * first used: writable streams, transforms, pipes, tee() and iteration.
 *
 * C uses, of what is exported here:
 *
 *   fromSource(source, length)  a byte stream around a native source, an
 *       object with read() -> Promise<Uint8Array | undefined> and
 *       cancel(reason) -> Promise; nothing is read before it is asked for
 *   fromBytes(bytes)            a byte stream of one Uint8Array, which the
 *       stream owns from then on
 *   takeSource(stream)          the source of an untouched stream, which is
 *       locked and disturbed from then on; otherwise undefined
 *   takeBytes(stream)           the same for fromBytes()
 *   isReadableStream(v), isWritableStream(v), isLocked(s), isDisturbed(s),
 *   isErrored(s), lengthOf(s), markDisturbed(s)
 *   startPump(stream, onChunk, onClose, onError) -> { pull(), cancel(e) }
 *       locks the stream; each pull() is answered by exactly one call,
 *       perhaps before it returns: onChunk(Uint8Array, not empty), or at
 *       the end onClose() or onError(e).  pull() may be called from
 *       onChunk.  After cancel() nothing is called any more.  Strings are
 *       chunks too: on the platform they are for a native sink, but not for
 *       readAll().
 *   readAll(stream, limit, onDone, onError)  locks the stream, then one of
 *       onDone(array of Uint8Array, total) and onError(e)
 *   cancel(stream, reason) -> Promise, locked or not
 *   tee(stream) -> [a, b]
 */

import {
    copyOf, EMPTY, ERRORED, loadedPart, noop, part, RESOLVED, setNative, then,
    toBytes, TypeError,
} from "workers:stream_base";
import { lock, Reader } from "workers:stream_readable";
import {
    BytesController, bytesStream, newSource, SourceController,
} from "workers:stream_bytes";
import {
    ByteLengthQueuingStrategy, CountQueuingStrategy, mine,
    ReadableByteStreamController, readableOf, ReadableStream,
    ReadableStreamBYOBReader, ReadableStreamBYOBRequest,
    ReadableStreamDefaultController, ReadableStreamDefaultReader,
    wrapReadable,
} from "workers:stream_faces";


const encoder = new globalThis.TextEncoder();
const encode = encoder.encode.bind(encoder);

const NOT_BYTES = "This ReadableStream did not return bytes.";


function fromSource(source, length = undefined) {
    return wrapReadable(newSource(source, length));
}

function fromBytes(bytes) {
    return wrapReadable(bytesStream(bytes, false));
}

/* Locks a stream that somebody else reads from now on. */
function surrender(stream) {
    stream.disturbed = true;
    new Reader(stream, false);
}

function takeSource(v) {
    const stream = mine(v);
    const controller = stream.controller;

    if (!(controller instanceof SourceController) || !controller.untouched()) {
        return undefined;
    }

    surrender(stream);
    return controller.source;
}

function takeBytes(v) {
    const stream = mine(v);
    const controller = stream.controller;

    if (!(controller instanceof BytesController) || !controller.untouched()) {
        return undefined;
    }

    const bytes = controller.shared ? copyOf(controller.data)
                                    : controller.data;

    surrender(stream);
    return bytes;
}

class Pump {
    constructor(reader, text, onChunk, onClose, onError) {
        this.reader = reader;
        this.text = text;
        this.onChunk = onChunk;
        this.onClose = onClose;
        this.onError = onError;
        this.inside = false;
        this.again = false;
        this.done = false;
        this.next = undefined;
    }

    pull() {
        if (this.inside) {
            this.again = true;
            return;
        }

        const reader = this.reader;

        this.inside = true;

        do {
            this.again = false;

            if (this.done) {
                break;
            }

            const chunk = reader.take();

            if (chunk === EMPTY) {
                reader.wait(this);

            } else {
                this.chunk(chunk);
            }

        } while (this.again);

        this.inside = false;
    }

    cancel(reason = undefined) {
        if (this.done) {
            return RESOLVED;
        }

        const stream = this.reader.stream;

        this.done = true;

        const result = stream.cancel(reason);

        then(result, undefined, noop);
        return result;
    }

    chunk(value) {
        if (this.done) {
            return;
        }

        const bytes = this.text && typeof value === "string"
                      ? encode(value) : toBytes(value);

        if (bytes === undefined) {
            const e = new TypeError(NOT_BYTES);
            const onError = this.onError;

            this.cancel(e);
            onError(e);

        } else if (bytes.byteLength === 0) {
            this.pull();

        } else {
            const onChunk = this.onChunk;

            onChunk(bytes);
        }
    }

    close() {
        if (!this.done) {
            const onClose = this.onClose;

            this.done = true;
            onClose();
        }
    }

    error(e) {
        if (!this.done) {
            const onError = this.onError;

            this.done = true;
            onError(e);
        }
    }
}

function startPump(v, onChunk, onClose, onError) {
    return new Pump(lock(mine(v), false), true, onChunk, onClose, onError);
}

function readAll(v, limit, onDone, onError) {
    const stream = mine(v);
    const owned = stream.controller.bytes;
    const chunks = [];
    let total = 0;

    const pump = new Pump(lock(stream, false), false, (chunk) => {
        total += chunk.byteLength;

        if (limit !== undefined && total > limit) {
            const e = new TypeError("Memory limit would be exceeded before "
                                    + "EOF.");

            pump.cancel(e);
            onError(e);
            return;
        }

        chunks.push(owned ? chunk : copyOf(chunk));
        pump.pull();
    }, () => onDone(chunks, total), onError);

    pump.pull();
}

export default function defineStreams(half) {
    setNative(half);

    return {
        ReadableStream, ReadableStreamDefaultReader, ReadableStreamBYOBReader,
        ReadableStreamDefaultController, ReadableByteStreamController,
        ReadableStreamBYOBRequest, ByteLengthQueuingStrategy,
        CountQueuingStrategy,

        fromSource, fromBytes, takeSource, takeBytes, startPump, readAll,

        isReadableStream: (v) => readableOf(v) !== undefined,
        isWritableStream: (v) =>
            loadedPart("stream_writable")?.isWritableStream(v) ?? false,
        isLocked: (v) => mine(v).reader !== undefined,
        isDisturbed: (v) => mine(v).disturbed,
        isErrored: (v) => mine(v).state === ERRORED,
        lengthOf: (v) => mine(v).length,
        markDisturbed: (v) => { mine(v).disturbed = true; },
        cancel: (v, reason) => mine(v).cancel(reason),
        tee: (v) => part("stream_tee").tee(v),
    };
}
