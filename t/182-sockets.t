# Copyright (C) the nginx-workers authors
#
# cloudflare:sockets: connect() over TCP and TLS.

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
        . "        var PORT $ENV{TEST_NGINX_ORIGIN_PORT};\n"
        . "        var TLS $ENV{TEST_NGINX_TLS_PORT};\n");

    if (defined(my $files = $block->user_files)) {
        $files =~ s/\n/\nimport { connect } from 'cloudflare:sockets';
            const bytes = (text) => new TextEncoder().encode(text);
            const all = (socket) => new Response(socket.readable).text();
            const get = (path) => bytes(`GET \${path} HTTP\/1.1\\r\\n\\r\\n`);
            async function write(socket, data) {
                const writer = socket.writable.getWriter();
                await writer.write(data);
                writer.releaseLock();
            }
            const say = (text, how = '') => get('\/say' + how + '?'
                + encodeURIComponent(text));\n/;
        $block->set_value('user_files', $files);
    }
});

run_tests();

__DATA__

=== TEST 1: a connection: opened, written to, read, closed by the server
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const socket = connect(`127.0.0.1:${env.PORT}`);
    const out = [socket.secureTransport, socket.upgraded,
                 socket.readable instanceof ReadableStream,
                 socket.writable instanceof WritableStream];
    const { remoteAddress } = await socket.opened;
    out.push(remoteAddress === `127.0.0.1:${env.PORT}`);
    await write(socket, say('hello', '/close'));
    out.push(await all(socket), await socket.closed === undefined);
    return Response.json(out);
} };
--- response_body chomp
["off",false,true,true,true,"hello",true]



=== TEST 2: close(), more than once; what comes after it
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const socket = connect({ hostname: '127.0.0.1', port: Number(env.PORT) });
    await write(socket, say('x'));
    const reader = socket.readable.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    await socket.close();
    await socket.close();
    const late = await write(socket, bytes('y')).then(() => 'written',
                                                      (e) => e.name);
    return Response.json([value.length, await socket.closed === undefined,
                          late]);
} };
--- response_body chomp
[1,true,"TypeError"]



=== TEST 3: half-open: the writable side ends, the server still answers
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const allowHalfOpen of [true, false]) {
        const socket = connect(`localhost:${env.PORT}`, { allowHalfOpen });
        const writer = socket.writable.getWriter();
        writer.write(say('last words', '/close'));
        await writer.close();
        out.push(await all(socket), await socket.closed === undefined);
    }
    return Response.json(out);
} };
--- response_body chomp
["last words",true,"last words",true]



=== TEST 4: who cannot be reached
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const address of ['127.0.0.1:1', 'nothing.invalid:80']) {
        const socket = connect(address);
        for (const promise of [socket.opened, socket.closed, all(socket),
                               write(socket, bytes('x'))])
            await promise.then(() => out.push('fine'),
                               (e) => out.push(`${e.name}: ${e.message}`));
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
Error: proxy request failed, cannot connect to the specified address
Error: proxy request failed, cannot connect to the specified address
Error: proxy request failed, cannot connect to the specified address
Error: proxy request failed, cannot connect to the specified address
Error: proxy request failed, cannot connect to the specified address
Error: proxy request failed, cannot connect to the specified address
Error: proxy request failed, cannot connect to the specified address
Error: proxy request failed, cannot connect to the specified address
--- error_log
connect to "http://127.0.0.1:1/" failed



=== TEST 5: addresses and options that are refused
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const args of [['x'], [''], [':1'], ['h:99999'], ['h:1/x'], ['a b:1'],
        ['é:1'], ['x'.repeat(300) + ':1'], [null], [{}],
        [{ hostname: 'h', port: 70000 }], [{ hostname: 'a b', port: 1 }],
        ['h:1', { secureTransport: 'x' }], ['h:1', null], ['h:1', 5]])
    {
        try { connect(...args); out.push('made'); }
        catch (e) { out.push(`${e.name}: ${e.message}`); }
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
TypeError: Specified address is missing port.
TypeError: Specified address is missing hostname.
TypeError: Specified address could not be parsed.
TypeError: Specified address could not be parsed.
TypeError: Specified address is empty string, contains unsupported characters or is too long.
TypeError: Specified address could not be parsed.
TypeError: Specified address is empty string, contains unsupported characters or is too long.
TypeError: Specified address is empty string, contains unsupported characters or is too long.
TypeError: Cannot initialize SocketAddress with required members from an undefined or null value.
TypeError: The value cannot be converted because it is not an integer.
TypeError: Value out of range. Must be less than or equal to 65535.
TypeError: Specified address is empty string, contains unsupported characters or is too long.
TypeError: Unsupported value in secureTransport socket option: x
TypeError: Cannot initialize SocketOptions with required members from an undefined or null value.
TypeError: Failed to execute 'connect' on 'SocketsModule': parameter 2 is not of type 'SocketOptions'.



=== TEST 6: a lot in both directions
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const socket = connect(`127.0.0.1:${env.PORT}`);
    const size = 1048576;
    await write(socket, bytes(`POST /raw/close HTTP/1.1\r\n`
                              + `Content-Length: ${size}\r\n\r\n`));
    const writer = socket.writable.getWriter();
    for (let i = 0; i < 16; i++) await writer.write(new Uint8Array(65536));
    let n = 0;
    for await (const chunk of socket.readable) n += chunk.length;
    return Response.json([n > size, n < size + 300]);
} };
--- response_body chomp
[true,true]



