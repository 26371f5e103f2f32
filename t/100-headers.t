# Copyright (C) the nginx-workers authors

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: names are found in any case, and shown in lower case
--- user_files
>>> w.js
export default { fetch() {
    const headers = new Headers({ 'X-Foo': '1' });
    return Response.json([headers.get('x-foo'), headers.has('X-FOO'),
                          headers.get('none'), headers.has('none'),
                          [...headers.keys()]]);
} };
--- response_body chomp
["1",true,null,false,["x-foo"]]



=== TEST 2: append() joins, set() replaces all, delete() removes all
--- user_files
>>> w.js
export default { fetch() {
    const headers = new Headers([['a', '1'], ['b', 'x'], ['A', '2']]);
    headers.append('a', '3');
    const out = [headers.get('a')];
    headers.set('A', 'a longer value');
    headers.set('b', 'y');
    out.push([...headers]);
    headers.append('a', '4');
    headers.delete('A');
    headers.delete('missing');
    out.push([...headers]);
    return Response.json(out);
} };
--- response_body chomp
["1, 2, 3",[["a","a longer value"],["b","y"]],[["b","y"]]]



=== TEST 3: iteration is sorted by name, Set-Cookie stays apart
--- user_files
>>> w.js
export default { fetch() {
    const headers = new Headers([['z', '1'], ['Set-Cookie', 'b=2'],
                                 ['B', '2'], ['set-cookie', 'a=1'],
                                 ['z', '3'], ['aa', '4'], ['a', '5']]);
    const each = [];
    headers.forEach(function (value, name, object) {
        each.push(`${this.tag}${name}=${value}${object === headers}`);
    }, { tag: '#' });
    return Response.json([[...headers], [...headers.values()],
                          headers.get('set-cookie'), headers.getSetCookie(),
                          headers.getAll('SET-COOKIE'), each.length, each[0]]);
} };
--- response_body chomp
[[["a","5"],["aa","4"],["b","2"],["set-cookie","b=2"],["set-cookie","a=1"],["z","1, 3"]],["5","4","2","b=2","a=1","1, 3"],"b=2, a=1",["b=2","a=1"],["b=2","a=1"],6,"#a=5true"]



=== TEST 4: an iteration goes over the list as it was when it began
--- user_files
>>> w.js
export default { fetch() {
    const headers = new Headers({ a: '1', b: '2', c: '3' }), seen = [];
    for (const [name] of headers) {
        seen.push(name);
        if (name === 'b') {
            headers.delete('c');
            headers.append('d', '4');
        }
    }
    headers.forEach((value, name) => {
        seen.push(`${name}=${value}`);
        headers.delete('d');
        headers.set('b', '5');
    });
    const keys = headers.keys();
    headers.append('c', '6');
    return Response.json([seen, keys.next(), keys.next(), keys.next(),
                          keys.next(), keys.next(), String(keys),
                          keys[Symbol.iterator]() === keys]);
} };
--- response_body chomp
[["a","b","c","a=1","b=2","d=4"],{"value":"a","done":false},{"value":"b","done":false},{"done":true},{"done":true},{"done":true},"[object Headers Iterator]",true]



=== TEST 5: everything that a HeadersInit may be
--- user_files
>>> w.js
export default { fetch() {
    const error = (init) => {
        try { new Headers(init); } catch (e) { return e.name; }
    };
    const get = (init) => new Headers(init).get('a');
    return Response.json([
        get(undefined), get({ a: 1 }), get([['a', '1'], ['a', '2']]),
        get(new Headers({ a: '3' })), get(new Map([['a', '4']])),
        get((function* () { yield new Set(['a', '5']); })()),
        get(new URLSearchParams('a=6')), get({ a: null }),
        error(null), error('a'), error([['a']]), error([['a', 'b', 'c']]),
        error([1]), error({ a: Symbol() }),
    ]);
} };
--- response_body chomp
[null,"1","1, 2","3","4","5","6","null","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError"]



