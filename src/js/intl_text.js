/*
 * Copyright (C) the nginx-workers authors
 *
 * Intl.Collator, ListFormat and Segmenter (ECMA-402, sections 10, 14 and 19),
 * and the methods of String that heed a locale.
 *
 * The native half: the one that intl.js has.
 */

export default function defineIntlText(native) {

const { Object, Reflect, String, Symbol, TypeError } = globalThis;

const {
    Cache, booleanOption, callable, canonicalizeLocaleList, coerceOptions,
    defineClass, getOptions, includes, isObject, matcherOption, resolveLocale,
    stringOption, tagWith, test, typeOption, uncurry,
} = native.intl();

const { defineProperty, getPrototypeOf, setPrototypeOf } = Object;
const { deleteProperty } = Reflect;

const charAt = uncurry(String.prototype.charAt);
const normalize = uncurry(String.prototype.normalize);
const replace = uncurry(String.prototype.replace);
const slice = uncurry(String.prototype.slice);
const stringToLowerCase = uncurry(String.prototype.toLowerCase);
const stringToUpperCase = uncurry(String.prototype.toUpperCase);

/* kinds of ngx_workers_icu_kind_e */
const LIST = 7;
const COLLATOR = 9;
const BREAKS = 10;


function indexIn(list, value) {
    let i = 0;

    while (list[i] !== value) {
        i++;
    }

    return i;
}


/*
 * Collator
 */

const COLLATOR_TYPE = "Intl.Collator";

const USAGES = ["sort", "search"];
const SENSITIVITIES = ["base", "accent", "case", "variant"];
const CASE_FIRSTS = ["false", "lower", "upper"];


function isCollation(key, type, locale) {
    switch (key) {

    case "kn":
        return type === "true" || type === "false";

    case "kf":
        return includes(CASE_FIRSTS, type);

    default:
        return type !== "standard" && type !== "search"
               && includes(native.localeCollations(locale, undefined), type);
    }
}


/*
 * Collators of the same locales and options are one: a comparison in a sort
 * makes one each time.
 */

const collators = new Cache();


/* InitializeCollator (section 10.1.2) */

function createCollator(locales, options) {
    const requested = canonicalizeLocaleList(locales);

    options = coerceOptions(options);

    const usage = stringOption(options, "usage", USAGES, "sort",
                               COLLATOR_TYPE);

    matcherOption(options, COLLATOR_TYPE);

    const collation = typeOption(options, "collation");
    const numeric = booleanOption(options, "numeric");
    const caseFirst = stringOption(options, "caseFirst", CASE_FIRSTS,
                                   undefined, COLLATOR_TYPE);
    const sensitivity = stringOption(options, "sensitivity", SENSITIVITIES,
                                     "variant", COLLATOR_TYPE);
    const ignorePunctuation = booleanOption(options, "ignorePunctuation");

    let key = `${usage} ${collation} ${numeric} ${caseFirst} ${sensitivity} `
              + ignorePunctuation;

    for (let i = 0; i < requested.length; i++) {
        key += ` ${requested[i]}`;
    }

    return collators.get(key)
           ?? collators.set(key, openCollator(requested, usage, collation,
                                              numeric, caseFirst, sensitivity,
                                              ignorePunctuation));
}


function openCollator(requested, usage, collation, numeric, caseFirst,
                      sensitivity, ignorePunctuation)
{
    const { locale, base, values } = resolveLocale("collationLocales",
        requested, ["co", "kf", "kn"],
        { co: collation, kf: caseFirst,
          kn: (numeric === undefined) ? undefined : `${numeric}` },
        isCollation);

    const flags = `${indexIn(SENSITIVITIES, sensitivity)}`
        + (values.kn === undefined ? "-" : values.kn === "true" ? "1" : "0")
        + (values.kf === undefined ? "-" : indexIn(CASE_FIRSTS, values.kf))
        + (ignorePunctuation === undefined ? "-" : +ignorePunctuation);

    const tag = tagWith(base, { co: usage === "search" ? usage : values.co });

    return {
        locale: (collation === undefined) ? locale
                : withCollation(locale, values.co),
        base,
        usage,
        sensitivity,
        collation: (usage === "search") ? "default" : values.co,
        collator: native.open(COLLATOR, tag, flags),
    };
}


function ownCollation(base) {
    const own = native.collations(base, undefined)[0];

    return (own === undefined || own === "standard") ? "default" : own;
}


/* As in V8, a collation that an option named is part of the locale. */

function withCollation(locale, collation) {
    if (collation === undefined || test(/-u-co-/, locale)) {
        return locale;
    }

    return test(/-u-/, locale) ? replace(locale, "-u-", `-u-co-${collation}-`)
                               : tagWith(locale, { co: collation });
}


function boundCompare(collator) {
    return (x, y) => native.compare(collator.collator, `${x}`, `${y}`);
}


let receiver;


class CollatorClass {
    #collator;
    #bound;

    static {
        receiver = (value) => {
            if (!isObject(value) || !(#collator in value)) {
                throw new TypeError("Method called on incompatible receiver");
            }

            return value;
        };
    }

    constructor(locales, options) {
        this.#collator = createCollator(locales, options);
    }

    resolvedOptions() {
        const collator = receiver(this).#collator;
        const flags = native.collatorFlags(collator.collator);

        collator.collation ??= ownCollation(collator.base);

        return {
            locale: collator.locale,
            usage: collator.usage,
            sensitivity: collator.sensitivity,
            ignorePunctuation: charAt(flags, 2) === "1",
            collation: collator.collation,
            numeric: charAt(flags, 0) === "1",
            caseFirst: CASE_FIRSTS[charAt(flags, 1)],
        };
    }

    get compare() {
        const self = receiver(this);

        return self.#bound ??= boundCompare(self.#collator);
    }
}


const Collator = callable("Collator", CollatorClass, "collationLocales",
                          false);


/*
 * ListFormat
 */

const LIST_FORMAT = "Intl.ListFormat";

const LIST_TYPES = ["conjunction", "disjunction", "unit"];
const LIST_STYLES = ["long", "short", "narrow"];


function stringList(iterable) {
    const list = [];

    if (iterable === undefined) {
        return list;
    }

    for (const item of iterable) {
        if (typeof item !== "string") {
            throw new TypeError(`Iterable yielded ${String(item)} which is `
                                + "not a string");
        }

        list[list.length] = item;
    }

    return list;
}


class ListFormat {
    #format;

    constructor(locales = undefined, options = undefined) {
        const requested = canonicalizeLocaleList(locales);

        options = getOptions(options);

        matcherOption(options, LIST_FORMAT);

        const { locale, base } = resolveLocale("locales", requested, [], {});
        const type = stringOption(options, "type", LIST_TYPES, "conjunction",
                                  LIST_FORMAT);
        const style = stringOption(options, "style", LIST_STYLES, "long",
                                   LIST_FORMAT);

        this.#format = {
            locale,
            type,
            style,
            list: native.open(LIST, base, indexIn(LIST_TYPES, type),
                              indexIn(LIST_STYLES, style)),
        };
    }

    resolvedOptions() {
        const { locale, type, style } = this.#format;

        return { locale, type, style };
    }

    format(list) {
        const { list: handle } = this.#format;
        const strings = stringList(list);

        return (strings.length === 0) ? "" : native.formatList(handle, strings);
    }

    formatToParts(list) {
        const { list: handle } = this.#format;
        const strings = stringList(list);
        const found = (strings.length === 0) ? []
                      : native.listPartsOf(handle, strings);
        const parts = [];

        for (let i = 0; i < found.length; i += 2) {
            parts[parts.length] = {
                type: (found[i] === 1) ? "element" : "literal",
                value: found[i + 1],
            };
        }

        return parts;
    }
}

defineClass(ListFormat, "ListFormat", "locales");


/*
 * Segmenter
 */

const SEGMENTER = "Intl.Segmenter";

const GRANULARITIES = ["grapheme", "word", "sentence"];
const BREAK_TYPES = { grapheme: 0, word: 1, sentence: 3 };
                                                   /* UBreakIteratorType */

const WORD_LIKE = 100;                             /* UBRK_WORD_NUMBER */


/* CreateSegmentDataObject of what native.segment() gave */

function segmentData(segments, found) {
    const data = {
        segment: slice(segments.input, found[0], found[1]),
        index: found[0],
        input: segments.input,
    };

    if (segments.words) {
        data.isWordLike = (found[2] >= WORD_LIKE);
    }

    return data;
}


class SegmentIterator {
    #segments;
    #at = 0;

    constructor(segments) {
        this.#segments = segments;
    }

    next() {
        const segments = this.#segments;
        const found = native.segment(segments.handle, this.#at);

        if (found === undefined) {
            return { value: undefined, done: true };
        }

        this.#at = found[1];

        return { value: segmentData(segments, found), done: false };
    }
}


class Segments {
    #segments;

    constructor(segments) {
        this.#segments = segments;
    }

    containing(index) {
        const segments = this.#segments;

        index = +index;
        index = (index !== index) ? 0 : index;

        if (!(index > -1 && index < segments.input.length)) {
            return undefined;
        }

        const found = native.segment(segments.handle, index - index % 1);

        return (found !== undefined) ? segmentData(segments, found)
                                     : undefined;
    }

    [Symbol.iterator]() {
        const { input, words, breaks } = this.#segments;

        return new SegmentIterator({
            input, words, handle: native.segments(breaks, input, words)
        });
    }
}

deleteProperty(SegmentIterator.prototype, "constructor");
deleteProperty(Segments.prototype, "constructor");

setPrototypeOf(SegmentIterator.prototype,
               getPrototypeOf(getPrototypeOf([][Symbol.iterator]())));

defineProperty(SegmentIterator.prototype, Symbol.toStringTag, {
    value: "Segmenter String Iterator", configurable: true
});


class Segmenter {
    #segmenter;

    constructor(locales = undefined, options = undefined) {
        const requested = canonicalizeLocaleList(locales);

        options = getOptions(options);

        matcherOption(options, SEGMENTER);

        const { locale, base } = resolveLocale("locales", requested, [], {});
        const granularity = stringOption(options, "granularity", GRANULARITIES,
                                         "grapheme", SEGMENTER);

        this.#segmenter = {
            locale,
            granularity,
            breaks: native.open(BREAKS, base, BREAK_TYPES[granularity]),
        };
    }

    resolvedOptions() {
        const { locale, granularity } = this.#segmenter;

        return { locale, granularity };
    }

    segment(input) {
        const { granularity, breaks } = this.#segmenter;

        input = `${input}`;

        const words = (granularity === "word");

        return new Segments({
            input, breaks, words,
            handle: native.segments(breaks, input, words),
        });
    }
}

defineClass(Segmenter, "Segmenter", "locales");


/*
 * String.prototype
 */

const byLocale = new Cache();


function collatorOf(locales, options) {
    if (options !== undefined
        || (locales !== undefined && typeof locales !== "string"))
    {
        return createCollator(locales, options);
    }

    return byLocale.get(locales)
           ?? byLocale.set(locales, createCollator(locales, undefined));
}


function thisString(value, method) {
    if (value === undefined || value === null) {
        throw new TypeError(`String.prototype.${method} called on null or `
                            + "undefined");
    }

    return `${value}`;
}


/* Languages whose case is not that of all others */
const CASES = /^(?:az|el|lt|tr)$/;


function languageOf(locales) {
    if (locales === undefined || !native.available()) {
        return undefined;
    }

    const tag = canonicalizeLocaleList(locales)[0];

    if (tag === undefined) {
        return undefined;
    }

    const language = test(/^[a-z]{2}(?:-|$)/, tag) ? slice(tag, 0, 2) : "";

    return test(CASES, language) ? language : undefined;
}


return {
    Collator,
    ListFormat,
    Segmenter,

    localeCompare(that, locales, options) {
        const one = thisString(this, "localeCompare");
        const two = `${that}`;

        if (!native.available()) {
            const first = normalize(one), second = normalize(two);

            return first < second ? -1 : first > second ? 1 : 0;
        }

        return native.compare(collatorOf(locales, options).collator, one, two);
    },

    toLocaleLowerCase(locales) {
        const text = thisString(this, "toLocaleLowerCase");
        const language = languageOf(locales);

        return (language === undefined) ? stringToLowerCase(text)
                                        : native.toLower(text, language);
    },

    toLocaleUpperCase(locales) {
        const text = thisString(this, "toLocaleUpperCase");
        const language = languageOf(locales);

        return (language === undefined) ? stringToUpperCase(text)
                                        : native.toUpper(text, language);
    },
};

}
