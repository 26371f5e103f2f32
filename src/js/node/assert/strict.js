/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:assert/strict".
 */

import assert from "workers:node/assert";

export {
    AssertionError, deepEqual, deepStrictEqual, doesNotMatch, doesNotReject,
    doesNotThrow, equal, fail, ifError, match, notDeepEqual,
    notDeepStrictEqual, notEqual, notStrictEqual, ok, partialDeepStrictEqual,
    rejects, strict, strictEqual, throws,
} from "workers:node/assert";

export default assert;
