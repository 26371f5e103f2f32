/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_stream_passthrough".
 */

import { PassThrough } from "workers:node/stream";

export { PassThrough };

export default PassThrough;
