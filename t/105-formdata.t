# Copyright (C) the nginx-workers authors

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: form data goes out and comes back
--- user_files
>>> w.js
export default { async fetch(request) {
    const form = new FormData();
    form.append('text', 'tëxt\r\n\n');
    form.append('file', new File([new Uint8Array([0, 255, 13, 10])], 'a b.c',
                                 { type: 'x/y' }));
    const back = await new Response(form).formData(), out = [];
    const file = back.get('file');
    out.push(back.get('text'), file.name, file.type, [...await file.bytes()]);
    for (const r of [new Response('a=1'), new Response(new Uint8Array(1))]) {
        await r.formData().catch((e) => out.push(e.name, e.message.slice(0, 35)));
    }
    return Response.json(out);
} };
--- response_body chomp
["tëxt\r\n\n","a b.c","x/y",[0,255,13,10],"TypeError","Unrecognized Content-Type header va","TypeError","Parsing a Body as FormData requires"]



=== TEST 2: what append() and set() take
--- user_files
>>> w.js
export default { async fetch() {
    const form = new FormData('ignored'), file = new File(['x'], 'name');
    form.append('blob', new Blob(['x'], { type: 'a/b' }));
    form.append('blob', new Blob(['x']), 'other');
    form.append('file', file);
    form.append('file', file, undefined);
    form.append('file', file, null);
    form.append('text', 'a', 'ignored');
    form.append(1, { toString: () => 'object' });
    form.append('\ud800', '\udc00');
    form.set('text', 5);
    const out = [...form].map(([name, v]) => v instanceof File
        ? `${name}: ${v.name} ${v.type} ${v === file}` : `${name}: ${v}`);
    form.set('file', 'one');
    out.push(form.getAll('file').length, form.getAll('none').length,
             form.get('none') === null);
    for (const f of [() => form.append(), () => form.append('a'),
        () => form.set('a'), () => form.get(), () => form.forEach(),
        () => form.has.call({}, 'a')])
    {
        try {
            f();
        } catch (e) {
            out.push(`${e.name}: ${e.message.slice(0, 90)}`);
        }
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
blob: blob a/b false
blob: other  false
file: name  true
file: name  true
file: null  false
text: 5
1: object
�: �
1
0
true
TypeError: Failed to execute 'append' on 'FormData': parameter 1 is not of type 'string'.
TypeError: Failed to execute 'append' on 'FormData': parameter 2 is not of type 'File or Blob or stri
TypeError: Failed to execute 'set' on 'FormData': parameter 2 is not of type 'File or Blob or string'
TypeError: Failed to execute 'get' on 'FormData': parameter 1 is not of type 'string'.
TypeError: Failed to execute 'forEach' on 'FormData': parameter 1 is not of type 'function'.
TypeError: Illegal invocation: function called with incorrect `this` reference. See https://developer



=== TEST 3: the bytes on the wire
--- user_files
>>> w.js
export default { async fetch() {
    const form = new FormData(), out = [];
    const wire = async () => {
        const r = new Response(form);
        const [, type, boundary] =
            /^(multipart\/form-data; boundary=)([0-9a-f]{32})$/
                .exec(r.headers.get('content-type'));
        return type + (await r.text()).replaceAll(boundary, 'B');
    };
    out.push(await wire());
    form.append('a "b"\r\n\\', '"c"\r\nd\ne\\');
    form.append('b', new Blob(['x']));
    form.append('f', new File(['y'], 'n"\r\n\\é;.txt', { type: 'A/B; c="d"' }));
    out.push(await wire());
    return Response.json(out);
} };
--- response_body chomp
["multipart/form-data; boundary=--B--","multipart/form-data; boundary=--B\r\nContent-Disposition: form-data; name=\"a %22b%22%0D%0A\\\\\"\r\n\r\n\"c\"\r\nd\ne\\\r\n--B\r\nContent-Disposition: form-data; name=\"b\"; filename=\"b\"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n%22%0D%0A\\\\é;.txt\"\r\nContent-Type: a/b; c=\"d\"\r\n\r\ny\r\n--B--"]



=== TEST 4: parts as clients write them
--- user_files
>>> w.js
const parse = async (body, type = 'multipart/form-data; boundary=XX') => {
    const out = [], r = new Response(new TextEncoder().encode(body),
                                     { headers: { 'content-type': type } });
    for (const [name, v] of await r.formData()) {
        out.push(typeof v === 'string' ? `${name}=${v}`
                 : `${name}=${v.name}|${v.type}|${await v.text()}`);
    }
    return out.join(' & ');
};
const part = (header, body) => `--XX\r\n${header}\r\n\r\n${body}\r\n`;
const data = 'Content-Disposition: form-data; ';
const one = part(data + 'name="a"', 'b');
export default { async fetch() {
    const out = [];
    for (const body of [
        'preamble\r\n' + one + '--XX--\r\nepilogue', 'x' + one + '--XX--',
        (one + '--XX--').replaceAll('\r\n', '\n'), '--XX--',
        part(data + 'name="a"', '') + part(data + 'name="a"', '\r\n-XX')
            + part(data + 'name="a"', 'x--XX--\r\n--X') + '--XX--',
        part('X: y\r\nCONTENT-DISPOSITION : form-data ; x="y" ; name = "é";',
             '\ufeffé') + '--XX--',
        part(data + 'filename="x\\"\\y"; name="a\\\\"\r\nContent-Type:  A/b ',
             'z') + '--XX--',
        part(data + 'name="a"; filename=""', 'z') + '--XX--',
        part(data + 'name="a"; filename=x', 'z') + '--XX--',
        part("Content-Disposition: form-data;\r\n name=\"a\"; filename=\"f\"\r\n"
             + 'Content-Type: multipart/mixed;\r\n\tboundary=Y', 'z')
            + '--XX--',
        part(data + 'name="a"; name="b"\r\n' + data + 'name="c"', 'z')
            + '--XX--',
        part(data + 'name="a%22%0D"; filename*=UTF-8\'\'x', 'z') + '--XX--'])
    {
        out.push(await parse(body));
    }
    for (const type of ['Multipart/Form-Data; BOUNDARY="X\\X"; x=y',
        'multipart/form-data; x; boundary=XX; boundary=YY',
        'multipart/form-data ;;boundary=XX '])
    {
        out.push(await parse(one + '--XX--', type));
    }
    return new Response(out.join('\n'));
} };
--- response_body eval
CORE::join("\n", 'a=b', 'a=b', 'a=b', '', "a= & a=\r\n-XX & a=x--XX--\r\n--X",
     "\x{c3}\x{a9}=\x{ef}\x{bb}\x{bf}\x{c3}\x{a9}", 'a\\=x"y|A/b|z', 'a=z',
     'a=z', "a=f|multipart/mixed;  \tboundary=Y|z", 'b=z', 'a%22%0D=z',
     'a=b', 'a=b', 'a=b')



=== TEST 5: a multipart body that is malformed
--- user_files
>>> w.js
const part = (header) => `--XX\r\n${header}\r\n\r\nb\r\n`;
const data = 'Content-Disposition: form-data; ';
export default { async fetch() {
    const out = [];
    const fail = async (body, type = 'multipart/form-data; boundary=XX') => {
        try {
            await new Response(body, { headers: { 'content-type': type } })
                .formData();
            out.push('none');
        } catch (e) {
            out.push(`${e.name}: ${e.message}`);
        }
    };
    for (const body of ['', new Uint8Array(0), '--X', '--XX', '--XX ', '--XX\r', '--XX\r\n',
        '--XX\r\n\r\n--XX--', part(data + 'name="a"'),
        '--XX\r\n' + data + 'name="a"\r\n\r\n--XX--'])
    {
        await fail(body);
    }
    for (const header of ['', 'x', ': y', 'a b: c', 'A: b\rc', 'A: b\0',
        'A: b', 'Content-Disposition: attachment; name="a"',
        'Content-Disposition: FORM-DATA; name="a"',
        'Content-Disposition: "form-data"; name="a"', data, data + 'name=a',
        data + 'name=""', data + 'name="a', data + 'x=y; name="a"', data + 'NAME="a"',
        data + 'filename=""; name="a"',
        data + ';name="a"', `Content-Disposition: ${'x'.repeat(300)}`])
    {
        await fail(part(header) + '--XX--');
    }
    await fail('', 'multipart/form-data');
    await fail('', 'multipart/form-data, multipart/form-data; boundary=X');
    await fail('', 'text/plain');
    await fail('', '');
    await fail('a=b', 'application/x-www-form-urlencoded; charset=latin1');
    await fail('a=b', 'application/x-www-form-urlencoded; charset="UTF-8"');
    return new Response(out.join('\n'));
} };
--- response_body eval
my $no_initial = 'No initial boundary string (or you have a truncated message).';
my $no_next = 'No subsequent boundary string after multipart message.';
my $not = q(Boundary string was not succeeded by CRLF, LF, or '--'.);
my $no_end = 'No multipart message header termination found.';
my $bad = 'FormData part had invalid headers.';
my $want = 'Content-Disposition header for FormData part must have the value '
           . '"form-data", possibly followed by parameters. Got: ';
my $no_name = 'Content-Disposition header in FormData part is missing a name.';
my $type = 'Unrecognized Content-Type header value. FormData can only parse '
           . 'the following MIME types: multipart/form-data, '
           . 'application/x-www-form-urlencoded';
CORE::join("\n", (map { "TypeError: $_" }
    $no_initial, $no_initial, $no_initial, $no_next, $not, $not, $no_end, $no_end, $no_next,
    $no_next, $bad, $bad, $bad, $bad, $bad, $bad,
    'No valid Content-Disposition header found in FormData part.',
    $want . '"attachment"', $want . '"FORM-DATA"',
    'Invalid Content-Disposition header found in FormData part.',
    $no_name, $no_name, $no_name, $no_name, $no_name, $no_name, $no_name,
    $no_name,
    $want . '"' . 'x' x 64 . '"',
    'No boundary string in Content-Type header. The multipart/form-data MIME '
    . q(type requires a boundary parameter, e.g. 'Content-Type: )
    . q(multipart/form-data; boundary="abcd"'. See RFC 7578, section 4.),
    $type, $type, $type, 'Non-utf-8 application/x-www-form-urlencoded body.'),
    'none')



=== TEST 6: a boundary of dashes in a body of dashes takes no time
--- user_files
>>> w.js
export default { async fetch() {
    const dashes = '-'.repeat(4 * 1024 * 1024);
    const r = new Response(dashes, { headers: {
        'content-type': `multipart/form-data; boundary=${'-'.repeat(7000)}x` } });
    const error = await r.formData().catch((e) => e);
    return new Response(error.name);
} };
--- script
        limits cpu=2s;
--- response_body chomp
TypeError



=== TEST 7: an urlencoded body
--- user_files
>>> w.js
export default { async fetch(request) {
    const out = [...await request.formData()];
    return Response.json([out, await new Response(new Uint8Array([255, 61, 97]),
        { headers: { 'Content-Type': 'Application/X-WWW-Form-Urlencoded' } })
        .formData().then((form) => [...form])]);
} };
--- request
POST /
a=1&b=%C3%A9+x&&a=&c&=d&e=%EF%BB%BFf&100%=%zz
--- more_headers
Content-Type: application/x-www-form-urlencoded;charset=utf-8
--- response_body chomp
[[["a","1"],["b","é x"],["a",""],["c",""],["","d"],["e","﻿f"],["100%","%zz"]],[["�","a"]]]



=== TEST 8: a large upload: files are in one piece, and stay when others go
--- user_files
>>> w.js
export default { async fetch(request) {
    const form = await request.formData(), file = form.get('file');
    form.delete('file');
    const copy = await file.bytes();
    let sum = 0;
    for (let i = 0; i < copy.length; i += 4093) sum += copy[i];
    return Response.json([[...form], file.name, file.type, file.size, sum,
        (await form.get('small').text()).length,
        await file.slice(-3).text()]);
} };
--- request eval
my $b = 'boundary-of-the-test';
"POST /\r\n"
. "--$b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
. "--$b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.bin\"\r\n"
. "Content-Type: x/y\r\n\r\n" . ("\r\n--b" x 600_000) . "end\r\n"
. "--$b\r\nContent-Disposition: form-data; name=\"small\"; filename=\"s\"\r\n\r\n"
. "text\r\n--$b--\r\n"
--- more_headers
Content-Type: multipart/form-data; boundary=boundary-of-the-test
--- response_body_like chomp
^\[\[\["a","1"\],\["small",\{\}\]\],"x.bin","x/y",3000003,\d+,4,"end"\]$



=== TEST 9: a large form is sent as a stream of known length, and read again
--- user_files
>>> w.js
const build = (n) => {
    const form = new FormData();
    form.append('a', 'b');
    form.append('e', new Blob());
    for (let i = 0; i < n; i++) {
        form.append('f', new Blob([new Uint8Array(100_000).fill(97 + i)]), 'n');
    }
    return form;
};
export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/send') return new Response(build(5));
    const one = new Response(build(3));
    const two = one.clone(), out = [one.bodyUsed];
    const back = await one.formData();
    out.push(one.bodyUsed, back.getAll('f').length,
             (await back.getAll('f')[2].text()).slice(-3));
    const reader = two.body.getReader();
    let n = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        n += value.length;
    }
    out.push(n > 300_000, two.bodyUsed,
             (await new Response(build(1)).arrayBuffer()).byteLength > 100_000,
             (await new Request('http://a.test', { method: 'POST',
                 body: build(1) }).text()).includes('aaaa'));
    return Response.json(out);
} };
--- pipelined_requests eval
["GET /send", "GET /"]
--- response_headers_like eval
["Content-Length: 5\\d{5}", ""]
--- response_body_like eval
[qr/^--([0-9a-f]{32})\r\n.*name="a"\r\n\r\nb\r\n--.*(a{100000}).*(e{100000})\r\n--\1--$/s,
 qr/^\[false,true,3,"ccc",true,true,true,true\]$/]



=== TEST 10: a client that goes away while a form is sent to it
--- user_files
>>> w.js
export default { async fetch() {
    const form = new FormData();
    form.append('f', new Blob([new Uint8Array(8 * 1024 * 1024)]));
    return new Response(form);
} };
--- request
GET /
--- abort
--- timeout: 0.1s
--- ignore_response
--- error_code:



=== TEST 11: iteration sees what is added, callbacks get the form
--- user_files
>>> w.js
export default { fetch() {
    const form = new FormData(), seen = [];
    form.append('a', '1');
    for (const [name, value] of form) {
        seen.push(name, value);
        if (seen.length < 6) form.append('b', seen.length);
    }
    form.forEach(function (value, name, all) {
        seen.push(value, name, all === form, this.tag);
    }, { tag: 't' });
    return Response.json([seen.join(), [...form.keys()], [...form.values()],
        String(form), Object.keys(FormData.prototype).join(' ')]);
} };
--- response_body chomp
["a,1,b,2,b,4,1,a,true,t,2,b,true,t,4,b,true,t",["a","b","b"],["1","2","4"],"[object FormData]","append delete get getAll has set entries keys values forEach"]



=== TEST 12: Blob and File
--- user_files
>>> w.js
export default { async fetch() {
    const out = [], bytes = new Uint8Array([1, 2, 3]);
    const blob = new Blob(['é', bytes, bytes.buffer, new Blob(['x']), 5],
                          { type: 'A/B' });
    bytes[0] = 9;
    out.push(blob.size, blob.type, [...await blob.bytes()],
             await blob.slice(0, 2, 'C/d').text(), blob.slice(2, -1, 'C/d').type,
             blob.slice(-2).size, blob.slice(5, 1).size,
             (await new Blob(['\ufeffa']).text()).length,
             await new Blob(['a\r\nb\rc'], { endings: 'native' }).text());
    const file = new File(['x'], 'a/b', { lastModified: 5 });
    const empty = new File(undefined, 5);
    out.push(file.name, file.lastModified, file instanceof Blob,
             file.slice() instanceof File, String(file), empty.name,
             empty.size, new File([], '\ud800').name);
    const seen = [];
    new File([{ toString() { seen.push('part'); return ''; } }],
             { toString() { seen.push('name'); return ''; } },
             { get type() { seen.push('type'); return ''; } });
    out.push(seen.join());
    for (const f of [() => new Blob('x'), () => new Blob(null),
        () => new Blob([], 5), () => new File(), () => new File([]),
        () => new File([], 'x', 5), () => new Blob([], { endings: 'x' }),
        () => Blob.prototype.size,
        () => Object.getOwnPropertyDescriptor(File.prototype, 'name').get
            .call(blob)])
    {
        try {
            f();
        } catch (e) {
            out.push(`${e.name}: ${e.message.slice(0, 62)}`);
        }
    }
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
10
"a/b"
[195,169,1,2,3,1,2,3,120,53]
"é"
"c/d"
2
0
2
"a\nb\nc"
"a/b"
5
true
false
"[object File]"
"5"
0
"�"
"part,name,type"
"TypeError: Failed to construct 'Blob': constructor parameter 1 is not of "
"TypeError: Failed to construct 'Blob': constructor parameter 1 is not of "
"TypeError: Failed to construct 'Blob': constructor parameter 2 is not of "
"TypeError: Failed to construct 'File': constructor parameter 2 is not of "
"TypeError: Failed to construct 'File': constructor parameter 2 is not of "
"TypeError: Failed to construct 'File': constructor parameter 3 is not of "
"TypeError: \"x\" is not a kind of line endings."
"TypeError: Illegal invocation: function called with incorrect `this` refe"
"TypeError: Illegal invocation: function called with incorrect `this` refe"
