/*
 * Copyright (C) the nginx-workers authors
 *
 * FormData, and its two forms on the wire (multipart/form-data as RFC 7578
 * and the HTML standard write it, application/x-www-form-urlencoded).
 *
 * native.blob() gives what blob.js defined.  C uses isFormData(v),
 * parse(bytes, contentType) and serialize(formData), which gives
 * { bytes, contentType }; urlencoded(bytes) gives pairs of strings.
 */

export default function defineFormData(native) {

const { Array, Object, Reflect, String, Symbol, TypeError,
        Uint8Array } = globalThis;

const { defineProperty, getPrototypeOf } = Object;
const { iterator, toStringTag } = Symbol;

const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const copyBytes = uncurry(Uint8Array.prototype.set);
const indexOfByte = uncurry(Uint8Array.prototype.indexOf);
const subarray = uncurry(Uint8Array.prototype.subarray);
const sliceBytes = uncurry(Uint8Array.prototype.slice);
const wellFormed = uncurry(String.prototype.toWellFormed);
const lowerCase = uncurry(String.prototype.toLowerCase);
const trim = uncurry(String.prototype.trim);
const replace = uncurry(String.prototype.replace);
const indexOf = uncurry(String.prototype.indexOf);
const slice = uncurry(String.prototype.slice);
const push = uncurry(Array.prototype.push);
const apply = Reflect.apply;

const CR = 13, LF = 10, DASH = 45, AMP = 38, EQUALS = 61, PLUS = 43,
      PERCENT = 37;

const NO_TYPE = "Parsing a Body as FormData requires a Content-Type header.";
const BAD_TYPE = "Unrecognized Content-Type header value. FormData can only "
                 + "parse the following MIME types: multipart/form-data, "
                 + "application/x-www-form-urlencoded";

let entriesOf;

const blobs = () => native.blob();

function illegal() {
    return new TypeError("Illegal invocation: this is not a FormData.");
}

function mine(v) {
    const entries = entriesOf(v);

    if (entries === undefined) {
        throw illegal();
    }

    return entries;
}

function isObject(v) {
    return v !== null && (typeof v === "object" || typeof v === "function");
}

function need(args, n) {
    if (args.length < n) {
        throw new TypeError(`${n} arguments are required.`);
    }
}

function text(v) {
    return wellFormed(`${v}`);
}

/* What append() and set() store: a string or a File. */
function entryValue(args) {
    const value = args[1];

    if (!isObject(value) || !blobs().isBlob(value)) {
        if (args.length > 2) {
            throw new TypeError("A value with a filename must be a Blob.");
        }

        return text(value);
    }

    const { isFile, makeFile, typeOf } = blobs();
    const file = isFile(value);

    if (file && args[2] === undefined) {
        return value;
    }

    return makeFile(value, args[2] === undefined ? "blob" : text(args[2]),
                    typeOf(value), file ? value.lastModified : undefined);
}


class FormData {
    #entries = [];

    static {
        entriesOf = (v) => isObject(v) && #entries in v ? v.#entries
                                                        : undefined;
    }

    constructor(form = undefined) {
        if (form !== undefined) {
            throw new TypeError("FormData takes no form here.");
        }
    }

    append(name, value, filename = undefined) {
        const entries = mine(this);

        need(arguments, 2);

        const key = text(name);

        push(entries, [key, entryValue(arguments)]);
    }

    delete(name) {
        const entries = mine(this);

        need(arguments, 1);
        remove(entries, text(name), 0);
    }

    get(name) {
        const entries = mine(this);

        need(arguments, 1);

        const at = find(entries, text(name));

        return at === -1 ? null : entries[at][1];
    }

    getAll(name) {
        const entries = mine(this);
        const found = [];

        need(arguments, 1);

        const key = text(name);

        for (let i = 0; i < entries.length; i++) {
            if (entries[i][0] === key) {
                push(found, entries[i][1]);
            }
        }

        return found;
    }

    has(name) {
        const entries = mine(this);

        need(arguments, 1);
        return find(entries, text(name)) !== -1;
    }

    set(name, value, filename = undefined) {
        const entries = mine(this);

        need(arguments, 2);

        const key = text(name);
        const entry = [key, entryValue(arguments)];
        const at = find(entries, key);

        if (at === -1) {
            push(entries, entry);
            return;
        }

        entries[at] = entry;
        remove(entries, key, at + 1);
    }

    entries() {
        return new EntryIterator(mine(this), 2);
    }

    keys() {
        return new EntryIterator(mine(this), 0);
    }

    values() {
        return new EntryIterator(mine(this), 1);
    }

    forEach(callback, thisArg = undefined) {
        const entries = mine(this);

        if (typeof callback !== "function") {
            throw new TypeError("The callback is not a function.");
        }

        for (let i = 0; i < entries.length; i++) {
            apply(callback, thisArg, [entries[i][1], entries[i][0], this]);
        }
    }
}

function find(entries, name) {
    for (let i = 0; i < entries.length; i++) {
        if (entries[i][0] === name) {
            return i;
        }
    }

    return -1;
}

function remove(entries, name, from) {
    let n = from;

    for (let i = from; i < entries.length; i++) {
        if (entries[i][0] !== name) {
            entries[n++] = entries[i];
        }
    }

    entries.length = n;
}

/* kind: 0 keys, 1 values, 2 pairs. */
class EntryIterator {
    #entries;
    #kind;
    #at = 0;

    constructor(entries, kind) {
        this.#entries = entries;
        this.#kind = kind;
    }

    next() {
        if (!isObject(this) || !(#entries in this)) {
            throw illegal();
        }

        if (this.#at >= this.#entries.length) {
            return { value: undefined, done: true };
        }

        const entry = this.#entries[this.#at++];

        return {
            value: this.#kind === 2 ? [entry[0], entry[1]]
                                    : entry[this.#kind],
            done: false,
        };
    }
}

function face(cls, name) {
    const proto = cls.prototype;

    for (const key of Object.getOwnPropertyNames(proto)) {
        if (key !== "constructor") {
            defineProperty(proto, key, { enumerable: true });
        }
    }

    defineProperty(proto, toStringTag, { value: name, configurable: true });
}

face(FormData, "FormData");
defineProperty(FormData.prototype, iterator,
               { value: FormData.prototype.entries, writable: true,
                 enumerable: false, configurable: true });

face(EntryIterator, "FormData Iterator");
delete EntryIterator.prototype.constructor;
Object.setPrototypeOf(EntryIterator.prototype,
                      getPrototypeOf(getPrototypeOf([][iterator]())));


/* Header values: "a/b; name=value; name=\"quoted\"". */

function parameters(value) {
    const params = { __proto__: null };
    let at = indexOf(value, ";");

    const main = lowerCase(trim(at === -1 ? value : slice(value, 0, at)));

    while (at !== -1 && at < value.length) {
        const equals = indexOf(value, "=", at);

        if (equals === -1) {
            break;
        }

        const name = lowerCase(trim(slice(value, at + 1, equals)));
        let end, param;

        if (value[equals + 1] === '"') {
            param = "";

            for (end = equals + 2;
                 end < value.length && value[end] !== '"';
                 end++)
            {
                if (value[end] === "\\" && (value[end + 1] === '"'
                                            || value[end + 1] === "\\"))
                {
                    end++;
                }

                param += value[end];
            }

            end = indexOf(value, ";", end);

        } else {
            end = indexOf(value, ";", equals);
            param = trim(end === -1 ? slice(value, equals + 1)
                                    : slice(value, equals + 1, end));
        }

        params[name] ??= param;
        at = end;
    }

    return { main, params };
}

/* Where the bytes of needle begin in bytes, at or after from; or -1. */
function search(bytes, needle, from) {
    const n = needle.length;

    for (;;) {
        const at = indexOfByte(bytes, needle[0], from);

        if (at === -1 || at + n > bytes.length) {
            return -1;
        }

        let i = 1;

        while (i < n && bytes[at + i] === needle[i]) {
            i++;
        }

        if (i === n) {
            return at;
        }

        from = at + 1;
    }
}

function malformed() {
    return new TypeError("The multipart/form-data body is malformed.");
}

/* The names that browsers escape in quoted parameters. */
function unescapeName(name) {
    return replace(name, /%(22|0[dDaA])/g,
                   (all, code) => code === "22" ? '"'
                                  : lowerCase(code) === "0d" ? "\r" : "\n");
}

function parseMultipart(bytes, boundary) {
    const form = new FormData();
    const entries = entriesOf(form);
    const mark = native.utf8Encode(`--${boundary}`);
    const next = native.utf8Encode(`\r\n--${boundary}`);
    let at = 0;

    /* The first boundary stands at the start of a line. */
    for (;;) {
        at = search(bytes, mark, at);

        if (at === -1) {
            throw malformed();
        }

        if (at === 0 || bytes[at - 1] === LF) {
            break;
        }

        at++;
    }

    at += mark.length;

    for (;;) {
        if (bytes[at] === DASH && bytes[at + 1] === DASH) {
            return form;
        }

        /* Padding after a boundary. */
        while (bytes[at] === 32 || bytes[at] === 9) {
            at++;
        }

        if (bytes[at] !== CR || bytes[at + 1] !== LF) {
            throw malformed();
        }

        at += 2;

        const part = { disposition: undefined, type: undefined };

        at = parsePartHeaders(bytes, at, part);

        let end = at >= 2 && bytes[at - 1] === LF
                  ? search(bytes, next, at - 2) : search(bytes, next, at);

        if (end === -1) {
            throw malformed();
        }

        const body = end < at ? subarray(bytes, at, at)
                              : subarray(bytes, at, end);

        addPart(entries, part, body);
        at = end + next.length;
    }
}

function parsePartHeaders(bytes, at, part) {
    for (;;) {
        const end = indexOfByte(bytes, LF, at);

        if (end === -1 || bytes[end - 1] !== CR) {
            throw malformed();
        }

        if (end - 1 === at) {
            return end + 1;
        }

        const line = native.utf8Decode(subarray(bytes, at, end - 1));
        const colon = indexOf(line, ":");

        if (colon === -1) {
            throw malformed();
        }

        const name = lowerCase(trim(slice(line, 0, colon)));
        const value = trim(slice(line, colon + 1));

        if (name === "content-disposition") {
            part.disposition = parameters(value);

        } else if (name === "content-type") {
            part.type = value;
        }

        at = end + 1;
    }
}

function addPart(entries, part, body) {
    const disposition = part.disposition;
    const name = disposition?.params.name;

    if (name === undefined || disposition.main !== "form-data") {
        throw malformed();
    }

    const filename = disposition.params.filename;

    push(entries, [
        unescapeName(name),
        filename === undefined
        ? native.utf8Decode(body)
        : blobs().makeFile(sliceBytes(body), unescapeName(filename),
                           part.type ?? "text/plain"),
    ]);
}

function hex(c) {
    return c >= 48 && c <= 57 ? c - 48
           : c >= 65 && c <= 70 ? c - 55
           : c >= 97 && c <= 102 ? c - 87 : -1;
}

function decodeField(bytes, from, to) {
    const out = new Uint8Array(to - from);
    let n = 0;

    for (let i = from; i < to; i++) {
        const c = bytes[i];

        if (c === PLUS) {
            out[n++] = 32;
            continue;
        }

        if (c === PERCENT && i + 2 < to) {
            const high = hex(bytes[i + 1]), low = hex(bytes[i + 2]);

            if (high !== -1 && low !== -1) {
                out[n++] = high * 16 + low;
                i += 2;
                continue;
            }
        }

        out[n++] = c;
    }

    return native.utf8Decode(subarray(out, 0, n));
}

function urlencoded(bytes) {
    const pairs = [];
    let at = 0;

    while (at < bytes.length) {
        let end = indexOfByte(bytes, AMP, at);

        if (end === -1) {
            end = bytes.length;
        }

        if (end > at) {
            let equals = indexOfByte(bytes, EQUALS, at);

            if (equals === -1 || equals > end) {
                equals = end;
            }

            push(pairs, [decodeField(bytes, at, equals),
                         equals < end ? decodeField(bytes, equals + 1, end)
                                      : ""]);
        }

        at = end + 1;
    }

    return pairs;
}

function parse(bytes, contentType) {
    if (contentType === undefined || contentType === null) {
        throw new TypeError(NO_TYPE);
    }

    const { main, params } = parameters(`${contentType}`);

    if (main === "multipart/form-data") {
        if (!params.boundary) {
            throw new TypeError("No boundary string in Content-Type "
                                + "header.");
        }

        return parseMultipart(bytes, params.boundary);
    }

    if (main === "application/x-www-form-urlencoded") {
        const form = new FormData();
        const entries = entriesOf(form);
        const pairs = urlencoded(bytes);

        for (let i = 0; i < pairs.length; i++) {
            push(entries, pairs[i]);
        }

        return form;
    }

    throw new TypeError(BAD_TYPE);
}


function escapeName(name) {
    return replace(name, /[\n\r"]/g, (c) => c === '"' ? "%22"
                                            : c === "\r" ? "%0D" : "%0A");
}

function newlines(v) {
    return replace(v, /\r\n|\r|\n/g, "\r\n");
}

function serialize(form) {
    const entries = mine(form);
    const boundary = native.randomBoundary();
    const { bytesOf, typeOf } = blobs();
    const pieces = [];
    let total = 0;
    let head = "";

    const add = (bytes) => {
        push(pieces, bytes);
        total += bytes.byteLength;
    };

    for (let i = 0; i < entries.length; i++) {
        const [name, value] = entries[i];

        head += `--${boundary}\r\nContent-Disposition: form-data; `
                + `name="${escapeName(newlines(name))}"`;

        if (typeof value === "string") {
            head += `\r\n\r\n${newlines(value)}\r\n`;
            continue;
        }

        head += `; filename="${escapeName(value.name)}"\r\nContent-Type: `
                + `${typeOf(value) || "application/octet-stream"}\r\n\r\n`;
        add(native.utf8Encode(head));
        add(bytesOf(value));
        head = "\r\n";
    }

    add(native.utf8Encode(`${head}--${boundary}--\r\n`));

    const bytes = new Uint8Array(total);

    for (let i = 0, at = 0; i < pieces.length; i++) {
        copyBytes(bytes, pieces[i], at);
        at += pieces[i].byteLength;
    }

    return { bytes,
             contentType: `multipart/form-data; boundary=${boundary}` };
}

return { FormData, parse, serialize, urlencoded,
         isFormData: (v) => entriesOf(v) !== undefined };

}
