# Copyright (C) the nginx-workers authors
#
# Web Cryptography: digests, keys, DigestStream, what takes long.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Crypto;

run_tests();

__DATA__

=== TEST 1: digests of every algorithm, by whatever case
--- user_files eval
main::worker(<<'END')
    () => S.digest('SHA-1', text('abc')),
    () => S.digest({ name: 'sha-256' }, text('abc')),
    () => S.digest('SHA-384', text('xabcx').subarray(1, 4)),
    () => S.digest('SHA-512', new DataView(text('xabc').buffer, 1)),
    () => S.digest('MD5', text('abc').buffer),
    () => S.digest('SHA-256', n(0)),
END
--- response_body
a9993e364706816aba3e25717850c26c9cd0d89d
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7
ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
900150983cd24fb0d6963f7d28e17f72
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855



=== TEST 2: arguments that are none
--- user_files eval
main::worker(<<'END')
    () => S.digest(),
    () => S.digest('SHA-1'),
    () => S.digest('SHA-1', 'abc'),
    () => S.digest('SHA-999', n(1)),
    () => S.digest({}, n(1)),
    () => S.sign('HMAC', {}, n(1)),
    () => S.importKey('raw', 1, 'HMAC', true, []),
    () => S.importKey('raw', n(1), 'HMAC', true, 'sign'),
    () => S.importKey('raw', n(1), 'FOO', true, ['sign']),
    () => S.importKey('raw', {}, 'HMAC', true, ['sign']),
    () => S.importKey('jwk', n(1), 'HMAC', true, ['sign']),
    () => S.generateKey('FOO', true, ['sign']),
    () => S.generateKey('PBKDF2', true, ['deriveBits']),
    () => { try { (0, S.digest)('SHA-1', n(1)); } catch (e) { return e.name; } },
END
--- response_body
TypeError: Failed to execute 'digest' on 'SubtleCrypto': parameter 1 is not of type 'string or HashAlgorithm'.
TypeError: Failed to execute 'digest' on 'SubtleCrypto': parameter 2 is not of type 'JsBufferSource'.
TypeError: Failed to execute 'digest' on 'SubtleCrypto': parameter 2 is not of type 'JsBufferSource'.
NotSupportedError: Unrecognized or unimplemented digest algorithm requested.
NotSupportedError: Unrecognized or unimplemented digest algorithm requested.
TypeError: Failed to execute 'sign' on 'SubtleCrypto': parameter 2 is not of type 'CryptoKey'.
TypeError: Failed to execute 'importKey' on 'SubtleCrypto': parameter 2 is not of type 'JsBufferSource or JsonWebKey'.
TypeError: Failed to execute 'importKey' on 'SubtleCrypto': parameter 5 is not of type 'Array'.
NotSupportedError: Unrecognized key import algorithm "FOO" requested.
TypeError: Import data provided for "raw", "pkcs8", or "spki" import formats must be a buffer source.
TypeError: Import data provided for "jwk" import format must be a JsonWebKey.
NotSupportedError: Unrecognized key generation algorithm "FOO" requested.
NotSupportedError: Unrecognized key generation algorithm "PBKDF2" requested.
TypeError



=== TEST 3: a dictionary is read in full and in order, whatever its algorithm
--- user_files eval
main::worker(<<'END')
    async () => {
        const read = [], key = await raw('AES-GCM', n(16), ['encrypt']);
        const alg = new Proxy({ name: 'AES-GCM', iv: n(12) }, {
            get(target, name) { read.push(name); return target[name]; },
        });
        await S.encrypt(alg, key, n(1));
        return read;
    },
    async () => {
        const key = await raw('AES-GCM', n(16), ['encrypt']);
        return S.encrypt({ name: 'AES-GCM', iv: n(12), counter: 'x' }, key, n(1));
    },
    async () => {
        const key = await raw('AES-GCM', n(16), ['encrypt']);
        return S.encrypt({ name: 'AES-GCM', iv: n(12), length: 2 ** 31 }, key, n(1));
    },
