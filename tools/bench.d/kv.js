let n = 0;

export default {
    async fetch(request, env) {
        if (request.method === 'PUT') {
            n = (n + 1) % 1000;
            await env.KV.put(`put-${n}`, await request.text());
            return new Response('stored');
        }

        if (request.method === 'POST') {
            await env.KV.put('key', await request.text());
            return new Response('stored');
        }

        return new Response(await env.KV.get('key'));
    },
};
