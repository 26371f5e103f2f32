/*
 * Copyright (C) the nginx-workers authors
 *
 * Patterns of glob() in "node:fs": *, **, ?, [...] and {a,b}.
 */

const { RegExp } = globalThis;


/* "{a,b}c" -> ["ac", "bc"] */

function alternatives(pattern) {
    const open = pattern.indexOf("{");
    const parts = [];
    let depth = 0, start = open + 1;

    for (let i = open; open >= 0 && i < pattern.length; i++) {
        const c = pattern[i];

        if (c === "{" && depth++ > 0) {
            continue;
        }

        if (c === "," && depth === 1) {
            parts.push(pattern.slice(start, i));
            start = i + 1;
        }

        if (c === "}" && --depth === 0) {
            parts.push(pattern.slice(start, i));

            return parts.flatMap((part) => alternatives(
                pattern.slice(0, open) + part + pattern.slice(i + 1)));
        }
    }

    return [pattern];
}


/* Of one part between slashes */

function expression(part) {
    return part.replace(/\[!?[^\]]+\]|[*?]|[.+^${}()|[\]\\]/g, (text) => {
        switch (text[0]) {
        case "*":
            return "[^/]*";
        case "?":
            return "[^/]";
        case "[":
            return text.length === 1 ? "\\["
                   : text.replace("[!", "[^").replace(/\\/g, "\\\\");
        default:
            return `\\${text}`;
        }
    });
}


function matcher(pattern) {
    const parts = pattern.replace(/^\.\//, "").split("/");
    let source = "";

    parts.forEach((part, i) => {
        const last = i === parts.length - 1;

        source += part === "**" ? (last ? ".*" : "(?:[^/]+/)*")
                  : expression(part) + (last ? "" : "/");
    });

    return new RegExp(`^${source}$`);
}


/* Whether a path matches one of the patterns: a function that says so. */

export function globFilter(patterns) {
    const matchers = patterns.flatMap(alternatives).map(matcher);

    return (path) => matchers.some((one) => one.test(path));
}
