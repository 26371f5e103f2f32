export default {
    async fetch(request) {
        let bytes = 0;

        for await (const chunk of request.body) {
            bytes += chunk.byteLength;
        }

        return new Response(`${bytes}`);
    },
};
