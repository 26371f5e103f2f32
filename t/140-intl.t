# Copyright (C) the nginx-workers authors
#
# Intl: dates, numbers, collation and the rest in English and in other
# languages, their options and errors, and what they cost an isolate.
# Expected values are what the platform answers.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: dates in the default locale and zone
--- user_files
>>> w.js
const d = new Date(Date.UTC(2024, 2, 5, 14, 7, 9, 123));
export default { fetch() {
    return Response.json([
        d.toLocaleString(), d.toLocaleDateString(), d.toLocaleTimeString(),
        new Date(NaN).toLocaleString(),
        new Intl.DateTimeFormat().format(d), Intl.DateTimeFormat().format(0),
        Intl.DateTimeFormat().resolvedOptions(),
    ]);
} };
--- response_body chomp
["3/5/2024, 2:07:09 PM","3/5/2024","2:07:09 PM","Invalid Date","3/5/2024","1/1/1970",{"locale":"en-US","calendar":"gregory","numberingSystem":"latn","timeZone":"UTC","year":"numeric","month":"numeric","day":"numeric"}]



=== TEST 2: styles and components of dates, in several languages
--- user_files
>>> w.js
const d = new Date(Date.UTC(2024, 2, 5, 14, 7, 9, 123));
const format = (locale, options) =>
    new Intl.DateTimeFormat(locale, options).format(d);
export default { fetch() {
    return new Response([
        format("en", { dateStyle: "full", timeStyle: "long" }),
        format("en-GB", { dateStyle: "medium", timeStyle: "short" }),
        format("de", { dateStyle: "long" }),
        format("ja", { year: "numeric", month: "long", day: "numeric",
                       weekday: "short" }),
        format("en", { year: "2-digit", month: "2-digit", day: "2-digit" }),
        format("en", { weekday: "narrow", month: "short", era: "short" }),
        format("en", { hour: "numeric", minute: "2-digit", second: "2-digit",
                       fractionalSecondDigits: 3 }),
        format("en", { hour: "numeric", dayPeriod: "long" }),
        format("en", { calendar: "buddhist", dateStyle: "long" }),
        format("en-u-nu-arab"), format("fa"),
    ].join("\n"));
} };
--- response_body chomp
Tuesday, March 5, 2024 at 2:07:09 PM UTC
5 Mar 2024, 14:07
5. März 2024
2024年3月5日(火)
03/05/24
AD (month: Mar)
2:07:09.123 PM
2 in the afternoon
March 5, 2567 BE
٣/٥/٢٠٢٤
۱۴۰۲/۱۲/۱۵



=== TEST 3: time zones
--- user_files
>>> w.js
const winter = new Date(Date.UTC(2024, 0, 15, 12)),
      summer = new Date(Date.UTC(2024, 6, 15, 12));
const at = (timeZone, timeZoneName) => [winter, summer].map((d) =>
    d.toLocaleString("en-US", { timeZone, timeZoneName, hour: "numeric",
                                minute: "numeric" })).join(" | ");
const zoneOf = (timeZone) => {
    try {
        return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions()
               .timeZone;
    } catch (e) {
        return e.name;
    }
};
export default { fetch() {
    return new Response([
        at("America/New_York", "short"), at("Europe/Berlin", "longOffset"),
        at("Asia/Kolkata", "shortOffset"), at("Australia/Lord_Howe", "long"),
        at("+05:30", "short"), at("America/Los_Angeles", "shortGeneric"),
        ["asia/tokyo", "UTC", "utc", "Etc/UTC", "GMT", "Etc/GMT+5", "-0330",
         "+01", "-00:00", "Europe/Kyiv"].map(zoneOf).join(),
        ["Mars/Base", "", "+24:00", "+1", "UTC\0", "\ud800", "GMT+1",
         "x".repeat(100000), "Etc/Unknown"].map(zoneOf).join(),
    ].join("\n"));
} };
--- response_body chomp
7:00 AM EST | 8:00 AM EDT
1:00 PM GMT+01:00 | 2:00 PM GMT+02:00
5:30 PM GMT+5:30 | 5:30 PM GMT+5:30
11:00 PM Lord Howe Daylight Time | 10:30 PM Lord Howe Standard Time
5:30 PM GMT+5:30 | 5:30 PM GMT+5:30
4:00 AM PT | 5:00 AM PT
Asia/Tokyo,UTC,UTC,UTC,UTC,Etc/GMT+5,-03:30,+01:00,+00:00,Europe/Kiev
RangeError,RangeError,RangeError,RangeError,RangeError,RangeError,RangeError,RangeError,RangeError



