/*
 * Copyright (C) the nginx-workers authors
 *
 * The module "cloudflare:workers".
 *
 * The native half: env() is the object that handlers get, waitUntil(promise)
 * adds to the invocation that runs now.
 */

export default function defineWorkers(native) {

const { Object, Proxy, Symbol } = globalThis;


class WorkerEntrypoint {
    constructor(ctx, env) {
        this.ctx = ctx;
        this.env = env;
    }
}


class DurableObject {
    constructor(ctx, env) {
        this.ctx = ctx;
        this.env = env;
    }
}


class RpcTarget {
}


for (const cls of [WorkerEntrypoint, DurableObject, RpcTarget]) {
    Object.defineProperty(cls.prototype, Symbol.toStringTag,
                          { value: cls.name, configurable: true });
}


return {
    WorkerEntrypoint,
    DurableObject,
    RpcTarget,

    /* another object with the same properties: a write shows on both */
    env: new Proxy(native.env(), {}),

    waitUntil(promise) {
        native.waitUntil(promise);
    },
};

}
