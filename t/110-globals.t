# Copyright (C) the nginx-workers authors
#
# The global scope: its names, code from strings, crypto, performance.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

run_tests();

__DATA__

=== TEST 1: code cannot be made of strings
--- user_files
>>> w.js
const message = "Code generation from strings disallowed for this context";
const refused = (make) => {
    try {
        make();
        return false;
    } catch (e) {
        return e instanceof EvalError && e.message === message;
    }
};
const functions = [
    function () {}, () => {}, class {}, async () => {}, function* () {},
    async function* () {}, Math.max,
];
export default { fetch() {
    const out = [
        refused(() => eval("1")),
        refused(() => (0, eval)("1")),
        refused(() => globalThis.eval("1")),
        refused(() => new Function("return 1")),
        refused(() => Reflect.construct(Function, ["return 1"], class {})),
        refused(() => { class F extends Function {} new F("1"); }),
    ];
    for (const f of functions) {
        out.push(refused(() => f.constructor("return 1")));
        out.push(refused(() => new f.constructor("return 1")));
        out.push(refused(() => Object.getPrototypeOf(f.constructor)
                                     .constructor("return 1")));
        out.push(f instanceof Function && f instanceof f.constructor);
    }
    return new Response(out.every((x) => x === true) + " " + out.length);
} };
--- response_body chomp
true 34



=== TEST 2: Function is what it is elsewhere, eval() gives back what is no string
--- user_files
>>> w.js
export default { fetch() {
    const add = function (a, b) { return this.n + a + b; };
    return Response.json([
        Function.name, Function.length, typeof eval, eval(7),
        Function.prototype.call.call(add, { n: 1 }, 2, 3),
        add.bind({ n: 1 }, 2)(3), add.apply({ n: 1 }, [2, 3]),
        Object.getPrototypeOf(add) === Function.prototype,
    ]);
} };
--- response_body chomp
["Function",1,"function",7,6,6,6,true]



=== TEST 3: names in the global scope, all of them
--- user_files
>>> w.js
const names = new Set();
for (let o = globalThis; o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    Reflect.ownKeys(o).forEach((key) => names.add(String(key)));
}
export default { fetch() {
    return new Response([...names].sort().join("\n") + "\n");
} };
--- response_body eval
CORE::join "", map { "$_\n" } split ' ', q{
AbortController AbortSignal AggregateError Array ArrayBuffer
AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Blob Body
Boolean ByteLengthQueuingStrategy Cache CacheStorage CloseEvent Cloudflare
CompressionStream CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DataView Date
DecompressionStream DisposableStack Error ErrorEvent EvalError Event
EventSource EventTarget ExtendableEvent FetchEvent File FinalizationRegistry
FixedLengthStream Float16Array Float32Array Float64Array FormData Function
HTMLRewriter Headers IdentityTransformStream Infinity Int16Array Int32Array Int8Array
Intl Iterator JSON Map Math MessageChannel MessageEvent MessagePort NaN
Navigator Number Object Promise PromiseRejectionEvent Proxy RangeError
ReadableByteStreamController ReadableStream ReadableStreamBYOBReader
ReadableStreamBYOBRequest ReadableStreamDefaultController
ReadableStreamDefaultReader ReferenceError Reflect RegExp Request Response
ServiceWorkerGlobalScope Set SharedArrayBuffer String SubtleCrypto
SuppressedError Symbol Symbol(Symbol.toStringTag) SyntaxError TextDecoder
TextDecoderStream TextEncoder TextEncoderStream TransformStream
TransformStreamDefaultController TypeError URIError URL URLPattern
URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap
WeakRef WeakSet WebSocket WebSocketPair WebSocketRequestResponsePair
WorkerGlobalScope WritableStream
WritableStreamDefaultController WritableStreamDefaultWriter addEventListener
atob btoa caches clearInterval clearTimeout console constructor crypto decodeURI
decodeURIComponent dispatchEvent encodeURI encodeURIComponent escape eval
fetch globalThis isFinite isNaN navigator origin parseFloat parseInt
performance queueMicrotask removeEventListener reportError scheduler self
setInterval setTimeout structuredClone undefined unescape
}



