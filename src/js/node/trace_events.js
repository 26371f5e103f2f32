/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:trace_events": nothing is traced.
 */

import { stub } from "workers:node/internal/stubs";
import { invalidArgType } from "workers:node/internal/errors";


export function createTracing(options) {
    if (typeof options !== "object" || options === null) {
        throw invalidArgType("options", "object", options);
    }

    stub("createTracing")();
}


export function getEnabledCategories() {}


export default { createTracing, getEnabledCategories };
