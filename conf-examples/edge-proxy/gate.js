// Asked by auth_request before each request to the application: 204 lets it
// pass, 403 refuses it.  The client's headers are here, its body is not.

export default {
    fetch(request, env) {
        const agent = request.headers.get('user-agent') ?? '';

        if (env.BLOCKED_AGENTS.some((name) => agent.includes(name))) {
            return new Response(null, { status: 403 });
        }

        const cookie = request.headers.get('cookie') ?? '';
        const [, known] = /(?:^|; *)variant=([ab])(?:;|$)/.exec(cookie) ?? [];
        const headers = new Headers();

        if (known !== undefined) {
            headers.set('x-variant', known);

        } else {
            const variant = Math.random() < 0.5 ? 'a' : 'b';

            headers.set('x-variant', variant);
            headers.set('x-cookie', `variant=${variant}; Path=/; ` +
                                    'Max-Age=86400; SameSite=Lax');
        }

        return new Response(null, { status: 204, headers });
    },
};
