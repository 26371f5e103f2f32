# Copyright (C) the nginx-workers authors
#
# The Cache API as scripts see it.

use lib 't/lib';
use Workers 'no_plan';
use Client;

run_tests();

__DATA__

=== TEST 1: what put() stored is there for the next request
--- user_files
>>> w.js
export default { async fetch(request) {
    const cache = caches.default;
    const hit = await cache.match(request);
    if (hit) return hit;
    const response = new Response('made', { headers: {
        'Cache-Control': 'max-age=60', 'X-Made': 'once' } });
    await cache.put(request, response.clone());
    return response;
} };
--- pipelined_requests eval
["GET /a", "GET /a", "GET /a?b"]
--- response_body eval
["made", "made", "made"]
--- response_headers eval
["!CF-Cache-Status", "CF-Cache-Status: HIT
X-Made: once
Age: 0
Content-Length: 4", "!CF-Cache-Status"]



=== TEST 2: what match() answers has its header fields, and is read-only
--- user_files
>>> w.js
export default { async fetch() {
    const key = 'http://x/', c = caches.default;
    await c.put(key, new Response('body', { status: 404, statusText: 'Mine',
        headers: { 'cache-control': 'max-age=60', 'content-type': 'text/c',
                   'content-length': '99', etag: '"e"', age: '3',
                   'cf-cache-status': 'MISS', connection: 'close',
                   'transfer-encoding': 'chunked', date: 'x',
                   warning: '110 - "x", 299 - "y"' } }));
    const r = await c.match(key);
    const headers = [...r.headers].filter(([name]) => name !== 'date');
    const date = Date.now() - Date.parse(r.headers.get('date')) < 5000;
    let refused;
    try { r.headers.set('a', 'b'); } catch (e) { refused = e.message; }
    return Response.json([r.status, r.statusText, headers, date, refused,
                          r.url, r.body !== null, await r.text()]);
} };
--- response_body chomp
[404,"Not Found",[["age","3"],["cache-control","max-age=60"],["cf-cache-status","HIT"],["content-length","4"],["content-type","text/c"],["etag","\"e\""],["warning","299 - \"y\""]],true,"Can't modify immutable headers.","",true,"body"]



=== TEST 3: which Cache-Control is stored
--- user_files
>>> w.js
export default { async fetch() {
    const out = [], c = caches.default;
    for (const control of [
        'max-age=60', 'max-age=0', 'max-age=-1', 'max-age=x', 'max-age',
        'max-age="60"', 'MAX-AGE=60', 'max-age=60,max-age=0',
        's-maxage=60,max-age=0', 's-maxage=0,max-age=60', 'public',
        'private,max-age=60', 'private="x",max-age=60', 'no-store,max-age=60',
        'no-cache,max-age=60', 'proxy-revalidate,max-age=60', 'immutable',
        'max-age=0,stale-while-revalidate=9', 'max-age=99999999999999999999',
        'max-age=60,private=', ',', '=', '=,=;max-age=60', ''])
    {
        await c.put('http://x/' + encodeURIComponent(control),
                    new Response('', { headers: { 'cache-control': control } }));
        if (await c.match('http://x/' + encodeURIComponent(control)))
            out.push(control);
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
max-age=60
max-age="60"
s-maxage=60,max-age=0
immutable
max-age=0,stale-while-revalidate=9
max-age=99999999999999999999
max-age=60,private=



=== TEST 4: Expires, Date, Age and Last-Modified make it fresh or not
--- user_files
>>> w.js
const at = (s) => new Date(Date.now() + s * 1000).toUTCString();
const iso = (s) => new Date(Date.now() + s * 1000).toISOString();
export default { async fetch() {
    const out = [], c = caches.default;
    for (const headers of [
        { n: 1, expires: at(60) }, { n: 2, expires: at(-60) },
        { n: 3, expires: '0' }, { n: 4, expires: iso(60) },
        { n: 5, expires: at(-30), date: at(-100) },
        { n: 6, expires: at(60), date: at(100) },
        { n: 7, expires: at(60), 'cache-control': 'max-age=0' },
        { n: 8, 'cache-control': 'max-age=60', age: '59' },
        { n: 9, 'cache-control': 'max-age=60', age: '60' },
        { n: 10, 'last-modified': at(-1000) }, { n: 11, etag: '"x"' },
        { n: 12, pragma: 'no-cache', expires: at(60) },
        { n: 13, pragma: 'no-cache', 'cache-control': 'max-age=60' }])
    {
        await c.put('http://x/' + headers.n, new Response('', { headers }));
        if (await c.match('http://x/' + headers.n)) out.push(headers.n);
    }
    return new Response(out.join());
} };
--- response_body chomp
1,4,5,8,10,13



=== TEST 5: which statuses are stored
--- user_files
>>> w.js
export default { async fetch() {
    const out = [], c = caches.default;
    for (let status = 200; status < 600; status++) {
        if (status === 206) continue;
        const body = [204, 205, 304].includes(status) ? null : 'x';
        await c.put('http://x/' + status, new Response(body, { status,
                    headers: { 'cache-control': 'max-age=60' } }));
        const r = await c.match('http://x/' + status);
        if (r) out.push(r.status);
    }
    return new Response(out.join());
} };
--- response_body chomp
200,203,300,301,302,303,307,308,404,405,410,414,501



=== TEST 6: a cookie keeps a response out, but for private=set-cookie
--- user_files
>>> w.js
export default { async fetch() {
    const out = [], c = caches.default;
    for (const control of ['max-age=60', 'private=set-cookie, max-age=60',
                           'max-age=60, Private=Set-Cookie',
                           'private="set-cookie", max-age=60'])
    {
        await c.put('http://x/', new Response('', { headers: {
                    'set-cookie': 'a=b', 'cache-control': control } }));
        const r = await c.match('http://x/');
        out.push(r ? [r.headers.get('cache-control'),
                      r.headers.has('set-cookie')] : null);
        await c.delete('http://x/');
    }
    return Response.json(out);
} };
--- response_body chomp
[null,[", max-age=60",false],["max-age=60,",false],null]



=== TEST 7: put() refuses what cannot be cached, in this order
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default, out = [], ok = new Response('');
    const post = new Request('http://x/', { method: 'POST' });
    const used = new Response('x');
    await used.text();
    const locked = new Response('x');
    locked.body.getReader();
    const vary = { headers: { vary: 'accept, *' } };
    for (const args of [
        [], ['http://x/'], ['http://x/', {}], ['/x', ok], [undefined, 5],
        ['http://x/', Response.error()], [post, Response.error()], [post, ok],
        [post, new Response('', { status: 206 })],
        ['http://x/', new Response('', { status: 206, ...vary })],
        ['ftp://x/', new Response('', vary)], ['http://x/', used],
        ['http://x/', locked], ['ftp://x/', used], ['ftp://x/', ok],
        ['data:x', ok], ['http://u:p@x/', ok]])
    {
        const promise = c.put(...args);
        out.push(await promise.then(() => 'stored', (e) => `${e}`));
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
TypeError: Failed to execute 'put' on 'Cache': parameter 1 is not of type 'Request or string'.
TypeError: Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.
TypeError: Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.
TypeError: Invalid URL: /x
TypeError: Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.
TypeError: Cache is unable to store an error response
TypeError: Cache is unable to store an error response
TypeError: Cannot cache response to non-GET request.
TypeError: Cannot cache response to non-GET request.
TypeError: Cannot cache response to a range request (206 Partial Content).
TypeError: Cannot cache response with 'Vary: *' header.
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: The ReadableStream has been locked to a reader.
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: Fetch API cannot load: ftp://x/
TypeError: Invalid URL. Cache API keys must be fully-qualified, valid URLs.
TypeError: Invalid URL. Cache API keys must be fully-qualified, valid URLs.



=== TEST 8: match() and delete() refuse what is no request or option
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default, out = [], x = 'http://x/';
    for (const args of [[], ['/x'], [undefined, 5], [x, { ignoreSearch: 1 }],
                        [x, { ignoreVary: false }], ['data:x'], ['ftp://x/'],
                        [x, null], [x, { ignoreMethod: 1 }],
                        [new Request('data:x', { method: 'PUT' })]])
    {
        for (const method of ['match', 'delete'])
            out.push(await c[method](...args).catch((e) => `${e}`));
    }
    return new Response(out.map(String).join('\n'));
} };
--- response_body chomp
TypeError: Failed to execute 'match' on 'Cache': parameter 1 is not of type 'Request or string'.
TypeError: Failed to execute 'delete' on 'Cache': parameter 1 is not of type 'Request or string'.
TypeError: Invalid URL: /x
TypeError: Invalid URL: /x
TypeError: Failed to execute 'match' on 'Cache': parameter 2 is not of type 'CacheQueryOptions'.
TypeError: Failed to execute 'delete' on 'Cache': parameter 2 is not of type 'CacheQueryOptions'.
Error: The 'ignoreSearch' field on 'CacheQueryOptions' is not implemented.
Error: The 'ignoreSearch' field on 'CacheQueryOptions' is not implemented.
Error: The 'ignoreVary' field on 'CacheQueryOptions' is not implemented.
Error: The 'ignoreVary' field on 'CacheQueryOptions' is not implemented.
TypeError: Invalid URL. Cache API keys must be fully-qualified, valid URLs.
TypeError: Invalid URL. Cache API keys must be fully-qualified, valid URLs.
TypeError: Fetch API cannot load: ftp://x/
TypeError: Fetch API cannot load: ftp://x/
undefined
false
undefined
false
undefined
false



=== TEST 9: what is not implemented says so, at once
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    for (const [object, names] of [[caches, ['has', 'delete', 'keys', 'match']],
                        [caches.default, ['add', 'addAll', 'matchAll', 'keys']]])
    {
        for (const name of names)
            try { object[name]('x'); } catch (e) { out.push(`${e}`); }
    }
    for (const C of [Cache, CacheStorage])
        try { new C(); } catch (e) { out.push(`${e}`); }
    out.push(await (0, caches.default.match)('http://x/').catch((e) => e.name));
    return new Response(out.join('\n'));
} };
--- response_body chomp
Error: Failed to execute 'has' on 'CacheStorage': the method is not implemented.
Error: Failed to execute 'delete' on 'CacheStorage': the method is not implemented.
Error: Failed to execute 'keys' on 'CacheStorage': the method is not implemented.
Error: Failed to execute 'match' on 'CacheStorage': the method is not implemented.
Error: Failed to execute 'add' on 'Cache': the method is not implemented.
Error: Failed to execute 'addAll' on 'Cache': the method is not implemented.
Error: Failed to execute 'matchAll' on 'Cache': the method is not implemented.
Error: Failed to execute 'keys' on 'Cache': the method is not implemented.
TypeError: Illegal constructor
TypeError: Illegal constructor
TypeError



=== TEST 10: caches of different names are apart
--- user_files
>>> w.js
export default { async fetch() {
    const out = [], key = 'http://x/';
    const names = ['', 'default', 'a', 'A', 'a b', '\u{1f600}', '\0', '../x',
                   'x'.repeat(1023)];
    for (const name of names)
        await (await caches.open(name)).put(key, new Response(name, {
            headers: { 'cache-control': 'max-age=60' } }));
    out.push(await caches.default.match(key) === undefined);
    for (const name of names)
        out.push(await (await (await caches.open(name)).match(key)).text() === name);
    out.push(await caches.open('x'.repeat(1024)).catch((e) => `${e}`));
    out.push(await caches.open().catch((e) => `${e}`));
    return new Response(out.join('\n'));
} };
--- response_body chomp
true
true
true
true
true
true
true
true
true
true
TypeError: Cache name is too long.
TypeError: Failed to execute 'open' on 'CacheStorage': parameter 1 is not of type 'string'.



=== TEST 11: a key is a URL without its fragment, or cf.cacheKey
--- user_files
>>> w.js
export default { async fetch(request) {
    const c = caches.default, out = [];
    const put = (key, text) => c.put(key, new Response(text, {
        headers: { 'cache-control': 'max-age=60' } }));
    const get = async (key) => (await (await c.match(key))?.text()) ?? '-';
    const keyed = (url, cacheKey) => new Request(url, { cf: { cacheKey } });
    await put('HTTP://X:80/a/../b?q#f', 'url');
    out.push(await get('http://x/b?q'), await get(new URL('http://x/b?q#g')),
             await get('http://x/b'), await get('https://x/b?q'));
    await put(keyed('http://x/c', 'mine'), 'key');
    out.push(await get('http://x/c'), await get(keyed('http://y/', 'mine')));
    await put(keyed('http://x/d', 5), 'five');
    out.push(await get(keyed('http://y/', '5')));
    await put(keyed('http://x/e', ''), 'empty');
    out.push(await get('http://x/e'));
    await put(new Request('http://x/f', request), 'incoming');
    out.push(await get('http://x/f'));
    return new Response(out.join());
} };
--- response_body chomp
url,url,-,-,-,key,five,empty,incoming



=== TEST 12: only GET is matched and deleted, but with ignoreMethod
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default, out = [];
    for (const method of ['GET', 'HEAD', 'POST']) {
        await c.put('http://x/', new Response('x', {
            headers: { 'cache-control': 'max-age=60' } }));
        const r = new Request('http://x/', { method });
        out.push((await c.match(r)) !== undefined, await c.delete(r),
                 await (await c.match(r, { ignoreMethod: true }))?.text(),
                 await c.delete(r, { ignoreMethod: true }), await c.delete(r));
    }
    return Response.json(out);
} };
--- response_body chomp
[true,true,null,false,false,false,false,"x",true,false,false,false,"x",true,false]



