# Copyright (C) the nginx-workers authors
#
# One call of fetch(): what it may answer, how it may fail, and what runs on
# beside it and after it.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

run_tests();

__DATA__

=== TEST 1: a Response, a promise of one, and a thenable
--- user_files
>>> w.js
const kinds = {
    '/sync': () => new Response('sync'),
    '/async': async () => { await null; return new Response('async'); },
    '/promise': () => Promise.resolve(new Response('promise')),
    '/nested': async () => Promise.resolve(new Response('nested')),
    '/thenable': () => ({ then(done) { done(new Response('thenable')); } }),
    '/timer': () => new Promise((done) =>
        setTimeout(() => done(new Response('timer')), 1)),
};
export default {
    fetch(request) { return kinds[new URL(request.url).pathname](); },
};
--- pipelined_requests eval
["GET /sync", "GET /async", "GET /promise", "GET /nested", "GET /thenable",
 "GET /timer"]
--- response_body eval
["sync", "async", "promise", "nested", "thenable", "timer"]



=== TEST 2: fetch(request, env, ctx), this, and a handler that was replaced
--- script
    var NAME "value";
--- user_files
>>> w.js
const worker = {
    word: 'this',
    fetch(request, env, ctx) {
        worker.fetch = () => new Response('replaced');
        return Response.json([this.word, arguments.length,
                              request instanceof Request, env.NAME,
                              Object.prototype.toString.call(ctx)]);
    },
};
export default worker;
--- pipelined_requests eval
["GET /", "GET /"]
--- response_body eval
['["this",3,true,"value","[object ExecutionContext]"]', "replaced"]



=== TEST 3: what is thrown: 500, a page that tells nothing, a log line that tells all
--- user_files
>>> lib/helper.js
export function helper() {
    throw new RangeError('very secret reason');
}
>>> w.js
import { helper } from './lib/helper.js';
const outer = () => helper();
export default { async fetch(request) {
    if (request.url.endsWith('/later')) await null;
    return outer();
} };
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script shop {
        main $TEST_NGINX_HTML_DIR/w.js;
    }
--- config
    location / { workers_pass shop; }
--- client
for my $path ('/now', '/later') {
    my $answer = get("$path");

    is($answer->{status}, 500, "$path: status");
    like($answer->{head}, qr/^Content-Type: text\/html/m, "$path: type");
    like($answer->{body}, qr/1101/, "$path: page");
    like($answer->{body}, qr/Request [0-9a-f]{16}-NGX\b/, "$path: request id");
    unlike($answer->{head} . $answer->{body}, qr/secret|helper|shop|\.js/,
           "$path: nothing of the script");

    my ($id) = $answer->{body} =~ /Request (\S+?)</;

    logged(qr/\[error\] [^\n]*\Q$id\E/, "$path: the log has the id");
}
--- error_log eval
[map { qr/\[error\] .* uncaught exception: RangeError: very secret reason +at helper \(\S*lib\/helper\.js:2:\d+\) at outer \(\S*w\.js:2:\d+\) at fetch \(\S*w\.js:5:\d+\).* worker "shop".* client: 127\.0\.0\.1.* request: "GET $_ HTTP\/1\.1"/ }
 qw(\/now \/later)]



=== TEST 4: what is thrown need not be an Error
--- user_files
>>> w.js
const things = {
    '/string': 'a string', '/null': null, '/undefined': undefined, '/number': 7,
    '/symbol': Symbol('s'), '/object': { a: 1 }, '/bare': Object.create(null),
    '/bad': { toString() { throw new Error('no text'); } },
    '/getter': Object.defineProperty(new Error('m'), 'stack',
                                     { get() { throw 1; } }),
    '/proxy': new Proxy({}, { get() { throw 2; } }),
    '/response': new Response('thrown'),
};
export default { fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/fine') return new Response('fine');
    throw things[pathname];
} };
--- client
for my $path (qw(string null undefined number symbol object bare bad getter
                 proxy response))
{
    my $answer = get("/$path");

    is($answer->{status}, 500, "$path: status");
    like($answer->{body}, qr/1101/, "$path: page");
    logged(qr/\[error\] [^\n]* uncaught exception[^\n]*"GET \/$path/,
           "$path: log");
}

