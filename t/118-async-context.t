# Copyright (C) the nginx-workers authors
#
# AsyncLocalStorage and AsyncResource of "node:async_hooks".

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: run() sets the store for what it calls, exit() takes it away
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const a = new AsyncLocalStorage(), b = new AsyncLocalStorage();
const none = (v) => v === undefined ? "none" : v;
export default { fetch() {
    return Response.json([
        none(a.getStore()),
        a.run(1, () => a.getStore()),
        a.run(1, (...args) => [...args, a.getStore()], "x", "y"),
        a.run(1, () => [a.run(2, () => a.getStore()), a.getStore()]),
        a.run(1, () => b.run(2, () => [a.getStore(), b.getStore()])),
        a.run(1, () => b.run(2, () => a.exit((x) =>
            [x, none(a.getStore()), b.getStore()], "arg"))),
        a.run(1, () => a.run(undefined, () => none(a.getStore()))),
        a.run(1, function () { return this === globalThis; }),
        none(a.getStore()), none(b.getStore()),
    ]);
} };
--- response_body chomp
["none",1,["x","y",1],[2,1],[1,2],["arg","none",2],"none",true,"none","none"]



=== TEST 2: the store goes along with awaits
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
export default { async fetch() {
    const log = [];
    const later = Promise.withResolvers();
    const broken = Promise.withResolvers();

    const all = als.run("in", () => Promise.all([
        (async () => { await null; log.push(als.getStore()); })(),
        (async () => { await scheduler.wait(1); log.push(als.getStore()); })(),
        (async () => { await later.promise; log.push(als.getStore()); })(),
        (async () => {
            try { await broken.promise; } catch { log.push(als.getStore()); }
        })(),
        (async () => {
            await { then(f) { log.push(als.getStore()); setTimeout(f, 1); } };
            log.push(als.getStore());
        })(),
        (async () => {
            await new Response("x").text();
            log.push(als.getStore());
        })(),
        Array.fromAsync([1], async () => {
            await 1;
            log.push(als.getStore());
        }),
    ]));

    als.run("out", () => { later.resolve(); broken.reject(1); });
    await all;

    return Response.json([log.length, ...new Set(log), als.getStore() ?? "none"]);
} };
--- response_body chomp
[8,"in","none"]



=== TEST 3: ... and with reactions of promises, whoever settles them
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
class Mine extends Promise {}
export default { async fetch() {
    const log = [];
    const push = () => log.push(als.getStore());
    const ok = Promise.withResolvers(), no = Promise.withResolvers();

    const all = als.run("in", () => [
        Promise.resolve().then(push),
        ok.promise.then(push),
        ok.promise.finally(push),
        no.promise.catch(push),
        no.promise.then(null, push),
        Mine.resolve().then(push),
        Promise.try(push),
        ok.promise.then(() => als.run("deeper", () => null)).then(push),
    ]);

    als.run("out", () => { ok.resolve(); no.reject(1); });
    await Promise.all(all);

    return Response.json([log.length, ...new Set(log)]);
} };
--- response_body chomp
[8,"in"]



=== TEST 4: ... and with timers and microtasks
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
export default { async fetch() {
    const log = await als.run("in", () => Promise.all([
        new Promise((f) => setTimeout(() => f(als.getStore()))),
        new Promise((f) => setTimeout(() => f(als.getStore()), 2)),
        new Promise((f) => {
            let n = 0;
            const id = setInterval(() => {
                if (++n === 3) { clearInterval(id); f(als.getStore()); }
            }, 1);
        }),
        new Promise((f) => queueMicrotask(() => queueMicrotask(() =>
            f(als.getStore())))),
        new Promise((f) => setTimeout(async () => {
            await null;
            f(als.getStore());
        })),
    ]));
    return Response.json([...log, als.getStore() ?? "none"]);
} };
--- response_body chomp
["in","in","in","in","in","none"]



=== TEST 5: an async generator runs in the store of who asks for its next value
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
async function* inner() {
    yield als.getStore();
    await null;
    yield als.getStore();
    await scheduler.wait(1);
    try {
        yield als.getStore();
    } finally {
        await scheduler.wait(1);
        last = als.getStore();
    }
}
async function* outer() { yield* inner(); }
let last;
export default { async fetch() {
    const it = outer(), log = [];
    for (const n of [1, 2, 3]) {
        log.push((await als.run(n, () => it.next())).value);
    }
    await als.run(4, () => it.return());
    log.push(last);
    const each = await als.run("loop", async () => {
        const seen = [];
        for await (const v of inner()) { seen.push(v, als.getStore()); }
        for await (const v of [0, Promise.resolve(1)]) {
            seen.push(als.getStore());
        }
        return new Set(seen);
    });
    return Response.json([...log, ...each]);
} };
--- response_body chomp
[1,2,3,4,"loop"]



