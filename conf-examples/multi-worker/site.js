// The site: a title from the configuration, a motto that the admin sets.

export default {
    async fetch(request, env) {
        const motto = await env.SETTINGS.get('motto') ?? 'no motto yet';

        return new Response(`${env.TITLE}: ${motto}\n`);
    },
};
