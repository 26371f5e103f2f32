/*
 * Copyright (C) the nginx-workers authors
 *
 * The WHATWG Streams Standard, the platform's IdentityTransformStream and
 * FixedLengthStream, and the half that C uses.
 *
 * What a script holds is a thin face (ReadableStream, its readers and
 * controllers); the state is an object behind it that no script can reach.
 * Faces of controllers and promises of `closed` and `ready` are made when
 * somebody asks for them.  A callback that returns nothing costs one
 * microtask and no promise.
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
 *       onChunk.  After cancel() nothing is called any more.
 *   readAll(stream, limit, onDone, onError)  locks the stream, then one of
 *       onDone(array of Uint8Array, total) and onError(e)
 *   cancel(stream, reason) -> Promise, locked or not
 *   tee(stream) -> [a, b]
 */

export default function defineStreams(native) {

const {
    ArrayBuffer, DataView, Error, Math, Object, Promise, RangeError,
    Symbol, TypeError, Uint8Array,
} = globalThis;

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;

const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const call = uncurry(Function.prototype.call);
const bind = uncurry(Function.prototype.bind);
const then = uncurry(Promise.prototype.then);
const resolved = Promise.resolve.bind(Promise);
const rejected = Promise.reject.bind(Promise);
const deferred = Promise.withResolvers.bind(Promise);
const transfer = uncurry(ArrayBuffer.prototype.transfer);
const sliceBuffer = uncurry(ArrayBuffer.prototype.slice);
const bufferLength = uncurry(getOwnPropertyDescriptor(ArrayBuffer.prototype,
                                                      "byteLength").get);
const isDetached = uncurry(getOwnPropertyDescriptor(ArrayBuffer.prototype,
                                                    "detached").get);
const isView = ArrayBuffer.isView;
const viewName = uncurry(getOwnPropertyDescriptor(
                             getPrototypeOf(Uint8Array.prototype),
                             Symbol.toStringTag).get);
const copyBytes = uncurry(Uint8Array.prototype.set);
const { min, trunc } = Math;
const { asyncIterator, iterator, toStringTag } = Symbol;

const noop = () => {};
const RESOLVED = resolved();

const later = native?.queueMicrotask ?? globalThis.queueMicrotask
              ?? ((fn) => { then(RESOLVED, fn); });

/* Gives a constructor access to what only this file may make. */
const INTERNAL = Symbol("internal");
/* An answer of take(): no chunk is ready. */
const EMPTY = Symbol("empty");
/* A pull or write that will report its own end. */
const PENDING = Symbol("pending");

const READABLE = 0, CLOSED = 1, ERRORED = 2;
const WRITABLE = 0, ERRORING = 3;

const READER_LOCKED = "This ReadableStream is currently locked to a reader.";
const READER_RELEASED = "This ReadableStream reader has been released.";
const WRITER_LOCKED = "This WritableStream is currently locked to a writer.";
const WRITER_RELEASED = "This WritableStream writer has been released.";
const WRITER_CLOSED = "This WritableStream has been closed.";
const NOT_BYTES = "This ReadableStream did not return bytes.";

const typedArrays = { __proto__: null };
for (const name of ["Int8Array", "Uint8Array", "Uint8ClampedArray",
                    "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
                    "Float16Array", "Float32Array", "Float64Array",
                    "BigInt64Array", "BigUint64Array"])
{
    if (globalThis[name] !== undefined) {
        typedArrays[name] = globalThis[name];
    }
}

let readableOf, readerOf, byobReaderOf, defaultControllerOf;
let byteControllerOf, byobRequestOf, writableOf, writerOf;
let writableControllerOf, transformOf, transformControllerOf;


/* Values and dictionaries, as WebIDL converts them. */

const illegal = (name) =>
    new TypeError(`Illegal invocation: this is not a ${name}.`);

function isObject(v) {
    return v !== null && (typeof v === "object" || typeof v === "function");
}

function isBuffer(v) {
    try {
        bufferLength(v);
        return true;

    } catch {
        return false;
    }
}

function dictionary(v, what) {
    if (v === undefined || v === null) {
        return {};
    }

    if (!isObject(v)) {
        throw new TypeError(`${what} is not an object.`);
    }

    return v;
}

function objectArg(v, what) {
    if (!isObject(v)) {
        throw new TypeError(`${what} is not an object.`);
    }

    return v;
}

function callback(object, name) {
    const fn = object[name];

    if (fn === undefined) {
        return undefined;
    }

    if (typeof fn !== "function") {
        throw new TypeError(`${name} is not a function.`);
    }

    return bind(fn, object);
}

function readStrategy(v) {
    const strategy = dictionary(v, "The queuing strategy");
    let mark = strategy.highWaterMark;

    if (mark !== undefined) {
        mark = +mark;
    }

    const size = strategy.size;

    if (size !== undefined && typeof size !== "function") {
        throw new TypeError("size is not a function.");
    }

    return { mark, size };
}

function highWaterMark(strategy, fallback) {
    const mark = strategy.mark;

    if (mark === undefined) {
        return fallback;
    }

    if (!(mark >= 0)) {
        throw new RangeError("highWaterMark must be a non-negative number.");
    }

    return mark;
}

function badSize() {
    return new RangeError("The size of a chunk must be a finite, "
                          + "non-negative number.");
}

/* An unsigned long long with [EnforceRange]. */
function enforceRange(v, what) {
    const n = trunc(+v);

    if (!(n >= 0 && n <= 9007199254740991)) {
        throw new TypeError(`${what} is not a valid length.`);
    }

    return n + 0;
}

/* What a user's bound callback returned, or a promise of what it threw. */
function invoke(fn, a, b) {
    try {
        return fn(a, b);

    } catch (e) {
        return rejected(e);
    }
}

/* Settles in the next microtask, or when the promise does. */
function when(result, ok, failed) {
    if (result === undefined) {
        later(ok);

    } else {
        then(resolved(result), ok, failed);
    }
}

/* Members are enumerable, as WebIDL has them. */
function face(cls, name, proto = cls.prototype) {
    for (const key of Object.getOwnPropertyNames(proto)) {
        if (key !== "constructor") {
            defineProperty(proto, key, { enumerable: true });
        }
    }

    defineProperty(proto, toStringTag, { value: name, configurable: true });
}


/*
 * A promise of undefined that exists once somebody asks for it.  It never
 * counts as unhandled.
 */
class Lazy {
    constructor(state, reason) {
        this.state = state;
        this.reason = reason;
        this.made = undefined;
    }

    promise() {
        if (this.made === undefined) {
            this.made = deferred();
            then(this.made.promise, undefined, noop);

            if (this.state === CLOSED) {
                this.made.resolve();

            } else if (this.state === ERRORED) {
                this.made.reject(this.reason);
            }
        }

        return this.made.promise;
    }

    resolve() {
        if (this.state === READABLE) {
            this.state = CLOSED;
            this.made?.resolve();
        }
    }

    reject(reason) {
        if (this.state === READABLE) {
            this.state = ERRORED;
            this.reason = reason;
            this.made?.reject(reason);
        }
    }
}


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

        } else {
            this.closed = new Lazy(ERRORED, e);
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

    enqueue(value) {
        const reader = this.stream.reader;

        if (reader !== undefined && reader.first !== undefined) {
            reader.shift().chunk(value);
            this.pull();
            return;
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
                throw e;
            }
        }

        this.push({ value, size, next: undefined });
        this.total += size;
        this.pull();
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

        this.first = entry.next;

        if (entry.next === undefined) {
            this.last = undefined;
        }

        this.total -= entry.length;
        this.drained();
        return new Uint8Array(entry.buffer, entry.offset, entry.length);
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

        if (this.pulls.length > 0) {
            this.pulls.push(pull);
            stream.reader.add(request);
            return;
        }

        if (stream.state === CLOSED) {
            request.close(new type(buffer, offset, 0));
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
                const e = new TypeError("The stream closed in the middle of "
                                        + "an element.");

                this.fail(e);
                request.error(e);
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

    convert(pull) {
        return new pull.view(transfer(pull.buffer), pull.offset,
                             pull.filled / pull.element);
    }

    commit(pull) {
        const done = this.stream.state === CLOSED;
        const value = this.convert(pull);
        const request = this.stream.reader.shift();

        if (done && pull.kind === BYOB) {
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

                reader.shift().chunk(new Uint8Array(buffer, offset, length));
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

    /* Gives the error if that fails the stream. */
    close() {
        if (this.closing || this.stream.state !== READABLE) {
            return undefined;
        }

        if (this.total > 0) {
            this.closing = true;
            return undefined;
        }

        if (this.pulls.length > 0) {
            const pull = this.pulls[0];

            if (pull.filled % pull.element !== 0) {
                const e = new TypeError("The stream closed in the middle of "
                                        + "an element.");

                this.fail(e);
                return e;
            }
        }

        this.clear();
        this.stream.close();
        return undefined;
    }

    /* The end of a source of ours: BYOB reads that wait end too. */
    finish() {
        this.close();

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
            throw new TypeError("bytesWritten must not be 0 when the stream "
                                + "is readable.");

        } else if (pull.filled + n > pull.length) {
            throw new RangeError("bytesWritten is more than the view holds.");
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
            throw new TypeError("The view must not be empty when the stream "
                                + "is readable.");
        }

        if (pull.offset + pull.filled !== byteOffset
            || pull.whole !== buffer.byteLength
            || pull.filled + byteLength > pull.length)
        {
            throw new RangeError("The view is not a part of the requested "
                                 + "buffer.");
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


/* Streams of our own making. */

function wrapReadable(stream) {
    return stream.face ??= new ReadableStream(INTERNAL, stream);
}

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
            this.finish();

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
            this.finish();
            return PENDING;
        }

        this.data = undefined;

        if (data.byteLength === 0) {
            this.finish();

        } else if (this.shared) {
            this.enqueueOwned(copyOf(data).buffer, 0, data.byteLength);

        } else {
            this.enqueueOwned(data.buffer, data.byteOffset, data.byteLength);
        }

        if (this.first === undefined && this.stream.state === READABLE) {
            this.finish();
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
        this.accepts = undefined;
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
            reject(this.error);
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
            const AbortController = native?.AbortController
                                    ?? globalThis.AbortController;

            this.abortController = new AbortController();

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


/* pipeTo(): both ends are unlocked. */
class Pipe {
    constructor(source, dest, options) {
        this.source = source;
        this.dest = dest;
        this.reader = new Reader(source, false);
        this.writer = new Writer(dest);
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
        this.run();
    }

    run() {
        const { source, dest } = this;

        while (!this.stopping && !this.reading
               && source.state === READABLE && dest.state === WRITABLE
               && dest.mark - dest.total > 0)
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
        }
    }

    aborted() {
        const { source, dest } = this;
        const { signal, preventAbort, preventCancel } = this.options;
        const e = signal.reason;

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

function pipe(source, dest, options) {
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

    return { preventAbort, preventCancel, preventClose, signal };
}


/* tee() */

function tee(stream) {
    const controller = stream.controller;

    if (stream.reader !== undefined) {
        throw new TypeError(READER_LOCKED);
    }

    if (controller instanceof BytesController && controller.untouched()) {
        const data = controller.data;

        new Reader(stream, false);
        stream.disturbed = true;
        controller.finish();
        return [bytesStream(data, true), bytesStream(data, true)];
    }

    return controller.bytes ? teeBytes(stream) : teeDefault(stream);
}

/*
 * As on the platform, cancel() of one branch resolves at once, and that of
 * the other cancels the stream.
 */
class TeeEnds {
    constructor(stream) {
        this.stream = stream;
        this.cancelled1 = false;
        this.cancelled2 = false;
        this.reason1 = undefined;
        this.reason2 = undefined;
        this.branch1 = undefined;
        this.branch2 = undefined;
    }

    cancel1(reason) {
        this.cancelled1 = true;
        this.reason1 = reason;
        return this.cancelBoth(this.cancelled2);
    }

    cancel2(reason) {
        this.cancelled2 = true;
        this.reason2 = reason;
        return this.cancelBoth(this.cancelled1);
    }

    cancelBoth(both) {
        return both ? this.stream.cancel([this.reason1, this.reason2])
                    : undefined;
    }

    fail(e) {
        this.branch1.fail(e);
        this.branch2.fail(e);
    }
}

function teeDefault(stream) {
    const ends = new TeeEnds(stream);
    const reader = new Reader(stream, false);
    let reading = false, again = false, value;

    const give = () => {
        const chunk = value;

        value = undefined;
        again = false;

        if (!ends.cancelled1 && ends.branch1.open()) {
            ends.branch1.enqueue(chunk);
        }

        if (!ends.cancelled2 && ends.branch2.open()) {
            ends.branch2.enqueue(chunk);
        }

        reading = false;

        if (again) {
            pull();
        }
    };

    const request = {
        next: undefined,

        chunk(v) {
            value = v;
            later(give);
        },

        close() {
            reading = false;

            if (!ends.cancelled1 && ends.branch1.open()) {
                ends.branch1.close();
            }

            if (!ends.cancelled2 && ends.branch2.open()) {
                ends.branch2.close();
            }
        },

        error() {
            reading = false;
        },
    };

    const pull = () => {
        if (reading) {
            again = true;
            return;
        }

        reading = true;
        reader.read(request);
    };

    const one = newDefault(RESOLVED, pull, (r) => ends.cancel1(r), 1);
    const two = newDefault(RESOLVED, pull, (r) => ends.cancel2(r), 1);

    ends.branch1 = one.controller;
    ends.branch2 = two.controller;

    then(reader.closed.promise(), undefined, (e) => ends.fail(e));

    return [one, two];
}

function teeBytes(stream) {
    const ends = new TeeEnds(stream);
    let reader = new Reader(stream, false);
    let reading = false, again1 = false, again2 = false;

    const forward = (from) => {
        then(from.closed.promise(), undefined, (e) => {
            if (from === reader) {
                ends.fail(e);
            }
        });
    };

    const use = (byob) => {
        if (reader.byob !== byob) {
            const old = reader;

            reader = undefined;
            old.release();
            reader = new Reader(stream, byob);
            forward(reader);
        }
    };

    const copy = (chunk) => {
        try {
            return copyOf(chunk);

        } catch (e) {
            ends.fail(e);
            then(stream.cancel(e), undefined, noop);
            return undefined;
        }
    };

    const next = () => {
        reading = false;

        if (again1) {
            pull1();

        } else if (again2) {
            pull2();
        }
    };

    const request = {
        next: undefined,

        chunk(chunk) {
            later(() => {
                let second = chunk;

                again1 = again2 = false;

                if (!ends.cancelled1 && !ends.cancelled2) {
                    second = copy(chunk);

                    if (second === undefined) {
                        return;
                    }
                }

                if (!ends.cancelled1) {
                    ends.branch1.enqueue(chunk);
                }

                if (!ends.cancelled2) {
                    ends.branch2.enqueue(second);
                }

                next();
            });
        },

        close() {
            reading = false;

            if (!ends.cancelled1) {
                ends.branch1.close();
            }

            if (!ends.cancelled2) {
                ends.branch2.close();
            }

            if (ends.branch1.pulls.length > 0) {
                ends.branch1.respond(0);
            }

            if (ends.branch2.pulls.length > 0) {
                ends.branch2.respond(0);
            }
        },

        error() {
            reading = false;
        },
    };

    const into = (second) => ({
        next: undefined,

        chunk(chunk) {
            later(() => {
                const gone = second ? ends.cancelled2 : ends.cancelled1;
                const otherGone = second ? ends.cancelled1 : ends.cancelled2;
                const branch = second ? ends.branch2 : ends.branch1;
                const other = second ? ends.branch1 : ends.branch2;

                again1 = again2 = false;

                if (!otherGone) {
                    const twin = copy(chunk);

                    if (twin === undefined) {
                        return;
                    }

                    if (!gone) {
                        branch.respondWithView(chunk);
                    }

                    other.enqueue(twin);

                } else if (!gone) {
                    branch.respondWithView(chunk);
                }

                next();
            });
        },

        close(chunk) {
            const gone = second ? ends.cancelled2 : ends.cancelled1;
            const otherGone = second ? ends.cancelled1 : ends.cancelled2;
            const branch = second ? ends.branch2 : ends.branch1;
            const other = second ? ends.branch1 : ends.branch2;

            reading = false;

            if (!gone) {
                branch.close();
            }

            if (!otherGone) {
                other.close();
            }

            if (chunk !== undefined) {
                if (!gone && branch.pulls.length > 0) {
                    branch.respondWithView(chunk);
                }

                if (!otherGone && other.pulls.length > 0) {
                    other.respond(0);
                }
            }
        },

        error() {
            reading = false;
        },
    });

    const start = (branch, second) => {
        const byob = branch.byobRequest();

        reading = true;

        if (byob === undefined) {
            use(false);
            reader.read(request);

        } else {
            use(true);
            stream.disturbed = true;

            if (stream.state !== ERRORED) {
                stream.controller.pullInto(byob.view, 1, into(second));
            }
        }
    };

    const pull1 = () => {
        if (reading) {
            again1 = true;

        } else {
            start(ends.branch1, false);
        }
    };

    const pull2 = () => {
        if (reading) {
            again2 = true;

        } else {
            start(ends.branch2, true);
        }
    };

    const one = newBytes(pull1, (r) => ends.cancel1(r), 0);
    const two = newBytes(pull2, (r) => ends.cancel2(r), 0);

    ends.branch1 = one.controller;
    ends.branch2 = two.controller;
    forward(reader);

    return [one, two];
}


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


/* TransformStream */

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
        this.onPulled = () => this.controller.pulled();
        this.onResume = () => this.resume();
        this.onError = (e) => {
            this.error(e);
            throw e;
        };
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
            throw new TypeError("The readable side is closed or errored.");
        }

        try {
            controller.enqueue(chunk);

        } catch (e) {
            this.errorWritable(e);
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
        if (this.controller.open()) {
            this.controller.close();
        }

        this.errorWritable(new TypeError("The readable side was "
                                         + "terminated."));
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


/*
 * IdentityTransformStream: a write ends when its bytes have been read.
 * limit, if any, is how many bytes must pass.
 */
class Identity {
    constructor(limit, mark) {
        this.readable = newBytes(() => this.pull(),
                                 (reason) => this.cancelled(reason), 0);
        this.controller = this.readable.controller;
        this.writable = new Writable(
            mark ?? 1, mark === undefined ? undefined : chunkLength,
            (chunk) => this.write(chunk), () => this.close(),
            (reason) => { this.controller.fail(reason); });
        this.writable.accepts = checkBytes;
        this.writable.aborting = (reason) => this.drop(reason);
        this.writable.started = true;
        this.readable.length = limit;
        this.left = limit;
        this.wanted = false;
        this.held = undefined;
        this.busy = false;
        this.onDrain = () => this.wrote();
    }

    pull() {
        if (this.held !== undefined) {
            this.deliver();

        } else {
            this.wanted = true;
        }

        return PENDING;
    }

    write(chunk) {
        let bytes;

        try {
            checkBytes(chunk);
            bytes = copyOf(toBytes(chunk));

            if (this.left !== undefined) {
                if (bytes.byteLength > this.left) {
                    throw new TypeError("Attempt to write too many bytes "
                                        + "through a FixedLengthStream.");
                }

                this.left -= bytes.byteLength;
            }

        } catch (e) {
            this.controller.fail(e);
            return rejected(e);
        }

        if (bytes.byteLength === 0) {
            return undefined;
        }

        this.held = bytes;
        this.busy = true;

        if (this.wanted) {
            this.deliver();
        }

        return PENDING;
    }

    deliver() {
        const { controller, held } = this;

        this.held = undefined;
        this.wanted = false;
        controller.pulling = controller.again = false;
        controller.onDrain = undefined;
        controller.enqueueOwned(held.buffer, held.byteOffset,
                                held.byteLength);

        if (controller.total === 0) {
            this.wrote();

        } else {
            controller.onDrain = this.onDrain;
        }
    }

    wrote() {
        this.controller.onDrain = undefined;

        if (this.busy) {
            this.busy = false;
            later(this.writable.onWritten);
        }
    }

    close() {
        if (this.left !== undefined && this.left > 0) {
            this.controller.fail(
                new TypeError("FixedLengthStream did not see all expected "
                              + "bytes before close()."));

        } else {
            this.controller.finish();
        }
    }

    /* Ends the write that waits for a reader. */
    drop(reason) {
        this.held = undefined;

        if (this.busy) {
            this.busy = false;
            this.writable.writeFailed(reason);
        }
    }

    cancelled(reason) {
        if (reason === undefined) {
            reason = new Error("Stream was cancelled.");
        }

        this.writable.errorIfNeeded(reason);
        this.drop(reason);
    }
}

const chunkLength = (chunk) => chunk.byteLength;

function checkBytes(chunk) {
    if (isView(chunk) || isBuffer(chunk)) {
        return;
    }

    if (typeof chunk === "string") {
        throw new TypeError("This TransformStream is being used as a byte "
                            + "stream, but received a string on its writable "
                            + "side. If you wish to write a string, you'll "
                            + "probably want to explicitly UTF-8-encode it "
                            + "with TextEncoder.");
    }

    throw new TypeError("This TransformStream is being used as a byte "
                        + "stream, but received an object of "
                        + "non-ArrayBuffer/ArrayBufferView type on its "
                        + "writable side.");
}

function copyOf(bytes) {
    const { byteOffset, byteLength } = bytes;

    return new Uint8Array(sliceBuffer(bytes.buffer, byteOffset,
                                      byteOffset + byteLength));
}

/* A Uint8Array over the same memory, or undefined for what is no bytes. */
function toBytes(chunk) {
    if (isView(chunk)) {
        return viewName(chunk) === "Uint8Array"
               ? chunk
               : new Uint8Array(chunk.buffer, chunk.byteOffset,
                                chunk.byteLength);
    }

    return isBuffer(chunk) ? new Uint8Array(chunk) : undefined;
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

        if (underlyingSource !== undefined) {
            objectArg(underlyingSource, "The underlying source");
        }

        this.#stream = setUp(this, underlyingSource, readStrategy(strategy));
    }

    static from(asyncIterable) {
        return wrapReadable(fromIterable(asyncIterable));
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
        const stream = mine(this);

        objectArg(transform, "The transform");

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

        then(pipe(stream, dest, how), undefined, noop);
        return readable;
    }

    pipeTo(destination, options = undefined) {
        try {
            const stream = mine(this);
            const dest = writableOf(destination);

            if (dest === undefined) {
                throw new TypeError("The destination is not a "
                                    + "WritableStream.");
            }

            const how = pipeOptions(options);

            if (stream.reader !== undefined) {
                throw new TypeError(READER_LOCKED);
            }

            if (dest.writer !== undefined) {
                throw new TypeError(WRITER_LOCKED);
            }

            return pipe(stream, dest, how);

        } catch (e) {
            return rejected(e);
        }
    }

    tee() {
        return teeFaces(this);
    }

    values(options = undefined) {
        const stream = mine(this);
        const how = dictionary(options, "The options of values()");

        return new StreamIterator(INTERNAL, stream, !!how.preventCancel);
    }
}

function mine(v) {
    const stream = readableOf(v);

    if (stream === undefined) {
        throw illegal("ReadableStream");
    }

    return stream;
}

function teeFaces(v) {
    const [one, two] = tee(mine(v));

    return [wrapReadable(one), wrapReadable(two)];
}

face(ReadableStream, "ReadableStream");
defineProperty(ReadableStream, "from", { enumerable: true });
defineProperty(ReadableStream.prototype, asyncIterator,
               { value: ReadableStream.prototype.values, writable: true,
                 enumerable: false, configurable: true });

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
    const bytes = type !== undefined;

    if (bytes && `${type}` !== "bytes") {
        throw new TypeError(`"${type}" is not a type of ReadableStream.`);
    }

    if (bytes && strategy.size !== undefined) {
        throw new RangeError("A byte stream's strategy has no size().");
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
        ? new ByteController(stream, mark, pull, cancel, autoSize)
        : new DefaultController(stream, mark, strategy.size, pull, cancel);

    controller.start(startFn?.(controllerFace(controller)));
    return stream;
}

function controllerFace(controller) {
    return controller.face ??= controller.bytes
           ? new ReadableByteStreamController(INTERNAL, controller)
           : new ReadableStreamDefaultController(INTERNAL, controller);
}

function guard(key) {
    if (key !== INTERNAL) {
        throw new TypeError("Illegal constructor");
    }
}


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

    error(e) {
        answered(this.owner, this.promise, true);
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
    static answered(self, promise, ended) {
        self.#asked = undefined;

        if (self.#ongoing === promise) {
            self.#ongoing = undefined;
        }

        if (ended) {
            self.#finished = true;

            if (self.#reader.stream !== undefined) {
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

face(StreamIterator, "ReadableStream AsyncIterator");
delete StreamIterator.prototype.constructor;
Object.setPrototypeOf(StreamIterator.prototype,
    getPrototypeOf(getPrototypeOf(async function* () {}).prototype));


class ReadableStreamDefaultReader {
    #reader;

    static {
        readerOf = (v) => isObject(v) && #reader in v ? v.#reader : undefined;
    }

    constructor(stream, reader = undefined) {
        this.#reader = stream === INTERNAL ? reader
                                           : lock(readableArg(stream), false);
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
defineProperty(ReadableStreamDefaultReader, "length", { value: 1 });

function readableArg(v) {
    const stream = readableOf(v);

    if (stream === undefined) {
        throw new TypeError("The argument is not a ReadableStream.");
    }

    return stream;
}

function closedOf(reader, name) {
    return reader === undefined ? rejected(illegal(name))
                                : reader.closed.promise();
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

    constructor(stream, reader = undefined) {
        this.#reader = stream === INTERNAL ? reader
                                           : lock(readableArg(stream), true);
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
                            min === undefined ? 1 : enforceRange(min, "min"),
                            RangeError);

        } catch (e) {
            return rejected(e);
        }
    }

    readAtLeast(minElements, view) {
        try {
            return readInto(byobReaderOf(this), view,
                            enforceRange(minElements, "minElements"),
                            TypeError);

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
defineProperty(ReadableStreamBYOBReader, "length", { value: 1 });

function readInto(reader, view, min, TooMany) {
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
        throw new TooMany(`Minimum bytes to read (${min}) exceeds size of `
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
            throw new TypeError("Unable to close: the stream is closed or "
                                + "errored.");
        }

        controller.close();
    }

    enqueue(chunk = undefined) {
        const controller = defaultControllerOf(this);

        if (!controller.open()) {
            throw new TypeError("Unable to enqueue: the stream is closed or "
                                + "errored.");
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
            throw new TypeError("Unable to close: the stream is closed or "
                                + "errored.");
        }

        const e = controller.close();

        if (e !== undefined) {
            throw e;
        }
    }

    enqueue(chunk) {
        const controller = byteControllerOf(this);

        if (!isView(chunk)) {
            throw new TypeError("The chunk is not an ArrayBufferView.");
        }

        if (chunk.byteLength === 0 || chunk.buffer.byteLength === 0) {
            throw new TypeError("The chunk must not be empty.");
        }

        if (controller.closing || controller.stream.state !== READABLE) {
            throw new TypeError("Unable to enqueue: the stream is closed or "
                                + "errored.");
        }

        controller.enqueue(chunk);
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
            throw new TypeError("This BYOB request has been invalidated.");
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
            throw new TypeError("This BYOB request has been invalidated.");
        }

        if (isDetached(view.buffer)) {
            throw new TypeError("The view's buffer is detached.");
        }

        request.controller.respondWithView(view);
    }
}

face(ReadableStreamBYOBRequest, "ReadableStreamBYOBRequest");


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

        if (underlyingSink !== undefined) {
            objectArg(underlyingSink, "The underlying sink");
        }

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

    if (from.type !== undefined) {
        throw new RangeError("type is reserved.");
    }

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
    stream.start(startFn?.(sinkFace(stream)));
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

    constructor(stream) {
        const inner = writableOf(stream);

        if (inner === undefined) {
            throw new TypeError("The argument is not a WritableStream.");
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

        if (transformer !== undefined) {
            objectArg(transformer, "The transformer");
        }

        const t = setUpTransform(transformer, readStrategy(writableStrategy),
                                 readStrategy(readableStrategy));
        const start = t.startFn;

        this.#transform = t;
        t.startFn = undefined;
        t.start(start === undefined
                ? undefined
                : resolved(start(transformFace(t))));
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

    if (readableType !== undefined || writableType !== undefined) {
        throw new RangeError("readableType and writableType are reserved.");
    }

    const readMark = highWaterMark(readable, 0);
    const writeMark = highWaterMark(writable, 1);
    const t = new Transform(writeMark, writable.size, readMark,
                            readable.size);

    t.startFn = startFn;

    t.transformFn = transformFn !== undefined
        ? (chunk) => invoke(transformFn, chunk, transformFace(t))
        : (chunk) => {
            try {
                t.enqueue(chunk);
                return undefined;

            } catch (e) {
                return rejected(e);
            }
        };

    if (flushFn !== undefined) {
        t.flushFn = () => invoke(flushFn, transformFace(t));
    }

    if (cancelFn !== undefined) {
        t.cancelFn = (reason) => invoke(cancelFn, reason);
    }

    return t;
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


class IdentityTransformStream extends TransformStream {
    constructor(queuingStrategy = undefined, identity = undefined) {
        if (queuingStrategy === INTERNAL) {
            super(INTERNAL, identity);
            return;
        }

        super(INTERNAL, new Identity(undefined, identityMark(queuingStrategy)));
    }
}

face(IdentityTransformStream, "IdentityTransformStream");


class FixedLengthStream extends IdentityTransformStream {
    constructor(expectedLength, queuingStrategy = undefined) {
        const n = enforceRange(typeof expectedLength === "bigint"
                               ? `${expectedLength}` : expectedLength,
                               "expectedLength");

        super(INTERNAL, new Identity(n, identityMark(queuingStrategy)));
    }
}

face(FixedLengthStream, "FixedLengthStream");

function identityMark(v) {
    return highWaterMark(readStrategy(v), undefined);
}


const { size: byteSize } = { size(chunk) { return chunk.byteLength; } };
const { size: countSize } = { size() { return 1; } };

function strategyMark(init) {
    objectArg(init, "The argument");

    if (init.highWaterMark === undefined) {
        throw new TypeError("highWaterMark is required.");
    }

    return +init.highWaterMark;
}

class ByteLengthQueuingStrategy {
    #mark;

    constructor(init) {
        this.#mark = strategyMark(init);
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

        return byteSize;
    }
}

face(ByteLengthQueuingStrategy, "ByteLengthQueuingStrategy");


class CountQueuingStrategy {
    #mark;

    constructor(init) {
        this.#mark = strategyMark(init);
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

        return countSize;
    }
}

face(CountQueuingStrategy, "CountQueuingStrategy");


/* The half for C. */

function fromSource(source, length = undefined) {
    const stream = new Readable();

    new SourceController(stream, source);
    stream.length = length;
    return wrapReadable(stream);
}

function bytesStream(bytes, shared) {
    const stream = new Readable();

    new BytesController(stream, bytes).shared = shared;
    stream.length = bytes.byteLength;
    return stream;
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
    constructor(reader, onChunk, onClose, onError) {
        this.reader = reader;
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

        const bytes = toBytes(value);

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
    return new Pump(lock(mine(v), false), onChunk, onClose, onError);
}

function readAll(v, limit, onDone, onError) {
    const stream = mine(v);
    const owned = stream.controller.bytes;
    const chunks = [];
    let total = 0;

    const pump = startPump(v, (chunk) => {
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

return {
    ReadableStream, ReadableStreamDefaultReader, ReadableStreamBYOBReader,
    ReadableStreamDefaultController, ReadableByteStreamController,
    ReadableStreamBYOBRequest, WritableStream, WritableStreamDefaultWriter,
    WritableStreamDefaultController, TransformStream,
    TransformStreamDefaultController, ByteLengthQueuingStrategy,
    CountQueuingStrategy, IdentityTransformStream, FixedLengthStream,

    fromSource, fromBytes, takeSource, takeBytes, startPump, readAll,

    isReadableStream: (v) => readableOf(v) !== undefined,
    isWritableStream: (v) => writableOf(v) !== undefined,
    isLocked: (v) => mine(v).reader !== undefined,
    isDisturbed: (v) => mine(v).disturbed,
    isErrored: (v) => mine(v).state === ERRORED,
    lengthOf: (v) => mine(v).length,
    markDisturbed: (v) => { mine(v).disturbed = true; },
    cancel: (v, reason) => mine(v).cancel(reason),
    tee: teeFaces,
};

}
