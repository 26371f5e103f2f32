# Copyright (C) the nginx-workers authors
#
# Requests and responses on the wire: HTTP/1.0 to HTTP/3, TLS, headers, and
# what the rest of nginx makes of a worker's response.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

our ($cert, $key) = map { "$ENV{TEST_NGINX_TMP}/tls.$_" } 'crt', 'key';

system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
       . "-nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
       . "-keyout $key -out $cert 2> /dev/null") == 0
    or die "openssl makes no certificate\n";

$ENV{TEST_NGINX_TLS} = "ssl_certificate $cert; ssl_certificate_key $key;";
$ENV{TEST_NGINX_TLS_PORT} = $ENV{TEST_NGINX_PORT} + 1;
$ENV{TEST_NGINX_QUIC_PORT} = $ENV{TEST_NGINX_PORT} + 2;


# curl to a port of localhost.

sub fetch {
    my ($scheme, $port, $path, @args) = @_;

    return curl('--cacert', $cert, '--resolve', "localhost:$port:127.0.0.1",
                @args, "$scheme://localhost:$port$path");
}


# The values of a header as a list.

sub values_of {
    my ($answer, $name) = @_;

    return join '|', $answer->{head} =~ /^\Q$name\E: (.*?)\r$/mgi;
}

run_tests();

__DATA__

=== TEST 1: HTTP/1.0
--- user_files
>>> w.js
export default { fetch(request) {
    const { pathname, href } = new URL(request.url);
    const text = `${request.cf.httpProtocol} ${href}`;
    if (pathname === '/stream') return new Response(new ReadableStream({
        start(c) { c.enqueue(new TextEncoder().encode(text)); c.close(); } }));
    return new Response(text);
} };
--- client
my $c = dial();

$c->send("GET /x HTTP/1.0\r\n\r\n");

my $answer = $c->rest;

like($answer, qr/^HTTP\/1\.1 200 OK\r\n.*^Connection: close\r\n/ms, 'head');
like($answer, qr/\r\n\r\nHTTP\/1\.0 http:\/\/localhost\/x\z/,
     'without Host: the name of the server');

$c = dial();
$c->send("GET /stream HTTP/1.0\r\nHost: a.test:81\r\n\r\n");
$answer = $c->rest;
unlike($answer, qr/Transfer-Encoding|Content-Length/i, 'a stream: no frame');
like($answer, qr/\r\n\r\nHTTP\/1\.0 http:\/\/a\.test:81\/stream\z/, 'a stream: body');

$c = dial();

for my $i (1, 2) {
    $c->send("GET /$i HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n");
    $answer = $c->answer;
    is($answer->{body}, "HTTP/1.0 http://a.test/$i", "keep-alive, $i");
    like($answer->{head}, qr/^Connection: keep-alive\r$/m, "keep-alive, $i: said");
}



=== TEST 2: HTTP/1.1: one connection, one request after the other, and many at once
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    n++;
    if (pathname === '/slow') await scheduler.wait(50);
    if (pathname === '/throws') throw new Error('x');
    return new Response(`${n} ${pathname} ${await request.text()}`);
} };
--- client
my $c = dial();

for my $i (1 .. 100) {
    $c->send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");

    my $answer = $c->answer;

    is($answer->{body}, "$i /a ", "request $i") if $answer->{body} ne "$i /a ";
}

$c->send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
         . "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
         . "GET /throws HTTP/1.1\r\nHost: x\r\n\r\n"
         . "POST /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
         . "3\r\nabc\r\n0\r\n\r\n"
         . "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
is($c->answer->{body}, '101 /slow ', 'pipelined: slow');
is($c->answer->{body}, '102 /body body', 'pipelined: body');
is($c->answer->{status}, 500, 'pipelined: throws');
is($c->answer->{body}, '104 /chunked abc', 'pipelined: chunked');
is($c->answer->{body}, '105 /last ', 'pipelined: last');
ok($c->closed, 'closed');
--- error_log
uncaught exception: Error: x



=== TEST 3: HTTP/2
--- config
    http2 on;
    location / { workers_pass w; }
