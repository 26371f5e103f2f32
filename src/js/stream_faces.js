/*
 * Copyright (C) the nginx-workers authors
 *
 * ReadableStream as scripts see it, with its readers, its controllers and the
 * queuing strategies.
 */

import {
    asyncIterator, badArg, callback, closedOf, defineProperty, dictionary,
    enforceRange, ERRORED, face, guard, highWaterMark, illegal, initArg,
    INTERNAL, invoke, isDetached, isObject, isView, part, READABLE,
    READER_LOCKED, READER_RELEASED, readStrategy, rejected, toBytes,
    TypeError,
} from "workers:stream_base";
import {
    DefaultController, lock, PromiseRequest, Readable, readPromise,
} from "workers:stream_readable";
import { ByteController } from "workers:stream_bytes";


let readableOf, readerOf, byobReaderOf, defaultControllerOf;
let byteControllerOf, byobRequestOf;

function wrapReadable(stream) {
    return stream.face ??= new ReadableStream(INTERNAL, stream);
}

/* What scripts see. */

class ReadableStream {
    #stream;

    static {
        readableOf = (v) => isObject(v) && #stream in v ? v.#stream
                                                        : undefined;
    }

    constructor(underlyingSource = undefined, strategy = undefined) {
        if (underlyingSource === INTERNAL) {
            this.#stream = strategy;
            return;
        }

        initArg(underlyingSource, "ReadableStream", "UnderlyingSource");
        this.#stream = setUp(this, underlyingSource, readStrategy(strategy));
    }

    static from(asyncIterable) {
        return part("stream_iterator").from(asyncIterable);
    }

    get locked() {
        return mine(this).reader !== undefined;
    }

    cancel(reason = undefined) {
        const stream = readableOf(this);

        if (stream === undefined) {
            return rejected(illegal("ReadableStream"));
        }

        if (stream.reader !== undefined) {
            return rejected(new TypeError(READER_LOCKED));
        }

        return stream.cancel(reason);
    }

    getReader(options = undefined) {
        const stream = mine(this);
        const mode = dictionary(options, "The options of getReader()").mode;

        if (mode === undefined) {
            return new ReadableStreamDefaultReader(INTERNAL,
                                                   lock(stream, false));
        }

        if (`${mode}` !== "byob") {
            throw new TypeError("mode must be undefined or 'byob' in call to "
                                + "getReader().");
        }

        return new ReadableStreamBYOBReader(INTERNAL, lock(stream, true));
    }

    pipeThrough(transform, options = undefined) {
        return part("stream_pipe").pipeThrough(mine(this), transform,
                                               options);
    }

    pipeTo(destination, options = undefined) {
        try {
            return part("stream_pipe").pipeTo(mine(this), destination,
                                              options);

        } catch (e) {
            return rejected(e);
        }
    }

    tee() {
        return part("stream_tee").tee(this);
    }

    values(options = undefined) {
        return part("stream_iterator").values(mine(this), options);
    }
}

function mine(v) {
    const stream = readableOf(v);

    if (stream === undefined) {
        throw illegal("ReadableStream");
    }

    return stream;
}

face(ReadableStream, "ReadableStream");
defineProperty(ReadableStream, "from", { enumerable: true });
defineProperty(ReadableStream.from, "length", { value: 0 });
defineProperty(ReadableStream.prototype, asyncIterator,
               { value: ReadableStream.prototype.values, writable: true,
                 enumerable: false, configurable: true });

/* The platform's autoAllocateChunkSize. */
const AUTO_SIZE = 4096;

