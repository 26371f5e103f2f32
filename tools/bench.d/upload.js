export default {
    async fetch(request) {
        const r = await fetch("ORIGIN", { method: "POST",
                                          body: request.body });

        return new Response(`${r.status}`);
    },
};
