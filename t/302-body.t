# Copyright (C) the nginx-workers authors
#
# Bodies both ways: whole, streamed at the peer's pace, given up halfway, and
# never held in memory.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

# AddressSanitizer keeps freed memory for a while: sizes are small there, and
# memory is not looked at.

our $size = sanitized() ? 128 : 1024;       # MiB
our $growth = 64 * 1024;                    # KiB


# Sends a request's head and n times 1 MiB of body from a process of its own.

our $block = join '', map { pack 'N', $_ } 1 .. 262144;

sub send_blocks {
    my ($c, $n, $chunked) = @_;
    my $pid = fork // die "fork: $!";

    return $pid if $pid;

    for (1 .. $n) {
        $c->send($chunked ? "100000\r\n$block\r\n" : $block) or last;
    }

    $c->send("0\r\n\r\n") if $chunked;

    require POSIX;
    POSIX::_exit(0);
}


# Reads n times 1 MiB; the number of blocks that are right.

sub read_blocks {
    my ($c, $n) = @_;
    my $good = 0;

    for (1 .. $n) {
        my $bytes = $c->bytes(1048576);

        if ($bytes ne $block) {
            ($bytes ^ $block) =~ /^\0*/;
            Test::More::diag(length $bytes, " bytes, they differ at $+[0]");
            last;
        }

        $good++;
    }

    return $good;
}

run_tests();

__DATA__

=== TEST 1: echo: with a length, chunked, in pieces, empty, HTTP/1.0
--- user_files
>>> w.js
export default { fetch(request) {
    return new Response(request.body, { headers: {
        'x-length': request.headers.get('content-length') } });
} };
--- client
my $answer = request("POST / HTTP/1.1\nContent-Length: 5", 'hello');

is($answer->{body}, 'hello', 'length');
like($answer->{head}, qr/^X-Length: 5\r$/mi, 'length: seen');

$answer = request("POST / HTTP/1.1\nTransfer-Encoding: chunked",
                  "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nTrailer: x\r\n\r\n");
is($answer->{body}, 'hello!', 'chunked');
like($answer->{head}, qr/^X-Length: null\r$/mi, 'chunked: no length');
unlike($answer->{head}, qr/^Trailer/mi, 'chunked: trailers are ignored');

my $c = dial();

$c->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");

for my $byte (split //, '0123456789') {
    $c->send($byte);
    select(undef, undef, undef, 0.002);
}

is($c->answer->{body}, '0123456789', 'in pieces');

is(request("POST / HTTP/1.1\nContent-Length: 0")->{body}, '', 'empty');
is(request("POST / HTTP/1.1\nTransfer-Encoding: chunked", "0\r\n\r\n")->{body},
   '', 'empty chunked');

$c = dial();
$c->send("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");
$answer = $c->rest;
like($answer, qr/\r\n\r\nhello\z/, 'HTTP/1.0');
unlike($answer, qr/^Transfer-Encoding/mi, 'HTTP/1.0 knows no chunks');



=== TEST 2: echo over HTTP/2
--- config
    http2 on;
    location / { workers_pass w; }
--- user_files
>>> w.js
export default { fetch(request) { return new Response(request.body); } };
--- client
my ($in, $out) = map { "$ENV{TEST_NGINX_TMP}/$_" } 'h2-in', 'h2-out';
my @args = ('--http2-prior-knowledge', '-o', $out, '-w', '%{http_code}',
            'http://127.0.0.1:' . port() . '/');

write_file($in, $main::block x 8);
is(curl('-T', $in, @args), '200', 'length: status');
ok(read_file($out) eq $main::block x 8, 'length: body');

is(curl('-T', $in, '-H', 'Content-Length:', @args), '200', 'no length: status');
ok(read_file($out) eq $main::block x 8, 'no length: body');

is(curl('-d', '', @args), '200', 'empty: status');
is(read_file($out), '', 'empty: body');
unlink $in, $out;



=== TEST 3: a large upload that is echoed leaves the memory flat
--- config
    location / {
        workers_pass w;
        client_max_body_size 0;
    }
