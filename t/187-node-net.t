# Copyright (C) the nginx-workers authors
#
# node:net and node:tls, over connect().

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Origin;

our ($Cert, $Key) = certificate();

$ENV{TEST_NGINX_CERT} = $Cert;
$ENV{TEST_NGINX_KEY} = $Key;
$ENV{TEST_NGINX_TLS_PORT} = $ENV{TEST_NGINX_PORT} + 1;

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
        . "        compatibility_date 2026-07-01;\n"
        . "        compatibility_flags nodejs_compat;\n"
        . "        var PORT $ENV{TEST_NGINX_ORIGIN_PORT};\n"
        . "        var TLS $ENV{TEST_NGINX_TLS_PORT};\n");
});

run_tests();

__DATA__

=== TEST 1: a connection and its events, from connect to close
--- user_files
>>> w.js
import net from 'node:net';
export default { async fetch(request, env) {
    const s = net.connect(Number(env.PORT), '127.0.0.1'), log = [];
    for (const name of ['connect', 'ready', 'data', 'end', 'finish', 'close', 'error'])
        s.on(name, (v) => log.push(v === undefined ? name : `${name} ${v}`));
    const out = [[s.connecting, s.pending, s.readyState]];
    s.write('GET /say/close?hello HTTP/1.1\r\n\r\n');
    await new Promise((r) => s.once('connect', r));
    out.push([s.connecting, s.pending, s.readyState, s.remoteAddress,
              s.remotePort === Number(env.PORT), s.remoteFamily]);
    await new Promise((r) => s.once('close', r));
    out.push(log, [s.bytesRead, s.bytesWritten, s.readyState, s.destroyed]);
    return Response.json(out);
} };
--- response_body chomp
[[true,true,"opening"],[false,false,"open","127.0.0.1",true,"IPv4"],["connect","ready","data hello","end","finish","close false"],[5,33,"closed",true]]



=== TEST 2: backpressure, setEncoding(), pause() and resume(), a pipe
--- user_files
>>> w.js
import net from 'node:net';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
export default { async fetch(request, env) {
    const s = net.createConnection({ port: env.PORT, host: 'localhost' });
    s.setEncoding('utf8');
    s.write('GET /say?ab HTTP/1.1\r\n\r\n');
    const first = await new Promise((r) => s.once('data', r));
    s.pause();
    s.write('GET /say?cd HTTP/1.1\r\n\r\n');
    await new Promise((r) => setTimeout(r, 30));
    const flowing = s.isPaused();
    s.resume();
    const second = await new Promise((r) => s.once('data', r));
    s.destroy();
    const big = net.connect(env.PORT, 'localhost'), through = new PassThrough();
    big.end('GET /say/close?' + 'x'.repeat(50000) + ' HTTP/1.1\r\n\r\n');
    const [all] = await Promise.all([text(through), pipeline(big, through)]);
    return Response.json([first, flowing, second, all.length]);
} };
--- response_body chomp
["ab",true,"cd",50000]



=== TEST 3: what fails: refused, destroyed, timed out, never connected
--- user_files
>>> w.js
import net from 'node:net';
const told = (s) => new Promise((r) => {
    let error = 'none';
    s.on('error', (e) => { error = e.code ?? e.message; });
    s.on('close', (had) => r([error, had]));
});
export default { async fetch(request, env) {
    const out = [];
    out.push(await told(net.connect(1, '127.0.0.1')));
    const mine = net.connect(env.PORT, '127.0.0.1');
    mine.on('connect', () => mine.destroy(new Error('mine')));
    out.push(await told(mine));
    const slow = net.connect(env.PORT, '127.0.0.1');
    slow.setTimeout(30, () => slow.destroy());
    out.push(await told(slow));
    const lost = net.connect(1, '127.0.0.1');
    lost.on('error', () => {});
    out.push(await new Promise((r) => lost.write('x', (e) => r(e.code))));
    const never = new net.Socket();
    never.write('x');
    out.push(await told(never));
    return Response.json(out);
} };
--- response_body chomp
[["proxy request failed, cannot connect to the specified address",true],["mine",true],["none",false],"ERR_SOCKET_CLOSED_BEFORE_CONNECTION",["ERR_SOCKET_CLOSED",true]]
--- error_log
connect to "http://127.0.0.1:1/" failed



