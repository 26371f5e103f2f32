# Copyright (C) the nginx-workers authors
#
# The Cache API's files: how bodies are sent, what is kept and what goes,
# files that are damaged, and who else uses them.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Time::HiRes qw(sleep time);

our ($cert, $key) = map { "$ENV{TEST_NGINX_TMP}/tls.$_" } 'crt', 'key';

system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
       . "-nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
       . "-keyout $key -out $cert 2> /dev/null") == 0
    or die "openssl makes no certificate\n";

$ENV{TEST_NGINX_TLS} = "ssl_certificate $cert; ssl_certificate_key $key;";
$ENV{TEST_NGINX_TLS_PORT} = $ENV{TEST_NGINX_PORT} + 1;

our $cache = "$ENV{TEST_NGINX_DATA}/cache";

# PUT /key: the body is stored; GET /key: it comes back, or 404

$ENV{TEST_NGINX_STORE_JS} = "$ENV{TEST_NGINX_TMP}/store.js";

write_file($ENV{TEST_NGINX_STORE_JS}, <<'END');
export default { async fetch(request, env, ctx) {
    const c = caches.default, { searchParams } = new URL(request.url);
    const key = new Request(request.url, { headers: request.headers });
    if (request.method === 'DELETE') return new Response(await c.delete(key));
    if (request.method === 'PUT') {
        await c.put(key, new Response(request.body, { headers: {
            'cache-control': 'max-age=' + (searchParams.get('age') ?? 600),
            'x-length': request.headers.get('content-length') } }));
        return new Response('stored');
    }
    const hit = await c.match(key) ?? new Response('none', { status: 404 });
    if (searchParams.has('text')) return new Response((await hit.text()).length);
    if (searchParams.has('js')) return new Response(hit.body.pipeThrough(
        new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk); } })));
    return hit;
} };
END

sub put {
    my ($path, $body) = @_;

    return request("PUT $path HTTP/1.1\nContent-Length: " . length($body),
                   $body)->{body};
}