END
--- response_body
["name","iv","additionalData","tagLength","counter","length","label"]
TypeError: Incorrect type for the 'counter' field on 'EncryptAlgorithm': the provided value is not of type 'JsBufferSource'.
TypeError: Value out of range. Must be between -2147483648 and 2147483647 (inclusive).



=== TEST 4: a buffer that a later getter detaches is empty
--- user_files eval
main::worker(<<'END')
    async () => {
        const key = await raw('AES-GCM', n(16), ['encrypt']), iv = n(4096);
        return S.encrypt({ name: 'AES-GCM', iv, get label() {
            structuredClone(iv, { transfer: [iv.buffer] });
        } }, key, n(1));
    },
    () => {
        const data = text('abc');
        structuredClone(data, { transfer: [data.buffer] });
        return S.digest('SHA-1', data);
    },
    async () => {
        const key = await raw('AES-GCM', n(16), ['encrypt']), iv = n(4096);
        const view = new DataView(new ArrayBuffer(4));
        Object.defineProperty(view, 'byteLength', { get() {
            structuredClone(iv, { transfer: [iv.buffer] });
            return 4;
        } });
        return S.encrypt({ name: 'AES-GCM', iv }, key, view);
    },
END
--- response_body
OperationError: AES-GCM IV must not be empty.
da39a3ee5e6b4b0d3255bfef95601890afd80709
OperationError: AES-GCM IV must not be empty.



=== TEST 5: a CryptoKey: members, usages in order, no clone
--- user_files eval
main::worker(<<'END')
    async () => {
        const key = await raw('AES-GCM', n(16), ['wrapKey', 'encrypt', 'encrypt']);
        return [key instanceof CryptoKey, String(key), Object.keys(key), key];
    },
    async () => {
        const key = await raw({ name: 'hmac', hash: 'sha-1' }, n(2), ['verify', 'sign'], false);
        key.algorithm.name = 'x';
        return [key.type, key.extractable, key.algorithm, key.usages];
    },
    async () => { (await raw('AES-CBC', n(16), ['encrypt'])).type = 'x'; },
    async () => structuredClone(await raw('AES-CBC', n(16), ['encrypt'])),
    () => new CryptoKey(),
    () => new SubtleCrypto(),
END
--- response_body
[true,"[object CryptoKey]",["usages","algorithm","extractable","type"],{"usages":["encrypt","wrapKey"],"algorithm":{"name":"AES-GCM","length":128},"extractable":true,"type":"secret"}]
["secret",false,{"name":"HMAC","hash":{"name":"SHA-1"},"length":16},["sign","verify"]]
TypeError: 'type' is read-only
DataCloneError: Could not serialize object of type "CryptoKey". This type does not support serialization.
TypeError: Illegal constructor
TypeError: Illegal constructor



=== TEST 6: usages that an algorithm does not have, and none
--- user_files eval
main::worker(<<'END')
    () => raw('AES-GCM', n(16), []),
    () => raw('AES-GCM', n(16), ['encrypt', 'sign']),
    () => raw('AES-GCM', n(16), ['encrypt', 'foo', 'sign']),
    () => S.generateKey('Ed25519', true, ['verify']),
    () => S.generateKey('Ed25519', true, ['encrypt']),
    async () => S.sign('HMAC', await raw({ name: 'HMAC', hash: 'SHA-1' }, n(1), ['verify']), n(1)),
    async () => S.sign('ECDSA', await raw({ name: 'HMAC', hash: 'SHA-1' }, n(1), ['sign']), n(1)),
    async () => S.exportKey('raw', await raw('AES-GCM', n(16), ['encrypt'], false)),