is(get('/fine')->{body}, 'fine', 'the isolate goes on');
--- error_log
uncaught exception: a string



=== TEST 5: what fetch() gives back has to be a Response
--- user_files
>>> w.js
const things = {
    '/nothing': undefined, '/null': null, '/string': 'x', '/number': 200,
    '/object': { status: 200, headers: new Headers(), body: null },
    '/class': Response, '/like': Object.create(Response.prototype),
    '/request': new Request('http://x/'),
};
export default {
    fetch(request) { return things[new URL(request.url).pathname]; },
};
--- client
for my $path (qw(nothing null string number object class like request)) {
    my $answer = get("/$path");

    is($answer->{status}, 500, "$path: status");
    like($answer->{body}, qr/1101/, "$path: page");
    logged(qr/\[error\] [^\n]* TypeError: Incorrect type for Promise: the Promise did not resolve to 'Response'\.[^\n]*"GET \/$path/,
           "$path: log");
}
--- error_log
Incorrect type for Promise



=== TEST 6: Response.error(), and a status 101 without an upgrade
--- user_files
>>> w.js
export default { fetch(request) { return Response.error(); } };
--- error_code: 500
--- response_body_like: 1101
--- error_log
TypeError: Return value from serve handler must not be an error response (like Response.error())



=== TEST 7: a Response may be given once, a shared one without a body often
--- user_files
>>> w.js
const shared = new Response(null, { status: 204, headers: { a: 'b' } });
const once = new Response('once');
const used = new Response('used');
export default { async fetch(request) {
    switch (new URL(request.url).pathname) {
    case '/shared': return shared;
    case '/once': return once;
    case '/clone': return new Response('cloned').clone();
    }
    await used.text().catch(() => {});
    return used;
} };
--- client
is(get('/shared')->{status}, 204, 'shared') for 1 .. 3;
is(get('/once')->{body}, 'once', 'once');
is(get('/once')->{status}, 500, 'not twice');
is(get('/clone')->{body}, 'cloned', 'a clone');
is(get('/used')->{status}, 500, 'a body that was read');
--- error_log
Body has already been used



=== TEST 8: a handler that could never answer is told so
--- user_files
>>> w.js
export default { async fetch(request) {
    if (request.url.endsWith('/fine')) return new Response('fine');
    await new Promise(() => {});
} };
--- client
my $answer = get('/hangs');

is($answer->{status}, 500, 'status');
like($answer->{body}, qr/1101/, 'page');
is(get('/fine')->{body}, 'fine', 'the isolate goes on');
--- error_log eval
qr/\[error\] .* Error: The Workers runtime canceled this request because it detected that your Worker's code had hung and would never generate a response\. Refer to: https:\/\/developers\.cloudflare\.com\/workers\/observability\/errors\/.* request: "GET \/hangs/



=== TEST 9: waiting for a timer, for KV or for the client is not to hang
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    switch (new URL(request.url).pathname) {
    case '/timer': await scheduler.wait(50); return new Response('timer');
    case '/kv': await env.KV.put('k', 'kv'); return new Response(await env.KV.get('k'));
    case '/body': return new Response(await request.text());
    }
} };
--- client
is(get('/timer')->{body}, 'timer', 'timer');
is(get('/kv')->{body}, 'kv', 'KV');

my $c = dial();

$c->send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo");
is(get('/timer')->{body}, 'timer', 'another one meanwhile');
$c->send('dy');
is($c->answer->{body}, 'body', 'body');



=== TEST 10: what hangs is found while other requests run, and after them
--- user_files
>>> w.js
export default { async fetch(request) {
    switch (new URL(request.url).pathname) {
    case '/waits': await scheduler.wait(100); return new Response('waited');
    case '/hangs': await new Promise(() => {});
    }
} };
--- client
my $waits = dial();
my $hangs = dial();

