/*
 * Copyright (C) the nginx-workers authors
 *
 * crypto.DigestStream: a WritableStream that digests what is written to it.
 *
 * The native half: create(algorithm), update(digest, chunk), which returns
 * how many bytes the chunk had, or undefined if it is no chunk of bytes, and
 * final(digest), an ArrayBuffer.
 */

export default function defineDigest(native) {

const { BigInt, Object, Promise, Symbol, TypeError, WritableStream } =
    globalThis;

const BAD_CHUNK = 'DigestStream is a byte stream but received an object of ' +
                  'non-ArrayBuffer/ArrayBufferView/string type on its ' +
                  'writable side.';

const withResolvers = Promise.withResolvers.bind(Promise);
const ignore = () => {};


class DigestStream extends WritableStream {
    #state;

    constructor(algorithm = undefined) {
        const digest = native.create(algorithm);
        const result = withResolvers();
        const state = { bytes: 0, result };

        result.promise.then(undefined, ignore);    /* nobody need look at it */

        super({
            write(chunk) {
                const n = native.update(digest, chunk);

                if (n === undefined) {
                    const error = new TypeError(BAD_CHUNK);

                    result.reject(error);
                    throw error;
                }

                state.bytes += n;
            },

            close() {
                result.resolve(native.final(digest));
            },

            abort(reason) {
                result.reject(reason);
            },
        });

        this.#state = state;
    }

    get digest() {
        return this.#state.result.promise;
    }

    get bytesWritten() {
        return BigInt(this.#state.bytes);
    }
}


const dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

Object.defineProperties(DigestStream.prototype, {
    digest: { enumerable: true },
    bytesWritten: { enumerable: true },
    [Symbol.toStringTag]: { value: 'DigestStream', configurable: true },
});

Object.defineProperty(DigestStream.prototype, dispose, {
    value: {
        dispose() {
            const error = new TypeError('The DigestStream was disposed.');

            this.abort(error).then(undefined, ignore);
        },
    }.dispose,
    writable: true,
    configurable: true,
});


return { DigestStream };

}
