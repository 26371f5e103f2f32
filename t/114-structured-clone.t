# Copyright (C) the nginx-workers authors
#
# structuredClone().

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: primitives and their objects
--- user_files
>>> w.js
const c = structuredClone;
export default { fetch() {
    return Response.json([
        c(1), c("s"), c(null), c(undefined) === undefined, c(true),
        c(10n) === 10n, Object.is(c(-0), -0), Number.isNaN(c(NaN)),
        typeof c(Object(1)), c(new String("ab")).valueOf(),
        c(Object(5n)).valueOf() === 5n, c(new Boolean(false)).valueOf(),
    ]);
} };
--- response_body chomp
[1,"s",null,true,true,true,true,true,"object","ab",true,false]



=== TEST 2: dates, regular expressions, maps, sets, arrays
--- user_files
>>> w.js
const c = structuredClone;
export default { fetch() {
    const r = /a\/b+/giu;
    r.lastIndex = 3;
    const d = c(r);
    const map = new Map();
    map.set("self", map).set(new Set([map]), [1, , 3]);
    const m = c(map);
    const [, [set, array]] = [...m];
    const list = Object.assign([1], { extra: 2 });
    return Response.json([
        c(new Date(5)), Number.isNaN(c(new Date(NaN)).getTime()),
        d.source, d.flags, d.lastIndex,
        m.get("self") === m, set instanceof Set, set.has(m),
        array.length, 1 in array, c(list).extra, c(list).length,
    ]);
} };
--- response_body eval
'["1970-01-01T00:00:00.005Z",true,"a\\\\/b+","giu",0,true,true,true,3,false,2,1]'



=== TEST 3: buffers and views share as they did
--- user_files
>>> w.js
export default { fetch() {
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    const c = structuredClone({
        buffer, words: new Uint16Array(buffer, 2, 2),
        view: new DataView(buffer, 1, 3), empty: new Float16Array(),
    });
    return Response.json([
        c.buffer !== buffer, c.words.buffer === c.buffer,
        c.view.buffer === c.buffer, c.words.byteOffset, c.words.length,
        c.view.byteOffset, c.view.byteLength, [...new Uint8Array(c.buffer)],
        c.empty.constructor.name,
    ]);
} };
--- response_body chomp
[true,true,true,2,2,1,3,[1,2,3,4,5,6,7,8],"Float16Array"]



