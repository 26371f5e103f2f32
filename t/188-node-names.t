# Copyright (C) the nginx-workers authors
#
# Modules of Node.js: the names that each exports are the platform's, for a
# bundle that imports one that is missing does not start.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value(script => "compatibility_date 2026-07-01;\n"
                      . "compatibility_flags nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: the names, of all modules that there are
--- user_files
>>> w.js
import { builtinModules } from 'node:module';
import text from './names.txt';
export default { async fetch() {
    const out = [], lists = text.trim().split(/\n(?! )/);
    for (const list of lists) {
        const [name, names] = list.split(': ');
        const seen = Object.keys(await import(`node:${name}`));
        const wanted = names.split(/\s+/);
        for (const n of wanted)
            if (!seen.includes(n)) out.push(`${name} has no ${n}`);
        for (const n of seen)
            if (!wanted.includes(n)) out.push(`${name} has ${n}`);
    }
    return new Response(`${lists.length} ${builtinModules.length}\n${out.join('\n')}`);
} };
>>> names.txt
_http_agent: Agent default globalAgent
_http_client: ClientRequest default
_http_common: CRLF _checkInvalidHeaderChar _checkIsHttpToken chunkExpression
    continueExpression default kIncomingMessage methods parsers
_http_incoming: IncomingMessage default
_http_outgoing: OutgoingMessage default kHighWaterMark kUniqueHeaders
    parseUniqueHeadersOption validateHeaderName validateHeaderValue
_http_server: STATUS_CODES Server ServerResponse _connectionListener default
    httpServerPreClose kConnectionsCheckingInterval kServerResponse
    setupConnectionsTracking storeHTTPOptions
_stream_duplex: Duplex default from fromWeb toWeb
_stream_passthrough: PassThrough default
_stream_readable: Readable ReadableState default from fromWeb toWeb wrap
_stream_transform: Transform default
_stream_wrap: default
_stream_writable: Writable WritableState default fromWeb toWeb
_tls_common: SecureContext createSecureContext default
    translatePeerCertificate
_tls_wrap: TLSSocket connect default
assert: AssertionError deepEqual deepStrictEqual default doesNotMatch
    doesNotReject doesNotThrow equal fail ifError match notDeepEqual
    notDeepStrictEqual notEqual notStrictEqual ok partialDeepStrictEqual
    rejects strict strictEqual throws
assert/strict: AssertionError deepEqual deepStrictEqual default doesNotMatch
    doesNotReject doesNotThrow equal fail ifError match notDeepEqual
    notDeepStrictEqual notEqual notStrictEqual ok partialDeepStrictEqual
    rejects strict strictEqual throws
async_hooks: AsyncLocalStorage AsyncResource asyncWrapProviders createHook
    default executionAsyncId executionAsyncResource triggerAsyncId
buffer: Blob Buffer File INSPECT_MAX_BYTES SlowBuffer atob btoa constants
    default isAscii isUtf8 kMaxLength kStringMaxLength resolveObjectURL
    transcode
child_process: ChildProcess _forkChild default exec execFile execFileSync
    execSync fork spawn spawnSync
cluster: Cluster SCHED_NONE SCHED_RR Worker _events _eventsCount _maxListeners
    default disconnect fork isMaster isPrimary isWorker schedulingPolicy
    settings setupMaster setupPrimary workers
console: Console assert clear context count countReset createTask debug
    default dir dirxml error group groupCollapsed groupEnd info log profile
    profileEnd table time timeEnd timeLog timeStamp trace warn
crypto: Certificate Cipher Cipheriv CryptoKey Decipher Decipheriv
    DiffieHellman DiffieHellmanGroup ECDH Hash Hmac KeyObject PrivateKeyObject
    PublicKeyObject SecretKeyObject Sign Verify X509Certificate checkPrime
    checkPrimeSync constants createCipher createCipheriv createDecipher
    createDecipheriv createDiffieHellman createDiffieHellmanGroup createECDH
    createHash createHmac createPrivateKey createPublicKey createSecretKey
    createSign createVerify default diffieHellman fips generateKey
    generateKeyPair generateKeyPairSync generateKeySync generatePrime
    generatePrimeSync getCipherInfo getCiphers getCurves getDiffieHellman
    getFips getHashes getRandomValues hash hkdf hkdfSync pbkdf2 pbkdf2Sync
    privateDecrypt privateEncrypt pseudoRandomBytes publicDecrypt
    publicEncrypt randomBytes randomFill randomFillSync randomInt randomUUID
    scrypt scryptSync secureHeapUsed setEngine setFips sign subtle
    timingSafeEqual verify webcrypto
