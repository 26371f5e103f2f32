# Copyright (C) the nginx-workers authors
#
# Reload, stop and kill: what runs is finished, what is new is taken up, and
# nothing is left behind.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;


our $html = $ENV{TEST_NGINX_HTML_DIR};


sub hup { kill 'HUP', master() }


# Changes the configuration.

sub reconfigure {
    my ($from, $to) = @_;
    my $conf = read_file($Test::Nginx::Util::ConfFile);

    $conf =~ s/$from/$to/ or die "no $from";
    write_file($Test::Nginx::Util::ConfFile, $conf);
}


# After a reload: waits until the worker processes of before have gone.

sub gone {
    my @pids = @_;

    return eventually { !grep { alive($_) } @pids } 'the old processes have gone';
}


# Clients that ask again and again, each in a process of its own; load_end()
# tells what they have seen: { body => times }.

sub load_begin {
    my ($n, $path) = @_;
    my @clients;

    for my $i (1 .. $n) {
        pipe(my $in, my $out) or die $!;

        my $pid = fork // die $!;

        if ($pid == 0) {
            require POSIX;

            my ($stop, %seen, $c) = (0);

            local $SIG{TERM} = sub { $stop = 1 };

            until ($stop) {

                # every other one keeps its connection, as long as it lasts

                my $kept = $i % 2 && defined $c;

                $c = dial() if !$kept;

                if (!defined $c) {
                    $seen{'no connection'}++;
                    next;
                }

                $c->send("GET $path HTTP/1.1\r\nHost: x\r\n"
                         . ($i % 2 ? '' : "Connection: close\r\n") . "\r\n");

                my $answer = $c->answer;

                if ($answer->{status} == 0 && $answer->{body} eq '' && $kept) {
                    undef $c;               # closed while it was idle
                    next;
                }

                $seen{$answer->{whole} ? "$answer->{status} $answer->{body}"
                                       : 'cut off'}++;

                undef $c if $answer->{head} =~ /^Connection: close/m;
            }

            print $out map { "$seen{$_} $_\n" } sort keys %seen;
            close $out;
            POSIX::_exit(0);
        }

        close $out;
        push @clients, [$pid, $in];
    }

    return @clients;
}


sub load_end {
    my @clients = @_;
    my %seen;

    kill 'TERM', map { $_->[0] } @clients;

    for my $client (@clients) {
        my $in = $client->[1];

        /^(\d+) (.*)$/ and $seen{$2} += $1 while <$in>;
        waitpid $client->[0], 0;
    }

    return \%seen;
}

run_tests();

__DATA__

=== TEST 1: reload under load drops nothing, and takes up script, module, var and secret
--- script
    var VAR var-1;
    secret SECRET file=$TEST_NGINX_HTML_DIR/secret;
--- user_files
>>> w.js
import { lib } from './lib.js';
export default { async fetch(request, env) {
    if (request.url.endsWith('/wait')) await scheduler.wait(3);
    return new Response(`script-1 ${lib} ${env.VAR} ${env.SECRET}`);
} };
>>> lib.js
export const lib = 'lib-1';
>>> secret
secret-1
--- client
my @clients = main::load_begin(6, '/wait');
my $fds = steady { fds(master()) };

for my $i (2 .. 6) {
    my $last = $i - 1;
    my @old = workers_of();

    write_file("$main::html/w.js",
               read_file("$main::html/w.js") =~ s/script-$last/script-$i/r);
    write_file("$main::html/lib.js", "export const lib = 'lib-$i';\n");
    write_file("$main::html/secret", "secret-$i\n");
    main::reconfigure("var-$last", "var-$i");

    is(get('/')->{body}, "script-$last lib-$last var-$last secret-$last",
       "the old one until reload, $last");
    main::hup();
    eventually { get('/')->{body} eq "script-$i lib-$i var-$i secret-$i" }
        "the new one after reload, $i";
    main::gone(@old);
}

my $seen = main::load_end(@clients);

is_deeply([sort keys %$seen],
          [map { "200 script-$_ lib-$_ var-$_ secret-$_" } 1 .. 6],
          'nothing was dropped or mixed up') or diag(%$seen);
