internal import CMixing

/// Codes bytes that resemble bytes of the log (`Specs/model.md` §5): where they differ from what was foretold, and by how
/// much.
final class DifferenceModel {
    /// After so many bytes that are as foretold, it is told how many more follow.
    private static let quiet = 24
    /// The numbers that are coded: runs, and how wrong a distance was.
    private enum Numbers {
        static let runs = 0
        static let distances = 4
        static let all = 12
    }

    private let flags = SlotTable(logLines: 12)
    private let values = SlotTable(logLines: 13)
    private let fields = UnsafeMutablePointer<UInt32>.allocate(capacity: 1 << 12)
    private let flagMixer = Mixer(sets: 24 * 8, rate: 10)
    private let valueMixer = Mixer(sets: 3 * 256, rate: 6)
    private var numbers = NumberModel(contexts: Numbers.all)
    private var targets = MovedTargets()
    private let native = NativeCode.shared

    /// One bit for each byte before: whether it differed from its base. The latest is the lowest.
    private var history: UInt32 = 0
    /// Bytes since the latest that differed.
    private var since: UInt32 = 0
    /// The latest difference, and the one before.
    private var last: UInt32 = 0
    private var secondLast: UInt32 = 0
    /// One bit for each distance before: whether it was wrong.
    private var wrong = 0
    private var runClass = 0

    init() {}

    deinit {
        flags.free()
        values.free()
        fields.deallocate()
        flagMixer.free()
        valueMixer.free()
        numbers.free()
        targets.free()
    }

    /// Forgets all, and takes note of what the leaf takes from the log.
    func begin(_ stretches: [Stretch]) {
        flags.reset()
        values.reset()
        fields.update(repeating: 0, count: 1 << 12)
        flagMixer.reset()
        valueMixer.reset()
        numbers.reset()
        targets.begin(stretches)
        (last, secondLast, wrong, runClass) = (0, 0, 0, 0)
    }

    /// Codes the bytes at `range` of the leaf, whose base stands in the log at `address`.
    func code<Coder: BitCoder>(
        _ leaf: UnsafeMutablePointer<UInt8>, _ range: Range<Int>, base: UnsafePointer<UInt8>, address: UInt64,
        _ coder: inout Coder
    ) {
        let new = leaf + range.lowerBound
        let count = range.count
        (history, since) = (0, UInt32(Self.quiet))
        var run: Int? = nil
        var offset = 0
        while offset < count {
            if let left = run, left > 0 {
                let end = follow(new, base, offset, offset + min(left, count - offset), count, Coder.isDecoding)
                run = left - (end - offset)
                offset = end
                guard offset < count else { return }
            }
            let kind = kind(new, offset, count)
            if kind != NativeCode.none {
                distance(
                    new + offset, base + offset, kind: kind, place: range.lowerBound + offset,
                    address: address &+ UInt64(offset), &coder)
                offset += 4
                continue
            }
            if since < Self.quiet {
                if isDifferent(new, base, offset, count, &coder) {
                    value(new, base, offset, count, &coder)
                } else {
                    take(new, base, offset, Coder.isDecoding)
                }
                offset += 1
                continue
            }
            run = run ?? self.run(new, base, offset, count, &coder)
            guard run == 0 else { continue }
            value(new, base, offset, count, &coder)
            run = nil
            offset += 1
        }
    }

    @inline(__always)
    private func take(_ new: UnsafeMutablePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ offset: Int, _ writes: Bool) {
        if writes { new[offset] = base[offset] }
        history <<= 1
        since += 1
    }

    /// The kind of distance that begins at `offset`.
    @inline(__always)
    private func kind(_ new: UnsafePointer<UInt8>, _ offset: Int, _ count: Int) -> UInt8 {
        guard offset >= 2, offset + 4 <= count else { return NativeCode.none }
        return native.kinds[Int(new[offset - 2]) << 8 | Int(new[offset - 1])]
    }

    /// Where a stretch that is as its base ends: at the first distance, or at `end`. From two bytes on, what stands before
    /// a distance is of the base, too.
    private func follow(
        _ new: UnsafeMutablePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ count: Int,
        _ writes: Bool
    ) -> Int {
        var place = start
        while place < min(end, start + 2) {
            guard kind(new, place, count) == NativeCode.none else { return place }
            if writes { new[place] = base[place] }
            place += 1
        }
        let reached = native.next(in: base, from: place, below: end, of: count)
        if writes { (new + place).update(from: base + place, count: reached - place) }
        return reached
    }

    /// How many bytes from `offset` on, distances not counted, are as their base; more than there are, if all are.
    private func run<Coder: BitCoder>(
        _ new: UnsafeMutablePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ start: Int, _ count: Int,
        _ coder: inout Coder
    ) -> Int {
        let length = Coder.isDecoding ? 0 : equalBytes(new, base, start, count).map { UInt64($0) + 1 } ?? 0
        let coded = numbers.code(length, Numbers.runs + (start == 0 ? 3 : runClass), &coder)
        runClass = coded == 0 ? 0 : coded < 64 ? 1 : 2
        return coded == 0 ? Int.max : Int(truncatingIfNeeded: coded &- 1) & (1 << 40 - 1)
    }

