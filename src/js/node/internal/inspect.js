/*
 * Copyright (C) the nginx-workers authors
 *
 * util.inspect() and util.format(): values as text, in the form that Node.js
 * documents.
 */

import native from "native:util";
import {
    invalidArgType, validateObject,
} from "workers:node/internal/errors";

const {
    Array, BigInt, Boolean, DataView, Date, Error, Function, Infinity, JSON,
    Map, Math, Number, Object, Reflect, RegExp, Set, String, Symbol, TypeError,
    Uint8Array, isNaN, parseFloat, parseInt,
} = globalThis;

const { classOf } = native;

const custom = Symbol.for("nodejs.util.inspect.custom");

const IDENTIFIER = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

/* Sequences of ECMA-48 that terminals obey: OSC ... ST, and CSI ... letter. */

const VT = new RegExp("[\\u001B\\u009B][[\\]()#;?]*"
    + "(?:(?:(?:(?:;[-\\w\\/#&.:=?%@~]+)*"
    + "|[a-zA-Z\\d]+(?:;[-\\w\\/#&.:=?%@~]*)*)?"
    + "(?:\\u0007|\\u001B\\u005C|\\u009C))"
    + "|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PR-TZcf-nq-uy=><~]))", "g");

const defaults = {
    showHidden: false, depth: 2, colors: false, customInspect: true,
    showProxy: false, maxArrayLength: 100, maxStringLength: 10000,
    breakLength: 80, compact: 3, sorted: false, getters: false,
    numericSeparator: false,
};

const colors = Object.assign(Object.create(null), {
    reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23],
    underline: [4, 24], blink: [5, 25], inverse: [7, 27], hidden: [8, 28],
    strikethrough: [9, 29], doubleunderline: [21, 24], black: [30, 39],
    red: [31, 39], green: [32, 39], yellow: [33, 39], blue: [34, 39],
    magenta: [35, 39], cyan: [36, 39], white: [37, 39], bgBlack: [40, 49],
    bgRed: [41, 49], bgGreen: [42, 49], bgYellow: [43, 49], bgBlue: [44, 49],
    bgMagenta: [45, 49], bgCyan: [46, 49], bgWhite: [47, 49], framed: [51, 54],
    overlined: [53, 55], gray: [90, 39], redBright: [91, 39],
    greenBright: [92, 39], yellowBright: [93, 39], blueBright: [94, 39],
    magentaBright: [95, 39], cyanBright: [96, 39], whiteBright: [97, 39],
    bgGray: [100, 49], bgRedBright: [101, 49], bgGreenBright: [102, 49],
    bgYellowBright: [103, 49], bgBlueBright: [104, 49],
    bgMagentaBright: [105, 49], bgCyanBright: [106, 49],
    bgWhiteBright: [107, 49],
});

for (const [alias, of] of Object.entries({
    grey: "gray", blackBright: "gray", bgGrey: "bgGray",
    bgBlackBright: "bgGray", crossedout: "strikethrough",
    strikeThrough: "strikethrough", crossedOut: "strikethrough",
    conceal: "hidden", inversed: "inverse", swapColors: "inverse",
    swapcolors: "inverse", faint: "dim", doubleUnderline: "doubleunderline" }))
{
    Object.defineProperty(colors, alias, {
        get() { return this[of]; },
        set(value) { this[of] = value; },
        configurable: true, enumerable: false,
    });
}

const styles = Object.assign(Object.create(null), {
    special: "cyan", number: "yellow", bigint: "yellow", boolean: "yellow",
    undefined: "grey", null: "bold", string: "green", symbol: "green",
    date: "magenta", regexp: "red", module: "underline",
});


/* The language's classes: their toString() is not a script's. */

const BUILT_IN = new Set([
    "AggregateError", "Array", "ArrayBuffer", "AsyncFunction", "BigInt",
    "BigInt64Array", "BigUint64Array", "Boolean", "DataView", "Date", "Error",
    "EvalError", "Float16Array", "Float32Array", "Float64Array", "Function",
    "GeneratorFunction", "Int16Array", "Int32Array", "Int8Array", "Map",
    "Number", "Object", "Promise", "Proxy", "RangeError", "ReferenceError",
    "RegExp", "Set", "SharedArrayBuffer", "String", "Symbol", "SyntaxError",
    "TypeError", "URIError", "Uint16Array", "Uint32Array", "Uint8Array",
    "Uint8ClampedArray", "WeakMap", "WeakRef", "WeakSet",
    "FinalizationRegistry",
]);


/* What is under way. */

class Context {
    constructor(options) {
        Object.assign(this, defaults);
        this.seen = [];
        this.circular = null;
        this.indent = 0;
        this.level = 0;             /* of the object that was shown last */
        this.budget = 1 << 27;      /* characters, of all objects */

        if (options) {
            for (const key of Object.keys(options)) {
                if (Object.hasOwn(defaults, key) || key === "stylize") {
                    this[key] = options[key];

                } else {
                    (this.user ??= {})[key] = options[key];
                }
            }
        }

        this.maxArrayLength ??= Infinity;
        this.maxStringLength ??= Infinity;
        this.stylize ??= this.colors ? paint : plain;
    }
}


