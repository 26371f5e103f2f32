# Copyright (C) the nginx-workers authors
#
# What nginx -t refuses: it names the directive, the line, and what was
# expected.

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: a directive that no binding has
--- must_die
--- script
    kv_namespaces KV id=x;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/unknown directive "kv_namespaces" in "workers_script", expected "main", .* a binding such as "var" .* in \S+:\d+/



=== TEST 2: a missing parameter
--- must_die
--- script
    kv_namespace KV;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid number of arguments in "kv_namespace" directive in \S+:\d+/



=== TEST 3: a parameter of another name
--- must_die
--- script
    kv_namespace KV name=x;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid parameter "name=x" in "kv_namespace", expected "id=.* in \S+:\d+/



=== TEST 4: JSON that is none
--- must_die
--- script
    json J '{"a":}';
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid value of "J" in "json", expected JSON: .* in \S+:\d+/



=== TEST 5: a name that is bound twice, across kinds
--- must_die
--- script
    var NAME "x";
    kv_namespace NAME id=x;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/name "NAME" in "kv_namespace" is bound twice, the first one is "var" in \S+:\d+ in \S+:\d+/



=== TEST 6: a name that is no identifier
--- must_die
--- script
    var my-name "x";
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid name "my-name" in "var", expected a JavaScript identifier in \S+:\d+/



=== TEST 7: a name that is a reserved word
--- must_die
--- script
    var class "x";
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid name "class" in "var", expected a JavaScript identifier in \S+:\d+/



=== TEST 8: a script that is not there
--- must_die
--- http_config
    workers_script w {
        main $TEST_NGINX_HTML_DIR/none.js;
    }
--- error_log eval
qr/worker "w": "\S+none\.js" could not be read \(No such file or directory\) in \S+:\d+/



=== TEST 9: a secret file that is not there
--- must_die
--- script
    secret TOKEN file=/nonexistent/token;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/secret "TOKEN": "\/nonexistent\/token" could not be read in \S+:\d+ \(2: No such file or directory\)/



=== TEST 10: a secret of a variable that is not set
--- must_die
--- script
    secret TOKEN env=NGINX_WORKERS_SURELY_NOT_SET;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/environment variable "NGINX_WORKERS_SURELY_NOT_SET" in "secret" is not set in \S+:\d+/



=== TEST 11: a secret that stands in the configuration is not repeated
--- must_die
--- script
    secret TOKEN hunter2;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid parameter of "TOKEN" in "secret", expected "file=<path>" or "env=<variable>" in \S+:\d+/
--- no_error_log
hunter2