/* The constructor's work; the face is known before start() runs. */
function setUp(faceObject, source, strategy) {
    const stream = new Readable();

    stream.face = faceObject;

    const from = source ?? {};
    let autoSize = from.autoAllocateChunkSize;

    if (autoSize !== undefined) {
        autoSize = enforceRange(autoSize, "autoAllocateChunkSize");
    }

    const cancelFn = callback(from, "cancel");
    const pullFn = callback(from, "pull");
    const startFn = callback(from, "start");
    const type = from.type;
    const bytes = type !== undefined && type !== "";

    if (bytes && `${type}` !== "bytes") {
        throw new TypeError(`"${type}" is not a valid type of `
                            + "ReadableStream.");
    }

    const mark = highWaterMark(strategy, bytes ? 0 : 1);

    if (bytes && autoSize === 0) {
        throw new TypeError("autoAllocateChunkSize must not be 0.");
    }

    const pull = pullFn === undefined
                 ? undefined
                 : () => invoke(pullFn, controller.face
                                        ?? controllerFace(controller));
    const cancel = cancelFn === undefined
                   ? undefined
                   : (reason) => invoke(cancelFn, reason);
    const controller = bytes
        ? new ByteController(stream, mark, pull, cancel,
                             autoSize ?? AUTO_SIZE)
        : new DefaultController(stream, mark, strategy.size, pull, cancel);

    if (bytes) {
        controller.scripted = true;
        controller.piece = autoSize;
    }

    if (startFn === undefined) {
        controller.begin();

    } else {
        controller.start(invoke(startFn, controllerFace(controller)));
    }

    return stream;
}

function controllerFace(controller) {
    return controller.face ??= controller.bytes
           ? new ReadableByteStreamController(INTERNAL, controller)
           : new ReadableStreamDefaultController(INTERNAL, controller);
}

class ReadableStreamDefaultReader {
    #reader;

    static {
        readerOf = (v) => isObject(v) && #reader in v ? v.#reader : undefined;
    }

    constructor(stream = undefined, reader = undefined) {
        this.#reader = stream === INTERNAL
            ? reader
            : lock(readableArg(stream, "ReadableStreamDefaultReader"), false);
    }

    get closed() {
        return closedOf(readerOf(this), "ReadableStreamDefaultReader");
    }

    cancel(reason = undefined) {
        return cancelBy(readerOf(this), "ReadableStreamDefaultReader",
                        reason);
    }

    read() {
        let reader;

        try {
            reader = this.#reader;

        } catch {
            return rejected(illegal("ReadableStreamDefaultReader"));
        }

        if (reader.stream === undefined) {
            return rejected(new TypeError(READER_RELEASED));
        }

        return readPromise(reader);
    }

    releaseLock() {
        const reader = readerOf(this);

        if (reader === undefined) {
            throw illegal("ReadableStreamDefaultReader");
        }

        if (reader.stream !== undefined) {
            reader.release();
        }
    }
}

face(ReadableStreamDefaultReader, "ReadableStreamDefaultReader");

function readableArg(v, name) {
    const stream = readableOf(v);

    if (stream === undefined) {
        throw badArg(name, "ReadableStream");
    }

    return stream;
}

function cancelBy(reader, name, reason) {
    if (reader === undefined) {
        return rejected(illegal(name));
    }

    if (reader.stream === undefined) {
        return rejected(new TypeError(READER_RELEASED));
    }

    return reader.stream.cancel(reason);
}


class ReadableStreamBYOBReader {
    #reader;

    static {
        byobReaderOf = (v) => isObject(v) && #reader in v ? v.#reader
                                                          : undefined;
    }

    constructor(stream = undefined, reader = undefined) {
        this.#reader = stream === INTERNAL
            ? reader
            : lock(readableArg(stream, "ReadableStreamBYOBReader"), true);
    }

    get closed() {
        return closedOf(byobReaderOf(this), "ReadableStreamBYOBReader");
    }

    cancel(reason = undefined) {
        return cancelBy(byobReaderOf(this), "ReadableStreamBYOBReader",
                        reason);
    }

    read(view, options = undefined) {
        try {
            const how = dictionary(options, "The options of read()");
            const min = how.min;

            return readInto(byobReaderOf(this), view,
                            min === undefined ? 1 : enforceRange(min, "min"));

        } catch (e) {
            return rejected(e);
        }
    }

