/*
 * Copyright (C) the nginx-workers authors
 *
 * The controller of byte streams, and the byte streams of our own making:
 * around a native source, and of bytes that are there.
 */

import {
    ArrayBuffer, CLOSED, copyBytes, copyOf, DataView, EMPTY, isDetached, min,
    PENDING, RangeError, READABLE, rejected, sliceBuffer, then, transfer,
    trunc, typedArrays, TypeError, Uint8Array, viewName,
} from "workers:stream_base";
import { Controller, Readable } from "workers:stream_readable";


/*
 * The queue holds pieces { buffer, offset, length, next }; pulls are the
 * buffers that wait to be filled, in order.  A pull's kind is BYOB, AUTO
 * (autoAllocateChunkSize) or NONE (its reader is gone).
 */
const BYOB = 0, AUTO = 1, NONE = 2;

class ByteController extends Controller {
    constructor(stream, mark, pullFn, cancelFn, autoSize) {
        super(stream, mark, pullFn, cancelFn);
        this.autoSize = autoSize;
        this.piece = undefined;              /* a read gives no more */
        this.scripted = false;              /* not one of ours */
        this.pulls = [];
        this.request = undefined;
        this.onDrain = undefined;
    }

    waiting() {
        return this.stream.reader?.first !== undefined;
    }

    clear() {
        super.clear();
        this.onDrain = undefined;
    }

    drained() {
        if (this.total === 0) {
            if (this.closing) {
                this.clear();
                this.stream.close();
                this.finishPulls();
                return;
            }

            this.onDrain?.();
        }

        this.pull();
    }

    take() {
        const entry = this.first;

        if (entry === undefined) {
            return EMPTY;
        }

        const next = entry.next;

        if (entry.length > this.piece) {
            return this.split();
        }

        if (this.scripted && next !== undefined
            && entry.length + next.length <= this.autoSize)
        {
            return this.merge();
        }

        this.first = next;

        if (next === undefined) {
            this.last = undefined;
        }

        this.total -= entry.length;
        this.drained();
        return new Uint8Array(entry.buffer, entry.offset, entry.length);
    }

    /* What is more than the script's autoAllocateChunkSize comes in parts. */
    split() {
        const { first, piece } = this;
        const { buffer, offset } = first;

        first.offset += piece;
        first.length -= piece;
        this.total -= piece;
        this.drained();
        return new Uint8Array(sliceBuffer(buffer, offset, offset + piece));
    }

    /* Small pieces come as one, as they would fill the platform's buffer. */
    merge() {
        let size = 0;

        for (let e = this.first; e !== undefined; e = e.next) {
            if (size + e.length > this.autoSize) {
                break;
            }

            size += e.length;
        }

        const bytes = new Uint8Array(size);
        let filled = 0;

        while (filled < size) {
            const { buffer, offset, length, next } = this.first;

            copyBytes(bytes, new Uint8Array(buffer, offset, length), filled);
            filled += length;
            this.first = next;
        }

        if (this.first === undefined) {
            this.last = undefined;
        }

        this.total -= size;
        this.drained();
        return bytes;
    }

    wait(request) {
        if (this.autoSize !== undefined) {
            let buffer;

            try {
                buffer = new ArrayBuffer(this.autoSize);

            } catch (e) {
                request.error(e);
                return;
            }

            this.pulls.push({ buffer, whole: this.autoSize, offset: 0,
                              length: this.autoSize, filled: 0, min: 1,
                              element: 1, view: Uint8Array, kind: AUTO });
        }

        this.stream.reader.add(request);
        this.pull();
    }

