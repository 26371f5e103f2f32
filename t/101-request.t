# Copyright (C) the nginx-workers authors

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: what the client sent
--- user_files
>>> w.js
export default { async fetch(request) {
    return Response.json([
        request.method, new URL(request.url).pathname,
        new URL(request.url).search, request.redirect,
        request.headers.get('content-type'), request.bodyUsed,
        request.body === null, await request.text(), request.bodyUsed,
        request instanceof Request, String(request),
    ]);
} };
--- request
POST /a/b?c=d
hello
--- more_headers
Content-Type: text/x
--- response_body chomp
["POST","/a/b","?c=d","manual","text/x",false,false,"hello",true,true,"[object Request]"]



=== TEST 2: a GET has no body, one with Content-Length: 0 an empty one
--- user_files
>>> w.js
export default { async fetch(request) {
    return Response.json([request.body === null, await request.text()]);
} };
--- pipelined_requests eval
["GET /", "GET /"]
--- more_headers eval
["", "Content-Length: 0"]
--- response_body eval
['[true,""]', '[false,""]']



=== TEST 3: what a Request has by default
--- user_files
>>> w.js
export default { fetch() {
    const r = new Request('HTTP://A.test/x/../y#f');
    return Response.json([
        r.method, r.url, r.redirect, r.body, r.bodyUsed, [...r.headers],
        r.signal instanceof AbortSignal, r.signal.aborted,
        r.signal === r.signal, r.fetcher, r.integrity, r.keepalive,
        `${r.cf}`, `${r.cache}`,
    ]);
} };
--- response_body chomp
["GET","http://a.test/y#f","follow",null,false,[],true,false,true,null,"",false,"undefined","undefined"]



=== TEST 4: methods are upper-cased, unknown ones refused
--- user_files
>>> w.js
export default { fetch() {
    const method = (method) => {
        try {
            return new Request('http://a.test', { method }).method;
        } catch (e) {
            return `${e.name}: ${e.message}`;
        }
    };
    return new Response(['get', 'Post', 'delete', 'patch', 'PropFind',
                         'm-search', 'B A D', 'FOO']
                        .map(method).join('\n'));
} };
--- script
        compatibility_date 2025-01-01;
--- response_body chomp
GET
POST
DELETE
PATCH
PROPFIND
M-SEARCH
TypeError: Invalid HTTP method string: B A D
TypeError: Invalid HTTP method string: FOO



=== TEST 5: before 2024-10-14 only the standard's methods are upper-cased
--- user_files
>>> w.js
export default { fetch() {
    const method = (method) => {
        try {
            return new Request('http://a.test', { method }).method;
        } catch (e) {
            return `${e.name}: ${e.message}`;
        }
    };
    return new Response(['get', 'patch', 'PATCH'].map(method).join('\n'));
} };
--- script
        compatibility_date 2024-01-01;
--- response_body chomp
GET
TypeError: Invalid HTTP method string: patch
PATCH



=== TEST 6: members of RequestInit that are refused
--- user_files
>>> w.js
export default { fetch() {
    const out = [];
    const error = (init, url = 'http://a.test/') => {
        try {
            new Request(url, init);
            out.push('none');
        } catch (e) {
            out.push(`${e.name}: ${e.message}`);
        }
    };
    error({}, '/relative');
    error({}, 'not a url');
    error({ body: 'x' });
    error({ method: 'HEAD', body: 'x' });
    error({ redirect: 'error' });
    error({ signal: {} });
    error({ integrity: 'sha256-x' });
    error({ cache: 'default' });
    error({ encodeResponseBody: 'x' });
    error(5);
    for (const member of ['headers', 'cf', 'fetcher']) {
        error({ [member]: 'x' });
    }
    error({ cf: null });
    error({ body: undefined, method: undefined, redirect: undefined,
            headers: undefined, signal: undefined, cf: undefined,
            integrity: '', fetcher: null });
    error(null);
    return new Response(out.join('\n'));
} };
--- script
        compatibility_date 2025-01-01;
