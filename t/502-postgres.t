# Copyright (C) the nginx-workers authors
#
# PostgreSQL, asked by workers with the npm packages "pg" and "postgres", over
# connect(): in clear and by TLS, with passwords by SCRAM.

use strict;
use warnings;

use lib 't/lib';

BEGIN {
    require Postgres;

    my $reason = Postgres::reason();
    my $status = $reason ? 0
                 : system('tools/npm/bundle', '--node', 'build/bundles',
                          't/npm/node/pg.js', 't/npm/node/postgres.js') >> 8;

    $reason = 'npm is not there, or cannot install packages' if $status == 2;

    if ($reason) {
        print "1..0 # SKIP $reason\n";
        exit 0;
    }

    die "tools/npm/bundle failed\n" if $status != 0;
}

use Workers 'no_plan';
use Client;

our ($Cert, $Key) = certificate();
our $Port = Postgres::start($Cert, $Key);


sub bundle {
    my $name = shift;

    return [['w.js', read_file("build/bundles/$name.js")]];
}


sub body { return get(@_)->{body} }


add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', <<"CONF");
        compatibility_date 2026-07-01;
        compatibility_flags nodejs_compat;
        var PORT $main::Port;
        var PASSWORD secret;
CONF
    $block->set_value('http_config',
                      "    workers_trusted_certificate $main::Cert;\n");
});

run_tests();

__DATA__

=== TEST 1: pg
--- user_files eval: main::bundle('pg')
--- client
for my $ssl ('', '?ssl') {
    is(body("/types$ssl"), '{"i":42,"t":"héllo","j":{"a":[1]},"b":'
       . '{"type":"Buffer","data":[0,255]},"d":"1970-01-02T00:00:00.000Z",'
       . '"n":null,"yes":true,"a":[1,2],"big":"9007199254740993"}',
       "types $ssl");
    is(body("/table$ssl"), '[20000,"n20000"]', "20,000 rows $ssl");
    is(body("/transaction$ssl"), '0', "a transaction rolled back $ssl");
    is(body("/error$ssl"), '["42703","8",1]', "an error $ssl");
    is(body("/large$ssl"), 'true', "3 MB there and back $ssl");
    is(body("/wrong$ssl"), '"28P01"', "a wrong password $ssl");
}



=== TEST 2: postgres
--- user_files eval: main::bundle('postgres')
--- client
for my $ssl ('', '?ssl') {
    is(body("/types$ssl"), '{"i":42,"t":"héllo","j":{"a":[1]},"n":null,'
       . '"d":"1970-01-02T00:00:00.000Z"}', "types $ssl");
    is(body("/pool$ssl"), '["0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19"'
       . ',true]', "a pool $ssl");
    is(body("/cursor$ssl"), '5000', "a cursor $ssl");
    is(body("/begin$ssl"), '["no",null]', "a transaction rolled back $ssl");
    is(body("/notify$ssl"), '"of the day"', "listen and notify $ssl");
    is(body("/error$ssl"), '["PostgresError","42703"]', "an error $ssl");
}
