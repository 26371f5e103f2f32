# Copyright (C) the nginx-workers authors
#
# The Streams Standard as the platform has it: states, errors, order, queues.
# Expected values were read off the reference.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: what the classes look like
--- user_files
>>> w.js
export default { fetch() {
    const names = ['ReadableStream', 'ReadableStreamDefaultReader', 'ReadableStreamBYOBReader',
        'ReadableStreamDefaultController', 'ReadableByteStreamController',
        'ReadableStreamBYOBRequest', 'WritableStream', 'WritableStreamDefaultWriter',
        'WritableStreamDefaultController', 'TransformStream', 'TransformStreamDefaultController',
        'IdentityTransformStream', 'FixedLengthStream', 'CompressionStream',
        'DecompressionStream', 'TextEncoderStream', 'TextDecoderStream',
        'ByteLengthQueuingStrategy', 'CountQueuingStrategy'];
    return new Response(names.map((name) => {
        const c = globalThis[name];
        const members = Object.keys(Object.getOwnPropertyDescriptors(c.prototype))
                        .filter((m) => m !== 'constructor').sort();
        return `${name} ${c.length} ${c.name === name} ${members}.`;
    }).join('\n'));
} };
--- response_body chomp
ReadableStream 0 true cancel,getReader,locked,pipeThrough,pipeTo,tee,values.
ReadableStreamDefaultReader 0 true cancel,closed,read,releaseLock.
ReadableStreamBYOBReader 0 true cancel,closed,read,readAtLeast,releaseLock.
ReadableStreamDefaultController 0 true close,desiredSize,enqueue,error.
ReadableByteStreamController 0 true byobRequest,close,desiredSize,enqueue,error.
ReadableStreamBYOBRequest 0 true atLeast,respond,respondWithNewView,view.
WritableStream 0 true abort,close,getWriter,locked.
WritableStreamDefaultWriter 0 true abort,close,closed,desiredSize,ready,releaseLock,write.
WritableStreamDefaultController 0 true error,signal.
TransformStream 0 true readable,writable.
TransformStreamDefaultController 0 true desiredSize,enqueue,error,terminate.
IdentityTransformStream 0 true .
FixedLengthStream 0 true .
CompressionStream 0 true .
DecompressionStream 0 true .
TextEncoderStream 0 true encoding.
TextDecoderStream 0 true encoding,fatal,ignoreBOM.
ByteLengthQueuingStrategy 0 true highWaterMark,size.
CountQueuingStrategy 0 true highWaterMark,size.



=== TEST 2: kinds of TransformStream, made in any order, are TransformStreams
--- user_files
>>> w.js
const fixed = new FixedLengthStream(1);
export default { async fetch() {
    class Mine extends IdentityTransformStream {}
    class Text extends TextDecoderStream { constructor() { super('utf-16le'); } }
    const all = [fixed, new Mine(), new CompressionStream('gzip'), new TextEncoderStream(), new Text()];
    const wrong = [];
    for (const get of [() => Object.create(Mine.prototype).readable, () => TransformStream(),
                       () => Object.getOwnPropertyDescriptor(TextDecoderStream.prototype, 'encoding')
                             .get.call(new TextEncoderStream())])
    {
        try { get(); } catch (e) { wrong.push(e.name); }
    }
    return Response.json([
        all.every((s) => s instanceof TransformStream && s.readable === s.readable),
        all.map(String), fixed instanceof IdentityTransformStream, new Text().encoding, wrong,
        Object.getPrototypeOf(IdentityTransformStream) === Function.prototype,
    ]);
} };
--- response_body chomp
[true,["[object FixedLengthStream]","[object IdentityTransformStream]","[object CompressionStream]","[object TextEncoderStream]","[object TextDecoderStream]"],true,"utf-16le",["TypeError","TypeError","TypeError"],true]



