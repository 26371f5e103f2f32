# Copyright (C) the nginx-workers authors
#
# env: variables, JSON, secrets (which show nowhere), version metadata.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

# it lies beside the module

(our $seal = $ENV{NGINX_WORKERS_MODULE}
             || 'build/ngx_http_workers_module.so') =~ s{[^/]+\z}{seal-secret};

our $master_key = "$ENV{TEST_NGINX_TMP}/key";
our $other_key = "$ENV{TEST_NGINX_TMP}/other-key";

for my $key ($master_key, $other_key) {
    system($seal, 'keygen', $key) == 0 or die "$seal: no key\n";
}

$ENV{NGINX_WORKERS_TEST_SECRET} = "from the environment, \xc3\xa9";


# What the tool prints of a text.

sub seal {
    my ($text, $how, $key) = @_;
    my $file = "$ENV{TEST_NGINX_TMP}/plain";

    write_file($file, $text);

    return scalar `$seal @{[$how // 'seal']} @{[$key // $master_key]} < $file 2>&1`;
}


# nginx's own answer to -t or -T of the block's configuration.

sub nginx_says {
    my $args = shift;
    my $nginx = $Test::Nginx::Util::NginxBinary;
    my $root = $Test::Nginx::Util::ServRoot;

    return scalar `$nginx $args -p $root -c $Test::Nginx::Util::ConfFile 2>&1`;
}


# Starts the block's nginx anew, and waits for it.

sub restart {
    my $master = master();
    my $nginx = $Test::Nginx::Util::NginxBinary;
    my $root = $Test::Nginx::Util::ServRoot;

    kill 'QUIT', $master;
    eventually { !alive($master) } 'nginx has gone';

    system("$nginx -p $root/ -c $Test::Nginx::Util::ConfFile "
           . "-e $root/logs/error.log > /dev/null") == 0 or die;

    eventually { my $c = dial(); defined $c } 'nginx is there again';
}

run_tests();

__DATA__

=== TEST 1: var is a string, whatever it looks like
--- script
    var PLAIN value;
    var QUOTED "a \"quoted\" one; {é}";
    var NUMBER 42;
    var EMPTY "";
    var $DOLLAR '$host';
    var _ "x y";
--- user_files
>>> w.js
export default { fetch(request, env) { return Response.json(env); } };
--- response_body chomp
{"PLAIN":"value","QUOTED":"a \"quoted\" one; {é}","NUMBER":"42","EMPTY":"","$DOLLAR":"$host","_":"x y"}



=== TEST 2: json is a value, its own in each isolate
--- script
    json OBJECT '{"a":[1,{"b":null}],"é":"\u00e9"}';
    json NUMBER 1.5;
    json TEXT '"text"';
    json TRUE true;
    json NULL null;
    json ARRAY [1,2];
--- user_files
>>> w.js
export default { fetch(request, env) {
    const before = JSON.stringify(env);
    env.OBJECT.a.push('mine');
    return new Response(before);
} };
--- response_body chomp
{"OBJECT":{"a":[1,{"b":null}],"é":"é"},"NUMBER":1.5,"TEXT":"text","TRUE":true,"NULL":null,"ARRAY":[1,2]}



=== TEST 3: env is a plain object with enumerable properties
--- script
    var A one;
    var B two;
--- user_files
>>> w.js
export default { fetch(request, env) {
    const seen = [];
    for (const name in env) seen.push(name);
    const own = Object.getOwnPropertyDescriptor(env, 'A');
    const { B, ...rest } = env;
    env.C = 'three';
    return Response.json([seen, own, rest, 'C' in env, env.none === undefined,
                          Object.prototype.toString.call(env)]);
} };
--- response_body chomp
[["A","B"],{"value":"one","writable":true,"enumerable":true,"configurable":true},{"A":"one"},true,true,"[object Object]"]



=== TEST 4: secrets of a plain file and of the environment
--- script
    secret FILE file=$TEST_NGINX_HTML_DIR/token;
    secret LINES file=$TEST_NGINX_HTML_DIR/lines;
    secret EMPTY file=$TEST_NGINX_HTML_DIR/empty;
    secret ENV env=NGINX_WORKERS_TEST_SECRET;
