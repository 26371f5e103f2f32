export default {
    fetch(request) {
        const pass = new TransformStream({
            transform(chunk, controller) {
                controller.enqueue(chunk);
            },
        });

        return new Response(request.body.pipeThrough(pass));
    },
};
