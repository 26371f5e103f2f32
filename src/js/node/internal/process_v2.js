/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:process" since enable_nodejs_process_v2: what programs ask of it,
 * with the answers of a process that has no system around it.
 */

import native from "native:process";
import EventEmitter from "workers:node/events";
import { env } from "workers:node/internal/env";
import { chdir, cwd } from "workers:node/internal/fs_tree";
import { nextTick } from "workers:node/internal/tick";
import { features, getBuiltinModule } from "workers:node/process";
import {
    invalidArgType, nodeError, validateArray,
} from "workers:node/internal/errors";
import { stub, stubs } from "workers:node/internal/stubs";

const {
    BigInt, Date, Error, Math, Number, Object, Symbol, console,
} = globalThis;

export { chdir, cwd, env, features, getBuiltinModule, nextTick };

const noop = () => {};

export const platform = "linux";
export const arch = "x64";
export const argv = ["workerd"];
export const argv0 = "workerd";
export const execArgv = [];
export const execPath = "";
export const pid = 1;
export const ppid = 0;
export const version = "v22.19.0";
export const title = "workerd";
export const debugPort = 0;
export const connected = false;
export const channel = null;
export const domain = null;
export const exitCode = undefined;
export const noDeprecation = false;
export const throwDeprecation = false;
export const traceDeprecation = false;
export const sourceMapsEnabled = false;
export const moduleLoadList = [];
export const allowedNodeEnvironmentFlags = {};
export const config = { target_defaults: {}, variables: {} };

export const _exiting = false;
export const _preload_modules = [];
export const _channel = undefined;
export const _disconnect = undefined;
export const _handleQueue = undefined;
export const _maxListeners = undefined;
export const _pendingMessage = undefined;
export const _send = undefined;
export const _events = {};
export const _eventsCount = 0;

export const release = { name: "node", lts: true, sourceUrl: "",
                         headersUrl: "" };

export const versions = Object.freeze({
    node: version.slice(1),
    ...Object.fromEntries([
        "v8", "modules", "zlib", "brotli", "zstd", "ares", "napi", "llhttp",
        "nghttp2", "acorn", "ada", "simdutf", "nbytes", "ncrypto", "uvwasi",
        "uv", "openssl", "sqlite", "icu", "undici", "simdjson", "unicode",
        "cldr", "tz", "cjs_module_lexer", "amaro", "merve",
    ].map((name) => [name, ""])),
});

export const report = {
    compact: false, directory: "", filename: "",
    getReport: stub("getReport", "process.report.getReport"),
    reportOnFatalError: false, reportOnSignal: false,
    reportOnUncaughtException: false, excludeNetwork: false, excludeEnv: false,
    signal: "SIGUSR2",
    writeReport: stub("writeReport", "process.report.writeReport"),
};

export const permission = { has: stub("has", "process.permission.has") };

export const finalization = { register: noop, registerBeforeExit: noop,
                              unregister: noop };

export const {
    _kill, _linkedBinding, binding, cpuUsage, dlopen, execve,
    getActiveResourcesInfo, hasUncaughtExceptionCaptureCallback, kill,
    setUncaughtExceptionCaptureCallback, threadCpuUsage,
} = stubs("process", [
    "_kill", "_linkedBinding", "binding", "cpuUsage", "dlopen", "execve",
    "getActiveResourcesInfo", "hasUncaughtExceptionCaptureCallback", "kill",
    "setUncaughtExceptionCaptureCallback", "threadCpuUsage",
]);


/* The ids of nobody in particular, which stay what they are. */

function refuse() {
    throw nodeError(Error, "EPERM", "operation not permitted");
}


export function getuid() { return 0; }
export function geteuid() { return 0; }
export function getgid() { return 0; }
export function getegid() { return 0; }
export function getgroups() { return [0]; }
export function setuid(id) { refuse(); }
export function seteuid(id) { refuse(); }
export function setgid(id) { refuse(); }
export function setegid(id) { refuse(); }
export function setgroups(groups) { refuse(); }
export function initgroups(user, extra) { refuse(); }


let mask = 0o22;

export function umask(value) {
    const old = mask;

    if (value !== undefined) {
        mask = Number(value) & 0o777;
    }

    return old;
}


/* Assigns to env what the file has and env has not. */

export function loadEnvFile(path = ".env") {
    const { readFileSync } = native.require("node:fs");
    const { parseEnv } = native.require("node:util");
    const found = parseEnv(readFileSync(path, "utf8"));

    for (const name of Object.keys(found)) {
        env[name] ??= found[name];
    }
}


/* Times: those of the platform's clock, which stands while a script runs. */

export function hrtime(time) {
    const now = Date.now();
    let seconds = Math.floor(now / 1000);
    let nanoseconds = now % 1000 * 1e6;

    if (time !== undefined) {
        if (typeof time !== "object" || time === null) {
            throw invalidArgType("time", "tuple of integers", time);
        }

        validateArray(time, "time", 2);

        seconds -= time[0];
        nanoseconds -= time[1];

        if (nanoseconds < 0) {
            seconds--;
            nanoseconds += 1e9;
        }
    }

    return [seconds, nanoseconds];
}

hrtime.bigint = function bigint() {
    return BigInt(Date.now()) * 1000000n;
};


