export default {
    fetch(request) {
        const upper = new TransformStream({
            transform(chunk, controller) {
                controller.enqueue(chunk.toUpperCase());
            },
        });

        return new Response(request.body
                            .pipeThrough(new TextDecoderStream())
                            .pipeThrough(upper)
                            .pipeThrough(new TextEncoderStream()));
    },
};