=== TEST 13: ranges
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default, out = [];
    await c.put('http://x/', new Response('0123456789', { headers: {
        'cache-control': 'max-age=60', 'content-range': 'x' } }));
    for (const range of ['bytes=2-4', 'bytes=7-', 'bytes=-3', 'bytes=0-99',
            'BYTES = 0 - 1', 'bytes=-0', 'bytes=-10', 'bytes=', 'bytes=10-',
            'bytes=5-2', 'bytes=-', 'bytes', 'lines=1-2', 'bytes=0-1,',
            'bytes=0-1,20-', 'bytes=-0,1-2', 'bytes=0-99999999999999999999',
            'bytes=99999999999999999999-', 'bytes=+1-2', 'bytes=0x0-1'])
    {
        const r = await c.match(new Request('http://x/', { headers: { range } }));
        out.push([range, r.status, r.headers.get('content-range'),
                  r.headers.get('content-length'), `[${await r.text()}]`].join(' '));
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
bytes=2-4 206 bytes 2-4/10 3 [234]
bytes=7- 206 bytes 7-9/10 3 [789]
bytes=-3 206 bytes 7-9/10 3 [789]
bytes=0-99 206 bytes 0-9/10 10 [0123456789]
BYTES = 0 - 1 206 bytes 0-1/10 2 [01]
bytes=-0 200 x 10 [0123456789]
bytes=-10 200 x 10 [0123456789]
bytes= 200 x 10 [0123456789]
bytes=10- 416 bytes */10  []
bytes=5-2 416 bytes */10  []
bytes=- 416 bytes */10  []
bytes 416 bytes */10  []
lines=1-2 416 bytes */10  []
bytes=0-1, 416 bytes */10  []
bytes=0-1,20- 416 bytes */10  []
bytes=-0,1-2 206 bytes 1-2/10 2 [12]
bytes=0-99999999999999999999 206 bytes 0-9/10 10 [0123456789]
bytes=99999999999999999999- 416 bytes */10  []
bytes=+1-2 416 bytes */10  []
bytes=0x0-1 416 bytes */10  []



=== TEST 14: several ranges are parts, of memory or of a file
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default, out = [];
    for (const size of [10, 100_000]) {
        await c.put('http://x/', new Response('0123456789'.repeat(size / 10), {
            headers: { 'cache-control': 'max-age=60', 'content-type': 'a/b' } }));
        const r = await c.match(new Request('http://x/', {
            headers: { range: 'bytes=1-2, 5-5,-1' } }));
        const [, boundary] = r.headers.get('content-type')
                       .match(/^multipart\/byteranges; boundary=([0-9a-z]+)$/);
        const text = await r.text();
        out.push(r.status, text.length === +r.headers.get('content-length'),
                 text.replaceAll(boundary, 'B').replaceAll('\r', ''));
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
206
true
--B
Content-Type: a/b
Content-Range: bytes 1-2/10

12
--B
Content-Type: a/b
Content-Range: bytes 5-5/10

5
--B
Content-Type: a/b
Content-Range: bytes 9-9/10

9
--B--
206
true
--B
Content-Type: a/b
Content-Range: bytes 1-2/100000

12
--B
Content-Type: a/b
Content-Range: bytes 5-5/100000

5
--B
Content-Type: a/b
Content-Range: bytes 99999-99999/100000

9
--B--



=== TEST 15: many ranges do not multiply the body
--- user_files
>>> w.js
export default { async fetch() {
    await caches.default.put('http://x/', new Response('x'.repeat(100_000), {
        headers: { 'cache-control': 'max-age=60' } }));
    const sizes = [];
    for (const range of [Array(500).fill('0-'), Array(500).fill('7-8')]) {
        const r = await caches.default.match(new Request('http://x/', {
            headers: { range: 'bytes=' + range.join() } }));
        sizes.push(r.status, (await r.text()).length);
    }
    return Response.json([sizes[0], sizes[1], sizes[2], sizes[3] < 100_000]);
} };
--- response_body chomp
[200,100000,206,true]



=== TEST 16: conditional requests
--- user_files
>>> w.js
const day = 'Wed, 21 Oct 2015 07:28:00 GMT';
export default { async fetch() {
    const c = caches.default, out = [];
    await c.put('http://x/', new Response('x', { headers: {
        'cache-control': 'max-age=60', etag: 'W/"v"', 'last-modified': day } }));
    const ask = async (headers) => {
        const r = await c.match(new Request('http://x/', { headers }));
        return `${r.status}${r.body === null ? 'n' : ''}`;
    };
    for (const tag of ['"v"', 'W/"v"', '"a", "v"', '*', '"w"', 'v', '"V"',
                       '"a", *', ' "v" ', ',', '"', '""'])
        out.push(await ask({ 'if-none-match': tag }));
    out.push('/');
    for (const date of [day, 'Wed, 21 Oct 2015 07:27:59 GMT',
                        'Wed, 21 Oct 2037 00:00:00 GMT', '2037-10-21', 'x',
                        'Wednesday, 21-Oct-37 07:28:00 GMT'])
        out.push(await ask({ 'if-modified-since': date }));
    out.push('/', await ask({ 'if-none-match': '"w"', 'if-modified-since': day }),
             await ask({ 'if-none-match': '"v"', range: 'bytes=0-0' }),
             await ask({ 'if-none-match': '"w"', range: 'bytes=0-0' }),
             await ask({ 'if-match': '"w"' }));
    return new Response(out.join(' '));
} };
--- response_body chomp
304n 304n 304n 304n 200 200 200 200 304n 200 200 200 / 304n 200 304n 200 200 200 / 304n 304n 206 200



=== TEST 17: what is stale at once takes the place of what was fresh
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default, out = [], key = 'http://x/';
    const put = (control, init) => c.put(key, new Response(control, {
        headers: { 'cache-control': control, ...init?.headers }, ...init?.more }));
    for (const [control, init] of [['max-age=0'], ['no-store'],
            ['max-age=9', { headers: { 'set-cookie': 'a' } }],
            ['max-age=9', { more: { status: 500 } }], ['max-age=9']])
    {
        await put('max-age=60');
        await put(control, init);
        out.push(await (await c.match(key))?.text() ?? '-');
    }
    return new Response(out.join());
} };
--- response_body chomp
-,max-age=60,max-age=60,max-age=60,max-age=9



