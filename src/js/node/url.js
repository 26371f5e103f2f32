/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:url": the URL Standard's classes, and the older parser that looks at
 * less and keeps more.
 */

import querystring from "workers:node/querystring";
import { toUnicode } from "workers:node/punycode";
import {
    invalidArgType, plainError, typeError, validateObject, validateString,
} from "workers:node/internal/errors";

const {
    Number, Object, Reflect, String, URL, URLSearchParams, decodeURIComponent,
    encodeURIComponent,
} = globalThis;

export { URL, URLSearchParams };

const SLASHED = new Set(["http", "https", "ftp", "gopher", "file", "ws",
                         "wss"]);

const FIELDS = ["protocol", "slashes", "auth", "host", "port", "hostname",
                "hash", "search", "query", "pathname", "path", "href"];


function isSlashed(protocol) {
    return SLASHED.has(protocol?.replace(/:$/, ""));
}


function isHostless(protocol) {
    return protocol === "javascript:" || protocol === "javascript";
}


export function Url() {
    for (const field of FIELDS) {
        this[field] = null;
    }
}


/* What stands between the slashes and the path; returns what follows it. */

function parseAuthority(url, rest) {
    let at = -1, end = -1, i = 0;

    for ( ; i < rest.length; i++) {
        const c = rest[i];

        if ("#/?".includes(c)) {
            end = end === -1 ? i : end;
            break;
        }

        if (c === "@") {
            at = i;
            end = -1;

        } else if (end === -1 && "\t\n\r \"%';<>\\^`{|}".includes(c)) {
            end = i;
        }
    }

    if (at !== -1) {
        url.auth = decodeURIComponent(rest.slice(0, at));
    }

    end = end === -1 ? rest.length : end;

    let hostname = rest.slice(at + 1, end);

    rest = rest.slice(end);

    const port = /:([0-9]*)$/.exec(hostname);

    if (port !== null) {
        hostname = hostname.slice(0, -port[0].length);

        if (port[1] !== "") {
            url.port = port[1];
        }
    }

    if (hostname.startsWith("[") && hostname.endsWith("]")) {
        url.hostname = hostname.slice(1, -1).toLowerCase();
        url.host = `[${url.hostname}]`;

        if (rest[0] !== "/") {
            rest = `/${rest}`;
        }

    } else {
        const bad = hostname.search(/[^-a-zA-Z0-9.+_\x80-\uffff]/);

        if (bad !== -1) {
            rest = `/${hostname.slice(bad)}${rest}`;
            hostname = hostname.slice(0, bad);
        }

        hostname = hostname.length > 255 ? "" : hostname.toLowerCase();

        if (/[^\0-\x7f]/.test(hostname)) {
            const ascii = domainToASCII(hostname);

            if (ascii === "") {
                throw Object.assign(typeError("ERR_INVALID_URL", "Invalid URL"),
                                    { input: hostname });
            }

            hostname = ascii;
        }

        url.hostname = hostname;
        url.host = hostname;
    }

    if (url.port !== null) {
        url.host += `:${url.port}`;
    }

    return rest;
}


function escapeRest(rest) {
    return rest.replace(/[\t\n\r "'<>\\^`{|}]/g, (c) => {
        const code = c.charCodeAt(0).toString(16).toUpperCase();

        return `%${code.padStart(2, "0")}`;
    });
}


