# Copyright (C) the nginx-workers authors
#
# WebSockets whose peer is slow.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use WebSocket;

use Digest::SHA qw(sha1_base64);
use IO::Socket::INET;

our ($Peer, $Count, $Size) = (undef, 400, 65536);


# A server that sends $Count messages of $Size bytes as fast as they go, and
# then closes; it writes how many it has sent to a file.

{
    my $server = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1')
        or die "listen: $!\n";

    $Peer = $server->sockport;

    my $parent = $$;
    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        $SIG{ALRM} = sub { exit 0 if getppid() != $parent; alarm 2 };
        alarm 2;
        pump($_) while $_ = $server->accept;
        exit 0;
    }

    END {
        local $?;
        kill 'KILL', $pid
            if $pid && !$Test::Nginx::Util::InSubprocess;
    }
}


sub pump {
    my $s = shift;
    my $head = '';

    while ($head !~ /\r\n\r\n/) {
        sysread $s, $head, 4096, length $head or return;
    }

    my ($key) = $head =~ /^sec-websocket-key: *(\S+)/im;
    my $accept = sha1_base64("${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                 . '=';

    syswrite $s, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 . "Connection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n"
                 . "\r\n";

    my $frame = pack('CCQ>', 0x82, 127, $Size) . 'x' x $Size;

    for my $n (1 .. $Count) {
        for (my $at = 0; $at < length $frame; ) {
            $at += syswrite($s, $frame, length($frame) - $at, $at) // return;
        }

        Client::write_file("$ENV{TEST_NGINX_TMP}/pumped", $n);
    }

    syswrite $s, pack 'CCn', 0x88, 2, 1000;
    sysread $s, my $rest, 4096;
    close $s;
}


sub pumped { return Client::read_file("$ENV{TEST_NGINX_TMP}/pumped") || 0 }


add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
                                . "        var PORT $main::Peer;\n");
});

run_tests();

__DATA__

=== TEST 1: a server is not read from while the client does not read
--- user_files
>>> w.js
export default { fetch(request, env) {
    return fetch(`http://127.0.0.1:${env.PORT}/`, request);
} };
--- client
my ($pid) = workers_of();
my ($before) = memory($pid);
my $ws = ws('/');

steady { pumped() };
my $sent = pumped();

cmp_ok($sent, '<', 200, 'the server has to wait');
cmp_ok((memory($pid))[0] - $before, '<', 12 * 1024, 'little is held')
    unless sanitized();

my $got = 0;
$got++ while $ws->next =~ /^binary x{65536}$/;

is($got, 400, 'all of it arrives in the end');



=== TEST 2: messages that nobody fetches count towards the isolate's memory
--- user_files
>>> w.js
export default { fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener('message', () => {
        const piece = new Uint8Array(1 << 20);
        for (let i = 0; i < 400; i++) server.send(piece);
    });
    return new Response(null, { status: 101, webSocket: client });
} };
--- client
my ($pid) = workers_of();
my ($before) = memory($pid);
my $ws = ws('/');

$ws->send(text('go'));
eventually { Client::error_log() =~ /exceeded memory/ } 'the limit is there';
cmp_ok((memory($pid))[1] - $before, '<', 200 * 1024, 'and holds')
    unless sanitized();
like(ws('/')->{head}, qr/^HTTP\/1.1 101 /, 'the next one is served');
--- error_log
exceeded memory
