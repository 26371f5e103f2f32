# Copyright (C) the nginx-workers authors
#
# What the module mends of the language as the engine has it.

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: the rules for characters in classes are not those outside of them
--- user_files
>>> w.js
const patterns = ['a-b', '/', '&&&', '==?', '(?<=-)/', '(?<!-)-', '(?==)=',
                  '(?i-s:B)-', '(?<name>--)\\k<name>', '[[a-z]&&[^b]]--',
                  'é--ü', '\\/--'];

export default { fetch() {
    return new Response(patterns.map((p) => {
        const re = new RegExp(p, 'v');
        const found = re.exec('x==--/a-b=====&&&é--ü/---');

        return `${re} ${found && found[0]} ${found && found.index}`;
    }).join('\n'));
} };
--- response_body chomp
/a-b/v a-b 6
/\//v / 5
/&&&/v &&& 14
/==?/v == 1
/(?<=-)\//v / 5
/(?<!-)-/v - 3
/(?==)=/v = 1
/(?i-s:B)-/v null null
/(?<name>--)\k<name>/v null null
/[[a-z]&&[^b]]--/v null null
/é--ü/v é--ü 17
/\/--/v /-- 21



=== TEST 2: what is wrong stays wrong
--- user_files
>>> w.js
const patterns = ['(-', '[a-z&&[^b]]', '[(]', '[a-]', '[&&]', '-{2', '\\-', '(?<a-b>x)'];

export default { fetch() {
    return Response.json(patterns.map((p) => {
        try {
            return String(new RegExp(p, 'v'));

        } catch (e) {
            return e.constructor.name;
        }
    }));
} };
--- response_body chomp
["SyntaxError","SyntaxError","SyntaxError","SyntaxError","SyntaxError","SyntaxError","SyntaxError","SyntaxError"]



=== TEST 3: one RegExp, for literals, calls and classes
--- user_files
>>> w.js
class Own extends RegExp {
    constructor(pattern, flags) {
        super(pattern, flags);
    }

    get own() {
        return `${this.source} ${this.flags}`;
    }
}

export default { fetch() {
    const re = /x/g;
    const own = new Own('a-b', 'v');

    return Response.json([
        re.constructor === RegExp, re instanceof RegExp, RegExp(re) === re,
        new RegExp(re) !== re, RegExp(re, 'i').flags, String(RegExp()),
        RegExp[Symbol.species] === RegExp, RegExp.length, RegExp.name,
        own.own, own instanceof Own, own.test('a-b'), '1a-b2'.split(own),
        structuredClone(own).test('a-b'), RegExp.escape('a.b'),
        Object.keys(globalThis).includes('RegExp'),
    ]);
} };
--- response_body chomp
[true,true,true,true,"i","/(?:)/",true,2,"RegExp","a-b v",true,true,["1","2"],true,"\\x61\\.b",false]



=== TEST 4: a function tells its source
--- user_files
>>> w.js
const add = (a, b) => a + b;
class Point { x = 1; move(by) { this.x += by; } }

export default { fetch() {
    return new Response([add, Point, new Point().move, Math.max].join('\n'));
} };
--- response_body chomp
(a, b) => a + b
class Point { x = 1; move(by) { this.x += by; } }
move(by) { this.x += by; }
function max() { [native code] }
