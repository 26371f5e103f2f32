// Copyright (C) the nginx-workers authors
//
// Handlers of the target js: each gets an input as bytes, and says fail()
// when what must hold does not.  Inputs are cut into parts where 0xff is.

/* global fail */

const decoder = new TextDecoder();


function partsOf(data) {
    const parts = [];
    let from = 0;

    for (let i = 0; i <= data.length; i++) {
        if (i === data.length || data[i] === 0xff) {
            parts.push(data.slice(from, i));
            from = i + 1;
        }
    }

    return parts;
}


function textsOf(data) {
    return partsOf(data).map((part) => decoder.decode(part));
}


function same(a, b, what) {
    if (a !== b) {
        fail(`${what}: ${JSON.stringify(a)} and ${JSON.stringify(b)}\n`
             + new Error().stack);
    }
}


// What an attempt gives: its value, or undefined for an error of these kinds.

function attempt(f, ...kinds) {
    try {
        return f();

    } catch (e) {
        if (!kinds.some((kind) => e instanceof kind)) {
            throw e;
        }

        return undefined;
    }
}


// What getters of values throw.
class Surprise extends Error { }


// Values of all kinds that structuredClone() knows, and some that it does not,
// made of bytes.  odd: one of them is not like its copy.

class Values {
    seen = [];
    transfer = [];
    odd = false;
    at = 0;

    constructor(data) {
        this.data = data;
    }

    byte() {
        return this.at < this.data.length ? this.data[this.at++] : 0;
    }

    text() {
        const length = this.byte() % 16;

        this.at += length;
        return decoder.decode(this.data.slice(this.at - length, this.at));
    }

    keep(object) {
        this.seen.push(object);
        return object;
    }

    list(depth) {
        return Array.from({ length: this.byte() % 5 },
                          () => this.value(depth + 1));
    }

    unlike(value) {
        this.odd = true;
        return value;
    }

    buffer() {
        const length = this.byte() % 32;
        const buffer = this.byte() % 4 === 0
            ? new ArrayBuffer(length, { maxByteLength: length + 16 })
            : new ArrayBuffer(length);

        new Uint8Array(buffer).fill(this.byte());

        if (this.byte() % 8 === 0) {
            this.transfer.push(buffer);
        }

        return this.keep(buffer);
    }

    view() {
        const kinds = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array,
                       Uint16Array, Int32Array, Float32Array, Float64Array,
                       BigInt64Array, DataView];
        const kind = kinds[this.byte() % kinds.length];
        const found = this.seen.find((v) => v instanceof ArrayBuffer);
        const buffer = found ?? this.buffer();
        const from = 8 * (this.byte() % 3);