--- user_files
>>> w.js
export default { async fetch(request) {
    const headers = new Headers({ 'x-one': '1', 'X-Two': '2' });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    const { pathname } = new URL(request.url);
    if (pathname === '/throws') throw new Error('over HTTP/2');
    if (pathname === '/slow') await scheduler.wait(20);
    return new Response(`${request.cf.httpProtocol} ${request.url} `
                        + request.headers.get('x-own'), { headers });
} };
--- client
my @h2 = ('--http2-prior-knowledge');
my $url = 'http://localhost:' . port();
my $text = main::fetch('http', port(), '/p?q', @h2, '-i', '-H', 'X-Own: o');

like($text, qr/^HTTP\/2 200 \r\n/, 'status');
like($text, qr/^x-one: 1\r$/m, 'headers');
like($text, qr/^set-cookie: a=1\r\nset-cookie: b=2\r$/m, 'set-cookie');
like($text, qr/\r\n\r\nHTTP\/2 \Q$url\E\/p\?q o\z/, 'body');

like(main::fetch('http', port(), '/throws', @h2, '-i'), qr/^HTTP\/2 500 .*1101/s,
     'throws');
like(main::fetch('http', port(), '/', @h2, '-I'), qr/^HTTP\/2 200 /, 'HEAD');

# many streams of one connection

$text = curl(@h2, '--parallel', '--parallel-max', 50,
             map { ($_ % 2 ? "$url/slow?$_" : "$url/fast?$_", '-w', '|') } 1 .. 50);
is(scalar(() = $text =~ /HTTP\/2 \S+\/(?:slow|fast)\?\d+ null/g), 50, 'streams');
--- error_log
over HTTP/2



=== TEST 4: HTTP/2: a stream that the client gives up takes only itself
--- config
    http2 on;
    location / { workers_pass w; }
--- user_files
>>> w.js
export default { fetch(request) {
    if (request.url.endsWith('/fine')) return new Response('fine');
    const bytes = new Uint8Array(65536);
    return new Response(new ReadableStream({
        async pull(c) { c.enqueue(bytes); await scheduler.wait(5); },
        cancel() { console.log('stream', 'cancelled'); },
    }));
} };
--- client
my $out = "$ENV{TEST_NGINX_TMP}/endless";
my $url = 'http://localhost:' . port();

curl('--http2-prior-knowledge', '--max-filesize', 1000000, '-o', $out,
     '--no-show-error', "$url/endless", '--next', '-o', "$out-2", '--http2-prior-knowledge',
     "$url/fine");
logged(qr/stream cancelled/);
is(read_file("$out-2"), 'fine', 'the other one');
unlink $out, "$out-2";



=== TEST 5: HTTP/3
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
    server {
        listen 127.0.0.1:$TEST_NGINX_QUIC_PORT quic reuseport;
        listen 127.0.0.1:$TEST_NGINX_QUIC_PORT ssl;
        server_name localhost;
        $TEST_NGINX_TLS
        location / {
            workers_pass w;
            client_max_body_size 0;
        }
    }
--- user_files
>>> w.js
export default { async fetch(request) {
    if (request.method === 'POST') return new Response(request.body);
    return Response.json([request.cf.httpProtocol, request.cf.tlsVersion,
                          new URL(request.url).protocol,
                          request.headers.get('cf-connecting-ip')]);
} };
--- client
SKIP: {
    if (curl('-V') !~ /\bHTTP3\b/) {
        skip('curl speaks no HTTP/3', 3);
    }

    my $port = $ENV{TEST_NGINX_QUIC_PORT};
    my $in = "$ENV{TEST_NGINX_TMP}/h3";

    is(main::fetch('https', $port, '/', '--http3-only'),
       '["HTTP/3","TLSv1.3","https:","127.0.0.1"]', 'GET');

    write_file($in, join '', map { pack 'N', $_ } 1 .. 500000);
    main::fetch('https', $port, '/', '--http3-only', '--data-binary', "\@$in",
                '-o', "$in-out");
    ok(read_file($in) eq read_file("$in-out"), 'echo');
    like(main::fetch('https', $port, '/', '--http3-only', '-I'),
         qr/^HTTP\/3 200 /, 'HEAD');
    unlink $in, "$in-out";
}



=== TEST 6: TLS
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
        http2 on;
        server_name localhost;
        $TEST_NGINX_TLS
        location / { workers_pass w; }
    }
