/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:stream/web": the streams of the global scope.
 */

export const {
    ByteLengthQueuingStrategy, CompressionStream, CountQueuingStrategy,
    DecompressionStream, ReadableByteStreamController, ReadableStream,
    ReadableStreamBYOBReader, ReadableStreamBYOBRequest,
    ReadableStreamDefaultController, ReadableStreamDefaultReader,
    TextDecoderStream, TextEncoderStream, TransformStream,
    TransformStreamDefaultController, WritableStream,
    WritableStreamDefaultController, WritableStreamDefaultWriter,
} = globalThis;

export default {
    ReadableStream, ReadableStreamDefaultReader, ReadableStreamBYOBReader,
    ReadableStreamBYOBRequest, ReadableByteStreamController,
    ReadableStreamDefaultController, TransformStream,
    TransformStreamDefaultController, WritableStream,
    WritableStreamDefaultWriter, WritableStreamDefaultController,
    ByteLengthQueuingStrategy, CountQueuingStrategy, TextEncoderStream,
    TextDecoderStream, CompressionStream, DecompressionStream,
};
