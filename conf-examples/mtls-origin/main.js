export default {
    async fetch(request, env) {
        const { pathname, search } = new URL(request.url);

        // env.CERTIFICATE.fetch() is fetch() with the client certificate

        return env.CERTIFICATE.fetch(
            new Request(env.ORIGIN + pathname + search, request));
    },
};