export function uptime() {
    return 0;
}


export function memoryUsage() {
    return { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
}

memoryUsage.rss = function rss() {
    return 0;
};


export function availableMemory() { return 0; }
export function constrainedMemory() { return 0; }


export function resourceUsage() {
    return {
        userCPUTime: 0, systemCPUTime: 0, maxRSS: 0, sharedMemorySize: 0,
        unsharedDataSize: 0, unsharedStackSize: 0, minorPageFault: 0,
        majorPageFault: 0, swappedOut: 0, fsRead: 0, fsWrite: 0, ipcSent: 0,
        ipcReceived: 0, signalsCount: 0, voluntaryContextSwitches: 0,
        involuntaryContextSwitches: 0,
    };
}


/* An invocation ends with an exception; the process of nginx goes on. */

export function exit(code = undefined) {
    throw new Error(`process.exit(${code ?? ""}) was called`);
}


export function reallyExit(code) {
    exit(code);
}


export function abort() {
    throw new Error("process.abort() was called");
}


export function emitWarning(warning, type, code, ctor) {
    if (typeof warning !== "string" && !(warning instanceof Error)) {
        throw invalidArgType("warning", ["string", "Error"], warning);
    }

    const options = typeof type === "object" && type !== null ? type
                    : { type, code };
    const error = typeof warning === "string" ? new Error(warning) : warning;

    if (typeof warning === "string") {
        error.name = options.type ?? "Warning";
    }

    if (options.code !== undefined) {
        error.code = options.code;
    }

    nextTick(() => process.emit("warning", error));
}


export function getSourceMapsSupport() {
    return { enabled: false, nodeModules: false, generatedCode: false };
}


/* The module loads when it is called. */

export function assert(value, message) {
    native.require("node:assert")(value, message);
}


export function send(message, handle) { return false; }
export function ref() {}
export function unref() {}
export function openStdin() { return stdin; }
export function setSourceMapsEnabled(enabled, options) {}
export function _debugEnd() {}
export function _debugProcess(id) {}
export function _fatalException(error) { return false; }
export function _getActiveHandles() { return []; }
export function _getActiveRequests() { return []; }
export function _rawDebug() {}
export function _startProfilerIdleNotifier() {}
export function _stopProfilerIdleNotifier() {}
export function _tickCallback() {}


/* What is written goes to the console, a line at a time. */

class Output extends EventEmitter {
    writable = true;
    readable = false;
    isTTY = undefined;
    #log;
    #line = "";

    constructor(fd, log) {
        super();
        this.fd = fd;
        this.#log = log;
    }

    write(chunk, encoding, callback) {
        const lines = `${this.#line}${chunk}`.split("\n");

        this.#line = lines.pop();

        for (const line of lines) {
            this.#log(line);
        }

        const done = typeof encoding === "function" ? encoding : callback;

        if (typeof done === "function") {
            nextTick(done);
        }

        return true;
    }

    end(chunk, encoding, callback) {
        if (chunk !== undefined && typeof chunk !== "function") {
            this.write(chunk, encoding);
        }

        return this;
    }

    cork() {}
    uncork() {}
    destroy() { return this; }
    getColorDepth() { return 1; }
    hasColors() { return false; }
}


/* It is at its end. */

class Input extends EventEmitter {
    fd = 0;
    readable = false;
    writable = false;
    isTTY = undefined;

    read() { return null; }
    resume() { return this; }
    pause() { return this; }
    setEncoding() { return this; }
    destroy() { return this; }
    async *[Symbol.asyncIterator]() {}
}


export const stdout = new Output(1, (line) => console.log(line));
export const stderr = new Output(2, (line) => console.error(line));
export const stdin = new Input();


class Process extends EventEmitter {
    get [Symbol.toStringTag]() { return "process"; }
}

Object.defineProperty(Process, "name", { value: "process" });

const process = Object.assign(new Process(), {
    _channel, _debugEnd, _debugProcess, _disconnect, _exiting, _fatalException,
    _getActiveHandles, _getActiveRequests, _handleQueue, _kill, _linkedBinding,
    _pendingMessage, _preload_modules, _rawDebug, _send,
    _startProfilerIdleNotifier, _stopProfilerIdleNotifier, _tickCallback,
    abort, allowedNodeEnvironmentFlags, arch, argv, argv0, assert,
    availableMemory, binding, channel, chdir, config, connected,
    constrainedMemory, cpuUsage, cwd, debugPort, dlopen, domain, emitWarning,
    env, execArgv, execPath, execve, exit, exitCode, features, finalization,
    getActiveResourcesInfo, getBuiltinModule, getSourceMapsSupport, getegid,
    geteuid, getgid, getgroups, getuid, hasUncaughtExceptionCaptureCallback,
    hrtime, initgroups, kill, loadEnvFile, memoryUsage, moduleLoadList,
    nextTick, noDeprecation, openStdin, permission, pid, platform, ppid,
    reallyExit, ref, release, report, resourceUsage, send,
    setSourceMapsEnabled, setUncaughtExceptionCaptureCallback, setegid,
    seteuid, setgid, setgroups, setuid, sourceMapsEnabled, stderr, stdin,
    stdout, threadCpuUsage, throwDeprecation, title, traceDeprecation, umask,
    unref, uptime, version, versions,
});

export default process;
