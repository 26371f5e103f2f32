# Copyright (C) the nginx-workers authors

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: a string with the default type
--- user_files
>>> w.js
export default { fetch() { return new Response('hello'); } };
--- response_headers
Content-Type: text/plain;charset=UTF-8
Content-Length: 5
--- response_body chomp
hello



=== TEST 2: status, text and headers reach the client
--- user_files
>>> w.js
export default { fetch() {
    return new Response('x', { status: 418, statusText: 'Short and stout',
                               headers: { 'X-A': '1', 'content-type': 'a/b' },
    });
} };
--- error_code: 418
--- raw_response_headers_like: HTTP/1.1 418 Short and stout
--- response_headers
X-A: 1
Content-Type: a/b
--- response_body chomp
x



=== TEST 3: what a Response has by default
--- user_files
>>> w.js
export default { fetch() {
    const r = new Response();
    return Response.json([r.status, r.statusText, r.ok, r.body, r.type, r.url,
                          r.redirected, r.bodyUsed, [...r.headers],
                          r.webSocket, `${r.cf}`, `${r}`]);
} };
--- response_headers
Content-Type: application/json
--- response_body chomp
[200,"OK",true,null,"default","",false,false,[],null,"undefined","[object Response]"]



=== TEST 4: status texts that nobody gave
--- user_files
>>> w.js
export default { fetch() {
    const text = (status) => new Response(null, { status }).statusText;
    return new Response([200, 204, 299, 304, 399, 404, 418, 499, 500, 599]
                        .map(text).join('\n'));
} };
--- response_body chomp
OK
No Content
Successful
Not Modified
Redirection
Not Found
I'm a teapot
Client Error
Internal Server Error
Server Error



=== TEST 5: what the constructor refuses
--- user_files
>>> w.js
export default { fetch() {
    const out = [];
    const error = (body, init) => {
        try {
            new Response(body, init);
            out.push('none');
        } catch (e) {
            out.push(`${e.name}: ${e.message}`);
        }
    };
    error(null, { status: 99 });
    error(null, { status: 600 });
    error(null, { status: 0 });
    error(null, { status: 101 });
    error(null, { status: 200, webSocket: {} });
    error('x', { status: 204 });
    error(new ReadableStream(), { status: 304 });
    error('', { status: 304 });
    error(null, { statusText: 'a\nb' });
    error('x', { encodeBody: 'x' });
    error('x', 5);
    error('x', { cf: 1 });
    error('x', null);
    return new Response(out.join('\n'));
} };
--- response_body chomp
RangeError: Responses may only be constructed with status codes in the range 200 to 599, inclusive.
RangeError: Responses may only be constructed with status codes in the range 200 to 599, inclusive.
RangeError: Responses may only be constructed with status codes in the range 200 to 599, inclusive.
RangeError: Responses may only be constructed with status codes in the range 200 to 599, inclusive.
TypeError: Incorrect type for the 'webSocket' field on 'InitializerDict': the provided value is not of type 'WebSocket'.
TypeError: Response with null body status (101, 204, 205, or 304) cannot have a body.
TypeError: Response with null body status (101, 204, 205, or 304) cannot have a body.
none
TypeError: Invalid statusText
TypeError: encodeBody: unexpected value: x
TypeError: Failed to construct 'Response': constructor parameter 2 is not of type 'InitializerDict or Response'.
TypeError: Incorrect type for the 'cf' field on 'InitializerDict': the provided value is not of type 'Object'.
none



=== TEST 6: Response.json()
--- user_files
>>> w.js
export default { async fetch() {
    const r = Response.json({ a: 1 }, { status: 201, headers: { x: 'y' } });
    const out = [r.status, [...r.headers], await r.text(),
                 Response.json(1, { headers: { 'Content-Type': 'x/y' } })
                     .headers.get('content-type')];
    const circular = {};
    circular.circular = circular;
    for (const f of [() => Response.json(undefined),
                     () => Response.json(() => 1),
                     () => Response.json({ toJSON() {} }),
                     () => Response.json(circular), () => Response.json(),
                     () => Response.json(1n), () => Response.json(1, 5)])
    {
        try {
            out.push(await f().text());
        } catch (e) {
            out.push(e.name);
        }
    }
    return Response.json(out);
} };
--- response_body chomp
[201,[["content-type","application/json"],["x","y"]],"{\"a\":1}","x/y","undefined","undefined","undefined","TypeError","TypeError","TypeError","TypeError"]



