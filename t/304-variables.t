# Copyright (C) the nginx-workers authors
#
# Variables for access logs.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;


# The fields of the line that the access log of the blocks below has for a
# path, once it is there.

sub line_of {
    my $path = shift;
    my $file = "$Test::Nginx::Util::ServRoot/logs/own.log";
    my $line;

    eventually {
        ($line) = read_file($file) =~ /^(\Q$path\E .*)$/m;
        defined $line;
    };

    my @fields = split / /, $line // '';
    my %fields;

    @fields{qw(path http script status cpu wall version)} = @fields;

    return \%fields;
}


add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config', <<'END' . ($block->http_config // ''));
    log_format own '$uri $status $workers_script $workers_status '
                   '$workers_cpu_time $workers_wall_time $workers_version_id';
    access_log $TEST_NGINX_SERVROOT/logs/own.log own;
END
});

run_tests();

__DATA__

=== TEST 1: outcomes
--- script
    limits cpu=100ms memory=8m;
    version_metadata V id=v7;
--- config
    location / { workers_pass w; }
    location /static { return 200 "no worker\n"; }
--- user_files
>>> w.js
export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    const bytes = new Uint8Array(65536);
    switch (pathname) {
    case '/throws': throw new Error('x');
    case '/later': await null; throw new Error('y');
    case '/other': return 7;
    case '/hangs': await new Promise(() => {});
    case '/cpu': for (;;);
    case '/memory': { const a = []; for (;;) a.push(new Uint8Array(1e5)); }
    case '/own500': return new Response('own', { status: 500 });
    case '/waits':
        console.log('one', 'waits');
        await scheduler.wait(30000);
    case '/endless':
        return new Response(new ReadableStream({ pull(c) { c.enqueue(bytes); } }));
    case '/broken': {
        let n = 0;
        return new Response(new ReadableStream({ async pull(c) {
            await scheduler.wait(1);
            if (n++ === 2) throw new Error('broken');
            c.enqueue(bytes);
        } }));
    }
    case '/cpu-body': {
        let n = 0;
        return new Response(new ReadableStream({ async pull(c) {
            await scheduler.wait(1);
            if (n++ === 2) for (;;);
            c.enqueue(bytes);
        } }));
    }
    }
    return new Response('ok');
} };
--- client
my %expected = (
    '/ok' => '200 ok', '/own500' => '500 ok', '/throws' => '500 exception',
    '/later' => '500 exception', '/other' => '500 exception',
    '/hangs' => '500 exception', '/cpu' => '503 exceeded_cpu',
    '/memory' => '503 exceeded_memory', '/broken' => '200 exception',
    '/cpu-body' => '200 exceeded_cpu',
);

for my $path (sort keys %expected) {
    get($path);

    my $line = main::line_of($path);

    is("$line->{http} $line->{status}", $expected{$path}, $path);
    is($line->{script}, 'w', "$path: script");
    is($line->{version}, 'v7', "$path: version");
    like($line->{cpu}, qr/^\d+\.\d{6}$/, "$path: CPU time");
    like($line->{wall}, qr/^\d+\.\d{3}$/, "$path: wall time");
}

my $c = dial();

$c->send("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n");
logged(qr/one waits/);
$c->hang_up;
is(main::line_of('/waits')->{status}, 'canceled', 'a client that leaves');
is(main::line_of('/waits')->{http}, 499, '... is a 499');

$c = dial();
$c->send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
$c->until_match(qr/\r\n\r\n/);
$c->reset;
is(main::line_of('/endless')->{status}, 'canceled', 'a client that leaves midway');

get('/static');

my $line = main::line_of('/static');

is(join(' ', @$line{qw(http script status cpu wall version)}), '200 - - - - -',
   'no worker');
--- error_log
uncaught exception



