/*
 * Copyright (C) the nginx-workers authors
 *
 * Intl.NumberFormat, PluralRules and RelativeTimeFormat (ECMA-402, sections
 * 16 to 18), and toLocaleString() of numbers and arrays.
 *
 * The native half: the one that intl.js has.
 */

export default function defineIntlNumber(native) {

const { BigInt, Infinity, Int8Array, Number, Object, RangeError, Reflect,
        String, Symbol, TypeError } = globalThis;

const {
    callable, canonicalizeLocaleList, coerceOptions, defineClass, includes,
    isObject, matcherOption, numberOption, outOfRange, resolveLocale,
    stringOption, tagWith, test, toNumberOption, typeOption, uncurry, unwrap,
} = native.intl();

const charAt = uncurry(String.prototype.charAt);
const indexOf = uncurry(String.prototype.indexOf);
const repeat = uncurry(String.prototype.repeat);
const slice = uncurry(String.prototype.slice);
const toUpperCase = uncurry(String.prototype.toUpperCase);
const trim = uncurry(String.prototype.trim);

const bigintToString = uncurry(BigInt.prototype.toString);
const bigintValue = uncurry(BigInt.prototype.valueOf);
const numberToString = uncurry(Number.prototype.toString);
const numberValue = uncurry(Number.prototype.valueOf);
const typedArrayLength = uncurry(Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Int8Array).prototype, "length").get);
const { is } = Object;
const { apply } = Reflect;

/* kinds of ngx_workers_icu_kind_e */
const NUMBER = 3;
const NUMBER_RANGE = 4;
const PLURAL = 5;
const RELATIVE = 6;


/* Units that are sanctioned for use (section 6.6.2), sorted */

const UNITS = [
    "acre", "bit", "byte", "celsius", "centimeter", "day", "degree",
    "fahrenheit", "fluid-ounce", "foot", "gallon", "gigabit", "gigabyte",
    "gram", "hectare", "hour", "inch", "kilobit", "kilobyte", "kilogram",
    "kilometer", "liter", "megabit", "megabyte", "meter", "microsecond",
    "mile", "mile-scandinavian", "milliliter", "millimeter", "millisecond",
    "minute", "month", "nanosecond", "ounce", "percent", "petabyte", "pound",
    "second", "stone", "terabit", "terabyte", "week", "yard", "year",
];

const STYLES = ["decimal", "percent", "currency", "unit"];
const CURRENCY_DISPLAYS = ["code", "symbol", "narrowSymbol", "name"];
const CURRENCY_SIGNS = ["standard", "accounting"];
const WIDTHS = ["short", "narrow", "long"];
const NOTATIONS = ["standard", "scientific", "engineering", "compact"];
const COMPACT_DISPLAYS = ["short", "long"];
const GROUPINGS = ["min2", "auto", "always"];
const SIGN_DISPLAYS = ["auto", "never", "always", "exceptZero", "negative"];
const PRIORITIES = ["auto", "morePrecision", "lessPrecision"];
const TRAILING_ZEROS = ["auto", "stripIfInteger"];

const INCREMENTS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000,
                    2500, 5000];

/*
 * Fraction digits of currencies where CLDR 48 goes by what is in use, and the
 * platform does not.
 */
const CURRENCY_DIGITS = {
    __proto__: null, COP: 2, HUF: 2, IDR: 2, PKR: 2, RSD: 0,
};

/* what options say, in the words of ICU's number skeletons */

const SKELETON_MODES = {
    ceil: "ceiling",
    floor: "floor",
    expand: "up",
    trunc: "down",
    halfCeil: "half-ceiling",
    halfFloor: "half-floor",
    halfExpand: "half-up",
    halfTrunc: "half-down",
    halfEven: "half-even",
};

const MODES = Object.keys(SKELETON_MODES);

const SKELETON_WIDTHS = {
    code: "unit-width-iso-code",
    symbol: "unit-width-short",
    narrowSymbol: "unit-width-narrow",
    name: "unit-width-full-name",
    short: "unit-width-short",
    narrow: "unit-width-narrow",
    long: "unit-width-full-name",
};

const SKELETON_GROUPINGS = {
    min2: "group-min2",
    auto: "group-auto",
    always: "group-on-aligned",
    false: "group-off",
};

