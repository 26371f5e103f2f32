/*
 * Copyright (C) the nginx-workers authors
 *
 * "cloudflare:node": requests of a worker, handled by servers of "node:http".
 */

export { handleAsNodeRequest, httpServerHandler }
    from "workers:node/internal/http_server";
