/// What one foreteller says the next byte is, and how it did so far.
struct Guess {
    /// Not a byte.
    static let nothing: UInt32 = 256
    private static let longest = 63

    /// The byte, or `nothing`.
    var byte = nothing
    /// How many in a row were right.
    private(set) var length = 0
    /// One bit for each that was made: whether it was right. The latest is the lowest.
    private(set) var history: UInt32 = 0

    /// How much it is worth: more bits of `length`.
    var level: Int {
        @inline(__always) get {
            byte == Self.nothing ? -1 : Int.bitWidth &- length.leadingZeroBitCount
        }
    }

    @inline(__always)
    mutating func learn(_ new: UInt32) {
        guard byte != Self.nothing else { return }
        let isRight = byte == new
        history = history << 1 | (isRight ? 1 : 0)
        length = isRight ? min(length &+ 1, Self.longest) : 0
    }

    /// Begins anew behind so many bytes that were as they would have been foretold.
    mutating func begin(_ length: Int) {
        self.length = length
        history = 1 << UInt32(min(8, length / 4)) - 1
    }
}
