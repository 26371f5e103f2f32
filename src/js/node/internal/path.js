/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:path": paths of POSIX, and of Windows.
 */

import { validateObject, validateString } from "workers:node/internal/errors";

const { Error } = globalThis;


/* What a path is relative to. */
const CWD = "/";


/* Takes "." and ".." out of what is between separators. */

function normalized(path, above, sep, isSep) {
    const out = [];

    for (const part of split(path, isSep)) {
        if (part === "" || part === ".") {
            continue;
        }

        if (part !== "..") {
            out.push(part);

        } else if (out.length !== 0 && out.at(-1) !== "..") {
            out.pop();

        } else if (above) {
            out.push("..");
        }
    }

    return out.join(sep);
}


function split(path, isSep) {
    const parts = [];
    let start = 0;

    for (let i = 0; i < path.length; i++) {
        if (isSep(path[i])) {
            parts.push(path.slice(start, i));
            start = i + 1;
        }
    }

    parts.push(path.slice(start));

    return parts;
}


function formatter(sep) {
    return function format(object) {
        validateObject(object, "pathObject");

        const dir = object.dir || object.root;
        const ext = object.ext
                    ? (object.ext[0] === "." ? "" : ".") + object.ext : "";
        const base = object.base || `${object.name || ""}${ext}`;

        if (!dir) {
            return base;
        }

        return dir === object.root ? `${dir}${base}` : `${dir}${sep}${base}`;
    };
}


/* As on the platform. */

function noGlob(name) {
    return function matchesGlob(path, pattern) {
        throw new Error(`path.${name}.matchesGlob() is not implemented.`);
    };
}


/* The last part of a path, and where its extension begins in it. */

function lastPart(path, from, isSep) {
    let end = path.length;

    while (end > from && isSep(path[end - 1])) {
        end--;
    }

    let start = end;

    while (start > from && !isSep(path[start - 1])) {
        start--;
    }

    const base = path.slice(start, end);
    const dot = base.lastIndexOf(".");
    const none = dot <= 0 || base === "..";

    return { base, start, ext: none ? "" : base.slice(dot) };
}


function withoutSuffix(base, suffix) {
    return base.endsWith(suffix)
           ? base.slice(0, base.length - suffix.length) : base;
}


function checkBasename(path, suffix) {
    if (suffix !== undefined) {
        validateString(suffix, "ext");
    }

    validateString(path, "path");
}


const slash = (c) => c === "/";


export const posix = {

    resolve(...paths) {
        let path = "";
        let absolute = false;

        for (let i = paths.length - 1; i >= -1 && !absolute; i--) {
            const part = i >= 0 ? paths[i] : CWD;

            if (i >= 0) {
                validateString(part, `paths[${i}]`);
            }

            if (part.length !== 0) {
                path = `${part}/${path}`;
                absolute = part[0] === "/";
            }
        }

        path = normalized(path, !absolute, "/", slash);

        return absolute ? `/${path}` : path || ".";
    },

    normalize(path) {
        validateString(path, "path");

        if (path.length === 0) {
            return ".";
        }

        const absolute = path[0] === "/";
        let out = normalized(path, !absolute, "/", slash);

        if (out === "") {
            return absolute ? "/" : path.endsWith("/") ? "./" : ".";
        }

        if (path.endsWith("/")) {
            out += "/";
        }

        return absolute ? `/${out}` : out;
    },

    isAbsolute(path) {
        validateString(path, "path");

        return path[0] === "/";
    },

    join(...paths) {
        const parts = [];

        for (const part of paths) {
            validateString(part, "path");

            if (part.length !== 0) {
                parts.push(part);
            }
        }

        return parts.length === 0 ? "." : posix.normalize(parts.join("/"));
    },

    relative(from, to) {
        validateString(from, "from");
        validateString(to, "to");

        if (from === to) {
            return "";
        }

        const a = split(posix.resolve(from), slash).filter((p) => p !== "");
        const b = split(posix.resolve(to), slash).filter((p) => p !== "");
        let n = 0;

        while (n < a.length && n < b.length && a[n] === b[n]) {
            n++;
        }

        return [...a.slice(n).map(() => ".."), ...b.slice(n)].join("/");
    },

    toNamespacedPath(path) {
        return path;
    },

    dirname(path) {
        validateString(path, "path");

        if (path.length === 0) {
            return ".";
        }

        const { start } = lastPart(path, 0, slash);

        if (start === 0) {
            return path[0] === "/" ? "/" : ".";
        }

        if (start === 2 && path.startsWith("//")) {
            return "//";
        }

        return start === 1 ? path[0] : path.slice(0, start - 1);
    },

    basename(path, suffix) {
        checkBasename(path, suffix);

        const { base } = lastPart(path, 0, slash);

        return suffix ? withoutSuffix(base, suffix) : base;
    },

    extname(path) {
        validateString(path, "path");

        return lastPart(path, 0, slash).ext;
    },

    format: formatter("/"),

    parse(path) {
        validateString(path, "path");

        const out = { root: "", dir: "", base: "", ext: "", name: "" };

        if (path.length === 0) {
            return out;
        }

        const { base, start, ext } = lastPart(path, 0, slash);
        const absolute = path[0] === "/";

        out.root = absolute ? "/" : "";
        out.base = base;
        out.ext = ext;
        out.name = base.slice(0, base.length - ext.length);
        out.dir = start > 1 ? path.slice(0, start - 1) : out.root;

        return out;
    },

    matchesGlob: noGlob("posix"),

    sep: "/",
    delimiter: ":",
};