=== TEST 4: hour cycles
--- user_files
>>> w.js
const midnight = new Date(Date.UTC(2024, 0, 1, 0, 5));
const cycle = (locale, options) => {
    const format = new Intl.DateTimeFormat(locale, options);
    const { hourCycle, hour12 } = format.resolvedOptions();
    return `${format.format(midnight)} ${hourCycle} ${hour12}`;
};
const hm = { hour: "numeric", minute: "numeric" };
export default { fetch() {
    return new Response([
        cycle("en", hm), cycle("de", hm), cycle("ja", hm),
        cycle("en", { ...hm, hour12: false }),
        cycle("de", { ...hm, hour12: true }),
        cycle("ja-JP", { ...hm, hour12: true }),
        cycle("en", { ...hm, hourCycle: "h11" }),
        cycle("en", { ...hm, hourCycle: "h23" }),
        cycle("en", { ...hm, hourCycle: "h24" }),
        cycle("en-u-hc-h23", hm),
        cycle("en", { timeStyle: "short", hour12: false }),
        cycle("en", { hourCycle: "h23" }),
    ].join("\n"));
} };
--- response_body chomp
12:05 AM h12 true
00:05 h23 false
0:05 h23 false
00:05 h23 false
12:05 AM h12 true
午前0:05 h11 true
0:05 AM h11 true
00:05 h23 false
24:05 h24 false
00:05 h23 false
00:05 h23 false
1/1/2024 undefined undefined



=== TEST 5: parts and ranges of dates; a plain space stands before AM and PM
--- user_files
>>> w.js
const start = Date.UTC(2024, 2, 5, 14, 7), end = Date.UTC(2024, 2, 7, 15, 0);
const parts = (list) => list.map((p) => `${p.source ?? ""}${p.type}=${p.value}`)
                            .join("|");
export default { fetch() {
    const f = new Intl.DateTimeFormat("en", { dateStyle: "medium",
                                              timeStyle: "short" });
    const day = new Intl.DateTimeFormat("en", { dateStyle: "long" });
    return new Response([
        parts(f.formatToParts(start)),
        f.formatRange(start, end), f.formatRange(start, start + 3600000),
        f.formatRange(start, start),
        day.formatRange(start, end), parts(day.formatRangeToParts(start, end)),
        parts(day.formatRangeToParts(start, start)),
    ].join("\n"));
} };
--- response_body eval
"month=Mar|literal= |day=5|literal=, |year=2024|literal=, |hour=2|literal=:|minute=07|literal= |dayPeriod=PM
Mar 5, 2024, 2:07\x{20}PM \xe2\x80\x93 Mar 7, 2024, 3:00 PM
Mar 5, 2024, 2:07 \xe2\x80\x93 3:07 PM
Mar 5, 2024, 2:07 PM
March 5 \xe2\x80\x93 7, 2024
sharedmonth=March|sharedliteral= |startRangeday=5|sharedliteral= \xe2\x80\x93 |endRangeday=7|sharedliteral=, |sharedyear=2024
sharedmonth=March|sharedliteral= |sharedday=5|sharedliteral=, |sharedyear=2024"



=== TEST 6: numbers in the default locale, and of every style
--- user_files
>>> w.js
const format = (n, options, locale) =>
    new Intl.NumberFormat(locale, options).format(n);
export default { fetch() {
    return new Response([
        (1234567.891).toLocaleString(), (0.5).toLocaleString("de"),
        (12345678901234567890n).toLocaleString(),
        (NaN).toLocaleString(), (-0).toLocaleString(),
        (-Infinity).toLocaleString(),
        format(12.5, { style: "currency", currency: "USD" }),
        format(-12.5, { style: "currency", currency: "EUR" }, "de"),
        format(1234, { style: "currency", currency: "JPY" }, "ja"),
        format(-5, { style: "currency", currency: "USD",
                     currencySign: "accounting" }),
        format(2, { style: "currency", currency: "USD",
                    currencyDisplay: "name" }),
        format(5, { style: "currency", currency: "CAD",
                    currencyDisplay: "code" }),
        format(0.256, { style: "percent" }),
        format(0.256, { style: "percent", minimumFractionDigits: 1 }),
        format(50, { style: "unit", unit: "kilometer-per-hour" }),
        format(16, { style: "unit", unit: "liter", unitDisplay: "long" }),
        format(5, { style: "currency", currency: "HUF" }),
        format(12345, { notation: "compact" }),
        format(1234567, { notation: "compact", compactDisplay: "long" }, "de"),
        format(123456, { notation: "scientific" }),
        format(123456, { notation: "engineering" }),
        format(5, { signDisplay: "always" }),
        format(-0.001, { signDisplay: "negative", maximumFractionDigits: 0 }),
        format(12345.6, { useGrouping: false }),
        format(1234, { useGrouping: "min2" }),
        format(1234.5, { numberingSystem: "deva" }),
        format(1234567.8, {}, "en-IN"),
    ].join("\n").replaceAll("\u00a0", "_"));
} };
--- response_body chomp
1,234,567.891
0,5
12,345,678,901,234,567,890
NaN
-0
-∞
$12.50
-12,50_€
￥1,234
($5.00)
2.00 US dollars
CAD_5.00
26%
25.6%
50 km/h
16 liters
HUF_5.00
12K
1,2 Millionen
1.235E5
123.456E3
+5
0
12345.6
1234
१,२३४.५
12,34,567.8



