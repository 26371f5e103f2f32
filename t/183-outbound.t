# Copyright (C) the nginx-workers authors
#
# workers_outbound: where fetch(), WebSockets and connect() may go.

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Origin;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
        . "        var PORT $ENV{TEST_NGINX_ORIGIN_PORT};\n"
        . "        var SELF http://127.0.0.1:$ENV{TEST_NGINX_PORT};\n");

    if (defined(my $files = $block->user_files)) {
        $files =~ s/\n/\nimport { connect } from 'cloudflare:sockets';
            const reach = async (host, env) => {
                const r = [];
                await fetch(`http:\/\/\${host}:\${env.PORT}\/raw`).then(
                    () => r.push('yes'), (e) => r.push('no'));
                const s = connect(`\${host}:\${env.PORT}`);
                await s.opened.then(() => r.push('yes'), () => r.push('no'));
                return r.join();
            };\n/;
        $block->set_value('user_files', $files);
    }
});

our $W = <<'EOF';
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const host of ['127.0.0.1', 'localhost'])
        out.push(`${host} ${await reach(host, env)}`);
    return new Response(out.join('\n'));
} };
EOF

run_tests();

__DATA__

=== TEST 1: without rules everything is reached
--- user_files eval: $::W
--- response_body chomp
127.0.0.1 yes,yes
localhost yes,yes



=== TEST 2: a network is closed, whatever its names are
--- user_files eval: $::W
--- script
        workers_outbound deny 127.0.0.0/8 ::1;
--- response_body chomp
127.0.0.1 no,no
localhost no,no
--- error_log
connection to "127.0.0.1" at 127.0.0.1:



=== TEST 3: a name is open, the rest is closed
--- user_files eval: $::W
--- script
        workers_outbound allow localhost;
        workers_outbound deny all;
--- response_body chomp
127.0.0.1 no,no
localhost yes,yes
--- error_log
denied by "workers_outbound"



=== TEST 4: patterns, addresses, and the order of rules
--- user_files eval: $::W
--- script
        workers_outbound allow 127.0.0.1 *.example.com ::1;
        workers_outbound deny localhost all;
--- response_body chomp
127.0.0.1 yes,yes
localhost yes,yes



=== TEST 5: rules of http are those of all scripts
--- http_config
workers_outbound deny all;
workers_script v { main $TEST_NGINX_HTML_DIR/v.js; var SELF http://127.0.0.1:$TEST_NGINX_PORT; }
workers_script w {
    main $TEST_NGINX_HTML_DIR/v.js;
    workers_outbound allow 127.0.0.1;
    var SELF http://127.0.0.1:$TEST_NGINX_PORT;
}
--- config
location /v { workers_pass v; }
location /w { workers_pass w; }
location /origin { return 200 reached; }
--- user_files
>>> v.js
export default { async fetch(request, env) {
    return fetch(env.SELF + '/origin').catch((e) => new Response(e.message));
} };
--- request
GET /v
--- response_body chomp
The request's host is not one that this worker may connect to.
--- error_log
denied by "workers_outbound"



=== TEST 6: rules of a script are in place of those of http
--- http_config
workers_outbound deny all;
workers_script v { main $TEST_NGINX_HTML_DIR/v.js; var SELF http://127.0.0.1:$TEST_NGINX_PORT; }
workers_script w {
    main $TEST_NGINX_HTML_DIR/v.js;
    workers_outbound allow 127.0.0.1;
    var SELF http://127.0.0.1:$TEST_NGINX_PORT;
}
--- config
location /v { workers_pass v; }
location /w { workers_pass w; }
location /origin { return 200 reached; }
--- user_files
>>> v.js
export default { async fetch(request, env) {
    return fetch(env.SELF + '/origin').catch((e) => new Response(e.message));
} };
--- request
GET /w
--- response_body chomp
reached



=== TEST 7: a redirect does not lead there either
--- user_files
>>> w.js
export default { async fetch(request, env) {
    return fetch(env.SELF.replace('127.0.0.1', 'localhost') + '/away')
        .catch((e) => new Response(e.message));
} };
--- script
        workers_outbound allow localhost;
        workers_outbound deny all;
--- config
location /away { return 302 http://127.0.0.1:$TEST_NGINX_PORT/origin; }
location /origin { return 200 reached; }
location / { workers_pass w; }
--- response_body chomp
The request's host is not one that this worker may connect to.
--- error_log
connection to "127.0.0.1" at



=== TEST 8: rules that are none
--- http_config
workers_outbound permit all;
--- must_die
--- user_files
>>> w.js
export default { };
--- error_log
invalid value "permit" in "workers_outbound", expected "allow" or "deny"



=== TEST 9: names that are none
--- http_config
workers_outbound deny http://x/;
--- must_die
--- user_files
>>> w.js
export default { };
--- error_log
invalid value "http://x/" in "workers_outbound", expected an address, a network



=== TEST 10: a file without certificates
--- http_config
workers_trusted_certificate $TEST_NGINX_ROOT/README.md;
--- must_die
--- user_files
>>> w.js
export default { };
--- error_log
cannot load certificates from
