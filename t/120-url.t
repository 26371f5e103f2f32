# Copyright (C) the nginx-workers authors
#
# URL, URLSearchParams, URLPattern.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: what the parser makes of unusual input
--- user_files
>>> w.js
const href = (...args) => URL.parse(...args)?.href ?? null;
const expected = [
    [["http://a@b@c:080/x"], "http://a%40b@c/x"],
    [["http://h/^{}`"], "http://h/%5E%7B%7D%60"],
    [["sc://u@/x"], null],
    [["foo:/.//p"], "foo:/.//p"],
    [["web+demo:/.//not-a-host/"], "web+demo:/.//not-a-host/"],
    [["file:///C|/a/../../b"], "file:///C:/b"],
    [["/D:/x", "file:///C:/a/b"], "file:///D:/x"],
    [["/x", "file:///C:/a/b"], "file:///C:/x"],
    [["http://0x7f.1/"], "http://127.0.0.1/"],
    [["http://1.2.3.4.5/"], null],
    [["http://256.1/"], null],
    [["http://[::ffff:1.2.3.4]/"], "http://[::ffff:102:304]/"],
    [["http://[1:0:0:2:0:0:0:3]/"], "http://[1:0:0:2::3]/"],
    [["http://%e2%98%83.com/"], "http://xn--n3h.com/"],
    [["http://xn--a-/"], null],
    [["http://a%00b/"], null],
    [["data:x #f"], "data:x%20#f"],
    [["#f", "mailto:a@b"], "mailto:a@b#f"],
    [["x", "mailto:a@b"], null],
    [["http:x", "http://a/b/c"], "http://a/b/x"],
    [["http:x", "https://a/b/c"], "http://x/"],
    [["\ud800", "http://a/"], "http://a/%EF%BF%BD"],
];
export default { fetch() {
    const wrong = expected.filter(([args, want]) => href(...args) !== want);
    return Response.json(wrong.map(([args]) => [args, href(...args)]));
} };
--- response_body chomp
[]



=== TEST 2: setters keep what they may not change
--- user_files
>>> w.js
const set = (url, name, value) => {
    const u = new URL(url);
    u[name] = value;
    return u.href;
};
export default { fetch() { return new Response([
    set("http://a:81/", "host", "b:"),
    set("http://a:81/", "host", "b:x"),
    set("http://a:81/", "host", "b:82x"),
    set("http://a:81/", "hostname", "b:82"),
    set("http://a/", "port", "8\t1x"),
    set("http://a/", "protocol", "foo"),
    set("https://a:80/", "protocol", "http"),
    set("file:///x", "protocol", "http"),
    set("file:///x", "username", "u"),
    set("mailto:x", "pathname", "y"),
    set("foo://h/", "host", ""),
    set("foo://u@h/", "host", ""),
    set("http://a/", "pathname", "?x#y\\z"),
    set("http://a/?x", "search", ""),
    set("http://a/#x", "hash", "#"),
    set("foo:/x", "pathname", "//p"),
].join("\n")); } };
--- response_body chomp
http://b:81/
http://b:81/
http://b:82/
http://a:81/
http://a:81/
http://a/
http://a/
file:///x
file:///x
mailto:x
foo:///
foo://u@h/
http://a/%3Fx%23y/z
http://a/
http://a/#
foo:/.//p



=== TEST 3: URL and searchParams follow each other, also without the URL
--- user_files
>>> w.js
const orphan = () => new URL("http://a/?x=1").searchParams;
export default { fetch() {
    const u = new URL("http://a/?x=1&y=%ff+#h");
    const p = u.searchParams;
    const out = [p === u.searchParams, p.get("y")];
    p.set("x", "é &");
    out.push(u.href);
    u.search = "?z=1";
    out.push([...p].join());
    u.searchParams.self = u;
    p.delete("z");
    out.push(u.href);
    const o = orphan();
    o.append("y", 2);
    out.push(o.toString());
    return new Response(out.join("\n"));
} };
--- response_body eval
"true\n\xef\xbf\xbd \nhttp://a/?x=%C3%A9+%26&y=%EF%BF%BD+#h\nz,1\nhttp://a/#h\nx=1&y=2"



=== TEST 4: URLSearchParams takes what WebIDL lets through
--- user_files
>>> w.js
const make = (init) => {
    try {
        return new URLSearchParams(init).toString();
    } catch (e) {
        return e.name;
    }
};
export default { fetch() { return new Response([
    make(), make(null), make("?a=1&&b"), make({ a: 1, "\ud835x": 1, xx: 2,
                                                "\ud83dx": 3 }),
    make(new Map([["a", "b"]])), make([new Set(["a", "b"])]), make([["a"]]),
    make(["ab"]), make([["a", "b", "c"]]), make({ [Symbol("x")]: 1 }),
    make({ [Symbol.iterator]: 1 }), make(new URLSearchParams("q=1")),
].join("\n")); } };
--- response_body eval
"\nnull=\na=1&b=\na=1&%EF%BF%BDx=3&xx=2\na=b\na=b\n"
. "TypeError\nTypeError\nTypeError\nTypeError\nTypeError\nq=1"



