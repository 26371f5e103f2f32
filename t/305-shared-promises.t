# Copyright (C) the nginx-workers authors
#
# Promises that a script keeps for all its requests: what waits for one goes on
# for its own request.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

run_tests();

__DATA__

=== TEST 1: a promise that one request makes, and others wait for
--- user_files
>>> w.js
let shared;
export default { async fetch(request) {
    const path = new URL(request.url).pathname;
    shared ??= (async () => { await scheduler.wait(150); return 'made'; })();
    const got = await shared;
    await scheduler.wait(path === '/first' ? 1 : 60);
    return new Response(`${path} ${got}`);
} };
--- client
my @c = map { dial() } 1 .. 4;
my @path = qw(/first /second /third /fourth);

for (0 .. 3) {
    $c[$_]->send("GET $path[$_] HTTP/1.1\r\nHost: x\r\n\r\n");
    select undef, undef, undef, 0.02;
}

is($c[$_]->answer->{body}, "$path[$_] made", $path[$_]) for 0 .. 3;



=== TEST 2: the same by then(), a generator, a stream, an event
--- script
        compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
const ways = {
    then: (p) => p.then(() => scheduler.wait(40)).then(() => 'then'),
    all: async (p) => { await Promise.all([p, p]); await scheduler.wait(40); return 'all'; },
    generator: async (p) => { async function* g() { await p; yield 'generator'; } for await (const v of g()) { await scheduler.wait(40); return v; } },
    stream: async (p) => { const s = new ReadableStream({ async pull(c) { await p; c.enqueue(new TextEncoder().encode('stream')); c.close(); } }); const text = await new Response(s).text(); await scheduler.wait(40); return text; },
    store: (p) => als.run('store', async () => { await p; await scheduler.wait(40); return als.getStore(); }),
    thenable: async (p) => { await { then: (f) => p.then(f) }; await scheduler.wait(40); return 'thenable'; },
};
let shared;
export default { async fetch(request) {
    const way = new URL(request.url).pathname.slice(1);
    shared ??= (async () => { await scheduler.wait(200); })();
    if (way === 'maker') { await shared; return new Response('maker'); }
    return new Response(await ways[way](shared));
} };
--- client
my @ways = qw(maker then all generator stream store thenable);
my @c;

for (@ways) {
    push @c, dial();
    $c[-1]->send("GET /$_ HTTP/1.1\r\nHost: x\r\n\r\n");
    select undef, undef, undef, 0.01;
}

is($c[$_]->answer->{body}, $ways[$_], $ways[$_]) for 0 .. $#ways;



=== TEST 3: resolved by another request; each has its own subrequests and waitUntil()
--- script
        limits subrequests=3;
--- user_files
>>> w.js
const waiting = [];
export default { async fetch(request, env, ctx) {
    const path = new URL(request.url).pathname;
    if (path === '/wake') {
        for (const wake of waiting.splice(0)) wake(path);
        return new Response('woken');
    }
    if (path === '/count') return new Response(String(waiting.length));
    if (path.startsWith('/wait')) {
        const timer = setTimeout(() => {}, 5000);
        const by = await new Promise((resolve) => waiting.push(resolve));
        clearTimeout(timer);
        const out = [];
        for (let i = 0; i < 4; i++)
            out.push(await fetch('http://127.0.0.1:1/').catch((e) => e.message.startsWith('Too many') ? 'limit' : 'went'));
        ctx.waitUntil(scheduler.wait(20).then(() => console.log('after', path)));
        return Response.json([by, ...out]);
    }
} };
--- client
my @c = map { dial() } 1 .. 3;

$c[$_]->send("GET /wait$_ HTTP/1.1\r\nHost: x\r\n\r\n") for 0 .. 2;
eventually { get('/count')->{body} eq '3' } 'all wait';
is(get('/wake')->{body}, 'woken', 'they are woken');
is($_->answer->{body}, '["/wake","went","went","went","limit"]', 'each has its own limit') for @c;
logged("after /wait$_", 'and goes on afterwards') for 0 .. 2;
expected(qr/\[error\].*Could not connect to server/);



=== TEST 4: what a request that is over waited for does no I/O
--- user_files
>>> w.js
let wake, seen = 'nothing';
export default { async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === '/leave') {
        (async () => {
            await new Promise((resolve) => { wake = resolve; });
            seen = 'went on';
            await fetch('http://127.0.0.1:1/').catch((e) => { seen = e.message; });
        })();
        return new Response('left');
    }
    if (path === '/wake') { wake(); await scheduler.wait(20); return new Response('woken'); }
    return new Response(seen);
} };
--- client
is(get('/leave')->{body}, 'left', 'it is over');
is(get('/wake')->{body}, 'woken', 'another one resolves what it waited for');
like(get('/seen')->{body}, qr/^Disallowed operation/, 'and it gets no I/O');



=== TEST 5: an endless loop that another one lets go on ends by the limit
--- script
        limits cpu=200ms;
--- user_files
>>> w.js
let wake;
export default { async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === '/leave') {
        (async () => { await new Promise((resolve) => { wake = resolve; }); for (;;); })();
        return new Response('left');
    }
    if (path === '/wake') { wake(); return new Response('woken'); }
    return new Response('alive');
} };
--- client
is(get('/leave')->{body}, 'left', 'it is over');
is(get('/wake')->{status}, 503, 'who resolves it pays');
is(get('/')->{body}, 'alive', 'the worker goes on');
--- error_log
exceeded CPU time
