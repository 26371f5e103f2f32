# Copyright (C) the nginx-workers authors
#
# TextEncoder, TextDecoder and their streams.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: what is ill-formed becomes U+FFFD, a maximal subpart at a time
--- user_files
>>> w.js
const bytes = (...b) => new Uint8Array(b);
const decode = (...b) => new TextDecoder().decode(bytes(...b))
                             .replaceAll("\ufffd", "?");
export default { fetch() { return new Response([
    decode(0x61, 0xff, 0xe2, 0x82, 0x62), decode(0xed, 0xa0, 0x80),
    decode(0xf0, 0x9f, 0x98), decode(0xf4, 0x90, 0x80, 0x80),
    decode(0xc0, 0x80), decode(0xe0, 0x80, 0x80), decode(0xf0, 0x80, 0x61),
    new TextEncoder().encode("\ud800x\udc00"),
].join("\n")); } };
--- response_body chomp
a??b
???
?
????
??
???
??a
239,191,189,120,239,191,189



=== TEST 2: a stream of bytes may be cut anywhere
--- user_files
>>> w.js
const samples = {
    "utf-8": [0xef, 0xbb, 0xbf, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x41],
    "utf-16le": [0xff, 0xfe, 0x3d, 0xd8, 0x00, 0xde, 0x00, 0xdc, 0x41, 0x00,
                 0x3d, 0xd8, 0x41],
    "shift_jis": [0x83, 0x65, 0xe8, 0xe8, 0x81, 0x41, 0xfc],
    "gb18030": [0x81, 0x30, 0x81, 0x30, 0x84, 0x31, 0x41, 0x81, 0x30, 0x81],
    "big5": [0x88, 0x62, 0xa4, 0xa4, 0x81],
    "euc-jp": [0x8f, 0xb0, 0xa1, 0x8e, 0xb1, 0xa1, 0x41],
    "iso-2022-jp": [0x1b, 0x24, 0x42, 0x25, 0x46, 0x1b, 0x28, 0x42, 0x1b, 0x24,
                    0x41, 0x1b],
};
export default { fetch() {
    const wrong = [];
    for (const [label, list] of Object.entries(samples)) {
        const all = new Uint8Array(list);
        const whole = new TextDecoder(label).decode(all);
        for (let i = 0; i <= all.length; i++) {
            for (let j = i; j <= all.length; j++) {
                const d = new TextDecoder(label);
                const s = d.decode(all.subarray(0, i), { stream: true })
                          + d.decode(all.subarray(i, j), { stream: true })
                          + d.decode(all.subarray(j));
                if (s !== whole) {
                    wrong.push(`${label} ${i} ${j} ${s} ${whole}`);
                }
            }
        }
    }
    const text = new TextDecoder("shift_jis").decode(
        new Uint8Array([0x83, 0x65, 0xe8, 0xe8]));
    return Response.json([wrong, text]);
} };
--- response_body eval
"[[],\"\xe3\x83\x86\xe9\x9f\x8b\"]"



=== TEST 3: labels, options and errors
--- user_files
>>> w.js
const make = (...args) => {
    try {
        const d = new TextDecoder(...args);
        return [d.encoding, d.fatal, d.ignoreBOM].join();
    } catch (e) {
        return e.name;
    }
};
const decode = (options, value) => {
    try {
        return new TextDecoder("utf-8", options).decode(value).length;
    } catch (e) {
        return e.name;
    }
};
export default { fetch() { return new Response([
    make(), make(" Latin1\n"), make("unicodefffe"), make("ucs-2"),
    make("iso-8859-8-i"), make("x-user-defined"), make("replacement"),
    make("utf-7"), make(""), make("utf-8", { fatal: 1, ignoreBOM: "x" }),
    make("utf-8", 1), decode({ fatal: true }, new Uint8Array([0xff])),
    decode({ ignoreBOM: true }, new Uint8Array([0xef, 0xbb, 0xbf])),
    decode({}, new Uint8Array([0xef, 0xbb, 0xbf])),
    decode({}, "x"), decode({}), decode({}, new ArrayBuffer(3)),
].join("\n")); } };
--- response_body chomp
utf-8,false,false
windows-1252,false,false
utf-16be,false,false
utf-16le,false,false
iso-8859-8-i,false,false
x-user-defined,false,false
RangeError
RangeError
RangeError
utf-8,true,true
TypeError
TypeError
1
0
TypeError
0
3



=== TEST 4: encodeInto() writes whole characters
--- user_files
>>> w.js
export default { fetch() {
    const out = [];
    for (let n = 0; n < 9; n++) {
        const { read, written } = new TextEncoder().encodeInto(
            "aé😀z", new Uint8Array(n));
        out.push(`${read}/${written}`);
    }
    return new Response(out.join(" "));
} };
--- response_body chomp
0/0 1/1 1/1 2/3 2/3 2/3 2/3 4/7 5/8



=== TEST 5: text streams keep what is split between chunks
--- user_files
>>> w.js
const from = (...chunks) => new ReadableStream({
    start(c) {
        chunks.forEach((chunk) => c.enqueue(chunk));
        c.close();
    },
});
const all = async (stream) => {
    const out = [];
    for await (const chunk of stream) {
        out.push(chunk);
    }
    return out.join("|");
};
export default { async fetch() { return new Response([
    await all(from("a\ud83d", "\ude00", "\ud83d")
              .pipeThrough(new TextEncoderStream())),
    await all(from(new Uint8Array([0x61, 0xe2]), new Uint8Array([0x82]),
                   new Uint8Array([0xac, 0xe2]))
              .pipeThrough(new TextDecoderStream())),
    await all(from("x").pipeThrough(new TextDecoderStream()))
        .catch((e) => e.name),
].join("\n")); } };
--- response_body eval
"97|240,159,152,128|239,191,189\na|\xe2\x82\xac|\xef\xbf\xbd\nTypeError"



=== TEST 6: long texts of one, two, three and four bytes a character
--- user_files
>>> w.js
const parts = ["a", "\u007f", "\u0080", "\u00ff", "\u0100", "\u07ff",
               "\u0800", "\ud7ff", "\ue000", "\ufeff", "\uffff",
               "\u{10000}", "\u{10ffff}"];
export default { async fetch() {
    const encoder = new TextEncoder(), decoder = new TextDecoder();
    const fatal = new TextDecoder("utf-8", { fatal: true });
    let bad = 0, total = 0;
    for (const first of parts) {
        for (const second of parts) {
            for (const n of [1, 7, 30, 61, 64, 100, 70000]) {
                const text = "x" + first.repeat(n) + second;
                const bytes = encoder.encode(text);
                total++;
                bad += decoder.decode(bytes) !== text
                       || fatal.decode(bytes) !== text
                       || n < 70000 && await new Response(bytes).text() !== text;
            }
        }
    }
    const broken = new Uint8Array([...encoder.encode("\u65e5".repeat(50)), 0xff,
                                   0xe6, 0x97]);
    return Response.json([
        total, bad, decoder.decode(broken) === "\u65e5".repeat(50) + "\ufffd\ufffd",
        await new Response(broken).text() === "\u65e5".repeat(50) + "\ufffd\ufffd",
    ]);
} };
--- response_body chomp
[1183,0,true,true]