=== TEST 3: arguments of constructors
--- user_files
>>> w.js
const outcome = (fn) => {
    try { fn(); return 'ok'; } catch (e) { return e.name; }
};
export default { fetch() {
    const marks = (make) => ['x', -1, NaN, 0, '3', null, 1.5, undefined].map((highWaterMark) => {
        let size;
        const o = outcome(() => { size = make({ highWaterMark }); });
        return o === 'ok' ? size : o;
    }).join();
    return new Response([
        [undefined, null, {}, () => {}, 5, 'x'].map((v) => outcome(() => new ReadableStream(v))),
        [undefined, null, {}, 5].map((v) => outcome(() => new WritableStream(v))),
        [undefined, null, {}, 5].map((v) => outcome(() => new TransformStream(v))),
        ['bytes', '', undefined, null, 'x'].map((type) => outcome(() => new ReadableStream({ type }))),
        outcome(() => new WritableStream({ type: 'x' })),
        outcome(() => new TransformStream({ readableType: 'x' })),
        outcome(() => new ReadableStream({ pull: 5 })),
        outcome(() => new ReadableStream({}, { size: 5 })),
        outcome(() => new ReadableStream({ start() { throw new Error('later'); } })),
        marks((how) => { let c; new ReadableStream({ start(x) { c = x; } }, how); return c.desiredSize; }),
        marks((how) => new WritableStream({}, how).getWriter().desiredSize),
        [-1, '5', 5n, 'x', undefined, 1.5].map((n) => outcome(() => new FixedLengthStream(n))),
    ].join('\n'));
} };
--- response_body chomp
ok,ok,ok,ok,TypeError,TypeError
ok,ok,ok,TypeError
ok,ok,ok,TypeError
ok,ok,ok,TypeError,TypeError
ok
TypeError
TypeError
TypeError
ok
TypeError,TypeError,TypeError,0,3,0,1,1
TypeError,TypeError,TypeError,0,3,0,1,1
TypeError,ok,ok,TypeError,TypeError,ok



=== TEST 4: a default stream: states, and what each refuses
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => v, (e) => `${e.name}: ${e.message}`);
const thrown = (fn) => {
    try { fn(); return 'ok'; } catch (e) { return e.message; }
};
export default { async fetch() {
    let c;
    const stream = new ReadableStream({ start(x) { c = x; } });
    const out = [c.desiredSize];
    c.enqueue('a');
    out.push(c.desiredSize);
    c.close();
    out.push(thrown(() => c.enqueue(1)), thrown(() => c.close()));
    const reader = stream.getReader();
    out.push(await reader.read(), await reader.read(), c.desiredSize, await outcome(reader.closed));
    reader.releaseLock();
    out.push(await outcome(reader.closed), await outcome(reader.read()), await outcome(reader.cancel()));
    const failed = new ReadableStream({ start(x) { c = x; } });
    c.error(new RangeError('no'));
    const second = failed.getReader();
    out.push(c.desiredSize, thrown(() => c.error(1)), await outcome(second.read()), thrown(() => failed.getReader()));
    second.releaseLock();
    out.push(await outcome(second.closed), await outcome(failed.cancel()));
    return new Response(out.map((v) => JSON.stringify(v) ?? 'undefined').join('\n'));
} };
--- response_body chomp
1
0
"Unable to enqueue"
"This ReadableStream is closed."
{"value":"a","done":false}
{"done":true}
0
undefined
undefined
"TypeError: This ReadableStream reader has been released."
"TypeError: This ReadableStream reader has been released."
null
"ok"
"RangeError: no"
"This ReadableStream is currently locked to a reader."
"RangeError: no"
"RangeError: no"



