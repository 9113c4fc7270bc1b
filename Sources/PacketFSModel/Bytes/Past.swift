/// Bytes so far, and what among them is followed because the latest bytes stood there before.
struct Past {
    /// Bytes that are remembered; the oldest give way.
    private static let capacity = 1 << 22
    private static let logHashes = 18
    /// Bytes before a literal that are remembered with it.
    private static let lead = 16
    /// Fewer equal bytes foretell nothing; so many are worth leaving for what fewer found.
    private static let short = 5
    private static let long = 16
    /// Equal bytes that are counted.
    private static let most = 32
    /// Of a context, every place is found by few bytes, and one of so many by many.
    private static let sparse = 8

    private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    /// Places behind few bytes, and behind many, by their hash; none, where not beyond `start`.
    private let shortPlaces = UnsafeMutablePointer<UInt32>.allocate(capacity: 1 << logHashes)
    private let longPlaces = UnsafeMutablePointer<UInt32>.allocate(capacity: 1 << logHashes)
    /// Places go on counting when all is forgotten, up to a bound: to clear what is behind them would take longer than a
    /// small leaf does.
    private static let mostPlaces = 1 << 30
    private var start = mostPlaces
    private var end = mostPlaces
    /// What is followed; `nil` if nothing is.
    private var match: Int?
    /// The latest eight bytes, the latest in the lowest bits, and the eight before.
    private(set) var latest: UInt64 = 0
    private var earlier: UInt64 = 0

    /// Good from the first `reset` on.
    init() {}

    func free() {
        bytes.deallocate()
        shortPlaces.deallocate()
        longPlaces.deallocate()
    }

    mutating func reset() {
        if end >= Self.mostPlaces {
            shortPlaces.initialize(repeating: 0, count: 1 << Self.logHashes)
            longPlaces.initialize(repeating: 0, count: 1 << Self.logHashes)
            end = 0
        }
        start = end
        (match, latest, earlier) = (nil, 0, 0)
    }

    /// What the literals may resemble.
    mutating func prime(with context: UnsafeRawBufferPointer) {
        for byte in context {
            take(byte)
            if end &- start >= Self.short { enter(end, shortSlot) }
            if (end &- start) % Self.sparse == 0, end &- start >= Self.long { enter(end, longSlot) }
        }
    }

    /// A literal begins at a place of the leaf: the bytes before it are what it follows.
    mutating func turn(to leaf: UnsafePointer<UInt8>, at place: Int, _ guess: inout Guess) {
        match = nil
        for offset in max(0, place - Self.lead)..<place { remember(leaf[offset], &guess) }
    }

    /// What followed where it is followed.
    var foretold: UInt32 {
        @inline(__always) get { match.map { UInt32(bytes[$0 & (Self.capacity - 1)]) } ?? Guess.nothing }
    }

    /// Remembers a byte. Unless many were as foretold, its place is found again, and a better one to follow is looked for.
    @inline(__always)
    mutating func remember(_ byte: UInt8, _ guess: inout Guess) {
        if let place = match { match = place &+ 1 }
        take(byte)
        guard guess.length < Self.long, end &- start >= Self.short else { return }
        let (near, far) = (shortSlot, longSlot)
        follow(Int(far.pointee), least: Self.long, &guess)
        if guess.length == 0 { follow(Int(near.pointee), least: Self.short, &guess) }
        enter(end, near)
        if end &- start >= Self.long { enter(end, far) }
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) {
        bytes[end & (Self.capacity - 1)] = byte
        end &+= 1
        earlier = earlier << 8 | latest >> 56
        latest = latest << 8 | UInt64(byte)
    }

    private var shortSlot: UnsafeMutablePointer<UInt32> {
        @inline(__always) get {
            shortPlaces + Self.slot(latest << UInt64(64 - 8 * Self.short))
        }
    }

    private var longSlot: UnsafeMutablePointer<UInt32> {
        @inline(__always) get {
            longPlaces + Self.slot(latest ^ earlier &* 0xc2b2_ae3d_27d4_eb4f)
        }
    }

    @inline(__always)
    private static func slot(_ mixed: UInt64) -> Int {
        Int((mixed &* 0x9e37_79b9_7f4a_7c15) >> UInt64(64 - logHashes))
    }

    @inline(__always)
    private func enter(_ place: Int, _ slot: UnsafeMutablePointer<UInt32>) {
        slot.pointee = UInt32(truncatingIfNeeded: place)
    }

    /// Follows a place from now on if more bytes before it equal the latest than were foretold, and no fewer than `least`.
    @inline(__always)
    private mutating func follow(_ place: Int, least: Int, _ guess: inout Guess) {
        guard place > start, end &- place < Self.capacity - 64 else { return }
        var length = 0
        while length < Self.most, place &- start > length, byte(place &- 1 &- length) == byte(end &- 1 &- length) {
            length &+= 1
        }
        guard length >= least, length > guess.length else { return }
        match = place
        guess.begin(length)
    }

    @inline(__always)
    private func byte(_ place: Int) -> UInt8 {
        bytes[place & (Self.capacity - 1)]
    }
}
