# Copyright (C) the nginx-workers authors
#
# node:assert, node:assert/strict.

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', "        compatibility_date 2025-09-15;\n"
                                . "        compatibility_flags nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: what passes, and what each assertion says
--- user_files
>>> w.js
import assert from 'node:assert';
export default { async fetch() {
    const out = [];
    const check = async (fn) => {
        try { await fn(); out.push('passes'); }
        catch (e) { out.push(`${e.name} ${e.code}: ${e.message.split('\n')[0]}`); }
    };
    for (const fn of [
        () => assert(1), () => assert(0), () => assert.ok(null, 'mine'),
        () => assert.equal(1, 1), () => assert.equal(1, '1'),
        () => assert.strictEqual(NaN, NaN), () => assert.notEqual(1, 1),
        () => assert.deepEqual({ a: [1, new Set([2])] }, { a: [1, new Set([2])] }),
        () => assert.deepStrictEqual({ a: 1 }, { a: 2 }),
        () => assert.notDeepStrictEqual([1], [1]),
        () => assert.partialDeepStrictEqual({ a: 1, b: 2 }, { a: 1 }),
        () => assert.fail(), () => assert.fail(new TypeError('own')),
        () => assert.ifError(null), () => assert.ifError(new Error('x')),
        () => assert.match('abc', /b/), () => assert.match('abc', /x/),
        () => assert.throws(() => { throw new TypeError('abc'); }, TypeError),
        () => assert.throws(() => { throw new TypeError('abc'); }, /x/),
        () => assert.throws(() => { throw new TypeError('abc'); },
                            { name: 'TypeError', message: /b/ }),
        () => assert.throws(() => {}), () => assert.throws(5),
        () => assert.doesNotThrow(() => { throw new Error('q'); }),
        () => assert.rejects(Promise.reject(new Error('x')), /x/),
        () => assert.rejects(Promise.resolve(1)),
        () => assert.doesNotReject(async () => 1),
    ]) await check(fn);
    return new Response(out.join('\n'));
} };
--- response_body chomp
passes
AssertionError ERR_ASSERTION: 0 == true
AssertionError ERR_ASSERTION: mine
passes
AssertionError ERR_ASSERTION: Values are not strictly equal:
passes
AssertionError ERR_ASSERTION: Expected actual to be strictly unequal to expected
passes
AssertionError ERR_ASSERTION: Expected values to be strictly deep-equal:
AssertionError ERR_ASSERTION: Expected actual to not be deeply strictly equal to expected
passes
AssertionError ERR_ASSERTION: Failed
TypeError undefined: own
passes
AssertionError ERR_ASSERTION: ifError got unwanted exception: x
passes
AssertionError ERR_ASSERTION: actual: "abc" expected to match: "/x/"
passes
AssertionError ERR_ASSERTION: The input did not match the regular expression /x/. Input:
passes
AssertionError ERR_ASSERTION: Missing expected exception.
TypeError ERR_INVALID_ARG_TYPE: The "fn" argument must be of type function. Received type number (5)
AssertionError ERR_ASSERTION: Got unwanted exception.
passes
AssertionError ERR_ASSERTION: Missing expected rejection.
passes



=== TEST 2: the difference is shown
--- user_files
>>> w.js
import assert, { AssertionError } from 'node:assert/strict';
export default { async fetch() {
    const big = (n) => ({ name: 'a'.repeat(40), list: Array(3).fill('b'.repeat(30)), n });
    try {
        assert.deepStrictEqual(big(1), big(2));
    } catch (e) {
        return new Response([e instanceof AssertionError, e.generatedMessage,
            e.operator, e.actual.n, e.expected.n, e.message].join('\n'));
    }
} };
--- response_body
true
true
deepStrictEqual
1
2
Expected values to be strictly deep-equal:
+ actual - expected

  {
    list: [
      'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
      'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
      'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'
    ],
+   n: 1,
-   n: 2,
    name: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
  }