const either = (c) => c === "/" || c === "\\";

const letter = (c) => /^[A-Za-z]$/.test(c ?? "");


/* "C:", "\\\\server\\share", or nothing; and whether it is absolute. */

function device(path) {
    if (either(path[0])) {
        const unc = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/.exec(path);

        if (unc !== null) {
            return { name: `\\\\${unc[1]}\\${unc[2]}`, length: unc[0].length,
                     absolute: true, unc: true };
        }

        return { name: "", length: 0, absolute: true, unc: false };
    }

    if (letter(path[0]) && path[1] === ":") {
        return { name: path.slice(0, 2), length: 2,
                 absolute: either(path[2]), unc: false };
    }

    return { name: "", length: 0, absolute: false, unc: false };
}


export const win32 = {

    resolve(...paths) {
        let name = "";
        let tail = "";
        let absolute = false;

        for (let i = paths.length - 1; i >= -1 && !(absolute && name); i--) {
            const part = i >= 0 ? paths[i] : CWD;

            if (i >= 0) {
                validateString(part, `paths[${i}]`);
            }

            if (part.length === 0) {
                continue;
            }

            const d = device(part);

            if (d.name !== "" && name !== ""
                && d.name.toLowerCase() !== name.toLowerCase())
            {
                continue;
            }

            name ||= d.name;

            if (!absolute) {
                tail = `${part.slice(d.length)}\\${tail}`;
                absolute = d.absolute;
            }
        }

        tail = normalized(tail, !absolute, "\\", either);

        return absolute ? `${name}\\${tail}` : `${name}${tail}` || ".";
    },

    normalize(path) {
        validateString(path, "path");

        if (path.length === 0) {
            return ".";
        }

        const d = device(path);
        let tail = normalized(path.slice(d.length), !d.absolute, "\\", either);

        if (tail === "" && !d.absolute) {
            tail = ".";
        }

        if (tail !== "" && either(path.at(-1))) {
            tail += "\\";
        }

        return d.absolute ? `${d.name}\\${tail}` : `${d.name}${tail}`;
    },

    isAbsolute(path) {
        validateString(path, "path");

        return either(path[0])
               || (letter(path[0]) && path[1] === ":" && either(path[2]));
    },

    join(...paths) {
        const parts = [];

        for (const part of paths) {
            validateString(part, "path");

            if (part.length !== 0) {
                parts.push(part);
            }
        }

        if (parts.length === 0) {
            return ".";
        }

        let joined = parts.join("\\");

        /* what began with one separator does not become a server's name */

        if (!/^[\\/]{2}[^\\/]/.test(parts[0])) {
            joined = joined.replace(/^[\\/]{2,}/, "\\");
        }

        return win32.normalize(joined);
    },

    relative(from, to) {
        validateString(from, "from");
        validateString(to, "to");

        const fromAll = win32.resolve(from);
        const toAll = win32.resolve(to);

        if (fromAll.toLowerCase() === toAll.toLowerCase()) {
            return "";
        }

        const a = split(fromAll, either).filter((p) => p !== "");
        const b = split(toAll, either).filter((p) => p !== "");
        let n = 0;

        while (n < a.length && n < b.length
               && a[n].toLowerCase() === b[n].toLowerCase())
        {
            n++;
        }

        if (n === 0 && device(fromAll).name !== "") {
            return toAll;
        }

        return [...a.slice(n).map(() => ".."), ...b.slice(n)].join("\\");
    },

    toNamespacedPath(path) {
        if (typeof path !== "string" || path.length === 0) {
            return path;
        }

        const all = win32.resolve(path);

        if (all.length <= 2) {
            return path;
        }

        if (/^\\\\[^.?]/.test(all)) {
            return `\\\\?\\UNC\\${all.slice(2)}`;
        }

        return /^[A-Za-z]:\\/.test(all) ? `\\\\?\\${all}` : all;
    },

    dirname(path) {
        validateString(path, "path");

        if (path.length === 0) {
            return ".";
        }

        const d = device(path);
        const root = d.length + (d.absolute && either(path[d.length]) ? 1 : 0);
        const { start } = lastPart(path, root, either);
        const end = start > root ? start - 1 : start;

        return end === 0 ? "." : path.slice(0, end);
    },

    basename(path, suffix) {
        checkBasename(path, suffix);

        const from = letter(path[0]) && path[1] === ":" ? 2 : 0;
        const { base } = lastPart(path, from, either);

        return suffix ? withoutSuffix(base, suffix) : base;
    },

    extname(path) {
        validateString(path, "path");

        const from = letter(path[0]) && path[1] === ":" ? 2 : 0;

        return lastPart(path, from, either).ext;
    },

    format: formatter("\\"),

    parse(path) {
        validateString(path, "path");

        const out = { root: "", dir: "", base: "", ext: "", name: "" };

        if (path.length === 0) {
            return out;
        }

        const d = device(path);
        const root = d.length + (d.absolute && either(path[d.length]) ? 1 : 0);
        const { base, start, ext } = lastPart(path, root, either);

        out.root = path.slice(0, root);
        out.base = base;
        out.ext = ext;
        out.name = base.slice(0, base.length - ext.length);
        out.dir = start > root ? path.slice(0, start - 1) : out.root;

        return out;
    },

    matchesGlob: noGlob("win32"),

    sep: "\\",
    delimiter: ";",
};


for (const path of [posix, win32]) {
    path.posix = posix;
    path.win32 = win32;
}
