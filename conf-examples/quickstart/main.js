// Pages of the quickstart: a visit counter in KV, a JSON API, an echo.

import page from './page.html';
import { time, sum } from './api.js';

export default {
    async fetch(request, env, ctx) {
        const url = new URL(request.url);

        switch (url.pathname) {

        case '/':
            return hello(request, env);

        case '/api/time':
            return time(request);

        case '/api/sum':
            return sum(url.searchParams.getAll('n'));

        case '/echo':
            return echo(request);

        default:
            return new Response('no such page\n', { status: 404 });
        }
    },
};


// A KV namespace has no increment: of two visits in the same moment one may
// go uncounted.

async function hello(request, env) {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
        return notAllowed('GET, HEAD');
    }

    const visits = Number(await env.VISITS.get('count') ?? 0) + 1;

    await env.VISITS.put('count', String(visits));

    const html = page.replaceAll('{{greeting}}', env.GREETING)
                     .replaceAll('{{visits}}', String(visits));

    return new Response(html, {
        headers: { 'content-type': 'text/html; charset=utf-8' },
    });
}


// The body goes back while it arrives: its size does not matter.

function echo(request) {
    if (request.method !== 'POST' && request.method !== 'PUT') {
        return notAllowed('POST, PUT');
    }

    const type = request.headers.get('content-type')
                 ?? 'application/octet-stream';

    return new Response(request.body, { headers: { 'content-type': type } });
}


function notAllowed(allow) {
    return new Response('method not allowed\n', {
        status: 405, headers: { allow },
    });
}