const SKELETON_SIGNS = {
    standard: {
        auto: "sign-auto",
        never: "sign-never",
        always: "sign-always",
        exceptZero: "sign-except-zero",
        negative: "sign-negative",
    },
    accounting: {
        auto: "sign-accounting",
        never: "sign-never",
        always: "sign-accounting-always",
        exceptZero: "sign-accounting-except-zero",
        negative: "sign-accounting-negative",
    },
};


/* UNumberFormatFields; of the sign see typeOf() */

const FIELDS = [
    "integer", "fraction", "decimal", "exponentSeparator", "exponentMinusSign",
    "exponentInteger", "group", "currency", "percentSign", "literal", "sign",
    "unit", "compact", "approximatelySign",
];

const SOURCES = ["startRange", "endRange"];


/*
 * Digits and rounding (section 16.1.3), for NumberFormat and PluralRules
 */

function digitOptions(options, minimum, maximum, notation, type) {
    const digits = {
        minimumIntegerDigits: numberOption(options, "minimumIntegerDigits", 1,
                                           21, 1),
        minimumFractionDigits: undefined,
        maximumFractionDigits: undefined,
        minimumSignificantDigits: undefined,
        maximumSignificantDigits: undefined,
    };

    const minFraction = options.minimumFractionDigits;
    const maxFraction = options.maximumFractionDigits;
    const minSignificant = options.minimumSignificantDigits;
    const maxSignificant = options.maximumSignificantDigits;

    digits.roundingIncrement = numberOption(options, "roundingIncrement", 1,
                                            5000, 1);

    if (!includes(INCREMENTS, digits.roundingIncrement)) {
        throw new RangeError("roundingIncrement value is out of range.");
    }

    digits.roundingMode = stringOption(options, "roundingMode", MODES,
                                       "halfExpand", type);
    digits.roundingPriority = stringOption(options, "roundingPriority",
                                           PRIORITIES, "auto", type);
    digits.trailingZeroDisplay = stringOption(options, "trailingZeroDisplay",
                                              TRAILING_ZEROS, "auto", type);

    const hasSignificant = (minSignificant !== undefined
                            || maxSignificant !== undefined);
    const hasFraction = (minFraction !== undefined
                         || maxFraction !== undefined);
    const auto = (digits.roundingPriority === "auto");
    const needsSignificant = !auto || hasSignificant;
    const needsFraction = !auto || !(hasSignificant || (!hasFraction
                                                   && notation === "compact"));

    if (needsSignificant) {
        const least = toNumberOption(minSignificant, 1, 21, 1,
                                     "minimumSignificantDigits");

        digits.minimumSignificantDigits = least;
        digits.maximumSignificantDigits
            = toNumberOption(maxSignificant, least, 21, 21,
                             "maximumSignificantDigits");
    }

    if (needsFraction) {
        let least = toNumberOption(minFraction, 0, 100, undefined,
                                   "minimumFractionDigits");
        let most = toNumberOption(maxFraction, 0, 100, undefined,
                                  "maximumFractionDigits");

        if (least === undefined) {
            least = (most !== undefined && most < minimum) ? most : minimum;
        }

        if (most === undefined) {
            most = (least > maximum) ? least : maximum;
        }

        if (least > most) {
            throw new RangeError("maximumFractionDigits value is out of "
                                 + "range.");
        }

        digits.minimumFractionDigits = least;
        digits.maximumFractionDigits = most;
    }

    if (!needsSignificant && !needsFraction) {

        /* compact notation rounds to two digits, or to an integer */

        digits.minimumFractionDigits = 0;
        digits.maximumFractionDigits = 0;
        digits.minimumSignificantDigits = 1;
        digits.maximumSignificantDigits = 2;
        digits.roundingPriority = "morePrecision";
    }

    if (digits.roundingIncrement !== 1) {
        if (!auto || !needsFraction) {
            throw new TypeError("RoundingType is not fractionDigits");
        }

        if (digits.minimumFractionDigits !== digits.maximumFractionDigits) {
            throw new RangeError("maximumFractionDigits value is out of "
                                 + "range.");
        }
    }

    return digits;
}


/* Digits as words of a skeleton. */