--- user_files
>>> w.js
export default { fetch(request) {
    if (request.method === 'GET') return new Response('warm');
    return new Response(request.body);
} };
--- client
my ($pid) = workers_of();

for my $chunked (0, 1) {
    my $size = $chunked ? $main::size / 4 : $main::size;

    get('/');

    my ($before) = memory($pid);
    my $c = dial();

    $c->send("POST / HTTP/1.1\r\nHost: x\r\n"
             . ($chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                         : "Content-Length: " . $size * 1048576 . "\r\n\r\n"));

    my $sender = main::send_blocks($c, $size, $chunked);

    if ($chunked) {
        my $answer = $c->answer;

        ok($answer->{body} eq $main::block x $size, 'chunked: body');

    } else {
        like($c->until_match(qr/\r\n\r\n/), qr/^HTTP\/1\.1 200 /, 'status');
        is(main::read_blocks($c, $size), $size, "$size MiB");
    }

    kill 'KILL', $sender;
    waitpid $sender, 0;

    my ($after, $peak) = memory($pid);

    cmp_ok($peak - $before, '<', $main::growth,
           "growth in KiB, chunked: $chunked") if !sanitized();
}



=== TEST 4: a large response that is generated leaves the memory flat
--- user_files
>>> w.js
export default { fetch(request) {
    const url = new URL(request.url);
    const block = new Uint8Array(65536);
    const view = new DataView(block.buffer);
    let n = Number(url.searchParams.get('mib')) * 16, i = 0;
    if (n === 0) return new Response('warm');
    return new Response(new ReadableStream({ pull(controller) {
        const at = i++ % 16 * 16384;
        for (let j = 0; j < 16384; j += 64) view.setUint32(j * 4, at + j + 1);
        controller.enqueue(block.slice());
        if (i === n) controller.close();
    } }));
} };
--- client
my ($pid) = workers_of();

get('/');

my ($before) = memory($pid);
my $c = dial();

