# Copyright (C) the nginx-workers authors
#
# fetch() whose cf asks for the cache.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config', ($block->http_config // '') . <<"CONF");
    gzip_types text/plain;
    server {
        listen unix:$Test::Nginx::Util::HtmlDir/o.sock;
        default_type text/plain;
        location /plain { return 200 \$request_id; }
        location /private { add_header Cache-Control private; return 200 \$request_id; }
        location /short { add_header Cache-Control "max-age=100"; return 200 \$request_id; }
        location /nostore { add_header Cache-Control no-store; return 200 \$request_id; }
        location /cookie { add_header Set-Cookie a=b; return 200 \$request_id; }
        location /missing { return 404 \$request_id; }
        location /broken { return 500 \$request_id; }
        location /vary { add_header Vary *; return 200 \$request_id; }
        location /big { root $Test::Nginx::Util::HtmlDir; }
        location /gzip { gzip on; gzip_min_length 1; gzip_proxied any; return 200 "\$request_id"; }
    }
    upstream o { server unix:$Test::Nginx::Util::HtmlDir/o.sock; }
CONF

    $block->set_value('script', ($block->script // '')
                      . "        compatibility_date 2026-07-01;\n");
});

run_tests();

__DATA__

=== TEST 1: what is kept, and for whom
--- user_files
>>> w.js
// what is not there after a while is not kept
const settled = async (url) => {
    for (let i = 0; i < 12 && !await caches.default.match(url); i++) await new Promise((r) => setTimeout(r, 5 * i));
};
const twice = async (path, cf, init) => {
    const ask = async () => { const r = await fetch(`http://o${path}`, { cf, ...init }); return [await r.text(), r]; };
    const [a] = await ask();
    if (Object.keys(cf).length) await settled(`http://o${path}`);
    const [b, r] = await ask();
    return `${path} ${JSON.stringify(cf)} ${a === b ? 'kept' : 'new'} ${r.status} ${r.headers.get('CF-Cache-Status')} ${r.headers.get('Cache-Control')}`;
};
export default { async fetch() {
    const out = [
        await twice('/plain?1', {}), await twice('/plain?2', { cacheEverything: true }),
        await twice('/plain?3', { cacheTtl: 60 }), await twice('/plain?4', { cacheTtl: 0 }),
        await twice('/short?1', { cacheEverything: true }), await twice('/short?2', { cacheTtl: 5 }),
        await twice('/nostore?1', { cacheEverything: true }), await twice('/nostore?2', { cacheTtl: 5 }),
        await twice('/private', { cacheEverything: true }), await twice('/cookie', { cacheTtl: 60 }),
        await twice('/missing?1', { cacheEverything: true }),
        await twice('/missing?2', { cacheTtlByStatus: { '200-299': 100, 404: 0 } }),
        await twice('/missing?3', { cacheTtlByStatus: { '200-299': 100, '400-499': 5 } }),
        await twice('/broken', { cacheEverything: true }), await twice('/vary', { cacheTtl: 60 }),
        await twice('/plain?5', { cacheTtl: 60 }, { headers: { Authorization: 'x' } }),
        await twice('/plain?6', { cacheTtl: 60 }, { method: 'POST', body: 'x' }),
        await twice('/plain?7', { cacheTtl: 60 }, { cache: 'no-store' }),
        await twice('/gzip', { cacheTtl: 60 }, { headers: { 'Accept-Encoding': 'gzip' } }),
    ];
    return new Response(out.join('\n'));
} };
--- response_body chomp
/plain?1 {} new 200 null null
/plain?2 {"cacheEverything":true} kept 200 HIT null
/plain?3 {"cacheTtl":60} kept 200 HIT null
/plain?4 {"cacheTtl":0} new 200 null null
/short?1 {"cacheEverything":true} kept 200 HIT max-age=100
/short?2 {"cacheTtl":5} kept 200 HIT max-age=100
/nostore?1 {"cacheEverything":true} new 200 null no-store
/nostore?2 {"cacheTtl":5} kept 200 HIT no-store
/private {"cacheEverything":true} new 200 null private
/cookie {"cacheTtl":60} new 200 null null
/missing?1 {"cacheEverything":true} kept 404 HIT null
/missing?2 {"cacheTtlByStatus":{"404":0,"200-299":100}} new 404 null null
/missing?3 {"cacheTtlByStatus":{"200-299":100,"400-499":5}} kept 404 HIT null
/broken {"cacheEverything":true} new 500 null null
/vary {"cacheTtl":60} new 200 null null
/plain?5 {"cacheTtl":60} new 200 null null
/plain?6 {"cacheTtl":60} new 200 null null
/plain?7 {"cacheTtl":60} new 200 null null
/gzip {"cacheTtl":60} kept 200 HIT null



