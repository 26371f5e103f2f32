/*
 * Copyright (C) the nginx-workers authors
 *
 * TextEncoderStream and TextDecoderStream: Encoding Standard, sections 7.5
 * and 7.6.
 */

export default function defineTextStreams() {

const {
    Object, Symbol, TextDecoder, TextEncoder, TransformStream,
} = globalThis;

const encoder = new TextEncoder();
const encode = encoder.encode.bind(encoder);
const STREAM = { __proto__: null, stream: true };

const isHighSurrogate = (unit) => unit >= 0xd800 && unit <= 0xdbff;


class TextEncoderStream {
    #transform;

    constructor() {
        let pending = '';                   /* a high surrogate */

        this.#transform = new TransformStream({
            transform(chunk, controller) {
                let text = pending + `${chunk}`;

                pending = '';

                if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
                    pending = text.slice(-1);
                    text = text.slice(0, -1);
                }

                if (text !== '') {
                    controller.enqueue(encode(text));
                }
            },

            flush(controller) {
                if (pending !== '') {
                    controller.enqueue(encode(pending));
                }
            },
        });
    }

    get encoding() {
        this.#transform;

        return 'utf-8';
    }

    get readable() {
        return this.#transform.readable;
    }

    get writable() {
        return this.#transform.writable;
    }
}


class TextDecoderStream {
    #decoder;
    #transform;

    constructor(label = 'utf-8', options = {}) {
        const decoder = new TextDecoder(label, options);
        const decode = decoder.decode.bind(decoder);

        this.#decoder = decoder;

        this.#transform = new TransformStream({
            transform(chunk, controller) {
                if (chunk === undefined) {
                    chunk = null;           /* what decode() refuses */
                }

                const text = decode(chunk, STREAM);

                if (text !== '') {
                    controller.enqueue(text);
                }
            },

            flush(controller) {
                const text = decode();

                if (text !== '') {
                    controller.enqueue(text);
                }
            },
        });
    }

    get encoding() {
        return this.#decoder.encoding;
    }

    get fatal() {
        return this.#decoder.fatal;
    }

    get ignoreBOM() {
        return this.#decoder.ignoreBOM;
    }

    get readable() {
        return this.#transform.readable;
    }

    get writable() {
        return this.#transform.writable;
    }
}


for (const c of [TextEncoderStream, TextDecoderStream]) {

    for (const name of Object.keys(Object.getOwnPropertyDescriptors(
        c.prototype)))
    {
        if (name !== 'constructor') {
            Object.defineProperty(c.prototype, name, { enumerable: true });
        }
    }

    Object.defineProperty(c.prototype, Symbol.toStringTag, {
        value: c.name, configurable: true,
    });
}

return { TextEncoderStream, TextDecoderStream };

}
