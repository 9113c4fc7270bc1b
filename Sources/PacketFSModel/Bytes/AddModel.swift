/// Codes bytes that resemble bytes of the log (`Specs/model.md` §5): for each, whether it is what was foretold, and if not,
/// what it is less its base.
package final class AddModel {
    /// Zeros around the base, so that no context reaches beyond it.
    package static let margin = 8

    private let hits = SlotTable(logLines: 16)
    private let misses = SlotTable(logLines: 18)
    private let easy = SlotTable(logLines: 8)
    private let hitMixer = Mixer(sets: 16 * 8 * 16, rate: 10)
    private let missMixer = Mixer(sets: 5 * 3 * 8, rate: 6)
    private let inputs = UnsafeMutablePointer<UnsafeMutablePointer<UInt32>>.allocate(capacity: Mixer.inputs)
    private let rates = UnsafePointer(SlotRates.shared.values)
    private var targets = MovedTargets()
    private var origin: Int64 = 0

    /// One bit for each byte before: whether it differed from its base. The latest is the lowest.
    private var history: UInt32 = 0
    /// Bytes since the latest that differed, and its difference and that of the one before.
    private var since: UInt32 = 0
    private var last: UInt32 = 0
    private var secondLast: UInt32 = 0

    init() {}

    deinit {
        hits.free()
        misses.free()
        easy.free()
        hitMixer.free()
        missMixer.free()
        inputs.deallocate()
    }

    func reset() {
        hits.reset()
        misses.reset()
        easy.reset()
        hitMixer.reset()
        missMixer.reset()
        targets.reset()
        (last, secondLast) = (0, 0)
    }

    func begin(_ segments: [Segment], origin: Int64) {
        targets.begin(segments)
        self.origin = origin
    }

    /// Four bytes that are a distance in native code, and what is foretold of them.
    fileprivate struct Field {
        var bytes: UInt32 = 0
        var target: Int64 = 0
        var source = 0
        var isCode = false
        /// How many of its bytes were met so far; 4: none is open.
        var met = 4
        var missed: UInt32 = 0

        var isOpen: Bool { met < 4 }
    }

    func code<Coder: BitCoder>(
        _ leaf: UnsafeMutablePointer<UInt8>, _ range: Range<Int>, base: UnsafePointer<UInt8>, address: UInt64,
        _ coder: inout Coder
    ) {
        (history, since) = (0, 255)
        var field = Field()
        var recent = Recent(leaf, before: range.lowerBound)
        for offset in 0..<range.count {
            let place = range.lowerBound + offset
            let old = base + offset
            if !field.isOpen, offset + 4 <= range.count, let isCode = recent.opensField {
                field = open(old, at: address &+ UInt64(offset), place: place, isCode: isCode)
            }
            let foretold = field.isOpen ? UInt8(truncatingIfNeeded: field.bytes >> UInt32(8 * field.met)) : old.pointee
            let differences = Differences(leaf, place: place, old: old, offset: offset)
            let new = byte(leaf[place], old, foretold, field, recent, differences, &coder)
            if Coder.isDecoding { leaf[place] = new }
            note(new &- old.pointee)
            recent.push(new)
            if field.isOpen { meet(&field, isRight: new == foretold, at: place, recent) }
        }
    }

    @inline(__always)
    private func note(_ difference: UInt8) {
        if difference == 0 {
            history <<= 1
            since = min(since + 1, 255)
        } else {
            history = history << 1 | 1
            since = 0
            secondLast = last
            last = UInt32(difference)
        }
    }

    private func open(_ old: UnsafePointer<UInt8>, at address: UInt64, place: Int, isCode: Bool) -> Field {
        let distance = Int64(Int32(bitPattern: Self.word(old)))
        let target = Int64(truncatingIfNeeded: address) &+ 4 &+ distance
        let (shift, source) = targets.shift(of: target, isCode: isCode, origin: origin)
        let moved = target &+ shift &- (origin &+ Int64(place)) &- 4
        return Field(
            bytes: UInt32(truncatingIfNeeded: moved), target: target, source: source.rawValue * 2 - (isCode ? 1 : 0),
            isCode: isCode, met: 0)
    }

    private func meet(_ field: inout Field, isRight: Bool, at place: Int, _ recent: Recent) {
        if !isRight { field.missed = min(15, field.missed + (field.missed == 0 ? 5 : 1)) }
        field.met += 1
        guard field.met == 4 else { return }
        let distance = Int64(Int32(bitPattern: recent.word))
        let shift = origin &+ Int64(place) &+ 1 &+ distance &- field.target
        targets.learn(field.target, shift: shift, isCode: field.isCode)
    }

    @inline(__always)
    fileprivate static func word(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self))
    }
}

extension AddModel {
    /// Differences of bytes before, four, eight, twelve and 24 back: what tables repeat.
    fileprivate struct Differences {
        let four: UInt32
        let eight: UInt32
        let twentyFour: UInt32

        @inline(__always)
        init(_ leaf: UnsafePointer<UInt8>, place: Int, old: UnsafePointer<UInt8>, offset: Int) {
            four = offset >= 4 ? UInt32(leaf[place - 4] &- (old - 4).pointee) : 0
            eight = offset >= 8 ? UInt32(leaf[place - 8] &- (old - 8).pointee) : 0
            twentyFour = offset >= 24 ? UInt32(leaf[place - 24] &- (old - 24).pointee) : 0
        }

        var all: UInt32 { four | eight << 8 | twentyFour << 16 }
        var anyBits: UInt32 { (four == 0 ? 0 : 1) | (eight == 0 ? 0 : 2) | (twentyFour == 0 ? 0 : 4) }
    }

