/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:buffer".
 */

import {
    Buffer, SlowBuffer, isAscii, isUtf8, kMaxLength, kStringMaxLength,
    settings, transcode,
} from "workers:node/internal/buffer";

const { Blob, Error, File, Object } = globalThis;

const atob = globalThis.atob.bind(globalThis);
const btoa = globalThis.btoa.bind(globalThis);

const constants = {
    MAX_LENGTH: kMaxLength,
    MAX_STRING_LENGTH: kStringMaxLength,
};

const { INSPECT_MAX_BYTES } = settings;


function resolveObjectURL(id) {
    throw new Error("resolveObjectURL is not implemented");
}


export {
    Blob, Buffer, File, INSPECT_MAX_BYTES, SlowBuffer, atob, btoa, constants,
    isAscii, isUtf8, kMaxLength, kStringMaxLength, resolveObjectURL, transcode,
};

export default {
    atob, btoa, constants, kMaxLength, kStringMaxLength, Blob, Buffer, File,
    SlowBuffer, isAscii, isUtf8, transcode, INSPECT_MAX_BYTES,
    resolveObjectURL,
};
