# Copyright (C) the nginx-workers authors
#
# node:crypto: asymmetric keys, signatures, key agreement, primes and
# certificates.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;

    if (!defined $block->script) {
        $block->set_value(script => "compatibility_date 2026-07-01;\n"
                          . "compatibility_flags nodejs_compat;");
    }
});

run_tests();

__DATA__

=== TEST 1: pairs of every kind
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    const out = [];
    for (const [type, options] of [['rsa', { modulusLength: 2048 }],
                                   ['ec', { namedCurve: 'P-256' }],
                                   ['ed25519'], ['x25519'],
                                   ['dh', { group: 'modp14' }]])
    {
        const { publicKey, privateKey } = c.generateKeyPairSync(type, options);
        const d = publicKey.asymmetricKeyDetails;
        out.push([publicKey.type, privateKey.type, publicKey.asymmetricKeyType,
                  d.modulusLength, String(d.publicExponent), d.namedCurve]);
    }
    const pair = await new Promise((resolve, reject) => c.generateKeyPair('rsa',
        { modulusLength: 2048,
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'der' } },
        (e, p, k) => (e ? reject(e) : resolve([p, k]))));
    out.push([pair[0].slice(0, 26), Buffer.isBuffer(pair[1])]);
    return Response.json(out);
} };
--- response_body chomp
[["public","private","rsa",2048,"65537",null],["public","private","ec",null,"undefined","prime256v1"],["public","private","ed25519",null,"undefined",null],["public","private","x25519",null,"undefined",null],["public","private","dh",null,"undefined",null],["-----BEGIN PUBLIC KEY-----",true]]



=== TEST 2: a pair that cannot be made says why
--- user_files
>>> w.js
import * as c from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return `${e.name} ${e.code ?? ''} ${e.message}`; } };
export default { async fetch() {
    return new Response([
        () => c.generateKeyPairSync('rsa'),
        () => c.generateKeyPairSync('zz', {}),
        () => c.generateKeyPairSync('ec', {}),
        () => c.generateKeyPairSync('ec', { namedCurve: 'zz' }),
        () => c.generateKeyPairSync('rsa', { modulusLength: 1e6 }),
        () => c.generateKeyPair('rsa', {}),
    ].map(said).join('\n'));
} };
--- response_body chomp
TypeError ERR_INVALID_ARG_TYPE The "options.modulusLength" property must be of type number. Received undefined
TypeError ERR_INVALID_ARG_VALUE The argument 'type' must be one of: 'rsa', 'ec', 'ed25519', 'x25519', 'dh'. Received 'zz'
TypeError ERR_INVALID_ARG_TYPE The "options.namedCurve" property must be of type string. Received undefined
Error  Invalid or unsupported curve
Error  Failed to initialize key
TypeError ERR_INVALID_ARG_TYPE The "callback" argument must be of type function. Received undefined



=== TEST 3: making a key stops at the limit of CPU time
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
limits cpu=100ms;
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    c.generatePrimeSync(8192, { safe: true });
    return new Response('made');
} };
--- error_code: 503
--- error_log
exceeded CPU time limit



=== TEST 4: keys are written and read in all their forms
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    const out = [];
    const rsa = c.generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = c.generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const ed = c.generateKeyPairSync('ed25519');
    for (const [pair, types] of [[rsa, ['pkcs1', 'pkcs8']],
                                 [ec, ['sec1', 'pkcs8']], [ed, ['pkcs8']]])
    {
        for (const type of types)
            for (const format of ['pem', 'der']) {
                const key = pair.privateKey.export({ type, format });
                const back = c.createPrivateKey(format === 'pem' ? key
                                                : { key, type, format });
                out.push(back.equals(pair.privateKey));
            }
        for (const format of ['pem', 'der']) {
            const key = pair.publicKey.export({ type: 'spki', format });
            const back = c.createPublicKey(format === 'pem' ? key
                                           : { key, type: 'spki', format });
            out.push(back.equals(pair.publicKey));
        }
        const jwk = pair.privateKey.export({ format: 'jwk' });
        out.push(c.createPrivateKey({ key: jwk, format: 'jwk' })
                 .equals(pair.privateKey));
        out.push(c.createPublicKey({ key: pair.publicKey.export({ format: 'jwk' }),
                                     format: 'jwk' }).equals(pair.publicKey));
        out.push(c.createPublicKey(pair.privateKey).equals(pair.publicKey));
        out.push(pair.publicKey.equals(pair.privateKey));
    }
    return Response.json([out.filter((v) => v).length, out.length,
                          c.createPublicKey(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })).type]);
} };
--- response_body chomp
[25,28,"public"]