function plain(text) {
    return text;
}


function paint(text, style) {
    const color = colors[styles[style]];

    return color === undefined ? text
           : `\u001b[${color[0]}m${text}\u001b[${color[1]}m`;
}


export function inspect(value, options, ...rest) {
    let context;

    if (typeof options === "boolean") {
        context = new Context({ showHidden: options });

    } else {
        context = new Context(options ?? undefined);
    }

    /* inspect(value, showHidden, depth, colors) */

    if (rest.length >= 1 && rest[0] !== undefined) {
        context.depth = rest[0];
    }

    if (rest.length >= 2 && rest[1] !== undefined) {
        context.colors = rest[1];
        context.stylize = rest[1] ? paint : plain;
    }

    return show(context, value, 0);
}


Object.defineProperty(inspect, "defaultOptions", {
    get() { return { ...defaults }; },
    set(options) {
        validateObject(options, "options");
        Object.assign(defaults, options);
    },
    configurable: true, enumerable: true,
});

inspect.custom = custom;
inspect.colors = colors;
inspect.styles = styles;


export function stripVTControlCharacters(text) {
    if (typeof text !== "string") {
        throw invalidArgType("str", "string", text);
    }

    return text.replace(VT, "");
}


function widthOf(context, text) {
    return context.colors ? text.replace(VT, "").length : text.length;
}


/* Strings */

const ESCAPES = {
    "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r",
    "\\": "\\\\",
};


const UNPRINTABLE = new RegExp("[\\x00-\\x1f\\x27\\x5c\\x7f-\\x9f]"
    + "|[\\ud800-\\udbff](?![\\udc00-\\udfff])"
    + "|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]", "g");


