import { assign, createActor, fromPromise, setup, waitFor } from 'xstate';

const machine = setup({
    actors: {
        load: fromPromise(async ({ input }) => {
            await scheduler.wait(1);

            if (input.attempt < 2) {
                throw new Error('not yet');
            }

            return `loaded at attempt ${input.attempt}`;
        }),
    },
}).createMachine({
    initial: 'loading',
    context: { attempt: 0, result: null },
    states: {
        loading: {
            entry: assign({ attempt: ({ context }) => context.attempt + 1 }),
            invoke: {
                src: 'load',
                input: ({ context }) => context,
                onDone: {
                    target: 'done',
                    actions: assign({ result: ({ event }) => event.output }),
                },
                onError: 'waiting',
            },
        },
        waiting: { after: { 2: 'loading' } },
        done: { type: 'final' },
    },
});

export default {
    async fetch() {
        const actor = createActor(machine);
        const states = [];

        actor.subscribe(({ value }) => states.push(value));
        actor.start();

        const { context } = await waitFor(actor, (s) => s.status === 'done');

        return Response.json([states, context.result]);
    },
};
