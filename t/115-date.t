# Copyright (C) the nginx-workers authors
#
# Date: local time is UTC, whatever zone nginx itself runs in.  A block's
# "--- zone" is TZ in nginx's environment.

use strict;
use warnings;

use POSIX ();

use lib 't/lib';
use Workers 'no_plan';

# The zones of these tests where the system has no tzdata.

my %rules = (
    'America/New_York' => 'EST5EDT,M3.2.0,M11.1.0',
    'Europe/Berlin' => 'CET-1CEST,M3.5.0,M10.5.0/3',
    'Asia/Kolkata' => 'IST-5:30',
);

add_block_preprocessor(sub {
    my $block = shift;

    $ENV{TZ} = $block->zone // 'UTC';
    chomp $ENV{TZ};

    if ($ENV{TZ} =~ m{/} && !-e "/usr/share/zoneinfo/$ENV{TZ}") {
        $ENV{TZ} = $rules{$ENV{TZ}};
    }
});


# What a log line of these minutes starts with in a zone.

sub clock {
    my $zone = shift;

    local $ENV{TZ} = -e "/usr/share/zoneinfo/$zone" ? $zone : $rules{$zone};

    POSIX::tzset();

    my $now = time();
    my $minutes = join '|', map {
        POSIX::strftime('%Y/%m/%d %H:%M', localtime($now + 60 * $_))
    } 0 .. 5;

    return "($minutes):\\d\\d \\[";
}


our $user_files = <<'_EOF_';
>>> w.js
import { values } from "./values.js";
import { strings } from "./strings.js";
import { surface } from "./surface.js";
const parts = { "/values": values, "/strings": strings, "/surface": surface };
export default { fetch(req) {
    const values = parts[new URL(req.url).pathname]();
    return new Response(values.map((v) => JSON.stringify(v)).join("\n"));
} };
>>> values.js
export function values() {
    const d = new Date(2024, 6, 15, 12, 30, 45, 678);
    const gap = new Date(2024, 2, 10, 2, 30);
    const set = (name, ...args) => {
        const date = new Date(1710037800000);
        date[name](...args);
        return date.toJSON();
    };
    const old = new Date(-1, 0, 1);
    const bad = new Date(2024, NaN);
    return [
        d.toISOString(), gap.toISOString(), new Date(2024, 2, 31, 2, 30) - gap,
        [d.getYear(), d.getFullYear(), d.getMonth(), d.getDate(), d.getDay(),
         d.getHours(), d.getMinutes(), d.getSeconds(), d.getMilliseconds(),
         d.getTimezoneOffset()].join(),
        [d.toString(), d.toDateString(), d.toTimeString()],
        [d.toLocaleString(), d.toLocaleDateString(), d.toLocaleTimeString()],
        [`${gap}`, gap + 1, +gap],
        [old.toJSON(), String(old), old.toLocaleString()],
        [String(bad), bad.toDateString(), bad.toLocaleTimeString(),
         bad.getHours(), bad.getTimezoneOffset(), bad.setHours(1)],
        [new Date(99, 0), new Date(0, 0), new Date(100, 0), new Date(-0, 0)],
        new Date(8.64e15).toString(), new Date(275760, 8, 13).getTime(),
        [set("setYear", 99), set("setFullYear", 2023, 6),
         set("setMonth", 6, 20), set("setDate", 1), set("setHours", 3, 4, 5, 6),
         set("setMinutes", 90), set("setSeconds", 7), set("setMilliseconds", 8),
         set("setHours"), set("setYear", NaN)],
        structuredClone(d).getHours(),
    ];
}
>>> strings.js
const texts = [
    "2024-07-15T12:30", "2024-03-10T02:30", "2024-03-10T02:30:15.5",
    "2024-07-15", "2024-07", "2024", "-000001-07-15T00:00",
    "2024-07-15T12:30Z", "2024-07-15T12:30+05:30", "2024-07-15+05:30",
    "+275760-09-13T00:00", "+275760-09-13T00:01", "2024-07-15T24:00",
    "2024-03-10 02:30", "Jul 15 2024", "15 July 2024 12:30 PM",
    "Mon, 15 Jul 2024 12:30:00 GMT", "Mon Jul 15 2024 12:30:00 GMT+0200 (x)",
    "7/15/2024 12:30 EST", "7/15/24", " 2024-07-15", "2024-07-15T12",
    "2024-13-01T00:00", "tomorrow", "",
];
export function strings() {
    return texts.map((text) => {
        const time = Date.parse(text);
        const same = [text, new String(text), { valueOf: () => text }]
            .every((v) => Object.is(new Date(v).getTime(), time));
        return `${text}: ${time === time ? new Date(time).toJSON() : time}`
               + (same ? "" : " (!)");
    });
}
>>> surface.js
class Day extends Date {
    constructor(...args) { super(...args); this.made = new.target.name; }
    get noon() { return this.getHours() === 12; }
}
const describe = (object, key) => {
    const d = Object.getOwnPropertyDescriptor(object, key);
    const f = typeof d.value === "function";
    return `${String(key)} ${f ? `${d.value.name} ${d.value.length}` : ""} `
           + [d.writable, d.enumerable, d.configurable].map(Number).join("");
};
const error = (f) => {
    try {
        return f();
    } catch (e) {
        return `${e.name}: ${e.message}`;
    }
};
export function surface() {
    const day = new Day(2024, 6, 15, 12);
    const log = [];
    const arg = (name, v) => ({ valueOf() { log.push(name); return v; } });
    const target = new Proxy(Day, { get(t, key) {
        log.push(String(key));
        return t[key];
    } });
    error(() => new Date(arg("a", 2024), arg("b", 1), arg("c", 2)));
    Reflect.construct(Date, [arg("d", 2024), arg("e", 1)], target);
    new Date({ get [Symbol.toPrimitive]() {
        log.push("f");
        return (hint) => { log.push(hint); return 5; };
    } });
    return [
        [day.noon, day.made, day instanceof Day, day instanceof Date],
        [typeof Date.call(Day), Date(2024, 1).slice(0, 33).length,
         Date.prototype.constructor === Date,
         new Date(day).getTime() === day.getTime(),
         structuredClone(day).constructor === Date],
        Reflect.ownKeys(Date).map((key) => describe(Date, key)),
        describe(globalThis, "Date"),
        ["getHours", "setHours", "setFullYear", "getYear", "setYear",
         "toString", "toLocaleString", "constructor", Symbol.toPrimitive]
            .map((key) => describe(Date.prototype, key)),
        String(Date), log.join(),
        Math.abs(Date.now() - new Date()) < 1000,
        [error(() => Date.prototype.getHours.call({})),
         error(() => Date.prototype.toString.call(5)),
         error(() => Date.prototype.setYear.call({}, arg("g"))),
         error(() => new Date.prototype.getHours()),
         error(() => new Date(Symbol("x"))), error(() => new Date(5n)),
         error(() => new Date({ [Symbol.toPrimitive]: () => ({}) })),
         error(() => Date.parse(Symbol("x"))),
         error(() => new Date(NaN).toISOString())],
    ];
}
_EOF_