=== TEST 7: TLS: a server that the system trusts, by name and by address
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
export default { async fetch(request, env) {
    const out = [];
    for (const host of ['localhost', '127.0.0.1']) {
        const socket = connect(`${host}:${env.TLS}`, { secureTransport: 'on' });
        await write(socket, bytes('GET / HTTP/1.0\r\n\r\n'));
        out.push(socket.secureTransport, (await all(socket)).split('\r\n').at(-1),
                 await socket.closed === undefined);
    }
    out.push(await (await fetch(`https://localhost:${env.TLS}/`)).text());
    return Response.json(out);
} };
--- response_body chomp
["on","by TLS, localhost",true,"on","by TLS, ",true,"by TLS, localhost"]



=== TEST 8: TLS: servers that are not trusted
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
    ssl_certificate $TEST_NGINX_CERT;
    ssl_certificate_key $TEST_NGINX_KEY;
}
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [];
    for (const port of [env.TLS, env.PORT]) {
        const socket = connect(`localhost:${port}`, { secureTransport: 'on' });
        if (port === env.PORT) setTimeout(() => socket.close(), 50);
        await socket.opened.catch((e) => out.push(e.message));
    }
    await fetch(`https://localhost:${env.TLS}/`).catch((e) => out.push(e.message));
    return new Response(out.join('\n'));
} };
--- response_body_like chomp
^TLS Handshake Failed\.
.*
The TLS certificate of the request's host is not valid\.$
--- error_log eval
[qr/TLS handshake with "localhost" failed: self-signed certificate/]



=== TEST 9: startTls(): in plain, then by TLS
--- http_config
workers_trusted_certificate $TEST_NGINX_CERT;
server {
    listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
    ssl_certificate $TEST_NGINX_CERT;
    ssl_certificate_key $TEST_NGINX_KEY;
    location / { return 200 "started"; }
}
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [], address = `localhost:${env.TLS}`;
    const plain = connect(address, { secureTransport: 'starttls' });
    await plain.opened;
    const secure = plain.startTls();
    await Promise.all([plain.closed, secure.opened]);
    await write(secure, bytes('GET / HTTP/1.0\r\n\r\n'));
    out.push(plain.upgraded, secure.secureTransport,
             (await all(secure)).split('\r\n').at(-1));
    for (const fn of [() => plain.startTls(), () => secure.startTls(),
                      () => connect(address).startTls()])
        try { fn(); } catch (e) { out.push(e.message); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
true
on
started
startTls can only be called once.
Cannot startTls on a TLS socket.
The `secureTransport` socket option must be set to 'starttls' for startTls to be used.



=== TEST 10: what is open when its invocation ends is closed
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const socket = connect(`127.0.0.1:${env.PORT}`);
    await socket.opened;
    socket.readable.getReader().read();
    return new Response('left');
} };
--- pipelined_requests eval
["GET /", "GET /", "GET /"]
--- response_body eval
["left", "left", "left"]
