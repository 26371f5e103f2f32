# Copyright (C) the nginx-workers authors
#
# node:util, node:util/types.

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', "        compatibility_date 2025-09-15;\n"
                                . "        compatibility_flags nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: inspect() of all kinds of values
--- user_files
>>> w.js
import { inspect } from 'node:util';
export default { async fetch() {
    class Foo { constructor() { this.x = 1; } }
    const circular = { a: 1 };
    circular.self = circular;
    return new Response([
        -0, "a'b", `a'b"c`, 'a\nb\x01', 10n, Symbol('s'), undefined, null,
        function foo() {}, () => {}, class A {}, class B extends Map {},
        async function x() {}, function* y() {}, [1, , 3], [],
        { a: { b: { c: { d: 1 } } } },
        { a: 1, 'b-c': 2, [Symbol('k')]: 3, get g() { return 1; },
          set s(v) {} },
        Object.create(null), new Map([['a', { b: 1 }]]), new Set([1, 'a']),
        new Date(0), new Date(NaN), /a/gi, Promise.resolve(4),
        new Promise(() => {}), new WeakMap(), new Uint8Array([1, 2]),
        new ArrayBuffer(3), new Number(3), new String('abc'), new Foo(),
        new (class Bar {})(), [1, 2, 3, 4, 5, 6, 7],
        Array.from({ length: 30 }, (_, i) => i * 7),
        Object.assign([1], { a: 1 }), new Proxy({ a: 1 }, {}), circular,
        Buffer.from('hi'), new URLSearchParams('a=1') instanceof Object,
    ].map((v) => inspect(v)).join('\n'));
} };
--- response_body chomp
-0
"a'b"
`a'b"c`
'a\nb\x01'
10n
Symbol(s)
undefined
null
[Function: foo]
[Function (anonymous)]
[class A]
[class B extends Map]
[AsyncFunction: x]
[GeneratorFunction: y]
[ 1, <1 empty item>, 3 ]
[]
{ a: { b: { c: [Object] } } }
{ a: 1, 'b-c': 2, g: [Getter], s: [Setter], Symbol(k): 3 }
[Object: null prototype] {}
Map(1) { 'a' => { b: 1 } }
Set(2) { 1, 'a' }
1970-01-01T00:00:00.000Z
Invalid Date
/a/gi
Promise { 4 }
Promise { <pending> }
WeakMap { <items unknown> }
Uint8Array(2) [ 1, 2 ]
ArrayBuffer { [Uint8Contents]: <00 00 00>, byteLength: 3 }
[Number: 3]
[String: 'abc']
Foo { x: 1 }
Bar {}
[
  1, 2, 3, 4,
  5, 6, 7
]
[
    0,   7,  14,  21,  28,  35,  42,  49,
   56,  63,  70,  77,  84,  91,  98, 105,
  112, 119, 126, 133, 140, 147, 154, 161,
  168, 175, 182, 189, 196, 203
]
[ 1, a: 1 ]
Proxy({ a: 1 })
<ref *1> { a: 1, self: [Circular *1] }
<Buffer 68 69>
true



