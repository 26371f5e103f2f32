# Copyright (C) the nginx-workers authors
#
# Two processes of nginx: each has its isolates, storage is one for both.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use WebSocket;

workers(2);


# A connection to each of the two processes: where it ends up is up to the
# kernel, and it stays there.

sub both {
    my %c;

    eventually {
        my $c = dial();
        my $id = ask($c, '/id');

        $c{$id} //= $c;
        keys %c == 2;
    } 'both processes answer';

    return map { $c{$_} } sort keys %c;
}


sub ask {
    my ($c, $path, $body) = @_;

    $c->send((defined $body ? "PUT $path HTTP/1.1\r\nContent-Length: "
                              . length($body) . "\r\n"
                            : "GET $path HTTP/1.1\r\n")
             . "Host: x\r\n\r\n" . ($body // ''));

    return $c->answer->{body};
}

run_tests();

__DATA__

=== TEST 1: state is that of a process
--- user_files
>>> w.js
let id, n = 0;
export default { fetch(request) {
    id ??= crypto.randomUUID();
    if (request.url.endsWith('/id')) return new Response(id);
    return new Response(++n);
} };
--- client
my ($one, $two) = main::both();

is(main::ask($one, '/'), $_, "one, $_") for 1 .. 3;
is(main::ask($two, '/'), $_, "two, $_") for 1 .. 2;
is(main::ask($one, '/'), 4, 'one, 4');
is(scalar(() = workers_of()), 2, 'two processes');



=== TEST 2: what one process has put, the other one sees at once
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
let id;
export default { async fetch(request, { KV }) {
    const { pathname, searchParams } = new URL(request.url);
    id ??= crypto.randomUUID();
    if (pathname === '/id') return new Response(id);
    if (request.method === 'PUT') {
        await KV.put(pathname, request.body, { metadata: { by: id } });
        return new Response('put');
    }
    if (pathname === '/delete') {
        await KV.delete(searchParams.get('k'));
        return new Response('deleted');
    }
    if (pathname === '/list') {
        const { keys } = await KV.list();
        return new Response(keys.map((key) => key.name).join());
    }
    const { value, metadata } = await KV.getWithMetadata(pathname);
    return new Response(`${value} ${metadata && metadata.by === id ? 'mine' : 'theirs'}`);
} };
--- client
my ($one, $two) = main::both();

is(main::ask($two, '/k'), 'null theirs', 'not there');

my ($ok, $wrong) = (0, 0);

for my $i (1 .. 200) {
    my ($from, $to) = $i % 2 ? ($one, $two) : ($two, $one);

    main::ask($from, '/k', "value-$i") eq 'put' or $wrong++;
    main::ask($to, '/k') eq "value-$i theirs" ? $ok++ : $wrong++;
    main::ask($from, '/k') eq "value-$i mine" or $wrong++;
}

is($ok, 200, 'seen at once');
is($wrong, 0, 'nothing wrong');

main::ask($one, '/a', 'x');
main::ask($two, '/b', 'x');
is(main::ask($one, '/list'), '/a,/b,/k', 'list, one');
is(main::ask($two, '/list'), '/a,/b,/k', 'list, two');
is(main::ask($two, '/delete?k=/a'), 'deleted', 'deleted');
is(main::ask($one, '/a'), 'null theirs', 'has gone');
is(main::ask($one, '/list'), '/b,/k', 'list');



=== TEST 3: both write at once: nothing is lost, both see the same
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
let id;
export default { async fetch(request, { KV }) {
    const { pathname, searchParams } = new URL(request.url);
    id ??= crypto.randomUUID();
    if (pathname === '/id') return new Response(id);
    if (pathname === '/write') {
        const n = Number(searchParams.get('n'));
        const round = [];
        for (let i = 0; i < n; i++) {
            round.push(KV.put(`${id}-${String(i).padStart(4, '0')}`, `${i}`));
            round.push(KV.put('shared', id));
            if (i % 10 === 9) await Promise.all(round.splice(0));
        }
        return new Response('written');
    }
    let all = 0, right = 0, cursor;
    do {
        const page = await KV.list({ cursor });
        for (const { name } of page.keys) {
            if (name === 'shared') continue;
            all++;
            if (await KV.get(name) === String(Number(name.slice(-4)))) right++;
        }
        cursor = page.cursor;
    } while (cursor);
    return new Response(`${all} ${right} ${await KV.get('shared')}`);
} };
--- client
my ($one, $two) = main::both();
my ($id_one, $id_two) = map { main::ask($_, '/id') } $one, $two;

$_->send("GET /write?n=500 HTTP/1.1\r\nHost: x\r\n\r\n") for $one, $two;
is($_->answer->{body}, 'written', 'written') for $one, $two;

my ($seen_one, $seen_two) = map { main::ask($_, '/read') } $one, $two;

is($seen_one, $seen_two, 'both see the same');
like($seen_one, qr/^1000 1000 (?:$id_one|$id_two)\z/, 'all of it');



=== TEST 4: a limit that is broken in one process
--- script
    limits cpu=50ms;
--- user_files
>>> w.js
let id, n = 0;
export default { fetch(request) {
    id ??= crypto.randomUUID();
    if (request.url.endsWith('/id')) return new Response(id);
    if (request.url.endsWith('/loop')) for (;;);
    return new Response(`${id} ${++n}`);
} };
--- client
my ($one, $two) = main::both();
my $id = main::ask($two, '/id');

is(main::ask($two, '/'), "$id 1", 'two');
like(main::ask($one, '/loop'), qr/1102/, 'one breaks it');
is(main::ask($two, '/'), "$id 2", 'two keeps its isolate');
like(main::ask($one, '/'), qr/ 1$/, 'one has a fresh one');
--- error_log
exceeded CPU



=== TEST 5: a reload changes both
--- script
    var VERSION one;
--- user_files
>>> w.js
let id;
export default { fetch(request, env) {
    id ??= crypto.randomUUID();
    if (request.url.endsWith('/id')) return new Response(id);
    return new Response(env.VERSION);
} };
--- client
my @old = workers_of();
my @c = main::both();

is(main::ask($_, '/'), 'one', 'one') for @c;
write_file($Test::Nginx::Util::ConfFile,
           read_file($Test::Nginx::Util::ConfFile) =~ s/VERSION one/VERSION two/r);
kill 'HUP', master();
eventually { !grep { alive($_) } @old } 'the old ones have gone';
@c = main::both();
is(main::ask($_, '/'), 'two', 'two') for @c;
is(scalar(() = workers_of()), 2, 'two processes');



=== TEST 6: one process is killed, the other one goes on
--- script
    kv_namespace KV id=x;
--- user_files
>>> w.js
let id, n = 0;
export default { async fetch(request, { KV }) {
    id ??= crypto.randomUUID();
    const { pathname } = new URL(request.url);
    if (pathname === '/id') return new Response(id);
    if (pathname === '/waits') {
        console.log('one', 'waits');
        await scheduler.wait(30000);
    }
    await KV.put('k', `${n + 1}`);
    return new Response(`${++n} ${await KV.get('k')}`);
} };
--- client
my ($one, $two) = main::both();

is(main::ask($two, '/'), '1 1', 'two');
$one->send("GET /waits HTTP/1.1\r\nHost: x\r\n\r\n");
logged(qr/one waits/);

my ($pid) = error_log() =~ /(\d+)#\d+: \*\d+ .*one waits/;

kill 'KILL', $pid;
is($one->answer->{status}, 0, 'one has gone');
is(main::ask($two, '/'), '2 2', 'two goes on');
eventually { 2 == (() = workers_of()) } 'there are two again';
main::both();
expected(qr/\[alert\].*exited on signal 9\b/);



=== TEST 7: kill -9 of a process ends its own sockets only
--- user_files
>>> w.js
let id;
export default { fetch() {
    id ||= crypto.randomUUID();
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(`${id} ${data}`));
    return new Response(null, { status: 101, webSocket: client });
} };
--- client
my (%of, @sockets);

for (1 .. 40) {
    my $ws = ws('/');

    $ws->send(text('who'));
    my ($id) = $ws->next =~ /^text (\S+) who$/;
    push @{ $of{$id} }, $ws;
}

is(scalar keys %of, 2, 'both processes have some');

my @pids = workers_of();
kill 'KILL', $pids[0];
eventually { (grep { $_ != $pids[0] } workers_of()) == 2 } 'there is a new one';

my (%lost, %kept);

for my $id (keys %of) {
    for my $ws (@{ $of{$id} }) {
        $ws->send(text('still'));

        my $answer = $ws->next;

        if ($answer eq "text $id still") { $kept{$id}++ } else { $lost{$id}++ }
    }
}

is(scalar keys %lost, 1, 'one has lost its sockets');
is(scalar keys %kept, 1, 'the other has kept all of them');

my $ws = ws('/');
$ws->send(text('new'));
like($ws->next, qr/^text \S+ new$/, 'and new ones are served');
expected(qr/\[alert\].*exited on signal 9\b/);