$waits->send("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n");
$hangs->send("GET /hangs HTTP/1.1\r\nHost: x\r\n\r\n");
is($waits->answer->{body}, 'waited', 'one waits for its timer');
is($hangs->answer->{status}, 500, 'the other one hangs');
--- error_log
had hung



=== TEST 11: a promise of one request that another one resolves
--- user_files
>>> w.js
let open, n = 0;
export default { async fetch(request) {
    if (request.url.endsWith('/opens')) {
        open?.();
        return new Response('opened');
    }
    const keep = setInterval(() => n++, 1);
    await new Promise((resolve) => { open = resolve; });
    clearInterval(keep);
    return new Response('through');
} };
--- client
my $c = dial();

$c->send("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n");
get('/opens') until $c->fill(0.05);
is($c->answer->{body}, 'through', 'the one that waited');



=== TEST 12: waitUntil() goes on after the response
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    ctx.waitUntil((async () => {
        await scheduler.wait(50);
        console.log('after', 'the response');
    })());
    ctx.waitUntil('no promise');
    ctx.waitUntil({ then(done) { console.log('then', 'called'); done(); } });
    return new Response('done');
} };
--- client
is(get('/')->{body}, 'done', 'body');
not_logged(qr/after the response/, 'the response came first');
logged(qr/worker "w" request \S+: after the response/);
logged(qr/then called/);



=== TEST 13: waitUntil() promises fail on their own
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    ctx.waitUntil(Promise.reject(new Error('first fails')));
    ctx.waitUntil(scheduler.wait(20).then(() => { throw new Error('late'); }));
    ctx.waitUntil(scheduler.wait(40).then(() => console.log('third', 'ran')));
    return new Response('done');
} };
--- client
is(get('/')->{status}, 200, 'the client does not notice');
logged(qr/third ran/);
logged(qr/first fails/, 'first');
logged(qr/Error: late/, 'second');
--- error_log
first fails



=== TEST 14: waitUntil() from within waitUntil(), and after a thrown error
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    ctx.waitUntil((async () => {
        await scheduler.wait(10);
        ctx.waitUntil(scheduler.wait(30).then(() => console.log('in', 'ner')));
    })());
    throw new Error('thrown');
} };
--- client
is(get('/')->{status}, 500, 'status');
logged(qr/in ner/);
--- error_log
Error: thrown



=== TEST 15: timers without waitUntil() end with the response
--- user_files
>>> w.js
const done = [];
export default { async fetch(request, env, ctx) {
    if (request.url.endsWith('/end')) {
        await scheduler.wait(60);
        return Response.json(done);
    }
    setTimeout(() => done.push('timer without'), 1);
    if (request.url.endsWith('/with')) {
        ctx.waitUntil(new Promise((resolve) => setTimeout(() => {
            done.push('timer with');
            resolve();
        }, 1)));
    }
    return new Response('x');
} };
--- client
get('/without');
is(get('/end')->{body}, '[]', 'without');
get('/with');
is(get('/end')->{body}, '["timer without","timer with"]', 'with');



=== TEST 16: passThroughOnException() hands the request to workers_fallback
--- config
    location / {
        workers_pass w;
        workers_fallback @origin;
    }
    location @origin {
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/origin$request_uri;
        proxy_set_header X-Fallback yes;
    }
    location /origin {
        add_header X-Seen "$request_method $http_x_fallback $http_x_own";
        return 200 "from the origin\n";
    }
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname !== '/plain') ctx.passThroughOnException();
    if (pathname === '/fine') return new Response('fine');
    if (pathname === '/later') await scheduler.wait(1);
    if (pathname === '/other') return 'no response';
    throw new Error('passed through');
} };
--- client
for my $path ('/now', '/later', '/other') {
    my $answer = request("POST $path HTTP/1.1\nX-Own: o\nContent-Length: 4",
                         'body');

    is($answer->{status}, 200, "$path: status");
    is($answer->{body}, "from the origin\n", "$path: body");
    like($answer->{head}, qr/^X-Seen: POST yes o\r$/m, "$path: the request");
}

