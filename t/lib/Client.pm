package Client;

# Copyright (C) the nginx-workers authors
#
# For blocks that the request of Test::Nginx is too narrow for:
#
#     --- client
#     my $c = dial();
#     $c->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
#     is($c->answer->{body}, 'hello', 'answers');
#
# is Perl that runs in package main in place of the request; the log is looked
# at after it, as in other blocks.  What waits, waits for an event, and gives
# up after $Client::PATIENCE seconds.

use strict;
use warnings;

use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF);
use Test::More ();
use Time::HiRes qw(sleep time);

our @EXPORT = qw(
    dial request get curl eventually steady error_log logged not_logged expected access_log
    master workers_of helpers_of alive fds memory sanitized
    read_file write_file port certificate
);

our $PATIENCE = 15;

$SIG{PIPE} = 'IGNORE';

{
    no warnings 'once';

    my $helper = $Test::Nginx::Util::RunTestHelper;

    $Test::Nginx::Util::RunTestHelper = sub ($$) {
        my ($block, $dry_run) = @_;

        return $helper->(@_) if !defined $block->client || $dry_run;

        my $name = $block->name;
        my $code = "package main; use strict; use warnings;\n"
                   . "#line 1 \"$name\"\n" . $block->client . "\n1;\n";

        no strict 'refs';

        eval $code or Test::More::fail("$name - $@");

        # as Test::Nginx does after a request

        &Test::Nginx::Socket::check_error_log($block, undef, 0, 0);
        &Test::Nginx::Socket::check_access_log($block, 0, 0);
    };
}


sub port { return $Test::Nginx::Util::ServerPort }

