/// Codes bytes that resemble none of the log (`Specs/model.md` §7): by what followed the same bytes before, and by the
/// bytes just before them.
final class LiteralModel {
    private let table = SlotTable(logLines: 18)
    private let mixer = Mixer(sets: 3 * 256, rate: 6)
    private let matched = UnsafeMutablePointer<UInt32>.allocate(capacity: 32 << 8)
    private let inputs = UnsafeMutablePointer<UnsafeMutablePointer<UInt32>>.allocate(capacity: Mixer.inputs)
    private let rates = UnsafePointer(SlotRates.shared.values)
    private var past = Past()
    /// Hash of the letters and digits since the latest other byte.
    private var word: UInt32 = 0

    init() {
        matched.initialize(repeating: 0, count: 32 << 8)
    }

    deinit {
        table.free()
        mixer.free()
        matched.deallocate()
        inputs.deallocate()
        past.free()
    }

    func reset() {
        table.reset()
        mixer.reset()
        matched.update(repeating: 0, count: 32 << 8)
        past.reset()
    }

    func begin() {
        word = 0
    }

    func code<Coder: BitCoder>(_ leaf: UnsafeMutablePointer<UInt8>, _ range: Range<Int>, _ coder: inout Coder) {
        past.turn(to: leaf, at: range.lowerBound)
        word = 0
        for offset in max(0, range.lowerBound - 16)..<range.lowerBound { spell(leaf[offset]) }
        for place in range {
            let new: UInt8
            if let foretold = past.foretold {
                new = follow(leaf[place], foretold, &coder)
            } else {
                new = byte(leaf[place], &coder)
            }
            if Coder.isDecoding { leaf[place] = new }
            past.push(new)
            spell(new)
        }
    }

    @inline(__always)
    private func spell(_ byte: UInt8) {
        let isWord = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || byte >= 0x30 && byte <= 0x39 || byte == 0x5f
        word = isWord ? (word &+ UInt32(byte) &+ 1) &* 0x2c92_77b5 : 0
    }

    /// Codes whether a byte is what followed the same bytes before, and which if not.
    @inline(__always)
    private func follow<Coder: BitCoder>(_ new: UInt8, _ foretold: UInt8, _ coder: inout Coder) -> UInt8 {
        let slot = matched + (min(past.matchLength, 31) << 8 | Int(foretold))
        let bit = coder.code(new == foretold ? 1 : 0, max(32, min(65_504, Slot.probability(slot.pointee) >> 6)))
        Slot.update(&slot.pointee, bit, rates)
        if bit == 1 { return foretold }
        past.loseMatch()
        return byte(new, &coder)
    }

    @inline(__always)
    private func byte<Coder: BitCoder>(_ new: UInt8, _ coder: inout Coder) -> UInt8 {
        let (four, before) = (past.latest, past.earlier)
        let contexts = (
            context(21, four >> 24), context(22, four >> 16), context(23, four >> 8), context(24, four),
            context(25, four, before >> 16), context(26, word, four >> 24), context(27, four & 0x00ff_ff00),
            context(28, four & 0xff, four >> 24)
        )
        var node = 1
        for half in 0..<2 {
            let path = half == 0 ? 0 : UInt32(node) &* 0x0101_6b2f
            let lines = (
                table.line(contexts.0 ^ path), table.line(contexts.1 ^ path), table.line(contexts.2 ^ path),
                table.line(contexts.3 ^ path), table.line(contexts.4 ^ path), table.line(contexts.5 ^ path),
                table.line(contexts.6 ^ path), table.line(contexts.7 ^ path)
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
                let bit = mixer.code(Int(new) >> (7 - half * 4 - depth) & 1, inputs, set: node, &coder)
                slot = slot << 1 | bit
                node = node << 1 | bit
            }
        }
        return UInt8(truncatingIfNeeded: node)
    }
}

/// Literals so far, and where among them the latest bytes stood before.
private struct Past {
    /// Bytes that are remembered; the oldest give way.
    private static let capacity = 1 << 22
    private static let logHashes = 18
    /// Bytes before a literal that are remembered with it.
    private static let lead = 16
    /// Fewer equal bytes foretell nothing.
    private static let least = 6

    private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    /// Places behind six bytes, by their hash; 0: none.
    private let places = UnsafeMutablePointer<UInt32>.allocate(capacity: 1 << logHashes)
    private var end = 0
    private var match = 0
    private(set) var matchLength = 0
    /// The latest eight bytes, the latest in the highest bits of `latest`.
    private(set) var latest: UInt32 = 0
    private(set) var earlier: UInt32 = 0

    init() {
        reset()
    }

    func free() {
        bytes.deallocate()
        places.deallocate()
    }

    mutating func reset() {
        places.initialize(repeating: 0, count: 1 << Self.logHashes)
        bytes.initialize(repeating: 0, count: Self.capacity)
        (end, match, matchLength, latest, earlier) = (0, 0, 0, 0, 0)
    }

    /// A literal begins at a place of the leaf: the bytes before it are what it follows.
    mutating func turn(to leaf: UnsafePointer<UInt8>, at place: Int) {
        matchLength = 0
        for offset in max(0, place - Self.lead)..<place { push(leaf[offset]) }
    }

    var foretold: UInt8? {
        @inline(__always) get { matchLength > 0 ? bytes[match & (Self.capacity - 1)] : nil }
    }

    mutating func loseMatch() {
        matchLength = 0
    }

    @inline(__always)
    mutating func push(_ byte: UInt8) {
        if matchLength > 0 {
            match += 1
            matchLength = min(matchLength + 1, 63)
        }
        bytes[end & (Self.capacity - 1)] = byte
        end += 1
        earlier = earlier >> 8 | latest << 24
        latest = latest >> 8 | UInt32(byte) << 24
        guard end >= Self.least else { return }
        let mixed = (latest &* 0x9e37_79b1 ^ (earlier >> 16) &* 0x85eb_ca6b) &* 0x2c1b_3c6d
        let hash = Int(mixed >> UInt32(32 - Self.logHashes))
        if matchLength == 0 { find(Int(places[hash])) }
        places[hash] = UInt32(truncatingIfNeeded: end)
    }

    private mutating func find(_ place: Int) {
        guard place > 0, end - place < Self.capacity - 64 else { return }
        var length = 0
        while length < 32, place > length, bytes[(place - 1 - length) & (Self.capacity - 1)] == bytes[(end - 1 - length) & (Self.capacity - 1)] {
            length += 1
        }
        guard length >= Self.least else { return }
        (match, matchLength) = (place, length)
    }
}