is(get('/fine')->{body}, 'fine', 'without an exception');
is(get('/plain')->{status}, 500, 'without passThroughOnException()');
--- error_log eval
qr/\[error\] .*Error: passed through/



=== TEST 17: passThroughOnException() without a fallback, and after the response began
--- config
    location /without { workers_pass w; }
    location / {
        workers_pass w;
        workers_fallback @origin;
    }
    location @origin { return 200 "from the origin\n"; }
--- user_files
>>> w.js
export default { fetch(request, env, ctx) {
    ctx.passThroughOnException();
    if (request.url.endsWith('/without')) throw new Error('nowhere to go');
    let n = 0;
    return new Response(new ReadableStream({ async pull(controller) {
        if (n++ === 2) throw new Error('in the body');
        controller.enqueue(new TextEncoder().encode('part'));
        await scheduler.wait(1);
    } }));
} };
--- client
my $answer = get('/without');

is($answer->{status}, 500, 'without: status');
like($answer->{body}, qr/1101/, 'without: page');

$answer = get('/begun');
is($answer->{status}, 200, 'begun: status');
is($answer->{body}, 'partpart', 'begun: what was sent');
ok(!$answer->{whole}, 'begun: cut off');
--- error_log
nowhere to go
in the body



=== TEST 18: ctx
--- user_files
>>> w.js
export default { fetch(request, env, ctx) {
    const out = [JSON.stringify(ctx.props), ctx.props === ctx.props,
                 ctx.passThroughOnException(), ctx.waitUntil(null)];
    for (const name of ['waitUntil', 'passThroughOnException']) {
        const detached = ctx[name];
        for (const self of [undefined, {}, request]) {
            try {
                detached.call(self, null);
                out.push('called');
            } catch (e) {
                out.push(e instanceof TypeError
                         && e.message.startsWith('Illegal invocation'));
            }
        }
    }
    try { ctx.waitUntil(); } catch (e) { out.push(e.message); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
{}
true


true
true
true
true
true
true
Failed to execute 'waitUntil' on 'ExecutionContext': parameter 1 is not of type 'Promise'.



=== TEST 19: detached methods of request and response
--- user_files
>>> w.js
export default { fetch(request) {
    const response = new Response('x'), out = [];
    for (const f of [request.clone, response.clone, request.headers.get,
                     Object.getOwnPropertyDescriptor(Request.prototype, 'url').get,
                     new URL('http://x').toString, new URLSearchParams().get,
                     new ReadableStream().getReader, new AbortController().abort])
    {
        try {
            f('x');
            out.push(f.name);
        } catch (e) {
            out.push(e instanceof TypeError);
        }
    }
    return Response.json(out);
} };
--- response_body chomp
[true,true,true,true,true,true,true,true]



=== TEST 20: an error_page of the administrator wins, for 500 and 503 apart
--- config
    error_page 500 /fail.html;
    error_page 503 @limit;
    location / { workers_pass w; }
    location = /fail.html { return 200 "our own page\n"; }
    location @limit { return 503 "our own limit\n"; }
--- script
    limits cpu=50ms;
--- user_files
>>> w.js
export default { fetch(request) {
    if (request.url.endsWith('/own')) return new Response('own', { status: 500 });
    if (request.url.endsWith('/endless')) for (;;);
    throw new Error('x');
} };
--- client
my $answer = get('/throws');

is($answer->{status}, 500, 'thrown: status');
is($answer->{body}, "our own page\n", 'thrown: page');

$answer = get('/endless');
is($answer->{status}, 503, 'endless: status');
is($answer->{body}, "our own limit\n", 'endless: page');

is(get('/own')->{body}, 'own', 'what the script answers is left alone');
--- error_log
uncaught exception: Error: x



=== TEST 21: request.signal aborts when the client leaves
--- user_files
>>> w.js
let left = [];
export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/left') return Response.json(left);
    const { signal } = request;
    signal.addEventListener('abort', () => {
        left.push(`${pathname} ${signal.aborted} ${signal.reason.name}`);
        console.log('the client', 'has left', pathname);
    });
    console.log('the handler', 'waits', pathname);
    if (pathname === '/reads') await request.text();
    await scheduler.wait(30000, { signal }).catch(() => {});
    return new Response('late');
} };
--- client
for my $path ('/waits', '/reads') {
    my $c = dial();
    my $length = $path eq '/reads' ? 10 : 0;

    $c->send("POST $path HTTP/1.1\r\nHost: x\r\nContent-Length: $length\r\n\r\n");
    logged(qr/the handler waits $path/);
    $c->hang_up;
    logged(qr/\[info\] .*the client has left $path/);
}

is(get('/left')->{body},
   '["/waits true AbortError","/reads true AbortError"]', 'signal');



=== TEST 22: request.signal does not abort when all went well
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request, env, ctx) {
    const { signal } = request;
    signal.onabort = () => console.error('aborted');
    ctx.waitUntil(scheduler.wait(20).then(() =>
        console.log('signal', 'is', signal.aborted)));
    return new Response('x');
} };
--- client
is(get('/')->{body}, 'x', 'body');
logged(qr/signal is false/);



