/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_tls_wrap": a part of "node:tls".
 */

import { TLSSocket, connect } from "workers:node/tls";

export { TLSSocket, connect };

export default { TLSSocket, connect };
