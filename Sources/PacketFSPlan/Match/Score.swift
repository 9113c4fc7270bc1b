/// Twice the equal bytes of a stretch less all, as it grows, and where that was most.
struct Score {
    private let patience: Int
    private var value = 0
    private var best = 0
    private(set) var length = 0
    private(set) var bestLength = 0

    /// `patience`: how far the value may fall below its best before nobody expects more.
    init(patience: Int) {
        self.patience = patience
    }

    var isHopeless: Bool { value < best - patience }

    @inline(__always)
    mutating func add(_ isEqual: Bool) {
        length &+= 1
        value &+= isEqual ? 1 : -1
        if value > best { (best, bestLength) = (value, length) }
    }

    /// Eight bytes: those of `difference` are zero that are equal, the first in the low bits. Where it becomes hopeless on
    /// the way, it stays so.
    @inline(__always)
    mutating func add(_ difference: UInt64, _ words: UnsafePointer<Word>) {
        let word = words[Self.equalBytes(difference)]
        if value &+ Int(word.most) > best {
            (best, bestLength) = (value &+ Int(word.most), length &+ Int(word.mostLength))
        } else if value &+ Int(word.least) < best &- patience {
            value &+= Int(word.least)
            return
        }
        length &+= 8
        value &+= Int(word.value)
    }

    /// Bit n tells whether byte n of a word is zero.
    @inline(__always)
    private static func equalBytes(_ difference: UInt64) -> Int {
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        let zeros = ~((difference & low) &+ low | difference | low) >> 7
        return Int(truncatingIfNeeded: (zeros &* 0x0102_0408_1020_4080) >> 56)
    }

    /// What eight bytes add, by which of them are equal.
    struct Word {
        private(set) var value: Int8 = 0
        /// The most and the least on the way, and how many bytes the most takes.
        private(set) var most: Int8 = .min
        private(set) var least: Int8 = .max
        private(set) var mostLength: Int8 = 0

        private init(equal: Int) {
            for byte in 0..<8 {
                value += equal >> byte & 1 == 1 ? 1 : -1
                if value > most { (most, mostLength) = (value, Int8(byte + 1)) }
                least = min(least, value)
            }
        }

        /// By the bits of the bytes that are equal.
        static let all = (0..<256).map(Word.init(equal:))
    }
}