=== TEST 18: an entry expires, to the millisecond
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default;
    await c.put('http://x/', new Response('', { headers: {
        'cache-control': 'max-age=1' } }));
    const end = Date.now() + 1000;
    let last;
    while (await c.match('http://x/')) {
        last = Date.now();
        await scheduler.wait(20);
    }
    return Response.json([last <= end + 20, Date.now() >= end - 20,
                          await c.delete('http://x/')]);
} };
--- response_body chomp
[true,true,false]



=== TEST 19: a stream is stored when it has ended, and not if it breaks
--- user_files
>>> w.js
const bytes = (text) => new TextEncoder().encode(text);
export default { async fetch() {
    const c = caches.default, out = [], key = 'http://x/';
    const headers = { 'cache-control': 'max-age=60' };
    const get = async () => {
        const r = await c.match(key);
        return r ? [await r.text(), r.headers.get('content-length')] : null;
    };
    const { readable, writable } = new TransformStream();
    const put = c.put(key, new Response(readable, { headers }));
    const writer = writable.getWriter();
    await writer.write(bytes('ab'));
    await scheduler.wait(20);
    out.push(await get());
    await writer.write(bytes('cd'));
    await writer.close();
    await put;
    out.push(await get());
    for (const error of [new RangeError('boom'), 'text']) {
        const broken = new ReadableStream({ async pull(controller) {
            controller.enqueue(bytes('xy'.repeat(100_000)));
            await scheduler.wait(5);
            controller.error(error);
        } });
        out.push(await c.put(key, new Response(broken, { headers }))
                        .catch((e) => `${e}`), await get());
    }
    const fixed = new FixedLengthStream(4);
    const kept = c.put(key, new Response(fixed.readable, { headers }));
    const w = fixed.writable.getWriter();
    await w.write(bytes('four'));
    await w.close();
    await kept;
    out.push(await get());
    return Response.json(out);
} };
--- response_body chomp
[null,["abcd",null],"RangeError: boom",["abcd",null],"Error: text",["abcd",null],["four","4"]]