sub sanitized { return ($ENV{NGINX_WORKERS_MODULE} // '') =~ /asan/ }


# Polls: true when it came true.

sub eventually(&;$) {
    my ($cond, $name) = @_;
    my $end = time + $PATIENCE;
    my $ok;

    until ($ok = $cond->()) {
        last if time > $end;
        sleep 0.01;
    }

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Test::More::ok($ok, $name) if defined $name;

    return $ok;
}


# What a value comes to: asked for again and again until it stands still.

sub steady(&) {
    my $value = shift;
    my ($last, $same) = ('', 0);

    eventually {
        my $now = $value->();

        $same = $now eq $last ? $same + 1 : 0;
        $last = $now;
        $same == 20;
    };

    return $last;
}


sub read_file {
    my $name = shift;

    open(my $in, '<:raw', $name) or return '';
    local $/;
    return <$in> // '';
}


sub write_file {
    my ($name, $text) = @_;

    open(my $out, '>:raw', $name) or die "$name: $!";
    print $out $text;
    close $out or die "$name: $!";
}


sub error_log { return read_file($Test::Nginx::Util::ErrLogFile) }
sub access_log { return read_file($Test::Nginx::Util::AccLogFile) }


# Waits until the error log has a match.

sub logged {
    my ($pattern, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return eventually { error_log() =~ $pattern }
           $name // "logged: $pattern";
}


sub not_logged {
    my ($pattern, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my ($line) = error_log() =~ /^(.*$pattern.*)/m;

    return Test::More::ok(!defined $line, $name // "not logged: $pattern")
           || Test::More::diag($line);
}


# Takes lines out of the error log that the block has brought about.

sub expected {
    my $pattern = shift;
    my $log = error_log();
    my $n = $log =~ s/^.*$pattern.*\n//mg;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Test::More::ok($n, "expected: $pattern");
    write_file($Test::Nginx::Util::ErrLogFile, $log);
}


sub master {
    my ($pid) = read_file($Test::Nginx::Util::PidFile) =~ /(\d+)/;

    return $pid;
}


sub alive {
    my $stat = read_file("/proc/$_[0]/stat");

    return $stat =~ /.*\) (\w)/ && $1 ne 'Z';
}


# The worker processes of a master, of the one that runs if none is given.

sub workers_of {
    my $master = shift // master();
    my @pids;

    for my $file (glob '/proc/[0-9]*/stat') {
        push @pids, $1 if read_file($file) =~ /^(\d+) .*\) [^Z] (\d+) /
                          && $2 == $master;
    }

    return sort { $a <=> $b } @pids;
}


sub fds {
    my @fds = glob "/proc/$_[0]/fd/*";

    return scalar @fds;
}


# Resident memory of a process and its peak, in KiB; the peak since the last
# call, where the kernel lets it be reset.

sub memory {
    my $pid = shift;
    my $status = read_file("/proc/$pid/status");
    my ($rss) = $status =~ /^VmRSS:\s+(\d+)/m;
    my ($peak) = $status =~ /^VmHWM:\s+(\d+)/m;

    if (open(my $out, '>', "/proc/$pid/clear_refs")) {
        print $out '5';
        close $out;
    }

    return ($rss, $peak);
}


sub curl {
    my @args = @_;

    open(my $out, '-|', 'curl', '-sS', '--max-time', $PATIENCE, @args)
        or die "curl: $!";

    local $/;
    my $text = <$out> // '';

    close $out;

    return $text;
}


# A certificate of localhost that vouches for itself, and its key: two files.

sub certificate {
    my ($cert, $key) = map { "$ENV{TEST_NGINX_TMP}/$_.pem" } 'cert', 'key';

    system("openssl req -x509 -newkey rsa:2048 -nodes -days 2"
           . " -subj /CN=localhost"
           . " -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
           . " -keyout $key -out $cert 2>/dev/null") == 0 or die 'openssl';

    chmod 0644, $key;

    return ($cert, $key);
}


# One request on a connection of its own.

sub request {
    my ($head, $body) = @_;

    my $c = dial() or return { status => 0, body => '', head => '' };

    $head =~ s/\r?\n/\r\n/g;
    $c->send("$head\r\nHost: localhost\r\nConnection: close\r\n\r\n"
             . ($body // ''));

    return $c->answer($head =~ /^HEAD /);
}


sub get {
    my ($path, @headers) = @_;

    return request(join "\n", "GET $path HTTP/1.1", @headers);
}


sub dial {
    my $port = shift // port();

    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', Timeout => 5,
                                     PeerPort => $port) or return;

    return bless { sock => $sock, buf => '' }, 'Client::Connection';
}


package Client::Connection;

use Errno;
use Socket qw(SOL_SOCKET SO_LINGER SHUT_WR);
use Time::HiRes qw(time);


sub send {
    my ($self, $text) = @_;
    my $at = 0;

    while ($at < length $text) {
        my $n = syswrite($self->{sock}, $text, 1048576, $at);

        return 0 if !defined $n;
        $at += $n;
    }

    return 1;
}


# Adds to the buffer; false at the end.

sub fill {
    my ($self, $patience) = @_;

    my $select = IO::Select->new($self->{sock});
    my $n;

    # a signal that comes is no end

    do {
        $! = 0;

        $n = $select->can_read($patience // $Client::PATIENCE)
             ? sysread($self->{sock}, $self->{buf}, 1048576,
                       length $self->{buf})
             : undef;

    } while (!defined $n && $!{EINTR});

    return $n ? 1 : 0;
}


# What comes up to and with a match, or nothing if the end comes first.

sub until_match {
    my ($self, $pattern) = @_;

    for ( ;; ) {
        return substr($self->{buf}, 0, $+[0], '') if $self->{buf} =~ $pattern;

        $self->fill or return;
    }
}


sub bytes {
    my ($self, $n) = @_;

    while (length $self->{buf} < $n) {
        $self->fill or last;
    }

    return substr($self->{buf}, 0, $n, '');
}


# All that comes until the peer closes.

sub rest {
    my $self = shift;

    1 while $self->fill;

    return substr($self->{buf}, 0, length $self->{buf}, '');
}


# Whether the peer has closed.

sub closed {
    my $self = shift;
    my $end = time + $Client::PATIENCE;

    while ($self->fill) {
        return 0 if time > $end;
    }

    return sysread($self->{sock}, my $byte, 1) ? 0 : 1;
}


# { status, head, body, chunks, whole }.  whole: the body was ended properly.

sub answer {
    my ($self, $no_body) = @_;
    my ($head, $answer);

    do {
        $head = $self->until_match(qr/\r\n\r\n/)
            // return { status => 0, head => '', body => $self->rest };

    } while ($head =~ /^HTTP\/1\.1 100 /);

    my ($status) = $head =~ /^HTTP\/1\.\d (\d+)/;

    $answer = { status => $status // 0, head => $head, body => '',
                whole => 1 };

    return $answer if $no_body || $answer->{status} =~ /^(?:204|304)\z/;

    if ($head =~ /^transfer-encoding: chunked\r$/mi) {

        for ( ;; ) {
            my $line = $self->until_match(qr/\r\n/);
            my ($size) = ($line // '') =~ /^([0-9a-f]+)\r\n\z/i;

            if (!defined $size) {
                $answer->{whole} = 0;
                last;
            }

            my $chunk = $self->bytes(2 + hex $size);

            $answer->{body} .= substr($chunk, 0, hex $size);
            $answer->{chunks}++;

            last if !hex $size;
        }

    } elsif ($head =~ /^content-length: (\d+)\r$/mi) {
        $answer->{body} = $self->bytes($1);
        $answer->{whole} = length $answer->{body} == $1;

    } else {
        $answer->{body} = $self->rest;
    }

    return $answer;
}


sub half_close { shutdown($_[0]{sock}, SHUT_WR) }

sub hang_up { close $_[0]{sock} }


# Goes with a reset.

sub reset {
    my $self = shift;

    setsockopt($self->{sock}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    close $self->{sock};
}


1;
