# Copyright (C) the nginx-workers authors
#
# Web Cryptography: AES, HMAC, HKDF and PBKDF2.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Crypto;

run_tests();

__DATA__

=== TEST 1: AES-GCM, as in NIST's test case 4
--- user_files eval
main::worker(<<'END')
    async () => S.encrypt({ name: 'AES-GCM', iv: bytes('cafebabefacedbaddecaf888'),
                            additionalData: bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2') },
        await raw('AES-GCM', bytes('feffe9928665731c6d6a8f9467308308'), ['encrypt']),
        bytes('d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39')),
    async () => {
        const key = await raw('AES-GCM', n(32), ['encrypt', 'decrypt']), alg = { name: 'AES-GCM', iv: n(12), tagLength: 96 };
        const c = await S.encrypt(alg, key, text('abc'));
        return [c.byteLength, hex(await S.decrypt(alg, key, c))];
    },
END
--- response_body
42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47
[15,"616263"]



=== TEST 2: AES-GCM: what is wrong
--- user_files eval
main::worker(<<'END')
    async () => S.encrypt('AES-GCM', await raw('AES-GCM', n(16), ['encrypt']), n(1)),
    async () => S.encrypt({ name: 'AES-GCM', iv: n(0) }, await raw('AES-GCM', n(16), ['encrypt']), n(1)),
    async () => S.encrypt({ name: 'AES-GCM', iv: n(1), tagLength: 80 }, await raw('AES-GCM', n(16), ['encrypt']), n(1)),
    async () => S.decrypt({ name: 'AES-GCM', iv: n(12) }, await raw('AES-GCM', n(16), ['decrypt']), n(15)),
    async () => S.decrypt({ name: 'AES-GCM', iv: n(12) }, await raw('AES-GCM', n(16), ['decrypt']), n(17)),
END
--- response_body
TypeError: Missing field "iv" in "algorithm".
OperationError: AES-GCM IV must not be empty.
OperationError: Invalid AES-GCM tag length 80.
OperationError: Ciphertext length of 120 bits must be greater than or equal to the size of the AES-GCM tag length of 128 bits.
OperationError: Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect CryptoKey, or another algorithm-specific reason. Input length was 1, output length expected to be 1 for AES-GCM



=== TEST 3: AES-CBC, as in SP 800-38A, F.2.1
--- user_files eval
main::worker(<<'END')
    async () => (hex(await S.encrypt({ name: 'AES-CBC', iv: bytes('000102030405060708090a0b0c0d0e0f') },
        await raw('AES-CBC', bytes('2b7e151628aed2a6abf7158809cf4f3c'), ['encrypt']),
        bytes('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51')))).slice(0, 64),
    async () => {
        const key = await raw('AES-CBC', n(24), ['encrypt', 'decrypt']), alg = { name: 'AES-CBC', iv: n(16) };
        const out = [];
        for (const size of [0, 1, 15, 16, 17]) {
            const c = await S.encrypt(alg, key, n(size, 7));
            out.push([c.byteLength, (await S.decrypt(alg, key, c)).byteLength]);
        }
        return out;
    },
    async () => S.encrypt({ name: 'AES-CBC', iv: n(12) }, await raw('AES-CBC', n(16), ['encrypt']), n(1)),
    async () => S.decrypt({ name: 'AES-CBC', iv: n(16) }, await raw('AES-CBC', n(16), ['decrypt']), n(15)),
END
--- response_body
7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2
[[16,0],[16,1],[16,15],[32,16],[32,17]]
OperationError: AES-CBC IV must be 16 bytes long (provided 12 bytes).
OperationError: Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect CryptoKey, or another algorithm-specific reason. Input length was 15, output length expected to be 0 for AES-CBC



=== TEST 4: AES-CTR, as in SP 800-38A, F.5.1, and with counters that pass zero
--- user_files eval
main::worker(<<'END')
    async () => S.encrypt({ name: 'AES-CTR', counter: bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), length: 128 },
        await raw('AES-CTR', bytes('2b7e151628aed2a6abf7158809cf4f3c'), ['encrypt']),
        bytes('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51')),
    async () => {
        // the same blocks by hand: each has its own counter
        const key = await raw('AES-CTR', n(16, 5), ['encrypt']), bad = [];
        for (const length of [1, 2, 3, 7, 8, 9, 12, 31, 32, 63, 64, 65, 71, 72, 100, 127, 128]) {
            for (const zeros of [0, 1]) {
                const blocks = Math.min(2 ** length, 4), counter = n(16, 255);
                counter[15] = 254 + zeros;
                if (length === 65) counter[7] = 0xfe;
                const got = hex(await S.encrypt({ name: 'AES-CTR', counter, length }, key, n(blocks * 16)));
                let want = '', value = BigInt('0x' + hex(counter));
                const mask = (1n << BigInt(length)) - 1n, high = value & ~mask;
                for (let i = 0; i < blocks; i++) {
                    const c = bytes((high | (value & mask)).toString(16).padStart(32, '0'));
                    want += hex(await S.encrypt({ name: 'AES-CTR', counter: c, length: 128 }, key, n(16)));
                    value++;
                }
                if (got !== want) bad.push([length, zeros]);
            }
        }
        return bad;
    },
    async () => S.encrypt({ name: 'AES-CTR', counter: n(16), length: 1 }, await raw('AES-CTR', n(16), ['encrypt']), n(33)),
    async () => S.encrypt({ name: 'AES-CTR', counter: n(15), length: 1 }, await raw('AES-CTR', n(16), ['encrypt']), n(1)),
    async () => S.encrypt({ name: 'AES-CTR', counter: n(16), length: 129 }, await raw('AES-CTR', n(16), ['encrypt']), n(1)),
