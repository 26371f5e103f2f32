# Copyright (C) the nginx-workers authors
#
# console: what it writes to the error log, and what it never writes.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: levels
--- log_level: debug
--- user_files
>>> w.js
export default { fetch() {
    console.log("by log");
    console.info("by info");
    console.warn("by warn");
    console.error("by error");
    console.debug("by debug");
    return new Response("ok");
} };
--- response_body chomp
ok
--- error_log eval
[qr/\[info\].* worker "w" request \S+: by log /,
 qr/\[info\].* by info/, qr/\[warn\].* by warn/, qr/\[error\].* by error/,
 qr/\[debug\].* by debug/]



=== TEST 2: values of all kinds
--- user_files
>>> w.js
class P { x = 1; #hidden = 2; get g() { return 1; } }
export default { fetch() {
    console.log(1, "s", -0, null, undefined, true, 10n, Symbol("q"), ["s"]);
    console.log({ a: { b: { c: { d: 1 } } }, "odd key": "it's", f() {},
                  get g() { return 1; }, set h(v) {}, [Symbol("k")]: 2 });
    console.log([1, , 3], new Map([["k", { v: 1 }]]), new Set([1, "x"]));
    console.log(new Date(0), /a/g, new Uint8Array([1, 2]), new P(), P,
                async () => {}, Object.create(null), Promise.resolve(4));
    const cycle = { n: 1 };
    cycle.self = cycle;
    console.log(cycle, Object(1), new ArrayBuffer(3), new WeakMap());
    console.log(new Headers({ a: "1" }));
    return new Response("ok");
} };
--- response_body chomp
ok
--- error_log
: 1 s -0 null undefined true 10n Symbol(q) [ 's' ]
: { a: { b: { c: [Object] } }, 'odd key': "it's", f: [Function: f], g: [Getter], h: [Setter], [Symbol(k)]: 2 }
: [ 1, <1 empty item>, 3 ] Map(1) { 'k' => { v: 1 } } Set(2) { 1, 'x' }
: 1970-01-01T00:00:00.000Z /a/g Uint8Array(2) [ 1, 2 ] P { x: 1 } [class P] [AsyncFunction: ] [Object: null prototype] {} Promise { 4 }
: { n: 1, self: [Circular] } [Number: 1] ArrayBuffer { byteLength: 3 } WeakMap { <items unknown> }
: Headers { 'a' => '1' }



=== TEST 3: errors, with stack, cause and properties
--- user_files
>>> w.js
function here() { return new RangeError("bad", { cause: new Error("inner") }); }
export default { fetch() {
    console.log(here());
    console.log(Object.assign(new TypeError("t"), { code: 5 }));
    return new Response("ok");
} };
--- response_body chomp
ok
--- error_log eval
[qr/: RangeError: bad\\n    at here \(\S*w\.js:1:.*\[cause\]: Error: inner\\n/,
 qr/: TypeError: t\\n    at .* \{ code: 5 \}/]



=== TEST 4: format specifiers
--- user_files
>>> w.js
export default { fetch() {
    console.log("%s is %d or %i, %f%% %j %o %O %c%x", "A", 1.5, 1.5, "2.5",
                { a: [1] }, [1], { b: 2 }, "color: red", "rest", 7);
    console.log("100%", 5);
    console.log("%s alone");
    console.log("%d", {}, "%s");
    return new Response("ok");
} };
--- response_body chomp
ok
--- error_log
: A is 1.5 or 1, 2.5% {"a":[1]} [ 1 ] { b: 2 } %x rest 7
: 100% 5
: %s alone
: NaN %s



=== TEST 5: no script can forge a line or move a terminal's cursor
--- user_files
>>> w.js
export default { fetch() {
    console.log("one\n2000/01/01 00:00:00 [emerg] 1#1: forged\r\u001b[2J\u009b");
    console.log(["\n"], { "\n": 1 });
    return new Response("ok");
} };
--- response_body chomp
ok
--- error_log
: one\n2000/01/01 00:00:00 [emerg] 1#1: forged\r\x1b[2J\x9b
: [ '\n' ] { '\n': 1 }
--- grep_error_log eval
qr/^2000.*/m
--- grep_error_log_out eval
""
--- no_error_log
[alert]



=== TEST 6: secrets stay out of the log
--- script
        var A one;
        secret S file=$TEST_NGINX_HTML_DIR/secret;
--- user_files
>>> w.js
import { env as imported } from "cloudflare:workers";
export default { fetch(request, env) {
    console.log(env);
    console.log({ deep: { env } }, [imported], new Proxy(env, {}));
    console.dir(env);
    console.error("%o %O %s", env, env, env);
    return new Response(env.S);
} };
>>> secret
hush
--- response_body_like: hush
--- error_log
: { A: 'one', S: [secret] }
: { deep: { env: { A: 'one', S: [secret] } } } [ { A: 'one', S: [secret] } ] { A: 'one', S: [secret] }
--- no_error_log
hush
[alert]



=== TEST 7: assert, trace, dir, table, group
--- user_files
>>> w.js
export default { fetch() {
    console.assert(true, "not this");
    console.assert(false, "n is %d", 1);
    console.trace("tracing", 1);
    console.dir({ a: 1 }, { depth: 0 });
    console.table([{ a: 2 }]);
    console.group("a group");
    console.groupEnd();
    console.log();
    return new Response(String(console));
} };
--- response_body chomp
[object console]
--- error_log eval
['assertion failed: n is 1', qr/Trace: tracing 1\\n.*at fetch/, ': { a: 1 }',
 ': [ { a: 2 } ]', ': a group']
--- no_error_log
not this
[alert]



=== TEST 8: counts and timers
--- user_files
>>> w.js
export default { fetch() {
    console.count();
    console.count();
    console.count("other");
    console.countReset();
    console.count();
    console.countReset("unknown");
    console.time("t");
    console.time("t");
    console.timeLog("t", "more", [1]);
    console.timeEnd("t");
    console.timeEnd("t");
    console.timeStamp("stamp");
    return new Response("ok");
} };
--- response_body chomp
ok
--- error_log eval
[': default: 1', ': default: 2', ': other: 1',
 "Count for 'unknown' does not exist", "Timer 't' already exists",
 qr/: t: [0-9.]+ms more \[ 1 \]/, qr/: t: [0-9.]+ms /,
 "Timer 't' does not exist"]



=== TEST 9: getters and traps of scripts are not called, exceptions stay inside
--- user_files
>>> w.js
let called = 0;
const trap = () => { called++; throw new Error("trap"); };
export default { fetch() {
    console.log({ get a() { return trap(); } },
                new Proxy({ p: 1 }, { get: trap, ownKeys: trap,
                                      getOwnPropertyDescriptor: trap,
                                      getPrototypeOf: trap }));
    console.log("%j", { toJSON() { throw new Error("json"); } });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    console.log(proxy);
    return Response.json(called);
} };
--- response_body chomp
0
--- error_log
: { a: [Getter] } { p: 1 }
: [Exception]
: <Revoked Proxy>



=== TEST 10: long text becomes several lines
--- user_files
>>> w.js
export default { fetch() {
    console.log("a".repeat(2000) + "é".repeat(1000) + "last");
    return new Response("ok");
} };
--- response_body chomp
ok
--- error_log eval
[qr/: a{1400,} while/, qr/: \(continued\) a+(?:\xc3\xa9)+ while/,
 qr/: \(continued\) (?:\xc3\xa9)+last while/]



=== TEST 11: the output of an invocation has an end
--- user_files
>>> w.js
export default { fetch() {
    for (let i = 0; i < 8; i++) console.log("b".repeat(60000));
    console.log("after that");
    return new Response("ok");
} };
--- response_body chomp
ok
--- error_log
console output of this invocation is too long, the rest is left out
--- no_error_log
after that
[alert]



=== TEST 12: what the log's level leaves out costs nothing
--- log_level: warn
--- user_files
>>> w.js
export default { fetch() {
    let called = 0;
    console.log("%j", { toJSON() { called++; } });
    console.warn("%j", { toJSON() { called++; return 1; } });
    return Response.json(called);
} };
--- response_body chomp
1
--- error_log
: 1



=== TEST 13: top-level code can log
--- user_files
>>> w.js
console.log("at the top");
export default { fetch() { return new Response("ok"); } };
--- response_body chomp
ok
--- error_log
at the top