dgram: Socket createSocket default
diagnostics_channel: Channel TracingChannel channel default hasSubscribers
    subscribe tracingChannel unsubscribe
dns: ADDRCONFIG ADDRGETNETWORKPARAMS ALL BADFAMILY BADFLAGS BADHINTS BADNAME
    BADQUERY BADRESP BADSTR CANCELLED CONNREFUSED DESTRUCTION EOF FILE FORMERR
    LOADIPHLPAPI NODATA NOMEM NONAME NOTFOUND NOTIMP NOTINITIALIZED REFUSED
    Resolver SERVFAIL TIMEOUT V4MAPPED default getDefaultResultOrder
    getServers lookup lookupService promises resolve resolve4 resolve6
    resolveAny resolveCaa resolveCname resolveMx resolveNaptr resolveNs
    resolvePtr resolveSoa resolveSrv resolveTxt reverse setDefaultResultOrder
    setServers
dns/promises: ADDRCONFIG ADDRGETNETWORKPARAMS ALL BADFAMILY BADFLAGS BADHINTS
    BADNAME BADQUERY BADRESP BADSTR CANCELLED CONNREFUSED DESTRUCTION EOF FILE
    FORMERR LOADIPHLPAPI NODATA NOMEM NONAME NOTFOUND NOTIMP NOTINITIALIZED
    REFUSED Resolver SERVFAIL TIMEOUT V4MAPPED default getDefaultResultOrder
    getServers lookup lookupService resolve resolve4 resolve6 resolveAny
    resolveCaa resolveCname resolveMx resolveNaptr resolveNs resolvePtr
    resolveSoa resolveSrv resolveTxt reverse setDefaultResultOrder setServers
domain: Domain active create createDomain default
events: EventEmitter EventEmitterAsyncResource addAbortListener
    captureRejectionSymbol captureRejections default defaultMaxListeners
    errorMonitor getEventListeners getMaxListeners listenerCount on once
    setMaxListeners usingDomains
fs: Dir Dirent F_OK FileReadStream FileWriteStream R_OK ReadStream Stats W_OK
    WriteStream X_OK access accessSync appendFile appendFileSync chmod
    chmodSync chown chownSync close closeSync constants copyFile copyFileSync
    cp cpSync createReadStream createWriteStream default exists existsSync
    fchmod fchmodSync fchown fchownSync fdatasync fdatasyncSync fstat
    fstatSync fsync fsyncSync ftruncate ftruncateSync futimes futimesSync glob
    globSync lchmod lchmodSync lchown lchownSync link linkSync lstat lstatSync
    lutimes lutimesSync mkdir mkdirSync mkdtemp mkdtempSync open openAsBlob
    openSync opendir opendirSync promises read readFile readFileSync readSync
    readdir readdirSync readlink readlinkSync readv readvSync realpath
    realpathSync rename renameSync rm rmSync rmdir rmdirSync stat statSync
    statfs statfsSync symlink symlinkSync truncate truncateSync unlink
    unlinkSync unwatchFile utimes utimesSync watch watchFile write writeFile
    writeFileSync writeSync writev writevSync
fs/promises: FileHandle access appendFile chmod chown constants copyFile cp
    default glob lchmod lchown link lstat lutimes mkdir mkdtemp open opendir
    readFile readdir readlink realpath rename rm rmdir stat statfs symlink
    truncate unlink utimes watch writeFile
http: Agent ClientRequest CloseEvent IncomingMessage METHODS MessageEvent
    OutgoingMessage STATUS_CODES Server ServerResponse WebSocket
    _connectionListener createServer default get globalAgent maxHeaderSize
    request setMaxIdleHTTPParsers validateHeaderName validateHeaderValue