END
--- response_body
874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff
[]
OperationError: Counter block values will repeat.
OperationError: Counter must have length of 16 bytes (provided 15).
OperationError: Invalid counter of 129 bits length provided.



=== TEST 5: AES-KW, as in RFC 3394, 4.1, wraps and unwraps
--- user_files eval
main::worker(<<'END')
    async () => {
        const w = await raw('AES-KW', bytes('000102030405060708090a0b0c0d0e0f'), ['wrapKey', 'unwrapKey']);
        const key = await raw('AES-GCM', bytes('00112233445566778899aabbccddeeff'), ['encrypt']);
        const wrapped = await S.wrapKey('raw', key, w, 'AES-KW');
        const back = await S.unwrapKey('raw', wrapped, w, 'AES-KW', 'AES-CBC', true, ['decrypt']);
        const bad = wrapped.slice();
        new Uint8Array(bad)[3] ^= 1;
        return [hex(wrapped), back.algorithm, back.usages, hex(await S.exportKey('raw', back)),
                await S.unwrapKey('raw', bad, w, 'AES-KW', 'AES-CBC', true, ['decrypt']).catch((e) => e.name + e.message)];
    },
    async () => {
        const w = await raw('AES-KW', n(16), ['wrapKey', 'unwrapKey']);
        return S.unwrapKey('raw', n(16), w, 'AES-KW', 'AES-CBC', true, ['decrypt']);
    },
    async () => {
        const w = await raw('AES-KW', n(16), ['wrapKey', 'unwrapKey']);
        return S.wrapKey('raw', await raw({ name: 'HMAC', hash: 'SHA-1' }, n(8), ['sign']), w, 'AES-KW');
    },
END
--- response_body
["1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",{"name":"AES-CBC","length":128},["decrypt"],"00112233445566778899aabbccddeeff","OperationErrorAES-KW key unwrapping failed."]
OperationError: Provided a wrapped key to unwrap this is 128 bits that is less than the minimal length of 192 bits.
OperationError: Unwrapped key has length 8 bytes but it should be greater than or equal to 16 and less than or equal to 18446744073709551607