=== TEST 7: digits and rounding
--- user_files
>>> w.js
const format = (n, options) => new Intl.NumberFormat("en", options).format(n);
const modes = ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor",
               "halfExpand", "halfTrunc", "halfEven"];
export default { fetch() {
    return new Response([
        format(3, { minimumFractionDigits: 2 }),
        format(1.005, { maximumFractionDigits: 2 }),
        format(123456, { maximumSignificantDigits: 3 }),
        format(7, { minimumIntegerDigits: 3 }),
        format(5, { minimumSignificantDigits: 3 }),
        format(1.23, { roundingIncrement: 5, minimumFractionDigits: 2,
                       maximumFractionDigits: 2 }),
        format(4.3, { roundingPriority: "lessPrecision",
                      maximumFractionDigits: 2, minimumFractionDigits: 2,
                      maximumSignificantDigits: 2 }),
        format(4, { minimumFractionDigits: 2,
                    trailingZeroDisplay: "stripIfInteger" }),
        modes.map((roundingMode) => format(-2.5, { roundingMode,
                      maximumFractionDigits: 0 })).join(),
        format("123456789012345678901234.125"), format(" 0x1F "),
        format("1e3"), format("abc"), format(""), format("1e400"),
        format("-0"), format(123n), format(true), format(null),
        format({ valueOf: () => "987654321098765432.1" }),
        format("0." + "1".repeat(1000), { maximumFractionDigits: 100 }).length,
    ].join("\n"));
} };
--- response_body chomp
3.00
1.01
123,000
007
5.00
1.25
4.3
4
-2,-3,-3,-2,-2,-3,-3,-2,-2
123,456,789,012,345,678,901,234.125
31
1,000
NaN
0
∞
-0
123
1
0
987,654,321,098,765,432.1
102



=== TEST 8: parts and ranges of numbers
--- user_files
>>> w.js
const parts = (list) => list.map((p) => `${p.source ?? ""}${p.type}=${p.value}`)
                            .join("|");
export default { fetch() {
    const usd = new Intl.NumberFormat("en", { style: "currency",
                                              currency: "USD" });
    const plain = new Intl.NumberFormat("en");
    return new Response([
        parts(usd.formatToParts(-1234.5)), parts(plain.formatToParts(NaN)),
        parts(plain.formatToParts(Infinity)),
        parts(new Intl.NumberFormat("en", { notation: "compact" })
              .formatToParts(12345)),
        parts(new Intl.NumberFormat("en", { style: "percent",
              signDisplay: "always" }).formatToParts(0.5)),
        usd.formatRange(3, 5), plain.formatRange(3, 3),
        plain.formatRange("1", 10n), parts(usd.formatRangeToParts(3, 5)),
    ].join("\n"));
} };
--- response_body chomp
minusSign=-|currency=$|integer=1|group=,|integer=234|decimal=.|fraction=50
nan=NaN
infinity=∞
integer=12|compact=K
plusSign=+|integer=50|percentSign=%
$3.00 – $5.00
~3
1–10
startRangecurrency=$|startRangeinteger=3|startRangedecimal=.|startRangefraction=00|sharedliteral= – |endRangecurrency=$|endRangeinteger=5|endRangedecimal=.|endRangefraction=00



=== TEST 9: collation
--- user_files
>>> w.js
const sorted = (list, locale, options) =>
    list.sort(new Intl.Collator(locale, options).compare).join();
