/*
 * Copyright (C) the nginx-workers authors
 *
 * util.MIMEType and util.MIMEParams: MIME Sniffing Standard, section 4.
 */

const { Map, Object, Symbol, TypeError } = globalThis;

const custom = Symbol.for("nodejs.util.inspect.custom");

const TOKEN = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const QUOTED = /^[\t\x20-\x7e\x80-\xff]*$/;


function invalid(text) {
    return new TypeError(text === undefined
                         ? "Not a valid MIME type"
                         : `Not a valid MIME type: ${text}`);
}


function lower(text) {
    return text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}


function token(value) {
    value = `${value}`;

    if (!TOKEN.test(value)) {
        throw invalid();
    }

    return value;
}


let parseParams;

export class MIMEParams {
    #map = new Map();

    static {
        parseParams = (params, text) => parse(params.#map, text);
    }

    delete(name) {
        this.#map.delete(name);
    }

    get(name) {
        return this.#map.get(name) ?? null;
    }

    has(name) {
        return this.#map.has(name);
    }

    set(name, value) {
        this.#map.set(`${name}`, `${value}`);
    }

    *entries() {
        yield* this.#map.entries();
    }

    *keys() {
        yield* this.#map.keys();
    }

    *values() {
        yield* this.#map.values();
    }

    [custom](depth, options, inspect) {
        return inspect(this.#map, options).replace("Map", "MIMEParams");
    }

    toString() {
        const parts = [];

        for (const [name, value] of this.#map) {
            parts.push(`${name}=${TOKEN.test(value) ? value
                       : `"${value.replace(/["\\]/g, "\\$&")}"`}`);
        }

        return parts.join(";");
    }
}

Object.defineProperties(MIMEParams.prototype, {
    [Symbol.iterator]: {
        value: MIMEParams.prototype.entries,
        configurable: true, enumerable: false, writable: true,
    },
    toJSON: {
        value: MIMEParams.prototype.toString,
        configurable: true, enumerable: false, writable: true,
    },
});


function parse(map, text) {
    let at = 0;

    while (at < text.length) {
        at++;                                   /* ";" */

        while (at < text.length && /[\t\n\r ]/.test(text[at])) {
            at++;
        }

        let end = at;

        while (end < text.length && text[end] !== ";" && text[end] !== "=") {
            end++;
        }

        const name = lower(text.slice(at, end));
        let value;

        at = end;

        if (text[at] !== "=") {
            continue;
        }

        at++;

        if (text[at] === '"') {
            value = "";
            at++;

            while (at < text.length && text[at] !== '"') {
                if (text[at] === "\\" && at + 1 < text.length) {
                    at++;
                }

                value += text[at++];
            }

            while (at < text.length && text[at] !== ";") {
                at++;
            }

        } else {
            end = text.indexOf(";", at);
            end = end === -1 ? text.length : end;
            value = text.slice(at, end).replace(/[\t\n\r ]+$/, "");
            at = end;

            if (value === "") {
                continue;
            }
        }

        if (name !== "" && TOKEN.test(name) && QUOTED.test(value)
            && !map.has(name))
        {
            map.set(name, value);
        }
    }
}


export class MIMEType {
    #type;
    #subtype;
    #params = new MIMEParams();

    constructor(input) {
        const text = `${input}`.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
        const slash = text.indexOf("/");
        const type = slash === -1 ? text : text.slice(0, slash);

        if (slash === -1 || !TOKEN.test(type)) {
            throw invalid(text);
        }

        let end = text.indexOf(";", slash);

        end = end === -1 ? text.length : end;

        const subtype = text.slice(slash + 1, end).replace(/[\t\n\r ]+$/, "");

        if (!TOKEN.test(subtype)) {
            throw invalid(text);
        }

        this.#type = lower(type);
        this.#subtype = lower(subtype);
        parseParams(this.#params, text.slice(end));
    }

    get type() { return this.#type; }

    set type(value) { this.#type = lower(token(value)); }

    get subtype() { return this.#subtype; }

    set subtype(value) { this.#subtype = lower(token(value)); }

    get essence() { return `${this.#type}/${this.#subtype}`; }

    get params() { return this.#params; }

    [custom](depth, options, inspect) {
        const { type, subtype, essence, params } = this;

        return `MIMEType ${inspect({ type, subtype, essence, params },
                                   options)}`;
    }

    toString() {
        const params = this.#params.toString();

        return this.essence + (params === "" ? "" : `;${params}`);
    }

    toJSON() { return this.toString(); }
}
