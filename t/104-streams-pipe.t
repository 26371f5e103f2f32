# Copyright (C) the nginx-workers authors
#
# Pipes and tee() whose bytes no script reads: the bytes arrive, what a script
# sees of the streams is what it sees of others, and nothing is held.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

our $size = sanitized() ? 8 : 64;           # MiB
our $growth = 24 * 1024;                    # KiB
our $block = join '', map { pack 'N', $_ } 1 .. 262144;


sub send_blocks {
    my ($c, $n) = @_;
    my $pid = fork // die "fork: $!";

    return $pid if $pid;

    for (1 .. $n) {
        $c->send($block) or last;
    }

    require POSIX;
    POSIX::_exit(0);
}


# What comes back of n blocks that are sent to a path; times says how often.

sub through {
    my ($path, $n, $length) = @_;
    my $c = dial();
    my $total = $n * 1048576;

    $c->send("POST $path HTTP/1.1\r\nHost: x\r\nContent-Length: $total\r\n"
             . "Connection: close\r\n\r\n");

    my $sender = send_blocks($c, $n);
    my $head = $c->until_match(qr/\r\n\r\n/) // '';
    my $good = 0;

    if ($head =~ /^content-length/mi) {
        for (1 .. $n) {
            $good++ if $c->bytes(1048576) eq $block;
        }

        waitpid($sender, 0);
        return $good;
    }

    my $rest = '';

    while (defined(my $line = $c->until_match(qr/\r\n/))) {
        my $bytes = hex(($line =~ /^(\w+)/)[0] // '0') or last;

        $rest .= $c->bytes($bytes);
        $c->bytes(2);

        while (length $rest >= 1048576) {
            $good++ if substr($rest, 0, 1048576, '') eq $block;
        }
    }

    waitpid($sender, 0);
    return $good;
}


run_tests();

__DATA__

=== TEST 1: large bodies pass, and leave the memory flat
--- config
    location / {
        workers_pass w;
        client_max_body_size 0;
    }
--- script
    limits memory=32m;
--- user_files
>>> w.js
const drain = (stream) => stream.pipeTo(new WritableStream({ write() {} }));
export default { fetch(request, env, ctx) {
    const url = new URL(request.url);
    const length = Number(request.headers.get('content-length'));
    switch (url.pathname) {
    case '/identity':
        return new Response(request.body.pipeThrough(new IdentityTransformStream()));
    case '/transform':
        return new Response(request.body.pipeThrough(new TransformStream()));
    case '/fixed':
        return new Response(request.body.pipeThrough(new FixedLengthStream(length)));
    case '/three':
        return new Response(request.body.pipeThrough(new TransformStream())
                            .pipeThrough(new IdentityTransformStream())
                            .pipeThrough(new FixedLengthStream(length)));
    case '/pipeto': {
        const { readable, writable } = new IdentityTransformStream();
        ctx.waitUntil(request.body.pipeTo(writable));
        return new Response(readable);
    }
    case '/gzip':
        return new Response(request.body.pipeThrough(new CompressionStream('gzip'))
                            .pipeThrough(new DecompressionStream('gzip')));
    case '/tee': {
        const [one, two] = request.body.tee();
        ctx.waitUntil(drain(two));
        return new Response(one);
    }
    case '/cancelled': {
        const [one, two] = request.body.tee();
        two.cancel();
        return new Response(one);
    }
    case '/clone': {
        const copy = request.clone();
        ctx.waitUntil(drain(copy.body));
        return new Response(request.body);
    }
    case '/script': {
        const pass = new TransformStream({
            transform(chunk, controller) { controller.enqueue(chunk); },
        });
        return new Response(request.body.pipeThrough(pass));
    }
    }
} };
--- client
my ($pid) = workers_of();

for my $path (qw(identity transform fixed three pipeto gzip tee cancelled
                 clone script))
{
    is(main::through("/$path", 2), 2, "$path: warm");

    my ($before) = memory($pid);

    # of tee(), what the client is slow to take is held for it: no flat memory

    my $held = $path =~ /tee|clone/;
    my $n = $held ? 8 : $main::size;

    is(main::through("/$path", $n), $n, $path);

    my ($after, $peak) = memory($pid);

    cmp_ok($peak - $before, '<', $main::growth, "$path: growth in KiB")
        if !$held && !sanitized();
}



=== TEST 2: what a script sees of a pipe is what the standard says
--- user_files
>>> w.js
const outcome = (p) => p.then(() => 'ok', (e) => `${e.name}: ${e.message}`);
export default { async fetch(request) {
    const { readable, writable } = new IdentityTransformStream();
    const body = request.body;
    const done = body.pipeTo(writable);
    const seen = [body.locked, writable.locked, readable.locked, request.bodyUsed];
    const text = await new Response(readable).text();
    seen.push(text.length, await outcome(done), body.locked, writable.locked,
              await outcome(writable.getWriter().closed),
              await outcome(body.getReader().closed));
    return Response.json(seen);
} };
--- request eval
"POST /\n" . 'x' x 100_000
--- response_body chomp
[true,true,false,true,100000,"ok",false,false,"ok","ok"]



=== TEST 3: the readable end is cancelled: the pipe fails with the reason
--- user_files
>>> w.js
const outcome = (p) => p.then(() => 'ok', (e) => `${e.name}: ${e.message}`);
export default { async fetch(request) {
    const { readable, writable } = new IdentityTransformStream();
    const done = request.body.pipeTo(writable);
    const why = request.url.endsWith('/why') ? new RangeError('enough') : undefined;
    return Response.json([
        await outcome(readable.cancel(why)), await outcome(done),
        writable.locked, request.body.locked,
        await outcome(writable.getWriter().write('x')),
    ]);
} };
--- pipelined_requests eval
["POST /why\n" . 'x' x 10000, "POST /\n" . 'x' x 10000]
--- response_body eval
['["ok","RangeError: enough",false,false,"RangeError: enough"]',
 '["ok","Error: Stream was cancelled.",false,false,"Error: Stream was cancelled."]']



=== TEST 4: a FixedLengthStream fails with too much, and its reader with too little
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => v ?? 'ok', (e) => `${e.name}: ${e.message}`);
export default { async fetch(request) {
    const length = Number(new URL(request.url).pathname.slice(1));
    const { readable, writable } = new FixedLengthStream(length);
    const done = request.body.pipeTo(writable);
    return Response.json([await outcome(new Response(readable).text()), await outcome(done)]);
} };
--- pipelined_requests eval
["POST /4\nabcd", "POST /3\nabcd", "POST /5\nabcd"]
--- response_body eval
['["abcd","ok"]',
 '["TypeError: Attempt to write too many bytes through a FixedLengthStream."'
 . ',"TypeError: Attempt to write too many bytes through a FixedLengthStream."]',
 '["TypeError: FixedLengthStream did not see all expected bytes before close()."'
 . ',"ok"]']



