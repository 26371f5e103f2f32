/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_http_agent": a part of "node:http".
 */

import { Agent, globalAgent } from "workers:node/internal/http_client";

export { Agent, globalAgent };

export default { Agent, globalAgent };
