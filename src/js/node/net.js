/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:net".
 */

import {
    BlockList, Server, Socket, SocketAddress, Stream, _normalizeArgs, connect,
    createConnection, createServer, getDefaultAutoSelectFamily,
    getDefaultAutoSelectFamilyAttemptTimeout, isIP, isIPv4, isIPv6,
    setDefaultAutoSelectFamily, setDefaultAutoSelectFamilyAttemptTimeout,
} from "workers:node/internal/net_socket";

export {
    BlockList, Server, Socket, SocketAddress, Stream, _normalizeArgs, connect,
    createConnection, createServer, getDefaultAutoSelectFamily,
    getDefaultAutoSelectFamilyAttemptTimeout, isIP, isIPv4, isIPv6,
    setDefaultAutoSelectFamily, setDefaultAutoSelectFamilyAttemptTimeout,
};

export default {
    BlockList, Server, Socket, SocketAddress, Stream: Socket, _normalizeArgs,
    connect, createConnection: connect, createServer,
    getDefaultAutoSelectFamily, getDefaultAutoSelectFamilyAttemptTimeout,
    isIP, isIPv4, isIPv6, setDefaultAutoSelectFamily,
    setDefaultAutoSelectFamilyAttemptTimeout,
};
