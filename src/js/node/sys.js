/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:sys": the old name of "node:util".
 */

export * from "workers:node/util";
export { default } from "workers:node/util";
