package Workers;

# Copyright (C) the nginx-workers authors
#
# What every t/*.t starts with:
#
#     use lib 't/lib';
#     use Workers 'no_plan';
#     run_tests();
#     __DATA__
#
# Test::Nginx::Socket with defaults.  A block that says nothing else gets
#
#   --- http_config   workers_data in a folder that is new for each block
#                     (not if it has "--- no_workers_data"),
#                     and, if user_files has a script (.js, .mjs) and no
#                     workers_script is written out, the worker "w" with the
#                     first script as its main and the block's "--- script"
#                     lines (bindings, limits ...)
#   --- config        location / { workers_pass w; }
#   --- request       GET /
#   --- no_error_log  [error], [alert], [crit], [emerg]; only [alert] when the
#                     block has error_log, nothing but sanitizer reports when
#                     it has must_die
#
# Sanitizer reports and crashes always fail the block, also at shutdown.  A
# block whose nginx does not start fails, and the next block goes on.  nginx
# runs with a master and one worker process.  Set for blocks:
#
#   $TEST_NGINX_HTML_DIR   where user_files lie
#   $TEST_NGINX_DATA       workers_data of the block
#   $TEST_NGINX_TMP        a folder that stays for the whole file, writable
#                          for nginx's worker processes
#   $TEST_NGINX_ROOT       the checkout
#
# Files may run in parallel: ports and folders are the file's own.

use strict;
use warnings;

my ($root, $tmp);

BEGIN {
    require Cwd;
    require File::Temp;
    require IO::Socket::INET;

    $root = Cwd::getcwd();

    # ports for the server, a second server and HTTP/3 below the range that
    # the kernel takes ports from

    if (!defined $ENV{TEST_NGINX_PORT}) {
        my $port;

        for my $i (0 .. 500) {
            $port = 10000 + (($$ + $i) * 10) % 20000;

            last if 3 == grep {
                IO::Socket::INET->new(Listen => 1, LocalPort => $port + $_)
            } 0 .. 2;
        }

        $ENV{TEST_NGINX_PORT} = $port;
    }

    $tmp = File::Temp::tempdir('nginx-workers-test.XXXXXX', TMPDIR => 1);
    chmod 0755, $tmp;
    mkdir "$tmp/tmp";
    chmod 0777, "$tmp/tmp";

    my $module = $ENV{NGINX_WORKERS_MODULE}
                 || "$root/build/ngx_http_workers_module.so";

    $ENV{TEST_NGINX_SERVROOT} ||= "$tmp/servroot";
    $ENV{TEST_NGINX_HTML_DIR} = "$ENV{TEST_NGINX_SERVROOT}/html";
    $ENV{TEST_NGINX_DATA} = "$ENV{TEST_NGINX_SERVROOT}/data_cache";
    $ENV{TEST_NGINX_TMP} = "$tmp/tmp";
    $ENV{TEST_NGINX_ROOT} = $root;
    $ENV{TEST_NGINX_MASTER_PROCESS} ||= 'on';
    $ENV{TEST_NGINX_LOG_LEVEL} ||= 'info';
    $ENV{TEST_NGINX_TIMEOUT} ||= 10;
    $ENV{TEST_NGINX_FAST_SHUTDOWN} //= 1;
    $ENV{TEST_NGINX_LOAD_MODULES} //=
        "/usr/lib/nginx/modules/ngx_http_js_module.so $module";
}

my $starts;


# Compiled before Test::Nginx, so it runs after Test::Nginx has stopped nginx.

END {
    local $?;

    if (!$ENV{TEST_NGINX_NO_CLEAN} && !$Test::Nginx::Util::InSubprocess) {
        CORE::system('rm', '-rf', $tmp);
    }
}


# Test::Nginx starts nginx with system(), and again for 30 seconds if that
# fails.  Five times are enough for a port that is not free yet.

BEGIN {
    package Test::Nginx::Util;

    use subs 'system';

    sub system {
        my $status = CORE::system(@_);

        if ($status != 0 && $_[0] =~ / -c \S+nginx\.conf / && ++$starts == 5) {
            die "nginx does not start\n";
        }

        return $status;
    }
}

use Test::Nginx::Socket -Base;

{
    no warnings 'redefine';

    my $run_test = \&Test::Nginx::Util::run_test;

    *Test::Nginx::Util::bail_out = sub (@) { die @_, "\n" };

    *Test::Nginx::Util::run_test = sub ($) {
        my $block = shift;

        $starts = 0;

        if (!eval { $run_test->($block); 1 }) {
            Test::More::fail($block->name . ": $@");
        }
    };
}

my @reports = ('AddressSanitizer', 'runtime error: ', 'exited on signal');


sub lines {
    my $value = shift;

    return () if !defined $value;
    return @$value if ref $value eq 'ARRAY';
    return $value if ref $value;
    return grep { $_ ne '' } split /\n/, $value;
}


add_block_preprocessor(sub {
    my $block = shift;

    my $http = $block->http_config // '';
    my $files = $block->user_files // '';
    my $main;

    if (ref $files) {
        ($main) = grep { /\.m?js$/ } map { $_->[0] } @$files;

    } elsif ($files =~ /^>>> (\S+\.m?js)\b/m) {
        $main = $1;
    }

    if (!defined $block->no_workers_data && $http !~ /^\s*workers_data\b/m) {
        $http .= "\n    workers_data $ENV{TEST_NGINX_DATA};\n";
    }

    if (defined $main && $http !~ /^\s*workers_script\b/m) {
        my $script = $block->script // '';

        $main = "$ENV{TEST_NGINX_HTML_DIR}/$main" if $main !~ m{^/};
        $http .= "\n    workers_script w {\n        main $main;\n$script    }\n";
    }

    $block->set_value('http_config', $http);

    if (!defined $block->config) {
        $block->set_value('config', "    location / { workers_pass w; }\n");
    }

    if (!defined $block->request && !defined $block->raw_request
        && !defined $block->pipelined_requests)
    {
        $block->set_value('request', "GET /\n");
    }

    if (defined $block->must_die) {
        $block->set_value('must_die', 1) if $block->must_die !~ /\d/;
        $block->set_value('suppress_stderr', 1);
        $block->set_value('error_log', [lines($block->error_log), '[emerg]']);
    }

    my @patterns = lines($block->no_error_log);

    if (!@patterns) {
        @patterns = defined $block->must_die ? ()
                    : defined $block->error_log ? ('[alert]')
                    : ('[error]', '[alert]', '[crit]', '[emerg]');
    }

    $block->set_value('no_error_log', [@patterns, @reports]);

    if (!defined $block->must_die) {
        $block->set_value('no_shutdown_error_log',
                          [lines($block->no_shutdown_error_log), @reports]);
    }
});

no_long_string();
no_shuffle();
no_root_location();
worker_connections(256);


1;
