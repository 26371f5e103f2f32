# Copyright (C) the nginx-workers authors
#
# node:events.

use strict;
use warnings;

use lib 't/lib';
use Workers 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('script', "        compatibility_date 2026-07-01;\n"
                                . "        compatibility_flags "
                                . "nodejs_compat;\n");
});

run_tests();

__DATA__

=== TEST 1: listeners, in their order and while they run
--- user_files
>>> w.js
import EventEmitter, { once, on, EventEmitter as E2, errorMonitor, captureRejectionSymbol, getEventListeners, listenerCount, setMaxListeners, getMaxListeners, addAbortListener, EventEmitterAsyncResource, defaultMaxListeners, usingDomains } from 'node:events';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>{ const e=new EventEmitter(),o=[]; e.on('a',(x)=>o.push(['1',x])); e.prependListener('a',()=>o.push('0')); e.once('a',()=>o.push('once')); e.prependOnceListener('a',()=>o.push('ponce')); return [e.emit('a',5),e.emit('a',6),o,e.emit('none'),e.listenerCount('a'),e.eventNames(),e.rawListeners('a').length]; });
    t(()=>{ const e=new EventEmitter(),o=[]; const f=()=>o.push('f'); e.on('a',f); e.on('a',f); e.off('a',f); e.emit('a'); e.removeAllListeners('a'); e.emit('a'); return [o,e.listenerCount('a')]; });
    t(()=>{ const e=new EventEmitter(),o=[]; const b=()=>o.push('b'); e.on('a',()=>{ o.push('a'); e.off('a',b); e.on('a',()=>o.push('new')); }); e.on('a',b); e.emit('a'); e.emit('a'); return o; });
    t(()=>{ const e=new EventEmitter(); let s; e.on('a',function(){ s=this===e; }); e.emit('a'); return s; });
    t(()=>{ const e=new EventEmitter(),k=Symbol('k'); let n=0; e.on(k,()=>n++); e.emit(k); return [n,e.eventNames().length]; });
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
[true,true,["ponce","0",["1",5],"once","0",["1",6]],false,2,["a"],2]
[["f"],0]
["a","b","a","new"]
true
[1,1]



=== TEST 2: an error that nobody hears, and one that is only watched
--- user_files
>>> w.js
import EventEmitter, { once, on, EventEmitter as E2, errorMonitor, captureRejectionSymbol, getEventListeners, listenerCount, setMaxListeners, getMaxListeners, addAbortListener, EventEmitterAsyncResource, defaultMaxListeners, usingDomains } from 'node:events';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>new EventEmitter().emit('error',new Error('boom')));
    t(()=>new EventEmitter().emit('error','text'));
    t(()=>new EventEmitter().emit('error',{a:1}));
    t(()=>new EventEmitter().emit('error'));
    t(()=>{ const e=new EventEmitter(),o=[]; e.on(errorMonitor,(x)=>o.push('m '+x.message)); e.on('error',(x)=>o.push('e '+x.message)); e.emit('error',new Error('z')); return o; });
    await a(async()=>{ const e=new EventEmitter({captureRejections:true}),o=[]; e.on('error',(x)=>o.push(x.message)); e.on('a',async()=>{ throw new Error('async'); }); e.emit('a'); await new Promise(r=>setTimeout(r,5)); return o; });
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
["Error",null,"boom"]
["Error","ERR_UNHANDLED_ERROR","Unhandled error. ('text')"]
["Error","ERR_UNHANDLED_ERROR","Unhandled error. ({ a: 1 })"]
["Error","ERR_UNHANDLED_ERROR","Unhandled error. (undefined)"]
["m z","e z"]
["async"]



=== TEST 3: newListener and removeListener, limits, wrong arguments
--- user_files
>>> w.js
import EventEmitter, { once, on, EventEmitter as E2, errorMonitor, captureRejectionSymbol, getEventListeners, listenerCount, setMaxListeners, getMaxListeners, addAbortListener, EventEmitterAsyncResource, defaultMaxListeners, usingDomains } from 'node:events';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>{ const e=new EventEmitter(),o=[]; e.on('newListener',(n,f)=>o.push(['new',String(n),typeof f])); e.on('removeListener',(n)=>o.push(['rm',String(n)])); const f=()=>{}; e.on('x',f); e.once('y',f); e.off('x',f); e.emit('y'); return o; });
    t(()=>{ const e=new EventEmitter(); e.setMaxListeners(3); setMaxListeners(7,e); return [e.getMaxListeners(),getMaxListeners(e)]; });
    t(()=>new EventEmitter().on('a',5));
    t(()=>new EventEmitter().setMaxListeners(-1));
    t(()=>new EventEmitter({captureRejections:5}));
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
[["new","removeListener","function"],["new","x","function"],["new","y","function"],["rm","x"],["rm","y"]]
[7,7]
["TypeError","ERR_INVALID_ARG_TYPE","The \"listener\" argument must be of type function. Received type number (5)"]
["RangeError","ERR_OUT_OF_RANGE","The value of \"n\" is out of range. It must be a non-negative number. Received -1"]
["TypeError","ERR_INVALID_ARG_TYPE","The \"options.captureRejections\" property must be of type boolean. Received type number (5)"]



