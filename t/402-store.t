# Copyright (C) the nginx-workers authors
#
# The storage engine without nginx: tools/fuzz/store_test.c, compiled here.

use strict;
use warnings;

use Cwd;
use File::Basename;
use File::Temp;
use Test::More;

my $module = $ENV{NGINX_WORKERS_MODULE}
             || getcwd() . '/build/ngx_http_workers_module.so';
my $objs = dirname($module) . '/objs';
my $src = $ENV{NGINX_SRC} || '/usr/share/nginx/src';

$src .= '/src' if -d "$src/src/core";

plan skip_all => "no nginx headers in $src, or no $objs"
    if !-f "$src/core/ngx_core.h" || !-f "$objs/ngx_auto_config.h";

my $dir = File::Temp::tempdir('nginx-workers-store.XXXXXX', TMPDIR => 1,
                              CLEANUP => 1);
my @sanitize = $module =~ /asan/
               ? ('-fsanitize=address,undefined', '-fno-sanitize-recover=all')
               : ();

delete $ENV{LD_PRELOAD};

is(system($ENV{CC} || 'gcc', '-g', '-O1', '-Wall', '-Wno-unused-parameter',
          @sanitize, (map { "-I$src/$_" } qw(core event event/modules
          event/quic os/unix)), "-I$objs", '-Isrc/engines',
          '-o', "$dir/store_test", 'tools/fuzz/store_test.c',
          glob('src/engines/ngx_workers_store*.c'),
          glob('src/engines/ngx_workers_lmdb*.c'),
          '-llmdb', '-lcrypto', '-lpthread'),
   0, 'compiles');

local $ENV{ASAN_OPTIONS} = 'detect_leaks=0';

my $seed = $ENV{STORE_TEST_SEED} || time;
my $rounds = $ENV{STORE_TEST_ROUNDS} || 100;

mkdir "$dir/data";

my $out = `$dir/store_test $dir/data $seed $rounds 2>&1`;

is($?, 0, "exits well, seed $seed");
ok($out =~ /^ok - $_$/m, $_)
    for qw(path crash model expiry full damage tail many exit);

diag($out) if $out !~ /^all ok$/m;

done_testing();
