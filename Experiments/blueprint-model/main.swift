import Foundation
// input: old, new, ops file (u64 kind,len,addr)*
let a = CommandLine.arguments
let old = [UInt8](try! Data(contentsOf: URL(fileURLWithPath: a[1]))), new = [UInt8](try! Data(contentsOf: URL(fileURLWithPath: a[2])))
let raw = try! Data(contentsOf: URL(fileURLWithPath: a[3]))
let words = raw.withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
let leafSize = 4 << 20
let chain = a.count > 4 ? Int(a[4])! : 1000
struct Op { var k: Int, len: Int, o: Int }
var leaves: [[Op]] = []; var cur: [Op] = []; var room = leafSize
for i in stride(from: 0, to: words.count, by: 3) { var k = Op(k: Int(words[i]), len: Int(words[i+1]), o: Int(words[i+2]))
  while k.len > 0 { let n = min(k.len, room); cur.append(Op(k: k.k, len: n, o: k.o)); k.len -= n; k.o += n; room -= n; if room == 0 { leaves.append(cur); cur = []; room = leafSize } } }
if !cur.isEmpty { leaves.append(cur) }
func segs(_ l: [Op]) -> [Segment] { var p = 0; var r: [Segment] = []; for q in l { if q.k != 2 { if let x = r.last, x.address + UInt64(x.length) == UInt64(q.o), x.place + x.length == p { r[r.count-1].length += q.len } else { r.append(Segment(address: UInt64(q.o), length: q.len, place: p)) } }; p += q.len }; return r }
let enc = ByteEncoder(); var coded: [[UInt8]] = []; var colBytes = 0
let clock = ContinuousClock()
nonisolated(unsafe) let base = UnsafeMutablePointer<UInt8>.allocate(capacity: leafSize + 16)
func load(_ q: Op) -> UnsafePointer<UInt8> { for i in 0..<8 { base[i] = 0; base[8+q.len+i] = 0 }; old.withUnsafeBufferPointer { memcpy(base+8, $0.baseAddress! + q.o, q.len) }; return UnsafePointer(base+8) }
let t0 = clock.now
new.withUnsafeBytes { nb in
 var start = 0
 for (i, l) in leaves.enumerated() { let n = l.reduce(0){$0+$1.len}; let lb = UnsafeRawBufferPointer(rebasing: nb[start..<start+n])
  if i % chain == 0 { enc.reset() }
  enc.begin(segs(l)); var p = 0
  for q in l { if q.k == 1 { enc.add(lb, p..<p+q.len, base: load(q), address: UInt64(q.o)) } else if q.k == 2 { enc.literal(lb, p..<p+q.len) }; p += q.len }
  coded.append(enc.finish(length: n)); start += n
  var cols = ColumnEncoder(numberContexts: 32, choiceContexts: 25, choiceBits: 3); var k1 = 0, k2 = 0, diag = 0, pos = 0; var ll = [0,0,0]
  for q in l { cols.choice(q.k, k1*5+k2); cols.number(UInt64(q.len-1), q.k*8 + (q.k == 0 ? min(7, ll[1]) : min(7, ll[0]/2))); ll[q.k] = 63 - UInt64(q.len).leadingZeroBitCount
    if q.k != 2 { let d = q.o - pos - diag; let z = d >= 0 ? 2*d : -2*d-1; cols.number(UInt64(z), 24 + k1); diag = q.o - pos }
    pos += q.len; k2 = k1; k1 = q.k }
  colBytes += cols.finish().count
 } }
let t1 = clock.now
let dec = ByteDecoder(); var ok = true
let out = UnsafeMutableRawBufferPointer.allocate(byteCount: leafSize, alignment: 16)
var start = 0
for (i, l) in leaves.enumerated() { let n = l.reduce(0){$0+$1.len}
  if i % chain == 0 { dec.reset() }
  let good = dec.leaf(coded[i], segs(l), length: n) { d in var p = 0
   for q in l { switch q.k { case 0: old.withUnsafeBufferPointer { memcpy(out.baseAddress! + p, $0.baseAddress! + q.o, q.len) }
     case 1: d.add(out, p..<p+q.len, base: load(q), address: UInt64(q.o))
     default: d.literal(out, p..<p+q.len) }; p += q.len } }
  if !good || new.withUnsafeBufferPointer({ memcmp($0.baseAddress! + start, out.baseAddress!, n) }) != 0 { ok = false; print("leaf \(i) bad \(good)"); break }
  start += n }
let t2 = clock.now
print("bytes", coded.reduce(0){$0+$1.count}, "cols", colBytes, "ok", ok, "enc", t1-t0, "dec", t2-t1)
