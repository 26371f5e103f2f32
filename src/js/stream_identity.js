/*
 * Copyright (C) the nginx-workers authors
 *
 * The platform's IdentityTransformStream and FixedLengthStream.
 */

import {
    badArg, copyOf, enforceRange, Error, highWaterMark, isBuffer, isView,
    later, native, PENDING, readStrategy, rejected, toBytes, TypeError,
} from "workers:stream_base";
import { newBytes } from "workers:stream_bytes";
import { Writable } from "workers:stream_writable";
import { construct, kindOfTransform } from "workers:stream_transform";


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
            mark ?? 1, mark === undefined ? noSize : chunkLength,
            (chunk) => this.write(chunk), () => this.close(),
            (reason) => { this.controller.fail(reason); });
        this.writable.accepts = checkBytes;
        this.writable.serial = mark === undefined;
        this.writable.aborting = (reason) => this.drop(reason);
        this.writable.started = true;
        this.writable.through = this;
        this.readable.length = limit;
        this.left = limit;
        this.wanted = false;
        this.held = undefined;
        this.busy = false;
        this.onDrain = () => this.wrote();
    }

    filter(source, ended) {
        return native.filter(source, this.left, ended);
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

            if (chunk === undefined) {
                return undefined;
            }

            bytes = typeof chunk === "string" ? encode(chunk)
                                              : copyOf(toBytes(chunk));

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
            this.controller.close();
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

        this.writable.left = true;
        this.writable.errorIfNeeded(reason);
        this.drop(reason);
    }
}

Identity.prototype.bytes = true;

const noSize = () => 0;
const chunkLength = (chunk) => chunk?.byteLength ?? 0;

const encoder = new TextEncoder();
const encode = encoder.encode.bind(encoder);

/* Strings are written as UTF-8, and undefined is nothing to write. */
function checkBytes(chunk) {
    if (isView(chunk) || isBuffer(chunk) || typeof chunk === "string"
        || chunk === undefined)
    {
        return;
    }

    throw new TypeError("This TransformStream is being used as a byte "
                        + "stream, but received an object of "
                        + "non-ArrayBuffer/ArrayBufferView type on its "
                        + "writable side.");
}

class IdentityTransformStream {
    constructor(queuingStrategy = undefined) {
        return construct(new Identity(undefined,
                                      identityMark(queuingStrategy)),
                         new.target);
    }
}

kindOfTransform(IdentityTransformStream, "IdentityTransformStream");


class FixedLengthStream {
    constructor(expectedLength = undefined, queuingStrategy = undefined) {
        if (expectedLength === undefined) {
            throw badArg("FixedLengthStream", "bigint");
        }

        const n = enforceRange(typeof expectedLength === "bigint"
                               ? `${expectedLength}` : expectedLength,
                               "expectedLength");

        return construct(new Identity(n, identityMark(queuingStrategy)),
                         new.target);
    }
}

kindOfTransform(FixedLengthStream, "FixedLengthStream",
                IdentityTransformStream.prototype);

function identityMark(v) {
    return highWaterMark(readStrategy(v), undefined);
}

export {
    checkBytes, encode,
};

export default () => ({ IdentityTransformStream, FixedLengthStream });
