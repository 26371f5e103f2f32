import { createContext, createElement as h, Suspense, use, useContext, useId,
         useMemo, useState } from 'react';
import { renderToReadableStream, renderToString } from 'react-dom/server.edge';

const Theme = createContext('light');

function Button({ children }) {
    const [count] = useState(1);
    const id = useId();
    const label = useMemo(() => `${children} ${count}`, [children, count]);

    return h('button', { id, className: useContext(Theme), disabled: true,
                         style: { fontSize: 12 }, onClick: () => {} }, label);
}

function Slow({ promise }) {
    return h('b', null, use(promise));
}

export default {
    async fetch(request) {
        if (new URL(request.url).pathname === '/string') {
            return new Response(renderToString(
                h(Theme.Provider, { value: 'dark' }, h(Button, null, '<&>'))));
        }

        const promise = new Promise((resolve) => {
            setTimeout(() => resolve('late'), 5);
        });

        const stream = await renderToReadableStream(
            h('div', null, h(Suspense, { fallback: h('i', null, 'wait') },
                             h(Slow, { promise }))));

        return new Response(stream, { headers: { 'content-type':
                                                 'text/html' } });
    },
};
