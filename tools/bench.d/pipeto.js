export default {
    fetch(request, env, ctx) {
        const { readable, writable } = new IdentityTransformStream();

        ctx.waitUntil(request.body.pipeTo(writable));
        return new Response(readable);
    },
};