const same = (a, b, options) => a.localeCompare(b, "en", options) === 0;
export default { fetch() {
    return new Response([
        ["b", "a", "C", "A", "ä", "z"].sort((a, b) => a.localeCompare(b)).join(),
        sorted(["z", "ä", "a"], "de"), sorted(["z", "ä", "a"], "sv"),
        sorted(["a10", "a2", "a1"], "en", { numeric: true }),
        sorted(["a10", "a2", "a1"], "en-u-kn"),
        sorted(["a", "A", "b"], "en", { caseFirst: "upper" }),
        sorted(["Ad", "Ä", "Af"], "de-u-co-phonebk"),
        ["base", "accent", "case", "variant"].map((sensitivity) =>
            ["á", "A"].map((x) => same("a", x, { sensitivity }))).join(" "),
        same("co-op", "coop", { ignorePunctuation: true }),
        same("\u00e1", "a\u0301"), "a".localeCompare("b"),
        [["en"], ["en", "abcde"], "en-abcde", "sv"].map((l) =>
            "z".localeCompare("\u00e4", l)).join(),
        "\ud800".localeCompare("a"), "undefined".localeCompare(),
        JSON.stringify(new Intl.Collator("de-u-co-phonebk-kn")
                       .resolvedOptions()),
    ].join("\n"));
} };
--- response_body chomp
a,A,ä,b,C,z
a,ä,z
a,z,ä
a1,a2,a10
a1,a2,a10
A,a,b
Ad,Ä,Af
true,true false,true true,false false,false
true
true
-1
1,1,1,-1
1
0
{"locale":"de-u-co-phonebk-kn","usage":"sort","sensitivity":"variant","ignorePunctuation":false,"collation":"phonebk","numeric":true,"caseFirst":"false"}



=== TEST 10: plural rules, relative times and lists
--- user_files
>>> w.js
const plurals = (locale, type, ...list) => {
    const rules = new Intl.PluralRules(locale, { type });
    return list.map((n) => rules.select(n)).join() + " "
           + rules.resolvedOptions().pluralCategories;
};
const relative = (n, unit, options, locale = "en") =>
    new Intl.RelativeTimeFormat(locale, options).format(n, unit);
const list = (locale, options, ...items) =>
    new Intl.ListFormat(locale, options).format(items);
export default { fetch() {
    return new Response([
        plurals("en", "cardinal", 0, 1, 2, 1.5),
        plurals("en", "ordinal", 1, 2, 3, 4, 11, 21),
        plurals("ar", "cardinal", 0, 1, 2, 3, 11, 100),
        new Intl.PluralRules("en").selectRange(0, 1),
        new Intl.PluralRules("en", { minimumFractionDigits: 1 }).select(1),
        relative(-1, "day", { numeric: "auto" }), relative(-1, "day"),
        relative(2, "weeks"), relative(1, "month", { style: "narrow" }),
        relative(-3, "hour", {}, "de"), relative(-0, "second"),
        JSON.stringify(new Intl.RelativeTimeFormat("en")
                       .formatToParts(1234, "day")),
        list("en", {}), list("en", {}, "a"), list("en", {}, "a", "b"),
        list("en", {}, "a", "b", "c"),
        list("en", { type: "disjunction" }, "a", "b", "c"),
        list("en", { type: "unit", style: "narrow" }, "a", "b"),
        list("es", {}, "padre", "hijo"), list("es", {}, "madre", "iglesia"),
        JSON.stringify(new Intl.ListFormat("en").formatToParts(["a", ""])),
    ].join("\n"));
} };
--- response_body chomp
other,one,other,other one,other
one,two,few,other,other,one one,two,few,other
zero,one,two,few,many,other zero,one,two,few,many,other
other
other
yesterday
1 day ago
in 2 weeks
in 1mo
vor 3 Stunden
0 seconds ago
[{"type":"literal","value":"in "},{"type":"integer","value":"1","unit":"day"},{"type":"group","value":",","unit":"day"},{"type":"integer","value":"234","unit":"day"},{"type":"literal","value":" days"}]

a
a and b
a, b, and c
a, b, or c
a b
padre e hijo
madre e iglesia
[{"type":"element","value":"a"},{"type":"literal","value":" and "}]



=== TEST 11: segments
--- user_files
>>> w.js
const segments = (text, granularity, locale = "en") =>
    Array.from(new Intl.Segmenter(locale, { granularity }).segment(text),
               (s) => s.segment + (s.isWordLike ? "*" : "")).join("|");
