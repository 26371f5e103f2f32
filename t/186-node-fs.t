# Copyright (C) the nginx-workers authors
#
# node:fs and node:fs/promises: files in memory.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
        . "        compatibility_date 2026-07-01;\n"
        . "        compatibility_flags nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: /bundle has the script's files, which nobody changes
--- user_files
>>> w.js
import fs from 'node:fs';
import { answer } from './lib/answer.js';
import text from './note.txt';
export default { async fetch() {
    const denied = [
        () => fs.writeFileSync('/bundle/w.js', 'x'),
        () => fs.writeFileSync('/bundle/new.js', 'x'),
        () => fs.unlinkSync('/bundle/note.txt'),
        () => fs.rmSync('/bundle', { recursive: true }),
        () => fs.mkdirSync('/etc'),
        () => fs.openSync('/bundle/w.js', 'r+'),
        () => fs.readFileSync('/etc/passwd'),
        () => fs.readFileSync('/bundle/../../etc/passwd'),
    ].map((f) => { try { f(); return 'done'; } catch (e) { return e.code; } });
    return Response.json([
        fs.readdirSync('/'), fs.readdirSync('.', { recursive: true }),
        fs.readFileSync('note.txt', 'utf8') === text,
        fs.readFileSync('/bundle/lib/answer.js', 'utf8'),
        fs.statSync('w.js').size === fs.readFileSync('w.js').length,
        denied]);
} };
>>> lib/answer.js
export const answer = 42;
>>> note.txt
a note
--- response_body chomp
[["bundle","tmp","dev"],["bundle/w.js","bundle/lib","bundle/lib/answer.js","bundle/note.txt"],true,"export const answer = 42;\n",true,["EPERM","EPERM","EPERM","EPERM","EPERM","EPERM","ENOENT","ENOENT"]]



=== TEST 2: /tmp belongs to one invocation, what top-level code writes to it
--- user_files
>>> w.js
import fs from 'node:fs';
fs.writeFileSync('/tmp/start', 'of the script');
const before = fs.readdirSync('/tmp');
export default { async fetch(request) {
    const seen = fs.readdirSync('/tmp');
    fs.writeFileSync('/tmp/mine', request.url);
    await new Promise((r) => setTimeout(r, 1));
    return Response.json([before, seen, fs.readdirSync('/tmp')]);
} };
--- pipelined_requests eval
["GET /a", "GET /b", "GET /c"]
--- response_body eval
[('[["start"],[],["mine"]]') x 3]



=== TEST 3: two invocations at once do not see each other's files
--- user_files
>>> w.js
import fs from 'node:fs';
let done = false, started = false;
export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const origin = `http://127.0.0.1:${env.PORT}`;
    if (pathname === '/') {
        const all = [fetch(`${origin}/one`), fetch(`${origin}/two`)];
        return Response.json(await Promise.all(all.map(async (r) => (await r).json())));
    }
    if (pathname === '/one') {
        fs.writeFileSync('/tmp/one', '1');
        process.chdir('/tmp');
        started = true;
        for (let i = 0; i < 1000 && !done; i++)
            await new Promise((r) => setTimeout(r, 1));
        return Response.json([fs.readdirSync('/tmp'), process.cwd()]);
    }
    for (let i = 0; i < 1000 && !started; i++)
        await new Promise((r) => setTimeout(r, 1));
    fs.writeFileSync('/tmp/two', '2');
    const mine = [fs.readdirSync('/tmp'), process.cwd()];
    done = true;
    return Response.json(mine);
} };
--- script
        var PORT $TEST_NGINX_SERVER_PORT;
--- response_body chomp
[[["one"],"/tmp"],[["two"],"/bundle"]]



