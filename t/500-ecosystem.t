# Copyright (C) the nginx-workers authors
#
# Workers made of packages of npm, as a user bundles them: t/npm/NAME.js with
# the versions of tools/npm/package.json.

use strict;
use warnings;

BEGIN {
    my $status = system('tools/npm/bundle', 'build/bundles', glob('t/npm/*.js'))
                 >> 8;

    if ($status == 2) {
        print "1..0 # SKIP npm is not there, or cannot install packages\n";
        exit 0;
    }

    die "tools/npm/bundle failed\n" if $status != 0;
}

use lib 't/lib';
use Workers 'no_plan';
use Client;

sub bundle {
    my $name = shift;

    return [["$name.js", read_file("build/bundles/$name.js")]];
}


sub post {
    my ($path, $type, $body) = @_;

    return request("POST $path HTTP/1.1\nContent-Type: $type\nContent-Length: "
                   . length $body, $body);
}


# Status and body of an answer, as one line.

sub answer {
    my $answer = shift;

    return "$answer->{status} $answer->{body}";
}

run_tests();

__DATA__

=== TEST 1: hono: routes, validators, cookies, forms, streams, errors
--- user_files eval: main::bundle('hono')
--- client
is(answer(get('/')), '200 <p>&lt;escaped&gt;</p>', 'html');
is(answer(get('/nothing')), '404 nothing there', 'not found');
is(answer(get('/teapot')), '418 tea', 'HTTPException');
is(answer(get('/broken')), '500 caught broken', 'onError()');
is(answer(get('/id')), '200 36', 'request id');

is(answer(get('/api/users/42')), '200 {"id":"42"}', 'parameter');
is(answer(get('/api/users/x')), '404 nothing there', 'parameter of a form');

