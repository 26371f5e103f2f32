/*
 * Copyright (C) the nginx-workers authors
 *
 * The npm client and server "ws", as peers: peer.mjs URL is a client of a
 * worker that echoes; peer.mjs --serve PORT is a server that does.
 */

import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_PATH}/x.js`);
const { WebSocket, WebSocketServer } = require("ws");

const [, , url, port] = process.argv;

if (url === "--serve") {
    const server = new WebSocketServer({ host: "127.0.0.1", port: Number(port),
                                         perMessageDeflate: true });

    server.on("connection", (ws) => {
        ws.on("message", (data, binary) => ws.send(data, { binary }));
    });

    server.on("listening", () => console.log("listening"));

} else {
    const tell = (...words) => console.log(...words);

    setTimeout(() => { tell("too late"); process.exit(1); }, 30000).unref();

    for (const perMessageDeflate of [true, false]) {
        const ws = new WebSocket(url, ["echo"], { perMessageDeflate });
        const next = () => new Promise((r) => ws.once("message",
            (data, binary) => r([binary, data])));

        await new Promise((resolve, reject) => {
            ws.once("open", resolve);
            ws.once("error", reject);
        });

        tell(ws.protocol, /deflate/.test(ws.extensions));

        const first = next();

        ws.send("text \u00e9");
        tell((await first).join(" "));

        const big = Buffer.alloc(300000, "0123456789");

        const second = next();

        ws.send(big);

        const [binary, data] = await second;

        tell(binary, big.equals(data));

        /* a message in pieces, with a ping in between */

        const pong = new Promise((r) => ws.once("pong", (d) => r(`${d}`)));
        const whole = next();

        ws.send("one ", { fin: false });
        ws.ping("alive");
        ws.send("two", { fin: true });
        tell(await pong, (await whole).join(" "));

        const closed = new Promise((r) => ws.once("close",
            (code, reason) => r(`${code} ${reason}`)));

        ws.send("close");
        tell(await closed);
    }
}
