export default {
    async fetch() {
        const all = await Promise.all(Array.from({ length: 10 }, async () =>
            (await fetch("ORIGIN")).text()));

        return new Response(`${all.reduce((n, text) => n + text.length, 0)}`);
    },
};
