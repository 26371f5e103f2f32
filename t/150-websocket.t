# Copyright (C) the nginx-workers authors
#
# WebSockets with a client: handshake, frames, closing handshakes, what
# clients do wrong, and what the process does with those that are open.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use WebSocket;

our $Echo = <<'EOF';
>>> w.js
export default {
    fetch(request) {
        const [client, server] = Object.values(new WebSocketPair());
        const protocol = request.headers.get("sec-websocket-protocol");
        server.accept();
        server.binaryType = "arraybuffer";
        server.addEventListener("message", (e) => {
            if (e.data === "close") return server.close(4000, "as asked");
            if (e.data === "throw") throw new Error("thrown");
            if (e.data === "loop") for (;;);
            server.send(e.data);
        });
        for (const type of ["close", "error"])
            server.addEventListener(type, (e) => console.log(
                `heard ${type} ${e.code ?? e.message} ${e.wasClean}`));
        return new Response(null, { status: 101, webSocket: client,
            headers: protocol ? { "sec-websocket-protocol": "b" } : {} });
    },
};
EOF

# Each client breaks the protocol in one way.

sub refused {
    my ($frames, $code, $name) = @_;
    my $ws = ws('/');

    $ws->send($frames);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    like($ws->next, qr/^close $code /, $name);
    is($ws->next, 'end', "$name: the connection ends");
}

run_tests();

__DATA__

=== TEST 1: a handshake is answered as RFC 6455 has it
--- user_files eval: $::Echo
--- client
my $ws = ws('/', 'Sec-WebSocket-Protocol: a, b');

like($ws->{head}, qr/^HTTP\/1.1 101 Switching Protocols\r\n/, 'status');
like($ws->{head}, qr/^Upgrade: websocket\r$/mi, 'Upgrade');
like($ws->{head}, qr/^Connection: upgrade\r$/mi, 'Connection');
like($ws->{head}, qr/^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/m,
     'the example of the RFC');
like($ws->{head}, qr/^Sec-WebSocket-Protocol: b\r$/mi, 'protocol');
unlike($ws->{head}, qr/^Sec-WebSocket-Extensions/mi, 'no extension');



=== TEST 2: text, binary and empty messages come back, of every kind of length
--- user_files eval: $::Echo
--- client
my $ws = ws('/');

for my $n (0, 1, 7, 8, 9, 125, 126, 65535, 65536, 300000) {
    my $data = join '', map { chr(97 + $_ % 26) } 1 .. $n;

    $ws->send(text($data), binary($data));
    is($ws->next, $n ? "text $data" : 'text', "text of $n bytes");
    is($ws->next, $n ? "binary $data" : 'binary', "binary of $n bytes");
}



=== TEST 3: fragments are joined, with control frames in between
--- user_files eval: $::Echo
--- client
my $ws = ws('/');

$ws->send(text('ab', fin => 0), frame(9, 'mid'), frame(0, 'cd', fin => 0),
          frame(0, '', fin => 0), frame(0, 'ef'));
is($ws->next, 'pong mid', 'ping is answered at once');
is($ws->next, 'text abcdef', 'message');

# the euro sign in three fragments, a byte each

$ws->send(text("\xe2", fin => 0), frame(0, "\x82", fin => 0), frame(0, "\xac"));
is($ws->next, "text \xe2\x82\xac", 'a character may be cut');

$ws->send(frame(10, 'unasked'), frame(9, ''), text('x'));
is($ws->next, 'pong', 'empty ping');
is($ws->next, 'text x', 'a pong is nothing');



=== TEST 4: bytes that come one by one are the same messages
--- user_files eval: $::Echo
--- client
my $ws = ws('/');
my $bytes = text('ab', fin => 0) . frame(9, 'p' x 125) . frame(0, 'c' x 200)
            . binary("\0\1") . closing(1000, 'bye');

for my $byte (split //, $bytes) {
    $ws->send($byte);
    select undef, undef, undef, 0.0005;
}

is($ws->next, 'pong ' . 'p' x 125, 'ping');
is($ws->next, 'text ab' . 'c' x 200, 'text');
is($ws->next, "binary \0\1", 'binary');
is($ws->next, 'close 1000 bye', 'close');
is($ws->next, 'end', 'end');



