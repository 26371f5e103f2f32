# Copyright (C) the nginx-workers authors

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: what put() stored is there for the next request
--- script
    kv_namespace C id=counter;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    if (request.method === 'PUT') await env.C.put('k', await request.text());
    return new Response(await env.C.get('k'));
} };
--- pipelined_requests eval
["PUT /\nx", "GET /"]
--- response_body eval
["x", "x"]



=== TEST 2: get() of each type, and of what is not there
--- script
    kv_namespace KV id=types;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    await kv.put('k', '{"a":[1,"é"]}');
    out.push(await kv.get('k'));
    out.push(await kv.get('k', 'text'));
    out.push(JSON.stringify(await kv.get('k', 'json')));
    out.push(JSON.stringify(await kv.get('k', { type: 'json' })));
    const buffer = await kv.get('k', 'arrayBuffer');
    out.push(buffer instanceof ArrayBuffer, buffer.byteLength);
    const stream = await kv.get('k', { type: 'stream' });
    out.push(stream instanceof ReadableStream,
             await new Response(stream).text());
    for (const type of [undefined, 'text', 'json', 'arrayBuffer', 'stream'])
        out.push(await kv.get('none', type) === null);
    return new Response(out.join('\n'));
} };
--- response_body chomp
{"a":[1,"é"]}
{"a":[1,"é"]}
{"a":[1,"é"]}
{"a":[1,"é"]}
true
14
true
{"a":[1,"é"]}
true
true
true
true
true



=== TEST 3: values that put() takes, and that it refuses
--- script
    kv_namespace KV id=values;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    const t = async (value) => {
        try {
            out.push(await kv.put('k', value) === undefined
                     && JSON.stringify(await kv.get('k')));
        } catch (e) {
            out.push(`${e.name}: ${e.message}`);
        }
    };
    await t('');
    await t(5);
    await t(null);
    await t(undefined);
    await t(true);
    await t('\ud800x');
    await t(new Uint8Array([65, 66, 67]).subarray(1));
    await t(new DataView(new Uint8Array([68, 69]).buffer));
    await t(new Uint8Array([70]).buffer);
    await t(new Blob(['blob']).stream());
    await t({ a: 1 });
    await t([1]);
    await t(new Blob(['x']));
    await t(() => 1);
    return new Response(out.join('\n'));
} };
--- response_body chomp
""
"5"
"null"
"undefined"
"true"
"�x"
"BC"
"DE"
"F"
"blob"
TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.
TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.
TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.
TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.