is(steady { fds(master()) }, $fds, 'the master keeps no file open');



=== TEST 2: the old process finishes requests, bodies and waitUntil()
--- script
    kv_namespace KV id=x;
    var VERSION one;
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request, env, ctx) {
    const { VERSION, KV } = env;
    switch (new URL(request.url).pathname) {
    case '/slow':
        console.log('slow', 'begins');
        await scheduler.wait(400);
        return new Response(`slow ${VERSION}`);
    case '/stream':
        return new Response(new ReadableStream({ async pull(c) {
            c.enqueue(new TextEncoder().encode(VERSION + ' '));
            await scheduler.wait(40);
            if (++n === 10) c.close();
        } }));
    case '/upload':
        console.log('upload', 'begins');
        return new Response(await request.text() + ' ' + VERSION);
    case '/after':
        ctx.waitUntil((async () => {
            for (let i = 0; i < 5; i++) await scheduler.wait(100);
            await KV.put('k', VERSION);
            console.log('after', 'ends', VERSION);
        })());
        break;
    case '/kv': return new Response(await KV.get('k'));
    }
    return new Response(VERSION);
} };
--- client
my @old = workers_of();
my ($slow, $stream, $upload) = map { dial() } 1 .. 3;

is(get('/after')->{body}, 'one', 'after');
$slow->send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
$stream->send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
$upload->send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo");
logged(qr/slow begins/);
logged(qr/upload begins/);
ok(defined $stream->until_match(qr/\r\n\r\n/), 'stream begins');

main::reconfigure('VERSION one', 'VERSION two');
main::hup();
eventually { get('/')->{body} eq 'two' } 'the new one serves';
ok(alive($old[0]), 'the old one is there');

$upload->send('dy');
is($upload->answer->{body}, 'body one', 'the upload ends');
is($slow->answer->{body}, 'slow one', 'the slow one ends');
ok(defined $stream->until_match(qr/\r\n0\r\n\r\n/), 'the stream ends');
logged(qr/after ends one/);
is(get('/kv')->{body}, 'one', 'what it has put is there');
main::gone(@old);
is(get('/')->{body}, 'two', 'the new one goes on');



=== TEST 3: a connection that stays is closed with the answer
--- user_files
>>> w.js
export default { async fetch(request) {
    console.log('begins', 'now');
    await scheduler.wait(200);
    return new Response('x');
} };
--- client
my @old = workers_of();
my $c = dial();

$c->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
logged(qr/begins now/);
main::hup();
eventually { my @new = workers_of(); grep { $_ != $old[0] } @new } 'a new process';

my $answer = $c->answer;

is($answer->{body}, 'x', 'body');
ok($c->closed, 'closed');
main::gone(@old);



=== TEST 4: a broken configuration leaves the old one running
--- script
    var VERSION one;
    secret SECRET file=$TEST_NGINX_HTML_DIR/secret;
--- user_files
>>> w.js
import './lib.js';
let n = 0;
export default { fetch(request, env) { return new Response(`${env.VERSION} ${++n}`); } };
>>> lib.js
export {};
>>> secret
s
--- client
my @pids = workers_of();
my %good = map { $_ => read_file("$main::html/$_") } qw(w.js lib.js secret);
my $conf = read_file($Test::Nginx::Util::ConfFile);
my $n = 0;

my @broken = (
    [sub { write_file("$main::html/lib.js", "export {};\nlet = 1;\n") },
     qr/\[emerg\].*SyntaxError.*lib\.js:2:/, 'a syntax error'],
    [sub { unlink "$main::html/lib.js" },
     qr/\[emerg\].*lib\.js/, 'a module that has gone'],
    [sub { write_file("$main::html/w.js", 'export const x = 1;') },
     qr/\[emerg\].*no default export/, 'no default export'],
    [sub { unlink "$main::html/secret" },
     qr/\[emerg\].*SECRET.*secret/, 'a secret that has gone'],
    [sub { main::reconfigure('var VERSION', 'vars VERSION') },
     qr/\[emerg\].*unknown directive "vars"/, 'an unknown binding'],
);