=== TEST 4: objects lose their class, getters become values
--- user_files
>>> w.js
class A { x = 1; #y = 2; m() {} get z() { return 3; } }
export default { fetch() {
    const o = { get g() { return 4; }, [Symbol("s")]: 5 };
    Object.defineProperty(o, "hidden", { value: 6 });
    const cycle = { a: 1 };
    cycle.self = cycle;
    const d = structuredClone(cycle), x = {}, pair = structuredClone([x, x]);
    const none = Object.assign(Object.create(null), { n: 1 });
    return Response.json([
        structuredClone(new A()), structuredClone(new A()) instanceof A,
        structuredClone(o), d !== cycle && d.self === d, pair[0] === pair[1],
        Object.getPrototypeOf(structuredClone(none)) === Object.prototype,
    ]);
} };
--- response_body chomp
[{"x":1},false,{"g":4},true,true,true]



=== TEST 5: errors
--- user_files
>>> w.js
export default { fetch() {
    const e = new RangeError("m", { cause: { why: 1 } });
    e.extra = 1;
    const c = structuredClone(e);
    class Mine extends Error { name = "Mine"; }
    const d = structuredClone(new DOMException("m", "AbortError"));
    return Response.json([
        c instanceof RangeError, c.name, c.message, c.stack === e.stack,
        c.cause, c.extra, structuredClone(new EvalError("e")).name,
        structuredClone(new Mine("mine")).constructor === Error,
        Object.hasOwn(structuredClone(new Error()), "message"),
        d instanceof DOMException, d.name, d.code,
    ]);
} };
--- response_body eval
'[true,"RangeError","m",true,{"why":1},null,"EvalError",true,false,true,'
. '"AbortError",20]'



=== TEST 6: transfer
--- user_files
>>> w.js
const name = (f) => { try { f(); } catch (e) { return e.name; } };
export default { fetch() {
    const a = new Uint8Array([1, 2, 3]);
    const c = structuredClone(a, { transfer: [a.buffer] });
    const kept = new ArrayBuffer(4);
    const unused = new ArrayBuffer(4);
    structuredClone(1, { transfer: [unused] });
    return Response.json([
        a.byteLength, [...c],
        name(() => structuredClone([kept, () => 1], { transfer: [kept] })),
        kept.byteLength, unused.byteLength,
        name(() => structuredClone(kept, { transfer: [kept, kept] })),
        name(() => structuredClone(a.buffer)),
        name(() => structuredClone(1, { transfer: [a.buffer] })),
        name(() => structuredClone(1, { transfer: [{}] })),
        name(() => structuredClone(1, { transfer: new Set() })),
        name(() => structuredClone(1, { transfer: null })),
        name(() => structuredClone(1, 5)),
    ]);
} };
--- response_body eval
'[0,[1,2,3],"DataCloneError",4,0,' . '"DataCloneError",' x 3
. '"TypeError","TypeError","TypeError","TypeError"]'



=== TEST 7: what cannot be cloned
--- user_files
>>> w.js
const text = (v) => {
    try {
        structuredClone(v);
    } catch (e) {
        return e instanceof DOMException && e.code === 25 && e.message;
    }
};
export default { fetch(request) {
    return new Response([
        text(Symbol("x")), text({ a: [Symbol()] }), text(Promise.resolve()),
        text(new WeakMap()), text(new Proxy({}, {})), text(Object(Symbol())),
        text([new URL("http://x/")]), text(navigator), text(new Event("x")),
        text([new File([], "f")]), text(new (class E extends EventTarget {})()),
        text(new MessageChannel().port1), text(new ReadableStream()),
        text((function () { return arguments; })()), text(() => 1),
    ].join("\n"));
} };
--- response_body chomp
Symbol(x) could not be cloned.
Symbol() could not be cloned.
#<Promise> could not be cloned.
#<WeakMap> could not be cloned.
#<Object> could not be cloned.
#<Symbol> could not be cloned.
Could not serialize object of type "URL". This type does not support serialization.
Could not serialize object of type "Navigator". This type does not support serialization.
Could not serialize object of type "Event". This type does not support serialization.
Could not serialize object of type "File". This type does not support serialization.
Could not serialize object of type "EventTarget". This type does not support serialization.
Could not serialize object of type "MessagePort". This type does not support serialization.
ReadableStream can only be serialized for RPC.
#<Arguments> could not be cloned.
() => 1 could not be cloned.



=== TEST 8: depth and size have no limit but memory
--- user_files
>>> w.js
export default { fetch() {
    let deep = {};
    const root = deep;
    for (let i = 0; i < 100000; i++) deep = deep.next = {};
    let c = structuredClone(root), n = 0;
    while ((c = c.next) !== undefined) n++;
    const wide = Array.from({ length: 20000 }, (_, i) => ({ i }));
    wide.push(wide[7]);
    const w = structuredClone(wide);
    return Response.json([n, w.length, w[20000] === w[7], w[19999].i]);
} };
--- response_body chomp
[100000,20001,true,19999]



=== TEST 9: a getter's exception comes through
--- user_files
>>> w.js
export default { fetch() {
    try {
        structuredClone({ get x() { throw new RangeError("mine"); } });
    } catch (e) {
        return new Response(`${e.name}: ${e.message}`);
    }
} };
--- response_body chomp
RangeError: mine



=== TEST 10: platform objects: Blob and Headers
--- user_files
>>> w.js
export default { async fetch() {
    const { b, h } = structuredClone({
        b: new Blob(["hey"], { type: "text/x" }),
        h: new Headers({ a: "1" }),
    });
    return Response.json([
        b instanceof Blob, b.size, b.type, await b.text(),
        h instanceof Headers, [...h],
    ]);
} };
--- response_body chomp
[true,3,"text/x","hey",true,[["a","1"]]]



=== TEST 11: resizable buffers stay resizable, views of them follow
--- user_files
>>> w.js
const name = (f) => { try { f(); } catch (e) { return e.name; } };
export default { fetch() {
    const b = new ArrayBuffer(4, { maxByteLength: 8 });
    new Uint8Array(b).set([1, 2, 3, 4]);
    const [all, part] = structuredClone([new Uint8Array(b),
                                         new Uint8Array(b, 1, 2)]);
    const same = all.buffer === part.buffer;
    all.buffer.resize(6);
    const moved = structuredClone(b, { transfer: [b] });
    const view = new Uint8Array(moved, 2, 2);
    moved.resize(3);
    return Response.json([
        same, [...all], [...part], moved.resizable, moved.maxByteLength,
        b.detached, name(() => structuredClone(view)),
    ]);
} };
--- response_body chomp
[true,[1,2,3,4,0,0],[2,3],true,8,true,"DataCloneError"]



=== TEST 12: errors keep name and properties from 2026-04-21 on
--- script
        compatibility_date 2026-04-21;
--- user_files
>>> w.js
export default { fetch() {
    class Mine extends TypeError {}
    const e = Object.assign(new Mine("m", { cause: { a: 1 } }),
                            { name: "Mine", code: "E1" });
    const c = structuredClone(e);
    const all = structuredClone(new AggregateError([new RangeError("r")], "m"));
    const empty = structuredClone(new Error());
    return Response.json([
        c.name, c.constructor.name, c.message, c.code, c.cause,
        all.name, all instanceof AggregateError, all.errors[0].name,
        Object.hasOwn(empty, "message"),
    ]);
} };
--- response_body chomp
["Mine","Error","m","E1",{"a":1},"AggregateError",true,"RangeError",true]



=== TEST 13: ... and only message, cause and class before
--- script
        compatibility_date 2026-04-20;
--- user_files
>>> w.js
export default { fetch() {
    const e = Object.assign(new TypeError("m", { cause: 1 }), { code: "E1" });
    const c = structuredClone(e);
    return Response.json([
        c.name, c.code, c.cause, Object.hasOwn(structuredClone(new Error()),
                                               "message"),
        structuredClone(new AggregateError([], "m")).constructor.name,
    ]);
} };
--- response_body chomp
["TypeError",null,1,false,"Error"]



=== TEST 14: what a getter deletes or adds
--- user_files
>>> w.js
export default { fetch() {
    const o = { get a() { delete this.b; this.d = 4; return 1; }, b: 2,
                c: undefined };
    return Response.json(Object.keys(structuredClone(o)));
} };
--- response_body chomp
["a","c"]



=== TEST 15: prototypes are looked at without running code
--- user_files
>>> w.js
export default { fetch() {
    let asked = 0;
    const endless = () => new Proxy({}, {
        getPrototypeOf() { asked++; return endless(); },
    });
    const o = Object.create(endless(), { a: { value: 1, enumerable: true } });
    return Response.json([structuredClone(o), asked]);
} };
--- response_body chomp
[{"a":1},0]



=== TEST 16: a Request or Response without a body is cloned, one with a body is not
--- user_files
>>> w.js
const text = (v) => { try { return structuredClone(v); } catch (e) { return `${e.name}: ${e.message}`; } };
export default { fetch(request) {
    const { r, s } = structuredClone({
        r: new Request("http://x/a?b", { method: "PUT", headers: { a: "b" }, redirect: "manual" }),
        s: new Response(null, { status: 299, statusText: "fine", headers: [["set-cookie", "a"], ["set-cookie", "b"]] }),
    });
    return Response.json([
        r instanceof Request, r.url, r.method, r.redirect, r.body, [...r.headers],
        s instanceof Response, s.status, s.statusText, s.headers.getSetCookie(),
        structuredClone(request).url === request.url,
        structuredClone(Response.error()).type,
        text(new Response("x")),
        text(new Request("http://x/", { method: "POST", body: "x" })),
        text(new Request("http://x/", { signal: AbortSignal.abort() })),
        text(new ReadableStream()), text(new WritableStream()),
    ]);
} };
--- response_body chomp
[true,"http://x/a?b","PUT","manual",null,[["a","b"]],true,299,"fine",["a","b"],true,"error","DataCloneError: ReadableStream can only be serialized for RPC.","DataCloneError: ReadableStream can only be serialized for RPC.","DataCloneError: AbortSignal serialization is not enabled.","DataCloneError: ReadableStream can only be serialized for RPC.","DataCloneError: WritableStream can only be serialized for RPC."]