=== TEST 5: frames sent with the handshake are read
--- user_files eval: $::Echo
--- client
my $c = dial();

$c->send("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
         . "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         . "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
         . text('early'));

my $ws = bless { c => $c, head => $c->until_match(qr/\r\n\r\n/) }, 'WebSocket';

is($ws->next, 'text early', 'the frame');



=== TEST 6: closing handshakes: a code, none, and the script's
--- user_files eval: $::Echo
--- client
for my $case ([1000, 'bye'], [1001, ''], [3000, 'x' x 123], [4999, "\xc3\xa9"],
              [1014, 'r'])
{
    my $ws = ws('/');

    $ws->send(closing(@$case));
    is($ws->next, "close $case->[0] $case->[1]", "code $case->[0]");
    is($ws->next, 'end', 'end');
}

my $ws = ws('/');

$ws->send(closing());
is($ws->next, 'close', 'no code');
is($ws->next, 'end', 'end');

logged(qr/heard close 1005 true/);

$ws = ws('/');
$ws->send(text('close'));
is($ws->next, 'close 4000 as asked', 'by the script');
$ws->send(closing(4000, 'as asked'));
is($ws->next, 'end', 'end');

logged(qr/heard close 4000 true/);



=== TEST 7: what breaks the protocol is answered 1002
--- user_files eval: $::Echo
--- client
main::refused(frame(0, 'x'), 1002, 'a continuation of nothing');
main::refused(text('a', fin => 0) . text('b'), 1002, 'text inside of text');
main::refused(text('a', rsv => 4), 1002, 'RSV1 without deflate');
main::refused(text('a', rsv => 2), 1002, 'RSV2');
main::refused(text('a', rsv => 1), 1002, 'RSV3');
main::refused(frame($_, 'a'), 1002, "opcode $_") for 3 .. 7, 11 .. 15;
main::refused(text('a', mask => ''), 1002, 'not masked');
main::refused(frame(9, 'x', fin => 0), 1002, 'a fragmented ping');
main::refused(frame(9, 'x' x 126), 1002, 'a long ping');
main::refused(frame(8, 'x'), 1002, 'half a code');
main::refused("\x82\xfe\0\1\0\0\0\0a", 1002, 'a length longer than need be');
main::refused("\x82\xff\x80" . "\0" x 11, 1002, 'a negative length');
main::refused(closing($_, 'x'), 1002, "code $_")
    for 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535;

logged(qr/heard error Uncaught Error: WebSocket protocol error; protocolError.statusCode = 1002; protocolError.description = Unknown opcode/);



=== TEST 8: text that is not UTF-8 is answered 1007, as soon as it is seen
--- user_files eval: $::Echo
--- client
main::refused(text($_), 1007, unpack('H*', $_))
    for "\xff", "a\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xe2\x82", "\xf8\x88\x80\x80\x80";
main::refused(text('a', fin => 0) . frame(0, "\xce\xba\xff", fin => 0), 1007,
              'in a message that is not over');
main::refused(frame(8, "\x03\xe8\xff"), 1007, 'in a reason');



=== TEST 9: a message above 32 MiB is answered 1009 before it comes
--- user_files eval: $::Echo
--- client
main::refused(binary('', length => 33554433), 1009, 'one byte too long');
main::refused(binary('', length => 2 ** 53), 1009, 'very long');



=== TEST 10: bad handshakes
--- user_files eval: $::Echo
--- client
my $head = "GET / HTTP/1.1\nUpgrade: websocket\nConnection: Upgrade";
my $key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

like(request("$head\nSec-WebSocket-Version: 13")->{head},
     qr/ 400 .*Sec-WebSocket-Version: 13/s, 'no key');
like(request("$head\n$key\nSec-WebSocket-Version: 8")->{head}, qr/ 400 /,
     'version 8');
like(request("$head\n$key")->{head}, qr/ 400 /, 'no version');
is(get('/')->{status}, 500, 'no Upgrade');

expected('did not contain the header "Upgrade: websocket"');