=== TEST 4: bad arguments reject with the platform's texts
--- script
    kv_namespace KV id=errors;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    const t = async (fn) => {
        try {
            const promise = fn();
            out.push(promise instanceof Promise ? '' : 'no promise');
            out.push(String(await promise));
        } catch (e) {
            out[out.length - 1] += `${e.name}: ${e.message}`;
        }
    };
    const long = 'x'.repeat(513), now = Math.floor(Date.now() / 1000);
    await kv.put('k', 'text');
    await t(() => kv.get(''));
    await t(() => kv.get('.'));
    await t(() => kv.put('..', 'v'));
    await t(() => kv.get(long));
    await t(() => kv.getWithMetadata('é'.repeat(257)));
    await t(() => kv.put(long, 'v'));
    await t(() => kv.delete(long));
    await t(() => kv.get([long]));
    await t(() => kv.get('k', 'nope'));
    await t(() => kv.get('none', 'nope'));
    await t(() => kv.get('k', { cacheTtl: 29 }));
    await t(() => kv.get('k', { cacheTtl: 'x' }));
    await t(() => kv.get('k', { cacheTtl: 30 }));
    await t(() => kv.put('k', 'v', { expirationTtl: 0 }));
    await t(() => kv.put('k', 'v', { expirationTtl: -1 }));
    await t(() => kv.put('k', 'v', { expirationTtl: 'x' }));
    await t(() => kv.put('k', 'v', { expirationTtl: 59 }));
    await t(() => kv.put('k', 'v', { expiration: 1000 }));
    await t(() => kv.put('k', 'v', { expiration: now + 30 })
                    .catch((e) => e.message.replace(/of \d+/, 'of N')));
    await t(() => kv.put('k', 'v', { metadata: 'x'.repeat(1025) }));
    await t(() => kv.list({ limit: 1001 }));
    await t(() => kv.list({ cursor: '!' }));
    await t(() => kv.get());
    await t(() => kv.put('k'));
    await t(() => kv.delete());
    await t(() => kv.get('k', 'json').catch((e) => e.name));
    return new Response(out.filter((s) => s).join('\n'));
} };
--- response_body chomp
TypeError: Key name cannot be empty.
TypeError: "." is not allowed as a key name.
TypeError: ".." is not allowed as a key name.
Error: KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.
Error: KV GET failed: 414 UTF-8 encoded length of 514 exceeds key length limit of 512.
Error: KV PUT failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.
Error: KV DELETE failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.
Error: KV GET_BULK failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.
TypeError: Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".
null
Error: KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.
Error: KV GET failed: 400 Invalid cache_ttl of 0. Cache TTL must be at least 30.
text
Error: KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than 0.
Error: KV PUT failed: 400 Invalid expiration_ttl of -1. Please specify integer greater than 0.
Error: KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than 0.
Error: KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.
Error: KV PUT failed: 400 Invalid expiration of 1000. Please specify integer greater than the current number of seconds since the UNIX epoch.
KV PUT failed: 400 Invalid expiration of N. Expiration times must be at least 60 seconds in the future.
Error: KV PUT failed: 413 Metadata length of 1027 exceeds limit of 1024.
Error: KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.
Error: KV GET failed: 400 Invalid cursor
TypeError: Failed to execute 'get' on 'KvNamespace': parameter 1 is not of type 'string'.
TypeError: Failed to execute 'put' on 'KvNamespace': parameter 2 is not of type 'string'.
TypeError: Failed to execute 'delete' on 'KvNamespace': parameter 1 is not of type 'string'.
SyntaxError



=== TEST 5: metadata and expiration stay with the value, put() replaces all
--- script
    kv_namespace KV id=meta;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    const at = Math.floor(Date.now() / 1000) + 1000;
    const t = async (key, type) =>
        out.push(JSON.stringify(await kv.getWithMetadata(key, type)));
    await t('a');
    await kv.put('a', '{"v":1}', { expiration: at,
                                   metadata: { x: [1, null], s: 'é' } });
    await t('a');
    await t('a', 'json');
    const { keys } = await kv.list();
    out.push(keys[0].expiration === at, JSON.stringify(keys[0].metadata));
    await kv.put('a', 'v2');
    await t('a');
    out.push(JSON.stringify((await kv.list()).keys));
    await kv.put('a', 'v', { metadata: 0, expirationTtl: 100 });
    await t('a');
    out.push('expiration' in (await kv.list()).keys[0]);
    await kv.put('a', 'v', { metadata: undefined });
    await t('a');
    return new Response(out.join('\n'));
} };
--- response_body chomp
{"value":null,"metadata":null,"cacheStatus":null}
{"value":"{\"v\":1}","metadata":{"x":[1,null],"s":"é"},"cacheStatus":null}
{"value":{"v":1},"metadata":{"x":[1,null],"s":"é"},"cacheStatus":null}
true
{"x":[1,null],"s":"é"}
{"value":"v2","metadata":null,"cacheStatus":null}
[{"name":"a"}]
{"value":"v","metadata":0,"cacheStatus":null}
true
{"value":"v","metadata":null,"cacheStatus":null}



=== TEST 6: list() in byte order, by prefix, in pages that end exactly
--- script
    kv_namespace KV id=list;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    const t = async (options) => {
        const r = await kv.list(options);
        out.push([r.keys.map((k) => k.name).join(','), r.list_complete,
                  typeof r.cursor].join(' '));
        return r.cursor;
    };
    await t();
    await Promise.all(['b', 'a', 'c/1', 'c/2', 'c/10', 'B', 'é', 'z', '%', '_',
                       '\u{1f600}', '\uffee'].map((k) => kv.put(k, k)));
    await t();
    await t({ prefix: 'c/' });
    await t({ prefix: null, cursor: null, limit: 0 });
    await t({ prefix: 'x'.repeat(2000) });
    await t({ prefix: '%' });
    await t({ prefix: 'c/', limit: 3 });
    let cursor = await t({ prefix: 'c/', limit: 2, cursor: '' });
    await kv.put('c/11', '');
    await t({ prefix: 'c/', limit: 2, cursor });
    for (cursor = undefined; cursor !== null; )
        cursor = await t({ limit: 5, cursor }) ?? null;
    await kv.delete('c/2');
    await t({ prefix: 'c/' });
    return new Response(out.join('\n'));
} };
--- response_body chomp
 true undefined
