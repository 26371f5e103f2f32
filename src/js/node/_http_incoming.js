/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_http_incoming": a part of "node:http".
 */

import { IncomingMessage } from "workers:node/internal/http_messages";

export { IncomingMessage };

export default { IncomingMessage };
