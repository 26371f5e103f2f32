/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:diagnostics_channel".
 */

const { Map, Object, Promise, Reflect, Symbol, TypeError } = globalThis;

const MAKE = Symbol("make");

const channels = new Map();


function checkSubscriber(subscriber) {
    if (typeof subscriber !== "function") {
        throw new TypeError("Failed to execute 'subscribe' on 'Channel': "
                            + "parameter 1 is not of type 'function'.");
    }
}


export class Channel {
    #name;
    #subscribers = [];
    #stores = new Map();        /* storages and what makes their values */

    constructor(make, name) {
        if (make !== MAKE) {
            throw new TypeError("Illegal constructor");
        }

        this.#name = name;
    }

    hasSubscribers() {
        return this.#subscribers.length !== 0;
    }

    publish(message) {
        for (const subscriber of [...this.#subscribers]) {
            subscriber(message, this.#name);
        }
    }

    subscribe(subscriber) {
        checkSubscriber(subscriber);
        this.#subscribers.push(subscriber);
    }

    unsubscribe(subscriber) {
        const i = this.#subscribers.indexOf(subscriber);

        if (i !== -1) {
            this.#subscribers.splice(i, 1);
        }
    }

    bindStore(storage, transform = undefined) {
        this.#stores.set(storage, transform);
    }

    unbindStore(storage) {
        this.#stores.delete(storage);
    }

    runStores(message, callback, thisArg = undefined, ...args) {
        let run = () => {
            this.publish(message);

            return Reflect.apply(callback, thisArg, args);
        };

        for (const [storage, transform] of this.#stores) {
            const inner = run;

            run = () => storage.run(transform === undefined
                                    ? message : transform(message), inner);
        }

        return run();
    }
}


export function channel(name) {
    let found = channels.get(name);

    if (found === undefined) {
        found = new Channel(MAKE, name);
        channels.set(name, found);
    }

    return found;
}


export function hasSubscribers(name) {
    return channels.get(name)?.hasSubscribers() ?? false;
}


export function subscribe(name, subscriber) {
    channel(name).subscribe(subscriber);
}


export function unsubscribe(name, subscriber) {
    channel(name).unsubscribe(subscriber);
}


const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"];

export class TracingChannel {
    #channels = {};

    constructor(make, nameOrChannels) {
        if (make !== MAKE) {
            throw new TypeError("Illegal constructor");
        }

        for (const event of EVENTS) {
            this.#channels[event] = typeof nameOrChannels === "object"
                ? nameOrChannels[event]
                : channel(`tracing:${nameOrChannels}:${event}`);
        }
    }

    get start() { return this.#channels.start; }
    get end() { return this.#channels.end; }
    get asyncStart() { return this.#channels.asyncStart; }
    get asyncEnd() { return this.#channels.asyncEnd; }
    get error() { return this.#channels.error; }

    subscribe(handlers) {
        for (const event of EVENTS) {
            if (handlers[event] !== undefined) {
                this.#channels[event].subscribe(handlers[event]);
            }
        }
    }

    unsubscribe(handlers) {
        for (const event of EVENTS) {
            if (handlers[event] !== undefined) {
                this.#channels[event].unsubscribe(handlers[event]);
            }
        }
    }

    hasSubscribers() {
        return EVENTS.some((event) => this.#channels[event].hasSubscribers());
    }

    traceSync(fn, context = {}, thisArg = undefined, ...args) {
        const { start, end, error } = this.#channels;

        return start.runStores(context, () => {
            try {
                const result = Reflect.apply(fn, thisArg, args);

                context.result = result;

                return result;

            } catch (e) {
                context.error = e;
                error.publish(context);
                throw e;

            } finally {
                end.publish(context);
            }
        });
    }

    tracePromise(fn, context = {}, thisArg = undefined, ...args) {
        const { start, end, asyncStart, asyncEnd, error } = this.#channels;

        return start.runStores(context, () => {
            try {
                return Promise.resolve(Reflect.apply(fn, thisArg, args)).then(
                    (result) => {
                        context.result = result;
                        asyncStart.publish(context);
                        asyncEnd.publish(context);

                        return result;
                    },
                    (e) => {
                        context.error = e;
                        error.publish(context);
                        asyncStart.publish(context);
                        asyncEnd.publish(context);
                        throw e;
                    });

            } catch (e) {
                context.error = e;
                error.publish(context);
                throw e;

            } finally {
                end.publish(context);
            }
        });
    }

    traceCallback(fn, position = -1, context = {}, thisArg = undefined,
                  ...args)
    {
        const { start, end, asyncStart, asyncEnd, error } = this.#channels;
        const callback = args.at(position);

        checkSubscriber(callback);

        args.splice(position, 1, function (e, result) {
            if (e) {
                context.error = e;
                error.publish(context);

            } else {
                context.result = result;
            }

            asyncStart.runStores(context, () => {
                try {
                    return Reflect.apply(callback, this, [e, result]);

                } finally {
                    asyncEnd.publish(context);
                }
            });
        });

        return start.runStores(context, () => {
            try {
                return Reflect.apply(fn, thisArg, args);

            } catch (e) {
                context.error = e;
                error.publish(context);
                throw e;

            } finally {
                end.publish(context);
            }
        });
    }
}


export function tracingChannel(nameOrChannels) {
    return new TracingChannel(MAKE, nameOrChannels);
}


export default {
    hasSubscribers, channel, subscribe, unsubscribe, tracingChannel, Channel,
    TracingChannel,
};
