# Copyright (C) the nginx-workers authors
#
# node:url, node:punycode, node:diagnostics_channel, node:console,
# node:constants.

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', "        compatibility_date 2026-01-01;\n"
                                . "        compatibility_flags nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: the older parser, and back
--- user_files
>>> w.js
import url from 'node:url';
export default { async fetch() {
    const out = [];
    for (const text of ['http://u:p@s.example.com:8080/p/a?q=s#h', '/a?b',
        'mailto:a@b.c', 'HTTP://EXAMPLE.com/A B', 'http://a@b@c/', 'x:y',
        'http://[::1]:80/', 'javascript:alert(1)', '//h/p', 'http://a:b:c/',
        'http://é.com/', 'file:///a', 'http:x', 'http://x/a{b}|c'])
    {
        const u = url.parse(text);
        out.push([u.protocol, u.slashes, u.auth, u.host, u.pathname, u.search,
                  u.hash, u.format() === u.href, u.href].join(' '));
    }
    out.push(JSON.stringify(url.parse('/a?b=c&b=d', true).query),
             url.parse('//host/path', false, true).host,
             url.format({ protocol: 'http', host: 'h:1', pathname: 'p#',
                          query: { a: [1, 2] } }));
    return new Response(out.join('\n'));
} };
--- response_body chomp
http: true u:p s.example.com:8080 /p/a ?q=s #h true http://u:p@s.example.com:8080/p/a?q=s#h
    /a ?b  true /a?b
mailto:  a b.c    true mailto:a@b.c
http: true  example.com /A%20B   true http://example.com/A%20B
http: true a@b c /   true http://a%40b@c/
x:   y    true x:y
http: true  [::1]:80 /   true http://[::1]:80/
javascript:    alert(1)   true javascript:alert(1)
    //h/p   true //h/p
http: true  a /:b:c/   true http://a/:b:c/
http: true  xn--9ca.com /   true http://xn--9ca.com/
file: true   /a   true file:///a
http:    x   true http:x
http: true  x /a%7Bb%7D%7Cc   true http://x/a%7Bb%7D%7Cc
{"b":["c","d"]}
host
http://h:1/p%23?a=1&a=2



=== TEST 2: resolve(), files, domains, formats of a URL
--- user_files
>>> w.js
import * as url from 'node:url';
export default { async fetch() {
    const out = [];
    for (const [a, b] of [['/one/two/three', 'four'], ['http://e.com/one', '/two'],
        ['http://a.com/b/c/d', '../e'], ['http://a.com/b', '//c/d'],
        ['http://a.com/b?x#z', '?y'], ['a/b', '../../c'], ['mailto:a@b', 'c'],
        ['http://a/b/c/d;p?q', './../g'], ['http://u:p@h/x', 'http://i/y']])
        out.push(url.resolve(a, b));
    out.push(url.fileURLToPath('file:///a/b%20c'),
             url.fileURLToPath('file:///C:/a', { windows: true }),
             url.pathToFileURL('/a b#c?d%').href,
             url.domainToASCII('español.com'), url.domainToASCII('a b'),
             url.domainToUnicode('xn--fiq228c.com'),
             url.format(new URL('http://u:p@xn--9ca.com/p?q#h'),
                        { auth: false, fragment: false, unicode: true }),
             JSON.stringify(url.urlToHttpOptions(new URL('http://u:p@h:8/p?q'))),
             url.URL === URL);
    for (const fn of [() => url.fileURLToPath('http://x/'),
                      () => url.fileURLToPath('file://host/x'),
                      () => url.fileURLToPath('file:///a%2Fb'),
                      () => url.parse(5), () => url.format(5)])
        try { fn(); } catch (e) { out.push(e.code); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
/one/two/four
http://e.com/two
http://a.com/b/e
http://c/d
http://a.com/b?y
../c
mailto:a@c
http://a/b/g
http://i/y
/a/b c
C:\a
file:///a%20b%23c%3Fd%25
xn--espaol-zwa.com

中文.com
http://é.com/p?q
{"protocol":"http:","hostname":"h","hash":"","search":"?q","pathname":"/p","path":"/p?q","href":"http://u:p@h:8/p?q","port":8,"auth":"u:p"}
true
ERR_INVALID_URL_SCHEME
ERR_INVALID_FILE_URL_HOST
ERR_INVALID_FILE_URL_PATH
ERR_INVALID_ARG_TYPE
ERR_INVALID_ARG_TYPE



=== TEST 3: punycode: RFC 3492
--- user_files
>>> w.js
import punycode from 'node:punycode';
export default { async fetch() {
    const out = [];
    for (const text of ['mañana', '☃-⌘', '他们为什么不说中文', 'abc', '😀']) {
        const coded = punycode.encode(text);
        out.push(`${coded} ${punycode.decode(coded) === text}`);
    }
    out.push(punycode.toASCII('a@bücher.de'), punycode.toUnicode('xn--bcher-kva.de'),
             punycode.toASCII('a。b．c'));
    for (const bad of ['\x80', '!!!', '99999999', 'ls8h='])
        try { punycode.decode(bad); } catch (e) { out.push(`${e.name}: ${e.message}`); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
maana-pta true
--dqo34k true
ihqwcrb4cv8a8dqg056pqjye true
abc- true
e28h true
a@xn--bcher-kva.de
bücher.de
a.b.c
RangeError: Invalid input
RangeError: Invalid input
RangeError: Overflow: input needs wider integers to process
RangeError: Invalid input



=== TEST 4: diagnostics channels, stores and traces
--- user_files
>>> w.js
import dc from 'node:diagnostics_channel';
import { AsyncLocalStorage } from 'node:async_hooks';
export default { async fetch() {
    const out = [], channel = dc.channel('a');
    const hear = (message, name) => out.push([message, name]);
    channel.subscribe(hear);
    channel.publish(1);
    dc.unsubscribe('a', hear);
    channel.publish(2);
    const als = new AsyncLocalStorage();
    channel.bindStore(als, (n) => n * 2);
    out.push(channel.runStores(3, () => als.getStore()), als.getStore() ?? null,
             dc.channel('a') === channel, dc.hasSubscribers('a'));
    const tracing = dc.tracingChannel('t'), heard = [];
    tracing.subscribe(Object.fromEntries(['start', 'end', 'asyncStart',
        'asyncEnd', 'error'].map((k) => [k, (m) => heard.push(k)])));
    out.push(tracing.traceSync((a) => a + 1, {}, null, 4),
             await tracing.tracePromise(async (a) => a * 2, {}, null, 4));
    try { tracing.traceSync(() => { throw 1; }); } catch { }
    await new Promise((done) => tracing.traceCallback((cb) => cb(null, 1), 0, {},
                                                      null, done));
    out.push(heard.join(' '));
    return Response.json(out);
} };
--- response_body chomp
[[1,"a"],6,null,true,false,5,8,"start end start end asyncStart asyncEnd start error end start asyncStart asyncEnd end"]



=== TEST 5: node:console and node:constants
--- user_files
>>> w.js
import console2, { log, Console } from 'node:console';
import constants, { EACCES } from 'node:constants';
export default { async fetch() {
    return Response.json([console2 === console, typeof log,
        typeof new Console().log, EACCES, constants.SIGTERM]);
} };
--- response_body chomp
[true,"function","function",13,15]