http2: Http2ServerRequest Http2ServerResponse connect constants
    createSecureServer createServer default getDefaultSettings
    getPackedSettings getUnpackedSettings performServerHandshake
    sensitiveHeaders
https: Agent Server createServer default get globalAgent request
inspector: Network Session close console default open url waitForDebugger
inspector/promises: Network Session close console default open url
    waitForDebugger
module: Module SourceMap _cache _debug _extensions _findPath _initPaths _load
    _nodeModulePaths _pathCache _preloadModules _resolveFilename
    _resolveLookupPaths builtinModules constants createRequire default
    enableCompileCache findPackageJSON findSourceMap flushCompileCache
    getCompileCacheDir getSourceMapsSupport globalPaths isBuiltin register
    registerHooks runMain setSourceMapsSupport stripTypeScriptTypes
    syncBuiltinESMExports wrap
net: BlockList Server Socket SocketAddress Stream _normalizeArgs connect
    createConnection createServer default getDefaultAutoSelectFamily
    getDefaultAutoSelectFamilyAttemptTimeout isIP isIPv4 isIPv6
    setDefaultAutoSelectFamily setDefaultAutoSelectFamilyAttemptTimeout
os: EOL arch availableParallelism constants cpus default devNull endianness
    freemem getPriority homedir hostname loadavg machine networkInterfaces
    platform release setPriority tmpdir totalmem type uptime userInfo version
path: basename default delimiter dirname extname format isAbsolute join
    matchesGlob normalize parse posix relative resolve sep toNamespacedPath
    win32
path/posix: basename default delimiter dirname extname format isAbsolute join
    matchesGlob normalize parse posix relative resolve sep toNamespacedPath
    win32
path/win32: basename default delimiter dirname extname format isAbsolute join
    matchesGlob normalize parse posix relative resolve sep toNamespacedPath
    win32
perf_hooks: Performance PerformanceEntry PerformanceMark PerformanceMeasure
    PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming
    constants createHistogram default eventLoopUtilization
    monitorEventLoopDelay performance timerify
process: _channel _debugEnd _debugProcess _disconnect _events _eventsCount
    _exiting _fatalException _getActiveHandles _getActiveRequests _handleQueue
    _kill _linkedBinding _maxListeners _pendingMessage _preload_modules
    _rawDebug _send _startProfilerIdleNotifier _stopProfilerIdleNotifier
    _tickCallback abort allowedNodeEnvironmentFlags arch argv argv0 assert
    availableMemory binding channel chdir config connected constrainedMemory
    cpuUsage cwd debugPort default dlopen domain emitWarning env execArgv
    execPath execve exit exitCode features finalization getActiveResourcesInfo
    getBuiltinModule getSourceMapsSupport getegid geteuid getgid getgroups
    getuid hasUncaughtExceptionCaptureCallback hrtime initgroups kill
    loadEnvFile memoryUsage moduleLoadList nextTick noDeprecation openStdin
    permission pid platform ppid reallyExit ref release report resourceUsage
    send setSourceMapsEnabled setUncaughtExceptionCaptureCallback setegid
    seteuid setgid setgroups setuid sourceMapsEnabled stderr stdin stdout
    threadCpuUsage throwDeprecation title traceDeprecation umask unref uptime
    version versions
punycode: decode default encode toASCII toUnicode ucs2 version
querystring: decode default encode escape parse stringify unescape
    unescapeBuffer
readline: Interface clearLine clearScreenDown createInterface cursorTo default
    emitKeypressEvents moveCursor promises
readline/promises: Interface Readline createInterface default
repl: REPLServer REPL_MODE_SLOPPY REPL_MODE_STRICT Recoverable _builtinLibs
    builtinModules default start writer
sqlite: DatabaseSync StatementSync backup constants default
stream: Duplex PassThrough Readable Stream Transform Writable
    _isArrayBufferView _isUint8Array _uint8ArrayToBuffer addAbortSignal
    compose default destroy duplexPair finished getDefaultHighWaterMark
    isDestroyed isDisturbed isErrored isReadable isWritable pipeline promises
    setDefaultHighWaterMark
