/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:v8": the engine is another one, and tells nothing of its heap.
 */

import { stub, stubClass, stubs } from "workers:node/internal/stubs";
import {
    validateFunction, validateNumber, validateString,
} from "workers:node/internal/errors";

const { Object } = globalThis;

const noop = () => {};


function zeroes(...names) {
    return Object.fromEntries(names.map((name) => [name, 0]));
}


export const {
    deserialize, getHeapSnapshot, serialize, stopCoverage, takeCoverage,
    writeHeapSnapshot,
} = stubs("", ["deserialize", "getHeapSnapshot", "serialize", "stopCoverage",
               "takeCoverage", "writeHeapSnapshot"]);

export const Serializer = stubClass("Serializer");
export const Deserializer = stubClass("Deserializer");

export class DefaultSerializer extends Serializer {}
export class DefaultDeserializer extends Deserializer {}


export class GCProfiler {
    start() {}
    stop() {}
}


export function cachedDataVersionTag() {
    return 0;
}


export function getHeapStatistics() {
    return zeroes(
        "total_heap_size", "total_heap_size_executable", "total_physical_size",
        "total_available_size", "used_heap_size", "heap_size_limit",
        "malloced_memory", "peak_malloced_memory", "does_zap_garbage",
        "number_of_native_contexts", "number_of_detached_contexts",
        "total_global_handles_size", "used_global_handles_size",
        "external_memory");
}


export function getHeapSpaceStatistics() {
    return [];
}


export function getHeapCodeStatistics() {
    return zeroes("code_and_metadata_size", "bytecode_and_metadata_size",
                  "external_script_source_size", "cpu_profiler_metadata_size");
}


export function getCppHeapStatistics() {
    return {
        ...zeroes("committed_size_bytes", "resident_size_bytes",
                  "used_size_bytes"),
        space_statistics: [], type_names: [], detail_level: "detailed",
    };
}


export function setFlagsFromString(flags) {
    validateString(flags, "flags");
}


export function isStringOneByteRepresentation(content) {
    validateString(content, "content");

    return /^[\0-\xff]*$/.test(content);
}


export function queryObjects(constructor) {
    validateFunction(constructor, "constructor");

    stub("queryObjects")();
}


export function setHeapSnapshotNearHeapLimit(limit) {
    validateNumber(limit, "limit");
}


export const promiseHooks = {
    createHook: () => noop, onInit: () => noop, onBefore: () => noop,
    onAfter: () => noop, onSettled: () => noop,
};

export const startupSnapshot = {
    addSerializeCallback: noop, addDeserializeCallback: noop,
    setDeserializeMainFunction: noop, isBuildingSnapshot: () => false,
};

export default {
    cachedDataVersionTag, getHeapSnapshot, getHeapStatistics,
    getHeapSpaceStatistics, getHeapCodeStatistics, getCppHeapStatistics,
    setFlagsFromString, Serializer, Deserializer, DefaultSerializer,
    DefaultDeserializer, deserialize, takeCoverage, stopCoverage, serialize,
    writeHeapSnapshot, promiseHooks, queryObjects, startupSnapshot,
    setHeapSnapshotNearHeapLimit, GCProfiler, isStringOneByteRepresentation,
};