=== TEST 6: listeners run in the store of who dispatches
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
export default { async fetch() {
    const target = new EventTarget(), ac = new AbortController(), log = [];
    const { port1, port2 } = new MessageChannel();
    const message = Promise.withResolvers();

    als.run("listens", () => {
        target.addEventListener("x", () => log.push(als.getStore()));
        ac.signal.onabort = () => log.push(als.getStore());
        AbortSignal.any([ac.signal]).onabort = () => log.push(als.getStore());
        port2.onmessage = () => message.resolve(als.getStore());
    });
    als.run("acts", () => {
        target.dispatchEvent(new Event("x"));
        ac.abort();
        port1.postMessage(1);
    });
    return Response.json([...log, await message.promise]);
} };
--- response_body chomp
["acts","acts","acts","acts"]



=== TEST 7: a TransformStream transforms in the store of who made it
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
const encode = (text) => new TextEncoder().encode(text);
export default { fetch() {
    const { readable, writable } = als.run("made", () => new TransformStream({
        transform(chunk, c) {
            c.enqueue(chunk);
            c.enqueue(encode(` ${als.getStore()} `));
        },
        flush(c) { c.enqueue(encode(als.getStore())); },
    }));
    als.run("writes", async () => {
        const writer = writable.getWriter();
        for (const n of [1, 2]) { await writer.write(encode(n)); }
        await writer.close();
    });
    return new Response(readable);
} };
--- response_body chomp
1 made 2 made made



=== TEST 8: a rejection that nobody handles is reported in its own store
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
export default { async fetch() {
    const seen = new Promise((f) => addEventListener("unhandledrejection",
        (e) => { e.preventDefault(); f(als.getStore()); }));
    als.run("rejects", () => { Promise.reject(1); });
    return new Response(await seen);
} };
--- response_body chomp
rejects



=== TEST 9: snapshot(), bind() and AsyncResource keep a store
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
const als = new AsyncLocalStorage();
class Job extends AsyncResource {
    constructor() { super("Job"); }
    go(fn) { return this.runInAsyncScope(fn, this, 7); }
}
export default { fetch() {
    const get = () => als.getStore();
    const snapshot = als.run("snap", () => AsyncLocalStorage.snapshot());
    const bound = als.run("bound", () => AsyncLocalStorage.bind(
        (...args) => [...args, als.getStore()]));
    const job = als.run("job", () => new Job());
    const fn = job.bind(function () { return [this?.x, als.getStore()]; },
                        { x: 3 });
    const statically = als.run("static", () => AsyncResource.bind(get));
    return Response.json(als.run("other", () => [
        snapshot(get), snapshot((a) => a, "arg"), bound(1, 2),
        job.go(function (n) { return [this === job, n, als.getStore()]; }),
        fn(), fn.asyncResource === job, statically(),
        job.asyncId(), job.triggerAsyncId(), als.getStore(),
    ]));
} };
--- response_body chomp
["snap","arg",[1,2,"bound"],[true,7,"job"],[3,"job"],true,"static",0,0,"other"]



=== TEST 10: requests that run at the same time keep their stores apart
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
let release, waiting = new Promise((f) => { release = f; }), n = 0;
async function id() { await waiting; return als.getStore(); }
export default { fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/c") { release(); return new Response(als.getStore() ?? "none"); }
    return als.run(path, async () => {
        await scheduler.wait(++n === 1 ? 20 : 1);
        return new Response(await Promise.race([id(), scheduler.wait(30).then(() => als.getStore())]));
    });
} };
--- pipelined_requests eval
["GET /a", "GET /b", "GET /c"]
--- response_body eval
["/a", "/b", "none"]



=== TEST 11: an exception leaves no store behind
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
export default { async fetch(request) {
    const none = () => als.getStore() ?? "none", log = [];
    try { als.run("x", () => { throw new Error("x"); }); } catch { }
    log.push(none());
    try { als.run("y", () => als.exit(() => { throw new Error("y"); })); } catch { }
    log.push(none());
    await als.run("z", async () => { await null; throw new Error("z"); })
        .catch(() => { });
    log.push(none());
    return Response.json(log);
} };
--- response_body chomp
["none","none","none"]



=== TEST 12: a broken CPU limit inside of run() is logged and answered as ever
--- script
compatibility_flags nodejs_compat;
limits cpu=50ms;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
export default { async fetch(request) {
    await als.run("loop", async () => { await null; for ( ;; ) { } });
} };
--- error_code: 503
--- response_body_like: 1102
--- error_log
exceeded CPU time limit of 50 ms



