export default {
    fetch(request) {
        const headers = new Headers();

        for (const [name, value] of request.headers) {
            if (name.startsWith('x-bench-')) {
                headers.set(name, value);
            }
        }

        return new Response('ok', { headers });
    },
};