export default { fetch() {
    const words = new Intl.Segmenter("en", { granularity: "word" })
                  .segment("ab cd");
    const iterator = words[Symbol.iterator]();
    return new Response([
        JSON.stringify(segments("e\u0301\u{1f468}\u200d\u{1f469}x", "grapheme")
                       .split("|").map((s) => s.length)),
        segments("Can't stop, 3.14 at www.example.com: a:b.", "word"),
        segments("日本語のテキスト", "word", "ja"),
        segments("Hello. How are you? Fine.", "sentence"),
        segments("", "word"), segments("\ud83d", "grapheme").length,
        JSON.stringify([0, 1, 2, 4, 5, -1, NaN, "3"].map((i) =>
            words.containing(i))),
        JSON.stringify([iterator.next(), iterator.next(), iterator.next(),
                        iterator.next()]),
        iterator[Symbol.iterator]() === iterator,
        iterator[Symbol.toStringTag],
        [...new Intl.Segmenter("en", { granularity: "word" })
            .segment("a.".repeat(3000))].length,
    ].join("\n"));
} };
--- response_body chomp
[2,5,1]
Can't*| |stop*|,| |3.14*| |at*| |www*|.|example*|.|com*|:| |a*|:|b*|.
日本語*|の*|テキスト*
Hello. |How are you? |Fine.

1
[{"segment":"ab","index":0,"input":"ab cd","isWordLike":true},{"segment":"ab","index":0,"input":"ab cd","isWordLike":true},{"segment":" ","index":2,"input":"ab cd","isWordLike":false},{"segment":"cd","index":3,"input":"ab cd","isWordLike":true},null,null,{"segment":"ab","index":0,"input":"ab cd","isWordLike":true},{"segment":"cd","index":3,"input":"ab cd","isWordLike":true}]
[{"value":{"segment":"ab","index":0,"input":"ab cd","isWordLike":true},"done":false},{"value":{"segment":" ","index":2,"input":"ab cd","isWordLike":false},"done":false},{"value":{"segment":"cd","index":3,"input":"ab cd","isWordLike":true},"done":false},{"done":true}]
true
Segmenter String Iterator
6000



=== TEST 12: names of languages, regions and other things
--- user_files
>>> w.js
const name = (type, code, options, locale = "en") => {
    try {
        return String(new Intl.DisplayNames(locale, { type, ...options })
                      .of(code));
    } catch (e) {
        return e.name;
    }
};
export default { fetch() {
    return new Response([
        name("language", "fr-CA"),
        name("language", "fr-CA", { languageDisplay: "standard" }),
        name("region", "US", { style: "short" }), name("region", "DE", {}, "fr"),
        name("script", "Hant"), name("currency", "usd"),
        name("currency", "EUR", { style: "short" }),
        name("calendar", "buddhist"), name("dateTimeField", "weekOfYear"),
        name("region", "QX"), name("region", "QX", { fallback: "none" }),
        ["language", "region", "script", "currency", "calendar",
         "dateTimeField", "planet"].map((type) => name(type, "x\0y")).join(),
        name("language", "en-u-ca-roc"), name("region", "\ud800"),
    ].join("\n"));
} };
--- response_body chomp
Canadian French
French (Canada)
US
Allemagne
Traditional
US Dollar
€
Buddhist Calendar
week
QX
undefined
RangeError,RangeError,RangeError,RangeError,RangeError,RangeError,RangeError
RangeError
RangeError



