# Copyright (C) the nginx-workers authors
#
# What KV has acknowledged is there after kill -9 of every process, and with
# two masters on one workers_data; storage that fails says so, and works again
# when the cause has gone.

use strict;
use warnings;

use Cwd;
use File::Copy qw(copy move);
use File::Temp;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

my $module = $ENV{NGINX_WORKERS_MODULE}
             || getcwd() . '/build/ngx_http_workers_module.so';
my @load = split / /, $ENV{TEST_NGINX_LOAD_MODULES}
                      || "/usr/lib/nginx/modules/ngx_http_js_module.so $module";
my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $dir = File::Temp::tempdir('nginx-workers-crash.XXXXXX', TMPDIR => 1,
                              CLEANUP => 1);
my $parent = $$;
my %running;

$SIG{PIPE} = 'IGNORE';

END {
    if ($$ == $parent) {
        local $?;
        kill_nginx($_) for keys %running;
    }
}


write_file("$dir/w.js", <<'END');
const value = (key) => key.repeat(1 + key.length * 7919 % 300);

export default { async fetch(request, env) {
    const url = new URL(request.url), key = url.searchParams.get('k');
    const kv = env[url.searchParams.get('ns') ?? 'KV'];
    try {
        if (url.pathname === '/put') {
            await kv.put(key, value(key));
            return new Response('ok');
        }
        if (url.pathname === '/get')
            return new Response(String(await kv.get(key) === value(key)));
        const good = [];
        let cursor;
        do {
            const page = await kv.list({ cursor });
            for (const { name } of page.keys)
                if (await kv.get(name) === value(name)) good.push(name);
            cursor = page.cursor;
        } while (cursor);
        return new Response(good.join('\n'));
    } catch (e) {
        return new Response(e.message);
    }
} };
END


sub write_file {
    my ($name, $text) = @_;

    open(my $out, '>', $name) or die "$name: $!";
    print $out $text;
    close $out;
}


sub read_file {
    my $name = shift;

    open(my $in, '<', $name) or return '';
    local $/;
    return <$in> // '';
}


sub free_port {
    for my $i (0 .. 500) {
        my $port = 30000 + ($$ * 7 + $i * 3) % 2000;

        return $port if IO::Socket::INET->new(Listen => 1, ReuseAddr => 1,
                                              LocalAddr => '127.0.0.1',
                                              LocalPort => $port);
    }

    die 'no port';
}


# Starts a master with two worker processes; the name stands for it.

sub start_nginx {
    my ($name, $data) = @_;
    my $prefix = "$dir/$name";
    my $load = join '', map { "load_module $_;\n" } @load;
    my $user = $< == 0 ? "user root;\n" : '';

    mkdir $prefix;
    mkdir $data;

    my $port = $running{$name}{port} // free_port();
    my $temp = join '', map { "${_}_temp_path $prefix/$_;\n" }
                        qw(client_body proxy fastcgi uwsgi scgi);

    write_file("$prefix/nginx.conf", <<"END");
$load
$user
worker_processes 2;
pid $prefix/pid;
error_log $prefix/error.log info;
events { worker_connections 128; }
http {
    access_log off;
    $temp
    workers_data $data;
    workers_script w {
        main $dir/w.js;
        kv_namespace KV id=main;
        kv_namespace OTHER id=other;
    }
    server {
        listen 127.0.0.1:$port;
        location / { workers_pass w; }
    }
}
END

    system("$nginx -p $prefix -c $prefix/nginx.conf -e $prefix/error.log") == 0
        or BAIL_OUT('nginx does not start: '
                    . read_file("$prefix/error.log"));

    $running{$name} = { port => $port, prefix => $prefix };
    wait_for(sub { read_file("$prefix/pid") =~ /\d/ && workers($name) == 2 });
}


sub wait_for {
    my $cond = shift;
    my $end = time + 20;

    until ($cond->()) {
        return 0 if time > $end;
        sleep 0.02;
    }

    return 1;
}


sub alive {
    my $stat = read_file("/proc/$_[0]/stat");

    return $stat =~ /.*\) (\w)/ && $1 ne 'Z';
}


sub master {
    my ($pid) = read_file("$running{$_[0]}{prefix}/pid") =~ /(\d+)/;

    return $pid;
}


sub workers {
    my $master = master(shift) or return;
    my @pids;

    for my $file (glob '/proc/[0-9]*/stat') {
        my $stat = read_file($file);

        push @pids, $1 if $stat =~ /^(\d+) .*\) [^Z] (\d+) / && $2 == $master;
    }

    return @pids;
}


