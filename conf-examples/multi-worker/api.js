// The API, as a class: one instance for each request.

import { WorkerEntrypoint } from 'cloudflare:workers';

export default class extends WorkerEntrypoint {
    async fetch(request) {
        const { pathname } = new URL(request.url);

        switch (pathname) {

        case '/api/version':
            return Response.json(this.env.VERSION);

        case '/api/features':
            return Response.json(this.env.FEATURES);

        case '/api/settings':
            return Response.json(await this.settings());

        default:
            return Response.json({ error: 'no such call' },
                                 { status: 404 });
        }
    }

    async settings() {
        const { keys } = await this.env.SETTINGS.list();
        const names = keys.map((key) => key.name);

        if (names.length === 0) {
            return {};
        }

        return Object.fromEntries(await this.env.SETTINGS.get(names));
    }
}
