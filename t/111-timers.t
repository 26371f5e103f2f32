# Copyright (C) the nginx-workers authors
#
# setTimeout() and its kin, queueMicrotask(), scheduler.wait().

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: what runs before what
--- user_files
>>> w.js
export default { async fetch() {
    const log = [];
    setTimeout(() => log.push("t20"), 20);
    setTimeout(() => log.push("t0"), 0);
    setTimeout(() => log.push("t0 again"));
    queueMicrotask(() => log.push("micro"));
    Promise.resolve().then(() => log.push("promise"));
    log.push("sync");
    await new Promise((done) => setTimeout(done, 60));
    return Response.json(log);
} };
--- response_body chomp
["sync","micro","promise","t0","t0 again","t20"]



=== TEST 2: arguments, this, and delays of all kinds
--- user_files
>>> w.js
const after = (...delay) => new Promise((done) => setTimeout(
    function (...args) { done([args, this === globalThis]); },
    ...delay));
export default { async fetch() {
    return Response.json(await Promise.all([
        after(1, "x", 2), after(), after(-5, 1), after(NaN), after("3", 2),
        after(null), after({ valueOf: () => 2 }, 3),
    ]));
} };
--- response_body chomp
[[["x",2],true],[[],true],[[1],true],[[],true],[[2],true],[[],true],[[3],true]]



=== TEST 3: cleared timers do not fire
--- user_files
>>> w.js
export default { async fetch() {
    const log = [];
    const a = setTimeout(() => log.push("a"), 1);
    const b = setTimeout(() => log.push("b"), 0);
    const c = setTimeout(() => { clearTimeout(d); log.push("c"); }, 2);
    const d = setTimeout(() => log.push("d"), 30);
    clearTimeout(a);
    clearInterval(b);
    clearTimeout(undefined);
    clearTimeout(null);
    clearTimeout(999999);
    clearTimeout("no number");
    await scheduler.wait(60);
    clearTimeout(c);
    return Response.json([log, typeof a, a > 0, b > a]);
} };
--- response_body chomp
[["c"],"number",true,true]



=== TEST 4: an interval runs until it is cleared, from inside or outside
--- user_files
>>> w.js
export default { async fetch() {
    let n = 0, m = 0;
    await new Promise((done) => {
        const id = setInterval((x) => {
            n += x;
            if (n === 6) { clearInterval(id); done(); }
        }, 2, 2);
    });
    const id = setInterval(() => m++, 0);
    await scheduler.wait(20);
    clearInterval(id);
    const seen = m;
    await scheduler.wait(20);
    return Response.json([n, seen > 1, m === seen]);
} };
--- response_body chomp
[6,true,true]



=== TEST 5: no timer is early
--- user_files
>>> w.js
export default { async fetch() {
    const early = [];
    for (let i = 1; i < 12; i++) {
        const start = Date.now();
        while (Date.now() - start < 3) {}
        const from = Date.now();
        await scheduler.wait(i);
        if (Date.now() - from < i) early.push(i);
    }
    return Response.json(early);
} };
--- response_body chomp
[]



=== TEST 6: what is wrong, with the platform's texts
--- user_files
>>> w.js
const text = (f) => { try { f(); } catch (e) { return `${e.name}: ${e.message}`; } };
export default { async fetch() {
    return new Response([
        text(() => setTimeout("code", 1)),
        text(() => setInterval()),
        text(() => queueMicrotask("code")),
        text(() => setTimeout(() => {}, Symbol())).slice(0, 9),
        await scheduler.wait().catch((e) => e.message),
        await scheduler.wait.call({}, 1).catch((e) => e.message.slice(0, 18)),
    ].join("\n"));
} };
--- response_body chomp
TypeError: Failed to execute 'setTimeout' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.
TypeError: Failed to execute 'setInterval' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.
TypeError: Failed to execute 'queueMicrotask' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.
TypeError
Failed to execute 'wait' on 'Scheduler': parameter 1 is not of type 'number'.
Illegal invocation