    /// What surrounds a byte, as the contexts want it.
    fileprivate struct Around {
        let base: UInt32
        let foretold: UInt32
        let ahead: UInt32
        let before: UInt32
        let recent: UInt32
        let field: UInt32

        @inline(__always)
        init(_ old: UnsafePointer<UInt8>, _ foretold: UInt8, _ field: Field, _ recent: Recent) {
            base = UInt32(old.pointee)
            self.foretold = UInt32(foretold)
            ahead = AddModel.word(old)
            before = AddModel.word(old - 1)
            self.recent = recent.word
            self.field = field.isOpen ? UInt32(field.met + 1) | UInt32(field.source) << 3 | field.missed << 7 : 0
        }
    }

    /// Codes one byte: whether it is as foretold; if it was foretold to differ from its base, whether it is like that; else
    /// the difference.
    @inline(__always)
    private func byte<Coder: BitCoder>(
        _ new: UInt8, _ old: UnsafePointer<UInt8>, _ foretold: UInt8, _ field: Field, _ recent: Recent,
        _ differences: Differences, _ coder: inout Coder
    ) -> UInt8 {
        let around = Around(old, foretold, field, recent)
        if hit(new == foretold, around, differences, field, &coder) { return foretold }
        let base = old.pointee
        if base != foretold, sameAsBase(new == base, around, &coder) { return base }
        return miss(new &- base, around, differences, field, &coder) &+ base
    }

    @inline(__always)
    private func hit<Coder: BitCoder>(
        _ isHit: Bool, _ around: Around, _ differences: Differences, _ field: Field, _ coder: inout Coder
    ) -> Bool {
        let bit = isHit ? 0 : 1
        // Most bytes are as foretold, and nothing speaks against it: one slot settles these, at a fraction of the time.
        let simple = easy.slot(
            context(0, around.field, min(since, 24), differences.anyBits << 8 | (around.foretold == around.base ? 1 : 0)))
        let chance = Slot.probability(simple.pointee)
        if chance < 1 << 12, Slot.count(simple.pointee) >= 128 {
            let coded = coder.code(bit, max(16, chance >> 6))
            Slot.update(&simple.pointee, coded, rates)
            return coded == 0
        }
        let few = history & 7
        inputs[0] = hits.slot(context(1, history & 255, around.field))
        inputs[1] = hits.slot(context(2, around.base | (around.recent >> 24) << 8, around.field & 127, differences.anyBits))
        inputs[2] = hits.slot(context(3, around.recent >> 8, around.base))
        inputs[3] = hits.slot(context(4, min(since, 40) | last << 8, around.field & 127))
        inputs[4] = hits.slot(context(5, differences.all, few))
        inputs[5] = hits.slot(context(6, around.ahead, history & 3))
        inputs[6] = hits.slot(context(7, around.before, history & 1))
        inputs[7] = hits.slot(context(8, around.ahead & 0xffff, around.recent >> 24 | (history & 15) << 8, around.field))
        let set = (Int(min(since, 15)) * 8 + (field.isOpen ? field.met + 1 : 0)) * 16 + (field.isOpen ? field.source : 0)
        let coded = hitMixer.code(bit, inputs, set: set, &coder)
        Slot.update(&simple.pointee, coded, rates)
        return coded == 0
    }

    @inline(__always)
    private func sameAsBase<Coder: BitCoder>(_ isSame: Bool, _ around: Around, _ coder: inout Coder) -> Bool {
        let slot = easy.slot(context(9, around.field))
        let bit = coder.code(isSame ? 1 : 0, max(64, min(65_472, Slot.probability(slot.pointee) >> 6)))
        Slot.update(&slot.pointee, bit, rates)
        return bit == 1
    }

    @inline(__always)
    private func miss<Coder: BitCoder>(
        _ difference: UInt8, _ around: Around, _ differences: Differences, _ field: Field, _ coder: inout Coder
    ) -> UInt8 {
        let met = field.isOpen ? UInt32(field.met + 1) : 0
        let close = min(since, 4)
        let contexts = (
            context(11, last | close << 8, met), context(12, around.base | last << 8 | secondLast << 16, close),
            context(13, around.base | (around.recent >> 24) << 8), context(14, around.recent >> 16, around.base),
            context(15, around.foretold &- around.base, met, around.foretold), context(16, differences.all, history & 3),
            context(17, around.ahead, history & 1), context(18, around.before, history & 1)
        )
        let set = (Int(met) * 3 + Int(min(since, 2))) * 8
        var node = 1
        for half in 0..<2 {
            let path = half == 0 ? 0 : UInt32(node) &* 0x0101_6b2f
            let lines = (
                misses.line(contexts.0 ^ path), misses.line(contexts.1 ^ path), misses.line(contexts.2 ^ path),
                misses.line(contexts.3 ^ path), misses.line(contexts.4 ^ path), misses.line(contexts.5 ^ path),
                misses.line(contexts.6 ^ path), misses.line(contexts.7 ^ path)
            )
            var slot = 1
            for depth in 0..<4 {
                inputs[0] = lines.0 + slot
                inputs[1] = lines.1 + slot
                inputs[2] = lines.2 + slot
                inputs[3] = lines.3 + slot
                inputs[4] = lines.4 + slot
                inputs[5] = lines.5 + slot
                inputs[6] = lines.6 + slot
                inputs[7] = lines.7 + slot
                let index = half * 4 + depth
                let bit = missMixer.code(Int(difference) >> (7 - index) & 1, inputs, set: set + index, &coder)
                slot = slot << 1 | bit
                node = node << 1 | bit
            }
        }
        return UInt8(truncatingIfNeeded: node)
    }
}