function digitSkeleton(digits) {
    const minimum = digits.minimumFractionDigits;
    const maximum = digits.maximumFractionDigits;
    const significant = (digits.minimumSignificantDigits === undefined) ? ""
        : repeat("@", digits.minimumSignificantDigits)
          + repeat("#", digits.maximumSignificantDigits
                        - digits.minimumSignificantDigits);
    let precision;

    if (minimum === undefined) {
        precision = significant;

    } else if (digits.roundingIncrement !== 1) {
        precision = `precision-increment/${incrementOf(digits)}`;

    } else {
        precision = (maximum === 0) ? "precision-integer"
                    : `.${repeat("0", minimum)}`
                      + repeat("#", maximum - minimum);

        if (significant !== "") {
            precision += `/${significant}`
                + (digits.roundingPriority === "morePrecision" ? "r" : "s");
        }
    }

    if (digits.trailingZeroDisplay === "stripIfInteger") {
        precision += "/w";
    }

    const mode = `rounding-mode-${SKELETON_MODES[digits.roundingMode]}`;
    const width = (digits.minimumIntegerDigits === 1) ? ""
        : ` integer-width/+${repeat("0", digits.minimumIntegerDigits)}`;

    return `${precision} ${mode}${width}`;
}


/* The increment in units of the last fraction digit, as a decimal. */

function incrementOf(digits) {
    const places = digits.maximumFractionDigits;
    let text = `${digits.roundingIncrement}`;

    if (places === 0) {
        return text;
    }

    if (text.length <= places) {
        text = repeat("0", places - text.length + 1) + text;
    }

    const point = text.length - places;

    return `${slice(text, 0, point)}.${slice(text, point)}`;
}


function isValid(key, type) {
    return native.isNumberingSystem(type);
}


/*
 * NumberFormat
 */

const NUMBER_FORMAT = "Intl.NumberFormat";


function isUnit(unit) {
    if (includes(UNITS, unit)) {
        return true;
    }

    const at = indexOf(unit, "-per-");

    return at > 0 && includes(UNITS, slice(unit, 0, at))
           && includes(UNITS, slice(unit, at + 5));
}


/* SetNumberFormatUnitOptions (section 16.1.4) */

function unitOptions(options, format) {
    format.style = stringOption(options, "style", STYLES, "decimal",
                                NUMBER_FORMAT);

    const currency = stringOption(options, "currency", undefined, undefined,
                                  NUMBER_FORMAT);

    if (currency === undefined) {
        if (format.style === "currency") {
            throw new TypeError("Currency code is required with currency "
                                + "style.");
        }

    } else if (!test(/^[A-Za-z]{3}$/, currency)) {
        throw new RangeError(`Invalid currency code : ${currency}`);
    }

    const currencyDisplay = stringOption(options, "currencyDisplay",
                                         CURRENCY_DISPLAYS, "symbol",
                                         NUMBER_FORMAT);
    const currencySign = stringOption(options, "currencySign", CURRENCY_SIGNS,
                                      "standard", NUMBER_FORMAT);
    const unit = stringOption(options, "unit", undefined, undefined,
                              NUMBER_FORMAT);

    if (unit === undefined) {
        if (format.style === "unit") {
            throw new TypeError("Invalid unit argument for "
                                + "Intl.NumberFormat() ''");
        }

    } else if (!isUnit(unit)) {
        throw new RangeError("Invalid unit argument for Intl.NumberFormat() "
                             + `'${unit}'`);
    }

    const unitDisplay = stringOption(options, "unitDisplay", WIDTHS, "short",
                                     NUMBER_FORMAT);

    if (format.style === "currency") {
        format.currency = toUpperCase(currency);
        format.currencyDisplay = currencyDisplay;
        format.currencySign = currencySign;

    } else if (format.style === "unit") {
        format.unit = unit;
        format.unitDisplay = unitDisplay;
    }
}


function groupingOption(options, fallback) {
    const value = options.useGrouping;

    if (value === undefined) {
        return fallback;
    }

    if (value === true) {
        return "always";
    }

    if (!value) {
        return false;
    }

    const text = `${value}`;

    if (text === "true" || text === "false") {
        return fallback;
    }

    if (!includes(GROUPINGS, text)) {
        throw outOfRange(text, NUMBER_FORMAT, "useGrouping");
    }

    return text;
}


