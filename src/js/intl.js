/*
 * Copyright (C) the nginx-workers authors
 *
 * Intl (ECMA-402): what its parts share, which are language tags, options and
 * the choice of a locale (sections 6 and 9), and the object itself.  The
 * parts are built-ins of their own, loaded when a script first asks for one
 * of their constructors.
 *
 * The default locale is en-US, the default time zone UTC.
 *
 * The native half: functions of ngx_workers_intl*.c, and one for each part
 * that gives its exports.
 */

export default function defineIntl(native) {

const { Array, Boolean, Function, Map, Math, Number, Object, RangeError,
        Reflect, RegExp, Set, String, Symbol, TypeError } = globalThis;

const { create, defineProperty, getOwnPropertyDescriptor } = Object;
const { construct, ownKeys } = Reflect;

const uncurry = Function.prototype.bind.bind(Function.prototype.call);

const arraySort = uncurry(Array.prototype.sort);
const indexOf = uncurry(String.prototype.indexOf);
const mapDelete = uncurry(Map.prototype.delete);
const mapGet = uncurry(Map.prototype.get);
const mapKeys = uncurry(Map.prototype.keys);
const mapSet = uncurry(Map.prototype.set);
const mapSize = uncurry(getOwnPropertyDescriptor(Map.prototype, "size").get);
const next = uncurry(new Map().keys().next);
const regExpExec = uncurry(RegExp.prototype.exec);
const setAdd = uncurry(Set.prototype.add);
const setHas = uncurry(Set.prototype.has);
const slice = uncurry(String.prototype.slice);
const split = uncurry(String.prototype.split);
const toLowerCase = uncurry(String.prototype.toLowerCase);

const DEFAULT_LOCALE = "en-US";

/* characters of a language tag, at most */
const MAX_TAG = 1023;

/* entries of a cache that a script can fill */
const CACHE = 64;


/* What was asked for before; the oldest entry goes when it is full. */

class Cache {
    #map = new Map();

    get(key) {
        return mapGet(this.#map, key);
    }

    set(key, value) {
        if (mapSize(this.#map) >= CACHE) {
            mapDelete(this.#map, next(mapKeys(this.#map)).value);
        }

        mapSet(this.#map, key, value);
        return value;
    }
}


function test(pattern, text) {
    return regExpExec(pattern, text) !== null;
}


function includes(list, value) {
    for (let i = 0; i < list.length; i++) {
        if (list[i] === value) {
            return true;
        }
    }

    return false;
}


function isObject(value) {
    return typeof value === "function"
           || (typeof value === "object" && value !== null);
}


/*
 * Language tags: unicode_bcp47_locale_id of UTS 35.
 */

const LANGUAGE = /^(?:[a-z]{2,3}|[a-z]{5,8})$/;
const SCRIPT = /^[a-z]{4}$/;
const REGION = /^(?:[a-z]{2}|\d{3})$/;
const VARIANT = /^(?:[a-z\d]{5,8}|\d[a-z\d]{3})$/;
const KEY = /^[a-z\d][a-z]$/;
const TYPE = /^[a-z\d]{3,8}$/;
const FIELD = /^[a-z]\d$/;
const TAG = /^[A-Za-z\d]+(?:-[A-Za-z\d]+)*$/;


/*
 * The subtags of a language id from parts[at] on, as { language, script,
 * region, variants, at }, which at being the first one that is none; null: it
 * has a variant twice.
 */

function parseLanguage(parts, at) {
    const id = { language: parts[at++], script: undefined, region: undefined,
                 variants: [], at };

    if (at < parts.length && test(SCRIPT, parts[at])) {
        id.script = parts[at++];
    }

    if (at < parts.length && test(REGION, parts[at])) {
        id.region = parts[at++];
    }

    while (at < parts.length && test(VARIANT, parts[at])) {
        if (includes(id.variants, parts[at])) {
            return null;
        }

        id.variants[id.variants.length] = parts[at++];
    }

    id.at = at;
    return id;
}


/*
 * The index after a transformed extension's content, which begins at at;
 * -1: it is ill-formed.
 */

function parseTransformed(parts, at) {
    const start = at;

    if (at < parts.length && test(LANGUAGE, parts[at])) {
        const id = parseLanguage(parts, at);

        if (id === null) {
            return -1;
        }

        at = id.at;
    }

    while (at < parts.length && test(FIELD, parts[at])) {
        const value = ++at;

        while (at < parts.length && test(TYPE, parts[at])) {
            at++;
        }

        if (at === value) {
            return -1;
        }
    }

    return (at > start) ? at : -1;
}


/*
 * A well-formed tag in its parts: those of a language id, base (the text
 * before extensions), extensions (text of those other than "u"), and
 * attributes and keywords ([key, type] pairs) of "u".  Lower case; null: it
 * is not well-formed.
 */

function parseTag(tag) {
    if (tag.length > MAX_TAG || !test(TAG, tag)) {
        return null;
    }

    const parts = split(toLowerCase(tag), "-");

    if (!test(LANGUAGE, parts[0])) {
        return null;
    }

    const id = parseLanguage(parts, 0);

    if (id === null) {
        return null;
    }

    id.base = joinParts(parts, 0, id.at);
    id.extensions = [];
    id.attributes = [];
    id.keywords = [];

    const seen = [];
    let at = id.at;

    while (at < parts.length) {
        const singleton = parts[at];
        const start = at++;

        if (singleton.length !== 1 || includes(seen, singleton)) {
            return null;
        }

        seen[seen.length] = singleton;

        if (singleton === "x") {
            for ( ; at < parts.length; at++) {
                if (parts[at].length > 8) {
                    return null;
                }
            }

        } else if (singleton === "u") {
            while (at < parts.length && test(TYPE, parts[at])) {
                id.attributes[id.attributes.length] = parts[at++];
            }

            while (at < parts.length && test(KEY, parts[at])) {
                const key = parts[at++];
                const from = at;

                while (at < parts.length && test(TYPE, parts[at])) {
                    at++;
                }

                id.keywords[id.keywords.length] = [
                    key, joinParts(parts, from, at)
                ];
            }

        } else if (singleton === "t") {
            at = parseTransformed(parts, at);

            if (at < 0) {
                return null;
            }

        } else {
            while (at < parts.length && parts[at].length > 1
                   && parts[at].length <= 8)
            {
                at++;
            }
        }

        if (at === start + 1) {
            return null;
        }

        if (singleton !== "u") {
            id.extensions[id.extensions.length] = joinParts(parts, start, at);
        }
    }

    return id;
}


function joinParts(parts, from, to) {
    let text = "";

    for (let i = from; i < to; i++) {
        text += (i > from) ? `-${parts[i]}` : parts[i];
    }

    return text;
}


const tags = new Cache();


/* CanonicalizeUnicodeLocaleId; throws a RangeError. */

function canonicalTag(tag) {
    let canonical = tags.get(tag);

    if (canonical === undefined) {
        if (parseTag(tag) !== null) {
            canonical = native.canonicalTag(tag);
        }

        if (canonical === undefined) {
            throw new RangeError(`Invalid language tag: ${tag}`);
        }

        tags.set(tag, canonical);
    }

    return canonical;
}


/* The tag of a locale object; intl_locale.js says what one is. */

let tagOf = () => undefined;


function setTagOf(func) {
    tagOf = func;
}


/* CanonicalizeLocaleList (section 9.2.1) */

function canonicalizeLocaleList(locales) {
    if (locales === undefined) {
        return [];
    }

    if (typeof locales === "string") {
        return [canonicalTag(locales)];
    }

    const own = tagOf(locales);

    if (own !== undefined) {
        return [own];
    }

    if (locales === null) {
        throw new TypeError("Cannot convert undefined or null to object");
    }

    const list = Object(locales);
    const length = toLength(list.length);
    const seen = new Set();
    const result = [];

    for (let i = 0; i < length; i++) {
        if (!(i in list)) {
            continue;
        }

        const value = list[i];

        if (typeof value !== "string" && !isObject(value)) {
            throw new TypeError("Language ID should be string or object.");
        }

        const tag = tagOf(value) ?? canonicalTag(`${value}`);

        if (!setHas(seen, tag)) {
            setAdd(seen, tag);
            result[result.length] = tag;
        }
    }

    return result;
}


function toLength(value) {
    const length = Math.trunc(+value) || 0;

    return length > 0 ? Math.min(length, Number.MAX_SAFE_INTEGER) : 0;
}


/*
 * Options (section 9.2.11 and on)
 */

function getOptions(options) {
    if (options === undefined) {
        return create(null);
    }

    if (!isObject(options)) {
        throw new TypeError("invalid_argument");
    }

    return options;
}


function coerceOptions(options) {
    if (options === undefined) {
        return create(null);
    }

    if (options === null) {
        throw new TypeError("Cannot convert undefined or null to object");
    }

    return Object(options);
}


function outOfRange(value, type, name) {
    return new RangeError(`Value ${value} out of range for ${type} options `
                          + `property ${name}`);
}


/* An option that is a string, one of values if there are any. */

function stringOption(options, name, values, fallback, type) {
    let value = options[name];

    if (value === undefined) {
        return fallback;
    }

    value = `${value}`;

    if (values !== undefined && !includes(values, value)) {
        throw outOfRange(value, type, name);
    }

    return value;
}


function booleanOption(options, name) {
    const value = options[name];

    return (value === undefined) ? undefined : Boolean(value);
}


/* DefaultNumberOption */

function toNumberOption(value, minimum, maximum, fallback, name) {
    if (value === undefined) {
        return fallback;
    }

    value = +value;

    if (!(value >= minimum && value <= maximum)) {
        throw new RangeError(`${name} value is out of range.`);
    }

    return Math.floor(value);
}


function numberOption(options, name, minimum, maximum, fallback) {
    return toNumberOption(options[name], minimum, maximum, fallback, name);
}


const KEYWORD_TYPE = /^[A-Za-z\d]{3,8}(?:-[A-Za-z\d]{3,8})*$/;


/* An option that is the type of a keyword, in lower case. */

function typeOption(options, name) {
    let value = options[name];

    if (value === undefined) {
        return undefined;
    }

    value = `${value}`;

    if (!test(KEYWORD_TYPE, value)) {
        throw new RangeError(`Invalid ${name} : ${value}`);
    }

    return toLowerCase(value);
}


const MATCHERS = ["lookup", "best fit"];


function matcherOption(options, type) {
    return stringOption(options, "localeMatcher", MATCHERS, "best fit", type);
}


/*
 * The choice of a locale
 */

const available = create(null);


function isAvailable(tag, kind) {
    if (tag === "en-US" || tag === "en") {
        return true;
    }

    if (available[kind] === undefined) {
        const set = new Set();
        const list = native[kind]();

        for (let i = 0; i < list.length; i++) {
            if (list[i] !== undefined && list[i] !== "und") {
                setAdd(set, list[i]);

                const match = regExpExec(SCRIPT_BETWEEN, list[i]);

                if (match !== null) {
                    setAdd(set, match[1] + match[2]);
                }
            }
        }

        available[kind] = set;
    }

    return setHas(available[kind], tag);
}


/* "zh-TW" stands for "zh-Hant-TW". */
const SCRIPT_BETWEEN = /^([a-z]+)-[A-Z][a-z]{3}(-.*)$/;


/* BestAvailableLocale; undefined: there is none */

function bestAvailable(tag, kind) {
    for ( ;; ) {
        if (isAvailable(tag, kind)) {
            return tag;
        }

        const parts = split(tag, "-");
        let n = parts.length - 1;

        if (n > 1 && parts[n - 1].length === 1) {
            n--;
        }

        if (n <= 0) {
            return undefined;
        }

        tag = joinParts(parts, 0, n);
    }
}


/* A canonical tag without its "u" extension, and the extension's keywords. */

function splitTag(tag) {
    if (indexOf(tag, "-u-") < 0) {
        return { base: tag, keywords: [] };
    }

    const { keywords } = parseTag(tag);
    const parts = split(tag, "-");
    let base = "";
    let inside = false;

    for (let i = 0; i < parts.length; i++) {
        if (parts[i] === "x") {
            base += `-${joinParts(parts, i, parts.length)}`;
            break;
        }

        if (parts[i].length === 1) {
            inside = (parts[i] === "u");
        }

        if (!inside) {
            base += (i > 0) ? `-${parts[i]}` : parts[i];
        }
    }

    return { base, keywords };
}


/*
 * ResolveLocale (section 9.2.7).  keys names the keywords that matter, values
 * has what options say of them, and isValid(key, type, locale) knows what a
 * locale has.
 *
 * The result: locale, the tag; base, the tag without keywords; and values by
 * key, undefined being what the locale has by itself.  An option that is null
 * says that the tag's keyword does not count.
 */

function resolveLocale(kind, requested, keys, values, isValid) {
    let base = undefined;
    let keywords = [];

    for (let i = 0; i < requested.length; i++) {
        const tag = splitTag(requested[i]);

        base = bestAvailable(tag.base, kind);

        if (base !== undefined) {
            keywords = tag.keywords;
            break;
        }
    }

    if (base === undefined) {
        base = DEFAULT_LOCALE;
    }

    const result = { locale: base, base, values: create(null) };
    let extension = "";

    for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        let value = undefined;
        let text = "";

        for (let j = 0; j < keywords.length; j++) {
            if (keywords[j][0] !== key) {
                continue;
            }

            const type = canonicalType(key, keywords[j][1] || "true");

            if (isValid(key, type, base)) {
                value = type;
                text = (type === "true") ? `-${key}` : `-${key}-${type}`;
            }

            break;
        }

        if (values[key] === null) {
            value = undefined;
            text = "";

        } else if (values[key] !== undefined) {
            const option = canonicalType(key, values[key]);

            if (option !== value && isValid(key, option, base)) {
                value = option;
                text = "";
            }
        }

        result.values[key] = value;
        extension += text;
    }

    if (extension !== "") {
        result.locale = withExtension(base, extension);
    }

    return result;
}


function withExtension(tag, extension) {
    const at = indexOf(tag, "-x-");

    return (at < 0) ? `${tag}-u${extension}`
                    : `${slice(tag, 0, at)}-u${extension}${slice(tag, at)}`;
}


/* Names that UTS 35 has replaced by others. */

function canonicalType(key, type) {
    if (key === "ca") {
        switch (type) {
        case "gregorian":
            return "gregory";
        case "islamicc":
            return "islamic-civil";
        case "ethiopic-amete-alem":
            return "ethioaa";
        }
    }

    return type;
}


/* A tag for ICU: the locale's with the values of keywords. */

function tagWith(base, values) {
    const keys = arraySort(ownKeys(values));
    let extension = "";

    for (let i = 0; i < keys.length; i++) {
        const value = values[keys[i]];

        if (value !== undefined) {
            extension += `-${keys[i]}-${value}`;
        }
    }

    return (extension === "") ? base : withExtension(base, extension);
}


function supportedLocales(kind, locales, options, type) {
    const requested = canonicalizeLocaleList(locales);

    matcherOption(coerceOptions(options), `${type}.supportedLocalesOf`);

    const supported = [];

    for (let i = 0; i < requested.length; i++) {
        if (bestAvailable(splitTag(requested[i]).base, kind) !== undefined) {
            supported[supported.length] = requested[i];
        }
    }

    return supported;
}


const CALENDARS = [
    "buddhist", "chinese", "coptic", "dangi", "ethioaa", "ethiopic", "gregory",
    "hebrew", "indian", "islamic", "islamic-civil", "islamic-rgsa",
    "islamic-tbla", "islamic-umalqura", "iso8601", "japanese", "persian",
    "roc"
];


function isCalendar(value) {
    return includes(CALENDARS, value);
}


/*
 * Gives a constructor what all of Intl have: a tag, supportedLocalesOf(), if
 * there is a kind of locales, and a prototype that cannot be replaced.
 */

function defineClass(constructor, name, kind) {
    const type = `Intl.${name}`;

    defineProperty(constructor, "prototype", { writable: false });
    defineProperty(constructor.prototype, Symbol.toStringTag, {
        value: type, writable: false, enumerable: false, configurable: true
    });

    if (kind !== undefined) {
        const statics = {
            supportedLocalesOf(locales, options = undefined) {
                return supportedLocales(kind, locales, options, type);
            }
        };

        defineProperty(constructor, "supportedLocalesOf", {
            value: statics.supportedLocalesOf, writable: true,
            enumerable: false, configurable: true
        });
    }

    return constructor;
}


/*
 * The constructors that work without "new" are functions around a class;
 * called on an object that inherits the prototype they leave a formatter
 * in it (section 11.1.1).
 */

const fallback = Symbol("IntlLegacyConstructedSymbol");


function define(target, key, value) {
    defineProperty(target, key, {
        value, writable: true, enumerable: false, configurable: true
    });
}


function callable(name, inner, kind, legacy) {
    const outer = {
        [name]: function (locales = undefined, options = undefined) {
            if (new.target !== undefined) {
                return construct(inner, [locales, options], new.target);
            }

            const made = construct(inner, [locales, options], outer);

            if (legacy && isObject(this) && this instanceof outer) {
                defineProperty(this, fallback, { value: made });
                return this;
            }

            return made;
        }
    }[name];

    defineProperty(outer, "prototype", {
        value: inner.prototype, writable: false
    });
    define(inner.prototype, "constructor", outer);

    return defineClass(outer, name, kind);
}


/* The formatter that an object is, or has been left in it. */

function unwrap(object, constructor) {
    return isObject(object) && fallback in object
           && object instanceof constructor ? object[fallback] : object;
}


/*
 * Intl
 */

const Intl = {
    getCanonicalLocales(locales) {
        return canonicalizeLocaleList(locales);
    },

    supportedValuesOf(key) {
        key = `${key}`;

        switch (key) {

        case "calendar":
            return sorted(CALENDARS);

        case "collation":
            return sorted(native.allCollations(DEFAULT_LOCALE, undefined),
                          (value) => value !== "standard"
                                     && value !== "search");

        case "currency":
            return sorted(native.currencies(DEFAULT_LOCALE, undefined),
                          hasName);

        case "numberingSystem":
            return sorted(native.numberingSystems(DEFAULT_LOCALE, undefined),
                          native.isNumberingSystem);

        case "timeZone":
            return sorted(native.zones(DEFAULT_LOCALE, undefined));

        case "unit":
            return sorted(native.number().UNITS);

        default:
            throw new RangeError(`Invalid key : ${key}`);
        }
    },
};


/* Currencies that have no name any more are of the past. */

function hasName(currency) {
    const name = native.currencyName(DEFAULT_LOCALE, 1, currency);

    return name !== undefined && name !== currency;
}


function sorted(list, filter) {
    const values = [];

    for (let i = 0; i < list.length; i++) {
        if (filter === undefined || filter(list[i])) {
            values[values.length] = list[i];
        }
    }

    return arraySort(values);
}


/* A member of Intl is an accessor until it is first used, as a global is. */

function member(name, part) {
    const accessor = {
        get [name]() {
            const value = part()[name];

            define(Intl, name, value);
            return value;
        },

        set [name](value) {
            define(Intl, name, value);
        }
    };

    const { get, set } = getOwnPropertyDescriptor(accessor, name);

    defineProperty(Intl, name, {
        get, set, enumerable: false, configurable: true
    });
}


const members = [
    ["DateTimeFormat", native.date],
    ["NumberFormat", native.number],
    ["Collator", native.text],
    ["PluralRules", native.number],
    ["RelativeTimeFormat", native.number],
    ["ListFormat", native.text],
    ["Locale", native.locale],
    ["DisplayNames", native.locale],
    ["Segmenter", native.text],
    ["DurationFormat", native.duration],
];

defineProperty(Intl, Symbol.toStringTag, {
    value: "Intl", writable: false, enumerable: false, configurable: true
});

define(Intl, "getCanonicalLocales", Intl.getCanonicalLocales);
define(Intl, "supportedValuesOf", Intl.supportedValuesOf);

for (let i = 0; i < members.length; i++) {
    member(members[i][0], members[i][1]);
}


return {
    Intl,
    native,

    Cache,
    booleanOption,
    callable,
    canonicalTag,
    canonicalType,
    canonicalizeLocaleList,
    coerceOptions,
    defineClass,
    getOptions,
    includes,
    isCalendar,
    isObject,
    joinParts,
    matcherOption,
    numberOption,
    outOfRange,
    parseTag,
    resolveLocale,
    setTagOf,
    sorted,
    stringOption,
    tagWith,
    test,
    toNumberOption,
    typeOption,
    uncurry,
    unwrap,
};

}
