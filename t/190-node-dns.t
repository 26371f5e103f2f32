# Copyright (C) the nginx-workers authors
#
# node:dns, which asks the servers of nginx's resolver.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Nameserver;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
        . "        compatibility_date 2026-07-01;\n"
        . "        compatibility_flags nodejs_compat;\n");

    $block->set_value('http_config',
        "    resolver 127.0.0.1:$ENV{TEST_NGINX_DNS_PORT};\n"
        . ($block->http_config // ''));
});

run_tests();

__DATA__

=== TEST 1: records of each type
--- user_files
>>> w.js
import p from 'node:dns/promises';
export default { async fetch() {
    return Response.json([
        await p.resolve4('one.test'), await p.resolve4('one.test', { ttl: true }),
        await p.resolve6('one.test'), await p.resolve('alias.test', 'A'),
        await p.resolveCname('alias.test'), await p.resolveMx('mail.test'),
        await p.resolveTxt('mail.test'), await p.resolveNs('mail.test'),
        await p.resolveSoa('mail.test'), await p.resolveCaa('mail.test'),
        await p.resolveSrv('_sip._tcp.test'), await p.resolveNaptr('naptr.test'),
        await p.reverse('1.2.3.4'), await p.reverse('2001:db8::1'),
        await p.resolvePtr('4.3.2.1.in-addr.arpa')].map((v) => JSON.stringify(v)));
} };
--- response_body eval
require JSON::PP;
JSON::PP->new->encode(['["127.0.0.1","127.0.0.2"]', '[{"ttl":300,"address":"127.0.0.1"},{"ttl":300,"address":"127.0.0.2"}]',
 '["2001:db8::1"]', '["127.0.0.1","127.0.0.2"]', '["one.test"]',
 '[{"exchange":"mx1.test","priority":10},{"exchange":"mx2.test","priority":20}]',
 "[[\"v=spf1\",\" -all\"],[\"caf\xc3\xa9\"]]", '["ns.test"]',
 '{"nsname":"ns.test","hostmaster":"admin.test","serial":7,"refresh":3600,"retry":600,"expire":86400,"minttl":60}',
 '[{"critical":128,"issue":"ca.test"},{"critical":0,"iodef":"mailto:a@test"}]',
 '[{"name":"sip.test","port":5060,"priority":1,"weight":2}]',
 '[{"flags":"s","service":"SIP+D2U","regexp":"","replacement":"_sip._udp.test","order":100,"preference":10}]',
 '["host.test"]', '["six.test"]', '["host.test"]'])



=== TEST 2: errors
--- user_files
>>> w.js
import p from 'node:dns/promises';
const show = (e) => `${e.code} ${e.syscall} ${e.hostname}: ${e.message}`;
export default { async fetch() {
    const out = await Promise.all([
        p.resolve4('none.test'), p.resolveMx('one.test'), p.resolveTxt('refused.test'),
        p.resolve6('servfail.test'), p.lookup('none.test'), p.reverse('not an address'),
        p.resolve4('a\0b'), p.resolve4('x'.repeat(300)), p.resolve4(''),
    ].map((q) => q.then((v) => JSON.stringify(v), show)));
    for (const f of [() => p.resolve('a', 'QQ'), () => p.resolve4(5), () => p.lookup('a', 5), () => p.lookup('a', { all: 'x' })])
        out.push(await f().catch((e) => `${e.name} ${e.code}`));
    return new Response(out.join('\n'));
} };
--- response_body_like chomp
^ENOTFOUND queryA none\.test: queryA ENOTFOUND none\.test
ENODATA queryMX one\.test: queryMX ENODATA one\.test
EREFUSED queryTXT refused\.test: queryTXT EREFUSED refused\.test
ESERVFAIL queryAAAA servfail\.test: queryAAAA ESERVFAIL servfail\.test
ENOTFOUND queryA none\.test: queryA ENOTFOUND none\.test
EBADQUERY queryPTR not an address: queryPTR EBADQUERY not an address
EBADNAME queryA a\x00b: queryA EBADNAME a\x00b
EBADNAME queryA x{300}: queryA EBADNAME x{300}
E\w+ queryA : queryA E\w+[ ]
TypeError ERR_INVALID_ARG_VALUE
TypeError ERR_INVALID_ARG_TYPE
TypeError ERR_INVALID_ARG_VALUE
TypeError ERR_INVALID_ARG_TYPE$



=== TEST 3: lookup(): addresses as they are, by family, in order; with callbacks
--- user_files
>>> w.js
import dns from 'node:dns';
const call = (f) => new Promise((r) => f((...args) => r(args.map((v) => v?.code ?? v))));
export default { async fetch() {
    const p = dns.promises;
    const sorted = async (o) => (await p.lookup('one.test', { all: true, ...o })).map((a) => a.family).join('');
    return Response.json([
        await call((f) => dns.lookup('1.2.3.4', f)), await call((f) => dns.lookup('::1', { all: true }, f)),
        await call((f) => dns.lookup('one.test', 6, f)), await call((f) => dns.lookup('one.test', { family: 'IPv4' }, f)),
        await call((f) => dns.lookup('', f)), await call((f) => dns.lookup('none.test', f)),
        await sorted({ order: 'ipv4first' }), await sorted({ order: 'ipv6first' }),
        await p.lookup('six.test'), (await p.lookup('localhost')).family,
        await call((f) => dns.resolve4('one.test', f)), await call((f) => dns.resolve('mail.test', 'NS', f)),
        await call((f) => new dns.Resolver().resolveSoa('none.test', f))]);
} };
--- response_body chomp
[[null,"1.2.3.4",4],[null,[{"address":"::1","family":6}]],[null,"2001:db8::1",6],[null,"127.0.0.1",4],[null,null,4],["ENOTFOUND"],"446","644",{"address":"::1","family":6},4,[null,["127.0.0.1","127.0.0.2"]],[null,["ns.test"]],["ENOTFOUND"]]



=== TEST 4: an answer that is large comes over TCP
--- user_files
>>> w.js
import p from 'node:dns/promises';
export default { async fetch() {
    const all = await p.resolveTxt('big.test');
    return Response.json([all.length, all[39][0].length]);
} };
--- response_body chomp
[40,202]



=== TEST 5: a query that nobody answers ends with its invocation
--- user_files
>>> w.js
import p from 'node:dns/promises';
export default { async fetch(request, env, ctx) {
    const none = p.resolve4('silent.test').catch(() => 'failed');
    const first = await Promise.race([none, p.resolve4('one.test')]);
    return Response.json(first);
} };
--- pipelined_requests eval
[("GET /") x 20]
--- response_body eval
[('["127.0.0.1","127.0.0.2"]') x 20]



=== TEST 6: bytes that are no message are passed over
--- user_files
>>> w.js
import p from 'node:dns/promises';
export default { async fetch() {
    const none = p.resolve4('garbage.test').catch((e) => e.code);
    return Response.json(await Promise.race([none, new Promise((r) => setTimeout(r, 300, 'waits'))]));
} };
--- response_body_like: ^"(waits|EBADRESP)"$



=== TEST 7: queries count as subrequests
--- user_files
>>> w.js
import p from 'node:dns/promises';
export default { async fetch() {
    const out = [];
    for (let i = 0; i < 4; i++)
        out.push(await p.resolve4('one.test').then((v) => v.length, (e) => e.message));
    return Response.json(out);
} };
--- script
        limits subrequests=3;
--- response_body chomp
[2,2,2,"Too many subrequests by single Worker invocation."]
