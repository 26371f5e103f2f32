# Copyright (C) the nginx-workers authors
#
# node:buffer.

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

=== TEST 1: made of strings, arrays, buffers
--- user_files
>>> w.js
import { Buffer, kMaxLength, constants, transcode, isUtf8, isAscii, INSPECT_MAX_BYTES, SlowBuffer, Blob, File, atob, btoa } from 'node:buffer';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>[Buffer.from('héllo').toString('hex'),Buffer.from('68656c6c6f','hex')+'',Buffer.from('aGk=','base64')+'',Buffer.from('aGk','base64url')+'',Buffer.from('ÿ','latin1')[0],Buffer.from('hi','utf16le').toString('hex'),Buffer.from([256,-1,1.9,'3']).toString('hex'),Buffer.from(new Uint16Array([1,258])).toString('hex'),Buffer.from('abc','ascii').length]);
    t(()=>{ const ab=new ArrayBuffer(8); const b=Buffer.from(ab,2,4); b[0]=7; return [b.length,new Uint8Array(ab)[2],b.byteOffset]; });
    t(()=>[Buffer.alloc(3,'ab')+'',Buffer.alloc(4,'YQ==','base64')+'',Buffer.alloc(2,257).toString('hex'),Buffer.allocUnsafe(3).length]);
    t(()=>[Buffer.alloc(5).fill('abc')+'',Buffer.alloc(4).fill(97,1,3).toString('hex'),Buffer.alloc(3).fill('').toString('hex'),Buffer.alloc(4).fill('zz','hex')+'']);
    t(()=>[Buffer.concat([Buffer.from('a'),new Uint8Array([98])])+'',Buffer.concat([Buffer.from('abc')],2)+'',Buffer.concat([Buffer.from('a')],3).toString('hex'),Buffer.concat([]).length]);
    t(()=>[Buffer.from([0xff,0x41,0xe2,0x82])+'',Buffer.from('\ud800x').toString('hex'),Buffer.from('€').toString('ascii'),Buffer.from('€').toString('latin1'),Buffer.from('ab').toString('ucs2'),Buffer.from([0xfb,0xff]).toString('base64'),Buffer.from([0xfb,0xff]).toString('base64url')]);
    t(()=>[Buffer.from('abc','hex').toString('hex'),Buffer.from('zz','hex').length,Buffer.from('a b','base64').toString('hex')]);
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
["68c3a96c6c6f","hello","hi","hi",255,"68006900","00ff0103","0102",3]
[4,7,2]
["aba","aaaa","0101",3]
["TypeError",null,"The text is not valid hex"]
["ab","ab","610000",0]
["�A�","efbfbd78","b\u0002,","â¬","扡","+/8=","-_8"]
["ab",0,"69"]



=== TEST 2: wrong arguments
--- user_files
>>> w.js
import { Buffer, kMaxLength, constants, transcode, isUtf8, isAscii, INSPECT_MAX_BYTES, SlowBuffer, Blob, File, atob, btoa } from 'node:buffer';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>Buffer.from(5));
    t(()=>Buffer.from(null));
    t(()=>Buffer.from('a','nope'));
    t(()=>Buffer.alloc('5'));
    t(()=>Buffer.from(new ArrayBuffer(4),5));
    t(()=>new Buffer(5).length);
    t(()=>Buffer.byteLength(5));
    t(()=>Buffer.from('x').toString('nope'));
    t(()=>Buffer.alloc(1).fill('a',0,5));
    t(()=>Buffer.alloc(4).copy('x'));
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
["TypeError","ERR_INVALID_ARG_TYPE","The first argument must be of type string or an instance of Buffer, TypedArray, ArrayBuffer, SharedArrayBuffer, or Array or an Array-like Object. Received type number (5)"]
["TypeError","ERR_INVALID_ARG_TYPE","The first argument must be of type string or an instance of Buffer, TypedArray, ArrayBuffer, SharedArrayBuffer, or Array or an Array-like Object. Received null"]
["TypeError","ERR_UNKNOWN_ENCODING","Unknown encoding: nope"]
["TypeError","ERR_INVALID_ARG_TYPE","The \"size\" argument must be of type number. Received type string ('5')"]
["RangeError","ERR_BUFFER_OUT_OF_BOUNDS","\"offset\" is outside of buffer bounds"]
5
["TypeError","ERR_INVALID_ARG_TYPE","The \"string\" argument must be of type string or an instance of Buffer or ArrayBuffer. Received type number (5)"]
["TypeError","ERR_UNKNOWN_ENCODING","Unknown encoding: nope"]
["RangeError","ERR_OUT_OF_RANGE","The value of \"end\" is out of range. It must be 0 to 1. Received 5"]
["TypeError","ERR_INVALID_ARG_TYPE","The \"target\" argument must be an instance of Buffer or Uint8Array. Received type string ('x')"]