=== TEST 5: options of pipeTo(): the ends stay as they ask
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => v ?? 'ok', (e) => `${e.name}: ${e.message}`);
export default { async fetch(request) {
    const how = new URL(request.url).pathname;
    const { readable, writable } = new IdentityTransformStream();
    const text = async (bytes) => new TextDecoder().decode((await bytes).value);
    const reader = readable.getReader();
    if (how === '/close') {
        const done = request.body.pipeTo(writable, { preventClose: true });
        const first = await text(reader.read());
        await done;
        const writer = writable.getWriter();
        writer.write(new TextEncoder().encode('more'));
        writer.close();
        return Response.json([first, await text(reader.read()), (await reader.read()).done]);
    }
    const controller = new AbortController();
    const done = request.body.pipeTo(writable, { signal: controller.signal });
    controller.abort(new RangeError('enough'));
    return Response.json([await outcome(done), await outcome(reader.read())]);
} };
--- pipelined_requests eval
["POST /close\nabcd", "POST /signal\nabcd"]
--- response_body eval
['["abcd","more",true]', '["RangeError: enough","RangeError: enough"]']



=== TEST 6: both branches of tee() give the whole body, whoever is ahead
--- user_files
>>> w.js
const text = (stream) => new Response(stream).text();
export default { async fetch(request) {
    const [one, two] = request.body.tee();
    const path = new URL(request.url).pathname;
    let a, b;
    if (path === '/one') {
        a = await text(one);
        b = await text(two);
    } else if (path === '/two') {
        b = await text(two);
        a = await text(one);
    } else if (path === '/both') {
        [a, b] = await Promise.all([text(one), text(two)]);
    } else if (path === '/nested') {
        const [three, four] = two.tee();
        [a, b] = [await text(four), await text(three)];
        if (await text(one) !== a) return new Response('differs');
    } else {
        await one.cancel('x');
        a = b = await text(two);
    }
    return Response.json([a.length, a === b, request.body.locked, request.bodyUsed]);
} };
--- pipelined_requests eval
[map { "POST /$_\n" . join '', 1 .. 50_000 } qw(one two both nested cancel)]
--- response_body eval
[('[238894,true,true,true]') x 5]