Url.prototype.parse = function (text, parseQuery, slashesDenoteHost) {
    validateString(text, "url");

    text = text.trim();

    const question = text.search(/[?#]/);

    text = question === -1 ? text.replaceAll("\\", "/")
           : text.slice(0, question).replaceAll("\\", "/")
             + text.slice(question);

    let rest = text;
    const scheme = /^[a-z0-9.+-]+:/i.exec(rest);

    if (scheme !== null) {
        this.protocol = scheme[0].toLowerCase();
        rest = rest.slice(scheme[0].length);
    }

    if (slashesDenoteHost || scheme !== null
        || /^\/\/[^@/]+@[^@/]+/.test(rest))
    {
        if (rest.startsWith("//") && !isHostless(this.protocol)) {
            this.slashes = true;
            rest = rest.slice(2);
        }
    }

    if (!isHostless(this.protocol)
        && (this.slashes || (scheme !== null && !isSlashed(this.protocol))))
    {
        rest = parseAuthority(this, rest);
    }

    if (!isHostless(this.protocol)) {
        rest = escapeRest(rest);
    }

    const hash = rest.indexOf("#");

    if (hash !== -1) {
        this.hash = rest.slice(hash);
        rest = rest.slice(0, hash);
    }

    const query = rest.indexOf("?");

    if (query !== -1) {
        this.search = rest.slice(query);
        this.query = rest.slice(query + 1);
        rest = rest.slice(0, query);

        if (parseQuery) {
            this.query = querystring.parse(this.query);
        }

    } else if (parseQuery) {
        this.query = Object.create(null);
    }

    if (rest !== "") {
        this.pathname = rest;

    } else if (isSlashed(this.protocol) && this.hostname) {
        this.pathname = "/";
    }

    if (this.pathname !== null || this.search !== null) {
        this.path = (this.pathname ?? "") + (this.search ?? "");
    }

    this.href = this.format();

    return this;
};


Url.prototype.format = function () {
    let { protocol, pathname, host, hash, search, query } = this;
    let auth = this.auth ?? "";

    if (auth !== "") {
        auth = `${encodeURIComponent(auth).replace(/%3A/gi, ":")}@`;
    }

    protocol ??= "";
    pathname ??= "";
    hash ??= "";

    if (protocol !== "" && !protocol.endsWith(":")) {
        protocol += ":";
    }

    if (host) {
        host = auth + host;

    } else if (this.hostname) {
        host = auth + (this.hostname.includes(":")
                       && !this.hostname.startsWith("[")
                       ? `[${this.hostname}]` : this.hostname);

        if (this.port) {
            host += `:${this.port}`;
        }

    } else {
        host = "";
    }

    if (query !== null && typeof query === "object") {
        query = querystring.stringify(query);
    }

    search ||= query ? `?${query}` : "";
    pathname = pathname.replace(/[?#]/g, encodeURIComponent);

    if (this.slashes || isSlashed(protocol)) {
        if (this.slashes || host) {
            if (pathname && pathname[0] !== "/") {
                pathname = `/${pathname}`;
            }

            host = `//${host}`;

        } else if (protocol === "file:") {
            host = "//";
        }
    }

    if (hash && hash[0] !== "#") {
        hash = `#${hash}`;
    }

    if (search && search[0] !== "?") {
        search = `?${search}`;
    }

    return protocol + host + pathname + search.replaceAll("#", "%23") + hash;
};


Url.prototype.resolve = function (relative) {
    return this.resolveObject(parse(relative, false, true)).format();
};


function copyFields(to, from, fields) {
    for (const field of fields) {
        to[field] = from[field];
    }
}


function finish(url) {
    if (url.pathname !== null || url.search !== null) {
        url.path = (url.pathname ?? "") + (url.search ?? "");
    }

    url.href = url.format();

    return url;
}


/* RFC 3986, section 5.2.4, on the parts of a path. */

function removeDots(parts, absolute) {
    const out = [];
    let up = 0;

    for (let i = parts.length - 1; i >= 0; i--) {
        if (parts[i] === ".") {
            continue;
        }

        if (parts[i] === "..") {
            up++;

        } else if (up > 0) {
            up--;

        } else {
            out.unshift(parts[i]);
        }
    }

    if (!absolute) {
        for ( ; up > 0; up--) {
            out.unshift("..");
        }
    }

    return out;
}


Url.prototype.resolveObject = function (relative) {
    if (typeof relative === "string") {
        relative = parse(relative, false, true);
    }

    const result = new Url();

    copyFields(result, this, FIELDS);
    result.hash = relative.hash;

    if (relative.href === "") {
        return finish(result);
    }

    if (relative.slashes && !relative.protocol) {
        copyFields(result, relative, FIELDS.slice(1));

        if (isSlashed(result.protocol) && result.hostname
            && !result.pathname)
        {
            result.pathname = "/";
        }

        return finish(result);
    }

    if (relative.protocol && relative.protocol !== result.protocol) {
        copyFields(result, relative, FIELDS);
        result.slashes ||= this.slashes;

        return finish(result);
    }

    /* of a URL without slashes the host is the first part of the path */

    const flat = result.protocol && !isSlashed(result.protocol)
                 && !result.slashes;
    let source = result.pathname?.split("/") ?? [];
    const parts = relative.pathname?.split("/") ?? [];
    const relativeAbsolute = relative.host
                             || relative.pathname?.[0] === "/";
    let absolute = relativeAbsolute || result.pathname?.[0] === "/"
                   || (result.host && relative.pathname);

    if (flat) {
        if (result.host) {
            if (source[0] === "") {
                source[0] = result.host;

            } else {
                source.unshift(result.host);
            }
        }

        result.host = "";
        result.hostname = "";
        result.port = null;
        absolute = absolute && (parts[0] === "" || source[0] === "");
    }

    if (relativeAbsolute) {
        if (relative.host) {
            result.auth = result.host !== relative.host ? null : result.auth;
            copyFields(result, relative, ["host", "hostname", "port"]);
        }

        copyFields(result, relative, ["search", "query"]);
        source = parts;

    } else if (parts.length !== 0) {
        source.pop();
        source.push(...parts);
        copyFields(result, relative, ["search", "query"]);

    } else if (relative.search !== null) {
        copyFields(result, relative, ["search", "query"]);

        if (flat) {
            result.host = result.hostname = source.shift() ?? "";
            result.pathname = source.length ? source.join("/") : null;
        }

        return finish(result);
    }

    if (source.length === 0) {
        result.pathname = null;
        result.path = result.search ? `/${result.search}` : null;
        result.href = result.format();

        return result;
    }

    const last = source.at(-1);
    const trailing = last === "" || ((last === "." || last === "..")
        && (result.host || relative.host || source.length > 1));

    source = removeDots(source, absolute);

    if (absolute && source[0] !== "") {
        source.unshift("");
    }

    if (trailing && source.at(-1) !== "") {
        source.push("");
    }

    const rooted = source[0] === "";

    if (flat) {
        result.host = result.hostname = rooted ? "" : source.shift() ?? "";
    }

    if (result.host && source.length !== 0 && !rooted && source[0] !== "") {
        source.unshift("");
    }

    result.pathname = source.length !== 0 ? source.join("/") : null;
    result.auth = relative.auth || result.auth;
    result.slashes ||= relative.slashes;

    return finish(result);
};


export function parse(url, parseQueryString, slashesDenoteHost) {
    if (url instanceof Url) {
        return url;
    }

    return new Url().parse(url, parseQueryString, slashesDenoteHost);
}


export function resolve(source, relative) {
    return parse(source, false, true).resolve(relative);
}


export function resolveObject(source, relative) {
    return source ? parse(source, false, true).resolveObject(relative)
                  : relative;
}


export function format(url, options) {
    if (typeof url === "string") {
        return parse(url).format();
    }

    if (typeof url !== "object" || url === null) {
        throw typeError("ERR_INVALID_ARG_TYPE", "The \"urlObject\" argument "
            + "must be one of type object or string. Received "
            + (url === null || url === undefined ? `${url}`
               : `type ${typeof url} (${String(url)})`));
    }

    if (!(url instanceof URL)) {
        return Reflect.apply(Url.prototype.format, url, []);
    }

    const { auth = true, fragment = true, search = true, unicode = false } =
        options === undefined ? {} : (validateObject(options, "options"),
                                      options);
    const copy = new URL(url);

    if (!auth) {
        copy.username = "";
        copy.password = "";
    }

    if (!fragment) {
        copy.hash = "";
    }

    if (!search) {
        copy.search = "";
    }

    return unicode ? copy.href.replace(copy.host,
                                       toUnicode(copy.hostname)
                                       + (copy.port && `:${copy.port}`))
                   : copy.href;
}


export function domainToASCII(domain) {
    try {
        return new URL(`ws://${domain}`).hostname;

    } catch {
        return "";
    }
}


export function domainToUnicode(domain) {
    return toUnicode(domainToASCII(domain));
}


/* Files */

export function fileURLToPath(path, options) {
    const windows = options?.windows ?? false;

    if (typeof path === "string") {
        path = new URL(path);

    } else if (!(path instanceof URL)) {
        throw invalidArgType("path", ["string", "URL"], path);
    }

    if (path.protocol !== "file:") {
        throw plainError("ERR_INVALID_URL_SCHEME",
                         "The URL must be of scheme file");
    }

    if (path.hostname !== "" && !windows) {
        throw plainError("ERR_INVALID_FILE_URL_HOST",
            "File URL host must be \"localhost\" or empty on linux");
    }

    if (windows ? /%2f|%5c/i.test(path.pathname)
                : /%2f/i.test(path.pathname))
    {
        throw plainError("ERR_INVALID_FILE_URL_PATH", windows
            ? "File URL path must not include encoded \\ or / characters"
            : "File URL path must not include encoded / characters");
    }

    const decoded = decodeURIComponent(path.pathname);

    if (!windows) {
        return decoded;
    }

    const back = decoded.replaceAll("/", "\\");

    if (path.hostname !== "") {
        return `\\\\${toUnicode(path.hostname)}${back}`;
    }

    if (!/^\\[a-z]:/i.test(back)) {
        throw plainError("ERR_INVALID_FILE_URL_PATH",
                         "File URL path must be absolute");
    }

    return back.slice(1);
}


export function pathToFileURL(path, options) {
    validateString(path, "filepath");

    const windows = options?.windows ?? false;
    const url = new URL("file:///");

    if (windows) {
        path = path.replaceAll("\\", "/");
    }

    url.pathname = path.replace(/[%\\\n\r\t?#]/g, (c) =>
        `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

    return url;
}


export function toPathIfFileURL(value) {
    return value instanceof URL ? fileURLToPath(value) : value;
}


export function urlToHttpOptions(url) {
    const { hostname, pathname, port, username, password, search } = url;
    const options = {
        __proto__: null, ...url, protocol: url.protocol,
        hostname: hostname?.startsWith("[") ? hostname.slice(1, -1) : hostname,
        hash: url.hash, search, pathname,
        path: `${pathname ?? ""}${search ?? ""}`, href: url.href,
    };

    if (port !== "") {
        options.port = Number(port);
    }

    if (username || password) {
        options.auth = `${decodeURIComponent(username)}:${
                        decodeURIComponent(password)}`;
    }

    return options;
}


export default {
    domainToASCII, domainToUnicode, URL, URLSearchParams, fileURLToPath,
    pathToFileURL, toPathIfFileURL, urlToHttpOptions, format, parse, resolve,
    resolveObject, Url,
};
