/*
 * Copyright (C) the nginx-workers authors
 *
 * fetch() whose cf asks for the cache: what is there is not asked for, and
 * what comes is kept, in caches.default, so that caches.default.match() and
 * delete() see it.
 */

export default function defineFetchCache(native) {

const { Error, Number, Object, Response, caches } = globalThis;

const cache = caches.default;

/* The origin's Cache-Control, which clients are to see, in the cache. */

const ORIGIN = "CF-Origin-Cache-Control";

/* Seconds, of responses that do not say how long they may be kept */

const DEFAULTS = {
    200: 7200, 203: 7200, 301: 7200, 302: 1200, 303: 1200, 404: 180, 410: 180,
};


/* "200-299" -> whether status is in it */

function inRange(range, status) {
    const [first, last = first] = range.split("-").map((text) => text.trim());

    return first !== "" && last !== "" && status >= Number(first)
           && status <= Number(last);
}


/*
 * How long the response is to be kept, in seconds; 0 or less: not at all;
 * undefined: as its fields say.
 */

function lifetime(cf, response) {
    const { status, headers } = response;

    for (const [range, ttl] of Object.entries(cf.cacheTtlByStatus ?? {})) {
        if (inRange(range, status)) {
            return Number(ttl);
        }
    }

    if (cf.cacheTtl !== undefined && cf.cacheTtl !== null) {
        return Number(cf.cacheTtl);
    }

    if (!cf.cacheEverything) {
        return 0;
    }

    return headers.has("Cache-Control") || headers.has("Expires")
           ? undefined : DEFAULTS[status] ?? 0;
}


/* What nobody else may get, or what is a part */

function isPrivate(request, response) {
    const control = response.headers.get("Cache-Control") ?? "";

    return response.status === 206 || response.webSocket
           || response.headers.has("Set-Cookie")
           || response.headers.get("Vary") === "*"
           || (request.headers.has("Authorization")
               && !/\b(public|s-maxage|must-revalidate)\b/i.test(control));
}


function keep(request, response, ttl) {
    const copy = response.clone();

    native.even(copy);

    const stored = new Response(copy.body, copy);

    if (ttl !== undefined) {
        const control = stored.headers.get("Cache-Control");

        if (control !== null) {
            stored.headers.set(ORIGIN, control);
        }

        for (const name of ["Expires", "Pragma", "Age"]) {
            stored.headers.delete(name);
        }

        stored.headers.set("Cache-Control", `s-maxage=${ttl}`);
    }

    /* that it is not kept is no reason to fail */

    native.waitUntil(cache.put(request, stored).catch(() => {}));
}


function restored(hit, url) {
    const response = new Response(hit.body, hit);
    const control = response.headers.get(ORIGIN);

    if (control !== null) {
        response.headers.set("Cache-Control", control);
        response.headers.delete(ORIGIN);

    } else if (/^s-maxage=[\d.]+$/.test(response.headers.get("Cache-Control")))
    {
        response.headers.delete("Cache-Control");
    }

    native.setUrl(response, url);

    return response;
}


async function fetchCached(request) {
    const { cf } = request;

    if (cf.cacheTtl < 0) {
        throw new Error("Invalid cacheTtl, expected 0 or more seconds.");
    }

    const hit = await cache.match(request);

    if (hit !== undefined) {
        return restored(hit, request.url);
    }

    const response = await native.fetch(request);

    if (!isPrivate(request, response)) {
        const ttl = lifetime(cf, response);

        if (ttl === undefined || ttl > 0) {
            keep(request, response, ttl);
        }
    }

    return response;
}


return { fetchCached };

}
