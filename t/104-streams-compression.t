# Copyright (C) the nginx-workers authors
#
# CompressionStream and DecompressionStream: formats, bad input, pieces, and
# bombs.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Compress::Zlib;

our $text = join ' ', 1 .. 100_000;

run_tests();

__DATA__

=== TEST 1: what goes in comes out, in all formats and any pieces
--- user_files
>>> w.js
const bytesOf = async (stream) => new Response(stream).bytes();
const inPieces = (bytes, size) => new ReadableStream({
    start(c) {
        for (let i = 0; i < bytes.length; i += size) c.enqueue(bytes.slice(i, i + size));
        c.close();
    },
});
export default { async fetch() {
    const text = Array.from({ length: 20000 }, (_, i) => i).join();
    const out = [];
    for (const format of ['gzip', 'deflate', 'deflate-raw']) {
        const zipped = await bytesOf(new Response(text).body
                                     .pipeThrough(new CompressionStream(format)));
        const whole = new Response(zipped).body
                      .pipeThrough(new DecompressionStream(format));
        const pieces = inPieces(zipped, 7).pipeThrough(new DecompressionStream(format));
        out.push(zipped.length < text.length / 2, await new Response(whole).text() === text,
                 await new Response(pieces).text() === text);
    }
    return Response.json(out);
} };
--- response_body chomp
[true,true,true,true,true,true,true,true,true]



=== TEST 2: native bodies: what zlib makes of them
--- user_files
>>> w.js
export default { fetch(request) {
    const stream = new URL(request.url).pathname === '/un'
                   ? new DecompressionStream('gzip') : new CompressionStream('gzip');
    return new Response(request.body.pipeThrough(stream));
} };
--- client
my $zipped = Compress::Zlib::memGzip($main::text);
my $length = length $main::text;
my $answer = request("POST /zip HTTP/1.1\nContent-Length: $length", $main::text);

is(Compress::Zlib::memGunzip($answer->{body}), $main::text, 'compressed');

$length = length $zipped;
$answer = request("POST /un HTTP/1.1\nContent-Length: $length", $zipped);

is($answer->{body}, $main::text, 'decompressed');



=== TEST 3: formats that are none
--- user_files
>>> w.js
const message = (fn) => {
    try { fn(); return 'none'; } catch (e) { return `${e.name}: ${e.message}`; }
};
export default { fetch() {
    return Response.json([
        message(() => new CompressionStream('br')),
        message(() => new DecompressionStream('GZIP')),
        message(() => new CompressionStream()),
        message(() => CompressionStream('gzip')).split(':')[0],
    ]);
} };
--- response_body chomp
["TypeError: The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.","TypeError: The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.","TypeError: Failed to construct 'CompressionStream': constructor parameter 1 is not of type 'string'.","TypeError"]



=== TEST 4: input that is broken, too short or too long is a TypeError on both ends
--- user_files
>>> w.js
const outcome = (p) => p.then(() => 'ok', (e) => `${e.name}: ${e.message}`);
export default { async fetch(request) {
    const zipped = await request.bytes();
    const broken = zipped.slice();
    broken[zipped.length - 6] ^= 255;
    const inputs = [
        zipped, zipped.slice(0, -3), new Uint8Array(0),
        new Uint8Array([...zipped, 1]), new Uint8Array([...zipped, ...zipped]),
        new TextEncoder().encode('this was never compressed'), broken,
    ];
    const out = [];
    for (const input of inputs) {
        const { readable, writable } = new DecompressionStream('gzip');
        const writer = writable.getWriter();
        const ends = [writer.write(input).then(() => writer.close()), writer.closed,
                      new Response(readable).text()].map(outcome);
        const all = new Set(await Promise.all(ends));
        out.push([...all].join(' | '));
    }
    return new Response(out.join('\n'));
} };
--- request eval
"POST /\n" . Compress::Zlib::memGzip('hello hello hello')
--- response_body chomp
ok
TypeError: Called close() on a decompression stream with incomplete data
TypeError: Called close() on a decompression stream with incomplete data
TypeError: Trailing bytes after end of compressed data
TypeError: Trailing bytes after end of compressed data
TypeError: Decompression failed.
TypeError: Decompression failed.



