/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:child_process": the names, since there are no processes to start.
 */

import { stub, stubClass, stubs } from "workers:node/internal/stubs";
import { validateString } from "workers:node/internal/errors";

const { _forkChild, execFile, execFileSync, execSync, fork, spawn } = stubs(
    "child_process", ["_forkChild", "execFile", "execFileSync", "execSync",
                      "fork", "spawn"]);

const ChildProcess = stubClass("ChildProcess", "child_process.ChildProcess");


export function exec(command, options, callback) {
    validateString(command, "command");

    stub("exec", "child_process.exec")();
}


export function spawnSync(command, args, options) {
    validateString(command, "command");

    stub("spawnSync", "child_process.spawnSync")();
}


export { ChildProcess, _forkChild, execFile, execFileSync, execSync, fork,
         spawn };

export default {
    ChildProcess, _forkChild, exec, execFile, execFileSync, execSync, fork,
    spawn, spawnSync,
};