=== TEST 13: arguments, default values and what the platform lacks
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import hooks, { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
const als = new AsyncLocalStorage();
const text = (fn) => { try { return fn() ?? "undefined"; } catch (e) { return `${e.name}: ${e.message}`; } };
export default { fetch() {
    const named = new AsyncLocalStorage({ name: "n", defaultValue: 5 });
    return new Response([
        () => [named.name, named.getStore(), named.run(undefined, () => named.getStore() === undefined)],
        () => als.run(1, {}),
        () => als.exit(),
        () => AsyncLocalStorage.bind(3),
        () => AsyncLocalStorage.snapshot()(3),
        () => new AsyncLocalStorage(5),
        () => new AsyncResource("x", { triggerAsyncId: 1 }),
        () => new AsyncResource("x").runInAsyncScope(1),
        () => als.enterWith(1),
        () => als.disable(),
        () => AsyncLocalStorage.prototype.getStore.call({}).slice(0, 18),
        () => [hooks.executionAsyncId(), hooks.triggerAsyncId(), typeof hooks.executionAsyncResource()],
        () => { const h = hooks.createHook({}); return h.enable().disable() === h; },
        () => Object.prototype.toString.call(als) + Object.keys(als),
    ].map(text).join("\n"));
} };
--- response_body_like chomp
^n,5,true
TypeError: Failed to execute 'run' on 'AsyncLocalStorage': parameter 2 is not of type 'function'\.
TypeError: Failed to execute 'exit' on 'AsyncLocalStorage': parameter 1 is not of type 'function'\.
TypeError: Failed to execute 'bind' on 'AsyncLocalStorage': parameter 1 is not of type 'Function'\.
TypeError: The first argument must be a function
TypeError: Failed to construct 'AsyncLocalStorage': constructor parameter 1 is not of type 'AsyncLocalStorageOptions'\.
Error: The 'triggerAsyncId' field on 'Options' is not implemented\.
TypeError: Failed to execute 'runInAsyncScope' on 'AsyncResource': parameter 1 is not of type 'function'\.
Error: asyncLocalStorage\.enterWith\(\) is not implemented
Error: asyncLocalStorage\.disable\(\) is not implemented
TypeError: Illegal invocation.*
0,0,object
true
\[object AsyncLocalStorage\]$



=== TEST 14: promises show nothing of the store that they carry
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
const seen = [];
const spy = new Proxy(Promise.prototype, {
    get(target, key, self) { seen.push(String(key)); return Reflect.get(target, key, self); },
});
export default { async fetch() {
    const p = als.run({ secret: 1 }, () => Promise.resolve(1));
    const keys = Reflect.ownKeys(p);
    Object.setPrototypeOf(p, spy);
    await p;
    await als.run("x", async () => { await p; });
    return Response.json([keys, Object.getOwnPropertySymbols(p), [...new Set(seen)]]);
} };
--- response_body chomp
[[],[],["constructor"]]



=== TEST 15: stores are collected with what carries them
--- script
compatibility_flags nodejs_compat;
limits memory=8m;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
export default { async fetch() {
    for (let i = 0; i < 200; i++) {
        await als.run(new Uint8Array(1 << 20), async () => { await null; });
        als.run(new Uint8Array(1 << 20), () => Promise.resolve().then(() => {}));
        await null;
    }
    return new Response("ok");
} };
--- response_body chomp
ok



=== TEST 16: "async_hooks" without "node:", from its date on
--- script
compatibility_date 2024-09-23;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'async_hooks';
import * as same from 'node:async_hooks';
export default { async fetch() {
    const dynamic = await import('node:async_hooks');
    return new Response(AsyncLocalStorage === same.AsyncLocalStorage
                        && dynamic === same);
} };
--- response_body chomp
true



=== TEST 17: "async_hooks" without "node:", before that date
--- must_die
--- script
compatibility_date 2024-09-22;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'async_hooks';
export default { fetch() { return new Response('x'); } };
--- error_log
no such module "async_hooks"



=== TEST 18: without the flag, nginx says which one is needed
--- must_die
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
export default { fetch() { return new Response('x'); } };
--- error_log
module "node:async_hooks" needs "compatibility_flags nodejs_compat"



=== TEST 19: nodejs_als is enough
--- script
compatibility_flags nodejs_als;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
export default { fetch() {
    return new Response(new AsyncLocalStorage().run(1, () => "ok"));
} };
--- response_body chomp
ok
