# Copyright (C) the nginx-workers authors
#
# fetch() of an origin that speaks HTTP/2.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

our ($Cert, $Key) = certificate();

our $Port = Client::port() + 1;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
                      . "        var O https://localhost:$main::Port;\n");

    my $http2 = $block->name =~ /without/ ? 'off' : 'on';

    $block->set_value('http_config', <<"CONF");
workers_trusted_certificate $main::Cert;
server {
    listen 127.0.0.1:$main::Port ssl;
    http2 $http2;
    ssl_certificate $main::Cert;
    ssl_certificate_key $main::Key;
    add_header X-Protocol \$server_protocol;
    add_header X-Connection \$connection;
    location / { return 200 "\$request_method \$request_uri"; }
    location /204 { return 204; }
    location /large { root $ENV{TEST_NGINX_TMP}; }
    location /upload { client_max_body_size 10m; workers_pass w; }
}
CONF
});

open(my $out, '>', "$ENV{TEST_NGINX_TMP}/large") or die $!;
print $out join '', map { "$_\n" } 1 .. 300_000;
close $out;
chmod 0644, "$ENV{TEST_NGINX_TMP}/large";

run_tests();

__DATA__

=== TEST 1: it is spoken where TLS offers it, on one connection for many
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const first = await fetch(env.O + '/first');
    const out = [first.headers.get('x-protocol'), await first.text()];
    const all = await Promise.all([1, 2, 3, 4, 5].map((n) => fetch(`${env.O}/${n}`, { method: 'PUT', body: 'x' })));
    const connections = new Set([first, ...all].map((r) => r.headers.get('x-connection')));
    out.push((await Promise.all(all.map((r) => r.text()))).join(), connections.size);
    const none = await fetch(env.O + '/204', { method: 'HEAD' });
    out.push(none.status, none.statusText, await none.text());
    return Response.json(out);
} };
--- response_body chomp
["HTTP/2.0","GET /first","PUT /1,PUT /2,PUT /3,PUT /4,PUT /5",1,204,"",""]



=== TEST 2: an origin without it is asked in HTTP/1.1
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const r = await fetch(env.O + '/');
    return Response.json([r.headers.get('x-protocol'), await r.text()]);
} };
--- response_body chomp
["HTTP/1.1","GET /"]



=== TEST 3: large bodies, both ways, through flow control
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/upload') {
        let n = 0;
        for await (const chunk of request.body) n += chunk.byteLength;
        return new Response(`${n}`);
    }
    const large = await fetch(env.O + '/large');
    const text = await large.text();
    const sent = await fetch(env.O + '/upload', { method: 'POST', body: text });
    const piece = new Uint8Array(65536);
    let left = 40;
    const stream = new ReadableStream({ pull(c) {
        if (left-- === 0) c.close();
        else c.enqueue(piece.slice());
    } });
    const streamed = await fetch(env.O + '/upload', { method: 'POST', body: stream });
    return Response.json([large.headers.get('x-protocol'), text.length, text.endsWith('\n300000\n'),
                          await sent.text(), await streamed.text()]);
} };
--- response_body chomp
["HTTP/2.0",1988895,true,"1988895","2621440"]



=== TEST 4: streams that are given up leave the connection to the others
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (let i = 0; i < 5; i++) {
        const r = await fetch(env.O + '/large');
        const reader = r.body.getReader();
        await reader.read();
        await reader.cancel();
        const signal = AbortSignal.timeout(1);
        await fetch(env.O + '/large', { signal }).then((r) => r.text()).catch(() => {});
        out.push(await (await fetch(`${env.O}/${i}`)).text());
    }
    return Response.json(out);
} };
--- response_body chomp
["GET /0","GET /1","GET /2","GET /3","GET /4"]