function createFormat(locales, options) {
    const requested = canonicalizeLocaleList(locales);

    options = coerceOptions(options);

    matcherOption(options, NUMBER_FORMAT);

    const numberingSystem = typeOption(options, "numberingSystem");
    const { locale, base, values } = resolveLocale("locales", requested,
                                                   ["nu"],
                                                   { nu: numberingSystem },
                                                   isValid);

    const format = {
        locale,
        numberingSystem: values.nu,
        style: undefined,
        currency: undefined,
        currencyDisplay: undefined,
        currencySign: undefined,
        unit: undefined,
        unitDisplay: undefined,
        digits: undefined,
        useGrouping: undefined,
        notation: undefined,
        compactDisplay: undefined,
        signDisplay: undefined,
        base,
        tag: tagWith(base, { nu: values.nu }),
        skeleton: undefined,
        number: undefined,
        range: undefined,
    };

    unitOptions(options, format);

    format.notation = stringOption(options, "notation", NOTATIONS, "standard",
                                   NUMBER_FORMAT);

    let minimum = 0;
    let maximum = (format.style === "percent") ? 0 : 3;

    if (format.style === "currency" && format.notation === "standard") {
        minimum = CURRENCY_DIGITS[format.currency]
                  ?? native.currencyDigits(format.currency);
        maximum = minimum;
    }

    format.digits = digitOptions(options, minimum, maximum, format.notation,
                                 NUMBER_FORMAT);

    const compactDisplay = stringOption(options, "compactDisplay",
                                        COMPACT_DISPLAYS, "short",
                                        NUMBER_FORMAT);

    if (format.notation === "compact") {
        format.compactDisplay = compactDisplay;
    }

    format.useGrouping = groupingOption(options, format.notation === "compact"
                                                 ? "min2" : "auto");
    format.signDisplay = stringOption(options, "signDisplay", SIGN_DISPLAYS,
                                      "auto", NUMBER_FORMAT);

    format.skeleton = skeletonOf(format);
    format.number = native.open(NUMBER, format.tag, format.skeleton);

    return format;
}


function skeletonOf(format) {
    let skeleton = digitSkeleton(format.digits);

    switch (format.style) {

    case "percent":
        skeleton += " percent scale/100";
        break;

    case "currency":
        skeleton += ` currency/${format.currency} `
                    + SKELETON_WIDTHS[format.currencyDisplay];
        break;

    case "unit":
        skeleton += ` unit/${format.unit} `
                    + SKELETON_WIDTHS[format.unitDisplay];
        break;
    }

    if (format.notation === "compact") {
        skeleton += ` compact-${format.compactDisplay}`;

    } else if (format.notation !== "standard") {
        skeleton += ` ${format.notation}`;
    }

    return `${skeleton} ${SKELETON_GROUPINGS[format.useGrouping]} `
           + SKELETON_SIGNS[format.currencySign
                            ?? "standard"][format.signDisplay];
}


const RADIX = /^0[box]/i;
const EXACT = 15;                            /* digits that a number keeps */


/*
 * ToIntlMathematicalValue (section 16.5.16): a number, or a string that is a
 * decimal number.
 */

function toMathematical(value) {
    if (typeof value === "number") {
        return value;
    }

    if (isObject(value)) {
        value = toPrimitive(value);
    }

    if (typeof value === "bigint") {
        const text = bigintToString(value);

        return (text.length <= EXACT) ? +text : text;
    }

    if (typeof value !== "string") {
        return +value;
    }

    const number = +value;
    const text = trim(value);

    if (text.length <= EXACT || number !== number || number === 0
        || number === Infinity || number === -Infinity)
    {
        return number;
    }

    return test(RADIX, text) ? bigintToString(BigInt(text)) : text;
}


/* ToPrimitive with the hint "number" */

function toPrimitive(object) {
    const exotic = object[Symbol.toPrimitive];

    if (exotic !== undefined && exotic !== null) {
        const value = apply(exotic, object, ["number"]);

        if (!isObject(value)) {
            return value;
        }

    } else {
        const names = ["valueOf", "toString"];

        for (let i = 0; i < names.length; i++) {
            const method = object[names[i]];

            if (typeof method === "function") {
                const value = apply(method, object, []);

                if (!isObject(value)) {
                    return value;
                }
            }
        }
    }

    throw new TypeError("Cannot convert object to primitive value");
}


/* The type of a part; value is a number, which is near enough. */