$c->send("GET /?mib=$main::size HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
like($c->until_match(qr/\r\n\r\n/), qr/^HTTP\/1\.1 200 .*^Transfer-Encoding: chunked\r$/ms,
     'head');

# the bytes without their frames

my ($bytes, $wrong) = (0, 0);

for ( ;; ) {
    my ($n) = ($c->until_match(qr/\r\n/) // '') =~ /^([0-9a-f]+)\r\n\z/ or last;

    my $chunk = $c->bytes(2 + hex $n);

    last if hex $n == 0;

    $wrong++ if $bytes % 256 == 0
                && unpack('N', $chunk) != $bytes % 1048576 / 4 + 1;
    $bytes += hex $n;
}

is($bytes, $main::size * 1048576, "$main::size MiB");
is($wrong, 0, 'in order');

my ($after, $peak) = memory($pid);

cmp_ok($peak - $before, '<', $main::growth, 'growth in KiB') if !sanitized();



=== TEST 5: through a TransformStream, chunk by chunk
--- config
    location / {
        workers_pass w;
        client_max_body_size 0;
    }
--- user_files
>>> w.js
export default { fetch(request) {
    let n = 0;
    const count = new TransformStream({
        transform(chunk, controller) {
            n += chunk.length;
            controller.enqueue(chunk);
        },
        flush(controller) {
            controller.enqueue(new TextEncoder().encode(`|${n}`));
        },
    });
    return new Response(request.body.pipeThrough(count));
} };
--- client
my ($pid) = workers_of();

is(request("POST / HTTP/1.1\nContent-Length: 3", 'abc')->{body}, 'abc|3', 'small');

my ($before) = memory($pid);
my $size = $main::size / 8;
my $c = dial();

$c->send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
         . "Content-Length: " . $size * 1048576 . "\r\n\r\n");

my $sender = main::send_blocks($c, $size);
my $answer = $c->answer;

kill 'KILL', $sender;
waitpid $sender, 0;
ok($answer->{body} eq $main::block x $size . '|' . $size * 1048576, "$size MiB");

my ($after, $peak) = memory($pid);

cmp_ok($peak - $before, '<', $main::growth, 'growth in KiB') if !sanitized();



=== TEST 6: both directions at once: the answer does not wait for the end
--- user_files
>>> w.js
export default { fetch(request) {
    const upper = new TransformStream({ transform(chunk, controller) {
        controller.enqueue(new TextEncoder().encode(
            new TextDecoder().decode(chunk).toUpperCase()));
    } });
    return new Response(request.body.pipeThrough(upper));
} };
--- client
my $c = dial();

$c->send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
$c->send("3\r\none\r\n");
ok(defined $c->until_match(qr/\r\n\r\n3\r\nONE\r\n/), 'one');
$c->send("3\r\ntwo\r\n");
ok(defined $c->until_match(qr/^3\r\nTWO\r\n/), 'two');
$c->send("0\r\n\r\n");
ok(defined $c->until_match(qr/^0\r\n\r\n/), 'the end');
$c->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nnext");
is($c->answer->{body}, 'NEXT', 'the next request of the connection');



=== TEST 7: what a script has written is sent at once
--- user_files
>>> w.js
let go;
export default { fetch(request) {
    if (request.url.endsWith('/go')) {
        go('second');
        return new Response('gone');
    }
    return new Response(new ReadableStream({ async start(controller) {
        const encoder = new TextEncoder(), alive = setInterval(() => {}, 5);
        controller.enqueue(encoder.encode('first'));
        controller.enqueue(encoder.encode(await new Promise((f) => { go = f; })));
        clearInterval(alive);
        controller.close();
    } }));
} };
--- client
my $c = dial();

$c->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
ok(defined $c->until_match(qr/\r\n\r\n5\r\nfirst\r\n/), 'first');
is(get('/go')->{body}, 'gone', 'go');
ok(defined $c->until_match(qr/^6\r\nsecond\r\n0\r\n\r\n/), 'second');



=== TEST 8: clients that leave while they send
--- user_files
>>> w.js
let seen = [];
export default { async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/seen') return Response.json(seen);
    if (pathname === '/ping') return new Response('pong');
    console.log('reading', 'begins', pathname);
    if (pathname === '/ignored') {
        await scheduler.wait(30000);
        return new Response('late');
    }
    if (pathname === '/echo') return new Response(request.body);
    const text = request.text();
    ctx.waitUntil(text.catch((e) => {
        seen.push(`${e.name}: ${e.message}`);
        console.log('reading', 'failed', pathname);
    }));
    return new Response(await text);
} };
--- client
my ($pid) = workers_of();

get('/ping');

my $before = steady { fds($pid) };

for my $round (1 .. 5) {
    for my $path ('/text', '/echo', '/ignored') {
        for my $how ('hang_up', 'reset', 'half_close') {
            my $c = dial();

            $c->send("POST $path HTTP/1.1\r\nHost: x\r\n"
                     . ($round % 2 ? "Content-Length: 1000000\r\n\r\n"
                                   : "Transfer-Encoding: chunked\r\n\r\nfffff\r\n")
                     . 'x' x 1000);

            eventually {
                $round * 3 - 3 + ($how eq 'hang_up' ? 1 : $how eq 'reset' ? 2 : 3)
                <= (() = error_log() =~ /reading begins $path /g)
            };

            $c->$how;
        }
    }
}

eventually { 15 == (() = error_log() =~ /reading failed \/text/g) }
    'each read has failed';
eventually { fds($pid) <= $before } 'all connections are closed';
is(get('/seen')->{body}, '[' . join(',', ('"TypeError: Can\'t read from request '
   . 'stream because client disconnected."') x 15) . ']', 'what the script saw');



=== TEST 9: clients that leave while they receive: the source is cancelled
--- user_files
>>> w.js
let cancelled = 0;
export default { fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/cancelled') return new Response(cancelled);
    const bytes = new Uint8Array(100000);
    return new Response(new ReadableStream({
        async pull(controller) {
            if (pathname === '/waits') {
                controller.enqueue(bytes.subarray(0, 10));
                await scheduler.wait(30000);
            }
            controller.enqueue(bytes);
        },
        cancel(reason) {
            cancelled++;
            console.log('source', 'cancelled', pathname, reason);
        },
    }));
} };
--- client
my ($pid) = workers_of();

get('/cancelled');

my $before = steady { fds($pid) };

