/*
 * Copyright (C) the nginx-workers authors
 *
 * Date in a process whose zone is not UTC: local time is UTC in Workers, but
 * the engine takes it from the process.  Evaluated when an isolate is made,
 * and only in such a process.
 *
 * The prototype stays the engine's, since C makes dates too; what of it heeds
 * a locale is in src/js/intl_date.js.  The constructor is the native half's; it
 * uses what is exported here:
 *
 *   Base          the engine's Date
 *   UTC           Date.UTC()
 *   text()        the time now, as Date() gives it
 *   time(value)   what a string or an object (not a Date) stands for
 *
 * The native half: Date.
 */

export default function defineDate(native) {

const { Date: Base, Function, Object, Reflect, RegExp, String, Symbol,
        TypeError } = globalThis;

const { defineProperty, is } = Object;
const { apply, ownKeys } = Reflect;
const { parse, UTC } = Base;
const { Date } = native;

const proto = Base.prototype;
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const exec = uncurry(RegExp.prototype.exec);
const indexOf = uncurry(String.prototype.indexOf);
const slice = uncurry(String.prototype.slice);

const getTime = uncurry(proto.getTime);
const getUTCFullYear = uncurry(proto.getUTCFullYear);
const setTime = uncurry(proto.setTime);
const setUTCFullYear = uncurry(proto.setUTCFullYear);
const toPrimitive = uncurry(proto[Symbol.toPrimitive]);
const toUTCString = uncurry(proto.toUTCString);

const INVALID = "Invalid Date";

/* The engine looks at 127 characters; one is ours. */
const PARSED = 126;

const ISO_LOCAL = /^[-+\u2212]?[-\d\u2212]+T[\d:.,]*$/;


/*
 * The engine reads ISO 8601 and, if it is not that, any order of words; a
 * zone in the latter may come first, and the last one counts.
 */

function parseUTC(text) {
    const end = indexOf(text, "\0");
    text = slice(text, 0, end >= 0 && end < PARSED ? end : PARSED);

    if (exec(ISO_LOCAL, text) !== null) {
        return parse(`${text}Z`);
    }

    /* a leading space makes it words: if that matters, it is an ISO date */

    const time = parse(text);
    return is(time, parse(` ${text}`)) ? parse(`Z${text}`) : time;
}


/* ToPrimitive (ECMAScript, section 7.1.1) without a preferred type. */

function primitive(object) {
    const exotic = object[Symbol.toPrimitive];

    if (exotic === undefined || exotic === null) {
        return toPrimitive(object, "number");
    }

    const value = apply(exotic, object, ["default"]);

    if (typeof value === "function"
        || (typeof value === "object" && value !== null))
    {
        throw new TypeError("toPrimitive");
    }

    return value;
}


function time(value) {
    if (typeof value !== "string") {
        value = primitive(value);
    }

    return (typeof value === "string") ? parseUTC(value) : value;
}


/* Parts of "Thu, 01 Jan 1970 00:00:00 GMT"; years may be longer. */

const yearOf = (utc) => slice(utc, 12, -13);

const dayOf = (utc) => `${slice(utc, 0, 3)} ${slice(utc, 8, 11)} `
                       + `${slice(utc, 5, 7)} ${yearOf(utc)}`;

const clockOf = (utc) => `${slice(utc, -12)}+0000 `
                         + "(Coordinated Universal Time)";


const methods = {
    toString() {
        const utc = toUTCString(this);
        return (utc === INVALID) ? utc : `${dayOf(utc)} ${clockOf(utc)}`;
    },

    toDateString() {
        const utc = toUTCString(this);
        return (utc === INVALID) ? utc : dayOf(utc);
    },

    toTimeString() {
        const utc = toUTCString(this);
        return (utc === INVALID) ? utc : clockOf(utc);
    },

    getTimezoneOffset() {
        return is(getTime(this), NaN) ? NaN : 0;
    },

    getYear() {
        return getUTCFullYear(this) - 1900;
    },

    setYear(year) {
        getTime(this);                     /* throws if it is not a Date */
        year = +year;

        if (is(year, NaN)) {
            return setTime(this, NaN);
        }

        return setUTCFullYear(this, (year > -1 && year < 100)
                                    ? 1900 + (year - year % 1) : year);
    },
};


function replace(from) {
    for (const key of ownKeys(from)) {
        defineProperty(proto, key, { value: from[key] });
    }
}


replace(methods);

for (const field of ["FullYear", "Month", "Date", "Hours", "Minutes",
                     "Seconds", "Milliseconds", "Day"])
{
    const get = uncurry(proto[`getUTC${field}`]);

    replace({ [`get${field}`]() { return get(this); } });

    if (field === "Day") {
        continue;
    }

    const set = proto[`setUTC${field}`];
    const name = `set${field}`;
    const setter = {
        [name]() { return apply(set, this, arguments); }
    };

    defineProperty(setter[name], "length", { value: set.length });
    replace(setter);
}


const statics = {
    now: Base.now,

    parse(text) {
        return parseUTC(`${text}`);
    },

    UTC,
};

for (const key of ownKeys(statics)) {
    defineProperty(Date, key, { value: statics[key], writable: true,
                                configurable: true });
}

defineProperty(Date, "prototype", { value: proto });
defineProperty(proto, "constructor", { value: Date });
defineProperty(globalThis, "Date", { value: Date });

const toString = uncurry(methods.toString);

return {
    Base,
    UTC,
    text: () => toString(new Base()),
    time,
};

}