    readAtLeast(minElements, view) {
        try {
            return readInto(byobReaderOf(this), view,
                            enforceRange(minElements, "minElements"));

        } catch (e) {
            return rejected(e);
        }
    }

    releaseLock() {
        const reader = byobReaderOf(this);

        if (reader === undefined) {
            throw illegal("ReadableStreamBYOBReader");
        }

        if (reader.stream !== undefined) {
            reader.release();
        }
    }
}

face(ReadableStreamBYOBReader, "ReadableStreamBYOBReader");

function readInto(reader, view, min) {
    if (reader === undefined) {
        throw illegal("ReadableStreamBYOBReader");
    }

    if (!isView(view)) {
        throw new TypeError("read() of a \"byob\" reader needs a view.");
    }

    if (view.byteLength === 0 || isDetached(view.buffer)) {
        throw new TypeError("You must call read() on a \"byob\" reader with "
                            + "a positive-sized TypedArray object.");
    }

    if (min === 0) {
        throw new TypeError("Requested invalid minimum number of bytes to "
                            + "read (0).");
    }

    const length = view.length ?? view.byteLength;

    if (min > length) {
        throw new TypeError(`Minimum bytes to read (${min}) exceeds size of `
                          + `buffer (${length}).`);
    }

    const stream = reader.stream;

    if (stream === undefined) {
        throw new TypeError(READER_RELEASED);
    }

    const request = new PromiseRequest();

    stream.disturbed = true;

    if (stream.state === ERRORED) {
        request.error(stream.error);

    } else {
        stream.controller.pullInto(view, min, request);
    }

    return request.promise;
}


class ReadableStreamDefaultController {
    #controller;

    static {
        defaultControllerOf = (v) => {
            if (!isObject(v) || !(#controller in v)) {
                throw illegal("ReadableStreamDefaultController");
            }

            return v.#controller;
        };
    }

    constructor(key = undefined, controller = undefined) {
        guard(key);
        this.#controller = controller;
    }

    get desiredSize() {
        return defaultControllerOf(this).desiredSize();
    }

    close() {
        const controller = defaultControllerOf(this);

        if (!controller.open()) {
            throw new TypeError("This ReadableStream is closed.");
        }

        controller.close();
    }

    enqueue(chunk = undefined) {
        const controller = defaultControllerOf(this);

        if (!controller.open()) {
            throw new TypeError("Unable to enqueue");
        }

        controller.enqueue(chunk);
    }

    error(e = undefined) {
        defaultControllerOf(this).fail(e);
    }
}

face(ReadableStreamDefaultController, "ReadableStreamDefaultController");


class ReadableByteStreamController {
    #controller;

    static {
        byteControllerOf = (v) => {
            if (!isObject(v) || !(#controller in v)) {
                throw illegal("ReadableByteStreamController");
            }

            return v.#controller;
        };
    }

    constructor(key = undefined, controller = undefined) {
        guard(key);
        this.#controller = controller;
    }

    get byobRequest() {
        const request = byteControllerOf(this).byobRequest();

        if (request === undefined) {
            return null;
        }

        return request.face ??= new ReadableStreamBYOBRequest(INTERNAL,
                                                              request);
    }

    get desiredSize() {
        return byteControllerOf(this).desiredSize();
    }

    close() {
        const controller = byteControllerOf(this);

        if (controller.closing || controller.stream.state !== READABLE) {
            throw new TypeError("This ReadableStream is closed.");
        }

        controller.close();
    }

    enqueue(chunk) {
        const controller = byteControllerOf(this);

        const bytes = toBytes(chunk);

        if (bytes === undefined) {
            throw new TypeError("Failed to execute 'enqueue' on "
                                + "'ReadableByteStreamController': parameter "
                                + "1 is not of type 'BufferSource'.");
        }

        if (bytes.byteLength === 0) {
            throw new TypeError("Cannot enqueue a zero-length ArrayBuffer.");
        }

        if (controller.closing || controller.stream.state !== READABLE) {
            throw new TypeError("This ReadableByteStreamController is "
                                + "closed.");
        }

        controller.enqueue(bytes);
    }

    error(e = undefined) {
        byteControllerOf(this).fail(e);
    }
}

face(ReadableByteStreamController, "ReadableByteStreamController");


class ReadableStreamBYOBRequest {
    #request;