function typeOf(field, text, value, style) {
    switch (field) {

    case 0:
        return (value !== value) ? "nan"
               : (value === Infinity || value === -Infinity) ? "infinity"
               : "integer";

    case 8:
        return (style === "unit") ? "unit" : "percentSign";

    case 10:
        return (indexOf(text, "+") >= 0) ? "plusSign" : "minusSign";

    default:
        return FIELDS[field] ?? "literal";
    }
}


/* Both ends of a range, as strings. */

function rangeOf(start, end) {
    if (start === undefined) {
        throw new TypeError("Invalid start : undefined");
    }

    if (end === undefined) {
        throw new TypeError("Invalid end : undefined");
    }

    start = toMathematical(start);
    end = toMathematical(end);

    if (start !== start) {
        throw new RangeError("Invalid start : NaN");
    }

    if (end !== end) {
        throw new RangeError("Invalid end : NaN");
    }

    return [decimal(start), decimal(end)];
}


function decimal(value) {
    return is(value, -0) ? "-0" : `${value}`;
}


function rangeFormatOf(format) {
    return format.range ??= native.open(NUMBER_RANGE, format.tag,
                                        format.skeleton);
}


/* The function that "format" gives is anonymous. */

function boundFormat(format) {
    return (value) => native.formatNumber(format.number,
                                          toMathematical(value));
}


function incompatible() {
    return new TypeError("Method called on incompatible receiver");
}


function digitsInto(options, digits) {
    const names = ["minimumIntegerDigits", "minimumFractionDigits",
                   "maximumFractionDigits", "minimumSignificantDigits",
                   "maximumSignificantDigits"];

    for (let i = 0; i < names.length; i++) {
        if (digits[names[i]] !== undefined) {
            options[names[i]] = digits[names[i]];
        }
    }
}


function roundingInto(options, digits) {
    options.roundingIncrement = digits.roundingIncrement;
    options.roundingMode = digits.roundingMode;
    options.roundingPriority = digits.roundingPriority;
    options.trailingZeroDisplay = digits.trailingZeroDisplay;
}


let numberReceiver, numberInternals;


class NumberFormatClass {
    #format;
    #bound;

    static {
        numberReceiver = (value) => {
            value = unwrap(value, NumberFormat);

            if (!isObject(value) || !(#format in value)) {
                throw incompatible();
            }

            return value;
        };

        numberInternals = (value) => numberReceiver(value).#format;
    }

    constructor(locales, options) {
        this.#format = createFormat(locales, options);
    }

    resolvedOptions() {
        const format = numberInternals(this);
        const options = {
            locale: format.locale,
            numberingSystem: format.numberingSystem
                             ??= native.numberingSystem(format.base),
            style: format.style,
        };

        if (format.currency !== undefined) {
            options.currency = format.currency;
            options.currencyDisplay = format.currencyDisplay;
            options.currencySign = format.currencySign;
        }

        if (format.unit !== undefined) {
            options.unit = format.unit;
            options.unitDisplay = format.unitDisplay;
        }

        digitsInto(options, format.digits);

        options.useGrouping = format.useGrouping;
        options.notation = format.notation;

        if (format.compactDisplay !== undefined) {
            options.compactDisplay = format.compactDisplay;
        }

        options.signDisplay = format.signDisplay;
        roundingInto(options, format.digits);

        return options;
    }

    formatToParts(value) {
        const format = numberInternals(this);

        value = toMathematical(value);

        const list = native.numberPartsOf(format.number, value);
        const number = +value;
        const parts = [];

        for (let i = 0; i < list.length; i += 2) {
            parts[parts.length] = {
                type: typeOf(list[i], list[i + 1], number, format.style),
                value: list[i + 1],
            };
        }

        return parts;
    }

    get format() {
        const self = numberReceiver(this);

        return self.#bound ??= boundFormat(self.#format);
    }

    formatRange(start, end) {
        const format = numberInternals(this);
        const range = rangeOf(start, end);

        return native.formatNumberRange(rangeFormatOf(format), range[0],
                                        range[1]);
    }

    formatRangeToParts(start, end) {
        const format = numberInternals(this);
        const range = rangeOf(start, end);
        const list = native.numberRangePartsOf(rangeFormatOf(format),
                                               range[0], range[1]);
        const numbers = [+range[0], +range[1]];
        const parts = [];

        for (let i = 0; i < list.length; i += 3) {
            parts[parts.length] = {
                type: typeOf(list[i], list[i + 1], numbers[list[i + 2]] ?? 0,
                             format.style),
                value: list[i + 1],
                source: SOURCES[list[i + 2]] ?? "shared",
            };
        }

        return parts;
    }
}


const NumberFormat = callable("NumberFormat", NumberFormatClass, "locales",
                              true);


/*
 * PluralRules
 */

const PLURAL_RULES = "Intl.PluralRules";
const PLURAL_FORMS = ["zero", "one", "two", "few", "many", "other"];
const PLURAL_TYPES = ["cardinal", "ordinal"];          /* UPluralType */


class PluralRules {
    #rules;