=== TEST 23: a client that leaves ends the handler, but not waitUntil()
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    console.log('handler', 'begins');
    ctx.waitUntil((async () => {
        const { aborted } = request.signal;
        for (let i = 0; i < 1000 && !request.signal.aborted; i++)
            await scheduler.wait(10);
        await scheduler.wait(20);
        console.log('waitUntil', 'ends', request.signal.aborted);
    })());
    await scheduler.wait(30000);
    return new Response('x');
} };
--- client
my $c = dial();

$c->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
logged(qr/handler begins/);
$c->reset;
logged(qr/waitUntil ends true/);



=== TEST 24: requests run side by side in one isolate
--- user_files
>>> w.js
let running = 0, most = 0;
const waiting = [];
export default { async fetch(request) {
    most = Math.max(most, ++running);
    if (running === 10) waiting.forEach((resolve) => resolve());
    else {
        const alive = setInterval(() => {}, 10);
        await new Promise((resolve) => waiting.push(resolve));
        clearInterval(alive);
    }
    running--;
    return new Response(`${most}`);
} };
--- client
my @c = map { dial() } 1 .. 10;

$_->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") for @c;
is($_->answer->{body}, 10, 'all of them at once') for @c;



=== TEST 25: timers: order, arguments, clearing, 0 and negative
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    const out = [];
    setTimeout((a, b) => out.push(`30${a}${b}`), 30, 'a', 'b');
    setTimeout(() => out.push('10'), 10);
    setTimeout(() => out.push('0'), 0);
    setTimeout(() => out.push('-5'), -5);
    queueMicrotask(() => out.push('micro'));
    clearTimeout(setTimeout(() => out.push('cleared'), 5));
    const every = setInterval(() => {
        out.push('i');
        if (out.filter((x) => x === 'i').length === 2) clearInterval(every);
    }, 15);
    out.push('sync');
    while (out.length < 8) {
        await scheduler.wait(10);
    }
    return new Response(out.join());
} };
--- response_body_like chomp
^sync,micro,(0,-5|-5,0),10,i,(30ab,i|i,30ab)$



=== TEST 26: an exception in a timer or a microtask ends nothing
--- user_files
>>> w.js
export default { async fetch() {
    setTimeout(() => { throw new Error('in a timer'); }, 1);
    queueMicrotask(() => { throw new Error('in a microtask'); });
    Promise.reject(new Error('unhandled'));
    await scheduler.wait(20);
    return new Response('fine');
} };
--- response_body chomp
fine
--- error_log eval
[qr/in a timer/, qr/in a microtask/,
 qr/\[warn\] .*unhandled promise rejection: Error: unhandled/]



