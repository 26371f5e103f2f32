/*
 * Copyright (C) the nginx-workers authors
 *
 * The URL Pattern Standard.  A pattern is eight components, each compiled
 * from a pattern string: tokens, then parts, then a regular expression.
 * Canonicalisation is what the setters of URL do.  A component that matches
 * anything, or one fixed text, does without its regular expression.
 */

export default function defineURLPattern() {

const { Array, RegExp, Set, String, TypeError, URL } = globalThis;

const COMPONENTS = [
    'protocol', 'username', 'password', 'hostname', 'port', 'pathname',
    'search', 'hash',
];

/* Members of URLPatternInit in the order of their conversion. */
const INIT_MEMBERS = [
    'baseURL', 'hash', 'hostname', 'password', 'pathname', 'port', 'protocol',
    'search', 'username',
];

const DEFAULT_PORTS = {
    __proto__: null,
    http: '80', https: '443', ws: '80', wss: '443', ftp: '21', file: '',
};

const SPECIAL = ['http', 'https', 'ws', 'wss', 'ftp', 'file'];

const NAME_START = /[$_\p{ID_Start}]/u;
const NAME_PART = /[$_\u200c\u200d\p{ID_Continue}]/u;

const REGEXP_SYNTAX = /[.+*?^${}()[\]|/\\]/g;

/* The engine refuses "-" and "::" with the flag v, outside of classes too. */
const PUNCTUATION = /[!"#%&',:;<=>@`~-]/g;

const PATTERN_SYNTAX = /[+*?:{}()\\]/g;

const FULL_WILDCARD = '.*';

/* Options of section 1.5: what separates segments, what may precede a name. */
const DEFAULT = { delimiter: '', prefix: '' };
const HOSTNAME = { delimiter: '.', prefix: '' };
const PATHNAME = { delimiter: '/', prefix: '/' };


const escapeRegExp = (s) => s.replace(REGEXP_SYNTAX, '\\$&').replace(
    PUNCTUATION, (c) => '\\x' + c.charCodeAt(0).toString(16));
const escapePattern = (s) => s.replace(PATTERN_SYNTAX, '\\$&');
const isDigit = (c) => c >= '0' && c <= '9';
const isSpecial = (protocol) => protocol in DEFAULT_PORTS;


/*
 * Section 2.1: tokens.  A lenient tokenizer, which reads constructor strings,
 * yields "invalid" where a strict one throws.
 */

function tokenize(input, lenient) {
    const chars = Array.from(input);
    const tokens = [];
    let at = 0;                             /* code units before chars[i] */
    let i = 0;

    function add(type, end, value) {
        tokens.push({ type, index: at, value });

        for ( ; i < end; i++) {
            at += chars[i].length;
        }
    }

    function invalid(end) {
        if (!lenient) {
            throw new TypeError('Invalid URL pattern string.');
        }

        add('invalid', end, chars.slice(i, end).join(''));
    }

    while (i < chars.length) {
        const c = chars[i];
        let end = i + 1;

        switch (c) {

        case '*':
            add('asterisk', end, c);
            break;

        case '+':
        case '?':
            add('modifier', end, c);
            break;

        case '{':
            add('open', end, c);
            break;

        case '}':
            add('close', end, c);
            break;

        case '\\':
            if (end === chars.length) {
                invalid(end);
            } else {
                add('escaped', end + 1, chars[end]);
            }

            break;

        case ':':
            while (end < chars.length
                   && (end === i + 1 ? NAME_START : NAME_PART)
                      .test(chars[end]))
            {
                end++;
            }

            if (end === i + 1) {
                invalid(end);
            } else {
                add('name', end, chars.slice(i + 1, end).join(''));
            }

            break;

        case '(':
            end = regExpEnd(chars, end);

            if (end < 0) {
                invalid(i + 1);
            } else {
                add('regexp', end, chars.slice(i + 1, end - 1).join(''));
            }

            break;

        default:
            add('char', end, c);
        }
    }

    tokens.push({ type: 'end', index: at, value: '' });

    return tokens;
}


/* The index after the ")" of a group; groups in it do not capture. */

function regExpEnd(chars, start) {
    let depth = 1;

    for (let i = start; i < chars.length; i++) {
        const c = chars[i];

        if (c > '\x7f' || (i === start && c === '?')) {
            return -1;
        }

        if (c === '\\') {
            i++;

            if (i === chars.length || chars[i] > '\x7f') {
                return -1;
            }

        } else if (c === ')') {
            depth--;

            if (depth === 0) {
                return i > start ? i + 1 : -1;
            }

        } else if (c === '(') {
            depth++;

            if (chars[i + 1] !== '?') {
                return -1;
            }
        }
    }

    return -1;
}


/* Section 2.2: parts. */

const segmentWildcard = (options) =>
    options.delimiter === '' ? '[^]+?'
                             : `[^${escapeRegExp(options.delimiter)}]+?`;


function parsePattern(input, options, encode) {
    const tokens = tokenize(input, false);
    const segment = segmentWildcard(options);
    const parts = [];
    const names = new Set();
    let nextName = 0;
    let pending = '';
    let i = 0;

    function take(type) {
        return tokens[i].type === type ? tokens[i++] : null;
    }

    function takeRegExp(name) {
        return take('regexp') ?? (name === null ? take('asterisk') : null);
    }

    function takeModifier() {
        return (take('modifier') ?? take('asterisk'))?.value ?? '';
    }

    function takeText() {
        let text = '';

        for ( ;; ) {
            const token = take('char') ?? take('escaped');

            if (token === null) {
                return text;
            }

            text += token.value;
        }
    }

    function require(type) {
        if (take(type) === null) {
            throw new TypeError('Invalid URL pattern string: '
                                + `unexpected "${tokens[i].value}".`);
        }
    }

    function flush() {
        if (pending !== '') {
            parts.push({ type: 'fixed', value: encode(pending), modifier: '',
                         name: '', prefix: '', suffix: '' });
            pending = '';
        }
    }

    function addPart(prefix, name, regexp, suffix, modifier) {
        if (name === null && regexp === null) {

            if (modifier === '') {
                pending += prefix;
                return;
            }

            flush();

            if (prefix !== '') {
                parts.push({ type: 'fixed', value: encode(prefix), modifier,
                             name: '', prefix: '', suffix: '' });
            }

            return;
        }

        flush();

        let type = 'regexp';
        let value = regexp === null ? segment
                    : regexp.type === 'asterisk' ? FULL_WILDCARD
                    : regexp.value;

        if (value === segment) {
            type = 'segment';
            value = '';

        } else if (value === FULL_WILDCARD) {
            type = 'full';
            value = '';
        }

        const key = name !== null ? name.value : String(nextName++);

        if (names.has(key)) {
            throw new TypeError(`Duplicate name "${key}" in a URL pattern.`);
        }

        names.add(key);

        parts.push({ type, value, modifier, name: key, prefix: encode(prefix),
                     suffix: encode(suffix) });
    }

    while (i < tokens.length) {
        const char = take('char');
        let name = take('name');
        let regexp = takeRegExp(name);

        if (name !== null || regexp !== null) {
            let prefix = char?.value ?? '';

            if (prefix !== options.prefix) {
                pending += prefix;
                prefix = '';
            }

            flush();
            addPart(prefix, name, regexp, '', takeModifier());
            continue;
        }

        const fixed = char ?? take('escaped');

        if (fixed !== null) {
            pending += fixed.value;
            continue;
        }

        if (take('open') !== null) {
            const prefix = takeText();

            name = take('name');
            regexp = takeRegExp(name);

            const suffix = takeText();

            require('close');
            addPart(prefix, name, regexp, suffix, takeModifier());
            continue;
        }

        flush();
        require('end');
    }

    return parts;
}


/* The source of the regular expression for parts; names are appended. */

function regExpSource(parts, options, names) {
    let source = '^';

    for (const part of parts) {
        const { type, modifier } = part;
        const repeated = modifier === '*' || modifier === '+';

        if (type === 'fixed') {
            const text = escapeRegExp(part.value);

            source += modifier === '' ? text : `(?:${text})${modifier}`;
            continue;
        }

        names.push(part.name);

        const value = type === 'segment' ? segmentWildcard(options)
                      : type === 'full' ? FULL_WILDCARD
                      : part.value;

        if (part.prefix === '' && part.suffix === '') {
            source += repeated ? `((?:${value})${modifier})`
                               : `(${value})${modifier}`;
            continue;
        }

        const prefix = escapeRegExp(part.prefix);
        const suffix = escapeRegExp(part.suffix);

        if (!repeated) {
            source += `(?:${prefix}(${value})${suffix})${modifier}`;
            continue;
        }

        source += `(?:${prefix}((?:${value})`
                  + `(?:${suffix}${prefix}(?:${value}))*)${suffix})`
                  + (modifier === '*' ? '?' : '');
    }

    return source + '$';
}


/* The pattern string of parts, which the getters show. */

function patternString(parts, options) {
    let result = '';

    parts.forEach((part, i) => {
        const { type, value, modifier, name, prefix, suffix } = part;

        if (type === 'fixed') {
            const text = escapePattern(value);

            result += modifier === '' ? text : `{${text}}${modifier}`;
            return;
        }

        const previous = parts[i - 1];
        const next = parts[i + 1];
        const custom = !isDigit(name[0]);

        let grouping = suffix !== ''
                       || (prefix !== '' && prefix !== options.prefix);

        if (!grouping && custom && type === 'segment' && modifier === ''
            && next !== undefined && next.prefix === '' && next.suffix === '')
        {
            grouping = next.type === 'fixed' ? startsAsName(next.value)
                                             : isDigit(next.name[0]);
        }

        if (!grouping && prefix === '' && previous?.type === 'fixed'
            && options.prefix !== ''
            && previous.value.endsWith(options.prefix))
        {
            grouping = true;
        }

        result += (grouping ? '{' : '') + escapePattern(prefix);

        if (custom) {
            result += ':' + name;
        }

        if (type === 'regexp') {
            result += `(${value})`;

        } else if (type === 'segment') {
            result += custom ? '' : `(${segmentWildcard(options)})`;

        } else if (!custom
                   && (previous === undefined || previous.type === 'fixed'
                       || previous.modifier !== '' || grouping
                       || prefix !== ''))
        {
            result += '*';

        } else {
            result += `(${FULL_WILDCARD})`;
        }

        if (type === 'segment' && custom && suffix !== ''
            && startsAsName(suffix))
        {
            result += '\\';
        }

        result += escapePattern(suffix) + (grouping ? '}' : '') + modifier;
    });

    return result;
}


const startsAsName = (s) => s !== '' && NAME_PART.test(String.fromCodePoint(
    s.codePointAt(0)));


function makeRegExp(source, flags) {
    try {
        return new RegExp(source, flags);

    } catch {
        return null;
    }
}


/* Section 1.6: a component. */

function compile(input, encode, options, ignoreCase) {
    const parts = parsePattern(input, options, encode);
    const names = [];
    const source = regExpSource(parts, options, names);
    const flags = ignoreCase ? 'i' : '';
    const regexp = makeRegExp(source, 'v' + flags)
                   ?? makeRegExp(source, 'u' + flags);

    if (regexp === null) {
        throw new TypeError(`Invalid regular expression in "${input}".`);
    }

    const only = parts.length === 1 && parts[0].modifier === ''
                 && parts[0].prefix === '' && parts[0].suffix === ''
                 ? parts[0] : null;

    return {
        pattern: patternString(parts, options),
        regexp,
        names,
        hasRegExpGroups: parts.some((part) => part.type === 'regexp'),
        any: only?.type === 'full',
        text: parts.length === 0 ? ''
              : only?.type === 'fixed' && !ignoreCase ? only.value
              : null,
    };
}


/* The groups of a match, or null. */

function execute(component, input) {
    if (component.any) {
        return { [component.names[0]]: input };
    }

    if (component.text !== null) {
        return component.text === input ? {} : null;
    }

    const match = component.regexp.exec(input);

    if (match === null) {
        return null;
    }

    const groups = {};

    for (let i = 0; i < component.names.length; i++) {
        groups[component.names[i]] = match[i + 1];
    }

    return groups;
}


function matches(component, input) {
    return component.any
           || (component.text !== null ? component.text === input
                                       : component.regexp.test(input));
}


const matchesSpecial = (component) => SPECIAL.some(
    (protocol) => matches(component, protocol));


/* Section 3: canonicalisation. */

const dummy = (protocol = 'https') => new URL(`${protocol}://dummy.invalid/`);


function refuse(name, value) {
    throw new TypeError(`Invalid ${name} "${value}" in a URL pattern.`);
}


function encodeProtocol(value) {
    if (value === '') {
        return value;
    }

    const url = URL.parse(`${value}://dummy.invalid`);

    return url?.protocol.slice(0, -1) ?? refuse('protocol', value);
}


function encodeUsername(value) {
    const url = dummy();

    url.username = value;

    return url.username;
}


function encodePassword(value) {
    const url = dummy();

    url.password = value;

    return url.password;
}


function encodeHostname(value) {
    if (value === '') {
        return value;
    }

    const url = dummy();

    url.hostname = value;

    if (url.hostname === 'dummy.invalid'
        && value.toLowerCase() !== 'dummy.invalid')
    {
        refuse('hostname', value);
    }

    return url.hostname;
}


function encodeIPv6(value) {
    if (!/^[0-9A-Fa-f[\]:]*$/.test(value)) {
        refuse('hostname', value);
    }

    return value.toLowerCase();
}


const encodePort = (value) => encodePortOf(value, '');


function encodePortOf(value, protocol) {
    if (value === '') {
        return value;
    }

    if (!/^[\t\n\r]*[0-9]/.test(value)) {
        refuse('port', value);
    }

    const url = URL.parse(`${protocol || 'x'}://dummy.invalid`) ?? dummy('x');

    url.port = '1';
    url.port = value;

    if (url.port === '1' && !/^0*1(?![0-9])/.test(value.trim())) {
        refuse('port', value);
    }

    return url.port;
}


function encodePathname(value) {
    if (value === '') {
        return value;
    }

    const url = dummy();

    if (value[0] === '/') {
        url.pathname = value;

        return url.pathname;
    }

    url.pathname = '/-' + value;

    return url.pathname.slice(2);
}


function encodeOpaque(value) {
    return value === '' ? value : new URL('data:' + value).pathname;
}


function encodeSearch(value) {
    if (value === '') {
        return value;
    }

    const url = dummy();

    url.search = '?' + value;

    return url.search.slice(1);
}


function encodeHash(value) {
    if (value === '') {
        return value;
    }

    const url = dummy();

    url.hash = '#' + value;

    return url.hash.slice(1);
}


const encodePathnameOf = (value, protocol) =>
    protocol === '' || isSpecial(protocol) ? encodePathname(value)
                                           : encodeOpaque(value);


/* Section 1.7: a URLPatternInit becomes one string a component. */

function readInit(value) {
    const init = { __proto__: null };

    for (const name of INIT_MEMBERS) {
        const member = value[name];

        if (member !== undefined) {
            init[name] = `${member}`.toWellFormed();
        }
    }

    return init;
}


function isAbsolutePathname(value, isPattern) {
    return value[0] === '/'
           || (isPattern && (value.startsWith('\\/')
                             || value.startsWith('{/')));
}


function processInit(init, isPattern, result) {
    const inherit = isPattern ? escapePattern : (s) => s;
    const has = (...names) => names.some((name) => init[name] !== undefined);
    let base = null;

    if (init.baseURL !== undefined) {
        base = URL.parse(init.baseURL) ?? refuse('base URL', init.baseURL);

        if (!has('protocol')) {
            result.protocol = inherit(base.protocol.slice(0, -1));
        }

        if (!isPattern && !has('protocol', 'hostname', 'port', 'username')) {
            result.username = inherit(base.username);
        }

        if (!isPattern
            && !has('protocol', 'hostname', 'port', 'username', 'password'))
        {
            result.password = inherit(base.password);
        }

        if (!has('protocol', 'hostname')) {
            result.hostname = inherit(base.hostname);
        }

        if (!has('protocol', 'hostname', 'port')) {
            result.port = base.port;
        }

        if (!has('protocol', 'hostname', 'port', 'pathname')) {
            result.pathname = inherit(base.pathname);
        }

        if (!has('protocol', 'hostname', 'port', 'pathname', 'search')) {
            result.search = inherit(base.search.slice(1));
        }

        if (!has('protocol', 'hostname', 'port', 'pathname', 'search', 'hash'))
        {
            result.hash = inherit(base.hash.slice(1));
        }
    }

    if (has('protocol')) {
        const protocol = init.protocol.replace(/:$/, '');

        result.protocol = isPattern ? protocol : encodeProtocol(protocol);
    }

    if (has('username')) {
        result.username = isPattern ? init.username
                                    : encodeUsername(init.username);
    }

    if (has('password')) {
        result.password = isPattern ? init.password
                                    : encodePassword(init.password);
    }

    if (has('hostname')) {
        result.hostname = isPattern ? init.hostname
                                    : encodeHostname(init.hostname);
    }

    if (has('port')) {
        result.port = isPattern ? init.port
                                : encodePortOf(init.port, result.protocol);
    }

    if (has('pathname')) {
        let { pathname } = init;

        if (base !== null && !isAbsolutePathname(pathname, isPattern)
            && hasListPath(base))
        {
            const path = inherit(base.pathname);

            pathname = path.slice(0, path.lastIndexOf('/') + 1) + pathname;
        }

        result.pathname = isPattern
                          ? pathname
                          : encodePathnameOf(pathname, result.protocol);
    }

    if (has('search')) {
        const search = init.search.replace(/^\?/, '');

        result.search = isPattern ? search : encodeSearch(search);
    }

    if (has('hash')) {
        const hash = init.hash.replace(/^#/, '');

        result.hash = isPattern ? hash : encodeHash(hash);
    }

    return result;
}


/* Only a path that is a list starts with "/" or is empty behind a host. */

const hasListPath = (url) => url.pathname[0] === '/'
                             || url.href.startsWith(url.protocol + '//');


/* Section 2.3: the constructor string parser. */

function parseConstructorString(input) {
    const tokens = tokenize(input, true);
    const result = { __proto__: null };
    let state = 'init';
    let start = 0;
    let i = 0;
    let step = 1;
    let depth = 0;
    let brackets = 0;
    let special = false;

    const token = (index) => tokens[index] ?? tokens[tokens.length - 1];

    function is(index, value) {
        const { type, value: found } = token(index);

        return found === value
               && (type === 'char' || type === 'escaped' || type === 'invalid');
    }

    function isSearchPrefix() {
        if (is(i, '?')) {
            return true;
        }

        if (tokens[i].value !== '?' || tokens[i].type !== 'modifier') {
            return false;
        }

        const before = tokens[i - 1]?.type;

        return before !== 'name' && before !== 'regexp' && before !== 'close'
               && before !== 'asterisk';
    }

    const text = () => input.slice(token(start).index, tokens[i].index);

    function change(next, skip) {
        if (state !== 'init' && state !== 'authority') {
            result[state] = text();
        }

        if (state !== 'init' && next !== 'done') {
            const from = COMPONENTS.indexOf(state === 'authority' ? 'protocol'
                                                                  : state);
            const to = COMPONENTS.indexOf(next);

            if (from < 3 && to > 3) {
                result.hostname ??= '';
            }

            if (from < 5 && to > 5) {
                result.pathname ??= special ? '/' : '';
            }

            if (from < 6 && to > 6) {
                result.search ??= '';
            }
        }

        state = next;
        i += skip;
        start = i;
        step = 0;
    }

    function rewind(next) {
        i = start;
        step = 0;
        state = next;
    }

    /* After the authority the rest is known by what it starts with. */

    function changeByPrefix(first) {
        if (first <= 5 && is(i, '/')) {
            change('pathname', 0);

        } else if (first <= 6 && isSearchPrefix()) {
            change('search', 1);

        } else if (is(i, '#')) {
            change('hash', 1);
        }
    }

    for ( ; i < tokens.length; i += step) {
        step = 1;

        const { type } = tokens[i];

        if (type === 'end') {

            if (state === 'init') {
                rewind('init');

                if (is(i, '#')) {
                    change('hash', 1);

                } else if (isSearchPrefix()) {
                    change('search', 1);

                } else {
                    change('pathname', 0);
                }

                continue;
            }

            if (state === 'authority') {
                rewind('hostname');
                continue;
            }

            change('done', 0);
            break;
        }

        if (type === 'open') {
            depth++;
            continue;
        }

        if (depth > 0) {
            if (type !== 'close') {
                continue;
            }

            depth--;
        }

        switch (state) {

        case 'init':
            if (is(i, ':')) {
                rewind('protocol');
            }

            break;

        case 'protocol':
            if (is(i, ':')) {
                special = matchesSpecial(compile(text(), encodeProtocol,
                                                 DEFAULT, false));

                if (is(i + 1, '/') && is(i + 2, '/')) {
                    change('authority', 3);

                } else {
                    change(special ? 'authority' : 'pathname', 1);
                }
            }

            break;

        case 'authority':
            if (is(i, '@')) {
                rewind('username');

            } else if (is(i, '/') || isSearchPrefix() || is(i, '#')) {
                rewind('hostname');
            }

            break;

        case 'username':
            if (is(i, ':')) {
                change('password', 1);

            } else if (is(i, '@')) {
                change('hostname', 1);
            }

            break;

        case 'password':
            if (is(i, '@')) {
                change('hostname', 1);
            }

            break;

        case 'hostname':
            if (is(i, '[')) {
                brackets++;

            } else if (is(i, ']')) {
                brackets--;

            } else if (is(i, ':') && brackets === 0) {
                change('port', 1);

            } else {
                changeByPrefix(5);
            }

            break;

        case 'port':
            changeByPrefix(5);
            break;

        case 'pathname':
            changeByPrefix(6);
            break;

        case 'search':
            changeByPrefix(7);
            break;
        }
    }

    if (result.hostname !== undefined) {
        result.port ??= '';
    }

    return result;
}


/* Section 1.4: a URL pattern, as an object of compiled components. */

function createPattern(input, baseURL, ignoreCase) {
    let init = input;

    if (typeof input === 'string') {
        init = parseConstructorString(input);

        if (baseURL !== undefined) {
            init.baseURL = baseURL;

        } else if (init.protocol === undefined) {
            throw new TypeError('A URL pattern without a protocol needs a '
                                + 'base URL.');
        }

    } else if (baseURL !== undefined) {
        throw new TypeError('A base URL goes with a URL pattern string only.');
    }

    const p = processInit(init, true, { __proto__: null });

    for (const name of COMPONENTS) {
        p[name] ??= '*';
    }

    if (isSpecial(p.protocol) && p.port === DEFAULT_PORTS[p.protocol]) {
        p.port = '';
    }

    const ipv6 = /^(?:\[|[{\\]\[)/.test(p.hostname) && p.hostname.length > 1;
    const protocol = compile(p.protocol, encodeProtocol, DEFAULT, false);
    const list = matchesSpecial(protocol);

    return {
        protocol,
        username: compile(p.username, encodeUsername, DEFAULT, false),
        password: compile(p.password, encodePassword, DEFAULT, false),
        hostname: compile(p.hostname, ipv6 ? encodeIPv6 : encodeHostname,
                          HOSTNAME, false),
        port: compile(p.port, encodePort, DEFAULT, false),
        pathname: compile(p.pathname, list ? encodePathname : encodeOpaque,
                          list ? PATHNAME : DEFAULT, ignoreCase),
        search: compile(p.search, encodeSearch, DEFAULT, ignoreCase),
        hash: compile(p.hash, encodeHash, DEFAULT, ignoreCase),
    };
}


const PARTS = {
    protocol: (url) => url.protocol.slice(0, -1),
    username: (url) => url.username,
    password: (url) => url.password,
    hostname: (url) => url.hostname,
    port: (url) => url.port,
    pathname: (url) => url.pathname,
    search: (url) => url.search.slice(1),
    hash: (url) => url.hash.slice(1),
};


/* The components to match, or null. */

function inputOf(input, baseURL) {
    if (typeof input !== 'string') {

        if (baseURL !== undefined) {
            throw new TypeError('A base URL goes with a URL string only.');
        }

        const empty = { __proto__: null };

        for (const name of COMPONENTS) {
            empty[name] = '';
        }

        try {
            return processInit(input, false, empty);

        } catch {
            return null;
        }
    }

    const url = URL.parse(input, baseURL);

    if (url === null) {
        return null;
    }

    const values = { __proto__: null };

    for (const name of COMPONENTS) {
        values[name] = PARTS[name](url);
    }

    return values;
}


/* (URLPatternInit or USVString) of WebIDL. */

function toInput(value) {
    if (value === undefined || value === null) {
        return { __proto__: null };
    }

    if (typeof value === 'object' || typeof value === 'function') {
        return readInit(value);
    }

    return `${value}`.toWellFormed();
}


const toBase = (value) =>
    value === undefined ? value : `${value}`.toWellFormed();


function toIgnoreCase(options) {
    if (options === undefined || options === null) {
        return false;
    }

    if (typeof options !== 'object' && typeof options !== 'function') {
        throw new TypeError("Failed to construct 'URLPattern': the options "
                            + 'are not an object.');
    }

    return !!options.ignoreCase;
}


class URLPattern {
    #components;
    #limited;                   /* names of those that do not take all */

    constructor(input = {}, baseURL = undefined, options = undefined) {
        const pattern = toInput(input);

        /* (input, baseURL, options) or (input, options) */

        if (arguments.length < 3
            && (baseURL === undefined || baseURL === null
                || typeof baseURL === 'object'
                || typeof baseURL === 'function'))
        {
            options = baseURL;
            baseURL = undefined;

        } else {
            baseURL = `${baseURL}`.toWellFormed();
        }

        const components = createPattern(pattern, baseURL,
                                         toIgnoreCase(options));

        this.#components = components;
        this.#limited = COMPONENTS.filter((name) => !components[name].any);
    }

    get protocol() {
        return this.#components.protocol.pattern;
    }

    get username() {
        return this.#components.username.pattern;
    }

    get password() {
        return this.#components.password.pattern;
    }

    get hostname() {
        return this.#components.hostname.pattern;
    }

    get port() {
        return this.#components.port.pattern;
    }

    get pathname() {
        return this.#components.pathname.pattern;
    }

    get search() {
        return this.#components.search.pattern;
    }

    get hash() {
        return this.#components.hash.pattern;
    }

    get hasRegExpGroups() {
        const components = this.#components;

        return COMPONENTS.some((name) => components[name].hasRegExpGroups);
    }

    test(input = {}, baseURL = undefined) {
        const components = this.#components;
        const limited = this.#limited;
        const converted = toInput(input);
        const base = toBase(baseURL);

        if (typeof converted === 'string') {
            const url = URL.parse(converted, base);

            return url !== null
                   && limited.every((name) => matches(components[name],
                                                      PARTS[name](url)));
        }

        const values = inputOf(converted, base);

        return values !== null
               && limited.every((name) => matches(components[name],
                                                  values[name]));
    }

    exec(input = {}, baseURL = undefined) {
        const components = this.#components;
        const converted = toInput(input);
        const base = toBase(baseURL);
        const values = inputOf(converted, base);

        if (values === null) {
            return null;
        }

        const result = {
            inputs: typeof converted === 'string' ? [converted]
                                                  : [{ ...converted }],
        };

        if (base !== undefined) {
            result.inputs.push(base);
        }

        for (const name of COMPONENTS) {
            const groups = execute(components[name], values[name]);

            if (groups === null) {
                return null;
            }

            result[name] = { input: values[name], groups };
        }

        return result;
    }
}

const { prototype } = URLPattern;

for (const name of [...COMPONENTS, 'hasRegExpGroups', 'test', 'exec']) {
    Object.defineProperty(prototype, name, { enumerable: true });
}

Object.defineProperty(prototype, Symbol.toStringTag, {
    value: 'URLPattern', configurable: true,
});

return { URLPattern };

}
