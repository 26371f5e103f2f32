/*
 * Copyright (C) the nginx-workers authors
 *
 * Which objects are keys of "node:crypto", for util.types.isKeyObject().
 */

const { WeakSet } = globalThis;

export const keyObjects = new WeakSet();
