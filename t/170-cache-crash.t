# Copyright (C) the nginx-workers authors
#
# Two masters that share the cache are killed again and again while they
# store and serve: whatever is served is whole, and is what its head says.

use strict;
use warnings;

use Cwd;
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
my $dir = File::Temp::tempdir('nginx-workers-cache.XXXXXX', TMPDIR => 1,
                              CLEANUP => 1);
my $parent = $$;
my (%running, %total);

my @sizes = (0, 100, 9000, 17000, 150_000, 700_000);

$SIG{PIPE} = 'IGNORE';

END {
    if ($$ == $parent) {
        local $?;
        kill_nginx($_) for keys %running;
    }
}


write_file("$dir/w.js", <<'END');
export default { async fetch({ url }) {
    const { pathname, searchParams } = new URL(url);
    const seed = searchParams.get('seed'), size = +searchParams.get('size');
    const key = `http://x/${searchParams.get('k')}`;
    const c = caches.default;
    if (pathname === '/delete') return new Response(await c.delete(key));
    if (pathname === '/get') return await c.match(key)
                                    ?? new Response('', { status: 404 });
    const bytes = new TextEncoder().encode(seed.repeat(size / seed.length + 1))
                  .subarray(0, size);
    let at = 0;
    const stream = new ReadableStream({ async pull(controller) {
        const end = Math.min(at + 50_000, size);
        if (end > at) controller.enqueue(bytes.slice(at, end));
        at = end;
        if (at === size) controller.close();
        await scheduler.wait(1);
    } });
    await c.put(key, new Response(size % 2 ? bytes : stream, { headers: {
        'cache-control': 'max-age=600', 'x-seed': seed, 'x-size': size } }));
    return new Response('put');
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
        my $port = 32000 + ($$ * 7 + $i * 3) % 700;

        next if grep { ($_->{port} // 0) == $port } values %running;

        return $port if IO::Socket::INET->new(Listen => 1, ReuseAddr => 1,
                                              LocalAddr => '127.0.0.1',
                                              LocalPort => $port);
    }

    die 'no port';
}


# Starts a master with two worker processes; the name stands for it.

sub start_nginx {
    my $name = shift;
    my $prefix = "$dir/$name";
    my $load = join '', map { "load_module $_;\n" } @load;
    my $user = $< == 0 ? "user root;\n" : '';
    my $port = $running{$name}{port} // free_port();
    my $temp = join '', map { "${_}_temp_path $prefix/$_;\n" }
                        qw(client_body proxy fastcgi uwsgi scgi);

    mkdir $prefix;

    write_file("$prefix/nginx.conf", <<"END");
$load
$user
worker_processes 2;
pid $prefix/pid;
error_log $prefix/error.log info;
events { worker_connections 128; }
http {
    access_log off;
    sendfile on;
    $temp
    workers_data $dir/data;
    workers_cache_size 8m;
    workers_script w { main $dir/w.js; }
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

    # no new worker may come up between

    kill 'STOP', $master;

    my @pids = ($master, workers($name));

    kill 'KILL', @pids;

    wait_for(sub { !grep { alive($_) } @pids });
    unlink "$running{$name}{prefix}/pid";
}


# (status, head, body), body undefined if the connection broke before its end.

sub request {
    my ($name, $path) = @_;

    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', Timeout => 5,
                                     PeerPort => $running{$name}{port})
        or return (0);

    print $sock "GET $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    local $/;

    my ($head, $body) = split /\r\n\r\n/, <$sock> // '', 2;
    my ($status) = ($head // '') =~ /^HTTP\/1\.1 (\d+)/ or return (0);

    if ($head =~ /^transfer-encoding: chunked\r?$/mi) {
        my $whole = '';

        while ($body =~ s/^([0-9a-f]+)\r\n//i) {
            my $size = hex $1;

            return ($status, $head, $whole) if $size == 0;

            $whole .= substr($body, 0, $size);
            substr($body, 0, $size + 2) = '';
        }

        return ($status, $head);
    }

    return ($status, $head)
        if $head =~ /^content-length: (\d+)/mi && $1 != length $body;

    return ($status, $head, $body);
}


# "hit", "none", "broken" or what is wrong with it.

sub ask {
    my ($name, $key) = @_;
    my ($status, $head, $body) = request($name, "/get?k=$key");

    return 'broken' if $status == 0 || !defined $body;
    return 'none' if $status == 404;

    my ($seed) = $head =~ /^x-seed: (\S+)/mi;
    my ($size) = $head =~ /^x-size: (\d+)/mi;

    return "$status: $head" if !defined $size;
    return 'hit' if $body eq substr($seed x ($size / length($seed) + 1), 0,
                                    $size);
    return "$key: wrong body of " . length($body) . ": $head";
}


sub client {
    my ($name, $id) = @_;

    pipe(my $in, my $out) or die $!;

    my $pid = fork;

    return { pid => $pid, in => $in } if $pid;

    close $in;
    $out->autoflush(1);
    srand($$ + time);

    for (;;) {
        my $key = int rand 10;
        my $what = rand;

        if ($what < 0.4) {
            my $size = $sizes[rand @sizes] + int rand 2;
            my $seed = "$id-$$-" . int(rand 1e6) . '.';

            request($name, "/put?k=$key&seed=$seed&size=$size");

        } elsif ($what < 0.45) {
            request($name, "/delete?k=$key");

        } else {
            print $out ask($name, $key) =~ s/\n.*//sr, "\n" or last;
        }
    }

    require POSIX;
    POSIX::_exit(0);
}


mkdir "$dir/data";

for my $round (1 .. 6) {
    start_nginx($_) for 'one', 'two';

    my (@clients, %seen);

    # what the killed ones have left

    $seen{ask('one', $_)}++ for 0 .. 9;

    @clients = map { client($_ % 2 ? 'one' : 'two', $_) } 1 .. 4;

    sleep 0.5 + rand 0.3;
    kill_nginx($_) for 'one', 'two';

    kill 'TERM', map { $_->{pid} } @clients;

    for my $client (@clients) {
        local $/;

        my $in = $client->{in};

        $seen{$_}++ for split /\n/, <$in> // '';
        waitpid $client->{pid}, 0;
    }

    $total{$_} += $seen{$_} // 0 for 'hit', 'none', 'broken';

    is(join("\n", grep { !/^(?:hit|none|broken)$/ } sort keys %seen), '',
       "round $round: what is served is right");
}

cmp_ok($total{hit}, '>', 50, "$total{hit} entries were served");
note("$total{none} misses, $total{broken} broken connections");

start_nginx('one');

my @left = glob "$dir/data/cache/tmp/*";

note(scalar(@left) . ' temporary files are left');
utime time - 100, time - 100, @left if @left;

# more than there is room for: a sweep

for my $n (1 .. 30) {
    request('one', "/put?k=fill$n&seed=x&size=600001");
}

is(scalar(my @now = glob "$dir/data/cache/tmp/*"), 0, 'they are swept');

my $size = 0;
$size += -s $_ for glob "$dir/data/cache/??/*";
cmp_ok($size, '<=', 8 * 1048576, 'the size is kept');

my ($crash) = map { grep { /exited on signal (?!9\b)|\[alert\].*(?!kill)|Sanitizer/ }
                    split /\n/, read_file("$dir/$_/error.log") } 'one', 'two';
is($crash, undef, 'nothing is wrong in the logs');

done_testing();
