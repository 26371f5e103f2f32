# Copyright (C) the nginx-workers authors
#
# What depends on the compatibility date and on flags.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

our $globals = <<'EOF';
>>> w.js
const p = new URLSearchParams("a=1&a=2");
const has = p.has("a", "3");
p.delete("a", "1");
export default { fetch() {
    return Response.json([
        typeof WeakRef, typeof FinalizationRegistry, typeof MessageChannel,
        typeof MessagePort, typeof navigator,
        typeof navigator === "object" && "language" in navigator, has, `${p}`,
    ]);
} };
EOF

our $code = <<'EOF';
>>> w.js
const attempt = (f) => { try { return f(); } catch (e) { return e.name; } };
globalThis.shared = 5;
const log = [
    attempt(() => new Function("a", "b", "return a + b")(1, 2)),
    attempt(() => Function("return typeof log")()),
    attempt(() => (0, eval)("shared + 1")), attempt(() => eval("shared")),
    attempt(() => new (async () => {}).constructor("await 1")().constructor.name),
    attempt(() => [...new (function* () {}).constructor("yield 1")()].length),
    attempt(() => { class F extends Function {} return new F("return 3")(); }),
    attempt(() => new Function("a b")), attempt(() => eval("(")),
];
await null;
log.push(attempt(() => eval("7")));
const kept = attempt(() => new Function("return new Function('return 1')"));
const maker = Function;
export default { fetch() {
    return Response.json([
        log, attempt(kept === "EvalError" ? () => kept : kept),
        attempt(() => maker("return 1")), attempt(() => eval("1")),
    ]);
} };
EOF

run_tests();

__DATA__

=== TEST 1: names and arguments that old dates do not have
--- script
        compatibility_date 2022-03-20;
--- user_files eval: $::globals
--- response_body chomp
["undefined","undefined","undefined","undefined","undefined",false,true,""]



=== TEST 2: ... that a recent one has
--- script
        compatibility_date 2025-11-01;
--- user_files eval: $::globals
--- response_body chomp
["function","function","function","function","object",true,false,"a=2"]



=== TEST 3: ... and none at all
--- user_files eval: $::globals
--- response_body chomp
["function","function","function","function","object",true,false,"a=2"]



=== TEST 4: flags are stronger than an old date
--- script
        compatibility_date 2022-01-01;
        compatibility_flags global_navigator enable_navigator_language
                            enable_weak_ref expose_global_message_channel
                            urlsearchparams_delete_has_value_arg;
--- user_files eval: $::globals
--- response_body chomp
["function","function","function","function","object",true,false,"a=2"]



=== TEST 5: ... and than a recent one
--- script
        compatibility_date 2026-01-01;
        compatibility_flags no_global_navigator disable_weak_ref
                            no_expose_global_message_channel
                            no_urlsearchparams_delete_has_value_arg;
--- user_files eval: $::globals
--- response_body chomp
["undefined","undefined","undefined","undefined","undefined",false,true,""]



=== TEST 6: top-level code may make code of strings, handlers may not
--- script
        compatibility_date 2025-06-01;
--- user_files eval: $::code
--- response_body chomp
[[3,"undefined",6,5,"Promise",1,3,"SyntaxError","SyntaxError",7],"EvalError","EvalError","EvalError"]



=== TEST 7: ... and neither before that date
--- script
        compatibility_date 2025-05-31;
--- user_files eval: $::code
--- response_body chomp
[["EvalError","EvalError","EvalError","EvalError","EvalError","EvalError","EvalError","EvalError","EvalError","EvalError"],"EvalError","EvalError","EvalError"]
