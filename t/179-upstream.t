# Copyright (C) the nginx-workers authors
#
# fetch() to the upstream blocks of nginx.conf, by name and by service
# bindings.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Origin;

our ($Cert, $Key) = certificate();

$ENV{TEST_NGINX_CERT} = $Cert;
$ENV{TEST_NGINX_KEY} = $Key;
$ENV{TEST_NGINX_A_PORT} = $ENV{TEST_NGINX_PORT} + 1;
$ENV{TEST_NGINX_B_PORT} = $ENV{TEST_NGINX_PORT} + 2;
$ENV{TEST_NGINX_TLS_PORT} = $ENV{TEST_NGINX_PORT} + 3;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config', <<"CONF" . ($block->http_config // ''));
    server {
        listen 127.0.0.1:$ENV{TEST_NGINX_A_PORT};
        listen unix:$Test::Nginx::Util::HtmlDir/a.sock;
        location / {
            return 200 "a \$http_host \$request_uri \$http_x_key \$connection_requests\\n";
        }
        location /echo {
            proxy_pass http://127.0.0.1:$ENV{TEST_NGINX_ORIGIN_PORT}/raw;
        }
    }
    server {
        listen 127.0.0.1:$ENV{TEST_NGINX_B_PORT};
        location / {
            return 200 "b \$http_host \$request_uri\\n";
        }
    }
CONF
});

run_tests();

__DATA__

=== TEST 1: the servers of a block take turns; a URL with a port means a host
--- http_config
    upstream backend {
        server 127.0.0.1:$TEST_NGINX_A_PORT weight=2;
        server 127.0.0.1:$TEST_NGINX_B_PORT;
    }
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    for (let i = 0; i < 6; i++)
        out.push((await (await fetch(`http://backend/x?n=${i}`)).text())[0]);
    const r = await fetch('http://Backend/path?q=1');
    out.push((await r.text()).slice(1).trim(), r.url);
    out.push(await fetch('http://backend:81/').then(() => 'went', (e) => e.message));
    return Response.json([out.slice(0, 6).sort().join(''), ...out.slice(6)]);
} };
--- response_body_like: ^\["aaaabb","backend /path\?q=1[ \d]*","http://backend/path\?q=1","[^"]+"\]$
--- error_log
http://backend:81/



=== TEST 2: a server that is dead is passed over, and remembered
--- http_config
    upstream backend {
        server 127.0.0.1:1 max_fails=1 fail_timeout=60;
        server 127.0.0.1:$TEST_NGINX_A_PORT;
    }
--- user_files
>>> w.js
export default { async fetch(request) {
    let text = '';
    for (let i = 0; i < 4; i++)
        text += (await (await fetch('http://backend/', { method: 'POST', body: 'x' })).text())[0];
    return new Response(text);
} };
--- response_body chomp
aaaa
--- grep_error_log eval: qr/server 127.0.0.1:1 of upstream "backend" has failed/
--- grep_error_log_out
server 127.0.0.1:1 of upstream "backend" has failed



=== TEST 3: none works
--- http_config
    upstream backend {
        server 127.0.0.1:1;
        server 127.0.0.1:2;
    }
--- user_files
>>> w.js
export default { async fetch(request) {
    const out = [];
    for (let i = 0; i < 2; i++)
        out.push(await fetch('http://backend/').then((r) => r.status, (e) => e.message));
    return Response.json(out);
} };
--- response_body chomp
["Network connection lost.","Network connection lost."]
--- error_log
no live upstreams in "backend"



=== TEST 4: a body that has been sent is not sent again; a GET is
--- http_config
    upstream backend {
        server 127.0.0.1:$TEST_NGINX_ORIGIN_PORT max_fails=0;
        server 127.0.0.1:$TEST_NGINX_B_PORT max_fails=0;
    }
--- user_files
>>> w.js
export default { async fetch(request) {
    const ask = async (init) => {
        const seen = new Set();
        for (let i = 0; i < 4; i++)
            seen.add(await fetch('http://backend/drop', init).then(async (r) => (await r.text())[0], (e) => e.message));
        return [...seen].sort();
    };
    return Response.json([await ask(), await ask({ method: 'POST', body: 'x' })]);
} };
--- response_body chomp
[["b"],["Network connection lost.","b"]]
--- error_log
has failed