    /* read(view, { min }) of a BYOB reader; min counts elements. */
    pullInto(view, least, request) {
        const stream = this.stream;
        const name = viewName(view);
        const type = name === undefined ? DataView : typedArrays[name];
        const element = name === undefined ? 1 : type.BYTES_PER_ELEMENT;
        const offset = view.byteOffset;
        const length = view.byteLength;
        let buffer;

        try {
            buffer = transfer(view.buffer);

        } catch (e) {
            request.error(e);
            return;
        }

        const pull = { buffer, whole: buffer.byteLength, offset, length,
                       filled: 0, min: least * element, element, view: type,
                       kind: BYOB };

        if (!this.scripted) {
            pull.view = Uint8Array;         /* as on the platform */
            pull.element = 1;
        }

        if (this.pulls.length > 0) {
            this.pulls.push(pull);
            stream.reader.add(request);
            return;
        }

        if (stream.state === CLOSED) {
            request.close(new (this.scripted ? type : Uint8Array)(buffer,
                                                                 offset, 0));
            return;
        }

        if (this.total > 0) {
            if (this.fill(pull)) {
                const value = this.convert(pull);

                this.drained();
                request.chunk(value);
                return;
            }

            if (this.closing) {
                this.drained();
                request.chunk(this.convert(pull));
                return;
            }
        }

        this.pulls.push(pull);
        stream.reader.add(request);
        this.pull();
    }

    /* Moves what is queued into a pull; true if that is enough for it. */
    fill(pull) {
        const most = min(this.total, pull.length - pull.filled);
        const full = pull.filled + most;
        const aligned = full - full % pull.element;
        let left = most;
        let ready = false;

        if (aligned >= pull.min) {
            left = aligned - pull.filled;
            ready = true;
        }

        while (left > 0) {
            const entry = this.first;
            const n = min(left, entry.length);

            copyBytes(new Uint8Array(pull.buffer, pull.offset + pull.filled,
                                     n),
                      new Uint8Array(entry.buffer, entry.offset, n));

            if (n === entry.length) {
                this.first = entry.next;

                if (entry.next === undefined) {
                    this.last = undefined;
                }

            } else {
                entry.offset += n;
                entry.length -= n;
            }

            this.total -= n;
            pull.filled += n;
            left -= n;
        }

        return ready;
    }

    /* At the end, bytes that make no whole element are lost. */
    convert(pull) {
        return new pull.view(transfer(pull.buffer), pull.offset,
                             trunc(pull.filled / pull.element));
    }

    commit(pull) {
        const done = this.stream.state === CLOSED;
        const value = this.convert(pull);
        const request = this.stream.reader.shift();

        /* a read for more than there was gets what there was */

        if (done && pull.kind === BYOB && pull.filled === 0) {
            request.close(value);

        } else {
            request.chunk(value);
        }
    }

    /* The pulls that the queue can satisfy, taken off the list. */
    satisfied() {
        const done = [];

        while (this.pulls.length > 0 && this.total > 0) {
            if (!this.fill(this.pulls[0])) {
                break;
            }

            done.push(this.shift());
        }

        return done;
    }

    shift() {
        this.invalidate();
        return this.pulls.shift();
    }

    invalidate() {
        if (this.request !== undefined) {
            this.request.controller = undefined;
            this.request.view = null;
            this.request = undefined;
        }
    }

    byobRequest() {
        if (this.request === undefined && this.pulls.length > 0) {
            const pull = this.pulls[0];

            this.request = {
                controller: this,
                view: new Uint8Array(pull.buffer, pull.offset + pull.filled,
                                     pull.length - pull.filled),
                face: undefined,
            };
        }

        return this.request;
    }

    enqueue(chunk) {
        const { buffer, byteOffset, byteLength } = chunk;

        if (isDetached(buffer)) {
            throw new TypeError("The chunk's buffer is detached.");
        }

        this.enqueueOwned(transfer(buffer), byteOffset, byteLength);
    }

    /* Nobody else holds the buffer. */
    enqueueOwned(buffer, offset, length) {
        const stream = this.stream;
        const reader = stream.reader;

        if (this.closing || stream.state !== READABLE) {
            return;
        }

        if (this.pulls.length > 0) {
            const pull = this.pulls[0];

            if (isDetached(pull.buffer)) {
                throw new TypeError("The BYOB request's buffer is detached.");
            }

            this.invalidate();
            pull.buffer = transfer(pull.buffer);

            if (pull.kind === NONE) {
                this.requeue(pull);
            }
        }

        if (reader === undefined) {
            this.append(buffer, offset, length);

        } else if (reader.byob) {
            this.append(buffer, offset, length);
            this.commitAll(this.satisfied());

        } else {
            while (reader.first !== undefined && this.total > 0) {
                const request = reader.shift();

                request.chunk(this.take());
            }

            if (reader.first === undefined) {
                this.append(buffer, offset, length);

            } else {
                if (this.pulls.length > 0) {
                    this.shift();
                }

                if (length > this.piece) {
                    this.append(buffer, offset, length);
                    reader.shift().chunk(this.take());

                    while (reader.first !== undefined && this.total > 0) {
                        if (this.pulls.length > 0) {
                            this.shift();
                        }

                        reader.shift().chunk(this.take());
                    }

                } else {
                    reader.shift().chunk(new Uint8Array(buffer, offset,
                                                        length));
                }
            }
        }

        this.pull();
    }

