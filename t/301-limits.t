# Copyright (C) the nginx-workers authors
#
# What breaks a limit: it is answered with 503 and the page 1102, the others go
# on, and the next request has a fresh isolate.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

# Asks for a path that breaks a limit, and then for another one of the script
# below.

sub breaks {
    my ($path, $reason) = @_;
    my $answer = get($path);

    Test::More::is($answer->{status}, 503, "$path: status");
    Test::More::like($answer->{body}, qr/1102/, "$path: page");
    logged(qr/\[error\] [^\n]*worker "w" [^\n]*exceeded $reason[^\n]* request: "GET \Q$path\E /,
           "$path: log");
    Test::More::is(get('/n')->{body}, 1, "$path: a fresh isolate");
    Test::More::is(get('/n')->{body}, 2, "$path: ... that stays");
}


# A script with named handlers, and a counter under /n.

sub script {
    my $handlers = shift;

    return [['w.js', <<"END"]];
let n = 0;
const handlers = {
$handlers
    n: () => new Response(++n),
};
export default { fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    return handlers[pathname.slice(1)](request, env, ctx);
} };
END
}

run_tests();

__DATA__

=== TEST 1: endless loops
--- script
    limits cpu=100ms;
--- user_files eval
main::script(<<'END')
    loop: () => { for (;;); },
    later: async () => { await null; while (true) n++; },
    timer: async () => { await scheduler.wait(1); do { } while (true); },
    recursion: () => { const f = () => { try { f(); } catch { } f(); }; f(); },
    generator: () => { function* g() { for (;;) yield 1; } for (const x of g()); },
    getter: () => { const o = { get x() { return this.x2 = 1; } }; for (;;) o.x; },
    proxy: () => { const p = new Proxy({}, { get: () => 1 }); for (;;) p.a; },
    caught: () => { for (;;) { try { for (;;); } catch { } finally { n++; } } },
    iterator: () => { for (const x of { [Symbol.iterator]() {
        return { next: () => ({ value: 1, done: false }) }; } }); },
END
--- client
breaks("/$_", 'CPU time limit of 100 ms')
    for qw(loop later timer recursion generator getter proxy caught iterator);
--- error_log
exceeded CPU



=== TEST 2: endless chains of promises
--- script
    limits cpu=100ms;
--- user_files eval
main::script(<<'END')
    chain: () => { const f = () => Promise.resolve().then(f); return f(); },
    await: async () => { for (;;) await null; },
    microtask: () => { const f = () => queueMicrotask(f); f();
                       return new Promise(() => {}); },
    thenable: () => new Promise((done) => {
        const t = { then(f) { f(t); } }; done(t); }),
    responded: () => { const f = () => queueMicrotask(f); f();
                       return new Response('x'); },
END
--- client
breaks("/$_", 'CPU time limit') for qw(chain await microtask thenable responded);
--- error_log
exceeded CPU



=== TEST 3: endless work inside of the engine
--- script
    limits cpu=200ms;
--- user_files eval
main::script(<<'END')
    regexp: () => new Response(/^(a+)+$/.test('a'.repeat(50) + 'b')),
    replace: () => new Response('x'.repeat(50).replace(/(x+x+)+y/g, '')),
    array: () => new Response(new Array(2 ** 32 - 1).some((x) => x)),
    generic: () => new Response(
        Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)),
    search: () => new Response(
        'a'.repeat(70000).indexOf('a'.repeat(35000) + 'b')),
    sort: () => { const a = [1, 2, 3]; for (;;) a.sort(() => Math.random()); },
    json: () => { const o = { toJSON() { return [o]; } };
                  for (;;) try { JSON.stringify(o); } catch { } },
END
--- client
breaks("/$_", 'CPU time limit') for qw(regexp replace array generic search sort
                                       json);
--- error_log
exceeded CPU



=== TEST 4: CPU time is that of one invocation, and waiting is none
--- script
    limits cpu=200ms;
--- user_files
>>> w.js
const burn = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
export default { async fetch(request) {
    if (request.url.endsWith('/waits')) {
        await scheduler.wait(400);
        return new Response('waited');
    }
    if (request.url.endsWith('/short')) {
        burn(120);
        return new Response('short');
    }
    for (let i = 0; i < 20; i++) {
        burn(40);
        await scheduler.wait(1);
    }
    return new Response('long');
} };
--- client
is(get('/waits')->{body}, 'waited', 'waiting');
is(get('/short')->{body}, 'short', 'each has its own time') for 1 .. 4;
is(get('/long')->{status}, 503, 'entries into the script add up');
--- error_log
exceeded CPU time limit of 200 ms



