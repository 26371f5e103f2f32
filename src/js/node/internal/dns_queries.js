/*
 * Copyright (C) the nginx-workers authors
 *
 * What "node:dns" is made of: queries, as asynchronous functions.  Records
 * come from the servers of the system, or of nginx's resolver.
 */

import native from "native:dns";
import { isIP, isIPv4, isIPv6 } from "workers:node/internal/net_address";
import { codeOf } from "workers:node/internal/dns_constants";
import {
    invalidArgType, invalidArgValue, plainError, validateBoolean,
    validateOneOf, validateString,
} from "workers:node/internal/errors";

const { Array, Error, Object } = globalThis;

const ORDERS = ["verbatim", "ipv4first", "ipv6first"];

let defaultOrder = "verbatim";


/* Types: number, and what a record becomes; values as RFCs order them. */

const TYPES = {
    A: [1, ([address]) => address],
    NS: [2, ([name]) => name],
    CNAME: [5, ([name]) => name],
    SOA: [6, ([nsname, hostmaster, serial, refresh, retry, expire, minttl]) =>
              ({ nsname, hostmaster, serial, refresh, retry, expire,
                 minttl })],
    PTR: [12, ([name]) => name],
    MX: [15, ([priority, exchange]) => ({ exchange, priority })],
    TXT: [16, ([strings]) => strings],
    AAAA: [28, ([address]) => address],
    SRV: [33, ([priority, weight, port, name]) =>
               ({ name, port, priority, weight })],
    NAPTR: [35, ([order, preference, flags, service, regexp, replacement]) =>
                 ({ flags, service, regexp, replacement, order,
                    preference })],
    CAA: [257, ([critical, tag, value]) => ({ critical, [tag]: value })],
};


function failure(code, type, name) {
    const error = plainError(code, `query${type} ${code} ${name}`);

    error.errno = undefined;
    error.hostname = name;
    error.syscall = `query${type}`;

    return error;
}


/* What is no name is not asked for. */

function checkName(name, type) {
    if (name.includes("\0")) {
        throw failure("EBADNAME", type, name);
    }
}


async function query(type, name, asked = name) {
    const [number, shape] = TYPES[type];

    checkName(asked, type);

    const [status, records] = await native.records(asked, number);

    if (status !== 0) {
        throw failure(codeOf(status), type, name);
    }

    if (records.length === 0) {
        throw failure("ENODATA", type, name);
    }

    return records.map(([ttl, ...values]) => ({ ttl, value: shape(values) }));
}


function resolver(type) {
    return async function (name) {
        validateString(name, "name");

        return (await query(type, name)).map(({ value }) => value);
    };
}


function addressResolver(type) {
    return async function (name, options) {
        validateString(name, "name");

        const records = await query(type, name);

        return records.map(({ ttl, value }) => options?.ttl
                                               ? { ttl, address: value }
                                               : value);
    };
}


async function resolveSoa(name) {
    validateString(name, "name");

    return (await query("SOA", name))[0].value;
}


/* "1.2.3.4" as "4.3.2.1.in-addr.arpa", an IPv6 address by its digits */

function pointerName(address) {
    if (isIPv4(address)) {
        return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
    }

    const [head, tail = ""] = address.replace(/%.*/, "").split("::");
    const parts = (text) => text.split(":").filter((part) => part !== "")
        .flatMap((part) => {
            if (!part.includes(".")) {
                return [part];
            }

            const [a, b, c, d] = part.split(".").map((n) => +n);

            return [(a << 8 | b).toString(16), (c << 8 | d).toString(16)];
        });
    const first = parts(head), last = parts(tail);
    const middle = Array.from({ length: 8 - first.length - last.length },
                              () => "0");
    const digits = [...first, ...middle, ...last]
                   .map((part) => part.padStart(4, "0")).join("");

    return `${[...digits].reverse().join(".")}.ip6.arpa`;
}


async function reverse(address) {
    validateString(address, "name");

    if (!isIP(address)) {
        throw failure("EBADQUERY", "PTR", address);
    }

    const records = await query("PTR", address, pointerName(address));

    return records.map(({ value }) => value);
}


