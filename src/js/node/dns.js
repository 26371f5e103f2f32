/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:dns": the queries, with callbacks.
 */

import promises from "workers:node/dns/promises";
import { ADDRCONFIG, ALL, V4MAPPED, codes }
    from "workers:node/internal/dns_constants";
import { lookup as find, lookupOptions, queries, resolverOf }
    from "workers:node/internal/dns_queries";
import { nextTick } from "workers:node/internal/tick";
import { invalidArgType, validateFunction, validateString }
    from "workers:node/internal/errors";

export const {
    getDefaultResultOrder, getServers, setDefaultResultOrder, setServers,
} = promises;

export const {
    NODATA, FORMERR, SERVFAIL, NOTFOUND, NOTIMP, REFUSED, BADQUERY, BADNAME,
    BADFAMILY, BADRESP, CONNREFUSED, TIMEOUT, EOF, FILE, NOMEM, DESTRUCTION,
    BADSTR, BADFLAGS, NONAME, BADHINTS, NOTINITIALIZED, LOADIPHLPAPI,
    ADDRGETNETWORKPARAMS, CANCELLED,
} = codes;

export { ADDRCONFIG, ALL, V4MAPPED, promises };


/*
 * Calls back with what a promise brings, outside of it: what the callback
 * throws is not the promise's.
 */

function deliver(promise, callback, spread = (value) => [value]) {
    promise.then((value) => nextTick(callback, null, ...spread(value)),
                 (error) => nextTick(callback, error));
}


function checkLast(callback) {
    if (typeof callback !== "function") {
        throw invalidArgType("last argument", "function", callback);
    }
}


function called(name) {
    return {
        [name](hostname, ...args) {
            const callback = args.length ? args.at(-1) : hostname;

            checkLast(callback);
            validateString(hostname, "name");
            deliver(queries[name](hostname, ...args.slice(0, -1)), callback);
        },
    }[name];
}


export const resolve4 = called("resolve4");
export const resolve6 = called("resolve6");
export const resolveAny = called("resolveAny");
export const resolveCaa = called("resolveCaa");
export const resolveCname = called("resolveCname");
export const resolveMx = called("resolveMx");
export const resolveNaptr = called("resolveNaptr");
export const resolveNs = called("resolveNs");
export const resolvePtr = called("resolvePtr");
export const resolveSoa = called("resolveSoa");
export const resolveSrv = called("resolveSrv");
export const resolveTxt = called("resolveTxt");
export const reverse = called("reverse");


export function resolve(hostname, ...args) {
    const callback = args.length ? args.at(-1) : hostname;

    checkLast(callback);
    validateString(hostname, "name");
    deliver(resolverOf(args.length > 1 ? args[0] : "A")(hostname), callback);
}


export function lookup(hostname, options, callback) {
    if (typeof options === "function") {
        callback = options;
        options = undefined;
    }

    if (hostname) {
        validateString(hostname, "hostname");
    }

    validateFunction(callback, "callback");
    options = lookupOptions(options);

    deliver(find(hostname, options), callback,
            (found) => options.all ? [found] : [found.address, found.family]);
}


export function lookupService(...args) {
    const callback = args.at(-1);

    checkLast(callback);
    deliver(promises.lookupService(), callback);
}


export class Resolver {
    cancel() {
        new promises.Resolver().cancel();
    }

    setLocalAddress(...args) {
        new promises.Resolver().setLocalAddress(...args);
    }

    getServers() { return getServers(); }
    resolve(...args) { resolve(...args); }
    resolve4(...args) { resolve4(...args); }
    resolve6(...args) { resolve6(...args); }
    resolveAny(...args) { resolveAny(...args); }
    resolveCaa(...args) { resolveCaa(...args); }
    resolveCname(...args) { resolveCname(...args); }
    resolveMx(...args) { resolveMx(...args); }
    resolveNaptr(...args) { resolveNaptr(...args); }
    resolveNs(...args) { resolveNs(...args); }
    resolvePtr(...args) { resolvePtr(...args); }
    resolveSoa(...args) { resolveSoa(...args); }
    resolveSrv(...args) { resolveSrv(...args); }
    resolveTxt(...args) { resolveTxt(...args); }
    reverse(...args) { reverse(...args); }
    setServers() { setServers(); }
}


export default {
    getServers, lookup, lookupService, resolve, resolve4, resolve6, resolveAny,
    resolveCname, resolveCaa, resolveMx, resolveNaptr, resolveNs, resolvePtr,
    resolveSoa, resolveSrv, resolveTxt, reverse, setDefaultResultOrder,
    getDefaultResultOrder, setServers, Resolver, promises, ADDRCONFIG, ALL,
    V4MAPPED, ...codes,
};