=== TEST 5: callbacks that throw, reject, or count wrongly
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => v ?? 'ok', (e) => `${e.name} ${e.message}`);
export default { async fetch() {
    const fail = () => { throw new RangeError('x'); };
    const reject = async () => { throw new RangeError('y'); };
    const out = [];
    for (const fn of [fail, reject]) {
        out.push(await outcome(new ReadableStream({ start: fn }).getReader().read()),
                 await outcome(new ReadableStream({ pull: fn }).getReader().read()),
                 await outcome(new ReadableStream({ cancel: fn }).cancel()),
                 await outcome(new WritableStream({ start: fn }).getWriter().write(1)),
                 await outcome(new WritableStream({ write: fn }).getWriter().write(1)),
                 await outcome(new WritableStream({ close: fn }).getWriter().close()),
                 await outcome(new WritableStream({ abort: fn }).getWriter().abort()),
                 await outcome(new TransformStream({ start: fn }).readable.getReader().read()),
                 await outcome(new TransformStream({ flush: fn }).writable.getWriter().close()),
                 await outcome(new TransformStream({ cancel: fn }).readable.cancel()));
        const { readable, writable } = new TransformStream({ transform: fn });
        const read = readable.getReader().read();
        out.push(await outcome(writable.getWriter().write(1)), await outcome(read));
    }
    let threw = 0;
    for (const size of [fail, () => -1]) {
        const stream = new ReadableStream({ start(c) {
            try { c.enqueue(1); } catch { threw++; }
        } }, { size });
        out.push((await outcome(stream.getReader().read())).split(' ')[0]);
    }
    return new Response([...new Set(out)].join() + ` ${threw}`);
} };
--- response_body chomp
RangeError x,RangeError y,RangeError,TypeError 0



=== TEST 6: when callbacks run
--- user_files
>>> w.js
async function order(make) {
    const log = [];
    make(log);
    log.push('after');
    for (let i = 0; i < 8; i++) await null;
    return log.join();
}
export default { async fetch() {
    return new Response([
        await order((l) => new ReadableStream({ pull() { l.push('pull'); } })),
        await order((l) => new ReadableStream({ start() { l.push('start'); }, pull() { l.push('pull'); } })),
        await order((l) => {
            const w = new WritableStream({ write(v) { l.push(v); }, close() { l.push('close'); } }).getWriter();
            w.write(1);
            w.write(2);
            w.close();
        }),
        await order((l) => {
            const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } });
            s.pipeTo(new WritableStream({ write(v) { l.push(v); }, close() { l.push('close'); } }));
        }),
        await order((l) => new ReadableStream({ cancel() { l.push('cancel'); } }).cancel()),
    ].join('\n'));
} };
--- response_body chomp
pull,after
start,after,pull
1,after,2,close
after,1,2,close
cancel,after



=== TEST 7: iteration: values, break, throw, preventCancel, from()
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const endless = (log) => new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(e) { log.push(`cancel ${e}`); } });
    for await (const v of ReadableStream.from(['a', Promise.resolve('b')])) out.push(v);
    let stream = endless(out);
    for await (const v of stream) break;
    out.push(stream.locked);
    stream = endless(out);
    for await (const v of stream.values({ preventCancel: true })) break;
    out.push(stream.locked, (await stream.getReader().read()).value);
    const it = endless(out).values();
    const both = await Promise.all([it.next(), it.next(), it.return('r'), it.next()]);
    out.push(both.map((r) => r.value ?? 'none').join('/'), String(it));
    try {
        for await (const v of ReadableStream.from((async function* () { yield 1; throw new RangeError('g'); })()));
    } catch (e) {
        out.push(e.message);
    }
    const names = [undefined, null, 5, {}, Symbol()].map((v) => {
        try { ReadableStream.from(v); } catch (e) { return e.name; }
    });
    return new Response([...out, ...new Set(names)].join('\n'));
} };
--- response_body chomp
a
b
cancel undefined
false
false
1
cancel r
1/1/r/none
[object ReadableStreamAsyncIterator]
g
TypeError