for my $path ('/endless', '/waits') {
    for my $how ('hang_up', 'reset') {
        my $c = dial();

        $c->send("GET $path HTTP/1.1\r\nHost: x\r\n\r\n");
        ok(defined $c->until_match(qr/\r\n\r\n./), "$path begins");
        $c->$how;
    }
}

eventually { get('/cancelled')->{body} == 4 } 'cancel() was called each time';
eventually { fds($pid) <= $before } 'all connections are closed';
logged(qr/source cancelled \/endless/);
logged(qr/source cancelled \/waits/);



=== TEST 10: cancel() of a TransformStream's source, of a tee and of an iterator
--- user_files
>>> w.js
let ended = [];
async function* numbers(name) {
    try {
        for (;;) yield new Uint8Array(1000);
    } finally {
        ended.push(name);
    }
}
const endless = (name) => new ReadableStream({
    async pull(c) { c.enqueue(new Uint8Array(1000)); await scheduler.wait(1); },
    cancel() { ended.push(name); },
});
export default { fetch(request, env, ctx) {
    switch (new URL(request.url).pathname) {
    case '/ended': return new Response(ended.sort().join());
    case '/transform':
        return new Response(endless('transform').pipeThrough(new TransformStream()));
    case '/from':
        return new Response(ReadableStream.from(numbers('from')));
    case '/identity': {
        const { readable, writable } = new IdentityTransformStream();
        ctx.waitUntil(endless('identity').pipeTo(writable).catch(() => {}));
        return new Response(readable);
    }
    }
} };
--- client
for my $path ('/transform', '/from', '/identity') {
    my $c = dial();

    $c->send("GET $path HTTP/1.1\r\nHost: x\r\n\r\n");
    ok(defined $c->until_match(qr/\r\n\r\n./), "$path begins");
    $c->hang_up;
}

eventually { get('/ended')->{body} eq 'from,identity,transform' } 'all have ended'
    or diag(get('/ended')->{body});



=== TEST 11: a slow reader: the generator does not run ahead
--- user_files
>>> w.js
let pulls = 0;
export default { fetch(request) {
    if (request.url.endsWith('/pulls')) return new Response(pulls);
    const bytes = new Uint8Array(65536);
    return new Response(new ReadableStream({ pull(controller) {
        pulls++;
        controller.enqueue(bytes);
    } }));
} };
--- client
my ($pid) = workers_of();
my ($before) = memory($pid);
my $c = dial();

$c->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
ok(defined $c->until_match(qr/\r\n\r\n/), 'begins');

my $pulls = steady { get('/pulls')->{body} };

# what the kernel's buffers of both sides take, and no more

cmp_ok($pulls, '<', 300, 'pulls while nobody reads');
cmp_ok($pulls, '>', 0, 'some');
$c->bytes(20_000_000);
eventually { get('/pulls')->{body} > $pulls } 'goes on with the reader';

my ($after, $peak) = memory($pid);

cmp_ok($peak - $before, '<', $main::growth, 'growth in KiB') if !sanitized();
$c->hang_up;



=== TEST 12: a slow script: the client's bytes wait in the client
--- config
    location / {
        workers_pass w;
        client_max_body_size 0;
    }
--- user_files
>>> w.js
let go;
export default { async fetch(request) {
    if (request.url.endsWith('/go')) {
        go();
        return new Response('gone');
    }
    const reader = request.body.getReader();
    let n = (await reader.read()).value.length;
    const alive = setInterval(() => {}, 5);
    await new Promise((resolve) => { go = resolve; });
    clearInterval(alive);
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return new Response(n);
        n += value.length;
    }
} };
--- client
my ($pid) = workers_of();
my ($before) = memory($pid);
my $c = dial();
my $total = 100 * 1048576;

$c->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: $total\r\n\r\n");

# as much as the connection takes

my ($sent, $full) = (0, 0);
my $select = IO::Select->new($c->{sock});

$c->{sock}->blocking(0);

while ($sent < $total && $full < 5) {
    if ($select->can_write(0.1)) {
        $sent += syswrite($c->{sock}, $main::block) // 0;
        $full = 0;

    } else {
        $full++;
    }
}