=== TEST 4: what is refused says why
--- user_files
>>> w.js
import net from 'node:net';
import tls from 'node:tls';
const said = (f) => { try { return f() ?? 'none'; } catch (e) { return `${e.code} ${e.message}`; } };
export default { fetch() {
    return new Response([
        () => net.connect(), () => net.connect({ port: 'x' }),
        () => net.connect(70000), () => net.connect('/tmp/x.sock'),
        () => new net.Socket({ fd: 1 }), () => net.createServer(),
        () => new net.Socket().setTimeout('x'),
        () => tls.connect({ port: 1, rejectUnauthorized: false }),
        () => tls.createServer(),
    ].map(said).join('\n'));
} };
--- response_body chomp
ERR_MISSING_ARGS The "options" or "port" or "path" argument must be specified
ERR_SOCKET_BAD_PORT Port should be >= 0 and < 65536. Received string.
ERR_SOCKET_BAD_PORT Port should be >= 0 and < 65536. Received number.
ERR_INVALID_ARG_VALUE The argument 'path' is not supported. Received '/tmp/x.sock'
ERR_OPTION_NOT_IMPLEMENTED The options.fd option is not implemented
undefined createServer() is not implemented
ERR_INVALID_ARG_TYPE The "msecs" argument must be of type number. Received type string ('x')
ERR_OPTION_NOT_IMPLEMENTED The options.rejectUnauthorized option is not implemented
undefined Not implemented



=== TEST 5: addresses
--- user_files
>>> w.js
import net from 'node:net';
export default { fetch() {
    const b = new net.BlockList();
    b.addAddress('1.2.3.4');
    b.addRange('10.0.0.1', '10.0.0.9');
    b.addSubnet('192.168.0.0', 16);
    b.addSubnet('2001:db8::', 32, 'ipv6');
    const a = new net.SocketAddress({ address: '::1', family: 'ipv6', port: 80 });
    return Response.json([
        ['1.2.3.4', '::1', '::ffff:1.2.3.4', 'fe80::1%eth0', '1.2.3', '1:2', '1::2::3', '01.2.3.4', 5].map(net.isIP),
        b.check('1.2.3.4'), b.check('10.0.0.9'), b.check('10.0.0.10'),
        b.check('192.168.255.1'), b.check('::ffff:1.2.3.4', 'ipv6'),
        b.check('2001:db8::5', 'ipv6'), b.check('nonsense'), b.rules.length,
        a.address, a.port, a.family,
    ]);
} };
--- response_body chomp
[[4,6,6,6,0,0,0,0,0],true,true,false,true,true,true,false,4,"::1",80,"ipv6"]



=== TEST 6: TLS, from the start and over a socket that is connected
--- http_config
workers_trusted_certificate $TEST_NGINX_CERT;
server {
    listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
    ssl_certificate $TEST_NGINX_CERT;
    ssl_certificate_key $TEST_NGINX_KEY;
    location / { return 200 "by TLS, $ssl_server_name"; }
}
--- user_files
>>> w.js
import net from 'node:net';
import tls from 'node:tls';
import { text } from 'node:stream/consumers';
export default { async fetch(request, env) {
    const out = [];
    const port = Number(env.TLS);
    const one = tls.connect({ port, host: 'localhost', servername: 'localhost' });
    await new Promise((r) => one.once('secureConnect', r));
    out.push(one.encrypted, one.authorized, one.servername);
    one.write('GET / HTTP/1.0\r\n\r\n');
    out.push((await text(one)).split('\r\n').at(-1));
    const plain = net.connect(port, 'localhost');
    await new Promise((r) => plain.once('connect', r));
    const two = tls.connect({ socket: plain });
    two.write('GET / HTTP/1.0\r\n\r\n');
    out.push((await text(two)).split('\r\n').at(-1));
    return Response.json(out);
} };
--- response_body chomp
[true,true,"localhost","by TLS, localhost","by TLS, localhost"]



=== TEST 7: whose certificate it is
--- user_files
>>> w.js
import tls from 'node:tls';
const fits = (host, cert) => tls.checkServerIdentity(host, cert)?.reason ?? 'fits';
export default { fetch() {
    const names = { subject: { CN: 'a.com' }, subjectaltname: 'DNS:*.b.com, IP Address:1.2.3.4' };
    return Response.json([
        fits('x.b.com', names), fits('X.B.com.', names), fits('b.com', names), fits('x.y.b.com', names),
        fits('1.2.3.4', names), fits('1.2.3.5', names),
        fits('a.com', { subject: { CN: 'a.com' } }), fits('a.com', { subject: { CN: 'b.com' } }),
        fits('a.com', { subject: {} }),
    ]);
} };
--- response_body chomp
["fits","fits","Host: b.com. is not in the cert's altnames: DNS:*.b.com, IP Address:1.2.3.4","Host: x.y.b.com. is not in the cert's altnames: DNS:*.b.com, IP Address:1.2.3.4","fits","IP: 1.2.3.5 is not in the cert's list: 1.2.3.4","fits","Host: a.com. is not cert's CN: b.com","Cert does not contain a DNS name"]