    static {
        byobRequestOf = (v) => {
            if (!isObject(v) || !(#request in v)) {
                throw illegal("ReadableStreamBYOBRequest");
            }

            return v.#request;
        };
    }

    constructor(key = undefined, request = undefined) {
        guard(key);
        this.#request = request;
    }

    get view() {
        return byobRequestOf(this).view;
    }

    /* The platform's own: how many bytes the read waits for. */
    get atLeast() {
        const pull = byobRequestOf(this).controller?.pulls[0];

        return pull === undefined ? null : pull.min - pull.filled;
    }

    respond(bytesWritten) {
        const request = byobRequestOf(this);
        const n = enforceRange(bytesWritten, "bytesWritten");

        if (request.controller === undefined) {
            throw new TypeError("This ReadableStreamBYOBRequest has been "
                                + "invalidated.");
        }

        if (isDetached(request.view.buffer)) {
            throw new TypeError("The BYOB request's buffer is detached.");
        }

        request.controller.respond(n);
    }

    respondWithNewView(view) {
        const request = byobRequestOf(this);

        if (!isView(view)) {
            throw new TypeError("The view is not an ArrayBufferView.");
        }

        if (request.controller === undefined) {
            throw new TypeError("This ReadableStreamBYOBRequest has been "
                                + "invalidated.");
        }

        if (isDetached(view.buffer)) {
            throw new TypeError("The view's buffer is detached.");
        }

        request.controller.respondWithView(view);
    }
}

face(ReadableStreamBYOBRequest, "ReadableStreamBYOBRequest");

/* size() has neither name nor parameters, and is made when asked for. */
const byteSize = () => (...args) => args[0]?.byteLength;
const countSize = () => () => 1;

function strategyMark(init, name) {
    if (!isObject(init)) {
        throw badArg(name, "QueuingStrategyInit");
    }

    return +init.highWaterMark;
}

class ByteLengthQueuingStrategy {
    #mark;

    constructor(init = undefined) {
        this.#mark = strategyMark(init, "ByteLengthQueuingStrategy");
    }

    get highWaterMark() {
        if (!isObject(this) || !(#mark in this)) {
            throw illegal("ByteLengthQueuingStrategy");
        }

        return this.#mark;
    }

    get size() {
        if (!isObject(this) || !(#mark in this)) {
            throw illegal("ByteLengthQueuingStrategy");
        }

        return byteSize();
    }
}

face(ByteLengthQueuingStrategy, "ByteLengthQueuingStrategy");


class CountQueuingStrategy {
    #mark;

    constructor(init = undefined) {
        this.#mark = strategyMark(init, "CountQueuingStrategy");
    }

    get highWaterMark() {
        if (!isObject(this) || !(#mark in this)) {
            throw illegal("CountQueuingStrategy");
        }

        return this.#mark;
    }

    get size() {
        if (!isObject(this) || !(#mark in this)) {
            throw illegal("CountQueuingStrategy");
        }

        return countSize();
    }
}

face(CountQueuingStrategy, "CountQueuingStrategy");


export {
    ByteLengthQueuingStrategy, CountQueuingStrategy, mine,
    ReadableByteStreamController, readableOf, ReadableStream,
    ReadableStreamBYOBReader, ReadableStreamBYOBRequest,
    ReadableStreamDefaultController, ReadableStreamDefaultReader,
    wrapReadable,
};
