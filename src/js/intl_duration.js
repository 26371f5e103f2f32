/*
 * Copyright (C) the nginx-workers authors
 *
 * Intl.DurationFormat (ECMA-402, section 13), of numbers and a list.
 *
 * The native half: the one that intl.js has.
 */

export default function defineIntlDuration(native) {

const { BigInt, Math, Number, RangeError, String, TypeError } = globalThis;

const {
    canonicalizeLocaleList, defineClass, getOptions, isObject, matcherOption,
    numberOption, outOfRange, resolveLocale, stringOption, typeOption, uncurry,
} = native.intl();

const { NumberFormat } = native.number();

const padStart = uncurry(String.prototype.padStart);
const slice = uncurry(String.prototype.slice);
const { abs } = Math;
const { MAX_SAFE_INTEGER } = Number;

const TYPE = "Intl.DurationFormat";

/* kinds of ngx_workers_icu_kind_e */
const PATTERNS = 0;
const LIST = 7;

/* UListFormatterType */
const UNITS_LIST = 2;

const STYLES = ["long", "short", "narrow", "digital"];
const TEXT = ["long", "short", "narrow"];
const NUMERIC = ["long", "short", "narrow", "numeric"];
const CLOCK = ["long", "short", "narrow", "numeric", "2-digit"];
const DISPLAYS = ["auto", "always"];

/* A unit, its styles, and the one that it has in the style "digital". */
const UNITS = [
    ["years", TEXT, "short"],
    ["months", TEXT, "short"],
    ["weeks", TEXT, "short"],
    ["days", TEXT, "short"],
    ["hours", CLOCK, "numeric"],
    ["minutes", CLOCK, "2-digit"],
    ["seconds", CLOCK, "2-digit"],
    ["milliseconds", NUMERIC, "numeric"],
    ["microseconds", NUMERIC, "numeric"],
    ["nanoseconds", NUMERIC, "numeric"],
];

/* indexes in UNITS */
const HOURS = 4;
const MINUTES = 5;
const SECONDS = 6;

/* the order in which a duration's properties are read */
const PROPERTIES = ["days", "hours", "microseconds", "milliseconds", "minutes",
                    "months", "nanoseconds", "seconds", "weeks", "years"];


function isNumeric(style) {
    return style === "numeric" || style === "2-digit"
           || style === "fractional";
}


/* GetDurationUnitOptions (section 13.5.6): [style, display] */

function unitOptions(options, index, base, previous) {
    const name = UNITS[index][0];
    let style = stringOption(options, name, UNITS[index][1], undefined, TYPE);
    let fallback = "always";

    if (style === undefined) {

        if (base === "digital") {
            style = UNITS[index][2];

            if (index < HOURS || index > SECONDS) {
                fallback = "auto";
            }

        } else if (isNumeric(previous)) {
            style = "numeric";

            if (index !== MINUTES && index !== SECONDS) {
                fallback = "auto";
            }

        } else {
            style = base;
            fallback = "auto";
        }
    }

    if (style === "numeric" && index > SECONDS) {
        style = "fractional";
        fallback = "auto";
    }

    const display = stringOption(options, `${name}Display`, DISPLAYS, fallback,
                                 TYPE);

    if ((display === "always" && style === "fractional")
        || (previous === "fractional" && style !== "fractional")
        || (isNumeric(previous) && !isNumeric(style)))
    {
        throw outOfRange(style, TYPE, name);
    }

    if (isNumeric(previous) && style === "numeric"
        && (index === MINUTES || index === SECONDS))
    {
        style = "2-digit";
    }

    return [style, display];
}


/* ToDurationRecord (section 13.5.2), as an array in the order of UNITS */

function toDuration(value) {
    if (!isObject(value)) {
        if (typeof value === "string") {
            throw new RangeError(`Invalid object : ${value}`);
        }

        throw new TypeError(`Invalid object : ${String(value)}`);
    }

    const record = { __proto__: null };
    let any = false;

    for (let i = 0; i < PROPERTIES.length; i++) {
        const name = PROPERTIES[i];
        let field = value[name];

        if (field !== undefined) {
            field = +field;
            any = true;

            if (field - field !== 0 || field % 1 !== 0) {
                throw new RangeError("Number not integral.");
            }
        }

        record[name] = (field ?? 0) + 0;
    }

    if (!any) {
        throw new TypeError("Duration argument must contain at least one "
                            + "date/time field.");
    }

    const duration = [];

    for (let i = 0; i < UNITS.length; i++) {
        duration[i] = record[UNITS[i][0]];
    }

    if (!isValid(duration)) {
        throw new RangeError("Invalid object : duration");
    }

    return duration;
}


function signOf(duration) {
    for (let i = 0; i < duration.length; i++) {
        if (duration[i] !== 0) {
            return (duration[i] < 0) ? -1 : 1;
        }
    }

    return 0;
}


function isValid(duration) {
    const sign = signOf(duration);

    for (let i = 0; i < duration.length; i++) {
        if (duration[i] * sign < 0) {
            return false;
        }

        if (i < 3 && abs(duration[i]) >= 2 ** 32) {
            return false;
        }
    }

    const seconds = nanoseconds(duration, 3) / 1_000_000_000n;

    return (seconds < 0n ? -seconds : seconds) <= BigInt(MAX_SAFE_INTEGER);
}


/* What is from days or a smaller unit on, in nanoseconds. */

const IN_NANOSECONDS = [0n, 0n, 0n, 86_400_000_000_000n, 3_600_000_000_000n,
                        60_000_000_000n, 1_000_000_000n, 1_000_000n, 1_000n,
                        1n];


function nanoseconds(duration, from) {
    let sum = 0n;

    for (let i = from; i < duration.length; i++) {
        sum += BigInt(duration[i]) * IN_NANOSECONDS[i];
    }

    return sum;
}


/* A unit with the smaller ones as its fraction, as a decimal. */

function fractional(duration, index) {
    const places = 3 * (9 - index);
    const sum = nanoseconds(duration, index);
    const text = padStart(`${sum < 0n ? -sum : sum}`, places + 1, "0");

    return `${sum < 0n ? "-" : ""}${slice(text, 0, -places)}.`
           + slice(text, -places);
}


function numberOptions(format, index, style) {
    const options = { __proto__: null, numberingSystem: format.values.nu };

    if (style === "2-digit") {
        options.minimumIntegerDigits = 2;
    }

    if (style === "2-digit" || style === "numeric") {
        options.useGrouping = false;

    } else {
        options.style = "unit";
        options.unit = slice(UNITS[index][0], 0, -1);
        options.unitDisplay = style;
    }

    return options;
}


/* What is between hours and minutes of the locale */

function separatorOf(format) {
    const pattern = native.bestPattern(native.open(PATTERNS, format.base),
                                       "ms");
    let from = 0;

    while (from < pattern.length && pattern[from] === "m") {
        from++;
    }

    let to = from;

    while (to < pattern.length && pattern[to] !== "s") {
        to++;
    }

    return (from > 0 && to > from) ? slice(pattern, from, to) : ":";
}


/* PartitionDurationFormatPattern (section 13.5.11): a list of lists of parts */

function partition(format, duration) {
    const result = [];
    const sign = signOf(duration);
    let showsSign = true;
    let separated = false;

    for (let i = 0; i < UNITS.length; i++) {
        const style = format.units[i][0];
        const display = format.units[i][1];
        const options = numberOptions(format, i, style);
        const ends = (i >= SECONDS && i < UNITS.length - 1
                      && format.units[i + 1][0] === "fractional");
        let value = duration[i];
        let isZero = (value === 0);

        if (ends) {
            value = fractional(duration, i);
            isZero = (nanoseconds(duration, i) === 0n);
            options.maximumFractionDigits = format.fractionalDigits ?? 9;
            options.minimumFractionDigits = format.fractionalDigits ?? 0;
            options.roundingMode = "trunc";
        }

        const required = (i === MINUTES && separated
                          && (format.units[SECONDS][1] === "always"
                              || nanoseconds(duration, SECONDS) !== 0n));

        if (!isZero || display !== "auto" || required) {

            if (showsSign) {
                showsSign = false;

                if (isZero && sign < 0) {
                    value = -0;
                }

            } else {
                options.signDisplay = "never";
            }

            const parts = new NumberFormat(format.locale, options)
                          .formatToParts(value);
            let list;

            if (separated) {
                list = result[result.length - 1];
                list[list.length] = {
                    type: "literal", value: separatorOf(format)
                };

            } else {
                list = result[result.length] = [];
            }

            for (let j = 0; j < parts.length; j++) {
                list[list.length] = {
                    type: parts[j].type,
                    value: parts[j].value,
                    unit: slice(UNITS[i][0], 0, -1),
                };
            }

            if (style === "numeric" || style === "2-digit") {
                separated = true;
            }
        }

        if (ends) {
            break;
        }
    }

    return result;
}


/* The parts as one list, joined as the locale joins units. */

function join(format, lists) {
    const strings = [];

    for (let i = 0; i < lists.length; i++) {
        let text = "";

        for (let j = 0; j < lists[i].length; j++) {
            text += lists[i][j].value;
        }

        strings[i] = text;
    }

    if (strings.length === 0) {
        return [];
    }

    const joined = native.listPartsOf(format.list, strings);
    const parts = [];
    let next = 0;

    for (let i = 0; i < joined.length; i += 2) {

        if (joined[i] !== 1) {
            parts[parts.length] = { type: "literal", value: joined[i + 1] };
            continue;
        }

        const list = lists[next++];

        for (let j = 0; j < list.length; j++) {
            parts[parts.length] = list[j];
        }
    }

    return parts;
}


function isNumberingSystem(key, type) {
    return native.isNumberingSystem(type);
}


class DurationFormat {
    #format;

    constructor(locales = undefined, options = undefined) {
        const requested = canonicalizeLocaleList(locales);

        options = getOptions(options);

        matcherOption(options, TYPE);

        const numberingSystem = typeOption(options, "numberingSystem");
        const { locale, base, values } = resolveLocale("locales", requested,
                                                       ["nu"],
                                                       { nu: numberingSystem },
                                                       isNumberingSystem);
        const style = stringOption(options, "style", STYLES, "short", TYPE);
        const units = [];

        for (let i = 0; i < UNITS.length; i++) {
            units[i] = unitOptions(options, i, style,
                                   (i > HOURS) ? units[i - 1][0] : "");
        }

        const width = (style === "digital") ? "short" : style;
        let index = 0;

        while (STYLES[index] !== width) {
            index++;
        }

        this.#format = {
            locale,
            base,
            values,
            style,
            units,
            fractionalDigits: numberOption(options, "fractionalDigits", 0, 9,
                                           undefined),
            list: native.open(LIST, base, UNITS_LIST, index),
        };
    }

    resolvedOptions() {
        const format = this.#format;
        const options = {
            locale: format.locale,
            numberingSystem: format.values.nu
                             ?? native.numberingSystem(format.base),
            style: format.style,
        };

        for (let i = 0; i < UNITS.length; i++) {
            const style = format.units[i][0];

            options[UNITS[i][0]] = (style === "fractional") ? "numeric"
                                                            : style;
            options[`${UNITS[i][0]}Display`] = format.units[i][1];
        }

        if (format.fractionalDigits !== undefined) {
            options.fractionalDigits = format.fractionalDigits;
        }

        return options;
    }

    format(duration) {
        const format = this.#format;
        const parts = join(format, partition(format, toDuration(duration)));
        let text = "";

        for (let i = 0; i < parts.length; i++) {
            text += parts[i].value;
        }

        return text;
    }

    formatToParts(duration) {
        const format = this.#format;

        return join(format, partition(format, toDuration(duration)));
    }
}

defineClass(DurationFormat, "DurationFormat", "locales");


return { DurationFormat };

}
