# Copyright (C) the nginx-workers authors

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: every reader of a string
--- user_files
>>> w.js
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16)).join(' ');
export default { async fetch() {
    const r = () => new Response('{"a":"é"}');
    const blob = await r().blob();
    return Response.json([
        await r().text(), await r().json(),
        hex(new Uint8Array(await r().arrayBuffer())), hex(await r().bytes()),
        blob.type, blob.size, await blob.text(),
    ]);
} };
--- response_body chomp
["{\"a\":\"é\"}",{"a":"é"},"7b 22 61 22 3a 22 c3 a9 22 7d","7b 22 61 22 3a 22 c3 a9 22 7d","text/plain;charset=UTF-8",10,"{\"a\":\"é\"}"]



=== TEST 2: every reader of a client's body, at once and in pieces
--- user_files
>>> w.js
export default { async fetch(request) {
    const how = new URL(request.url).pathname.slice(1);
    const value = await request[how]();
    return new Response(value instanceof ArrayBuffer ? `${value.byteLength}`
                        : value instanceof Uint8Array ? `${value[0]}`
                        : value instanceof Blob ? `${value.size} ${value.type}`
                        : value instanceof FormData ? value.get('a')
                        : JSON.stringify(value));
} };
--- pipelined_requests eval
["POST /text\n[1]", "POST /json\n[1]", "POST /arrayBuffer\n[1]",
 "POST /bytes\n[1]", "POST /blob\n[1]", "POST /formData\na=b+c"]
--- more_headers eval
["", "", "", "", "Content-Type: x/y",
 "Content-Type: application/x-www-form-urlencoded"]
--- response_body eval
['"[1]"', '[1]', '3', '91', '3 x/y', 'b c']



=== TEST 3: what a body may be, and the type it gets
--- user_files
>>> w.js
export default { async fetch() {
    const form = new FormData();
    form.append('a', 'b');
    const out = [];
    for (const body of [
        'text', new Uint8Array([104, 105]), new Uint8Array([104, 105]).buffer,
        new DataView(new Uint8Array([1, 104, 105, 2]).buffer, 1, 2),
        new Uint16Array([26984]), new Blob(['blob'], { type: 'b/c' }),
        new Blob(['blob']), new URLSearchParams('a=é'), form,
        new Blob(['stream']).stream(), 42, { toString: () => 'object' }, ''])
    {
        const r = new Response(body);
        const type = r.headers.get('content-type');
        const boundary = /boundary=(.*)/.exec(type)?.[1] ?? 'none';
        out.push(`${type}: ${await r.text()}`.replaceAll(boundary, 'B'));
    }
    return new Response(out.join('\n'));
} };
--- response_body eval
"text/plain;charset=UTF-8: text
null: hi
null: hi
null: hi
null: hi
b/c: blob
null: blob
application/x-www-form-urlencoded;charset=UTF-8: a=%C3%A9
multipart/form-data; boundary=B: --B\r
Content-Disposition: form-data; name=\"a\"\r
\r
b\r
--B--
null: stream
text/plain;charset=UTF-8: 42
text/plain;charset=UTF-8: object
text/plain;charset=UTF-8: "



=== TEST 4: a body is read once
--- user_files
>>> w.js
export default { async fetch(request) {
    const out = [];
    const error = async (f) => {
        try {
            await f();
            out.push('none');
        } catch (e) {
            out.push(`${e.name}: ${e.message}`);
        }
    };
    for (const body of ['x', new Uint8Array(1), new Blob(['x']).stream(),
                        request.body])
    {
        const r = new Response(body);
        out.push(r.bodyUsed);
        await r.text();
        out.push(r.bodyUsed, r.body !== null, r.body === r.body);
        await error(() => r.text());
    }
    const r = new Response('x');
    const reader = r.body.getReader();
    await error(() => r.text());
    await error(() => new Response(r.body));
    await reader.read();
    reader.releaseLock();
    await error(() => r.json());
    await error(() => new Response(r.body));
    return new Response(out.join('\n'));
} };
--- request
POST /
x
--- response_body chomp
false
true
true
true
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
false
true
true
true
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
false
true
true
true
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
false
true
true
true
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: This ReadableStream is currently locked to a reader.
none
TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.
TypeError: This ReadableStream is disturbed (has already been read from), and cannot be used as a body.