=== TEST 2: CPU time is not wall time
--- user_files
>>> w.js
export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/waits') await scheduler.wait(200);
    if (pathname === '/burns') {
        const end = Date.now() + 200;
        while (Date.now() < end);
    }
    if (pathname === '/both') {
        for (let i = 0; i < 4; i++) {
            const end = Date.now() + 50;
            while (Date.now() < end);
            await scheduler.wait(50);
        }
    }
    return new Response('x');
} };
--- client
get($_) for '/waits', '/burns', '/both', '/none';

my ($waits, $burns, $both, $none) = map { main::line_of($_) }
                                    '/waits', '/burns', '/both', '/none';

cmp_ok($waits->{cpu}, '<', 0.1, 'waits: CPU time');
cmp_ok($waits->{wall}, '>=', 0.19, 'waits: wall time');
cmp_ok($burns->{cpu}, '>', 0.05, 'burns: CPU time');
cmp_ok($burns->{cpu}, '<=', $burns->{wall} + 0.02, 'burns: wall time');
cmp_ok($both->{cpu}, '<', $both->{wall} - 0.1, 'both: CPU time');
cmp_ok($both->{wall}, '>=', 0.38, 'both: wall time');
cmp_ok($none->{cpu}, '>', 0, 'none: CPU time');



=== TEST 3: an error_page or a fallback does not hide what happened
--- config
    error_page 500 /fail.html;
    location / {
        workers_pass w;
        workers_fallback @origin;
    }
    location @origin { return 200 "origin\n"; }
    location = /fail.html { return 200 "fail\n"; }
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    if (request.url.endsWith('/passes')) ctx.passThroughOnException();
    throw new Error('x');
} };
--- client
is(get('/passes')->{body}, "origin\n", 'fallback');
is(get('/fails')->{body}, "fail\n", 'error_page');

my $line = main::line_of('/passes');

is("$line->{http} $line->{script} $line->{status}", '200 w exception', 'fallback: log');
$line = main::line_of('/fail.html');
is("$line->{http} $line->{script} $line->{status}", '500 w exception', 'error_page: log');
--- error_log
uncaught exception



=== TEST 4: names and versions of several scripts
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script one { main $TEST_NGINX_HTML_DIR/w.js; }
    workers_script two-2 { main $TEST_NGINX_HTML_DIR/w.js; var A b; }
--- config
    location /one { workers_pass one; }
    location /two { workers_pass two-2; }
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- client
get($_) for '/one', '/two';

my ($one, $two) = map { main::line_of($_) } '/one', '/two';
my $uuid = qr/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

is($one->{script}, 'one', 'one');
is($two->{script}, 'two-2', 'two');
like($one->{version}, $uuid, 'one: version');
like($two->{version}, $uuid, 'two: version');
isnt($one->{version}, $two->{version}, 'they differ');



=== TEST 5: in headers and conditions
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
    map $workers_status $loggable { default 0; exception 1; }
--- config
    location / {
        workers_pass w;
        add_header X-Script $workers_script;
        access_log $TEST_NGINX_SERVROOT/logs/own.log own if=$loggable;
    }
--- user_files
>>> w.js
export default { async fetch(request) {
    if (request.url.endsWith('/throws')) throw new Error('x');
    return new Response('fine');
} };
--- client
like(get('/fine')->{head}, qr/^X-Script: w\r$/m, 'header');
get('/throws');
main::line_of('/throws');
is(read_file("$Test::Nginx::Util::ServRoot/logs/own.log") =~ tr/\n//, 1,
   'only what failed is logged');
--- error_log
uncaught exception



=== TEST 6: subrequests have their own
--- config
    location /files/ {
        auth_request /auth;
        alias $TEST_NGINX_HTML_DIR/;
    }
    location = /auth {
        workers_pass w;
        log_subrequest on;
    }
--- user_files
>>> w.js
export default { fetch() { return new Response(null, { status: 204 }); } };
>>> a.txt
text
--- client
is(get('/files/a.txt')->{body}, "text\n", 'body');

my $line = main::line_of('/auth');

is("$line->{script} $line->{status}", 'w ok', 'the subrequest');
$line = main::line_of('/files/a.txt');
is("$line->{script} $line->{status}", '- -', 'the request');