for my $case (@broken) {
    my ($break, $pattern, $name) = @$case;

    $break->();
    main::hup();
    logged($pattern, "$name: log");
    is(get('/')->{body}, 'one ' . ++$n, "$name: the old one serves, with its state");
    is_deeply([workers_of()], \@pids, "$name: the same processes");

    write_file("$main::html/$_", $good{$_}) for keys %good;
    write_file($Test::Nginx::Util::ConfFile, $conf);
}

main::reconfigure('VERSION one', 'VERSION two');
main::hup();
eventually { get('/')->{body} =~ /^two / } 'and reloads when it is mended';
main::gone(@pids);
--- error_log
[emerg]



=== TEST 5: a script whose top level fails does not stop a reload
--- user_files
>>> w.js
export default { fetch() { return new Response('fine'); } };
--- client
my @pids = workers_of();
my $good = read_file("$main::html/w.js");

write_file("$main::html/w.js", "throw new Error('top level');\n$good");
main::hup();
eventually { get('/')->{status} == 500 } 'its requests fail';
main::gone(@pids);
write_file("$main::html/w.js", $good);
main::hup();
eventually { get('/')->{body} eq 'fine' } 'and do not when it is mended';
--- error_log
Error: top level



=== TEST 6: kill -9 of a worker process loses its own requests only
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request, env) {
    if (request.url.endsWith('/waits')) {
        console.log('one', 'waits');
        await scheduler.wait(30000);
    }
    await env.KV.put('k', `${n + 1}`);
    return new Response(++n);
} };
--- client
for my $round (1 .. 5) {
    my ($pid) = workers_of();
    my $c = dial();

    eventually { get('/')->{body} == 1 } "begins, $round";
    is(get('/')->{body}, 2, "state, $round");
    $c->send("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n");
    eventually { $round == (() = error_log() =~ /one waits/g) } "one waits, $round";

    kill 'KILL', $pid;
    is($c->answer->{status}, 0, "its request is lost, $round");
    eventually { grep { $_ != $pid } workers_of() } "a new process, $round";
}

is(get('/')->{body}, 1, 'serves');
expected(qr/\[alert\].*exited on signal 9\b/);



=== TEST 7: SIGQUIT: what runs is finished, and all is clean
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
    case '/slow':
        console.log('slow', 'begins');
        ctx.waitUntil((async () => {
            await scheduler.wait(300);
            await env.KV.put('k', 'v');
            console.log('after', 'ends');
        })());
        await scheduler.wait(200);
        return new Response('slow');
    case '/stream': {
        let n = 0;
        return new Response(new ReadableStream({ async pull(c) {
            c.enqueue(new Uint8Array(1000));
            await scheduler.wait(20);
            if (++n === 10) c.close();
        } }));
    }
    }
    await env.KV.put('a', 'b');
    return new Response('x');
} };
--- client
my ($master, @pids) = (master(), workers_of());
my ($idle, $fresh, $slow, $stream) = map { dial() } 1 .. 4;

get('/');
$idle->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
is($idle->answer->{body}, 'x', 'a connection that is idle');
$slow->send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
$stream->send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
logged(qr/slow begins/);
ok(defined $stream->until_match(qr/\r\n\r\n/), 'stream begins');
kill 'QUIT', $master;
is($slow->answer->{body}, 'slow', 'the slow one ends');
ok(defined $stream->until_match(qr/\r\n0\r\n\r\n/), 'the stream ends');
ok($idle->closed, 'the idle one is closed');
$fresh->hang_up;
eventually { !alive($master) } 'the master has gone';
logged(qr/after ends/);
not_logged(qr/\[alert\]|AddressSanitizer|runtime error|exited on signal/);
like(error_log(), qr/worker process \d+ exited with code 0/, 'well');