our $requests = ["GET /values", "GET /strings", "GET /surface"];

our $bodies = [split /^--\n/m, <<'_EOF_'];
"2024-07-15T12:30:45.678Z"
"2024-03-10T02:30:00.000Z"
1814400000
"124,2024,6,15,1,12,30,45,678,0"
["Mon Jul 15 2024 12:30:45 GMT+0000 (Coordinated Universal Time)","Mon Jul 15 2024","12:30:45 GMT+0000 (Coordinated Universal Time)"]
["7/15/2024, 12:30:45 PM","7/15/2024","12:30:45 PM"]
["Sun Mar 10 2024 02:30:00 GMT+0000 (Coordinated Universal Time)","Sun Mar 10 2024 02:30:00 GMT+0000 (Coordinated Universal Time)1",1710037800000]
["-000001-01-01T00:00:00.000Z","Fri Jan 01 -0001 00:00:00 GMT+0000 (Coordinated Universal Time)","1/1/2, 12:00:00 AM"]
["Invalid Date","Invalid Date","Invalid Date",null,null,null]
["1999-01-01T00:00:00.000Z","1900-01-01T00:00:00.000Z","0100-01-01T00:00:00.000Z","1900-01-01T00:00:00.000Z"]
"Sat Sep 13 275760 00:00:00 GMT+0000 (Coordinated Universal Time)"
8640000000000000
["1999-03-10T02:30:00.000Z","2023-07-10T02:30:00.000Z","2024-07-20T02:30:00.000Z","2024-03-01T02:30:00.000Z","2024-03-10T03:04:05.006Z","2024-03-10T03:30:00.000Z","2024-03-10T02:30:07.000Z","2024-03-10T02:30:00.008Z",null,null]
12
--
"2024-07-15T12:30: 2024-07-15T12:30:00.000Z"
"2024-03-10T02:30: 2024-03-10T02:30:00.000Z"
"2024-03-10T02:30:15.5: 2024-03-10T02:30:15.500Z"
"2024-07-15: 2024-07-15T00:00:00.000Z"
"2024-07: 2024-07-01T00:00:00.000Z"
"2024: 2024-01-01T00:00:00.000Z"
"-000001-07-15T00:00: -000001-07-15T00:00:00.000Z"
"2024-07-15T12:30Z: 2024-07-15T12:30:00.000Z"
"2024-07-15T12:30+05:30: 2024-07-15T07:00:00.000Z"
"2024-07-15+05:30: 2024-07-14T18:30:00.000Z"
"+275760-09-13T00:00: +275760-09-13T00:00:00.000Z"
"+275760-09-13T00:01: NaN"
"2024-07-15T24:00: 2024-07-16T00:00:00.000Z"
"2024-03-10 02:30: 2024-03-10T02:30:00.000Z"
"Jul 15 2024: 2024-07-15T00:00:00.000Z"
"15 July 2024 12:30 PM: 2024-07-15T12:30:00.000Z"
"Mon, 15 Jul 2024 12:30:00 GMT: 2024-07-15T12:30:00.000Z"
"Mon Jul 15 2024 12:30:00 GMT+0200 (x): 2024-07-15T10:30:00.000Z"
"7/15/2024 12:30 EST: 2024-07-15T17:30:00.000Z"
"7/15/24: 2024-07-15T00:00:00.000Z"
" 2024-07-15: 2024-07-15T00:00:00.000Z"
"2024-07-15T12: NaN"
"2024-13-01T00:00: NaN"
"tomorrow: NaN"
": NaN"
--
[true,"Day",true,true]
["string",33,true,true,true]
["length  001","name  001","now now 0 101","parse parse 1 101","UTC UTC 7 101","prototype  000"]
"Date Date 7 101"
["getHours getHours 0 101","setHours setHours 4 101","setFullYear setFullYear 3 101","getYear getYear 0 101","setYear setYear 1 101","toString toString 0 101","toLocaleString toLocaleString 0 101","constructor Date 7 101","Symbol(Symbol.toPrimitive) [Symbol.toPrimitive] 1 001"]
"function Date() { [native code] }"
"a,b,c,d,e,prototype,f,default"
true
["TypeError: not a Date object","TypeError: not a Date object","TypeError: not a Date object","TypeError: not a constructor","TypeError: cannot convert symbol to number","TypeError: cannot convert BigInt to number","TypeError: toPrimitive","TypeError: cannot convert symbol to string","RangeError: Date value is NaN"]
_EOF_