=== TEST 5: other requests of the isolate go on
--- script
    limits cpu=100ms;
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    const mine = ++n;
    if (pathname === '/loop') for (;;);
    if (pathname === '/waits') {
        console.log('one', 'waits');
        await scheduler.wait(400);
    }
    if (pathname === '/reads') {
        console.log('one', 'reads');
        return new Response(await request.text() + n);
    }
    return new Response(`${mine} ${n}`);
} };
--- client
my $waits = dial();
my $reads = dial();

$waits->send("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n");
logged(qr/one waits/);
$reads->send("POST /reads HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n");
logged(qr/one reads/);

is(get('/loop')->{status}, 503, 'the offender');
is(get('/')->{body}, '1 1', 'a new one has a fresh isolate');
$reads->send('body');
is($reads->answer->{body}, 'body3', 'who reads goes on in the old one');
is($waits->answer->{body}, '1 3', 'who waits as well');
is(get('/')->{body}, '2 2', 'the fresh one stays');
--- error_log
exceeded CPU



=== TEST 6: other scripts of the process keep their isolates
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script good { main $TEST_NGINX_HTML_DIR/w.js; }
    workers_script bad {
        main $TEST_NGINX_HTML_DIR/w.js;
        limits cpu=50ms;
    }
--- config
    location /good { workers_pass good; }
    location /bad { workers_pass bad; }
--- user_files
>>> w.js
let n = 0;
export default { fetch(request) {
    n++;
    if (request.url.endsWith('/bad')) for (;;);
    return new Response(n);
} };
--- client
for my $i (1 .. 3) {
    is(get('/good')->{body}, $i, "good, $i");
    is(get('/bad')->{status}, 503, "bad, $i");
}
--- error_log
worker "bad"



=== TEST 7: memory
--- script
    limits memory=16m cpu=20s;
--- user_files eval
main::script(<<'END')
    array: () => { const a = []; for (;;) a.push({}); },
    big: () => { new Array(1e9).fill(1); },
    string: () => { let s = 'x'; for (;;) { s += s + n; s.indexOf('y'); } },
    repeat: () => new Response('x'.repeat(5e8)),
    pad: () => new Response('x'.padStart(3e8)),
    strings: () => { const a = []; for (let i = 0;; i++) a.push('x'.repeat(1000) + i); },
    buffer: () => new Response(new ArrayBuffer(1e9)),
    buffers: () => { const a = []; for (;;) a.push(new Uint8Array(1e5)); },
    resizable: () => { const b = new ArrayBuffer(1, { maxByteLength: 5e8 });
                       b.resize(5e8); return new Response(b); },
    map: () => { const m = new Map(); for (let i = 0;; i++) m.set(i, i); },
    closures: () => { let f = () => 1; for (;;) { const g = f; f = () => g(); } },
    json: () => JSON.parse('[' + '[],'.repeat(3e6) + '[]]'),
    split: () => 'x'.repeat(4e6).split(''),
    promises: async () => { const a = []; for (;;) { a.push(new Promise(() => {})); } },
    bigint: () => { let x = 3n; const a = []; for (;;) a.push(x = x * 3n); },
    caught: () => { const a = []; for (;;) { try { a.push(new Uint8Array(1e6)); }
                    catch { return new Response('caught'); } } },
    encoded: () => { const a = []; const s = 'x'.repeat(1e5);
                     for (;;) a.push(new TextEncoder().encode(s)); },
    blobs: () => { const a = []; const s = 'x'.repeat(1e6);
                   for (;;) a.push(new Blob([s, s])); },
    headers: () => { const h = new Headers(); const s = 'x'.repeat(1e4);
                     for (let i = 0;; i++) h.set('a' + i, s); },
    params: () => { const p = new URLSearchParams(); const s = 'x'.repeat(1e4);
                    for (;;) p.append('a', s); },
    clone: () => { let o = { s: 'x'.repeat(1e5) };
                   for (;;) o = { a: structuredClone(o), b: structuredClone(o) }; },
    atob: () => { const a = []; const s = 'eHh4'.repeat(1e5);
                  for (;;) a.push(atob(s)); },
    responses: () => { const a = []; const s = 'x'.repeat(1e5);
                       for (let i = 0;; i++) a.push(new Response(s + i)); },
    timers: async () => { for (;;) setTimeout(() => {}, 1e6, 'x'.repeat(1e4) + n++); },
    stream: () => new ReadableStream({ start(c) {
        for (;;) c.enqueue(new Uint8Array(1e5)); } }),
