/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_stream_writable".
 */

import { Writable } from "workers:node/stream";

const { WritableState, fromWeb, toWeb } = Writable;

export { Writable, WritableState, fromWeb, toWeb };

export default Writable;