END
--- response_body
SyntaxError: Secret/private CryptoKeys must have at least one usage.
SyntaxError: Attempt to import secret AES-GCM key with invalid usage "sign".
SyntaxError: Attempt to import secret AES-GCM key with invalid usage "foo".
SyntaxError: Attempt to generate asymmetric keys with no valid private key usages.
SyntaxError: Attempt to generate Ed25519 key with invalid usage "encrypt".
InvalidAccessError: Requested key usage "sign" does not match any usage listed in this CryptoKey.
InvalidAccessError: Requested algorithm "ECDSA" does not match this CryptoKey's algorithm "HMAC".
InvalidAccessError: Attempt to export non-extractable AES-GCM key.



=== TEST 7: timingSafeEqual()
--- user_files eval
main::worker(<<'END')
    () => [S.timingSafeEqual(text('ab'), text('ab')), S.timingSafeEqual(text('ab'), text('ac')),
           S.timingSafeEqual(n(2, 1), new Uint16Array([257])), S.timingSafeEqual(n(0), n(0))],
    () => S.timingSafeEqual(n(1), n(2)),
    () => S.timingSafeEqual(n(1), 'x'),
END
--- response_body
[true,false,true,true]
TypeError: Input buffers must have the same byte length.
TypeError: Failed to execute 'timingSafeEqual' on 'SubtleCrypto': parameter 2 is not of type 'JsBufferSource'.



=== TEST 8: crypto.DigestStream digests what is written and piped
--- user_files eval
main::worker(<<'END')
    async () => {
        const s = new crypto.DigestStream('SHA-256'), w = s.getWriter();
        await w.write(text('a'));
        await w.write('b');
        const before = s.bytesWritten;
        await w.write(text('c').buffer);
        await w.close();
        const digest = await s.digest;
        return [s instanceof WritableStream, String(s), typeof before, Number(before),
                Number(s.bytesWritten), hex(digest), s.digest === s.digest];
    },
    async () => {
        const s = new crypto.DigestStream({ name: 'md5' });
        await new Response('abc').body.pipeTo(s);
        return s.digest;
    },
    async () => {
        const s = new crypto.DigestStream('SHA-1'), w = s.getWriter();
        await w.write('\u00e9').then(() => w.close());
        return s.digest;
    },
END
--- response_body
[true,"[object DigestStream]","bigint",2,3,"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",true]
900150983cd24fb0d6963f7d28e17f72
bf15be717ac1b080b4f1c456692825891ff5073d



=== TEST 9: crypto.DigestStream: bad algorithms and chunks, abort
--- user_files eval
main::worker(<<'END')
    () => new crypto.DigestStream(),
    () => new crypto.DigestStream('SHA-999'),
    () => new crypto.DigestStream('SHA-1').getWriter().write(1),
    async () => { const s = new crypto.DigestStream('SHA-1'); await s.abort(new RangeError('x')); return s.digest; },
    async () => {
        const s = new crypto.DigestStream('SHA-1'), w = s.getWriter();
        await w.write({}).catch(() => {});
        return s.digest;
    },
END
--- response_body
TypeError: Failed to construct 'DigestStream': constructor parameter 1 is not of type 'string or HashAlgorithm'.
NotSupportedError: Unrecognized or unimplemented digest algorithm requested.
TypeError: DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.
RangeError: x
TypeError: DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.



