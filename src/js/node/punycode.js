/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:punycode": RFC 3492.
 */

const { Array, Math, RangeError, String } = globalThis;

const BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS = 72,
      FIRST = 128, MAX = 2147483647;

const INVALID = "Invalid input";
const OVERFLOW = "Overflow: input needs wider integers to process";

export const version = "2.1.0";


function adapt(delta, points, first) {
    let k = 0;

    delta = first ? Math.floor(delta / DAMP) : delta >> 1;
    delta += Math.floor(delta / points);

    for ( ; delta > (BASE - T_MIN) * T_MAX >> 1; k += BASE) {
        delta = Math.floor(delta / (BASE - T_MIN));
    }

    return Math.floor(k + (BASE - T_MIN + 1) * delta / (delta + SKEW));
}


function threshold(k, bias) {
    return k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}


function digitOf(c) {
    return c >= 0x30 && c < 0x3a ? c - 22
           : c >= 0x41 && c < 0x5b ? c - 0x41
           : c >= 0x61 && c < 0x7b ? c - 0x61 : BASE;
}


function charOf(digit) {
    return String.fromCharCode(digit < 26 ? digit + 97 : digit + 22);
}


export function decode(input) {
    const out = [];
    const basic = Math.max(input.lastIndexOf("-"), 0);
    let n = FIRST, i = 0, bias = BIAS;

    for (let j = 0; j < basic; j++) {
        if (input.charCodeAt(j) >= 0x80) {
            throw new RangeError("Illegal input >= 0x80 (not a basic code "
                                 + "point)");
        }

        out.push(input.charCodeAt(j));
    }

    for (let at = basic > 0 ? basic + 1 : 0; at < input.length; ) {
        const before = i;

        for (let w = 1, k = BASE; ; k += BASE) {
            if (at >= input.length) {
                throw new RangeError(INVALID);
            }

            const digit = digitOf(input.charCodeAt(at++));

            if (digit >= BASE) {
                throw new RangeError(INVALID);
            }

            if (digit > Math.floor((MAX - i) / w)) {
                throw new RangeError(OVERFLOW);
            }

            i += digit * w;

            const t = threshold(k, bias);

            if (digit < t) {
                break;
            }

            if (w > Math.floor(MAX / (BASE - t))) {
                throw new RangeError(OVERFLOW);
            }

            w *= BASE - t;
        }

        bias = adapt(i - before, out.length + 1, before === 0);

        if (Math.floor(i / (out.length + 1)) > MAX - n) {
            throw new RangeError(OVERFLOW);
        }

        n += Math.floor(i / (out.length + 1));
        i %= out.length + 1;

        if (n > 0x10ffff) {
            throw new RangeError(INVALID);
        }

        out.splice(i++, 0, n);
    }

    return ucs2.encode(out);
}


export function encode(input) {
    const points = ucs2.decode(input);
    const basic = points.filter((c) => c < 0x80);
    let out = String.fromCharCode(...basic);
    let n = FIRST, delta = 0, bias = BIAS, done = basic.length;

    if (done !== 0) {
        out += "-";
    }

    while (done < points.length) {
        const next = Math.min(...points.filter((c) => c >= n));

        if (next - n > Math.floor((MAX - delta) / (done + 1))) {
            throw new RangeError(OVERFLOW);
        }

        delta += (next - n) * (done + 1);
        n = next;

        for (const c of points) {
            if (c < n && ++delta > MAX) {
                throw new RangeError(OVERFLOW);
            }

            if (c !== n) {
                continue;
            }

            let q = delta;

            for (let k = BASE; ; k += BASE) {
                const t = threshold(k, bias);

                if (q < t) {
                    break;
                }

                out += charOf(t + (q - t) % (BASE - t));
                q = Math.floor((q - t) / (BASE - t));
            }

            out += charOf(q);
            bias = adapt(delta, done + 1, done === basic.length);
            delta = 0;
            done++;
        }

        delta++;
        n++;
    }

    return out;
}


export const ucs2 = {
    decode: (text) => Array.from(text, (c) => c.codePointAt(0)),
    encode: (points) => String.fromCodePoint(...points),
};


/* Of an address only what follows "@" is a domain. */

function labels(input, map) {
    const at = input.lastIndexOf("@");

    return input.slice(0, at + 1)
           + input.slice(at + 1).replace(/[\u3002\uFF0E\uFF61]/g, ".")
                  .split(".").map(map).join(".");
}


export function toASCII(input) {
    return labels(input, (label) => /[^\0-\x7F]/.test(label)
                                    ? `xn--${encode(label)}` : label);
}


export function toUnicode(input) {
    return labels(input, (label) => /^xn--/.test(label)
                                    ? decode(label.slice(4).toLowerCase())
                                    : label);
}


export default { version, ucs2, decode, encode, toASCII, toUnicode };
