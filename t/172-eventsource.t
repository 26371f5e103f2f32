# Copyright (C) the nginx-workers authors
#
# EventSource, and what answers one: server-sent events both ways.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value(script => ($block->script // '')
                      . "        var PORT " . Client::port() . ";\n");

    if (defined(my $files = $block->user_files)) {
        $files =~ s/\n/
            const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
            const stream = (chunks) => new ReadableStream({ async start(c) {
                for (const chunk of chunks) {
                    c.enqueue(new TextEncoder().encode(chunk));
                    await sleep(1);
                }
                c.close();
            } });
            const heard = (source, types = []) => new Promise((r) => {
                const log = [];
                for (const type of ['open', 'message', ...types])
                    source.addEventListener(type, (e) =>
                        log.push([type, e.data, e.lastEventId, e.origin]));
                source.onerror = ({ error }) => {
                    log.push([error.name, error.message, source.readyState]);
                    r(log);
                };
            });\n/;
        $block->set_value(user_files => $files);
    }
});

run_tests();

__DATA__

=== TEST 1: events of a stream: fields, types, ids, comments, line ends
--- user_files
>>> w.js
export default { async fetch() {
    const log = await heard(EventSource.from(stream([
        '\ufeffdata: one\n\n', 'data: two\ndata: three\n\n',
        'event: foo\ndata:x\nid: 5\n\n', ': comment\n\n', 'data\n\n',
        'unknown: y\ndata:  spaced\n\n', 'id\ndata: z\n\n',
        'data: cr\r\rdata: crlf\r', '\n\r\n', 'da', 'ta: spl', 'it\n', '\n',
        'event: foo\n\ndata: after\n\n', 'data: unterminated',
    ])), ['foo']);
    return new Response(log.map((e) => JSON.stringify(e)).join('\n'));
} };
--- response_body chomp
["message","one","",null]
["message","two\nthree","",null]
["foo","x","5",null]
["message"," spaced","5",null]
["message","z","",null]
["message","cr","",null]
["message","crlf","",null]
["message","split","",null]
["message","after","",null]
["Error","The server disconnected.",2]



=== TEST 2: the class, its constants and what it refuses
--- user_files
>>> w.js
const said = (f) => { try { return f(); } catch (e) { return `${e.name}: ${e.message}`; } };
export default { fetch() {
    const source = EventSource.from(stream([]));
    const state = [source.readyState, source.url, source.withCredentials];
    source.close();
    source.close();
    return new Response([
        JSON.stringify([EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED]),
        JSON.stringify([...state, source.readyState, source.onopen,
                        source instanceof EventTarget, String(source)]),
        said(() => new EventSource()), said(() => new EventSource('zz')),
        said(() => EventSource.from('x')),
        said(() => { const locked = stream([]); locked.getReader(); EventSource.from(locked); }),
        said(() => new EventSource('http://x/', { withCredentials: true })),
        said(() => new EventSource('http://x/', { fetcher: { fetch } })),
    ].join('\n'));
} };
--- response_body chomp
[0,1,2]
[1,"",false,2,null,true,"[object EventSource]"]
TypeError: Failed to construct 'EventSource': constructor parameter 1 is not of type 'string'.
SyntaxError: Cannot open an EventSource to 'zz'. The URL is invalid.
TypeError: Failed to execute 'from' on 'EventSource': parameter 1 is not of type 'ReadableStream'.
TypeError: This ReadableStream is locked.
NotSupportedError: The init.withCredentials option is not supported. It must be false or undefined.
TypeError: Incorrect type for the 'fetcher' field on 'EventSourceInit': the provided value is not of type 'Fetcher'.



=== TEST 3: close() within a handler: nothing is heard any more
--- user_files
>>> w.js
export default { async fetch() {
    const source = EventSource.from(stream(['data: 1\n\ndata: 2\n\n', 'data: 3\n\n']));
    const got = [];
    source.onmessage = ({ data }) => { got.push(data); source.close(); };
    source.onerror = () => got.push('error');
    await sleep(30);
    return Response.json([got, source.readyState]);
} };
--- response_body chomp
[["1"],2]



=== TEST 4: events of a server; it is asked again, with the last id
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/events') {
        const { headers } = request;
        return new Response(stream(['retry: 5\nid: 7\ndata: ' + JSON.stringify([
            headers.get('accept'), headers.get('cache-control'),
            headers.get('last-event-id')]) + '\n\n']),
            { headers: { 'content-type': 'text/event-stream;charset=utf-8' } });
    }
    const source = new EventSource(`http://127.0.0.1:${env.PORT}/events`);
    const state = source.readyState, first = [...await heard(source)];
    const second = await heard(source);
    source.close();
    return Response.json([state, first, second.at(-2), source.readyState],
                         (k, v) => v, 0);
} };
--- response_body_like chomp
^\[0,\[\["open",null,null,null\],\["message","\[\\"text/event-stream\\",\\"no-cache\\",null\]","7","http://127.0.0.1:\d+"\],\["Error","The server disconnected.",0\]\],\["message","\[\\"text/event-stream\\",\\"no-cache\\",\\"7\\"\]","7","http://127.0.0.1:\d+"\],2\]$



=== TEST 5: what is no event stream
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/404')
        return new Response('', { status: 404 });
    if (pathname === '/plain')
        return new Response('data: x\n\n');
    if (pathname === '/none')
        return new Response(null, { status: 204 });
    const out = [];
    for (const path of ['404', 'plain', 'none'])
        out.push((await heard(new EventSource(`http://127.0.0.1:${env.PORT}/${path}`)))[0]);
    out.push((await heard(new EventSource('http://127.0.0.1:1/')))[0]);
    return new Response(out.map((e) => JSON.stringify(e)).join('\n'));
} };
--- response_body chomp
["AbortError","The response status code was 404.",2]
["AbortError","The content type 'text/plain;charset=UTF-8' is invalid.",2]
["AbortError","No content type header was present in the response.",2]
["Error","Network connection lost.",2]
--- error_log
Could not connect to server



=== TEST 6: a client hears each event when it is sent
--- user_files
>>> w.js
export default { fetch() {
    let n = 0;
    return new Response(new ReadableStream({ async pull(c) {
        c.enqueue(new TextEncoder().encode(`id: ${++n}\ndata: ${n}\n\n`));
        if (n === 3) {
            c.close();
            return;
        }
        await sleep(20);
    } }), { headers: { 'content-type': 'text/event-stream' } });
} };
--- response_headers
Content-Type: text/event-stream
--- response_body_like chomp
^id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n$
