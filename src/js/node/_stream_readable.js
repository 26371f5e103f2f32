/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_stream_readable".
 */

import { Readable } from "workers:node/stream";

const { ReadableState, _fromList, from, fromWeb, toWeb, wrap } = Readable;

export { Readable, ReadableState, _fromList, from, fromWeb, toWeb, wrap };

export default Readable;
