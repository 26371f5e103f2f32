/*
 * Copyright (C) the nginx-workers authors
 *
 * Deep equality as "node:assert" and util.isDeepStrictEqual() define it.
 */

import native from "native:util";

const {
    Array, ArrayBuffer, BigInt, Boolean, Date, Map, Number, Object, Reflect,
    Set, String, Symbol, Uint8Array,
} = globalThis;

const { classOf } = native;

const BOXES = {
    Number: Number.prototype.valueOf,
    String: String.prototype.valueOf,
    Boolean: Boolean.prototype.valueOf,
    BigInt: BigInt.prototype.valueOf,
    Symbol: Symbol.prototype.valueOf,
};


/* mode: "loose", "strict", or "partial": b has at least what a is. */

export function deepEqual(a, b, mode) {
    return equal(a, b, mode, []);
}


function equal(a, b, mode, seen) {
    const strict = mode !== "loose";

    if (a === b) {
        return a !== 0 || !strict || Object.is(a, b);
    }

    if (strict) {
        if (typeof a !== "object" || typeof b !== "object"
            || a === null || b === null)
        {
            return typeof a === "number" && Object.is(a, b);
        }

        if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
            return false;
        }

    } else {
        if (a === null || typeof a !== "object") {
            return (b === null || typeof b !== "object")
                   && (a == b || (a !== a && b !== b));
        }

        if (b === null || typeof b !== "object") {
            return false;
        }
    }

    return equalObjects(a, b, mode, seen);
}


function equalObjects(a, b, mode, seen) {
    const kind = classOf(a);
    const strict = mode !== "loose";

    if (kind !== classOf(b)
        || Object.prototype.toString.call(a) !== Object.prototype.toString
                                                       .call(b))
    {
        return false;
    }

    if (Array.isArray(a)) {
        if (!Array.isArray(b) || (mode === "partial" ? a.length < b.length
                                                     : a.length !== b.length))
        {
            return false;
        }

        if (mode === "partial") {
            return partialArray(a, b, seen);
        }

        return equalParts(a, b, mode, seen, kind, keysOf(a, true, strict),
                          keysOf(b, true, strict));
    }

    switch (kind) {

    case "Date":
        if (!Object.is(Date.prototype.getTime.call(a),
                       Date.prototype.getTime.call(b)))
        {
            return false;
        }

        break;

    case "RegExp":
        if (a.source !== b.source || a.flags !== b.flags
            || a.lastIndex !== b.lastIndex)
        {
            return false;
        }

        break;

    case "Error":
        if (a.message !== b.message || a.name !== b.name) {
            return false;
        }

        break;

    case "ArrayBuffer":
    case "SharedArrayBuffer":
        if (!sameBytes(new Uint8Array(a), new Uint8Array(b), mode)) {
            return false;
        }

        break;

    default:
        if (ArrayBuffer.isView(a)) {
            if (!strict && kind.startsWith("Float")) {
                if (a.length !== b.length || a.some((v, i) => v != b[i])) {
                    return false;
                }

            } else if (!sameBytes(bytesOf(a), bytesOf(b), mode)) {
                return false;
            }

            return equalParts(a, b, mode, seen, kind, keysOf(a, true, strict),
                              keysOf(b, true, strict));
        }

        if (BOXES[kind] !== undefined) {
            const one = Reflect.apply(BOXES[kind], a, []);

            if (!Object.is(one, Reflect.apply(BOXES[kind], b, []))) {
                return false;
            }
        }
    }

    return equalParts(a, b, mode, seen, kind,
                      keysOf(a, kind === "String", strict),
                      keysOf(b, kind === "String", strict));
}


function bytesOf(view) {
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}


function sameBytes(a, b, mode) {
    if (mode === "partial" ? a.length < b.length : a.length !== b.length) {
        return false;
    }

    return b.every((byte, i) => byte === a[i]);
}


function isIndex(key) {
    return /^(0|[1-9]\d*)$/.test(key);
}


function keysOf(value, noIndices, strict) {
    let keys = Object.keys(value);

    if (noIndices) {
        keys = keys.filter((key) => !isIndex(key));
    }

    if (strict) {
        for (const symbol of Object.getOwnPropertySymbols(value)) {
            if (Object.prototype.propertyIsEnumerable.call(value, symbol)) {
                keys.push(symbol);
            }
        }
    }

    return keys;
}


function equalParts(a, b, mode, seen, kind, keysA, keysB) {
    const partial = mode === "partial";

    if (!partial && keysA.length !== keysB.length) {
        return false;
    }

    for (const key of keysB) {
        if (!Object.prototype.propertyIsEnumerable.call(a, key)) {
            return false;
        }
    }

    /* a pair that is compared already is equal until shown otherwise */

    for (let i = 0; i < seen.length; i += 2) {
        if (seen[i] === a || seen[i + 1] === b) {
            return seen[i] === a && seen[i + 1] === b;
        }
    }

    seen.push(a, b);

    const result = equalItems(a, b, mode, seen, kind)
                   && keysB.every((key) => equal(a[key], b[key], mode, seen));

    seen.length -= 2;

    return result;
}


function equalItems(a, b, mode, seen, kind) {
    if (kind === "Set") {
        return equalSets([...Set.prototype.values.call(a)],
                         [...Set.prototype.values.call(b)], mode, seen);
    }

    if (kind === "Map") {
        return equalMaps([...Map.prototype.entries.call(a)],
                         [...Map.prototype.entries.call(b)], mode, seen);
    }

    if (Array.isArray(a)) {
        for (let i = 0; i < b.length; i++) {
            if (Object.hasOwn(a, i) !== Object.hasOwn(b, i)
                || !equal(a[i], b[i], mode, seen))
            {
                return false;
            }
        }
    }

    return true;
}


/* Each of b finds one of a that no other has found. */

function equalSets(a, b, mode, seen) {
    if (mode === "partial" ? a.length < b.length : a.length !== b.length) {
        return false;
    }

    const left = new Set(a);

    return b.every((item) => {
        if (left.delete(item)) {
            return true;
        }

        for (const other of left) {
            if ((mode === "loose" || typeof item === "object")
                && equal(other, item, mode, seen))
            {
                left.delete(other);
                return true;
            }
        }

        return false;
    });
}


function equalMaps(a, b, mode, seen) {
    if (mode === "partial" ? a.length < b.length : a.length !== b.length) {
        return false;
    }

    const left = new Map(a);

    return b.every(([key, value]) => {
        if (left.has(key) && equal(left.get(key), value, mode, seen)) {
            left.delete(key);
            return true;
        }

        for (const [otherKey, otherValue] of left) {
            if ((mode === "loose" || typeof key === "object")
                && equal(otherKey, key, mode, seen)
                && equal(otherValue, value, mode, seen))
            {
                left.delete(otherKey);
                return true;
            }
        }

        return false;
    });
}


/* What is expected stands in the array in this order, maybe among others. */

function partialArray(a, b, seen) {
    let from = 0;

    for (const item of b) {
        while (from < a.length && !equal(a[from], item, "partial", seen)) {
            from++;
        }

        if (from++ >= a.length) {
            return false;
        }
    }

    return true;
}
