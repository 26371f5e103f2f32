# Copyright (C) the nginx-workers authors
#
# fetch() of other servers: requests, responses, redirects, bodies, failures.

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Origin;

add_block_preprocessor(sub {
    my $block = shift;

    # every script finds its origins in env.O and env.SELF

    $block->set_value('script', ($block->script // '')
        . "        var O http://127.0.0.1:$ENV{TEST_NGINX_ORIGIN_PORT};\n"
        . "        var SELF http://127.0.0.1:$ENV{TEST_NGINX_PORT};\n");

    # say(): what the origin shall answer with

    if (defined(my $files = $block->user_files)) {
        $files =~ s/\n/\nconst say = (O, bytes, how = '') =>
            O + '\/say' + how + '?' + encodeURIComponent(bytes);\n/;
        $block->set_value('user_files', $files);
    }
});

run_tests();

__DATA__

=== TEST 1: a request as the origin sees it
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const r = await fetch(env.O + '/raw?a=1&b=%20#fragment', { headers: {
        'User-Agent': 'me', 'X-Two': 'é', 'X-Empty': '', Connection: 'close',
        'Transfer-Encoding': 'gzip', 'Content-Length': '7', Host: 'other',
        'Keep-Alive': 'x', TE: 'x', Upgrade: 'x', Trailer: 'x' } });
    const text = await r.text();
    return new Response(text.replace(/Host: 127.0.0.1:\d+/, 'Host: right'));
} };
--- response_body eval
"GET /raw?a=1&b=%20 HTTP/1.1\r
Host: right\r
User-Agent: me\r
X-Two: \xc3\xa9\r
X-Empty:\r
\r
"



=== TEST 2: methods and their bodies
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const [method, body] of [['GET'], ['POST', 'text'], ['POST'],
        ['POST', ''], ['PUT', new Uint8Array([104, 105])], ['DELETE'],
        ['PATCH', new URLSearchParams({ a: 'b c' })], ['OPTIONS'],
        ['PURGE', new Blob(['blob'], { type: 'x/y' })],
        ['POST', new Blob(['stream']).stream()],
        ['POST', new ReadableStream({ start(c) {
            c.enqueue(new TextEncoder().encode('made')); c.close(); } })]])
    {
        const r = await fetch(env.O + '/raw', { method, body });
        out.push((await r.text()).split('\r\n').filter((line) => line
                 && !/^Host|^$/.test(line)).join('|'));
    }
    const head = await fetch(env.O + '/raw', { method: 'HEAD' });
    out.push(head.status + ' ' + head.body + ' '
             + head.headers.get('content-type'));
    return new Response(out.join('\n'));
} };
--- response_body chomp
GET /raw HTTP/1.1
POST /raw HTTP/1.1|Content-Type: text/plain;charset=UTF-8|Content-Length: 4|text
POST /raw HTTP/1.1|Content-Length: 0
POST /raw HTTP/1.1|Content-Type: text/plain;charset=UTF-8|Content-Length: 0
PUT /raw HTTP/1.1|Content-Length: 2|hi
DELETE /raw HTTP/1.1|Content-Length: 0
PATCH /raw HTTP/1.1|Content-Type: application/x-www-form-urlencoded;charset=UTF-8|Content-Length: 5|a=b+c
OPTIONS /raw HTTP/1.1|Content-Length: 0
PURGE /raw HTTP/1.1|Content-Type: x/y|Content-Length: 4|blob
POST /raw HTTP/1.1|Content-Length: 6|stream
POST /raw HTTP/1.1|Transfer-Encoding: chunked|4|made|0
200 null text/plain



