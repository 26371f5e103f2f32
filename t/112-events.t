# Copyright (C) the nginx-workers authors
#
# Events, AbortSignal, MessageChannel, and the events of service-worker syntax.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: dispatch
--- user_files
>>> w.js
export default { fetch() {
    const t = new EventTarget(), log = [];
    t.addEventListener("a", function (e) {
        log.push([e.type, e.target === t, e.currentTarget === t, this === t,
                  e.eventPhase, e.composedPath().length, e.isTrusted]);
    });
    const e = new Event("a");
    const result = t.dispatchEvent(e);
    log.push([result, e.target === t, e.currentTarget === t, e.eventPhase]);
    t.dispatchEvent(e);
    return Response.json(log);
} };
--- response_body chomp
[["a",true,true,true,2,1,false],[true,true,true,0],["a",true,true,true,2,1,false]]



=== TEST 2: once, duplicates, removal, objects, null
--- user_files
>>> w.js
const count = (setup) => {
    const t = new EventTarget(), log = [];
    setup(t, log);
    t.dispatchEvent(new Event("a"));
    t.dispatchEvent(new Event("a"));
    return log.join("");
};
export default { fetch() {
    return Response.json([
        count((t, l) => t.addEventListener("a", () => l.push(1), { once: true })),
        count((t, l) => {
            const f = () => l.push(1);
            t.addEventListener("a", f);
        }),
        count((t, l) => {
            const f = () => l.push(1);
            t.addEventListener("a", () => t.removeEventListener("a", f));
            t.addEventListener("a", f);
        }),
        count((t, l) => t.addEventListener("a", {
            n: 3, handleEvent() { l.push(this.n); },
        })),
        count((t) => t.addEventListener("a", null)),
        count((t, l) => {
            t.addEventListener("a", (e) => {
                l.push(1);
                e.stopImmediatePropagation();
            });
            t.addEventListener("a", () => l.push(2));
        }),
        count((t, l) => {
            const c = new AbortController();
            t.addEventListener("a", () => { l.push(1); c.abort(); },
                               { signal: c.signal });
        }),
    ]);
} };
--- response_body chomp
["1","11","","33","","11","1"]



=== TEST 3: what a listener throws ends the dispatch and comes out of it
--- user_files
>>> w.js
export default { fetch() {
    const t = new EventTarget();
    let n = 0;
    t.addEventListener("a", () => { throw new Error("from a listener"); });
    t.addEventListener("a", () => n++);
    let thrown;
    try { t.dispatchEvent(new Event("a")); } catch (e) { thrown = e.message; }
    return Response.json([thrown, n]);
} };
--- response_body chomp
["from a listener",0]



=== TEST 4: kinds of events
--- user_files
>>> w.js
export default { fetch() {
    const c = new CustomEvent("c", { detail: { x: 1 }, bubbles: true });
    const m = new MessageEvent("message", { data: [1], lastEventId: "7" });
    const e = new ErrorEvent("error", { message: "m", error: 7, lineno: 3 });
    const x = new CloseEvent("close", { code: 1001, reason: "r",
                                        wasClean: true });
    return Response.json([
        c.detail, c.bubbles, c.cancelable, c instanceof Event, String(c),
        m.data, m.lastEventId, m.origin, m.source, m.ports,
        e.message, e.error, e.lineno, x.code, x.reason, x.wasClean,
        Event.AT_TARGET, Object.keys(Event.prototype).includes("type"),
    ]);
} };
--- response_body eval
'[{"x":1},true,false,true,"[object CustomEvent]",[1],"7",null,null,[],"m",7,3,'
. '1001,"r",true,2,true]'



