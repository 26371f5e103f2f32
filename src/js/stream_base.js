/*
 * Copyright (C) the nginx-workers authors
 *
 * What the parts of the Streams Standard share: the globals they need, taken
 * when they are loaded, WebIDL's conversions, and small helpers.
 */

const {
    ArrayBuffer, DataView, Error, Math, Object, Promise, RangeError,
    Symbol, TypeError, Uint8Array,
} = globalThis;

const {
    defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames,
    getPrototypeOf, setPrototypeOf,
} = Object;

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

const later = globalThis.queueMicrotask;

/* Gives a constructor access to what only these files may make. */
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


/*
 * Built-ins that are loaded when first used, by name: pipes and the like,
 * which most scripts do without.
 */
const parts = { __proto__: null };
let native;

function setNative(half) {
    native = half;
}

function part(name) {
    return parts[name] ??= native.load(name);
}

function loadedPart(name) {
    return parts[name];
}


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

/* An optional argument of a constructor that is a dictionary. */
function initArg(v, name, type) {
    if (v !== undefined && v !== null && !isObject(v)) {
        throw badArg(name, type);
    }
}

function badArg(name, type) {
    return new TypeError(`Failed to construct '${name}': constructor `
                         + `parameter 1 is not of type '${type}'.`);
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

/* Numbers are converted as the platform does it, whose errors are others. */
function highWaterMark(strategy, fallback) {
    const mark = strategy.mark;

    if (mark === undefined) {
        return fallback;
    }

    if (!(mark > -1)) {
        throw new TypeError("highWaterMark must be a non-negative number.");
    }

    return trunc(mark) + 0;
}

/* As the platform has it, where the standard says RangeError. */
function badSize() {
    return new TypeError("The size of a chunk must be a finite, "
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

function closedOf(reader, name) {
    return reader === undefined ? rejected(illegal(name))
                                : reader.closed.promise();
}

/* Members are enumerable, as WebIDL has them; methods have the length 0. */
function face(cls, name, proto = cls.prototype) {
    for (const key of getOwnPropertyNames(proto)) {
        if (key !== "constructor") {
            defineProperty(proto, key, { enumerable: true });

            const { value } = getOwnPropertyDescriptor(proto, key);

            if (value !== undefined) {
                defineProperty(value, "length", { value: 0 });
            }
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

function guard(key) {
    if (key !== INTERNAL) {
        throw new TypeError("Illegal constructor");
    }
}


export {
    ArrayBuffer, asyncIterator, badArg, badSize, call, callback, CLOSED,
    closedOf, copyBytes, copyOf, DataView, deferred, defineProperty,
    dictionary, EMPTY, enforceRange, Error, ERRORED, ERRORING, face,
    getPrototypeOf, guard, highWaterMark, illegal, initArg, INTERNAL, invoke,
    isBuffer, isDetached, isObject, isView, iterator, later, Lazy, loadedPart,
    min, native, noop, part, PENDING, RangeError, READABLE, READER_LOCKED,
    READER_RELEASED, readStrategy, rejected, RESOLVED, resolved, setNative,
    setPrototypeOf, sliceBuffer, Symbol, then, toBytes, transfer, trunc,
    typedArrays, TypeError, Uint8Array, viewName, when, WRITABLE,
    WRITER_CLOSED, WRITER_LOCKED, WRITER_RELEASED,
};