=== TEST 6: keys are wrapped as JSON, too
--- user_files eval
main::worker(<<'END')
    async () => {
        const w = await raw('AES-GCM', n(16), ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']), alg = { name: 'AES-GCM', iv: n(12) };
        const { privateKey } = await S.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
        const wrapped = await S.wrapKey('jwk', privateKey, w, alg);
        const back = await S.unwrapKey('jwk', wrapped, w, alg, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
        return [back.type, (await S.exportKey('jwk', back)).d === (await S.exportKey('jwk', privateKey)).d];
    },
    async () => {
        const w = await raw('AES-GCM', n(16), ['encrypt', 'unwrapKey']), alg = { name: 'AES-GCM', iv: n(12) };
        return S.unwrapKey('jwk', await S.encrypt(alg, w, text('1')), w, alg, 'AES-GCM', true, ['encrypt']);
    },
    async () => {
        const w = await raw('AES-GCM', n(16), ['encrypt', 'unwrapKey']), alg = { name: 'AES-GCM', iv: n(12) };
        return S.unwrapKey('jwk', await S.encrypt(alg, w, text('{')), w, alg, 'AES-GCM', true, ['encrypt']).catch((e) => e.name);
    },
END
--- response_body
["private",true]
DataError: Missing "kty" field or corrupt JSON unwrapping key?
SyntaxError



=== TEST 7: AES keys: lengths, JSON Web Keys
--- user_files eval
main::worker(<<'END')
    () => raw('AES-CTR', n(15), ['encrypt']),
    () => S.generateKey({ name: 'AES-KW', length: 100 }, true, ['wrapKey']),
    async () => { const k = await S.generateKey({ name: 'AES-KW', length: 192 }, true, ['wrapKey']); return [k.algorithm, (await S.exportKey('raw', k)).byteLength]; },
    async () => S.exportKey('jwk', await raw('AES-KW', n(32), ['wrapKey'])),
    () => jwk('AES-GCM', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA', alg: 'A256GCM' }, ['encrypt']),
    () => jwk('AES-GCM', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA', key_ops: ['decrypt'] }, ['encrypt']),
    () => jwk('AES-GCM', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA', ext: false }, ['encrypt']),
    () => jwk('AES-GCM', { kty: 'oct', k: '$' }, ['encrypt']),
    async () => S.exportKey('pkcs8', await raw('AES-GCM', n(16), ['encrypt'])),
END
--- response_body
DataError: Imported AES key length must be 128, 192, or 256 bits but provided 120.
OperationError: Generated AES key length must be 128, 192, or 256 bits but requested 100.
[{"name":"AES-KW","length":192},24]
{"kty":"oct","key_ops":["wrapKey"],"alg":"A256KW","ext":true,"k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
DataError: Symmetric "jwk" key contains invalid "alg" value "A256GCM", expected "A128GCM".
DataError: "jwk" key missing usage "encrypt", in "key_ops".
DataError: JWK ext field for "AES-GCM" is set to false but extractable is true
DataError: Symmetric "jwk" key import requires a base64Url encoding of the key.
NotSupportedError: AES-GCM key only supports exporting "raw" & "jwk", not "pkcs8".



=== TEST 8: HMAC, as in RFC 4231, 4.2 and 4.3
--- user_files eval
main::worker(<<'END')
    async () => S.sign('HMAC', await raw({ name: 'HMAC', hash: 'SHA-256' }, n(20, 0x0b), ['sign']), text('Hi There')),
    async () => S.sign('HMAC', await raw({ name: 'HMAC', hash: 'SHA-512' }, text('Jefe'), ['sign']), text('what do ya want for nothing?')),
    async () => { const k = await raw({ name: 'HMAC', hash: 'SHA-384' }, n(1), ['sign', 'verify']), s = await S.sign('HMAC', k, n(1));
                  return [await S.verify('HMAC', k, s, n(1)), await S.verify('HMAC', k, s, n(2)), await S.verify('HMAC', k, s.slice(1), n(1)),
                          await S.verify('HMAC', k, n(0), n(1))]; },
    async () => { const k = await raw({ name: 'HMAC', hash: 'SHA-1', length: 11 }, n(2, 255), ['sign']); return [k.algorithm.length, hex(await S.exportKey('raw', k))]; },
    () => raw({ name: 'HMAC', hash: 'SHA-1', length: 8 }, n(2), ['sign']),
    () => raw({ name: 'HMAC', hash: 'SHA-1' }, n(0), ['sign']),
    () => raw('HMAC', n(1), ['sign']),
    async () => { const k = await S.generateKey({ name: 'HMAC', hash: 'SHA-384' }, true, ['sign']); return [k.algorithm.length, (await S.exportKey('jwk', k)).alg]; },
    () => jwk({ name: 'HMAC', hash: 'SHA-1' }, { kty: 'oct', k: 'AAAA', alg: 'HS256' }, ['sign']),
END
--- response_body
b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7
164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737
[true,false,false,false]
[11,"ffe0"]
DataError: Imported HMAC key length (8) must be a non-zero value up to 7 bits less than, and no greater than, the bit length of the raw key data (16).
DataError: Imported HMAC key length (0) must be a non-zero value up to 7 bits less than, and no greater than, the bit length of the raw key data (0).
TypeError: Missing field "hash" in "algorithm".
[1024,"HS384"]
DataError: HMAC "jwk" key import specifies "alg" that is incompatible with the hash name (encountered "HS256", expected "HS1").



=== TEST 9: HKDF, as in RFC 5869, A.1 and A.3, and PBKDF2, as in RFC 6070
--- user_files eval
main::worker(<<'END')
    async () => S.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: bytes('000102030405060708090a0b0c'), info: bytes('f0f1f2f3f4f5f6f7f8f9') },
        await raw('HKDF', n(22, 0x0b), ['deriveBits'], false), 336),
    async () => S.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: n(0), info: n(0) }, await raw('HKDF', n(22, 0x0b), ['deriveBits'], false), 336),
    async () => S.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: text('salt'), iterations: 2 }, await raw('PBKDF2', text('password'), ['deriveBits'], false), 160),
    async () => S.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: text('saltSALTsaltSALTsaltSALTsaltSALTsalt'), iterations: 4096 },
        await raw('PBKDF2', text('passwordPASSWORDpassword'), ['deriveBits'], false), 200),
    async () => S.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: n(0), iterations: 1 }, await raw('PBKDF2', n(0), ['deriveBits'], false), 64),
    async () => { const k = await S.deriveKey({ name: 'HKDF', hash: 'SHA-1', salt: n(1), info: n(1) }, await raw('HKDF', n(1), ['deriveKey'], false),
                                              { name: 'HMAC', hash: 'SHA-384' }, true, ['sign']); return [k.algorithm, (await S.exportKey('raw', k)).byteLength]; },