=== TEST 3: numbers
--- user_files
>>> w.js
import { Buffer, kMaxLength, constants, transcode, isUtf8, isAscii, INSPECT_MAX_BYTES, SlowBuffer, Blob, File, atob, btoa } from 'node:buffer';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>{ const b=Buffer.alloc(32); const o=[b.writeUInt32BE(0xdeadbeef,0),b.writeInt16LE(-2,4),b.writeDoubleBE(1.5,8),b.writeFloatLE(0.1,16),b.writeBigUInt64LE(123456789012345n,20),b.writeUIntBE(0x123456,28,3)]; return [o,b.toString('hex'),b.readUInt32BE(0),b.readInt16LE(4),b.readDoubleBE(8),b.readFloatLE(16),b.readBigUInt64LE(20)+'',b.readUIntBE(28,3),b.readIntLE(4,2)]; });
    t(()=>[Buffer.from('0000c03f','hex').readFloatLE(),Buffer.from('7ff8000000000000','hex').readDoubleBE()+'']);
    t(()=>Buffer.alloc(4).readUInt32LE(1));
    t(()=>Buffer.alloc(4).writeUInt8(256));
    t(()=>Buffer.alloc(4).readInt8('x'));
    t(()=>Buffer.alloc(4).readUIntBE(0,7));
    t(()=>[Buffer.from('0102','hex').swap16().toString('hex'),Buffer.from('01020304','hex').swap32().toString('hex'),Buffer.from('0102030405060708','hex').swap64().toString('hex')]);
    t(()=>Buffer.alloc(3).swap16());
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
[[4,6,16,20,28,31],"deadbeeffeff00003ff8000000000000cdcccc3d79df0d864870000012345600",3735928559,-2,1.5,0.10000000149011612,"123456789012345",1193046,-2]
[1.5,"NaN"]
["RangeError","ERR_OUT_OF_RANGE","The value of \"offset\" is out of range. It must be >= 0 and <= 0. Received 1"]
["RangeError","ERR_OUT_OF_RANGE","The value of \"value\" is out of range. It must be >= 0 and <= 255. Received 256"]
["TypeError","ERR_INVALID_ARG_TYPE","The \"offset\" argument must be of type number. Received type string ('x')"]
["RangeError","ERR_OUT_OF_RANGE","The value of \"byteLength\" is out of range. It must be >= 1 and <= 6. Received 7"]
["0201","04030201","0807060504030201"]
["RangeError","ERR_INVALID_BUFFER_SIZE","Buffer size must be a multiple of 16-bits"]



=== TEST 4: parts, copies, comparisons, what is found where
--- user_files
>>> w.js
import { Buffer, kMaxLength, constants, transcode, isUtf8, isAscii, INSPECT_MAX_BYTES, SlowBuffer, Blob, File, atob, btoa } from 'node:buffer';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>{ const b=Buffer.from('abcdef'); const s=b.subarray(1,3); s[0]=90; return [b+'',b.slice(-2)+'',b.toString('utf8',2,4),b.subarray(4,99)+'',b.at(-1),b.toString(undefined,0,2)]; });
    t(()=>{ const a=Buffer.from('abcdef'),b=Buffer.alloc(4); return [a.copy(b,1,2,4),b.toString('hex'),a.copy(a,2,0,4),a+'']; });
    t(()=>{ const b=Buffer.alloc(6); return [b.write('héx'),b.write('zz',4),b.write('6162',1,'hex'),b.toString('hex'),b.write('abc',0,2)]; });
    t(()=>[Buffer.compare(Buffer.from('a'),Buffer.from('b')),Buffer.from('abc').compare(Buffer.from('xabcx'),1,4),Buffer.from('a').equals(new Uint8Array([97]))]);
    t(()=>{ const b=Buffer.from('abcabcé'); return [b.indexOf('c'),b.indexOf('c',3),b.lastIndexOf('a'),b.indexOf('é'),b.includes('bca'),b.indexOf(98),b.indexOf(Buffer.from('ca')),b.indexOf(''),b.lastIndexOf('abc',2),b.indexOf('zz'),b.indexOf('c',-4)]; });
    t(()=>JSON.stringify(Buffer.from('a')));
    t(()=>[[...Buffer.from('ab')],[...Buffer.from('ab').entries()],[...Buffer.from('ab').keys()]]);
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
["aZcdef","ef","cd","ef",102,"aZ"]
[2,"00636400",4,"ababcd"]
[4,2,2,"686162787a7a",2]
[-1,0,true]
[2,5,3,6,true,1,2,0,0,-1,5]
"{\"type\":\"Buffer\",\"data\":[97]}"
[[97,98],[[0,97],[1,98]],[0,1]]



=== TEST 5: encodings, lengths, the rest of the module
--- user_files
>>> w.js
import { Buffer, kMaxLength, constants, transcode, isUtf8, isAscii, INSPECT_MAX_BYTES, SlowBuffer, Blob, File, atob, btoa } from 'node:buffer';
const out = [];
const er = (e) => [e.name, e.code, e.message];
const t = (f) => { try { const v = f(); out.push(v === undefined ? 'undefined' : v); } catch (e) { out.push(er(e)); } };
const a = async (f) => { try { out.push(await f()); } catch (e) { out.push(er(e)); } };
export default { async fetch() {
    t(()=>['utf8','UTF-8','hex','base64','base64url','latin1','binary','ucs2','utf-16le','ascii','nope',5,undefined].map(Buffer.isEncoding));
    t(()=>[Buffer.byteLength('héé'),Buffer.byteLength('aGk=','base64'),Buffer.byteLength('abcd','hex'),Buffer.byteLength(new ArrayBuffer(3)),Buffer.byteLength('ab','utf16le')]);
    t(()=>[kMaxLength,constants.MAX_LENGTH,INSPECT_MAX_BYTES,Buffer.poolSize,isUtf8(Buffer.from('é')),isUtf8(new Uint8Array([0xff])),isAscii(Buffer.from('é')),transcode(Buffer.from('é'),'utf8','latin1').toString('hex'),typeof SlowBuffer,atob('aGk='),btoa('hi')]);
    return new Response(out.map((v) => JSON.stringify(v)).join('\n'));
} };
--- response_body chomp
[true,true,true,true,true,true,true,true,true,true,false,false,false]
[5,2,2,3,4]
[2147483647,2147483647,50,0,true,false,false,"e9","function","hi","aGk="]
