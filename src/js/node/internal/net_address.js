/*
 * Copyright (C) the nginx-workers authors
 *
 * Addresses of "node:net": their texts, SocketAddress and BlockList.
 */

import {
    invalidArgValue, validateInteger, validateObject, validateOneOf,
    validateString, validateUint32,
} from "workers:node/internal/errors";

const { Array, BigInt, Number, RegExp, String, parseInt } = globalThis;

const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);


export function isIPv4(text) {
    return IPV4.test(`${text}`);
}


/* The sixteen-bit groups of an address; undefined: it is none. */

function groups(text) {
    const [, address] = /^([^%]*)(?:%[0-9A-Za-z._~-]+)?$/.exec(text) ?? [];

    if (address === undefined) {
        return undefined;
    }

    const halves = address.split("::");

    if (halves.length > 2) {
        return undefined;
    }

    const out = [];

    for (const [i, half] of halves.entries()) {
        const parts = half === "" ? [] : half.split(":");
        const numbers = [];

        for (const [j, part] of parts.entries()) {
            if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
                numbers.push(parseInt(part, 16));

            } else if (i === halves.length - 1 && j === parts.length - 1
                       && isIPv4(part))
            {
                const [a, b, c, d] = part.split(".").map(Number);

                numbers.push(a * 256 + b, c * 256 + d);

            } else {
                return undefined;
            }
        }

        out.push(numbers);
    }

    if (halves.length === 1) {
        return out[0].length === 8 ? out[0] : undefined;
    }

    const gap = 8 - out[0].length - out[1].length;

    return gap < 1 ? undefined
           : [...out[0], ...new Array(gap).fill(0), ...out[1]];
}

export function isIPv6(text) {
    return groups(`${text}`) !== undefined;
}


export function isIP(text) {
    return isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0;
}


/* The address as a number. */

function number(address, family) {
    const text = String(address);

    if (family === "ipv4") {
        return text.split(".").reduce((n, part) => n * 256n + BigInt(part),
                                      0n);
    }

    return groups(text).reduce((n, group) => n * 65536n + BigInt(group), 0n);
}


export class SocketAddress {
    #address;
    #port;
    #family;
    #flowlabel;

    constructor(options = {}) {
        validateObject(options, "options");

        let { family = "ipv4" } = options;

        if (typeof family === "string") {
            family = family.toLowerCase();
        }

        validateOneOf(family, "options.family", ["ipv4", "ipv6"]);

        const {
            address = family === "ipv4" ? "127.0.0.1" : "::", port = 0,
            flowlabel = 0,
        } = options;

        validateString(address, "options.address");
        validateInteger(port, "options.port", 0, 65535);
        validateUint32(flowlabel, "options.flowlabel");

        if (family === "ipv4" ? !isIPv4(address) : !isIPv6(address)) {
            throw invalidArgValue("options.address", address,
                                  "Invalid address");
        }

        this.#address = address;
        this.#port = port;
        this.#family = family;
        this.#flowlabel = flowlabel;
    }

    static isSocketAddress(value) {
        return value instanceof SocketAddress;
    }

    get address() { return this.#address; }
    get port() { return this.#port; }
    get family() { return this.#family; }
    get flowlabel() { return this.#flowlabel; }

    toJSON() {
        return { address: this.#address, port: this.#port,
                 family: this.#family, flowlabel: this.#flowlabel };
    }
}


const MAPPED = 0xffffn << 32n;          /* ::ffff:0:0/96 */

export class BlockList {
    #rules = [];                /* { family, first, last, text } */

    static isBlockList(value) {
        return value instanceof BlockList;
    }

    #address(address, family, name) {
        if (address instanceof SocketAddress) {
            return address;
        }

        validateString(address, name);

        return new SocketAddress({ address, family });
    }

    addAddress(address, family = "ipv4") {
        const one = this.#address(address, family, "address");
        const value = number(one.address, one.family);

        this.#rules.unshift({
            family: one.family, first: value, last: value,
            text: `Address: ${label(one.family)} ${one.address}`,
        });
    }

    addRange(start, end, family = "ipv4") {
        const one = this.#address(start, family, "start");
        const two = this.#address(end, family, "end");
        const first = number(one.address, one.family);
        const last = number(two.address, two.family);

        if (first > last) {
            throw invalidArgValue("start", start, "must come before end");
        }

        this.#rules.unshift({
            family: one.family, first, last,
            text: `Range: ${label(one.family)} ${one.address}-${two.address}`,
        });
    }

    addSubnet(network, prefix, family = "ipv4") {
        const one = this.#address(network, family, "network");
        const bits = one.family === "ipv4" ? 32 : 128;

        validateInteger(prefix, "prefix", 0, bits);

        const size = 1n << BigInt(bits - prefix);
        const first = number(one.address, one.family) / size * size;

        this.#rules.unshift({
            family: one.family, first, last: first + size - 1n,
            text: `Subnet: ${label(one.family)} ${one.address}/${prefix}`,
        });
    }

    check(address, family = "ipv4") {
        if (!(address instanceof SocketAddress)) {
            validateString(address, "address");

            const kind = String(family).toLowerCase();

            validateOneOf(kind, "family", ["ipv4", "ipv6"]);

            if (kind === "ipv4" ? !isIPv4(address) : !isIPv6(address)) {
                return false;
            }
        }

        const one = this.#address(address, family, "address");
        const value = number(one.address, one.family);
        const kind = one.family;

        if (kind === "ipv6" && value >> 32n === MAPPED >> 32n) {
            if (this.#matches("ipv4", value & 0xffffffffn)) {
                return true;
            }

        } else if (kind === "ipv4" && this.#matches("ipv6", MAPPED + value)) {
            return true;
        }

        return this.#matches(kind, value);
    }

    #matches(family, value) {
        return this.#rules.some((rule) => rule.family === family
                                          && rule.first <= value
                                          && value <= rule.last);
    }

    get rules() {
        return this.#rules.map(({ text }) => text).reverse();
    }
}


function label(family) {
    return family === "ipv4" ? "IPv4" : "IPv6";
}
