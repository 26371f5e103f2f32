/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:wasi": the name.
 */

import { stubClass } from "workers:node/internal/stubs";

export const WASI = stubClass("WASI");

export default { WASI };