=== TEST 4: a global can be replaced, and the rest goes on
--- user_files
>>> w.js
globalThis.Event = class Mine {};
globalThis.AbortSignal = 5;
export default { fetch() {
    const c = new AbortController();
    let type;
    c.signal.addEventListener("abort", (e) => { type = e.type; });
    c.abort();
    return Response.json([Event.name, AbortSignal, type, c.signal.aborted]);
} };
--- response_body chomp
["Mine",5,"abort",true]



=== TEST 5: performance counts from the epoch
--- user_files
>>> w.js
export default { fetch() {
    return Response.json([
        performance.timeOrigin,
        Math.abs(performance.now() - Date.now()) < 100,
        performance.constructor.name, String(performance),
    ]);
} };
--- response_body chomp
[0,true,"Performance","[object Performance]"]



=== TEST 6: navigator
--- user_files
>>> w.js
export default { fetch() {
    const { sendBeacon } = navigator;
    let error, written;
    try { sendBeacon("http://h/"); } catch (e) { error = e.message.slice(0, 18); }
    try { navigator.userAgent = "x"; } catch (e) { written = e.name; }
    return Response.json([
        { ...navigator, languages: [...navigator.languages] },
        Object.isFrozen(navigator.languages), error, written,
    ]);
} };
--- response_body chomp
[{"userAgent":"Cloudflare-Workers","hardwareConcurrency":1,"platform":"","language":"en","languages":["en"]},true,"Illegal invocation","TypeError"]



=== TEST 7: DOMException
--- user_files
>>> w.js
export default { fetch() {
    const e = new DOMException("m", "AbortError"), d = new DOMException();
    return Response.json([
        e.name, e.message, e.code, e instanceof Error, String(e),
        typeof e.stack, d.name, d.message, d.code,
        DOMException.ABORT_ERR, e.QUOTA_EXCEEDED_ERR,
    ]);
} };
--- response_body chomp
["AbortError","m",20,true,"AbortError: m","string","Error","",0,20,22]



=== TEST 8: atob() and btoa()
--- user_files
>>> w.js
const name = (f) => { try { return f(); } catch (e) { return e.name; } };
export default { fetch() {
    let long = "x".repeat(5000);
    long += "y".repeat(9000) + long;
    return Response.json([
        btoa("hi\xff"), atob(" aGn/ \n") === "hi\xff", atob("ab"), btoa(""),
        atob(btoa(long)) === long,
        name(() => btoa("\u0100")), name(() => atob("a")),
        name(() => atob("ab=c")), name(() => atob("\u1234")),
        name(() => atob("-_")),
    ]);
} };
--- response_body eval
'["aGn/",true,"i","",true,' . '"InvalidCharacterError",' x 4
. '"InvalidCharacterError"]'



=== TEST 9: random values
--- user_files
>>> w.js
const name = (f) => { try { return f(); } catch (e) { return e.name; } };
export default { fetch() {
    const a = new Uint8Array(64), part = a.subarray(8, 24);
    const same = crypto.getRandomValues(part) === part;
    const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
    return Response.json([
        same, part.some((x) => x !== 0),
        a.slice(0, 8).every((x) => x === 0), a.slice(24).every((x) => x === 0),
        uuid.test(crypto.randomUUID()),
        crypto.randomUUID() !== crypto.randomUUID(),
        crypto.getRandomValues(new BigInt64Array(2)).length,
        name(() => crypto.getRandomValues(new Float64Array(1))),
        name(() => crypto.getRandomValues(new DataView(new ArrayBuffer(1)))),
        name(() => crypto.getRandomValues([1])),
        name(() => crypto.getRandomValues(new Uint8Array(65537))),
        crypto.getRandomValues(new Uint8Array(65536)).length,
        name(() => (0, crypto.randomUUID)()),
    ]);
} };
--- response_body eval
'[true,true,true,true,true,true,2,"TypeMismatchError","TypeMismatchError",'
. '"TypeError","QuotaExceededError",65536,"TypeError"]'



