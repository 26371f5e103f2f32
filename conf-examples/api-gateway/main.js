// A gateway: who may ask, which variant of the origin answers, and what of
// the answer is shown.

const HIDDEN = ["x-powered-by", "server"];

// The same client sees the same variant: its name is hashed, not drawn.

async function variant(request, shares) {
    const client = request.headers.get("cf-connecting-ip") ?? "";
    const hash = await crypto.subtle.digest("SHA-256",
                                            new TextEncoder().encode(client));
    let point = new DataView(hash).getUint32(0) / 2 ** 32;

    for (const [name, share] of Object.entries(shares)) {
        if ((point -= share) < 0) {
            return name;
        }
    }

    return Object.keys(shares)[0];
}

function shown(response, name) {
    const out = new Response(response.body, response);

    for (const field of HIDDEN) {
        out.headers.delete(field);
    }

    out.headers.set("X-Variant", name);

    return out;
}

export default {
    async fetch(request, env) {
        const url = new URL(request.url);
        const auth = request.headers.get("authorization");

        if (auth !== `Bearer ${env.TOKEN}`) {
            return Response.json({ error: "no or another token" }, {
                status: 401, headers: { "WWW-Authenticate": "Bearer" } });
        }

        // a client may ask for a variant, but only for one that there is

        const wanted = request.headers.get("x-variant");
        const name = Object.hasOwn(env.SHARES, wanted)
                     ? wanted : await variant(request, env.SHARES);
        const origin = env[name];

        if (url.pathname === "/v1/overview") {

            // several calls at once make one answer

            const [now, later] = await Promise.all(
                ["time", "later"].map(async (path) =>
                    (await origin.fetch(new URL(`/${path}`, url))).json()));

            return Response.json({ now, later },
                                 { headers: { "X-Variant": name } });
        }

        // the rest passes through, its body without JavaScript

        const to = new Request(new URL(url.pathname.slice(3) + url.search, url),
                               request);

        to.headers.delete("authorization");

        return shown(await origin.fetch(to), name);
    },
};