=== TEST 3: a response: status, text, fields, URL
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const r = await fetch(say(env.O, 'HTTP/1.1 404 Mine\r\nX-A: 1\r\nx-a: 2\r\n'
        + 'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nhi')
        + '#f');
    let refused;
    try { r.headers.set('a', 'b'); } catch (e) { refused = e.message; }
    return Response.json([r.status, r.statusText, r.ok, [...r.headers],
        r.headers.getSetCookie(), r.url.includes('#'), r.redirected, r.type,
        refused, r.bodyUsed, await r.text(), r.bodyUsed]);
} };
--- response_body chomp
[404,"Mine",false,[["content-length","2"],["set-cookie","a=1"],["set-cookie","b=2"],["x-a","1, 2"]],["a=1","b=2"],false,false,"default","Can't modify immutable headers.",false,"hi",true]



=== TEST 4: framings of a body, informational responses, no reason phrase
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [], ok = 'HTTP/1.1 200 OK\r\n';
    for (const [bytes, how] of [
        [ok + '\r\nto the end', '/close'],
        ['HTTP/1.0 200 OK\r\n\r\nold', '/close'],
        [ok + 'Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n1\r\nd\r\n0\r\n'
            + 'X-Trailer: 1\r\n\r\n'],
        [ok + 'Content-Length: 0\r\n\r\n'],
        ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nX-No: 1\r\n\r\n'
            + ok + 'Content-Length: 1\r\n\r\nx'],
        ['HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n'],
        ['HTTP/1.1 204 None\r\n\r\n'],
        ['HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n']])
    {
        const r = await fetch(say(env.O, bytes, how));
        out.push([r.status, r.statusText, r.body === null, await r.text(),
                  r.headers.get('x-no'), r.headers.get('x-trailer')].join());
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
200,OK,false,to the end,,
200,OK,false,old,,
200,OK,false,abcd,,
200,OK,false,,,
200,OK,false,x,,
200,,false,,,
204,None,true,,,
304,Same,true,,,



=== TEST 5: connections are kept alive, and shared by the invocations
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const r = await fetch(env.O + '/raw');
    await r.text();
    return new Response(`${r.headers.get('x-conn')} ${r.headers.get('x-nth')}`);
} };
--- pipelined_requests eval
["GET /", "GET /", "GET /"]
--- response_body_like eval
["^(\\d+) 1\$", "^(\\d+) 2\$", "^(\\d+) 3\$"]



=== TEST 6: a kept connection that the origin has closed is not used
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const how of ['/close', '', '/close', '']) {
        const r = await fetch(say(env.O, 'HTTP/1.1 200 OK\r\nContent-Length: 2'
                                         + '\r\n\r\nok', how));
        out.push(await r.text());
        await scheduler.wait(20);
    }
    return new Response(out.join());
} };
--- response_body chomp
ok,ok,ok,ok



=== TEST 7: redirects: methods, bodies, fields
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const code of [301, 302, 303, 307, 308])
        for (const method of ['GET', 'POST', 'PUT']) {
            const r = await fetch(say(env.O, `HTTP/1.1 ${code} R\r\nLocation: `
                + '/raw/x#f\r\nContent-Length: 0\r\n\r\n'), { method,
                body: method === 'GET' ? undefined : 'body',
                headers: { Authorization: 'a', 'X-A': '1' } });
            const text = await r.text();
            out.push([code, method, r.redirected, r.url.slice(-6),
                      text.split(' ')[0], /\r\n\r\nbody$/.test(text),
                      /Authorization: a/i.test(text), /X-A: 1/.test(text)]
                     .join());
        }
    return new Response(out.join('\n'));
} };
--- response_body chomp
301,GET,true,/raw/x,GET,false,true,true
301,POST,true,/raw/x,GET,false,true,true
301,PUT,true,/raw/x,PUT,true,true,true
302,GET,true,/raw/x,GET,false,true,true
302,POST,true,/raw/x,GET,false,true,true
302,PUT,true,/raw/x,PUT,true,true,true
303,GET,true,/raw/x,GET,false,true,true
303,POST,true,/raw/x,GET,false,true,true
303,PUT,true,/raw/x,GET,false,true,true
307,GET,true,/raw/x,GET,false,true,true
307,POST,true,/raw/x,POST,true,true,true
307,PUT,true,/raw/x,PUT,true,true,true
308,GET,true,/raw/x,GET,false,true,true
308,POST,true,/raw/x,POST,true,true,true
308,PUT,true,/raw/x,PUT,true,true,true