my $got = get('/api/users/1', 'Origin: https://app.example');
like($got->{head}, qr{^access-control-allow-origin: https://app\.example\r}mi,
     'CORS');

is(answer(post('/api/users', 'application/json', '{"name":"n"}')),
   '201 {"name":"n"}', 'valid');
is(answer(post('/api/users', 'application/json', '{}')), '422 no name',
   'not valid');
like(answer(post('/api/users', 'application/json', '{')), qr/^400 /,
     'no JSON');

is(get('/admin/')->{status}, 401, 'without a password');
is(answer(get('/admin/', 'Authorization: Basic dTpw')), '200 in',
   'with the password');

$got = get('/cookie', 'Cookie: a=b; c=%20d');
is($got->{body}, '{"a":"b","c":" d"}', 'cookies of the request');
like($got->{head}, qr/^set-cookie: seen=a%20b; Max-Age=5; Path=\/; HttpOnly\r/mi,
     'cookie of the response');

is(answer(get('/events')),
   "200 event: n\ndata: one\ndata: two\nid: 1\n\ndata: three\n\n",
   'server-sent events');

is(answer(post('/form', 'multipart/form-data; boundary=x', join "\r\n",
               '--x', 'Content-Disposition: form-data; name="tag"', '', 't1',
               '--x', 'Content-Disposition: form-data; name="tag"', '', 't2',
               '--x', 'Content-Disposition: form-data; name="file"; '
                      . 'filename="a.txt"', 'Content-Type: text/css', '', 'abc',
               '--x--', '')),
   '200 ["a.txt","text/css","abc",["t1","t2"]]', 'multipart');



=== TEST 2: itty-router: parameters, content, errors
--- user_files eval: main::bundle('itty-router')
--- client
is(answer(get('/items/7?a=1&a=2')),
   '200 {"id":"7","query":{"a":["1","2"]}}', 'parameters and query');
is(answer(get('/items/7/p')), '200 {"id":"7","part":"p","query":{}}',
   'optional');
is(answer(get('/files/a/b/c')), '200 "a/b/c"', 'greedy');
is(answer(post('/items', 'application/json', '{"n":[1]}')), '200 {"n":[1]}',
   'content');
is(answer(get('/gone')), '410 {"status":410,"error":"gone"}', 'error()');
is(answer(get('/teapot')), '418 {"status":418,"error":"Unknown Error","short":"stout"}', 'thrown');
is(get('/none')->{status}, 404, 'no route');

my $got = request("OPTIONS /gone HTTP/1.1\nOrigin: https://app.example");
is($got->{status}, 204, 'preflight');
like($got->{head}, qr{^access-control-allow-origin: https://app\.example\r}mi,
     'CORS');



=== TEST 3: zod: what is right is converted, what is wrong is told
--- user_files eval: main::bundle('zod')
--- client
is(answer(post('/', 'application/json', <<'END')), '200 '
{ "id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "email": "a@b.example",
  "born": "2000-01-02", "tags": ["one", "two"], "name": " ann ",
  "contact": { "kind": "url", "url": "https://b.example/a" } }
END
   . '{"id":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","email":"a@b.example",'
   . '"born":"2000-01-02T00:00:00.000Z","role":"reader","tags":["one","two"],'
   . '"contact":{"kind":"url","url":"https://b.example/a"},"name":"ANN"}',
   'right');

is(answer(post('/', 'application/json', <<'END')), '422 '
{ "id": "3", "email": "a@", "tags": ["a", "two", "three", "four"], "name": 5,
  "contact": { "kind": "fax" }, "more": 1 }
END
   . '{"formErrors":["Unrecognized key: \"more\""],"fieldErrors":{'
   . '"id":["Invalid UUID"],"email":["Invalid email address"],'
   . '"tags":["Too big: expected array to have <=3 items"],"contact":'
   . q(["Invalid discriminator value. Expected 'url' | 'phone'"],)
   . '"name":["Invalid input: expected string, received number"]}}',
   'wrong');



=== TEST 4: graphql: fields, fragments, variables, errors
--- user_files eval: main::bundle('graphql')
--- client
my $query = 'query Q($id: ID!, $n: Int) { user(id: $id) { ...F friends { id } }'
            . ' users(first: $n) { name } } fragment F on User { id name }';

is(answer(post('/', 'application/json',
               qq({"query":"$query","variables":{"id":"7","n":1}}))),
   '200 {"data":{"user":{"id":"7","name":"user 7","friends":[{"id":"71"}]},'
   . '"users":[{"name":"user 0"}]}}', 'query');

is(answer(post('/', 'application/json',
               '{"query":"{ user(id: 13) { id name } }"}')),
   '200 {"errors":[{"message":"no luck","locations":[{"line":1,"column":21}],'
   . '"path":["user","name"]}],"data":{"user":{"id":"13","name":null}}}',
   'a resolver that throws');

like(answer(post('/', 'application/json', '{"query":"{ users { nam } }"}')),
     qr/^200 \{"errors":\[\{"message":"Cannot query field \\"nam\\" on type \\"User\\"/,
     'no such field');

like(answer(post('/', 'application/json', '{"query":"{ users("}')),
     qr/Syntax Error: Expected Name, found <EOF>/, 'no query');



=== TEST 5: react: to a string, to a stream that waits
--- user_files eval: main::bundle('react')
--- client
is(answer(get('/string')),
   '200 <button id="_R_0_" class="dark" disabled="" style="font-size:12px">'
   . '&lt;&amp;&gt; 1</button>', 'string');

my $got = get('/stream');
like($got->{body}, qr{^<div><!--\$\?--><template id="B:0"></template><i>wait</i>},
     'fallback');
like($got->{body}, qr{<div hidden id="S:0"><b>late</b></div>}, 'what came');
like($got->{head}, qr{^content-type: text/html\r}mi, 'type');



=== TEST 6: markdown-it, yaml, fast-xml-parser
--- user_files eval: main::bundle('text')
--- client
is(answer(post('/markdown', 'text/plain', <<'END')), <<'END', 'markdown');
# A "title"

- *one* <b>
- [two](http://x.example "t") -- http://auto.example

| a | b |
|---|:-:|
| 1 | `2` |
END
200 <h1>A “title”</h1>
<ul>
<li><em>one</em> &lt;b&gt;</li>
<li><a href="http://x.example" title="t">two</a> – <a href="http://auto.example">http://auto.example</a></li>
</ul>
<table>
<thead>
<tr>
<th>a</th>
<th style="text-align:center">b</th>
</tr>
</thead>
<tbody>
<tr>
<td>1</td>
<td style="text-align:center"><code>2</code></td>
</tr>
</tbody>
</table>
END

is(answer(post('/yaml', 'text/plain', <<'END')), '200 '
a: &x { n: 1, list: [x, 2.5, ~] }
b: *x
text: |
  one
  two
date: 2020-01-02
END
   . '{"a":{"n":1,"list":["x",2.5,null]},"b":{"n":1,"list":["x",2.5,null]},'
   . '"text":"one\ntwo\n","date":"2020-01-02"}', 'YAML');

is(answer(post('/to-yaml', 'text/plain', '{"a":[1,{"b":"x: y"}],"c":"two\nlines\n"}')),
   "200 a:\n  - 1\n  - b: \"x: y\"\nc: |\n  two\n  lines\n", 'to YAML');

is(answer(post('/xml', 'text/plain',
               '<a x="1"><b>2</b><b>t &amp; u</b><c/><![CDATA[<q>]]></a>')),
   '200 {"a":{"b":[2,"t & u"],"c":"","#text":"<q>","@_x":"1"}}', 'XML');



=== TEST 7: noble: hashes and curves in JavaScript
--- user_files eval: main::bundle('noble')
--- response_body chomp
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532
ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43
true
false
true
false
true
false



=== TEST 8: xstate: promises, timers, retries
--- user_files eval: main::bundle('xstate')
--- response_body chomp
[["loading","waiting","loading","done"],"loaded at attempt 2"]



=== TEST 9: luxon: zones and formats
--- user_files eval: main::bundle('luxon')
--- response_body chomp
["2025-02-28","Thu, 29 Feb 2024 13:05:09 GMT","Thursday 29 February 2024, 13:05","February 29, 2024","2024-02-29T14:05:09.000+01:00","GMT+1","2024-06-01T16:00:00.000Z","2 hours, 5 minutes","2020-02-12"]



=== TEST 10: kysely: SQL without a database
--- user_files eval: main::bundle('kysely')
--- response_body chomp
[["select \"u\".\"name\", count(\"p\".\"id\") as \"posts\" from \"users\" as \"u\" left join \"posts\" as \"p\" on \"p\".\"user\" = \"u\".\"id\" where (\"u\".\"id\" in (?, ?) or \"u\".\"name\" like ?) group by \"u\".\"id\" order by \"posts\" desc limit ?",[1,2,"a%",10]],["insert into \"users\" (\"name\", \"at\") values (?, unixepoch()) on conflict (\"name\") do nothing returning *",["n"]]]



=== TEST 11: jose: signatures, keys, encryption
--- user_files eval: main::bundle('jose')
--- response_body chomp
RS256 ann
PS256 ann
ES256 ann
ES384 ann
EdDSA ann
HS256 read
ERR_JWT_CLAIM_VALIDATION_FAILED
ERR_JWT_EXPIRED
ERR_JWS_SIGNATURE_VERIFICATION_FAILED
ERR_JWS_INVALID
sealed