=== TEST 27: an I/O object of another request
--- user_files
>>> w.js
let kept;
export default { async fetch(request) {
    if (kept === undefined) {
        kept = request;
        return new Response('kept');
    }
    try {
        return new Response(await kept.text());
    } catch (e) {
        return new Response(`${e.name}: ${e.message}`);
    }
} };
--- client
is(request("POST / HTTP/1.1\nContent-Length: 4", 'body')->{body}, 'kept', 'kept');
like(get('/')->{body}, qr/^(?:Error: Cannot perform I\/O on behalf of a different request\.|TypeError: Can't read from request stream after response has been sent\.)/,
     'cannot be read later');



=== TEST 28: request and response objects outlive their request
--- user_files
>>> w.js
const kept = [];
export default { async fetch(request) {
    if (request.url.endsWith('/look')) {
        return Response.json(kept.map((r) => [r.method, new URL(r.url).pathname,
            r.headers.get('x-own'), r.cf.httpProtocol, r.signal.aborted]));
    }
    kept.push(request);
    if (request.url.endsWith('/touched'))
        void (request.headers, request.cf, request.signal);
    return new Response('x');
} };
--- client
get('/untouched', 'X-Own: one');
get('/touched', 'X-Own: two');
is(get('/look')->{body}, '[["GET","/untouched","one","HTTP/1.1",false],'
   . '["GET","/touched","two","HTTP/1.1",false]]', 'kept');



=== TEST 29: what a client sends cannot forge a line of the log
--- user_files
>>> w.js
export default { async fetch(request) {
    console.log(decodeURIComponent(new URL(request.url).search));
    throw new Error(await request.text());
} };
--- client
is(request("POST /?a%0A2000/01/01%20[emerg]%20forged HTTP/1.1\nContent-Length: 25",
           "x\n2000/01/02 [emerg] forg")->{status}, 500, 'status');
not_logged(qr/^2000/m, 'no line of theirs');
--- error_log eval
[qr/\[info\] .*\?a\\n2000\/01\/01 \[emerg\] forged/, qr/uncaught exception: Error: x 2000\/01\/02/]
--- no_error_log
[alert]



=== TEST 30: a binary name and a very long message in what is thrown
--- user_files
>>> w.js
export default { fetch(request) {
    switch (new URL(request.url).pathname) {
    case '/long': throw new Error('x'.repeat(1e6));
    case '/control': throw new Error('a\u0000b\u001b[31mc\u009bd\u2028e');
    case '/deep': return (function f() { return f(); })();
    }
} };
--- client
is(get("/$_")->{status}, 500, $_) for qw(long control deep);
not_logged(qr/[\x00-\x09\x0b-\x1f]|\xc2\x9b/, 'no control characters');
--- error_log eval
qr/Error: xxxxxxxx/



=== TEST 31: if, limit_except and nested locations
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script one {
        main $TEST_NGINX_HTML_DIR/w.js;
        var NAME one;
    }
    workers_script two {
        main $TEST_NGINX_HTML_DIR/w.js;
        var NAME two;
    }
--- config
    location / {
        if ($http_x_two) {
            workers_pass two;
        }
        workers_pass one;
        location /in/ { workers_pass two; }
    }
    location /limit {
        limit_except GET {
            deny all;
        }
        workers_pass one;
    }
    location = /internal {
        internal;
        workers_pass two;
    }
    location = /sub {
        error_page 404 =200 /internal;
        return 404;
    }
    location ~ ^/re(.*)$ { workers_pass two; }
--- user_files
>>> w.js
export default { fetch(request, env) {
    return new Response(`${env.NAME} ${new URL(request.url).pathname}`);
} };
--- client
is(get('/x')->{body}, 'one /x', 'location');
is(get('/x', 'X-Two: 1')->{body}, 'two /x', 'if');
is(get('/in/x')->{body}, 'two /in/x', 'nested');
is(get('/limit')->{body}, 'one /limit', 'limit_except');
is(request("POST /limit HTTP/1.1\nContent-Length: 0")->{status}, 403, 'denied');
is(get('/sub')->{body}, 'two /sub', 'an internal redirect');
is(get('/rex')->{body}, 'two /rex', 'a regular expression');
is(get('/internal')->{status}, 404, 'internal');
--- error_log
access forbidden by rule



=== TEST 32: an isolate takes many requests, in any order of ends
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request, env, ctx) {
    const i = n++;
    if (i % 3 === 0) await scheduler.wait(i % 7);
    if (i % 5 === 0) ctx.waitUntil(scheduler.wait(i % 11));
    if (i % 4 === 0) throw new Error('one of four');
    if (i % 6 === 1) return new Response(new Blob(['x'.repeat(i)]).stream());
    return new Response('x'.repeat(i));
} };
--- client
my ($ok, $failed) = (0, 0);