=== TEST 8: redirects that are not followed, and those that fail
--- user_files
>>> w.js
const to = (O, location, code = 302) => say(O, `HTTP/1.1 ${code} R\r\n`
    + (location === null ? '' : `Location: ${location}\r\n`)
    + 'Content-Length: 4\r\n\r\nbody');
export default { async fetch(request, env) {
    const out = [];
    const check = async (what, url, init) => {
        try {
            const r = await fetch(url, init);
            out.push(`${what}: ${r.status} ${r.redirected} `
                     + `${r.headers.get('location')} ${await r.text()}`);
        } catch (e) { out.push(`${what}: ${e.name}: ${e.message}`); }
    };
    const O = env.O;
    await check('manual', to(O, '/raw'), { redirect: 'manual' });
    await check('error', to(O, '/raw'), { redirect: 'error' });
    await check('none', to(O, null));
    await check('empty', to(O, ''));
    await check('300', to(O, '/raw', 300));
    await check('invalid', to(O, 'http://['));
    await check('scheme', to(O, 'data:,x'));
    await check('stream', to(O, '/raw', 307), { method: 'POST',
                body: new Blob(['x']).stream() });
    await check('loop', env.SELF + '/loop');
    return new Response(out.join('\n'));
} };
--- config
location /loop { return 302 /loop; }
location / { workers_pass w; }
--- response_body chomp
manual: 302 false /raw body
error: TypeError: Invalid redirect value, must be one of "follow" or "manual" ("error" won't be implemented since it does not make sense at the edge; use "manual" and check the response status code).
none: 302 false null body
empty: 302 false  body
300: 300 false /raw body
invalid: TypeError: Invalid Location header; unable to follow redirect.
scheme: TypeError: Invalid Location header; unable to follow redirect.
stream: TypeError: A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.
loop: TypeError: Too many redirects.



=== TEST 9: Authorization does not follow to another origin
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const r = await fetch(say(env.O, 'HTTP/1.1 302 R\r\nLocation: '
        + env.O.replace('127.0.0.1', 'localhost') + '/raw\r\n'
        + 'Content-Length: 0\r\n\r\n'),
        { headers: { Authorization: 'a', Cookie: 'c=1' } });
    const text = await r.text();
    return Response.json([/Authorization/i.test(text), /Cookie: c=1/i.test(text)]);
} };
--- script
        compatibility_date 2025-09-01;
--- response_body chomp
[false,true]



=== TEST 10: what cannot be fetched
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const args of [[], ['/relative'], ['http://'], ['nope://x/'],
        ['ftp://x/'], ['blob:http://x/y'], [env.O, 5],
        [env.O, { method: 'B A D' }], [env.O, { body: 'x' }],
        [env.O, { headers: { 'a b': 'c' } }]])
    {
        await fetch(...args).then((r) => out.push(r.status),
                                  (e) => out.push(`${e.name}: ${e.message}`));
    }
    return new Response(out.join('\n'));
} };
--- response_body_like chomp
^TypeError: Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Request or string'\.
TypeError: Invalid URL: /relative
TypeError: Invalid URL: http://
TypeError: Fetch API cannot load: nope://x/
TypeError: Fetch API cannot load: ftp://x/
TypeError: Fetch API cannot load: blob:http://x/y
TypeError: Failed to execute 'fetch' .* parameter 2 is not of type 'RequestInitializerDict or Request'\.
TypeError: Invalid HTTP method string: B A D
TypeError: Request with a GET or HEAD method cannot have a body\.
TypeError: Invalid header name\.$