chomp @$bodies;

run_tests();

__DATA__

=== TEST 1: dates in a process whose zone is UTC
--- zone: UTC
--- user_files eval: $::user_files
--- pipelined_requests eval: $::requests
--- response_body eval: $::bodies



=== TEST 2: the same in a zone west of Greenwich
--- zone: America/New_York
--- user_files eval: $::user_files
--- pipelined_requests eval: $::requests
--- response_body eval: $::bodies



=== TEST 3: the same in a zone east of it
--- zone: Europe/Berlin
--- user_files eval: $::user_files
--- pipelined_requests eval: $::requests
--- response_body eval: $::bodies



=== TEST 4: the same in a zone without summer time
--- zone: Asia/Kolkata
--- user_files eval: $::user_files
--- pipelined_requests eval: $::requests
--- response_body eval: $::bodies



=== TEST 5: the same in a zone given by its rules
--- zone: EST5EDT,M3.2.0,M11.1.0
--- user_files eval: $::user_files
--- pipelined_requests eval: $::requests
--- response_body eval: $::bodies



=== TEST 6: nginx's log keeps the zone that nginx runs in
--- zone: Asia/Kolkata
--- user_files
>>> w.js
export default { fetch() {
    console.log("noon", new Date(2024, 6, 15, 12), [new Date(NaN)]);
    return new Response(String(new Date("2024-07-15T12:00")));
} };
--- response_body chomp
Mon Jul 15 2024 12:00:00 GMT+0000 (Coordinated Universal Time)
--- error_log eval
qr!${\ ::clock("Asia/Kolkata")}info\] .*: noon 2024-07-15T12:00:00.000Z \[ Invalid Date \]!
--- no_error_log
[error]
[alert]