=== TEST 5: what is wrong
--- user_files
>>> w.js
const name = (f) => { try { f(); } catch (e) { return e.name; } };
export default { fetch() {
    const t = new EventTarget();
    let nested;
    t.addEventListener("a", (e) => { nested = name(() => t.dispatchEvent(e)); });
    t.dispatchEvent(new Event("a"));
    return Response.json([
        nested, name(() => new Event()), name(() => t.dispatchEvent({})),
        name(() => t.addEventListener("a")),
        name(() => t.addEventListener("a", 5)),
        name(() => t.addEventListener("a", () => {}, { signal: {} })),
        name(() => EventTarget.prototype.dispatchEvent.call({}, new Event("a"))),
        name(() => t.addEventListener("a", () => {}, true)),
        name(() => t.addEventListener("a", () => {}, { passive: true })),
        name(() => t.addEventListener("a", {})),
        name(() => new AbortSignal()), name(() => AbortSignal.timeout()),
        name(() => AbortSignal.any([{}])), name(() => new MessagePort()),
        name(() => new FetchEvent("fetch")),
        name(() => new PromiseRejectionEvent("x")),
    ]);
} };
--- response_body eval
'["InvalidStateError",' . '"TypeError",' x 14 . '"TypeError"]'



=== TEST 6: AbortController and AbortSignal
--- user_files
>>> w.js
export default { async fetch() {
    const c = new AbortController(), log = [];
    c.signal.addEventListener("abort", (e) => log.push(e.type, e.isTrusted));
    c.signal.onabort = () => log.push("on");
    c.signal.throwIfAborted();
    c.abort();
    c.abort("again");
    let thrown;
    try { c.signal.throwIfAborted(); } catch (e) { thrown = e; }
    const timeout = AbortSignal.timeout(5);
    const before = timeout.aborted;
    await new Promise((done) => timeout.addEventListener("abort", done));
    return Response.json([
        log, c.signal.aborted, thrown === c.signal.reason, thrown.name,
        thrown.message, AbortSignal.abort("x").reason,
        before, timeout.reason.name, timeout.reason.message,
    ]);
} };
--- response_body eval
'[["on","abort",true],true,true,"AbortError","The operation was aborted","x",'
. 'false,"TimeoutError","The operation was aborted due to timeout"]'



=== TEST 7: AbortSignal.any()
--- user_files
>>> w.js
export default { fetch() {
    const a = new AbortController(), b = new AbortController();
    const one = AbortSignal.any([a.signal, b.signal]);
    const two = AbortSignal.any([one]);
    const log = [];
    two.addEventListener("abort", () => log.push("two"));
    one.onabort = () => log.push("one");
    b.signal.addEventListener("abort", () => log.push("b"));
    b.abort("second");
    a.abort("late");
    return Response.json([
        log, one.reason, two.reason,
        AbortSignal.any([AbortSignal.abort("early"), a.signal]).reason,
        AbortSignal.any([]).aborted,
    ]);
} };
--- response_body chomp
[["one","two","b"],"second","second","early",false]



=== TEST 8: a signal that lives long does not gather those of any()
--- user_files
>>> w.js
const forever = new AbortController();
let collected = 0;
const registry = new FinalizationRegistry(() => collected++);
export default { async fetch() {
    for (let i = 0; i < 1000; i++) {
        registry.register(AbortSignal.any([forever.signal]), i);
    }
    let fired = 0;
    AbortSignal.any([forever.signal])
               .addEventListener("abort", () => fired++);
    await scheduler.wait(1);
    const n = collected;
    forever.abort();
    return Response.json([n, fired]);
} };
--- response_body chomp
[1000,1]



=== TEST 9: MessageChannel
--- user_files
>>> w.js
export default { async fetch() {
    const { port1, port2 } = new MessageChannel(), log = [];
    port1.postMessage({ m: 1 });
    port2.addEventListener("message", (e) => log.push(e.data));
    await null;
    log.push("not started");
    port2.start();
    const object = { n: 2 };
    port1.postMessage(object);
    object.n = 3;
    await scheduler.wait(1);
    port2.onclose = () => log.push("close 2");
    port1.onclose = () => log.push("close 1");
    port1.close();
    port1.postMessage("lost");
    await scheduler.wait(1);
    const back = new MessageChannel();
    const answer = new Promise((done) => {
        back.port1.onmessage = (e) => done(e.data);
    });
    back.port2.postMessage("back");
    let error;
    try { back.port1.postMessage(() => {}); } catch (e) { error = e.name; }
    return Response.json([log, await answer, error]);
} };
--- response_body chomp
[["not started",{"m":1},{"n":2},"close 2","close 1"],"back","DataCloneError"]