=== TEST 20: what is not stored is read nevertheless
--- user_files
>>> w.js
export default { async fetch() {
    let n = 0;
    const stream = new ReadableStream({ pull(controller) {
        if (++n < 4) controller.enqueue(new Uint8Array(3));
        else controller.close();
    } }, { highWaterMark: 0 });
    const response = new Response(stream, { headers: { 'cache-control': 'no-store' } });
    const text = new Response('text', { headers: { 'cache-control': 'private' } });
    await caches.default.put('http://x/', response);
    await caches.default.put('http://x/', text);
    const not = new Response(null, { status: 304 });
    await caches.default.put('http://x/', not);
    return Response.json([n, response.bodyUsed, text.bodyUsed, not.bodyUsed]);
} };
--- response_body chomp
[4,true,true,false]



=== TEST 21: a request with credentials needs a response that says it may
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default, out = [];
    for (const control of ['max-age=60', 'public, max-age=60', 's-maxage=60',
                           'must-revalidate, max-age=60'])
    {
        const key = new Request('http://x/' + out.length,
                                { headers: { authorization: 'Basic x' } });
        await c.put(key, new Response('', { headers: { 'cache-control': control } }));
        out.push(await c.match(key) !== undefined);
    }
    return Response.json(out);
} };
--- response_body chomp
[false,true,true,true]



