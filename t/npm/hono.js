import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { getCookie, setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { html } from 'hono/html';
import { requestId } from 'hono/request-id';
import { streamSSE } from 'hono/streaming';
import { validator } from 'hono/validator';

const app = new Hono();

app.use('/admin/*', basicAuth({ username: 'u', password: 'p' }));
app.use('/api/*', cors({ origin: 'https://app.example', maxAge: 60 }));

app.get('/', (c) => c.html(html`<p>${'<escaped>'}</p>`));
app.get('/admin/', (c) => c.text('in'));
app.get('/api/users/:id{[0-9]+}', (c) => c.json(c.req.param()));

app.post('/api/users',
         validator('json', (value, c) => value.name
                                         ? { name: `${value.name}` }
                                         : c.text('no name', 422)),
         (c) => c.json(c.req.valid('json'), 201));

app.get('/cookie', (c) => {
    setCookie(c, 'seen', 'a b', { httpOnly: true, maxAge: 5 });

    return c.json(getCookie(c));
});

app.get('/events', (c) => streamSSE(c, async (stream) => {
    await stream.writeSSE({ event: 'n', data: 'one\ntwo', id: '1' });
    await stream.sleep(1);
    await stream.writeSSE({ data: 'three' });
}));

app.post('/form', async (c) => {
    const { file, tag } = await c.req.parseBody({ all: true });

    return c.json([file.name, file.type, await file.text(), tag]);
});

app.get('/id', requestId(), (c) => c.json(c.get('requestId').length));
app.get('/teapot', () => { throw new HTTPException(418, { message: 'tea' }); });
app.get('/broken', () => { throw new TypeError('broken'); });

app.onError((e, c) => e instanceof HTTPException
            ? e.getResponse() : c.text(`caught ${e.message}`, 500));

app.notFound((c) => c.text('nothing there', 404));

export default app;
