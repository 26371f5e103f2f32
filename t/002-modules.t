# Copyright (C) the nginx-workers authors
#
# What a script may be made of: modules, files beside it, the platform's own
# module, the older syntax; and what its top level may not do.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

run_tests();

__DATA__

=== TEST 1: relative imports, in folders and out of them, .js and .mjs
--- user_files
>>> src/index.js
import one, { two as deux } from './lib/one.js';
import * as all from "./lib/deep/er/three.mjs";
export * from './lib/one.js';
export default { fetch() {
    return new Response([one, deux, all.three, all.default(),
                         Object.keys(all)].join());
} };
>>> src/lib/one.js
export { two } from './two.mjs';
export default 1;
>>> src/lib/two.mjs
export const two = 2;
>>> src/lib/deep/er/three.mjs
import { two } from '../../two.mjs';
import one from './../../../lib/./one.js';
export const three = one + two;
export default () => 'three';
--- response_body chomp
1,2,3,three,default,three



=== TEST 2: JSON
--- user_files
>>> w.js
import data from './data.json';
import again from './data.json' with { type: 'json' };
export default { fetch() {
    return Response.json([data.list[1], data.t, data === again]);
} };
>>> data.json
{ "list": [1, { "é": null }], "t": "\u00e9" }
--- response_body chomp
[{"é":null},"é",true]



=== TEST 3: text: .txt, .html and .sql are strings
--- user_files eval
[['w.js', <<'END'], ['a.txt', "t\xc3\xa9xt\r\n"], ['b.html', "<p>\n"],
import a from './a.txt';
import b from './b.html';
import c from './sql/c.sql';
import d from './empty.txt';
export default { fetch() {
    return Response.json([a, b, c, d]);
} };
END
 ['sql/c.sql', 'SELECT 1;'], ['empty.txt', '']]
--- response_body eval
qq/["t\xc3\xa9xt\\r\\n","<p>\\n","SELECT 1;",""]/



=== TEST 4: .bin is an ArrayBuffer, with every byte
--- user_files eval
[['w.js', <<'END'], ['all.bin', pack 'C*', 0 .. 255], ['no.bin', '']]
import all from './all.bin';
import no from './no.bin';
export default { fetch() {
    const bytes = new Uint8Array(all);
    return Response.json([all instanceof ArrayBuffer, all.byteLength,
                          bytes.every((byte, i) => byte === i),
                          no instanceof ArrayBuffer, no.byteLength]);
} };
END
--- response_body chomp
[true,256,true,true,0]



=== TEST 5: two modules that import each other
--- user_files
>>> w.js
import { even } from './even.js';
export const self = () => 'w';
export default { fetch() {
    return new Response([even(10), even(7)]);
} };
>>> even.js
import { odd } from './odd.js';
import { self } from './w.js';
export const even = (n) => n === 0 ? self() + 'even' : odd(n - 1);
>>> odd.js
import { even } from './even.js';
export const odd = (n) => n === 0 ? 'odd' : even(n - 1);
--- response_body chomp
weven,odd



=== TEST 6: a cycle that reads a binding too early
--- user_files
>>> w.js
import { b } from './b.js';
export const a = b;
export default { fetch() { return new Response('no'); } };
>>> b.js
import { a } from './w.js';
export const b = a;
--- error_code: 500
--- error_log eval
qr/uncaught exception: ReferenceError: .* at <anonymous> \(\S*b\.js:2:/



=== TEST 7: import() of what stands there as a literal, once for all requests
--- user_files
>>> w.js
let n = 0;
export default { async fetch() {
    const late = await import('./late.js');
    const json = (await import("./late.json")).default;
    const same = await import(`./late.js`) === late;
    return new Response([++n, late.evaluated(), json.x, same]);
} };
>>> late.js
let n = 0;
export const evaluated = () => ++n;
>>> late.json
{ "x": 7 }
--- pipelined_requests eval
["GET /", "GET /"]
--- response_body eval
["1,1,7,true", "2,2,7,true"]



=== TEST 8: import() of what is not there rejects
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    for (const name of ['./none.js', '../up.js', '/abs.js', 'bare',
                        'node:none', 'cloudflare:none', 'https://x/y.js'])
    {
        try {
            await import(name);
            out.push(name);
        } catch (e) {
            out.push(e instanceof Error);
        }
    }
    return new Response(out.join());
} };
--- response_body chomp
true,true,true,true,true,true,true



=== TEST 9: import() that fails at its top level fails again with the same
--- user_files
>>> w.js
export default { async fetch() {
    const catchIt = () => import('./bad.js').catch((e) => e);
    const one = await catchIt(), two = await catchIt();
    return new Response(`${one.message} ${one === two}`);
} };
>>> bad.js
throw new Error('bad top level');
--- response_body chomp
bad top level true