=== TEST 4: once() and on() as promises and iterators
--- user_files
>>> w.js
import EventEmitter, { once, on, EventEmitter as E2, errorMonitor, captureRejectionSymbol, getEventListeners, listenerCount, setMaxListeners, getMaxListeners, addAbortListener, EventEmitterAsyncResource, defaultMaxListeners, usingDomains } from 'node:events';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    await a(async()=>{ const e=new EventEmitter(); setTimeout(()=>e.emit('a',1,2),1); return once(e,'a'); });
    await a(async()=>{ const e=new EventEmitter(); setTimeout(()=>e.emit('error',new Error('bad')),1); return once(e,'a'); });
    await a(async()=>{ const ac=new AbortController(); setTimeout(()=>ac.abort(),1); return once(new EventEmitter(),'a',{signal:ac.signal}); });
    await a(async()=>{ const et=new EventTarget(); setTimeout(()=>et.dispatchEvent(new Event('x')),1); const [ev]=await once(et,'x'); return ev.type; });
    await a(async()=>{ const e=new EventEmitter(),o=[]; setTimeout(()=>{ e.emit('a',1); e.emit('a',2); e.emit('end'); },1); for await (const v of on(e,'a',{close:['end']})) o.push(v); return o; });
    await a(async()=>{ const e=new EventEmitter(); setTimeout(()=>e.emit('error',new Error('q')),1); for await (const v of on(e,'a')) {} });
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
[1,2]
["Error",null,"bad"]
["AbortError","ABORT_ERR","The operation was aborted"]
"x"
[[1],[2]]
["Error",null,"q"]



=== TEST 5: statics, inheritance, EventEmitterAsyncResource
--- user_files
>>> w.js
import EventEmitter, { once, on, EventEmitter as E2, errorMonitor, captureRejectionSymbol, getEventListeners, listenerCount, setMaxListeners, getMaxListeners, addAbortListener, EventEmitterAsyncResource, defaultMaxListeners, usingDomains } from 'node:events';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>[EventEmitter===E2,EventEmitter.defaultMaxListeners,defaultMaxListeners,usingDomains,EventEmitter.EventEmitter===EventEmitter,typeof EventEmitter.once,EventEmitter.captureRejections,String(captureRejectionSymbol),String(errorMonitor)]);
    t(()=>{ const e=new EventEmitter(); const f=()=>{}; e.once('a',f); const et=new EventTarget(); et.addEventListener('z',f); return [getEventListeners(e,'a')[0]===f,getEventListeners(et,'z').length,listenerCount(e,'a')]; });
    t(()=>{ const ac=new AbortController(); let n=0; const d=addAbortListener(ac.signal,()=>n++); ac.abort(); return [n,typeof d[Symbol.dispose]]; });
    t(()=>{ class X extends EventEmitter {} const x=new X(); function Y(){ EventEmitter.call(this); } Object.setPrototypeOf(Y.prototype,EventEmitter.prototype); const y=new Y(); let s=0; y.on('a',()=>s++); y.emit('a'); return [x instanceof EventEmitter,s,Object.keys(new EventEmitter())]; });
    t(()=>{ const e=new EventEmitterAsyncResource({name:'N'}); let v; e.on('a',(x)=>{ v=x; }); e.emit('a',9); return [v,e.asyncResource?.constructor?.name,typeof e.asyncId,e instanceof EventEmitter]; });
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
[true,10,10,false,true,"function",false,"Symbol(nodejs.rejection)","Symbol(events.errorMonitor)"]
[true,0,1]
[1,"function"]
[true,1,["_events","_eventsCount","_maxListeners","domain"]]
[9,"EventEmitterReferencingAsyncResource","undefined",true]