--- user_files
>>> w.js
export default { fetch(request) {
    const { tlsVersion, tlsCipher, httpProtocol } = request.cf;
    return Response.json([request.url, tlsVersion, tlsCipher, httpProtocol,
                          request.headers.get('cf-visitor')]);
} };
--- client
my $port = $ENV{TEST_NGINX_TLS_PORT};

is(main::fetch('https', $port, '/x', '--http1.1', '--tls-max', '1.2', '--ciphers',
               'ECDHE-ECDSA-AES128-GCM-SHA256'),
   qq/["https:\/\/localhost:$port\/x","TLSv1.2","ECDHE-ECDSA-AES128-GCM-SHA256",/
   . '"HTTP/1.1","{\\"scheme\\":\\"https\\"}"]', 'TLS 1.2');
like(main::fetch('https', $port, '/x', '--tlsv1.3'),
     qr/^\["https:\/\/localhost:$port\/x","TLSv1\.3","TLS_\w+","HTTP\/2",/, 'TLS 1.3');
is(get('/')->{status}, 200, 'without');
like(get('/')->{body}, qr/^\["http:.*"\{\\"scheme\\":\\"http\\"\}"\]/, 'without: URL');



=== TEST 7: the URL
--- user_files
>>> w.js
export default { fetch(request) { return new Response(request.url); } };
--- client
my $url = sub {
    my ($target, $host) = @_;
    my $c = dial();

    $c->send("GET $target HTTP/1.1\r\nHost: $host\r\n\r\n");

    my $answer = $c->answer;

    return $answer->{status} == 200 ? $answer->{body} : $answer->{status};
};

is($url->('/', 'a.test'), 'http://a.test/', 'plain');
is($url->('/a%2Fb//c;d=e?x=%20y&z', 'A.Test:8080'),
   'http://a.test:8080/a%2Fb//c;d=e?x=%20y&z', 'as it is');
is($url->('/a/./b/../c', 'a.test'), 'http://a.test/a/c', 'dots');
is($url->('/?', 'a.test'), 'http://a.test/?', 'an empty query');
is($url->('/a?b?c', 'a.test:80'), 'http://a.test/a?b?c', 'the default port');
is($url->("/\xc3\xa9?\xc3\xa9", 'a.test'), 'http://a.test/%C3%A9?%C3%A9', 'bytes');
is($url->('/', '[::1]:81'), 'http://[::1]:81/', 'IPv6');
is($url->('/', '127.0.0.1'), 'http://127.0.0.1/', 'IPv4');
is($url->('http://other.test:81/p?q', 'a.test'), 'http://other.test:81/p?q',
   'absolute');
is($url->('http://other.test', 'a.test'), 'http://other.test/', 'absolute, no path');
is($url->('/', 'a b'), 400, 'no host');
is($url->('//double', 'a.test'), 'http://a.test//double', 'two slashes');



=== TEST 8: the URL after a rewrite is the one that the client asked for
--- config
    location / {
        rewrite ^/old(.*)$ /new$1 break;
        workers_pass w;
    }
    location /to/ {
        rewrite ^/to/(.*)$ /$1 last;
    }
--- user_files
>>> w.js
export default { fetch(request) {
    const { pathname, search } = new URL(request.url);
    return new Response(pathname + search);
} };
--- client
is(get('/old/a?b')->{body}, '/old/a?b', 'break');
is(get('/to/a?b')->{body}, '/to/a?b', 'last');
is(get('/a?b')->{body}, '/a?b', 'none');



=== TEST 9: methods
--- user_files
>>> w.js
export default { async fetch(request) {
    return new Response(`${request.method} ${(await request.text()).length}`);
} };
--- client
for my $method (qw(GET POST PUT DELETE PATCH OPTIONS PURGE PROPFIND X-OWN)) {
    is(request("$method / HTTP/1.1\nContent-Length: 2", 'ab')->{body}, "$method 2",
       $method);
}

is(request("HEAD / HTTP/1.1")->{status}, 200, 'HEAD');



=== TEST 10: request headers
--- user_files
>>> w.js
export default { fetch(request) {
    const { headers } = request;
    const out = [headers.get('x-a'), headers.get('X-Empty'), headers.get('x-none'),
                 headers.get('x-bytes'), headers.has('Host'), headers.get('cookie'),
                 headers.get('x-long').length,
                 [...headers.keys()].every((k, i, a) => i === 0 || a[i - 1] <= k)];
    try { headers.set('x-a', 'b'); } catch (e) { out.push(`${e.name}: ${e.message}`); }
    const copy = new Headers(headers);
    copy.set('x-a', 'changed');
    out.push(copy.get('x-a'), headers.get('x-a'));
    return Response.json(out);
} };
--- client
is(get('/', 'X-A: one', 'x-a: two,three', 'X-Empty:', "X-Bytes: caf\xc3\xa9",
       'Cookie: a=b; c=d', 'X-A:   four  ', 'X-Long: ' . 'x' x 7000)->{body},
   qq/["one, two,three, four","",null,"caf\xc3\xa9",true,"a=b; c=d",7000,true,/
   . q/"TypeError: Can't modify immutable headers.","changed",/
   . q/"one, two,three, four"]/, 'headers');



=== TEST 11: response headers
--- user_files
>>> w.js
export default { fetch(request) {
    const headers = new Headers([['X-A', '1'], ['x-a', '2'], ['X-Bytes', 'café'],
                                 ['X-Empty', ''], ['Vary', 'Accept'], ['vary', 'X'],
                                 ['X-Space', '  inner  space  ']]);
    headers.append('Set-Cookie', 'a=1; Path=/');
    headers.append('set-cookie', 'b=2, still b');
    headers.append('SET-COOKIE', 'c=3');
    const response = new Response('x', { headers });
    response.headers.set('x-seen', response.headers.getSetCookie().length);
    return response;
} };
--- client
my $answer = get('/');

like(main::values_of($answer, 'x-a'), qr/^1(?:, |\|)2$/, 'twice');
like(main::values_of($answer, 'vary'), qr/^Accept(?:, |\|)X$/, 'vary');
is(main::values_of($answer, 'x-bytes'), "caf\xc3\xa9", 'bytes');
is(main::values_of($answer, 'x-space'), 'inner  space', 'blanks');
is(main::values_of($answer, 'set-cookie'), 'a=1; Path=/|b=2, still b|c=3',
   'set-cookie');
is(main::values_of($answer, 'x-seen'), '3', 'getSetCookie()');
like($answer->{head}, qr/^X-Empty: ?\r$/mi, 'empty');
is(main::values_of($answer, 'content-type'), 'text/plain;charset=UTF-8',
   'content-type');



=== TEST 12: headers that are the server's own
--- user_files
>>> w.js
export default { fetch(request) {
    return new Response('hello', { headers: {
        'Connection': 'close, x-own', 'Transfer-Encoding': 'gzip, chunked',
        'Content-Length': '3', 'Keep-Alive': 'timeout=1', 'Upgrade': 'h2c',
        'Proxy-Connection': 'close', 'Date': 'Thu, 01 Jan 1970 00:00:00 GMT',
        'Server': 'mine', 'X-Own': 'stays',
    } });
} };
--- client
my $c = dial();

for my $i (1, 2) {
    $c->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

    my $answer = $c->answer;

    is($answer->{body}, 'hello', "body, $i");
    is(main::values_of($answer, 'connection'), 'keep-alive', "connection, $i");
    is(main::values_of($answer, 'content-length'), '5', "length, $i");
    is(main::values_of($answer, 'date'), 'Thu, 01 Jan 1970 00:00:00 GMT', "date, $i");
    is(main::values_of($answer, 'server'), 'mine', "server, $i");
    is(main::values_of($answer, 'x-own'), 'stays', "their own, $i");
    unlike($answer->{head}, qr/^(?:Transfer-Encoding|Upgrade|Proxy-Connection|Keep-Alive):/mi,
           "none of the connection's, $i");
}



=== TEST 13: statuses
--- user_files
>>> w.js
export default { fetch(request) {
    const url = new URL(request.url);
    const status = Number(url.pathname.slice(1));
    const statusText = url.searchParams.get('text') ?? undefined;
    const nobody = [204, 205, 304].includes(status);
    return new Response(nobody ? null : 'body', {
        status, statusText, headers: { etag: '"e"' } });
} };
--- client
my $c = dial();
my $ask = sub {
    $c->send("GET $_[0] HTTP/1.1\r\nHost: x\r\n\r\n");
    return $c->answer;
};
my %line = (200 => '200 OK', 201 => '201 Created', 299 => '299',
            400 => '400 Bad Request', 404 => '404 Not Found',
            418 => '418', 451 => '451', 500 => '500 Internal Server Error',
            503 => '503 Service Temporarily Unavailable', 599 => '599');

for my $status (sort keys %line) {
    my $answer = $ask->("/$status");

    like($answer->{head}, qr/^HTTP\/1\.1 $line{$status}\b.*\r\n/, "$status: line");
    is($answer->{body}, 'body', "$status: body");
}

like($ask->('/200?text=Very%20Own')->{head}, qr/^HTTP\/1\.1 200 Very Own\r\n/,
     'statusText');
like($ask->('/404?text=Own')->{head}, qr/^HTTP\/1\.1 404 Own\r\n/,
     'statusText of an error');

for my $status (204, 304) {
    my $answer = $ask->("/$status");

    is($answer->{status}, $status, "$status: status");
    unlike($answer->{head}, qr/^(?:Content-Length|Transfer-Encoding):/mi,
           "$status: no frame");
}

my $answer = $ask->('/205');

is($answer->{status}, 205, '205: status');
is($answer->{body}, '', '205: body');
is($ask->('/200')->{body}, 'body', 'the connection stays');



=== TEST 14: redirects are left as they are
--- user_files
>>> w.js
export default { fetch(request) {
    if (request.url.endsWith('/absolute'))
        return Response.redirect('https://example.com/x?y', 307);
    return new Response(null, { status: 302, headers: { Location: '/relative' } });
} };
--- client
my $answer = get('/absolute');

is($answer->{status}, 307, 'absolute: status');
is(main::values_of($answer, 'location'), 'https://example.com/x?y', 'absolute');

$answer = get('/relative');
is($answer->{status}, 302, 'relative: status');
is(main::values_of($answer, 'location'), '/relative', 'relative');



=== TEST 15: ranges and conditions are the script's business
--- user_files
>>> w.js
export default { fetch(request) {
    const { headers } = request;
    const own = { 'ETag': '"tag"', 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
                  'X-Seen': [headers.get('range'), headers.get('if-none-match'),
                             headers.get('if-modified-since'),
                             headers.get('if-match')].join() };
    if (request.url.endsWith('/own'))
        return new Response('ell', { status: 206, headers: {
            ...own, 'Content-Range': 'bytes 1-3/5', 'Accept-Ranges': 'bytes' } });
    return new Response('hello', { headers: own });
} };
--- client
my $answer = get('/', 'Range: bytes=1-3');

is($answer->{status}, 200, 'range: status');
is($answer->{body}, 'hello', 'range: body');
is(main::values_of($answer, 'x-seen'), 'bytes=1-3,,,', 'range: seen');
is(main::values_of($answer, 'accept-ranges'), '', 'range: not offered');

$answer = get('/own', 'Range: bytes=1-3');
is($answer->{status}, 206, 'own range: status');
is($answer->{body}, 'ell', 'own range: body');
is(main::values_of($answer, 'content-range'), 'bytes 1-3/5', 'own range: header');

for my $header ('If-None-Match: "tag"', 'If-None-Match: *',
                'If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT',
                'If-Match: "other"', 'If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT')
{
    $answer = get('/', $header);
    is($answer->{status}, 200, "$header: status");
    is($answer->{body}, 'hello', "$header: body");
    is(main::values_of($answer, 'etag'), '"tag"', "$header: tag");
    is(main::values_of($answer, 'last-modified'), 'Mon, 01 Jan 2024 00:00:00 GMT',
       "$header: date");
}



=== TEST 16: gzip on, for whole bodies and streams
--- config
    gzip on;
    gzip_min_length 10;
    gzip_types text/plain application/json;
    gzip_vary on;
    location / { workers_pass w; }
--- user_files
>>> w.js
const text = 'text '.repeat(1000);
export default { fetch(request) {
    const headers = { 'ETag': '"tag"', 'Content-Type': 'text/plain; charset=utf-8' };
    switch (new URL(request.url).pathname) {
    case '/stream': return new Response(new Blob([text]).stream(), { headers });
    case '/binary': return new Response(text, { headers: { 'Content-Type': 'image/png' } });
    case '/small': return new Response('small', { headers });
    case '/notransform': return new Response(text, { headers: {
        ...headers, 'Content-Encoding': 'identity' } });
    }
    return new Response(text, { headers });
} };
--- client
my $text = 'text ' x 1000;
my $out = "$ENV{TEST_NGINX_TMP}/gzip";
my $base = 'http://127.0.0.1:' . port();

for my $path ('/', '/stream') {
    my $head = curl('--compressed', '-D', '-', '-o', $out, "$base$path");

    is(read_file($out), $text, "$path: body");
    like($head, qr/^Content-Encoding: gzip\r$/mi, "$path: encoded");
    like($head, qr/^ETag: W\/"tag"\r$/mi, "$path: a weak tag");
    like($head, qr/^Vary: Accept-Encoding\r$/mi, "$path: vary");

    $head = curl('-D', '-', '-o', $out, "$base$path");
    is(read_file($out), $text, "$path, not asked for: body");
    unlike($head, qr/^Content-Encoding/mi, "$path, not asked for");
    like($head, qr/^ETag: "tag"\r$/mi, "$path, not asked for: tag");
}

for my $path ('/binary', '/small') {
    unlike(curl('--compressed', '-i', "$base$path"), qr/^Content-Encoding: gzip/mi,
           $path);
}

unlink $out;



=== TEST 17: gzip sends what a stream has written at once
--- config
    gzip on;
    gzip_types text/plain;
    location / { workers_pass w; }
--- user_files
>>> w.js
let go;
export default { fetch(request) {
    if (request.url.endsWith('/go')) { go(); return new Response('gone'); }
    return new Response(new ReadableStream({ async start(c) {
        const alive = setInterval(() => {}, 5);
        c.enqueue(new TextEncoder().encode('first '.repeat(100)));
        await new Promise((resolve) => { go = resolve; });
        clearInterval(alive);
        c.enqueue(new TextEncoder().encode('second'));
        c.close();
    } }), { headers: { 'content-type': 'text/plain' } });
} };
--- client
my $c = dial();

$c->send("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
ok(defined $c->until_match(qr/^Content-Encoding: gzip\r\n(?:.*?\r\n)?\r\n/smi), 'head');
ok(defined $c->until_match(qr/^[0-9a-f]+\r\n.{11,}?\r\n/s), 'first');
is(get('/go')->{body}, 'gone', 'go');
ok(defined $c->until_match(qr/\r\n0\r\n\r\n/), 'the end');



=== TEST 18: Content-Encoding by the script
--- user_files
>>> w.js
export default { async fetch(request) {
    const headers = { 'content-encoding': 'gzip' };
    if (request.url.endsWith('/plain'))
        return new Response('compress me '.repeat(50), { headers });
    const packed = new Uint8Array(await request.arrayBuffer());
    return new Response(packed, { headers, encodeBody: 'manual' });
} };
--- client
my ($plain, $packed) = map { "$ENV{TEST_NGINX_TMP}/$_" } 'plain', 'packed';
my $base = 'http://127.0.0.1:' . port();

write_file($plain, 'packed text');
system("gzip -c $plain > $packed");
is(curl('--compressed', '--data-binary', "\@$packed", "$base/manual"),
   'packed text', 'manual: as it is');
is(curl('--compressed', "$base/plain"), 'compress me ' x 50,
   'automatic: compressed by the server');
unlink $plain, $packed;



=== TEST 19: sub_filter, add_header, expires, and a worker behind them
--- config
    location / {
        workers_pass w;
        sub_filter_types text/plain;
        sub_filter one 1;
        sub_filter_once off;
        add_header X-Nginx $workers_status always;
        expires 1h;
    }
--- user_files
>>> w.js
export default { fetch(request) {
    if (request.url.endsWith('/stream'))
        return new Response(new Blob(['one two ', 'one']).stream(),
                            { headers: { 'content-type': 'text/plain' } });
    return new Response('one two one', { headers: { 'X-Own': 'y' } });
} };
--- client
for my $path ('/', '/stream') {
    my $answer = get($path);

    is($answer->{body}, '1 two 1', "$path: body");
    is(main::values_of($answer, 'cache-control'), 'max-age=3600', "$path: expires");
}

is(main::values_of(get('/'), 'x-own'), 'y', "the script's own");



=== TEST 20: a large head
--- config
    http2 on;
    location / { workers_pass w; }
--- user_files
>>> w.js
export default { fetch(request) {
    const headers = new Headers({ 'x-large': 'x'.repeat(60000) });
    for (let i = 0; i < 500; i++) headers.set(`x-${i}`, `${i}`);
    return new Response('body', { headers });
} };
--- client
my $answer = get('/');

is(length main::values_of($answer, 'x-large'), 60000, 'large');
is(scalar(() = $answer->{head} =~ /^X-\d+: \d+\r$/mig), 500, 'many');
is($answer->{body}, 'body', 'body');

my $text = main::fetch('http', port(), '/', '--http2-prior-knowledge', '-i');

like($text, qr/^x-large: x{60000}\r$/m, 'HTTP/2: large');
is(scalar(() = $text =~ /^x-\d+: \d+\r$/mg), 500, 'HTTP/2: many');



=== TEST 21: who the client is
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
    set_real_ip_from 127.0.0.1;
--- config
    location / { workers_pass w; }
    location /real {
        real_ip_header X-Forwarded-For;
        workers_pass w;
    }
--- user_files
>>> w.js
export default { fetch({ headers, cf }) {
    return Response.json([headers.get('cf-connecting-ip'), headers.get('cf-ray'),
                          headers.get('cf-visitor'), headers.get('accept-encoding'),
                          cf.clientAcceptEncoding, cf.colo]);
} };
--- client
my $pattern = qr/^\["127\.0\.0\.1","[0-9a-f]{16}-NGX","\{\\"scheme\\":\\"http\\"\}","br, gzip",/;

like(get('/')->{body}, qr/$pattern"","NGX"\]\z/, 'plain');

my $body = get('/', 'CF-Connecting-IP: 6.6.6.6', 'cf-connecting-ip: 7.7.7.7',
               'CF-Ray: forged', 'CF-Visitor: {}', 'Accept-Encoding: zstd, x')->{body};

like($body, qr/$pattern"zstd, x","NGX"\]\z/, 'what the client says of itself is replaced');
unlike($body, qr/6\.6|7\.7|forged/, 'all of it');
like(get('/real', 'X-Forwarded-For: 1.2.3.4')->{body}, qr/^\["1\.2\.3\.4",/,
     'realip');

my ($one) = get('/')->{body} =~ /"([0-9a-f]{16})-/;
my ($two) = get('/')->{body} =~ /"([0-9a-f]{16})-/;

isnt($one, $two, 'ids differ');



=== TEST 22: workers_colo and workers_request_id
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_colo AMS;
    workers_request_id "$http_x_id-$request_length";
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
--- user_files
>>> w.js
export default { fetch({ url, headers, cf }) {
    console.log('id', 'in', 'the log');
    if (url.endsWith('/throws')) throw new Error('x');
    return new Response(`${cf.colo} ${headers.get('cf-ray')}`);
} };
--- client
like(get('/', 'X-Id: mine')->{body}, qr/^AMS mine-\d+\z/, 'both');
like(get('/throws', 'X-Id: thrown')->{body}, qr/Request thrown-\d+</, 'page');
logged(qr/worker "w" request mine-\d+: id in the log/);
unlike(get('/throws', 'X-Id: <script>&')->{body}, qr/<script>/, 'page: no markup');
--- error_log eval
qr/uncaught exception: Error: x/



=== TEST 23: the colo alone
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_colo AMS;
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
--- user_files
>>> w.js
export default { fetch({ headers, cf }) {
    return new Response(`${cf.colo} ${headers.get('cf-ray')}`);
} };
--- response_body_like: ^AMS [0-9a-f]{16}-AMS$



=== TEST 24: auth_request asks a worker
--- config
    location /files/ {
        auth_request /auth;
        auth_request_set $user $sent_http_x_user;
        add_header X-User $user always;
        alias $TEST_NGINX_HTML_DIR/files/;
    }
    location = /auth {
        internal;
        workers_pass w;
    }
--- user_files
>>> w.js
export default { async fetch(request) {
    await scheduler.wait(1);
    const { pathname } = new URL(request.url);
    switch (request.headers.get('authorization')) {
    case 'good': return new Response('ignored', { headers: { 'X-User': `me ${pathname} ${request.body}` } });
    case 'none': return new Response(null, { status: 204 });
    case 'bad': return new Response(null, { status: 403 });
    case 'throws': throw new Error('in a subrequest');
    case 'stream': return new Response(new Blob(['x'.repeat(100000)]).stream());
    }
    return new Response('who?', { status: 401, headers: { 'WWW-Authenticate': 'Basic' } });
} };
>>> files/a.txt
the file
--- client
my $answer = get('/files/a.txt', 'Authorization: good');

is($answer->{body}, "the file\n", 'allowed');
is(main::values_of($answer, 'x-user'), 'me /auth null', 'a header of the worker');
is(get('/files/a.txt', 'Authorization: none')->{body}, "the file\n", 'allowed by 204');
is(get('/files/a.txt', 'Authorization: stream')->{body}, "the file\n", 'a body');
is(get('/files/a.txt', 'Authorization: bad')->{status}, 403, 'forbidden');
is(get('/files/a.txt', 'Authorization: throws')->{status}, 500, 'thrown');
$answer = get('/files/a.txt');
is($answer->{status}, 401, 'unauthorized');
is(main::values_of($answer, 'www-authenticate'), 'Basic', 'its header');
--- error_log
in a subrequest



=== TEST 25: workers as parts of a page
--- config
    location /page/ {
        ssi on;
        ssi_types text/plain;
        alias $TEST_NGINX_HTML_DIR/page/;
    }
    location /worker/ {
        ssi on;
        ssi_types text/plain;
        workers_pass w;
    }
    location /after/ {
        add_before_body /part/before;
        add_after_body /part/after;
        addition_types text/plain;
        workers_pass w;
    }
    location /part/ { workers_pass w; }
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const name = pathname.split('/')[2];
    await scheduler.wait(Number(searchParams.get('wait') ?? 0));
    if (name === 'throws') throw new Error('a part');
    if (name === 'page')
        return new Response('(<!--# include virtual="/part/slow?wait=30" -->'
                            + '<!--# include virtual="/part/fast" -->)');
    if (name === 'stream')
        return new Response(new ReadableStream({ async pull(c) {
            if (++n > 20) return c.close();
            await scheduler.wait(1);
            c.enqueue(new TextEncoder().encode(`${n},`));
        } }));
    return new Response(`[${name}]`);
} };
>>> page/x.txt
<!--# include virtual="/part/one?wait=20" -->-<!--# include virtual="/part/stream" -->-<!--# include virtual="/part/two" -->.
--- client
is(get('/page/x.txt')->{body},
   '[one]-' . join('', map { "$_," } 1 .. 20) . "-[two].\n", 'in their order');
is(get('/worker/page')->{body}, '([slow][fast])', "in a worker's own page");
is(get('/after/main')->{body}, '[before][main][after]', 'around one');



=== TEST 26: a worker behind nginx's cache
--- http_config
    workers_data $TEST_NGINX_DATA;
    workers_script w { main $TEST_NGINX_HTML_DIR/w.js; }
    proxy_cache_path $TEST_NGINX_SERVROOT/cache keys_zone=c:1m;
--- config
    location / {
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/behind/;
        proxy_cache c;
        add_header X-Cache $upstream_cache_status;
    }
    location /behind/ { workers_pass w; }
--- user_files
>>> w.js
let n = 0;
export default { fetch() {
    return new Response(++n, { headers: { 'Cache-Control': 'max-age=60',
                                          'ETag': '"x"' } });
} };
--- client
is(get('/')->{body}, 1, 'once');

my $answer = get('/');

is($answer->{body}, 1, 'from the cache');
is(main::values_of($answer, 'x-cache'), 'HIT', 'hit');
is(get('/', 'If-None-Match: "x"')->{status}, 304, "the cache's own 304");