=== TEST 4: a file, through descriptors
--- user_files
>>> w.js
import fs from 'node:fs';
export default { async fetch() {
    const out = [], b = Buffer.alloc(4);
    const fd = fs.openSync('/tmp/f', 'w+');
    out.push(fs.writeSync(fd, 'hello world'), fs.writeSync(fd, 'J', 0),
             fs.writeSync(fd, Buffer.from('abcdef'), 2, 3),
             fs.writeSync(fd, 'x', 20));
    out.push(fs.readFileSync('/tmp/f', 'latin1').replaceAll('\0', '.'));
    out.push(fs.readSync(fd, b, 0, 4, 0), b.toString(),
             fs.readSync(fd, b, { offset: 1, length: 2, position: 6n }), b.toString());
    fs.ftruncateSync(fd, 5);
    out.push(fs.fstatSync(fd).size, fs.readFileSync('/tmp/f', 'utf8'));
    const [x, y] = [Buffer.alloc(2), Buffer.alloc(9)];
    out.push(fs.readvSync(fd, [x, y], 0), `${x}`, fs.writevSync(fd, [x, x], 1),
             fs.readFileSync('/tmp/f', 'utf8'));
    fs.closeSync(fd);
    const a = fs.openSync('/tmp/f', 'a+');
    fs.writeSync(a, '!', 0);
    out.push(fs.readFileSync('/tmp/f', 'utf8'));
    for (const f of [() => fs.readSync(fd, b), () => fs.openSync('/tmp/f', 'wx'),
                     () => fs.openSync('/tmp/f', 'q'), () => fs.openSync('/tmp', 'w'),
                     () => fs.readSync(a, b, 9), () => fs.readSync(a, b, 0, 9),
                     () => fs.ftruncateSync(a, -1), () => fs.writeSync(a, b, 0, 1, 1.5),
                     () => fs.readSync(fs.openSync('/tmp/f', 'w'), b)])
        try { out.push(f()); } catch (e) { out.push(e.code); }
    return Response.json(out);
} };
--- response_body chomp
[11,1,3,1,"Jello worldcde......x",4,"Jell",2,"Jwol",5,"Jello",5,"Je",4,"JJeJe","JJeJe!","EBADF","EEXIST","ERR_INVALID_ARG_VALUE","EISDIR","ERR_OUT_OF_RANGE","ERR_INVALID_ARG_VALUE","ERR_OUT_OF_RANGE","ERR_INVALID_ARG_TYPE","EBADF"]



=== TEST 5: directories, links, names
--- user_files
>>> w.js
import fs from 'node:fs';
const t = (f) => { try { return f() ?? null; } catch (e) { return e.code; } };
export default { async fetch() {
    const list = (d) => fs.readdirSync(d).sort().join();
    const out = [fs.mkdirSync('/tmp/a/b/c', { recursive: true })];
    fs.writeFileSync('/tmp/a/one', '1');
    fs.symlinkSync('/tmp/a', '/tmp/l');
    fs.linkSync('/tmp/a/one', '/tmp/a/two');
    fs.writeFileSync('/tmp/l/two', '2');
    out.push(list('/tmp/l'), fs.readFileSync('/tmp/a/one', 'utf8'),
             fs.readlinkSync('/tmp/l'), fs.realpathSync('/tmp/l/b/../one'),
             fs.lstatSync('/tmp/l').isSymbolicLink(), fs.statSync('/tmp/l').isDirectory());
    fs.renameSync('/tmp/a', '/tmp/z');
    out.push(t(() => list('/tmp/l')), list('/tmp/z'), fs.existsSync('/tmp/a'));
    out.push(t(() => fs.rmdirSync('/tmp/z')), t(() => fs.rmSync('/tmp/z')),
             t(() => fs.renameSync('/tmp/z', '/tmp/z/b/in')),
             t(() => fs.unlinkSync('/tmp/z')), t(() => fs.mkdirSync('/tmp/z/one/x')));
    fs.cpSync('/tmp/z', '/tmp/y', { recursive: true, filter: (s) => !s.endsWith('two') });
    fs.rmSync('/tmp/z', { recursive: true });
    out.push(list('/tmp'), fs.readdirSync('/tmp/y', { recursive: true }).join(),
             fs.readdirSync('/tmp/y', { withFileTypes: true }).map((e) => e.name + e.isFile()).join());
    fs.symlinkSync('/tmp/r2', '/tmp/r1');
    fs.symlinkSync('/tmp/r1', '/tmp/r2');
    out.push(t(() => fs.readFileSync('/tmp/r1')), fs.existsSync('/tmp/r1'));
    out.push(fs.globSync('y/**', { cwd: '/tmp' }).join(), fs.globSync('y/{on,tw}[e-o]', { cwd: '/tmp' }).join());
    const d = fs.opendirSync('/tmp/y'), names = [];
    for await (const e of d) names.push(e.name);
    out.push(names.join(), t(() => d.readSync()));
    const m = fs.mkdtempSync('/tmp/m-');
    out.push(m.startsWith('/tmp/m-'), m !== fs.mkdtempSync('/tmp/m-'), fs.statSync(m).isDirectory());
    return Response.json(out);
} };
--- response_body chomp
["/tmp/a","b,one,two","2","/tmp/a","/tmp/a/one",true,true,"ENOENT","b,one,two",false,"ENOTEMPTY","ENOTEMPTY","EINVAL","EISDIR","ENOTDIR","l,y","tmp/y/b,tmp/y/b/c,tmp/y/one","bfalse,onetrue","ELOOP",false,"y/b,y/b/c,y/one","y/one","b,one","ERR_DIR_CLOSED",true,true,true]



