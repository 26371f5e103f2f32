package WebSocket;

# Copyright (C) the nginx-workers authors
#
# A WebSocket client that does what it is told, also what is wrong:
#
#     my $ws = ws('/path', 'Header: value');    a connection, after the 101
#     $ws->send(text('hello'));                  frames are strings of bytes
#     is($ws->next, 'text hello');               what comes, as text
#     is($ws->next, 'close 1000 bye');
#     is($ws->next, 'end');

use strict;
use warnings;

use Exporter 'import';

use Client;

our @EXPORT = qw(ws frame text binary closing);


# A frame of an opcode; fin, rsv, mask (4 bytes, '' for none), length.

sub frame {
    my ($opcode, $data, %o) = @_;
    my $mask = $o{mask} // "\x12\x34\x56\x78";
    my $n = $o{length} // length $data;
    my $bit = length $mask ? 0x80 : 0;

    my $head = pack('C', ($o{fin} // 1) << 7 | ($o{rsv} // 0) << 4 | $opcode);

    $head .= $n < 126 ? pack('C', $bit | $n)
             : $n < 65536 ? pack('Cn', $bit | 126, $n)
             : pack('CQ>', $bit | 127, $n);

    if (length $mask) {
        my $key = $mask x (length($data) / 4 + 1);
        $data ^= substr($key, 0, length $data);
    }

    return $head . $mask . $data;
}


sub text { return frame(1, @_) }
sub binary { return frame(2, @_) }

sub closing {
    my ($code, $reason) = @_;

    return frame(8, defined $code ? pack('n', $code) . ($reason // '') : '');
}


# Sends a handshake; what came for an answer is {head}.

sub ws {
    my ($path, @headers) = @_;

    my $c = dial() or return;

    return upgrade($c, $path, @headers);
}


sub upgrade {
    my ($c, $path, @headers) = @_;

    $c->send(join "\r\n", "GET $path HTTP/1.1", 'Host: localhost',
             'Upgrade: websocket', 'Connection: Upgrade',
             'Sec-WebSocket-Version: 13',
             'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', @headers, '', '');

    return bless { c => $c, head => $c->until_match(qr/\r\n\r\n/) // '' },
                 'WebSocket';
}


sub send { my $self = shift; return $self->{c}->send(join '', @_) }


sub close { close $_[0]{c}{sock} }


# The next frame, or "end".

sub next {
    my $self = shift;
    my $c = $self->{c};

    my $head = $c->bytes(2);

    return 'end' if length($head // '') < 2;

    my ($first, $n) = unpack 'CC', $head;

    $n = unpack 'n', $c->bytes(2) if $n == 126;
    $n = unpack 'Q>', $c->bytes(8) if $n == 127;

    my $data = $n ? $c->bytes($n) : '';
    my $name = { 1 => 'text', 2 => 'binary', 8 => 'close', 9 => 'ping',
                 10 => 'pong' }->{$first & 0x0f} // sprintf('%02x', $first);

    $name = "deflated $name" if $first & 0x40;

    $data = length $data ? unpack('n', $data) . ' ' . substr($data, 2) : ''
        if $name eq 'close';

    return length $data ? "$name $data" : $name;
}


1;