=== TEST 11: failures of the network
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [], ok = 'HTTP/1.1 200 OK\r\n';
    const check = async (what, url) => {
        try {
            const r = await fetch(url);
            out.push(`${what}: ${await r.text()}`);
        } catch (e) {
            out.push(`${what}: ${e.constructor.name}: ${e.message} `
                     + `${e.remote} ${e.retryable}`);
        }
    };
    const O = env.O;
    await check('refused', 'http://127.0.0.1:1/');
    await check('dropped', O + '/drop');
    await check('reset', say(O, '', '/reset'));
    await check('garbage', say(O, 'garbage\r\n\r\n', '/close'));
    await check('short', say(O, ok + 'Content-Length: 9\r\n\r\nabc', '/close'));
    await check('chunk', say(O, ok + 'Transfer-Encoding: chunked\r\n\r\n'
                                + '5\r\nabc', '/close'));
    await check('reset body', say(O, ok + 'Content-Length: 9\r\n\r\nabc',
                                  '/reset'));
    await check('lengths', say(O, ok + 'Content-Length: 3\r\nContent-Length: 4'
                                  + '\r\n\r\nabcd', '/close'));
    await check('name', say(O, ok + 'X A: 1\r\nContent-Length: 0\r\n\r\n',
                            '/close'));
    await check('no host', 'http://nothing.invalid/');
    await check('no TLS', env.SELF.replace('http', 'https') + '/');
    await check('after all that', say(O, ok + 'Content-Length: 2\r\n\r\nok'));
    return new Response(out.join('\n'));
} };
--- response_body chomp
refused: Error: Network connection lost. true true
dropped: Error: Network connection lost. true true
reset: Error: Network connection lost. true true
garbage: Error: The response of the request's host is not valid HTTP. true true
short: Error: Network connection lost. undefined true
chunk: Error: Network connection lost. undefined true
reset body: Error: Network connection lost. undefined true
lengths: Error: The response of the request's host is not valid HTTP. true true
name: Error: Network connection lost. true true
no host: Error: DNS lookup of the request's host failed. true true
no TLS: Error: TLS handshake with the request's host failed. true true
after all that: ok
--- error_log eval
[qr/\[error\] .*worker "w" request \S+: fetch of "http:\/\/127.0.0.1:1\/" failed: /]



=== TEST 12: content codings are decoded for whoever reads
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const packed = await new Response(new Blob(['plain text']).stream()
        .pipeThrough(new CompressionStream('gzip'))).bytes();
    if (new URL(request.url).pathname === '/packed')
        return new Response(packed, { encodeBody: 'manual',
                                      headers: { 'content-encoding': 'gzip' } });
    const r = await fetch(env.SELF + '/packed', {
        headers: { 'accept-encoding': 'gzip' } });
    const copy = r.clone();
    let n = 0;
    const broken = await fetch(env.SELF + '/packed', {
        headers: { 'accept-encoding': 'gzip' } });
    for await (const chunk of broken.body) n += chunk.length;
    const head = await fetch(env.SELF + '/packed', { method: 'HEAD' });
    return Response.json([r.headers.get('content-encoding'), await r.text(),
        await copy.text(), n, head.body]);
} };
--- response_body chomp
["gzip","plain text","plain text",10,null]



=== TEST 13: what is passed on unread stays coded, for a client that takes it
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (path === '/packed') {
        const packed = await new Response(new Blob(['plain text']).stream()
            .pipeThrough(new CompressionStream('gzip'))).bytes();
        return new Response(packed, { encodeBody: 'manual',
            headers: { 'content-encoding': 'gzip', 'x-size': packed.length } });
    }
    const r = await fetch(env.SELF + '/packed');
    return path === '/same' ? r
           : path === '/copy' ? new Response(r.body, r)
           : new Response(r.body);
} };
--- pipelined_requests eval
["GET /same", "GET /copy", "GET /bare", "GET /same", "GET /same"]
--- more_headers eval
["Accept-Encoding: x, gzip;q=0.5", "Accept-Encoding: gzip",
 "Accept-Encoding: gzip", "Accept-Encoding: gzip;q=0", ""]