END
--- client
my ($pid) = workers_of();

for my $path (qw(array big string repeat pad strings buffer buffers resizable
                 map closures json split promises bigint caught encoded blobs
                 headers params clone atob responses stream))
{
    breaks("/$path", 'memory limit');
}

is_deeply([workers_of()], [$pid], 'the same process all the time');

my ($rss, $peak) = memory($pid);

cmp_ok($peak, '<', 150 * 1024, 'its peak in KiB') if !sanitized();
--- error_log
exceeded memory



=== TEST 8: memory that a script keeps breaks the limit in the end
--- script
    limits memory=8m;
--- user_files
>>> w.js
const kept = [];
export default { fetch() {
    kept.push(new Uint8Array(1e6));
    return new Response(kept.length);
} };
--- client
my @seen = map { my $a = get('/'); $a->{status} == 200 ? $a->{body} : 'x' }
           1 .. 30;

like("@seen", qr/^(?:1( \d)* x ){3}/, 'broken and made anew');
unlike("@seen", qr/9/, 'not later than at the limit');
like("@seen", qr/[678] x/, 'and not much earlier');
--- error_log
exceeded memory limit of 8388608 bytes



=== TEST 9: garbage does not count
--- script
    limits memory=16m cpu=20s;
--- user_files
>>> w.js
export default { async fetch() {
    let n = 0;
    for (let i = 0; i < 200; i++) {
        n += new Uint8Array(2e6).length;
        const a = { b: new Uint8Array(5e5) };
        a.a = a;
        if (i % 10 === 0) await null;
    }
    return new Response(n);
} };
--- client
is(get('/')->{body}, 400000000, 'body') for 1 .. 3;



=== TEST 10: deep recursion can be caught, and ends nothing
--- user_files eval
main::script(<<'END')
    caught: () => {
        const depth = (n) => { try { return depth(n + 1); } catch (e) { return [n, e.name]; } };
        let e; const f = (x) => f(x) + 1;
        try { f(1); } catch (x) { e = x; }
        return new Response(`${e instanceof RangeError} ${e.message}`);
    },
    uncaught: () => { const f = (x) => f(x) + 1; f(1); },
    json: () => { let s = '['.repeat(1e6); try { JSON.parse(s); } catch (e) { return new Response(e.name); } },
    stringify: () => { let a = []; for (let i = 0; i < 1e6; i++) a = [a];
        try { JSON.stringify(a); } catch (e) { return new Response(e.name); } },
    clone: () => { let a = []; for (let i = 0; i < 1e5; i++) a = [a];
        try { structuredClone(a); return new Response('cloned'); }
        catch (e) { return new Response(e.name); } },
    log: () => { let a = []; for (let i = 0; i < 1e6; i++) a = [a];
        console.log(a); console.log('%o', a); return new Response('logged'); },
    regexp: () => { try { return new Response(new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('x')); }
        catch (e) { return new Response(e.name); } },
    getter: () => { const o = { get x() { return this.x; } };
        try { o.x; } catch (e) { return new Response(e.name); } },
    tostring: () => { const o = { toString() { return `${o}`; } };
        try { `${o}`; } catch (e) { return new Response(e.name); } },
    proxy: () => { let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {});
        try { p.x; return new Response('read'); } catch (e) { return new Response(e.name); } },
    bound: () => { let f = () => 1; for (let i = 0; i < 3000; i++) f = f.bind();
        try { return new Response(f()); } catch (e) { return new Response(e.name); } },
    promises: async () => { let p = Promise.resolve(1);
        for (let i = 0; i < 1e5; i++) p = p.then((x) => x); return new Response(await p); },
    causes: () => { let e = new Error('x'); for (let i = 0; i < 1e5; i++) e = new Error('y', { cause: e });
        console.log(e); throw e; },
    sort: () => { const f = () => [2, 1].sort(f); try { f(); } catch (e) { return new Response(e.name); } },
END
--- client
my ($pid) = workers_of();

