import { jwtVerify } from 'jose';

const key = new TextEncoder().encode('a secret of the bench, of 32 bytes '
                                     + 'and more');

const token = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTQyIiwi'
    + 'bmFtZSI6IkEgVXNlciIsInNjb3BlIjoicmVhZCB3cml0ZSIsImlhdCI6MTc2NzIyNTYwMC'
    + 'wiaXNzIjoiaHR0cHM6Ly9pZC5leGFtcGxlIiwiYXVkIjoiYmVuY2gifQ.DRVjXv5G5iXXj'
    + 'HUOB9wKbLAVzHYL35NT5mt_gzKQ358';

export default {
    async fetch() {
        const { payload } = await jwtVerify(token, key, {
            issuer: 'https://id.example',
            audience: 'bench',
            algorithms: ['HS256'],
        });

        return new Response(payload.sub);
    },
};