    constructor(locales = undefined, options = undefined) {
        const requested = canonicalizeLocaleList(locales);

        options = coerceOptions(options);

        matcherOption(options, PLURAL_RULES);

        const { locale, base } = resolveLocale("locales", requested, [], {},
                                               isValid);
        const type = stringOption(options, "type", PLURAL_TYPES, "cardinal",
                                  PLURAL_RULES);
        const notation = stringOption(options, "notation", NOTATIONS,
                                      "standard", PLURAL_RULES);
        const compactDisplay = stringOption(options, "compactDisplay",
                                            COMPACT_DISPLAYS, "short",
                                            PLURAL_RULES);
        const digits = digitOptions(options, 0, 3, notation, PLURAL_RULES);
        let skeleton = digitSkeleton(digits);

        if (notation === "compact") {
            skeleton += ` compact-${compactDisplay}`;

        } else if (notation !== "standard") {
            skeleton += ` ${notation}`;
        }

        this.#rules = {
            locale,
            base,
            type,
            notation,
            compactDisplay: (notation === "compact") ? compactDisplay
                                                     : undefined,
            digits,
            skeleton,
            plural: native.open(PLURAL, base, (type === "ordinal") ? 1 : 0),
            number: native.open(NUMBER, base, skeleton),
            range: undefined,
        };
    }

    resolvedOptions() {
        const rules = this.#rules;
        const options = {
            locale: rules.locale,
            type: rules.type,
            notation: rules.notation,
        };

        if (rules.compactDisplay !== undefined) {
            options.compactDisplay = rules.compactDisplay;
        }

        digitsInto(options, rules.digits);
        options.pluralCategories = [];

        const forms = native.pluralForms(rules.plural);

        for (let i = 0; i < PLURAL_FORMS.length; i++) {
            if (includes(forms, PLURAL_FORMS[i])) {
                options.pluralCategories[options.pluralCategories.length]
                    = PLURAL_FORMS[i];
            }
        }

        roundingInto(options, rules.digits);

        return options;
    }

    select(value) {
        const rules = this.#rules;

        return native.plural(rules.plural, rules.number, +value);
    }

    selectRange(start, end) {
        const rules = this.#rules;

        if (start === undefined || end === undefined) {
            throw new TypeError("Invalid argument");
        }

        start = +start;
        end = +end;

        if (start !== start || end !== end) {
            throw new RangeError("Invalid argument");
        }

        rules.range ??= native.open(NUMBER_RANGE, rules.base, rules.skeleton);

        return native.pluralRange(rules.plural, rules.range, decimal(start),
                                  decimal(end));
    }
}

defineClass(PluralRules, "PluralRules", "locales");


/*
 * RelativeTimeFormat
 */

const RELATIVE_TIME_FORMAT = "Intl.RelativeTimeFormat";
const RELATIVE_STYLES = ["long", "short", "narrow"];
const NUMERICS = ["always", "auto"];

/* URelativeDateTimeUnit */
const RELATIVE_UNITS = ["year", "quarter", "month", "week", "day", "hour",
                        "minute", "second"];


/* The index of a unit, in singular or plural. */

function relativeUnitOf(unit, method) {
    unit = `${unit}`;

    const singular = (charAt(unit, unit.length - 1) === "s")
                     ? slice(unit, 0, -1) : unit;

    for (let i = 0; i < RELATIVE_UNITS.length; i++) {
        if (RELATIVE_UNITS[i] === singular) {
            return i;
        }
    }

    throw new RangeError("Invalid unit argument for Intl.RelativeTimeFormat."
                         + `prototype.${method}() '${unit}'`);
}


