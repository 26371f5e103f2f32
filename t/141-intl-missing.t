# Copyright (C) the nginx-workers authors
#
# A machine without ICU: Intl says what it needs, and methods that heed a
# locale do what they can without one.

use strict;
use warnings;

# The loader meets a file that is no library where it looks first.

my $missing;

BEGIN {
    require File::Temp;

    $missing = File::Temp::tempdir(CLEANUP => 1);

    my $header = do {
        open(my $in, '<', '/usr/include/unicode/uvernum.h') or die "uvernum: $!";
        local $/;
        <$in>;
    };

    my ($version) = $header =~ /define U_ICU_VERSION_MAJOR_NUM (\d+)/;

    open(my $out, '>', "$missing/libicuuc.so.$version") or die "$missing: $!";
    close $out;
    chmod 0755, $missing;

    $ENV{LD_LIBRARY_PATH} = $missing;
}

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: constructors throw an Error that names the package, the log says it once
--- user_files
>>> w.js
const text = (f) => {
    try {
        return String(f());
    } catch (e) {
        return `${e.name} ${e.message.replace(/\d+/, "N")}`;
    }
};
const make = [
    () => new Intl.DateTimeFormat(), () => new Intl.NumberFormat("de"),
    () => new Intl.Collator(), () => new Intl.PluralRules(),
    () => new Intl.RelativeTimeFormat(), () => new Intl.ListFormat(),
    () => new Intl.Locale("en"), () => new Intl.Segmenter(),
    () => new Intl.DisplayNames("en", { type: "region" }),
    () => new Intl.DurationFormat(), () => Intl.supportedValuesOf("currency"),
    () => Intl.getCanonicalLocales("en"),
];
export default { fetch() {
    return new Response([...new Set(make.map(text))].join("\n"));
} };
--- response_body chomp
Error Intl is not available: it needs the Debian package libicuN
--- grep_error_log eval
qr/workers have no Intl: \S+/
--- grep_error_log_out eval
qr/^workers have no Intl: \S+libicuuc\S+\n$/
--- no_error_log
[error]



=== TEST 2: methods that heed a locale do without
--- user_files
>>> w.js
const d = new Date(Date.UTC(2024, 2, 5, 14, 7, 9));
export default { fetch() {
    return Response.json([
        d.toLocaleString(), d.toLocaleDateString("de"), d.toLocaleTimeString(),
        new Date(NaN).toLocaleString(), (1234.5).toLocaleString("de"),
        (12345n).toLocaleString(), [1234.5, d].toLocaleString(),
        ["b", "a", "\u00e4", "C"].sort((a, b) => a.localeCompare(b)).join(""),
        "a".localeCompare("b"), "\u00e1".localeCompare("a\u0301", "en"),
        "i".toLocaleUpperCase("tr"), "I".toLocaleLowerCase(),
    ]);
} };
--- response_body chomp
["03/05/2024, 02:07:09 PM","03/05/2024","02:07:09 PM","Invalid Date","1234.5","12345","1234.5,03/05/2024, 02:07:09 PM","Cabä",-1,0,"I","i"]
