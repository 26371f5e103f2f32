/*
 * Copyright (C) the nginx-workers authors
 *
 * CompressionStream and DecompressionStream: Compression Standard.
 */

import {
    badArg, Error, later, PENDING, rejected, toBytes, TypeError,
} from "workers:stream_base";
import { newBytes } from "workers:stream_bytes";
import { Writable } from "workers:stream_writable";
import { construct, kindOfTransform } from "workers:stream_transform";
import { checkBytes, encode } from "workers:stream_identity";


/* The order is that of ngx_workers_compression.c. */
const FORMATS = ["gzip", "deflate", "deflate-raw"];

/*
 * Bytes that may wait to be read: when a pipe writes, which waits with more
 * until they have been read; and when the script does, whose writes end at
 * once.  It may write all before it reads, but a bomb grows only as it is
 * read.
 */
const PIPED = 65536, WRITTEN = 1048576;

let codecOf, streamFilter;

class Compression {
    constructor(format, decompress) {
        this.format = format;
        this.decompress = decompress;
        this.readable = newBytes(() => this.pull(),
                                 (reason) => this.cancelled(reason), 0);
        this.controller = this.readable.controller;
        this.writable = new Writable(
            1, undefined, (chunk) => this.write(chunk), () => this.close(),
            (reason) => { this.controller.fail(reason); });
        this.writable.accepts = checkBytes;
        this.writable.started = true;
        this.writable.through = this;
        this.codec = undefined;
        this.more = false;
        this.busy = false;
        this.error = undefined;
        this.onDrain = () => this.drained();
    }

    filter(source, ended) {
        return streamFilter(source, this.format, this.decompress, ended);
    }

    pull() {
        this.controller.pulling = this.controller.again = false;
        this.step();
        this.drained();
        return PENDING;
    }

    /* One piece, if what was written makes one. */
    step() {
        if (!this.more) {
            return;
        }

        let piece;

        try {
            piece = this.codec.read();

        } catch (e) {
            this.fail(e);
            return;
        }

        if (piece === undefined) {
            this.more = false;

        } else if (piece === null) {
            this.more = false;
            this.controller.close();

        } else {
            this.controller.enqueueOwned(piece.buffer, piece.byteOffset,
                                         piece.byteLength);
        }
    }

    run(most) {
        while (this.more && this.controller.total < most) {
            this.step();
        }
    }

    write(chunk) {
        if (chunk === undefined) {
            return undefined;
        }

        this.codec ??= codecOf(this.format, this.decompress);
        this.codec.write(typeof chunk === "string" ? encode(chunk)
                                                   : toBytes(chunk));
        this.more = true;

        if (!this.writable.writer?.pipe) {
            this.run(WRITTEN);

        } else {
            this.run(PIPED);

            if (this.error === undefined
                && (this.more || this.controller.total >= PIPED))
            {
                this.busy = true;
                this.controller.onDrain = this.onDrain;
                return PENDING;
            }
        }

        return this.error === undefined ? undefined
                                        : rejected(this.error.reason);
    }

    /* What was written has been read: a pipe's write ends. */
    drained() {
        if (this.busy && !this.more && this.controller.total < PIPED) {
            this.busy = false;
            this.controller.onDrain = undefined;
            later(this.writable.onWritten);
        }
    }

    close() {
        this.codec ??= codecOf(this.format, this.decompress);
        this.codec.end();
        this.more = true;
        this.run(WRITTEN);

        return this.error === undefined ? undefined
                                        : rejected(this.error.reason);
    }

    fail(reason) {
        const { controller, writable } = this;

        this.error = { reason };
        this.more = false;
        this.codec = undefined;
        controller.fail(reason);

        if (this.busy) {
            this.busy = false;
            writable.writeFailed(reason);

        } else if (writable.inFlight === undefined
                   && writable.closeInFlight === undefined)
        {
            writable.errorIfNeeded(reason);
        }
    }

    cancelled(reason) {
        if (reason === undefined) {
            reason = new Error("Stream was cancelled.");
        }

        this.more = false;
        this.codec = undefined;
        this.writable.left = true;
        this.writable.errorIfNeeded(reason);

        if (this.busy) {
            this.busy = false;
            this.writable.writeFailed(reason);
        }
    }
}
Compression.prototype.bytes = true;
Compression.prototype.ahead = true;

class CompressionStream {
    constructor(...args) {
        return construct(new Compression(formatArg(args, "CompressionStream"),
                                         false),
                         new.target);
    }
}

kindOfTransform(CompressionStream, "CompressionStream");


class DecompressionStream {
    constructor(...args) {
        return construct(new Compression(formatArg(args,
                                                   "DecompressionStream"),
                                         true),
                         new.target);
    }
}

kindOfTransform(DecompressionStream, "DecompressionStream");

function formatArg(args, name) {
    if (args.length === 0) {
        throw badArg(name, "string");
    }

    const format = FORMATS.indexOf(`${args[0]}`);

    if (format < 0) {
        throw new TypeError("The compression format must be either "
                            + "'deflate', 'deflate-raw' or 'gzip'.");
    }

    return format;
}

export default ({ codec, filter }) => {
    codecOf = codec;
    streamFilter = filter;

    return { CompressionStream, DecompressionStream };
};
