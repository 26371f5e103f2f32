package Nameserver;

# Copyright (C) the nginx-workers authors
#
# A DNS server of our own, in a process of its own:
#
#     use Nameserver;       # before run_tests()
#
# listens on 127.0.0.1:$TEST_NGINX_DNS_PORT, over UDP and TCP.  It knows the
# names of %ZONE; of others it says that there are none.  A name that begins
# with "refused.", "servfail.", "silent.", "garbage." or "big." is answered
# accordingly.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(AF_INET6 inet_aton inet_pton);

my %TYPE = (A => 1, NS => 2, CNAME => 5, SOA => 6, PTR => 12, MX => 15,
            TXT => 16, AAAA => 28, SRV => 33, NAPTR => 35, CAA => 257);

my %ZONE = (
    'one.test' => [[A => '127.0.0.1'], [A => '127.0.0.2'],
                   [AAAA => '2001:db8::1']],
    'node1' => [[A => '127.0.0.1']],
    'alias.test' => [[CNAME => 'one.test']],
    'six.test' => [[AAAA => '::1']],
    'mail.test' => [[MX => 10, 'mx1.test'], [MX => 20, 'mx2.test'],
                    [TXT => 'v=spf1', ' -all'], [TXT => "caf\xc3\xa9"],
                    [NS => 'ns.test'],
                    [SOA => 'ns.test', 'admin.test', 7, 3600, 600, 86400, 60],
                    [CAA => 128, 'issue', 'ca.test'],
                    [CAA => 0, 'iodef', 'mailto:a@test']],
    '_sip._tcp.test' => [[SRV => 1, 2, 5060, 'sip.test']],
    'naptr.test' => [[NAPTR => 100, 10, 's', 'SIP+D2U', '',
                      '_sip._udp.test']],
    '4.3.2.1.in-addr.arpa' => [[PTR => 'host.test']],
    '1.' . '0.' x 23 . '8.b.d.0.1.0.0.2.ip6.arpa' => [[PTR => 'six.test']],
);

my $pid;


END {
    local $?;

    if ($pid && !$Test::Nginx::Util::InSubprocess) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
}


sub name {
    return join('', map { pack 'C/a*', $_ } split /\./, shift) . "\0";
}


sub data {
    my ($type, @v) = @_;

    return inet_aton($v[0]) if $type eq 'A';
    return inet_pton(AF_INET6, $v[0]) if $type eq 'AAAA';
    return pack('n', $v[0]) . name($v[1]) if $type eq 'MX';
    return join '', map { pack 'C/a*', $_ } @v if $type eq 'TXT';
    return name($v[0]) . name($v[1]) . pack('N5', @v[2 .. 6])
        if $type eq 'SOA';
    return pack('n3', @v[0 .. 2]) . name($v[3]) if $type eq 'SRV';
    return pack('n2 C/a* C/a* C/a*', @v[0 .. 4]) . name($v[5])
        if $type eq 'NAPTR';
    return pack('C C/a* a*', @v) if $type eq 'CAA';

    return name($v[0]);
}


# What a query is answered with; nothing: it is not.

sub answer {
    my ($query, $tcp) = @_;

    my ($id, $flags) = unpack 'n2', $query;
    my ($at, @labels) = (12);

    while ((my $len = ord substr $query, $at, 1) != 0) {
        push @labels, substr $query, $at + 1, $len;
        $at += $len + 1;
    }

    my $question = substr $query, 12, $at + 5 - 12;
    my $type = unpack 'n', substr $query, $at + 1, 2;
    my $name = lc join '.', @labels;
    my $head = 0x8180;

    return if $name =~ /^silent\./;
    return pack('n', $id) . "\x81\x80\0\1\0\1garbage" if $name =~ /^garbage\./;

    my ($rcode, $cut, @answers) = (0, 0);

    if ($name =~ /^refused\./) {
        $rcode = 5;

    } elsif ($name =~ /^servfail\./) {
        $rcode = 2;

    } elsif ($name =~ /^big\./) {
        if ($tcp) {
            @answers = map { [$name, TXT => "$_" . 'x' x 200] } 1 .. 40;
        } else {
            $cut = 1;
        }

    } elsif (!$ZONE{$name}) {
        $rcode = 3;

    } else {
        my $found = $ZONE{$name};

        if ($found->[0][0] eq 'CNAME') {
            push @answers, [$name, @{$found->[0]}];
            $name = $found->[0][1];
            $found = $ZONE{$name};
        }

        push @answers, map { [$name, @$_] }
                       grep { $TYPE{$_->[0]} == $type } @$found;
    }

    my $response = pack('n6', $id, $head | $rcode | ($cut ? 0x0200 : 0), 1,
                        scalar @answers, 0, 0) . $question;

    for my $answer (@answers) {
        my ($owner, $kind, @values) = @$answer;

        $response .= name($owner) . pack('n2 N n/a*', $TYPE{$kind}, 1, 300,
                                         data($kind, @values));
    }

    return $response;
}


sub serve {
    my ($udp, $tcp, $parent) = @_;

    my $select = IO::Select->new($udp, $tcp);

    for (;;) {
        return if getppid() != $parent;

        for my $s ($select->can_read(1)) {

            if ($s == $udp) {
                my $peer = $udp->recv(my $query, 4096);
                my $response = answer($query, 0);

                $udp->send($response, 0, $peer) if defined $response;
                next;
            }

            if ($s == $tcp) {
                $select->add($tcp->accept || next);
                next;
            }

            my $n = sysread $s, my $bytes, 4096;

            if (!$n) {
                $select->remove($s);
                close $s;
                next;
            }

            my $response = answer(substr($bytes, 2), 1);

            syswrite $s, pack('n/a*', $response) if defined $response;
        }
    }
}


sub import {
    return if $ENV{TEST_NGINX_DNS_PORT};

    my ($udp, $tcp);

    for (1 .. 20) {
        $tcp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16)
            or die "listen: $!\n";
        $udp = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                     LocalPort => $tcp->sockport,
                                     Proto => 'udp');
        last if $udp;
    }

    die "no port for a name server\n" unless $udp;

    $ENV{TEST_NGINX_DNS_PORT} = $tcp->sockport;

    my $parent = $$;

    $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        local $SIG{__WARN__} = sub {};
        eval { serve($udp, $tcp, $parent) };
        POSIX::_exit(0);
    }
}


1;