=== TEST 7: Response.redirect()
--- user_files
>>> w.js
export default { fetch(request) {
    if (new URL(request.url).pathname === '/go') {
        return Response.redirect('HTTP://A.test', 307);
    }
    const out = [Response.redirect('http://a.test/').status];
    for (const f of [() => Response.redirect('http://a.test/', 200),
                     () => Response.redirect('//'),
                     () => Response.redirect('http://a.test/')
                           .headers.set('a', 'b')])
    {
        try {
            f();
        } catch (e) {
            out.push(`${e.name}: ${e.message}`);
        }
    }
    return new Response(out.join('\n'));
} };
--- pipelined_requests eval
["GET /", "GET /go"]
--- error_code eval
[200, 307]
--- response_headers eval
["Content-Type: text/plain;charset=UTF-8", "Location: http://a.test/"]
--- response_body eval
["302
RangeError: 200 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.
TypeError: Unable to parse URL: //
TypeError: Can't modify immutable headers.", ""]



=== TEST 8: Response.error() is not for clients
--- user_files
>>> w.js
export default { fetch(request) {
    const r = Response.error();
    console.log(JSON.stringify([r.type, r.status, r.ok, r.statusText]));
    return r;
} };
--- error_code: 500
--- response_body_like: 1101
--- error_log
["error",0,false,""]
Return value from serve handler must not be an error response



=== TEST 9: clone() before and after the body was read
--- user_files
>>> w.js
export default { async fetch() {
    const one = new Response('abc', { status: 201, headers: { h: 'v' },
                                      cf: { a: 1 } });
    const two = one.clone();
    two.headers.set('h', 'w');
    const out = [two.status, one.headers.get('h'), two.headers.get('h'),
                 two.cf, await one.text(), await two.text()];
    try {
        one.clone();
    } catch (e) {
        out.push(e.message);
    }
    return Response.json(out);
} };
--- response_body chomp
[201,"v","w",{"a":1},"abc","abc","This ReadableStream is currently locked to a reader,"]



=== TEST 10: a Response made from another one
--- user_files
>>> w.js
export default { async fetch() {
    const one = new Response('abc', { status: 202, statusText: 'Fine',
                                      headers: { h: 'v' } });
    const two = new Response(one.body, one);
    two.headers.set('k', 'w');
    return new Response(two.body, two);
} };
--- error_code: 202
--- raw_response_headers_like: HTTP/1.1 202 Fine
--- response_headers
Content-Type: text/plain;charset=UTF-8
Content-Length: 3
H: v
K: w
--- response_body chomp
abc



=== TEST 11: the members of the class
--- user_files
>>> w.js
export default { async fetch() {
    const { prototype } = Response, out = [];
    try {
        Object.getOwnPropertyDescriptor(prototype, 'status').get.call({});
    } catch (e) {
        out.push(e.message.slice(0, 18));
    }
    await prototype.text.call({}).catch((e) => {
        out.push(e.message.slice(0, 18));
    });
    class Mine extends Response { twice() { return 2 * this.status; } }
    return Response.json([Object.keys(prototype).join(' '),
        Object.keys(Response).join(' '), out,
        new Mine('', { status: 202 }).twice(), Response.length]);
} };
--- response_body chomp
["status statusText headers ok redirected url webSocket cf type clone","error json redirect",["Illegal invocation","Illegal invocation"],404,0]



=== TEST 12: a response whose body was read cannot be sent
--- user_files
>>> w.js
export default { async fetch() {
    const response = new Response('once');
    await response.text();
    return response;
} };
--- error_code: 500
--- response_body_like: 1101
--- error_log
TypeError: Body has already been used. It can only be used once.



=== TEST 13: a thousand responses kept and dropped in cycles
--- user_files
>>> w.js
export default { async fetch() {
    for (let i = 0; i < 1000; i++) {
        const node = { response: new Response('x', { headers: { a: 'b' } }) };
        node.response.headers.node = node;
        node.iterator = node.response.headers.entries();
        node.iterator.node = node;
        node.stream = new ReadableStream({ node, pull() {} });
        node.other = new Response(node.stream);
        node.other.node = node;
    }
    return new Response('done');
} };
--- response_body chomp
done
