/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:https"
 */

import { Agent as HttpAgent, ClientRequest }
    from "workers:node/internal/http_client";
import { inherit } from "workers:node/internal/http_messages";
import { Server as HttpServer } from "workers:node/internal/http_server";

const { Reflect, URL } = globalThis;


export function Agent(options) {
    if (!(this instanceof Agent)) {
        return new Agent(options);
    }

    Reflect.apply(HttpAgent, this, [options]);

    this.defaultPort = 443;
    this.protocol = "https:";
    this.maxCachedSessions = options?.maxCachedSessions ?? 100;
}


inherit(Agent, HttpAgent, {});

export const globalAgent = new Agent({ keepAlive: true, scheduling: "lifo",
                                       timeout: 5000 });


export function Server(options, listener) {
    if (!(this instanceof Server)) {
        return new Server(options, listener);
    }

    Reflect.apply(HttpServer, this, [options, listener]);
}


inherit(Server, HttpServer, {});


export function createServer(options, listener) {
    return new Server(options, listener);
}


export function request(...args) {
    const defaults = { agent: globalAgent, _defaultAgent: globalAgent };
    const at = typeof args[0] === "string" || args[0] instanceof URL ? 1 : 0;

    if (typeof args[at] === "function") {
        args.splice(at, 0, {});
    }

    args[at] = { ...defaults, ...args[at] };

    return new ClientRequest(...args);
}


export function get(url, options, callback) {
    const made = request(url, options, callback);

    made.end();

    return made;
}


export default { Agent, Server, createServer, get, globalAgent, request };
