const key = 'http://bench.example/';

export default {
    async fetch(request) {
        if (request.method === 'POST') {
            await caches.default.put(key, new Response(request.body, {
                headers: { 'cache-control': 'max-age=3600' } }));
            return new Response('stored');
        }

        return caches.default.match(key);
    },
};
