/*
 * Copyright (C) the nginx-workers authors
 *
 * EventSource: HTML Standard, section 9.2, over fetch() or a stream.
 *
 * The native half: events and messages, which is what these built-ins export,
 * fetch, setTimeout, clearTimeout and isFetcher(v).
 */

export default function defineEventSource(native) {

const {
    AbortController, DOMException, Error, Math, Number, Object, ReadableStream,
    TextDecoder, TypeError, URL,
} = globalThis;

const {
    ErrorEvent, Event, EventTarget, INTERNAL, dispatch, expose,
    handlerAttribute, setTrusted,
} = native.events;
const { MessageEvent } = native.messages;

const CONNECTING = 0, OPEN = 1, CLOSED = 2;

/* ms; what a server asks for is kept within these */
const RECONNECTION_TIME = 2000, RECONNECTION_MIN = 1000,
      RECONNECTION_MAX = 10000;

const TYPE = /^text\/event-stream[\t ]*(?:;|$)/i;
const DIGITS = /^[0-9]+$/;
const LINE_END = /\r\n|\n|\r/g;

const { max, min } = Math;
const noop = () => {};


class OpenEvent extends Event {
    constructor() {
        super("open");
    }
}


/*
 * Cuts a stream of text into events: feed(text), then tell(event) for each of
 * { type, data, id }, and retry(milliseconds).
 */

class Parser {
    #tell;
    #retry;
    #line = "";
    #cr = false;                /* the text so far ended with CR */
    #data = undefined;
    #type = "message";
    #id = "";

    constructor(tell, retry) {
        this.#tell = tell;
        this.#retry = retry;
    }

    feed(text) {
        if (text === "") {
            return;
        }

        if (this.#cr && text[0] === "\n") {
            text = text.slice(1);
        }

        this.#cr = text === "" ? false : text.at(-1) === "\r";

        let start = 0;

        LINE_END.lastIndex = 0;

        for (let m; (m = LINE_END.exec(text)) !== null; ) {
            this.#end(this.#line + text.slice(start, m.index));
            this.#line = "";
            start = m.index + m[0].length;
        }

        this.#line += text.slice(start);
    }

    #end(line) {
        if (line === "") {
            const data = this.#data, type = this.#type;

            this.#data = undefined;
            this.#type = "message";

            if (data) {
                this.#tell({ type, data, id: this.#id });
            }

            return;
        }

        const colon = line.indexOf(":");

        if (colon === 0) {
            return;
        }

        const field = colon < 0 ? line : line.slice(0, colon);
        let value = colon < 0 ? "" : line.slice(colon + 1);

        if (value[0] === " ") {
            value = value.slice(1);
        }

        switch (field) {

        case "data":
            this.#data = this.#data === undefined ? value
                         : `${this.#data}\n${value}`;
            break;

        case "event":
            this.#type = value;
            break;

        case "id":
            this.#id = value;
            break;

        case "retry":
            if (DIGITS.test(value)) {
                this.#retry(Number(value));
            }
        }
    }
}


class EventSource extends EventTarget {
    #url = "";
    #origin = null;
    #state = CONNECTING;
    #fetcher;
    #controller;
    #reader;
    #timer;
    #wait = RECONNECTION_TIME;
    #lastId = "";

    constructor(url, init = undefined) {
        super();

        if (init === INTERNAL) {
            return;
        }

        if (arguments.length === 0) {
            throw new TypeError("Failed to construct 'EventSource': "
                                + "constructor parameter 1 is not of type "
                                + "'string'.");
        }

        const text = `${url}`;

        if (!URL.canParse(text)) {
            throw new DOMException("Cannot open an EventSource to "
                                   + `'${text}'. The URL is invalid.`,
                                   "SyntaxError");
        }

        if (init?.withCredentials) {
            throw new DOMException("The init.withCredentials option is not "
                                   + "supported. It must be false or "
                                   + "undefined.", "NotSupportedError");
        }

        if (init?.fetcher !== undefined && !native.isFetcher(init.fetcher)) {
            throw new TypeError("Incorrect type for the 'fetcher' field on "
                                + "'EventSourceInit': the provided value is "
                                + "not of type 'Fetcher'.");
        }

        this.#fetcher = init?.fetcher;
        this.#url = new URL(text).href;

        this.#connect();
    }