function quote(text) {
    let mark = "'";

    if (text.includes("'")) {
        if (!text.includes('"')) {
            mark = '"';

        } else if (!text.includes("`") && !text.includes("${")) {
            mark = "`";
        }
    }

    const escaped = text.replace(UNPRINTABLE,
        (c) => {
            if (c === "'") {
                return mark === "'" ? "\\'" : c;
            }

            if (ESCAPES[c] !== undefined) {
                return ESCAPES[c];
            }

            const code = c.charCodeAt(0);
            const hex = code.toString(16).toUpperCase();

            return code < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex}`;
        });

    return mark + escaped + mark;
}


function number(context, value) {
    let text = Object.is(value, -0) ? "-0" : `${value}`;

    if (context.numericSeparator) {
        text = separate(text);
    }

    return context.stylize(text, "number");
}


function separate(text) {
    const match = /^(-?)(\d+)(?:\.(\d+))?(n?)$/.exec(text);

    if (match === null) {
        return text;
    }

    const whole = match[2].replace(/\B(?=(\d{3})+$)/g, "_");
    const rest = match[3]?.replace(/(\d{3})(?=\d)/g, "$1_");

    return match[1] + whole + (rest === undefined ? "" : `.${rest}`) + match[4];
}


function primitive(context, value) {
    switch (typeof value) {

    case "string": {
        let text = value, more = "";

        if (text.length > context.maxStringLength) {
            const left = text.length - context.maxStringLength;

            text = text.slice(0, context.maxStringLength);
            more = `... ${left} more character${left > 1 ? "s" : ""}`;
        }

        if (context.compact !== true && text.length > 16
            && text.length > context.breakLength - context.indent - 4)
        {
            return text.split(/(?<=\n)/)
                       .map((line) => context.stylize(quote(line), "string"))
                       .join(` +\n${" ".repeat(context.indent + 2)}`) + more;
        }

        return context.stylize(quote(text), "string") + more;
    }

    case "number":
        return number(context, value);

    case "bigint": {
        const text = `${value}n`;

        return context.stylize(context.numericSeparator ? separate(text)
                                                        : text, "bigint");
    }

    case "boolean":
        return context.stylize(`${value}`, "boolean");

    case "undefined":
        return context.stylize("undefined", "undefined");

    default:
        return context.stylize(Reflect.apply(Symbol.prototype.toString, value,
                                             []), "symbol");
    }
}


/* Objects */

function show(context, value, level, typed) {
    if (value === null) {
        return context.stylize("null", "null");
    }

    if (typeof value !== "object" && typeof value !== "function") {
        return primitive(context, value);
    }

    const original = value;
    const proxy = native.proxy(value);

    if (proxy !== undefined) {
        if (proxy[0] === null) {
            return context.stylize("<Revoked Proxy>", "special");
        }

        if (context.showProxy) {
            return showProxy(context, proxy, level);
        }

        do {
            value = native.proxy(value)[0];
        } while (value !== null && native.proxy(value) !== undefined);

        if (value === null) {
            return context.stylize("<Revoked Proxy>", "special");
        }

        if (typeof value[custom] !== "function" || !context.customInspect) {
            return `Proxy(${show(context, value, level, typed)})`;
        }
    }

    if (context.customInspect) {
        const method = value[custom];

        if (typeof method === "function" && method !== inspect
            && !(Object.hasOwn(value, "constructor")
                 && value.constructor?.prototype === value))
        {
            const depth = context.depth === null ? null
                                                 : context.depth - level;
            const options = { stylize: context.stylize };

            for (const key of Object.keys(defaults)) {
                options[key] = context[key];
            }

            Object.assign(options, context.user);
            options.depth = depth;

            const result = Reflect.apply(method, original,
                                         [depth, options, inspect]);

            if (result !== original) {
                return typeof result === "object" || typeof result !== "string"
                       ? show(context, result, level)
                       : result.replaceAll("\n",
                                           `\n${" ".repeat(context.indent)}`);
            }
        }
    }

    if (context.seen.includes(value)) {
        context.circular ??= new Map();

        if (!context.circular.has(value)) {
            context.circular.set(value, context.circular.size + 1);
        }

        return context.stylize(`[Circular *${context.circular.get(value)}]`,
                               "special");
    }

    return showObject(context, value, level, typed);
}


function showProxy(context, proxy, level) {
    if (context.depth !== null && level > context.depth) {
        return context.stylize("Proxy [Array]", "special");
    }

    context.indent += 2;

    const output = proxy.map((v) => show(context, v, level + 1));

    context.indent -= 2;

    return join(context, output, "", ["Proxy [", "]"], "array", level);
}


function constructorName(context, object, level) {
    let from = object;
    let first;

    while (object !== null) {
        const d = Object.getOwnPropertyDescriptor(object, "constructor");

        if (d !== undefined && typeof d.value === "function"
            && d.value.name !== "" && instance(from, d.value))
        {
            return String(d.value.name);
        }

        object = Object.getPrototypeOf(object);
        first ??= object;
    }

    if (first === null || first === undefined) {
        return null;
    }

    const name = classOf(from);

    if (context.depth !== null && level > context.depth) {
        return `${name} <Complex prototype>`;
    }

    const proto = constructorName(context, first, level + 1);

    if (proto === null) {
        return `${name} <${inspect(first, { depth: -1,
                                            customInspect: false })}>`;
    }

    return `${name} <${proto}>`;
}


function instance(value, constructor) {
    try {
        return value instanceof constructor;

    } catch {
        return false;
    }
}


function prefix(constructor, tag, fallback, size = "") {
    if (constructor === null) {
        if (tag !== "" && fallback !== tag) {
            return `[${fallback}${size}: null prototype] [${tag}] `;
        }

        return `[${fallback}${size}: null prototype] `;
    }

    if (tag !== "" && constructor !== tag) {
        return `${constructor}${size} [${tag}] `;
    }

    return `${constructor}${size} `;
}


function isIndex(key) {
    return typeof key === "string" && /^(0|[1-9]\d{0,9})$/.test(key)
           && Number(key) < 4294967295;
}


function keysOf(context, value, noIndices) {
    let keys = context.showHidden
               ? Object.getOwnPropertyNames(value) : Object.keys(value);

    const symbols = Object.getOwnPropertySymbols(value);

    if (noIndices) {
        keys = keys.filter((key) => !isIndex(key));
    }

    for (const symbol of symbols) {
        if (context.showHidden
            || Object.prototype.propertyIsEnumerable.call(value, symbol))
        {
            keys.push(symbol);
        }
    }

    return keys;
}


function showObject(context, value, level, typed) {
    const kind = classOf(value);
    const constructor = constructorName(context, value, level);
    let tag;

    try {
        tag = value[Symbol.toStringTag];
    } catch { }

    if (typeof tag !== "string" || (tag !== "" && (context.showHidden
        ? Object.hasOwn(value, Symbol.toStringTag)
        : Object.prototype.propertyIsEnumerable.call(value,
                                                     Symbol.toStringTag))))
    {
        tag = "";
    }

    let base = "", braces = ["{", "}"], keys, type = "object", entries = none;
    const shownTag = tag !== "" && tag !== constructor ? tag : "";

    if (Array.isArray(value)) {
        keys = keysOf(context, value, true);
        braces = [`${constructor !== "Array" || shownTag !== ""
                     ? prefix(constructor, tag, "Array", `(${value.length})`)
                     : ""}[`, "]"];

        if (value.length === 0 && keys.length === 0) {
            return `${braces[0]}]`;
        }

        type = "array";
        entries = showArray;

    } else if (kind === "Set") {
        keys = keysOf(context, value);
        const size = setSize(value);

        braces[0] = `${prefix(constructor, tag, "Set", `(${size})`)}{`;
        entries = showSet;

        if (size === 0 && keys.length === 0) {
            return `${braces[0]}}`;
        }

    } else if (kind === "Map") {
        keys = keysOf(context, value);
        const size = mapSize(value);

        braces[0] = `${prefix(constructor, tag, "Map", `(${size})`)}{`;
        entries = showMap;

        if (size === 0 && keys.length === 0) {
            return `${braces[0]}}`;
        }

    } else if (ArrayBuffer.isView(value) && kind !== "DataView") {
        keys = keysOf(context, value, true);

        const length = value.length;
        const name = kind === undefined ? "TypedArray" : kind;

        braces = [`${prefix(constructor, tag, name, `(${length})`)}[`, "]"];

        if (length === 0 && keys.length === 0 && !context.showHidden) {
            return `${braces[0]}]`;
        }

        type = "array";
        entries = showTypedArray;

    } else if (kind === "Map Iterator" || kind === "Set Iterator") {
        keys = keysOf(context, value);
        braces[0] = `[${tag}] {`;
        entries = () => [context.stylize("<items unknown>", "special")];

    } else if (kind === "Arguments") {
        keys = keysOf(context, value);
        braces[0] = "[Arguments] {";

        if (keys.length === 0) {
            return `${braces[0]}}`;
        }

    } else if (typeof value === "function") {
        keys = keysOf(context, value);
        base = functionBase(value, constructor, tag);

        if (keys.length === 0) {
            return context.stylize(base, "special");
        }

        if (constructor === null) {
            base = `[${base.slice(1)}`;
        }

    } else if (kind === "RegExp") {
        keys = keysOf(context, value);
        base = Reflect.apply(RegExp.prototype.toString, value, []);

        const name = prefix(constructor, tag, "RegExp");

        if (name !== "RegExp ") {
            base = `${name}${base}`;
        }

        if (keys.length === 0
            || (context.depth !== null && level > context.depth))
        {
            return context.stylize(base, "regexp");
        }

    } else if (kind === "Date") {
        keys = keysOf(context, value);

        const time = Reflect.apply(Date.prototype.getTime, value, []);

        base = isNaN(time) ? "Invalid Date"
               : Reflect.apply(Date.prototype.toISOString, value, []);

        const name = prefix(constructor, tag, "Date");

        if (name !== "Date ") {
            base = `${name}${base}`;
        }

        if (keys.length === 0) {
            return context.stylize(base, "date");
        }

    } else if (kind === "Error" || value instanceof Error) {
        keys = keysOf(context, value);
        base = showError(context, value, constructor, tag, keys);

        if (keys.length === 0) {
            return base;
        }

    } else if (kind === "ArrayBuffer" || kind === "SharedArrayBuffer") {
        keys = keysOf(context, value);
        braces[0] = `${prefix(constructor, tag, kind)}{`;
        keys.unshift("byteLength");
        entries = typed ? none : showBuffer;

    } else if (kind === "DataView") {
        keys = keysOf(context, value);
        braces[0] = `${prefix(constructor, tag, "DataView")}{`;
        keys.unshift("byteLength", "byteOffset", "buffer");

    } else if (kind === "Promise") {
        keys = keysOf(context, value);
        braces[0] = `${prefix(constructor, tag, "Promise")}{`;
        entries = showPromise;

    } else if (kind === "WeakSet" || kind === "WeakMap") {
        keys = keysOf(context, value);
        braces[0] = `${prefix(constructor, tag, kind)}{`;
        entries = () => [context.stylize("<items unknown>", "special")];

    } else if (kind === "Module") {
        keys = keysOf(context, value);
        braces[0] = "[Module: null prototype] {";

    } else if (BOXES[kind] !== undefined) {
        keys = keysOf(context, value, kind === "String");
        base = boxBase(context, value, kind, constructor, tag, keys);

        if (keys.length === 0) {
            return context.stylize(base, BOXES[kind][1]);
        }

    } else {
        keys = keysOf(context, value);

        if (constructor === "Object" && kind !== "Generator"
            && kind !== "AsyncGenerator")
        {
            if (shownTag !== "" && tag !== "Object") {
                braces[0] = `${prefix(constructor, tag, "Object")}{`;
            }

            if (keys.length === 0) {
                return `${braces[0]}}`;
            }

        } else {
            const name = prefix(constructor, tag, "Object");

            keys.unshift(...attributesOf(value, constructor));

            if (keys.length === 0) {
                return `${name}{}`;
            }

            braces[0] = `${name}{`;
        }
    }

    if (context.depth !== null && level > context.depth) {
        const name = prefix(constructor, tag, Array.isArray(value) ? "Array"
                                                                   : "Object")
                     .slice(0, -1);

        return context.stylize(constructor === null ? name : `[${name}]`,
                               "special");
    }

    level += 1;
    context.seen.push(value);
    context.level = level;

    let output;

    try {
        output = entries(context, value, level);

        for (const key of keys) {
            output.push(showProperty(context, value, key, level, type));
        }

    } catch (error) {
        /* the stack is too small for so many levels */

        if (error?.name !== "InternalError" && error?.name !== "RangeError") {
            throw error;
        }

        context.seen.length = level - 1;

        return context.stylize(`[${constructor}: Inspection interrupted `
            + "prematurely. Maximum call stack size exceeded.]", "special");
    }

    const mark = context.circular?.get(value);

    if (mark !== undefined) {
        const text = context.stylize(`<ref *${mark}>`, "special");

        if (context.compact !== true) {
            base = base === "" ? text : `${text} ${base}`;

        } else {
            braces[0] = `${text} ${braces[0]}`;
        }
    }

    context.seen.pop();

    if (context.sorted) {
        const by = context.sorted === true ? undefined : context.sorted;

        if (type === "object") {
            output.sort(by);

        } else if (keys.length > 1) {
            const sorted = output.slice(output.length - keys.length).sort(by);
            output.splice(output.length - keys.length, keys.length, ...sorted);
        }
    }

    const text = join(context, output, base, braces, type, level, value);

    context.budget -= text.length;

    if (context.budget < 0) {
        context.depth = -1;
    }

    return text;
}


function none() {
    return [];
}


/* What an object of the web platform shows by getters of its class. */

function attributesOf(value, constructor) {
    if (constructor === null || BUILT_IN.has(constructor)
        || globalThis[constructor] !== value.constructor)
    {
        return [];
    }

    const d = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(value));

    return Object.keys(d).filter((key) => d[key].get !== undefined);
}


const sizeOfSet = Object.getOwnPropertyDescriptor(Set.prototype, "size").get;
const sizeOfMap = Object.getOwnPropertyDescriptor(Map.prototype, "size").get;


function setSize(set) {
    return Reflect.apply(sizeOfSet, set, []);
}


function mapSize(map) {
    return Reflect.apply(sizeOfMap, map, []);
}


function remaining(n) {
    return `... ${n} more item${n > 1 ? "s" : ""}`;
}


function showArray(context, value, level) {
    const output = [];
    const length = value.length;
    const max = Math.min(Math.max(0, context.maxArrayLength), length);
    let i = 0;

    while (i < length && output.length < max) {
        if (Object.hasOwn(value, i)) {
            output.push(showProperty(context, value, i, level, "element"));
            i++;
            continue;
        }

        const start = i;

        /* holes: up to the next own index */

        do {
            i++;
        } while (i < length && !Object.hasOwn(value, i)
                 && i - start < 1048576);

        if (i < length && !Object.hasOwn(value, i)) {
            const next = Object.keys(value).find((key) => isIndex(key)
                                                          && Number(key) > i);
            i = next === undefined ? length : Number(next);
        }

        const holes = i - start;

        output.push(context.stylize(`<${holes} empty item${
            holes > 1 ? "s" : ""}>`, "undefined"));
    }

    if (i < length) {
        output.push(remaining(length - i));
    }

    return output;
}


function showTypedArray(context, value, level) {
    const length = value.length;
    const max = Math.min(Math.max(0, context.maxArrayLength), length);
    const output = [];

    for (let i = 0; i < max; i++) {
        output.push(primitive(context, value[i]));
    }

    if (max < length) {
        output.push(remaining(length - max));
    }

    if (context.showHidden) {
        context.indent += 2;

        for (const key of ["BYTES_PER_ELEMENT", "length", "byteLength",
                           "byteOffset", "buffer"])
        {
            output.push(`[${key}]: ${show(context, value[key], level, true)}`);
        }

        context.indent -= 2;
    }

    return output;
}


function showSet(context, value, level) {
    const output = [];
    const length = setSize(value);
    const max = Math.min(Math.max(0, context.maxArrayLength), length);

    context.indent += 2;

    for (const item of Set.prototype.values.call(value)) {
        if (output.length === max) {
            break;
        }

        output.push(show(context, item, level));
    }

    context.indent -= 2;

    if (max < length) {
        output.push(remaining(length - max));
    }

    return output;
}


function showMap(context, value, level) {
    const output = [];
    const length = mapSize(value);
    const max = Math.min(Math.max(0, context.maxArrayLength), length);

    context.indent += 2;

    for (const [key, item] of Map.prototype.entries.call(value)) {
        if (output.length === max) {
            break;
        }

        output.push(`${show(context, key, level)} => ${
            show(context, item, level)}`);
    }

    context.indent -= 2;

    if (max < length) {
        output.push(remaining(length - max));
    }

    return output;
}


function showBuffer(context, value) {
    let bytes;

    try {
        bytes = new Uint8Array(value);

    } catch {
        return [context.stylize("(detached)", "special")];
    }

    const max = Math.min(Math.max(0, context.maxArrayLength), bytes.length);
    let text = "";

    for (let i = 0; i < max; i++) {
        text += `${i ? " " : ""}${bytes[i].toString(16).padStart(2, "0")}`;
    }

    const left = bytes.length - max;

    if (left > 0) {
        text += ` ... ${left} more byte${left > 1 ? "s" : ""}`;
    }

    return [`${context.stylize("[Uint8Contents]", "special")}: <${text}>`];
}


function showPromise(context, value, level) {
    const [state, result] = native.promise(value);

    if (state === 0) {
        return [context.stylize("<pending>", "special")];
    }

    context.indent += 2;
    const text = show(context, result, level);
    context.indent -= 2;

    return [state === 2 ? `${context.stylize("<rejected>", "special")} ${text}`
                        : text];
}


const BOXES = {
    Number: [Number.prototype.valueOf, "number"],
    String: [String.prototype.valueOf, "string"],
    Boolean: [Boolean.prototype.valueOf, "boolean"],
    BigInt: [BigInt.prototype.valueOf, "bigint"],
    Symbol: [Symbol.prototype.valueOf, "symbol"],
};


function boxBase(context, value, kind, constructor, tag, keys) {
    let base = `[${kind}`;

    if (kind !== constructor) {
        base += constructor === null ? " (null prototype)"
                                     : ` (${constructor})`;
    }

    base += `: ${primitive(new Context({ ...defaults, colors: false }),
                           Reflect.apply(BOXES[kind][0], value, []))}]`;

    if (tag !== "" && tag !== constructor) {
        base += ` [${tag}]`;
    }

    return base;
}


function functionBase(value, constructor, tag) {
    const source = Function.prototype.toString.call(value);

    if (source.startsWith("class") && source.endsWith("}")) {
        return classBase(value, constructor, tag, source);
    }

    const kind = classOf(value);
    const type = kind === "GeneratorFunction" || kind === "AsyncFunction"
                 || kind === "AsyncGeneratorFunction" ? kind : "Function";

    let base = `[${type}`;

    if (constructor === null) {
        base += " (null prototype)";
    }

    base += value.name === "" || typeof value.name !== "string"
            ? " (anonymous)" : `: ${value.name}`;
    base += "]";

    if (constructor !== type && constructor !== null) {
        base += ` ${constructor}`;
    }

    if (tag !== "" && constructor !== tag) {
        base += ` [${tag}]`;
    }

    return base;
}


function classBase(value, constructor, tag, source) {
    const own = Object.hasOwn(value, "name") && value.name;
    let base = `[class ${own || "(anonymous)"}`;

    if (constructor !== "Function" && constructor !== null) {
        base += ` [${constructor}]`;
    }

    if (tag !== "" && constructor !== tag) {
        base += ` [${tag}]`;
    }

    if (constructor !== null) {
        const name = Object.getPrototypeOf(value).name;

        if (name) {
            base += ` extends ${name}`;
        }

    } else {
        base += " extends [null prototype]";
    }

    return `${base}]`;
}


/* Errors */

function showError(context, error, constructor, tag, keys) {
    let name = error.name;
    let stack = typeof error.stack === "string" && error.stack !== ""
                ? error.stack : errorText(error);

    name = typeof name === "string" ? name : name == null ? "Error" : `${name}`;

    /* a stack of ours may have but the frames */

    if (!stack.startsWith(name) && /^\s+at /.test(stack)) {
        stack = `${errorText(error)}\n${stack}`;
    }

    if (!context.showHidden && keys.length !== 0) {
        for (const key of ["name", "message", "stack"]) {
            const i = keys.indexOf(key);

            if (i !== -1 && stack.includes(error[key])) {
                keys.splice(i, 1);
            }
        }
    }

    if ("cause" in error && Object.hasOwn(error, "cause")
        && !keys.includes("cause"))
    {
        keys.push("cause");
    }

    if (Array.isArray(error.errors) && !keys.includes("errors")
        && Object.hasOwn(error, "errors"))
    {
        keys.push("errors");
    }

    stack = improve(stack, constructor, name, tag);

    let position = error.message ? stack.indexOf(error.message) : -1;

    if (position !== -1) {
        position += error.message.length;
    }

    if (stack.indexOf("\n    at", position) === -1) {
        stack = `[${stack}]`;
    }

    if (context.indent !== 0) {
        stack = stack.replaceAll("\n", `\n${" ".repeat(context.indent)}`);
    }

    return stack;
}


function errorText(error) {
    try {
        return Error.prototype.toString.call(error);

    } catch {
        return "Error";
    }
}


function improve(stack, constructor, name, tag) {
    let length = name.length;

    if (constructor === null || (name.endsWith("Error")
        && stack.startsWith(name)
        && (stack.length === length || stack[length] === ":"
            || stack[length] === "\n")))
    {
        let fallback = "Error";

        if (constructor === null) {
            const named = /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n {4}at)/;
            const start = named.exec(stack)
                          ?? /^([a-z_A-Z0-9-]*Error)$/.exec(stack);

            fallback = start?.[1] ?? "";
            length = fallback.length;
            fallback ||= "Error";
        }

        const shown = prefix(constructor, tag, fallback).slice(0, -1);

        if (name !== shown) {
            if (shown.includes(name)) {
                stack = length === 0 ? `${shown}: ${stack}`
                                     : `${shown}${stack.slice(length)}`;

            } else {
                stack = `${shown} [${name}]${stack.slice(length)}`;
            }
        }
    }

    return stack;
}


/* Properties */

function showProperty(context, value, key, level, type) {
    let text;
    const d = Object.getOwnPropertyDescriptor(value, key)
              ?? { value: attribute(value, key), enumerable: true };

    if (d.value !== undefined || Object.hasOwn(d, "value")) {
        const indent = context.compact !== true || type !== "object" ? 2 : 3;

        context.indent += indent;
        text = show(context, d.value, level, undefined);

        if (indent === 3 && context.breakLength < widthOf(context, text)) {
            text = `\n${" ".repeat(context.indent)}${text}`;
        }

        context.indent -= indent;

    } else if (d.get !== undefined) {
        text = showGetter(context, value, d, level);

    } else if (d.set !== undefined) {
        text = context.stylize("[Setter]", "special");

    } else {
        text = context.stylize("undefined", "undefined");
    }

    if (type === "element") {
        return text;
    }

    return `${showKey(context, key, d)}${
        context.compact === true && text.startsWith("\n") ? ":" : ": "}${text}`;
}


function attribute(value, key) {
    try {
        return value[key];

    } catch {
        return undefined;
    }
}


function showKey(context, key, d) {
    let name;

    if (typeof key === "symbol") {
        name = context.stylize(Symbol.prototype.toString.call(key), "symbol");

        if (d.enumerable === false) {
            name = `[${name}]`;
        }

    } else if (key === "__proto__") {
        name = "['__proto__']";

    } else if (d.enumerable === false) {
        return `[${key}]`;

    } else if (IDENTIFIER.test(key)) {
        name = context.stylize(key, "name");

    } else {
        name = context.stylize(quote(String(key)), "string");
    }

    return name;
}


function showGetter(context, value, d, level) {
    const label = d.set !== undefined ? "Getter/Setter" : "Getter";
    const { getters } = context;

    if (!getters || (getters === "get" && d.set !== undefined)
        || (getters === "set" && d.set === undefined))
    {
        return context.stylize(`[${label}]`, "special");
    }

    let result;

    try {
        result = Reflect.apply(d.get, value, []);

    } catch (error) {
        return context.stylize(`[${label}: <Inspection threw (${
            error?.message})>]`, "special");
    }

    context.indent += 2;

    const text = result !== null && typeof result === "object"
                 ? `${context.stylize(`[${label}]`, "special")} ${
                     show(context, result, level)}`
                 : `${context.stylize(`[${label}:`, "special")} ${
                     result === null ? context.stylize("null", "null")
                     : typeof result === "function"
                       ? show(context, result, level)
                       : primitive(context, result)}${
                     context.stylize("]", "special")}`;

    context.indent -= 2;

    return text;
}


/* One line if that is short, else a line for each. */

function join(context, output, base, braces, type, level, value) {
    const lead = base ? `${base} ` : "";

    if (context.compact !== true) {
        if (typeof context.compact === "number" && context.compact >= 1) {
            const entries = output.length;

            if (type === "array" && entries > 6) {
                output = columns(context, output, value);
            }

            if (context.level - level < context.compact
                && entries === output.length)
            {
                const start = output.length + context.indent
                              + braces[0].length + base.length + 10;

                if (fits(context, output, start, base)) {
                    const text = output.join(", ");

                    if (!text.includes("\n")) {
                        return `${lead}${braces[0]} ${text} ${braces[1]}`;
                    }
                }
            }
        }

        const line = `\n${" ".repeat(context.indent)}`;

        return `${lead}${braces[0]}${line}  ${output.join(`,${line}  `)}${
            line}${braces[1]}`;
    }

    if (fits(context, output, 0, base)) {
        return `${braces[0]}${base ? ` ${base}` : ""} ${output.join(", ")} ${
            braces[1]}`;
    }

    const line = `\n${" ".repeat(context.indent)}`;
    const gap = base === "" && braces[0].length === 1
                ? " " : `${base ? ` ${base}` : ""}${line}  `;

    return `${braces[0]}${gap}${output.join(`,${line}  `)} ${braces[1]}`;
}


function fits(context, output, start, base) {
    let length = output.length + start;

    if (length + output.length > context.breakLength) {
        return false;
    }

    for (const text of output) {
        length += widthOf(context, text);

        if (length > context.breakLength) {
            return false;
        }
    }

    return base === "" || !base.includes("\n");
}


/* Many short elements stand in columns, about as wide as they are high. */

function columns(context, output, value) {
    let total = 0, widest = 0;
    const count = context.maxArrayLength < output.length ? output.length - 1
                                                         : output.length;
    const widths = [];

    for (let i = 0; i < count; i++) {
        const width = widthOf(context, output[i]);

        widths.push(width);
        total += width + 2;
        widest = Math.max(widest, width);
    }

    const column = widest + 2;

    if (column * 3 + context.indent >= context.breakLength
        || (total / column <= 5 && widest > 6))
    {
        return output;
    }

    const bias = Math.sqrt(column - total / output.length);
    const biased = Math.max(column - 3 - bias, 1);
    const n = Math.min(
        Math.round(Math.sqrt(2.5 * biased * count) / biased),
        Math.floor((context.breakLength - context.indent) / column),
        context.compact * 4, 15);

    if (n <= 1) {
        return output;
    }

    const room = [];

    for (let i = 0; i < n; i++) {
        let most = 0;

        for (let j = i; j < count; j += n) {
            most = Math.max(most, widths[j]);
        }

        room.push(most + 2);
    }

    const right = value !== undefined && everyNumber(value, output.length);
    const lines = [];

    for (let i = 0; i < count; i += n) {
        const end = Math.min(i + n, count);
        let line = "", j = i;

        for ( ; j < end - 1; j++) {
            const width = room[j - i] + output[j].length - widths[j];
            const cell = `${output[j]}, `;

            line += right ? cell.padStart(width) : cell.padEnd(width);
        }

        line += right ? output[j].padStart(room[j - i] + output[j].length
                                           - widths[j] - 2)
                      : output[j];
        lines.push(line);
    }

    if (count < output.length) {
        lines.push(output[count]);
    }

    return lines;
}


function everyNumber(value, n) {
    for (let i = 0; i < n; i++) {
        if (typeof value[i] !== "number" && typeof value[i] !== "bigint") {
            return false;
        }
    }

    return true;
}


/* util.format() */

export function format(...args) {
    return formatArguments(undefined, args);
}


export function formatWithOptions(options, ...args) {
    validateObject(options, "inspectOptions", { object: true });

    return formatArguments(options, args);
}


function formatArguments(options, args) {
    const first = args[0];
    let text = "", i = 0, joint = "";

    if (typeof first === "string") {
        if (args.length === 1) {
            return first;
        }

        i = 1;
        joint = " ";
        text = first.replace(/%[sdifjoOc%]/g, (spec, at) => {
            if (spec === "%%") {
                return "%";
            }

            return i < args.length ? formatOne(options, spec[1], args[i++])
                                   : spec;
        });
    }

    for ( ; i < args.length; i++) {
        const value = args[i];

        text += joint;
        text += typeof value === "string" ? value
                : inspect(value, { ...options, compact: 3, colors: false,
                                   ...options });
        joint = " ";
    }

    return text;
}


function formatOne(options, spec, value) {
    const context = () => new Context(options);

    switch (spec) {

    case "s":
        if (typeof value === "number") {
            return number(context(), value);
        }

        if (typeof value === "bigint") {
            return primitive(context(), value);
        }

        if (typeof value !== "object" || value === null
            || !hasBuiltInToString(value))
        {
            return String(value);
        }

        return inspect(value, { ...options, depth: 0, colors: false,
                                compact: 3 });

    case "d":
        return typeof value === "bigint" ? primitive(context(), value)
               : number(context(), typeof value === "symbol" ? NaN
                                                             : Number(value));

    case "i":
        return typeof value === "bigint" ? primitive(context(), value)
               : number(context(), typeof value === "symbol"
                                   ? NaN : parseInt(value));

    case "f":
        return number(context(), typeof value === "symbol"
                                 ? NaN : parseFloat(value));

    case "j":
        return json(value);

    case "o":
        return inspect(value, { ...options, showHidden: true, showProxy: true,
                                depth: 4 });

    case "O":
        return inspect(value, options);

    default: /* c */
        return "";
    }
}


function json(value) {
    try {
        return JSON.stringify(value);

    } catch (error) {
        if (/circular/i.test(error?.message)) {
            return "[Circular]";
        }

        throw error;
    }
}


function hasBuiltInToString(value) {
    const proxy = native.proxy(value);

    if (proxy !== undefined) {
        if (proxy[0] === null) {
            return true;
        }

        value = proxy[0];
    }

    /* a function of the script's own, on it or on a class of the script's */

    if (typeof value.toString !== "function"
        && typeof value[Symbol.toPrimitive] !== "function")
    {
        return true;
    }

    if (Object.hasOwn(value, "toString")
        || Object.hasOwn(value, Symbol.toPrimitive))
    {
        return false;
    }

    let proto = value;

    do {
        proto = Object.getPrototypeOf(proto);
    } while (proto !== null && !Object.hasOwn(proto, "toString")
             && !Object.hasOwn(proto, Symbol.toPrimitive));

    const constructor = proto?.constructor;

    return typeof constructor === "function"
           && BUILT_IN.has(constructor.name);
}
