# Copyright (C) the nginx-workers authors
#
# HTMLRewriter: which elements a selector finds.

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: attributes, classes and ids
--- user_files
>>> w.js
import hits from './hits.js';
const html = `<p i=1 class='a b' id=X lang=en-US data-a='Foo bar' TYPE=Text hreflang=en type=q></p><P i=2 CLASS=A id=x lang=en data-a=foo></P><p i=3 class='' data-a=''></p><p i=4 class='a\tb\nc' data-a='foo-bar'>`;
export default { fetch: () => hits(html, [".a", ".A", ".a.b", ".c", "[class=a]", "[class='a b']", "[class~=b]", "[class~='a b']", "[class~='']", "#x", "#X", "[lang|=en]", "[lang|='en']", "[lang=EN]", "[lang=EN i]", "[data-a^=Foo]", "[data-a^=foo]", "[data-a^=foo i]", "[data-a$=bar]", "[data-a*='o b']", "[data-a*='']", "[data-a^='']", "[data-a$='']", "[data-a='']", "[data-a]", "[DATA-A]", "[type=text]", "[type=Text]", "[type=TEXT s]", "[hreflang=EN]", "[class|=a]", "[data-a|=foo]", "[data-a~=Foo]", "[class~=B i]", ".a[data-a]", "p.a", "P", "[i='1']", "*:not(.a)", ":not([data-a=''])", ":not(.a):not(.A)", ":not(p)", ":not(.a,.A)", ":not(.a.b)", "p:not(div p)", ":not(:not(.a))"]) };
>>> hits.js
export default async function hits(html, selectors) {
    const out = [];
    for (const s of selectors) {
        const seen = [];
        try {
            await new HTMLRewriter().on(s, { element(e) {
                seen.push(e.tagName + (e.getAttribute('i') ?? ''));
            } }).transform(new Response(html)).text();
        } catch (e) { seen.push(e.message); }
        out.push(s + ' => ' + (seen.join() || 'none'));
    }
    return new Response(out.join('\n'));
}
--- response_body chomp
.a => p1,p4
.A => p2
.a.b => p1,p4
.c => p4
[class=a] => none
[class='a b'] => p1
[class~=b] => p1,p4
[class~='a b'] => none
[class~=''] => p3
#x => p2
#X => p1
[lang|=en] => p1,p2
[lang|='en'] => p1,p2
[lang=EN] => p2
[lang=EN i] => p2
[data-a^=Foo] => p1
[data-a^=foo] => p2,p4
[data-a^=foo i] => p1,p2,p4
[data-a$=bar] => p1,p4
[data-a*='o b'] => p1
[data-a*=''] => none
[data-a^=''] => p1,p2,p4
[data-a$=''] => p1,p2,p4
[data-a=''] => p3
[data-a] => p1,p2,p3,p4
[DATA-A] => none
[type=text] => p1
[type=Text] => p1
[type=TEXT s] => none
[hreflang=EN] => p1
[class|=a] => none
[data-a|=foo] => p2,p4
[data-a~=Foo] => p1
[class~=B i] => p1,p4
.a[data-a] => p1,p4
p.a => p1,p4
P => p1,p2,p3,p4
[i='1'] => p1
*:not(.a) => p2,p3
:not([data-a='']) => p1,p2,p4
:not(.a):not(.A) => p3
:not(p) => none
:not(.a,.A) => p3
:not(.a.b) => p2,p3
p:not(div p) => p1,p2,p3,p4
:not(:not(.a)) => p1,p4