=== TEST 5: broken native input fails the response, or the read
--- user_files
>>> w.js
export default { async fetch(request) {
    const { readable, writable } = new DecompressionStream('gzip');
    const done = request.body.pipeTo(writable).then(() => 'ok', (e) => e.message);
    const text = await new Response(readable).text().catch((e) => e.message);
    return Response.json([text, await done]);
} };
--- pipelined_requests eval
["POST /\nnothing like gzip at all", "POST /\n" . substr(Compress::Zlib::memGzip('hello'), 0, 12),
 "POST /\n" . Compress::Zlib::memGzip('hello') . 'more']
--- response_body eval
['["Decompression failed.","Decompression failed."]',
 '["Called close() on a decompression stream with incomplete data",'
 . '"Called close() on a decompression stream with incomplete data"]',
 '["Trailing bytes after end of compressed data","Trailing bytes after end of compressed data"]']



=== TEST 6: chunks: strings, views, buffers, and what is none of them
--- user_files
>>> w.js
const outcome = (p) => p.then(() => 'ok', (e) => e.name);
export default { async fetch() {
    const { readable, writable } = new CompressionStream('deflate');
    const writer = writable.getWriter();
    const out = [];
    for (const chunk of ['a', new Uint8Array([98]), new Uint16Array([0x6463]), undefined,
                         new DataView(new Uint8Array([1, 101, 1]).buffer, 1, 1),
                         new Uint8Array([102]).buffer, new Uint8Array(0), 5, null, {}])
    {
        out.push(await outcome(writer.write(chunk)));
    }
    await writer.close();
    const plain = readable.pipeThrough(new DecompressionStream('deflate'));
    return Response.json([...out, await new Response(plain).text()]);
} };
--- response_body chomp
["ok","ok","ok","ok","ok","ok","ok","TypeError","TypeError","TypeError","abcdef"]



=== TEST 7: all may be written before anything is read
--- user_files
>>> w.js
export default { async fetch() {
    const noise = crypto.getRandomValues(new Uint8Array(65536));
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    for (let i = 0; i < 40; i++) await writer.write(noise);
    await writer.close();
    let n = 0;
    for await (const chunk of readable.pipeThrough(new DecompressionStream('gzip'))) {
        if (chunk.length > 65536) return new Response('a piece is too large');
        n += chunk.length;
    }
    return new Response(`${n}`);
} };
--- response_body chomp
2621440



=== TEST 8: a pipe may end before anything is read, if little comes out
--- user_files
>>> w.js
export default { async fetch(request) {
    const zip = new CompressionStream('gzip'), unzip = new DecompressionStream('gzip');
    await request.body.pipeTo(zip.writable);
    await zip.readable.pipeTo(unzip.writable);
    return new Response(unzip.readable);
} };
--- request
POST /
hello hello
--- response_body chomp
hello hello



=== TEST 9: a bomb grows as it is read, and no faster
--- config
    location / {
        workers_pass w;
        client_max_body_size 0;
    }
--- script
    limits memory=8m cpu=60s;