=== TEST 8: byte streams: pieces, views, min, close and errors
--- user_files
>>> w.js
const show = ({ done, value }) => `${done} ${value?.constructor.name}:${value}`;
const outcome = (p) => p.then(show, (e) => e.name);
const bytes = (pull, more) => new ReadableStream({ type: 'bytes', pull, ...more });
export default { async fetch() {
    const out = [];
    let c;
    let stream = bytes(undefined, { start(x) { c = x; } });
    const given = new Uint8Array([1, 2, 3]);
    c.enqueue(given);
    c.enqueue(new Uint16Array([0x0504]).buffer);
    out.push(given.byteLength, c.desiredSize);
    let reader = stream.getReader();
    out.push(await outcome(reader.read()));
    reader.releaseLock();
    reader = stream.getReader({ mode: 'byob' });
    c.enqueue(new Uint8Array([1, 2, 3, 4, 5, 6, 7]));
    out.push(await outcome(reader.read(new Uint8Array(2))), await outcome(reader.read(new Uint16Array(1))),
             await outcome(reader.read(new Uint8Array(9), { min: 3 })));
    const late = outcome(reader.read(new Uint8Array(2)));
    await null;
    c.close();
    out.push(await late, await outcome(reader.read(new Uint8Array(1))));

    let size;
    stream = bytes((x) => { size = x.byobRequest.view.length; x.byobRequest.view[0] = 9; x.byobRequest.respond(1); });
    out.push(await outcome(stream.getReader().read()), size);
    stream = bytes((x) => { size = x.byobRequest.view.length; x.byobRequest.view[0] = 8; x.byobRequest.respond(1); },
                   { autoAllocateChunkSize: 16 });
    out.push(await outcome(stream.getReader().read()), size);

    stream = bytes((x) => { x.enqueue(new Uint8Array([1, 2, 3, 4, 5])); x.close(); }, { autoAllocateChunkSize: 4 });
    reader = stream.getReader();
    const both = [outcome(reader.read()), outcome(reader.read())];
    out.push(await both[0], await both[1]);

    reader = bytes().getReader({ mode: 'byob' });
    for (const [view, how] of [[undefined], [5], [new ArrayBuffer(1)], [new Uint8Array(0)],
                               [new Uint8Array(1), { min: 0 }], [new Uint8Array(1), { min: 2 }]])
    {
        out.push(await outcome(reader.read(view, how)));
    }
    const waits = outcome(reader.read(new Uint8Array(1)));
    await reader.cancel();
    out.push(await waits);
    return new Response(out.join('\n'));
} };
--- response_body chomp
0
-5
false Uint8Array:1,2,3,4,5
false Uint8Array:1,2
false Uint16Array:1027
false Uint8Array:5,6,7
true Uint8Array:
true Uint8Array:
false Uint8Array:9
4096
false Uint8Array:8
16
false Uint8Array:1,2,3,4
false Uint8Array:5
TypeError
TypeError
TypeError
TypeError
TypeError
TypeError
true Uint8Array:



=== TEST 9: readAtLeast() and byob reads of a body
--- user_files
>>> w.js
const show = ({ done, value }) => `${done} ${value.constructor.name} <${new TextDecoder().decode(value)}>`;
const outcome = (p) => p.then(show, (e) => e.name);
export default { async fetch(request) {
    const reader = request.body.getReader({ mode: 'byob' });
    return new Response([
        await outcome(reader.read(new Uint8Array(2))),
        await outcome(reader.readAtLeast(5, new Uint8Array(5))),
        await outcome(reader.read(new Uint16Array(1))),
        await outcome(reader.readAtLeast(2, new Uint8Array(1))),
        await outcome(reader.readAtLeast(100, new Uint8Array(100))),
        await outcome(reader.read(new Uint8Array(1))),
    ].join('\n'));
} };
--- request
POST /
abcdefghijkl
--- response_body chomp
false Uint8Array <ab>
false Uint8Array <cdefg>
false Uint8Array <hi>
TypeError
false Uint8Array <jkl>
true Uint8Array <>