%,B,_,a,b,c/1,c/10,c/2,z,é,￮,😀 true undefined
c/1,c/10,c/2 true undefined
%,B,_,a,b,c/1,c/10,c/2,z,é,￮,😀 true undefined
 true undefined
% true undefined
c/1,c/10,c/2 true undefined
c/1,c/10 false string
c/11,c/2 true undefined
%,B,_,a,b false string
c/1,c/10,c/11,c/2,z false string
é,￮,😀 true undefined
c/1,c/10,c/11 true undefined



=== TEST 7: keys around the length that LMDB can hold keep order and identity
--- script
    kv_namespace KV id=long;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, x = 'x'.repeat(509);
    const keys = [x, x + 'a', x + 'aa', x + 'aaa', x + 'ab', x + 'b',
                  x + 'bb', x + 'é', 'y'];
    await Promise.all(keys.toReversed().map((k, i) => kv.put(k, k.slice(500),
                                                 { metadata: k.length })));
    const list = (await kv.list()).keys;
    const names = list.map((k) => k.name);
    const values = await Promise.all(keys.map((k) => kv.get(k)));
    const pages = [];
    let cursor;
    do {
        const r = await kv.list({ prefix: x + 'a', limit: 1, cursor });
        pages.push(r.keys[0].name.slice(509));
        cursor = r.cursor;
    } while (cursor);
    await kv.delete(x + 'aa');
    return Response.json([
        names.every((k, i) => k === keys[i]) && names.length === keys.length,
        list.every((k) => k.metadata === k.name.length),
        values.every((v, i) => v === keys[i].slice(500)),
        pages, await kv.get(x + 'aa'), await kv.get(x + 'aaa'),
        await kv.get(x + 'a'), await kv.get(x + 'ac')]);
} };
--- response_body chomp
[true,true,true,["a","aa","aaa","ab"],null,"xxxxxxxxxaaa","xxxxxxxxxa",null]



=== TEST 8: get() and getWithMetadata() of many keys
--- script
    kv_namespace KV id=bulk;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    const t = async (fn) => {
        try {
            const r = await fn();
            out.push(JSON.stringify(r instanceof Map ? [...r] : r));
        } catch (e) {
            out.push(`${e.name}: ${e.message}`);
        }
    };
    await kv.put('a', '1', { metadata: { m: 1 } });
    await kv.put('1', '""');
    await kv.put('bad', '{');
    globalThis.Map = class { };
    Map = (await kv.get(['x'])).constructor;
    await t(() => kv.get(['a', 'none', '1', 'bad', 'a']));
    await t(() => kv.get(['a', 'none', 1], 'json'));
    await t(() => kv.getWithMetadata(['none', 'a', '1'], { type: 'text' }));
    await t(() => kv.get([]));
    await t(() => kv.get(Array(101).fill('a')));
    await t(() => kv.get(Array(100).fill('a')));
    await t(() => kv.get(['a'], 'stream'));
    await t(() => kv.get(['a'], { type: 'arrayBuffer' }));
    await t(() => kv.get(['a', 'bad'], 'json'));
    await t(() => kv.get(['']));
    const big = new Uint8Array(9 << 20);
    await Promise.all(['x', 'y', 'z'].map((k) => kv.put(k, big)));
    await t(() => kv.get(['x', 'y', 'z']));
    return new Response(out.join('\n'));
} };
--- timeout: 30
--- response_body chomp
[["a","1"],["none",null],["1","\"\""],["bad","{"]]
[["a",1],["none",null],["1",""]]
[["none",null],["a",{"value":"1","metadata":{"m":1}}],["1",{"value":"\"\"","metadata":null}]]
Error: KV GET_BULK failed: 400 You must request a minimum of 1 key
Error: KV GET_BULK failed: 400 You can request a maximum of 100 keys
[["a","1"]]
Error: KV GET_BULK failed: 400 "stream" is not a valid type. Use "json" or "text"
Error: KV GET_BULK failed: 400 "arrayBuffer" is not a valid type. Use "json" or "text"
Error: KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value
TypeError: Key name cannot be empty.
Error: KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB



