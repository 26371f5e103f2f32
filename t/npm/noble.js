import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const text = utf8ToBytes('abc');
const key = sha256(utf8ToBytes('key'));

export default {
    fetch() {
        const lines = [
            sha256(text), sha3_256(text),
            pbkdf2(sha256, 'password', 'salt', { c: 2, dkLen: 32 }),
        ].map(bytesToHex);

        for (const curve of [secp256k1, p256, ed25519]) {
            const signature = curve.sign(text, key);
            const open = curve.getPublicKey(key);

            lines.push(curve.verify(signature, text, open),
                       curve.verify(signature, key, open));
        }

        return new Response(lines.join('\n'));
    },
};