=== TEST 10: the global object is an event target
--- user_files
>>> w.js
export default { fetch() {
    const log = [];
    const f = (e) => log.push(e.target === globalThis);
    addEventListener("x", f);
    self.addEventListener("x", f);
    dispatchEvent(new Event("x"));
    removeEventListener("x", f);
    globalThis.dispatchEvent(new Event("x"));
    return Response.json(log);
} };
--- response_body chomp
[true]



=== TEST 11: reportError() goes to listeners of "error", and to the log
--- user_files
>>> w.js
const seen = [];
addEventListener("error", (e) => {
    seen.push([e.message, e.error?.name ?? e.error]);
    if (e.error?.message === "kept") e.preventDefault();
});
export default { async fetch() {
    reportError(new RangeError("told"));
    reportError(new Error("kept"));
    reportError("text");
    setTimeout(() => { throw new TypeError("timer"); }, 0);
    await scheduler.wait(5);
    return Response.json(seen);
} };
--- response_body chomp
[["Uncaught RangeError: told","RangeError"],["Uncaught Error: kept","Error"],["Uncaught text","text"]]
--- error_log
RangeError: told
TypeError: timer
--- no_error_log
kept
[alert]



=== TEST 12: service-worker syntax
--- script
        var A one;
--- user_files
>>> w.js
addEventListener("fetch", (event) => {
    event.waitUntil(Promise.resolve());
    event.respondWith(respond(event));
});
async function respond(event) {
    await scheduler.wait(1);
    return new Response([
        event.type, new URL(event.request.url).pathname,
        event instanceof FetchEvent, event instanceof ExtendableEvent, A,
    ].join(" "));
}
--- request
GET /path
--- response_body chomp
fetch /path true true one



=== TEST 13: respondWith() is called once, and in time
--- user_files
>>> w.js
addEventListener("fetch", (event) => {
    const log = [];
    const attempt = () => {
        try {
            event.respondWith(new Response("another"));
        } catch (e) {
            log.push(`${e.name}: ${e.message}`);
        }
    };
    event.respondWith(scheduler.wait(1).then(() => {
        attempt();
        return new Response(log.join("\n"));
    }));
    attempt();
});
addEventListener("fetch", () => { throw new Error("not called"); });
--- response_body chomp
InvalidStateError: FetchEvent.respondWith() has already been called; it can only be called once.
InvalidStateError: FetchEvent.respondWith() has already been called; it can only be called once.



=== TEST 14: respondWith() too late, or never
--- user_files
>>> w.js
addEventListener("fetch", (event) => {
    setTimeout(() => {
        try {
            event.respondWith(new Response("late"));
        } catch (e) {
            console.log(e.name, e.message);
        }
    }, 1);
    event.waitUntil(scheduler.wait(20));
});
--- error_code: 500
--- error_log
InvalidStateError Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.
No listener of the fetch event has called respondWith().
--- wait: 0.1



=== TEST 15: a fetch listener that throws
--- user_files
>>> w.js
addEventListener("fetch", () => { throw new Error("from the listener"); });
--- error_code: 500
--- error_log
from the listener



=== TEST 16: request.signal is aborted when the client goes away
--- user_files
>>> w.js
let reason;
export default { async fetch(request, env, ctx) {
    if (request.method === "POST") {
        ctx.waitUntil(new Promise((done) => {
            request.signal.onabort = () => {
                reason = request.signal.reason.name;
                done();
            };
        }));
        await scheduler.wait(5000);
    }
    return new Response(String(reason));
} };
--- config
    location / { workers_pass w; }
    location = /leave {
        proxy_read_timeout 100ms;
        proxy_method POST;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
        error_page 504 =200 /after;
    }
    location = /after {
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
    }