=== TEST 5: a key under a passphrase
--- user_files
>>> w.js
import * as c from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return e.message; } };
export default { async fetch() {
    const { privateKey } = c.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' });
    return Response.json([
        key.slice(0, 37),
        c.createPrivateKey({ key, passphrase: 'open' }).equals(privateKey),
        said(() => c.createPrivateKey({ key, passphrase: 'shut' })),
        said(() => c.createPrivateKey(key)),
        said(() => privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'zz', passphrase: 'x' })),
        said(() => privateKey.export({ type: 'pkcs1', format: 'pem' })),
        said(() => privateKey.export()),
        said(() => c.createPrivateKey('nonsense')),
        said(() => c.createPublicKey({ key: { kty: 'zz' }, format: 'jwk' })),
    ]);
} };
--- response_body chomp
["-----BEGIN ENCRYPTED PRIVATE KEY-----",true,"Failed to parse private key","Failed to parse private key","Unknown cipher: zz","PKCS1 can only be used for RSA keys","Missing type option","Failed to parse private key","JWK public key import is not implemented for this key type"]



=== TEST 6: signatures, and that a changed text fails
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    const out = [];
    const text = Buffer.from('text'), other = Buffer.from('Text');
    const rsa = c.generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = c.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ed = c.generateKeyPairSync('ed25519');
    const pss = { padding: c.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    const raw = { dsaEncoding: 'ieee-p1363' };
    for (const [pair, digest, options] of [[rsa, 'sha256'], [rsa, 'RSA-SHA512'],
        [rsa, 'sha256', pss], [ec, 'sha256'], [ec, 'sha256', raw], [ed, null]])
    {
        const sig = c.sign(digest, text, { key: pair.privateKey, ...options });
        const key = { key: pair.publicKey, ...options };
        out.push([sig.length, c.verify(digest, text, key, sig),
                  c.verify(digest, other, key, sig)].map((v, i) => (i === 0 && pair === ec && !options ? v > 66 : v)));
        if (digest) {
            const s = c.createSign(digest).update('te').update('xt').sign({ key: pair.privateKey, ...options }, 'hex');
            out.push(c.createVerify(digest).update('text').verify(key, s, 'hex'));
        }
    }
    out.push(await new Promise((r) => c.sign('sha256', text, rsa.privateKey, (e, s) => r(s.length))));
    return Response.json(out);
} };
--- response_body chomp
[[256,true,false],true,[256,true,false],true,[256,true,false],true,[true,true,false],true,[64,true,false],true,[64,true,false],256]



=== TEST 7: what Web Crypto signs node:crypto verifies, and the reverse
--- user_files
>>> w.js
import * as c from 'node:crypto';
export default { async fetch() {
    const alg = { name: 'ECDSA', namedCurve: 'P-256' }, text = Buffer.from('x');
    const web = await crypto.subtle.generateKey(alg, true, ['sign', 'verify']);
    const sig = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, web.privateKey, text);
    const key = c.KeyObject.from(web.publicKey);
    const mine = c.sign('sha256', text, { key: web.privateKey, dsaEncoding: 'ieee-p1363' });
    return Response.json([
        c.verify('sha256', text, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(sig)),
        await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, web.publicKey, mine, text),
    ]);
} };
--- response_body chomp
[true,true]



=== TEST 8: what a signature refuses
--- user_files
>>> w.js
import * as c from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return `${e.name} ${e.code ?? ''} ${e.message}`; } };
export default { async fetch() {
    const { publicKey, privateKey } = c.generateKeyPairSync('rsa', { modulusLength: 2048 });
    const s = c.createSign('sha256').update('x');
    s.sign(privateKey);
    return new Response([
        () => c.createSign('nope'),
        () => c.createSign(),
        () => c.createSign('sha256').update('x').sign(),
        () => c.createSign('sha256').update('x').sign(publicKey),
        () => c.createSign('sha256').update('x').sign('zz'),
        () => s.sign(privateKey),
        () => s.update('y'),
        () => c.sign('sha256', 'x', privateKey),
        () => c.sign(null, Buffer.from('x'), privateKey),
        () => c.sign('sha256', Buffer.from('x'), { key: privateKey, padding: 'a' }),
        () => c.createVerify('sha256').update('x').verify(publicKey, 'zz', 'hex'),
    ].map(said).join('\n'));
} };
--- response_body chomp
Error  Unknown digest: nope
TypeError ERR_INVALID_ARG_TYPE The "algorithm" argument must be of type string. Received undefined
Error ERR_CRYPTO_SIGN_KEY_REQUIRED No key provided to sign
Error ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE Invalid key object type public, expected private.
Error  Failed to parse private key
Error  Signing context has already been finalized
Error  Signing context has already been finalized
TypeError ERR_INVALID_ARG_TYPE The "data" argument must be an instance of Buffer, TypedArray, or DataView. Received type string ('x')
Error  Failed to initialize signing context
TypeError ERR_INVALID_ARG_VALUE The property 'options.padding' is invalid. Received 'a'
false