is(get('/caught')->{body}, 'true Maximum call stack size exceeded', 'caught');
is(get('/uncaught')->{status}, 500, 'uncaught');

for my $path (qw(json stringify clone log regexp getter tostring proxy bound
                 promises sort))
{
    my $answer = get("/$path");

    ok($answer->{status} == 200 && $answer->{body} =~ /^\w+$/, $path)
        or diag($answer->{body});
}

is(get('/causes')->{status}, 500, 'causes');
like(get('/n')->{body}, qr/^\d+$/, 'the process goes on');
is_deeply([workers_of()], [$pid], '... and is the same');
--- error_log
Maximum call stack size exceeded



=== TEST 11: limits in a body that is being sent
--- script
    limits cpu=100ms memory=16m;
--- user_files
>>> w.js
let n = 0;
const bytes = new TextEncoder().encode('begin ');
const kept = [];
export default { fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/n') return new Response(++n);
    let i = 0;
    return new Response(new ReadableStream({ async pull(controller) {
        if (i++ < 3) {
            controller.enqueue(bytes);
            await scheduler.wait(5);
            return;
        }
        if (pathname === '/cpu') for (;;);
        for (;;) kept.push(new Uint8Array(1e5));
    } }));
} };
--- client
for my $path ('/cpu', '/memory') {
    my $answer = get($path);

    is($answer->{status}, 200, "$path: it had begun");
    is($answer->{body}, 'begin begin begin ', "$path: what was sent");
    ok(!$answer->{whole}, "$path: and is cut off");
    is(get('/n')->{body}, 1, "$path: a fresh isolate");
}
--- error_log
exceeded CPU time limit
exceeded memory limit



=== TEST 12: limits in a body that is read
--- script
    limits memory=8m;
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request) {
    switch (new URL(request.url).pathname) {
    case '/n': return new Response(++n);
    case '/text': return new Response((await request.text()).length);
    case '/buffer': return new Response((await request.arrayBuffer()).byteLength);
    case '/bytes': return new Response((await request.bytes()).length);
    case '/json': return Response.json(await request.json());
    case '/blob': return new Response((await request.blob()).size);
    case '/form': return new Response([...(await request.formData())].length);
    case '/count': {
        let n = 0;
        for await (const chunk of request.body) n += chunk.length;
        return new Response(n);
    }
    case '/clone': {
        let n = 0;
        globalThis.copy = request.clone();      // one that is collected holds nothing
        for await (const chunk of request.body) n += chunk.length;
        return new Response(n);
    }
    }
} };
--- client
my $body = 'x' x 20_000_000;

for my $path (qw(text buffer bytes json blob form clone)) {
    my $answer = request("POST /$path HTTP/1.1\nContent-Length: 20000000\n"
                         . 'Content-Type: application/x-www-form-urlencoded',
                         $body);

    is($answer->{status}, $path eq 'clone' ? 503 : 500, "$path: status");
    like(get('/n')->{body}, qr/^\d+$/, "$path: goes on");
}

is(request("POST /count HTTP/1.1\nContent-Length: 20000000", $body)->{body},
   20_000_000, 'piece by piece');
--- error_log
Memory limit would be exceeded before EOF
exceeded memory



=== TEST 13: limits at the top level
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script cpu {
        main $TEST_NGINX_HTML_DIR/cpu.js;
        limits cpu=50ms;
    }
    workers_script memory {
        main $TEST_NGINX_HTML_DIR/memory.js;
        limits memory=8m;
    }
    workers_script deep { main $TEST_NGINX_HTML_DIR/deep.js; }
    workers_script await {
        main $TEST_NGINX_HTML_DIR/await.js;
        limits cpu=50ms;
    }
    workers_script fine { main $TEST_NGINX_HTML_DIR/fine.js; }
--- config
    location /cpu { workers_pass cpu; }
    location /memory { workers_pass memory; }
    location /deep { workers_pass deep; }
    location /await { workers_pass await; }
    location /fine { workers_pass fine; }
