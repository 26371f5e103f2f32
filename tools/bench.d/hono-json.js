import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';

const app = new Hono();
const user = (id) => ({ id, name: `user ${id}`, roles: ['reader', 'writer'] });

app.use(secureHeaders());
app.use('/api/*', cors({ origin: 'https://app.example' }));
app.use('/api/*', bodyLimit({ maxSize: 64 * 1024 }));

app.use('/api/*', async (c, next) => {
    await next();
    c.header('x-served-by', 'bench');
});

app.get('/', (c) => c.text('home'));
app.get('/health', (c) => c.json({ ok: true }));
app.get('/api/users', (c) => c.json([1, 2, 3].map(user)));
app.post('/api/users', async (c) => c.json(await c.req.json(), 201));

app.get('/api/users/:id', (c) => {
    const id = Number(c.req.param('id'));

    if (!Number.isInteger(id)) {
        throw new HTTPException(400, { message: 'bad id' });
    }

    const { page, sort } = c.req.query();

    return c.json({ ...user(id), page, sort });
});

app.put('/api/users/:id', async (c) => c.json(await c.req.json()));
app.delete('/api/users/:id', (c) => c.body(null, 204));
app.get('/api/users/:id/posts', (c) => c.json([]));
app.get('/api/users/:id/posts/:post', (c) => c.json(c.req.param()));
app.get('/static/*', (c) => c.text(c.req.path));

app.notFound((c) => c.json({ error: 'not found' }, 404));

app.onError((error, c) => error instanceof HTTPException
            ? error.getResponse()
            : c.json({ error: error.message }, 500));

export default app;