--- user_files
>>> w.js
export default { async fetch(request) {
    switch (new URL(request.url).pathname) {
    case '/native': {
        let n = 0;
        for await (const chunk of request.body.pipeThrough(new DecompressionStream('gzip')))
            n += chunk.length;
        return new Response(n);
    }
    case '/script': {
        const bomb = await request.bytes();
        const { readable, writable } = new DecompressionStream('gzip');
        const writer = writable.getWriter();
        await writer.write(bomb);
        writer.close();
        let n = 0;
        for await (const chunk of readable) n += chunk.length;
        return new Response(n);
    }
    case '/first': {
        const bomb = await request.bytes();
        const { readable, writable } = new DecompressionStream('gzip');
        const writer = writable.getWriter();
        await writer.write(bomb);
        const { value } = await readable.getReader().read();
        return new Response(value.length);
    }
    case '/whole':
        return new Response((await new Response(request.body
            .pipeThrough(new DecompressionStream('gzip'))).bytes()).length);
    }
} };
--- client
my $total = (sanitized() ? 64 : 256) * 1048576;
my ($d) = Compress::Zlib::deflateInit(-WindowBits => 31);
my $zeros = "\0" x 1048576;
my $bomb = '';

for (1 .. $total / 1048576) {
    $bomb .= $d->deflate($zeros);
}

$bomb .= $d->flush;

my $length = length $bomb;
my ($pid) = workers_of();
my ($before) = memory($pid);

for my $path (qw(native script)) {
    is(request("POST /$path HTTP/1.1\nContent-Length: $length", $bomb)->{body}, $total, $path);
}

is(request("POST /first HTTP/1.1\nContent-Length: $length", $bomb)->{body}, 65536, 'first');
is(request("POST /whole HTTP/1.1\nContent-Length: $length", $bomb)->{status}, 500,
   'whole: more than the isolate holds');

my ($after, $peak) = memory($pid);

cmp_ok($peak - $before, '<', 64 * 1024, 'growth in KiB') if !sanitized();
--- error_log
Memory limit would be exceeded before EOF



=== TEST 10: a script's transforms count as its memory
--- script
    limits memory=8m;
--- user_files
>>> w.js
const kept = [];
export default { async fetch(request) {
    if (request.url.endsWith('/well')) return new Response('well');
    for (let i = 0; i < 1000; i++) {
        const stream = new CompressionStream('gzip');
        stream.writable.getWriter().write('x');
        kept.push(stream);
    }
    return new Response('made');
} };
--- client
is(get('/')->{status}, 503, 'too many');
is(get('/well')->{body}, 'well', 'goes on');
--- error_log
exceeded memory



=== TEST 11: cancel(), abort(), and streams that are dropped
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => v?.done ?? 'ok', (e) => `${e.name}: ${e.message}`);
export default { async fetch() {
    const out = [];
    for (let i = 0; i < 200; i++) {
        const dropped = new CompressionStream('gzip');
        dropped.writable.getWriter().write(new Uint8Array(1000));
    }
    let { readable, writable } = new CompressionStream('gzip');
    let writer = writable.getWriter();
    writer.closed.catch(() => {});
    out.push(await outcome(readable.cancel(new RangeError('no'))),
             await outcome(writer.write('x')), await outcome(writer.closed));
    ({ readable, writable } = new CompressionStream('gzip'));
    writer = writable.getWriter();
    writer.closed.catch(() => {});
    const read = outcome(readable.getReader().read());
    out.push(await outcome(writer.abort(new RangeError('stop'))), await read,
             await outcome(writer.closed));
    return Response.json(out);
} };
--- response_body chomp
["ok","RangeError: no","RangeError: no","ok","RangeError: stop","RangeError: stop"]



=== TEST 12: classes: subclasses, byte streams, and who inherits from whom
--- user_files
>>> w.js
export default { async fetch() {
    class Mine extends CompressionStream { constructor() { super('deflate'); } get mine() { return 1; } }
    const mine = new Mine();
    const writer = mine.writable.getWriter();
    writer.write('hello');
    writer.close();
    const reader = mine.readable.pipeThrough(new DecompressionStream('deflate'))
                   .getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(3));
    return Response.json([
        mine.mine, mine instanceof TransformStream, String(mine), new TextDecoder().decode(value),
        Object.getPrototypeOf(CompressionStream) === Function.prototype,
    ]);
} };
--- response_body chomp
[1,true,"[object CompressionStream]","hel",true]