=== TEST 5: pairs are sorted by code units, and iterated as they change
--- user_files
>>> w.js
export default { fetch() {
    const s = new URLSearchParams("z=1&ﬃ&🌈&a=2&z=0");
    s.sort();
    const seen = [];
    for (const [k] of s) {
        seen.push(k);
        if (k === "a") {
            s.delete("z", "1");
        }
    }
    return Response.json([seen, s.size, s.has("z", "0"), s.has("z", "1")]);
} };
--- response_body eval
"[[\"a\",\"z\",\"\xf0\x9f\x8c\x88\",\"\xef\xac\x83\"],4,true,false]"



=== TEST 6: members are as WebIDL wants them, and know whom they belong to
--- user_files
>>> w.js
const fails = (f) => {
    try {
        f();
        return "";
    } catch (e) {
        return `${e.name}: ${e.message.slice(0, 18)}`.trim();
    }
};
export default { fetch() {
    const d = Object.getOwnPropertyDescriptor(URL.prototype, "href");
    return new Response([
        d.enumerable, d.configurable, d.get.name, URL.length,
        URLSearchParams.length,
        Object.prototype.toString.call(new URLSearchParams().keys()),
        fails(() => d.get.call({})),
        fails(() => URLSearchParams.prototype.get.call(new URL("a:b"), "x")),
        fails(() => URL("a:b")).slice(0, 9),
        fails(() => new URL()),
        fails(() => new URL("x")),
        fails(() => new URLSearchParams().append("x")),
        new (class extends URL { })("a:b") instanceof URL,
    ].join("\n"));
} };
--- response_body chomp
true
true
get href
1
0
[object URLSearchParams Iterator]
TypeError: Illegal invocation
TypeError: Illegal invocation
TypeError
TypeError: Failed to construc
TypeError: Invalid URL string
TypeError: Failed to execute
true



=== TEST 7: URLPattern compiles, matches and shows its components
--- user_files
>>> w.js
const groups = (pattern, ...input) => {
    try {
        const m = new URLPattern(...pattern).exec(...input);
        return m && m.pathname.groups;
    } catch (e) {
        return e.name;
    }
};
export default { fetch() { return Response.json([
    groups([{ pathname: "/:a-:b" }], "http://h/x-y"),
    groups([{ pathname: "/x/:y*" }], "http://h/x/1/2"),
    groups([{ pathname: "/x{/:y}?" }], "http://h/x"),
    groups([{ pathname: "/:n(\\d+)" }], "http://h/12"),
    groups([{ pathname: "/([[a-z]--a])" }], "http://h/a"),
    groups([{ pathname: "/A" }, { ignoreCase: true }], "http://h/a"),
    groups(["/:x", "http://h"], "y", "http://h/z/"),
    groups([{ pathname: "/:x/:x" }], "http://h/"),
    groups([{ pathname: "/(" }], "http://h/"),
    groups(["/x"], "http://h/"),
    new URLPattern("https://[\\:\\:1]:443/{:x}y?z").pathname,
    new URLPattern("http{s}?://*.a.test/:p").hostname,
    new URLPattern({ pathname: "/(a)" }).hasRegExpGroups,
]); } };
--- response_body chomp
[{"a":"x","b":"y"},{"y":"1/2"},{},{"n":"12"},null,{},null,"TypeError","TypeError","TypeError","/{:x}y","*.a.test",true]



=== TEST 8: what is left of a port, and labels that stand for nothing
--- user_files
>>> w.js
const port = (value) => {
    const url = new URL("http://h:8080/");
    url.port = value;
    return url.port;
};
const can = (host) => URL.canParse(`http://${host}/`);
export default { fetch() {
    return Response.json([
        port("\n"), port("\t9\n"), port(""), port("x"),
        can("xn--"), can("xn--."), can("xn--\uff0e"), can("a.xn--\u3002b"),
        can("xn--mnchen-3ya\uff0ede"),
    ]);
} };
--- response_body chomp
["8080","9","","8080",false,false,false,false,true]



=== TEST 9: functions for object URLs are there, and refuse
--- user_files
>>> w.js
const text = (f) => { try { f(); } catch (e) { return `${e.name}: ${e.message}`; } };
export default { fetch() {
    return new Response([
        text(() => URL.createObjectURL(new Blob([]))),
        text(() => URL.createObjectURL("x")), text(() => URL.revokeObjectURL()),
        text(() => { new URL("http://h").href = "bad"; }),
    ].join("\n"));
} };
--- response_body chomp
Error: URL.createObjectURL() is not implemented
TypeError: Failed to execute 'createObjectURL' on 'URL': parameter 1 is not of type 'File or Blob'.
TypeError: Failed to execute 'revokeObjectURL' on 'URL': parameter 1 is not of type 'USVString'.
TypeError: Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL string'.
