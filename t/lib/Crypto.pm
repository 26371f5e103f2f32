package Crypto;

# Copyright (C) the nginx-workers authors
#
# The worker of tests of Web Cryptography.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(worker);


# A worker that answers with what its list of lines gives, a line each: a
# value in hexadecimal if it is bytes, or an error's name and message.

sub worker {
    my $lines = shift;

    return [['w.js', <<"END"]];
const S = crypto.subtle, n = (size, fill = 0) => new Uint8Array(size).fill(fill);
const text = (s) => new TextEncoder().encode(s);
const bytes = (hex) => new Uint8Array(hex.replace(/\\s/g, '').match(/../g)
                                         .map((x) => parseInt(x, 16)));
const b64 = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
const hex = (b) => Array.from(new Uint8Array(b),
                              (x) => x.toString(16).padStart(2, '0')).join('');
const show = (v) => v instanceof ArrayBuffer ? hex(v)
                    : typeof v === 'string' ? v : JSON.stringify(v);
const raw = (alg, key, usages, extractable = true) =>
    S.importKey('raw', key, alg, extractable, usages);
const jwk = (alg, key, usages) => S.importKey('jwk', key, alg, true, usages);
export default { async fetch(request, env, ctx) {
    const lines = [];
    for (const f of [
$lines
    ]) {
        try {
            lines.push(show(await f()));
        } catch (e) {
            lines.push(`\${e.name}: \${e.message}`);
        }
    }
    return new Response(lines.join('\\n') + '\\n');
} };
END
}


1;