--- response_body_like eval
["^\x1f\x8b", "^\x1f\x8b", "^plain text\$", "^plain text\$", "^plain text\$"]
--- response_headers eval
["Content-Encoding: gzip", "Content-Encoding: gzip", "!Content-Encoding",
 "!Content-Encoding", "!Content-Encoding"]



=== TEST 14: a coded body that is broken or ends early
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const bytes of ['xxxxxxxxxxxxxxx', '', '\x1f\x8b\x08\x00'])
        for (const coding of ['gzip', 'br']) {
            const r = await fetch(say(env.O, `HTTP/1.1 200 OK\r\n`
                + `Content-Encoding: ${coding}\r\n`
                + 'Transfer-Encoding: chunked\r\n\r\n'
                + (bytes && '1\r\nx\r\n') + '0\r\n\r\n'));
            await r.text().then((s) => out.push(s), (e) => out.push(
                `${e.name}: ${e.message}`));
        }
    return new Response(out.join('\n'));
} };
--- script
        compatibility_date 2024-04-29;
--- response_body chomp
TypeError: Gzip compressed stream ended prematurely.
TypeError: Brotli compressed stream ended prematurely.
TypeError: Gzip compressed stream ended prematurely.
TypeError: Brotli compressed stream ended prematurely.
TypeError: Gzip compressed stream ended prematurely.
TypeError: Brotli compressed stream ended prematurely.



=== TEST 15: bodies stream both ways without JavaScript
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (path === '/echo') return new Response(request.body);
    return fetch(env.SELF + '/echo', { method: 'POST', body: request.body });
} };
--- request eval
"POST /\n" . ("0123456789abcdef" x 65536)
--- response_body eval
"0123456789abcdef" x 65536



=== TEST 16: a slow reader holds the origin back
--- user_files
>>> w.js
let sent = 0;
export default { async fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (path === '/source') {
        return new Response(new ReadableStream({ pull(c) {
            sent += 65536;
            c.enqueue(new Uint8Array(65536));
            if (sent >= 64 * 1048576) c.close();
        } }));
    }
    const r = await fetch(env.SELF + '/source');
    const reader = r.body.getReader();
    await reader.read();
    await scheduler.wait(300);
    const held = sent < 32 * 1048576;
    let n = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        n += value.length;
    }
    return Response.json([held, n > 63 * 1048576, sent]);
} };
--- response_body chomp
[true,true,67108864]



=== TEST 17: aborts: before, during, in the body, by time
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [], O = env.O;
    const check = async (what, fn) => {
        const c = new AbortController();
        try { out.push(`${what}: ${await fn(c)}`); }
        catch (e) { out.push(`${what}: ${e.name}: ${e.message}`); }
    };
    const half = say(O, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    await check('before', (c) => { c.abort(); return fetch(O, c); });
    await check('at once', (c) => {
        const p = fetch(O + '/silent', { signal: c.signal });
        c.abort(new RangeError('mine'));
        return p;
    });
    await check('during', (c) => {
        setTimeout(() => c.abort('text'), 20);
        return fetch(O + '/silent', { signal: c.signal });
    });
    await check('time', () => fetch(O + '/silent',
                                    { signal: AbortSignal.timeout(20) }));
    await check('request', (c) => {
        setTimeout(() => c.abort(), 20);
        return fetch(new Request(O + '/silent', { signal: c.signal }));
    });
    await check('body', async (c) => {
        const r = await fetch(half, { signal: c.signal });
        setTimeout(() => c.abort(), 20);
        return r.text();
    });
    await check('late', async (c) => {
        const r = await fetch(O + '/raw', { signal: c.signal });
        const text = await r.text();
        c.abort();
        return text.length > 0;
    });
    return new Response(out.join('\n'));
} };
--- response_body chomp
before: AbortError: The operation was aborted
at once: RangeError: mine
during: Error: text
time: TimeoutError: The operation was aborted due to timeout
request: AbortError: The operation was aborted
body: AbortError: The operation was aborted
late: true