=== TEST 7: tee() of a body whose client leaves: both branches fail
--- user_files
>>> w.js
let seen = [];
export default { async fetch(request, env, ctx) {
    if (request.method === 'GET') return new Response(seen.sort().join());
    const [one, two] = request.body.tee();
    const note = (name, stream) =>
        new Response(stream).text().catch((e) => { seen.push(`${name} ${e.name}`); });
    ctx.waitUntil(note('one', one));
    await note('two', two);
    return new Response('late');
} };
--- client
my $c = dial();

$c->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
$c->half_close;
$c->hang_up;

my $seen = steady { get('/')->{body} };

like($seen, qr/^(?:one \w+,two \w+)?$/, 'both or, with the invocation, none');



=== TEST 8: a client that leaves ends a pipe
--- user_files
>>> w.js
let seen = 'nothing';
export default { async fetch(request, env, ctx) {
    if (request.method === 'GET') return new Response(seen);
    const { readable, writable } = new IdentityTransformStream();
    ctx.waitUntil(request.body.pipeTo(writable)
                  .then(() => { seen = 'done'; }, (e) => { seen = e.message; }));
    return new Response(readable);
} };
--- client
my $c = dial();

$c->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
ok(defined $c->until_match(qr/abc/), 'begins');
$c->reset;

eventually { get('/')->{body} ne 'nothing' || 1 } 'the process goes on';
is(get('/')->{status}, 200, 'and answers');
--- no_error_log
[alert]
[crit]



=== TEST 9: a branch that falls behind counts as memory of the isolate
--- config
    location / {
        workers_pass w;
        client_max_body_size 0;
    }
--- script
    limits memory=8m;
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request) {
    if (request.method === 'GET') return new Response(++n);
    const [one, two] = request.body.tee();
    let total = 0;
    for await (const chunk of one) total += chunk.length;
    for await (const chunk of two) total += chunk.length;
    return new Response(total);
} };
--- client
my $body = 'x' x 20_000_000;

is(request("POST / HTTP/1.1\nContent-Length: 2000000",
           substr $body, 0, 2_000_000)->{body}, 4_000_000, 'within the limit');
is(request("POST / HTTP/1.1\nContent-Length: 20000000", $body)->{status}, 503,
   'too much');
is(get('/')->{status}, 200, 'goes on');
--- error_log
exceeded memory



=== TEST 10: a source that has failed passes its error on
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => v ?? 'ok', (e) => `${e.name}: ${e.message}`);
export default { async fetch(request) {
    const broken = () => new ReadableStream({
        start(c) { c.enqueue(new Uint8Array(1)); },
        pull(c) { c.error(new RangeError('broken')); },
    });
    const { readable, writable } = new IdentityTransformStream();
    const done = broken().pipeTo(writable);
    const [one, two] = broken().tee();
    return Response.json([
        await outcome(new Response(readable).text()), await outcome(done),
        await outcome(new Response(one).text()), await outcome(new Response(two).text()),
    ]);
} };
--- response_body chomp
["RangeError: broken","RangeError: broken","RangeError: broken","RangeError: broken"]



