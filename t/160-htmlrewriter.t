# Copyright (C) the nginx-workers authors
#
# HTMLRewriter: elements, end tags, text, comments, documents.

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: what no handler touched comes out as it came
--- user_files
>>> w.js
const html = "<!DoCtYpE  html\n><P  A=1   B = '2'  c=\"3\" d   e  =  x/ >t</P >"
    + "<br/><br /><svg viewBox=1><a/></svg><!-- c --><!x><?php ?></ y></>"
    + "<script>if (a<b) '</p>'</script><b>\r\n&amp;\0</b\t><![CDATA[x]]><p";
export default { async fetch() {
    const out = [];
    for (const set of [(r) => r, (r) => r.on('*', {}),
                       (r) => r.on('*', { element() {}, text() {},
                                          comments() {} }),
                       (r) => r.onDocument({ text() {}, comments() {},
                                             doctype() {}, end() {} })])
    {
        const r = set(new HTMLRewriter()).transform(new Response(html));
        out.push(await r.text() === html);
    }
    return Response.json(out);
} };
--- response_body chomp
[true,true,true,true]



=== TEST 2: bytes that are no UTF-8 come out as they came
--- user_files
>>> w.js
const bytes = new Uint8Array([60, 98, 62, 0xff, 0xe9, 0x80, 60, 47, 98, 62, 0xc3]);
export default { async fetch() {
    let seen = '';
    const r = new HTMLRewriter().on('b', { text(t) { seen += t.text; } })
        .transform(new Response(bytes));
    const got = await r.bytes();
    return Response.json([got.join() === bytes.join(), seen]);
} };
--- response_body chomp
[true,"��"]



=== TEST 3: a document in pieces of one byte is the same document
--- user_files
>>> w.js
const html = "<!doctype html><!-- a -- b --><p class='x y' k=\"é😀\">é€😀"
    + "<b/>&lt;</p><script><!-- <script></script> --></script><svg>"
    + "<![CDATA[a]]b]]></svg><textarea><p></textarea ><ul><li>1<li>2</ul>";
export default { async fetch() {
    const run = async (body) => {
        const log = [];
        let text = '';
        const r = new HTMLRewriter().on('*', {
            element(e) {
                log.push(e.tagName, ...e.attributes);
                e.setAttribute('n', log.length);
                if (e.tagName === 'p') e.onEndTag((t) => { t.before('!'); });
            },
            text(t) { text += t.text; if (t.lastInTextNode) text += '|'; },
            comments(c) { log.push(c.text); },
        }).onDocument({ doctype(d) { log.push(d.name); } })
          .transform(new Response(body));
        return JSON.stringify([await r.text(), log, text]);
    };
    const enc = new TextEncoder();
    const bytes = (n) => new ReadableStream({
        start(c) {
            const all = enc.encode(html);
            for (let i = 0; i < all.length; i += n)
                c.enqueue(all.slice(i, i + n));
            c.close();
        } });
    const whole = await run(html);
    const same = [];
    for (const n of [1, 2, 3, 7, 64]) same.push(await run(bytes(n)) === whole);
    return new Response(same + '\n' + whole);
} };
--- response_body chomp
true,true,true,true,true
["<!doctype html><!-- a -- b --><p class='x y' k=\"é😀\" n=\"4\">é€😀<b n=\"5\" />&lt;!</p><script n=\"6\"><!-- <script></script> --></script><svg n=\"7\"><![CDATA[a]]b]]></svg><textarea n=\"8\"><p></textarea ><ul n=\"9\"><li n=\"10\">1<li n=\"11\">2</ul>",["html","p",["class","x y"],["k","é😀"],"b","script","svg","textarea","ul","li","li"],"é€😀|&lt;|<!-- <script></script> -->|a]]b|<p>|1|2|"]