=== TEST 5: no body reads as nothing, any number of times
--- user_files
>>> w.js
export default { async fetch(request) {
    const out = [];
    for (const r of [request, new Response(), new Request('http://a.test')]) {
        out.push(await r.text(), await r.text(), r.bodyUsed, r.body,
                 (await r.arrayBuffer()).byteLength);
        await r.json().catch((e) => out.push(e.name));
    }
    return Response.json(out);
} };
--- response_body chomp
["","",false,null,0,"SyntaxError","","",false,null,0,"SyntaxError","","",false,null,0,"SyntaxError"]



=== TEST 6: text that is not well-formed
--- user_files
>>> w.js
export default { async fetch() {
    const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62]);
    const surrogate = 'a\ud800b';
    return Response.json([
        await new Response(bytes).text(), await new Response(surrogate).text(),
        await new Response('\ufeffbom').text(),
        await new Response('\ufeff[1]').json(),
        await new Response(new Uint8Array([0x22, 0xff, 0x22])).json(),
        (await new Response(surrogate).bytes()).length,
    ]);
} };
--- response_body chomp
["a�b","a�b","bom",[1],"�",5]



=== TEST 7: bytes are copied, and clones do not share them
--- user_files
>>> w.js
export default { async fetch() {
    const bytes = new Uint8Array([1, 2, 3]);
    const one = new Response(bytes);
    bytes[0] = 9;
    const two = one.clone(), three = two.clone();
    const first = await one.bytes();
    first[1] = 9;
    const second = new Uint8Array(await two.arrayBuffer());
    second[2] = 9;
    return Response.json([[...first], [...second], [...await three.bytes()]]);
} };
--- response_body chomp
[[1,9,3],[1,2,9],[1,2,3]]



=== TEST 8: a stream that JavaScript makes is read whole
--- user_files
>>> w.js
const encode = (text) => new TextEncoder().encode(text);
const stream = (...parts) => new ReadableStream({
    async pull(controller) {
        await scheduler.wait(1);
        const part = parts.shift();
        if (part === undefined) controller.close();
        else if (part instanceof Error) controller.error(part);
        else controller.enqueue(encode(part));
    },
});
export default { async fetch() {
    const out = [
        await new Response(stream('a', 'é', 'b')).text(),
        await new Response(stream('[1,', '2]')).json(),
        (await new Response(stream('abc', 'def')).arrayBuffer()).byteLength,
        (await new Response(stream('ab', 'c')).bytes()).length,
        (await new Response(stream('ab', 'c')).blob()).size,
        await new Response(stream()).text(),
    ];
    await new Response(stream('a', new RangeError('broken'))).text()
        .catch((e) => out.push(`${e.name}: ${e.message}`));
    const text = new ReadableStream({
        start(controller) { controller.enqueue('text'); }
    });
    await new Response(text).text().catch((e) => out.push(e.name));
    return Response.json(out);
} };
--- response_body chomp
["aéb",[1,2],6,3,3,"","RangeError: broken","TypeError"]



=== TEST 9: a large body of a client, as text and back
--- user_files
>>> w.js
export default { async fetch(request) {
    const text = await request.text();
    return new Response(`${text.length} ${text.slice(-3)}`);
} };
--- config
    location / { client_max_body_size 8m; workers_pass w; }
--- request eval
"POST /\n" . ('0123456789' x 600000) . 'end'
--- response_body chomp
6000003 end
--- timeout: 20s



=== TEST 10: a body that is too large for the isolate fails, and nothing else
--- script
        limits memory=8m;
--- user_files
>>> w.js
export default { async fetch(request) {
    try {
        return new Response(`${(await request.arrayBuffer()).byteLength}`);
    } catch (e) {
        return new Response(`${e.name}: ${e.message}`);
    }
} };
--- config
    location / { client_max_body_size 32m; workers_pass w; }
--- request eval
["POST /\n" . ('0123456789' x 1500000), "POST /\nsmall"]
--- response_body eval
["TypeError: Memory limit would be exceeded before EOF.", "5"]
--- timeout: 20s



