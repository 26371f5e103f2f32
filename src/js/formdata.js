/*
 * Copyright (C) the nginx-workers authors
 *
 * FormData, and how it is written as multipart/form-data (RFC 7578, as the
 * platform writes it).
 *
 * native.parse(bytes, contentType) gives the entries of a body, pairs of a
 * name and a string or File; native.blob() what blob.js defined.  C uses
 * isFormData(v), parse(bytes, contentType), which gives a FormData, and
 * serialize(formData), which gives { pieces, size, contentType }: strings and
 * Uint8Arrays which nothing changes; of a large form Uint8Arrays alone, and
 * their bytes in all, otherwise size is 0.
 */

export default function defineFormData(native) {

const { Object, Reflect, String, Symbol, TypeError, Array } = globalThis;

const { defineProperty, getPrototypeOf } = Object;
const { iterator, toStringTag } = Symbol;

const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const wellFormed = uncurry(String.prototype.toWellFormed);
const replace = uncurry(String.prototype.replace);
const push = uncurry(Array.prototype.push);
const apply = Reflect.apply;

const LARGE = 65536;

const ESCAPES = { __proto__: null, "\n": "%0A", "\r": "%0D", '"': "%22",
                  "\\": "\\\\" };

let entriesOf, setEntries;

const blobs = () => native.blob();

function illegal() {
    return new TypeError(native.illegal);
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

function bad(method, at, type) {
    return new TypeError(`Failed to execute '${method}' on 'FormData': `
                         + `parameter ${at} is not of type '${type}'.`);
}

function need(args, n, method) {
    if (args.length < n) {
        throw args.length === 0 ? bad(method, 1, "string")
                                : bad(method, 2, "File or Blob or string");
    }
}

function text(v) {
    return wellFormed(`${v}`);
}

/* What append() and set() store: a string or a File. */
function entryValue(key, args) {
    const value = args[1];

    if (!isObject(value) || !blobs().isBlob(value)) {
        return text(value);
    }

    const { isFile, makeFile, typeOf } = blobs();

    if (args[2] !== undefined) {
        return makeFile(value, text(args[2]), typeOf(value));
    }

    return isFile(value) ? value : makeFile(value, key, typeOf(value));
}


class FormData {
    #entries = [];

    static {
        entriesOf = (v) => isObject(v) && #entries in v ? v.#entries
                                                        : undefined;
        setEntries = (form, entries) => { form.#entries = entries; };
    }

    append(name, value, filename = undefined) {
        const entries = mine(this);

        need(arguments, 2, "append");

        const key = text(name);

        push(entries, [key, entryValue(key, arguments)]);
    }

    delete(name) {
        const entries = mine(this);

        need(arguments, 1, "delete");
        remove(entries, text(name), 0);
    }

    get(name) {
        const entries = mine(this);

        need(arguments, 1, "get");

        const at = find(entries, text(name));

        return at === -1 ? null : entries[at][1];
    }

    getAll(name) {
        const entries = mine(this);
        const found = [];

        need(arguments, 1, "getAll");

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

        need(arguments, 1, "has");
        return find(entries, text(name)) !== -1;
    }

    set(name, value, filename = undefined) {
        const entries = mine(this);

        need(arguments, 2, "set");

        const key = text(name);
        const entry = [key, entryValue(key, arguments)];
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
            throw bad("forEach", 1, "function");
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


function parse(bytes, contentType) {
    const form = new FormData();

    setEntries(form, native.parse(bytes, contentType));
    return form;
}


/* As a quoted parameter; what would end it or its line is escaped. */
function quote(name) {
    return `"${replace(name, /[\n\r"\\]/g, (c) => ESCAPES[c])}"`;
}

function serialize(form) {
    const entries = mine(form);
    const boundary = native.randomBoundary();
    const { bytesOf, nameOf, typeOf } = blobs();
    const pieces = [];
    let size = 0;
    let head = "";

    for (let i = 0; i < entries.length; i++) {
        const [name, value] = entries[i];

        head += `--${boundary}\r\nContent-Disposition: form-data; `
                + `name=${quote(name)}`;

        if (typeof value === "string") {
            head += `\r\n\r\n${value}\r\n`;
            continue;
        }

        head += `; filename=${quote(nameOf(value))}\r\nContent-Type: `
                + `${typeOf(value) || "application/octet-stream"}\r\n\r\n`;
        const bytes = bytesOf(value);

        push(pieces, head, bytes);
        size += bytes.byteLength;
        head = "\r\n";
    }

    push(pieces, `${head}--${boundary}--`);

    if (size < LARGE) {
        size = 0;

    } else {
        for (let i = 0; i < pieces.length; i += 2) {
            pieces[i] = native.utf8Encode(pieces[i]);
            size += pieces[i].byteLength;
        }
    }

    return { pieces, size,
             contentType: `multipart/form-data; boundary=${boundary}` };
}

return { FormData, parse, serialize,
         isFormData: (v) => entriesOf(v) !== undefined };

}
