# Copyright (C) the nginx-workers authors
#
# Names of hosts, resolved by nginx's resolver.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Nameserver;
use Origin;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config',
        "    resolver 127.0.0.1:$ENV{TEST_NGINX_DNS_PORT} valid=60s ipv6=off;\n"
        . "    resolver_timeout 1s;\n"
        . ($block->http_config // ''));

    $block->set_value('script', ($block->script // '')
        . "        compatibility_date 2026-07-01;\n"
        . "        var PORT $ENV{TEST_NGINX_ORIGIN_PORT};\n"
        . "        var SERVER $ENV{TEST_NGINX_SERVER_PORT};\n");
});

run_tests();

__DATA__

=== TEST 1: fetch(), to a name, an alias, an address, localhost
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const host of ['one.test', 'ONE.test', 'alias.test', 'node1', '127.0.0.1', 'localhost']) {
        const r = await fetch(`http://${host}:${env.PORT}/raw`);
        out.push(`${r.status} ${(await r.text()).match(/^Host: (.*?):/im)[1]}`);
    }
    return Response.json(out);
} };
--- response_body chomp
["200 one.test","200 one.test","200 alias.test","200 node1","200 127.0.0.1","200 localhost"]



=== TEST 2: names that are not there, or that nobody answers
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = await Promise.all(['none.test', 'six.test', 'servfail.test', 'silent.test', 'refused.test']
        .map((host) => fetch(`http://${host}:${env.PORT}/`).then((r) => r.status, (e) => `${e.name}: ${e.message}`)));
    return Response.json([...new Set(out), out.length]);
} };
--- response_body chomp
["Error: DNS lookup of the request's host failed.",5]
--- error_log
none.test could not be resolved (3: Host not found)
silent.test could not be resolved (110: Operation timed out)



=== TEST 3: an abort, and an invocation that ends, while a name is resolved
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const ac = new AbortController();
    const aborted = fetch('http://silent.test/', { signal: ac.signal }).catch((e) => e.name);
    setTimeout(() => ac.abort(), 20);
    fetch('http://silent.test/left').catch(() => {});
    return new Response(await aborted);
} };
--- pipelined_requests eval
[("GET /") x 8]
--- response_body eval
[("AbortError") x 8]



=== TEST 4: many at once, redirects to another name, connections that are kept
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === '/to') return Response.redirect(`http://alias.test:${env.PORT}/raw`, 302);
    const all = await Promise.all(Array.from({ length: 30 }, () => fetch(`http://one.test:${env.PORT}/raw`)));
    for (const r of all) await r.text();
    const last = await fetch(`http://one.test:${env.PORT}/raw`);
    const moved = await fetch(`http://one.test:${env.SERVER}/to`);
    return Response.json([all.every((r) => r.status === 200), Number(last.headers.get('X-Nth')) > 1,
                          moved.url === `http://alias.test:${env.PORT}/raw`, await moved.text() !== '']);
} };
--- response_body chomp
[true,true,true,true]



=== TEST 5: connect() and WebSockets
--- user_files
>>> w.js
import { connect } from 'cloudflare:sockets';
export default { async fetch(request, env) {
    if (request.headers.get('Upgrade')) {
        const { 0: client, 1: server } = new WebSocketPair();
        server.accept();
        server.addEventListener('message', (e) => server.send(`got ${e.data}`));
        return new Response(null, { status: 101, webSocket: client });
    }
    const s = connect(`one.test:${env.PORT}`);
    const w = s.writable.getWriter();
    await w.write(new TextEncoder().encode('GET /say/close?hello HTTP/1.1\r\n\r\n'));
    const text = await new Response(s.readable).text();
    const ws = new WebSocket(`ws://alias.test:${env.SERVER}/`);
    const answer = new Promise((r) => ws.addEventListener('message', (e) => r(e.data)));
    await new Promise((r) => ws.addEventListener('open', r));
    ws.send('it');
    const got = await answer;
    ws.close();
    const none = await connect('none.test:80').opened.catch((e) => e.message);
    return Response.json([text, got, typeof none]);
} };
--- response_body chomp
["hello","got it","string"]
--- error_log
none.test could not be resolved



=== TEST 6: the rules look at the address that a name has
--- user_files
>>> w.js
export default { async fetch(request, env) {
    return new Response(await fetch(`http://one.test:${env.PORT}/`).then(() => 'went', (e) => e.message));
} };
--- script
        workers_outbound deny 127.0.0.0/8;
--- response_body chomp
The request's host is not one that this worker may connect to.
--- error_log
connection to "one.test" at 127.0.0.
