import { importJWK, jwtVerify } from 'jose';

const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'UwwRpd2qkWZoapOQBQ5PLMhKrDM7C_kRZFSAkpBcmWM',
    y: 'zbPB9Hfq8JjYVmfIDSeZLaUBrPFA4NBLlDjGEPvccBc',
};

const token = 'eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTQyIiwi'
    + 'bmFtZSI6IkEgVXNlciIsInNjb3BlIjoicmVhZCB3cml0ZSIsImlhdCI6MTc2NzIyNTYwMC'
    + 'wiaXNzIjoiaHR0cHM6Ly9pZC5leGFtcGxlIiwiYXVkIjoiYmVuY2gifQ.qUKOinYWNXsAC'
    + '5j84EIiICIpYMWrBZlR9x8r_eq_GQJw13ATMFaO_BmFgAxgGgDgMOiHR3umpr4MOzGzKm2'
    + 'NYg';

let key;

export default {
    async fetch() {
        key ??= await importJWK(jwk, 'ES256');

        const { payload } = await jwtVerify(token, key, {
            issuer: 'https://id.example',
            audience: 'bench',
            algorithms: ['ES256'],
        });

        return new Response(payload.sub);
    },
};
