# Copyright (C) the nginx-workers authors
#
# Real peers: the npm package "ws", as the client of a worker and as the server
# that one connects to.

use strict;
use warnings;

our $Packages;

BEGIN {
    $Packages = `tools/npm/bundle --packages`;

    if ($? >> 8 == 2) {
        print "1..0 # SKIP npm is not there, or cannot install packages\n";
        exit 0;
    }

    die "tools/npm/bundle failed\n" if $? != 0;

    chomp $Packages;
    $ENV{NODE_PATH} = $Packages;
}

use lib 't/lib';
use Workers 'no_plan';
use Client;
use WebSocket ();

our $Peer = Client::port() + 1;
our $Tls = Client::port() + 2;

our ($Cert, $Key) = certificate();

$ENV{NODE_EXTRA_CA_CERTS} = $Cert;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', "        var PORT $main::Peer;\n");
    $block->set_value('http_config', <<"CONF");
server {
    listen 127.0.0.1:$main::Tls ssl;
    ssl_certificate $main::Cert;
    ssl_certificate_key $main::Key;
    location / { workers_pass w; }
}
CONF
});

run_tests();

__DATA__

=== TEST 1: the client: compression, large messages, fragments, ping, close
--- user_files
>>> w.js
export default { fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.binaryType = 'arraybuffer';
    server.accept();
    server.addEventListener('message', ({ data }) => {
        if (data === 'close') server.close(4001, 'as asked');
        else server.send(data);
    });
    return new Response(null, { status: 101, webSocket: client,
        headers: { 'Sec-WebSocket-Protocol': 'echo' } });
} };
--- client
my $seen = <<'SEEN';
echo true
false text é
true true
alive false one two
4001 as asked
echo false
false text é
true true
alive false one two
4001 as asked
SEEN

for my $url ('ws://127.0.0.1:' . port() . '/', "wss://localhost:$main::Tls/") {
    is(scalar `node t/lib/peer.mjs $url 2>&1`, $seen, "what a client of $url saw");
}



=== TEST 2: the server: new WebSocket(), and a socket that is passed on
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const url = `http://127.0.0.1:${env.PORT}/`;
    if (request.headers.get('upgrade') === 'websocket')
        return fetch(url, request);
    const ws = new WebSocket(url.replace('http', 'ws'));
    ws.binaryType = 'arraybuffer';
    const next = () => new Promise((r) => ws.addEventListener('message', ({ data }) => r(data), { once: true }));
    await new Promise((r) => ws.addEventListener('open', r));
    ws.send('text');
    const out = [await next()];
    ws.send(new Uint8Array(200000).fill(7));
    const bytes = new Uint8Array(await next());
    out.push(bytes.length, bytes.every((b) => b === 7));
    const closed = new Promise((r) => ws.addEventListener('close', ({ code, wasClean }) => r([code, wasClean])));
    ws.close(1000, 'done');
    out.push(await closed);
    return Response.json(out);
} };
--- client
my $pid = open(my $server, '-|', 'node', 't/lib/peer.mjs', '--serve',
               $main::Peer) or die $!;

is(scalar <$server>, "listening\n", 'the server is there');
is(get('/')->{body}, '["text",200000,true,[1000,true]]', 'as a script sees it');

my $ws = WebSocket::ws('/');

$ws->send(WebSocket::text('passed on'));
is($ws->next, 'text passed on', 'as a client sees it');
$ws->send(WebSocket::closing(1000, 'done'));
is($ws->next, 'close 1000 done', 'its close frame is answered by the server');

kill 'TERM', $pid;
close $server;
