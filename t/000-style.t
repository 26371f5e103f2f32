# Copyright (C) the nginx-workers authors

use strict;
use warnings;

use Test::More tests => 1;

my $faults = `tools/style`;

ok($? == 0, 'every source has the house style') or diag($faults);
