# Copyright (C) the nginx-workers authors
#
# mtls_certificate: fetch() with a client certificate.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';
use Client;

our $Dir = $ENV{TEST_NGINX_TMP};

$ENV{TEST_NGINX_TLS_PORT} = $ENV{TEST_NGINX_PORT} + 1;

# An authority, a server, clients a and b of it, and one that is out of date.

sub openssl {
    system("cd $Dir && openssl $_[0] 2>/dev/null") == 0 or die "openssl $_[0]";
}

my $ec = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';

openssl("req -x509 $ec -days 2 -subj /CN=CA -keyout ca.key -out ca.pem");
openssl("req -x509 $ec -days 2 -subj /CN=localhost"
        . " -addext subjectAltName=DNS:localhost -keyout server.key"
        . " -out server.pem");

for my $name ('a', 'b') {
    openssl("req $ec -subj /CN=$name -keyout $name.key -out $name.csr");
    openssl("x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -days 2"
            . " -out $name.pem");
}

openssl("req -x509 $ec -subj /CN=old -keyout old.key -out old.pem"
        . " -not_before 20200101000000Z -not_after 20200201000000Z");

chmod 0644, glob "$Dir/*";

our $Server = <<"EOF";
    workers_trusted_certificate $Dir/server.pem;
    server {
        listen 127.0.0.1:$ENV{TEST_NGINX_TLS_PORT} ssl;
        ssl_certificate $Dir/server.pem;
        ssl_certificate_key $Dir/server.key;
        ssl_client_certificate $Dir/ca.pem;
        ssl_verify_client on;
        location / { return 200 "\$ssl_client_s_dn \$request_method"; }
        location /away { return 302 /; }
    }
EOF

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', ($block->script // '')
        . "        var URL https://localhost:$ENV{TEST_NGINX_TLS_PORT};\n");
});

run_tests();

__DATA__

=== TEST 1: the server sees the certificate, and nobody else has its connection
--- http_config eval: $::Server
--- script
        mtls_certificate A certificate=$TEST_NGINX_TMP/a.pem key=$TEST_NGINX_TMP/a.key;
        mtls_certificate B certificate=$TEST_NGINX_TMP/b.pem key=$TEST_NGINX_TMP/b.key;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    const out = [Object.prototype.toString.call(env.A)];
    for (let i = 0; i < 2; i++)
        for (const fetcher of [env.A, env.B, { fetch }])
            out.push(await fetcher.fetch(env.URL, { method: 'POST' }).then(
                async (r) => `${r.status} ${(await r.text()).split('\r\n')[0]}`,
                (e) => e.message));
    const r = await env.A.fetch(new Request(env.URL + '/away'));
    out.push(r.redirected, await r.text());
    return new Response(out.join('\n'));
} };
--- response_body chomp
[object Fetcher]
200 CN=a POST
200 CN=b POST
400 <html>
200 CN=a POST
200 CN=b POST
400 <html>
true
CN=a GET



=== TEST 2: a server that is not trusted does not get it
--- http_config eval
$::Server =~ s/workers_trusted_certificate.*\n//r
--- script
        mtls_certificate A certificate=$TEST_NGINX_TMP/a.pem key=$TEST_NGINX_TMP/a.key;
--- user_files
>>> w.js
export default { async fetch(request, env) {
    return env.A.fetch(env.URL).catch((e) => new Response(e.message));
} };
--- response_body chomp
The TLS certificate of the request's host is not valid.
--- error_log
SSL peer certificate



=== TEST 3: a key of another certificate
--- must_die
--- script
        mtls_certificate A certificate=$TEST_NGINX_TMP/a.pem key=$TEST_NGINX_TMP/b.key;
--- user_files
>>> w.js
export default { };
--- error_log eval
qr/mtls_certificate "A": the private key does not belong to "\S+a.pem" in \S+:\d+/



=== TEST 4: a certificate that is out of date
--- must_die
--- script
        mtls_certificate A certificate=$TEST_NGINX_TMP/old.pem key=$TEST_NGINX_TMP/old.key;
--- user_files
>>> w.js
export default { };
--- error_log
mtls_certificate "A": out of date is



=== TEST 5: files that are none
--- must_die
--- script
        mtls_certificate A certificate=$TEST_NGINX_TMP/a.key key=$TEST_NGINX_TMP/a.key;
--- user_files
>>> w.js
export default { };
--- error_log
mtls_certificate "A": there is no certificate in the PEM format in



=== TEST 6: a file that is not there
--- must_die
--- script
        mtls_certificate A certificate=/nowhere/a.pem key=$TEST_NGINX_TMP/a.key;
--- user_files
>>> w.js
export default { };
--- error_log
mtls_certificate "A": "/nowhere/a.pem" could not be read



=== TEST 7: a parameter is missing
--- must_die
--- script
        mtls_certificate A certificate=$TEST_NGINX_TMP/a.pem cert=x;
--- user_files
>>> w.js
export default { };
--- error_log
expected "certificate=" or "key="