=== TEST 6: errors say what, where and by which operation
--- user_files
>>> w.js
import fs from 'node:fs';
import fp from 'node:fs/promises';
const show = (e) => `${e.name} ${e.code} ${e.syscall} ${e.path}: ${e.message}`;
const t = (f) => { try { return f(); } catch (e) { return show(e); } };
export default { async fetch() {
    const out = [
        t(() => fs.readFileSync('/tmp/none')), t(() => fs.statSync('/none')),
        t(() => fs.statSync('/none', { throwIfNoEntry: false })),
        t(() => fs.readdirSync('/tmp/none')), t(() => fs.writeFileSync('/tmp/no/x', '')),
        t(() => fs.readFileSync(5)), t(() => fs.readFileSync({})), t(() => fs.readFileSync('a\0b')),
        t(() => fs.readFileSync('w.js', 'nope')), t(() => fs.writeFileSync('/tmp/a', 5)),
        t(() => fs.accessSync('w.js', 2)), t(() => fs.readFile('w.js')),
        t(() => fs.readFileSync(new URL('http://a/b'))), t(() => new fs.Stats()),
        t(() => fs.watch('/tmp'))];
    out.push(await fp.unlink('/tmp/none').catch(show),
             await new Promise((r) => fs.rename('/tmp/q', '/tmp/r', (e) => r(show(e)))));
    return new Response(out.join('\n'));
} };
--- response_body chomp
Error ENOENT readAll /tmp/none: no such file or directory, readAll '/tmp/none'
Error ENOENT stat /none: no such file or directory, stat '/none'

Error ENOENT readdir /tmp/none: no such file or directory, readdir '/tmp/none'
Error ENOENT writeAll /tmp/no/x: no such file or directory, writeAll '/tmp/no/x'
Error EBADF fread undefined: bad file descriptor
TypeError ERR_INVALID_ARG_TYPE undefined undefined: The "path" argument must be of type string or an instance of Buffer or URL. Received an instance of Object
TypeError ERR_INVALID_ARG_VALUE undefined undefined: The argument 'path' must not contain null bytes. Received 'a\x00b'
TypeError ERR_INVALID_ARG_VALUE undefined undefined: The property 'options.encoding' is invalid. Received 'nope'
TypeError ERR_INVALID_ARG_TYPE undefined undefined: The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (5)
Error ENOENT access /bundle/w.js: no such file or directory, access '/bundle/w.js'
TypeError ERR_INVALID_ARG_TYPE undefined undefined: The "callback" argument must be of type function. Received undefined
TypeError undefined undefined undefined: File path must be a file: URL
TypeError undefined undefined undefined: Illegal constructor
Error ERR_UNSUPPORTED_OPERATION undefined undefined: The requested operation is unsupported
Error ENOENT unlink none: File not found
Error ENOENT rename /tmp/q: no such file or directory, rename '/tmp/q'



