// GET /primes?below=N: all primes below N.  DELETE takes it out of the cache.

const LIMIT = 5_000_000;

export default {
    async fetch(request, env, ctx) {
        const text = new URL(request.url).searchParams.get('below') ?? '';
        const below = Number(text);

        if (!/^\d+$/.test(text) || below > LIMIT) {
            return Response.json({ error: `below: a number up to ${LIMIT}` },
                                 { status: 400 });
        }

        // one key for one answer, whatever else stands in the query

        const url = new URL('/primes', request.url);
        url.searchParams.set('below', below);

        switch (request.method) {

        case 'GET':
        case 'HEAD':
            return get(new Request(url, { headers: request.headers }), below,
                       ctx);

        case 'DELETE':
            return Response.json({ purged: await caches.default.delete(url) });

        default:
            return new Response(null, { status: 405,
                                        headers: { allow: 'GET, HEAD, DELETE' } });
        }
    },
};


async function get(request, below, ctx) {
    // heeds If-None-Match and Range

    const cached = await caches.default.match(request);

    if (cached) {
        return cached;
    }

    const response = Response.json({ below, primes: primes(below) }, {
        headers: {
            // clients ask again after a minute, the cache keeps it for a day
            'cache-control': 'max-age=60, s-maxage=86400',
            etag: `"p${below}"`,
        },
    });

    // the client does not wait for the disk

    ctx.waitUntil(caches.default.put(request.url, response.clone()));

    response.headers.set('cf-cache-status', 'MISS');

    return response;
}


function primes(below) {
    const sieve = new Uint8Array(below), found = [];

    for (let n = 2; n < below; n++) {
        if (sieve[n]) {
            continue;
        }

        found.push(n);

        for (let m = n * n; m < below; m += n) {
            sieve[m] = 1;
        }
    }

    return found;
}