=== TEST 22: a response is read, cloned and stored again
--- user_files
>>> w.js
const headers = { 'cache-control': 'max-age=60' };
export default { async fetch() {
    const c = caches.default, out = [];
    for (const size of [5, 200_000]) {
        const text = 'x'.repeat(size), key = 'http://x/' + size;
        await c.put(key, new Response(text, { headers }));
        const one = await c.match(key), two = one.clone();
        out.push(await one.text() === text, await two.text() === text);
        await c.put(key, await c.match(key));
        out.push(await (await c.match(key)).text() === text);
        const reader = (await c.match(key)).body.getReader({ mode: 'byob' });
        const { value } = await reader.read(new Uint8Array(3));
        out.push(String.fromCharCode(...value));
        await reader.cancel();
        const all = await Promise.all([c.match(key), c.match(key)]);
        await c.delete(key);
        out.push((await Promise.all(all.map((r) => r.text())))
                 .every((t) => t === text), await c.match(key) === undefined);
        const buffer = new Uint8Array(size).fill(120);
        await c.put(key, new Response(buffer, { headers }));
        out.push((await (await c.match(key)).arrayBuffer()).byteLength === size);
    }
    return Response.json(out);
} };
--- response_body chomp
[true,true,true,"xxx",true,true,true,true,true,true,"xxx",true,true,true]



