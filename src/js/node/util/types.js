/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:util/types": what a value is, whatever its prototype says.
 */

import native from "native:util";
import { keyObjects } from "workers:node/internal/key_objects";

const { ArrayBuffer, Object, Reflect, Symbol, globalThis: global } = globalThis;

const { classOf } = native;

const tagOf = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;


function is(...names) {
    return names.length === 1 ? (value) => classOf(value) === names[0]
                              : (value) => names.includes(classOf(value));
}


function typed(name) {
    return (value) => ArrayBuffer.isView(value)
                      && Reflect.apply(tagOf, value, []) === name;
}


const ARRAY_BUFFERS = ["ArrayBuffer", "SharedArrayBuffer"];

export const isAnyArrayBuffer = is(...ARRAY_BUFFERS);
export const isArgumentsObject = is("Arguments");
export const isArrayBuffer = is("ArrayBuffer");
export const isArrayBufferView = (value) => ArrayBuffer.isView(value);
export const isAsyncFunction = is("AsyncFunction", "AsyncGeneratorFunction");
export const isBigInt64Array = typed("BigInt64Array");
export const isBigIntObject = is("BigInt");
export const isBigUint64Array = typed("BigUint64Array");
export const isBooleanObject = is("Boolean");
export const isBoxedPrimitive = is("BigInt", "Boolean", "Number", "String",
                                   "Symbol");
export const isDataView = is("DataView");
export const isDate = is("Date");
export const isExternal = (value) => false;
export const isFloat16Array = typed("Float16Array");
export const isFloat32Array = typed("Float32Array");
export const isFloat64Array = typed("Float64Array");
export const isGeneratorFunction = is("GeneratorFunction",
                                      "AsyncGeneratorFunction");
export const isGeneratorObject = is("Generator", "AsyncGenerator");
export const isInt16Array = typed("Int16Array");
export const isInt32Array = typed("Int32Array");
export const isInt8Array = typed("Int8Array");
export const isMap = is("Map");
export const isMapIterator = is("Map Iterator");
export const isModuleNamespaceObject = is("Module");
export const isNativeError = is("Error");
export const isNumberObject = is("Number");
export const isPromise = is("Promise");
export const isProxy = (value) => native.proxy(value) !== undefined;
export const isRegExp = is("RegExp");
export const isSet = is("Set");
export const isSetIterator = is("Set Iterator");
export const isSharedArrayBuffer = is("SharedArrayBuffer");
export const isStringObject = is("String");
export const isSymbolObject = is("Symbol");
export const isTypedArray = (value) =>
    Reflect.apply(tagOf, value, []) !== undefined;
export const isUint16Array = typed("Uint16Array");
export const isUint32Array = typed("Uint32Array");
export const isUint8Array = typed("Uint8Array");
export const isUint8ClampedArray = typed("Uint8ClampedArray");
export const isWeakMap = is("WeakMap");
export const isWeakSet = is("WeakSet");


export function isCryptoKey(value) {
    return value instanceof global.CryptoKey;
}


export function isKeyObject(value) {
    return typeof value === "object" && value !== null && keyObjects.has(value);
}


export default {
    isAnyArrayBuffer, isArgumentsObject, isArrayBuffer, isArrayBufferView,
    isAsyncFunction, isBigInt64Array, isBigIntObject, isBigUint64Array,
    isBooleanObject, isBoxedPrimitive, isCryptoKey, isDataView, isDate,
    isExternal, isFloat16Array, isFloat32Array, isFloat64Array,
    isGeneratorFunction, isGeneratorObject, isInt16Array, isInt32Array,
    isInt8Array, isKeyObject, isMap, isMapIterator, isModuleNamespaceObject,
    isNativeError, isNumberObject, isPromise, isProxy, isRegExp, isSet,
    isSetIterator, isSharedArrayBuffer, isStringObject, isSymbolObject,
    isTypedArray, isUint16Array, isUint32Array, isUint8Array,
    isUint8ClampedArray, isWeakMap, isWeakSet,
};