=== TEST 10: writers: backpressure, order, abort and errors
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => v ?? 'ok', (e) => e?.message ?? e);
const soon = (p) => Promise.race([outcome(p), scheduler.wait(5).then(() => 'pending')]);
export default { async fetch() {
    let go;
    const log = [];
    const sink = new WritableStream({
        write(v) { log.push(v); return new Promise((resolve) => { go = resolve; }); },
        close() { log.push('close'); },
    }, { highWaterMark: 2 });
    const writer = sink.getWriter();
    const sizes = [writer.desiredSize];
    const writes = [1, 2, 3].map((v) => { const p = writer.write(v); sizes.push(writer.desiredSize); return p; });
    const closed = writer.close();
    const out = [sizes.join(), log.join(), await soon(writes[0])];
    for (const w of writes) { go(); await w; }
    out.push(await outcome(closed), log.join(), await outcome(writer.write(4)), await outcome(writer.close()));

    let reason;
    const stream = new WritableStream({ abort(e) { reason = e; } });
    const other = stream.getWriter();
    out.push(await outcome(other.abort('why')), reason, await outcome(other.write(1)), await outcome(other.closed),
             await outcome(other.ready), await outcome(other.close()));
    other.releaseLock();
    out.push(await outcome(other.write(1)), stream.locked, await outcome(stream.close()));
    return new Response(out.join('\n'));
} };
--- response_body chomp
2,1,0,-1
1
pending
ok
1,2,3,close
This WritableStream has been closed.
This WritableStream has been closed.
ok
why
why
why
why
why
This WritableStream writer has been released.
false
why



=== TEST 11: pipeTo(): every end of either side
--- user_files
>>> w.js
const outcome = (p) => p.then(() => 'ok', (e) => e.message);
const source = (end, log) => {
    let n = 0;
    return new ReadableStream({
        pull(c) {
            if (n < 2) c.enqueue(n++);
            else if (end === 'close') c.close();
            else if (end === 'error') c.error(new Error('source'));
        },
        cancel(e) { log.push(`cancel ${e.message}`); },
    }, { highWaterMark: 0 });
};
const sink = (bad, log) => new WritableStream({
    write(v) { log.push(v); if (bad) throw new Error('sink'); },
    close() { log.push('close'); },
    abort(e) { log.push(`abort ${e.message}`); },
});
export default { async fetch() {
    const out = [];
    for (const how of [{}, { preventClose: true }, { preventAbort: true }, { preventCancel: true }]) {
        for (const end of ['close', 'error', 'never']) {
            const log = [];
            const [from, to] = [source(end, log), sink(end === 'never', log)];
            const result = await outcome(from.pipeTo(to, how));
            out.push(`${Object.keys(how)} ${end}: ${result} (${log}) ${from.locked} ${to.locked}`);
        }
    }
    const log = [];
    const controller = new AbortController();
    controller.abort(new Error('signal'));
    out.push(await outcome(source('close', log).pipeTo(sink(false, log), { signal: controller.signal })), log.join());
    return new Response(out.join('\n'));
} };
--- response_body chomp
 close: ok (0,1,close) false false
 error: source (0,1,abort source) false false
 never: sink (0,cancel sink) false false
preventClose close: ok (0,1) false false
preventClose error: source (0,1,abort source) false false
preventClose never: sink (0,cancel sink) false false
preventAbort close: ok (0,1,close) false false
preventAbort error: source (0,1) false false
preventAbort never: sink (0,cancel sink) false false
preventCancel close: ok (0,1,close) false false
preventCancel error: source (0,1,abort source) false false
preventCancel never: sink (0) false false
signal
abort signal,cancel signal



=== TEST 12: TransformStream: transform, flush, terminate, cancel
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => JSON.stringify(v) ?? 'ok', (e) => `${e.name}: ${e.message}`);
export default { async fetch() {
    const out = [];
    const { readable, writable } = new TransformStream({
        start(c) { c.enqueue('start'); },
        transform(v, c) { c.enqueue(v); c.enqueue(v + v); },
        flush(c) { c.enqueue('flush'); },
    });
    const writer = writable.getWriter();
    const all = (async () => { const list = []; for await (const v of readable) list.push(v); return list; })();
    await writer.write('a');
    await writer.close();
    out.push(await outcome(all));

    const ended = new TransformStream({ transform(v, c) { c.enqueue(v); c.terminate(); } });
    const w = ended.writable.getWriter(), r = ended.readable.getReader();
    const first = r.read();
    out.push(await outcome(w.write(1)), await outcome(first), await outcome(r.read()), await outcome(w.write(2)));

    const log = [];
    const cancelled = new TransformStream({ cancel(e) { log.push(e); }, flush() { log.push('flush'); } });
    out.push(await outcome(cancelled.readable.cancel('why')),
             await cancelled.writable.getWriter().closed.catch((e) => e), log.join());
    return new Response(out.join('\n'));
} };
--- response_body chomp
["start","a","aa","flush"]
ok
{"value":1,"done":false}
{"done":true}
TypeError: The transform stream has been terminated
ok
why
why



