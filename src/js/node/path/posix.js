/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:path/posix"
 */

import { posix, win32 } from "workers:node/internal/path";

export const {
    basename, delimiter, dirname, extname, format, isAbsolute, join,
    matchesGlob, normalize, parse, relative, resolve, sep, toNamespacedPath,
} = posix;

export { posix, win32 };

export default posix;
