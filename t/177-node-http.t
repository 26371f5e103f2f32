# Copyright (C) the nginx-workers authors
#
# node:http and node:https: clients over fetch(), and servers that a worker
# hands its requests to.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Origin;

our ($Cert, $Key) = certificate();

$ENV{TEST_NGINX_CERT} = $Cert;
$ENV{TEST_NGINX_KEY} = $Key;
$ENV{TEST_NGINX_TLS_PORT} = $ENV{TEST_NGINX_PORT} + 1;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
        . "        compatibility_date 2026-07-01;\n"
        . "        compatibility_flags nodejs_compat;\n"
        . "        var PORT $ENV{TEST_NGINX_ORIGIN_PORT};\n"
        . "        var TLS $ENV{TEST_NGINX_TLS_PORT};\n");
});

run_tests();

__DATA__

=== TEST 1: get() and its events
--- user_files
>>> w.js
import http from 'node:http';
export default { async fetch(request, env) {
    const log = [];
    const listen = (e, names) => { for (const n of names) e.on(n, (v) => log.push(Buffer.isBuffer(v) ? `${n} ${v}` : n)); };
    const res = await new Promise((done) => {
        const req = http.get(`http://127.0.0.1:${env.PORT}/say?HTTP/1.1 200 Fine%0d%0aContent-Length: 2%0d%0aX-A: 1%0d%0aX-A: 2%0d%0aSet-Cookie: a=b%0d%0aSet-Cookie: c=d%0d%0a%0d%0ahi`, (res) => {
            listen(res, ['data', 'end', 'close']);
            res.on('close', () => setTimeout(() => done(res), 5));
        });
        listen(req, ['finish', 'response', 'close', 'error']);
    });
    return Response.json([log, res.statusCode, res.statusMessage, res.headers['x-a'], res.headers['set-cookie'],
                          res.headersDistinct['x-a'], res.rawHeaders.length >= 8, res.httpVersion, res.complete]);
} };
--- response_body chomp
[["finish","response","data hi","end","close","close"],200,"Fine","1, 2",["a=b","c=d"],["1, 2"],true,"1.1",true]



=== TEST 2: a request: fields, a body in pieces, a large one, redirects that are not followed
--- user_files
>>> w.js
import http from 'node:http';
const ask = (options, ...parts) => new Promise((done, fail) => {
    const req = http.request(options, async (res) => { let s = ''; for await (const c of res) s += c; done([res.statusCode, s]); });
    req.on('error', fail);
    for (const p of parts.slice(0, -1)) req.write(p);
    req.end(parts.at(-1));
});
export default { async fetch(request, env) {
    const base = { hostname: '127.0.0.1', port: env.PORT, path: '/raw' };
    const [, text] = await ask({ ...base, method: 'post', headers: { 'X-A': ['1', '2'], 'Content-Type': 'text/x' }, auth: 'u:p' }, 'abc', Buffer.from('def'), 'ghi');
    const out = [/^POST \/raw/.test(text), /x-a: 1\r\nx-a: 2\r/i.test(text), /content-type: text\/x\r/i.test(text), /authorization: Basic dTpw\r/i.test(text),
                 /content-length: 9\r/i.test(text), text.split('\r\n\r\n')[1], /host: 127.0.0.1:\d+\r/i.test(text)];
    const big = 'x'.repeat(100000);
    const [status, echoed] = await ask({ ...base, method: 'PUT' }, big, big, big);
    out.push(status, echoed.split('x').length > 300000);
    out.push((await ask(`http://127.0.0.1:${env.PORT}/say?HTTP/1.1 302 Found%0d%0aLocation: /raw%0d%0aContent-Length: 0%0d%0a%0d%0a`))[0]);
    out.push((await ask({ ...base, method: 'HEAD' }))[1]);
    return Response.json(out);
} };
--- response_body chomp
[true,true,true,true,true,"abcdefghi",true,200,true,302,""]



