import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage();

async function log(lines, text) {
    await null;
    lines.push(`${storage.getStore().id} ${text}`);
}

async function handle(request) {
    const lines = [];

    await log(lines, request.method);
    await Promise.all([log(lines, 'one'), log(lines, 'two')]);

    return new Response(lines.join('\n'), {
        headers: { 'x-bench-01': storage.getStore().id },
    });
}

export default {
    fetch(request) {
        const id = request.headers.get('x-bench-01');

        return storage.run({ id }, handle, request);
    },
};
