export default {
    fetch(request, env, ctx) {
        const [first, second] = request.body.tee();

        ctx.waitUntil(second.pipeTo(new WritableStream({ write() {} })));
        return new Response(first);
    },
};