=== TEST 3: fields before and after they are sent; wrong arguments
--- user_files
>>> w.js
import http from 'node:http';
const t = (f) => { try { f(); return 'done'; } catch (e) { return e.code ?? e.name; } };
export default { async fetch(request, env) {
    const req = http.request(`http://127.0.0.1:${env.PORT}/raw`);
    req.on('error', () => {});
    req.setHeader('A', '1'); req.setHeader('b', ['x', 'y']); req.appendHeader('b', 'z');
    const out = [req.getHeader('a'), req.getHeader('B'), req.hasHeader('A'), req.getRawHeaderNames(), req.getHeaderNames(), req.headersSent];
    req.removeHeader('a');
    out.push(req.getHeaders(), t(() => req.setHeader('a b', 'x')), t(() => req.setHeader('a', 'x\n')), t(() => req.setHeader('a')));
    req.flushHeaders();
    out.push(req.headersSent, t(() => req.setHeader('c', 'd')));
    req.end();
    for (const o of ['ftp://x/', { protocol: 'https:' }, { path: '/a b' }, { method: 'A B' }, { host: 5 }, 'nope', { timeout: 'a' }, { headers: { 'a b': 'c' } }])
        out.push(t(() => http.request(o)));
    return Response.json(out.map((v) => JSON.stringify(v)));
} };
--- response_body_like chomp
^\["\\"1\\"","\[\\"x\\",\\"y\\",\\"z\\"\]","true","\[\\"Host\\",\\"A\\",\\"b\\"\]","\[\\"host\\",\\"a\\",\\"b\\"\]","false","\{\\"host\\":\\"127.0.0.1:\d+\\",\\"b\\":\[\\"x\\",\\"y\\",\\"z\\"\]\}","\\"ERR_INVALID_HTTP_TOKEN\\"","\\"ERR_INVALID_CHAR\\"","\\"ERR_HTTP_INVALID_HEADER_VALUE\\"","true","\\"ERR_HTTP_HEADERS_SENT\\"","\\"ERR_INVALID_PROTOCOL\\"","\\"ERR_INVALID_PROTOCOL\\"","\\"ERR_UNESCAPED_CHARACTERS\\"","\\"ERR_INVALID_HTTP_TOKEN\\"","\\"ERR_INVALID_ARG_TYPE\\"","\\"TypeError\\"","\\"ERR_INVALID_ARG_TYPE\\"","\\"ERR_INVALID_HTTP_TOKEN\\""\]$



=== TEST 4: what ends a request: destroy(), abort(), a signal, a timeout, no server
--- user_files
>>> w.js
import http from 'node:http';
const ended = (url, options, act) => new Promise((done) => {
    const log = [], req = http.get(url, options);
    for (const n of ['error', 'close', 'response', 'abort', 'timeout']) req.on(n, (e) => log.push(e?.code ? `${n} ${e.code}` : n));
    req.on('close', () => done([log.join(), req.destroyed]));
    if (act) setTimeout(() => act(req), 20);
});
export default { async fetch(request, env) {
    const silent = `http://127.0.0.1:${env.PORT}/silent`;
    const ac = new AbortController();
    return Response.json([
        await ended(silent, {}, (req) => req.destroy()),
        await ended(silent, {}, (req) => req.abort()),
        await ended(silent, { signal: ac.signal }, () => ac.abort()),
        await ended(silent, { timeout: 30 }, (req) => req.on('timeout', () => req.destroy())),
        await ended('http://127.0.0.1:1/', {}),
        await ended(`http://127.0.0.1:${env.PORT}/drop`, {})]);
} };
--- response_body chomp
[["error ECONNRESET,close",true],["abort,error ECONNRESET,close",true],["error ABORT_ERR,close",true],["timeout,error ECONNRESET,close",true],["error ECONNRESET,close",true],["error ECONNRESET,close",true]]
--- error_log
Could not connect to server



=== TEST 5: https
--- http_config
    workers_trusted_certificate $TEST_NGINX_CERT;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
        ssl_certificate $TEST_NGINX_CERT;
        ssl_certificate_key $TEST_NGINX_KEY;
        location / { return 200 "secure $http_x_a"; }
    }
--- user_files
>>> w.js
import https from 'node:https';
export default { async fetch(request, env) {
    const url = `https://localhost:${env.TLS}/`;
    const text = (...args) => new Promise((done, fail) => https.get(...args, async (res) => { let s = ''; for await (const c of res) s += c; done(s); }).on('error', fail));
    return Response.json([await text(url), await text(url, { headers: { 'X-A': 'b' } }), await text({ host: 'localhost', port: env.TLS }),
                          https.globalAgent.defaultPort, new https.Agent().protocol]);
} };
--- response_body chomp
["secure ","secure b","secure ",443,"https:"]



=== TEST 6: a server: requests, answers whole and in pieces, cookies, errors
--- user_files
>>> w.js
import http from 'node:http';
import { httpServerHandler } from 'cloudflare:node';
let seen;
const pages = {
    '/whole': (req, res) => { res.setHeader('X-A', ['1', '2']); res.end('whole'); },
    '/pieces': async (req, res) => { res.writeHead(201, 'Made', { 'Content-Type': 'text/x' }); for (const p of ['a', 'b', 'c']) { res.write(p); await new Promise((r) => setTimeout(r, 2)); } res.end('!'); },
    '/echo': (req, res) => req.pipe(res),
    '/none': (req, res) => { res.writeHead(204); res.end('lost'); },
    '/cookies': (req, res) => { res.setHeader('Set-Cookie', ['a=1', 'b=2']); res.end(); },
    '/throw': () => { throw new Error('boom'); },
    '/about': (req, res) => res.end(JSON.stringify([req.method, req.url, req.headers['x-q'], req.headers.host, req.socket.remoteAddress, typeof req.cloudflare.env.PORT, res.req === req])),
    '/events': (req, res) => { seen = []; for (const n of ['finish', 'close']) res.on(n, () => seen.push(n)); res.end(); },
    '/seen': (req, res) => res.end(seen.join()),
    '/twice': (req, res) => { res.end('once'); res.end('again'); try { res.setHeader('a', 'b'); } catch (e) { console.log(e.code); } },
    '/break': (req, res) => { res.write('some'); setTimeout(() => res.destroy(new Error('broken')), 10); },
};
const server = http.createServer((req, res) => {
    const page = pages[new URL(req.url, 'http://x').pathname];
    if (page) return page(req, res);
    res.statusCode = 404;
    res.end('no page');
});
server.listen(8080);
export default httpServerHandler({ port: 8080 });
--- client
my $r = get('/whole');
like($r->{head}, qr/200 OK\r.*x-a: 1\r\nx-a: 2\r/si, 'fields');
is($r->{body}, 'whole', 'whole');
like($r->{head}, qr/content-length: 5\r/i, 'its length');