stream/consumers: arrayBuffer blob buffer default json text
stream/promises: default finished pipeline promises
stream/web: ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy
    DecompressionStream ReadableByteStreamController ReadableStream
    ReadableStreamBYOBReader ReadableStreamBYOBRequest
    ReadableStreamDefaultController ReadableStreamDefaultReader
    TextDecoderStream TextEncoderStream TransformStream
    TransformStreamDefaultController WritableStream
    WritableStreamDefaultController WritableStreamDefaultWriter default
string_decoder: StringDecoder default
sys: MIMEParams MIMEType TextDecoder TextEncoder _errnoException
    _exceptionWithHostPort _extend aborted callbackify debug debuglog default
    deprecate format formatWithOptions getCallSite getCallSites
    getSystemErrorMap getSystemErrorMessage getSystemErrorName inherits
    inspect isArray isBoolean isBuffer isDate isDeepStrictEqual isError
    isFunction isNull isNullOrUndefined isNumber isObject isPrimitive isRegExp
    isString isSymbol isUndefined log parseArgs parseEnv promisify
    stripVTControlCharacters styleText toUSVString transferableAbortController
    transferableAbortSignal types
test: MockFunctionContext MockTracker default mock
timers: Timeout active clearImmediate clearInterval clearTimeout default
    enroll promises setImmediate setInterval setTimeout unenroll
timers/promises: default scheduler setImmediate setInterval setTimeout
tls: CLIENT_RENEG_LIMIT CLIENT_RENEG_WINDOW DEFAULT_CIPHERS DEFAULT_ECDH_CURVE
    DEFAULT_MAX_VERSION DEFAULT_MIN_VERSION SecureContext Server TLSSocket
    checkServerIdentity connect convertALPNProtocols createSecureContext
    createSecurePair createServer default getCiphers rootCertificates
trace_events: createTracing default getEnabledCategories
tty: ReadStream WriteStream default isatty
url: URL URLSearchParams Url default domainToASCII domainToUnicode
    fileURLToPath format parse pathToFileURL resolve resolveObject
    toPathIfFileURL urlToHttpOptions
util: MIMEParams MIMEType TextDecoder TextEncoder _errnoException
    _exceptionWithHostPort _extend aborted callbackify debug debuglog default
    deprecate format formatWithOptions getCallSite getCallSites
    getSystemErrorMap getSystemErrorMessage getSystemErrorName inherits
    inspect isArray isBoolean isBuffer isDate isDeepStrictEqual isError
    isFunction isNull isNullOrUndefined isNumber isObject isPrimitive isRegExp
    isString isSymbol isUndefined log parseArgs parseEnv promisify
    stripVTControlCharacters styleText toUSVString transferableAbortController
    transferableAbortSignal types
util/types: default isAnyArrayBuffer isArgumentsObject isArrayBuffer
    isArrayBufferView isAsyncFunction isBigInt64Array isBigIntObject
    isBigUint64Array isBooleanObject isBoxedPrimitive isCryptoKey isDataView
    isDate isExternal isFloat16Array isFloat32Array isFloat64Array
    isGeneratorFunction isGeneratorObject isInt16Array isInt32Array
    isInt8Array isKeyObject isMap isMapIterator isModuleNamespaceObject
    isNativeError isNumberObject isPromise isProxy isRegExp isSet
    isSetIterator isSharedArrayBuffer isStringObject isSymbolObject
    isTypedArray isUint16Array isUint32Array isUint8Array isUint8ClampedArray
    isWeakMap isWeakSet
v8: DefaultDeserializer DefaultSerializer Deserializer GCProfiler Serializer
    cachedDataVersionTag default deserialize getCppHeapStatistics
    getHeapCodeStatistics getHeapSnapshot getHeapSpaceStatistics
    getHeapStatistics isStringOneByteRepresentation promiseHooks queryObjects
    serialize setFlagsFromString setHeapSnapshotNearHeapLimit startupSnapshot
    stopCoverage takeCoverage writeHeapSnapshot
vm: Script compileFunction constants createContext createScript default
    isContext measureMemory runInContext runInNewContext runInThisContext
wasi: WASI default
worker_threads: BroadcastChannel MessageChannel MessagePort SHARE_ENV Worker
    default getEnvironmentData isInternalThread isMainThread
    isMarkedAsUntransferable markAsUncloneable markAsUntransferable
    moveMessagePortToContext parentPort postMessageToThread
    receiveMessageOnPort resourceLimits setEnvironmentData threadId workerData