cmp_ok($sent, '<', 40_000_000, 'bytes that the connection takes unread');

my ($after, $peak) = memory($pid);

cmp_ok($peak - $before, '<', $main::growth, 'growth in KiB') if !sanitized();

$c->{sock}->blocking(1);
is(get('/go')->{body}, 'gone', 'go');

while ($sent < $total) {
    my $n = $total - $sent;

    $c->send(substr($main::block, 0, $n < 1048576 ? $n : 1048576));
    $sent += $n < 1048576 ? $n : 1048576;
}

is($c->answer->{body}, $total, 'all of them');



=== TEST 13: a body is read once
--- user_files
>>> w.js
export default { async fetch(request) {
    const out = [request.bodyUsed, await request.text(), request.bodyUsed];
    for (const f of ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'])
        await request[f]().catch((e) => out.push(`${e.name}: ${e.message}`));
    try { request.clone(); } catch (e) { out.push(e.name); }
    try { new Request(request); } catch (e) { out.push(e.message); }
    try { new Response(request.body); } catch (e) { out.push(e.message); }
    return new Response(out.join('\n'));
} };
--- request
POST /
body
--- response_body chomp
false
body
true
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError
Cannot reconstruct a Request with a used body.
This ReadableStream is disturbed (has already been read from), and cannot be used as a body.



=== TEST 14: clone() and tee() give it twice
--- user_files
>>> w.js
export default { async fetch(request) {
    const copy = request.clone();
    const [one, two] = copy.body.tee();
    return new Response([await request.text(), await new Response(two).text(),
                         await new Response(one).text()].map((s) => s.length));
} };
--- client
for my $n (0, 1, 1000, 1_000_000) {
    is(request("POST / HTTP/1.1\nContent-Length: $n", 'x' x $n)->{body},
       "$n,$n,$n", "$n bytes");
}



=== TEST 15: bodies that are not read, or not to their end, on a connection that stays
--- user_files
>>> w.js
export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
    case '/part': {
        const reader = request.body.getReader();
        await reader.read();
        break;
    }
    case '/cancel': await request.body.cancel(); break;
    case '/part-cancel': {
        const reader = request.body.getReader();
        await reader.read();
        await reader.cancel();
        break;
    }
    case '/started': void request.body.getReader().read(); break;
    case '/throws': throw new Error('with a body');
    case '/stream': return new Response(new Blob(['stream']).stream());
    }
    return new Response(`${request.method} ${pathname}`);
} };
--- client
for my $path (qw(/unread /part /cancel /part-cancel /started /throws /stream)) {
    for my $n (1, 1000, 1_000_000) {
        for my $chunked (0, 1) {
            my $what = "$path, $n bytes, chunked: $chunked";
            my $c = dial();

            # the body looks like a request

            my $body = substr("GET /forged HTTP/1.1\r\nHost: x\r\n\r\n" x ($n / 30 + 1),
                              0, $n);

            $body = sprintf("%x\r\n%s\r\n0\r\n\r\n", $n, $body) if $chunked;

            $c->send("POST $path HTTP/1.1\r\nHost: x\r\n"
                     . ($chunked ? 'Transfer-Encoding: chunked'
                                 : "Content-Length: $n") . "\r\n\r\n" . $body);

            my $answer = $c->answer;

            is($answer->{status}, $path eq '/throws' ? 500 : 200,
               "$what: status");

            if ($answer->{head} =~ /^Connection: close\r$/mi) {
                ok($c->closed, "$what: closed");
                next;
            }

            $c->send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
            is($c->answer->{body}, 'GET /next', "$what: next");
        }
    }
}
--- error_log
with a body
--- no_error_log
[alert]
forged



=== TEST 16: null and empty bodies
--- user_files
>>> w.js
export default { async fetch(request) {
    return new Response(`${request.body && 'stream'} ${(await request.text()).length}`);
} };
--- client
is(get('/')->{body}, 'null 0', 'GET');
is(get('/', 'Content-Length: 0')->{body}, 'stream 0', 'GET with a length of 0');
is(request('POST / HTTP/1.1')->{body}, 'null 0', 'POST without a length');
is(request("POST / HTTP/1.1\nContent-Length: 0")->{body}, 'stream 0', 'POST, 0');
is(request("POST / HTTP/1.1\nTransfer-Encoding: chunked", "0\r\n\r\n")->{body},
   'stream 0', 'chunked');