=== TEST 7: callbacks come later, with their results
--- user_files
>>> w.js
import fs from 'node:fs';
const call = (f) => new Promise((r) => f((...args) => r(args)));
export default { async fetch() {
    const order = [], out = [];
    fs.writeFile('/tmp/a', 'text', () => order.push('callback'));
    order.push(fs.existsSync('/tmp/a'));
    await null;
    out.push(order.join());
    out.push(await call((f) => fs.readFile('/tmp/a', 'utf8', f)));
    const [, fd] = await call((f) => fs.open('/tmp/a', f));
    out.push((await call((f) => fs.read(fd, Buffer.alloc(2), 0, 2, 1, f))).map(String));
    out.push((await call((f) => fs.write(fd, 'é', f))).map(String));
    out.push(await call((f) => fs.close(fd, f)), await call((f) => fs.exists('/tmp/a', f)));
    out.push((await call((f) => fs.stat('/tmp/a', f)))[1].size);
    return Response.json(out);
} };
--- response_body chomp
["true,callback",[null,"text"],["null","2","ex"],["null","2","é"],[null],[true],4]



=== TEST 8: a FileHandle
--- user_files
>>> w.js
import fp from 'node:fs/promises';
export default { async fetch() {
    const out = [];
    const h = await fp.open('/tmp/h', 'w+');
    out.push(await h.write('hello'), (await h.read(Buffer.alloc(3), 0, 3, 1)).buffer.toString());
    await h.appendFile(' more');
    out.push(await h.readFile('utf8'), (await h.stat()).size);
    await h.truncate(2);
    out.push(await fp.readFile('/tmp/h', 'utf8'), await fp.readFile(h, 'utf8'));
    h.on('close', () => out.push('close'));
    await h.close();
    await h.close();
    out.push(h.fd === undefined, await h.stat().catch((e) => [e.code, e.errno, e.message]));
    const r = await fp.open('/tmp/h');
    out.push(await new Response(r.readableWebStream()).text());
    let text = '';
    for await (const chunk of (await fp.open('/tmp/h')).createReadStream({ encoding: 'utf8' })) text += chunk;
    const w = (await fp.open('/tmp/w', 'w')).createWriteStream();
    w.end('via a stream');
    await new Promise((done) => w.on('close', done));
    out.push(text, await fp.readFile('/tmp/w', 'utf8'));
    return Response.json(out);
} };
--- response_body chomp
[{"bytesWritten":5,"buffer":{"type":"Buffer","data":[104,101,108,108,111]}},"ell","hello more",10,"he","he","close",true,["EBADF",-9,"Bad file descriptor"],"he","he","via a stream"]



