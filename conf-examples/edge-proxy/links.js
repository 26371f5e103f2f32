// Short links.

export default {
    fetch(request, env) {
        const name = new URL(request.url).pathname.slice('/go/'.length);

        if (!Object.hasOwn(env.LINKS, name)) {
            return new Response('no such link\n', { status: 404 });
        }

        return Response.redirect(env.LINKS[name], 302);
    },
};
