# Copyright (C) the nginx-workers authors
#
# node:process, and the globals of nodejs_compat.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: process.env has text bindings as they are and others as JSON
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
var TEXT "a b";
json NUMBER '5';
json OBJECT '{"a":[1,"x"]}';
--- user_files
>>> w.js
const top = JSON.stringify(process.env);
export default { fetch() { return new Response(top); } };
--- response_body chomp
{"TEXT":"a b","NUMBER":"5","OBJECT":"{\"a\":[1,\"x\"]}"}



=== TEST 2: what is assigned to process.env becomes text, and env keeps its own
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
var TEXT "a b";
json NUMBER '5';
json OBJECT '{"a":[1,"x"]}';
--- user_files
>>> w.js
import process, { env as named } from "node:process";
export default { fetch(req, env) {
    const e = process.env, out = [];
    e.A = 5; e.B = undefined; e.C = null; e.TEXT = "changed";
    out.push(e.A, e.B, e.C, typeof e.A, env.TEXT, named === e, "A" in e,
             delete e.A, "A" in e, e.PATH);
    return Response.json(out);
} };
--- response_body chomp
["5","undefined","null","string","a b",true,true,true,false,null]



=== TEST 3: process.env refuses symbols, accessors and hidden properties
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
const name = (f) => { try { f(); return "ok"; } catch (e) {
    return e.code ?? e.name; } };
export default { fetch() {
    const e = process.env;
    return Response.json([
        name(() => { e.S = Symbol("x"); }),
        name(() => { e[Symbol("x")] = 1; }),
        name(() => Object.defineProperty(e, "S", { get() {} })),
        name(() => Object.defineProperty(e, "S", { value: "x" })),
        name(() => Object.defineProperty(e, "S", { value: 1, writable: true,
            enumerable: true, configurable: true })), e.S,
    ]);
} };
--- response_body chomp
["TypeError","TypeError","ERR_INVALID_ARG_VALUE","ERR_INVALID_ARG_VALUE","ok","1"]



=== TEST 4: a date before 2025-04-01 leaves process.env empty
--- script
compatibility_date 2025-03-31;
compatibility_flags nodejs_compat;
var TEXT "a b";
--- user_files
>>> w.js
export default { fetch() { return Response.json(process.env); } };
--- response_body chomp
{}



=== TEST 5: nextTick() is a microtask, in order with promises
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
export default { async fetch() {
    const l = [];
    Promise.resolve().then(() => l.push("p1"));
    process.nextTick(() => l.push("t1"));
    queueMicrotask(() => l.push("q1"));
    process.nextTick((a, b) => l.push("t2" + a + b), 1, 2);
    l.push("sync");
    await new Promise((r) => setTimeout(r, 5));
    return Response.json(l);
} };
--- response_body chomp
["sync","p1","t1","q1","t212"]



=== TEST 6: process and global are there, can be replaced and deleted
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import imported from "node:process";
export default { fetch() {
    const out = [process === imported, global === globalThis,
                 Object.keys(globalThis).includes("process")];
    process = 5;
    out.push(process, delete globalThis.process, typeof process);
    return Response.json(out);
} };
--- response_body chomp
[true,true,true,5,true,"undefined"]



=== TEST 7: without nodejs_compat there is neither process nor global
--- user_files
>>> w.js
export default { fetch() {
    return Response.json([typeof process, typeof global]);
} };
--- response_body chomp
["undefined","undefined"]



=== TEST 8: getBuiltinModule() finds modules that the script may import
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import hooks from "node:async_hooks";
export default { fetch() {
    return Response.json([
        process.getBuiltinModule("node:async_hooks") === hooks,
        process.getBuiltinModule("async_hooks") === hooks,
        typeof process.getBuiltinModule("nope"),
        typeof process.getBuiltinModule("node:internal/errors"),
        typeof process.getBuiltinModule(5),
    ]);
} };
--- response_body chomp
[true,true,"undefined","undefined","undefined"]