for my $round (1 .. 50) {
    my @c = map { dial() } 1 .. 8;

    $_->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") for @c;

    for my $c (@c) {
        my $answer = $c->answer;

        $ok++ if $answer->{status} == 200 && $answer->{whole}
                 && $answer->{body} =~ /^x*\z/;
        $failed++ if $answer->{status} == 500;
    }
}

is($ok, 300, 'answered');
is($failed, 100, 'thrown');
--- error_log
one of four



=== TEST 33: waitUntil() has 30 seconds after the response
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    const begin = Date.now();
    ctx.waitUntil(new Promise(() => {}));
    ctx.waitUntil((async () => {
        for (;;) {
            await scheduler.wait(500);
            console.log('still', 'there', Math.floor((Date.now() - begin) / 1000));
        }
    })());
    return new Response('x');
} };
--- client
local $Client::PATIENCE = 40;

is(get('/')->{body}, 'x', 'body');
logged(qr/\[warn\] .*waitUntil\(\) tasks did not complete within the allowed time after invocation end and have been cancelled/);
logged(qr/still there 29/);
not_logged(qr/still there 31/);
is(get('/')->{body}, 'x', 'the isolate goes on');
--- no_error_log
[error]
[alert]



=== TEST 34: thousands of requests of each kind leave the memory flat
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
const kinds = {
    string: () => new Response('x'),
    stream: () => new Response(new Blob(['x'.repeat(1000)]).stream()),
    generated: () => {
        let i = 0;
        return new Response(new ReadableStream({ pull(c) {
            if (i++ > 3) c.close();
            else c.enqueue(new Uint8Array(100));
        } }));
    },
    tee: () => new Response(new Blob(['x'.repeat(1000)]).stream().tee()[0]),
    transform: () => new Response(new Blob(['x']).stream()
                                  .pipeThrough(new TransformStream())),
    waits: (request, env, ctx) => {
        ctx.waitUntil(scheduler.wait(1));
        return new Response('x');
    },
    timer: async () => {
        setTimeout(() => {}, 100000);
        await new Promise((resolve) => setTimeout(resolve, 0));
        return new Response('x');
    },
    signal: (request) => {
        request.signal.addEventListener('abort', () => request);
        return new Response('x');
    },
    cycle: (request) => {
        const cycle = { request };
        request.cycle = cycle.cycle = cycle;
        return new Response('x');
    },
    kv: async (request, env) => new Response(await env.KV.get('k')),
    clone: async (request) => {
        request.clone();
        return new Response([...request.headers].length);
    },
};
export default { fetch(request, env, ctx) {
    return kinds[new URL(request.url).pathname.slice(1)](request, env, ctx);
} };
--- client
my ($pid) = workers_of();
my $run = sub {
    my ($kind, $n) = @_;
    my $good = 0;

    for (1 .. $n / 50) {
        my $c = dial();

        $c->send("GET /$kind HTTP/1.1\r\nHost: x\r\n\r\n" x 50);
        $good += $c->answer->{status} == 200 for 1 .. 50;
    }

    return $good;
};

for my $kind (qw(string stream generated tee transform waits timer signal cycle
                 kv clone))
{
    my $n = sanitized() ? 200 : 2000;

    $run->($kind, $n);

    my ($before) = memory($pid);

    is($run->($kind, $n), $n, "$kind: answered");

    my ($after) = memory($pid);

    cmp_ok($after - $before, '<', 1024, "$kind: growth in KiB") if !sanitized();
}