--- response_body chomp
68 70
_stream_readable has _fromList



=== TEST 2: what is there by name only says so when it is called
--- user_files
>>> w.js
import { execSync, spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { createSocket } from 'node:dgram';
import { createDomain } from 'node:domain';
import inspector from 'node:inspector';
import readline from 'node:readline/promises';
import { start } from 'node:repl';
import { isatty } from 'node:tty';
import v8 from 'node:v8';
import vm from 'node:vm';
import { WASI } from 'node:wasi';
import { Worker, isMainThread } from 'node:worker_threads';
const said = (f) => { try { return String(f()); } catch (e) { return `${e.code} ${e.message}`; } };
export default { async fetch() {
    const lines = [];
    for await (const line of readline.createInterface({})) lines.push(line);
    return new Response([
        () => execSync('ls'), () => spawn('ls'), () => cluster.fork(),
        () => createSocket('udp4'), () => new inspector.Session(),
        () => start(), () => v8.serialize({}), () => vm.runInThisContext('1'),
        () => new WASI(), () => new Worker('x'),
        () => createDomain().run((a) => a + 1, 1), () => isatty(1),
        () => cluster.isPrimary, () => isMainThread, () => lines.length,
        () => vm.isContext(vm.createContext({})),
        () => v8.getHeapStatistics().used_heap_size,
    ].map(said).join('\n'));
} };
--- response_body chomp
ERR_METHOD_NOT_IMPLEMENTED The child_process.execSync method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The child_process.spawn method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The cluster.fork method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The dgram.Socket method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The Session method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The start method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The serialize method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The runInThisContext method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The WASI method is not implemented
ERR_METHOD_NOT_IMPLEMENTED The Worker method is not implemented
2
false
true
true
0
true
0



=== TEST 3: process, as programs ask for it
--- user_files
>>> w.js
import process, { hrtime, version } from 'node:process';
import * as module from 'node:process';
const names = Object.keys(module).filter((name) => name !== 'default');
const said = (f) => { try { return f() ?? null; } catch (e) { return `${e.code} ${e.message}`; } };
export default { async fetch() {
    const warned = new Promise((r) => process.once('warning', (e) => r(`${e.name}: ${e.message}`)));
    process.emitWarning('old', 'DeprecationWarning');
    process.stdout.write('one\ntw');
    process.stdout.write('o\n');
    const t = hrtime();
    return new Response(JSON.stringify([
        process === globalThis.process, String(process), process.platform,
        process.argv, process.argv0, names.filter((name) => !(name in process)),
        process.cwd(), process.pid, /^v\d+\./.test(version),
        process.versions.node === version.slice(1), process.execArgv,
        hrtime(t)[0], typeof hrtime.bigint(), process.uptime(),
        process.memoryUsage().rss, process.umask(0o77), process.umask(),
        process.getuid(), process.exitCode ?? 'none', process.stdout.isTTY ?? 'none',
        await warned,
        said(() => process.chdir('/tmp')), process.cwd(),
        said(() => process.chdir('/nope')), said(() => process.setuid(5)),
        said(() => process.kill(1)), said(() => process.exit(2)),
        said(() => process.hrtime('x')), said(() => process.loadEnvFile()),
    ], null, 1));
} };
--- response_body chomp
[
 true,
 "[object process]",
 "linux",
 [
  "workerd"
 ],
 "workerd",
 [],
 "/bundle",
 1,
 true,
 true,
 [],
 0,
 "bigint",
 0,
 0,
 18,
 63,
 0,
 "none",
 "none",
 "DeprecationWarning: old",
 null,
 "/tmp",
 "ENOENT no such file or directory, chdir 'nope'",
 "EPERM operation not permitted",
 "ERR_METHOD_NOT_IMPLEMENTED The process.kill method is not implemented",
 "undefined process.exit(2) was called",
 "ERR_INVALID_ARG_TYPE The \"time\" argument must be tuple of integers. Received type string ('x')",
 "ENOENT no such file or directory, readAll '/tmp/.env'"
]
--- error_log eval
[qr/one/, qr/two/]
