package Postgres;

# Copyright (C) the nginx-workers authors
#
# A PostgreSQL server of a test's own, with TLS and SCRAM: the role "worker" has
# the password "secret".  Every connection of a client is by password.
#
#     my $port = Postgres::start($certificate, $key)
#         or plan skip_all => Postgres::reason();

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;

# PostgreSQL does not run as root, and in the box we may be: a namespace has
# another user, who is we.

my $uid = getpwnam('postgres') // getpwnam('nobody');
my @user = $> == 0 ? ('unshare', '--user', "--map-user=$uid") : ();

my ($bin) = glob '/usr/lib/postgresql/*/bin';
my ($data, $pid);


END {
    local $?;

    if ($pid && !$Test::Nginx::Util::InSubprocess) {
        kill 'INT', $pid;
        waitpid $pid, 0;
        remove_tree($data);
    }
}


# Why there can be none; nothing: there can.

sub reason {
    return 'there is no PostgreSQL' if !$bin;

    return 'there are no namespaces of users here'
        if @user && system("@user true >/dev/null 2>&1") != 0;

    return undef;
}


sub start {
    my ($certificate, $key) = @_;

    $data = tempdir('nginx-workers-pg.XXXXXX', TMPDIR => 1);

    write_to("$data/password", "secret\n");

    my @init = (@user, "$bin/initdb", '-D', "$data/db", '-U', 'worker', '-A',
                'scram-sha-256', "--pwfile=$data/password", '--no-sync',
                '--locale=C.UTF-8');

    system("@init >$data/log 2>&1") == 0
        or die "initdb failed:\n" . read_from("$data/log");

    write_to("$data/db/server.crt", read_from($certificate));
    write_to("$data/db/server.key", read_from($key));

    my $port = free_port();

    $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        open STDOUT, '>', "$data/log";
        open STDERR, '>&', \*STDOUT;

        exec @user, "$bin/postgres", '-D', "$data/db", '-p', $port,
             '-k', $data, '-h', '127.0.0.1', '-F', '-c', 'ssl=on';
        exit 1;
    }

    for (1 .. 200) {
        return $port if IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                              PeerPort => $port);
        last if kill(0, $pid) == 0;
        select undef, undef, undef, 0.05;
    }

    die "postgres does not start:\n" . read_from("$data/log");
}


# Below those that the kernel takes, above those of other tests

sub free_port {
    for my $i (0 .. 300) {
        my $n = 32400 + ($$ + $i) % 300;

        return $n if IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                           LocalPort => $n, Listen => 1);
    }

    die "no port\n";
}


sub read_from {
    my $file = shift;

    open my $in, '<', $file or die "$file: $!\n";
    local $/;

    return <$in>;
}


sub write_to {
    my ($file, $text) = @_;

    open my $out, '>', $file or die "$file: $!\n";
    chmod 0600, $file;
    print $out $text;
    close $out or die "$file: $!\n";
}


1;
