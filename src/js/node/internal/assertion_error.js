/*
 * Copyright (C) the nginx-workers authors
 *
 * AssertionError of "node:assert", and what it says by itself.
 */

import { inspect } from "workers:node/internal/inspect";
import { validateObject } from "workers:node/internal/errors";

const { Error, Math, Object } = globalThis;

const TITLES = {
    deepStrictEqual: "Expected values to be strictly deep-equal:",
    strictEqual: "Expected values to be strictly equal:",
    strictEqualObject:
        'Expected "actual" to be reference-equal to "expected":',
    deepEqual: "Expected values to be loosely deep-equal:",
    notDeepStrictEqual:
        'Expected "actual" not to be strictly deep-equal to:',
    notStrictEqual: 'Expected "actual" to be strictly unequal to:',
    notStrictEqualObject:
        'Expected "actual" not to be reference-equal to "expected":',
    notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
    notIdentical: "Values identical but not reference-equal:",
};


/*
 * Lines of both, each with "+" (of the first only), "-" (of the second) or
 * " ": a longest common subsequence, if there are not too many lines.
 */

export function difference(one, two) {
    let start = 0;
    const out = [];

    while (start < one.length && start < two.length
           && one[start] === two[start])
    {
        out.push([" ", one[start++]]);
    }

    let end = 0;

    while (end < one.length - start && end < two.length - start
           && one[one.length - 1 - end] === two[two.length - 1 - end])
    {
        end++;
    }

    const a = one.slice(start, one.length - end);
    const b = two.slice(start, two.length - end);

    if (a.length * b.length > 1000000) {
        out.push(...a.map((line) => ["+", line]),
                 ...b.map((line) => ["-", line]));

    } else {
        const lengths = [new Array(b.length + 1).fill(0)];

        for (let i = a.length - 1; i >= 0; i--) {
            const below = lengths[0], row = [0];

            for (let j = b.length - 1; j >= 0; j--) {
                row.unshift(a[i] === b[j] ? below[j + 1] + 1
                            : Math.max(below[j], row[0]));
            }

            lengths.unshift(row);
        }

        let i = 0, j = 0;

        while (i < a.length || j < b.length) {
            if (i < a.length && j < b.length && a[i] === b[j]) {
                out.push([" ", a[i++]]);
                j++;

            } else if (i < a.length && (j === b.length
                       || lengths[i + 1][j] >= lengths[i][j + 1]))
            {
                out.push(["+", a[i++]]);

            } else {
                out.push(["-", b[j++]]);
            }
        }
    }

    for ( ; end > 0; end--) {
        out.push([" ", one[one.length - end]]);
    }

    return out;
}


function text(value) {
    return inspect(value, {
        compact: false, customInspect: false, depth: 1000,
        maxArrayLength: Infinity, showHidden: false, showProxy: false,
        sorted: true, getters: true,
    });
}


function compare(actual, expected, operator) {
    let title = TITLES[operator];
    let one = text(actual).split("\n"), two = text(expected).split("\n");

    const primitive = (v) => v === null || (typeof v !== "object"
                                            && typeof v !== "function");

    if (operator === "strictEqual" && !primitive(actual)
        && !primitive(expected) && typeof actual === typeof expected)
    {
        title = TITLES.strictEqualObject;
    }

    if (one.length === 1 && two.length === 1 && one[0] !== two[0]
        && primitive(actual) && primitive(expected)
        && one[0].length + two[0].length <= 12)
    {
        return `${title}\n\n${one[0]} !== ${two[0]}\n`;
    }

    const short = [inspect(actual, { sorted: true }),
                   inspect(expected, { sorted: true })];

    if (short[0] !== short[1] && !short[0].includes("\n")
        && !short[1].includes("\n"))
    {
        let i = 0;

        while (short[0][i] === short[1][i]) {
            i++;
        }

        return `${title}\n+ actual - expected\n\n+ ${short[0]}\n- ${short[1]}\n`
               + `${" ".repeat(i + 2)}^`;
    }

    if (one.join() === two.join()) {
        return `${TITLES.notIdentical}\n\n${one.join("\n")}\n`;
    }

    return `${title}\n+ actual - expected\n\n`
           + difference(one, two).map(([sign, line]) => `${sign} ${line}`)
                                 .join("\n") + "\n";
}


export class AssertionError extends Error {
    constructor(options) {
        validateObject(options, "options");

        const { message, operator, actual, expected } = options;
        let say = message;

        if (say === undefined || say === null) {
            if (operator === "deepStrictEqual" || operator === "strictEqual"
                || operator === "deepEqual")
            {
                say = compare(actual, expected, operator);

            } else if (TITLES[operator] !== undefined) {
                say = `${TITLES[operator]}\n\n${text(actual)}\n`;

            } else {
                say = `${text(actual)} ${operator} ${text(expected)}`;
            }
        }

        super(`${say}`);

        Object.defineProperty(this, "name", {
            value: "AssertionError", enumerable: false, writable: true,
            configurable: true,
        });

        this.generatedMessage = message === undefined || message === null;
        this.code = "ERR_ASSERTION";
        this.actual = actual;
        this.expected = expected;
        this.operator = operator;
    }

    toString() {
        return `${this.name} [${this.code}]: ${this.message}`;
    }
}