=== TEST 11: a client that vanishes is heard as 1006
--- user_files eval: $::Echo
--- client
my $ws = ws('/');

$ws->send(text('x'));
is($ws->next, 'text x', 'echo');
$ws->close;

logged(qr/heard close 1006 false/);



=== TEST 12: what a listener throws ends the connection
--- user_files eval: $::Echo
--- client
my $ws = ws('/');

$ws->send(text('throw'));
is($ws->next, 'end', 'without a word');

logged(qr/heard error Uncaught Error: thrown/);
expected('uncaught exception: Error: thrown');



=== TEST 13: a broken limit closes all sockets of the isolate with 1011
--- user_files eval: $::Echo
--- script
limits cpu=100ms;
--- client
my ($ws, $other) = (ws('/'), ws('/'));

$ws->send(text('loop'));
is($ws->next, 'close 1011 ', 'its own');
is($other->next, 'close 1011 ', 'another one');
is($ws->next, 'end', 'end');

my $new = ws('/');

$new->send(text('x'));
is($new->next, 'text x', 'a new isolate serves');

expected('exceeded CPU time limit');



=== TEST 14: compressed messages, without context takeover
--- user_files eval: $::Echo
--- client
my $ws = ws('/', 'Sec-WebSocket-Extensions: permessage-deflate; '
                 . 'client_max_window_bits');

like($ws->{head}, qr/^Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r$/mi,
     'negotiated');

my $hello = pack 'H*', 'f248cdc9c90700';

$ws->send(text($hello, rsv => 4));
is($ws->next, 'text Hello', 'the example of RFC 7692');

# in two fragments, and as a last block

$ws->send(text(substr($hello, 0, 3), rsv => 4, fin => 0),
          frame(0, substr($hello, 3)));
is($ws->next, 'text Hello', 'fragments');

$ws->send(text(pack('H*', 'f348cdc9c9070000'), rsv => 4));
is($ws->next, 'text Hello', 'a block with BFINAL');

$ws->send(text('x' x 1000));
like($ws->next, qr/^deflated text .{5,40}$/s, 'what is long comes compressed');

$ws->send(text("\xff\xff\xff", rsv => 4));
like($ws->next, qr/^close 1002 /, 'what is not valid');



=== TEST 15: a reload closes with 1012 after the time that is given
--- user_files eval: $::Echo
--- config
    location / {
        workers_pass w;
        workers_websocket_shutdown_timeout 200ms;
    }
--- client
my $ws = ws('/');
my ($old) = workers_of();

$ws->send(text('x'));
is($ws->next, 'text x', 'echo');

kill HUP => master();

ok(eventually { grep { $_ != $old } workers_of() }, 'a new process');

is($ws->next, 'close 1012 ', 'closed');
$ws->send(closing(1012));
is($ws->next, 'end', 'end');

ok(eventually { !alive($old) }, 'the old process has gone');



=== TEST 16: a silent client is pinged, and closed when it does not answer
--- user_files eval: $::Echo
--- config
    location / {
        workers_pass w;
        workers_websocket_ping_interval 100ms;
    }
--- client
my $ws = ws('/');

is($ws->next, 'ping', 'ping');
$ws->send(frame(10, ''));
is($ws->next, 'ping', 'another one, after a pong');
is($ws->next, 'end', 'no pong');

logged(qr/heard close 1006 false/);



=== TEST 17: many sockets at once, and none is left behind
--- user_files eval: $::Echo
--- client
my @ws = map { ws('/') } 1 .. 100;

$_->send(text('x')) for @ws;
is(scalar(grep { $_->next eq 'text x' } @ws), 100, 'all of them answer');

my ($pid) = workers_of();
my $fds = fds($pid);

$_->close for @ws;
ok(eventually { fds($pid) <= $fds - 100 }, 'all of them are closed');



=== TEST 18: an end that was accepted cannot be returned
--- user_files
>>> w.js
export default {
    fetch() {
        const [client, server] = Object.values(new WebSocketPair());
        client.accept();
        return new Response(null, { status: 101, webSocket: client });
    },
};
--- client
is(ws('/')->next, 'end', 'the connection ends');

expected("Can't return WebSocket in a Response after calling accept");