=== TEST 9: encryption with RSA
--- user_files
>>> w.js
import * as c from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return e.message; } };
export default { async fetch() {
    const { publicKey, privateKey } = c.generateKeyPairSync('rsa', { modulusLength: 2048 });
    const oaep = { oaepHash: 'sha256', oaepLabel: Buffer.from('label') };
    const hi = Buffer.from('hi');
    return Response.json([
        c.privateDecrypt(privateKey, c.publicEncrypt(publicKey, hi)).toString(),
        c.privateDecrypt({ key: privateKey, ...oaep }, c.publicEncrypt({ key: publicKey, ...oaep }, hi)).toString(),
        c.privateDecrypt({ key: privateKey, padding: 1 }, c.publicEncrypt({ key: publicKey, padding: 1 }, hi)).toString(),
        c.publicDecrypt(publicKey, c.privateEncrypt(privateKey, hi)).toString(),
        said(() => c.privateDecrypt(privateKey, hi)),
        said(() => c.publicEncrypt(publicKey, Buffer.alloc(300))),
        said(() => c.publicEncrypt({ key: publicKey, oaepHash: 'zz' }, hi)),
    ]);
} };
--- response_body chomp
["hi","hi","hi","hi","Failed to cipher/decipher","Failed to cipher/decipher","Unsupported hash digest"]



=== TEST 10: Diffie-Hellman
--- user_files
>>> w.js
import * as c from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return e.message; } };
export default { async fetch() {
    const a = c.getDiffieHellman('modp14'), b = c.createDiffieHellman(a.getPrime(), 2);
    a.generateKeys();
    b.generateKeys();
    const small = c.createDiffieHellman('17', 'hex', 5);
    small.setPrivateKey(Buffer.from([6]));
    return Response.json([
        a.computeSecret(b.getPublicKey('hex'), 'hex', 'hex') === b.computeSecret(a.getPublicKey(), null, 'hex'),
        a.verifyError, a.getPrime().length, a.getGenerator('hex'),
        small.generateKeys('hex'), small.computeSecret('13', 'hex', 'hex'),
        c.createDiffieHellman(64).verifyError,
        said(() => a.computeSecret(Buffer.from([1]))),
        said(() => a.computeSecret(Buffer.alloc(256, 255))),
        said(() => c.createDiffieHellman(2)),
        said(() => c.getDiffieHellman('zz')),
        said(() => c.createDiffieHellman(16).getPublicKey()),
    ]);
} };
--- response_body chomp
[true,0,256,"02","08","02",0,"Supplied key is too small","Supplied key is too large","DiffieHellman init failed: could not generate parameters","Failed to init DiffieHellmanGroup: invalid group. Only groups {modp14, modp15, modp16, modp17, modp18} are supported.","No public key - did you forget to generate one?"]



=== TEST 11: ECDH, and the forms of a point
--- user_files
>>> w.js
import * as c from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return e.message; } };
export default { async fetch() {
    const a = c.createECDH('prime256v1'), b = c.createECDH('prime256v1');
    a.generateKeys();
    b.generateKeys();
    const k = c.createECDH('prime256v1');
    k.setPrivateKey(Buffer.alloc(32, 1));
    const x = c.generateKeyPairSync('x25519'), y = c.generateKeyPairSync('x25519');
    const point = k.getPublicKey('hex', 'compressed');
    return Response.json([
        a.computeSecret(b.getPublicKey(null, 'compressed'), null, 'hex') === b.computeSecret(a.getPublicKey('base64'), 'base64', 'hex'),
        point, k.getPublicKey('hex', 'hybrid').slice(0, 2),
        c.ECDH.convertKey(point, 'prime256v1', 'hex', 'hex') === k.getPublicKey('hex'),
        c.diffieHellman({ privateKey: x.privateKey, publicKey: y.publicKey })
         .equals(c.diffieHellman({ privateKey: y.privateKey, publicKey: x.publicKey })),
        said(() => a.computeSecret(Buffer.from([4, 5]))),
        said(() => c.createECDH('zz')),
        said(() => k.setPrivateKey(Buffer.alloc(32))),
        said(() => k.setPrivateKey(Buffer.alloc(33, 1))),
        said(() => c.createECDH('secp384r1').getPublicKey()),
    ]);
} };
--- response_body chomp
[true,"026ff03b949241ce1dadd43519e6960e0a85b41a69a05c328103aa2bce1594ca16","06",true,true,"Failed to set point","Invalid curve","Private key is not valid for specified curve.","Private key is not valid for specified curve.","Failed to get ECDH public key"]