        return this.keep(attempt(() => new kind(buffer, from), RangeError)
                         ?? new Uint8Array(buffer));
    }

    object(depth) {
        const object = this.keep({});

        for (let n = this.byte() % 5; n > 0; n--) {
            const key = this.text();

            switch (this.byte() % 8) {
            case 0:
                Object.defineProperty(object, key, {
                    get: () => { delete object.later; return depth; },
                    enumerable: true, configurable: true,
                });
                this.odd = true;
                break;

            case 1:
                Object.defineProperty(object, key, {
                    get() { throw new Surprise(); },
                    enumerable: true, configurable: true,
                });
                break;

            default:
                Object.defineProperty(object, key, {
                    value: this.value(depth + 1), enumerable: true,
                    configurable: true, writable: true,
                });
            }
        }

        return object;
    }

    value(depth) {
        if (depth > 40) {
            return depth;
        }

        switch (this.byte() % 32) {
        case 0: return undefined;
        case 1: return null;
        case 2: return this.byte() % 2 === 0;
        case 3: return [0, -0, NaN, Infinity, 1.5, -7][this.byte() % 6];
        case 4: return BigInt(this.byte()) ** BigInt(this.byte() % 20);
        case 5: case 6: return this.text();
        case 7: return this.keep(new Date(this.byte() * 1e12));
        case 8: return this.keep(new RegExp(RegExp.escape(this.text()), 'gi'));
        case 9: return this.keep(Object(this.text()));
        case 10: return this.keep(Object(this.byte()));
        case 11: return this.keep(Object(this.byte() % 2 === 0));
        case 12: return this.buffer();
        case 13: case 14: return this.view();

        case 15: {
            const error = this.keep(new [Error, RangeError, TypeError,
                                         AggregateError][this.byte() % 4](
                                             this.text(), this.text()));

            error.cause = this.value(depth + 1);
            return this.unlike(error);
        }

        case 16: return this.unlike(new DOMException(this.text(), 'DataError'));

        case 17: {
            const set = this.keep(new Set());

            this.list(depth).forEach((v) => set.add(v));
            return set;
        }

        case 18: case 19: {
            const map = this.keep(new Map());

            this.list(depth).forEach((v) => map.set(v, this.value(depth + 1)));
            return map;
        }

        case 20: {
            const array = this.keep([]);

            this.list(depth).forEach((v, i) => { array[i * 2] = v; });
            return array;
        }

        case 21: return this.unlike(new Blob([this.text()]));
        case 22: return this.unlike(new Headers({ a: 'b' }));
        case 23: return this.unlike(new Request('http://x/'));
        case 24: return this.unlike(new Response(null));
        case 25: return this.unlike(new Proxy(this.object(depth), {}));
        case 26: return this.unlike([() => 1, Symbol('x'), new WeakMap(),
                                     new ReadableStream()][this.byte() % 4]);
        case 27: return this.unlike(new (class Mine { x = 1; })());
        case 28: return this.seen[this.byte() % (this.seen.length || 1)];
        default: return this.object(depth);
        }
    }
}


// A text that is the same for a value and its copy; cycles are numbered.

function shapeOf(value, seen = new Map()) {
    if (typeof value !== 'object' || value === null) {
        return Object.is(value, -0) ? '-0' : `${typeof value} ${String(value)}`;
    }

    if (seen.has(value)) {
        return `#${seen.get(value)}`;
    }

    seen.set(value, seen.size);

    const inner = (v) => shapeOf(v, seen);
    const name = Object.prototype.toString.call(value);

    if (value instanceof ArrayBuffer) {
        return `${name} ${value.resizable} ${new Uint8Array(value)}`;
    }

    if (ArrayBuffer.isView(value)) {
        return `${name} ${value.byteOffset} ${value.byteLength} `
               + inner(value.buffer);
    }

    if (value instanceof Map || value instanceof Set) {
        return `${name} ${[...value].flat(0).map((v) => Array.isArray(v)
                           && value instanceof Map ? v.map(inner).join()
                                                   : inner(v))}`;
    }

    if (value instanceof Date || value instanceof RegExp
        || Object(value.valueOf()) === value && value.valueOf() !== value)
    {
        return `${name} ${String(value)} ${+value}`;
    }

    return `${name} {${Object.keys(value).map((key) => `${key}:`
                       + inner(value[key]))}}`;
}


function streamOf(data, step) {
    let at = 0;

    return new ReadableStream({
        pull(controller) {
            if (at >= data.length) {
                controller.close();
                return;
            }

            step = (step * 5 + 3) % 64;

            const end = Math.min(data.length, at + 1 + step);

            controller.enqueue(data.slice(at, end));
            at = end;
        }
    });
}


async function settled(promise) {
    try {
        return { value: await promise };

    } catch (e) {
        if (!(e instanceof Error)) {
            fail(`rejected with ${e}`);
        }

        return { error: `${e}` };
    }
}


async function entriesOf(form) {
    const list = [];

    for (const [name, value] of form) {
        if (typeof value === 'string') {
            list.push([name, value]);

        } else {
            list.push([name, value.name, value.type,
                       `${new Uint8Array(await value.arrayBuffer())}`]);
        }
    }

    return list;
}


function trim(value) {
    return value.replace(/^[\t\r\n ]+|[\t\r\n ]+$/g, '');
}


