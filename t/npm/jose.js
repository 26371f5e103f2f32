import { calculateJwkThumbprint, compactDecrypt, CompactEncrypt,
         createLocalJWKSet, exportJWK, exportPKCS8, generateKeyPair,
         importPKCS8, jwtVerify, SignJWT } from 'jose';

const encoder = new TextEncoder();
const secret = encoder.encode('a secret that is shared by both');

async function signed(alg) {
    const { publicKey, privateKey } = await generateKeyPair(alg, {
        extractable: true,
    });
    const jwk = { ...await exportJWK(publicKey), alg };

    jwk.kid = await calculateJwkThumbprint(jwk);

    const key = await importPKCS8(await exportPKCS8(privateKey), alg);
    const token = await new SignJWT({ sub: 'ann' })
        .setProtectedHeader({ alg, kid: jwk.kid }).setIssuedAt()
        .setExpirationTime('5m').sign(key);
    const { payload } = await jwtVerify(token,
                                        createLocalJWKSet({ keys: [jwk] }));

    return payload.sub;
}

async function refused(token, options) {
    try {
        await jwtVerify(token, secret, options);

    } catch (e) {
        return e.code;
    }
}

export default {
    async fetch() {
        const lines = [];

        for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
            lines.push(`${alg} ${await signed(alg)}`);
        }

        const token = await new SignJWT({ scope: 'read' })
            .setProtectedHeader({ alg: 'HS256' }).setAudience('us').sign(secret);
        const { payload } = await jwtVerify(token, secret);
        const old = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' })
            .setExpirationTime(1).sign(secret);

        lines.push(`HS256 ${payload.scope}`,
                   await refused(token, { audience: 'them' }),
                   await refused(old),
                   await refused(token.slice(0, -4) + 'AAAA'),
                   await refused('a.b.c'));

        const { publicKey, privateKey } = await generateKeyPair('ECDH-ES');
        const sealed = await new CompactEncrypt(encoder.encode('sealed'))
            .setProtectedHeader({ alg: 'ECDH-ES+A128KW', enc: 'A256GCM' })
            .encrypt(publicKey);
        const { plaintext } = await compactDecrypt(sealed, privateKey);

        lines.push(new TextDecoder().decode(plaintext));

        return new Response(lines.join('\n'));
    },
};