=== TEST 2: children and types are counted
--- user_files
>>> w.js
import hits from './hits.js';
const html = `<ul><li i=1></li><li i=2></li><b i=3></b><li i=4></li><li i=5></li></ul>`;
export default { fetch: () => hits(html, ["li:nth-child(1)", "li:nth-child(2)", "li:nth-child(3)", "li:nth-child(n+3)", "li:nth-child(-n+2)", "li:nth-child(2n)", "li:nth-child(2n+1)", "li:nth-of-type(3)", "li:nth-of-type(2n)", "b:first-of-type", "li:first-of-type", "*:nth-of-type(1)", ":nth-child(3)", "li:nth-child(0)", "li:nth-child(-1)", "li:nth-child(3n-1)", "li:nth-child(-2n+4)", "li:not(:first-child)", "li:not(:nth-child(2n))"]) };
>>> hits.js
export default async function hits(html, selectors) {
    const out = [];
    for (const s of selectors) {
        const seen = [];
        try {
            await new HTMLRewriter().on(s, { element(e) {
                seen.push(e.tagName + (e.getAttribute('i') ?? ''));
            } }).transform(new Response(html)).text();
        } catch (e) { seen.push(e.message); }
        out.push(s + ' => ' + (seen.join() || 'none'));
    }
    return new Response(out.join('\n'));
}
--- response_body chomp
li:nth-child(1) => li1
li:nth-child(2) => li2
li:nth-child(3) => none
li:nth-child(n+3) => li4,li5
li:nth-child(-n+2) => li1,li2
li:nth-child(2n) => li2,li4
li:nth-child(2n+1) => li1,li5
li:nth-of-type(3) => li4
li:nth-of-type(2n) => li2,li5
b:first-of-type => b3
li:first-of-type => li1
*:nth-of-type(1) => ul,li1,b3
:nth-child(3) => b3
li:nth-child(0) => none
li:nth-child(-1) => none
li:nth-child(3n-1) => li2,li5
li:nth-child(-2n+4) => li2,li4
li:not(:first-child) => li2,li4,li5
li:not(:nth-child(2n)) => li1,li5



=== TEST 3: ancestors
--- user_files
>>> w.js
import hits from './hits.js';
const html = `<div i=1><section i=2><p i=3><b i=4></b></p></section><p i=5></p></div><p i=6></p>`;
export default { fetch: () => hits(html, ["div p", "div > p", "section > p", "div section p", "div > section > p > b", "div b", "p b", "div p > b", "section b", "div div", "* p", "* > p", "div *", "div > *", "body p", "div > b", "div section > b", "section p b, div > p"]) };
>>> hits.js
export default async function hits(html, selectors) {
    const out = [];
    for (const s of selectors) {
        const seen = [];
        try {
            await new HTMLRewriter().on(s, { element(e) {
                seen.push(e.tagName + (e.getAttribute('i') ?? ''));
            } }).transform(new Response(html)).text();
        } catch (e) { seen.push(e.message); }
        out.push(s + ' => ' + (seen.join() || 'none'));
    }
    return new Response(out.join('\n'));
}
--- response_body chomp
div p => p3,p5
div > p => p5
section > p => p3
div section p => p3
div > section > p > b => b4
div b => b4
p b => b4
div p > b => b4
section b => b4
div div => none
* p => p3,p5
* > p => p3,p5
div * => section2,p3,b4,p5
div > * => section2,p5
body p => none
div > b => none
div section > b => none
section p b, div > p => b4,p5



=== TEST 4: negations of whole selectors
--- user_files
>>> w.js
import hits from './hits.js';
const html = `<div i=1><section i=2><p i=3><b i=4></b></p></section><p i=5></p></div><p i=6></p>`;
export default { fetch: () => hits(html, ["p:not(section p)", "p:not(section > p)", ":not(div *)", "b:not(div > b)", "p:not(div p, section p)"]) };
>>> hits.js
export default async function hits(html, selectors) {
    const out = [];
    for (const s of selectors) {
        const seen = [];
        try {
            await new HTMLRewriter().on(s, { element(e) {
                seen.push(e.tagName + (e.getAttribute('i') ?? ''));
            } }).transform(new Response(html)).text();
        } catch (e) { seen.push(e.message); }
        out.push(s + ' => ' + (seen.join() || 'none'));
    }
    return new Response(out.join('\n'));
}
--- response_body chomp
p:not(section p) => p5,p6
p:not(section > p) => p5,p6
:not(div *) => div1,p6
b:not(div > b) => b4
p:not(div p, section p) => p6



