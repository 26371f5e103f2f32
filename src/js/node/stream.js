/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:stream": readable-stream, which the build makes a module of, and what
 * it does not have.
 */

import Stream from "workers:node/internal/readable_stream";
import {
    duplexFromWeb, duplexToWeb, readableFromWeb, readableToWeb,
    writableFromWeb, writableToWeb,
} from "workers:node/internal/stream_web";
import { nextTick } from "workers:node/internal/tick";

const { ArrayBuffer, Object, Symbol } = globalThis;

const {
    Duplex, PassThrough, Readable, Transform, Writable, _isUint8Array,
    _uint8ArrayToBuffer, addAbortSignal, compose, destroy, finished,
    getDefaultHighWaterMark, isDestroyed, isDisturbed, isErrored, isReadable,
    isWritable, pipeline, promises, setDefaultHighWaterMark,
} = Stream;


/* the platform's, which is that of newer releases of Node.js */

setDefaultHighWaterMark(false, 65536);

Readable.fromWeb = function fromWeb(readableStream, options) {
    return readableFromWeb(readableStream, options);
};

Readable.toWeb = function toWeb(streamReadable, options) {
    return readableToWeb(streamReadable, options);
};

Writable.fromWeb = function fromWeb(writableStream, options) {
    return writableFromWeb(writableStream, options);
};

Writable.toWeb = function toWeb(streamWritable) {
    return writableToWeb(streamWritable);
};

Duplex.fromWeb = function fromWeb(pair, options) {
    return duplexFromWeb(pair, options);
};

Duplex.toWeb = function toWeb(duplex) {
    return duplexToWeb(duplex);
};


function _isArrayBufferView(value) {
    return ArrayBuffer.isView(value);
}

Object.defineProperty(_isArrayBufferView, "name", {
    value: "isArrayBufferView", configurable: true,
});


/* One of two streams, each of which reads what the other writes. */

class DuplexSide extends Duplex {
    other = null;
    written = null;                        /* callback of a write */

    _read() {
        const callback = this.written;

        this.written = null;
        callback?.();
    }

    _write(chunk, encoding, callback) {
        if (chunk.length === 0) {
            nextTick(callback);
            return;
        }

        this.other.push(chunk);
        this.other.written = callback;
    }

    _final(callback) {
        this.other.on("end", callback);
        this.other.push(null);
    }
}


function duplexPair(options) {
    const one = new DuplexSide(options);
    const two = new DuplexSide(options);

    one.other = two;
    two.other = one;

    return [one, two];
}


const all = {
    Stream, _isUint8Array, _isArrayBufferView, _uint8ArrayToBuffer,
    addAbortSignal, compose, destroy, finished, isReadable, isWritable,
    isErrored, isDisturbed, pipeline, Writable, Readable, Duplex, Transform,
    PassThrough, promises, getDefaultHighWaterMark, setDefaultHighWaterMark,
    isDestroyed, duplexPair,
};

/* Stream has them, but for those that are new, in another order */

for (const name of Object.keys(Stream)) {
    delete Stream[name];
}

for (const name of Object.keys(all)) {
    Object.defineProperty(Stream, name, {
        value: all[name], configurable: true, enumerable: true, writable: true,
    });
}


export {
    Duplex, PassThrough, Readable, Stream, Transform, Writable,
    _isArrayBufferView, _isUint8Array, _uint8ArrayToBuffer, addAbortSignal,
    compose, destroy, duplexPair, finished, getDefaultHighWaterMark,
    isDestroyed, isDisturbed, isErrored, isReadable, isWritable, pipeline,
    promises, setDefaultHighWaterMark,
};

export default Stream;
