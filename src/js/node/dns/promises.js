/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:dns/promises"
 */

import { ADDRCONFIG, ALL, V4MAPPED, codes }
    from "workers:node/internal/dns_constants";
import {
    getDefaultResultOrder, getServers, lookup as find, lookupOptions, queries,
    resolverOf, setDefaultResultOrder, setServers,
} from "workers:node/internal/dns_queries";
import { validateString } from "workers:node/internal/errors";

const { Error } = globalThis;

export {
    ADDRCONFIG, ALL, V4MAPPED, getDefaultResultOrder, getServers,
    setDefaultResultOrder, setServers,
};

export const {
    resolve4, resolve6, resolveAny, resolveCaa, resolveCname, resolveMx,
    resolveNaptr, resolveNs, resolvePtr, resolveSoa, resolveSrv, resolveTxt,
    reverse,
} = queries;

export const {
    NODATA, FORMERR, SERVFAIL, NOTFOUND, NOTIMP, REFUSED, BADQUERY, BADNAME,
    BADFAMILY, BADRESP, CONNREFUSED, TIMEOUT, EOF, FILE, NOMEM, DESTRUCTION,
    BADSTR, BADFLAGS, NONAME, BADHINTS, NOTINITIALIZED, LOADIPHLPAPI,
    ADDRGETNETWORKPARAMS, CANCELLED,
} = codes;


export async function lookup(hostname, options) {
    return find(hostname, lookupOptions(options));
}


export async function lookupService() {
    throw new Error("Not implemented");
}


export async function resolve(name, rrtype) {
    validateString(name, "name");

    return resolverOf(rrtype)(name);
}


export class Resolver {
    cancel() {
        throw new Error("Not implemented");
    }

    setLocalAddress() {
        throw new Error("Not implemented");
    }

    getServers() { return getServers(); }
    resolve(name, rrtype) { return resolve(name, rrtype); }
    resolve4(name, options) { return resolve4(name, options); }
    resolve6(name, options) { return resolve6(name, options); }
    resolveAny(name) { return resolveAny(name); }
    resolveCaa(name) { return resolveCaa(name); }
    resolveCname(name) { return resolveCname(name); }
    resolveMx(name) { return resolveMx(name); }
    resolveNaptr(name) { return resolveNaptr(name); }
    resolveNs(name) { return resolveNs(name); }
    resolvePtr(name) { return resolvePtr(name); }
    resolveSoa(name) { return resolveSoa(name); }
    resolveSrv(name) { return resolveSrv(name); }
    resolveTxt(name) { return resolveTxt(name); }
    reverse(name) { return reverse(name); }
    setServers() { setServers(); }
}


export default {
    reverse, resolveTxt, resolveCaa, resolveMx, resolveCname, resolveNs,
    resolvePtr, resolveSrv, resolveSoa, resolveNaptr, resolve4, resolve6,
    getServers, setServers, getDefaultResultOrder, setDefaultResultOrder,
    lookup, lookupService, resolve, resolveAny, Resolver, ...codes,
};