=== TEST 10: crypto.subtle
--- user_files
>>> w.js
export default { async fetch() {
    const { subtle } = crypto;
    const data = new TextEncoder().encode("abc");
    const digest = new Uint8Array(await subtle.digest("SHA-256", data));
    const key = await subtle.generateKey({ name: "HMAC", hash: "SHA-256" },
                                         true, ["sign", "verify"]);
    const signature = await subtle.sign("HMAC", key, data);
    return Response.json([
        crypto instanceof Crypto, subtle instanceof SubtleCrypto,
        subtle === crypto.subtle, key instanceof CryptoKey, key.type,
        String(key), Object.keys(globalThis).includes("crypto"),
        Array.from(digest.slice(0, 4)),
        await subtle.verify("HMAC", key, signature, data),
    ]);
} };
--- response_body eval
'[true,true,true,true,"secret","[object CryptoKey]",true,[186,120,22,191],true]'



=== TEST 11: no random values, timers or beacons at the top level
--- user_files
>>> w.js
const tries = [
    () => crypto.randomUUID(),
    () => crypto.getRandomValues(new Uint8Array(1)),
    () => setTimeout(() => {}, 1),
    () => setInterval(() => {}, 1),
    () => AbortSignal.timeout(1),
    () => navigator.sendBeacon("http://127.0.0.1/"),
];
const texts = tries.map((f) => {
    try { f(); return "no error"; } catch (e) { return e.name + " " + e.message; }
});
const wait = scheduler.wait(1).catch((e) => e.message);
export default { async fetch() {
    texts.push("Error " + await wait);
    return new Response(new Set(texts).size + " " + texts[0]);
} };
--- response_body chomp
1 Error Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. To fix this error, perform this operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/



=== TEST 12: cloudflare:workers
--- script
        var A 1;
--- user_files
>>> w.js
import { env, waitUntil, WorkerEntrypoint, DurableObject, RpcTarget }
    from "cloudflare:workers";
const atTop = env.A;
let late;
try { waitUntil(Promise.resolve()); } catch (e) { late = e.message; }
export default { async fetch(request, handlerEnv) {
    env.B = "two";
    handlerEnv.C = "three";
    waitUntil(Promise.resolve());
    const e = new WorkerEntrypoint("ctx", "env");
    const d = new DurableObject("ctx", "env");
    return Response.json([
        atTop, Object.keys(env), handlerEnv.B, env.C, env === handlerEnv,
        late.slice(0, 20), e.ctx, e.env, d.ctx, d.env,
        new RpcTarget() instanceof RpcTarget,
    ]);
} };
--- response_body eval
'["1",["A","B","C"],"two","three",false,"Disallowed operation","ctx","env",'
. '"ctx","env",true]'



=== TEST 13: a WeakRef holds its target until the job ends
--- user_files
>>> w.js
export default { async fetch() {
    const ref = new WeakRef({ a: 1 }), a = ref.deref().a;
    class Sub extends WeakRef { x = 2; }
    const sub = new Sub({ b: 3 });
    const first = [sub.deref().b, sub.x, sub instanceof WeakRef];
    let error;
    try { WeakRef({}); } catch (e) { error = e.name; }
    try { new WeakRef(1); } catch (e) { error += e.name; }
    await scheduler.wait(1);
    return Response.json([a, first, typeof ref.deref(), error,
                          WeakRef.name, ref.constructor === WeakRef]);
} };
--- response_body chomp
[1,[3,2,true],"undefined","TypeErrorTypeError","WeakRef",true]



