/*
 * Copyright (C) the nginx-workers authors
 *
 * The streams of "node:fs".
 */

import Stream from "workers:node/internal/readable_stream";
import { Buffer } from "workers:node/buffer";
import { checkEncoding, checkMode, checkUint, flagsOf }
    from "workers:node/internal/fs_arguments";
import { closeSync, openSync, readSync, writeSync }
    from "workers:node/internal/fs_sync";
import { pathOf } from "workers:node/internal/fs_tree";
import { invalidArgType, outOfRange, validateFunction }
    from "workers:node/internal/errors";

const { Infinity, Math, Object, Reflect } = globalThis;

const { Readable, Writable, finished } = Stream;


function optionsOf(options) {
    if (options === undefined || options === null) {
        return {};
    }

    if (typeof options === "string") {
        return { encoding: options };
    }

    if (typeof options !== "object") {
        throw invalidArgType("options", ["string", "Object"], options);
    }

    return options;
}


/* What both kinds have; options.fd: a descriptor, or a FileHandle. */

function setUp(stream, path, options, flags) {
    const { fd, start = 0, autoClose = true } = options;

    if (fd === undefined || fd === null) {
        stream.path = pathOf(path);
        stream.fd = null;

    } else {
        stream.path = path ?? undefined;
        stream.handle = typeof fd === "object" ? fd : undefined;
        stream.fd = stream.handle ? fd.fd : fd;
    }

    checkMode(options.mode);
    checkUint(start, "options.start");

    stream.flags = options.flags ?? flags;
    stream.mode = options.mode ?? 0o666;
    stream.start = start;
    stream.pos = start;
    stream.closes = autoClose;
    flagsOf(stream.flags);
}


function construct(callback) {
    try {
        if (this.fd === null) {
            this.fd = openSync(this.path, this.flags, this.mode);
            callback();
            this.emit("open", this.fd);
            this.emit("ready");
            return;
        }

        callback();

    } catch (error) {
        callback(error);
    }
}


function destroy(error, callback) {
    const { fd, handle } = this;

    this.fd = null;

    try {
        if (handle !== undefined) {
            handle.close().then(() => callback(error), callback);
            return;
        }

        if (fd !== null) {
            closeSync(fd);
        }

        callback(error);

    } catch (failed) {
        callback(error ?? failed);
    }
}


function close(callback) {
    if (callback !== undefined) {
        validateFunction(callback, "callback");
        finished(this, () => callback());
    }

    if (this instanceof Writable && !this.destroyed) {
        if (!this.closes) {
            this.on("finish", this.destroy);
        }

        this.end();

    } else {
        this.destroy();
    }
}


function define(Class, Base) {
    Object.setPrototypeOf(Class.prototype, Base.prototype);
    Object.setPrototypeOf(Class, Base);

    Object.defineProperties(Class.prototype, {
        autoClose: {
            get() { return this.closes; },
            set(value) { this.closes = value; },
            configurable: true,
        },
        pending: {
            get() { return this.fd === null; },
            configurable: true,
        },
    });

    Object.assign(Class.prototype, {
        _construct: construct, _destroy: destroy, close,
    });
}


export function ReadStream(path, options) {
    if (!(this instanceof ReadStream)) {
        return new ReadStream(path, options);
    }

    options = optionsOf(options);
    checkEncoding(options.encoding);

    setUp(this, path, options, "r");

    const { start, end = Infinity } = options;

    if (end !== Infinity) {
        checkUint(end, "options.end");

        if (start > end) {
            throw outOfRange("start", `<= "end" (here: ${end})`, start);
        }
    }

    this.end = end;
    this.bytesRead = 0;

    Reflect.apply(Readable, this, [{
        highWaterMark: options.highWaterMark ?? 65536,
        encoding: options.encoding, emitClose: options.emitClose ?? true,
        autoDestroy: this.closes, signal: options.signal,
    }]);
}


define(ReadStream, Readable);


ReadStream.prototype._read = function (n) {
    const bytes = Buffer.allocUnsafe(Math.min(n, this.end - this.pos + 1));

    try {
        const got = readSync(this.fd, bytes, 0, bytes.length, this.pos);

        this.pos += got;
        this.bytesRead += got;
        this.push(got ? bytes.subarray(0, got) : null);

    } catch (error) {
        this.destroy(error);
    }
};


export function WriteStream(path, options) {
    if (!(this instanceof WriteStream)) {
        return new WriteStream(path, options);
    }

    options = optionsOf(options);
    checkEncoding(options.encoding);

    setUp(this, path, options, "w");

    this.bytesWritten = 0;

    Reflect.apply(Writable, this, [{
        highWaterMark: options.highWaterMark ?? 65536, decodeStrings: true,
        defaultEncoding: options.encoding, emitClose: options.emitClose ?? true,
        autoDestroy: this.closes, signal: options.signal,
    }]);
}


define(WriteStream, Writable);


WriteStream.prototype._write = function (chunk, encoding, callback) {
    try {
        const n = writeSync(this.fd, chunk, 0, chunk.length, this.pos);

        this.pos += n;
        this.bytesWritten += n;
        callback();

    } catch (error) {
        callback(error);
    }
};


WriteStream.prototype._writev = function (chunks, callback) {
    const all = Buffer.concat(chunks.map(({ chunk }) => chunk));

    this._write(all, "buffer", callback);
};


WriteStream.prototype.destroySoon = WriteStream.prototype.end;


export function createReadStream(path, options) {
    return new ReadStream(path, options);
}


export function createWriteStream(path, options) {
    return new WriteStream(path, options);
}