export default {

    // 0: the list; others: an operation, its first letter says which

    params(data) {
        const [query, ...ops] = textsOf(data);
        const list = new URLSearchParams(query);
        const url = new URL('http://a/?' + query);

        const check = (p) => {
            const text = p.toString();
            const again = new URLSearchParams(text);

            same(again.toString(), text, 'again');
            same(JSON.stringify([...again]), JSON.stringify([...p]), 'pairs');
            same(p.size, [...p.keys()].length, 'size');
            same(new URLSearchParams([...p]).toString(), text, 'sequence');
        };

        check(list);
        check(url.searchParams);

        for (const op of ops) {
            const [name, value] = op.slice(1).split('=', 2);

            for (const p of [list, url.searchParams]) {
                switch (op[0]) {
                case 'a': p.append(name, `${value}`); break;
                case 's': p.set(name, `${value}`); break;
                case 'd': p.delete(name); break;
                case 'D': p.delete(name, value); break;
                case 'o': p.sort(); break;
                case 'h': same(p.has(name), p.getAll(name).length > 0, 'has');
                          break;
                case 'i': for (const [k] of p) {
                              if (p.size < 40) {
                                  p.append(k, 'x');
                              }
                              p.delete(name);
                          }
                          break;
                case 'q': url.search = name; break;
                case 'u': attempt(() => { url.href = name; }, TypeError);
                          break;
                default:
                }
            }

            check(list);
            check(url.searchParams);
            same(new URL(url.href).href, url.href, 'href');
        }
    },


    headers(data) {
        const headers = new Headers();

        for (const op of textsOf(data)) {
            const at = op.indexOf(':');
            const name = at < 0 ? op.slice(1) : op.slice(1, at);
            const value = at < 0 ? '' : op.slice(at + 1);

            attempt(() => {
                switch (op[0]) {
                case 'd': headers.delete(name); break;
                case 's': headers.set(name, value);
                          same(headers.get(name), trim(value), 'set');
                          break;
                case 'g': same(headers.get(name) !== null, headers.has(name),
                               'has');
                          break;
                case 'c': headers.getSetCookie(); break;
                case 'n': new Headers([[name, value], [value, name]]); break;
                case 'r': new Headers({ [name]: value }); break;
                case 'i': for (const [k] of headers) {
                              headers.delete(k);
                              headers.append(name, value);
                              if (name === '' || headers.get(name).length > 99)
                              {
                                  break;
                              }
                          }
                          break;
                default: headers.append(name, value);
                }
            }, TypeError);
        }

        const list = [...headers];
        const names = list.map((pair) => pair[0]);

        same(JSON.stringify(names), JSON.stringify([...names].sort()),
             'order');
        same(JSON.stringify([...new Headers(headers)]), JSON.stringify(list),
             'copy');

        // values that were put together may end with a blank

        same(JSON.stringify([...new Headers(list)]),
             JSON.stringify(list.map((pair) => [pair[0], trim(pair[1])])),
             'list');

        same(JSON.stringify([...new Response(null, { headers }).headers]),
             JSON.stringify(list), 'response');
    },


    // 0: method, 1: URL, 2: body, others: headers "name:value" or options
    // "=name:value"

    async request(data) {
        const [method, url, body, ...rest] = textsOf(data);
        const init = { method, body: body || undefined };
        const headers = [];

        for (const item of rest) {
            const at = item.indexOf(':');

            if (item[0] === '=') {
                init[item.slice(1, at)] = item.slice(at + 1);

            } else {
                headers.push([item.slice(0, at), item.slice(at + 1)]);
            }
        }

        init.headers ??= headers;

        const request = attempt(() => new Request(url, init), TypeError,
                                RangeError);

        if (request !== undefined) {
            const copy = new Request(request.clone());

            same(copy.url, request.url, 'url');
            same(copy.method, request.method, 'method');
            same(JSON.stringify([...copy.headers]),
                 JSON.stringify([...request.headers]), 'headers');
            same(await copy.text(), await request.text(), 'body');
        }

        const status = Number(init.status);
        const response = attempt(() => new Response(body || null,
                                                    { ...init, status }),
                                 TypeError, RangeError);

        if (response !== undefined) {
            const copy = response.clone();

            same(copy.status, response.status, 'status');
            same(copy.statusText, response.statusText, 'statusText');
            same(await copy.text(), await response.text(), 'text');
        }

        attempt(() => Response.redirect(url, status), TypeError, RangeError);
        attempt(() => Response.json({ [method]: body }, init), TypeError,
                RangeError);
    },


    // 0: Content-Type, the rest: the body

    async multipart(data) {
        const at = data.indexOf(0xff);

        if (at < 0) {
            return;
        }

        const type = decoder.decode(data.slice(0, at));
        const body = data.slice(at + 1);
        const headers = attempt(() => new Headers({ 'content-type': type }),
                                TypeError);

        if (headers === undefined) {
            return;
        }

        const whole = await settled(new Response(body, { headers })
                                    .formData());
        const pieces = await settled(new Request('http://a/', {
            method: 'POST', headers, body: streamOf(body, at)
        }).formData());

        same(pieces.error, whole.error, 'error');

        if (whole.error !== undefined) {
            return;
        }

        const list = await entriesOf(whole.value);

        same(JSON.stringify(await entriesOf(pieces.value)),
             JSON.stringify(list), 'pieces');

        // names are escaped, but not read back; some are not valid there

        if (list.some((entry) => /^$|[\r\n"\0]/.test(entry[0])
                                 || /[\r\n"\0]/.test(entry[1])
                                    && entry.length > 2))
        {
            return;
        }

        const again = await new Response(whole.value).formData();

        for (const entry of list) {
            if (entry.length > 2) {
                entry[2] ||= 'application/octet-stream';
            }
        }

        same(JSON.stringify(await entriesOf(again)), JSON.stringify(list),
             'again');
    },


    // 0: a byte for the pieces, the rest: the body

    async body(data) {
        const step = data[0] | 0;
        const body = data.slice(1);
        const text = decoder.decode(body);
        const marked = new TextDecoder('utf-8', { ignoreBOM: true })
            .decode(body);
        const make = (kind) => {
            switch (kind) {
            case 0: return new Response(body);
            case 1: return new Response(streamOf(body, step));
            case 2: return new Response(new Blob([body.slice(0, step),
                                                  body.slice(step)]));
            case 3: return new Response(streamOf(body, step)).clone();
            default: return new Response(new Response(streamOf(body, step))
                .body.pipeThrough(new TransformStream()));
            }
        };

        const json = attempt(() => JSON.stringify(JSON.parse(text)),
                             SyntaxError);

        for (let kind = 0; kind < 5; kind++) {
            same(await make(kind).text(), text, 'text');
            same(`${await make(kind).bytes()}`, `${body}`, 'bytes');
            same(`${new Uint8Array(await make(kind).arrayBuffer())}`,
                 `${body}`, 'arrayBuffer');
            same(await (await make(kind).blob()).text(), marked, 'blob');

            const got = await settled(make(kind).json());

            same(got.error !== undefined ? undefined
                 : JSON.stringify(got.value), json, 'json');

            let pieces = '';

            for await (const piece of make(kind).body
                       .pipeThrough(new TextDecoderStream()))
            {
                pieces += piece;
            }

            same(pieces, text, 'stream');
        }
    },


    // 0: a byte for format and pieces, the rest: compressed bytes

    async inflate(data) {
        const step = data[0] | 0;
        const format = ['gzip', 'deflate', 'deflate-raw'][step % 3];
        const body = data.slice(1);

        // 64 KiB are enough of a bomb

        const first = async (stream) => {
            const bytes = [];
            let size = 0;

            for await (const chunk of stream) {
                bytes.push(chunk);
                size += chunk.length;

                if (size > 65536) {
                    return undefined;
                }
            }

            return new Response(new Blob(bytes)).bytes();
        };

        const inflated = async (pieces) => {
            const { readable, writable } = new DecompressionStream(format);

            streamOf(body, pieces).pipeTo(writable).catch(() => {});
            return settled(first(readable));
        };

        const whole = await inflated(63);
        const pieces = await inflated(step);

        // an error may come before what was too much, or after it

        if ([whole, pieces].some((got) => 'value' in got
                                          && got.value === undefined))
        {
            return;
        }

        same(pieces.error, whole.error, 'error');
        same(`${pieces.value}`, `${whole.value}`, 'pieces');

        if (whole.value !== undefined) {
            const again = streamOf(whole.value, step)
                          .pipeThrough(new CompressionStream(format))
                          .pipeThrough(new DecompressionStream(format));

            same(`${await new Response(again).bytes()}`, `${whole.value}`,
                 'again');
        }
    },


    // 0: the pattern, 1: its base, others: what it is tried on

    pattern(data) {
        const [source, base, ...urls] = textsOf(data);
        const pattern = attempt(() => base ? new URLPattern(source, base)
                                           : new URLPattern(source),
                                TypeError, SyntaxError);

        if (pattern === undefined) {
            return;
        }

        for (const url of urls) {
            const found = pattern.exec(url);

            same(found !== null, pattern.test(url), 'test');
        }
    },


    // the first byte says which algorithm and format, the others are the key

    async key(data) {
        const { subtle } = crypto;
        const keys = [
            ['AES-GCM', ['encrypt'], ['encrypt']],
            [{ name: 'HMAC', hash: 'SHA-256' }, ['sign'], ['sign']],
            [{ name: 'ECDSA', namedCurve: 'P-256' }, ['sign'], ['verify']],
            [{ name: 'ECDH', namedCurve: 'P-384' }, ['deriveBits'], []],
            [{ name: 'ECDSA', namedCurve: 'P-521' }, ['sign'], ['verify']],
            ['Ed25519', ['sign'], ['verify']],
            ['X25519', ['deriveBits'], []],
            [{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' }, ['sign'],
             ['verify']],
        ];
        const formats = ['raw', 'pkcs8', 'spki', 'jwk'];
        const which = data[0] ?? 0;
        const [alg, secret, open] = keys[which % keys.length];
        const format = formats[(which >> 4) % formats.length];
        let source = data.slice(1);

        if (format === 'jwk') {
            source = attempt(() => JSON.parse(decoder.decode(source)),
                             SyntaxError);

            if (source === null || typeof source !== 'object') {
                return;
            }
        }

        for (const usages of [secret, open]) {
            const got = await settled(subtle.importKey(format, source, alg,
                                                       true, usages));

            if (got.error !== undefined) {
                continue;
            }

            // a key without its primes cannot be written as PKCS #8, nor
            // can a number that was not in its shortest form be the same

            const key = got.value;
            const out = await settled(subtle.exportKey(format, key));

            if (out.error !== undefined) {
                continue;
            }

            const again = await subtle.importKey(format, out.value, alg, true,
                                                 usages);
            const text = (value) => value instanceof ArrayBuffer
                                    ? `${new Uint8Array(value)}`
                                    : JSON.stringify(value);

            same(text(await subtle.exportKey(format, again)), text(out.value),
                 'again');

            if (key.usages[0] === 'sign') {
                await settled(subtle.sign({ name: key.algorithm.name,
                                            hash: 'SHA-256' }, key, data));
            }
        }
    },


    clone(data) {
        const made = new Values(data);
        const value = made.value(0);
        const copy = attempt(() => structuredClone(value,
                                                   { transfer: made.transfer }),
                             DOMException, TypeError, Surprise);

        if (copy !== undefined && !made.odd && made.transfer.length === 0) {
            same(shapeOf(copy), shapeOf(value), 'shape');
            same(shapeOf(structuredClone(copy)), shapeOf(copy), 'again');
        }
    }
};
