/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:zlib".
 */

import native from "native:zlib";
import { Buffer } from "workers:node/buffer";
import { constants } from "workers:node/internal/zlib_constants";
import Stream from "workers:node/internal/readable_stream";
import { validateFunction, validateNumber }
    from "workers:node/internal/errors";
import { nextTick } from "workers:node/internal/tick";

const {
    ArrayBuffer, Error, Number, Object, RangeError, SharedArrayBuffer, Symbol,
    TypeError, Uint8Array,
} = globalThis;

const { Transform } = Stream;

const MAX_OUTPUT = 134217728;

const MODE_DEFLATE = 1, MODE_INFLATE = 2, MODE_GZIP = 3, MODE_GUNZIP = 4,
      MODE_DEFLATE_RAW = 5, MODE_INFLATE_RAW = 6, MODE_UNZIP = 7,
      MODE_BROTLI_DECODE = 8, MODE_BROTLI_ENCODE = 9, MODE_ZSTD_COMPRESS = 10,
      MODE_ZSTD_DECOMPRESS = 11;

const CODES = ["Z_OK", "Z_STREAM_END", "Z_NEED_DICT", "Z_ERRNO",
               "Z_STREAM_ERROR", "Z_DATA_ERROR", "Z_MEM_ERROR", "Z_BUF_ERROR",
               "Z_VERSION_ERROR"];

export const codes = {};

for (const name of CODES) {
    codes[name] = constants[name];
    codes[constants[name]] = name;
}

export { constants };


/* Options */

function ranged(options, name, min, max, fallback) {
    const value = options[name];

    if (value === undefined || Number.isNaN(value)) {
        return fallback;
    }

    if (typeof value !== "number") {
        validateNumber(value, `options.${name}`);
    }

    if (!(value >= min && value <= max)) {
        throw new RangeError(`The value of "options.${name}" is out of range. `
                             + `It must be >= ${min} and <= ${max}. Received `
                             + value);
    }

    return value;
}


function isZlib(mode) {
    return mode <= MODE_UNZIP;
}


function flushesOf(mode) {
    return isZlib(mode) ? [constants.Z_NO_FLUSH, constants.Z_FINISH, 6]
           : mode <= MODE_BROTLI_ENCODE
             ? [constants.BROTLI_OPERATION_PROCESS,
                constants.BROTLI_OPERATION_FINISH, 3]
             : [constants.ZSTD_e_continue ?? 0, constants.ZSTD_e_end ?? 2, 2];
}


function setup(mode, options) {
    if (options === undefined || options === null) {
        options = {};

    } else if (typeof options !== "object") {
        throw new TypeError("Failed to execute 'zlibSync' on 'ZlibUtil': "
                            + "parameter 2 is not of type 'Options'.");
    }

    const [none, finish, most] = flushesOf(mode);
    const setting = {
        chunkSize: ranged(options, "chunkSize", 64, MAX_OUTPUT, 16384),
        flush: ranged(options, "flush", 0, most, none),
        finishFlush: ranged(options, "finishFlush", 0, most, finish),
        max: ranged(options, "maxOutputLength", 1, MAX_OUTPUT, MAX_OUTPUT),
        finish,
    };

    let level = -1, bits = 15, memory = 8, strategy = 0, dictionary;

    if (isZlib(mode)) {
        bits = ranged(options, "windowBits", 8, 15, 15);
        level = ranged(options, "level", -1, 9, -1);
        memory = ranged(options, "memLevel", 1, 9, 8);
        strategy = options.strategy ?? 0;
        dictionary = options.dictionary === undefined
                     ? undefined : bytesOf(options.dictionary);

        if (!(strategy >= 0 && strategy <= 4)) {
            throw new Error("invalid strategy");
        }

        if (bits === 8 && mode === MODE_DEFLATE_RAW) {
            bits = 9;
        }
    }

    const coder = native.coder(mode, level, bits, memory, strategy,
                               dictionary);

    if (typeof coder === "string") {
        throw new Error(coder);
    }

    for (const key of Object.keys(options.params ?? {})) {
        if (!coder.param(Number(key), Number(options.params[key]))) {
            throw new Error("Setting parameter failed");
        }
    }

    setting.coder = coder;

    return setting;
}


function bytesOf(data) {
    if (typeof data === "string") {
        return Buffer.from(data);
    }

    if (ArrayBuffer.isView(data)) {
        return data instanceof Uint8Array ? data
               : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    }

    if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) {
        return new Uint8Array(data);
    }

    return undefined;
}


