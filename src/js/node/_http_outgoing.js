/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_http_outgoing": a part of "node:http".
 */

import {
    kHighWaterMark, kUniqueHeaders, validateHeaderName, validateHeaderValue,
} from "workers:node/internal/http_common";
import { OutgoingMessage } from "workers:node/internal/http_messages";

const { Array, Set } = globalThis;

export {
    OutgoingMessage, kHighWaterMark, kUniqueHeaders, validateHeaderName,
    validateHeaderValue,
};


/* The names of an array, and of arrays in it, in lower case; or null. */

export function parseUniqueHeadersOption(headers) {
    return Array.isArray(headers)
           ? new Set(headers.flat().map((name) => name.toLowerCase())) : null;
}

export default {
    OutgoingMessage, kHighWaterMark, kUniqueHeaders, parseUniqueHeadersOption,
    validateHeaderName, validateHeaderValue,
};
