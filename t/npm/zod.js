import { z } from 'zod';

const User = z.object({
    id: z.uuid(),
    email: z.email(),
    born: z.coerce.date().optional(),
    role: z.enum(['reader', 'writer']).default('reader'),
    tags: z.array(z.string().min(2)).max(3),
    contact: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('url'), url: z.url() }),
        z.object({ kind: z.literal('phone'), number: z.string() }),
    ]),
    name: z.string().trim().transform((s) => s.toUpperCase()),
}).strict();

export default {
    async fetch(request) {
        const result = await User.safeParseAsync(await request.json());

        return result.success
            ? Response.json(result.data)
            : Response.json(z.flattenError(result.error), { status: 422 });
    },
};