=== TEST 9: streams: events, ranges, append, a pipe
--- user_files
>>> w.js
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
const events = (s, ...names) => new Promise((r) => {
    const log = [];
    for (const n of names) s.on(n, (v) => { log.push(v?.code ?? (v === undefined ? n : `${n} ${v}`)); if (n === 'close') r(log.join()); });
});
const E = ['open', 'ready', 'data', 'end', 'finish', 'error', 'close'];
export default { async fetch() {
    fs.writeFileSync('/tmp/a', '0123456789');
    const out = [
        await events(fs.createReadStream('/tmp/a'), ...E),
        await events(fs.createReadStream('/tmp/a', { start: 2, end: 5 }), ...E),
        await events(fs.createReadStream('/tmp/a', { highWaterMark: 4, encoding: 'utf8' }), 'data', 'close'),
        await events(fs.createReadStream('/tmp'), ...E),
        await events(fs.createReadStream('/none'), ...E)];
    const w = fs.createWriteStream('/tmp/w');
    const log = events(w, 'open', 'ready', 'finish', 'close');
    w.write('abc'); w.write('def'); w.end('ghi');
    out.push(await log, w.bytesWritten);
    const a = fs.createWriteStream('/tmp/w', { flags: 'a' });
    a.end('!');
    await events(a, 'close');
    const p = fs.createWriteStream('/tmp/w', { flags: 'r+', start: 3 });
    p.end('XX');
    await events(p, 'close');
    out.push(fs.readFileSync('/tmp/w', 'utf8'));
    fs.writeFileSync('/tmp/big', 'x'.repeat(1e6));
    await pipeline(fs.createReadStream('/tmp/big'), zlib.createGzip(), zlib.createGunzip(), fs.createWriteStream('/tmp/copy'));
    out.push(fs.readFileSync('/tmp/copy').equals(fs.readFileSync('/tmp/big')));
    return new Response(out.join('\n'));
} };
--- response_body chomp
open 3,ready,data 0123456789,end,close
open 4,ready,data 2345,end,close
data 0123,data 4567,data 89,close
open 6,ready,EISDIR,close
EPERM,close
open 7,ready,finish,close
9
abcXXfghi!
true



=== TEST 10: devices
--- user_files
>>> w.js
import fs from 'node:fs';
const t = (f) => { try { return f(); } catch (e) { return e.code; } };
export default { async fetch() {
    const b = Buffer.alloc(70000, 1), c = Buffer.alloc(70000);
    const read = (name, view) => fs.readSync(fs.openSync(`/dev/${name}`), view);
    const out = [read('null', b), read('zero', b), b.every((x) => x === 0), read('random', b), read('random', c)];
    out.push(b.equals(c), b.subarray(69990).every((x) => x === 0));
    out.push(fs.writeFileSync('/dev/null', 'abc'), t(() => fs.writeFileSync('/dev/full', 'abc')),
             t(() => fs.writeSync(fs.openSync('/dev/full', 'r+'), 'a')), t(() => fs.writeFileSync('/dev/new', 'a')),
             fs.statSync('/dev/null').isCharacterDevice(), fs.readdirSync('/dev').join());
    return Response.json(out);
} };
--- response_body chomp
[0,70000,true,70000,70000,false,false,3,"EPERM","EPERM","EPERM",true,"null,zero,full,random"]



=== TEST 11: an invocation's files go with it
--- user_files
>>> w.js
import fs from 'node:fs';
export default { async fetch(request) {
    fs.writeFileSync('/tmp/a', Buffer.alloc(20 << 20));
    return new Response(String(fs.statSync('/tmp/a').size));
} };
--- pipelined_requests eval
[("GET /") x 12]
--- response_body eval
[("20971520") x 12]



=== TEST 12: they count towards the isolate's memory
--- user_files
>>> w.js
import fs from 'node:fs';
export default { async fetch(request) {
    for (let i = 0; ; i++) fs.writeFileSync(`/tmp/${i}`, Buffer.alloc(1 << 20));
} };
--- response_body_like: Error 1102
--- error_code: 503
--- error_log
exceeded memory



=== TEST 13: by process.getBuiltinModule()
--- user_files
>>> w.js
export default { async fetch() {
    const fs = process.getBuiltinModule('fs');
    return new Response(`${typeof fs.readFileSync} ${fs.promises === process.getBuiltinModule('node:fs/promises')}`);
} };
--- response_body chomp
function true



=== TEST 14: process.loadEnvFile() takes what env has not
--- user_files
>>> w.js
import fs from 'node:fs';
export default { async fetch() {
    fs.writeFileSync('/tmp/.env', 'A=1\nB="two words"\n# no\nHAVE=other\n');
    process.loadEnvFile('/tmp/.env');
    return Response.json([process.env.A, process.env.B, process.env.HAVE]);
} };
--- script
        var HAVE mine;
--- response_body chomp
["1","two words","mine"]
