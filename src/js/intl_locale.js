/*
 * Copyright (C) the nginx-workers authors
 *
 * Intl.Locale and Intl.DisplayNames (ECMA-402, sections 15 and 12).
 *
 * The native half: the one that intl.js has.
 */

export default function defineIntlLocale(native) {

const { RangeError, String, TypeError } = globalThis;

const {
    canonicalTag, canonicalizeLocaleList, coerceOptions, defineClass, isObject,
    joinParts, matcherOption, parseTag, resolveLocale, setTagOf,
    sorted, stringOption, test, typeOption, uncurry,
} = native.intl();

const charAt = uncurry(String.prototype.charAt);
const slice = uncurry(String.prototype.slice);
const split = uncurry(String.prototype.split);
const toLowerCase = uncurry(String.prototype.toLowerCase);
const toUpperCase = uncurry(String.prototype.toUpperCase);

/* kinds of ngx_workers_icu_kind_e */
const PATTERNS = 0;
const NAMES = 8;

const INVALID_TAG = "Incorrect locale information provided";

const LANGUAGE = /^(?:[A-Za-z]{2,3}|[A-Za-z]{5,8})$/;
const SCRIPT = /^[A-Za-z]{4}$/;
const REGION = /^(?:[A-Za-z]{2}|\d{3})$/;
const VARIANTS = /^(?:-(?:[A-Za-z\d]{5,8}|\d[A-Za-z\d]{3}))+$/;


function title(script) {
    return toUpperCase(charAt(script, 0)) + toLowerCase(slice(script, 1));
}


/*
 * Locale
 */

const LOCALE = "Intl.Locale";

const HOUR_CYCLES = ["h11", "h12", "h23", "h24"];
const CASE_FIRSTS = ["upper", "lower", "false"];

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];


function subtagOption(options, name, pattern) {
    const value = stringOption(options, name, undefined, undefined, LOCALE);

    if (value !== undefined && !test(pattern, value)) {
        throw new RangeError(INVALID_TAG);
    }

    return value;
}


function parse(tag) {
    const id = parseTag(tag);

    if (id === null) {
        throw new RangeError(INVALID_TAG);
    }

    return id;
}


/* UpdateLanguageId (section 15.1.2) of a canonical tag */

function updateLanguage(id, options) {
    const language = subtagOption(options, "language", LANGUAGE);
    const script = subtagOption(options, "script", SCRIPT);
    const region = subtagOption(options, "region", REGION);
    const variants = stringOption(options, "variants", undefined, undefined,
                                  LOCALE);

    if (variants !== undefined && !test(VARIANTS, `-${variants}`)) {
        throw new RangeError(INVALID_TAG);
    }

    let base = language ?? id.language;

    if ((script ?? id.script) !== undefined) {
        base += `-${script ?? id.script}`;
    }

    if ((region ?? id.region) !== undefined) {
        base += `-${region ?? id.region}`;
    }

    const last = (variants !== undefined) ? variants
                 : joinParts(id.variants, 0, id.variants.length);

    return (last !== "") ? `${base}-${last}` : base;
}


function weekdayOption(options) {
    const value = stringOption(options, "firstDayOfWeek", undefined, undefined,
                               LOCALE);

    if (value === undefined) {
        return undefined;
    }

    if (test(/^[0-7]$/, value)) {
        return WEEKDAYS[value];
    }

    if (!test(/^[A-Za-z\d]{3,8}(?:-[A-Za-z\d]{3,8})*$/, value)) {
        throw new RangeError(INVALID_TAG);
    }

    return value;
}


function tagFor(value, options) {
    if (parseTag(value) === null) {
        throw new RangeError(INVALID_TAG);
    }

    const id = parse(canonicalTag(value));
    const base = updateLanguage(id, options);

    const calendar = typeOption(options, "calendar");
    const collation = typeOption(options, "collation");
    const firstDayOfWeek = weekdayOption(options);
    const hourCycle = stringOption(options, "hourCycle", HOUR_CYCLES,
                                   undefined, LOCALE);
    const caseFirst = stringOption(options, "caseFirst", CASE_FIRSTS,
                                   undefined, LOCALE);
    const numeric = options.numeric;
    const numberingSystem = typeOption(options, "numberingSystem");

    const keywords = {
        __proto__: null,
        ca: calendar,
        co: collation,
        fw: firstDayOfWeek,
        hc: hourCycle,
        kf: caseFirst,
        kn: (numeric === undefined) ? undefined : numeric ? "true" : "false",
        nu: numberingSystem,
    };

    let extension = "";

    for (let i = 0; i < id.attributes.length; i++) {
        extension += `-${id.attributes[i]}`;
    }

    for (const key in keywords) {
        if (keywords[key] !== undefined) {
            extension += `-${key}-${keywords[key]}`;
        }
    }

    for (let i = 0; i < id.keywords.length; i++) {
        const key = id.keywords[i][0];

        if (keywords[key] === undefined) {
            extension += (id.keywords[i][1] === "") ? `-${key}`
                         : `-${key}-${id.keywords[i][1]}`;
        }
    }

    let tag = base;
    let last = "";

    for (let i = 0; i < id.extensions.length; i++) {
        if (charAt(id.extensions[i], 0) === "x") {
            last = `-${id.extensions[i]}`;

        } else {
            tag += `-${id.extensions[i]}`;
        }
    }

    if (extension !== "") {
        tag += `-u${extension}`;
    }

    if (parseTag(tag + last) === null) {
        throw new RangeError(INVALID_TAG);
    }

    return canonicalTag(tag + last);
}


