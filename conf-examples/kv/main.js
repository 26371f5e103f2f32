// GET, PUT and DELETE of /values/KEY, and a list at /values.

export default {
    async fetch(request, env) {
        const url = new URL(request.url);

        try {
            if (url.pathname === '/values') {
                return await list(url.searchParams, env.STORE);
            }

            const key = decodeURIComponent(url.pathname.slice(8));

            switch (request.method) {

            case 'GET':
            case 'HEAD':
                return await get(key, env.STORE);

            case 'PUT':
                return await put(key, request, url.searchParams, env.STORE);

            case 'DELETE':
                await env.STORE.delete(key);
                return new Response(null, { status: 204 });

            default:
                return new Response(null, {
                    status: 405, headers: { allow: 'GET, HEAD, PUT, DELETE' },
                });
            }

        } catch (error) {
            return refuse(error);
        }
    },
};


async function get(key, store) {
    const { value, metadata } = await store.getWithMetadata(key, 'stream');

    if (value === null) {
        return Response.json({ error: 'no such key' }, { status: 404 });
    }

    return new Response(value, {
        headers: {
            'content-type': metadata?.type ?? 'application/octet-stream',
            'last-modified': new Date(metadata?.time ?? 0).toUTCString(),
        },
    });
}


async function put(key, request, params, store) {
    const options = {
        metadata: {
            type: request.headers.get('content-type'),
            time: Date.now(),
        },
    };

    if (params.has('ttl')) {
        options.expirationTtl = params.get('ttl');
    }

    await store.put(key, request.body ?? '', options);

    return new Response(null, { status: 204 });
}


async function list(params, store) {
    const { keys, list_complete, cursor } = await store.list({
        prefix: params.get('prefix'),
        limit: params.get('limit'),
        cursor: params.get('cursor'),
    });

    return Response.json({ keys, list_complete, cursor });
}


// "KV PUT failed: 400 Invalid expiration_ttl of 5. ...": the status is in it.
// A key that cannot be one is a TypeError, or a URIError of decoding it.

function refuse(error) {
    let status = /^KV \w+ failed: (\d+) /.exec(error.message)?.[1];

    if (error instanceof TypeError || error instanceof URIError) {
        status = 400;
    }

    if (status === undefined) {
        throw error;
    }

    return Response.json({ error: error.message }, { status: Number(status) });
}