=== TEST 2: it is the cache that caches.default is: delete(), a time that is over, cacheKey, Range
--- user_files
>>> w.js
const wait = (ms) => new Promise((r) => setTimeout(r, ms));
const stored = async (key) => { for (let i = 0; i < 100 && !await caches.default.match(key); i++) await wait(10); };
const get = async (url, cf, headers) => { const r = await fetch(url, { cf, headers }); return [r.status, await r.text(), r.url]; };
export default { async fetch() {
    const out = [], cf = { cacheTtl: 60 };
    const [, a, url] = await get('http://o/plain', cf);
    await stored('http://o/plain');
    const [, b, again] = await get('http://o/plain', cf);
    out.push(a === b, url === again, await (await caches.default.match('http://o/plain')).text() === a);
    out.push((await get('http://o/plain', cf, { Range: 'bytes=0-3' }))[1] === a.slice(0, 4));
    out.push(await caches.default.delete('http://o/plain'), (await get('http://o/plain', cf))[1] !== a);
    const [, c] = await get('http://o/short', { cacheTtl: 1 });
    await stored('http://o/short');
    await wait(1100);
    out.push((await get('http://o/short', cf))[1] !== c);
    const key = { cacheTtl: 60, cacheKey: 'http://o/the-same' };
    const [, d] = await get('http://o/plain?a', key);
    await stored(new Request('http://o/any', { cf: key }));
    out.push((await get('http://o/plain?b', key))[1] === d);
    out.push(await fetch('http://o/plain', { cf: { cacheTtl: -1 } }).catch((e) => e.message));
    return Response.json(out);
} };
--- response_body chomp
[true,true,true,true,true,true,true,true,"Invalid cacheTtl, expected 0 or more seconds."]



=== TEST 3: passed on to the client, in the end without the origin
--- user_files
>>> w.js
export default { fetch(request) { return fetch('http://o/plain?pass', { cf: { cacheTtl: 60 } }); } };
--- client
my $first = get('/');
like($first->{body}, qr/^[0-9a-f]{32}$/, 'the origin answers');
unlike($first->{head}, qr/cf-cache-status/i, 'it does');
eventually { get('/')->{head} =~ /cf-cache-status: HIT\r/i } 'then the cache does';
is(get('/')->{body}, get('/')->{body}, 'always the same');



=== TEST 4: no cache, no difference
--- http_config
    workers_cache_size off;
--- user_files
>>> w.js
export default { async fetch(request) {
    const ask = async () => (await fetch('http://o/plain', { cf: { cacheTtl: 60 } })).text();
    return Response.json(await ask() === await ask());
} };
--- response_body chomp
false



=== TEST 5: a client that is slow has all of it, whatever the memory; one that goes leaves it to the cache
--- script
        limits memory=8m;
--- user_files
>>> w.js
export default { async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/unread') {
        ctx.waitUntil(fetch('http://o/big?unread', { cf: { cacheTtl: 60 } }));
        return new Response('no');
    }
    if (pathname === '/kept') {
        return new Response((await caches.default.match('http://o/big?' + request.headers.get('name'))
            )?.headers.get('content-length'));
    }
    return fetch('http://o/big?' + request.headers.get('name'), { cf: { cacheTtl: 60 } });
} };
--- client
my $size = 40 * 1024 * 1024;
write_file("$Test::Nginx::Util::HtmlDir/big", 'x' x $size);
sub kept { get('/kept', 'Name: ' . shift)->{body} }

my $c = dial();
$c->send("GET / HTTP/1.1\r\nHost: x\r\nName: slow\r\nConnection: close\r\n\r\n");
ok($c->fill, 'it begins');
steady { (memory((workers_of())[0]))[0] };
my $answer = $c->answer;
is($answer->{status}, 200, 'slow');
is(length $answer->{body}, $size, 'but whole');
eventually { kept('slow') eq $size } 'and kept';

$c = dial();
$c->send("GET / HTTP/1.1\r\nHost: x\r\nName: gone\r\nConnection: close\r\n\r\n");
ok($c->fill, 'it begins');
steady { (memory((workers_of())[0]))[0] };
$c->reset;
eventually { kept('gone') eq $size } 'kept without its client';

get('/unread');
eventually { kept('unread') eq $size } 'kept, and read by nobody';



=== TEST 6: a clone that caches.default.put() reads, or the script, waits for a slow client too
--- script
        limits memory=8m;
--- user_files
>>> w.js
let read = 0;
export default { async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/kept') {
        return new Response((await caches.default.match('http://o/big?put'))?.headers.get('content-length'));
    }
    if (pathname === '/read') return new Response(read);
    const response = await fetch('http://o/big');
    const copy = response.clone();
    if (pathname === '/put') {
        const kept = new Response(copy.body, copy);
        kept.headers.set('Cache-Control', 'max-age=60');
        ctx.waitUntil(caches.default.put('http://o/big?put', kept));
    } else {
        ctx.waitUntil((async () => { for await (const chunk of copy.body) read += chunk.length; })());
    }
    return response;
} };
--- client
my $size = 40 * 1024 * 1024;
write_file("$Test::Nginx::Util::HtmlDir/big", 'x' x $size);

for my $path ('/put', '/count') {
    my $c = dial();
    $c->send("GET $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    ok($c->fill, 'it begins');
    steady { (memory((workers_of())[0]))[0] };
    cmp_ok(get('/read')->{body}, '<', $size, 'waits') if $path eq '/count';
    is(length $c->answer->{body}, $size, "$path: whole");
}

eventually { get('/kept')->{body} eq $size } 'kept';
eventually { get('/read')->{body} eq $size } 'read';
