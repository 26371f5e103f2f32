// The store behind the peer's KV namespace: a Map, so that the peer's disk
// plays no part.

const values = new Map();

export default {
    async fetch(request) {
        const key = new URL(request.url).pathname;

        if (request.method === 'PUT') {
            values.set(key, await request.arrayBuffer());
            return new Response(null, { status: 204 });
        }

        const value = values.get(key);

        return value === undefined ? new Response(null, { status: 404 })
                                   : new Response(value);
    },
};