/* All at once */

function whole(mode, name, data, options) {
    const input = bytesOf(data);

    if (input === undefined) {
        throw new TypeError(`Failed to execute '${name}' on 'ZlibUtil': `
            + "parameter 1 is not of type 'string or ArrayBuffer or "
            + "ArrayBufferView'.");
    }

    const { coder, finishFlush, max } = setup(mode, options);
    const pieces = coder.run(input, finishFlush, max);
    let size = 0;

    for (const piece of pieces) {
        size += piece.length;
    }

    if (size > max) {
        throw new RangeError("Memory limit exceeded");
    }

    if (pieces.failed !== undefined) {
        throw new Error(pieces.failed[1]);
    }

    return pieces.length === 1
           ? Buffer.from(pieces[0].buffer) : Buffer.concat(pieces, size);
}


function names(mode) {
    return isZlib(mode) ? "zlibSync" : mode <= MODE_BROTLI_ENCODE
           ? "brotliCompressSync" : "zstdCompressSync";
}


function syncOf(mode, Class, name) {
    const fn = {
        [name](data, options) {
            const buffer = whole(mode, names(mode), data, options);

            return options?.info ? { engine: new Class(options), buffer }
                                 : buffer;
        },
    }[name];

    return Object.defineProperty(fn, "length", { value: 1 });
}


function callbackOf(mode, name) {
    return Object.defineProperty({
        [name](data, options, callback) {
            if (typeof options === "function") {
                callback = options;
                options = undefined;
            }

            validateFunction(callback, "callback");

            let result;

            try {
                result = [null, whole(mode, names(mode), data, options)];

            } catch (error) {
                if (error instanceof TypeError) {
                    throw error;
                }

                result = [error];
            }

            nextTick(() => callback(...result));
        },
    }[name], "length", { value: 3 });
}


/* Streams */

const kFlush = Symbol("flush");

class Coder extends Transform {
    #setting;
    #written = 0;
    #mode;

    constructor(mode, options) {
        const setting = setup(mode, options);

        super({ autoDestroy: true, ...options });

        this.#mode = mode;
        this.#setting = setting;
        this._handle = setting.coder;
        this._level = options?.level ?? -1;
        this._strategy = options?.strategy ?? 0;
    }

    get bytesWritten() { return this.#written; }
    get _closed() { return this._handle === null; }

    #run(bytes, flush, callback) {
        if (this._handle === null) {
            callback();
            return;
        }

        const { coder, max } = this.#setting;
        const pieces = coder.run(bytes, flush, max);

        this.#written += bytes.length;

        for (const piece of pieces) {
            this.push(Buffer.from(piece.buffer));
        }

        if (pieces.failed === undefined) {
            callback();
            return;
        }

        const [errno, message] = pieces.failed;

        callback(Object.assign(new Error(message), {
            errno, code: codes[errno] ?? "ERR_BROTLI_COMPRESSION_FAILED",
        }));
    }

    _transform(chunk, encoding, callback) {
        if (chunk[kFlush] !== undefined) {
            this.#run(chunk, chunk[kFlush], callback);
            return;
        }

        this.#run(bytesOf(chunk), this.#setting.flush, callback);
    }

    _flush(callback) {
        this.#run(new Uint8Array(0), this.#setting.finishFlush, callback);
    }

    _destroy(error, callback) {
        this._handle = null;
        callback(error);
    }