=== TEST 12: primes
--- user_files
>>> w.js
import * as c from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return `${e.code} ${e.message}`; } };
export default { async fetch() {
    const p = c.generatePrimeSync(64);
    const q = c.generatePrimeSync(40, { add: 12n, rem: 11n, bigint: true });
    return Response.json([
        p.byteLength, c.checkPrimeSync(p), Number(q % 12n),
        c.checkPrimeSync(9n), c.checkPrimeSync(Buffer.from([7])),
        await new Promise((r) => c.generatePrime(32, { bigint: true }, (e, v) => r(typeof v))),
        await new Promise((r) => c.checkPrime(11n, (e, v) => r(v))),
        said(() => c.generatePrimeSync(0)), said(() => c.checkPrimeSync(-3n)),
        said(() => c.generatePrimeSync(8, { add: 1000n })),
    ]);
} };
--- response_body chomp
[8,true,11,false,true,"bigint",true,"ERR_OUT_OF_RANGE The value of \"size\" is out of range. It must be >= 1 && <= 2147483647. Received 0","ERR_OUT_OF_RANGE The value of \"candidate\" is out of range. It must be >= 0. Received -3n","undefined Invalid values for add and rem"]



=== TEST 13: a certificate
--- user_files
>>> w.js
import { X509Certificate, createPublicKey, generateKeyPairSync } from 'node:crypto';
import pem from './cert.txt';
export default { async fetch() {
    const x = new X509Certificate(pem);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const legacy = x.toLegacyObject();
    return Response.json([
        x.subject, x.subjectAltName, x.infoAccess, x.keyUsage, x.ca,
        x.validTo, x.serialNumber, x.fingerprint256.slice(0, 11),
        x.toString() === pem, new X509Certificate(x.raw).fingerprint === x.fingerprint,
        x.publicKey.asymmetricKeyType, x.verify(x.publicKey), x.verify(other.publicKey),
        x.checkPrivateKey(other.privateKey), x.checkIssued(x),
        ['example.com', 'a.example.com', 'a.b.example.com', 'other.org'].map((h) => x.checkHost(h) ?? null),
        x.checkEmail('a@example.com'), x.checkIP('127.0.0.1'), x.checkIP('::1') ?? null,
        createPublicKey(pem).equals(x.publicKey),
        legacy.subject.O, legacy.infoAccess['OCSP - URI'], legacy.exponent, legacy.bits,
    ]);
} };
>>> cert.txt
-----BEGIN CERTIFICATE-----
MIID7jCCAtagAwIBAgIURn6YKP707fayWSGS3DcP/RYUwVswDQYJKoZIhvcNAQEL
BQAwNzELMAkGA1UEBhMCVVMxEjAQBgNVBAoMCUFjbWUsIEluYzEUMBIGA1UEAwwL
ZXhhbXBsZS5jb20wHhcNMjYxMTI1MTkzODI3WhcNMzYxMTIyMTkzODI3WjA3MQsw
CQYDVQQGEwJVUzESMBAGA1UECgwJQWNtZSwgSW5jMRQwEgYDVQQDDAtleGFtcGxl
LmNvbTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALWQMvmFdVBjmD7l
m+63TilhZfEGz1EhfTrvRcjHbweG2D7KD97GU/kRQoarQsB4X5ruSihi5Qfyl2oo
p7uswtvK3BlOqINZUBV60ejjTiRU0c+f3NQ2tZrBc5oW5mhSAa1qqhdOPE92jaUK
xmFsLTwWS48nZNv7/B5AsDAVNkOiu85Ygv0AYrAQ1NV1Mgr8MsI/C1sAOH+UJFO3
JrQo0wCCyUvuB5rhV9Vq4ZFBT56ZQpn5JXyP7qj/jPPfbwg2ITzZII43n/C2OcUE
Z10luqz4oXSTU8kpC3SjlPGLZIFNWxeBe9Sv1nZ9Qv+7W+rhZ/yTTZkBsjmkTMkn
fF/fY9ECAwEAAaOB8TCB7jAdBgNVHQ4EFgQU+CKU5GZBe+W5vN5/NZJbSqCjYKww
HwYDVR0jBBgwFoAU+CKU5GZBe+W5vN5/NZJbSqCjYKwwDwYDVR0TAQH/BAUwAwEB
/zBFBgNVHREEPjA8ggtleGFtcGxlLmNvbYINKi5leGFtcGxlLmNvbYcEfwAAAYEN
YUBleGFtcGxlLmNvbYYJaHR0cDovL2UvMAsGA1UdDwQEAwIChDAdBgNVHSUEFjAU
BggrBgEFBQcDAQYIKwYBBQUHAwIwKAYIKwYBBQUHAQEEHDAaMBgGCCsGAQUFBzAB
hgxodHRwOi8vb2NzcC8wDQYJKoZIhvcNAQELBQADggEBAIJOxV4FYrEycTQS9fEq
bHKA51pnkshd/MVXQzlIzz8/k2THQxycKyt/QtJLrXJEYBhPdgufUMYkVDNL12br
IlDCLHQnCGqpZE5Pa+k5q4FoefWbwboryKFfJjvG+ECJpQTK4iWQiVWxsOziKErS
gj/tU/JPf3HD4S4vYLXehTHsXDBIgj31w881E+qFhEJAm+8+9jbf9A8mj+C+SVhu
EZnuKtG8S8Yt1+5Sl+IA8ahRmpmAhUjYxQPGICmaJuMF5OgaLONmQ3ZZgWzAt41S
MK3QEZCK1HOF/mqknGzC0D2BDQ47/zS9e5tWQseNn5ELohS8cEoAWFJMylXMF7hS
OSg=
-----END CERTIFICATE-----
--- response_body chomp
["C=US\nO=Acme\\, Inc\nCN=example.com","DNS:example.com, DNS:*.example.com, IP Address:127.0.0.1, email:a@example.com, URI:http://e/","OCSP - URI:http://ocsp/\n",["1.3.6.1.5.5.7.3.1","1.3.6.1.5.5.7.3.2"],true,"Nov 22 19:38:27 2036 GMT","467E9828FEF4EDF6B2592192DC370FFD1614C15B","93:1B:D2:48",true,true,"rsa",true,false,false,true,["example.com","*.example.com",null,null],"a@example.com","127.0.0.1",null,true,"Acme, Inc",["http://ocsp/"],"0x10001",2048]