is(request("GET / HTTP/1.1\nContent-Length: 2", 'ab')->{body}, 'stream 2',
   'GET with a body');
is(request("PURGE / HTTP/1.1\nContent-Length: 2", 'ab')->{body}, 'stream 2',
   'a method of their own');



=== TEST 17: client_max_body_size: 413, with a length and chunked
--- config
    location / {
        workers_pass w;
        client_max_body_size 1000;
    }
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    n++;
    switch (pathname) {
    case '/n': return new Response(n);
    case '/caught':
        try { await request.text(); } catch (e) { return new Response(e.name); }
    case '/echo': return new Response(request.body);
    }
    return new Response(await request.text());
} };
--- client
is(get('/n')->{body}, 1, 'before');

my $answer = request("POST / HTTP/1.1\nContent-Length: 1001", 'x' x 1001);

is($answer->{status}, 413, 'length: status');
is(get('/n')->{body}, 2, 'length: the script is not asked');

my $chunked = "3e9\r\n" . 'x' x 1001 . "\r\n0\r\n\r\n";

for my $path ('/text', '/caught', '/echo') {
    $answer = request("POST $path HTTP/1.1\nTransfer-Encoding: chunked", $chunked);

    is($answer->{status}, $path eq '/text' ? 413 : 200, "chunked, $path: status")
        if $path ne '/echo';
    ok($answer->{status} == 413 || !$answer->{whole}, 'echo: cut off or 413')
        if $path eq '/echo';
    is($answer->{body}, 'TypeError', "chunked, $path: body") if $path eq '/caught';
}

is(request("POST / HTTP/1.1\nContent-Length: 1000", 'x' x 1000)->{body},
   'x' x 1000, 'as much as is allowed');
is(request("POST / HTTP/1.1\nTransfer-Encoding: chunked",
           "3e8\r\n" . 'x' x 1000 . "\r\n0\r\n\r\n")->{body},
   'x' x 1000, '... chunked');
--- error_log
client intended to send too large



=== TEST 18: chunks that are none
--- user_files
>>> w.js
export default { async fetch(request) {
    return new Response(await request.text());
} };
--- client
for my $body ("xyz\r\nabc\r\n0\r\n\r\n", "3\r\nabcdef\r\n0\r\n\r\n",
              "fffffffffffffffff\r\n")
{
    my $answer = request("POST / HTTP/1.1\nTransfer-Encoding: chunked", $body);

    ok($answer->{status} == 400 || $answer->{status} == 413 || $answer->{status} == 0,
       'refused') or diag($answer->{status});
}

is(request("POST / HTTP/1.1\nContent-Length: 2", 'ab')->{body}, 'ab', 'goes on');
--- error_log
client sent invalid chunked body



=== TEST 19: Expect: 100-continue
--- user_files
>>> w.js
export default { async fetch(request) {
    if (request.url.endsWith('/unread')) return new Response('no', { status: 403 });
    return new Response(await request.text());
} };
--- client
my $c = dial();

$c->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
         . "Expect: 100-continue\r\n\r\n");
is($c->until_match(qr/\r\n\r\n/), "HTTP/1.1 100 Continue\r\n\r\n", 'continue');
$c->send('body');
is($c->answer->{body}, 'body', 'body');

$c->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
is($c->answer->{status}, 200, 'the next request of the connection');

$c = dial();
$c->send("POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
         . "Expect: 100-continue\r\n\r\n");
is($c->answer->{status}, 403, 'a body that the script does not want');



=== TEST 20: FixedLengthStream is a Content-Length
--- user_files
>>> w.js
const encoder = new TextEncoder();
export default { fetch(request, env, ctx) {
    const url = new URL(request.url), n = Number(url.searchParams.get('n'));
    const { readable, writable } = new FixedLengthStream(10);
    ctx.waitUntil((async () => {
        const writer = writable.getWriter();
        await writer.write(encoder.encode('x'.repeat(n)));
        await writer.close();
    })().catch((e) => console.log('writer', 'failed:', e.name)));
    return new Response(readable);
} };
--- client
my $answer = get('/?n=10');