--- user_files
>>> cpu.js
for (;;);
export default { fetch() { return new Response('no'); } };
>>> memory.js
const a = [];
for (;;) a.push(new Uint8Array(1e5));
export default { fetch() { return new Response('no'); } };
>>> deep.js
(function f() { return f() + 1; })();
export default { fetch() { return new Response('no'); } };
>>> await.js
for (;;) await null;
export default { fetch() { return new Response('no'); } };
>>> fine.js
export default { fetch() { return new Response('fine'); } };
--- client
for my $round (1, 2) {
    for my $name ('cpu', 'memory', 'await') {
        my $answer = get("/$name");

        is($answer->{status}, 503, "$name: status");
        like($answer->{body}, qr/1102/, "$name: page");
    }

    is(get('/deep')->{status}, 500, 'deep');
    is(get('/fine')->{body}, 'fine', 'fine');
}
--- error_log
exceeded CPU
exceeded memory



=== TEST 14: limits in waitUntil(), a timer, an abort listener
--- script
    limits cpu=100ms;
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
    case '/n': return new Response(++n);
    case '/wait':
        ctx.waitUntil(scheduler.wait(20).then(() => { for (;;); }));
        break;
    case '/timer':
        setTimeout(() => { for (;;); }, 20);
        ctx.waitUntil(scheduler.wait(40));
        break;
    case '/abort':
        request.signal.addEventListener('abort', () => { for (;;); });
        console.log('abort', 'waits');
        await scheduler.wait(10000);
    }
    return new Response('answered');
} };
--- client
my $seen = 0;
my $broken = sub {
    $seen++;
    eventually { $seen == (() = error_log() =~ /exceeded CPU/g) } "broken $_[0]";
    is(get('/n')->{body}, 1, "a fresh isolate $_[0]");
};

get('/n');
is(get('/wait')->{body}, 'answered', 'waitUntil(): answered');
$broken->('in waitUntil()');
is(get('/timer')->{body}, 'answered', 'timer: answered');
$broken->('in a timer');

my $c = dial();

$c->send("GET /abort HTTP/1.1\r\nHost: x\r\n\r\n");
logged(qr/abort waits/);
$c->hang_up;
$broken->('in an abort listener');
--- error_log
exceeded CPU



=== TEST 15: many timers
--- user_files
>>> w.js
export default { async fetch() {
    let n = 0;
    try {
        for (; n < 20000; n++) setTimeout(() => {}, 100000);
    } catch (e) {
        return new Response(`${n} ${e.name}: ${e.message}`);
    }
    return new Response(n);
} };
--- response_body chomp
10000 QuotaExceededError: You have exceeded the number of active timeouts you may set. max active timeouts: 10000, current active timeouts: 10000, finished timeouts: 0



=== TEST 16: limits broken under load, from many sides at once
--- script
    limits cpu=30ms memory=8m;
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request) {
    const i = n++;
    if (i % 7 === 6) for (;;);
    if (i % 11 === 10) { const a = []; for (;;) a.push(new Uint8Array(1e5)); }
    await scheduler.wait(i % 5);
    if (i % 3 === 2) return new Response(new Blob(['y'.repeat(1000)]).stream());
    return new Response('x');
} };
--- client
my ($pid) = workers_of();
my %seen;

for my $round (1 .. 20) {
    my @c = map { dial() } 1 .. 12;

    $_->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") for @c;

    for my $c (@c) {
        my $answer = $c->answer;

        $seen{"$answer->{status} $answer->{whole}"}++;
    }
}

is_deeply([sort keys %seen], ['200 1', '503 1'], 'answered or refused');
cmp_ok($seen{'200 1'}, '>', 100, 'most are answered');
is_deeply([workers_of()], [$pid], 'the process stays');
--- error_log
exceeded CPU



=== TEST 17: functions call themselves as deep as elsewhere
--- user_files
>>> w.js
const list = (n) => n === 0 ? null : { next: list(n - 1) };
const count = (l) => l === null ? 0 : 1 + count(l.next);
const walk = (n) => n === 0 ? 0 : [n].map(() => walk(n - 1))[0] + 1;

export default { fetch() {
    return Response.json([count(list(9000)), walk(3000),
                          JSON.stringify(list(2000)).length]);
} };
--- response_body chomp
[9000,3000,18004]



=== TEST 18: an isolate that rests keeps no garbage
--- user_files
>>> w.js
let ref;

export default { fetch(request) {
    if (new URL(request.url).pathname === '/make') {
        const cycle = { data: new Array(50000).fill(1) };

        cycle.self = cycle;
        ref = new WeakRef(cycle);
    }

    return new Response(ref.deref() === undefined ? 'gone' : 'there');
} };
--- client
is(get('/make')->{body}, 'there', 'made');
ok(eventually { get('/')->{body} eq 'gone' }, 'collected later');
