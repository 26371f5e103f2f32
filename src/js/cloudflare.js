/*
 * Copyright (C) the nginx-workers authors
 *
 * The global Cloudflare: the compatibility flags that a worker runs with.
 * The native half is an object of them.
 */

export default function defineCloudflare(flags) {

const { Object, Symbol, TypeError } = globalThis;


class Cloudflare {
    constructor() {
        throw new TypeError("Illegal constructor");
    }
}

Object.defineProperty(Cloudflare.prototype, Symbol.toStringTag,
                      { value: "Cloudflare", configurable: true });


return {
    Cloudflare: Object.create(Cloudflare.prototype, {
        compatibilityFlags: {
            value: Object.freeze(Object.setPrototypeOf(flags, null)),
            enumerable: true,
            configurable: true,
        },
    }),
};

}
