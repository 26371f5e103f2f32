# Copyright (C) the nginx-workers authors
#
# node:path, node:querystring, node:timers, and the globals of Node.js.

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: paths of POSIX
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import path, { join, posix, win32 } from 'node:path';
import p from 'node:path/posix';
export default { fetch() {
    return new Response([
        join('/a', '../b', 'c.txt'), join(''), path.basename('/x/y.js', '.js'),
        path.extname('a.tar.gz'), path.extname('.rc'), path.resolve('/a', 'b'),
        path.resolve('x', '..', 'y'), path.relative('/a/b', '/a/c/d'),
        path.normalize('a//b/../c/./'), path.normalize('../../a'),
        path.dirname('/a/b/'), path.dirname('a'), path.isAbsolute('/x'),
        JSON.stringify(path.parse('/home/u/f.txt')),
        path.format({ dir: '/a', name: 'n', ext: 'e' }), path.sep,
        posix === path, p === path, win32.sep ].join('\n'));
} };
--- response_body chomp
/b/c.txt
.
y
.gz

/a/b
/y
../c/d
a/c/
../../a
/a
.
true
{"root":"/","dir":"/home/u","base":"f.txt","ext":".txt","name":"f"}
/a/n.e
/
true
true
\



=== TEST 2: paths of Windows
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import path from 'node:path/win32';
export default { fetch() {
    return new Response([
        path.join('C:\\a', '..\\b', 'c/d'), path.basename('C:\\x\\y.txt', '.txt'),
        path.dirname('C:\\a\\b'), path.resolve('C:\\a', '\\b'),
        path.normalize('C:/a/./b/..'), path.relative('C:\\a\\b', 'C:\\A\\c'),
        path.isAbsolute('C:x'), path.isAbsolute('C:\\x'),
        JSON.stringify(path.parse('C:\\d\\f.txt')),
        path.toNamespacedPath('C:\\a') ].join('\n'));
} };
--- response_body chomp
C:\b\c\d
y
C:\a
C:\b
C:\a
..\c
false
true
{"root":"C:\\","dir":"C:\\d","base":"f.txt","ext":".txt","name":"f"}
\\?\C:\a



=== TEST 3: a path is a string
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import path from 'node:path';
export default { fetch() {
    const out = [];
    for (const f of [() => path.join('a', 1), () => path.basename(null),
                     () => path.format(1), () => path.matchesGlob('a', '*')])
        try { out.push(f()); } catch (e) { out.push(`${e.name} ${e.code}`); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
TypeError ERR_INVALID_ARG_TYPE
TypeError ERR_INVALID_ARG_TYPE
TypeError ERR_INVALID_ARG_TYPE
Error undefined



=== TEST 4: query strings
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import qs from 'node:querystring';
export default { fetch() {
    return new Response([
        JSON.stringify(qs.parse('a=1&a=2&b=%20+x&c&=d&%zz=%E9&__proto__=1')),
        JSON.stringify(qs.parse('a:1;b:2', ';', ':')),
        JSON.stringify(qs.parse('a=1&b=2&c=3', null, null, { maxKeys: 2 })),
        qs.stringify({ x: [1, 2], y: 'z w', n: null, t: true, o: {}, big: 5n }),
        qs.stringify({ a: 1, b: 'é' }, ';', ':'), qs.stringify('no'),
        qs.escape('a b&'), qs.unescape('%41%zz') ].join('\n'));
} };
--- response_body chomp
{"a":["1","2"],"b":"  x","c":"","":"d","%zz":"�","__proto__":"1"}
{"a":"1","b":"2"}
{"a":"1","b":"2"}
x=1&x=2&y=z%20w&n=&t=true&o=&big=5
a:1;b:%C3%A9

a%20b%26
A%zz



=== TEST 5: timers are objects
--- script
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { setTimeout, setImmediate, clearImmediate, clearTimeout } from 'node:timers';
import * as p from 'node:timers/promises';
export default { async fetch() {
    const log = [];
    const t = setTimeout((a) => log.push(a), 5, 'timeout');
    clearTimeout(setTimeout(() => log.push('never'), 1));
    clearImmediate(setImmediate(() => log.push('never')));
    setImmediate((a) => log.push(a), 'immediate');
    log.push(t.hasRef(), t.unref().hasRef(), typeof +t, await p.setTimeout(10, 'value'));
    for await (const v of p.setInterval(1, 'tick')) if (log.push(v) > 7) break;
    log.push(await p.setTimeout(50, 0, { signal: AbortSignal.abort('why') })
        .catch((e) => `${e.name} ${e.code} ${e.cause}`));
    try { setTimeout('x'); } catch (e) { log.push(e.code); }
    return new Response(log.join('\n'));
} };
--- response_body chomp
immediate
timeout
true
false
number
value
tick
tick
AbortError ABORT_ERR why
ERR_INVALID_ARG_TYPE



=== TEST 6: Buffer, setImmediate and clearImmediate are global
--- script
compatibility_date 2025-01-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { Buffer as B } from 'node:buffer';
export default { async fetch() {
    const log = [];
    setImmediate(() => log.push('immediate'));
    clearImmediate(setImmediate(() => log.push('never')));
    await scheduler.wait(2);
    log.push(Buffer === B, Buffer.from('é').toString('hex'));
    Buffer = 1;
    log.push(Buffer);
    return new Response(log.join('\n'));
} };
--- response_body chomp
immediate
true
c3a9
1



=== TEST 7: and are not without the flag
--- user_files
>>> w.js
export default { fetch: () => Response.json(
    [typeof Buffer, typeof setImmediate, typeof process]) };
--- response_body chomp
["undefined","undefined","undefined"]
