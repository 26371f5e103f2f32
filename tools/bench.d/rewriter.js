const page = '<p class="a">some text</p>\n'.repeat(3850);
const handlers = ["a[href]", "img[src]", "script", "title", "body", "h1 > a",
                  "div.card", "#top", "li:first-child"];

export default {
    fetch() {
        const rewriter = new HTMLRewriter().on("p.a", {
            element(e) { e.setAttribute("data-n", "1"); } });

        for (const selector of handlers) {
            rewriter.on(selector, { element(e) { e.remove(); } });
        }

        return rewriter.transform(new Response(page));
    },
};