=== TEST 8: SIGTERM: nothing is waited for, and all is clean
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
const kept = [];
export default { async fetch(request, env, ctx) {
    kept.push(request);
    switch (new URL(request.url).pathname) {
    case '/waits':
        ctx.waitUntil(new Promise(() => {}));
        request.signal.addEventListener('abort', () => kept.push('x'));
        await scheduler.wait(30000);
        break;
    case '/stream':
        return new Response(new ReadableStream({ async pull(c) {
            c.enqueue(new Uint8Array(1000));
            await scheduler.wait(30000);
        }, cancel() { kept.push('y'); } }));
    case '/endless':
        return new Response(new ReadableStream({ pull(c) {
            c.enqueue(new Uint8Array(100000));
        } }));
    case '/upload': return new Response(await request.text());
    case '/echo': return new Response(request.body);
    case '/puts':
        for (let i = 0;; i++) await env.KV.put(`k${i}`, 'v'.repeat(1000));
    case '/after':
        ctx.waitUntil(scheduler.wait(30000));
        setInterval(() => {}, 1);
        break;
    case '/tee': {
        const [a, b] = request.body.tee();
        kept.push(a, b);
        await a.getReader().read();
        await scheduler.wait(30000);
    }
    }
    return new Response('x');
} };
--- client
my $master = master();
my @c;

for my $path (qw(waits stream endless puts after)) {
    push @c, dial();
    $c[-1]->send("GET /$path HTTP/1.1\r\nHost: x\r\n\r\n");
}

for my $path (qw(upload echo tee)) {
    push @c, dial();
    $c[-1]->send("POST /$path HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
}

# the last one was answered after the others had begun

eventually { get('/')->{body} eq 'x' } 'all of them run';
ok(defined $c[1]->until_match(qr/\r\n\r\n./), 'the stream too');
kill 'TERM', $master;
eventually { !alive($master) } 'the master has gone';
not_logged(qr/\[alert\]|AddressSanitizer|runtime error|exited on signal/);
like(error_log(), qr/worker process \d+ exited with code 0/, 'well');



=== TEST 9: SIGQUIT with clients that leave, one after the other
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    ctx.waitUntil(scheduler.wait(50));
    console.log('one', 'waits');
    if (request.url.endsWith('/body')) return new Response(request.body);
    await scheduler.wait(30000);
} };
--- client
my $master = master();
my ($one, $two) = map { dial() } 1 .. 2;

$one->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
$two->send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
eventually { 2 == (() = error_log() =~ /one waits/g) } 'both run';
kill 'QUIT', $master;
logged(qr/gracefully shutting down/);
$one->hang_up;
$two->reset;
eventually { !alive($master) } 'the master has gone';
not_logged(qr/\[alert\]|AddressSanitizer|runtime error|exited on signal/);



=== TEST 10: worker_shutdown_timeout ends requests that last
--- main_config
    worker_shutdown_timeout 200ms;
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    if (request.url.endsWith('/waits')) {
        console.log('one', 'waits');
        await scheduler.wait(30000);
    }
    return new Response('x');
} };
--- client
my @old = workers_of();
my $c = dial();

$c->send("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n");
logged(qr/one waits/);
main::hup();
main::gone(@old);
is($c->answer->{status}, 0, 'its connection is closed');
is(get('/')->{body}, 'x', 'the new one serves');



=== TEST 11: many reloads leave nothing in the master
--- script
    kv_namespace KV id=x;
    json J '{"a":[1,2,3]}';
--- user_files
>>> w.js
import data from './data.json';
export default { async fetch(request, env) {
    await env.KV.put('k', 'v');
    return new Response(data.text.length);
} };
>>> data.json
{ "text": "DATA" }
--- client
my $large = 'x' x 1_000_000;
my $reload = sub {
    my @old = workers_of();

    main::hup();
    main::gone(@old);
    get('/');
};

write_file("$main::html/data.json", qq/{ "text": "$large" }/);
$reload->() for 1 .. 3;
is(get('/')->{body}, 1_000_000, 'serves');

my $fds = steady { fds(master()) };
my ($before) = memory(master());

$reload->() for 1 .. 15;

my ($after) = memory(master());

is(steady { fds(master()) }, $fds, 'files');
cmp_ok($after - $before, '<', 10 * 1024, 'memory in KiB') if !sanitized();
is(scalar(() = workers_of()), 1, 'processes');