is($answer->{body}, 'x' x 10, 'body');
like($answer->{head}, qr/^Content-Length: 10\r$/mi, 'length');
unlike($answer->{head}, qr/^Transfer-Encoding/mi, 'not chunked');

for my $n (9, 11) {
    $answer = get("/?n=$n");
    like($answer->{head}, qr/^Content-Length: 10\r$/mi, "$n bytes: length");
    ok(!$answer->{whole}, "$n bytes: cut off");
}

# too many bytes fail where they are written; too few, where they are read

eventually { error_log() =~ /writer failed: TypeError.*n=11/ } '11 bytes: log';
--- error_log
writer failed



=== TEST 21: lengths that are known
--- user_files
>>> w.js
const kinds = {
    string: () => 'é', bytes: () => new Uint8Array(5),
    buffer: () => new ArrayBuffer(6), view: () => new Uint8Array(9).subarray(2, 5),
    blob: () => new Blob(['abc', 'é']), params: () => new URLSearchParams('a=b'),
    empty: () => '', none: () => null, request: (r) => r.body,
    stream: () => new Blob(['abc']).stream(),
    user: () => new ReadableStream({ start(c) { c.close(); } }),
};
export default { fetch(request) {
    return new Response(kinds[new URL(request.url).pathname.slice(1)](request));
} };
--- client
my %length = (string => 2, bytes => 5, buffer => 6, view => 3, blob => 5,
              params => 3, empty => 0, none => 0, request => 4);

for my $kind (sort keys %length) {
    my $answer = request("POST /$kind HTTP/1.1\nContent-Length: 4", 'body');

    is(length $answer->{body}, $length{$kind}, "$kind: body");
    like($answer->{head}, qr/^Content-Length: $length{$kind}\r$/mi, "$kind: length");
}

my $answer = get('/user');

is($answer->{body}, '', 'a stream: body');
ok($answer->{whole}, 'a stream: end');
like($answer->{head}, qr/^Transfer-Encoding: chunked\r$/mi, 'a stream: no length');



=== TEST 22: HEAD: as GET, without the body
--- user_files
>>> w.js
let cancelled = 0;
export default { fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/cancelled') return new Response(cancelled);
    const body = pathname === '/string' ? 'twelve bytes'
        : pathname === '/blob' ? new Blob(['blob'])
        : new ReadableStream({
            pull(c) { c.enqueue(new Uint8Array(1000)); },
            cancel() { cancelled++; },
        });
    return new Response(body, { headers: { 'x-method': request.method } });
} };
--- client
my $c = dial();

for my $path ('/string', '/blob', '/stream') {
    $c->send("HEAD $path HTTP/1.1\r\nHost: x\r\n\r\n");

    my $answer = $c->answer(1);

    is($answer->{status}, 200, "$path: status");
    like($answer->{head}, qr/^X-Method: HEAD\r$/mi, "$path: method");
    like($answer->{head}, qr/^Content-Length: 12\r$/mi, "$path: length")
        if $path eq '/string';
}

$c->send("GET /string HTTP/1.1\r\nHost: x\r\n\r\n");
is($c->answer->{body}, 'twelve bytes', 'the next request of the connection');
eventually { get('/cancelled')->{body} == 1 } 'the stream is cancelled';



=== TEST 23: chunks that are empty, text, and chunks that are no bytes
--- user_files
>>> w.js
const streams = {
    empty: (c) => { for (let i = 0; i < 5; i++) c.enqueue(new Uint8Array(i % 2)); c.close(); },
    views: (c) => { c.enqueue(new Uint8Array([97, 98, 99]).subarray(1));
                    c.enqueue(new DataView(new Uint8Array([100]).buffer));
                    c.enqueue(new Uint8Array([101]).buffer);
                    c.enqueue(new Uint16Array([0x6666])); c.close(); },
    string: (c) => { c.enqueue('t\u00e9\ud800'); c.enqueue('');
                     c.enqueue(new Uint8Array([120])); c.close(); },
    number: (c) => { c.enqueue(7); c.close(); },
    detached: (c) => { const b = new Uint8Array(5); structuredClone(b, { transfer: [b.buffer] });
                       try { c.enqueue(b); } catch { } c.close(); },
};
export default { fetch(request) {
    const start = streams[new URL(request.url).pathname.slice(1)];
    return new Response(new ReadableStream({ start }));
} };
--- client
is(get('/empty')->{body}, "\0\0", 'empty');
is(get('/views')->{body}, 'bcdeff', 'views');