function relativeArguments(value, unit, method) {
    value = +value;
    unit = `${unit}`;

    if (value - value !== 0) {
        throw new RangeError("Value need to be finite number for Intl."
                             + `RelativeTimeFormat.prototype.${method}()`);
    }

    return [value, relativeUnitOf(unit, method)];
}


class RelativeTimeFormat {
    #format;

    constructor(locales = undefined, options = undefined) {
        const requested = canonicalizeLocaleList(locales);

        options = coerceOptions(options);

        matcherOption(options, RELATIVE_TIME_FORMAT);

        const numberingSystem = typeOption(options, "numberingSystem");
        const { locale, base, values } = resolveLocale("locales", requested,
                                                       ["nu"],
                                                       { nu: numberingSystem },
                                                       isValid);
        const style = stringOption(options, "style", RELATIVE_STYLES, "long",
                                   RELATIVE_TIME_FORMAT);
        const numeric = stringOption(options, "numeric", NUMERICS, "always",
                                     RELATIVE_TIME_FORMAT);

        let width = 0;

        while (RELATIVE_STYLES[width] !== style) {
            width++;
        }

        this.#format = {
            locale,
            style,
            numeric,
            numberingSystem: values.nu ?? native.numberingSystem(base),
            relative: native.open(RELATIVE, tagWith(base, { nu: values.nu }),
                                  width),
        };
    }

    resolvedOptions() {
        const format = this.#format;

        return {
            locale: format.locale,
            style: format.style,
            numeric: format.numeric,
            numberingSystem: format.numberingSystem,
        };
    }

    format(value, unit) {
        const format = this.#format;
        const args = relativeArguments(value, unit, "format");

        return native.formatRelative(format.relative, args[0], args[1],
                                     format.numeric === "always");
    }

    formatToParts(value, unit) {
        const format = this.#format;
        const args = relativeArguments(value, unit, "formatToParts");
        const list = native.relativePartsOf(format.relative, args[0], args[1],
                                            format.numeric === "always");
        const parts = [];

        for (let i = 0; i < list.length; i += 2) {
            const part = {
                type: typeOf(list[i], list[i + 1], args[0], undefined),
                value: list[i + 1],
            };

            if (part.type !== "literal") {
                part.unit = RELATIVE_UNITS[args[1]];
            }

            parts[parts.length] = part;
        }

        return parts;
    }
}

defineClass(RelativeTimeFormat, "RelativeTimeFormat", "locales");


/*
 * Methods of other classes
 */

let defaultFormat = undefined;


function toLocale(value, locales, options) {
    if (locales === undefined && options === undefined) {
        defaultFormat ??= createFormat(undefined, undefined);

        return native.formatNumber(defaultFormat.number, value);
    }

    return native.formatNumber(createFormat(locales, options).number, value);
}


/* Arrays that are being written: one inside of itself is empty. */
const writing = [];


function join(object, length, locales, options) {
    if (includes(writing, object)) {
        return "";
    }

    const depth = writing.length;
    let text = "";

    writing[depth] = object;

    try {
        for (let i = 0; i < length; i++) {
            const item = object[i];

            if (i > 0) {
                text += ",";
            }

            if (item !== undefined && item !== null) {
                text += `${item.toLocaleString(locales, options)}`;
            }
        }

    } finally {
        writing.length = depth;
    }

    return text;
}


function toLength(value) {
    value = +value;

    return (value > 0) ? (value < Number.MAX_SAFE_INTEGER
                          ? value - value % 1 : Number.MAX_SAFE_INTEGER)
                       : 0;
}


return {
    NumberFormat,
    PluralRules,
    RelativeTimeFormat,
    SKELETON_WIDTHS,
    UNITS,

    numberToLocaleString(locales, options) {
        const value = numberValue(this);

        return native.available() ? toLocale(value, locales, options)
                                  : numberToString(value);
    },

    bigintToLocaleString(locales, options) {
        const value = bigintValue(this);

        return native.available()
               ? toLocale(toMathematical(value), locales, options)
               : bigintToString(value);
    },

    arrayToLocaleString(locales, options) {
        if (this === undefined || this === null) {
            throw new TypeError("Array.prototype.toLocaleString called on null "
                                + "or undefined");
        }

        const object = Object(this);

        return join(object, toLength(object.length), locales, options);
    },

    typedArrayToLocaleString(locales, options) {
        return join(this, typedArrayLength(this), locales, options);
    },
};

}