=== TEST 7: 10000 timers at a time
--- user_files
>>> w.js
export default { async fetch() {
    const ids = [setTimeout(() => {}), setTimeout(() => {})];
    await scheduler.wait(5);
    let error;
    try {
        for (;;) ids.push(setTimeout(() => {}, 100000));
    } catch (e) {
        error = `${e.name}: ${e.message}`;
    }
    ids.forEach(clearTimeout);
    setTimeout(() => {}, 1);
    return new Response(`${ids.length} ${error}`);
} };
--- response_body chomp
10002 QuotaExceededError: You have exceeded the number of active timeouts you may set. max active timeouts: 10000, current active timeouts: 10000, finished timeouts: 3



=== TEST 8: scheduler.wait() with a signal
--- user_files
>>> w.js
export default { async fetch() {
    const c = new AbortController();
    setTimeout(() => c.abort(), 5);
    const start = Date.now();
    const error = await scheduler.wait(5000, { signal: c.signal })
                                 .catch((e) => e.name);
    return Response.json([
        error, Date.now() - start < 2000,
        await scheduler.wait(1, { signal: AbortSignal.abort("why") })
                       .catch((e) => `${e.constructor.name} ${e.message}`),
        await scheduler.wait(1, { signal: new AbortController().signal }),
        await scheduler.wait(1, { signal: 5 }).catch((e) => e.name),
    ]);
} };
--- response_body chomp
["AbortError",true,"Error why",null,"TypeError"]



=== TEST 9: an exception in a timer or microtask is logged, and the rest goes on
--- user_files
>>> w.js
export default { async fetch() {
    const log = [];
    setTimeout(() => { throw new Error("from a timer"); }, 1);
    setTimeout(() => log.push("next timer"), 1);
    queueMicrotask(() => { throw new Error("from a microtask"); });
    queueMicrotask(() => log.push("next microtask"));
    await scheduler.wait(20);
    return Response.json(log);
} };
--- response_body chomp
["next microtask","next timer"]
--- error_log
from a timer
from a microtask
--- no_error_log
[alert]
[crit]



=== TEST 10: timers of an invocation that has ended never fire
--- user_files
>>> w.js
let fired = 0;
export default { async fetch(request) {
    if (request.method === "POST") {
        setTimeout(() => { fired++; }, 20);
        setInterval(() => { fired++; }, 1);
        return new Response("set");
    }
    await scheduler.wait(60);
    return new Response(String(fired));
} };
--- pipelined_requests eval
["POST /", "GET /"]
--- response_body eval
["set", "0"]



=== TEST 11: waitUntil() keeps timers running after the response
--- user_files
>>> w.js
let fired = 0;
export default { async fetch(request, env, ctx) {
    if (request.method === "POST") {
        ctx.waitUntil(new Promise((done) => setTimeout(() => {
            fired++;
            done();
        }, 20)));
        return new Response("set");
    }
    await scheduler.wait(60);
    return new Response(String(fired));
} };
--- pipelined_requests eval
["POST /", "GET /"]
--- response_body eval
["set", "1"]



=== TEST 12: timers without delay leave the event loop its turn
--- user_files
>>> w.js
let stop = false;
export default { async fetch(request) {
    if (request.url.endsWith("/stop")) {
        stop = true;
        return new Response("stopped");
    }
    let n = 0;
    await new Promise((done) => {
        const start = Date.now();
        (function again() {
            n++;
            if (stop || Date.now() - start > 5000) done();
            else setTimeout(again, 0);
        })();
    });
    return new Response(`${stop} ${n > 1}`);
} };
--- config
    location / { workers_pass w; }
    location = /both {
        mirror /stop;
        workers_pass w;
    }
    location = /stop {
        internal;
        workers_pass w;
    }
--- request
GET /both
--- response_body chomp
true true