    static from(stream) {
        if (!(stream instanceof ReadableStream)) {
            throw new TypeError("Failed to execute 'from' on 'EventSource': "
                                + "parameter 1 is not of type "
                                + "'ReadableStream'.");
        }

        if (stream.locked) {
            throw new TypeError("This ReadableStream is locked.");
        }

        const source = new EventSource("", INTERNAL);

        source.#state = OPEN;
        source.#read(stream);

        return source;
    }

    async #connect() {
        const headers = { "Accept": "text/event-stream",
                          "Cache-Control": "no-cache" };

        if (this.#lastId !== "") {
            headers["Last-Event-ID"] = this.#lastId;
        }

        this.#controller = new AbortController();

        let response;

        try {
            const init = { headers, signal: this.#controller.signal };

            response = this.#fetcher === undefined
                       ? await native.fetch(this.#url, init)
                       : await this.#fetcher.fetch(this.#url, init);

        } catch (error) {
            this.#fail(error);
            return;
        }

        if (this.#state === CLOSED) {
            return;
        }

        const type = response.headers.get("content-type");
        const wrong = response.status !== 200 && response.status !== 204
                      ? `The response status code was ${response.status}.`
                      : type === null
                      ? "No content type header was present in the response."
                      : !TYPE.test(type)
                      ? `The content type '${type}' is invalid.` : undefined;

        if (wrong !== undefined || response.body === null) {
            this.#controller.abort();
            this.#fail(new DOMException(wrong ?? "There was no response body.",
                                        "AbortError"));
            return;
        }

        if (response.url) {
            this.#url = response.url;
        }

        this.#origin = new URL(this.#url).origin;
        this.#state = OPEN;

        dispatch(this, setTrusted(new OpenEvent()));

        await this.#read(response.body);
    }

    async #read(stream) {
        const decoder = new TextDecoder();

        const parser = new Parser(({ type, data, id }) => {
            if (this.#state !== OPEN) {
                return;
            }

            this.#lastId = id;

            dispatch(this, setTrusted(new MessageEvent(type, {
                data, lastEventId: id, origin: this.#origin ?? undefined,
            })));

        }, (wait) => {
            this.#wait = min(max(wait, RECONNECTION_MIN), RECONNECTION_MAX);
        });

        this.#reader = stream.getReader();

        try {
            for (;;) {
                const { done, value } = await this.#reader.read();

                if (done || this.#state === CLOSED) {
                    break;
                }

                parser.feed(decoder.decode(value, { stream: true }));
            }

        } catch (error) {
            this.#fail(error);
            return;
        }

        if (this.#state === CLOSED) {
            return;
        }

        if (this.#url === "") {
            this.#fail(new Error("The server disconnected."));
            return;
        }

        this.#state = CONNECTING;
        this.#tellError(new Error("The server disconnected."));

        if (this.#state === CONNECTING) {
            this.#timer = native.setTimeout(() => { this.#connect(); },
                                            this.#wait);
        }
    }

    #fail(error) {
        if (this.#state !== CLOSED) {
            this.#state = CLOSED;
            this.#tellError(error);
        }
    }

    #tellError(error) {
        dispatch(this, setTrusted(new ErrorEvent("error", { error })));
    }

    close() {
        if (this.#state === CLOSED) {
            return;
        }

        this.#state = CLOSED;

        if (this.#timer !== undefined) {
            native.clearTimeout(this.#timer);
        }

        this.#reader?.cancel().catch(noop);
        this.#controller?.abort();
    }

    get url() { return this.#url; }
    get withCredentials() { return (this.#url, false); }
    get readyState() { return this.#state; }
}

Object.defineProperty(EventSource, "length", { value: 0 });

for (const type of ["open", "message", "error"]) {
    handlerAttribute(EventSource, type, noop);
}

expose(EventSource, "EventSource", "close", "url", "withCredentials",
       "readyState");

for (const [name, value] of [["CONNECTING", CONNECTING], ["OPEN", OPEN],
                             ["CLOSED", CLOSED]])
{
    Object.defineProperty(EventSource, name, { value, enumerable: true });
    Object.defineProperty(EventSource.prototype, name,
                          { value, enumerable: true });
}

return { EventSource };

}