--- request
GET /leave
--- response_body chomp
AbortError
--- error_log
upstream timed out
--- no_error_log
[alert]



=== TEST 17: on<type> of any target is called first
--- user_files
>>> w.js
export default { fetch() {
    const log = [];
    class T extends EventTarget { onb() { log.push("not an own property"); } }
    const t = new T();
    t.addEventListener("a", () => log.push("listener"));
    t.ona = function (e) { log.push(this === t, e.type); };
    t.dispatchEvent(new Event("a"));
    t.ona = (e) => e.stopImmediatePropagation();
    t.dispatchEvent(new Event("a"));
    t.ona = 5;
    t.dispatchEvent(new Event("a"));
    t.dispatchEvent(new Event("b"));
    globalThis.onc = () => log.push("global");
    dispatchEvent(new Event("c"));
    return Response.json(log);
} };
--- response_body chomp
[true,"a","listener","listener","global"]



=== TEST 18: a listener that returns true prevents the default
--- user_files
>>> w.js
export default { fetch() {
    const t = new EventTarget();
    t.addEventListener("a", () => true);
    t.addEventListener("b", () => 1);
    return Response.json([t.dispatchEvent(new Event("a")),
                          t.dispatchEvent(new Event("b"))]);
} };
--- response_body chomp
[false,true]



=== TEST 19: an event before and after its dispatch
--- user_files
>>> w.js
export default { fetch() {
    const t = new EventTarget(), e = new Event("a");
    const state = () => [e.target === t, e.currentTarget === t, e.eventPhase,
                         e.composedPath().length];
    const before = [e.target, e.currentTarget, e.srcElement].map(String);
    t.addEventListener("a", () => { throw new Error("x"); }, { once: true });
    try { t.dispatchEvent(e); } catch {}
    const thrown = state();
    return Response.json([before, thrown, t.dispatchEvent(e), state()]);
} };
--- response_body chomp
[["undefined","undefined","undefined"],[true,true,0,0],true,[true,true,0,0]]



=== TEST 20: rejectionhandled comes when a reported rejection is handled
--- user_files
>>> w.js
const log = [];
addEventListener("unhandledrejection", (e) => {
    log.push(e.reason);
    e.preventDefault();
});
addEventListener("rejectionhandled", (e) => {
    log.push(e.type, e.promise instanceof Promise, e.reason ?? "no reason");
    e.promise.catch(() => {});
});
export default { async fetch() {
    const late = Promise.reject("late");
    await scheduler.wait(1);
    late.catch(() => {});
    const soon = Promise.reject("soon");
    soon.catch(() => {});
    await scheduler.wait(1);
    return Response.json(log);
} };
--- response_body chomp
["late","rejectionhandled",true,"no reason"]



=== TEST 21: what a listener of a port throws is logged only
--- user_files
>>> w.js
const log = [];
addEventListener("error", (e) => log.push(e.message));
export default { async fetch() {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = (e) => { log.push(e.data); throw new Error("in a port"); };
    port1.postMessage(1);
    port1.postMessage(2);
    await scheduler.wait(1);
    return Response.json(log);
} };
--- response_body chomp
[1,2]
--- error_log
Error: in a port
--- no_error_log
[alert]



=== TEST 22: AbortSignal.timeout() with delays of all kinds
--- user_files
>>> w.js
export default { async fetch() {
    const signals = [-1, NaN, "x", null, "2"].map((d) => AbortSignal.timeout(d));
    const never = AbortSignal.timeout(Infinity);
    await scheduler.wait(30);
    return Response.json([signals.map((s) => s.aborted), never.aborted]);
} };
--- response_body chomp
[[true,true,true,true,true],false]