--- user_files eval
[['w.js', <<'END'], ['token', "t\xc3\xb6ken\n"], ['lines', "a\nb\n\n"],
export default { fetch(request, env) {
    return Response.json([env, typeof env.FILE, Object.keys(env)]);
} };
END
 ['empty', '']]
--- response_body eval
qq/[{"FILE":"t\xc3\xb6ken","LINES":"a\\nb\\n","EMPTY":"","ENV":"from the environment, \xc3\xa9"},"string",["FILE","LINES","EMPTY","ENV"]]/



=== TEST 5: the tool opens what it has sealed, with this key only
--- user_files
>>> w.js
export default { fetch() { return new Response('x'); } };
--- client
my $sealed = seal("sesame \x00\xff\n");

like($sealed, qr/^-----BEGIN CMS-----\n/, 'a sealed secret is text');
unlike($sealed, qr/sesame/, '... and does not show');
isnt(seal("sesame \x00\xff\n"), $sealed, '... and is another one each time');
is(seal($sealed, 'open'), "sesame \x00\xff\n", 'opened');
like(seal($sealed, 'open', $main::other_key), qr/^seal-secret: cannot be opened/,
     'another key');

(my $damaged = $sealed) =~ s/^([^-].{20})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/me;

like(seal($damaged, 'open'), qr/^seal-secret: .*damaged/, 'damaged');



=== TEST 6: a sealed secret
--- http_config eval
"
    workers_script w {
        main \$TEST_NGINX_HTML_DIR/w.js;
        secret S file=\$TEST_NGINX_HTML_DIR/sealed;
        secret P file=\$TEST_NGINX_HTML_DIR/plain;
    }
    workers_secrets_key $main::master_key;
"
--- user_files eval
[['w.js', <<'END'], ['sealed', main::seal("open sesame\n")], ['plain', 'p']]
export default { fetch(request, env) {
    return Response.json([env.S, env.P]);
} };
END
--- response_body chomp
["open sesame","p"]



=== TEST 7: sealed with another key
--- must_die
--- http_config eval
"
    workers_secrets_key $main::other_key;
    workers_script w {
        main \$TEST_NGINX_HTML_DIR/w.js;
        secret S file=\$TEST_NGINX_HTML_DIR/sealed;
    }
"
--- user_files eval
[['w.js', 'export default { fetch() { } };'],
 ['sealed', main::seal("open sesame")]]
--- error_log eval
qr/secret "S": "\S+sealed" \S.* in \S+:\d+/
--- no_error_log
sesame



=== TEST 8: sealed, and no key is named
--- must_die
--- script
    secret S file=$TEST_NGINX_HTML_DIR/sealed;
--- user_files eval
[['w.js', 'export default { fetch() { } };'],
 ['sealed', main::seal("open sesame")]]
--- error_log eval
qr/secret "S": "\S+sealed" .*workers_secrets_key.* in \S+:\d+/



=== TEST 9: sealed and damaged
--- must_die
--- http_config eval
"
    workers_secrets_key $main::master_key;
    workers_script w {
        main \$TEST_NGINX_HTML_DIR/w.js;
        secret S file=\$TEST_NGINX_HTML_DIR/sealed;
    }
"
--- user_files eval
[['w.js', 'export default { fetch() { } };'],
 ['sealed', do { my $s = main::seal("open sesame");
                 $s =~ s/^([^-].{40})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/me; $s }]]
--- error_log eval
qr/secret "S": "\S+sealed" \S.* in \S+:\d+/



=== TEST 10: a key file that is none
--- must_die
--- http_config
    workers_secrets_key $TEST_NGINX_HTML_DIR/key;
    workers_script w {
        main $TEST_NGINX_HTML_DIR/w.js;
        secret S file=$TEST_NGINX_HTML_DIR/sealed;
    }
--- user_files eval
[['w.js', 'export default { fetch() { } };'],
 ['sealed', main::seal("open sesame")], ['key', 'not64digits']]
--- error_log eval
qr/secret "S": .* in \S+:\d+/
--- no_error_log
not64digits



=== TEST 11: secret values show nowhere that the script does not show them
--- log_level: debug
--- http_config eval
"
    workers_secrets_key $main::master_key;
    workers_script w {
        main \$TEST_NGINX_HTML_DIR/w.js;
        var PUBLIC for-all;
        secret FILE file=\$TEST_NGINX_HTML_DIR/token;
        secret SEALED file=\$TEST_NGINX_HTML_DIR/sealed;
        secret ENV env=NGINX_WORKERS_TEST_SECRET;
    }