=== TEST 11: the end of a pipe that nobody waits for leaves the streams unlocked
--- user_files
>>> w.js
export default { async fetch(request) {
    const stream = new IdentityTransformStream();
    const through = request.body.pipeThrough(stream);
    const locked = [request.body.locked, stream.writable.locked, through === stream.readable];
    let n = 0;
    for await (const chunk of through) n += chunk.length;
    await scheduler.wait(1);
    return Response.json([...locked, n, request.body.locked, stream.writable.locked]);
} };
--- request eval
"POST /\n" . 'x' x 70_000
--- response_body chomp
[true,true,true,70000,false,false]



=== TEST 12: over HTTP/2, where what was lent is sent after the end
--- config
    http2 on;
    location / {
        workers_pass w;
        client_max_body_size 0;
    }
--- user_files
>>> w.js
export default { fetch(request, env, ctx) {
    const zip = () => new CompressionStream('gzip'), unzip = () => new DecompressionStream('gzip');
    switch (new URL(request.url).pathname) {
    case '/identity':
        return new Response(request.body.pipeThrough(new IdentityTransformStream()));
    case '/gzip':
        return new Response(request.body.pipeThrough(zip()).pipeThrough(unzip()));
    case '/tee': {
        const [one, two] = request.body.tee();
        ctx.waitUntil(new Response(one).arrayBuffer());
        return new Response(two);
    }
    case '/alone': {
        const [one, two] = request.body.tee();
        one.cancel();
        return new Response(two.pipeThrough(new TransformStream()));
    }
    case '/cut':
        return new Response(request.body.pipeThrough(new FixedLengthStream(3_000_000)));
    }
} };
--- client
my ($in, $out) = map { "$ENV{TEST_NGINX_TMP}/$_" } 'h2-in', 'h2-out';
my $url = 'http://127.0.0.1:' . port();

write_file($in, $main::block x 8);

for my $path (qw(identity gzip tee alone)) {
    for (1 .. 3) {
        curl('--http2-prior-knowledge', '-T', $in, '-o', $out, "$url/$path");
        ok(read_file($out) eq $main::block x 8, $path);
    }
}

# fails in the middle, with bytes on their way

for (1 .. 3) {
    curl('--http2-prior-knowledge', '-T', $in, '-o', $out, "$url/cut", '--no-progress-meter',
         '--stderr', '/dev/null');
}

curl('--http2-prior-knowledge', '-T', $in, '-o', $out, "$url/identity");
ok(read_file($out) eq $main::block x 8, 'goes on');
unlink $in, $out;



=== TEST 13: into a store and out of it
--- script
    kv_namespace KV id=pipes;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    if (request.method === 'GET') {
        const stream = await env.KV.get('zipped', 'stream');
        return new Response(stream.pipeThrough(new DecompressionStream('gzip')));
    }
    const [one, two] = request.body.tee();
    await Promise.all([
        env.KV.put('plain', one),
        env.KV.put('zipped', two.pipeThrough(new CompressionStream('gzip'))),
    ]);
    const [plain, zipped] = [await env.KV.get('plain'), await env.KV.get('zipped', 'arrayBuffer')];
    return Response.json([plain.length, zipped.byteLength < 20_000]);
} };
--- pipelined_requests eval
["POST /\n" . 'abcdefg' x 20_000, "GET /"]
--- response_body eval
['[140000,true]', 'abcdefg' x 20_000]



=== TEST 14: a value that comes at once is coded in turns
--- script
    kv_namespace KV id=turns;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const size = 8_000_000;
    if (new URL(request.url).pathname === '/put') {
        await env.KV.put('large', new Uint8Array(size));
        return new Response('stored');
    }
    const zipped = (await env.KV.get('large', 'stream')).pipeThrough(new CompressionStream('gzip'));
    if (request.url.endsWith('/zip')) return new Response((await new Response(zipped).bytes()).length < 10_000);
    return new Response(zipped.pipeThrough(new DecompressionStream('gzip')));
} };
--- pipelined_requests eval
["GET /put", "GET /zip", "GET /both"]
--- response_body eval
['stored', 'true', "\0" x 8_000_000]