=== TEST 4: attributes are read, set and removed
--- user_files
>>> w.js
export default { async fetch() {
    const r = new HTMLRewriter().on('a', { element(e) {
        const seen = JSON.stringify([[...e.attributes], e.getAttribute('HREF'),
            e.getAttribute('none'), e.hasAttribute('disabled')]);
        e.setAttribute('href', 'y?a=1&b="2"').removeAttribute('b');
        e.setAttribute('New', seen.length).removeAttribute('none');
        e.append(seen);
    } }).transform(new Response("<a  href='x'   B=1 disabled k = &amp;>t</a>"));
    return r;
} };
--- response_body chomp
<a href="y?a=1&b=&quot;2&quot;" disabled k = &amp; new="70">t[[["href","x"],["b","1"],["disabled",""],["k","&amp;amp;"]],"x",null,true]</a>



=== TEST 5: names of tags and attributes are checked
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    await new HTMLRewriter().on('a', { element(e) {
        for (const set of [(n) => { e.tagName = n; },
                           (n) => e.setAttribute(n, '')])
            for (const name of ['', ' ', 'a b', 'a/b', 'a>b', '1a', 'a=b',
                                'a"b', 'a<b', 'X-y', 'a\nb'])
                try { set(name); out.push(name); }
                catch (x) { out.push(`${x.name}: ${x.message}`); }
    } }).transform(new Response('<a>')).text();
    return new Response(out.join(';'));
} };
--- response_body chomp
TypeError: Parser error: Tag name can't be empty.;TypeError: Parser error: The first character of the tag name should be an ASCII alphabetical character.;TypeError: Parser error: ` ` character is forbidden in the tag name;TypeError: Parser error: `/` character is forbidden in the tag name;TypeError: Parser error: `>` character is forbidden in the tag name;TypeError: Parser error: The first character of the tag name should be an ASCII alphabetical character.;a=b;a"b;a<b;X-y;TypeError: Parser error: `
` character is forbidden in the tag name;TypeError: Parser error: Attribute name can't be empty.;TypeError: Parser error: ` ` character is forbidden in the attribute name;TypeError: Parser error: ` ` character is forbidden in the attribute name;TypeError: Parser error: `/` character is forbidden in the attribute name;TypeError: Parser error: `>` character is forbidden in the attribute name;1a;TypeError: Parser error: `=` character is forbidden in the attribute name;a"b;a<b;X-y;TypeError: Parser error: `
` character is forbidden in the attribute name



=== TEST 6: an iterator of attributes that were changed is of no use
--- user_files
>>> w.js
export default { async fetch() {
    const r = new HTMLRewriter().on('p', { element(e) {
        for (const [name] of e.attributes) e.removeAttribute(name);
    } }).transform(new Response('<p a=1 b=2>'));
    return new Response(await r.text().catch((e) => `${e.name}: ${e.message}`));
} };
--- response_body chomp
Error: The attributes of this element have been modified during iteration. You must create a new iterator after modifying attributes.



=== TEST 7: content goes before, after, and in
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const el = async (html, element) => {
        out.push(await new HTMLRewriter().on('p,br,img', { element })
            .transform(new Response(html)).text());
    };
    const P = '<p>x<b>y</b></p>z';
    await el(P, (e) => { e.before('1').before('<2').after('1').after('<2'); });
    await el(P, (e) => { e.prepend('1').prepend('<2', { html: true }); });
    await el(P, (e) => { e.append('1').append('<2', { html: true }); });
    await el(P, (e) => { e.setInnerContent('<em>z</em>', { html: true }); });
    await el(P, (e) => { e.setInnerContent('a&b<c>"'); });
    await el(P, (e) => { e.replace('R').before('B').after('A'); });
    await el(P, (e) => { e.remove(); e.before('1'); e.append('2'); });
    await el(P, (e) => { e.removeAndKeepContent().append('2'); });
    await el(P, (e) => { e.prepend('5').append('4').setInnerContent('I'); });
    await el(P, (e) => { e.setInnerContent('I').append('4').prepend('5'); });
    await el(P, (e) => { e.remove(); e.replace('R'); e.setInnerContent('q'); });
    await el('<br>x<img src=a>', (e) => { e.append('1').before('B').after('A'); });
    await el('<br/>x<img>', (e) => { e.replace('R'); });
    await el('<p>x', (e) => { e.append('lost').before('B'); });
    await el(P, (e) => { e.tagName = 'q'; });
    return new Response(out.join('\n'));
} };
--- response_body chomp
1&lt;2<p>x<b>y</b></p>&lt;21z
<p><21x<b>y</b></p>z
<p>x<b>y</b>1<2</p>z
<p><em>z</em></p>z
<p>a&amp;b&lt;c&gt;"</p>z
BRAz
12z
x<b>y</b>2z
<p>I</p>z
<p>5I4</p>z
Rqz
B<br>AxB<img src=a>A
RxR
B<p>x
<q>x<b>y</b></q>z



=== TEST 8: what is in an element that goes is seen, and does not come out
--- user_files
>>> w.js
export default { async fetch() {
    const seen = [];
    const r = new HTMLRewriter()
        .on('div', { element(e) { e.setInnerContent('N'); } })
        .on('p', { element(e) { e.replace('R'); e.after('A'); } })
        .on('*', { element(e) { seen.push(e.tagName); },
                   text(t) { seen.push(t.text); },
                   comments(c) { seen.push(c.text); } })
        .transform(new Response('<div>x<p>y<!--c--></p><i>q</i></div>z'));
    return new Response(await r.text() + seen);
} };
--- response_body chomp
<div>N</div>zdiv,x,,p,y,,c,i,q,



=== TEST 9: content is what ToString() makes of it
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const r = new HTMLRewriter().on('p', { element(e) {
        for (const args of [[undefined], [null], [1], [{}], [Symbol()], [],
                            ['<', 1], ['<', null], ['<', { html: 'yes' }]])
            try { e.append(...args); } catch (x) { out.push(x.message); }
    } }).transform(new Response('<p></p>'));
    return new Response(await r.text() + '\n' + out.join('\n'));
} };
--- response_body chomp
<p>undefinednull1[object Object]&lt;<</p>
cannot convert symbol to string
Failed to execute 'append' on 'Element': parameter 1 is not of type 'string or ReadableStream or Response'.
Failed to execute 'append' on 'Element': parameter 2 is not of type 'ContentOptions'.



=== TEST 10: content may be a stream or a response
--- user_files
>>> w.js
const enc = new TextEncoder();
const stream = (...chunks) => new ReadableStream({ async pull(c) {
    await scheduler.wait(1);
    if (chunks.length === 0) return c.close();
    const chunk = chunks.shift();
    c.enqueue(typeof chunk === 'string' ? enc.encode(chunk)
                                        : new Uint8Array(chunk));
} });
export default { async fetch() {
    const r = new HTMLRewriter().on('p', { element(e) {
        e.prepend(stream('<i>', 'c'), { html: true });
        e.append(stream('<a>', [0xc3], [0xa9])).append('|').append(stream('b'));
        e.before(new Response('<r>')).after(new Response('<r>'), { html: true });
        e.onEndTag((t) => { t.after(new Response(null)); });
    } }).transform(new Response('<p>x</p>y'));
    return r;
} };
--- response_body chomp
&lt;r&gt;<p><i>cx&lt;a&gt;é|b</p><r>y



=== TEST 11: a stream that breaks, is no UTF-8 or locked, breaks the body
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const el = async (content) => {
        const r = new HTMLRewriter().on('p', { element(e) {
            const s = content();
            e.append(s);
        } }).transform(new Response('<p>x</p>'));
        out.push(await r.text().catch((e) => `${e.name}: ${e.message}`));
    };
    const of = (start) => new ReadableStream({ start });
    await el(() => of((c) => c.error(new RangeError('mine'))));
    await el(() => of((c) => { c.enqueue(new Uint8Array([0xff])); c.close(); }));
    await el(() => new Response(new Uint8Array([0xff])));
    await el(() => { const s = of(() => {}); s.getReader(); return s; });
    return new Response(out.join('\n'));
} };
--- response_body chomp
RangeError: mine
TypeError: Parser error: Invalid UTF-8
TypeError: Parser error: Invalid UTF-8
TypeError: The ReadableStream has been locked to a reader.



=== TEST 12: end tags
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const el = async (html, element) => {
        out.push(await new HTMLRewriter().on('p', { element })
            .transform(new Response(html)).text()
            .catch((e) => `${e.name}: ${e.message}`));
    };
    await el('<p>x</P >', (e) => { e.onEndTag((t) => {
        t.before('<' + t.name).before('2').after('a').after('<b>', { html: true });
        t.name = 'Q'; }); });
    await el('<p>x</p>y', (e) => { e.onEndTag((t) => {
        t.before('1').after('2').remove(); }); });
    await el('<p>x</p>y', (e) => {
        e.onEndTag((t) => { t.before('first'); });
        e.onEndTag(async (t) => { await scheduler.wait(1); t.before('last'); }); });
    await el('<p>x</p>y', (e) => { e.append('1').after('4');
        e.onEndTag((t) => { t.before('2').after('3'); }); });
    await el('<br><p>x', (e) => { e.onEndTag(() => out.push('never')); });
    await el('<p>x</p>', (e) => { e.onEndTag((t) => { throw new RangeError('q'); }); });
    await el('<svg><p></svg><p>x</p>', (e) => { e.onEndTag(1); });
    out.push(await new HTMLRewriter().on('br', { element(e) {
        e.onEndTag(() => {}); } }).transform(new Response('<br>')).text()
        .catch((e) => e.message));
    return new Response(out.join('\n'));
} };
--- response_body chomp
<p>x&lt;p2</Q><b>a
<p>x12y
<p>xlast</p>y
<p>x12</p>34y
<br><p>x
RangeError: q
TypeError: Failed to execute 'onEndTag' on 'Element': parameter 1 is not of type 'function'.
Parser error: No end tag.



=== TEST 13: elements without end tags end with the one around them
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const r = await new HTMLRewriter().on('*', { element(e) {
        const name = e.tagName;
        e.onEndTag((t) => { out.push(name + '>' + t.name); });
    } }).on('p', { element(e) { e.append('A').after('F'); } })
      .transform(new Response('<div><p>x<b>y</div>z')).text();
    return new Response(r + out);
} };
--- response_body chomp
<div><p>x<b>yA</div>Fzb>div,p>div,div>div



=== TEST 14: text comes in pieces, the last of which is empty
--- user_files
>>> w.js
export default { async fetch() {
    const log = [];
    const r = new HTMLRewriter()
        .on('div', { text(t) { log.push(`d${t.text}${t.lastInTextNode ? '.' : ''}`); } })
        .on('b', { text(t) {
            log.push(`b${t.text}${t.lastInTextNode ? '.' : ''}`);
            if (t.lastInTextNode) return t.after('!');
            t.before('<').replace(t.text.toUpperCase()).after('<i>', { html: true });
            log.push(t.removed);
        } })
        .onDocument({ text(t) { log.push('#' + t.text); } })
        .transform(new Response('<div>a&amp;<b>x</b><!--k-->c</div>d'));
    return new Response(await r.text() + '\n' + log);
} };
--- response_body chomp
<div>a&amp;<b>&lt;X<i>!</b><!--k-->c</div>d
da&amp;,#a&amp;,d.,#,dx,bx,true,#x,d.,b.,#,dc,#c,d.,#,#d,#



=== TEST 15: raw text is no markup
--- user_files
>>> w.js
const html = '<script>a<b>&amp;</script><style>x<b></style><textarea><b>'
    + '</textarea><title><b></title><xmp><b></xmp><noscript><b></noscript>'
    + '<script><!-- <script><b></script> <b> --></script><b>'
    + '<svg><style><b></b></style></svg><plaintext><b></plaintext>';
export default { async fetch() {
    let n = 0, text = '';
    const r = await new HTMLRewriter().on('b', { element() { n++; } })
        .on('script', { text(t) { text += t.text; } })
        .transform(new Response(html)).text();
    return new Response(`${r === html} ${n} ${text}`);
} };
--- response_body chomp
true 2 a<b>&amp;<!-- <script><b></script> <b> -->



=== TEST 16: raw text where a browser may see markup is refused
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    for (const html of ['<select><xmp></xmp>', '<frameset><style></style>',
                        '<select><script></script></select>',
                        '<select><textarea></textarea>'])
        out.push(await new HTMLRewriter().transform(new Response(html)).text()
            .catch((e) => `${e.name}: ${e.message}`));
    return new Response(out.join('\n'));
} };
--- response_body chomp
TypeError: Parser error: The parser has encountered a text content tag (`<xmp>`) in the context where it is ambiguous whether this tag should be ignored or not.
TypeError: Parser error: The parser has encountered a text content tag (`<style>`) in the context where it is ambiguous whether this tag should be ignored or not.
<select><script></script></select>
<select><textarea></textarea>



=== TEST 17: comments
--- user_files
>>> w.js
export default { async fetch() {
    const log = [];
    const r = new HTMLRewriter().on('p', { comments(c) {
        log.push(c.text);
        switch (c.text) {
        case 'one': c.text = 'eins'; break;
        case 'two': c.remove(); log.push(c.removed); break;
        case 'three': c.before('<').after('>').replace('<hr>', { html: true }); break;
        case 'four':
            try { c.text = 'a-->b'; } catch (e) { log.push(e.message); }
            try { c.before(new Response('x')); } catch (e) { log.push(e.message); }
        }
    } }).onDocument({ comments(c) { log.push('#' + c.text.trimEnd()); } })
      .transform(new Response('<!--0--><p><!--one--><!--two--><!--three-->'
                              + '<!--four--><!-->x</p><!-- a --!>'));
    return new Response(await r.text() + '\n' + log.join('\n'));
} };
--- response_body chomp
<!--0--><p><!--eins-->&lt;<hr>&gt;<!--four--><!-->x</p><!-- a --!>
#0
one
#eins
two
true
#two
three
#three
four
Parser error: Comment text shouldn't contain comment closing sequence (`-->`).
Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must provide a string.
#four

#
# a



=== TEST 18: the doctype, and the end of the document
--- user_files
>>> w.js
export default { async fetch() {
    const log = [];
    const r = new HTMLRewriter()
        .onDocument({ doctype(d) { log.push([d.name, d.publicId, d.systemId]); },
                      end(e) { log.push('first'); e.append('<1>'); } })
        .onDocument({ end(e) { log.push('second'); e.append('<2>', { html: true }); } })
        .transform(new Response('<!DOCTYPE HTML PUBLIC "p" \'s\'><!doctype>x'));
    return new Response(await r.text() + JSON.stringify(log));
} };
--- response_body chomp
<!DOCTYPE HTML PUBLIC "p" 's'><!doctype>x<2>&lt;1&gt;[["html","p","s"],[null,null,null],"second","first"]



=== TEST 19: handlers may be asynchronous, and keep their order
--- user_files
>>> w.js
export default { async fetch() {
    const log = [];
    const r = new HTMLRewriter()
        .on('a', { async element(e) { await scheduler.wait(5); log.push('a1'); e.append('!'); } })
        .on('a', { element() { log.push('a2'); Promise.resolve().then(() => log.push('job')); } })
        .on('a', { element(e) { log.push('a3'); return { then(done) { e.append('?'); done(); } }; } })
        .on('b', { async element() { log.push('b'); }, async text(t) { await 0; log.push(t.text); } })
        .transform(new Response('<a>1</a><b>2</b>'));
    return new Response(await r.text() + log);
} };
--- response_body chomp
<a>1!?</a><b>2</b>a1,a2,job,a3,b,2,



=== TEST 20: what a handler throws is what the body breaks with
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const run = async (set) => {
        const r = set(new HTMLRewriter()).transform(
            new Response('<!doctype x><p>x<!--c--></p>'));
        await r.text().catch((e) => out.push(`${e.name}: ${e.message}`));
    };
    const fail = () => { throw new RangeError('mine'); };
    await run((r) => r.on('p', { element: fail }));
    await run((r) => r.on('p', { async element() { await 0; fail(); } }));
    await run((r) => r.on('p', { element: () => Promise.reject(new SyntaxError('s')) }));
    await run((r) => r.on('p', { text: fail }));
    await run((r) => r.on('p', { comments: fail }));
    await run((r) => r.onDocument({ doctype: fail }));
    await run((r) => r.onDocument({ end: fail }));
    await run((r) => r.on('p', { element() { throw 'text'; } }));
    return new Response(out.join('\n'));
} };
--- response_body chomp
RangeError: mine
RangeError: mine
SyntaxError: s
RangeError: mine
RangeError: mine
RangeError: mine
RangeError: mine
Error: text
--- no_error_log
unhandled



=== TEST 21: a token is of no use when its handler has ended
--- user_files
>>> w.js
export default { async fetch() {
    const kept = [], out = [];
    let it;
    await new HTMLRewriter().on('p', {
        element(e) { kept.push(e); it = e.attributes; e.onEndTag((t) => { kept.push(t); }); },
        text(t) { kept.push(t); }, comments(c) { kept.push(c); } })
        .onDocument({ doctype(d) { kept.push(d); }, end(e) { kept.push(e); } })
        .transform(new Response('<!doctype x><p a=1>x<!--c--></p>')).text();
    const uses = { Element: (e) => e.tagName, EndTag: (e) => e.name,
                   Text: (e) => e.text, Comment: (e) => e.text,
                   Doctype: (e) => e.name, DocumentEnd: (e) => e.append('x') };
    for (const t of kept)
        try { out.push(uses[t.constructor.name](t)); }
        catch (e) { out.push(t.constructor.name + e.message.slice(0, 40)); }
    try { it.next(); } catch (e) { out.push(e.name); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
DoctypeThis content token is no longer valid. C
ElementThis content token is no longer valid. C
TextThis content token is no longer valid. C
TextThis content token is no longer valid. C
CommentThis content token is no longer valid. C
EndTagThis content token is no longer valid. C
DocumentEndThis content token is no longer valid. C
TypeError



=== TEST 22: arguments of on(), onDocument() and transform()
--- user_files
>>> w.js
export default { async fetch() {
    const out = [], rw = new HTMLRewriter();
    for (const f of [() => rw.on(), () => rw.on('a'), () => rw.on('a', 1),
                     () => rw.on('a', { text: 1 }), () => rw.on('a', { element: null }),
                     () => rw.onDocument(), () => rw.onDocument({ end: 'x' }),
                     () => rw.transform(), () => rw.transform('x'),
                     () => rw.transform(Response.error()),
                     () => HTMLRewriter.prototype.on.call({}, 'a', {})])
        try { f(); out.push('?'); } catch (e) { out.push(e.message.slice(0, 89)); }
    const none = new Response(null, { status: 204 });
    out.push(rw.on('a', null) === rw, rw.onDocument(undefined) === rw,
             rw.transform(none) === none);
    const used = new Response('x');
    await used.text();
    try { rw.transform(used); } catch (e) { out.push(e.message); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
Failed to execute 'on' on 'HTMLRewriter': parameter 1 is not of type 'string'.
Failed to execute 'on' on 'HTMLRewriter': parameter 2 is not of type 'ElementContentHandl
Failed to execute 'on' on 'HTMLRewriter': parameter 2 is not of type 'ElementContentHandl
Incorrect type for the 'text' field on 'ElementContentHandlers': the provided value is no
Incorrect type for the 'element' field on 'ElementContentHandlers': the provided value is
Failed to execute 'onDocument' on 'HTMLRewriter': parameter 1 is not of type 'DocumentCon
Incorrect type for the 'end' field on 'DocumentContentHandlers': the provided value is no
Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.
Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.
HTMLRewriter cannot transform an error response
Illegal invocation: function called with incorrect `this` reference. See https://develope
true
true
true
The ReadableStream has been locked to a reader.



=== TEST 23: status and headers stay, but for a length that is no longer true
--- user_files
>>> w.js
export default { fetch() {
    return new HTMLRewriter().on('b', { element(e) { e.append('+'); } })
        .transform(new Response('<b>1</b>', { status: 201, headers: {
            'content-length': '8', 'content-type': 'text/html', 'x-keep': 'y' } }));
} };
--- error_code: 201
--- response_headers
Content-Type: text/html
X-Keep: y
!Content-Length
Transfer-Encoding: chunked
--- response_body chomp
<b>1+</b>



=== TEST 24: a rewriter serves many responses, and may be added to meanwhile
--- user_files
>>> w.js
const rw = new HTMLRewriter();
let added;
rw.on('p', { element(e) {
    e.append('1');
    if (!added) { added = true; rw.on('b', { element(x) { x.append('2'); } }); }
} });
export default { async fetch() {
    const two = [1, 2].map(() => rw.transform(new Response('<p>x</p><b></b>')).text());
    const out = await Promise.all(two);
    out.push(await rw.transform(new Response('<p>x</p><b></b>')).text());
    const outer = new HTMLRewriter().on('b', { element(e) { e.remove(); } });
    out.push(await outer.transform(rw.transform(new Response('<p>y</p><b></b>'))).text());
    return new Response(out.join('\n'));
} };
--- response_body chomp
<p>x1</p><b></b>
<p>x1</p><b></b>
<p>x1</p><b>2</b>
<p>y1</p>



=== TEST 25: other encodings
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    for (const charset of ['windows-1252', 'shift_jis', 'gbk', 'utf-16', 'nope', '']) {
        let text = '';
        try {
            const r = new HTMLRewriter().on('b', {
                element(e) { e.setAttribute('a', 'é日'); e.append('日<'); },
                text(t) { text += t.text; } })
                .transform(new Response(new Uint8Array([60, 98, 62, 0x93, 0xfa, 60, 47, 98, 62]),
                    { headers: { 'content-type': 'text/html;charset=' + charset } }));
            out.push(charset + ': ' + Array.from(await r.bytes(), (b) =>
                b > 126 ? '\\x' + b.toString(16) : String.fromCharCode(b)).join('') + ' ' + text);
        } catch (e) { out.push(charset + ': ' + e.message); }
    }
    return new Response(out.join('\n'));
} };
--- response_body chomp
windows-1252: <b a="\xe9&#26085;">\x93\xfa&#26085;&lt;</b> “ú
shift_jis: <b a="&#233;\x93\xfa">\x93\xfa\x93\xfa&lt;</b> 日
gbk: <b a="\xa8\xa6\xc8\xd5">\x93\xfa\xc8\xd5&lt;</b> 擔
utf-16: Parser error: Expected ASCII-compatible encoding.
nope: Parser error: Unknown character encoding has been provided.
: <b a="\xc3\xa9\xe6\x97\xa5">\x93\xfa\xe6\x97\xa5&lt;</b> ��



=== TEST 26: characters of other encodings are not cut either
--- user_files
>>> w.js
export default { async fetch() {
    const texts = [];
    const body = new ReadableStream({ start(c) {
        for (const b of [60, 98, 62, 0x93, 0xfa, 0x93, 0xfa, 60, 47, 98, 62])
            c.enqueue(new Uint8Array([b]));
        c.close();
    } });
    const r = new HTMLRewriter().on('b', { text(t) { texts.push(t.text); t.remove(); } })
        .transform(new Response(body, { headers: { 'content-type': 'text/html;charset=sjis' } }));
    return new Response(await r.text() + texts.join('|'));
} };
--- response_body chomp
<b></b>日|日|



=== TEST 27: AsyncLocalStorage is that of transform()
--- script
compatibility_flags nodejs_als;
--- user_files
>>> w.js
import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage(), out = [];
const rw = als.run(1, () => new HTMLRewriter().on('p', {
    element(e) { out.push(als.getStore()); e.onEndTag(() => { out.push(als.getStore()); }); },
    async text() { await scheduler.wait(1); out.push(als.getStore()); } }));
export default { async fetch() {
    const r = als.run(2, () => rw.transform(new Response('<p>x</p>')));
    await als.run(3, () => r.text());
    return Response.json(out);
} };
--- response_body chomp
[2,2,2,2]



=== TEST 28: a document of any length flows by
--- user_files
>>> w.js
let n = 0;
export default { fetch() {
    const piece = new TextEncoder().encode('<p>' + 'x'.repeat(1000) + '</p>'.repeat(10));
    let left = 3000;
    const body = new ReadableStream({ pull(c) {
        if (left-- === 0) return c.close();
        c.enqueue(piece);
    } });
    return new HTMLRewriter().on('p', { element(e) { e.setAttribute('n', ++n % 10); } })
        .transform(new Response(body));
} };
--- response_body_like eval
qr/^(?:<p n="\d">x{1000}(?:<\/p>){10}){3000}$/



=== TEST 29: a client that goes away ends it
--- user_files
>>> w.js
let cancelled = 0, seen = 0;
export default { async fetch(request) {
    if (new URL(request.url).pathname === '/seen') {
        for (let i = 0; i < 50 && cancelled === 0; i++) await scheduler.wait(20);
        return new Response(`${cancelled} ${seen > 0}`);
    }
    const body = new ReadableStream({
        async pull(c) { await scheduler.wait(5); c.enqueue(new TextEncoder().encode('<p>x</p>')); },
        cancel() { cancelled++; } });
    const r = new HTMLRewriter().on('p', { element() { seen++; } }).transform(new Response(body));
    const reader = r.body.getReader();
    await reader.read();
    await reader.cancel();
    return new Response('ok');
} };
--- pipelined_requests eval
["GET /", "GET /seen"]
--- response_body eval
["ok", "1 true"]



=== TEST 30: a tag that does not end, and elements that do not, are bounded
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    const run = async (piece, n) => {
        let left = n;
        const body = new ReadableStream({ pull(c) {
            if (left-- === 0) return c.close();
            c.enqueue(piece);
        } });
        out.push(await new HTMLRewriter().on('b', { element() {} })
            .transform(new Response(body)).text()
            .then((s) => s.length, (e) => e.message));
    };
    const enc = new TextEncoder();
    const attr = new Uint8Array(65536).fill(97);
    await run(enc.encode('<i a="'), 1);
    const long = new Uint8Array(65536).fill(97);
    long.set(enc.encode('<i '));
    await run(long, 1);
    await run(enc.encode('<!-- ' + 'x'.repeat(65536)), 200);
    await run(enc.encode('<b>'.repeat(1000)), 20);
    return new Response(out.join('\n'));
} };
--- response_body chomp
6
65536
Parser error: The memory limit has been exceeded.
Parser error: The memory limit has been exceeded.



=== TEST 31: in a namespace of its own
--- user_files
>>> w.js
export default { async fetch() {
    const out = [];
    await new HTMLRewriter().on('*', { element(e) {
        out.push(e.tagName + ':' + e.namespaceURI.split('/').pop());
    } }).transform(new Response('<p></p><svg><a/><foreignObject><i></i>'
        + '</foreignObject><u></u></svg><math><mi><a></a></mi><q></q></math>'
        + '<svg/><s></s>')).text();
    return new Response(out.join(' '));
} };
--- response_body chomp
p:xhtml svg:svg a:svg foreignobject:svg i:xhtml u:xhtml math:MathML mi:MathML a:xhtml q:MathML svg:svg s:xhtml



=== TEST 32: there is an HTMLRewriter before there is a request, but no transform()
--- user_files
>>> w.js
const rw = new HTMLRewriter().on('a', {});
let message;
try { rw.transform(new Response('x')); } catch (e) { message = e.message; }
export default { fetch: () => new Response(`${message}`.slice(0, 60)) };
--- response_body chomp
Disallowed operation called within global scope. Asynchronou
