/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:stream/promises".
 */

import { promises } from "workers:node/stream";

const { finished, pipeline } = promises;

export { finished, pipeline, promises };

export default promises;