$r = get('/pieces');
like($r->{head}, qr/201 .*content-type: text\/x\r/si, 'writeHead()');
is($r->{body}, 'abc!', 'in pieces');

is(request("POST /echo HTTP/1.1\nContent-Length: 300000", 'y' x 300000)->{body}, 'y' x 300000, 'a pipe');
is(get('/none')->{status} . get('/none')->{body}, '204', 'no body');
like(get('/cookies')->{head}, qr/set-cookie: a=1\r\nset-cookie: b=2\r/i, 'cookies');
is(get('/nothing')->{status} . get('/nothing')->{body}, '404no page', 'statusCode');
is(get('/about?x=1', 'X-Q: z')->{body}, '["GET","/about?x=1","z","localhost","127.0.0.1","string",true]', 'the request');
is(get('/twice')->{body}, 'once', 'an end only');
logged('ERR_HTTP_HEADERS_SENT', 'and then it is over');
get('/events');
is(get('/seen')->{body}, 'finish,close', 'events');
is(get('/throw')->{status}, 500, 'an exception');
logged('boom', 'is logged');
like(get('/break')->{body}, qr/^some/, 'what was sent before it broke');
logged('broken', 'and why it did');
--- error_log
Error: boom
Error: broken



=== TEST 7: servers, ports and handlers
--- user_files
>>> w.js
import http from 'node:http';
import * as node from 'cloudflare:node';
const t = (f) => { try { return f(); } catch (e) { return e.code ?? e.message; } };
const server = http.createServer((req, res) => res.end(`one ${req.cloudflare.ctx?.constructor?.name}`)).listen(3000);
const other = http.createServer();
const out = [Object.keys(node), server.listening, server.address(), t(() => server.listen(3001)), t(() => other.listen(3000)), t(() => other.listen(99999)),
             t(() => node.httpServerHandler()), t(() => node.httpServerHandler({})), other.address()];
other.listen();
out.push(other.listening, other.address().port > 0, Object.keys(node.httpServerHandler(server, { scheduled() {} })));
export default { async fetch(request, env, ctx) {
    const one = await node.handleAsNodeRequest(3000, request, env, ctx);
    const none = await node.handleAsNodeRequest(9, request).catch((e) => e.code);
    return Response.json([...out, await one.text(), none]);
} };
--- response_body chomp
[["handleAsNodeRequest","httpServerHandler"],true,{"port":3000,"family":"IPv4","address":"127.0.0.1"},"ERR_SERVER_ALREADY_LISTEN","ERR_SERVER_ALREADY_LISTEN","ERR_SOCKET_BAD_PORT","Server descriptor cannot be null or undefined","Failed to determine port for server",null,true,true,["scheduled","fetch"],"one ExecutionContext","ERR_INVALID_ARG_VALUE"]



=== TEST 8: globals of Node.js: timers are objects, performance has marks
--- user_files
>>> w.js
import { performance as p } from 'node:perf_hooks';
export default { async fetch() {
    const timer = setTimeout(() => {}, 1);
    const out = [typeof timer, timer.hasRef(), typeof timer[Symbol.toPrimitive]()];
    clearTimeout(timer);
    out.push(await new Promise((r) => setTimeout(r, 1, 'fired')), p === performance);
    performance.mark('a', { startTime: 5 });
    performance.mark('b', { startTime: 12, detail: { x: 1 } });
    const m = performance.measure('m', 'a', 'b');
    out.push(m.toJSON(), m instanceof PerformanceMeasure, performance.getEntriesByType('mark').length);
    performance.clearMarks('a');
    out.push(performance.getEntries().map((e) => e.name), typeof performance.now());
    let n = 0;
    const interval = setInterval(() => { if (++n === 3) clearInterval(interval); }, 1);
    await new Promise((r) => setTimeout(r, 30));
    return Response.json([...out, n]);
} };
--- response_body chomp
["object",true,"number","fired",true,{"name":"m","entryType":"measure","startTime":5,"duration":7},true,2,["b","m"],"number",3]
