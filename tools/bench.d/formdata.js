export default {
    async fetch(request) {
        const out = {};

        for (const [name, value] of await request.formData()) {
            out[name] = typeof value === 'string' ? value : value.size;
        }

        return Response.json(out);
    },
};