=== TEST 14: what is no certificate
--- user_files
>>> w.js
import { X509Certificate, Certificate } from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return `${e.code} ${e.message}`; } };
export default { async fetch() {
    return new Response([
        () => new X509Certificate('zz'), () => new X509Certificate(5),
        () => Certificate.verifySpkac(Buffer.from('x')),
        () => Certificate.exportChallenge(Buffer.from('x')).length,
    ].map(said).join('\n'));
} };
--- response_body chomp
ERR_INVALID_ARG_VALUE The argument 'buffer' is not a valid certificate. Received <Buffer 7a 7a>
ERR_INVALID_ARG_TYPE The "buffer" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (5)
false
0



=== TEST 15: a key of Web Crypto that is not extractable is used, and stays in
--- user_files
>>> w.js
import * as c from 'node:crypto';
const said = (fn) => { try { return fn() ?? 'none'; } catch (e) { return `${e.name}: ${e.message}`; } };
export default { async fetch() {
    const out = [];
    for (const extractable of [true, false]) {
        const aes = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, extractable, ['encrypt']);
        const ec = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, extractable, ['sign', 'verify']);
        const hmac = await crypto.subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, extractable, ['sign']);
        const key = c.KeyObject.from(ec.privateKey), secret = c.KeyObject.from(aes);
        out.push(said(() => secret.export().length), said(() => secret.export({ format: 'jwk' }).kty),
                 said(() => key.export({ type: 'pkcs8', format: 'der' }).length > 100),
                 said(() => key.export({ format: 'jwk' }).kty),
                 said(() => c.createPublicKey(key).export({ format: 'jwk' }).kty),
                 said(() => c.createHmac('sha256', hmac).update('x').digest('hex').length),
                 said(() => c.sign('sha256', Buffer.from('x'), ec.privateKey).length > 66));
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
16
oct
true
EC
EC
64
true
TypeError: Unable to export non-extractable key
TypeError: Unable to export non-extractable key
TypeError: Unable to export non-extractable key
TypeError: Unable to export non-extractable key
EC
64
true
