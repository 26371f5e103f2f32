# Copyright (C) the nginx-workers authors
#
# Error objects and functions as the platform's engine shows them.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: a stack begins with name and message
--- user_files
>>> w.js
const first = (e) => e.stack.split("\n")[0];
class Named extends Error { get name() { return "Mine"; } }
class Renamed extends TypeError { constructor(m) { super(m); this.name = "R"; } }
export default { fetch() {
    const caught = [];
    try { null.x; } catch (e) { caught.push(first(e).slice(0, 10)); }
    return Response.json([
        first(new TypeError("boo")), first(new Error()), first(new Named("n")),
        first(new Renamed("r")), caught,
        /^    at \S.*w\.js:\d+:\d+\)$/.test(new Error().stack.split("\n")[1]),
        new Error("x").stack.endsWith("\n"),
    ]);
} };
--- response_body chomp
["TypeError: boo","Error","Mine: n","TypeError: r",["TypeError:"],true,false]



=== TEST 2: a stack is an own property, not enumerable
--- user_files
>>> w.js
export default { fetch() {
    const own = (e) => Object.getOwnPropertyNames(e);
    const e = Object.assign(new Error("m", { cause: 1 }), { code: 5 });
    const text = JSON.parse(JSON.stringify(e, own(e)));
    const d = Object.getOwnPropertyDescriptor(new Error("m"), "stack");
    const set = new Error("m");
    set.stack = "mine";
    const gone = new Error("m");
    gone.stack = undefined;
    return Response.json([
        own(e), own(new AggregateError([], "m")), Object.keys(e),
        text.stack.slice(0, 8), text.message,
        [typeof d.value, d.enumerable, d.writable, d.configurable],
        Reflect.ownKeys(new Error("m")),
        set.stack, Object.keys(set), String(gone.stack),
        own(Object.freeze(new Error("m"))), own({ a: 1 }), own("ab"),
    ]);
} };
--- response_body chomp
[["stack","message","cause","code"],["stack","message","errors"],["code"],"Error: m","m",["string",false,true,true],["stack","message"],"mine",[],"undefined",["message"],["a"],["0","1","length"]]



=== TEST 3: Error.captureStackTrace() and what libraries do with call sites
--- user_files
>>> w.js
function where() {
    const prepare = Error.prepareStackTrace;
    Error.prepareStackTrace = (error, sites) => sites;
    const holder = {};
    Error.captureStackTrace(holder);
    const site = holder.stack[0];
    Error.prepareStackTrace = prepare;
    return [site.getFunctionName(), site.isEval(), site.isNative(),
            site.getTypeName(), site.isToplevel(), site.getThis() === undefined,
            /^where \(w\.js:\d+:\d+\)$/.test(site.toString())];
}
function make() {
    const o = { name: "N", message: "M" };
    Error.captureStackTrace(o, make);
    return o.stack.split("\n");
}
class Mine extends Error {
    constructor(m) { super(m); Error.captureStackTrace(this, Mine); }
}
export default { fetch() {
    let error;
    try { Error.captureStackTrace(5); } catch (e) { error = e.name; }
    Error.prepareStackTrace = () => "prepared";
    const prepared = new Error("x").stack;
    Error.prepareStackTrace = undefined;
    const stack = make();
    return Response.json([
        where(), stack[0], stack[1].includes("make"),
        new Mine("m").stack.split("\n")[0], error, prepared,
    ]);
} };
--- response_body chomp
[["where",false,false,null,true,true,true],"N: M",false,"Error: m","TypeError","prepared"]



=== TEST 4: an error whose properties throw has a stack nevertheless
--- user_files
>>> w.js
export default { fetch() {
    class Broken extends Error {
        get name() { throw new Error("name"); }
        get message() { throw new Error("message"); }
    }
    const e = new Broken();
    console.log(e);
    return Response.json([e.stack.split("\n")[0],
                          Object.getOwnPropertyNames(e)]);
} };
--- response_body chomp
["Error",["stack"]]



=== TEST 5: functions have their source
--- user_files
>>> w.js
import { imported } from "./lib.js";
const all = [
    function named(a, b = ")") { return /[}/]}/.test(a) ? `${{ b }}}` : '}'; },
    (a, b) => a / b / 2, async (x) => ({ x }), x => x ? y => 1 : z => 2,
    function* () { yield* [1]; }, async function* gen() {},
    class A extends (class B { y() {} }) { #p = 1; static { } constructor() { super(); } },
    class {}, { method(a) { return "é"; } }.method, { get x() { return 1; } },
    { async *[`a${1}`]() {} }.a1, imported,
];
const asi = (a) => a
    .b
const after = 1;
[1].forEach((e) => all.push((q) => q, asi));
export default { fetch() {
    all[9] = Object.getOwnPropertyDescriptor(all[9], "x").get;
    return new Response(all.map(String).join("\n"));
} };
>>> lib.js
/* é } */ export function imported() { /* } */ }
--- response_body chomp
function named(a, b = ")") { return /[}/]}/.test(a) ? `${{ b }}}` : '}'; }
(a, b) => a / b / 2
async (x) => ({ x })
x => x ? y => 1 : z => 2
function* () { yield* [1]; }
async function* gen() {}
class A extends (class B { y() {} }) { #p = 1; static { } constructor() { super(); } }
class {}
method(a) { return "é"; }
get x() { return 1; }
async *[`a${1}`]() {}
function imported() { /* } */ }
(q) => q
(a) => a
    .b



=== TEST 6: functions of the platform have none
--- user_files
>>> w.js
export default { fetch() {
    let error;
    try { Function.prototype.toString.call({}); } catch (e) { error = e.name; }
    return Response.json([
        Math.max, Response, Event, (() => 1).bind(), Function.prototype,
        new EventTarget().dispatchEvent,
    ].map(String).concat(error));
} };
--- response_body chomp
["function max() { [native code] }","function Response() { [native code] }","function Event() { [native code] }","function () { [native code] }","function () { [native code] }","function dispatchEvent() { [native code] }","TypeError"]



=== TEST 7: a page that carries a function, in service-worker syntax
--- user_files
>>> w.js
function theme(key) { document.title = key; }
addEventListener("fetch", (event) => {
    event.respondWith(new Response(`<script>(${theme})("k")</script>`));
});
--- response_body chomp
<script>(function theme(key) { document.title = key; })("k")</script>
