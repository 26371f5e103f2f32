# Copyright (C) the nginx-workers authors
#
# Small modules of Node.js: what they export.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: node:os has Node.js's names
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import * as os from "node:os";
export default { fetch() {
    const names = Object.keys(os).filter((n) => n !== "default").sort();
    return Response.json([
        names.join(" "),
        names.every((n) => os.default[n] === os[n]),
        Object.keys(os.default).sort().join(" ") === names.join(" "),
    ]);
} };
--- response_body chomp
["EOL arch availableParallelism constants cpus devNull endianness freemem getPriority homedir hostname loadavg machine networkInterfaces platform release setPriority tmpdir totalmem type uptime userInfo version",true,true]



=== TEST 2: node:os tells nothing of the machine
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import os from "node:os";
export default { fetch() {
    return Response.json([
        os.EOL, os.hostname(), os.homedir(), os.tmpdir(), os.cpus(),
        os.networkInterfaces(), os.userInfo(), os.totalmem(), os.uptime(),
        os.platform(), os.type(), os.release(),
        os.constants.signals.SIGTERM, os.constants.errno.ENOENT,
        Object.isFrozen(os.constants.errno),
    ]);
} };
--- response_body chomp
["\n","localhost","/tmp/","/tmp/",[],{},{},0,0,"linux","Linux","",15,2,true]



=== TEST 3: os.getPriority() and setPriority() check their arguments
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import os from "node:os";
const code = (f) => { try { return f() ?? "ok"; } catch (e) {
    return e.code; } };
export default { fetch() {
    return Response.json([
        code(() => os.getPriority()), code(() => os.getPriority("x")),
        code(() => os.setPriority(0, 5)), code(() => os.setPriority(5)),
        code(() => os.setPriority("x")),
    ]);
} };
--- response_body chomp
[0,"ERR_INVALID_ARG_TYPE","ok","ERR_INVALID_ARG_TYPE","ERR_INVALID_ARG_TYPE"]



=== TEST 4: node:os is not there before its date
--- script
compatibility_date 2025-01-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
export default { async fetch() {
    return new Response(await import("node:os").then(() => "there",
                                                     () => "not there"));
} };
--- response_body chomp
not there



=== TEST 5: node:module: createRequire() finds the modules of the platform
--- script
compatibility_date 2026-07-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import m, { createRequire, isBuiltin, builtinModules } from "node:module";
import assert from "node:assert";
const said = (f) => { try { return f(); } catch (e) { return e.message; } };
export default { fetch() {
    const require = createRequire("/bundle/index.js");
    return Response.json([
        require("node:assert") === assert, require("assert") === assert,
        typeof require("cloudflare:workers").DurableObject,
        typeof createRequire(new URL("file:///a.js")),
        [isBuiltin("fs/nope"), isBuiltin("node:path"), isBuiltin("path"), isBuiltin(5)],
        builtinModules.includes("util/types"), builtinModules.some((n) => /internal/.test(n)),
        m === m.Module, typeof m.constants.compileCacheStatus,
        said(() => require("nope")), said(() => require("workers:node/internal/errors")),
        said(() => createRequire("x")), said(() => m.wrap("x")),
    ]);
} };
--- response_body chomp
[true,true,"function","function",[false,true,true,false],true,false,true,"object","No such module \"nope\".","No such module \"workers:node/internal/errors\".","The argument 'path' The argument must be a file URL object, a file URL string, or an absolute path string.. Received 'x'","The module.wrap method is not implemented"]



=== TEST 6: createRequire() finds no module that the script's flags leave out
--- script
compatibility_date 2024-01-01;
compatibility_flags nodejs_compat;
--- user_files
>>> w.js
import { createRequire, isBuiltin } from "node:module";
const said = (f) => { try { return typeof f(); } catch (e) { return e.message; } };
export default { fetch() {
    const require = createRequire("/x.js");
    return Response.json([said(() => require("node:path")),
        said(() => require("path")), said(() => require("node:zlib")),
        isBuiltin("zlib")]);
} };
--- response_body chomp
["object","No such module \"path\".","No such module \"node:zlib\".",false]
