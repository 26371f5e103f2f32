# Copyright (C) the nginx-workers authors
#
# docs/directives.md has what the code has, and nothing else: directives with
# their contexts, variables; its examples are configurations that nginx takes.
# docs/bindings.md and README.md name the bindings that there are.

use strict;
use warnings;

use Cwd;
use File::Temp;
use Test::More;

my $module = $ENV{NGINX_WORKERS_MODULE}
             || getcwd() . '/build/ngx_http_workers_module.so';
my @load = split / /, $ENV{TEST_NGINX_LOAD_MODULES}
                      || "/usr/lib/nginx/modules/ngx_http_js_module.so $module";
my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $dir = File::Temp::tempdir('nginx-workers-docs.XXXXXX', TMPDIR => 1,
                              CLEANUP => 1);

my $docs = slurp('docs/directives.md');
my %sections = map { /^(\S+)\n(.*)/s } split /^## /m, $docs;

my %code = module_directives();

for my $pair ([block_directives()], [binding_directives()]) {
    my %more = @$pair;

    $code{$_} = join ', ', $code{$_} // (), $more{$_} for keys %more;
}

my %docs = map { documented($_) } grep { !/^\$/ } sort keys %sections;

is_deeply(\%docs, \%code, 'directives and their contexts');

is_deeply([grep { /^\$/ } sort keys %sections], [variables()], 'variables');

for my $name (sort keys %docs) {
    like($sections{$name}, qr/\A\n\*\*Syntax:\*\*\ \Q$name\E\ [^\n]*[;}]\\\n
         \*\*Default:\*\*\ \S[^\n]*\\\n\*\*Context:\*\*\ [^\n]+\n\n/x,
         "$name: the form of a section");
    like($sections{$name}, qr/^```nginx\n.*\b\Q$name\E\b.*^```$/ms,
         "$name: an example");
    like($docs, qr/\(#\Q$name\E\)/, "$name: a link to it");
}

for my $file ('README.md', glob 'docs/*.md') {
    my $text = slurp($file);

    while ($text =~ /^```nginx\n(.*?)^```$/msg) {
        my $line = 1 + substr($text, 0, $-[1]) =~ tr/\n//;

        is(nginx_says($1), '', "the example in $file:$line");
    }
}

my %bindings = binding_directives();
my $text = slurp('docs/bindings.md');

is_deeply([sort { $a cmp $b } $text =~ /^\| `(\w+)` \|/mg],
          [sort keys %bindings],
          'docs/bindings.md: its table');

my %readme = map { $_ => 1 }
             map { /`(\w+)`/g } grep { /\| available/ }
             split /\n/, slurp('README.md');

is_deeply([sort keys %readme], [sort keys %bindings],
          'README.md: bindings that are available');

for my $file ('README.md', glob 'docs/*.md') {
    for my $link (slurp($file) =~ /\]\(([^)#:]+)(?:#[^)]*)?\)/g) {
        my $base = $file =~ s{[^/]*\z}{}r;

        ok(-e "$base$link", "$file: $link is there");
    }
}

done_testing();


sub module_directives {
    my %found;
    my %contexts = (
        NGX_HTTP_MAIN_CONF => 'http', NGX_HTTP_SRV_CONF => 'server',
        NGX_HTTP_LOC_CONF => 'location',
        NGX_HTTP_LIF_CONF => 'if in location',
        NGX_HTTP_LMT_CONF => 'limit_except',
    );
    my ($table) = slurp('ngx_http_workers_module.c')
                  =~ /ngx_command_t\s+\w+\[\] = \{(.*?)^\};/ms;

    while ($table =~ /\{ ngx_string\("(\w+)"\),\s+([\w|\s]+),/g) {
        my ($name, $flags) = ($1, $2);

        $found{$name} = join ', ', map { $contexts{$_} // () }
                                   $flags =~ /\w+/g;
    }

    return %found;
}


sub block_directives {
    my $code = slurp('src/core/ngx_http_workers_block.c');
    my ($table) = $code =~ /block_t\s+\w+\[\] = \{(.*?)^\};/ms;

    return map { $_ => 'workers_script' }
           $table =~ /ngx_string\("(\w+)"\)/g,
           $code =~ /ngx_strncmp\(value\[0\]\.data, "(\w+)"/g;
}


sub binding_directives {
    return map { $_ => 'workers_script' }
           map { slurp($_) =~ /\.keyword = ngx_string\("(\w+)"\)/g }
           glob 'src/bindings/*.c';
}


sub documented {
    my $name = shift;
    my ($context) = $sections{$name} =~ /^\*\*Context:\*\* (.*)$/m;

    return ($name => $context // 'none');
}


sub variables {
    my ($table) = slurp('src/core/ngx_http_workers_variables.c')
                  =~ /ngx_http_variable_t\s+\w+\[\] = \{(.*?)^\};/ms;

    return sort map { "\$$_" } $table =~ /ngx_string\("(\w+)"\)/g;
}


# What nginx -t says of an example: one of the http block, or one that has the
# http block itself.  Files that it names are made.

sub nginx_says {
    my $text = shift;

    $text =~ s/^load_module .*\n//mg;
    $text =~ s/^events \{\}\n//mg;
    $text =~ s{ /etc/nginx/}{ $dir/}g;
    $text =~ s{/var/lib/nginx/workers}{$dir/data}g;
    $text =~ s{=/etc/nginx/}{=$dir/}g;
    $text =~ s/\blisten \d+/listen unix:$dir\/socket/g;
    $text = "http {\n$text}\n" if $text !~ /^http \{/m;
    $text =~ s/^http \{/$& workers_data $dir\/data;/m
        if $text !~ /^\s*workers_data /m;
    $text =~ s/^http \{/$& access_log off;/m;

    mkdir "$dir/bindings";
    mkdir "$dir/secrets";

    write_file($_, "export default { fetch() {} };\n")
        for $text =~ /\bmain (\S+);/g;
    write_file(s{^\Q$dir\E/}{}r, "some secret\n")
        for $text =~ /\bfile=(\S+);/g;
    write_file(s{^\Q$dir\E/}{}r, '0123456789abcdef' x 4 . "\n")
        for $text =~ /\bworkers_secrets_key (\S+);/g;
    certificate($1, $2)
        if $text =~ /\bcertificate=(\S+)\s+key=(\S+);/;
    write_file(s{^\Q$dir\E/}{}r, slurp('/etc/ssl/certs/ca-certificates.crt'))
        for $text =~ /\bworkers_trusted_certificate (\S+);/g;

    for my $name (qw(client_body proxy fastcgi uwsgi scgi)) {
        $text =~ s/^http \{/$& ${name}_temp_path $dir\/$name;/m;
    }

    write_file('nginx.conf', join '', (map { "load_module $_;\n" } @load),
               "pid $dir/pid; events {}\n", $text);

    local $ENV{SESSION_KEY} = 'some key';

    my $says = `$nginx -p $dir -c $dir/nginx.conf -e stderr -t -q 2>&1`;

    return $? == 0 ? $says : "$?: $says";
}


sub certificate {
    my ($certificate, $key) = @_;

    system("cd $dir && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
           . " -nodes -days 2 -subj /CN=x -keyout $key -out $certificate"
           . ' 2>/dev/null') == 0 or die 'openssl makes no certificate';
}


sub write_file {
    my ($name, $text) = @_;

    open(my $out, '>', "$dir/$name") or die "$dir/$name: $!";
    print $out $text;
    close $out;
}


sub slurp {
    open(my $in, '<', $_[0]) or return '';
    local $/;
    return <$in> // '';
}