=== TEST 12: a syntax error, with file, line and column
--- must_die
--- user_files
>>> w.js
export default {
    fetch() { return new Response('x' },
};
--- error_log eval
qr/worker "w": SyntaxError: .* in \S+\/w\.js:2:\d+ in \S+:\d+/



=== TEST 13: a syntax error in a module that is imported
--- must_die
--- user_files
>>> w.js
import { x } from './lib.mjs';
export default { fetch() { return new Response(x); } };
>>> lib.mjs
export const x = 1;
export const y = ;
--- error_log eval
qr/worker "w": SyntaxError: .* in \S+\/lib\.mjs:2:\d+ in \S+:\d+/



=== TEST 14: an import that does not resolve
--- must_die
--- user_files
>>> w.js
import './none.js';
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/worker "w": ReferenceError: "\S+none\.js" could not be read \(No such file or directory\) in \S+:\d+/



=== TEST 15: an import of a package
--- must_die
--- user_files
>>> w.js
import fs from 'node:nothing';
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/worker "w": ReferenceError: no such module "node:nothing".* in \S+:\d+/



=== TEST 16: an import that leaves the script's directory
--- must_die
--- user_files
>>> w.js
import x from '../outside.js';
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/worker "w": ReferenceError: import "\.\.\/outside\.js" in "w\.js" leaves the script's directory.* in \S+:\d+/



=== TEST 17: an import that goes out and comes back stays below
--- must_die
--- user_files
>>> w.js
import x from './a/../../w.js';
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/leaves the script's directory/



=== TEST 18: an absolute import
--- must_die
--- user_files
>>> w.js
import x from '/etc/passwd';
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/import "\/etc\/passwd" in "w\.js": expected a path relative to the script/



=== TEST 19: a name that the other module does not export
--- must_die
--- user_files
>>> w.js
import { missing } from './lib.js';
export default { fetch() { return new Response(missing); } };
>>> lib.js
export const here = 1;
--- error_log eval
qr/worker "w": SyntaxError: .*missing.* in \S+:\d+/



=== TEST 20: no default export
--- must_die
--- user_files
>>> w.js
export function fetch() { return new Response('x'); }
--- error_log eval
qr/worker "w": "w\.js" has no default export, expected "export default \{ async fetch.* in \S+:\d+/



=== TEST 21: JSON that is imported has to be JSON
--- must_die
--- user_files
>>> w.js
import j from './data.json';
export default { fetch() { return Response.json(j); } };
>>> data.json
{"a": nope}
--- error_log eval
qr/worker "w": SyntaxError: .* in \S+:\d+/



=== TEST 22: workers_pass to a worker that is not there
--- must_die
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- config
    location / {
        workers_pass other;
    }
--- error_log eval
qr/unknown worker "other" in "workers_pass", expected the name of a "workers_script" in \S+:\d+/



=== TEST 23: workers_pass twice
--- must_die
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- config
    location / {
        workers_pass w;
        workers_pass w;
    }
--- error_log eval
qr/"workers_pass" directive is duplicate in \S+:\d+/



=== TEST 24: two workers of one name
--- must_die
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- http_config
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
--- error_log eval
qr/duplicate worker "w", the first one is in \S+:\d+ in \S+:\d+/



=== TEST 25: no main
--- must_die
--- http_config
    workers_script w { var A "x"; }
--- error_log eval
qr/no "main" in "workers_script w" in \S+:\d+/



=== TEST 26: a compatibility date that is none
--- must_die
--- script
    compatibility_date 2025-13-01;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid value "2025-13-01" in "compatibility_date", expected a date such as "2025-11-01" in \S+:\d+/



=== TEST 27: limits
--- must_die
--- script
    limits cpu=forever;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid parameter "cpu=forever" in "limits", expected a time from "1ms" to "5m" in \S+:\d+/



=== TEST 28: a limit that there is not
--- must_die
--- script
    limits disk=1g;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/invalid parameter "disk=1g" in "limits", expected "cpu=", "memory=" or "subrequests=" in \S+:\d+/



=== TEST 29: a fallback that is no named location
--- must_die
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- config
    location / {
        workers_pass w;
        workers_fallback /origin;
    }
--- error_log eval
qr/invalid location "\/origin" in "workers_fallback", expected a named location such as "\@origin" in \S+:\d+/



=== TEST 30: KV without workers_data
--- must_die
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- http_config
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; kv_namespace KV id=x; }
--- no_workers_data
--- error_log eval
qr/kv_namespace.*workers_data.* in \S+:\d+/



=== TEST 31: the parts of a block may come from another file
--- user_files
>>> w.js
export default { fetch(request, env) { return new Response(env.A + env.B); } };
>>> vars.conf
var A "from a file, ";
--- script
    include $TEST_NGINX_HTML_DIR/vars.conf;
    var B "from the block";
--- response_body chomp
from a file, from the block



=== TEST 32: workers_pass in if and limit_except
--- user_files
>>> w.js
export default { fetch(request, env) {
    return new Response(env.NAME + ' ' + request.method);
} };
>>> other.txt
static
--- http_config
    workers_script a { main $TEST_NGINX_HTML_DIR/w.js; var NAME "a"; }
    workers_script b { main $TEST_NGINX_HTML_DIR/w.js; var NAME "b"; }
--- config
    location / {
        workers_pass a;
        limit_except GET {
            workers_pass b;
        }
        if ($arg_b) {
            workers_pass b;
        }
        if ($arg_x) {
            add_header X-Inherited yes;
        }
    }
--- pipelined_requests eval
["GET /", "POST /\nx", "GET /?b=1", "GET /?x=1"]
--- response_body eval
["a GET", "b POST", "b GET", "a GET"]



=== TEST 33: a compatibility flag that nobody knows
--- script
    compatibility_flags url_standard unheard_of;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- response_body chomp
x
--- error_log eval
qr/\[warn\] .*unknown flag "unheard_of" in "compatibility_flags" has no effect in \S+:\d+/



=== TEST 34: compatibility flags that contradict each other
--- must_die
--- script
    compatibility_flags url_original;
    compatibility_flags nodejs_compat url_standard;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/flags "url_original" and "url_standard" in "compatibility_flags" contradict each other in \S+:\d+/



=== TEST 35: a compatibility flag given twice
--- must_die
--- script
    compatibility_flags nodejs_compat nodejs_compat;
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- error_log eval
qr/flag "nodejs_compat" in "compatibility_flags" is duplicate in \S+:\d+/