=== TEST 5: backup, a Unix socket, and no connection that is another server's
--- http_config
    upstream backend {
        server 127.0.0.1:1;
        server unix:$TEST_NGINX_HTML_DIR/a.sock backup;
    }
--- user_files
>>> w.js
export default { async fetch(request) {
    const out = [];
    for (let i = 0; i < 3; i++)
        out.push(await (await fetch('http://backend/')).text());
    return new Response(out.join(''));
} };
--- response_body eval
"a backend /  1\na backend /  2\na backend /  3\n"
--- error_log
has failed



=== TEST 6: hash by the request that goes out, ip_hash by the client
--- http_config
    upstream hashed {
        hash $http_x_key$arg_k consistent;
        server 127.0.0.1:$TEST_NGINX_A_PORT;
        server 127.0.0.1:$TEST_NGINX_B_PORT;
    }
    upstream cookies {
        hash $cookie_user;
        server 127.0.0.1:$TEST_NGINX_A_PORT;
        server 127.0.0.1:$TEST_NGINX_B_PORT;
    }
    upstream clients {
        ip_hash;
        server 127.0.0.1:$TEST_NGINX_A_PORT;
        server 127.0.0.1:$TEST_NGINX_B_PORT;
    }
    upstream least {
        least_conn;
        server 127.0.0.1:$TEST_NGINX_A_PORT;
        server 127.0.0.1:$TEST_NGINX_B_PORT;
    }
    upstream any {
        zone any 64k;
        random two least_conn;
        server 127.0.0.1:$TEST_NGINX_A_PORT;
        server 127.0.0.1:$TEST_NGINX_B_PORT;
    }
--- user_files
>>> w.js
const ask = async (url, headers) => (await (await fetch(url, { headers })).text())[0];
export default { async fetch(request) {
    const out = [];
    const spread = async (f) => {
        const seen = new Map();
        for (let i = 0; i < 24; i++) {
            const key = i % 12, got = await f(key);
            if (seen.has(key) && seen.get(key) !== got) return 'unsteady';
            seen.set(key, got);
        }
        return new Set(seen.values()).size;
    };
    out.push(await spread((i) => ask('http://hashed/', { 'X-Key': `k${i}` })));
    out.push(await spread((i) => ask(`http://hashed/?k=${i}`)));
    out.push(await spread((i) => ask('http://cookies/', { Cookie: `a=b; user=u${i}` })));
    out.push(await spread(() => ask('http://clients/')));
    out.push(await ask('http://least/') + await ask('http://least/'));
    out.push(/^[ab]$/.test(await ask('http://any/')));
    return Response.json(out);
} };
--- response_body_like chomp
^\[2,2,2,1,"(ab|ba)",true\]$



=== TEST 7: after the response, and by many at once
--- http_config
    upstream backend {
        least_conn;
        server 127.0.0.1:$TEST_NGINX_A_PORT;
        server 127.0.0.1:$TEST_NGINX_B_PORT;
    }
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    const all = await Promise.all(Array.from({ length: 40 }, async (_, i) => (await (await fetch(`http://backend/${i}`)).text())[0]));
    ctx.waitUntil((async () => {
        await new Promise((r) => setTimeout(r, 50));
        console.log('later', (await (await fetch('http://backend/')).text()).slice(2, 9));
    })());
    return Response.json([all.length, new Set(all).size]);
} };
--- response_body chomp
[40,2]
--- wait: 0.3
--- error_log
later backend



=== TEST 8: keepalive of nginx's own is left alone
--- http_config
    upstream backend {
        server 127.0.0.1:$TEST_NGINX_A_PORT;
        keepalive 4;
    }
--- config
    location /proxy {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host h;
    }
    location / { workers_pass w; }
--- user_files
>>> w.js
export default { async fetch(request) {
    return fetch('http://backend/w');
} };
--- pipelined_requests eval
["GET /proxy", "GET /w", "GET /proxy", "GET /w", "GET /proxy"]
--- response_body eval
["a h /proxy  1\n", "a backend /w  1\n", "a h /proxy  2\n", "a backend /w  2\n", "a h /proxy  3\n"]