sub kill_nginx {
    my $name = shift;
    my $master = master($name) or return;
    my @pids = ($master, workers($name));

    # no new worker may come up between

    kill 'STOP', $master;
    @pids = ($master, workers($name));
    kill 'KILL', @pids;

    wait_for(sub { !grep { alive($_) } @pids });
    unlink "$running{$name}{prefix}/pid";
}


sub stop_nginx {
    my $name = shift;
    my $master = master($name) or return;

    kill 'QUIT', $master;
    wait_for(sub { !alive($master) });
}


# A response's body, or nothing if the connection failed.

sub request {
    my ($name, $path, $sock) = @_;

    $sock //= IO::Socket::INET->new(PeerAddr => '127.0.0.1', Timeout => 5,
                                    PeerPort => $running{$name}{port})
        or return;

    print $sock "GET $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    local $/;

    my $answer = <$sock> // '';

    $answer =~ s/^HTTP\/1\.1 200 .*?\r\n\r\n//s or return;

    if ($& =~ /chunked/i) {
        my $body = '';

        while ($answer =~ s/^([0-9a-f]+)\r\n//i && hex $1) {
            $body .= substr($answer, 0, hex $1);
            substr($answer, 0, 2 + hex $1) = '';
        }

        return $body;
    }

    return $answer;
}


# Clients that write keys of their own until they fail, or are told to stop;
# what was acknowledged comes through the pipe.

sub start_clients {
    my ($name, $label, $n, $stubborn) = @_;
    my @clients;

    for my $i (1 .. $n) {
        pipe(my $in, my $out) or die $!;

        my $pid = fork;

        if ($pid == 0) {
            close $in;
            $out->autoflush(1);

            for (my $k = 0; ; $k++) {
                my $key = "$label-$i-$k";
                my $answer = request($name, "/put?k=$key");

                if (defined $answer && $answer eq 'ok') {
                    print $out "$key\n" or last;

                } elsif (!$stubborn) {
                    last;
                }
            }

            require POSIX;
            POSIX::_exit(0);
        }

        close $out;
        push @clients, { pid => $pid, in => $in, text => '' };
    }

    return @clients;
}


sub read_acks {
    my ($clients, $want) = @_;
    my $select = IO::Select->new(map { $_->{in} } @$clients);
    my $end = time + 30;
    my $acks = 0;

    while ($select->count && time < $end) {
        $acks = 0;
        $acks += $_->{text} =~ tr/\n// for @$clients;

        last if defined $want && $acks >= $want;

        for my $in ($select->can_read(1)) {
            my ($client) = grep { $_->{in} == $in } @$clients;

            sysread($in, $client->{text}, 65536, length $client->{text})
                or $select->remove($in);
        }
    }

    return $acks;
}


sub end_clients {
    my $clients = shift;
    my @acked;

    kill 'TERM', map { $_->{pid} } @$clients;
    read_acks($clients);

    for my $client (@$clients) {
        waitpid $client->{pid}, 0;
        push @acked, $client->{text} =~ /^(.+)\n/mg;
    }

    return @acked;
}


sub lost {
    my ($name, @acked) = @_;
    my %good = map { $_ => 1 } split /\n/, request($name, '/list') // '';

    return grep { !$good{$_} } @acked;
}


sub count {
    my ($name, $text) = @_;
    my $log = read_file("$running{$name}{prefix}/error.log");

    return scalar(() = $log =~ /$text/g);
}


# kill -9 of every process, in the middle of commits

{
    my @acked;

    for my $round (1 .. 6) {
        start_nginx('one', "$dir/data");

        my @clients = start_clients('one', "r$round", 4);

        read_acks(\@clients, 5 + int rand 120);
        kill_nginx('one');
        push @acked, end_clients(\@clients);
    }

    start_nginx('one', "$dir/data");
    cmp_ok(scalar @acked, '>', 30, 'puts were acknowledged');
    is_deeply([lost('one', @acked)], [],
              'what was acknowledged survives kill -9 of every process');
}


# kill -9 of one worker process: the others are not held up by its lock

