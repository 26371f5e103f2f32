# Copyright (C) the nginx-workers authors
#
# node:zlib.

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', "        compatibility_date 2026-01-01;\n"
                                . "        compatibility_flags nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: there and back, at once and by callback
--- user_files
>>> w.js
import zlib from 'node:zlib';
export default { async fetch() {
    const text = 'hello '.repeat(50000), out = [];
    for (const [a, b] of [['gzip', 'gunzip'], ['deflate', 'inflate'],
        ['deflateRaw', 'inflateRaw'], ['gzip', 'unzip'], ['deflate', 'unzip'],
        ['brotliCompress', 'brotliDecompress'], ['zstdCompress', 'zstdDecompress']])
    {
        const packed = zlib[`${a}Sync`](text);
        const back = await new Promise((done) => zlib[a](text, (e, p) =>
            zlib[b](p, (e2, u) => done([e, e2, u.toString() === text]))));
        out.push([a, packed.length < 2000, Buffer.isBuffer(packed),
                  zlib[`${b}Sync`](packed).toString() === text, ...back].join());
    }
    out.push(zlib.gzipSync('hello hello hello').toString('hex'));
    return new Response(out.join('\n'));
} };
--- response_body chomp
gzip,true,true,true,,,true
deflate,true,true,true,,,true
deflateRaw,true,true,true,,,true
gzip,true,true,true,,,true
deflate,true,true,true,,,true
brotliCompress,true,true,true,,,true
zstdCompress,true,true,true,,,true
1f8b0800000000000003cb48cdc9c957c84090008088f9e511000000



=== TEST 2: options
--- user_files
>>> w.js
import zlib, { constants } from 'node:zlib';
export default { async fetch() {
    const text = 'a'.repeat(100), dictionary = Buffer.from('hello');
    const packed = zlib.gzipSync('hello');
    const coded = zlib.deflateSync('hello', { dictionary });
    return Response.json([
        [0, 1, 9].map((level) => zlib.deflateSync(text, { level }).length),
        zlib.inflateSync(coded, { dictionary }).toString(),
        zlib.gunzipSync(packed.subarray(0, 12),
                        { finishFlush: constants.Z_SYNC_FLUSH }).toString(),
        zlib.gunzipSync(Buffer.concat([packed, packed])).toString(),
        Object.keys(zlib.gzipSync('x', { info: true })),
        zlib.brotliCompressSync(text, { params: {
            [constants.BROTLI_PARAM_QUALITY]: 1 } }).length < 30,
        zlib.crc32('hello'), zlib.crc32('lo', zlib.crc32('hel')),
    ]);
} };
--- response_body chomp
[[111,12,12],"hello","h","hellohello",["engine","buffer"],true,907060870,907060870]



=== TEST 3: what fails
--- user_files
>>> w.js
import zlib from 'node:zlib';
export default { async fetch() {
    const out = [], packed = zlib.gzipSync('hello');
    for (const fn of [() => zlib.gunzipSync(Buffer.from('nope')),
        () => zlib.inflateRawSync(Buffer.from('nope!!')),
        () => zlib.brotliDecompressSync(Buffer.from('nope')),
        () => zlib.gunzipSync(packed.subarray(0, 10)),
        () => zlib.inflateSync(zlib.deflateSync('a', { dictionary: 'a' })),
        () => zlib.gunzipSync(packed, { maxOutputLength: 2 }),
        () => zlib.gunzipSync(zlib.gzipSync(new Uint8Array(1 << 20)),
                              { maxOutputLength: 1000 }),
        () => zlib.deflateSync('a', { level: 99 }),
        () => zlib.deflateSync('a', { strategy: 9 }),
        () => zlib.gzipSync(5), () => zlib.gzip('x'), () => zlib.crc32(5)])
        try { fn(); out.push('none'); }
        catch (e) { out.push(`${e.name}: ${e.message}`); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
Error: incorrect header check
Error: invalid block type
Error: Compression failed
Error: unexpected end of file
Error: Missing dictionary
RangeError: Memory limit exceeded
RangeError: Memory limit exceeded
RangeError: The value of "options.level" is out of range. It must be >= -1 and <= 9. Received 99
Error: invalid strategy
TypeError: Failed to execute 'zlibSync' on 'ZlibUtil': parameter 1 is not of type 'string or ArrayBuffer or ArrayBufferView'.
TypeError: The "callback" argument must be of type function. Received undefined
TypeError: Failed to execute 'crc32' on 'ZlibUtil': parameter 1 is not of type 'string or ArrayBuffer or ArrayBufferView'.



=== TEST 4: streams
--- user_files
>>> w.js
import zlib from 'node:zlib';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
export default { async fetch() {
    const out = [];
    const pieces = async function* () {
        for (let i = 0; i < 100; i++) yield 'x'.repeat(i);
    };
    for (const [pack, unpack] of [
        [zlib.createGzip, zlib.createGunzip],
        [zlib.createDeflateRaw, zlib.createInflateRaw],
        [zlib.createBrotliCompress, zlib.createBrotliDecompress],
        [zlib.createZstdCompress, zlib.createZstdDecompress]])
    {
        let n = 0;
        await pipeline(Readable.from(pieces()), pack(), unpack(),
                       async (s) => { for await (const c of s) n += c.length; });
        out.push(n);
    }
    const d = zlib.createDeflate(), made = [];
    d.on('data', (c) => made.push(c));
    d.write('abc');
    await new Promise((done) => d.flush(done));
    out.push(Buffer.concat(made).length > 0, d.bytesWritten, d instanceof zlib.Deflate);
    d.destroy();
    const bad = zlib.createGunzip();
    out.push(await new Promise((done) => {
        bad.on('error', (e) => done([e.code, e.errno, e.message]));
        bad.end('nope');
    }));
    return Response.json(out);
} };
--- response_body chomp
[4950,4950,4950,4950,true,3,true,["Z_DATA_ERROR",-3,"incorrect header check"]]