=== TEST 9: streams as values: a script's, a request's, one that fails
--- script
    kv_namespace KV id=streams;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    const t = async (stream) => {
        try {
            await kv.put('s', stream);
            const value = await kv.get('s');
            out.push(`${value.length}:${value.slice(0, 11)}`);
        } catch (e) {
            out.push(e.name);
        }
    };
    const encoder = new TextEncoder();
    let n = 0;
    await t(new ReadableStream({ pull(c) {
        if (n++ === 3) c.close();
        else c.enqueue(encoder.encode(`part ${n};`));
    } }));
    await t(request.body);
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    writer.write(encoder.encode('piped')).then(() => writer.close());
    await t(readable);
    await t(new ReadableStream({ start(c) { c.close(); } }));
    await t(new ReadableStream({ pull(c) { c.error(new Error('e')); } }));
    const locked = new ReadableStream();
    locked.getReader();
    await t(locked);
    out.push(await kv.get('s'));
    return new Response(out.join('\n'));
} };
--- request eval
"POST /\n" . ('0123456789' x 20000)
--- response_body
21:part 1;part
200000:01234567890
5:piped
0:
Error
TypeError



=== TEST 10: 25 MiB is the most that a value may have
--- script
    kv_namespace KV id=limit;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    const t = async (value) => {
        try {
            await kv.put('k', value);
            out.push((await kv.get('k', 'arrayBuffer')).byteLength);
        } catch (e) {
            out.push(e.message);
        }
    };
    await t(new Uint8Array(25 << 20));
    await t(new Uint8Array((25 << 20) + 1));
    let n = 0;
    await t(new ReadableStream({ pull(c) {
        n++;
        c.enqueue(new Uint8Array(1 << 20));
    } }));
    out[2] = out[2].replace(/length of \d+/, 'length of N');
    out.push(n < 100, (await kv.get('k', 'arrayBuffer')).byteLength);
    return new Response(out.join('\n'));
} };
--- timeout: 30
--- response_body chomp
26214400
KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.
KV PUT failed: 413 Value length of N exceeds limit of 26214400.
true
26214400



=== TEST 11: bindings with one id share a namespace, whatever the id
--- script
    kv_namespace A "id=../ a/é 😀";
    kv_namespace B "id=../ a/é 😀";
    kv_namespace UPPER id=NS;
    kv_namespace LOWER id=ns;
    kv_namespace DOTS id=..;
    kv_namespace LONG id=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const names = ['A', 'B', 'UPPER', 'LOWER', 'DOTS', 'LONG'];
    for (const name of names) {
        await env[name].put('k', name);
    }
    return Response.json(await Promise.all(names.map((n) => env[n].get('k'))));
} };
--- response_body chomp
["B","B","UPPER","LOWER","DOTS","LONG"]



=== TEST 12: a thousand writes at once, each of them stored
--- script
    kv_namespace KV id=many;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const keys = Array.from({ length: 1010 },
                            (_, i) => 'k' + String(i).padStart(4, '0'));
    await Promise.all(keys.map((k) => env.KV.put(k, k)));
    const a = await env.KV.list(), b = await env.KV.list({ cursor: a.cursor });
    await Promise.all(keys.map((k) => env.KV.delete(k)));
    return Response.json([a.keys.length, a.list_complete, b.keys.length,
                          b.list_complete, b.keys[0].name,
                          (await env.KV.list()).keys.length]);
} };
--- response_body chomp
[1000,false,10,true,"k1000",0]