=== TEST 10: top-level await of what needs no I/O
--- user_files
>>> w.js
import { late } from './late.js';
const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(3));
const value = await new Promise((resolve) => resolve(late + 1));
export default { fetch() {
    return new Response(`${value} ${hash.byteLength}`);
} };
>>> late.js
export const late = await Promise.resolve(41);
--- response_body chomp
42 32



=== TEST 11: top-level await that never ends
--- user_files
>>> w.js
await new Promise(() => {});
export default { fetch() { return new Response('no'); } };
--- error_code: 500
--- response_body_like: 1101
--- error_log
Top-level await in module is unresolved.



=== TEST 12: a top level that throws fails each request, and runs again
--- user_files
>>> w.js
import './lib.js';
export default { fetch() { return new Response('no'); } };
>>> lib.js
function deep() { null.x; }
deep();
--- client
for my $path ('/one', '/two') {
    my $answer = get($path);

    is($answer->{status}, 500, "$path: status");
    like($answer->{body}, qr/1101/, "$path: page");
}
--- error_log eval
[map { qr/\[error\].* uncaught exception: TypeError: .* +at deep \(\S*lib\.js:1:\d+\) at <anonymous> \(\S*lib\.js:2:\d+\) while running worker "w", .* request: "GET \/$_/ } 'one', 'two']



=== TEST 13: a module's state is shared by requests, and by importers
--- user_files
>>> w.js
import { counter } from './counter.js';
import './other.js';
globalThis.seen = [];
export default { fetch(request) {
    seen.push(new URL(request.url).pathname);
    return new Response(`${counter.n++} ${seen}`);
} };
>>> counter.js
export const counter = { n: 0 };
>>> other.js
import { counter } from './counter.js';
counter.n += 10;
--- pipelined_requests eval
["GET /a", "GET /b", "GET /c"]
--- response_body eval
["10 /a", "11 /a,/b", "12 /a,/b,/c"]



=== TEST 14: two scripts share nothing
--- http_config
    workers_script one { main $TEST_NGINX_HTML_DIR/w.js; var NAME one; }
    workers_script two { main $TEST_NGINX_HTML_DIR/w.js; var NAME two; }
--- config
    location /one { workers_pass one; }
    location /two { workers_pass two; }
--- user_files
>>> w.js
let n = 0;
Array.prototype.mark = 0;
export default { fetch(request, env) {
    return new Response(`${env.NAME} ${++n} ${++Array.prototype.mark}`);
} };
--- pipelined_requests eval
["GET /one", "GET /two", "GET /one"]
--- response_body eval
["one 1 1", "two 1 1", "one 2 2"]



=== TEST 15: modules are strict, and import.meta is theirs
--- user_files
>>> w.js
export default { fetch() {
    let strict = false;
    try { undeclared = 1; } catch (e) { strict = e instanceof ReferenceError; }
    return Response.json([strict, (function () { return this; })() ?? null,
                          typeof import.meta, typeof require, typeof module]);
} };
--- response_body chomp
[true,null,"object","undefined","undefined"]



=== TEST 16: a BOM, a hashbang and CRLF
--- user_files eval
[['w.js', "\xef\xbb\xbfimport x from './x.mjs';\r\nexport default {\r\n"
          . "fetch() { return new Response(x); } };\r\n"],
 ['x.mjs', "#!/usr/bin/env node\nexport default 'x';\n"]]
--- response_body chomp
x



=== TEST 17: service-worker syntax
--- script
    var NAME "value";
    kv_namespace KV id=x;
--- user_files
>>> w.js
let n = 0;
addEventListener('fetch', (event) => {
    event.respondWith(answer(event));
});
async function answer(event) {
    event.waitUntil(Promise.resolve());
    await KV.put('k', NAME);
    return Response.json([++n, event.type, event.request.method, NAME,
                          await KV.get('k'), event instanceof Event,
                          this === globalThis]);
}
--- pipelined_requests eval
["GET /", "POST /"]
--- response_body eval
['[1,"fetch","GET","value","value",true,true]',
 '[2,"fetch","POST","value","value",true,true]']



=== TEST 18: service-worker syntax is sloppy, and may use "await" as a name
--- user_files
>>> w.js
var await = 'await', answer = this;
addEventListener('fetch', function (event) {
    implicit = 1;
    event.respondWith(new Response(`${await} ${implicit} ${answer === self}`));
});
--- response_body chomp
await 1 true



=== TEST 19: respondWith() twice, and late
--- user_files
>>> w.js
addEventListener('fetch', (event) => {
    event.respondWith((async () => {
        const out = [];
        await null;
        try {
            event.respondWith(new Response('late'));
        } catch (e) {
            out.push(e.name, e.message);
        }
        return new Response(`${twice}\n${out}`);
    })());
    let twice;
    try {
        event.respondWith(new Response('twice'));
    } catch (e) {
        twice = [e.name, e.message];
    }
});
--- response_body chomp
InvalidStateError,FetchEvent.respondWith() has already been called; it can only be called once.
InvalidStateError,FetchEvent.respondWith() has already been called; it can only be called once.



=== TEST 20: respondWith() too late
--- user_files
>>> w.js
let message;
addEventListener('fetch', (event) => {
    if (message) return event.respondWith(new Response(message));
    Promise.resolve().then(() => {
        try {
            event.respondWith(new Response('late'));
        } catch (e) {
            message = `${e.name}: ${e.message}`;
        }
    });
});
--- client
is(get('/')->{status}, 500, 'nobody has answered');
is(get('/')->{body}, 'InvalidStateError: Too late to call '
   . 'FetchEvent.respondWith(). It must be called synchronously in the event '
   . 'handler.', 'what respondWith() threw');
--- error_log eval
qr/\[error\] .* while running worker "w"/



=== TEST 21: nobody calls respondWith(), a listener throws, the promise rejects
--- user_files
>>> w.js
addEventListener('fetch', (event) => {
    switch (new URL(event.request.url).pathname) {
    case '/throws': throw new Error('by the listener');
    case '/rejects': event.respondWith(Promise.reject(new Error('rejected')));
    case '/nothing': return;
    case '/other': event.respondWith('text');
    }
});
--- client
for my $path ('/throws', '/rejects', '/nothing', '/other') {
    my $answer = get($path);

    is($answer->{status}, 500, "$path: status");
    like($answer->{body}, qr/1101/, "$path: page");
}
--- error_log eval
[qr/uncaught exception: Error: by the listener +at <anonymous> \(w\.js:3:/,
 qr/uncaught exception: Error: rejected/,
 qr/\[error\].*"GET \/nothing /,
 qr/Incorrect type for Promise: the Promise did not resolve to 'Response'/]



=== TEST 22: a script without any handler
--- user_files
>>> w.js
const answer = 42;
--- must_die
--- error_log eval
qr/has no default export/



=== TEST 23: a class as default export, a new instance for each request
--- script
    var NAME "value";
--- user_files
>>> w.js
import { WorkerEntrypoint } from 'cloudflare:workers';
let instances = 0;
export default class extends WorkerEntrypoint {
    number = ++instances;
    async fetch(request) {
        return Response.json([this.number, this.env.NAME, arguments.length > 0,
                              typeof this.ctx.waitUntil,
                              this instanceof WorkerEntrypoint]);
    }
}
--- pipelined_requests eval
["GET /", "GET /"]
--- response_body eval
['[1,"value",true,"function",true]', '[2,"value",true,"function",true]']



=== TEST 24: a class that throws in its constructor, or has no fetch()
--- http_config
    workers_script a { main $TEST_NGINX_HTML_DIR/a.js; }
    workers_script b { main $TEST_NGINX_HTML_DIR/b.js; }
    workers_script c { main $TEST_NGINX_HTML_DIR/c.js; }
--- config
    location /a { workers_pass a; }
    location /b { workers_pass b; }
    location /c { workers_pass c; }
--- user_files
>>> a.js
export default class { constructor() { throw new Error('no instance'); } }
>>> b.js
export default class { other() { } }
>>> c.js
export default { scheduled() { } };
--- client
is(get($_)->{status}, 500, "$_: status") for '/a', '/b', '/c';
--- error_log eval
[qr/uncaught exception: Error: no instance/,
 qr/Error: Handler does not export a fetch\(\) function\..*worker "b"/,
 qr/Error: Handler does not export a fetch\(\) function\..*worker "c"/]



=== TEST 25: cloudflare:workers
--- script
    var A one;
    json B '{"x":1}';
--- user_files
>>> w.js
import * as platform from 'cloudflare:workers';
import { env, waitUntil, DurableObject, RpcTarget, WorkerEntrypoint }
    from 'cloudflare:workers';
const atTop = env.A;
export default { async fetch(request, own, ctx) {
    class D extends DurableObject { };
    class T extends RpcTarget { };
    const d = new D(ctx, own);
    env.C = 'by import';
    own.D = 'by handler';
    waitUntil(Promise.resolve());
    return Response.json([
        atTop, Object.keys(env), own.C, env.D, env === own, env.B === own.B,
        d.ctx === ctx, d.env === own, new T() instanceof RpcTarget,
        typeof WorkerEntrypoint, typeof platform.waitUntil,
        (await import('cloudflare:workers')).env === env,
    ]);
} };
--- response_body chomp
["one",["A","B","C","D"],"by import","by handler",false,true,true,true,true,"function","function",true]



=== TEST 26: waitUntil() of the module at top level, and with nothing
--- user_files
>>> w.js
import { waitUntil } from 'cloudflare:workers';
let atTop = 'nothing';
try { waitUntil(Promise.resolve()); } catch (e) { atTop = e.name; }
export default { fetch() {
    waitUntil('no promise');
    return new Response(atTop);
} };
--- response_body chomp
Error



=== TEST 27: eval and its kin
--- script
        compatibility_flags disallow_eval_during_startup;
--- user_files
>>> w.js
const message = 'Code generation from strings disallowed for this context';
let atTop;
try { eval('1'); } catch (e) { atTop = e.name; }
export default { fetch() {
    const out = [atTop];
    const t = (f) => {
        try {
            out.push(`ran ${f()}`);
        } catch (e) {
            out.push(`${e.name} ${e.message === message
                                  || e.message}`);
        }
    };
    const indirect = eval;
    t(() => eval('1 + 1'));
    t(() => indirect('1 + 1'));
    t(() => new Function('return 1')());
    t(() => Function('a', 'return a')(1));
    t(() => (function () {}).constructor('return 1')());
    t(() => (async () => {}).constructor('return 1')());
    t(() => (function* () {}).constructor('yield 1')());
    t(() => (async function* () {}).constructor('yield 1')());
    t(() => Reflect.construct(Function, ['return 1'])());
    return new Response(out.join('\n'));
} };
--- response_body chomp
EvalError
EvalError true
EvalError true
EvalError true
EvalError true
EvalError true
EvalError true
EvalError true
EvalError true
EvalError true



=== TEST 28: eval() of what is no string gives it back; functions are functions
--- user_files
>>> w.js
class Extended extends Function { constructor() { super(); } }
export default { fetch() {
    const object = {};
    let extended = 'made';
    try { new Extended(); } catch (e) { extended = e.name; }
    return Response.json([eval(object) === object, eval(1), extended,
                          (() => {}) instanceof Function,
                          Function.prototype.call.call(() => 5)]);
} };
--- response_body chomp
[true,1,"EvalError",true,5]



=== TEST 29: I/O, timers and random values have no place at the top level
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
import { env } from 'cloudflare:workers';
const out = {};
const t = async (name, f) => {
    try {
        await f();
        out[name] = 'allowed';
    } catch (e) {
        out[name] = `${e.constructor === Error} ${e.message}`;
    }
};
await t('setTimeout', () => setTimeout(() => {}, 0));
await t('setInterval', () => setInterval(() => {}, 1));
await t('getRandomValues', () => crypto.getRandomValues(new Uint8Array(1)));
await t('randomUUID', () => crypto.randomUUID());
await t('wait', () => scheduler.wait(1));
await t('timeout', () => AbortSignal.timeout(1));
await t('kv get', () => env.KV.get('k'));
await t('kv put', () => env.KV.put('k', 'v'));
const names = Object.keys(out);
const text = new Set(Object.values(out));
export default { fetch() {
    const odd = names.filter((name) => !out[name].startsWith('true Disallowed'));
    return new Response(`${names.length} ${odd} ${[...text].join('\n')}`);
} };
--- response_body chomp
8  true Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. To fix this error, perform this operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/



=== TEST 30: I/O at the top level that nobody catches
--- user_files
>>> w.js
const id = crypto.randomUUID();
export default { fetch() { return new Response(id); } };
--- error_code: 500
--- response_body_like: 1101
--- response_body_unlike: global scope
--- error_log eval
qr/\[error\].* uncaught exception: Error: Disallowed operation called within global scope\. Asynchronous I\/O .* at \S*.* \(?\S*w\.js:1:\d+/



=== TEST 31: the top level may do what is no I/O
--- user_files
>>> w.js
const made = [
    new URL('https://example.com/x'), new Headers({ a: 'b' }),
    new Request('https://example.com/'), new Response('x'),
    new TextEncoder().encode('x'), structuredClone({ a: 1 }),
    new AbortController(), new Event('x'), btoa('x'), Date.now(),
    performance.now(), new ReadableStream(),
];
console.log('at the top');
queueMicrotask(() => made.push('microtask'));
export default { fetch() {
    return new Response(`${made.length} ${made.at(-1)}`);
} };
--- response_body chomp
13 microtask
--- error_log
at the top