{
    my @acked;

    for my $round (1 .. 6) {
        my @clients = start_clients('one', "w$round", 4, 1);

        read_acks(\@clients, 5 + int rand 60);
        kill 'KILL', (workers('one'))[rand 2];

        my $before = read_acks(\@clients, 1);

        cmp_ok(read_acks(\@clients, $before + 20), '>=', $before + 20,
               "others go on after a worker process was killed, $round");
        push @acked, end_clients(\@clients);
        wait_for(sub { workers('one') == 2 });
    }

    is_deeply([lost('one', @acked)], [],
              'what was acknowledged survives the kill of a worker process');
}


# two masters on one workers_data

{
    start_nginx('two', "$dir/data");

    is(request('one', '/put?k=from-one'), 'ok', 'a put through one master');
    is(request('two', '/get?k=from-one'), 'true', '... is there for the other');
    is(request('two', '/put?k=from-two'), 'ok', 'a put through the other');
    is(request('one', '/get?k=from-two'), 'true', '... is there for the first');

    my @one = start_clients('one', 'm1', 2);
    my @two = start_clients('two', 'm2', 2);

    read_acks(\@one, 50);
    read_acks(\@two, 50);
    kill_nginx('one');

    my $before = read_acks(\@two, 1);

    cmp_ok(read_acks(\@two, $before + 20), '>=', $before + 20,
           'one master goes on when the other was killed');

    my @acked = (end_clients(\@one), end_clients(\@two));

    is_deeply([lost('two', @acked)], [], 'what both acknowledged is there');
}


# writes that are waiting when nginx is told to quit

{
    my @clients = start_clients('two', 'q', 4);

    read_acks(\@clients, 20);
    stop_nginx('two');

    my @acked = end_clients(\@clients);

    is(count('two', 'exited on signal'), 0, 'nobody crashed');

    start_nginx('two', "$dir/data");
    is_deeply([lost('two', @acked)], [], 'what was acknowledged survives quit');
    stop_nginx('two');
}


# a folder that cannot be made

{
    mkdir "$dir/closed";
    write_file("$dir/closed/kv", '');
    start_nginx('closed', "$dir/closed");

    my @before = sort(workers('closed'));

    for (1 .. 5) {
        is(request('closed', '/put?k=a'),
           'KV PUT failed: 503 Service Unavailable', 'no folder: put');
        is(request('closed', '/get?k=a'),
           'KV GET failed: 503 Service Unavailable', 'no folder: get');
    }

    my $lines = count('closed', '\[crit\].*kv/main.*open failed \(');

    ok($lines >= 1 && $lines <= 2, 'one crit line per process');
    unlink "$dir/closed/kv";
    ok(wait_for(sub { request('closed', '/put?k=a') eq 'ok' }),
       'works when the cause has gone');
    is_deeply([sort(workers('closed'))], \@before, 'no process went down');
    stop_nginx('closed');
}


# a damaged environment

{
    my $file = "$dir/closed/kv/main/data.mdb";
    my %damage = (
        garbage => sub { write_file($file, 'garbage' x 5000) },
        short => sub { truncate $file, 3 * 4096 },
    );

    for my $name (sort keys %damage) {
        start_nginx('closed', "$dir/closed");
        request('closed', "/put?k=b$_") for 1 .. 20;
        stop_nginx('closed');

        copy($file, "$dir/copy");
        $damage{$name}->();
        start_nginx('closed', "$dir/closed");

        my @before = sort(workers('closed'));

        is(request('closed', '/put?k=a'),
           'KV PUT failed: 503 Service Unavailable', "$name: put");
        is(request('closed', '/get?k=a'),
           'KV GET failed: 503 Service Unavailable', "$name: get");
        is(request('closed', '/put?k=a&ns=OTHER'), 'ok',
           "$name: another namespace works");
        is_deeply([sort(workers('closed'))], \@before,
                  "$name: no process went down");

        move("$dir/copy", $file);
        ok(wait_for(sub { request('closed', '/get?k=b20') eq 'true' }),
           "$name: works when it was put back");
        stop_nginx('closed');
    }

    is(count('closed', 'exited on signal'), 0, 'nobody crashed');
}


# removed while it is open

{
    start_nginx('closed', "$dir/closed");
    is(request('closed', '/get?k=b20'), 'true', 'open');
    system("rm -r $dir/closed/kv/main");
    is(request('closed', '/put?k=new'), 'ok', 'a put into a removed folder');
    stop_nginx('closed');
    start_nginx('closed', "$dir/closed");
    is(request('closed', '/get?k=new'), 'true', '... is not lost');
    stop_nginx('closed');
}

done_testing();
