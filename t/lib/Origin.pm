package Origin;

# Copyright (C) the nginx-workers authors
#
# An origin that answers with bytes of our choice, in a process of its own:
#
#     use Origin;           # before run_tests()
#
# listens on 127.0.0.1:$TEST_NGINX_ORIGIN_PORT.  A request for /raw is answered
# with its own bytes; one for /say?... with the bytes that the query string
# is, unescaped; then for "close" in the path the connection ends, for "reset"
# it breaks.  /silent answers nothing, /drop ends the connection.
#
# X-Conn of /raw is the connection's number, X-Nth the request's on it.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);

my $pid;


END {
    local $?;

    if ($pid && !$Test::Nginx::Util::InSubprocess) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
}


sub serve {
    my ($server, $parent) = @_;

    my $select = IO::Select->new($server);
    my (%buffer, %number, %served, $connections);

    for (;;) {
        return if getppid() != $parent;

        for my $s ($select->can_read(1)) {

            if ($s == $server) {
                my $c = $server->accept or next;
                $select->add($c);
                $buffer{$c} = '';
                $number{$c} = ++$connections;
                next;
            }

            my $n = sysread $s, my $bytes, 65536;

            if ($n) {
                $buffer{$s} .= $bytes;

                while (defined(my $request = request(\$buffer{$s}))) {
                    if (!answer($s, $request, $number{$s}, ++$served{$s})) {
                        $n = 0;
                        last;
                    }
                }
            }

            if (!$n) {
                $select->remove($s);
                delete $buffer{$s};
                delete $served{$s};
                close $s;
            }
        }
    }
}


# The bytes of the next request, if it is whole.

sub request {
    my $buffer = shift;

    my $head = index $$buffer, "\r\n\r\n";
    return undef if $head < 0;

    my $len = $head + 4;
    my $text = substr $$buffer, 0, $len;

    if ($text =~ /^content-length: (\d+)/mi) {
        $len += $1;

    } elsif ($text =~ /^transfer-encoding: chunked/mi) {
        my $end = index $$buffer, "0\r\n\r\n", $head + 2;
        return undef if $end < 0;
        $len = $end + 5;
    }

    return undef if length $$buffer < $len;

    return substr $$buffer, 0, $len, '';
}


sub answer {
    my ($s, $request, $connection, $nth) = @_;

    my ($method, $path, $query) = $request =~ /^(\S+) ([^ ?]*)\??(\S*)/;

    return 1 if $path eq '/silent';
    return 0 if $path eq '/drop';

    if ($path =~ m{^/say}) {
        $query =~ s/%(..)/chr hex $1/ge;
        syswrite $s, $query;

    } else {
        my $len = length $request;

        syswrite $s, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                     . "X-Conn: $connection\r\nX-Nth: $nth\r\n"
                     . "Content-Length: $len\r\n\r\n"
                     . ($method eq 'HEAD' ? '' : $request);
    }

    if ($path =~ /reset/) {
        setsockopt $s, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
        return 0;
    }

    return $path !~ /close/;
}


{
    my $server = IO::Socket::INET->new(Listen => 128, ReuseAddr => 1,
                                       LocalAddr => '127.0.0.1')
        or die "origin: $@";

    $ENV{TEST_NGINX_ORIGIN_PORT} = $server->sockport;

    my $parent = $$;

    $pid = fork() // die "origin: $!";

    if ($pid == 0) {
        $SIG{PIPE} = 'IGNORE';
        eval { serve($server, $parent) };
        POSIX::_exit(0);
    }

    close $server;
}


1;
