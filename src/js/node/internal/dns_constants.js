/*
 * Copyright (C) the nginx-workers authors
 *
 * Constants of "node:dns"; error codes in the order of their numbers in
 * c-ares.
 */

const { Object } = globalThis;

const NAMES = [
    "NODATA", "FORMERR", "SERVFAIL", "NOTFOUND", "NOTIMP", "REFUSED",
    "BADQUERY", "BADNAME", "BADFAMILY", "BADRESP", "CONNREFUSED", "TIMEOUT",
    "EOF", "FILE", "NOMEM", "DESTRUCTION", "BADSTR", "BADFLAGS", "NONAME",
    "BADHINTS", "NOTINITIALIZED", "LOADIPHLPAPI", "ADDRGETNETWORKPARAMS",
    "CANCELLED",
];


function valueOf(name) {
    return name === "EOF" ? name : `E${name}`;
}


export const codes = Object.fromEntries(
    NAMES.map((name) => [name, valueOf(name)]));


/* Hints of getaddrinfo() */

export const ADDRCONFIG = 1024;
export const ALL = 256;
export const V4MAPPED = 2048;


/* status: a number of c-ares, above 0 */

export function codeOf(status) {
    return valueOf(NAMES[status - 1] ?? "BADRESP");
}
