import { AutoRouter, cors, error, StatusError, withContent } from 'itty-router';

const { preflight } = cors({ origin: 'https://app.example' });
const router = AutoRouter({ before: [preflight] });

router
    .get('/items/:id/:part?', ({ id, part, query }) => ({ id, part, query }))
    .get('/files/:path+', ({ path }) => path)
    .post('/items', withContent, ({ content }) => content)
    .get('/gone', () => error(410, 'gone'))
    .get('/teapot', () => { throw new StatusError(418, { short: 'stout' }); });

export default router;
