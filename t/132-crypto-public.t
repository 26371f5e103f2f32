# Copyright (C) the nginx-workers authors
#
# Web Cryptography: ECDSA, ECDH, Ed25519, X25519 and RSA.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;
use Crypto;

run_tests();

__DATA__

=== TEST 1: ECDSA, as in RFC 6979, A.2.5, verifies, and what it signs
--- user_files eval
main::worker(<<'END')
    async () => {
        const key = await raw({ name: 'ECDSA', namedCurve: 'P-256' }, bytes('04' +
            '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' + '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'), ['verify']);
        const alg = { name: 'ECDSA', hash: 'SHA-256' }, sig = bytes('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
            'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8');
        return [await S.verify(alg, key, sig, text('sample')), await S.verify(alg, key, sig, text('Sample')), await S.verify(alg, key, sig.slice(1), text('sample')),
                await S.verify(alg, key, n(64), text('sample')), await S.verify(alg, key, n(64, 255), text('sample')), await S.verify(alg, key, n(0), n(0))];
    },
    async () => {
        const out = [];
        for (const namedCurve of ['P-256', 'P-384', 'p-521']) {
            const { privateKey, publicKey } = await S.generateKey({ name: 'ECDSA', namedCurve }, false, ['sign', 'verify']);
            for (const hash of ['SHA-1', 'SHA-512']) {
                const s = await S.sign({ name: 'ECDSA', hash }, privateKey, n(9));
                out.push(s.byteLength, await S.verify({ name: 'ECDSA', hash }, publicKey, s, n(9)), await S.verify({ name: 'ECDSA', hash }, publicKey, s, n(8)));
            }
            out.push(publicKey.algorithm.namedCurve, publicKey.usages, privateKey.usages, publicKey.extractable, privateKey.extractable);
        }
        return out;
    },
    async () => S.sign('ECDSA', (await S.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])).privateKey, n(1)).catch((e) => e.name),
END
--- response_body
[true,false,false,false,false,false]
[64,true,false,64,true,false,"P-256",["verify"],["sign"],true,false,96,true,false,96,true,false,"P-384",["verify"],["sign"],true,false,132,true,false,132,true,false,"P-521",["verify"],["sign"],true,false]
TypeError



=== TEST 2: ECDH, as in RFC 5903, 8.1
--- user_files eval
main::worker(<<'END')
    async () => {
        const pub = await raw({ name: 'ECDH', namedCurve: 'P-256' }, bytes('04' +
            'd12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63' + '56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab'), []);
        const u = (h) => btoa(String.fromCharCode(...bytes(h)));
        const key = await jwk({ name: 'ECDH', namedCurve: 'P-256' }, { kty: 'EC', d: u('c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433'),
            x: u('dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180'), y: u('5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3') }, ['deriveBits', 'deriveKey']);
        const alg = { name: 'ECDH', public: pub };
        return [hex(await S.deriveBits(alg, key, 256)), hex(await S.deriveBits(alg, key, null)) === hex(await S.deriveBits(alg, key)),
                hex(await S.deriveBits(alg, key, 12)), (await S.deriveBits(alg, key, 0)).byteLength,
                await S.deriveBits(alg, key, 257).catch((e) => e.name + ' ' + e.message),
                (await S.deriveKey(alg, key, { name: 'AES-GCM', length: 128 }, true, ['encrypt'])).algorithm,
                await S.deriveBits({ name: 'ECDH', public: key }, key, 8).catch((e) => e.name + ' ' + e.message),
                await S.deriveBits({ name: 'ECDH' }, key, 8).catch((e) => e.name + ' ' + e.message)];
    },
    async () => {
        const a = await S.generateKey({ name: 'ECDH', namedCurve: 'P-521' }, true, ['deriveBits']), b = await S.generateKey({ name: 'ECDH', namedCurve: 'P-384' }, true, ['deriveBits']);
        return S.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 8);
    },
END
--- response_body
["d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",true,"d680",0,"OperationError Derived key length (257 bits) is too long (should be at most 256 bits).",{"name":"AES-GCM","length":128},"InvalidAccessError The provided key has type \"private\", not \"public\"","TypeError Missing field \"public\" in \"derivedKeyParams\"."]
InvalidAccessError: Private key for derivation is using curve "P-521" while public key is using "P-384".



