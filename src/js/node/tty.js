/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:tty": no descriptor is a terminal.
 */

import { stub } from "workers:node/internal/stubs";


export function isatty(fd) {
    return false;
}


export function ReadStream(fd) {
    stub("ReadStream", "tty.ReadStream")();
}


export function WriteStream(fd) {
    stub("WriteStream", "tty.WriteStream")();
}


export default { isatty, ReadStream, WriteStream };
