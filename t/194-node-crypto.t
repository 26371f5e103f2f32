# Copyright (C) the nginx-workers authors
#
# node:crypto.

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
                      . "        compatibility_date 2025-09-15;\n"
                      . "        compatibility_flags nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: digests
--- user_files
>>> w.js
import { createHash, hash, Hash, getHashes } from 'node:crypto';
import { Transform } from 'node:stream';
export default { async fetch() {
    const out = [];
    for (const name of ['md5', 'sha1', 'SHA256', 'sha512-256', 'RSA-SHA1'])
        out.push(createHash(name).update('a').update(Buffer.from('b'))
                 .digest('hex'));
    const h = createHash('sha1').update('YQ==', 'base64'), copy = h.copy();
    out.push(h.update('b').digest('base64'), copy.digest('hex'));
    out.push(hash('sha1', 'é'), Hash('md5') instanceof Transform,
             getHashes().includes('sha256'));
    for (const fn of [() => createHash('nope'), () => h.digest(),
                      () => h.update('x'), () => createHash('md5').update(1)])
        try { fn(); } catch (e) { out.push(`${e.code}: ${e.message}`); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
187ef4436122d1cc2f40dc2b92f0eba0
da23614e02469a0d7c7bd1bdab5c9c474b1904dc
fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603
22d4d37ec6370571af7109fb12eae79673d5f7c83e6e677083faa3cfac3b2c14
da23614e02469a0d7c7bd1bdab5c9c474b1904dc
2iNhTgJGmg18e9G9q1ycR0sZBNw=
86f7e437faa5a7fce15d1ddcb9eaeaea377667b8
bf15be717ac1b080b4f1c456692825891ff5073d
true
true
undefined: Digest method not supported
ERR_CRYPTO_HASH_FINALIZED: Digest already called
ERR_CRYPTO_HASH_FINALIZED: Digest already called
ERR_INVALID_ARG_TYPE: The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (1)



=== TEST 2: a digest is a stream
--- user_files
>>> w.js
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
export default { async fetch() {
    const h = createHash('sha1');
    await pipeline(Readable.from(['a', 'b']), h);
    return new Response(h.read().toString('hex'));
} };
--- response_body chomp
da23614e02469a0d7c7bd1bdab5c9c474b1904dc



=== TEST 3: HMAC: RFC 4231, test case 2
--- user_files
>>> w.js
import { createHmac, createSecretKey } from 'node:crypto';
export default { async fetch() {
    const data = 'what do ya want for nothing?', out = [];
    for (const key of ['Jefe', Buffer.from('Jefe'), createSecretKey('Jefe')])
        out.push(createHmac('sha256', key).update(data).digest('hex'));
    out.push(createHmac('sha1', '').digest('hex'));
    try { createHmac('sha1'); } catch (e) { out.push(e.code); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843
5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843
5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843
fbdb1d1b18aa6c08324b7d64b71fb76370690e1d
ERR_INVALID_ARG_TYPE



=== TEST 4: random values
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    const bytes = c.randomBytes(100000), out = [];
    const seen = new Set();
    for (let i = 0; i < 200; i++) seen.add(c.randomInt(3, 6));
    out.push(bytes.length, new Set(bytes).size, [...seen].sort(),
             c.randomFillSync(new Uint32Array(4), 1, 2).map((n) => n && 1)[0],
             /^[0-9a-f-]{36}$/.test(c.randomUUID()),
             await new Promise((done) => c.randomBytes(4, (e, b) =>
                 done([e, b.length]))),
             c.timingSafeEqual(Buffer.from('a'), Buffer.from('a')));
    for (const fn of [() => c.randomBytes(-1), () => c.randomInt(5, 5),
                      () => c.randomInt(2 ** 49), () => c.randomBytes('x'),
                      () => c.randomFillSync(new Uint8Array(4), 5)])
        try { fn(); } catch (e) { out.push(e.code); }
    return Response.json(out);
} };
--- response_body chomp
[100000,256,[3,4,5],0,true,[null,4],true,"ERR_OUT_OF_RANGE","ERR_OUT_OF_RANGE","ERR_OUT_OF_RANGE","ERR_INVALID_ARG_TYPE","ERR_OUT_OF_RANGE"]



=== TEST 5: keys from secrets: RFC 6070, RFC 7914 and RFC 5869
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    const hex = (b) => Buffer.from(b).toString('hex'), out = [];
    const wait = (fn, ...args) => new Promise((done) => fn(...args,
        (e, k) => done(e ? e.message : hex(k))));
    out.push(hex(c.pbkdf2Sync('password', 'salt', 4096, 20, 'sha1')),
        await wait(c.pbkdf2, 'password', 'salt', 2, 20, 'sha1'),
        hex(c.scryptSync('', '', 64, { N: 16, r: 1, p: 1 })),
        await wait(c.scrypt, 'password', 'NaCl', 16, { N: 1024, r: 8, p: 16 }),
        hex(c.hkdfSync('sha256', Buffer.alloc(22, 0x0b),
            Buffer.from('000102030405060708090a0b0c', 'hex'),
            Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'), 42)),
        await wait(c.hkdf, 'sha1', 'k', '', '', 8));
    for (const fn of [() => c.pbkdf2Sync('p', 's', 0, 1, 'sha1'),
                      () => c.pbkdf2Sync('p', 's', 1, 1, 'nope'),
                      () => c.scryptSync('p', 's', 8, { N: 3 }),
                      () => c.scryptSync('p', 's', 8, { N: 1048576 }),
                      () => c.hkdfSync('sha1', 'k', '', '', 255 * 20 + 1)])
        try { fn(); } catch (e) { out.push(`${e.name}: ${e.message}`); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
4b007901b765489abead49d926f721d065a429c1
ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957
77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
fdbabe1c9d3472007856e7190d01e9fe
3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865
5dbbea17f1ce8cb8
RangeError: The value of "iterations" is out of range. It must be >= 1 && <= 2147483647. Received 0
TypeError: Invalid Pbkdf2 digest: nope.
Error: Scrypt failed
RangeError: Scrypt failed: cost exceeds maximum (1048576).
RangeError: Invalid Hkdf key length



=== TEST 6: ciphers, with and without authentication
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    const out = [], iv = Buffer.alloc(16, 3), iv12 = Buffer.alloc(12, 4);
    for (const [name, size, vector] of [['aes-128-cbc', 16, iv],
        ['aes-256-ctr', 32, iv], ['aes-192-ecb', 24, null],
        ['aes-256-gcm', 32, iv12], ['chacha20-poly1305', 32, iv12]])
    {
        const key = Buffer.alloc(size, 1);
        const e = c.createCipheriv(name, key, vector);
        const aead = e.getAuthTag && vector === iv12;
        if (aead) e.setAAD(Buffer.from('aad'));
        const coded = e.update('hello world, hello', 'utf8', 'hex')
                      + e.final('hex');
        const tag = aead && e.getAuthTag();
        const d = c.createDecipheriv(name, key, vector);
        if (aead) d.setAAD(Buffer.from('aad')).setAuthTag(tag);
        out.push(`${name} ${coded} ${tag ? tag.toString('hex') : ''} `
                 + d.update(coded, 'hex', 'utf8') + d.final('utf8'));
    }
    const key = Buffer.alloc(32, 1);
    for (const fn of [
        () => c.createCipheriv('nope', key, iv),
        () => c.createCipheriv('aes-128-cbc', key, iv),
        () => c.createCipheriv('aes-256-cbc', key, iv12),
        () => { const e = c.createCipheriv('aes-256-cbc', key, iv);
                e.final(); e.final(); },
        () => { const d = c.createDecipheriv('aes-256-gcm', key, iv12);
                d.setAuthTag(Buffer.alloc(16)); d.update('ab', 'hex');
                d.final(); },
        () => c.createDecipheriv('aes-256-gcm', key, iv12).final(),
        () => c.createCipheriv('aes-256-gcm', key, iv12).getAuthTag(),
        () => { const d = c.createDecipheriv('aes-256-cbc', key, iv);
                d.update(Buffer.alloc(5)); d.final(); },
    ]) try { fn(); out.push('none'); } catch (e) { out.push(e.message); }
    return new Response(out.join('\n'));
} };
--- response_body_like chomp
^aes-128-cbc [0-9a-f]{64}  hello world, hello
aes-256-ctr [0-9a-f]{36}  hello world, hello
aes-192-ecb [0-9a-f]{64}  hello world, hello
aes-256-gcm [0-9a-f]{36} [0-9a-f]{32} hello world, hello
chacha20-poly1305 [0-9a-f]{36} [0-9a-f]{32} hello world, hello
Unknown or unsupported cipher: nope
Invalid key length
Invalid initialization vector
Cipher/decipher context has already been finalized
Authentication failed
No auth tag provided
Auth tag is only available once cipher context has been finalized
Authentication failed$



=== TEST 7: what is not there says so
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    const out = [];
    for (const fn of [() => c.createCipher('x'), () => c.setEngine('x'),
                      () => new c.Cipher('x'), () => c.setFips(true)])
        try { fn(); } catch (e) { out.push(e.code); }
    return Response.json([out, c.webcrypto === crypto, c.subtle === crypto.subtle,
                          c.constants.RSA_PKCS1_PADDING]);
} };
--- response_body chomp
[["ERR_METHOD_NOT_IMPLEMENTED","ERR_METHOD_NOT_IMPLEMENTED","ERR_METHOD_NOT_IMPLEMENTED","ERR_METHOD_NOT_IMPLEMENTED"],true,true,1]