=== TEST 23: empty bodies and null bodies
--- user_files
>>> w.js
const headers = { 'cache-control': 'max-age=60' };
export default { async fetch() {
    const c = caches.default, out = [];
    for (const body of [null, '', new ReadableStream({ start(x) { x.close(); } })]) {
        await c.put('http://x/', new Response(body, { headers }));
        const r = await c.match('http://x/');
        out.push([r.body !== null, r.headers.get('content-length'), await r.text()]);
    }
    return Response.json(out);
} };
--- response_body chomp
[[true,"0",""],[true,"0",""],[true,null,""]]



=== TEST 24: header fields and URLs of any length
--- user_files
>>> w.js
export default { async fetch() {
    const c = caches.default, out = [];
    for (const n of [15_000, 17_000, 300_000, 2_000_000]) {
        const key = 'http://x/' + 'y'.repeat(n);
        await c.put(key, new Response('body', { headers: {
            'cache-control': 'max-age=60', 'x-long': 'z'.repeat(n) } }));
        const r = await c.match(key);
        out.push(r ? [r.headers.get('x-long').length === n, await r.text()] : null);
    }
    return Response.json(out);
} };
--- response_body chomp
[[true,"body"],[true,"body"],[true,"body"],null]



=== TEST 25: what has a Content-Encoding is decoded text for scripts
--- user_files
>>> w.js
export default { async fetch(request) {
    const c = caches.default, out = [];
    if (new URL(request.url).pathname === '/raw') return c.match('http://x/manual');
    for (const encodeBody of ['automatic', 'manual']) {
        const key = 'http://x/' + encodeBody;
        await c.put(key, new Response('text', { encodeBody, headers: {
            'cache-control': 'max-age=60', 'content-encoding': 'gzip' } }));
        const r = await c.match(key);
        out.push(r.headers.get('content-encoding'), r.headers.get('content-length'),
                 await r.text());
    }
    return Response.json(out);
} };
--- pipelined_requests eval
["GET /", "GET /raw"]
--- response_body eval
['["gzip",null,"text","gzip","4","text"]', "text"]
--- response_headers eval
["", "Content-Encoding: gzip"]