=== TEST 13: locales
--- user_files
>>> w.js
const show = (tag, options) => {
    try {
        const l = new Intl.Locale(tag, options);
        return [l, l.baseName, l.language, l.script, l.region, l.calendar,
                l.hourCycle, l.numeric, l.maximize(), l.minimize()].join(" ");
    } catch (e) {
        return e.name;
    }
};
export default { fetch() {
    const l = new Intl.Locale("ar-EG");
    return new Response([
        show("en-us"), show("zh-hant-u-ca-roc-kn"), show("iw"),
        show("en", { region: "gb", hourCycle: "h23", numeric: true }),
        show("sl-ROZAJ", { variants: "nedis" }), show("en-US-x-foo"),
        ["", "x", "en_US", "en-", "en-US-US", "en-u-ca-roc-u-nu-thai", "e\0n",
         "abcdefghi", "\ud800"].map((t) => show(t)).join(),
        JSON.stringify([l.getCalendars(), l.getNumberingSystems(),
                        l.getTimeZones(), l.getTextInfo(), l.getWeekInfo(),
                        l.getHourCycles()]),
        Intl.getCanonicalLocales(["EN-us", "sh", l, "en-US"]).join(),
        (1.5).toLocaleString(new Intl.Locale("de")),
        Intl.NumberFormat.supportedLocalesOf(["de-XX", "xx", "zh-TW"]).join(),
    ].join("\n"));
} };
--- response_body chomp
en-US en-US en  US   false en-Latn-US en
zh-Hant-u-ca-roc-kn zh-Hant zh Hant  roc  true zh-Hant-TW-u-ca-roc-kn zh-TW-u-ca-roc-kn
he he he     false he-Hebr-IL he
en-GB-u-hc-h23-kn en-GB en  GB  h23 true en-Latn-GB-u-hc-h23-kn en-GB-u-hc-h23-kn
sl-nedis sl-nedis sl     false sl-Latn-SI-nedis sl-nedis
en-US-x-foo en-US en  US   false en-Latn-US-x-foo en-x-foo
RangeError,RangeError,RangeError,RangeError,RangeError,RangeError,RangeError,RangeError,RangeError
[["gregory","coptic","islamic","islamic-civil","islamic-tbla"],["arab"],["Africa/Cairo"],{"direction":"rtl"},{"firstDay":6,"weekend":[5,6]},["h12"]]
en-US,sr-Latn,ar-EG
1,5
de-XX,zh-TW



=== TEST 14: durations
--- user_files
>>> w.js
const format = (duration, options, locale = "en") => {
    try {
        return new Intl.DurationFormat(locale, options).format(duration);
    } catch (e) {
        return e.name;
    }
};
export default { fetch() {
    const hms = { hours: 1, minutes: 2, seconds: 3 };
    return new Response([
        format(hms), format(hms, { style: "long" }, "de"),
        format(hms, { style: "digital" }),
        format({ minutes: -1, seconds: -5 }, { style: "digital" }),
        format({ seconds: 1, milliseconds: 500 }, { style: "digital",
               fractionalDigits: 2 }),
        format({ years: 1, days: 2 }, { style: "narrow" }), format({ hours: 0 }),
        [{}, { hours: 1.5 }, { hours: 1, minutes: -1 }, { years: 2 ** 32 },
         { seconds: 2 ** 53 }, null, "P1D"].map((d) => format(d)).join(),
        format(hms, { hours: "numeric", minutes: "long" }),
    ].join("\n"));
} };
--- response_body chomp
1 hr, 2 min, 3 sec
1 Stunde, 2 Minuten und 3 Sekunden
1:02:03
-0:01:05
0:00:01.50
1y 2d

TypeError,RangeError,RangeError,RangeError,RangeError,TypeError,RangeError
RangeError



=== TEST 15: options are read in the order of the standard, once
--- user_files
>>> w.js
const order = (f) => {
    const names = [];
    f(new Proxy({}, { get(target, name) { names.push(name); } }));
    return names.join();
};
export default { fetch() {
    return new Response([
        order((o) => new Intl.DateTimeFormat("en", o)),
        order((o) => (1).toLocaleString("en", o)),
        order((o) => "a".localeCompare("b", "en", o)),
        order((o) => new Intl.PluralRules("en", o)),
        order((o) => new Intl.Segmenter("en", o)),
    ].join("\n"));
} };
--- response_body chomp
localeMatcher,calendar,numberingSystem,hour12,hourCycle,timeZone,weekday,era,year,month,day,dayPeriod,hour,minute,second,fractionalSecondDigits,timeZoneName,formatMatcher,dateStyle,timeStyle
localeMatcher,numberingSystem,style,currency,currencyDisplay,currencySign,unit,unitDisplay,notation,minimumIntegerDigits,minimumFractionDigits,maximumFractionDigits,minimumSignificantDigits,maximumSignificantDigits,roundingIncrement,roundingMode,roundingPriority,trailingZeroDisplay,compactDisplay,useGrouping,signDisplay
usage,localeMatcher,collation,numeric,caseFirst,sensitivity,ignorePunctuation
localeMatcher,type,notation,compactDisplay,minimumIntegerDigits,minimumFractionDigits,maximumFractionDigits,minimumSignificantDigits,maximumSignificantDigits,roundingIncrement,roundingMode,roundingPriority,trailingZeroDisplay
localeMatcher,granularity