    /// How many bytes, distances not counted, are as their base before one that is not; `nil` if all are.
    private func equalBytes(
        _ new: UnsafePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ start: Int, _ count: Int
    ) -> Int? {
        var (offset, counted, reach) = (start, 0, 256)
        while offset < count {
            guard kind(new, offset, count) == NativeCode.none else {
                offset += 4
                continue
            }
            let end = native.next(in: new, from: max(2, offset + 1), below: min(count, offset + reach), of: count)
            let equal = packetfs_count_equal(new + offset, base + offset, end - offset)
            counted += equal
            guard equal == end - offset else { return counted }
            offset = end
            reach = min(reach * 2, 1 << 16)
        }
        return nil
    }

    /// Differences of bytes before: what tables repeat.
    @inline(__always)
    private func difference(_ new: UnsafePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ offset: Int, _ back: Int)
        -> UInt32
    {
        offset >= back ? UInt32(new[offset - back] &- base[offset - back]) : 0
    }

    @inline(__always)
    private func ahead(_ base: UnsafePointer<UInt8>, _ offset: Int, _ count: Int) -> UInt32 {
        guard offset + 4 <= count else { return UInt32(base[offset]) }
        return UInt32(littleEndian: UnsafeRawPointer(base + offset).loadUnaligned(as: UInt32.self))
    }

    @inline(__always)
    private func isDifferent<Coder: BitCoder>(
        _ new: UnsafeMutablePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ offset: Int, _ count: Int,
        _ coder: inout Coder
    ) -> Bool {
        let four = difference(new, base, offset, 4)
        let eight = difference(new, base, offset, 8)
        let before = UInt32(offset > 0 ? new[offset - 1] : 0)
        let contexts = (
            context(1, history & 0xfff),
            context(2, UInt32(base[offset]) | before << 8, min(since, 3)),
            context(3, four | eight << 8 | difference(new, base, offset, 24) << 16, history & 7),
            context(4, ahead(base, offset, count), history & 3)
        )
        let set = Int(min(since, 23)) << 3 | Int(history >> 1 & 7)
        return flagMixer.code(new[offset] == base[offset] ? 0 : 1, flags, contexts, set: set, &coder) == 1
    }

    /// Codes a byte that differs from its base.
    @inline(__always)
    private func value<Coder: BitCoder>(
        _ new: UnsafeMutablePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ offset: Int, _ count: Int,
        _ coder: inout Coder
    ) {
        let old = UInt32(base[offset])
        let before = UInt32(offset > 0 ? new[offset - 1] : 0)
        let close = min(since, 4)
        let four = difference(new, base, offset, 4)
        let eight = difference(new, base, offset, 8)
        let contexts = (
            context(11, last | close << 8),
            context(12, old | before << 8),
            context(13, four | eight << 8 | difference(new, base, offset, 24) << 16, history & 3),
            context(14, old | last << 8 | secondLast << 16, close)
        )
        let set = Int(min(since, 2)) << 8
        let difference = valueMixer.code(byte: new[offset] &- base[offset], values, contexts, set: set, &coder)
        if Coder.isDecoding { new[offset] = base[offset] &+ difference }
        history = history << 1 | 1
        since = 0
        secondLast = last
        last = UInt32(difference)
    }

    /// Codes the four bytes of a distance in native code: whether they are as foretold; if not, whether they are as their
    /// base; if not, how wrong they were foretold.
    private func distance<Coder: BitCoder>(
        _ new: UnsafeMutablePointer<UInt8>, _ base: UnsafePointer<UInt8>, kind: UInt8, place: Int, address: UInt64,
        _ coder: inout Coder
    ) {
        let old = Self.word(base)
        let target = Int64(truncatingIfNeeded: address) &+ 4 &+ Int64(Int32(bitPattern: old))
        let isCode = kind != 4
        let (shift, source) = targets.shift(of: target, isCode: isCode)
        let foretold = UInt32(truncatingIfNeeded: target &+ shift &- Int64(place) &- 4)
        let wanted = Self.word(new)
        let state =
            (Int(kind) << 2 | source.rawValue) << 5 | (wrong & 7) << 2 | (since < 8 ? 1 : 0) | (foretold == old ? 2 : 0)
        var result = foretold
        if bit(wanted == foretold ? 0 : 1, state << 1, &coder) == 0 {
            wrong <<= 1
        } else if foretold != old, bit(wanted == old ? 0 : 1, state << 1 | 1, &coder) == 0 {
            result = old
            wrong = wrong << 1 | 1
        } else {
            wrong = wrong << 1 | 1
            let error = Int64(Int32(bitPattern: wanted &- foretold))
            let zigzag = UInt64(bitPattern: error << 1 ^ error >> 63)
            let coded = numbers.code(zigzag, Numbers.distances + source.rawValue * 2 + (isCode ? 1 : 0), &coder)
            result = foretold &+ UInt32(truncatingIfNeeded: Int64(bitPattern: coded >> 1 ^ (0 &- (coded & 1))))
        }
        if Coder.isDecoding { UnsafeMutableRawPointer(new).storeBytes(of: result.littleEndian, as: UInt32.self) }
        let moved = Int64(place) &+ 4 &+ Int64(Int32(bitPattern: result)) &- target
        targets.learn(target, shift: moved, isCode: isCode)
    }

    @inline(__always)
    private func bit<Coder: BitCoder>(_ bit: Int, _ place: Int, _ coder: inout Coder) -> Int {
        let slot = fields + place
        let coded = coder.code(bit, max(32, min(65_504, Slot.probability(slot.pointee) >> 6)))
        Slot.update(&slot.pointee, coded, SlotRates.shared.values)
        return coded
    }

    @inline(__always)
    private static func word(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self))
    }
}
