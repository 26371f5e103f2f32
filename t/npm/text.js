import { XMLParser } from 'fast-xml-parser';
import MarkdownIt from 'markdown-it';
import { parse, stringify } from 'yaml';

const markdown = new MarkdownIt({ html: false, linkify: true,
                                  typographer: true });
const xml = new XMLParser({ ignoreAttributes: false });

const handlers = {
    '/markdown': (text) => new Response(markdown.render(text)),
    '/yaml': (text) => Response.json(parse(text)),
    '/to-yaml': (text) => new Response(stringify(JSON.parse(text))),
    '/xml': (text) => Response.json(xml.parse(text)),
};

export default {
    async fetch(request) {
        const { pathname } = new URL(request.url);

        return handlers[pathname](await request.text());
    },
};