=== TEST 11: what Request and Response have in common is in Body
--- user_files
>>> w.js
export default { async fetch() {
    const out = [Object.keys(Body.prototype).join(' ')];
    for (const one of [new Request('http://a.test'), new Response()]) {
        out.push(one instanceof Body,
                 Object.getPrototypeOf(Object.getPrototypeOf(one))
                     === Body.prototype);
    }
    for (const f of [() => new Body(), () => Body.prototype.bodyUsed]) {
        try {
            f();
        } catch (e) {
            out.push(e.name);
        }
    }
    const r = new Response('x');
    const reading = r.text();
    return Response.json([...out, r.body.locked, await reading,
                          r.body.locked]);
} };
--- response_body chomp
["body bodyUsed arrayBuffer bytes text json formData blob",true,true,true,true,"TypeError","TypeError",true,"x",true]



=== TEST 12: iterables are bodies from 2026-02-19
--- user_files
>>> w.js
const encode = (text) => new TextEncoder().encode(text);
export default { async fetch() {
    return Response.json([
        await new Response((async function* () {
            yield encode('x');
            yield encode('y');
        })()).text(),
        await new Response([encode('a'), encode('b')]).text(),
        await new Response(new String('string')).text(),
        await new Response({ *[Symbol.iterator]() {},
                             toString: () => 'own' }).text(),
    ]);
} };
--- script
        compatibility_date 2026-03-01;
--- response_body chomp
["xy","ab","string","own"]



=== TEST 13: before, they are turned into strings
--- user_files
>>> w.js
export default { async fetch() {
    return new Response([1, 2]);
} };
--- script
        compatibility_date 2026-01-01;
--- response_body chomp
1,2



=== TEST 14: a client that goes away while its body is read
--- user_files
>>> w.js
export default { async fetch(request) {
    await request.text();
    return new Response('read');
} };
--- raw_request eval
"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nonly this"
--- abort
--- timeout: 0.5s
--- ignore_response
--- error_code:
--- error_log
because client disconnected



=== TEST 15: lone surrogates as JSON, many times
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    for (let i = 0; i < 200; i++) {
        const value = JSON.parse('"\\ud800"');
        out.push(await new Response(`"${'x'.repeat(i)}${value}"`).json());
    }
    return Response.json(out.every((v, i) => v === 'x'.repeat(i) + '\ufffd'));
} };
--- response_body chomp
true



=== TEST 16: a buffer that is detached has no bytes
--- user_files
>>> w.js
export default { async fetch() {
    const bytes = new Uint8Array([1, 2]);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    return Response.json([
        (await new Response(bytes).bytes()).length,
        (await new Response(bytes.buffer).bytes()).length,
        new Blob([bytes, bytes.buffer, new DataView(new ArrayBuffer(3))]).size,
    ]);
} };
--- response_body chomp
[0,0,3]



=== TEST 17: the type of a Blob is the last valid one of Content-Type
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const many = ';p=1'.repeat(100) + Array.from(
        { length: 100 }, (_, i) => `;n${i}=${i}`).join('');
    for (const type of ['TEXT/HTML; Foo="Bar"', 'a/b;c', 'x', '', 'a/b;c="d e"',
        'a/b; c="d\\"e"; C=f', 'a/b;c="\\x\\y', 'a/b, c/d;e=f', 'a/b, x',
        'a/b;c="d,e/f;', '*/*', 'a /b', 'a/b ; c = d', 'A/B;Boundary=C', 'a/b;=d;e=;f="";g=\\h'])
    {
        out.push((await new Response(new Uint8Array(1),
            { headers: { 'content-type': type } }).blob()).type);
    }
    const headers = new Headers([['content-type', 'a/b'],
                                 ['content-type', 'c/d']]);
    out.push((await new Response('', { headers }).blob()).type);
    const long = await new Response('', { headers: {
        'content-type': 'a/b' + many } }).blob();
    out.push(long.type.split(';').length);
    return new Response(out.join('\n'));
} };
--- response_body chomp
text/html;foo=Bar
a/b


a/b;c="d e"
a/b;c="d\"e"
a/b;c=xy
c/d;e=f
a/b
a/b;c="d,e/f;"


a/b
a/b; boundary=C
a/b;f="";g="\\h"
c/d
65



=== TEST 18: before 2024-06-03, the type of a Blob is Content-Type as it stands
--- user_files
>>> w.js
export default { async fetch() {
    const r = new Response('', { headers: { 'content-type': 'A/B; C="d"' } });
    const none = new Response(new Uint8Array(1));
    return Response.json([(await r.blob()).type, (await none.blob()).type]);
} };
--- script
        compatibility_date 2024-06-02;
--- response_body chomp
["A/B; C=\"d\"",""]
