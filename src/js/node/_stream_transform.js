/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_stream_transform".
 */

import { Transform } from "workers:node/stream";

export { Transform };

export default Transform;