    append(buffer, offset, length) {
        this.push({ buffer, offset, length, next: undefined });
        this.total += length;
    }

    /* What a pull without reader has got goes into the queue. */
    requeue(pull) {
        if (pull.filled > 0) {
            this.append(sliceBuffer(pull.buffer, pull.offset,
                                    pull.offset + pull.filled),
                        0, pull.filled);
        }

        this.shift();
    }

    commitAll(pulls) {
        for (let i = 0; i < pulls.length; i++) {
            this.commit(pulls[i]);
        }
    }

    close() {
        if (this.closing || this.stream.state !== READABLE) {
            return;
        }

        if (this.total > 0) {
            this.closing = true;
            return;
        }

        this.clear();
        this.stream.close();
        this.finishPulls();
    }

    /* The end: BYOB reads that wait end too, without a respond(0). */
    finishPulls() {
        if (this.pulls.length > 0 && this.stream.state === CLOSED) {
            this.respond(0);
        }
    }

    fail(e) {
        if (this.stream.state === READABLE) {
            this.invalidate();
            this.pulls.length = 0;
        }

        super.fail(e);
    }

    cancelSteps(reason) {
        this.invalidate();
        this.pulls.length = 0;
        return super.cancelSteps(reason);
    }

    releaseSteps() {
        if (this.pulls.length > 0) {
            this.pulls[0].kind = NONE;
            this.pulls.length = 1;
        }
    }

    respond(n) {
        const pull = this.pulls[0];

        if (this.stream.state === CLOSED) {
            if (n !== 0) {
                throw new TypeError("bytesWritten must be 0 when the stream "
                                    + "is closed.");
            }

        } else if (n === 0) {
            throw new TypeError("The bytesWritten must be more than zero "
                                + "while the stream is open.");

        } else if (pull.filled + n > pull.length) {
            throw new RangeError(`Too many bytes [${n}] in response to a BYOB `
                                 + "read request.");
        }

        pull.buffer = transfer(pull.buffer);
        this.responded(n);
    }

    respondWithView(view) {
        const pull = this.pulls[0];
        const { buffer, byteOffset, byteLength } = view;

        if (this.stream.state === CLOSED) {
            if (byteLength !== 0) {
                throw new TypeError("The view must be empty when the stream "
                                    + "is closed.");
            }

        } else if (byteLength === 0) {
            throw new TypeError("The view byte length must be more than zero "
                                + "while the stream is open.");
        }

        if (pull.offset + pull.filled !== byteOffset
            || pull.whole !== buffer.byteLength
            || pull.filled + byteLength > pull.length)
        {
            throw new RangeError("The underlying ArrayBuffer is not the "
                                 + "correct length.");
        }

        pull.buffer = transfer(buffer);
        this.responded(byteLength);
    }

    responded(n) {
        const pull = this.pulls[0];

        this.invalidate();

        if (this.stream.state === CLOSED) {
            if (pull.kind === NONE) {
                this.shift();
            }

            if (this.stream.reader?.byob) {
                const done = [];

                while (done.length < pending(this.stream.reader)) {
                    done.push(this.shift());
                }

                this.commitAll(done);
            }

        } else {
            this.respondedReadable(n, pull);
        }

        this.pull();
    }

