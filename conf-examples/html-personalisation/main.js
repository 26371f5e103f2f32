/*
 * The page is the same for everybody, and kept in KV; what is personal is
 * written into it while it flows to the visitor.
 */

const PAGE = `<!doctype html>
<html lang="en">
<head><title>Shop</title></head>
<body>
  <p class="greeting">Hello, stranger.</p>
  <div data-banner hidden>Free shipping this week.</div>
  <ul>
    <li>Tea <span data-price="4.50">$4.50</span></li>
    <li>Coffee <span data-price="7.20">$7.20</span></li>
  </ul>
  <!-- generated once, for all -->
  <a href="/account" data-member>Your account</a>
</body>
</html>
`;

export default {
    async fetch(request, env) {
        const visitor = {
            name: cookie(request, 'name'),
            euro: (request.headers.get('accept-language') ?? '')
                .toLowerCase().startsWith('de'),
            banner: Math.random() * 100 < Number(env.BANNER_PERCENT),
        };

        const page = await env.PAGES.get('shop', 'stream') ?? await first(env);

        return new HTMLRewriter()
            .on('.greeting', {
                element(e) {
                    if (visitor.name) {
                        e.setInnerContent(`Hello, ${visitor.name}.`);
                    }
                },
            })
            .on('[data-banner]', {
                element(e) {
                    if (visitor.banner) {
                        e.removeAttribute('hidden');
                    } else {
                        e.remove();
                    }
                },
            })
            .on('[data-price]', {
                element(e) {
                    if (visitor.euro) {
                        const price = Number(e.getAttribute('data-price'));

                        e.setInnerContent(
                            `${(price * Number(env.RATE_EUR)).toFixed(2)} €`);
                    }
                },
            })
            .on('[data-member]', {
                element(e) {
                    if (!visitor.name) {
                        e.replace('<a href="/login">Sign in</a>',
                                  { html: true });
                    }
                },
            })
            .onDocument({ comments(c) { c.remove(); } })
            .transform(new Response(page, { headers: {
                'content-type': 'text/html; charset=utf-8',
                'cache-control': 'private, no-store',
            } }));
    },
};

async function first(env) {
    await env.PAGES.put('shop', PAGE);
    return PAGE;
}

function cookie(request, name) {
    const pairs = (request.headers.get('cookie') ?? '').split(/;\s*/);
    const pair = pairs.find((p) => p.startsWith(`${name}=`));

    return pair ? decodeURIComponent(pair.slice(name.length + 1)) : undefined;
}