END
--- response_body
3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865
8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8
ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957
3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038
f7ce0b653d2d72a4
[{"name":"HMAC","hash":{"name":"SHA-384"},"length":1024},128]



=== TEST 10: derivations: what is wrong
--- user_files eval
main::worker(<<'END')
    () => raw('HKDF', n(1), ['deriveBits']),
    () => S.importKey('jwk', {}, 'PBKDF2', false, ['deriveBits']),
    async () => S.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: n(1), iterations: 0 }, await raw('PBKDF2', n(1), ['deriveBits'], false), 8),
    async () => S.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: n(1) }, await raw('PBKDF2', n(1), ['deriveBits'], false), 8),
    async () => S.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: n(1), info: n(1) }, await raw('HKDF', n(1), ['deriveBits'], false), 7),
    async () => S.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: n(1), info: n(1) }, await raw('HKDF', n(1), ['deriveBits'], false), null),
    async () => S.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: n(1), info: n(1) }, await raw('HKDF', n(1), ['deriveBits'], false), -8),
    async () => S.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: n(1), info: n(1) }, await raw('HKDF', n(1), ['deriveBits'], false), 255 * 160 + 8),
    async () => S.deriveKey({ name: 'HKDF', hash: 'SHA-1', salt: n(1), info: n(1) }, await raw('HKDF', n(1), ['deriveKey'], false), 'Ed25519', true, ['sign']),
END
--- response_body
SyntaxError: HKDF key cannot be extractable.
NotSupportedError: PBKDF2 key must be imported in "raw" format (requested "jwk").
OperationError: PBKDF2 requires a positive iteration count (requested 0).
TypeError: Missing field "iterations" in "algorithm".
OperationError: HKDF requires a derived key length that is a multiple of eight (requested 7).
OperationError: HKDF cannot derive a key with null length.
TypeError: deriveBits length must be an unsigned long integer.
OperationError: HKDF deriveBits failed.
NotSupportedError: Unrecognized derived key type "Ed25519" requested.