=== TEST 3: EC keys: every format there and back
--- user_files eval
main::worker(<<'END')
    async () => {
        const out = [];
        for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
            const alg = { name: 'ECDSA', namedCurve }, { privateKey, publicKey } = await S.generateKey(alg, true, ['sign', 'verify']);
            const point = hex(await S.exportKey('raw', publicKey)), s = await S.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, n(3));
            for (const format of ['raw', 'spki', 'jwk']) {
                const key = await S.importKey(format, await S.exportKey(format, publicKey), alg, true, ['verify']);
                out.push(await S.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, s, n(3)) && hex(await S.exportKey('raw', key)) === point);
            }
            for (const format of ['pkcs8', 'jwk']) {
                const data = await S.exportKey(format, privateKey), key = await S.importKey(format, data, alg, true, ['sign']);
                out.push(show(await S.exportKey(format, key)) === show(data));
            }
            const p = bytes(point), compressed = new Uint8Array([2 + (p[p.length - 1] & 1), ...p.slice(1, (p.length + 1) / 2)]);
            out.push(hex(await S.exportKey('raw', await raw(alg, compressed, ['verify']))) === point);
        }
        return out.length + ' ' + out.every((x) => x === true);
    },
    // without its point
    async () => {
        const k = await S.importKey('pkcs8', bytes('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420' +
            'f3bd0c07a81fb932781ed52752f60cc89a6be5e51934fe01938ddb55d8f77801'), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
        return (await S.exportKey('jwk', k)).x;
    },
END
--- response_body
18 true
MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4



=== TEST 4: EC keys: what is wrong
--- user_files eval
main::worker(<<'END')
    () => S.importKey('pkcs8', n(5), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']),
    () => S.importKey('spki', n(5), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']),
    () => raw({ name: 'ECDSA', namedCurve: 'P-256' }, n(65, 4), ['verify']),
    () => raw({ name: 'ECDSA', namedCurve: 'P-256' }, n(64, 4), ['verify']),
    () => raw({ name: 'ECDSA', namedCurve: 'P-256' }, n(0), ['verify']),
    () => raw({ name: 'ECDSA', namedCurve: 'secp256k1' }, n(65, 4), ['verify']),
    () => raw('ECDSA', n(65, 4), ['verify']),
    () => jwk({ name: 'ECDSA', namedCurve: 'P-256' }, { kty: 'EC', x: 'AAAA', y: 'AAAA' }, ['verify']),
    () => jwk({ name: 'ECDSA', namedCurve: 'P-256' }, { kty: 'EC', y: 'AAAA' }, ['verify']),
    () => jwk({ name: 'ECDSA', namedCurve: 'P-256' }, { kty: 'RSA' }, ['verify']),
    () => jwk({ name: 'ECDSA', namedCurve: 'P-256' }, { kty: 'EC', alg: 'ES384' }, ['verify']),
    async () => { const { privateKey } = await S.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']), k = await S.exportKey('jwk', privateKey);
                  return jwk({ name: 'ECDSA', namedCurve: 'P-256' }, { ...k, d: k.x.slice(0, 20) }, ['sign']); },
    async () => { const { privateKey } = await S.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']), k = await S.exportKey('jwk', privateKey);
                  return jwk({ name: 'ECDSA', namedCurve: 'P-256' }, { ...k, d: 'AAAA' }, ['sign']); },
    async () => { const { privateKey } = await S.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
                  return S.importKey('pkcs8', await S.exportKey('pkcs8', privateKey), { name: 'ECDH', namedCurve: 'P-384' }, true, ['deriveBits']); },
    async () => S.exportKey('raw', (await S.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])).privateKey),
    async () => S.exportKey('pkcs8', (await S.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])).publicKey),
    async () => { const { privateKey } = await S.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
                  const p8 = new Uint8Array([...new Uint8Array(await S.exportKey('pkcs8', privateKey)), 0]);
                  return S.importKey('pkcs8', p8, { name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']); },
END
--- response_body
DataError: Invalid PKCS8 input.
DataError: Invalid SPKI input.
DataError: Failed to import raw EC key data: Point is not on curve..
DataError: Failed to import raw EC key data: Invalid point encoding..
DataError: Failed to import raw EC key data.
NotSupportedError: Unrecognized or unimplemented EC curve "secp256k1" requested.
TypeError: Missing field "namedCurve" in "algorithm".
OperationError: Invalid EC key; public key coordinates "x" and "y" are invalid: Point is not on curve..
DataError: Invalid EC key in JSON Web Key; missing "x".
DataError: Elliptic curve "jwk" key import requires a JSON Web Key with Key Type parameter "kty" ("RSA") equal to "EC".
DataError: JSON Web Key Algorithm parameter "alg" ("ES384") does not match requested curve.
DataError: Invalid EC key in JSON Web Key.
OperationError: Invalid EC key; private key component "d" is invalid.
DataError: "algorithm.namedCurve" "P-384", does not match the curve specified by the input key data.
InvalidAccessError: Raw export of elliptic curve keys is only allowed for public keys.
InvalidAccessError: Asymmetric pkcs8 export requires private key (not "public").
DataError: Invalid 1 trailing bytes after PKCS8 input.



=== TEST 5: Ed25519, as in RFC 8032, 7.1, test 2, and its old name
--- user_files eval
main::worker(<<'END')
    async () => S.sign('Ed25519', await jwk('Ed25519', { kty: 'OKP', crv: 'Ed25519', d: 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs', x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw' }, ['sign']), bytes('72')),
    async () => S.sign('NODE-ED25519', await jwk({ name: 'NODE-ED25519', namedCurve: 'NODE-ED25519' }, { kty: 'OKP', crv: 'Ed25519', d: 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs', x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw' }, ['sign']), bytes('72')),
    async () => {
        const { privateKey, publicKey } = await S.generateKey('Ed25519', true, ['sign', 'verify']), s = await S.sign('Ed25519', privateKey, n(2));
        const out = [];
        for (const format of ['raw', 'spki', 'jwk']) {
            const key = await S.importKey(format, await S.exportKey(format, publicKey), 'Ed25519', true, ['verify']);
            out.push(await S.verify('Ed25519', key, s, n(2)), await S.verify('Ed25519', key, s, n(3)));
        }
        const key = await S.importKey('pkcs8', await S.exportKey('pkcs8', privateKey), 'Ed25519', false, ['sign']);
        return [...out, hex(await S.sign('Ed25519', key, n(2))) === hex(s), await S.verify('Ed25519', publicKey, n(1), n(1)).catch((e) => e.name + ' ' + e.message)];
    },
    () => raw('Ed25519', n(31), ['verify']),
    () => jwk('Ed25519', { kty: 'OKP', crv: 'X25519', x: 'AA' }, ['verify']),
    () => S.generateKey('NODE-ED25519', true, ['sign']),
    () => S.generateKey('Ed448', true, ['sign']),
END
--- response_body
92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
[true,false,true,false,true,false,true,"OperationError Invalid Ed25519 signature length 1"]
DataError: Ed25519 raw keys must be exactly 32-bytes (provided 31).
NotSupportedError: Only Ed25519 is supported but "X25519" was requested.
TypeError: Missing field "namedCurve" in "algorithm".
NotSupportedError: Unrecognized key generation algorithm "Ed448" requested.



=== TEST 6: X25519, as in RFC 7748, 6.1
--- user_files eval
main::worker(<<'END')
    async () => {
        const key = await S.importKey('pkcs8', bytes('302e020100300506032b656e04220420' + '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'), 'X25519', true, ['deriveBits']);
        const pub = await raw('X25519', bytes('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'), []);
        return [hex(await S.deriveBits({ name: 'X25519', public: pub }, key, 256)), (await S.exportKey('jwk', key)).x, pub.usages];
    },
    async () => {
        const { privateKey } = await S.generateKey('X25519', true, ['deriveBits']);
        return S.deriveBits({ name: 'X25519', public: await raw('X25519', n(32), []) }, privateKey, 256);
    },
    async () => {
        const { privateKey } = await S.generateKey('X25519', true, ['deriveBits']);
        return S.deriveBits({ name: 'X25519', public: (await S.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])).publicKey }, privateKey, 256);
    },
END
--- response_body
["4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742","hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo",[]]
OperationError: Failed to derive X25519 key.
InvalidAccessError: Base X25519 private key cannot be used to derive a key from a peer ECDH public key



=== TEST 7: RSA: what OpenSSL's tool has made is good here
--- user_files eval
main::worker(<<'END')
    ...(() => { const p8 = b64('MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAN/gaHjT78aZkWEfH9B05l0fDqJLDOWFvWK6hiphWCHIKKLqSZJlpHZkwD54V7t63r5kPI6IkIPlp8/hllz4imvxhaZX+LFpfI8WqBO8Un1T13IpteOvSucoCuedFlB5S3HcWC1QakBUxyaIQ7lTkGfOTvYA0WDmvBcsD3f4PN2NAgMBAAECgYBa/U34rcqqIQghPRElHB30gwbjlzUqo+yRD9Yvq1iygjNh4277fSwWomQv/6FIpWuaXgruszppIRHPP5RpPOqkqZ/LKosgw59GvLCfYkycK+5f+vMGN8wlgCuBpT0Y89YqunnsIfKPk000L4dCfUeuckLPltg+fZQ48PZy+KZ2AQJBAP1P3I8vAbhg0yWtsTvveKeS02OOD57VkXCFFoZXiaFj7NrUwq3mXzMRl9VYyuNPFmTkIMhoQ6GVf6MLNk6wv2ECQQDiQJVcxqfmUJJ/sGrasTp9V3VvDPHU2Nq7Fp5fr5vQuUjzKtq9SO4H8bBoTYV7CX/pHe07aS2rFCcmwlNHRSmtAkANnfRqUgmSosnW9a5YXXgr8e2hJWrbi/mEhfL/B8ejQF7kKJnKhV7KvQBffKVzcLXweH72pvwzvHifCCREOKYhAkB1DLZ5Dek09QAlgS52v3Oj/sgpUIgX9qyKV7RNintQ61p7OvN5M665e2cpPtnMgmijQLFHqC1RMZbjrWsKFxTtAkBiOF58qm6xChGfY0Zv2PHwj0WOoYu5ImXqXO3IKDuGCxUvT4tc1FgpmPZNeZEM3bmOjnfwmFfbihiZl3voBQ0g'),
 spki = b64('MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDf4Gh40+/GmZFhHx/QdOZdHw6iSwzlhb1iuoYqYVghyCii6kmSZaR2ZMA+eFe7et6+ZDyOiJCD5afP4ZZc+Ipr8YWmV/ixaXyPFqgTvFJ9U9dyKbXjr0rnKArnnRZQeUtx3FgtUGpAVMcmiEO5U5Bnzk72ANFg5rwXLA93+DzdjQIDAQAB'); return [
    async () => S.verify('RSASSA-PKCS1-v1_5', await S.importKey('spki', spki, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['verify']), b64('nLeXsYULnI/0iGQCnUmfVPXo5J4Vs2hbMAqrdjJJook9+5SIvMHwHU0RwIBzYw0XzcuVgN63jVG27GbU9xE6ufixJTh2C2c9bpoEbxPJyiu+YlO7bdEhXGgZ4Us7wMoPve7v06OPaloMRS3qx4MlnKc4TBoWC0rsSUI8ralB0WQ='), text('message')),
    async () => S.sign('RSASSA-PKCS1-v1_5', await S.importKey('pkcs8', p8, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['sign']), text('message')).then((s) => hex(s) === hex(b64('nLeXsYULnI/0iGQCnUmfVPXo5J4Vs2hbMAqrdjJJook9+5SIvMHwHU0RwIBzYw0XzcuVgN63jVG27GbU9xE6ufixJTh2C2c9bpoEbxPJyiu+YlO7bdEhXGgZ4Us7wMoPve7v06OPaloMRS3qx4MlnKc4TBoWC0rsSUI8ralB0WQ='))),
    async () => S.verify({ name: 'RSA-PSS', saltLength: 20 }, await S.importKey('spki', spki, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']), b64('Ec3wz5VJTCu/LgZ35v3FJFMr+4tY+golikkbWYlM4z5IvzeZ0fMBPWHF2HqUjeDCRUFVKjmsKgv5I6ypyRaP2EkiFF4ocZN94HoWd858zGLrjf5dj8ud5wx2+J5Rm9ZaXqxwhWpbYWVnm1WO7E7XH+RNKNpi2HduKvu0GfK8FNs='), text('message')),
    async () => S.decrypt({ name: 'RSA-OAEP', label: text('l') }, await S.importKey('pkcs8', p8, { name: 'RSA-OAEP', hash: 'SHA-256' }, true, ['decrypt']), b64('D9NwosFsZcwL8UoIPnePzVCAL7s6iHvGKAON+G4BEIIW08iEQuVaRvCy9n5YyoQIUOTRO+WdHHxLkTi7+8ojPBwJaJzG7fxpni9QMIdx3EG2UVsDiAxN5Xwu24o6bjKzntf4G+Y/TnKeNS9RwMtpBhyMqv+ST/emX9HiPnCqIyk=')),
]; })(),
END
--- response_body
true
true
true
6d657373616765



=== TEST 8: RSA: keys, formats, signatures, encryption
--- user_files eval
main::worker(<<'END')
    ...(() => { const p8 = b64('MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAN/gaHjT78aZkWEfH9B05l0fDqJLDOWFvWK6hiphWCHIKKLqSZJlpHZkwD54V7t63r5kPI6IkIPlp8/hllz4imvxhaZX+LFpfI8WqBO8Un1T13IpteOvSucoCuedFlB5S3HcWC1QakBUxyaIQ7lTkGfOTvYA0WDmvBcsD3f4PN2NAgMBAAECgYBa/U34rcqqIQghPRElHB30gwbjlzUqo+yRD9Yvq1iygjNh4277fSwWomQv/6FIpWuaXgruszppIRHPP5RpPOqkqZ/LKosgw59GvLCfYkycK+5f+vMGN8wlgCuBpT0Y89YqunnsIfKPk000L4dCfUeuckLPltg+fZQ48PZy+KZ2AQJBAP1P3I8vAbhg0yWtsTvveKeS02OOD57VkXCFFoZXiaFj7NrUwq3mXzMRl9VYyuNPFmTkIMhoQ6GVf6MLNk6wv2ECQQDiQJVcxqfmUJJ/sGrasTp9V3VvDPHU2Nq7Fp5fr5vQuUjzKtq9SO4H8bBoTYV7CX/pHe07aS2rFCcmwlNHRSmtAkANnfRqUgmSosnW9a5YXXgr8e2hJWrbi/mEhfL/B8ejQF7kKJnKhV7KvQBffKVzcLXweH72pvwzvHifCCREOKYhAkB1DLZ5Dek09QAlgS52v3Oj/sgpUIgX9qyKV7RNintQ61p7OvN5M665e2cpPtnMgmijQLFHqC1RMZbjrWsKFxTtAkBiOF58qm6xChGfY0Zv2PHwj0WOoYu5ImXqXO3IKDuGCxUvT4tc1FgpmPZNeZEM3bmOjnfwmFfbihiZl3voBQ0g'),
 spki = b64('MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDf4Gh40+/GmZFhHx/QdOZdHw6iSwzlhb1iuoYqYVghyCii6kmSZaR2ZMA+eFe7et6+ZDyOiJCD5afP4ZZc+Ipr8YWmV/ixaXyPFqgTvFJ9U9dyKbXjr0rnKArnnRZQeUtx3FgtUGpAVMcmiEO5U5Bnzk72ANFg5rwXLA93+DzdjQIDAQAB'); return [
    async () => {
        const alg = { name: 'RSA-PSS', hash: 'SHA-256' }, key = await S.importKey('pkcs8', p8, alg, true, ['sign']);
        const priv = await S.exportKey('jwk', key), again = await S.importKey('jwk', priv, alg, true, ['sign']);
        const { d, p, q, dp, dq, qi, ...rest } = priv, pub = await S.importKey('jwk', { ...rest, key_ops: ['verify'] }, alg, true, ['verify']);
        const onlyD = await S.importKey('jwk', { ...rest, d }, alg, true, ['sign']), s = await S.sign({ name: 'RSA-PSS', saltLength: 3 }, onlyD, n(1));
        return [hex(await S.exportKey('pkcs8', key)) === hex(p8), hex(await S.exportKey('pkcs8', again)) === hex(p8), hex(await S.exportKey('spki', pub)) === hex(spki),
                priv.alg, key.algorithm, pub.type, await S.verify({ name: 'RSA-PSS', saltLength: 3 }, pub, s, n(1)), await S.verify({ name: 'RSA-PSS', saltLength: 4 }, pub, s, n(1)),
                await S.exportKey('pkcs8', onlyD).catch((e) => e.name)];
    },
    async () => {
        const pair = await S.generateKey({ name: 'RSA-OAEP', hash: 'SHA-1', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, false, ['encrypt', 'decrypt']);
        const c = await S.encrypt('RSA-OAEP', pair.publicKey, n(86, 1));
        return [c.byteLength, (await S.decrypt('RSA-OAEP', pair.privateKey, c)).byteLength, await S.encrypt('RSA-OAEP', pair.publicKey, n(87)).catch((e) => e.name),
                await S.decrypt({ name: 'RSA-OAEP', label: n(1) }, pair.privateKey, c).catch((e) => e.name), pair.publicKey.usages, pair.privateKey.usages];
    },
    async () => {
        const key = await S.importKey('pkcs8', p8, 'RSA-RAW', true, ['sign']), s = await S.sign('RSA-RAW', key, n(128, 1));
        return [s.byteLength, await S.sign('RSA-RAW', key, n(127)).catch((e) => e.name), await S.sign('RSA-RAW', key, n(129)).catch((e) => e.name)];
    },
]; })(),
END
--- response_body
[true,true,true,"PS256",{"name":"RSA-PSS","modulusLength":1024,"publicExponent":{"0":1,"1":0,"2":1},"hash":{"name":"SHA-256"}},"public",true,false,"OperationError"]
[128,86,"OperationError","OperationError",["encrypt"],["decrypt"]]
[128,"OperationError","DataError"]



=== TEST 9: RSA: what is wrong
--- user_files eval
main::worker(<<'END')
    ...(() => { const p8 = b64('MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAN/gaHjT78aZkWEfH9B05l0fDqJLDOWFvWK6hiphWCHIKKLqSZJlpHZkwD54V7t63r5kPI6IkIPlp8/hllz4imvxhaZX+LFpfI8WqBO8Un1T13IpteOvSucoCuedFlB5S3HcWC1QakBUxyaIQ7lTkGfOTvYA0WDmvBcsD3f4PN2NAgMBAAECgYBa/U34rcqqIQghPRElHB30gwbjlzUqo+yRD9Yvq1iygjNh4277fSwWomQv/6FIpWuaXgruszppIRHPP5RpPOqkqZ/LKosgw59GvLCfYkycK+5f+vMGN8wlgCuBpT0Y89YqunnsIfKPk000L4dCfUeuckLPltg+fZQ48PZy+KZ2AQJBAP1P3I8vAbhg0yWtsTvveKeS02OOD57VkXCFFoZXiaFj7NrUwq3mXzMRl9VYyuNPFmTkIMhoQ6GVf6MLNk6wv2ECQQDiQJVcxqfmUJJ/sGrasTp9V3VvDPHU2Nq7Fp5fr5vQuUjzKtq9SO4H8bBoTYV7CX/pHe07aS2rFCcmwlNHRSmtAkANnfRqUgmSosnW9a5YXXgr8e2hJWrbi/mEhfL/B8ejQF7kKJnKhV7KvQBffKVzcLXweH72pvwzvHifCCREOKYhAkB1DLZ5Dek09QAlgS52v3Oj/sgpUIgX9qyKV7RNintQ61p7OvN5M665e2cpPtnMgmijQLFHqC1RMZbjrWsKFxTtAkBiOF58qm6xChGfY0Zv2PHwj0WOoYu5ImXqXO3IKDuGCxUvT4tc1FgpmPZNeZEM3bmOjnfwmFfbihiZl3voBQ0g'),
 spki = b64('MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDf4Gh40+/GmZFhHx/QdOZdHw6iSwzlhb1iuoYqYVghyCii6kmSZaR2ZMA+eFe7et6+ZDyOiJCD5afP4ZZc+Ipr8YWmV/ixaXyPFqgTvFJ9U9dyKbXjr0rnKArnnRZQeUtx3FgtUGpAVMcmiEO5U5Bnzk72ANFg5rwXLA93+DzdjQIDAQAB'); return [
    () => S.importKey('pkcs8', n(9), { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign']),
    () => { const bad = p8.slice(); bad[400] ^= 1; return S.importKey('pkcs8', bad, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign']); },
    () => S.importKey('spki', spki, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign']),
    () => S.importKey('spki', spki, 'RSA-PSS', true, ['verify']),
    () => S.importKey('raw', spki, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['verify']),
    () => S.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']),
    () => jwk({ name: 'RSA-PSS', hash: 'SHA-1' }, { kty: 'RSA', e: 'AQAB' }, ['verify']),
    () => jwk({ name: 'RSA-PSS', hash: 'SHA-1' }, { kty: 'RSA', n: 'AAAA', e: 'AQAB' }, ['verify']),
    () => jwk({ name: 'RSA-PSS', hash: 'SHA-1' }, { kty: 'RSA', n: '_'.repeat(171), e: 'BQ' }, ['verify']),
    () => jwk({ name: 'RSA-PSS', hash: 'SHA-1' }, { kty: 'RSA', n: '_'.repeat(170) + '4', e: 'AQAB' }, ['verify']),
    () => jwk({ name: 'RSA-PSS', hash: 'SHA-1' }, { kty: 'RSA', n: '_'.repeat(171), e: 'AQAB', alg: 'RS256' }, ['verify']),
    () => jwk({ name: 'RSA-PSS', hash: 'SHA-1' }, { kty: 'RSA', n: '_'.repeat(171), e: 'AQAB', d: 'AQ', oth: [] }, ['sign']),
    () => S.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1000, publicExponent: new Uint8Array([3]) }, true, ['sign']),
    () => S.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 17000, publicExponent: new Uint8Array([3]) }, true, ['sign']),
    () => S.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1024, publicExponent: new Uint8Array([5]) }, true, ['sign']),
    () => S.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1024 }, true, ['sign']),
    async () => S.sign('RSA-PSS', await S.importKey('pkcs8', p8, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign']), n(1)),
    async () => S.sign({ name: 'RSA-PSS', saltLength: 107 }, await S.importKey('pkcs8', p8, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign']), n(1)),
]; })(),
END
--- response_body
DataError: Invalid PKCS8 input.
DataError: Invalid PKCS8 input.
SyntaxError: Attempt to import public RSA-PSS key with invalid usage "sign".
TypeError: Missing field "hash" in "algorithm".
NotSupportedError: Unrecognized key import format "raw".
DataError: Input was not an EC key.
DataError: Invalid RSA key in JSON Web Key; missing or invalid Modulus parameter ("n").
OperationError: The modulus length must be a multiple of 8 and between 256 and 16k, but 0 was requested.
OperationError: Imported RSA key has invalid publicExponent 5.
DataError: Invalid RSA key.
DataError: JSON Web Key Algorithm parameter "alg" ("RS256") does not match requested hash algorithm "RS256".
NotSupportedError: Multi-prime private keys not supported.
OperationError: Can't generate key: RSA key size is required to be a multiple of 128
OperationError: The modulus length must be a multiple of 8 and between 256 and 16k, but 17000 was requested.
OperationError: The "publicExponent" must be either 3 or 65537, but got 5.
TypeError: Missing field "publicExponent" in "algorithm".
DataError: Failed to provide salt for RSA-PSS key operation which requires a salt
OperationError: key too small for signing with given digest and salt length
