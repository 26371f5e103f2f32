# Copyright (C) the nginx-workers authors
#
# fetch() in hard times: crowds, origins and clients that die, reload.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Origin;

# a thousand clients, where this process may have as many descriptors

our $CLIENTS = system("prlimit --pid $$ --nofile=4096: 2>/dev/null") == 0
               ? 1000 : 400;

worker_connections(4096);

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('main_config', "worker_rlimit_nofile 8192;\n");
    $block->set_value('script', ($block->script // '')
        . "        var O http://127.0.0.1:$ENV{TEST_NGINX_ORIGIN_PORT};\n"
        . "        var SELF http://127.0.0.1:$ENV{TEST_NGINX_PORT};\n");
});

run_tests();

__DATA__

=== TEST 1: a crowd is served, all at the same time; nothing of it stays open
--- user_files
>>> w.js
let waiting = [], most = 0;
export default { async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    if (pathname === '/most') return Response.json([most, waiting.length]);
    if (pathname === '/proxy') return fetch(`${env.SELF}/origin${search}`);
    if (pathname === '/release') {
        const held = waiting;
        waiting = [];
        held.forEach((go) => go());
        return new Response(`${held.length}`);
    }
    await new Promise((go) => {
        waiting.push(go);
        most = Math.max(most, waiting.length);
    });
    return new Response(`${search} `.repeat(100));
} };
--- client
my ($pid) = workers_of();

get('/most');

my $before = steady { fds($pid) };
my $n = $main::CLIENTS;

for my $round (1 .. 2) {
    my @clients = map {
        my $c = dial();
        $c->send("GET /proxy?$_ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        $c
    } 1 .. $n;

    eventually { get('/most')->{body} =~ /,$n\]/ } 'all wait at the origin at once';
    is(get('/release')->{body}, $n, 'all are let go');

    my $whole = grep { $clients[$_ - 1]->answer->{body} eq "?$_ " x 100 } 1 .. $n;

    is($whole, $n, 'each has its own answer, whole');
    $_->hang_up for @clients;
}

is(get('/most')->{body}, "[$n,0]", 'none is left waiting');

# what may stay are the 256 kept connections, with both of their ends, and two
# descriptors of libcurl's own

eventually { fds($pid) <= $before + 2 * 256 + 2 } 'no more than kept connections stay';



=== TEST 2: clients that leave in the middle take their fetch() along
--- user_files
>>> w.js
export default { fetch(request, env) {
    const { pathname } = new URL(request.url);
    return pathname === '/ping' ? new Response('pong')
                                : fetch(env.O + '/silent');
} };
--- client
my ($pid) = workers_of();

get('/ping');

my $before = steady { fds($pid) };
my @clients = map { dial() } 1 .. 100;

$_->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") for @clients;

eventually { fds($pid) >= $before + 200 } 'all are on their way';

$_->hang_up for @clients[0 .. 49];
$_->reset for @clients[50 .. 99];

eventually { fds($pid) <= $before + 2 } 'their connections are closed';
is(get('/ping')->{body}, 'pong', 'the next one is served');



=== TEST 3: origins that die while their responses are passed on
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/ping') return new Response('pong');
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n';
    return fetch(`${env.O}/say/${pathname.slice(1)}?`
                 + encodeURIComponent(head + 'x'.repeat(5000)));
} };
--- client
my ($pid) = workers_of();

get('/ping');

my $before = steady { fds($pid) };
my @clients = map { dial() } 1 .. 100;

for my $i (0 .. 99) {
    $clients[$i]->send('GET /' . ($i % 2 ? 'reset' : 'close')
                       . " HTTP/1.1\r\nHost: x\r\n\r\n");
}

my @answers = map { $_->answer } @clients;

is(scalar(grep { $_->{whole} } @answers), 0, 'none is taken for whole');
$_->hang_up for @clients;

eventually { fds($pid) <= $before + 2 } 'all connections are closed';
expected('\[error\]');
is(get('/ping')->{body}, 'pong', 'the next one is served');



=== TEST 4: what streams when nginx is reloaded is streamed to its end
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/ping') return new Response('pong');
    if (pathname === '/proxy') return fetch(env.SELF + '/origin');
    let n = 0;
    return new Response(new ReadableStream({ async pull(c) {
        await scheduler.wait(50);
        c.enqueue(new TextEncoder().encode(`${++n} `));
        if (n === 20) c.close();
    } }));
} };
--- client
my ($pid) = workers_of();
my @clients = map { dial() } 1 .. 5;

$_->send("GET /proxy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") for @clients;
$_->until_match(qr/\r\n3 /) for @clients;

kill 'HUP', master();

is(scalar(grep { $_->rest =~ /\r\n20 \r\n0\r\n\r\n\z/ } @clients), 5,
   'all are whole');
eventually { !alive($pid) } 'the old process has gone';
eventually { get('/ping')->{body} eq 'pong' } 'the new one serves';