sub body {
    my ($size, $seed) = @_;

    return substr(join('', map { sprintf '%07d,', $_ * 7 + ($seed // 0) }
                               0 .. $size / 8), 0, $size);
}

# the files of entries, below the hashed folders

sub entries {
    my @files = glob "$cache/??/*";

    return @files;
}

sub temporary {
    my @files = glob "$cache/tmp/*";

    return @files;
}

sub age {
    my ($file, $seconds) = @_;
    my @stat = stat $file;

    utime $stat[8], time - $seconds, $file;
}

run_tests();

__DATA__

=== TEST 1: bodies of all sizes, whole and in parts
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
for my $size (0, 1, 10000, 16000, 16384, 16385, 65536, 131071, 131072, 131073,
              1048576, 3000000)
{
    my $body = main::body($size);

    is(main::put("/$size", $body), 'stored', "put $size");

    my $answer = get("/$size");

    is($answer->{status}, 200, "status $size");
    ok($answer->{body} eq $body, "body $size");
    like($answer->{head}, qr/^x-length: $size\r$/m, "header $size");
    like($answer->{head}, qr/^Content-Length: $size\r$/m, "length $size");
    like(request("HEAD /$size HTTP/1.1")->{head},
         qr/^HTTP\/1.1 200 .*^Content-Length: $size\r$/ms, "HEAD $size");
    next if $size == 0;

    $answer = get("/$size", 'Range: bytes=' . ($size - 1) . '-');
    is($answer->{body}, substr($body, -1), "range $size");
}

is(scalar(main::temporary()), 0, 'no temporary files');



=== TEST 2: a large body is sent without being read, and is read when asked for
--- script
    limits memory=512m;
--- config
    location / { workers_pass w; sendfile on; client_max_body_size 0; }
    location /memory { workers_pass w; sendfile off; client_max_body_size 0; }
    location /aio { workers_pass w; sendfile on; aio threads;
                    client_max_body_size 0; }
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
my $size = 64 * 1048576;
my $body = main::body($size);

is(main::put($_, $body), 'stored', "put $_")
    for '/big', '/memory', '/aio', '/big?text', '/big?js';

my ($worker) = workers_of();
my ($before) = memory($worker);

for my $path ('/big', '/memory', '/aio', '/big?js') {
    ok(get($path)->{body} eq $body, "body of $path");
}

is(get('/big?text')->{body}, $size, 'text');

SKIP: {
    skip('no figures with a sanitizer', 1) if sanitized();

    get('/big'), memory($worker);
    get($_) for '/big', '/memory';
    my (undef, $peak) = memory($worker);

    cmp_ok($peak - (memory($worker))[0], '<', 16 * 1024,
           'memory does not grow with the body');
}



=== TEST 3: over TLS and HTTP/2, and through the gzip filter
--- http_config
    client_max_body_size 0;
    workers_data $TEST_NGINX_DATA;
    workers_script w { main $TEST_NGINX_STORE_JS; }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
        http2 on;
        $TEST_NGINX_TLS
        location / { workers_pass w; }
    }
--- config
    http2 on;
    gzip on;
    gzip_types *;
    location / { workers_pass w; }
--- user_files
>>> unused.txt
x
--- client
my $body = main::body(2000000);
my $in = "$ENV{TEST_NGINX_TMP}/in";
my @urls = ("http://127.0.0.1:" . port() . '/x',
            "https://127.0.0.1:$ENV{TEST_NGINX_TLS_PORT}/x");

write_file($in, $body);

for my $url (@urls) {
    is(curl('-k', '-T', $in, $url), 'stored', "put $url");

    for my $args (['--http1.1'], ['--http2'], ['--http2-prior-knowledge'],
                  ['--http1.1', '--compressed'], ['--http2', '--compressed'])
    {
        ok(curl('-k', @$args, $url) eq $body, "@$args $url");
    }

    is(curl('-k', '-r', '1999992-', $url), substr($body, -8), "range of $url");
}

unlink $in;



=== TEST 4: what is removed while it is sent goes on being sent
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
my $body = main::body(20000000);

main::put('/x', $body);

my @c = map { dial() } 1 .. 2;

$_->send("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    for @c;

$_->fill for @c;

is(request("DELETE /x HTTP/1.1")->{body}, 'true', 'removed');
is(get('/x')->{status}, 404, 'it is gone');
is(scalar(main::entries()), 0, 'so is its file');

ok($c[0]->answer->{body} eq $body, 'the first client has all of it');

main::put('/x', 'other');
is(get('/x')->{body}, 'other', 'something else is there');
ok($c[1]->answer->{body} eq $body, 'the second one as well');



=== TEST 5: clients that go away leave nothing open
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
my ($worker) = workers_of();

main::put($_, main::body(20000000)) for '/x', '/x?js';
get('/x'), get('/x?js');

my $fds = steady { fds($worker) };

for my $path (('/x', '/x?js') x 10) {
    my $c = dial();

    $c->send("GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n");
    $c->fill;
    $c->reset;
}

eventually { fds($worker) <= $fds } 'file descriptors';

for (1 .. 10) {
    my $c = dial();

    $c->send("PUT /y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000"
             . "\r\n\r\n" . ('y' x 3000000));
    $c->reset;
}

eventually { !main::temporary() } 'temporary files';
eventually { fds($worker) <= $fds } 'file descriptors after uploads';
is(get('/y')->{status}, 404, 'no half entry');
--- no_error_log
[alert]
[crit]



=== TEST 6: the least recently used entries go when there is no more room
--- http_config
    workers_cache_size 2m;
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
my (%file, %seen);

for my $n (1 .. 15) {
    main::put("/$n", main::body(100000, $n));

    my ($new) = grep { !$seen{$_}++ } main::entries();

    $file{$n} = $new;
    main::age($new, 3600 * (20 - $n));
}

# one of the oldest is used again

get('/2');
eventually { (stat $file{2})[9] > time - 100 } 'its file says so';

main::put("/$_", main::body(100000, $_)) for 16 .. 25;

ok(get('/2')->{body} eq main::body(100000, 2), 'the one that was used is there');
is(get("/$_")->{status}, 404, "$_ is gone") for 1, 3, 4;
ok(get("/$_")->{body} eq main::body(100000, $_), "$_ is there") for 20 .. 25;

my $size = 0;
$size += -s $_ for main::entries();
cmp_ok($size, '<=', 2 * 1048576, 'the size is kept');
cmp_ok($size, '>', 1048576, 'and made use of');



=== TEST 7: what is too large is not stored, and takes no place
--- http_config
    workers_cache_size 1m;
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
main::put('/small', 'small');

is(main::put('/large', main::body(600000)), 'stored', 'put() does not say');
is(get('/large')->{status}, 404, 'not there');

my $c = dial();
$c->send("PUT /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
         . join('', map { "186a0\r\n" . ('x' x 100000) . "\r\n" } 1 .. 6)
         . "0\r\n\r\n");
is($c->answer->{body}, 'stored', 'a stream');
is(get('/chunked')->{status}, 404, 'not there');

is(get('/small')->{body}, 'small', 'others are');
eventually { !main::temporary() } 'no temporary files';



=== TEST 8: expired entries and files that were left behind are swept
--- http_config
    workers_cache_size 1m;
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
main::put("/old$_?age=1", 'x') for 1 .. 5;

write_file("$main::cache/tmp/1.2.$_", 'x' x 1000) for 'a', 'b';
main::age("$main::cache/tmp/1.2.a", 100);

is(scalar(main::entries()), 5, 'entries');
sleep 1.1;

# more than there is room for

main::put("/$_", main::body(200000, $_)) for 1 .. 6;

is(scalar(grep { (-s $_) < 10000 } main::entries()), 0,
   'those that expired are gone');
is_deeply([map { s/.*\.//r } main::temporary()], ['b'], 'the old file is gone');
ok(get('/6')->{body} eq main::body(200000, 6), 'the rest is there');



=== TEST 9: damaged files are no entries
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
for my $size (10, 100000) {
    my $body = main::body($size);

    main::put('/x', $body);

    my ($file) = main::entries();
    my $good = read_file($file);

    # bits that are turned: a byte that is set may be what it was

    for my $change ([0, "\x01"], [24, "\x01"], [33, "\x01"], [40, "\xff"],
                    [48, "\x01"], [52, "\xff\xff\xff"], [56, "\x01"],
                    [100, "\x01"])
    {
        my $bad = $good;

        substr($bad, $change->[0], length $change->[1]) ^= $change->[1];
        write_file($file, $bad);
        is(get('/x')->{status}, 404, "$size: byte $change->[0]");
    }

    for my $n (0, 1, 55, 56, 60, length($good) - 1) {
        write_file($file, substr($good, 0, $n));
        is(get('/x')->{status}, 404, "$size: $n bytes");
    }

    write_file($file, "${good}x");
    is(get('/x')->{status}, 404, "$size: a byte more");

    write_file($file, $good);
    ok(get('/x')->{body} eq $body, "$size: as it was");

    unlink $file;
    mkdir $file;
    is(get('/x')->{status}, 404, "$size: a folder");
    rmdir $file;
}



=== TEST 10: files of before the machine started are believed when they are whole
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
for my $size (10, 300000) {
    my $body = main::body($size);

    main::put('/x', $body);

    my ($file) = main::entries();
    my $good = read_file($file);
    my $old = $good;

    substr($old, 8, 16) = 'B' x 16;
    write_file($file, $old);

    ok(get('/x')->{body} eq $body, "$size: whole");
    is(substr(read_file($file), 8, 16), substr($good, 8, 16), "$size: marked");
    ok(get('/x')->{body} eq $body, "$size: again");

    substr($old, -1) = '!';
    write_file($file, $old);

    is(get('/x')->{status}, 404, "$size: not whole");
    ok(!-e $file, "$size: it is removed");
}
--- error_log
was not written completely before the machine stopped, it is removed



=== TEST 11: where nothing can be written nothing is stored, and nothing fails
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
write_file($main::cache, 'a file');

is(main::put('/x', main::body($_)), 'stored', "put() of $_ bytes")
    for 10, 300000;
is(get('/x')->{status}, 404, 'not there');
is(request('DELETE /x HTTP/1.1')->{body}, 'false', 'nothing to remove');

expected(qr/\[crit\].*creating cache file .* failed/);
unlink $main::cache;

is(main::put('/x', 'y'), 'stored', 'put() later');
is(get('/x')->{body}, 'y', 'it is there');



=== TEST 12: the files are gone at once, and that is all
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
main::put('/x', 'x');
system('rm', '-rf', $main::cache);

is(get('/x')->{status}, 404, 'not there');
main::put('/x', 'y');
is(get('/x')->{body}, 'y', 'there again');



=== TEST 13: entries outlive a reload, and so do those that are being stored
--- user_files eval
">>> w.js\n" . main::read_file($ENV{TEST_NGINX_STORE_JS})
--- client
my $body = main::body(400000);
my ($old) = workers_of();

main::put('/x', 'before');

my $c = dial();
$c->send("PUT /y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400000\r\n\r\n"
         . substr($body, 0, 300000));
eventually { main::temporary() } 'it is being stored';

kill 'HUP', master();
eventually { my @w = workers_of(); grep { $_ != $old } @w } 'a new process';

is(get('/x')->{body}, 'before', 'from the new process');
$c->send(substr($body, 300000));
is($c->answer->{body}, 'stored', 'the old one stores');
ok(get('/y')->{body} eq $body, 'the new one has it');
eventually { !alive($old) } 'the old process ends';



=== TEST 14: nobody waits for put(), and it is done
--- user_files
>>> w.js
const headers = { 'cache-control': 'max-age=60' };
export default { async fetch({ url }, env, ctx) {
    const hit = await caches.default.match('http://x/');
    if (hit) return hit;
    ctx.waitUntil(caches.default.put('http://x/', new Response(
        new Uint8Array(1_000_000).fill(65), { headers })));
    return new Response('made');
} };
--- client
is(get('/')->{body}, 'made', 'the first time');
eventually { length get('/')->{body} == 1_000_000 } 'it is stored';



=== TEST 15: an isolate that ends while its files are read and written
--- script
        limits cpu=50ms;
--- user_files
>>> w.js
const headers = { 'cache-control': 'max-age=60' };
export default { async fetch({ url }) {
    const c = caches.default;
    if (url.endsWith('put')) {
        await c.put('http://x/', new Response('x'.repeat(3_000_000), { headers }));
        return new Response('put');
    }
    const r = await c.match('http://x/');
    c.put('http://y/', r.clone());
    c.put('http://z/', new Response('x'.repeat(3_000_000), { headers }));
    c.match('http://x/');
    c.delete('http://n/');
    r.body.getReader().read();
    if (url.endsWith('loop')) for (;;);
    return new Response('left');
} };
--- client
my ($worker) = workers_of();

is(get('/put')->{body}, 'put', 'put');

for (1 .. 3) {
    is(get('/left')->{body}, 'left', 'the response does not wait');
    is(get('/loop')->{status}, 503, 'out of time');
}

my $fds = steady { fds($worker) };

get('/left'), get('/loop') for 1 .. 10;
eventually { fds($worker) <= $fds + 2 } 'file descriptors';
eventually { !main::temporary() } 'temporary files';
--- error_log
exceeded CPU time limit of 50 ms



=== TEST 16: a script that keeps many files open leaves some to nginx
--- main_config
    worker_rlimit_nofile 200;
--- user_files
>>> w.js
const headers = { 'cache-control': 'max-age=60' };
export default { async fetch() {
    const c = caches.default, kept = [];
    await c.put('http://x/', new Response('x'.repeat(100_000), { headers }));
    for (let i = 0; i < 500; i++) kept.push(await c.match('http://x/'));
    const found = kept.filter(Boolean);
    const text = await found.at(-1).text();
    return Response.json([found.length > 50, found.length < 160, text.length]);
} };
--- client
is(get('/')->{body}, '[true,true,100000]', "request $_") for 1 .. 3;



=== TEST 17: many puts at once: memory is bounded, and the process goes on
--- script
    limits memory=512m cpu=20s;
--- user_files
>>> w.js
const headers = { 'cache-control': 'max-age=60' };
export default { async fetch() {
    const c = caches.default, body = 'x'.repeat(100_000), puts = [];
    for (let i = 0; i < 2000; i++)
        puts.push(c.put('http://x/' + i, new Response(body, { headers })));
    await Promise.all(puts);
    let found = 0;
    for (let i = 0; i < 2000; i++) found += await c.match('http://x/' + i) ? 1 : 0;
    return Response.json([found > 500, found < 1000]);
} };
--- client
my ($worker) = workers_of();
my ($before) = memory($worker);

is(get('/')->{body}, '[true,true]', 'some are stored');

SKIP: {
    skip('no figures with a sanitizer', 1) if sanitized();

    my (undef, $peak) = memory($worker);

    cmp_ok($peak - $before, '<', 100 * 1024, 'memory');
}
