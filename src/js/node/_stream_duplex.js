/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_stream_duplex".
 */

import { Duplex } from "workers:node/stream";

const { from, fromWeb, toWeb } = Duplex;

export { Duplex, from, fromWeb, toWeb };

export default Duplex;
