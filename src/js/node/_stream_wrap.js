/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_stream_wrap": a name only.
 */

import { notImplemented, received, typeError }
    from "workers:node/internal/errors";
import Stream from "workers:node/internal/readable_stream";

const { Duplex } = Stream;


class JSStreamSocket {
    constructor(duplex) {
        if (!(duplex instanceof Duplex)) {
            throw typeError("ERR_INVALID_ARG_TYPE",
                            'The "duplex" argument must be an stream.Duplex.'
                            + received(duplex));
        }

        throw notImplemented("JSStreamSocket");
    }
}


export default JSStreamSocket;