=== TEST 9: service: the URL's host is the field Host, redirects stay inside
--- http_config
    upstream backend {
        server 127.0.0.1:$TEST_NGINX_A_PORT;
    }
--- script
        service API upstream=backend;
        workers_outbound deny all;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const r = await env.API.fetch('https://example.com:8443/x?y', { headers: { 'X-Key': 'k' } });
    const posted = await env.API.fetch(new Request('http://other.test/echo', { method: 'POST', body: 'body' }));
    const denied = await fetch('http://backend/').then(() => 'went', (e) => e.message);
    return Response.json([await r.text(), r.url, (await posted.text()).split('\r\n\r\n')[1], denied,
                          Object.prototype.toString.call(env.API)]);
} };
--- response_body chomp
["a example.com:8443 /x?y k 1\n","https://example.com:8443/x?y","body","The request's host is not one that this worker may connect to.","[object Fetcher]"]
--- error_log
is denied by "workers_outbound"



=== TEST 10: a block may be allowed by its name
--- http_config
    upstream backend {
        server 127.0.0.1:$TEST_NGINX_B_PORT;
    }
--- script
        workers_outbound allow backend;
        workers_outbound deny all;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const denied = await fetch('http://127.0.0.1:1/').then(() => 'went', (e) => e.message);
    return new Response(await (await fetch('http://backend/')).text() + denied);
} };
--- response_body chomp
b backend /
The request's host is not one that this worker may connect to.
--- error_log
is denied by "workers_outbound"



=== TEST 11: TLS, by a name of the certificate
--- http_config
    upstream secure {
        server 127.0.0.1:$TEST_NGINX_TLS_PORT;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
        http2 on;
        ssl_certificate $TEST_NGINX_CERT;
        ssl_certificate_key $TEST_NGINX_KEY;
        location / { return 200 "$ssl_server_name $host $server_protocol"; }
    }
    workers_trusted_certificate $TEST_NGINX_CERT;
--- script
        service GOOD upstream=secure ssl=on ssl_name=localhost;
        service BAD upstream=secure ssl=on;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    return Response.json([
        await (await env.GOOD.fetch('http://api.test/')).text(),
        await env.BAD.fetch('http://api.test/').then(() => 'went', (e) => e.message)]);
} };
--- response_body chomp
["localhost api.test HTTP/2.0","The TLS certificate of the request's host is not valid."]
--- error_log
certificate



=== TEST 12: a WebSocket, with a server that is dead
--- http_config
    upstream sockets {
        server 127.0.0.1:1;
        server 127.0.0.1:$TEST_NGINX_SERVER_PORT;
    }
--- user_files
>>> w.js
export default { async fetch(request, env) {
    if (request.headers.get('Upgrade')) {
        const { 0: client, 1: server } = new WebSocketPair();
        server.accept();
        server.addEventListener('message', (e) => server.send(`got ${e.data}`));
        return new Response(null, { status: 101, webSocket: client });
    }
    const r = await fetch('http://sockets/', { headers: { Upgrade: 'websocket' } });
    const ws = r.webSocket;
    ws.accept();
    const answer = new Promise((done) => ws.addEventListener('message', (e) => done(e.data)));
    ws.send('hello');
    const text = await answer;
    ws.close();
    return new Response(text);
} };
--- response_body chomp
got hello
--- error_log
has failed



=== TEST 13: a block that is not there
--- script
        service API upstream=nothere;
--- user_files
>>> w.js
export default { fetch() {} };
--- must_die
--- error_log
service "API": there is no upstream "nothere" in



=== TEST 14: parameters
--- script
        service API upstream=;
--- user_files
>>> w.js
export default { fetch() {} };
--- must_die
--- error_log
the name of an "upstream" block



=== TEST 15: ssl_name without ssl
--- script
        service API upstream=a ssl_name=b;
--- user_files
>>> w.js
export default { fetch() {} };
--- must_die
--- error_log
"ssl_name=" of "service" "API" needs "ssl=on"
