/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:cluster": a primary that has no workers and can start none.
 */

import EventEmitter from "workers:node/events";
import { stub } from "workers:node/internal/stubs";

export const SCHED_NONE = 1;
export const SCHED_RR = 2;
export const isMaster = true;
export const isPrimary = true;
export const isWorker = false;
export const schedulingPolicy = SCHED_RR;
export const settings = {};
export const workers = {};
export const _events = [];
export const _eventsCount = 0;
export const _maxListeners = 0;

export const disconnect = stub("disconnect", "cluster.disconnect");
export const fork = stub("fork", "cluster.fork");
export const setupMaster = stub("setupMaster", "cluster.setupWorker");
export const setupPrimary = stub("setupPrimary", "cluster.setupPrimary");


export class Worker extends EventEmitter {
    _connected = false;
    id = 0;

    constructor(options) {
        super();
    }

    get process() { return undefined; }
    get exitedAfterDisconnect() { return undefined; }
    isConnected() { return this._connected; }
    isDead() { return true; }
    send() { return false; }
    kill() {}
    destroy() {}
    disconnect() {}
}


export class Cluster extends EventEmitter {
    Worker = Worker;
    isMaster = isMaster;
    isPrimary = isPrimary;
    isWorker = isWorker;
    SCHED_NONE = SCHED_NONE;
    SCHED_RR = SCHED_RR;
    schedulingPolicy = schedulingPolicy;
    settings = settings;
    workers = workers;

    setupPrimary(options) { setupPrimary(options); }
    setupMaster(options) { setupMaster(options); }
    disconnect(callback) { disconnect(callback); }
    fork(env) { fork(env); }
}


export default new Cluster();