--- response_body chomp
TypeError: Invalid URL: /relative
TypeError: Invalid URL: not a url
TypeError: Request with a GET or HEAD method cannot have a body.
TypeError: Request with a GET or HEAD method cannot have a body.
TypeError: Invalid redirect value, must be one of "follow" or "manual" ("error" won't be implemented since it does not make sense at the edge; use "manual" and check the response status code).
TypeError: Incorrect type for the 'signal' field on 'RequestInitializerDict': the provided value is not of type 'AbortSignal'.
TypeError: Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string.
TypeError: Unsupported cache mode: default
TypeError: encodeResponseBody: unexpected value: x
TypeError: Failed to construct 'Request': constructor parameter 2 is not of type 'RequestInitializerDict or Request'.
TypeError: Incorrect type for the 'headers' field on 'RequestInitializerDict': the provided value is not of type 'Headers or Sequence or object'.
TypeError: Incorrect type for the 'cf' field on 'RequestInitializerDict': the provided value is not of type 'Object'.
TypeError: Incorrect type for the 'fetcher' field on 'RequestInitializerDict': the provided value is not of type 'Fetcher'.
TypeError: Incorrect type for the 'cf' field on 'RequestInitializerDict': the provided value is not of type 'Object'.
none
none



=== TEST 7: cache modes need a compatibility date
--- user_files
>>> w.js
export default { fetch() {
    try {
        const r = new Request('http://a.test', { cache: 'no-store' });
        return new Response(r.cache);
    } catch (e) {
        return new Response(`${e.name}: ${e.message}`);
    }
} };
--- script
        compatibility_date 2024-01-01;
--- response_body chomp
Error: The 'cache' field on 'RequestInitializerDict' is not implemented.



=== TEST 8: a Request from another one takes its parts and its body
--- user_files
>>> w.js
export default { async fetch() {
    const init = { method: 'POST', body: 'body', headers: { h: '1' },
                   cf: { a: { b: 1 } }, redirect: 'manual' };
    const one = new Request('http://a.test/1', init);
    const two = new Request(one);
    init.cf.a.b = 2;
    const out = [two.url, two.method, two.headers.get('h'), two.cf,
                 two.redirect, one.bodyUsed, await two.text()];
    const three = new Request('http://b.test/2',
                              new Request('http://a.test/1', init));
    out.push(three.url, three.method, three.cf, await three.text());
    const four = new Request('http://a.test/1', init);
    const five = new Request(four, { method: 'PUT', body: 'new',
                                     headers: { k: '2' } });
    out.push(five.method, five.headers.get('h'), five.headers.get('k'),
             await five.text(), four.bodyUsed);
    try {
        new Request(one);
    } catch (e) {
        out.push(`${e.name}: ${e.message}`);
    }
    return Response.json(out);
} };
--- response_body chomp
["http://a.test/1","POST","1",{"a":{"b":1}},"manual",true,"body","http://b.test/2","POST",{"a":{"b":2}},"body","PUT",null,"2","new",false,"TypeError: Cannot reconstruct a Request with a used body."]



=== TEST 9: the client's request can be rewritten, with its body
--- user_files
>>> w.js
export default { async fetch(request) {
    const r = new Request('http://b.test/new', request);
    r.headers.set('x', '2');
    const out = [r.url, r.method, r.headers.get('x'), request.headers.get('x'),
                 request.bodyUsed, r.body === request.body, await r.text(),
                 request.bodyUsed];
    for (const f of [() => request.text(), () => new Request(r),
                     () => new Request('http://c.test', request)])
    {
        try {
            await f();
        } catch (e) {
            out.push(`${e.name}: ${e.message.slice(0, 34)}`);
        }
    }
    return Response.json(out);
} };
--- request
PUT /old
upload
--- more_headers
X: 1
--- response_body chomp
["http://b.test/new","PUT","2","1",false,true,"upload",true,"TypeError: Body has already been used. It can","TypeError: Cannot reconstruct a Request with ","TypeError: This ReadableStream is disturbed ("]



=== TEST 10: clone() of the client's request, before and after it is read
--- user_files
>>> w.js
export default { async fetch(request) {
    const copy = request.clone();
    const out = [await copy.text(), await request.text(), copy.method];
    try {
        request.clone();
    } catch (e) {
        out.push(e.message);
    }
    return new Response(out.join('\n'));
} };
--- request
POST /
twice
--- response_body chomp
twice
twice
POST
This ReadableStream is currently locked to a reader,



=== TEST 11: signal is the one of the init
--- user_files
>>> w.js
export default { fetch() {
    const c = new AbortController();
    const early = new Request('http://a.test', { signal: c.signal });
    const seen = early.signal;
    const late = new Request('http://a.test', { signal: c.signal });
    const before = seen.aborted;
    const own = new Request('http://a.test').signal;
    c.abort(new RangeError('why'));
    return Response.json([before, seen.aborted, seen.reason.message,
        seen === c.signal, late.signal.aborted, late.clone().signal.aborted,
        new Request(late).signal.aborted,
        new Request(late, { signal: null }).signal.aborted, own.aborted,
        late.clone().signal === late.signal]);
} };
--- response_body chomp
[false,true,"why",true,true,true,true,false,false,true]



=== TEST 12: the members of the class
--- user_files
>>> w.js
export default { fetch() {
    const { get } = Object.getOwnPropertyDescriptor(Request.prototype, 'url');
    let stranger;
    try {
        get.call({});
    } catch (e) {
        stranger = `${e.name}: ${e.message.slice(0, 18)}`;
    }
    class Mine extends Request { path() { return new URL(this.url).pathname; } }
    return Response.json([Object.keys(Request.prototype).join(' '), stranger,
                          new Mine('http://a.test/p').path(), Request.length]);
} };
--- response_body chomp
["method url headers redirect fetcher signal cf integrity keepalive cache clone","TypeError: Illegal invocation","/p",1]



=== TEST 13: the request outlives its response, but not its body
--- user_files
>>> w.js
let last;
export default { async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === '/first') {
        last = request;
        return new Response('first');
    }
    let error;
    try {
        await last.text();
    } catch (e) {
        error = `${e.name}: ${e.message}`;
    }
    return new Response([new URL(last.url).pathname, last.method,
                         last.headers.get('x'), error].join('\n'));
} };
--- pipelined_requests eval
["POST /first\nbody", "GET /second"]
--- more_headers
X: kept
--- response_body eval
["first", "/first\nPOST\nkept\nTypeError: Can't read from request stream "
          . "after response has been sent."]



=== TEST 14: a URL object and what is not a string
--- user_files
>>> w.js
export default { fetch() {
    const other = { toString: () => 'http://a.test/other' };
    return Response.json([new Request(new URL('http://a.test/url?x')).url,
                          new Request(other).url]);
} };
--- response_body chomp
["http://a.test/url?x","http://a.test/other"]