is(get('/string')->{body}, "t\xc3\xa9\xef\xbf\xbdx", 'text');

my $answer = get('/number');

ok($answer->{status} == 500 || !$answer->{whole}, 'number: fails');

get('/detached');
is(get('/views')->{body}, 'bcdeff', 'goes on');
--- error_log eval
qr/\[error\]/



=== TEST 24: proxy_request_buffering has nothing to say, and nothing is written to disk
--- config
    client_body_in_file_only on;
    client_body_buffer_size 1k;
    location / { workers_pass w; }
--- user_files
>>> w.js
export default { async fetch(request) {
    return new Response((await request.arrayBuffer()).byteLength);
} };
--- client
is(request("POST / HTTP/1.1\nContent-Length: 1000000", 'x' x 1000000)->{body},
   1000000, 'body');

my @files = grep { -f } glob "$Test::Nginx::Util::ServRoot/client_body_temp/*";

is("@files", '', 'no file');



=== TEST 25: a client that is slow to send times out
--- config
    client_body_timeout 200ms;
    location / { workers_pass w; }
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    if (request.method === 'GET') return new Response('fine');
    return new Response(await request.text());
} };
--- client
my $c = dial();

$c->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");

my $answer = $c->answer;

ok($answer->{status} == 408 || $answer->{status} == 0, 'gone')
    or diag($answer->{status});
ok($c->closed, 'closed');
is(get('/')->{body}, 'fine', 'goes on');



=== TEST 26: a client that is slow to receive times out
--- config
    send_timeout 200ms;
    location / { workers_pass w; }
--- user_files
>>> w.js
export default { fetch(request) {
    const bytes = new Uint8Array(65536);
    return new Response(new ReadableStream({
        pull(controller) { controller.enqueue(bytes); },
        cancel() { console.log('source', 'cancelled'); },
    }));
} };
--- client
my $c = dial();

$c->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
ok(defined $c->until_match(qr/\r\n\r\n/), 'begins');
logged(qr/client timed out/);
logged(qr/source cancelled/);



=== TEST 27: HTTP/2: memory stays flat, and the generator keeps the reader's pace
--- config
    http2 on;
    location / {
        workers_pass w;
        client_max_body_size 0;
    }
--- user_files
>>> w.js
let pulls = 0;
export default { fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/pulls') return new Response(pulls);
    if (pathname === '/echo') return new Response(request.body);
    const bytes = new Uint8Array(65536);
    return new Response(new ReadableStream({ pull(controller) {
        if (++pulls === 16384) controller.close();
        controller.enqueue(bytes);
    } }));
} };
--- client
my ($pid) = workers_of();
my $url = 'http://127.0.0.1:' . port();

get('/pulls');

my ($before) = memory($pid);
my $pattern = 'print "0123456789abcdef" x 65536 for 1 .. ' . $main::size / 8;
my $sum = `perl -e '$pattern' | md5sum`;

is(scalar `perl -e '$pattern' | curl -sS --max-time 60 --http2-prior-knowledge -T - $url/echo | md5sum`,
   $sum, 'echo');

# a reader that stops

my $pid_curl = open(my $out, '-|', 'curl', '-sSN', '--http2-prior-knowledge',
                    "$url/generated") or die $!;

sysread($out, my $bytes, 65536);

my $pulls = steady { get('/pulls')->{body} };

cmp_ok($pulls, '<', 400, 'pulls while nobody reads');

my ($after, $peak) = memory($pid);

cmp_ok($peak - $before, '<', $main::growth, 'growth in KiB') if !sanitized();
kill 'KILL', $pid_curl;
close $out;