=== TEST 5: elements that nobody closed are parents
--- user_files
>>> w.js
import hits from './hits.js';
const html = `<ul><li i=1>a<li i=2>b<li i=3>c</ul><a i=4></a><br i=5><i i=6>`;
export default { fetch: () => hits(html, ["ul > li", "ul li", "li:nth-child(1)", ":nth-child(2)", "br", "br ~ i", "br i"]) };
>>> hits.js
export default async function hits(html, selectors) {
    const out = [];
    for (const s of selectors) {
        const seen = [];
        try {
            await new HTMLRewriter().on(s, { element(e) {
                seen.push(e.tagName + (e.getAttribute('i') ?? ''));
            } }).transform(new Response(html)).text();
        } catch (e) { seen.push(e.message); }
        out.push(s + ' => ' + (seen.join() || 'none'));
    }
    return new Response(out.join('\n'));
}
--- response_body chomp
ul > li => li1
ul li => li1,li2,li3
li:nth-child(1) => li1,li2,li3
:nth-child(2) => a4
br => br5
br ~ i => Parser error: Unsupported combinator `~` in selector.
br i => none



=== TEST 6: what is no selector, or none that can be matched while it flows
--- user_files
>>> w.js
export default { fetch() {
    const out = [];
    for (const s of ["", "a[", "a + b", "> a", "a >", ".", "a!=b", "[a=b x]", "[*|a]", "n|a", ":not()", ":nth-child()", ":nth-child(2 of a)", ":last-child", ":hover", ":is(a)", "::before", "a/**/b", "a&b", "a,", "1", ":"])
        try { new HTMLRewriter().on(s, {}); out.push(s + ' ok'); }
        catch (e) { out.push(`${s} => ${e.name}: ${e.message}`); }
    return new Response(out.join('\n'));
} };
--- response_body chomp
 => TypeError: Parser error: The selector is empty.
a[ => TypeError: Parser error: Unexpected end of selector.
a + b => TypeError: Parser error: Unsupported combinator `+` in selector.
> a => TypeError: Parser error: The selector is empty.
a > => TypeError: Parser error: Dangling combinator in selector.
. => TypeError: Parser error: Unexpected end of selector.
a!=b => TypeError: Parser error: Unexpected token in selector.
[a=b x] => TypeError: Parser error: Unexpected token in selector.
[*|a] => TypeError: Parser error: Unexpected token in selector.
n|a => TypeError: Parser error: Selectors with explicit namespaces are not supported.
:not() => TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector.
:nth-child() => TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector.
:nth-child(2 of a) => TypeError: Parser error: Unexpected token in selector.
:last-child => TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector.
:hover => TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector.
:is(a) => TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector.
::before => TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector.
a/**/b => TypeError: Parser error: Unexpected token in selector.
a&b => TypeError: Parser error: Unexpected token in selector.
a, => TypeError: Parser error: The selector is empty.
1 => TypeError: Parser error: The selector is empty.
: => TypeError: Parser error: Unexpected end of selector.



=== TEST 7: names that are no ASCII, or escaped
--- user_files
>>> w.js
import hits from './hits.js';
const html = `<p class='é a:b 1' i=1></p><日x i=2></日x><xé i=3 data:y=z>`;
export default { fetch: () => hits(html, [".é", ".\\é", ".a\\:b", ".\\31", "xé", "[data\\:y=z]", "XÉ"]) };
>>> hits.js
export default async function hits(html, selectors) {
    const out = [];
    for (const s of selectors) {
        const seen = [];
        try {
            await new HTMLRewriter().on(s, { element(e) {
                seen.push(e.tagName + (e.getAttribute('i') ?? ''));
            } }).transform(new Response(html)).text();
        } catch (e) { seen.push(e.message); }
        out.push(s + ' => ' + (seen.join() || 'none'));
    }
    return new Response(out.join('\n'));
}
--- response_body chomp
.é => p1
.\é => p1
.a\:b => p1
.\31 => p1
xé => xé3
[data\:y=z] => xé3
XÉ => none



=== TEST 8: a thousand selectors
--- user_files
>>> w.js
export default { async fetch() {
    const rw = new HTMLRewriter();
    let n = 0;
    for (let i = 0; i < 1000; i++)
        rw.on(`div > p.c${i} b`, { element() { n += i; }, text(t) { n += t.text.length; } });
    const html = '<div><p class="c7 c999"><i><b>xyz</b></i></p></div>';
    await rw.transform(new Response(html)).text();
    return new Response(`${n}`);
} };
--- response_body: 1012