=== TEST 14: the global object and its prototypes
--- user_files
>>> w.js
export default { fetch() {
    const scope = Object.getPrototypeOf(globalThis);
    const names = [];
    for (const name in globalThis) names.push(name);
    let error;
    try { new ServiceWorkerGlobalScope(); } catch (e) { error = e.message; }
    return Response.json([
        String(globalThis), globalThis.constructor.name,
        globalThis instanceof EventTarget,
        globalThis instanceof ServiceWorkerGlobalScope,
        Object.hasOwn(globalThis, "Response"), Object.hasOwn(scope, "Response"),
        Object.hasOwn(globalThis, "crypto"), names.includes("setTimeout"),
        Object.keys(globalThis).includes("setTimeout"), origin, error,
        Object.getPrototypeOf(Object.getPrototypeOf(scope))
            === EventTarget.prototype,
    ]);
} };
--- response_body chomp
["[object ServiceWorkerGlobalScope]","ServiceWorkerGlobalScope",true,true,false,true,true,true,false,"null","Illegal constructor",true]



=== TEST 15: what replaces a global goes away again
--- user_files
>>> w.js
export default { fetch() {
    const own = Headers;
    globalThis.Headers = class Mine {};
    globalThis.Blob = 5;
    const during = [Headers.name, Blob];
    delete globalThis.Headers;
    delete globalThis.Blob;
    return Response.json([during, Headers === own, typeof Blob]);
} };
--- response_body chomp
[["Mine",5],true,"function"]



=== TEST 16: Cloudflare.compatibilityFlags
--- script
        compatibility_date 2025-11-01;
        compatibility_flags nodejs_compat no_global_navigator;
--- user_files
>>> w.js
export default { fetch() {
    const flags = Cloudflare.compatibilityFlags;
    let error;
    try { flags.url_standard = false; } catch (e) { error = e.name; }
    return Response.json([
        flags.url_standard, flags.nodejs_compat, flags.nodejs_compat_v2,
        flags.enhanced_error_serialization, flags.global_navigator,
        flags.unheard_of, typeof navigator, error, String(Cloudflare),
        Object.keys(flags).length > 150,
    ]);
} };
--- response_body chomp
[true,true,true,false,false,null,"undefined","TypeError","[object Cloudflare]",true]



=== TEST 17: atob() and btoa()
--- user_files
>>> w.js
const name = (f) => { try { return f(); } catch (e) { return e.name; } };
export default { fetch() {
    return Response.json([
        btoa("\xff\0a"), atob("/wBh") === "\xff\0a", atob(" Y Q = = "),
        name(() => btoa("\u20ac")), name(() => atob("*")), name(() => atob()),
        name(() => btoa()), name(() => btoa({ toString() { throw new RangeError(); } })),
        btoa(null), btoa.length,
    ]);
} };
--- response_body chomp
["/wBh",true,"a","InvalidCharacterError","InvalidCharacterError","TypeError","TypeError","RangeError","bnVsbA==",1]



=== TEST 18: fetch() takes its arguments
--- user_files
>>> w.js
const text = async (...args) => {
    try { return await fetch(...args); } catch (e) { return `${e.name}: ${e.message}`; }
};
const early = text("http://127.0.0.1/");
export default { async fetch() {
    return new Response((await Promise.all([
        early.then((s) => s.split(".")[0]), text(), text("nope"),
        text("http://127.0.0.1/", 5), text("ftp://x/"),
        text("http://127.0.0.1/", { body: "x" }),
        text("http://127.0.0.1/", { signal: AbortSignal.abort(new RangeError("gone")) }),
        text(new Request("http://127.0.0.1/")),
        fetch.bind(globalThis).name,
    ])).join("\n"));
} };
--- response_body chomp
Error: Disallowed operation called within global scope
TypeError: Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Request or string'.
TypeError: Invalid URL: nope
TypeError: Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 2 is not of type 'RequestInitializerDict or Request'.
TypeError: Fetch API cannot load: ftp://x/
TypeError: Request with a GET or HEAD method cannot have a body.
RangeError: gone
Error: Network connection lost.
bound fetch
--- error_log
Could not connect to server