=== TEST 2: options of inspect()
--- user_files
>>> w.js
import { inspect } from 'node:util';
export default { async fetch() {
    const deep = { a: { b: { c: { d: 1 } } } };
    return new Response([
        inspect(deep, { depth: null }), inspect(deep, { depth: 0 }),
        inspect({ a: 1, b: [1] }, { compact: false }),
        inspect({ a: 1, b: 'x', c: null }, { colors: true }),
        inspect({ c: 1, a: 2 }, { sorted: true }),
        inspect([1, 2, 3], { maxArrayLength: 1 }),
        inspect('abcdef', { maxStringLength: 3 }),
        inspect(1234567.1234, { numericSeparator: true }),
        inspect({ get a() { return 1; } }, { getters: true }),
        inspect({ [inspect.custom](depth, options, i) {
            return `${depth} ${typeof options.stylize} ${i === inspect}`; } }),
        inspect({ aaaaaaaaaaaaaaaa: 'bbbbbbbbbbb', c: 1 }, { breakLength: 30 }),
    ].join('\n'));
} };
--- response_body eval
"{
  a: { b: { c: { d: 1 } } }
}
{ a: [Object] }
{
  a: 1,
  b: [
    1
  ]
}
{ a: \e[33m1\e[39m, b: \e[32m'x'\e[39m, c: \e[1mnull\e[22m }
{ a: 2, c: 1 }
[ 1, ... 2 more items ]
'abc'... 3 more characters
1_234_567.123_4
{ a: [Getter: 1] }
2 function true
{
  aaaaaaaaaaaaaaaa: 'bbbbbbbbbbb',
  c: 1
}"



=== TEST 3: format()
--- user_files
>>> w.js
import { format } from 'node:util';
export default { async fetch() {
    const circular = {};
    circular.o = circular;
    return new Response([
        format('%s %d %i %f %j %%', 'a', 1.5, 4.9, '1.5x', { b: 2 }),
        format('%s', 'a', 'b', { c: 1 }), format('%x %s', 1), format(1, '2'),
        format('%s', { toString() { return 'own'; } }),
        format('%s', [1, [2, [3]]]), format('%j', circular), format('%c-', 'x'),
        format('%O', { a: { b: { c: { d: 1 } } } }), format('%s', -0),
        format('%d', '0x10'), format('%s %s', 'a'),
    ].join('\n'));
} };
--- response_body chomp
a 1.5 4 1.5 {"b":2} %
a b { c: 1 }
%x 1
1 2
own
[ 1, [Array] ]
[Circular]
-
{ a: { b: { c: [Object] } } }
-0
16
a %s



=== TEST 4: promisify() and callbackify()
--- user_files
>>> w.js
import util from 'node:util';
export default { async fetch() {
    const out = [];
    const twice = util.promisify(function (a, cb) { cb(null, a * this.by); });
    out.push(await twice.call({ by: 2 }, 4));
    await util.promisify((cb) => cb(new TypeError('no')))()
        .catch((e) => out.push(e.message));
    const own = () => {};
    own[util.promisify.custom] = () => 'own';
    out.push(util.promisify(own)());
    await new Promise((done) => util.callbackify(async (a) => a + 1)(1,
        (e, v) => { out.push(e, v); done(); }));
    await new Promise((done) => util.callbackify(() => Promise.reject(null))(
        (e) => { out.push(e.code, e.reason); done(); }));
    try { util.promisify(1); } catch (e) { out.push(e.code); }
    return Response.json(out);
} };
--- response_body chomp
[8,"no","own",null,2,"ERR_FALSY_VALUE_REJECTION",null,"ERR_INVALID_ARG_TYPE"]



=== TEST 5: types
--- user_files
>>> w.js
import types from 'node:util/types';
export default { async fetch() {
    const values = { map: new Map(), set: new Set(), date: new Date(),
        re: /x/, promise: Promise.resolve(), proxy: new Proxy({}, {}),
        u8: new Uint8Array(1), ab: new ArrayBuffer(1), err: new Error('x'),
        num: new Number(1), gen: (function* () {})(), async: async () => {},
        args: (function () { return arguments; })(), it: new Map().keys(),
        fake: { [Symbol.toStringTag]: 'Map', __proto__: Map.prototype } };
    const out = [];
    for (const [name, is] of Object.entries(types)) {
        const yes = Object.keys(values).filter((key) => {
            try { return is(values[key]); } catch { return false; } });
        if (yes.length) out.push(`${name}: ${yes}`);
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
isAnyArrayBuffer: ab
isArgumentsObject: args
isArrayBuffer: ab
isArrayBufferView: u8
isAsyncFunction: async
isBoxedPrimitive: num
isDate: date
isGeneratorObject: gen
isMap: map
isMapIterator: it
isNativeError: err
isNumberObject: num
isPromise: promise
isProxy: proxy
isRegExp: re
isSet: set
isTypedArray: u8
isUint8Array: u8



=== TEST 6: parseArgs(), parseEnv(), MIMEType, styleText() and the rest
--- user_files
>>> w.js
import util from 'node:util';
export default { async fetch() {
    const mime = new util.MIMEType('Text/HTML; Charset="a b"; q=1; q=2');
    const check = (fn) => { try { return fn(); } catch (e) { return e.code; } };
    function A() {}
    function B() {}
    util.inherits(A, B);
    return Response.json([
        util.parseArgs({ args: ['-f', '--bar', 'b', '--no-q', 'x'],
            allowPositionals: true, allowNegative: true, options: {
            foo: { type: 'boolean', short: 'f' }, bar: { type: 'string' },
            q: { type: 'boolean' }, d: { type: 'string', default: 'e' } } }),
        check(() => util.parseArgs({ args: ['--no'], options: {} })),
        util.parseEnv('A=1\nB=\'x y\'\n# c\nexport C="l\\nm" # c\nD=4 # c'),
        [mime.essence, String(mime), mime.params.get('charset')],
        util.styleText('red', 'x', { validateStream: false }),
        check(() => util.styleText('nope', 'x')),
        util.stripVTControlCharacters('\x1b[31mx\x1b[0m'),
        [A.super_ === B, new A() instanceof B],
        util.isDeepStrictEqual({ a: [1, new Map([[{ b: 1 }, 2]])] },
                               { a: [1, new Map([[{ b: 1 }, 2]])] }),
        util.isDeepStrictEqual([0], [-0]), util.toUSVString('a\ud800'),
    ]);
} };
--- response_body chomp
[{"values":{"foo":true,"bar":"b","q":false,"d":"e"},"positionals":["x"]},"ERR_PARSE_ARGS_UNKNOWN_OPTION",{"A":"1","B":"x y","C":"l\nm","D":"4"},["text/html","text/html;charset=\"a b\";q=1","a b"],"\u001b[31mx\u001b[39m","ERR_INVALID_ARG_VALUE","x",[true,true],true,false,"a�"]