    flush(kind, callback) {
        if (typeof kind === "function" || (kind === undefined && !callback)) {
            callback = kind;
            kind = isZlib(this.#mode) ? constants.Z_FULL_FLUSH : 1;
        }

        if (this.writableFinished || this.destroyed) {
            if (callback) {
                nextTick(callback);
            }

            return;
        }

        const mark = Buffer.alloc(0);

        mark[kFlush] = kind;
        this.write(mark, "", callback);
    }

    params(level, strategy, callback) {
        this.flush(constants.Z_SYNC_FLUSH, () => {
            this._handle?.params(level, strategy);
            this._level = level;
            this._strategy = strategy;
            callback?.();
        });
    }

    reset() {
        this._handle?.reset();
    }

    close(callback) {
        if (callback) {
            this.once("close", callback);
        }

        this.destroy();
    }

    _processChunk(chunk, flush) {
        const pieces = this.#setting.coder.run(bytesOf(chunk), flush,
                                               this.#setting.max);

        if (pieces.failed !== undefined) {
            throw new Error(pieces.failed[1]);
        }

        return Buffer.concat(pieces);
    }
}


export class Deflate extends Coder {
    constructor(options) { super(MODE_DEFLATE, options); }
}

export class Inflate extends Coder {
    constructor(options) { super(MODE_INFLATE, options); }
}

export class Gzip extends Coder {
    constructor(options) { super(MODE_GZIP, options); }
}

export class Gunzip extends Coder {
    constructor(options) { super(MODE_GUNZIP, options); }
}

export class DeflateRaw extends Coder {
    constructor(options) { super(MODE_DEFLATE_RAW, options); }
}

export class InflateRaw extends Coder {
    constructor(options) { super(MODE_INFLATE_RAW, options); }
}

export class Unzip extends Coder {
    constructor(options) { super(MODE_UNZIP, options); }
}

export class BrotliCompress extends Coder {
    constructor(options) { super(MODE_BROTLI_ENCODE, options); }
}

export class BrotliDecompress extends Coder {
    constructor(options) { super(MODE_BROTLI_DECODE, options); }
}

export class ZstdCompress extends Coder {
    constructor(options) { super(MODE_ZSTD_COMPRESS, options); }
}

export class ZstdDecompress extends Coder {
    constructor(options) { super(MODE_ZSTD_DECOMPRESS, options); }
}


export function createDeflate(options) { return new Deflate(options); }
export function createInflate(options) { return new Inflate(options); }
export function createGzip(options) { return new Gzip(options); }
export function createGunzip(options) { return new Gunzip(options); }
export function createDeflateRaw(options) { return new DeflateRaw(options); }
export function createInflateRaw(options) { return new InflateRaw(options); }
export function createUnzip(options) { return new Unzip(options); }

export function createBrotliCompress(options) {
    return new BrotliCompress(options);
}

export function createBrotliDecompress(options) {
    return new BrotliDecompress(options);
}

export function createZstdCompress(options) {
    return new ZstdCompress(options);
}

export function createZstdDecompress(options) {
    return new ZstdDecompress(options);
}


export const deflateSync = syncOf(MODE_DEFLATE, Deflate, "deflateSync");
export const inflateSync = syncOf(MODE_INFLATE, Inflate, "inflateSync");
export const gzipSync = syncOf(MODE_GZIP, Gzip, "gzipSync");
export const gunzipSync = syncOf(MODE_GUNZIP, Gunzip, "gunzipSync");
export const deflateRawSync = syncOf(MODE_DEFLATE_RAW, DeflateRaw,
                                     "deflateRawSync");
export const inflateRawSync = syncOf(MODE_INFLATE_RAW, InflateRaw,
                                     "inflateRawSync");
export const unzipSync = syncOf(MODE_UNZIP, Unzip, "unzipSync");
export const brotliCompressSync = syncOf(MODE_BROTLI_ENCODE, BrotliCompress,
                                         "brotliCompressSync");
export const brotliDecompressSync = syncOf(MODE_BROTLI_DECODE, BrotliDecompress,
                                           "brotliDecompressSync");
export const zstdCompressSync = syncOf(MODE_ZSTD_COMPRESS, ZstdCompress,
                                       "zstdCompressSync");
export const zstdDecompressSync = syncOf(MODE_ZSTD_DECOMPRESS, ZstdDecompress,
                                         "zstdDecompressSync");

export const deflate = callbackOf(MODE_DEFLATE, "deflate");
export const inflate = callbackOf(MODE_INFLATE, "inflate");
export const gzip = callbackOf(MODE_GZIP, "gzip");
export const gunzip = callbackOf(MODE_GUNZIP, "gunzip");
export const deflateRaw = callbackOf(MODE_DEFLATE_RAW, "deflateRaw");
export const inflateRaw = callbackOf(MODE_INFLATE_RAW, "inflateRaw");
export const unzip = callbackOf(MODE_UNZIP, "unzip");
export const brotliCompress = callbackOf(MODE_BROTLI_ENCODE, "brotliCompress");
export const brotliDecompress = callbackOf(MODE_BROTLI_DECODE,
                                           "brotliDecompress");
export const zstdCompress = callbackOf(MODE_ZSTD_COMPRESS, "zstdCompress");
export const zstdDecompress = callbackOf(MODE_ZSTD_DECOMPRESS,
                                         "zstdDecompress");


export function crc32(data, value = 0) {
    const bytes = bytesOf(data);

    if (bytes === undefined) {
        throw new TypeError("Failed to execute 'crc32' on 'ZlibUtil': "
            + "parameter 1 is not of type 'string or ArrayBuffer or "
            + "ArrayBufferView'.");
    }

    validateNumber(value, "value");

    return native.crc32(bytes, value);
}

Object.defineProperty(crc32, "length", { value: 1 });


export const {
    Z_NO_FLUSH, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH, Z_BLOCK,
    Z_OK, Z_STREAM_END, Z_NEED_DICT, Z_ERRNO, Z_STREAM_ERROR, Z_DATA_ERROR,
    Z_MEM_ERROR, Z_BUF_ERROR, Z_VERSION_ERROR, Z_NO_COMPRESSION, Z_BEST_SPEED,
    Z_BEST_COMPRESSION, Z_DEFAULT_COMPRESSION, Z_FILTERED, Z_HUFFMAN_ONLY,
    Z_RLE, Z_FIXED, Z_DEFAULT_STRATEGY, ZLIB_VERNUM, DEFLATE, INFLATE, GZIP,
    GUNZIP, DEFLATERAW, INFLATERAW, UNZIP, BROTLI_DECODE, BROTLI_ENCODE,
    Z_MIN_WINDOWBITS, Z_MAX_WINDOWBITS, Z_DEFAULT_WINDOWBITS, Z_MIN_CHUNK,
    Z_MAX_CHUNK, Z_DEFAULT_CHUNK, Z_MIN_MEMLEVEL, Z_MAX_MEMLEVEL,
    Z_DEFAULT_MEMLEVEL, Z_MIN_LEVEL, Z_MAX_LEVEL, Z_DEFAULT_LEVEL,
    BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH,
    BROTLI_OPERATION_EMIT_METADATA, BROTLI_PARAM_MODE, BROTLI_MODE_GENERIC,
    BROTLI_MODE_TEXT, BROTLI_MODE_FONT, BROTLI_DEFAULT_MODE,
    BROTLI_PARAM_QUALITY, BROTLI_MIN_QUALITY, BROTLI_MAX_QUALITY,
    BROTLI_DEFAULT_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_MIN_WINDOW_BITS,
    BROTLI_MAX_WINDOW_BITS, BROTLI_LARGE_MAX_WINDOW_BITS,
    BROTLI_DEFAULT_WINDOW, BROTLI_PARAM_LGBLOCK, BROTLI_MIN_INPUT_BLOCK_BITS,
    BROTLI_MAX_INPUT_BLOCK_BITS, BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING,
    BROTLI_PARAM_SIZE_HINT, BROTLI_PARAM_LARGE_WINDOW, BROTLI_PARAM_NPOSTFIX,
    BROTLI_PARAM_NDIRECT, BROTLI_DECODER_RESULT_ERROR,
    BROTLI_DECODER_RESULT_SUCCESS, BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT,
    BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT,
    BROTLI_DECODER_PARAM_DISABLE_RING_BUFFER_REALLOCATION,
    BROTLI_DECODER_PARAM_LARGE_WINDOW, BROTLI_DECODER_NO_ERROR,
    BROTLI_DECODER_SUCCESS, BROTLI_DECODER_NEEDS_MORE_INPUT,
    BROTLI_DECODER_NEEDS_MORE_OUTPUT,
    BROTLI_DECODER_ERROR_FORMAT_EXUBERANT_NIBBLE,
    BROTLI_DECODER_ERROR_FORMAT_RESERVED,
    BROTLI_DECODER_ERROR_FORMAT_EXUBERANT_META_NIBBLE,
    BROTLI_DECODER_ERROR_FORMAT_SIMPLE_HUFFMAN_ALPHABET,
    BROTLI_DECODER_ERROR_FORMAT_SIMPLE_HUFFMAN_SAME,
    BROTLI_DECODER_ERROR_FORMAT_CL_SPACE,
    BROTLI_DECODER_ERROR_FORMAT_HUFFMAN_SPACE,
    BROTLI_DECODER_ERROR_FORMAT_CONTEXT_MAP_REPEAT,
    BROTLI_DECODER_ERROR_FORMAT_BLOCK_LENGTH_1,
    BROTLI_DECODER_ERROR_FORMAT_BLOCK_LENGTH_2,
    BROTLI_DECODER_ERROR_FORMAT_TRANSFORM,
    BROTLI_DECODER_ERROR_FORMAT_DICTIONARY,
    BROTLI_DECODER_ERROR_FORMAT_WINDOW_BITS,
    BROTLI_DECODER_ERROR_FORMAT_PADDING_1,
    BROTLI_DECODER_ERROR_FORMAT_PADDING_2,
    BROTLI_DECODER_ERROR_FORMAT_DISTANCE,
    BROTLI_DECODER_ERROR_DICTIONARY_NOT_SET,
    BROTLI_DECODER_ERROR_INVALID_ARGUMENTS,
    BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES,
    BROTLI_DECODER_ERROR_ALLOC_TREE_GROUPS,
    BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MAP,
    BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_1,
    BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_2,
    BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES,
    BROTLI_DECODER_ERROR_UNREACHABLE, ZSTD_ENCODE, ZSTD_DECODE, ZSTD_COMPRESS,
    ZSTD_DECOMPRESS, ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end,
    ZSTD_c_compressionLevel, ZSTD_c_windowLog, ZSTD_c_hashLog, ZSTD_c_chainLog,
    ZSTD_c_searchLog, ZSTD_c_minMatch, ZSTD_c_targetLength, ZSTD_c_strategy,
    ZSTD_c_enableLongDistanceMatching, ZSTD_c_ldmHashLog, ZSTD_c_ldmMinMatch,
    ZSTD_c_ldmBucketSizeLog, ZSTD_c_ldmHashRateLog, ZSTD_c_contentSizeFlag,
    ZSTD_c_checksumFlag, ZSTD_c_dictIDFlag, ZSTD_c_nbWorkers, ZSTD_c_jobSize,
    ZSTD_c_overlapLog, ZSTD_d_windowLogMax, ZSTD_fast, ZSTD_dfast, ZSTD_greedy,
    ZSTD_lazy, ZSTD_lazy2, ZSTD_btlazy2, ZSTD_btopt, ZSTD_btultra,
    ZSTD_btultra2, ZSTD_CLEVEL_DEFAULT, ZSTD_error_no_error,
    ZSTD_error_GENERIC, ZSTD_error_prefix_unknown,
    ZSTD_error_version_unsupported, ZSTD_error_frameParameter_unsupported,
    ZSTD_error_frameParameter_windowTooLarge, ZSTD_error_corruption_detected,
    ZSTD_error_checksum_wrong, ZSTD_error_literals_headerWrong,
    ZSTD_error_dictionary_corrupted, ZSTD_error_dictionary_wrong,
    ZSTD_error_dictionaryCreation_failed, ZSTD_error_parameter_unsupported,
    ZSTD_error_parameter_combination_unsupported,
    ZSTD_error_parameter_outOfBound, ZSTD_error_tableLog_tooLarge,
    ZSTD_error_maxSymbolValue_tooLarge, ZSTD_error_maxSymbolValue_tooSmall,
    ZSTD_error_stabilityCondition_notRespected, ZSTD_error_stage_wrong,
    ZSTD_error_init_missing, ZSTD_error_memory_allocation,
    ZSTD_error_workSpace_tooSmall, ZSTD_error_dstSize_tooSmall,
    ZSTD_error_srcSize_wrong, ZSTD_error_dstBuffer_null,
    ZSTD_error_noForwardProgress_destFull,
    ZSTD_error_noForwardProgress_inputEmpty,
} = constants;


export default {
    ...constants, BrotliCompress, BrotliDecompress, Deflate, DeflateRaw,
    Gunzip, Gzip, Inflate, InflateRaw, Unzip, ZstdCompress, ZstdDecompress,
    brotliCompress, brotliCompressSync, brotliDecompress, brotliDecompressSync,
    codes, constants, crc32, createBrotliCompress, createBrotliDecompress,
    createDeflate, createDeflateRaw, createGunzip, createGzip, createInflate,
    createInflateRaw, createUnzip, createZstdCompress, createZstdDecompress,
    deflate, deflateRaw, deflateRawSync, deflateSync, gunzip, gunzipSync, gzip,
    gzipSync, inflate, inflateRaw, inflateRawSync, inflateSync, unzip,
    unzipSync, zstdCompress, zstdCompressSync, zstdDecompress,
    zstdDecompressSync,
};
