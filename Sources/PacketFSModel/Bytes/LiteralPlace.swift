/// A literal of a leaf, and what the log has in its place: bytes of the context of the leaf's literals.
package struct LiteralPlace: Equatable, Sendable {
    /// Of the leaf.
    package var range: Range<Int>
    /// What follows the copy or add before it.
    package var behind: ContextTrack
    /// What precedes the copy or add after it.
    package var ahead: ContextTrack

    package init(_ range: Range<Int>, behind: ContextTrack = .none, ahead: ContextTrack = .none) {
        (self.range, self.behind, self.ahead) = (range, behind, ahead)
    }
}

/// Bytes of a context, one for each byte of a literal.
package struct ContextTrack: Equatable, Sendable {
    /// Of the byte for the literal's first one; it need not be known.
    package var start: Int
    /// Places of the context that count.
    package var known: Range<Int>

    package static let none = ContextTrack(start: 0, known: 0..<0)

    package init(start: Int, known: Range<Int>) {
        (self.start, self.known) = (start, known)
    }

    @inline(__always)
    func byte(_ offset: Int, _ context: UnsafeRawBufferPointer) -> UInt32 {
        let place = start &+ offset
        return known.contains(place) ? UInt32(context[place]) : Guess.nothing
    }
}
