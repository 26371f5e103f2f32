# Copyright (C) the nginx-workers authors
#
# npm packages that are made for Node.js, as workers.

use strict;
use warnings;

BEGIN {
    my $status = system('tools/npm/bundle', '--node', 'build/bundles',
                        't/npm/node/express.js') >> 8;

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

    return [['w.js', read_file("build/bundles/$name.js")]];
}


sub post {
    my ($path, $body) = @_;

    return request("POST $path HTTP/1.1\nContent-Type: application/json\n"
                   . 'Content-Length: ' . length $body, $body);
}


add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', "        compatibility_date 2026-07-01;\n"
                                . "        compatibility_flags "
                                . "nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: Express: routes, JSON, redirects, cookies, streams, errors, ETag
--- user_files eval: main::bundle('express')
--- client
my $r = get('/');
is("$r->{status} $r->{body}", '200 <p>hello</p>', 'a page');
like($r->{head}, qr/content-type: text\/html; charset=utf-8\r/i, 'its type');

my ($etag) = $r->{head} =~ /^etag: (.*?)\r/im;
is(get('/', "If-None-Match: $etag")->{status}, 304, 'not modified');

is(get('/users/42?page=2')->{body}, '{"id":"42","page":"2"}', 'parameters');

$r = post('/users', '{"name":"n"}');
is("$r->{status} $r->{body}", '201 {"made":{"name":"n"}}', 'a body of JSON');
is(post('/users', '{')->{status}, 400, 'not JSON');
is(post('/users', '"' . 'x' x 2000000 . '"')->{status}, 413, 'too large');

like(get('/moved')->{head}, qr/302 .*^location: \/\r/ims, 'a redirect');
like(get('/cookie')->{head}, qr/204 .*^set-cookie: a=b; Path=\/\r/ims,
     'a cookie');
is(get('/stream')->{body}, 'onetwo', 'in pieces');
is(get('/throw')->{body}, 'caught thrown', 'an exception');
is(get('/reject')->{body}, 'caught rejected', 'a rejection');
is(get('/none')->{status}, 404, 'no such page');
is(request('OPTIONS / HTTP/1.1')->{body}, 'GET, HEAD', 'OPTIONS');
is(request('HEAD / HTTP/1.1')->{body}, '', 'HEAD');