"
--- user_files eval
[['w.js', <<'END'], ['token', 'hush-file'], ['sealed', main::seal('hush-seal')]]
import { env as imported } from 'cloudflare:workers';
export default { fetch(request, env) {
    console.log(env);
    console.error([imported, { env }], env);
    console.log('%o', env);
    switch (new URL(request.url).pathname) {
    case '/throws': throw env;
    case '/uncaught': throw Object.assign(new Error('thrown'), { env });
    case '/other': return env;
    case '/own': return new Response(env.FILE + env.SEALED + env.ENV);
    }
} };
END
--- client
my $secret = qr/hush|from the environment/;

for my $path ('/throws', '/uncaught', '/other') {
    my $answer = get($path);

    is($answer->{status}, 500, "$path: status");
    unlike($answer->{head} . $answer->{body}, $secret, "$path: page");
}

like(get('/own')->{body}, qr/hush-filehush-sealfrom the env/, 'the script can');

my $config = nginx_says('-T');

like($config, qr/for-all/, 'nginx -T has the configuration');
unlike($config, $secret, '... without secrets');
unlike(nginx_says('-t'), $secret, 'nginx -t');
not_logged($secret, 'error log');
unlike(access_log(), $secret, 'access log');
--- error_log
PUBLIC: 'for-all', FILE: [secret], SEALED: [secret], ENV: [secret] }



=== TEST 12: version_metadata: the id is the same after a restart, and another one for another script
--- script
    version_metadata VERSION;
    var A one;
--- config
    location / {
        workers_pass w;
        add_header X-Version $workers_version_id;
    }
--- user_files
>>> w.js
import './lib.js';
export default { fetch(request, env) { return Response.json(env.VERSION); } };
>>> lib.js
globalThis.lib = 1;
--- client
my $html = $ENV{TEST_NGINX_HTML_DIR};
my $uuid = qr/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
my $answer = get('/');
my ($id, $time) = $answer->{body} =~ /^\{"id":"($uuid)","tag":"","timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"\}\z/;

ok(defined $id, 'id, tag and timestamp') or diag($answer->{body});
like($answer->{head}, qr/^X-Version: \Q$id\E\r$/m, 'the variable has it too');

restart();
like(get('/')->{body}, qr/"id":"$id"/, 'a restart changes nothing');

write_file("$html/lib.js", "globalThis.lib = 2;\n");
restart();

my ($second) = get('/')->{body} =~ /"id":"($uuid)"/;

isnt($second, $id, 'a module changes it');

write_file("$html/lib.js", "globalThis.lib = 1;\n");
restart();
like(get('/')->{body}, qr/"id":"$id"/, 'and back');

my $conf = read_file($Test::Nginx::Util::ConfFile);

write_file($Test::Nginx::Util::ConfFile, $conf =~ s/var A one/var A two/r);
restart();

my ($third) = get('/')->{body} =~ /"id":"($uuid)"/;

ok($third ne $id && $third ne $second, 'a binding changes it');



=== TEST 13: version_metadata with id and tag
--- script
    version_metadata V id=v-42 "tag=the tag";
--- config
    location / {
        workers_pass w;
        add_header X-Version $workers_version_id;
    }
--- user_files
>>> w.js
export default { fetch(request, env) {
    return Response.json([env.V.id, env.V.tag, Object.keys(env.V),
                          Math.abs(Date.parse(env.V.timestamp) - Date.now())
                          < 60000]);
} };
--- response_body chomp
["v-42","the tag",["id","tag","timestamp"],true]
--- response_headers
X-Version: v-42



=== TEST 14: a secret is not told by the version's id
--- script
    version_metadata V;
    secret S file=$TEST_NGINX_HTML_DIR/token;
--- user_files
>>> w.js
export default { fetch(request, env) { return new Response(env.V.id + env.S); } };
>>> token
one
--- client
my ($id) = get('/')->{body} =~ /^(.*)one\z/;

write_file("$ENV{TEST_NGINX_HTML_DIR}/token", 'two');
restart();
is(get('/')->{body}, "${id}two", 'the same id with another secret');
