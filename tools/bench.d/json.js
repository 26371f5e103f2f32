export default {
    fetch(request) {
        const url = new URL(request.url);
        const query = {};

        for (const [name, value] of url.searchParams) {
            query[name] = value;
        }

        return Response.json({
            method: request.method,
            path: url.pathname,
            query,
            tags: ['one', 'two', 'three'],
        });
    },
};
