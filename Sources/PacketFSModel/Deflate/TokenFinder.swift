/// Finds the tokens that gzip and zlib make of content (`Specs/model.md` §7.1): it looks for the longest match among
/// the latest places with the same three bytes, and puts a match off where the next place has a longer one.
struct TokenFinder: ~Copyable {
    /// How hard each level looks.
    private struct Effort {
        /// A match of this length makes the search for a better one four times shorter.
        let good: Int
        /// Behind a match of this length no better one is looked for.
        let lazy: Int
        /// A match of this length is taken without a look at others.
        let nice: Int
        /// Places that are looked at.
        let chain: Int
    }

    static let levels = 4...9
    private static let efforts = [
        Effort(good: 4, lazy: 4, nice: 16, chain: 16), Effort(good: 8, lazy: 16, nice: 32, chain: 32),
        Effort(good: 8, lazy: 16, nice: 128, chain: 128), Effort(good: 8, lazy: 32, nice: 128, chain: 256),
        Effort(good: 32, lazy: 128, nice: 258, chain: 1024), Effort(good: 32, lazy: 258, nice: 258, chain: 4096),
    ]
    private static let least = 3
    private static let most = 258
    private static let window = 1 << 15
    private static let farthest = window - most - least - 1
    /// A match of three bytes that is farther away costs more than the bytes.
    private static let farthestOfLeast = 4096

    private let content: UnsafeRawBufferPointer
    private var count: Int { content.count }
    private let effort: Effort
    /// The latest place with a hash, and by place the one before it; 0: none, so that the first place is never found.
    private let heads: UnsafeMutablePointer<Int32>
    private let previous: UnsafeMutablePointer<Int32>
    /// Places that may yet be looked at.
    private(set) var patience: Int

    /// `content` has at most 2^31 bytes; `level` is one of `levels`.
    init(_ content: UnsafeRawBufferPointer, level: Int, patience: Int) {
        self.content = content
        effort = Self.efforts[level - Self.levels.lowerBound]
        self.patience = patience
        heads = .allocate(capacity: Self.window)
        heads.initialize(repeating: 0, count: Self.window)
        previous = .allocate(capacity: Self.window)
        previous.initialize(repeating: 0, count: Self.window)
    }

    deinit {
        heads.deallocate()
        previous.deallocate()
    }

    /// Hands out one token after another while `take` says so; whether it was all of them.
    @inline(__always)
    mutating func find(_ take: (Token) -> Bool) -> Bool {
        guard let bytes = content.baseAddress else { return true }
        return find(bytes, take)
    }

    @inline(__always)
    private mutating func find(_ bytes: UnsafeRawPointer, _ take: (Token) -> Bool) -> Bool {
        var (place, isHeld) = (0, false)
        var (length, start) = (Self.least - 1, 0)
        while place < count {
            let head = count - place >= Self.least ? enter(bytes, place) : 0
            let (before, beforeStart) = (length, start)
            length = Self.least - 1
            if head != 0, before < effort.lazy, place - head <= Self.farthest {
                (length, start) = longest(bytes, place, head, before: before, start)
                guard patience > 0 else { return false }
                if length == Self.least, place - start > Self.farthestOfLeast { length = Self.least - 1 }
            }
            if before >= Self.least, length <= before {
                guard take(Token(length: before, distance: place - 1 - beforeStart)) else { return false }
                let end = place + before - 1
                for inner in place + 1..<end where inner + Self.least <= count { _ = enter(bytes, inner) }
                (place, length, isHeld) = (end, Self.least - 1, false)
                continue
            }
            if isHeld, !take(Token(literal: byte(bytes + place - 1))) { return false }
            isHeld = true
            place += 1
        }
        return !isHeld || take(Token(literal: byte(bytes + place - 1)))
    }

    /// Enters a place; returns the latest one with its hash.
    @inline(__always)
    private func enter(_ bytes: UnsafeRawPointer, _ place: Int) -> Int {
        let hash =
            (Int(byte(bytes + place)) << 10 ^ Int(byte(bytes + place + 1)) << 5 ^ Int(byte(bytes + place + 2)))
            & (Self.window - 1)
        let head = heads[hash]
        previous[place & (Self.window - 1)] = head
        heads[hash] = Int32(truncatingIfNeeded: place)
        return Int(head)
    }

    /// The longest match that is longer than `before`; else `before` itself.
    private mutating func longest(
        _ bytes: UnsafeRawPointer, _ place: Int, _ head: Int, before: Int, _ start: Int
    ) -> (length: Int, start: Int) {
        let left = count - place
        guard before < left else { return (left, start) }
        let limit = max(0, place - Self.farthest)
        let (nice, most) = (min(effort.nice, left), min(Self.most, left))
        var chain = before >= effort.good ? effort.chain >> 2 : effort.chain
        var (best, found, candidate) = (before, start, head)
        let here = bytes + place
        let first = pair(here)
        var last = pair(here + best - 1)
        repeat {
            patience &-= 1
            if pair(bytes + candidate + best - 1) == last, pair(bytes + candidate) == first {
                let length = equal(here, bytes + candidate, most)
                if length > best {
                    (best, found) = (length, candidate)
                    if length >= nice { break }
                    last = pair(here + best - 1)
                }
            }
            candidate = Int(previous[candidate & (Self.window - 1)])
            chain &-= 1
        } while candidate > limit && chain != 0
        return (best, found)
    }

    @inline(__always)
    private func equal(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ most: Int) -> Int {
        var offset = 0
        while offset + 8 <= most {
            let (one, other) = (word(left + offset), word(right + offset))
            guard one == other else { return offset + (one ^ other).trailingZeroBitCount >> 3 }
            offset += 8
        }
        while offset < most, byte(left + offset) == byte(right + offset) { offset += 1 }
        return offset
    }

    @inline(__always)
    private func byte(_ place: UnsafeRawPointer) -> UInt8 { place.load(as: UInt8.self) }

    @inline(__always)
    private func pair(_ place: UnsafeRawPointer) -> UInt16 { place.loadUnaligned(as: UInt16.self) }

    @inline(__always)
    private func word(_ place: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    }
}
