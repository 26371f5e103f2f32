// A chat: everybody in a room hears what is said in it, over a WebSocket, or
// as server-sent events for those who only listen.

import page from "./page.html";

const rooms = new Map();        // name -> Set of functions that hear

function room(name) {
    let members = rooms.get(name);

    if (members === undefined) {
        rooms.set(name, members = new Set());
    }

    return members;
}

function say(name, message) {
    const text = JSON.stringify({ at: Date.now(), ...message });

    for (const hear of room(name)) {
        hear(text);
    }
}

function leave(name, hear) {
    const members = room(name);

    members.delete(hear);

    if (members.size === 0) {
        rooms.delete(name);
    }
}

function join(name, who) {
    const [client, server] = Object.values(new WebSocketPair());
    const hear = (text) => server.send(text);

    server.accept();
    room(name).add(hear);
    say(name, { who, event: "joined" });

    server.addEventListener("message", ({ data }) => {
        say(name, { who, text: String(data).slice(0, 1000) });
    });

    server.addEventListener("close", () => {
        leave(name, hear);
        say(name, { who, event: "left" });
    });

    return new Response(null, { status: 101, webSocket: client });
}

function listen(name) {
    const encoder = new TextEncoder();
    let hear;

    return new Response(new ReadableStream({
        start(controller) {
            hear = (text) => controller.enqueue(
                encoder.encode(`data: ${text}\n\n`));
            room(name).add(hear);
            controller.enqueue(encoder.encode(`: ${name}\n\n`));
        },

        cancel() {
            leave(name, hear);
        },
    }), { headers: { "content-type": "text/event-stream",
                     "cache-control": "no-store" } });
}

export default {
    fetch(request) {
        const { pathname, searchParams } = new URL(request.url);
        const name = searchParams.get("room") ?? "lobby";

        switch (pathname) {
        case "/":
            return new Response(page, {
                headers: { "content-type": "text/html; charset=utf-8" } });

        case "/chat":
            if (request.headers.get("upgrade") !== "websocket") {
                return new Response("a WebSocket is expected\n",
                                    { status: 426 });
            }

            return join(name, searchParams.get("name") ?? "somebody");

        case "/events":
            return listen(name);

        default:
            return new Response("not found\n", { status: 404 });
        }
    },
};
