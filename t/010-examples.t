# Copyright (C) the nginx-workers authors
#
# Each file of conf-examples as "make run" starts it, and what it answers.

use strict;
use warnings;

use Cwd;
use File::Basename;
use File::Temp;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

my $module = $ENV{NGINX_WORKERS_MODULE}
             || getcwd() . '/build/ngx_http_workers_module.so';
my $build = basename(dirname($module));
my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $dir = File::Temp::tempdir('nginx-workers-examples.XXXXXX', TMPDIR => 1,
                              CLEANUP => 1);
my ($run, $port, $pid, $example);

my %asked = (
    'quickstart' => \&quickstart,
    'api-gateway' => \&api_gateway,
    'cached-api' => \&cached_api,
    'chat' => \&chat,
    'html-personalisation' => \&html_personalisation,
    'kv' => \&kv,
    'mtls-origin' => \&mtls_origin,
    'multi-worker' => \&multi_worker,
    'edge-proxy' => \&edge_proxy,
);

is_deeply([map { basename($_, '.conf') } glob 'conf-examples/*.conf'],
          [sort keys %asked], 'every example is tried here');

for my $name (sort keys %asked) {
    $example = $name;

    start() or next;
    $asked{$name}->();
    stop();
}

done_testing();


sub quickstart {
    my $file = join '', map { chr(($_ * 7 + ($_ >> 8)) & 255) } 0 .. 299_999;

    like(get('/'), qr/^HTTP\/1.1 200 .*Hello from nginx.*<b>1<\/b> times/s,
         'the first visit');
    like(get('/'), qr/<b>2<\/b> times/, 'the second visit');

    like(get('/api/time'), qr/\{"time":"2\d{3}-.*"client":"127.0.0.1",/,
         'a JSON API');
    like(get('/api/sum?n=1&n=2&n=39'), qr/\{"sum":42\}$/, 'and its sum');
    like(get('/api/sum?n=x'), qr/^HTTP\/1.1 400 /, 'what is no number');

    ok(body(curl('/echo', '--data-binary', '@' . file($file))) eq $file,
       'an upload comes back');

    like(get('/echo'), qr/^HTTP\/1.1 405 .*allow: POST, PUT\r/s, 'GET /echo');
    like(get('/none'), qr/^HTTP\/1.1 404 /, 'no such page');

    stop();
    start('again');

    like(get('/'), qr/<b>3<\/b> times/, 'the count outlives a restart');
}


sub api_gateway {
    my @auth = ('-H', 'Authorization: Bearer demo');

    like(get('/v1/time'), qr/^HTTP\/1.1 401 .*^WWW-Authenticate: Bearer\r/ims,
         'without a token');

    my $answer = curl('/v1/time?x=1', @auth);

    like($answer, qr/^HTTP\/1.1\ 200\ .*^X-Variant:\ (STABLE|NEXT)\r.*
                     ^\{"variant":"\1",/xims, 'a variant answers');
    unlike($answer, qr/^X-Powered-By/im, 'a field is hidden');

    for my $name ('STABLE', 'NEXT') {
        like(body(curl('/v1/overview', @auth, '-H', "X-Variant: $name")),
             qr/^\{"now":\{"variant":"$name".*"later":\{"variant":"$name"/,
             "an overview of $name");
    }

    like(curl('/v1/time', @auth, '-H', 'X-Variant: ../../v1'),
         qr/^HTTP\/1.1 200 .*^X-Variant: (STABLE|NEXT)\r/ims,
         'no variant but those there are');
}


sub chat {
    like(get('/'), qr/^HTTP\/1.1 200 .*<title>Chat<\/title>/s, 'its page');
    like(get('/chat'), qr/^HTTP\/1.1 426 /, 'no WebSocket');

    my @socks = map {
        my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $port, Timeout => 5);
        print $s "GET /chat?name=$_ HTTP/1.1\r\nHost: localhost\r\n"
                 . "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                 . "Sec-WebSocket-Version: 13\r\n"
                 . "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        sleep 0.1;
        $s;
    } 'ann', 'bob';

    # "hello", masked with zeros

    print { $socks[0] } "\x81\x85\0\0\0\0hello";

    my $heard = '';
    my $end = time + 5;

    while (time < $end && $heard !~ /hello/) {
        sysread $socks[1], $heard, 65536, length $heard;
    }

    like($heard, qr/^HTTP\/1.1\ 101\ .*"who":"bob","event":"joined".*
                    "who":"ann","text":"hello"/xs, 'bob hears ann');
}


sub cached_api {
    my $path = '/primes?below=20000';

    my $answer = get("$path&x=1");

    like($answer, qr/^HTTP\/1.1 200 .*^cf-cache-status: MISS\r/ims, 'computed');
    ok(body($answer) =~ /^\{"below":20000,"primes":\[2,3,5,.*,19997\]\}$/,
       'its primes');

    my $end = time + 10;

    sleep 0.05 until get($path) =~ /^cf-cache-status: HIT\r/im || time > $end;

    my $cached = get("$path&y=2");

    like($cached, qr/^cf-cache-status: HIT\r/im, 'cached');
    ok(body($cached) eq body($answer), 'the same');
    like(curl($path, '-H', 'If-None-Match: "p20000"'), qr/^HTTP\/1.1 304 /,
         'the client has it');
    like(curl($path, '-H', 'Range: bytes=-8'),
         qr/^HTTP\/1.1 206 .*\n,19997\]\}$/s, 'its end');
    like(curl($path, '-X', 'DELETE'), qr/\{"purged":true\}$/, 'purged');
    like(get($path), qr/^cf-cache-status: MISS\r/im, 'computed again');

    like(get('/primes?below=x'), qr/^HTTP\/1.1 400 /, 'no number');
    like(curl($path, '-d', 'x'), qr/^HTTP\/1.1 405 /, 'POST');
}


sub html_personalisation {
    my $stranger = get('/');

    like($stranger, qr/^HTTP\/1.1 200 .*<p class="greeting">Hello, stranger/s,
         'a stranger');
    like($stranger, qr/<span data-price="4.50">\$4.50<.*<a href="\/login">/s,
         'sees dollars, and may sign in');
    like($stranger, qr/<div data-banner>Free/, 'and the banner');
    unlike($stranger, qr/generated once/, 'comments stay inside');

    my $known = curl('/', '-H', 'Cookie: a=b; name=%3CAda%3E', '-H',
                     'Accept-Language: de-AT, en');

    like($known, qr/Hello, &lt;Ada&gt;\.</, 'a name is no markup');
    like($known, qr/data-price="7.20">6.62 €<.*<a href="\/account"/s,
         'sees euros, and the account');
}


sub kv {
    my @put = qw(-X PUT);

    like(curl('/values/a%2Fb?ttl=60', @put, '-H', 'content-type: text/x',
              '-d', 'hello'), qr/^HTTP\/1.1 204 /, 'put with a TTL');
    like(curl('/values/a2', @put, '-d', 'x'), qr/^HTTP\/1.1 204 /, 'put');

    like(get('/values/a%2Fb'),
         qr/^HTTP\/1.1 200 .*^content-type: text\/x\r.*\r\n\r\nhello$/ims,
         'get has the type of the put');
    like(curl('/values/a%2Fb', '-I'), qr/^HTTP\/1.1 200 .*-length: 5\r/is,
         'HEAD');

    like(get('/values?prefix=a%2F'), qr/\{"keys":\[\{"name":"a\/b",
         "expiration":\d+,"metadata":\{"type":"text\/x","time":\d+\}\}\],
         "list_complete":true\}$/x, 'a list');

    my ($cursor) = get('/values?limit=1') =~ /"cursor":"(.*?)"/;

    like(get("/values?limit=1&cursor=$cursor"), qr/\[\{"name":"a2"/,
         'its second page');

    like(get('/values?limit=2000'), qr/^HTTP\/1.1 400 .*key_count_limit/s,
         'a page that is too long');
    like(curl('/values/x?ttl=5', @put, '-d', 'x'),
         qr/^HTTP\/1.1 400 .*expiration_ttl of 5/s, 'a TTL that is too short');
    like(get('/values/'), qr/^HTTP\/1.1 400 .*cannot be empty/s, 'no key');
    like(get('/values/%ff'), qr/^HTTP\/1.1 400 /, 'a key that is no UTF-8');
    like(get('/values/' . 'k' x 513), qr/^HTTP\/1.1 414 /, 'a long key');

    like(curl('/values/a2', '-X', 'DELETE'), qr/^HTTP\/1.1 204 /, 'delete');
    like(get('/values/a2'), qr/^HTTP\/1.1 404 /, 'deleted');

    like(curl('/values/a', '-d', 'x'), qr/^HTTP\/1.1 405 /, 'POST');
    like(get('/elsewhere'), qr/^HTTP\/1.1 404 /, 'beside the store');
}


sub mtls_origin {
    like(get('/a?b=c'), qr/^HTTP\/1.1 200 .*^GET \/a\?b=c from CN=worker$/ms,
         'the worker is let in');
    like(curl('/', '-X', 'POST', '-d', 'x'), qr/^POST \/ from CN=worker$/m,
         'with another method');
    like(`curl -sk https://127.0.0.1:@{[$port + 363]}/`,
         qr/No required SSL certificate was sent/, 'others are not');
}


sub multi_worker {
    my @admin = ('-H', 'Host: admin.localhost');
    my @token = (@admin, '-H', 'Authorization: Bearer change-me');

    is(body(get('/')), "Three workers: no motto yet\n", 'one worker');
    like(get('/api/version'),
         qr/\{"id":"[0-9a-f-]{36}","tag":"example","timestamp":"2[\d-]+T/,
         'another one');
    is(body(get('/api/features')), '{"search":true,"upload":false}',
       'its JSON');

    like(curl('/', @admin), qr/^HTTP\/1.1 401 /, 'a third one, by host');
    like(curl('/', @admin, '-H', 'Authorization: Bearer change-mE'),
         qr/^HTTP\/1.1 401 /, 'a wrong secret');
    is(body(curl('/motto', @token, '-X', 'PUT', '-d', 'hi')), "set\n",
       'the secret');

    is(body(get('/')), "Three workers: hi\n", 'they share a namespace');
    is(body(get('/api/settings')), '{"motto":"hi"}', 'all of them');

    like(slurp("$run/error.log"), qr/\ worker\ "admin"\ request\ [0-9a-f]{32}:
         \ motto\ was\ set/x, 'console.log() with the request id');

    my ($log) = slurp("$run/conf/multi-worker.conf")
                =~ /^\s+access_log (\S+) workers;/m;

    like(slurp($log), qr/"PUT\ \/motto\ HTTP\/1.1"\ 200\ 4\ worker=admin
         \ version=[0-9a-f-]{36}\ outcome=ok\ cpu=0\.\d{6}
         \ wall=0\.\d{3}\ id=[0-9a-f]{32}$/mx, 'the access log');
}


sub edge_proxy {
    my $origin = qr/^origin: GET \/x, variant \[([ab])\]$/m;

    my $answer = get('/x');
    my ($variant) = $answer =~ $origin;

    like($answer, qr/^Set-Cookie: variant=$variant;/m,
         'a worker before proxy_pass');

    $answer = curl('/x', '-b', 'variant=b');

    like($answer, qr/^origin: GET \/x, variant \[b\]$/m, 'a cookie');
    unlike($answer, qr/^Set-Cookie/m, 'which stays');

    like(curl('/x', '-A', 'BadBot/1.0'), qr/^HTTP\/1.1 403 /,
         'a client that is refused');
    like(curl('/x', '-b', 'variant=a', '-d', 'some'),
         qr/^origin: POST \/x, variant \[a\]$/m, 'POST');

    like(get('/go/docs'), qr/^HTTP\/1.1 302 .*^location: https:/ims,
         'a short link');
    like(get('/go/constructor'), qr/^HTTP\/1.1 404 /, 'no short link');

    like(get('/api/orders'), qr/^origin: GET \/api\/orders,/m,
         'passThroughOnException()');
    like(curl('/api/orders', '-X', 'PUT', '-d', '[{'), qr/^HTTP\/1.1 400 /,
         'what is no JSON');
    like(curl('/api/orders', '-X', 'PUT', '-d', '[{"id":1}]'),
         qr/^HTTP\/1.1 204 /, 'PUT');
    is(body(get('/api/orders')), '[{"id":1}]', 'the worker answers');

    # new processes have no connection to the application yet

    my $socket = "$run/data/origin.sock";

    rename $socket, "$socket.away";
    kill 'HUP', $pid;

    my $end = time + 30;

    1 until ($answer = get('/x')) !~ /^HTTP\/1.1 200 / || time > $end;

    like($answer, qr/^HTTP\/1.1 502 .*We are sorry/s, 'error_page');

    rename "$socket.away", $socket;
}


# Makes a copy of the example by the rules of "make run", and starts it.

sub start {
    my $again = shift;

    if (!$again) {
        $run = "$dir/$example";
        $port = free_port();

        my $status = system('make', '-s', '--no-print-directory', '.render',
                            "RUN=$run", "PORT=$port", "BUILD=$build");

        is($status, 0, "$example: a copy is made") or return 0;
    }

    my $conf = "$run/conf/$example.conf";
    my $user = $> == 0 ? 'user root;' : '';
    my @args = ('-p', $run, '-c', $conf, '-e', "$run/error.log", '-g',
                "$user daemon off; pid $run/nginx.pid; "
                . "error_log $run/error.log info;");

    is(system($nginx, @args, '-t', '-q'), 0, "$example: nginx -t")
        or return 0;

    $pid = fork // die "fork: $!";

    if ($pid == 0) {
        exec { $nginx } $nginx, @args or die "$nginx: $!";
    }

    my $end = time + 30;

    until (IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port")) {
        if (time > $end || waitpid($pid, 1) != 0) {
            fail("$example: starts");
            diag(slurp("$run/error.log"));
            undef $pid;
            return 0;
        }

        sleep 0.02;
    }

    return 1;
}


sub stop {
    kill 'QUIT', $pid;
    waitpid $pid, 0;

    is($?, 0, "$example: stops");
    unlike(slurp("$run/error.log"), qr/\[(?:alert|emerg)\]|AddressSanitizer/,
           "$example: nothing bad in the log");
    undef $pid;
}


END {
    if ($pid) {
        local $?;

        kill 'TERM', $pid;
        waitpid $pid, 0;
    }
}


# With the one for TLS; neither of those that other tests take, nor of those
# that the kernel does.

sub free_port {
    for my $i (0 .. 500) {
        my $n = 30000 + (($$ + $i) * 7) % 2000;

        return $n if 2 == grep {
            IO::Socket::INET->new(Listen => 1, LocalPort => $n + $_)
        } 0, 363;
    }

    die "no port\n";
}


# Head and body.

sub curl {
    my ($path, @args) = @_;

    open(my $out, '-|', 'curl', '-sS', '-i', '--max-time', 30, @args,
         "http://127.0.0.1:$port$path") or die "curl: $!";

    local $/;
    return <$out> // '';
}


sub get { return curl(@_) }

sub body { return $_[0] =~ s/^.*?\r\n\r\n//sr }


sub file {
    my $name = "$dir/upload";

    open(my $out, '>:raw', $name) or die "$name: $!";
    print $out $_[0];
    close $out;

    return $name;
}


sub slurp {
    open(my $in, '<', $_[0]) or return '';
    local $/;
    return <$in> // '';
}
