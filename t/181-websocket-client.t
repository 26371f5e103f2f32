# Copyright (C) the nginx-workers authors
#
# WebSockets to servers: fetch() with Upgrade, new WebSocket(), and proxies.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Origin;
use WebSocket;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
        . "        var O http://127.0.0.1:$ENV{TEST_NGINX_ORIGIN_PORT};\n"
        . "        var SELF http://127.0.0.1:$ENV{TEST_NGINX_PORT};\n");
});

our $Echo = <<'EOF';
>>> w.js
const once = (ws, type) => new Promise((done) =>
    ws.addEventListener(type, done, { once: true }));
function echo(request) {
    const [client, server] = Object.values(new WebSocketPair());
    const protocol = request.headers.get('sec-websocket-protocol');
    server.accept();
    server.binaryType = 'arraybuffer';
    server.addEventListener('message', (e) => {
        if (e.data === 'close') return server.close(4000, 'as asked');
        if (e.data === 'big') return server.send('y'.repeat(3000000));
        if (e.data === 'lose') throw new Error('lost');
        server.send(e.data);
    });
    return new Response(null, { status: 101, webSocket: client,
        headers: protocol ? { 'sec-websocket-protocol': 'b' } : {} });
}
export default { async fetch(request, env, ctx) {
    const path = new URL(request.url).pathname;
    if (path === '/echo') return echo(request);
    return run(request, env, ctx);
} };
EOF

run_tests();

__DATA__

=== TEST 1: fetch() with Upgrade gives a WebSocket
--- user_files eval
$::Echo . <<'EOF'
async function run(request, env) {
    const r = await fetch(env.SELF + '/echo', {
        headers: { Upgrade: 'websocket' } });
    const ws = r.webSocket, out = [r.status, r.body, ws.readyState];
    ws.accept();
    let next = once(ws, 'message');
    ws.send('h\u20acllo');
    out.push((await next).data);
    next = once(ws, 'message');
    ws.binaryType = 'arraybuffer';
    ws.send(new Uint8Array([1, 2, 3]));
    out.push([...new Uint8Array((await next).data)]);
    next = once(ws, 'close');
    ws.close(3001, 'bye');
    const { code, reason, wasClean } = await next;
    out.push(code, reason, wasClean, ws.readyState);
    return Response.json(out);
}
EOF
--- response_body eval
qq{[101,null,1,"h\xe2\x82\xacllo",[1,2,3],3001,"bye",true,3]}



=== TEST 2: new WebSocket(): states, protocols, both sides close
--- user_files eval
$::Echo . <<'EOF'
async function run(request, env) {
    const url = env.SELF.replace('http', 'ws') + '/echo', out = [];
    const ws = new WebSocket(url, ['a', 'b']);
    out.push(ws.readyState, ws.url === url);
    try { ws.send('early'); } catch (e) { out.push(e.name); }
    const open = await once(ws, 'open');
    out.push(open.type, ws.readyState, ws.protocol);
    let next = once(ws, 'message');
    ws.send('two');
    out.push((await next).data);
    next = once(ws, 'close');
    ws.send('close');
    const { code, reason, wasClean } = await next;
    out.push(code, reason, wasClean, ws.readyState);
    const none = new WebSocket(url);
    await once(none, 'open');
    out.push(none.protocol);
    return Response.json(out);
}
EOF
--- response_body chomp
[0,true,"TypeError","open",1,"b","two",4000,"as asked",true,3,null]



=== TEST 3: servers that refuse, are not there, or break
--- user_files eval
$::Echo . <<'EOF'
async function run(request, env) {
    const out = [];
    for (const url of ['ws://127.0.0.1:1/', env.O.replace('http', 'ws') + '/raw',
                       env.O.replace('http', 'ws') + '/drop'])
    {
        const ws = new WebSocket(url);
        ws.onerror = (e) => out.push(e.message);
        const { code, reason, wasClean } = await once(ws, 'close');
        out.push([code, reason, wasClean, ws.readyState]);
    }
    const r = await fetch(env.O + '/raw', { headers: { Upgrade: 'websocket' } });
    out.push(r.status, r.webSocket);
    const r2 = await fetch(env.SELF + '/echo', {
        headers: { Upgrade: 'websocket' } });
    r2.webSocket.accept();
    const lost = once(r2.webSocket, 'close');
    r2.webSocket.send('lose');
    const { code, wasClean } = await lost;
    out.push(code, wasClean);
    return new Response(out.map((o) => JSON.stringify(o)).join('\n'));
}
EOF
--- response_body chomp
"Uncaught Error: Network connection lost."
[1006,"Failed to establish websocket connection",false,3]
"Uncaught Error: Network connection lost."
[1006,"Failed to establish websocket connection",false,3]
"Uncaught Error: Network connection lost."
[1006,"Failed to establish websocket connection",false,3]
200
null
1006
false
--- error_log
WebSocket to "ws://127.0.0.1:1/" failed



=== TEST 4: many messages, and a large one
--- user_files eval
$::Echo . <<'EOF'
async function run(request, env) {
    const ws = new WebSocket(env.SELF.replace('http', 'ws') + '/echo');
    await once(ws, 'open');
    let n = 0, sum = 0;
    const done = new Promise((resolve) => {
        ws.onmessage = ({ data }) => {
            sum += data.length;
            if (++n === 501) resolve();
        };
    });
    for (let i = 0; i < 500; i++) ws.send('x'.repeat(i));
    ws.send('big');
    await done;
    ws.close();
    return Response.json([n, sum]);
}
EOF
--- response_body chomp
[501,3124750]



=== TEST 5: a WebSocket that is passed on: no JavaScript between
--- user_files eval
$::Echo . <<'EOF'
function run(request, env) {
    return fetch(env.SELF + '/echo', request);
}
EOF
--- client
my $ws = ws('/proxy', 'Sec-WebSocket-Protocol: a, b');

like($ws->{head}, qr/^Sec-WebSocket-Protocol: b\r\n/mi, 'the protocol');

$ws->send(text('hello'));
is($ws->next, 'text hello', 'there and back');

$ws->send(text('x' x 100000));
is(length $ws->next, 100005, 'a long one');

$ws->send(text('close'));
is($ws->next, 'close 4000 as asked', 'the origin closes');



=== TEST 6: what is open when its invocation ends is closed
--- user_files eval
$::Echo . <<'EOF'
async function run(request, env) {
    const ws = new WebSocket(env.SELF.replace('http', 'ws') + '/echo');
    await once(ws, 'open');
    ws.send('x');
    return new Response('left open');
}
EOF
--- pipelined_requests eval
["GET /", "GET /", "GET /"]
--- response_body eval
["left open", "left open", "left open"]
