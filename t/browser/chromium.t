# Copyright (C) the nginx-workers authors
#
# Chromium opens a page of a worker: WebSockets, server-sent events, streams
# and uploads as a browser makes them, over HTTP/1.1 and HTTP/2.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use File::Temp qw(tempdir);

our $Tls = Client::port() + 1;
our ($Cert, $Key) = certificate();


# What the page has reported, after Chromium has opened it.

sub opened {
    my $url = shift;
    my $profile = tempdir(DIR => $ENV{TEST_NGINX_TMP});
    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        setpgrp;
        open STDOUT, '>', "$profile/log";
        open STDERR, '>&', \*STDOUT;
        $ENV{HOME} = $profile;

        exec 'chromium', '--headless', '--no-sandbox', '--disable-gpu',
             '--disable-dev-shm-usage', '--ignore-certificate-errors',
             '--remote-debugging-port=0', "--user-data-dir=$profile", $url;
        exit 1;
    }

    my $report = '';

    eventually { ($report = get('/report')->{body}) ne '' };

    kill 'KILL', -$pid;
    waitpid $pid, 0;

    return $report || read_file("$profile/log");
}


add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('http_config', <<"CONF");
    server {
        listen 127.0.0.1:$main::Tls ssl;
        http2 on;
        ssl_certificate $main::Cert;
        ssl_certificate_key $main::Key;
        location / { workers_pass w; }
    }
CONF
    $block->set_value('user_files', <<'FILES');
>>> w.js
import page from './page.html';
let report = '';
const text = (s) => new TextEncoder().encode(s);
const wait = (ms) => new Promise((r) => setTimeout(r, ms));
export default { async fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
    case '/':
        return new Response(page, { headers: { 'Content-Type': 'text/html;charset=utf-8' } });
    case '/socket': {
        const [client, server] = Object.values(new WebSocketPair());
        server.binaryType = 'arraybuffer';
        server.accept();
        server.addEventListener('message', ({ data }) => {
            if (data === 'close') server.close(4001, 'as asked');
            else server.send(data);
        });
        return new Response(null, { status: 101, webSocket: client });
    }
    case '/events': {
        const last = Number(request.headers.get('Last-Event-ID') ?? 0);
        const { readable, writable } = new TransformStream();
        (async () => {
            const w = writable.getWriter();
            await w.write(text('retry: 50\n\n'));
            for (let i = last + 1; i <= last + 2; i++) {
                await w.write(text(`id: ${i}\nevent: tick\ndata: n${i}\n\n`));
                await wait(5);
            }
            await w.close();
        })();
        return new Response(readable, { headers: { 'Content-Type': 'text/event-stream' } });
    }
    case '/upload':
        return Response.json({ size: (await request.arrayBuffer()).byteLength, protocol: request.cf?.httpProtocol });
    case '/form': {
        const form = await request.formData();
        return Response.json([form.get('name'), form.get('file').name, form.get('file').size]);
    }
    case '/slow': {
        const { readable, writable } = new TransformStream();
        (async () => {
            const w = writable.getWriter();
            for (const part of ['one', 'two', 'three']) { await w.write(text(part)); await wait(30); }
            await w.close();
        })();
        return new Response(readable);
    }
    case '/result':
        report = await request.text();
        return new Response(null, { status: 204 });
    case '/report':
        return new Response(report);
    }
    return new Response('no such page', { status: 404 });
} };
>>> page.html
<!DOCTYPE html>
<script>
const out = {};
async function socket() {
    const ws = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/socket`);
    ws.binaryType = 'arraybuffer';
    const next = () => new Promise((r, j) => { ws.onmessage = ({ data }) => r(data); ws.onclose = j; });
    await new Promise((r, j) => { ws.onopen = r; ws.onerror = j; });
    ws.send('héllo');
    const text = await next();
    const big = new Uint8Array(300000).map((_, i) => i * 7);
    ws.send(big);
    const back = new Uint8Array(await next());
    const closed = new Promise((r) => { ws.onclose = (e) => r([e.code, e.reason, e.wasClean]); });
    ws.send('close');
    return [text, back.length === big.length && back.every((b, i) => b === big[i]), ws.extensions.includes('permessage-deflate'), await closed];
}
function events() {
    return new Promise((r) => {
        const seen = [], source = new EventSource('/events');
        source.addEventListener('tick', (e) => {
            seen.push(`${e.lastEventId} ${e.data}`);
            if (seen.length === 5) { source.close(); r(seen); }
        });
    });
}
async function slow() {
    const parts = [];
    for await (const part of (await fetch('/slow')).body.pipeThrough(new TextDecoderStream())) parts.push(part);
    return parts;
}
async function upload() {
    const form = new FormData();
    form.append('name', 'vàlue');
    form.append('file', new File(['x'.repeat(100000)], 'ünï.txt'));
    return [await (await fetch('/upload', { method: 'POST', body: new Uint8Array(1000000) })).json(),
            await (await fetch('/form', { method: 'POST', body: form })).json()];
}
(async () => {
    for (const test of [socket, events, slow, upload])
        out[test.name] = await test().catch((e) => String(e));
    await fetch('/result', { method: 'POST', body: JSON.stringify(out) });
})();
</script>
FILES
});

run_tests();

__DATA__

=== TEST 1: over HTTP/1.1
--- client
is(opened('http://127.0.0.1:' . port() . '/'), '{"socket":["héllo",true,true,[4001,"as asked",true]],"events":["1 n1","2 n2","3 n3","4 n4","5 n5"],"slow":["one","two","three"],"upload":[{"size":1000000,"protocol":"HTTP/1.1"},["vàlue","ünï.txt",100000]]}', 'what the page saw');



=== TEST 2: by TLS, over HTTP/2
--- client
is(opened("https://localhost:$main::Tls/"), '{"socket":["héllo",true,true,[4001,"as asked",true]],"events":["1 n1","2 n2","3 n3","4 n4","5 n5"],"slow":["one","two","three"],"upload":[{"size":1000000,"protocol":"HTTP/2"},["vàlue","ünï.txt",100000]]}', 'what the page saw');
