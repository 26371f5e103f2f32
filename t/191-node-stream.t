# Copyright (C) the nginx-workers authors
#
# node:stream and what is below it.

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: what is exported
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import Stream, * as s from 'node:stream';
import * as promises from 'node:stream/promises';
import * as consumers from 'node:stream/consumers';
import * as web from 'node:stream/web';
import { Readable } from 'node:_stream_readable';
export default { fetch() {
    return Response.json([
        Stream.Readable === s.Readable && s.Readable === Readable,
        typeof Stream, Object.keys(promises).sort(), Object.keys(consumers).sort(),
        web.ReadableStream === ReadableStream ]);
} };
--- response_body chomp
[true,"function",["default","finished","pipeline","promises"],["arrayBuffer","blob","buffer","default","json","text"],true]



=== TEST 2: pipelines, transforms and their errors
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { PassThrough, Readable, Transform, Writable, pipeline, finished } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
export default { async fetch() {
    const out = [];
    const upper = new Transform({ transform(chunk, encoding, done) {
        done(null, `${chunk}`.toUpperCase());
    } });
    await pipe(Readable.from(['x', 'y']), upper,
               new Writable({ write(c, e, done) { out.push(`${c}`); done(); } }));
    const broken = new Readable({ read() { this.destroy(new RangeError('mine')); } });
    out.push(await new Promise((r) => pipeline(broken, new PassThrough(), (e) => r(e.name))));
    out.push(await new Promise((r) => finished(new Readable().destroy(), (e) => r(e.code))));
    const w = new Writable({ write(c, e, done) { done(); } });
    out.push(await new Promise((r) => { w.on('error', (e) => r(e.code)); w.end(); w.write('x'); }));
    try { w.write(null); } catch (e) { out.push(e.code); }
    return Response.json(out);
} };
--- response_body chomp
["X","Y","RangeError","ERR_STREAM_PREMATURE_CLOSE","ERR_STREAM_WRITE_AFTER_END","ERR_STREAM_NULL_VALUES"]



=== TEST 3: streams are iterated, mapped and consumed
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { Readable } from 'node:stream';
import { json, text, buffer } from 'node:stream/consumers';
export default { async fetch() {
    const pieces = [];
    for await (const c of Readable.from([Buffer.from('a'), Buffer.from('b')]))
        pieces.push(c.toString());
    return Response.json([pieces, await text(Readable.from(['é', '€'])),
        await json(Readable.from(['{"a":', '1}'])),
        (await buffer(Readable.from([Buffer.from('ab')]))).toString('hex'),
        await Readable.from([1, 2, 3, 4]).filter((x) => x % 2).map((x) => x * 2).toArray(),
        new Readable().readableHighWaterMark,
        new Readable({ objectMode: true }).readableHighWaterMark]);
} };
import { Buffer } from 'node:buffer';
--- response_body chomp
[["a","b"],"é€",{"a":1},"6162",[2,6],65536,16]



=== TEST 4: a body becomes a stream of Node.js, and goes out as one of the web
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { Readable, Transform } from 'node:stream';
export default { fetch(request) {
    const upper = new Transform({ transform(chunk, encoding, done) {
        done(null, `${chunk}`.toUpperCase());
    } });
    return new Response(Readable.toWeb(Readable.fromWeb(request.body).pipe(upper)));
} };
--- request
POST /
some text
--- response_body chomp
SOME TEXT



=== TEST 5: the order of events
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { PassThrough } from 'node:stream';
export default { async fetch() {
    const log = [];
    const p = new PassThrough();
    const over = new Promise((done) => p.on('close', done));
    for (const name of ['finish', 'end', 'close', 'pipe', 'resume'])
        p.on(name, () => log.push(name));
    p.on('data', (d) => log.push(`${d}`));
    p.write('1');
    p.end('2');
    log.push('sync');
    await over;
    return new Response(log.join());
} };
--- response_body chomp
1,2,sync,resume,end,finish,close



=== TEST 6: not without the flag
--- script
compatibility_date 2023-01-01;
--- user_files
>>> w.js
import 'node:stream';
export default { fetch: () => new Response() };
--- must_die
--- error_log
module "node:stream" needs "compatibility_flags nodejs_compat"
