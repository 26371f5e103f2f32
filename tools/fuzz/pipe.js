// Copyright (C) the nginx-workers authors
//
// The worker that tools/fuzz/pipe sends requests to: the path says what
// becomes of the body.

export default {
    async fetch(request, env, ctx) {
        const { pathname } = new URL(request.url);

        switch (pathname.slice(1, 5)) {
        case 'echo':
            return new Response(request.body, { headers: request.headers });

        case 'read':
            return new Response(`${(await request.arrayBuffer()).byteLength}`);

        case 'part': {
            const reader = request.body?.getReader();

            await reader?.read();

            return new Response('part');
        }

        case 'late':
            ctx.waitUntil(request.text().catch(() => {}));
            return new Response('late');

        case 'pass':
            return new Response(request.body?.pipeThrough(
                new TransformStream({
                    transform(piece, controller) {
                        controller.enqueue(piece);
                        controller.enqueue(piece);
                    }
                })));

        case 'form': {
            const form = await request.formData();

            return new Response(form);
        }

        case 'tees': {
            const [one, two] = request.body.tee();

            ctx.waitUntil(one.cancel());

            return new Response(two);
        }

        case 'both': {
            const [one, two] = request.body?.tee() ?? [];

            ctx.waitUntil(new Response(one).text().catch(() => {}));

            return new Response(two);
        }

        case 'thru': {
            const length = Number(request.headers.get('content-length'));

            return new Response(request.body
                                ?.pipeThrough(new IdentityTransformStream())
                                .pipeThrough(new TransformStream())
                                .pipeThrough(new FixedLengthStream(length)));
        }

        case 'pipe': {
            const { readable, writable } = new IdentityTransformStream();
            const body = request.body ?? new Response('').body;

            ctx.waitUntil(body.pipeTo(writable).catch(() => {}));

            return new Response(readable);
        }

        case 'gzip':
            return new Response(request.body
                                ?.pipeThrough(new CompressionStream('gzip'))
                                .pipeThrough(new DecompressionStream('gzip')));

        case 'zips':
            return new Response(request.body
                                ?.pipeThrough(
                                    new DecompressionStream('deflate')));

        default:
            return new Response('ignored');
        }
    }
};
