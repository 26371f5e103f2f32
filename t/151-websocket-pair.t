# Copyright (C) the nginx-workers authors
#
# WebSocketPair inside one script, the WebSocket constructor, and what stands
# between sockets of several requests.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use WebSocket;

run_tests();

__DATA__

=== TEST 1: ends take turns, in the order in which things were said
--- user_files
>>> w.js
export default {
    async fetch() {
        const [a, b] = Object.values(new WebSocketPair()), log = [];
        for (const [n, ws] of [["a", a], ["b", b]]) {
            ws.onmessage = (e) => log.push(n + e.data);
            ws.onclose = (e) => log.push([n, e.code, e.reason, e.wasClean,
                                          ws.readyState].join());
            ws.accept();
        }
        a.send("1");
        a.send("2");
        b.send("3");
        a.close(3001, "bye");
        log.push(`state ${a.readyState}`);
        await scheduler.wait(1);
        return Response.json(log);
    },
};
--- response_body chomp
["state 2","b1","a3","b2","b,3001,bye,true,3","a,3001,bye,true,3"]



=== TEST 2: microtasks run between two messages
--- user_files
>>> w.js
export default {
    async fetch() {
        const [a, b] = new WebSocketPair(), log = [];
        a.accept(); b.accept();
        b.addEventListener("message", async (e) => {
            await 0;
            log.push(e.data);
            await 0;
            log.push(e.data + "'");
        });
        for (const s of "xyz") a.send(s);
        await scheduler.wait(1);
        return new Response(log.join(" "));
    },
};
--- response_body chomp
x x' y y' z z'



=== TEST 3: half open, the other end may go on
--- user_files
>>> w.js
export default {
    async fetch() {
        const [a, b] = new WebSocketPair(), log = [];
        a.accept(); b.accept({ allowHalfOpen: true });
        a.onmessage = (e) => log.push(e.data);
        a.onclose = (e) => log.push(e.code);
        a.close(1000);
        await scheduler.wait(1);
        log.push(b.readyState);
        b.send("late");
        b.close(4001);
        await scheduler.wait(1);
        log.push(b.readyState);
        return new Response(log.join(" "));
    },
};
--- response_body chomp
2 late 4001 3



=== TEST 4: errors of the methods
--- user_files
>>> w.js
export default {
    async fetch() {
        const out = [];
        const t = (f) => { try { f(); out.push("none"); }
                           catch (e) { out.push(`${e.name}: ${e.message}`); } };
        const open = () => { const p = new WebSocketPair()[0]; p.accept(); return p; };
        t(() => new WebSocketPair()[0].send("x"));
        t(() => { const a = open(); a.close(); a.send("x"); });
        t(() => open().close(1005));
        t(() => open().close(undefined, "x"));
        t(() => open().close(1000, "€".repeat(42)));
        t(() => open().send());
        t(() => new WebSocket("x"));
        t(() => new WebSocket("http://x"));
        t(() => new WebSocket("ws://x/#f"));
        t(() => new WebSocket("ws://x", "a b"));
        t(() => new WebSocket("ws://x", ["a", "a"]));
        t(() => open().serializeAttachment("x".repeat(16380)));
        return new Response(out.join("\n"));
    },
};
--- response_body chomp
TypeError: You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.
TypeError: Can't call WebSocket send() after close().
InvalidAccessError: Invalid WebSocket close code: 1005.
InvalidAccessError: If you specify a WebSocket close reason, you must also specify a code.
SyntaxError: WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.
TypeError: Failed to execute 'send' on 'WebSocket': parameter 1 is not of type 'ArrayBuffer or ArrayBufferView or string'.
SyntaxError: WebSocket Constructor: The url is invalid.
SyntaxError: WebSocket Constructor: The url scheme must be ws or wss.
SyntaxError: WebSocket Constructor: The url fragment must be empty.
SyntaxError: WebSocket Constructor: The protocol header token is invalid.
SyntaxError: WebSocket Constructor: The protocols header cannot have repeating values.
Error: A WebSocket 'attachment' cannot be larger than 16384 bytes.'attachment' was 16385 bytes.



=== TEST 5: dates decide the type of binary data and who answers a close
--- user_files
>>> w.js
export default {
    async fetch() {
        const [a, b] = new WebSocketPair(), log = [];
        a.accept(); b.accept();
        b.onmessage = (e) => log.push(e.data.constructor.name);
        b.onclose = (e) => log.push(b.readyState);
        a.send(new Uint8Array(2));
        a.close(1000);
        await scheduler.wait(1);
        return new Response(log.join(" "));
    },
};
--- script
compatibility_date 2026-01-01;
--- response_body chomp
ArrayBuffer 2



=== TEST 6: sockets of several requests speak with each other
--- user_files
>>> w.js
const room = new Set();
export default {
    fetch() {
        const [client, server] = new WebSocketPair();
        server.accept();
        room.add(server);
        server.onmessage = (e) => { for (const ws of room) ws.send(e.data); };
        server.onclose = () => room.delete(server);
        return new Response(null, { status: 101, webSocket: client });
    },
};
--- client
my @ws = map { ws('/') } 1 .. 3;

$ws[0]->send(text('hello'));
is($_->next, 'text hello', 'heard') for @ws;

$ws[0]->send(closing(1000));
is($ws[0]->next, 'close 1000 ', 'one goes');

$ws[1]->send(text('again'));
is($_->next, 'text again', 'the others go on') for @ws[1, 2];



=== TEST 7: what a slow client leaves lying counts as the isolate's memory
--- user_files
>>> w.js
export default {
    fetch() {
        const [client, server] = new WebSocketPair();
        server.accept();
        server.onmessage = () => {
            const data = "x".repeat(1 << 20);
            for (;;) server.send(data);
        };
        return new Response(null, { status: 101, webSocket: client });
    },
};
--- script
limits memory=32m;
--- client
my $ws = ws('/');

$ws->send(text('go'));
logged(qr/exceeded memory limit/);
expected('exceeded memory limit');
