/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_http_client": a part of "node:http".
 */

import { ClientRequest } from "workers:node/internal/http_client";

export { ClientRequest };

export default { ClientRequest };