=== TEST 18: six at once, the rest in turn; none waits for ever
--- user_files
>>> w.js
let now = 0, most = 0;
export default { async fetch(request, env) {
    if (new URL(request.url).pathname === '/slow') {
        most = Math.max(most, ++now);
        await scheduler.wait(20);
        now--;
        return new Response('.');
    }
    const all = await Promise.all(Array.from({ length: 20 }, async () =>
        (await fetch(env.SELF + '/slow')).text()));
    return Response.json([all.length, most]);
} };
--- response_body chomp
[20,6]



=== TEST 19: too many subrequests
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (let i = 0; i < 4; i++)
        await fetch(env.O + '/raw').then((r) => out.push(r.status),
                                         (e) => out.push(e.message));
    return Response.json(out);
} };
--- script
        limits subrequests=3;
--- response_body chomp
[200,200,200,"Too many subrequests by single Worker invocation."]



=== TEST 20: data: URLs
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    for (const url of ['data:text/plain;charset=utf-8;base64,aGVsbG8=',
        'data:,a%20b#f', 'data:;charset=x,q', 'data:bad,q', 'data:none',
        'data:;base64,%20aG%0AVsb G8 ', 'data:;base64,a'])
    {
        await fetch(url).then(async (r) => out.push(
            `${r.status} ${r.headers.get('content-type')} ${await r.text()}`),
            (e) => out.push(e.message));
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
200 text/plain;charset=utf-8 hello
200 text/plain;charset=US-ASCII a b
200 text/plain;charset=x q
200 text/plain;charset=US-ASCII q
Fetch API cannot load: data:none
200 text/plain;charset=US-ASCII hello
Fetch API cannot load: data:;base64,a



=== TEST 21: a request that is passed on, changed a little
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const url = new URL(request.url);
    const to = new Request(env.O + '/raw' + url.pathname, request);
    to.headers.set('X-Edge', 'yes');
    const r = await fetch(to);
    const out = new Response(r.body, r);
    out.headers.set('X-Seen', 'yes');
    return out;
} };
--- request
POST /path
some body
--- more_headers
X-Mine: 1
--- response_headers
X-Seen: yes
--- response_body_like eval
qr/^POST \/raw\/path HTTP\/1.1\r\n(?=.*X-Mine: 1\r\n)(?=.*X-Edge: yes\r\n).*\r\n\r\nsome body/is



=== TEST 22: an origin that breaks while its response is passed on
--- user_files
>>> w.js
export default { async fetch(request, env) {
    return fetch(say(env.O, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc',
                     '/close'));
} };
--- ignore_response
--- error_log
Network connection lost



=== TEST 23: no I/O at the top level
--- user_files
>>> w.js
let text;
const p = fetch('http://127.0.0.1/').catch((e) => { text = e.message; });
export default { async fetch() { await p; return new Response(text); } };
--- response_body_like chomp
^Disallowed operation called within global scope\.



=== TEST 24: what waitUntil() fetches goes on after the response
--- user_files
>>> w.js
let text = 'nothing';
export default { async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === '/later') {
        for (let i = 0; i < 100 && text === 'nothing'; i++)
            await scheduler.wait(10);
        return new Response(text);
    }
    ctx.waitUntil(fetch(env.SELF + '/wait').then(async (r) => {
        text = await r.text(); }));
    return new Response('sent');
} };
--- config
location /wait { return 200 waited; }
location / { workers_pass w; }
--- pipelined_requests eval
["GET /", "GET /later"]
--- response_body eval
["sent", "waited"]
