/*
 * Copyright (C) the nginx-workers authors
 *
 * util.parseArgs().
 */

import {
    invalidArgType, invalidArgValue, typeError, validateArray, validateBoolean,
    validateObject, validateString,
} from "workers:node/internal/errors";

const { JSON, Object } = globalThis;


function typeOf(options, name) {
    return Object.hasOwn(options, name) ? options[name].type : undefined;
}


function check(options) {
    for (const [name, option] of Object.entries(options)) {
        const at = `options.${name}`;

        validateObject(option, at);

        if (option.type !== "string" && option.type !== "boolean") {
            throw invalidArgType(`${at}.type`, "('string|boolean')",
                                 option.type);
        }

        if (Object.hasOwn(option, "short")) {
            validateString(option.short, `${at}.short`);

            if (option.short.length !== 1) {
                throw invalidArgValue(`${at}.short`, option.short,
                                      "must be a single character");
            }
        }

        const { multiple } = option;

        if (Object.hasOwn(option, "multiple")) {
            validateBoolean(multiple, `${at}.multiple`);
        }

        if (option.default !== undefined) {
            const values = multiple ? option.default : [option.default];

            if (multiple) {
                validateArray(values, `${at}.default`);
            }

            for (const value of values) {
                if (typeof value !== option.type) {
                    throw invalidArgType(`${at}.default`, option.type, value);
                }
            }
        }
    }
}


/* The arguments as what they are: options, positionals, the end of options. */

function tokens(args, options) {
    const out = [];
    const byShort = (c) => Object.keys(options).find(
        (name) => options[name].short === c) ?? c;
    const rest = args.map((arg, index) => [arg, index]);

    while (rest.length) {
        const [arg, index] = rest.shift();

        if (arg === "--") {
            out.push({ kind: "option-terminator", index });

            for (const [value, at] of rest) {
                out.push({ kind: "positional", index: at, value });
            }

            break;
        }

        if (/^-[^-]$/.test(arg)) {
            const name = byShort(arg[1]);
            let value, inlineValue;

            if (typeOf(options, name) === "string" && rest.length) {
                value = rest.shift()[0];
                inlineValue = false;
            }

            out.push({ kind: "option", name, rawName: arg, index, value,
                       inlineValue });

        } else if (/^-[^-]/.test(arg)) {
            const letters = [];
            let i = 1;

            for ( ; i < arg.length; i++) {
                const name = byShort(arg[i]);

                if (typeOf(options, name) === "string" && i + 1 < arg.length) {
                    break;
                }

                letters.push([`-${arg[i]}`, index]);
            }

            if (i === 1) {
                out.push({ kind: "option", name: byShort(arg[1]),
                           rawName: arg.slice(0, 2), index,
                           value: arg.slice(2), inlineValue: true });

            } else {
                if (i < arg.length) {
                    letters.push([`-${arg.slice(i)}`, index]);
                }

                rest.unshift(...letters);
            }

        } else if (arg.startsWith("--") && arg.indexOf("=", 3) === -1) {
            const name = arg.slice(2);
            let value, inlineValue;

            if (typeOf(options, name) === "string" && rest.length) {
                value = rest.shift()[0];
                inlineValue = false;
            }

            out.push({ kind: "option", name, rawName: arg, index, value,
                       inlineValue });

        } else if (arg.startsWith("--")) {
            const at = arg.indexOf("=", 3);

            out.push({ kind: "option", name: arg.slice(2, at),
                       rawName: arg.slice(0, at), index,
                       value: arg.slice(at + 1), inlineValue: true });

        } else {
            out.push({ kind: "positional", index, value: arg });
        }
    }

    return out;
}


function checkOption(options, token, allowPositionals, values) {
    const shown = token.rawName.startsWith("--") ? `--${token.name}`
                  : typeOf(options, token.name) !== undefined
                    ? `-${token.rawName[1]}, --${token.name}`
                    : token.rawName;

    if (!Object.hasOwn(options, token.name)) {
        const hint = allowPositionals
            ? ". To specify a positional argument starting with a '-', place "
              + "it at the end of the command after '--', as in '-- "
              + JSON.stringify(token.rawName)
            : "";

        throw typeError("ERR_PARSE_ARGS_UNKNOWN_OPTION",
                        `Unknown option '${token.rawName}'${hint}`);
    }

    const { type, short } = options[token.name];
    const name = `${short ? `-${short}, ` : ""}--${token.name}`;

    if (type === "string" && typeof token.value !== "string") {
        throw typeError("ERR_PARSE_ARGS_INVALID_OPTION_VALUE",
                        `Option '${name} <value>' argument missing`);
    }

    if (type === "boolean" && token.value !== undefined) {
        throw typeError("ERR_PARSE_ARGS_INVALID_OPTION_VALUE",
                        `Option '${name}' does not take an argument`);
    }

    if (token.inlineValue === false && token.value.length > 1
        && token.value.startsWith("-"))
    {
        throw typeError("ERR_PARSE_ARGS_INVALID_OPTION_VALUE",
            `Option '${token.rawName}' argument is ambiguous.\n`
            + `Did you forget to specify the option argument for '${
               token.rawName}'?\n`
            + `To specify an option argument starting with a dash use '${
               token.rawName.startsWith("--") ? `${token.rawName}=-XYZ`
               : `--${token.name}=-XYZ' or '${token.rawName}-XYZ`}'.`);
    }
}


export function parseArgs(config = {}) {
    validateObject(config, "config");

    const {
        args = [], strict = true, allowPositionals = !strict,
        tokens: wantTokens = false, allowNegative = false, options = {},
    } = config;

    validateArray(args, "args");
    validateBoolean(strict, "strict");
    validateBoolean(allowPositionals, "allowPositionals");
    validateBoolean(wantTokens, "tokens");
    validateBoolean(allowNegative, "allowNegative");
    validateObject(options, "options");
    check(options);

    const result = { values: Object.create(null), positionals: [] };
    const all = tokens(args, options);

    if (wantTokens) {
        result.tokens = all;
    }

    for (const token of all) {
        if (token.kind === "positional") {
            if (!allowPositionals) {
                throw typeError("ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL",
                    `Unexpected argument '${token.value}'. This command does `
                    + "not take positional arguments");
            }

            result.positionals.push(token.value);
        }

        if (token.kind !== "option") {
            continue;
        }

        let { name, value } = token;
        let negative = false;

        if (allowNegative && token.rawName.startsWith("--no-")
            && value === undefined && typeOf(options, name) === undefined
            && (!strict || typeOf(options, name.slice(3)) === "boolean"))
        {
            name = name.slice(3);
            negative = true;
        }

        if (strict && !negative) {
            checkOption(options, token, allowPositionals);
        }

        if (name === "__proto__") {
            continue;
        }

        const set = value ?? !negative;

        if (options[name]?.multiple) {
            (result.values[name] ??= []).push(set);

        } else {
            result.values[name] = set;
        }
    }

    for (const [name, option] of Object.entries(options)) {
        if (option.default !== undefined && result.values[name] === undefined) {
            result.values[name] = option.default;
        }
    }

    return result;
}
