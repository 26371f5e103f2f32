/*
 * Copyright (C) the nginx-workers authors
 *
 * Intl.DateTimeFormat (ECMA-402, section 11) and the methods of Date that use
 * it (section 18.4).
 *
 * The native half: the one that intl.js has.
 */

export default function defineIntlDate(native) {

const { Date, Math, RangeError, RegExp, String, TypeError }
    = globalThis;

const {
    Cache, booleanOption, callable, canonicalType, canonicalizeLocaleList,
    coerceOptions, includes, isCalendar, isObject, matcherOption,
    numberOption, resolveLocale, stringOption, tagWith, test, typeOption,
    uncurry, unwrap,
} = native.intl();

const charAt = uncurry(String.prototype.charAt);
const indexOf = uncurry(String.prototype.indexOf);
const regExpExec = uncurry(RegExp.prototype.exec);
const slice = uncurry(String.prototype.slice);

const dateProto = Date.prototype;
const getTime = uncurry(dateProto.getTime);
const getUTCHours = uncurry(dateProto.getUTCHours);
const getUTCMonth = uncurry(dateProto.getUTCMonth);
const toUTCString = uncurry(dateProto.toUTCString);
const { now } = Date;

const TYPE = "Intl.DateTimeFormat";
const INVALID = "Invalid Date";

/* kinds of ngx_workers_icu_kind_e */
const PATTERNS = 0;
const DATE = 1;
const INTERVAL = 2;

const HOUR_CYCLES = ["h11", "h12", "h23", "h24"];
const HOUR_LETTERS = { h11: "K", h12: "h", h23: "H", h24: "k" };

const STYLES = ["full", "long", "medium", "short"];    /* UDateFormatStyle */
const NO_STYLE = -1;

const TEXT = ["narrow", "short", "long"];
const DIGITS = ["2-digit", "numeric"];


/*
 * Components in the order of the standard's Table 16: the values of each, and
 * what stands for a value in a skeleton.
 */

const COMPONENTS = [
    ["weekday", TEXT, { narrow: "EEEEE", short: "EEE", long: "EEEE" }],
    ["era", TEXT, { narrow: "GGGGG", short: "GGG", long: "GGGG" }],
    ["year", DIGITS, { "2-digit": "yy", numeric: "y" }],
    ["month", ["2-digit", "numeric", "narrow", "short", "long"],
     { "2-digit": "MM", numeric: "M", narrow: "MMMMM", short: "MMM",
       long: "MMMM" }],
    ["day", DIGITS, { "2-digit": "dd", numeric: "d" }],
    ["dayPeriod", TEXT, { narrow: "BBBBB", short: "B", long: "BBBB" }],
    ["hour", DIGITS, { "2-digit": "jj", numeric: "j" }],
    ["minute", DIGITS, { "2-digit": "mm", numeric: "m" }],
    ["second", DIGITS, { "2-digit": "ss", numeric: "s" }],
    ["fractionalSecondDigits", undefined,
     { 1: "S", 2: "SS", 3: "SSS" }],
    ["timeZoneName",
     ["short", "long", "shortOffset", "longOffset", "shortGeneric",
      "longGeneric"],
     { short: "z", long: "zzzz", shortOffset: "O", longOffset: "OOOO",
       shortGeneric: "v", longGeneric: "vvvv" }],
];

const DATE_COMPONENTS = ["weekday", "year", "month", "day"];
const TIME_COMPONENTS = ["dayPeriod", "hour", "minute", "second",
                         "fractionalSecondDigits"];


/* What a pattern's letters say, by the letter and their number. */

const text = (n) => n === 5 ? "narrow" : n === 4 ? "long" : "short";
const digits = (n) => n === 2 ? "2-digit" : "numeric";
const month = (n) => n > 2 ? text(n) : digits(n);

const LETTERS = {
    E: ["weekday", text], c: ["weekday", text], e: ["weekday", text],
    G: ["era", text],
    y: ["year", digits], r: ["year", digits], U: ["year", digits],
    u: ["year", digits],
    M: ["month", month], L: ["month", month],
    d: ["day", digits],
    B: ["dayPeriod", text],
    h: ["hour", digits], H: ["hour", digits], K: ["hour", digits],
    k: ["hour", digits],
    m: ["minute", digits],
    s: ["second", digits],
    S: ["fractionalSecondDigits", (n) => n],
    z: ["timeZoneName", (n) => n === 4 ? "long" : "short"],
    O: ["timeZoneName", (n) => n === 4 ? "longOffset" : "shortOffset"],
    v: ["timeZoneName", (n) => n === 4 ? "longGeneric" : "shortGeneric"],
};


/* UDateFormatField */

const FIELDS = [
    "era", "year", "month", "day", "hour", "hour", "minute", "second",
    "fractionalSecond", "weekday", "unknown", "unknown", "unknown", "unknown",
    "dayPeriod", "hour", "hour", "timeZoneName", "year", "weekday", "year",
    "unknown", "unknown", "timeZoneName", "timeZoneName", "weekday", "month",
    "unknown", "unknown", "timeZoneName", "yearName", "timeZoneName",
    "timeZoneName", "timeZoneName", "relatedYear", "dayPeriod", "dayPeriod",
    "literal",
];

const SOURCES = ["startRange", "endRange"];


/* A text whose characters of a set are another text each. */

function exchange(text, set, to) {
    let result = "";
    let from = 0;

    for (let i = 0; i < text.length; i++) {
        if (indexOf(set, charAt(text, i)) >= 0) {
            result += slice(text, from, i) + to;
            from = i + 1;
        }
    }

    return (from === 0) ? text : result + slice(text, from);
}


/* Calls visit(letter, count, start) for each field of a pattern. */

function scan(pattern, visit) {
    let quoted = false;
    let i = 0;

    while (i < pattern.length) {
        const letter = charAt(pattern, i);
        const start = i++;

        if (letter === "'") {
            quoted = !quoted;

        } else if (!quoted && test(/^[A-Za-z]$/, letter)) {
            while (charAt(pattern, i) === letter) {
                i++;
            }

            visit(letter, i - start, start);
        }
    }
}


function isHour(letter) {
    return letter === "h" || letter === "H" || letter === "K"
           || letter === "k";
}


/* A pattern whose hours are of another cycle. */

function withHours(pattern, to) {
    let result = "";
    let from = 0;

    scan(pattern, (letter, count, start) => {
        if (isHour(letter)) {
            result += slice(pattern, from, start);

            for (let i = 0; i < count; i++) {
                result += to;
            }

            from = start + count;
        }
    });

    return result + slice(pattern, from);
}


function hoursOf(pattern) {
    let hours = undefined;

    scan(pattern, (letter) => {
        if (isHour(letter)) {
            hours = letter;
        }
    });

    return hours;
}


function componentsOf(pattern) {
    const components = { __proto__: null };

    scan(pattern, (letter, count) => {
        const component = LETTERS[letter];

        if (component !== undefined) {
            components[component[0]] = component[1](count);
        }
    });

    return components;
}


/*
 * Time zones
 */

const OFFSET = /^([-+])([01]\d|2[0-3])(?::?([0-5]\d))?$/;

const zones = new Cache();


function timeZoneOf(value) {
    if (value === undefined) {
        return "UTC";
    }

    const name = `${value}`;
    let zone = zones.get(name);

    if (zone === undefined) {
        zone = canonicalZone(name);

        if (zone === undefined) {
            throw new RangeError(`Invalid time zone specified: ${name}`);
        }

        zones.set(name, zone);
    }

    return zone;
}


function canonicalZone(name) {
    const offset = execOffset(name);

    if (offset !== undefined) {
        return offset;
    }

    const zone = native.zone(name);

    switch (zone) {

    case "Etc/UTC":
    case "Etc/GMT":
    case "GMT":
        return "UTC";

    case "Etc/Unknown":
        return undefined;

    default:
        return zone;
    }
}


function execOffset(name) {
    const match = regExpExec(OFFSET, name);

    if (match === null) {
        return undefined;
    }

    const minutes = match[3] ?? "00";
    const sign = (match[2] === "00" && minutes === "00") ? "+" : match[1];

    return `${sign}${match[2]}:${minutes}`;
}


/* What ICU calls the zone. */

function icuZone(zone) {
    const first = charAt(zone, 0);

    return (first === "+" || first === "-") ? `GMT${zone}` : zone;
}


/*
 * Locales
 */

function isValid(key, type) {
    switch (key) {
    case "ca":
        return isCalendar(type);
    case "hc":
        return includes(HOUR_CYCLES, type);
    default:
        return native.isNumberingSystem(type);
    }
}


const KEYS = ["ca", "hc", "nu"];

const locales = new Cache();


/* What a locale has by itself: calendar, numberingSystem, hourCycle. */

function localeData(base) {
    let data = locales.get(base);

    if (data === undefined) {
        data = locales.set(base, {
            calendar: canonicalType("ca", native.calendars(base)[0]),
            numberingSystem: native.numberingSystem(base),
            hourCycle: HOUR_CYCLES[native.hourCycle(native.open(PATTERNS,
                                                                base))],
        });
    }

    return data;
}


/* V8's choice for "hour12" */

function hourCycleOf(hour12, base, hourCycle) {
    const is12 = (hourCycle === "h11" || hourCycle === "h12");

    if (hour12 === is12) {
        return hourCycle;
    }

    if (hour12) {
        return test(/-JP$/, base) ? "h11" : "h12";
    }

    return "h23";
}


const patterns = new Cache();


/*
 * The letter of an hour cycle.  V8 does not take one that was asked for
 * exactly if the hour is there by default: the locale says where it begins.
 */

function hoursFor(hourCycle, exact) {
    if (exact) {
        return HOUR_LETTERS[hourCycle] ?? "j";
    }

    return (hourCycle === "h11" || hourCycle === "h12") ? "h" : "H";
}


function patternOf(tag, skeleton, hourCycle) {
    const key = `${tag} ${skeleton} ${hourCycle}`;
    const found = patterns.get(key);

    if (found !== undefined) {
        return found;
    }

    let pattern = native.bestPattern(native.open(PATTERNS, tag), skeleton);

    if (hourCycle !== undefined) {
        pattern = withHours(pattern, HOUR_LETTERS[hourCycle]);
    }

    return patterns.set(key, pattern);
}


function stylePatternOf(tag, dateStyle, timeStyle, hourCycle) {
    const key = `${tag} ${dateStyle} ${timeStyle} ${hourCycle}`;
    const found = patterns.get(key);

    if (found !== undefined) {
        return found;
    }

    let pattern = native.stylePattern(tag, styleOf(dateStyle),
                                      styleOf(timeStyle));
    const hours = hoursOf(pattern);
    const letter = HOUR_LETTERS[hourCycle];

    if (hours !== undefined && hours !== letter) {
        const skeleton = exchange(native.skeleton(pattern), "abB", "");

        pattern = withHours(native.bestPattern(native.open(PATTERNS, tag),
                                               withHours(skeleton, letter)),
                            letter);
    }

    return patterns.set(key, pattern);
}


function styleOf(style) {
    if (style !== undefined) {
        for (let i = 0; i < STYLES.length; i++) {
            if (STYLES[i] === style) {
                return i;
            }
        }
    }

    return NO_STYLE;
}


/*
 * CreateDateTimeFormat (section 11.1.2): required and defaults are "any",
 * "date", "time" or "all".
 */

function createFormat(requested, options, required, defaults) {
    requested = canonicalizeLocaleList(requested);
    options = coerceOptions(options);

    matcherOption(options, TYPE);

    const calendar = typeOption(options, "calendar");
    const numberingSystem = typeOption(options, "numberingSystem");
    const hour12 = booleanOption(options, "hour12");
    let hourCycle = stringOption(options, "hourCycle", HOUR_CYCLES, undefined,
                                 TYPE);

    const asked = (hourCycle !== undefined && hour12 === undefined);

    const keywords = {
        ca: calendar,
        hc: (hour12 === undefined) ? hourCycle : undefined,
        nu: numberingSystem,
    };
    let resolved = resolveLocale("locales", requested, KEYS, keywords,
                                 isValid);
    const data = localeData(resolved.base);

    hourCycle = resolved.values.hc ?? data.hourCycle;

    if (hour12 !== undefined) {
        hourCycle = hourCycleOf(hour12, resolved.base, hourCycle);

        if (hourCycle !== resolved.values.hc) {
            keywords.hc = null;
            resolved = resolveLocale("locales", requested, KEYS, keywords,
                                     isValid);
        }
    }

    const { locale, base, values } = resolved;

    const timeZone = timeZoneOf(options.timeZone);

    let skeleton = "";
    let exact = true;
    const given = { __proto__: null };

    for (let i = 0; i < COMPONENTS.length; i++) {
        const component = COMPONENTS[i];
        const name = component[0];

        const value = (component[1] === undefined)
                      ? numberOption(options, name, 1, 3, undefined)
                      : stringOption(options, name, component[1], undefined,
                                     TYPE);

        if (value !== undefined) {
            given[name] = value;
            skeleton += component[2][value];
        }
    }

    stringOption(options, "formatMatcher", ["basic", "best fit"], undefined,
                 TYPE);

    const dateStyle = stringOption(options, "dateStyle", STYLES, undefined,
                                   TYPE);
    const timeStyle = stringOption(options, "timeStyle", STYLES, undefined,
                                   TYPE);

    const tag = tagWith(base, { ca: values.ca, nu: values.nu });
    let pattern;

    if (dateStyle !== undefined || timeStyle !== undefined) {
        if (skeleton !== "") {
            throw new TypeError("Invalid option : option");
        }

        if (required === "date" && timeStyle !== undefined) {
            throw new TypeError("Invalid option : timeStyle");
        }

        if (required === "time" && dateStyle !== undefined) {
            throw new TypeError("Invalid option : dateStyle");
        }

        if (timeStyle === undefined) {
            hourCycle = undefined;
        }

        pattern = stylePatternOf(tag, dateStyle, timeStyle, hourCycle);

    } else {
        if (needsDefaults(given, required)) {

            if (defaults !== "time") {
                skeleton += "yMd";
            }

            if (defaults !== "date") {
                skeleton += "jms";
                given.hour = "numeric";
                exact = !asked;
            }
        }

        if (given.hour === undefined) {
            hourCycle = undefined;
        }

        skeleton = exchange(skeleton, "j", hoursFor(hourCycle, exact));
        pattern = patternOf(tag, skeleton, exact ? hourCycle : undefined);
    }

    return {
        locale,
        calendar: values.ca ?? data.calendar,
        numberingSystem: values.nu ?? data.numberingSystem,
        timeZone,
        hourCycle,
        dateStyle,
        timeStyle,
        pattern,
        base,
        values,
        tag,
        date: undefined,
        interval: undefined,
    };
}


function needsDefaults(given, required) {
    return !((required !== "time" && hasAny(given, DATE_COMPONENTS))
             || (required !== "date" && hasAny(given, TIME_COMPONENTS)));
}


function hasAny(given, names) {
    for (let i = 0; i < names.length; i++) {
        if (given[names[i]] !== undefined) {
            return true;
        }
    }

    return false;
}


/*
 * Formatting
 */

function dateOf(format) {
    return format.date ??= native.open(DATE, format.tag, format.pattern,
                                       icuZone(format.timeZone));
}


function intervalOf(format) {
    if (format.interval === undefined) {
        const tag = tagWith(format.base, {
            ca: format.values.ca,
            hc: format.hourCycle,
            nu: format.values.nu,
        });

        format.interval = native.open(INTERVAL, tag,
                                      native.skeleton(format.pattern),
                                      icuZone(format.timeZone));
    }

    return format.interval;
}


/* TimeClip(ToNumber(date)); a RangeError if that is NaN. */

function timeOf(date) {
    const time = (date === undefined) ? now() : Math.trunc(+date);

    if (!(time >= -8.64e15 && time <= 8.64e15)) {
        throw new RangeError("Invalid time value");
    }

    return time;
}


function rangeOf(start, end) {
    if (start === undefined || end === undefined) {
        throw new TypeError("Invalid time value");
    }

    start = +start;
    end = +end;

    return [timeOf(start), timeOf(end)];
}


function partsOf(format, time, source) {
    const list = native.datePartsOf(dateOf(format), time);
    const parts = [];

    for (let i = 0; i < list.length; i += 2) {
        const part = {
            type: FIELDS[list[i]] ?? "literal",
            value: list[i + 1],
        };

        if (source) {
            part.source = "shared";
        }

        parts[parts.length] = part;
    }

    return parts;
}


/* V8 makes plain spaces of thin and narrow ones. */

const spaces = (value) => exchange(value, "\u2009\u202f", " ");


/* The function that "format" gives is anonymous. */

function boundFormat(format) {
    return (date) => native.formatDate(dateOf(format), timeOf(date));
}


let internals, receiver;


class Format {
    #format;
    #bound;

    static {
        receiver = (value) => {
            value = unwrap(value, DateTimeFormat);

            if (!isObject(value) || !(#format in value)) {
                throw new TypeError("Method called on incompatible receiver");
            }

            return value;
        };

        internals = (value) => receiver(value).#format;
    }

    constructor(locales, options) {
        this.#format = createFormat(locales, options, "any", "date");
    }

    resolvedOptions() {
        const format = internals(this);
        const options = {
            locale: format.locale,
            calendar: format.calendar,
            numberingSystem: format.numberingSystem,
            timeZone: format.timeZone,
        };

        if (format.hourCycle !== undefined) {
            options.hourCycle = format.hourCycle;
            options.hour12 = (format.hourCycle === "h11"
                              || format.hourCycle === "h12");
        }

        if (format.dateStyle === undefined && format.timeStyle === undefined) {
            const components = componentsOf(format.pattern);

            for (let i = 0; i < COMPONENTS.length; i++) {
                const name = COMPONENTS[i][0];

                if (components[name] !== undefined) {
                    options[name] = components[name];
                }
            }

            return options;
        }

        if (format.dateStyle !== undefined) {
            options.dateStyle = format.dateStyle;
        }

        if (format.timeStyle !== undefined) {
            options.timeStyle = format.timeStyle;
        }

        return options;
    }

    formatToParts(date) {
        const format = internals(this);

        return partsOf(format, timeOf(date), false);
    }

    get format() {
        const self = receiver(this);

        return self.#bound ??= boundFormat(self.#format);
    }

    formatRange(start, end) {
        const format = internals(this);
        const range = rangeOf(start, end);
        const value = native.formatDateRange(intervalOf(format), range[0],
                                             range[1]);

        return (value === undefined)
               ? native.formatDate(dateOf(format), range[0])
               : spaces(value);
    }

    formatRangeToParts(start, end) {
        const format = internals(this);
        const range = rangeOf(start, end);
        const list = native.dateRangePartsOf(intervalOf(format), range[0],
                                             range[1]);

        if (list === undefined) {
            return partsOf(format, range[0], true);
        }

        const parts = [];

        for (let i = 0; i < list.length; i += 3) {
            parts[parts.length] = {
                type: FIELDS[list[i]] ?? "literal",
                value: spaces(list[i + 1]),
                source: SOURCES[list[i + 2]] ?? "shared",
            };
        }

        return parts;
    }
}


const DateTimeFormat = callable("DateTimeFormat", Format, "locales", true);


/*
 * Date.prototype
 */

const defaultFormats = { __proto__: null };


function toLocale(date, locales, options, required, defaults) {
    const time = getTime(date);

    if (time !== time) {
        return INVALID;
    }

    if (!native.available()) {
        return plain(date, required);
    }

    let format;

    if (locales === undefined && options === undefined) {
        format = defaultFormats[required]
                 ??= createFormat(undefined, undefined, required, defaults);

    } else {
        format = createFormat(locales, options, required, defaults);
    }

    return native.formatDate(dateOf(format), time);
}


/* Without ICU: "01/31/2025, 05:30:00 PM" */

function plain(date, required) {
    const utc = toUTCString(date);          /* Fri, 31 Jan 2025 17:30:00 GMT */
    const hours = getUTCHours(date);
    const day = `${pad(getUTCMonth(date) + 1)}/${slice(utc, 5, 7)}/`
                + slice(utc, 12, -13);
    const clock = `${pad((hours + 11) % 12 + 1)}${slice(utc, -10, -4)} `
                  + (hours < 12 ? "AM" : "PM");

    return (required === "date") ? day
           : (required === "time") ? clock : `${day}, ${clock}`;
}


function pad(n) {
    return n < 10 ? `0${n}` : `${n}`;
}


return {
    DateTimeFormat,

    toLocaleString(locales, options) {
        return toLocale(this, locales, options, "any", "all");
    },

    toLocaleDateString(locales, options) {
        return toLocale(this, locales, options, "date", "date");
    },

    toLocaleTimeString(locales, options) {
        return toLocale(this, locales, options, "time", "time");
    },
};

}