=== TEST 26: without workers_data nothing is kept, and nothing fails
--- no_workers_data
--- user_files
>>> w.js
export default { async fetch() {
    const r = new Response('x', { headers: { 'cache-control': 'max-age=60' } });
    return Response.json([await caches.default.put('http://x/', r), r.bodyUsed,
                          await caches.default.match('http://x/'),
                          await caches.default.delete('http://x/')]);
} };
--- response_body chomp
[null,true,null,false]



=== TEST 27: workers_cache_size off
--- http_config
    workers_cache_size off;
--- user_files
>>> w.js
export default { async fetch() {
    await caches.default.put('http://x/', new Response('x', {
        headers: { 'cache-control': 'max-age=60' } }));
    return Response.json([await caches.default.match('http://x/')]);
} };
--- response_body chomp
[null]



=== TEST 28: a size that is none
--- http_config
    workers_cache_size many;
--- user_files
>>> w.js
export default {};
--- must_die
--- error_log
invalid size "many" in "workers_cache_size", expected at least 64k, or "off"



=== TEST 29: a size that is too small
--- http_config
    workers_cache_size 4k;
--- user_files
>>> w.js
export default {};
--- must_die
--- error_log
invalid size "4k" in "workers_cache_size"



=== TEST 30: one size only
--- http_config
    workers_cache_size 1m;
    workers_cache_size off;
--- user_files
>>> w.js
export default {};
--- must_die
--- error_log
"workers_cache_size" directive is duplicate



=== TEST 31: caches are there at the top level, their methods are not
--- user_files
>>> w.js
const cache = caches.default, opened = caches.open('x');
const failed = cache.match('http://x/').catch((e) => e.name);
export default { async fetch() {
    return Response.json([cache === caches.default, `${await opened}`, await failed]);
} };
--- response_body chomp
[true,"[object Cache]","Error"]



=== TEST 32: two workers share what is cached
--- http_config
    workers_script one { main $TEST_NGINX_HTML_DIR/w.js; }
    workers_script two { main $TEST_NGINX_HTML_DIR/w.js; }
--- config
    location /put { workers_pass one; }
    location /get { workers_pass two; }
--- user_files
>>> w.js
export default { async fetch({ url }) {
    if (url.endsWith('put'))
        await caches.default.put('http://x/', new Response('shared', {
            headers: { 'cache-control': 'max-age=60' } }));
    return await caches.default.match('http://x/');
} };
--- pipelined_requests eval
["GET /put", "GET /get"]
--- response_body eval
["shared", "shared"]



=== TEST 33: what is about to be stored is waited for
--- user_files
>>> w.js
let n = 0;
export default { async fetch(request, env, ctx) {
    const hit = await caches.default.match(request);
    if (hit) return hit;
    const response = new Response(String(++n), { headers: { 'Cache-Control': 'max-age=60' } });
    ctx.waitUntil(caches.default.put(request, response.clone()));
    return response;
} };
--- pipelined_requests eval
[map { ("GET /$_", "GET /$_") } 1 .. 20]
--- response_body eval
[map { ($_, $_) } 1 .. 20]