=== TEST 13: tee(): values, cancel, errors, and nothing read ahead
--- user_files
>>> w.js
const outcome = (p) => p.then((v) => JSON.stringify(v) ?? 'ok', (e) => e.message);
export default { async fetch() {
    const out = [];
    let pulls = 0;
    const object = {};
    const [a, b] = new ReadableStream({ pull(c) { pulls++; c.enqueue(object); } }, { highWaterMark: 0 }).tee();
    const [ra, rb] = [a.getReader(), b.getReader()];
    out.push(pulls, (await ra.read()).value === object, (await rb.read()).value === object, pulls);

    const reasons = [];
    const [c, d] = new ReadableStream({ cancel(e) { reasons.push(e); } }).tee();
    out.push(await outcome(c.cancel('c')), reasons.length, await outcome(d.cancel('d')), reasons.join());

    let controller;
    const [e, f] = new ReadableStream({ start(x) { controller = x; } }).tee();
    controller.error(new Error('both'));
    out.push(await outcome(e.getReader().read()), await outcome(f.getReader().closed));
    return new Response(out.join('\n'));
} };
--- response_body chomp
0
true
true
1
ok
0
ok
d
both
both



=== TEST 14: IdentityTransformStream: bytes only, and a write ends when they are read
--- user_files
>>> w.js
const soon = (p) => Promise.race([p.then(() => 'ok', (e) => e.message), scheduler.wait(5).then(() => 'pending')]);
export default { async fetch() {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const out = [];
    const write = writer.write(new Uint8Array([65, 66, 67]));
    out.push(writer.desiredSize, await soon(write), await soon(writer.ready));
    const reader = readable.getReader({ mode: 'byob' });
    out.push((await reader.read(new Uint8Array(2))).value.join(), await soon(write));
    out.push((await reader.read(new Uint8Array(2))).value.join(), await soon(write));
    const text = writer.write('é');
    out.push((await reader.read(new Uint8Array(9))).value.join(), await soon(text), await soon(writer.write()));
    const close = writer.close();
    out.push((await reader.read(new Uint8Array(1))).done, await soon(close));
    const bad = new IdentityTransformStream().writable.getWriter();
    out.push((await soon(bad.write({}))).slice(0, 51));
    const counted = new IdentityTransformStream({ highWaterMark: 10 }).writable.getWriter();
    counted.write(new Uint8Array(4));
    out.push(counted.desiredSize);
    return new Response(out.join('\n'));
} };
--- response_body chomp
1
pending
ok
65,66
pending
67
ok
195,169
ok
ok
true
ok
This TransformStream is being used as a byte stream
6



=== TEST 15: a script that patches globals afterwards breaks nothing of ours
--- user_files
>>> w.js
new CompressionStream('gzip');
const { then } = Promise.prototype;
export default { async fetch(request) {
    Promise.prototype.then = function (...args) { globalThis.seen = true; return then.apply(this, args); };
    Uint8Array.prototype.set = Promise.resolve = Reflect.construct = undefined;
    globalThis.TransformStream = globalThis.WritableStream = null;
    const body = request.body.pipeThrough(new CompressionStream('gzip'))
                 .pipeThrough(new DecompressionStream('gzip'));
    const [one, two] = body.tee();
    const reader = one.getReader();
    for (;;) {
        if ((await reader.read()).done) break;
    }
    return new Response(two);
} };
--- request
POST /
hello
--- response_body chomp
hello
