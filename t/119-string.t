# Copyright (C) the nginx-workers authors
#
# Strings: what is not the engine's.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: toUpperCase() and toLowerCase() of every ASCII character, at every place
--- user_files
>>> w.js
const other = (text, first) => Array.from(text, (c) => {
    const code = c.charCodeAt(0);
    return String.fromCharCode(code >= first && code < first + 26 ? code ^ 32 : code);
}).join('');
export default { fetch() {
    const ascii = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i)).join('');
    let wrong = 0, n = 0;
    for (let from = 0; from < 128; from++) {
        for (const length of [0, 1, 7, 8, 9, 20, 128]) {
            const text = ascii.slice(from, from + length);
            wrong += text.toUpperCase() !== other(text, 97);
            wrong += text.toLowerCase() !== other(text, 65);
            n++;
        }
    }
    return Response.json([wrong, n]);
} };
--- response_body chomp
[0,896]



=== TEST 2: other strings, other objects, and what has not changed
--- user_files
>>> w.js
const thrown = (fn) => { try { return fn(); } catch (e) { return e.name; } };
export default { fetch() {
    const { toUpperCase, toLowerCase } = String.prototype;
    return Response.json([
        'straße ﬁ ǆ'.toUpperCase(), 'ÀİΣ'.toLowerCase(), 'a\u0080é'.toUpperCase() === 'A\u0080É',
        ('ab' + 'cd'.repeat(3000)).toUpperCase().length, 'a\0b'.toUpperCase() === 'A\0B',
        toUpperCase.call(5), toUpperCase.call({ toString: () => 'object' }),
        toUpperCase.call(new String('boxed')), thrown(() => toLowerCase.call(null)),
        thrown(() => toLowerCase.call(Symbol())), toUpperCase.name, toUpperCase.length,
        'toUpperCase' in String.prototype, Object.keys(String.prototype).length,
        thrown(() => new toUpperCase()),
    ]);
} };
--- response_body chomp
["STRASSE FI Ǆ","ài̇ς",true,6002,true,"5","OBJECT","BOXED","TypeError","TypeError","toUpperCase",0,true,0,"TypeError"]
