/*
 * Copyright (C) the nginx-workers authors
 *
 * WebSocket, WebSocketPair and WebSocketRequestResponsePair: the shapes.
 * Messages, states and who hears whom are the native half's.
 *
 * C uses, of what is exported here:
 *
 *   endOf(v)                       the native end of a WebSocket; or undefined
 *   hear(socket, kind, a, b, end)  an event: see HEAR
 *   wrap(end)                      a WebSocket around an end
 *
 * The native half: events and messages, which is what these built-ins export,
 * blob(), which answers what blob.js exports, structuredClone, parseUrl(url),
 * pair() -> [end, end], functions of an end, and options of the script:
 * arraybuffer, halfOpen, reasonLimit.
 */

export default function defineWebSocket(native) {

const {
    Array, ArrayBuffer, DOMException, Date, Error, Function, Map, Math, Object,
    RegExp, Set, String, Symbol, TypeError, Uint8Array,
} = globalThis;

const { defineProperty, is, keys } = Object;
const { isArray } = Array;
const { isError } = Error;
const { isView } = ArrayBuffer;
const { ceil } = Math;
const {
    ErrorEvent, Event, EventTarget, dispatch, expose, setTrusted,
} = native.events;
const { CloseEvent, newMessage } = native.messages;
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const regExpTest = uncurry(RegExp.prototype.test);

const { arraybuffer, halfOpen, reasonLimit } = native;

/* Gives a constructor access to what only this file may make. */
const INTERNAL = Symbol("internal");

/* What is heard; as in web/ngx_workers_websocket.h. */
const HEAR_TEXT = 1, HEAR_BINARY = 2, HEAR_CLOSE = 3, HEAR_LOST = 4,
      HEAR_ERROR = 5, HEAR_REFUSED = 6, HEAR_OPEN = 7;

const LOST = "WebSocket disconnected without sending Close frame.";

const REASON_MAX = 123, ATTACHMENT_MAX = 16384;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;


function missing(method, type) {
    return new TypeError(`Failed to execute '${method}' on 'WebSocket': `
                         + `parameter 1 is not of type '${type}'.`);
}


function missingArgument(cls, n) {
    return new TypeError(`Failed to construct '${cls}': constructor `
                         + `parameter ${n} is not of type 'string'.`);
}


function syntaxError(text) {
    return new DOMException(`WebSocket Constructor: ${text}`, "SyntaxError");
}


/* The protocols of new WebSocket(), as the header has them. */

function checkProtocols(protocols) {
    if (protocols === undefined || protocols === null) {
        return "";
    }

    if (!isArray(protocols)) {
        const token = `${protocols}`;

        if (!regExpTest(TOKEN, token)) {
            throw syntaxError("The protocol header token is invalid.");
        }

        return token;
    }

    const seen = new Set();
    let list = "", repeated = false;

    for (let i = 0; i < protocols.length; i++) {
        const token = `${protocols[i]}`;

        if (!regExpTest(TOKEN, token)) {
            throw syntaxError("One of the protocol header tokens is invalid.");
        }

        repeated ||= seen.has(token);
        seen.add(token);
        list += list === "" ? token : `, ${token}`;
    }

    if (repeated) {
        throw syntaxError("The protocols header cannot have repeating "
                          + "values.");
    }

    return list;
}


function checkUrl(url) {
    const href = native.parseUrl(url);

    if (href === undefined) {
        throw syntaxError("The url is invalid.");
    }

    if (!regExpTest(/^wss?:/, href)) {
        throw syntaxError("The url scheme must be ws or wss.");
    }

    if (regExpTest(/#/, href)) {
        throw syntaxError("The url fragment must be empty.");
    }

    return href;
}


/*
 * How many bytes V8's serialisation of a value has: the limit of attachments
 * is set in these.
 */

function serializedSize(value) {
    const seen = new Set();

    const varint = (n) => n < 0x80 ? 1 : n < 0x4000 ? 2 : n < 0x200000 ? 3
                          : n < 0x10000000 ? 4 : 5;

    const text = (s) => {
        if (!regExpTest(/[^\0-\xff]/, s)) {
            return 1 + varint(s.length) + s.length;
        }

        return 1 + varint(2 * s.length) + 2 * s.length;
    };

    const size = (v) => {
        switch (typeof v) {
        case "string":
            return text(v);

        case "number":
            return v === (v | 0) && !is(v, -0)
                   && v >= -0x40000000 && v < 0x40000000
                   ? 1 + varint(((v << 1) ^ (v >> 31)) >>> 0) : 9;

        case "bigint":
            return 2 + ceil(v.toString(16).length / 16) * 8;

        case "object":
            break;

        default:
            return 1;
        }

        if (v === null) {
            return 1;
        }

        if (seen.has(v)) {
            return 2;
        }

        seen.add(v);

        let n = 2;

        if (v instanceof Date) {
            return 9;
        }

        if (isView(v)) {
            return size(v.buffer) + 3 + varint(v.byteOffset)
                   + varint(v.byteLength);
        }

        if (v instanceof ArrayBuffer) {
            return 1 + varint(v.byteLength) + v.byteLength;
        }

        if (v instanceof Map) {
            v.forEach((x, key) => { n += size(key) + size(x); });
            return n + varint(2 * v.size);
        }

        if (v instanceof Set) {
            v.forEach((x) => { n += size(x); });
            return n + varint(v.size);
        }

        if (isArray(v)) {
            n += 1 + 2 * varint(v.length);

            for (let i = 0; i < v.length; i++) {
                n += size(v[i]);
            }

            return n;
        }

        const names = keys(v);

        for (let i = 0; i < names.length; i++) {
            n += text(names[i]) + size(v[names[i]]);
        }

        return n + varint(names.length);
    };

    return 2 + size(value);
}


let endOf, hear, wrap;

class WebSocket extends EventTarget {
    #end;
    #arraybuffer = arraybuffer;
    #url = null;                /* of new WebSocket() */
    #protocol = null;           /* and what the server has chosen */
    #attachment = undefined;    /* a copy of its own, in an array */

    static {
        endOf = (v) => typeof v === "object" && v !== null && #end in v
                       ? v.#end : undefined;

        const fail = (socket, error) => {
            dispatch(socket, setTrusted(new ErrorEvent("error", {
                message: `Uncaught ${error}`, error,
            })));
        };

        const closed = (socket, code, reason, wasClean) => {
            dispatch(socket, setTrusted(new CloseEvent("close", {
                code, reason, wasClean,
            })));
        };

        const message = (socket, data) => {
            dispatch(socket, newMessage(data), "message", "onmessage");
        };

        const tell = (socket, kind, a, b) => {
            switch (kind) {
            case HEAR_BINARY:
                if (!socket.#arraybuffer) {
                    a = native.blob().fromBytes(new Uint8Array(a), "");
                }

                /* falls through */

            case HEAR_TEXT:
                message(socket, a);
                break;

            case HEAR_CLOSE:
                closed(socket, a, b, true);
                break;

            case HEAR_LOST:
                closed(socket, 1006, LOST, false);
                break;

            case HEAR_ERROR:
                fail(socket, new Error(a));
                break;

            case HEAR_OPEN:
                socket.#protocol = a === "" ? null : a;
                dispatch(socket, setTrusted(new Event("open")));
                break;

            case HEAR_REFUSED:
                fail(socket, new Error("Network connection lost."));
                closed(socket, 1006, "Failed to establish websocket "
                                     + "connection", false);
                break;
            }
        };

        wrap = (end) => new WebSocket(INTERNAL, end);

        /* what a listener throws ends the connection */

        hear = (socket, kind, a, b) => {
            try {
                if (kind === HEAR_TEXT) {
                    message(socket, a);

                } else {
                    tell(socket, kind, a, b);
                }

            } catch (e) {
                native.report(e);
                native.fail(socket.#end);

                try {
                    fail(socket, isError(e) || typeof e === "object"
                                 && e !== null ? e : new Error(String(e)));

                } catch (again) {
                    native.report(again);
                }
            }
        };
    }

    constructor(url, protocols = undefined) {
        super();

        if (url === INTERNAL) {
            this.#end = protocols;
            return;
        }

        if (arguments.length === 0) {
            throw missingArgument("WebSocket", 1);
        }

        url = `${url}`;

        const href = checkUrl(url);
        const list = checkProtocols(protocols);

        this.#url = url;
        this.#end = native.connect(href, list, this);
    }

    accept(options = undefined) {
        const end = this.#end;
        let open = halfOpen;

        if (options !== undefined && options !== null) {

            if (typeof options !== "object" && typeof options !== "function") {
                throw missing("accept", "AcceptOptions");
            }

            const { allowHalfOpen } = options;

            if (allowHalfOpen !== undefined) {
                open = !!allowHalfOpen;
            }
        }

        native.accept(end, open, this);
    }

    send(...args) {
        const end = this.#end;

        if (args.length === 0) {
            throw missing("send", "ArrayBuffer or ArrayBufferView or string");
        }

        native.send(end, args[0]);
    }

    close(code = undefined, reason = undefined) {
        const end = this.#end;

        if (code !== undefined) {
            code = native.int(code);

            if (code < 1000 || code > 4999 || code === 1004 || code === 1005
                || code === 1006 || code === 1015)
            {
                throw new DOMException(`Invalid WebSocket close code: ${code}.`,
                                       "InvalidAccessError");
            }
        }

        if (reason !== undefined) {
            reason = `${reason}`;

            if (code === undefined) {
                throw new DOMException("If you specify a WebSocket close "
                                       + "reason, you must also specify a "
                                       + "code.", "InvalidAccessError");
            }

            if (reasonLimit && reason.length > REASON_MAX / 3
                && native.utf8Length(reason) > REASON_MAX)
            {
                throw new DOMException("WebSocket close reason must not be "
                                       + `longer than ${REASON_MAX} bytes `
                                       + "when UTF-8 encoded.", "SyntaxError");
            }
        }

        native.close(end, code ?? 1005, reason ?? "");
    }

    serializeAttachment(attachment) {
        if (arguments.length === 0) {
            throw missing("serializeAttachment", "JsValue");
        }

        const copy = native.structuredClone(attachment);
        const size = serializedSize(copy);

        if (size > ATTACHMENT_MAX) {
            throw new Error("A WebSocket 'attachment' cannot be larger than "
                            + `${ATTACHMENT_MAX} bytes.'attachment' was `
                            + `${size} bytes.`);
        }

        this.#attachment = [copy];
    }

    deserializeAttachment() {
        const attachment = this.#attachment;

        return attachment === undefined
               ? null : native.structuredClone(attachment[0]);
    }

    get readyState() { return native.state(this.#end); }
    get url() { return this.#url; }

    get protocol() {
        return this.#url !== null ? this.#protocol
                                  : native.protocol(this.#end);
    }

    get extensions() {
        return this.#url !== null ? null : native.extensions(this.#end);
    }

    get binaryType() { return this.#arraybuffer ? "arraybuffer" : "blob"; }
    set binaryType(type) {
        type = `${type}`;

        if (type === "blob" || type === "arraybuffer") {
            this.#arraybuffer = type === "arraybuffer";
        }
    }
}

for (const [i, name] of ["CONNECTING", "OPEN", "CLOSING", "CLOSED"].entries()) {
    for (const key of [`READY_STATE_${name}`, name]) {
        const descriptor = { value: i, enumerable: true, configurable: true };

        defineProperty(WebSocket, key, descriptor);
        defineProperty(WebSocket.prototype, key, descriptor);
    }
}

expose(WebSocket, "WebSocket", "accept", "send", "close",
       "serializeAttachment", "deserializeAttachment", "readyState", "url",
       "protocol", "extensions", "binaryType");


class WebSocketPair {
    constructor() {
        const ends = native.pair();

        for (let i = 0; i < 2; i++) {
            defineProperty(this, i, {
                value: new WebSocket(INTERNAL, ends[i]),
                enumerable: true,
                configurable: true,
            });
        }
    }

    *[Symbol.iterator]() {
        yield this[0];
        yield this[1];
    }
}

expose(WebSocketPair, "WebSocketPair");


class WebSocketRequestResponsePair {
    #request;
    #response;

    constructor(request, response) {
        if (arguments.length < 2) {
            throw missingArgument("WebSocketRequestResponsePair",
                                  arguments.length + 1);
        }

        this.#request = `${request}`;
        this.#response = `${response}`;
    }

    get request() { return this.#request; }
    get response() { return this.#response; }
}

expose(WebSocketRequestResponsePair, "WebSocketRequestResponsePair", "request",
       "response");

for (const cls of [WebSocket, WebSocketPair, WebSocketRequestResponsePair]) {
    defineProperty(cls, "length", { value: 0, configurable: true });
}


return {
    WebSocket, WebSocketPair, WebSocketRequestResponsePair, endOf, hear, wrap,
};

}
