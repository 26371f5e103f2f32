// The orders, from KV.  What throws here goes to the application: by
// passThroughOnException() and the location's workers_fallback.  A body that
// was read before cannot be read again.

export default {
    async fetch(request, env, ctx) {
        if (request.method === 'PUT') {
            return put(await request.text(), env.STORE);
        }

        ctx.passThroughOnException();

        const orders = await env.STORE.get('orders', 'json');

        if (orders === null) {
            throw new Error('no orders have been stored so far');
        }

        return Response.json(orders);
    },
};


async function put(text, store) {
    try {
        JSON.parse(text);

    } catch (error) {
        return new Response(`${error.message}\n`, { status: 400 });
    }

    await store.put('orders', text);

    return new Response(null, { status: 204 });
}