    respondedReadable(n, pull) {
        pull.filled += n;

        if (pull.kind === NONE) {
            this.requeue(pull);
            this.commitAll(this.satisfied());
            return;
        }

        if (pull.filled < pull.min) {
            return;
        }

        this.shift();

        const rest = pull.filled % pull.element;

        if (rest > 0) {
            const end = pull.offset + pull.filled;

            this.append(sliceBuffer(pull.buffer, end - rest, end), 0, rest);
        }

        pull.filled -= rest;

        const done = this.satisfied();

        this.commit(pull);
        this.commitAll(done);
    }
}
ByteController.prototype.bytes = true;

function pending(reader) {
    let n = 0;

    for (let r = reader.first; r !== undefined; r = r.next) {
        n++;
    }

    return n;
}

function newBytes(pullFn, cancelFn, mark) {
    const stream = new Readable();

    new ByteController(stream, mark, pullFn, cancelFn, undefined)
        .started = true;
    return stream;
}

/* A byte stream whose bytes a native source reads. */
class SourceController extends ByteController {
    constructor(stream, source) {
        super(stream, 0, undefined, undefined, undefined);
        this.source = source;
        this.started = true;
        this.onRead = undefined;
        this.pullFn = this.readSource;
        this.cancelFn = this.cancelSource;
    }

    readSource() {
        if (this.onRead === undefined) {
            this.onRead = (chunk) => this.arrived(chunk);
            this.onFailed = (e) => this.fail(e);
        }

        try {
            then(this.source.read(), this.onRead, this.onFailed);

        } catch (e) {
            this.pulling = false;
            this.fail(e);
        }

        return PENDING;
    }

    arrived(chunk) {
        this.pulling = this.again = false;

        if (this.stream.state !== READABLE) {
            return;
        }

        if (chunk === undefined) {
            this.close();

        } else if (chunk.byteLength === 0) {
            this.pull();

        } else {
            this.enqueueOwned(chunk.buffer, chunk.byteOffset,
                              chunk.byteLength);
        }
    }

    cancelSource(reason) {
        try {
            return this.source.cancel(reason);

        } catch (e) {
            return rejected(e);
        }
    }

    clear() {
        super.clear();
        this.source = undefined;
    }

    untouched() {
        return this.stream.state === READABLE && !this.stream.disturbed
               && this.stream.reader === undefined && !this.pulling
               && this.first === undefined && this.source !== undefined;
    }
}

/*
 * The readable end of a pipe that C moves the bytes of: its source is what
 * the other end has become.  bytes says whether it is a byte stream for the
 * script, too.
 */
class LinkedController extends SourceController {
    constructor(stream, source, link, bytes) {
        super(stream, source);
        this.link = link;
        this.bytes = bytes;
    }

    cancelSource(reason) {
        this.link.cancelled(reason);
        return super.cancelSource(reason);
    }
}


function newSource(source, length) {
    const stream = new Readable();

    new SourceController(stream, source);
    stream.length = length;
    return stream;
}


/* A byte stream of bytes that are there: one read, then the end. */
class BytesController extends ByteController {
    constructor(stream, data) {
        super(stream, 0, undefined, undefined, undefined);
        this.data = data;
        this.shared = false;
        this.started = true;
        this.pullFn = this.give;
    }

    give() {
        const data = this.data;

        this.pulling = false;

        if (data === undefined) {
            this.close();
            return PENDING;
        }

        this.data = undefined;

        if (data.byteLength === 0) {
            this.close();

        } else if (this.shared) {
            this.enqueueOwned(copyOf(data).buffer, 0, data.byteLength);

        } else {
            this.enqueueOwned(data.buffer, data.byteOffset, data.byteLength);
        }

        if (this.first === undefined && this.stream.state === READABLE) {
            this.close();
        }

        return PENDING;
    }

    cancelSteps(reason) {
        this.data = undefined;
        return super.cancelSteps(reason);
    }

    untouched() {
        return this.stream.state === READABLE && !this.stream.disturbed
               && this.stream.reader === undefined && this.data !== undefined;
    }
}

function bytesStream(bytes, shared) {
    const stream = new Readable();

    new BytesController(stream, bytes).shared = shared;
    stream.length = bytes.byteLength;
    return stream;
}


export {
    ByteController, BytesController, bytesStream, LinkedController, newBytes,
    newSource, SourceController,
};