=== TEST 6: names and values that HTTP does not allow
--- user_files
>>> w.js
export default { fetch() {
    const headers = new Headers(), out = [];
    const error = (f) => {
        try { f(); } catch (e) { out.push(`${e.name}: ${e.message}`); }
    };
    error(() => headers.append('a b', '1'));
    error(() => headers.set('', '1'));
    error(() => headers.get('a:'));
    error(() => headers.has('\u00e9'));
    error(() => headers.delete('a\n'));
    error(() => headers.append('a', 'x\ny'));
    error(() => headers.set('a', 'x\0'));
    error(() => new Headers({ a: 'x\r\nb: y' }));
    error(() => headers.getAll('a'));
    error(() => headers.getAll('a b'));
    error(() => headers.append('a'));
    for (const init of [null, 5, 'a', ['ab'], [[]], [['a', 'b', 'c']], [{}]]) {
        error(() => new Headers(init));
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
TypeError: Invalid header name.
TypeError: Invalid header name.
TypeError: Invalid header name.
TypeError: Invalid header name.
TypeError: Invalid header name.
TypeError: Invalid header value.
TypeError: Invalid header value.
TypeError: Invalid header value.
TypeError: getAll() can only be used with the header name "Set-Cookie".
TypeError: getAll() can only be used with the header name "Set-Cookie".
TypeError: Failed to execute 'append' on 'Headers': parameter 2 is not of type 'string'.
TypeError: Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.
TypeError: Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.
TypeError: Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.
TypeError: Incorrect type: the provided value is not of type 'Sequence'.
TypeError: To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.
TypeError: To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.
TypeError: Incorrect type: the provided value is not of type 'Sequence'.



=== TEST 7: white space around a value is dropped
--- user_files
>>> w.js
export default { fetch() {
    const headers = new Headers({ a: '\t x y \r\n', b: '   ' });
    return Response.json([...headers]);
} };
--- response_body chomp
[["a","x y"],["b",""]]



=== TEST 8: the client's headers are read-only, a copy is not
--- user_files
>>> w.js
export default { fetch(request) {
    const out = [];
    for (const change of [(h) => h.set('x', '1'), (h) => h.append('x', '1'),
                          (h) => h.delete('x')])
    {
        try {
            change(request.headers);
        } catch (e) {
            out.push(`${e.name}: ${e.message}`);
        }
    }
    const copy = new Headers(request.headers);
    copy.set('x', 'copy');
    out.push(request.headers.get('x'), copy.get('x'));
    return new Response(out.join('\n'));
} };
--- more_headers
X: mine
--- response_body chomp
TypeError: Can't modify immutable headers.
TypeError: Can't modify immutable headers.
TypeError: Can't modify immutable headers.
mine
copy



=== TEST 9: repeated headers of the client are joined
--- user_files
>>> w.js
export default { fetch(request) {
    return Response.json([request.headers.get('x-many'),
                          request.headers === request.headers]);
} };
--- more_headers
X-Many: 1
X-Many: 2
--- response_body chomp
["1, 2",true]



=== TEST 10: text beyond ASCII is UTF-8 on the wire, both ways
--- user_files
>>> w.js
export default { fetch(request) {
    const x = request.headers.get('x');
    return new Response(`${x.length}`, { headers: { x: `<${x}>` } });
} };
--- more_headers
X: café €
--- response_headers
X: <café €>
--- response_body chomp
6



=== TEST 11: many headers and long values
--- user_files
>>> w.js
export default { fetch() {
    const headers = new Headers();
    for (let round = 0; round < 20; round++) {
        for (let i = 0; i < 200; i++) {
            headers.set(`x-${i}`, `${i}:`.repeat(round));
        }
    }
    for (let i = 0; i < 200; i += 2) headers.delete(`X-${i}`);
    const right = [...headers].every(([name, value]) =>
        value === `${name.slice(2)}:`.repeat(19));
    return Response.json([[...headers].length, right]);
} };
--- response_body chomp
[100,true]



=== TEST 12: the members of the class
--- user_files
>>> w.js
export default { fetch() {
    const { prototype } = Headers;
    let stranger;
    try {
        prototype.get.call({}, 'a');
    } catch (e) {
        stranger = `${e.name}: ${e.message.slice(0, 18)}`;
    }
    class Mine extends Headers { first() { return this.get('a'); } }
    return Response.json([Object.keys(prototype).join(' '),
        prototype.entries === prototype[Symbol.iterator],
        String(new Headers()), stranger, new Mine({ a: 'sub' }).first(),
        Headers.name, Headers.length]);
} };
--- response_body chomp
["append delete get getAll getSetCookie has set forEach entries keys values",true,"[object Headers]","TypeError: Illegal invocation","sub","Headers",0]



=== TEST 13: an iterable is closed when one of its pairs is wrong
--- user_files
>>> w.js
export default { fetch() {
    let closed = 0;
    const pairs = { [Symbol.iterator]() {
        return {
            next() { return { done: false, value: ['a b', 'c'] }; },
            return() { closed++; return {}; },
        };
    } };
    try {
        new Headers(pairs);
    } catch (e) {
        return new Response(`${e.message} ${closed}`);
    }
} };
--- response_body chomp
Invalid header name. 1