=== TEST 16: wrong arguments
--- user_files
>>> w.js
const name = (f) => {
    try {
        f();
        return "none";
    } catch (e) {
        return e.name;
    }
};
const nf = (options) => name(() => new Intl.NumberFormat("en", options));
const dtf = (options) => name(() => new Intl.DateTimeFormat("en", options));
export default { fetch() {
    return new Response([
        nf({ style: "currency" }), nf({ style: "unit" }), nf({ style: "x" }),
        nf({ currency: "US1" }), nf({ unit: "parsec" }),
        nf({ minimumFractionDigits: 101 }), nf({ maximumFractionDigits: -1 }),
        nf({ minimumFractionDigits: 5, maximumFractionDigits: 2 }),
        nf({ minimumIntegerDigits: 1e9 }), nf({ roundingIncrement: 3 }),
        nf({ roundingIncrement: 5, maximumSignificantDigits: 3 }),
        nf({ useGrouping: "x" }), nf({ numberingSystem: "x" }), nf(null),
        nf({ numberingSystem: "abc-".repeat(1000) + "abc" }),
        dtf({ dateStyle: "full", month: "long" }), dtf({ hour: "long" }),
        dtf({ fractionalSecondDigits: 4 }), dtf({ calendar: "x" }), dtf(null),
        name(() => new Date().toLocaleDateString("en", { timeStyle: "short" })),
        name(() => new Intl.DateTimeFormat().format(NaN)),
        name(() => new Intl.DateTimeFormat().format(8.64e15 + 1)),
        name(() => new Intl.DateTimeFormat().formatRange(1)),
        name(() => new Intl.NumberFormat().formatRange(1, NaN)),
        name(() => new Intl.NumberFormat(null)),
        name(() => new Intl.NumberFormat([1])),
        name(() => new Intl.NumberFormat("a".repeat(1000000))),
        name(() => new Intl.NumberFormat("en-" + "abcde-".repeat(500) + "x")),
        name(() => new Intl.RelativeTimeFormat().format(1, "eon")),
        name(() => new Intl.RelativeTimeFormat().format(NaN, "day")),
        name(() => new Intl.ListFormat().format([1])),
        name(() => new Intl.ListFormat("en", 1)),
        name(() => new Intl.DisplayNames("en")),
        name(() => new Intl.DisplayNames("en", {})),
        name(() => new Intl.Segmenter("en", { granularity: "line" })),
        name(() => new Intl.Segmenter().segment(Symbol())),
        name(() => Intl.supportedValuesOf("colour")),
        name(() => Intl.PluralRules("en")), name(() => new Intl.Locale()),
        name(() => Intl.DateTimeFormat.prototype.format),
        name(() => Intl.NumberFormat.prototype.resolvedOptions.call({})),
        name(() => Intl.Collator.prototype.compare),
        name(() => Date.prototype.toLocaleString.call({})),
        name(() => Number.prototype.toLocaleString.call("1")),
        name(() => String.prototype.localeCompare.call(null, "a")),
        name(() => "a".toLocaleUpperCase("x_y")),
    ].join(" "));
} };
--- response_body eval
"TypeError TypeError RangeError RangeError RangeError RangeError RangeError "
. "RangeError RangeError RangeError TypeError RangeError RangeError TypeError "
. "none TypeError RangeError RangeError RangeError TypeError TypeError "
. "RangeError RangeError TypeError RangeError TypeError TypeError RangeError "
. "RangeError RangeError RangeError TypeError TypeError TypeError TypeError "
. "RangeError TypeError RangeError TypeError TypeError TypeError TypeError "
. "TypeError TypeError TypeError TypeError RangeError"



=== TEST 17: shapes of Intl and its constructors
--- user_files
>>> w.js
const names = ["DateTimeFormat", "NumberFormat", "Collator", "PluralRules",
               "RelativeTimeFormat", "ListFormat", "Locale", "DisplayNames",
               "Segmenter", "DurationFormat"];