class Locale {
    #tag;
    #parsed;

    static {
        setTagOf((value) => isObject(value) && #tag in value ? value.#tag
                                                             : undefined);
    }

    constructor(tag, options = undefined) {
        if (typeof tag !== "string" && !isObject(tag)) {
            throw new TypeError("First argument to Intl.Locale constructor "
                                + "can't be empty or missing");
        }

        const value = isObject(tag) && #tag in tag ? tag.#tag : `${tag}`;

        this.#tag = tagFor(value, coerceOptions(options));
    }

    get #id() {
        return this.#parsed ??= parse(this.#tag);
    }

    #keyword(key) {
        const { keywords } = this.#id;

        for (let i = 0; i < keywords.length; i++) {
            if (keywords[i][0] === key) {
                return keywords[i][1];
            }
        }

        return undefined;
    }

    get #baseTag() {
        const parts = split(this.#tag, "-");
        let n = 0;

        while (n < parts.length && parts[n].length > 1) {
            n++;
        }

        return joinParts(parts, 0, n);
    }

    toString() {
        return this.#tag;
    }

    maximize() {
        return new Locale(native.maximize(this.#tag) ?? this.#tag);
    }

    minimize() {
        return new Locale(native.minimize(this.#tag) ?? this.#tag);
    }

    get language() {
        return this.#id.language;
    }

    get script() {
        const { script } = this.#id;

        return (script !== undefined) ? title(script) : undefined;
    }

    get region() {
        const { region } = this.#id;

        return (region !== undefined) ? toUpperCase(region) : undefined;
    }

    get baseName() {
        return this.#baseTag;
    }

    get calendar() {
        return this.#keyword("ca");
    }

    get caseFirst() {
        return this.#keyword("kf");
    }

    get collation() {
        return this.#keyword("co");
    }

    get firstDayOfWeek() {
        return this.#keyword("fw");
    }

    get hourCycle() {
        return this.#keyword("hc");
    }

    get numeric() {
        const value = this.#keyword("kn");

        return value === "" || value === "true";
    }

    get numberingSystem() {
        return this.#keyword("nu");
    }

    getCalendars() {
        const own = this.#keyword("ca");

        return (own !== undefined) ? [own]
               : native.calendars(this.#baseTag, undefined);
    }

    getCollations() {
        const own = this.#keyword("co");

        return (own !== undefined) ? [own]
               : sorted(native.localeCollations(this.#baseTag, undefined),
                        (value) => value !== "standard" && value !== "search");
    }

    getHourCycles() {
        return [this.#keyword("hc")
                ?? HOUR_CYCLES[native.hourCycle(native.open(PATTERNS,
                                                           this.#baseTag))]];
    }

    getNumberingSystems() {
        return [this.#keyword("nu") ?? native.numberingSystem(this.#baseTag)];
    }

    getTimeZones() {
        const { region } = this.#id;

        return (region === undefined) ? undefined
               : sorted(native.zones(this.#baseTag, toUpperCase(region)));
    }

    getTextInfo() {
        return {
            direction: native.isRightToLeft(this.#baseTag) ? "rtl" : "ltr",
        };
    }

    getWeekInfo() {
        const days = native.week(this.#baseTag);
        const own = this.#keyword("fw");
        const info = { firstDay: days[0], weekend: [] };

        for (let i = 1; i < days.length; i++) {
            info.weekend[i - 1] = days[i];
        }

        for (let i = 1; own !== undefined && i <= 7; i++) {
            if (WEEKDAYS[i] === own) {
                info.firstDay = i;
            }
        }

        return info;
    }

    get variants() {
        const { variants } = this.#id;

        return (variants.length !== 0)
               ? joinParts(variants, 0, variants.length) : undefined;
    }
}

defineClass(Locale, "Locale");


/*
 * DisplayNames
 */

const DISPLAY_NAMES = "Intl.DisplayNames";

const STYLES = ["narrow", "short", "long"];
const TYPES = ["language", "region", "script", "currency", "calendar",
               "dateTimeField"];
const FALLBACKS = ["code", "none"];
const LANGUAGE_DISPLAYS = ["dialect", "standard"];

/* what native.name() knows */
const LANGUAGE_NAME = 0;
const REGION_NAME = 1;
const SCRIPT_NAME = 2;
const CALENDAR_NAME = 3;

/* UDisplayContext */
const STANDARD_NAMES = 0;
const DIALECT_NAMES = 1;
const LENGTH_FULL = 512;
const LENGTH_SHORT = 513;

/* UCurrNameStyle */
const CURRENCY_STYLES = { short: 0, long: 1, narrow: 3 };

/* UDateTimePatternField, UDateTimePGDisplayWidth */
const DATE_TIME_FIELDS = {
    __proto__: null, era: 0, year: 1, quarter: 2, month: 3, weekOfYear: 4,
    weekday: 6, day: 9, dayPeriod: 10, hour: 11, minute: 12, second: 13,
    timeZoneName: 15,
};
const DATE_TIME_WIDTHS = { long: 0, short: 1, narrow: 2 };


function invalid() {
    return new RangeError("invalid_argument");
}


/* CanonicalCodeForDisplayNames (section 12.5.1) */

function canonicalCode(type, code) {
    switch (type) {

    case "language": {
        const id = parseTag(code);

        if (id === null || id.base.length !== code.length) {
            throw invalid();
        }

        return canonicalTag(code);
    }

    case "region":
        if (!test(REGION, code)) {
            throw invalid();
        }

        return toUpperCase(code);

    case "script":
        if (!test(SCRIPT, code)) {
            throw invalid();
        }

        return title(code);

    case "currency":
        if (!test(/^[A-Za-z]{3}$/, code)) {
            throw invalid();
        }

        return toUpperCase(code);

    case "calendar":
        if (!test(/^[A-Za-z\d]{3,8}(?:-[A-Za-z\d]{3,8})*$/, code)) {
            throw invalid();
        }

        return toLowerCase(code);

    default:
        if (DATE_TIME_FIELDS[code] === undefined) {
            throw invalid();
        }

        return code;
    }
}


function nameOf(names, code) {
    switch (names.type) {
    case "language":
        return native.name(names.names, LANGUAGE_NAME, code);
    case "region":
        return native.name(names.names, REGION_NAME, code);
    case "script":
        return native.name(names.names, SCRIPT_NAME, code);
    case "currency":
        return native.currencyName(names.base, CURRENCY_STYLES[names.style],
                                   code);
    case "calendar":
        return native.name(names.names, CALENDAR_NAME,
                           code === "gregory" ? "gregorian" : code);
    default:
        return native.fieldName(native.open(PATTERNS, names.base),
                                DATE_TIME_FIELDS[code],
                                DATE_TIME_WIDTHS[names.style]);
    }
}


class DisplayNames {
    #names;

    constructor(locales, options) {
        const requested = canonicalizeLocaleList(locales);

        if (!isObject(options)) {
            throw new TypeError("invalid_argument");
        }

        matcherOption(options, DISPLAY_NAMES);

        const style = stringOption(options, "style", STYLES, "long",
                                   DISPLAY_NAMES);
        const type = stringOption(options, "type", TYPES, undefined,
                                  DISPLAY_NAMES);

        if (type === undefined) {
            throw new TypeError("invalid_argument");
        }

        const fallback = stringOption(options, "fallback", FALLBACKS, "code",
                                      DISPLAY_NAMES);
        const { locale, base } = resolveLocale("locales", requested, [], {});
        const languageDisplay = stringOption(options, "languageDisplay",
                                             LANGUAGE_DISPLAYS, "dialect",
                                             DISPLAY_NAMES);

        this.#names = {
            locale,
            base,
            style,
            type,
            fallback,
            languageDisplay: (type === "language") ? languageDisplay
                                                   : undefined,
            names: native.open(NAMES, base,
                               (languageDisplay === "dialect")
                               ? DIALECT_NAMES : STANDARD_NAMES,
                               (style === "long") ? LENGTH_FULL
                                                  : LENGTH_SHORT),
        };
    }

    resolvedOptions() {
        const names = this.#names;
        const options = {
            locale: names.locale,
            style: names.style,
            type: names.type,
            fallback: names.fallback,
        };

        if (names.languageDisplay !== undefined) {
            options.languageDisplay = names.languageDisplay;
        }

        return options;
    }

    of(code) {
        const names = this.#names;

        code = canonicalCode(names.type, `${code}`);

        return nameOf(names, code)
               ?? (names.fallback === "code" ? code : undefined);
    }
}

defineClass(DisplayNames, "DisplayNames", "locales");


return {
    DisplayNames,
    Locale,
};

}