=== TEST 13: waitUntil() and writes that nobody awaits are done
--- script
    kv_namespace KV id=later;
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    const path = new URL(request.url).pathname;
    if (path === '/put') {
        ctx.waitUntil(env.KV.put('a', '1'));
        env.KV.put('b', '2');
        return new Response('put');
    }
    for (let i = 0; i < 100; i++) {
        const map = await env.KV.get(['a', 'b']);
        if (map.get('a') && map.get('b')) return new Response('both');
        await env.KV.put('c', String(i));
    }
    return new Response('lost');
} };
--- pipelined_requests eval
["GET /put", "GET /"]
--- response_body eval
["put", "both"]



=== TEST 14: the class, its methods, and a method called on a stranger
--- script
    kv_namespace KV id=class;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const proto = Object.getPrototypeOf(env.KV), out = [];
    out.push(String(env.KV), env.KV.constructor.name, typeof KvNamespace,
             Object.keys(proto).sort(), Object.keys(env.KV).length);
    for (const name of Object.keys(proto)) {
        try {
            const fn = env.KV[name];
            await fn('k', 'v');
            out.push('no error');
        } catch (e) {
            out.push(e.name + e.message.slice(0, 18));
        }
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
[object KvNamespace]
KvNamespace
undefined
delete,get,getWithMetadata,list,put
0
TypeErrorIllegal invocation
TypeErrorIllegal invocation
TypeErrorIllegal invocation
TypeErrorIllegal invocation
TypeErrorIllegal invocation



=== TEST 15: no I/O in the global scope
--- script
    kv_namespace KV id=top;
--- user_files
>>> w.js
import { env } from 'cloudflare:workers';
let text;
try { await env.KV.get('k'); } catch (e) { text = e.message; }
export default { fetch() {
    return new Response(text.slice(0, 50));
} };
--- response_body chomp
Disallowed operation called within global scope. A



=== TEST 16: a namespace that is full rejects, and takes writes again
--- script
    kv_namespace KV id=full max_size=1m;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const kv = env.KV, out = [];
    await kv.put('a', new Uint8Array(100000));
    const results = await Promise.allSettled([
        kv.put('b', 'small'), kv.put('c', new Uint8Array(3 << 20)),
        kv.put('d', 'small')]);
    out.push(...results.map((r) => r.reason?.message ?? r.status));
    out.push(await kv.get('b'), await kv.get('c'), await kv.get('d'));
    await kv.put('e', 'again');
    out.push(await kv.get('e'), (await kv.get('a')).length);
    return new Response(out.join('\n'));
} };
--- response_body chomp
fulfilled
KV PUT failed: 507 Insufficient Storage
fulfilled
small

small
again
100000
--- error_log
commit failed (MDB_MAP_FULL



=== TEST 17: kv_namespace without an id
--- script
    kv_namespace KV x=y;
--- user_files
>>> w.js
export default { fetch() { } };
--- must_die
--- error_log
invalid parameter "x=y" in "kv_namespace", expected "id=<id>" or "max_size=<size>"



=== TEST 18: kv_namespace with an empty id
--- script
    kv_namespace KV id=;
--- user_files
>>> w.js
export default { fetch() { } };
--- must_die
--- error_log
invalid parameter "id=" in "kv_namespace", expected "id=<id>", of 1 to 512 bytes



=== TEST 19: kv_namespace with a bad size
--- script
    kv_namespace KV id=a max_size=many;
--- user_files
>>> w.js
export default { fetch() { } };
--- must_die
--- error_log
invalid parameter "max_size=many" in "kv_namespace", expected "max_size=<size>", at least 64k



=== TEST 20: kv_namespace with a size alone
--- script
    kv_namespace KV max_size=1m;
--- user_files
>>> w.js
export default { fetch() { } };
--- must_die
--- error_log
no "id" in "kv_namespace", expected "id=<id>"



=== TEST 21: kv_namespace needs workers_data
--- http_config
    log_format unused "
    workers_data";
    workers_script w {
        main $TEST_NGINX_HTML_DIR/w.js;
        kv_namespace KV id=a;
    }
--- user_files
>>> w.js
export default { fetch() { } };
--- must_die
--- error_log
"kv_namespace" needs "workers_data" in