export default { fetch() {
    return new Response(names.map((n) => {
        const C = Intl[n];
        return [C.name, C.length, C.prototype[Symbol.toStringTag],
                Object.getOwnPropertyNames(C.prototype).sort()].join(" ");
    }).concat([
        String(Intl), Object.keys(Intl).length,
        Object.keys(globalThis).includes("Intl"),
        names.every((n) => Object.keys(Intl[n].prototype).length === 0),
        Intl.NumberFormat() instanceof Intl.NumberFormat,
        new (class extends Intl.Collator {})() instanceof Intl.Collator,
        [Date.prototype.toLocaleString, Number.prototype.toLocaleString,
         String.prototype.localeCompare].map((f) => f.name + f.length),
        ["calendar", "collation", "currency", "numberingSystem", "timeZone",
         "unit"].map((key) => {
             const list = Intl.supportedValuesOf(key);
             return list.length > 5 && list.join() === list.slice().sort().join();
         }),
        Intl.supportedValuesOf("timeZone").length,
    ]).join("\n"));
} };
--- response_body chomp
DateTimeFormat 0 Intl.DateTimeFormat constructor,format,formatRange,formatRangeToParts,formatToParts,resolvedOptions
NumberFormat 0 Intl.NumberFormat constructor,format,formatRange,formatRangeToParts,formatToParts,resolvedOptions
Collator 0 Intl.Collator compare,constructor,resolvedOptions
PluralRules 0 Intl.PluralRules constructor,resolvedOptions,select,selectRange
RelativeTimeFormat 0 Intl.RelativeTimeFormat constructor,format,formatToParts,resolvedOptions
ListFormat 0 Intl.ListFormat constructor,format,formatToParts,resolvedOptions
Locale 1 Intl.Locale baseName,calendar,caseFirst,collation,constructor,firstDayOfWeek,getCalendars,getCollations,getHourCycles,getNumberingSystems,getTextInfo,getTimeZones,getWeekInfo,hourCycle,language,maximize,minimize,numberingSystem,numeric,region,script,toString,variants
DisplayNames 2 Intl.DisplayNames constructor,of,resolvedOptions
Segmenter 0 Intl.Segmenter constructor,resolvedOptions,segment
DurationFormat 0 Intl.DurationFormat constructor,format,formatToParts,resolvedOptions
[object Intl]
0
false
true
true
true
toLocaleString0,toLocaleString0,localeCompare1
true,true,true,true,true,true
418



=== TEST 18: toLocaleString() of arrays, and case by language
--- user_files
>>> w.js
const self = [1234.5];
self.push(self, null, undefined, new Date(0));
export default { fetch() {
    return new Response([
        self.toLocaleString(), [1234.5, new Date(0)].toLocaleString("de"),
        [0.5].toLocaleString("en", { style: "percent" }),
        new Float64Array([1234.5]).toLocaleString("de"),
        new BigInt64Array([1234n]).toLocaleString(), [].toLocaleString(),
        "i".toLocaleUpperCase("tr"), "I".toLocaleLowerCase(["tr"]),
        "\u00df".toLocaleUpperCase(), "i".toLocaleUpperCase("en"),
        "\u00cc".toLocaleLowerCase("lt").length,
    ].join("\n"));
} };
--- response_body chomp
1,234.5,,,,1/1/1970, 12:00:00 AM
1.234,5,1.1.1970, 00:00:00
50%
1.234,5
1,234

İ
ı
SS
I
3



=== TEST 19: a script that replaces built-ins breaks only itself
--- user_files
>>> w.js
const date = new Date(0);
date.toLocaleString() + new Intl.NumberFormat();
Intl.DateTimeFormat = null;
Array.prototype[Symbol.iterator] = null;
Map.prototype.get = RegExp.prototype.exec = String.prototype.slice = null;
Object.prototype.timeZone = "Mars/Base";
export default { fetch() {
    const text = [date.toLocaleString(), new Intl.NumberFormat().format(1234),
                  date.toLocaleDateString("de"), Intl.DateTimeFormat].join();
    Intl = 1;
    return new Response(text + date.toLocaleTimeString() + Intl);
} };
--- response_body chomp
1/1/1970, 12:00:00 AM,1,234,1.1.1970,12:00:00 AM1



=== TEST 20: formatters that are held count towards the memory limit
--- script
        limits memory=8m;
--- user_files
>>> w.js
export default { fetch() {
    const held = [];
    for (let i = 0; i < 1e6; i++) {
        const minute = String(i % 60).padStart(2, "0");
        const f = new Intl.DateTimeFormat("en", { timeZone: `+01:${minute}` });
        f.format(0);
        held.push(f);
    }
    return new Response(held.length);
} };
--- error_code: 503
--- error_log
exceeded memory limit



=== TEST 21: formatters that are garbage do not, in cycles or not
--- script
        limits memory=16m cpu=30s;
--- user_files
>>> w.js
export default { fetch() {
    for (let i = 0; i < 3000; i++) {
        const minute = String(i % 60).padStart(2, "0");
        const o = { f: new Intl.DateTimeFormat("en",
                                               { timeZone: `+01:${minute}` }) };
        o.f.format(0);
        o.self = o;
    }
    return new Response("done");
} };
--- response_body chomp
done
--- timeout: 60
