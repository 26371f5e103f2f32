/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:dgram": datagrams, which the platform does not send.
 */

import { stub } from "workers:node/internal/stubs";
import { invalidArgType } from "workers:node/internal/errors";


export function Socket(type, listener) {
    stub("Socket", "dgram.Socket")();
}


export function createSocket(type, listener) {
    if (typeof type !== "string"
        && (typeof type !== "object" || type === null))
    {
        throw invalidArgType("type", "object", type);
    }

    return new Socket(type, listener);
}


export default { createSocket, Socket };