=== TEST 10: what takes long does not hold the event loop
--- user_files eval
main::worker(<<'END')
    async () => {
        const key = await raw('PBKDF2', text('password'), ['deriveBits'], false);
        let done = false;
        const promise = S.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: text('salt'), iterations: 1000000 },
                                     key, 160).then((bits) => { done = true; return hex(bits); });
        await scheduler.wait(1);
        return [done, await promise];
    },
    async () => {
        let done = false;
        const promise = S.generateKey({ name: 'RSA-PSS', modulusLength: 3072, hash: 'SHA-1',
                                        publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign'])
                        .then(({ privateKey }) => { done = true; return privateKey.algorithm.modulusLength; });
        await null;
        await null;
        await null;
        return [done, await promise];
    },
    async () => {
        let done = false;
        const data = n(8388608, 97), promise = S.digest('SHA-1', data).then((b) => { done = true; return hex(b); });
        data.fill(0);
        await null;
        await null;
        await null;
        return [done, await promise];
    },
    async () => {
        const key = await raw({ name: 'HMAC', hash: 'SHA-256' }, n(3), ['sign', 'verify']), data = n(1048576);
        const all = await Promise.all([S.sign('HMAC', key, data), S.sign('HMAC', key, n(1)), S.sign('HMAC', key, data)]);
        return [hex(all[0]) === hex(all[2]), hex(all[0]) === hex(all[1]), await S.verify('HMAC', key, all[0], data),
                await S.verify('HMAC', key, all[1], n(1))];
    },
    async () => {
        const key = await raw('AES-GCM', n(16), ['encrypt', 'decrypt']), alg = { name: 'AES-GCM', iv: n(12) };
        const data = n(2097152, 3), c = await S.encrypt(alg, key, data);
        const back = new Uint8Array(await S.decrypt(alg, key, c));
        new Uint8Array(c)[5] ^= 1;
        return [back.length, back.every((x) => x === 3), await S.decrypt(alg, key, c).catch((e) => e.name)];
    },
END
--- response_body
[false,"364dd6bc200ec7d197f1b85f4a61769010717124"]
[false,3072]
[false,"7e94728397954257ad759a8429a165ab00572733"]
[true,false,true,true]
[2097152,true,"OperationError"]



=== TEST 11: the CPU time of a computation in the pool is the request's
--- script
    limits cpu=100ms;
--- user_files
>>> w.js
export default { async fetch() {
    const { subtle } = crypto, salt = new Uint8Array(1);
    const key = await subtle.importKey("raw", salt, "PBKDF2", false, ["deriveBits"]);
    await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-512", salt, iterations: 2 ** 31 - 1 }, key, 512);
    return new Response("done");
} };
--- error_code: 503
--- response_body_like: 1102
--- error_log: exceeded



=== TEST 12: a computation that nobody waits for is given up
--- user_files
>>> w.js
export default { async fetch() {
    const { subtle } = crypto, salt = new Uint8Array(1);
    const key = await subtle.importKey("raw", salt, "PBKDF2", false, ["deriveBits"]);
    const long = subtle.deriveBits({ name: "PBKDF2", hash: "SHA-512", salt, iterations: 2 ** 31 - 1 }, key, 512);
    await Promise.race([long, scheduler.wait(5)]);
    return new Response("done");
} };
--- response_body chomp
done



=== TEST 13: crypto at the top level: no random values, and nothing that waits
--- user_files
>>> w.js
const { subtle } = crypto, bytes = new Uint8Array(3);
const key = await subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
const bits = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-1", salt: bytes, iterations: 5000 }, key, 32);
const error = await subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]).catch((e) => e);
export default { fetch() {
    return new Response(bits.byteLength + " " + error.name + " " + error.message.slice(0, 48));
} };
--- response_body chomp
4 Error Disallowed operation called within global scope.



=== TEST 14: a long computation at the top level has the request's limit
--- script
    limits cpu=100ms;
--- user_files
>>> w.js
const { subtle } = crypto, salt = new Uint8Array(1);
const key = await subtle.importKey("raw", salt, "PBKDF2", false, ["deriveBits"]);
await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-512", salt, iterations: 2 ** 31 - 1 }, key, 512);
export default { fetch: () => new Response("done") };
--- error_code: 503
--- response_body_like: 1102
--- error_log: exceeded



=== TEST 15: a key that is larger than the memory
--- script
    limits memory=16m;
--- user_files
>>> w.js
export default { async fetch() {
    await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-1", length: 2 ** 31 - 8 }, true, ["sign"]);
    return new Response("done");
} };
--- error_code: 503
--- response_body_like: 1102
--- error_log: exceeded
