/// Literals so far, and where among them the latest bytes stood before.
struct Past {
    /// Bytes that are remembered; the oldest give way.
    private static let capacity = 1 << 22
    private static let logHashes = 18
    /// Bytes before a literal that are remembered with it.
    private static let lead = 16
    /// Fewer equal bytes foretell nothing.
    private static let least = 6

    private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    /// Places behind six bytes, by their hash; none, where not beyond `start`.
    private let places = UnsafeMutablePointer<UInt32>.allocate(capacity: 1 << logHashes)
    /// Places go on counting when all is forgotten, up to a bound: to clear what is behind them would take longer than a
    /// small leaf does.
    private static let mostPlaces = 1 << 30
    private var start = mostPlaces
    private var end = mostPlaces
    private var match = 0
    private(set) var matchLength = 0
    /// The latest eight bytes, the latest in the highest bits of `latest`.
    private(set) var latest: UInt32 = 0
    private(set) var earlier: UInt32 = 0

    /// Good from the first `reset` on.
    init() {}

    func free() {
        bytes.deallocate()
        places.deallocate()
    }

    mutating func reset() {
        if end >= Self.mostPlaces {
            places.initialize(repeating: 0, count: 1 << Self.logHashes)
            end = 0
        }
        start = end
        (match, matchLength, latest, earlier) = (0, 0, 0, 0)
    }

    /// What the literals resemble: it is remembered, and followed only once they begin.
    mutating func prime(with context: UnsafeRawBufferPointer) {
        for byte in context { _ = store(byte) }
        matchLength = 0
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
        let before = store(byte)
        if matchLength == 0 { find(before) }
    }

    /// Remembers a byte; returns the place behind the same six bytes before, or one not beyond `start`.
    @inline(__always)
    private mutating func store(_ byte: UInt8) -> Int {
        bytes[end & (Self.capacity - 1)] = byte
        end += 1
        earlier = earlier >> 8 | latest << 24
        latest = latest >> 8 | UInt32(byte) << 24
        guard end - start >= Self.least else { return start }
        let mixed = (latest &* 0x9e37_79b1 ^ (earlier >> 16) &* 0x85eb_ca6b) &* 0x2c1b_3c6d
        let slot = places + Int(mixed >> UInt32(32 - Self.logHashes))
        defer { slot.pointee = UInt32(truncatingIfNeeded: end) }
        return Int(slot.pointee)
    }

    private mutating func find(_ place: Int) {
        guard place > start, end - place < Self.capacity - 64 else { return }
        var length = 0
        while length < 32, place - start > length, byte(place - 1 - length) == byte(end - 1 - length) { length += 1 }
        guard length >= Self.least else { return }
        (match, matchLength) = (place, length)
    }

    @inline(__always)
    private func byte(_ place: Int) -> UInt8 {
        bytes[place & (Self.capacity - 1)]
    }
}
