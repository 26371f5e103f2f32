/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:inspector/promises": there is no inspector to be opened.
 */

import inspector from "workers:node/inspector";
import { stubClass, stubs } from "workers:node/internal/stubs";

export const Network = { ...inspector.Network };
export const { console } = inspector;
export const Session = stubClass("Session");

export const { close, open, url, waitForDebugger } = stubs(
    "Inspector", ["close", "open", "url", "waitForDebugger"]);

export default { close, console, Network, open, Session, url, waitForDebugger };