async function unsupported() {
    throw new Error("Not implemented");
}


export const queries = {
    resolve4: addressResolver("A"),
    resolve6: addressResolver("AAAA"),
    resolveAny: unsupported,
    resolveCaa: resolver("CAA"),
    resolveCname: resolver("CNAME"),
    resolveMx: resolver("MX"),
    resolveNaptr: resolver("NAPTR"),
    resolveNs: resolver("NS"),
    resolvePtr: resolver("PTR"),
    resolveSoa,
    resolveSrv: resolver("SRV"),
    resolveTxt: resolver("TXT"),
    reverse,
};


const byType = {
    A: "resolve4", AAAA: "resolve6", ANY: "resolveAny", CAA: "resolveCaa",
    CNAME: "resolveCname", MX: "resolveMx", NAPTR: "resolveNaptr",
    NS: "resolveNs", PTR: "resolvePtr", SOA: "resolveSoa", SRV: "resolveSrv",
    TXT: "resolveTxt",
};


/* The function for a type of records. */

export function resolverOf(type) {
    if (typeof type !== "string" || !Object.hasOwn(byType, type)) {
        throw invalidArgValue("rrtype", type);
    }

    return queries[byType[type]];
}


/* lookup() */

const FAMILIES = { IPv4: 4, IPv6: 6 };


/* What its second argument may be: {family, all, order}. */

export function lookupOptions(options) {
    if (options === undefined || options === null) {
        options = {};

    } else if (typeof options === "number") {
        validateOneOf(options, "family", [0, 4, 6]);
        options = { family: options };

    } else if (typeof options !== "object") {
        throw invalidArgType("options", ["integer", "object"], options);
    }

    const { hints, verbatim, order } = options;
    let { family = 0, all = false } = options;

    if (hints) {
        throw plainError("ERR_OPTION_NOT_IMPLEMENTED",
                         "The options.hints option is not implemented");
    }

    family = FAMILIES[family] ?? family ?? 0;
    validateOneOf(family, "options.family", [0, 4, 6]);

    if (all !== undefined && all !== null) {
        validateBoolean(all, "options.all");
    }

    if (verbatim !== undefined && verbatim !== null) {
        validateBoolean(verbatim, "options.verbatim");
    }

    if (order !== undefined && order !== null) {
        validateOneOf(order, "options.order", ORDERS);
    }

    return {
        family, all,
        order: order ?? (verbatim === false ? "ipv4first" : defaultOrder),
    };
}


/* {address, family}, or an array of these */

export async function lookup(host, { family, all, order }) {
    if (!host) {
        return all ? [] : { address: null, family: family === 6 ? 6 : 4 };
    }

    validateString(host, "hostname");

    if (isIP(host)) {
        const found = { address: host, family: isIPv6(host) ? 6 : 4 };

        return all ? [found] : found;
    }

    const type = family === 6 ? "AAAA" : "A";

    checkName(host, type);

    const [status, addresses] = await native.addresses(host, family);

    if (status !== 0 || addresses.length === 0) {
        throw failure(status === 0 ? "ENODATA" : codeOf(status), type, host);
    }

    const first = order === "ipv6first" ? 6 : 4;
    const list = addresses.map(([address, version]) => ({ address,
                                                          family: version }));

    if (order !== "verbatim") {
        list.sort((a, b) => (a.family !== first) - (b.family !== first));
    }

    return all ? list : list[0];
}


/* Settings: the platform has servers of its own, which cannot be changed. */

export function getServers() {
    return ["1.1.1.1", "2606:4700:4700::1111", "1.0.0.1",
            "2606:4700:4700::1001"];
}


export function setServers() {
    throw new Error("Not implemented");
}


export function getDefaultResultOrder() {
    return defaultOrder;
}


export function setDefaultResultOrder(order) {
    validateOneOf(order, "dnsOrder", ORDERS);
    defaultOrder = order;
}
