/*
 * Copyright (C) the nginx-workers authors
 *
 * TextEncoderStream and TextDecoderStream: Encoding Standard, sections 7.5
 * and 7.6.
 */

import {
    construct, kindOfTransform, newTransform, transformOf,
} from "workers:stream_transform";


const { TextDecoder, TextEncoder, TypeError } = globalThis;

const encoder = new TextEncoder();
const encode = encoder.encode.bind(encoder);
const STREAM = { __proto__: null, stream: true };

const isHighSurrogate = (unit) => unit >= 0xd800 && unit <= 0xdbff;


class TextEncoderStream {
    constructor() {
        let pending = "";                   /* a high surrogate */

        const t = newTransform((chunk) => {
            let text = pending + `${chunk}`;

            pending = "";

            if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
                pending = text.slice(-1);
                text = text.slice(0, -1);
            }

            if (text !== "") {
                t.enqueue(encode(text));
            }
        }, () => {
            if (pending !== "") {
                t.enqueue(encode(pending));
            }
        });

        t.encoding = "utf-8";
        return construct(t, new.target);
    }

    get encoding() {
        return mine(this, "encoding").encoding;
    }
}

kindOfTransform(TextEncoderStream, "TextEncoderStream");


class TextDecoderStream {
    constructor(label = "utf-8", options = {}) {
        const decoder = new TextDecoder(label, options);
        const decode = decoder.decode.bind(decoder);

        const t = newTransform((chunk) => {
            if (typeof chunk !== "object" || chunk === null) {
                throw new TypeError("This TransformStream is being used as a "
                                    + "byte stream, but received a value "
                                    + "that is not a BufferSource.");
            }

            const text = decode(chunk, STREAM);

            if (text !== "") {
                t.enqueue(text);
            }
        }, () => {
            const text = decode();

            if (text !== "") {
                t.enqueue(text);
            }
        });

        t.decoder = decoder;
        return construct(t, new.target);
    }

    get encoding() {
        return mine(this, "decoder").decoder.encoding;
    }

    get fatal() {
        return mine(this, "decoder").decoder.fatal;
    }

    get ignoreBOM() {
        return mine(this, "decoder").decoder.ignoreBOM;
    }
}

kindOfTransform(TextDecoderStream, "TextDecoderStream");


/* The state of the kind of stream that has this member. */
function mine(v, member) {
    const t = transformOf(v);

    if (t[member] === undefined) {
        throw new TypeError("Illegal invocation");
    }

    return t;
}

export default () => ({ TextEncoderStream, TextDecoderStream });
